//! Why a URL is refused. Every text names the part, and none repeats what stands in it: a part that was cut wrongly may
//! hold a piece of the password.

/// Why a URL does not describe a database. Shows neither the URL nor any value from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The URL begins otherwise.
    #[error("a database URL begins with postgres:// or postgresql://")]
    Scheme,
    /// A part is missing.
    #[error("the database URL names no {0}")]
    Missing(&'static str),
    /// A part cannot be read.
    #[error("the {part} in the database URL {problem}")]
    Part {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is an `@` where none can be: most likely in a password that is not percent-encoded.
    #[error(
        "the database URL has an @ too many: in user, password and everything else it is written %40, and / is %2F"
    )]
    StrayAt,
    /// A parameter that this crate does not know.
    #[error("the database URL has a parameter that is not known here: {}", .0.escape_debug())]
    UnknownParameter(String),
    /// The same, beside a parameter `password`, of which it may be a piece.
    #[error(
        "the database URL has a parameter that is not known here, and does not show it because it may be a piece of the \
         password: in one, & is written %26"
    )]
    UnknownBesidePassword,
    /// A parameter is given twice, or in two places.
    #[error("the database URL says {0} twice")]
    Twice(String),
    /// A parameter's value is out of bounds.
    #[error("{name} in the database URL must be {expected}")]
    Value {
        /// The parameter.
        name: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A TLS mode that does not protect.
    #[error(
        "sslmode in the database URL must be verify-full, verify-ca or disable: \
         allow and prefer fall back to no encryption when somebody in between asks for it, \
         and require encrypts for whoever answers; use verify-full, with sslrootcert=FILE for an authority of your own"
    )]
    WeakSslMode,
    /// A certificate for any name, from any authority there is: everybody has one.
    #[error(
        "sslmode=verify-ca in the database URL lets anybody in between answer who has a certificate for any name, unless \
         sslrootcert=FILE names an authority of your own: name it, or use verify-full"
    )]
    AnyNameOfAnyAuthority,
    /// TLS was asked for on a unix socket.
    #[error(
        "sslmode in the database URL asks for TLS, and there is none on a unix socket: leave it out or say disable"
    )]
    TlsOnUnixSocket,
}
