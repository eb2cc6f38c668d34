//! Providers, and registered auths.

use super::ask::{read, violation, write};
use crate::builders::vault::{envelope, field, provider, registered_auth};
use crate::builders::{client, id};
use crate::frozen_clock::START;
use doorward_core::client::AccountOwner;
use doorward_core::store::Store;
use doorward_core::vault::provider::{Field, Provider};
use doorward_core::vault::registered_auth::{Envelope, RegisteredAuth};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{FieldType, Release};
use std::sync::Arc;

/// The API accounts 1 and 9, and the providers 2 and 3.
fn peopled(store: &Arc<dyn Store>) {
    write(store, |tx| {
        for number in [1, 9] {
            tx.insert_client(&client(number).for_account_of(AccountOwner::User(id(5))).build())?;
        }
        [2, 3].into_iter().try_for_each(|number| tx.insert_provider(&provider(number)))
    });
}

/// Every field survives, and each provider is found by its key.
pub fn a_provider_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = Field {
        label: "ä \"b\" \\".to_owned(),
        required: true,
        pattern: Some("[0-9]{4}".to_owned()),
        choices: vec!["a".to_owned(), "b,c".to_owned()],
        help: "one\ntwo".to_owned(),
        ..field("odd", FieldType::Choice)
    };
    let odd = Provider { fields: vec![odd], updated_at: Seconds(i64::MAX), ..provider(2) };
    let plain = Provider { fields: vec![], presets: vec![], ..provider(3) };
    let all = [odd, plain];
    let inserted = all.clone();
    write(store, move |tx| inserted.iter().rev().try_for_each(|provider| tx.insert_provider(provider)));
    assert_eq!(read(store, |tx| tx.providers()), all);
    assert_eq!(read(store, |tx| tx.provider_named("provider-2")), Some(all[0].clone()));
    assert_eq!(read(store, |tx| tx.provider_named("provider-4")), None);
    violation(store, |tx| tx.insert_provider(&Provider { id: id(4), ..provider(2) }));
}

/// What a provider is called stays.
pub fn an_update_replaces_a_provider_but_for_its_key(store: &Arc<dyn Store>) {
    peopled(store);
    let other = Provider { name: "Other".to_owned(), presets: vec![], updated_at: Seconds(9), ..provider(2) };
    let named = Provider { key: "other".to_owned(), created_at: Seconds(1), ..other.clone() };
    assert!(write(store, move |tx| tx.update_provider(&named)));
    assert!(!write(store, |tx| tx.update_provider(&provider(4))));
    assert_eq!(read(store, |tx| tx.provider_named("provider-2")), Some(other));
    assert!(write(store, |tx| tx.hold_provider("provider-2")));
    assert!(!write(store, |tx| tx.hold_provider("other")));
}

/// A provider goes once no auth is registered for it.
pub fn a_provider_stays_while_auths_are_registered_for_it(store: &Arc<dyn Store>) {
    peopled(store);
    write(store, |tx| tx.insert_registered_auth(&registered_auth(10)));
    assert!(read(store, |tx| tx.has_registered_auths("provider-2")));
    assert!(!read(store, |tx| tx.has_registered_auths("provider-3")));
    violation(store, |tx| tx.delete_provider(id(2)).map(drop));
    assert!(write(store, |tx| tx.delete_registered_auth(id(10))));
    assert!(!write(store, |tx| tx.delete_registered_auth(id(10))));
    assert!(write(store, |tx| tx.delete_provider(id(2))));
    assert!(!write(store, |tx| tx.delete_provider(id(2))));
}

/// Every field survives, bytes included; the auths of an account come page by page.
pub fn a_registered_auth_comes_back_with_every_field(store: &Arc<dyn Store>) {
    peopled(store);
    let odd = RegisteredAuth {
        testing: true,
        preset: Some("trial".to_owned()),
        release: Release::ApiAccount,
        fields: [("username".to_owned(), "ä\"\\".to_owned())].into(),
        generation: i64::MAX,
        created_at: Seconds(-1),
        updated_at: START + Lifetime(1),
        ..registered_auth(10)
    };
    let open = RegisteredAuth { secrets: vec![], sealed: None, ..registered_auth(11) };
    let all = [odd, open, registered_auth(12)];
    let inserted = all.clone();
    write(store, move |tx| {
        tx.insert_registered_auth(&RegisteredAuth { account: id(9), ..registered_auth(13) })?;
        inserted.iter().try_for_each(|auth| tx.insert_registered_auth(auth))
    });
    for auth in all.clone() {
        assert_eq!(read(store, move |tx| tx.registered_auth(auth.id)), Some(auth));
    }
    assert_eq!(read(store, |tx| tx.registered_auth(id(14))), None);
    assert_eq!(read(store, |tx| tx.registered_auths_of(id(1), None, 9)), all);
    assert_eq!(read(store, |tx| tx.registered_auths_of(id(1), Some(id(10)), 1)), all[1..2]);
    violation(store, |tx| tx.insert_registered_auth(&registered_auth(12)));
}

