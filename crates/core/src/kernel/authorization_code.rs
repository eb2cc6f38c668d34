//! The machine of the authorization code grant's second half (RFC 6749 §4.1.3), driven over a request whose client has
//! authenticated already, with a code that was found.

use crate::client::Client;
use crate::kernel::{far_future, to_oxide};
use crate::ticket::code::Code;
use doorward_protocol::error::OAuthError;
use oxide_auth::code_grant::accesstoken::{AccessToken, Authorization, Input, Output, Request};
use oxide_auth::primitives::grant::{Extensions, Grant};
use std::borrow::Cow;

/// The request as the machine sees it: the authenticated client's name, no secret at all, and the redirect URI of the
/// authorization where the request repeats none (the machine wants one; whether one is needed was decided before).
struct Shown<'a> {
    client: &'a Client,
    redirect_uri: &'a str,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    /// The code is ours to look up; the machine carries the text without looking at it.
    fn code(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("found"))
    }

    fn authorization(&self) -> Authorization<'_> {
        Authorization::Username(Cow::Borrowed(self.client.client_id.as_str()))
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.redirect_uri))
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("authorization_code"))
    }

    /// PKCE is judged by us: the machine's extension also knows `plain`.
    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// Runs the machine up to the point at which a token would be issued: that the code was found, belongs to this client and
/// was issued for this redirect URI. `holder` is the `client_id` of the client that the code was issued to.
///
/// # Errors
/// `invalid_grant` (RFC 6749 §5.2).
pub fn redeem(
    code: &Code,
    holder: &str,
    redirect_uri: Option<&str>,
    client: &Client,
) -> Result<(), OAuthError> {
    let shown = Shown { client, redirect_uri: redirect_uri.unwrap_or(&code.redirect_uri) };
    let mut machine = AccessToken::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { client: named, .. } if named == client.client_id.as_str() => {
                Input::Authenticated
            }
            Output::Recover { .. } => Input::Recovered(Some(Box::new(recovered(code, holder)?))),
            Output::Extend { .. } => Input::Extended { access_extensions: Extensions::new() },
            // Signing comes after the commit, so the machine ends here.
            Output::Issue { .. } => return Ok(()),
            Output::Authenticate { .. } | Output::Ok(_) | Output::Err(_) => {
                return Err(OAuthError::invalid_grant());
            }
        };
    }
}

fn recovered(code: &Code, holder: &str) -> Result<Grant, OAuthError> {
    Ok(Grant {
        owner_id: code.user.to_string(),
        client_id: holder.to_owned(),
        scope: to_oxide(&code.scope)?,
        redirect_uri: code.redirect_uri.parse().map_err(|_| OAuthError::invalid_grant())?,
        // Expiry is judged by us, with the injected clock.
        until: far_future(),
        extensions: Extensions::new(),
    })
}
