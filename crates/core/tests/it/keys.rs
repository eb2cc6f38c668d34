//! Keys: signing keys follow one another without a gap, peppers and master keys without a loss.

use crate::house::{Actor, House, ORDERS, claims, in_a_moment, word};
use doorward_core::authorization_server::builder::BuildError;
use doorward_core::keys::master::MasterKey;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::manage::apis;
use doorward_core::manage::installation;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::random::SystemRandom;
use doorward_protocol::id::ClientId;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

fn rotate(house: &House, occasion: Occasion) -> bool {
    let context = house.server.context();
    let key = signing_keys::prepare(Algorithm::ES256, house.server.sealer(), &context).unwrap();
    block_on(signing_keys::rotate(key, occasion, &by_operator(&context), &context)).unwrap()
}

/// Under which pepper a client's secret stands.
fn pepper(house: &House, client: &Actor) -> PepperVersion {
    let client_id: ClientId = client.client_id.parse().unwrap();
    let store = house.server.cache().store();
    let record = block_on(store.read(move |tx| tx.client_named(&client_id))).unwrap().unwrap();
    record.secrets[0].pepper
}

fn published(house: &House) -> usize {
    let jwks: serde_json::Value = serde_json::from_str(&house.server.jwks()).unwrap();
    jwks["keys"].as_array().unwrap().len()
}

fn kid(token: &str) -> String {
    header(token)["kid"].as_str().unwrap().to_owned()
}

fn header(token: &str) -> serde_json::Value {
    use base64::Engine;
    let header =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&header).unwrap()
}

/// RFC 7517 §5: a new key is published before it signs, an old one stays until what it signed has ended.
#[test]
fn a_key_is_published_before_it_signs_and_stays_after_it_signed() {
    let house = House::default();
    let client = house.client("orders:read");
    let old = house.access_token(&client, "");
    assert!(rotate(&house, Occasion::Requested));
    assert_eq!(published(&house), 2);
    assert_eq!(kid(&house.access_token(&client, "")), kid(&old), "verifiers do not know the new key yet");
    house.advance(Lifetime::minutes(9));
    assert!(house.is_active(&client, &old));
    house.advance(Lifetime::minutes(1));
    let new = house.access_token(&client, "");
    assert_ne!(kid(&new), kid(&old));
    assert_eq!(published(&house), 2);
    house.advance(Lifetime::days(1));
    house.advance(Lifetime::minutes(10));
    block_on(doorward_core::sweep::sweep(&house.server.context())).unwrap();
    assert_eq!(published(&house), 1, "the old key has left");
}

#[test]
fn after_a_compromise_nothing_signed_before_counts() {
    let house = House::default();
    let client = house.client("orders:read");
    let old = house.access_token(&client, "");
    assert!(house.is_active(&client, &old), "and remembered as good");
    assert!(rotate(&house, Occasion::Compromise));
    assert!(!house.is_active(&client, &old));
    assert_eq!(published(&house), 1);
    let new = house.access_token(&client, "");
    assert!(house.is_active(&client, &new) && house.another().is_active(&client, &new));
}

#[test]
fn a_rotation_that_is_due_happens_once() {
    let house = House::default();
    assert!(signing_keys::due(&house.server.context()).is_empty());
    house.advance(Lifetime::days(90));
    assert_eq!(signing_keys::due(&house.server.context()), [Algorithm::ES256]);
    assert!(rotate(&house, Occasion::Due));
    assert!(!rotate(&house, Occasion::Due), "another node was first");
    assert_eq!(published(&house), 2);
}

#[test]
fn with_another_master_key_the_server_does_not_start() {
    let house = House::default();
    let foreign = MasterKey::generate(&SystemRandom::default()).unwrap();
    let refusal = house.another_with(foreign.to_text().expose()).err().unwrap();
    assert!(matches!(refusal, BuildError::MasterKey(_)), "{refusal}");
    assert!(refusal.to_string().contains("version 1"));
}

/// Two that start together on an empty database, each with a key of its own.
#[test]
fn of_two_master_keys_at_a_first_start_the_second_is_foreign() {
    let house = House::default();
    let store = house.server.cache().store();
    let keys = [(); 2].map(|()| house.master.with_next_version(&SystemRandom::default()).unwrap());
    let traces = keys.map(|key| block_on(installation::check(&key, store)).unwrap().unwrap());
    let [first, second] = traces.map(|traces| block_on(installation::leave(traces, store)).unwrap());
    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().version, 2);
}

