//! Deciding: what an approval makes, and who decides about whom.

use super::{DECIDES, OWN, READ_ORDERS, by, named, office, refusal};
use crate::house::{ORDERS, STOCK};
use crate::people::{events, record};
use doorward_core::client::AccountOwner;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::access_requests::deciding::Approval;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_protocol::access::level::Access;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess, Level};
use doorward_testkit::builders::{client, id};

#[test]
fn an_approval_makes_an_api_account_with_what_was_approved_and_no_secret() {
    let office = office();
    let wished = [(ORDERS, Level::Full), (STOCK, Level::Read)];
    let request = office.ask(&office.alice, &wished).unwrap();
    assert_eq!(office.organization(5).api_access, ApiAccess::Requested);
    let approval = Approval {
        access: Some(named(READ_ORDERS)),
        expiry: Expiry { expires_in_months: Some(3), expires_at: None },
        allowed_ips: vec![String::from("10.0.0.0/8")],
        note: String::from("contract 4711"),
    };
    let approved = office.approve(&request, approval, by(&office.bob, DECIDES)).unwrap();
    assert_eq!(approved.status, AccessRequestStatus::Approved);
    assert_eq!(approved.decided_by_user, Some(office.bob.id));
    let account = office.account(&approved);
    assert_eq!(account.account_of, Some(AccountOwner::User(office.alice.id)));
    assert_eq!(account.organization, Some(id(5)));
    assert_eq!(account.access, [Access { api: office.api(ORDERS), level: Level::Read }]);
    assert_eq!(account.allowed_ips, ["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(account.expires_at, approved.expires_at);
    assert_eq!(office.organization(5).api_access, ApiAccess::Enabled);
    let told: Vec<_> = events(&office.house).into_iter().map(|event| (event.action, event.objects)).collect();
    let objects = format!(
        "access_request:{} user:{} api_account:{} organization:{}",
        approved.id,
        office.alice.id,
        account.id,
        id(5)
    );
    assert_eq!(told.len(), 2, "one for each change");
    assert!(told.contains(&(String::from("access_request.approved"), objects)), "{told:?}");
}

#[test]
fn nobody_gets_more_than_they_have_asked_for() {
    let office = office();
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    let approve = |levels: &[(&str, Level)]| {
        let approval = Approval { access: Some(named(levels)), ..Approval::default() };
        refusal(office.approve(&request, approval, by(&office.bob, DECIDES)))
    };
    let more = "access/0/level: is more than was asked for: ";
    assert_eq!(approve(&[(ORDERS, Level::Full)]), format!("{more}'read'"));
    assert_eq!(approve(&[(STOCK, Level::Read)]), format!("{more}'none'"));
    assert_eq!(approve(&[]), "access: names at least one API: to give nothing, deny the request");
    assert_eq!(approve(READ_ORDERS), "");
}

#[test]
fn nobody_decides_about_a_request_of_their_own() {
    let office = office();
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    let (alice, bob) = (by(&office.alice, DECIDES), by(&office.bob, DECIDES));
    let own = Refused::Own.to_string();
    assert_eq!(refusal(office.approve(&request, Approval::default(), alice)), own);
    assert_eq!(refusal(office.deny(&request, "no", alice)), own);
    // Nor by a program: whoever holds its secret may be whoever asked.
    let account = client(21).for_account_of(AccountOwner::User(office.alice.id)).build();
    record(&office.house, move |tx| {
        tx.insert_client(&account)?;
        tx.insert_client(&client(22).with_organization(id(5)).build())
    });
    for program in [21, 22] {
        let permissions = DECIDES.iter().copied().collect();
        let program = Permit::of(Actor::Client(id(program)), permissions, office.alice.organization, None);
        let refused = refusal(office.approve(&request, Approval::default(), program));
        assert!(refused.contains("by people, not by programs"), "{refused}");
        assert_eq!(refusal(office.deny(&request, "no", program)), refused);
    }
    let approved = office.approve(&request, Approval::default(), bob).unwrap();
    assert_eq!(refusal(office.renew(&approved, alice)), own);
    assert_eq!(refusal(office.revoke(&approved, alice)), own);
}

#[test]
fn a_request_is_decided_about_once() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    office.deny(&request, "no contract", bob).unwrap();
    let decided = "the request has been decided about already, or withdrawn";
    assert_eq!(refusal(office.deny(&request, "no", bob)), decided);
    assert_eq!(refusal(office.approve(&request, Approval::default(), bob)), decided);
    assert_eq!(refusal(office.withdraw(&request, by(&office.alice, OWN))), decided);
    assert_eq!(refusal(office.revoke(&request, bob)), "the request is not approved");
    assert_eq!(refusal(office.renew(&request, bob)), "the request is not approved");
    assert_eq!(refusal(office.deny(&request, " ", bob)), "reason: is needed: whoever asked will read it");
}

/// A name of an account has room for 200 bytes, a user name may have as many.
#[test]
fn whoever_has_a_long_name_is_approved_like_others() {
    let office = office();
    let long = format!("a{}", "é".repeat(99));
    let alice = User { username: long.parse().unwrap(), ..office.alice.clone() };
    record(&office.house, move |tx| tx.update_user(&alice).map(drop));
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    let approved = office.approve(&request, Approval::default(), by(&office.bob, DECIDES)).unwrap();
    let name = office.account(&approved).name;
    assert!(name.starts_with("API access of aéé") && name.len() >= 199, "{name}");
}

/// Whoever audits an organization reads of whatever becomes of its people's requests, by whomever.
#[test]
fn each_event_of_a_request_belongs_to_its_organization() {
    let office = office();
    let everywhere = Permit::of(Actor::User(id(99)), DECIDES.iter().copied().collect(), None, None);
    let denied = office.ask(&office.alice, READ_ORDERS).unwrap();
    office.deny(&denied, "no", everywhere).unwrap();
    let approved = office.ask(&office.alice, READ_ORDERS).unwrap();
    let approved = office.approve(&approved, Approval::default(), everywhere).unwrap();
    office.renew(&approved, everywhere).unwrap();
    office.revoke(&approved, everywhere).unwrap();
    let told = events(&office.house);
    for action in ["created", "denied", "approved", "renewed", "revoked"] {
        let mut of_action = told.iter().filter(|event| event.action == format!("access_request.{action}"));
        let event = of_action.next().unwrap_or_else(|| panic!("{action} is told"));
        assert_eq!(event.organization, Some(id(5)), "{action}");
    }
}
