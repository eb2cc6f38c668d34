//! The limit on failed client authentications, with a clock that the tests move.

use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::thread;

use super::*;

/// A clock that stands still until told otherwise, and counts how often it is read.
#[derive(Clone)]
struct Hand {
    start: Instant,
    milliseconds: Arc<AtomicU64>,
    reads: Arc<AtomicUsize>,
}

impl Hand {
    fn new() -> Self {
        Self { start: monotonic(), milliseconds: Arc::default(), reads: Arc::default() }
    }

    fn advance(&self, by: Duration) {
        self.milliseconds.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn read(&self) -> Instant {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.start + Duration::from_millis(self.milliseconds.load(Ordering::SeqCst))
    }
}

fn attempts(limit: u32) -> (Attempts, Hand) {
    let hand = Hand::new();
    let clock = hand.clone();
    (Attempts::with_clock(limit, move || clock.read()), hand)
}

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

fn fail(attempts: &Attempts, times: u32, client_id: &str, from: Option<IpAddr>) {
    (0..times).for_each(|_| attempts.failed(client_id, from));
}

/// OAuth 2.1 §2.4 and RFC 6749 §2.3.1: the server protects client authentication against brute force.
#[test]
fn the_twenty_first_attempt_of_a_pair_is_refused() {
    let (attempts, _) = attempts(20);
    let here = address("192.0.2.1");
    for failure in 0..20 {
        assert_eq!(attempts.refused("billing", here), None, "after {failure}");
        attempts.failed("billing", here);
    }
    assert_eq!(attempts.refused("billing", here), Some(Lifetime(60)));
}

#[test]
fn another_client_and_another_address_are_not_affected() {
    let (attempts, _) = attempts(20);
    fail(&attempts, 20, "billing", address("192.0.2.1"));
    assert_eq!(attempts.refused("reports", address("192.0.2.1")), None);
    assert_eq!(attempts.refused("billing", address("192.0.2.2")), None);
    assert_eq!(attempts.refused("billing", None), None);
    fail(&attempts, 20, "billing", None);
    assert!(attempts.refused("billing", None).is_some());
}

/// RFC 6585 §4 and RFC 9110 §10.2.3: Retry-After counts down, and whoever waits that long is let in.
#[test]
fn a_window_ends_a_minute_after_its_first_failure() {
    let (attempts, hand) = attempts(2);
    let here = address("192.0.2.1");
    attempts.failed("billing", here);
    hand.advance(Duration::from_millis(40_500));
    attempts.failed("billing", here);
    assert_eq!(attempts.refused("billing", here), Some(Lifetime(20)));
    hand.advance(Duration::from_millis(19_499));
    assert_eq!(attempts.refused("billing", here), Some(Lifetime(1)));
    hand.advance(Duration::from_millis(1));
    assert_eq!(attempts.refused("billing", here), None);
}

#[test]
fn a_window_may_be_longer_than_a_minute() {
    let hand = Hand::new();
    let clock = hand.clone();
    let attempts = Attempts::bounded(1, Duration::from_secs(900), CAPACITY, move || clock.read());
    attempts.failed("", address("192.0.2.1"));
    hand.advance(Duration::from_secs(899));
    assert_eq!(attempts.refused("", address("192.0.2.1")), Some(Lifetime(1)));
    hand.advance(Duration::from_secs(1));
    assert_eq!(attempts.refused("", address("192.0.2.1")), None);
}

#[test]
fn a_new_window_counts_from_nothing() {
    let (attempts, hand) = attempts(2);
    let here = address("192.0.2.1");
    fail(&attempts, 2, "billing", here);
    hand.advance(WINDOW);
    attempts.failed("billing", here);
    assert_eq!(attempts.refused("billing", here), None);
    attempts.failed("billing", here);
    assert_eq!(attempts.refused("billing", here), Some(Lifetime(60)));
}

#[test]
fn a_younger_window_of_another_pair_does_not_prolong_an_old_one() {
    let (attempts, hand) = attempts(1);
    attempts.failed("billing", None);
    hand.advance(WINDOW / 2);
    attempts.failed("reports", None);
    hand.advance(WINDOW / 2);
    assert_eq!(attempts.refused("billing", None), None);
    assert_eq!(attempts.refused("reports", None), Some(Lifetime(30)));
}

/// RFC 4291 §2.5.1: whoever holds an address of a link holds all of its /64.
#[test]
fn an_ipv6_address_counts_by_its_network() {
    let (attempts, _) = attempts(2);
    attempts.failed("billing", address("2001:db8:0:1::1"));
    attempts.failed("billing", address("2001:db8:0:1:ffff:ffff:ffff:ffff"));
    assert!(attempts.refused("billing", address("2001:db8:0:1::2")).is_some());
    assert_eq!(attempts.refused("billing", address("2001:db8:0:2::1")), None);
}

/// RFC 4291 §2.5.5.2: an IPv4-mapped address is the IPv4 address, so a dual-stack listener gives no second allowance.
#[test]
fn an_ipv4_mapped_address_counts_as_ipv4() {
    let (attempts, _) = attempts(2);
    attempts.failed("billing", address("192.0.2.1"));
    attempts.failed("billing", address("::ffff:192.0.2.1"));
    assert!(attempts.refused("billing", address("192.0.2.1")).is_some());
    assert!(attempts.refused("billing", address("::ffff:192.0.2.1")).is_some());
    assert_eq!(attempts.refused("billing", address("::ffff:192.0.2.2")), None);
}

#[test]
fn a_limit_of_zero_refuses_after_the_first_failure() {
    let (attempts, _) = attempts(0);
    assert_eq!(attempts.refused("billing", None), None);
    attempts.failed("billing", None);
    assert!(attempts.refused("billing", None).is_some());
}

#[test]
fn a_client_id_of_any_length_is_counted() {
    let (attempts, _) = attempts(1);
    let endless = "é".repeat(1 << 20);
    attempts.failed(&endless, None);
    assert!(attempts.refused(&endless, None).is_some());
    assert_eq!(attempts.refused("", None), None);
}

/// The honest way, while nothing is recorded, is one atomic read.
#[test]
fn a_quiet_server_reads_neither_clock_nor_counters() {
    let (attempts, hand) = attempts(1);
    let reads = || hand.reads.swap(0, Ordering::SeqCst);
    reads();
    assert_eq!(attempts.refused("billing", None), None);
    assert_eq!(reads(), 0, "before the first failure");
    attempts.failed("billing", None);
    hand.advance(WINDOW + Duration::from_millis(1));
    assert_eq!(attempts.refused("reports", None), None);
    reads();
    assert_eq!(attempts.refused("billing", None), None);
    assert_eq!(reads(), 0, "after the last window");
    attempts.failed("billing", None);
    assert!(attempts.refused("billing", None).is_some(), "and counts again");
}

#[test]
fn no_failure_is_lost_between_threads() {
    const EACH: u32 = 500;
    for (limit, refused) in [(8 * EACH, true), (8 * EACH + 1, false)] {
        let (attempts, _) = attempts(limit);
        thread::scope(|scope| {
            (0..8).for_each(|_| drop(scope.spawn(|| fail(&attempts, EACH, "billing", None))));
        });
        assert_eq!(attempts.refused("billing", None).is_some(), refused, "{limit}");
    }
}

/// A check that began before the limit was reached may end after it: that is one attempt for each other thread.
#[test]
fn eight_threads_exceed_the_limit_by_seven_at_most() {
    for _ in 0..50 {
        let ((attempts, _), admitted, together) = (attempts(20), AtomicUsize::new(0), Barrier::new(8));
        let guess = || {
            together.wait();
            while attempts.refused("billing", None).is_none() {
                admitted.fetch_add(1, Ordering::SeqCst);
                attempts.failed("billing", None);
            }
        };
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(guess))));
        let admitted = admitted.into_inner();
        assert!((20..=27).contains(&admitted), "{admitted}");
    }
}

/// However many pairs fail, the memory has an end, and the youngest are the ones that are remembered.
#[test]
fn the_counters_are_bounded() {
    let hand = Hand::new();
    let clock = hand.clone();
    let attempts = Attempts::bounded(1, WINDOW, 100, move || clock.read());
    for client in 0..1000 {
        attempts.failed(&client.to_string(), None);
    }
    attempts.windows.run_pending_tasks();
    assert_eq!(attempts.windows.entry_count(), 100);
    assert_eq!(attempts.refused("0", None), None);
    assert!(attempts.refused("999", None).is_some());
}
