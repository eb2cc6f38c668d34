//! The feed of revocations: what those are told who verify tokens by themselves, and when they cannot be told what they lack.

use crate::house::{House, ISSUER, ORDERS, claims};
use doorward_core::endpoint::revocations::AskedFeed;
use doorward_core::manage::{clients, signing_keys};
use doorward_core::store::Revision;
use doorward_core::store::fault::Stop;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::params::Params;
use doorward_protocol::revocation::verifier::{self, RevocationsVerifier};
use doorward_protocol::revocation::{MOST_ENTRIES, Revocations, Revoked, What};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::{on_postgres, say};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

impl House {
    /// What the feed tells, verified as an API would.
    fn feed(&self, since: Option<&str>) -> Revocations {
        let asked =
            AskedFeed { since: since.map(str::to_owned), wait: Lifetime(0), api: ORDERS.parse().ok() };
        let told = block_on(self.server.revocations(&asked)).unwrap();
        let text = self.server.sign_revocations(&told, &asked).unwrap();
        let keyring = self.server.cache().keyring();
        let keys = keyring.keys().map(|key| VerificationKey::try_from(key.jwk()).unwrap());
        let asked = verifier::AskedFeed { since, api: Some(ORDERS) };
        let verifier = RevocationsVerifier::new(ISSUER, keys);
        verifier.verify(&text, asked, self.server.context().now).unwrap()
    }

    fn switch(&self, client_id: &str, status: Status) {
        let context = self.server.context();
        block_on(clients::set_status(client_id, status, &by_operator(&context), &context)).unwrap();
    }

    /// Forgets what the feed has told of until now.
    fn forget_changes(&self, up_to: Revision) {
        let sweep = self.server.cache().write(move |tx| {
            tx.sweep_changes(up_to, Seconds(i64::MAX), 1_000).map_err(Stop::<Infallible>::Fault)
        });
        assert!(block_on(sweep).is_ok_and(|swept| swept > 0));
    }
}

fn claimed(token: &str) -> AccessTokenClaims {
    serde_json::from_value(claims(token)).unwrap()
}

fn concerns(feed: &Revocations, token: &str) -> bool {
    feed.revoked.iter().any(|entry| entry.what.concerns(&claimed(token)))
}

#[test]
fn a_revocation_is_told_where_it_was_made_and_at_the_other_node_by_one_cursor() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    let (token, other) = (here.access_token(&client, ""), here.access_token(&client, ""));
    let before = here.feed(None);
    assert!(before.revoked.is_empty() && !before.reset && !before.more, "{before:?}");
    assert_eq!(before.api.as_ref().map(|api| api.identifier.as_str()), Some(ORDERS));
    here.revoke(&client, &token).unwrap();
    let told = here.feed(Some(&before.next));
    let [entry] = &told.revoked[..] else { panic!("{told:?}") };
    assert_eq!((&entry.what, entry.exp), (&What::Token(claimed(&token).jti), claimed(&token).exp));
    assert!(concerns(&told, &token) && !concerns(&told, &other));
    // The other node is asked for what it does not know yet: this cursor is ahead of it.
    let nothing = there.feed(Some(&told.next));
    assert!(nothing.revoked.is_empty() && !nothing.reset && nothing.next == told.next, "{nothing:?}");
    assert_eq!(there.feed(Some(&before.next)).revoked, told.revoked);
    assert_eq!(there.feed(None).revoked, told.revoked);
}

#[test]
fn a_server_that_is_started_anew_remembers_all_and_knows_its_cursors() {
    let house = House::default();
    let client = house.client("orders:read");
    let before = house.feed(None);
    let token = house.access_token(&client, "");
    house.switch(&client.client_id, Status::Inactive);
    house.switch(&client.client_id, Status::Active);
    let told = house.feed(Some(&before.next));
    assert!(concerns(&told, &token));
    house.advance(Lifetime::minutes(5));
    let again = house.another();
    for since in [Some(before.next.as_str()), None] {
        let feed = again.feed(since);
        assert_eq!((&feed.revoked, &feed.next, feed.reset), (&told.revoked, &told.next, false), "{since:?}");
    }
    let fresh = again.access_token(&client, "");
    assert!(!concerns(&again.feed(None), &fresh), "what was issued after the change rests on what is now");
}

