//! What is read from memory: as fresh as the last change on this node, and soon on the others.

use crate::house::{House, ORDERS, STOCK, word};
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::manage::{apis, clients};
use doorward_core::random::SystemRandom;
use doorward_core::store::Revision;
use doorward_core::store::fault::Stop;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{Status, TokenFormat};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::{on_postgres, say};
use std::convert::Infallible;
use std::thread;

#[test]
fn a_change_counts_at_once_where_it_was_made_and_soon_elsewhere() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    let token = there.access_token(&client, "");
    assert!(there.is_active(&client, &token), "it is in the other node's memory now");

    block_on(clients::set_status(
        &client.client_id,
        Status::Inactive,
        &by_operator(&here.server.context()),
        &here.server.context(),
    ))
    .unwrap();
    assert_eq!(word(here.token(&client, "")), "invalid_client");
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(word(there.token(&client, "")), "invalid_client");
}

/// RFC 6749 §10.3: an opaque token is recorded only if the store, not this node's memory, says that its client is in use.
#[test]
fn a_node_that_has_not_heard_of_a_change_records_no_token_against_it() {
    let here = House::default();
    let there = here.another();
    let client = here.client("stock:read");
    assert_eq!(word(there.token(&client, "")), "granted", "it is in the other node's memory now");
    block_on(clients::set_status(
        &client.client_id,
        Status::Inactive,
        &by_operator(&here.server.context()),
        &here.server.context(),
    ))
    .unwrap();
    assert_eq!(word(there.token(&client, "")), "invalid_client");

    let other = here.client("stock:read");
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(word(there.token(&other, "")), "granted");
    block_on(apis::set_status(
        STOCK,
        Status::Inactive,
        &by_operator(&here.server.context()),
        &here.server.context(),
    ))
    .unwrap();
    assert_eq!(word(there.token(&other, "")), "invalid_target");
}

#[test]
fn a_revocation_reaches_the_other_node() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    let token = here.access_token(&client, "");
    assert!(there.is_active(&client, &token));
    here.revoke(&client, &token).unwrap();
    block_on(there.server.cache().catch_up()).unwrap();
    assert!(!there.is_active(&client, &token));
}

#[test]
fn a_new_api_and_a_new_key_reach_the_other_node() {
    let here = House::default();
    let there = here.another();
    here.api("https://third.example", &["third"], doorward_protocol::words::TokenFormat::Jwt);
    block_on(there.server.cache().catch_up()).unwrap();
    let client = there.client("third");
    assert!(there.token(&client, "scope=third&resource=https://third.example").is_ok());
}

#[test]
fn a_node_that_is_far_behind_reads_everything_anew() {
    let here = House::default();
    let there = here.another();
    let (client, token) = {
        let client = here.client("orders:read");
        let token = there.access_token(&client, "");
        (client, token)
    };
    for switch in 0..1_100 {
        let status = if switch % 2 == 0 { Status::Inactive } else { Status::Active };
        block_on(clients::set_status(
            &client.client_id,
            status,
            &by_operator(&here.server.context()),
            &here.server.context(),
        ))
        .unwrap();
    }
    here.revoke(&client, &token).unwrap();
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(there.server.cache().applied(), here.server.cache().applied(), "to the last of 1,101");
    assert!(!there.is_active(&client, &token));
    assert!(there.token(&client, "").is_ok());
}

#[test]
fn a_node_whose_place_in_the_feed_was_swept_reads_everything_anew() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    assert_eq!(word(there.token(&client, "")), "granted");
    block_on(clients::set_status(
        &client.client_id,
        Status::Inactive,
        &by_operator(&here.server.context()),
        &here.server.context(),
    ))
    .unwrap();
    let sweep = here.server.cache().write(|tx| {
        let last = tx.last_revision()?;
        tx.sweep_changes(last, Seconds(i64::MAX), 1_000).map_err(Stop::<Infallible>::Fault)
    });
    assert!(block_on(sweep).is_ok_and(|swept| swept > 0));
    here.api("https://third.example", &["third"], doorward_protocol::words::TokenFormat::Jwt);
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(word(there.token(&client, "")), "invalid_client");
}

#[test]
fn a_key_that_this_node_cannot_open_keeps_no_other_change_from_it() {
    let here = House::default();
    let client = here.client("orders:read");
    let off = here.client("orders:read");
    assert_eq!(word(here.token(&off, "")), "granted");
    let next = here.master.with_next_version(&SystemRandom::default()).unwrap();
    let there = here.another_with(next.to_text().expose()).unwrap();
    let context = there.server.context();
    let key = signing_keys::prepare(Algorithm::ES256, there.server.sealer(), &context).unwrap();
    block_on(signing_keys::rotate(key, Occasion::Requested, &by_operator(&context), &context)).unwrap();
    block_on(clients::set_status(&off.client_id, Status::Inactive, &by_operator(&context), &context))
        .unwrap();
    let by_name = there.client("orders:read");
    here.advance(Lifetime::minutes(10));

    block_on(here.server.cache().catch_up()).unwrap();
    assert_eq!(word(here.token(&off, "")), "invalid_client", "what comes after the key is applied");
    let new = there.access_token(&by_name, "");
    here.let_introspect(ORDERS, &client);
    assert!(here.is_active(&client, &new), "what the other node signs is recognised");
    assert!(
        here.is_active(&client, &here.access_token(&client, "")),
        "and this node signs with the key it has"
    );
    assert!(!here.server.cache().is_behind());
}

