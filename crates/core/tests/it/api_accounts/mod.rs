//! API accounts as those who manage them see them: who may make which, how far somebody may go with their own, and how their secrets and
//! tokens are handed out. What a token lets an account do is no business of these tests.

mod switching;

use crate::house::{House, ORDERS, STOCK};
use crate::people::{events, record};
use doorward_core::access::access_request::AccessRequest;
use doorward_core::client::Client;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::api_accounts::{self, Members, Owner, secrets};
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::owner::Whose;
use doorward_core::manage::api_tokens::{self, Issued};
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::secrets::Made;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::users;
use doorward_core::store::fault::Stop;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission::{
    self, ApiAccountsRead, ApiAccountsSelf, ApiAccountsWrite, UsersRead,
};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess, Level, Status};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::{access_request, networks};
use doorward_testkit::builders::id;
use doorward_testkit::builders::people::{group, organization, user};

const OWN: &[Permission] = &[ApiAccountsSelf];
const EVERYBODYS: &[Permission] = &[ApiAccountsRead, ApiAccountsWrite, UsersRead];

/// Alice of the organization 5, and Bob of 6, each with their own accounts; both organizations have API access.
struct Office {
    house: House,
    alice: User,
    bob: User,
}

fn office() -> Office {
    let house = House::default();
    let theirs = Group { permissions: OWN.iter().copied().collect(), ..group(9) };
    let [alice, bob] = [(2, 5), (3, 6)].map(|(number, organization)| User {
        organization: Some(id(organization)),
        groups: vec![theirs.id],
        ..user(number)
    });
    let all = [alice.clone(), bob.clone()];
    record(&house, move |tx| {
        for number in [5, 6] {
            let there = organization(number);
            tx.insert_organization(&doorward_core::identity::organization::Organization {
                api_access: ApiAccess::Enabled,
                ..there
            })?;
        }
        tx.insert_group(&theirs)?;
        all.iter().try_for_each(|user| tx.insert_user(user))
    });
    Office { house, alice, bob }
}

impl Office {
    fn call(&self, permit: Permit) -> Call {
        Call::by(permit, &self.house.server.context()).unwrap()
    }

    /// By somebody who has signed in just now.
    fn fresh(&self, permit: Permit) -> Call {
        let now = self.house.server.context().now;
        self.call(permit).authenticated(Some(now))
    }

    fn make(&self, owner: &User, members: Members, permit: Permit) -> Result<Client, Stop<Refused>> {
        let owner = Owner::User(owner.id.to_string());
        block_on(api_accounts::create(owner, members, &self.call(permit), &self.house.server.context()))
    }

    fn update(
        &self,
        account: &Client,
        permit: Permit,
        change: impl Fn(&mut Members) + Send + 'static,
    ) -> Result<Client, Stop<Refused>> {
        let (call, context) = (self.call(permit), self.house.server.context());
        let change = move |members: &mut Members| {
            change(members);
            Ok(())
        };
        block_on(api_accounts::update(&account.id.to_string(), &call, &context, change))
    }

    fn switch(&self, account: &Client, status: Status, permit: Permit) -> Result<Client, Stop<Refused>> {
        let (call, context) = (self.call(permit), self.house.server.context());
        block_on(api_accounts::set_status(&account.id.to_string(), status, &call, &context))
    }

    fn list(&self, filter: api_accounts::Filter, permit: Permit) -> Vec<Id> {
        let (call, context) = (self.call(permit), self.house.server.context());
        let found = block_on(api_accounts::list(filter, None, 50, &call, &context)).unwrap();
        found.iter().map(|account| account.id).collect()
    }

    fn reveal(&self, account: &Client, call: &Call) -> Result<Made, Stop<Refused>> {
        block_on(secrets::reveal(&account.id.to_string(), call, &self.house.server.context()))
    }

    fn rotate(&self, account: &Client, overlap: Lifetime, call: &Call) -> Result<Made, Stop<Refused>> {
        block_on(secrets::rotate(&account.id.to_string(), overlap, call, &self.house.server.context()))
    }

