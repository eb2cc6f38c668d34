//! `doorward audit verify`: whether the trail is whole.

use super::super::answer::Answer;
use super::super::sheet::Sheet;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::trail::report::{Finding, Report, Wrong};
use doorward_core::trail::verify::{self, Kept, Known};
use doorward_protocol::time::Seconds;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
It ends with 1 when something is wrong, and says what and where. What it cannot show, docs/operations.md says: above all,
only checkpoints that are kept elsewhere show that a whole database was put back to an earlier state.

Examples:
  doorward audit verify
  doorward audit verify --checkpoints /mnt/elsewhere/checkpoints.log
  doorward audit verify --attested-since 2026-11-27T09:00:00Z";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// Compare the trail with the checkpoints in this file, too: one a line, as `audit.checkpoint_file` has them, or the server's log.
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
    /// Since when events are attested, as an earlier report said which you have looked at (RFC 3339): another time is a finding,
    /// what is older than it is none.
    #[arg(long, value_name = "TIME")]
    attested_since: Option<Seconds>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let checkpoints = arguments.checkpoints.as_deref().map(checkpoints).transpose()?.unwrap_or_default();
    let known = Known { checkpoints, attested_since: arguments.attested_since };
    let report = verify::verify(context.cache.store(), context.audit, &known, context.now).await?;
    let elsewhere = known.checkpoints.len();
    Ok(Answer::new(text(&report, elsewhere), &told(&report, elsewhere))?.bad(!report.is_whole()))
}

/// The checkpoints in a file of them, or in a log, whose other lines are none.
fn checkpoints(file: &Path) -> Result<Vec<Kept>, Failure> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failure::refused(format!("{}: {error}", file.display())))?;
    let lines = text.lines().enumerate();
    let kept = lines.filter_map(|(number, line)| {
        let at = format!("{}, line {}", file.display(), number + 1);
        checkpoint(line).map(|text| Kept { at, text: text.to_owned() })
    });
    let kept: Vec<_> = kept.collect();
    if kept.is_empty() {
        return Err(Failure::refused(format!("{}: there is no checkpoint in it", file.display())));
    }
    Ok(kept)
}

/// The statement in a line: all of it, or what a log names so.
fn checkpoint(line: &str) -> Option<&str> {
    let line = line.trim();
    let ends = |c: char| c == '"' || c.is_whitespace();
    let named = ["\"checkpoint\":\"", "checkpoint=\"", "checkpoint="];
    let after = named.iter().find_map(|name| line.split_once(name)).map(|(_, after)| after);
    match after {
        Some(after) => after.split(ends).next(),
        None => Some(line).filter(|line| !line.is_empty() && !line.contains(ends)),
    }
}

fn text(report: &Report, elsewhere: usize) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        text.push_str(&format!("{}: {}\n", place(finding), finding.wrong));
    }
    let told = u64::try_from(report.findings.len()).unwrap_or(u64::MAX);
    if report.wrong > told {
        text.push_str(&format!("and {} more\n", report.wrong - told));
    }
    let verdict = match report.wrong {
        0 if report.is_whole() => "The audit trail is whole.\n\n".to_owned(),
        0 => "Nothing is wrong with what could be looked at, which is not all.\n\n".to_owned(),
        1 => "The audit trail was tampered with: 1 finding.\n\n".to_owned(),
        wrong => format!("The audit trail was tampered with: {wrong} findings.\n\n"),
    };
    text.push_str(&verdict);
    let missing = report.missing_versions.iter().map(|version| {
        format!("version {version} of the master key is missing: what hangs on it was not looked at")
    });
    let oldest = report.oldest_unchained.map(|oldest| format!(", the oldest since {oldest}"));
    let sheet = Sheet::default()
        .with_all("attested since", report.attested_since.map(|since| since.to_string()))
        .with("events", report.events)
        .with("numbers", format!("after {} to {}", report.after, report.last))
        .with("checkpoints that agree", report.checkpoints)
        .with(
            "kept elsewhere",
            match elsewhere {
                0 => "none was given: whether the trail was put back to an earlier state, they alone tell"
                    .to_owned(),
                count => count.to_string(),
            },
        )
        .with("unattested, of an earlier release", report.unattested)
        .with("not numbered yet", format!("{}{}", report.unchained, oldest.unwrap_or_default()))
        .with_all("not checked", missing);
    text + &sheet.text()
}

fn place(finding: &Finding) -> String {
    match (finding.seq, &finding.id) {
        (Some(seq), Some(id)) => format!("{seq} (event {id})"),
        (Some(seq), None) => seq.to_string(),
        (None, Some(place)) if finding.wrong == Wrong::Forged => place.clone(),
        (None, Some(id)) => format!("event {id}"),
        (None, None) => "the trail".to_owned(),
    }
}

fn told(report: &Report, elsewhere: usize) -> Value {
    let findings = report.findings.iter().map(|finding| {
        json!({
            "seq": finding.seq,
            "id": finding.id,
            "wrong": finding.wrong.word(),
            "detail": finding.wrong.to_string(),
        })
    });
    json!({
        "whole": report.is_whole(),
        "wrong": report.wrong,
        "findings": findings.collect::<Vec<_>>(),
        "attested_since": report.attested_since.map(|since| since.to_string()),
        "events": report.events,
        "after": report.after,
        "last": report.last,
        "checkpoints": report.checkpoints,
        "checkpoints_elsewhere": elsewhere,
        "unattested": report.unattested,
        "unchained": report.unchained,
        "oldest_unchained": report.oldest_unchained.map(|oldest| oldest.to_string()),
        "missing_master_key_versions": report.missing_versions,
    })
}

#[cfg(test)]
mod tests {
    use super::checkpoint;

    #[test]
    fn a_checkpoint_is_found_in_whatever_line() {
        for line in [
            "eyJ0.eyJp.c2ln",
            "  eyJ0.eyJp.c2ln\r",
            r#"{"target":"doorward::audit","seq":5,"checkpoint":"eyJ0.eyJp.c2ln"}"#,
            r#"2026-11-28 INFO doorward::audit: a checkpoint seq=5 checkpoint="eyJ0.eyJp.c2ln""#,
            "INFO a checkpoint of the audit trail checkpoint=eyJ0.eyJp.c2ln seq=5",
        ] {
            assert_eq!(checkpoint(line), Some("eyJ0.eyJp.c2ln"), "{line}");
        }
        for line in ["", "  ", "listening at 127.0.0.1", r#"{"message":"x"}"#] {
            assert_eq!(checkpoint(line), None, "{line}");
        }
    }
}
