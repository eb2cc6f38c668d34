//! `kill -9` while requests for access are decided about, secrets are shown and the vault comes under another master key: no decision is
//! lost or made twice, and nobody has read a secret of which the trail does not tell (security.md R1, R11).

use crate::harness::{Server, until};
use crate::length::rounds;
use crate::person;
use crate::rest::{Rest, text};
use crate::story;
use doorward_testkit::http::Credentials;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

const ORDERS: &str = "https://orders.example";
const SCOPES: &str = "access-requests:self api-accounts:self registered-auths:reveal providers:read";
/// Who ask for access at the same time.
const PEOPLE: usize = 3;
/// Several batches for the new master key.
const AUTHS: usize = 120;
/// What is answered between a start and the next kill.
const ACTS: usize = 24;
/// A person has at most a hundred accounts.
const MOST_SECRETS: usize = 80;
/// Kills between two sign-ins, which are good for five minutes, and between two master keys.
const SIGN_IN: usize = 25;
const ROTATION: usize = 4;

/// What somebody has read in an answer.
#[derive(Default)]
struct Read {
    /// How requests were decided about.
    decisions: BTreeMap<String, Vec<&'static str>>,
    /// The reasons for which secrets of the vault were shown, each given once.
    revealed: Vec<String>,
    /// How often such secrets were released to their account.
    released: usize,
    /// Secrets of accounts, with the account's identifier.
    secrets: Vec<(String, Credentials)>,
}

/// A server with somebody who decides, and somebody who has a vault.
struct World {
    server: Server,
    ops: Rest,
    app: Credentials,
    alice: Rest,
    account: Rest,
    auths: Vec<String>,
    read: Mutex<Read>,
    acts: AtomicUsize,
}

impl World {
    fn new() -> Self {
        let server = Server::start();
        let level = ["--scope", "orders:read", "--level", "read.scopes=orders:read"];
        server.create_api(ORDERS, &level);
        let ops = Rest::new(&server, &story::management(&server));
        person::create_alice(&server);
        let app = person::managing_app(&server, SCOPES);
        let alice = Rest::new(&server, &person::managing_by(&server, &app, SCOPES));
        let field = json!({"name": "password", "label": "Password", "type": "secret", "required": true});
        ops.done("/providers", &json!({"key": "parcels", "name": "Parcels", "fields": [field]}));
        let access = json!([{"api": "management", "level": "read"}]);
        let account = text(&alice.done("/api-accounts", &json!({"name": "Shop", "access": access})), "id");
        let token = json!({"name": "till", "access": access});
        let token = text(&alice.done(&format!("/api-accounts/{account}/api-tokens"), &token), "token");
        let auth = |number: usize| {
            let fields = json!({"password": secret(number)});
            let auth =
                json!({"provider": "parcels", "label": "Acme", "release": "api_account", "fields": fields});
            text(&alice.done(&format!("/api-accounts/{account}/registered-auths"), &auth), "id")
        };
        let auths = (0..AUTHS).map(auth).collect();
        let account = Rest::new(&server, &token);
        Self { server, ops, app, alice, account, auths, read: Mutex::default(), acts: AtomicUsize::new(0) }
    }

    fn read(&self) -> std::sync::MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn acted(&self) {
        self.acts.fetch_add(1, Ordering::Relaxed);
    }

    /// Works on all sides until enough was answered, then kills the server under their hands.
    fn load_until_killed(&mut self, kill: usize) {
        let people: Vec<_> = (0..PEOPLE).map(|number| self.person(&format!("u-{kill}-{number}"))).collect();
        let before = self.acts.load(Ordering::Relaxed);
        thread::scope(|scope| {
            let this = &*self;
            for person in &people {
                scope.spawn(move || while this.decided(person).is_some() {});
            }
            scope.spawn(move || this.asks_and_reads(kill));
            scope.spawn(move || (0..).try_for_each(|turn| this.reads(kill, turn)));
            until("enough is answered", || {
                (this.acts.load(Ordering::Relaxed) >= before + ACTS).then_some(())
            });
            this.server.signal("KILL");
        });
        self.server.kill();
    }

