//! The authorization endpoint (RFC 6749 §4.1.1): what leads to a question to the person, and how the rest is refused.

use super::cases::{Bend, Form, bent};
use super::{Compared, Outcome, SCOPE, Sides, hold, outcome};
use crate::bridge::{BACK, CHALLENGE};
use doorward_core::context::{Browser, Caller, PageRequest};
use doorward_core::endpoint::page::Then;
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use doorward_testkit::block_on::block_on;
use std::collections::HashMap;
use url::Url;

fn ours(sides: &Sides, form: &Form) -> Result<Outcome, OAuthError> {
    let query = form.text();
    let params = Params::parse(query.as_bytes())?;
    let request = PageRequest { params, browser: Browser::default(), caller: Caller::default() };
    let Ok(turn) = block_on(sides.house.server.authorize(&request)) else { return Ok(Outcome::Page) };
    Ok(match turn.then {
        // Nobody is signed in: the question comes after that.
        Then::Show(_) => Outcome::Granted("code".to_owned()),
        Then::Answer(answer) => {
            let location = Url::parse(&answer.location()).unwrap();
            let said: HashMap<_, _> = location.query_pairs().into_owned().collect();
            Outcome::Refused(said["error"].clone())
        }
        Then::Go(path) | Then::Leave(path) => panic!("{path}"),
    })
}

/// RFC 6749 §4.1.1, §4.1.2.1: which requests stand, and who is told of the others.
#[test]
fn authorization_requests_are_judged_as_by_oxide_auth() {
    let sides = Sides::new();
    let straight = Form::new(
        &[
            ("response_type", "code"),
            ("client_id", &sides.client.client_id),
            ("redirect_uri", BACK),
            ("scope", SCOPE),
            ("state", "s"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ],
        None,
    );
    let around = |name: &&'static str| [Bend::Without(name), Bend::Empty(name), Bend::Twice(name)];
    let mut bends: Vec<_> =
        straight.pairs.iter().map(|(name, _)| *name).collect::<Vec<_>>().iter().flat_map(around).collect();
    bends.extend([
        Bend::With("response_type", "token".to_owned()),
        Bend::With("client_id", "nobody".to_owned()),
        Bend::With("client_id", sides.public.client_id.clone()),
        Bend::With("redirect_uri", "https://evil.example/".to_owned()),
        Bend::With("redirect_uri", format!("{BACK}/")),
        Bend::With("redirect_uri", "no URI".to_owned()),
        Bend::With("scope", "orders:read".to_owned()),
        Bend::With("scope", "orders:read stock:read".to_owned()),
        Bend::With("scope", "a\"b".to_owned()),
        Bend::With("code_challenge_method", "plain".to_owned()),
        Bend::With("code_challenge", "short".to_owned()),
        Bend::With("unheard_of", "x".to_owned()),
    ]);
    let compare = |(name, form): (String, Form)| Compared {
        name,
        oxide: outcome(sides.oxide().authorize(Some("alice"), &form.text())),
        ours: ours(&sides, &form).unwrap_or(Outcome::Page),
    };
    hold("authorize", &bent(&straight, &bends).into_iter().map(compare).collect::<Vec<_>>());
}
