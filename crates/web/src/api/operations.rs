//! The operations of the management API, one line each: name, method, path below `/api/v1`, what the caller needs, what it does,
//! what it takes, what it gives, and what answers. Owns the table; routing, the description (`openapi`) and the walk of the tests
//! read it, and nothing of it is written down elsewhere.

use crate::api::operation::Needs::{Either, EitherOrAccount, Nothing, One, OneOf};
use crate::api::operation::{Gives, Needs, Operation, Takes, Verb::*};
use crate::api::resources::access_request::{
    AccessRequestInput, AccessRequestResource, ApprovalInput, ReasonInput, RenewalInput,
};
use crate::api::resources::activity::ActivityResource;
use crate::api::resources::api::ApiResource;
use crate::api::resources::api_account::{ApiAccountInput, ApiAccountResource, NewApiAccountInput};
use crate::api::resources::api_info::ApiInfoResource;
use crate::api::resources::api_input::{ApiInput, NewApiInput};
use crate::api::resources::api_token::ApiTokenResource;
use crate::api::resources::api_token_input::{
    ApiTokenInput, NewApiTokenInput, RegenerationInput, RevocationInput,
};
use crate::api::resources::audit_event::AuditEventResource;
use crate::api::resources::client::ClientResource;
use crate::api::resources::client_input::{ClientInput, NewClientInput};
use crate::api::resources::client_secret::{ClientSecretResource, ReplacementInput};
use crate::api::resources::consent::ConsentResource;
use crate::api::resources::group::{GroupInput, GroupResource};
use crate::api::resources::me::MeResource;
use crate::api::resources::organization::{OrganizationInput, OrganizationResource};
use crate::api::resources::provider::{NewProviderInput, ProviderInput, ProviderResource};
use crate::api::resources::registered_auth::{
    NewRegisteredAuthInput, RegisteredAuthInput, RegisteredAuthResource, RevelationInput,
};
use crate::api::resources::session::SessionResource;
use crate::api::resources::signing_key::{RotationInput, SigningKeyResource};
use crate::api::resources::user::{NewUserInput, PasswordInput, SetupLinkResource, UserInput, UserResource};
use crate::api::schema::Form;
use crate::api::{access_requests, api_accounts, api_tokens, audit_events, client_secrets};
use crate::api::{apis, clients, users};
use crate::api::{consents, groups, me, organizations, sessions, signing_keys};
use crate::api::{providers, registered_auths};
use doorward_protocol::permission::Permission::*;

