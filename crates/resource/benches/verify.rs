//! What a guard costs a request: over the handler alone for a token that was seen before, and beside the bare verification of
//! its signature for one that was not. All in the process, one thread; the turns alternate, so that each meets the same moods of
//! the machine.
//!
//! `cargo bench -p doorward-resource --all-features`

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

#[expect(dead_code, reason = "the tests' server, of which a measurement needs less")]
#[path = "../tests/it/server.rs"]
mod server;
#[expect(dead_code, reason = "the tests' feed, of which a measurement needs that there is one")]
#[path = "../tests/it/teller.rs"]
mod teller;

use crate::server::{OPAQUE, SIGNED, Server};
use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Route, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::jwk::{Jwk, PublicKey};
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::revocation::{Before, What};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use doorward_resource::access::Access;
use doorward_resource::guard::Guard;
use doorward_resource::settings::Settings;
use doorward_resource::tower::Guarded;
use http::{Request, Response};
use http_body_util::Full;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::net::IpAddr;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tower_layer::Layer;
use tower_service::Service as _;

const ROUNDS: usize = 21;
const SEEN: usize = 20_000;
const UNSEEN: usize = 500;

/// What a proxy says.
const FORWARDED: (&str, &str) = ("x-forwarded-for", "203.0.113.5");

type Answer = Response<Full<Bytes>>;

fn main() {
    actix_web::rt::System::new().block_on(async {
        let server = Server::new();
        let (signed, opaque) = (server.token(SIGNED, "read"), server.token(OPAQUE, "read"));
        let require = |resource| {
            let guard = server.api(resource).require("read").unwrap();
            (guard.layer(Handler), web::get().to(answer).wrap(guard))
        };
        seen("a signed token seen before", &signed, require(SIGNED)).await;
        seen("an opaque token asked about before", &opaque, require(OPAQUE)).await;
        server.teller.begin();
        let levels = |resource| {
            let guard = levels(resource, &server);
            (guard.layer(Handler), web::get().to(answer).wrap(guard))
        };
        seen("a signed token seen before, by its level", &signed, levels(SIGNED)).await;
        let (_, api_token) = server.api_token(&[(OPAQUE, Level::Read)]);
        seen("an API token asked about before, by its level", &api_token, levels(OPAQUE)).await;
        drop(server);
        for algorithm in Algorithm::ALL {
            unseen(&Server::signing_with(algorithm)).await;
        }
    });
}

/// A guard that decides by everything there is: the level, the feed, and the client's address behind a proxy.
fn levels(resource: &str, server: &Server) -> Guard {
    // Something was revoked, so that there is something to look through.
    server.teller.say((1..1_000).map(|number| What::Token(Id::from_parts(0, number))));
    server.teller.say([What::Subject("somebody".to_owned(), Before(Seconds(0)))]);
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let settings = Settings { trusted_proxies, ..Settings::default() };
    let api = server.builder(resource).settings(settings).build().unwrap();
    api.guard().peer_from(|_| Some(IpAddr::from([127, 0, 0, 1])))
}

/// A handler that does nothing, alone and guarded, under both frameworks.
async fn seen(what: &str, token: &str, (mut guarded, route): (Guarded<Handler>, Route)) {
    let bearer = format!("Bearer {token}");
    let mut bare = Handler;
    let (mut without, mut with) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        let begun = now();
        for _ in 0..SEEN {
            black_box(bare.call(request(&bearer)).await.unwrap());
        }
        without.push(since(begun, SEEN));
        let begun = now();
        for _ in 0..SEEN {
            assert_eq!(black_box(guarded.call(request(&bearer)).await.unwrap()).status(), 200);
        }
        with.push(since(begun, SEEN));
    }
    compare(&format!("{what}, tower"), without, with);

    let bare = init_service(App::new().route("/", web::get().to(answer))).await;
    let guarded = init_service(App::new().route("/", route)).await;
    let request = || {
        let request = TestRequest::get().uri("/").peer_addr(([127, 0, 0, 1], 1).into());
        request.insert_header(FORWARDED).insert_header(("authorization", bearer.as_str())).to_request()
    };
    let (mut without, mut with) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        let begun = now();
        for _ in 0..SEEN {
            black_box(bare.call(request()).await.unwrap());
        }
        without.push(since(begun, SEEN));
        let begun = now();
        for _ in 0..SEEN {
            assert_eq!(black_box(guarded.call(request()).await.unwrap()).status(), 200);
        }
        with.push(since(begun, SEEN));
    }
    compare(&format!("{what}, actix-web"), without, with);
}

