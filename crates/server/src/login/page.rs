//! What the person's browser shows when it comes back. Owns the page: it stands for itself, and asks nothing of anybody.

use crate::failure::Failure;

/// A page, with its status.
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    /// What is said besides; empty for nothing.
    sentence: String,
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:27rem;margin:15vh auto;padding:0 1rem;\
                     overflow-wrap:anywhere}h1{font-size:1.5rem}";

impl Page {
    /// All is well.
    pub(super) const SIGNED_IN: Self =
        Self { status: "200 OK", title: "You are signed in", sentence: String::new() };

    /// Not the answer that is waited for.
    pub(super) fn unexpected() -> Self {
        let sentence = "This is not the answer to the sign-in under way. Go back to the terminal, and open the address there.";
        Self { status: "400 Bad Request", title: "Nobody waits for this", sentence: sentence.to_owned() }
    }

    /// Nothing is here.
    pub(super) const fn absent() -> Self {
        Self { status: "404 Not Found", title: "There is nothing here", sentence: String::new() }
    }

    /// It did not work.
    pub(super) fn failed(failure: &Failure) -> Self {
        let reason = failure.to_string();
        Self { status: "200 OK", title: "Signing in did not work", sentence: format!("{reason}.") }
    }

    /// The whole response, after which the connection ends. What the address holds is used up by now, and is kept out of
    /// caches and referrers all the same.
    pub(super) fn response(&self) -> String {
        let (status, body) = (self.status, self.html());
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    fn html(&self) -> String {
        let title = self.title;
        let sentence = if self.sentence.is_empty() {
            String::new()
        } else {
            format!("<p>{}</p>\n", escaped(&self.sentence))
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <h1>{title}</h1>\n{sentence}<p>You can close this page, and go back to the terminal.</p>\n\
             </body>\n</html>\n"
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_text_and_never_markup() {
        let response = Page::failed(&Failure::refused("<img src=x onerror=alert(1)> & more")).response();
        assert!(response.contains("&lt;img src=x onerror=alert(1)&gt; &amp; more."), "{response}");
    }

    /// RFC 9112 §6.3: the length is that of the body.
    #[test]
    fn the_length_is_that_of_the_body() {
        let response = Page::failed(&Failure::refused("ä€")).response();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
    }
}
