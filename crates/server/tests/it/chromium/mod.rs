//! The pages in a real browser: headless Chromium, driven by WebDriver. What is looked at here is what only a browser knows:
//! whether its policies let everything through that has to, without scripts too, and whether a page fits a phone.

mod api;
mod driver;
mod pages;
