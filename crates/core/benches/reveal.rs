//! What it takes to have the secrets of a registered auth shown, its event durable before they leave: one after the other, and by several
//! at once; beside it a look at the masked auth, which writes nothing. On SQLite in the current folder, and on PostgreSQL where `DATABASE`
//! names an empty database. Run with `cargo bench -p doorward-core --bench reveal`; `SAMPLES` (2000) says how many, `CONC` (16) how many at once.

#![expect(clippy::disallowed_methods, reason = "it measures how long something takes")]

use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::client::AccountOwner;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::registered_auths::{self, Members, Value, disclosure};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Tx;
use doorward_protocol::permission::Permissions;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::{client, id, vault};
use doorward_testkit::calls::by_operator;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

fn main() {
    let (samples, at_once) = (number("SAMPLES", 2_000), number("CONC", 16));
    let folder = tempfile::tempdir_in(".").expect("the current folder can be written");
    measure("SQLite", &format!("sqlite:{}", folder.path().join("bench.db").display()), samples, at_once);
    if let Ok(url) = std::env::var("DATABASE") {
        measure("PostgreSQL", &url, samples, at_once);
    }
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn measure(name: &str, url: &str, samples: usize, at_once: usize) {
    let (server, auth) = furnished(url);
    let look = |server: &AuthorizationServer| {
        let context = server.context();
        block_on(registered_auths::show(&auth, &person(server), &context)).expect("it is there");
    };
    let reveal = |server: &AuthorizationServer| {
        let (context, call) = (server.context(), person(server));
        let shown = block_on(disclosure::reveal(&auth, "a bench", server.sealer(), &call, &context));
        assert_eq!(shown.expect("it is shown").secrets.len(), 1);
    };
    report(name, "a look at the masked auth", &mut timed(samples, || look(&server)));
    report(name, "a reveal, one after the other", &mut timed(samples, || reveal(&server)));
    let each = samples / at_once;
    let begun = Instant::now();
    let mut all = thread::scope(|scope| {
        let run = || scope.spawn(|| timed(each, || reveal(&server)));
        let running: Vec<_> = (0..at_once).map(|_| run()).collect();
        running.into_iter().flat_map(|one| one.join().expect("it does not panic")).collect::<Vec<_>>()
    });
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    report(name, &format!("a reveal, {at_once} at once ({rate:.0}/s)"), &mut all);
}

/// A server with one auth, and the auth's identifier.
fn furnished(url: &str) -> (Arc<AuthorizationServer>, String) {
    let database = Database::open(&url.parse().expect("a URL"), Options::default()).expect("it opens");
    let settings = Settings::new("https://as.example".parse().expect("an issuer"));
    let master = MasterKey::generate(&SystemRandom::default()).expect("there is randomness");
    let builder = AuthorizationServer::builder(settings.issuer.clone(), database, master).settings(settings);
    let server = Arc::new(block_on(builder.build()).expect("the server is built"));
    let context = server.context();
    let insert = |tx: &mut dyn Tx| {
        let account = client(1).for_account_of(AccountOwner::User(id(5))).build();
        tx.insert_client(&account).map_err(Stop::<()>::Fault)?;
        Ok(tx.insert_provider(&vault::provider(2))?)
    };
    block_on(context.cache.write(insert)).unwrap_or_else(|_| panic!("the database is empty"));
    let fields = [("password".to_owned(), Value::given("four kettles of moss"))].into();
    let members = Members { fields, ..Members::labelled("Acme") };
    let (account, call) = (id(1).to_string(), by_operator(&context));
    let made = registered_auths::create(&account, "provider-2", members, server.sealer(), &call, &context);
    let auth = block_on(made).expect("it is registered").id.to_string();
    (server, auth)
}

/// Somebody who may everything and has just signed in.
fn person(server: &AuthorizationServer) -> Call {
    let context = server.context();
    let permit = Permit::of(Actor::User(id(5)), Permissions::all(), None, None);
    Call::by(permit, &context).expect("there is randomness").authenticated(Some(context.now))
}

fn timed(samples: usize, act: impl Fn()) -> Vec<f64> {
    let time = |_| {
        let begun = Instant::now();
        act();
        begun.elapsed().as_secs_f64() * 1e6
    };
    (0..samples).map(time).collect()
}

fn report(name: &str, title: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!("{name:<12} {title:<36} median {:>8.0} µs   p99 {:>8.0} µs", at(50), at(99));
}
