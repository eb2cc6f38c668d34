//! What may be asked of a token, and what is kept of it.

use super::{
    bound, call, create, deeds, months, now, operator, reach, refusal, show, somebody, token, update,
};
use crate::house::{House, ORDERS, STOCK};
use crate::management::pointers;
use crate::people::record;
use doorward_core::manage::api_tokens::access::{ApplyToAll, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::{self, Members};
use doorward_core::manage::call::Tag;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{TokenType, read};
use doorward_protocol::words::{Level, TokenFormat};
use doorward_testkit::block_on::block_on;

#[test]
fn a_token_is_told_once_and_stored_as_a_keyed_hash() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let members = Members {
        description: "reads at night".into(),
        reach: reach(&[(ORDERS, Level::Read), (STOCK, Level::Full)]),
        allowed_ips: vec!["192.0.2.0/24".into(), "2001:db8::7".into()],
        ..Members::named("backup")
    };
    let issued = create(&house, &alice, members, months(12), operator()).ok().unwrap();
    let text = issued.value.expose().to_owned();
    assert_eq!(read(&text), Ok(TokenType::PersonalAccessToken));
    let shown = show(&house, &issued.shown);
    assert_eq!(shown, issued.shown);
    assert_eq!(shown.token.last_four, text[text.len() - 4..]);
    let (_, digest) = house.server.context().peppers.digest(&text);
    let found = block_on(house.server.cache().store().read(move |tx| tx.api_token_of(&digest))).unwrap();
    assert_eq!(found.as_ref(), Some(&shown.token));
    let stored = format!("{found:?}");
    assert!(!stored.contains(&text[7..40]), "the value stands nowhere");
    let access: Vec<_> = shown.access.iter().map(|(api, level)| (api.as_str(), *level)).collect();
    assert_eq!(access, [(ORDERS, Level::Read), (STOCK, Level::Full)]);
    let networks: Vec<_> = shown.token.allowed_ips.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["192.0.2.0/24", "2001:db8::7/128"]);
    assert_eq!(shown.token.expires_at, now(&house).months_later(12));
    assert_eq!((shown.token.created_by_user, shown.last_use), (None, None), "the operator is nobody");
    assert_eq!(deeds(&house), [format!("api_token.created api_token:{} user:{}", shown.token.id, alice.id)]);
}

#[test]
fn every_bad_member_of_a_token_is_named_at_once() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let members = Members {
        description: "a\u{7}b".into(),
        reach: reach(&[
            (ORDERS, Level::Read),
            ("https://nowhere.example", Level::Read),
            (ORDERS, Level::Full),
        ]),
        allowed_ips: vec!["everywhere".into()],
        ..Members::named(" ")
    };
    let refused = pointers(create(&house, &alice, members, months(5), operator()));
    let expected =
        ["/name", "/description", "/allowed_ips/0", "/access/1/api", "/access/2/api", "/expires_in_months"];
    assert_eq!(refused, expected);
    assert!(deeds(&house).is_empty(), "nothing is half-made");
}

#[test]
fn a_token_ends_within_what_each_api_that_it_opens_allows() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    bound(&house, ORDERS, Lifetime::days(30));
    let make = |level, expiry| {
        let members =
            Members { reach: reach(&[(ORDERS, level), (STOCK, Level::Full)]), ..Members::named("t") };
        create(&house, &alice, members, expiry, operator())
    };
    let refused = refusal(make(Level::Read, months(3)));
    assert!(refused.contains(ORDERS) && refused.contains("30 days"), "{refused}");
    let usual = make(Level::Read, Expiry::default()).ok().unwrap().shown.token;
    assert_eq!(usual.expires_at, now(&house) + Lifetime::days(30), "cut, and shown");
    assert!(make(Level::None, months(12)).is_ok(), "what it does not open does not bound it");
}

