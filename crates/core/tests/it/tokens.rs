//! The token endpoint: who gets a token, for whom it is, and what it says.

use crate::house::{Actor, House, ISSUER, ORDERS, STOCK, basic, claims, word};
use doorward_core::manage::{apis, clients};
use doorward_core::store::fault::Stop;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, Level, Status, TokenFormat};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

/// RFC 9068 §2.2: the claims of a signed access token.
#[test]
fn a_signed_token_says_for_whom_it_is_and_what_it_may_do() {
    let house = House::default();
    let client = house.client("orders:read orders:write");
    let answer = house.token(&client, "scope=orders:read").unwrap();
    let claims = claims(answer.access_token.expose());
    assert_eq!(answer.scope.to_string(), "orders:read");
    assert_eq!(answer.expires_in, Lifetime::minutes(10));
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["aud"], ORDERS);
    assert_eq!(claims["sub"], client.client_id);
    assert_eq!(claims["client_id"], client.client_id);
    assert_eq!(claims["scope"], "orders:read");
    assert_eq!(claims["iat"], 1_800_000_000);
    assert_eq!(claims["exp"], 1_800_000_600);
    assert_eq!(claims["jti"].as_str().map(str::len), Some(26));
}

/// RFC 8693 §2.1, RFC 9068 §2.2: that its client is limited to a level is said in a token, too: who verifies it knows no client.
#[test]
fn a_signed_token_says_what_its_client_is_limited_to() {
    let house = House::default();
    let scoped = |scope: &str| apis::RuleMembers { scopes: vec![scope.to_owned()], ..Default::default() };
    let (context, call) = (house.server.context(), by_operator(&house.server.context()));
    let mapped = apis::update(ORDERS, &call, &context, move |api| {
        // The scope alone reaches everything.
        api.levels = apis::LevelMembers { read: scoped("orders:read"), full: scoped("orders:read") };
        Ok(())
    });
    assert!(block_on(mapped).is_ok());
    let limited_to = |access| {
        let members = clients::Members {
            scopes: "orders:read".parse().unwrap(),
            access,
            ..clients::Members::named("c")
        };
        claims(&house.access_token(&house.register(members), "scope=orders:read"))["access"].clone()
    };
    let limited = limited_to(vec![(ORDERS.to_owned(), Level::Read)]);
    assert_eq!(limited, serde_json::json!([{"api": ORDERS, "level": "read"}]));
    assert_eq!(limited_to(vec![(ORDERS.to_owned(), Level::Full)]), serde_json::Value::Null);
    assert_eq!(limited_to(vec![]), serde_json::Value::Null);
}

/// RFC 9068 §2.1: the type of the token is named in its header.
#[test]
fn a_signed_token_is_typed() {
    use base64::Engine;
    let house = House::default();
    let token = house.access_token(&house.client("orders:read"), "");
    let header =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["typ"], &header["alg"]), (&"at+jwt".into(), &"ES256".into()));
}

/// RFC 7662 §1.1: an opaque token means something only to the server; ours wear a prefix.
#[test]
fn an_api_that_wants_opaque_tokens_gets_them() {
    let house = House::default();
    let token = house.access_token(&house.client("stock:read"), "");
    assert!(token.starts_with("dw_at_"), "{token}");
    assert!(!token.contains('.'));
}

/// RFC 6749 §3.3: without a scope in the request, the client's default applies.
#[test]
fn no_scope_means_the_default_scope() {
    let house = House::default();
    let scopes: Scope = "orders:read orders:write".parse().unwrap();
    let default_scopes: Scope = "orders:read".parse().unwrap();
    let client = house.register(clients::Members { scopes, default_scopes, ..clients::Members::named("c") });
    assert_eq!(house.token(&client, "").unwrap().scope.to_string(), "orders:read");
    assert_eq!(house.token(&client, "scope=").unwrap().scope.to_string(), "orders:read");
}

