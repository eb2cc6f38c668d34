//! What somebody may make of their own API tokens by way of one of these. Owns the one rule: what is made, changed or regenerated
//! for its owner by way of an API token, or of an access token that it was exchanged for, stays within that token. It may be used
//! from nowhere else, has no higher level anywhere, and ends no later. So whoever finds a narrow token holds a narrow one, whatever
//! they do with it, and a token that rotates itself does not live forever.
//!
//! A change that only takes away may be made of any token of one's own: it hands out nothing.

use super::access::{Reach, Registered};
use super::not_found;
use crate::access::api::Api;
use crate::manage::call::{Call, Through};
use crate::manage::permit::Actor;
use crate::manage::{Findings, Refused};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use crate::token::api_token::ApiToken;
use doorward_protocol::access::level::AccessList;
use doorward_protocol::id::Id;
use doorward_protocol::network::{self, Network};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;

/// What a token of one's own may be made to reach.
pub(in crate::manage) struct Bounds(Option<Own>);

/// The token by way of which somebody acts.
struct Own {
    token: ApiToken,
    /// When the value of it ends that they hold.
    ends_at: Seconds,
    now: Seconds,
}

impl Bounds {
    /// Those of a call on what belongs to this user, if to one: none where they act in another way than by an API token of theirs, nor
    /// where somebody else does, who is bounded by their permissions.
    pub(in crate::manage) fn of(
        owner: Option<Id>,
        call: &Call,
        tx: &mut dyn Tx,
    ) -> Result<Self, Stop<Refused>> {
        let Some(Through { api_token, ends_at }) = call.api_token() else { return Ok(Self(None)) };
        if owner.is_none_or(|owner| call.permit().actor() != Actor::User(owner)) {
            return Ok(Self(None));
        }
        // As it stands now: it may have been narrowed since it was presented.
        let token = tx.api_token(api_token)?.ok_or_else(not_found)?;
        Ok(Self(Some(Own { ends_at: ends_at.min(token.expires_at), token, now: call.now() })))
    }

    /// Notes where a token with these networks and levels would reach further.
    pub(in crate::manage) fn check(
        &self,
        allowed_ips: &[Network],
        access: &AccessList,
        (reach, apis): (&Reach, &Registered),
        findings: &mut Findings,
    ) {
        let Some(own) = &self.0 else { return };
        if !network::all_within(allowed_ips, &own.token.allowed_ips) {
            let networks: Vec<_> = own.token.allowed_ips.iter().map(ToString::to_string).collect();
            let networks = networks.join(", ");
            findings.add(
                "/allowed_ips",
                format!("names only what the API token that you act by names: {networks}"),
            );
        }
        for api in apis.opened_by(access) {
            let most = own.level(api, apis);
            if apis.level(access, api) > most {
                let identifier = &api.identifier;
                let detail = format!(
                    "the API token that you act by has the level '{most}' at {identifier}: ask for no higher one"
                );
                findings.add(reach.pointer(api.id, apis), detail);
            }
        }
        if others(access) > others(&own.token.access) {
            let detail =
                "the API token that you act by does not reach APIs that are registered later at that level";
            findings.add(reach.place(), detail);
        }
    }

    /// Notes where a change makes a token reach further than it did, and than the one that it is made by.
    pub(super) fn check_change(
        &self,
        (before, after): (&ApiToken, &ApiToken),
        (reach, apis): (&Reach, &Registered),
        findings: &mut Findings,
    ) {
        let is_narrower = network::all_within(&after.allowed_ips, &before.allowed_ips)
            && is_within(&after.access, &before.access, apis);
        if is_narrower {
            return;
        }
        self.check(&after.allowed_ips, &after.access, (reach, apis), findings);
        if let Some(end) = self.end(&apis.opened_by(&after.access))
            && after.expires_at > end
        {
            let pointer = if *reach == Reach::Kept { "/allowed_ips" } else { reach.place() };
            let detail = format!(
                "makes a token reach further that outlives the one that you act by, which ends at {end}"
            );
            findings.add(pointer, detail);
        }
    }

