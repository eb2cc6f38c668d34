//! Signing in by the built-in directory: who gets in, who does not and is not told why, and the limits on guessing.

use crate::house::{House, in_a_moment};
use crate::people::{PASSWORD, alice};
use doorward_core::context::Caller;
use doorward_core::identity::attempts::{WINDOW, account};
use doorward_core::identity::authentication::Authentication;
use doorward_core::manage::{organizations, users};
use doorward_core::sign_in::{Attempt, Notice, SignedIn, Step};
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::store::{Job, Mode, Running, Store};
use doorward_protocol::params::Params;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::thread;

const WRONG: &str = "a wrong password of hers";
const HERE: &str = "192.0.2.1";

/// What becomes of a form, from an address.
fn step(house: &House, form: &str, address: Option<&str>) -> Result<Step, Fault> {
    let params = Params::parse(form.as_bytes()).unwrap();
    let address = address.map(|text| text.parse::<IpAddr>().unwrap());
    let attempt = Attempt {
        form: Some(&params),
        login_hint: None,
        action: "/login",
        hidden: &[],
        afresh: false,
        cookies: &[],
        caller: Caller { address },
    };
    block_on(house.server.people().step(attempt, &house.server.context()))
}

fn form(username: &str, password: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("username", username)
        .append_pair("password", password)
        .finish()
}

/// Whoever signs in, or what they are told instead.
pub(crate) fn from(
    house: &House,
    username: &str,
    password: &str,
    address: Option<&str>,
) -> Result<SignedIn, Option<Notice>> {
    match step(house, &form(username, password), address).unwrap() {
        Step::SignedIn(signed_in) => Ok(signed_in),
        Step::Form(notice) => Err(notice),
        Step::Page(_) => panic!("the directory has no pages of its own"),
    }
}

pub(crate) fn sign_in(house: &House, username: &str, password: &str) -> Result<SignedIn, Option<Notice>> {
    from(house, username, password, None)
}

fn told(house: &House, username: &str, password: &str) -> Option<Notice> {
    sign_in(house, username, password).err().flatten()
}

fn fail(house: &House, times: usize, username: &str) {
    for time in 0..times {
        assert_eq!(told(house, username, WRONG), Some(Notice::WrongCredentials), "{time}");
    }
}

#[test]
fn without_a_form_there_is_the_form() {
    let house = House::default();
    let attempt = Attempt {
        form: None,
        login_hint: None,
        action: "",
        hidden: &[],
        afresh: false,
        cookies: &[],
        caller: Caller::default(),
    };
    let step = block_on(house.server.people().step(attempt, &house.server.context())).unwrap();
    assert!(matches!(step, Step::Form(None)));
}

/// OpenID Connect Core §2 and RFC 8176 §2: a password is one factor, and `auth_time` is now.
#[test]
fn the_right_password_signs_in_under_any_spelling_of_the_name() {
    let house = House::default();
    let user = alice(&house);
    let now = house.server.context().now;
    for spelling in ["alice", "ALICE", " Alice "] {
        let signed_in = sign_in(&house, spelling, PASSWORD).expect(spelling);
        assert_eq!(signed_in.external_id, user.external_id);
        assert_eq!(signed_in.authentication, Authentication::by_password(now));
        assert_eq!(signed_in.generation, Some(user.generation));
        assert_eq!(signed_in.attempts, Some(account(&user.username, house.server.context().peppers)));
        assert_eq!(signed_in.claims, None, "the record is the server's own");
    }
    assert_eq!(house.server.people().source(), user.source);
}

/// OWASP ASVS 6.3.8: no answer tells whether there is such a user.
#[test]
fn whoever_may_not_sign_in_is_told_the_same() {
    let house = House::default();
    let context = house.server.context();
    let members = |name: &str| users::Members {
        organization: Some("Wonderland".to_owned()),
        ..users::Members::named(name)
    };
    block_on(organizations::create(
        organizations::Members::named("Wonderland"),
        &by_operator(&context),
        &context,
    ))
    .unwrap();
    let password = crate::people::secret(PASSWORD);
    for name in ["alice", "hatter"] {
        block_on(users::create(members(name), Some(&password), &by_operator(&context), &context)).unwrap();
    }
    block_on(users::create(members("passwordless"), None, &by_operator(&context), &context)).unwrap();
    block_on(users::set_status("hatter", UserStatus::Disabled, &by_operator(&context), &context)).unwrap();
    let cases = [
        ("nobody", PASSWORD, "an unknown user"),
        ("alice", WRONG, "a wrong password"),
        ("hatter", PASSWORD, "a disabled user"),
        ("passwordless", PASSWORD, "a user without a password"),
        ("a b", PASSWORD, "what is no user name"),
        ("alice", &"x".repeat(1025), "what is no password"),
        ("", PASSWORD, "no user name"),
        ("alice", "", "no password"),
    ];
    for (username, password, case) in cases {
        assert_eq!(told(&house, username, password), Some(Notice::WrongCredentials), "{case}");
    }
    assert!(sign_in(&house, "alice", PASSWORD).is_ok());
    block_on(organizations::set_status("Wonderland", Status::Inactive, &by_operator(&context), &context))
        .unwrap();
    assert_eq!(told(&house, "alice", PASSWORD), Some(Notice::WrongCredentials), "an inactive organization");
    block_on(organizations::set_status("Wonderland", Status::Active, &by_operator(&context), &context))
        .unwrap();
    assert!(sign_in(&house, "alice", PASSWORD).is_ok());
}