/// No token of before lives so long.
#[test]
fn a_change_is_forgotten_with_the_last_token_that_rests_on_what_was_before_it() {
    let house = House::default();
    let client = house.client("orders:read");
    house.switch(&client.client_id, Status::Inactive);
    let exp = house.feed(None).revoked[0].exp;
    let longest = house.server.settings().longest_access_token();
    assert_eq!(exp, house.server.context().now + Lifetime::seconds(2) + longest);
    house.advance(longest);
    house.advance(Lifetime::seconds(1));
    assert_eq!(house.feed(None).revoked.len(), 1);
    house.advance(Lifetime::seconds(5));
    assert!(house.feed(None).revoked.is_empty());
    assert!(house.another().feed(None).revoked.is_empty());
}

#[test]
fn what_no_token_rests_on_is_not_told_and_moves_the_cursor_on() {
    let house = House::default();
    let before = house.feed(None);
    let client = house.client("orders:read");
    let context = house.server.context();
    let rename = |members: &mut clients::Members| {
        members.description = "Another".to_owned();
        Ok(())
    };
    block_on(clients::update(&client.client_id, &by_operator(&context), &context, rename)).unwrap();
    let after = house.feed(Some(&before.next));
    assert!(after.revoked.is_empty() && after.next != before.next, "{after:?}");
}

/// RFC 7517 §4.5: a key that is no longer trusted is told by its name, as it may still be published somewhere.
#[test]
fn a_revoked_key_is_told_by_its_name() {
    let house = House::default();
    let client = house.client("orders:read");
    let token = house.access_token(&client, "");
    let context = house.server.context();
    let key = signing_keys::prepare(Algorithm::ES256, house.server.sealer(), &context).unwrap();
    let kid = house.server.cache().keyring().records()[0].kid.clone();
    let occasion = signing_keys::Occasion::Requested;
    block_on(signing_keys::rotate(key, occasion, &by_operator(&context), &context)).unwrap();
    let before = house.feed(None);
    assert!(!concerns(&before, &token), "a key that follows another voids nothing");
    let named = kid.clone();
    let revoked = house.server.cache().write(move |tx| {
        let now = tx.signing_keys()?[0].created_at;
        tx.revoke_signing_key(&named, now).map_err(Stop::<Infallible>::Fault)
    });
    assert!(block_on(revoked).is_ok_and(|revoked| revoked));
    house.advance(Lifetime::minutes(11));
    let told = house.feed(Some(&before.next));
    assert!(matches!(told.revoked[..], [ref entry] if entry.what == What::Key(kid)), "{told:?}");
    assert!(concerns(&told, &token));
}

#[test]
fn more_than_one_answer_holds_comes_in_several() {
    let house = House::default();
    let client = house.client("orders:read");
    let before = house.feed(None);
    let count = i64::try_from(MOST_ENTRIES).unwrap() + 5;
    let id = block_on(house.server.cache().client_named(&client.client_id.parse().unwrap()))
        .unwrap()
        .unwrap()
        .client
        .id;
    for _ in 0..3 {
        let change = house.server.cache().write(move |tx| {
            let mut client = tx.client(id)?.unwrap().client;
            for _ in 0..count / 3 + 1 {
                client.generation += 1;
                tx.update_client(&client)?;
            }
            Ok::<_, Stop<Infallible>>(())
        });
        assert!(block_on(change).is_ok());
    }
    for since in [Some(before.next.as_str()), None] {
        let first = house.feed(since);
        assert_eq!((first.revoked.len(), first.more), (MOST_ENTRIES, true));
        let second = house.feed(Some(&first.next));
        let rest = usize::try_from((count / 3 + 1) * 3).unwrap() - MOST_ENTRIES;
        assert_eq!((second.revoked.len(), second.more, second.reset), (rest, false, false));
        assert!(house.feed(Some(&second.next)).revoked.is_empty());
    }
}

