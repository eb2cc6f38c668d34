//! Set-up links: how a person gets their first password, or another one, without anybody else knowing it. Owns making and
//! redeeming one; the record is `ticket`'s, the page the web floor's.
//!
//! A link that is unknown, used, expired or void is one and the same to whoever presents it. A password that is not accepted
//! costs nothing: the rules are asked first, and the link is used up in the transaction that sets the password.

use crate::context::Context;
use crate::identity::user::User;
use crate::manage::call::Call;
use crate::manage::permit::Permit;
use crate::manage::{Findings, Refused, passwords, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::setup_link::{LIFETIME, SetupLink};
use crate::token::mint;
use doorward_protocol::permission::Permission;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::Seconds;
use doorward_protocol::token_text::{self, TokenType};
use std::net::IpAddr;

/// A link just made. The secret is shown this once.
pub struct Made {
    /// Whose password it sets.
    pub user: User,
    /// What the link carries.
    pub token: Secret,
    /// When it ends.
    pub expires_at: Seconds,
}

/// Makes a link for a user of the built-in directory.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn create(reference: &str, call: &Call, context: &Context<'_>) -> Result<Made, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let random = context.random.secret().map_err(Fault::broken)?;
    let (token, pepper, digest) = mint::secret(TokenType::SetupLink, &random, context.peppers);
    let (reference, now, expires_at) = (reference.to_owned(), context.now, context.now + LIFETIME);
    let call = call.clone();
    let insert = move |tx: &mut dyn Tx| {
        let user = users::hold(&reference, &call, tx)?;
        may_have_one(&user)?;
        call.may_let_in(user.id)?;
        tx.insert_setup_link(&SetupLink {
            digest,
            pepper,
            user: user.id,
            user_generation: user.generation,
            created_at: now,
            expires_at,
            used_at: None,
        })?;
        call.within(user.organization).record("setup_link.created", &[("user", user.id)], tx)?;
        Ok(user)
    };
    let user = context.cache.write(insert).await?;
    Ok(Made { user, token, expires_at })
}

/// Whether a link can be made for a user: one that is kept here, and in use. For everybody else it would not be good, and its
/// maker would hear of that from whoever they sent it to.
///
/// # Errors
/// [`Refused`], which says why not.
pub fn may_have_one(user: &User) -> Result<(), Stop<Refused>> {
    users::kept_here(user)?;
    if user.is_active() {
        return Ok(());
    }
    Err(Stop::Refuse(Refused::Conflict { detail: "the user is disabled: enable them first" }))
}

/// Whose password a link sets, if it still can.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(token: &str, context: &Context<'_>) -> Result<User, Stop<Refused>> {
    let (digests, now) = (digests(token, context)?, context.now);
    let found = context.cache.store().snapshot(move |tx| find(&digests, now, tx)).await?;
    found.map(|(user, _)| user).ok_or_else(not_found)
}

/// Sets the password of whoever the link was made for, once. Every session and token of theirs, and every other link, is void
/// from then on.
///
/// # Errors
/// [`Refused::NotFound`] for a link that is not good (any more); the faults of the password under `/password`; a fault of the
/// store.
pub async fn redeem(
    token: &str,
    password: &Secret,
    address: Option<IpAddr>,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    let user = show(token, context).await?;
    let mut findings = Findings::default();
    let (username, email) = (user.username.as_str(), user.email.as_deref());
    let password = passwords::check(password, username, email, context, &mut findings);
    findings.refuse()?;
    let Some(password) = password else {
        return Err(Stop::Fault(Fault::broken("a password without a finding")));
    };
    let hash = passwords::hash(password, context).await?;
    let call = Call::by(Permit::in_person(user.id, address), context)?.because("setup_link");
    let (digests, now, peppers) = (digests(token, context)?, context.now, context.peppers.clone());
    let redeem = move |tx: &mut dyn Tx| {
        let (user, digest) = hold(&digests, now, tx)?.ok_or_else(not_found)?;
        if !tx.use_setup_link(&digest, now)? {
            return Err(not_found());
        }
        let user = passwords::set(user, &hash, &peppers, now, tx)?;
        call.within(user.organization).record("password.set", &[("user", user.id)], tx)?;
        Ok(user)
    };
    context.cache.write(redeem).await
}

/// The digests under which a link may be stored; nothing that is no link reaches the store.
fn digests(token: &str, context: &Context<'_>) -> Result<Vec<Digest>, Stop<Refused>> {
    if token_text::read(token) != Ok(TokenType::SetupLink) {
        return Err(not_found());
    }
    Ok(context.peppers.digests(token).collect())
}

/// The user behind a link that is good now, and the digest it was found by.
fn find(digests: &[Digest], now: Seconds, tx: &mut dyn Tx) -> Result<Option<(User, Digest)>, Fault> {
    for digest in digests {
        let Some(link) = tx.setup_link(digest)? else { continue };
        let user = tx.user(link.user)?.filter(|user| link.is_good(&user.standing(), now));
        return Ok(user.map(|user| (user, *digest)));
    }
    Ok(None)
}

/// The same, of a user whom nobody else changes until the transaction ends.
fn hold(digests: &[Digest], now: Seconds, tx: &mut dyn Tx) -> Result<Option<(User, Digest)>, Fault> {
    let Some((user, _)) = find(digests, now, tx)? else { return Ok(None) };
    tx.hold_user(user.id)?;
    find(digests, now, tx)
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "set-up link" })
}