/// NIST SP 800-63B-4 §3.2.2: failed attempts at one account are limited, whoever makes them.
#[test]
fn the_eleventh_attempt_waits_even_with_the_right_password() {
    let house = House::default();
    alice(&house);
    fail(&house, 10, "alice");
    house.advance(Lifetime::minutes(5));
    let elsewhere = from(&house, "alice", PASSWORD, Some("203.0.113.9")).err().flatten();
    assert_eq!(elsewhere, Some(Notice::TooManyAttempts(Lifetime::minutes(10))), "from anywhere");
    house.advance(Lifetime(Lifetime::minutes(10).0 - 1));
    assert_eq!(told(&house, "alice", PASSWORD), Some(Notice::TooManyAttempts(Lifetime(1))));
    house.advance(Lifetime(1));
    assert!(sign_in(&house, "alice", PASSWORD).is_ok());
}

#[test]
fn waiting_attempts_do_not_prolong_the_wait() {
    let house = House::default();
    alice(&house);
    fail(&house, 10, "alice");
    for _ in 0..20 {
        assert_eq!(told(&house, "alice", WRONG), Some(Notice::TooManyAttempts(WINDOW)));
    }
    house.advance(WINDOW);
    fail(&house, 10, "alice");
    assert_eq!(told(&house, "alice", WRONG), Some(Notice::TooManyAttempts(WINDOW)));
}

#[test]
fn spellings_of_one_name_share_a_counter() {
    let house = House::default();
    alice(&house);
    for spelling in ["alice", "Alice", "ALICE ", " aLiCe", "alicE"] {
        fail(&house, 2, spelling);
    }
    for spelling in ["alice", "ALICE"] {
        assert_eq!(told(&house, spelling, PASSWORD), Some(Notice::TooManyAttempts(WINDOW)));
    }
}

/// OWASP ASVS 6.3.8: an account that does not exist closes like any other, after as many attempts.
#[test]
fn unknown_names_are_counted_like_known_ones() {
    let house = House::default();
    alice(&house);
    fail(&house, 10, "nobody");
    assert_eq!(told(&house, "nobody", WRONG), Some(Notice::TooManyAttempts(WINDOW)));
    assert!(sign_in(&house, "alice", PASSWORD).is_ok(), "others are not affected");
}

/// A store that remembers how it was used.
struct Watched {
    store: Arc<dyn Store>,
    uses: Arc<Mutex<Vec<Mode>>>,
}

impl doorward_core::store::sealed::Sealed for Watched {}

impl Store for Watched {
    fn run(&self, mode: Mode, job: Job) -> Running {
        self.uses.lock().unwrap().push(mode);
        self.store.run(mode, job)
    }
}

/// OWASP ASVS 6.3.8: what a sign-in makes us do does not tell whether there is such a user either.
#[test]
fn known_and_unknown_names_make_the_same_work() {
    let uses = Arc::<Mutex<Vec<Mode>>>::default();
    let house = House::behind(|store| Arc::new(Watched { store, uses: Arc::clone(&uses) }));
    alice(&house);
    let context = house.server.context();
    let disabled = users::Members::named("hatter");
    let password = crate::people::secret(PASSWORD);
    block_on(users::create(disabled, Some(&password), &by_operator(&context), &context)).unwrap();
    block_on(users::set_status("hatter", UserStatus::Disabled, &by_operator(&context), &context)).unwrap();
    block_on(users::create(users::Members::named("passwordless"), None, &by_operator(&context), &context))
        .unwrap();
    let work = |username: &str, password: &str| {
        uses.lock().unwrap().clear();
        assert_eq!(told(&house, username, password), Some(Notice::WrongCredentials), "{username}");
        uses.lock().unwrap().clone()
    };
    let expected = [Mode::Write, Mode::Snapshot];
    for time in 0..2 {
        assert_eq!(work("nobody", PASSWORD), expected, "{time}");
        assert_eq!(work("alice", WRONG), expected, "{time}");
        assert_eq!(work("hatter", PASSWORD), expected, "{time}");
        assert_eq!(work("passwordless", PASSWORD), expected, "{time}");
    }
}

#[test]
fn a_counter_outlives_the_process() {
    let house = House::default();
    alice(&house);
    fail(&house, 10, "alice");
    assert_eq!(told(&house.another(), "alice", PASSWORD), Some(Notice::TooManyAttempts(WINDOW)));
}

