//! Managing clients: register, read, change, switch off and on, delete. Owns the rules for a client's members; the record
//! is `client`'s, its storage the store's.

use crate::client::redirect::RedirectUri;
use crate::client::{Client, ClientRecord, ClientSecret};
use crate::context::Context;
use crate::endpoint::token::GRANTS;
use crate::manage::{Findings, LONGEST_TEXT, Refused, name, taken, text};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{AuthMethod, GrantType, Status};

/// The members of a client that an administrator chooses.
#[derive(Clone, Debug)]
pub struct Members {
    /// What people see.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// How it authenticates (RFC 7591 §2).
    pub auth_method: AuthMethod,
    /// The grants it may use.
    pub grant_types: Vec<GrantType>,
    /// Where it may send people back to.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for.
    pub scopes: Scope,
    /// What it gets when it asks for nothing.
    pub default_scopes: Scope,
    /// How long its access tokens live, where that differs from the server's default.
    pub access_token_lifetime: Option<Lifetime>,
}

/// A client just registered. The secret is shown this once.
pub struct Registered {
    /// The client.
    pub client: Client,
    /// Its secret; none for a public client.
    pub secret: Option<Secret>,
}

/// Registers a client, under a name of the administrator's choice or a generated one.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    client_id: Option<&str>,
    members: Members,
    context: &Context<'_>,
) -> Result<Registered, Stop<Refused>> {
    let mut findings = Findings::default();
    let generated;
    let client_id = match client_id {
        Some(chosen) => chosen,
        None => {
            generated = generated_client_id(context)?;
            &generated
        }
    };
    let client_id: Option<ClientId> = findings.check("/client_id", client_id.parse());
    let checked = check(&members, context, &mut findings);
    findings.refuse()?;
    let (Some(client_id), now) = (client_id, context.now) else {
        return Err(Stop::Fault(Fault::broken("a client without a name")));
    };
    let id = context.random.id(now).map_err(Fault::broken)?;
    let client = Client {
        id,
        client_id,
        name: members.name,
        description: members.description,
        status: Status::Active,
        auth_method: members.auth_method,
        grant_types: members.grant_types,
        redirect_uris: checked,
        scopes: members.scopes,
        default_scopes: members.default_scopes,
        access_token_lifetime: members.access_token_lifetime,
        generation: 0,
        created_at: now,
        updated_at: now,
    };
    let secret = if members.auth_method.is_confidential() { Some(new_secret(id, context)?) } else { None };
    let (record, stored) = (client.clone(), secret.as_ref().map(|(_, stored)| stored.clone()));
    let insert = move |tx: &mut dyn Tx| {
        tx.insert_client(&record).map_err(taken("/client_id", "is taken, or was, by another client"))?;
        if let Some(stored) = &stored {
            tx.insert_client_secret(stored)?;
        }
        Ok(())
    };
    context.cache.write(insert).await?;
    Ok(Registered { client, secret: secret.map(|(text, _)| text) })
}

/// A page of clients in the order of their identifiers (about that of registration), after the given one.
///
/// # Errors
/// A fault of the store.
pub async fn list(after: Option<Id>, limit: i64, context: &Context<'_>) -> Result<Vec<Client>, Fault> {
    context.cache.store().read(move |tx| tx.clients(after, limit)).await
}

/// The client with this `client_id` or internal identifier, straight from the store.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(reference: &str, context: &Context<'_>) -> Result<ClientRecord, Stop<Refused>> {
    let reference = reference.to_owned();
    context.cache.store().snapshot(move |tx| find(&reference, tx)).await?.ok_or_else(not_found)
}

/// Replaces the members of a client. Its tokens stay as they are, but are judged by the new members where these count at
/// every use. The change is made to the record as it is when it is written: none made meanwhile is lost.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused>,
) -> Result<Client, Stop<Refused>> {
    loop {
        let read = show(reference, context).await?.client;
        if let Some(client) = save(changed(&read, context, &change)?, read, context).await? {
            return Ok(client);
        }
    }
}

/// The client with its members changed and checked.
fn changed(
    client: &Client,
    context: &Context<'_>,
    change: &impl Fn(&mut Members) -> Result<(), Refused>,
) -> Result<Client, Stop<Refused>> {
    let mut members = Members::of(client);
    change(&mut members).map_err(Stop::Refuse)?;
    let mut findings = Findings::default();
    if members.auth_method.is_confidential() != client.auth_method.is_confidential() {
        findings.add(
            "/token_endpoint_auth_method",
            "a public client cannot become a confidential one or back: register another",
        );
    }
    let redirect_uris = check(&members, context, &mut findings);
    findings.refuse()?;
    Ok(Client {
        name: members.name,
        description: members.description,
        auth_method: members.auth_method,
        grant_types: members.grant_types,
        redirect_uris,
        scopes: members.scopes,
        default_scopes: members.default_scopes,
        access_token_lifetime: members.access_token_lifetime,
        updated_at: context.now.max(client.updated_at),
        ..client.clone()
    })
}

