//! API tokens, as rows. Owns that the value a token has is found with one question by the primary key, and the filters of lists;
//! which column holds what stands in `api_token_row`.

use crate::api_token_row::{Columns, Row, StandingRow};
use crate::columns;
use crate::connection::MultiBackend;
use crate::kept::kept;
use crate::schema::credentials::api_tokens;
use crate::schema::{clients, users};
use crate::transaction::Transaction;
use diesel::dsl::exists;
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::tx::credentials::ApiTokens;
use doorward_core::store::tx::filter::ApiTokenFilter;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner, Standing};
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::ApiTokenStatus;

pub(crate) type Page<'a> = api_tokens::BoxedQuery<'a, MultiBackend>;

impl ApiTokens for Transaction<'_> {
    fn api_token_of(&mut self, digest: &Digest) -> Result<Option<ApiToken>, Fault> {
        let current = api_tokens::table.find(digest.0.as_slice()).select(Row::as_select());
        if let Some(row) = self.ask(|c| current.get_result::<Row>(c).optional())? {
            return row.token().map(Some);
        }
        let previous = api_tokens::table.filter(api_tokens::previous_digest.eq(digest.0.as_slice()));
        let previous = previous.select(Row::as_select());
        self.ask(|c| previous.get_result::<Row>(c).optional())?.map(Row::token).transpose()
    }

    fn api_token_standing_of(&mut self, digest: &Digest) -> Result<Option<Standing>, Fault> {
        let current = kept!(api_tokens::table.find(digest.0.as_slice()).select(StandingRow::as_select()));
        if let Some(row) = self.ask(|c| current.get_result::<StandingRow>(c).optional())? {
            return row.standing().map(Some);
        }
        let previous = api_tokens::table.filter(api_tokens::previous_digest.eq(digest.0.as_slice()));
        let previous = kept!(previous.select(StandingRow::as_select()));
        let row = self.ask(|c| previous.get_result::<StandingRow>(c).optional())?;
        row.map(StandingRow::standing).transpose()
    }

    fn api_token_standing(&mut self, id: Id) -> Result<Option<Standing>, Fault> {
        let row = api_tokens::table.filter(api_tokens::id.eq(id.to_string()));
        let row = kept!(row.select(StandingRow::as_select()));
        let row = self.ask(|c| row.get_result::<StandingRow>(c).optional())?;
        row.map(StandingRow::standing).transpose()
    }

    fn api_token(&mut self, id: Id) -> Result<Option<ApiToken>, Fault> {
        let row = api_tokens::table.filter(api_tokens::id.eq(id.to_string())).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(Row::token).transpose()
    }

    fn api_tokens(
        &mut self,
        filter: &ApiTokenFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<ApiToken>, Fault> {
        // The empty text comes before every identifier.
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let mut tokens = vec![];
        for page in filtered(filter) {
            let page = page.filter(api_tokens::id.gt(&after)).order(api_tokens::id).limit(limit);
            let rows: Vec<Row> = self.ask(|c| page.select(Row::as_select()).load(c))?;
            tokens.extend(rows.into_iter().map(Row::token).collect::<Result<Vec<_>, _>>()?);
        }
        tokens.sort_by_key(|token| token.id);
        tokens.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(tokens)
    }

    fn hold_api_token(&mut self, id: Id) -> Result<bool, Fault> {
        let row = api_tokens::table.filter(api_tokens::id.eq(id.to_string()));
        self.hold(row.select(api_tokens::updated_at))
    }

    fn insert_api_token(&mut self, token: &ApiToken) -> Result<(), Fault> {
        self.spend()?;
        let row = Row::of(token);
        self.change(|c| diesel::insert_into(api_tokens::table).values(row).execute(c))?;
        self.record_change(Changed::ApiToken(token.id), Voids::Nothing)
    }

    fn update_api_token(&mut self, token: &ApiToken) -> Result<bool, Fault> {
        let before = self.api_token(token.id)?;
        let good = api_tokens::id.eq(token.id.to_string()).and(api_tokens::revoked_at.is_null());
        let good = api_tokens::table.filter(good);
        let found = self.touches(|c| diesel::update(good).set(Columns::of(token)).execute(c))?;
        let is_same = before.is_some_and(|before| before.is_the_same_to_tokens(token));
        self.record_if(found, token.id, if is_same { Voids::Nothing } else { Voids::tokens_of(token.id) })
    }

    fn redigest_api_token(
        &mut self,
        id: Id,
        old: &Digest,
        new: (PepperVersion, &Digest),
    ) -> Result<bool, Fault> {
        let same = api_tokens::id.eq(id.to_string()).and(api_tokens::digest.eq(old.0.as_slice()));
        let values = (api_tokens::pepper.eq(new.0.0), api_tokens::digest.eq(new.1.0.as_slice()));
        let found =
            self.touches(|c| diesel::update(api_tokens::table.filter(same)).set(values).execute(c))?;
        self.record_if(found, id, Voids::Nothing)
    }

    fn revoke_api_token(&mut self, id: Id, reason: &str, now: Seconds) -> Result<bool, Fault> {
        let good = api_tokens::id.eq(id.to_string()).and(api_tokens::revoked_at.is_null());
        let values = (api_tokens::revoked_at.eq(now.0), api_tokens::inactive_reason.eq(reason));
        let found =
            self.touches(|c| diesel::update(api_tokens::table.filter(good)).set(values).execute(c))?;
        self.record_if(found, id, Voids::tokens_of(id))
    }

    fn sweep_api_tokens(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expired = api_tokens::table.filter(api_tokens::expires_at.lt(before.0));
        let expired = expired.order(api_tokens::expires_at).limit(limit).select(api_tokens::id);
        let mut ids: Vec<String> = self.ask(|c| expired.load(c))?;
        let revoked = api_tokens::table.filter(api_tokens::revoked_at.lt(before.0));
        let revoked = revoked.order(api_tokens::revoked_at).limit(limit).select(api_tokens::id);
        ids.extend(self.ask(|c| revoked.load::<String>(c))?);
        ids.sort();
        ids.dedup();
        ids.truncate(usize::try_from(limit).unwrap_or(0));
        // Asked once more: whoever regenerated one meanwhile was waited for, and keeps it.
        let over =
            api_tokens::expires_at.lt(before.0).or(api_tokens::revoked_at.lt(before.0).assume_not_null());
        let over = api_tokens::table.filter(api_tokens::id.eq_any(&ids)).filter(over);
        // What has ended long ago is refused wherever it is still held: no change to anybody.
        let swept = self.change(|c| diesel::delete(over).execute(c))?;
        let kept = api_tokens::table.filter(api_tokens::id.eq_any(&ids)).select(api_tokens::id);
        let kept: Vec<String> = self.ask(|c| kept.load(c))?;
        ids.retain(|id| !kept.contains(id));
        self.forget_uses(&ids)?;
        Ok(swept)
    }
}

