//! `doorward-dev.json`: what a trial was seeded with, for programs and for the next start. Owns its form, which others rely
//! on; it holds secrets, so it is for its owner alone.

use crate::failure::Failure;
use crate::files;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// What a trial was seeded with.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Note {
    pub(super) issuer: String,
    pub(super) users: Vec<NotedUser>,
    pub(super) clients: Vec<NotedClient>,
    pub(super) apis: Vec<NotedApi>,
}

/// A user, with the password of the beginning.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct NotedUser {
    pub(super) username: String,
    pub(super) password: String,
    pub(super) groups: Vec<String>,
}

/// A client.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct NotedClient {
    pub(super) name: String,
    pub(super) client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) token_endpoint_auth_method: String,
}

/// An API.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct NotedApi {
    pub(super) identifier: String,
    pub(super) scopes: Vec<String>,
}

impl Note {
    /// Reads what an earlier start has left. The reason never repeats the file's text.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| {
            format!("line {}, column {}: it is not what `serve --dev` writes", error.line(), error.column())
        })
    }

    /// Leaves it for the next start.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        files::replace(path, &format!("{:#}\n", self.json()))
            .map_err(|error| Failure::unreachable(format!("{} cannot be written: {error}", path.display())))
    }

    /// The same note under the issuer of this start, which may have another port. Written again even where nothing is
    /// new: an editor or a copy may have left the file for others to read.
    pub(super) fn at(self, issuer: &str, path: &Path) -> Result<Self, Failure> {
        let note = Self { issuer: issuer.to_owned(), ..self };
        note.write(path)?;
        Ok(note)
    }

    /// The note in JSON.
    pub(super) fn json(&self) -> Value {
        // Strings and lists of them always serialize.
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_note_that_others_could_read_is_for_its_owner_alone_after_the_next_start() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("note.json");
        let issuer = "http://127.0.0.1:8080";
        let note =
            Note { issuer: issuer.to_owned(), users: Vec::new(), clients: Vec::new(), apis: Vec::new() };
        note.write(&path).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        Note::read(&path).unwrap().at(issuer, &path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Note::read(&path).unwrap().issuer, issuer);
    }
}
