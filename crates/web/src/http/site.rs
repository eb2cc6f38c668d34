//! What all pages of one server have in common: where they stand below the issuer, and what its cookies are called. Owns
//! how their paths are put together, and the names of the assets.

use crate::http::cookies::CookieNames;
use doorward_core::endpoint::metadata;
use doorward_core::issuer::Issuer;
use doorward_core::settings::Settings;

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
    /// The path of a stylesheet of the host's.
    pub(crate) stylesheet: Option<String>,
    /// What the browser's secrets are kept in.
    pub(crate) cookies: CookieNames,
}

impl Site {
    pub(crate) fn new(settings: &Settings, stylesheet: Option<String>) -> Self {
        Self {
            stylesheet,
            pages: settings.issuer.path_to(&settings.page("")),
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
        self.issuer.path_to(path)
    }

    /// What of a path, from the host's root, stands below a path of ours: behind a slash.
    pub(crate) fn below<'a>(&self, path: &str, of: &'a str) -> Option<&'a str> {
        let rest = of.strip_prefix(self.issuer.path())?.strip_prefix(path)?;
        rest.strip_prefix('/')
    }

    /// The paths of the metadata documents, from the host's root.
    pub(crate) fn documents(&self) -> Vec<String> {
        metadata::document_paths(&self.issuer)
    }

    /// The absolute URL of a path below the issuer.
    pub(crate) fn url(&self, path: &str) -> String {
        self.issuer.url(path)
    }

    /// Whose pages these are, as people read it in the address bar.
    pub(crate) fn host(&self) -> &str {
        self.issuer.authority()
    }

    /// What a page's own forms come from (RFC 6454).
    pub(crate) fn origin(&self) -> &str {
        self.issuer.origin()
    }

    /// Whether TLS stands between browser and server.
    pub(crate) fn is_secure(&self) -> bool {
        self.issuer.uses_tls()
    }
}
