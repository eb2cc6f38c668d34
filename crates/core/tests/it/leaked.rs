//! Leaked tokens that come again.

use crate::house::House;
use crate::people::alice;
use crate::uses::Away;
use doorward_core::context::Caller;
use doorward_core::manage::api_tokens;
use doorward_core::manage::api_tokens::expiry::Expiry;
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
    let present = |text: &str| block_on(house.server.take_back_leaked(text, Caller::default()));
    is_away.store(true, Ordering::SeqCst);
    assert!(present(made.value.expose()).is_err(), "nobody must believe that it was taken back");
    assert!(present("dw_pat_not_a_token_of_anybodys").is_ok());
    is_away.store(false, Ordering::SeqCst);
    assert!(present(made.value.expose()).is_ok());
    is_away.store(true, Ordering::SeqCst);
    assert!(present(made.value.expose()).is_ok());
}
