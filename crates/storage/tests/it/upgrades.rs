//! From one release to the next and back: what an administrator's database holds on the way.

use crate::fixture::{Fixture, say, stranger, url};
use doorward_core::audit::event::Event;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_core::token::OpaqueToken;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_storage::migrations::{down, status, up};
use doorward_storage::url::DatabaseUrl;
use doorward_testkit::builders::authorizations::{code, event, sealed};
use doorward_testkit::builders::credentials::{api_token, last_use};
use doorward_testkit::builders::people::{group, organization, user};
use doorward_testkit::builders::{api, client, client_secret, digest, id, opaque_token};
use doorward_testkit::frozen_clock::START;
use doorward_testkit::store_suite::ask::{read, write};
use std::path::Path;

/// The last migration of the release before people could sign in.
const BEFORE_PEOPLE: &str = "_settings";

/// Undoes migrations until this one is the last.
fn down_to(url: &DatabaseUrl, last: &str) {
    while !status(url).unwrap().applied.last().unwrap().ends_with(last) {
        down(url).unwrap().unwrap();
    }
}

/// A client with a secret, an API and an opaque token, written as the release before wrote them.
fn as_the_release_before(folder: &Path) {
    let (client, api, time) = (id(1), id(20), client(1).build().created_at.0);
    let (secret, token) = (hex(10), hex(30));
    let rows = format!(
        "INSERT INTO clients VALUES ('{client}', 'client-1', 'Client 1', '', 'active', 'client_secret_basic', \
             'client_credentials', '', 'read write', 'read', NULL, 0, {time}, {time}, NULL); \
         INSERT INTO client_secrets VALUES ('{}', '{client}', x'{secret}', 1, 'wxyz', {time}); \
         INSERT INTO apis VALUES ('{api}', 'https://api-20.example', 'API 20', '', NULL, 'active', 'jwt', NULL, \
             NULL, {time}, {time}); \
         INSERT INTO api_scopes VALUES ('{api}', 0, 'read', 'may read'), ('{api}', 1, 'write', 'may write'); \
         INSERT INTO opaque_tokens VALUES (x'{token}', 1, '{}', '{client}', 0, '{api}', 'read', {time}, \
             {time} + 600, NULL)",
        id(10),
        id(30)
    );
    say(&mut stranger(folder), &rows);
}

fn hex(number: u32) -> String {
    digest(number).0.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kept_token() -> OpaqueToken {
    opaque_token(30).with_api(id(20)).build()
}

/// An upgrade loses nothing, and reads what it finds as it was meant: a client that says nothing of people asks them, and
/// is bound to its challenge.
#[test]
fn what_the_release_before_wrote_is_there_after_the_upgrade() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    up(&url).unwrap();
    down_to(&url, BEFORE_PEOPLE);
    as_the_release_before(folder.path());

    let upgraded = Fixture::on(folder);
    let store = upgraded.store();
    let record = read(&store, |tx| tx.client(id(1))).unwrap();
    assert_eq!((record.client, record.secrets), (client(1).build(), vec![client_secret(10, id(1))]));
    assert_eq!(read(&store, |tx| tx.apis()), [api(20).build()]);
    assert_eq!(read(&store, |tx| tx.opaque_token(&digest(30))), Some(kept_token()));
}

/// The release before goes on beside this one: what it does not know has a value all the same.
#[test]
fn the_release_before_may_go_on_writing() {
    let fixture = Fixture::new();
    let columns = "id, client_id, name, description, status, auth_method, grant_types, redirect_uris, scopes, \
                   default_scopes, access_token_lifetime, generation, created_at, updated_at, deleted_at";
    let time = client(1).build().created_at.0;
    let row = format!(
        "INSERT INTO clients ({columns}) VALUES ('{}', 'client-1', 'Client 1', '', 'active', \
             'client_secret_basic', 'client_credentials', '', 'read write', 'read', NULL, 0, {time}, {time}, NULL); \
         INSERT INTO opaque_tokens (digest, pepper, jti, client, client_generation, api, scope, issued_at, \
             expires_at, revoked_at) VALUES (x'{}', 1, '{}', '{}', 0, NULL, 'read', {time}, {time} + 600, NULL)",
        id(1),
        hex(30),
        id(30),
        id(1),
    );
    say(&mut fixture.stranger(), &row);
    let store = fixture.store();
    assert_eq!(read(&store, |tx| tx.client(id(1))).unwrap().client, client(1).build());
    assert_eq!(read(&store, |tx| tx.opaque_token(&digest(30))), Some(opaque_token(30).build()));
}

