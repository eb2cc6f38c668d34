//! The vault: what is kept there, who may see and change it, and how secrets come out.

mod authority;
mod disclosure;
mod providers;
mod registered_auths;
mod rewrapping;

use crate::house::House;
use doorward_core::audit::event::Event;
use doorward_core::client::{AccountOwner, Client};
use doorward_core::identity::user::User;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::providers::Members as ProviderMembers;
use doorward_core::manage::registered_auths::{self as auths, Members, Value};
use doorward_core::manage::{Refused, providers as catalogue};
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Tx;
use doorward_core::vault::provider::{Field, Preset};
use doorward_core::vault::registered_auth::RegisteredAuth;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::words::FieldType;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::people::{organization, user};
use doorward_testkit::builders::vault::field;
use doorward_testkit::builders::{client, id};
use doorward_testkit::calls::by_operator;

/// The person whose account 40 is.
pub(crate) const ANNA: u32 = 30;
/// Somebody else of her organization.
pub(crate) const BERT: u32 = 31;
/// Their organization, and another.
pub(crate) const HOME: u32 = 20;
pub(crate) const ELSEWHERE: u32 = 21;
/// Her account, and one of the other organization's.
pub(crate) const ACCOUNT: u32 = 40;
pub(crate) const FOREIGN: u32 = 41;
/// What stands in no answer but those that are meant to hold it.
pub(crate) const CANARY: &str = "kanarienvogel-4711";

/// A server with two organizations, Anna and Bert, an API account of hers and one of the other organization's, and a provider.
pub(crate) fn vault() -> House {
    let house = House::default();
    let write = |tx: &mut dyn Tx| {
        for number in [HOME, ELSEWHERE] {
            tx.insert_organization(&organization(number)).map_err(Stop::<Refused>::Fault)?;
        }
        for number in [ANNA, BERT] {
            tx.insert_user(&User { organization: Some(id(HOME)), ..user(number) })?;
        }
        let account =
            client(ACCOUNT).for_account_of(AccountOwner::User(id(ANNA))).with_organization(id(HOME));
        tx.insert_client(&account.build())?;
        tx.insert_client(&foreign())?;
        Ok(())
    };
    block_on(house.server.cache().write(write)).unwrap();
    let context = house.server.context();
    block_on(catalogue::create("parcels", parcels(), &by_operator(&context), &context)).unwrap();
    house
}

fn foreign() -> Client {
    client(FOREIGN).for_account_of(AccountOwner::Organization(id(ELSEWHERE))).build()
}

/// A provider with a field of each kind.
pub(crate) fn parcels() -> ProviderMembers {
    let needed = |field: Field| Field { required: true, ..field };
    let url = "https://trial.parcels.example".to_owned();
    ProviderMembers {
        fields: vec![
            needed(field("base_url", FieldType::Url)),
            Field { pattern: Some("[0-9]{4,8}".to_owned()), ..needed(field("customer", FieldType::Text)) },
            needed(field("password", FieldType::Secret)),
            Field { pattern: Some("[0-9]{4}".to_owned()), ..field("pin", FieldType::Secret) },
            Field { choices: vec!["eu".to_owned(), "us".to_owned()], ..field("region", FieldType::Choice) },
        ],
        presets: vec![
            preset("trial", true, &[("base_url", &url)]),
            preset("live", false, &[("base_url", "https://parcels.example")]),
        ],
        ..ProviderMembers::named("Parcels")
    }
}

fn preset(key: &str, testing: bool, values: &[(&str, &str)]) -> Preset {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Preset { key: key.to_owned(), label: key.to_owned(), testing, values }
}

/// Members that can stand, made with the preset for trying, with these values besides.
pub(crate) fn members(more: &[(&str, &str)]) -> Members {
    let values = [("customer", "12345"), ("password", CANARY)];
    let values = values.iter().chain(more).map(|(name, value)| ((*name).to_owned(), Value::given(*value)));
    Members { preset: Some("trial".to_owned()), fields: values.collect(), ..Members::labelled("Acme") }
}

/// An auth of Anna's account.
pub(crate) fn registered(house: &House, members: Members) -> RegisteredAuth {
    create(house, members, &by_operator(&house.server.context())).unwrap()
}

pub(crate) fn create(house: &House, members: Members, call: &Call) -> Result<RegisteredAuth, Stop<Refused>> {
    let (context, sealer) = (house.server.context(), house.server.sealer());
    block_on(auths::create(&id(ACCOUNT).to_string(), "parcels", members, sealer, call, &context))
}

/// A change of an auth by whoever holds the command line.
pub(crate) fn change(
    house: &House,
    auth: &RegisteredAuth,
    change: impl Fn(&mut Members) + Send,
) -> Result<RegisteredAuth, Stop<Refused>> {
    change_by(house, auth, &by_operator(&house.server.context()), change)
}

pub(crate) fn change_by(
    house: &House,
    auth: &RegisteredAuth,
    call: &Call,
    change: impl Fn(&mut Members) + Send,
) -> Result<RegisteredAuth, Stop<Refused>> {
    let context = house.server.context();
    let change = move |members: &mut Members| {
        change(members);
        Ok(())
    };
    block_on(auths::update(&auth.id.to_string(), house.server.sealer(), call, &context, change))
}

/// A call by a token of this person's, bounded by this organization, who has just signed in.
pub(crate) fn by(user: u32, permissions: &[Permission], bounds: Option<u32>, house: &House) -> Call {
    by_actor(Actor::User(id(user)), permissions, bounds, house)
}

pub(crate) fn by_actor(actor: Actor, permissions: &[Permission], bounds: Option<u32>, house: &House) -> Call {
    let context = house.server.context();
    let permit = Permit::of(actor, permissions.iter().copied().collect(), bounds.map(id), None);
    Call::by(permit, &context).unwrap().authenticated(Some(context.now))
}

/// What happened, so far.
pub(crate) fn events(house: &House) -> Vec<Event> {
    block_on(house.server.cache().store().read(|tx| tx.events(None, 10_000))).unwrap()
}

pub(crate) fn refused<T>(result: Result<T, Stop<Refused>>) -> Refused {
    match result {
        Err(Stop::Refuse(refused)) => refused,
        Err(Stop::RefuseAndCommit(_)) => panic!("nothing is kept of what is refused"),
        Err(Stop::Fault(fault)) => panic!("{fault}"),
        Ok(_) => panic!("it is not refused"),
    }
}

/// The places of what cannot stand.
pub(crate) fn places<T>(result: Result<T, Stop<Refused>>) -> Vec<String> {
    match refused(result) {
        Refused::Invalid(members) => members.into_iter().map(|member| member.pointer).collect(),
        other => panic!("{other}"),
    }
}

/// The secrets of an auth as the server opens them.
pub(crate) fn opened(house: &House, auth: Id) -> Vec<(String, String)> {
    let read =
        block_on(house.server.cache().store().read(move |tx| tx.registered_auth(auth))).unwrap().unwrap();
    let secrets = read.open(house.server.sealer()).unwrap();
    secrets.into_iter().map(|(name, text)| (name, text.expose().to_owned())).collect()
}
