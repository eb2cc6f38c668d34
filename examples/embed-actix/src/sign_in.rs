//! How the shop's customers sign in at Doorward: on a page that looks like the shop, with the password they have there.

use crate::Failed;
use crate::customers::{Customer, Customers};
use askama::Template;
use doorward_core::context::Context;
use doorward_core::identity::authentication::Authentication;
use doorward_core::sign_in::{Attempt, Claims, Later, SignIn, SignedIn, Step};
use doorward_core::store::fault::Fault;

/// The shop as the place where people are known.
pub(crate) struct Shop(pub(crate) Customers);

/// The shop's page.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    action: &'a str,
    hidden: String,
    username: &'a str,
    is_wrong: bool,
}

impl SignIn for Shop {
    fn source(&self) -> &str {
        "shop"
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(async move {
            let Some(form) = attempt.form else {
                return page(attempt, attempt.login_hint.unwrap_or_default(), false);
            };
            let field = |name| form.value(name).unwrap_or_default();
            match self.checked(field("username").to_owned(), field("password").to_owned()).await? {
                Some(customer) => Ok(Step::SignedIn(SignedIn::known(
                    customer.number.to_string(),
                    Authentication::by_password(context.now),
                    claims(&customer)?,
                ))),
                None => page(attempt, field("username"), true),
            }
        })
    }

    /// What applications are told of somebody is what the shop knows now, not what it knew at their last sign-in.
    fn claims<'a>(&'a self, external_id: &'a str) -> Later<'a, Result<Option<Claims>, Fault>> {
        Box::pin(async move {
            let number = external_id.parse().map_err(Fault::broken)?;
            let customers = self.0.clone();
            let customer = off_the_workers(move || customers.numbered(number)).await?;
            customer.map(|customer| claims(&customer)).transpose()
        })
    }
}

impl Shop {
    async fn checked(&self, username: String, password: String) -> Result<Option<Customer>, Fault> {
        let customers = self.0.clone();
        off_the_workers(move || customers.checked(&username, &password)).await
    }
}

fn page(attempt: Attempt<'_>, username: &str, is_wrong: bool) -> Result<Step, Fault> {
    let page = SignInPage { action: attempt.action, hidden: attempt.hidden_fields(), username, is_wrong };
    page.render().map(Step::Page).map_err(Fault::broken)
}

fn claims(customer: &Customer) -> Result<Claims, Fault> {
    Ok(Claims {
        username: customer.username.parse().map_err(Fault::broken)?,
        name: customer.name.clone(),
        email: Some(customer.email.clone()),
        email_verified: true,
    })
}

/// The shop's database and its hashes block; a worker of the server must not wait for them.
async fn off_the_workers<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(Fault::broken)?.map_err(Fault::unavailable)
}
