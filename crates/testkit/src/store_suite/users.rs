//! Users and their passwords.

use super::ask::{read, violation, write};
use crate::builders::authorizations::consent;
use crate::builders::people::{group, organization, session, setup_link, user};
use crate::builders::{digest, id};
use crate::frozen_clock::START;
use doorward_core::access::consent::Consent;
use doorward_core::identity::user::User;
use doorward_core::store::Store;
use doorward_core::store::tx::filter::UserFilter;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::UserStatus;
use std::sync::Arc;

/// The organization 9, and the groups 21, 22 and 23.
fn surroundings(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_organization(&organization(9))?;
        [21, 22, 23].into_iter().try_for_each(|number| tx.insert_group(&group(number)))
    });
}

/// A user in whom no field has its default.
fn odd_user(number: u32) -> User {
    User {
        source: String::from("intranet"),
        external_id: format!("CN=Ödd {number},O='x'"),
        username: "o.dd@example.com".parse().expect("an e-mail address may be one"),
        name: String::from("Ünï \"code\" 🚪"),
        email: None,
        email_verified: true,
        contact: Some(String::from("Bö <b@example.com>")),
        status: UserStatus::Disabled,
        organization: Some(id(9)),
        groups: vec![id(21), id(23)],
        generation: 7,
        token_generation: 8,
        updated_at: START + Lifetime(9),
        ..user(number)
    }
}

/// Every field of a user survives, and of one who belongs nowhere; a source finds its people by their names there.
pub fn a_user_comes_back_with_every_field(store: &Arc<dyn Store>) {
    surroundings(store);
    for user in [odd_user(1), user(2)] {
        let inserted = user.clone();
        write(store, move |tx| tx.insert_user(&inserted));
        let (source, external_id) = (user.source.clone(), user.external_id.clone());
        assert_eq!(read(store, move |tx| tx.user_known_as(&source, &external_id)), Some(user.id));
        assert_eq!(read(store, move |tx| tx.user_standing(user.id)), Some(user.standing()));
        assert_eq!(read(store, move |tx| tx.user(user.id)), Some(user));
    }
    assert_eq!(read(store, |tx| tx.user(id(3))), None);
    assert_eq!(read(store, |tx| tx.user_standing(id(3))), None);
    assert_eq!(read(store, |tx| tx.user_known_as("intranet", "user-2")), None, "another source's name");
}

/// An update empties fields and groups too, and leaves the source and the day of registration.
pub fn an_update_replaces_a_user_but_for_their_identifiers(store: &Arc<dyn Store>) {
    surroundings(store);
    write(store, |tx| tx.insert_user(&odd_user(1)));
    let other = User { created_at: START + Lifetime(1000), groups: vec![id(22), id(23)], ..user(1) };
    let expected = User { source: odd_user(1).source, groups: vec![id(22), id(23)], ..user(1) };
    assert!(write(store, move |tx| tx.update_user(&other)));
    assert_eq!(read(store, |tx| tx.user(id(1))), Some(expected));
    assert!(write(store, |tx| tx.update_user(&user(1))));
    assert_eq!(read(store, |tx| tx.user(id(1))).expect("they are there").groups, []);
    assert!(!write(store, |tx| tx.update_user(&user(2))), "there is no such user");
    assert_eq!(read(store, |tx| tx.user(id(2))), None);
}

/// OpenID Connect Core §2: a subject is one person; a source's name leads to one of them, another source may use it too.
pub fn an_external_name_is_taken_once_for_each_source(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_user(&user(1)));
    let again = User { external_id: user(1).external_id, ..user(2) };
    let elsewhere = User { source: String::from("intranet"), ..again.clone() };
    let constraint = violation(store, move |tx| tx.insert_user(&again));
    assert!(constraint.contains("external_id"), "{constraint}");
    write(store, move |tx| tx.insert_user(&elsewhere));
    write(store, |tx| tx.insert_user(&user(3)));
    let renamed = User { external_id: user(1).external_id, ..user(3) };
    violation(store, move |tx| tx.update_user(&renamed));
    assert_eq!(read(store, |tx| tx.user(id(3))), Some(user(3)), "nothing of it stays");
}

