//! The authorization code grant (RFC 6749 §4.1.3): a code, once, for the tokens of the person who allowed it. Owns what must
//! hold before a code counts as presented at all, and what follows from presenting it again.

use crate::access::audience::AskedScope;
use crate::access::granted::{Behalf, Entitlement};
use crate::client::authenticate::AuthenticatedClient;
use crate::context::Context;
use crate::context::draft::Draft;
use crate::grant::{self, Grant, Proof, Redeemed, Redemption, TokenRequest};
use crate::kernel;
use crate::keys::pepper::PepperVersion;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::code::{Code, CodeBinding};
use crate::token::family::{Family, RefreshToken};
use crate::token::id_token::IdTokenOf;
use crate::token::mint;
use doorward_protocol::error::OAuthError;
use doorward_protocol::openid;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{ConsentMode, GrantType};

/// RFC 6749 §4.1.
pub struct AuthorizationCode;

impl Grant for AuthorizationCode {
    fn grant_type(&self) -> GrantType {
        GrantType::AuthorizationCode
    }

    fn prove(&self, request: &TokenRequest<'_>, context: &Context<'_>) -> Result<Proof, Stop<OAuthError>> {
        let params = request.params;
        let code = params.required("code")?;
        // What was never a code of ours costs no transaction.
        if token_text::read(code) != Ok(TokenType::AuthorizationCode) {
            return Err(refused());
        }
        let random = context.random.secret().map_err(Fault::broken)?;
        let (text, pepper, digest) = mint::secret(TokenType::RefreshToken, &random, context.peppers);
        let client = request.client;
        let lifetime = client.record().client.refresh_token_lifetime;
        Ok(Proof::Stored(Box::new(Presented {
            digests: context.peppers.digests(code).collect(),
            redirect_uri: params.value("redirect_uri").map(str::to_owned),
            verifier: params.value("code_verifier").map(str::to_owned),
            resource: grant::resource(params)?,
            client: client.clone(),
            refresh: Refresh {
                text,
                pepper,
                digest,
                idle: lifetime.unwrap_or(context.settings.refresh.idle),
                absolute: context.settings.refresh.absolute,
            },
            longest_access: context.settings.longest_access_token(),
            replayed: grant::revocation(client.record().client.id, request.caller, context)?,
            now: context.now,
        })))
    }
}

/// A code that a client has presented.
struct Presented {
    digests: Vec<Digest>,
    redirect_uri: Option<String>,
    verifier: Option<String>,
    resource: Option<String>,
    client: AuthenticatedClient,
    refresh: Refresh,
    longest_access: Lifetime,
    replayed: Draft,
    now: Seconds,
}

/// The first refresh token of the family, drawn whether it will be needed or not.
struct Refresh {
    text: Secret,
    pepper: PepperVersion,
    digest: Digest,
    idle: Lifetime,
    absolute: Lifetime,
}

impl Redemption for Presented {
    /// RFC 6749 §4.1.3: client, redirect URI and verifier are checked first, so that whoever got hold of a code and
    /// nothing else can neither redeem nor void it. Only then its time and its one use count.
    fn redeem(&mut self, tx: &mut dyn Tx) -> Result<Redeemed, Stop<OAuthError>> {
        let code = found(&self.digests, tx)?.ok_or_else(refused)?;
        self.belongs(&code)?;
        if code.used_at.is_some() {
            return Err(self.replay(&code, tx)?);
        }
        if code.expires_at <= self.now {
            return Err(refused());
        }
        let session_ends = self.still_allowed(&code, tx)?;
        if !tx.use_code(&code.digest, self.now)? {
            // Used since it was read, on a database that runs transactions side by side: a replay like any other.
            return Err(self.replay(&code, tx)?);
        }
        let refresh_token = self.begin(&code, session_ends, tx)?;
        Ok(self.redeemed(code, refresh_token))
    }
}

/// A code, whichever pepper it was digested under.
pub(crate) fn found(digests: &[Digest], tx: &mut dyn Tx) -> Result<Option<Code>, Fault> {
    for digest in digests {
        if let Some(code) = tx.code(digest)? {
            return Ok(Some(code));
        }
    }
    Ok(None)
}

