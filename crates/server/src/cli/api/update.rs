//! `doorward api update`.

use super::super::answer::Answer;
use super::super::words;
use super::Reference;
use super::level_list::LevelList;
use crate::failure::Failure;
use doorward_core::access::api::ApiScope;
use doorward_core::context::Context;
use doorward_core::manage::apis::{self, Members};
use doorward_core::manage::call::Call;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{CredentialForm, Preflight, TokenFormat};

const EXAMPLES: &str = "\
A list that is given replaces the whole list that was there; what is not given stays as it is.

Examples:
  These two scopes, and no others:
    doorward api update https://api.example.com/invoices --scope 'read=Read invoices' --scope export

  Nobody may introspect its tokens any more but the clients that got them:
    doorward api update https://api.example.com/invoices --no-introspection-clients";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    api: Reference,
    #[command(flatten)]
    changes: Option<Changes>,
}

/// What is to be another way.
#[derive(Clone, clap::Args)]
pub(in super::super) struct Changes {
    /// What people see.
    #[arg(long)]
    name: Option<String>,
    /// A note for administrators.
    #[arg(long)]
    description: Option<String>,
    /// Where its documentation is.
    #[arg(long, value_name = "URL")]
    documentation_url: Option<String>,
    /// Forget where its documentation is.
    #[arg(long, conflicts_with = "documentation_url")]
    no_documentation_url: bool,
    /// A scope the API understands; give it once for each.
    #[arg(long, value_name = "NAME[=DESCRIPTION]", value_parser = words::api_scope)]
    scope: Vec<ApiScope>,
    /// Empty the list of scopes.
    #[arg(long, conflicts_with = "scope")]
    no_scopes: bool,
    /// `jwt`: the API can check its tokens by itself. `opaque`: it asks here each time.
    #[arg(long, value_name = "FORMAT", value_parser = words::token_format())]
    token_format: Option<TokenFormat>,
    /// What its JWTs are signed with.
    #[arg(long, value_name = "ALGORITHM", value_parser = words::algorithm())]
    signing_algorithm: Option<Algorithm>,
    /// Sign its JWTs with the server's tokens.signing_algorithm.
    #[arg(long, conflicts_with = "signing_algorithm")]
    no_signing_algorithm: bool,
    /// How long its access tokens live, in seconds, unless their client has a shorter time.
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    access_token_lifetime: Option<Lifetime>,
    /// Let its access tokens live as long as the server's tokens.access_token_lifetime says.
    #[arg(long, conflicts_with = "access_token_lifetime")]
    no_access_token_lifetime: bool,
    /// What a level means, one list at a time, as in `read.methods=GET,HEAD`, `full.paths=/v1/**`, `read.scopes=`: with nothing
    /// behind the `=`, it is emptied. A list that is not given stays as it is.
    #[arg(long, value_name = "LEVEL.LIST=ENTRY[,ENTRY]", value_parser = LevelList::read)]
    level: Vec<LevelList>,
    /// Whether a gate lets CORS preflights through.
    #[arg(long, value_name = "WORD", value_parser = words::preflight())]
    preflight: Option<Preflight>,
    /// How a request may bring its token to a gate; give it once for each way.
    #[arg(long, value_name = "WORD", value_parser = words::credential())]
    credential: Vec<CredentialForm>,
    /// Where it is reached, for gates that name no API; give it once for each place.
    #[arg(long, value_name = "https://HOST[:PORT][/PATH]")]
    location: Vec<String>,
    /// Empty the list of places where it is reached.
    #[arg(long, conflicts_with = "location")]
    no_locations: bool,
    /// How long an API token with access to it lives at most, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    max_token_lifetime: Option<Lifetime>,
    /// Let API tokens with access to it live as long as any.
    #[arg(long, conflicts_with = "max_token_lifetime")]
    no_max_token_lifetime: bool,
    /// A client that may introspect the API's tokens, by its client_id; give it once for each.
    #[arg(long, value_name = "CLIENT_ID")]
    introspection_client: Vec<String>,
    /// Empty the list of clients that may introspect the API's tokens.
    #[arg(long, conflicts_with = "introspection_client")]
    no_introspection_clients: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(arguments.changes.as_ref())?;
    let change = move |members: &mut Members| {
        *members = changed(members.clone(), &changes);
        Ok(())
    };
    let api = apis::update(&arguments.api.api, &Call::by_operator(context)?, context, change).await?;
    super::shown(&format!("Changed the API {}.", api.identifier.as_str()), &api, context).await
}

fn changed(before: Members, changes: &Changes) -> Members {
    Members {
        name: changes.name.clone().unwrap_or(before.name),
        description: changes.description.clone().unwrap_or(before.description),
        documentation_url: words::one(
            before.documentation_url,
            changes.documentation_url.as_ref(),
            changes.no_documentation_url,
        ),
        scopes: words::replaced(before.scopes, &changes.scope, changes.no_scopes),
        token_format: changes.token_format.unwrap_or(before.token_format),
        signing_algorithm: words::one(
            before.signing_algorithm,
            changes.signing_algorithm.as_ref(),
            changes.no_signing_algorithm,
        ),
        access_token_lifetime: words::one(
            before.access_token_lifetime,
            changes.access_token_lifetime.as_ref(),
            changes.no_access_token_lifetime,
        ),
        introspection_clients: words::replaced(
            before.introspection_clients,
            &changes.introspection_client,
            changes.no_introspection_clients,
        ),
        max_token_lifetime: words::one(
            before.max_token_lifetime,
            changes.max_token_lifetime.as_ref(),
            changes.no_max_token_lifetime,
        ),
        levels: LevelList::put(&changes.level, before.levels),
        preflight: changes.preflight.unwrap_or(before.preflight),
        credentials: words::replaced(before.credentials, &changes.credential, false),
        locations: words::replaced(before.locations, &changes.location, changes.no_locations),
        status: before.status,
    }
}
