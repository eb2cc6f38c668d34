//! Whose tokens somebody may act on, and how far.

use super::{
    by, call, create, ids, in_person, management, months, operator, reach, refusal, regenerate, revoke,
    revoke_all, show, somebody, somebody_of, token, update,
};
use crate::house::{House, ORDERS};
use crate::people::record;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::owner::Whose;
use doorward_core::manage::api_tokens::shown::Shown;
use doorward_core::manage::api_tokens::{self, Filter, Members};
use doorward_core::manage::apis::MANAGEMENT;
use doorward_core::manage::permit::Permit;
use doorward_core::store::fault::Stop;
use doorward_protocol::permission::Permission::{
    self, ApiTokensRead, ApiTokensSelf, ApiTokensWrite, ClientsRead, ClientsWrite, UsersRead, UsersWrite,
};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{ApiTokenStatus, Level};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::people::{organization, user};

const NONE: Lifetime = Lifetime::seconds(0);

fn list(house: &House, owner: Option<&User>, by: Permit) -> Result<Vec<Shown>, Stop<Refused>> {
    let owner = owner.map(|owner| Whose::User(owner.username.to_string()));
    let filter = Filter { owner, status: None };
    block_on(api_tokens::list(filter, None, 50, &call(house, by), &house.server.context()))
}

fn make(house: &House, owner: &User, level: Level, by: Permit) -> String {
    let levels = if level == Level::None { vec![] } else { vec![(MANAGEMENT, level)] };
    let members = Members { reach: reach(&levels), ..Members::named("t") };
    refusal(create(house, owner, members, Expiry::default(), by))
}

/// Everything that may be done with a token, by name, and what is said to it.
fn everything(house: &House, token: &Shown, owner: &User, by: Permit) -> Vec<(&'static str, String)> {
    let reference = token.token.id.to_string();
    let shown = block_on(api_tokens::show(&reference, &call(house, by), &house.server.context()));
    vec![
        ("show", refusal(shown)),
        ("list", refusal(list(house, Some(owner), by))),
        ("update", refusal(update(house, token, by, |members| members.description.push('x')))),
        ("regenerate", refusal(regenerate(house, token, months(3), NONE, by))),
        ("create", make(house, owner, Level::None, by)),
        ("revoke", refusal(revoke(house, token, None, by))),
        ("revoke all", refusal(revoke_all(house, owner, by))),
    ]
}

