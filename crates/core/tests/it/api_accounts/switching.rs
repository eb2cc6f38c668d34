//! API accounts that are switched off and on, or rest on what is: what is handed out of them, and who switches them on again.

use super::{EVERYBODYS, OWN, by, office, orders, refusal};
use crate::people::record;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::identity::user::User;
use doorward_core::manage::access_requests::reviewing;
use doorward_core::manage::api_accounts::Members;
use doorward_core::manage::permit::Permit;
use doorward_protocol::permission::Permission::AccessRequestsDecide;
use doorward_protocol::words::{ApiAccess, Level, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;

/// Whoever is to get a credential can use it: nothing is handed out of what would not work.
#[test]
fn nothing_is_handed_out_of_an_account_that_does_not_take_part() {
    let office = office();
    office.approved(1, Level::Full, |request| request);
    let everybody = by(&office.bob, EVERYBODYS);
    let account = office.make(&office.alice, orders(Level::Read), everybody).unwrap();
    let refused = || {
        let statuses = [
            refusal(office.token(&account, Level::Read, by(&office.alice, OWN))).0,
            refusal(office.reveal(&account, &office.fresh(everybody))).0,
        ];
        assert_eq!(statuses, [409, 409]);
    };
    office.switch(&account, Status::Inactive, everybody).unwrap();
    refused();
    office.switch(&account, Status::Active, everybody).unwrap();
    let set_access = |api_access| {
        record(&office.house, move |tx| {
            let known = tx.organization(id(5))?.unwrap();
            let changed = doorward_core::identity::organization::Organization { api_access, ..known };
            tx.update_organization(&changed).map(drop)
        });
    };
    set_access(ApiAccess::Disabled);
    refused();
    set_access(ApiAccess::Enabled);
    let alice = office.alice.clone();
    record(&office.house, move |tx| {
        tx.update_user(&User { status: UserStatus::Disabled, ..alice.clone() }).map(drop)
    });
    refused();
}

/// Who looks after accounts has the last word on whether one works.
#[test]
fn an_owner_switches_on_what_they_have_switched_off_themselves_alone() {
    let office = office();
    office.approved(1, Level::Full, |request| request);
    let (alice, everybody) = (by(&office.alice, OWN), by(&office.bob, EVERYBODYS));
    let account = office.make(&office.alice, orders(Level::Read), alice).unwrap();
    let switched = |off, on| {
        let off = office.switch(&account, Status::Inactive, off).unwrap();
        (off.held_off, refusal(office.switch(&account, Status::Active, on)).0)
    };
    assert_eq!(switched(alice, alice), (false, 200));
    assert_eq!(switched(everybody, alice), (true, 403));
    assert_eq!(switched(alice, alice), (true, 403), "it is off already: that changes nothing");
    assert_eq!(switched(everybody, everybody), (true, 200));
    office.switch(&account, Status::Inactive, alice).unwrap();
    assert_eq!(switched(everybody, alice), (true, 403), "its owner had switched it off before");
    assert_eq!(switched(everybody, everybody), (true, 200));
    assert_eq!(switched(alice, alice), (false, 200));
}

/// Issue 8: what is revoked is so for ever. Nobody switches the account on again that came of it, neither by name nor as a member.
#[test]
fn an_account_whose_approval_was_revoked_stays_off() {
    let office = office();
    let everybody = by(&office.bob, EVERYBODYS);
    let account = office.make(&office.alice, orders(Level::Read), everybody).unwrap();
    let other = office.make(&office.alice, Members::named("another"), everybody).unwrap();
    let came_of = account.id;
    let request =
        office.approved(1, Level::Read, |request| AccessRequest { api_account: Some(came_of), ..request });
    office.switch(&account, Status::Inactive, everybody).unwrap();
    office.switch(&account, Status::Active, everybody).unwrap();
    let decides = office.call(by(&office.bob, &[AccessRequestsDecide]));
    let context = office.house.server.context();
    block_on(reviewing::revoke(&request.id.to_string(), "over", &decides, &context)).unwrap();
    for permit in [everybody, by(&office.alice, OWN), Permit::operator()] {
        let (status, detail) = refusal(office.switch(&account, Status::Active, permit));
        assert_eq!(status, 409);
        assert!(detail.contains("was revoked"), "{detail}");
        assert_eq!(refusal(office.update(&account, permit, |it| it.status = Status::Active)).0, 409);
    }
    office.update(&account, everybody, |members| members.description = "the one before".to_owned()).unwrap();
    office.switch(&other, Status::Inactive, everybody).unwrap();
    office.switch(&other, Status::Active, everybody).unwrap();
}
