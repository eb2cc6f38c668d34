//! Records of what people have allowed with plain defaults, and of what follows from it. What a test cares about it sets
//! by `Code { nonce: None, ..code(1) }`.
//!
//! Where a record names others, it is the client with number 1, the user 2, the session 3 and the consent 4, each of the
//! generation 0.

use crate::builders::{digest, id, scope};
use crate::frozen_clock::START;
use doorward_core::access::consent::Consent;
use doorward_core::audit::event::Event;
use doorward_core::audit::sealed::SealedEvent;
use doorward_core::identity::authentication::Authentication;
use doorward_core::keys::audit::AuditKeys;
use doorward_core::keys::master::MasterKey;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::ticket::code::{self, Code, CodeBinding};
use doorward_core::ticket::interaction::{Goal, Interaction, StoredInteraction};
use doorward_core::token::family::{Family, RefreshToken};
use doorward_protocol::pkce::Challenge;
use doorward_protocol::time::Lifetime;

/// RFC 7636 Appendix B: a challenge whose verifier is known.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The bytes 0 to 31: nobody else's.
const MASTER_KEY: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// What the user allows the client at the server itself: to know who they are.
#[must_use]
pub fn consent(number: u32) -> Consent {
    Consent {
        id: id(number),
        user: id(2),
        client: id(1),
        api: None,
        scope: scope("openid"),
        generation: 0,
        created_at: START,
        updated_at: START,
        revoked_at: None,
    }
}

/// An authorization request in which somebody has done something, in the browser whose cookie has the digest with the
/// number 1000 above its own.
#[must_use]
pub fn interaction(number: u32) -> StoredInteraction {
    let parameters = [("client_id", "client-1"), ("response_type", "code")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    StoredInteraction {
        digest: digest(number),
        pepper: PepperVersion(1),
        browser: digest(1000 + number),
        interaction: Interaction::new(Goal::Authorize(parameters.to_vec()), START),
    }
}

/// A code that nobody has redeemed, bound to the challenge of RFC 7636 Appendix B. Its family will have its own number.
///
/// # Panics
/// Never: the challenge is that of the specification.
#[must_use]
pub fn code(number: u32) -> Code {
    Code {
        digest: digest(number),
        pepper: PepperVersion(1),
        family: id(number),
        client: id(1),
        client_generation: 0,
        user: id(2),
        user_generation: 0,
        session: id(3),
        consent: Some((id(4), 0)),
        redirect_uri: String::from("https://app.example/back"),
        redirect_uri_given: true,
        binding: CodeBinding::S256(Challenge::stored(CHALLENGE).expect("the specification's")),
        scope: scope("openid"),
        api: None,
        nonce: Some(String::from("n-0S6_WzA2Mj")),
        authentication: Authentication::by_password(START),
        issued_at: START,
        expires_at: START + code::LIFETIME,
        used_at: None,
    }
}

/// A family whose first refresh token has just come into being, and that ends after thirty days or with its session.
#[must_use]
pub fn family(number: u32) -> Family {
    Family {
        id: id(number),
        client: id(1),
        client_generation: 0,
        user: id(2),
        user_generation: 0,
        session: id(3),
        offline: false,
        consent: Some((id(4), 0)),
        scope: scope("openid"),
        api: None,
        authentication: Authentication::by_password(START),
        newest: 1,
        rotated_at: START,
        created_at: START,
        expires_at: START + Lifetime::days(30),
        revoked_at: None,
    }
}

/// The first refresh token of the family with this number, with the digest of the same number.
#[must_use]
pub fn refresh_token(number: u32) -> RefreshToken {
    RefreshToken {
        digest: digest(number),
        pepper: PepperVersion(1),
        family: id(number),
        number: 1,
        issued_at: START,
        expires_at: START + Lifetime::days(7),
    }
}

/// Recorded by a server whose master key is that of tests.
#[must_use]
pub fn sealed(event: &Event) -> SealedEvent {
    SealedEvent::of(event, &audit_keys())
}

/// What the events of tests are sealed with.
#[must_use]
pub fn audit_keys() -> AuditKeys {
    let master = MasterKey::parse(MASTER_KEY).unwrap_or_else(|wrong| panic!("{wrong}"));
    AuditKeys::new(&master)
}

/// The event that somebody has begun a session.
#[must_use]
pub fn event(number: u32) -> Event {
    Event {
        id: id(number),
        at: START,
        action: String::from("session.begun"),
        reason: String::new(),
        note: String::new(),
        user: Some(id(2)),
        client: None,
        api_token: None,
        organization: None,
        objects: format!("session:{}", id(3)),
        address: None,
    }
}
