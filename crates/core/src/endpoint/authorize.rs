//! The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2). Owns the one decision of the browser's way: what
//! comes next, the sign-in, the choice of an account, the question for consent, or the answer to the client. Every page
//! posts elsewhere and comes back here.

use crate::access::consent::Consent;
use crate::context::{Context, PageRequest};
use crate::endpoint::browser::{self, People, SignedInUser};
use crate::endpoint::consent;
use crate::endpoint::interaction::{UnderWay, expired};
use crate::endpoint::page::{Account, Asking, ChoosePage, Cookies, Page, Then, Turn};
use crate::endpoint::sign_in;
use crate::identity::user::Username;
use crate::request::answer::AuthorizationAnswer;
use crate::request::authorization::{self, AuthorizationRequest, Unfit};
use crate::sign_in::SignIn;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::code::{self, Code};
use crate::ticket::interaction::{Goal, Progress};
use crate::token::mint;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::params::Params;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::ConsentMode;

/// What comes next.
pub(super) enum Decision<'a> {
    /// Somebody has to sign in; this person anew, where one is named.
    SignIn(Option<&'a SignedInUser>),
    /// Somebody has to choose an account.
    Choose,
    /// This person is asked whether they agree.
    Consent(&'a SignedInUser),
    /// The client gets a code for this person, resting on their consent where it needs one.
    Code(&'a SignedInUser, Option<&'a Consent>),
    /// The client is told why not.
    Error(OAuthError),
}

/// Answers an authorization request, or goes on with one.
///
/// # Errors
/// An error that cannot go back to a client, for a page of ours; a fault.
pub async fn authorize(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let under_way = if request.params.value("interaction").is_some() {
        UnderWay::resume(request, context).await?
    } else {
        let pairs = request.params.pairs();
        let goal = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        UnderWay::begin(Goal::Authorize(goal), &request.browser, context)?
    };
    let goal = match &under_way.interaction.goal {
        Goal::Authorize(goal) => goal,
        Goal::Page(path) => return arrive(path.clone(), &under_way, context).await,
        Goal::SignOut(_) => return Err(expired()),
    };
    let params = Params::of(goal)?;
    let asked = match authorization::read(&params, context).await {
        Ok(asked) => asked,
        Err(Stop::Refuse(unfit) | Stop::RefuseAndCommit(unfit)) => return told(unfit),
        Err(Stop::Fault(fault)) => return Err(fault.into()),
    };
    let people = browser::people(&request.browser, context).await?;
    step(asked, &people, &under_way, request, context, sign_in).await
}

/// A page of ours gets the person it wanted.
async fn arrive(path: String, under_way: &UnderWay, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    if let Some(row) = under_way.row() {
        context.cache.store().write(move |tx| end(Some(row), tx)).await??;
    }
    Ok(Turn { cookies: Cookies::default(), then: Then::Go(path) })
}

/// RFC 9700 §4.11: an unknown client or redirect URI is told to the person, on a page; everything else to the client.
fn told(unfit: Unfit) -> Result<Turn, Stop<OAuthError>> {
    match unfit {
        Unfit::Page(error) => Err(Stop::Refuse(error)),
        Unfit::Reply(reply, error) => Ok(answered(reply.error(&error))),
    }
}

async fn step(
    asked: AuthorizationRequest,
    people: &People,
    under_way: &UnderWay,
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let progress = under_way.interaction.progress;
    let consent = match subject(&asked, people, progress) {
        Some(person) => consent::given(person.user.id, &asked, context).await?,
        None => None,
    };
    let page = match decide(&asked, people, progress, consent.as_ref(), context) {
        Decision::Code(person, consent) => {
            return issue(&asked, person, consent, under_way, context).await;
        }
        Decision::Error(error) => {
            let row = under_way.row();
            context.cache.store().write(move |tx| end(row, tx)).await??;
            return Ok(answered(asked.reply.error(&error)));
        }
        Decision::Choose => Page::Choose(choose(&asked, people, under_way, context)?),
        Decision::Consent(person) => Page::Consent(consent::page(&asked, person, under_way, context)?),
        Decision::SignIn(again) => {
            sign_in::first_sight(Some(&asked), again, under_way, request, context, sign_in).await?
        }
    };
    Ok(shown(page, under_way))
}

/// The person that the request is about, if they are signed in in this browser.
pub(super) fn subject<'a>(
    asked: &AuthorizationRequest,
    people: &'a People,
    progress: Progress,
) -> Option<&'a SignedInUser> {
    if progress.another {
        return None;
    }
    match (progress.session, &asked.hint) {
        (Some(session), _) => people.in_session(session),
        (None, Some(hint)) => people.with_subject(&hint.sub),
        (None, None) => hinted(asked, people).or_else(|| people.current()),
    }
}