/// RFC 6749 §5.2: a scope beyond what the client may have is refused, not trimmed.
#[test]
fn a_client_does_not_get_more_scope_than_it_may_have() {
    let house = House::default();
    let client = house.client("orders:read");
    assert_eq!(word(house.token(&client, "scope=orders:write")), "invalid_scope");
    assert_eq!(word(house.token(&client, "scope=orders:read+orders:write")), "invalid_scope");
    assert_eq!(word(house.token(&client, "scope=nobody:knows")), "invalid_scope");
    assert_eq!(word(house.token(&client, "scope=a++b")), "invalid_scope");
}

/// RFC 9068 §5: a token is for one API: scopes of two are refused.
#[test]
fn the_scopes_of_two_apis_do_not_go_into_one_token() {
    let house = House::default();
    let client = house.client("orders:read stock:read shared");
    assert_eq!(word(house.token(&client, "scope=orders:read+stock:read")), "invalid_scope");
    assert_eq!(word(house.token(&client, "scope=shared")), "invalid_scope");
    assert_eq!(claims(&house.access_token(&client, "scope=orders:read+shared"))["aud"], ORDERS);
}

/// RFC 8707 §2: the resource names the API that the token is for.
#[test]
fn the_resource_decides_whom_a_token_is_for() {
    let house = House::default();
    let client = house.client("orders:read stock:read shared");
    let token = house.access_token(&client, "scope=shared&resource=https%3A%2F%2Forders.example");
    assert_eq!(claims(&token)["aud"], ORDERS);
    let narrowed = house.token(&client, "resource=https://orders.example").unwrap();
    assert_eq!(
        narrowed.scope.to_string(),
        "orders:read shared",
        "the default is narrowed to what the API knows"
    );
    assert_eq!(
        word(house.token(&client, "scope=stock:read&resource=https://orders.example")),
        "invalid_scope"
    );
}

/// RFC 8707 §2: an unknown or malformed resource is an invalid target.
#[test]
fn an_unknown_resource_is_refused() {
    let house = House::default();
    let client = house.client("orders:read");
    for resource in
        ["https://nobody.example", "https://orders.example/", "orders", "https://orders.example%23x"]
    {
        assert_eq!(
            word(house.token(&client, &format!("resource={resource}"))),
            "invalid_target",
            "{resource}"
        );
    }
    assert_eq!(
        word(house.token(&client, "resource=https://orders.example&resource=https://stock.example")),
        "invalid_target"
    );
}

/// RFC 6749 §5.2: a scope that no API has is unknown, whatever the client was registered for.
#[test]
fn a_scope_of_no_api_is_refused() {
    let house = House::default();
    let client = house.client("console orders:read");
    assert_eq!(word(house.token(&client, "scope=console")), "invalid_scope");
    assert_eq!(word(house.token(&client, "scope=console+orders:read")), "invalid_scope");
}

/// RFC 9068 §3: without resource and scope there is a default audience: the server itself.
#[test]
fn a_token_without_a_scope_is_for_the_issuer_alone() {
    let house = House::default();
    let client = house.client("");
    let token = house.access_token(&client, "");
    assert_eq!(claims(&token)["aud"], ISSUER);
    assert!(claims(&token).get("scope").is_none());
    assert!(house.is_active(&client, &token));
    assert!(!house.is_active(&house.client(""), &token), "nobody else may ask about it");
}

/// RFC 8707 §2: a client that was given nothing at an API gets no token for it.
#[test]
fn naming_a_resource_does_not_open_it() {
    let house = House::default();
    assert_eq!(word(house.token(&house.client(""), "resource=https://orders.example")), "invalid_scope");
    assert_eq!(
        word(house.token(&house.client("stock:read"), "resource=https://orders.example")),
        "invalid_scope"
    );
}

