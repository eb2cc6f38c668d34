//! How a token is regenerated, ends and is taken back, and why one does not work.

use super::{
    call, change, create, deeds, ids, months, now, operator, refusal, regenerate, revoke, revoke_all, show,
    somebody, somebody_of, standing, token, update,
};
use crate::house::{House, ORDERS};
use crate::management::pointers;
use crate::people::record;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::{self, Members};
use doorward_core::manage::users;
use doorward_core::token::api_token::{ApiToken, Standing, Value};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::people::{organization, user};
use doorward_testkit::builders::{credentials, digest, id};
use std::collections::BTreeSet;
use std::sync::Arc;

const NONE: Lifetime = Lifetime::seconds(0);
const HOUR: Lifetime = Lifetime::seconds(3600);

/// Which value of which token this text is.
fn value(house: &House, text: &str) -> Option<(Standing, Value)> {
    let (_, digest) = house.server.context().peppers.digest(text);
    let found =
        block_on(house.server.cache().store().read(move |tx| tx.api_token_standing_of(&digest))).unwrap()?;
    let value = found.value_of(&digest)?;
    Some((found, value))
}

#[test]
fn a_regenerated_token_keeps_everything_but_its_value_and_its_end() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[(ORDERS, Level::Read)]);
    house.advance(Lifetime::days(10));
    let again = regenerate(&house, &made.shown, months(3), NONE, operator()).ok().unwrap();
    let (before, after) = (&made.shown.token, &again.shown.token);
    assert_eq!((before.id, &before.name, before.created_at), (after.id, &after.name, after.created_at));
    assert_eq!((&before.access, before.owner), (&after.access, after.owner));
    assert_eq!(after.expires_at, now(&house).months_later(3));
    assert_eq!((after.issued_at, after.previous), (now(&house), None));
    assert_eq!(value(&house, made.value.expose()), None, "the value before is nobody's");
    let (found, which) = value(&house, again.value.expose()).unwrap();
    assert_eq!((found.id, which), (before.id, Value::Current));
    assert!(deeds(&house)[1].starts_with("api_token.regenerated"));
}

#[test]
fn a_former_value_goes_on_for_the_overlap_and_never_longer_than_it_would_have() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let first = token(&house, &alice, &[]);
    let second = regenerate(&house, &first.shown, months(6), HOUR, operator()).ok().unwrap();
    let (found, which) = value(&house, first.value.expose()).unwrap();
    assert_eq!(which, Value::Previous);
    assert_eq!(found.previous.unwrap().expires_at, now(&house) + HOUR);
    assert_eq!(second.shown.previous_expires_at, Some(now(&house) + HOUR));
    let third = regenerate(&house, &first.shown, months(6), HOUR, operator()).ok().unwrap();
    assert_eq!(value(&house, first.value.expose()), None, "the overlap before has ended");
    assert_eq!(value(&house, second.value.expose()).unwrap().1, Value::Previous);
    let end = third.shown.token.expires_at;
    house.advance(end - Lifetime::seconds(60) - now(&house));
    assert_eq!(show(&house, &third.shown).previous_expires_at, None, "long over");
    let fourth = regenerate(&house, &first.shown, months(6), HOUR, operator()).ok().unwrap();
    assert_eq!(fourth.shown.token.previous.unwrap().expires_at, end);
    house.advance(fourth.shown.token.expires_at - now(&house));
    let fifth = regenerate(&house, &first.shown, months(6), HOUR, operator()).ok().unwrap();
    assert_eq!(fifth.shown.token.previous, None, "it had ended");
    assert_eq!(standing(&fifth.shown), ("active", None));
}

#[test]
fn an_overlap_is_a_week_at_most() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[]).shown;
    let overlap =
        |seconds| pointers(regenerate(&house, &made, months(3), Lifetime::seconds(seconds), operator()));
    assert_eq!(overlap(-1), ["/overlap_seconds"]);
    assert_eq!(overlap(7 * 86_400 + 1), ["/overlap_seconds"]);
    assert!(overlap(7 * 86_400).is_empty());
}

