//! The decision about a request that a good token came with: whether the token's level at the API lets it through, from there. Owns
//! what of the token and of the request the one decision is handed; the decision itself is [`doorward_protocol::access::decision`]'s,
//! which the server takes by the same code wherever it is asked.

use crate::access::{Form, Token};
use crate::asked::Asked;
use crate::refusal::Reason;
use doorward_protocol::access::decision::{
    self, Blame, Credential, Holds, Origin, Reason as Against, Target,
};
use doorward_protocol::access::path::Path;
use doorward_protocol::client_address::Proxies;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{Level, Preflight};

/// What is said where no token would help. Which of these it is, the log says.
const ODD: &str = "the request is odd, comes from where it may not, or goes to an API that is not there";

/// The level by which a token lets a request through.
pub(crate) fn judge(
    token: &Token,
    asked: &Asked<'_>,
    origin: Origin,
    api: Option<&EnforcedApi>,
    now: Seconds,
) -> Result<Level, Reason> {
    let (holds, most) = token.holds();
    let credential = Credential {
        is_active: true,
        // That it has not ended was found out when it was verified, with the leeway.
        expires_at: Seconds(i64::MAX),
        holds,
        most,
        networks: &[&token.allowed_ips],
    };
    let asked = decision::Asked { method: Some(asked.method), path: Some(asked.path), origin };
    let target = api.map(EnforcedApi::target);
    let decided = decision::decide(&credential, target.as_ref(), &asked, now);
    decided.map(|allowed| allowed.level).map_err(|against| refused(against, token, target.as_ref()))
}

/// Where a request comes from. Nobody is let in by the address of a proxy that does not say for whom it asks.
pub(crate) fn origin(asked: &Asked<'_>, proxies: &Proxies) -> Result<Origin, Reason> {
    let Some(peer) = asked.peer else { return Ok(Origin::Unknown) };
    proxies.client(peer, asked.forwarded.iter().copied()).map(Origin::At).map_err(|unreadable| {
        tracing::debug!(reason = %unreadable, "a request was refused");
        Reason::Forbidden(ODD)
    })
}

/// Whether a CORS preflight may pass without a token.
pub(crate) fn lets_preflight(asked: &Asked<'_>, api: Option<&EnforcedApi>) -> Result<bool, Reason> {
    let api = api.filter(|api| api.target().is_active).ok_or(Reason::Forbidden(ODD))?;
    Path::read(asked.path).map_err(|_| Reason::Forbidden(ODD))?;
    Ok(api.preflight == Preflight::Allow)
}

fn refused(against: Against, token: &Token, target: Option<&Target<'_>>) -> Reason {
    tracing::debug!(reason = %against, token = %token.jti, "a token was refused for a request");
    match (against, against.blame()) {
        (Against::LevelTooSmall { needed, .. }, _) => {
            let scope = needed.zip(target).map(|(level, target)| target.levels.scope(level));
            Reason::Scope(scope.unwrap_or_else(Scope::default))
        }
        (_, Blame::Request) => Reason::Forbidden(ODD),
        _ => Reason::Invalid,
    }
}

impl Token {
    /// What its level follows from, and the most that it has whatever it holds.
    fn holds(&self) -> (Holds<'_>, Level) {
        match (self.level, self.form) {
            // What was exchanged for an API token has the level that is written into it; of the others the server tells it.
            (Some(level), Form::Opaque | Form::ApiToken) => (Holds::Level(level), level),
            (Some(level), Form::Signed) if self.api_token.is_some() => (Holds::Level(level), level),
            // The level of any other is that which its scope reaches, and no more than its client has.
            (most, _) => (Holds::Scope(&self.scope), most.unwrap_or(Level::Full)),
        }
    }
}
