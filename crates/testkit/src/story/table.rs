//! What happens in the story, line by line. At the API `read` is looking at items, and `full` is everything with items and at the
//! office; of anything else it knows nothing.

use crate::story::Change::{
    DisableApi, DisableBob, DisableClient, EnableApi, EnableBob, EnableClient, Lower, NarrowClient, Raise,
    Regenerate, Revoke, RevokeAccess, RevokeAll, TimePasses, WidenClient,
};
use crate::story::Outcome::{Forbidden, InsufficientScope, InvalidToken, NoCredential, Passed, Refused};
use crate::story::Step::Happens;
use crate::story::Token::{
    AccessElsewhere, AccessFull, AccessRead, AtHome, Bobs, Brief, Elsewhere, Exchanged, Former, Full, Read,
    Unknown,
};
use crate::story::{AWAY, Case, HOME, Outcome, Step, Token};
use doorward_protocol::words::Level;
use std::borrow::Cow;
use std::net::Ipv4Addr;

/// The scopes of the API, which are those that `full` needs; `read` needs the first.
pub const SCOPES: [&str; 2] = ["stock:read", "stock:write"];
/// What `read` may: these methods, at these paths.
pub const READ: (&[&str], &[&str]) = (&["GET", "HEAD", "OPTIONS"], &["/items/**"]);
/// What `full` may: every method, at these paths.
pub const FULL: &[&str] = &["/items/**", "/office/**"];

const READS: Outcome = Passed(Level::Read);
const WRITES: Outcome = Passed(Level::Full);
/// Another level would do.
const MORE: Outcome = InsufficientScope(Cow::Borrowed("stock:read stock:write"));
/// No level would do.
const NEVER: Outcome = InsufficientScope(Cow::Borrowed(""));