#[test]
fn a_cursor_that_is_too_old_is_told_so_and_everything() {
    let house = House::default();
    let client = house.client("orders:read");
    let old = house.feed(None).next;
    let token = house.access_token(&client, "");
    house.switch(&client.client_id, Status::Inactive);
    let swept = house.server.cache().applied();
    house.switch(&client.client_id, Status::Active);
    house.forget_changes(swept);
    // Where all is still in memory, so is the cursor.
    assert!(!house.feed(Some(&old)).reset);
    let again = house.another();
    let told = again.feed(Some(&old));
    assert!(told.reset && concerns(&told, &token), "{told:?}");
    assert!(matches!(told.revoked[0].what, What::All(_)), "what the feed does not reach back to");
    assert!(!again.feed(Some(&told.next)).reset);
    // And where nothing at all is left of the feed.
    house.forget_changes(house.server.cache().applied());
    let empty = house.another();
    let told = empty.feed(Some(&told.next));
    assert!(told.reset && concerns(&told, &token), "{told:?}");
    let nothing = empty.feed(Some(&told.next));
    assert!(!nothing.reset && nothing.next == told.next, "no going round in circles: {nothing:?}");
}

/// A cursor of another past: what was issued in it may rest on what never was in this one.
#[test]
fn a_cursor_from_elsewhere_is_told_so_and_makes_every_token_one_to_ask_about() {
    let house = House::default();
    let client = house.client("orders:read");
    let token = house.access_token(&client, "");
    let next = house.feed(None).next;
    let (revision, mark) = next.split_once('.').unwrap();
    let ahead = format!("{}.{mark}", revision.parse::<i64>().unwrap() + 7);
    for cursor in [
        ahead.as_str(),
        &format!("{revision}.0000000000000000"),
        "1",
        "",
        "x.y",
        "-1.a",
        &format!("{revision}."),
    ] {
        let told = house.feed(Some(cursor));
        assert!(told.reset && concerns(&told, &token), "{cursor}: {told:?}");
        assert_eq!(told.next, next);
    }
    assert!(
        !house.feed(Some(&next)).reset && !concerns(&house.feed(None), &token),
        "nobody else is bothered"
    );
}

/// A standby that takes over without having heard all, or a backup that is restored, gives the numbers of lost changes to others.
#[test]
fn after_a_restore_no_cursor_of_the_lost_database_is_taken_for_one_of_this() {
    if !on_postgres() {
        return;
    }
    let here = House::default();
    let there = here.another();
    let (client, next) = (here.client("orders:read"), here.client("orders:read"));
    let heard = here.server.cache().applied();
    let kept = here.feed(None).next;
    for _ in 0..3 {
        here.switch(&client.client_id, Status::Inactive);
        here.switch(&client.client_id, Status::Active);
    }
    let (lost, token) = (here.feed(None).next, there.access_token(&next, ""));
    say(here.url(), &format!("DELETE FROM changes WHERE revision > {}", heard.0));
    say(here.url(), &format!("UPDATE last_revision SET revision = {}", heard.0));
    block_on(here.server.cache().catch_up()).unwrap();
    here.advance(Lifetime::seconds(5));
    // The same numbers, and more.
    for _ in 0..4 {
        here.switch(&next.client_id, Status::Inactive);
        here.switch(&next.client_id, Status::Active);
    }
    for house in [&here, &there, &here.another()] {
        let told = house.feed(Some(&lost));
        assert!(told.reset && concerns(&told, &token), "{told:?}");
        let told = house.feed(Some(&kept));
        assert!(!told.reset && concerns(&told, &token), "what is of both is a cursor of both: {told:?}");
        assert!(!house.feed(Some(&told.next)).reset);
    }
    // Those who saw it happen tell everybody.
    assert!(matches!(here.feed(None).revoked[0].what, What::All(_)));
}

