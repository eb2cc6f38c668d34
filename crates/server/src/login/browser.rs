//! The person's own browser (RFC 8252 §4): never a window of ours, so that nobody has to trust us with their password. Owns
//! how it is asked to open a page; whether there is one, the person sees.

use std::process::{Command, Stdio};

/// Asks the system to open a page. Where that fails, the page is opened by hand.
pub(crate) fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // What becomes of the browser is the person's business.
    drop(command.spawn());
}
