//! The functions by which API accounts are managed: rows of the one table.

use super::deeds::{Choice, Deed, Outcome, done};
use super::world::World;
use doorward_core::context::Context;
use doorward_core::manage::Refused;
use doorward_core::manage::api_accounts::{self, Members, Owner, activity, secrets};
use doorward_core::manage::call::Call;
use doorward_core::store::fault::Stop;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, Status};
use doorward_testkit::block_on::block_on;

pub(super) const DEEDS: &[(&str, Deed)] = &[
    ("api_accounts::create", |c, _, call, x| {
        let owner = if c.on { Owner::User(c.user.to_string()) } else { organization(c) };
        let made = block_on(api_accounts::create(owner, members(c), call, x))?;
        Ok(Outcome::HandedOut(made.id))
    }),
    ("api_accounts::list", |_, _, call, x| {
        let seen = block_on(api_accounts::list(api_accounts::Filter::default(), None, 100, call, x))?;
        Ok(Outcome::Seen(seen.iter().map(|account| account.organization).collect()))
    }),
    ("api_accounts::show", |c, world, call, x| {
        let seen = block_on(api_accounts::show(&account(c, world), call, x))?;
        Ok(Outcome::Seen(vec![seen.organization]))
    }),
    ("activity::show", |c, world, call, x| {
        let account = account(c, world);
        block_on(activity::show(&account, 30, call, x))?;
        let seen = block_on(api_accounts::show(&account, call, x))?;
        Ok(Outcome::Seen(vec![seen.organization]))
    }),
    ("api_accounts::update", |c, world, call, x| {
        let chosen = members(c);
        let change = move |members: &mut Members| {
            *members = Members { name: members.name.clone(), ..chosen.clone() };
            Ok(())
        };
        block_on(api_accounts::update(&account(c, world), call, x, change)).map(done)
    }),
    ("api_accounts::set_status", |c, world, call, x| {
        let status = if c.on { Status::Active } else { Status::Inactive };
        block_on(api_accounts::set_status(&account(c, world), status, call, x)).map(done)
    }),
    ("secrets::reveal", |c, world, call, x| {
        let call = call.clone().authenticated(Some(x.now));
        block_on(secrets::reveal(&account(c, world), &call, x))?;
        Ok(Outcome::HandedOut(world.account(c.auth)))
    }),
    ("secrets::rotate", rotate),
    ("api_accounts::delete", |c, world, call, x| {
        block_on(api_accounts::delete(&account(c, world), call, x)).map(done)
    }),
];

fn rotate(
    choice: &Choice,
    world: &World,
    call: &Call,
    context: &Context<'_>,
) -> Result<Outcome, Stop<Refused>> {
    let call = call.clone().authenticated(Some(context.now));
    block_on(secrets::rotate(&account(choice, world), Lifetime::seconds(0), &call, context))?;
    Ok(Outcome::HandedOut(world.account(choice.auth)))
}

fn account(choice: &Choice, world: &World) -> String {
    world.account(choice.auth).to_string()
}

fn organization(choice: &Choice) -> Owner {
    Owner::Organization(choice.organization.to_string())
}

fn members(choice: &Choice) -> Members {
    Members {
        groups: choice.joined.iter().map(ToString::to_string).collect(),
        access: vec![(choice.api.to_string(), Level::Read)],
        ..Members::named("x")
    }
}
