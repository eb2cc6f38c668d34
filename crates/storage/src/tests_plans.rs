//! How SQLite goes about the questions that are asked of tables with a million rows: each by an index, and each page in the order of
//! that index, so that it costs what is on it and not what is in the table.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

use crate::api_token_row::Row;
use crate::connection::{AnyConnection, MultiBackend};
use crate::kept::written;
use crate::migrations::bring_up_to_date_by;
use crate::schema::credentials::{account_uses, api_tokens};
use crate::schema::{clients, users};
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use doorward_core::store::tx::filter::{ApiTokenFilter, ClientFilter, UserFilter};
use doorward_core::token::api_token::ApiTokenOwner;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::ApiTokenStatus;

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The steps of a question's plan.
#[expect(clippy::disallowed_methods, reason = "the builder has no word for EXPLAIN")]
fn plan(question: &impl QueryFragment<MultiBackend>) -> String {
    let sqlite = SqliteConnection::establish(":memory:").unwrap();
    let mut connection = AnyConnection::Sqlite(sqlite);
    bring_up_to_date_by(&mut connection, true).unwrap();
    let question = written(question, &MultiBackend::Sqlite(Sqlite)).unwrap();
    let AnyConnection::Sqlite(sqlite) = &mut connection else { panic!("it is one of SQLite's") };
    let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {question}")).load::<Step>(sqlite).unwrap();
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; ")
}

/// A page that is read from an index from its first row to its last.
fn is_read_in_order(plan: &str, index: &str) {
    assert!(plan.contains(index), "{plan}");
    assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
}

fn somebody() -> Id {
    Id::from_parts(0, 7)
}

fn tokens(filter: &ApiTokenFilter) -> Vec<String> {
    let page = |page: crate::api_tokens::Page<'static>| {
        let page = page.filter(api_tokens::id.gt("")).order(api_tokens::id).limit(50);
        plan(&page.select(Row::as_select()))
    };
    crate::api_tokens::filtered(filter).into_iter().map(page).collect()
}

#[test]
fn a_value_is_found_by_one_search_for_its_key() {
    let digest = [0; 32];
    let current = plan(&api_tokens::table.find(digest.as_slice()).select(Row::as_select()));
    assert_eq!(current, "SEARCH api_tokens USING PRIMARY KEY (digest=?)");
    let previous = api_tokens::table.filter(api_tokens::previous_digest.eq(digest.as_slice()));
    let previous = plan(&previous.select(Row::as_select()));
    assert_eq!(previous, "SEARCH api_tokens USING INDEX api_tokens_previous_digest (previous_digest=?)");
}

#[test]
fn what_an_account_has_done_is_read_from_its_latest_day_back() {
    let days = account_uses::table.filter(account_uses::account.eq("x")).filter(account_uses::day.ge(7));
    let days = days.order((account_uses::day.desc(), account_uses::api.desc())).limit(50);
    is_read_in_order(&plan(&days.select(account_uses::uses)), "PRIMARY KEY (account=? AND day>?)");
    let old = account_uses::table.filter(account_uses::day.lt(7));
    let old = old.order((account_uses::day, account_uses::account)).limit(50);
    is_read_in_order(&plan(&old.select(account_uses::account)), "account_uses_day (day<?)");
}

#[test]
fn pages_of_tokens_are_read_in_the_order_of_an_index() {
    let all = ApiTokenFilter::default();
    let of = |owner| ApiTokenFilter { owner: Some(owner), ..ApiTokenFilter::default() };
    let (user, client) = (of(ApiTokenOwner::User(somebody())), of(ApiTokenOwner::Client(somebody())));
    for (filter, index) in [
        (&all, "(id>?)"),
        (&user, "api_tokens_owner_user (owner_user=? AND id>?)"),
        (&client, "api_tokens_owner_client (owner_client=? AND id>?)"),
    ] {
        for status in [None, Some(ApiTokenStatus::Active), Some(ApiTokenStatus::Expired)] {
            let status = status.map(|status| (status, Seconds(0)));
            let plans = tokens(&ApiTokenFilter { status, ..filter.clone() });
            assert_eq!(plans.len(), 1);
            is_read_in_order(&plans[0], index);
        }
    }
}

