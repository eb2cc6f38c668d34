//! People in browsers, from the first redirect to the last token: pages are opened, forms are filled in, cookies kept, as a
//! browser would. The app is the real one over a real store; only the wire is left out.

mod account;
mod accounts;
mod attacks;
mod audience;
mod binding;
pub(crate) mod browser;
mod code_flow;
mod codes;
mod consent;
mod consent_revoked;
mod elsewhere;
mod enumeration;
mod form_post;
mod host_sign_in;
mod id_token;
mod interleaved;
mod introspected;
mod length;
mod limits;
mod matrix;
mod model;
pub(crate) mod place;
mod prompts;
mod prompts_none;
mod races;
mod recorded;
mod refresh;
mod refreshed;
mod request;
mod request_answers;
mod setup;
mod sign_in;
mod sign_out;
mod sign_out_tokens;
pub(crate) mod token_requests;
mod userinfo;
