//! Panics as log events: where and on which thread, but not what was said, because the message of a panic may quote the
//! very secret that caused it. Catching panics is left to those who run jobs.

use std::panic::PanicHookInfo;

/// Replaces the hook that prints panics. Call once, after the logs are installed.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    tracing::error!(
        location,
        thread = thread.name().unwrap_or("unnamed"),
        "panicked; this is a bug in Doorward"
    );
}

#[cfg(test)]
mod tests {
    use crate::telemetry::json_lines::tests::logged;

    #[test]
    fn a_panic_is_logged_by_its_place_and_without_its_words() {
        let text = logged(|| {
            super::install();
            std::panic::catch_unwind(|| panic!("the secret is {}", "hunter2")).unwrap_err();
            drop(std::panic::take_hook());
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(line["location"].as_str().unwrap().contains("panics.rs:"));
        assert!(line["thread"].as_str().unwrap().ends_with("without_its_words"));
        assert!(!text.contains("hunter2"));
    }
}
