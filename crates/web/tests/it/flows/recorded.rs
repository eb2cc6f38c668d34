//! What is recorded of people's ways: who, at which client, from where.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, Place};

/// NIST SP 800-53 AU-3: a session that begins, and what is agreed to in it or not, each with the person and their address.
#[test]
fn sign_ins_and_decisions_are_recorded() {
    let place = Place::new();
    let (browser, alice) = (Browser::new(&place), place.user_id("alice"));
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let begun = place.recorded("session.begun");
    assert_eq!(begun.len(), 1);
    assert!(begun[0].objects.starts_with("session:"), "{:?}", begun[0]);

    let consent = browser.open(&place.request(APP, &[])).page();
    assert_eq!(browser.submit(&consent, &[("decision", "deny")]).error(), "access_denied");
    assert_eq!((place.recorded("consent.denied").len(), place.recorded("consent.given").len()), (1, 0));
    place.code(&browser, &place.request(APP, &[]), "alice");
    let [denied, given] = ["consent.denied", "consent.given"].map(|action| place.recorded(action));
    assert_eq!((denied.len(), given.len()), (1, 1));
    for event in [&begun[0], &denied[0], &given[0]] {
        assert_eq!((event.user, event.at), (Some(alice), place.context().now), "{event:?}");
        assert_eq!(event.address, Some(browser.address), "{event:?}");
    }
    assert!(denied[0].client.is_some() && denied[0].client == given[0].client);
    assert_eq!(begun[0].client, None, "a session is for every client");
}
