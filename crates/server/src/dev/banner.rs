//! What `serve --dev` shows: who is there to play with, and commands that work as they stand when they are pasted into a
//! shell one after another. Needs no more than a POSIX shell, sed and curl.

use super::note::{Note, NotedClient, NotedUser};
use super::{NO_METHOD, Trial, quoted};
use doorward_core::manage::groups::ADMINISTRATORS;
use std::fmt;
use std::path::Path;

/// Takes the token out of the answer, so that no further program is needed for it.
const TOKEN_OF: &str = r#"sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p'"#;
/// The same for an API token.
const API_TOKEN_OF: &str = r#"sed -n 's/.*"token": *"\([^"]*\)".*/\1/p'"#;

pub(super) fn write(trial: &Trial, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Trial { note, folder, account, restart, .. } = trial;
    writeln!(f, "\nDoorward runs at {}, for trying out: on this machine only, with http.\n", note.issuer)?;
    let widest = note.users.iter().map(|user| user.username.len()).max().unwrap_or(0);
    for user in &note.users {
        let (name, groups) = (&user.username, user.groups.join(", "));
        writeln!(f, "  user           {name:<widest$}  password  {}  ({groups})", user.password)?;
    }
    writeln!(f, "  account page   {account}")?;
    for api in &note.apis {
        writeln!(f, "  API            {}  (scopes: {})", api.identifier, api.scopes.join(" "))?;
    }
    for client in &note.clients {
        let public = if client.token_endpoint_auth_method == NO_METHOD { ", public" } else { "" };
        writeln!(f, "  client_id      {}  ({}{public})", client.client_id, client.name)?;
        if let Some(secret) = &client.client_secret {
            writeln!(f, "  client_secret  {secret}")?;
        }
    }
    writeln!(f, "  noted in       {}", folder.join("doorward-dev.json").display())?;
    if note.users.is_empty() {
        writeln!(
            f,
            "\nAn earlier release made this trial, without users. For a new one stop, and run: {restart}"
        )?;
    }
    writeln!(f, "\nPaste into another terminal, one after the other:")?;
    for (position, (title, command)) in commands(trial).iter().enumerate() {
        writeln!(f, "\n{}. {title}:\n    {command}", position + 1)?;
    }
    writeln!(
        f,
        "\nWhat more the management API does: {}/api/docs. What more there is: doorward --help. Stop with Ctrl-C.",
        note.issuer
    )
}

/// Titles and commands, each on one line.
fn commands(trial: &Trial) -> Vec<(&'static str, String)> {
    let Trial { note, folder, .. } = trial;
    let Some((client, secret)) = confidential(note) else { return Vec::new() };
    let curl = format!("curl -sS -u '{}:{secret}'", client.client_id);
    let scope = note.apis.first().map(|api| api.scopes.join(" ")).unwrap_or_default();
    let issuer = &note.issuer;
    let form = format!("-d grant_type=client_credentials --data-urlencode 'scope={scope}'");
    let ask = format!("{curl} -d \"token=$TOKEN\" {issuer}/oauth2/introspect; echo");
    let mut commands = vec![
        (
            "Get a token",
            format!("TOKEN=$({curl} {form} {issuer}/oauth2/token | {TOKEN_OF}); echo \"$TOKEN\""),
        ),
        ("Ask whether it is good, and for what", ask.clone()),
    ];
    // An old trial has nobody to sign in, and no client to sign in to.
    if !note.users.is_empty() {
        let sign_in = format!("({} login --dev)", here(folder));
        commands.push(("Sign in as one of the users, and see what a client gets", sign_in));
    }
    commands.extend([
        ("Take it back", format!("{curl} -d \"token=$TOKEN\" {issuer}/oauth2/revoke -w '%{{http_code}}\\n'")),
        ("Ask again", ask),
    ]);
    commands.extend(with_api_tokens(trial, &curl));
    commands
}

/// What API tokens are good for: at the demo API, and at the management API. Each is made by its command and stands nowhere else.
fn with_api_tokens(trial: &Trial, curl: &str) -> Vec<(&'static str, String)> {
    let Trial { note, folder, database: Some(database), .. } = trial else { return Vec::new() };
    let is_administrator = |user: &&NotedUser| user.groups.iter().any(|group| group == ADMINISTRATORS);
    let other = note.users.iter().find(|user| !is_administrator(user));
    let administrator = note.users.iter().find(is_administrator);
    let (Some(administrator), Some(user), Some(api)) = (administrator, other, note.apis.first()) else {
        return Vec::new();
    };
    let issuer = &note.issuer;
    let make = |user: &NotedUser, access: &str| {
        let (program, user) = (here(folder), &user.username);
        format!(
            "{program} token create {database} --user {user} --name trial --api {access} --json | {API_TOKEN_OF}"
        )
    };
    let looks = make(user, &format!("{}=read", api.identifier));
    let ask = format!("{curl} -d \"token=$LOOKS\" -d method=POST {issuer}/oauth2/introspect; echo");
    let verify = format!(
        "curl -sS -o /dev/null -D - -H \"authorization: Bearer $LOOKS\" -H 'x-forwarded-method: GET' \
         -H 'x-forwarded-uri: /things' '{issuer}/verify?api={}' | grep -i '^x-auth-level'",
        api.identifier
    );
    let manages = make(administrator, "management=full");
    let list = format!("curl -sS -H \"authorization: Bearer $MANAGES\" {issuer}/api/v1/clients; echo");
    vec![
        (
            "Make an API token that may only look at the demo API",
            format!("LOOKS=$({looks}); echo \"$LOOKS\""),
        ),
        ("Ask whether it may change something there", ask),
        ("Ask as a proxy before that API does whether it may look at something, and by which level", verify),
        ("Make an API token for the management API", format!("MANAGES=$({manages}); echo \"$MANAGES\"")),
        ("Manage: see all clients, for a start", list),
    ]
}

/// This very program, in the folder of the trial: another terminal may be elsewhere, and have no `doorward` on its path.
fn here(folder: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let program = std::env::args_os().next().unwrap_or_else(|| "doorward".into());
    let program = Path::new(&program);
    let on_path = program.components().count() == 1;
    let program = if on_path { program.to_owned() } else { absolute(program) };
    format!("cd {} && {}", word(&absolute(folder)), word(&program))
}

/// A path as a word of a shell, quoted where it has to be.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+,@%".contains(&b);
    if text.bytes().all(plain) { text } else { quoted(&text) }
}

fn confidential(note: &Note) -> Option<(&NotedClient, &str)> {
    note.clients.iter().find_map(|client| Some((client, client.client_secret.as_deref()?)))
}
