//! The requests that are made: everyday ones, and such as nobody means well. Owns what methods, targets and addresses there are, and how
//! a request brings its token.

use crate::differential::dice::Dice;
use doorward_protocol::words::CredentialForm;

pub(crate) const METHODS: [&str; 6] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"];
/// Other spellings, methods that nobody has written down, and what is none.
const ODD_METHODS: [&str; 8] = ["get", "Get", "gET", "PURGE", "M-SEARCH", "PO ST", "G@T", "GET,POST"];

/// Paths as APIs are registered with.
pub(crate) const PATTERNS: [&str; 12] = [
    "/",
    "/**",
    "/items",
    "/items/",
    "/items/**",
    "/items/*",
    "/items/*/parts",
    "/office/**",
    "/Items/**",
    "/*/parts",
    "/a%20b/*",
    "/caf%C3%A9/**",
];
const PATHS: [&str; 16] = [
    "/",
    "/items",
    "/items/",
    "/items/7",
    "/items/7/",
    "/items/7/parts",
    "/%69tems/%37",
    "/Items/7",
    "/itemsx",
    "/office/3",
    "/office",
    "/a%20b/c",
    "/caf%c3%a9/x",
    "/caf%C3%A9",
    "/b/parts",
    "/settings",
];
const ODD_PATHS: [&str; 24] = [
    "/items/../office",
    "/items/./7",
    "/items/..",
    "/.",
    "//",
    "/items//7",
    "//items/7",
    "/items/%2e%2e/office",
    "/items/%2E/7",
    "/items%2f7",
    "/items%2F..%2foffice",
    "/items/..%5coffice",
    "/items\\7",
    "/items;v=1/7",
    "/items/7;",
    "/items/%3b7",
    "/items/%252e%252e/office",
    "/items/%00",
    "/items/%0d%0a",
    "/items/%",
    "/items/%4",
    "/items/%zz",
    "/items/#7",
    "*",
];
const QUERIES: [&str; 5] = ["?", "?page=2", "?of=/../x", "?a=b?c=d;e", "?next=%2f%2e%2e"];

/// Where requests come from: every network below has some of these.
const ADDRESSES: [&str; 14] = [
    "10.1.2.3",
    "10.1.2.4",
    "10.200.0.1",
    "192.0.2.7",
    "192.0.2.255",
    "198.51.100.1",
    "127.0.0.1",
    "0.0.0.0",
    "::ffff:10.1.2.3",
    "::ffff:192.0.2.7",
    "2001:db8::7",
    "2001:db8:ffff::1",
    "2001:DB8:0:0::7",
    "::1",
];
pub(crate) const NETWORKS: [&str; 7] =
    ["10.0.0.0/8", "10.1.2.3", "192.0.2.0/24", "2001:db8::/48", "2001:db8::7", "128.0.0.0/1", "2000::/3"];

/// A request, without its token.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) from: &'static str,
    /// Whether the API's guard stands behind a proxy.
    pub(crate) by_proxy: bool,
    /// How it brings its token, if it has one.
    pub(crate) how: CredentialForm,
    /// Fetch Standard §3.2.2: whether it has both `Origin` and `Access-Control-Request-Method`.
    pub(crate) is_cors: bool,
}

impl Request {
    pub(crate) fn thrown(dice: &mut Dice) -> Self {
        let is_cors = dice.in_a_hundred(12);
        let method = match dice.below(100) {
            0..75 if is_cors => "OPTIONS",
            0..8 => *dice.one(&ODD_METHODS),
            _ => *dice.one(&METHODS),
        };
        let how = match dice.below(10) {
            0 => CredentialForm::ApiKey,
            1 => CredentialForm::Basic,
            _ => CredentialForm::Bearer,
        };
        let mut target =
            if dice.in_a_hundred(10) { *dice.one(&ODD_PATHS) } else { *dice.one(&PATHS) }.to_owned();
        if dice.in_a_hundred(25) {
            target += *dice.one(&QUERIES);
        }
        let (from, by_proxy) = (*dice.one(&ADDRESSES), dice.in_a_hundred(50));
        Self { method, target, from, by_proxy, how, is_cors }
    }

    /// The same, whose token comes as most do.
    pub(crate) fn by_bearer(&self) -> Self {
        Self { how: CredentialForm::Bearer, ..self.clone() }
    }

    /// Whether it is a browser's question.
    pub(crate) fn is_preflight(&self) -> bool {
        self.is_cors && self.method == "OPTIONS"
    }

    /// What stands before the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }
}
