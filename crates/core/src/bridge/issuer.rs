//! oxide-auth's issuer: our tokens. Owns the way from a grant that its flow has judged to the grant of ours that redeems,
//! records and signs; a token for a person follows from a code or a refresh token and from nothing else.

use crate::bridge::wait::wait;
use crate::bridge::{Bridge, NOWHERE, client, extensions, instant, left_by_us, speaks_openid};
use crate::client::authenticate::AuthenticatedClient;
use crate::context::{Caller, Context};
use crate::endpoint::introspect;
use crate::endpoint::revoke::family;
use crate::grant::authorization_code::AuthorizationCode;
use crate::grant::client_credentials::ClientCredentials;
use crate::grant::refresh_token::RefreshTokens;
use crate::grant::{Proof, TokenRequest, issue};
use crate::kernel;
use crate::store::fault::{Fault, Stop};
use crate::token::family::Family;
use chrono::{DateTime, Utc};
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::Id;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::token::TokenResponse;
use doorward_protocol::token_text::{self, TokenType};
use oxide_auth::primitives::grant::Grant;
use oxide_auth::primitives::issuer::{IssuedToken, Issuer, RefreshedToken, TokenType as Usage};
use url::form_urlencoded::Serializer;

/// The grants that oxide-auth has flows for.
const CODE: &dyn crate::grant::Grant = &AuthorizationCode;
const CLIENT: &dyn crate::grant::Grant = &ClientCredentials;
const REFRESH: &dyn crate::grant::Grant = &RefreshTokens;

impl Issuer for Bridge {
    fn issue(&mut self, grant: Grant) -> Result<IssuedToken, ()> {
        let issued = wait(self.issued(&grant));
        let (token, until) = self.told(issued)?;
        Ok(IssuedToken {
            token: token.access_token.expose().to_owned(),
            refresh: token.refresh_token.map(|refresh| refresh.expose().to_owned()),
            until,
            token_type: Usage::Bearer,
        })
    }

    fn refresh(&mut self, refresh: &str, grant: Grant) -> Result<RefreshedToken, ()> {
        let form = form(&[("refresh_token", refresh), ("scope", &grant.scope.to_string())]);
        let refreshed = wait(self.redeemed(&form, REFRESH, &grant));
        let (token, until) = self.told(refreshed)?;
        Ok(RefreshedToken {
            token: token.access_token.expose().to_owned(),
            refresh: token.refresh_token.map(|refresh| refresh.expose().to_owned()),
            until,
            token_type: Usage::Bearer,
        })
    }

    fn recover_token<'a>(&'a self, token: &'a str) -> Result<Option<Grant>, ()> {
        self.told(wait(self.active(token)))
    }

    fn recover_refresh<'a>(&'a self, token: &'a str) -> Result<Option<Grant>, ()> {
        self.told(wait(self.refreshable(token)))
    }
}

impl Bridge {
    /// A grant that comes from a code shows it; without one, the only owner that can be is the client itself.
    async fn issued(&self, grant: &Grant) -> Result<(TokenResponse, DateTime<Utc>), Stop<OAuthError>> {
        if let Some(shown) = left_by_us(&grant.extensions) {
            return self.redeemed(&shown, CODE, grant).await;
        }
        if grant.owner_id != grant.client_id {
            let what = "a token for a person follows from a code: install the extension of the bridge";
            return Err(Stop::Refuse(OAuthError::new(ErrorCode::AccessDenied, what)));
        }
        let form = form(&[("grant_type", "client_credentials"), ("scope", &grant.scope.to_string())]);
        self.redeemed(&form, CLIENT, grant).await
    }

