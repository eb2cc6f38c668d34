//! oxide-auth's flows over our primitives: what they grant, and what they refuse.

use super::*;
use doorward_testkit::calls::by_operator;

#[test]
fn a_person_of_the_programs_gets_tokens_that_our_endpoints_know() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    assert_eq!(owner(&house, "alice"), None);
    let tokens = tokens(&mut program, &client);
    assert_eq!(tokens.scope, "orders:read");
    let alice = owner(&house, "alice").unwrap();
    assert_eq!(alice.external_id, "alice");
    let Introspection::Active(active) = house.introspect(&client, &tokens.access) else { panic!("inactive") };
    assert_eq!((active.sub, active.aud.as_str()), (alice.id.to_string(), ORDERS));
    assert_eq!(active.scope.to_string(), "orders:read");
    let grant = program.resource("orders:read", &tokens.access).unwrap();
    assert_eq!((grant.owner_id.as_str(), grant.client_id), ("alice", client.client_id));
    assert!(program.resource("orders:write", &tokens.access).is_none(), "its scope does not reach so far");
}

#[test]
fn the_three_grants_work_for_a_public_client_and_for_one_with_a_secret() {
    for method in [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost, AuthMethod::None] {
        let house = House::default();
        let client = shop(&house, method);
        let mut program = program(&house);
        let first = tokens(&mut program, &client);
        let second = refresh(&mut program, &client, first.refresh.as_deref().unwrap()).tokens();
        assert_ne!((&second.access, &second.refresh), (&first.access, &first.refresh));
        assert!(program.resource("orders:read", &second.access).is_some());
        let own = program.token(credentials(&client), "grant_type=client_credentials&scope=orders:write");
        if method.is_confidential() {
            let grant = program.resource("orders:write", &own.tokens().access).unwrap();
            assert_eq!(grant.owner_id, client.client_id);
        } else {
            assert_eq!(own, refused("invalid_request"));
        }
    }
}

/// RFC 6749 §6, RFC 9700 §4.14.2: a refresh token is rotated, and one that was used before ends all that follows from it.
#[test]
fn a_refresh_token_that_was_used_before_ends_its_family() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let first = tokens(&mut program, &client);
    let old = first.refresh.unwrap();
    let second = refresh(&mut program, &client, &old).tokens();
    let third = refresh(&mut program, &client, second.refresh.as_deref().unwrap()).tokens();
    assert_eq!(refresh(&mut program, &client, &old), Answer::Primitive);
    assert_eq!(word(&program), "invalid_grant", "what to answer is remembered");
    assert_eq!(refresh(&mut program, &client, third.refresh.as_deref().unwrap()), refused("invalid_grant"));
    for token in [first.access, second.access, third.access] {
        assert!(program.resource("orders:read", &token).is_none());
        assert!(!house.is_active(&client, &token));
    }
}

/// RFC 6749 §4.1.2: a code is redeemed once, and presented again it takes back what followed from it.
#[test]
fn a_code_is_redeemed_once() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let code = code(&mut program, &client);
    let tokens = redeem(&mut program, &client, &code).tokens();
    assert_eq!(redeem(&mut program, &client, &code), Answer::Primitive);
    assert_eq!(word(&program), "invalid_grant");
    assert!(!house.is_active(&client, &tokens.access));
}

/// RFC 7636 §4.6: whoever has a code and nothing else can neither redeem nor void it.
#[test]
fn a_code_without_its_verifier_is_refused_and_stays_good() {
    let house = House::default();
    let (client, other) =
        (shop(&house, AuthMethod::ClientSecretBasic), shop(&house, AuthMethod::ClientSecretBasic));
    let mut program = program(&house);
    let code = code(&mut program, &client);
    let form = redemption(&client, &code);
    for wrong in
        [form.replace(VERIFIER, &"x".repeat(43)), form.replace(&format!("&code_verifier={VERIFIER}"), "")]
    {
        assert_eq!(program.token(credentials(&client), &wrong), refused("invalid_request"), "{wrong}");
    }
    let elsewhere = form.replace(BACK, "https://client.example/other");
    assert_eq!(program.token(credentials(&client), &elsewhere), refused("invalid_grant"));
    assert_eq!(redeem(&mut program, &other, &code), refused("invalid_grant"));
    assert!(matches!(redeem(&mut program, &client, &code), Answer::Tokens(_)));
}

