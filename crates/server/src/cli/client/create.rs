//! `doorward client create`.

use super::super::answer::Answer;
use super::super::resources::ClientResource;
use super::super::sheet::Sheet;
use super::super::words;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::clients::{self, Members};
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, GrantType};

const EXAMPLES: &str = "\
Examples:
  A service that calls an API by itself:
    doorward client create --name Billing --scope read --scope write

  The same, for a script that needs the secret:
    doorward client create --name Billing --scope 'read write' --json | jq -r .client_secret

  An API that asks whether the tokens it gets are good (it needs no scope):
    doorward client create --name 'Invoices API' --client-id invoices-api
    doorward api update https://api.example.com/invoices --introspection-client invoices-api";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    /// What people see.
    #[arg(long)]
    name: String,
    /// The public name of the client: 3 to 64 letters, digits, '.', '_' and '-' [default: a random one].
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A note for administrators.
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// Where the client may send people back to; give it once for each.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// A grant the client may use; give it once for each [default: client_credentials, and none for a public client].
    #[arg(long, value_parser = words::grant())]
    grant: Vec<GrantType>,
    /// How the client proves who it is.
    #[arg(long, value_name = "METHOD", value_parser = words::auth_method(), default_value = "client_secret_basic")]
    auth_method: AuthMethod,
    /// A client that cannot keep a secret, such as an app on a phone: the same as --auth-method none.
    #[arg(long, conflicts_with = "auth_method")]
    public: bool,
    /// A scope the client may ask for; give it once for each.
    #[arg(long, value_parser = words::scope)]
    scope: Vec<Scope>,
    /// A scope the client gets when it asks for none; give it once for each [default: all of --scope].
    #[arg(long, value_name = "SCOPE", value_parser = words::scope)]
    default_scope: Vec<Scope>,
    /// How long the client's access tokens live, in seconds, unless their API has a shorter time [default: what the API
    /// says, else the server].
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    access_token_lifetime: Option<Lifetime>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let registered = clients::create(arguments.client_id.as_deref(), members(arguments), context).await?;
    let mut resource = ClientResource::from(&registered.client);
    let secret = registered.secret.as_ref().map(Secret::expose);
    resource.client_secret = secret.map(str::to_owned);
    let text = format!(
        "Registered the client {}.\n\n{}{}",
        resource.client_id,
        super::sheet(Sheet::default().with_some("client_secret", secret), &resource).text(),
        secret.map_or("", |_| "\nThe secret is shown only now, and cannot be read again: give it to the client, and to nobody else."),
    );
    Answer::new(text, &resource)
}

fn members(arguments: &Arguments) -> Members {
    let auth_method = if arguments.public { AuthMethod::None } else { arguments.auth_method };
    let scopes = words::union(&arguments.scope);
    let members = Members::named(&arguments.name);
    let grant_types = match arguments.grant.as_slice() {
        [] if auth_method.is_confidential() => members.grant_types,
        grants => grants.to_vec(),
    };
    Members {
        description: arguments.description.clone(),
        auth_method,
        grant_types,
        redirect_uris: arguments.redirect_uri.clone(),
        default_scopes: match arguments.default_scope.as_slice() {
            [] => scopes.clone(),
            defaults => words::union(defaults),
        },
        scopes,
        access_token_lifetime: arguments.access_token_lifetime,
        ..members
    }
}
