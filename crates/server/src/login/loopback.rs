//! The listener on the loopback interface (RFC 8252 §7.3, §8.3): an address and not a name, a port that the system chooses,
//! open only as long as one answer is waited for. Owns telling that answer from whatever else comes to the port: browsers
//! connect ahead of time and ask for icons, and any page may send a browser here.

use super::page::Page;
use crate::failure::Failure;
use doorward_protocol::params::Params;
use doorward_protocol::time::Lifetime;
use std::io::Write;
use std::net::Ipv4Addr;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;

const PATH: &str = "/callback";
/// As much of a request as is read.
const LONGEST_HEAD: usize = 16 * 1024;
/// For a visitor to say what they want, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections looked at beside one another; more wait.
const MOST_VISITORS: usize = 16;

/// A listener for one answer.
pub(super) struct Loopback {
    runtime: Runtime,
    listener: TcpListener,
    port: u16,
}

/// The answer, and the browser that brought it and waits for a page.
pub(super) struct Arrival {
    /// What it says.
    pub(super) parameters: Vec<(String, String)>,
    browser: std::net::TcpStream,
}

impl Loopback {
    /// Listens on a port that the system chooses.
    pub(super) fn bind() -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(Failure::unreachable)?;
        let bound = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        let (port, listener) =
            bound.map_err(|error| Failure::unreachable(format!("cannot listen on 127.0.0.1: {error}")))?;
        Ok(Self { runtime, listener, port })
    }

    /// Where the answer is to go.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// Waits for the answer with this `state`. Everything else is told to go away, and changes nothing.
    pub(super) fn wait(self, state: &str, patience: Lifetime) -> Result<Arrival, Failure> {
        let Self { runtime, listener, .. } = self;
        runtime
            .block_on(async { timeout(patience.into(), answer(&listener, state)).await })
            .map_err(|_| Failure::refused(format!("nobody came back within {} seconds", patience.0)))
    }
}

async fn answer(listener: &TcpListener, state: &str) -> Arrival {
    let mut visitors = JoinSet::new();
    loop {
        tokio::select! {
            Some(left) = visitors.join_next() => {
                if let Ok(Some(arrival)) = left {
                    return arrival;
                }
            }
            accepted = listener.accept(), if visitors.len() < MOST_VISITORS => {
                // One that went again is no loss.
                if let Ok((browser, _)) = accepted {
                    let state = state.to_owned();
                    visitors.spawn(async move { timeout(PATIENCE, visit(browser, &state)).await.ok().flatten() });
                }
            }
        }
    }
}

/// Hears what one visitor wants, and keeps the one who is waited for.
async fn visit(mut browser: TcpStream, state: &str) -> Option<Arrival> {
    let head = head(&mut browser).await?;
    let page = match query(&head) {
        Some(query) => match Params::parse(query.as_bytes()) {
            Ok(parameters) if is_ours(&parameters, state) => {
                let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
                let parameters = parameters.pairs().map(owned).collect();
                return Some(Arrival { parameters, browser: browser.into_std().ok()? });
            }
            _ => Page::unexpected(),
        },
        None => Page::absent(),
    };
    show(&page, browser.into_std().ok()?);
    None
}

/// RFC 6749 §10.12: whoever does not know the state did not answer our request.
fn is_ours(parameters: &Params<'_>, state: &str) -> bool {
    parameters.value("state").is_some_and(|given| given.as_bytes().ct_eq(state.as_bytes()).into())
}

/// The request line and headers, which is all there is to a GET.
async fn head(browser: &mut TcpStream) -> Option<String> {
    let mut head = Vec::with_capacity(1024);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = browser.read_buf(&mut head).await.ok()?;
        if read == 0 || head.len() > LONGEST_HEAD {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// The query of a request for our path (RFC 9112 §3).
fn query(head: &str) -> Option<&str> {
    let mut line = head.lines().next()?.split(' ');
    let (Some("GET"), Some(target)) = (line.next(), line.next()) else { return None };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path == PATH).then_some(query)
}

impl Arrival {
    /// Gives the browser its page.
    pub(super) fn answer(self, page: &Page) {
        show(page, self.browser);
    }
}

/// Writes a page, which every socket has room for at once, and ends the connection. Whether somebody reads it is not our
/// business.
fn show(page: &Page, mut browser: std::net::TcpStream) {
    let mut write = || {
        browser.set_nonblocking(false)?;
        browser.set_write_timeout(Some(PATIENCE))?;
        browser.write_all(page.response().as_bytes())
    };
    drop(write());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpStream as Visitor;

    /// What a visitor hears who says this; the listener waits beside them.
    fn hear(port: u16, request: &str) -> String {
        let mut visitor = Visitor::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        visitor.set_read_timeout(Some(PATIENCE)).unwrap();
        visitor.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        visitor.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(target: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    }

    /// RFC 8252 §8.9, RFC 6749 §10.12: what does not know the state is told to go away, and the wait goes on.
    #[test]
    fn only_the_answer_to_our_request_ends_the_wait() {
        let loopback = Loopback::bind().unwrap();
        let port = loopback.port;
        assert_eq!(loopback.redirect_uri(), format!("http://127.0.0.1:{port}/callback"));
        let waiting = std::thread::spawn(move || loopback.wait("right", Lifetime::minutes(1)).unwrap());
        // As browsers do ahead of time.
        let idle = Visitor::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        for target in
            ["/callback?code=evil&state=wrong", "/callback?code=evil", "/callback?state=right&state=right"]
        {
            assert!(hear(port, &get(target)).starts_with("HTTP/1.1 400"), "{target}");
        }
        for request in [
            &get("/favicon.ico"),
            &get("/callback/?state=right"),
            "POST /callback?state=right HTTP/1.1\r\n\r\n",
        ] {
            assert!(hear(port, request).starts_with("HTTP/1.1 404"), "{request}");
        }
        let answer = std::thread::spawn(move || hear(port, &get("/callback?code=a%20b&state=right")));
        let arrival = waiting.join().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(arrival.parameters, [pair("code", "a b"), pair("state", "right")]);
        arrival.answer(&Page::SIGNED_IN);
        assert!(answer.join().unwrap().contains("You are signed in"));
        drop(idle);
    }

    #[test]
    fn the_wait_has_an_end() {
        let failure = Loopback::bind().unwrap().wait("s", Lifetime(0)).err().unwrap();
        assert_eq!(failure.to_string(), "nobody came back within 0 seconds");
    }
}
