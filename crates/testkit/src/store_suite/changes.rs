//! The feed of changes.

use super::ask::{read, violation, write};
use crate::block_on::block_on;
use crate::builders::authorizations::{code, event, family, interaction, refresh_token};
use crate::builders::credentials::{api_token, last_use};
use crate::builders::people::{attempts, group, organization, session, user};
use crate::builders::{api, client, client_secret, digest, id, opaque_token, revoked_jwt, signing_key};
use crate::frozen_clock::START;
use doorward_core::identity::user::User;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Changed;
use doorward_core::store::{Revision, Store};
use doorward_core::token::family::Family;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::Arc;

fn feed(store: &Arc<dyn Store>) -> Vec<(Revision, Changed)> {
    read(store, |tx| tx.changes_after(Revision(0), 1000))
}

fn named(store: &Arc<dyn Store>) -> Vec<Changed> {
    feed(store).into_iter().map(|(_, changed)| changed).collect()
}

/// Every change to what is cached is in the feed by itself: no caller can forget it.
pub fn the_feed_names_what_changed_in_growing_numbers(store: &Arc<dyn Store>) {
    let (client_1, api_2) = (Changed::Client(id(1)), Changed::Api(id(2)));
    write(store, |tx| tx.insert_client(&client(1).build()));
    write(store, |tx| tx.update_client(&client(1).build()));
    write(store, |tx| tx.insert_client_secret(&client_secret(10, id(1))));
    write(store, |tx| tx.redigest_client_secret(id(10), &digest(10), (PepperVersion(2), &digest(11))));
    write(store, |tx| tx.delete_client_secret(id(10)));
    write(store, |tx| tx.insert_api(&api(2).with_introspection_clients(&[id(1)]).build()));
    write(store, |tx| tx.delete_client(id(1), START));
    write(store, |tx| tx.update_api(&api(2).build()));
    write(store, |tx| tx.delete_api(id(2)));
    write(store, |tx| tx.insert_revoked_jwt(&revoked_jwt(3)));
    let mut expected = vec![client_1; 5];
    expected.extend([api_2, api_2, client_1, api_2, api_2, Changed::RevokedJwt(id(3))]);
    assert_eq!(named(store), expected);

    write(store, |tx| tx.insert_signing_key(&signing_key(1).build()));
    write(store, |tx| tx.rewrap_signing_key("kid-1", b"x"));
    write(store, |tx| tx.revoke_signing_key("kid-1", START));
    write(store, |tx| tx.expire_signing_key("kid-1", START));
    write(store, |tx| tx.sweep_signing_keys(START + Lifetime(1), 9));
    assert_eq!(named(store)[expected.len()..], [Changed::SigningKeys; 5]);

    let feed = feed(store);
    assert!(feed.is_sorted_by(|(one, _), (next, _)| one < next), "{feed:?}");
    let (last, second) = (feed[feed.len() - 1].0, feed[1]);
    assert_eq!(read(store, |tx| tx.last_revision()), last);
    let after = feed[0].0;
    assert_eq!(read(store, move |tx| tx.changes_after(after, 1)), [second]);
    assert_eq!(read(store, move |tx| tx.changes_after(last, 9)), []);
}

/// Whatever is cached about people is in the feed, too; what is asked at every use is not.
pub fn the_feed_names_what_changed_about_people(store: &Arc<dyn Store>) {
    let (user_2, group_21, organization_9) =
        (Changed::User(id(2)), Changed::Group(id(21)), Changed::Organization(id(9)));
    write(store, |tx| tx.insert_organization(&organization(9)));
    write(store, |tx| tx.update_organization(&organization(9)));
    write(store, |tx| tx.insert_group(&group(21)));
    write(store, |tx| tx.update_group(&group(21)));
    write(store, |tx| tx.insert_user(&User { groups: vec![id(21)], ..user(2) }));
    write(store, |tx| tx.delete_group(id(21)));
    write(store, |tx| tx.update_user(&user(2)));
    write(store, |tx| tx.delete_user(id(2)));
    write(store, |tx| tx.delete_organization(id(9)));
    let mut expected = vec![organization_9, organization_9, group_21, group_21];
    expected.extend([user_2, user_2, group_21, user_2, user_2, organization_9]);
    assert_eq!(named(store), expected);

    write(store, |tx| (31..=34).try_for_each(|number| tx.insert_family(&family(number))));
    write(store, |tx| tx.revoke_family(id(31), START));
    write(store, |tx| tx.revoke_family(id(31), START));
    write(store, |tx| tx.insert_family(&Family { consent: Some((id(5), 0)), ..family(35) }));
    write(store, |tx| tx.revoke_families_of_consent(id(5), START));
    write(store, |tx| tx.revoke_families_of_session(id(3), START));
    let revoked = [31, 35, 32, 33, 34].map(|number| Changed::RevokedFamily(id(number)));
    assert_eq!(named(store)[expected.len()..], revoked);
}

