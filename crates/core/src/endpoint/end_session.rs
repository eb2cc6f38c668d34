//! Signing out (OpenID Connect RP-Initiated Logout). Owns whose word is enough: that of a client which shows an ID token of
//! the person who is signed in; anybody else's has to be confirmed on a page (§3), or any site could sign people out.

use crate::client::Client;
use crate::client::redirect::{RedirectTarget, match_redirect};
use crate::context::{Context, PageRequest};
use crate::endpoint::account;
use crate::endpoint::authorize;
use crate::endpoint::browser::{self, People, SignedInUser};
use crate::endpoint::interaction::{UnderWay, expired};
use crate::endpoint::page::{Cookies, LOGGED_OUT, Page, SignOutPage, Then, Turn};
use crate::manage::call::Call;
use crate::manage::permit::Permit;
use crate::manage::sessions;
use crate::store::fault::Stop;
use crate::ticket::interaction::Goal;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::ClientId;
use doorward_protocol::jose::claims::IdTokenHint;
use doorward_protocol::params::Params;
use doorward_protocol::secret::Secret;

/// What its form is bound to.
const PAGE: &str = "sign out";

/// A request to sign out, checked.
#[derive(Default)]
struct Request {
    hint: Option<IdTokenHint>,
    target: Option<RedirectTarget>,
    state: Option<String>,
}

/// Signs out, or asks whether to.
///
/// # Errors
/// `invalid_request` for a place to go to that the client has not registered; a fault.
pub async fn end_session(request: &PageRequest<'_>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    let people = browser::people(&request.browser, context).await?;
    if request.params.value("csrf").is_some() {
        return match request.params.value("interaction") {
            Some(_) => confirmed(&people, request, context).await,
            None => from_account(&people, request, context).await,
        };
    }
    let asked = read(&request.params, context).await?;
    let meant = asked.hint.as_ref().map(|hint| meant(hint, &people));
    match meant {
        // Who is meant is signed in, and the client has shown that it knows them.
        Some(Some(person)) => {
            let ended = vec![person.clone()];
            end(&ended, &people, asked, request, context).await
        }
        // Nobody is signed in: there is nothing to do, and nothing to ask.
        Some(None) if people.accounts.is_empty() => Ok(left(asked, None, context)),
        None if people.accounts.is_empty() => {
            Ok(Turn { cookies: Cookies::default(), then: Then::Go(context.settings.page(LOGGED_OUT)) })
        }
        Some(None) | None => ask(&people, asked.target.as_ref(), request, context),
    }
}

/// OpenID Connect RP-Initiated Logout §2: the session that the ID token names, else one of the same person.
fn meant<'a>(hint: &IdTokenHint, people: &'a People) -> Option<&'a SignedInUser> {
    let same = people.in_session(hint.sid).filter(|one| one.user.id.to_string() == hint.sub);
    same.or_else(|| people.with_subject(&hint.sub))
}

fn ask(
    people: &People,
    target: Option<&RedirectTarget>,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    let pairs = request.params.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let under_way = UnderWay::begin(Goal::SignOut(pairs), &request.browser, context)?;
    let names: Vec<_> = people.accounts.iter().map(|account| account.user.username.as_str()).collect();
    let page = SignOutPage {
        hidden: under_way.hidden(PAGE, context)?,
        username: names.join(", "),
        redirect_origin: target.map(|target| target.origin().to_owned()),
    };
    Ok(authorize::shown(Page::SignOut(page), &under_way))
}

/// The person has said yes: everybody who is signed in in this browser is signed out.
async fn confirmed(
    people: &People,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    let under_way = UnderWay::posted(request, PAGE, context).await?;
    let asked = match &under_way.interaction.goal {
        Goal::SignOut(pairs) => read(&Params::of(pairs)?, context).await?,
        Goal::Authorize(_) | Goal::Page(_) => Request::default(),
    };
    end(&people.accounts, people, asked, request, context).await
}

