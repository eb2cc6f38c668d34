//! `doorward client update`.

use super::super::answer::Answer;
use super::super::words;
use super::Reference;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::{self, Members};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Level};

const EXAMPLES: &str = "\
A list that is given replaces the whole list that was there; what is not given stays as it is.

Examples:
  Another name:
    doorward client update billing --name 'Billing, new'

  These two scopes, and no others (the default scopes follow if they were the same as the scopes):
    doorward client update billing --scope read --scope export

  No redirect URIs any more:
    doorward client update billing --no-redirect-uris";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    client: Reference,
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
    /// Where the client may send people back to; give it once for each.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Empty the list of redirect URIs.
    #[arg(long, conflicts_with = "redirect_uri")]
    no_redirect_uris: bool,
    /// Where the client may send people back to after they have signed out; give it once for each.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// Empty the list of URIs after a sign-out.
    #[arg(long, conflicts_with = "post_logout_redirect_uri")]
    no_post_logout_redirect_uris: bool,
    /// A grant the client may use; give it once for each.
    #[arg(long, value_parser = words::grant())]
    grant: Vec<GrantType>,
    /// Empty the list of grants.
    #[arg(long, conflicts_with = "grant")]
    no_grants: bool,
    /// How the client proves who it is.
    #[arg(long, value_name = "METHOD", value_parser = words::auth_method())]
    auth_method: Option<AuthMethod>,
    /// Want PKCE of the client.
    #[arg(long, conflicts_with = "no_pkce")]
    require_pkce: bool,
    /// Let the client go without PKCE: for one that cannot do better, and keeps a secret (RFC 9700 §2.1.1).
    #[arg(long)]
    no_pkce: bool,
    /// `explicit`: people are asked before the client acts for them. `implicit`: they are not, because it is your own.
    #[arg(long, value_name = "MODE", value_parser = words::consent())]
    consent: Option<ConsentMode>,
    /// A scope the client may ask for; give it once for each.
    #[arg(long, value_parser = words::scope)]
    scope: Vec<Scope>,
    /// Empty the list of scopes.
    #[arg(long, conflicts_with = "scope")]
    no_scopes: bool,
    /// A scope the client gets when it asks for none; give it once for each.
    #[arg(long, value_name = "SCOPE", value_parser = words::scope)]
    default_scope: Vec<Scope>,
    /// Empty the list of default scopes.
    #[arg(long, conflicts_with = "default_scope")]
    no_default_scopes: bool,
    /// How long the client's access tokens live, in seconds, unless their API has a shorter time.
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    access_token_lifetime: Option<Lifetime>,
    /// Let the client's access tokens live as long as the API says, else the server.
    #[arg(long, conflicts_with = "access_token_lifetime")]
    no_access_token_lifetime: bool,
    /// How long the client's refresh tokens live when nobody uses them, in seconds.
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds())]
    refresh_token_lifetime: Option<Lifetime>,
    /// Let the client's refresh tokens live as long as the server's tokens.refresh_idle says.
    #[arg(long, conflicts_with = "refresh_token_lifetime")]
    no_refresh_token_lifetime: bool,
    /// What the client's ID tokens are signed with.
    #[arg(long, value_name = "ALGORITHM", value_parser = words::algorithm())]
    id_token_alg: Option<Algorithm>,
    /// Sign the client's ID tokens with RS256, or tokens.signing_algorithm without a key for it.
    #[arg(long, conflicts_with = "id_token_alg")]
    no_id_token_alg: bool,
    /// Put what the scopes say of a person into ID tokens, too, and not only into userinfo.
    #[arg(long, conflicts_with = "no_id_token_claims")]
    id_token_claims: bool,
    /// Say of a person in userinfo alone what the scopes say.
    #[arg(long)]
    no_id_token_claims: bool,
    /// What the client may do at most at an API, which is named by identifier, id or `management`; give it once for each. Where
    /// none is named, its scopes alone limit it; else it may do nothing at the others.
    #[arg(long, value_name = "API=LEVEL", value_parser = words::access)]
    api: Vec<(String, Level)>,
    /// Let its scopes alone limit the client.
    #[arg(long, conflicts_with = "api")]
    no_apis: bool,
    /// An address or a network that the client may be used from; give it once for each.
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
    /// Let the client be used from everywhere.
    #[arg(long, conflicts_with = "allowed_ip")]
    no_allowed_ips: bool,
    /// A group the client is in, by its name or its id; give it once for each.
    #[arg(long)]
    group: Vec<String>,
    /// Take the client out of all groups.
    #[arg(long, conflicts_with = "group")]
    no_groups: bool,
    /// Where people find it: an https URL.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Forget where people find it.
    #[arg(long, conflicts_with = "public_url")]
    no_public_url: bool,
    /// When the client ends by itself, such as 2027-01-31T12:00:00Z.
    #[arg(long, value_name = "INSTANT", value_parser = words::instant)]
    expires_at: Option<Seconds>,
    /// Let the client not end by itself.
    #[arg(long, conflicts_with = "expires_at")]
    no_expires_at: bool,
    /// The organization the client belongs to, by its name or its id.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
    /// Take the client out of its organization.
    #[arg(long, conflicts_with = "organization")]
    no_organization: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(arguments.changes.as_ref())?;
    let change = move |members: &mut Members| {
        *members = changed(members.clone(), &changes);
        Ok(())
    };
    let client =
        clients::update(&arguments.client.client, &Call::by_operator(context)?, context, change).await?;
    super::shown(&format!("Changed the client {}.", client.client_id), &client, context).await
}

