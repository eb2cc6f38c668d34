//! How secrets come out: to whom, and never before it is written down.

use super::{
    ACCOUNT, ANNA, BERT, CANARY, FOREIGN, HOME, by, by_actor, change, change_by, events, members, refused,
    registered, vault,
};
use crate::house::House;
use doorward_core::manage::Refused;
use doorward_core::manage::call::{Call, Through};
use doorward_core::manage::permit::Actor;
use doorward_core::manage::registered_auths::disclosure::{self, Disclosed};
use doorward_core::manage::registered_auths::{Members, Value};
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::vault::registered_auth::{Envelope, RegisteredAuth};
use doorward_protocol::permission::Permission::{
    ApiAccountsSelf, RegisteredAuthsRead, RegisteredAuthsReveal, RegisteredAuthsWrite,
};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{Level, Release};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::calls::by_operator;

fn reveal(
    house: &House,
    auth: &RegisteredAuth,
    reason: &str,
    call: &Call,
) -> Result<Disclosed, Stop<Refused>> {
    let (context, auth) = (house.server.context(), auth.id.to_string());
    block_on(disclosure::reveal(&auth, reason, house.server.sealer(), call, &context))
}

fn release(house: &House, auth: &RegisteredAuth, call: &Call) -> Result<Disclosed, Stop<Refused>> {
    let (context, auth) = (house.server.context(), auth.id.to_string());
    block_on(disclosure::release(&auth, house.server.sealer(), call, &context))
}

/// Anna, who may have the secrets of her own accounts shown.
fn anna(house: &House) -> Call {
    by(ANNA, &[ApiAccountsSelf, RegisteredAuthsReveal], Some(HOME), house)
}

fn itself(account: u32, house: &House) -> Call {
    by_actor(Actor::Client(id(account)), &[], None, house).at_level(Level::Read)
}

#[test]
fn a_person_who_may_has_secrets_shown_for_a_reason_that_is_told() {
    let house = vault();
    let auth = registered(&house, members(&[]));
    let before = events(&house).len();
    let shown = reveal(&house, &auth, "moving house", &anna(&house)).unwrap();
    assert_eq!(shown.secrets["password"].expose(), CANARY);
    let events = events(&house);
    assert_eq!(events.len(), before + 1);
    let event = events.iter().find(|event| event.action == "registered_auth.revealed").unwrap();
    assert_eq!(event.user, Some(id(ANNA)));
    assert_eq!(event.objects, format!("registered_auth:{} api_account:{}", auth.id, id(ACCOUNT)));
    assert_eq!((event.note.as_str(), event.organization), ("moving house", Some(id(HOME))));
}

#[test]
fn nothing_is_shown_to_whoever_lacks_something() {
    let house = vault();
    let auth = registered(&house, members(&[]));
    let before = events(&house).len();
    let stale = Seconds(house.server.context().now.0 - 301);
    let through = Through { api_token: id(77), ends_at: Seconds(i64::MAX) };
    let forbidden = |permission| Refused::Forbidden { permission };
    for (call, expected) in [
        (by(ANNA, &[ApiAccountsSelf], Some(HOME), &house), forbidden(RegisteredAuthsReveal)),
        (by(BERT, &[RegisteredAuthsReveal], Some(HOME), &house), forbidden(RegisteredAuthsRead)),
        (
            by(BERT, &[RegisteredAuthsReveal, RegisteredAuthsWrite], None, &house),
            forbidden(RegisteredAuthsRead),
        ),
        (anna(&house).authenticated(None), Refused::StaleAuthentication),
        (anna(&house).authenticated(Some(stale)), Refused::StaleAuthentication),
        (anna(&house).through(Some(through)), Refused::StaleAuthentication),
        (
            by_actor(Actor::Client(id(1)), &[RegisteredAuthsRead, RegisteredAuthsReveal], None, &house),
            Refused::StaleAuthentication,
        ),
    ] {
        assert_eq!(refused(reveal(&house, &auth, "why", &call)), expected, "{call:?}");
    }
    for reason in ["", " ", "a\nb", "\u{1b}[2J", &"x".repeat(501)] {
        assert!(
            matches!(refused(reveal(&house, &auth, reason, &anna(&house))), Refused::Invalid(_)),
            "{reason}"
        );
    }
    assert_eq!(events(&house).len(), before, "what is refused shows nothing");
    let fresh = anna(&house).authenticated(Some(Seconds(stale.0 + 1)));
    assert!(reveal(&house, &auth, "why", &fresh).is_ok());
}