fn refused(answers: &[(&'static str, String)]) -> Vec<&'static str> {
    answers.iter().filter(|(_, answer)| !answer.is_empty()).map(|(name, _)| *name).collect()
}

#[test]
fn everything_needs_its_permission() {
    let house = House::default();
    let (alice, bob) = (somebody(&house, 1, &[]), somebody(&house, 2, &[]));
    let made = token(&house, &alice, &[]).shown;
    let but = |lacking: &[Permission]| {
        let all = Permission::ALL.iter().copied();
        by(&bob, all.filter(|permission| !lacking.contains(permission)))
    };
    let nothing = everything(&house, &made, &alice, by(&bob, [ApiTokensSelf]));
    assert!(nothing.iter().all(|(_, answer)| answer.contains("permission api-tokens:")), "{nothing:?}");
    let looking = ["update", "regenerate", "create", "revoke", "revoke all"];
    assert_eq!(refused(&everything(&house, &made, &alice, but(&[ApiTokensWrite]))), looking);
    assert_eq!(refused(&everything(&house, &made, &alice, but(&[ApiTokensRead]))), ["show", "list"]);
}

/// Whoever may not act on everybody's tokens is not told which there are.
#[test]
fn a_token_of_somebody_elses_is_refused_like_one_that_is_not_there() {
    let house = House::default();
    let (alice, bob) = (somebody(&house, 1, &[]), somebody(&house, 2, &[]));
    let made = token(&house, &alice, &[]).shown;
    let show = |reference: &str, by: Permit| {
        refusal(block_on(api_tokens::show(reference, &call(&house, by), &house.server.context())))
    };
    let [hers, nobodys] = [made.token.id.to_string(), bob.id.to_string()];
    let theirs = by(&bob, [ApiTokensSelf]);
    assert_eq!(show(&hers, theirs), show(&nobodys, theirs));
    let theirs = by(&bob, [ApiTokensRead]);
    assert_eq!(show(&nobodys, theirs), "there is no such API token");
    assert_eq!(show("nothing", theirs), "there is no such API token");
}

#[test]
fn what_belongs_to_another_organization_is_not_there() {
    let house = House::default();
    record(&house, |tx| [7, 8].into_iter().try_for_each(|at| tx.insert_organization(&organization(at))));
    let of = |number, at| User { organization: Some(organization(at).id), ..user(number) };
    let here = somebody_of(&house, of(1, 7), &[]);
    let (there, nowhere) = (somebody_of(&house, of(2, 8), &[]), somebody(&house, 3, &[]));
    let admin = somebody_of(&house, of(4, 7), &[]);
    let tokens = [&here, &there, &nowhere].map(|owner| token(&house, owner, &[]).shown);
    let theirs = by(&admin, [ApiTokensRead, ApiTokensWrite]);
    assert_eq!(ids(&list(&house, None, theirs).unwrap()), ids(&tokens[..1]));
    for (token, owner) in [(&tokens[1], &there), (&tokens[2], &nowhere)] {
        for (name, answer) in everything(&house, token, owner, theirs) {
            assert!(answer.starts_with("there is no such"), "{name}: {answer}");
        }
    }
    assert!(refused(&everything(&house, &tokens[0], &here, theirs)).is_empty());
}

/// A value of a token is as good as its owner.
#[test]
fn nobody_gets_a_value_of_a_token_of_somebody_who_may_more() {
    let house = House::default();
    let alice = somebody(&house, 1, &[UsersRead, ClientsWrite]);
    let bob = somebody(&house, 2, &[]);
    let made = token(&house, &alice, &[(ORDERS, Level::Read)]).shown;
    let less = by(&bob, [ApiTokensRead, ApiTokensWrite, UsersRead, UsersWrite]);
    let answers = everything(&house, &made, &alice, less);
    assert_eq!(refused(&answers), ["update", "regenerate", "create", "revoke all"]);
    assert!(answers.iter().all(|(_, answer)| answer.is_empty() || answer.contains("more than you")));
    let made = token(&house, &alice, &[(ORDERS, Level::Read)]).shown;
    let enough = by(&bob, [ApiTokensRead, ApiTokensWrite, UsersRead, ClientsWrite]);
    assert!(refused(&everything(&house, &made, &alice, enough)).is_empty());
}

#[test]
fn a_group_of_an_organization_counts_there_alone() {
    let house = House::default();
    let alice = somebody(&house, 1, &[UsersWrite]);
    record(&house, |tx| {
        tx.insert_organization(&organization(7))?;
        let groups = tx.groups()?;
        let theirs = groups.into_iter().find(|group| group.name == "Group 1001").unwrap();
        let organization = Some(organization(7).id);
        tx.update_group(&doorward_core::identity::group::Group { organization, ..theirs }).map(drop)
    });
    let bob = somebody(&house, 2, &[]);
    management(&house);
    assert_eq!(make(&house, &alice, Level::Full, by(&bob, [ApiTokensWrite])), "");
}

#[test]
fn ones_own_tokens_need_the_permission_for_ones_own() {
    let house = House::default();
    management(&house);
    let alice = somebody(&house, 1, &[ApiTokensSelf]);
    let made = token(&house, &alice, &[]).shown;
    let own = by(&alice, [ApiTokensSelf]);
    assert_eq!(ids(&list(&house, None, own).unwrap()), vec![made.token.id], "one's own, without being asked");
    assert!(refused(&everything(&house, &made, &alice, own)).is_empty());
    let made = token(&house, &alice, &[]).shown;
    let without = by(&alice, [ClientsRead, UsersWrite]);
    assert_eq!(refused(&everything(&house, &made, &alice, without)).len(), 7);
    assert!(refusal(list(&house, None, without)).contains("api-tokens:"));
}

/// A token that may little at the management API does not make itself one that may more there, in any way.
#[test]
fn a_token_does_not_raise_itself() {
    let house = House::default();
    management(&house);
    let alice = somebody(&house, 1, &[ApiTokensSelf, UsersRead, UsersWrite]);
    let mighty = token(&house, &alice, &[(MANAGEMENT, Level::Full)]).shown;
    let looking = token(&house, &alice, &[(MANAGEMENT, Level::Read)]).shown;
    let harmless = token(&house, &alice, &[]).shown;
    let raise = |token: &Shown, level, by: Permit| {
        refusal(update(&house, token, by, move |members| members.reach = reach(&[(MANAGEMENT, level)])))
    };
    let again = |token: &Shown, by: Permit| refusal(regenerate(&house, token, months(3), NONE, by));

    let only_tokens = by(&alice, [ApiTokensSelf]);
    assert_eq!(make(&house, &alice, Level::None, only_tokens), "");
    assert_eq!(again(&harmless, only_tokens), "");
    for answer in [
        make(&house, &alice, Level::Read, only_tokens),
        make(&house, &alice, Level::Full, only_tokens),
        raise(&harmless, Level::Read, only_tokens),
        raise(&harmless, Level::Full, only_tokens),
        again(&looking, only_tokens),
        again(&mighty, only_tokens),
        raise(&mighty, Level::None, only_tokens),
    ] {
        assert!(answer.contains("more than you"), "{answer:?}");
    }

    let reader = by(&alice, [ApiTokensSelf, UsersRead]);
    assert_eq!(make(&house, &alice, Level::Read, reader), "");
    assert_eq!(again(&looking, reader), "");
    assert!(make(&house, &alice, Level::Full, reader).contains("more than you"));
    assert!(again(&mighty, reader).contains("more than you"));

    let whole = by(&alice, [ApiTokensSelf, UsersRead, UsersWrite]);
    assert_eq!(make(&house, &alice, Level::Full, whole), "");
    assert_eq!(raise(&harmless, Level::Full, whole), "");
}

/// The pages of one's account show API tokens to those alone whose group lets them have any.
#[test]
fn in_person_ones_own_tokens_need_a_group_that_allows_them() {
    let house = House::default();
    management(&house);
    let (alice, bob) = (somebody(&house, 1, &[ApiTokensSelf, UsersWrite]), somebody(&house, 2, &[]));
    let [hers, his] = [&alice, &bob].map(|owner| token(&house, owner, &[]).shown);
    assert!(refused(&everything(&house, &hers, &alice, in_person(&alice))).is_empty());
    assert_eq!(make(&house, &alice, Level::Full, in_person(&alice)), "", "all that she may");
    assert_eq!(refused(&everything(&house, &his, &bob, in_person(&alice))).len(), 7, "but not his");
    assert_eq!(refused(&everything(&house, &his, &bob, in_person(&bob))).len(), 7);
    let made = block_on(api_tokens::create(
        "user-1",
        Members::named("t"),
        Expiry::default(),
        &call(&house, in_person(&alice)),
        &house.server.context(),
    ));
    assert_eq!(made.ok().unwrap().shown.token.created_by_user, Some(alice.id));
}

#[test]
fn tokens_are_listed_page_by_page_and_by_status() {
    let house = House::default();
    let (alice, bob) = (somebody(&house, 1, &[]), somebody(&house, 2, &[]));
    let mut made = Vec::new();
    for owner in [&alice, &bob, &alice, &alice] {
        house.advance(Lifetime::seconds(1));
        made.push(token(&house, owner, &[]).shown);
    }
    revoke(&house, &made[0], None, operator()).unwrap();
    let page = |owner: Option<&str>, status, after, limit| {
        let filter = Filter { owner: owner.map(Whose::from), status };
        block_on(api_tokens::list(filter, after, limit, &call(&house, operator()), &house.server.context()))
            .unwrap()
    };
    let all = ids(&page(None, None, None, 10));
    assert_eq!(all, ids(&made));
    assert_eq!(ids(&page(None, None, Some(all[0]), 2)), all[1..3]);
    assert_eq!(ids(&page(Some("user-2"), None, None, 10)), all[1..2]);
    assert_eq!(ids(&page(Some("user-1"), Some(ApiTokenStatus::Active), None, 10)), all[2..]);
    assert_eq!(ids(&page(None, Some(ApiTokenStatus::Revoked), None, 10)), all[..1]);
    let nobodys = Filter { owner: Some("nobody".into()), status: None };
    let nobodys =
        block_on(api_tokens::list(nobodys, None, 10, &call(&house, operator()), &house.server.context()));
    assert_eq!(refusal(nobodys), "there is no such user");
    assert_eq!(show(&house, &made[0]).status, ApiTokenStatus::Revoked);
}
