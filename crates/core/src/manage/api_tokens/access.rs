//! Which levels an API token has at which APIs. Owns how they are asked for: singly, or one for all; what a level lets through
//! is `protocol`'s decision.

use crate::access::api::{Api, Identifier};
use crate::issuer::Issuer;
use crate::manage::apis;
use crate::manage::{Findings, Refused};
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use doorward_protocol::access::level::{Access, AccessList};
use doorward_protocol::id::Id;
use doorward_protocol::words::Level;

/// The levels that a token is to have, as they are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that it has.
    Kept,
    /// Those that it has at the APIs that there are now, and none at those that are registered later.
    KeptHere,
    /// One for each API that is named, and none at all others.
    Named(Vec<Named>),
    /// The same at all APIs but the management API.
    All(ApplyToAll),
}

/// A level at one API, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The API, by identifier, id or [`MANAGEMENT`](apis::MANAGEMENT).
    pub api: String,
    /// The level.
    pub level: Level,
}

/// One level at all APIs, as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplyToAll {
    /// The level.
    pub level: Level,
    /// Whether it is to hold at those that are registered later, too.
    pub include_future: bool,
}

impl Reach {
    /// What was asked for in one of two ways, if in any.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for both at once.
    pub fn of(access: Option<Vec<Named>>, apply_to_all: Option<ApplyToAll>) -> Result<Option<Self>, Refused> {
        match (access, apply_to_all) {
            (None, None) => Ok(None),
            (Some(named), None) => Ok(Some(Self::Named(named))),
            (None, Some(all)) => Ok(Some(Self::All(all))),
            (Some(_), Some(_)) => {
                Err(Refused::invalid("/apply_to_all", "stands in place of 'access', not beside it"))
            }
        }
    }

    /// The levels, with every API looked up.
    pub(super) fn settled(
        &self,
        kept: &AccessList,
        apis: &Registered,
        findings: &mut Findings,
    ) -> AccessList {
        match self {
            Self::Kept => kept.clone(),
            Self::KeptHere => AccessList { named: apis.told_of(kept), others: None },
            Self::Named(named) => AccessList { named: looked_up(named, apis, findings), others: None },
            Self::All(ApplyToAll { level, include_future: true }) => {
                AccessList { named: vec![], others: Some(*level) }
            }
            Self::All(ApplyToAll { level, include_future: false }) => {
                let all = apis.all.iter().filter(|api| !apis.is_management(api));
                let named = all.map(|api| Access { api: api.id, level: *level }).collect();
                AccessList { named, others: None }
            }
        }
    }

    /// Where the levels were asked for, or stand if they were not.
    pub(super) const fn place(&self) -> &'static str {
        match self {
            Self::Kept | Self::KeptHere | Self::Named(_) => "/access",
            Self::All(_) => "/apply_to_all",
        }
    }

    /// Where the level at an API was asked for.
    pub(super) fn pointer(&self, api: Id, apis: &Registered) -> String {
        let Self::Named(named) = self else { return self.place().to_owned() };
        let is_it = |named: &Named| apis.find(&named.api).is_some_and(|found| found.id == api);
        named.iter().position(is_it).map_or_else(|| "/access".to_owned(), |at| format!("/access/{at}/api"))
    }
}

/// Each API once, by its internal identifier.
fn looked_up(named: &[Named], apis: &Registered, findings: &mut Findings) -> Vec<Access> {
    let mut access: Vec<Access> = Vec::with_capacity(named.len());
    for (at, Named { api, level }) in named.iter().enumerate() {
        let pointer = format!("/access/{at}/api");
        let found = apis.find(api).ok_or("is not an API: name one by identifier or id, or 'management'");
        let Some(found) = findings.check(&pointer, found) else { continue };
        if access.iter().any(|earlier| earlier.api == found.id) {
            findings.add(pointer, "is named once only");
        } else {
            access.push(Access { api: found.id, level: *level });
        }
    }
    access
}

