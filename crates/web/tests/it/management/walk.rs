//! A walk along all operations, as the description lists them: whoever may not is refused, whatever is not as it has to be is
//! refused, and each change leaves one event that lists what it touched.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, done};
use crate::management::office::{Answer, Office, call};
use crate::management::vault;
use crate::support::{json, set};
use bytes::Bytes;
use doorward_core::manage::access_requests;
use doorward_core::manage::api_tokens::access::Named;
use doorward_protocol::words::Level;
use doorward_testkit::calls::by_operator;
use http::Request;
use serde_json::{Value, json};

/// An identifier that nothing has.
const NOWHERE: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/// One operation, as it is described.
struct Step {
    method: String,
    path: String,
    name: String,
    needs: Vec<Value>,
    /// An example of its body, if it takes one.
    example: Option<Value>,
    patches: bool,
    /// Whether it says that it heeds `If-Match`, and that it may be refused for that.
    heeds: bool,
    may_be_412: bool,
}

fn steps(office: &Office) -> Vec<Step> {
    let document = office.place.app.respond(
        Request::get("/api/openapi.json").header("host", "as.example").body(Bytes::new()).unwrap(),
        doorward_core::context::Caller::default(),
    );
    let document = json(&doorward_testkit::block_on::block_on(document));
    let mut steps = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"];
            steps.push(Step {
                method: method.to_uppercase(),
                path: path.clone(),
                name: operation["operationId"].as_str().unwrap().to_owned(),
                needs: operation["x-permission"].as_array().unwrap().clone(),
                example: content.get("application/json").map(|media| media["example"].clone()),
                patches: content.get("application/merge-patch+json").is_some(),
                heeds: operation["parameters"].to_string().contains("/if-match\""),
                may_be_412: operation["responses"]["412"].is_object(),
            });
        }
    }
    assert!(steps.len() > 10);
    steps
}

impl Step {
    /// The path, about nothing that there is.
    fn nowhere(&self) -> String {
        self.path.replace("{id}", NOWHERE).replace("{secret}", NOWHERE).replace("{user}", NOWHERE)
    }

    fn request(&self, token: &str, path: &str, body: Option<Value>) -> Request<Bytes> {
        call(token, &self.method, path, body)
    }

    /// The example as a body; of what is there already under the example's name, another one.
    fn body(&self) -> Option<Value> {
        let mut body = self.example.clone()?;
        for name in ["name", "username"] {
            if let Some(Value::String(text)) = body.get_mut(name).filter(|_| self.path.contains("{id}")) {
                text.push_str(&self.name.replace('.', "-"));
            }
        }
        // The example's own is there for the auths of the examples.
        if self.name == "providers.create" {
            body["key"] = json!("another");
        }
        Some(body)
    }

    /// Whether it is answered with secrets: by each call anew, with an event of its own.
    fn discloses(&self) -> bool {
        ["registered-auths.reveal", "registered-auths.release"].contains(&self.name.as_str())
    }

    /// Whether whoever sends it again is not answered the same: it takes somebody who has just signed in.
    fn shows_once(&self) -> bool {
        self.name.starts_with("api-accounts.secrets.") && self.method == "POST"
    }

    /// Whether it is done by an API account for itself alone.
    fn is_for_accounts(&self) -> bool {
        self.name == "registered-auths.release"
    }

    /// What it is about in events: the singular of the noun, with underscores.
    fn noun(&self) -> String {
        let noun = self.name.strip_prefix("me.").unwrap_or(&self.name);
        let noun = noun.split('.').next().unwrap().replace('-', "_");
        noun.strip_suffix('s').unwrap_or(&noun).to_owned()
    }
}

#[test]
fn nobody_is_let_in_without_a_token() {
    let office = Office::new();
    for step in steps(&office) {
        let answer = office.send(step.request("", &step.nowhere(), step.example.clone()));
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{}", step.name);
    }
}

/// Whatever else is wrong with their request: they learn nothing of it.
#[test]
fn whoever_may_nothing_is_refused() {
    let office = Office::new();
    for step in steps(&office).iter().filter(|step| !step.needs.is_empty()) {
        for body in [step.example.clone(), Some(json!({"x": 1})), None] {
            let answer = office.send(step.request(&office.bob, &step.nowhere(), body));
            assert_eq!(answer.status, 403, "{}", step.name);
        }
    }
}

/// Who may everything but what it needs may not do it.
#[test]
fn each_operation_asks_for_what_it_says() {
    let office = Office::new();
    let all = crate::management::office::every_permission();
    for step in steps(&office).iter().filter(|step| !step.needs.is_empty()) {
        let others =
            all.split(' ').filter(|word| !step.needs.contains(&json!(word))).collect::<Vec<_>>().join(" ");
        let answer = office.send(step.request(&office.token("root", &others), &step.nowhere(), None));
        assert_eq!(answer.status, 403, "{}", step.name);
        let challenge = answer.header("www-authenticate");
        let named = step
            .needs
            .iter()
            .any(|word| challenge.contains(&format!("scope=\"{}\"", word.as_str().unwrap())));
        assert!(named, "{}: {challenge}", step.name);
    }
}

