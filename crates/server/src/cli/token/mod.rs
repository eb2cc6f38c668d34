//! `doorward token`: API tokens, which people give to their programs. Owns what is asked and how the answer reads; the rules are
//! `core/manage/api_tokens`'.

mod create;
mod inspect;
mod regenerate;
mod revoke;
mod update;

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::{Page, Wanted};
use super::sheet::{Sheet, Table};
use super::words;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::owner::Whose;
use doorward_core::manage::api_tokens::shown::Shown;
use doorward_core::manage::api_tokens::{self, Filter, Issued};
use doorward_core::manage::call::Call;
use doorward_core::token::api_token::ApiTokenOwner;
use doorward_protocol::id::Id;
use doorward_protocol::words::ApiTokenStatus;
use doorward_web::api::resources::access::AccessResource;
use doorward_web::api::resources::api_token::ApiTokenResource;
use std::fmt;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an API token for a user or an API account. Its value is shown this once.
    Create(create::Arguments),
    /// List API tokens, in the order of their ids (about that of their making).
    List(Listed),
    /// Show one API token, without its value.
    Show(Reference),
    /// Change what an API token is called, and what it may do; it counts from the next request on.
    Update(update::Arguments),
    /// Give an API token another value and another end. The value is shown this once.
    Regenerate(regenerate::Arguments),
    /// Take an API token back. It is void at once, and never comes back.
    Revoke(revoke::Arguments),
    /// Take all API tokens of a user or an API account back. They are void at once, and never come back.
    RevokeAll(revoke::Everything),
    /// Tell the kind of a token or secret of Doorward's, and whether it was mistyped or cut, without asking any server.
    #[command(after_help = inspect::EXAMPLES)]
    Inspect,
}

/// Which tokens.
#[derive(clap::Args)]
pub(super) struct Listed {
    /// Those of this user, by user name or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Those of this API account, by its client_id or its id.
    #[arg(long, value_name = "API_ACCOUNT", conflicts_with = "user")]
    api_account: Option<String>,
    /// Those with this status.
    #[arg(long, value_parser = words::token_status())]
    status: Option<ApiTokenStatus>,
    #[command(flatten)]
    wanted: Wanted,
}

/// Which token.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The API token, by its id; never by its value, which others could read here.
    #[arg(value_name = "ID")]
    token: String,
}

/// Whose a token is, or all of them are.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Owned {
    /// The user, by user name or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The API account, by its client_id or its id.
    #[arg(long, value_name = "API_ACCOUNT")]
    api_account: Option<String>,
}

/// When a value ends.
#[derive(clap::Args)]
struct Until {
    /// It ends in so many months: 3, 6 or 12 [default: 6, or less where an API allows less].
    #[arg(long, value_name = "MONTHS")]
    expires_in_months: Option<i64>,
    /// It ends at this instant, as in 2027-05-27T12:00:00Z.
    #[arg(long, value_name = "INSTANT", conflicts_with = "expires_in_months")]
    expires_at: Option<String>,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    if let Command::Inspect = command {
        return inspect::run();
    }
    // Which API is the management API follows from who the server is.
    beside::act(&common.server_configuration(Vec::new())?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(arguments) => create::run(arguments, &context).await,
            Command::List(listed) => list(listed, &context).await,
            Command::Show(one) => show(one, &context).await,
            Command::Update(arguments) => update::run(arguments, &context).await,
            Command::Regenerate(arguments) => regenerate::run(arguments, &context).await,
            Command::Revoke(arguments) => revoke::run(arguments, &context).await,
            Command::RevokeAll(everything) => revoke::all(everything, &context).await,
            Command::Inspect => inspect::run(),
        }
    })
}

async fn list(listed: &Listed, context: &Context<'_>) -> Result<Answer, Failure> {
    let of_account = listed.api_account.clone().map(Whose::Account);
    let owner = listed.user.clone().map(Whose::User).or(of_account);
    let filter = Filter { owner, status: listed.status };
    let (wanted, call) = (&listed.wanted, Call::by_operator(context)?);
    let tokens = api_tokens::list(filter, wanted.after()?, wanted.limit + 1, &call, context).await?;
    let page = Page::of(tokens, wanted.limit, |shown| shown.token.id.to_string());
    let text = if page.items.is_empty() {
        "No API tokens. `doorward token create` makes one.".to_owned()
    } else {
        table(&page.items, context).await? + &page.rest()
    };
    Answer::new(text, &resources(page))
}

