//! Events.

use super::ask::{read, violation, write};
use crate::builders::authorizations::{event, sealed};
use crate::builders::id;
use doorward_core::audit::event::Event;
use doorward_core::store::Store;
use doorward_protocol::time::Seconds;
use std::sync::Arc;

/// Every field survives, and an event is told once.
pub fn an_event_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = Event {
        at: Seconds(-1),
        action: String::from("family.revoked"),
        reason: String::from("reuse"),
        note: String::from("told \u{a0}so: Ö'"),
        user: None,
        client: Some(id(9)),
        api_token: Some(id(9)),
        organization: Some(id(8)),
        objects: format!("family:Ö' user:{}", id(2)),
        address: Some([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()),
        ..event(1)
    };
    let all = [odd, Event { address: Some([192, 0, 2, 1].into()), ..event(2) }, event(3)];
    let inserted = all.clone();
    write(store, move |tx| inserted.iter().try_for_each(|event| tx.insert_event(&sealed(event))));
    assert_eq!(read(store, |tx| tx.events(None, 10)), all);
    violation(store, |tx| tx.insert_event(&sealed(&event(1))));
}

/// A page begins after the last one's end, and never shows an event twice.
pub fn events_are_listed_page_by_page(store: &Arc<dyn Store>) {
    write(store, |tx| [3, 1, 2].into_iter().try_for_each(|number| tx.insert_event(&sealed(&event(number)))));
    let page = |after, limit| read(store, move |tx| tx.events(after, limit));
    assert_eq!(page(None, 2), [event(1), event(2)]);
    assert_eq!(page(Some(id(2)), 2), [event(3)]);
    assert_eq!(page(Some(id(3)), 2), []);
}
