//! A patch that is the whole resource, as its reader has changed it (RFC 7396 §1: the document that was read, sent back). Owns that what
//! cannot be changed may be among it, as long as it is as it was: it is compared with the resource as it stands, which a patch of nothing
//! tells whoever may change it.

use crate::api::ask::Ask;
use crate::api::halt::{Halt, Malformed};
use crate::api::operation::Operation;
use crate::api::reply::Reply;
use crate::http::problem::Wrong;
use doorward_core::store::fault::Fault;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Answers an operation. Of a patch that is the whole resource, only what is another than it was remains.
pub(super) async fn answered(operation: &Operation, ask: &mut Ask<'_>) -> Result<Reply, Halt> {
    let kept = ask.take_kept();
    if !kept.is_empty() {
        let mut patch = ask.replace_body(json!({}));
        let seen = (operation.7)(ask).await?.members()?;
        stays(&kept, &seen)?;
        if let Some(members) = patch.as_object_mut() {
            members.retain(|name, value| seen.get(name) != Some(&*value));
        }
        ask.replace_body(patch);
    }
    (operation.7)(ask).await
}

fn stays(kept: &Map<String, Value>, seen: &Map<String, Value>) -> Result<(), Malformed> {
    let is_other = |(name, value): &(&String, &Value)| *value != seen.get(*name).unwrap_or(&Value::Null);
    let other = kept.iter().filter(is_other);
    let wrong: Vec<_> =
        other.map(|(name, _)| Wrong::member(format!("/{name}"), "cannot be changed")).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Malformed::listed(StatusCode::UNPROCESSABLE_ENTITY, wrong)) }
}

impl Reply {
    /// The members of the resource that it tells of.
    fn members(&self) -> Result<Map<String, Value>, Fault> {
        serde_json::from_str(self.body()).map_err(Fault::broken)
    }
}
