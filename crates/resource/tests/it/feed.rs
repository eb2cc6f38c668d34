//! The feed of revocations: what is heard of it counts at once, and what cannot be heard is not made up for.

use crate::guard::status;
use crate::server::{OPAQUE, SIGNED, Server};
use crate::signed;
use axum::http::StatusCode;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::{AccessTokenClaims, ExchangedClaims, PersonClaims};
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::revocation::{Before, GOOD_FOR, Revocations, What};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::Level;
use doorward_resource::builder::BuildError;
use doorward_resource::clock::Clock;
use doorward_resource::guard::Guard;
use doorward_resource::protected_api::ProtectedApi;
use doorward_resource::settings::{Settings, Stale};
use std::time::Duration;

const LINE: &str = "GET /orders";
const INTROSPECT: &str = "/oauth2/introspect";

fn telling() -> Server {
    let server = Server::new();
    server.teller.begin();
    server
}

/// An API that has no client to ask with.
fn unasking(server: &Server) -> ProtectedApi {
    ProtectedApi::builder(server.issuer(), SIGNED).clock(server.clock.clone()).build().unwrap()
}

fn sign(server: &Server, claims: &AccessTokenClaims) -> String {
    server.signing_key().sign(claims, Typ::AccessToken).unwrap()
}

/// Until a token is answered like this; what never comes is a test that does not end.
pub(crate) async fn comes_to(expected: u16, guard: &Guard, token: &str) {
    while status(guard, LINE, token).await != expected {
        tokio::task::yield_now().await;
    }
}

/// RFC 7009 §2.1: a token that is taken back, by itself or with its family, is refused once that is heard: by whichever guard, and
/// without anybody being asked.
#[tokio::test]
async fn a_revoked_token_is_refused_once_it_is_heard() {
    let server = telling();
    let api = server.api(SIGNED);
    let guard = api.guard();
    let grant = Id::from_parts(0, 9);
    let person = PersonClaims { grant, user_gen: 0, auth_time: Seconds(5), acr: "1".to_owned(), amr: vec![] };
    let single = server.claims(&server.issuer());
    let (jti, other) = (single.jti, Id::from_parts(0, 4));
    let family = AccessTokenClaims { jti: other, person: Some(person), ..single.clone() };
    let unconcerned = AccessTokenClaims { jti: Id::from_parts(0, 5), ..single.clone() };
    let [single, family, unconcerned] = [single, family, unconcerned].map(|claims| sign(&server, &claims));
    for (token, what) in [(&single, What::Token(jti)), (&family, What::Family(grant))] {
        assert_eq!((status(&guard, LINE, token).await, signed::status(token, &api).await), (200, 200));
        server.teller.say([what]);
        comes_to(401, &guard, token).await;
        assert_eq!(signed::status(token, &api).await, 401, "by a guard that asks for no level, too");
    }
    assert_eq!(status(&guard, LINE, &unconcerned).await, 200);
    assert_eq!(server.asked(INTROSPECT), 0);
}

/// What a token rests on has changed: whoever can ask asks, and whoever cannot refuses; tokens that were issued since are good.
#[tokio::test]
async fn a_token_that_rests_on_something_changed_is_asked_about() {
    let server = telling();
    let issued = Clock::now(&*server.clock);
    let (asking, unasking) = (server.api(SIGNED).guard(), unasking(&server).guard());
    let token = server.token(SIGNED, "read");
    for guard in [&asking, &unasking] {
        assert_eq!(status(guard, LINE, &token).await, 200);
    }
    assert_eq!(server.asked(INTROSPECT), 0);
    server.advance(1);
    server.teller.say([What::Client("shop".parse().unwrap(), Before(issued))]);
    comes_to(401, &unasking, &token).await;
    let later = server.token(SIGNED, "read");
    assert_eq!(status(&unasking, LINE, &later).await, 200, "issued since");
    while server.asked(INTROSPECT) == 0 {
        assert_eq!(status(&asking, LINE, &token).await, 200, "it is still good");
        tokio::task::yield_now().await;
    }
    server.revoke(&token);
    server.advance(5);
    assert_eq!(status(&asking, LINE, &token).await, 401);
    assert_eq!(status(&asking, LINE, &later).await, 200);
}

