//! Every path a file names, in `use` trees and in the middle of an expression alike. Knows nothing of what may be named.

use crate::tokens::{Token, is_word, shipped};

/// A path as it is written, with `use` groups spread out: `use a::{b, c}` names `a::b` and `a::c`.
#[derive(Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// All paths that a file names outside its tests.
pub(crate) fn named(text: &str) -> Vec<Named> {
    let tokens = shipped(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].text.as_str() {
            "use" => tree(&tokens, skip_root(&tokens, at + 1), &[], true, &mut found),
            "extern" if text_at(&tokens, at + 1) == "crate" => tree(&tokens, at + 2, &[], true, &mut found),
            _ if starts_a_path(&tokens, at) => tree(&tokens, at, &[], false, &mut found),
            _ => at + 1,
        };
    }
    found
}

/// Reads one path or one branch of a `use` tree; returns where it ends.
fn tree(tokens: &[Token], at: usize, prefix: &[String], in_use: bool, found: &mut Vec<Named>) -> usize {
    let Some(token) = tokens.get(at) else { return at + 1 };
    if in_use && token.text == "{" {
        return group(tokens, at + 1, prefix, found);
    }
    if !is_word(token) && token.text != "*" {
        return at + 1;
    }
    let segments = [prefix, std::slice::from_ref(&token.text)].concat();
    if text_at(tokens, at + 1) == "::" && continues(tokens, at + 2, in_use) {
        return tree(tokens, at + 2, &segments, in_use, found);
    }
    found.push(Named { segments, line: token.line });
    let renamed = in_use && text_at(tokens, at + 1) == "as";
    if renamed { at + 3 } else { at + 1 }
}

fn group(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Named>) -> usize {
    while at < tokens.len() && tokens[at].text != "}" {
        at = tree(tokens, at, prefix, true, found);
    }
    at + 1
}

fn continues(tokens: &[Token], at: usize, in_use: bool) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    is_word(token) || (in_use && matches!(token.text.as_str(), "{" | "*"))
}

/// A word before `::` that no path leads up to; in `::name` from the root, nothing leads up to it.
fn starts_a_path(tokens: &[Token], at: usize) -> bool {
    is_word(&tokens[at]) && text_at(tokens, at + 1) == "::" && !led_up_to(&tokens[..at])
}

/// Whether what stands before is `name::` or `<T as Trait>::`; the `>` of an arrow closes nothing.
fn led_up_to(before: &[Token]) -> bool {
    let [.., earlier, last, separator] = before else {
        return before.last().is_some_and(|token| token.text == "::");
    };
    let closes = last.text == ">" && earlier.text != "-";
    separator.text == "::" && (is_word(last) || closes)
}

fn skip_root(tokens: &[Token], at: usize) -> usize {
    if text_at(tokens, at) == "::" { at + 1 } else { at }
}

fn text_at(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::named;

    fn all(text: &str) -> Vec<String> {
        named(text).into_iter().map(|path| path.segments.join("::")).collect()
    }

    /// However an import is folded, each name in it is seen.
    #[test]
    fn use_trees_are_spread_out() {
        assert_eq!(
            all("use a::{b::{self, c as d}, e::*}; use ::f; use g as h;"),
            ["a::b::self", "a::b::c", "a::e::*", "f", "g"]
        );
    }

    /// A path in an expression reaches as far as an import does.
    #[test]
    fn paths_in_code_are_seen() {
        let text = "fn f(x: &crate::a::B) -> ::c::D { e::<u8>::f(x as crate::g::H); <T as i::J>::k::l() }";
        assert_eq!(all(text), ["crate::a::B", "c::D", "e", "crate::g::H", "i::J"]);
    }

    /// A word without `::` is a local name, and a test module is not shipped.
    #[test]
    fn plain_words_and_tests_are_not_paths() {
        assert_eq!(
            all("let a = b; impl X + use<'_>; #[cfg(test)] mod t { use c::d; }"),
            Vec::<String>::new()
        );
    }
}
