//! `doorward client create`.

use super::super::answer::Answer;
use super::super::sheet::Sheet;
use super::super::words;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::defaults::Said;
use doorward_core::manage::clients::{self, Members};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Level};

const EXAMPLES: &str = "\
Examples:
  A web application that people sign in to (its grants and scopes follow from the redirect URI):
    doorward client create --name Shop --redirect-uri https://shop.example.com/callback \\
      --post-logout-redirect-uri https://shop.example.com/

  An app on people's own machines, which cannot keep a secret:
    doorward client create --name 'Shop for desktops' --public --redirect-uri http://127.0.0.1/callback

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
    /// Where the client may send people back to after they have signed out; give it once for each.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// A grant the client may use; give it once for each [default: authorization_code and refresh_token with a redirect
    /// URI; without one client_credentials, and none for a public client].
    #[arg(long, value_parser = words::grant())]
    grant: Vec<GrantType>,
    /// How the client proves who it is.
    #[arg(long, value_name = "METHOD", value_parser = words::auth_method(), default_value = "client_secret_basic")]
    auth_method: AuthMethod,
    /// A client that cannot keep a secret, such as an app on a phone: the same as --auth-method none.
    #[arg(long, conflicts_with = "auth_method")]
    public: bool,
    /// Let the client go without PKCE: for one that cannot do better, and keeps a secret (RFC 9700 §2.1.1).
    #[arg(long)]
    no_pkce: bool,
    /// `explicit`: people are asked before the client acts for them. `implicit`: they are not, because it is your own.
    #[arg(long, value_name = "MODE", value_parser = words::consent(), default_value = "explicit")]
    consent: ConsentMode,
    /// A scope the client may ask for; give it once for each [default: openid profile email offline_access with
    /// authorization_code].
    #[arg(long, value_parser = words::scope)]
    scope: Vec<Scope>,
    /// A scope the client gets when it asks for none; give it once for each [default: all of --scope].
    #[arg(long, value_name = "SCOPE", value_parser = words::scope)]
    default_scope: Vec<Scope>,
    /// How long the client's access tokens live, in seconds, unless their API has a shorter time [default: what the API
    /// says, else the server].
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    access_token_lifetime: Option<Lifetime>,
    /// How long the client's refresh tokens live when nobody uses them, in seconds [default: the server's
    /// tokens.refresh_idle].
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    refresh_token_lifetime: Option<Lifetime>,
    /// What the client's ID tokens are signed with [default: RS256, or tokens.signing_algorithm without a key for it].
    #[arg(long, value_name = "ALGORITHM", value_parser = words::algorithm())]
    id_token_alg: Option<Algorithm>,
    /// Put what the scopes say of a person into ID tokens, too, and not only into userinfo.
    #[arg(long)]
    id_token_claims: bool,
    /// What the client may do at most at an API, which is named by identifier, id or `management`; give it once for each. Where
    /// none is named, its scopes alone limit it; else it may do nothing at the others.
    #[arg(long, value_name = "API=LEVEL", value_parser = words::access)]
    api: Vec<(String, Level)>,
    /// An address or a network that the client may be used from; give it once for each [default: from everywhere].
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
    /// A group the client is in, by its name or its id; give it once for each.
    #[arg(long)]
    group: Vec<String>,
    /// Where people find it: an https URL.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// When the client ends by itself, such as 2027-01-31T12:00:00Z.
    #[arg(long, value_name = "INSTANT", value_parser = words::instant)]
    expires_at: Option<Seconds>,
    /// The organization the client belongs to, by its name or its id.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let registered = clients::create(
        arguments.client_id.as_deref(),
        members(arguments),
        &Call::by_operator(context)?,
        context,
    )
    .await?;
    let mut resource = super::resource(&registered.client, context).await?;
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
    let said = Said {
        grant_types: said(&arguments.grant, <[GrantType]>::to_vec),
        scopes: said(&arguments.scope, words::union),
        default_scopes: said(&arguments.default_scope, words::union),
    };
    said.completing(Members {
        description: arguments.description.clone(),
        auth_method,
        redirect_uris: arguments.redirect_uri.clone(),
        post_logout_redirect_uris: arguments.post_logout_redirect_uri.clone(),
        require_pkce: !arguments.no_pkce,
        consent: arguments.consent,
        id_token_signed_response_alg: arguments.id_token_alg,
        id_token_claims: arguments.id_token_claims,
        organization: arguments.organization.clone(),
        access: arguments.api.clone(),
        allowed_ips: arguments.allowed_ip.clone(),
        groups: arguments.group.clone(),
        public_url: arguments.public_url.clone(),
        expires_at: arguments.expires_at,
        access_token_lifetime: arguments.access_token_lifetime,
        refresh_token_lifetime: arguments.refresh_token_lifetime,
        ..Members::named(&arguments.name)
    })
}

/// A list of which nothing is given is not said.
fn said<T, L>(list: &[T], read: impl Fn(&[T]) -> L) -> Option<L> {
    (!list.is_empty()).then(|| read(list))
}
