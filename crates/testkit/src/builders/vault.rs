//! Providers and registered auths with plain defaults. What a test cares about it sets by `RegisteredAuth { label, ..registered_auth(1) }`.

use crate::builders::id;
use crate::frozen_clock::START;
use doorward_core::vault::provider::{Field, Preset, Provider};
use doorward_core::vault::registered_auth::RegisteredAuth;
use doorward_protocol::words::{FieldType, Release};
use std::collections::BTreeMap;

/// A field of this name that may be left out.
#[must_use]
pub fn field(name: &str, kind: FieldType) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        kind,
        required: false,
        pattern: None,
        choices: vec![],
        help: String::new(),
    }
}

/// A provider named after its number, with a user name, a password and a preset for trying.
#[must_use]
pub fn provider(number: u32) -> Provider {
    Provider {
        id: id(number),
        key: format!("provider-{number}"),
        name: format!("Provider {number}"),
        fields: vec![field("username", FieldType::Text), field("password", FieldType::Secret)],
        presets: vec![Preset {
            key: "trial".to_owned(),
            label: "Trial".to_owned(),
            testing: true,
            values: [("username".to_owned(), "demo".to_owned())].into(),
        }],
        created_at: START,
        updated_at: START,
    }
}

/// An auth of the account 1 at the provider 2, whose envelope, under the first master key, is one that nothing opens.
#[must_use]
pub fn registered_auth(number: u32) -> RegisteredAuth {
    RegisteredAuth {
        id: id(number),
        account: id(1),
        provider: "provider-2".to_owned(),
        label: format!("Auth {number}"),
        testing: false,
        preset: None,
        release: Release::Never,
        fields: BTreeMap::new(),
        secrets: vec!["password".to_owned()],
        sealed: Some(envelope(1, number)),
        generation: 0,
        created_at: START,
        updated_at: START,
    }
}

/// What looks like an envelope under this version of the master key.
#[must_use]
pub fn envelope(version: u32, number: u32) -> Vec<u8> {
    let mut bytes = b"dws1\x01".to_vec();
    bytes.extend(version.to_be_bytes());
    bytes.extend([0; 12 + 32 + 16 + 16]);
    bytes.extend(number.to_be_bytes());
    bytes
}
