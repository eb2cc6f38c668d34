//! The known ways to forge a JWT, tried on the access token verifier: wrong keys and algorithms, headers that bring
//! their own key, damaged and re-spelled tokens.

use super::Algorithm;
use super::key::SigningKey;
use super::tests_support::*;
use super::verifier::Unverified;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

/// RFC 8725 §3.1: a MAC made with the public key's bytes, in any form they are published or held in, is no signature.
#[test]
fn a_mac_with_our_public_key_is_refused() {
    for key in keys() {
        let jwk = serde_json::to_value(key.jwk()).unwrap();
        let raw = |member: &str| {
            jwk[member].as_str().map(|text| URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap_or_default()
        };
        let point = [&[4][..], &raw("x"), &raw("y")].concat();
        for secret in
            [jwk.to_string().into_bytes(), raw("x"), raw("n"), point, key.kid().as_bytes().to_vec(), vec![]]
        {
            for alg in ["HS256", key.algorithm().name()] {
                let message = unsigned(with(header(key), "alg", Some(json!(alg))), payload().to_string());
                let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
                assert!(verify(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac))).is_err());
            }
        }
    }
}

/// RFC 8725 §3.2: there is no unsecured token here, under any spelling of `none`.
#[test]
fn a_token_without_a_signature_is_refused() {
    let key = key(Algorithm::ES256);
    for alg in ["none", "None", "NONE", "nOnE", "", "ES256"] {
        let message = unsigned(with(header(key), "alg", Some(json!(alg))), payload().to_string());
        for token in
            [format!("{message}."), message.clone(), format!("{message}.AA"), format!("{message}.e30")]
        {
            assert!(verify(&token).is_err(), "{token}");
        }
    }
}

/// RFC 8725 §3.1: the algorithm is the key's; a header that claims another is refused even if rightly signed.
#[test]
fn an_algorithm_that_is_not_the_keys_is_refused() {
    for key in keys() {
        for alg in ["ES256", "EdDSA", "RS256", "ES384", "PS256", "HS256", "Ed25519", "es256", "none"] {
            if alg != key.algorithm().name() {
                let token = forge(key, with(header(key), "alg", Some(json!(alg))), payload().to_string());
                assert_eq!(verify(&token), Err(Unverified::Algorithm), "{alg}");
            }
        }
    }
}

/// RFC 7515 §6: a token signed by one key under another's name is refused.
#[test]
fn a_signature_by_another_key_is_refused() {
    for (signer, named) in keys().into_iter().flat_map(|signer| keys().map(|named| (signer, named))) {
        let outcome = verify(&forge(signer, header(named).to_string(), payload().to_string()));
        assert_eq!(outcome.is_ok(), signer.kid() == named.kid());
    }
    let stranger = SigningKey::generate(Algorithm::ES256).unwrap();
    let under_our_name = forge(&stranger, header(key(Algorithm::ES256)).to_string(), payload().to_string());
    assert_eq!(verify(&under_our_name), Err(Unverified::Signature));
    assert_eq!(verify(&token(&stranger)), Err(Unverified::UnknownKey));
}

/// RFC 7515 §4.1.2–§4.1.11, RFC 7797 §3, RFC 7516 §4.1.3: a header brings neither its own key nor its own rules.
#[test]
fn a_header_with_any_other_member_is_refused() {
    let stranger = SigningKey::generate(Algorithm::ES256).unwrap();
    let key = key(Algorithm::ES256);
    for (member, value) in [
        ("jwk", serde_json::to_value(stranger.jwk()).unwrap()),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/chain")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AA")),
        ("x5t#S256", json!("AA")),
        ("crit", json!([])),
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("b64", json!(true)),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("cty", json!("JWT")),
        ("epk", json!({})),
        ("nonce", json!("x")),
        ("exp", json!(1)),
    ] {
        for signer in [key, &stranger] {
            let token = forge(signer, with(header(key), member, Some(value.clone())), payload().to_string());
            assert_eq!(verify(&token), Err(Unverified::Header), "{member}");
        }
    }
}

/// RFC 7515 §4: each member of the header once, in its type, and none missing.
#[test]
fn a_header_with_a_malformed_member_is_refused() {
    let key = key(Algorithm::EdDSA);
    let honest = header(key).to_string();
    for (member, value) in header(key).as_object().unwrap() {
        for wrong in [None, Some(json!(null)), Some(json!(1)), Some(json!([value])), Some(json!({}))] {
            let token = forge(key, with(header(key), member, wrong), payload().to_string());
            assert_eq!(verify(&token), Err(Unverified::Header), "{member}");
        }
        let twice = format!("{{\"{member}\":{value},{}", &honest[1..]);
        assert_eq!(
            verify(&forge(key, twice, payload().to_string())),
            Err(Unverified::Header),
            "{member} twice"
        );
    }
    let escaped = honest.replace("at+jwt", "\\u0061t+jwt");
    let listed = json!(["at+jwt", "EdDSA", key.kid()]).to_string();
    for header in [&escaped, &listed, "{}", "null", "{", &format!("{honest} x"), &format!(" {honest}")] {
        assert_eq!(verify(&forge(key, header, payload().to_string())), Err(Unverified::Header), "{header}");
    }
}

