//! What scripts, password managers and readers of the screen rely on in the HTML of pages.

use crate::pages::tests_samples::{account, all, answered, body, shown, sign_in};
use doorward_core::endpoint::page::{Page, Then};
use doorward_core::sign_in::Notice;
use doorward_protocol::time::Lifetime;
use std::collections::HashSet;

fn page(name: &str) -> String {
    let then: Then = all("").into_iter().find(|(known, _)| *known == name).unwrap().1;
    body(&answered(then)).to_owned()
}

/// The tag that carries an id.
fn element<'a>(html: &'a str, id: &str) -> &'a str {
    let at = html.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is missing in {html}"));
    let from = html[..at].rfind('<').unwrap();
    &html[from..=at + html[at..].find('>').unwrap()]
}

#[test]
fn elements_have_their_promised_ids() {
    for (name, ids) in [
        ("sign_in", &["username", "password", "login"][..]),
        ("choose", &["another"]),
        ("consent", &["approve", "deny"]),
        ("setup", &["username", "password", "password_again", "continue"]),
        ("password", &["username", "current_password", "password", "password_again", "continue"]),
        ("account", &["change_password", "sign_out"]),
        ("sign_out", &["sign_out"]),
        ("leaked_tokens", &["token", "continue"]),
        ("form_post", &["continue"]),
    ] {
        let html = page(name);
        ids.iter().for_each(|id| assert!(!element(&html, id).is_empty()));
    }
    let consent = page("consent");
    assert!(element(&consent, "approve").contains("name=\"decision\" value=\"approve\""));
    assert!(element(&consent, "deny").contains("name=\"decision\" value=\"deny\""));
}

#[test]
fn every_form_posts_to_where_it_is_read_with_what_it_has_to_carry() {
    for (name, action) in [
        ("sign_in", "/t/id/login"),
        ("choose", "/t/id/login"),
        ("consent", "/t/id/consent"),
        ("setup", "/t/id/setup"),
        ("password", "/t/id/account/password"),
        ("account", "/t/id/account/consents"),
        ("account", "/t/oauth2/logout"),
        ("sign_out", "/t/oauth2/logout"),
    ] {
        let html = page(name);
        let form = html.split("<form").find(|form| form.contains(&format!("action=\"{action}\""))).unwrap();
        let form = form.split("</form>").next().unwrap();
        assert!(form.starts_with(" method=\"post\""), "{name}");
        assert!(
            form.contains("<input type=\"hidden\" name=\"interaction\" value=\"interaction\">"),
            "{name} {form}"
        );
        assert!(form.contains("<input type=\"hidden\" name=\"csrf\" value=\"csrf\">"), "{name}");
    }
    assert!(page("setup").contains("<input type=\"hidden\" name=\"token\" value=\"token\">"));
}

#[test]
fn password_managers_know_what_a_field_is_for() {
    let (sign_in, setup, change) = (page("sign_in"), page("setup"), page("password"));
    for (html, id, purpose) in [
        (&sign_in, "username", "username"),
        (&sign_in, "password", "current-password"),
        (&setup, "username", "username"),
        (&setup, "password", "new-password"),
        (&setup, "password_again", "new-password"),
        (&change, "current_password", "current-password"),
        (&change, "password", "new-password"),
        (&change, "password_again", "new-password"),
    ] {
        assert!(element(html, id).contains(&format!("autocomplete=\"{purpose}\"")), "{id} {purpose}");
    }
    assert!(!element(&setup, "username").contains("name="), "it is shown, not sent");
}

#[test]
fn the_cursor_waits_where_something_is_to_be_typed() {
    let autofocus = |html: &str, id: &str| element(html, id).contains(" autofocus");
    let known = page("sign_in");
    assert!(!autofocus(&known, "username") && autofocus(&known, "password"));
    let mut unknown = sign_in("", None);
    unknown.username.clear();
    let unknown = shown(Page::SignIn(unknown));
    assert!(autofocus(body(&unknown), "username") && !autofocus(body(&unknown), "password"));
    let (setup, change) = (page("setup"), page("password"));
    assert!(autofocus(&setup, "password"));
    assert!(!autofocus(&change, "password") && autofocus(&change, "current_password"));
    let consent = page("consent");
    assert!(!consent.contains("autofocus"), "a key that was already on its way must not allow anything");
}

#[test]
fn what_was_wrong_is_said_beside_the_field() {
    let wrong = page("sign_in_wrong");
    assert!(element(&wrong, "notice").contains("role=\"alert\""));
    for id in ["username", "password"] {
        let field = element(&wrong, id);
        assert!(
            field.contains("aria-describedby=\"notice\"") && field.contains("aria-invalid=\"true\""),
            "{field}"
        );
    }
    let again = page("sign_in_again");
    assert!(element(&again, "notice").contains("role=\"status\"") && !again.contains("aria-invalid"));
    let many = sign_in("", Some(Notice::TooManyAttempts(Lifetime::minutes(1))));
    let many = shown(Page::SignIn(many));
    assert!(
        element(body(&many), "notice").contains("role=\"alert\"") && !body(&many).contains("aria-invalid")
    );
    for name in ["setup_wrong", "password_wrong"] {
        let html = page(name);
        assert!(element(&html, "wrong").contains("role=\"alert\""), "{name}");
        assert!(
            element(&html, "password").contains("aria-describedby=\"rule wrong\" aria-invalid"),
            "{name}"
        );
        assert!(element(&html, "password_again").contains("aria-describedby=\"wrong\""), "{name}");
    }
}

#[test]
fn what_describes_a_field_is_there_and_ids_are_given_once() {
    for (name, then) in all("") {
        let answer = answered(then);
        let html = body(&answer);
        let ids: Vec<_> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{name}: {ids:?}");
        for attribute in [" aria-describedby=\"", " aria-labelledby=\"", " for=\""] {
            let named =
                html.split(attribute).skip(1).flat_map(|rest| rest.split('"').next().unwrap().split(' '));
            named.for_each(|id| assert!(ids.contains(&id), "{name}: {id}"));
        }
        for part in ["<html lang=\"en\">", "<header>", "<main", "<h1>", "name=\"viewport\""] {
            assert_eq!(html.matches(part).count(), 1, "{name}: {part}");
        }
    }
}

/// OWASP ASVS 10.7.2: a person sees who asks, for what, where it leads and for how long.
#[test]
fn a_consent_says_what_it_is_about() {
    let html = page("consent");
    for part in [
        "Allow client?",
        "<strong>alice</strong>",
        "Know your name",
        "At Orders",
        "https://api.example/",
        "Read your orders",
        "app.example",
        "10 minutes",
        "for up to 180 days",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
}

#[test]
fn an_account_lists_what_was_allowed_each_with_its_way_back() {
    let html = page("account");
    for consent in account("").consents {
        assert!(html.contains(&format!("name=\"consent\" value=\"{}\"", consent.id)));
    }
    assert!(html.contains("<time datetime=\"2026-11-24T00:00:00Z\">24 November 2026</time>"), "{html}");
    let mut vouched_for = account("");
    vouched_for.has_password = false;
    assert!(!body(&shown(Page::Account(vouched_for))).contains("change_password"));
}

#[test]
fn who_is_wrong_is_not_said() {
    let text = |username: &str| {
        let mut page = sign_in("", Some(Notice::WrongCredentials));
        username.clone_into(&mut page.username);
        body(&shown(Page::SignIn(page))).replace(username, "")
    };
    assert_eq!(text("known"), text("other"));
}
