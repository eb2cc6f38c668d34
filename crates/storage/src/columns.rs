//! Values between rows and records: how a stored text, number or hash becomes what the rules use. Owns strictness: a value
//! that cannot be what its column holds is a fault that names the column, never the value.

use doorward_core::identity::authentication::Authentication;
use doorward_core::store::fault::Fault;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;

/// Reads a text column.
pub(crate) fn read<T: FromStr>(column: &str, text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| broken(column))
}

/// Reads a text column that may be empty of a value.
pub(crate) fn read_optional<T: FromStr>(column: &str, text: Option<&str>) -> Result<Option<T>, Fault> {
    text.map(|text| read(column, text)).transpose()
}

/// Reads a column of several texts.
pub(crate) fn read_list<T: FromStr>(column: &str, separator: char, text: &str) -> Result<Vec<T>, Fault> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(separator).map(|part| read(column, part)).collect()
}

/// Writes a column of several texts.
pub(crate) fn write_list<T: Display>(separator: char, values: &[T]) -> String {
    let mut text = String::new();
    for value in values {
        if !text.is_empty() {
            text.push(separator);
        }
        text.push_str(&value.to_string());
    }
    text
}

/// Writes a value that no query looks into.
pub(crate) fn write_json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(Fault::broken)
}

/// Reads one.
pub(crate) fn read_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|_| broken(column))
}

/// Writes a set of permissions.
pub(crate) fn write_permissions(permissions: Permissions) -> String {
    write_list(' ', &permissions.iter().collect::<Vec<_>>())
}

/// Reads a set of permissions.
pub(crate) fn read_permissions(column: &str, text: &str) -> Result<Permissions, Fault> {
    Ok(read_list::<Permission>(column, ' ', text)?.into_iter().collect())
}

/// Writes levels at single APIs, each as `API=level`.
pub(crate) fn write_access(access: &[Access]) -> String {
    let written: Vec<_> = access.iter().map(|Access { api, level }| format!("{api}={level}")).collect();
    written.join(" ")
}

/// Reads levels at single APIs. An API that is named twice has no level that could be relied on.
pub(crate) fn read_access(column: &str, text: &str) -> Result<Vec<Access>, Fault> {
    let read_one = |part: &String| {
        let (api, level) = part.split_once('=').ok_or_else(|| broken(column))?;
        Ok(Access { api: read(column, api)?, level: read(column, level)? })
    };
    let parts: Vec<String> = read_list(column, ' ', text)?;
    let access: Vec<Access> = parts.iter().map(read_one).collect::<Result<_, Fault>>()?;
    let is_again = |(at, one): (usize, &Access)| access[..at].iter().any(|other| other.api == one.api);
    if access.iter().enumerate().any(is_again) { Err(broken(column)) } else { Ok(access) }
}

/// Reads a keyed hash.
pub(crate) fn read_digest(column: &str, bytes: &[u8]) -> Result<Digest, Fault> {
    bytes.try_into().map(Digest).map_err(|_| broken(column))
}

/// Reads the two columns of a reference that holds only while the record is of the generation it was made in.
pub(crate) fn read_with_generation(
    column: &str,
    id: Option<&str>,
    generation: Option<i64>,
) -> Result<Option<(Id, i64)>, Fault> {
    match (id, generation) {
        (Some(id), Some(generation)) => Ok(Some((read(column, id)?, generation))),
        (None, None) => Ok(None),
        _ => Err(broken(column)),
    }
}

/// Writes the methods of an authentication: line feeds stand between them, because a host chooses its words and may have
/// spaces in them.
pub(crate) fn write_amr(authentication: &Authentication) -> String {
    write_list('\n', &authentication.amr)
}

/// Reads the three columns of an authentication.
pub(crate) fn read_authentication(
    auth_time: i64,
    (column, amr): (&str, &str),
    acr: &str,
) -> Result<Authentication, Fault> {
    let amr = read_list(column, '\n', amr)?;
    Ok(Authentication { auth_time: Seconds(auth_time), amr, acr: acr.to_owned() })
}

/// The fault of a value that cannot be.
pub(crate) fn broken(column: &str) -> Fault {
    Fault::broken(format_args!("{column} holds a value it cannot have"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_value_is_named_by_its_column_and_never_shown() {
        let fault = read::<i64>("clients.generation", "hunter2").unwrap_err().to_string();
        assert!(fault.contains("clients.generation"), "{fault}");
        assert!(!fault.contains("hunter2"), "{fault}");
    }

    #[test]
    fn a_list_comes_back_as_it_was_written() {
        for list in [vec![], vec![7], vec![7, 8, 9]] {
            assert_eq!(read_list::<i32>("x", ' ', &write_list(' ', &list)).unwrap(), list);
        }
    }
}
