//! What ends with what: people hold API tokens and what they were exchanged for, and then something is switched off, changed or taken
//! back. One table says what the next request is answered. A new way to use access is a column, a new thing that changes a row.

use crate::api_access::feed::told_of;
use crate::api_access::held::{Held, KEY, place};
use crate::flows::place::{ORDERS, Place, word};
use crate::flows::token_requests::done;
use doorward_core::manage::apis;
use doorward_protocol::access::level::Access;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::networks;
use doorward_testkit::calls::by_operator;

/// What is held when something happens.
struct All {
    place: Place,
    /// `alice`'s, who comes by herself.
    hers: Held,
    hers_exchanged: String,
    /// `bob`'s, who belongs to the key.
    his: Held,
    his_exchanged: String,
    /// The key's own.
    keys: String,
}

type Happening = fn(&All);

/// After this: `alice`'s API token at the API, exchanged anew, and what it was exchanged for; `bob`'s through the key, and what it was
/// exchanged for; the key by itself, and the token it holds.
#[rustfmt::skip]
const TABLE: &[(&str, Happening, &str)] = &[
    //                                                        hers     exchange        exchanged | his exchange   exchanged | key            its token
    ("nothing",                 |_| (),                      "active   granted         active      granted         active     granted        active"),
    ("her token revoked",       |all| all.revoke(),          "inactive invalid_request inactive    granted         active     granted        active"),
    ("all of hers revoked",     |all| all.revoke_all(),      "inactive invalid_request inactive    granted         active     granted        active"),
    ("her token's level none",  |all| all.hers(Level::None), "inactive invalid_target  inactive    granted         active     granted        active"),
    ("her token's network",     |all| all.hers_from(),       "active   invalid_request active      granted         active     granted        active"),
    ("she is disabled",         |all| all.disable("alice"),  "inactive invalid_request inactive    granted         active     granted        active"),
    ("he is disabled",          |all| all.disable("bob"),    "active   granted         active      invalid_request inactive   granted        active"),
    ("he leaves the key",       |all| all.leave(),           "active   granted         active      granted         active     granted        active"),
    ("he is in another key",    |all| all.another(),         "active   granted         active      invalid_request inactive   granted        active"),
    ("the key is off",          |all| all.key_off(),         "active   granted         active      invalid_client  inactive   invalid_client inactive"),
    ("the key has ended",       |all| all.key_ended(),       "active   granted         active      invalid_client  inactive   invalid_client inactive"),
    ("the key's level none",    |all| all.key(Level::None),  "active   granted         active      invalid_target  inactive   invalid_target inactive"),
    ("the key's level full",    |all| all.key(Level::Full),  "active   granted         active      granted         active     granted        active"),
    ("the key's networks",      |all| all.key_from(),        "active   granted         active      invalid_client  active     invalid_client active"),
    ("the API is off",          |all| all.api_off(),         "inactive invalid_target  inactive    invalid_target  inactive   invalid_target inactive"),
    ("the API is deleted",      |all| all.delete_api(),      "inactive invalid_target  inactive    invalid_target  inactive   invalid_target inactive"),
    ("the tokens have ended",   |all| all.end(),             "inactive invalid_request inactive    invalid_request inactive   granted        inactive"),
];

