//! One list of what a level of access means, as in `read.methods=GET,HEAD`: the member of the JSON, by its path. Owns how it is
//! written; what can stand in it is core's decision.

use doorward_core::manage::apis::LevelMembers;

/// A list, and what is to stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LevelList {
    level: &'static str,
    list: &'static str,
    entries: Vec<String>,
}

const LEVELS: [&str; 2] = ["read", "full"];
const LISTS: [&str; 3] = ["methods", "paths", "scopes"];

impl LevelList {
    /// Reads `LEVEL.LIST=ENTRY[,ENTRY]`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let form =
            || "is LEVEL.LIST=ENTRY[,ENTRY], as in read.methods=GET,HEAD or full.paths=/v1/**".to_owned();
        let (path, entries) = text.split_once('=').ok_or_else(form)?;
        let (level, list) = path.split_once('.').ok_or_else(form)?;
        let known = |words: &[&'static str], word| words.iter().copied().find(|known| *known == word);
        let level = known(&LEVELS, level).ok_or_else(form)?;
        let list = known(&LISTS, list).ok_or_else(form)?;
        let entries = entries.split(',').filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
        Ok(Self { level, list, entries })
    }

    /// The levels with these lists in place of their own. A list that is given twice has the entries of both.
    pub(super) fn put(lists: &[Self], mut levels: LevelMembers) -> LevelMembers {
        for (position, given) in lists.iter().enumerate() {
            let rule = if given.level == "read" { &mut levels.read } else { &mut levels.full };
            let list = match given.list {
                "methods" => &mut rule.methods,
                "paths" => &mut rule.paths,
                _ => &mut rule.scopes,
            };
            let same = |other: &Self| (other.level, other.list) == (given.level, given.list);
            if !lists[..position].iter().any(same) {
                list.clear();
            }
            list.extend(given.entries.iter().cloned());
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_core::manage::apis::RuleMembers;

    #[test]
    fn a_list_is_replaced_and_the_others_stay() {
        let methods = vec!["GET".to_owned()];
        let before = LevelMembers {
            read: RuleMembers { methods, ..RuleMembers::default() },
            ..LevelMembers::default()
        };
        let lists = ["read.paths=/a/*", "full.scopes=write,admin", "read.paths=/b/**"];
        let lists: Vec<_> = lists.iter().map(|text| LevelList::read(text).unwrap()).collect();
        let after = LevelList::put(&lists, before);
        assert_eq!(
            (after.read.methods, after.read.paths),
            (vec!["GET".into()], vec!["/a/*".into(), "/b/**".into()])
        );
        assert_eq!(after.full.scopes, ["write", "admin"]);
        let emptied = LevelList::put(&[LevelList::read("full.scopes=").unwrap()], LevelMembers::default());
        assert!(emptied.full.scopes.is_empty());
        for wrong in ["read", "read.methods", "none.methods=GET", "read.verbs=GET", "=GET"] {
            assert!(LevelList::read(wrong).is_err(), "{wrong}");
        }
    }
}
