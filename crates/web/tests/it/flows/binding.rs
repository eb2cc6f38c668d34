//! What ties a form to its page: a token that no other site knows, the browser it was shown in, the person it was shown to,
//! and ten minutes. A form that lacks one of them is an error page, and does nothing.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, INTRANET, PASSWORD, Place, done};
use crate::flows::prompts::account;
use doorward_core::manage::{consents, users};
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

const NEW: &str = "seven umbrellas behind the old mill";

/// A form of ours, of alice's in some browser, and what she would fill in.
struct Form<'a> {
    name: &'static str,
    browser: Browser<'a>,
    page: Page,
    fields: Vec<(&'static str, String)>,
}

const SIGN_IN: &[(&str, &str)] = &[("username", "alice"), ("password", PASSWORD)];
const CHANGE: &[(&str, &str)] = &[("current_password", PASSWORD), ("password", NEW), ("password_again", NEW)];
const APPROVE: &[(&str, &str)] = &[("decision", "approve")];

/// Every form that changes something, each in a browser of its own.
fn forms(place: &Place) -> Vec<Form<'_>> {
    let signed_in = || {
        let browser = Browser::new(place);
        place.code(&browser, &place.request(INTRANET, &[]), "alice");
        browser
    };
    let fresh = Browser::new(place);
    let first = fresh.open(&place.request(INTRANET, &[])).page();
    let chooser = signed_in();
    let choose = chooser.open(&place.request(INTRANET, &[("prompt", "select_account")])).page();
    let another = signed_in();
    let choose_again = another.open(&place.request(INTRANET, &[("prompt", "select_account")])).page();
    let sign_in = another.submit(&choose_again, &[("account", "another")]).page();
    let asked = signed_in();
    let consent = asked.open(&place.request(APP, &[])).page();
    let led = Browser::new(place);
    let led_sign_in = led.open(&place.request(APP, &[])).page();
    let led_consent = place.sign_in(&led, &led_sign_in, "alice").page();
    let leaving = signed_in();
    let sign_out = leaving.open("/oauth2/logout").page();
    let changing = signed_in();
    let password = changing.open("/account/password").page();
    let chosen = account(&choose, "alice");
    let form = |name, browser, page, fields: &[(&'static str, &str)]| {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Form { name, browser, page, fields }
    };
    vec![
        form("sign in", fresh, first, SIGN_IN),
        form("choose", chooser, choose, &[("account", &chosen)]),
        form("sign in after a step", another, sign_in, SIGN_IN),
        form("consent", asked, consent, APPROVE),
        form("consent after a step", led, led_consent, APPROVE),
        form("sign out", leaving, sign_out, &[]),
        form("change the password", changing, password, CHANGE),
    ]
}

impl Form<'_> {
    /// Whether it belongs to an interaction, and not to a session.
    fn has_interaction(&self) -> bool {
        !self.page.field("interaction").is_empty()
    }

    /// What she would fill in.
    fn filled(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// Sends the form from a browser, with some of its fields replaced; it is refused, and sets nothing.
    #[track_caller]
    fn is_refused_from(&self, browser: &Browser<'_>, more: &[(&str, &str)], why: &str) {
        let cookies = browser.cookies();
        let fields = [self.filled().as_slice(), more].concat();
        let page = browser.submit(&self.page, &fields).page();
        // A password form from a browser in which somebody else, or nobody, is signed in recently asks who it is; a form of
        // this very browser that has grown old, or is of another step, leads to where the request begins anew.
        let asks = page.has("login") || page.has("approve") || page.html.contains("name=\"account\"");
        assert!(page.status == 400 || asks, "{}: {why}: {} {}", self.name, page.status, page.html);
        assert!(asks || page.has("request_id"), "{}: {why}", self.name);
        let sessions = |cookies: std::collections::BTreeMap<String, String>| {
            cookies.into_iter().find(|(name, _)| name.ends_with("-session"))
        };
        assert_eq!(sessions(browser.cookies()), sessions(cookies), "{}: {why}", self.name);
    }

    /// Sends it as it is; it does what it is for.
    #[track_caller]
    fn is_taken(&self) {
        match self.browser.submit(&self.page, &self.filled()) {
            Seen::Page(page) => {
                assert_eq!(page.status, 200, "{}: {}", self.name, page.html);
                let shown_again = format!("action=\"{}\"", self.page.form().action);
                assert!(!page.says(&shown_again), "{}: {}", self.name, page.html);
            }
            Seen::Left(url) => assert!(url.contains("code="), "{}: {url}", self.name),
        }
    }
}

