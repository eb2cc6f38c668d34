//! Authorization codes: how long and how often they are good, what they are bound to, and what they rest on.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, CALLBACK, INTRANET, Place, SHOP, VERIFIER, tokens, word};
use crate::flows::token_requests::Change;
use doorward_core::manage::clients;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{AuthMethod, GrantType, Status, UserStatus};

const OTHER_CALLBACK: &str = "https://app.example/other";
const OTHER_APP: &str = "other-app";
/// What leaves PKCE out of an authorization request.
const NO_CHALLENGE: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];

/// RFC 6749 §4.1.2: a code is short-lived; ours ends after sixty seconds.
#[test]
fn a_code_is_good_for_sixty_seconds() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for (age, expected) in [(0, "granted"), (59, "granted"), (60, "invalid_grant"), (3_600, "invalid_grant")]
    {
        let code = place.code_of(&browser, APP, "alice", &[]);
        place.advance(Lifetime::seconds(age));
        assert_eq!(word(&place.redeem(APP, &code)), expected, "after {age} s");
    }
    assert!(place.revocations().is_empty());
}

/// RFC 6749 §4.1.2: the client must not use the code more than once.
#[test]
fn a_code_is_good_once() {
    let place = Place::new();
    for client in [APP, SHOP, INTRANET] {
        let browser = Browser::new(&place);
        let code = place.code_of(&browser, client, "alice", &[]);
        assert_eq!(word(&place.redeem(client, &code)), "granted");
        assert_eq!(word(&place.redeem(client, &code)), "invalid_grant");
        assert_eq!(word(&place.redeem(client, &code)), "invalid_grant");
    }
}

/// What ties a code to a client, each broken by itself: by whom it is presented, and what is said then.
type Broken<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

fn a_place_with_another_app() -> Place {
    let mut place = Place::new();
    let members = clients::Members {
        auth_method: AuthMethod::None,
        grant_types: vec![GrantType::AuthorizationCode],
        redirect_uris: vec![CALLBACK.to_owned()],
        ..clients::Members::named("Another app")
    };
    place.register(OTHER_APP, members);
    for client in [APP, SHOP, INTRANET] {
        place.change_client(client, |members| members.redirect_uris.push(OTHER_CALLBACK.to_owned()));
    }
    place
}

/// Each broken presentation is refused, and costs the code nothing.
#[track_caller]
fn refused_without_effect(
    place: &Place,
    client: &str,
    code: &str,
    broken: &[Broken<'_>],
    right: &[(&str, &str)],
) {
    for (what, presenter, changed) in broken {
        assert_eq!(word(&place.redeem_as(presenter, code, changed)), "invalid_grant", "{client}: {what}");
    }
    assert_eq!(word(&place.redeem_as(client, code, right)), "granted", "{client}: the right presentation");
    assert!(place.revocations().is_empty());
}

/// RFC 6749 §4.1.3 and RFC 7636 §4.6: client, redirect URI and verifier are what a code is bound to, and whoever breaks one
/// of them neither redeems the code nor voids it.
#[test]
fn a_code_with_a_challenge_presented_with_one_binding_broken_is_refused_without_effect() {
    let place = a_place_with_another_app();
    let wrong = VERIFIER.replace('a', "b");
    let (wrong, cut) = ([("code_verifier", wrong.as_str())], [("code_verifier", &VERIFIER[1..])]);
    for client in [APP, SHOP, INTRANET] {
        let others = [APP, SHOP, INTRANET, OTHER_APP].into_iter().filter(|other| *other != client);
        let mut broken: Vec<Broken<'_>> = others.map(|other| ("another client", other, &[][..])).collect();
        broken.extend([
            ("another redirect URI", client, &[("redirect_uri", OTHER_CALLBACK)][..]),
            ("another spelling of it", client, &[("redirect_uri", "https://app.example/callback/")]),
            ("one that is not registered", client, &[("redirect_uri", "https://evil.example/")]),
            ("a wrong verifier", client, &wrong),
            ("a verifier that is cut", client, &cut),
            ("a verifier that is none", client, &[("code_verifier", "short")]),
            ("no verifier", client, &[("code_verifier", "")]),
        ]);
        let browser = Browser::new(&place);
        let code = place.code_of(&browser, client, "alice", &[]);
        refused_without_effect(&place, client, &code, &broken, &[]);
    }
}

/// RFC 9700 §4.8.2: a verifier is accepted if and only if a challenge was stored. RFC 6749 §4.1.3: without PKCE the redirect
/// URI must be named again.
#[test]
fn a_code_without_a_challenge_presented_with_one_binding_broken_is_refused_without_effect() {
    let place = a_place_with_another_app();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, SHOP, "alice", &NO_CHALLENGE);
    let unbound = [("code_verifier", "")];
    let broken: [Broken<'_>; 7] = [
        ("another public client", APP, &unbound),
        ("another confidential client", INTRANET, &unbound),
        ("another public client with a verifier", OTHER_APP, &[]),
        ("a verifier", SHOP, &[]),
        ("another redirect URI", SHOP, &[("code_verifier", ""), ("redirect_uri", OTHER_CALLBACK)]),
        ("no redirect URI", SHOP, &[("code_verifier", ""), ("redirect_uri", "")]),
        ("a verifier and no redirect URI", SHOP, &[("redirect_uri", "")]),
    ];
    refused_without_effect(&place, SHOP, &code, &broken, &unbound);
}

