//! What has no one reading is refused, and never repaired: another server may read it otherwise.

use crate::flows::place::ORDERS;
use crate::verify::asked::{Asked, CLIENT, place};
use doorward_protocol::words::Level;

/// RFC 3986 §6.2.2 and RFC 9112 §3.2: a path that servers read differently, and what is no target from the root on.
#[test]
fn an_odd_path_is_forbidden() {
    let place = place();
    let token = place.api_token("alice", Level::Full).value;
    for odd in [
        "/orders%2f7",
        "/orders%2F..%2fadmin",
        "/orders/../admin",
        "/orders/%2e%2e/admin",
        "/orders/./7",
        "/orders/.%2E/admin",
        "//orders",
        "/orders//7",
        "/orders#7",
        "/orders?a#b",
        "/orders;a=b/7",
        "/orders/%3b",
        "/orders\\7",
        "/orders%5c7",
        "/orders%00",
        "/orders%0a",
        "/orders%",
        "/orders%2",
        "/orders%zz",
        "/orders%252e",
        "orders/7",
        "",
        "*",
        "https://orders.example/orders/7",
        "?x",
        "/orders/\u{e4}",
        "/orders/a b",
        "/orders/<7>",
        "/orders/{7}",
    ] {
        for spelling in ["x-forwarded-uri", "x-original-url"] {
            if spelling == "x-original-url" && odd.starts_with("https:") {
                continue;
            }
            let asked = Asked::get(&token).without("x-forwarded-uri").with(spelling, odd);
            let answer = asked.answer(&place);
            assert_eq!((answer.status(), answer.challenge()), (403, ""), "{spelling}: {odd}");
        }
    }
    for odd in
        ["https://orders.example", "https://orders.example?x", "ftp://orders.example/", "//orders.example/"]
    {
        let asked = Asked::get(&token).without("x-forwarded-uri").with("x-original-url", odd);
        assert_eq!(asked.status(&place), 403, "{odd}");
    }
    for plain in ["/orders/7?next=/../x;y", "/", "/orders/", "/orders/%41?"] {
        assert_eq!(Asked::get(&token).with("x-forwarded-uri", plain).status(&place), 200, "{plain}");
    }
}

/// RFC 9110 §9.1: a method is one token.
#[test]
fn an_odd_method_is_forbidden() {
    let place = place();
    let token = place.api_token("alice", Level::Full).value;
    for odd in ["GET POST", "GET, POST", "GET,GET", "", "G\tT", "GET/", "\u{e4}"] {
        assert_eq!(Asked::get(&token).with("x-forwarded-method", odd).status(&place), 403, "{odd:?}");
        let nobody = Asked::get(&token).with("x-forwarded-method", odd).without("authorization");
        assert_eq!(nobody.status(&place), 403, "{odd:?} without a token");
    }
    let lower = Asked::get(&token).with("x-forwarded-method", "get");
    assert_eq!(lower.status(&place), 200, "full may everything, by any name");
    let read = place.api_token("alice", Level::Read).value;
    assert_eq!(Asked::get(&read).with("x-forwarded-method", "get").status(&place), 403, "which is not GET");
}

/// A client that strips or adds what its proxy tells gets no further by it.
#[test]
fn what_is_not_told_or_told_twice_is_forbidden() {
    let place = place();
    let token = place.api_token("alice", Level::Full).value;
    let good = Asked::get(&token);
    for name in ["x-forwarded-method", "x-forwarded-uri"] {
        assert_eq!(good.clone().without(name).status(&place), 403, "without {name}");
    }
    let full = good
        .clone()
        .with("x-forwarded-host", "orders.example")
        .with("x-original-method", "GET")
        .with("x-original-url", "https://orders.example/orders/7");
    assert_eq!(full.status(&place), 200, "both spellings say the same");
    for (name, value) in full.headers.clone() {
        // Addresses may come in several lines, which are one list.
        let expected = if name == "x-forwarded-for" { 200 } else { 403 };
        assert_eq!(full.clone().and(&name, &value).status(&place), expected, "{name} twice");
        assert_eq!(full.clone().and(&name, "").status(&place), 403, "{name}, and once more without a value");
    }
    assert_eq!(full.clone().and("x-api-key", "a").and("x-api-key", "a").status(&place), 403);
}

