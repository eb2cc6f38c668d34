//! Setting a first password, by the link that an administrator was given. Owns the page; the link and the rules for
//! passwords are `manage`'s.

use crate::context::{Context, PageRequest};
use crate::endpoint::page::{Cookies, Hidden, Page, SetupPage, Then, Turn};
use crate::manage::{Invalid, Refused, setup_links};
use crate::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use doorward_protocol::secret::Secret;

/// Shows the page. Looking at it uses nothing up.
///
/// # Errors
/// `invalid_request` without a link; a fault.
pub async fn page(request: &PageRequest<'_>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    let token = request.params.required("token")?;
    show(token, vec![], context).await
}

async fn show(token: &str, wrong: Vec<String>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    let user = match setup_links::show(token, context).await {
        Ok(user) => user,
        Err(stop) => return not_good(stop),
    };
    let page = SetupPage {
        // The link itself is what another site cannot know.
        hidden: Hidden::default(),
        token: token.to_owned(),
        username: user.username.to_string(),
        wrong,
    };
    Ok(Turn { cookies: Cookies::default(), then: Then::Show(Page::Setup(page)) })
}

/// Takes the password.
///
/// # Errors
/// `invalid_request` without a link; a fault.
pub async fn setup(request: &PageRequest<'_>, context: &Context<'_>) -> Result<Turn, Stop<OAuthError>> {
    let token = request.params.required("token")?;
    let password = request.params.value("password").unwrap_or_default();
    if request.params.value("password_again").unwrap_or_default() != password {
        return show(token, vec!["The two passwords are not the same.".to_owned()], context).await;
    }
    let password = Secret::new(password.to_owned());
    match setup_links::redeem(token, &password, request.caller.address, context).await {
        Ok(_) => Ok(Turn {
            cookies: Cookies::default(),
            then: Then::Show(Page::Done("Your password is set", "You can sign in with it now.")),
        }),
        Err(Stop::Refuse(Refused::Invalid(findings)) | Stop::RefuseAndCommit(Refused::Invalid(findings))) => {
            show(token, sentences(findings), context).await
        }
        Err(stop) => not_good(stop),
    }
}

/// One answer for every link that is not good.
fn not_good(stop: Stop<Refused>) -> Result<Turn, Stop<OAuthError>> {
    match stop {
        Stop::Fault(fault) => Err(Stop::Fault(fault)),
        Stop::Refuse(_) | Stop::RefuseAndCommit(_) => Ok(Turn {
            cookies: Cookies::default(),
            then: Then::Show(Page::NotDone(
                "This link is not good",
                "It was used, has ended, or was not copied as a whole. Ask whoever gave it to you for a new one.",
            )),
        }),
    }
}

/// What is wrong with a password, for the person who chose it.
pub(super) fn sentences(findings: Vec<Invalid>) -> Vec<String> {
    findings
        .into_iter()
        .map(|finding| format!("The password {}.", finding.detail.trim_end_matches('.')))
        .collect()
}