/// The story.
#[rustfmt::skip]
pub static STORY: &[Step] = &[
    nobody_asks("GET",         "/items/7",                 HOME, NoCredential),
    nobody_asks("POST",        "/items",                   HOME, NoCredential),
    asks(Unknown,     "GET",   "/items/7",                 HOME, InvalidToken),

    asks(Read,        "GET",   "/items/7",                 HOME, READS),
    asks(Read,        "HEAD",  "/items",                   AWAY, READS),
    asks(Read,        "GET",   "/items/",                  HOME, READS),
    asks(Read,        "GET",   "/items/7/parts?of=/../x",  HOME, READS),
    asks(Read,        "GET",   "/%69tems/%37",             HOME, READS),
    asks(Read,        "POST",  "/items",                   HOME, MORE),
    asks(Read,        "PURGE", "/items/7",                 HOME, MORE),
    asks(Read,        "GET",   "/office/3",                HOME, MORE),
    asks(Read,        "GET",   "/Items/7",                 HOME, NEVER),
    asks(Full,        "GET",   "/items/7",                 HOME, WRITES),
    asks(Full,        "POST",  "/items",                   AWAY, WRITES),
    asks(Full,        "PURGE", "/items/7",                 HOME, WRITES),
    asks(Full,        "PUT",   "/office/3",                HOME, WRITES),
    asks(Full,        "GET",   "/settings",                HOME, NEVER),
    asks(Full,        "GET",   "/itemsx",                  HOME, NEVER),

    asks(Full,        "GET",   "/items/../office",         HOME, Forbidden),
    asks(Full,        "GET",   "/items/%2e%2E/office",     HOME, Forbidden),
    asks(Full,        "GET",   "/items/./7",               HOME, Forbidden),
    asks(Full,        "GET",   "/items//7",                HOME, Forbidden),
    asks(Full,        "GET",   "/items%2f7",               HOME, Forbidden),
    asks(Full,        "GET",   "/items/..%2foffice",       HOME, Forbidden),
    asks(Full,        "GET",   "/items/..%5coffice",       HOME, Forbidden),
    asks(Full,        "GET",   "/items;v=1/7",             HOME, Forbidden),
    asks(Full,        "GET",   "/items/%252e%252e/office", HOME, Forbidden),

    asks(AtHome,      "POST",  "/items",                   HOME, WRITES),
    asks(AtHome,      "POST",  "/items",                   AWAY, Forbidden),
    asks(AtHome,      "GET",   "/items/7",                 AWAY, Forbidden),
    asks(Exchanged,   "POST",  "/items",                   HOME, WRITES),
    asks(Exchanged,   "GET",   "/items/7",                 AWAY, Forbidden),
    asks(Elsewhere,   "GET",   "/items/7",                 HOME, InvalidToken),
    asks(AccessElsewhere, "GET", "/items/7",               HOME, InvalidToken),
    asks(AccessRead,  "GET",   "/items/7",                 AWAY, READS),
    asks(AccessRead,  "DELETE", "/items/7",                HOME, MORE),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, WRITES),
    asks(AccessFull,  "DELETE", "/items/7",                AWAY, WRITES),
    asks(AccessFull,  "DELETE", "/items/%2e%2e/office",    AWAY, Forbidden),

    Happens(Raise),
    asks(Read,        "POST",  "/items",                   HOME, WRITES),
    Happens(Lower),
    asks(Read,        "POST",  "/items",                   HOME, MORE),
    asks(Read,        "GET",   "/items/7",                 HOME, READS),

    Happens(Regenerate),
    asks(Former,      "GET",   "/items/7",                 HOME, InvalidToken),
    asks(Read,        "GET",   "/items/7",                 HOME, READS),
    asks(Read,        "POST",  "/items",                   HOME, MORE),

    Happens(Revoke),
    asks(Full,        "GET",   "/items/7",                 HOME, InvalidToken),
    asks(Full,        "POST",  "/items",                   HOME, InvalidToken),
    asks(Read,        "GET",   "/items/7",                 HOME, READS),

    Happens(RevokeAccess),
    asks(AccessRead,  "GET",   "/items/7",                 HOME, InvalidToken),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, WRITES),

    Happens(TimePasses),
    asks(Brief,       "GET",   "/items/7",                 HOME, InvalidToken),

    Happens(NarrowClient),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, WRITES),
    asks(AccessFull,  "GET",   "/items/7",                 AWAY, Forbidden),
    Happens(WidenClient),
    asks(AccessFull,  "GET",   "/items/7",                 AWAY, WRITES),

    Happens(DisableApi),
    asks(Read,        "GET",   "/items/7",                 HOME, Refused),
    asks(Bobs,        "POST",  "/items",                   HOME, Refused),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, Refused),
    Happens(EnableApi),
    asks(Read,        "GET",   "/items/7",                 HOME, READS),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, WRITES),

    Happens(RevokeAll),
    asks(Read,        "GET",   "/items/7",                 HOME, InvalidToken),
    asks(AtHome,      "GET",   "/items/7",                 HOME, InvalidToken),
    asks(Exchanged,   "GET",   "/items/7",                 HOME, InvalidToken),
    asks(Bobs,        "POST",  "/items",                   HOME, WRITES),
    asks(AccessFull,  "POST",  "/items",                   HOME, WRITES),

    Happens(DisableBob),
    asks(Bobs,        "GET",   "/items/7",                 HOME, InvalidToken),
    Happens(EnableBob),
    asks(Bobs,        "GET",   "/items/7",                 HOME, InvalidToken),
    Happens(DisableClient),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, InvalidToken),
    Happens(EnableClient),
    asks(AccessFull,  "GET",   "/items/7",                 HOME, InvalidToken),
];

const fn asks(
    token: Token,
    method: &'static str,
    target: &'static str,
    from: Ipv4Addr,
    expected: Outcome,
) -> Step {
    Step::Asked(Case { token: Some(token), method, target, from, expected })
}

const fn nobody_asks(method: &'static str, target: &'static str, from: Ipv4Addr, expected: Outcome) -> Step {
    Step::Asked(Case { token: None, method, target, from, expected })
}
