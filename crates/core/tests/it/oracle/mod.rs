//! oxide-auth as an oracle: the same requests to its own flows, over its own maps in memory, and to our endpoints. Owns the
//! two sides and the comparison; where they differ by our decision stands in [`differences`], with the reason.

mod authorization;
mod cases;
mod differences;
mod token;

use crate::bridge::{BACK, CHALLENGE, bridge};
use crate::flows::{Answer, Flows, Owner};
use crate::house::{Actor, House};
use differences::DIFFERENCES;
use doorward_core::manage::clients;
use doorward_protocol::words::{AuthMethod, GrantType};
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::frontends::simple::extensions::AddonList;
use oxide_auth::primitives::authorizer::AuthMap;
use oxide_auth::primitives::generator::RandomGenerator;
use oxide_auth::primitives::issuer::TokenMap;
use oxide_auth::primitives::registrar::{
    Client, ClientMap, ExactUrl, PasswordPolicy, RegisteredUrl, RegistrarError,
};
use std::collections::BTreeSet;

/// What a client may learn of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Tokens with this scope, or a code, or the question to the person that comes before one.
    Granted(String),
    /// An error word.
    Refused(String),
    /// A page for the person; nothing goes back to the client.
    Page,
}

/// One request, as it was bent.
pub(super) struct Compared {
    /// How.
    pub(super) name: String,
    pub(super) oxide: Outcome,
    pub(super) ours: Outcome,
}

/// Holds a comparison against the list: every difference is in it, and everything in it makes a difference.
#[track_caller]
pub(super) fn hold(endpoint: &str, compared: &[Compared]) {
    assert!(compared.len() > 50, "{} requests are no comparison", compared.len());
    let granted =
        compared.iter().filter(|one| one.oxide == one.ours && matches!(one.ours, Outcome::Granted(_)));
    assert!(granted.count() > 0, "some are granted by both");
    let mut met = BTreeSet::new();
    let mut wrong = Vec::new();
    for one in compared.iter().filter(|one| one.oxide != one.ours) {
        match DIFFERENCES.iter().position(|known| known.explains(endpoint, one)) {
            Some(number) => drop(met.insert(number)),
            None => wrong.push(format!("{}: {:?}, ours {:?}", one.name, one.oxide, one.ours)),
        }
    }
    let listed = DIFFERENCES.iter().enumerate().filter(|(_, known)| known.endpoints.contains(&endpoint));
    wrong.extend(
        listed
            .filter(|(number, _)| !met.contains(number))
            .map(|(_, known)| format!("no longer happens: {}", known.reason)),
    );
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), compared.len(), wrong.join("\n"));
}

/// Both sides know the same two clients, under the same names and secrets.
pub(super) struct Sides {
    pub(super) house: House,
    pub(super) client: Actor,
    pub(super) other: Actor,
    pub(super) public: Actor,
}

pub(super) const SCOPE: &str = "orders:read orders:write";

impl Sides {
    pub(super) fn new() -> Self {
        let house = House::default().another_set(|settings| {
            // Requests that fail on purpose are not slowed down.
            settings.failed_authentications_per_minute = 1_000_000;
        });
        let client = |auth_method: AuthMethod| {
            house.register(clients::Members {
                auth_method,
                grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
                    .into_iter()
                    .chain(auth_method.is_confidential().then_some(GrantType::ClientCredentials))
                    .collect(),
                redirect_uris: vec![BACK.to_owned()],
                scopes: SCOPE.parse().unwrap(),
                default_scopes: SCOPE.parse().unwrap(),
                ..clients::Members::named("Client")
            })
        };
        let (one, other, public) = (
            client(AuthMethod::ClientSecretBasic),
            client(AuthMethod::ClientSecretBasic),
            client(AuthMethod::None),
        );
        Self { house, client: one, other, public }
    }

    /// oxide-auth's own side, with nothing issued yet.
    pub(super) fn oxide(&self) -> Oxide {
        let mut registrar = ClientMap::new();
        registrar.set_password_policy(Plain);
        for actor in [&self.client, &self.other, &self.public] {
            let back = RegisteredUrl::Exact(ExactUrl::new(BACK.to_owned()).unwrap());
            let (id, scope) = (&actor.client_id, SCOPE.parse().unwrap());
            registrar.register_client(match &actor.secret {
                Some(secret) => Client::confidential(id, back, scope, secret.as_bytes()),
                None => Client::public(id, back, scope),
            });
        }
        let mut addons = AddonList::new();
        addons.push_code(Pkce::required());
        Flows {
            registrar,
            authorizer: AuthMap::new(RandomGenerator::new(16)),
            issuer: TokenMap::new(RandomGenerator::new(16)),
            addons,
            owner: Owner::Client,
            scopes: vec![],
        }
    }

    /// A code of each side, for the same request.
    pub(super) fn codes(&self, oxide: &mut Oxide, actor: &Actor) -> (String, String) {
        let request = format!(
            "response_type=code&client_id={}&redirect_uri={BACK}&code_challenge={CHALLENGE}&code_challenge_method=S256",
            actor.client_id
        );
        let theirs = oxide.authorize(Some("alice"), &request).code();
        (theirs, crate::bridge::over(&bridge(&self.house)).authorize(Some("alice"), &request).code())
    }
}

pub(super) type Oxide = Flows<ClientMap, AuthMap<RandomGenerator>, TokenMap<RandomGenerator>>;

/// Hashing is not compared.
struct Plain;

impl PasswordPolicy for Plain {
    fn store(&self, _: &str, passphrase: &[u8]) -> Vec<u8> {
        passphrase.to_vec()
    }

    fn check(&self, _: &str, passphrase: &[u8], stored: &[u8]) -> Result<(), RegistrarError> {
        if passphrase == stored { Ok(()) } else { Err(RegistrarError::Unspecified) }
    }
}

pub(super) fn outcome(answer: Answer) -> Outcome {
    match answer {
        Answer::Code(_) => Outcome::Granted("code".to_owned()),
        Answer::Tokens(tokens) => Outcome::Granted(tokens.scope),
        Answer::Refused(word) => Outcome::Refused(word),
        Answer::Page | Answer::Primitive => Outcome::Page,
    }
}
