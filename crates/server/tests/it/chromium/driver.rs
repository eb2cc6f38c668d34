//! Chromium and its driver: found, started, asked, ended. Owns the browser's settings and what it wrote to its console.

use crate::harness::until;
use doorward_testkit::ports::free_port;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running driver, ended when dropped.
pub(super) struct Driver {
    child: Child,
    port: u16,
    chromium: PathBuf,
    profile: TempDir,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scripts {
    On,
    Off,
}

impl Driver {
    /// Starts the driver; without the programs, says so aloud.
    pub(super) fn start() -> Option<Self> {
        let (Some(chromium), Some(chromedriver)) = (found("chromium"), found("chromedriver")) else {
            writeln!(std::io::stderr(), "skipped: needs chromium and chromedriver").ok();
            return None;
        };
        let port = free_port();
        let child = Command::new(chromedriver)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver runs");
        until("chromedriver listens", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(Self { child, port, chromium, profile: TempDir::new().expect("a folder") })
    }

    /// A new browser.
    pub(super) async fn browser(&self, scripts: Scripts) -> Browser {
        let profile = self.profile.path().join(format!("{scripts:?}"));
        let javascript = if scripts == Scripts::On { 1 } else { 2 };
        let options = json!({
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "binary": self.chromium,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--hide-scrollbars", "--window-size=1100,900",
                    format!("--user-data-dir={}", profile.display()),
                ],
                "prefs": {"profile.managed_default_content_settings.javascript": javascript},
            },
        });
        let capabilities: Capabilities = options.as_object().expect("an object").clone();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .expect("chromedriver starts chromium");
        Browser { client }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A browser.
pub(super) struct Browser {
    pub(super) client: Client,
}

/// A command of Chromium's own driver.
#[derive(Debug)]
struct Chromium(&'static str, Value);

impl WebDriverCompatibleCommand for Chromium {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

impl Browser {
    /// What pages have made the browser complain about, but for statuses of ours that it notes as failed loads.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(Chromium("se/log", json!({"type": "browser"}))).await;
        let entries = entries.expect("chromedriver keeps a log");
        let messages = entries.as_array().expect("a list").iter();
        let messages = messages.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned());
        messages.filter(|message| !message.contains("Failed to load resource")).collect()
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.client.issue_cmd(Chromium("goog/cdp/execute", body)).await.expect("Chromium does as it is told")
    }

    /// How the page is looked at: `light` or `dark`, on so wide a screen.
    pub(super) async fn look(&self, scheme: &str, width: u32) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
        let mobile = width < 600;
        let metrics = json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": mobile});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The background that the page has, and how much wider it is than the screen.
    pub(super) async fn measured(&self) -> (String, i64) {
        let ask = "JSON.stringify([getComputedStyle(document.body).backgroundColor, \
                   document.documentElement.scrollWidth - document.documentElement.clientWidth])";
        let answer = self.devtools("Runtime.evaluate", json!({"expression": ask})).await;
        let text = answer["result"]["value"].as_str().expect("a text");
        serde_json::from_str(text).expect("a colour and a width")
    }
}
