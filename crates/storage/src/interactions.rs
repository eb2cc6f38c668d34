//! Interactions, as rows. What a page is for and how far it has come are texts in JSON: no query looks into them.

use crate::columns;
use crate::schema::{interactions, old_interactions};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::authorizations::Interactions;
use doorward_core::ticket::interaction::{Interaction, Progress, StoredInteraction};
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = interactions)]
struct Row {
    digest: Vec<u8>,
    pepper: i32,
    browser: Vec<u8>,
    goal: String,
    progress: String,
    created_at: i64,
}

impl Interactions for Transaction<'_> {
    fn interaction(&mut self, digest: &Digest) -> Result<Option<StoredInteraction>, Fault> {
        let row = interactions::table.find(digest.0.as_slice()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(|row| row.interaction()).transpose()
    }

    fn insert_interaction(&mut self, interaction: &StoredInteraction) -> Result<(), Fault> {
        self.spend()?;
        let row = Row::of(interaction)?;
        self.change(|c| diesel::insert_into(interactions::table).values(row).execute(c)).map(drop)
    }

    fn update_interaction(&mut self, digest: &Digest, progress: &Progress) -> Result<bool, Fault> {
        let row = interactions::table.filter(interactions::digest.eq(digest.0.as_slice()));
        let progress = interactions::progress.eq(serde_json::to_string(progress).map_err(Fault::broken)?);
        self.touches(|c| diesel::update(row).set(progress).execute(c))
    }

    fn delete_interaction(&mut self, digest: &Digest) -> Result<bool, Fault> {
        self.touches(|c| diesel::delete(interactions::table.find(digest.0.as_slice())).execute(c))
    }

    fn sweep_interactions(&mut self, began_before: Seconds, limit: i64) -> Result<usize, Fault> {
        let created_at = old_interactions.field(interactions::created_at);
        let digest = old_interactions.field(interactions::digest);
        let old = old_interactions.select(digest).filter(created_at.lt(began_before.0));
        let old = old.order(created_at).limit(limit);
        self.change(|c| {
            diesel::delete(interactions::table.filter(interactions::digest.eq_any(old))).execute(c)
        })
    }
}

impl Row {
    fn of(stored: &StoredInteraction) -> Result<Self, Fault> {
        let interaction = &stored.interaction;
        Ok(Self {
            digest: stored.digest.0.to_vec(),
            pepper: stored.pepper.0,
            browser: stored.browser.0.to_vec(),
            goal: serde_json::to_string(&interaction.goal).map_err(Fault::broken)?,
            progress: serde_json::to_string(&interaction.progress).map_err(Fault::broken)?,
            created_at: interaction.created_at.0,
        })
    }

    fn interaction(&self) -> Result<StoredInteraction, Fault> {
        let interaction = Interaction {
            goal: serde_json::from_str(&self.goal).map_err(|_| columns::broken("interactions.goal"))?,
            progress: serde_json::from_str(&self.progress)
                .map_err(|_| columns::broken("interactions.progress"))?,
            created_at: Seconds(self.created_at),
        };
        Ok(StoredInteraction {
            digest: columns::read_digest("interactions.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            browser: columns::read_digest("interactions.browser", &self.browser)?,
            interaction,
        })
    }
}
