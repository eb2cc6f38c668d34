//! Every function by which something is managed, in one table: whoever writes another gives it a row.

use super::world::World;
use super::{of_accounts, of_the_vault, of_tokens};
use doorward_core::context::Context;
use doorward_core::manage::access_requests::deciding::{self, Approval};
use doorward_core::manage::access_requests::{self, api_info, reviewing};
use doorward_core::manage::api_tokens::access::Named;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::secrets;
use doorward_core::manage::signing_keys::Occasion;
use doorward_core::manage::{
    Refused, apis, audit_events, clients, consents, groups, organizations, sessions, setup_links,
    signing_keys, users,
};
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::filter::{ClientFilter, EventFilter, UserFilter};
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use std::sync::LazyLock;

/// What a deed is done to, and what it makes of it.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) user: Id,
    pub(super) client: Id,
    pub(super) group: Id,
    pub(super) organization: Id,
    pub(super) api: Id,
    pub(super) token: Id,
    pub(super) auth: Id,
    pub(super) request: Id,
    pub(super) into: Option<Id>,
    pub(super) joined: Vec<Id>,
    pub(super) permissions: Permissions,
    pub(super) on: bool,
    pub(super) number: u32,
}

/// What a call that was not refused has led to, apart from changes.
pub(super) enum Outcome {
    Done,
    /// Something by which one can act as this user or client.
    HandedOut(Id),
    /// These were seen: which organizations they belong to.
    Seen(Vec<Option<Id>>),
}