#[test]
fn an_update_keeps_what_it_does_not_name_and_leaves_one_event() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[(ORDERS, Level::Read)]).shown;
    house.advance(Lifetime::seconds(5));
    let renamed = update(&house, &made, operator(), |members| members.name = "renamed".into()).unwrap();
    assert_eq!(renamed.token.updated_at - made.token.updated_at, Lifetime::seconds(5));
    assert_eq!(renamed.access, made.access);
    assert_eq!(renamed.token.expires_at, made.token.expires_at);
    let levels = update(&house, &made, operator(), |members| {
        members.reach = reach(&[(STOCK, Level::Full)]);
        members.allowed_ips = vec!["192.0.2.7".into()];
    });
    let levels = levels.unwrap();
    let access: Vec<_> = levels.access.iter().map(|(api, level)| (api.as_str(), *level)).collect();
    assert_eq!((access, levels.token.name.as_str()), (vec![(STOCK, Level::Full)], "renamed"));
    let same = update(&house, &made, operator(), |members| members.name = "renamed".into()).unwrap();
    assert_eq!(same, levels);
    let updated = deeds(&house).iter().filter(|deed| deed.starts_with("api_token.updated")).count();
    assert_eq!(updated, 2, "none for what changes nothing");
    let bad = update(&house, &made, operator(), |members| members.name.clear());
    assert_eq!(pointers(bad), ["/name"]);
}

/// RFC 9110 §13.1.1: a change that was meant for another state is not made.
#[test]
fn a_token_is_changed_only_in_the_state_that_was_seen() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[]).shown;
    let seen = Some(Tag::of(&made.token));
    let (reference, context) = (made.token.id.to_string(), house.server.context());
    let rename = |name: &'static str| {
        let change = move |members: &mut Members| {
            members.name = name.into();
            Ok(())
        };
        let call = call(&house, operator()).expecting(seen);
        refusal(block_on(api_tokens::update(&reference, &call, &context, change)))
    };
    assert_eq!(rename("first"), "");
    assert!(rename("second").contains("changed"));
    let call = call(&house, operator()).expecting(seen);
    let (expiry, overlap) = (Expiry::default(), Lifetime::seconds(0));
    let again = block_on(api_tokens::regenerate(&reference, expiry, overlap, &call, &context));
    assert!(refusal(again).contains("changed"));
    assert!(refusal(block_on(api_tokens::revoke(&reference, None, &call, &context))).contains("changed"));
}

/// A token that lives for longer than an API allows is not let into it by the back door.
#[test]
fn an_api_is_opened_later_only_to_a_token_that_may_live_so_long() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[(ORDERS, Level::Read)]).shown;
    bound(&house, STOCK, Lifetime::days(30));
    bound(&house, ORDERS, Lifetime::days(30));
    let open = update(&house, &made, operator(), |members| {
        members.reach = reach(&[(ORDERS, Level::Full), (STOCK, Level::Read)]);
    });
    assert_eq!(pointers(open), ["/access/1/api"], "but what is open already stays so");
    let all = update(&house, &made, operator(), |members| {
        members.reach = Reach::All(ApplyToAll { level: Level::Read, include_future: true });
    });
    assert_eq!(pointers(all), ["/apply_to_all"]);
}

#[test]
fn one_level_for_all_apis_holds_at_those_that_come_later_if_that_was_asked_for() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let management = super::management(&house);
    let [now, later] = [false, true].map(|include_future| {
        let reach = Reach::All(ApplyToAll { level: Level::Read, include_future });
        let members = Members { reach, ..Members::named("all") };
        create(&house, &alice, members, Expiry::default(), operator()).ok().unwrap().shown
    });
    house.api("https://later.example", &[], TokenFormat::Opaque);
    let identifiers = |shown| -> Vec<String> {
        show(&house, shown).access.into_iter().map(|(api, _)| api.to_string()).collect()
    };
    assert_eq!(identifiers(&now), [ORDERS, STOCK]);
    assert_eq!(identifiers(&later), ["https://later.example", ORDERS, STOCK]);
    assert!(!identifiers(&later).contains(&management));
    assert_eq!(now.apply_to_all, None, "they are named");
    let all = ApplyToAll { level: Level::Read, include_future: true };
    assert_eq!(later.apply_to_all, Some(all));
}

#[test]
fn the_last_use_of_a_token_is_told() {
    let house = House::default();
    let alice = somebody(&house, 1, &[]);
    let made = token(&house, &alice, &[]).shown;
    let used = LastUse { id: made.token.id, used_at: now(&house), address: Some([192, 0, 2, 7].into()) };
    record(&house, move |tx| tx.record_uses(&[used]));
    assert_eq!(show(&house, &made).last_use, Some(used));
}
