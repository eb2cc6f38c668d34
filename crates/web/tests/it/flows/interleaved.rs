//! Many people sign in at once, and nobody becomes somebody else: each client learns of the person whose browser it was, and of
//! nobody but them.

use crate::flows::browser::Browser;
use crate::flows::length::rounds;
use crate::flows::place::{INTRANET, PASSWORD, Place, json, tokens};
use doorward_core::context::Context;
use doorward_core::identity::authentication::Authentication;
use doorward_core::sign_in::{Attempt, Claims, Later, SignIn, SignedIn, Step};
use doorward_core::store::fault::Fault;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

const THREADS: usize = 16;
const PEOPLE: usize = 499;

/// A host that takes everybody at their word: what is tried here is who gets which answer, not how long a hash takes.
struct Trusting;

impl SignIn for Trusting {
    fn source(&self) -> &'static str {
        "trusting"
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        let typed = attempt.form.and_then(|form| form.value("username"));
        let step = typed.map_or(Step::Form(None), |username| {
            Step::SignedIn(SignedIn {
                external_id: username.to_owned(),
                authentication: Authentication::by_password(context.now),
                claims: Some(Claims {
                    username: username.parse().unwrap(),
                    name: username.to_owned(),
                    email: None,
                    email_verified: false,
                }),
                generation: None,
                attempts: None,
            })
        });
        Box::pin(std::future::ready(Ok(step)))
    }
}

/// Who is who: every name has one `sub`, and every `sub` one name.
#[derive(Default)]
struct Known(Mutex<(BTreeMap<String, String>, BTreeMap<String, String>)>);

impl Known {
    fn meet(&self, name: &str, sub: &str) {
        let mut known = self.0.lock().unwrap();
        let (subs, names) = &mut *known;
        for (map, key, value) in [(subs, name, sub), (names, sub, name)] {
            match map.entry(key.to_owned()) {
                Entry::Vacant(place) => drop(place.insert(value.to_owned())),
                Entry::Occupied(known) => assert_eq!(known.get(), value, "{key} is two at once"),
            }
        }
    }
}

/// One person's way, in a browser of their own, from the request to what the client learns.
fn sign_in(place: &Place, name: &str, nonce: &str, known: &Known) {
    let browser = Browser::new(place);
    let request = place.request(INTRANET, &[("nonce", nonce), ("state", nonce), ("scope", "openid profile")]);
    let page = browser.open(&request).page();
    let answer = browser.submit(&page, &[("username", name), ("password", PASSWORD)]).answer();
    assert_eq!(answer["state"], nonce);
    let tokens = tokens(&place.redeem(INTRANET, &answer["code"]));
    let said = tokens.id_token();
    assert_eq!((said["preferred_username"].as_str(), said["nonce"].as_str()), (Some(name), Some(nonce)));
    assert_eq!(said["sub"], tokens.claims()["sub"]);
    known.meet(name, said["sub"].as_str().unwrap());
    if nonce.ends_with('7') {
        let info = json(&place.userinfo(tokens.access()));
        assert_eq!((&info["sub"], info["preferred_username"].as_str()), (&said["sub"], Some(name)));
    }
}

/// OpenID Connect Core §2: `sub` is the person who has signed in, however many others do so at the same time.
#[test]
fn interleaved_sign_ins_never_mix_two_people() {
    let place = Place::known_by(Arc::new(Trusting));
    place.change_client(INTRANET, |members| members.id_token_claims = true);
    let (known, line, each) = (Known::default(), Barrier::new(THREADS), rounds(60, 625));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (place, known, line) = (&place, &known, &line);
            scope.spawn(move || {
                line.wait();
                for round in 0..each {
                    // Every thread goes through everybody in an order of its own, so the same two seldom meet twice.
                    let person = (thread * 31 + round * (thread + 7)) % PEOPLE;
                    sign_in(place, &format!("person-{person}"), &format!("n-{thread}-{round}"), known);
                }
            });
        }
    });
    let known = known.0.into_inner().unwrap();
    assert_eq!(known.0.len(), known.1.len());
    assert!(known.0.len() > PEOPLE / 2, "{} people", known.0.len());
}

/// The same with passwords: what one has typed is never checked against another's hash, nor one's answer given to another.
#[test]
fn interleaved_passwords_never_mix_two_people() {
    let place = Place::new();
    let names: Vec<_> = (0..8).map(|number| format!("person-{number}")).collect();
    names.iter().for_each(|name| place.user(name));
    place.change_client(INTRANET, |members| members.id_token_claims = true);
    let (known, line) = (Known::default(), Barrier::new(names.len()));
    thread::scope(|scope| {
        for (number, name) in (0..).zip(&names) {
            place.set_password(name, &format!("{PASSWORD}, number {number}"));
            let (place, known, line) = (&place, &known, &line);
            scope.spawn(move || {
                line.wait();
                for round in 0..rounds(6, 40) {
                    let mut browser = Browser::new(place);
                    // Failures are counted by address, too.
                    browser.address = [192, 0, number, u8::try_from(round).unwrap()].into();
                    let request = place.request(INTRANET, &[("nonce", &format!("{name}-{round}"))]);
                    let page = browser.open(&request).page();
                    let typed = |number: u8| format!("{PASSWORD}, number {number}");
                    let wrong = typed((number + 1) % 8);
                    let refused = browser.submit(&page, &[("username", name), ("password", &wrong)]).page();
                    assert_eq!(refused.status, 422);
                    let right = typed(number);
                    let answer = browser.submit(&refused, &[("username", name), ("password", &right)]);
                    let said = tokens(&place.redeem(INTRANET, &answer.answer()["code"])).id_token();
                    assert_eq!(said["preferred_username"], name.as_str());
                    known.meet(name, said["sub"].as_str().unwrap());
                }
            });
        }
    });
    assert_eq!(known.0.into_inner().unwrap().0.len(), names.len());
}
