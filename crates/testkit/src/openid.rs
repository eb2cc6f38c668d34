//! The `openidconnect` crate, which we did not write, as a client: it knows an issuer's URL and a client id, and believes
//! nothing that it has not checked. Owns the way to use it; what is expected of it is each test's business.

use crate::browser::Page;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
    CoreTokenResponse,
};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, ProviderMetadataWithLogout, RedirectUrl, Scope,
};

/// The library, set up for one client.
pub type Library = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A request under way at the client.
pub struct UnderWay {
    /// Where the browser is sent.
    pub url: String,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// The library's way to the network.
///
/// # Errors
/// When there is no answer.
pub fn send(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let (parts, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
}

/// What the library finds out about an issuer.
#[must_use]
pub fn metadata(issuer: &str) -> ProviderMetadataWithLogout {
    let issuer = IssuerUrl::new(issuer.to_owned()).expect("an issuer is a URL");
    ProviderMetadataWithLogout::discover(&issuer, &send).expect("discovery is what the library expects")
}

/// The library, as this client of an issuer.
#[must_use]
pub fn library(issuer: &str, client_id: &str, client_secret: Option<&str>, redirect_uri: &str) -> Library {
    let id = ClientId::new(client_id.to_owned());
    let secret = client_secret.map(|secret| ClientSecret::new(secret.to_owned()));
    let library = CoreClient::from_provider_metadata(metadata(issuer), id, secret);
    library.set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).expect("a redirect URI is a URL"))
}

/// Begins with PKCE, state and nonce, for `openid` and these scopes.
#[must_use]
pub fn begin(library: &Library, scopes: &[&str], more: &[(&str, &str)]) -> UnderWay {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow: CoreAuthenticationFlow = AuthenticationFlow::AuthorizationCode;
    let request = library.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let request = request
        .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
        .set_pkce_challenge(challenge);
    let request = more.iter().fold(request, |request, (name, value)| {
        request.add_extra_param((*name).to_owned(), (*value).to_owned())
    });
    let (url, state, nonce) = request.url();
    UnderWay { url: url.to_string(), state, nonce, verifier }
}

/// Takes the answer at the client, as the library's users are told to.
#[must_use]
pub fn redeem(library: &Library, under_way: UnderWay, page: &Page<'_>) -> (CoreTokenResponse, Nonce) {
    let left = page.left();
    assert_eq!(left.parameter("state").as_ref(), Some(under_way.state.secret()));
    let code = AuthorizationCode::new(left.parameter("code").expect("a code"));
    let request = library.exchange_code(code).expect("there is a token endpoint");
    let tokens = request.set_pkce_verifier(under_way.verifier).request(&send).expect("tokens");
    (tokens, under_way.nonce)
}

/// The claims of an ID token that the library has checked.
pub fn verified(library: &Library, token: &CoreIdToken, nonce: &Nonce) -> CoreIdTokenClaims {
    let verifier = library.id_token_verifier().set_allowed_algs([
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EdDsa,
    ]);
    token.claims(&verifier, nonce).expect("the library believes the ID token").clone()
}
