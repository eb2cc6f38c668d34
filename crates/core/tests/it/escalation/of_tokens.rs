//! The functions by which API tokens are managed: rows of the one table.

use super::deeds::{Choice, Deed, Outcome};
use doorward_core::manage::api_tokens;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::owner::Whose;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;

pub(super) const DEEDS: &[(&str, Deed)] = &[
    ("api_tokens::create", |c, world, call, x| {
        let members = api_tokens::Members { reach: reach(c), ..api_tokens::Members::named("x") };
        let account = world.account(c.auth);
        let (whose, owner) = match c.on {
            true => (Whose::Account(account.to_string()), account),
            false => (Whose::User(c.user.to_string()), c.user),
        };
        block_on(api_tokens::create(whose, members, Expiry::default(), call, x))?;
        Ok(Outcome::HandedOut(owner))
    }),
    ("api_tokens::list", |_, world, call, x| {
        let seen = block_on(api_tokens::list(api_tokens::Filter::default(), None, 100, call, x))?;
        let owners = seen.iter().map(|shown| world.owner(shown.token.id));
        Ok(Outcome::Seen(owners.map(|owner| world.place(owner)).collect()))
    }),
    ("api_tokens::show", |c, world, call, x| {
        block_on(api_tokens::show(&c.token.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![world.place(world.owner(c.token))]))
    }),
    ("api_tokens::update", |c, world, call, x| {
        let reach = reach(c);
        let change = move |members: &mut api_tokens::Members| {
            members.reach = reach.clone();
            Ok(())
        };
        block_on(api_tokens::update(&c.token.to_string(), call, x, change))?;
        Ok(Outcome::HandedOut(world.owner(c.token)))
    }),
    ("api_tokens::regenerate", |c, world, call, x| {
        let (token, overlap) = (c.token.to_string(), Lifetime::seconds(0));
        block_on(api_tokens::regenerate(&token, Expiry::default(), overlap, call, x))?;
        Ok(Outcome::HandedOut(world.owner(c.token)))
    }),
    ("api_tokens::revoke", |c, world, call, x| {
        block_on(api_tokens::revoke(&c.token.to_string(), None, call, x))?;
        Ok(Outcome::Seen(vec![world.place(world.owner(c.token))]))
    }),
    ("api_tokens::revoke_all", |c, world, call, x| {
        block_on(api_tokens::revoke_all(&c.user.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![world.place(c.user)]))
    }),
];

fn reach(choice: &Choice) -> Reach {
    let level = if choice.on { Level::Full } else { Level::Read };
    Reach::Named(vec![Named { api: choice.api.to_string(), level }])
}
