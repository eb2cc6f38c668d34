//! Conditions on a change (RFC 9110 §13.1.1). Owns how a record's tag is written, and which tags a request has seen; whether the
//! record still is in such a state is asked in the transaction that changes it.

use doorward_core::manage::call::Tag;
use http::header::IF_MATCH;
use http::{HeaderMap, HeaderValue};

/// RFC 9110 §8.8.3: a strong entity tag.
pub(crate) fn etag(tag: Tag) -> HeaderValue {
    // Digits in quotes are always a header's value.
    HeaderValue::from_str(&format!("\"{:016x}\"", tag.0)).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// The states that the request has seen; `None` where any will do. RFC 9110 §13.1.1: tags are compared strongly, so that a weak
/// one, as any that we never gave, is no state that there is.
pub(crate) fn if_match(headers: &HeaderMap) -> Option<Vec<Tag>> {
    let mut lists = headers.get_all(IF_MATCH).iter().peekable();
    lists.peek()?;
    let tags: Vec<_> =
        lists.flat_map(|list| list.to_str().unwrap_or_default().split(',')).map(str::trim).collect();
    if tags.contains(&"*") {
        return None;
    }
    Some(tags.into_iter().filter_map(tag).collect())
}

/// Commas stand in none of ours.
fn tag(text: &str) -> Option<Tag> {
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    let ours = digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ours.then(|| u64::from_str_radix(digits, 16).ok().map(Tag)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(lists: &[&str]) -> Option<Vec<u64>> {
        let headers = lists.iter().map(|list| (IF_MATCH, list.parse().unwrap())).collect();
        if_match(&headers).map(|tags| tags.into_iter().map(|tag| tag.0).collect())
    }

    /// RFC 9110 §13.1.1: a list of tags, or `*`; a weak one matches nothing.
    #[test]
    fn a_condition_lists_the_states_that_will_do() {
        let ours = etag(Tag(0xab)).to_str().unwrap().to_owned();
        assert_eq!(seen(&[]), None);
        assert_eq!(seen(&["*"]), None);
        assert_eq!(seen(&[&ours]), Some(vec![0xab]));
        assert_eq!(seen(&["\"x\", \"00000000000000cd\"", &ours]), Some(vec![0xcd, 0xab]));
        for never in
            [format!("W/{ours}"), ours.replace('"', ""), "\"+0000000000000ab\"".to_owned(), String::new()]
        {
            assert_eq!(seen(&[&never]), Some(vec![]), "{never}");
        }
    }
}
