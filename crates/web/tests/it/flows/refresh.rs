//! Refresh tokens: what the number of a presented one means, how long one is good, and what it rests on. What the tokens that
//! come of it say is `refreshed`'s business.

use crate::flows::browser::Browser;
use crate::flows::codes::ENDINGS;
use crate::flows::place::{APP, INTRANET, ISSUER, Place, SHOP, Tokens, tokens, word};
use doorward_core::settings::{Refresh, Settings};
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{ConsentMode, GrantType};

/// A family of `alice`'s at a client.
fn family(place: &Place, client: &str) -> Tokens {
    place.tokens(&Browser::new(place), client, "alice")
}

#[track_caller]
fn refreshed(place: &Place, client: &str, token: &str) -> Tokens {
    tokens(&place.refresh(client, token))
}

/// RFC 9700 §4.14.2: every refresh gives a new refresh token, and a new access token.
#[test]
fn the_newest_token_is_rotated() {
    let place = Place::new();
    for client in [APP, SHOP, INTRANET] {
        let mut last = family(&place, client);
        for _ in 0..3 {
            let next = refreshed(&place, client, last.refresh());
            assert_ne!(next.refresh(), last.refresh());
            assert_ne!(next.access(), last.access());
            assert!(place.tells_who(next.access()) && place.tells_who(last.access()));
            last = next;
        }
    }
    assert!(place.revocations().is_empty());
}

/// RFC 9700 §4.14.2: an answer that was lost, or a second process of the same client, is no theft.
#[test]
fn a_retry_inside_the_grace_gets_the_same_refresh_token_and_a_fresh_access_token() {
    let place = Place::new();
    for client in [APP, SHOP] {
        let first = family(&place, client);
        let answer = refreshed(&place, client, first.refresh());
        let mut seen = vec![answer.access().to_owned()];
        for age in [0, 1, 9] {
            place.advance(Lifetime::seconds(age));
            let retried = refreshed(&place, client, first.refresh());
            assert_eq!(retried.refresh(), answer.refresh(), "{client}");
            assert!(place.tells_who(retried.access()), "{client}");
            assert!(!seen.contains(&retried.access().to_owned()), "{client}: a fresh access token each time");
            seen.push(retried.access().to_owned());
        }
        assert_ne!(refreshed(&place, client, answer.refresh()).refresh(), answer.refresh());
    }
    assert!(place.revocations().is_empty());
}

/// RFC 9700 §4.14.2: a confidential client has proved who it is, so its unused successor is its own, however late.
#[test]
fn a_late_retry_of_a_confidential_client_gets_the_same_successor() {
    let place = Place::new();
    let first = family(&place, SHOP);
    let answer = refreshed(&place, SHOP, first.refresh());
    for wait in [Lifetime::seconds(11), Lifetime::days(1), Lifetime::days(28)] {
        place.advance(wait);
        assert_eq!(refreshed(&place, SHOP, first.refresh()).refresh(), answer.refresh());
    }
    assert_ne!(refreshed(&place, SHOP, answer.refresh()).refresh(), answer.refresh());
    assert!(place.revocations().is_empty());
}

/// RFC 9700 §4.14.2: a public client proves nothing, so who comes late may be anybody.
#[test]
fn a_late_retry_of_a_public_client_revokes_the_family() {
    let place = Place::new();
    let first = family(&place, APP);
    let answer = refreshed(&place, APP, first.refresh());
    place.advance(Lifetime::seconds(11));
    assert_eq!(word(&place.refresh(APP, first.refresh())), "invalid_grant");
    assert_eq!(place.reasons(), ["refresh_token_retried_late"]);
    place.assert_dead(APP, &first);
    place.assert_dead(APP, &answer);
    assert_eq!(place.revocations().len(), 1, "a dead family is not revoked again");
}

