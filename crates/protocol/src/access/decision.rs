//! The access decision: may this credential do this at this API, from there, now? Owns the one answer that introspection, the
//! management API, a proxy's question and a resource server by itself all give, and whose fault a refusal is; what the records
//! say is read by whoever asks, and how a refusal looks on the wire is for each of them.
//!
//! Everything is handed in as plain values, and nothing is allocated where the answer is yes.

use crate::access::level::{AccessList, Levels, Rule};
use crate::access::path::Path;
use crate::id::Id;
use crate::network::Network;
use crate::scope::Scope;
use crate::time::Seconds;
use crate::words::Level;
use std::net::IpAddr;

/// A credential, as far as the decision goes.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// Whether it, its holder, and everything else that it rests on are in use: nothing was switched off, nothing taken back.
    pub is_active: bool,
    /// The first instant at which it is no longer good.
    pub expires_at: Seconds,
    /// What its level follows from.
    pub holds: Holds<'a>,
    /// The most that it has whatever it holds: the level of the client it came through, or the one that was written into it.
    pub most: Level,
    /// The lists of networks that it may be used from, each of which has to let the request through; an empty list is everywhere.
    pub networks: &'a [&'a [Network]],
}

/// What a credential's level at an API follows from.
#[derive(Clone, Copy, Debug)]
pub enum Holds<'a> {
    /// Levels, each at an API: an API token.
    Levels(&'a AccessList),
    /// Scopes, which the API maps to levels: an access token.
    Scope(&'a Scope),
    /// A level that was looked up before.
    Level(Level),
}

/// The API that is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its internal identifier.
    pub id: Id,
    /// Whether it takes part at all.
    pub is_active: bool,
    /// Whether it is the management API, which is never meant by "all others".
    pub is_management: bool,
    /// How it maps levels.
    pub levels: &'a Levels,
}

/// The request that is asked about. One of which neither method nor path is known is judged by the level alone; of one that is
/// known in part, what is not known matches nothing that the API has written down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// RFC 9110 §9.1: its method, in the spelling it came in.
    pub method: Option<&'a str>,
    /// RFC 9110 §4.2.3: its path, without the query.
    pub path: Option<&'a str>,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Somebody else judges it: the networks are theirs to look at.
    #[default]
    JudgedElsewhere,
    /// Nobody can tell: in none of the networks.
    Unknown,
    /// This address.
    At(IpAddr),
}

/// The request may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The level that the credential has at the API; never [`Level::None`].
    pub level: Level,
}

/// Why it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The credential or something that it rests on is switched off or was taken back.
    #[error("it is not in use, or was revoked")]
    Inactive,
    /// It was good.
    #[error("it has expired")]
    Expired,
    /// There is no such API.
    #[error("there is no such API")]
    UnknownApi,
    /// The API is switched off.
    #[error("the API is switched off")]
    InactiveApi,
    /// The request has no one reading: a method that is none, a path that servers read differently.
    #[error("the request's method or path is odd")]
    OddRequest,
    /// The request comes from elsewhere.
    #[error("it may not be used from there")]
    ForeignNetwork,
    /// The credential does not reach far enough.
    #[error("its level is {held}, which does not let the request through")]
    LevelTooSmall {
        /// The level that it has.
        held: Level,
        /// The lowest that would do; none where the API lets no level do this.
        needed: Option<Level>,
    },
}

/// Whose fault a refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// RFC 6750 §3.1 `invalid_token`: another credential may do.
    Credential,
    /// RFC 6750 §3.1 `insufficient_scope`: this credential, with more.
    Level,
    /// The request or the place it goes to: no credential would help.
    Request,
}

impl Reason {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(self) -> Blame {
        match self {
            Self::Inactive | Self::Expired => Blame::Credential,
            Self::LevelTooSmall { .. } => Blame::Level,
            Self::UnknownApi | Self::InactiveApi | Self::OddRequest | Self::ForeignNetwork => Blame::Request,
        }
    }