impl Transaction<'_> {
    fn record_if(&mut self, found: bool, token: Id, voids: Voids) -> Result<bool, Fault> {
        if found {
            self.record_change(Changed::ApiToken(token), voids)?;
        }
        Ok(found)
    }

    /// Deletes the tokens of an owner who goes, with their last uses.
    pub(crate) fn delete_api_tokens_of(&mut self, owner: ApiTokenOwner) -> Result<(), Fault> {
        let ids: Vec<String> = self.ask(|c| of_owner(owner).select(api_tokens::id).load(c))?;
        self.forget_uses(&ids)?;
        for id in &ids {
            self.change(|c| diesel::delete(api_tokens::table.filter(api_tokens::id.eq(id))).execute(c))?;
            self.record_change(Changed::ApiToken(columns::read("api_tokens.id", id)?), Voids::tokens_of(id))?;
        }
        Ok(())
    }
}

/// The tokens that a filter lets through, as questions of which none finds what another does: what is "or" in one question, is
/// answered by going through the whole table.
pub(crate) fn filtered<'a>(filter: &ApiTokenFilter) -> Vec<Page<'a>> {
    match filter.status {
        None => whose(filter),
        Some((ApiTokenStatus::Revoked, _)) => {
            let alone =
                whose(filter).into_iter().map(|page| page.filter(api_tokens::revoked_at.is_not_null()));
            let with_all = whose(filter).into_iter().map(|page| {
                let such = users::table.filter(users::token_generation.gt(0)).select(users::id.nullable());
                let such = api_tokens::owner_user.eq_any(such).assume_not_null();
                page.filter(api_tokens::revoked_at.is_null()).filter(such).filter(void())
            });
            alone.chain(with_all).collect()
        }
        Some((ApiTokenStatus::Expired, now)) => {
            standing(filter, |page| page.filter(api_tokens::expires_at.le(now.0)))
        }
        Some((ApiTokenStatus::Active, now)) => {
            standing(filter, |page| page.filter(api_tokens::expires_at.gt(now.0)))
        }
    }
}

fn whose<'a>(filter: &ApiTokenFilter) -> Vec<Page<'a>> {
    let page = match filter.owner {
        Some(owner) => of_owner(owner),
        None => api_tokens::table.into_boxed::<MultiBackend>(),
    };
    let Some(organization) = filter.organization else { return vec![page] };
    let all = ApiTokenFilter { owner: filter.owner, ..ApiTokenFilter::default() };
    let organization = organization.to_string();
    let users = users::table.filter(users::organization.eq(organization.clone()));
    let of_users = api_tokens::owner_user.eq_any(users.select(users::id.nullable())).assume_not_null();
    let clients = clients::table.filter(clients::organization.eq(organization));
    let of_clients =
        api_tokens::owner_client.eq_any(clients.select(clients::id.nullable())).assume_not_null();
    let by_clients = whose(&all).into_iter().map(|page| page.filter(of_clients.clone()));
    by_clients.chain([page.filter(of_users)]).collect()
}

fn of_owner<'a>(owner: ApiTokenOwner) -> Page<'a> {
    let all = api_tokens::table.into_boxed::<MultiBackend>();
    match owner {
        ApiTokenOwner::User(id) => all.filter(api_tokens::owner_user.eq(id.to_string())),
        ApiTokenOwner::Client(id) => all.filter(api_tokens::owner_client.eq(id.to_string())),
    }
}

/// Tokens that nobody has taken back, neither alone nor with all others of their owner. The owner is asked about for one token after
/// the other: what says NOT is planned as one join of all tokens and all users by PostgreSQL, however short the page.
fn standing<'a>(filter: &ApiTokenFilter, and: impl Fn(Page<'a>) -> Page<'a>) -> Vec<Page<'a>> {
    let standing = |page: Page<'a>| page.filter(api_tokens::revoked_at.is_null()).filter(void().eq(false));
    whose(filter).into_iter().map(|page| and(standing(page))).collect()
}

/// Whether a token is of an earlier generation of its owner's.
#[diesel::dsl::auto_type(no_type_alias)]
fn void() -> _ {
    let owners = users::table.filter(users::id.nullable().eq(api_tokens::owner_user));
    exists(owners.filter(users::token_generation.ne(api_tokens::owner_generation)))
}
