//! `doorward access-request`: who asks for API access, and what is decided about it. Owns what is asked and how the answer reads; the
//! rules are `core/manage/access_requests`'.

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::{Page, Wanted};
use super::sheet::{Sheet, Table};
use super::words;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::context::Context;
use doorward_core::manage::access_requests::deciding::{self, Approval};
use doorward_core::manage::access_requests::{self, Filter, Wish, reviewing};
use doorward_core::manage::api_tokens::access::Named;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::call::Call;
use doorward_protocol::id::Id;
use doorward_protocol::words::AccessRequestStatus;
use doorward_web::api::resources::access::AccessResource;
use doorward_web::api::resources::access_request::AccessRequestResource;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Ask for API access on behalf of a user.
    Create(Asked),
    /// List requests, in the order of their ids (about that of their making).
    List(Listed),
    /// Show one request.
    Show(Reference),
    /// Approve a request, in whole or in part. An API account comes into being, whose secret the user reveals.
    Approve(Approved),
    /// Deny a request, for a reason that the user will read.
    Deny(Refused),
    /// Withdraw an open request.
    Withdraw(Reference),
    /// Let an approval go on until another end. It counts as reviewed.
    Renew(Renewed),
    /// Take an approval back for good. Nothing that came of it works from then on.
    Revoke(Refused),
}

/// Who asks for what.
#[derive(clap::Args)]
pub(super) struct Asked {
    /// Who asks, by user name or id.
    #[arg(long, value_name = "USER")]
    user: String,
    /// What is to be said to whoever decides.
    #[arg(long, default_value = "", hide_default_value = true)]
    message: String,
    /// The level at an API, which is named by identifier, id or `management`; give it once for each.
    #[arg(long, required = true, value_name = "API=LEVEL", value_parser = words::api_level)]
    api: Vec<Named>,
}

/// Which requests.
#[derive(clap::Args)]
pub(super) struct Listed {
    /// Those of this user, by user name or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Those that were made in this organization, by id.
    #[arg(long, value_name = "ID")]
    organization_id: Option<Id>,
    /// Those with this status.
    #[arg(long, value_parser = words::request_status())]
    status: Option<AccessRequestStatus>,
    /// Those that were decided before so many days, and whose API account has not been used since.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(..=36_500))]
    unused_days: Option<u32>,
    /// Those that nobody has looked at for so many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(..=36_500))]
    unreviewed_days: Option<u32>,
    #[command(flatten)]
    wanted: Wanted,
}

/// Which request.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The request, by its id.
    #[arg(value_name = "ID")]
    request: String,
}

/// Which one, and what is approved.
#[derive(clap::Args)]
pub(super) struct Approved {
    #[command(flatten)]
    one: Reference,
    /// The level at an API; give it once for each [default: all that was asked for].
    #[arg(long, value_name = "API=LEVEL", value_parser = words::api_level)]
    api: Vec<Named>,
    #[command(flatten)]
    until: Until,
    /// Where the API account may be used from, an address or a network; give it once for each [default: everywhere].
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
    /// What those who decide are to know later; the user does not see it.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
}

/// Which one, and until when.
#[derive(clap::Args)]
pub(super) struct Renewed {
    #[command(flatten)]
    one: Reference,
    #[command(flatten)]
    until: Until,
}

/// Which one, and why.
#[derive(clap::Args)]
pub(super) struct Refused {
    #[command(flatten)]
    one: Reference,
    /// Why, for the user, in a single line.
    #[arg(long)]
    reason: String,
}

