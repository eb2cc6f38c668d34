//! Families and refresh tokens, as rows. Owns the questions of every refresh, each one statement by primary key, and that
//! a revocation is in the feed: signed access tokens are recognised without a look-up.

use crate::columns;
use crate::family_row::{FamilyRow, RefreshRow};
use crate::kept::kept;
use crate::schema::{families, old_families, old_refresh_tokens, refresh_tokens};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::authorizations::Families;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::token::family::{Family, RefreshToken, RevokedFamily};
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

impl Families for Transaction<'_> {
    fn family(&mut self, id: Id) -> Result<Option<Family>, Fault> {
        let row = kept!(families::table.find(id.to_string()).select(FamilyRow::as_select()));
        self.ask(|c| row.get_result::<FamilyRow>(c).optional())?.map(|row| row.family()).transpose()
    }

    fn insert_family(&mut self, family: &Family) -> Result<(), Fault> {
        self.spend()?;
        let row = FamilyRow::of(family);
        self.change(|c| kept!(diesel::insert_into(families::table).values(row)).execute(c)).map(drop)
    }

    fn rotate_family(&mut self, id: Id, newest: i64, now: Seconds) -> Result<bool, Fault> {
        let same = families::id
            .eq(id.to_string())
            .and(families::newest.eq(newest))
            .and(families::revoked_at.is_null());
        let same = families::table.filter(same);
        let values = (families::newest.eq(families::newest + 1), families::rotated_at.eq(now.0));
        self.touches(|c| kept!(diesel::update(same).set(values)).execute(c))
    }

    fn revoke_family(&mut self, id: Id, now: Seconds) -> Result<bool, Fault> {
        let good =
            families::table.filter(families::id.eq(id.to_string()).and(families::revoked_at.is_null()));
        let found =
            self.touches(|c| kept!(diesel::update(good).set(families::revoked_at.eq(now.0))).execute(c))?;
        if found {
            self.record_change(Changed::RevokedFamily(id), Voids::tokens_of(id))?;
        }
        Ok(found)
    }

    fn revoke_families_of_session(&mut self, session: Id, now: Seconds) -> Result<Vec<Id>, Fault> {
        let bound = families::session
            .eq(session.to_string())
            .and(families::offline.eq(false))
            .and(families::revoked_at.is_null());
        let bound = families::table.filter(bound).select(families::id).order(families::id);
        let ids = self.ask(|c| bound.load(c))?;
        self.revoke_families(&ids, now)
    }

    fn move_families(&mut self, from: Id, to: Id) -> Result<usize, Fault> {
        let of_session = families::table.filter(families::session.eq(from.to_string()));
        self.change(|c| diesel::update(of_session).set(families::session.eq(to.to_string())).execute(c))
    }

    fn revoke_families_of_consent(&mut self, consent: Id, now: Seconds) -> Result<Vec<Id>, Fault> {
        let resting = families::consent.eq(consent.to_string()).and(families::revoked_at.is_null());
        let resting = families::table.filter(resting).select(families::id).order(families::id);
        let ids = self.ask(|c| resting.load(c))?;
        self.revoke_families(&ids, now)
    }

    fn revoked_families(&mut self, after: Seconds) -> Result<Vec<RevokedFamily>, Fault> {
        let revoked = families::table.filter(families::revoked_at.gt(after.0));
        let rows: Vec<(String, Option<i64>)> =
            self.ask(|c| revoked.select((families::id, families::revoked_at)).load(c))?;
        rows.iter().filter_map(revoked_family).collect()
    }

    fn revoked_family(&mut self, id: Id) -> Result<Option<RevokedFamily>, Fault> {
        let row = families::table.find(id.to_string()).select((families::id, families::revoked_at));
        let row: Option<(String, Option<i64>)> = self.ask(|c| row.get_result(c).optional())?;
        row.as_ref().and_then(revoked_family).transpose()
    }

    fn sweep_families(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_families.field(families::expires_at);
        let old = old_families.select(old_families.field(families::id)).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| diesel::delete(families::table.filter(families::id.eq_any(old))).execute(c))
    }

    fn refresh_token(&mut self, digest: &Digest) -> Result<Option<RefreshToken>, Fault> {
        let row = kept!(refresh_tokens::table.find(digest.0.as_slice()).select(RefreshRow::as_select()));
        self.ask(|c| row.get_result::<RefreshRow>(c).optional())?.map(|row| row.token()).transpose()
    }

    fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<(), Fault> {
        self.spend()?;
        let row = RefreshRow::of(token);
        self.change(|c| kept!(diesel::insert_into(refresh_tokens::table).values(row)).execute(c)).map(drop)
    }

    fn sweep_refresh_tokens(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_refresh_tokens.field(refresh_tokens::expires_at);
        let digest = old_refresh_tokens.field(refresh_tokens::digest);
        let old = old_refresh_tokens.select(digest).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| {
            diesel::delete(refresh_tokens::table.filter(refresh_tokens::digest.eq_any(old))).execute(c)
        })
    }
}

impl Transaction<'_> {
    /// Revokes each of these that nobody else revokes first, and tells which those were.
    fn revoke_families(&mut self, ids: &[String], now: Seconds) -> Result<Vec<Id>, Fault> {
        let mut revoked = Vec::with_capacity(ids.len());
        for id in ids {
            let id = columns::read("families.id", id)?;
            if self.revoke_family(id, now)? {
                revoked.push(id);
            }
        }
        Ok(revoked)
    }
}

fn revoked_family((id, revoked_at): &(String, Option<i64>)) -> Option<Result<RevokedFamily, Fault>> {
    let revoked_at = Seconds((*revoked_at)?);
    Some(columns::read("families.id", id).map(|id| RevokedFamily { id, revoked_at }))
}
