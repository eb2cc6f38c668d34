//! `doorward audit verify`: whether the trail is whole.

use super::super::answer::Answer;
use super::super::sheet::Sheet;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::trail::report::{Finding, Report};
use doorward_core::trail::verify::{self, Known};
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
    /// Compare the trail with these checkpoints, too: one a line, as `audit.checkpoint_file` has them.
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
    Ok(Answer::new(text(&report), &told(&report))?.bad(!report.is_whole()))
}

fn checkpoints(file: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failure::refused(format!("{}: {error}", file.display())))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn text(report: &Report) -> String {
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
        .with("unattested, of an earlier release", report.unattested)
        .with("not numbered yet", format!("{}{}", report.unchained, oldest.unwrap_or_default()))
        .with_all("not checked", missing);
    text + &sheet.text()
}

fn place(finding: &Finding) -> String {
    match (finding.seq, &finding.id) {
        (Some(seq), Some(id)) => format!("{seq} (event {id})"),
        (Some(seq), None) => seq.to_string(),
        (None, Some(id)) => format!("event {id}"),
        (None, None) => "the trail".to_owned(),
    }
}

fn told(report: &Report) -> Value {
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
        "unattested": report.unattested,
        "unchained": report.unchained,
        "oldest_unchained": report.oldest_unchained.map(|oldest| oldest.to_string()),
        "missing_master_key_versions": report.missing_versions,
    })
}
