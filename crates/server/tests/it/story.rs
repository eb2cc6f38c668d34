//! The one story of what tokens may do at an API (`testkit`'s), by every way of asking that a running server has.

use crate::harness::{Server, until};
use doorward_protocol::words::TokenFormat;
use doorward_testkit::http;
use doorward_testkit::story::by_introspection::ByIntrospection;
use doorward_testkit::story::by_rest::ByRest;
use doorward_testkit::story::{self, Way};

/// A token that may do everything at the management API.
fn management(server: &Server) -> String {
    server.cli(&["user", "create", "--username", "ops", "--group", "Administrators"]).ok();
    let create = ["token", "create", "--json", "--user", "ops", "--name", "ops", "--api", "management=full"];
    let token = server.cli(&create).json()["token"].as_str().expect("a token").to_owned();
    let known = || {
        let me = ureq::http::Request::get(server.url("/api/v1/me"));
        let me = me.header("authorization", format!("Bearer {token}")).body(String::new());
        let answer = http::send(server.agent(), me.expect("a request"));
        answer.is_ok_and(|answer| answer.status == 200).then_some(())
    };
    until("the server knows of the token", known);
    token
}

/// The story's world at this server.
fn world(server: &Server, format: TokenFormat) -> ByRest {
    let wait = Box::new(|over: &dyn Fn() -> bool| until("time passes", || over().then_some(())));
    ByRest::new(server.agent().clone(), &server.issuer(), &management(server), format, wait)
}

fn tell(format: TokenFormat) {
    let server = Server::start();
    let mut world = world(&server, format);
    let mut asking = ByIntrospection::new(server.agent().clone(), &server.issuer(), world.asking());
    let mut ways: Vec<&mut dyn Way> = vec![&mut asking];
    story::tell(&mut world, &mut ways);
}

/// RFC 6750 §3.1, RFC 7662 §2.2: what a token may do, from one table of cases for every way of asking.
#[test]
fn every_way_of_asking_tells_the_same_story() {
    tell(TokenFormat::Jwt);
}

/// RFC 6750 §3.1, RFC 7662 §2.2: the same where access tokens say nothing by themselves.
#[test]
fn every_way_of_asking_tells_the_same_story_of_opaque_tokens() {
    tell(TokenFormat::Opaque);
}
