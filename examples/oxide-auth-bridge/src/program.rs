//! The program's endpoint, as oxide-auth wants it: primitives, solicitor, extensions. This file is where the bridge went in.

use crate::people;
use crate::registered::API;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::bridge::Bridge;
use doorward_protocol::error::OAuthError;
use oxide_auth::endpoint::{
    AccessTokenFlow, AuthorizationFlow, ClientCredentialsFlow, Endpoint, OwnerConsent, OwnerSolicitor,
    RefreshFlow, ResourceFlow, Solicitation, WebResponse,
};
use oxide_auth::frontends::simple::endpoint::{Error, FnSolicitor, Generic, Vacant};
use oxide_auth::frontends::simple::extensions::{AddonList, Extended};
use oxide_auth::frontends::simple::request::{Request, Response};
use oxide_auth::primitives::grant::Grant;
use oxide_auth::primitives::scope::Scope;
use std::sync::Arc;

/// What stays the same between requests.
pub(crate) struct Program {
    // Were: Mutex<ClientMap>, Mutex<AuthMap<RandomGenerator>>, Mutex<TokenMap<RandomGenerator>>.
    bridge: Bridge,
    addons: AddonList,
}

/// An answer of a flow's; or what the client of the token endpoint is told where oxide-auth has no words for it.
pub(crate) type Answer = Result<Response, OAuthError>;

impl Program {
    pub(crate) fn new(server: Arc<AuthorizationServer>) -> Self {
        let bridge = Bridge::new(server).with_owners_of("orders").at_api(API);
        let mut addons = AddonList::new();
        // Was: Pkce::required().
        addons.push_code(bridge.binding());
        Self { bridge, addons }
    }

    /// The authorization endpoint: the page, or what follows from it.
    pub(crate) fn authorize(
        &self,
        request: Request,
        page: impl Fn(&Solicitation<'_>, bool) -> String,
    ) -> Answer {
        let ask = |request: &mut Request, asked: Solicitation<'_>| solicit(request, &asked, &page);
        self.flow(FnSolicitor(ask), |endpoint| AuthorizationFlow::prepare(endpoint)?.execute(request))
    }

    /// The token endpoint.
    pub(crate) fn token(&self, request: Request) -> Answer {
        let itself = |_: &mut Request, asked: Solicitation<'_>| {
            OwnerConsent::Authorized(asked.pre_grant().client_id.clone())
        };
        self.flow(FnSolicitor(itself), |endpoint| {
            match request.urlbody.get("grant_type").map(String::as_str) {
                Some("refresh_token") => RefreshFlow::prepare(endpoint)?.execute(request),
                Some("client_credentials") => ClientCredentialsFlow::prepare(endpoint)?.execute(request),
                _ => AccessTokenFlow::prepare(endpoint)?.execute(request),
            }
        })
    }

    /// Who asks, if their token reaches so far; else the challenge for them.
    pub(crate) fn guard(&self, request: Request, scope: Scope) -> Result<Grant, Box<Answer>> {
        let bridge = self.bridge.for_request();
        let mut endpoint = endpoint(&bridge, &self.addons, Vacant, vec![scope]);
        let guarded = match ResourceFlow::prepare(&mut endpoint) {
            Ok(mut flow) => flow.execute(request),
            Err(error) => Err(Err(error)),
        };
        guarded.map_err(|refused| Box::new(refused.map_err(|error| told(&error, &bridge))))
    }

    fn flow<S: OwnerSolicitor<Request>>(
        &self,
        solicitor: S,
        run: impl FnOnce(Flow<S>) -> Result<Response, Error<Request>>,
    ) -> Answer {
        let bridge = self.bridge.for_request();
        run(endpoint(&bridge, &self.addons, solicitor, vec![])).map_err(|error| told(&error, &bridge))
    }
}

type Flow<S> = Extended<Generic<Bridge, Bridge, Bridge, S, Vec<Scope>, Vacant>, AddonList>;

fn endpoint<S: OwnerSolicitor<Request>>(
    bridge: &Bridge,
    addons: &AddonList,
    solicitor: S,
    scopes: Vec<Scope>,
) -> Flow<S>
where
    Flow<S>: Endpoint<Request>,
{
    let endpoint = Generic {
        // Were: the three maps, locked.
        registrar: bridge.clone(),
        authorizer: bridge.clone(),
        issuer: bridge.clone(),
        solicitor,
        scopes,
        response: Vacant,
    };
    Extended::extend_with(endpoint, addons.clone())
}

/// oxide-auth's errors have no words; the bridge remembers them.
fn told(_: &Error<Request>, bridge: &Bridge) -> OAuthError {
    let refusal = bridge.refusal();
    refusal.unwrap_or_else(|| OAuthError::invalid_request("this is no request that can be answered"))
}

/// The program's own page: nobody is asked twice for the same, and nothing is remembered.
fn solicit(
    request: &mut Request,
    asked: &Solicitation<'_>,
    page: impl Fn(&Solicitation<'_>, bool) -> String,
) -> OwnerConsent<Response> {
    let typed = |name: &str| request.urlbody.get(name).cloned().unwrap_or_default();
    if typed("answer") == "no" {
        return OwnerConsent::Denied;
    }
    let name = typed("name");
    if people::know(&name, &typed("password")) {
        return OwnerConsent::Authorized(name);
    }
    let mut response = Response::default();
    // This response has no way to fail.
    let _ = response.body_text(&page(asked, !name.is_empty()));
    OwnerConsent::InProgress(response)
}
