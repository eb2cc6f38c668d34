//! The last administrator: whoever may do everything must not be removed, switched off or locked out as long as nobody else is left
//! who may. Owns who counts as one, and by which ways somebody gets in; which changes could take one away is known to each noun.
//!
//! A credential is taken back all the same, the last way in, too: a leak does not wait, and whoever holds the machine's command line
//! makes a set-up link for whom it shuts out. So that there is somebody to make it for, whoever is active and may do everything stays,
//! by whichever way they would get in.

use crate::access::api::Api;
use crate::identity::group::Group;
use crate::identity::user::{DIRECTORY, User};
use crate::manage::call::Call;
use crate::manage::{Refused, power};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ApiTokenFilter, UserFilter};
use crate::token::api_token::{ApiToken, ApiTokenOwner, MOST_LIVE};
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{ApiTokenStatus, Level, UserStatus};

/// How far somebody may do everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Nobody may.
    #[default]
    Nowhere,
    /// Within an organization.
    Bounded,
    /// Everywhere.
    Everywhere,
}

/// What is left to whoever is asked for help.
#[derive(Clone, Copy, Debug, Default)]
struct Left {
    /// By somebody who gets in now.
    by_those_inside: Reach,
    /// By anybody, who may need another way in first.
    by_anybody: Reach,
}

/// The ways to get in, as they stand in one transaction.
struct Doors {
    management: Option<Api>,
    now: Seconds,
}

/// How many users are read at once.
const PAGE: i64 = 50;

/// Makes a change, unless it takes the last one away who may do everything (everywhere, where there is such a one): the last who
/// gets in, or where nobody does, the last at all. Of two who remove the last two at once, one waits here for the other, and sees
/// what is left.
pub(super) fn kept<T>(
    change: impl FnOnce(&mut dyn Tx) -> Result<T, Stop<Refused>>,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<T, Stop<Refused>> {
    tx.hold_changes()?;
    let doors = Doors::read(call, tx)?;
    let before = left(&doors, tx)?;
    let changed = change(tx)?;
    if before.by_anybody > Reach::Nowhere && left(&doors, tx)?.is_less_than(before) {
        return Err(Stop::Refuse(Refused::LastAdministrator));
    }
    Ok(changed)
}

/// Whether a user may do everything, somewhere.
pub(super) fn is_one(user: &User, groups: &[Group]) -> bool {
    user.is_active() && power::of_user(user, groups).permissions == Permissions::all()
}

fn left(doors: &Doors, tx: &mut dyn Tx) -> Result<Left, Fault> {
    let groups = tx.groups()?;
    // Whoever may do everything is in one of these.
    let telling = groups.iter().filter(|group| group.permissions.contains(Permission::SigningKeysRotate));
    let mut left = Left::default();
    for group in telling {
        let filter =
            UserFilter { status: Some(UserStatus::Active), group: Some(group.id), ..UserFilter::default() };
        let mut after = None;
        while left.by_those_inside < Reach::Everywhere {
            let page = tx.users(&filter, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for user in page.iter().filter(|user| is_one(user, &groups)) {
                left.count(user, doors, tx)?;
            }
        }
    }
    Ok(left)
}

impl Left {
    const fn is_less_than(self, before: Self) -> bool {
        (self.by_those_inside as u8) < before.by_those_inside as u8
            || (self.by_anybody as u8) < before.by_anybody as u8
    }

    /// Counts one who may do everything. Ways in are looked for only where that changes anything.
    fn count(&mut self, user: &User, doors: &Doors, tx: &mut dyn Tx) -> Result<(), Fault> {
        let reach = reach(user, tx)?;
        self.by_anybody = self.by_anybody.max(reach);
        if reach > self.by_those_inside && doors.are_open_to(user, tx)? {
            self.by_those_inside = reach;
        }
        Ok(())
    }
}

/// In an organization that is switched off, nobody is of any help.
fn reach(user: &User, tx: &mut dyn Tx) -> Result<Reach, Fault> {
    let Some(organization) = user.organization else { return Ok(Reach::Everywhere) };
    let takes_part = tx.organization(organization)?.is_some_and(|organization| organization.is_active());
    Ok(if takes_part { Reach::Bounded } else { Reach::Nowhere })
}

impl Doors {
    fn read(call: &Call, tx: &mut dyn Tx) -> Result<Self, Fault> {
        let management = tx.apis()?.into_iter().find(|api| api.is_management(call.issuer()));
        Ok(Self { management: management.filter(Api::is_active), now: call.now() })
    }

    /// By a password, which others than the built-in directory keep themselves; by a set-up link; by an API token.
    fn are_open_to(&self, user: &User, tx: &mut dyn Tx) -> Result<bool, Fault> {
        let signs_in = user.source != DIRECTORY || tx.password(user.id)?.is_some();
        Ok(signs_in || self.has_link(user, tx)? || self.has_token(user, tx)?)
    }

    fn has_link(&self, user: &User, tx: &mut dyn Tx) -> Result<bool, Fault> {
        let links = tx.unused_setup_links(user.id, self.now)?;
        Ok(links.iter().any(|link| link.is_good(&user.standing(), self.now)))
    }

    /// Who belongs to clients does not get in by a token alone.
    fn has_token(&self, user: &User, tx: &mut dyn Tx) -> Result<bool, Fault> {
        let Some(management) = self.management.as_ref().filter(|_| user.clients.is_empty()) else {
            return Ok(false);
        };
        let owner = Some(ApiTokenOwner::User(user.id));
        let status = Some((ApiTokenStatus::Active, self.now));
        let live = ApiTokenFilter { owner, status, ..ApiTokenFilter::default() };
        let tokens = tx.api_tokens(&live, None, MOST_LIVE)?;
        Ok(tokens.iter().any(|token| self.opens(token, management)))
    }

    fn opens(&self, token: &ApiToken, management: &Api) -> bool {
        let lasts = |longest| self.now < token.issued_at + longest;
        token.access.at(management.id, true) == Level::Full && management.max_token_lifetime.is_none_or(lasts)
    }
}
