//! Passwords, as rows: a PHC string for each user who has one. Apart from the user's own row, so that no question about
//! people ever carries a hash along.

use crate::schema::passwords;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::people::Passwords;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

impl Passwords for Transaction<'_> {
    fn password(&mut self, user: Id) -> Result<Option<String>, Fault> {
        let row = passwords::table.find(user.to_string()).select(passwords::hash);
        self.ask(|c| row.get_result(c).optional())
    }

    fn insert_password(&mut self, user: Id, hash: &str, now: Seconds) -> Result<(), Fault> {
        let row = (
            passwords::user_id.eq(user.to_string()),
            passwords::hash.eq(hash),
            passwords::updated_at.eq(now.0),
        );
        self.change(|c| diesel::insert_into(passwords::table).values(row).execute(c)).map(drop)
    }

    fn update_password(&mut self, user: Id, old: &str, new: &str, now: Seconds) -> Result<bool, Fault> {
        let same =
            passwords::table.filter(passwords::user_id.eq(user.to_string()).and(passwords::hash.eq(old)));
        let values = (passwords::hash.eq(new), passwords::updated_at.eq(now.0));
        self.touches(|c| diesel::update(same).set(values).execute(c))
    }
}
