//! The page that describes the management API. What it says comes from the table of operations; how it looks stands in its template.

use crate::api::docs::Chapter;
use crate::api::{OPENAPI, openapi};
use crate::http::headers::Policy;
use crate::http::site::Site;
use crate::pages::rendered;
use crate::pages::templates::{ApiDocs, Frame};
use bytes::Bytes;
use doorward_core::store::fault::Fault;
use http::{Response, StatusCode};

/// The page.
///
/// # Errors
/// A fault where it cannot be written.
pub(crate) fn docs(chapters: &[Chapter], site: &Site) -> Result<Response<Bytes>, Fault> {
    let page = ApiDocs {
        frame: Frame(site),
        openapi: site.endpoint(OPENAPI),
        chapters,
        permissions: openapi::permissions().collect(),
    };
    rendered(&page, StatusCode::OK, Policy::default(), site)
}
