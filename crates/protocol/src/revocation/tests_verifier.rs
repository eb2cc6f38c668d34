//! What is asked of an answer of the feed: its type, its issuer, its time, and that it is the answer to this question.

use super::tests::api;
use super::verifier::{AskedFeed, RevocationsVerifier};
use super::{Before, MOST_ENTRIES, Revocations, Revoked, What};
use crate::jose::Algorithm;
use crate::jose::jws::{MAX_FEED_LENGTH, Typ};
use crate::jose::key::SigningKey;
use crate::jose::verification_key::VerificationKey;
use crate::jose::verifier::{AccessTokenVerifier, Unverified};
use crate::time::{Lifetime, Seconds};
use std::sync::LazyLock;

const ISSUER: &str = "https://id.example";
const API: &str = "https://billing.example";
const NOW: Seconds = Seconds(1_795_000_000);
const ASKED: AskedFeed<'static> = AskedFeed { since: Some("a.1"), api: Some(API) };

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::ES256).unwrap());

fn key() -> VerificationKey {
    VerificationKey::try_from(KEY.jwk()).unwrap()
}

fn answer() -> Revocations {
    Revocations {
        iss: ISSUER.to_owned(),
        iat: NOW,
        exp: NOW + super::GOOD_FOR,
        aud: Revocations::audience(ISSUER),
        about: Some(API.to_owned()),
        since: Some("a.1".to_owned()),
        next: "a.2".to_owned(),
        reset: false,
        more: false,
        revoked: vec![Revoked { what: What::All(Before(NOW)), exp: NOW + Lifetime::minutes(10) }],
        api: Some(api()),
    }
}

fn verify(answer: &Revocations, now: Seconds) -> Result<Revocations, Unverified> {
    let text = KEY.sign(answer, Typ::Revocations).unwrap();
    RevocationsVerifier::new(ISSUER, [key()]).verify(&text, ASKED, now)
}

#[test]
fn the_awaited_answer_is_believed() {
    assert_eq!(verify(&answer(), NOW), Ok(answer()));
    let unknown = Revocations { api: None, ..answer() };
    assert_eq!(verify(&unknown, NOW), Ok(unknown.clone()), "there is no such API");
}

#[test]
fn an_answer_to_another_question_is_not_believed() {
    let about = |api: Option<&str>| verify(&Revocations { about: api.map(str::to_owned), ..answer() }, NOW);
    assert_eq!(about(None), Err(Unverified::Question));
    assert_eq!(about(Some("https://other.example")), Err(Unverified::Question));
    let mut other = answer();
    other.api.as_mut().unwrap().identifier = "https://other.example".to_owned();
    assert_eq!(verify(&other, NOW), Err(Unverified::Question));
    let since =
        |since: Option<&str>| verify(&Revocations { since: since.map(str::to_owned), ..answer() }, NOW);
    assert_eq!(since(None), Err(Unverified::Question));
    assert_eq!(since(Some("a.2")), Err(Unverified::Question));
    assert_eq!(verify(&Revocations { aud: API.to_owned(), ..answer() }, NOW), Err(Unverified::Audience));
    let theirs = Revocations { iss: "https://other.example".to_owned(), ..answer() };
    assert_eq!(verify(&theirs, NOW), Err(Unverified::Issuer));
}

/// RFC 7519 §4.1.4: an old answer that is played back would hide what was taken back since.
#[test]
fn an_answer_is_good_for_a_minute_and_some_leeway() {
    assert!(verify(&answer(), NOW + Lifetime::seconds(119)).is_ok());
    assert_eq!(verify(&answer(), NOW + Lifetime::seconds(120)), Err(Unverified::Expired));
    assert!(verify(&answer(), NOW - Lifetime::seconds(60)).is_ok());
    assert_eq!(verify(&answer(), NOW - Lifetime::seconds(61)), Err(Unverified::IssuedInFuture));
}

/// RFC 8725 §3.11: no kind of token passes for another.
#[test]
fn an_answer_is_no_access_token_and_no_access_token_is_an_answer() {
    for typ in [Typ::AccessToken, Typ::IdToken] {
        let text = KEY.sign(&answer(), typ).unwrap();
        let verifier = RevocationsVerifier::new(ISSUER, [key()]);
        assert_eq!(verifier.verify(&text, ASKED, NOW), Err(Unverified::Typ));
    }
    let text = KEY.sign(&answer(), Typ::Revocations).unwrap();
    let tokens = AccessTokenVerifier::new(ISSUER, [key()]);
    assert_eq!(tokens.verify(&text, NOW), Err(Unverified::Typ));
    let stranger = SigningKey::generate(Algorithm::ES256).unwrap();
    let verifier = RevocationsVerifier::new(ISSUER, [VerificationKey::try_from(stranger.jwk()).unwrap()]);
    assert_eq!(verifier.verify(&text, ASKED, NOW), Err(Unverified::UnknownKey));
}

#[test]
fn the_longest_answer_is_read_and_a_longer_one_is_not_looked_at() {
    let longest = format!("https://{}.example", "x".repeat(496));
    let entry = Revoked { what: What::Audience(longest, Before(NOW)), exp: NOW + Lifetime::minutes(10) };
    let mut whole = Revocations { revoked: vec![entry; MOST_ENTRIES], ..answer() };
    let pattern = format!("/{}", "x".repeat(255));
    let levels = &mut whole.api.as_mut().unwrap().levels;
    for rule in [&mut levels.read, &mut levels.full] {
        rule.paths = vec![pattern.parse().unwrap(); 100];
        rule.scopes = (0..100).map(|n| format!("{n:0128}")).collect::<Vec<_>>().join(" ").parse().unwrap();
    }
    assert!(verify(&whole, NOW).is_ok());
    let long = "x".repeat(MAX_FEED_LENGTH + 1);
    let verifier = RevocationsVerifier::new(ISSUER, [key()]);
    assert_eq!(verifier.verify(&long, ASKED, NOW), Err(Unverified::TooLong));
}
