//! Rules that no single value can break: what is required, and what must fit together. Each is one function that says
//! nothing when it holds, or when a value it needs could not be read, which is an error of its own already.

use super::Overrides;
use super::error::{ConfigError, Problem};
use super::issuer;
use super::settled::Settled;
use super::source::Source;
use super::units::show_lifetime;
use doorward_protocol::time::Lifetime;

type Check = fn(&Settled, &Overrides) -> Option<ConfigError>;

const CHECKS: &[Check] = &[
    the_issuer_is_known,
    a_database_is_named,
    a_trial_has_a_database_of_its_own,
    a_master_key_is_named,
    the_master_key_is_named_once,
    somebody_speaks_https,
    a_certificate_has_its_key,
    a_certificate_is_for_https,
    trying_out_stays_on_this_machine,
    the_signing_algorithm_has_a_key,
    keys_are_published_until_they_are_seen,
    keys_outlive_the_access_tokens_they_signed,
    keys_outlive_the_id_tokens_they_signed,
    keys_sign_before_they_are_rotated,
    refresh_tokens_may_idle_out,
    sessions_may_idle_out,
    metrics_have_an_address_of_their_own,
];

/// Every rule that is broken.
pub(crate) fn broken(settled: &Settled, overrides: &Overrides) -> Vec<ConfigError> {
    CHECKS.iter().filter_map(|check| check(settled, overrides)).collect()
}

/// The error of a server without an issuer.
pub(crate) fn issuer_missing() -> ConfigError {
    Problem::new("it is not set", "set it to the https URL of this server, or try Doorward out with --dev")
        .of_missing("server.issuer")
}

fn the_issuer_is_known(settled: &Settled, overrides: &Overrides) -> Option<ConfigError> {
    (overrides.serve && settled.is_absent("server.issuer")).then(issuer_missing)
}

fn a_database_is_named(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let missing = || if cfg!(feature = "sqlite") { no_state_folder("database.url") } else { no_file() };
    settled.is_absent("database.url").then(missing)
}

/// The one for earnest is not tried out with, though it be the only one that was named.
fn a_trial_has_a_database_of_its_own(settled: &Settled, overrides: &Overrides) -> Option<ConfigError> {
    let source = &settled.effective("database.url")?.source;
    let own = matches!(source, Source::Dev | Source::Flag(_));
    (overrides.dev && !own).then(|| {
        Problem::new("--dev touches no database that was configured", "name one for it with --database")
            .of("database.url", source)
    })
}

fn no_file() -> ConfigError {
    Problem::new(
        "it is not set, and this build keeps no database in a file (its feature `sqlite` was left out)",
        "set it to postgres://USER:PASSWORD@HOST/NAME",
    )
    .of_missing("database.url")
}

fn a_master_key_is_named(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let absent = settled.is_absent("keys.master_key") && settled.is_absent("keys.master_key_file");
    absent.then(|| no_state_folder("keys.master_key_file"))
}

fn no_state_folder(key: &str) -> ConfigError {
    Problem::new(
        "it is not set, and there is no state folder to look in",
        "set it, or STATE_DIRECTORY, XDG_STATE_HOME or HOME",
    )
    .of_missing(key)
}

/// Two keys of equal rank would leave open which one the database was sealed with.
fn the_master_key_is_named_once(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let key = settled.effective("keys.master_key")?;
    let file = settled.effective("keys.master_key_file")?;
    (key.rank == file.rank).then(|| {
        Problem::new(format!("{} names another master key", file.source), "set one of the two")
            .of("keys.master_key", &key.source)
    })
}

/// RFC 6749 §3.2: the token endpoint requires TLS. If Doorward is to leave that to a proxy, it wants to be told.
fn somebody_speaks_https(settled: &Settled, overrides: &Overrides) -> Option<ConfigError> {
    let source = &settled.effective("server.issuer")?.source;
    let https = !issuer::is_plain_http(settled.text("server.issuer")?);
    let speaks = settled.is("server.tls_terminated_by_proxy")? || !settled.is_absent(CERTIFICATE);
    (https && !overrides.dev && !speaks).then(|| {
        Problem::new(
            "it is https, but Doorward listens with plain http",
            "set server.tls.certificate and server.tls.key, or put a proxy that terminates TLS in front, and set \
             server.tls_terminated_by_proxy = true",
        )
        .of("server.issuer", source)
    })
}

const CERTIFICATE: &str = "server.tls.certificate";
const CERTIFICATES_KEY: &str = "server.tls.key";

fn a_certificate_has_its_key(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let alone = |one, other| {
        let source = &settled.effective(one)?.source;
        let problem = Problem::new(format!("{other} is not set"), "set both, or neither");
        settled.is_absent(other).then(|| problem.of(one, source))
    };
    alone(CERTIFICATE, CERTIFICATES_KEY).or_else(|| alone(CERTIFICATES_KEY, CERTIFICATE))
}

