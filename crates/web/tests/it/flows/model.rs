//! A model of the browser's way: pages opened, sent, sent again, sent out of order, in two browsers and with each other's
//! cookies, at random. What the model knows is little: who has given their password in which browser, and who has agreed in
//! which. Whatever else happens, no code may come of anything less.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, INTRANET, PASSWORD, Place, SHOP, tokens};
use doorward_core::settings::{Settings, SignIn};
use doorward_protocol::time::Lifetime;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;

const CLIENTS: [&str; 3] = [APP, SHOP, INTRANET];
const PROMPTS: [&str; 6] = ["", "login", "consent", "select_account", "none", "login consent"];

/// Something that somebody does. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Act {
    /// A browser begins a request.
    Begin { browser: usize, client: usize, prompt: usize },
    /// A browser goes to a URL of ours that some browser has seen.
    Revisit { browser: usize, url: usize },
    /// A browser sends a page that some browser was shown, as this person would.
    Send { browser: usize, page: usize, person: usize, what: What },
    /// Somebody signs out in a browser.
    SignOut { browser: usize },
    /// One browser gets a cookie of the other's (of those two that matter).
    Steal { from: usize, to: usize, session: bool },
    /// Time passes.
    Wait { seconds: i64 },
}

/// What is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Whatever the page asks for.
    Sensible,
    Password,
    WrongPassword,
    Approve,
    Deny,
    Another,
    FirstAccount,
}

fn act() -> impl Strategy<Value = Act> {
    let what = prop_oneof![
        12 => Just(What::Sensible),
        2 => Just(What::Password),
        1 => Just(What::WrongPassword),
        2 => Just(What::Approve),
        1 => Just(What::Deny),
        1 => Just(What::Another),
        1 => Just(What::FirstAccount),
    ];
    prop_oneof![
        5 => (0..2_usize, 0..CLIENTS.len(), 0..PROMPTS.len())
            .prop_map(|(browser, client, prompt)| Act::Begin { browser, client, prompt }),
        3 => (0..2_usize, 0..64_usize).prop_map(|(browser, url)| Act::Revisit { browser, url }),
        12 => (0..2_usize, 0..4_usize, 0..2_usize, what)
            .prop_map(|(browser, page, person, what)| Act::Send { browser, page, person, what }),
        1 => (0..2_usize).prop_map(|browser| Act::SignOut { browser }),
        1 => (0..2_usize, any::<bool>())
            .prop_map(|(from, session)| Act::Steal { from, to: 1 - from, session }),
        1 => prop_oneof![Just(1_i64), Just(61), Just(601), Just(9 * 3600)]
            .prop_map(|seconds| Act::Wait { seconds }),
    ]
}

