//! Every setting there is, one row each. This table is the only place that names a key, a default or a bound; the file
//! reader, the environment, the errors, `config show` and `docs/configuration.md` all follow it.

use super::setting::{Default, Kind, Setting};
use super::surroundings::Surroundings;

/// The signature algorithms of access tokens.
pub(crate) const ALGORITHMS: &[&str] = &["ES256", "EdDSA", "RS256"];

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const KIB: i64 = 1 << 10;
const MIB: i64 = 1 << 20;
const GIB: i64 = 1 << 30;

/// The sections in the order of the reference, each with the sentence that opens it there.
pub(crate) const SECTIONS: &[(&str, &str)] = &[
    ("server", "Where Doorward is reached, and what one connection may cost."),
    ("database", "Where everything that must survive a restart is kept."),
    ("keys", "The master key, from which everything at rest is protected, and the keys that sign tokens."),
    ("tokens", "What is issued where neither client nor API says otherwise."),
    ("sessions", "How long somebody stays signed in in a browser."),
    ("passwords", "What a stored password costs whoever wants to guess it, and us."),
    (
        "memory",
        "What this node keeps of what it has read, so that it need not ask the database again. It is filled by use.",
    ),
    ("limits", "How much is too much."),
    ("audit", "The record of who did what, which shows when somebody has tampered with it."),
    ("metrics", "Numbers for Prometheus, at `/metrics`."),
    ("log", "Events on standard error."),
];

