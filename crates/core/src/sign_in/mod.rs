//! Signing in, as a step in a browser. Owns the seam by which a host brings its own people (its pages, its passwords, its
//! records); [`directory`] is the default behind it. What follows from a sign-in, the session and the answer to the client,
//! is decided in `endpoint`, whoever the person was known by.

pub mod directory;

use crate::context::{Caller, Context};
use crate::identity::authentication::Authentication;
use crate::identity::claims;
use crate::identity::user::{User, Username};
use crate::store::fault::Fault;
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::ProfileClaims;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Lifetime;
use std::future::Future;
use std::pin::Pin;

/// What a client may learn about a person, as far as a scope reaches; `None` when there is no such person any more. The
/// host that knows them is asked, and what it said when they last signed in holds if it does not answer.
///
/// # Errors
/// A fault of the store.
pub async fn profile(
    user: Id,
    scope: &Scope,
    sign_in: &dyn SignIn,
    context: &Context<'_>,
) -> Result<Option<ProfileClaims>, Fault> {
    let Some(user) = context.cache.user(user).await? else { return Ok(None) };
    let mut user = User::clone(&user);
    if user.source == sign_in.source() {
        match sign_in.claims(&user.external_id).await {
            Ok(Some(claims)) => claims.describe(&mut user),
            Ok(None) => {}
            Err(fault) => tracing::warn!(%fault, "the host did not tell what it knows of a person"),
        }
    }
    Ok(Some(claims::profile(&user, &context.cache.groups(), scope)))
}

impl Claims {
    /// Writes what is known into a person's record.
    pub fn describe(self, user: &mut User) {
        user.username = self.username;
        user.name = self.name;
        user.email = self.email;
        user.email_verified = self.email_verified;
    }
}

/// Something that is answered later; may be awaited on any thread.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How people sign in.
pub trait SignIn: Send + Sync {
    /// The name under which its people are kept, each by the [`SignedIn::external_id`] that it gives. It never changes, and is not
    /// `directory`, which is the built-in one's.
    fn source(&self) -> &str;

    /// One step: what the browser has sent, if anything; and what it is shown, or who has signed in.
    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>>;

    /// What is known of a person now; without an answer, what was known when they last signed in holds.
    fn claims<'a>(&'a self, external_id: &'a str) -> Later<'a, Result<Option<Claims>, Fault>> {
        let _ = external_id;
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// What a browser brings.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The form it has posted to `action`; none at first sight.
    pub form: Option<&'a Params<'a>>,
    /// Who the client thinks it is (OpenID Connect Core §3.1.2.1 `login_hint`), or the user name of somebody who is signed in
    /// and has to prove it anew.
    pub login_hint: Option<&'a str>,
    /// Whether they have to prove who they are here and now (OpenID Connect Core §3.1.2.1 `prompt=login` and `max_age`; a page
    /// of their own account): what a host knows from an earlier sign-in is then no proof.
    pub afresh: bool,
    /// Where a page's form posts to.
    pub action: &'a str,
    /// What a page's form must carry as hidden fields, names and values: see [`Attempt::hidden_fields`].
    pub hidden: &'a [(&'static str, String)],
    /// The browser's `Cookie` headers: see [`Attempt::cookie`].
    pub cookies: &'a [&'a str],
    /// Where the browser is.
    pub caller: Caller,
}

impl<'a> Attempt<'a> {
    /// The hidden fields in HTML, for the form of a page.
    #[must_use]
    pub fn hidden_fields(&self) -> String {
        // Our values are letters, digits and dots (`-` and `_` among them): nothing in them has to be escaped.
        let field = |(name, value): &(&str, String)| {
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        };
        self.hidden.iter().map(field).collect()
    }

    /// What the steps of one sign-in have in common from the first form on: a key under which a host remembers, at home, what has been
    /// proved so far (a password, before the second factor). What stands in a page or a cookie can be made up.
    #[must_use]
    pub fn interaction(&self) -> Option<&'a str> {
        self.form?.value("interaction")
    }

    /// The value of a cookie of the host's, by which it may know who is signed in there. None where it comes twice: somebody
    /// else has set one of the two (RFC 6265 §4.2.2 leaves their order open).
    ///
    /// Whoever it names is not signed in here by looking at the page: let them say so by a button, as a page that signs
    /// people in by itself signs in whoever planted the cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        let pairs = self.cookies.iter().flat_map(|header| header.split(';'));
        let mut values =
            pairs.filter_map(|pair| pair.trim_matches(' ').strip_prefix(name)?.strip_prefix('='));
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }
}

/// What becomes of an attempt.
pub enum Step {
    /// The server's own form, which asks for `username` and `password`.
    Form(Option<Notice>),
    /// A page of the host's own, in HTML: it posts to [`Attempt::action`] with [`Attempt::hidden`]. Its own fields are not
    /// called `interaction`, `csrf` or `account`, which are the server's.
    Page(String),
    /// Somebody has signed in.
    SignedIn(SignedIn),
}

/// What a person is told beside the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// User name or password are wrong; which of them is not said.
    WrongCredentials,
    /// Too many attempts: when the next one is looked at.
    TooManyAttempts(Lifetime),
    /// What follows asks that the person prove anew who they are.
    ProveAgain,
}

/// Somebody who has signed in.
pub struct SignedIn {
    /// Their name at this source, which is unique there and never given to another.
    pub external_id: String,
    /// When and how.
    pub authentication: Authentication,
    /// What is known of them; nothing where the record that the server keeps is the original (the built-in directory).
    pub claims: Option<Claims>,
    /// The generation of theirs that the proof was checked in (the built-in directory): whatever has voided it since, a new
    /// password above all, has voided this sign-in, too.
    pub generation: Option<i64>,
    /// The counted attempts that this success makes forgotten (the built-in directory).
    pub attempts: Option<Digest>,
}

impl SignedIn {
    /// Somebody whom a host knows by this name, and says what it knows of them.
    #[must_use]
    pub fn known(external_id: impl Into<String>, authentication: Authentication, claims: Claims) -> Self {
        let external_id = external_id.into();
        Self { external_id, authentication, claims: Some(claims), generation: None, attempts: None }
    }
}

/// What is known of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// What they type, and what `preferred_username` says.
    pub username: Username,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether that address is known to be theirs. Never taken from another place than the address itself.
    pub email_verified: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(cookies: &[&str], name: &str) -> Option<String> {
        let caller = Caller::default();
        let (hidden, afresh) = (&[], false);
        let attempt =
            Attempt { form: None, login_hint: None, afresh, action: "/login", hidden, cookies, caller };
        attempt.cookie(name).map(str::to_owned)
    }

    /// RFC 6265 §4.2.1: pairs with a semicolon and a space between them; of two of one name none is believed.
    #[test]
    fn a_hosts_cookie_is_found_where_it_comes_once() {
        let cookies = ["theme=dark; shop=a.b=; shopper=x", "last=1"];
        assert_eq!(cookie(&cookies, "shop").as_deref(), Some("a.b="));
        assert_eq!(cookie(&cookies, "last").as_deref(), Some("1"));
        assert_eq!(
            (cookie(&cookies, "hop"), cookie(&cookies, "Shop"), cookie(&[], "shop")),
            (None, None, None)
        );
        assert_eq!(cookie(&["shop=a; shop=b"], "shop"), None);
        assert_eq!(cookie(&["shop=a", "shop=a"], "shop"), None);
    }
}