/// However many change one record at once, on however many nodes: nobody's change is lost.
#[test]
fn changes_at_the_same_time_are_all_kept() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    let extend = |members: &mut clients::Members| {
        members.description.push('x');
        Ok(())
    };
    thread::scope(|scope| {
        for number in 0..40 {
            let (node, client) = (if number % 2 == 0 { &here } else { &there }, &client);
            scope.spawn(move || {
                block_on(clients::update(
                    &client.client_id,
                    &by_operator(&node.server.context()),
                    &node.server.context(),
                    extend,
                ))
                .unwrap()
            });
        }
    });
    let shown = block_on(clients::show(
        &client.client_id,
        &by_operator(&here.server.context()),
        &here.server.context(),
    ))
    .unwrap();
    assert_eq!(shown.client.description.len(), 40);
}

/// The database is one that has never heard of them.
fn forget_changes_after(revision: Revision, house: &House) {
    say(house.url(), &format!("DELETE FROM changes WHERE revision > {}", revision.0));
    say(house.url(), &format!("UPDATE last_revision SET revision = {}", revision.0));
}

/// A standby that takes over without having heard all, and a backup that is restored under running nodes, number changes
/// again that the nodes believe to have seen.
#[test]
fn a_database_that_has_lost_changes_is_read_anew() {
    if !on_postgres() {
        return;
    }
    let here = House::default();
    let there = here.another();
    let (client, api) = (here.client("orders:read"), "https://new.example");
    let token = there.access_token(&client, "");
    assert!(here.is_active(&client, &token) && there.is_active(&client, &token), "all is in memory");
    let heard = here.server.cache().applied();
    for _ in 0..5 {
        here.client("orders:read");
    }
    block_on(there.server.cache().catch_up()).unwrap();
    forget_changes_after(heard, &here);

    block_on(clients::set_status(
        &client.client_id,
        Status::Inactive,
        &by_operator(&here.server.context()),
        &here.server.context(),
    ))
    .unwrap();
    assert!(here.server.cache().applied() > heard && here.server.cache().applied().0 < heard.0 + 5);
    assert_eq!(word(here.token(&client, "")), "invalid_client", "where it was done, at once");
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(word(there.token(&client, "")), "invalid_client", "and soon elsewhere");

    // From then on as ever.
    here.api(api, &["new:read"], TokenFormat::Jwt);
    block_on(there.server.cache().catch_up()).unwrap();
    assert!(there.server.cache().apis().by_identifier(api).is_some());
}

/// What a lost database has told of revocations stays true: nobody is let in again who was turned away.
#[test]
fn a_revocation_outlives_the_database_that_told_of_it() {
    if !on_postgres() {
        return;
    }
    let here = House::default();
    let client = here.client("orders:read");
    let token = here.access_token(&client, "");
    let before = here.server.cache().applied();
    here.revoke(&client, &token).unwrap();
    say(here.url(), "DELETE FROM revoked_jwts");
    forget_changes_after(before, &here);
    block_on(here.server.cache().catch_up()).unwrap();
    assert_eq!(here.server.cache().applied(), before);
    assert!(!here.is_active(&client, &token));
}

/// A client that was registered after the backup is gone with it, and its name may be given once more.
#[test]
fn a_name_that_was_lost_and_given_again_is_the_new_clients() {
    if !on_postgres() {
        return;
    }
    let here = House::default();
    let there = here.another();
    let register = || {
        let members = clients::Members::named("Shop");
        block_on(clients::create(
            Some("shop"),
            members,
            &by_operator(&here.server.context()),
            &here.server.context(),
        ))
        .unwrap()
        .client
        .id
    };
    let named = || {
        let shop = "shop".parse().unwrap();
        block_on(there.server.cache().client_named(&shop)).unwrap().map(|record| record.client.id)
    };
    let before = here.server.cache().applied();
    let lost = register();
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(named(), Some(lost));
    say(here.url(), "DELETE FROM client_secrets; DELETE FROM clients");
    forget_changes_after(before, &here);
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(named(), None);
    let again = register();
    block_on(there.server.cache().catch_up()).unwrap();
    assert_eq!(named(), Some(again));
}
