//! Who may do what with whose registered auths.

use super::{
    ACCOUNT, ANNA, BERT, ELSEWHERE, FOREIGN, HOME, by, by_actor, create, events, members, registered, vault,
};
use crate::house::House;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::registered_auths as auths;
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Tx;
use doorward_protocol::permission::Permission::{
    self, ApiAccountsSelf, RegisteredAuthsRead, RegisteredAuthsWrite,
};
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::builders::people::{group, user};

/// Whether a call may see, and whether it may change, an auth of Anna's account; its list and its making go the same ways.
fn may(call: impl Fn() -> Call, house: &House) -> (bool, bool) {
    let auth = registered(house, members(&[])).id.to_string();
    let (context, account) = (house.server.context(), id(ACCOUNT).to_string());
    let before = events(house).len();
    let sees = block_on(auths::show(&auth, &call(), &context)).is_ok();
    assert_eq!(block_on(auths::list(&account, None, 9, &call(), &context)).is_ok(), sees);
    assert_eq!(events(house).len(), before, "to look is no event");
    let changes = create(house, members(&[]), &call()).is_ok();
    let label = |members: &mut auths::Members| {
        members.label = "Other".to_owned();
        Ok(())
    };
    let changed = block_on(auths::update(&auth, house.server.sealer(), &call(), &context, label));
    assert_eq!(changed.is_ok(), changes);
    assert_eq!(block_on(auths::delete(&auth, &call(), &context)).is_ok(), changes);
    assert_eq!(events(house).len(), before + if changes { 3 } else { 0 });
    (sees, changes)
}

#[test]
fn ones_own_are_ones_own_and_everybodys_are_for_those_with_a_permission() {
    let house = vault();
    let person = |user, permissions: &'static [Permission], bounds| {
        may(|| by(user, permissions, bounds, &house), &house)
    };
    for (expected, user, permissions, bounds) in [
        ((true, true), ANNA, &[ApiAccountsSelf][..], Some(HOME)),
        ((false, false), ANNA, &[], Some(HOME)),
        ((false, false), BERT, &[ApiAccountsSelf], Some(HOME)),
        ((true, false), BERT, &[RegisteredAuthsRead], Some(HOME)),
        ((false, true), BERT, &[RegisteredAuthsWrite], Some(HOME)),
        ((true, true), BERT, &[RegisteredAuthsRead, RegisteredAuthsWrite], None),
        ((false, false), BERT, &[RegisteredAuthsRead, RegisteredAuthsWrite], Some(ELSEWHERE)),
        ((false, false), BERT, &[Permission::ApiAccountsWrite, Permission::ApiAccountsRead], None),
    ] {
        assert_eq!(person(user, permissions, bounds), expected, "{user} {permissions:?} {bounds:?}");
    }
}

#[test]
fn an_account_sees_its_own_by_itself() {
    let house = vault();
    let account = |number, level| {
        may(|| by_actor(Actor::Client(id(number)), &[], None, &house).at_level(level), &house)
    };
    assert_eq!(account(ACCOUNT, Level::Read), (true, false));
    assert_eq!(account(ACCOUNT, Level::Full), (true, false));
    assert_eq!(account(ACCOUNT, Level::None), (false, false), "its token opens nothing here");
    assert_eq!(account(FOREIGN, Level::Full), (false, false));
}

#[test]
fn in_person_somebody_may_what_their_groups_give_them() {
    let house = vault();
    let in_person = |user: u32| {
        let context = house.server.context();
        may(|| Call::by(Permit::in_person(id(user), None), &context).unwrap(), &house)
    };
    assert_eq!(in_person(ANNA), (false, false), "she is in no group");
    let join = |tx: &mut dyn Tx| {
        let permissions = [ApiAccountsSelf].into_iter().collect();
        tx.insert_group(&Group { permissions, ..group(50) }).map_err(Stop::<Refused>::Fault)?;
        for number in [ANNA, BERT] {
            tx.update_user(&User { organization: Some(id(HOME)), groups: vec![id(50)], ..user(number) })?;
        }
        Ok(())
    };
    block_on(house.server.cache().write(join)).unwrap();
    assert_eq!((in_person(ANNA), in_person(BERT)), ((true, true), (false, false)));
}

/// Whoever may nothing about it does not learn whether it is there.
#[test]
fn what_is_not_there_is_refused_like_what_is_not_theirs() {
    let house = vault();
    let auth = registered(&house, members(&[])).id.to_string();
    let context = house.server.context();
    let show = |auth: &str, call: Call| super::refused(block_on(auths::show(auth, &call, &context)));
    for (permissions, bounds) in
        [(&[ApiAccountsSelf][..], Some(HOME)), (&[RegisteredAuthsRead], Some(ELSEWHERE))]
    {
        let refusals = [auth.as_str(), "01ARZ3NDEKTSV4RRFFQ69G5FAV"]
            .map(|auth| show(auth, by(BERT, permissions, bounds, &house)));
        assert_eq!(refusals[0], refusals[1], "{permissions:?}");
    }
}
