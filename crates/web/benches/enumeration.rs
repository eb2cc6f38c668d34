//! Whether the time of a failed sign-in tells who has an account: the same attempts, turn by turn, for somebody with a wrong
//! password, for nobody, for somebody who is disabled (with the right password) and for somebody without one; then, for each
//! against the first, the two-sided p of Mann and Whitney. Small values (below 0.01, more than once) mean that time tells.
//! Run with `cargo bench -p doorward-web --bench enumeration`; `SAMPLES` (200) says how many of each.

use bytes::Bytes;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::users;
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::UserStatus;
use doorward_storage::database::{Database, Options};
use doorward_storage::url::DatabaseUrl;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use http::{Request, Response, StatusCode};
use std::sync::Arc;
use std::time::Instant;
use url::form_urlencoded;

const RIGHT: &str = "nine lanterns over a quiet harbour";
const WRONG: &str = "six lanterns over a quiet harbours";
/// Who is compared, and what they type: the first is what an honest mistake looks like.
const PEOPLE: [(&str, &str); 4] = [("alice", WRONG), ("nadie", RIGHT), ("dizzy", RIGHT), ("blank", RIGHT)];

fn main() {
    let samples: usize = std::env::var("SAMPLES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let folder = tempfile::tempdir_in(".").expect("the current folder can be written");
    let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("bench.db")), Options::default());
    let page = Page::open(app(database.expect("the database opens")));
    let mut times = [const { Vec::<f64>::new() }; PEOPLE.len()];
    // The first of each makes a row and a connection.
    let _ = PEOPLE.map(|person| page.attempt(person));
    for round in 0..samples {
        // In another order each time: what one attempt leaves behind (a cache, a commit) is not always the same one's.
        for turn in 0..PEOPLE.len() {
            let who = (turn * if round % 8 < 4 { 1 } else { 3 } + round) % PEOPLE.len();
            times[who].push(page.attempt(PEOPLE[who]));
        }
    }
    for (who, (name, _)) in PEOPLE.iter().enumerate() {
        let p = mann_whitney(&times[0], &times[who]);
        println!("{name}  median {:>8.3} ms of {samples}   p = {p:.3}", median(&times[who]) * 1e3);
    }
}

fn app(database: Arc<Database>) -> App {
    let settings = Settings::new("https://as.example".parse().expect("an issuer"));
    let mut settings = Settings { algorithms: vec![Algorithm::ES256], ..settings };
    settings.sign_in.attempts_per_account = u32::MAX;
    let master = MasterKey::generate(&SystemRandom::default()).expect("there is randomness");
    let builder = AuthorizationServer::builder(settings.issuer.clone(), database, master).settings(settings);
    let server = Arc::new(block_on(builder.build()).expect("the server is built"));
    people(&server);
    App::new(server, WebSettings::default()).expect("the app is built")
}

/// `alice` has a password, `dizzy` is disabled, `blank` has none, and nobody is called `nadie`.
fn people(server: &AuthorizationServer) {
    let (context, password) = (server.context(), Secret::new(RIGHT.to_owned()));
    for (name, password) in [("alice", Some(&password)), ("dizzy", Some(&password)), ("blank", None)] {
        let created =
            block_on(users::create(users::Members::named(name), password, &by_operator(&context), &context));
        assert!(created.is_ok(), "{name}");
    }
    let disabled =
        block_on(users::set_status("dizzy", UserStatus::Disabled, &by_operator(&context), &context));
    assert!(disabled.is_ok());
}

/// The page that asks who is there, in a browser.
struct Page {
    app: App,
    cookie: String,
    hidden: Vec<(String, String)>,
}

impl Page {
    fn open(app: App) -> Self {
        let request = Request::get("/login").header(HOST, "as.example").body(Bytes::new());
        let answer = block_on(app.respond(request.expect("a request"), Caller::default()));
        let html = String::from_utf8(answer.body().to_vec()).expect("a page is text");
        let hidden = ["interaction", "csrf"].map(|name| (name.to_owned(), hidden(&html, name)));
        Self { app, cookie: cookie(&answer), hidden: hidden.into() }
    }

    /// Seconds from a form to its answer.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn attempt(&self, (username, password): (&str, &str)) -> f64 {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&self.hidden).append_pair("username", username).append_pair("password", password);
        let request = Request::post("/login")
            .header(HOST, "as.example")
            .header(COOKIE, &self.cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body.finish()));
        let request = request.expect("a request");
        let begun = Instant::now();
        let answer = block_on(self.app.respond(request, Caller::default()));
        let took = begun.elapsed();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{username}");
        took.as_secs_f64()
    }
}

fn hidden(html: &str, name: &str) -> String {
    let before = format!("name=\"{name}\" value=\"");
    let start = html.find(&before).expect("the form carries it") + before.len();
    html[start..].split('"').next().unwrap_or_default().to_owned()
}

fn cookie(answer: &Response<Bytes>) -> String {
    let cookie = answer.headers()[SET_COOKIE].to_str().expect("cookies are ASCII");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// How likely two samples of one distribution differ in rank as much as these do (Mann and Whitney 1947), by the normal
/// approximation, which from twenty of each on is as good as the exact table; times have no ties worth a correction.
#[expect(clippy::cast_precision_loss, reason = "samples are counted in hundreds")]
fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let wins = |a: &f64| other.iter().map(|b| if a > b { 1.0 } else { f64::from(a == b) / 2.0 }).sum::<f64>();
    let u: f64 = one.iter().map(wins).sum();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * tail(z.abs())
}

/// The upper tail of the normal distribution, to seven digits (Abramowitz and Stegun 26.2.17).
fn tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let factors = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let series = factors.iter().rev().fold(0.0, |sum, factor| (sum + factor) * t);
    series * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}
