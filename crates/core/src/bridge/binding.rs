//! The extension for oxide-auth's flows that ties a code to whoever began the request (RFC 7636), and carries what a token
//! request shows to the place where the code is redeemed: oxide-auth's issuer is told neither the code nor the verifier.

use crate::authorization_server::AuthorizationServer;
use crate::bridge::wait::wait;
use crate::bridge::{IDENTIFIER, client};
use doorward_protocol::pkce::Challenge;
use oxide_auth::code_grant::{accesstoken, authorization};
use oxide_auth::frontends::simple::extensions::{AccessTokenAddon, AddonResult, AuthorizationAddon};
use oxide_auth::primitives::grant::{GrantExtension, Value};
use std::sync::Arc;
use url::form_urlencoded::Serializer;

/// What is kept of a code whose client needs no challenge.
pub(super) const UNBOUND: &str = "-";

/// Takes the place of oxide-auth's `Pkce`; see [`super::Bridge::binding`].
pub struct Binding(Arc<AuthorizationServer>);

impl Binding {
    pub(super) const fn new(server: Arc<AuthorizationServer>) -> Self {
        Self(server)
    }

    /// The challenge to keep; none where the request cannot stand.
    fn kept(&self, request: &dyn authorization::Request) -> Option<String> {
        let (challenge, method) =
            (request.extension("code_challenge"), request.extension("code_challenge_method"));
        if let Some(challenge) = Challenge::parse(challenge.as_deref(), method.as_deref()).ok()? {
            return Some(challenge.as_str().to_owned());
        }
        let context = self.0.context();
        let record = wait(client(&request.client_id()?, &context)).ok()?;
        (!record.client.needs_pkce()).then(|| UNBOUND.to_owned())
    }
}

impl GrantExtension for Binding {
    fn identifier(&self) -> &'static str {
        IDENTIFIER
    }
}

impl AuthorizationAddon for Binding {
    /// RFC 7636 §4.4.1, RFC 9700 §2.1.1: S256, and not without where the client needs it.
    fn execute(&self, request: &dyn authorization::Request) -> AddonResult {
        self.kept(request).map_or(AddonResult::Err, |kept| AddonResult::Data(Value::private(Some(kept))))
    }
}

impl AccessTokenAddon for Binding {
    /// RFC 7636 §4.6: the verifier is compared here, so that oxide-auth answers in the words of its own `Pkce`; and once more
    /// by the grant, which redeems.
    fn execute(&self, request: &dyn accesstoken::Request, code_data: Option<Value>) -> AddonResult {
        let Some(Ok(Some(kept))) = code_data.map(Value::into_private_value) else { return AddonResult::Err };
        let Some((code, challenge)) = kept.split_once(' ') else { return AddonResult::Err };
        let verifier = request.extension("code_verifier");
        let proved = match (&verifier, challenge) {
            (None, UNBOUND) => true,
            (Some(verifier), bound) => {
                Challenge::stored(bound).is_some_and(|challenge| challenge.is_met_by(verifier))
            }
            (None, _) => false,
        };
        if !proved {
            return AddonResult::Err;
        }
        let shown = [
            ("code", Some(code.into())),
            ("redirect_uri", request.redirect_uri()),
            ("code_verifier", verifier),
        ];
        let mut form = Serializer::new(String::new());
        shown.into_iter().filter_map(|(name, value)| Some((name, value?))).for_each(|(name, value)| {
            form.append_pair(name, &value);
        });
        AddonResult::Data(Value::private(Some(form.finish())))
    }
}
