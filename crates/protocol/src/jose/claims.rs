//! What our JWTs say. Owns the claims of each kind of token as types, so that a missing, repeated or wrongly typed claim
//! is no token at all (RFC 8725 §3.1, §3.11); what the values must be is [`super::verifier`]'s part.

use crate::id::{ClientId, Id};
use crate::time::Seconds;
use serde::{Deserialize, Serialize};

/// RFC 9068 §2.2: the claims of an access token, in exactly these JSON types. All but `scope` are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// RFC 7519 §4.1.1: who issued it.
    pub iss: String,
    /// RFC 7519 §4.1.2: whom it speaks for; the client itself where no user takes part (RFC 9068 §2.2).
    pub sub: String,
    /// RFC 7519 §4.1.3: the one API it is for. We issue one audience per token, so a list is not a token of ours.
    pub aud: String,
    /// RFC 8693 §4.3: the client it was issued to.
    pub client_id: ClientId,
    /// RFC 7519 §4.1.4: the first instant at which it is no longer good.
    pub exp: Seconds,
    /// RFC 7519 §4.1.6: when it was issued.
    pub iat: Seconds,
    /// RFC 7519 §4.1.7: its own name, by which it is revoked.
    pub jti: Id,
    /// RFC 8693 §4.2: the granted scope, as space-separated values. The grammar of RFC 6749 §3.3 has no empty scope, so
    /// a token that may do nothing in particular has no claim.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Ours: the client's generation at issuance. A client whose generation has moved on has revoked this token.
    #[serde(rename = "gen")]
    pub generation: u64,
}
