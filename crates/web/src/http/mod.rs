//! HTTP itself, apart from what any endpoint means by it: hosts, forms, answers, cookies and what else browsers bring,
//! cached documents, whose request it is behind a proxy, and the name and containment of each.

pub mod request_id;
pub mod unread;

pub(crate) mod answer;
pub(crate) mod bearer;
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) mod body;
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) mod budget;
pub(crate) mod client_ip;
pub(crate) mod cookies;
pub(crate) mod cors;
pub(crate) mod document;
pub(crate) mod exchange;
pub(crate) mod form;
pub(crate) mod forwarded;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod json;
pub(crate) mod method;
pub(crate) mod origin;
pub(crate) mod page_request;
pub(crate) mod precondition;
pub(crate) mod problem;
pub(crate) mod run;
pub(crate) mod site;
pub(crate) mod trace;