#[test]
fn what_is_no_question_is_refused() {
    let read = |query: &str| {
        AskedFeed::read(&Params::parse(query.as_bytes()).unwrap()).map_err(|error| error.status())
    };
    let asked = read("since=7.ab&wait=25&api=https://orders.example").unwrap();
    let api = ORDERS.parse().ok();
    assert_eq!(asked, AskedFeed { since: Some("7.ab".to_owned()), wait: Lifetime(25), api });
    assert_eq!(read("").unwrap(), AskedFeed { since: None, wait: Lifetime(0), api: None });
    let long = format!("since={}", "x".repeat(65));
    for query in ["wait=26", "wait=-1", "wait=x", "wait=1.5", "api=orders", "limit=1", &long] {
        assert_eq!(read(query), Err(400), "{query}");
    }
}

/// An answer that many wait for is signed once, and not kept for long.
#[test]
fn the_same_answer_is_signed_once() {
    let house = House::default();
    let asked = AskedFeed { since: None, wait: Lifetime(0), api: None };
    let signed = || {
        let told = block_on(house.server.revocations(&asked)).unwrap();
        house.server.sign_revocations(&told, &asked).unwrap()
    };
    let first = signed();
    house.advance(Lifetime::seconds(4));
    assert_eq!(signed(), first);
    house.advance(Lifetime::seconds(1));
    let second = signed();
    assert_ne!(second, first);
    house.client("orders:read");
    assert_ne!(signed(), second);
}

/// When a client ends by itself nothing changes that could be told: its tokens have to say it.
#[test]
fn a_token_ends_with_its_client() {
    let house = House::default();
    let client = house.client("orders:read");
    let client_id = client.client_id.parse().unwrap();
    let id = block_on(house.server.cache().client_named(&client_id)).unwrap().unwrap().client.id;
    let ends = house.server.context().now + Lifetime::minutes(3);
    let change = house.server.cache().write(move |tx| {
        let mut client = tx.client(id)?.unwrap().client;
        client.expires_at = Some(ends);
        tx.update_client(&client).map_err(Stop::<Infallible>::Fault)
    });
    assert!(block_on(change).is_ok_and(|found| found));
    house.advance(Lifetime::minutes(1));
    let answer = house.token(&client, "").unwrap();
    assert_eq!(answer.expires_in, Lifetime::minutes(2));
    assert_eq!(claimed(answer.access_token.expose()).exp, ends);
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn whoever_waits_is_woken_by_a_change_and_by_nothing_else() {
    let here = House::default();
    let there = here.another();
    let cache = there.server.cache();
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut waiting = pin!(cache.next_change().unwrap());
    assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
    block_on(cache.catch_up()).unwrap();
    assert_eq!((woken.0.load(Ordering::SeqCst), waiting.as_mut().poll(&mut context)), (0, Poll::Pending));
    here.client("orders:read");
    assert_eq!(woken.0.load(Ordering::SeqCst), 0, "it is not known here yet");
    let made_before = cache.next_change().unwrap();
    block_on(cache.catch_up()).unwrap();
    assert_eq!((woken.0.load(Ordering::SeqCst), waiting.as_mut().poll(&mut context)), (1, Poll::Ready(())));
    block_on(made_before);
}

#[test]
fn only_so_many_wait_and_nobody_once_the_server_stops() {
    let house = House::default();
    let cache = house.server.cache();
    let mut waiting: Vec<_> = (0..1_000).map(|_| cache.next_change().unwrap()).collect();
    assert!(cache.next_change().is_none());
    drop(waiting.pop());
    waiting.push(cache.next_change().unwrap());
    cache.end_waiting();
    waiting.into_iter().for_each(block_on);
    assert!(cache.next_change().is_none());
}

/// Anybody may send any cursor: one that no change could ever come after is from elsewhere.
#[test]
fn a_cursor_that_nobody_gave_out_is_from_elsewhere() {
    let house = House::default();
    for since in
        ["9223372036854775807.-", "9223372036854775807.a", "9223372036854775808.-", "-1.-", "1.", "."]
    {
        let feed = house.feed(Some(since));
        let [Revoked { what: What::All(_), .. }] = &feed.revoked[..] else { panic!("{since}: {feed:?}") };
        assert!(feed.reset, "{since}");
    }
}
