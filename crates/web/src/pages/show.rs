//! Each page with its status and its policy. Owns which page is shown by which template, and what of core's values has to
//! be put into words for it.

use crate::http::headers::Policy;
use crate::http::site::Site;
use crate::pages::templates::{
    Account, Choose, Consent, Done, Frame, LeakedTokens, Password, Said, Setup, SignIn, SignOut,
};
use crate::pages::{html, rendered, words};
use askama::Template;
use bytes::Bytes;
use doorward_core::endpoint::page::{Asking, ConsentPage, HostPage, Page, SignInPage};
use doorward_core::sign_in::Notice;
use doorward_core::store::fault::Fault;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};

/// A page, as it looks.
pub(super) fn show(page: Page, site: &Site) -> Result<Response<Bytes>, Fault> {
    let frame = Frame(site);
    match page {
        Page::SignIn(page) => sign_in(&page, site),
        Page::Host(page) => Ok(host(page, site)),
        Page::Choose(page) => plain(&Choose { frame, page: &page }, asked_by(page.asking.as_ref()), site),
        Page::Consent(page) => consent(&page, site),
        Page::Setup(page) => form(&Setup { frame, page: &page }, &page.wrong, site),
        Page::Password(page) => form(&Password { frame, page: &page }, &page.wrong, site),
        Page::Account(page) => plain(&Account { frame, page: &page }, None, site),
        Page::SignOut(page) => plain(&SignOut { frame, page: &page }, page.redirect_origin.as_deref(), site),
        Page::LeakedTokens(page) => plain(&LeakedTokens { frame, page: &page }, None, site),
        Page::SignedOut => said("You are signed out", "You can close this page.", StatusCode::OK, true, site),
        Page::Done(title, sentence) => said(title, sentence, StatusCode::OK, true, site),
        Page::NotDone(title, sentence) => said(title, sentence, StatusCode::BAD_REQUEST, false, site),
    }
}

fn sign_in(page: &SignInPage, site: &Site) -> Result<Response<Bytes>, Fault> {
    let said = page.notice.map(|notice| Said {
        text: words::notice(notice),
        is_wrong: matches!(notice, Notice::WrongCredentials | Notice::TooManyAttempts(_)),
    });
    let template = SignIn { frame: Frame(site), page, notice: said };
    let policy = Policy { form_target: asked_by(page.asking.as_ref()), script: false };
    let mut response = rendered(&template, sign_in_status(page.notice), policy, site)?;
    if let Some(Notice::TooManyAttempts(time)) = page.notice {
        response.headers_mut().insert(RETRY_AFTER, time.0.into());
    }
    Ok(response)
}

/// RFC 9110 §15.5.21: the form was understood, what it said is wrong. RFC 6585 §4: and that too often.
fn sign_in_status(notice: Option<Notice>) -> StatusCode {
    match notice {
        Some(Notice::WrongCredentials) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Notice::TooManyAttempts(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(Notice::ProveAgain) | None => StatusCode::OK,
    }
}

/// What a host has written is its own to answer for; the headers hold for it all the same.
fn host(page: HostPage, site: &Site) -> Response<Bytes> {
    let policy = Policy { form_target: asked_by(page.asking.as_ref()), script: false };
    html(page.html, StatusCode::OK, policy, site)
}

fn consent(page: &ConsentPage, site: &Site) -> Result<Response<Bytes>, Fault> {
    let template = Consent {
        frame: Frame(site),
        page,
        access: words::lifetime(page.access_lifetime),
        stays: words::stays(page.stays),
    };
    plain(&template, Some(&page.asking.redirect_origin), site)
}

/// A form that is shown again where something in it was wrong.
fn form(template: &impl Template, wrong: &[String], site: &Site) -> Result<Response<Bytes>, Fault> {
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    rendered(template, status, Policy::default(), site)
}

/// A page that only says something; where that is a good end, it leads on to the account.
fn said(
    title: &str,
    sentence: &str,
    status: StatusCode,
    leads_on: bool,
    site: &Site,
) -> Result<Response<Bytes>, Fault> {
    let page = Done { frame: Frame(site), title, sentence, leads_on };
    rendered(&page, status, Policy { form_target: None, script: false }, site)
}

fn plain(template: &impl Template, form_target: Option<&str>, site: &Site) -> Result<Response<Bytes>, Fault> {
    rendered(template, StatusCode::OK, Policy { form_target, script: false }, site)
}

/// Where the browser goes in the end, as far as it is known already.
fn asked_by(asking: Option<&Asking>) -> Option<&str> {
    asking.map(|asking| asking.redirect_origin.as_str())
}
