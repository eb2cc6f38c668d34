//! How the shop's customers sign in at Doorward: on a page that looks like the shop, with the password they have there.

use crate::Failed;
use crate::customers::{Customer, Customers};
use askama::Template;
use doorward_core::client::attempts::Attempts;
use doorward_core::context::Context;
use doorward_core::identity::attempts::WINDOW;
use doorward_core::identity::authentication::Authentication;
use doorward_core::identity::password::Password;
use doorward_core::sign_in::{Attempt, Claims, Later, SignIn, SignedIn, Step};
use doorward_core::store::fault::Fault;

/// The shop as the place where people are known. Attempts at one customer's password from one address are counted, as Doorward's
/// own limits guard its own directory only.
pub(crate) struct Shop {
    customers: Customers,
    attempts: Attempts,
}

/// The shop's page.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    action: &'a str,
    hidden: String,
    username: &'a str,
    wrong: Option<&'a str>,
}

impl SignIn for Shop {
    fn source(&self) -> &str {
        "shop"
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(async move {
            let Some(form) = attempt.form else {
                return page(attempt, attempt.login_hint.unwrap_or_default(), None);
            };
            let field = |name| form.value(name).unwrap_or_default();
            let (username, address) = (field("username"), attempt.caller.address);
            if self.attempts.refused(username, address).is_some() {
                return page(
                    attempt,
                    username,
                    Some("Too many attempts: come back in a quarter of an hour."),
                );
            }
            match self.checked(username, field("password"), context).await? {
                Some(customer) => Ok(Step::SignedIn(SignedIn::known(
                    customer.number.to_string(),
                    Authentication::by_password(context.now),
                    claims(&customer)?,
                ))),
                None => {
                    self.attempts.failed(username, address);
                    page(attempt, username, Some("That is not what we have written down."))
                }
            }
        })
    }

    /// What applications are told of somebody is what the shop knows now, not what it knew at their last sign-in.
    fn claims<'a>(&'a self, external_id: &'a str) -> Later<'a, Result<Option<Claims>, Fault>> {
        Box::pin(async move {
            let number = external_id.parse().map_err(Fault::broken)?;
            let customers = self.customers.clone();
            let customer = off_the_workers(move || customers.numbered(number)).await?;
            customer.map(|customer| claims(&customer)).transpose()
        })
    }
}

impl Shop {
    pub(crate) fn new(customers: Customers) -> Self {
        Self { customers, attempts: Attempts::within(WINDOW, 10) }
    }

    /// Whoever this is, if the password is theirs. The hash is made on Doorward's threads for hashes, which are few: as many at once
    /// as there are requests would take all memory. Somebody who is not there costs as much as somebody who is.
    async fn checked(
        &self,
        username: &str,
        password: &str,
        context: &Context<'_>,
    ) -> Result<Option<Customer>, Fault> {
        let Ok(password) = Password::new(password) else { return Ok(None) };
        let place = context.hashing.place()?;
        let (customers, username) = (self.customers.clone(), username.to_owned());
        let customer = off_the_workers(move || customers.called(&username)).await?;
        let hash = customer.as_ref().map_or(context.hashing.nobodys_hash(), |customer| &customer.password);
        let is_right = place.verify(password, hash.to_owned()).await?;
        Ok(customer.filter(|_| is_right))
    }
}

fn page(attempt: Attempt<'_>, username: &str, wrong: Option<&str>) -> Result<Step, Fault> {
    let page = SignInPage { action: attempt.action, hidden: attempt.hidden_fields(), username, wrong };
    page.render().map(Step::Page).map_err(Fault::broken)
}

fn claims(customer: &Customer) -> Result<Claims, Fault> {
    Ok(Claims {
        username: customer.username.parse().map_err(Fault::broken)?,
        name: customer.name.clone(),
        email: Some(customer.email.clone()),
        // The shop has never asked whether the address is theirs.
        email_verified: false,
    })
}

/// The shop's database blocks; a worker of the server must not wait for them.
async fn off_the_workers<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(Fault::broken)?.map_err(Fault::unavailable)
}
