//! The functions by which the vault is managed: rows of the one table.

use super::deeds::{Deed, Outcome, done};
use doorward_core::manage::{providers, registered_auths, rewrapping};
use doorward_protocol::permission::Permission;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::vault;

pub(super) const DEEDS: &[(&str, Deed)] = &[
    ("providers::create", |c, _, call, x| {
        let members =
            providers::Members { fields: vault::provider(1).fields, ..providers::Members::named("x") };
        block_on(providers::create(&format!("p-{}", c.number), members, call, x)).map(done)
    }),
    ("providers::list", |_, _, call, x| block_on(providers::list(call, x)).map(done)),
    ("providers::show", |_, _, call, x| block_on(providers::show("provider-2", call, x)).map(done)),
    ("providers::update", |c, _, call, x| {
        let name = c.number.to_string();
        let change = move |members: &mut providers::Members| {
            members.name.clone_from(&name);
            Ok(())
        };
        block_on(providers::update("provider-2", call, x, change)).map(done)
    }),
    ("providers::delete", |c, _, call, x| {
        block_on(providers::delete(&format!("p-{}", c.number), call, x)).map(done)
    }),
    ("registered_auths::create", |c, world, call, x| {
        let (account, members) = (world.account(c.auth), registered_auths::Members::labelled("x"));
        let sealer = &world.sealer;
        block_on(registered_auths::create(&account.to_string(), "provider-2", members, sealer, call, x))?;
        Ok(Outcome::Seen(vec![world.home(account)]))
    }),
    ("registered_auths::list", |c, world, call, x| {
        let account = world.account(c.auth);
        block_on(registered_auths::list(&account.to_string(), None, 9, call, x))?;
        Ok(Outcome::Seen(vec![world.home(account)]))
    }),
    ("registered_auths::show", |c, world, call, x| {
        let seen = block_on(registered_auths::show(&c.auth.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![world.home(seen.account)]))
    }),
    ("registered_auths::update", |c, world, call, x| {
        let label = c.number.to_string();
        let change = move |members: &mut registered_auths::Members| {
            members.label.clone_from(&label);
            Ok(())
        };
        let seen = block_on(registered_auths::update(&c.auth.to_string(), &world.sealer, call, x, change))?;
        Ok(Outcome::Seen(vec![world.home(seen.account)]))
    }),
    ("registered_auths::delete", |c, world, call, x| {
        block_on(registered_auths::delete(&c.auth.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![world.home(world.account(c.auth))]))
    }),
    ("disclosure::reveal", |c, world, call, x| {
        let call = call.clone().authenticated(Some(x.now));
        let auth = c.auth.to_string();
        let seen = block_on(registered_auths::disclosure::reveal(&auth, "why", &world.sealer, &call, x))?;
        let may = call.needs(Permission::RegisteredAuthsReveal).is_ok();
        assert!(may && call.needs(Permission::RegisteredAuthsRead).is_ok());
        Ok(Outcome::Seen(vec![world.home(seen.auth.account)]))
    }),
    ("disclosure::release", |c, world, call, x| {
        let auth = c.auth.to_string();
        let released = block_on(registered_auths::disclosure::release(&auth, &world.sealer, call, x));
        assert!(released.is_err(), "no account called");
        released.map(done)
    }),
    ("rewrapping::rewrap", |_, world, call, x| {
        block_on(rewrapping::rewrap(None, &world.sealer, call, x)).map(done)
    }),
    ("rewrapping::waiting", |_, _, call, x| block_on(rewrapping::waiting(call, x)).map(done)),
];
