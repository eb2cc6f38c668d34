//! oxide-auth's registrar: our clients. Owns nothing but the order of our own checks behind its three questions.

use crate::access::audience::{self, AskedScope};
use crate::bridge::wait::wait;
use crate::bridge::{Bridge, NOWHERE, Ours, client};
use crate::client::Client;
use crate::client::authenticate::Presented;
use crate::client::redirect::match_redirect;
use crate::context::{Caller, Context};
use crate::endpoint;
use crate::kernel;
use crate::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::{AuthMethod, GrantType};
use oxide_auth::primitives::registrar::{
    BoundClient, ClientUrl, ExactUrl, PreGrant, RegisteredUrl, Registrar, RegistrarError,
};
use oxide_auth::primitives::scope::Scope as OxideScope;
use std::borrow::Cow;

impl Registrar for Bridge {
    /// RFC 9700 §2.1: the redirect URI is one that was registered, byte for byte.
    fn bound_redirect<'a>(&self, bound: ClientUrl<'a>) -> Result<BoundClient<'a>, RegistrarError> {
        let context = self.server.context();
        let record = wait(client(&bound.client_id, &context)).map_err(|stop| self.refused(stop))?;
        let uri = redirect_uri(bound.redirect_uri.as_ref().map(|uri| uri.as_str()), &record.client);
        let uri = ExactUrl::new(uri.ok_or(RegistrarError::Unspecified)?);
        let uri = uri.map_err(|_| RegistrarError::PrimitiveError)?;
        Ok(BoundClient { client_id: bound.client_id, redirect_uri: Cow::Owned(RegisteredUrl::Exact(uri)) })
    }

    /// RFC 6749 §3.3, and one audience for each token.
    fn negotiate(
        &self,
        bound: BoundClient<'_>,
        scope: Option<OxideScope>,
    ) -> Result<PreGrant, RegistrarError> {
        let context = self.server.context();
        let record = wait(client(&bound.client_id, &context)).map_err(|stop| self.refused(stop))?;
        let scope = scope
            .as_ref()
            .map(kernel::from_oxide)
            .transpose()
            .map_err(|refusal| self.refused(refusal.into()))?;
        let scope =
            negotiated(scope, &record.client, &context).map_err(|refusal| self.refused(refusal.into()))?;
        Ok(PreGrant {
            client_id: bound.client_id.into_owned(),
            redirect_uri: bound.redirect_uri.into_owned(),
            scope: kernel::to_oxide(&scope).map_err(|refusal| self.refused(refusal.into()))?,
        })
    }

    /// RFC 6749 §2.3. oxide-auth does not tell by which method the secret came, so the registered one is taken for it.
    fn check(&self, client_id: &str, passphrase: Option<&[u8]>) -> Result<(), RegistrarError> {
        let context = self.server.context();
        let secret = passphrase.map(std::str::from_utf8).transpose();
        let secret = secret.map_err(|_| RegistrarError::Unspecified)?;
        let secret = secret.map(|text| Secret::new(text.to_owned()));
        wait(async {
            let method = client(client_id, &context).await.map(|record| record.client.auth_method).ok();
            let presented = Presented::by(method.unwrap_or(AuthMethod::None), client_id.to_owned(), secret);
            endpoint::client::proved(&presented, Caller::default(), &context).await
        })
        .map(drop)
        .map_err(|stop| self.refused(stop))
    }
}

impl Bridge {
    /// To oxide-auth, all refusals are one, and what is our trouble is another.
    fn refused(&self, stop: Stop<OAuthError>) -> RegistrarError {
        match self.keep(stop) {
            Ours::Refusal => RegistrarError::Unspecified,
            Ours::Trouble => RegistrarError::PrimitiveError,
        }
    }
}

/// Where an answer may go. A grant without a browser has no such place, and is bound to none.
fn redirect_uri(requested: Option<&str>, client: &Client) -> Option<String> {
    let public = !client.is_confidential();
    match (requested, client.redirect_uris.as_slice()) {
        (Some(requested), registered) => match_redirect(requested, registered, public),
        (None, [only]) => match_redirect(&only.to_string(), &client.redirect_uris, public),
        (None, _) if client.may_use(GrantType::ClientCredentials) => return Some(NOWHERE.to_owned()),
        (None, _) => None,
    }
    .map(|target| target.as_str().to_owned())
}

/// What the client may have at one API. The scopes of OpenID Connect stay with our own endpoints: oxide-auth has no ID
/// token to give, and says of a token what was granted in all.
pub(super) fn negotiated(
    asked: Option<Scope>,
    client: &Client,
    context: &Context<'_>,
) -> Result<Scope, OAuthError> {
    let is_default = asked.is_none();
    let scope = kernel::permitted(asked, client)?;
    let asked = if is_default { AskedScope::Default(scope) } else { AskedScope::Explicit(scope) };
    audience::of_client(asked, None, &context.cache.apis()).map(|(_, scope)| scope)
}
