//! Writes `docs/conformance.md` from the clauses that tests name, and holds the file to it. With `DOORWARD_BLESS=1` the
//! file is rewritten instead.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::clauses::{Proof, proofs};

/// The house's own samples are not proofs of anything.
const SAMPLES: &str = "crates/testkit/tests/house/";

const HEAD: &str = "\
# Conformance

Which test proves which clause. Collected from the first line of each test's documentation by `crates/testkit/tests/house`;
do not edit by hand: change the test, then run `just bless`.
";

/// Titles for those who do not know the numbers by heart.
const TITLES: &[(&str, &str)] = &[
    ("RFC 2104", "HMAC: Keyed-Hashing for Message Authentication"),
    ("RFC 3339", "Date and Time on the Internet: Timestamps"),
    ("RFC 3986", "Uniform Resource Identifier (URI): Generic Syntax"),
    ("RFC 4291", "IP Version 6 Addressing Architecture"),
    ("RFC 5869", "HMAC-based Key Derivation Function (HKDF)"),
    ("RFC 5929", "Channel Bindings for TLS"),
    ("RFC 5958", "Asymmetric Key Packages"),
    ("RFC 6585", "Additional HTTP Status Codes"),
    ("RFC 6749", "The OAuth 2.0 Authorization Framework"),
    ("RFC 6750", "Bearer Token Usage"),
    ("RFC 6901", "JavaScript Object Notation (JSON) Pointer"),
    ("RFC 7009", "Token Revocation"),
    ("RFC 7515", "JSON Web Signature (JWS)"),
    ("RFC 7517", "JSON Web Key (JWK)"),
    ("RFC 7518", "JSON Web Algorithms (JWA)"),
    ("RFC 7519", "JSON Web Token (JWT)"),
    ("RFC 7591", "Dynamic Client Registration"),
    ("RFC 7617", "The 'Basic' HTTP Authentication Scheme"),
    ("RFC 7636", "Proof Key for Code Exchange"),
    ("RFC 7638", "JSON Web Key (JWK) Thumbprint"),
    ("RFC 7662", "Token Introspection"),
    ("RFC 8037", "CFRG Elliptic Curve (Ed25519) in JOSE"),
    ("RFC 8176", "Authentication Method Reference Values"),
    ("RFC 8252", "OAuth 2.0 for Native Apps"),
    ("RFC 8259", "The JavaScript Object Notation (JSON) Data Interchange Format"),
    ("RFC 8414", "Authorization Server Metadata"),
    ("RFC 8693", "OAuth 2.0 Token Exchange"),
    ("RFC 8707", "Resource Indicators"),
    ("RFC 8725", "JSON Web Token Best Current Practices"),
    ("RFC 9068", "JWT Profile for OAuth 2.0 Access Tokens"),
    ("RFC 9106", "Argon2 Memory-Hard Function"),
    ("RFC 9110", "HTTP Semantics"),
    ("RFC 9111", "HTTP Caching"),
    ("RFC 9112", "HTTP/1.1"),
    ("RFC 9113", "HTTP/2"),
    ("RFC 9207", "OAuth 2.0 Authorization Server Issuer Identification"),
    ("RFC 9457", "Problem Details for HTTP APIs"),
    ("RFC 9700", "Best Current Practice for OAuth 2.0 Security"),
];

/// The whole file for these proofs.
fn render(mut proofs: Vec<Proof>) -> String {
    proofs.sort_by(|a, b| by_number(&a.clause, &b.clause).then_with(|| rest(a).cmp(&rest(b))));
    let mut documents = BTreeMap::<_, Vec<_>>::new();
    for proof in &proofs {
        documents.entry(&proof.document).or_default().push(proof);
    }
    let mut text = HEAD.to_owned();
    for (document, proofs) in documents {
        let title = TITLES.iter().find(|(known, _)| known == document).map_or("", |(_, title)| title);
        let heading = format!("## {document} {title}");
        let _ = write!(text, "\n{}\n\n| clause | what holds | test |\n|---|---|---|\n", heading.trim_end());
        for proof in proofs {
            text.push_str(&row(proof));
        }
    }
    text
}

