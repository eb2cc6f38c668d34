//! Why a database did not open, in words for the person who starts the server.

use diesel::result::ConnectionError;

/// A database that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be made or read.
    #[error("the database file cannot be used")]
    File(#[from] std::io::Error),
    /// The file is no database, or one that cannot be kept as it must be.
    #[error("the database does not open")]
    Connection(#[from] ConnectionError),
    /// The server does not answer, or not as it must.
    #[error("the database server cannot be used: {0}")]
    Server(String),
    /// A migration failed; nothing of it was kept.
    #[error("a migration failed, and the database is as it was")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Migrations are due, and the caller did not want them run.
    #[error("migrations are due: {}; run `doorward migrate up`", .0.join(", "))]
    Pending(Vec<String>),
    /// A later release has been here.
    #[error("the database is newer than this program: it has the unknown migrations {}", .0.join(", "))]
    Newer(Vec<String>),
    /// The writer's thread did not start.
    #[error("the writer's thread does not start")]
    Thread(#[source] std::io::Error),
}
