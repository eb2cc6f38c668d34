//! Requests for API access: who may ask, see and decide, what follows from each decision, and how the organization moves along.

mod asking;
mod decisions;
mod leaving;
mod reviews;

use crate::house::{House, ORDERS};
use crate::people::record;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::client::Client;
use doorward_core::identity::group::Group;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::access_requests::deciding::{self, Approval};
use doorward_core::manage::access_requests::{self, Filter, Wish, reviewing};
use doorward_core::manage::api_tokens::access::Named;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::users;
use doorward_core::store::fault::Stop;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission::{
    self, AccessRequestsDecide, AccessRequestsRead, AccessRequestsSelf,
};
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::builders::people::{group, organization, user};
use doorward_testkit::calls::by_operator;

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

    /// Asks for somebody, and has Bob approve it.
    fn given(&self, user: &User) -> AccessRequest {
        let request = self.ask(user, READ_ORDERS).unwrap();
        self.approve(&request, Approval::default(), by(&self.bob, DECIDES)).unwrap()
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

    fn show(&self, request: &AccessRequest, permit: Permit) -> Answer {
        let context = self.house.server.context();
        block_on(access_requests::show(&request.id.to_string(), &self.call(permit), &context))
    }

    /// Somebody goes to another organization.
    fn moved(&self, user: &User, organization: Option<Id>) {
        let context = self.house.server.context();
        let change = move |members: &mut users::Members| {
            members.organization = organization.map(|id| id.to_string());
            Ok(())
        };
        block_on(users::update(&user.id.to_string(), &by_operator(&context), &context, change)).unwrap();
    }

    fn client(&self, number: u32) -> Client {
        let store = self.house.server.cache().store();
        block_on(store.read(move |tx| tx.client(id(number)))).unwrap().unwrap().client
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
