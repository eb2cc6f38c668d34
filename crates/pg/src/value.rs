//! Values as they are on the wire: diesel has encoded those we send and will decode those we receive, so neither is looked
//! into here.

use std::error::Error;
use std::fmt;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

/// A value to send, or NULL.
pub(crate) struct Sent<'a>(pub(crate) &'a Option<Vec<u8>>);

impl ToSql for Sent<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(bytes) = self.0 else { return Ok(IsNull::Yes) };
        out.put_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }
}

/// tokio-postgres writes parameters to the log at level debug, and ours may be secrets.
impl fmt::Debug for Sent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "…" } else { "NULL" })
    }
}

/// A value that was received and is not NULL.
pub(crate) struct Received<'a>(pub(crate) &'a [u8]);

impl<'a> FromSql<'a> for Received<'a> {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(bytes))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Sent;

    #[test]
    fn a_value_does_not_show_itself() {
        assert_eq!(format!("{:?} {:?}", Sent(&Some(b"secret".to_vec())), Sent(&None)), "… NULL");
    }
}