pub(super) type Deed = fn(&Choice, &World, &Call, &Context<'_>) -> Result<Outcome, Stop<Refused>>;

/// What is called without a permit, because what is presented says who one is, or because the server calls it itself.
pub(super) const WITHOUT_A_CALL: &[&str] = &[
    "installation::check",
    "installation::leave",
    "setup_links::show",
    "setup_links::redeem",
    "once::earlier",
    "once::answered",
    "rewrapping::is_due",
];

/// All of them.
pub(super) static DEEDS: LazyLock<Vec<(&str, Deed)>> =
    LazyLock::new(|| [MOST, of_the_vault::DEEDS, of_accounts::DEEDS, of_tokens::DEEDS].concat());

const MOST: &[(&str, Deed)] = &[
    ("access_requests::create", |c, _, call, x| {
        block_on(access_requests::create(&c.user.to_string(), wish(c), call, x)).map(done)
    }),
    ("access_requests::list", |_, _, call, x| {
        let seen = block_on(access_requests::list(access_requests::Filter::default(), None, 100, call, x))?;
        Ok(Outcome::Seen(seen.iter().map(|request| request.organization).collect()))
    }),
    ("access_requests::show", |c, _, call, x| {
        let seen = block_on(access_requests::show(&c.request.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![seen.organization]))
    }),
    ("access_requests::withdraw", |c, _, call, x| {
        block_on(access_requests::withdraw(&c.request.to_string(), call, x)).map(done)
    }),
    ("deciding::approve", |c, _, call, x| {
        block_on(deciding::approve(&c.request.to_string(), Approval::default(), call, x)).map(done)
    }),
    ("deciding::deny", |c, _, call, x| {
        block_on(deciding::deny(&c.request.to_string(), "no", call, x)).map(done)
    }),
    ("reviewing::renew", |c, _, call, x| {
        block_on(reviewing::renew(&c.request.to_string(), Expiry::default(), call, x)).map(done)
    }),
    ("reviewing::revoke", |c, _, call, x| {
        block_on(reviewing::revoke(&c.request.to_string(), "no", call, x)).map(done)
    }),
    ("api_info::own", |_, world, call, x| {
        block_on(api_info::own(call, x))?;
        Ok(Outcome::Seen(call.permit().user().map(|user| world.place(user)).into_iter().collect()))
    }),
    ("apis::create", |c, _, call, x| {
        block_on(apis::create(&format!("urn:api:{}", c.number), apis::Members::named("x"), call, x)).map(done)
    }),
    ("apis::list", |_, _, call, x| block_on(apis::list(call, x)).map(done)),
    ("apis::show", |c, _, call, x| block_on(apis::show(&c.api.to_string(), call, x)).map(done)),
    ("apis::client_ids", |c, world, call, x| {
        let seen = block_on(apis::client_ids(&[c.client], call, x))?;
        let theirs = world.clients.iter().filter(|record| seen.contains(&record.client.client_id));
        Ok(Outcome::Seen(theirs.map(|record| record.client.organization).collect()))
    }),
    ("apis::update", |c, _, call, x| {
        let text = c.number.to_string();
        let change = move |members: &mut apis::Members| {
            members.description.clone_from(&text);
            Ok(())
        };
        block_on(apis::update(&c.api.to_string(), call, x, change)).map(done)
    }),
    ("apis::set_status", |c, _, call, x| {
        block_on(apis::set_status(&c.api.to_string(), status(c), call, x)).map(done)
    }),
    ("apis::delete", |c, _, call, x| block_on(apis::delete(&c.api.to_string(), call, x)).map(done)),
    ("clients::create", |c, _, call, x| {
        let members = clients::Members {
            organization: text(c.into),
            groups: texts(&c.joined),
            scopes: scope(c),
            ..clients::Members::named("x")
        };
        let made = block_on(clients::create(None, members, call, x))?;
        Ok(Outcome::HandedOut(made.client.id))
    }),
    ("clients::list", |c, _, call, x| {
        let filter = ClientFilter { organization: c.into, ..ClientFilter::default() };
        let seen = block_on(clients::list(&filter, None, 100, call, x))?;
        Ok(Outcome::Seen(seen.iter().map(|client| client.organization).collect()))
    }),
    ("clients::show", |c, _, call, x| {
        let seen = block_on(clients::show(&c.client.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![seen.client.organization]))
    }),
    ("clients::update", |c, _, call, x| {
        let (into, joined, scopes) = (text(c.into), texts(&c.joined), scope(c));
        let change = move |members: &mut clients::Members| {
            members.organization.clone_from(&into);
            members.groups.clone_from(&joined);
            members.scopes = scopes.clone();
            members.default_scopes = Scope::default();
            Ok(())
        };
        block_on(clients::update(&c.client.to_string(), call, x, change)).map(done)
    }),
    ("clients::set_status", |c, _, call, x| {
        block_on(clients::set_status(&c.client.to_string(), status(c), call, x)).map(done)
    }),
    ("clients::delete", |c, _, call, x| block_on(clients::delete(&c.client.to_string(), call, x)).map(done)),
    ("secrets::list", |c, world, call, x| {
        block_on(secrets::list(&c.client.to_string(), call, x))?;
        let record = world.clients.iter().find(|record| record.client.id == c.client);
        Ok(Outcome::Seen(record.map(|record| record.client.organization).into_iter().collect()))
    }),
    ("secrets::create", |c, _, call, x| {
        block_on(secrets::create(&c.client.to_string(), call, x))?;
        Ok(Outcome::HandedOut(c.client))
    }),
    ("secrets::rotate", |c, _, call, x| {
        block_on(secrets::rotate(&c.client.to_string(), Lifetime(i64::from(c.number % 2)), call, x))?;
        Ok(Outcome::HandedOut(c.client))
    }),
    ("clients::known", |c, world, call, x| {
        let known = block_on(clients::known(&c.client.to_string(), call, x))?;
        let theirs = world.clients.iter().filter(|record| record.client.id == known);
        Ok(Outcome::Seen(theirs.map(|record| record.client.organization).collect()))
    }),
    ("secrets::delete", |c, world, call, x| {
        let record = world.clients.iter().find(|record| record.client.id == c.client);
        let secret = record.and_then(|record| record.secrets.first()).map_or(c.client, |secret| secret.id);
        block_on(secrets::delete(&c.client.to_string(), secret, call, x)).map(done)
    }),
    ("audit_events::list", |_, _, call, x| {
        let seen = block_on(audit_events::list(&EventFilter::default(), None, 100, call, x))?;
        Ok(Outcome::Seen(seen.iter().map(|event| event.organization).collect()))
    }),
    ("audit_events::show", |c, _, call, x| block_on(audit_events::show(c.user, call, x)).map(done)),
    ("consents::list", |c, world, call, x| {
        block_on(consents::list(c.user, call, x))?;
        Ok(Outcome::Seen(world.users.iter().filter(|u| u.id == c.user).map(|u| u.organization).collect()))
    }),
    ("consents::of", |c, world, call, x| {
        block_on(consents::of(&c.user.to_string(), call, x))?;
        Ok(Outcome::Seen(world.users.iter().filter(|u| u.id == c.user).map(|u| u.organization).collect()))
    }),
    ("consents::show", |c, _, call, x| block_on(consents::show(c.user, call, x)).map(done)),
    ("consents::take_back", |c, _, call, x| block_on(consents::take_back(c.user, call, x)).map(done)),
    ("consents::revoke", |c, _, call, x| block_on(consents::revoke(c.user, c.client, call, x)).map(done)),
    ("groups::create", |c, _, call, x| {
        let members = groups::Members {
            organization: text(c.into),
            permissions: c.permissions,
            ..groups::Members::named(c.number.to_string())
        };
        block_on(groups::create(members, call, x)).map(done)
    }),
    ("groups::ensure", |_, _, call, x| block_on(groups::ensure(groups::AUDITORS, call, x)).map(done)),
    ("groups::list", |_, _, call, x| {
        let seen = block_on(groups::list(call, x))?;
        Ok(Outcome::Seen(seen.iter().filter_map(|group| group.organization).map(Some).collect()))
    }),
    ("groups::show", |c, _, call, x| {
        let seen = block_on(groups::show(&c.group.to_string(), call, x))?;
        Ok(Outcome::Seen(seen.organization.map(Some).into_iter().collect()))
    }),
    ("groups::update", |c, _, call, x| {
        let permissions = c.permissions;
        let change = move |members: &mut groups::Members| {
            members.permissions = permissions;
            Ok(())
        };
        block_on(groups::update(&c.group.to_string(), call, x, change)).map(done)
    }),
    ("groups::delete", |c, _, call, x| block_on(groups::delete(&c.group.to_string(), call, x)).map(done)),
    ("organizations::create", |c, _, call, x| {
        let members = organizations::Members::named(c.number.to_string());
        block_on(organizations::create(members, call, x)).map(done)
    }),
    ("organizations::list", |_, _, call, x| {
        let seen = block_on(organizations::list(call, x))?;
        Ok(Outcome::Seen(seen.iter().map(|organization| Some(organization.id)).collect()))
    }),
    ("organizations::show", |c, _, call, x| {
        let seen = block_on(organizations::show(&c.organization.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![Some(seen.id)]))
    }),
    ("organizations::update", |c, _, call, x| {
        let (name, status) = (c.number.to_string(), status(c));
        let change = move |members: &mut organizations::Members| {
            members.name.clone_from(&name);
            members.status = status;
            Ok(())
        };
        block_on(organizations::update(&c.organization.to_string(), call, x, change)).map(done)
    }),
    ("organizations::set_status", |c, _, call, x| {
        block_on(organizations::set_status(&c.organization.to_string(), status(c), call, x)).map(done)
    }),
    ("organizations::delete", |c, _, call, x| {
        block_on(organizations::delete(&c.organization.to_string(), call, x)).map(done)
    }),
    ("sessions::list", |c, world, call, x| {
        block_on(sessions::list(&c.user.to_string(), None, 10, call, x))?;
        Ok(Outcome::Seen(world.users.iter().filter(|u| u.id == c.user).map(|u| u.organization).collect()))
    }),
    ("sessions::show", |c, _, call, x| block_on(sessions::show(c.user, call, x)).map(done)),
    ("sessions::end", |c, _, call, x| block_on(sessions::end(c.user, call, x)).map(done)),
    ("setup_links::create", |c, _, call, x| {
        block_on(setup_links::create(&c.user.to_string(), call, x))?;
        Ok(Outcome::HandedOut(c.user))
    }),
    ("signing_keys::list", |_, _, call, x| block_on(signing_keys::list(call, x)).map(done)),
    ("signing_keys::rotate", |_, _, call, x| {
        let key = block_on(x.cache.store().read(|tx| tx.signing_keys())).unwrap().remove(0);
        let key = doorward_core::keys::signing_key::SigningKeyRecord { algorithm: Algorithm::ES256, ..key };
        block_on(signing_keys::rotate(key, Occasion::Due, call, x)).map(done)
    }),
    ("signing_keys::rewrap", |_, _, call, _| {
        // It takes the server's sealer, which is not the caller's to choose: what it needs is what rotating needs.
        call.needs_everywhere(doorward_protocol::permission::Permission::SigningKeysRotate).map(done)
    }),
    ("users::create", |c, _, call, x| {
        let members = users::Members {
            organization: text(c.into),
            groups: texts(&c.joined),
            clients: if c.on { vec![c.client.to_string()] } else { vec![] },
            ..users::Members::named(format!("user-{}", c.number))
        };
        let made = block_on(users::create(members, None, call, x))?;
        Ok(Outcome::HandedOut(made.id))
    }),
    ("users::list", |c, _, call, x| {
        let filter = UserFilter { organization: c.into, ..UserFilter::default() };
        let seen = block_on(users::list(&filter, None, 100, call, x))?;
        Ok(Outcome::Seen(seen.iter().map(|user| user.organization).collect()))
    }),
    ("users::show", |c, _, call, x| {
        let seen = block_on(users::show(&c.user.to_string(), call, x))?;
        Ok(Outcome::Seen(vec![seen.organization]))
    }),
    ("users::known_as", |c, world, call, x| {
        let named = world.users.iter().find(|user| user.id == c.user);
        let name = named.map(|user| user.external_id.clone()).unwrap_or_default();
        let seen = block_on(users::known_as("directory", &name, call, x))?;
        Ok(Outcome::Seen(vec![seen.organization]))
    }),
    ("users::update", |c, _, call, x| {
        let (into, joined, client) = (text(c.into), texts(&c.joined), c.on.then(|| c.client.to_string()));
        let change = move |members: &mut users::Members| {
            members.organization.clone_from(&into);
            members.groups.clone_from(&joined);
            members.clients = client.clone().into_iter().collect();
            Ok(())
        };
        block_on(users::update(&c.user.to_string(), call, x, change)).map(done)
    }),
    ("users::set_status", |c, _, call, x| {
        let status = if c.on { UserStatus::Active } else { UserStatus::Disabled };
        block_on(users::set_status(&c.user.to_string(), status, call, x)).map(done)
    }),
    ("users::revoke_all", |c, _, call, x| {
        block_on(users::revoke_all(&c.user.to_string(), call, x)).map(done)
    }),
    ("users::set_password", |c, _, call, x| {
        block_on(users::set_password(&c.user.to_string(), &password(c), call, x))?;
        Ok(Outcome::HandedOut(c.user))
    }),
    ("users::change_password", |c, _, call, x| {
        block_on(users::change_password(c.user, 0, &password(c), call, x))?;
        Ok(Outcome::HandedOut(c.user))
    }),
    ("clients::leave", |c, _, call, x| {
        block_on(users::clients::leave(&c.user.to_string(), &c.client.to_string(), call, x)).map(done)
    }),
    ("users::delete", |c, _, call, x| block_on(users::delete(&c.user.to_string(), call, x)).map(done)),
];

pub(super) fn done<T>(_: T) -> Outcome {
    Outcome::Done
}

const fn status(choice: &Choice) -> Status {
    if choice.on { Status::Active } else { Status::Inactive }
}

fn text(id: Option<Id>) -> Option<String> {
    id.map(|id| id.to_string())
}

fn texts(ids: &[Id]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn scope(choice: &Choice) -> Scope {
    let words: Vec<_> = choice.permissions.iter().map(Permission::as_str).collect();
    Scope::of(words).unwrap()
}

fn password(choice: &Choice) -> Secret {
    Secret::new(format!("another kettle moss {}", choice.number))
}

/// Something to ask for.
fn wish(c: &Choice) -> access_requests::Wish {
    let access = vec![Named { api: c.api.to_string(), level: Level::Full }];
    access_requests::Wish { message: String::new(), access }
}
