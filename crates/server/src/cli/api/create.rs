//! `doorward api create`.

use super::super::answer::Answer;
use super::super::words;
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
Examples:
  An API with two scopes, whose tokens it can check by itself:
    doorward api create --identifier https://api.example.com/invoices --name Invoices \\
      --scope 'read=Read invoices' --scope 'write=Create and change invoices'

  One whose tokens say nothing to anybody but this server, and the client by which it asks here:
    doorward client create --name 'Payments API' --client-id payments-api
    doorward api create --identifier https://api.example.com/payments --name Payments \\
      --scope pay --token-format opaque --introspection-client payments-api";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    /// The API's name in tokens and requests (their audience): an absolute URI, usually the one it is reached at.
    #[arg(long, value_name = "URI")]
    identifier: String,
    /// What people see.
    #[arg(long)]
    name: String,
    /// A note for administrators.
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// Where its documentation is.
    #[arg(long, value_name = "URL")]
    documentation_url: Option<String>,
    /// A scope the API understands; give it once for each.
    #[arg(long, value_name = "NAME[=DESCRIPTION]", value_parser = words::api_scope)]
    scope: Vec<ApiScope>,
    /// `jwt`: the API can check its tokens by itself. `opaque`: it asks here each time.
    #[arg(long, value_name = "FORMAT", value_parser = words::token_format(), default_value = "jwt")]
    token_format: TokenFormat,
    /// What its JWTs are signed with [default: the server's tokens.signing_algorithm].
    #[arg(long, value_name = "ALGORITHM", value_parser = words::algorithm())]
    signing_algorithm: Option<Algorithm>,
    /// How long its access tokens live, in seconds, unless their client has a shorter time [default: the server's
    /// tokens.access_token_lifetime].
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    access_token_lifetime: Option<Lifetime>,
    /// What a level means, one list at a time, as in `read.methods=GET,HEAD`, `full.paths=/v1/**`, `read.scopes=`: with nothing
    /// behind the `=`, it is emptied. A list that is not given stays as it is.
    #[arg(long, value_name = "LEVEL.LIST=ENTRY[,ENTRY]", value_parser = LevelList::read)]
    level: Vec<LevelList>,
    /// Whether a gate lets CORS preflights through.
    #[arg(long, value_name = "WORD", value_parser = words::preflight())]
    preflight: Option<Preflight>,
    /// How a request may bring its token to a gate; give it once for each way [default: bearer].
    #[arg(long, value_name = "WORD", value_parser = words::credential())]
    credential: Vec<CredentialForm>,
    /// Where it is reached, for gates that name no API; give it once for each place.
    #[arg(long, value_name = "https://HOST[:PORT][/PATH]")]
    location: Vec<String>,
    /// How long an API token with access to it lives at most, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    max_token_lifetime: Option<Lifetime>,
    /// A client that may introspect the API's tokens, by its client_id; give it once for each.
    #[arg(long, value_name = "CLIENT_ID")]
    introspection_client: Vec<String>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let blank = Members::named(&arguments.name);
    let members = Members {
        levels: LevelList::put(&arguments.level, blank.levels.clone()),
        preflight: arguments.preflight.unwrap_or(blank.preflight),
        credentials: words::replaced(blank.credentials.clone(), &arguments.credential, false),
        locations: arguments.location.clone(),
        max_token_lifetime: arguments.max_token_lifetime,
        description: arguments.description.clone(),
        documentation_url: arguments.documentation_url.clone(),
        scopes: arguments.scope.clone(),
        token_format: arguments.token_format,
        signing_algorithm: arguments.signing_algorithm,
        access_token_lifetime: arguments.access_token_lifetime,
        introspection_clients: arguments.introspection_client.clone(),
        ..blank
    };
    let api = apis::create(&arguments.identifier, members, &Call::by_operator(context)?, context).await?;
    super::shown(&format!("Registered the API {}.", api.identifier.as_str()), &api, context).await
}