    /// What our own token endpoint does, once the client has proved who it is.
    async fn redeemed(
        &self,
        form: &str,
        by: &dyn crate::grant::Grant,
        grant: &Grant,
    ) -> Result<(TokenResponse, DateTime<Utc>), Stop<OAuthError>> {
        let context = self.server.context();
        let client = AuthenticatedClient::vouched(client(&grant.client_id, &context).await?);
        if !client.record().client.may_use(by.grant_type()) {
            let what = "the client is not registered for this grant_type";
            return Err(Stop::Refuse(OAuthError::new(ErrorCode::UnauthorizedClient, what)));
        }
        let params = Params::parse(form.as_bytes())?;
        let caller = Caller::default();
        let request = TokenRequest { params: &params, client: &client, caller };
        let token = match by.prove(&request, &context)? {
            Proof::Entitled(entitlement) => issue::entitled(*entitlement, caller, &context).await?,
            Proof::Presented(token) => {
                issue::entitled(token.entitled(&context).await?, caller, &context).await?
            }
            Proof::Stored(redemption) => issue::redeemed(redemption, &context, self.server.people()).await?,
        };
        let until = instant(context.now + token.expires_in);
        Ok((token, until))
    }

    /// What our introspection says of it, to the API that the program is.
    async fn active(&self, token: &str) -> Result<Option<Grant>, Stop<OAuthError>> {
        let Some(identifier) = self.api.as_deref() else { return Ok(None) };
        let context = self.server.context();
        let Some(token) = introspect::active(token, identifier, &context).await? else {
            return Ok(None);
        };
        let owner = match token.username {
            // A client that was called as a person is afterwards would speak as that person.
            None => self.is_nobodys(&token.sub, &context).await?.then_some(token.sub),
            Some(_) => match token.sub.parse::<Id>() {
                Ok(user) => context.cache.user(user).await?.and_then(|user| self.owner(&user)),
                Err(_) => None,
            },
        };
        // A grant of oxide-auth is a client's; an API token that its owner uses themselves is none.
        let Some((owner_id, client_id)) = owner.zip(token.client_id) else { return Ok(None) };
        Ok(Some(grant(owner_id, client_id.to_string(), &token.scope, instant(token.exp))?))
    }

    /// Whether no owner of the program's is called so.
    async fn is_nobodys(&self, name: &str, context: &Context<'_>) -> Result<bool, Fault> {
        let (source, name) = (self.source.clone(), name.to_owned());
        let known = context.cache.store().read(move |tx| tx.user_known_as(&source, &name)).await?;
        Ok(known.is_none())
    }

    /// A token that still leads to a family; what its number means is judged when it is redeemed.
    async fn refreshable(&self, token: &str) -> Result<Option<Grant>, Stop<OAuthError>> {
        if token_text::read(token) != Ok(TokenType::RefreshToken) {
            return Ok(None);
        }
        let context = self.server.context();
        let digests: Vec<_> = context.peppers.digests(token).collect();
        let family = context.cache.store().snapshot(move |tx| family(&digests, tx)).await?;
        let Some(family) =
            family.filter(|family| family.revoked_at.is_none() && !speaks_openid(&family.scope))
        else {
            return Ok(None);
        };
        let client = context.cache.client(family.client).await?;
        let owner = context.cache.user(family.user).await?.and_then(|user| self.owner(&user));
        let (Some(record), Some(owner_id)) = (client, owner) else { return Ok(None) };
        let scope = still(&family, &record.client.scopes, &context);
        let client_id = record.client.client_id.to_string();
        Ok(Some(grant(owner_id, client_id, &scope, instant(family.expires_at))?))
    }
}

/// What of it the client and the API still have: oxide-auth tells the client of nothing less.
fn still(family: &Family, client: &Scope, context: &Context<'_>) -> Scope {
    let scope = family.scope.within(client);
    let apis = context.cache.apis();
    match family.api.and_then(|api| apis.by_id(api)) {
        Some(api) => scope.within(&api.scope()),
        None => scope,
    }
}

fn grant(
    owner_id: String,
    client_id: String,
    scope: &Scope,
    until: DateTime<Utc>,
) -> Result<Grant, Stop<OAuthError>> {
    let redirect_uri = NOWHERE.parse().map_err(Fault::broken)?;
    let scope = kernel::to_oxide(scope)?;
    Ok(Grant { owner_id, client_id, scope, redirect_uri, until, extensions: extensions(None) })
}

/// Parameters as a client would send them; one without a value is left out.
fn form(parameters: &[(&str, &str)]) -> String {
    let given = parameters.iter().filter(|(_, value)| !value.is_empty());
    Serializer::new(String::new()).extend_pairs(given).finish()
}