#[test]
fn no_token_is_minted_for_an_inactive_api() {
    let house = House::default();
    let client = house.client("stock:read orders:read shared");
    block_on(apis::set_status(
        STOCK,
        Status::Inactive,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert_eq!(word(house.token(&client, "resource=https://stock.example")), "invalid_target");
    assert_eq!(word(house.token(&client, "scope=stock:read")), "invalid_target");
    assert_eq!(word(house.token(&client, "scope=shared")), "invalid_scope", "its scopes do not change hands");
    assert_eq!(word(house.token(&client, "scope=orders:read+shared")), "granted");
    block_on(apis::delete(STOCK, &by_operator(&house.server.context()), &house.server.context())).unwrap();
    assert_eq!(word(house.token(&client, "scope=stock:read")), "invalid_scope");
}

/// RFC 6749 §4.4: the grant is for confidential clients only.
#[test]
fn a_public_client_gets_no_token_for_itself() {
    let house = House::default();
    assert_eq!(word(house.token(&house.public_client(), "")), "unauthorized_client");
}

/// RFC 6749 §5.2: the three ways in which a grant is not to be had.
#[test]
fn a_grant_must_be_named_known_and_registered() {
    let house = House::default();
    let client = house.client("orders:read");
    let without =
        house.register(clients::Members { grant_types: vec![], ..clients::Members::named("no grants") });
    let ask =
        |actor: &Actor, form| word(house.ask(actor, form, |request| block_on(house.server.token(&request))));
    assert_eq!(ask(&client, "scope=orders:read"), "invalid_request");
    assert_eq!(ask(&client, "grant_type="), "invalid_request");
    assert_eq!(ask(&client, "grant_type=password&username=a&password=b"), "unsupported_grant_type");
    assert_eq!(ask(&client, "grant_type=implicit"), "unsupported_grant_type");
    assert_eq!(ask(&without, "grant_type=client_credentials"), "unauthorized_client");
}

/// RFC 6749 §5.2: whatever is wrong with a client's credentials, the answer is the same.
#[test]
fn a_failed_authentication_does_not_tell_why() {
    let house = House::default();
    let (good, off) = (house.client("orders:read"), house.client("orders:read"));
    block_on(clients::set_status(
        &off.client_id,
        Status::Inactive,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    let wrong = Actor { secret: Some("dw_cs_wrong".into()), ..good.clone() };
    let unknown = Actor { client_id: "nobody".into(), ..good.clone() };
    let impossible = Actor { client_id: "n o b o d y".into(), ..good.clone() };
    let empty = Actor { secret: Some(String::new()), ..good.clone() };
    let nameless = Actor { secret: None, ..good };
    let refusals: Vec<_> = [off, wrong, unknown, impossible, empty, nameless]
        .iter()
        .map(|actor| house.token(actor, "").err().unwrap())
        .collect();
    assert_eq!((refusals[0].status(), refusals[0].code().as_str()), (401, "invalid_client"));
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
}

/// RFC 6749 §2.3.1: both halves of HTTP Basic are form-encoded.
#[test]
fn basic_credentials_are_form_decoded() {
    let house = House::default();
    let client = house.client("orders:read");
    let escape = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let header = basic(&escape(&client.client_id), &escape(client.secret.as_deref().unwrap()));
    assert_eq!(with_header(&house, &header, ""), "granted");
    assert_eq!(with_header(&house, &header.replacen("Basic", "basic", 1), ""), "granted");
}

/// RFC 6749 §2.3: a request uses one method of authentication.
#[test]
fn two_ways_of_authentication_are_refused() {
    let house = House::default();
    let client = house.client("orders:read");
    let secret = client.secret.clone().unwrap();
    let header = basic(&client.client_id, &secret);
    assert_eq!(
        with_header(&house, &header, &format!("&client_id={}&client_secret={secret}", client.client_id)),
        "invalid_request"
    );
    assert_eq!(with_header(&house, &header, &format!("&client_secret={secret}")), "invalid_request");
    assert_eq!(with_header(&house, &header, "&client_id=another"), "invalid_request");
    assert_eq!(with_header(&house, &header, &format!("&client_id={}", client.client_id)), "granted");
}

/// RFC 7617 §2: what is not HTTP Basic does not authenticate.
#[test]
fn a_malformed_authorization_header_does_not_authenticate() {
    let house = House::default();
    for header in [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ==",
        "Bearer abc",
        &basic("a%zz", "b"),
        &basic("\u{0}", "b"),
    ] {
        assert_eq!(with_header(&house, header, ""), "invalid_client", "{header:?}");
    }
    assert_eq!(with_header(&house, &basic(&"x".repeat(5_000), "y"), ""), "invalid_client");
}

/// RFC 7591 §2: a client authenticates in the way it is registered for.
#[test]
fn the_registered_method_is_the_only_one() {
    let house = House::default();
    let post = house.register(clients::Members {
        auth_method: AuthMethod::ClientSecretPost,
        ..clients::Members::named("post")
    });
    let refusal = house.token(&post, "").err().unwrap();
    assert!(
        refusal.description().contains("token_endpoint_auth_method"),
        "the holder of the secret may know: {refusal:?}"
    );
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        post.client_id,
        post.secret.unwrap()
    );
    assert_eq!(with_params(&house, None, &form), "granted");
    assert_eq!(with_params(&house, None, &form.replace("dw_cs_", "dw_cs_x")), "invalid_client");
}

/// RFC 6749 §2.3.1: the endpoint is protected against brute force.
#[test]
fn after_twenty_failures_the_next_ones_have_to_wait() {
    let house = House::default();
    let client = house.client("orders:read");
    let wrong = Actor { secret: Some("dw_cs_wrong".into()), ..client.clone() };
    for _ in 0..20 {
        assert_eq!(house.token(&wrong, "").err().unwrap().status(), 401);
    }
    let refusal = house.token(&wrong, "").err().unwrap();
    assert_eq!(refusal.status(), 429);
    assert!(refusal.retry_after().is_some_and(|after| after > Lifetime(0) && after <= Lifetime(60)));
    assert_eq!(
        word(house.token(&client, "")),
        "granted",
        "others' failures do not shut out who has the secret"
    );
}

#[test]
fn a_token_lives_as_long_as_client_and_api_both_allow() {
    let house = House::default();
    let lifetime = |seconds| Some(Lifetime::seconds(seconds));
    let short = house.register(clients::Members {
        scopes: "orders:read".parse().unwrap(),
        access_token_lifetime: lifetime(60),
        ..clients::Members::named("short")
    });
    let client = house.client("orders:read");
    let set = move |members: &mut apis::Members| {
        members.access_token_lifetime = lifetime(120);
        Ok(())
    };
    block_on(apis::update(ORDERS, &by_operator(&house.server.context()), &house.server.context(), set))
        .unwrap();
    assert_eq!(house.token(&client, "").unwrap().expires_in, Lifetime(120));
    assert_eq!(house.token(&short, "scope=orders:read").unwrap().expires_in, Lifetime(60));
}

#[test]
fn two_tokens_are_never_the_same() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    for form in ["scope=orders:read", "scope=stock:read"] {
        assert_ne!(house.access_token(&client, form), house.access_token(&client, form));
    }
    house.api("https://third.example", &["third"], TokenFormat::Opaque);
}

fn with_header(house: &House, header: &str, more: &str) -> &'static str {
    with_params(house, Some(header), &format!("grant_type=client_credentials{more}"))
}

fn with_params(house: &House, authorization: Option<&str>, form: &str) -> &'static str {
    let params = Params::parse(form.as_bytes()).unwrap();
    let request = doorward_core::context::FormRequest { params, authorization, caller: Default::default() };
    word(block_on(house.server.token(&request)).map_err(|stop| match stop {
        Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal) => refusal,
        Stop::Fault(fault) => panic!("{fault}"),
    }))
}
