//! What we promise of every token holds for those that such a program issues.

use super::*;
use doorward_core::ticket::code::Code;
use doorward_core::token::family::{Family, RefreshToken};
use doorward_protocol::token_text::{self, TokenType};
use doorward_testkit::builders::authorizations as rows;
use doorward_testkit::calls::by_operator;

#[test]
fn a_client_or_person_that_was_switched_off_is_refused_at_once() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let tokens = tokens(&mut program, &client);
    let pending = code(&mut program, &client);
    let alice = owner(&house, "alice").unwrap().id.to_string();
    let context = house.server.context();
    block_on(users::set_status(&alice, UserStatus::Disabled, &by_operator(&context), &context)).unwrap();
    assert!(program.resource("orders:read", &tokens.access).is_none());
    assert_eq!(redeem(&mut program, &client, &pending), Answer::Primitive);
    assert_eq!(word(&program), "invalid_grant");
    assert_eq!(refresh(&mut program, &client, tokens.refresh.as_deref().unwrap()), Answer::Primitive);
    assert_eq!(program.authorize(Some("alice"), &request(&client)), Answer::Primitive);
    assert_eq!(program.authorizer.refusal().unwrap().code().as_str(), "access_denied");

    let own = program.token(credentials(&client), "grant_type=client_credentials").tokens();
    block_on(clients::set_status(
        &client.client_id,
        Status::Inactive,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(program.resource("orders:read", &own.access).is_none());
    assert_eq!(
        program.token(credentials(&client), "grant_type=client_credentials"),
        refused("invalid_client")
    );
    assert_eq!(program.authorize(Some("bob"), &request(&client)), Answer::Page);
}

#[test]
fn our_revocation_endpoint_takes_back_what_the_bridge_has_issued() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let one = tokens(&mut program, &client);
    house.revoke(&client, &one.access).unwrap();
    assert!(program.resource("orders:read", &one.access).is_none());
    let two = tokens(&mut program, &client);
    house.revoke(&client, two.refresh.as_deref().unwrap()).unwrap();
    assert!(program.resource("orders:read", &two.access).is_none());
    assert_eq!(refresh(&mut program, &client, two.refresh.as_deref().unwrap()), refused("invalid_grant"));
}

#[test]
fn consent_given_on_the_programs_page_can_be_taken_back() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let tokens = tokens(&mut program, &client);
    let alice = owner(&house, "alice").unwrap();
    let given =
        block_on(consents::list(alice.id, &by_operator(&house.server.context()), &house.server.context()))
            .unwrap();
    assert_eq!(given.iter().map(|one| one.scope.to_string()).collect::<Vec<_>>(), ["orders:read"]);
    block_on(consents::revoke(
        alice.id,
        given[0].id,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(program.resource("orders:read", &tokens.access).is_none());
    assert_eq!(refresh(&mut program, &client, tokens.refresh.as_deref().unwrap()), refused("invalid_grant"));
}

#[test]
fn tokens_outlive_the_program() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let tokens = tokens(&mut program(&house), &client);
    let pending = code(&mut program(&house), &client);
    let restarted = house.another();
    let mut program = program(&restarted);
    assert!(program.resource("orders:read", &tokens.access).is_some());
    assert!(matches!(redeem(&mut program, &client, &pending), Answer::Tokens(_)));
    assert!(matches!(refresh(&mut program, &client, &tokens.refresh.unwrap()), Answer::Tokens(_)));
}

/// oxide-auth reads the machine's clock; what counts is ours.
#[test]
fn a_code_and_a_token_end_by_our_clock() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let tokens = tokens(&mut program, &client);
    let pending = code(&mut program, &client);
    house.advance(Lifetime::minutes(11));
    assert!(program.resource("orders:read", &tokens.access).is_none());
    assert_eq!(redeem(&mut program, &client, &pending), Answer::Primitive);
    assert_eq!(word(&program), "invalid_grant");
}

/// RFC 8707 §2: a token is for one API: another's does not open the program's, though its scope be called the same.
#[test]
fn a_token_for_another_api_is_none_here() {
    let house = House::default();
    let client = house.client("shared orders:read");
    let mut program = program(&house);
    let form = |api: &str| format!("scope=shared&resource={api}");
    let other = house.access_token(&client, &form("https%3A%2F%2Fstock.example"));
    let ours = house.access_token(&client, &form("https%3A%2F%2Forders.example"));
    assert!(program.resource("shared", &other).is_none());
    assert!(program.resource("shared", &ours).is_some(), "a token from our own endpoint is known");
    let nowhere = Bridge::new(Arc::clone(&house.server)).recover_token(&ours);
    assert_eq!(nowhere, Ok(None), "a program that has not said which API it is knows no token");
    house.api("https://more.example", &["orders:more"], TokenFormat::Jwt);
    let both = shop(&house, AuthMethod::ClientSecretBasic);
    let two = "grant_type=client_credentials&scope=orders:read+stock:read";
    assert_eq!(program.token(credentials(&both), two), Answer::Page);
    assert_eq!(word(&program), "invalid_scope", "oxide-auth is silent about it");
}

