//! How a client proves who it is (RFC 6749 §2.3). Owns reading the credentials of a request and checking them against
//! the client's record; finding the record is the caller's business.
//!
//! On the wire every failure is the same `invalid_client`; the log and the metrics get the true reason.

use crate::client::{ClientRecord, built_in};
use crate::keys::pepper::{PepperVersion, Peppers};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::access::decision::{Origin, admits};
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::params::{self, Params};
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::AuthMethod;
use std::net::IpAddr;
use std::sync::Arc;

/// The methods that the server knows, as its metadata lists them.
pub const METHODS: &[AuthMethod] = AuthMethod::ALL;

const LONGEST_CREDENTIAL: usize = 256;

/// The credentials of a request, read but not yet believed.
pub struct Presented {
    /// Who the caller says it is: a text, as it may be anything.
    pub client_id: String,
    /// The way it chose.
    pub method: AuthMethod,
    secret: Option<Secret>,
}

/// A client that has proved who it is, or a public one that has named itself; made by [`authenticate`] alone.
#[derive(Clone)]
pub struct AuthenticatedClient(Arc<ClientRecord>);

/// Where and when credentials are presented, and what they are compared by.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The keyed hashes.
    pub peppers: &'a Peppers,
    /// When.
    pub now: Seconds,
    /// Where from, as far as that is known.
    pub address: Option<IpAddr>,
}

/// What credentials have proved.
pub struct Proved {
    /// The client.
    pub client: AuthenticatedClient,
    /// Which of its secrets it was, if it was one.
    pub secret: Option<Id>,
    /// The hash to be replaced, if there is one.
    pub stale: Option<Stale>,
}

/// A secret whose hash stands under an older pepper, with the hash under the newest: to be replaced when convenient.
#[derive(Clone, Copy)]
pub struct Stale {
    /// The secret.
    pub secret: Id,
    /// Its hash now.
    pub old: Digest,
    /// Its hash as it should be.
    pub new: (PepperVersion, Digest),
}

/// Why authentication failed, for log and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No client of that name.
    #[error("no such client")]
    UnknownClient,
    /// The client is switched off.
    #[error("the client is inactive")]
    InactiveClient,
    /// The client has ended by itself.
    #[error("the client has expired")]
    ExpiredClient,
    /// The client may not be used from there.
    #[error("the client comes from a network that is none of its own")]
    ForeignNetwork,
    /// The secret is not one of the client's, or there is none.
    #[error("the secret is wrong or missing")]
    WrongSecret,
    /// The secret is right, but the client is registered for another method.
    #[error("the client is registered for another method")]
    WrongMethod,
}

impl Failure {
    /// The reason as a label of metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnknownClient => "unknown_client",
            Self::InactiveClient => "inactive_client",
            Self::ExpiredClient => "expired_client",
            Self::ForeignNetwork => "foreign_network",
            Self::WrongSecret => "wrong_secret",
            Self::WrongMethod => "wrong_method",
        }
    }
}

impl AuthenticatedClient {
    /// One that has proved who it is before, to somebody who calls us for it.
    #[cfg(feature = "oxide-auth-bridge")]
    pub(crate) const fn vouched(record: Arc<ClientRecord>) -> Self {
        Self(record)
    }

    /// The one that is built in, which is whoever has no client.
    pub(crate) fn built_in() -> Option<Self> {
        built_in::record().map(Self)
    }

    /// The client's record.
    #[must_use]
    pub fn record(&self) -> &Arc<ClientRecord> {
        &self.0
    }

    /// Whether the client proved anything, or merely named itself (RFC 6749 §2.1).
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.0.client.auth_method.is_confidential()
    }
}

