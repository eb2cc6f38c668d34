//! The management API as a registered API: what its tokens are for, and the scopes that a client can be given. Owns that it is there
//! and up to date whenever a server is; its scopes are the permissions, under the same names.

use crate::access::api::{Api, ApiScope, Identifier, MANAGEMENT_PATH};
use crate::audit::event::Event;
use crate::cache::Cache;
use crate::context::draft::Draft;
use crate::issuer::Issuer;
use crate::keys::audit::AuditKeys;
use crate::random::Random;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::{Levels, Rule};
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Preflight;
use std::convert::Infallible;
use std::sync::Arc;

/// Its identifier at this issuer.
#[must_use]
pub fn identifier(issuer: &Issuer) -> String {
    issuer.url(MANAGEMENT_PATH)
}

/// Registers it where it is missing, and gives it the scopes that came with this release. Several nodes may start at once.
///
/// # Errors
/// A fault of the store.
pub(crate) async fn ensure(
    issuer: &Issuer,
    cache: &Cache,
    audit: &Arc<AuditKeys>,
    random: &dyn Random,
    now: Seconds,
) -> Result<(), Fault> {
    let identifier: Identifier = identifier(issuer).parse().map_err(Fault::broken)?;
    if cache.apis().by_identifier(Identifier::as_str(&identifier)).is_some_and(|api| missing(api).is_empty())
    {
        return Ok(());
    }
    let id = || random.id(now).map_err(Fault::broken);
    let fresh = blank(id()?, identifier, now);
    let event = Draft::new(Event::new("", id()?, now), Arc::clone(audit));
    let ensure = move |tx: &mut dyn Tx| -> Result<(), Stop<Infallible>> {
        // Whoever comes second finds it.
        tx.hold_changes()?;
        let known = tx.apis()?.into_iter().find(|api| api.identifier == fresh.identifier);
        let action = if known.is_some() { "api.updated" } else { "api.created" };
        let api = match known {
            None => {
                tx.insert_api(&fresh)?;
                fresh.clone()
            }
            Some(api) if missing(&api).is_empty() => return Ok(()),
            Some(mut api) => {
                api.scopes.extend(missing(&api));
                api.levels = levels();
                api.updated_at = now.max(api.updated_at);
                tx.update_api(&api)?;
                api
            }
        };
        Ok(event.about("api", api.id).with(|event| action.clone_into(&mut event.action)).record(tx)?)
    };
    match cache.write(ensure).await {
        Ok(()) => Ok(()),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Refuse(never) | Stop::RefuseAndCommit(never)) => match never {},
    }
}

/// The permissions that it does not know as scopes yet.
fn missing(api: &Api) -> Vec<ApiScope> {
    let lacking =
        |permission: &&Permission| !api.scopes.iter().any(|scope| scope.name == permission.as_str());
    Permission::ALL.iter().filter(lacking).map(|permission| scope(*permission)).collect()
}

fn scope(permission: Permission) -> ApiScope {
    ApiScope { name: permission.as_str().to_owned(), description: permission.meaning().to_owned() }
}

fn blank(id: Id, identifier: Identifier, now: Seconds) -> Api {
    Api {
        name: "Management".to_owned(),
        description: "The management API of this server.".to_owned(),
        scopes: Permission::ALL.iter().copied().map(scope).collect(),
        levels: levels(),
        preflight: Preflight::Deny,
        ..Api::blank(id, identifier, now)
    }
}

/// Each scope is a permission of its own, so any of them reaches a level: whether it is the right one, each operation asks.
fn levels() -> Levels {
    let rule = |permissions: Permissions, methods| Rule {
        // The words of permissions are tokens of a scope.
        scopes: Scope::of(permissions.iter().map(Permission::as_str)).unwrap_or_default(),
        methods,
        ..Rule::default()
    };
    let Levels { read, .. } = Levels::default();
    Levels {
        read: rule(Permissions::reading(), read.methods),
        full: rule(Permissions::all().without(Permissions::reading()), vec![]),
        by_any_scope: true,
    }
}
