//! One story of what tokens may do at an API, in a form that every way of asking can be put through: a proxy that asks, introspection,
//! an API that decides by itself. Owns who is in it, how it is told, and when an answer is the expected one. What happens stands in
//! [`table`]; how things are changed is a [`World`]'s part, how it is asked a [`Way`]'s.

#[cfg(feature = "browser")]
pub mod by_introspection;
#[cfg(feature = "browser")]
pub mod by_rest;
pub mod table;

use crate::story::table::STORY;
use doorward_protocol::words::Level;
use std::borrow::Cow;
use std::net::Ipv4Addr;

/// The API that the story is about.
pub const API: &str = "https://stock.example";
/// Another API, whose tokens are good for nothing at the first.
pub const OTHER: &str = "https://other.example";
/// Where the tokens come from that are bound to a network. On this machine, so that clients of a proxy can be there.
pub const HOME: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 7);
/// Somewhere else.
pub const AWAY: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 7);

/// The tokens of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// Alice's API token with the level `read`.
    Read,
    /// The value that it had before it was regenerated.
    Former,
    /// Alice's API token with the level `full`.
    Full,
    /// The same, bound to the network of [`HOME`] and to the place where tokens are exchanged from.
    AtHome,
    /// An access token that the one before was exchanged for.
    Exchanged,
    /// Alice's API token that is `full` and ends soon.
    Brief,
    /// Alice's API token that is `full` at [`OTHER`] alone.
    Elsewhere,
    /// Bob's API token with the level `full`.
    Bobs,
    /// A client's access token with the scope `stock:read`.
    AccessRead,
    /// The same with both scopes.
    AccessFull,
    /// The same client's access token for [`OTHER`].
    AccessElsewhere,
    /// A token of our form that was never issued.
    Unknown,
}

/// What happens between two questions. It has happened when [`World::change`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// [`Token::Read`] has another value; the former one ends at once.
    Regenerate,
    /// [`Token::Read`] has the level `full` now.
    Raise,
    /// And `read` again.
    Lower,
    /// [`Token::Full`] is revoked.
    Revoke,
    /// [`Token::AccessRead`] is revoked by its client (RFC 7009).
    RevokeAccess,
    /// So much time passes that [`Token::Brief`] has ended, and nothing else.
    TimePasses,
    /// Bob is disabled.
    DisableBob,
    /// Bob is enabled again, which gives him back nothing that he had.
    EnableBob,
    /// The client of the access tokens may be used from [`HOME`] alone.
    NarrowClient,
    /// And from everywhere again.
    WidenClient,
    /// That client is disabled.
    DisableClient,
    /// That client is enabled again, which brings back none of its tokens.
    EnableClient,
    /// [`API`] is disabled.
    DisableApi,
    /// [`API`] is enabled again.
    EnableApi,
    /// All API tokens of Alice's are revoked.
    RevokeAll,
}

/// A request that somebody makes at the API.
#[derive(Clone, Debug)]
pub struct Case {
    /// With which token.
    pub token: Option<Token>,
    /// Its method.
    pub method: &'static str,
    /// Its target, in the form that a client sends.
    pub target: &'static str,
    /// From where.
    pub from: Ipv4Addr,
    /// What it comes to.
    pub expected: Outcome,
}

/// A step of the story.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something changes.
    Happens(Change),
    /// Somebody asks.
    Asked(Case),
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It may be made, at this level.
    Passed(Level),
    /// RFC 6750 §3.1: it brings no token.
    NoCredential,
    /// RFC 6750 §3.1 `invalid_token`.
    InvalidToken,
    /// RFC 6750 §3.1 `insufficient_scope`, with the scope that would do.
    InsufficientScope(Cow<'static, str>),
    /// No token would help.
    Forbidden,
    /// Expected only: it may not be made, and in which words it is refused is for each way to choose.
    Refused,
}

/// A request as a way of asking is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The token's value.
    pub token: Option<&'a str>,
    /// The method.
    pub method: &'a str,
    /// The target.
    pub target: &'a str,
    /// From where.
    pub from: Ipv4Addr,
}

/// Where the story takes place: a server, its API, people, clients and tokens.
pub trait World {
    /// Brings something about.
    fn change(&mut self, change: Change);

    /// The value of a token, as it is now.
    fn token(&self, token: Token) -> String;
}

/// A way of asking whether a request may be made.
pub trait Way {
    /// What it is called where it is wrong.
    fn name(&self) -> &str;

    /// Asks.
    fn ask(&mut self, request: &Request<'_>) -> Outcome;

    /// Whether there is anything to ask by this way.
    fn is_for(&self, _: &Case) -> bool {
        true
    }

    /// Something was changed: whoever learns of it later than the next question waits for it here.
    fn hear(&mut self) {}
}

impl Outcome {
    /// Whether this is what was expected.
    #[must_use]
    pub fn is(&self, expected: &Self) -> bool {
        match expected {
            Self::Refused => !matches!(self, Self::Passed(_)),
            expected => self == expected,
        }
    }
}

/// Tells the whole story by all these ways, step by step.
///
/// # Panics
/// At its end, with every answer that was not the expected one.
pub fn tell(world: &mut dyn World, ways: &mut [&mut dyn Way]) {
    let mut wrong = Vec::new();
    for step in STORY {
        match step {
            Step::Happens(change) => {
                world.change(*change);
                ways.iter_mut().for_each(|way| way.hear());
            }
            Step::Asked(case) => {
                let token = case.token.map(|token| world.token(token));
                wrong.extend(ways.iter_mut().filter_map(|way| differs(&mut **way, case, token.as_deref())));
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn differs(way: &mut dyn Way, case: &Case, token: Option<&str>) -> Option<String> {
    if !way.is_for(case) {
        return None;
    }
    let Case { method, target, from, expected, .. } = case;
    let outcome = way.ask(&Request { token, method, target, from: *from });
    (!outcome.is(expected)).then(|| format!("{}: {outcome:?} in {case:?}", way.name()))
}