    /// The latest end of a token that opens these APIs, if it is bounded.
    pub(in crate::manage) fn end(&self, opened: &[&Api]) -> Option<Seconds> {
        let own = self.0.as_ref()?;
        opened.iter().map(|api| own.end_at(api)).chain([own.ends_at]).min()
    }
}

impl Own {
    /// An API may have come to let tokens live for a shorter time.
    fn end_at(&self, api: &Api) -> Seconds {
        let longest = api.max_token_lifetime.map(|longest| self.token.issued_at + longest);
        longest.map_or(self.ends_at, |end| end.min(self.ends_at))
    }

    /// Where it has ended, it has no level.
    fn level(&self, api: &Api, apis: &Registered) -> Level {
        if self.now < self.end_at(api) { apis.level(&self.token.access, api) } else { Level::None }
    }
}

/// The level at APIs that are registered later.
fn others(access: &AccessList) -> Level {
    access.others.unwrap_or(Level::None)
}

/// Whether levels are no higher anywhere than others are.
fn is_within(inner: &AccessList, outer: &AccessList, apis: &Registered) -> bool {
    let opened = apis.opened_by(inner);
    others(inner) <= others(outer)
        && opened.into_iter().all(|api| apis.level(inner, api) <= apis.level(outer, api))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manage::api_tokens::access::tests::{api, management};
    use crate::manage::api_tokens::expiry::{Expiry, Latest};
    use crate::manage::api_tokens::shown::tests::token as blank;
    use doorward_protocol::access::decision::{Origin, admits};
    use doorward_protocol::access::level::Access;
    use doorward_protocol::time::Lifetime;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    const NOW: Seconds = Seconds(1_800_000_000);
    const NETWORKS: &[&str] = &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.0.2.0/24", "2001:db8::/32"];
    /// One of each network that is in none of the smaller ones, and one of none.
    const ADDRESSES: &[&str] =
        &["10.9.9.9", "10.1.9.9", "10.1.2.3", "192.0.2.1", "2001:db8::1", "203.0.113.1"];
    const LEVELS: &[Level] = &[Level::None, Level::Read, Level::Full];

    /// Two APIs and the management API.
    fn registered() -> Registered {
        Registered::new(vec![api(0, None), api(1, None), management()], "https://as.example".parse().unwrap())
    }

    /// The same, and one that is registered later.
    fn later() -> [Api; 4] {
        [api(0, None), api(1, None), management(), api(2, None)]
    }

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn token((allowed_ips, access, days): (Vec<Network>, AccessList, i64)) -> ApiToken {
        let expires_at = NOW + Lifetime::days(days);
        ApiToken {
            access,
            allowed_ips,
            issued_at: NOW,
            created_at: NOW,
            updated_at: NOW,
            expires_at,
            ..blank()
        }
    }

    fn by(own: &ApiToken) -> Bounds {
        Bounds(Some(Own { token: own.clone(), ends_at: own.expires_at, now: NOW }))
    }

    /// Whether a token lets its holder do this.
    fn lets(token: &ApiToken, address: &str, api: &Api, level: Level) -> bool {
        level <= registered().level(&token.access, api)
            && admits(&token.allowed_ips, Origin::At(address.parse().unwrap()))
    }

    /// Everything that may be done, from anywhere.
    fn everything() -> impl Iterator<Item = (&'static str, Api, Level)> {
        let each = |api: Api| LEVELS[1..].iter().map(move |level| (api.clone(), *level));
        let all = later().into_iter().flat_map(each);
        all.flat_map(|(api, level)| ADDRESSES.iter().map(move |address| (*address, api.clone(), level)))
    }

    prop_compose! {
        fn tokens()(
            allowed_ips in subsequence(NETWORKS.to_vec(), 0..=3),
            named in vec(option::of(select(LEVELS)), 3),
            others in option::of(select(LEVELS)),
            days in 1_i64..400,
        ) -> ApiToken {
            let ids = later().map(|api| api.id);
            let named = ids.into_iter().zip(named);
            let named = named.filter_map(|(api, level)| Some(Access { api, level: level? })).collect();
            token((networks(&allowed_ips), AccessList { named, others }, days))
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever is asked for: what comes of it lets nobody do anything that the token by which it was made does not.
        #[test]
        fn nothing_that_is_made_reaches_further_than_the_token_it_is_made_by(
            own in tokens(),
            wanted in tokens(),
            months in option::of(select(&[3_i64, 6, 12])),
        ) {
            let (apis, bounds, mut findings) = (registered(), by(&own), Findings::default());
            bounds.check(&wanted.allowed_ips, &wanted.access, (&Reach::Kept, &apis), &mut findings);
            let expiry = Expiry { expires_in_months: months, expires_at: None };
            let opened = apis.opened_by(&wanted.access);
            let end = expiry.at(NOW, &opened, bounds.end(&opened).map(Latest::OfToken).as_slice(), &mut findings);
            let may_be = findings.refuse().is_ok();
            let exceeds = everything().any(|(address, api, level)| {
                lets(&wanted, address, &api, level) && !lets(&own, address, &api, level)
            });
            if may_be {
                prop_assert!(!exceeds);
                prop_assert!(end.unwrap() <= own.expires_at);
            }
        }

        /// What a changed token lets somebody do, it let them do before, or the one that it was changed by does, for as long.
        #[test]
        fn no_change_adds_what_the_token_it_is_made_by_has_not(own in tokens(), before in tokens(), after in tokens()) {
            let after = ApiToken { expires_at: before.expires_at, ..after };
            let (apis, mut findings) = (registered(), Findings::default());
            by(&own).check_change((&before, &after), (&Reach::Kept, &apis), &mut findings);
            if findings.refuse().is_ok() {
                for (address, api, level) in everything() {
                    if lets(&after, address, &api, level) && !lets(&before, address, &api, level) {
                        prop_assert!(lets(&own, address, &api, level), "{address} {level}");
                        prop_assert!(after.expires_at <= own.expires_at);
                    }
                }
            }
        }
    }

    #[test]
    fn a_token_stays_within_itself() {
        let access = AccessList { named: vec![], others: Some(Level::Read) };
        let own = token((networks(&["10.0.0.0/8"]), access, 3));
        let (apis, mut findings) = (registered(), Findings::default());
        by(&own).check(&own.allowed_ips, &own.access, (&Reach::Kept, &apis), &mut findings);
        let opened = apis.opened_by(&own.access);
        let end = Expiry::default().at(
            NOW,
            &opened,
            by(&own).end(&opened).map(Latest::OfToken).as_slice(),
            &mut findings,
        );
        assert!(findings.refuse().is_ok());
        assert_eq!(end, Some(own.expires_at), "what is usual is cut to its own end");
    }

    /// An API may have come to let tokens live for a shorter time: another value would begin that time anew.
    #[test]
    fn where_a_token_has_ended_it_gives_nothing() {
        let strict = api(0, Some(Lifetime::days(2)));
        let apis = Registered::new(vec![strict.clone()], "https://as.example".parse().unwrap());
        let access = AccessList { named: vec![Access { api: strict.id, level: Level::Full }], others: None };
        let own = token((vec![], access.clone(), 30));
        let end = NOW + Lifetime::days(2);
        assert_eq!(by(&own).end(&[&strict]), Some(end));
        let bounds = Bounds(Some(Own { ends_at: own.expires_at, token: own, now: end }));
        let mut findings = Findings::default();
        bounds.check(&[], &access, (&Reach::Kept, &apis), &mut findings);
        assert!(findings.refuse().is_err());
    }
}
