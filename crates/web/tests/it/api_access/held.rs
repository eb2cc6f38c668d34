//! Who holds what in these tests: `alice` an API token that she uses by herself, `bob` one that he uses through a key; the orders API,
//! which maps its scopes to levels, and its desk, which asks about them.

use crate::flows::place::{ORDERS, Place, json, word};
use crate::flows::token_requests::done;
use bytes::Bytes;
use doorward_core::access::api::Api;
use doorward_core::audit::event::Event;
use doorward_core::client::Client;
use doorward_core::context::Caller;
use doorward_core::identity::user::User;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::manage::clients;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_protocol::access::level::{Access, AccessList, Levels, Rule};
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{GrantType, Level};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::api_token;
use doorward_testkit::builders::scope;
use doorward_testkit::frozen_clock::START;
use http::Response;
use serde_json::Value;
use std::net::IpAddr;

/// The orders API, as a client.
pub(crate) const DESK: &str = "orders-desk";
/// A confidential client that people belong to.
pub(crate) const KEY: &str = "the-key";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// An API token, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: Id,
    pub(crate) value: String,
}

/// A place whose orders API maps `orders:read` to `read`, and both its scopes to `full`; with its desk, and a key to which nobody
/// belongs yet.
pub(crate) fn place() -> Place {
    let mut place = Place::new();
    furnish(&mut place);
    place
}

/// The same in a place that has more already.
pub(crate) fn furnish(place: &mut Place) {
    place.register(DESK, clients::Members::named("The orders API"));
    let exchanging = clients::Members {
        grant_types: vec![GrantType::TokenExchange, GrantType::ClientCredentials],
        scopes: scope("orders:read orders:write"),
        ..clients::Members::named("A key")
    };
    place.register(KEY, exchanging);
    place.let_introspect(DESK, ORDERS);
    place.set_api(ORDERS, |api| {
        let read = Rule { scopes: scope("orders:read"), ..Levels::default().read };
        let full = Rule { scopes: scope("orders:read orders:write"), ..Rule::default() };
        api.levels = Levels { read, full, by_any_scope: false };
    });
}

impl Place {
    /// Changes what the store holds, as an administrator's call would.
    pub(crate) fn change<T: Send + 'static>(
        &self,
        change: impl Fn(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        done(block_on(self.server.cache().write(move |tx| change(tx).map_err(Stop::<Fault>::Fault))))
    }

    pub(crate) fn set_api(&self, identifier: &str, set: impl Fn(&mut Api)) {
        let mut api = Api::clone(self.server.cache().apis().by_identifier(identifier).unwrap());
        set(&mut api);
        assert!(self.change(move |tx| tx.update_api(&api)));
    }

    pub(crate) fn set_client(&self, client_id: &str, set: impl Fn(&mut Client)) {
        let id = self.client_key(client_id);
        let mut client = self.change(move |tx| tx.client(id)).unwrap().client;
        set(&mut client);
        assert!(self.change(move |tx| tx.update_client(&client)));
    }

    pub(crate) fn set_user(&self, username: &str, set: impl Fn(&mut User)) {
        let id = self.user_id(username);
        let mut user = self.change(move |tx| tx.user(id)).unwrap();
        set(&mut user);
        assert!(self.change(move |tx| tx.update_user(&user)));
    }

    pub(crate) fn set_token(&self, token: &Held, set: impl Fn(&mut ApiToken)) {
        let id = token.id;
        let mut token = self.change(move |tx| tx.api_token(id)).unwrap();
        set(&mut token);
        assert!(self.change(move |tx| tx.update_api_token(&token)));
    }

