//! HTTP itself, apart from what any endpoint means by it: hosts, forms, answers, sharing with browsers, cached documents,
//! and the name and containment of each request.

pub mod request_id;
pub mod unread;

pub(crate) mod answer;
pub(crate) mod budget;
pub(crate) mod cors;
pub(crate) mod document;
pub(crate) mod exchange;
pub(crate) mod form;
pub(crate) mod host;
pub(crate) mod method;
pub(crate) mod problem;
pub(crate) mod run;