/// Whoever goes back a release keeps what that release knows, and no token that it would take for another.
#[test]
fn going_back_keeps_what_the_release_before_knows() {
    let folder = tempfile::tempdir().unwrap();
    let upgraded = Fixture::on(folder);
    write(&upgraded.store(), |tx| {
        tx.insert_organization(&organization(9))?;
        tx.insert_user(&user(2))?;
        tx.insert_client(&client(1).with_organization(id(9)).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))?;
        tx.insert_api(&api(20).build())?;
        tx.insert_code(&code(40))?;
        tx.insert_opaque_token(&kept_token())?;
        tx.insert_opaque_token(&opaque_token(31).with_person(id(2), id(40)).build())
    });
    let folder = upgraded.close();
    down_to(&url(folder.path()), BEFORE_PEOPLE);
    let again = Fixture::on(folder);
    let store = again.store();
    let record = read(&store, |tx| tx.client(id(1))).unwrap();
    assert_eq!((record.client, record.secrets), (client(1).build(), vec![client_secret(10, id(1))]));
    assert_eq!(read(&store, |tx| tx.apis()), [api(20).build()]);
    assert_eq!(read(&store, |tx| tx.opaque_token(&digest(30))), Some(kept_token()));
    assert_eq!(read(&store, |tx| tx.opaque_token(&digest(31))), None, "it spoke for a person");
    assert_eq!(read(&store, |tx| tx.user(id(2))), None);
}

/// The last migration of the release before the management API.
const BEFORE_MANAGEMENT: &str = "_leases";

/// The built-in groups and one of somebody's, a client and an event, written as the release before wrote them.
fn as_before_the_management_api(folder: &Path) {
    let time = START.0;
    let group = |number: u32, name: &str| format!("('{}', '{name}', {time}, {time})", id(number));
    let (client, event) = (id(1), id(40));
    let rows = format!(
        "INSERT INTO groups VALUES {}, {}, {}, {}; \
         INSERT INTO clients (id, client_id, name, description, status, auth_method, grant_types, redirect_uris, \
             scopes, default_scopes, generation, created_at, updated_at) VALUES ('{client}', 'client-1', 'Client 1', \
             '', 'active', 'client_secret_basic', 'client_credentials', '', 'read write', 'read', 0, {time}, {time}); \
         INSERT INTO events VALUES ('{event}', {time}, 'session.begun', '', '{}', NULL, 'session:{}', NULL)",
        group(21, "Administrators"),
        group(22, "Auditors"),
        group(23, "Members"),
        group(24, "Night shift"),
        id(2),
        id(3),
    );
    say(&mut stranger(folder), &rows);
}

/// The groups that are built in get what they have stood for; one of somebody's gets nothing. A client may what it might, and an
/// event says what it said.
#[test]
fn groups_get_the_permissions_that_their_names_stand_for() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    up(&url).unwrap();
    down_to(&url, BEFORE_MANAGEMENT);
    as_before_the_management_api(folder.path());

    let upgraded = Fixture::on(folder);
    let store = upgraded.store();
    let permissions: Vec<_> =
        read(&store, |tx| tx.groups()).into_iter().map(|group| group.permissions).collect();
    let own = [
        Permission::ApiTokensSelf,
        Permission::AccessRequestsSelf,
        Permission::ApiAccountsSelf,
        Permission::ProvidersRead,
        Permission::RegisteredAuthsReveal,
    ];
    let own = own.into_iter().collect();
    assert_eq!(permissions, [Permissions::all(), Permissions::reading(), own, Permissions::default()]);
    assert_eq!(read(&store, |tx| tx.client(id(1))).unwrap().client, client(1).build());
    assert_eq!(read(&store, |tx| tx.events(None, 9)), [event(40)]);
}

/// Whoever goes back keeps groups, clients, users and events, without what that release does not know.
#[test]
fn going_back_before_the_management_api_keeps_what_was_known_then() {
    let folder = tempfile::tempdir().unwrap();
    let upgraded = Fixture::on(folder);
    write(&upgraded.store(), |tx| {
        tx.insert_organization(&organization(9))?;
        let permissions = Permissions::all();
        tx.insert_group(&Group { permissions, organization: Some(id(9)), ..group(21) })?;
        tx.insert_client(&client(1).with_groups(&[id(21)]).with_allowed_ips(&["192.0.2.7"]).build())?;
        tx.insert_user(&User { clients: vec![id(1)], groups: vec![id(21)], ..user(2) })?;
        tx.insert_api(&api(20).build())?;
        tx.insert_api_token(&api_token(30))?;
        tx.record_uses(&[last_use(id(30))])?;
        tx.insert_event(&sealed(&Event { api_token: Some(id(30)), ..event(40) }))
    });
    let folder = upgraded.close();
    down_to(&url(folder.path()), BEFORE_MANAGEMENT);
    let again = Fixture::on(folder);
    let store = again.store();
    assert_eq!(read(&store, |tx| tx.groups()), [group(21)]);
    assert_eq!(read(&store, |tx| tx.client(id(1))).unwrap().client, client(1).build());
    assert_eq!(read(&store, |tx| tx.user(id(2))), Some(User { groups: vec![id(21)], ..user(2) }));
    assert_eq!(read(&store, |tx| tx.apis()), [api(20).build()]);
    assert_eq!(read(&store, |tx| tx.events(None, 9)), [event(40)]);
    assert_eq!(read(&store, |tx| tx.api_token(id(30))), None);
    assert_eq!(read(&store, |tx| tx.last_use(id(30))), None);
}
