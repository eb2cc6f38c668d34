//! The last administrator: whoever may do everything must not be removed, switched off or locked out as long as nobody else is left
//! who may. Owns who counts as one; which changes could take one away is known to each noun.

use crate::identity::group::Group;
use crate::identity::user::{DIRECTORY, User};
use crate::manage::{Refused, power};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::UserFilter;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::words::UserStatus;

/// How much is left to whoever is asked for help.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// Nobody may do everything.
    Nobody,
    /// Somebody may do everything, within an organization.
    Bounded,
    /// Somebody may do everything, everywhere.
    Unbounded,
}

/// How many users are read at once.
const PAGE: i64 = 50;

/// Makes a change, unless it takes the last one away who may do everything (everywhere, where there is such a one). Of two who
/// remove the last two at once, one waits here for the other, and sees what is left.
pub(super) fn kept<T>(
    change: impl FnOnce(&mut dyn Tx) -> Result<T, Stop<Refused>>,
    tx: &mut dyn Tx,
) -> Result<T, Stop<Refused>> {
    tx.hold_changes()?;
    let before = left(tx)?;
    let changed = change(tx)?;
    if before > Left::Nobody && left(tx)? < before {
        return Err(Stop::Refuse(Refused::LastAdministrator));
    }
    Ok(changed)
}

/// Whether a user may do everything, somewhere.
pub(super) fn is_one(user: &User, groups: &[Group]) -> bool {
    user.is_active() && power::of_user(user, groups).permissions == Permissions::all()
}

fn left(tx: &mut dyn Tx) -> Result<Left, Fault> {
    let groups = tx.groups()?;
    // Whoever may do everything is in one of these.
    let telling = groups.iter().filter(|group| group.permissions.contains(Permission::SigningKeysRotate));
    let mut most = Left::Nobody;
    for group in telling {
        let filter =
            UserFilter { status: Some(UserStatus::Active), group: Some(group.id), ..UserFilter::default() };
        most = most.max(left_among(&filter, &groups, tx)?);
        if most == Left::Unbounded {
            break;
        }
    }
    Ok(most)
}

fn left_among(filter: &UserFilter, groups: &[Group], tx: &mut dyn Tx) -> Result<Left, Fault> {
    let (mut most, mut after) = (Left::Nobody, None);
    loop {
        let page = tx.users(filter, after, PAGE)?;
        for user in page.iter().filter(|user| is_one(user, groups)) {
            most = most.max(as_one(user, tx)?);
            if most == Left::Unbounded {
                return Ok(most);
            }
        }
        after = page.last().map(|user| user.id);
        if after.is_none() {
            return Ok(most);
        }
    }
}

/// Who cannot sign in is no help: without a password, or in an organization that is switched off.
fn as_one(user: &User, tx: &mut dyn Tx) -> Result<Left, Fault> {
    if user.source == DIRECTORY && tx.password(user.id)?.is_none() {
        return Ok(Left::Nobody);
    }
    let Some(organization) = user.organization else { return Ok(Left::Unbounded) };
    let takes_part = tx.organization(organization)?.is_some_and(|organization| organization.is_active());
    Ok(if takes_part { Left::Bounded } else { Left::Nobody })
}
