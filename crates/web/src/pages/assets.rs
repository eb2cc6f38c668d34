//! What pages are made of besides HTML: one stylesheet, one script, one picture, built into the program. Owns their types
//! and how long they are kept.
//!
//! A page names them with the hash of what they say, so that the pages of a new release never meet the old stylesheet.

use crate::http::document::{self, Document};
use bytes::Bytes;
use doorward_protocol::time::Lifetime;
use http::HeaderValue;
use std::sync::LazyLock;

/// A page asks for another URL when one has changed, so this could be longer; but while a release is rolled out, a new page
/// may meet an old server behind the same name, and what is kept then should not stay for long.
const MAX_AGE: Lifetime = Lifetime::minutes(60);

const STYLE_TEXT: &str = include_str!("../../assets/doorward.css");
const SCRIPT_TEXT: &str = include_str!("../../assets/form-post.js");
const ICON_TEXT: &str = include_str!("../../assets/doorward.svg");

/// The stylesheet.
pub(crate) static STYLE: LazyLock<Document> = LazyLock::new(|| asset(STYLE_TEXT, "text/css; charset=utf-8"));
/// What sends a form on its way.
pub(crate) static SCRIPT: LazyLock<Document> =
    LazyLock::new(|| asset(SCRIPT_TEXT, "text/javascript; charset=utf-8"));
/// The picture beside the name.
pub(crate) static ICON: LazyLock<Document> = LazyLock::new(|| asset(ICON_TEXT, "image/svg+xml"));

/// What tells these assets from those of another release.
pub(crate) static VERSION: LazyLock<String> =
    LazyLock::new(|| document::hash([STYLE_TEXT, SCRIPT_TEXT, ICON_TEXT].concat().as_bytes()));

fn asset(text: &'static str, content_type: &'static str) -> Document {
    Document::new(Bytes::from_static(text.as_bytes()), HeaderValue::from_static(content_type), MAX_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_is_small_and_fetches_nothing() {
        assert!(STYLE_TEXT.len() < 8 * 1024, "{} bytes", STYLE_TEXT.len());
        for foreign in ["url(", "@import", "http:", "https:"] {
            assert!(!STYLE_TEXT.contains(foreign), "{foreign}");
        }
    }
}
