//! The three ways of enforcing are one: whatever request is made with whatever token, a proxy that asks at `/verify`, an API that
//! introspects and describes the request, and an API that decides by itself come to the same, however the token came about and whether or not
//! a browser asks first. `world` and `tokens` have what is asked
//! about, `request` what is asked, `ways` how, and `dice` the chance by which all of it is made; where an answer may differ, and why,
//! stands here.

mod dice;
mod request;
mod tokens;
mod ways;
mod world;

use crate::differential::dice::Dice;
use crate::differential::request::Request;
use crate::differential::tokens::Token;
use crate::differential::ways::{Asking, Verdict, decide};
use crate::differential::world::{Registered, World};
use doorward_protocol::words::CredentialForm;
use std::collections::BTreeMap;

/// From which everything follows.
const SEED: u64 = 0x646f_6f72_7761_7264;
/// Requests between two changes of the world.
const EACH: usize = 250;

/// A request that was made, and what came of it by `/verify`.
struct Made<'a> {
    world: &'a World,
    api: usize,
    token: Option<&'a Token>,
    verified: &'a Verdict,
}

/// Where a request is put otherwise to those who are not asked at `/verify`, and what each then says.
///
/// | | at `/verify` | the guard | introspection |
/// |---|---|---|---|
/// | by `X-API-Key` or Basic, where the API takes that | as by Bearer | as without a token: it reads Bearer alone | is handed the token itself |
/// | the same, where it does not | as without a token | as without a token | is handed the token itself |
/// | a browser's question | as the API's `preflight` says | the same | is not told that it is one |
struct Expected {
    verified: Verdict,
    decided: Verdict,
    /// What `/verify` would say of what introspection is handed.
    handed: Verdict,
}

impl Expected {
    fn of(request: &Request, token: Option<&str>, at: &Registered, asking: &Asking) -> Self {
        let by_bearer = asking.verify(&at.identifier, token, &request.by_bearer());
        let handed = match request.is_preflight() {
            true => asking.verify(&at.identifier, token, &Request { is_cors: false, ..request.by_bearer() }),
            false => by_bearer.clone(),
        };
        if request.how == CredentialForm::Bearer {
            return Self { verified: by_bearer.clone(), decided: by_bearer, handed };
        }
        let without = asking.verify(&at.identifier, None, request);
        let verified = if at.takes.contains(&request.how) { by_bearer } else { without.clone() };
        Self { verified, decided: without, handed }
    }
}

/// Where introspection may say something else: why, of which requests, and what it says.
type Apart = (&'static str, fn(&Made<'_>) -> bool, fn(&Verdict) -> Verdict);

#[rustfmt::skip]
const APART: [Apart; 3] = [
    ("an API that is switched off asks in vain, and hears of nothing",
        |made| *made.verified == Verdict::Forbidden && made.world.apis[made.api].is_off,
        |_| Verdict::InvalidToken),
    ("of a token that is no good nobody is told more, however odd the request is",
        |made| *made.verified == Verdict::Forbidden && !made.is_good(),
        |_| Verdict::InvalidToken),
    ("where no scope is mapped to a level, none is told of a token that has a scope alone",
        |made| !made.world.apis[made.api].maps_scopes,
        |verdict| match verdict {
            Verdict::Allowed(_, who) => Verdict::Allowed(None, who.clone()),
            other => other.clone(),
        }),
];

impl Made<'_> {
    fn is_good(&self) -> bool {
        let api = &self.world.apis[self.api].identifier;
        self.token.is_some_and(|token| self.world.asking.is_good(api, &token.value))
    }

    /// Whether introspection says what it should.
    fn is_told(&self, introspected: &Verdict) -> bool {
        introspected == self.verified
            || APART.iter().any(|(_, is_apart, says)| says(self.verified) == *introspected && is_apart(self))
    }
}

/// RFC 7662 §2.2, RFC 6750 §3.1: of ten thousand requests, all three say the same, but for what stands in the table.
#[test]
fn three_ways_of_enforcing_come_to_the_same() {
    let rounds = if std::env::var_os("DOORWARD_LONG_TESTS").is_some() { 400 } else { 40 };
    let (mut dice, mut counts, mut wrong) = (Dice::new(SEED), BTreeMap::new(), vec![]);
    let mut world = World::new(&mut dice);
    for round in 0..rounds {
        for _ in 0..3 {
            world.change(&mut dice);
        }
        world.issue(&mut dice);
        world.hear();
        for _ in 0..EACH {
            wrong
                .extend(differs(&world, &mut counts, &mut dice).map(|told| format!("round {round}: {told}")));
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    // Chance that shows one thing alone would show nothing.
    for (what, least) in [
        ("allowed", 10),
        ("preflight", 2),
        ("no credential", 1),
        ("invalid", 10),
        ("insufficient", 5),
        ("forbidden", 10),
        ("person's token", 1),
    ] {
        assert!(counts.get(what).is_some_and(|count| count * 100 >= least * rounds * EACH), "{counts:?}");
    }
}

/// A request by chance, and what is wrong about it.
fn differs(world: &World, counts: &mut BTreeMap<&str, usize>, dice: &mut Dice) -> Option<String> {
    let (api, request) = (dice.below(world.apis.len()), Request::thrown(dice));
    let token = world.brought(api, dice);
    let value = token.as_ref().map(|token| token.value.as_str());
    let at = &world.apis[api];
    let expected = Expected::of(&request, value, at, &world.asking);
    let verified = match request.how {
        CredentialForm::Bearer => expected.verified.clone(),
        _ => world.asking.verify(&at.identifier, value, &request),
    };
    *counts.entry(name(&verified)).or_default() += 1;
    let decided = decide(&at.guard, value, &request);
    let introspected = value.map(|value| world.asking.introspect(&at.identifier, value, &request));
    let made = Made { world, api, token: token.as_ref(), verified: &expected.handed };
    let is_told = introspected.as_ref().is_none_or(|introspected| made.is_told(introspected));
    let agree = verified == expected.verified && decided == expected.decided && is_told;
    *counts.entry(token.as_ref().map_or("none", |token| token.what)).or_default() += 1;
    (!agree).then(|| {
        let what = token.as_ref().map(|token| token.what);
        format!(
            "{what:?} at {} {request:?}\n  verify:        {verified:?}\n  introspection: {introspected:?}\n  guard:         {decided:?}",
            at.identifier
        )
    })
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed(..) => "allowed",
        Verdict::Preflight => "preflight",
        Verdict::NoCredential => "no credential",
        Verdict::InvalidToken => "invalid",
        Verdict::InsufficientScope(_) => "insufficient",
        Verdict::Forbidden => "forbidden",
        Verdict::Fault(_) => "fault",
    }
}
