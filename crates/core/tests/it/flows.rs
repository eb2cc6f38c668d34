//! oxide-auth's own flows, over any primitives: what a program that is written against oxide-auth answers. Owns the endpoint
//! such a program has, and how its answers are read.

use oxide_auth::endpoint::{
    AccessTokenFlow, AuthorizationFlow, ClientCredentialsFlow, Endpoint, Extension, OAuthError, OwnerConsent,
    OwnerSolicitor, RefreshFlow, ResourceFlow, Scopes, Solicitation, Template,
};
use oxide_auth::frontends::simple::extensions::AddonList;
use oxide_auth::frontends::simple::request::{Request, Response};
use oxide_auth::primitives::authorizer::Authorizer;
use oxide_auth::primitives::grant::Grant;
use oxide_auth::primitives::issuer::Issuer;
use oxide_auth::primitives::registrar::Registrar;
use oxide_auth::primitives::scope::Scope;
use std::collections::HashMap;

/// A program's endpoint.
pub(crate) struct Flows<R, A, I> {
    pub(crate) registrar: R,
    pub(crate) authorizer: A,
    pub(crate) issuer: I,
    pub(crate) addons: AddonList,
    pub(crate) owner: Owner,
    pub(crate) scopes: Vec<Scope>,
}

/// Who says yes: a person, or in the grant without one the client itself.
pub(crate) enum Owner {
    Person(Option<&'static str>),
    Client,
}

impl OwnerSolicitor<Request> for Owner {
    fn check_consent(&mut self, _: &mut Request, asked: Solicitation<'_>) -> OwnerConsent<Response> {
        match self {
            Self::Person(Some(owner)) => OwnerConsent::Authorized((*owner).to_owned()),
            Self::Person(None) => OwnerConsent::Denied,
            Self::Client => OwnerConsent::Authorized(asked.pre_grant().client_id.clone()),
        }
    }
}

impl<R: Registrar, A: Authorizer, I: Issuer> Endpoint<Request> for Flows<R, A, I> {
    type Error = OAuthError;

    fn registrar(&self) -> Option<&dyn Registrar> {
        Some(&self.registrar)
    }

    fn authorizer_mut(&mut self) -> Option<&mut dyn Authorizer> {
        Some(&mut self.authorizer)
    }

    fn issuer_mut(&mut self) -> Option<&mut dyn Issuer> {
        Some(&mut self.issuer)
    }

    fn owner_solicitor(&mut self) -> Option<&mut dyn OwnerSolicitor<Request>> {
        Some(&mut self.owner)
    }

    fn scopes(&mut self) -> Option<&mut dyn Scopes<Request>> {
        Some(&mut self.scopes)
    }

    fn response(&mut self, _: &mut Request, _: Template<'_>) -> Result<Response, OAuthError> {
        Ok(Response::default())
    }

    fn error(&mut self, error: OAuthError) -> OAuthError {
        error
    }

    fn web_error(&mut self, error: oxide_auth::frontends::simple::request::NoError) -> OAuthError {
        match error {}
    }

    fn extension(&mut self) -> Option<&mut dyn Extension> {
        Some(&mut self.addons)
    }
}

/// What a client sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A code.
    Code(String),
    /// Tokens, and the scope that is said to be theirs.
    Tokens(Tokens),
    /// An error word of OAuth's.
    Refused(String),
    /// Nothing that goes back to the client: oxide-auth's two errors without words.
    Page,
    Primitive,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) scope: String,
}

impl Answer {
    pub(crate) fn tokens(self) -> Tokens {
        match self {
            Self::Tokens(tokens) => tokens,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn code(self) -> String {
        match self {
            Self::Code(code) => code,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn refused(word: &str) -> Answer {
    Answer::Refused(word.to_owned())
}

impl<R: Registrar, A: Authorizer, I: Issuer> Flows<R, A, I> {
    /// The authorization endpoint, where this person says yes.
    pub(crate) fn authorize(&mut self, owner: Option<&'static str>, query: &str) -> Answer {
        self.owner = Owner::Person(owner);
        let request = Request { query: pairs(query), ..Request::default() };
        read(AuthorizationFlow::prepare(self).unwrap().execute(request))
    }

    /// The token endpoint, which leads to a flow for each grant.
    pub(crate) fn token(&mut self, authorization: Option<String>, form: &str) -> Answer {
        self.owner = Owner::Client;
        let urlbody = pairs(form);
        let grant_type = urlbody.get("grant_type").cloned().unwrap_or_default();
        let request = Request { urlbody, auth: authorization, ..Request::default() };
        read(match grant_type.as_str() {
            "refresh_token" => RefreshFlow::prepare(self).unwrap().execute(request),
            "client_credentials" => {
                let mut flow = ClientCredentialsFlow::prepare(self).unwrap();
                flow.allow_credentials_in_body(true);
                flow.execute(request)
            }
            _ => {
                let mut flow = AccessTokenFlow::prepare(self).unwrap();
                flow.allow_credentials_in_body(true);
                flow.execute(request)
            }
        })
    }

    /// A resource of the program's own, for those who have this scope.
    pub(crate) fn resource(&mut self, scope: &str, access_token: &str) -> Option<Grant> {
        self.scopes = vec![scope.parse().unwrap()];
        let auth = Some(format!("Bearer {access_token}"));
        ResourceFlow::prepare(self).unwrap().execute(Request { auth, ..Request::default() }).ok()
    }
}

/// A parameter that is repeated is none, as oxide-auth reads them.
fn pairs(form: &str) -> HashMap<String, String> {
    let all: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let once = |name: &str| all.iter().filter(|(other, _)| other == name).count() == 1;
    all.iter().filter(|(name, _)| once(name)).cloned().collect()
}

fn read(answer: Result<Response, OAuthError>) -> Answer {
    let response = match answer {
        Ok(response) => response,
        Err(OAuthError::PrimitiveError) => return Answer::Primitive,
        Err(_) => return Answer::Page,
    };
    if let Some(location) = response.location {
        let said: HashMap<_, _> = location.query_pairs().into_owned().collect();
        return match said.get("error") {
            Some(error) => refused(error),
            None => Answer::Code(said["code"].clone()),
        };
    }
    let body: serde_json::Value = serde_json::from_str(response.body.unwrap().as_str()).unwrap();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    match text("error") {
        Some(error) => Answer::Refused(error),
        None => Answer::Tokens(Tokens {
            access: text("access_token").unwrap(),
            refresh: text("refresh_token"),
            scope: sorted(&text("scope").unwrap()),
        }),
    }
}

/// oxide-auth writes a scope in any order.
pub(crate) fn sorted(scope: &str) -> String {
    let mut words: Vec<_> = scope.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}
