//! The one story of what tokens may do at an API (`testkit`'s), by every way of asking that a running server has: through real gateways
//! that ask at `/verify`, by introspection, and by APIs that decide by themselves.

use crate::gateway::{self, Gateway};
use crate::guarded::Guarded;
use crate::harness::{Server, until};
use crate::plain::Plain;
use crate::upstream::{Received, Upstream};
use doorward_protocol::words::TokenFormat;
use doorward_testkit::http::Answer;
use doorward_testkit::story::by_introspection::ByIntrospection;
use doorward_testkit::story::by_rest::ByRest;
use doorward_testkit::story::{self, Outcome, Request, Way};

/// A server that answers gateways on this machine.
pub(crate) fn server() -> Server {
    Server::start_with(&[("DOORWARD__SERVER__TRUSTED_PROXIES", "127.0.0.1")])
}

/// A token that may do everything at the management API.
pub(crate) fn management(server: &Server) -> String {
    server.cli(&["user", "create", "--username", "ops", "--group", "Administrators"]).ok();
    let create = ["token", "create", "--json", "--user", "ops", "--name", "ops", "--api", "management=full"];
    let token = server.cli(&create).json()["token"].as_str().expect("a token").to_owned();
    let known = || {
        let me = ureq::http::Request::get(server.url("/api/v1/me"));
        let me = me.header("authorization", format!("Bearer {token}")).body(String::new());
        let answer = doorward_testkit::http::send(server.agent(), me.expect("a request"));
        answer.is_ok_and(|answer| answer.status == 200).then_some(())
    };
    until("the server knows of the token", known);
    token
}

/// The story's world at this server.
pub(crate) fn world(server: &Server, format: TokenFormat) -> ByRest {
    world_by(server, &management(server), format)
}

/// The same, brought about with this token.
fn world_by(server: &Server, management: &str, format: TokenFormat) -> ByRest {
    let wait = Box::new(|over: &dyn Fn() -> bool| until("time passes", || over().then_some(())));
    ByRest::new(server.agent().clone(), &server.issuer(), management, format, wait)
}

/// By way of a gateway, which asks before it lets a request through to the API.
pub(crate) struct Through<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) api: &'a Upstream,
}

impl Way for Through<'_> {
    fn name(&self) -> &str {
        self.gateway.name
    }

    fn ask(&mut self, request: &Request<'_>) -> Outcome {
        let bearer = request.token.map(|token| format!("Bearer {token}"));
        let mut plain = Plain::new(request.method, request.target);
        plain.headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        let answer = plain.send(self.gateway.port, request.from);
        outcome(&answer, request, &self.api.take())
    }
}

/// What an answer means, and that the API has got exactly what was sent, or nothing.
fn outcome(answer: &Answer, request: &Request<'_>, received: &[Received]) -> Outcome {
    if let ([received], 200) = (received, answer.status) {
        let level = received.all("x-auth-level").first().and_then(|level| level.parse().ok());
        let seen = (received.method.as_str(), received.target.as_str());
        assert_eq!(seen, (request.method, request.target), "what was decided on is what the API sees");
        return Outcome::Passed(level.unwrap_or_else(|| panic!("no level: {received:?}")));
    }
    assert_eq!(received, [], "what is refused does not reach the API: {answer:?}");
    refused(answer)
}

/// What a refusal means.
pub(crate) fn refused(answer: &Answer) -> Outcome {
    let challenges: Vec<_> =
        answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate")).collect();
    assert!(challenges.len() <= 1, "{answer:?}");
    let challenge = challenges.first().map_or("", |(_, challenge)| challenge.as_str());
    match (answer.status, challenge) {
        (401, "Bearer") => Outcome::NoCredential,
        (401, challenge) if challenge.contains("error=\"invalid_token\"") => Outcome::InvalidToken,
        (403, challenge) if challenge.contains("error=\"insufficient_scope\"") => {
            Outcome::InsufficientScope(scope(challenge).to_owned().into())
        }
        (403, _) => Outcome::Forbidden,
        _ => panic!("no such answer is agreed on: {answer:?}"),
    }
}

fn scope(challenge: &str) -> &str {
    let after = challenge.split_once("scope=\"").map(|(_, after)| after);
    after.and_then(|after| after.split('"').next()).unwrap_or_default()
}

fn tell(format: TokenFormat) {
    let (server, api) = (server(), Upstream::start());
    let management = management(&server);
    let mut world = world_by(&server, &management, format);
    let gateways = gateway::all(server.address().1, &api);
    let mut through: Vec<_> = gateways.iter().map(|gateway| Through { gateway, api: &api }).collect();
    let mut asking = ByIntrospection::new(server.agent().clone(), &server.issuer(), world.asking());
    let mut guarded = Guarded::both(&server, &management, &world.asking(), format);
    let mut ways: Vec<&mut dyn Way> = vec![&mut asking];
    ways.extend(through.iter_mut().map(|way| way as &mut dyn Way));
    ways.extend(guarded.iter_mut().map(|way| way as &mut dyn Way));
    story::tell(&mut world, &mut ways);
}

/// RFC 6750 §3.1, RFC 7662 §2.2: what a token may do is the same, whoever asks or decides, from one table of cases.
#[test]
fn gateways_introspection_and_guards_tell_the_same_story() {
    tell(TokenFormat::Jwt);
}

/// RFC 6750 §3.1, RFC 7662 §2.2: the same where access tokens say nothing by themselves.
#[test]
fn gateways_introspection_and_guards_tell_the_same_story_of_opaque_tokens() {
    tell(TokenFormat::Opaque);
}
