//! Opaque tokens and API tokens, introspected (RFC 7662): the authorization server says what they mean. Owns how long an answer is kept,
//! that one token is asked about once at a time, and what an answer must say to count.

mod flights;

use crate::access::{Form, Token};
use crate::authorization_server::AuthorizationServer;
use crate::errands::Wanted;
use crate::feed::Feed;
use crate::feed::heard::Moment;
use crate::fetch::{Reply, Unanswered};
use crate::opaque::flights::Flights;
use crate::refusal::Reason;
use crate::settings::{INTROSPECTIONS, Settings};
use crate::signed::{Hash, hash};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::introspection::{Introspection, NotAnAnswer};
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use http::{HeaderValue, StatusCode};
use moka::sync::Cache;
use std::sync::Arc;
use tokio::sync::Semaphore;
use url::form_urlencoded::{Serializer, byte_serialize};

pub(crate) struct OpaqueTokens {
    audience: String,
    /// RFC 7617: who asks. Without it nobody does.
    credentials: Option<HeaderValue>,
    kept: Lifetime,
    known: Cache<Hash, Answer>,
    feed: Arc<Feed>,
    flights: Arc<Flights>,
    under_way: Semaphore,
}

/// What is asked about one token.
struct Question {
    text: String,
    form: Form,
    hash: Hash,
    credentials: HeaderValue,
    now: Seconds,
    asked: Moment,
}

/// What was said about a token, and when that counts; nothing, when it is not good here.
#[derive(Clone)]
struct Answer {
    token: Option<Arc<Token>>,
    counts: Span,
    asked: Moment,
}

/// The time in which an answer counts: from the question on. Before it, by a clock that was set back, nobody knows how old it is.
#[derive(Clone, Copy)]
struct Span {
    asked_at: Seconds,
    until: Seconds,
}

/// Why nobody can say what a token means. For the log.
#[derive(Debug, thiserror::Error)]
enum Unanswerable {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("answered with status {0}")]
    Status(StatusCode),
    #[error("the API's own client credentials are refused")]
    Credentials,
    #[error(transparent)]
    NotAnAnswer(#[from] NotAnAnswer),
    #[error("the metadata name no introspection endpoint")]
    NoEndpoint,
    #[error("nothing was ever read from the authorization server")]
    Unreachable,
}

impl OpaqueTokens {
    pub(crate) fn new(
        audience: &str,
        credentials: Option<HeaderValue>,
        feed: Arc<Feed>,
        settings: &Settings,
    ) -> Self {
        let weigh = |_: &Hash, answer: &Answer| answer.token.as_ref().map_or(128, |token| token.weight());
        Self {
            audience: audience.to_owned(),
            credentials,
            kept: settings.introspection_kept,
            known: Cache::builder().weigher(weigh).max_capacity(settings.memory).build(),
            feed,
            flights: Arc::default(),
            under_way: Semaphore::new(INTROSPECTIONS),
        }
    }

    /// What the token says, if the server says that it is good for this API now.
    pub(crate) async fn verify(
        self: &Arc<Self>,
        (text, form): (&str, Form),
        server: &Arc<AuthorizationServer>,
        now: Seconds,
    ) -> Result<Arc<Token>, Reason> {
        let Some(credentials) = &self.credentials else {
            tracing::warn!("a token is refused: the API has no client to introspect it with");
            return Err(Reason::Invalid);
        };
        let hash = hash(text);
        if let Some(answer) = self.answer(&hash, now) {
            return answer.of(now);
        }
        let flight = self.flights.board(hash, now, self.span(now), |outcome| {
            let credentials = credentials.clone();
            let (text, asked) = (text.to_owned(), self.feed.moment(now));
            let question = Question { text, form, hash, credentials, now, asked };
            let (tokens, asked) = (Arc::clone(self), Arc::clone(server));
            let asking = async move { drop(outcome.send(Some(tokens.answered(question, &asked).await))) };
            Wanted::from(&server.errands.spawn(asking))
        });
        // Who waited for another's question takes its outcome, also one that is not kept.
        flight.landed().await?.of(now)
    }