#[test]
fn no_body_is_passed_over() {
    let office = Office::new();
    for step in steps(&office).iter().filter(|step| step.method != "GET") {
        let with = |body: Value| office.send(step.request(&office.root, &step.nowhere(), Some(body)));
        let answer = with(json!({"not_a_member": 1}));
        let (status, places) = answer.wrong();
        assert!(status == 400 && places.contains(&"/not_a_member"), "{}: {}", step.name, answer.body);
        let request = step.request(&office.root, &step.nowhere(), Some(json!({})));
        assert_eq!(office.send(set(request, "content-type", "text/plain")).status, 415, "{}", step.name);
    }
}

#[test]
fn what_is_not_there_is_told_as_such() {
    let office = Office::new();
    for step in steps(&office).iter().filter(|step| step.path.contains("{id}")) {
        let answer = office.send(step.request(&office.root, &step.nowhere(), step.example.clone()));
        assert_eq!(answer.status, 404, "{}: {}", step.name, answer.body);
    }
}

/// Each with the example of its description; then the same call under the same key, which does nothing.
#[test]
fn each_change_leaves_one_event() {
    let office = Office::new();
    for step in steps(&office).iter().filter(|step| step.method != "GET" && !step.is_for_accounts()) {
        let path = prepared(&office, step);
        let request = step.request(&office.root, &path, step.body());
        let request =
            if step.method == "POST" { set(request, "idempotency-key", &step.name) } else { request };
        let before = office.events().len();
        let answer = office.send(request.clone());
        assert!((200..300).contains(&answer.status), "{}: {}", step.name, answer.body);
        let events = office.events();
        assert_eq!(events.len(), before + 1, "{}", step.name);
        let told = events.iter().filter(|event| touches(&event.objects, step, &path, &answer)).count();
        assert!(told > 0, "{}: {:?}", step.name, events.last());
        if step.shows_once() {
            assert_ne!(office.send(request).body, answer.body, "{}: nobody is told twice", step.name);
        } else if step.method == "POST" {
            let again = office.send(request);
            assert_eq!((again.status, again.body), (answer.status, answer.body), "{}", step.name);
        }
        if step.patches {
            assert_eq!(office.send(step.request(&office.root, &path, Some(json!({})))).status, 200);
        }
        let more = usize::from(step.discloses() || step.name == "api-accounts.secrets.rotate");
        assert_eq!(office.events().len(), before + 1 + more, "{}: nothing more was done", step.name);
    }
}

/// RFC 9110 §13.1.1: what says that it heeds a condition does, and what does not say so does not.
#[test]
fn each_operation_heeds_the_states_that_it_says_it_does() {
    let office = Office::new();
    for step in steps(&office).iter().filter(|step| step.method != "GET" && !step.is_for_accounts()) {
        let path = prepared(&office, step);
        let request = set(step.request(&office.root, &path, step.body()), "if-match", "\"0000000000000000\"");
        let answer = office.send(request);
        assert_eq!(answer.status == 412, step.heeds, "{}: {}", step.name, answer.body);
        assert_eq!(step.heeds, step.may_be_412, "{}", step.name);
    }
    assert!(steps(&office).iter().all(|step| step.method != "GET" || !step.heeds && !step.may_be_412));
}

/// Whether an event lists the object of the call: the one in the path, or the one that was made.
fn touches(objects: &str, step: &Step, path: &str, answer: &Answer) -> bool {
    let one = answer.body["items"].get(0).unwrap_or(&answer.body);
    let made = one["id"].as_str().or(one["kid"].as_str()).unwrap_or_default();
    let named = path.split('/').nth(2).unwrap_or(made);
    let object = |id: &str| format!("{}:{id}", step.noun());
    objects.split(' ').any(|one| one == object(named) || one == object(made))
}

