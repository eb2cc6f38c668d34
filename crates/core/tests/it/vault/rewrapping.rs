//! A new version of the master key takes over the vault, batch by batch, whatever comes in between.

use super::{ANNA, CANARY, HOME, by, change, events, members, opened, registered, vault};
use crate::house::House;
use doorward_core::manage::registered_auths::{Value, disclosure};
use doorward_core::manage::rewrapping::{self, Batch};
use doorward_core::manage::signing_keys;
use doorward_core::random::SystemRandom;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::vault::registered_auth::{Envelope, RegisteredAuth};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission::{ApiAccountsSelf, RegisteredAuthsReveal};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

fn batch(house: &House, after: Option<Id>) -> Batch {
    let context = house.server.context();
    block_on(rewrapping::rewrap(after, house.server.sealer(), &by_operator(&context), &context)).unwrap()
}

fn waiting(house: &House) -> Vec<(u32, i64)> {
    let context = house.server.context();
    block_on(rewrapping::waiting(&by_operator(&context), &context)).unwrap()
}

fn is_due(house: &House) -> bool {
    block_on(rewrapping::is_due(house.server.sealer(), &house.server.context())).unwrap()
}

/// The same server with another version of its master key, and that version alone.
fn with_next_version(house: &House) -> (House, String) {
    let next = house.master.with_next_version(&SystemRandom::default()).unwrap();
    let newest = next.to_text().expose().lines().find(|line| line.starts_with("v2:")).unwrap().to_owned();
    (house.another_with(next.to_text().expose()).unwrap(), newest)
}

fn envelope(house: &House, id: Id) -> Envelope {
    let read =
        block_on(house.server.cache().store().read(move |tx| tx.registered_auth(id))).unwrap().unwrap();
    Envelope { id, account: read.account, sealed: read.sealed.unwrap() }
}

fn shown(house: &House, auth: &RegisteredAuth) -> Result<String, Stop<doorward_core::manage::Refused>> {
    let context = house.server.context();
    let call = by(ANNA, &[ApiAccountsSelf, RegisteredAuthsReveal], Some(HOME), house);
    let auth = auth.id.to_string();
    let shown = block_on(disclosure::reveal(&auth, "why", house.server.sealer(), &call, &context))?;
    Ok(shown.secrets["password"].expose().to_owned())
}

/// Ended after any batch, another server goes on where it was; a node that does not know the new version says that it cannot answer now.
#[test]
fn a_new_master_key_takes_over_while_secrets_are_read() {
    let old = vault();
    let mut auths: Vec<_> = (0..120).map(|_| registered(&old, members(&[]))).collect();
    auths.sort_by_key(|auth| auth.id);
    assert!(!is_due(&old));
    let (both, newest) = with_next_version(&old);
    assert!(is_due(&both));
    assert_eq!(waiting(&both), [(1, 120)]);
    let before = events(&both).len();
    let first = batch(&both, None);
    assert_eq!((first.rewrapped, first.last, first.closed.len()), (50, Some(auths[49].id), 0));
    assert_eq!(waiting(&both), [(1, 70), (2, 50)]);
    assert_eq!(events(&both).len(), before + 1, "one event for a batch");
    for auth in [&auths[0], &auths[119]] {
        assert_eq!(shown(&both, auth).unwrap(), CANARY);
    }
    let stop = shown(&old, &auths[0]).unwrap_err();
    assert!(matches!(stop, Stop::Fault(Fault::Unavailable(_))), "{stop}");
    let again = both.another_with(both.master.to_text().expose()).unwrap();
    assert_eq!(batch(&again, None).rewrapped, 50, "what was done is not done again");
    assert_eq!(batch(&again, None).rewrapped, 20);
    assert_eq!(batch(&again, None), Batch::default());
    assert!(!is_due(&again));
    let context = again.server.context();
    block_on(signing_keys::rewrap(again.server.sealer(), &by_operator(&context), &context)).unwrap();
    let only_new = again.another_with(&newest).unwrap();
    assert!(auths.iter().all(|auth| shown(&only_new, auth).unwrap() == CANARY));
}

/// Neither undoes the other: a change that came in between stays, and one that comes after goes on from what was wrapped anew.
#[test]
fn changes_and_rewrapping_come_in_between_of_each_other() {
    let old = vault();
    let auth = registered(&old, members(&[]));
    let (both, _) = with_next_version(&old);
    let read = envelope(&both, auth.id);
    let password = |members: &mut super::Members| {
        drop(members.fields.insert("password".to_owned(), Value::given("new")));
    };
    change(&both, &auth, password).unwrap();
    let store = both.server.cache().store();
    let sealed = read.rewrapped(both.server.sealer(), &SystemRandom::default()).unwrap().unwrap();
    let write = move |tx: &mut dyn doorward_core::store::tx::Tx| {
        tx.rewrap_registered_auth(&read, &sealed).map_err(Stop::<()>::Fault)
    };
    assert!(!block_on(store.write(write)).unwrap().unwrap(), "it is another one by now");
    assert_eq!(opened(&both, auth.id), [("password".to_owned(), "new".to_owned())]);

    let other = registered(&old, members(&[]));
    assert_eq!(batch(&both, None).rewrapped, 1);
    let wrapped = envelope(&both, other.id).sealed;
    let renamed = change(&both, &other, |members| members.label = "Other".to_owned()).unwrap();
    assert_eq!(renamed.sealed, Some(wrapped), "it stays under the newest");
}

/// What does not open is told, and keeps nothing else from being wrapped anew.
#[test]
fn what_does_not_open_is_passed_over() {
    let old = vault();
    let auths: Vec<_> = (0..3).map(|_| registered(&old, members(&[]))).collect();
    let (both, _) = with_next_version(&old);
    let (from, into) = (envelope(&both, auths[0].id), envelope(&both, auths[1].id));
    let moved = move |tx: &mut dyn doorward_core::store::tx::Tx| {
        tx.rewrap_registered_auth(&into, &from.sealed).map_err(Stop::<()>::Fault)
    };
    block_on(both.server.cache().store().write(moved)).unwrap().unwrap();
    let done = batch(&both, None);
    assert_eq!((done.rewrapped, done.closed), (2, vec![auths[1].id]));
    assert_eq!(batch(&both, done.last), Batch::default());
}
