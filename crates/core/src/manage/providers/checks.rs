//! What the members of a provider have to be like. Owns the bounds of its form; what a value of it has to be like stands with the
//! field, in `vault`.

use crate::manage::providers::Members;
use crate::manage::{Findings, LONGEST_TEXT, name, text};
use crate::vault::pattern::Pattern;
use crate::vault::provider::{Field, Preset};
use doorward_protocol::id::Id;
use doorward_protocol::words::FieldType;

const MOST_FIELDS: usize = 32;
const MOST_PRESETS: usize = 32;
const MOST_CHOICES: usize = 100;
const LONGEST_KEY: usize = 64;

/// All members but the key.
pub(super) fn check(members: &Members, findings: &mut Findings) {
    name("/name", &members.name, findings);
    if members.fields.is_empty() {
        findings.add("/fields", "has one field at least");
    }
    at_most(MOST_FIELDS, members.fields.len(), "/fields", findings);
    at_most(MOST_PRESETS, members.presets.len(), "/presets", findings);
    for (at, field) in members.fields.iter().enumerate() {
        let place = format!("/fields/{at}");
        if members.fields[..at].iter().any(|other| other.name == field.name) {
            findings.add(format!("{place}/name"), "is the name of a field before");
        }
        check_field(field, &place, findings);
    }
    for (at, preset) in members.presets.iter().enumerate() {
        let place = format!("/presets/{at}");
        if members.presets[..at].iter().any(|other| other.key == preset.key) {
            findings.add(format!("{place}/key"), "is the key of a preset before");
        }
        check_preset(preset, &members.fields, &place, findings);
    }
}

/// What is written in addresses, programs and forms alike.
pub(super) fn key_of(pointer: impl Into<String>, key: &str, findings: &mut Findings) {
    let starts_well = key.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_plain = key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.'));
    if !starts_well || !is_plain || key.len() > LONGEST_KEY {
        findings.add(
            pointer,
            format!(
                "is 1 to {LONGEST_KEY} of a-z, 0-9, '_', '-' and '.', and begins with a letter or a digit"
            ),
        );
    } else if key.parse::<Id>().is_ok() {
        findings.add(pointer, "must not be shaped like an identifier");
    }
}

fn check_field(field: &Field, place: &str, findings: &mut Findings) {
    key_of(format!("{place}/name"), &field.name, findings);
    name(&format!("{place}/label"), &field.label, findings);
    text(&format!("{place}/help"), &field.help, LONGEST_TEXT, findings);
    if let Some(pattern) = &field.pattern {
        findings.check(format!("{place}/pattern"), Pattern::parse(pattern));
    }
    match (field.kind, field.choices.is_empty()) {
        (FieldType::Choice, true) => findings.add(format!("{place}/choices"), "has one choice at least"),
        (FieldType::Choice, false) => {}
        (_, true) => {}
        (_, false) => findings.add(format!("{place}/choices"), "is for fields of the type 'choice'"),
    }
    if field.kind == FieldType::Choice && field.pattern.is_some() {
        findings.add(format!("{place}/pattern"), "is for fields without choices");
    }
    at_most(MOST_CHOICES, field.choices.len(), &format!("{place}/choices"), findings);
    for (at, choice) in field.choices.iter().enumerate() {
        let place = format!("{place}/choices/{at}");
        name(&place, choice, findings);
        if field.choices[..at].contains(choice) {
            findings.add(place, "is there before");
        }
    }
}

fn check_preset(preset: &Preset, fields: &[Field], place: &str, findings: &mut Findings) {
    key_of(format!("{place}/key"), &preset.key, findings);
    name(&format!("{place}/label"), &preset.label, findings);
    for (name, value) in &preset.values {
        // A name is anything: RFC 6901 §3 says how it stands in a pointer.
        let place = format!("{place}/values/{}", name.replace('~', "~0").replace('/', "~1"));
        match fields.iter().find(|field| field.name == *name) {
            None => findings.add(place, "is not a field of this provider"),
            Some(field) if field.is_secret() => {
                findings.add(place, "is a secret: a preset is seen by everybody");
            }
            Some(field) => drop(findings.check(place, field.check(value))),
        }
    }
}

fn at_most(most: usize, count: usize, pointer: &str, findings: &mut Findings) {
    if count > most {
        findings.add(pointer, format!("has at most {most} items"));
    }
}