#[test]
fn a_revoked_token_says_why_and_never_comes_back() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let [made, other] = [(); 2].map(|()| token(&house, &alice, &[]).shown);
    let revoked = revoke(&house, &made, Some(" in a public repository "), operator()).unwrap();
    assert_eq!(standing(&revoked), ("revoked", Some("in a public repository")));
    assert_eq!(revoke(&house, &made, Some("again"), operator()).unwrap(), revoked);
    assert_eq!(standing(&revoke(&house, &other, None, operator()).unwrap()), ("revoked", Some("revoked")));
    assert!(refusal(update(&house, &made, operator(), |_| ())).contains("revoked"));
    assert!(refusal(regenerate(&house, &made, months(3), NONE, operator())).contains("revoked"));
    let revoked = deeds(&house).iter().filter(|deed| deed.starts_with("api_token.revoked")).count();
    assert_eq!(revoked, 2, "none for what was revoked already");
    for bad in ["a\nb", "a\u{7}", &"x".repeat(300)] {
        assert_eq!(pointers(revoke(&house, &made, Some(bad), operator())), ["/reason"], "{bad:?}");
    }
}

#[test]
fn revoking_all_tells_what_stopped_working_and_leaves_one_event() {
    let house = House::default();
    let (alice, bob) = (somebody(&house, 1, &[]), somebody(&house, 2, &[]));
    let made: Vec<_> = (0..3).map(|_| token(&house, &alice, &[]).shown).collect();
    let bobs = token(&house, &bob, &[]).shown;
    revoke(&house, &made[1], None, operator()).unwrap();
    let stopped = revoke_all(&house, &alice, operator()).unwrap();
    let mut expected = [made[0].token.id, made[2].token.id];
    expected.sort();
    assert_eq!(ids(&stopped), expected);
    assert!(stopped.iter().all(|shown| standing(shown) == ("revoked", Some("all_revoked"))));
    assert_eq!(show(&house, &made[0]).status.as_str(), "revoked");
    assert_eq!(show(&house, &made[1]).inactive_reason.as_deref(), Some("revoked"), "for its own reason");
    assert_eq!(standing(&show(&house, &bobs)), ("active", None));
    assert!(refusal(regenerate(&house, &made[0], months(3), NONE, operator())).contains("revoked"));
    let event = deeds(&house).into_iter().filter(|deed| deed.starts_with("user.api_tokens.revoked"));
    let [first, second] = expected;
    let objects = format!("user:{} api_token:{first} api_token:{second}", alice.id);
    assert_eq!(event.collect::<Vec<_>>(), [format!("user.api_tokens.revoked {objects}")]);
    assert!(revoke_all(&house, &alice, operator()).unwrap().is_empty());
    let alls = deeds(&house).iter().filter(|deed| deed.starts_with("user.api_tokens")).count();
    assert_eq!(alls, 1, "none where nothing is left");
    assert_eq!(standing(&token(&house, &alice, &[]).shown), ("active", None), "a new one works");
}

/// What has expired could be given another value, or be good again by a clock that is set back: it is revoked, too.
#[test]
fn revoking_all_revokes_what_has_expired() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[]).shown;
    house.advance(Lifetime::days(300));
    assert_eq!(standing(&show(&house, &made)), ("expired", Some("expired")));
    assert!(revoke_all(&house, &alice, operator()).unwrap().is_empty(), "it did not work anyway");
    assert_eq!(standing(&show(&house, &made)), ("revoked", Some("all_revoked")));
    assert!(refusal(regenerate(&house, &made, months(3), NONE, operator())).contains("revoked"));
    assert!(revoke_all(&house, &alice, operator()).unwrap().is_empty());
    let alls = deeds(&house).into_iter().filter(|deed| deed.starts_with("user.api_tokens"));
    assert_eq!(alls.collect::<Vec<_>>(), [format!("user.api_tokens.revoked user:{}", alice.id)], "once");
}

/// What was made before all were revoked is revoked and told, whatever happens at once.
#[test]
fn revoking_all_misses_none_that_is_made_at_the_same_time() {
    let house = Arc::new(House::default());
    let alice = somebody(&house, 1, &[]);
    let (stopped, left) = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..5).map(|_| token(&house, &alice, &[]).shown).collect::<Vec<_>>()))
            .collect();
        let mut stopped = BTreeSet::new();
        while !makers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            stopped.extend(ids(&revoke_all(&house, &alice, operator()).unwrap()));
        }
        let made: Vec<_> = makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect();
        (stopped, made)
    });
    for made in &left {
        let works = standing(&show(&house, made)) == ("active", None);
        assert_ne!(
            works,
            stopped.contains(&made.token.id),
            "it works, or somebody was told that it does not"
        );
    }
}

