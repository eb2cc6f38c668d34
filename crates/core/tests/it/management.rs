//! Management: what may be registered, and what a change does.

use crate::house::{House, ORDERS, word};
use doorward_core::access::api::ApiScope;
use doorward_core::manage::{Refused, apis, clients};
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::filter::ClientFilter;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, GrantType, Level};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

/// The pointers of the members that were refused.
pub(crate) fn pointers<T>(result: Result<T, Stop<Refused>>) -> Vec<String> {
    match result {
        Err(Stop::Refuse(Refused::Invalid(members))) => {
            members.into_iter().map(|member| member.pointer).collect()
        }
        Err(Stop::Refuse(other)) => vec![other.to_string()],
        Err(Stop::RefuseAndCommit(_)) => vec!["refused and committed".into()],
        Err(Stop::Fault(fault)) => panic!("{fault}"),
        Ok(_) => vec![],
    }
}

/// Whether it was refused for the state that the object is in.
pub(crate) fn conflicts<T>(result: Result<T, Stop<Refused>>) -> bool {
    matches!(result.err(), Some(Stop::Refuse(Refused::Conflict { .. })))
}

/// RFC 6749 §2.2: a client's name is its own for ever.
#[test]
fn a_client_id_is_never_given_twice() {
    let house = House::default();
    let create = |name: &str| {
        block_on(clients::create(
            Some("shop"),
            clients::Members::named(name),
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
    };
    let first = create("first").ok().unwrap();
    assert_eq!(pointers(create("second")), ["/client_id"]);
    block_on(clients::delete("shop", &by_operator(&house.server.context()), &house.server.context()))
        .unwrap();
    assert_eq!(pointers(create("third")), ["/client_id"], "not even after it was deleted");
    assert_eq!(
        pointers(block_on(clients::show(
            &first.client.id.to_string(),
            &by_operator(&house.server.context()),
            &house.server.context()
        ))),
        ["there is no such client"]
    );
}

/// Each entry is looked up while nobody else can write: a body has room for thousands.
#[test]
fn no_list_is_longer_than_anybody_needs() {
    let house = House::default();
    let context = house.server.context();
    let many = |entry: &str| vec![entry.to_owned(); 101];
    let members = clients::Members {
        redirect_uris: many("https://app.example/cb"),
        post_logout_redirect_uris: many("https://app.example/bye"),
        groups: many("Members"),
        access: many(ORDERS).into_iter().map(|api| (api, Level::Read)).collect(),
        ..clients::Members::named("Shop")
    };
    let made = block_on(clients::create(None, members, &by_operator(&context), &context));
    let lists: Vec<_> = pointers(made).into_iter().filter(|at| at.matches('/').count() == 1).collect();
    assert_eq!(lists, ["/redirect_uris", "/post_logout_redirect_uris", "/groups", "/access"]);
    let members = apis::Members { introspection_clients: many("shop"), ..apis::Members::named("Shop") };
    let made = block_on(apis::create("https://shop.example", members, &by_operator(&context), &context));
    assert_eq!(pointers(made), ["/introspection_clients"]);
}

#[test]
fn every_bad_member_is_named_at_once() {
    let house = House::default();
    let members = clients::Members {
        description: "a\u{7}b".into(),
        auth_method: AuthMethod::None,
        grant_types: vec![GrantType::ClientCredentials],
        redirect_uris: [
            "https://app.example/cb",
            "javascript:alert(1)",
            "http://app.example/",
            "https://app.example/cb",
        ]
        .map(str::to_owned)
        .to_vec(),
        default_scopes: "more".parse().unwrap(),
        access_token_lifetime: Some(Lifetime::seconds(0)),
        ..clients::Members::named(" ")
    };
    let refused = pointers(block_on(clients::create(
        Some("a b"),
        members,
        &by_operator(&house.server.context()),
        &house.server.context(),
    )));
    let expected = [
        "/client_id",
        "/name",
        "/description",
        "/grant_types",
        "/default_scopes",
        "/access_token_lifetime",
        "/redirect_uris/3",
        "/redirect_uris/1",
        "/redirect_uris/2",
    ];
    assert_eq!(refused, expected);
    let list = block_on(clients::list(
        &ClientFilter::default(),
        None,
        10,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(list.is_empty(), "nothing is half-written");
}

#[test]
fn an_update_keeps_what_it_does_not_name() {
    let house = House::default();
    let client = house.client("orders:read");
    house.advance(Lifetime::seconds(5));
    let rename = |members: &mut clients::Members| {
        members.name = "renamed".into();
        Ok(())
    };
    let updated = block_on(clients::update(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
        rename,
    ))
    .unwrap();
    assert_eq!((updated.name.as_str(), updated.scopes.to_string().as_str()), ("renamed", "orders:read"));
    assert_eq!(updated.updated_at - updated.created_at, Lifetime::seconds(5));
    assert_eq!(word(house.token(&client, "")), "granted", "its secret too");
    let open = |members: &mut clients::Members| {
        members.auth_method = AuthMethod::None;
        members.grant_types.clear();
        Ok(())
    };
    let refused = block_on(clients::update(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
        open,
    ));
    assert_eq!(pointers(refused), ["/token_endpoint_auth_method"]);
}

#[test]
fn narrowing_a_clients_scopes_counts_from_the_next_token_on() {
    let house = House::default();
    let client = house.client("orders:read orders:write");
    let narrow = |members: &mut clients::Members| {
        members.scopes = "orders:read".parse().unwrap();
        members.default_scopes = members.scopes.clone();
        Ok(())
    };
    block_on(clients::update(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
        narrow,
    ))
    .unwrap();
    assert_eq!(word(house.token(&client, "scope=orders:write")), "invalid_scope");
}

#[test]
fn clients_are_listed_page_by_page() {
    let house = House::default();
    for _ in 0..5 {
        house.advance(Lifetime::seconds(1));
        house.client("");
    }
    let page = |after, limit| {
        block_on(clients::list(
            &ClientFilter::default(),
            after,
            limit,
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
        .unwrap()
    };
    let (first, second) = (page(None, 3), page(Some(page(None, 3)[2].id), 3));
    assert_eq!((first.len(), second.len()), (3, 2));
    let all: Vec<_> = first.iter().chain(&second).map(|client| client.id).collect();
    assert!(all.is_sorted());
}

/// RFC 8707 §2: an API's identifier is its own, and never the issuer's.
#[test]
fn an_apis_members_are_checked() {
    let house = House::default();
    let create = |identifier: &str, members| {
        pointers(block_on(apis::create(
            identifier,
            members,
            &by_operator(&house.server.context()),
            &house.server.context(),
        )))
    };
    assert_eq!(create(ORDERS, apis::Members::named("again")), ["/identifier"]);
    assert_eq!(create("https://as.example", apis::Members::named("the issuer")), ["/identifier"]);
    let scope = |name: &str| ApiScope { name: name.into(), description: String::new() };
    let members = apis::Members {
        documentation_url: Some("javascript:alert(1)".into()),
        scopes: vec![scope("a"), scope("a")],
        signing_algorithm: Some(doorward_protocol::jose::Algorithm::RS256),
        introspection_clients: vec!["nobody".into()],
        ..apis::Members::named("bad")
    };
    assert_eq!(
        create("orders", members.clone()),
        ["/identifier", "/documentation_url", "/scopes/1/name", "/signing_algorithm"]
    );
    let members =
        apis::Members { introspection_clients: members.introspection_clients, ..apis::Members::named("ok") };
    assert_eq!(create("https://new.example", members), ["/introspection_clients/0"]);
}
