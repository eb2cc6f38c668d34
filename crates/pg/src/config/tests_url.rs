//! Every parameter that is taken, every URL that is refused, and that no secret shows in either.

use std::path::PathBuf;
use std::time::Duration;

use super::super::error::ConfigError;
use super::super::host::Host;
use super::super::{Config, KeepAlive, Roots, SslMode, Target};

fn read(url: &str) -> Config {
    url.parse().unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refusal(url: &str) -> ConfigError {
    url.parse::<Config>().map_or_else(|error| error, |config| panic!("{url} is {config}"))
}

fn tcp(name: &str, port: u16) -> Host {
    Host::Tcp { name: name.to_owned(), port }
}

fn unix(folder: &str, port: u16) -> Host {
    Host::Unix { folder: PathBuf::from(folder), port }
}

#[test]
fn the_parts_of_a_url_are_found_and_decoded() {
    let config = read("postgresql://a%40b:p%3A%2F%25s@db.example:6543/my%2Fdb");
    assert_eq!(config.hosts, [tcp("db.example", 6543)]);
    assert_eq!(config.user.as_deref(), Some("a@b"));
    assert_eq!(config.password.as_deref(), Some("p:/%s"));
    assert_eq!(config.dbname.as_deref(), Some("my/db"));
}

#[test]
fn parts_may_be_left_out() {
    let config = read("postgres://db");
    assert_eq!((config.user, config.password, config.dbname), (None, None, None));
    let config = read("postgres://u:@db/?connect_timeout=2");
    assert_eq!((config.user.as_deref(), config.password, config.dbname), (Some("u"), None, None));
    assert_eq!(read("postgres://u:a:b@db").password.as_deref(), Some("a:b"));
    assert_eq!(read("postgres://u:a+b#c@db").password.as_deref(), Some("a+b#c"));
}

#[test]
fn several_hosts_are_tried_in_their_order() {
    let config = read("postgres://db1,db2:5433,[::1]:5434,[fe80::1]/x");
    assert_eq!(config.hosts, [tcp("db1", 5432), tcp("db2", 5433), tcp("::1", 5434), tcp("fe80::1", 5432)]);
}

#[test]
fn unix_sockets_are_paths() {
    assert_eq!(read("postgres:///x?host=/var/run/postgresql").hosts, [unix("/var/run/postgresql", 5432)]);
    assert_eq!(read("postgres://u@%2Ftmp%2Fsocket:5433/x").hosts, [unix("/tmp/socket", 5433)]);
    let config = read("postgres:///x?host=/a,db&port=1,2");
    assert_eq!(config.hosts, [unix("/a", 1), tcp("db", 2)]);
    assert_eq!(read("postgres:///x?host=a,b&port=7").hosts, [tcp("a", 7), tcp("b", 7)]);
}

#[test]
fn every_parameter_is_taken() {
    let config = read(
        "postgres:///?host=h&port=1&user=u&password=p&dbname=d&sslmode=verify-ca&sslrootcert=/ca.pem&connect_timeout=7\
         &target_session_attrs=read-write&application_name=a%20b&options=-c%20x%3Dy&keepalives=0&keepalives_idle=1\
         &keepalives_interval=2&keepalives_count=3&tcp_user_timeout=4&prepared_statements=false\
         &statement_cache_capacity=5",
    );
    assert_eq!(config.hosts, [tcp("h", 1)]);
    assert_eq!((config.user.as_deref(), config.password.as_deref()), (Some("u"), Some("p")));
    assert_eq!(config.dbname.as_deref(), Some("d"));
    assert_eq!(config.ssl_mode, Some(SslMode::VerifyCa));
    assert_eq!(*config.roots(), Roots::File(PathBuf::from("/ca.pem")));
    assert_eq!(config.connect_timeout, Some(Duration::from_secs(7)));
    assert_eq!(config.target, Some(Target::ReadWrite));
    assert_eq!(config.application_name.as_deref(), Some("a b"));
    assert_eq!(config.options.as_deref(), Some("-c x=y"));
    let keep_alive = KeepAlive {
        on: false,
        idle: Duration::from_secs(1),
        interval: Duration::from_secs(2),
        count: 3,
        user_timeout: Duration::from_millis(4),
    };
    assert_eq!(config.keep_alive, keep_alive);
    assert_eq!((config.prepared_statements, config.statement_cache_capacity), (false, 5));
    assert_eq!(*read("postgres://h?sslrootcert=system").roots(), Roots::System);
    assert_eq!(*read("postgres://h").roots(), Roots::System);
}

#[test]
fn tls_is_left_out_only_where_no_network_lies_between() {
    let mode = |url: &str| {
        let config = read(url);
        config.hosts.iter().map(|host| config.ssl_mode(host)).collect::<Vec<_>>()
    };
    use SslMode::{Disable, VerifyCa, VerifyFull};
    assert_eq!(mode("postgres://localhost,LocalHost,127.0.0.1,127.9.8.7,[::1],%2Ftmp"), [Disable; 6]);
    assert_eq!(mode("postgres://db,10.0.0.1,[::2],localhost.example,[::ffff:127.0.0.1]"), [VerifyFull; 5]);
    assert_eq!(mode("postgres://db?sslmode=disable"), [Disable]);
    assert_eq!(mode("postgres://localhost,db?sslmode=verify-ca&sslrootcert=/ca.pem"), [VerifyCa; 2]);
    assert_eq!(mode("postgres://localhost?sslrootcert=system"), [VerifyFull]);
    assert_eq!(mode("postgres://localhost,%2Ftmp?sslrootcert=/ca.pem"), [VerifyFull, Disable]);
}

#[test]
fn who_names_several_hosts_means_the_one_that_takes_writes() {
    assert_eq!(read("postgres://a").target(), Target::Any);
    assert_eq!(read("postgres://a,b").target(), Target::ReadWrite);
    assert_eq!(read("postgres://a,b?target_session_attrs=any").target(), Target::Any);
}

#[test]
fn the_urls_name_of_the_application_goes_before_the_default() {
    let named = |url: &str| read(url).default_application_name("doorward").application_name;
    assert_eq!(named("postgres://a").as_deref(), Some("doorward"));
    assert_eq!(named("postgres://a?application_name=mine").as_deref(), Some("mine"));
    assert_eq!(read("postgres://a").application_name, None);
}

#[test]
fn modes_that_do_not_protect_are_refused_with_the_reason() {
    for mode in ["allow", "prefer", "require"] {
        let refusal = refusal(&format!("postgres://db?sslmode={mode}"));
        assert_eq!(refusal, ConfigError::WeakSslMode);
        assert!(refusal.to_string().contains("use verify-full"));
    }
    for anybody in ["postgres://db?sslmode=verify-ca", "postgres://db?sslmode=verify-ca&sslrootcert=system"] {
        assert_eq!(refusal(anybody), ConfigError::AnyNameOfAnyAuthority);
    }
    assert_eq!(refusal("postgres:///x?host=/tmp&sslmode=verify-full"), ConfigError::TlsOnUnixSocket);
    assert_eq!(refusal("postgres://db,%2Ftmp?sslmode=verify-ca"), ConfigError::TlsOnUnixSocket);
    assert_eq!(read("postgres:///x?host=/tmp&sslmode=disable").ssl_mode, Some(SslMode::Disable));
}

#[test]
fn what_is_no_database_url_is_refused() {
    let texts: Vec<String> = [
        "mysql://db",
        "postgres:db",
        "",
        "postgres://",
        "postgres:///db?port=1",
        "postgres://a,,b/db",
        "postgres://a:0",
        "postgres://a:x",
        "postgres://a:65536",
        "postgres://a:",
        "postgres://[::1",
        "postgres://[::1]x",
        "postgres://[db]",
        "postgres://a/b/c",
        "postgres://%ff",
        "postgres://u%00@a",
        "postgres:///?host=a,&port=1",
        "postgres:///?host=a,b,c&port=1,2",
        "postgres://a?sslmode",
    ]
    .map(|url| refusal(url).to_string())
    .into();
    assert!(texts.iter().all(|text| text.contains("database URL")), "{texts:#?}");
}

#[test]
fn values_out_of_bounds_are_refused_by_name() {
    for (name, values) in [
        ("sslmode", &["", "full"][..]),
        ("sslrootcert", &[""]),
        ("connect_timeout", &["0", "-1", "1.5", "3601", "x"]),
        ("target_session_attrs", &["primary", "read-only"]),
        ("keepalives", &["2", "true"]),
        ("keepalives_idle", &["0"]),
        ("keepalives_interval", &["0"]),
        ("keepalives_count", &["0", "101"]),
        ("tcp_user_timeout", &["-1", "3600001"]),
        ("prepared_statements", &["1", "no"]),
        ("statement_cache_capacity", &["-1", "65537"]),
    ] {
        for value in values {
            let refusal = refusal(&format!("postgres://a?{name}={value}"));
            assert!(
                matches!(&refusal, ConfigError::Value { name: named, .. } if named == name),
                "{name}={value}: {refusal}"
            );
        }
    }
}

#[test]
fn what_is_said_twice_is_refused() {
    for url in [
        "postgres://a?sslmode=disable&sslmode=verify-full",
        "postgres://u@a?user=v",
        "postgres://u:p@a?password=q",
        "postgres://a/x?dbname=y",
        "postgres://a?host=b",
        "postgres://a?port=2",
        "postgres:///?host=b&host=c",
    ] {
        assert!(matches!(refusal(url), ConfigError::Twice(_)), "{url}");
    }
}

#[test]
fn unknown_parameters_are_refused_by_name_and_without_their_value() {
    for name in ["sslcert", "channel_binding", "passfile", "SSLMODE", "gssencmode"] {
        let refusal = refusal(&format!("postgres://a?{name}=s3cret"));
        assert_eq!(refusal, ConfigError::UnknownParameter(name.to_owned()));
        assert!(refusal.to_string().ends_with(name));
    }
}

/// A password that was not encoded is cut wrongly; no piece of it may come out.
#[test]
fn no_refusal_shows_a_piece_of_a_password() {
    for url in [
        "postgres://u:s3cret@s3cret@db/x",
        "postgres://u:s3cret/s3cret@db/x",
        "postgres://u:12/s3cret@db/x",
        "postgres://u:12?s3cret@db/x",
        "postgres://u:12?s3cret=s3cret@db/x",
        "postgres://u:s3cret%ff@db",
        "postgres://s3cret:s3cret",
        "postgres://s3cret",
        "mysql://u:s3cret@db",
        "postgres://u:s3cret@db?sslmode=s3cret",
        "postgres://u:s3cret@db?connect_timeout=s3cret",
        "postgres://u:s3cret@db:s3cret",
        "postgres://u:s3cret@[s3cret]",
        "postgres://u:s3cret@db?password=s3cret",
    ] {
        let Err(refusal) = url.parse::<Config>() else { continue };
        assert!(!format!("{refusal} {refusal:?}").contains("s3cret"), "{url}: {refusal}");
    }
    assert_eq!(refusal("postgres://u:12/s3cret@db/x"), ConfigError::StrayAt);
}

#[test]
fn a_configuration_shows_where_it_leads_and_no_secret() {
    for (url, shown) in [
        (
            "postgresql://u%40v:s3cret@h:5432,[::1]:7,h2:8/d%2Fe?connect_timeout=3",
            "postgres://u%40v@h,[::1]:7,h2:8/d%2Fe",
        ),
        ("postgres:///?host=/var/run&password=s3cret&port=2", "postgres://%2Fvar%2Frun:2"),
        ("postgres://h?options=-c%20a.b=s3cret", "postgres://h"),
    ] {
        let config = read(url);
        assert_eq!(config.to_string(), shown);
        assert_eq!(format!("{config:?}"), format!("Config({shown})"));
    }
}

/// `password=12&s3cret` was one password, until somebody forgot to encode it.
#[test]
fn what_may_be_a_piece_of_a_password_is_not_repeated() {
    for cut in ["password=12&s3cret=x", "s3cret=x&password=12", "password=12&s3cret=x&s3cret=y"] {
        let refusal = refusal(&format!("postgres://db?{cut}"));
        assert_eq!(refusal, ConfigError::UnknownBesidePassword, "{cut}");
        assert!(!refusal.to_string().contains("s3cret"));
    }
    assert_eq!(refusal("postgres://db?password=a&user=b&user=c"), ConfigError::Twice("user".to_owned()));
    assert_eq!(refusal("postgres://db?unheard=x"), ConfigError::UnknownParameter("unheard".to_owned()));
}