#[test]
fn a_token_does_not_work_while_its_owner_or_their_organization_does_not() {
    let house = House::default();
    let acme = organization(7);
    record(&house, move |tx| tx.insert_organization(&organization(7)));
    let alice = somebody_of(&house, User { organization: Some(acme.id), ..user(1) }, &[]);
    let made = token(&house, &alice, &[]).shown;
    let make = || refusal(create(&house, &alice, Members::named("t"), Expiry::default(), operator()));
    change(&house, &alice, |user| User { status: UserStatus::Disabled, ..user });
    assert_eq!(standing(&show(&house, &made)), ("active", Some("owner_disabled")));
    assert!(make().contains("disabled"), "{}", make());
    assert!(refusal(regenerate(&house, &made, months(3), NONE, operator())).contains("disabled"));
    change(&house, &alice, |user| User { status: UserStatus::Active, ..user });
    record(&house, |tx| {
        tx.update_organization(&Organization { status: Status::Inactive, ..organization(7) }).map(drop)
    });
    assert_eq!(standing(&show(&house, &made)), ("active", Some("organization_inactive")));
    assert!(make().contains("inactive"), "{}", make());
    house.advance(made.token.expires_at - now(&house));
    assert_eq!(standing(&show(&house, &made)), ("expired", Some("expired")));
}

#[test]
fn nobody_has_more_tokens_that_work_than_they_can_keep_in_mind() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let over = token(&house, &alice, &[]).shown;
    house.advance(over.token.expires_at - now(&house));
    let (owner, now) = (alice.id, now(&house));
    record(&house, move |tx| {
        (0..100).try_for_each(|number| {
            let blank = credentials::api_token(100 + number);
            tx.insert_api_token(&ApiToken {
                owner: doorward_core::token::api_token::ApiTokenOwner::User(owner),
                digest: digest(100 + number),
                expires_at: now + HOUR,
                ..blank
            })
        })
    });
    let make = || create(&house, &alice, Members::named("t"), Expiry::default(), operator());
    assert!(refusal(make()).contains("100"));
    let again = || refusal(regenerate(&house, &over, months(3), NONE, operator()));
    assert!(again().contains("100"), "nor does one come back that had ended");
    let one = id(100).to_string();
    block_on(api_tokens::revoke(&one, None, &call(&house, operator()), &house.server.context())).unwrap();
    let made = make().ok().unwrap().shown;
    assert!(refusal(make()).contains("100"));
    house.advance(HOUR);
    let expired =
        block_on(api_tokens::show(&id(101).to_string(), &call(&house, operator()), &house.server.context()));
    assert_eq!(standing(&expired.unwrap()), ("expired", Some("expired")));
    assert!(make().is_ok());
    assert_eq!(standing(&show(&house, &made)), ("active", None));
}

/// What voids everything of a user's voids their API tokens for good; a new password, which programs know nothing of, does not.
#[test]
fn whatever_voids_everything_of_a_users_voids_their_tokens() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let (name, context) = (alice.username.to_string(), house.server.context());
    let made = token(&house, &alice, &[]).shown;
    let password = doorward_protocol::secret::Secret::new("tidy kettle mosses".to_owned());
    block_on(users::set_password(&name, &password, &call(&house, operator()), &context)).unwrap();
    assert_eq!(standing(&show(&house, &made)), ("active", None));
    block_on(users::revoke_all(&name, &call(&house, operator()), &context)).unwrap();
    assert_eq!(standing(&show(&house, &made)), ("revoked", Some("all_revoked")));
    let made = token(&house, &alice, &[]).shown;
    for (status, reason) in [(UserStatus::Disabled, "owner_disabled"), (UserStatus::Active, "all_revoked")] {
        block_on(users::set_status(&name, status, &call(&house, operator()), &context)).unwrap();
        assert_eq!(standing(&show(&house, &made)), ("revoked", Some(reason)), "{status}");
    }
}