/// Tokens that were never seen, verified by ring alone and by an API.
async fn unseen(server: &Server) {
    let (key, api) = (server.signing_key(), server.api(SIGNED));
    let claims = claims(&server.token(SIGNED, "read"));
    let mut number = 0;
    let (mut bare, mut whole) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        let tokens: Vec<_> = (0..UNSEEN)
            .map(|_| {
                number += 1;
                let claims = AccessTokenClaims { jti: Id::from_parts(0, number), ..claims.clone() };
                format!("Bearer {}", key.sign(&claims, Typ::AccessToken).unwrap())
            })
            .collect();
        // The first one fetches the keys.
        assert!(api.verify([format!("Bearer {}", server.token(SIGNED, "read")).as_bytes()]).await.is_ok());
        let begun = now();
        for token in &tokens {
            assert!(verifies(token.strip_prefix("Bearer ").unwrap(), key.jwk()));
        }
        bare.push(since(begun, UNSEEN));
        let begun = now();
        for token in &tokens {
            assert!(black_box(api.verify([token.as_bytes()]).await).is_ok());
        }
        whole.push(since(begun, UNSEEN));
    }
    compare(&format!("a token never seen, {}", key.algorithm()), bare, whole);
}

fn compare(what: &str, mut bare: Vec<f64>, mut whole: Vec<f64>) {
    let mut differences: Vec<_> = bare.iter().zip(&whole).map(|(bare, whole)| whole - bare).collect();
    let mut ratios: Vec<_> = bare.iter().zip(&whole).map(|(bare, whole)| whole / bare).collect();
    let [bare, whole, difference, ratio] =
        [&mut bare, &mut whole, &mut differences, &mut ratios].map(|figures| middle(figures));
    println!("{what}: {bare:.2} µs without, {whole:.2} µs with: {difference:.2} µs more, {ratio:.2} ×");
}

fn middle(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[expect(clippy::disallowed_methods, reason = "this is a measurement")]
fn now() -> Instant {
    Instant::now()
}

fn since(begun: Instant, operations: usize) -> f64 {
    let took: Duration = now() - begun;
    took.as_secs_f64() * 1e6 / operations as f64
}

fn request(bearer: &str) -> Request<()> {
    let request = Request::get("/").header(FORWARDED.0, FORWARDED.1);
    request.header("authorization", bearer).body(()).unwrap()
}

#[derive(Clone)]
struct Handler;

impl tower_service::Service<Request<()>> for Handler {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        black_box(request.extensions().get::<Access>());
        ready(Ok(Response::new(Full::default())))
    }
}

async fn answer() -> &'static str {
    ""
}

fn claims(token: &str) -> AccessTokenClaims {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// The signature and nothing else.
fn verifies(token: &str, jwk: &Jwk) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (message, signature) = (message.as_bytes(), URL_SAFE_NO_PAD.decode(signature).unwrap());
    match &jwk.key {
        PublicKey::Ec { x, y, .. } => {
            let point = [&[4], x.as_bytes(), y.as_bytes()].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, &signature).is_ok()
        }
        PublicKey::Okp { x, .. } => {
            UnparsedPublicKey::new(&ED25519, x.as_bytes()).verify(message, &signature).is_ok()
        }
        PublicKey::Rsa { n, e } => PublicKeyComponents { n: n.as_bytes(), e: e.as_bytes() }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, &signature)
            .is_ok(),
    }
}