/// Each subject concerns the tokens that rest on it, and no others.
#[tokio::test]
async fn a_change_concerns_those_tokens_that_rest_on_it() {
    let server = telling();
    let now = Clock::now(&*server.clock);
    let (api_token, before) = (Id::from_parts(0, 8), Before(now));
    let exchanged = AccessTokenClaims {
        exchanged: Some(ExchangedClaims { api_token, api_token_gen: 0 }),
        access: vec![doorward_protocol::access::level::LevelAt {
            api: SIGNED.to_owned(),
            level: Level::Read,
        }],
        ..server.claims(&server.issuer())
    };
    let token = sign(&server, &exchanged);
    // Refused at once, so that one sees what was heard.
    let jti = Id::from_parts(0, 6);
    let heard = sign(&server, &AccessTokenClaims { jti, ..exchanged });
    for (concern, other) in [
        (What::Subject("shop".to_owned(), before), What::Subject("other".to_owned(), before)),
        (What::ApiToken(api_token, before), What::ApiToken(Id::from_parts(0, 7), before)),
        (What::Audience(SIGNED.to_owned(), before), What::Audience(OPAQUE.to_owned(), before)),
        (What::All(before), What::All(Before(now - Lifetime::seconds(1)))),
    ] {
        let guard = unasking(&server).guard();
        assert_eq!((status(&guard, LINE, &token).await, status(&guard, LINE, &heard).await), (200, 200));
        server.teller.say([other, What::Token(jti)]);
        comes_to(401, &guard, &heard).await;
        assert_eq!(status(&guard, LINE, &token).await, 200);
        server.teller.say([concern]);
        comes_to(401, &guard, &token).await;
        server.teller.forget();
    }
}

/// An answer to a question is not kept when the feed says that what it rests on has changed since.
#[tokio::test]
async fn what_was_said_of_an_api_token_is_not_kept_beyond_its_change() {
    let server = telling();
    let guard = server.api(SIGNED).guard();
    let (id, token) = server.api_token(&[(SIGNED, Level::Read)]);
    assert_eq!(status(&guard, LINE, &token).await, 200);
    server.revoke_api_token(id);
    assert_eq!(status(&guard, LINE, &token).await, 200, "as was said");
    server.teller.say([What::ApiToken(id, Before(Clock::now(&*server.clock)))]);
    comes_to(401, &guard, &token).await;
}

/// How the API maps levels counts as soon as it is heard.
#[tokio::test]
async fn another_map_of_levels_is_heard() {
    let server = telling();
    let guard = server.api(SIGNED).guard();
    let token = server.token(SIGNED, "read");
    assert_eq!(status(&guard, LINE, &token).await, 200);
    server.teller.describe(|mut api: EnforcedApi| {
        api.levels.read.methods = vec!["HEAD".to_owned()];
        api
    });
    comes_to(403, &guard, &token).await;
}

/// Answers come in pages; nobody is let in before the last of the first ones was read.
#[tokio::test]
async fn what_comes_in_pages_is_read_to_the_end() {
    let server = telling();
    let jti = server.claims(&server.issuer()).jti;
    let token = sign(&server, &server.claims(&server.issuer()));
    server.teller.in_pages_of(3);
    server.teller.say((100..120).map(|number| What::Token(Id::from_parts(0, number))));
    server.teller.say([What::Token(jti)]);
    assert_eq!(status(&server.api(SIGNED).guard(), LINE, &token).await, 401);
}

/// RFC 9110 §15.6.4: where there is no feed, or none that was ever heard, nobody is let in, and nobody's token is said to be bad. A
/// guard that asks for no level goes on as without one.
#[tokio::test]
async fn without_a_feed_nothing_is_decided() {
    let server = Server::new();
    let token = server.token(SIGNED, "read");
    let api = publishing_no_feed(&server);
    assert_eq!((status(&api.guard(), LINE, &token).await, signed::status(&token, &api).await), (503, 200));
    assert_eq!(status(&api.guard(), LINE, "nonsense").await, 401);
}

/// An API of a server whose feed is not there.
fn publishing_no_feed(server: &Server) -> ProtectedApi {
    server.teller.begin();
    server.teller.answer_with(Some(StatusCode::NOT_FOUND));
    server.api(SIGNED)
}

