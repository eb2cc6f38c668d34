//! The interaction: a request on its way through the pages, from the browser's arrival to the answer. Owns its record, its
//! lifetime and how far it has come; `endpoint::authorize` alone decides what that means.
//!
//! Until a person has done something it is no row but a sealed text in the page's form, so that nobody fills the database
//! by merely asking. Either way it is bound to one browser.

use crate::keys::pepper::PepperVersion;
use crate::keys::seal::{Binding, SealError, Sealer};
use crate::random::Random;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};
use serde::{Deserialize, Serialize};

/// How long a person may take.
pub const LIFETIME: Lifetime = Lifetime::minutes(10);

/// What the pages are for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// An authorization request: its parameters, as they came (names and values, in order).
    Authorize(Vec<(String, String)>),
    /// A page of ours that wants somebody signed in: its path below the issuer.
    Page(String),
    /// A request to sign out, with its parameters.
    SignOut(Vec<(String, String)>),
}

/// How far it has come. What can be read off the session (whether and when somebody signed in) is read there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The session in which the person signed in, or which they chose, in this interaction.
    pub session: Option<Id>,
    /// The person has signed in in this interaction: `prompt=login` and `max_age` are satisfied.
    pub signed_in: bool,
    /// The person has chosen an account: `prompt=select_account` is satisfied.
    pub chosen: bool,
    /// The person wants to sign in with another account than those there are.
    pub another: bool,
    /// The person has agreed: `prompt=consent` is satisfied.
    pub consented: bool,
    /// The person has said no.
    pub denied: bool,
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// What the pages are for.
    pub goal: Goal,
    /// How far it has come.
    #[serde(default)]
    pub progress: Progress,
    /// When it began.
    pub created_at: Seconds,
}

impl Interaction {
    /// One that begins now.
    #[must_use]
    pub fn new(goal: Goal, now: Seconds) -> Self {
        Self { goal, progress: Progress::default(), created_at: now }
    }

    /// Whether there is still time.
    #[must_use]
    pub fn is_open(&self, now: Seconds) -> bool {
        now < self.created_at + LIFETIME
    }
}

/// The text that a page's form carries while the interaction is no row yet: it opens for this browser alone.
///
/// # Errors
/// [`SealError`] when no randomness can be had.
pub fn seal(
    interaction: &Interaction,
    browser: &str,
    sealer: &Sealer,
    random: &dyn Random,
) -> Result<String, SealError> {
    // Texts, numbers and booleans always serialize; an empty text opens as nothing.
    let json = serde_json::to_vec(interaction).unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.encode(sealer.seal(&json, &binding(browser), random)?))
}

/// Opens what [`seal`] has made for this browser.
#[must_use]
pub fn open(text: &str, browser: &str, sealer: &Sealer) -> Option<Interaction> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let json = sealer.open(&sealed, &binding(browser)).ok()?;
    serde_json::from_slice(&json).ok()
}

fn binding(browser: &str) -> Binding<'_> {
    Binding { table: "interactions", row: browser, column: "sealed" }
}

/// An interaction in which something was done, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInteraction {
    /// The keyed hash of its name in the URL.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// The keyed hash of the browser's cookie: another browser cannot go on with it.
    pub browser: Digest,
    /// The request.
    pub interaction: Interaction,
}
