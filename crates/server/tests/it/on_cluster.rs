//! Servers on a PostgreSQL of their own, which a test may stop, kill and replace. Owns how they are put together.

use crate::doorward::Place;
use crate::harness::{Server, until};
use doorward_testkit::cluster::Cluster;
use doorward_testkit::databases::on_postgres;
use doorward_testkit::http::Credentials;
use std::borrow::Borrow;

/// The API whose tokens are signed, with the scope `jwt`.
pub(crate) const JWT_API: &str = "https://jwt.example";
/// The API whose tokens are looked up, with the scope `opaque`: each is on the disk before it is given.
pub(crate) const OPAQUE_API: &str = "https://opaque.example";

/// A PostgreSQL; none where its programs are missing, and none in the second run of all tests, where this would be the
/// same test again.
pub(crate) fn cluster() -> Option<Cluster> {
    if on_postgres() { None } else { Cluster::start() }
}

/// A server on this database, with further environment variables.
pub(crate) fn server(url: &str, variables: &[(&str, &str)]) -> Server {
    let place = Place::ready().with("DOORWARD__DATABASE__URL", url);
    Server::start_at(variables.iter().fold(place, |place, (name, text)| place.with(name, text)))
}

/// Two nodes on a PostgreSQL of their own.
pub(crate) fn two_nodes(variables: &[(&str, &str)]) -> Option<(Cluster, [Server; 2])> {
    let cluster = cluster()?;
    let first = server(&cluster.url("postgres"), variables);
    let second = first.start_beside();
    Some((cluster, [first, second]))
}

/// Two APIs, and a client that may get and introspect tokens of both, known to all these nodes.
pub(crate) fn client_of_both_formats<S: Borrow<Server>>(nodes: &[S]) -> Credentials {
    let first = nodes[0].borrow();
    let lifetime = ["--access-token-lifetime", "3600"];
    let opaque = ["--scope", "opaque", "--token-format", "opaque"];
    first.create_api(JWT_API, &[["--scope", "jwt"].as_slice(), &lifetime].concat());
    first.create_api(OPAQUE_API, &[opaque.as_slice(), &lifetime].concat());
    let client = first.create_client(&["--scope", "jwt", "--scope", "opaque"]);
    for node in nodes.iter().map(Borrow::borrow) {
        until("the client gets its tokens", || {
            let given = |scope: &&str| node.token(&client, &[("scope", scope)]).status == 200;
            ["jwt", "opaque"].iter().all(given).then_some(())
        });
    }
    client
}

/// RFC 7662 §2.2: whether a token is good, as this node says.
pub(crate) fn is_active(node: &Server, token: &str, client: &Credentials) -> bool {
    let answer = node.introspect(token, client);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["active"].as_bool().expect("RFC 7662 §2.2: active is a boolean")
}
