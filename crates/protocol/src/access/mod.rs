//! Who may do what at an API: levels, and how an API maps them to requests. Owns the values that tokens, clients and APIs are
//! described in, and the one decision over them; whose records they are read from is the reader's business.

pub mod decision;
pub mod level;
pub mod path;
#[cfg(test)]
mod tests_decision;
