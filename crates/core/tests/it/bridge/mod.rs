//! Programs written against oxide-auth, over a server of ours. Owns the program and the client that the tests beside it use.

mod grants;
mod promises;

use crate::flows::{Answer, Flows, Owner, Tokens, refused};
use crate::house::{Actor, House, ORDERS, basic};
use crate::people::record;
use doorward_core::bridge::Bridge;
use doorward_core::identity::user::User;
use doorward_core::manage::{apis, clients, consents, users};
use doorward_core::store::Mode;
use doorward_core::store::tx::Tx;
use doorward_protocol::introspection::Introspection;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, GrantType, Status, TokenFormat, UserStatus};
use doorward_testkit::block_on::block_on;
use oxide_auth::frontends::simple::extensions::AddonList;
use oxide_auth::primitives::authorizer::Authorizer;
use oxide_auth::primitives::grant::Grant;
use oxide_auth::primitives::issuer::Issuer;
use std::sync::{Arc, Barrier};
use std::thread;

/// RFC 7636 Appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const BACK: &str = "https://client.example/back";
pub(crate) const SOURCE: &str = "intranet";

pub(crate) type Program = Flows<Bridge, Bridge, Bridge>;

pub(crate) fn bridge(house: &House) -> Bridge {
    Bridge::new(Arc::clone(&house.server)).with_owners_of(SOURCE).at_api(ORDERS)
}

pub(crate) fn over(bridge: &Bridge) -> Program {
    let mut addons = AddonList::new();
    addons.push_code(bridge.binding());
    let bridge = bridge.for_request();
    let (registrar, authorizer, issuer) = (bridge.clone(), bridge.clone(), bridge);
    Flows { registrar, authorizer, issuer, addons, owner: Owner::Client, scopes: vec![] }
}

pub(crate) fn program(house: &House) -> Program {
    over(&bridge(house))
}

/// A client for all three grants.
pub(crate) fn shop(house: &House, auth_method: AuthMethod) -> Actor {
    let scopes: doorward_protocol::scope::Scope = "orders:read orders:write".parse().unwrap();
    let mut grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    if auth_method.is_confidential() {
        grant_types.push(GrantType::ClientCredentials);
    }
    house.register(clients::Members {
        auth_method,
        grant_types,
        redirect_uris: vec![BACK.to_owned()],
        scopes: scopes.clone(),
        default_scopes: scopes,
        ..clients::Members::named("Shop")
    })
}

pub(crate) fn credentials(actor: &Actor) -> Option<String> {
    actor.secret.as_ref().map(|secret| basic(&actor.client_id, secret))
}

pub(crate) fn request(actor: &Actor) -> String {
    format!(
        "response_type=code&client_id={}&redirect_uri={BACK}&scope=orders:read&state=s\
         &code_challenge={CHALLENGE}&code_challenge_method=S256",
        actor.client_id
    )
}

pub(crate) fn redemption(actor: &Actor, code: &str) -> String {
    let named =
        if actor.secret.is_none() { format!("&client_id={}", actor.client_id) } else { String::new() };
    format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}{named}")
}

pub(crate) fn code(program: &mut Program, actor: &Actor) -> String {
    program.authorize(Some("alice"), &request(actor)).code()
}

pub(crate) fn redeem(program: &mut Program, actor: &Actor, code: &str) -> Answer {
    program.token(credentials(actor), &redemption(actor, code))
}

pub(crate) fn tokens(program: &mut Program, actor: &Actor) -> Tokens {
    let code = code(program, actor);
    redeem(program, actor, &code).tokens()
}

pub(crate) fn refresh(program: &mut Program, actor: &Actor, token: &str) -> Answer {
    program.token(credentials(actor), &format!("grant_type=refresh_token&refresh_token={token}"))
}

pub(crate) fn word(program: &Program) -> &'static str {
    program.issuer.refusal().map_or("none", |refusal| refusal.code().as_str())
}

/// The person whom the program calls so.
pub(crate) fn owner(house: &House, owner: &'static str) -> Option<User> {
    let known = move |tx: &mut dyn Tx| match tx.user_known_as(SOURCE, owner)? {
        Some(id) => tx.user(id),
        None => Ok(None),
    };
    block_on(house.server.cache().store().snapshot(known)).unwrap()
}
