//! Whatever is filled into a page stays text, in every page.

use crate::pages::tests_samples::{all, answered, body};

/// What clients may be called, people may type and `state` may hold.
const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "</form><form action=https://evil.example>",
    "&lt;b&gt;&#x3c;",
    "{{ 7 * 7 }}</style><!--",
];

/// The tags and attributes of a page, apart from the values.
fn skeleton(html: &str) -> String {
    let (mut out, mut quoted, mut in_tag) = (String::new(), false, false);
    for c in html.chars() {
        match c {
            '"' if in_tag => quoted = !quoted,
            '<' if !quoted => in_tag = true,
            _ => {}
        }
        if in_tag && !quoted {
            out.push(c);
        }
        if c == '>' && !quoted {
            in_tag = false;
        }
    }
    out
}

#[test]
fn no_text_becomes_markup_on_any_page() {
    for hostile in HOSTILE {
        for ((name, plain), (_, filled)) in all("x").into_iter().zip(all(hostile)) {
            let (plain, filled) = (answered(plain), answered(filled));
            assert_eq!(skeleton(body(&plain)), skeleton(body(&filled)), "{name} {hostile}");
            assert!(!body(&filled).contains(hostile), "{name} {hostile}");
        }
    }
}

#[test]
fn a_text_is_shown_as_it_is() {
    let pages = all("<script>alert('1')</script>&amp;\"");
    let says_nothing =
        |name: &str| ["signed_out", "done", "leaked_tokens", "leaked_tokens_again"].contains(&name);
    for (name, page) in pages.into_iter().filter(|(name, _)| !says_nothing(name)) {
        let page = answered(page);
        let unescaped = body(&page).replace("&#60;", "<").replace("&#62;", ">").replace("&#39;", "'");
        let unescaped = unescaped.replace("&#34;", "\"").replace("&#38;", "&");
        assert!(unescaped.contains("<script>alert('1')</script>&amp;\""), "{name}: {unescaped}");
    }
}

#[test]
fn a_page_has_neither_script_nor_style_of_its_own() {
    for (name, page) in all("x") {
        let page = answered(page);
        let html = body(&page);
        assert_eq!(html.matches("<script").count(), usize::from(name == "form_post"), "{name}");
        let tags = skeleton(html);
        assert!(
            !tags.contains("<style") && !tags.contains(" style=") && !tags.contains(" on"),
            "{name}: {tags}"
        );
    }
}
