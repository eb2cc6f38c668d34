//! Signing in: the page, and what follows from somebody's having proved who they are: a new session in this browser. Owns
//! the sessions' beginning; the proof is the business of whoever stands behind `sign_in::SignIn`.

use crate::context::draft::Draft;
use crate::context::{Context, PageRequest};
use crate::endpoint::authorize;
use crate::endpoint::browser::{self, MOST_ACCOUNTS, People, SignedInUser};
use crate::endpoint::interaction::{Move, UnderWay, expired};
use crate::endpoint::page::{ACCOUNT, Asking, Cookies, HostPage, LOGIN, Page, SignInPage, Then, Turn};
use crate::identity::authentication::Authentication;
use crate::identity::session::Session;
use crate::identity::user::{DIRECTORY, Standing, User};
use crate::request::authorization::{self, AuthorizationRequest};
use crate::sign_in::{Attempt, Notice, SignIn, SignedIn, Step};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::interaction::{Goal, Interaction, Progress};
use crate::token::mint;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::Id;
use doorward_protocol::params::Params;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::UserStatus;

/// What its forms are bound to.
pub(super) const PAGE: &str = "sign in";

/// The page as it is first seen; for somebody who is signed in and has to prove it anew, with their name in it.
pub(super) async fn first_sight(
    asked: Option<&AuthorizationRequest>,
    again: Option<&SignedInUser>,
    under_way: &UnderWay,
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Page, Stop<OAuthError>> {
    let hint = asked.and_then(|asked| asked.login_hint.as_deref());
    let hint = hint.or(again.map(|person| person.user.username.as_str()));
    let asking = asked.map(authorize::asking);
    match attempt(None, hint, under_way, request, context, sign_in).await? {
        Step::Form(more) => {
            let username = hint.unwrap_or_default().chars().take(100).collect();
            let notice = more.or(again.map(|_| Notice::ProveAgain));
            form(asking, username, notice, under_way, context)
        }
        Step::Page(html) => Ok(Page::Host(HostPage { asking, html })),
        Step::SignedIn(_) => Err(Fault::broken("a sign-in without an attempt").into()),
    }
}

async fn attempt(
    form: Option<&Params<'_>>,
    login_hint: Option<&str>,
    under_way: &UnderWay,
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Step, Fault> {
    let hidden = under_way.hidden(PAGE, context)?;
    let hidden = [("interaction", hidden.interaction), ("csrf", hidden.csrf)];
    let action = context.settings.issuer.path_to(&context.settings.page(LOGIN));
    let (cookies, caller) = (request.browser.cookies, request.caller);
    let (afresh, action) = (is_wanted_afresh(&under_way.interaction.goal), &*action);
    let attempt = Attempt { form, login_hint, afresh, action, hidden: &hidden, cookies, caller };
    sign_in.step(attempt, context).await
}

/// OpenID Connect Core §3.1.2.1: who asks by `prompt=login` or `max_age` wants a proof of now. So does a page of ours: a person's
/// own account is worth one.
fn is_wanted_afresh(goal: &Goal) -> bool {
    match goal {
        Goal::Authorize(asked) => asked.iter().any(|(name, value)| match name.as_str() {
            "prompt" => value.split(' ').any(|prompt| prompt == "login"),
            "max_age" => !value.is_empty(),
            _ => false,
        }),
        Goal::Page(_) => true,
        Goal::SignOut(_) => false,
    }
}

fn form(
    asking: Option<Asking>,
    username: String,
    notice: Option<Notice>,
    under_way: &UnderWay,
    context: &Context<'_>,
) -> Result<Page, Stop<OAuthError>> {
    let hidden = under_way.hidden(PAGE, context)?;
    Ok(Page::SignIn(SignInPage { hidden, asking, username, notice }))
}

/// Somebody comes by themselves: what they want is their account.
///
/// # Errors
/// A fault.
pub async fn page(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let account = context.settings.page(ACCOUNT);
    if browser::people(&request.browser, context).await?.current().is_some() {
        return Ok(Turn { cookies: Cookies::default(), then: Then::Go(account) });
    }
    wanted(account, None, request, context, sign_in).await
}

/// A page of ours wants somebody signed in.
pub(super) async fn wanted(
    path: String,
    again: Option<&SignedInUser>,
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    let under_way = UnderWay::begin(Goal::Page(path), &request.browser, context)?;
    let page = first_sight(None, again, &under_way, request, context, sign_in).await?;
    Ok(authorize::shown(page, &under_way))
}

/// Takes what a person has posted: their proof, or the account they choose.
///
/// # Errors
/// `invalid_request` for a form that is not this browser's, or too old; a fault.
pub async fn sign_in(
    request: &PageRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<Turn, Stop<OAuthError>> {
    if let Some(path) = UnderWay::grown_old(request, context).await? {
        return Ok(Turn { cookies: Cookies::default(), then: Then::Go(path) });
    }
    let under_way = UnderWay::posted(request, PAGE, context).await?;
    let people = browser::people(&request.browser, context).await?;
    let account = request.params.value("account");
    if let Some(account) = account.filter(|_| !people.accounts.is_empty()) {
        return choose(account, &people, &under_way, context).await;
    }
    // Nobody is left to choose among: the page to sign in on comes next, and there is nothing to record.
    let typed = account.is_none().then_some(&request.params);
    let params = match &under_way.interaction.goal {
        Goal::Authorize(goal) => Params::of(goal)?,
        Goal::Page(_) | Goal::SignOut(_) => Params::default(),
    };
    let hint = params.value("login_hint");
    match attempt(typed, hint, &under_way, request, context, sign_in).await? {
        Step::SignedIn(signed_in) => {
            begin(signed_in, sign_in.source(), &people, &under_way, request, context).await
        }
        Step::Form(notice) => {
            let username = request.params.value("username").unwrap_or_default().chars().take(100).collect();
            let asking = asking(&params, context).await?;
            Ok(authorize::shown(form(asking, username, notice, &under_way, context)?, &under_way))
        }
        Step::Page(html) => {
            let page = Page::Host(HostPage { asking: asking(&params, context).await?, html });
            Ok(authorize::shown(page, &under_way))
        }
    }
}

/// On whose behalf the page is shown again, if the request still is what it was.
async fn asking(params: &Params<'_>, context: &Context<'_>) -> Result<Option<Asking>, Fault> {
    match authorization::read(params, context).await {
        Ok(asked) => Ok(Some(authorize::asking(&asked))),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Refuse(_) | Stop::RefuseAndCommit(_)) => Ok(None),
    }
}

async fn choose(
    account: &str,
    people: &People,
    under_way: &UnderWay,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    let chosen = account.parse().ok().filter(|session: &Id| people.in_session(*session).is_some());
    let progress = match (account, chosen) {
        ("another", _) => Progress { chosen: true, another: true, ..Progress::default() },
        (_, Some(session)) => Progress { chosen: true, session: Some(session), ..Progress::default() },
        (_, None) => return Err(expired()),
    };
    let (moved, path) = under_way.moved_to(progress, context)?;
    context.cache.store().write(move |tx| moved.record(tx)).await??;
    // From now on this is the account in use.
    let sessions = chosen.map(|session| reordered(people, session));
    Ok(Turn { cookies: Cookies { browser: None, sessions }, then: Then::Go(path) })
}

fn reordered(people: &People, first: Id) -> Vec<Secret> {
    let (chosen, others): (Vec<_>, Vec<_>) =
        people.accounts.iter().partition(|account| account.session.id == first);
    chosen.into_iter().chain(others).map(|account| account.secret.clone()).collect()
}

/// OWASP ASVS 7.2.4: a new session at every sign-in; the one that the same person had in this browser ends with it.
async fn begin(
    signed_in: SignedIn,
    source: &str,
    people: &People,
    under_way: &UnderWay,
    request: &PageRequest<'_>,
    context: &Context<'_>,
) -> Result<Turn, Stop<OAuthError>> {
    let authentication = believed(&signed_in.authentication, under_way, context)?;
    let random = context.random.secret().map_err(Fault::broken)?;
    let (secret, pepper, digest) = mint::secret(TokenType::Session, &random, context.peppers);
    let session = context.new_id()?;
    let progress = Progress { session: Some(session), signed_in: true, chosen: true, ..Progress::default() };
    let (moved, path) = under_way.moved_to(progress, context)?;
    let beginning = Beginning {
        source: source.to_owned(),
        session: Session {
            id: session,
            digest,
            pepper,
            user: session,
            user_generation: 0,
            authentication,
            seen_at: context.now,
            expires_at: context.now + context.settings.session_absolute,
            ended_at: None,
        },
        signed_in,
        new_user: context.new_id()?,
        before: people.accounts.iter().map(|account| (account.session.id, account.user.id)).collect(),
        event: context.event("session.begun")?.about("session", session).from(request.caller),
        moved,
    };
    let user = context.cache.write(move |tx| beginning.record(tx)).await?;
    metrics::counter!("doorward_sign_ins_total").increment(1);
    let others = people.accounts.iter().filter(|account| account.user.id != user);
    let sessions = std::iter::once(secret).chain(others.map(|account| account.secret.clone()));
    let sessions = Some(sessions.take(MOST_ACCOUNTS).collect());
    Ok(Turn { cookies: Cookies { browser: None, sessions }, then: Then::Go(path) })
}

/// What a host says of a proof, as far as it can be: none is made in the future, and none that was made before this sign-in
/// began is a proof of now.
fn believed(
    said: &Authentication,
    under_way: &UnderWay,
    context: &Context<'_>,
) -> Result<Authentication, Fault> {
    let Interaction { goal, created_at, .. } = &under_way.interaction;
    if is_wanted_afresh(goal) && said.auth_time < *created_at {
        return Err(Fault::broken("a proof of now was wanted, and the host gave an earlier one"));
    }
    Ok(Authentication { auth_time: said.auth_time.min(context.now), ..said.clone() })
}

/// A session about to begin.
struct Beginning {
    source: String,
    session: Session,
    signed_in: SignedIn,
    new_user: Id,
    before: Vec<(Id, Id)>,
    event: Draft,
    moved: Move,
}

impl Beginning {
    /// Tells who has signed in.
    fn record(&self, tx: &mut dyn Tx) -> Result<Id, Stop<OAuthError>> {
        let (user, standing) = self.user(tx)?;
        self.counts(standing, tx)?;
        tx.insert_session(&Session { user, user_generation: standing.generation, ..self.session.clone() })?;
        self.displace(user, tx)?;
        if let Some(account) = &self.signed_in.attempts {
            forget(account, tx)?;
        }
        self.event.of_user(user).within(standing.organization).record(tx)?;
        self.moved.record(tx)?;
        Ok(user)
    }

    /// Whether the proof still is one: a password that was changed while the old one was being looked at has the last word.
    fn counts(&self, standing: Standing, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
        if self.signed_in.generation.is_some_and(|proved| proved != standing.generation) {
            return Err(expired());
        }
        if standing.status == UserStatus::Active && admits(standing.organization, tx)? {
            return Ok(());
        }
        Err(Stop::Refuse(OAuthError::new(ErrorCode::AccessDenied, "this account is switched off")))
    }

    /// Ends the sessions that this one takes the place of: one of the same person, whose tokens go on with this one, so that
    /// signing out of it still ends them; and one that the browser has no room for any more, which nobody could sign out of.
    fn displace(&self, user: Id, tx: &mut dyn Tx) -> Result<(), Fault> {
        let now = self.event.at();
        for (session, _) in self.before.iter().filter(|(_, before)| *before == user) {
            tx.end_session(*session, now)?;
            tx.move_families(*session, self.session.id)?;
        }
        let others = self.before.iter().filter(|(_, before)| *before != user);
        for (session, _) in others.skip(MOST_ACCOUNTS - 1) {
            tx.end_session(*session, now)?;
            tx.revoke_families_of_session(*session, now)?;
        }
        Ok(())
    }

    /// The person behind the proof: one whom the source knows by this name, written down at first sight, and again when
    /// something about them has changed.
    fn user(&self, tx: &mut dyn Tx) -> Result<(Id, Standing), Stop<OAuthError>> {
        if self.source == DIRECTORY && self.signed_in.claims.is_some() {
            let fault = "a host calls its people the directory's, whose records are its own";
            return Err(Fault::broken(fault).into());
        }
        let known = tx.user_known_as(&self.source, &self.signed_in.external_id)?;
        let known = match known {
            // What a host says of a person now may change them.
            Some(id) if self.signed_in.claims.is_some() && !tx.hold_user(id)? => None,
            Some(id) => tx.user(id)?,
            None => None,
        };
        match (known, self.signed_in.claims.clone()) {
            (Some(user), None) => Ok((user.id, user.standing())),
            (Some(user), Some(claims)) => {
                let mut described = user.clone();
                claims.describe(&mut described);
                if described != user {
                    described.updated_at = self.event.at().max(user.updated_at);
                    tx.update_user(&described)?;
                }
                Ok((user.id, user.standing()))
            }
            (None, Some(claims)) => {
                let names = (&*self.source, &*self.signed_in.external_id);
                let mut user = User::blank(self.new_user, names, claims.username.clone(), self.event.at());
                claims.describe(&mut user);
                tx.insert_user(&user).map_err(Fault::into_race)?;
                Ok((user.id, user.standing()))
            }
            // The directory's own record went between the proof and this transaction.
            (None, None) => Err(expired()),
        }
    }
}

fn forget(account: &Digest, tx: &mut dyn Tx) -> Result<(), Fault> {
    tx.delete_attempts(account).map(drop)
}

fn admits(organization: Option<Id>, tx: &mut dyn Tx) -> Result<bool, Fault> {
    crate::grant::standing::admits(organization, tx)
}
