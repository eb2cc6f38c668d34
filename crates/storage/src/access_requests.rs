//! Requests for API access, as rows. Owns that a decision is made once, on the request as whoever decides has read it.

use crate::columns;
use crate::connection::MultiBackend;
use crate::schema::client_secrets;
use crate::schema::credentials::{access_requests, api_tokens, last_uses};
use crate::transaction::Transaction;
use diesel::dsl::exists;
use diesel::prelude::*;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::credentials::AccessRequests;
use doorward_core::store::tx::filter::AccessRequestFilter;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::AccessRequestStatus;

pub(crate) type Page<'a> = access_requests::BoxedQuery<'a, MultiBackend>;

/// What was asked, which never changes.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = access_requests, treat_none_as_default_value = false)]
pub(crate) struct Asked {
    id: String,
    user_id: String,
    organization: Option<String>,
    message: String,
    wished: String,
    created_at: i64,
}

/// What was decided.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = access_requests, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Decided {
    status: String,
    access: String,
    allowed_ips: String,
    expires_at: Option<i64>,
    api_account: Option<String>,
    decided_by_user: Option<String>,
    decided_by_client: Option<String>,
    decided_at: Option<i64>,
    reason: String,
    note: String,
    reviewed_at: Option<i64>,
    updated_at: i64,
}

/// A request's row, in its two parts.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = access_requests)]
pub(crate) struct Row {
    #[diesel(embed)]
    asked: Asked,
    #[diesel(embed)]
    decided: Decided,
}

impl AccessRequests for Transaction<'_> {
    fn access_request(&mut self, id: Id) -> Result<Option<AccessRequest>, Fault> {
        let row = access_requests::table.find(id.to_string()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(Row::request).transpose()
    }

    fn access_requests(
        &mut self,
        filter: &AccessRequestFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<AccessRequest>, Fault> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = filtered(filter).filter(access_requests::id.gt(after));
        let page = page.order(access_requests::id).limit(limit);
        let rows: Vec<Row> = self.ask(|c| page.select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::request).collect()
    }

    fn last_access_request(&mut self, user: Id) -> Result<Option<AccessRequest>, Fault> {
        let theirs = access_requests::table.filter(access_requests::user_id.eq(user.to_string()));
        let last = theirs.order(access_requests::id.desc()).limit(1).select(Row::as_select());
        self.ask(|c| last.get_result::<Row>(c).optional())?.map(Row::request).transpose()
    }

    fn insert_access_request(&mut self, request: &AccessRequest) -> Result<(), Fault> {
        let row = Row::of(request);
        self.change(|c| diesel::insert_into(access_requests::table).values(row).execute(c)).map(drop)
    }

    fn decide_access_request(
        &mut self,
        before: &AccessRequest,
        after: &AccessRequest,
    ) -> Result<bool, Fault> {
        let same = access_requests::id
            .eq(before.id.to_string())
            .and(access_requests::status.eq(before.status.as_str()))
            .and(access_requests::updated_at.eq(before.updated_at.0));
        let same = access_requests::table.filter(same);
        self.touches(|c| diesel::update(same).set(Decided::of(after)).execute(c))
    }
}

/// The requests that a filter lets through.
pub(crate) fn filtered<'a>(filter: &AccessRequestFilter) -> Page<'a> {
    let mut page = access_requests::table.into_boxed::<MultiBackend>();
    if let Some(user) = filter.user {
        page = page.filter(access_requests::user_id.eq(user.to_string()));
    }
    if let Some(organization) = filter.organization {
        page = page.filter(access_requests::organization.eq(organization.to_string()));
    }
    if let Some((status, now)) = filter.status {
        page = of_status(page, status, now);
    }
    if let Some(since) = filter.unreviewed_since {
        page = page.filter(access_requests::reviewed_at.lt(since.0));
    }
    if let Some(since) = filter.unused_since {
        page = page.filter(access_requests::decided_at.lt(since.0));
        page = unused(page, since);
    }
    page
}

