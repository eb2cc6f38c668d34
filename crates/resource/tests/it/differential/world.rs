//! The server that is asked about: APIs, clients, people and tokens, made by chance, and what changes among them. Owns that every change is
//! one that an administrator could make, and that each is heard of before the next request.

use crate::differential::dice::Dice;
use crate::differential::request::{METHODS, NETWORKS, PATTERNS};
use crate::differential::ways::{Asking, Verdict, basic, decide, guard};
use crate::differential::{request::Request, tokens::Token};
use crate::server::Server;
use doorward_core::access::api::ApiScope;
use doorward_core::context::Context;
use doorward_core::manage::apis::{LevelMembers, RuleMembers};
use doorward_core::manage::call::Call;
use doorward_core::manage::{apis, clients, users};
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::{
    ConsentMode, CredentialForm, GrantType, Level, Preflight, Status, TokenFormat, UserStatus,
};
use doorward_resource::guard::Guard;
use doorward_testkit::block_on::block_on;
use doorward_testkit::browser::Browser;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::http;
use std::fmt::Debug;
use std::future::Future;

pub(crate) const APIS: usize = 6;
const CLIENTS: usize = 6;
pub(crate) const USERS: [&str; 4] = ["ann", "ben", "cat", "dan"];
/// Where people are sent back to.
pub(crate) const CALLBACK: &str = "https://app.example/callback";
pub(crate) const PASSWORD: &str = "tidy kettle moss";
const GRANTS: [GrantType; 3] =
    [GrantType::ClientCredentials, GrantType::AuthorizationCode, GrantType::TokenExchange];
const SCOPES: [&str; 4] = ["look", "list", "edit", "drop"];
pub(crate) const LEVELS: [Level; 3] = [Level::None, Level::Read, Level::Full];

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) asking: Asking,
    pub(crate) apis: Vec<Registered>,
    pub(crate) clients: Vec<Client>,
    /// Where people are signed in.
    pub(crate) browsers: Vec<Browser>,
    pub(crate) tokens: Vec<Token>,
    news: u128,
}

/// An API, and the guard before it.
pub(crate) struct Registered {
    pub(crate) identifier: String,
    pub(crate) guard: Guard,
    /// How tokens may come.
    pub(crate) takes: Vec<CredentialForm>,
    pub(crate) is_signed: bool,
    pub(crate) maps_scopes: bool,
    pub(crate) is_off: bool,
}

pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) authorization: String,
    /// Where it has limits, its level at each API.
    pub(crate) limits: Vec<(String, Level)>,
    is_off: bool,
}

/// What a change comes to that is allowed.
pub(crate) fn done<T, E: Debug>(change: impl Future<Output = Result<T, E>>) -> T {
    block_on(change).unwrap_or_else(|stop| panic!("{stop:?}"))
}

