//! Requests for API access: who may ask, see and decide, what follows from each decision, and how the organization moves along.

use crate::house::{House, ORDERS, STOCK};
use crate::people::{events, record};
use doorward_core::access::access_request::AccessRequest;
use doorward_core::client::{AccountOwner, Client};
use doorward_core::identity::group::Group;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::access_requests::approved::levels;
use doorward_core::manage::access_requests::deciding::{self, Approval};
use doorward_core::manage::access_requests::{self, Filter, Wish, api_info, reviewing};
use doorward_core::manage::api_tokens::access::Named;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::store::fault::Stop;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission::{
    self, AccessRequestsDecide, AccessRequestsRead, AccessRequestsSelf,
};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess, Level, Status};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::people::{group, organization, user};
use doorward_testkit::builders::{client, id};

type Answer = Result<AccessRequest, Stop<Refused>>;

const OWN: &[Permission] = &[AccessRequestsSelf];
const DECIDES: &[Permission] = &[AccessRequestsSelf, AccessRequestsRead, AccessRequestsDecide];

/// Alice and Bob of the organization 5, and Carl of none; each may ask.
struct Office {
    house: House,
    alice: User,
    bob: User,
    carl: User,
}

fn office() -> Office {
    let house = House::default();
    let people = [(2, Some(id(5))), (3, Some(id(5))), (4, None)];
    let asks = Group { permissions: OWN.iter().copied().collect(), ..group(9) };
    let [alice, bob, carl] =
        people.map(|(number, organization)| User { organization, groups: vec![asks.id], ..user(number) });
    let all = [alice.clone(), bob.clone(), carl.clone()];
    record(&house, move |tx| {
        tx.insert_organization(&organization(5))?;
        tx.insert_organization(&organization(6))?;
        tx.insert_group(&asks)?;
        all.iter().try_for_each(|user| tx.insert_user(user))
    });
    Office { house, alice, bob, carl }
}

impl Office {
    fn call(&self, permit: Permit) -> Call {
        Call::by(permit, &self.house.server.context()).unwrap()
    }

    fn ask(&self, user: &User, wished: &[(&str, Level)]) -> Answer {
        self.ask_by(user, wished, by(user, OWN))
    }

    fn ask_by(&self, user: &User, wished: &[(&str, Level)], permit: Permit) -> Answer {
        let wish = Wish { message: String::from("please"), access: named(wished) };
        let context = self.house.server.context();
        block_on(access_requests::create(&user.id.to_string(), wish, &self.call(permit), &context))
    }

    fn approve(&self, request: &AccessRequest, approval: Approval, permit: Permit) -> Answer {
        let context = self.house.server.context();
        block_on(deciding::approve(&request.id.to_string(), approval, &self.call(permit), &context))
    }

    fn deny(&self, request: &AccessRequest, reason: &str, permit: Permit) -> Answer {
        let context = self.house.server.context();
        block_on(deciding::deny(&request.id.to_string(), reason, &self.call(permit), &context))
    }

    fn withdraw(&self, request: &AccessRequest, permit: Permit) -> Answer {
        let context = self.house.server.context();
        block_on(access_requests::withdraw(&request.id.to_string(), &self.call(permit), &context))
    }

    fn revoke(&self, request: &AccessRequest, permit: Permit) -> Answer {
        let context = self.house.server.context();
        block_on(reviewing::revoke(&request.id.to_string(), "over", &self.call(permit), &context))
    }

    fn renew(&self, request: &AccessRequest, permit: Permit) -> Answer {
        let expiry = Expiry { expires_in_months: Some(12), expires_at: None };
        let context = self.house.server.context();
        block_on(reviewing::renew(&request.id.to_string(), expiry, &self.call(permit), &context))
    }

    fn list(&self, filter: Filter, permit: Permit) -> Result<Vec<Id>, String> {
        let context = self.house.server.context();
        match block_on(access_requests::list(filter, None, 50, &self.call(permit), &context)) {
            Ok(found) => Ok(found.iter().map(|request| request.id).collect()),
            refused => Err(refusal(refused)),
        }
    }

    fn organization(&self, number: u32) -> Organization {
        let store = self.house.server.cache().store();
        block_on(store.read(move |tx| tx.organization(id(number)))).unwrap().unwrap()
    }

    fn account(&self, request: &AccessRequest) -> Client {
        let account = request.api_account.unwrap();
        let store = self.house.server.cache().store();
        block_on(store.read(move |tx| tx.client(account))).unwrap().unwrap().client
    }

    fn api(&self, identifier: &str) -> Id {
        self.house.server.cache().apis().by_identifier(identifier).unwrap().id
    }
}

fn named(levels: &[(&str, Level)]) -> Vec<Named> {
    levels.iter().map(|(api, level)| Named { api: (*api).to_owned(), level: *level }).collect()
}

/// A user with a token that lets them do this.
fn by(user: &User, permissions: &[Permission]) -> Permit {
    Permit::of(Actor::User(user.id), permissions.iter().copied().collect(), user.organization, None)
}

fn refusal<T>(answer: Result<T, Stop<Refused>>) -> String {
    match answer {
        Ok(_) => String::new(),
        Err(Stop::Refuse(refused)) => refused.to_string(),
        Err(_) => panic!("a fault"),
    }
}

const READ_ORDERS: &[(&str, Level)] = &[(ORDERS, Level::Read)];

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
    // Nor by an API account of theirs, which may decide.
    let account = client(21).for_account_of(AccountOwner::User(office.alice.id)).build();
    record(&office.house, move |tx| tx.insert_client(&account));
    let permissions = DECIDES.iter().copied().collect();
    let account = Permit::of(Actor::Client(id(21)), permissions, office.alice.organization, None);
    assert_eq!(refusal(office.approve(&request, Approval::default(), account)), own);
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

#[test]
fn somebody_has_one_open_request() {
    let office = office();
    office.ask(&office.alice, READ_ORDERS).unwrap();
    let again = refusal(office.ask(&office.alice, READ_ORDERS));
    assert!(again.starts_with("you have an open request already"), "{again}");
    assert!(office.ask(&office.bob, READ_ORDERS).is_ok());
}

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

#[test]
fn api_info_tells_what_somebody_has() {
    let office = office();
    let own = || {
        let call = office.call(by(&office.alice, OWN));
        block_on(api_info::own(&call, &office.house.server.context())).unwrap()
    };
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
}
