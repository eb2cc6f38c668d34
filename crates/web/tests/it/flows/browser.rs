//! A browser without a screen: it keeps cookies, follows redirects as long as they stay on our origin, reads the one form of
//! a page and sends it. It knows as much of HTML as our own pages need.

use crate::flows::place::Place;
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_testkit::block_on::block_on;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;
use url::form_urlencoded;

/// A person's browser.
pub(crate) struct Browser<'a> {
    place: &'a Place,
    cookies: Mutex<BTreeMap<String, String>>,
    pub(crate) address: IpAddr,
}

/// Where a browser has come to.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A page of ours.
    Page(Page),
    /// It was sent away, to this URL.
    Left(String),
}

/// A page of ours.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) html: String,
    /// The path of the request that it answers.
    pub(crate) path: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(place: &'a Place) -> Self {
        Self { place, cookies: Mutex::default(), address: "192.0.2.7".parse().unwrap() }
    }

    /// The same cookies in another browser: what a thief would have.
    pub(crate) fn copied(&self) -> Self {
        let cookies = self.cookies.lock().unwrap().clone();
        Self { place: self.place, cookies: Mutex::new(cookies), address: self.address }
    }

    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Opens a path of ours, and goes where it leads.
    pub(crate) fn open(&self, path: &str) -> Seen {
        self.follow(Request::get(path).body(Bytes::new()).unwrap())
    }

    /// Opens a path of ours, and follows nothing.
    pub(crate) fn get(&self, path: &str) -> Response<Bytes> {
        self.send(Request::get(path).body(Bytes::new()).unwrap())
    }

    /// Sends a form to a path of ours.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.follow(request.body(Bytes::from(body)).unwrap())
    }

    /// Sends the form of a page that holds this element, with these fields filled in.
    pub(crate) fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Seen {
        let form = page.form();
        let mut filled: Vec<(&str, &str)> =
            form.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        for (name, value) in fields {
            filled.retain(|(known, _)| known != name);
            filled.push((name, value));
        }
        self.post(&form.action, &filled)
    }

    /// One request and its answer, cookies kept.
    pub(crate) fn send(&self, mut request: Request<Bytes>) -> Response<Bytes> {
        let cookies: Vec<_> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert(HOST, "as.example".parse().unwrap());
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let caller = Caller { address: Some(self.address) };
        let answer = block_on(self.place.app.respond(request, caller));
        for cookie in answer.headers().get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        answer
    }

    fn keep(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        if attributes.contains("Max-Age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    fn follow(&self, request: Request<Bytes>) -> Seen {
        let mut path = request.uri().path_and_query().unwrap().to_string();
        let mut answer = self.send(request);
        for _ in 0..10 {
            if !answer.status().is_redirection() {
                let html = String::from_utf8(answer.body().to_vec()).unwrap();
                return Seen::Page(Page { status: answer.status(), html, path });
            }
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "RFC 9700 §4.12");
            let to = answer.headers()[LOCATION].to_str().unwrap().to_owned();
            let Some(inside) = to.strip_prefix("https://as.example") else { return Seen::Left(to) };
            path = inside.to_owned();
            answer = self.send(Request::get(inside).body(Bytes::new()).unwrap());
        }
        panic!("too many redirects, the last to {path}")
    }
}

/// The form of a page.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Page {
    /// The first form of the page, with its fields and no button.
    pub(crate) fn form(&self) -> Form {
        let start = self.html.find("<form").unwrap_or_else(|| panic!("no form in {}", self.html));
        let form = &self.html[start..];
        let form = &form[..form.find("</form>").unwrap()];
        let inputs = form.split("<input").skip(1).map(|input| &input[..input.find('>').unwrap()]);
        let fields = inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect();
        Form { action: attribute(&form[..form.find('>').unwrap()], "action"), fields }
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.html.contains(&format!("id=\"{id}\""))
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    /// What the form has in a field.
    pub(crate) fn field(&self, name: &str) -> String {
        let fields = self.form().fields;
        fields.into_iter().find_map(|(known, value)| (known == name).then_some(value)).unwrap_or_default()
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let Some(at) = tag.find(&format!(" {name}=\"")) else { return String::new() };
    let value = &tag[at + name.len() + 3..];
    unescape(&value[..value.find('"').unwrap()])
}

fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    for (entity, plain) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")] {
        text = text.replace(entity, plain);
    }
    text
}

impl Seen {
    #[track_caller]
    pub(crate) fn page(self) -> Page {
        match self {
            Self::Page(page) => page,
            Self::Left(url) => panic!("left for {url}"),
        }
    }

    #[track_caller]
    pub(crate) fn left(self) -> String {
        match self {
            Self::Left(url) => url,
            Self::Page(page) => panic!("{} {}: {}", page.status, page.path, page.html),
        }
    }

    /// A page of ours that says why not, with the name of the request; nobody was sent anywhere.
    #[track_caller]
    pub(crate) fn refused(self) -> Page {
        let page = self.page();
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.html);
        assert!(page.has("request_id") && page.says("invalid_request"), "{}", page.html);
        page
    }

    /// The error word that the client is told.
    #[track_caller]
    pub(crate) fn error(self) -> String {
        let answer = self.answer();
        assert!(!answer.contains_key("code"), "{answer:?}");
        answer.get("error").cloned().unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// What the client is told: the parameters of the redirect.
    #[track_caller]
    pub(crate) fn answer(self) -> BTreeMap<String, String> {
        let url = self.left();
        let url: url::Url = url.parse().unwrap();
        let mut parameters = BTreeMap::new();
        for (name, value) in url.query_pairs() {
            let twice = parameters.insert(name.to_string(), value.to_string());
            assert!(twice.is_none(), "{name} twice in {url}");
        }
        parameters
    }
}
