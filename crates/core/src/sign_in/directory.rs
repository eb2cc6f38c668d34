//! The built-in directory: people of ours, with a user name and a password. Owns the order of a sign-in: what is cheap first,
//! then the limits, then the hash, so that a flood of guesses costs us less than it costs whoever sends it.
//!
//! **Known and unknown names are treated alike**: the same questions, the same write, a hash of the same cost, one answer.
//! The reason goes to the log, and the name only of somebody who exists: what is typed into the wrong field may be a password.

use crate::client::attempts::Attempts;
use crate::context::Context;
use crate::identity::attempts::{AccountAttempts, WINDOW, account};
use crate::identity::authentication::Authentication;
use crate::identity::password::Password;
use crate::identity::password::hash::Salt;
use crate::identity::user::{DIRECTORY, Standing, Username};
use crate::settings;
use crate::sign_in::{Attempt, Later, Notice, SignIn, SignedIn, Step};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::params::Params;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::UserStatus;
use std::net::IpAddr;

/// Users whom this server knows itself.
pub struct Directory {
    /// Failed attempts per address, whatever the account.
    addresses: Attempts,
}

/// What was typed, as far as it can be somebody's.
struct Typed {
    username: Username,
    password: Password,
}

/// Who an account name stands for, asked of the store in the same way whether there is somebody or not.
struct Found {
    user: Id,
    standing: Option<Standing>,
    hash: Option<String>,
}

/// Why nobody has signed in, for log and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Failure {
    #[error("what was typed cannot be a user name and a password")]
    Malformed,
    #[error("no such user")]
    UnknownUser,
    #[error("the user has no password")]
    NoPassword,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("the user is disabled")]
    DisabledUser,
    #[error("the user's organization is inactive")]
    InactiveOrganization,
}

impl Directory {
    /// A directory with the operator's limits.
    #[must_use]
    pub fn new(settings: &settings::SignIn) -> Self {
        Self { addresses: Attempts::within(WINDOW, settings.attempts_per_address) }
    }

    async fn attempt(&self, attempt: Attempt<'_>, context: &Context<'_>) -> Result<Step, Fault> {
        let Some(form) = attempt.form else { return Ok(Step::Form(None)) };
        let address = attempt.caller.address;
        let Some(typed) = Typed::of(form) else { return Ok(self.refused(Failure::Malformed, None, address)) };
        if let Some(wait) = self.wait(address) {
            return Ok(too_many("address", wait, address));
        }
        // Taken before anything is counted: an attempt that we have no time for is nobody's failure.
        let place = context.hashing.place()?;
        let counted = account(&typed.username, context.peppers);
        if let Some(wait) = count(counted, context).await? {
            return Ok(too_many("account", wait, address));
        }
        let found = find(typed.username.clone(), context).await?;
        let hash = found.hash.clone().unwrap_or_else(|| context.hashing.nobodys_hash().to_owned());
        let right = place.verify(typed.password.clone(), hash).await?;
        match found.judge(right, context) {
            Ok((standing, hash)) => {
                renew(found.user, hash, typed.password, context).await;
                Ok(signed_in(&typed.username, standing, counted, context.now))
            }
            Err(failure) => Ok(self.refused(failure, found.standing.map(|_| found.user), address)),
        }
    }

    /// How long this address has to wait. Without one (a socket of the machine's own) there is nothing to tell callers
    /// apart by, and they must not shut one another out.
    fn wait(&self, address: Option<IpAddr>) -> Option<Lifetime> {
        address.and_then(|_| self.addresses.refused("", address))
    }

    fn refused(&self, failure: Failure, user: Option<Id>, address: Option<IpAddr>) -> Step {
        if address.is_some() {
            self.addresses.failed("", address);
        }
        let (user, address) = (user.map(tracing::field::display), address.map(tracing::field::display));
        tracing::info!(user, address, reason = %failure, "a sign-in failed");
        metrics::counter!("doorward_sign_in_failures_total", "reason" => failure.label()).increment(1);
        Step::Form(Some(Notice::WrongCredentials))
    }
}

impl SignIn for Directory {
    fn source(&self) -> &str {
        DIRECTORY
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(self.attempt(attempt, context))
    }
}

impl Typed {
    /// What no account can have is not looked up; which texts these are is no secret.
    fn of(form: &Params<'_>) -> Option<Self> {
        Some(Self {
            username: form.value("username")?.parse().ok()?,
            password: Password::new(form.value("password")?).ok()?,
        })
    }
}

