//! Attempts to sign in, as rows: one for each account that was tried, under the keyed hash of its name.

use crate::columns;
use crate::schema::{old_attempts, sign_in_attempts};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::identity::attempts::AccountAttempts;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::people::SignInAttempts;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = sign_in_attempts)]
struct Row {
    account: Vec<u8>,
    began_at: i64,
    attempts: i64,
}

impl SignInAttempts for Transaction<'_> {
    fn attempts(&mut self, account: &Digest) -> Result<Option<AccountAttempts>, Fault> {
        let row = sign_in_attempts::table.find(account.0.as_slice()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(|row| row.attempts()).transpose()
    }

    fn insert_attempts(&mut self, attempts: &AccountAttempts) -> Result<(), Fault> {
        // Without room for a session nobody signs in anyway, and strangers must not eat the ballast with names they make up.
        self.spend()?;
        let row = Row::of(attempts);
        self.change(|c| diesel::insert_into(sign_in_attempts::table).values(row).execute(c)).map(drop)
    }

    fn update_attempts(&mut self, before: &AccountAttempts, now: &AccountAttempts) -> Result<bool, Fault> {
        let same = sign_in_attempts::account
            .eq(before.account.0.as_slice())
            .and(sign_in_attempts::began_at.eq(before.began_at.0))
            .and(sign_in_attempts::attempts.eq(before.count));
        let values =
            (sign_in_attempts::began_at.eq(now.began_at.0), sign_in_attempts::attempts.eq(now.count));
        self.touches(|c| diesel::update(sign_in_attempts::table.filter(same)).set(values).execute(c))
    }

    fn delete_attempts(&mut self, account: &Digest) -> Result<bool, Fault> {
        self.touches(|c| diesel::delete(sign_in_attempts::table.find(account.0.as_slice())).execute(c))
    }

    fn sweep_attempts(&mut self, began_before: Seconds, limit: i64) -> Result<usize, Fault> {
        let began_at = old_attempts.field(sign_in_attempts::began_at);
        let account = old_attempts.field(sign_in_attempts::account);
        let old = old_attempts.select(account).filter(began_at.lt(began_before.0));
        let old = old.order(began_at).limit(limit);
        self.change(|c| {
            diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::account.eq_any(old))).execute(c)
        })
    }
}

impl Row {
    fn of(attempts: &AccountAttempts) -> Self {
        Self { account: attempts.account.0.to_vec(), began_at: attempts.began_at.0, attempts: attempts.count }
    }

    fn attempts(&self) -> Result<AccountAttempts, Fault> {
        Ok(AccountAttempts {
            account: columns::read_digest("sign_in_attempts.account", &self.account)?,
            began_at: Seconds(self.began_at),
            count: self.attempts,
        })
    }
}
