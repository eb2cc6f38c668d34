//! API tokens.

use super::ask::{read, violation, write};
use crate::builders::credentials::{access, api_token, last_use, networks, previous_value};
use crate::builders::people::{organization, user};
use crate::builders::{client, digest, id};
use crate::frozen_clock::START;
use doorward_core::identity::user::User;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::Store;
use doorward_core::store::tx::filter::ApiTokenFilter;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_protocol::access::level::AccessList;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{ApiTokenStatus, Level};
use std::sync::Arc;

/// A client's token in which no field has its default.
fn odd_token(number: u32) -> ApiToken {
    ApiToken {
        pepper: PepperVersion(2),
        owner: ApiTokenOwner::Client(id(3)),
        owner_generation: 7,
        name: String::from("Ünï \"code\" 🚪"),
        description: String::from("two\nlines"),
        last_four: String::from("äöü="),
        access: AccessList {
            others: Some(Level::Read),
            ..access(&[(id(31), Level::Full), (id(30), Level::None)])
        },
        allowed_ips: networks(&["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]),
        created_by_user: None,
        created_by_client: Some(id(4)),
        generation: 5,
        previous: Some(previous_value(500 + number)),
        issued_at: START + Lifetime(3),
        updated_at: START + Lifetime(9),
        expires_at: START + Lifetime(99),
        ..api_token(number)
    }
}

/// Every field survives, and a token is found by its identifier, by its value and by the one before.
pub fn an_api_token_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let revoked =
        ApiToken { revoked_at: Some(START), inactive_reason: Some(String::from("leaked")), ..api_token(3) };
    for token in [odd_token(1), api_token(2), revoked] {
        let inserted = token.clone();
        write(store, move |tx| tx.insert_api_token(&inserted));
        let (id, digest) = (token.id, token.digest);
        assert_eq!(read(store, move |tx| tx.api_token(id)), Some(token.clone()));
        assert_eq!(read(store, move |tx| tx.api_token_standing(id)), Some(token.standing()));
        assert_eq!(read(store, move |tx| tx.api_token_standing_of(&digest)), Some(token.standing()));
        assert_eq!(read(store, move |tx| tx.api_token_of(&digest)), Some(token));
    }
    assert_eq!(read(store, |tx| tx.api_token_of(&digest(501))), Some(odd_token(1)));
    assert_eq!(read(store, |tx| tx.api_token_standing_of(&digest(501))), Some(odd_token(1).standing()));
    assert_eq!(read(store, |tx| tx.api_token_standing_of(&digest(4))), None);
    assert_eq!(read(store, |tx| tx.api_token_of(&digest(4))), None);
    assert_eq!(read(store, |tx| tx.api_token(id(4))), None);
}

/// A value belongs to one token, and a former one, too.
pub fn a_value_belongs_to_one_api_token(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_api_token(&odd_token(1)));
    violation(store, |tx| tx.insert_api_token(&ApiToken { digest: digest(1), ..api_token(2) }));
    let former = ApiToken { previous: Some(previous_value(501)), ..api_token(2) };
    violation(store, move |tx| tx.insert_api_token(&former));
    violation(store, |tx| tx.insert_api_token(&ApiToken { id: id(1), ..api_token(2) }));
}

/// An update gives a token other values, too, and leaves whose it is and who made it; it empties what may be empty.
pub fn an_update_replaces_an_api_token_but_for_its_owner(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_api_token(&odd_token(1)));
    let other = ApiToken { digest: digest(2), created_at: START + Lifetime(1000), ..api_token(1) };
    let expected = ApiToken {
        owner: odd_token(1).owner,
        owner_generation: odd_token(1).owner_generation,
        created_by_user: None,
        created_by_client: odd_token(1).created_by_client,
        created_at: START,
        ..other.clone()
    };
    assert!(write(store, move |tx| tx.update_api_token(&other)));
    assert_eq!(read(store, |tx| tx.api_token(id(1))), Some(expected.clone()));
    assert_eq!(read(store, |tx| tx.api_token_of(&digest(2))), Some(expected));
    for gone in [1, 501] {
        assert_eq!(read(store, move |tx| tx.api_token_of(&digest(gone))), None, "{gone}");
    }
    assert!(!write(store, |tx| tx.update_api_token(&api_token(2))), "there is no such token");
}

