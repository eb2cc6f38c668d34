//! Merge patches (RFC 7396): how a change of a resource's members is told. Owns how one is applied to what is chosen of a record;
//! the rules for the outcome are `manage`'s.

use crate::api::schema::{Form, Sample};
use crate::api::shape;
use doorward_core::manage::{Invalid, Refused};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is chosen of a resource, in the form in which it is told: the body of its making, and what a patch changes.
pub(crate) trait Chosen: Sample + DeserializeOwned {
    /// The same as `manage` takes it.
    type Members;

    /// What is chosen now.
    fn of(members: &Self::Members) -> Self;

    /// Chooses anew; what is not told here stays.
    ///
    /// # Errors
    /// [`Refused::Invalid`] where a text does not say what it should.
    fn choose(self, members: &mut Self::Members) -> Result<(), Refused>;

    /// Takes away what a patch says is to be gone by null, where that says more than that nothing is chosen.
    ///
    /// # Errors
    /// [`Refused::Invalid`] where it cannot be gone.
    fn take_away(_patch: &Value, _members: &mut Self::Members) -> Result<(), Refused> {
        Ok(())
    }
}

/// Applies a patch to what is chosen of a record.
///
/// # Errors
/// [`Refused::Invalid`], with every member that cannot be so.
pub(crate) fn apply<C: Chosen>(patch: &Value, members: &mut C::Members) -> Result<(), Refused> {
    let chosen =
        serde_json::to_value(C::of(members)).map_err(|_| Refused::invalid("", "cannot be patched"))?;
    let chosen = merged(chosen, patch);
    read::<C>(chosen)?.choose(members)?;
    C::take_away(patch, members)
}

/// What is chosen of a record that is to be made, where what is not said is as it stands in `blank`.
///
/// # Errors
/// [`Refused::Invalid`] where a text does not say what it should.
pub(crate) fn made<C: Chosen>(chosen: C, mut blank: C::Members) -> Result<C::Members, Refused> {
    chosen.choose(&mut blank)?;
    Ok(blank)
}

/// What is chosen, from a body that has its shape.
///
/// # Errors
/// [`Refused::Invalid`] where it has not.
pub(crate) fn read<T: Sample + DeserializeOwned>(body: Value) -> Result<T, Refused> {
    let misfits = shape::misfits(&body, &(Form::asked::<T>().schema)());
    if misfits.is_empty() {
        return serde_json::from_value(body).map_err(|error| Refused::invalid("", error));
    }
    let invalid =
        misfits.into_iter().map(|misfit| Invalid { pointer: misfit.pointer, detail: misfit.detail });
    Err(Refused::Invalid(invalid.collect()))
}

/// RFC 7396 §2: `MergePatch(Target, Patch)`.
fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut members = match target {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    };
    for (name, change) in changes {
        let before = members.remove(name).unwrap_or_default();
        if !change.is_null() {
            members.insert(name.clone(), merged(before, change));
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7396 Appendix A: the examples.
    #[test]
    fn a_patch_is_merged_as_the_rfc_says() {
        for (original, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(merged(read(original), &read(patch)), read(result), "{original} {patch}");
        }
    }
}