impl Presented {
    /// Everything by which a code is tied to this request.
    fn belongs(&self, code: &Code) -> Result<(), OAuthError> {
        let client = &self.client.record().client;
        if code.client != client.id {
            return Err(OAuthError::invalid_grant());
        }
        self.names_the_redirect_uri(code)?;
        kernel::authorization_code::redeem(
            code,
            client.client_id.as_str(),
            self.redirect_uri.as_deref(),
            client,
        )?;
        // RFC 9700 §4.8.2: a verifier is accepted if and only if a challenge was stored.
        match (&code.binding, &self.verifier) {
            (CodeBinding::S256(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
            (CodeBinding::ConfidentialOnly, None) if !client.needs_pkce() => Ok(()),
            _ => Err(OAuthError::invalid_grant()),
        }
    }

    /// RFC 6749 §4.1.3: byte for byte. OAuth 2.1 §4.1.3 no longer asks for it: PKCE does its work, so only a code without
    /// a challenge needs it named again.
    fn names_the_redirect_uri(&self, code: &Code) -> Result<(), OAuthError> {
        let needed = code.redirect_uri_given && code.binding == CodeBinding::ConfidentialOnly;
        match &self.redirect_uri {
            Some(uri) if *uri == code.redirect_uri => Ok(()),
            None if !needed => Ok(()),
            _ => Err(OAuthError::invalid_grant()),
        }
    }

    /// RFC 6749 §4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the request and
    /// SHOULD revoke […] all tokens previously issued based on that authorization code."
    fn replay(&self, code: &Code, tx: &mut dyn Tx) -> Result<Stop<OAuthError>, Fault> {
        if !tx.revoke_family(code.family, self.now)? {
            return Ok(refused());
        }
        let event = self.replayed.because("code_replayed").of_user(code.user);
        event.about("family", code.family).at_home(tx)?.record(tx)?;
        // The revocation is the point of the answer.
        Ok(Stop::RefuseAndCommit(OAuthError::invalid_grant()))
    }

    /// What a code rests on may have ended since it was issued. Session and consent are held until the family stands, so
    /// that whoever ends one of them in the same moment finds the family, or ends them first. The person is asked about
    /// where every token is. Tells when the session ends in any case.
    fn still_allowed(&self, code: &Code, tx: &mut dyn Tx) -> Result<Seconds, Stop<OAuthError>> {
        let client = &self.client.record().client;
        if code.client_generation != client.generation {
            return Err(refused());
        }
        let session = tx.session(code.session)?.filter(|session| self.now < session.expires_at);
        let session = session.ok_or_else(refused)?;
        if !tx.touch_session(session.id, self.now)? {
            return Err(refused());
        }
        let allowed = match code.consent {
            Some((consent, generation)) => tx.hold_consent(consent, generation)?,
            None => client.consent == ConsentMode::Implicit,
        };
        if allowed { Ok(session.expires_at) } else { Err(refused()) }
    }

    /// Begins the family, with a refresh token if the client is registered for them.
    fn begin(&self, code: &Code, session_ends: Seconds, tx: &mut dyn Tx) -> Result<Option<Secret>, Fault> {
        let refreshes = self.client.record().client.may_use(GrantType::RefreshToken);
        let family = self.family(code, refreshes, session_ends);
        tx.insert_family(&family)?;
        if !refreshes {
            return Ok(None);
        }
        tx.insert_refresh_token(&RefreshToken {
            digest: self.refresh.digest,
            pepper: self.refresh.pepper,
            family: family.id,
            number: family.newest,
            issued_at: self.now,
            expires_at: (self.now + self.refresh.idle).min(family.expires_at),
        })?;
        Ok(Some(self.refresh.text.clone()))
    }

    /// OpenID Connect Core §11: without `offline_access`, it ends with the session at the latest.
    fn family(&self, code: &Code, refreshes: bool, session_ends: Seconds) -> Family {
        let offline = code.scope.contains(openid::OFFLINE_ACCESS);
        let ends = self.now + if refreshes { self.refresh.absolute } else { self.longest_access };
        Family {
            id: code.family,
            client: code.client,
            client_generation: code.client_generation,
            user: code.user,
            user_generation: code.user_generation,
            session: code.session,
            offline,
            consent: code.consent,
            scope: code.scope.clone(),
            api: code.api,
            authentication: code.authentication.clone(),
            newest: i64::from(refreshes),
            rotated_at: self.now,
            created_at: self.now,
            expires_at: if offline { ends } else { ends.min(session_ends) },
            revoked_at: None,
        }
    }

    fn redeemed(&self, code: Code, refresh_token: Option<Secret>) -> Redeemed {
        let client = &self.client.record().client;
        let id_token = IdTokenOf::asked(&code.scope, client, code.session, code.nonce.clone());
        Redeemed {
            entitlement: Entitlement {
                client: self.client.clone(),
                subject: code.user.to_string(),
                scope: AskedScope::Default(code.scope.clone()),
                resource: self.resource.clone(),
                behalf: Some(behalf(code)),
                exchanged: None,
            },
            refresh_token,
            id_token,
        }
    }
}

fn behalf(code: Code) -> Behalf {
    Behalf {
        user: code.user,
        user_generation: code.user_generation,
        family: code.family,
        authentication: code.authentication,
        scope: code.scope,
        api: code.api,
    }
}

fn refused() -> Stop<OAuthError> {
    Stop::Refuse(OAuthError::invalid_grant())
}