/// OAuth 2.1 §4.1.3: with PKCE the redirect URI need not be named again.
#[test]
fn the_verifier_does_the_work_of_a_redirect_uri() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for client in [APP, SHOP] {
        let code = place.code_of(&browser, client, "alice", &[]);
        assert_eq!(word(&place.redeem_as(client, &code, &[("redirect_uri", "")])), "granted", "{client}");
    }
}

/// RFC 6749 §4.1.3: a redirect URI is named again only if it was named before.
#[test]
fn a_redirect_uri_that_went_without_saying_may_be_left_out_again() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let silent = [NO_CHALLENGE.as_slice(), &[("redirect_uri", ""), ("scope", "orders:read")]].concat();
    let code = place.code_of(&browser, SHOP, "alice", &silent);
    let wrong = [("code_verifier", ""), ("redirect_uri", OTHER_CALLBACK)];
    assert_eq!(word(&place.redeem_as(SHOP, &code, &wrong)), "invalid_grant");
    let left_out = [("code_verifier", ""), ("redirect_uri", "")];
    assert_eq!(word(&place.redeem_as(SHOP, &code, &left_out)), "granted");
}

/// RFC 9700 §2.1.1: an exemption from PKCE that was taken back covers no code from before.
#[test]
fn a_code_without_a_challenge_needs_the_exemption_when_it_is_redeemed_too() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, SHOP, "alice", &NO_CHALLENGE);
    place.change_client(SHOP, |members| members.require_pkce = true);
    assert_eq!(word(&place.redeem_as(SHOP, &code, &[("code_verifier", "")])), "invalid_grant");
    place.change_client(SHOP, |members| members.require_pkce = false);
    assert_eq!(word(&place.redeem_as(SHOP, &code, &[("code_verifier", "")])), "granted");
}

/// RFC 6749 §4.1.2: "the authorization server MUST deny the request and SHOULD revoke (when possible) all tokens previously
/// issued based on that authorization code".
#[test]
fn a_replay_that_passes_all_checks_revokes_what_the_code_gave() {
    let place = Place::new();
    for (number, client) in [SHOP, APP].into_iter().enumerate() {
        let browser = Browser::new(&place);
        let code = place.code_of(&browser, client, "alice", &[]);
        let first = tokens(&place.redeem(client, &code));
        let second = tokens(&place.refresh(client, first.refresh()));
        assert!(place.tells_who(first.access()) && place.tells_who(second.access()));
        assert_eq!(place.is_active(SHOP, second.access()), client == SHOP);
        assert_eq!(word(&place.redeem(client, &code)), "invalid_grant");
        assert!(!place.is_active(SHOP, first.access()) && !place.is_active(SHOP, second.access()));
        place.assert_dead(client, &first);
        place.assert_dead(client, &second);
        assert_eq!(word(&place.redeem(client, &code)), "invalid_grant");
        let revocations = place.revocations();
        assert_eq!(revocations.len(), number + 1, "and once is enough");
        let object = format!("family:{}", first.claims()["grant"].as_str().unwrap());
        let event = revocations.iter().find(|event| event.objects == object).unwrap();
        assert_eq!((event.reason.as_str(), event.user), ("code_replayed", Some(place.user_id("alice"))));
        assert_eq!(event.client, Some(place.client_key(client)));
    }
}

/// RFC 6749 §4.1.2: the same counts for opaque access tokens.
#[test]
fn a_replay_revokes_opaque_tokens_too() {
    let place = Place::new();
    place.make_opaque(crate::flows::place::ORDERS);
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, SHOP, "alice", &[("scope", "openid orders:read")]);
    let given = tokens(&place.redeem(SHOP, &code));
    assert!(given.access().starts_with("dw_at_") && place.is_active(SHOP, given.access()));
    assert_eq!(word(&place.redeem(SHOP, &code)), "invalid_grant");
    assert!(!place.is_active(SHOP, given.access()));
}

/// RFC 6749 §10.5: whoever has got hold of a used code and no more cannot void what its client holds.
#[test]
fn a_replay_with_a_binding_broken_has_no_effect() {
    let place = a_place_with_another_app();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, APP, "alice", &[]);
    let given = tokens(&place.redeem(APP, &code));
    for (presenter, changed) in [
        (APP, [("code_verifier", "a-wrong-verifier-of-43-characters-and-some-more")]),
        (APP, [("code_verifier", "")]),
        (APP, [("redirect_uri", OTHER_CALLBACK)]),
        (OTHER_APP, [("x", "y")]),
        (SHOP, [("x", "y")]),
    ] {
        assert_eq!(word(&place.redeem_as(presenter, &code, &changed)), "invalid_grant", "{presenter}");
    }
    assert!(place.tells_who(given.access()));
    assert_eq!(word(&place.refresh(APP, given.refresh())), "granted");
    assert!(place.revocations().is_empty());
}