/// When an approval ends.
#[derive(clap::Args)]
struct Until {
    /// It ends in so many months: 3, 6 or 12 [default: 6].
    #[arg(long, value_name = "MONTHS")]
    expires_in_months: Option<i64>,
    /// It ends at this instant, as in 2027-05-27T12:00:00Z.
    #[arg(long, value_name = "INSTANT", conflicts_with = "expires_in_months")]
    expires_at: Option<String>,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    // Which API is the management API follows from who the server is.
    beside::act(&common.server_configuration(Vec::new())?, async |installation| {
        let context = installation.server.context();
        let call = Call::by_operator(&context)?;
        let (first, request) = match command {
            Command::List(listed) => return list(listed, &context).await,
            Command::Create(asked) => {
                let wish = Wish { message: asked.message.clone(), access: asked.api.clone() };
                ("Asked.", access_requests::create(&asked.user, wish, &call, &context).await?)
            }
            Command::Show(one) => ("", access_requests::show(&one.request, &call, &context).await?),
            Command::Approve(approved) => {
                let (one, approval) = (&approved.one.request, approved.approval());
                ("Approved.", deciding::approve(one, approval, &call, &context).await?)
            }
            Command::Deny(refused) => {
                let (one, reason) = (&refused.one.request, &refused.reason);
                ("Denied.", deciding::deny(one, reason, &call, &context).await?)
            }
            Command::Withdraw(one) => {
                ("Withdrawn.", access_requests::withdraw(&one.request, &call, &context).await?)
            }
            Command::Renew(renewed) => {
                let (one, expiry) = (&renewed.one.request, renewed.until.expiry());
                ("Renewed.", reviewing::renew(one, expiry, &call, &context).await?)
            }
            Command::Revoke(refused) => {
                let (one, reason) = (&refused.one.request, &refused.reason);
                ("Revoked.", reviewing::revoke(one, reason, &call, &context).await?)
            }
        };
        told(first, &request, &context)
    })
}

async fn list(listed: &Listed, context: &Context<'_>) -> Result<Answer, Failure> {
    let filter = Filter {
        user: listed.user.clone(),
        organization: listed.organization_id,
        status: listed.status,
        unused_days: listed.unused_days,
        unreviewed_days: listed.unreviewed_days,
    };
    let (wanted, call) = (&listed.wanted, Call::by_operator(context)?);
    let found = access_requests::list(filter, wanted.after()?, wanted.limit + 1, &call, context).await?;
    let page = Page::of(found, wanted.limit, |request| request.id.to_string());
    let mut text = "No requests for API access.".to_owned();
    if !page.items.is_empty() {
        let mut table = Table::new(&["id", "user", "status", "wished", "made", "expires"]);
        for request in &page.items {
            let told = resource(request, context);
            let user = context.cache.user(request.user).await?;
            table.row([
                told.id.to_string(),
                user.map_or_else(|| told.user_id.to_string(), |user| user.username.to_string()),
                told.status.to_string(),
                told.wished.iter().map(level).collect::<Vec<_>>().join(" "),
                request.created_at.to_string(),
                request.expires_at.map(|end| end.to_string()).unwrap_or_default(),
            ]);
        }
        text = table.text() + &page.rest();
    }
    let items = page.items.iter().map(|request| resource(request, context)).collect();
    Answer::new(text, &Page { items, next_cursor: page.next_cursor })
}

/// A request under a first line, if there is one.
fn told(first: &str, request: &AccessRequest, context: &Context<'_>) -> Result<Answer, Failure> {
    let told = resource(request, context);
    let sheet = Sheet::default()
        .with("status", told.status)
        .with("user", told.user_id)
        .with_some("organization", told.organization_id)
        .with("message", &told.message)
        .with_all("wished", told.wished.iter().map(level))
        .with_all("approved", told.access.iter().map(level))
        .with_all("allowed IPs", &told.allowed_ips)
        .with_some("expires", request.expires_at)
        .with_some("API account", told.api_account_id)
        .with("reason", &told.reason)
        .with("note", &request.note)
        .with_some("decided", request.decided_at)
        .with_some("by", told.decided_by.as_ref().map(|one| one.id))
        .with_some("reviewed", request.reviewed_at)
        .with("id", told.id)
        .with("made", request.created_at)
        .with("changed", request.updated_at);
    Answer::sheet(first, &sheet, &told)
}

fn resource(request: &AccessRequest, context: &Context<'_>) -> AccessRequestResource {
    AccessRequestResource::of(request, &context.cache.apis(), context.now).with_note(request)
}

fn level(access: &AccessResource) -> String {
    format!("{}={}", access.api, access.level)
}

impl Approved {
    fn approval(&self) -> Approval {
        Approval {
            access: (!self.api.is_empty()).then(|| self.api.clone()),
            expiry: self.until.expiry(),
            allowed_ips: self.allowed_ip.clone(),
            note: self.note.clone(),
        }
    }
}

impl Until {
    fn expiry(&self) -> Expiry {
        Expiry { expires_in_months: self.expires_in_months, expires_at: self.expires_at.clone() }
    }
}
