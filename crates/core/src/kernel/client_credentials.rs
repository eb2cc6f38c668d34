//! The machine of the client credentials grant (RFC 6749 §4.4), driven over a request whose client has authenticated
//! already.

use crate::access::audience::AskedScope;
use crate::client::Client;
use crate::kernel::{from_oxide, parse, permitted, pre_grant};
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use oxide_auth::code_grant::client_credentials::{ClientCredentials, Input, Output, Request};
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, ExactUrl, RegisteredUrl};
use std::borrow::Cow;

/// The request as the machine sees it: the authenticated client's name, and no secret at all.
struct Shown<'a> {
    params: &'a Params<'a>,
    client: &'a Client,
    scope: Option<&'a str>,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client.client_id.as_str()), Cow::Borrowed(b"")))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.params.value("grant_type").map(Cow::Borrowed)
    }

    /// Credentials in the body were judged before the machine was started.
    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// Runs the machine to its end: what scope the client is entitled to.
///
/// # Errors
/// `invalid_scope` for a scope that is malformed or more than the client may have (RFC 6749 §3.3); `invalid_request`
/// for what the machine itself refuses.
pub fn negotiate(params: &Params<'_>, client: &Client) -> Result<AskedScope, OAuthError> {
    // The machine answers a malformed scope with invalid_request; the word of RFC 6749 §5.2 is invalid_scope.
    let asked: Option<Scope> = params.value("scope").map(parse).transpose()?;
    let shown = Shown { params, client, scope: params.value("scope") };
    let mut machine = ClientCredentials::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { client: named, .. } if named == client.client_id.as_str() => {
                Input::Authenticated
            }
            Output::Authenticate { .. } => return Err(OAuthError::invalid_client()),
            Output::Binding { client_id } => Input::Bound { bound_client: bound(client_id)? },
            Output::Extend => Input::Extended { extensions: Extensions::new() },
            Output::Negotiate { bound_client, scope } => {
                let scope = scope.as_ref().map(from_oxide).transpose()?;
                Input::Negotiated { pre_grant: pre_grant(bound_client, &permitted(scope, client)?)? }
            }
            Output::Ok { pre_grant, .. } => return ended(asked.is_some(), from_oxide(&pre_grant.scope)?),
            Output::Err(_) => {
                return Err(OAuthError::invalid_request(
                    "the request is not one of the client credentials grant",
                ));
            }
        };
    }
}

/// The machine wants a redirect URI although this grant has none; it is never used.
fn bound(client_id: &str) -> Result<BoundClient<'static>, OAuthError> {
    let unused =
        ExactUrl::new("urn:doorward:no-redirect".to_owned()).map_err(|_| OAuthError::server_error())?;
    Ok(BoundClient {
        client_id: Cow::Owned(client_id.to_owned()),
        redirect_uri: Cow::Owned(RegisteredUrl::Exact(unused)),
    })
}

fn ended(asked: bool, scope: Scope) -> Result<AskedScope, OAuthError> {
    Ok(if asked { AskedScope::Explicit(scope) } else { AskedScope::Default(scope) })
}
