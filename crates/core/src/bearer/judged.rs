//! A token that is used for a request at an API. Owns what every such use leaves behind, allowed or refused, and what its bearer is
//! told of a reason against it; which requests there are, and how an answer looks, is the business of those who ask.

use crate::access::api::Api;
use crate::access::audience::Audience;
use crate::bearer::Bearer;
use crate::context::Context;
use doorward_protocol::access::decision::{Blame, Reason};
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use std::net::IpAddr;

/// What a bearer is told of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// RFC 6750 §3.1 `invalid_token`: the token is no good at this API.
    NotGood,
    /// RFC 6750 §3.1 `insufficient_scope`: it is, but this takes more; the scope that would do, where any would.
    TooSmall(Scope),
    /// No token would help.
    Denied(Reason),
}

impl Bearer {
    /// Whether it is for an API: an API token is for every one at which it has a level.
    #[must_use]
    pub fn is_for(&self, api: &Api) -> bool {
        match &self.audience {
            Some(Audience::Api(audience)) => audience.id == api.id,
            Some(Audience::Issuer) => false,
            None => true,
        }
    }

    /// Notes a use at an API, for the token's owner to see.
    pub fn was_used(&self, api: &Api, address: Option<IpAddr>, context: &Context<'_>) {
        if let Some(api_token) = &self.api_token {
            context.uses.note(api_token.id, context.now, address);
        }
        if let Some(account) = self.account() {
            context.uses.note_account(account, api.id, context.now, address);
        }
    }

    /// The API account whose token it is: one that speaks for a person is theirs, whatever it came through.
    fn account(&self) -> Option<Id> {
        let client = self.client.as_ref().map(|record| &record.client).filter(|_| self.user.is_none());
        client.filter(|client| client.is_api_account()).map(|account| account.id)
    }

    /// Notes a refusal, and says what its bearer is told: of an API at which it is no good, nothing.
    pub fn was_refused(
        &self,
        reason: Reason,
        api: &Api,
        address: Option<IpAddr>,
        context: &Context<'_>,
    ) -> Refusal {
        tracing::debug!(%reason, token = %self.jti, "a token was refused for a request");
        count_refusal(reason);
        if reason == Reason::ForeignNetwork {
            self.came_from_elsewhere(address, context);
        }
        match reason {
            // That it would have to come from elsewhere is nothing that a bearer has to know where it is no good anyway.
            reason if reason.blame() == Blame::Credential || !self.is_good_at(api, context) => {
                Refusal::NotGood
            }
            Reason::LevelTooSmall { needed, .. } => {
                Refusal::TooSmall(needed.map(|level| api.levels.scope(level)).unwrap_or_default())
            }
            reason => Refusal::Denied(reason),
        }
    }
}

/// Counts a request that was refused at an API.
pub(crate) fn count_refusal(reason: Reason) {
    metrics::counter!("doorward_uses_refused_total", "reason" => reason.label()).increment(1);
}