#[test]
fn a_success_lets_its_caller_forget_what_was_counted() {
    let house = House::default();
    alice(&house);
    for _ in 0..3 {
        fail(&house, 9, "alice");
        let counted =
            sign_in(&house, "alice", PASSWORD).ok().and_then(|signed_in| signed_in.attempts).unwrap();
        let forget = move |tx: &mut dyn Tx| Ok::<_, Stop<Infallible>>(tx.delete_attempts(&counted)?);
        assert_eq!(block_on(house.server.cache().store().write(forget)).unwrap(), Ok(true));
    }
    fail(&house, 10, "alice");
    assert_eq!(told(&house, "alice", PASSWORD), Some(Notice::TooManyAttempts(WINDOW)));
}

/// However many guess at once, ten are looked at.
#[test]
fn guesses_side_by_side_do_not_outrun_the_limit() {
    let house = House::default();
    alice(&house);
    let guess = || told(&house, "alice", WRONG);
    let told: Vec<_> = thread::scope(|scope| {
        let guesses: Vec<_> = (0..30).map(|_| scope.spawn(guess)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let looked_at = told.iter().filter(|told| **told == Some(Notice::WrongCredentials)).count();
    let waits = told.iter().filter(|told| **told == Some(Notice::TooManyAttempts(WINDOW))).count();
    assert_eq!((looked_at, waits), (10, 20));
}

#[test]
fn the_sixty_first_failure_of_an_address_waits_whatever_the_account() {
    let house = House::default();
    alice(&house);
    for number in 0..60 {
        let name = if number % 2 == 0 { format!("nobody-{number}") } else { format!("not a name {number}") };
        assert_eq!(from(&house, &name, WRONG, Some(HERE)).err(), Some(Some(Notice::WrongCredentials)));
    }
    let here = from(&house, "alice", PASSWORD, Some(HERE)).err().flatten();
    // The memory's clock is the machine's, which this test does not move.
    let nearly = WINDOW.0 - 120..=WINDOW.0;
    assert!(matches!(here, Some(Notice::TooManyAttempts(wait)) if nearly.contains(&wait.0)), "{here:?}");
    assert!(from(&house, "alice", PASSWORD, Some("192.0.2.2")).is_ok());
    assert!(from(&house, "alice", PASSWORD, None).is_ok(), "no address is nobody's");
}

#[test]
fn an_address_that_waits_counts_against_no_account() {
    let house = House::default();
    alice(&house);
    (0..60).for_each(|_| drop(from(&house, "not a name", WRONG, Some(HERE))));
    for _ in 0..20 {
        let told = from(&house, "alice", WRONG, Some(HERE)).err().flatten();
        assert!(matches!(told, Some(Notice::TooManyAttempts(_))));
    }
    assert!(sign_in(&house, "alice", PASSWORD).is_ok());
}

/// It is we who have no time, so it is 503 and not 429, and it is nobody's failure.
#[test]
fn when_too_many_hashes_wait_the_attempt_fails_without_being_counted() {
    let house = House::default();
    alice(&house);
    let context = house.server.context();
    let places: Vec<_> = std::iter::from_fn(|| context.hashing.place().ok()).collect();
    for _ in 0..20 {
        let full = step(&house, &form("alice", PASSWORD), Some(HERE));
        assert!(matches!(full, Err(Fault::Unavailable(_))));
    }
    drop(places);
    assert!(from(&house, "alice", PASSWORD, Some(HERE)).is_ok());
}

#[test]
fn a_hash_of_another_cost_is_renewed_by_signing_in() {
    let house = House::default();
    let user = alice(&house);
    let dearer = house.another_set(|settings| settings.sign_in.hashing_passes = 3);
    let hash = |house: &House| {
        block_on(house.server.cache().store().read(move |tx| tx.password(user.id))).unwrap().unwrap()
    };
    let before = hash(&house);
    assert!(sign_in(&dearer, "alice", WRONG).is_err());
    assert_eq!(hash(&house), before, "not by failing");
    let signed_in = sign_in(&dearer, "alice", PASSWORD).ok().unwrap();
    in_a_moment("the renewal", || hash(&house) != before);
    let after = hash(&house);
    assert!(before.contains(",t=2,") && after.contains(",t=3,"), "{before} {after}");
    assert_eq!(signed_in.generation, Some(user.generation), "which voids nothing");
    assert!(sign_in(&dearer, "alice", PASSWORD).is_ok());
    assert_eq!(hash(&house), after, "and it stays");
}

/// Unicode Standard Annex #15: the same letters, whatever bytes a keyboard makes of them.
#[test]
fn a_password_signs_in_as_it_was_set_and_no_shorter() {
    let house = House::default();
    let context = house.server.context();
    let long = "caf\u{e9} ".to_owned() + &"tidy kettle moss ".repeat(8);
    alice(&house);
    block_on(users::set_password("alice", &crate::people::secret(&long), &by_operator(&context), &context))
        .unwrap();
    assert!(sign_in(&house, "alice", &long).is_ok());
    assert!(sign_in(&house, "alice", &long.replace('\u{e9}', "e\u{301}")).is_ok(), "as typed elsewhere");
    for other in [&long[..72], &long[..long.len() - 1], &long.to_uppercase(), &format!("{long} ")] {
        assert_eq!(told(&house, "alice", other), Some(Notice::WrongCredentials), "{other}");
    }
}
