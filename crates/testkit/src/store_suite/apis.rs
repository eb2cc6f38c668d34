//! Registered APIs.

use super::ask::{read, violation, write};
use crate::builders::{api, client, id, scope};
use crate::frozen_clock::START;
use doorward_core::access::api::Api;
use doorward_core::store::Store;
use doorward_protocol::access::level::{Levels, Rule};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{CredentialForm, Preflight, Status, TokenFormat};
use std::sync::Arc;

/// An API in which no field has its default.
fn odd_api() -> Api {
    let mut odd = api(1)
        .with_identifier("urn:example:odd")
        .with_scopes(&["z", "a", "m:n"])
        .with_token_format(TokenFormat::Opaque)
        .with_signing_algorithm(Algorithm::EdDSA)
        .with_introspection_clients(&[id(12), id(11)])
        .with_status(Status::Inactive)
        .build();
    odd.name = String::from("Ö'dd; DROP TABLE apis");
    odd.description = String::from("two\nlines");
    odd.documentation_url = Some(String::from("https://docs.example"));
    odd.access_token_lifetime = Some(Lifetime(33));
    odd.max_token_lifetime = Some(Lifetime::days(90));
    let path = |text: &str| text.parse().expect("a test writes patterns as they may be");
    let methods = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    odd.levels = Levels {
        read: Rule {
            methods: methods(&["GET", "REPORT"]),
            paths: vec![path("/a/*"), path("/b/**")],
            scopes: scope("z"),
        },
        full: Rule { methods: methods(&["PATCH"]), paths: vec![path("/c")], scopes: scope("a z") },
        by_any_scope: true,
    };
    odd.preflight = Preflight::Deny;
    odd.credentials = vec![CredentialForm::Basic, CredentialForm::ApiKey];
    let location = |text: &str| text.parse().expect("a test writes locations as they may be");
    odd.locations = vec![location("https://odd.example/z"), location("https://odd.example:8443/a")];
    odd.updated_at = START + Lifetime(1);
    odd
}

fn two_clients(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(11).build())?;
        tx.insert_client(&client(12).build())
    });
}

/// Every field survives, and the order of the lists.
pub fn an_api_comes_back_with_every_field(store: &Arc<dyn Store>) {
    two_clients(store);
    write(store, |tx| tx.insert_api(&odd_api()));
    write(store, |tx| tx.insert_api(&api(2).with_scopes(&[]).build()));
    assert_eq!(read(store, |tx| tx.api(id(1))), Some(odd_api()));
    assert_eq!(read(store, |tx| tx.apis()), [odd_api(), api(2).with_scopes(&[]).build()]);
    assert_eq!(read(store, |tx| tx.api(id(3))), None);
}

/// An update empties fields and lists too, and leaves the day of registration.
pub fn an_update_replaces_an_api_and_its_lists(store: &Arc<dyn Store>) {
    two_clients(store);
    write(store, |tx| tx.insert_api(&odd_api()));
    let mut plain = api(1).build();
    plain.created_at = START + Lifetime(1000);
    assert!(write(store, move |tx| tx.update_api(&plain)));
    assert_eq!(read(store, |tx| tx.api(id(1))), Some(api(1).build()));
    assert!(!write(store, |tx| tx.update_api(&api(2).build())), "there is no such API");
}

/// A place is one API's, whoever asks for it at the same time.
pub fn a_location_is_taken_once(store: &Arc<dyn Store>) {
    two_clients(store);
    write(store, |tx| tx.insert_api(&odd_api()));
    let again = Api { locations: odd_api().locations, ..api(2).build() };
    let constraint = violation(store, move |tx| tx.insert_api(&again));
    assert!(constraint.contains("location"), "{constraint}");
    write(store, |tx| tx.delete_api(id(1)));
    let free = Api { locations: odd_api().locations, ..api(2).build() };
    write(store, move |tx| tx.insert_api(&free));
}

/// RFC 8707 §2: a resource URI names one API.
pub fn an_identifier_is_taken_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_api(&api(1).build()));
    let again = api(2).with_identifier("https://api-1.example").build();
    let constraint = violation(store, move |tx| tx.insert_api(&again));
    assert!(constraint.contains("identifier"), "{constraint}");
    write(store, |tx| tx.insert_api(&api(3).build()));
    let constraint =
        violation(store, |tx| tx.update_api(&api(3).with_identifier("https://api-1.example").build()));
    assert!(constraint.contains("identifier"), "{constraint}");
    assert_eq!(read(store, |tx| tx.api(id(3))), Some(api(3).build()));
}

/// RFC 7662 §2.1: who may introspect is a client that can be authenticated.
pub fn an_introspection_client_must_exist(store: &Arc<dyn Store>) {
    violation(store, |tx| tx.insert_api(&api(1).with_introspection_clients(&[id(11)]).build()));
    assert_eq!(read(store, |tx| tx.apis()), [], "nothing of it stays");
    two_clients(store);
    write(store, |tx| tx.delete_client(id(11), START));
    violation(store, |tx| tx.insert_api(&api(1).with_introspection_clients(&[id(11)]).build()));
    write(store, |tx| tx.insert_api(&api(1).build()));
    violation(store, |tx| tx.update_api(&api(1).with_introspection_clients(&[id(12), id(11)]).build()));
    assert_eq!(read(store, |tx| tx.api(id(1))), Some(api(1).build()));
}

/// A deleted API frees its identifier: no token of it is accepted any more.
pub fn a_deleted_api_is_gone(store: &Arc<dyn Store>) {
    two_clients(store);
    write(store, |tx| tx.insert_api(&odd_api()));
    assert!(write(store, |tx| tx.delete_api(id(1))));
    assert_eq!(read(store, |tx| tx.api(id(1))), None);
    assert!(!write(store, |tx| tx.delete_api(id(1))));
    write(store, |tx| tx.insert_api(&api(2).with_identifier("urn:example:odd").build()));
}