/// RFC 9700 §4.14.2: a token whose successor was used has been copied, whoever shows it and how soon.
#[test]
fn a_token_whose_successor_was_used_revokes_the_family() {
    let place = Place::new();
    let reuse = |client: &str, steps: usize, wait: i64| {
        let mut family = vec![family(&place, client)];
        for _ in 0..steps {
            family.push(refreshed(&place, client, family[family.len() - 1].refresh()));
        }
        place.advance(Lifetime::seconds(wait));
        assert_eq!(word(&place.refresh(client, family[0].refresh())), "invalid_grant", "{client}");
        family.iter().for_each(|tokens| place.assert_dead(client, tokens));
        let object = format!("family:{}", family[0].claims()["grant"].as_str().unwrap());
        let event = place.revocations().into_iter().find(|event| event.objects == object).unwrap();
        assert_eq!(event.reason, "refresh_token_reused");
        assert_eq!(event.user, Some(place.user_id("alice")));
        assert_eq!(event.client, Some(place.client_key(client)));
    };
    for client in [APP, SHOP] {
        reuse(client, 2, 0);
        reuse(client, 5, 0);
        reuse(client, 2, 300);
    }
    assert_eq!(place.reasons(), ["refresh_token_reused"; 6]);
}

/// RFC 9700 §4.14.2: one family's end is not another's, though person and client are the same.
#[test]
fn another_family_of_the_same_person_lives_on() {
    let place = Place::new();
    let (one, other) = (family(&place, APP), family(&place, APP));
    let next = refreshed(&place, APP, one.refresh());
    refreshed(&place, APP, next.refresh());
    assert_eq!(word(&place.refresh(APP, one.refresh())), "invalid_grant");
    place.assert_dead(APP, &next);
    assert!(place.tells_who(other.access()));
    refreshed(&place, APP, other.refresh());
}

/// RFC 9700 §4.14.2: how long the grace is, an operator says.
#[test]
fn the_grace_is_a_setting() {
    for grace in [0, 60] {
        let settings = Settings::new(ISSUER.parse().unwrap());
        let refresh = Refresh { grace: Lifetime::seconds(grace), ..settings.refresh };
        let place = Place::with(Settings { refresh, ..settings });
        let first = family(&place, APP);
        let answer = refreshed(&place, APP, first.refresh());
        place.advance(Lifetime::seconds(grace));
        assert_eq!(refreshed(&place, APP, first.refresh()).refresh(), answer.refresh());
        place.advance(Lifetime::seconds(1));
        assert_eq!(word(&place.refresh(APP, first.refresh())), "invalid_grant", "{grace} s");
    }
}

/// RFC 6749 §6: the refresh token is bound to the client to which it was issued.
#[test]
fn another_clients_token_is_refused_without_effect() {
    let place = Place::new();
    for (holder, thief) in [(APP, SHOP), (SHOP, APP), (SHOP, INTRANET)] {
        let first = family(&place, holder);
        let second = refreshed(&place, holder, first.refresh());
        let third = refreshed(&place, holder, second.refresh());
        for token in [&first, &second, &third] {
            assert_eq!(word(&place.refresh(thief, token.refresh())), "invalid_grant", "{thief}");
        }
        place.advance(Lifetime::minutes(1));
        refreshed(&place, holder, third.refresh());
    }
    assert!(place.revocations().is_empty());
}

/// RFC 6749 §5.2: what is no refresh token is no grant.
#[test]
fn what_is_no_refresh_token_is_no_grant() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, APP, "alice", &[]);
    let token = family(&place, APP).refresh().to_owned();
    let unknown = token_text::write(TokenType::RefreshToken, &[7; 32]);
    for bad in [unknown.expose(), &code, &token[1..], &token[..token.len() - 1], &token.to_lowercase(), "x"] {
        assert_eq!(word(&place.refresh(APP, bad)), "invalid_grant", "{bad}");
    }
    assert_eq!(word(&place.token(APP, &[("grant_type", "refresh_token")])), "invalid_request");
    refreshed(&place, APP, &token);
}