fn row(proof: &Proof) -> String {
    let Proof { clause, sentence, path, test, .. } = proof;
    let sentence = sentence.replace('|', "\\|");
    format!("| §{clause} | {sentence} | [`{}::{test}`](../{path}) |\n", module(path))
}

/// `crates/core/src/client/redirect.rs` → `core/client/redirect`.
fn module(path: &str) -> String {
    let inside = path.strip_prefix("crates/").unwrap_or(path);
    let inside = inside.trim_end_matches(".rs").trim_end_matches("/mod");
    inside.replacen("/src/", "/", 1)
}

fn rest(proof: &Proof) -> (&str, &str, &str) {
    (&proof.sentence, &proof.path, &proof.test)
}

/// §4.10 comes after §4.9, a range where it begins, and an appendix after the numbers.
fn by_number(a: &str, b: &str) -> Ordering {
    let key = |clause: &str| -> Vec<(u32, String)> {
        clause.split(['.', '–']).map(|part| (part.parse().unwrap_or(u32::MAX), part.to_owned())).collect()
    };
    key(a).cmp(&key(b))
}

/// The first line in which the file on disk is not what the tests say.
fn difference(on_disk: &str, generated: &str) -> Option<String> {
    if on_disk == generated {
        return None;
    }
    let mut lines = on_disk.lines().map(Some).chain(std::iter::repeat(None)).zip(generated.lines());
    let first = lines.find(|(old, new)| *old != Some(*new)).map_or("(too long)", |(_, new)| new);
    Some(format!(
        "docs/conformance.md is not what the tests say; run `just bless`. First difference: {first}"
    ))
}

/// Every proof of the workspace's tests, and the tests that fail to name their clause.
fn collected() -> (Vec<Proof>, Vec<String>) {
    let (mut found, mut breaches) = (Vec::new(), Vec::new());
    for file in crate::tree::rust_files().iter().filter(|file| !file.path.starts_with(SAMPLES)) {
        let (more, wrong) = proofs(file);
        found.extend(more);
        breaches.extend(wrong);
    }
    (found, breaches)
}

#[test]
fn a_test_that_cites_a_document_names_the_clause() {
    crate::hold(&collected().1);
}

#[test]
fn the_conformance_table_is_what_the_tests_say() {
    let generated = render(collected().0);
    let path = crate::tree::root().join("docs/conformance.md");
    if std::env::var_os("DOORWARD_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &generated).expect("docs/ is writable when blessing");
    }
    let on_disk = fs::read_to_string(&path).unwrap_or_default();
    crate::hold(&difference(&on_disk, &generated).into_iter().collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::{HEAD, difference, render};
    use crate::clauses::Proof;

    fn proof(document: &str, clause: &str) -> Proof {
        let [sentence, path, test] = ["a | b", "crates/core/src/token/mod.rs", "holds"].map(str::to_owned);
        Proof { document: document.to_owned(), clause: clause.to_owned(), sentence, path, test }
    }

    #[test]
    fn clauses_stand_in_the_order_of_their_document() {
        let text = render(["5.2", "A", "4.10", "4.9–5.1"].map(|clause| proof("RFC 6749", clause)).into());
        let rows: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("| §")?.split_once(' ')).collect();
        assert_eq!(
            rows.iter().map(|(clause, _)| *clause).collect::<Vec<_>>(),
            ["4.9–5.1", "4.10", "5.2", "A"]
        );
    }

    #[test]
    fn a_row_shows_sentence_and_test() {
        let expected = "\n## RFC 9\n\n| clause | what holds | test |\n|---|---|---|\n\
             | §1 | a \\| b | [`core/token::holds`](../crates/core/src/token/mod.rs) |\n";
        assert_eq!(render(vec![proof("RFC 9", "1")]), format!("{HEAD}{expected}"));
    }

    #[test]
    fn a_stale_table_is_a_breach() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert!(difference("a\nb\n", "a\nc\n").is_some_and(|text| text.ends_with(": c")));
        assert!(difference("", "a\n").is_some_and(|text| text.ends_with(": a")));
        assert!(difference("a\nb\n", "a\n").is_some());
    }
}