/// What was taken back stays so, whatever is changed.
pub fn an_api_token_is_revoked_once_and_changed_no_more(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_api_token(&api_token(1)));
    let later = START + Lifetime(1);
    assert!(write(store, |tx| tx.revoke_api_token(id(1), "leaked", START)));
    assert!(!write(store, move |tx| tx.revoke_api_token(id(1), "revoked", later)));
    assert!(!write(store, |tx| tx.revoke_api_token(id(2), "revoked", START)), "there is no such token");
    assert!(!write(store, |tx| tx.update_api_token(&odd_token(1))));
    let revoked = read(store, |tx| tx.api_token(id(1))).expect("it is there");
    let reason = Some(String::from("leaked"));
    assert_eq!(revoked, ApiToken { revoked_at: Some(START), inactive_reason: reason, ..api_token(1) });
}

/// A renewed hash replaces the one it was made from, and no other.
pub fn an_api_token_is_redigested_only_from_what_it_was(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_api_token(&api_token(1)));
    let redigest = |old, new| {
        write(store, move |tx| tx.redigest_api_token(id(1), &digest(old), (PepperVersion(2), &digest(new))))
    };
    assert!(redigest(1, 5));
    assert!(!redigest(1, 6), "it is another already");
    let renewed = ApiToken { digest: digest(5), pepper: PepperVersion(2), ..api_token(1) };
    assert_eq!(read(store, |tx| tx.api_token_of(&digest(5))), Some(renewed));
    assert_eq!(read(store, |tx| tx.api_token_of(&digest(1))), None);
}

/// The numbers of the tokens that a filter lets through, read two at a time.
fn listed(store: &Arc<dyn Store>, filter: &ApiTokenFilter) -> Vec<u32> {
    let mut found = vec![];
    loop {
        let (filter, after) = (filter.clone(), found.last().copied().map(id));
        let page = read(store, move |tx| tx.api_tokens(&filter, after, 2));
        found.extend(page.iter().map(|token| {
            (1..100).find(|number| id(*number) == token.id).expect("a test numbers its tokens so")
        }));
        if page.len() < 2 {
            return found;
        }
    }
}

/// A list goes on where the page before it ended, and holds what was asked for.
pub fn api_tokens_are_listed_page_by_page(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_organization(&organization(9))?;
        tx.insert_user(&User { organization: Some(id(9)), ..user(2) })?;
        tx.insert_user(&user(5))?;
        tx.insert_client(&client(3).with_organization(id(9)).build())?;
        for number in [4, 1, 3, 2] {
            tx.insert_api_token(&api_token(number))?;
        }
        tx.insert_api_token(&ApiToken { owner: ApiTokenOwner::User(id(5)), ..api_token(6) })?;
        tx.insert_api_token(&ApiToken { owner: ApiTokenOwner::Client(id(3)), ..api_token(7) })
    });
    let all = ApiTokenFilter::default();
    assert_eq!(listed(store, &all), [1, 2, 3, 4, 6, 7]);
    let of = |owner| ApiTokenFilter { owner: Some(owner), ..ApiTokenFilter::default() };
    assert_eq!(listed(store, &of(ApiTokenOwner::User(id(2)))), [1, 2, 3, 4]);
    assert_eq!(listed(store, &of(ApiTokenOwner::User(id(5)))), [6]);
    assert_eq!(listed(store, &of(ApiTokenOwner::Client(id(3)))), [7]);
    assert!(listed(store, &of(ApiTokenOwner::Client(id(2)))).is_empty(), "it is a user's identifier");
    let company = ApiTokenFilter { organization: Some(id(9)), ..all.clone() };
    assert_eq!(listed(store, &company), [1, 2, 3, 4, 7]);
    assert!(listed(store, &ApiTokenFilter { organization: Some(id(8)), ..all }).is_empty());
}

