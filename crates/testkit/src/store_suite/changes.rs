//! The feed of changes.

use super::ask::{read, violation, write};
use crate::block_on::block_on;
use crate::builders::authorizations::{code, event, family, interaction, refresh_token, sealed};
use crate::builders::credentials::{api_token, last_use};
use crate::builders::people::{attempts, group, organization, session, user};
use crate::builders::{api, client, client_secret, digest, id, opaque_token, revoked_jwt, signing_key};
use crate::frozen_clock::START;
use doorward_core::access::api::Api;
use doorward_core::client::Client;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::{Revision, Store};
use doorward_core::token::api_token::ApiToken;
use doorward_core::token::family::Family;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::Status;
use std::collections::HashSet;
use std::sync::Arc;

fn feed(store: &Arc<dyn Store>) -> Vec<(Revision, Changed)> {
    after(store, Revision(0), 1000)
}

fn after(store: &Arc<dyn Store>, revision: Revision, limit: i64) -> Vec<(Revision, Changed)> {
    let changes = read(store, move |tx| tx.changes_after(revision, limit));
    changes.into_iter().map(|change| (change.revision, change.changed)).collect()
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
    write(store, |tx| tx.rewrap_signing_key("kid-1", &1_u32.to_be_bytes(), b"x"));
    write(store, |tx| tx.revoke_signing_key("kid-1", START));
    write(store, |tx| tx.expire_signing_key("kid-1", START));
    write(store, |tx| tx.sweep_signing_keys(START + Lifetime(1), 9));
    assert_eq!(named(store)[expected.len()..], [Changed::SigningKeys; 5]);

    let feed = feed(store);
    assert!(feed.is_sorted_by(|(one, _), (next, _)| one < next), "{feed:?}");
    let (last, second) = (feed[feed.len() - 1].0, feed[1]);
    assert_eq!(read(store, |tx| tx.last_revision()), last);
    assert_eq!(after(store, feed[0].0, 1), [second]);
    assert_eq!(after(store, last, 9), []);
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
        tx.insert_event(&sealed(&event(1)))
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
    assert_eq!(write(store, |tx| tx.sweep_changes(Revision(3), Seconds(i64::MAX), 2)), 2);
    assert_eq!(read(store, |tx| tx.oldest_revision()), Revision(3));
    assert_eq!(write(store, |tx| tx.sweep_changes(Revision(4), Seconds(i64::MAX), 9)), 2);
    assert_eq!(read(store, |tx| tx.oldest_revision()), Revision(5), "the one to come");
    assert_eq!(read(store, |tx| tx.last_revision()), Revision(4), "forgetting is not turning back");
    write(store, |tx| tx.insert_client(&client(5).build()));
    assert_eq!(feed(store), [(Revision(5), Changed::Client(id(5)))]);
}

/// Nodes may be behind for a while, and tokens from before a change are good for a while: it is kept for the longer of the two.
pub fn a_change_of_late_is_not_swept(store: &Arc<dyn Store>) {
    let at = |now: Seconds, number: u32| {
        write(store, move |tx| {
            tx.insert_client(&client(number).build())?;
            tx.number_changes(now)
        })
    };
    for number in 1..=3 {
        assert_eq!(at(START + Lifetime(i64::from(number)), number), Revision(number.into()));
    }
    let swept = |up_to: i64, before: i64| {
        write(store, move |tx| tx.sweep_changes(Revision(up_to), START + Lifetime(before), 9))
    };
    assert_eq!((swept(3, 1), swept(0, 9)), (0, 0), "of late, and too few");
    assert_eq!((swept(1, 9), swept(3, 3)), (1, 1));
    assert_eq!(named(store), [Changed::Client(id(3))]);
}