#[test]
fn an_account_gets_its_own_secrets_where_the_policy_says_so() {
    let house = vault();
    let auth = registered(&house, members(&[]));
    let before = events(&house).len();
    assert!(matches!(refused(release(&house, &auth, &itself(ACCOUNT, &house))), Refused::NotForYou { .. }));
    assert_eq!(events(&house).len(), before);
    change(&house, &auth, |members| members.release = Release::ApiAccount).unwrap();
    let released = release(&house, &auth, &itself(ACCOUNT, &house)).unwrap();
    assert_eq!(released.secrets["password"].expose(), CANARY);
    let released = events(&house).into_iter().find(|event| event.action == "registered_auth.released");
    assert_eq!(released.unwrap().client, Some(id(ACCOUNT)));
    let not_there = Refused::NotFound { noun: "registered auth" };
    assert_eq!(refused(release(&house, &auth, &itself(FOREIGN, &house))), not_there);
    assert_eq!(refused(release(&house, &auth, &itself(ACCOUNT, &house).at_level(Level::None))), not_there);
    assert!(matches!(refused(release(&house, &auth, &anna(&house))), Refused::NotForYou { .. }));
    assert!(matches!(
        refused(release(&house, &auth, &by_operator(&house.server.context()))),
        Refused::NotForYou { .. }
    ));
}