/// The button on a person's own page, which was shown to them alone.
async fn from_account(
    people: &People,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    let shown_to = |one: &&SignedInUser| account::is_from(one, request, context);
    let person = people.accounts.iter().find(shown_to).ok_or_else(expired)?;
    let asked = Request::default();
    end(std::slice::from_ref(person), people, asked, request, context).await
}

async fn end(
    ended: &[SignedInUser],
    people: &People,
    asked: Request,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    for person in ended {
        let permit = Permit::in_person(person.user.id, request.caller.address);
        match sessions::end(person.session.id, &Call::by(permit, context)?, context).await {
            // One that is gone already is what the person wanted.
            Ok(()) | Err(Stop::Refuse(_) | Stop::RefuseAndCommit(_)) => {}
            Err(Stop::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(left(asked, Some(staying(ended, people)), context))
}

/// The sessions that go on. Behind the account that was in use comes no other by itself: where others stay, its place in the
/// cookie is kept by the secret that is good for nothing any more, and the next request asks which of them it is.
fn staying(ended: &[SignedInUser], people: &People) -> Vec<Secret> {
    let has_ended = |one: &SignedInUser| ended.iter().any(|ended| ended.session.id == one.session.id);
    let mut sessions = people.accounts.iter().filter(|one| !has_ended(one)).peekable();
    let place = people.current().filter(|one| has_ended(one) && sessions.peek().is_some());
    place.into_iter().chain(sessions).map(|one| one.secret.clone()).collect()
}

/// §3: back to the client, if it has said where; else to a page of ours.
fn left(asked: Request, sessions: Option<Vec<Secret>>, context: &Context<'_>) -> Turn {
    let then = match asked.target {
        Some(target) => {
            let state = asked.state.as_deref().map(|state| ("state", state));
            Then::Leave(target.with_query(state.as_slice()))
        }
        None => Then::Go(context.settings.page(LOGGED_OUT)),
    };
    Turn { cookies: Cookies { browser: None, sessions }, then }
}

async fn read(params: &Params<'_>, context: &Context<'_>) -> Result<Request, Stop<OAuthError>> {
    let shown = params.value("id_token_hint");
    let hint = shown.and_then(|text| {
        let hint = context.cache.keyring().hint(text);
        hint.inspect_err(|reason| tracing::debug!(%reason, "an id_token_hint was not recognised")).ok()
    });
    let named = params.value("client_id").map(str::parse::<ClientId>).transpose();
    let named = named.map_err(|_| refused("the 'client_id' is not one of this server's"))?;
    if let (Some(hint), Some(named)) = (&hint, &named)
        && hint.aud != *named
    {
        return Err(refused("the 'id_token_hint' was issued to another client than 'client_id' names"));
    }
    let client = match hint.as_ref().map(|hint| &hint.aud).or(named.as_ref()) {
        Some(client_id) => context.cache.client_named(client_id).await?,
        None => None,
    };
    let takes_part = match &client {
        Some(record) => context.cache.takes_part(&record.client).await?,
        None => true,
    };
    // An ID token whose key has gone says nothing of a client, whose the URI could be: the person is asked, and stays here.
    let unrecognised = shown.is_some() && hint.is_none() && named.is_none();
    let target = match params.value("post_logout_redirect_uri").filter(|_| !unrecognised) {
        // Nobody is sent to a client that was switched off, and nobody stays signed in because of it.
        Some(_) if !takes_part => None,
        Some(uri) => Some(target(uri, client.as_deref().map(|record| &record.client))?),
        None => None,
    };
    Ok(Request { hint, target, state: params.value("state").map(str::to_owned) })
}

/// §3: the URI must be one that was registered.
fn target(uri: &str, client: Option<&Client>) -> Result<RedirectTarget, Stop<OAuthError>> {
    let found = client
        .and_then(|client| match_redirect(uri, &client.post_logout_redirect_uris, !client.is_confidential()));
    found.ok_or_else(|| {
        refused("the 'post_logout_redirect_uri' is not one that this application has registered")
    })
}

fn refused(description: &'static str) -> Stop<OAuthError> {
    Stop::Refuse(OAuthError::invalid_request(description))
}
