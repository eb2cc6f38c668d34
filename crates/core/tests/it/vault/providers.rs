//! The catalogue: what a provider has to be like, and what of it stays.

use super::{by, catalogue, events, members, parcels, places, preset, refused, registered, vault};
use crate::house::House;
use doorward_core::manage::Refused;
use doorward_core::manage::providers::Members;
use doorward_core::store::fault::Stop;
use doorward_core::vault::provider::{Field, Provider};
use doorward_protocol::permission::Permission;
use doorward_protocol::words::FieldType;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::vault::field;
use doorward_testkit::calls::by_operator;

fn create(house: &House, key: &str, members: Members) -> Result<Provider, Stop<Refused>> {
    let context = house.server.context();
    block_on(catalogue::create(key, members, &by_operator(&context), &context))
}

fn update(house: &House, change: impl Fn(&mut Members) + Send + 'static) -> Result<Provider, Stop<Refused>> {
    let context = house.server.context();
    let change = move |members: &mut Members| {
        change(members);
        Ok(())
    };
    block_on(catalogue::update("parcels", &by_operator(&context), &context, change))
}

#[test]
fn what_cannot_stand_is_told_with_its_place() {
    let house = House::default();
    let odd = |change: fn(&mut Members)| {
        let mut members = parcels();
        change(&mut members);
        members
    };
    for key in ["", "Parcels", "a b", "-a", "ä", &"a".repeat(65), &"0".repeat(26)] {
        assert_eq!(places(create(&house, key, parcels())), ["/key"], "{key}");
    }
    for (change, expected) in [
        ((|m| m.name.clear()) as fn(&mut Members), "/name"),
        (|m| m.fields[1].name = "base_url".to_owned(), "/fields/1/name"),
        (|m| m.fields[4].choices.clear(), "/fields/4/choices"),
        (|m| m.fields[4].choices.push("eu".to_owned()), "/fields/4/choices/2"),
        (|m| m.fields[4].pattern = Some("a".to_owned()), "/fields/4/pattern"),
        (|m| m.fields[0].choices.push("a".to_owned()), "/fields/0/choices"),
        (|m| m.fields[1].pattern = Some("a)|(b".to_owned()), "/fields/1/pattern"),
        (|m| m.fields[1].pattern = Some("(a{100}){100}{100}".to_owned()), "/fields/1/pattern"),
        (|m| m.fields[2].help = "\u{1b}[2J".to_owned(), "/fields/2/help"),
        (|m| m.presets[1].key = "trial".to_owned(), "/presets/1/key"),
        (|m| m.presets.push(preset("a", true, &[("no/ne", "x")])), "/presets/2/values/no~1ne"),
        (|m| m.presets.push(preset("a", true, &[("password", "x")])), "/presets/2/values/password"),
        (|m| m.presets.push(preset("a", true, &[("customer", "x")])), "/presets/2/values/customer"),
        (|m| m.presets.push(preset("a", true, &[("region", "asia")])), "/presets/2/values/region"),
    ] {
        assert_eq!(places(create(&house, "parcels", odd(change))), [expected]);
    }
    assert_eq!(places(create(&house, "parcels", Members::named("x"))), ["/fields"]);
    create(&house, "parcels", parcels()).unwrap();
    assert_eq!(places(create(&house, "parcels", parcels())), ["/key"], "it is taken");
}

#[test]
fn while_auths_are_registered_fields_stay_and_secrets_and_addresses_stay_such() {
    let house = vault();
    let only_open = |m: &mut Members| m.fields[3].kind = FieldType::Text;
    update(&house, only_open).unwrap();
    update(&house, |m| m.fields[3].kind = FieldType::Secret).unwrap();
    registered(&house, members(&[]));
    assert_eq!(places(update(&house, only_open)), ["/fields/3/type"]);
    assert_eq!(places(update(&house, |m| m.fields[1].kind = FieldType::Secret)), ["/fields/1/type"]);
    // What is no address could be changed by whoever may not have secrets shown.
    assert_eq!(places(update(&house, |m| m.fields[0].kind = FieldType::Text)), ["/fields/0/type"]);
    assert_eq!(places(update(&house, |m| m.fields[1].kind = FieldType::Url)), ["/fields/1/type"]);
    assert_eq!(places(update(&house, |m| drop(m.fields.remove(4)))), ["/fields"]);
    let moved = update(&house, |m| {
        m.fields.reverse();
        m.fields.push(Field { required: true, ..field("new", FieldType::Text) });
        m.fields[3].pattern = None;
    });
    assert_eq!(moved.unwrap().fields.len(), 6);
}

#[test]
fn a_provider_goes_with_the_last_of_its_auths() {
    let house = vault();
    let auth = registered(&house, members(&[]));
    let context = house.server.context();
    let delete = || block_on(catalogue::delete("parcels", &by_operator(&context), &context));
    assert!(matches!(refused(delete()), Refused::Conflict { .. }));
    let id = auth.id.to_string();
    block_on(super::auths::delete(&id, &by_operator(&context), &context)).unwrap();
    delete().unwrap();
    assert!(matches!(refused(delete()), Refused::NotFound { noun: "provider" }));
}

#[test]
fn the_catalogue_is_seen_by_all_who_may_and_changed_by_those_who_are_bounded_by_nothing() {
    let house = vault();
    let context = house.server.context();
    let show = |call| block_on(catalogue::show("parcels", &call, &context));
    let list = |call| block_on(catalogue::list(&call, &context));
    let bounded = |permissions: &[Permission]| by(1, permissions, Some(super::HOME), &house);
    assert_eq!(list(bounded(&[Permission::ProvidersRead])).unwrap().len(), 1);
    let shown = show(bounded(&[Permission::ProvidersRead])).unwrap();
    let by_id = block_on(catalogue::show(&shown.id.to_string(), &by_operator(&context), &context));
    assert_eq!(by_id.unwrap(), shown);
    let forbidden = Refused::Forbidden { permission: Permission::ProvidersRead };
    assert_eq!(refused(show(bounded(&[Permission::ProvidersWrite]))), forbidden);
    assert_eq!(refused(list(bounded(&[]))), forbidden);
    let make = |call| block_on(catalogue::create("other", parcels(), &call, &context));
    assert_eq!(refused(make(bounded(&[Permission::ProvidersWrite]))), Refused::OutOfBounds);
    let before = events(&house).len();
    make(by(1, &[Permission::ProvidersWrite], None, &house)).unwrap();
    update(&house, |_| ()).unwrap();
    let events = events(&house);
    assert_eq!(events.len(), before + 1, "what changes nothing is no event");
    assert_eq!(events.iter().filter(|event| event.action == "provider.created").count(), 2);
}
