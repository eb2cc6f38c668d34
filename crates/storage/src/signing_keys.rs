//! Signing keys, as rows. A private key is here in its sealed form only.

use crate::columns;
use crate::schema::{old_keys, signing_keys};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::keys::signing_key::SigningKeyRecord;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::SigningKeys;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
struct Row {
    kid: String,
    algorithm: String,
    public_jwk: String,
    sealed_private_key: Vec<u8>,
    created_at: i64,
    activates_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl SigningKeys for Transaction<'_> {
    fn signing_keys(&mut self) -> Result<Vec<SigningKeyRecord>, Fault> {
        let in_order = (signing_keys::created_at, signing_keys::kid);
        let rows: Vec<Row> =
            self.ask(|c| signing_keys::table.order(in_order).select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::record).collect()
    }

    fn insert_signing_key(&mut self, key: &SigningKeyRecord) -> Result<(), Fault> {
        let row = Row::of(key);
        self.change(|c| diesel::insert_into(signing_keys::table).values(row).execute(c))?;
        self.record_change(Changed::SigningKeys, Voids::Nothing)
    }

    fn expire_signing_key(&mut self, kid: &str, expires_at: Seconds) -> Result<bool, Fault> {
        let key = signing_keys::table.find(kid);
        let found =
            self.touches(|c| diesel::update(key).set(signing_keys::expires_at.eq(expires_at.0)).execute(c))?;
        self.keys_changed(found, Voids::Nothing)
    }

    fn revoke_signing_key(&mut self, kid: &str, now: Seconds) -> Result<bool, Fault> {
        let safe =
            signing_keys::table.filter(signing_keys::kid.eq(kid).and(signing_keys::revoked_at.is_null()));
        let found =
            self.touches(|c| diesel::update(safe).set(signing_keys::revoked_at.eq(now.0)).execute(c))?;
        self.keys_changed(found, Voids::tokens_of(kid))
    }

    fn rewrap_signing_key(&mut self, kid: &str, old: &[u8], new: &[u8]) -> Result<bool, Fault> {
        let sealed = signing_keys::sealed_private_key;
        let key = signing_keys::table.filter(signing_keys::kid.eq(kid).and(sealed.eq(old)));
        let found = self.touches(|c| diesel::update(key).set(sealed.eq(new)).execute(c))?;
        self.keys_changed(found, Voids::Nothing)
    }

    fn sweep_signing_keys(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let kid = old_keys.field(signing_keys::kid);
        let expired = old_keys.field(signing_keys::expires_at).lt(before.0);
        let revoked = old_keys.field(signing_keys::revoked_at).lt(before.0);
        let old = old_keys.select(kid).filter(expired.or(revoked)).order(kid).limit(limit);
        let count = self.change(|c| {
            diesel::delete(signing_keys::table.filter(signing_keys::kid.eq_any(old))).execute(c)
        })?;
        self.keys_changed(count > 0, Voids::Nothing)?;
        Ok(count)
    }
}

impl Transaction<'_> {
    fn keys_changed(&mut self, changed: bool, voids: Voids) -> Result<bool, Fault> {
        if changed {
            self.record_change(Changed::SigningKeys, voids)?;
        }
        Ok(changed)
    }
}

impl Row {
    fn of(key: &SigningKeyRecord) -> Self {
        Self {
            kid: key.kid.clone(),
            algorithm: key.algorithm.to_string(),
            public_jwk: key.public_jwk.clone(),
            sealed_private_key: key.sealed_private_key.clone(),
            created_at: key.created_at.0,
            activates_at: key.activates_at.0,
            expires_at: key.expires_at.map(|at| at.0),
            revoked_at: key.revoked_at.map(|at| at.0),
        }
    }

    fn record(self) -> Result<SigningKeyRecord, Fault> {
        Ok(SigningKeyRecord {
            algorithm: columns::read("signing_keys.algorithm", &self.algorithm)?,
            kid: self.kid,
            public_jwk: self.public_jwk,
            sealed_private_key: self.sealed_private_key,
            created_at: Seconds(self.created_at),
            activates_at: Seconds(self.activates_at),
            expires_at: self.expires_at.map(Seconds),
            revoked_at: self.revoked_at.map(Seconds),
        })
    }
}
