//! A page of each kind, filled with names that the test chooses: for the tests beside this file.

use crate::http::site::Site;
use crate::pages;
use bytes::Bytes;
use doorward_core::client::redirect::{RedirectUri, match_redirect};
use doorward_core::endpoint::page::Stays;
use doorward_core::endpoint::page::{
    Account, AccountPage, Asking, ChoosePage, ConsentApi, ConsentPage, Cookies, GivenConsent, Hidden,
    HostPage, LeakedTokensPage, Page, PasswordPage, SetupPage, SignInPage, SignOutPage, Then, Turn,
};
use doorward_core::request::answer::{AuthorizationAnswer, Reply};
use doorward_core::settings::Settings;
use doorward_core::sign_in::Notice;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::ResponseMode;
use http::Response;

/// The pages of `https://as.example/t`, which stand below `/id`.
pub(super) fn site() -> Site {
    let settings = Settings::new("https://as.example/t".parse().unwrap());
    Site::new(&Settings { pages_prefix: "/id".to_owned(), ..settings }, None)
}

pub(super) fn answered(then: Then) -> Response<Bytes> {
    pages::answer(Turn { cookies: Cookies::default(), then }, &site()).unwrap()
}

pub(super) fn shown(page: Page) -> Response<Bytes> {
    answered(Then::Show(page))
}

pub(super) fn body(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

fn hidden(text: &str) -> Hidden {
    Hidden { interaction: format!("interaction{text}"), csrf: format!("csrf{text}") }
}

fn asking(text: &str) -> Asking {
    Asking { client: format!("client{text}"), redirect_origin: "https://app.example".to_owned() }
}

pub(super) fn sign_in(text: &str, notice: Option<Notice>) -> SignInPage {
    SignInPage { hidden: hidden(text), asking: Some(asking(text)), username: format!("alice{text}"), notice }
}

pub(super) fn choose(text: &str) -> ChoosePage {
    let account = |number, name: &str| Account {
        session: Id::from_parts(1_795_478_400_000, number),
        username: format!("alice{text}"),
        name: name.to_owned(),
    };
    let accounts = vec![account(1, &format!("Alice Ames{text}")), account(2, "")];
    ChoosePage { hidden: hidden(text), asking: Some(asking(text)), accounts }
}

pub(super) fn consent(text: &str) -> ConsentPage {
    ConsentPage {
        hidden: hidden(text),
        asking: asking(text),
        redirect_host: format!("app.example{text}"),
        username: format!("alice{text}"),
        own: vec![format!("Know your name{text}"), "See your e-mail address".to_owned()],
        api: Some(ConsentApi {
            name: format!("Orders{text}"),
            identifier: format!("https://api.example/{text}"),
            scopes: vec![format!("Read your orders{text}")],
        }),
        access_lifetime: Lifetime::minutes(10),
        stays: Stays::Beyond(Lifetime::days(180)),
    }
}

pub(super) fn setup(text: &str, wrong: &[&str]) -> SetupPage {
    SetupPage {
        hidden: hidden(text),
        token: format!("token{text}"),
        username: format!("alice{text}"),
        wrong: wrong.iter().map(|sentence| format!("{sentence}{text}")).collect(),
    }
}

pub(super) fn password(text: &str, wrong: &[&str]) -> PasswordPage {
    let SetupPage { hidden, username, wrong, .. } = setup(text, wrong);
    PasswordPage { hidden, username, wrong }
}

pub(super) fn account(text: &str) -> AccountPage {
    let consent = |number, api: Option<&str>| GivenConsent {
        id: Id::from_parts(1_795_478_400_000, number),
        client: format!("client{text}"),
        api: api.map(|api| format!("{api}{text}")),
        scopes: vec![format!("Read your orders{text}")],
        since: Seconds(1_795_478_400),
    };
    AccountPage {
        hidden: hidden(text),
        username: format!("alice{text}"),
        name: format!("Alice Ames{text}"),
        email: Some(format!("alice@example.org{text}")),
        has_password: true,
        consents: vec![consent(1, Some("Orders")), consent(2, None)],
    }
}

pub(super) fn sign_out(text: &str) -> SignOutPage {
    SignOutPage {
        hidden: hidden(text),
        username: format!("alice{text}"),
        redirect_origin: Some("https://app.example".to_owned()),
    }
}

pub(super) fn authorization(mode: ResponseMode, text: &str) -> AuthorizationAnswer {
    let uri = "https://app.example/cb?a=b&c=d";
    let registered = [RedirectUri::parse(uri, false).unwrap()];
    let reply = Reply {
        target: match_redirect(uri, &registered, false).unwrap(),
        mode,
        state: Some(format!("state{text}")),
        issuer: "https://as.example/t".to_owned(),
    };
    reply.code(&Secret::new("dw_ac_x".to_owned()))
}

/// Every page that a template of ours makes.
pub(super) fn all(text: &str) -> Vec<(&'static str, Then)> {
    let show = |name, page| (name, Then::Show(page));
    vec![
        show("sign_in", Page::SignIn(sign_in(text, None))),
        show("sign_in_wrong", Page::SignIn(sign_in(text, Some(Notice::WrongCredentials)))),
        show("sign_in_again", Page::SignIn(sign_in(text, Some(Notice::ProveAgain)))),
        show("choose", Page::Choose(choose(text))),
        show("consent", Page::Consent(consent(text))),
        show("setup", Page::Setup(setup(text, &[]))),
        show("setup_wrong", Page::Setup(setup(text, &["It is too short.", "It is too common."]))),
        show("password", Page::Password(password(text, &[]))),
        show("password_wrong", Page::Password(password(text, &["It is too short."]))),
        show("account", Page::Account(account(text))),
        show("sign_out", Page::SignOut(sign_out(text))),
        show("leaked_tokens", Page::LeakedTokens(LeakedTokensPage { is_taken_back: false })),
        show("leaked_tokens_again", Page::LeakedTokens(LeakedTokensPage { is_taken_back: true })),
        show("signed_out", Page::SignedOut),
        show("done", Page::Done("Your password is set", "You can sign in with it from now on.")),
        ("form_post", Then::Answer(authorization(ResponseMode::FormPost, text))),
    ]
}

/// A host's own page.
pub(super) fn host() -> HostPage {
    HostPage { asking: Some(asking("")), html: "<!DOCTYPE html><title>Ours</title>".to_owned() }
}