    /// Somebody new, who may ask for access.
    fn person(&self, name: &str) -> Rest {
        self.ops.done("/users", &json!({"username": name, "groups": ["Members"]}));
        let token = json!({"name": "script", "access": [{"api": "management", "level": "full"}]});
        Rest::new(&self.server, &text(&self.ops.done(&format!("/users/{name}/api-tokens"), &token), "token"))
    }

    /// Somebody asks, and two decide at once: one of them does. None once the server is gone.
    fn decided(&self, person: &Rest) -> Option<String> {
        let id = ask(person)?;
        let decide = |verb: &str, body: Value| {
            self.ops
                .call("POST", &format!("/access-requests/{id}/{verb}"), Some(&body))
                .map(|answer| answer.status)
        };
        let (approved, denied) = thread::scope(|scope| {
            let denied = scope.spawn(|| decide("deny", json!({"reason": "no"})));
            (decide("approve", json!({})), denied.join().expect("it is answered, or not"))
        });
        for (status, word) in [(approved, "approved"), (denied, "denied")] {
            assert!(matches!(status, None | Some(200 | 409)), "{word}: {status:?}");
            if status == Some(200) {
                self.read().decisions.entry(id.clone()).or_default().push(word);
                self.acted();
            }
        }
        approved.and(denied).map(|_| id)
    }

    /// Alice asks, somebody approves, and she has the secret shown.
    fn asks_and_reads(&self, kill: usize) -> Option<()> {
        if kill >= MOST_SECRETS {
            return None;
        }
        let id = ask(&self.alice)?;
        let approved = self.ops.call("POST", &format!("/access-requests/{id}/approve"), Some(&json!({})))?;
        assert_eq!(approved.status, 200, "{approved:?}");
        let account = text(&approved.json(), "api_account_id");
        self.read().decisions.insert(id, vec!["approved"]);
        let named = self.alice.call("GET", &format!("/api-accounts/{account}"), None)?.json();
        let shown = self.alice.call("POST", &format!("/api-accounts/{account}/secret/reveal"), None)?;
        assert_eq!(shown.status, 201, "{shown:?}");
        let client_secret = text(&shown.json(), "client_secret");
        let client_id = text(&named, "client_id");
        self.read().secrets.push((account, Credentials { client_id, client_secret }));
        self.acted();
        Some(())
    }

    /// Alice has a secret of the vault shown, and the account fetches it.
    fn reads(&self, kill: usize, turn: usize) -> Option<()> {
        let number = (kill + turn) % AUTHS;
        let (auth, reason) = (&self.auths[number], format!("kill {kill}, turn {turn}"));
        let body = json!({"reason": reason});
        let shown = self.alice.call("POST", &format!("/registered-auths/{auth}/reveal"), Some(&body))?;
        assert_eq!((shown.status, &shown.json()["fields"]["password"]), (200, &json!(secret(number))));
        self.read().revealed.push(reason);
        let released = self.account.call("POST", &format!("/registered-auths/{auth}/release"), None)?;
        assert_eq!((released.status, &released.json()["fields"]["password"]), (200, &json!(secret(number))));
        self.read().released += 1;
        self.acted();
        Some(())
    }

    /// Starts the server again, now and then under a new master key, and has Alice sign in now and then.
    fn restart(&mut self, kill: usize) {
        if kill % ROTATION == 1 {
            self.server.cli(&["keys", "init", "--next-version"]).ok();
        }
        self.server.restart();
        if kill % SIGN_IN == SIGN_IN - 1 {
            self.alice = Rest::new(&self.server, &person::managing_by(&self.server, &self.app, SCOPES));
        }
    }

