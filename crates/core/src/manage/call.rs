//! One management call: who makes it, under which condition, and what is recorded of it. Owns the event that every change leaves,
//! which lists the objects it touched, and that a call sent twice under one key is carried out once; what is changed, and whether
//! that is allowed, is the business of each noun.
//!
//! Identifiers are drawn before the transaction, which may run again: so a call is made once per request, outside of it.

use crate::context::Context;
use crate::context::draft::Draft;
use crate::identity::session::STEP_UP;
use crate::issuer::Issuer;
use crate::manage::Refused;
use crate::manage::once::Once;
use crate::manage::permit::{Actor, Permit, Power};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The most characters of somebody's own words that an event keeps.
pub const LONGEST_NOTE: usize = 500;

/// A management call under way.
#[derive(Clone, Debug)]
pub struct Call {
    permit: Permit,
    event: Draft,
    /// The states that will do; any where there are none.
    expected: Option<Vec<Tag>>,
    once: Option<Once>,
    through: Option<Through>,
    /// When whoever calls has signed in, if they have.
    authenticated: Option<Seconds>,
    /// The level of their token at the management API.
    level: Level,
    /// At which server.
    issuer: Issuer,
}

/// The API token by way of which a call is made: the one that was presented, or that an access token was exchanged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// Its identifier.
    pub api_token: Id,
    /// When the value of it ends that whoever calls holds.
    pub ends_at: Seconds,
}

/// What tells one state of a record from another (RFC 9110 §8.8.3, as an entity tag).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub u64);

impl Tag {
    /// The tag of a record as it stands. Nobody outside chooses enough of it to aim at a collision that would help them: two states
    /// that are taken for one let a change through that was allowed anyway.
    #[must_use]
    pub fn of(record: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        record.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl Call {
    /// A call by whoever holds this permit.
    ///
    /// # Errors
    /// [`Fault`] without randomness.
    pub fn by(permit: Permit, context: &Context<'_>) -> Result<Self, Fault> {
        let event = context.event("")?.with(|event| {
            event.user = permit.user();
            event.client = permit.client();
            event.organization = permit.organization();
            event.address = permit.address();
        });
        Ok(Self {
            permit,
            event,
            expected: None,
            once: None,
            through: None,
            authenticated: None,
            level: Level::Full,
            issuer: context.settings.issuer.clone(),
        })
    }

    /// A call by whoever holds the machine's command line.
    ///
    /// # Errors
    /// [`Fault`] without randomness.
    pub fn by_operator(context: &Context<'_>) -> Result<Self, Fault> {
        Self::by(Permit::operator(), context)
    }

    /// The same, only if the record that is to be changed is in this state, where one is named.
    #[must_use]
    pub fn expecting(self, tag: Option<Tag>) -> Self {
        self.expecting_one_of(tag.map(|tag| vec![tag]))
    }

    /// The same, only if the record is in one of these states (RFC 9110 §13.1.1), where any are named.
    #[must_use]
    pub fn expecting_one_of(self, tags: Option<Vec<Tag>>) -> Self {
        Self { expected: tags, ..self }
    }

    /// The same, by way of an API token: which one, the event tells.
    #[must_use]
    pub fn through(mut self, api_token: Option<Through>) -> Self {
        self.event = self.event.with(|event| event.api_token = api_token.map(|through| through.api_token));
        self.through = api_token;
        self
    }

    /// The same, by a token that came through this client, as the event tells.
    #[must_use]
    pub fn by_way_of(mut self, client: Option<Id>) -> Self {
        self.event = self.event.with(|event| event.client = client.or(event.client));
        self
    }

    /// The same, by somebody who signed in at this instant, where that is known.
    #[must_use]
    pub fn authenticated(self, at: Option<Seconds>) -> Self {
        Self { authenticated: at, ..self }
    }

    /// The same, by a token of this level at the management API.
    #[must_use]
    pub fn at_level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The same, if it has not been made under its key before.
    #[must_use]
    pub fn once(self, once: Option<Once>) -> Self {
        Self { once, ..self }
    }

    /// The same, for a reason: a word of ours, which the event tells.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.event = self.event.because(reason);
        self
    }

    /// The same, for a reason in the words of whoever makes it, which came as this member.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for words that are too many, or could forge a line where somebody reads them.
    pub fn noting(mut self, pointer: &str, note: &str) -> Result<Self, Stop<Refused>> {
        if note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
            let detail = format!("has at most {LONGEST_NOTE} characters, and no control characters");
            return Err(Stop::Refuse(Refused::invalid(pointer, detail)));
        }
        self.event = self.event.with(|event| note.clone_into(&mut event.note));
        Ok(self)
    }

