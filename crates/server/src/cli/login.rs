//! `doorward login`: signs a person in, as any client would, and shows what the client gets. Owns what is asked and how the
//! answer reads; the way there is `login`'s.

use super::Common;
use super::answer::{Answer, aside};
use super::sheet::Sheet;
use super::words;
use crate::dev;
use crate::failure::Failure;
use crate::installation;
use crate::login::{self, SignedIn, Wanted, browser};
use doorward_core::issuer::Issuer;
use doorward_protocol::id::ClientId;
use doorward_protocol::jose::claims::IdTokenClaims;
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use serde_json::{Map, Value, json};

const EXAMPLES: &str = "\
A browser opens; whoever signs in there gives this terminal, as the client, what it asks for. The client is a public one
that has http://127.0.0.1/callback among its redirect URIs:

    doorward client create --name Terminal --client-id terminal --public --redirect-uri http://127.0.0.1/callback

Examples:
  Against the server of `serve --dev`, as its demo client:
    doorward login --dev

  Against another server, for a token that an API takes:
    doorward login --issuer https://id.example.com --client terminal --scope 'openid read'

  For a token with which secrets are shown, to somebody who has just signed in:
    doorward login --client terminal --max-age 300 --scope 'openid api-accounts:self' --resource https://id.example.com/api

  The access token alone:
    doorward login --client terminal --json | jq -r .access_token";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The client, by its client_id [default: with --dev the public demo client].
    #[arg(long, value_name = "ID")]
    client: Option<ClientId>,
    /// What to ask for; give it once for each [default: openid profile email offline_access].
    #[arg(long, value_parser = words::scope)]
    scope: Vec<Scope>,
    /// The API that the access token is to be for, by its identifier.
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// How long ago you may have signed in, in seconds: 0 has you sign in anew. What takes somebody who has just done so (RFC 9470)
    /// names 300.
    #[arg(long, value_name = "SECONDS", value_parser = words::overlap())]
    max_age: Option<Lifetime>,
    /// The server [default: the configured server.issuer].
    #[arg(long, value_name = "URL")]
    issuer: Option<Issuer>,
    /// Open no browser: the address that is printed can be opened in any browser of this machine.
    #[arg(long)]
    no_browser: bool,
    /// How long to wait for the person, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds(), default_value = "300")]
    timeout: Lifetime,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Result<Answer, Failure> {
    let (issuer, client_id) = whom(arguments, common)?;
    let scope = match arguments.scope.as_slice() {
        [] => openid::usual(),
        scopes => words::union(scopes),
    };
    let (resource, max_age) = (arguments.resource.clone(), arguments.max_age);
    let wanted = Wanted { issuer, client_id, scope, resource, max_age, patience: arguments.timeout };
    let signed_in = login::sign_in(&wanted, |url| show(url, arguments.no_browser))?;
    Answer::new(text(&signed_in, &wanted), &json(&signed_in, &wanted))
}

/// The server, and the client to be at it.
fn whom(arguments: &Arguments, common: &Common) -> Result<(Issuer, ClientId), Failure> {
    // Whoever names both needs no configuration: they may be on any machine.
    if let (Some(issuer), Some(client)) = (&arguments.issuer, &arguments.client) {
        return Ok((issuer.clone(), client.clone()));
    }
    let config = common.configuration()?;
    let (issuer, client) = if config.dev {
        let trial = dev::noted(&config)?;
        (Some(trial.issuer), trial.public_client)
    } else {
        (config.issuer().ok().map(str::to_owned), None)
    };
    let client = arguments.client.clone().or(client);
    let client = client.ok_or_else(|| Failure::usage("name the client by --client"))?;
    match (arguments.issuer.clone(), issuer) {
        (Some(issuer), _) => Ok((issuer, client)),
        (None, Some(text)) => Ok((installation::issuer(&text)?, client)),
        (None, None) => Err(Failure::usage("name the server by --issuer, or set server.issuer")),
    }
}

/// Standard output is for the answer alone.
fn show(url: &str, no_browser: bool) {
    let first = if no_browser { "Sign in at" } else { "Sign in in your browser, which opens, or else at" };
    aside(&format!("{first}\n\n    {url}\n\n"));
    if !no_browser {
        browser::open(url);
    }
}

/// All of it as one object.
fn json(signed_in: &SignedIn, wanted: &Wanted) -> Value {
    let tokens = &signed_in.tokens;
    let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    json!({
        "issuer": wanted.issuer.as_str(),
        "client_id": wanted.client_id,
        "access_token": tokens.access_token.expose(),
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "scope": tokens.scope,
        "audience": signed_in.audience,
        "refresh_token": secret(&tokens.refresh_token),
        "id_token": secret(&tokens.id_token),
        "claims": signed_in.claims,
        "userinfo": signed_in.userinfo,
    })
}

