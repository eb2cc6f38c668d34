//! The feed's wire form: what is written reads back, and what is odd or not understood never means less than it might.

use super::api::EnforcedApi;
use super::{Before, Revocations, Revoked, What};
use crate::access::level::Levels;
use crate::id::Id;
use crate::jose::claims::{AccessTokenClaims, ExchangedClaims, PersonClaims};
use crate::time::Seconds;
use crate::words::{Preflight, Status};
use serde_json::{Value, json};

const ID: &str = "00000000000000000000000007";

pub(super) fn api() -> EnforcedApi {
    let levels = Levels::default();
    EnforcedApi {
        id: ID.parse().unwrap(),
        identifier: "https://billing.example".to_owned(),
        status: Status::Active,
        created_at: Seconds(1_700_000_000),
        levels,
        preflight: Preflight::Allow,
        management: false,
    }
}

fn id() -> Id {
    ID.parse().unwrap()
}

fn every_kind() -> [(What, Value); 8] {
    let before = Before(Seconds(90));
    [
        (What::Token(id()), json!({"jti": ID, "exp": 100})),
        (What::Family(id()), json!({"grant": ID, "exp": 100})),
        (What::Key("key-1".to_owned()), json!({"kid": "key-1", "exp": 100})),
        (
            What::Client("shop".parse().unwrap(), before),
            json!({"client_id": "shop", "before": 90, "exp": 100}),
        ),
        (What::Subject(ID.to_owned(), before), json!({"sub": ID, "before": 90, "exp": 100})),
        (What::ApiToken(id(), before), json!({"api_token": ID, "before": 90, "exp": 100})),
        (
            What::Audience("https://billing.example".to_owned(), before),
            json!({"aud": "https://billing.example", "before": 90, "exp": 100}),
        ),
        (What::All(before), json!({"all": true, "before": 90, "exp": 100})),
    ]
}

fn read(entry: &Value) -> Result<Revoked, serde_json::Error> {
    serde_json::from_value(entry.clone())
}

#[test]
fn an_entry_of_each_kind_reads_back() {
    for (what, written) in every_kind() {
        let entry = Revoked { what, exp: Seconds(100) };
        assert_eq!(serde_json::to_value(&entry).unwrap(), written);
        assert_eq!(read(&written).unwrap(), entry);
    }
}

#[test]
fn an_entry_that_does_not_say_one_thing_is_none() {
    for (_, written) in every_kind() {
        let without = |member: &str| {
            let mut entry = written.clone();
            entry.as_object_mut().unwrap().remove(member);
            read(&entry)
        };
        assert!(without("exp").is_err(), "{written}");
        if written.get("before").is_some() {
            assert!(without("before").is_err(), "{written}");
        }
        for (member, _) in written.as_object().unwrap() {
            for odd in [json!(null), json!(1.5), json!([]), json!({})] {
                let mut entry = written.clone();
                entry[member] = odd;
                assert!(read(&entry).is_err(), "{entry}");
            }
        }
    }
    assert!(read(&json!({"jti": ID, "grant": ID, "exp": 100})).is_err(), "two subjects");
}

/// A later version may have something to say that this one does not understand.
#[test]
fn an_entry_that_is_not_understood_is_about_everybody() {
    let everybody = Revoked { what: What::All(Before(Seconds(100))), exp: Seconds(100) };
    for entry in [
        json!({"exp": 100}),
        json!({"tenant": "x", "before": 90, "exp": 100}),
        json!({"all": false, "before": 90, "exp": 100}),
    ] {
        assert_eq!(read(&entry).unwrap(), everybody, "{entry}");
    }
}

fn of_person() -> AccessTokenClaims {
    let person = PersonClaims {
        grant: id(),
        user_gen: 1,
        auth_time: Seconds(80),
        acr: "1".to_owned(),
        amr: vec!["pwd".to_owned()],
    };
    AccessTokenClaims {
        iss: "https://id.example".to_owned(),
        sub: ID.to_owned(),
        aud: "https://billing.example".to_owned(),
        client_id: "shop".parse().unwrap(),
        exp: Seconds(200),
        iat: Seconds(90),
        jti: id(),
        scope: String::new(),
        generation: 0,
        access: vec![],
        allowed_ips: vec![],
        person: Some(person),
        exchanged: None,
    }
}

