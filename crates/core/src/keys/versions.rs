//! A thing that exists in numbered versions, of which the newest makes and every one checks. Owns that there is always a
//! newest one, and their order; what the versions are (keys, peppers, sealing keys) is their owner's part.

use std::collections::BTreeMap;

/// At least one version, newest first. A version's number is stored beside whatever was made with it.
#[derive(Clone)]
pub(super) struct Versions<T> {
    newest: (u32, T),
    older: Vec<(u32, T)>,
}

impl<T> Versions<T> {
    /// The first version of a new thing.
    pub(super) fn first(version: u32, value: T) -> Self {
        Self { newest: (version, value), older: Vec::new() }
    }

    /// The versions found somewhere; `None` when there are none.
    pub(super) fn found(mut versions: BTreeMap<u32, T>) -> Option<Self> {
        let newest = versions.pop_last()?;
        Some(Self { newest, older: versions.into_iter().rev().collect() })
    }

    /// These versions and a newer one. The caller numbers it above all others.
    pub(super) fn followed_by(mut self, version: u32, value: T) -> Self {
        debug_assert!(version > self.newest.0, "versions only grow");
        self.older.insert(0, self.newest);
        Self { newest: (version, value), older: self.older }
    }

    /// The one that makes new things.
    pub(super) fn newest(&self) -> (u32, &T) {
        (self.newest.0, &self.newest.1)
    }

    /// The one that made an old thing, if it has not been retired.
    pub(super) fn find(&self, version: u32) -> Option<&T> {
        self.iter().find_map(|(number, value)| (number == version).then_some(value))
    }

    /// All of them, newest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &T)> + Clone {
        std::iter::once(&self.newest).chain(&self.older).map(|(version, value)| (*version, value))
    }

    /// What follows from each of them.
    pub(super) fn map<U>(&self, derive: impl Fn(u32, &T) -> U) -> Versions<U> {
        let derive = |(version, value): &(u32, T)| (*version, derive(*version, value));
        Versions { newest: derive(&self.newest), older: self.older.iter().map(derive).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(versions: &Versions<char>) -> Vec<(u32, char)> {
        versions.iter().map(|(version, value)| (version, *value)).collect()
    }

    #[test]
    fn versions_go_from_the_newest_to_the_oldest_however_they_came() {
        let found = Versions::found(BTreeMap::from([(2, 'b'), (7, 'c'), (1, 'a')])).unwrap();
        assert_eq!(numbers(&found), [(7, 'c'), (2, 'b'), (1, 'a')]);
        let grown = Versions::first(1, 'a').followed_by(2, 'b').followed_by(7, 'c');
        assert_eq!(numbers(&grown), numbers(&found));
        assert_eq!(numbers(&grown.map(|_, value| *value)), numbers(&found));
    }

    #[test]
    fn without_a_version_there_is_nothing() {
        assert!(Versions::<char>::found(BTreeMap::new()).is_none());
    }
}