/// Switches a client off or on. Switching off voids all its tokens for good: they do not come back with the client.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: Status,
    context: &Context<'_>,
) -> Result<Client, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let switch = move |tx: &mut dyn Tx| {
        let mut client = find(&reference, tx)?.ok_or_else(not_found)?.client;
        if client.status == status {
            return Ok(client);
        }
        client.status = status;
        client.generation += i64::from(status == Status::Inactive);
        client.updated_at = now.max(client.updated_at);
        tx.update_client(&client)?;
        Ok(client)
    };
    context.cache.write(switch).await
}

/// Deletes a client with its secrets; its tokens are void from then on, and its name is never given away again.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn delete(reference: &str, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let delete = move |tx: &mut dyn Tx| {
        let client = find(&reference, tx)?.ok_or_else(not_found)?.client;
        tx.delete_client(client.id, now)?;
        Ok(())
    };
    context.cache.write(delete).await
}

/// Writes the changed client, if the record still is the one that was changed; `None` when it is not.
async fn save(changed: Client, read: Client, context: &Context<'_>) -> Result<Option<Client>, Stop<Refused>> {
    let save = move |tx: &mut dyn Tx| {
        if tx.client(changed.id)?.ok_or_else(not_found)?.client != read {
            return Ok(None);
        }
        tx.update_client(&changed)?;
        Ok(Some(changed.clone()))
    };
    context.cache.write(save).await
}

impl Members {
    /// The members of a new client, with everything else at its default.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            auth_method: AuthMethod::ClientSecretBasic,
            grant_types: vec![GrantType::ClientCredentials],
            redirect_uris: vec![],
            scopes: Scope::default(),
            default_scopes: Scope::default(),
            access_token_lifetime: None,
        }
    }

    fn of(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            description: client.description.clone(),
            auth_method: client.auth_method,
            grant_types: client.grant_types.clone(),
            redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
            scopes: client.scopes.clone(),
            default_scopes: client.default_scopes.clone(),
            access_token_lifetime: client.access_token_lifetime,
        }
    }
}

fn check(members: &Members, context: &Context<'_>, findings: &mut Findings) -> Vec<RedirectUri> {
    name("/name", &members.name, findings);
    text("/description", &members.description, LONGEST_TEXT, findings);
    for (position, grant) in members.grant_types.iter().enumerate() {
        if !GRANTS.iter().any(|known| known.grant_type() == *grant) {
            findings
                .add(format!("/grant_types/{position}"), format!("'{grant}' is not a grant of this server"));
        }
    }
    if !members.auth_method.is_confidential() && members.grant_types.contains(&GrantType::ClientCredentials) {
        findings.add("/grant_types", "a public client has no credentials of its own (RFC 6749 §4.4)");
    }
    if !members.default_scopes.is_within(&members.scopes) {
        findings.add("/default_scopes", "names only what 'scopes' names");
    }
    if let Some(lifetime) = members.access_token_lifetime {
        self::lifetime("/access_token_lifetime", lifetime, context, findings);
    }
    for (position, uri) in members.redirect_uris.iter().enumerate() {
        if members.redirect_uris[..position].contains(uri) {
            findings.add(format!("/redirect_uris/{position}"), "is named once only");
        }
    }
    let public = !members.auth_method.is_confidential();
    let uris = members.redirect_uris.iter().enumerate();
    uris.filter_map(|(position, uri)| {
        findings.check(format!("/redirect_uris/{position}"), RedirectUri::parse(uri, public))
    })
    .collect()
}

/// Bounds of a lifetime that an administrator sets.
pub(super) fn lifetime(pointer: &str, lifetime: Lifetime, context: &Context<'_>, findings: &mut Findings) {
    let longest = context.settings.longest_access_token();
    if lifetime < Lifetime::seconds(1) || lifetime > longest {
        findings.add(pointer, format!("is between 1 and {} seconds", longest.0));
    }
}

fn find(reference: &str, tx: &mut dyn Tx) -> Result<Option<ClientRecord>, Fault> {
    let id = match (reference.parse::<ClientId>(), reference.parse::<Id>()) {
        (Ok(client_id), _) => tx.client_named(&client_id)?,
        (Err(_), Ok(id)) => Some(id),
        (Err(_), Err(_)) => None,
    };
    id.map_or(Ok(None), |id| tx.client(id))
}

fn new_secret(client: Id, context: &Context<'_>) -> Result<(Secret, ClientSecret), Fault> {
    let text = token_text::write(TokenType::ClientSecret, &context.random.secret().map_err(Fault::broken)?);
    let (pepper, digest) = context.peppers.digest(text.expose());
    let stored = ClientSecret {
        id: context.random.id(context.now).map_err(Fault::broken)?,
        client,
        digest,
        pepper,
        last_four: text.expose()[text.expose().len() - 4..].to_owned(),
        created_at: context.now,
    };
    Ok((text, stored))
}

/// A name that says nothing: 80 random bits.
fn generated_client_id(context: &Context<'_>) -> Result<String, Fault> {
    let mut random = [0; 10];
    context.random.fill(&mut random).map_err(Fault::broken)?;
    Ok(random.iter().fold("c-".to_owned(), |name, byte| name + &format!("{byte:02x}")))
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "client" })
}
