//! The link by which a person sets their own password. Owns its URL and the words around it; how long it is good, and what
//! it does, is core's part.

use super::answer::Answer;
use super::sheet::Sheet;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::endpoint::page::SETUP;
use doorward_core::manage::call::Call;
use doorward_core::manage::setup_links;
use doorward_web::api::resources::Instant;
use doorward_web::api::resources::user::UserResource;
use serde::Serialize;

/// A user, and a link that sets their password.
#[derive(Debug, Serialize)]
struct WithLink {
    #[serde(flatten)]
    user: UserResource,
    /// Shown this once.
    setup_url: String,
    setup_url_expires_at: Instant,
}

/// Makes a link for a user, and answers with it under a first line.
pub(super) async fn made(first: &str, user: UserResource, context: &Context<'_>) -> Result<Answer, Failure> {
    let made = setup_links::create(&user.id.to_string(), &Call::by_operator(context)?, context).await?;
    // The secret is of letters and digits, so it needs no escape in a query.
    let path = format!("{}?token={}", context.settings.page(SETUP), made.token.expose());
    let link = WithLink {
        user,
        setup_url: context.settings.issuer.url(&path),
        setup_url_expires_at: Instant(made.expires_at),
    };
    Answer::new(format!("{first}\n\n{}{WARNING}", sheet(&link).text()), &link)
}

const WARNING: &str = "
Whoever opens the link can set the password, once: give it to nobody else. It is shown only now.";

fn sheet(link: &WithLink) -> Sheet {
    Sheet::default()
        .with("user name", &link.user.username)
        .with("link", &link.setup_url)
        .with("good until", link.setup_url_expires_at.0)
}
