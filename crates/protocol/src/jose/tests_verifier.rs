//! What the access token verifier asks of a rightly signed token: type, issuer, times, and every claim in its type.

use super::Algorithm;
use super::claims::AccessTokenClaims;
use super::jws::Typ;
use super::tests_support::*;
use super::verification_key::VerificationKey;
use super::verifier::{AccessTokenVerifier, Unverified};
use crate::time::Seconds;
use serde_json::{Value, json};

/// RFC 9068 §4: a token of ours is verified, whatever the algorithm of its key.
#[test]
fn a_token_of_each_algorithm_is_verified() {
    for key in keys() {
        assert_eq!(verify(&token(key)), Ok(claims()));
    }
}

/// RFC 9068 §2.2: the claims stand in the token under their registered names, numbers as numbers.
#[test]
fn claims_are_written_by_their_registered_names() {
    let expected = json!({
        "iss": "https://id.example", "sub": "billing-app", "aud": "https://billing.example",
        "client_id": "billing-app", "exp": 1_795_000_600, "iat": 1_795_000_000,
        "jti": claims().jti.to_string(), "scope": "invoices:read invoices:write", "gen": 3
    });
    assert_eq!(payload(), expected);
}

/// RFC 9068 §2.2, RFC 7519 §4.1: each claim has one JSON type; any other, or none, is no token.
#[test]
fn a_claim_of_the_wrong_type_or_missing_is_refused() {
    let wrong_for_text = [json!(1), json!(1.5), json!(null), json!(true), json!([]), json!(["a"]), json!({})];
    let wrong_for_number = [
        json!("1795000600"),
        json!(1.5),
        json!(1_795_000_600.0),
        json!(1e300),
        json!(null),
        json!(true),
        json!([1_795_000_600]),
        json!({}),
    ];
    for (claim, honest) in payload().as_object().unwrap() {
        let wrong = if honest.is_string() { &wrong_for_text[..] } else { &wrong_for_number[..] };
        let missing = (claim != "scope").then_some(None);
        for value in wrong.iter().map(Some).chain(missing) {
            assert_malformed(claim, value);
        }
    }
}

/// RFC 9068 §2.2.3: the scope claim is there when a scope was granted, and only then.
#[test]
fn a_token_without_a_scope_has_no_such_claim() {
    let key = key(Algorithm::EdDSA);
    let without = AccessTokenClaims { scope: String::new(), ..claims() };
    let token = key.sign(&without, Typ::AccessToken).unwrap();
    assert_eq!(verify(&token), Ok(without.clone()));
    assert!(!serde_json::to_string(&without).unwrap().contains("scope"));
}

/// RFC 7800 §3.1, RFC 7519 §4.1.5: we bind no token and postpone none; what is bound is not taken for a bearer's, and what is
/// postponed not before its time.
#[test]
fn a_token_that_is_bound_or_postponed_is_heeded() {
    let signed = |claim: &str, value: Value| {
        let mut claims = payload();
        claims[claim] = value;
        verify(&key(Algorithm::EdDSA).sign(&claims, Typ::AccessToken).unwrap())
    };
    assert!(matches!(signed("cnf", json!({"jkt": "x"})), Err(Unverified::Claims(_))));
    assert!(matches!(signed("nbf", json!(null)), Err(Unverified::Claims(_))));
    assert_eq!(signed("nbf", json!(1_795_000_000)), Ok(claims()));
    assert_eq!(signed("nbf", json!(1_795_000_599)), Err(Unverified::NotYet));
}

/// RFC 8725 §2.4: numbers no clock or counter can hold are refused, not rounded.
#[test]
fn a_number_out_of_range_is_refused() {
    for (claim, numeral) in [
        ("exp", "99999999999999999999999999"),
        ("exp", "9223372036854775808"),
        ("exp", "1e999"),
        ("iat", "-99999999999999999999999999"),
        ("gen", "-1"),
        ("gen", "18446744073709551616"),
    ] {
        let honest = payload()[claim].to_string();
        let json = payload()
            .to_string()
            .replace(&format!("\"{claim}\":{honest}"), &format!("\"{claim}\":{numeral}"));
        assert!(json.contains(numeral));
        let key = key(Algorithm::EdDSA);
        assert!(
            matches!(verify(&forge(key, header(key).to_string(), json)), Err(Unverified::Claims(_))),
            "{numeral}"
        );
    }
}

