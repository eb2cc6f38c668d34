//! Which clause a test proves: read from the first paragraph of its documentation,
//! `/// RFC 6749 §5.2: a wrong secret is answered by invalid_client.` Knows Rust only by its lines; writes nothing.

use crate::tree::File;

/// A test that says which clause it proves.
#[derive(Debug, PartialEq)]
pub(crate) struct Proof {
    pub(crate) document: String,
    pub(crate) clause: String,
    pub(crate) sentence: String,
    pub(crate) path: String,
    pub(crate) test: String,
}

/// Documents that are cited by clause even where their name carries no number.
const DOCUMENTS: &[&str] = &["OAuth 2.1", "OpenID Connect"];

/// The proofs a file holds, and the tests that speak of a document without naming the clause.
pub(crate) fn proofs(file: &File) -> (Vec<Proof>, Vec<String>) {
    let (mut proofs, mut breaches) = (Vec::new(), Vec::new());
    for (test, paragraph) in tests(&file.text) {
        match citations(&paragraph) {
            Some((clauses, sentence)) => proofs.extend(clauses.into_iter().map(|(document, clause)| Proof {
                document,
                clause,
                sentence: sentence.clone(),
                path: file.path.clone(),
                test: test.clone(),
            })),
            None if cites(&paragraph) => {
                breaches
                    .push(format!("{}: `{test}` cites a document without `§clause: sentence`", file.path));
            }
            None => {}
        }
    }
    (proofs, breaches)
}

/// Every test function with the first paragraph of its documentation.
fn tests(text: &str) -> Vec<(String, String)> {
    let (mut found, mut docs, mut is_test, mut open) = (Vec::new(), Vec::new(), false, 0_i32);
    for line in text.lines().map(str::trim) {
        if open > 0 || line.starts_with("#[") {
            is_test |= open == 0 && is_test_attribute(line);
            open += depth(line);
        } else if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.trim());
        } else if let (true, Some(name)) = (is_test, function_name(line)) {
            found.push((name, docs.split(|doc| doc.is_empty()).next().unwrap_or_default().join(" ")));
            (docs, is_test) = (Vec::new(), false);
        } else if !line.starts_with("//") {
            (docs, is_test) = (Vec::new(), false);
        }
    }
    found
}

/// `#[test]`, `#[tokio::test(…)]`, `#[actix_web::test]`.
fn is_test_attribute(line: &str) -> bool {
    let path = line[2..].split(['(', ']']).next().unwrap_or_default();
    path.rsplit("::").next() == Some("test")
}

fn depth(line: &str) -> i32 {
    line.chars().map(|c| i32::from(c == '[') - i32::from(c == ']')).sum()
}

fn function_name(line: &str) -> Option<String> {
    let declaration = line.strip_prefix("pub ").unwrap_or(line);
    let declaration = declaration.strip_prefix("async ").unwrap_or(declaration);
    let name = declaration.strip_prefix("fn ")?.split(['(', '<']).next()?;
    Some(name.trim().to_owned())
}

/// `RFC 6749 §2.3.1, §5.2 and RFC 7617 §2: sentence` → the three clauses and the sentence.
fn citations(paragraph: &str) -> Option<(Vec<(String, String)>, String)> {
    let (head, sentence) = paragraph.split_once(": ")?;
    let mut clauses: Vec<(String, String)> = Vec::new();
    for piece in head.split(", ").flat_map(|piece| piece.split(" and ")) {
        let (document, clause) = citation(piece)?;
        let document = if document.is_empty() { clauses.last()?.0.clone() } else { document.to_owned() };
        if !is_document(&document) || !is_clause(clause) {
            return None;
        }
        clauses.push((document, clause.replace('§', "")));
    }
    Some((clauses, sentence.to_owned()))
}

/// `RFC 6749 §5.2`, `§5.2`, `RFC 7515 §4.1.2–§4.1.11` or `RFC 6749 Appendix B`; the last may carry its `§B` too.
fn citation(piece: &str) -> Option<(&str, &str)> {
    let (document, clause) = piece.split_once('§').or_else(|| piece.split_once("Appendix "))?;
    let document = document.split("Appendix ").next().unwrap_or_default();
    Some((document.trim(), clause))
}

fn is_clause(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    text.split('–').all(|end| number(end.trim_start_matches('§')))
}

