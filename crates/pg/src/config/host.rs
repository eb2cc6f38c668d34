//! One place where a server may listen, and whether a network lies between it and us.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// A server's address as the URL names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// A name or an IP address (without brackets).
    Tcp { name: String, port: u16 },
    /// The folder of a unix socket, which bears the port in its name.
    Unix { folder: PathBuf, port: u16 },
}

/// The port when none is named.
pub(crate) const PORT: u16 = 5432;

impl Host {
    /// What a name in a URL means: a path is the folder of a unix socket, as for libpq.
    pub(crate) fn new(name: String, port: u16) -> Self {
        if name.starts_with('/') {
            return Self::Unix { folder: PathBuf::from(name), port };
        }
        Self::Tcp { name, port }
    }
}

/// Whether the name can only mean this machine.
pub(crate) fn is_loopback(name: &str) -> bool {
    is_localhost(name) || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether it is the name that stands for this machine; what it resolves to is checked when it is resolved.
pub(crate) fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

/// As in a URL, the port only where it is not the usual one.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = match self {
            Self::Tcp { name, port } if name.contains(':') => write!(f, "[{name}]").map(|()| port),
            Self::Tcp { name, port } => f.write_str(name).map(|()| port),
            Self::Unix { folder, port } => {
                write!(f, "{}", super::url::encoded(&folder.to_string_lossy())).map(|()| port)
            }
        }?;
        if *port == PORT { Ok(()) } else { write!(f, ":{port}") }
    }
}
