//! A browser, small enough to be read: it follows redirects, keeps cookies and sends forms, as a person without JavaScript
//! would. Owns pages and what can be done on them; it stays at the origin where it began, and says where it was sent when
//! it would leave.

use crate::http::{self, Answer};
use std::collections::BTreeMap;
use std::sync::Mutex;
use ureq::http::Request;
use url::{Url, form_urlencoded};

/// More redirects than any way through the pages has.
const MOST_REDIRECTS: usize = 10;

/// A browser with cookies of its own.
pub struct Browser {
    agent: ureq::Agent,
    /// Values by origin and name.
    cookies: Mutex<BTreeMap<(String, String), String>>,
}

/// Where it is: at a page, or about to leave.
pub struct Page<'a> {
    browser: &'a Browser,
    /// The address of the page.
    pub url: Url,
    /// What it was answered there.
    pub answer: Answer,
    /// Where it was sent that is not here.
    left: Option<Left>,
}

/// A way to another origin, which is not gone.
#[derive(Clone, Debug)]
pub struct Left {
    /// Where to.
    pub url: Url,
    /// What would be posted there; nothing where a redirect leads.
    pub form: Vec<(String, String)>,
}

/// A form as it stands in a page.
#[derive(Debug)]
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Browser {
    /// A browser in which nobody has been anywhere.
    pub fn new(agent: ureq::Agent) -> Self {
        Self { agent, cookies: Mutex::default() }
    }

    /// Opens an address, and goes where it leads.
    #[track_caller]
    pub fn open(&self, url: &str) -> Page<'_> {
        let url: Url = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
        let page = self.ask(Request::get(url.as_str()), String::new(), url);
        page.follow()
    }

    /// The cookies it would send to this origin, as a header's value.
    pub fn cookies_for(&self, url: &Url) -> String {
        let origin = url.origin().ascii_serialization();
        let cookies = self.cookies.lock().expect("no test goes on after a panic");
        let theirs = cookies.iter().filter(|((home, _), _)| *home == origin);
        theirs.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    #[track_caller]
    fn ask(&self, request: ureq::http::request::Builder, body: String, url: Url) -> Page<'_> {
        let cookies = self.cookies_for(&url);
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies) };
        let request = request.body(body).expect("a request");
        let answer = http::send(&self.agent, request).unwrap_or_else(|error| panic!("{url}: {error}"));
        self.keep(&answer, &url);
        Page { browser: self, url, answer, left: None }
    }

    /// RFC 6265 §5.2: names, values, and the one attribute by which a cookie goes.
    fn keep(&self, answer: &Answer, url: &Url) {
        let mut cookies = self.cookies.lock().expect("no test goes on after a panic");
        for (_, set) in answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let mut parts = set.split(';').map(str::trim);
            let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("name and value");
            let key = (url.origin().ascii_serialization(), name.to_owned());
            if parts.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                cookies.remove(&key);
            } else {
                cookies.insert(key, value.to_owned());
            }
        }
    }
}

impl<'a> Page<'a> {
    /// Sends the one form of the page, with these values in place of, or beside, those that stand in it.
    #[track_caller]
    pub fn submit(&self, values: &[(&str, &str)]) -> Page<'a> {
        let forms = self.forms();
        assert_eq!(forms.len(), 1, "a page with one form: {}", self.answer.body);
        self.send(&forms[0], values)
    }

    /// Sends the form that leads to this path, where there are several.
    #[track_caller]
    pub fn submit_to(&self, path: &str, values: &[(&str, &str)]) -> Page<'a> {
        let form = self.forms().into_iter().find(|form| form.action == path);
        self.send(&form.unwrap_or_else(|| panic!("no form for {path}: {}", self.answer.body)), values)
    }

    /// Where it was sent that is not here: with the answer of an authorization, to the client.
    #[track_caller]
    pub fn left(&self) -> &Left {
        self.left.as_ref().unwrap_or_else(|| panic!("still at {}: {:?}", self.url, self.answer))
    }

    /// Whether it was sent elsewhere.
    pub const fn has_left(&self) -> bool {
        self.left.is_some()
    }

    /// What the page is about: its first heading.
    pub fn heading(&self) -> String {
        let after = self.answer.body.split_once("<h1>").map_or("", |(_, after)| after);
        unescaped(after.split_once("</h1>").map_or("", |(heading, _)| heading))
    }

    /// What a person reads, without the markup.
    pub fn text(&self) -> String {
        let main = self.answer.body.split_once("<main").map_or("", |(_, main)| main);
        let text: String = main.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect();
        unescaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[track_caller]
    fn send(&self, form: &Form, values: &[(&str, &str)]) -> Page<'a> {
        let url = self.url.join(&form.action).expect("an action is a URL");
        let mut fields: Vec<_> = form.fields.clone();
        fields.retain(|(name, _)| values.iter().all(|(given, _)| given != name));
        fields.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        if url.origin() != self.url.origin() {
            return self.leave(Left { url, form: fields });
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        // As browsers say it of a form whose page wants no referrer.
        let request = Request::post(url.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "null")
            .header("sec-fetch-site", "same-origin");
        self.browser.ask(request, body, url).follow()
    }

    #[track_caller]
    fn follow(self) -> Page<'a> {
        let mut page = self;
        for _ in 0..MOST_REDIRECTS {
            let Some(location) = page.answer.header("location") else { return page };
            let url = page.url.join(location).expect("a location is a URL");
            if url.origin() != page.url.origin() {
                return page.leave(Left { url, form: Vec::new() });
            }
            page = page.browser.ask(Request::get(url.as_str()), String::new(), url);
        }
        panic!("more than {MOST_REDIRECTS} redirects, the last to {}", page.url);
    }

    fn leave(&self, left: Left) -> Page<'a> {
        Page { browser: self.browser, url: self.url.clone(), answer: self.answer.clone(), left: Some(left) }
    }

    fn forms(&self) -> Vec<Form> {
        let starts = self.answer.body.split("<form").skip(1);
        starts.map(|rest| Form::read(rest.split_once("</form>").map_or(rest, |(form, _)| form))).collect()
    }
}

impl Left {
    /// A parameter that is carried there, in the query or in the form.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let posted = self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        posted
            .or_else(|| self.url.query_pairs().find(|(known, _)| known == name).map(|(_, v)| v.into_owned()))
    }
}

impl Form {
    /// Reads what stands between `<form` and `</form>`. Buttons count when they are pressed: by the values of a test.
    fn read(text: &str) -> Self {
        let (tag, content) = text.split_once('>').expect("the tag ends");
        let inputs = content.split("<input").skip(1).filter_map(|rest| rest.split_once('>'));
        let field = |(tag, _): (&str, &str)| {
            Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
        };
        Self {
            action: attribute(tag, "action").unwrap_or_default(),
            fields: inputs.filter_map(field).collect(),
        }
    }
}

/// The value of an attribute of a tag. Ours are quoted, and escape what would end them.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let after = tag.split_once(&format!(" {name}=\""))?.1;
    Some(unescaped(after.split_once('"')?.0))
}

/// HTML §13.5: the character references that a template writes.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (reference, rest) = part.split_once(';').expect("a reference ends");
        let character = match reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            number => number
                .strip_prefix('#')
                .and_then(|number| number.parse().ok())
                .and_then(char::from_u32)
                .unwrap_or_else(|| panic!("the reference &{number};")),
        };
        plain.push(character);
        plain.push_str(rest);
    }
    plain
}
