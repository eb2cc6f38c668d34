//! The user: a person who signs in. Owns the record, and what a user name is.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::UserStatus;
use std::fmt;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// The source of users whom the built-in directory knows; others are known by the host that embeds the server.
pub const DIRECTORY: &str = "directory";

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    /// The internal identifier, which is also the `sub` of tokens (OpenID Connect Core §2): never given to another.
    pub id: Id,
    /// Who vouches for them: [`DIRECTORY`], or the name of a host's `SignIn`.
    pub source: String,
    /// Their name at that source, which is unique there. In the directory it is the user name.
    pub external_id: String,
    /// What they type, and what `preferred_username` says.
    pub username: Username,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether that address is known to be theirs.
    pub email_verified: bool,
    /// Whom to ask about them, or how.
    pub contact: Option<String>,
    /// Whether they may do anything at all.
    pub status: UserStatus,
    /// The organization they belong to.
    pub organization: Option<Id>,
    /// The groups they are in, in the order of their identifiers.
    pub groups: Vec<Id>,
    /// The clients they belong to, in the order of their identifiers.
    pub clients: Vec<Id>,
    /// Grows when everything issued on their behalf becomes void: sessions and tokens carry the generation they were made
    /// in.
    pub generation: i64,
    /// Grows when all their API tokens become void: each carries the generation it was made in.
    pub token_generation: i64,
    /// When they were registered.
    pub created_at: Seconds,
    /// When their record was last changed.
    pub updated_at: Seconds,
}

impl User {
    /// Somebody of whom nothing is known but the names.
    #[must_use]
    pub fn blank(id: Id, (source, external_id): (&str, &str), username: Username, now: Seconds) -> Self {
        Self {
            id,
            source: source.to_owned(),
            external_id: external_id.to_owned(),
            username,
            name: String::new(),
            email: None,
            email_verified: false,
            contact: None,
            status: UserStatus::Active,
            organization: None,
            groups: vec![],
            clients: vec![],
            generation: 0,
            token_generation: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether they take part at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, UserStatus::Active)
    }

    /// Whether everything is the same in both that the standing of their tokens depends on, once they are issued.
    #[must_use]
    pub fn is_the_same_to_tokens(&self, other: &Self) -> bool {
        self.standing() == other.standing() && self.clients == other.clients
    }

    /// What a decision needs of them.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing {
            status: self.status,
            generation: self.generation,
            token_generation: self.token_generation,
            organization: self.organization,
        }
    }
}

/// What a decision needs of a user, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether they may do anything at all.
    pub status: UserStatus,
    /// The generation that what is good must carry.
    pub generation: i64,
    /// The generation that their API tokens must carry.
    pub token_generation: i64,
    /// The organization they belong to.
    pub organization: Option<Id>,
}

impl Standing {
    /// Whether something made in this generation may still be good.
    #[must_use]
    pub fn holds(&self, generation: i64) -> bool {
        self.status == UserStatus::Active && self.generation == generation
    }
}

/// A user name in its one spelling: lower case, in Unicode's form NFC, without spaces around it. An e-mail address may be one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// A text that cannot be a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 1 to 100 characters, without spaces, control characters or any of < > \" \\")]
pub struct InvalidUsername;

impl Username {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        let name: String = text.trim().to_lowercase().nfc().collect();
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\".contains(c);
        if name.is_empty() || name.chars().count() > 100 || name.contains(odd) {
            return Err(InvalidUsername);
        }
        Ok(Self(name))
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever counts attempts per account must not be fooled by another spelling of the same name.
    #[test]
    fn a_user_name_has_one_spelling() {
        let name = |text: &str| text.parse::<Username>().map(|name| name.to_string());
        assert_eq!(name(" Alice ").as_deref(), Ok("alice"));
        assert_eq!(name("Alice@Example.COM").as_deref(), Ok("alice@example.com"));
        assert_eq!(name("Zoe\u{301}").as_deref(), Ok("zo\u{e9}"));
        for bad in ["", "  ", "a b", "a\nb", "a\u{7}", "a<b", &"x".repeat(101)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
