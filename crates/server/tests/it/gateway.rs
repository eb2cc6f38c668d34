//! Gateways that ask before they let a request through, set up word for word as `docs/forward-auth.md` says. Owns which of its
//! configurations are tried, and what is changed in them: addresses, and nothing else.

use crate::caddy::Caddy;
use crate::nginx::Nginx;
use crate::upstream::Upstream;
use doorward_testkit::ports::free_port;

const PAGE: &str = include_str!("../../../../docs/forward-auth.md");
const EXAMPLE: &str = include_str!("../../../../examples/forward-auth-nginx/nginx.conf");

/// How they say which API it is.
const NAMED: &str = "?api=https://stock.example";

/// A running gateway.
pub(crate) struct Gateway {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    _process: Process,
}

#[expect(dead_code, reason = "they are held until the test ends")]
enum Process {
    Nginx(Nginx),
    Caddy(Caddy),
}

/// Each gateway that the page has words for, and that is here: before this API, asking at this port.
pub(crate) fn all(doorward: u16, api: &Upstream) -> Vec<Gateway> {
    [nginx(doorward, api, NAMED), caddy(doorward, api, NAMED)].into_iter().flatten().collect()
}

/// The same, where they do not say which API it is: Caddy by the page's other words for how it asks.
pub(crate) fn unnamed(doorward: u16, api: &Upstream) -> Vec<Gateway> {
    [nginx(doorward, api, ""), caddy(doorward, api, "?")].into_iter().flatten().collect()
}

fn nginx(doorward: u16, api: &Upstream, named: &str) -> Option<Gateway> {
    let port = free_port();
    let listen = format!("server {{\n    listen 127.0.0.1:{port};\n");
    let words = words("nginx", doorward, api, &[(NAMED, named), ("server {\n", &listen)]);
    Nginx::start(port, &words).map(|nginx| Gateway { name: "nginx", port, _process: Process::Nginx(nginx) })
}

fn caddy(doorward: u16, api: &Upstream, named: &str) -> Option<Gateway> {
    let port = free_port();
    let site = format!("{{\n    admin off\n}}\nhttp://:{port} {{\n    bind 127.0.0.1\n");
    let words = words("caddyfile", doorward, api, &[(NAMED, named), ("stock.example.com {\n", &site)]);
    Caddy::start(port, &words).map(|caddy| Gateway { name: "caddy", port, _process: Process::Caddy(caddy) })
}

/// The page's first block in this language, with the addresses of here.
fn words(language: &str, doorward: u16, api: &Upstream, more: &[(&str, &str)]) -> String {
    let (doorward, api) = (format!("127.0.0.1:{doorward}"), format!("127.0.0.1:{}", api.port));
    let addresses = [("10.0.0.1:8080", doorward.as_str()), ("10.0.0.7:9000", &api)];
    addresses.iter().chain(more).fold(block(language).to_owned(), |words, (there, here)| {
        assert_eq!(words.matches(there).count(), 1, "{there} in {words}");
        words.replace(there, here)
    })
}

fn block(language: &str) -> &'static str {
    let (_, after) = PAGE.split_once(&format!("```{language}\n")).expect("the page has such a block");
    after.split_once("```").expect("which ends").0
}

/// What nginx is told where it stands before an API, line by line.
fn locations(words: &str) -> Vec<String> {
    let here = |line: &str| {
        line.trim()
            .replace("https://stock.example", "https://api.demo.example")
            .replace("http://stock;", "http://orders;")
    };
    let from = words.lines().map(here).skip_while(|line| line != "location / {");
    from.take_while(|line| line != "# The API. It lets everybody in, and says whom it was told of.")
        .filter(|line| !line.is_empty())
        .collect()
}

/// What Caddy is told of how to ask, line by line.
fn asking(words: &str) -> Vec<String> {
    let from = words.lines().map(str::trim).skip_while(|line| !line.starts_with("forward_auth "));
    from.take_while(|line| !line.is_empty() && *line != "```").map(|line| line.replace(NAMED, "?")).collect()
}

#[test]
fn caddy_asks_for_all_apis_as_it_does_for_one_but_for_the_name() {
    let (_, after) = PAGE.split_once("  ```caddyfile\n").expect("the page has a block for all APIs");
    assert!(asking(after).contains(&"uri /verify?".to_owned()), "{after}");
    assert_eq!(asking(after), asking(block("caddyfile")));
}

#[test]
fn the_example_of_nginx_says_what_the_page_says() {
    assert_eq!(locations(EXAMPLE), locations(block("nginx")));
}
