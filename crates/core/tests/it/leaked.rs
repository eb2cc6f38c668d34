//! Leaked tokens that come again.

use crate::house::House;
use crate::people::alice;
use crate::uses::Away;
use doorward_core::context::Caller;
use doorward_core::manage::api_tokens;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Anybody may present one again and again: what has ended already is only looked at.
#[test]
fn what_is_taken_back_already_takes_no_write() {
    let is_away = Arc::new(AtomicBool::new(false));
    let house = House::behind(|store| Arc::new(Away { store, is_away: Arc::clone(&is_away) }));
    let (context, alice) = (house.server.context(), alice(&house));
    let members = api_tokens::Members::named("a token");
    let (call, expiry) = (by_operator(&context), Expiry::default());
    let made = block_on(api_tokens::create(&alice.id.to_string(), members, expiry, &call, &context)).unwrap();
    let (id, overlap) = (made.shown.token.id.to_string(), Lifetime::minutes(5));
    let call = by_operator(&context);
    let another = api_tokens::regenerate(&id, Expiry::default(), overlap, &call, &context);
    let another = block_on(another).unwrap();
    let client = house.client("orders:read");
    let present = |text: &str| block_on(house.server.take_back_leaked(text, Caller::default()));
    // The former value first: it goes on by itself, and ends with the one that came after it.
    for text in [made.value.expose(), another.value.expose(), client.secret.as_deref().unwrap()] {
        is_away.store(true, Ordering::SeqCst);
        assert!(present(text).is_err(), "nobody must believe that it was taken back");
        assert!(present("dw_pat_not_a_token_of_anybodys").is_ok());
        is_away.store(false, Ordering::SeqCst);
        assert!(present(text).is_ok());
        is_away.store(true, Ordering::SeqCst);
        assert!(present(text).is_ok());
    }
}

/// A value of an API token that is over because of another is only looked at, too.
#[test]
fn a_former_value_that_is_over_takes_no_write() {
    let is_away = Arc::new(AtomicBool::new(false));
    let house = House::behind(|store| Arc::new(Away { store, is_away: Arc::clone(&is_away) }));
    let (context, alice) = (house.server.context(), alice(&house));
    let members = api_tokens::Members::named("a token");
    let (call, expiry) = (by_operator(&context), Expiry::default());
    let made = block_on(api_tokens::create(&alice.id.to_string(), members, expiry, &call, &context)).unwrap();
    let (id, overlap) = (made.shown.token.id.to_string(), Lifetime::minutes(5));
    let call = by_operator(&context);
    block_on(api_tokens::regenerate(&id, Expiry::default(), overlap, &call, &context)).unwrap();
    let present = || block_on(house.server.take_back_leaked(made.value.expose(), Caller::default()));
    is_away.store(true, Ordering::SeqCst);
    assert!(present().is_err(), "it goes on");
    house.advance(overlap);
    assert!(present().is_ok());
}