/// Makes what the call is about, and tells the path of the call.
fn prepared(office: &Office, step: &Step) -> String {
    if !step.path.contains("{id}") {
        if step.name == "me.api-tokens.revoke-all" {
            api_token(office, "root");
        }
        return step.path.clone();
    }
    let noun = step.path.split('/').nth(1).unwrap();
    let id = match noun {
        "sessions" | "consents" => existing(office, noun),
        "api-tokens" => api_token(office, "alice"),
        "api-accounts" if step.name.starts_with("api-accounts.") => own_account(office, step),
        "api-accounts" => account(office),
        "registered-auths" => registered_auth(office),
        "access-requests" => access_request(office, step),
        _ => {
            let made = office.post(&format!("/{noun}"), fixture(noun, &step.name));
            assert_eq!(made.status, 201, "{}: {}", step.name, made.body);
            made.body["id"].as_str().unwrap().to_owned()
        }
    };
    if step.path.ends_with("/enable") {
        let disabled = office.call(&office.root, "POST", &format!("/{noun}/{id}/disable"), None);
        assert_eq!(disabled.status, 200, "{}", disabled.body);
    }
    if step.name == "users.api-tokens.revoke-all" {
        api_token(office, &id);
    }
    inner(office, step.path.replace("{id}", &id), &id)
}

/// The path, with what it names below a client made.
fn inner(office: &Office, path: String, client: &str) -> String {
    let below = [("{secret}", "secrets", None), ("{user}", "users", Some(json!({"username": "a-member"})))];
    let Some((part, noun, body)) = below.into_iter().find(|(part, ..)| path.contains(part)) else {
        return path;
    };
    let made = office.call(&office.root, "POST", &format!("/clients/{client}/{noun}"), body);
    path.replace(part, made.body["id"].as_str().unwrap())
}

/// A token of somebody's.
fn api_token(office: &Office, owner: &str) -> String {
    let made = office.post(&format!("/users/{owner}/api-tokens"), json!({"name": "token"}));
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

/// An API account that the step alone is about, with a token where it is about all of them.
fn own_account(office: &Office, step: &Step) -> String {
    let orders = json!([{"api": "https://orders.example", "level": "full"}]);
    // The first secret is shown to its owner alone.
    let owner = if step.name == "api-accounts.secrets.reveal" { "root" } else { "alice" };
    let owner = json!({"type": "user", "id": owner});
    let made = office.post("/api-accounts", json!({"name": step.name, "owner": owner, "access": orders}));
    assert_eq!(made.status, 201, "{}: {}", step.name, made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    if step.path.ends_with("/revoke-all") {
        let token = office.post(&format!("/api-accounts/{id}/api-tokens"), json!({"name": "token"}));
        assert_eq!(token.status, 201, "{}", token.body);
    }
    id
}

/// An API account, and the provider of the examples.
fn account(office: &Office) -> String {
    let provider = steps(office).into_iter().find(|step| step.name == "providers.create").unwrap().example;
    // It may be there by now.
    office.post("/providers", provider.unwrap());
    vault::account(office)
}

/// An auth of the one account that there is.
fn registered_auth(office: &Office) -> String {
    let path = format!("/api-accounts/{}/registered-auths", account(office));
    let example =
        steps(office).into_iter().find(|step| step.name == "registered-auths.create").unwrap().example;
    let made = office.post(&path, example.unwrap());
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

/// A request for API access of somebody else's, in the state that the step is about; of one's own where it is to be withdrawn.
fn access_request(office: &Office, step: &Step) -> String {
    let user = if step.path.ends_with("/withdraw") { "root" } else { "alice" };
    let open = office.get(&format!("/access-requests?user={user}&status=requested"));
    let id = open.body["items"][0]["id"].as_str().map(str::to_owned);
    let id = id.unwrap_or_else(|| {
        let access = vec![Named { api: "https://orders.example".to_owned(), level: Level::Full }];
        let wish = access_requests::Wish { message: String::new(), access };
        let context = office.place.context();
        done(access_requests::create(user, wish, &by_operator(&context), &context)).id.to_string()
    });
    if step.path.ends_with("/renew") || step.path.ends_with("/revoke") {
        let approved = office.call(&office.root, "POST", &format!("/access-requests/{id}/approve"), None);
        assert_eq!(approved.status, 200, "{}", approved.body);
    }
    id
}

/// One that people have made by signing in and allowing.
fn existing(office: &Office, noun: &str) -> String {
    let browser = Browser::new(&office.place);
    office.place.code(&browser, &office.place.request(APP, &[]), "alice");
    let answer = office.get(&format!("/{noun}?user=alice"));
    let items = answer.body["items"].as_array().unwrap();
    items.last().unwrap_or_else(|| panic!("{noun}: {}", answer.body))["id"].as_str().unwrap().to_owned()
}

/// An object to be changed, of another name than the examples'.
fn fixture(noun: &str, name: &str) -> Value {
    match noun {
        "users" => json!({"username": name.replace('.', "-")}),
        "apis" => json!({"name": name, "identifier": format!("https://{name}.example")}),
        "clients" => json!({"name": name, "client_id": name}),
        "providers" => json!({
            "name": name, "key": name.to_lowercase(), "fields": [{"name": "a", "label": "A", "type": "text"}],
        }),
        _ => json!({ "name": name }),
    }
}
