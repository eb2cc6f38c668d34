//! A session in JSON, without what its cookie holds.

use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::identity::session::Session;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use schemars::JsonSchema;
use serde::Serialize;

/// A browser in which somebody has signed in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// Whose it is.
    #[schemars(with = "schema::Id")]
    pub user_id: Id,
    /// Whether they are signed in there now.
    pub active: bool,
    /// When they last proved who they are (OpenID Connect Core §2).
    pub auth_time: Instant,
    /// How well they proved it (OpenID Connect Core §2).
    pub acr: String,
    /// By what means they proved it (RFC 8176 §2).
    pub amr: Vec<String>,
    /// When it was last used, to within some minutes.
    pub last_seen_at: Instant,
    /// When it ends by itself, however it is used.
    pub expires_at: Instant,
    /// When it was ended, if it was.
    pub ended_at: Option<Instant>,
}

impl SessionResource {
    /// A session as it stands at an instant, where one ends that is not used for so long.
    #[must_use]
    pub fn of(session: &Session, idle: Lifetime, now: Seconds) -> Self {
        Self {
            id: session.id,
            user_id: session.user,
            active: session.is_live(idle, now),
            auth_time: Instant(session.authentication.auth_time),
            acr: session.authentication.acr.clone(),
            amr: session.authentication.amr.clone(),
            last_seen_at: Instant(session.seen_at),
            expires_at: Instant(session.expires_at),
            ended_at: session.ended_at.map(Instant),
        }
    }
}

impl Sample for SessionResource {
    fn sample() -> Self {
        Self {
            id: Id::from_parts(1_764_201_600_000, 21),
            user_id: Id::from_parts(1_764_201_600_000, 22),
            active: true,
            auth_time: moment(0),
            acr: "1".to_owned(),
            amr: vec!["pwd".to_owned()],
            last_seen_at: moment(600),
            expires_at: moment(2_592_000),
            ended_at: None,
        }
    }
}
