//! A server, its clock, and the actors of the tests: `alice` and `bob`, a public client, a confidential one that an
//! administrator exempted from PKCE, one of the house whose people are not asked, and an API.

use crate::flows::browser::{Browser, Page, Seen};
use crate::logs;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use doorward_core::access::api::ApiScope;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::{Caller, Context};
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::manage::{Refused, apis, clients, users};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_core::sign_in::SignIn;
use doorward_core::store::fault::Stop;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType};
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use doorward_testkit::frozen_clock::FrozenClock;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Request, Response};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use url::form_urlencoded;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const ORDERS: &str = "https://orders.example";
pub(crate) const BILLING: &str = "https://billing.example";
/// The most that each client may ask for.
const SCOPES: &str = "openid profile email groups offline_access orders:read orders:write billing:read";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
pub(crate) const PASSWORD: &str = "nine lanterns over a quiet harbour";
/// A public client.
pub(crate) const APP: &str = "photo-app";
/// A confidential client that may do without PKCE.
pub(crate) const SHOP: &str = "web-shop";
/// A confidential client of the house: nobody is asked for consent.
pub(crate) const INTRANET: &str = "intranet";
pub(crate) const VERIFIER: &str = "a-verifier-of-43-characters-and-some-more-0123";

pub(crate) struct Place {
    pub(crate) app: Arc<App>,
    pub(crate) server: Arc<AuthorizationServer>,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) database: Arc<Database>,
    pub(crate) master: MasterKey,
    secrets: BTreeMap<&'static str, String>,
    at: Arc<FreshDatabase>,
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(pub(crate) Value);

impl Tokens {
    pub(crate) fn access(&self) -> &str {
        self.0["access_token"].as_str().unwrap_or_else(|| panic!("{}", self.0))
    }

    pub(crate) fn refresh(&self) -> &str {
        self.0["refresh_token"].as_str().unwrap_or_else(|| panic!("{}", self.0))
    }

    /// The claims of the ID token, not verified: foreign libraries do that elsewhere.
    pub(crate) fn id_token(&self) -> Value {
        claims(self.0["id_token"].as_str().unwrap_or_else(|| panic!("{}", self.0)))
    }
}

