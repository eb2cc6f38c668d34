//! Examples of the decision, and what must hold of it whatever is asked.

use super::decision::*;
use super::level::{Access, AccessList, Levels, Rule};
use crate::id::Id;
use crate::network::Network;
use crate::scope::Scope;
use crate::time::Seconds;
use crate::words::Level;
use proptest::prelude::*;
use std::net::IpAddr;

const NOW: Seconds = Seconds(1_000);
const LATER: Seconds = Seconds(2_000);

fn id(number: u128) -> Id {
    Id::from_parts(0, number)
}

/// To look, by `r`; to write below `/orders`, by `r w`.
fn levels() -> Levels {
    let full =
        Rule { methods: vec![], paths: vec!["/orders/**".parse().unwrap()], scopes: "r w".parse().unwrap() };
    let read = Rule { scopes: "r".parse().unwrap(), ..Levels::default().read };
    Levels { read, full, by_any_scope: false }
}

fn target(levels: &Levels) -> Target<'_> {
    Target { id: id(1), is_active: true, is_management: false, levels }
}

fn holding(holds: Holds<'_>) -> Credential<'_> {
    Credential { is_active: true, expires_at: LATER, holds, most: Level::Full, networks: &[] }
}

fn asked<'a>(method: &'a str, path: &'a str) -> Asked<'a> {
    Asked { method: Some(method), path: Some(path), origin: Origin::Unknown }
}

fn level(level: Level, method: &str, path: &str) -> Result<Level, Reason> {
    let levels = levels();
    let allowed = decide(&holding(Holds::Level(level)), Some(&target(&levels)), &asked(method, path), NOW);
    allowed.map(|allowed| allowed.level)
}

#[test]
fn read_looks_and_full_does_everything_that_the_api_says() {
    assert_eq!(level(Level::Read, "GET", "/stock"), Ok(Level::Read));
    assert_eq!(level(Level::Full, "GET", "/stock"), Ok(Level::Full), "what read may, full may");
    assert_eq!(level(Level::Full, "POST", "/orders/7"), Ok(Level::Full));
    let small = |held, needed| Err(Reason::LevelTooSmall { held, needed });
    assert_eq!(level(Level::Read, "POST", "/orders/7"), small(Level::Read, Some(Level::Full)));
    assert_eq!(level(Level::None, "GET", "/stock"), small(Level::None, Some(Level::Read)));
    assert_eq!(level(Level::Full, "POST", "/stock"), small(Level::Full, None), "nobody may");
    assert_eq!(level(Level::Read, "get", "/stock"), small(Level::Read, None), "methods are case-sensitive");
}

#[test]
fn what_is_not_known_of_a_request_matches_nothing_that_is_written_down() {
    let levels = levels();
    let ask = |level, method, path| {
        let asked = Asked { method, path, origin: Origin::JudgedElsewhere };
        decide(&holding(Holds::Level(level)), Some(&target(&levels)), &asked, NOW).is_ok()
    };
    assert!(ask(Level::Read, None, None) && !ask(Level::None, None, None), "the level alone");
    assert!(ask(Level::Read, Some("GET"), None), "any path will do");
    assert!(!ask(Level::Full, Some("POST"), None), "the path matters, and is unknown");
    assert!(ask(Level::Full, None, Some("/orders/7")), "any method will do");
    assert!(!ask(Level::Read, None, Some("/stock")), "the method matters, and is unknown");
}

#[test]
fn a_scope_reaches_the_highest_level_whose_scopes_it_holds() {
    let reached = |levels: &Levels, scope: &str| levels.reached_by(&scope.parse::<Scope>().unwrap());
    let all = levels();
    assert_eq!(reached(&all, "r w x"), Level::Full);
    assert_eq!(reached(&all, "r x"), Level::Read);
    assert_eq!(reached(&all, "w"), Level::None, "not all that full stands for");
    let any = Levels { by_any_scope: true, ..levels() };
    assert_eq!(reached(&any, "w"), Level::Full);
    assert_eq!(reached(&any, "x"), Level::None);
    assert_eq!(all.scope(Level::Full).to_string(), "r w");
    assert_eq!(all.scope(Level::Read).to_string(), "r");
}

/// An API whose levels name no scopes is closed to scopes, however many a token has.
#[test]
fn an_empty_list_of_scopes_is_unreachable_by_scope() {
    for by_any_scope in [false, true] {
        let levels = Levels { by_any_scope, ..Levels::default() };
        for scope in ["", "r", "r w x"] {
            assert_eq!(levels.reached_by(&scope.parse().unwrap()), Level::None, "{scope}");
        }
    }
}

#[test]
fn a_level_for_all_others_never_reaches_the_management_api() {
    let list =
        AccessList { named: vec![Access { api: id(2), level: Level::Read }], others: Some(Level::Full) };
    assert_eq!(list.at(id(2), false), Level::Read, "what is named counts before what is for all others");
    assert_eq!(list.at(id(3), false), Level::Full);
    assert_eq!(list.at(id(3), true), Level::None);
    let named = AccessList { named: vec![Access { api: id(3), level: Level::Read }], ..list };
    assert_eq!(named.at(id(3), true), Level::Read, "named, it is meant");
}

#[test]
fn a_foreign_or_unknown_address_is_refused_where_there_is_a_list() {
    let (here, there) = (["10.0.0.0/8".parse().unwrap()], ["10.1.0.0/16".parse().unwrap()]);
    let from = |lists: &[&[Network]], origin| {
        let credential = Credential { networks: lists, ..holding(Holds::Level(Level::Full)) };
        let levels = Levels::default();
        let asked = Asked { origin, ..Asked::default() };
        decide(&credential, Some(&target(&levels)), &asked, NOW).map(drop)
    };
    let at = |text: &str| Origin::At(text.parse::<IpAddr>().unwrap());
    assert_eq!(from(&[], Origin::Unknown), Ok(()));
    assert_eq!(from(&[&[]], Origin::Unknown), Ok(()), "an empty list is everywhere");
    assert_eq!(from(&[&here], at("10.2.3.4")), Ok(()));
    assert_eq!(from(&[&here], at("::ffff:10.2.3.4")), Ok(()));
    assert_eq!(from(&[&here, &there], at("10.2.3.4")), Err(Reason::ForeignNetwork), "each list counts");
    assert_eq!(from(&[&here], at("192.0.2.1")), Err(Reason::ForeignNetwork));
    assert_eq!(from(&[&here], Origin::Unknown), Err(Reason::ForeignNetwork));
    assert_eq!(from(&[&here], Origin::JudgedElsewhere), Ok(()));
}

#[test]
fn odd_requests_and_unknown_places_are_refused_for_what_they_are() {
    let levels = Levels::default();
    let full = holding(Holds::Level(Level::Full));
    let odd = |method, path| decide(&full, Some(&target(&levels)), &asked(method, path), NOW);
    for (method, path) in
        [("GET", "/a/../b"), ("GET", "/a%2Fb"), ("GET", ""), ("", "/"), ("G T", "/"), ("GET\n", "/")]
    {
        assert_eq!(odd(method, path), Err(Reason::OddRequest), "{method:?} {path:?}");
    }
    assert_eq!(decide(&full, None, &Asked::default(), NOW), Err(Reason::UnknownApi));
    let off = Target { is_active: false, ..target(&levels) };
    assert_eq!(decide(&full, Some(&off), &Asked::default(), NOW), Err(Reason::InactiveApi));
}

#[test]
fn every_reason_says_whose_fault_it_is() {
    assert_eq!(Reason::Inactive.blame(), Blame::Credential);
    assert_eq!(Reason::Expired.blame(), Blame::Credential);
    assert_eq!(Reason::LevelTooSmall { held: Level::None, needed: None }.blame(), Blame::Level);
    for reason in [Reason::UnknownApi, Reason::InactiveApi, Reason::OddRequest, Reason::ForeignNetwork] {
        assert_eq!(reason.blame(), Blame::Request, "{reason}");
    }
}

/// Whatever a decision may be about, in small alphabets, so that things meet.
#[derive(Clone, Debug)]
struct Case {
    levels: Levels,
    named: Option<Level>,
    others: Option<Level>,
    scope: Option<Scope>,
    most: Level,
    networks: Vec<Vec<Network>>,
    is_management: bool,
    method: Option<&'static str>,
    path: Option<&'static str>,
    origin: Origin,
}

impl Case {
    fn list(&self) -> AccessList {
        let named = self.named.map(|level| Access { api: id(1), level });
        AccessList { named: named.into_iter().collect(), others: self.others }
    }

    fn decide(&self) -> Result<Allowed, Reason> {
        self.decide_with(|_, _, _| ())
    }

    fn decide_with(
        &self,
        change: impl FnOnce(&mut Credential<'_>, &mut Target<'_>, &mut Asked<'_>),
    ) -> Result<Allowed, Reason> {
        let list = self.list();
        let networks: Vec<&[Network]> = self.networks.iter().map(Vec::as_slice).collect();
        let holds = self.scope.as_ref().map_or(Holds::Levels(&list), Holds::Scope);
        let mut credential = Credential { most: self.most, networks: &networks, ..holding(holds) };
        let mut target = Target { is_management: self.is_management, ..target(&self.levels) };
        let mut asked = Asked { method: self.method, path: self.path, origin: self.origin };
        change(&mut credential, &mut target, &mut asked);
        decide(&credential, Some(&target), &asked, NOW)
    }
}

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(Level::ALL)
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop::sample::subsequence(vec!["r", "w", "x"], 0..=3).prop_map(|tokens| Scope::of(tokens).unwrap())
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let methods = prop::sample::subsequence(vec!["GET", "POST", "DELETE"], 0..=3);
    let paths = prop::sample::subsequence(vec!["/a", "/a/*", "/b/**", "/**"], 0..=2);
    (methods, paths, any_scope()).prop_map(|(methods, paths, scopes)| Rule {
        methods: methods.into_iter().map(str::to_owned).collect(),
        paths: paths.into_iter().map(|path| path.parse().unwrap()).collect(),
        scopes,
    })
}

fn any_networks() -> impl Strategy<Value = Vec<Vec<Network>>> {
    let network = |text: &str| text.parse::<Network>().unwrap();
    let all = vec![network("10.0.0.0/8"), network("10.1.0.0/16"), network("2001:db8::/32")];
    prop::collection::vec(prop::sample::subsequence(all, 0..=2), 0..=2)
}

fn any_origin() -> impl Strategy<Value = Origin> {
    let at = |text: &str| Origin::At(text.parse().unwrap());
    let all =
        vec![Origin::Unknown, Origin::JudgedElsewhere, at("10.1.2.3"), at("10.2.2.3"), at("2001:db8::1")];
    prop::sample::select(all)
}

fn any_case() -> impl Strategy<Value = Case> {
    let levels = (any_rule(), any_rule(), any::<bool>());
    let held = (prop::option::of(any_level()), prop::option::of(any_level()), prop::option::of(any_scope()));
    let method = prop::option::of(prop::sample::select(vec!["GET", "POST", "PATCH", "get", ""]));
    let path = prop::option::of(prop::sample::select(vec!["/", "/a", "/a/7", "/b/1/2", "/a/../b", "x"]));
    let asked = (method, path, any_origin());
    (levels, held, any_level(), any_networks(), any::<bool>(), asked).prop_map(
        |((read, full, by_any_scope), (named, others, scope), most, networks, is_management, asked)| Case {
            levels: Levels { read, full, by_any_scope },
            named,
            others,
            scope,
            most,
            networks,
            is_management,
            method: asked.0,
            path: asked.1,
            origin: asked.2,
        },
    )
}

proptest! {
    /// full ⊇ read ⊇ none: more of a level never refuses what less of it was allowed.
    #[test]
    fn raising_nothing_but_the_level_never_refuses(case in any_case(), low in any_level(), high in any_level()) {
        let (low, high) = (low.min(high), low.max(high));
        let by = |level| case.decide_with(|credential, _, _| {
            credential.holds = Holds::Level(level);
            credential.most = Level::Full;
        });
        if let Ok(allowed) = by(low) {
            prop_assert_eq!(allowed.level, low);
            prop_assert!(by(high).is_ok());
        }
        prop_assert!(by(Level::None).is_err(), "none is nothing");
    }

    #[test]
    fn status_and_expiry_always_win(case in any_case(), over in 0..3_u64) {
        let inactive = case.decide_with(|credential, _, _| credential.is_active = false);
        prop_assert_eq!(inactive, Err(Reason::Inactive));
        let expired = case.decide_with(|credential, _, _| credential.expires_at = Seconds(NOW.0 - over as i64));
        prop_assert_eq!(expired, Err(Reason::Expired));
        let off = case.decide_with(|_, target, _| target.is_active = false);
        prop_assert_eq!(off, Err(Reason::InactiveApi));
    }

    #[test]
    fn the_network_always_wins(case in any_case()) {
        let mut case = case;
        case.networks.push(vec!["192.0.2.0/24".parse().unwrap()]);
        for origin in [Origin::Unknown, Origin::At("10.1.2.3".parse().unwrap())] {
            let decided = case.decide_with(|_, _, asked| asked.origin = origin);
            prop_assert!(matches!(decided, Err(Reason::ForeignNetwork | Reason::OddRequest)));
        }
    }

    #[test]
    fn others_never_reach_the_management_api(case in any_case()) {
        let case = Case { named: None, scope: None, is_management: true, ..case };
        prop_assert!(case.decide().is_err());
    }

    #[test]
    fn an_empty_scope_list_is_never_reached_by_scope(case in any_case(), scope in any_scope()) {
        let mut case = Case { scope: Some(scope), most: Level::Full, ..case };
        case.levels.full.scopes = Scope::default();
        if let Ok(allowed) = case.decide() {
            prop_assert_eq!(allowed.level, Level::Read);
        }
        case.levels.read.scopes = Scope::default();
        prop_assert!(case.decide().is_err());
    }

    /// What is allowed stays within the cap, and a refusal that names a level names one that would do.
    #[test]
    fn the_cap_is_never_exceeded_and_the_needed_level_is_enough(case in any_case()) {
        match case.decide() {
            Ok(allowed) => prop_assert!(Level::None < allowed.level && allowed.level <= case.most),
            Err(Reason::LevelTooSmall { held, needed: Some(needed) }) => {
                prop_assert!(held < needed);
                let with = case.decide_with(|credential, _, _| {
                    credential.holds = Holds::Level(needed);
                    credential.most = Level::Full;
                });
                prop_assert!(with.is_ok());
            }
            Err(_) => {}
        }
    }
}