    /// What was answered holds, and is told of; each decision once.
    fn hold(&self) {
        let read = self.read();
        let requests = self.ops.all("/access-requests");
        let status: BTreeMap<_, _> =
            requests.iter().map(|one| (text(one, "id"), text(one, "status"))).collect();
        for (id, decisions) in &read.decisions {
            assert_eq!(decisions.len(), 1, "{id} was decided about twice: {decisions:?}");
            assert_eq!(decisions[0], status[id], "{id}: what was answered is lost");
        }
        let accounts: Vec<_> =
            self.ops.all("/api-accounts").iter().map(|one| text(one, "description")).collect();
        let (approvals, denials) = (["access_request.approved"], ["access_request.denied"]);
        let (approvals, denials) = (self.objects(&approvals), self.objects(&denials));
        for (id, status) in &status {
            let made = accounts.iter().filter(|description| description.ends_with(id.as_str())).count();
            let count = |told: &[String]| told.iter().filter(|objects| objects.contains(id.as_str())).count();
            let expected = match status.as_str() {
                "approved" => (1, 1, 0),
                "denied" => (0, 0, 1),
                "requested" => (0, 0, 0),
                other => panic!("{id} is {other}"),
            };
            assert_eq!((made, count(&approvals), count(&denials)), expected, "{id} is {status}");
        }
        let notes = self.ops.events(&["registered_auth.revealed"]);
        let notes: Vec<_> = notes.iter().map(|event| text(event, "note")).collect();
        for reason in &read.revealed {
            assert!(notes.contains(reason), "{reason}: a secret was read of which nothing tells");
        }
        let releases = self.ops.events(&["registered_auth.released"]).len();
        assert!(releases >= read.released, "{} were read, of {releases} the trail tells", read.released);
        let secrets = self.objects(&["api_account.secret.revealed"]);
        for (account, client) in &read.secrets {
            assert!(secrets.iter().any(|objects| objects.contains(account.as_str())), "{account}");
            assert_eq!(
                self.server.token(client, &[]).status,
                200,
                "the secret that was shown is the account's"
            );
        }
        let (code, report) = self.looked_through();
        assert_eq!(code, Some(0), "{report}");
    }

    fn objects(&self, actions: &[&str]) -> Vec<String> {
        self.ops.events(actions).iter().map(|event| event["objects"].to_string()).collect()
    }

    fn looked_through(&self) -> (Option<i32>, String) {
        let ran = self.server.cli(&["audit", "verify"]);
        (ran.code, ran.stdout)
    }

    /// Every secret of the vault is its own, under the newest master key.
    fn vault_is_whole(&self) {
        until("nothing hangs on an older master key", || {
            let status = self.server.cli(&["keys", "status", "--json"]).json();
            let versions = status["master_key"]["versions"].as_array().unwrap();
            let newest = versions.iter().filter_map(|one| one["version"].as_i64()).max();
            let hang = |one: &&Value| one["version"].as_i64() != newest && one["registered_auths"] != 0;
            versions.iter().find(hang).is_none().then_some(())
        });
        for (number, auth) in self.auths.iter().enumerate() {
            let shown =
                self.alice.post(&format!("/registered-auths/{auth}/reveal"), &json!({"reason": "all"}));
            assert_eq!(shown.json()["fields"]["password"], secret(number), "{shown:?}");
        }
    }
}

fn ask(person: &Rest) -> Option<String> {
    let wish = json!({"access": [{"api": ORDERS, "level": "read"}]});
    let asked = person.call("POST", "/access-requests", Some(&wish))?;
    assert_eq!(asked.status, 201, "{asked:?}");
    Some(text(&asked.json(), "id"))
}

fn secret(number: usize) -> String {
    format!("secret number {number}")
}

#[test]
fn no_kill_loses_or_doubles_a_decision_or_shows_a_secret_that_nothing_tells_of() {
    let mut world = World::new();
    let kills = rounds(8, 100);
    for kill in 0..kills {
        world.load_until_killed(kill);
        world.restart(kill);
        if kill % 10 == 9 || kill + 1 == kills {
            world.hold();
        }
    }
    world.vault_is_whole();
    world.hold();
    let read = world.read();
    let (decided, shown) = (read.decisions.len(), read.revealed.len() + read.released);
    assert!(
        decided > kills && shown > kills && !read.secrets.is_empty(),
        "{decided} decisions, {shown} secrets"
    );
    assert!(!world.ops.events(&["registered_auth.rewrapped"]).is_empty());
}