    fn token(&self, account: &Client, level: Level, permit: Permit) -> Result<Issued, Stop<Refused>> {
        let reach = Reach::Named(vec![Named { api: ORDERS.to_owned(), level }]);
        let members = api_tokens::Members { reach, ..api_tokens::Members::named("w-1") };
        let (call, context) = (self.call(permit), self.house.server.context());
        let whose = Whose::Account(account.id.to_string());
        block_on(api_tokens::create(whose, members, Expiry::default(), &call, &context))
    }

    /// An approval of these levels at the orders, as it was decided.
    fn approved(
        &self,
        number: u32,
        level: Level,
        set: impl Fn(AccessRequest) -> AccessRequest,
    ) -> AccessRequest {
        let access = vec![Access { api: self.api(ORDERS), level }];
        let request = AccessRequest {
            user: self.alice.id,
            organization: self.alice.organization,
            status: AccessRequestStatus::Approved,
            wished: access.clone(),
            access,
            allowed_ips: vec![],
            expires_at: None,
            api_account: None,
            ..access_request(number)
        };
        let request = set(request);
        let recorded = request.clone();
        record(&self.house, move |tx| tx.insert_access_request(&recorded));
        request
    }

    /// How many events there are of this name.
    fn recorded(&self, action: &str) -> usize {
        events(&self.house).iter().filter(|event| event.action == action).count()
    }

    fn api(&self, identifier: &str) -> Id {
        self.house.server.cache().apis().by_identifier(identifier).unwrap().id
    }

    fn bound(&self, permissions: &[Permission]) -> Permit {
        Permit::of(Actor::User(self.bob.id), permissions.iter().copied().collect(), Some(id(5)), None)
    }

    /// The level that its token has at the orders when it is used.
    fn level_of(&self, issued: &Issued) -> Level {
        let context = self.house.server.context();
        let bearer = block_on(doorward_core::bearer::presented(issued.value.expose(), &context)).unwrap();
        let apis = context.cache.apis();
        let orders = apis.by_identifier(ORDERS).unwrap();
        let asked = doorward_protocol::access::decision::Asked::default();
        bearer
            .and_then(|bearer| bearer.decide(orders, &asked, &context).ok())
            .map_or(Level::None, |it| it.level)
    }
}

fn by(user: &User, permissions: &[Permission]) -> Permit {
    Permit::of(Actor::User(user.id), permissions.iter().copied().collect(), None, None)
}

fn orders(level: Level) -> Members {
    Members { access: vec![(ORDERS.to_owned(), level)], ..Members::named("Warehouse") }
}

fn refusal<T>(answer: Result<T, Stop<Refused>>) -> (u16, String) {
    match answer {
        Ok(_) => (200, String::new()),
        Err(Stop::Refuse(refused)) => (refused.status(), refused.to_string()),
        Err(_) => panic!("a fault"),
    }
}

/// Product, row C: what an administrator has approved is the most that somebody gives to a program of their own, from there and for so
/// long; whoever looks after everybody's gives anything.
#[test]
fn somebody_gives_their_account_at_most_what_was_approved_for_them() {
    let office = office();
    let alice = by(&office.alice, OWN);
    let level = |answer| refusal::<Client>(answer).1.split(':').next().unwrap().to_owned();
    assert_eq!(level(office.make(&office.alice, orders(Level::Read), alice)), "access/0/level");
    let end = office.house.server.context().now + Lifetime::days(9);
    office.approved(1, Level::Read, |request| request);
    office.approved(2, Level::Full, |request| AccessRequest {
        allowed_ips: networks(&["192.0.2.0/24"]),
        expires_at: Some(end),
        ..request
    });
    let account = office.make(&office.alice, orders(Level::Read), alice).unwrap();
    assert_eq!(level(office.make(&office.alice, orders(Level::Full), alice)), "allowed_ips");
    let within =
        Members { allowed_ips: vec!["192.0.2.7".to_owned()], expires_at: Some(end), ..orders(Level::Full) };
    office.make(&office.alice, within.clone(), alice).unwrap();
    let later = Members { expires_at: Some(end + Lifetime(1)), ..within.clone() };
    assert_eq!(level(office.make(&office.alice, later, alice)), "expires_at");
    let wider = Members { allowed_ips: vec![], ..within.clone() };
    assert_eq!(level(office.make(&office.alice, wider, alice)), "allowed_ips");
    let unsaid = Members { expires_at: None, ..within };
    assert_eq!(
        office.make(&office.alice, unsaid, alice).unwrap().expires_at,
        Some(end),
        "as what was approved"
    );
    let more = |members: &mut Members| members.access.push((STOCK.to_owned(), Level::Read));
    assert_eq!(level(office.update(&account, alice, more)), "access/1/level");
    let everybody = by(&office.bob, EVERYBODYS);
    office.update(&account, everybody, more).unwrap();
    office.update(&account, alice, |members| members.name = "Depot".to_owned()).unwrap();
}