/// Clients would look for plain http where https is spoken.
fn a_certificate_is_for_https(settled: &Settled, overrides: &Overrides) -> Option<ConfigError> {
    let source = &settled.effective(CERTIFICATE)?.source;
    (issuer::is_plain_http(settled.text("server.issuer")?) && !overrides.dev).then(|| {
        Problem::new(
            "with it https is spoken, but server.issuer is http",
            "write an issuer with https, or leave it out",
        )
        .of(CERTIFICATE, source)
    })
}

/// A trial has plain http, and a secret that is shown on the screen.
fn trying_out_stays_on_this_machine(settled: &Settled, overrides: &Overrides) -> Option<ConfigError> {
    let ip = settled.address("server.listen")??.ip().to_canonical();
    (overrides.dev && !ip.is_loopback()).then(|| {
        Problem::new(
            format!("others could reach {ip}, and --dev is for trying out on this machine only"),
            "write a loopback address, such as 127.0.0.1:8080, or leave out --dev",
        )
        .of("server.listen", source(settled, "server.listen"))
    })
}

fn the_signing_algorithm_has_a_key(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let algorithm = settled.text("tokens.signing_algorithm")?;
    let algorithms = settled.words("keys.algorithms")?;
    (!algorithms.iter().any(|kept| kept == algorithm)).then(|| {
        Problem::new(
            format!("no key is kept for {algorithm}"),
            format!("write one of {}, or add it to keys.algorithms", algorithms.join(", ")),
        )
        .of("tokens.signing_algorithm", source(settled, "tokens.signing_algorithm"))
    })
}

/// Until a new key stands in the database, and every node has heard of it, some seconds may pass; whoever has just read the
/// key set before keeps it from then on.
const PUBLISHED_EVERYWHERE: Lifetime = Lifetime::seconds(10);

fn keys_are_published_until_they_are_seen(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let (key, other) = ("keys.publish_before_use", "tokens.jwks_max_age");
    let (value, kept) = (settled.lifetime(key)?, settled.lifetime(other)?);
    let least = Lifetime(kept.0 + PUBLISHED_EVERYWHERE.0);
    (value < least).then(|| {
        let [value, kept, least] = [value, kept, least].map(show_lifetime);
        Problem::new(
            format!("{value} is less than {other} ({kept}) and 10 s, so an API may not know a key that signs already"),
            format!("write at least {least}"),
        )
        .of(key, source(settled, key))
    })
}

fn keys_outlive_the_access_tokens_they_signed(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    at_least(
        settled,
        "keys.retire_after",
        "tokens.access_token_lifetime",
        "a token may outlive the key that verifies it",
    )
}

fn keys_outlive_the_id_tokens_they_signed(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    at_least(
        settled,
        "keys.retire_after",
        "tokens.id_token_lifetime",
        "a token may outlive the key that verifies it",
    )
}

fn keys_sign_before_they_are_rotated(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    at_least(
        settled,
        "keys.rotate_after",
        "keys.publish_before_use",
        "a key may be followed by the next before it signs",
    )
}

fn refresh_tokens_may_idle_out(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    at_least(
        settled,
        "tokens.refresh_absolute",
        "tokens.refresh_idle",
        "a refresh token would end before it is idle for long enough",
    )
}

fn sessions_may_idle_out(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    at_least(
        settled,
        "sessions.absolute",
        "sessions.idle",
        "a session would end before it is idle for long enough",
    )
}

fn at_least(settled: &Settled, key: &str, other: &str, why: &str) -> Option<ConfigError> {
    let (value, least) = (settled.lifetime(key)?, settled.lifetime(other)?);
    (value < least).then(|| {
        Problem::new(
            format!("{} is less than {other} ({}), so {why}", show_lifetime(value), show_lifetime(least)),
            format!("write at least {}", show_lifetime(least)),
        )
        .of(key, source(settled, key))
    })
}

fn metrics_have_an_address_of_their_own(settled: &Settled, _: &Overrides) -> Option<ConfigError> {
    let metrics = settled.address("metrics.listen")??;
    // Port 0 is another port each time.
    let same = metrics.port() != 0 && settled.address("server.listen")?? == metrics;
    let taken = settled.is("metrics.enabled")? && same;
    taken.then(|| {
        Problem::new(format!("{metrics} is server.listen, too"), "write another port, or \"\" for none")
            .of("metrics.listen", source(settled, "metrics.listen"))
    })
}

fn source<'a>(settled: &'a Settled, key: &str) -> &'a Source {
    settled.effective(key).map_or(&Source::Default, |effective| &effective.source)
}