/// Reads the credentials from the `Authorization` header or the body.
///
/// # Errors
/// `invalid_request` when two methods are used at once (RFC 6749 §2.3), `invalid_client` when there are none or they
/// cannot be read.
pub fn presented(params: &Params<'_>, authorization: Option<&str>) -> Result<Presented, OAuthError> {
    let (named, secret) = (params.value("client_id"), params.value("client_secret"));
    match (authorization, named, secret) {
        (Some(_), _, Some(_)) => {
            Err(OAuthError::invalid_request("use one way of client authentication, not two"))
        }
        (Some(header), named, None) => {
            let basic = basic(header)?;
            if named.is_some_and(|named| named != basic.client_id) {
                return Err(OAuthError::invalid_request(
                    "the body names another client than the Authorization header",
                ));
            }
            Ok(basic)
        }
        (None, Some(client_id), secret) => Ok(Presented {
            client_id: short(client_id)?.to_owned(),
            method: if secret.is_some() { AuthMethod::ClientSecretPost } else { AuthMethod::None },
            secret: secret
                .map(|secret| short(secret).map(|secret| Secret::new(secret.to_owned())))
                .transpose()?,
        }),
        (None, None, _) => Err(OAuthError::invalid_client()),
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded, joined by a colon, then encoded as RFC 7617 says.
fn basic(header: &str) -> Result<Presented, OAuthError> {
    let (scheme, encoded) = header.split_once(' ').unwrap_or((header, ""));
    // A credential may triple in form-encoding and grow by a third in base 64.
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 2 * 4 * LONGEST_CREDENTIAL + 8 {
        return Err(OAuthError::invalid_client());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| OAuthError::invalid_client())?;
    let at = decoded.iter().position(|b| *b == b':').ok_or_else(OAuthError::invalid_client)?;
    let half = |text| params::decode(text, LONGEST_CREDENTIAL).map_err(|_| OAuthError::invalid_client());
    Ok(Presented {
        client_id: half(&decoded[..at])?.into_owned(),
        method: AuthMethod::ClientSecretBasic,
        secret: Some(Secret::new(half(&decoded[at + 1..])?.into_owned())),
    })
}

fn short(text: &str) -> Result<&str, OAuthError> {
    if text.len() > LONGEST_CREDENTIAL { Err(OAuthError::invalid_client()) } else { Ok(text) }
}

impl Presented {
    /// Credentials that somebody else has read from a request, who did not tell how they came: by the client's own method,
    /// where there is a secret at all.
    #[cfg(feature = "oxide-auth-bridge")]
    pub(crate) fn by(registered: AuthMethod, client_id: String, secret: Option<Secret>) -> Self {
        let method = match &secret {
            Some(_) if registered.is_confidential() => registered,
            Some(_) => AuthMethod::ClientSecretBasic,
            None => AuthMethod::None,
        };
        Self { client_id, method, secret }
    }

    /// The name as a well-formed identifier, if it is one.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        self.client_id.parse().ok()
    }

    /// The hash under this pepper, compared in constant time.
    fn matches(&self, digest: &Digest, pepper: PepperVersion, peppers: &Peppers) -> bool {
        let Some(secret) = &self.secret else { return false };
        peppers.digest_with(pepper, secret.expose()).is_some_and(|shown| shown == *digest)
    }
}

/// Checks the credentials against the record that was found under their name.
///
/// # Errors
/// [`Failure`], whose one form on the wire is [`OAuthError::invalid_client`].
pub fn authenticate(
    presented: &Presented,
    record: Option<Arc<ClientRecord>>,
    from: Attempt<'_>,
) -> Result<Proved, Failure> {
    let Attempt { peppers, now, address } = from;
    let record = record.ok_or(Failure::UnknownClient)?;
    let mut used = None;
    let stale = if presented.method.is_confidential() {
        let secret =
            record.secrets.iter().find(|secret| presented.matches(&secret.digest, secret.pepper, peppers));
        let secret = secret.filter(|secret| secret.goes_on(now)).ok_or(Failure::WrongSecret)?;
        used = Some(secret.id);
        (secret.pepper != peppers.newest()).then_some(secret)
    } else if record.client.auth_method.is_confidential() {
        // Naming a client is not proving to be it, and must not tell that it exists.
        return Err(Failure::WrongSecret);
    } else {
        None
    };
    if !record.client.is_active() {
        return Err(Failure::InactiveClient);
    }
    if record.client.has_ended(now) {
        return Err(Failure::ExpiredClient);
    }
    if !admits(&record.client.allowed_ips, address.map_or(Origin::Unknown, Origin::At)) {
        return Err(Failure::ForeignNetwork);
    }
    if record.client.auth_method != presented.method {
        return Err(Failure::WrongMethod);
    }
    let stale = stale.zip(presented.secret.as_ref()).map(|(secret, text)| Stale {
        secret: secret.id,
        old: secret.digest,
        new: peppers.digest(text.expose()),
    });
    Ok(Proved { client: AuthenticatedClient(record), secret: used, stale })
}