/// A token has one status: it was taken back, by itself or with all of its owner's, or has run out, or is good.
pub fn api_tokens_are_listed_by_status(store: &Arc<dyn Store>) {
    let now = START + Lifetime(10);
    write(store, move |tx| {
        tx.insert_user(&User { token_generation: 1, ..user(2) })?;
        let good = |number| ApiToken { owner_generation: 1, ..api_token(number) };
        tx.insert_api_token(&good(1))?;
        tx.insert_api_token(&ApiToken { expires_at: now, ..good(2) })?;
        tx.insert_api_token(&ApiToken { revoked_at: Some(START), ..good(3) })?;
        tx.insert_api_token(&ApiToken { expires_at: now, revoked_at: Some(START), ..good(4) })?;
        // Of the generation before.
        tx.insert_api_token(&api_token(5))?;
        tx.insert_api_token(&ApiToken { expires_at: now + Lifetime(1), ..good(6) })?;
        tx.insert_api_token(&ApiToken { owner: ApiTokenOwner::Client(id(3)), ..api_token(7) })
    });
    for (status, numbers) in [
        (ApiTokenStatus::Active, vec![1, 6, 7]),
        (ApiTokenStatus::Expired, vec![2]),
        (ApiTokenStatus::Revoked, vec![3, 4, 5]),
    ] {
        let filter = ApiTokenFilter { status: Some((status, now)), ..ApiTokenFilter::default() };
        assert_eq!(listed(store, &filter), numbers, "{status}");
        let whose = ApiTokenFilter { owner: Some(ApiTokenOwner::User(id(2))), ..filter };
        let theirs: Vec<_> = numbers.into_iter().filter(|number| *number != 7).collect();
        assert_eq!(listed(store, &whose), theirs, "{status}, of one owner");
    }
}

/// Whoever is deleted takes their tokens along, and these their last use; those of others stay.
pub fn api_tokens_go_with_their_owner(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_user(&user(2))?;
        tx.insert_client(&client(3).build())?;
        tx.insert_api_token(&api_token(1))?;
        tx.insert_api_token(&ApiToken { owner: ApiTokenOwner::Client(id(3)), ..api_token(7) })?;
        tx.record_uses(&[1, 7].map(|number| last_use(id(number))))
    });
    assert!(write(store, |tx| tx.delete_user(id(2))));
    assert_eq!(read(store, |tx| tx.last_uses(&[id(1), id(7)])), [last_use(id(7))]);
    assert_eq!(listed(store, &ApiTokenFilter::default()), [7]);
    assert!(write(store, |tx| tx.delete_client(id(3), START)));
    assert_eq!(read(store, |tx| tx.last_uses(&[id(1), id(7)])), []);
    assert!(listed(store, &ApiTokenFilter::default()).is_empty());
}

/// What has ended, in whichever way, goes a few at a time; what has not stays.
pub fn api_tokens_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        for number in 1..=3 {
            let expires_at = START + Lifetime(i64::from(number));
            tx.insert_api_token(&ApiToken { expires_at, ..api_token(number) })?;
            let revoked_at = Some(expires_at);
            tx.insert_api_token(&ApiToken { revoked_at, ..api_token(10 + number) })?;
        }
        tx.record_uses(&[1, 3].map(|number| last_use(id(number))))
    });
    let before = START + Lifetime(3);
    assert_eq!(write(store, move |tx| tx.sweep_api_tokens(before, 3)), 3);
    assert_eq!(write(store, move |tx| tx.sweep_api_tokens(before, 3)), 1);
    assert_eq!(write(store, move |tx| tx.sweep_api_tokens(before, 3)), 0);
    assert_eq!(listed(store, &ApiTokenFilter::default()), [3, 13]);
    assert_eq!(read(store, |tx| tx.last_uses(&[id(1), id(3)])), [last_use(id(3))]);
}
