//! Requests that could not be read as a whole. Owns the reasons and which refusal each becomes; the servers under
//! [`App`](crate::app::App) find them out, as they alone see the bytes come in.

use doorward_protocol::error::OAuthError;

/// Why a request was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The body is larger than is read.
    TooLarge,
    /// The bodies of other requests take up all the memory there is for them.
    NoRoom,
    /// The body did not arrive in time.
    TooLate,
    /// Request line and headers are larger than is read.
    HeadTooLarge,
    /// The body broke off, or its framing is malformed.
    Broken,
}

impl Unread {
    pub(crate) fn refusal(self) -> OAuthError {
        match self {
            Self::TooLarge => OAuthError::content_too_large(),
            Self::NoRoom => OAuthError::unavailable(),
            Self::TooLate => OAuthError::request_timeout(),
            Self::HeadTooLarge => OAuthError::header_fields_too_large(),
            Self::Broken => OAuthError::invalid_request("the request body is incomplete or malformed"),
        }
    }
}
