//! Clients and their secrets.

use super::ask::{read, violation, write};
use crate::builders::credentials::{access, networks};
use crate::builders::people::organization;
use crate::builders::{api, client, client_secret, digest, id, scope};
use crate::frozen_clock::START;
use doorward_core::client::redirect::RedirectUri;
use doorward_core::client::{AccountOwner, Client};
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::Store;
use doorward_core::store::tx::filter::ClientFilter;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Level, Status};
use std::sync::Arc;

/// A client in which no field has its default.
fn odd_client(number: u32) -> Client {
    let mut odd = client(number)
        .with_client_id(&format!("odd.Client_{number}"))
        .with_scopes("a b:c", "a")
        .with_auth_method(AuthMethod::None)
        .with_grant_types(&[GrantType::RefreshToken, GrantType::AuthorizationCode])
        .with_redirect_uris(&[
            "https://app.example/back?x=1",
            "com.example.app:/back",
            "http://127.0.0.1/back",
        ])
        .with_status(Status::Inactive)
        .with_access_token_lifetime(Lifetime(77))
        .build();
    odd.name = String::from("Ünï \"code\" 🚪");
    odd.description = String::from("two\nlines");
    let logged_out = |uri| RedirectUri::parse(uri, true).expect("a test writes redirect URIs as they may be");
    odd.post_logout_redirect_uris =
        ["https://app.example/out", "com.example.app:/out"].map(logged_out).to_vec();
    odd.require_pkce = false;
    odd.consent = ConsentMode::Implicit;
    odd.id_token_signed_response_alg = Some(Algorithm::EdDSA);
    odd.id_token_claims = true;
    odd.organization = Some(id(9));
    odd.allowed_ips = networks(&["192.0.2.0/24", "::1"]);
    odd.access = access(&[(id(8), Level::Read), (id(7), Level::Full)]).named;
    odd.public_url = Some(String::from("https://app.example/ü"));
    odd.expires_at = Some(START + Lifetime(77));
    odd.refresh_token_lifetime = Some(Lifetime(99));
    odd.generation = 5;
    odd.updated_at = START + Lifetime(9);
    odd
}

/// Every field of a client, and of a plain one with empty lists, survives.
pub fn a_client_comes_back_with_every_field(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_organization(&organization(9)));
    let mut bare = client(2).with_scopes("", "").with_grant_types(&[]).build();
    bare.name = String::new();
    let owners = [AccountOwner::User(id(8)), AccountOwner::Organization(id(9))];
    let [of_user, of_organization] = owners.map(|owner| client(4).for_account_of(owner).build());
    let of_user = Client { held_off: true, status: Status::Inactive, ..of_user };
    let of_organization = Client { id: id(5), client_id: client(5).build().client_id, ..of_organization };
    for client in [odd_client(1), bare, of_user, of_organization] {
        let inserted = client.clone();
        write(store, move |tx| tx.insert_client(&inserted));
        let id = client.id;
        assert_eq!(read(store, move |tx| tx.client(id)).expect("it is there").client, client);
        let client_id = client.client_id.clone();
        let named = read(store, move |tx| tx.client_named(&client_id));
        assert_eq!(named.map(|record| record.client), Some(client));
    }
    assert_eq!(read(store, |tx| tx.client(id(3))), None);
    assert_eq!(read(store, |tx| tx.client_named(&"nobody".parse().expect("letters"))), None);
}

/// An update empties fields too, and leaves `client_id` and the day of registration.
pub fn an_update_replaces_a_client_but_for_its_identifiers(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_organization(&organization(9)));
    write(store, |tx| tx.insert_client(&odd_client(1)));
    let mut plain = client(1).build();
    plain.created_at = START + Lifetime(1000);
    assert!(write(store, move |tx| tx.update_client(&plain)));
    let mut expected = client(1).build();
    expected.client_id = odd_client(1).client_id;
    assert_eq!(read(store, |tx| tx.client(id(1))).expect("it is there").client, expected);
    assert!(!write(store, |tx| tx.update_client(&client(2).build())), "there is no such client");
}

/// RFC 6749 §2.2: the client identifier is unique to the authorization server.
pub fn a_client_id_is_taken_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_client(&client(1).build()));
    let again = client(2).with_client_id("client-1").build();
    let constraint = violation(store, move |tx| tx.insert_client(&again));
    assert!(constraint.contains("client_id"), "{constraint}");
    assert_eq!(read(store, |tx| tx.client(id(2))), None);
}

/// RFC 6749 §2.2: nobody inherits the name of a client that is gone, nor the tokens that name it.
pub fn a_deleted_client_is_gone_and_its_client_id_stays_taken(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))
    });
    assert!(write(store, |tx| tx.delete_client(id(1), START)));
    assert_eq!(read(store, |tx| tx.client(id(1))), None);
    assert_eq!(read(store, |tx| tx.client_named(&client(1).build().client_id)), None);
    assert_eq!(read(store, |tx| tx.clients(&ClientFilter::default(), None, 10)), []);
    assert!(!write(store, |tx| tx.delete_client(id(1), START)), "it was deleted already");
    assert!(!write(store, |tx| tx.update_client(&client(1).build())), "it does not come back");
    assert!(!write(store, |tx| tx.delete_client_secret(id(10))), "its secrets went with it");
    violation(store, |tx| tx.insert_client(&client(2).with_client_id("client-1").build()));
    violation(store, |tx| tx.insert_client_secret(&client_secret(11, id(1))));
}

