//! The decision about a request that a good token came with: whether the token's level at the API lets it through, from there. Owns
//! what of the token and of the request the one decision is handed; the decision itself is [`doorward_protocol::access::decision`]'s,
//! which the server takes by the same code wherever it is asked.

use crate::access::{Held, Token};
use crate::asked::Asked;
use crate::refusal::Reason;
use doorward_protocol::access::decision::{
    self, Blame, Credential, Holds, Origin, Reason as Against, Target,
};
use doorward_protocol::access::level::Levels;
use doorward_protocol::client_address::Proxies;
use doorward_protocol::id::Id;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::fmt::Display;

/// The level by which a token lets a request through.
pub(crate) fn judge(
    token: &Token,
    asked: &Asked<'_>,
    origin: Origin,
    api: Option<&EnforcedApi>,
    now: Seconds,
) -> Result<Level, Reason> {
    let (holds, most) = token.held.by(token);
    let credential = Credential {
        is_active: true,
        // That it has not ended was found out when it was verified, with the leeway.
        expires_at: Seconds(i64::MAX),
        holds,
        most,
        networks: &[&token.allowed_ips],
    };
    let (asked, target) = (described(asked, origin), api.map(EnforcedApi::target));
    let decided = decision::decide(&credential, target.as_ref(), &asked, now);
    decided.map(|allowed| allowed.level).map_err(|against| match &target {
        // Where it would have to come from is nothing that its bearer has to know where it is no good anyway.
        Some(target) if !is_good_at(target, &credential, token, now) => Reason::Invalid,
        target => refused(against, token, target.as_ref()),
    })
}

/// Whether it is a token at all to the API. A scope may mean something where it reaches no level; an API token, and what it was exchanged
/// for, is nothing without one, nor is a token of a client whose level there is limited.
fn is_good_at(target: &Target<'_>, credential: &Credential<'_>, token: &Token, now: Seconds) -> bool {
    let speaks_by_scope = match token.held {
        Held::Level(_) => token.api_token.is_none(),
        Held::ByScope { most } => most == Level::Full,
    };
    speaks_by_scope || decision::decide(credential, Some(target), &decision::Asked::default(), now).is_ok()
}

/// Whether some token could help: the request has one reading, and goes to an API that takes part. Nothing is said against an API of
/// which nothing was heard yet.
pub(crate) fn place(asked: &Asked<'_>, registered: Option<Option<&EnforcedApi>>) -> Result<(), Reason> {
    let levels;
    let target = match registered {
        Some(api) => api.map(EnforcedApi::target),
        None => {
            levels = Levels::default();
            let id = Id::from_parts(0, 0);
            Some(Target { id, is_active: true, is_management: false, levels: &levels })
        }
    };
    let whatever = Credential {
        is_active: true,
        expires_at: Seconds(i64::MAX),
        holds: Holds::Level(Level::Full),
        most: Level::Full,
        networks: &[],
    };
    let asked = described(asked, Origin::JudgedElsewhere);
    match decision::decide(&whatever, target.as_ref(), &asked, Seconds(0)) {
        Err(against) if against.blame() == Blame::Request => Err(forbidden(&against)),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Where a request comes from. Nobody is let in by the address of a proxy that does not say for whom it asks.
pub(crate) fn origin(asked: &Asked<'_>, proxies: &Proxies) -> Result<Origin, Reason> {
    let Some(peer) = asked.peer else { return Ok(Origin::Unknown) };
    let client = proxies.client(peer, asked.forwarded.iter().copied());
    client.map(Origin::At).map_err(|unreadable| forbidden(&unreadable))
}

fn described<'a>(asked: &Asked<'a>, origin: Origin) -> decision::Asked<'a> {
    decision::Asked { method: Some(asked.method), path: Some(asked.path), origin }
}

fn forbidden(why: &dyn Display) -> Reason {
    tracing::debug!(reason = %why, "a request was refused");
    Reason::Forbidden("the request is odd, comes from where it may not, or goes to an API that is not there")
}