/// Nothing was agreed to, nobody was signed out, and the password is what it was.
#[track_caller]
fn nothing_happened(place: &Place, forms: &[Form<'_>]) {
    let alice = done(users::show("alice", &by_operator(&place.context()), &place.context()));
    assert_eq!(
        block_on(consents::list(alice.id, &by_operator(&place.context()), &place.context())).unwrap(),
        []
    );
    assert_eq!(alice.generation, 0);
    for form in forms.iter().filter(|form| form.name == "sign out") {
        assert!(form.browser.open("/account").page().says("ALICE"));
    }
}

/// RFC 9700 §4.7: without the page's own token, or with another page's, a form does nothing.
#[test]
fn a_form_without_its_own_token_is_refused() {
    let place = Place::new();
    let forms = forms(&place);
    let tokens: Vec<_> = forms.iter().map(|form| form.page.field("csrf")).collect();
    for (position, form) in forms.iter().enumerate() {
        form.is_refused_from(&form.browser, &[("csrf", "x")], "a made-up token");
        for (other, token) in tokens.iter().enumerate().filter(|(other, _)| *other != position) {
            form.is_refused_from(&form.browser, &[("csrf", token)], forms[other].name);
        }
        let signs_out = form.name == "sign out";
        // Without any token a request to sign out is one of a client's, and asked about.
        if !signs_out {
            form.is_refused_from(&form.browser, &[("csrf", "")], "no token");
        }
    }
    nothing_happened(&place, &forms);
    forms.iter().for_each(Form::is_taken);
}

/// RFC 9700 §4.7.1: a page is answered in the browser that it was shown in; another's cookies, or its texts, are worth nothing.
#[test]
fn a_form_of_another_browser_is_refused() {
    let place = Place::new();
    let forms = forms(&place);
    let bob = Browser::new(&place);
    place.code(&bob, &place.request(INTRANET, &[]), "bob");
    let alices = Browser::new(&place);
    place.code(&alices, &place.request(INTRANET, &[]), "alice");
    for form in &forms {
        form.is_refused_from(&Browser::new(&place), &[], "no cookies");
        form.is_refused_from(&bob, &[], "bob's browser");
        form.is_refused_from(&alices, &[], "another browser of alice's");
    }
    // What a form belongs to cannot be exchanged either, not even for another of the same browser.
    for form in forms.iter().filter(|form| form.has_interaction()) {
        for other in forms.iter().filter(|other| other.has_interaction() && other.name != form.name) {
            let interaction = other.page.field("interaction");
            form.is_refused_from(&form.browser, &[("interaction", &interaction)], other.name);
        }
        let page = form.browser.open(&place.request(APP, &[("prompt", "login consent")])).page();
        let own = page.field("interaction");
        form.is_refused_from(&form.browser, &[("interaction", &own)], "another of its own");
        form.is_refused_from(&form.browser, &[("interaction", "")], "none");
        form.is_refused_from(&form.browser, &[("interaction", "x.y")], "a made-up one");
    }
    nothing_happened(&place, &forms);
    forms.iter().for_each(Form::is_taken);
}

/// The browser's secret alone ties an interaction to it: with the cookies of another it opens in no URL.
#[test]
fn an_interaction_goes_on_only_where_it_began() {
    let place = Place::new();
    let (hers, his) = (Browser::new(&place), Browser::new(&place));
    let page = hers.open(&place.request(APP, &[])).page();
    let consent = place.sign_in(&hers, &page, "alice").page();
    assert!(consent.path.starts_with("/oauth2/authorize?interaction=dw_in_"), "{}", consent.path);
    place.code(&his, &place.request(INTRANET, &[]), "bob");
    for browser in [&his, &Browser::new(&place)] {
        browser.open(&consent.path).refused();
        browser.open(&format!("/oauth2/authorize?interaction={}", page.field("interaction"))).refused();
    }
    // Her session in his browser is hers, and still not the browser in which she was asked.
    for (name, value) in hers.cookies().iter().filter(|(name, _)| name.ends_with("-session")) {
        his.set_cookie(name, value);
    }
    his.open(&consent.path).refused();
    his.submit(&consent, APPROVE).refused();
    assert!(hers.open(&consent.path).page().has("approve"), "looked at as often as one likes");
    assert!(hers.submit(&consent, APPROVE).answer().contains_key("code"));
}

/// A page is good for ten minutes.
#[test]
fn a_form_that_was_open_for_too_long_is_refused() {
    let place = Place::new();
    let late = forms(&place);
    place.advance(Lifetime::minutes(10));
    for form in &late {
        form.is_refused_from(&form.browser, &[], "after ten minutes");
    }
    nothing_happened(&place, &late);
    let place = Place::new();
    let early = forms(&place);
    place.advance(Lifetime::seconds(599));
    early.iter().filter(|form| form.has_interaction()).for_each(Form::is_taken);
}

/// RFC 6749 §4.1.2: one interaction gives one code; what has ended is over, for its forms and for its URL.
#[test]
fn an_interaction_that_has_ended_is_over() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let sign_in = browser.open(&place.request(APP, &[])).page();
    let consent = place.sign_in(&browser, &sign_in, "alice").page();
    assert!(browser.submit(&consent, APPROVE).answer().contains_key("code"));
    browser.submit(&consent, APPROVE).refused();
    browser.submit(&consent, &[("decision", "deny")]).refused();
    browser.open(&consent.path).refused();
    let denied = browser.open(&place.request(APP, &[("prompt", "login consent")])).page();
    let consent = place.sign_in(&browser, &denied, "alice").page();
    assert_eq!(browser.submit(&consent, &[("decision", "deny")]).error(), "access_denied");
    browser.submit(&consent, APPROVE).refused();
    browser.open(&consent.path).refused();
    let sign_out = browser.open("/oauth2/logout").page();
    assert_eq!(browser.submit(&sign_out, &[]).page().path, "/logged-out");
    assert!(browser.open("/account").page().has("login"));
}