/// RFC 8725 §3.11: an answer that is signed by another, is of another kind, older, or about something else is not believed.
#[tokio::test]
async fn an_answer_that_is_not_the_servers_own_is_not_believed() {
    let forged: [crate::teller::Sign; 5] = [
        |answer, _| {
            let key = SigningKey::generate(Algorithm::ES256).unwrap();
            key.sign(&answer, Typ::Revocations).unwrap()
        },
        |answer, key| key.sign(&answer, Typ::AccessToken).unwrap(),
        |answer, key| {
            let old = Revocations {
                iat: answer.iat - Lifetime::minutes(10),
                exp: answer.exp - Lifetime::minutes(10),
                ..answer
            };
            key.sign(&old, Typ::Revocations).unwrap()
        },
        |answer, key| {
            let other = Revocations { about: Some(OPAQUE.to_owned()), ..answer };
            key.sign(&other, Typ::Revocations).unwrap()
        },
        |_, _| "nonsense".to_owned(),
    ];
    for forge in forged {
        let server = telling();
        server.teller.sign(forge);
        let guard = server.api(SIGNED).guard();
        assert_eq!(status(&guard, LINE, &server.token(SIGNED, "read")).await, 503);
    }
}

/// What was heard counts for a while when nothing more is: as long as was set, and not at all where that was set.
#[tokio::test]
async fn what_was_heard_counts_as_long_as_was_set() {
    let server = telling();
    let token = server.token(SIGNED, "read");
    let guard = |stale| {
        let settings = Settings { stale, ..Settings::default() };
        server.builder(SIGNED).settings(settings).build().unwrap().guard()
    };
    let (serving, refusing) = (guard(Stale::ServeFor(Lifetime::seconds(30))), guard(Stale::Refuse));
    for guard in [&serving, &refusing] {
        assert_eq!(status(guard, LINE, &token).await, 200);
    }
    server.teller.answer_with(Some(StatusCode::SERVICE_UNAVAILABLE));
    comes_to(503, &refusing, &token).await;
    server.advance(30);
    assert_eq!(status(&serving, LINE, &token).await, 200);
    server.advance(1);
    assert_eq!(status(&serving, LINE, &token).await, 503);
    server.teller.answer_with(None);
    server.advance(5);
    for guard in [&serving, &refusing] {
        assert_eq!(status(guard, LINE, &token).await, 200, "the server answers again");
    }
}

/// RFC 9110 §15.4.5: a 304 is signed by nobody. Whoever brings them in the server's place hides what was taken back for no longer than by
/// bringing the last signed answer once more.
#[tokio::test]
async fn that_nothing_is_new_counts_as_long_as_the_answer_it_is_about() {
    let server = telling();
    let (guard, token) = (refusing(&server), server.token(SIGNED, "read"));
    assert_eq!(status(&guard, LINE, &token).await, 200);
    server.teller.answer_with(Some(StatusCode::NOT_MODIFIED));
    for seconds in (11..GOOD_FOR.0).step_by(11) {
        server.advance(11);
        assert_eq!(status(&guard, LINE, &token).await, 200, "{seconds} s after the last signed answer");
    }
    server.advance(11);
    assert_eq!(status(&guard, LINE, &token).await, 503);
}

/// A feed that has nothing to say says so in time, by whatever it says it.
#[tokio::test]
async fn a_quiet_feed_never_goes_stale() {
    let server = Server::new();
    let (guard, token) = (refusing(&server), server.token(SIGNED, "read"));
    for round in 0..40 {
        assert_eq!(status(&guard, LINE, &token).await, 200, "round {round}");
        server.advance(11);
    }
}

/// A guard that has to hear of the feed every ten seconds.
fn refusing(server: &Server) -> Guard {
    // A machine that is busy may take longer to ask than anybody would be kept waiting.
    let settings =
        Settings { stale: Stale::Refuse, patience: Duration::from_secs(20), ..Settings::default() };
    server.builder(SIGNED).settings(settings).build().unwrap().guard()
}

#[test]
fn a_time_too_short_to_ask_in_is_none() {
    let settings = Settings { stale: Stale::ServeFor(Lifetime::seconds(9)), ..Settings::default() };
    let built = ProtectedApi::builder("https://id.example", SIGNED).settings(settings).build();
    assert!(matches!(built, Err(BuildError::Setting(_))));
}