/// Whatever an API token is changed by is in the feed; its use is not, nor the sweep of what has ended long ago.
pub fn the_feed_names_what_changed_about_api_tokens(store: &Arc<dyn Store>) {
    let token = Changed::ApiToken(id(1));
    write(store, |tx| tx.insert_user(&user(2)));
    write(store, |tx| tx.insert_api_token(&api_token(1)));
    write(store, |tx| tx.update_api_token(&api_token(1)));
    write(store, |tx| tx.redigest_api_token(id(1), &digest(1), (PepperVersion(2), &digest(2))));
    write(store, |tx| tx.record_uses(&[last_use(id(1))]));
    write(store, |tx| tx.revoke_api_token(id(1), "revoked", START));
    write(store, |tx| tx.revoke_api_token(id(1), "revoked", START));
    write(store, |tx| tx.update_api_token(&api_token(1)));
    assert_eq!(named(store), [Changed::User(id(2)), token, token, token, token]);
    write(store, |tx| tx.sweep_api_tokens(START + Lifetime(1), 10));
    write(store, |tx| tx.insert_api_token(&api_token(1)));
    write(store, |tx| tx.delete_user(id(2)));
    assert_eq!(named(store)[5..], [token, token, Changed::User(id(2))]);
}

/// The feed is part of the transaction: what is undone was never in it.
pub fn a_change_that_was_refused_is_not_in_the_feed(store: &Arc<dyn Store>) {
    let refused = block_on(store.write(|tx| {
        tx.insert_client(&client(1).build())?;
        Err::<(), _>(Stop::Refuse("no"))
    }));
    assert_eq!(refused.expect("a refusal is an answer"), Err("no"));
    write(store, |tx| tx.insert_client(&client(2).build()));
    violation(store, |tx| tx.insert_client(&client(2).build()));
    assert_eq!(named(store), [Changed::Client(id(2))]);
}

/// A sign-in, a code and a refresh are not cached anywhere, and must not keep every node busy.
pub fn what_happens_all_the_time_is_not_in_the_feed(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_session(&session(3, id(2)))?;
        tx.touch_session(id(3), START)?;
        tx.end_session(id(3), START)?;
        tx.insert_attempts(&attempts(1))?;
        tx.insert_interaction(&interaction(1))?;
        tx.delete_interaction(&digest(1))?;
        tx.insert_code(&code(1))?;
        tx.use_code(&digest(1), START)?;
        tx.insert_family(&family(1))?;
        tx.insert_refresh_token(&refresh_token(1))?;
        tx.rotate_family(id(1), 1, START)?;
        tx.sweep_families(Seconds(i64::MAX), 9)?;
        tx.insert_event(&event(1))
    });
    assert_eq!(feed(store), []);
}

/// What changed nothing cached wakes no cache.
pub fn what_touches_nothing_is_not_in_the_feed(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_opaque_token(&opaque_token(1).build())?;
        tx.revoke_opaque_token(&digest(1), START)?;
        tx.update_client(&client(9).build())?;
        tx.delete_client(id(9), START)?;
        tx.delete_client_secret(id(9))?;
        tx.update_api(&api(9).build())?;
        tx.delete_api(id(9))?;
        tx.revoke_signing_key("kid-9", START)?;
        tx.sweep_signing_keys(START, 9)?;
        tx.update_user(&user(9))?;
        tx.delete_user(id(9))?;
        tx.update_group(&group(9))?;
        tx.delete_group(id(9))?;
        tx.update_organization(&organization(9))?;
        tx.delete_organization(id(9))?;
        tx.revoke_family(id(9), START)?;
        tx.revoke_families_of_session(id(9), START)?;
        tx.revoke_families_of_consent(id(9), START)?;
        tx.insert_setting("a", "b")
    });
    assert_eq!(feed(store), []);
    assert_eq!(read(store, |tx| tx.last_revision()), Revision(0));
}

/// Who is too far behind can see that it is, whatever was forgotten; no number is given twice.
pub fn the_feed_is_swept_in_bounded_steps_and_keeps_counting(store: &Arc<dyn Store>) {
    assert_eq!(read(store, |tx| tx.oldest_revision()), Revision(1), "the one to come");
    write(store, |tx| (1..=4).try_for_each(|number| tx.insert_client(&client(number).build())));
    assert_eq!(write(store, |tx| tx.sweep_changes(Revision(3), 2)), 2);
    assert_eq!(read(store, |tx| tx.oldest_revision()), Revision(3));
    assert_eq!(write(store, |tx| tx.sweep_changes(Revision(4), 9)), 2);
    assert_eq!(read(store, |tx| tx.oldest_revision()), Revision(5), "the one to come");
    assert_eq!(read(store, |tx| tx.last_revision()), Revision(4), "forgetting is not turning back");
    write(store, |tx| tx.insert_client(&client(5).build()));
    assert_eq!(feed(store), [(Revision(5), Changed::Client(id(5)))]);
}

/// A refusal that is committed has changed what it has changed.
pub fn a_change_that_was_refused_and_committed_is_in_the_feed(store: &Arc<dyn Store>) {
    let refused = block_on(store.write(|tx| {
        tx.insert_client(&client(3).build())?;
        Err::<(), _>(Stop::RefuseAndCommit("no"))
    }));
    assert_eq!(refused.expect("a refusal is an answer"), Err("no"));
    assert_eq!(feed(store), [(Revision(1), Changed::Client(id(3)))]);
}