#[test]
fn two_spellings_that_differ_are_forbidden() {
    let place = place();
    let token = place.api_token("alice", Level::Full).value;
    for (name, value) in [
        ("x-original-method", "POST"),
        ("x-original-method", "get"),
        ("x-original-url", "/orders/8"),
        ("x-original-url", "/orders/7/"),
        ("x-original-url", "/orders/7?a"),
        ("x-original-url", "https://orders.example/orders/%37"),
    ] {
        assert_eq!(Asked::get(&token).with(name, value).status(&place), 403, "{name}: {value}");
    }
    let hosts = Asked::get(&token)
        .with("x-original-url", "https://orders.example/orders/7")
        .with("x-forwarded-host", "public.example");
    assert_eq!(hosts.status(&place), 403);
    for name in ["x-original-method", "x-original-url", "x-forwarded-host"] {
        assert_eq!(Asked::get(&token).with(name, "").status(&place), 200, "{name} says nothing");
    }
}

/// The other spelling alone does as well, as nginx sends it.
#[test]
fn either_spelling_is_enough() {
    let place = place();
    let token = place.api_token("alice", Level::Read).value;
    let asked = |method: &str, url: &str| {
        Asked { headers: vec![], ..Asked::get(&token) }
            .bearing(&token)
            .with("x-original-method", method)
            .with("x-original-url", url)
    };
    for url in ["/orders/7", "https://orders.example/orders/7?a=b", "http://10.0.0.3:8080/orders/7"] {
        assert_eq!(asked("GET", url).status(&place), 200, "{url}");
        assert_eq!(asked("POST", url).status(&place), 403, "{url}");
    }
}

/// RFC 7239 §6: an address that is none ends nothing: the request is not for whoever else could be meant.
#[test]
fn an_address_that_is_none_is_forbidden() {
    let place = place();
    let asked = Asked::get(&place.api_token("alice", Level::Full).value);
    for odd in [
        "unknown",
        "",
        "192.0.2.7.",
        "192.0.2.7, unknown",
        "192.0.2.7, 10.0.0.256",
        "orders.example",
        "_x",
        "192.0.2.7,",
    ] {
        assert_eq!(asked.clone().from(odd).status(&place), 403, "{odd}");
    }
    for plain in [CLIENT, "unknown, 192.0.2.7", "192.0.2.7:4711, 10.0.0.2", "2001:db8::1", "10.0.0.2"] {
        assert_eq!(asked.clone().from(plain).status(&place), 200, "{plain}");
    }
}

#[test]
fn the_query_names_one_api_and_nothing_else() {
    let place = place();
    let asked = Asked::get(&place.api_token("alice", Level::Full).value);
    let to = |query: &str| asked.clone().to(&format!("/verify{query}")).status(&place);
    let escaped = ORDERS.replace(':', "%3A").replace('/', "%2F");
    assert_eq!((to(&format!("?api={ORDERS}")), to(&format!("?api={escaped}"))), (200, 200));
    for odd in [
        "",
        "?",
        "?api",
        "?api=",
        "?api=%zz",
        "?x=y",
        &format!("?Api={ORDERS}"),
        &format!("?api={ORDERS}&"),
        &format!("?api={ORDERS}&api={ORDERS}"),
        &format!("?api={ORDERS}&x=y"),
        &format!("?x=y&api={ORDERS}"),
        &format!("?api={ORDERS}%00"),
        &format!("?api={ORDERS}/"),
        &format!("?api=+{ORDERS}"),
    ] {
        assert_eq!(to(odd), 403, "{odd}");
    }
}
