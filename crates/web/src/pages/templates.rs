//! The templates, one for each page, and what each is filled with. Owns nothing that a person reads, which stands in
//! `templates/`, and no decision. Whatever is filled in is escaped: a name of a client or a person is text, never markup.

use crate::api::docs::Chapter;
use crate::http::site::{self, Site};
use crate::pages::{assets, words};
use askama::Template;
use doorward_core::endpoint::metadata::LOGOUT;
use doorward_core::endpoint::page::{
    self, AccountPage, ChoosePage, ConsentPage, LeakedTokensPage, PasswordPage, SetupPage, SignInPage,
    SignOutPage,
};
use doorward_core::identity::password;
use doorward_core::request::answer::AuthorizationAnswer;
use doorward_core::sign_in::Notice;

/// What stands around every page, where its forms and links lead, and what they are told beforehand.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a>(pub(super) &'a Site);

#[rustfmt::skip]
impl Frame<'_> {
    fn host(self) -> String { self.0.host().to_owned() }
    fn login(self) -> String { self.0.page(page::LOGIN) }
    fn consent(self) -> String { self.0.page(page::CONSENT) }
    fn setup(self) -> String { self.0.page(page::SETUP) }
    fn account(self) -> String { self.0.page(page::ACCOUNT) }
    fn password(self) -> String { self.0.page(page::PASSWORD) }
    fn consents(self) -> String { self.0.page(page::CONSENTS) }
    fn leaked_tokens(self) -> String { self.0.endpoint(page::LEAKED_TOKENS) }
    fn logout(self) -> String { self.0.endpoint(LOGOUT) }
    fn style(self) -> String { self.asset(site::STYLE) }
    fn script(self) -> String { self.asset(site::SCRIPT) }
    fn icon(self) -> String { self.asset(site::ICON) }
    fn shortest_password(self) -> usize { password::LEAST }
}

impl<'a> Frame<'a> {
    fn stylesheet(self) -> Option<&'a str> {
        self.0.stylesheet.as_deref()
    }

    fn asset(self, path: &str) -> String {
        format!("{}?v={}", self.0.page(path), *assets::VERSION)
    }
}

/// What is said beside a form.
pub(super) struct Said {
    pub(super) text: String,
    /// Whether it keeps the person from going on.
    pub(super) is_wrong: bool,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignIn<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a SignInPage,
    pub(super) notice: Option<Said>,
}

impl SignIn<'_> {
    /// Whether what was typed is to blame; of too many attempts it is not.
    fn is_invalid(&self) -> bool {
        self.page.notice == Some(Notice::WrongCredentials)
    }
}

#[derive(Template)]
#[template(path = "choose.html")]
pub(super) struct Choose<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a ChoosePage,
}

#[derive(Template)]
#[template(path = "consent.html")]
pub(super) struct Consent<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a ConsentPage,
    /// How long an access token is good for.
    pub(super) access: String,
    /// How long the client stays connected.
    pub(super) stays: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
pub(super) struct Setup<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a SetupPage,
}

#[derive(Template)]
#[template(path = "password.html")]
pub(super) struct Password<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a PasswordPage,
}

#[derive(Template)]
#[template(path = "account.html")]
pub(super) struct Account<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a AccountPage,
}

#[derive(Template)]
#[template(path = "sign_out.html")]
pub(super) struct SignOut<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a SignOutPage,
}

#[derive(Template)]
#[template(path = "leaked_tokens.html")]
pub(super) struct LeakedTokens<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) page: &'a LeakedTokensPage,
}

/// A title and a sentence.
#[derive(Template)]
#[template(path = "said.html")]
pub(super) struct Done<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) title: &'a str,
    pub(super) sentence: &'a str,
    /// Whether it is a good end, from which a person goes on.
    pub(super) leads_on: bool,
}

/// A request that was refused.
#[derive(Template)]
#[template(path = "refused.html")]
pub(super) struct Refused<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) title: &'a str,
    pub(super) sentence: &'a str,
    pub(super) status: &'a str,
    pub(super) error: &'a str,
    pub(super) request_id: &'a str,
}

/// OAuth 2.0 Form Post Response Mode §2: the answer as a form that the browser posts.
#[derive(Template)]
#[template(path = "form_post.html")]
pub(super) struct FormPost<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) answer: &'a AuthorizationAnswer,
}

/// The management API, described.
#[derive(Template)]
#[template(path = "api.html")]
pub(super) struct ApiDocs<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) openapi: String,
    pub(super) chapters: &'a [Chapter],
    /// Each with what it means.
    pub(super) permissions: Vec<(&'static str, &'static str)>,
}
