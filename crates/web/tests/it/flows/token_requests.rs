//! What the tests of tokens ask over and over: a code redeemed or a token refreshed with something changed, whether what
//! came of it is good, what was recorded about it; and the changes that administrators and people make meanwhile.

use crate::flows::browser::Browser;
use crate::flows::place::{CALLBACK, Place, Tokens, VERIFIER, claims, json, word};
use bytes::Bytes;
use doorward_core::audit::event::Event;
use doorward_core::manage::{apis, clients, consents, sessions, users};
use doorward_core::store::fault::Stop;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Status, TokenFormat, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use http::Response;
use serde_json::Value;
use std::fmt::Debug;

/// The scope of a client that wants to know who somebody is, and to act at the API.
pub(crate) const MIXED: &str = "openid profile offline_access orders:read orders:write";

/// Something changed at a place between two requests.
pub(crate) type Change = fn(&Place);

impl Place {
    /// A code for this client, with the authorization request changed; an empty value leaves a parameter out.
    #[track_caller]
    pub(crate) fn code_of(
        &self,
        browser: &Browser<'_>,
        client_id: &str,
        username: &str,
        changed: &[(&str, &str)],
    ) -> String {
        self.code(browser, &self.request(client_id, changed), username)
    }

    /// A person's tokens at a client, with the authorization request changed.
    #[track_caller]
    pub(crate) fn tokens_of(
        &self,
        browser: &Browser<'_>,
        client_id: &str,
        username: &str,
        changed: &[(&str, &str)],
    ) -> Tokens {
        self.redeemed(client_id, &self.code_of(browser, client_id, username, changed))
    }

    /// The same of alice, with the code redeemed half a minute after the sign-in: what tells one instant from the other shows.
    #[track_caller]
    pub(crate) fn tokens_later(
        &self,
        browser: &Browser<'_>,
        client_id: &str,
        changed: &[(&str, &str)],
    ) -> Tokens {
        let code = self.code_of(browser, client_id, "alice", changed);
        self.advance(Lifetime::seconds(30));
        self.redeemed(client_id, &code)
    }

    /// The tokens that a code gives.
    #[track_caller]
    fn redeemed(&self, client_id: &str, code: &str) -> Tokens {
        crate::flows::place::tokens(&self.redeem(client_id, code))
    }