/// Nobody belongs to what is not there.
pub fn a_user_belongs_to_what_exists(store: &Arc<dyn Store>) {
    violation(store, |tx| tx.insert_user(&User { organization: Some(id(9)), ..user(1) }));
    violation(store, |tx| tx.insert_user(&User { groups: vec![id(21)], ..user(1) }));
    assert_eq!(read(store, |tx| tx.user(id(1))), None, "nothing of it stays");
    write(store, |tx| tx.insert_user(&user(1)));
    violation(store, |tx| tx.update_user(&User { groups: vec![id(21)], ..user(1) }));
    violation(store, |tx| tx.update_user(&User { organization: Some(id(9)), ..user(1) }));
    assert_eq!(read(store, |tx| tx.user(id(1))), Some(user(1)));
}

/// A page begins after the last one's end, never shows a user twice, and shows each with their own groups.
pub fn users_are_listed_page_by_page_with_their_groups(store: &Arc<dyn Store>) {
    surroundings(store);
    let member = |number| match number {
        1 => User { groups: vec![id(21), id(23)], ..user(1) },
        3 => User { groups: vec![id(22)], ..user(3) },
        other => user(other),
    };
    write(store, move |tx| [3, 1, 2].into_iter().try_for_each(|number| tx.insert_user(&member(number))));
    let page = |after, limit| read(store, move |tx| tx.users(&UserFilter::default(), after, limit));
    assert_eq!(page(None, 2), [member(1), member(2)]);
    assert_eq!(page(Some(id(2)), 2), [member(3)]);
    assert_eq!(page(Some(id(3)), 2), []);
}

/// What a user leaves behind is worth nothing, and what could be found again goes with them.
pub fn a_deleted_user_is_gone_with_all_that_is_theirs(store: &Arc<dyn Store>) {
    surroundings(store);
    write(store, |tx| {
        for number in [2, 5] {
            tx.insert_user(&User { groups: vec![id(21)], ..user(number) })?;
            tx.insert_password(id(number), "hash", START)?;
            tx.insert_setup_link(&setup_link(100 + number, id(number)))?;
            tx.insert_consent(&Consent { user: id(number), ..consent(200 + number) })?;
            tx.insert_session(&session(300 + number, id(number)))?;
        }
        Ok(())
    });
    assert!(write(store, |tx| tx.delete_user(id(2))));
    assert!(!write(store, |tx| tx.delete_user(id(2))), "they were deleted already");
    assert_eq!(read(store, |tx| tx.user(id(2))), None);
    assert_eq!(read(store, |tx| tx.user_standing(id(2))), None, "their session finds nobody");
    assert!(!write(store, |tx| tx.update_user(&user(2))), "they do not come back");
    assert_eq!(read(store, |tx| tx.password(id(2))), None);
    assert_eq!(read(store, |tx| tx.setup_link(&digest(102))), None);
    assert_eq!(read(store, |tx| tx.consents_of(id(2))), []);
    violation(store, |tx| tx.insert_password(id(2), "hash", START));
    violation(store, |tx| tx.insert_consent(&consent(202)));

    assert_eq!(read(store, |tx| tx.user(id(5))).expect("others stay").groups, [id(21)]);
    assert!(read(store, |tx| tx.password(id(5))).is_some());
    assert!(read(store, |tx| tx.setup_link(&digest(105))).is_some());
    assert_eq!(read(store, |tx| tx.consents_of(id(5))).len(), 1);
}

/// There is one password for each user, and none for nobody.
pub fn a_password_is_given_once(store: &Arc<dyn Store>) {
    violation(store, |tx| tx.insert_password(id(1), "hash", START));
    write(store, |tx| tx.insert_user(&user(1)));
    assert_eq!(read(store, |tx| tx.password(id(1))), None);
    write(store, |tx| tx.insert_password(id(1), "$argon2id$v=19$first", START));
    violation(store, |tx| tx.insert_password(id(1), "$argon2id$v=19$second", START));
    assert_eq!(read(store, |tx| tx.password(id(1))).as_deref(), Some("$argon2id$v=19$first"));
}

/// A hash that is renewed at a sign-in must not bring back a password that was changed meanwhile.
pub fn a_password_is_replaced_only_from_what_it_was(store: &Arc<dyn Store>) {
    let later = START + Lifetime(1);
    write(store, |tx| {
        tx.insert_user(&user(1))?;
        tx.insert_password(id(1), "old", START)
    });
    assert!(!write(store, move |tx| tx.update_password(id(1), "other", "new", later)));
    assert!(write(store, move |tx| tx.update_password(id(1), "old", "new", later)));
    assert!(!write(store, move |tx| tx.update_password(id(1), "old", "late", later)));
    assert!(!write(store, move |tx| tx.update_password(id(2), "old", "new", later)), "nobody's");
    assert_eq!(read(store, |tx| tx.password(id(1))).as_deref(), Some("new"));
}