impl World {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let server = Server::new();
        let made = {
            let context = server.core.context();
            done(clients::create(
                Some("asker"),
                clients::Members::named("asker"),
                &by_operator(&context),
                &context,
            ))
        };
        let secret = made.secret.unwrap().expose().to_owned();
        let asker = ("asker", secret.as_str());
        let asking = Asking::new(&server, asker);
        let browsers = USERS.map(|_| Browser::new(http::agent())).into();
        let mut world =
            Self { server, asking, apis: vec![], clients: vec![], browsers, tokens: vec![], news: 1 };
        for at in 0..APIS {
            let registered = world.register(at, asker, dice);
            world.apis.push(registered);
        }
        for at in 0..CLIENTS {
            let client = world.client(at, dice);
            world.clients.push(client);
        }
        for (at, user) in USERS.iter().enumerate() {
            let (context, call) = world.call();
            let members = users::Members {
                clients: if at == 3 { vec!["client-0".to_owned()] } else { vec![] },
                ..users::Members::named(*user)
            };
            done(users::create(members, Some(&Secret::new(PASSWORD.to_owned())), &call, &context));
        }
        world
    }

    pub(crate) fn call(&self) -> (Context<'_>, Call) {
        let context = self.server.core.context();
        let call = by_operator(&context);
        (context, call)
    }

    fn register(&self, at: usize, asker: (&str, &str), dice: &mut Dice) -> Registered {
        let identifier = format!("https://api-{at}.example");
        let is_signed = at.is_multiple_of(2);
        let levels = levels(dice, at / 2 != 2);
        let maps_scopes = !(levels.read.scopes.is_empty() && levels.full.scopes.is_empty());
        let mut takes = vec![CredentialForm::Bearer];
        takes.extend(dice.some(&[CredentialForm::ApiKey, CredentialForm::Basic], 50));
        let named = |name: &&str| ApiScope { name: (*name).to_owned(), description: String::new() };
        let members = apis::Members {
            scopes: SCOPES.iter().map(named).collect(),
            token_format: if is_signed { TokenFormat::Jwt } else { TokenFormat::Opaque },
            introspection_clients: vec!["asker".to_owned()],
            levels,
            preflight: *dice.one(&[Preflight::Allow, Preflight::Deny]),
            credentials: takes.clone(),
            ..apis::Members::named(identifier.as_str())
        };
        let (context, call) = self.call();
        done(apis::create(&identifier, members, &call, &context));
        let guard = guard(&self.server, &identifier, asker);
        Registered { identifier, guard, takes, is_signed, maps_scopes, is_off: false }
    }

    fn client(&self, at: usize, dice: &mut Dice) -> Client {
        let name = format!("client-{at}");
        // The first has no limits, so that somebody may come through it everywhere.
        let limits = if at > 0 && dice.in_a_hundred(50) { self.limits(dice) } else { vec![] };
        let members = clients::Members {
            scopes: scope(&SCOPES.join(" ")),
            allowed_ips: if at > 0 { networks(dice) } else { vec![] },
            access: limits.clone(),
            grant_types: GRANTS.to_vec(),
            redirect_uris: vec![CALLBACK.to_owned()],
            consent: ConsentMode::Implicit,
            ..clients::Members::named(name.as_str())
        };
        let (context, call) = self.call();
        let made = done(clients::create(Some(&name), members, &call, &context));
        let authorization = basic(&name, made.secret.unwrap().expose());
        Client { name, authorization, limits, is_off: false }
    }

    fn limits(&self, dice: &mut Dice) -> Vec<(String, Level)> {
        let some = dice.some(&(0..self.apis.len()).collect::<Vec<_>>(), 80);
        some.iter().map(|at| (self.apis[*at].identifier.clone(), *dice.one(&LEVELS[1..]))).collect()
    }

    /// Something changes.
    pub(crate) fn change(&mut self, dice: &mut Dice) {
        match dice.below(12) {
            0 => self.switch_api(dice),
            1 => self.remap(dice),
            2 => self.switch_client(dice),
            3 => self.relimit(dice),
            4 => {
                let user = *dice.one(&USERS);
                let (context, call) = self.call();
                let off = done(users::set_status(user, UserStatus::Disabled, &call, &context));
                assert_eq!(off.status, UserStatus::Disabled);
                let (context, call) = self.call();
                done(users::set_status(user, UserStatus::Active, &call, &context));
            }
            5 => self.server.advance(i64::try_from(dice.below(40)).unwrap()),
            6 => self.server.advance(i64::try_from(dice.below(400)).unwrap()),
            _ => self.change_token(dice),
        }
    }

    fn switch_api(&mut self, dice: &mut Dice) {
        // One at a time, so that most requests can come to something.
        let off = self.apis.iter().position(|api| api.is_off);
        let at = off.unwrap_or_else(|| dice.below(self.apis.len()));
        let is_off = off.is_none();
        let status = if is_off { Status::Inactive } else { Status::Active };
        let (context, call) = self.call();
        done(apis::set_status(&self.apis[at].identifier, status, &call, &context));
        self.apis[at].is_off = is_off;
    }

    fn remap(&mut self, dice: &mut Dice) {
        let at = dice.below(self.apis.len());
        let levels = levels(dice, self.apis[at].maps_scopes);
        let maps_scopes = !(levels.read.scopes.is_empty() && levels.full.scopes.is_empty());
        let (context, call) = self.call();
        let change = move |api: &mut apis::Members| {
            api.levels.clone_from(&levels);
            Ok(())
        };
        done(apis::update(&self.apis[at].identifier, &call, &context, change));
        self.apis[at].maps_scopes = maps_scopes;
    }

    fn switch_client(&mut self, dice: &mut Dice) {
        let off = self.clients.iter().position(|client| client.is_off);
        let at = off.unwrap_or_else(|| dice.below(self.clients.len()));
        let is_off = off.is_none();
        let status = if is_off { Status::Inactive } else { Status::Active };
        let (context, call) = self.call();
        done(clients::set_status(&self.clients[at].name, status, &call, &context));
        self.clients[at].is_off = is_off;
    }

    fn relimit(&mut self, dice: &mut Dice) {
        let at = 1 + dice.below(self.clients.len() - 1);
        let limits = if dice.in_a_hundred(50) { self.limits(dice) } else { vec![] };
        let (access, allowed_ips) = (limits.clone(), networks(dice));
        let (context, call) = self.call();
        let change = move |client: &mut clients::Members| {
            client.access.clone_from(&access);
            client.allowed_ips.clone_from(&allowed_ips);
            Ok(())
        };
        done(clients::update(&self.clients[at].name, &call, &context, change));
        self.clients[at].limits = limits;
    }

    /// Changes are heard in the order in which they were made: an API that refuses a token which was revoked after one has heard of
    /// it. It is issued later than any change, so that nobody has to ask about it; and what another node might have said before it knew
    /// is not kept any longer.
    pub(crate) fn hear(&mut self) {
        self.server.advance(6);
        let (how, target) = (CredentialForm::Bearer, "/".to_owned());
        let plain =
            Request { method: "GET", target, from: "127.0.0.1", by_proxy: false, how, is_cors: false };
        for at in 0..self.apis.len() {
            let (token, expected) = (self.token_of_news(at), self.heard(at));
            self.server.revoke(&token);
            while decide(&self.apis[at].guard, Some(&token), &plain) != expected {
                std::thread::yield_now();
            }
        }
    }

    fn heard(&self, at: usize) -> Verdict {
        if self.apis[at].is_off { Verdict::Forbidden } else { Verdict::InvalidToken }
    }

    fn token_of_news(&mut self, at: usize) -> String {
        self.news += 1;
        let claims = AccessTokenClaims {
            aud: self.apis[at].identifier.clone(),
            jti: Id::from_parts(0, self.news),
            ..self.server.claims(&self.server.issuer())
        };
        self.server.signing_key().sign(&claims, Typ::AccessToken).unwrap()
    }
}

