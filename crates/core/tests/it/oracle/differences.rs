//! Where we answer otherwise than oxide-auth, by decision: what it looks like, and why. A difference that is not here fails
//! the comparison, and so does one that no longer happens.

use super::{Compared, Outcome};

/// One decision.
pub(super) struct Difference {
    /// Where.
    pub(super) endpoints: &'static [&'static str],
    /// Words of which the name of the request has one.
    bends: &'static [&'static str],
    oxide: Seen,
    ours: Seen,
    /// Why.
    pub(super) reason: &'static str,
}

/// What an answer looks like.
enum Seen {
    Granted,
    Refused(&'static str),
    Page,
    Any,
}

impl Seen {
    fn is(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Refused(word), Outcome::Refused(said)) => word == said,
            (Self::Any, _) | (Self::Granted, Outcome::Granted(_)) | (Self::Page, Outcome::Page) => true,
            _ => false,
        }
    }
}

impl Difference {
    pub(super) fn explains(&self, endpoint: &str, one: &Compared) -> bool {
        self.endpoints.contains(&endpoint)
            && self.bends.iter().any(|bend| one.name.contains(bend))
            && self.oxide.is(&one.oxide)
            && self.ours.is(&one.ours)
    }
}

const TOKEN: &[&str] = &["code", "code of a public client", "refresh", "client"];
const CODE: &[&str] = &["code", "code of a public client"];
const WITH_SECRET: &[&str] = &["code", "refresh", "client"];

pub(super) const DIFFERENCES: &[Difference] = &[
    Difference {
        endpoints: TOKEN,
        bends: &["twice "],
        oxide: Seen::Any,
        ours: Seen::Refused("invalid_request"),
        reason: "RFC 6749 §3.2: parameters must not be repeated; oxide-auth takes such a parameter for a missing one",
    },
    Difference {
        endpoints: WITH_SECRET,
        bends: &["client_id=", "client_secret="],
        oxide: Seen::Any,
        ours: Seen::Refused("invalid_request"),
        reason: "RFC 6749 §2.3: one way of authentication, and one client; oxide-auth's refresh flow ignores the body's",
    },
    Difference {
        endpoints: TOKEN,
        bends: &[
            "no credentials",
            "wrong secret",
            "unknown client",
            "not basic",
            "broken basic",
            "without client_id",
            "empty client_id",
            "client_id=",
            "client_secret=",
        ],
        oxide: Seen::Any,
        ours: Seen::Refused("invalid_client"),
        reason: "RFC 6749 §5.2: the client is authenticated before anything else is judged, and none is invalid_client",
    },
    Difference {
        endpoints: &["code", "client"],
        bends: &["client_id="],
        oxide: Seen::Refused("invalid_request"),
        ours: Seen::Granted,
        reason: "RFC 6749 §3.2.1: client_id may stand in the body beside the header, if it is the same; oxide-auth counts two",
    },
    Difference {
        endpoints: TOKEN,
        bends: &["empty "],
        oxide: Seen::Any,
        ours: Seen::Refused("invalid_request"),
        reason: "RFC 6749 §3.2: a parameter without a value is treated as omitted",
    },
    Difference {
        endpoints: CODE,
        bends: &["without redirect_uri", "empty redirect_uri"],
        oxide: Seen::Refused("invalid_request"),
        ours: Seen::Granted,
        reason: "OAuth 2.1 §4.1.3: a challenge does what naming the redirect URI again did",
    },
    Difference {
        endpoints: CODE,
        bends: &["code=", "code_verifier", "redirect_uri", "another client"],
        oxide: Seen::Refused("invalid_request"),
        ours: Seen::Refused("invalid_grant"),
        reason: "RFC 6749 §5.2, RFC 7636 §4.6: a code that is unknown, used, or not this client's is an invalid grant",
    },
    Difference {
        endpoints: &["client"],
        bends: &["scope=orders:read"],
        oxide: Seen::Granted,
        ours: Seen::Granted,
        reason: "RFC 6749 §3.3: a client gets the scope that it asked for; oxide-auth's map gives the default",
    },
    Difference {
        endpoints: &["client"],
        bends: &["scope=orders:read stock:read"],
        oxide: Seen::Any,
        ours: Seen::Refused("invalid_scope"),
        reason: "RFC 6749 §3.3: more than a client may have is refused; oxide-auth's map gives the default",
    },
    Difference {
        endpoints: &["client"],
        bends: &["scope=a\"b"],
        oxide: Seen::Refused("invalid_request"),
        ours: Seen::Refused("invalid_scope"),
        reason: "RFC 6749 §5.2: the word for a malformed scope",
    },
    Difference {
        endpoints: &["refresh"],
        bends: &["scope=orders:read  "],
        oxide: Seen::Granted,
        ours: Seen::Refused("invalid_scope"),
        reason: "RFC 6749 §3.3: one space stands between two scopes",
    },
    Difference {
        endpoints: &["refresh"],
        bends: &["empty scope"],
        oxide: Seen::Granted,
        ours: Seen::Granted,
        reason: "RFC 6749 §6: an empty scope is an omitted one, and that means all of it; oxide-auth grants nothing",
    },
    Difference {
        endpoints: &["authorize"],
        bends: &["twice "],
        oxide: Seen::Any,
        ours: Seen::Page,
        reason: "RFC 6749 §3.1: a request that repeats a parameter is not trusted to say where its answer goes",
    },
    Difference {
        endpoints: &["authorize"],
        bends: &["empty redirect_uri"],
        oxide: Seen::Page,
        ours: Seen::Any,
        reason: "RFC 6749 §3.1: a parameter without a value is treated as omitted; oxide-auth finds no URI in it",
    },
    Difference {
        endpoints: &["authorize"],
        bends: &["without response_type", "empty response_type"],
        oxide: Seen::Refused("unsupported_response_type"),
        ours: Seen::Refused("invalid_request"),
        reason: "RFC 6749 §4.1.2.1: the word for a missing parameter",
    },
    Difference {
        endpoints: &["authorize"],
        bends: &["empty code_challenge", "code_challenge=short"],
        oxide: Seen::Granted,
        ours: Seen::Refused("invalid_request"),
        reason: "RFC 7636 §4.2: a challenge is a digest, and no verifier meets another text; oxide-auth takes any",
    },
    Difference {
        endpoints: &["authorize"],
        bends: &["scope=orders:read stock:read"],
        oxide: Seen::Granted,
        ours: Seen::Refused("invalid_scope"),
        reason: "RFC 6749 §3.3: more than a client may have is refused; oxide-auth's map gives the default",
    },
    Difference {
        endpoints: &["authorize"],
        bends: &["scope=a\"b"],
        oxide: Seen::Refused("invalid_scope"),
        ours: Seen::Refused("invalid_request"),
        reason: "two things are wrong: we name the missing or broken challenge first",
    },
];