/// RFC 6749 §4.1.2: a code that is shown again after its time tells just as much.
#[test]
fn a_replay_counts_after_the_code_has_expired() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, APP, "alice", &[]);
    let given = tokens(&place.redeem(APP, &code));
    place.advance(Lifetime::minutes(5));
    assert_eq!(word(&place.redeem(APP, &code)), "invalid_grant");
    place.assert_dead(APP, &given);
    assert_eq!(place.reasons(), ["code_replayed"]);
}

/// RFC 6749 §5.2: what is no code is no grant either.
#[test]
fn an_unknown_code_is_no_grant() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, APP, "alice", &[]);
    let unknown = token_text::write(TokenType::AuthorizationCode, &[7; 32]);
    let refresh = token_text::write(TokenType::RefreshToken, &[7; 32]);
    for bad in
        [unknown.expose(), refresh.expose(), &code[1..], &code[..code.len() - 1], &code.to_lowercase(), "x"]
    {
        assert_eq!(word(&place.redeem(APP, bad)), "invalid_grant", "{bad}");
    }
    assert_eq!(word(&place.redeem_as(APP, &code, &[("code", "")])), "invalid_request");
    assert_eq!(word(&place.redeem(APP, &code)), "granted");
}

/// Guesses cost us less than those who guess; what cannot be a code or a token is not looked up.
#[test]
fn what_cannot_be_a_code_or_a_token_costs_no_transaction() {
    let place = Place::new();
    let jobs = || place.database.counters().jobs.value();
    let before = jobs();
    let code = token_text::write(TokenType::AuthorizationCode, &[7; 32]);
    for bad in ["x", &code.expose()[1..], &code.expose().replace('_', "-")] {
        assert_eq!(word(&place.redeem(APP, bad)), "invalid_grant");
        assert_eq!(word(&place.refresh(APP, bad)), "invalid_grant");
        assert_eq!(word(&place.refresh(APP, code.expose())), "invalid_grant");
    }
    assert_eq!(jobs(), before);
    assert_eq!(word(&place.redeem(APP, code.expose())), "invalid_grant");
    assert_eq!(jobs(), before + 1, "what can be one is");
}

/// Nothing of a code outlives what it rests on, also when that comes back within the minute.
pub(crate) const ENDINGS: &[(&str, Change)] = &[
    ("user disabled", |place| place.switch_user("alice", UserStatus::Disabled)),
    ("user disabled and enabled", |place| {
        place.switch_user("alice", UserStatus::Disabled);
        place.switch_user("alice", UserStatus::Active);
    }),
    ("client disabled and enabled", |place| {
        place.switch_client(SHOP, Status::Inactive);
        place.switch_client(SHOP, Status::Active);
    }),
    ("consent taken back", |place| place.take_back_consents("alice")),
    ("password changed", |place| place.set_password("alice", "eleven kettles under a loud bridge")),
    ("everything revoked", |place| place.revoke_all("alice")),
];

/// RFC 6749 §4.1.3: the code is valid only as long as all of what it stands for is.
#[test]
fn a_code_ends_with_what_it_rests_on() {
    for (what, change) in ENDINGS {
        let place = Place::new();
        let browser = Browser::new(&place);
        let code = place.code_of(&browser, SHOP, "alice", &[]);
        change(&place);
        assert_eq!(word(&place.redeem(SHOP, &code)), "invalid_grant", "{what}");
        assert!(place.revocations().is_empty(), "{what}: nothing was there to be revoked");
    }
}

/// RFC 6749 §4.1.3: a code of a session that was signed out is void, of whatever client, offline or not.
#[test]
fn a_code_ends_with_its_session() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let session = place.tokens(&browser, SHOP, "alice");
    let codes = [SHOP, APP, INTRANET].map(|client| (client, place.code_of(&browser, client, "alice", &[])));
    place.sign_out(&session);
    for (client, code) in codes {
        assert_eq!(word(&place.redeem(client, &code)), "invalid_grant", "{client}");
    }
}

/// RFC 6749 §4.1.3: a consent that is given anew does not bring back a code of the one before.
#[test]
fn a_code_does_not_come_back_with_the_consent() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let before = place.code_of(&browser, SHOP, "alice", &[]);
    place.take_back_consents("alice");
    let after = place.code_of(&browser, SHOP, "alice", &[]);
    assert_eq!(word(&place.redeem(SHOP, &before)), "invalid_grant");
    assert_eq!(word(&place.redeem(SHOP, &after)), "granted");
}
