//! What is issued once and redeemed once: interactions, authorization codes, set-up links.

use super::ask::{read, violation, write};
use crate::builders::authorizations::{code, interaction};
use crate::builders::people::{setup_link, user};
use crate::builders::{digest, id, scope};
use crate::frozen_clock::START;
use doorward_core::identity::authentication::Authentication;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::Store;
use doorward_core::ticket::code::{Code, CodeBinding};
use doorward_core::ticket::interaction::{Goal, Interaction, Progress, StoredInteraction};
use doorward_core::ticket::setup_link::SetupLink;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::Arc;

/// As far as an interaction can come.
fn far() -> Progress {
    Progress {
        session: Some(id(3)),
        signed_in: true,
        chosen: true,
        another: true,
        consented: true,
        denied: true,
    }
}

/// Every field survives, and of the parameters their order and whatever stands in them.
pub fn an_interaction_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = [("scope", "a b"), ("state", "\"\\ \u{0}\u{1f}\n'; DROP 🚪"), ("scope", "")];
    let odd = odd.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let odd = Interaction { goal: Goal::Authorize(odd.to_vec()), progress: far(), created_at: Seconds(-1) };
    let page = Interaction::new(Goal::Page(String::from("/account?x=1")), START);
    let all = [
        StoredInteraction { pepper: PepperVersion(3), interaction: odd, ..interaction(1) },
        StoredInteraction { interaction: page, ..interaction(2) },
        interaction(3),
    ];
    let inserted = all.clone();
    write(store, move |tx| inserted.iter().try_for_each(|one| tx.insert_interaction(one)));
    for one in all {
        assert_eq!(read(store, move |tx| tx.interaction(&one.digest)), Some(one));
    }
    assert_eq!(read(store, |tx| tx.interaction(&digest(4))), None);
    violation(store, |tx| tx.insert_interaction(&interaction(1)));
}

/// An interaction goes on in one place, and ends once: what follows from it follows once.
pub fn an_interaction_goes_on_until_it_ends_once(store: &Arc<dyn Store>) {
    write(store, |tx| (1..=2).try_for_each(|number| tx.insert_interaction(&interaction(number))));
    assert!(write(store, |tx| tx.update_interaction(&digest(1), &far())));
    let mut gone_on = interaction(1);
    gone_on.interaction.progress = far();
    assert_eq!(read(store, |tx| tx.interaction(&digest(1))), Some(gone_on));
    assert_eq!(read(store, |tx| tx.interaction(&digest(2))), Some(interaction(2)));
    assert!(write(store, |tx| tx.delete_interaction(&digest(1))));
    assert!(!write(store, |tx| tx.delete_interaction(&digest(1))));
    assert!(!write(store, |tx| tx.update_interaction(&digest(1), &far())));
    assert_eq!(read(store, |tx| tx.interaction(&digest(1))), None);
    assert!(read(store, |tx| tx.interaction(&digest(2))).is_some());
}

/// The oldest go first, at most so many at a time.
pub fn interactions_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=4).try_for_each(|number| {
            let mut one = interaction(number);
            one.interaction.created_at = START + Lifetime(i64::from(number));
            tx.insert_interaction(&one)
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_interactions(before, 2)), 2);
    assert_eq!(read(store, |tx| tx.interaction(&digest(2))), None);
    assert!(read(store, |tx| tx.interaction(&digest(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_interactions(before, 9)), 1);
    assert!(read(store, |tx| tx.interaction(&digest(4))).is_some());
}

/// RFC 6749 §4.1.2 and RFC 7636 §4.4: what a code is bound to survives, whichever of it there is.
pub fn a_code_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = Code {
        pepper: PepperVersion(3),
        family: id(21),
        client: id(22),
        client_generation: i64::MAX,
        user: id(23),
        user_generation: 5,
        session: id(24),
        consent: Some((id(25), i64::MAX)),
        redirect_uri: String::from("com.example.app:/back?x=1&y=ü"),
        redirect_uri_given: false,
        scope: scope("a b:c"),
        api: Some(id(26)),
        authentication: Authentication {
            auth_time: Seconds(-1),
            amr: vec![String::from("a host's word"), String::from("otp")],
            acr: String::from("urn:x"),
        },
        issued_at: Seconds(-2),
        expires_at: Seconds(i64::MAX),
        used_at: Some(START),
        ..code(1)
    };
    let bare = Code { consent: None, binding: CodeBinding::ConfidentialOnly, nonce: None, ..code(2) };
    let all = [odd, Code { nonce: Some(String::new()), scope: scope(""), ..bare }, code(3)];
    let inserted = all.clone();
    write(store, move |tx| inserted.iter().try_for_each(|code| tx.insert_code(code)));
    for code in all {
        assert_eq!(read(store, move |tx| tx.code(&code.digest)), Some(code));
    }
    assert_eq!(read(store, |tx| tx.code(&digest(4))), None);
    violation(store, |tx| tx.insert_code(&code(3)));
}