/// Whoever is bounded by an organization sees and makes accounts there alone; others miss nothing, as they see nothing.
#[test]
fn an_account_is_there_for_its_owner_and_within_the_organization() {
    let office = office();
    let hers = office.make(&office.alice, Members::named("a"), by(&office.alice, OWN)).unwrap();
    let his = office.make(&office.bob, Members::named("b"), by(&office.bob, OWN)).unwrap();
    assert_eq!((hers.organization, his.organization), (Some(id(5)), Some(id(6))));
    let every = api_accounts::Filter::default;
    let bound = || office.bound(EVERYBODYS);
    assert_eq!(office.list(every(), bound()), [hers.id]);
    let mut both = [hers.id, his.id];
    both.sort();
    assert_eq!(office.list(every(), by(&office.bob, EVERYBODYS)), both);
    assert_eq!(office.list(every(), by(&office.alice, OWN)), [hers.id], "their own");
    let elsewhere = api_accounts::Filter { organization: Some(id(6)), ..every() };
    assert_eq!(office.list(elsewhere, bound()), []);
    let show = |account: &Client, permit| {
        let call = office.call(permit);
        refusal(block_on(api_accounts::show(&account.id.to_string(), &call, &office.house.server.context())))
    };
    assert_eq!(show(&hers, bound()).0, 200);
    assert_eq!(show(&his, bound()).0, 404);
    assert_eq!(
        show(&his, by(&office.alice, OWN)),
        (403, "this needs the permission api-accounts:read".to_owned())
    );
    let stranger = Permit::of(Actor::User(id(70)), EVERYBODYS.iter().copied().collect(), Some(id(5)), None);
    assert_eq!(refusal(office.make(&office.bob, Members::named("c"), stranger)).0, 404);
    assert_eq!(refusal(office.make(&office.bob, Members::named("c"), by(&office.alice, OWN))).0, 403);
}

/// RFC 9470 §3: a secret is shown to somebody who has signed in a moment ago, once; from then on there are only others.
#[test]
fn a_secret_is_revealed_once_to_somebody_who_has_just_signed_in() {
    let office = office();
    let alice = by(&office.alice, OWN);
    let account = office.make(&office.alice, Members::named("a"), alice).unwrap();
    let now = office.house.server.context().now;
    for old in [None, Some(now - Lifetime::minutes(6))] {
        let stale = office.call(alice).authenticated(old);
        assert_eq!(refusal(office.reveal(&account, &stale)).0, 401, "{old:?}");
        assert_eq!(refusal(office.rotate(&account, Lifetime(0), &stale)).0, 401, "{old:?}");
    }
    let other = office.fresh(by(&office.bob, EVERYBODYS));
    assert_eq!(refusal(office.reveal(&account, &other)).0, 409, "whoever decides about it does not see it");
    assert_eq!(office.recorded("api_account.secret.revealed"), 0);
    let first = office.reveal(&account, &office.fresh(alice)).unwrap();
    assert!(first.text.expose().starts_with("dw_cs_"));
    assert_eq!(refusal(office.reveal(&account, &office.fresh(alice))).0, 409);
    assert_eq!(refusal(office.reveal(&account, &office.fresh(by(&office.bob, EVERYBODYS)))).0, 409);
    assert_eq!(office.recorded("api_account.secret.revealed"), 1);

    let overlap = Lifetime::minutes(10);
    let second = office.rotate(&account, overlap, &office.fresh(alice)).unwrap();
    let known = |account: Id| {
        let store = office.house.server.cache().store();
        block_on(store.read(move |tx| tx.client(account))).unwrap().unwrap().secrets
    };
    let ends = |made: &Made| {
        let secrets = known(account.id);
        secrets.iter().find(|secret| secret.id == made.secret.id).map(|secret| secret.expires_at)
    };
    assert_eq!((ends(&first), ends(&second)), (Some(Some(now + overlap)), Some(None)));
    let third = office.rotate(&account, overlap, &office.fresh(alice)).unwrap();
    assert!(ends(&first).flatten().is_none_or(|end| end <= now), "two at most");
    assert_eq!((ends(&second), ends(&third)), (Some(Some(now + overlap)), Some(None)));
    assert_eq!(office.recorded("api_account.secret.rotated"), 2);
}