/// What has happened, as far as it matters.
struct World<'a> {
    place: &'a Place,
    people: [String; 2],
    browsers: [Browser<'a>; 2],
    pages: Vec<Page>,
    urls: Vec<String>,
    /// Who has given their password in which browser (or whose session cookie was carried there).
    signed_in: BTreeSet<(usize, usize)>,
    /// Who has agreed to which client, in a browser in which they had given their password.
    agreed: BTreeSet<(usize, &'static str)>,
    codes: usize,
}

impl World<'_> {
    fn run(&mut self, act: &Act) {
        match *act {
            Act::Begin { browser, client, prompt } => {
                let path = self.place.request(CLIENTS[client], &[("prompt", PROMPTS[prompt])]);
                let seen = self.browsers[browser].open(&path);
                self.saw(browser, seen);
            }
            Act::Revisit { browser, url } if !self.urls.is_empty() => {
                let url = self.urls[url % self.urls.len()].clone();
                let seen = self.browsers[browser].open(&url);
                self.saw(browser, seen);
            }
            Act::Send { browser, page, person, what } if !self.pages.is_empty() => {
                // The latest pages are the likeliest.
                let page = self.pages[self.pages.len() - 1 - page % self.pages.len()].clone();
                self.send(browser, &page, person, what);
            }
            Act::SignOut { browser } => self.sign_out(browser),
            Act::Steal { from, to, session } => self.steal(from, to, session),
            Act::Wait { seconds } => self.place.advance(Lifetime::seconds(seconds)),
            Act::Revisit { .. } | Act::Send { .. } => {}
        }
    }

    fn send(&mut self, browser: usize, page: &Page, person: usize, what: What) {
        if !page.html.contains("<form") {
            return;
        }
        let what = if what == What::Sensible { sensible(page) } else { what };
        let name = self.people[person].clone();
        let account = account(page);
        let fields: Vec<(&str, &str)> = match what {
            What::Sensible | What::Password => vec![("username", &name), ("password", PASSWORD)],
            What::WrongPassword => vec![("username", &name), ("password", "wrong wrong wrong")],
            What::Approve => vec![("decision", "approve")],
            What::Deny => vec![("decision", "deny")],
            What::Another => vec![("account", "another")],
            What::FirstAccount => vec![("account", &account)],
        };
        // What the model grants is what a person's own act could bring about at most; that more comes of it is the bug.
        if matches!(what, What::Password) {
            self.signed_in.insert((browser, person));
        }
        if matches!(what, What::Approve) {
            let asked = CLIENTS.into_iter().filter(|client| page.html.contains(&shown_name(client)));
            let client = asked.collect::<Vec<_>>();
            for who in 0..2 {
                let named = page.html.contains(&format!("<strong>{}</strong>", self.people[who]));
                if named && self.signed_in.contains(&(browser, who)) {
                    self.agreed.extend(client.iter().map(|client| (who, *client)));
                }
            }
        }
        let seen = self.browsers[browser].submit(page, &fields);
        self.saw(browser, seen);
    }

    fn sign_out(&mut self, browser: usize) {
        let seen = self.browsers[browser].open("/oauth2/logout");
        if let Seen::Page(page) = seen
            && page.has("sign_out")
        {
            drop(self.browsers[browser].submit(&page, &[]));
            self.signed_in.retain(|(known, _)| *known != browser);
        }
    }

    /// Whoever has a session's cookie is that person, so the model takes them for signed in; the cookie that only tells
    /// browsers apart must give nothing.
    fn steal(&mut self, from: usize, to: usize, session: bool) {
        let wanted = if session { "session" } else { "browser" };
        let cookies = self.browsers[from].cookies();
        for (name, value) in cookies.iter().filter(|(name, _)| name.ends_with(wanted)) {
            self.browsers[to].set_cookie(name, value);
            if session {
                let theirs: Vec<_> =
                    self.signed_in.iter().filter(|(known, _)| *known == from).copied().collect();
                self.signed_in.extend(theirs.into_iter().map(|(_, person)| (to, person)));
            }
        }
    }

    fn saw(&mut self, browser: usize, seen: Seen) {
        match seen {
            Seen::Page(page) => {
                assert!(!page.status.is_server_error(), "{} {}", page.status, page.html);
                self.urls.push(page.path.clone());
                self.pages.push(page);
            }
            Seen::Left(url) => self.left(browser, &url),
        }
    }

    /// The heart of it.
    fn left(&mut self, browser: usize, url: &str) {
        let answer = Seen::Left(url.to_owned()).answer();
        let Some(code) = answer.get("code") else { return };
        let mut issued = None;
        for client in CLIENTS {
            let redeemed = self.place.redeem(client, code);
            if redeemed.status() == 200 {
                issued = Some((client, tokens(&redeemed).id_token()["sub"].as_str().unwrap().to_owned()));
                break;
            }
        }
        // It may have ended in the meantime (disabled, signed out); then it speaks for nobody.
        let Some((client, sub)) = issued else { return };
        self.codes += 1;
        let person = (0..2).find(|person| self.place.subject(&self.people[*person]) == sub);
        let person = person.unwrap_or_else(|| panic!("{sub} is nobody"));
        assert!(
            self.signed_in.contains(&(browser, person)),
            "a code for {} without their password in browser {browser}",
            self.people[person]
        );
        assert!(
            client == INTRANET || self.agreed.contains(&(person, client)),
            "a code for {client} without the consent of {}",
            self.people[person]
        );
    }
}

fn sensible(page: &Page) -> What {
    match () {
        () if page.has("approve") => What::Approve,
        () if page.has("login") => What::Password,
        () => What::FirstAccount,
    }
}

fn account(page: &Page) -> String {
    let Some(at) = page.html.find("name=\"account\" value=\"") else { return String::new() };
    page.html[at + 22..].split('"').next().unwrap_or_default().to_owned()
}

/// The registered names differ, so that the model knows whom a page speaks for.
fn shown_name(client: &str) -> String {
    format!("[{client}]")
}

/// RFC 9700 §4.7: whatever is done in whatever order, a code comes of a person's own sign-in and consent, in their browser.
#[test]
fn no_order_of_steps_gives_a_code_without_sign_in_and_consent() {
    let settings = Settings::new("https://as.example".parse().unwrap());
    let sign_in = SignIn {
        hashing_memory: 64,
        hashing_passes: 1,
        attempts_per_account: 10_000,
        attempts_per_address: 1_000_000,
        ..settings.sign_in
    };
    let place = Place::with(Settings { sign_in, ..settings });
    place.name_clients(&CLIENTS.map(|client| (client, shown_name(client))));
    let (case, codes) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&proptest::collection::vec(act(), 1..60), |acts| {
        case.set(case.get() + 1);
        let people = ["ada", "ben"].map(|name| format!("{name}{}", case.get()));
        people.iter().for_each(|name| place.user(name));
        let mut world = World {
            place: &place,
            people,
            browsers: [Browser::new(&place), Browser::new(&place)],
            pages: vec![],
            urls: vec![],
            signed_in: BTreeSet::new(),
            agreed: BTreeSet::new(),
            codes: 0,
        };
        acts.iter().for_each(|act| world.run(act));
        codes.set(codes.get() + world.codes);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(codes.get() > 80, "the model must reach codes to say anything: {}", codes.get());
}
