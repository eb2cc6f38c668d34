//! A proxy before the orders API, and what it sends about a request.

use crate::api_access::held;
use crate::flows::place::{ORDERS, Place};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_testkit::block_on::block_on;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::{Request, Response};
use std::sync::Arc;

/// Where the proxy is.
pub(crate) const PROXY: &str = "10.0.0.1";
/// Whoever it asks for.
pub(crate) const CLIENT: &str = "192.0.2.7";

/// A place whose app trusts proxies in 10.0.0.0/8.
pub(crate) fn place() -> Place {
    let mut place = held::place();
    behind_proxies(&mut place);
    place
}

/// From now on, proxies in 10.0.0.0/8 are trusted.
pub(crate) fn behind_proxies(place: &mut Place) {
    let settings =
        WebSettings { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..WebSettings::default() };
    place.app = Arc::new(App::new(Arc::clone(&place.server), settings).unwrap());
}

/// A question that a proxy asks: by default, about a request to look at an order, without a token.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) peer: Option<&'static str>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn about(method: &str, uri: &str) -> Self {
        let asked = Self {
            method: "GET",
            target: format!("/verify?api={ORDERS}"),
            peer: Some(PROXY),
            headers: vec![],
        };
        asked.with("x-forwarded-method", method).with("x-forwarded-uri", uri).with("x-forwarded-for", CLIENT)
    }

    pub(crate) fn get(token: &str) -> Self {
        Self::about("GET", "/orders/7").bearing(token)
    }

    pub(crate) fn post(token: &str) -> Self {
        Self::about("POST", "/orders").bearing(token)
    }

    pub(crate) fn bearing(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// With another header in its place.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more header.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn to(self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self }
    }

    pub(crate) fn by(self, peer: Option<&'static str>) -> Self {
        Self { peer, ..self }
    }

    pub(crate) fn from(self, address: &str) -> Self {
        self.with("x-forwarded-for", address)
    }

    pub(crate) fn answer(&self, place: &Place) -> Answered {
        let mut request =
            Request::builder().method(self.method).uri(&self.target).header("host", "10.0.0.9:8080");
        for (name, value) in &self.headers {
            request = request.header(name, value.as_bytes());
        }
        let caller = Caller { address: self.peer.map(|peer| peer.parse().unwrap()) };
        let answer = block_on(place.app.respond(request.body(Bytes::new()).unwrap(), caller));
        Answered(answer)
    }

    pub(crate) fn status(&self, place: &Place) -> u16 {
        self.answer(place).0.status().as_u16()
    }
}

/// What a proxy is answered.
#[derive(Debug)]
pub(crate) struct Answered(pub(crate) Response<Bytes>);

impl Answered {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// The one value of a header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.0.headers().get_all(name).iter();
        let value = values.next();
        assert!(values.next().is_none(), "{name} is there twice");
        value.map(|value| value.to_str().unwrap())
    }

    pub(crate) fn challenge(&self) -> &str {
        self.header("www-authenticate").unwrap_or_default()
    }

    /// The identity, all of whose headers are there.
    #[track_caller]
    pub(crate) fn identity(&self) -> [&str; 6] {
        ["subject", "client", "token-id", "level", "scope", "organization"]
            .map(|name| self.header(&format!("x-auth-{name}")).unwrap_or_else(|| panic!("no x-auth-{name}")))
    }
}