#[rustfmt::skip]
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation("organizations.list", Get, "/organizations", One(OrganizationsRead), "Lists organizations.", Takes::Page(organizations::FILTERS), Gives::Page(ORGANIZATION), |ask| Box::pin(organizations::list(ask))),
    Operation("organizations.create", Post, "/organizations", One(OrganizationsWrite), "Makes an organization.", Takes::Body(Form::asked::<OrganizationInput>()), Gives::Made(ORGANIZATION), |ask| Box::pin(organizations::create(ask))),
    Operation("organizations.show", Get, "/organizations/{id}", One(OrganizationsRead), "Shows an organization.", Takes::Nothing, Gives::One(ORGANIZATION), |ask| Box::pin(organizations::show(ask))),
    Operation("organizations.update", Patch, "/organizations/{id}", One(OrganizationsWrite), "Changes members of an organization.", Takes::Patch(Form::asked::<OrganizationInput>()), Gives::One(ORGANIZATION), |ask| Box::pin(organizations::update(ask))),
    Operation("organizations.disable", Post, "/organizations/{id}/disable", One(OrganizationsWrite), "Switches an organization off: its users and clients get nothing, and nothing they hold is good.", Takes::Nothing, Gives::One(ORGANIZATION), |ask| Box::pin(organizations::disable(ask))),
    Operation("organizations.enable", Post, "/organizations/{id}/enable", One(OrganizationsWrite), "Switches an organization on again.", Takes::Nothing, Gives::One(ORGANIZATION), |ask| Box::pin(organizations::enable(ask))),
    Operation("organizations.delete", Delete, "/organizations/{id}", One(OrganizationsWrite), "Deletes an organization that nobody belongs to.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(organizations::delete(ask))),
    Operation("users.list", Get, "/users", One(UsersRead), "Lists users.", Takes::Page(users::FILTERS), Gives::Page(USER), |ask| Box::pin(users::list(ask))),
    Operation("users.create", Post, "/users", One(UsersWrite), "Makes a user of the built-in directory.", Takes::Body(Form::asked::<NewUserInput>()), Gives::Made(USER), |ask| Box::pin(users::create(ask))),
    Operation("users.show", Get, "/users/{id}", One(UsersRead), "Shows a user.", Takes::Nothing, Gives::One(USER), |ask| Box::pin(users::show(ask))),
    Operation("users.update", Patch, "/users/{id}", One(UsersWrite), "Changes members of a user.", Takes::Patch(Form::asked::<UserInput>()), Gives::One(USER), |ask| Box::pin(users::update(ask))),
    Operation("users.disable", Post, "/users/{id}/disable", One(UsersWrite), "Disables a user: whatever they hold is void for good.", Takes::Nothing, Gives::One(USER), |ask| Box::pin(users::disable(ask))),
    Operation("users.enable", Post, "/users/{id}/enable", One(UsersWrite), "Enables a user again.", Takes::Nothing, Gives::One(USER), |ask| Box::pin(users::enable(ask))),
    Operation("users.revoke", Post, "/users/{id}/revoke", One(UsersWrite), "Voids every session and token of a user, and every set-up link.", Takes::Nothing, Gives::One(USER), |ask| Box::pin(users::revoke(ask))),
    Operation("users.password", Post, "/users/{id}/password", One(UsersWrite), "Sets a user's password: every session of theirs, and every token that came of one, is void from then on; API tokens go on.", Takes::Body(Form::asked::<PasswordInput>()), Gives::One(USER), |ask| Box::pin(users::set_password(ask))),
    Operation("users.setup-link", Post, "/users/{id}/setup-link", One(UsersWrite), "Makes a link by which a user sets their own password, once.", Takes::Nothing, Gives::One(Form::told::<SetupLinkResource>()), |ask| Box::pin(users::setup_link(ask))),
    Operation("users.delete", Delete, "/users/{id}", One(UsersWrite), "Deletes a user, with everything that is theirs.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(users::delete(ask))),
    Operation("groups.list", Get, "/groups", One(GroupsRead), "Lists groups.", Takes::Page(groups::FILTERS), Gives::Page(GROUP), |ask| Box::pin(groups::list(ask))),
    Operation("groups.create", Post, "/groups", One(GroupsWrite), "Makes a group.", Takes::Body(Form::asked::<GroupInput>()), Gives::Made(GROUP), |ask| Box::pin(groups::create(ask))),
    Operation("groups.show", Get, "/groups/{id}", One(GroupsRead), "Shows a group.", Takes::Nothing, Gives::One(GROUP), |ask| Box::pin(groups::show(ask))),
    Operation("groups.update", Patch, "/groups/{id}", One(GroupsWrite), "Changes members of a group.", Takes::Patch(Form::asked::<GroupInput>()), Gives::One(GROUP), |ask| Box::pin(groups::update(ask))),
    Operation("groups.delete", Delete, "/groups/{id}", One(GroupsWrite), "Deletes a group; whoever is in it leaves it.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(groups::delete(ask))),
    Operation("apis.list", Get, "/apis", One(ApisRead), "Lists registered APIs.", Takes::Page(apis::FILTERS), Gives::Page(API), |ask| Box::pin(apis::list(ask))),
    Operation("apis.create", Post, "/apis", One(ApisWrite), "Registers an API.", Takes::Body(Form::asked::<NewApiInput>()), Gives::Made(API), |ask| Box::pin(apis::create(ask))),
    Operation("apis.show", Get, "/apis/{id}", One(ApisRead), "Shows an API.", Takes::Nothing, Gives::One(API), |ask| Box::pin(apis::show(ask))),
    Operation("apis.update", Patch, "/apis/{id}", One(ApisWrite), "Changes members of an API.", Takes::Patch(Form::asked::<ApiInput>()), Gives::One(API), |ask| Box::pin(apis::update(ask))),
    Operation("apis.disable", Post, "/apis/{id}/disable", One(ApisWrite), "Switches an API off: no token is made for it, and none is good at it.", Takes::Nothing, Gives::One(API), |ask| Box::pin(apis::disable(ask))),
    Operation("apis.enable", Post, "/apis/{id}/enable", One(ApisWrite), "Switches an API on again.", Takes::Nothing, Gives::One(API), |ask| Box::pin(apis::enable(ask))),
    Operation("apis.delete", Delete, "/apis/{id}", One(ApisWrite), "Deletes an API: its tokens are void.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(apis::delete(ask))),
    Operation("clients.list", Get, "/clients", One(ClientsRead), "Lists clients.", Takes::Page(clients::FILTERS), Gives::Page(CLIENT), |ask| Box::pin(clients::list(ask))),
    Operation("clients.create", Post, "/clients", One(ClientsWrite), "Registers a client; its secret is shown this once.", Takes::Body(Form::asked::<NewClientInput>()), Gives::Made(NEW_CLIENT), |ask| Box::pin(clients::create(ask))),
    Operation("clients.show", Get, "/clients/{id}", One(ClientsRead), "Shows a client.", Takes::Nothing, Gives::One(CLIENT), |ask| Box::pin(clients::show(ask))),
    Operation("clients.update", Patch, "/clients/{id}", One(ClientsWrite), "Changes members of a client.", Takes::Patch(Form::asked::<ClientInput>()), Gives::One(CLIENT), |ask| Box::pin(clients::update(ask))),
    Operation("clients.disable", Post, "/clients/{id}/disable", One(ClientsWrite), "Switches a client off: its tokens are void for good.", Takes::Nothing, Gives::One(CLIENT), |ask| Box::pin(clients::disable(ask))),
    Operation("clients.enable", Post, "/clients/{id}/enable", One(ClientsWrite), "Switches a client on again.", Takes::Nothing, Gives::One(CLIENT), |ask| Box::pin(clients::enable(ask))),
    Operation("clients.delete", Delete, "/clients/{id}", One(ClientsWrite), "Deletes a client: its tokens are void, and its name is never given away again.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(clients::delete(ask))),
    Operation("clients.secrets.list", Get, "/clients/{id}/secrets", One(ClientsRead), "Lists the secrets of a client, without their texts.", Takes::Page(&[]), Gives::Page(CLIENT_SECRET), |ask| Box::pin(client_secrets::list(ask))),
    Operation("clients.secrets.create", Post, "/clients/{id}/secrets", One(ClientsWrite), "Makes a second secret for a client; it is shown this once.", Takes::Nothing, Gives::Made(NEW_CLIENT_SECRET), |ask| Box::pin(client_secrets::create(ask))),
    Operation("clients.secrets.rotate", Post, "/clients/{id}/secrets/rotate", One(ClientsWrite), "Replaces the secrets of a client by a new one, beside which the old may go on for a while; it is shown this once.", Takes::Perhaps(Form::asked::<ReplacementInput>()), Gives::Made(NEW_CLIENT_SECRET), |ask| Box::pin(client_secrets::rotate(ask))),
    Operation("clients.secrets.delete", Delete, "/clients/{id}/secrets/{secret}", One(ClientsWrite), "Takes a secret of a client away.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(client_secrets::delete(ask))),
    Operation("clients.users.list", Get, "/clients/{id}/users", One(UsersRead), "Lists the users who belong to a client.", Takes::Page(users::STATUS), Gives::Page(USER), |ask| Box::pin(users::under_client(ask))),
    Operation("clients.users.create", Post, "/clients/{id}/users", One(UsersWrite), "Makes a user who belongs to a client.", Takes::Body(Form::asked::<NewUserInput>()), Gives::Made(USER), |ask| Box::pin(users::create_under_client(ask))),
    Operation("clients.users.delete", Delete, "/clients/{id}/users/{user}", One(UsersWrite), "Takes a user out of a client, who goes on as they are.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(users::leave_client(ask))),
    Operation("api-tokens.list", Get, "/api-tokens", Either(ApiTokensRead, ApiTokensSelf), "Lists everybody's API tokens for whoever may see them, else the caller's own.", Takes::Page(api_tokens::FILTERS), Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::list(ask))),
    Operation("api-tokens.show", Get, "/api-tokens/{id}", SEES_TOKENS, "Shows an API token, without its value.", Takes::Nothing, Gives::One(API_TOKEN), |ask| Box::pin(api_tokens::show(ask))),
    Operation("api-tokens.update", Patch, "/api-tokens/{id}", CHANGES_TOKENS, "Changes members of an API token: they count from the next request on.", Takes::Patch(Form::asked::<ApiTokenInput>()), Gives::One(API_TOKEN), |ask| Box::pin(api_tokens::update(ask))),
    Operation("api-tokens.regenerate", Post, "/api-tokens/{id}/regenerate", CHANGES_TOKENS, "Gives an API token another value, which is shown this once; the former one may go on for a while.", Takes::Perhaps(Form::asked::<RegenerationInput>()), Gives::One(NEW_API_TOKEN), |ask| Box::pin(api_tokens::regenerate(ask))),
    Operation("api-tokens.revoke", Post, "/api-tokens/{id}/revoke", CHANGES_TOKENS, "Revokes an API token.", Takes::Perhaps(Form::asked::<RevocationInput>()), Gives::One(API_TOKEN), |ask| Box::pin(api_tokens::revoke(ask))),
    Operation("users.api-tokens.list", Get, "/users/{id}/api-tokens", Either(ApiTokensRead, ApiTokensSelf), "Lists the API tokens of a user.", Takes::Page(api_tokens::STATUS), Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::list_of_user(ask))),
    Operation("users.api-tokens.create", Post, "/users/{id}/api-tokens", Either(ApiTokensWrite, ApiTokensSelf), "Makes an API token for a user; its value is shown this once.", Takes::Body(Form::asked::<NewApiTokenInput>()), Gives::Made(NEW_API_TOKEN), |ask| Box::pin(api_tokens::create_for_user(ask))),
    Operation("users.api-tokens.revoke-all", Post, "/users/{id}/api-tokens/revoke-all", Either(ApiTokensWrite, ApiTokensSelf), "Revokes all API tokens of a user, and tells which these were. A condition is one on the state of the user.", Takes::Nothing, Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::revoke_all(ask))),
    Operation("me.api-tokens.list", Get, "/me/api-tokens", One(ApiTokensSelf), "Lists the caller's own API tokens.", Takes::Page(api_tokens::STATUS), Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::list_own(ask))),
    Operation("me.api-tokens.create", Post, "/me/api-tokens", One(ApiTokensSelf), "Makes an API token for the caller; its value is shown this once.", Takes::Body(Form::asked::<NewApiTokenInput>()), Gives::Made(NEW_API_TOKEN), |ask| Box::pin(api_tokens::create_own(ask))),
    Operation("me.api-tokens.revoke-all", Post, "/me/api-tokens/revoke-all", One(ApiTokensSelf), "Revokes all of the caller's own API tokens, and tells which these were. A condition is one on the state of the user.", Takes::Nothing, Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::revoke_all_own(ask))),
    Operation("api-accounts.list", Get, "/api-accounts", SEES_ACCOUNTS, "Lists everybody's API accounts for whoever may see them, else the caller's own.", Takes::Page(api_accounts::FILTERS), Gives::Page(API_ACCOUNT), |ask| Box::pin(api_accounts::list(ask))),
    Operation("api-accounts.create", Post, "/api-accounts", CHANGES_ACCOUNTS, "Makes an API account; it has no secret until one is revealed.", Takes::Body(Form::asked::<NewApiAccountInput>()), Gives::Made(API_ACCOUNT), |ask| Box::pin(api_accounts::create(ask))),
    Operation("api-accounts.show", Get, "/api-accounts/{id}", SEES_ACCOUNTS, "Shows an API account.", Takes::Nothing, Gives::One(API_ACCOUNT), |ask| Box::pin(api_accounts::show(ask))),
    Operation("api-accounts.update", Patch, "/api-accounts/{id}", CHANGES_ACCOUNTS, "Changes members of an API account: its tokens are judged by them from the next request on.", Takes::Patch(Form::asked::<ApiAccountInput>()), Gives::One(API_ACCOUNT), |ask| Box::pin(api_accounts::update(ask))),
    Operation("api-accounts.disable", Post, "/api-accounts/{id}/disable", CHANGES_ACCOUNTS, "Switches an API account off: its tokens are void for good.", Takes::Nothing, Gives::One(API_ACCOUNT), |ask| Box::pin(api_accounts::disable(ask))),
    Operation("api-accounts.enable", Post, "/api-accounts/{id}/enable", CHANGES_ACCOUNTS, "Switches an API account on again.", Takes::Nothing, Gives::One(API_ACCOUNT), |ask| Box::pin(api_accounts::enable(ask))),
    Operation("api-accounts.delete", Delete, "/api-accounts/{id}", CHANGES_ACCOUNTS, "Deletes an API account with its secrets and tokens; its key is never given away again.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(api_accounts::delete(ask))),
    Operation("api-accounts.activity", Get, "/api-accounts/{id}/activity", SEES_ACCOUNTS, "Shows how often an API account was used at which API on which day, and from where last, as far as the server was asked about its tokens or made them.", Takes::Query(api_accounts::DAYS), Gives::One(Form::told::<ActivityResource>()), |ask| Box::pin(api_accounts::activity(ask))),
    Operation("api-accounts.secrets.list", Get, "/api-accounts/{id}/secrets", SEES_ACCOUNTS, "Lists the secrets of an API account, without their texts.", Takes::Page(&[]), Gives::Page(CLIENT_SECRET), |ask| Box::pin(api_accounts::secrets(ask))),
    Operation("api-accounts.secrets.reveal", Post, "/api-accounts/{id}/secret/reveal", CHANGES_ACCOUNTS, "Makes the first secret of an API account and shows it, this once, to a person who has signed in within the last five minutes: of a person's account to that person alone. From then on it can only be replaced.", Takes::Nothing, Gives::Made(NEW_CLIENT_SECRET), |ask| Box::pin(api_accounts::reveal_secret(ask))),
    Operation("api-accounts.secrets.rotate", Post, "/api-accounts/{id}/secrets/rotate", CHANGES_ACCOUNTS, "Replaces the secrets of an API account by a new one, beside which the old may go on for a while; it is shown this once, to a person who has signed in within the last five minutes.", Takes::Perhaps(Form::asked::<ReplacementInput>()), Gives::Made(NEW_CLIENT_SECRET), |ask| Box::pin(api_accounts::rotate_secrets(ask))),
    Operation("api-accounts.api-tokens.list", Get, "/api-accounts/{id}/api-tokens", SEES_ACCOUNTS, "Lists the API tokens of an API account.", Takes::Page(api_tokens::STATUS), Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::list_of_account(ask))),
    Operation("api-accounts.api-tokens.create", Post, "/api-accounts/{id}/api-tokens", CHANGES_ACCOUNTS, "Makes an API token for an API account, of its levels at most; its value is shown this once.", Takes::Body(Form::asked::<NewApiTokenInput>()), Gives::Made(NEW_API_TOKEN), |ask| Box::pin(api_tokens::create_for_account(ask))),
    Operation("api-accounts.api-tokens.revoke-all", Post, "/api-accounts/{id}/api-tokens/revoke-all", CHANGES_ACCOUNTS, "Revokes all API tokens of an API account, and its access tokens, and tells which API tokens these were. A condition is one on the state of the account.", Takes::Nothing, Gives::Page(API_TOKEN), |ask| Box::pin(api_tokens::revoke_all_of_account(ask))),
    Operation("me.api-accounts.list", Get, "/me/api-accounts", One(ApiAccountsSelf), "Lists the caller's own API accounts.", Takes::Page(api_accounts::STATUS), Gives::Page(API_ACCOUNT), |ask| Box::pin(api_accounts::list_own(ask))),
    Operation("me.api-accounts.create", Post, "/me/api-accounts", One(ApiAccountsSelf), "Makes an API account for the caller.", Takes::Body(Form::asked::<ApiAccountInput>()), Gives::Made(API_ACCOUNT), |ask| Box::pin(api_accounts::create_own(ask))),
    Operation("providers.list", Get, "/providers", One(ProvidersRead), "Lists providers.", Takes::Page(&[]), Gives::Page(PROVIDER), |ask| Box::pin(providers::list(ask))),
    Operation("providers.create", Post, "/providers", One(ProvidersWrite), "Makes a provider.", Takes::Body(Form::asked::<NewProviderInput>()), Gives::Made(PROVIDER), |ask| Box::pin(providers::create(ask))),
    Operation("providers.show", Get, "/providers/{id}", One(ProvidersRead), "Shows a provider.", Takes::Nothing, Gives::One(PROVIDER), |ask| Box::pin(providers::show(ask))),
    Operation("providers.update", Patch, "/providers/{id}", One(ProvidersWrite), "Changes members of a provider.", Takes::Patch(Form::asked::<ProviderInput>()), Gives::One(PROVIDER), |ask| Box::pin(providers::update(ask))),
    Operation("providers.delete", Delete, "/providers/{id}", One(ProvidersWrite), "Deletes a provider for which no auth is registered.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(providers::delete(ask))),
    Operation("registered-auths.list", Get, "/api-accounts/{id}/registered-auths", SEES_AUTHS, "Lists the registered auths of an API account, their secrets masked.", Takes::Page(&[]), Gives::Page(AUTH), |ask| Box::pin(registered_auths::list(ask))),
    Operation("registered-auths.create", Post, "/api-accounts/{id}/registered-auths", CHANGES_AUTHS, "Registers an auth under an API account. Its secrets are sealed.", Takes::Body(Form::asked::<NewRegisteredAuthInput>()), Gives::Made(AUTH), |ask| Box::pin(registered_auths::create(ask))),
    Operation("registered-auths.show", Get, "/registered-auths/{id}", SEES_AUTHS, "Shows a registered auth, its secrets masked.", Takes::Nothing, Gives::One(AUTH), |ask| Box::pin(registered_auths::show(ask))),
    Operation("registered-auths.update", Patch, "/registered-auths/{id}", CHANGES_AUTHS, "Changes members of a registered auth. Secrets that are not named stay as they are.", Takes::Patch(Form::asked::<RegisteredAuthInput>()), Gives::One(AUTH), |ask| Box::pin(registered_auths::update(ask))),
    Operation("registered-auths.delete", Delete, "/registered-auths/{id}", CHANGES_AUTHS, "Deletes a registered auth, with its secrets.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(registered_auths::delete(ask))),
    Operation("registered-auths.reveal", Post, "/registered-auths/{id}/reveal", One(RegisteredAuthsReveal), "Shows the secrets of a registered auth to a person who may see it and has signed in within the last five minutes. Each time is recorded, with its reason, before anything leaves.", Takes::Body(Form::asked::<RevelationInput>()), Gives::One(DISCLOSED_AUTH), |ask| Box::pin(registered_auths::reveal(ask))),
    Operation("registered-auths.release", Post, "/registered-auths/{id}/release", Nothing, "Gives the secrets of a registered auth to its API account, by a token of the account's own, where the auth's `release` says so. Each time is recorded before anything leaves.", Takes::Nothing, Gives::One(DISCLOSED_AUTH), |ask| Box::pin(registered_auths::release(ask))),
    Operation("consents.list", Get, "/consents", One(ConsentsRead), "Lists what a user allows clients.", Takes::Page(consents::FILTERS), Gives::Page(CONSENT), |ask| Box::pin(consents::list(ask))),
    Operation("consents.show", Get, "/consents/{id}", One(ConsentsRead), "Shows a consent.", Takes::Nothing, Gives::One(CONSENT), |ask| Box::pin(consents::show(ask))),
    Operation("consents.revoke", Delete, "/consents/{id}", One(ConsentsWrite), "Takes a consent back: every token that rests on it is void.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(consents::revoke(ask))),
    Operation("sessions.list", Get, "/sessions", One(SessionsRead), "Lists the sessions of a user.", Takes::Page(sessions::FILTERS), Gives::Page(SESSION), |ask| Box::pin(sessions::list(ask))),
    Operation("sessions.show", Get, "/sessions/{id}", One(SessionsRead), "Shows a session.", Takes::Nothing, Gives::One(SESSION), |ask| Box::pin(sessions::show(ask))),
    Operation("sessions.end", Delete, "/sessions/{id}", One(SessionsWrite), "Ends a session, and what began in it and was not to outlive it.", Takes::Nothing, Gives::Nothing, |ask| Box::pin(sessions::end(ask))),
    Operation("signing-keys.list", Get, "/signing-keys", One(SigningKeysRead), "Lists the signing keys, without their private halves.", Takes::Page(&[]), Gives::Page(SIGNING_KEY), |ask| Box::pin(signing_keys::list(ask))),
    Operation("signing-keys.rotate", Post, "/signing-keys/rotate", One(SigningKeysRotate), "Follows the current key of an algorithm by a new one.", Takes::Perhaps(Form::asked::<RotationInput>()), Gives::Made(SIGNING_KEY), |ask| Box::pin(signing_keys::rotate(ask))),
    Operation("access-requests.list", Get, "/access-requests", SEES_REQUESTS, "Lists everybody's requests for API access for whoever may see them, else the caller's own.", Takes::Page(access_requests::FILTERS), Gives::Page(ACCESS_REQUEST), |ask| Box::pin(access_requests::list(ask))),
    Operation("access-requests.create", Post, "/access-requests", One(AccessRequestsSelf), "Asks for API access for the caller, who has no other open request.", Takes::Body(Form::asked::<AccessRequestInput>()), Gives::Made(ACCESS_REQUEST), |ask| Box::pin(access_requests::create(ask))),
    Operation("access-requests.show", Get, "/access-requests/{id}", SEES_REQUESTS, "Shows a request for API access.", Takes::Nothing, Gives::One(ACCESS_REQUEST), |ask| Box::pin(access_requests::show(ask))),
    Operation("access-requests.withdraw", Post, "/access-requests/{id}/withdraw", One(AccessRequestsSelf), "Withdraws an open request of the caller's own.", Takes::Nothing, Gives::One(ACCESS_REQUEST), |ask| Box::pin(access_requests::withdraw(ask))),
    Operation("access-requests.approve", Post, "/access-requests/{id}/approve", One(AccessRequestsDecide), "Approves an open request of somebody else's, in whole or in part: an API account comes into being, whose secret they reveal themselves.", Takes::Perhaps(Form::asked::<ApprovalInput>()), Gives::One(ACCESS_REQUEST), |ask| Box::pin(access_requests::approve(ask))),
    Operation("access-requests.deny", Post, "/access-requests/{id}/deny", One(AccessRequestsDecide), "Denies an open request of somebody else's, for a reason that they will read.", Takes::Body(Form::asked::<ReasonInput>()), Gives::One(ACCESS_REQUEST), |ask| Box::pin(access_requests::deny(ask))),
    Operation("access-requests.renew", Post, "/access-requests/{id}/renew", One(AccessRequestsDecide), "Lets an approval go on until a later end, one that has run out, too; it counts as reviewed.", Takes::Perhaps(Form::asked::<RenewalInput>()), Gives::One(ACCESS_REQUEST), |ask| Box::pin(access_requests::renew(ask))),
    Operation("access-requests.revoke", Post, "/access-requests/{id}/revoke", One(AccessRequestsDecide), "Takes an approval back for good: nothing that came of it works from the next request on.", Takes::Body(Form::asked::<ReasonInput>()), Gives::One(ACCESS_REQUEST), |ask| Box::pin(access_requests::revoke(ask))),
    Operation("me.api-info.show", Get, "/me/api-info", One(AccessRequestsSelf), "Shows whether the caller has API access, what became of their last request, and their credentials without any secret.", Takes::Nothing, Gives::One(Form::told::<ApiInfoResource>()), |ask| Box::pin(access_requests::api_info(ask))),
    Operation("audit-events.list", Get, "/audit-events", One(AuditEventsRead), "Lists what has happened, oldest first.", Takes::Page(audit_events::FILTERS), Gives::Page(AUDIT_EVENT), |ask| Box::pin(audit_events::list(ask))),
    Operation("audit-events.show", Get, "/audit-events/{id}", One(AuditEventsRead), "Shows an event.", Takes::Nothing, Gives::One(AUDIT_EVENT), |ask| Box::pin(audit_events::show(ask))),
    Operation("me.show", Get, "/me", Nothing, "Shows who calls, and what they may do.", Takes::Nothing, Gives::One(Form::told::<MeResource>()), |ask| Box::pin(me::show(ask))),
];

const USER: Form = Form::told::<UserResource>();
const API: Form = Form::told::<ApiResource>();
const CLIENT: Form = Form::told::<ClientResource>();
/// Everybody's, or one's own.
const SEES_TOKENS: Needs = OneOf(ApiTokensRead, ApiTokensSelf, ApiAccountsSelf);
const CHANGES_TOKENS: Needs = OneOf(ApiTokensWrite, ApiTokensSelf, ApiAccountsSelf);

const SEES_ACCOUNTS: Needs = EitherOrAccount(ApiAccountsRead, ApiAccountsSelf);
const CHANGES_ACCOUNTS: Needs = Either(ApiAccountsWrite, ApiAccountsSelf);

const SEES_AUTHS: Needs = EitherOrAccount(RegisteredAuthsRead, ApiAccountsSelf);
const CHANGES_AUTHS: Needs = Either(RegisteredAuthsWrite, ApiAccountsSelf);

const API_ACCOUNT: Form = Form::told::<ApiAccountResource>();
const PROVIDER: Form = Form::told::<ProviderResource>();
const AUTH: Form = Form::told::<RegisteredAuthResource>();
/// With its secrets.
const DISCLOSED_AUTH: Form = Form::told_once::<RegisteredAuthResource>();
const SEES_REQUESTS: Needs = Either(AccessRequestsRead, AccessRequestsSelf);

const ACCESS_REQUEST: Form = Form::told::<AccessRequestResource>();
const API_TOKEN: Form = Form::told::<ApiTokenResource>();
const CLIENT_SECRET: Form = Form::told::<ClientSecretResource>();
/// With what is shown once.
const NEW_CLIENT: Form = Form::told_once::<ClientResource>();
const NEW_API_TOKEN: Form = Form::told_once::<ApiTokenResource>();
const NEW_CLIENT_SECRET: Form = Form::told_once::<ClientSecretResource>();
const CONSENT: Form = Form::told::<ConsentResource>();
const AUDIT_EVENT: Form = Form::told::<AuditEventResource>();
const SESSION: Form = Form::told::<SessionResource>();
const SIGNING_KEY: Form = Form::told::<SigningKeyResource>();
const ORGANIZATION: Form = Form::told::<OrganizationResource>();
const GROUP: Form = Form::told::<GroupResource>();
