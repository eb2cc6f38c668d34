//! A program that gets an access token from a running Doorward, asks what it is good for, and takes it back: with the
//! `oauth2` crate, which knows nothing of Doorward, and ureq as its HTTP client. See README.md for how to run it.
#![forbid(unsafe_code)]

use oauth2::basic::BasicClient;
use oauth2::{
    AccessToken, AuthUrl, ClientId, ClientSecret, HttpRequest, HttpResponse, IntrospectionUrl,
    TokenIntrospectionResponse, TokenResponse, TokenUrl,
};
use serde_json::Value;
use std::error::Error;

type Failed = Box<dyn Error>;

/// Who we are, and whom we ask.
struct Account {
    issuer: String,
    client_id: String,
    client_secret: String,
}

fn main() -> Result<(), Failed> {
    let account = Account::from_environment().map_or_else(Account::of_trial, Ok)?;
    println!("issuer      {}", account.issuer);
    let metadata = discover(&account.issuer)?;
    let endpoint = |name: &str| text(&metadata, name);
    // The crate wants an authorization endpoint; client credentials never go there.
    let client = BasicClient::new(ClientId::new(account.client_id.clone()))
        .set_client_secret(ClientSecret::new(account.client_secret.clone()))
        .set_auth_uri(AuthUrl::new(endpoint("issuer")?)?)
        .set_token_uri(TokenUrl::new(endpoint("token_endpoint")?)?)
        .set_introspection_url(IntrospectionUrl::new(endpoint("introspection_endpoint")?)?);

    let answer = client.exchange_client_credentials().request(&ask)?;
    let token = answer.access_token();
    println!("got         a token for {:?}, scope {:?}", answer.expires_in(), answer.scopes());
    let what_it_is = |token: &AccessToken| client.introspect(token).request(&ask);
    let seen = what_it_is(token)?;
    println!("introspect  active: {}, client: {:?}, for: {:?}", seen.active(), seen.client_id(), seen.aud());
    revoke(token, &endpoint("revocation_endpoint")?, &account)?;
    println!("revoked");
    println!("introspect  active: {}", what_it_is(token)?.active());
    Ok(())
}

impl Account {
    /// ISSUER, CLIENT_ID and CLIENT_SECRET, if they are set.
    fn from_environment() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        Some(Self {
            issuer: variable("ISSUER")?,
            client_id: variable("CLIENT_ID")?,
            client_secret: variable("CLIENT_SECRET")?,
        })
    }

    /// What `doorward serve --dev` has left in this folder.
    fn of_trial() -> Result<Self, Failed> {
        let note = std::fs::read_to_string("doorward-dev.json").map_err(|error| {
            format!("doorward-dev.json: {error}; run this where `doorward serve --dev` runs, or set ISSUER, CLIENT_ID and CLIENT_SECRET")
        })?;
        let note: Value = serde_json::from_str(&note)?;
        let client = &note["clients"][0];
        Ok(Self {
            issuer: text(&note, "issuer")?,
            client_id: text(client, "client_id")?,
            client_secret: text(client, "client_secret")?,
        })
    }
}

/// RFC 8414 §3: where the endpoints are.
fn discover(issuer: &str) -> Result<Value, Failed> {
    let url = format!("{issuer}/.well-known/oauth-authorization-server");
    let metadata: Value = serde_json::from_str(&ureq::get(&url).call()?.body_mut().read_to_string()?)?;
    // RFC 8414 §3.3: it must speak for the issuer that was asked for.
    if metadata["issuer"] == issuer { Ok(metadata) } else { Err("the metadata is another issuer's".into()) }
}

fn text(object: &Value, member: &str) -> Result<String, Failed> {
    Ok(object[member].as_str().ok_or_else(|| format!("{member} is missing"))?.to_owned())
}

/// RFC 7009 §2.1: takes a token back. The crate can do that, too, but only over https, and a server that is tried out on
/// this machine has none.
fn revoke(token: &AccessToken, endpoint: &str, account: &Account) -> Result<(), Failed> {
    // ureq makes the Authorization header of RFC 7617 out of this; Doorward's names and secrets need no encoding.
    let credentials = format!("://{}:{}@", account.client_id, account.client_secret);
    let url = endpoint.replacen("://", &credentials, 1);
    ureq::post(url).send_form([("token", token.secret().as_str())])?;
    Ok(())
}

/// The HTTP client of the `oauth2` crate: any function from request to response will do. Redirects are not followed, so
/// that nobody is sent elsewhere with a secret in hand.
fn ask(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let (head, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}
