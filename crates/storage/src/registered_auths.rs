//! Registered auths, as rows. Secrets are here in their sealed form only.

use crate::columns;
use crate::schema::vault::registered_auths;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::keys::seal::Sealer;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::vault::RegisteredAuths;
use doorward_core::vault::registered_auth::{Envelope, RegisteredAuth};
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

/// What never changes.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = registered_auths)]
struct Registration {
    id: String,
    account: String,
    provider: String,
    created_at: i64,
}

/// What an update replaces.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = registered_auths, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Columns {
    label: String,
    testing: bool,
    preset: Option<String>,
    release_to: String,
    fields: String,
    secrets: String,
    sealed: Option<Vec<u8>>,
    sealed_version: Option<i64>,
    generation: i64,
    updated_at: i64,
}

type Row = (Registration, Columns);
type Sealed = (String, String, Option<Vec<u8>>);

/// The auths of an account after one of them, in order.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn page_of(account: String, after: String, limit: i64) -> _ {
    let all = registered_auths::table.filter(registered_auths::account.eq(account));
    all.filter(registered_auths::id.gt(after)).order(registered_auths::id).limit(limit)
}

/// Envelopes under this version, after one of them, in order.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn envelopes_before(version: i64, after: String, limit: i64) -> _ {
    let old = registered_auths::table.filter(registered_auths::sealed_version.lt(version));
    old.filter(registered_auths::id.gt(after)).order(registered_auths::id).limit(limit)
}

impl RegisteredAuths for Transaction<'_> {
    fn registered_auth(&mut self, id: Id) -> Result<Option<RegisteredAuth>, Fault> {
        let row = registered_auths::table.find(id.to_string());
        let row = row.select((Registration::as_select(), Columns::as_select()));
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(auth).transpose()
    }

    fn registered_auths_of(
        &mut self,
        account: Id,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<RegisteredAuth>, Fault> {
        // The empty text comes before every identifier.
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = page_of(account.to_string(), after, limit);
        let page = page.select((Registration::as_select(), Columns::as_select()));
        let rows: Vec<Row> = self.ask(|c| page.load(c))?;
        rows.into_iter().map(auth).collect()
    }

    fn has_registered_auths(&mut self, provider: &str) -> Result<bool, Fault> {
        let any = registered_auths::table.filter(registered_auths::provider.eq(provider));
        let any = any.select(registered_auths::id).limit(1);
        Ok(self.ask(|c| any.get_result::<String>(c).optional())?.is_some())
    }

    fn held_registered_auth(&mut self, id: Id) -> Result<Option<RegisteredAuth>, Fault> {
        let row = registered_auths::table.find(id.to_string());
        let row = row.select((Registration::as_select(), Columns::as_select()));
        self.held::<_, Row>(row)?.map(auth).transpose()
    }

    fn insert_registered_auth(&mut self, auth: &RegisteredAuth) -> Result<(), Fault> {
        // The foreign key would be content with a tombstone.
        self.must_live(auth.account, "registered_auths.account")?;
        let registration = Registration {
            id: auth.id.to_string(),
            account: auth.account.to_string(),
            provider: auth.provider.clone(),
            created_at: auth.created_at.0,
        };
        let row = (registration, Columns::of(auth)?);
        self.change(|c| diesel::insert_into(registered_auths::table).values(row).execute(c)).map(drop)
    }

    fn update_registered_auth(&mut self, auth: &RegisteredAuth) -> Result<bool, Fault> {
        let before = registered_auths::generation.eq(auth.generation - 1);
        let row = registered_auths::table.filter(registered_auths::id.eq(auth.id.to_string()).and(before));
        let columns = Columns::of(auth)?;
        self.touches(|c| diesel::update(row).set(columns).execute(c))
    }

    fn delete_registered_auth(&mut self, id: Id) -> Result<bool, Fault> {
        self.touches(|c| diesel::delete(registered_auths::table.find(id.to_string())).execute(c))
    }

    fn envelopes_before(
        &mut self,
        version: u32,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Envelope>, Fault> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = envelopes_before(version.into(), after, limit);
        let page = page.select((registered_auths::id, registered_auths::account, registered_auths::sealed));
        let rows: Vec<Sealed> = self.ask(|c| page.load(c))?;
        rows.into_iter().map(envelope).collect()
    }

    fn rewrap_registered_auth(&mut self, old: &Envelope, sealed: &[u8]) -> Result<bool, Fault> {
        let it = registered_auths::id.eq(old.id.to_string());
        let row = registered_auths::table.filter(it.and(registered_auths::sealed.eq(&old.sealed)));
        let values =
            (registered_auths::sealed.eq(sealed), registered_auths::sealed_version.eq(version(sealed)?));
        self.touches(|c| diesel::update(row).set(values).execute(c))
    }

    fn envelopes_by_version(&mut self) -> Result<Vec<(u32, i64)>, Fault> {
        let version = registered_auths::sealed_version;
        let counted = registered_auths::table.filter(version.is_not_null()).group_by(version);
        let counted = counted.select((version, diesel::dsl::count_star())).order(version);
        let rows: Vec<(Option<i64>, i64)> = self.ask(|c| counted.load(c))?;
        let known = |(version, count): (Option<i64>, i64)| {
            let version = version.and_then(|version| u32::try_from(version).ok());
            version
                .map(|version| (version, count))
                .ok_or_else(|| columns::broken("registered_auths.sealed_version"))
        };
        rows.into_iter().map(known).collect()
    }
}

impl Transaction<'_> {
    /// Deletes the auths of an account.
    pub(crate) fn delete_registered_auths_of(&mut self, account: &str) -> Result<(), Fault> {
        let theirs = registered_auths::table.filter(registered_auths::account.eq(account));
        self.change(|c| diesel::delete(theirs).execute(c)).map(drop)
    }
}

impl Columns {
    fn of(auth: &RegisteredAuth) -> Result<Self, Fault> {
        Ok(Self {
            label: auth.label.clone(),
            testing: auth.testing,
            preset: auth.preset.clone(),
            release_to: auth.release.to_string(),
            fields: columns::write_json(&auth.fields)?,
            secrets: columns::write_json(&auth.secrets)?,
            sealed: auth.sealed.clone(),
            sealed_version: auth.sealed.as_deref().map(version).transpose()?,
            generation: auth.generation,
            updated_at: auth.updated_at.0,
        })
    }
}

/// As the envelope says itself.
fn version(sealed: &[u8]) -> Result<i64, Fault> {
    Sealer::version_of(sealed).map(i64::from).map_err(Fault::broken)
}

fn auth((registration, columns): Row) -> Result<RegisteredAuth, Fault> {
    Ok(RegisteredAuth {
        id: columns::read("registered_auths.id", &registration.id)?,
        account: columns::read("registered_auths.account", &registration.account)?,
        provider: registration.provider,
        label: columns.label,
        testing: columns.testing,
        preset: columns.preset,
        release: columns::read("registered_auths.release_to", &columns.release_to)?,
        fields: columns::read_json("registered_auths.fields", &columns.fields)?,
        secrets: columns::read_json("registered_auths.secrets", &columns.secrets)?,
        sealed: columns.sealed,
        generation: columns.generation,
        created_at: Seconds(registration.created_at),
        updated_at: Seconds(columns.updated_at),
    })
}

fn envelope((id, account, sealed): Sealed) -> Result<Envelope, Fault> {
    Ok(Envelope {
        id: columns::read("registered_auths.id", &id)?,
        account: columns::read("registered_auths.account", &account)?,
        sealed: sealed.ok_or_else(|| columns::broken("registered_auths.sealed"))?,
    })
}