/// All APIs as they are registered, the management API known among them.
pub(in crate::manage) struct Registered {
    all: Vec<Api>,
    issuer: Issuer,
}

impl Registered {
    /// Those that there are now.
    pub(in crate::manage) fn read(issuer: &Issuer, tx: &mut dyn Tx) -> Result<Self, Fault> {
        Ok(Self::new(tx.apis()?, issuer.clone()))
    }

    pub(super) fn new(mut all: Vec<Api>, issuer: Issuer) -> Self {
        all.sort_by(|one, other| one.identifier.cmp(&other.identifier));
        Self { all, issuer }
    }

    fn find(&self, reference: &str) -> Option<&Api> {
        apis::among(reference, &self.all, &self.issuer)
    }

    fn is_management(&self, api: &Api) -> bool {
        api.is_management(&self.issuer)
    }

    /// Whether this is the management API.
    pub(in crate::manage) fn is_management_id(&self, id: Id) -> bool {
        self.all.iter().any(|api| api.id == id && self.is_management(api))
    }

    /// The level at an API: the one that is named for it, else the one for all others, of which the management API is none.
    pub(super) fn level(&self, access: &AccessList, api: &Api) -> Level {
        self.told(access, api).unwrap_or(Level::None)
    }

    /// The level at the management API.
    pub(super) fn at_management(&self, access: &AccessList) -> Level {
        let management = self.all.iter().find(|api| self.is_management(api));
        management.map_or(Level::None, |api| self.level(access, api))
    }

    /// The APIs that these levels open.
    pub(in crate::manage) fn opened_by(&self, access: &AccessList) -> Vec<&Api> {
        self.all.iter().filter(|api| self.level(access, api) > Level::None).collect()
    }

    /// Every API that something is said of, with its level.
    pub(super) fn named_by(&self, access: &AccessList) -> Vec<(Identifier, Level)> {
        let told = |api: &Api| Some((api.identifier.clone(), self.told(access, api)?));
        self.all.iter().filter_map(told).collect()
    }

    /// The same, by internal identifiers.
    fn told_of(&self, access: &AccessList) -> Vec<Access> {
        let told = |api: &Api| Some(Access { api: api.id, level: self.told(access, api)? });
        self.all.iter().filter_map(told).collect()
    }