    /// Redeems a code with the token request changed; an empty value leaves a parameter out.
    pub(crate) fn redeem_as(&self, client_id: &str, code: &str, changed: &[(&str, &str)]) -> Response<Bytes> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changed {
            form.retain(|(known, _)| known != name);
            form.extend((!value.is_empty()).then_some((*name, *value)));
        }
        self.token(client_id, &form)
    }

    /// Refreshes with further parameters.
    pub(crate) fn refresh_as(
        &self,
        client_id: &str,
        token: &str,
        further: &[(&str, &str)],
    ) -> Response<Bytes> {
        let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)], further].concat();
        self.token(client_id, &form)
    }

    /// RFC 7662 §2.2: what a client learns about a token.
    pub(crate) fn introspect(&self, client_id: &str, token: &str) -> Value {
        json(&self.client("/oauth2/introspect", client_id, &[("token", token)]))
    }

    /// Whether an access token is good at userinfo.
    pub(crate) fn tells_who(&self, access_token: &str) -> bool {
        self.userinfo(access_token).status() == 200
    }

    /// Asserts that nothing of a family is left: neither its access token nor its refresh token.
    #[track_caller]
    pub(crate) fn assert_dead(&self, client_id: &str, tokens: &Tokens) {
        assert_eq!(self.userinfo(tokens.access()).status(), 401, "the access token lives");
        assert_eq!(
            word(&self.refresh(client_id, tokens.refresh())),
            "invalid_grant",
            "the refresh token lives"
        );
    }

    /// What was recorded of one kind, oldest first.
    pub(crate) fn recorded(&self, action: &str) -> Vec<Event> {
        let events = block_on(self.server.cache().store().read(|tx| tx.events(None, 10_000))).unwrap();
        events.into_iter().filter(|event| event.action == action).collect()
    }

    /// What was recorded about revoked families, oldest first.
    pub(crate) fn revocations(&self) -> Vec<Event> {
        self.recorded("family.revoked")
    }

    /// Why families were revoked, oldest first.
    pub(crate) fn reasons(&self) -> Vec<String> {
        self.revocations().into_iter().map(|event| event.reason).collect()
    }

    pub(crate) fn change_client(
        &self,
        client_id: &str,
        change: impl Fn(&mut clients::Members) + Send + 'static,
    ) {
        let change = move |members: &mut clients::Members| {
            change(members);
            Ok(())
        };
        done(block_on(clients::update(client_id, &by_operator(&self.context()), &self.context(), change)));
    }

    pub(crate) fn change_api(&self, identifier: &str, change: impl Fn(&mut apis::Members) + Send + 'static) {
        let change = move |members: &mut apis::Members| {
            change(members);
            Ok(())
        };
        done(block_on(apis::update(identifier, &by_operator(&self.context()), &self.context(), change)));
    }

    /// Lets this client introspect the tokens for an API.
    pub(crate) fn let_introspect(&self, client_id: &str, api: &str) {
        let client_id = client_id.to_owned();
        self.change_api(api, move |members| members.introspection_clients.push(client_id.clone()));
    }

    /// From now on the API's access tokens are opaque.
    pub(crate) fn make_opaque(&self, api: &str) {
        self.change_api(api, |members| members.token_format = TokenFormat::Opaque);
    }

    pub(crate) fn switch_client(&self, client_id: &str, status: Status) {
        done(block_on(clients::set_status(
            client_id,
            status,
            &by_operator(&self.context()),
            &self.context(),
        )));
    }

    pub(crate) fn switch_api(&self, api: &str, status: Status) {
        done(block_on(apis::set_status(api, status, &by_operator(&self.context()), &self.context())));
    }

    pub(crate) fn switch_user(&self, username: &str, status: UserStatus) {
        done(block_on(users::set_status(username, status, &by_operator(&self.context()), &self.context())));
    }

    pub(crate) fn revoke_all(&self, username: &str) {
        done(block_on(users::revoke_all(username, &by_operator(&self.context()), &self.context())));
    }

    pub(crate) fn set_password(&self, username: &str, password: &str) {
        let password = Secret::new(password.to_owned());
        done(block_on(users::set_password(
            username,
            &password,
            &by_operator(&self.context()),
            &self.context(),
        )));
    }

    pub(crate) fn user_id(&self, username: &str) -> Id {
        done(block_on(users::show(username, &by_operator(&self.context()), &self.context()))).id
    }

    pub(crate) fn client_key(&self, client_id: &str) -> Id {
        let client_id = client_id.parse().unwrap();
        self.change(move |tx| tx.client_named(&client_id)).unwrap().client.id
    }

    /// Takes back all that a person allows.
    pub(crate) fn take_back_consents(&self, username: &str) {
        let user = self.user_id(username);
        let given = block_on(consents::list(user, &by_operator(&self.context()), &self.context())).unwrap();
        assert!(!given.is_empty(), "{username} allows nobody anything");
        for consent in given {
            done(block_on(consents::revoke(
                user,
                consent.id,
                &by_operator(&self.context()),
                &self.context(),
            )));
        }
    }

    /// Ends the session that a client's ID token names.
    pub(crate) fn sign_out(&self, tokens: &Tokens) {
        let session = tokens.id_token()["sid"].as_str().unwrap().parse().unwrap();
        done(block_on(sessions::end(session, &by_operator(&self.context()), &self.context())));
    }
}

impl Tokens {
    /// The claims of the access token, where it is a signed one.
    pub(crate) fn claims(&self) -> Value {
        claims(self.access())
    }

    /// RFC 6749 §5.1: the scope that was granted.
    pub(crate) fn scope(&self) -> &str {
        self.0["scope"].as_str().unwrap_or_else(|| panic!("{}", self.0))
    }
}

/// The value of a management call that must succeed.
#[track_caller]
pub(crate) fn done<T, R: Debug>(result: Result<T, Stop<R>>) -> T {
    result.unwrap_or_else(|stop| panic!("{stop:?}"))
}
