//! How an organization moves along with the requests of its people, and what becomes of these when people leave.

use super::{DECIDES, OWN, READ_ORDERS, by, office, refusal};
use crate::house::ORDERS;
use crate::people::record;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::client::{AccountOwner, Client};
use doorward_core::identity::user::User;
use doorward_core::manage::access_requests::deciding::Approval;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::{organizations, users};
use doorward_protocol::access::level::Access;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess, Level, Status};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::{client, id};
use doorward_testkit::calls::by_operator;

#[test]
fn an_organization_moves_with_the_last_open_request_of_its_people() {
    let office = office();
    let (alice, bob) = (by(&office.alice, OWN), by(&office.bob, DECIDES));
    let first = office.ask(&office.alice, READ_ORDERS).unwrap();
    let second = office.ask(&office.bob, READ_ORDERS).unwrap();
    office.deny(&first, "no", bob).unwrap();
    assert_eq!(office.organization(5).api_access, ApiAccess::Requested, "another one is open");
    office.withdraw(&second, bob).unwrap();
    assert_eq!(office.organization(5).api_access, ApiAccess::Disabled);
    let third = office.ask(&office.alice, READ_ORDERS).unwrap();
    office.withdraw(&third, alice).unwrap();
    assert_eq!(office.organization(5).api_access, ApiAccess::Disabled);
    let fourth = office.ask(&office.alice, READ_ORDERS).unwrap();
    office.approve(&fourth, Approval::default(), bob).unwrap();
    let fifth = office.ask(&office.alice, READ_ORDERS).unwrap();
    office.deny(&fifth, "no", bob).unwrap();
    assert_eq!(office.organization(5).api_access, ApiAccess::Enabled, "somebody was let in");
}

/// What an administrator has switched off by hand, no request and no approval switches on.
#[test]
fn api_access_that_was_switched_off_by_hand_stays_off() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let set = |api_access, api_access_shut| {
        let (context, call) = (office.house.server.context(), by_operator(&office.house.server.context()));
        let change = move |members: &mut organizations::Members| {
            (members.api_access, members.api_access_shut) = (api_access, api_access_shut);
            Ok(())
        };
        block_on(organizations::update(&id(5).to_string(), &call, &context, change)).unwrap();
    };
    let access = || {
        let organization = office.organization(5);
        (organization.api_access, organization.api_access_shut)
    };
    set(ApiAccess::Enabled, false);
    set(ApiAccess::Disabled, false);
    assert_eq!(access(), (ApiAccess::Disabled, true));
    set(ApiAccess::Disabled, false);
    assert_eq!(access(), (ApiAccess::Disabled, false), "that, too, is said by hand");
    set(ApiAccess::Disabled, true);
    assert_eq!(access(), (ApiAccess::Disabled, true));
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    assert_eq!(access(), (ApiAccess::Disabled, true), "asking moves nothing");
    let refused = refusal(office.approve(&request, Approval::default(), bob));
    assert!(refused.contains("has switched API access off"), "{refused}");
    assert_eq!(access(), (ApiAccess::Disabled, true));
    set(ApiAccess::Requested, true);
    assert_eq!(access(), (ApiAccess::Requested, false), "it is off no longer");
    office.approve(&request, Approval::default(), bob).unwrap();
    assert_eq!(access(), (ApiAccess::Enabled, false));
}