/// A button that is pressed twice does what it does once: the browser gives up the first answer and waits for the second.
#[test]
fn a_form_that_is_sent_twice_at_once_leads_to_the_same_place() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let sign_in = browser.open(&place.request(APP, &[])).page();
    let fields = sign_in.form().fields;
    let lost = |action: &str, fields: &[(String, String)], more: &[(&str, &str)]| {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields.iter().filter(|(name, _)| name == "interaction" || name == "csrf"));
        let body = body.extend_pairs(more).finish();
        let request = http::Request::post(action).header("content-type", crate::support::FORM);
        // The answer is lost, cookies and all.
        let copy = browser.copied();
        assert_eq!(copy.send(request.body(bytes::Bytes::from(body)).unwrap()).status(), 303);
    };
    lost("/login", &fields, SIGN_IN);
    let consent = browser.submit(&sign_in, SIGN_IN).page();
    lost("/consent", &consent.form().fields, APPROVE);
    assert!(browser.submit(&consent, APPROVE).answer().contains_key("code"));
    let alice = done(users::show("alice", &by_operator(&place.context()), &place.context()));
    assert_eq!(
        block_on(consents::list(alice.id, &by_operator(&place.context()), &place.context())).unwrap().len(),
        1
    );
}

/// RFC 9700 §4.7.1: login CSRF. Nobody is made to sign in as somebody else by a form that a stranger was given.
#[test]
fn nobody_is_signed_in_by_a_strangers_form() {
    let place = Place::new();
    let (stranger, victim) = (Browser::new(&place), Browser::new(&place));
    let page = stranger.open(&place.request(INTRANET, &[])).page();
    victim.submit(&page, SIGN_IN).refused();
    victim.open(&place.request(INTRANET, &[])).page();
    victim.submit(&page, SIGN_IN).refused();
    assert!(victim.open("/account").page().has("login"));
}
