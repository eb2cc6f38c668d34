//! How arguments are read that are more than text: words out of a list, scopes, lifetimes. Owns the forms that the help
//! shows; whether a value can stand in the end is core's decision.

use crate::failure::Failure;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use doorward_core::access::api::ApiScope;
use doorward_core::endpoint::token::GRANTS;
use doorward_core::manage::api_tokens::access::Named;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::permission::Permission;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{
    AccessRequestStatus, ApiAccess, ApiTokenStatus, AuthMethod, ConsentMode, CredentialForm, GrantType,
    Level, Preflight, Status, TokenFormat, UnknownWord,
};

/// A grant that this server has.
pub(super) fn grant() -> impl TypedValueParser<Value = GrantType> {
    let known = GRANTS.iter().map(|grant| grant.grant_type().as_str());
    PossibleValuesParser::new(known).try_map(|word| word.parse::<GrantType>())
}

/// A client authentication method.
pub(super) fn auth_method() -> impl TypedValueParser<Value = AuthMethod> {
    PossibleValuesParser::new(AuthMethod::ALL.iter().map(|method| method.as_str()))
        .try_map(|word| word.parse::<AuthMethod>())
}

/// Whether people are asked.
pub(super) fn consent() -> impl TypedValueParser<Value = ConsentMode> {
    PossibleValuesParser::new(ConsentMode::ALL.iter().map(|mode| mode.as_str()))
        .try_map(|word| word.parse::<ConsentMode>())
}

/// A form of access tokens.
pub(super) fn token_format() -> impl TypedValueParser<Value = TokenFormat> {
    PossibleValuesParser::new(TokenFormat::ALL.iter().map(|format| format.as_str()))
        .try_map(|word| word.parse::<TokenFormat>())
}

/// A signature algorithm.
pub(super) fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name)).try_map(|word| word.parse::<Algorithm>())
}

/// A permission.
pub(super) fn permission() -> impl TypedValueParser<Value = Permission> {
    PossibleValuesParser::new(Permission::ALL.iter().map(|permission| permission.as_str()))
        .try_map(|word| word.parse::<Permission>())
}

/// Whether an organization has API access.
pub(super) fn api_access() -> impl TypedValueParser<Value = ApiAccess> {
    PossibleValuesParser::new(ApiAccess::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| word.parse::<ApiAccess>())
}

/// How an API treats a CORS preflight.
pub(super) fn preflight() -> impl TypedValueParser<Value = Preflight> {
    PossibleValuesParser::new(Preflight::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| word.parse::<Preflight>())
}

/// How a request may bring its token.
pub(super) fn credential() -> impl TypedValueParser<Value = CredentialForm> {
    PossibleValuesParser::new(CredentialForm::ALL.iter().map(|word| word.as_str()))
        .try_map(|word| word.parse::<CredentialForm>())
}

/// `API=LEVEL`: the level stands behind the last equals sign.
pub(super) fn access(text: &str) -> Result<(String, Level), String> {
    let (api, level) = text.rsplit_once('=').ok_or("an API and its level are written API=LEVEL")?;
    let level = level.parse().map_err(|error: UnknownWord| error.to_string())?;
    Ok((api.to_owned(), level))
}

/// An instant as RFC 3339 writes it.
pub(super) fn instant(text: &str) -> Result<Seconds, String> {
    text.parse().map_err(|_| "is an instant such as 2027-01-31T12:00:00Z".to_owned())
}

/// A lifetime in seconds.
pub(super) fn seconds() -> impl TypedValueParser<Value = Lifetime> {
    clap::value_parser!(i64).range(1..).map(Lifetime::seconds)
}

/// How long something goes on beside what replaces it, in seconds.
pub(super) fn overlap() -> impl TypedValueParser<Value = Lifetime> {
    clap::value_parser!(i64).range(0..).map(Lifetime::seconds)
}

/// RFC 6749 §3.3: scope tokens, one or several in one argument with spaces between.
pub(super) fn scope(text: &str) -> Result<Scope, String> {
    Scope::of(text.split_whitespace()).map_err(|error| error.to_string())
}

/// `NAME` or `NAME=DESCRIPTION`.
pub(super) fn api_scope(text: &str) -> Result<ApiScope, String> {
    let (name, description) = text.split_once('=').unwrap_or((text, ""));
    if name.is_empty() {
        return Err("a scope is NAME or NAME=DESCRIPTION".to_owned());
    }
    Ok(ApiScope { name: name.to_owned(), description: description.trim().to_owned() })
}

/// A level of access.
pub(super) fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.iter().map(|level| level.as_str()))
        .try_map(|word| word.parse::<Level>())
}

/// Whether something takes part.
pub(super) fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.iter().map(|status| status.as_str()))
        .try_map(|word| word.parse::<Status>())
}

/// What has become of an API token.
pub(super) fn token_status() -> impl TypedValueParser<Value = ApiTokenStatus> {
    PossibleValuesParser::new(ApiTokenStatus::ALL.iter().map(|status| status.as_str()))
        .try_map(|word| word.parse::<ApiTokenStatus>())
}

/// What has become of a request for API access.
pub(super) fn request_status() -> impl TypedValueParser<Value = AccessRequestStatus> {
    PossibleValuesParser::new(AccessRequestStatus::ALL.iter().map(|status| status.as_str()))
        .try_map(|word| word.parse::<AccessRequestStatus>())
}

/// The same, for a token.
pub(super) fn api_level(text: &str) -> Result<Named, String> {
    access(text).map(|(api, level)| Named { api, level })
}

/// All of several scopes.
pub(super) fn union(scopes: &[Scope]) -> Scope {
    scopes.iter().fold(Scope::default(), |all, scope| all.union(scope))
}

/// What was said to change.
pub(super) fn some_change<T: Clone>(changes: Option<&T>) -> Result<T, Failure> {
    changes.cloned().ok_or_else(|| Failure::usage("say what is to change; see --help"))
}

/// The list that was given, or none, or the one before.
pub(super) fn replaced<T: Clone>(before: Vec<T>, given: &[T], emptied: bool) -> Vec<T> {
    match given {
        [] if emptied => Vec::new(),
        [] => before,
        given => given.to_vec(),
    }
}

/// The one that was given, or none, or the one before.
pub(super) fn one<T: Clone>(before: Option<T>, given: Option<&T>, emptied: bool) -> Option<T> {
    given.cloned().or(before.filter(|_| !emptied))
}

/// On or off as it was said, or as it was before.
pub(super) const fn switched(before: bool, on: bool, off: bool) -> bool {
    on || (before && !off)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §3.3: scope tokens are separated by spaces.
    #[test]
    fn scopes_are_given_singly_or_together() {
        let given = [scope("read write").unwrap(), scope("delete").unwrap()];
        assert_eq!(union(&given).to_string(), "delete read write");
        assert!(scope("a\"b").is_err());
    }

    #[test]
    fn the_description_of_a_scope_may_hold_an_equals_sign() {
        let scope = api_scope("read=Read = look, not touch").unwrap();
        assert_eq!((scope.name.as_str(), scope.description.as_str()), ("read", "Read = look, not touch"));
        assert!(api_scope("=x").is_err());
        assert!(api_scope("read").unwrap().description.is_empty());
    }

    #[test]
    fn a_level_stands_behind_the_last_equals_sign() {
        let named = api_level("https://api.example/?a=b=read").unwrap();
        assert_eq!((named.api.as_str(), named.level), ("https://api.example/?a=b", Level::Read));
        for bad in ["https://api.example", "https://api.example=write", "=", ""] {
            assert!(api_level(bad).is_err(), "{bad}");
        }
    }
}