/// A change, and what it does.
type Way = (&'static str, fn(&mut Members));

/// What would let secrets out that stay as they are takes what it takes to have them shown, however it is dressed up.
#[test]
fn secrets_that_stay_are_let_out_by_whoever_could_have_them_shown_alone() {
    let house = vault();
    let auth = registered(&house, members(&[("pin", "4711")]));
    let stale = Seconds(house.server.context().now.0 - 301);
    let without = by(ANNA, &[ApiAccountsSelf], Some(HOME), &house);
    let ways: [Way; 4] = [
        ("released", |members| members.release = Release::ApiAccount),
        ("sent elsewhere", |members| {
            members.fields.insert("base_url".to_owned(), Value::given("https://evil.example"));
        }),
        ("by another preset", |members| {
            (members.preset, members.testing) = (Some("live".to_owned()), Some(false));
            members.fields.remove("base_url");
        }),
        ("released with one that is new", |members| {
            members.release = Release::ApiAccount;
            members.fields.insert("pin".to_owned(), Value::given("4712"));
        }),
    ];
    for (way, change) in ways {
        let forbidden = Refused::Forbidden { permission: RegisteredAuthsReveal };
        assert_eq!(refused(change_by(&house, &auth, &without, change)), forbidden, "{way}");
        let stale = anna(&house).authenticated(Some(stale));
        assert_eq!(refused(change_by(&house, &auth, &stale, change)), Refused::StaleAuthentication, "{way}");
        assert!(change_by(&house, &registered(&house, members(&[])), &anna(&house), change).is_ok(), "{way}");
    }
    // Whoever brings all secrets themselves lets out nothing that they do not know.
    let all_new = |members: &mut Members| {
        members.release = Release::ApiAccount;
        for (name, value) in [("pin", "4712"), ("password", "another one")] {
            members.fields.insert(name.to_owned(), Value::given(value));
        }
    };
    assert!(change_by(&house, &auth, &without, all_new).is_ok());
}

/// A call's event is written once. When it cannot be, the secrets that lie open already stay where they are.
#[test]
fn what_cannot_be_written_down_does_not_leave() {
    let house = vault();
    let auth = registered(&house, Members { release: Release::ApiAccount, ..members(&[]) });
    for (first, again) in [
        (anna(&house), Box::new(|call: &Call| reveal(&house, &auth, "why", call)) as Box<dyn Fn(&Call) -> _>),
        (itself(ACCOUNT, &house), Box::new(|call: &Call| release(&house, &auth, call))),
    ] {
        assert!(again(&first).is_ok());
        let count = events(&house).len();
        match again(&first) {
            Err(Stop::Fault(Fault::Constraint { .. })) => {}
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("secrets left without an event"),
        }
        assert_eq!(events(&house).len(), count);
    }
}

/// Whoever can write to the database cannot have secrets shown by putting them where they may see them.
#[test]
fn secrets_that_were_moved_open_nowhere() {
    let house = vault();
    let (ours, theirs) = (registered(&house, members(&[])), registered(&house, members(&[("pin", "9999")])));
    let store = house.server.cache().store();
    let put = |into: &RegisteredAuth, sealed: Vec<u8>| {
        let now = block_on(store.read({
            let id = into.id;
            move |tx| tx.registered_auth(id)
        }))
        .unwrap()
        .unwrap();
        let place = Envelope { id: now.id, account: now.account, sealed: now.sealed.unwrap() };
        let moved =
            move |tx: &mut dyn Tx| tx.rewrap_registered_auth(&place, &sealed).map_err(Stop::<Refused>::Fault);
        assert!(block_on(store.write(moved)).unwrap().unwrap());
    };
    let key = block_on(store.read(|tx| tx.signing_keys())).unwrap().remove(0);
    let [one, other] = [&ours, &theirs].map(|auth| auth.sealed.clone().unwrap());
    let before = events(&house).len();
    for (into, sealed) in
        [(&ours, other.clone()), (&theirs, one.clone()), (&ours, key.sealed_private_key.clone())]
    {
        put(into, sealed);
        let stop = reveal(&house, into, "why", &anna(&house)).err().unwrap();
        assert!(matches!(stop, Stop::Fault(Fault::Broken(_))), "{stop}");
        assert!(!stop.to_string().contains(CANARY));
    }
    assert_eq!(events(&house).len(), before);
    // The other way round: an auth's envelope is no signing key.
    let binding = doorward_core::keys::keyring::binding(&key.kid);
    assert!(house.server.sealer().open(&one, &binding).is_err());
    put(&ours, one);
    assert!(reveal(&house, &ours, "why", &anna(&house)).is_ok(), "where it belongs, it opens");
    // To another account, with its whole row.
    let moved = RegisteredAuth { id: id(900), account: id(FOREIGN), ..ours.clone() };
    let same = RegisteredAuth { account: id(FOREIGN), ..ours.clone() };
    let insert = move |tx: &mut dyn Tx| {
        tx.delete_registered_auth(same.id).map_err(Stop::<Refused>::Fault)?;
        tx.insert_registered_auth(&same)?;
        tx.insert_registered_auth(&moved)?;
        Ok(())
    };
    block_on(store.write(insert)).unwrap().unwrap();
    let all = || by(BERT, &[RegisteredAuthsRead, RegisteredAuthsReveal], None, &house);
    for auth in [&ours, &RegisteredAuth { id: id(900), ..ours.clone() }] {
        let stop = reveal(&house, auth, "why", &all()).err().unwrap();
        assert!(matches!(stop, Stop::Fault(Fault::Broken(_))), "{stop}");
    }
}

/// The canary: a secret lies in no file of the database, and in no event.
#[test]
fn no_secret_lies_open_anywhere() {
    let house = vault();
    let auth = registered(&house, Members { release: Release::ApiAccount, ..members(&[("pin", "4711")]) });
    change(&house, &auth, |members| members.label = "Other".to_owned()).unwrap();
    reveal(&house, &auth, "why", &anna(&house)).unwrap();
    release(&house, &auth, &itself(ACCOUNT, &house)).unwrap();
    house.advance(Lifetime::seconds(1));
    assert!(events(&house).iter().all(|event| !format!("{event:?}").contains(CANARY)));
    let Some(file) = house.url().strip_prefix("sqlite:") else { return };
    let folder = std::path::Path::new(file).parent().unwrap();
    let (mut looked_at, mut label) = (0, false);
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(CANARY));
        label |= holds("registered_auth.revealed");
        looked_at += 1;
    }
    assert!(looked_at > 1 && label, "it would be seen");
}
