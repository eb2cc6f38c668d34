//! What one setting is: its name, what may stand in it, what stands in it when nobody says anything, and the words that
//! explain it. Owns the vocabulary of the table in `settings`, from which parsing, environment names, errors, `config
//! show` and the documentation are all derived.

use super::surroundings::Surroundings;
use super::units;
use doorward_protocol::time::Lifetime;

/// One row of the table of settings.
#[derive(Debug)]
pub(crate) struct Setting {
    /// `section.name`.
    pub(crate) key: &'static str,
    /// What may stand in it.
    pub(crate) kind: Kind,
    /// What stands in it when nobody says anything.
    pub(crate) default: Default,
    /// The command-line flag that sets it, where there is one.
    pub(crate) flag: Option<&'static str>,
    /// One or more sentences for the reference.
    pub(crate) doc: &'static str,
}

/// What may stand in a setting.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A text that nobody may see.
    Secret,
    /// A path; a relative one starts at the working directory.
    Path,
    /// The issuer's URL.
    Issuer,
    /// What stands before the path of every page, or nothing.
    PathPrefix,
    /// An address and a port to listen on.
    Address,
    /// The same, or nothing: do not listen.
    OptionalAddress,
    /// Any number of networks of addresses.
    Networks,
    /// A database URL.
    Database,
    /// A whole number within bounds.
    Integer(i64, i64),
    /// A duration within bounds, in seconds.
    Seconds(i64, i64),
    /// A size within bounds, in bytes.
    Size(i64, i64),
    /// Yes or no.
    Bool,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// At least one of a few words, none of them twice.
    Choices(&'static [&'static str]),
    /// A filter for log events.
    LogFilter,
}

/// What stands in a setting when nobody says anything.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Default {
    /// This text, read as if it stood in the environment.
    Text(&'static str),
    /// What this function finds on the machine, and how the reference describes that.
    Found(fn(&Surroundings) -> Option<String>, &'static str),
    /// Nothing, and nothing is needed.
    Absent,
    /// Nothing, and that is an error when the server is to start.
    Required,
}

/// Who may see a value; it follows from the kind. Everything but `Open` may also be given as a file that `…_FILE` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// Everybody.
    Open,
    /// Everybody, but for the password in it.
    MayHoldPassword,
    /// Nobody, and it may neither stand in the configuration file nor on the command line.
    Secret,
}

impl Setting {
    /// A setting that no flag sets.
    pub(crate) const fn new(key: &'static str, kind: Kind, default: Default, doc: &'static str) -> Self {
        Self { key, kind, default, flag: None, doc }
    }

    /// The same with a command-line flag.
    pub(crate) const fn flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    /// The table of the file in which it stands.
    pub(crate) fn section(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(section, _)| section)
    }

    /// Its name in that table.
    pub(crate) fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }

    /// The environment variable that sets it.
    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.replace('.', "__").to_ascii_uppercase())
    }
}

impl Default {
    /// What stands there by default, as the reference and `config show --json` say it.
    pub(crate) fn description(self) -> String {
        match self {
            Self::Text("") => "empty".to_owned(),
            Self::Text(text) => format!("`{text}`"),
            Self::Found(_, description) => description.to_owned(),
            Self::Absent => "not set".to_owned(),
            Self::Required => "none: it must be set, except under `--dev`".to_owned(),
        }
    }
}

/// What every environment variable of ours begins with.
pub(crate) const PREFIX: &str = "DOORWARD__";

impl Kind {
    /// Who may see a value of this kind.
    pub(crate) const fn secrecy(self) -> Secrecy {
        match self {
            Self::Secret => Secrecy::Secret,
            Self::Database => Secrecy::MayHoldPassword,
            _ => Secrecy::Open,
        }
    }

    /// What may stand there, as the reference and the errors say it.
    pub(crate) fn form(self) -> String {
        match self {
            Self::Secret => "the secret itself".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Issuer => "a URL".to_owned(),
            Self::PathPrefix => {
                "empty, or a path that begins with / and does not end with it, such as /id".to_owned()
            }
            Self::Address => "ADDRESS:PORT, for example 127.0.0.1:8080 or [::]:8080".to_owned(),
            Self::OptionalAddress => "ADDRESS:PORT, or empty for none".to_owned(),
            Self::Networks => {
                "a list of networks or addresses, such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32; may be empty".to_owned()
            }
            Self::Database => "sqlite:PATH or postgres://…".to_owned(),
            Self::Integer(least, most) => format!("a whole number from {least} to {most}"),
            Self::Seconds(least, most) => {
                let (least, most) = (Lifetime(least), Lifetime(most));
                let (least, most) = (units::show_lifetime(least), units::show_lifetime(most));
                format!("a duration from {least} to {most}, such as 600 or \"10 min\"")
            }
            Self::Size(least, most) => {
                let (least, most) = (units::show_size(least), units::show_size(most));
                format!("a size from {least} to {most}, such as 65536 or \"64 KiB\"")
            }
            Self::Bool => "true or false".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Choices(words) => format!("a list of one or more of {}", words.join(", ")),
            Self::LogFilter => {
                "error, warn, info, debug, trace or off, or a list of TARGET=LEVEL, for example \
                 info,doorward_storage=debug"
                    .to_owned()
            }
        }
    }
}
