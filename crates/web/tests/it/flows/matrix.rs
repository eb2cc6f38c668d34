//! What ends with what: a person has signed in, clients hold codes and tokens, and then something is switched off, deleted or
//! taken back. One table says what the next request is answered, and what goes on as before.

use crate::flows::audience::{STOCK, open_api};
use crate::flows::browser::{Browser, Seen};
use crate::flows::place::{INTRANET, ORDERS, Place, SHOP, Tokens, word};
use crate::flows::token_requests::done;
use doorward_core::manage::{apis, clients, organizations, users};
use doorward_protocol::words::{GrantType, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;

/// The organization of `alice`, and that of the shop.
const GUESTS: &str = "Guests";
const MAKERS: &str = "Makers";
/// Who introspects for both APIs.
const DESK: &str = "desk";

/// What is held when something happens.
struct Held<'a> {
    place: &'a Place,
    /// `alice`'s, signed in.
    browser: Browser<'a>,
    /// The shop's, on behalf of `alice`: for the API with signed tokens, for the one with opaque tokens, for the server.
    code: String,
    signed: Tokens,
    opaque: Tokens,
    own: Tokens,
    /// The shop's on behalf of `bob`, and the intranet's on behalf of `alice`, by sessions of their own.
    bob: Tokens,
    elsewhere: Tokens,
}