/// OpenID Connect Core §3.1.2.1: the one whom the `login_hint` names, if they are signed in here.
fn hinted<'a>(asked: &AuthorizationRequest, people: &'a People) -> Option<&'a SignedInUser> {
    let hint: Username = asked.login_hint.as_deref()?.parse().ok()?;
    people.accounts.iter().find(|account| account.user.username == hint)
}

/// OpenID Connect Core §3.1.2.3, §3.1.2.4.
pub(super) fn decide<'a>(
    asked: &AuthorizationRequest,
    people: &'a People,
    progress: Progress,
    consent: Option<&'a Consent>,
    context: &Context<'_>,
) -> Decision<'a> {
    let no_page = |code, description: &'static str| Decision::Error(OAuthError::new(code, description));
    if progress.denied {
        return no_page(ErrorCode::AccessDenied, "the person said no");
    }
    let person = subject(asked, people, progress);
    if has_to_choose(asked, people, person, progress) {
        return if asked.prompt.none {
            no_page(ErrorCode::AccountSelectionRequired, "the person has to choose an account")
        } else {
            Decision::Choose
        };
    }
    let Some(person) = person.filter(|person| !has_to_sign_in(asked, person, progress, context)) else {
        return if asked.prompt.none {
            no_page(ErrorCode::LoginRequired, "the person has to sign in")
        } else {
            Decision::SignIn(person)
        };
    };
    // OpenID Connect Core §3.1.2.1: somebody else than the one who was meant has signed in.
    if asked.hint.as_ref().is_some_and(|hint| hint.sub != person.user.id.to_string()) {
        return no_page(ErrorCode::LoginRequired, "somebody else is signed in than the id_token_hint names");
    }
    let consent = consent.filter(|consent| consent.covers(&asked.reach.scope));
    if has_to_agree(asked, consent, progress) {
        return if asked.prompt.none {
            no_page(ErrorCode::ConsentRequired, "the person has to agree")
        } else {
            Decision::Consent(person)
        };
    }
    Decision::Code(person, consent)
}

/// Several accounts, and nothing that tells which: the one in use has ended, or the client wants the person to say.
fn has_to_choose(
    asked: &AuthorizationRequest,
    people: &People,
    person: Option<&SignedInUser>,
    progress: Progress,
) -> bool {
    let settled = progress.chosen || progress.signed_in || progress.another;
    if settled || people.accounts.is_empty() {
        return false;
    }
    asked.prompt.select_account || (person.is_none() && asked.hint.is_none())
}

/// Satisfied demands are remembered: a sign-in in this very interaction is as fresh as any can be. OpenID Connect Core
/// §3.1.2.1: `max_age=0` is `prompt=login`, also within the second of the last sign-in.
fn has_to_sign_in(
    asked: &AuthorizationRequest,
    person: &SignedInUser,
    progress: Progress,
    context: &Context<'_>,
) -> bool {
    let here = progress.signed_in && progress.session == Some(person.session.id);
    let stale = |age: Lifetime| age == Lifetime::seconds(0) || !person.session.is_fresh(age, context.now);
    let stale = asked.max_age.is_some_and(stale);
    !here && (asked.prompt.login || stale)
}