/// What says NOT EXISTS is a join to PostgreSQL, of all tokens and all users; with a million tokens a page took seconds. What is
/// compared is asked for each token of the page.
#[test]
fn owners_are_asked_about_for_the_tokens_of_a_page() {
    for status in [ApiTokenStatus::Active, ApiTokenStatus::Expired] {
        let filter = ApiTokenFilter { status: Some((status, Seconds(0))), ..ApiTokenFilter::default() };
        for page in crate::api_tokens::filtered(&filter) {
            let text = written(&page.select(Row::as_select()), &MultiBackend::Sqlite(Sqlite)).unwrap();
            assert!(text.contains("EXISTS") && !text.contains("NOT"), "{text}");
        }
    }
}

/// The few among many: those taken back alone are in an index of their own; those taken back with all of an owner's are looked for at
/// these owners.
#[test]
fn revoked_tokens_are_not_looked_for_among_all() {
    let status = Some((ApiTokenStatus::Revoked, Seconds(0)));
    let plans = tokens(&ApiTokenFilter { status, ..ApiTokenFilter::default() });
    is_read_in_order(&plans[0], "api_tokens_revoked (id>?)");
    assert!(plans[1].contains("api_tokens_owner_user (owner_user=?"), "{}", plans[1]);
    assert!(plans[1].contains("users_token_generation (token_generation>?)"), "{}", plans[1]);
}

/// Tokens of an organization are looked for at its people and its clients.
#[test]
fn tokens_of_an_organization_are_not_looked_for_among_all() {
    let plans = tokens(&ApiTokenFilter { organization: Some(somebody()), ..ApiTokenFilter::default() });
    assert!(plans[0].contains("api_tokens_owner_client (owner_client=?"), "{}", plans[0]);
    assert!(plans[1].contains("api_tokens_owner_user (owner_user=?"), "{}", plans[1]);
    assert!(plans.iter().all(|plan| !plan.contains("SCAN")), "{plans:?}");
}

#[test]
fn pages_of_clients_and_users_are_read_in_the_order_of_an_index() {
    let of_clients = |filter: &ClientFilter| {
        let page = crate::clients::filtered(filter).filter(clients::id.gt(""));
        plan(&page.order(clients::id).limit(50).select(clients::id))
    };
    let organization = Some(somebody());
    is_read_in_order(&of_clients(&ClientFilter::default()), "(id>?)");
    let company = ClientFilter { organization, ..ClientFilter::default() };
    is_read_in_order(&of_clients(&company), "clients_organization (organization=? AND id>?)");

    let of_users = |filter: &UserFilter| {
        let page = crate::users::filtered(filter).filter(users::id.gt(""));
        plan(&page.order(users::id).limit(50).select(users::id))
    };
    is_read_in_order(&of_users(&UserFilter::default()), "(id>?)");
    let company = UserFilter { organization, ..UserFilter::default() };
    is_read_in_order(&of_users(&company), "users_organization (organization=? AND id>?)");
    let name = UserFilter { username: Some(String::from("alice")), ..UserFilter::default() };
    is_read_in_order(&of_users(&name), "users_username (username=? AND id>?)");
    let under = UserFilter { client: organization, ..UserFilter::default() };
    let under = of_users(&under);
    assert!(under.contains("user_clients_client (client=?)") && !under.contains("SCAN"), "{under}");
}

#[test]
fn the_vault_is_asked_by_its_indexes() {
    let page = crate::registered_auths::page_of(String::from("a"), String::new(), 50);
    let page = plan(&page.select(crate::registered_auths::Columns::as_select()));
    is_read_in_order(&page, "registered_auths_account (account=? AND id>?)");
    let old = crate::registered_auths::envelopes_before(2, String::new(), 50);
    let old = plan(&old.select(crate::registered_auths::Columns::as_select()));
    assert!(!old.contains("SCAN"), "{old}");
}