fn refused(against: Against, token: &Token, target: Option<&Target<'_>>) -> Reason {
    tracing::debug!(reason = %against, token = %token.jti, "a token was refused for a request");
    match (against, against.blame()) {
        (Against::LevelTooSmall { needed, .. }, _) => {
            let scope = needed.zip(target).map(|(level, target)| target.levels.scope(level));
            Reason::Scope(scope.unwrap_or_else(Scope::default))
        }
        (_, Blame::Request) => forbidden(&against),
        _ => Reason::Invalid,
    }
}

impl Held {
    /// What the level follows from, and the most that the token has whatever it holds.
    fn by(self, token: &Token) -> (Holds<'_>, Level) {
        match self {
            Self::Level(level) => (Holds::Level(level), level),
            Self::ByScope { most } => (Holds::Scope(&token.scope), most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Form;
    use doorward_protocol::access::level::LevelAt;
    use doorward_protocol::introspection::ActiveToken;
    use doorward_protocol::words::{Preflight, Status};

    const API: &str = "https://orders.example";

    /// An API that maps levels to methods, and no scope to any level.
    fn api() -> EnforcedApi {
        EnforcedApi {
            id: Id::from_parts(0, 1),
            identifier: API.to_owned(),
            status: Status::Active,
            created_at: Seconds(0),
            levels: Levels::default(),
            preflight: Preflight::Allow,
            management: false,
        }
    }

    fn told(level: Option<Level>, form: Form) -> Token {
        let token = ActiveToken {
            scope: "read".parse().unwrap(),
            client_id: "shop".parse().ok(),
            sub: "shop".to_owned(),
            aud: API.to_owned(),
            iss: "https://id.example".to_owned(),
            exp: Seconds(20),
            iat: Seconds(10),
            jti: Id::from_parts(0, 2),
            username: None,
            auth_time: None,
            acr: None,
            access: level.map(|level| LevelAt { api: API.to_owned(), level }).into_iter().collect(),
            allowed_ips: vec![],
        };
        Token::told(token, form)
    }

    fn asked(method: &str) -> Asked<'_> {
        let peer = Some([192, 0, 2, 1].into());
        Asked { method, path: "/orders", peer, authorization: &[], forwarded: &[], is_cors_request: false }
    }

    /// What the server says of a token's level counts, whatever form the token has and whatever its scope reaches.
    #[test]
    fn a_level_that_is_told_is_the_one_that_it_has() {
        for form in [Form::Signed, Form::Opaque, Form::ApiToken] {
            let judge = |level, method| {
                judge(&told(level, form), &asked(method), Origin::Unknown, Some(&api()), Seconds(15))
            };
            assert_eq!(judge(Some(Level::Read), "GET"), Ok(Level::Read));
            assert_eq!(judge(Some(Level::Full), "POST"), Ok(Level::Full));
            for (level, method) in [(Some(Level::Read), "POST"), (Some(Level::None), "GET"), (None, "GET")] {
                let is_nothing = form == Form::ApiToken && level == Some(Level::None);
                let expected = if is_nothing { Reason::Invalid } else { Reason::Scope(Scope::default()) };
                assert_eq!(judge(level, method), Err(expected), "{level:?}");
            }
        }
    }

    /// RFC 6750 §3.1: what a client has that is limited is no token where its scope reaches no level, from wherever it comes.
    #[test]
    fn a_limited_token_that_reaches_no_level_is_none() {
        let judged = |most, networks: &[&str], method| {
            let mut token = told(None, Form::Signed);
            token.held = Held::ByScope { most };
            token.allowed_ips = networks.iter().map(|network| network.parse().unwrap()).collect();
            let origin = Origin::At([192, 0, 2, 1].into());
            judge(&token, &asked(method), origin, Some(&api()), Seconds(15))
        };
        assert_eq!(judged(Level::Full, &[], "GET"), Err(Reason::Scope(Scope::default())));
        assert!(matches!(judged(Level::Full, &["10.0.0.0/8"], "GET"), Err(Reason::Forbidden(_))));
        for networks in [&[][..], &["10.0.0.0/8"]] {
            assert_eq!(judged(Level::Read, networks, "GET"), Err(Reason::Invalid));
        }
    }

    #[test]
    fn at_an_api_that_nobody_knows_no_token_helps() {
        let judged =
            judge(&told(Some(Level::Full), Form::Opaque), &asked("GET"), Origin::Unknown, None, Seconds(15));
        assert!(matches!(judged, Err(Reason::Forbidden(_))));
    }
}
