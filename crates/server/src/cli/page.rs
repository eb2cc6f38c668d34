//! A page of a list, in the form of the REST API: items and a cursor to the next ones.

use crate::failure::Failure;
use clap::Args;
use doorward_protocol::id::Id;
use serde::Serialize;

/// Which part of a list is wanted.
#[derive(Args, Clone, Debug)]
pub(super) struct Wanted {
    /// The most to list.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=200))]
    pub(super) limit: i64,
    /// Go on after the page that gave this cursor.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Wanted {
    /// Behind what the list goes on.
    pub(super) fn after(&self) -> Result<Option<Id>, Failure> {
        let after = self.cursor.as_deref().map(str::parse).transpose();
        after.map_err(|_| Failure::usage("--cursor is not one that a list gave"))
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The whole list.
    pub(super) const fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page out of as many items as were wanted and, if there are more, one that stands for them.
    pub(super) fn of(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }

    /// The last line for people, if there is more to see.
    pub(super) fn rest(&self) -> String {
        self.next_cursor
            .as_ref()
            .map(|cursor| format!("\nThere are more: --cursor {cursor}\n"))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_given_only_where_more_follows() {
        let page = |count: i64| Page::of((1..=count).collect(), 2, ToString::to_string);
        assert_eq!((page(2).items, page(2).next_cursor), (vec![1, 2], None));
        assert_eq!((page(3).items, page(3).next_cursor), (vec![1, 2], Some("2".to_owned())));
    }
}
