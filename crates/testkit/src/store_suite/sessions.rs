//! Sessions and attempts to sign in.

use super::ask::{read, violation, write};
use crate::builders::people::{attempts, session};
use crate::builders::{digest, id};
use crate::frozen_clock::START;
use doorward_core::identity::attempts::AccountAttempts;
use doorward_core::identity::authentication::Authentication;
use doorward_core::identity::session::Session;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::Store;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::Arc;

/// Every field survives, and a session is found by its cookie and by its name.
pub fn a_session_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = Session {
        pepper: PepperVersion(3),
        user_generation: i64::MAX,
        authentication: Authentication {
            auth_time: Seconds(-1),
            amr: vec![String::from("a host's word"), String::from("otp")],
            acr: String::from("urn:x"),
        },
        seen_at: START + Lifetime(1),
        expires_at: Seconds(i64::MAX),
        ended_at: Some(START),
        ..session(1, id(9))
    };
    let mut plain = session(2, id(9));
    plain.authentication.amr = vec![];
    for session in [odd, plain] {
        let inserted = session.clone();
        write(store, move |tx| tx.insert_session(&inserted));
        assert_eq!(read(store, move |tx| tx.session_of(&session.digest)), Some(session.clone()));
        assert_eq!(read(store, move |tx| tx.session(session.id)), Some(session));
    }
    assert_eq!(read(store, |tx| tx.session_of(&digest(3))), None);
    assert_eq!(read(store, |tx| tx.session(id(3))), None);
    let twice = Session { digest: digest(1), ..session(3, id(8)) };
    let constraint = violation(store, move |tx| tx.insert_session(&twice));
    assert!(constraint.contains("digest"), "a cookie leads to one session: {constraint}");
}

/// What is over does not come back by being used, and ends once.
pub fn a_session_is_touched_until_it_is_ended_once(store: &Arc<dyn Store>) {
    let (later, end) = (START + Lifetime(60), START + Lifetime(90));
    write(store, |tx| (1..=2).try_for_each(|number| tx.insert_session(&session(number, id(9)))));
    assert!(write(store, move |tx| tx.touch_session(id(1), later)));
    assert!(write(store, move |tx| tx.end_session(id(1), end)));
    assert!(!write(store, move |tx| tx.end_session(id(1), end + Lifetime(1))));
    assert!(!write(store, move |tx| tx.touch_session(id(1), end + Lifetime(1))));
    let expected = Session { seen_at: later, ended_at: Some(end), ..session(1, id(9)) };
    assert_eq!(read(store, |tx| tx.session(id(1))), Some(expected));
    assert_eq!(read(store, |tx| tx.session(id(2))), Some(session(2, id(9))), "others go on");
    assert!(!write(store, |tx| tx.touch_session(id(3), START)));
    assert!(!write(store, |tx| tx.end_session(id(3), START)));
}

/// The oldest go first, at most so many at a time, and none that may still be good.
pub fn sessions_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=4).try_for_each(|number| {
            let expires_at = START + Lifetime(i64::from(number));
            tx.insert_session(&Session { expires_at, ..session(number, id(9)) })
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_sessions(before, 2)), 2);
    assert_eq!(read(store, |tx| tx.session(id(2))), None);
    assert!(read(store, |tx| tx.session(id(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_sessions(before, 9)), 1);
    assert!(read(store, |tx| tx.session(id(4))).is_some());
}

/// Attempts are counted under one name, and forgotten when somebody succeeds.
pub fn attempts_are_counted_and_forgotten(store: &Arc<dyn Store>) {
    assert!(!write(store, |tx| tx.update_attempts(&attempts(1), &attempts(1))), "there were none");
    write(store, |tx| (1..=2).try_for_each(|number| tx.insert_attempts(&attempts(number))));
    violation(store, |tx| tx.insert_attempts(&attempts(1)));
    let more = AccountAttempts { began_at: START + Lifetime(1), count: i64::MAX, ..attempts(1) };
    assert!(write(store, move |tx| tx.update_attempts(&attempts(1), &more)));
    assert!(!write(store, |tx| tx.update_attempts(&attempts(1), &attempts(1))), "there were more by then");
    assert_eq!(read(store, |tx| tx.attempts(&digest(1))), Some(more));
    assert_eq!(read(store, |tx| tx.attempts(&digest(2))), Some(attempts(2)));
    assert!(write(store, |tx| tx.delete_attempts(&digest(1))));
    assert!(!write(store, |tx| tx.delete_attempts(&digest(1))));
    assert_eq!(read(store, |tx| tx.attempts(&digest(1))), None);
}

/// Windows that are over go, the oldest first, at most so many at a time.
pub fn attempts_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=4).try_for_each(|number| {
            let began_at = START + Lifetime(i64::from(number));
            tx.insert_attempts(&AccountAttempts { began_at, ..attempts(number) })
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_attempts(before, 2)), 2);
    assert_eq!(read(store, |tx| tx.attempts(&digest(2))), None);
    assert!(read(store, |tx| tx.attempts(&digest(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_attempts(before, 9)), 1);
    assert!(read(store, |tx| tx.attempts(&digest(4))).is_some());
}
