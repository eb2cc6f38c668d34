//! What a browser is shown or sent to, as values. Owns where each page stands and what it says; how it looks, and how
//! cookies are spelled, is the web floor's business. Pages never lead to one another: each posts, and what comes next is
//! decided anew.

use crate::request::answer::AuthorizationAnswer;
use crate::sign_in::Notice;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};

/// Where it is asked who somebody is: below the issuer, as all of these, where its pages are.
pub const LOGIN: &str = "/login";
/// Where it is asked whether a client may.
pub const CONSENT: &str = "/consent";
/// Where a first password is chosen.
pub const SETUP: &str = "/setup";
/// Where people see who they are here.
pub const ACCOUNT: &str = "/account";
/// Where they choose another password.
pub const PASSWORD: &str = "/account/password";
/// Where they take back what they have allowed.
pub const CONSENTS: &str = "/account/consents";
/// Where they are told that they are signed out.
pub const LOGGED_OUT: &str = "/logged-out";

/// Where leaked tokens are taken back: below the issuer itself, as whoever looks for it has been told nothing else.
pub const LEAKED_TOKENS: &str = "/leaked-tokens";

/// What comes next in a browser.
pub struct Turn {
    /// The cookies to set.
    pub cookies: Cookies,
    /// What it is shown or sent to.
    pub then: Then,
}

/// Cookies to set; what is `None` stays as it is.
#[derive(Default)]
pub struct Cookies {
    /// What tells this browser from others before anybody has signed in.
    pub browser: Option<Secret>,
    /// The secrets of the sessions in this browser, the current one first; none of them any more when it is empty.
    pub sessions: Option<Vec<Secret>>,
}

/// What a browser is shown or sent to.
pub enum Then {
    /// A page of ours.
    Show(Page),
    /// 303 to a path below the issuer, with its query.
    Go(String),
    /// 303 to a URL that was registered for it.
    Leave(String),
    /// The answer to an authorization request, back to the client.
    Answer(AuthorizationAnswer),
}

/// The pages.
pub enum Page {
    /// Who are you? Posts `username`, `password` to `/login`.
    SignIn(SignInPage),
    /// The sign-in page of a host, in HTML.
    Host(HostPage),
    /// Which account? Posts `account` to `/login`: a session's name, or `another`.
    Choose(ChoosePage),
    /// May this client? Posts `decision` (`approve` or `deny`) to `/consent`.
    Consent(ConsentPage),
    /// Set your first password. Posts `token`, `password`, `password_again` to `/setup`.
    Setup(SetupPage),
    /// Change your password. Posts `current_password`, `password`, `password_again` to `/account/password`.
    Password(PasswordPage),
    /// Who you are, and which clients may act for you. Posts `consent` (an identifier) to `/account/consents`.
    Account(AccountPage),
    /// Sign out? Posts to `/oauth2/logout`.
    SignOut(SignOutPage),
    /// Have you found a token? Posts `token` to `/leaked-tokens`.
    LeakedTokens(LeakedTokensPage),
    /// You are signed out.
    SignedOut,
    /// Something is done, and the person may go on to sign in: a title and a sentence.
    Done(&'static str, &'static str),
    /// Something cannot be done, and whoever made the link has to make another: a title and a sentence.
    NotDone(&'static str, &'static str),
}

/// What every form carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The interaction that the page belongs to; empty where it belongs to none.
    pub interaction: String,
    /// What another site cannot know.
    pub csrf: String,
}

/// On whose behalf a page is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The client's name.
    pub client: String,
    /// Where it sends people back to, as a source for `form-action`: what follows the form's post ends there.
    pub redirect_origin: String,
}

/// Who are you?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInPage {
    /// What the form carries.
    pub hidden: Hidden,
    /// On whose behalf; none where the server itself wants to know.
    pub asking: Option<Asking>,
    /// The user name to begin with.
    pub username: String,
    /// What is said beside the form.
    pub notice: Option<Notice>,
}

/// A host's own sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPage {
    /// On whose behalf.
    pub asking: Option<Asking>,
    /// The page.
    pub html: String,
}

/// Which account?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoosePage {
    /// What the form carries.
    pub hidden: Hidden,
    /// On whose behalf.
    pub asking: Option<Asking>,
    /// Those that have signed in in this browser.
    pub accounts: Vec<Account>,
}

/// Somebody who has signed in in this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The session.
    pub session: Id,
    /// Their user name.
    pub username: String,
    /// Their full name.
    pub name: String,
}

/// May this client?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentPage {
    /// What the form carries.
    pub hidden: Hidden,
    /// On whose behalf.
    pub asking: Asking,
    /// The host it sends people back to, or the scheme of an app, for people to recognise.
    pub redirect_host: String,
    /// Who is asked: the user name.
    pub username: String,
    /// What it may do at the server itself, in words.
    pub own: Vec<String>,
    /// What it may do at an API.
    pub api: Option<ConsentApi>,
    /// How long an access token of it is good for.
    pub access_lifetime: Lifetime,
    /// How long it stays connected without asking again.
    pub stays: Stays,
}

/// How long a client stays connected without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// It asks each time.
    Never,
    /// Until the person signs out, and so long at most.
    UntilSignOut(Lifetime),
    /// So long at most, after the person has signed out, too.
    Beyond(Lifetime),
}

/// What a client may do at an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentApi {
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub identifier: String,
    /// What it lets the client do, in words.
    pub scopes: Vec<String>,
}

/// Set your first password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupPage {
    /// What the form carries.
    pub hidden: Hidden,
    /// The secret of the link.
    pub token: String,
    /// Whose password.
    pub username: String,
    /// What was wrong with the last one.
    pub wrong: Vec<String>,
}

/// Change your password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordPage {
    /// What the form carries.
    pub hidden: Hidden,
    /// Whose password.
    pub username: String,
    /// What was wrong with the last one.
    pub wrong: Vec<String>,
}

/// Who you are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// What each form carries.
    pub hidden: Hidden,
    /// The user name.
    pub username: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether there is a password to change: not where a host vouches for the person.
    pub has_password: bool,
    /// The clients that may act for them.
    pub consents: Vec<GivenConsent>,
}

/// What was allowed to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenConsent {
    /// The consent.
    pub id: Id,
    /// The client's name.
    pub client: String,
    /// The API's name; none for the server itself.
    pub api: Option<String>,
    /// What it may do, in words.
    pub scopes: Vec<String>,
    /// Since when.
    pub since: Seconds,
}

/// Sign out?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOutPage {
    /// What the form carries.
    pub hidden: Hidden,
    /// Who is signed in.
    pub username: String,
    /// Where they are sent afterwards, if anywhere, as a source for `form-action`.
    pub redirect_origin: Option<String>,
}

/// Have you found a token?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeakedTokensPage {
    /// Whether one has just been presented.
    pub is_taken_back: bool,
}