fn has_to_agree(asked: &AuthorizationRequest, consent: Option<&Consent>, progress: Progress) -> bool {
    if asked.prompt.consent && !progress.consented {
        return true;
    }
    asked.client.client.consent == ConsentMode::Explicit && consent.is_none()
}

fn choose(
    asked: &AuthorizationRequest,
    people: &People,
    under_way: &UnderWay,
    context: &Context<'_>,
) -> Result<ChoosePage, Fault> {
    let account = |one: &SignedInUser| Account {
        session: one.session.id,
        username: one.user.username.to_string(),
        name: one.user.name.clone(),
    };
    Ok(ChoosePage {
        hidden: under_way.hidden(sign_in::PAGE, context)?,
        asking: Some(asking(asked)),
        accounts: people.accounts.iter().map(account).collect(),
    })
}

/// On whose behalf a page is shown.
pub(super) fn asking(asked: &AuthorizationRequest) -> Asking {
    Asking {
        client: asked.client.client.name.clone(),
        redirect_origin: asked.reply.target.origin().to_owned(),
    }
}

/// A page, and the cookie that it needs to be answered.
pub(super) fn shown(page: Page, under_way: &UnderWay) -> Turn {
    let browser = under_way.is_new_browser.then(|| under_way.browser.clone());
    Turn { cookies: Cookies { browser, sessions: None }, then: Then::Show(page) }
}

fn answered(answer: AuthorizationAnswer) -> Turn {
    Turn { cookies: Cookies::default(), then: Then::Answer(answer) }
}

/// RFC 6749 §4.1.2: the code, durable before it leaves; an interaction ends with it, so it gives one code and no more.
async fn issue(
    asked: &AuthorizationRequest,
    person: &SignedInUser,
    consent: Option<&Consent>,
    under_way: &UnderWay,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    let (text, code) = code(asked, person, consent, context)?;
    let (row, now) = (under_way.row(), context.now);
    let touched = browser::is_due(&person.session, context).then_some(person.session.id);
    let record = move |tx: &mut dyn Tx| {
        end(row, tx)?;
        if let Some(session) = touched {
            tx.touch_session(session, now)?;
        }
        Ok(tx.insert_code(&code)?)
    };
    context.cache.store().write(record).await??;
    metrics::counter!("doorward_codes_issued_total").increment(1);
    Ok(answered(asked.reply.clone().code(&text)))
}

/// An interaction that is a row ends once.
fn end(row: Option<Digest>, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
    match row {
        Some(row) if !tx.delete_interaction(&row)? => Err(expired()),
        _ => Ok(()),
    }
}

fn code(
    asked: &AuthorizationRequest,
    person: &SignedInUser,
    consent: Option<&Consent>,
    context: &Context<'_>,
) -> Result<(Secret, Code), Fault> {
    let random = context.random.secret().map_err(Fault::broken)?;
    let (text, pepper, digest) = mint::secret(TokenType::AuthorizationCode, &random, context.peppers);
    let client = &asked.client.client;
    let code = Code {
        digest,
        pepper,
        family: context.new_id()?,
        client: client.id,
        client_generation: client.generation,
        user: person.user.id,
        user_generation: person.session.user_generation,
        session: person.session.id,
        consent: consent.map(|consent| (consent.id, consent.generation)),
        redirect_uri: asked.reply.target.as_str().to_owned(),
        redirect_uri_given: asked.redirect_uri_given,
        binding: asked.binding.clone(),
        scope: asked.reach.scope.clone(),
        api: asked.reach.api.as_ref().map(|api| api.id),
        nonce: asked.nonce.clone(),
        authentication: person.session.authentication.clone(),
        issued_at: context.now,
        expires_at: context.now + code::LIFETIME,
        used_at: None,
    };
    Ok((text, code))
}
