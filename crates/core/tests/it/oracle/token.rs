//! The token endpoint: the code, refresh and client credentials grants (RFC 6749 §4.1.3, §6, §4.4.2).

use super::cases::{Bend, Form, bent, credentials};
use super::{Compared, Outcome, Oxide, Sides, hold, outcome};
use crate::bridge::{BACK, VERIFIER};
use crate::flows::sorted;
use crate::house::{Actor, basic};
use doorward_core::context::{Caller, FormRequest};
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use doorward_protocol::token::TokenResponse;
use doorward_testkit::block_on::block_on;

fn answered(sides: &Sides, form: &Form) -> Result<TokenResponse, OAuthError> {
    let body = form.text();
    let params = Params::parse(body.as_bytes())?;
    let authorization = form.authorization.as_deref();
    let request = FormRequest { params, authorization, caller: Caller::default() };
    block_on(sides.house.server.token(&request)).map_err(|stop| match stop {
        Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal) => refusal,
        Stop::Fault(fault) => panic!("{fault}"),
    })
}

fn ours(sides: &Sides, form: &Form) -> Outcome {
    match answered(sides, form) {
        Ok(token) => Outcome::Granted(sorted(&token.scope.to_string())),
        Err(refusal) => Outcome::Refused(refusal.code().as_str().to_owned()),
    }
}

fn theirs(oxide: &mut Oxide, form: &Form) -> Outcome {
    outcome(oxide.token(form.authorization.clone(), &form.text()))
}

fn header(actor: &Actor) -> Option<String> {
    actor.secret.as_ref().map(|secret| basic(&actor.client_id, secret))
}

fn around(names: &[&'static str]) -> Vec<Bend> {
    names.iter().flat_map(|name| [Bend::Without(name), Bend::Empty(name), Bend::Twice(name)]).collect()
}

/// RFC 6749 §4.1.3, §5.2: what a code is redeemed for, and the words in which it is not.
#[test]
fn codes_are_redeemed_as_by_oxide_auth() {
    let sides = Sides::new();
    for (actor, endpoint) in [(&sides.client, "code"), (&sides.public, "code of a public client")] {
        let mut straight = Form::new(
            &[
                ("grant_type", "authorization_code"),
                ("code", "{code}"),
                ("redirect_uri", BACK),
                ("code_verifier", VERIFIER),
            ],
            header(actor),
        );
        let mut bends = around(&["grant_type", "code", "redirect_uri", "code_verifier"]);
        bends.extend([
            Bend::With("grant_type", "password".to_owned()),
            Bend::With("code", "unknown".to_owned()),
            Bend::With("code", "{used}".to_owned()),
            Bend::With("redirect_uri", "https://client.example/other".to_owned()),
            Bend::With("redirect_uri", "no URI".to_owned()),
            Bend::With("code_verifier", "x".repeat(43)),
            Bend::With("code_verifier", "short".to_owned()),
            Bend::With("scope", "orders:read".to_owned()),
            Bend::With("unheard_of", "x".to_owned()),
        ]);
        if actor.secret.is_some() {
            bends.extend(credentials(actor, &sides.other));
        } else {
            straight.pairs.push(("client_id", actor.client_id.clone()));
            bends.extend(around(&["client_id"]));
            bends.push(Bend::With("client_id", sides.client.client_id.clone()));
            bends.push(Bend::With("client_secret", "x".to_owned()));
        }
        let compare = |(name, form): (String, Form)| {
            let mut oxide = sides.oxide();
            let ((good, our_good), (used, our_used)) =
                (sides.codes(&mut oxide, actor), sides.codes(&mut oxide, actor));
            assert!(matches!(theirs(&mut oxide, &straight.with("{code}", &used)), Outcome::Granted(_)));
            assert!(matches!(ours(&sides, &straight.with("{code}", &our_used)), Outcome::Granted(_)));
            Compared {
                name,
                oxide: theirs(&mut oxide, &form.with("{code}", &good).with("{used}", &used)),
                ours: ours(&sides, &form.with("{code}", &our_good).with("{used}", &our_used)),
            }
        };
        hold(endpoint, &bent(&straight, &bends).into_iter().map(compare).collect::<Vec<_>>());
    }
}

/// RFC 6749 §6, §5.2: what a refresh token is exchanged for, and the words in which it is not.
#[test]
fn refresh_tokens_are_exchanged_as_by_oxide_auth() {
    let sides = Sides::new();
    let actor = &sides.client;
    let redemption = Form::new(
        &[
            ("grant_type", "authorization_code"),
            ("code", "{code}"),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ],
        header(actor),
    );
    let straight =
        Form::new(&[("grant_type", "refresh_token"), ("refresh_token", "{refresh}")], header(actor));
    let mut bends = around(&["grant_type", "refresh_token"]);
    bends.extend([
        Bend::With("refresh_token", "unknown".to_owned()),
        Bend::With("scope", "orders:read".to_owned()),
        Bend::With("scope", "orders:write orders:read".to_owned()),
        Bend::With("scope", "orders:read stock:read".to_owned()),
        Bend::With("scope", "a\"b".to_owned()),
        Bend::With("scope", "orders:read  orders:write".to_owned()),
        Bend::With("scope", String::new()),
        Bend::Twice("scope"),
        Bend::With("unheard_of", "x".to_owned()),
    ]);
    bends.extend(credentials(actor, &sides.other));
    let compare = |(name, form): (String, Form)| {
        let mut oxide = sides.oxide();
        let (code, our_code) = sides.codes(&mut oxide, actor);
        let theirs_first = oxide.token(header(actor), &redemption.with("{code}", &code).text()).tokens();
        let ours_first = answered(&sides, &redemption.with("{code}", &our_code)).unwrap();
        Compared {
            name,
            oxide: theirs(&mut oxide, &form.with("{refresh}", theirs_first.refresh.as_deref().unwrap())),
            ours: ours(&sides, &form.with("{refresh}", ours_first.refresh_token.unwrap().expose())),
        }
    };
    hold("refresh", &bent(&straight, &bends).into_iter().map(compare).collect::<Vec<_>>());
}

/// RFC 6749 §4.4.2, §5.2: what a client gets for itself, and the words in which it does not.
#[test]
fn clients_get_tokens_of_their_own_as_by_oxide_auth() {
    let sides = Sides::new();
    let actor = &sides.client;
    let straight = Form::new(&[("grant_type", "client_credentials")], header(actor));
    let mut bends = around(&["grant_type"]);
    bends.extend([
        Bend::With("grant_type", "password".to_owned()),
        Bend::With("scope", "orders:read".to_owned()),
        Bend::With("scope", "orders:write orders:read".to_owned()),
        Bend::With("scope", "orders:read stock:read".to_owned()),
        Bend::With("scope", "a\"b".to_owned()),
        Bend::With("scope", String::new()),
        Bend::Twice("scope"),
        Bend::With("unheard_of", "x".to_owned()),
    ]);
    bends.extend(credentials(actor, &sides.other));
    let compare = |(name, form): (String, Form)| Compared {
        name,
        oxide: theirs(&mut sides.oxide(), &form),
        ours: ours(&sides, &form),
    };
    hold("client", &bent(&straight, &bends).into_iter().map(compare).collect::<Vec<_>>());
}