fn is_document(name: &str) -> bool {
    name.strip_prefix("RFC ").is_some_and(is_number) || DOCUMENTS.iter().any(|known| name.starts_with(known))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Whether the paragraph speaks of a document at all.
fn cites(paragraph: &str) -> bool {
    let rfc = paragraph.split("RFC ").skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_digit()));
    rfc || DOCUMENTS.iter().any(|known| paragraph.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::proofs;
    use crate::tree::File;

    fn read(text: &str) -> (Vec<(String, String, String, String)>, usize) {
        let (proofs, breaches) = proofs(&File::sample("crates/web/tests/token.rs", text));
        let rows = proofs.into_iter().map(|p| (p.document, p.clause, p.sentence, p.test));
        (rows.collect(), breaches.len())
    }

    fn row(document: &str, clause: &str, sentence: &str, test: &str) -> (String, String, String, String) {
        (document.to_owned(), clause.to_owned(), sentence.to_owned(), test.to_owned())
    }

    #[test]
    fn a_test_names_the_clause_it_proves() {
        let text =
            "/// RFC 6749 §5.2: a wrong secret\n/// is refused.\n///\n/// More.\n#[test]\nfn it_is() {}";
        assert_eq!(read(text), (vec![row("RFC 6749", "5.2", "a wrong secret is refused.", "it_is")], 0));
    }

    #[test]
    fn one_test_may_prove_several_clauses() {
        let text = "/// RFC 6749 §2.3.1, §5.2 and OpenID Connect Core §9: s.\n#[test]\nfn f() {}";
        let expected = [("RFC 6749", "2.3.1"), ("RFC 6749", "5.2"), ("OpenID Connect Core", "9")]
            .map(|(d, c)| row(d, c, "s.", "f"));
        assert_eq!(read(text), (expected.to_vec(), 0));
    }

    #[test]
    fn a_range_of_clauses_is_one() {
        let text = "/// RFC 7515 §4.1.2–§4.1.11, §5: s.\n#[test]\nfn f() {}";
        let expected = [("RFC 7515", "4.1.2–4.1.11"), ("RFC 7515", "5")].map(|(d, c)| row(d, c, "s.", "f"));
        assert_eq!(read(text), (expected.to_vec(), 0));
        assert_eq!(read(&text.replace("§4.1.11", "")).1, 1);
    }

    #[test]
    fn an_appendix_is_a_clause() {
        let expected = (vec![row("RFC 6749", "B", "s.", "f")], 0);
        assert_eq!(read("/// RFC 6749 Appendix B: s.\n#[test]\nfn f() {}"), expected);
        assert_eq!(read("/// RFC 6749 Appendix B §B: s.\n#[test]\nfn f() {}"), expected);
    }

    #[test]
    fn async_tests_and_properties_count_and_other_functions_do_not() {
        let clause = "/// RFC 7636 §4.1: s.\n";
        assert_eq!(read(&format!("{clause}#[actix_web::test]\nasync fn f() {{}}")).0.len(), 1);
        assert_eq!(read(&format!("{clause}#[tokio::test(flavor = \"x\")]\nasync fn f() {{}}")).0.len(), 1);
        assert_eq!(
            read(&format!("proptest! {{\n    {clause}    #[test]\n    fn f(a in b()) {{}}\n}}")).0.len(),
            1
        );
        assert_eq!(
            read(&format!("#[test]\n{clause}#[expect(\n  x,\n  reason = \"[y]\"\n)]\nfn f() {{}}")).0.len(),
            1
        );
        assert_eq!(read(&format!("{clause}fn f() {{}}")).0.len(), 0);
        assert_eq!(read(&format!("{clause}#[inline]\nfn f() {{}}")).0.len(), 0);
        assert_eq!(read(&format!("{clause}struct S;\n#[test]\nfn f() {{}}")).0.len(), 0);
    }

    #[test]
    fn a_citation_without_a_clause_is_a_breach() {
        assert_eq!(read("/// RFC 6749: s.\n#[test]\nfn f() {}").1, 1);
        assert_eq!(read("/// As RFC 6749 says.\n#[test]\nfn f() {}").1, 1);
        assert_eq!(read("/// OpenID Connect Core: s.\n#[test]\nfn f() {}").1, 1);
        assert_eq!(read("/// RFC 6749 §: s.\n#[test]\nfn f() {}").1, 1);
        assert_eq!(read("/// A sentence: of ours.\n#[test]\nfn f() {}").1, 0);
    }
}
