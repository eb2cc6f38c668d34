//! Whoever bears a token: what one that is presented stands for now. Owns that everything it rests on is in use, asked anew at
//! each use, and what it may do at one API; who may ask about it, and how the answer looks, is the endpoints' business.

pub mod api_token;
pub mod brought;
pub mod judged;
pub mod opaque;
pub mod signed;

use crate::access::api::Api;
use crate::access::audience::Audience;
use crate::client::ClientRecord;
use crate::context::Context;
use crate::identity::user::User;
use crate::store::fault::Fault;
use crate::token::api_token::Standing;
use crate::token::recognise::{Kind, kind};
use doorward_protocol::access::decision::{
    Allowed, Asked, Credential, Holds, Origin, Reason, Target, admits, decide,
};
use doorward_protocol::id::Id;
use doorward_protocol::network::{self, Network};
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::net::IpAddr;
use std::sync::Arc;

/// A token that is good now, and those whom it speaks for, all of them in use.
pub struct Bearer {
    /// The token's own name; an API token's identifier.
    pub jti: Id,
    /// Whom it speaks for.
    pub subject: String,
    /// The client that it came through; none where somebody uses an API token of theirs.
    pub client: Option<Arc<ClientRecord>>,
    /// The person, where it speaks for one.
    pub user: Option<Arc<User>>,
    /// The API token that it is, or that it was exchanged for.
    pub api_token: Option<Arc<Standing>>,
    /// When the value of that one ends, which may be one that it had before.
    pub api_token_ends: Option<Seconds>,
    /// Whom it is for; an API token is for every API at which it has a level.
    pub audience: Option<Audience>,
    /// What it may do there; an API token has levels instead.
    pub scope: Scope,
    /// The most that was written into it.
    pub most: Level,
    /// From where it may be used, as was written into it.
    pub allowed_ips: Vec<Network>,
    /// When it came into being.
    pub issued_at: Seconds,
    /// When it ends.
    pub expires_at: Seconds,
    /// How the person had signed in, where they had: when, and how strongly.
    pub authentication: Option<(Seconds, String)>,
}

/// What a token stands for, wherever it may be used; `None` where it is not good, for whatever reason.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn presented(token: &str, context: &Context<'_>) -> Result<Option<Bearer>, Fault> {
    match kind(token) {
        Kind::Opaque => opaque::presented(token, context).await,
        Kind::Signed => signed::presented(token, context).await,
        Kind::ApiToken => {
            let live = api_token::presented(token, context).await?;
            Ok(live.filter(api_token::Live::may_come_alone).map(Bearer::from))
        }
        Kind::Refresh | Kind::Foreign => Ok(None),
    }
}

impl Bearer {
    /// Whether it may do this at an API, and by which level.
    ///
    /// # Errors
    /// The [`Reason`] against it.
    pub fn decide(&self, api: &Api, asked: &Asked<'_>, context: &Context<'_>) -> Result<Allowed, Reason> {
        let credential = Credential {
            is_active: true,
            expires_at: self.expires_at(api),
            holds: match &self.api_token {
                Some(token) => Holds::Levels(&token.access),
                None => Holds::Scope(&self.scope),
            },
            most: self.most(api),
            networks: &self.networks(),
        };
        decide(&credential, Some(&target(api, context)), asked, context.now)
    }

    /// Whether it is a token at all to an API. A scope may mean something where it reaches no level; an API token is nothing without
    /// one, nor is a token of a client whose level there is limited.
    #[must_use]
    pub fn is_good_at(&self, api: &Api, context: &Context<'_>) -> bool {
        let speaks_by_scope = self.api_token.is_none() && self.most(api) == Level::Full;
        speaks_by_scope || self.decide(api, &Asked::default(), context).is_ok()
    }

    /// Whether it may be used from there.
    #[must_use]
    pub fn admits(&self, address: Option<IpAddr>) -> bool {
        let origin = address.map_or(Origin::Unknown, Origin::At);
        self.networks().iter().all(|networks| admits(networks, origin))
    }

    /// Records that somebody tried to use it from a network that is none of its own: once a minute at most for an API token, and for
    /// all access tokens of a client.
    pub fn came_from_elsewhere(&self, address: Option<IpAddr>, context: &Context<'_>) {
        let (noun, id) = match &self.api_token {
            Some(token) => ("api_token", token.id),
            None => ("access_token", self.jti),
        };
        let Ok(event) = context.event(&format!("{noun}.refused")) else { return };
        let client = self.client.as_ref().map(|record| &record.client);
        let event = event.because("foreign_network").about(noun, id).with(|event| {
            event.user = self.user.as_ref().map(|user| user.id);
            event.client = client.map(|client| client.id);
            let of_user = self.user.as_ref().and_then(|user| user.organization);
            event.organization = of_user.or(client.and_then(|client| client.organization));
            event.address = address;
        });
        // A client gets as many access tokens as it likes: what is recorded must not grow with them.
        let about = client.map(|client| client.id).filter(|_| self.api_token.is_none()).unwrap_or(id);
        context.cache.write_in_passing(about, move |tx| event.record(tx));
    }

    /// The most that it may do there, whatever it holds.
    #[must_use]
    pub fn most(&self, api: &Api) -> Level {
        let client = self.client.as_ref().map_or(Level::Full, |record| record.client.level_at(api.id));
        client.min(self.most)
    }

    /// What its level stands for there. A limit of the client's counts for tokens that were issued before it, too.
    #[must_use]
    pub fn scope(&self, api: &Api, level: Level) -> Scope {
        match (&self.api_token, &self.audience) {
            (Some(_), None) => api.levels.scope(level),
            (Some(_), Some(_)) => self.scope.within(&api.levels.scope(level)),
            (None, _) if self.most(api) < Level::Full => self.scope.within(&api.levels.scope(self.most(api))),
            (None, _) => self.scope.clone(),
        }
    }

    /// When it ends there: an API may bound how long API tokens are good at it.
    #[must_use]
    pub fn expires_at(&self, api: &Api) -> Seconds {
        match (&self.api_token, api.max_token_lifetime) {
            (Some(token), Some(longest)) => self.expires_at.min(token.issued_at + longest),
            _ => self.expires_at,
        }
    }

    /// From where it may be used, as one list; `None` is nowhere.
    #[must_use]
    pub fn common_networks(&self) -> Option<Vec<Network>> {
        let [own, client, api_token] = self.networks();
        network::common(&network::common(own, client)?, api_token)
    }

    fn networks(&self) -> [&[Network]; 3] {
        [
            &self.allowed_ips,
            self.client.as_ref().map_or(&[], |record| &record.client.allowed_ips),
            self.api_token.as_ref().map_or(&[], |token| &token.allowed_ips),
        ]
    }
}

/// An API, as the decision sees it.
#[must_use]
pub fn target<'a>(api: &'a Api, context: &Context<'_>) -> Target<'a> {
    Target {
        id: api.id,
        is_active: api.is_active(),
        is_management: api.is_management(&context.settings.issuer),
        levels: &api.levels,
    }
}