#[test]
fn a_token_for_a_person_follows_from_a_code_and_nothing_else() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut bridge = bridge(&house);
    let grant = Grant {
        owner_id: "alice".to_owned(),
        client_id: client.client_id.clone(),
        scope: "orders:read".parse().unwrap(),
        redirect_uri: BACK.parse().unwrap(),
        until: chrono::DateTime::<chrono::Utc>::MAX_UTC,
        extensions: oxide_auth::primitives::grant::Extensions::new(),
    };
    assert!(bridge.issue(grant.clone()).is_err());
    assert_eq!(bridge.refusal().unwrap().code().as_str(), "access_denied");
    assert!(bridge.authorize(Grant { owner_id: client.client_id.clone(), ..grant.clone() }).is_err());
    assert!(bridge.refusal().unwrap().description().contains("as a client is"));
    assert!(bridge.authorize(grant).is_err(), "nor is there a code without the extension");
}

/// A client that is called as an owner of the program's was registered after that owner: its own tokens do not speak as them.
#[test]
fn a_client_does_not_speak_as_its_namesake() {
    let house = House::default();
    let mut program = program(&house);
    tokens(&mut program, &shop(&house, AuthMethod::ClientSecretBasic));
    let members =
        clients::Members { scopes: "orders:read".parse().unwrap(), ..clients::Members::named("Alice") };
    let context = house.server.context();
    let secret = block_on(clients::create(Some("alice"), members, &by_operator(&context), &context))
        .unwrap()
        .secret
        .unwrap();
    let form = "grant_type=client_credentials&scope=orders:read";
    let token = program.token(Some(basic("alice", secret.expose())), form).tokens().access;
    assert!(program.resource("orders:read", &token).is_none());
}

#[test]
fn the_directorys_people_have_to_exist() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let bridge = Bridge::new(Arc::clone(&house.server)).at_api(ORDERS);
    let mut program = over(&bridge);
    assert_eq!(program.authorize(Some("alice"), &request(&client)), Answer::Primitive);
    crate::people::alice(&house);
    let tokens = tokens(&mut program, &client);
    assert_eq!(program.resource("orders:read", &tokens.access).unwrap().owner_id, "alice");
    let mut elsewhere = self::program(&house);
    assert!(elsewhere.resource("orders:read", &tokens.access).is_none(), "another alice than the intranet's");
}

#[test]
fn nothing_that_opens_a_door_is_in_the_database() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut program = program(&house);
    let code = code(&mut program, &client);
    let tokens = redeem(&mut program, &client, &code).tokens();
    record(&house, |tx| tx.insert_setting("written", "now"));
    let Some(path) = house.url().strip_prefix("sqlite:").map(str::to_owned) else { return };
    let written: Vec<u8> =
        [path.clone(), format!("{path}-wal")].iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let holds = |text: &str| written.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(holds(&client.client_id), "the files are those of the database");
    for secret in [code, tokens.access, tokens.refresh.unwrap()] {
        assert!(!holds(&secret));
    }
}

/// The store's own threads end the wait, so the thread of a runtime may be halted while it runs nothing else.
#[test]
fn a_thread_with_a_runtime_of_its_own_is_not_locked_up() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let bridge = bridge(&house);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let local = tokio::task::LocalSet::new();
    // Requests to our own endpoints are under way on the same thread meanwhile.
    let beside = (0..16).map(|_| {
        let server = Arc::clone(&house.server);
        local.spawn_local(async move {
            server.cache().catch_up().await.unwrap();
            tokio::task::yield_now().await;
            server
                .cache()
                .store()
                .run(Mode::Write, Box::new(|_| Ok(doorward_core::store::Verdict::Commit)))
                .await
        })
    });
    let beside: Vec<_> = beside.collect();
    let tokens = runtime.block_on(local.run_until(async {
        tokio::task::yield_now().await;
        let tokens = tokens(&mut over(&bridge), &client);
        for task in beside {
            task.await.unwrap().unwrap();
        }
        tokens
    }));
    assert!(house.is_active(&client, &tokens.access));
}

/// An ID token goes with it, for which a host is asked, and oxide-auth has no place for one.
#[test]
fn what_was_allowed_with_openid_is_redeemed_at_our_own_endpoints() {
    let house = House::default();
    let client = shop(&house, AuthMethod::ClientSecretBasic);
    let mut bridge = bridge(&house);
    tokens(&mut over(&bridge), &client);
    let alice = owner(&house, "alice").unwrap();
    let shop = block_on(clients::show(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap()
    .client
    .id;
    let context = house.server.context();
    for (number, found) in [(1_u8, false), (2, true)] {
        let text = token_text::write(TokenType::AuthorizationCode, &[number; 32]);
        let (pepper, digest) = context.peppers.digest(text.expose());
        let scope = scope_of(found);
        let code = Code { digest, pepper, client: shop, user: alice.id, scope, ..rows::code(number.into()) };
        record(&house, move |tx| tx.insert_code(&code));
        assert_eq!(bridge.extract(text.expose()).unwrap().is_some(), found);

        let refresh = token_text::write(TokenType::RefreshToken, &[number; 32]);
        let (pepper, digest) = context.peppers.digest(refresh.expose());
        let family =
            Family { client: shop, user: alice.id, scope: scope_of(found), ..rows::family(number.into()) };
        let token = RefreshToken { digest, pepper, family: family.id, ..rows::refresh_token(number.into()) };
        record(&house, move |tx| {
            tx.insert_family(&family)?;
            tx.insert_refresh_token(&token)
        });
        assert_eq!(bridge.recover_refresh(refresh.expose()).unwrap().is_some(), found);
    }
}

fn scope_of(plain: bool) -> doorward_protocol::scope::Scope {
    if plain { "orders:read" } else { "openid orders:read" }.parse().unwrap()
}