impl Found {
    /// Who has signed in, and by which hash. Everything is judged after the hash, so that no answer comes sooner than another.
    fn judge(&self, right: bool, context: &Context<'_>) -> Result<(Standing, &str), Failure> {
        let standing = self.standing.ok_or(Failure::UnknownUser)?;
        let hash = self.hash.as_deref().ok_or(Failure::NoPassword)?;
        if !right {
            return Err(Failure::WrongPassword);
        }
        if standing.status != UserStatus::Active {
            return Err(Failure::DisabledUser);
        }
        if !context.cache.admits(standing.organization) {
            return Err(Failure::InactiveOrganization);
        }
        Ok((standing, hash))
    }
}

/// Counts an attempt before its password is looked at, so that guesses side by side cannot outrun the limit. Tells how long
/// to wait where there were too many.
async fn count(account: Digest, context: &Context<'_>) -> Result<Option<Lifetime>, Fault> {
    let (now, limit) = (context.now, i64::from(context.settings.sign_in.attempts_per_account));
    let count = move |tx: &mut dyn Tx| {
        let known = tx.attempts(&account)?;
        let attempts = known.unwrap_or(AccountAttempts::none(account, now));
        if let Some(wait) = attempts.wait(limit, now) {
            return Err(Stop::Refuse(wait));
        }
        match known {
            Some(_) if !tx.update_attempts(&attempts, &attempts.and_one(now))? => {
                return Err(Fault::Raced.into());
            }
            Some(_) => {}
            None => tx.insert_attempts(&attempts.and_one(now)).map_err(Fault::into_race)?,
        }
        Ok(())
    };
    Ok(context.cache.store().write(count).await?.err())
}

/// The account of this name. Nobody's identifier is asked for as anybody's would be.
async fn find(username: Username, context: &Context<'_>) -> Result<Found, Fault> {
    let nobody = Id::from_parts(0, 0);
    let find = move |tx: &mut dyn Tx| {
        let user = tx.user_known_as(DIRECTORY, username.as_str())?.unwrap_or(nobody);
        Ok(Found { user, standing: tx.user_standing(user)?, hash: tx.password(user)? })
    };
    context.cache.store().snapshot(find).await
}

/// Replaces a hash that was made at another cost, now that the password is at hand. That it is not urgent is the point: the
/// old one works, so a failure is only logged, and nobody waits in line for it.
async fn renew(user: Id, old: &str, password: Password, context: &Context<'_>) {
    if context.hashing.cost().differs(old)
        && let Err(fault) = renewed(user, old.to_owned(), password, context).await
    {
        tracing::warn!(%fault, %user, "a password's hash could not be renewed at the present cost");
    }
}

async fn renewed(user: Id, old: String, password: Password, context: &Context<'_>) -> Result<(), Fault> {
    let (salt, now) = (Salt::draw(context.random).map_err(Fault::broken)?, context.now);
    let new = context.hashing.place()?.hash(password, salt).await?;
    let renew = move |tx: &mut dyn Tx| {
        // Lost to a new password set meanwhile, this does nothing.
        tx.update_password(user, &old, &new, now).map(drop)
    };
    context.cache.write_in_passing(user, renew);
    Ok(())
}

fn signed_in(username: &Username, standing: Standing, counted: Digest, now: Seconds) -> Step {
    Step::SignedIn(SignedIn {
        external_id: username.to_string(),
        authentication: Authentication::by_password(now),
        claims: None,
        generation: Some(standing.generation),
        attempts: Some(counted),
    })
}

fn too_many(per: &'static str, wait: Lifetime, address: Option<IpAddr>) -> Step {
    let address = address.map(tracing::field::display);
    tracing::info!(per, %wait, address, "too many attempts to sign in");
    metrics::counter!("doorward_sign_in_failures_total", "reason" => "too_many_attempts").increment(1);
    Step::Form(Some(Notice::TooManyAttempts(wait)))
}

impl Failure {
    /// The reason as a label of metrics.
    const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownUser => "unknown_user",
            Self::NoPassword => "no_password",
            Self::WrongPassword => "wrong_password",
            Self::DisabledUser => "disabled_user",
            Self::InactiveOrganization => "inactive_organization",
        }
    }
}
