//! What a handler is asked, read and checked as far as its row of the table says: who asks, about which object, with which filters
//! and which body. Owns the reading; answering is each noun's.

use crate::api::halt::{Halt, Malformed};
use crate::api::merge::{self, Chosen};
use crate::api::operation::{Operation, Takes};
use crate::api::reply::Reply;
use crate::api::schema::Sample;
use crate::api::{body, query};
use crate::http::exchange::Exchange;
use crate::http::problem::Wrong;
use doorward_core::context::Context;
use doorward_core::endpoint::management::Admitted;
use doorward_core::manage::Refused;
use doorward_core::manage::call::Call;
use doorward_core::store::fault::Fault;
use doorward_protocol::id::Id;
use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::mem;
use std::str::FromStr;

/// A list's page where nothing is said.
const PAGE: usize = 50;
/// The largest.
const LARGEST_PAGE: usize = 200;

/// A request to an operation.
pub(crate) struct Ask<'a> {
    pub(crate) exchange: &'a Exchange<'a>,
    pub(crate) context: Context<'a>,
    /// Who asks, and on which condition.
    pub(crate) call: Call,
    /// By what.
    pub(crate) admitted: &'a Admitted,
    operation: &'a Operation,
    given: &'a [String],
    query: Vec<(String, String)>,
    body: Value,
    /// What of the body is no change, as it tells of what cannot be changed.
    kept: Map<String, Value>,
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// After which object it begins.
    pub(crate) after: Option<Id>,
    /// How many objects.
    pub(crate) limit: usize,
}

impl<'a> Ask<'a> {
    /// Reads what the operation takes.
    pub(crate) fn read(
        operation: &'a Operation,
        at: usize,
        given: &'a [String],
        (call, admitted): (Call, &'a Admitted),
        exchange: &'a Exchange<'a>,
    ) -> Result<Self, Halt> {
        let query = query::read(operation, exchange.request.uri())?;
        let (body, kept) = match operation.5 {
            Takes::Page(_) | Takes::Query(_) => (Value::Null, Map::new()),
            _ => body::read(at, operation, exchange.request)?,
        };
        let context = exchange.server.context();
        Ok(Self { exchange, context, call, admitted, operation, given, query, body, kept })
    }

    /// Puts another body in place of the one that came.
    pub(crate) fn replace_body(&mut self, body: Value) -> Value {
        mem::replace(&mut self.body, body)
    }

    /// What of the body tells of what cannot be changed; nothing from then on.
    pub(crate) fn take_kept(&mut self) -> Map<String, Value> {
        mem::take(&mut self.kept)
    }

    /// The object that the path names first, by identifier or by name.
    pub(crate) fn object(&self) -> &str {
        self.given.first().map_or("", String::as_str)
    }

    /// The object below it.
    pub(crate) fn inner(&self) -> &str {
        self.given.get(1).map_or("", String::as_str)
    }

    /// The body, as the type that the operation takes.
    pub(crate) fn input<T: Sample + DeserializeOwned>(&self) -> Result<T, Refused> {
        merge::read(self.body.clone())
    }

    /// What changes the members of a record as the body, a merge patch, says.
    pub(crate) fn patch<C: Chosen>(
        &self,
    ) -> impl Fn(&mut C::Members) -> Result<(), Refused> + Send + use<C> + 'static {
        let patch = self.body.clone();
        move |members| merge::apply::<C>(&patch, members)
    }

    /// The value of a filter.
    pub(crate) fn filter<T: FromStr>(&self, name: &str) -> Result<Option<T>, Halt> {
        let Some((_, value)) = self.query.iter().find(|(known, _)| known == name) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| bad_parameter(name, query::allowed(name, self.operation)).into())
    }

    /// The value of a filter without which there is no list.
    pub(crate) fn needed(&self, name: &str) -> Result<String, Halt> {
        self.filter(name)?.ok_or_else(|| bad_parameter(name, "is needed").into())
    }

    /// Which part of a list is asked for.
    pub(crate) fn page(&self) -> Result<Page, Halt> {
        let limit: Option<String> = self.filter("limit")?;
        let limit = limit.map_or(Some(PAGE), |limit| limit.parse().ok());
        let limit = limit
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
            .ok_or_else(|| bad_parameter("limit", format!("is a whole number from 1 to {LARGEST_PAGE}")))?;
        let cursor: Option<String> = self.filter("cursor")?;
        let after = cursor.map(|cursor| opened(&cursor)).transpose()?;
        Ok(Page { after, limit })
    }
}

impl Page {
    /// One more than the page holds, by which it is seen whether there is another.
    pub(crate) fn and_one(self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// The page, out of the objects after its beginning, one more than it holds if there are as many.
    pub(crate) fn of<T, R: Serialize>(
        self,
        mut objects: Vec<T>,
        id: impl Fn(&T) -> Id,
        told: impl Fn(&T) -> R,
    ) -> Result<Reply, Fault> {
        let more = objects.len() > self.limit;
        objects.truncate(self.limit);
        let next = objects.last().filter(|_| more).map(|last| cursor(id(last)));
        let items: Vec<_> = objects.iter().map(told).collect();
        Reply::page(&items, next)
    }

    /// The same, of what is told already.
    pub(crate) fn told<R: Serialize>(self, mut told: Vec<R>, id: impl Fn(&R) -> Id) -> Result<Reply, Fault> {
        let more = told.len() > self.limit;
        told.truncate(self.limit);
        let next = told.last().filter(|_| more).map(|last| cursor(id(last)));
        Reply::page(&told, next)
    }

    /// The same, out of all objects there are, in the order of their identifiers.
    pub(crate) fn among<T, R: Serialize>(
        self,
        all: Vec<T>,
        id: impl Fn(&T) -> Id,
        told: impl Fn(&T) -> R,
    ) -> Result<Reply, Fault> {
        let rest = all.into_iter().filter(|one| self.after.is_none_or(|after| id(one) > after));
        self.of(rest.take(self.limit + 1).collect(), id, told)
    }
}

/// An object that has no name but its identifier.
pub(crate) fn id(text: &str, noun: &'static str) -> Result<Id, Refused> {
    text.parse().map_err(|_| Refused::NotFound { noun })
}

/// What a cursor looks like today.
pub(crate) const CURSOR: &str = "^after-[0-7][0-9A-HJKMNP-TV-Z]{25}$";

/// Where a list goes on. Opaque to whoever gets it, so that it may come to say more.
fn cursor(after: Id) -> String {
    format!("after-{after}")
}

fn opened(cursor: &str) -> Result<Id, Malformed> {
    let after = cursor.strip_prefix("after-").and_then(|id| id.parse().ok());
    after.ok_or_else(|| bad_parameter("cursor", "is one that an answer gave as 'next_cursor'"))
}

pub(super) fn bad_parameter(name: &str, detail: impl Into<String>) -> Malformed {
    Malformed::listed(StatusCode::BAD_REQUEST, vec![Wrong::parameter(name, detail)])
}