fn changed(before: Members, changes: &Changes) -> Members {
    let scopes = list(&before.scopes, &words::union(&changes.scope), changes.no_scopes);
    // Who never chose default scopes has all scopes as such, and means to keep it so.
    let follow = before.default_scopes == before.scopes;
    let defaults = if follow { &scopes } else { &before.default_scopes };
    let default_scopes = list(defaults, &words::union(&changes.default_scope), changes.no_default_scopes);
    Members {
        name: changes.name.clone().unwrap_or(before.name),
        description: changes.description.clone().unwrap_or(before.description),
        auth_method: changes.auth_method.unwrap_or(before.auth_method),
        grant_types: words::replaced(before.grant_types, &changes.grant, changes.no_grants),
        redirect_uris: words::replaced(before.redirect_uris, &changes.redirect_uri, changes.no_redirect_uris),
        post_logout_redirect_uris: words::replaced(
            before.post_logout_redirect_uris,
            &changes.post_logout_redirect_uri,
            changes.no_post_logout_redirect_uris,
        ),
        require_pkce: words::switched(before.require_pkce, changes.require_pkce, changes.no_pkce),
        consent: changes.consent.unwrap_or(before.consent),
        id_token_signed_response_alg: words::one(
            before.id_token_signed_response_alg,
            changes.id_token_alg.as_ref(),
            changes.no_id_token_alg,
        ),
        id_token_claims: words::switched(
            before.id_token_claims,
            changes.id_token_claims,
            changes.no_id_token_claims,
        ),
        organization: words::one(before.organization, changes.organization.as_ref(), changes.no_organization),
        scopes,
        default_scopes,
        access_token_lifetime: words::one(
            before.access_token_lifetime,
            changes.access_token_lifetime.as_ref(),
            changes.no_access_token_lifetime,
        ),
        refresh_token_lifetime: words::one(
            before.refresh_token_lifetime,
            changes.refresh_token_lifetime.as_ref(),
            changes.no_refresh_token_lifetime,
        ),
        access: words::replaced(before.access, &changes.api, changes.no_apis),
        allowed_ips: words::replaced(before.allowed_ips, &changes.allowed_ip, changes.no_allowed_ips),
        groups: words::replaced(before.groups, &changes.group, changes.no_groups),
        public_url: words::one(before.public_url, changes.public_url.as_ref(), changes.no_public_url),
        expires_at: words::one(before.expires_at, changes.expires_at.as_ref(), changes.no_expires_at),
        status: before.status,
    }
}

fn list(before: &Scope, given: &Scope, emptied: bool) -> Scope {
    let kept = if emptied { Scope::default() } else { before.clone() };
    if given.is_empty() { kept } else { given.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn change(before: &Members, arguments: &[&str]) -> Members {
        let line = Line::try_parse_from([&["update", "billing"], arguments].concat()).unwrap();
        changed(before.clone(), &line.arguments.changes.unwrap())
    }

    fn members(scopes: &str, default_scopes: &str) -> Members {
        Members {
            scopes: scopes.parse().unwrap(),
            default_scopes: default_scopes.parse().unwrap(),
            redirect_uris: vec!["https://a.example/cb".to_owned()],
            access_token_lifetime: Some(Lifetime(60)),
            ..Members::named("Billing")
        }
    }

    #[test]
    fn what_is_not_given_stays_as_it_is() {
        let before = members("read write", "read");
        let after = change(&before, &["--name", "Other"]);
        assert_eq!(after.name, "Other");
        assert_eq!((after.scopes, after.default_scopes), (before.scopes, before.default_scopes));
        assert_eq!(after.redirect_uris, before.redirect_uris);
        assert_eq!(after.access_token_lifetime, before.access_token_lifetime);
    }

    #[test]
    fn a_list_is_replaced_whole_or_emptied() {
        let before = members("read write", "read");
        assert_eq!(change(&before, &["--scope", "a", "--scope", "b c"]).scopes.to_string(), "a b c");
        assert!(change(&before, &["--no-redirect-uris"]).redirect_uris.is_empty());
        assert!(change(&before, &["--no-default-scopes"]).default_scopes.is_empty());
        assert_eq!(change(&before, &["--no-access-token-lifetime"]).access_token_lifetime, None);
    }

    #[test]
    fn default_scopes_follow_the_scopes_only_if_they_were_the_same() {
        let followed = change(&members("read write", "read write"), &["--scope", "read"]);
        assert_eq!(followed.default_scopes.to_string(), "read");
        let kept = change(&members("read write", "read"), &["--scope", "read export"]);
        assert_eq!(kept.default_scopes.to_string(), "read");
    }

    #[test]
    fn a_change_that_changes_nothing_is_wrong_usage() {
        assert!(Line::try_parse_from(["update", "billing"]).unwrap().arguments.changes.is_none());
        assert!(Line::try_parse_from(["update", "billing", "--scope", "a", "--no-scopes"]).is_err());
    }
}