#[test]
fn an_entry_is_about_the_tokens_that_it_names_up_to_its_instant() {
    let exchanged = Some(ExchangedClaims { api_token: id(), api_token_gen: 1 });
    let exchanged = AccessTokenClaims { person: None, exchanged, ..of_person() };
    for (what, written) in every_kind() {
        let token = if matches!(what, What::ApiToken(..)) { exchanged.clone() } else { of_person() };
        assert!(what.concerns(&token), "{written}");
        let later = AccessTokenClaims { iat: Seconds(91), ..token };
        assert_eq!(what.concerns(&later), what.is_final(), "{written}");
        let other = AccessTokenClaims {
            sub: "other".to_owned(),
            aud: "https://other.example".to_owned(),
            client_id: "other".parse().unwrap(),
            jti: Id::from_parts(0, 8),
            person: None,
            exchanged: None,
            ..of_person()
        };
        assert_eq!(what.concerns(&other), matches!(what, What::All(_) | What::Key(_)), "{written}");
    }
}

#[test]
fn an_answer_reads_back_and_says_only_what_it_has_to() {
    let mut answer = Revocations {
        iss: "https://id.example".to_owned(),
        iat: Seconds(10),
        exp: Seconds(70),
        aud: "https://id.example/revocations".to_owned(),
        about: None,
        since: None,
        next: "a.1".to_owned(),
        reset: false,
        more: false,
        revoked: vec![],
        api: None,
    };
    let aud = "https://id.example/revocations";
    let written =
        json!({"iss": "https://id.example", "iat": 10, "exp": 70, "aud": aud, "next": "a.1", "revoked": []});
    assert_eq!(serde_json::to_value(&answer).unwrap(), written);
    assert_eq!(serde_json::from_value::<Revocations>(written).unwrap(), answer);
    answer.about = Some("https://billing.example".to_owned());
    (answer.since, answer.reset, answer.more) = (Some("b.7".to_owned()), true, true);
    answer.revoked = every_kind().map(|(what, _)| Revoked { what, exp: Seconds(100) }).to_vec();
    answer.api = Some(api());
    let written = serde_json::to_value(&answer).unwrap();
    assert_eq!(serde_json::from_value::<Revocations>(written).unwrap(), answer);
}

#[test]
fn an_api_says_all_that_the_decision_needs() {
    let mut api = api();
    api.levels.read.paths = vec!["/invoices/**".parse().unwrap()];
    api.levels.read.scopes = "invoices:read".parse().unwrap();
    let written = json!({
        "id": ID, "identifier": "https://billing.example", "status": "active", "created_at": 1_700_000_000,
        "levels": {
            "read": {
                "methods": ["GET", "HEAD", "OPTIONS"], "paths": ["/invoices/**"], "scopes": ["invoices:read"]
            },
            "full": {"methods": [], "paths": [], "scopes": []},
            "by_any_scope": false
        },
        "preflight": "allow", "management": false
    });
    assert_eq!(serde_json::to_value(&api).unwrap(), written);
    assert_eq!(serde_json::from_value::<EnforcedApi>(written.clone()).unwrap(), api);
    assert!(api.maps_scopes() && api.target().is_active);
    for member in ["id", "identifier", "status", "created_at", "levels", "preflight", "management"] {
        let mut other = written.clone();
        other.as_object_mut().unwrap().remove(member);
        assert!(serde_json::from_value::<EnforcedApi>(other).is_err(), "without {member}");
    }
    let mut odd = written;
    odd["levels"]["read"]["paths"] = json!(["invoices"]);
    assert!(serde_json::from_value::<EnforcedApi>(odd).is_err(), "a pattern that is none");
}
