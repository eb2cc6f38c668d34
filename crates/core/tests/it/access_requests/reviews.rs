//! Looking after what was approved: renewed, and taken back.

use super::{DECIDES, READ_ORDERS, by, office, refusal};
use crate::house::{ORDERS, STOCK};
use crate::people::{events, record};
use doorward_core::client::{AccountOwner, Client};
use doorward_core::manage::Refused;
use doorward_core::manage::access_requests::approved::levels;
use doorward_core::manage::access_requests::deciding::Approval;
use doorward_core::manage::access_requests::{Filter, reviewing};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::store::fault::Stop;
use doorward_protocol::access::level::Access;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AccessRequestStatus, Level, Status};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::people::user;
use doorward_testkit::builders::{client, id};

#[test]
fn what_is_revoked_does_not_come_back() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let request = office.ask(&office.alice, &[(ORDERS, Level::Full), (STOCK, Level::Full)]).unwrap();
    let first = office.approve(&request, Approval::default(), bob).unwrap();
    let again = office.ask(&office.alice, READ_ORDERS).unwrap();
    let second = office.approve(&again, Approval::default(), bob).unwrap();
    let (orders, stock) = (office.api(ORDERS), office.api(STOCK));
    let full = |api| Access { api, level: Level::Full };
    let own = client(20).for_account_of(AccountOwner::User(office.alice.id)).build();
    let own = Client { access: vec![full(orders), full(stock)], organization: Some(id(5)), ..own };
    record(&office.house, move |tx| tx.insert_client(&own));
    let revoked = office.revoke(&first, bob).unwrap();
    assert_eq!((revoked.status, revoked.reason.as_str()), (AccessRequestStatus::Revoked, "over"));
    let told =
        events(&office.house).into_iter().find(|event| event.action == "access_request.revoked").unwrap();
    assert_eq!(
        (told.reason.as_str(), told.note.as_str()),
        ("", "over"),
        "somebody's words are no word of ours"
    );
    let account = office.account(&revoked);
    assert_eq!((account.status, account.access), (Status::Inactive, vec![]));
    let store = office.house.server.cache().store();
    let own = block_on(store.read(|tx| tx.client(id(20)))).unwrap().unwrap().client;
    assert_eq!(own.access, [Access { api: orders, level: Level::Read }], "what the other approval gives");
    assert_eq!(office.account(&second).status, Status::Active);
    assert_eq!(levels(&[first, second]), [full(orders), full(stock)]);
}

#[test]
fn an_approval_runs_out_and_is_renewed() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let request = office.ask(&office.carl, READ_ORDERS).unwrap();
    assert_eq!(
        refusal(office.approve(&request, Approval::default(), bob)),
        "there is no such access request"
    );
    let bob = by(&user(7), DECIDES);
    let approved = office.approve(&request, Approval::default(), bob).unwrap();
    let end = approved.expires_at.unwrap();
    let filter = |status| Filter { status: Some(status), ..Filter::default() };
    office.house.clock.advance(Lifetime::days(200));
    assert_eq!(office.list(filter(AccessRequestStatus::Approved), bob), Ok(vec![]));
    assert_eq!(office.list(filter(AccessRequestStatus::Expired), bob), Ok(vec![request.id]));
    let old = || Filter { unreviewed_days: Some(100), unused_days: Some(100), ..Filter::default() };
    assert_eq!(office.list(old(), bob), Ok(vec![request.id]));
    let renewed = office.renew(&approved, bob).unwrap();
    assert!(renewed.expires_at.unwrap() > end);
    assert_eq!(office.account(&renewed).expires_at, renewed.expires_at);
    assert_eq!(office.list(old(), bob), Ok(vec![]), "somebody has looked");
    assert_eq!(office.list(filter(AccessRequestStatus::Approved), bob), Ok(vec![request.id]));
}

/// To end it earlier is another decision than to let it go on; and where no end is named, none is taken away.
#[test]
fn an_approval_is_renewed_to_no_earlier_end() {
    let office = office();
    let bob = by(&office.bob, DECIDES);
    let request = office.ask(&office.alice, READ_ORDERS).unwrap();
    let months = |months| Expiry { expires_in_months: Some(months), expires_at: None };
    let approved = Approval { expiry: months(12), ..Approval::default() };
    let approved = office.approve(&request, approved, bob).unwrap();
    let renew = |expiry: Expiry| {
        let context = office.house.server.context();
        block_on(reviewing::renew(&request.id.to_string(), expiry, &office.call(bob), &context))
    };
    let sooner = approved.expires_at.map(|end| (end - Lifetime(1)).to_string());
    for expiry in [months(3), Expiry { expires_at: sooner, ..Expiry::default() }] {
        assert!(matches!(renew(expiry), Err(Stop::Refuse(Refused::Invalid(_)))));
    }
    assert_eq!(renew(Expiry::default()).unwrap().expires_at, approved.expires_at);
    office.house.clock.advance(Lifetime::days(1));
    assert!(renew(months(12)).unwrap().expires_at > approved.expires_at);
}