/// All of it in words.
fn text(signed_in: &SignedIn, wanted: &Wanted) -> String {
    let tokens = &signed_in.tokens;
    let mut text = format!("Signed in at {}, to the client {}.\n", wanted.issuer.as_str(), wanted.client_id);
    if let Some(claims) = &signed_in.claims {
        text += &format!("\nThe ID token says (its signature is right):\n\n{}", claimed(claims).text());
    }
    if let Some(userinfo) = &signed_in.userinfo {
        text += &format!(
            "\nThe server says of the person (userinfo):\n\n{}",
            with_members(Sheet::default(), userinfo).text()
        );
    }
    text += &format!("\nAccess token:\n\n{}", access(signed_in).text());
    let secrets = [
        (None, Some(&tokens.access_token)),
        (Some("Refresh token, for the next access token"), tokens.refresh_token.as_ref()),
        (Some("ID token"), tokens.id_token.as_ref()),
    ];
    for (title, secret) in secrets {
        let Some(secret) = secret else { continue };
        let title = title.map(|title| format!("{title}:\n\n")).unwrap_or_default();
        text += &format!("\n{title}{}\n", secret.expose());
    }
    // Most of it is the server's word, and what stands in it must not command the terminal.
    text.retain(|c| c == '\n' || !c.is_control());
    text
}

fn access(signed_in: &SignedIn) -> Sheet {
    let for_whom = signed_in.audience.as_deref().unwrap_or("an API that asks the server what it means");
    Sheet::default()
        .with("for", for_whom)
        .with("scope", &signed_in.tokens.scope)
        .with_some("good for", signed_in.tokens.expires_in.map(|lifetime| format!("{} seconds", lifetime.0)))
}

fn claimed(claims: &IdTokenClaims) -> Sheet {
    let methods: Vec<_> = claims.amr.iter().map(|method| method_in_words(method)).collect();
    let sheet = Sheet::default()
        .with("user id", &claims.sub)
        .with("signed in", format!("{}, by {}", claims.auth_time, methods.join(" and ")))
        .with("session", claims.sid)
        .with("good until", claims.exp);
    match serde_json::to_value(&claims.profile) {
        Ok(Value::Object(profile)) => with_members(sheet, &profile),
        _ => sheet,
    }
}

/// RFC 8176 §2: how somebody has proved who they are.
fn method_in_words(amr: &str) -> &str {
    match amr {
        "pwd" => "password",
        other => other,
    }
}

/// OpenID Connect Core §5.1: the claims that we know, by names for people.
fn with_members(sheet: Sheet, members: &Map<String, Value>) -> Sheet {
    const NAMES: [(&str, &str); 7] = [
        ("sub", "user id"),
        ("preferred_username", "user name"),
        ("name", "name"),
        ("email", "e-mail"),
        ("email_verified", "e-mail verified"),
        ("groups", "groups"),
        ("updated_at", "last changed"),
    ];
    NAMES.iter().fold(sheet, |sheet, (member, name)| {
        sheet.with_some(name, members.get(*member).map(|value| worded(member, value)))
    })
}

fn worded(member: &str, value: &Value) -> String {
    match (member, value) {
        ("updated_at", value) => value.as_i64().map(|at| Seconds(at).to_string()).unwrap_or_default(),
        (_, Value::Bool(value)) => if *value { "yes" } else { "no" }.to_owned(),
        (_, Value::Array(values)) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (_, value) => value.as_str().map(str::to_owned).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::tokens::Tokens;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    /// RFC 6749 §5.1: tokens and scopes are printable, but any server may answer.
    #[test]
    fn no_text_of_the_server_commands_the_terminal() {
        let wanted = Wanted {
            issuer: "https://id.example".parse().unwrap(),
            client_id: "terminal".parse().unwrap(),
            scope: openid::usual(),
            resource: None,
            max_age: None,
            patience: Lifetime(1),
        };
        let userinfo = json!({ "sub": "a", "name": "Zo\u{eb}\u{1b}]0;x\u{7}", "groups": ["\u{9b}2J"] });
        let signed_in = SignedIn {
            tokens: Tokens {
                access_token: secret("ey\u{1b}[2J"),
                expires_in: None,
                scope: "openid\u{1b}[1A\rx".to_owned(),
                refresh_token: Some(secret("\u{8}\u{8}")),
                id_token: None,
            },
            audience: None,
            claims: None,
            userinfo: userinfo.as_object().cloned(),
        };
        let text = text(&signed_in, &wanted);
        assert!(text.contains("Zo\u{eb}]0;x") && text.contains("ey[2J"), "{text:?}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }
}
