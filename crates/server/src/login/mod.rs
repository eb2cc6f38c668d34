//! Signing in from a terminal, as a native application does it (RFC 8252): the person's own browser, a listener on the
//! loopback interface, a code with PKCE. Owns the order of the steps; knows of the server what discovery says, and nothing
//! of its insides. Ctrl-C ends the process, and leaves nothing behind.

mod answer;
pub(crate) mod browser;
mod discovery;
mod http;
mod loopback;
mod page;
mod request;
pub(crate) mod tokens;

use self::discovery::Discovered;
use self::http::Http;
use self::loopback::Loopback;
use self::page::Page;
use self::request::Asked;
use self::tokens::{Keys, Tokens};
use crate::failure::Failure;
use doorward_core::issuer::Issuer;
use doorward_protocol::id::ClientId;
use doorward_protocol::jose::claims::IdTokenClaims;
use doorward_protocol::openid::OPENID;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use serde_json::{Map, Value};

/// Where somebody wants to sign in, and what for.
pub(crate) struct Wanted {
    /// The server.
    pub(crate) issuer: Issuer,
    /// The client that the person signs in to.
    pub(crate) client_id: ClientId,
    /// What it asks for.
    pub(crate) scope: Scope,
    /// RFC 8707 §2: the API it asks for.
    pub(crate) resource: Option<String>,
    /// OpenID Connect Core §3.1.2.1: how long ago they may have signed in, where that counts.
    pub(crate) max_age: Option<Lifetime>,
    /// How long the person may take.
    pub(crate) patience: Lifetime,
}

/// What came of it.
pub(crate) struct SignedIn {
    /// The tokens.
    pub(crate) tokens: Tokens,
    /// RFC 9068 §2.2: whom the access token is for, if it says so.
    pub(crate) audience: Option<String>,
    /// What the ID token says, verified.
    pub(crate) claims: Option<IdTokenClaims>,
    /// What userinfo says, where the access token is good there.
    pub(crate) userinfo: Option<Map<String, Value>>,
}

/// Signs somebody in. The URL at which they do is shown when the listener waits for their return.
pub(crate) fn sign_in(wanted: &Wanted, show: impl FnOnce(&str)) -> Result<SignedIn, Failure> {
    let http = Http::for_issuer(&wanted.issuer);
    let server = discovery::discover(&wanted.issuer, &http)?;
    let loopback = Loopback::bind()?;
    let asked = Asked::draw(loopback.redirect_uri())?;
    show(asked.url(wanted, &server)?.as_str());
    let arrival = loopback.wait(&asked.state, wanted.patience)?;
    let signed_in = finish(&arrival.parameters, wanted, &asked, &server, &http);
    arrival.answer(&match &signed_in {
        Ok(_) => Page::SIGNED_IN,
        Err(failure) => Page::failed(failure),
    });
    signed_in
}

/// The way from an answer in the browser to tokens that are believed.
fn finish(
    parameters: &[(String, String)],
    wanted: &Wanted,
    asked: &Asked,
    server: &Discovered,
    http: &Http,
) -> Result<SignedIn, Failure> {
    let parameters = Params::of(parameters).map_err(|error| Failure::refused(error.description()))?;
    let code = answer::code(&parameters, wanted.issuer.as_str())?;
    let tokens = tokens::exchange(&code, wanted, asked, server, http)?;
    let keys = Keys::fetch(&server.jwks_uri, http)?;
    let audience = keys.audience(&tokens.access_token, wanted);
    let claims = match &tokens.id_token {
        Some(id_token) => Some(keys.claims(id_token, &tokens.access_token, wanted, asked)?),
        None if wanted.scope.contains(OPENID) => {
            return Err(Failure::refused("the server gave no ID token, though 'openid' was asked for"));
        }
        None => None,
    };
    let userinfo = match &claims {
        Some(claims) if audience.as_deref() == Some(wanted.issuer.as_str()) => {
            Some(tokens::userinfo(&tokens.access_token, &claims.sub, server, http)?)
        }
        _ => None,
    };
    Ok(SignedIn { tokens, audience, claims, userinfo })
}