/// An API's list of introspection clients never names one that is gone.
pub fn a_deleted_client_leaves_the_apis_it_could_introspect_for(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client(&client(2).build())?;
        tx.insert_api(&api(20).with_introspection_clients(&[id(1), id(2)]).build())
    });
    assert!(write(store, |tx| tx.delete_client(id(1), START)));
    let api = read(store, |tx| tx.api(id(20))).expect("the API stays");
    assert_eq!(api.introspection_clients, [id(2)]);
}

/// A client may hold two secrets while it changes from one to the other.
pub fn secrets_come_back_newest_first(store: &Arc<dyn Store>) {
    let mut newer = client_secret(11, id(1));
    (newer.pepper, newer.created_at) = (PepperVersion(2), START + Lifetime(1));
    newer.last_four = String::from("0000");
    let (older, inserted) = (client_secret(10, id(1)), newer.clone());
    write(store, move |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))?;
        tx.insert_client_secret(&inserted)
    });
    assert_eq!(read(store, |tx| tx.client(id(1))).expect("it is there").secrets, [newer, older.clone()]);
    assert!(write(store, |tx| tx.delete_client_secret(id(11))));
    assert_eq!(read(store, |tx| tx.client(id(1))).expect("it is there").secrets, [older]);
    assert!(!write(store, |tx| tx.delete_client_secret(id(11))));
}

/// Whoever finds a secret presents it, and says nothing of the client.
pub fn a_secret_is_found_by_its_digest(store: &Arc<dyn Store>) {
    let secret = client_secret(10, id(1));
    let inserted = secret.clone();
    write(store, move |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(11, id(1)))?;
        tx.insert_client_secret(&inserted)
    });
    assert_eq!(read(store, |tx| tx.client_secret_of(&digest(10))), Some(secret));
    assert_eq!(read(store, |tx| tx.client_secret_of(&digest(12))), None);
}

/// What was taken back says why, once, and for a while.
pub fn a_secret_is_revoked_once_and_swept_later(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        (10..13).try_for_each(|number| tx.insert_client_secret(&client_secret(number, id(1))))
    });
    write(store, |tx| tx.expire_client_secret(id(12), START));
    let revoke = |number, reason: &'static str| {
        write(store, move |tx| tx.revoke_client_secret(id(number), reason, START + Lifetime(1)))
    };
    assert!(revoke(10, "leaked") && !revoke(10, "another"));
    assert!(!revoke(12, "leaked"), "it had ended before");
    assert!(!revoke(13, "leaked"), "there is no such secret");
    let secret = read(store, |tx| tx.client_secret_of(&digest(10))).expect("it is there");
    assert_eq!(
        (secret.inactive_reason.as_deref(), secret.expires_at),
        (Some("leaked"), Some(START + Lifetime(1)))
    );
    let sweep = |before: Seconds| write(store, move |tx| tx.sweep_client_secrets(before, 10));
    assert_eq!(sweep(START + Lifetime(1)), 0, "not before that");
    assert_eq!(sweep(START + Lifetime(2)), 1);
    let left = read(store, |tx| tx.client(id(1))).expect("it is there").secrets;
    assert_eq!(left.len(), 2, "what was not taken back is no business of this broom");
}

/// A secret without a client would let nobody in, and nobody could take it away.
pub fn nobody_gets_a_secret_who_is_not_there(store: &Arc<dyn Store>) {
    violation(store, |tx| tx.insert_client_secret(&client_secret(10, id(1))));
}

/// The one that another has replaced goes on for a while, and then ends by itself.
pub fn a_secret_is_given_an_end(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))
    });
    let end = START + Lifetime::minutes(5);
    assert!(write(store, move |tx| tx.expire_client_secret(id(10), end)));
    let secret = read(store, |tx| tx.client(id(1))).expect("it is there").secrets.remove(0);
    assert_eq!(secret.expires_at, Some(end));
    assert!(!write(store, move |tx| tx.expire_client_secret(id(11), end)), "there is no such secret");
}

/// Two requests that redigest at once write the same, but one that comes late must not bring back an old hash.
pub fn a_secret_is_redigested_only_from_what_it_was(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))
    });
    let redigest = |tx: &mut dyn doorward_core::store::tx::Tx| {
        tx.redigest_client_secret(id(10), &digest(10), (PepperVersion(2), &digest(99)))
    };
    assert!(write(store, redigest));
    assert!(!write(store, redigest), "it is no longer what it was");
    let secret = read(store, |tx| tx.client(id(1))).expect("it is there").secrets.remove(0);
    assert_eq!((secret.digest, secret.pepper), (digest(99), PepperVersion(2)));
    assert_eq!(read(store, |tx| tx.client(id(1))).expect("it is there").client.scopes, scope("read write"));
}

/// A page begins after the last one's end, and never shows a client twice.
pub fn clients_are_listed_page_by_page(store: &Arc<dyn Store>) {
    write(store, |tx| [3, 1, 2].into_iter().try_for_each(|number| tx.insert_client(&client(number).build())));
    let page = |after, limit| -> Vec<_> {
        read(store, move |tx| tx.clients(&ClientFilter::default(), after, limit))
            .iter()
            .map(|one| one.id)
            .collect()
    };
    assert_eq!(page(None, 2), [id(1), id(2)]);
    assert_eq!(page(Some(id(2)), 2), [id(3)]);
    assert_eq!(page(Some(id(3)), 2), []);
}
