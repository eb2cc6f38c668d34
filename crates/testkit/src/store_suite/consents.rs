//! Consents.

use super::ask::{read, violation, write};
use crate::builders::authorizations::consent;
use crate::builders::people::user;
use crate::builders::{id, scope};
use crate::frozen_clock::START;
use doorward_core::access::consent::Consent;
use doorward_core::store::Store;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::Arc;

/// The users 2 and 5.
fn two_users(store: &Arc<dyn Store>) {
    write(store, |tx| [2, 5].into_iter().try_for_each(|number| tx.insert_user(&user(number))));
}

/// Every field survives, at an API and at the server itself, and each is found by whom it concerns.
pub fn a_consent_comes_back_with_every_field(store: &Arc<dyn Store>) {
    two_users(store);
    let odd = Consent {
        api: Some(id(7)),
        scope: scope("a b:c openid"),
        generation: i64::MAX,
        created_at: Seconds(-1),
        updated_at: START + Lifetime(1),
        revoked_at: Some(START),
        ..consent(11)
    };
    let all = [Consent { scope: scope(""), ..consent(10) }, odd, Consent { client: id(9), ..consent(12) }];
    let (inserted, others) = (all.clone(), Consent { user: id(5), ..consent(13) });
    let other = others.clone();
    write(store, move |tx| {
        tx.insert_consent(&other)?;
        inserted.iter().rev().try_for_each(|consent| tx.insert_consent(consent))
    });
    for one in all.clone() {
        assert_eq!(read(store, move |tx| tx.consent(id(2), one.client, one.api)), Some(one));
    }
    let first = all[0].id;
    assert_eq!(read(store, move |tx| tx.consent_with(first)), Some(all[0].clone()));
    assert_eq!(read(store, |tx| tx.consent_with(id(6))), None);
    assert_eq!(read(store, |tx| tx.consents_of(id(2))), all);
    assert_eq!(read(store, |tx| tx.consents_of(id(5))), [others]);
    assert_eq!(read(store, |tx| tx.consents_of(id(6))), []);
    assert_eq!(read(store, |tx| tx.consent(id(2), id(1), Some(id(8)))), None);
    assert_eq!(read(store, |tx| tx.consent(id(5), id(9), None)), None);
}

/// There is one answer to what a person allows a client at one place, the server itself included.
pub fn a_consent_stands_once_for_user_client_and_api(store: &Arc<dyn Store>) {
    two_users(store);
    write(store, |tx| {
        tx.insert_consent(&consent(10))?;
        tx.insert_consent(&Consent { api: Some(id(7)), ..consent(11) })
    });
    let constraint = violation(store, |tx| tx.insert_consent(&consent(12)));
    assert!(constraint.contains("consents"), "{constraint}");
    violation(store, |tx| tx.insert_consent(&Consent { api: Some(id(7)), ..consent(12) }));
    assert_eq!(read(store, |tx| tx.consents_of(id(2))).len(), 2);
}

/// What is taken back and given again is another consent to everything issued before.
pub fn a_consent_given_again_is_of_another_generation(store: &Arc<dyn Store>) {
    let (revoked, renewed) = (START + Lifetime(1), START + Lifetime(2));
    two_users(store);
    write(store, |tx| tx.insert_consent(&consent(10)));
    let stored = || read(store, |tx| tx.consent(id(2), id(1), None)).expect("it is there");

    assert!(write(store, move |tx| tx.renew_consent(&consent(10), &scope("email openid"), revoked)));
    let wider = Consent { scope: scope("email openid"), updated_at: revoked, ..consent(10) };
    assert_eq!(stored(), wider, "of the same generation: nothing was taken back");
    let outdated = write(store, move |tx| tx.renew_consent(&consent(10), &scope("profile"), revoked));
    assert!(!outdated && stored() == wider, "it had another scope");

    assert!(write(store, move |tx| tx.revoke_consent(id(10), revoked)));
    let gone = Consent { generation: 1, revoked_at: Some(revoked), ..wider.clone() };
    assert_eq!(stored(), gone);
    assert!(!write(store, move |tx| tx.revoke_consent(id(10), renewed)), "it does not stand");
    assert_eq!(stored(), gone);

    let before = wider;
    assert!(
        !write(store, move |tx| tx.renew_consent(&before, &scope("openid"), renewed)),
        "it was taken back"
    );
    assert_eq!(stored(), gone);
    let before = gone.clone();
    assert!(write(store, move |tx| tx.renew_consent(&before, &scope("openid"), renewed)));
    let again = Consent { scope: scope("openid"), updated_at: renewed, revoked_at: None, ..gone };
    assert_eq!(stored(), again);
    assert!(write(store, move |tx| tx.revoke_consent(id(10), renewed)));
    assert_eq!(stored().generation, 2);
    assert!(
        !write(store, |tx| tx.renew_consent(&consent(11), &scope("openid"), START)),
        "there is no such consent"
    );
    assert!(!write(store, |tx| tx.revoke_consent(id(11), START)));
}

/// What rests on a consent asks whether it stands, in the generation it began with, and changes nothing by asking.
pub fn a_consent_is_held_only_while_it_stands(store: &Arc<dyn Store>) {
    two_users(store);
    write(store, |tx| tx.insert_consent(&consent(10)));
    assert!(write(store, |tx| tx.hold_consent(id(10), 0)));
    assert!(!write(store, |tx| tx.hold_consent(id(10), 1)));
    assert!(!write(store, |tx| tx.hold_consent(id(11), 0)));
    assert_eq!(read(store, |tx| tx.consent(id(2), id(1), None)), Some(consent(10)));
    write(store, |tx| tx.revoke_consent(id(10), START));
    assert!(!write(store, |tx| tx.hold_consent(id(10), 0)));
    assert!(!write(store, |tx| tx.hold_consent(id(10), 1)), "of its generation, but taken back");
    write(store, |tx| {
        let before = tx.consent(id(2), id(1), None)?.expect("it is there");
        tx.renew_consent(&before, &scope("openid"), START)
    });
    assert!(!write(store, |tx| tx.hold_consent(id(10), 0)));
    assert!(write(store, |tx| tx.hold_consent(id(10), 1)));
}
