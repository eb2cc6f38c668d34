//! The parameters of a database URL: one line each in `PARAMETERS`, and what they mean. Names and meanings are libpq's
//! where libpq has them.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::error::ConfigError;
use super::host::{Host, PORT};
use super::{Config, Roots, SslMode, Target, url};

/// Writes one parameter's value into the configuration, or says what it must be.
type Setter = fn(&mut Config, &str) -> Result<(), Refusal>;

/// Every parameter but `host` and `port`, which belong together.
const PARAMETERS: &[(&str, Setter)] = &[
    ("user", |config, value| once(&mut config.user, value)),
    ("password", |config, value| once(&mut config.password, value)),
    ("dbname", |config, value| once(&mut config.dbname, value)),
    ("sslmode", ssl_mode),
    ("sslrootcert", ssl_root_cert),
    ("connect_timeout", |config, value| set(&mut config.connect_timeout, seconds(value).map(Some))),
    ("target_session_attrs", target),
    ("application_name", |config, value| once(&mut config.application_name, value)),
    ("options", |config, value| once(&mut config.options, value)),
    ("keepalives", |config, value| set(&mut config.keep_alive.on, zero_or_one(value))),
    ("keepalives_idle", |config, value| set(&mut config.keep_alive.idle, seconds(value))),
    ("keepalives_interval", |config, value| set(&mut config.keep_alive.interval, seconds(value))),
    ("keepalives_count", |config, value| {
        set(&mut config.keep_alive.count, whole(value, &(1..=100), "a number from 1 to 100"))
    }),
    ("tcp_user_timeout", |config, value| set(&mut config.keep_alive.user_timeout, milliseconds(value))),
    ("prepared_statements", |config, value| set(&mut config.prepared_statements, truth(value))),
    ("statement_cache_capacity", |config, value| set(&mut config.statement_cache_capacity, capacity(value))),
];