type Happening = fn(&Held<'_>);

/// After this: a code, a refresh, a request that may show no page, the client by itself, userinfo, introspection of a signed
/// and of an opaque token; then what has another person, or another client, that may go on.
#[rustfmt::skip]
const TABLE: &[(&str, Happening, &str)] = &[
    //                                                     code           refresh        silent           by itself      userinfo      signed   opaque   | bob           elsewhere
    ("nothing",              |_| (),                      "granted        granted        granted          granted        granted       active   active     granted        granted"),
    ("user disabled",        |held| held.user(DISABLED),  "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        invalid_grant"),
    ("… and enabled",        |held| held.user_off_on(),   "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        invalid_grant"),
    ("user deleted",         |held| held.delete_user(),   "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        invalid_grant"),
    ("password changed",     |held| held.new_password(),  "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        invalid_grant"),
    ("everything revoked",   |held| held.revoke_all(),    "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        invalid_grant"),
    ("user's house off",     |held| held.off(GUESTS),     "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        invalid_grant"),
    ("… and on",             |held| held.off_on(GUESTS),  "granted        granted        granted          granted        granted       active   active     granted        granted"),
    ("signed out",           |held| held.sign_out(),      "invalid_grant  invalid_grant  login_required   granted        invalid_token inactive inactive   granted        granted"),
    ("consents taken back",  |held| held.take_back(),     "invalid_grant  invalid_grant  consent_required granted        invalid_token inactive inactive   granted        granted"),
    ("client disabled",      |held| held.client(OFF),     "invalid_client invalid_client page             invalid_client invalid_token inactive inactive   invalid_client granted"),
    ("… and enabled",        |held| held.client_off_on(), "invalid_grant  invalid_grant  granted          granted        invalid_token inactive inactive   invalid_grant  granted"),
    ("client deleted",       |held| held.delete_client(), "invalid_client invalid_client page             invalid_client invalid_token inactive inactive   invalid_client granted"),
    ("client's house off",   |held| held.off(MAKERS),     "invalid_client invalid_client page             invalid_client invalid_token inactive inactive   invalid_client granted"),
    ("… and on",             |held| held.off_on(MAKERS),  "granted        granted        granted          granted        granted       active   active     granted        granted"),
    ("API switched off",     |held| held.api(OFF),        "invalid_target invalid_target invalid_target   invalid_target granted       inactive active     granted        granted"),
    ("… and on",             |held| held.api_off_on(),    "granted        granted        granted          granted        granted       active   active     granted        granted"),
    ("API deleted",          |held| held.delete_api(),    "invalid_target invalid_target invalid_scope    invalid_scope  granted       inactive active     granted        granted"),
];

const DISABLED: UserStatus = UserStatus::Disabled;
const OFF: Status = Status::Inactive;

/// RFC 6749 §10.4 and RFC 9700 §4.14: whatever a grant rests on is asked anew at each request.
#[test]
fn what_ends_ends_at_the_next_request_and_nothing_else_does() {
    let mut wrong = vec![];
    for (what, happen, expected) in TABLE {
        let place = place();
        let held = Held::by_everybody(&place);
        happen(&held);
        let expected: Vec<_> = expected.split_whitespace().collect();
        let found = held.answers();
        if found != expected {
            wrong.push(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn place() -> Place {
    let mut place = Place::new();
    place.register(DESK, clients::Members::named("The APIs' desk"));
    open_api(&place, STOCK, &["stock:read"]);
    place.make_opaque(STOCK);
    [ORDERS, STOCK].iter().for_each(|api| place.let_introspect(DESK, api));
    for name in [GUESTS, MAKERS] {
        done(block_on(organizations::create(
            organizations::Members::named(name),
            &by_operator(&place.context()),
            &place.context(),
        )));
    }
    let join = |members: &mut users::Members| {
        members.organization = Some(GUESTS.to_owned());
        Ok(())
    };
    done(block_on(users::update("alice", &by_operator(&place.context()), &place.context(), join)));
    let makers =
        done(block_on(organizations::show(MAKERS, &by_operator(&place.context()), &place.context())))
            .id
            .to_string();
    let organization = makers.clone();
    place.change_client(SHOP, move |members| {
        members.organization = Some(organization.clone());
        members.grant_types.push(GrantType::ClientCredentials);
        members.scopes = members.scopes.union(&scope("stock:read"));
    });
    place
}

impl<'a> Held<'a> {
    fn by_everybody(place: &'a Place) -> Self {
        let browser = Browser::new(place);
        let shop = |browser: &Browser<'_>, username: &str, scope: &str| {
            place.tokens_of(browser, SHOP, username, &[("scope", scope)])
        };
        let intranet = [("scope", "openid")];
        Self {
            place,
            signed: shop(&browser, "alice", "openid orders:read"),
            opaque: shop(&browser, "alice", "openid stock:read"),
            own: shop(&browser, "alice", "openid"),
            code: place.code_of(&browser, SHOP, "alice", &[("scope", "openid orders:read")]),
            bob: shop(&Browser::new(place), "bob", "openid"),
            elsewhere: place.tokens_of(&Browser::new(place), INTRANET, "alice", &intranet),
            browser,
        }
    }

    /// In the order of the table's columns.
    fn answers(&self) -> Vec<String> {
        let by_itself = [("grant_type", "client_credentials"), ("scope", "orders:read")];
        let active = |tokens: &Tokens| match self.place.is_active(DESK, tokens.access()) {
            true => "active".to_owned(),
            false => "inactive".to_owned(),
        };
        vec![
            word(&self.place.redeem(SHOP, &self.code)),
            word(&self.place.refresh(SHOP, self.signed.refresh())),
            self.silent(),
            word(&self.place.token(SHOP, &by_itself)),
            self.userinfo(),
            active(&self.signed),
            active(&self.opaque),
            word(&self.place.refresh(SHOP, self.bob.refresh())),
            word(&self.place.refresh(INTRANET, self.elsewhere.refresh())),
        ]
    }

    /// OpenID Connect Core §3.1.2.6: what the client is told when no page may be shown.
    fn silent(&self) -> String {
        let request = [("scope", "openid orders:read"), ("prompt", "none")];
        match self.browser.open(&self.place.request(SHOP, &request)) {
            Seen::Page(_) => "page".to_owned(),
            left @ Seen::Left(_) => {
                left.answer().get("error").cloned().unwrap_or_else(|| "granted".to_owned())
            }
        }
    }

    fn userinfo(&self) -> String {
        match self.place.userinfo(self.own.access()).status().as_u16() {
            200 => "granted".to_owned(),
            401 => "invalid_token".to_owned(),
            other => other.to_string(),
        }
    }

    fn user(&self, status: UserStatus) {
        self.place.switch_user("alice", status);
    }

    fn user_off_on(&self) {
        self.user(DISABLED);
        self.user(UserStatus::Active);
    }

    fn delete_user(&self) {
        done(block_on(users::delete("alice", &by_operator(&self.place.context()), &self.place.context())));
    }

    fn new_password(&self) {
        self.place.set_password("alice", "eleven kettles under a loud bridge");
    }

    fn revoke_all(&self) {
        self.place.revoke_all("alice");
    }

    fn sign_out(&self) {
        self.place.sign_out(&self.own);
    }

    fn take_back(&self) {
        self.place.take_back_consents("alice");
    }

    fn client(&self, status: Status) {
        self.place.switch_client(SHOP, status);
    }

    fn client_off_on(&self) {
        self.client(OFF);
        self.client(Status::Active);
    }

    fn delete_client(&self) {
        done(block_on(clients::delete(SHOP, &by_operator(&self.place.context()), &self.place.context())));
    }

    fn api(&self, status: Status) {
        self.place.switch_api(ORDERS, status);
    }

    fn api_off_on(&self) {
        self.api(OFF);
        self.api(Status::Active);
    }

    fn delete_api(&self) {
        done(block_on(apis::delete(ORDERS, &by_operator(&self.place.context()), &self.place.context())));
    }

    fn organization(&self, name: &str, status: Status) {
        let context = self.place.context();
        done(block_on(organizations::set_status(name, status, &by_operator(&context), &context)));
    }

    fn off(&self, organization: &str) {
        self.organization(organization, OFF);
    }

    fn off_on(&self, organization: &str) {
        self.off(organization);
        self.organization(organization, Status::Active);
    }
}