/// The claims of a JWT.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(Settings::new(ISSUER.parse().unwrap()))
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::signing(Settings { algorithms: vec![Algorithm::ES256], ..settings })
    }

    /// A place that keeps a key for each algorithm of the settings.
    pub(crate) fn signing(settings: Settings) -> Self {
        let place = Self::furnished(settings, None);
        place.user("alice");
        place.user("bob");
        place
    }

    /// A place without `alice` and `bob`, for people whom somebody else knows.
    pub(crate) fn known_by(sign_in: Arc<dyn SignIn>) -> Self {
        let settings = Settings::new(ISSUER.parse().unwrap());
        Self::furnished(Settings { algorithms: vec![Algorithm::ES256], ..settings }, Some(sign_in))
    }

    /// A place with everything but people.
    fn furnished(settings: Settings, sign_in: Option<Arc<dyn SignIn>>) -> Self {
        logs::install();
        let at = Arc::new(FreshDatabase::new());
        let url = at.url().parse().unwrap();
        let database = Database::open(&url, Options::default()).unwrap();
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let clock = Arc::new(FrozenClock::default());
        let server = server(settings, &master, &database, &clock, sign_in);
        let app = Arc::new(App::new(Arc::clone(&server), WebSettings::default()).unwrap());
        let mut place = Self { app, server, clock, database, master, secrets: BTreeMap::new(), at };
        place.rotate();
        place.open_api(ORDERS, "Orders", &["orders:read", "orders:write"]);
        place.open_api(BILLING, "Billing", &["billing:read"]);
        place.register_clients();
        place
    }

    /// The same place after a restart with this master key.
    pub(crate) fn restarted_with(&self, master: &str) -> Self {
        let master = MasterKey::parse(master).unwrap();
        let server = server(self.server.settings().clone(), &master, &self.database, &self.clock, None);
        let app = Arc::new(App::new(Arc::clone(&server), WebSettings::default()).unwrap());
        let (clock, database) = (Arc::clone(&self.clock), Arc::clone(&self.database));
        Self { app, server, clock, database, master, secrets: self.secrets.clone(), at: Arc::clone(&self.at) }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        self.server.context()
    }

    pub(crate) fn advance(&self, lifetime: Lifetime) {
        self.clock.advance(lifetime);
    }

    fn rotate(&self) {
        let context = self.context();
        for algorithm in &self.server.settings().algorithms {
            let key = signing_keys::prepare(*algorithm, self.server.sealer(), &context).unwrap();
            assert!(done(signing_keys::rotate(key, Occasion::Requested, &by_operator(&context), &context)));
        }
    }

    fn open_api(&self, identifier: &str, name: &str, scopes: &[&str]) {
        let scope = |name: &&str| ApiScope { name: (*name).to_owned(), description: format!("May {name}") };
        let scopes = scopes.iter().map(scope).collect();
        let members = apis::Members { scopes, ..apis::Members::named(name) };
        done(apis::create(identifier, members, &by_operator(&self.context()), &self.context()));
    }

    /// The members that all clients have in common.
    pub(crate) fn members() -> clients::Members {
        clients::Members {
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            redirect_uris: vec![CALLBACK.to_owned()],
            post_logout_redirect_uris: vec!["https://app.example/bye".to_owned()],
            scopes: scope(SCOPES),
            default_scopes: scope("openid profile"),
            ..clients::Members::named("Photo <b>app</b>")
        }
    }

    fn register_clients(&mut self) {
        let members = Self::members();
        let public = clients::Members { auth_method: AuthMethod::None, ..members.clone() };
        self.register(APP, public);
        self.register(SHOP, clients::Members { require_pkce: false, ..members.clone() });
        self.register(INTRANET, clients::Members { consent: ConsentMode::Implicit, ..members });
    }

    pub(crate) fn register(&mut self, client_id: &'static str, members: clients::Members) {
        let registered =
            done(clients::create(Some(client_id), members, &by_operator(&self.context()), &self.context()));
        let secret = registered.secret.map(|secret| secret.expose().to_owned());
        self.secrets.insert(client_id, secret.unwrap_or_default());
    }

    pub(crate) fn user(&self, username: &str) {
        let members = users::Members {
            name: format!("{} Example", username.to_uppercase()),
            email: Some(format!("{username}@example.com")),
            groups: vec!["Members".to_owned()],
            ..users::Members::named(username)
        };
        let password = Secret::new(PASSWORD.to_owned());
        done(users::create(members, Some(&password), &by_operator(&self.context()), &self.context()));
    }

    /// The path of an authorization request of this client with PKCE, with further parameters.
    pub(crate) fn request(&self, client_id: &str, parameters: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let usual = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email offline_access"),
            ("state", "s t&a=te"),
            ("nonce", "n-0"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let mut query: Vec<_> = usual.to_vec();
        for (name, value) in parameters {
            query.retain(|(known, _)| known != name);
            if !value.is_empty() {
                query.push((name, value));
            }
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("/oauth2/authorize?{query}")
    }

    /// Signs a person in on the page that asks for it.
    #[track_caller]
    pub(crate) fn sign_in(&self, browser: &Browser<'_>, page: &Page, username: &str) -> Seen {
        assert!(page.has("login"), "{}", page.html);
        browser.submit(page, &[("username", username), ("password", PASSWORD)])
    }

    /// From the request to the code: whoever is asked for something gives it.
    #[track_caller]
    pub(crate) fn code(&self, browser: &Browser<'_>, path: &str, username: &str) -> String {
        let mut seen = browser.open(path);
        loop {
            let page = match seen {
                Seen::Left(_) => break,
                Seen::Page(page) => page,
            };
            seen = if page.has("approve") {
                browser.submit(&page, &[("decision", "approve")])
            } else {
                self.sign_in(browser, &page, username)
            };
        }
        let answer = seen.answer();
        answer.get("code").cloned().unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// Redeems a code of `client_id`'s.
    pub(crate) fn redeem(&self, client_id: &str, code: &str) -> Response<Bytes> {
        self.token(
            client_id,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ],
        )
    }

    pub(crate) fn refresh(&self, client_id: &str, token: &str) -> Response<Bytes> {
        self.token(client_id, &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    /// A person's tokens at a client, by the whole way.
    #[track_caller]
    pub(crate) fn tokens(&self, browser: &Browser<'_>, client_id: &str, username: &str) -> Tokens {
        let code = self.code(browser, &self.request(client_id, &[]), username);
        tokens(&self.redeem(client_id, &code))
    }

    /// The secret of a client's registration.
    pub(crate) fn secret_of(&self, client_id: &str) -> &str {
        &self.secrets[client_id]
    }

    /// A form from a client to an endpoint.
    pub(crate) fn client(&self, path: &str, client_id: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        self.post(path, Some(client_id), form, Caller::default())
    }

    /// A form to an endpoint, from a client or from nobody, and from somewhere.
    pub(crate) fn post(
        &self,
        path: &str,
        client_id: Option<&str>,
        form: &[(&str, &str)],
        caller: Caller,
    ) -> Response<Bytes> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request = Request::post(path)
            .header(HOST, "as.example")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match client_id.map(|client_id| (client_id, self.secrets.get(client_id).map(String::as_str))) {
            None => {}
            Some((client_id, None | Some(""))) => drop(body.append_pair("client_id", client_id)),
            Some((client_id, Some(secret))) => {
                let basic = format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")));
                request = request.header(AUTHORIZATION, basic);
            }
        }
        let request = request.body(Bytes::from(body.finish())).unwrap();
        block_on(self.app.respond(request, caller))
    }

    pub(crate) fn token(&self, client_id: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        self.client("/oauth2/token", client_id, form)
    }

    /// RFC 7662 §2.2: whether a token is active, as its own client learns it.
    pub(crate) fn is_active(&self, client_id: &str, token: &str) -> bool {
        json(&self.client("/oauth2/introspect", client_id, &[("token", token)]))["active"] == true
    }

    pub(crate) fn userinfo(&self, access_token: &str) -> Response<Bytes> {
        self.userinfo_from(access_token, None)
    }

    pub(crate) fn userinfo_from(&self, access_token: &str, from: Option<&str>) -> Response<Bytes> {
        let address = from.map(|text| text.parse().unwrap());
        let request = Request::get("/oauth2/userinfo")
            .header(HOST, "as.example")
            .header(AUTHORIZATION, format!("Bearer {access_token}"));
        block_on(self.app.respond(request.body(Bytes::new()).unwrap(), Caller { address }))
    }
}

/// What an administrator does; it succeeds.
#[track_caller]
pub(crate) fn done<T>(change: impl Future<Output = Result<T, Stop<Refused>>>) -> T {
    block_on(change).unwrap_or_else(|stop| panic!("{stop:?}"))
}

fn server(
    settings: Settings,
    master: &MasterKey,
    database: &Arc<Database>,
    clock: &Arc<FrozenClock>,
    sign_in: Option<Arc<dyn SignIn>>,
) -> Arc<AuthorizationServer> {
    let master = MasterKey::parse(master.to_text().expose()).unwrap();
    let mut builder =
        AuthorizationServer::builder(settings.issuer.clone(), Arc::clone(database) as _, master);
    if let Some(sign_in) = sign_in {
        builder = builder.sign_in(sign_in);
    }
    let builder = builder.settings(settings).clock(Arc::clone(clock) as _);
    Arc::new(block_on(builder.build()).unwrap())
}

pub(crate) fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}

#[track_caller]
pub(crate) fn tokens(answer: &Response<Bytes>) -> Tokens {
    assert_eq!(answer.status(), 200, "{}", json(answer));
    Tokens(json(answer))
}

/// The error word of a refusal; "granted" for anything else.
pub(crate) fn word(answer: &Response<Bytes>) -> String {
    if answer.status() == 200 {
        "granted".to_owned()
    } else {
        json(answer)["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl Place {
    /// The `sub` of a user.
    pub(crate) fn subject(&self, username: &str) -> String {
        block_on(users::show(username, &by_operator(&self.context()), &self.context()))
            .map(|user| user.id.to_string())
            .unwrap_or_default()
    }

    /// Gives clients other names.
    pub(crate) fn name_clients(&self, names: &[(&str, String)]) {
        for (client, name) in names {
            let name = name.clone();
            let rename = move |members: &mut clients::Members| {
                members.name.clone_from(&name);
                Ok(())
            };
            assert!(
                block_on(clients::update(client, &by_operator(&self.context()), &self.context(), rename))
                    .is_ok(),
                "{client}"
            );
        }
    }
}