/// Why a value is refused; the parameter's name is added where it is known.
enum Refusal {
    MustBe(&'static str),
    Twice,
    Whole(ConfigError),
}

/// Writes all parameters into the configuration and checks what only shows when all are known.
pub(super) fn apply(config: &mut Config, pairs: &[(String, String)]) -> Result<(), ConfigError> {
    let secret = pairs.iter().any(|(name, _)| name == "password");
    apply_each(config, pairs).map_err(|error| if secret { without_names(error) } else { error })?;
    let named = |name: &str| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    hosts(config, named("host"), named("port"))?;
    let tls = config.ssl_mode.is_some_and(|mode| mode != SslMode::Disable);
    let unix = config.hosts.iter().any(|host| matches!(host, Host::Unix { .. }));
    let anybody = config.ssl_mode == Some(SslMode::VerifyCa) && *config.roots() == Roots::System;
    match (tls && unix, anybody) {
        (true, _) => Err(ConfigError::TlsOnUnixSocket),
        (_, true) => Err(ConfigError::AnyNameOfAnyAuthority),
        _ => Ok(()),
    }
}

fn apply_each(config: &mut Config, pairs: &[(String, String)]) -> Result<(), ConfigError> {
    for (place, (name, value)) in pairs.iter().enumerate() {
        if pairs[..place].iter().any(|(earlier, _)| earlier == name) {
            return Err(ConfigError::Twice(name.clone()));
        }
        if !matches!(name.as_str(), "host" | "port") {
            apply_one(config, name, value)?;
        }
    }
    Ok(())
}

/// What looks like a parameter may be what follows an `&` in a password that was not encoded.
fn without_names(error: ConfigError) -> ConfigError {
    match error {
        ConfigError::UnknownParameter(_) => ConfigError::UnknownBesidePassword,
        ConfigError::Twice(name) if !PARAMETERS.iter().any(|(known, _)| *known == name) => {
            ConfigError::UnknownBesidePassword
        }
        other => other,
    }
}

fn apply_one(config: &mut Config, name: &str, value: &str) -> Result<(), ConfigError> {
    let Some((_, setter)) = PARAMETERS.iter().find(|(known, _)| *known == name) else {
        return Err(ConfigError::UnknownParameter(name.to_owned()));
    };
    setter(config, value).map_err(|refusal| match refusal {
        Refusal::MustBe(expected) => ConfigError::Value { name: name.to_owned(), expected },
        Refusal::Twice => ConfigError::Twice(name.to_owned()),
        Refusal::Whole(error) => error,
    })
}

/// Hosts stand before the path or in the parameter, not in both. One port goes for all hosts, several one for each.
fn hosts(config: &mut Config, names: Option<&str>, ports: Option<&str>) -> Result<(), ConfigError> {
    let Some(names) = names else { return plain_port(config, ports) };
    if !config.hosts.is_empty() {
        return Err(ConfigError::Twice("host".to_owned()));
    }
    let names: Vec<&str> = names.split(',').collect();
    let ports: Vec<u16> = ports.map_or(Ok(vec![PORT]), |ports| ports.split(',').map(url::port).collect())?;
    if names.iter().any(|name| name.is_empty()) || ![1, names.len()].contains(&ports.len()) {
        return Err(ConfigError::Part {
            part: "list of hosts",
            problem: "has an empty entry, or does not fit the ports",
        });
    }
    let ports = ports.iter().cycle();
    config.hosts = names.iter().zip(ports).map(|(name, port)| Host::new((*name).to_owned(), *port)).collect();
    Ok(())
}

/// Hosts that stand before the path bring their ports along.
fn plain_port(config: &Config, ports: Option<&str>) -> Result<(), ConfigError> {
    match ports {
        _ if config.hosts.is_empty() => Err(ConfigError::Missing("host")),
        Some(_) => Err(ConfigError::Twice("port".to_owned())),
        None => Ok(()),
    }
}

/// Refuses what the URL has already said in another place.
fn once(place: &mut Option<String>, value: &str) -> Result<(), Refusal> {
    if place.is_some() {
        return Err(Refusal::Twice);
    }
    *place = Some(value.to_owned()).filter(|value| !value.is_empty());
    Ok(())
}

fn set<T>(place: &mut T, value: Result<T, Refusal>) -> Result<(), Refusal> {
    *place = value?;
    Ok(())
}

fn ssl_mode(config: &mut Config, value: &str) -> Result<(), Refusal> {
    config.ssl_mode = Some(match value {
        "disable" => SslMode::Disable,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        "allow" | "prefer" | "require" => return Err(Refusal::Whole(ConfigError::WeakSslMode)),
        _ => return Err(Refusal::MustBe("verify-full, verify-ca or disable")),
    });
    Ok(())
}

fn ssl_root_cert(config: &mut Config, value: &str) -> Result<(), Refusal> {
    config.roots = Some(match value {
        "" => return Err(Refusal::MustBe("a PEM file or `system`")),
        "system" => Roots::System,
        file => Roots::File(PathBuf::from(file)),
    });
    Ok(())
}

fn target(config: &mut Config, value: &str) -> Result<(), Refusal> {
    config.target = Some(match value {
        "any" => Target::Any,
        "read-write" => Target::ReadWrite,
        _ => return Err(Refusal::MustBe("any or read-write")),
    });
    Ok(())
}

fn whole<T>(value: &str, bounds: &RangeInclusive<T>, expected: &'static str) -> Result<T, Refusal>
where
    T: std::str::FromStr + PartialOrd,
{
    let number = value.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or(Refusal::MustBe(expected))
}

fn seconds(value: &str) -> Result<Duration, Refusal> {
    whole(value, &(1..=3600), "a number of seconds from 1 to 3600").map(Duration::from_secs)
}

fn milliseconds(value: &str) -> Result<Duration, Refusal> {
    whole(value, &(0..=3_600_000), "a number of milliseconds from 0 to 3600000").map(Duration::from_millis)
}

fn capacity(value: &str) -> Result<usize, Refusal> {
    whole(value, &(0..=65_536), "a number from 0 to 65536")
}

fn zero_or_one(value: &str) -> Result<bool, Refusal> {
    match value {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(Refusal::MustBe("0 or 1")),
    }
}

fn truth(value: &str) -> Result<bool, Refusal> {
    match value {
        "false" => Ok(false),
        "true" => Ok(true),
        _ => Err(Refusal::MustBe("true or false")),
    }
}
