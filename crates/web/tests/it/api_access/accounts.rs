//! API accounts: programs of somebody's, which stand and fall with their owner. One table says what the next request is answered once
//! something about the account, its owner or their organization has changed.

use crate::api_access::feed::told_of;
use crate::api_access::held::{Held, place};
use crate::flows::place::{BILLING, ORDERS, Place, json, word};
use crate::flows::token_requests::done;
use crate::management::office::call;
use crate::verify::asked::{Asked, behind_proxies};
use doorward_core::client::{AccountOwner, Client};
use doorward_core::context::Caller;
use doorward_core::identity::organization::Organization;
use doorward_core::manage::api_accounts;
use doorward_core::manage::users;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_protocol::access::level::{Access, AccessList};
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{ApiAccess, GrantType, Level, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::{api_token, networks};
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::frozen_clock::START;

pub(crate) const MANAGEMENT: &str = "https://as.example/api";
pub(crate) const ACCOUNT: &str = "alices-account";
const COMPANY: u128 = 77;
const OTHER: u128 = 78;

/// An account, and what is held by way of it.
pub(crate) struct All {
    pub(crate) place: Place,
    pub(crate) account: Id,
    pub(crate) token: Held,
    pub(crate) exchanged: String,
    pub(crate) signed: String,
    opaque: String,
}

type Happening = fn(&All);

/// After this: its API token at the API, exchanged, and what it was exchanged for; credentials, and the signed and the opaque token that
/// they were given; its API token at forward-auth, and at the management API.
#[rustfmt::skip]
const OF_A_PERSON: &[(&str, Happening, &str)] = &[
    //                                                                        token    exchange        exchanged credentials    signed   opaque   verified manages
    ("nothing",                      |_| (),                                  "active   granted         active   granted        active   active   active   active"),
    ("she is disabled",              |all| all.disable(),                     "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("she is disabled and enabled",  |all| all.disable_and_enable(),          "active   granted         active   granted        active   active   active   active"),
    ("she is deleted",               |all| all.delete(),                      "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("she is gone from the store",   |all| all.vanish(),                      "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("her tokens are revoked",       |all| all.revoke_hers(),                 "active   granted         active   granted        active   active   active   active"),
    ("no API access any more",       |all| all.api_access("disabled"),        "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("API access asked for anew",    |all| all.api_access("requested"),       "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("the organization is off",      |all| all.organization_off(),            "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("she moves to another",         |all| all.move_to(OTHER),                "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("the account is off",           |all| all.set(|it| it.status = Status::Inactive),       "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("the account has ended",        |all| all.set(|it| it.expires_at = Some(START)),        "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("another generation of it",     |all| all.set(|it| it.generation += 1),                 "inactive invalid_request inactive granted        inactive inactive inactive inactive"),
    ("no level at the orders",       |all| all.level(ORDERS, Level::None),    "inactive invalid_target  inactive invalid_target inactive active   inactive active"),
    ("no level at billing",          |all| all.level(BILLING, Level::None),   "active   granted         active   granted        active   inactive active   active"),
    ("no level at all",              |all| all.set(|it| it.access = vec![]),  "inactive invalid_target  inactive invalid_target inactive inactive inactive inactive"),
    ("the account is deleted",       |all| all.delete_account(),              "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("networks of its own",          |all| all.set(|it| it.allowed_ips = networks(&["10.0.0.0/8"])), "active invalid_client active invalid_client active active   inactive inactive"),
    ("its token revoked",            |all| all.revoke(),                      "inactive invalid_request inactive granted        active   active   inactive inactive"),
];

#[rustfmt::skip]
const OF_AN_ORGANIZATION: &[(&str, Happening, &str)] = &[
    ("nothing",                      |_| (),                                  "active   granted         active   granted        active   active   active   active"),
    ("somebody is disabled",         |all| all.disable(),                     "active   granted         active   granted        active   active   active   active"),
    ("no API access any more",       |all| all.api_access("disabled"),        "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
    ("the organization is off",      |all| all.organization_off(),            "inactive invalid_client  inactive invalid_client inactive inactive inactive inactive"),
];

/// RFC 7662 §4, RFC 6749 §5.2: whatever an API account rests on is asked anew at each request.
#[test]
fn an_account_stands_and_falls_with_its_owner() {
    as_told(OF_A_PERSON, |place| AccountOwner::User(place.user_id("alice")));
}

/// RFC 7662 §4: so it is with the account of an organization, which has no person behind it.
#[test]
fn an_account_of_an_organization_stands_and_falls_with_that() {
    as_told(OF_AN_ORGANIZATION, |_| AccountOwner::Organization(company(COMPANY)));
}

/// RFC 8693 §2.2.2: an account's API token is exchanged by the account alone.
#[test]
fn nobody_else_exchanges_the_token_of_an_account() {
    let all = All::new(|place| AccountOwner::User(place.user_id("alice")));
    for other in [None, Some(crate::api_access::held::KEY)] {
        assert_eq!(word(&all.place.exchange(other, &all.token.value, &[])), "invalid_request", "{other:?}");
    }
    let claims = all.place.claimed(&all.exchanged);
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), (ACCOUNT, ACCOUNT));
}

fn as_told(table: &[(&str, Happening, &str)], owner: fn(&Place) -> AccountOwner) {
    let mut wrong = vec![];
    for (what, happen, expected) in table {
        let all = All::new(owner);
        let known = all.place.feed(None).next;
        happen(&all);
        let expected: Vec<_> = expected.split_whitespace().collect();
        let found = all.answers();
        if found != expected {
            wrong.push(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"));
        }
        let feed = all.place.feed(Some(&known));
        for token in [&all.exchanged, &all.signed] {
            if all.place.desk(token, &[])["active"] != true && !told_of(&feed, token) {
                wrong.push(format!("{what}: not told to those who verify by themselves: {:?}", feed.revoked));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn company(number: u128) -> Id {
    Id::from_parts(1, number)
}

impl All {
    pub(crate) fn new(owner: fn(&Place) -> AccountOwner) -> Self {
        let mut place = place();
        behind_proxies(&mut place);
        for (number, api_access) in [(COMPANY, ApiAccess::Enabled), (OTHER, ApiAccess::Disabled)] {
            place.change(move |tx| {
                tx.insert_organization(&Organization {
                    id: company(number),
                    name: format!("company {number}"),
                    status: Status::Active,
                    api_access,
                    api_access_shut: false,
                    created_at: Seconds(0),
                    updated_at: Seconds(0),
                })
            });
        }
        place.set_user("alice", |user| user.organization = Some(company(COMPANY)));
        let members = doorward_core::manage::clients::Members {
            grant_types: vec![GrantType::ClientCredentials, GrantType::TokenExchange],
            scopes: scope("orders:read billing:read"),
            ..doorward_core::manage::clients::Members::named("Alice's account")
        };
        place.register(ACCOUNT, members);
        let owner = owner(&place);
        let full =
            [ORDERS, BILLING, MANAGEMENT].map(|api| Access { api: place.api_key(api), level: Level::Full });
        place.set_client(ACCOUNT, move |client| {
            client.account_of = Some(owner);
            client.organization = Some(company(COMPANY));
            client.access = full.to_vec();
        });
        let token = own_token(&place);
        let exchanged = place.exchanged(Some(ACCOUNT), &token.value);
        let granted = |scope, resource| {
            let answer = by_itself(&place, scope, resource);
            json(&answer)["access_token"].as_str().unwrap_or_else(|| panic!("{}", word(&answer))).to_owned()
        };
        let (signed, opaque) = (granted("orders:read", ORDERS), granted("billing:read", BILLING));
        let account = place.client_key(ACCOUNT);
        Self { account, token, exchanged, signed, opaque, place }
    }

    /// In the order of the table's columns.
    fn answers(&self) -> Vec<String> {
        let place = &self.place;
        let told = |active: bool| if active { "active".to_owned() } else { "inactive".to_owned() };
        let opaque = block_on(doorward_core::bearer::presented(&self.opaque, &place.context())).unwrap();
        let billing = place.server.cache().apis().by_identifier(BILLING).cloned().unwrap();
        let opaque = opaque.is_some_and(|bearer| bearer.is_good_at(&billing, &place.context()));
        vec![
            told(place.desk(&self.token.value, &[])["active"] == true),
            word(&place.exchange(Some(ACCOUNT), &self.token.value, &[])),
            told(place.desk(&self.exchanged, &[])["active"] == true),
            word(&by_itself(place, "orders:read", ORDERS)),
            told(place.desk(&self.signed, &[])["active"] == true),
            told(opaque),
            told(Asked::get(&self.token.value).status(place) == 200),
            told(self.sees_itself() == 200),
        ]
    }

    /// What the account is answered that asks the management API about itself.
    fn sees_itself(&self) -> u16 {
        let path = format!("/api-accounts/{}", self.account);
        let request = call(&self.token.value, "GET", &path, None);
        block_on(self.place.app.respond(request, Caller::default())).status().as_u16()
    }

    fn delete_account(&self) {
        let (account, context) = (self.account.to_string(), self.place.context());
        done(block_on(api_accounts::delete(&account, &by_operator(&context), &context)));
    }

    fn set(&self, set: impl Fn(&mut Client)) {
        self.place.set_client(ACCOUNT, set);
    }

    fn level(&self, api: &str, level: Level) {
        let api = self.place.api_key(api);
        self.set(|client| {
            client
                .access
                .iter_mut()
                .filter(|access| access.api == api)
                .for_each(|access| access.level = level);
        });
    }

    fn disable(&self) {
        self.place.switch_user("alice", UserStatus::Disabled);
    }

    fn disable_and_enable(&self) {
        self.disable();
        self.place.switch_user("alice", UserStatus::Active);
    }

    fn delete(&self) {
        let context = self.place.context();
        done(block_on(users::delete("alice", &by_operator(&context), &context)));
    }

    fn vanish(&self) {
        let alice = self.place.user_id("alice");
        assert!(self.place.change(move |tx| tx.delete_user(alice)));
    }

    fn revoke_hers(&self) {
        self.place.set_user("alice", |user| user.token_generation += 1);
    }

    fn api_access(&self, word: &str) {
        let api_access = word.parse().unwrap();
        self.organization(move |organization| organization.api_access = api_access);
    }

    fn organization_off(&self) {
        self.organization(|organization| organization.status = Status::Inactive);
    }

    fn organization(&self, set: impl Fn(&mut Organization)) {
        let mut organization = self.place.change(|tx| tx.organization(company(COMPANY))).unwrap();
        set(&mut organization);
        assert!(self.place.change(move |tx| tx.update_organization(&organization)));
    }

    fn move_to(&self, number: u128) {
        let context = self.place.context();
        let change = move |members: &mut users::Members| {
            members.organization = Some(company(number).to_string());
            Ok(())
        };
        done(block_on(users::update("alice", &by_operator(&context), &context, change)));
    }

    fn revoke(&self) {
        let (id, now) = (self.token.id, self.place.context().now);
        assert!(self.place.change(move |tx| tx.revoke_api_token(id, "revoked", now)));
    }
}

fn own_token(place: &Place) -> Held {
    let (value, pepper, digest) = place.value_of_account();
    let (id, account) = (place.new_id(), place.client_key(ACCOUNT));
    let named =
        [ORDERS, MANAGEMENT].map(|api| Access { api: place.api_key(api), level: Level::Read }).to_vec();
    let token = ApiToken {
        id,
        digest,
        pepper,
        owner: ApiTokenOwner::Client(account),
        owner_generation: 0,
        access: AccessList { named, others: None },
        issued_at: START,
        created_at: START,
        updated_at: START,
        expires_at: START + Lifetime::days(180),
        ..api_token(1)
    };
    place.change(move |tx| tx.insert_api_token(&token));
    Held { id, value }
}

fn by_itself(place: &Place, scope: &str, resource: &str) -> http::Response<bytes::Bytes> {
    place.token(ACCOUNT, &[("grant_type", "client_credentials"), ("scope", scope), ("resource", resource)])
}