    fn told(&self, access: &AccessList, api: &Api) -> Option<Level> {
        let named = access.named.iter().find(|named| named.api == api.id).map(|named| named.level);
        named.or(if self.is_management(api) { None } else { access.others })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::manage::Invalid;
    use crate::manage::apis::MANAGEMENT;
    use crate::store::fault::Stop;
    use doorward_protocol::time::{Lifetime, Seconds};
    use doorward_protocol::words::TokenFormat;

    /// The API `https://{number}.example`, which lets a token live so long.
    pub(in crate::manage::api_tokens) fn api(number: u64, longest: Option<Lifetime>) -> Api {
        named(number, &format!("https://{number}.example"), longest)
    }

    /// The management API of `https://as.example`.
    pub(in crate::manage::api_tokens) fn management() -> Api {
        named(9, "https://as.example/api", None)
    }

    fn named(number: u64, identifier: &str, max_token_lifetime: Option<Lifetime>) -> Api {
        Api {
            token_format: TokenFormat::Opaque,
            max_token_lifetime,
            ..Api::blank(Id::from_parts(number, 0), identifier.parse().unwrap(), Seconds(0))
        }
    }

    /// APIs 0 and 1, and the management API.
    fn registered() -> Registered {
        Registered::new(vec![api(0, None), api(1, None), management()], "https://as.example".parse().unwrap())
    }

    fn settled(reach: &Reach) -> Result<AccessList, Vec<String>> {
        let mut findings = Findings::default();
        let access = reach.settled(&AccessList::default(), &registered(), &mut findings);
        match findings.refuse() {
            Ok(()) => Ok(access),
            Err(Stop::Refuse(Refused::Invalid(members))) => {
                Err(members.into_iter().map(|Invalid { pointer, .. }| pointer).collect())
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn reach(levels: &[(&str, Level)]) -> Reach {
        Reach::Named(
            levels.iter().map(|(api, level)| Named { api: (*api).to_owned(), level: *level }).collect(),
        )
    }

    fn levels(access: &AccessList) -> Vec<(String, Level)> {
        let named = registered().named_by(access);
        named.into_iter().map(|(api, level)| (api.to_string(), level)).collect()
    }

    #[test]
    fn an_api_is_named_by_identifier_by_id_or_as_the_management_api() {
        let id = Id::from_parts(1, 0).to_string();
        let asked = [("https://0.example", Level::Read), (&*id, Level::None), (MANAGEMENT, Level::Full)];
        let expected = [
            ("https://0.example", Level::Read),
            ("https://1.example", Level::None),
            ("https://as.example/api", Level::Full),
        ];
        let access = settled(&reach(&asked)).unwrap();
        assert_eq!(levels(&access), expected.map(|(api, level)| (api.to_owned(), level)));
        let opened: Vec<_> =
            registered().opened_by(&access).iter().map(|api| api.identifier.to_string()).collect();
        assert_eq!(opened, ["https://0.example", "https://as.example/api"], "none opens nothing");
    }

    #[test]
    fn an_api_that_is_unknown_or_named_twice_is_pointed_at() {
        let id = Id::from_parts(0, 0).to_string();
        let asked = [
            ("https://0.example", Level::Read),
            ("https://nowhere.example", Level::Read),
            (&*id, Level::Read),
            (MANAGEMENT, Level::Read),
            ("https://as.example/api", Level::Full),
        ];
        let pointers = settled(&reach(&asked)).unwrap_err();
        assert_eq!(pointers, ["/access/1/api", "/access/2/api", "/access/4/api"]);
    }

    #[test]
    fn one_level_for_all_never_reaches_the_management_api() {
        let all = |include_future| Reach::All(ApplyToAll { level: Level::Full, include_future });
        let [now, future] = [all(false), all(true)].map(|all| settled(&all).unwrap());
        for access in [&now, &future] {
            assert_eq!(registered().at_management(access), Level::None);
            assert_eq!(levels(access).len(), 2);
        }
        let later = named(10, "https://later.example", None);
        assert_eq!(registered().level(&now, &later), Level::None, "not those that are registered later");
        assert_eq!(registered().level(&future, &later), Level::Full);
    }

    #[test]
    fn what_is_taken_from_apis_to_come_stays_at_those_that_there_are() {
        let all = settled(&Reach::All(ApplyToAll { level: Level::Read, include_future: true })).unwrap();
        let here = Reach::KeptHere.settled(&all, &registered(), &mut Findings::default());
        assert_eq!(levels(&here), levels(&all));
        let later = named(10, "https://later.example", None);
        assert_eq!(registered().level(&here, &later), Level::None);
    }

    #[test]
    fn levels_are_asked_for_in_one_way() {
        let all = Some(ApplyToAll { level: Level::Read, include_future: false });
        assert!(Reach::of(Some(vec![]), all).unwrap_err().to_string().starts_with("apply_to_all"));
        assert_eq!(Reach::of(None, None), Ok(None));
        assert_eq!(Reach::of(Some(vec![]), None), Ok(Some(Reach::Named(vec![]))));
    }

    #[test]
    fn a_finding_about_an_api_points_where_it_was_named() {
        let asked = reach(&[("https://1.example", Level::Read), (MANAGEMENT, Level::Read)]);
        assert_eq!(asked.pointer(Id::from_parts(9, 0), &registered()), "/access/1/api");
        let all = Reach::All(ApplyToAll { level: Level::Read, include_future: true });
        assert_eq!(all.pointer(Id::from_parts(1, 0), &registered()), "/apply_to_all");
    }
}
