//! The machine of the refresh token grant (RFC 6749 §6), driven over a request whose client has authenticated already,
//! with a token that was found.

use crate::access::audience::AskedScope;
use crate::client::Client;
use crate::kernel::{far_future, from_oxide, parse, to_oxide};
use crate::token::family::Family;
use doorward_protocol::error::OAuthError;
use doorward_protocol::scope::Scope;
use oxide_auth::code_grant::refresh::{Input, Output, Refresh, Request};
use oxide_auth::primitives::grant::{Extensions, Grant};
use std::borrow::Cow;

/// The request as the machine sees it: the authenticated client's name with an empty passphrase, never a secret. Shown no
/// name, the machine would not compare the token's client with the request's.
struct Shown<'a> {
    client: &'a Client,
    scope: Option<&'a str>,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    /// The token is ours to look up; the machine carries the text without looking at it.
    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("found"))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.scope.map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("refresh_token"))
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client.client_id.as_str()), Cow::Borrowed(b"")))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// Runs the machine up to the point at which a token would be issued: that the token belongs to this client, and that no
/// more is asked for than was granted. `holder` is the `client_id` of the client that the family belongs to. What the
/// machine would hand on (the narrowed scope as the grant's own, an hour's time) is left alone: a narrower request leaves
/// the grant as it is.
///
/// # Errors
/// `invalid_grant` for another client's token, `invalid_scope` for more than was granted (RFC 6749 §6).
pub fn negotiate(
    family: &Family,
    holder: &str,
    scope: Option<&str>,
    client: &Client,
) -> Result<AskedScope, OAuthError> {
    // The machine answers a malformed scope with the right word, but an empty one with none at all.
    let asked: Option<Scope> = scope.map(parse).transpose()?;
    let shown = Shown { client, scope };
    let mut machine = Refresh::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Unauthenticated { client: named, .. } if named == client.client_id.as_str() => {
                Input::Authenticated { scope: scope.map(Cow::Borrowed) }
            }
            Output::RecoverRefresh { .. } => Input::Recovered {
                scope: scope.map(Cow::Borrowed),
                grant: Some(Box::new(recovered(family, holder)?)),
            },
            Output::Refresh { grant, .. } => {
                let scope = from_oxide(&grant.scope)?;
                return Ok(match asked {
                    Some(_) => AskedScope::Explicit(scope),
                    None => AskedScope::Default(scope),
                });
            }
            Output::Err(_) if holder == client.client_id.as_str() => {
                return Err(OAuthError::invalid_scope("the scope exceeds what was granted"));
            }
            Output::Unauthenticated { .. } | Output::Ok(_) | Output::Err(_) => {
                return Err(OAuthError::invalid_grant());
            }
        };
    }
}

fn recovered(family: &Family, holder: &str) -> Result<Grant, OAuthError> {
    Ok(Grant {
        owner_id: family.user.to_string(),
        client_id: holder.to_owned(),
        scope: to_oxide(&family.scope)?,
        redirect_uri: "urn:doorward:no-redirect".parse().map_err(|_| OAuthError::server_error())?,
        // Expiry is judged by us, with the injected clock.
        until: far_future(),
        extensions: Extensions::new(),
    })
}
