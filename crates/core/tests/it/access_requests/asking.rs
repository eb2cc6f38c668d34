//! Asking: who may, how often, and what they see of it.

use super::{DECIDES, OWN, READ_ORDERS, by, office, refusal};
use crate::house::ORDERS;
use crate::people::record;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::client::AccountOwner;
use doorward_core::identity::user::User;
use doorward_core::manage::access_requests::deciding::Approval;
use doorward_core::manage::access_requests::{Filter, api_info};
use doorward_core::manage::call::Tag;
use doorward_core::manage::permit::Permit;
use doorward_protocol::permission::Permission::{AccessRequestsRead, AccessRequestsSelf};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{ApiAccess, Level};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::client;
use doorward_testkit::builders::id;
use doorward_testkit::builders::people::user;

#[test]
fn whoever_asks_asks_for_themselves_and_may() {
    let office = office();
    let needs = format!("this needs the permission {AccessRequestsSelf}");
    let ask = |permit| refusal(office.ask_by(&office.alice, READ_ORDERS, permit));
    assert_eq!(ask(by(&office.alice, &[AccessRequestsRead])), needs);
    assert_eq!(ask(by(&office.bob, DECIDES)), needs);
    assert_eq!(ask(Permit::in_person(office.bob.id, None)), needs);
    assert_eq!(ask(Permit::in_person(office.alice.id, None)), "");
    let none = refusal(office.ask(&office.carl, &[(ORDERS, Level::None)]));
    assert!(none.starts_with("access/0/level"), "{none}");
    let unknown = refusal(office.ask(&office.carl, &[("https://nowhere.example", Level::Read)]));
    assert!(unknown.starts_with("access/0/api"), "{unknown}");
}

#[test]
fn somebody_has_one_open_request() {
    let office = office();
    office.ask(&office.alice, READ_ORDERS).unwrap();
    let again = refusal(office.ask(&office.alice, READ_ORDERS));
    assert!(again.starts_with("you have an open request already"), "{again}");
    assert!(office.ask(&office.bob, READ_ORDERS).is_ok());
}

#[test]
fn nobody_asks_without_end() {
    let office = office();
    let alice = by(&office.alice, OWN);
    for _ in 0..20 {
        let request = office.ask(&office.alice, READ_ORDERS).unwrap();
        office.withdraw(&request, alice).unwrap();
    }
    let refused = refusal(office.ask(&office.alice, READ_ORDERS));
    assert!(refused.contains("20 times within a day"), "{refused}");
    office.house.clock.advance(Lifetime::days(2));
    office.ask(&office.alice, READ_ORDERS).unwrap();
}

#[test]
fn what_is_elsewhere_is_not_there() {
    let office = office();
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    let elsewhere = User { organization: Some(id(6)), ..user(7) };
    let not_there = "there is no such access request";
    let there = by(&elsewhere, DECIDES);
    assert_eq!(refusal(office.approve(&request, Approval::default(), there)), not_there);
    assert_eq!(refusal(office.deny(&request, "no", there)), not_there);
    assert_eq!(refusal(office.withdraw(&request, there)), not_there);
    assert_eq!(office.list(Filter::default(), there), Ok(vec![]));
    let (anywhere, own) = (by(&user(7), DECIDES), by(&office.carl, OWN));
    assert_eq!(office.list(Filter::default(), anywhere), Ok(vec![request.id]));
    assert_eq!(office.list(Filter::default(), own), Ok(vec![]));
    assert_eq!(office.list(Filter::default(), by(&office.alice, OWN)), Ok(vec![request.id]));
    assert_eq!(refusal(office.withdraw(&request, own)), not_there);
    let alices = Filter { user: Some(office.alice.id.to_string()), ..Filter::default() };
    assert!(office.list(alices, own).is_err());
}

/// The state that whoever asked is shown tells nothing of what those who decide note for one another.
#[test]
fn no_state_depends_on_a_note() {
    let office = office();
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    let approval = Approval { note: "known from last year".to_owned(), ..Approval::default() };
    let approved = office.approve(&request, approval, by(&office.bob, DECIDES)).unwrap();
    let other = AccessRequest { note: "not sure".to_owned(), ..approved.clone() };
    assert_eq!(Tag::of(&approved), Tag::of(&other));
    assert_ne!(Tag::of(&approved), Tag::of(&AccessRequest { reason: "x".to_owned(), ..approved.clone() }));
}

#[test]
fn api_info_tells_what_somebody_has() {
    let office = office();
    let info_of = |user: &User| {
        let call = office.call(by(user, OWN));
        block_on(api_info::own(&call, &office.house.server.context())).unwrap()
    };
    let own = || info_of(&office.alice);
    assert_eq!((own().api_access, own().request), (ApiAccess::Disabled, None));
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    assert_eq!((own().api_access, own().request), (ApiAccess::Requested, Some(request.clone())));
    let approved = office.approve(&request, Approval::default(), by(&office.bob, DECIDES)).unwrap();
    let info = own();
    assert_eq!(info.api_access, ApiAccess::Enabled);
    assert_eq!(
        info.accounts.iter().map(|record| record.client.id).collect::<Vec<_>>(),
        [approved.api_account.unwrap()]
    );
    assert!(info.accounts[0].secrets.is_empty(), "nobody has revealed it");
    let empty = |number: u32, user: &User| client(number).for_account_of(AccountOwner::User(user.id)).build();
    let accounts = [empty(31, &office.bob), empty(32, &office.carl)];
    record(&office.house, move |tx| accounts.iter().try_for_each(|account| tx.insert_client(account)));
    for user in [&office.bob, &office.carl] {
        assert_eq!(info_of(user).api_access, ApiAccess::Disabled, "nothing was approved for them");
    }
    assert_eq!(office.organization(5).api_access, ApiAccess::Enabled);
    office.house.clock.advance(Lifetime::days(400));
    assert_eq!(own().api_access, ApiAccess::Disabled, "it has ended");
    let renewed = office.renew(&approved, by(&office.bob, DECIDES)).unwrap();
    assert_eq!(own().api_access, ApiAccess::Enabled);
    office.revoke(&renewed, by(&office.bob, DECIDES)).unwrap();
    assert_eq!(own().api_access, ApiAccess::Disabled);
}
