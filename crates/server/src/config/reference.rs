//! `docs/configuration.md`, written from the table of settings. A test compares the file with what the table says, and
//! writes it anew when `DOORWARD_BLESS=1` is set.

use super::setting::{Secrecy, Setting};
use super::settings::{SECTIONS, SETTINGS};
use crate::telemetry::metrics::{self, METRICS};

const OPENING: &str = "\
# Configuration

This page is written from the source (`crates/server/src/config/settings.rs`); a test keeps the two alike.

Doorward needs one setting, `server.issuer`, and to know who speaks https: a proxy,

```toml
[server]
issuer = \"https://id.example.com\"
tls_terminated_by_proxy = true
trusted_proxies = [\"10.0.0.5\"]
```

or Doorward itself:

```toml
[server]
issuer = \"https://id.example.com\"
listen = \"[::]:443\"
tls = { certificate = \"/etc/doorward/tls.crt\", key = \"/etc/doorward/tls.key\" }
```

**The file** is TOML. It is the one that `--config` names, else `/etc/doorward/doorward.toml`, else
`doorward/doorward.toml` in `$XDG_CONFIG_HOME` (`~/.config`): the first that exists is read, and no other.

**Everything else that can set a value**, highest first: a command-line flag; `--dev`; the environment variable
`DOORWARD__SECTION__NAME`; the file; the default. Lists are written with commas in the environment
(`DOORWARD__KEYS__ALGORITHMS=ES256,RS256`). An unknown key or variable is an error, and so is a value of the wrong kind;
all errors are reported at once, with the file and line, or the variable, that they come from.

`doorward config show` prints every value with its source, secrets masked; `doorward config check` only says whether the
configuration is sound.

**The state folder** is `$STATE_DIRECTORY` (which systemd sets for a service with `StateDirectory=`), else `doorward` in
`$XDG_STATE_HOME` (`~/.local/state`). Relative paths start at the working directory.

**Durations** are a number of seconds, or a number with one of the units `s`, `min`, `h`, `d`: `600`, `\"10 min\"`.
**Sizes** are a number of bytes, or a number with one of `KiB`, `MiB`, `GiB`: `65536`, `\"64 KiB\"`.

**`--dev`** is for trying Doorward out. It reads no standard file, and sets, above environment and file:
`server.listen` to `127.0.0.1:8080`, `server.issuer` to `http://` and the address listened on, `database.url` to
`sqlite:doorward-dev.db`, `keys.master_key_file` to `doorward-dev.key` beside the database, `metrics.listen` to nothing,
so that the one address serves `/metrics`, too, `server.trusted_proxies` to this machine, and
`limits.failed_authentications_per_minute`, `limits.sign_ins_per_account` and `limits.sign_ins_per_address` to 1000.
";

fn reference() -> String {
    let sections = SECTIONS.iter().map(|(name, opening)| {
        let settings = SETTINGS.iter().filter(|setting| setting.section() == *name).map(entry);
        let after = if *name == "metrics" { counted() } else { String::new() };
        format!("\n## [{name}]\n\n{opening}\n{}{after}", settings.collect::<String>())
    });
    OPENING.to_owned() + &sections.collect::<String>()
}

fn entry(setting: &Setting) -> String {
    let default = setting.default.description();
    let flag = setting.flag.map_or_else(String::new, |flag| format!(" · flag `{flag}`"));
    let variable = setting.variable();
    let taken = |variable: &str| SETTINGS.iter().any(|other| other.variable() == variable);
    let file = match setting.kind.secrecy() {
        Secrecy::Open => String::new(),
        _ if taken(&format!("{variable}_FILE")) => String::new(),
        _ => format!(", or `{variable}_FILE` with the path of a file that holds it"),
    };
    let environment = match setting.kind.secrecy() {
        Secrecy::Secret => "environment only, never in the file:",
        Secrecy::Open | Secrecy::MayHoldPassword => "environment",
    };
    format!(
        "\n### {}\n\n{}\n\n- Value: {}\n- Default: {default}\n- Set by: {environment} `{variable}`{file}{flag}\n",
        setting.key,
        setting.doc,
        setting.kind.form(),
    )
}

fn counted() -> String {
    let rows = METRICS.iter().map(|metric| {
        let kind = match metric.kind {
            metrics::Kind::Counter => "counter",
            metrics::Kind::Gauge => "gauge",
            metrics::Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        format!("| `{}` | {} | {} | {} |\n", metric.name, kind, labels.join(" "), metric.description)
    });
    format!(
        "\n### What is counted\n\n| name | kind | labels | meaning |\n|---|---|---|---|\n{}",
        rows.collect::<String>()
    )
}

/// The reference can be trusted because nobody writes it by hand.
#[test]
fn the_configuration_reference_says_what_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    if std::env::var_os("DOORWARD_BLESS").is_some() {
        std::fs::write(path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == reference(),
        "docs/configuration.md differs from the table of settings; DOORWARD_BLESS=1 cargo test -p doorward writes it anew"
    );
}