/// What was approved in one organization is good in no other, and whoever decides there has no say elsewhere.
#[test]
fn what_was_approved_ends_when_somebody_leaves_the_organization() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let approved = office.given(&office.alice);
    let open = office.ask(&office.alice, READ_ORDERS).unwrap();
    let other = client(23).for_account_of(AccountOwner::User(office.alice.id)).with_organization(id(5));
    let other =
        Client { access: vec![Access { api: office.api(ORDERS), level: Level::Read }], ..other.build() };
    record(&office.house, move |tx| tx.insert_client(&other));
    office.moved(&office.alice, Some(id(6)));

    let shown = |request: &AccessRequest| {
        let shown = office.show(request, by(&office.bob, DECIDES)).unwrap();
        (shown.status, shown.reason)
    };
    let left = || String::from("left the organization");
    assert_eq!(shown(&approved), (AccessRequestStatus::Revoked, left()));
    assert_eq!(shown(&open), (AccessRequestStatus::Withdrawn, left()));
    let account = office.account(&approved);
    assert_eq!(
        (account.status, account.access, account.organization),
        (Status::Inactive, vec![], Some(id(6)))
    );
    let other = office.client(23);
    assert_eq!((other.organization, other.access), (Some(id(6)), vec![]), "nor by another account");
    assert!(!refusal(office.renew(&approved, bob)).is_empty());
    assert!(!refusal(office.revoke(&approved, bob)).is_empty());
}

/// Approvals that ran out can be renewed, but not where somebody has left.
#[test]
fn nobody_renews_for_somebody_who_has_left() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let approved = office.given(&office.alice);
    office.house.clock.advance(Lifetime::days(400));
    office.moved(&office.alice, Some(id(6)));
    for refused in [office.renew(&approved, bob), office.revoke(&approved, bob)] {
        assert!(refusal(refused).contains("is not approved"));
    }
    let account = office.account(&approved);
    assert_eq!((account.status, account.access), (Status::Inactive, vec![]), "whatever end it was given");
}

/// An organization is as before when the only one who asked is deleted or moved away.
#[test]
fn an_organization_is_as_before_when_whoever_asked_is_gone() {
    for deleted in [true, false] {
        let office = office();
        office.ask(&office.alice, READ_ORDERS).unwrap();
        assert_eq!(office.organization(5).api_access, ApiAccess::Requested);
        if deleted {
            let context = office.house.server.context();
            block_on(users::delete(&office.alice.id.to_string(), &by_operator(&context), &context)).unwrap();
        } else {
            office.moved(&office.alice, None);
        }
        assert_eq!(office.organization(5).api_access, ApiAccess::Disabled, "{deleted}");
    }
}

/// Nothing is given in an organization that takes no part.
#[test]
fn nothing_is_approved_or_renewed_where_the_organization_is_inactive() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let approved = office.given(&office.alice);
    let open = office.ask(&office.alice, READ_ORDERS).unwrap();
    let (context, call) = (office.house.server.context(), by_operator(&office.house.server.context()));
    block_on(organizations::set_status(&id(5).to_string(), Status::Inactive, &call, &context)).unwrap();
    for refused in [office.renew(&approved, bob), office.approve(&open, Approval::default(), bob)] {
        assert!(refusal(refused).contains("the organization is inactive"));
    }
    office.revoke(&approved, bob).unwrap();
}

/// Where somebody was moved before what they were given ended with it: nobody whom they have left decides any more, and whoever sees both
/// takes it back.
#[test]
fn what_somebody_took_along_is_decided_about_by_nobody_they_have_left() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let approved = office.given(&office.alice);
    let open = office.ask(&office.alice, READ_ORDERS).unwrap();
    let (alice, account) = (office.alice.clone(), office.account(&approved));
    record(&office.house, move |tx| {
        tx.update_user(&User { organization: Some(id(6)), ..alice.clone() })?;
        tx.update_client(&Client { organization: Some(id(6)), ..account.clone() }).map(drop)
    });
    let everywhere = Permit::of(Actor::User(id(99)), DECIDES.iter().copied().collect(), None, None);
    for refused in [
        office.approve(&open, Approval::default(), bob),
        office.renew(&approved, bob),
        office.revoke(&approved, bob),
        office.renew(&approved, everywhere),
    ] {
        let refused = refusal(refused);
        assert!(refused.contains("has moved to another organization"), "{refused}");
    }
    office.revoke(&approved, everywhere).unwrap();
    assert_eq!(office.account(&approved).status, Status::Inactive);
}