/// Every setting there is.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting::new(
        "server.issuer",
        Kind::Issuer,
        Default::Required,
        "The URL under which clients know this server: the `iss` of every token and the root of every published URL. \
         Clients compare it character by character. It must use https, except on a loopback address.",
    )
    .flag("--issuer"),
    Setting::new(
        "server.listen",
        Kind::Address,
        Default::Text("127.0.0.1:8080"),
        "The address to listen on, with plain http unless `server.tls.certificate` is set. Port 0 takes a free one; the log says which. Under `--dev` it must \
         be a loopback address.",
    )
    .flag("--listen"),
    Setting::new(
        "server.tls_terminated_by_proxy",
        Kind::Bool,
        Default::Text("false"),
        "Says that a proxy in front of Doorward speaks https with the clients. An https issuer needs it, or a certificate \
         in `server.tls.certificate`. With both, the proxy reaches Doorward by https, too.",
    ),
    Setting::new(
        "server.tls.certificate",
        Kind::Path,
        Default::Absent,
        "A PEM file with the certificate for the issuer's host, and after it those that lead to a known authority. With \
         it Doorward speaks https itself: TLS 1.2 and 1.3, HTTP/1.1. It is read again within seconds when it has changed, \
         with its key, or at SIGHUP; a pair that cannot be used leaves the old one in place. `--dev` does without.",
    ),
    Setting::new(
        "server.tls.key",
        Kind::Path,
        Default::Absent,
        "A PEM file with that certificate's private key (PKCS#8, PKCS#1 or SEC1), readable by Doorward alone.",
    ),
    Setting::new(
        "server.trusted_proxies",
        Kind::Networks,
        Default::Text(""),
        "Where the proxies stand whose word on a client's address counts. Failed sign-ins are counted by that address, and \
         events name it. From anybody else the header is not read. Without it, behind a proxy that speaks https, all \
         people share its address, and the limit per address is off.",
    ),
    Setting::new(
        "server.client_address_header",
        Kind::Choice(&["X-Forwarded-For", "Forwarded", "X-Real-IP"]),
        Default::Text("X-Forwarded-For"),
        "The one header in which trusted proxies say for whom they ask: they must set it themselves, or add to it on the \
         right. Addresses in it are followed from the right to the first that is no trusted proxy.",
    ),
    Setting::new(
        "server.ext_authz",
        Kind::Bool,
        Default::Text("false"),
        "Serve `/ext-authz/<id of the API>/<path>`, where Envoy's HTTP `ext_authz` asks whether a request may pass, by sending \
         it on without its body. Only trusted proxies are answered, there as at `/verify`.",
    ),
    Setting::new(
        "server.workers",
        Kind::Integer(1, 1_024),
        Default::Found(Surroundings::cores, "the number of processor cores"),
        "The number of threads that answer requests.",
    ),
    Setting::new(
        "server.max_connections",
        Kind::Integer(1, 1_000_000),
        Default::Text("10000"),
        "The number of connections open at a time; more wait until one closes.",
    ),
    Setting::new(
        "server.body_limit",
        Kind::Size(4 * KIB, 16 * MIB),
        Default::Text("64 KiB"),
        "The largest request body; a larger one is refused with 413.",
    ),
    Setting::new(
        "server.body_timeout",
        Kind::Seconds(1, 5 * MINUTE),
        Default::Text("10 s"),
        "The time in which a request body must have arrived completely.",
    ),
    Setting::new(
        "server.header_limit",
        Kind::Size(4 * KIB, MIB),
        Default::Text("16 KiB"),
        "The largest request line with all headers together.",
    ),
    Setting::new(
        "server.drain",
        Kind::Seconds(0, 10 * MINUTE),
        Default::Text("0 s"),
        "The time after SIGTERM in which requests are still taken while `/readyz` already says no: as long as a proxy in \
         front of several nodes needs to hear of it. A second signal cuts it short.",
    ),
    Setting::new(
        "server.shutdown_grace",
        Kind::Seconds(0, 10 * MINUTE),
        Default::Text("10 s"),
        "The time that requests in flight have to finish after SIGTERM.",
    ),
    Setting::new(
        "server.pages_prefix",
        Kind::PathPrefix,
        Default::Text(""),
        "Where the pages for people stand below the issuer: `/id` puts the sign-in page at `/id/login`. Empty: at \
         `/login`. The endpoints of the protocol stay where they are.",
    ),
    Setting::new(
        "database.url",
        Kind::Database,
        Default::Found(Surroundings::database_url, "`sqlite:` and `doorward.db` in the state folder"),
        "The database: `sqlite:PATH` (`sqlite://PATH` means the same) for one node, or \
         `postgres://USER:PASSWORD@HOST:PORT/NAME` for any number of them; several hosts are separated by commas. \
         `sslmode=verify-full` is the default for hosts elsewhere; the parameters are listed in crates/pg/README.md.",
    )
    .flag("--database"),
    Setting::new(
        "database.connections",
        Kind::Integer(2, 500),
        Default::Text("16"),
        "The most connections that this node opens to a server of PostgreSQL's. All nodes together must stay below the \
         server's `max_connections`. A file needs none.",
    ),
    Setting::new(
        "database.migrate_on_start",
        Kind::Bool,
        Default::Text("true"),
        "Whether `doorward serve` brings an older database up to date before it answers. With false, run `doorward \
         migrate up` yourself.",
    ),
    Setting::new(
        "keys.master_key_file",
        Kind::Path,
        Default::Found(
            Surroundings::master_key_file,
            "`$CREDENTIALS_DIRECTORY/master_key` where that exists, else `master.key` in the state folder",
        ),
        "The file that holds the master key, readable by Doorward alone. `doorward keys init` makes it. Keep a copy \
         apart from the backups of the database: neither is of use without the other.",
    ),
    Setting::new(
        "keys.master_key",
        Kind::Secret,
        Default::Absent,
        "The master key itself, in the format of the file, where no file can be mounted. Discouraged: every process of \
         the same user can read an environment.",
    ),
    Setting::new(
        "keys.algorithms",
        Kind::Choices(ALGORITHMS),
        Default::Text("ES256, EdDSA, RS256"),
        "The algorithms for which a signing key is kept ready.",
    ),
    Setting::new(
        "keys.rotate_after",
        Kind::Seconds(HOUR, 3_650 * DAY),
        Default::Text("90 d"),
        "The age at which a signing key is followed by a new one.",
    ),
    Setting::new(
        "keys.publish_before_use",
        Kind::Seconds(10, 30 * DAY),
        Default::Text("10 min"),
        "The time a new key stands in the published key set before it signs, so that every node has published it and every \
         API has read it by then. At least 10 s longer than `tokens.jwks_max_age`.",
    ),
    Setting::new(
        "keys.retire_after",
        Kind::Seconds(MINUTE, 365 * DAY),
        Default::Text("24 h"),
        "The time a key stays in the published key set after it last signed. At least the longest lifetime of an access \
         token, and of an ID token.",
    ),
    Setting::new(
        "tokens.access_token_lifetime",
        Kind::Seconds(MINUTE, DAY),
        Default::Text("10 min"),
        "How long an access token is good for, where the API does not say.",
    ),
    Setting::new(
        "tokens.signing_algorithm",
        Kind::Choice(ALGORITHMS),
        Default::Text("ES256"),
        "What access tokens are signed with; one of `keys.algorithms`.",
    ),
    Setting::new(
        "tokens.jwks_max_age",
        Kind::Seconds(0, DAY),
        Default::Text("5 min"),
        "How long APIs may keep the published key set before they read it again.",
    ),
    Setting::new(
        "tokens.id_token_lifetime",
        Kind::Seconds(MINUTE, DAY),
        Default::Text("10 min"),
        "How long an ID token is good for: the time a client has to look at it.",
    ),
    Setting::new(
        "tokens.refresh_idle",
        Kind::Seconds(MINUTE, 3_650 * DAY),
        Default::Text("30 d"),
        "How long a refresh token is good for when nobody uses it, where the client does not say.",
    ),
    Setting::new(
        "tokens.refresh_absolute",
        Kind::Seconds(MINUTE, 3_650 * DAY),
        Default::Text("180 d"),
        "How long after a person's authorization refresh tokens are good at most, used or not. At least \
         `tokens.refresh_idle`.",
    ),
    Setting::new(
        "tokens.refresh_grace",
        Kind::Seconds(0, MINUTE),
        Default::Text("10 s"),
        "How long after a refresh token was used it is taken for a retry, and answered by the same successor: for clients \
         of several processes, and for answers that were lost on the way.",
    ),
    Setting::new(
        "sessions.idle",
        Kind::Seconds(MINUTE, 365 * DAY),
        Default::Text("8 h"),
        "How long a session lasts when nobody uses it.",
    ),
    Setting::new(
        "sessions.absolute",
        Kind::Seconds(MINUTE, 365 * DAY),
        Default::Text("30 d"),
        "How long a session lasts at most, used or not. At least `sessions.idle`.",
    ),
    Setting::new(
        "passwords.hashing_threads",
        Kind::Integer(1, 1_024),
        Default::Found(Surroundings::cores_but_one, "one less than the number of processor cores, at least 1"),
        "The number of threads that hash passwords. What is left over answers everything else while many people sign in.",
    ),
    Setting::new(
        "passwords.hashing_memory",
        Kind::Size(19 * MIB, GIB),
        Default::Text("19 MiB"),
        "The memory that each hash takes (argon2id). A password that was hashed with another amount is hashed anew when \
         its owner next signs in.",
    ),
    Setting::new(
        "passwords.hashing_passes",
        Kind::Integer(2, 64),
        Default::Text("2"),
        "The passes of each hash over its memory.",
    ),
    Setting::new(
        "memory.clients",
        Kind::Size(MIB, 64 * GIB),
        Default::Text("32 MiB"),
        "For clients and their secrets: some 2 KiB each. With fewer clients in memory than are in use, each request of \
         another one asks the database first; `doorward_clients_read_total` tells how often.",
    ),
    Setting::new(
        "memory.users",
        Kind::Size(MIB, 64 * GIB),
        Default::Text("32 MiB"),
        "For users: some 2 KiB each.",
    ),
    Setting::new(
        "memory.tokens",
        Kind::Size(MIB, 64 * GIB),
        Default::Text("16 MiB"),
        "For signed tokens whose signature was verified: some 400 bytes each. A token that is not there is verified once more, \
         which costs some ten times as much.",
    ),
    Setting::new(
        "memory.api_tokens",
        Kind::Size(MIB, 64 * GIB),
        Default::Text("32 MiB"),
        "For API tokens: some 500 bytes each. One that is not there is read, with its owner.",
    ),
    Setting::new(
        "limits.failed_authentications_per_minute",
        Kind::Integer(1, 100_000),
        Default::Text("20"),
        "Failed client authentications a minute, for each pair of client and address, before the answer is 429. Under \
         `--dev` it is 1000.",
    ),
    Setting::new(
        "limits.sign_ins_per_account",
        Kind::Integer(1, 100_000),
        Default::Text("10"),
        "Failed sign-ins of one account in 15 minutes, before the answer is 429. Under `--dev` it is 1000.",
    ),
    Setting::new(
        "limits.sign_ins_per_address",
        Kind::Integer(1, 100_000),
        Default::Text("60"),
        "Failed sign-ins from one address in 15 minutes, whatever the account, before the answer is 429. An IPv6 \
         address counts by its /64. Under `--dev` it is 1000. Behind a proxy that speaks https it does not count unless \
         `server.trusted_proxies` is set: all people would share the proxy's address.",
    ),
    Setting::new(
        "audit.retention_days",
        Kind::Integer(1, 36_500),
        Default::Absent,
        "How many days events are kept; unset, for ever. What is older is cut off once a day, at a checkpoint.",
    ),
    Setting::new(
        "audit.checkpoint_file",
        Kind::Path,
        Default::Absent,
        "A file to which every checkpoint of the audit trail is appended, one a line, for `doorward audit verify --checkpoints`. It helps \
         where whoever can write to the database cannot write to it. Checkpoints are written to the log in any case.",
    ),
    Setting::new(
        "metrics.enabled",
        Kind::Bool,
        Default::Text("true"),
        "Whether numbers are kept at all.",
    ),
    Setting::new(
        "metrics.listen",
        Kind::OptionalAddress,
        Default::Text("127.0.0.1:9090"),
        "The address that serves `/metrics`, apart from the public one. Empty: nowhere. Under `--dev` it is empty, and \
         `server.listen` serves `/metrics`.",
    ),
    Setting::new(
        "log.level",
        Kind::LogFilter,
        Default::Text("info"),
        "Which events are written.",
    ),
    Setting::new(
        "log.format",
        Kind::Choice(&["auto", "json", "pretty"]),
        Default::Text("auto"),
        "`json` writes one object a line, `pretty` is for people; `auto` is `pretty` on a terminal, else `json`.",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::setting::Secrecy;
    use super::*;
    use doorward_protocol::jose::Algorithm;
    use std::collections::HashSet;

    #[test]
    fn every_key_stands_once_in_the_section_that_opens_the_reference() {
        let keys: HashSet<_> = SETTINGS.iter().map(|setting| setting.key).collect();
        let sections: HashSet<_> = SETTINGS.iter().map(Setting::section).collect();
        assert_eq!(keys.len(), SETTINGS.len());
        assert_eq!(sections, SECTIONS.iter().map(|(name, _)| *name).collect());
        assert!(SETTINGS.is_sorted_by_key(|s| SECTIONS.iter().position(|(name, _)| *name == s.section())));
    }

    #[test]
    fn the_algorithms_are_those_of_the_protocol() {
        let known = ALGORITHMS.iter().map(|name| name.parse::<Algorithm>().map(Algorithm::name));
        assert_eq!(known.collect::<Result<Vec<_>, _>>().as_deref(), Ok(ALGORITHMS));
    }

    #[test]
    fn a_secret_is_never_set_by_a_flag() {
        assert!(SETTINGS.iter().all(|s| s.kind.secrecy() != Secrecy::Secret || s.flag.is_none()));
    }
}
