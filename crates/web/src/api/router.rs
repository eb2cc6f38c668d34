//! From a path to the operations that stand there. Owns the matching of templates: a fixed segment goes before a given one, as
//! `…/revoke-all` before `…/{id}`, whatever the order of the table.

use crate::api::operation::{Operation, Segment};
use crate::api::operations::OPERATIONS;
use doorward_protocol::params;
use http::Method;
use std::borrow::Cow;

/// As long as an API's identifier may be.
pub(crate) const LONGEST_SEGMENT: usize = 512;

/// What stands at a path.
pub(crate) struct Found {
    /// The operations there, one for each method.
    operations: Vec<usize>,
    /// What stands where the template leaves a segment open, in order.
    pub(crate) given: Vec<String>,
}

impl Found {
    /// The operation of a method.
    pub(crate) fn operation(&self, method: &Method) -> Option<usize> {
        self.operations.iter().copied().find(|at| OPERATIONS[*at].1.is(method))
    }

    /// RFC 9110 §10.2.1: what may be done here.
    pub(crate) fn allowed(&self) -> String {
        let verbs = self.operations.iter().map(|at| OPERATIONS[*at].1);
        let names = verbs.flat_map(|verb| match verb.as_str() {
            "GET" => vec!["GET", "HEAD"],
            other => vec![other],
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

/// What stands at a path below `/api/v1`, which begins with a slash.
pub(crate) fn find(path: &str) -> Option<Found> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let fitting = OPERATIONS.iter().enumerate().filter(|(_, operation)| fits(operation, &segments));
    let mut best: Vec<_> = fitting.map(|(at, operation)| (openness(operation), at)).collect();
    best.sort_unstable();
    let least = best.first()?.0;
    let operations: Vec<_> = best.into_iter().filter(|(open, _)| *open == least).map(|(_, at)| at).collect();
    let given = given(&OPERATIONS[*operations.first()?], &segments)?;
    Some(Found { operations, given })
}

fn fits(operation: &Operation, segments: &[&str]) -> bool {
    let mut rest = segments.iter();
    let all = operation.segments().all(|segment| match (segment, rest.next()) {
        (_, None) => false,
        (Segment::Fixed(fixed), Some(text)) => fixed == *text,
        (Segment::Given(_), Some(text)) => !text.is_empty(),
    });
    all && rest.next().is_none()
}

fn openness(operation: &Operation) -> usize {
    operation.segments().filter(|segment| matches!(segment, Segment::Given(_))).count()
}

/// What is badly written names nothing. A plus is one: only in forms it stands for a space.
fn given(operation: &Operation, segments: &[&str]) -> Option<Vec<String>> {
    let open = operation.segments().zip(segments).filter(|(segment, _)| matches!(segment, Segment::Given(_)));
    open.map(|(_, text)| {
        let text = text.replace('+', "%2B");
        params::decode(text.as_bytes(), LONGEST_SEGMENT).ok().map(Cow::into_owned)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::operation::Verb;
    use std::collections::HashSet;

    #[test]
    fn no_two_operations_have_one_name_or_stand_in_one_place() {
        let (mut names, mut places) = (HashSet::new(), HashSet::new());
        for operation in OPERATIONS {
            assert!(names.insert(operation.name()), "{}", operation.name());
            let place: Vec<_> = operation
                .segments()
                .map(|segment| match segment {
                    Segment::Fixed(fixed) => fixed,
                    Segment::Given(_) => "{}",
                })
                .collect();
            assert!(places.insert((operation.1.as_str(), place.join("/"))), "{}", operation.name());
        }
    }

    #[test]
    fn every_operation_is_found_at_its_place() {
        for (at, operation) in OPERATIONS.iter().enumerate() {
            let path = operation.2.replace(['{', '}'], "");
            let found = find(&path).unwrap();
            assert_eq!(found.operation(&operation.1.as_str().parse().unwrap()), Some(at), "{path}");
            assert!(found.allowed().contains(operation.1.as_str()));
            if operation.1 == Verb::Get {
                assert_eq!(found.operation(&Method::HEAD), Some(at));
            }
        }
    }

    #[test]
    fn what_stands_in_a_path_is_read_once() {
        let given = |path: &str| find(path).map(|found| found.given);
        assert_eq!(given("/groups/a%2Fb%20c+d"), Some(vec!["a/b c+d".to_owned()]));
        for nothing in
            ["", "/", "/groups/", "/groups/a/", "//groups", "/groups/%zz", "/groups/%ff", "/Groups"]
        {
            assert_eq!(given(nothing), None, "{nothing}");
        }
        assert_eq!(given(&format!("/groups/{}", "a".repeat(513))), None);
    }
}
