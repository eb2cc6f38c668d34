//! What of a new client nobody has said. Owns what follows then from the rest, the same for the REST API, the command line and the
//! console: whoever names where people are sent back to means to send them here, and everybody else acts for themselves.

use super::Members;
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::words::GrantType;

/// The members that follow from others where they are not said.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Unsaid: `authorization_code` and `refresh_token` with a redirect URI; else `client_credentials`, and nothing for a public
    /// client.
    pub grant_types: Option<Vec<GrantType>>,
    /// Unsaid: `openid profile email offline_access` with `authorization_code`, else nothing.
    pub scopes: Option<Scope>,
    /// Unsaid: all of the scopes.
    pub default_scopes: Option<Scope>,
}

impl Said {
    /// These members, with what was said or follows.
    #[must_use]
    pub fn completing(self, members: Members) -> Members {
        let grant_types = self.grant_types.unwrap_or_else(|| grant_types(&members));
        let scopes = self.scopes.unwrap_or_else(|| scopes(&grant_types));
        let default_scopes = self.default_scopes.unwrap_or_else(|| scopes.clone());
        Members { grant_types, scopes, default_scopes, ..members }
    }
}

fn grant_types(members: &Members) -> Vec<GrantType> {
    if !members.redirect_uris.is_empty() {
        return vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    }
    if members.auth_method.is_confidential() { vec![GrantType::ClientCredentials] } else { vec![] }
}

/// Who signs people in wants to know who they are.
fn scopes(grant_types: &[GrantType]) -> Scope {
    if grant_types.contains(&GrantType::AuthorizationCode) { openid::usual() } else { Scope::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::words::AuthMethod;

    fn signing_in(auth_method: AuthMethod) -> Members {
        let redirect_uris = vec!["https://shop.example/callback".to_owned()];
        Members { redirect_uris, auth_method, ..Members::named("Shop") }
    }

    #[test]
    fn whoever_sends_people_here_signs_them_in() {
        for method in [AuthMethod::ClientSecretBasic, AuthMethod::None] {
            let shop = Said::default().completing(signing_in(method));
            assert_eq!(shop.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
            assert_eq!((&shop.scopes, &shop.default_scopes), (&openid::usual(), &openid::usual()));
        }
    }

    #[test]
    fn whoever_does_not_acts_for_themselves_if_they_can() {
        let robot = Said::default().completing(Members::named("Robot"));
        assert_eq!((robot.grant_types, robot.scopes), (vec![GrantType::ClientCredentials], Scope::default()));
        let public = Members { auth_method: AuthMethod::None, ..Members::named("App") };
        assert_eq!(Said::default().completing(public).grant_types, []);
    }

    #[test]
    fn what_was_said_stands_and_the_rest_follows_from_it() {
        let scopes: Scope = "stock:read".parse().unwrap();
        let said = Said { scopes: Some(scopes.clone()), ..Said::default() };
        assert_eq!(said.completing(Members::named("Robot")).default_scopes, scopes);
        let said = Said { default_scopes: Some(Scope::default()), ..Said::default() };
        assert_eq!(said.completing(signing_in(AuthMethod::None)).default_scopes, Scope::default());
        let said = Said { grant_types: Some(vec![]), ..Said::default() };
        let nothing = said.completing(signing_in(AuthMethod::None));
        assert_eq!((nothing.grant_types, nothing.scopes), (vec![], Scope::default()));
    }
}
