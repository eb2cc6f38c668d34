//! API tokens as those who manage them see them: what may be asked for, what each change does, and whose they may act on. What a
//! token lets its holder do is no business of these tests.

mod authority;
mod life;
mod members;

use crate::house::{House, ISSUER};
use crate::people::{events, record};
use doorward_core::access::api::Api;
use doorward_core::audit::event::Event;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::shown::Shown;
use doorward_core::manage::api_tokens::{self, Issued, Members};
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::store::fault::Stop;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::builders::people::{group, user};

fn now(house: &House) -> Seconds {
    house.server.context().now
}

/// Whoever holds the command line.
fn operator() -> Permit {
    Permit::operator()
}

/// A user with a token that lets them do this.
fn by(user: &User, permissions: impl IntoIterator<Item = Permission>) -> Permit {
    let permissions: Permissions = permissions.into_iter().collect();
    Permit::of(Actor::User(user.id), permissions, user.organization, None)
}

/// A user at their own pages.
fn in_person(user: &User) -> Permit {
    Permit::in_person(user.id, None)
}

fn call(house: &House, by: Permit) -> Call {
    Call::by(by, &house.server.context()).unwrap()
}

/// Somebody in a group of their own that lets them do this.
fn somebody(house: &House, number: u32, permissions: &[Permission]) -> User {
    somebody_of(house, user(number), permissions)
}

fn somebody_of(house: &House, user: User, permissions: &[Permission]) -> User {
    let number = u32::try_from(user.id.number() & 0xffff).unwrap();
    let permissions = permissions.iter().copied().collect();
    let theirs = Group { permissions, ..group(1000 + number) };
    let user = User { groups: vec![theirs.id], ..user };
    let recorded = user.clone();
    record(house, move |tx| {
        tx.insert_group(&theirs)?;
        tx.insert_user(&recorded)
    });
    user
}

/// A user changed behind everybody's back.
fn change(house: &House, user: &User, change: impl Fn(User) -> User + Send + 'static) {
    let id = user.id;
    record(house, move |tx| {
        let user = tx.user(id)?.unwrap();
        tx.update_user(&change(user)).map(drop)
    });
}

/// The management API, which is there or comes into being.
fn management(house: &House) -> String {
    let identifier = format!("{ISSUER}/api");
    let management = identifier.clone();
    record(house, move |tx| {
        let apis = tx.apis()?;
        if apis.iter().any(|api| api.identifier.as_str() == management) {
            return Ok(());
        }
        let identifier = management.parse().unwrap();
        tx.insert_api(&Api { id: id(9_000), identifier, ..apis[0].clone() })
    });
    identifier
}

/// Lets an API bound how long a token lives.
fn bound(house: &House, identifier: &'static str, longest: Lifetime) {
    record(house, move |tx| {
        let api = tx.apis()?.into_iter().find(|api| api.identifier.as_str() == identifier).unwrap();
        tx.update_api(&Api { max_token_lifetime: Some(longest), ..api }).map(drop)
    });
}

fn reach(levels: &[(&str, Level)]) -> Reach {
    Reach::Named(levels.iter().map(|(api, level)| Named { api: (*api).to_owned(), level: *level }).collect())
}

fn months(months: i64) -> Expiry {
    Expiry { expires_in_months: Some(months), expires_at: None }
}

fn create(
    house: &House,
    owner: &User,
    members: Members,
    expiry: Expiry,
    by: Permit,
) -> Result<Issued, Stop<Refused>> {
    let owner = owner.id.to_string();
    block_on(api_tokens::create(&owner, members, expiry, &call(house, by), &house.server.context()))
}

/// A token of a user's, made by the operator, with these levels.
fn token(house: &House, owner: &User, levels: &[(&str, Level)]) -> Issued {
    let members = Members { reach: reach(levels), ..Members::named("A token") };
    create(house, owner, members, Expiry::default(), operator()).ok().unwrap()
}

fn show(house: &House, token: &Shown) -> Shown {
    let reference = token.token.id.to_string();
    block_on(api_tokens::show(&reference, &call(house, operator()), &house.server.context())).unwrap()
}

fn regenerate(
    house: &House,
    token: &Shown,
    expiry: Expiry,
    overlap: Lifetime,
    by: Permit,
) -> Result<Issued, Stop<Refused>> {
    let reference = token.token.id.to_string();
    block_on(api_tokens::regenerate(&reference, expiry, overlap, &call(house, by), &house.server.context()))
}

fn update(
    house: &House,
    token: &Shown,
    by: Permit,
    change: impl Fn(&mut Members) + Send + 'static,
) -> Result<Shown, Stop<Refused>> {
    let reference = token.token.id.to_string();
    let change = move |members: &mut Members| {
        change(members);
        Ok(())
    };
    block_on(api_tokens::update(&reference, &call(house, by), &house.server.context(), change))
}

fn revoke(house: &House, token: &Shown, reason: Option<&str>, by: Permit) -> Result<Shown, Stop<Refused>> {
    block_on(api_tokens::revoke(
        &token.token.id.to_string(),
        reason,
        &call(house, by),
        &house.server.context(),
    ))
}

fn revoke_all(house: &House, owner: &User, by: Permit) -> Result<Vec<Shown>, Stop<Refused>> {
    block_on(api_tokens::revoke_all(&owner.id.to_string(), &call(house, by), &house.server.context()))
}

/// The status and the reason for not working.
fn standing(shown: &Shown) -> (&'static str, Option<&str>) {
    (shown.status.as_str(), shown.inactive_reason.as_deref())
}

fn ids(tokens: &[Shown]) -> Vec<Id> {
    tokens.iter().map(|shown| shown.token.id).collect()
}

/// What was refused, in words.
fn refusal<T>(result: Result<T, Stop<Refused>>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(Stop::Refuse(refused)) => refused.to_string(),
        Err(other) => panic!("{other}"),
    }
}

/// The events about API tokens: what was done, and to what, in order of the alphabet.
fn deeds(house: &House) -> Vec<String> {
    let about = events(house).into_iter().filter(|event| event.action.contains("api_token"));
    let mut deeds: Vec<_> =
        about.map(|Event { action, objects, .. }| format!("{action} {objects}")).collect();
    deeds.sort();
    deeds
}
