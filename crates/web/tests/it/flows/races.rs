//! Races: the same code or refresh token presented a thousand times at once, and revocations against refreshes under way.
//! The threads are real and so is the store; each round begins with everybody at the same line.

use crate::flows::browser::Browser;
use crate::flows::length::rounds;
use crate::flows::place::{APP, INTRANET, Place, SHOP, Tokens, tokens, word};
use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

const THREADS: usize = 20;
/// Presentations by each thread: a thousand in all.
const EACH: usize = 50;

/// What every thread gets when all do the same at once, again and again.
fn at_once<T: Send>(act: impl Fn() -> T + Sync) -> Vec<T> {
    let line = Barrier::new(THREADS);
    thread::scope(|scope| {
        let run = || {
            line.wait();
            (0..EACH).map(|_| act()).collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// RFC 6749 §4.1.2 and §10.5: of a thousand presentations of one code at once, one succeeds, and the others are replays: what
/// the one has given is dead when the last of them is answered.
#[test]
fn a_code_presented_a_thousand_times_at_once_is_redeemed_once() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for round in 0..rounds(4, 20) {
        let client = [APP, SHOP][round % 2];
        let code = place.code_of(&browser, client, "alice", &[]);
        let answers = at_once(|| place.redeem(client, &code));
        let (given, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status() == 200);
        assert_eq!((given.len(), refused.len()), (1, THREADS * EACH - 1), "round {round}");
        assert!(refused.iter().all(|answer| word(answer) == "invalid_grant"));
        place.assert_dead(client, &tokens(given[0]));
        assert_eq!(place.reasons(), vec!["code_replayed"; round + 1]);
    }
}

/// RFC 9700 §4.14.2: a thousand refreshes with one token at once are one rotation and its retries: one successor, ever.
#[test]
fn a_refresh_token_presented_a_thousand_times_at_once_has_one_successor() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for round in 0..rounds(4, 20) {
        let client = [APP, SHOP][round % 2];
        let first = place.tokens(&browser, client, "alice");
        let answers = at_once(|| tokens(&place.refresh(client, first.refresh())));
        let successors: BTreeSet<_> = answers.iter().map(Tokens::refresh).collect();
        assert_eq!(successors.len(), 1, "round {round}");
        let access: BTreeSet<_> = answers.iter().map(Tokens::access).collect();
        assert_eq!(access.len(), THREADS * EACH, "a fresh access token for each");
        assert!(place.tells_who(answers[0].access()));
        assert_eq!(word(&place.refresh(client, answers[0].refresh())), "granted");
    }
    assert!(place.revocations().is_empty());
}

/// What is under way when something is revoked: families that are refreshed on and on, and codes about to be redeemed.
struct UnderWay<'a> {
    place: &'a Place,
    client: &'a str,
    families: Vec<Tokens>,
    codes: Vec<String>,
    refreshes: AtomicUsize,
}

impl<'a> UnderWay<'a> {
    fn begin(place: &'a Place, client: &'a str, browser: &Browser<'_>, scope: &str) -> Self {
        let code = || place.code_of(browser, client, "alice", &[("scope", scope)]);
        let families = (0..3).map(|_| tokens(&place.redeem(client, &code()))).collect();
        let codes = (0..3).map(|_| code()).collect();
        Self { place, client, families, codes, refreshes: AtomicUsize::new(0) }
    }

    /// Revokes after so many refreshes, and gives every token that anybody has got, before, meanwhile or after.
    fn until_revoked(&self, after: usize, revoke: impl FnOnce()) -> Vec<Tokens> {
        let given = thread::scope(|scope| {
            let families = self.families.iter().map(|first| scope.spawn(|| self.refresh_on(first.clone())));
            let mut threads: Vec<_> = families.collect();
            for (number, code) in self.codes.iter().enumerate() {
                threads.push(scope.spawn(move || self.redeem_after(after + number, code)));
            }
            self.wait_for(after);
            revoke();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        self.families.iter().cloned().chain(given).collect()
    }

    /// Refreshes with the newest token until that is refused; were it never, there is an end all the same.
    fn refresh_on(&self, first: Tokens) -> Vec<Tokens> {
        let mut given = vec![first];
        while given.len() < 1_000 {
            let answer = self.place.refresh(self.client, given[given.len() - 1].refresh());
            self.refreshes.fetch_add(1, SeqCst);
            if answer.status() != 200 {
                assert_eq!(word(&answer), "invalid_grant");
                break;
            }
            given.push(tokens(&answer));
        }
        // Nobody waits for more of them.
        self.refreshes.fetch_add(1_000_000, SeqCst);
        given
    }

    fn redeem_after(&self, refreshes: usize, code: &str) -> Vec<Tokens> {
        self.wait_for(refreshes);
        let answer = self.place.redeem(self.client, code);
        if answer.status() == 200 { vec![tokens(&answer)] } else { vec![] }
    }

    fn wait_for(&self, refreshes: usize) {
        while self.refreshes.load(SeqCst) < refreshes {
            thread::yield_now();
        }
    }
}

/// Round after round with another moment for the revocation; nothing of all that was given is good afterwards.
fn nothing_survives(client: &str, scope: &str, revoke: impl Fn(&Place, &Tokens)) {
    let place = Place::new();
    for round in 0..rounds(12, 200) {
        let browser = Browser::new(&place);
        let under_way = UnderWay::begin(&place, client, &browser, scope);
        let given = under_way.until_revoked(round % 12, || revoke(&place, &under_way.families[0]));
        // The three families, as they began and as each thread found them, and the refreshes that were waited for.
        assert!(given.len() >= 6 + round % 12, "{}", given.len());
        given.iter().for_each(|tokens| place.assert_dead(client, tokens));
    }
}

/// RFC 9700 §4.14.2: whatever is refreshed or redeemed while everything of a person is revoked, is revoked.
#[test]
fn nothing_survives_a_revocation_of_everything() {
    let all = "openid offline_access";
    nothing_survives(INTRANET, all, |place, _| place.revoke_all("alice"));
    nothing_survives(APP, all, |place, _| place.revoke_all("alice"));
}

/// RFC 6749 §10.3: the same for a consent that is taken back.
#[test]
fn nothing_survives_a_consent_that_is_taken_back() {
    nothing_survives(SHOP, "openid offline_access", |place, _| place.take_back_consents("alice"));
}

/// OpenID Connect Core §11: the same for a session that is signed out, and what was not to outlive it.
#[test]
fn nothing_that_was_not_to_survive_survives_a_sign_out() {
    nothing_survives(SHOP, "openid", Place::sign_out);
}
