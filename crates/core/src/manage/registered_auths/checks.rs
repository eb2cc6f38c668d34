//! What of a registered auth can stand, as its provider says. Owns how a preset fills in what is not said, and that what was good when
//! it came is not held against a provider that has changed since: only what is new has to fit.

use crate::manage::Findings;
use crate::manage::registered_auths::{Members, Value};
use crate::vault::provider::{Preset, Provider};
use crate::vault::registered_auth::{RegisteredAuth, Secrets};
use std::collections::BTreeMap;

/// What becomes of the members.
pub(super) struct Plan {
    /// The values that are no secrets.
    pub(super) open: BTreeMap<String, String>,
    /// The secrets that are given.
    pub(super) given: Secrets,
    /// The names of those that stay as they are, in order.
    pub(super) kept: Vec<String>,
    pub(super) preset: Option<String>,
    pub(super) testing: bool,
}

/// What the members come to at a provider; what cannot stand is noted.
pub(super) fn plan(
    members: &Members,
    provider: &Provider,
    before: Option<&RegisteredAuth>,
    findings: &mut Findings,
) -> Plan {
    let preset = preset(members, provider, findings);
    let testing = testing(members, preset, before, findings);
    let (mut open, mut given, mut kept) = (BTreeMap::new(), Secrets::new(), vec![]);
    for (name, value) in &filled_in(members, preset, provider, before) {
        let place = place(name);
        match (provider.field(name), value) {
            (None, _) => findings.add(place, "is not a field of this provider"),
            (Some(field), Value::Kept) if field.is_secret() && has(before, name) => kept.push(name.clone()),
            (Some(_), Value::Kept) => {
                findings.add(place, "is what is shown in place of a secret: give the secret itself");
            }
            (Some(field), Value::Given(value)) if field.is_secret() => {
                if findings.check(place, field.check(value.expose())).is_some() {
                    given.insert(name.clone(), value.clone());
                }
            }
            (Some(field), Value::Given(value)) => {
                let value = value.expose().to_owned();
                let is_as_before = before.is_some_and(|before| before.fields.get(name) == Some(&value));
                if is_as_before || findings.check(place, field.check(&value)).is_some() {
                    open.insert(name.clone(), value);
                }
            }
        }
    }
    for field in provider.fields.iter().filter(|field| field.required) {
        let is_there = members.fields.contains_key(&field.name)
            || preset.is_some_and(|preset| preset.values.contains_key(&field.name));
        // An auth that was there before the field was needed can be changed all the same.
        if !is_there && before.is_none_or(|_| has(before, &field.name)) {
            findings.add(place(&field.name), "is needed");
        }
    }
    Plan { open, given, kept, preset: preset.map(|preset| preset.key.clone()), testing }
}

fn preset<'a>(members: &Members, provider: &'a Provider, findings: &mut Findings) -> Option<&'a Preset> {
    let found = provider.preset(members.preset.as_deref()?);
    let known = || provider.presets.iter().map(|preset| preset.key.as_str()).collect::<Vec<_>>().join(", ");
    findings.check("/preset", found.ok_or_else(|| format!("is one of this provider's: {}", known())))
}

/// For trying or not: as is said, else as the preset is. The two do not differ.
fn testing(
    members: &Members,
    preset: Option<&Preset>,
    before: Option<&RegisteredAuth>,
    findings: &mut Findings,
) -> bool {
    let by_preset = preset.map(|preset| preset.testing);
    let testing = members.testing.or(by_preset).unwrap_or_default();
    let is_as_before =
        before.is_some_and(|before| before.testing == testing && before.preset == members.preset);
    if by_preset.is_some_and(|preset| preset != testing) && !is_as_before {
        findings.add("/testing", format!("is {} with this preset", !testing));
    }
    testing
}

/// The values that are said, and those that the preset fills in. What another preset had filled in goes with it.
fn filled_in(
    members: &Members,
    preset: Option<&Preset>,
    provider: &Provider,
    before: Option<&RegisteredAuth>,
) -> BTreeMap<String, Value> {
    let mut values = members.fields.clone();
    let former = before.and_then(|before| before.preset.as_deref());
    if former != members.preset.as_deref()
        && let Some(former) = former.and_then(|key| provider.preset(key))
    {
        let filled = |name: &String, value: &Value| match value {
            Value::Given(text) => former.values.get(name).is_some_and(|filled| filled == text.expose()),
            Value::Kept => false,
        };
        values.retain(|name, value| !filled(name, value));
    }
    for (name, value) in preset.iter().flat_map(|preset| &preset.values) {
        values.entry(name.clone()).or_insert_with(|| Value::given(value));
    }
    values
}

fn has(before: Option<&RegisteredAuth>, name: &String) -> bool {
    before.is_some_and(|before| before.secrets.contains(name) || before.fields.contains_key(name))
}

/// A name is anything: RFC 6901 §3 says how it stands in a pointer.
fn place(name: &str) -> String {
    format!("/fields/{}", name.replace('~', "~0").replace('/', "~1"))
}