async fn show(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    let shown = api_tokens::show(&one.token, &Call::by_operator(context)?, context).await?;
    told("", &shown)
}

/// A token under a first line, if there is one.
fn told(first: &str, shown: &Shown) -> Result<Answer, Failure> {
    let resource = ApiTokenResource::from(shown);
    Answer::sheet(first, &sheet(Sheet::default(), &resource), &resource)
}

/// A token with its value under a first line.
fn issued(first: &str, issued: &Issued) -> Result<Answer, Failure> {
    let resource = ApiTokenResource::from(issued);
    let sheet = sheet(Sheet::default().with("token", issued.value.expose()), &resource).text();
    let last =
        "The token is shown only now, and cannot be read again: give it to the program, and to nobody else.";
    Answer::new(format!("{first}\n\n{sheet}\n{last}"), &resource)
}

fn resources(page: Page<Shown>) -> Page<ApiTokenResource> {
    let items = page.items.iter().map(ApiTokenResource::from).collect();
    Page { items, next_cursor: page.next_cursor }
}

/// Tokens in a table, their owners by name.
async fn table(tokens: &[Shown], context: &Context<'_>) -> Result<String, Failure> {
    let mut table = Table::new(&["id", "name", "owner", "ends with", "status", "expires", "last used"]);
    for shown in tokens {
        let token = &shown.token;
        table.row([
            token.id.to_string(),
            token.name.clone(),
            owner(token.owner, context).await?,
            token.last_four.clone(),
            status(&ApiTokenResource::from(shown)),
            token.expires_at.to_string(),
            shown.last_use.map(|used| used.used_at.to_string()).unwrap_or_default(),
        ]);
    }
    Ok(table.text())
}

async fn owner(owner: ApiTokenOwner, context: &Context<'_>) -> Result<String, Failure> {
    Ok(match owner {
        ApiTokenOwner::User(id) => {
            let user = context.cache.user(id).await?;
            user.map_or_else(|| Id::to_string(&id), |user| user.username.to_string())
        }
        ApiTokenOwner::Client(id) => {
            let account = context.cache.client(id).await?;
            account.map_or_else(|| Id::to_string(&id), |record| record.client.name.clone())
        }
    })
}

/// The status, with what is behind it.
fn status(token: &ApiTokenResource) -> String {
    let status = token.status.as_str();
    match token.inactive_reason.as_deref() {
        Some(reason) if reason != status => format!("{status} ({reason})"),
        _ => status.to_owned(),
    }
}

/// All about a token, but for its value, after what stands on the sheet already.
fn sheet(sheet: Sheet, token: &ApiTokenResource) -> Sheet {
    let widest = token.access.iter().map(|access| access.api.len()).max().unwrap_or(0);
    let access = |AccessResource { api, level }: &AccessResource| format!("{api:<widest$}  {level}");
    let later = token.apply_to_all.as_ref().map(|all| all.level);
    sheet
        .with("name", &token.name)
        .with("description", &token.description)
        .with("status", status(token))
        .with("ends with", &token.last_four)
        .with_all("access", token.access.iter().map(access))
        .with_some("later APIs", later)
        .with_all("allowed IPs", &token.allowed_ips)
        .with("expires", token.expires_at.0)
        .with_some("value before", token.previous_expires_at.map(|end| format!("works until {}", end.0)))
        .with_some("last used", token.last_used_at.map(|used| used.0))
        .with_some("from", token.last_used_ip.as_ref())
        .with("owner", token.owner.id)
        .with_some("made by", token.created_by.as_ref().map(|maker| maker.id))
        .with("id", token.id)
        .with("made", token.created_at.0)
        .with("changed", token.updated_at.0)
}

impl Owned {
    fn whose(&self) -> Result<Whose, Failure> {
        match (&self.user, &self.api_account) {
            (Some(user), _) => Ok(Whose::User(user.clone())),
            (None, Some(account)) => Ok(Whose::Account(account.clone())),
            (None, None) => Err(Failure::usage("say whose: --user or --api-account")),
        }
    }
}

impl fmt::Display for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.user.as_ref().or(self.api_account.as_ref()).map_or("", String::as_str))
    }
}

impl Until {
    fn expiry(&self) -> Expiry {
        Expiry { expires_in_months: self.expires_in_months, expires_at: self.expires_at.clone() }
    }
}
