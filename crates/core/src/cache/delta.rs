//! What a cache has to learn: everything, or what has changed since a revision, read in one transaction. Owns how the feed
//! of changes is followed; what is kept of it is the cache's business.

use super::remembered;
use crate::access::api::Api;
use crate::identity::group::Group;
use crate::identity::organization::Organization;
use crate::keys::signing_key::SigningKeyRecord;
use crate::store::Revision;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::store::tx::changes::{Change, Changed};
use crate::token::RevokedJwt;
use crate::token::family::RevokedFamily;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

/// Changes read at a time; who is further behind reads everything anew.
const MOST_CHANGES: i64 = 1_000;

/// What has changed, or everything there is. A list that did not change is not there.
pub(super) struct Delta {
    pub(super) revision: Revision,
    pub(super) clients: These,
    pub(super) users: These,
    pub(super) api_tokens: These,
    pub(super) apis: Option<Vec<Api>>,
    pub(super) keys: Option<Vec<SigningKeyRecord>>,
    pub(super) organizations: Option<Vec<Organization>>,
    pub(super) groups: Option<Vec<Group>>,
    pub(super) revoked: Vec<RevokedJwt>,
    pub(super) families: Vec<RevokedFamily>,
    /// The changes themselves: since then, or of late.
    pub(super) changes: Vec<Change>,
    /// Whether this is everything.
    pub(super) is_whole: bool,
}

/// The records of one kind that are no longer true.
pub(super) enum These {
    Ids(Vec<Id>),
    All,
}

/// Everything. Revoked tokens are read whether they have ended or not: what has is swept, and a clock may be wrong for a
/// while.
pub(super) fn everything(families_after: Seconds, tx: &mut dyn Tx) -> Result<Delta, Fault> {
    let revision = tx.last_revision()?;
    Ok(Delta {
        revision,
        changes: tx.changes_after(Revision(revision.0 - remembered::MOST), remembered::MOST)?,
        is_whole: true,
        clients: These::All,
        users: These::All,
        api_tokens: These::All,
        apis: Some(tx.apis()?),
        keys: Some(tx.signing_keys()?),
        organizations: Some(tx.organizations()?),
        groups: Some(tx.groups()?),
        revoked: tx.revoked_jwts()?,
        families: tx.revoked_families(families_after)?,
    })
}

/// What has changed after `applied`; `None` when the feed does not reach back that far, would be long to follow, or tells
/// of something unknown.
pub(super) fn since(applied: Revision, tx: &mut dyn Tx) -> Result<Option<Delta>, Fault> {
    let oldest = tx.oldest_revision()?;
    let changes = tx.changes_after(applied, MOST_CHANGES)?;
    if oldest > Revision(applied.0 + 1) || i64::try_from(changes.len()).is_ok_and(|read| read == MOST_CHANGES)
    {
        return Ok(None);
    }
    let (mut clients, mut users, mut api_tokens) = (vec![], vec![], vec![]);
    let mut delta = Delta::nothing_since(applied);
    for change in &changes {
        delta.revision = change.revision;
        match change.changed {
            Changed::Client(id) => clients.push(id),
            Changed::User(id) => users.push(id),
            Changed::ApiToken(id) => api_tokens.push(id),
            Changed::Api(_) if delta.apis.is_none() => delta.apis = Some(tx.apis()?),
            Changed::SigningKeys if delta.keys.is_none() => delta.keys = Some(tx.signing_keys()?),
            Changed::Organization(_) if delta.organizations.is_none() => {
                delta.organizations = Some(tx.organizations()?);
            }
            Changed::Group(_) if delta.groups.is_none() => delta.groups = Some(tx.groups()?),
            Changed::Api(_) | Changed::SigningKeys | Changed::Organization(_) | Changed::Group(_) => {}
            Changed::RevokedJwt(jti) => delta.revoked.extend(tx.revoked_jwt(jti)?),
            Changed::RevokedFamily(id) => delta.families.extend(tx.revoked_family(id)?),
            Changed::Unknown => return Ok(None),
        }
    }
    (delta.clients, delta.users) = (These::Ids(clients), These::Ids(users));
    (delta.api_tokens, delta.changes) = (These::Ids(api_tokens), changes);
    Ok(Some(delta))
}

impl Delta {
    fn nothing_since(revision: Revision) -> Self {
        Self {
            revision,
            clients: These::Ids(vec![]),
            users: These::Ids(vec![]),
            api_tokens: These::Ids(vec![]),
            apis: None,
            keys: None,
            organizations: None,
            groups: None,
            revoked: vec![],
            families: vec![],
            changes: vec![],
            is_whole: false,
        }
    }
}