/// An auth is kept under an account that is there, for a provider that is, and goes with its account.
pub fn a_registered_auth_rests_on_its_account_and_its_provider(store: &Arc<dyn Store>) {
    peopled(store);
    violation(store, |tx| {
        tx.insert_registered_auth(&RegisteredAuth { account: id(7), ..registered_auth(10) })
    });
    let foreign = || RegisteredAuth { provider: "provider-7".to_owned(), ..registered_auth(10) };
    violation(store, move |tx| tx.insert_registered_auth(&foreign()));
    write(store, |tx| {
        tx.insert_registered_auth(&registered_auth(10))?;
        tx.insert_registered_auth(&RegisteredAuth { account: id(9), ..registered_auth(11) })
    });
    assert!(write(store, |tx| tx.delete_client(id(1), START)));
    assert_eq!(read(store, |tx| tx.registered_auth(id(10))), None);
    assert!(read(store, |tx| tx.registered_auth(id(11))).is_some());
    violation(store, |tx| tx.insert_registered_auth(&registered_auth(12)));
}

/// Of two changes that come from the same state, one is made.
pub fn a_registered_auth_is_changed_only_from_what_it_was(store: &Arc<dyn Store>) {
    peopled(store);
    write(store, |tx| tx.insert_registered_auth(&registered_auth(10)));
    let next = RegisteredAuth {
        label: "Other".to_owned(),
        generation: 1,
        sealed: Some(envelope(3, 7)),
        ..registered_auth(10)
    };
    for expected in [true, false] {
        let named = RegisteredAuth { account: id(9), provider: "provider-3".to_owned(), ..next.clone() };
        assert_eq!(write(store, move |tx| tx.update_registered_auth(&named)), expected);
    }
    assert_eq!(read(store, |tx| tx.registered_auth(id(10))), Some(next.clone()));
    assert_eq!(write(store, |tx| tx.held_registered_auth(id(10))), Some(next));
    assert_eq!(write(store, |tx| tx.held_registered_auth(id(11))), None);
}

/// What is under an older master key is found in order, counted, and replaced only as it was found.
pub fn envelopes_are_rewrapped_only_from_what_they_were(store: &Arc<dyn Store>) {
    peopled(store);
    write(store, |tx| {
        for (number, version) in [(10, 1), (11, 2), (12, 1), (13, 3)] {
            let sealed = Some(envelope(version, number));
            tx.insert_registered_auth(&RegisteredAuth { sealed, ..registered_auth(number) })?;
        }
        tx.insert_registered_auth(&RegisteredAuth { secrets: vec![], sealed: None, ..registered_auth(14) })
    });
    let found =
        |version, number| Envelope { id: id(number), account: id(1), sealed: envelope(version, number) };
    let all = [found(1, 10), found(2, 11), found(1, 12)];
    assert_eq!(read(store, |tx| tx.envelopes_before(3, None, 9)), all);
    assert_eq!(read(store, |tx| tx.envelopes_before(3, Some(id(10)), 1)), all[1..2]);
    assert_eq!(read(store, |tx| tx.envelopes_by_version()), [(1, 2), (2, 1), (3, 1)]);
    let other = found(2, 10);
    assert!(!write(store, move |tx| tx.rewrap_registered_auth(&other, &envelope(3, 99))));
    for expected in [true, false] {
        assert_eq!(
            write(store, move |tx| tx.rewrap_registered_auth(&found(1, 10), &envelope(3, 98))),
            expected
        );
    }
    let expected = RegisteredAuth { sealed: Some(envelope(3, 98)), ..registered_auth(10) };
    assert_eq!(read(store, |tx| tx.registered_auth(id(10))), Some(expected));
    assert_eq!(read(store, |tx| tx.envelopes_by_version()), [(1, 1), (2, 1), (3, 2)]);
}
