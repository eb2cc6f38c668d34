//! Registered auths: what can stand in one, and what a change does to the secrets.

use super::{CANARY, change, create, events, members, opened, places, refused, registered, vault};
use crate::people::record;
use doorward_core::manage::Refused;
use doorward_core::manage::providers::{self as catalogue, Members as ProviderMembers};
use doorward_core::manage::registered_auths::{Members, Value};
use doorward_core::vault::provider::Field;
use doorward_core::vault::registered_auth::RegisteredAuth;
use doorward_protocol::words::{FieldType, Release};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::builders::vault::field;
use doorward_testkit::calls::by_operator;

#[test]
fn a_preset_fills_in_what_is_not_said() {
    let house = vault();
    let auth = registered(&house, members(&[("region", "us")]));
    let value = |auth: &RegisteredAuth, name: &str| auth.fields.get(name).cloned();
    assert!(auth.testing, "as the preset is");
    assert_eq!(value(&auth, "base_url").unwrap(), "https://trial.parcels.example");
    assert_eq!(value(&auth, "region").unwrap(), "us", "what is said counts");
    assert_eq!(auth.secrets, ["password"]);
    assert_eq!(value(&auth, "password"), None, "a secret is no open value");
    let live = change(&house, &auth, |members| {
        members.preset = Some("live".to_owned());
        members.testing = Some(false);
    });
    let live = live.unwrap();
    assert_eq!(
        value(&live, "base_url").unwrap(),
        "https://parcels.example",
        "the former preset's went with it"
    );
    assert_eq!(value(&live, "region").unwrap(), "us");
    let without = change(&house, &live, |members| {
        members.preset = None;
        members.fields.insert("base_url".to_owned(), Value::given("https://own.example"));
    });
    assert_eq!(value(&without.unwrap(), "base_url").unwrap(), "https://own.example");
}

#[test]
fn an_account_has_a_thousand_auths_at_most() {
    let house = vault();
    let first = registered(&house, members(&[]));
    record(&house, move |tx| {
        (1_000..1_999).try_for_each(|number| {
            tx.insert_registered_auth(&RegisteredAuth { id: id(number), ..first.clone() })
        })
    });
    let one_more = refused(create(&house, members(&[]), &by_operator(&house.server.context())));
    assert!(matches!(one_more, Refused::Conflict { detail } if detail.contains("1000 registered auths")));
}

#[test]
fn what_cannot_stand_is_told_with_its_place_and_never_quoted() {
    let house = vault();
    let made = |members: Members| create(&house, members, &by_operator(&house.server.context()));
    for (more, expected) in [
        (("customer", CANARY), "/fields/customer"),
        (("pin", CANARY), "/fields/pin"),
        (("region", CANARY), "/fields/region"),
        (("base_url", CANARY), "/fields/base_url"),
        (("base_url", "https://anna:secret@parcels.example"), "/fields/base_url"),
        (("password", ""), "/fields/password"),
        (("no/ne", CANARY), "/fields/no~1ne"),
    ] {
        let refused = refused(made(members(&[more])));
        assert!(
            !refused.to_string().contains(CANARY) && !format!("{refused:?}").contains(CANARY),
            "{refused}"
        );
        assert_eq!(places(made(members(&[more]))), [expected]);
    }
    let without = |name: &str| {
        let mut members = members(&[]);
        members.fields.remove(name);
        made(members)
    };
    assert_eq!(places(without("password")), ["/fields/password"]);
    assert_eq!(places(made(Members { preset: None, ..members(&[]) })), ["/fields/base_url"]);
    assert_eq!(
        places(made(Members {
            preset: Some("none".to_owned()),
            ..members(&[("base_url", "https://a.example")])
        })),
        ["/preset"]
    );
    assert_eq!(places(made(Members { testing: Some(false), ..members(&[]) })), ["/testing"]);
    assert_eq!(places(made(Members { label: " ".to_owned(), ..members(&[]) })), ["/label"]);
    let mut kept = members(&[]);
    kept.fields.insert("password".to_owned(), Value::Kept);
    assert_eq!(places(made(kept)), ["/fields/password"], "there is none to be kept");
}

#[test]
fn secrets_that_a_change_does_not_name_stay() {
    let house = vault();
    let auth = registered(&house, members(&[("pin", "1234")]));
    let before = auth.sealed.clone();
    let renamed = change(&house, &auth, |members| members.label = "Other".to_owned()).unwrap();
    assert_eq!(renamed.sealed, before, "nothing was sealed anew");
    let password = |text: &'static str| {
        move |members: &mut Members| drop(members.fields.insert("password".to_owned(), Value::given(text)))
    };
    let changed = change(&house, &auth, password("new")).unwrap();
    assert_ne!(changed.sealed, before);
    let told = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(opened(&house, auth.id), [told("password", "new"), told("pin", "1234")]);
    change(&house, &auth, |members| drop(members.fields.remove("pin"))).unwrap();
    assert_eq!(opened(&house, auth.id), [told("password", "new")]);
    let gone = change(&house, &auth, |members| drop(members.fields.remove("password")));
    assert_eq!(places(gone), ["/fields/password"], "it is needed");
    let count = events(&house).len();
    change(&house, &auth, |_| ()).unwrap();
    assert_eq!(events(&house).len(), count, "what changes nothing is no event");
}

#[test]
fn what_was_good_when_it_came_is_not_held_against_a_provider_that_has_changed() {
    let house = vault();
    let auth = registered(&house, members(&[]));
    let context = house.server.context();
    let stricter = |members: &mut ProviderMembers| {
        members.fields[1].pattern = Some("[0-9]{8}".to_owned());
        members.fields.push(Field { required: true, ..field("depot", FieldType::Text) });
        Ok(())
    };
    block_on(catalogue::update("parcels", &by_operator(&context), &context, stricter)).unwrap();
    change(&house, &auth, |members| members.release = Release::ApiAccount).unwrap();
    let other = change(&house, &auth, |members| {
        drop(members.fields.insert("customer".to_owned(), Value::given("54321")));
    });
    assert_eq!(places(other), ["/fields/customer"]);
    assert_eq!(
        places(create(&house, members(&[]), &by_operator(&context))),
        ["/fields/customer", "/fields/depot"]
    );
}

#[test]
fn an_auth_of_nobody_and_an_account_that_is_none_are_not_there() {
    let house = vault();
    let context = house.server.context();
    let application = house.client("orders:read").client_id;
    for account in [&application, "nobody", "01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        let call = by_operator(&context);
        let listed = block_on(super::auths::list(account, None, 9, &call, &context));
        assert_eq!(refused(listed), Refused::NotFound { noun: "API account" }, "{account}");
    }
    for auth in ["x", "01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        let shown = block_on(super::auths::show(auth, &by_operator(&context), &context));
        assert_eq!(refused(shown), Refused::NotFound { noun: "registered auth" });
    }
}
