//! A person's own pages: who they are, which clients may act for them, their password. Owns who may see them (the person,
//! and for the password only shortly after signing in, OWASP ASVS 7.5), and what their forms do.

use crate::context::{Context, PageRequest};
use crate::endpoint::browser::{self, SignedInUser};
use crate::endpoint::consent::words;
use crate::endpoint::interaction::{expired, is_session_csrf, session_csrf};
use crate::endpoint::page::{
    ACCOUNT, AccountPage, Cookies, GivenConsent, Hidden, PASSWORD, Page, PasswordPage, Then, Turn,
};
use crate::endpoint::setup::sentences;
use crate::endpoint::sign_in;
use crate::identity::session::STEP_UP;
use crate::identity::user::DIRECTORY;
use crate::manage::call::Call;
use crate::manage::permit::Permit;
use crate::manage::{Refused, consents, users};
use crate::sign_in::{Attempt, Notice, SignIn, SignedIn, Step};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::openid;
use doorward_protocol::params::Params;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use std::convert::Infallible;

/// The person whose pages these are, or the page that asks who they are.
enum Visitor {
    Known(Box<SignedInUser>),
    Unknown(Box<Turn>),
}

/// Finds the person; with a time, only somebody who signed in within it.
async fn visitor(
    path: &str,
    within: Option<Lifetime>,
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Visitor, Stop<OAuthError>> {
    let people = browser::people(&request.browser, context).await?;
    let current = people.current().or_else(|| people.accounts.first());
    let is_fresh =
        |person: &&SignedInUser| within.is_none_or(|time| person.session.is_fresh(time, context.now));
    if let Some(person) = current.filter(is_fresh) {
        seen(person, context).await?;
        return Ok(Visitor::Known(Box::new(person.clone())));
    }
    let turn = sign_in::wanted(context.settings.page(path), current, request, context, sign_in).await?;
    Ok(Visitor::Unknown(Box::new(turn)))
}

/// A session that is in use does not idle out.
async fn seen(person: &SignedInUser, context: &Context<'_>) -> Result<(), Fault> {
    if !browser::is_due(&person.session, context) {
        return Ok(());
    }
    let (session, now) = (person.session.id, context.now);
    let touch = move |tx: &mut dyn Tx| Ok::<_, Stop<Infallible>>(tx.touch_session(session, now)?);
    let Ok(_) = context.cache.store().write(touch).await?;
    Ok(())
}

/// Who you are.
///
/// # Errors
/// A fault.
pub async fn account(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let person = match visitor(ACCOUNT, None, request, context, sign_in).await? {
        Visitor::Known(person) => person,
        Visitor::Unknown(turn) => return Ok(*turn),
    };
    let user = &person.user;
    let page = AccountPage {
        hidden: hidden(ACCOUNT, &person, context),
        username: user.username.to_string(),
        name: user.name.clone(),
        email: user.email.clone(),
        has_password: user.source == DIRECTORY,
        consents: given(&person, request, context).await?,
    };
    Ok(shown(Page::Account(page)))
}

fn shown(page: Page) -> Turn {
    Turn { cookies: Cookies::default(), then: Then::Show(page) }
}

fn hidden(page: &str, person: &SignedInUser, context: &Context<'_>) -> Hidden {
    Hidden { interaction: String::new(), csrf: session_csrf(page, person, context) }
}

/// The forms of these pages are bound to the session in which they were shown.
fn posted(
    page: &str,
    person: &SignedInUser,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<(), Stop<OAuthError>> {
    let shown = request.params.value("csrf").unwrap_or_default();
    if is_session_csrf(page, person, shown, context) { Ok(()) } else { Err(expired()) }
}

/// What somebody does at their own pages, by themselves.
fn call(person: &SignedInUser, request: &PageRequest<'_>, context: &Context<'_>) -> Result<Call, Fault> {
    let permit = Permit::in_person(person.session.user, request.caller.address);
    Ok(Call::by(permit, context)?.authenticated(Some(person.session.authentication.auth_time)))
}

/// Whether a form comes from the account page as it was shown to this person.
pub(super) fn is_from(person: &SignedInUser, request: &PageRequest<'_>, context: &Context<'_>) -> bool {
    posted(ACCOUNT, person, request, context).is_ok()
}

async fn given(
    person: &SignedInUser,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<Vec<GivenConsent>, Stop<OAuthError>> {
    let consents = match consents::list(person.user.id, &call(person, request, context)?, context).await {
        Ok(consents) => consents,
        Err(Stop::Fault(fault)) => return Err(fault.into()),
        // What is one's own is refused to nobody.
        Err(Stop::Refuse(refused) | Stop::RefuseAndCommit(refused)) => {
            return Err(Fault::broken(refused).into());
        }
    };
    let apis = context.cache.apis();
    let mut given = Vec::with_capacity(consents.len());
    for consent in consents {
        let Some(client) = context.cache.client(consent.client).await? else { continue };
        let api = consent.api.and_then(|id| apis.by_id(id));
        let own = openid::SCOPES.iter().filter(|(name, _)| consent.scope.contains(name));
        let own = own.map(|(_, text)| (*text).to_owned());
        let at_api = api.iter().flat_map(|api| &api.scopes);
        let at_api = at_api.filter(|scope| consent.scope.contains(&scope.name));
        given.push(GivenConsent {
            id: consent.id,
            client: client.client.name.clone(),
            api: api.map(|api| api.name.clone()),
            scopes: own.chain(at_api.map(|scope| words(&scope.name, &scope.description))).collect(),
            since: consent.updated_at,
        });
    }
    Ok(given)
}

/// Takes a consent back, and with it every token that rests on it.
///
/// # Errors
/// `invalid_request` for a form of another session; a fault.
pub async fn revoke_consent(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let person = match visitor(ACCOUNT, None, request, context, sign_in).await? {
        Visitor::Known(person) => person,
        Visitor::Unknown(turn) => return Ok(*turn),
    };
    posted(ACCOUNT, &person, request, context)?;
    let consent = request.params.required("consent")?;
    let consent: Id = consent.parse().map_err(|_| expired())?;
    match consents::revoke(person.user.id, consent, &call(&person, request, context)?, context).await {
        // One that is gone already is what the person wanted.
        Ok(()) | Err(Stop::Refuse(_) | Stop::RefuseAndCommit(_)) => {}
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    }
    Ok(Turn { cookies: Cookies::default(), then: Then::Go(context.settings.page(ACCOUNT)) })
}

/// Change your password.
///
/// # Errors
/// A fault.
pub async fn password_page(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    match visitor(PASSWORD, Some(STEP_UP), request, context, sign_in).await? {
        Visitor::Known(person) => password_form(&person, vec![], context),
        Visitor::Unknown(turn) => Ok(*turn),
    }
}

fn password_form(
    person: &SignedInUser,
    wrong: Vec<String>,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    if person.user.source != DIRECTORY {
        return Err(Stop::Refuse(OAuthError::invalid_request("this account has no password here")));
    }
    let username = person.user.username.to_string();
    Ok(shown(Page::Password(PasswordPage { hidden: hidden(PASSWORD, person, context), username, wrong })))
}

/// Takes the new password. Everything that was issued on the person's behalf ends; they sign in again with the new one.
///
/// # Errors
/// `invalid_request` for a form of another session; a fault.
pub async fn change_password(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let person = match visitor(PASSWORD, Some(STEP_UP), request, context, sign_in).await? {
        Visitor::Known(person) => person,
        Visitor::Unknown(turn) => return Ok(*turn),
    };
    posted(PASSWORD, &person, request, context)?;
    let value = |name| request.params.value(name).unwrap_or_default();
    let (current, password) = (value("current_password"), value("password"));
    if password != value("password_again") {
        return password_form(&person, vec!["The two new passwords are not the same.".to_owned()], context);
    }
    if current == password {
        return password_form(&person, vec!["The new password is the one you have.".to_owned()], context);
    }
    if let Some(wrong) = wrong(current, &person, request, context, sign_in).await? {
        return password_form(&person, vec![wrong], context);
    }
    let (password, call) = (Secret::new(password.to_owned()), call(&person, request, context)?);
    // The current password was looked at after the session was: both count for the session's generation, and no other.
    let generation = person.session.user_generation;
    match users::change_password(person.user.id, generation, &password, &call, context).await {
        Ok(_) => changed(request, context).await,
        Err(Stop::Refuse(Refused::Invalid(findings)) | Stop::RefuseAndCommit(Refused::Invalid(findings))) => {
            password_form(&person, sentences(findings), context)
        }
        Err(Stop::Fault(fault)) => Err(fault.into()),
        Err(Stop::Refuse(_) | Stop::RefuseAndCommit(_)) => Err(expired()),
    }
}

/// The person's sessions are over; those of others in this browser stay.
async fn changed(request: &PageRequest<'_>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    let others = browser::people(&request.browser, context).await?.accounts;
    let sessions = Some(others.into_iter().map(|other| other.secret).collect());
    Ok(Turn {
        cookies: Cookies { browser: None, sessions },
        then: Then::Show(Page::Done(
            "Your password is changed",
            "You are signed out everywhere, and can sign in with the new password now.",
        )),
    })
}

/// OWASP ASVS 6.2.3: the current password is asked for, by the same way (and under the same limits) as at signing in.
async fn wrong(
    current: &str,
    person: &SignedInUser,
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Option<String>, Fault> {
    let pairs = [
        ("username".to_owned(), person.user.external_id.clone()),
        ("password".to_owned(), current.to_owned()),
    ];
    let form = Params::of(&pairs).map_err(|error| Fault::broken(error.description()))?;
    let caller = request.caller;
    let (form, cookies, hidden) = (Some(&form), &[], &[]);
    let attempt = Attempt { form, login_hint: None, afresh: true, action: "", hidden, cookies, caller };
    let is_theirs = |proved: &SignedIn| {
        (sign_in.source(), &proved.external_id) == (&*person.user.source, &person.user.external_id)
    };
    match sign_in.step(attempt, context).await? {
        Step::SignedIn(signed_in) if is_theirs(&signed_in) => {
            if let Some(account) = signed_in.attempts {
                let forget = move |tx: &mut dyn Tx| Ok::<_, Stop<Infallible>>(tx.delete_attempts(&account)?);
                let Ok(_) = context.cache.store().write(forget).await?;
            }
            Ok(None)
        }
        Step::Form(Some(Notice::TooManyAttempts(wait))) => {
            Ok(Some(format!("Too many attempts. Try again in {} minutes.", wait.0.div_euclid(60) + 1)))
        }
        // Somebody else's password is as wrong as none, also where a host has come to stand at the door since.
        Step::SignedIn(_) | Step::Form(_) | Step::Page(_) => {
            Ok(Some("The current password is wrong.".to_owned()))
        }
    }
}
