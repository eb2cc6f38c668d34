//! How members that may be missing are read: missing is one thing, `null` and the empty list are others. Owns the readers that
//! messages and claims share.

use serde::{Deserialize, Deserializer, de};

/// A member that may be missing, but not be null.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// A list that is not said when it is empty: an empty one is no list of ours, and might be meant as "nothing" where we read
/// "everything".
pub(crate) fn some<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(value)?;
    if list.is_empty() { Err(de::Error::custom("a list that is there is not empty")) } else { Ok(list) }
}