/// A token of an account ends with it: what is usual is cut, and what is asked for beyond it is refused.
#[test]
fn a_token_ends_no_later_than_its_account() {
    let office = office();
    let everybody = by(&office.bob, EVERYBODYS);
    let end = office.house.server.context().now + Lifetime::days(9);
    let account = Members { expires_at: Some(end), ..orders(Level::Read) };
    let account = office.make(&office.alice, account, everybody).unwrap();
    let token = |expiry: Expiry| {
        let (context, call) = (office.house.server.context(), office.call(by(&office.alice, OWN)));
        let whose = Whose::Account(account.id.to_string());
        block_on(api_tokens::create(whose, api_tokens::Members::named("t"), expiry, &call, &context))
    };
    assert_eq!(token(Expiry::default()).unwrap().shown.token.expires_at, end);
    let refused = refusal(token(Expiry { expires_in_months: Some(3), expires_at: None }));
    assert!(refused.0 == 422 && refused.1.contains("when the API account ends"), "{refused:?}");
}

/// A token reaches no further than its account, also when that is made to reach less far later.
#[test]
fn a_token_is_capped_by_the_levels_of_its_account() {
    let office = office();
    office.approved(1, Level::Full, |request| request);
    let alice = by(&office.alice, OWN);
    let account = office.make(&office.alice, orders(Level::Read), alice).unwrap();
    let (status, detail) = refusal(office.token(&account, Level::Full, alice));
    assert_eq!(status, 422);
    assert!(detail.contains("the account has the level 'read'"), "{detail}");
    let token = office.token(&account, Level::Read, alice).unwrap();
    assert!(token.value.expose().starts_with("dw_key_"));
    office.update(&account, alice, |members| members.access[0].1 = Level::Full).unwrap();
    let full = office.token(&account, Level::Full, alice).unwrap();
    assert_eq!((office.level_of(&token), office.level_of(&full)), (Level::Read, Level::Full));
    office.update(&account, alice, |members| members.access[0].1 = Level::Read).unwrap();
    assert_eq!((office.level_of(&token), office.level_of(&full)), (Level::Read, Level::Read));
    office.update(&account, alice, |members| members.access.clear()).unwrap();
    assert_eq!((office.level_of(&token), office.level_of(&full)), (Level::None, Level::None));
}

/// An account may do more than its owner: whoever deletes them, and it with them, could have deleted it, too.
#[test]
fn nobody_is_deleted_by_somebody_who_may_less_than_their_accounts() {
    let office = office();
    let powerful = Group { permissions: [Permission::SigningKeysRotate].into_iter().collect(), ..group(8) };
    record(&office.house, move |tx| tx.insert_group(&powerful));
    let members = Members { groups: vec![id(8).to_string()], ..Members::named("rotates keys") };
    let account = office.make(&office.alice, members, Permit::operator()).unwrap();
    let delete = |permissions: &[Permission]| {
        let (call, context) = (office.call(by(&office.bob, permissions)), office.house.server.context());
        refusal(block_on(users::delete(&office.alice.id.to_string(), &call, &context)))
    };
    let without = [UsersRead, Permission::UsersWrite, ApiAccountsSelf];
    let expected = "this would let you act as somebody who may do more than you";
    assert_eq!(delete(&without), (403, expected.to_owned()));
    let every = api_accounts::Filter::default;
    assert_eq!(office.list(every(), by(&office.bob, EVERYBODYS)), [account.id]);
    let with = [UsersRead, Permission::UsersWrite, ApiAccountsSelf, Permission::SigningKeysRotate];
    assert_eq!(delete(&with).0, 200);
    assert_eq!(office.list(every(), by(&office.bob, EVERYBODYS)), []);
}
