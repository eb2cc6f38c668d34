//! Whether somebody has an account here is nobody else's business: an attempt to sign in is answered alike, word for word, and
//! makes the same work, whoever it names. How long it takes is measured in `benches/enumeration.rs`, where a clock belongs.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, PASSWORD, Place};
use crate::flows::token_requests::done;
use bytes::Bytes;
use doorward_core::manage::users;
use doorward_protocol::words::UserStatus;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{Request, Response};
use metrics_exporter_prometheus::PrometheusBuilder;
use std::collections::BTreeSet;
use url::form_urlencoded;

const WRONG: &str = "a wrong password of somebody's";

/// Who cannot sign in, and what they type: names of one length, so that lengths tell nothing either.
const NOBODIES: [(&str, &str); 9] = [
    ("alice", WRONG),
    ("alice", ""),
    ("nadie", PASSWORD),
    ("nadie", WRONG),
    ("nadie", ""),
    ("dizzy", PASSWORD),
    ("dizzy", WRONG),
    ("blank", PASSWORD),
    ("blank", ""),
];

/// `dizzy` is disabled, `blank` has no password, `nadie` does not exist.
fn place() -> Place {
    let place = Place::new();
    place.user("dizzy");
    place.switch_user("dizzy", UserStatus::Disabled);
    let blank = users::Members::named("blank");
    done(block_on(users::create(blank, None, &by_operator(&place.context()), &place.context())));
    place
}

fn attempt(browser: &Browser<'_>, page: &Page, username: &str, password: &str) -> Response<Bytes> {
    let form = page.form();
    let hidden = form.fields.iter().filter(|(name, _)| name == "interaction" || name == "csrf");
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(hidden).append_pair("username", username).append_pair("password", password);
    let request = Request::post(&form.action).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    browser.send(request.body(Bytes::from(body.finish())).unwrap())
}

/// All of an answer, but for what is drawn anew each time and for the name that was typed.
fn likeness(answer: &Response<Bytes>, username: &str) -> String {
    let html = std::str::from_utf8(answer.body()).unwrap();
    let mut lines = vec![answer.status().to_string()];
    for (name, value) in answer.headers() {
        let drawn = name == "x-request-id";
        lines.push(format!("{name}: {}", if drawn { "…" } else { value.to_str().unwrap() }));
    }
    lines.extend(html.lines().map(|line| {
        let drawn = line.contains("name=\"interaction\"") || line.contains("name=\"csrf\"");
        if drawn { format!("a hidden field of {} bytes", line.len()) } else { line.replace(username, "…") }
    }));
    lines.join("\n")
}

/// OWASP ASVS 6.3.8: text, status, headers and cookies of a failed sign-in do not tell whether there is such an account.
#[test]
fn a_failed_sign_in_looks_alike_for_everybody() {
    let place = place();
    let mut seen = BTreeSet::new();
    for (username, password) in NOBODIES.iter().filter(|(_, password)| !password.is_empty()) {
        let browser = Browser::new(&place);
        let page = browser.open(&place.request(APP, &[])).page();
        for _ in 0..2 {
            let answer = attempt(&browser, &page, username, password);
            assert_eq!(answer.headers().get(SET_COOKIE), None);
            seen.insert(likeness(&answer, username));
        }
    }
    assert_eq!(seen.len(), 1, "{}", seen.into_iter().collect::<Vec<_>>().join("\n\n"));
}

/// What is done for an attempt: changes that the store was asked for, and passwords that were hashed.
fn work(place: &Place, act: impl FnOnce() -> Response<Bytes>) -> (u16, u64, String) {
    let recorder = PrometheusBuilder::new().build_recorder();
    let before = place.database.counters().jobs.value();
    let status = metrics::with_local_recorder(&recorder, act).status().as_u16();
    let numbers = recorder.handle().render();
    let hashes = numbers.lines().find(|line| line.starts_with("doorward_password_hashes_total"));
    (status, place.database.counters().jobs.value() - before, hashes.unwrap_or("none").to_owned())
}

/// OWASP ASVS 6.3.8: nor does the work: one change, which counts the attempt, and one hash.
#[test]
fn a_failed_sign_in_makes_the_same_work_for_everybody() {
    let place = place();
    for (username, password) in NOBODIES {
        let browser = Browser::new(&place);
        let page = browser.open(&place.request(APP, &[])).page();
        for time in 0..2 {
            let done = work(&place, || attempt(&browser, &page, username, password));
            let expected = match password {
                "" => (422, 0, "none".to_owned()),
                _ => (422, 1, "doorward_password_hashes_total 1".to_owned()),
            };
            assert_eq!(done, expected, "{username} {password} {time}");
        }
    }
}

/// OWASP ASVS 6.3.8: an account that waits looks the same as a name that waits, and neither makes a hash.
#[test]
fn whoever_has_to_wait_waits_alike() {
    let place = place();
    let mut seen = BTreeSet::new();
    for (number, username) in ["alice", "nadie", "dizzy", "blank"].into_iter().enumerate() {
        let mut browser = Browser::new(&place);
        browser.address = [192, 0, 2, u8::try_from(number).unwrap()].into();
        let page = browser.open(&place.request(APP, &[])).page();
        for _ in 0..10 {
            assert_eq!(attempt(&browser, &page, username, WRONG).status(), 422);
        }
        let answer = attempt(&browser, &page, username, PASSWORD);
        assert_eq!(answer.status(), 429);
        seen.insert(likeness(&answer, username));
        let again = work(&place, || attempt(&browser, &page, username, PASSWORD));
        assert_eq!(again, (429, 1, "none".to_owned()), "{username}");
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

/// OWASP ASVS 6.3.8: what a client may say of somebody (`login_hint`) is put into the form unseen.
#[test]
fn a_hint_is_not_looked_up() {
    let place = place();
    let pages = ["alice", "nadie", "dizzy", "blank"].map(|username| {
        let browser = Browser::new(&place);
        let Seen::Page(page) = browser.open(&place.request(APP, &[("login_hint", username)])) else {
            panic!("somebody is signed in")
        };
        let shown = page.html.lines().filter(|line| !line.contains("type=\"hidden\""));
        shown.map(|line| line.replace(username, "…")).collect::<Vec<_>>()
    });
    assert!(pages.iter().all(|page| *page == pages[0]));
    assert!(pages[0].iter().any(|line| line.contains("value=\"…\"")), "{:?}", pages[0]);
}
