//! What becomes of the values of an API token, and of what each of them was exchanged for, when the token gets another one.

use crate::api_access::held::{Held, place};
use crate::flows::place::{Place, word};
use crate::flows::token_requests::done;
use doorward_core::manage::api_tokens::{self, expiry::Expiry};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

/// The value that a token gets; the one before goes on for so many seconds.
pub(super) fn regenerate(place: &Place, token: &Held, overlap: i64) -> String {
    let (context, overlap) = (place.context(), Lifetime::seconds(overlap));
    let (id, call) = (token.id.to_string(), by_operator(&context));
    let issued = api_tokens::regenerate(&id, Expiry::default(), overlap, &call, &context);
    done(block_on(issued)).value.expose().to_owned()
}

fn is_active(place: &Place, token: &str) -> bool {
    place.desk(token, &[])["active"] == true
}

/// RFC 8693 §2.1: what was exchanged ends with its value, however soon after.
#[test]
fn two_values_of_one_second_are_two() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let of_first = place.exchanged(None, &token.value);
    let second = regenerate(&place, &token, 0);
    assert!(!is_active(&place, &of_first), "its value is void");
    let of_second = place.exchanged(None, &second);
    let third = regenerate(&place, &token, 60);
    assert!(is_active(&place, &of_second) && is_active(&place, &third));
    assert!(!is_active(&place, &of_first));
}

/// RFC 8693 §2.1: of values before the former one nothing is left, and nothing of them returns.
#[test]
fn what_a_void_value_was_exchanged_for_does_not_return() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let of_first = place.exchanged(None, &token.value);
    place.advance(Lifetime::seconds(1));
    let second = regenerate(&place, &token, 0);
    let of_second = place.exchanged(None, &second);
    assert!(!is_active(&place, &of_first));
    place.advance(Lifetime::seconds(1));
    regenerate(&place, &token, 60);
    assert!(is_active(&place, &of_second), "the former value goes on");
    assert!(!is_active(&place, &of_first), "the overlap is not its own");
    place.advance(Lifetime::seconds(1));
    regenerate(&place, &token, 60);
    assert!(!is_active(&place, &of_second) && !is_active(&place, &second));
}

/// RFC 8693 §2.1: which value is the newer one does not hang on a clock.
#[test]
fn a_clock_that_is_set_back_changes_nothing() {
    let place = place();
    place.advance(Lifetime::seconds(9));
    let token = place.api_token("alice", Level::Full);
    let of_first = place.exchanged(None, &token.value);
    place.advance(Lifetime::seconds(-5));
    let second = regenerate(&place, &token, 60);
    let of_second = place.exchanged(None, &second);
    assert!(is_active(&place, &of_first) && is_active(&place, &of_second));
    place.advance(Lifetime::seconds(60));
    assert!(!is_active(&place, &of_first) && is_active(&place, &of_second));
}

/// What is no token by its looks is asked of no database.
#[test]
fn a_text_that_cannot_be_a_token_is_none() {
    let place = place();
    let looks = "anything";
    let digest = place.context().peppers.digest(looks);
    place.api_token_with("alice", |token| {
        token.access.others = Some(Level::Full);
        (token.pepper, token.digest) = digest;
    });
    assert_eq!(word(&place.exchange(None, looks, &[])), "invalid_request");
}
