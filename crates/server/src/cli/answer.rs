//! What a command answers, for people and for programs, and where it goes: answers to standard output, complaints to
//! standard error, so that a pipe holds nothing but what was asked for.

use crate::cli::sheet::Sheet;
use crate::failure::Failure;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};
use std::process::ExitCode;

/// An answer in both of its forms.
#[derive(Debug)]
pub(crate) struct Answer {
    text: String,
    /// Absent where the REST API would answer without a body.
    json: Option<Value>,
    /// Whether what was looked for is wrong: the process ends as if refused.
    bad: bool,
}

impl Answer {
    /// An answer with a form for programs.
    pub(crate) fn new(text: impl Into<String>, json: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_value(json).map_err(Failure::refused)?;
        Ok(Self { text: text.into(), json: Some(json), bad: false })
    }

    /// A sheet under a first line, if there is one.
    pub(crate) fn sheet(first: &str, sheet: &Sheet, json: &impl Serialize) -> Result<Self, Failure> {
        let first = if first.is_empty() { String::new() } else { format!("{first}\n\n") };
        Self::new(first + &sheet.text(), json)
    }

    /// An answer that says "done" to people, and to programs by its exit code.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), json: None, bad: false }
    }

    /// The same, which tells of something that is wrong.
    pub(crate) const fn bad(mut self, bad: bool) -> Self {
        self.bad = bad;
        self
    }

    /// Nothing more to say.
    pub(crate) const fn silent() -> Self {
        Self { text: String::new(), json: None, bad: false }
    }
}

/// Prints what came of a command, and tells how the process ends.
pub(crate) fn print(json: bool, answered: Result<Answer, Failure>) -> ExitCode {
    match answered {
        Ok(answer) => print_answer(json, &answer),
        Err(failure) => {
            let text = if json { pretty(&failure.problem()) } else { complaint(&failure) };
            aside(&format!("{text}\n"));
            failure.exit_code()
        }
    }
}

/// Writes a text that stands for itself, with a newline at its end, to standard output: in one piece, so that whoever
/// watches a file sees all of it or nothing.
pub(crate) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{}\n", text.trim_end_matches('\n')).as_bytes())?;
    out.flush()
}

/// Writes to standard error what is not the answer: complaints, and what to do meanwhile.
pub(crate) fn aside(text: &str) {
    let mut err = io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
}

/// JSON that people can read, too, and that commands no terminal: what JSON would let stand of control characters is
/// escaped.
pub(crate) fn pretty(value: &Value) -> String {
    let text = format!("{value:#}");
    if !text.contains(must_be_escaped) {
        return text;
    }
    let escaped = |c: char| if must_be_escaped(c) { format!("\\u{:04x}", u32::from(c)) } else { c.into() };
    text.chars().map(escaped).collect()
}

fn must_be_escaped(c: char) -> bool {
    c.is_control() && c != '\n'
}

fn print_answer(json: bool, answer: &Answer) -> ExitCode {
    let text = match (&answer.json, json) {
        (Some(value), true) => pretty(value),
        (None, true) => return ExitCode::SUCCESS,
        (_, false) if answer.text.is_empty() => return ExitCode::SUCCESS,
        (_, false) => answer.text.clone(),
    };
    match say(&text) {
        Ok(()) if answer.bad => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
        // `doorward client list | head`: the reader has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(u8::from(answer.bad)),
        Err(_) => ExitCode::FAILURE,
    }
}

fn complaint(failure: &Failure) -> String {
    let text = failure.to_string();
    let mut lines = text.lines().map(harmless);
    let first = format!("doorward: {}", lines.next().unwrap_or_default());
    lines.fold(first, |text, line| format!("{text}\n  {line}"))
}

/// A complaint repeats what others have said, such as another server; none of it is to command the terminal.
fn harmless(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_says_every_line_and_commands_no_terminal() {
        let failure = Failure::refused("at \u{1b}[2Jhttp\u{9b}31m\r\u{7f}\nand beneath");
        assert_eq!(
            complaint(&failure),
            "doorward: at \u{fffd}[2Jhttp\u{fffd}31m\u{fffd}\u{fffd}\n  and beneath"
        );
        let json = pretty(&failure.problem());
        assert!(!json.contains(must_be_escaped), "{json:?}");
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), failure.problem());
    }
}
