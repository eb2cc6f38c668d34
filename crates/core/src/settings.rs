//! What an operator may set, as the rules need it. Owns the values and their defaults; where they come from (file,
//! environment, flags) is the binary's business.

use crate::identity::{attempts, session};
use crate::issuer::Issuer;
use crate::keys::signing_key::Schedule;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use std::path::PathBuf;

/// The settings of one authorization server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we are (RFC 8414 §2).
    pub issuer: Issuer,
    /// What tokens may be signed with: a key of each is kept.
    pub algorithms: Vec<Algorithm>,
    /// What access tokens are signed with where the API names nothing else.
    pub signing_algorithm: Algorithm,
    /// How long an access token lives where neither client nor API says otherwise.
    pub access_token_lifetime: Lifetime,
    /// How long verifiers may keep the key set.
    pub jwks_max_age: Lifetime,
    /// How signing keys follow one another.
    pub keys: Schedule,
    /// Failed client authentications per client and address and minute, after which the next are refused unseen.
    pub failed_authentications_per_minute: u32,
    /// How long an ID token is good for (OpenID Connect Core §2).
    pub id_token_lifetime: Lifetime,
    /// How refresh tokens live.
    pub refresh: Refresh,
    /// How long a browser's session lasts without being used.
    pub session_idle: Lifetime,
    /// How long it lasts at most.
    pub session_absolute: Lifetime,
    /// How people sign in.
    pub sign_in: SignIn,
    /// What is kept in memory.
    pub memory: Memory,
    /// Where the pages stand below the issuer: empty, or a path that begins with a slash and does not end in one.
    pub pages_prefix: String,
    /// How long events are kept; for ever without it.
    pub audit_retention: Option<Lifetime>,
    /// The file to which checkpoints of the audit trail are appended.
    pub checkpoint_file: Option<PathBuf>,
}

/// How refresh tokens live (RFC 9700 §4.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Without being used, where the client says nothing else.
    pub idle: Lifetime,
    /// From the authorization on, in any case.
    pub absolute: Lifetime,
    /// How long after a rotation the token before it is taken for a retry, whoever presents it.
    pub grace: Lifetime,
}

/// How much is kept in memory of what was read from the store, in bytes of records, which is about what they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Clients and their secrets.
    pub clients: u64,
    /// Users.
    pub users: u64,
    /// Signed tokens that were verified.
    pub tokens: u64,
    /// API tokens.
    pub api_tokens: u64,
}

impl Default for Memory {
    /// What an idle server can spare, and most need no more.
    fn default() -> Self {
        Self { clients: 32 << 20, users: 32 << 20, tokens: 16 << 20, api_tokens: 32 << 20 }
    }
}

/// How people sign in with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Failed attempts per account in 15 minutes, after which the next are refused unseen.
    pub attempts_per_account: u32,
    /// Failed attempts per address in 15 minutes.
    pub attempts_per_address: u32,
    /// Threads that hash passwords.
    pub hashing_threads: usize,
    /// Memory for each hash, in KiB.
    pub hashing_memory: u32,
    /// Passes over that memory.
    pub hashing_passes: u32,
}

impl Settings {
    /// The defaults of an issuer.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            algorithms: Algorithm::ALL.to_vec(),
            signing_algorithm: Algorithm::ES256,
            access_token_lifetime: Lifetime::minutes(10),
            jwks_max_age: Lifetime::minutes(5),
            keys: Schedule {
                publish_before_use: Lifetime::minutes(10),
                retire_after: Lifetime::days(1),
                rotate_after: Lifetime::days(90),
            },
            failed_authentications_per_minute: 20,
            id_token_lifetime: Lifetime::minutes(10),
            refresh: Refresh {
                idle: Lifetime::days(30),
                absolute: Lifetime::days(180),
                grace: Lifetime::seconds(10),
            },
            session_idle: session::IDLE,
            session_absolute: session::ABSOLUTE,
            sign_in: SignIn {
                attempts_per_account: attempts::LIMIT,
                attempts_per_address: 60,
                hashing_threads: 1,
                hashing_memory: 19 * 1024,
                hashing_passes: 2,
            },
            memory: Memory::default(),
            pages_prefix: String::new(),
            audit_retention: None,
            checkpoint_file: None,
        }
    }

    /// The path of a page (`/login`) below the issuer.
    #[must_use]
    pub fn page(&self, page: &str) -> String {
        format!("{}{page}", self.pages_prefix)
    }

    /// What ID tokens are signed with where the client names nothing else: RS256, which every client understands (OpenID
    /// Connect Core §15.1), where the server keeps a key for it.
    #[must_use]
    pub fn id_token_algorithm(&self) -> Algorithm {
        let wanted = Algorithm::RS256;
        if self.algorithms.contains(&wanted) { wanted } else { self.signing_algorithm }
    }

    /// The longest any access token may live: retired keys must outlast what they signed.
    #[must_use]
    pub const fn longest_access_token(&self) -> Lifetime {
        self.keys.retire_after
    }
}
