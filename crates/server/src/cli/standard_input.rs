//! Secrets on their way in. They come from standard input, because every user of the machine can read arguments; at a
//! terminal a password is not shown while it is typed. Owns the reading; what a secret is good for is the command's business.

use super::answer::aside;
use crate::failure::Failure;
use doorward_protocol::secret::Secret;
use std::io::{self, IsTerminal, Read};

/// Longer than any token, and than any password.
const LONGEST: u64 = 64 * 1024;

/// A token, without the spaces and line breaks around it.
pub(super) fn token() -> Result<Secret, Failure> {
    if io::stdin().is_terminal() {
        aside("Paste the token, then press Enter and Ctrl-D.\n");
    }
    let text = whole()?;
    Ok(Secret::new(text.expose().trim().to_owned()))
}

/// A password: one line, as it is. Whoever types it blindly types it twice.
pub(super) fn password() -> Result<Secret, Failure> {
    if !io::stdin().is_terminal() {
        return whole().map(|text| line_of(&text));
    }
    let (password, again) = (typed("Password: ")?, typed("The same again: ")?);
    if password.expose() == again.expose() {
        Ok(password)
    } else {
        Err(Failure::usage("the two passwords are not the same"))
    }
}

fn whole() -> Result<Secret, Failure> {
    let mut text = String::with_capacity(1024);
    let read = io::stdin().lock().take(LONGEST).read_to_string(&mut text);
    let text = Secret::new(text);
    read.map_err(|error| unreadable(&error))?;
    Ok(text)
}

fn typed(prompt: &str) -> Result<Secret, Failure> {
    aside(prompt);
    let mut text = String::with_capacity(1024);
    let read = unseen(|| io::stdin().read_line(&mut text));
    aside("\n");
    let text = Secret::new(text);
    read.map_err(|error| unreadable(&error))?;
    Ok(line_of(&text))
}

/// Without the line break that ends it, and with all others: those are for the rules of passwords to refuse.
fn line_of(text: &Secret) -> Secret {
    let text = text.expose();
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    Secret::new(line.unwrap_or(text).to_owned())
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::refused(format!("standard input cannot be read: {error}"))
}

/// Does something while the terminal does not show what is typed.
#[cfg(unix)]
fn unseen<T>(read: impl FnOnce() -> T) -> T {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let terminal = io::stdin();
    let Ok(shown) = tcgetattr(&terminal) else { return read() };
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    // A terminal that cannot be told is no reason to refuse what its user wants.
    let _ = tcsetattr(&terminal, OptionalActions::Flush, &hidden);
    let value = read();
    let _ = tcsetattr(&terminal, OptionalActions::Now, &shown);
    value
}

#[cfg(not(unix))]
fn unseen<T>(read: impl FnOnce() -> T) -> T {
    read()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_keeps_everything_but_the_end_of_its_line() {
        for (text, line) in
            [("a b \n", "a b "), ("a\r\n", "a"), ("a", "a"), ("a\n\n", "a\n"), ("\n", ""), ("a\r", "a\r")]
        {
            assert_eq!(line_of(&Secret::new(text.to_owned())).expose(), line, "{text:?}");
        }
    }
}
