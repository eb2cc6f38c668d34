//! What `serve --dev` shows: who is there to play with, and commands that work as they stand when they are pasted into a
//! shell one after another. Needs no more than a POSIX shell, sed and curl.

use super::note::{Note, NotedClient};
use std::fmt;
use std::path::Path;

/// Takes the token out of the answer, so that no further program is needed for it.
const TOKEN_OF: &str = r#"sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p'"#;

pub(super) fn write(note: &Note, folder: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nDoorward runs at {}, for trying out: on this machine only, with http.\n", note.issuer)?;
    for api in &note.apis {
        writeln!(f, "  API            {}  (scopes: {})", api.identifier, api.scopes.join(" "))?;
    }
    for client in &note.clients {
        writeln!(f, "  client_id      {}  ({})", client.client_id, client.name)?;
        if let Some(secret) = &client.client_secret {
            writeln!(f, "  client_secret  {secret}")?;
        }
    }
    writeln!(f, "  noted in       {}", folder.join("doorward-dev.json").display())?;
    writeln!(f, "\nPaste into another terminal, one after the other:")?;
    for (position, (title, command)) in commands(note).iter().enumerate() {
        writeln!(f, "\n{}. {title}:\n    {command}", position + 1)?;
    }
    writeln!(f, "\nWhat more there is: doorward --help. Stop with Ctrl-C.")
}

/// Titles and commands, each on one line.
fn commands(note: &Note) -> Vec<(&'static str, String)> {
    let Some((client, secret)) = confidential(note) else { return Vec::new() };
    let curl = format!("curl -sS -u '{}:{secret}'", client.client_id);
    let scope = note.apis.first().map(|api| api.scopes.join(" ")).unwrap_or_default();
    let issuer = &note.issuer;
    let form = format!("-d grant_type=client_credentials --data-urlencode 'scope={scope}'");
    let ask = format!("{curl} -d \"token=$TOKEN\" {issuer}/oauth2/introspect; echo");
    vec![
        (
            "Get a token",
            format!("TOKEN=$({curl} {form} {issuer}/oauth2/token | {TOKEN_OF}); echo \"$TOKEN\""),
        ),
        ("Ask whether it is good, and for what", ask.clone()),
        ("Take it back", format!("{curl} -d \"token=$TOKEN\" {issuer}/oauth2/revoke -w '%{{http_code}}\\n'")),
        ("Ask again", ask),
    ]
}

fn confidential(note: &Note) -> Option<(&NotedClient, &str)> {
    note.clients.iter().find_map(|client| Some((client, client.client_secret.as_deref()?)))
}