    /// What was recorded of one kind in passing, once something was: nobody waits for that.
    pub(crate) fn recorded_soon(&self, action: &str) -> Vec<Event> {
        for _ in 0..10_000 {
            let events = self.recorded(action);
            if !events.is_empty() {
                return events;
            }
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
        panic!("{action} is not recorded");
    }

    /// The internal identifier of an API.
    pub(crate) fn api_key(&self, identifier: &str) -> Id {
        self.server.cache().apis().by_identifier(identifier).unwrap().id
    }

    pub(crate) fn new_id(&self) -> Id {
        let context = self.context();
        context.random.id(context.now).unwrap()
    }

    /// A new client secret, with its pepper and digest.
    pub(crate) fn secret(&self) -> (String, PepperVersion, Digest) {
        self.drawn(TokenType::ClientSecret)
    }

    /// A new value of an API token, with its pepper and digest.
    pub(crate) fn value(&self) -> (String, PepperVersion, Digest) {
        self.drawn(TokenType::PersonalAccessToken)
    }

    /// The same, of one of an API account's.
    pub(crate) fn value_of_account(&self) -> (String, PepperVersion, Digest) {
        self.drawn(TokenType::ApiAccountToken)
    }

    fn drawn(&self, kind: TokenType) -> (String, PepperVersion, Digest) {
        let random = self.context().random.secret().unwrap();
        let value = token_text::write(kind, &random).expose().to_owned();
        let (pepper, digest) = self.context().peppers.digest(&value);
        (value, pepper, digest)
    }

    /// An API token of a user's with this level at the orders API.
    pub(crate) fn api_token(&self, username: &str, level: Level) -> Held {
        self.api_token_with(username, |token| {
            token.access.named = vec![Access { api: self.api_key(ORDERS), level }];
        })
    }

    pub(crate) fn api_token_with(&self, username: &str, set: impl Fn(&mut ApiToken)) -> Held {
        let (value, pepper, digest) = self.value();
        let (owner, context) = (self.user_id(username), self.context());
        let id = self.new_id();
        let owner_generation = self.change(move |tx| tx.user(owner)).unwrap().token_generation;
        let mut token = ApiToken {
            id,
            digest,
            pepper,
            owner: ApiTokenOwner::User(owner),
            owner_generation,
            created_by_user: Some(owner),
            access: AccessList::default(),
            issued_at: context.now,
            created_at: context.now,
            updated_at: context.now,
            expires_at: START + Lifetime::days(180),
            ..api_token(1)
        };
        set(&mut token);
        self.change(move |tx| tx.insert_api_token(&token));
        Held { id, value }
    }

    /// A form without a client's credentials, from an address.
    pub(crate) fn form(&self, path: &str, form: &[(&str, &str)], from: Option<&str>) -> Response<Bytes> {
        self.client_from(path, None, form, from)
    }

    /// An exchange for the orders API, through a client or through none, with parameters changed; an empty value leaves one out.
    pub(crate) fn exchange(
        &self,
        client: Option<&str>,
        token: &str,
        changed: &[(&str, &str)],
    ) -> Response<Bytes> {
        self.exchange_from(client, token, changed, None)
    }

    pub(crate) fn exchange_from(
        &self,
        client: Option<&str>,
        token: &str,
        changed: &[(&str, &str)],
        from: Option<&str>,
    ) -> Response<Bytes> {
        let mut form = vec![
            ("grant_type", EXCHANGE),
            ("subject_token", token),
            ("subject_token_type", ACCESS_TOKEN),
            ("resource", ORDERS),
        ];
        for (name, value) in changed {
            form.retain(|(known, _)| known != name);
            if !value.is_empty() {
                form.push((name, value));
            }
        }
        self.client_from("/oauth2/token", client, &form, from)
    }

    /// The access token of an exchange that is granted.
    #[track_caller]
    pub(crate) fn exchanged(&self, client: Option<&str>, token: &str) -> String {
        let answer = self.exchange(client, token, &[]);
        json(&answer)["access_token"].as_str().unwrap_or_else(|| panic!("{}", word(&answer))).to_owned()
    }

    /// What the desk is told of a token, with what it says of the request.
    pub(crate) fn desk(&self, token: &str, described: &[(&str, &str)]) -> Value {
        let form = [&[("token", token)], described].concat();
        json(&self.client("/oauth2/introspect", DESK, &form))
    }

    /// A client as it sends from an address.
    pub(crate) fn client_from(
        &self,
        path: &str,
        client_id: Option<&str>,
        form: &[(&str, &str)],
        from: Option<&str>,
    ) -> Response<Bytes> {
        let address = from.map(|text| text.parse::<IpAddr>().unwrap());
        self.post(path, client_id, form, Caller { address })
    }
}