    /// The same, done to what belongs to this organization, whose auditors read of it; to none, it is that of whoever makes it.
    #[must_use]
    pub fn within(&self, organization: Option<Id>) -> Self {
        let organization = organization.or(self.permit.organization());
        Self { event: self.event.within(organization), ..self.clone() }
    }

    /// Who makes it, and what they may do.
    #[must_use]
    pub const fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The API token by way of which it is made, if it is one.
    #[must_use]
    pub const fn api_token(&self) -> Option<Through> {
        self.through
    }

    /// The level of the token that it is made with.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// When it is made.
    #[must_use]
    pub const fn now(&self) -> Seconds {
        self.event.at()
    }

    /// The server at which it is made.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// # Errors
    /// [`Refused::Forbidden`] without this permission.
    pub fn needs(&self, permission: Permission) -> Result<(), Stop<Refused>> {
        Ok(self.permit.needs(permission)?)
    }

    /// What concerns one user alone may be done by that user at their own pages, and by whoever has the permission.
    ///
    /// # Errors
    /// [`Refused::Forbidden`].
    pub fn needs_or_is(&self, permission: Permission, owner: Id) -> Result<(), Stop<Refused>> {
        Ok(self.permit.needs_or_is(permission, owner)?)
    }

    /// What belongs to no organization is changed only by those who are bounded by none.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] without this permission, [`Refused::OutOfBounds`] with it.
    pub fn needs_everywhere(&self, permission: Permission) -> Result<(), Stop<Refused>> {
        self.needs(permission)?;
        Ok(self.permit.unbounded()?)
    }

    /// What is outside of their organization is not there for them.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn sees(&self, organization: Option<Id>, noun: &'static str) -> Result<(), Stop<Refused>> {
        if self.permit.sees(organization) { Ok(()) } else { Err(Stop::Refuse(Refused::NotFound { noun })) }
    }

    /// # Errors
    /// [`Refused::Exceeds`] where whoever is acted by may more than they.
    pub fn covers(&self, power: Power) -> Result<(), Stop<Refused>> {
        Ok(self.permit.must_cover(power)?)
    }

    /// RFC 9470 §3: what shows a secret takes a person who has signed in a moment ago, or whoever holds the machine's command line. An API
    /// token tells nothing of when anybody has.
    ///
    /// # Errors
    /// [`Refused::StaleAuthentication`].
    pub fn needs_recent_authentication(&self) -> Result<(), Stop<Refused>> {
        let is_recent = |at: Seconds| self.through.is_none() && self.now() <= at + STEP_UP;
        match self.permit.actor() {
            Actor::Operator => Ok(()),
            Actor::User(_) | Actor::InPerson(_) if self.authenticated.is_some_and(is_recent) => Ok(()),
            _ => Err(Stop::Refuse(Refused::StaleAuthentication)),
        }
    }

    /// By way of an API token nobody gets a way to sign in of their own: that is bound to no network and no level, and whoever
    /// found a narrow token would hold all that its owner may do.
    ///
    /// # Errors
    /// [`Refused::Exceeds`].
    pub fn may_let_in(&self, user: Id) -> Result<(), Stop<Refused>> {
        let is_own = self.permit.actor() == Actor::User(user);
        if is_own && self.through.is_some() { Err(Stop::Refuse(Refused::Exceeds)) } else { Ok(()) }
    }

    /// Whether the record is in the state that was asked for, if one was.
    ///
    /// # Errors
    /// [`Refused::Changed`].
    pub fn finds(&self, record: &impl Hash) -> Result<(), Stop<Refused>> {
        match &self.expected {
            Some(expected) if !expected.contains(&Tag::of(record)) => Err(Stop::Refuse(Refused::Changed)),
            _ => Ok(()),
        }
    }

    /// Records the change, with every object that it touched: the first is what the call was about. Called once by each change, and
    /// by no call that changes nothing.
    ///
    /// # Errors
    /// [`Fault::Constraint`] where a change was made under the call's key meanwhile; another [`Fault`].
    pub fn record<I: Display>(
        &self,
        action: &str,
        objects: &[(&str, I)],
        tx: &mut dyn Tx,
    ) -> Result<(), Fault> {
        let objects: Vec<_> = objects.iter().map(|(noun, id)| format!("{noun}:{id}")).collect();
        let objects = objects.join(" ");
        if let Some(once) = self.once {
            once.record(&objects, self.now(), tx)?;
        }
        let event = self.event.with(|event| {
            action.clone_into(&mut event.action);
            event.objects = objects;
        });
        event.record(tx)
    }
}
