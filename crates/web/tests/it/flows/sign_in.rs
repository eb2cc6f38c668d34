//! The sign-in page of the built-in directory: what it says to whoever does not get in, and what it does against guessing.

use crate::flows::browser::{Browser, Page};
use crate::flows::place::{APP, INTRANET, PASSWORD, Place};
use crate::support::{FORM, header};
use bytes::Bytes;
use doorward_core::settings::{Settings, SignIn};
use doorward_protocol::time::Lifetime;
use http::Request;
use url::form_urlencoded;

const WRONG: &str = "four other words entirely";

/// A place with these limits.
fn limited(attempts_per_account: u32, attempts_per_address: u32) -> Place {
    let settings = Settings::new("https://as.example".parse().unwrap());
    let sign_in = SignIn { attempts_per_account, attempts_per_address, ..settings.sign_in };
    Place::with(Settings { sign_in, ..settings })
}

fn page(place: &Place, browser: &Browser<'_>) -> Page {
    browser.open(&place.request(INTRANET, &[])).page()
}

/// Tries a password: the status, and what is said.
fn tried(browser: &Browser<'_>, page: &Page, username: &str, password: &str) -> (u16, String) {
    match browser.submit(page, &[("username", username), ("password", password)]) {
        crate::flows::browser::Seen::Left(_) => (303, String::new()),
        crate::flows::browser::Seen::Page(page) => {
            let said = page.html.split("id=\"notice\"").nth(1).and_then(|said| said.split('>').nth(1));
            (page.status.as_u16(), said.unwrap_or_default().replace("</p", ""))
        }
    }
}

/// The form as it goes over the wire.
fn posted(page: &Page, username: &str) -> Request<Bytes> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    for name in ["interaction", "csrf"] {
        body.append_pair(name, &page.field(name));
    }
    let body = body.append_pair("username", username).append_pair("password", PASSWORD).finish();
    Request::post("/login").header("content-type", FORM).body(Bytes::from(body)).unwrap()
}

/// OWASP ASVS 6.3.8: known or unknown, disabled or never given a password, malformed or merely wrong: one answer.
#[test]
fn whoever_does_not_get_in_learns_nothing() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let page = page(&place, &browser);
    let answer = (422, "The user name or the password is wrong.".to_owned());
    for (username, password) in [
        ("alice", WRONG),
        ("nobody", WRONG),
        ("nobody", PASSWORD),
        ("alice", ""),
        ("", PASSWORD),
        ("al ice", PASSWORD),
        ("alice\"><script>", PASSWORD),
        ("alice", "nine lanterns over a quiet Harbour"),
        ("alice", " nine lanterns over a quiet harbour"),
    ] {
        assert_eq!(tried(&browser, &page, username, password), answer, "{username}");
    }
    assert!(!browser.cookies().keys().any(|name| name.ends_with("-session")));
}

/// A name is written in many ways, and is one.
#[test]
fn a_user_name_is_known_however_it_is_typed() {
    let place = Place::new();
    for username in ["alice", "Alice", " ALICE "] {
        let browser = Browser::new(&place);
        let page = page(&place, &browser);
        assert_eq!(tried(&browser, &page, username, PASSWORD).0, 303, "{username:?}");
    }
}

/// OWASP ASVS 6.3.1: after so many failures an account's password is not looked at, whoever knows it, until time has passed.
#[test]
fn too_many_failures_close_an_account_for_a_while() {
    let place = limited(3, 100);
    let browser = Browser::new(&place);
    let page = page(&place, &browser);
    for name in ["alice", "nobody"] {
        for _ in 0..3 {
            assert_eq!(tried(&browser, &page, name, WRONG).0, 422);
        }
        let waiting = (429, "There were too many attempts. Try again in 15 minutes.".to_owned());
        assert_eq!(tried(&browser, &page, name, PASSWORD), waiting, "{name}");
    }
    assert_eq!(tried(&browser, &page, "bob", PASSWORD).0, 303, "others are not concerned");
    let answer = browser.send(posted(&page, "alice"));
    assert_eq!((answer.status().as_u16(), header(&answer, "retry-after")), (429, "900"));
    place.advance(Lifetime::minutes(15));
    let fresh = Browser::new(&place);
    let page = self::page(&place, &fresh);
    assert_eq!(tried(&fresh, &page, "alice", PASSWORD).0, 303);
}

/// OWASP ASVS 6.3.1: one address cannot go on from account to account; another address is not concerned.
#[test]
fn too_many_failures_close_an_address_for_a_while() {
    let place = limited(100, 3);
    let browser = Browser::new(&place);
    let page = page(&place, &browser);
    for name in ["one", "two", "three"] {
        assert_eq!(tried(&browser, &page, name, WRONG).0, 422);
    }
    assert_eq!(tried(&browser, &page, "alice", PASSWORD).0, 429);
    let mut elsewhere = Browser::new(&place);
    elsewhere.address = "198.51.100.9".parse().unwrap();
    let page = self::page(&place, &elsewhere);
    assert_eq!(tried(&elsewhere, &page, "alice", PASSWORD).0, 303);
}

/// A success makes the failures before it forgotten.
#[test]
fn a_sign_in_clears_the_accounts_failures() {
    let place = limited(3, 100);
    for _ in 0..3 {
        let browser = Browser::new(&place);
        let page = page(&place, &browser);
        assert_eq!(tried(&browser, &page, "alice", WRONG).0, 422);
        assert_eq!(tried(&browser, &page, "alice", WRONG).0, 422);
        assert_eq!(tried(&browser, &page, "alice", PASSWORD).0, 303);
    }
}

/// RFC 9110 §15.6.4: while too many passwords are being hashed, the next is refused at once, and is nobody's failure.
#[test]
fn when_there_is_no_room_for_a_hash_the_answer_is_503() {
    let place = limited(1, 100);
    let browser = Browser::new(&place);
    let page = page(&place, &browser);
    let context = place.context();
    let mut places = vec![];
    while let Ok(taken) = context.hashing.place() {
        places.push(taken);
    }
    for _ in 0..3 {
        let fields = [("username", "alice"), ("password", PASSWORD)];
        let busy = browser.submit(&page, &fields).page();
        assert!(
            busy.status == 503 && busy.has("request_id") && busy.says("Not at the moment"),
            "{}",
            busy.html
        );
    }
    let answer = browser.send(posted(&page, "alice"));
    assert!(!header(&answer, "retry-after").is_empty());
    let answer = browser.get(&place.request(APP, &[]));
    assert_eq!(answer.status(), 200, "whoever signs in nowhere is not concerned");
    drop(places);
    assert_eq!(tried(&browser, &page, "alice", PASSWORD).0, 303);
}

/// OWASP ASVS 14.3.2: nothing that was typed comes back but the user name, and no page is kept by anybody.
#[test]
fn a_password_is_on_no_page() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let page = page(&place, &browser);
    let again = browser.submit(&page, &[("username", "alice"), ("password", WRONG)]).page();
    assert!(!again.says(WRONG) && again.field("username") == "alice" && again.field("password").is_empty());
    let answer = browser.get("/login");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert!(
        header(&answer, "content-security-policy").contains("form-action 'self';"),
        "nobody waits behind it"
    );
}
