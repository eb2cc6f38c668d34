//! What all pages of one server have in common: where they stand below the issuer, and what its cookies are called. Owns
//! the paths of the pages; what stands at them is for `endpoint` and `pages`.

use crate::http::cookies::CookieNames;
use doorward_core::issuer::Issuer;
use doorward_core::settings::Settings;

/// Who are you?
pub(crate) const LOGIN: &str = "/login";
/// May this client?
pub(crate) const CONSENT: &str = "/consent";
/// A first password.
pub(crate) const SETUP: &str = "/setup";
/// Who you are.
pub(crate) const ACCOUNT: &str = "/account";
/// Another password.
pub(crate) const PASSWORD: &str = "/account/password";
/// What you have allowed.
pub(crate) const CONSENTS: &str = "/account/consents";
/// You are signed out.
pub(crate) const LOGGED_OUT: &str = "/logged-out";
/// The stylesheet.
pub(crate) const STYLE: &str = "/assets/doorward.css";
/// What sends a form on its way.
pub(crate) const SCRIPT: &str = "/assets/form-post.js";
/// The picture beside the name.
pub(crate) const ICON: &str = "/assets/doorward.svg";

/// The pages of one server.
pub(crate) struct Site {
    issuer: Issuer,
    pages: String,
    /// What the browser's secrets are kept in.
    pub(crate) cookies: CookieNames,
}

impl Site {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            pages: format!("{}{}", settings.issuer.path(), settings.pages_prefix),
            cookies: CookieNames::new(&settings.issuer),
            issuer: settings.issuer.clone(),
        }
    }

    /// A page's path, from the host's root.
    pub(crate) fn page(&self, page: &str) -> String {
        format!("{}{page}", self.pages)
    }

    /// The path of an endpoint, from the host's root.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.path())
    }

    /// The absolute URL of a path below the issuer.
    pub(crate) fn url(&self, path: &str) -> String {
        self.issuer.url(path)
    }

    /// Whose pages these are, as people read it in the address bar.
    pub(crate) fn host(&self) -> &str {
        self.issuer.authority()
    }

    /// RFC 6454 §6.2: scheme, host and port, as browsers write them. An issuer is in normal form, and so is this.
    pub(crate) fn origin(&self) -> &str {
        let text = self.issuer.as_str();
        &text[..text.len() - self.issuer.path().len()]
    }

    /// Whether TLS stands between browser and server.
    pub(crate) fn is_secure(&self) -> bool {
        is_secure(&self.issuer)
    }
}

/// Whether TLS stands between browser and issuer; plain http is for a loopback address alone.
pub(crate) fn is_secure(issuer: &Issuer) -> bool {
    issuer.as_str().starts_with("https:")
}
