//! The description of the management API in Chromium, with scripts and without.

use super::driver::{Browser, Driver, Scripts};
use super::pages::look;
use crate::harness::Server;
use fantoccini::Locator;

async fn text(browser: &Browser, of: Locator<'_>) -> String {
    let element = browser.client.find(of).await.expect("it is on the page");
    element.text().await.expect("it has a text")
}

/// Everything is there without a script, and opens without one; nothing on the page is against its policy.
#[tokio::test]
async fn the_management_api_is_described_in_chromium() {
    let Some(driver) = Driver::start() else { return };
    let server = Server::start();
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = driver.browser(scripts).await;
        browser.client.goto(&server.url("/api/docs")).await.expect("a page");
        look(&browser, "api").await;
        assert!(!text(&browser, Locator::Id("groups.create")).await.contains("Needs the permission"));
        let summary = Locator::Css("[id='groups.create'] summary");
        let summary = browser.client.find(summary).await.expect("an operation");
        summary.click().await.expect("it opens");
        let opened = text(&browser, Locator::Id("groups.create")).await;
        assert!(opened.contains("groups:write") && opened.contains("\"Support\""), "{opened}");
        look(&browser, "api-opened").await;
        let link = browser.client.find(Locator::Id("openapi")).await.expect("a link for programs");
        link.click().await.expect("it leads on");
        let there = browser.client.current_url().await.expect("an address");
        assert_eq!(there.path(), "/api/openapi.json");
        assert_eq!(browser.complaints().await, [""; 0], "{scripts:?}");
        browser.client.clone().close().await.expect("the browser ends");
    }
}