/// RFC 7662 §4, RFC 8693 §2.2.2: whatever a token rests on is asked anew at each request.
#[test]
fn what_ends_ends_at_the_next_request_and_nothing_else_does() {
    let mut wrong = vec![];
    for (what, happen, expected) in TABLE {
        let all = All::new();
        let known = all.place.feed(None).next;
        happen(&all);
        let expected: Vec<_> = expected.split_whitespace().collect();
        let found = all.answers();
        if found != expected {
            wrong.push(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"));
        }
        wrong.extend(all.untold(&known).map(|told| format!("{what}: {told}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl All {
    fn new() -> Self {
        let place = place();
        let key = place.client_key(KEY);
        place.set_user("bob", move |user| user.clients = vec![key]);
        let (hers, his) = (place.api_token("alice", Level::Full), place.api_token("bob", Level::Read));
        let hers_exchanged = place.exchanged(None, &hers.value);
        let his_exchanged = place.exchanged(Some(KEY), &his.value);
        let answer = crate::flows::place::json(&by_itself(&place));
        let keys = answer["access_token"].as_str().unwrap().to_owned();
        Self { place, hers, hers_exchanged, his, his_exchanged, keys }
    }

    /// What those are told who verify tokens by themselves, where they are not told of one that is good no more; a token that has
    /// ended is one of those to nobody.
    fn untold(&self, known: &str) -> Option<String> {
        let feed = self.place.feed(Some(known));
        let tokens = [&self.hers_exchanged, &self.his_exchanged, &self.keys];
        let is_good = |token: &str| self.place.desk(token, &[])["active"] == true;
        let has_ended = |token: &str| self.place.claimed(token).exp <= self.place.context().now;
        let untold =
            tokens.iter().any(|token| !has_ended(token) && !is_good(token) && !told_of(&feed, token));
        untold.then(|| format!("{:?}", feed.revoked))
    }

    /// In the order of the table's columns.
    fn answers(&self) -> Vec<String> {
        let place = &self.place;
        let active = |token: &str| match place.desk(token, &[])["active"] == true {
            true => "active".to_owned(),
            false => "inactive".to_owned(),
        };
        vec![
            active(&self.hers.value),
            word(&place.exchange(None, &self.hers.value, &[])),
            active(&self.hers_exchanged),
            word(&place.exchange(Some(KEY), &self.his.value, &[])),
            active(&self.his_exchanged),
            word(&by_itself(place)),
            active(&self.keys),
        ]
    }

    fn revoke(&self) {
        let (id, now) = (self.hers.id, self.place.context().now);
        assert!(self.place.change(move |tx| tx.revoke_api_token(id, "revoked", now)));
    }

    fn revoke_all(&self) {
        self.place.set_user("alice", |user| user.token_generation += 1);
    }

    fn hers(&self, level: Level) {
        let access = Access { api: self.place.api_key(ORDERS), level };
        self.place.set_token(&self.hers, |token| token.access.named = vec![access]);
    }

    fn hers_from(&self) {
        self.place.set_token(&self.hers, |token| token.allowed_ips = networks(&["10.0.0.0/8"]));
    }

    fn disable(&self, username: &str) {
        self.place.switch_user(username, UserStatus::Disabled);
    }

    fn leave(&self) {
        self.place.set_user("bob", |user| user.clients = vec![]);
    }

    fn another(&self) {
        let shop = self.place.client_key(crate::flows::place::SHOP);
        self.place.set_user("bob", |user| user.clients = vec![shop]);
    }

    fn key_off(&self) {
        self.place.switch_client(KEY, Status::Inactive);
    }

    fn key_ended(&self) {
        let now = self.place.context().now;
        self.place.set_client(KEY, |client| client.expires_at = Some(now));
    }

    fn key(&self, level: Level) {
        let access = Access { api: self.place.api_key(ORDERS), level };
        self.place.set_client(KEY, |client| client.access = vec![access]);
    }

    fn key_from(&self) {
        self.place.set_client(KEY, |client| client.allowed_ips = networks(&["10.0.0.0/8"]));
    }

    fn api_off(&self) {
        self.place.switch_api(ORDERS, Status::Inactive);
    }

    fn delete_api(&self) {
        let context = self.place.context();
        done(block_on(apis::delete(ORDERS, &by_operator(&context), &context)));
    }

    fn end(&self) {
        self.place.advance(Lifetime::days(181));
    }
}

fn by_itself(place: &Place) -> http::Response<bytes::Bytes> {
    place.token(KEY, &[("grant_type", "client_credentials"), ("scope", "orders:read"), ("resource", ORDERS)])
}
