//! The question for consent: may this client act for this person? Owns what the page says, and what an answer records.

use crate::access::consent::Consent;
use crate::access::granted;
use crate::context::draft::Draft;
use crate::context::{Context, PageRequest};
use crate::endpoint::authorize::{self, Decision};
use crate::endpoint::browser::{self, SignedInUser};
use crate::endpoint::interaction::{UnderWay, expired};
use crate::endpoint::page::{ConsentApi, ConsentPage, Cookies, Stays, Then, Turn};
use crate::request::authorization::{self, AuthorizationRequest};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::interaction::{Goal, Progress};
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::openid;
use doorward_protocol::params::Params;
use doorward_protocol::words::GrantType;

/// What a person has allowed this client at what it reaches for, if they were ever asked.
pub(super) async fn given(
    user: Id,
    asked: &AuthorizationRequest,
    context: &Context<'_>,
) -> Result<Option<Consent>, Fault> {
    let (client, api) = (asked.client.client.id, asked.reach.api.as_ref().map(|api| api.id));
    context.cache.store().read(move |tx| tx.consent(user, client, api)).await
}

/// The page.
pub(super) fn page(
    asked: &AuthorizationRequest,
    person: &SignedInUser,
    under_way: &UnderWay,
    context: &Context<'_>,
) -> Result<ConsentPage, Fault> {
    let client = &asked.client.client;
    let reach = &asked.reach;
    let offline = reach.scope.contains(openid::OFFLINE_ACCESS);
    let stays = match (client.may_use(GrantType::RefreshToken), offline) {
        (false, _) => Stays::Never,
        (true, true) => Stays::Beyond(context.settings.refresh.absolute),
        (true, false) => {
            Stays::UntilSignOut(context.settings.refresh.absolute.min(context.settings.session_absolute))
        }
    };
    Ok(ConsentPage {
        hidden: under_way.hidden(&binding(asked, person), context)?,
        asking: authorize::asking(asked),
        redirect_host: host(asked.reply.target.origin()).to_owned(),
        username: person.user.username.to_string(),
        own: own(asked),
        api: reach.api.as_ref().map(|api| ConsentApi {
            name: api.name.clone(),
            identifier: api.identifier.to_string(),
            scopes: api
                .scopes
                .iter()
                .filter(|scope| reach.scope.contains(&scope.name))
                .map(|scope| words(&scope.name, &scope.description))
                .collect(),
        }),
        access_lifetime: granted::access_token_lifetime(client, reach.api.as_ref(), context.settings),
        stays,
    })
}

/// What the page was about: an answer to it counts for exactly this person, client, place to go back to, scope and API.
fn binding(asked: &AuthorizationRequest, person: &SignedInUser) -> String {
    let api = asked.reach.api.as_ref().map(|api| api.id.to_string()).unwrap_or_default();
    let (session, client, target) = (person.session.id, asked.client.client.id, asked.reply.target.as_str());
    format!("consent {session} {client} {target} {api} {}", asked.reach.scope)
}

/// The server's own scopes, in words. That a client learns who the person is goes without saying where it learns more.
fn own(asked: &AuthorizationRequest) -> Vec<String> {
    let scope = &asked.reach.scope;
    openid::SCOPES
        .iter()
        .filter(|(name, _)| scope.contains(name))
        .map(|(_, text)| (*text).to_owned())
        .collect()
}

pub(super) fn words(name: &str, description: &str) -> String {
    if description.is_empty() { name.to_owned() } else { description.to_owned() }
}

/// The host of an origin, or the scheme of an app's own.
fn host(origin: &str) -> &str {
    let after = origin.split_once("://").map_or(origin, |(_, after)| after);
    after.trim_end_matches(':')
}

/// Takes the answer.
///
/// # Errors
/// `invalid_request` for an answer to another page, or to one that is too old; a fault.
pub async fn decide(request: &PageRequest<'_>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    if let Some(path) = UnderWay::grown_old(request, context).await? {
        return Ok(go(path));
    }
    let resumed = UnderWay::resume(request, context).await?;
    let Goal::Authorize(goal) = &resumed.interaction.goal else { return Err(expired()) };
    let params = Params::of(goal)?;
    let Ok(asked) = authorization::read(&params, context).await else { return Err(expired()) };
    let people = browser::people(&request.browser, context).await?;
    let progress = resumed.interaction.progress;
    let subject = authorize::subject(&asked, &people, progress);
    let consent = match subject {
        Some(person) => given(person.user.id, &asked, context).await?,
        None => None,
    };
    // Agreed to already: the button was pressed twice, and the first answer came to nobody. The second does no more. Anything
    // else (signed out meanwhile, in another window) is decided anew, and so is the answer.
    let (Decision::Consent(person) | Decision::Code(person, _)) =
        authorize::decide(&asked, &people, progress, consent.as_ref(), context)
    else {
        return Ok(go(resumed.goes_on_at()));
    };
    let under_way = UnderWay::posted(request, &binding(&asked, person), context).await?;
    let agreed = match request.params.required("decision")? {
        "approve" => true,
        "deny" => false,
        _ => return Err(Stop::Refuse(OAuthError::invalid_request("'decision' is approve or deny"))),
    };
    let progress =
        Progress { session: Some(person.session.id), consented: agreed, denied: !agreed, ..progress };
    let (moved, path) = under_way.moved_to(progress, context)?;
    let answer = Answer::of(agreed, &asked, person, request, context)?;
    let user = person.user.id;
    let record = move |tx: &mut dyn Tx| {
        // They may have been deleted a moment ago.
        if !tx.hold_user(user)? {
            return Err(expired());
        }
        answer.record(tx)?;
        moved.record(tx)
    };
    context.cache.store().write(record).await??;
    Ok(go(path))
}

fn go(path: String) -> Turn {
    Turn { cookies: Cookies::default(), then: Then::Go(path) }
}

/// A person's answer, about to be recorded.
struct Answer {
    consent: Option<Consent>,
    event: Draft,
}

impl Answer {
    fn of(
        agreed: bool,
        asked: &AuthorizationRequest,
        person: &SignedInUser,
        request: &PageRequest<'_>,
        context: &Context<'_>,
    ) -> Result<Self, Fault> {
        let consent = Consent {
            id: context.new_id()?,
            user: person.user.id,
            client: asked.client.client.id,
            api: asked.reach.api.as_ref().map(|api| api.id),
            scope: asked.reach.scope.clone(),
            generation: 0,
            created_at: context.now,
            updated_at: context.now,
            revoked_at: None,
        };
        let action = if agreed { "consent.given" } else { "consent.denied" };
        let event = context.event(action)?.of_user(consent.user).of_client(consent.client);
        let event =
            event.within(person.user.organization).about("client", consent.client).from(request.caller);
        Ok(Self { consent: agreed.then_some(consent), event })
    }

    fn record(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        self.event.record(tx)?;
        self.consent.as_ref().map_or(Ok(()), |given| give(given, tx))
    }
}

/// Records a consent, beside what of it stood before.
pub(crate) fn give(given: &Consent, tx: &mut dyn Tx) -> Result<(), Fault> {
    match tx.consent(given.user, given.client, given.api)? {
        None => tx.insert_consent(given).map_err(Fault::into_race),
        Some(before) => {
            // What was taken back is not given again by agreeing to something else.
            let kept = if before.revoked_at.is_none() { &before.scope } else { &given.scope };
            let scope = kept.union(&given.scope);
            if tx.renew_consent(&before, &scope, given.updated_at)? { Ok(()) } else { Err(Fault::Raced) }
        }
    }
}
