//! The machine of the authorization code grant's first half (RFC 6749 §4.1.1), driven over a request whose client and
//! redirect URI were found.

use crate::access::audience::AskedScope;
use crate::client::Client;
use crate::client::redirect::RedirectTarget;
use crate::kernel::{from_oxide, parse, permitted, pre_grant};
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use oxide_auth::code_grant::authorization::{Authorization, Input, Output, Request};
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, ExactUrl, RegisteredUrl};
use std::borrow::Cow;

struct Shown<'a> {
    params: &'a Params<'a>,
    client: &'a Client,
    target: &'a RedirectTarget,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.client.client_id.as_str()))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.params.value("scope").map(Cow::Borrowed)
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.target.as_str()))
    }

    /// State goes back as it came, by our own hand.
    fn state(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn response_type(&self) -> Option<Cow<'_, str>> {
        self.params.value("response_type").map(Cow::Borrowed)
    }

    /// PKCE is judged by us: the machine's extension also knows `plain`.
    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// Runs the machine to its end: what scope the client may ask a person for.
///
/// # Errors
/// `invalid_scope` (RFC 6749 §4.1.2.1); `invalid_request` for what the machine itself refuses.
pub fn negotiate(
    params: &Params<'_>,
    target: &RedirectTarget,
    client: &Client,
) -> Result<AskedScope, OAuthError> {
    let asked: Option<Scope> = params.value("scope").map(parse).transpose()?;
    let shown = Shown { params, client, target };
    let mut machine = Authorization::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Bind { client_id, .. } if client_id == client.client_id.as_str() => {
                Input::Bound { request: &shown, bound_client: bound(client, target)? }
            }
            Output::Extend => Input::Extended(Extensions::new()),
            Output::Negotiate { bound_client, scope } => {
                let scope = scope.as_ref().map(from_oxide).transpose()?;
                let pre_grant = pre_grant(bound_client, &permitted(scope, client)?)?;
                Input::Negotiated { pre_grant, state: None }
            }
            Output::Ok { pre_grant, .. } => {
                let scope = from_oxide(&pre_grant.scope)?;
                return Ok(if asked.is_some() {
                    AskedScope::Explicit(scope)
                } else {
                    AskedScope::Default(scope)
                });
            }
            Output::Bind { .. } | Output::Err(_) => {
                return Err(OAuthError::invalid_request(
                    "the request is not one of the authorization code grant",
                ));
            }
        };
    }
}

/// The redirect URI was matched by us, byte for byte.
fn bound(client: &Client, target: &RedirectTarget) -> Result<BoundClient<'static>, OAuthError> {
    let uri = ExactUrl::new(target.as_str().to_owned()).map_err(|_| OAuthError::server_error())?;
    Ok(BoundClient {
        client_id: Cow::Owned(client.client_id.to_string()),
        redirect_uri: Cow::Owned(RegisteredUrl::Exact(uri)),
    })
}