    /// The reason as a label of metrics and events.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Expired => "expired",
            Self::UnknownApi => "unknown_api",
            Self::InactiveApi => "inactive_api",
            Self::OddRequest => "odd_request",
            Self::ForeignNetwork => "foreign_network",
            Self::LevelTooSmall { .. } => "level_too_small",
        }
    }
}

/// Decides. A credential that is not good is said to be so first, whatever it was to do; where it comes from counts before what
/// it holds.
///
/// # Errors
/// The first [`Reason`] against it.
pub fn decide(
    credential: &Credential<'_>,
    target: Option<&Target<'_>>,
    asked: &Asked<'_>,
    now: Seconds,
) -> Result<Allowed, Reason> {
    if !credential.is_active {
        return Err(Reason::Inactive);
    }
    if credential.expires_at <= now {
        return Err(Reason::Expired);
    }
    let target = target.ok_or(Reason::UnknownApi)?;
    if !target.is_active {
        return Err(Reason::InactiveApi);
    }
    let request = Request::read(asked)?;
    if !credential.networks.iter().all(|networks| admits(networks, asked.origin)) {
        return Err(Reason::ForeignNetwork);
    }
    let held = credential.level(target);
    if lets(held, &request, target.levels) {
        return Ok(Allowed { level: held });
    }
    let needed = [Level::Read, Level::Full].into_iter().find(|level| lets(*level, &request, target.levels));
    Err(Reason::LevelTooSmall { held, needed })
}

impl Credential<'_> {
    /// The level that it has at an API, whatever it is to do there.
    #[must_use]
    pub fn level(&self, target: &Target<'_>) -> Level {
        let held = match self.holds {
            Holds::Levels(list) => list.at(target.id, target.is_management),
            Holds::Scope(scope) => target.levels.reached_by(scope),
            Holds::Level(level) => level,
        };
        held.min(self.most)
    }
}

/// Whether a list of networks lets a request through that comes from there. Empty is everywhere; with a list, whose origin nobody
/// knows is from elsewhere.
#[must_use]
pub fn admits(networks: &[Network], origin: Origin) -> bool {
    match origin {
        _ if networks.is_empty() => true,
        Origin::JudgedElsewhere => true,
        Origin::Unknown => false,
        Origin::At(address) => networks.iter().any(|network| network.contains(address)),
    }
}

/// A request whose parts have one reading each.
struct Request<'a> {
    method: Option<&'a str>,
    path: Option<Path<'a>>,
}

impl<'a> Request<'a> {
    fn read(asked: &Asked<'a>) -> Result<Self, Reason> {
        let path = asked.path.map(Path::read).transpose().map_err(|_| Reason::OddRequest)?;
        if asked.method.is_some_and(|method| !is_method(method)) {
            return Err(Reason::OddRequest);
        }
        Ok(Self { method: asked.method, path })
    }

    const fn is_unknown(&self) -> bool {
        self.method.is_none() && self.path.is_none()
    }
}

/// RFC 9110 §9.1, §5.6.2: a method is a token.
#[must_use]
pub fn is_method(text: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Whether a level lets a request through: by its own rule, or by that of a lower one.
fn lets(level: Level, request: &Request<'_>, levels: &Levels) -> bool {
    if request.is_unknown() {
        return level > Level::None;
    }
    let by = |of: Level| of <= level && levels.rule(of).is_some_and(|rule| matches(rule, request));
    by(Level::Read) || by(Level::Full)
}

fn matches(rule: &Rule, request: &Request<'_>) -> bool {
    let method = |method| rule.methods.iter().any(|known| known == method);
    let path = |path| rule.paths.iter().any(|pattern| pattern.matches(path));
    (rule.methods.is_empty() || request.method.is_some_and(method))
        && (rule.paths.is_empty() || request.path.is_some_and(path))
}