fn of_status(page: Page<'_>, status: AccessRequestStatus, now: Seconds) -> Page<'_> {
    match status {
        AccessRequestStatus::Approved => page.filter(access_requests::status.eq(status.as_str())).filter(
            access_requests::expires_at.is_null().or(access_requests::expires_at.gt(now.0).assume_not_null()),
        ),
        AccessRequestStatus::Expired => page
            .filter(access_requests::status.eq(AccessRequestStatus::Approved.as_str()))
            .filter(access_requests::expires_at.le(now.0)),
        other => page.filter(access_requests::status.eq(other.as_str())),
    }
}

/// Those whose account has no token and no secret that was used since. Asked for one request after the other, as for API tokens.
fn unused(page: Page<'_>, since: Seconds) -> Page<'_> {
    let tokens = api_tokens::table.filter(api_tokens::owner_client.eq(access_requests::api_account));
    let used = last_uses::table.filter(last_uses::used_at.ge(since.0));
    let by_token = exists(used.filter(last_uses::id.eq_any(tokens.select(api_tokens::id))));
    let secrets =
        client_secrets::table.filter(client_secrets::client.nullable().eq(access_requests::api_account));
    let by_secret = exists(used.filter(last_uses::id.eq_any(secrets.select(client_secrets::id))));
    page.filter(by_token.eq(false)).filter(by_secret.eq(false))
}

impl Row {
    fn of(request: &AccessRequest) -> Self {
        Self {
            asked: Asked {
                id: request.id.to_string(),
                user_id: request.user.to_string(),
                organization: request.organization.map(|id| id.to_string()),
                message: request.message.clone(),
                wished: columns::write_access(&request.wished),
                created_at: request.created_at.0,
            },
            decided: Decided::of(request),
        }
    }

    fn request(self) -> Result<AccessRequest, Fault> {
        let Self { asked, decided } = self;
        let id = |column: &str, text: Option<String>| columns::read_optional(column, text.as_deref());
        Ok(AccessRequest {
            id: columns::read("access_requests.id", &asked.id)?,
            user: columns::read("access_requests.user_id", &asked.user_id)?,
            organization: id("access_requests.organization", asked.organization)?,
            message: asked.message,
            wished: columns::read_access("access_requests.wished", &asked.wished)?,
            status: columns::read("access_requests.status", &decided.status)?,
            access: columns::read_access("access_requests.access", &decided.access)?,
            allowed_ips: columns::read_list("access_requests.allowed_ips", ' ', &decided.allowed_ips)?,
            expires_at: decided.expires_at.map(Seconds),
            api_account: id("access_requests.api_account", decided.api_account)?,
            decided_by_user: id("access_requests.decided_by_user", decided.decided_by_user)?,
            decided_by_client: id("access_requests.decided_by_client", decided.decided_by_client)?,
            decided_at: decided.decided_at.map(Seconds),
            reason: decided.reason,
            note: decided.note,
            reviewed_at: decided.reviewed_at.map(Seconds),
            created_at: Seconds(asked.created_at),
            updated_at: Seconds(decided.updated_at),
        })
    }
}

impl Decided {
    fn of(request: &AccessRequest) -> Self {
        Self {
            status: request.status.to_string(),
            access: columns::write_access(&request.access),
            allowed_ips: columns::write_list(' ', &request.allowed_ips),
            expires_at: request.expires_at.map(|at| at.0),
            api_account: request.api_account.map(|id| id.to_string()),
            decided_by_user: request.decided_by_user.map(|id| id.to_string()),
            decided_by_client: request.decided_by_client.map(|id| id.to_string()),
            decided_at: request.decided_at.map(|at| at.0),
            reason: request.reason.clone(),
            note: request.note.clone(),
            reviewed_at: request.reviewed_at.map(|at| at.0),
            updated_at: request.updated_at.0,
        }
    }
}