/// RFC 7519 §4: a claim given twice is refused; which of the two counts must not be anybody's guess.
#[test]
fn a_repeated_claim_is_refused() {
    let key = key(Algorithm::ES256);
    for (claim, value) in payload().as_object().unwrap() {
        let json = format!("{{\"{claim}\":{value},{}", &payload().to_string()[1..]);
        assert!(
            matches!(verify(&forge(key, header(key).to_string(), json)), Err(Unverified::Claims(_))),
            "{claim}"
        );
    }
}

/// RFC 7519 §4: claims a later release may add do not make a token unreadable to an earlier one.
#[test]
fn an_unknown_claim_is_passed_over() {
    let key = key(Algorithm::ES256);
    let json = with(payload(), "a_later_claim", Some(json!(1_795_000_000)));
    assert_eq!(verify(&forge(key, header(key).to_string(), json)), Ok(claims()));
}

/// RFC 7519 §7.2: the payload is a JSON object and nothing else, not even the same claims as a list.
#[test]
fn a_payload_that_is_no_object_is_refused() {
    let key = key(Algorithm::EdDSA);
    let claims = claims();
    let as_list = json!([
        claims.iss,
        claims.sub,
        claims.aud,
        claims.client_id,
        claims.exp,
        claims.iat,
        claims.jti,
        claims.scope,
        claims.generation
    ]);
    let trailing = format!("{}{{}}", payload());
    for json in [&as_list.to_string(), "null", "{}", "{", "\"\"", "7", &trailing] {
        assert!(
            matches!(verify(&forge(key, header(key).to_string(), json)), Err(Unverified::Claims(_))),
            "{json}"
        );
    }
    let not_utf_8 = [payload().to_string().as_bytes(), b"\xff"].concat();
    assert!(matches!(verify(&forge(key, header(key).to_string(), not_utf_8)), Err(Unverified::Claims(_))));
}

/// RFC 9068 §2.2: jti and client_id have our one spelling.
#[test]
fn a_name_that_is_not_ours_is_refused() {
    let jti = claims().jti.to_string();
    for bad in ["", "1", &jti[1..], &jti.to_lowercase(), &format!("{jti}0")] {
        assert_malformed("jti", Some(&json!(bad)));
    }
    for bad in ["", "a b", &"x".repeat(65), &jti] {
        assert_malformed("client_id", Some(&json!(bad)));
    }
}

/// RFC 7519 §4.1.4: on or after `exp` a token must not be accepted; there is no leeway.
#[test]
fn a_token_is_good_until_the_second_it_expires() {
    let (token, exp) = (token(key(Algorithm::EdDSA)), claims().exp);
    assert!(verifier().verify(&token, Seconds(exp.0 - 1)).is_ok());
    for late in [exp, Seconds(exp.0 + 1), Seconds(i64::MAX)] {
        assert_eq!(verifier().verify(&token, late), Err(Unverified::Expired));
    }
}

/// RFC 7519 §4.1.6: a clock may run a minute ahead, not more.
#[test]
fn a_token_from_the_future_is_refused() {
    let (token, iat) = (token(key(Algorithm::EdDSA)), claims().iat);
    assert!(verifier().verify(&token, Seconds(iat.0 - 60)).is_ok());
    for early in [Seconds(iat.0 - 61), Seconds(0), Seconds(i64::MIN)] {
        assert_eq!(verifier().verify(&token, early), Err(Unverified::IssuedInFuture));
    }
}

/// RFC 9068 §4: the issuer is compared as it stands, to the last character.
#[test]
fn a_token_of_another_issuer_is_refused() {
    let key = key(Algorithm::ES256);
    for issuer in
        ["", "https://id.example/", "https://ID.example", "http://id.example", "https://id.example.evil"]
    {
        let json = with(payload(), "iss", Some(json!(issuer)));
        assert_eq!(verify(&forge(key, header(key).to_string(), json)), Err(Unverified::Issuer), "{issuer}");
    }
}

/// RFC 9068 §4: a key that is not, or no longer, among the verifier's verifies nothing.
#[test]
fn a_token_of_an_unknown_key_is_refused() {
    let known = VerificationKey::try_from(key(Algorithm::ES256).jwk()).unwrap();
    let verifier = AccessTokenVerifier::new(ISSUER, [known]);
    assert!(verifier.verify(&token(key(Algorithm::ES256)), NOW).is_ok());
    assert_eq!(verifier.verify(&token(key(Algorithm::EdDSA)), NOW), Err(Unverified::UnknownKey));
}

fn assert_malformed(claim: &str, value: Option<&Value>) {
    let key = key(Algorithm::EdDSA);
    let token = forge(key, header(key).to_string(), with(payload(), claim, value.cloned()));
    assert!(matches!(verify(&token), Err(Unverified::Claims(_))), "{claim}: {value:?}");
}
