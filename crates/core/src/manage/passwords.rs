//! Setting a password, however it comes about: by an administrator, by its owner, with a set-up link. Owns the steps that all
//! of them take; the rules are `identity::password`'s.

use crate::context::Context;
use crate::identity::attempts;
use crate::identity::password::hash::Salt;
use crate::identity::password::{Account, Password};
use crate::identity::user::User;
use crate::keys::pepper::Peppers;
use crate::manage::Findings;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Seconds;

/// The password, if it may become that of this account; its faults are noted under `/password`.
pub(super) fn check(
    text: &Secret,
    username: &str,
    email: Option<&str>,
    context: &Context<'_>,
    findings: &mut Findings,
) -> Option<Password> {
    let password = findings.check("/password", Password::new(text.expose()))?;
    // There is no second factor yet that could make a shorter one do.
    let account = Account { username, email, host: host(context), second_factor: false };
    let unfit = password.findings(&account);
    unfit.iter().for_each(|unfit| findings.add("/password", unfit));
    unfit.is_empty().then_some(password)
}

/// The hash to store, made on the threads for it.
pub(super) async fn hash(password: Password, context: &Context<'_>) -> Result<String, Fault> {
    let salt = Salt::draw(context.random).map_err(Fault::broken)?;
    Ok(context.hashing.place()?.hash(password, salt).await?)
}

/// Gives a user this password. Whatever was issued before is void: sessions and tokens of whoever knew the old one must not
/// outlive it. Attempts are forgotten, since they were at another password. Whoever calls this holds the user.
pub(super) fn set(
    user: User,
    hash: &str,
    peppers: &Peppers,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<User, Fault> {
    match tx.password(user.id)? {
        Some(old) if !tx.update_password(user.id, &old, hash, now)? => return Err(Fault::Raced),
        Some(_) => {}
        None => tx.insert_password(user.id, hash, now)?,
    }
    let user = voided(user, now);
    tx.update_user(&user)?;
    tx.delete_attempts(&attempts::account(&user.username, peppers))?;
    Ok(user)
}

/// The user, with everything void that was issued to or for them.
pub(super) fn voided(user: User, now: Seconds) -> User {
    User { generation: user.generation + 1, updated_at: now.max(user.updated_at), ..user }
}

/// The host of the issuer, without its port.
fn host<'a>(context: &'a Context<'_>) -> &'a str {
    let authority = context.settings.issuer.authority();
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}