#[test]
fn a_new_master_key_version_takes_over_without_a_loss() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    let tokens = ["scope=orders:read", "scope=stock:read"].map(|form| house.access_token(&client, form));
    let next = house.master.with_next_version(&SystemRandom::default()).unwrap();
    let house = house.another_with(next.to_text().expose()).unwrap();
    assert!(
        tokens.iter().all(|token| house.is_active(&client, token)),
        "what stands under the old pepper is found"
    );
    let context = house.server.context();
    assert_eq!(
        block_on(signing_keys::rewrap(house.server.sealer(), &by_operator(&context), &context)).unwrap(),
        1
    );
    assert_eq!(
        block_on(signing_keys::rewrap(house.server.sealer(), &by_operator(&context), &context)).unwrap(),
        0,
        "once is enough"
    );

    // The client has authenticated since, so its secret stands under the new pepper: the old version may go.
    in_a_moment("the renewal", || pepper(&house, &client) == PepperVersion(2));
    let newest = next.to_text().expose().lines().find(|line| line.starts_with("v2:")).unwrap().to_owned();
    let house = house.another_with(&newest).unwrap();
    assert!(house.is_active(&client, &tokens[0]), "the signing key was sealed anew");
    assert!(
        !house.is_active(&client, &tokens[1]),
        "an opaque token under the retired pepper is revoked with it"
    );
}

#[test]
fn a_secret_that_was_not_used_since_dies_with_its_pepper() {
    let house = House::default();
    let (used, unused) = (house.client("orders:read"), house.client("orders:read"));
    let next = house.master.with_next_version(&SystemRandom::default()).unwrap();
    let both = house.another_with(next.to_text().expose()).unwrap();
    block_on(signing_keys::rewrap(
        both.server.sealer(),
        &by_operator(&both.server.context()),
        &both.server.context(),
    ))
    .unwrap();
    both.access_token(&used, "");
    in_a_moment("the renewal", || pepper(&both, &used) == PepperVersion(2));
    let newest = next.to_text().expose().lines().find(|line| line.starts_with("v2:")).unwrap().to_owned();
    let only_new = both.another_with(&newest).unwrap();
    let ask = |actor: &Actor| word(only_new.token(actor, ""));
    assert_eq!((ask(&used), ask(&unused)), ("granted", "invalid_client"));
}

/// RFC 7638 §3: a key is named by its thumbprint, and tokens name the key that signed them.
#[test]
fn the_published_set_holds_the_key_that_a_token_names() {
    let house = House::default();
    let token = house.access_token(&house.client("orders:read"), "");
    let jwks: serde_json::Value = serde_json::from_str(&house.server.jwks()).unwrap();
    assert_eq!(jwks["keys"][0]["kid"], kid(&token));
    assert!(jwks["keys"][0].get("d").is_none(), "the private half stays here");
    assert_eq!(claims(&token)["iss"], "https://as.example");
}

/// RFC 9068 §2.1 and RFC 8037 §3.1: an API's tokens are signed as it asks, and each signature is recognised here.
#[test]
fn each_api_has_its_tokens_signed_as_it_asks() {
    let house = House::with_keys(vec![Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256]);
    let client = house.client("orders:read");
    for algorithm in [None, Some(Algorithm::EdDSA), Some(Algorithm::RS256)] {
        let sign = move |members: &mut apis::Members| {
            members.signing_algorithm = algorithm;
            Ok(())
        };
        block_on(apis::update(ORDERS, &by_operator(&house.server.context()), &house.server.context(), sign))
            .unwrap();
        let token = house.access_token(&client, "");
        assert_eq!(header(&token)["alg"], algorithm.unwrap_or(Algorithm::ES256).name());
        assert!(
            house.is_active(&client, &token) && house.another().is_active(&client, &token),
            "{algorithm:?}"
        );
        house.revoke(&client, &token).unwrap();
        assert!(!house.is_active(&client, &token), "{algorithm:?}");
    }
    assert_eq!(published(&house), 3);
}

#[test]
fn of_two_rotations_in_the_same_second_the_later_succeeds_the_earlier() {
    let house = House::default();
    assert!(rotate(&house, Occasion::Requested) && rotate(&house, Occasion::Requested));
    house.advance(Lifetime::minutes(11));
    let keyring = house.server.cache().keyring();
    let now = house.server.context().now;
    let signs = keyring.signing(Algorithm::ES256, now).unwrap().kid().to_owned();
    let record = keyring.records().iter().find(|key| key.kid == signs).unwrap();
    assert_eq!(record.expires_at, None, "the key that signs has no end yet");
}

#[test]
fn a_foreign_master_key_leaves_nothing_behind() {
    let house = House::default();
    let foreign = MasterKey::generate(&SystemRandom::default()).unwrap();
    let only_second = foreign.to_text().expose().replace("v1:", "v2:");
    assert!(house.another_with(&only_second).is_err());
    let next = house.master.with_next_version(&SystemRandom::default()).unwrap();
    assert!(house.another_with(next.to_text().expose()).is_ok(), "version 2 is still free");
}

#[test]
fn after_the_clock_was_set_back_there_is_a_key_to_sign_with() {
    let house = House::default();
    let client = house.client("orders:read");
    house.advance(Lifetime::days(-1));
    house.make_keys();
    assert_eq!(word(house.token(&client, "")), "granted");
}
