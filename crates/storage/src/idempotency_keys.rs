//! Changes that were made under a key, as rows.

use crate::columns;
use crate::schema::credentials::{idempotency_keys, old_idempotency_keys};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::audit::idempotency_key::IdempotencyKey;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::credentials::IdempotencyKeys;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
struct Row {
    digest: Vec<u8>,
    request: Vec<u8>,
    objects: String,
    answer: Option<Vec<u8>>,
    created_at: i64,
}

impl IdempotencyKeys for Transaction<'_> {
    fn idempotency_key(&mut self, digest: &Digest) -> Result<Option<IdempotencyKey>, Fault> {
        let row = idempotency_keys::table.find(digest.0.as_slice()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(Row::key).transpose()
    }

    fn insert_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<(), Fault> {
        // Not `spend`: what is taken back while the disk is full may carry a key, too.
        let row = Row::of(key);
        self.change(|c| diesel::insert_into(idempotency_keys::table).values(row).execute(c)).map(drop)
    }

    fn answer_idempotency_key(&mut self, digest: &Digest, sealed: &[u8]) -> Result<bool, Fault> {
        let open = idempotency_keys::digest.eq(digest.0.as_slice()).and(idempotency_keys::answer.is_null());
        let open = idempotency_keys::table.filter(open);
        self.touches(|c| diesel::update(open).set(idempotency_keys::answer.eq(sealed)).execute(c))
    }

    fn sweep_idempotency_keys(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let created_at = old_idempotency_keys.field(idempotency_keys::created_at);
        let old = old_idempotency_keys.select(old_idempotency_keys.field(idempotency_keys::digest));
        let old = old.filter(created_at.lt(before.0)).order(created_at).limit(limit);
        let old = idempotency_keys::table.filter(idempotency_keys::digest.eq_any(old));
        self.change(|c| diesel::delete(old).execute(c))
    }
}

impl Row {
    fn of(key: &IdempotencyKey) -> Self {
        Self {
            digest: key.digest.0.to_vec(),
            request: key.request.0.to_vec(),
            objects: key.objects.clone(),
            answer: key.answer.clone(),
            created_at: key.created_at.0,
        }
    }

    fn key(self) -> Result<IdempotencyKey, Fault> {
        Ok(IdempotencyKey {
            digest: columns::read_digest("idempotency_keys.digest", &self.digest)?,
            request: columns::read_digest("idempotency_keys.request", &self.request)?,
            objects: self.objects,
            answer: self.answer,
            created_at: Seconds(self.created_at),
        })
    }
}