    async fn answered(
        &self,
        question: Question,
        server: &Arc<AuthorizationServer>,
    ) -> Result<Answer, Reason> {
        // It may have come between the request's look and its place.
        if let Some(answer) = self.answer(&question.hash, question.now) {
            return Ok(answer);
        }
        let answer = self.ask(&question, server).await.map_err(|reason| {
            tracing::warn!(issuer = server.issuer.text, %reason, "an access token cannot be introspected");
            Reason::Unavailable
        })?;
        if answer.counts.holds(question.now) {
            self.known.insert(question.hash, answer.clone());
        }
        Ok(answer)
    }

    fn span(&self, asked_at: Seconds) -> Span {
        Span { asked_at, until: asked_at + self.kept }
    }

    /// What was said before, unless the feed has said since that this may have changed.
    fn answer(&self, hash: &Hash, now: Seconds) -> Option<Answer> {
        let answer = self.known.get(hash).filter(|answer| answer.counts.holds(now))?;
        let doubted = self.feed.last_doubt(answer.token.as_deref());
        doubted.is_none_or(|heard| answer.asked.is_after(heard, now)).then_some(answer)
    }

    async fn ask(
        &self,
        question: &Question,
        server: &Arc<AuthorizationServer>,
    ) -> Result<Answer, Unanswerable> {
        let known = server.known(question.now).await.map_err(|_| Unanswerable::Unreachable)?;
        let endpoint = known.introspection_endpoint.as_ref().ok_or(Unanswerable::NoEndpoint)?;
        // Nobody closes it.
        let _turn = self.under_way.acquire().await.ok();
        let reply = server.fetch.post(endpoint, &question.credentials, self.form(question)).await?;
        let token = self.good(introspection(&reply)?, question.form, &server.issuer.text, question.now);
        Ok(Answer { counts: self.span(question.now), token: token.map(Arc::new), asked: question.asked })
    }

    /// RFC 7662 §2.1: one token. An API token may be good at several APIs, so which one asks is said, too.
    fn form(&self, question: &Question) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("token", &question.text).append_pair("token_type_hint", "access_token");
        if question.form == Form::ApiToken {
            form.append_pair("resource", &self.audience);
        }
        form.finish()
    }

    /// RFC 7662 §4: what the server says must hold here: its own token, for this API, not yet over.
    fn good(&self, introspection: Introspection, form: Form, issuer: &str, now: Seconds) -> Option<Token> {
        let Introspection::Active(token) = introspection else { return None };
        let is_ours = token.iss == issuer && token.aud == self.audience && now < token.exp;
        is_ours.then(|| Token::told(*token, form))
    }
}

impl Span {
    fn holds(self, now: Seconds) -> bool {
        self.asked_at <= now && now < self.until
    }
}

impl Answer {
    /// An answer never outlives the token.
    fn of(&self, now: Seconds) -> Result<Arc<Token>, Reason> {
        self.token.as_ref().filter(|token| now < token.expires_at).map(Arc::clone).ok_or(Reason::Invalid)
    }
}

fn introspection(reply: &Reply) -> Result<Introspection, Unanswerable> {
    match reply.status {
        StatusCode::OK => Ok(Introspection::read(&reply.body)?),
        StatusCode::UNAUTHORIZED => Err(Unanswerable::Credentials),
        status => Err(Unanswerable::Status(status)),
    }
}

/// RFC 6749 §2.3.1: name and secret, each encoded as in a form, by HTTP Basic.
pub(crate) fn basic(client_id: &str, secret: &Secret) -> Option<HeaderValue> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Secret::new(format!("{}:{}", encoded(client_id), encoded(secret.expose())));
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair.expose()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §2.3.1: the example of a secret with a colon, a space and a plus.
    #[test]
    fn credentials_are_encoded_before_they_are_joined() {
        let value = basic("a:b", &Secret::new("c d+".to_owned())).unwrap();
        assert_eq!(value, format!("Basic {}", STANDARD.encode("a%3Ab:c+d%2B")).as_str());
        assert!(value.is_sensitive());
    }
}
