//! How the library's readers sign in at Doorward: with one click where the library knows them by its own session, with their
//! card otherwise, and with their card in any case where the application wants a proof of now.

use crate::Failed;
use crate::readers::{Reader, Readers};
use askama::Template;
use doorward_core::context::Context;
use doorward_core::identity::authentication::Authentication;
use doorward_core::sign_in::{Attempt, Claims, Later, SignIn, SignedIn, Step};
use doorward_core::store::fault::Fault;
use doorward_protocol::time::Seconds;

/// The cookie of the library's own session.
pub(crate) const SESSION: &str = "library";

/// The library as the place where people are known.
pub(crate) struct Library(pub(crate) Readers);

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    action: &'a str,
    hidden: String,
    known: Option<Reader>,
    username: &'a str,
    is_wrong: bool,
}

impl SignIn for Library {
    fn source(&self) -> &str {
        "library"
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(async move {
            let known = self.known(&attempt)?;
            let Some(form) = attempt.form else { return page(attempt, known, false) };
            let proved = match form.value("card").filter(|card| !card.is_empty()) {
                Some(card) => {
                    let reader = self.with_card(form.value("username").unwrap_or_default(), card)?;
                    reader.map(|reader| (reader, context.now))
                }
                // Who was shown may be another than who is signed in by now: the button says whom it meant.
                None => known
                    .clone()
                    .filter(|(reader, _)| form.value("reader") == Some(&*reader.number.to_string())),
            };
            match proved {
                Some((reader, at)) => {
                    let authentication = Authentication::by_password(at);
                    let claims = claims(&reader)?;
                    Ok(Step::SignedIn(SignedIn::known(reader.number.to_string(), authentication, claims)))
                }
                None => page(attempt, known, true),
            }
        })
    }

    fn claims<'a>(&'a self, external_id: &'a str) -> Later<'a, Result<Option<Claims>, Fault>> {
        let number = external_id.parse().map_err(Fault::broken);
        let reader = number.and_then(|number| asked(self.0.numbered(number)));
        let claims = reader.and_then(|reader| reader.map(|reader| claims(&reader)).transpose());
        Box::pin(std::future::ready(claims))
    }
}

impl Library {
    /// Whoever the library knows by its own session, and since when, where that is proof enough.
    fn known(&self, attempt: &Attempt<'_>) -> Result<Option<(Reader, Seconds)>, Fault> {
        let Some(session) = attempt.cookie(SESSION).filter(|_| !attempt.afresh) else { return Ok(None) };
        Ok(asked(self.0.in_session(session))?.map(|(reader, began_at)| (reader, Seconds(began_at))))
    }

    fn with_card(&self, username: &str, card: &str) -> Result<Option<Reader>, Fault> {
        asked(self.0.with_card(username, card))
    }
}

fn page(attempt: Attempt<'_>, known: Option<(Reader, Seconds)>, is_wrong: bool) -> Result<Step, Fault> {
    let typed = attempt.form.and_then(|form| form.value("username"));
    let username = typed.or(attempt.login_hint).unwrap_or_default();
    let (hidden, known) = (attempt.hidden_fields(), known.map(|(reader, _)| reader));
    let page = SignInPage { action: attempt.action, hidden, known, username, is_wrong };
    page.render().map(Step::Page).map_err(Fault::broken)
}

fn claims(reader: &Reader) -> Result<Claims, Fault> {
    Ok(Claims {
        username: reader.username.parse().map_err(Fault::broken)?,
        name: reader.name.clone(),
        email: None,
        email_verified: false,
    })
}

fn asked<T>(answer: Result<T, Failed>) -> Result<T, Fault> {
    answer.map_err(Fault::unavailable)
}