/// Those who verify tokens by themselves are told what rests on a change, by the name that tokens call it by; what is new, or is
/// changed in a way that matters to no token, would make them ask in vain.
pub fn a_change_says_what_it_means_to_tokens(store: &Arc<dyn Store>) {
    let voided = |change: fn(&mut dyn Tx) -> Result<(), Fault>| {
        let before = read(store, |tx| tx.last_revision());
        write(store, change);
        let changes = read(store, move |tx| tx.changes_after(before, 10));
        changes.into_iter().map(|change| change.voids).collect::<Vec<_>>()
    };
    let of = |name: &dyn ToString| [Voids::tokens_of(name.to_string())];
    let nothing = [Voids::Nothing];
    assert_eq!(voided(|tx| tx.insert_client(&client(1).build())), nothing);
    assert_eq!(voided(|tx| tx.insert_client_secret(&client_secret(10, id(1)))), nothing);
    assert_eq!(
        voided(|tx| tx.update_client(&Client { name: "Other".into(), ..client(1).build() }).map(drop)),
        nothing
    );
    assert_eq!(
        voided(|tx| tx.update_client(&Client { status: Status::Inactive, ..client(1).build() }).map(drop)),
        of(&"client-1")
    );
    assert_eq!(voided(|tx| tx.delete_client(id(1), START).map(drop)), of(&"client-1"));

    assert_eq!(voided(|tx| tx.insert_api(&api(2).build())), nothing);
    assert_eq!(
        voided(|tx| tx.update_api(&Api { name: "Other".into(), ..api(2).build() }).map(drop)),
        nothing
    );
    assert_eq!(
        voided(|tx| tx.update_api(&Api { status: Status::Inactive, ..api(2).build() }).map(drop)),
        of(&"https://api-2.example")
    );
    assert_eq!(voided(|tx| tx.delete_api(id(2)).map(drop)), of(&"https://api-2.example"));

    assert_eq!(voided(|tx| tx.insert_user(&user(3))), nothing);
    assert_eq!(voided(|tx| tx.update_user(&User { name: "Other".into(), ..user(3) }).map(drop)), nothing);
    assert_eq!(voided(|tx| tx.update_user(&User { generation: 1, ..user(3) }).map(drop)), of(&id(3)));
    assert_eq!(voided(|tx| tx.insert_api_token(&api_token(4))), nothing);
    assert_eq!(
        voided(|tx| tx.update_api_token(&ApiToken { name: "x".into(), ..api_token(4) }).map(drop)),
        nothing
    );
    assert_eq!(
        voided(|tx| tx.update_api_token(&ApiToken { generation: 1, ..api_token(4) }).map(drop)),
        of(&id(4))
    );
    assert_eq!(voided(|tx| tx.revoke_api_token(id(4), "revoked", START).map(drop)), of(&id(4)));
    assert_eq!(voided(|tx| tx.delete_user(id(3)).map(drop)), of(&id(3)));

    assert_eq!(voided(|tx| tx.insert_signing_key(&signing_key(1).build())), nothing);
    assert_eq!(voided(|tx| tx.revoke_signing_key("kid-1", START).map(drop)), of(&"kid-1"));
    assert_eq!(voided(|tx| tx.insert_group(&group(21))), nothing);
}

/// Whoever belongs to an organization is named one by one, unless these are too many.
pub fn an_organization_that_changes_is_a_change_of_its_members(store: &Arc<dyn Store>) {
    let inactive = || Organization { status: Status::Inactive, ..organization(9) };
    let voided = |change: Organization| {
        let before = read(store, |tx| tx.last_revision());
        write(store, move |tx| tx.update_organization(&change));
        let changes = read(store, move |tx| tx.changes_after(before, 1_000));
        changes.into_iter().map(|change| (change.changed, change.voids)).collect::<Vec<_>>()
    };
    let itself = |voids| (Changed::Organization(id(9)), voids);
    write(store, |tx| {
        tx.insert_organization(&organization(9))?;
        tx.insert_user(&User { organization: Some(id(9)), ..user(2) })?;
        tx.insert_client(&Client { organization: Some(id(9)), ..client(1).build() })
    });
    assert_eq!(voided(Organization { name: "Other".into(), ..organization(9) }), [itself(Voids::Nothing)]);
    let members = [
        (Changed::User(id(2)), Voids::tokens_of(id(2))),
        (Changed::Client(id(1)), Voids::tokens_of("client-1")),
        itself(Voids::Nothing),
    ];
    assert_eq!(voided(inactive()), members);
    write(store, |tx| {
        (3..=502).try_for_each(|number| tx.insert_user(&User { organization: Some(id(9)), ..user(number) }))
    });
    assert_eq!(voided(organization(9)), [itself(Voids::Everything)]);
}

/// Every row has a mark of its own, by which a number that is given out twice is found out.
pub fn no_two_changes_have_the_same_mark(store: &Arc<dyn Store>) {
    write(store, |tx| (1..=100).try_for_each(|number| tx.insert_client(&client(number).build())));
    let changes = read(store, |tx| tx.changes_after(Revision(0), 1_000));
    let marks: HashSet<_> = changes.into_iter().map(|change| change.mark).collect();
    assert_eq!(marks.len(), 100);
    assert!(marks.iter().all(|mark| mark.len() == 16 && mark.bytes().all(|b| b.is_ascii_hexdigit())));
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