#[test]
fn of_all_who_redeem_a_code_at_once_one_gets_tokens() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let bridge = bridge(&house);
    let code = code(&mut over(&bridge), &client);
    let start = Barrier::new(8);
    let answers: Vec<_> = thread::scope(|scope| {
        let run = || {
            let mut program = over(&bridge);
            start.wait();
            redeem(&mut program, &client, &code)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let granted: Vec<_> = answers.iter().filter(|answer| matches!(answer, Answer::Tokens(_))).collect();
    assert_eq!(granted.len(), 1, "{answers:?}");
}

/// RFC 7636 §4.4.1: without a challenge, the client is told at once; `plain` is none.
#[test]
fn no_code_is_issued_without_a_challenge() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let without = request(&client).replace("&code_challenge_method=S256", "");
    assert_eq!(program.authorize(Some("alice"), &without), refused("invalid_request"));
    let plain = request(&client).replace("S256", "plain");
    assert_eq!(program.authorize(Some("alice"), &plain), refused("invalid_request"));
    program.addons = AddonList::new();
    assert_eq!(program.authorize(Some("alice"), &request(&client)), Answer::Primitive);
    let why = program.authorizer.refusal().unwrap();
    assert!(why.description().contains("extension of the bridge"), "{why:?}");
}

/// The scopes of OpenID Connect stay with our own endpoints: there is no ID token to give.
#[test]
fn openid_is_not_granted_through_the_bridge() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let widen = |members: &mut clients::Members| {
        members.scopes = "openid orders:read".parse().unwrap();
        members.default_scopes = members.scopes.clone();
        Ok(())
    };
    block_on(clients::update(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
        widen,
    ))
    .unwrap();
    let mut program = program(&house);
    let explicit = request(&client).replace("scope=orders:read", "scope=openid+orders:read");
    assert_eq!(program.authorize(Some("alice"), &explicit), refused("invalid_scope"));
    let default = request(&client).replace("&scope=orders:read", "");
    let code = program.authorize(Some("alice"), &default).code();
    assert_eq!(redeem(&mut program, &client, &code).tokens().scope, "orders:read");
}

/// RFC 9700 §2.1: byte for byte, however a parser would write it.
#[test]
fn a_redirect_uri_is_one_that_was_registered() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    for other in ["https://client.example/back/", "https://client.example:443/back", "https://evil.example/"]
    {
        let asked = request(&client).replace(BACK, other);
        assert_eq!(program.authorize(Some("alice"), &asked), Answer::Page, "{other}");
    }
    let only = request(&client).replace(&format!("&redirect_uri={BACK}"), "");
    let code = program.authorize(Some("alice"), &only).code();
    assert!(matches!(redeem(&mut program, &client, &code), Answer::Tokens(_)));
}

#[test]
fn a_client_that_may_not_use_a_grant_does_not_get_it() {
    let house = House::default();
    let machine = house.client("orders:read");
    let mut program = program(&house);
    assert_eq!(program.authorize(Some("alice"), &request(&machine)), Answer::Page, "it has no redirect URI");
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let tokens = tokens(&mut program, &client);
    let narrow = |members: &mut clients::Members| {
        members.grant_types = vec![GrantType::AuthorizationCode];
        Ok(())
    };
    block_on(clients::update(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
        narrow,
    ))
    .unwrap();
    assert_eq!(refresh(&mut program, &client, tokens.refresh.as_deref().unwrap()), Answer::Primitive);
    assert_eq!(word(&program), "unauthorized_client");
    assert_eq!(program.token(credentials(&client), "grant_type=client_credentials"), Answer::Primitive);
    assert_eq!(word(&program), "unauthorized_client");
    block_on(apis::set_status(
        ORDERS,
        Status::Inactive,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(
        program.resource("orders:read", &tokens.access).is_none(),
        "nor is a token good at an API that is off"
    );
}
