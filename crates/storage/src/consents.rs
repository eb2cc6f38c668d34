//! Consents, as rows. Owns the empty text that stands for the server itself where an API's identifier would stand.

use crate::columns;
use crate::kept::kept;
use crate::schema::consents;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::access::consent::Consent;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::authorizations::Consents;
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
struct Row {
    id: String,
    user_id: String,
    client: String,
    api: String,
    scope: String,
    generation: i64,
    created_at: i64,
    updated_at: i64,
    revoked_at: Option<i64>,
}

impl Consents for Transaction<'_> {
    fn consent(&mut self, user: Id, client: Id, api: Option<Id>) -> Result<Option<Consent>, Fault> {
        let given = consents::table
            .filter(consents::user_id.eq(user.to_string()))
            .filter(consents::client.eq(client.to_string()))
            .filter(consents::api.eq(place(api)))
            .select(Row::as_select());
        self.ask(|c| given.get_result::<Row>(c).optional())?.map(|row| row.consent()).transpose()
    }

    fn consent_with(&mut self, id: Id) -> Result<Option<Consent>, Fault> {
        let with = consents::table.find(id.to_string()).select(Row::as_select());
        self.ask(|c| with.get_result::<Row>(c).optional())?.map(|row| row.consent()).transpose()
    }

    fn consents_of(&mut self, user: Id) -> Result<Vec<Consent>, Fault> {
        let all = consents::table.filter(consents::user_id.eq(user.to_string())).order(consents::id);
        let rows: Vec<Row> = self.ask(|c| all.select(Row::as_select()).load(c))?;
        rows.iter().map(Row::consent).collect()
    }

    fn insert_consent(&mut self, consent: &Consent) -> Result<(), Fault> {
        let row = Row::of(consent);
        self.change(|c| diesel::insert_into(consents::table).values(row).execute(c)).map(drop)
    }

    fn renew_consent(&mut self, before: &Consent, scope: &Scope, now: Seconds) -> Result<bool, Fault> {
        // A generation ends with the consent's being taken back, so that need not be compared.
        let same = consents::id
            .eq(before.id.to_string())
            .and(consents::generation.eq(before.generation))
            .and(consents::scope.eq(before.scope.to_string()));
        let consent = consents::table.filter(same);
        let values = (
            consents::scope.eq(scope.to_string()),
            consents::updated_at.eq(now.0),
            consents::revoked_at.eq(None::<i64>),
        );
        self.touches(|c| diesel::update(consent).set(values).execute(c))
    }

    fn revoke_consent(&mut self, id: Id, now: Seconds) -> Result<bool, Fault> {
        let standing =
            consents::table.filter(consents::id.eq(id.to_string()).and(consents::revoked_at.is_null()));
        let values = (
            consents::generation.eq(consents::generation + 1),
            consents::updated_at.eq(now.0),
            consents::revoked_at.eq(now.0),
        );
        self.touches(|c| diesel::update(standing).set(values).execute(c))
    }

    fn hold_consent(&mut self, id: Id, generation: i64) -> Result<bool, Fault> {
        let standing = consents::id
            .eq(id.to_string())
            .and(consents::generation.eq(generation))
            .and(consents::revoked_at.is_null());
        let standing = consents::table.filter(standing);
        // Nothing changes but who may: the row is this transaction's until it ends.
        self.touches(|c| {
            kept!(diesel::update(standing).set(consents::generation.eq(consents::generation))).execute(c)
        })
    }
}

impl Row {
    fn of(consent: &Consent) -> Self {
        Self {
            id: consent.id.to_string(),
            user_id: consent.user.to_string(),
            client: consent.client.to_string(),
            api: place(consent.api),
            scope: consent.scope.to_string(),
            generation: consent.generation,
            created_at: consent.created_at.0,
            updated_at: consent.updated_at.0,
            revoked_at: consent.revoked_at.map(|at| at.0),
        }
    }

    fn consent(&self) -> Result<Consent, Fault> {
        let api = (!self.api.is_empty()).then_some(self.api.as_str());
        Ok(Consent {
            id: columns::read("consents.id", &self.id)?,
            user: columns::read("consents.user_id", &self.user_id)?,
            client: columns::read("consents.client", &self.client)?,
            api: columns::read_optional("consents.api", api)?,
            scope: columns::read("consents.scope", &self.scope)?,
            generation: self.generation,
            created_at: Seconds(self.created_at),
            updated_at: Seconds(self.updated_at),
            revoked_at: self.revoked_at.map(Seconds),
        })
    }
}

/// Where a consent holds: the API's identifier, or nothing for the server itself.
fn place(api: Option<Id>) -> String {
    api.map(|id| id.to_string()).unwrap_or_default()
}