/// RFC 9068 §4, RFC 8725 §3.11: only at+jwt, with or without `application/`.
#[test]
fn a_token_of_another_type_is_refused() {
    let key = key(Algorithm::ES256);
    let typed =
        |typ: &str| verify(&forge(key, with(header(key), "typ", Some(json!(typ))), payload().to_string()));
    assert_eq!(typed("application/at+jwt"), Ok(claims()));
    for typ in ["", "JWT", "jwt", "AT+JWT", "at+jwt;v=1", "logout+jwt", "dpop+jwt", "token-introspection+jwt"]
    {
        assert_eq!(typed(typ), Err(Unverified::Typ), "{typ}");
    }
}

/// RFC 7515 §5.2: any other name than that of a key of ours names no key.
#[test]
fn a_kid_is_looked_up_and_never_interpreted() {
    let key = key(Algorithm::ES256);
    for kid in
        ["", "../../dev/null", "' OR 1=1 --", "AAAA", &key.kid().to_lowercase(), &format!("{}=", key.kid())]
    {
        let token = forge(key, with(header(key), "kid", Some(json!(kid))), payload().to_string());
        assert_eq!(verify(&token), Err(Unverified::UnknownKey), "{kid}");
    }
}

/// RFC 7515 §5.2: a token is whole or nothing.
#[test]
fn a_truncated_token_is_refused() {
    for key in keys() {
        let token = token(key);
        for end in 0..token.len() {
            assert!(verify(&token[..end]).is_err(), "{end}");
            assert!(verify(&token[token.len() - end..]).is_err(), "last {end}");
        }
    }
}

/// RFC 7515 §2, §5.2: no character can be changed, not even to one that only touches the unused bits of base64url.
#[test]
fn a_token_with_any_character_changed_is_refused() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for key in keys() {
        let token = token(key);
        for at in 0..token.len() {
            let step = if at + 2 >= token.len() || token[at + 1..].starts_with('.') { 1 } else { 13 };
            for other in
                ALPHABET.iter().step_by(step).chain(b".=+/ \n\0").filter(|c| **c != token.as_bytes()[at])
            {
                let changed = format!("{}{}{}", &token[..at], char::from(*other), &token[at + 1..]);
                assert!(verify(&changed).is_err(), "{other:?} at {at}");
            }
        }
    }
}

/// RFC 7515 §2: the same bytes in another spelling are another text, and no token.
#[test]
fn a_token_spelled_otherwise_is_refused() {
    for key in keys() {
        let token = token(key);
        let parts: Vec<_> = token.split('.').collect();
        for spelling in [
            format!("{token}="),
            format!("{token}=="),
            format!("{token}."),
            format!(".{token}"),
            format!(" {token}"),
            format!("{token} "),
            format!("{token}\n"),
            format!("Bearer {token}"),
            format!("{token}.{}", parts[2]),
            format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
            format!("{}.{}=.{}", parts[0], parts[1], parts[2]),
            token.replace('.', ".."),
            token.replace('.', "%2E"),
        ] {
            assert!(verify(&spelling).is_err(), "{spelling:?}");
        }
    }
}

/// RFC 7515 §7.2: only the compact form is a token; the JSON forms are refused.
#[test]
fn the_json_serializations_are_refused() {
    for key in keys() {
        let token = token(key);
        let parts: Vec<_> = token.split('.').collect();
        let flattened = json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]});
        let general =
            json!({"payload": parts[1], "signatures": [{"protected": parts[0], "signature": parts[2]}]});
        for form in [flattened.to_string(), general.to_string(), Value::from(token).to_string()] {
            assert!(verify(&form).is_err());
        }
    }
}

/// RFC 7518 §3.4: an ECDSA signature is 64 octets whose halves lie between 1 and the order of the curve (FIPS 186-5 §6.4.2).
#[test]
fn a_signature_out_of_range_is_refused() {
    let message = unsigned(header(key(Algorithm::ES256)).to_string(), payload().to_string());
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&order[at..at + 2], 16).unwrap()).collect();
    let (zero, one) = (vec![0; 32], [vec![0; 31], vec![1]].concat());
    for (r, s) in
        [(&zero, &zero), (&zero, &one), (&one, &zero), (&order, &order), (&one, &one), (&order, &zero)]
    {
        let signature = URL_SAFE_NO_PAD.encode([r.clone(), s.clone()].concat());
        assert_eq!(verify(&format!("{message}.{signature}")), Err(Unverified::Signature));
    }
    for length in [1, 32, 63, 65, 72, 128] {
        let signature = URL_SAFE_NO_PAD.encode(vec![0; length]);
        assert_eq!(verify(&format!("{message}.{signature}")), Err(Unverified::Signature));
    }
}

/// RFC 8725 §3.1: zeros verify under no algorithm.
#[test]
fn a_signature_of_zeros_is_refused() {
    for key in keys() {
        let message = unsigned(header(key).to_string(), payload().to_string());
        for length in [64, 256] {
            let signature = URL_SAFE_NO_PAD.encode(vec![0; length]);
            assert_eq!(verify(&format!("{message}.{signature}")), Err(Unverified::Signature));
        }
    }
}

/// RFC 8725 §2.4: what is too long is refused before it is decoded, however well signed.
#[test]
fn a_token_that_is_too_long_is_refused() {
    let key = key(Algorithm::EdDSA);
    let padded =
        |length| forge(key, header(key).to_string(), with(payload(), "pad", Some(json!("x".repeat(length)))));
    assert!(verify(&padded(4_000)).is_ok());
    assert_eq!(verify(&padded(8_000)), Err(Unverified::TooLong));
    assert_eq!(verify(&".".repeat(1_000_000)), Err(Unverified::TooLong));
    assert_eq!(verify(&"(".repeat(8_000)), Err(Unverified::NotCompact));
}
