//! A new master key takes over the vault while the server is killed again and again: it goes on where it was, and in the end nothing
//! hangs on the old version (security.md R11).

use crate::doorward::Place;
use crate::harness::{Server, within};
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::client::AccountOwner;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::registered_auths::{self, Members, Value};
use doorward_core::settings::Settings;
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Tx;
use doorward_core::vault::registered_auth::RegisteredAuth;
use doorward_protocol::id::Id;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::{client, id, vault};
use doorward_testkit::calls::by_operator;
use std::time::Duration;

/// Several batches.
const AUTHS: usize = 600;
const KILLS: u64 = 8;

#[test]
fn killed_again_and_again_the_vault_comes_under_the_new_master_key() {
    let place = Place::migrated();
    fill(&place);
    place.run(&["keys", "init", "--next-version"]).ok();
    let mut server = Server::start_at(place);
    for kill in 0..KILLS {
        // Each a little later than the one before: one of them comes in the midst of it.
        std::thread::park_timeout(Duration::from_millis(5 * kill));
        server.kill();
        let (old, new) = hanging(server.place());
        assert_eq!(old + new, AUTHS, "nothing is lost, nothing is doubled");
        server.restart();
    }
    within(Duration::from_secs(90), "nothing hangs on the old version", || {
        (hanging(server.place()).0 == 0).then_some(())
    });
    let text = server.place().run(&["keys", "status"]).ok();
    assert!(text.contains("registered auths"), "{text}");
    server.kill();
    let newest =
        server.place().read("master.key").lines().find(|line| line.starts_with("v2:")).map(str::to_owned);
    let only_new = opened(server.place(), &newest.unwrap());
    let read =
        |auth: RegisteredAuth| auth.open(only_new.sealer()).unwrap()["password"].expose().parse().unwrap();
    let mut secrets: Vec<usize> = auths(&only_new).into_iter().map(read).collect();
    secrets.sort_unstable();
    assert!(secrets.into_iter().eq(0..AUTHS), "each has its own");
}

/// How many registered auths hang on the first version of the master key, and how many on the second.
fn hanging(place: &Place) -> (usize, usize) {
    let status = place.run(&["keys", "status", "--json"]).json();
    let versions = status["master_key"]["versions"].as_array().unwrap();
    let count = |version: u64| {
        let of = versions.iter().find(|one| one["version"] == version).unwrap();
        usize::try_from(of["registered_auths"].as_u64().unwrap()).unwrap()
    };
    (count(1), count(2))
}

/// A server of this process's on the place's database.
fn opened(place: &Place, master: &str) -> AuthorizationServer {
    let database = Database::open(&place.database().parse().unwrap(), Options::default()).unwrap();
    let settings = Settings::new("http://127.0.0.1:8080".parse().unwrap());
    let builder =
        AuthorizationServer::builder(settings.issuer.clone(), database, MasterKey::parse(master).unwrap());
    block_on(builder.settings(settings).build()).unwrap_or_else(|error| panic!("{error}"))
}

fn fill(place: &Place) {
    let server = opened(place, &place.read("master.key"));
    let context = server.context();
    let insert = |tx: &mut dyn Tx| {
        tx.insert_client(&client(1).for_account_of(AccountOwner::User(id(5))).build())
            .map_err(Stop::<()>::Fault)?;
        Ok(tx.insert_provider(&vault::provider(2))?)
    };
    block_on(context.cache.write(insert)).unwrap();
    for number in 0..AUTHS {
        let fields = [("password".to_owned(), Value::given(number.to_string()))].into();
        let members = Members { fields, ..Members::labelled("Acme") };
        let (account, call) = (id(1).to_string(), by_operator(&context));
        let made =
            registered_auths::create(&account, "provider-2", members, server.sealer(), &call, &context);
        block_on(made).unwrap();
    }
}

/// All auths.
fn auths(server: &AuthorizationServer) -> Vec<RegisteredAuth> {
    let account: Id = id(1);
    block_on(server.context().cache.store().read(move |tx| tx.registered_auths_of(account, None, 10_000)))
        .unwrap()
}
