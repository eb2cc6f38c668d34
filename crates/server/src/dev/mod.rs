//! Trying out: what `serve --dev` makes on its first start, keeps in `doorward-dev.json`, and shows on every start. Owns
//! the files of a trial and the check that they belong together. Nothing here runs without `--dev`.

mod banner;
mod note;
mod seed;

use self::note::Note;
use crate::config::Config;
use crate::config::database_url;
use crate::config::sections::MasterKey;
use crate::failure::Failure;
use crate::master_key;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::endpoint::page::ACCOUNT;
use doorward_core::issuer::Issuer;
use doorward_protocol::id::ClientId;
use doorward_protocol::words::AuthMethod;
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the database is called where nobody says otherwise.
const DATABASE: &str = "doorward-dev.db";
/// How a public client proves who it is.
const NO_METHOD: &str = AuthMethod::None.as_str();

/// A trial before the server stands.
pub(crate) enum Prepared {
    /// Nothing is there yet but the key.
    New,
    /// There was a start before, which left this.
    Known(Note),
}

/// A trial that was seeded, now or before.
pub(crate) struct Trial {
    note: Note,
    folder: PathBuf,
    /// Where people find their own page.
    account: String,
    /// The command that makes room for a new trial.
    restart: String,
    /// How a command in that folder is told which database; one on a server has a password in its URL, and is not shown.
    database: Option<String>,
}

/// What a command needs to know of a trial.
pub(crate) struct Noted {
    /// The issuer of its last start.
    pub(crate) issuer: String,
    /// The client to sign in to without a secret; an old trial has none.
    pub(crate) public_client: Option<ClientId>,
}

/// What the note beside the database says.
pub(crate) fn noted(config: &Config) -> Result<Noted, Failure> {
    let path = note_file(config);
    let note = Note::read(&path).map_err(|reason| {
        Failure::refused(format!("{} cannot be used: {reason}", path.display()))
            .advise("`doorward serve --dev` makes it: run that first, in this folder.")
    })?;
    let public = note.clients.iter().find(|client| client.token_endpoint_auth_method == NO_METHOD);
    let public_client = public.and_then(|client| client.client_id.parse().ok());
    Ok(Noted { issuer: note.issuer, public_client })
}

/// Looks at what is there, and makes the key on the first start.
pub(crate) fn prepare(config: &Config) -> Result<Prepared, Failure> {
    let (key, note) = (key_file(config)?, note_file(config));
    // A server is not asked here: what the note says is compared with it later.
    let is_new = config.database.url.file().map_or_else(|| !note.exists(), |file| !file.exists());
    if is_new {
        // A key without its database guards nothing; it may as well guard the next one.
        if !key.exists() {
            master_key::create(&key)?;
        }
        return Ok(Prepared::New);
    }
    if !key.exists() {
        return Err(incomplete(config, &key));
    }
    if !note.exists() {
        return Err(incomplete(config, &note));
    }
    Note::read(&note).map(Prepared::Known).map_err(|reason| {
        Failure::refused(format!("{} cannot be used: {reason}", note.display())).advise(start_over(config))
    })
}

impl Prepared {
    /// Seeds the database on the first start; on a later one, makes sure that it holds what the note says.
    pub(crate) async fn settle(
        self,
        config: &Config,
        server: &AuthorizationServer,
    ) -> Result<Trial, Failure> {
        let context = server.context();
        let path = note_file(config);
        let note = match self {
            Self::New => {
                let note = seed::seed(&context).await?;
                note.write(&path)?;
                note
            }
            Self::Known(note) => {
                if !seed::holds(&note, &context).await? {
                    let detail = format!("{} does not belong to this database", path.display());
                    return Err(Failure::refused(detail).advise(start_over(config)));
                }
                note.at(context.settings.issuer.as_str(), &path)?
            }
        };
        let settings = context.settings;
        Ok(Trial {
            note,
            folder: folder(config).to_owned(),
            account: settings.issuer.url(&settings.page(ACCOUNT)),
            restart: restart(config),
            database: database(config),
        })
    }
}

impl Trial {
    /// What was seeded, as it stands in the file.
    pub(crate) fn json(&self) -> Value {
        self.note.json()
    }
}

/// For people: what was seeded, and commands to paste.
impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        banner::write(self, f)
    }
}

/// What to do when the files of a trial do not belong together.
pub(crate) fn start_over(config: &Config) -> String {
    let place = match config.database.url.file() {
        Some(_) => "",
        None => ", name an empty database and remove what belongs to the old one",
    };
    format!("To start over with a new trial{place}:\n  {}", restart(config))
}

/// The arguments by which a command in the folder of the trial finds it.
fn database(config: &Config) -> Option<String> {
    let name = config.database.url.file()?.file_name()?.to_str()?;
    Some(if name == DATABASE {
        "--dev".to_owned()
    } else {
        format!("--dev --database {}", quoted(&format!("sqlite:{name}")))
    })
}

/// The command that makes room for a new trial.
fn restart(config: &Config) -> String {
    let database = config.database.url.file().map(|file| file.display().to_string());
    let beside = |database| ["", "-wal", "-shm", ".ballast"].map(|end| format!("{database}{end}"));
    let mut files: Vec<_> = database.into_iter().flat_map(beside).collect();
    files.extend(key_file(config).ok().map(|path| path.display().to_string()));
    files.push(note_file(config).display().to_string());
    let files: Vec<_> = files.iter().map(|file| quoted(file)).collect();
    format!("rm -f {}", files.join(" "))
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Further names by which people reach a server on their own machine.
pub(crate) fn other_names(issuer: &Issuer) -> Vec<String> {
    let authority = issuer.authority();
    let port = ["127.0.0.1", "[::1]"].iter().find_map(|host| authority.strip_prefix(host));
    port.map(|port| format!("localhost{port}")).into_iter().collect()
}

fn incomplete(config: &Config, missing: &Path) -> Failure {
    let database = &config.database.url;
    Failure::refused(format!(
        "the database {} is there, but {} is not",
        database.file().map_or_else(|| database.to_string(), |file| file.display().to_string()),
        missing.display()
    ))
    .advise(start_over(config))
}

fn folder(config: &Config) -> &Path {
    database_url::folder(&config.database.url).unwrap_or(Path::new(""))
}

fn note_file(config: &Config) -> PathBuf {
    folder(config).join("doorward-dev.json")
}

fn key_file(config: &Config) -> Result<PathBuf, Failure> {
    match &config.keys.master_key {
        MasterKey::File(path) => Ok(path.clone()),
        MasterKey::Text(_) => Err(Failure::refused("--dev keeps its master key in a file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_another_name_of_a_loopback_address_only() {
        let names = |issuer: &str| other_names(&issuer.parse().unwrap());
        assert_eq!(names("http://127.0.0.1:8080"), ["localhost:8080"]);
        assert_eq!(names("http://[::1]"), ["localhost"]);
        assert_eq!(names("https://id.example.com"), [""; 0]);
    }
}