/// RFC 6749 §4.1.2: a code is used once, and the second use is recognised as one.
pub fn a_code_is_used_once_and_stays_known(store: &Arc<dyn Store>) {
    write(store, |tx| (1..=2).try_for_each(|number| tx.insert_code(&code(number))));
    assert!(write(store, |tx| tx.use_code(&digest(1), START)));
    assert!(!write(store, |tx| tx.use_code(&digest(1), START + Lifetime(1))));
    assert!(!write(store, |tx| tx.use_code(&digest(3), START)));
    assert_eq!(read(store, |tx| tx.code(&digest(1))), Some(Code { used_at: Some(START), ..code(1) }));
    assert_eq!(read(store, |tx| tx.code(&digest(2))), Some(code(2)));
}

/// The oldest go first, at most so many at a time.
pub fn codes_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=4).try_for_each(|number| {
            let expires_at = START + Lifetime(i64::from(number));
            tx.insert_code(&Code { expires_at, ..code(number) })
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_codes(before, 2)), 2);
    assert_eq!(read(store, |tx| tx.code(&digest(2))), None);
    assert!(read(store, |tx| tx.code(&digest(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_codes(before, 9)), 1);
    assert!(read(store, |tx| tx.code(&digest(4))).is_some());
}

/// Every field survives, and a link sets one password.
pub fn a_setup_link_comes_back_and_is_used_once(store: &Arc<dyn Store>) {
    let odd = SetupLink {
        pepper: PepperVersion(3),
        user_generation: 7,
        created_at: Seconds(-1),
        expires_at: Seconds(i64::MAX),
        ..setup_link(1, id(9))
    };
    let inserted = odd.clone();
    write(store, move |tx| {
        tx.insert_user(&user(9))?;
        tx.insert_setup_link(&inserted)?;
        tx.insert_setup_link(&setup_link(2, id(9)))
    });
    assert_eq!(read(store, |tx| tx.setup_link(&digest(1))), Some(odd.clone()));
    assert!(write(store, |tx| tx.use_setup_link(&digest(1), START)));
    assert!(!write(store, |tx| tx.use_setup_link(&digest(1), START + Lifetime(1))));
    assert!(!write(store, |tx| tx.use_setup_link(&digest(3), START)));
    assert_eq!(
        read(store, |tx| tx.setup_link(&digest(1))),
        Some(SetupLink { used_at: Some(START), ..odd }),
        "a used one stays known"
    );
    assert_eq!(read(store, |tx| tx.setup_link(&digest(2))), Some(setup_link(2, id(9))));
}

/// Those of one user alone, as long as they could be used.
pub fn the_setup_links_of_a_user_are_known_while_they_are_unused(store: &Arc<dyn Store>) {
    let (first, second) = (setup_link(1, id(9)), setup_link(2, id(9)));
    let longer = SetupLink { expires_at: second.expires_at + Lifetime(1), ..second };
    let (end, inserted) = (first.expires_at, longer.clone());
    write(store, move |tx| {
        tx.insert_user(&user(8))?;
        tx.insert_user(&user(9))?;
        tx.insert_setup_link(&setup_link(1, id(9)))?;
        tx.insert_setup_link(&inserted)?;
        tx.insert_setup_link(&setup_link(3, id(8)))
    });
    let of = |user, after| read(store, move |tx| tx.unused_setup_links(id(user), after));
    let mut both = of(9, START);
    both.sort_by_key(|link| link.expires_at);
    assert_eq!(both, [first, longer.clone()]);
    assert_eq!(of(9, end), std::slice::from_ref(&longer), "an end is not after itself");
    assert!(of(9, longer.expires_at).is_empty() && of(7, START).is_empty());
    assert!(write(store, |tx| tx.use_setup_link(&digest(2), START)));
    assert!(of(9, end).is_empty(), "one that was used sets no other password");
}

/// A link for nobody would set nobody's password.
pub fn nobody_gets_a_setup_link_who_is_not_there(store: &Arc<dyn Store>) {
    violation(store, |tx| tx.insert_setup_link(&setup_link(1, id(9))));
    assert_eq!(read(store, |tx| tx.setup_link(&digest(1))), None);
}

/// The oldest go first, at most so many at a time.
pub fn setup_links_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_user(&user(9))?;
        (1..=4).try_for_each(|number| {
            let expires_at = START + Lifetime(i64::from(number));
            tx.insert_setup_link(&SetupLink { expires_at, ..setup_link(number, id(9)) })
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_setup_links(before, 2)), 2);
    assert_eq!(read(store, |tx| tx.setup_link(&digest(2))), None);
    assert!(read(store, |tx| tx.setup_link(&digest(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_setup_links(before, 9)), 1);
    assert!(read(store, |tx| tx.setup_link(&digest(4))).is_some());
}