/// RFC 9700 §4.14.2: a refresh token that is not used ends; every use begins the time anew.
#[test]
fn a_token_that_is_not_used_ends() {
    let place = Place::new();
    place.change_client(SHOP, |members| members.refresh_token_lifetime = Some(Lifetime::seconds(90)));
    for (client, idle) in [(APP, Lifetime::days(30)), (SHOP, Lifetime::seconds(90))] {
        let almost = Lifetime(idle.0 - 1);
        let mut last = family(&place, client);
        for _ in 0..3 {
            place.advance(almost);
            last = refreshed(&place, client, last.refresh());
        }
        place.advance(idle);
        assert_eq!(word(&place.refresh(client, last.refresh())), "invalid_grant", "{client}");
    }
    assert!(place.revocations().is_empty());
}

/// RFC 9700 §4.14.2: however often it is used, the whole ends; a token from shortly before does not outlive it.
#[test]
fn a_family_ends_however_often_it_is_used() {
    let settings = Settings::new(ISSUER.parse().unwrap());
    let refresh = Refresh { absolute: Lifetime::days(50), ..settings.refresh };
    let place = Place::with(Settings { refresh, ..settings });
    for client in [APP, SHOP] {
        let first = family(&place, client);
        place.advance(Lifetime::days(25));
        let second = refreshed(&place, client, first.refresh());
        place.advance(Lifetime(Lifetime::days(25).0 - 1));
        let third = refreshed(&place, client, second.refresh());
        place.advance(Lifetime::seconds(1));
        for token in [second, third] {
            assert_eq!(word(&place.refresh(client, token.refresh())), "invalid_grant", "{client}");
        }
    }
    assert!(place.revocations().is_empty(), "an end is not a theft");
}

/// RFC 6749 §10.4: a refresh token ends with what it rests on, also when that comes back.
#[test]
fn a_refresh_token_ends_with_what_it_rests_on() {
    for (what, change) in ENDINGS {
        let place = Place::new();
        let tokens = family(&place, SHOP);
        change(&place);
        assert_eq!(word(&place.refresh(SHOP, tokens.refresh())), "invalid_grant", "{what}");
        place.assert_dead(SHOP, &tokens);
    }
}

/// OpenID Connect Core §11: with `offline_access` tokens outlive the session, without it they do not.
#[test]
fn a_session_takes_with_it_what_was_not_to_outlive_it() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let online = place.tokens_of(&browser, SHOP, "alice", &[("scope", "openid")]);
    let offline = place.tokens_of(&browser, SHOP, "alice", &[("scope", "openid offline_access")]);
    let elsewhere = place.tokens_of(&Browser::new(&place), SHOP, "alice", &[("scope", "openid")]);
    place.sign_out(&online);
    place.assert_dead(SHOP, &online);
    for alive in [offline, elsewhere] {
        assert!(place.tells_who(alive.access()));
        refreshed(&place, SHOP, alive.refresh());
    }
}

/// RFC 6749 §10.2: people were never asked about a client of the house; once they have to be, what it holds ends.
#[test]
fn a_client_that_has_to_ask_from_now_on_has_to_ask() {
    let place = Place::new();
    let (implicit, asked) = (family(&place, INTRANET), family(&place, SHOP));
    place.change_client(INTRANET, |members| members.consent = ConsentMode::Explicit);
    place.change_client(SHOP, |members| members.consent = ConsentMode::Implicit);
    assert_eq!(word(&place.refresh(INTRANET, implicit.refresh())), "invalid_grant");
    refreshed(&place, SHOP, asked.refresh());
    place.change_client(INTRANET, |members| members.consent = ConsentMode::Implicit);
    refreshed(&place, INTRANET, implicit.refresh());
    assert!(place.revocations().is_empty());
}

/// RFC 6749 §5.2: the grant is the client's only as long as it is registered for it.
#[test]
fn only_clients_that_are_registered_for_it_refresh() {
    let place = Place::new();
    let tokens = family(&place, SHOP);
    place.change_client(SHOP, |members| members.grant_types = vec![GrantType::AuthorizationCode]);
    assert_eq!(word(&place.refresh(SHOP, tokens.refresh())), "unauthorized_client");
    assert_eq!(family(&place, SHOP).0.get("refresh_token"), None, "nor does it get such a token");
    place.change_client(SHOP, |members| members.grant_types.push(GrantType::RefreshToken));
    refreshed(&place, SHOP, tokens.refresh());
}