/// Where something may be used from: mostly from everywhere.
pub(crate) fn networks(dice: &mut Dice) -> Vec<String> {
    if dice.in_a_hundred(75) {
        return vec![];
    }
    dice.some(&NETWORKS, 35).into_iter().map(str::to_owned).collect()
}

fn levels(dice: &mut Dice, by_scopes: bool) -> LevelMembers {
    let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut rule = |methods: usize, scopes: &[&'static str]| RuleMembers {
        methods: if dice.in_a_hundred(methods) { owned(dice.some(&METHODS, 60)) } else { vec![] },
        paths: if dice.in_a_hundred(50) { owned(dice.some(&PATTERNS, 50)) } else { vec![] },
        scopes: if by_scopes { owned(dice.some(scopes, 70)) } else { vec![] },
    };
    let (read, mut full) = (rule(80, &SCOPES[..2]), rule(30, &SCOPES[1..]));
    // Who may do everything may all that others may.
    let more: Vec<_> = read.methods.iter().filter(|method| !full.methods.contains(method)).cloned().collect();
    match read.methods.is_empty() {
        true => full.methods.clear(),
        false if !full.methods.is_empty() => full.methods.extend(more),
        false => {}
    }
    if read.paths.is_empty() {
        full.paths.clear();
    }
    LevelMembers { read, full }
}

pub(crate) fn scopes(dice: &mut Dice) -> String {
    let some = dice.some(&SCOPES, 60);
    if some.is_empty() { SCOPES[0].to_owned() } else { some.join(" ") }
}
