//! Managing what people have allowed, and the sessions in which they did: taking it back, and what goes with it.

use crate::house::House;
use crate::management::pointers;
use crate::people::{alice, deeds, events, record};
use doorward_core::access::consent::Consent;
use doorward_core::identity::authentication::Authentication;
use doorward_core::identity::session::Session;
use doorward_core::identity::user::User;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::Permit;
use doorward_core::manage::{clients, consents, sessions};
use doorward_core::token::family::Family;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::calls::by_operator;

fn consent(user: Id, client: Id, number: u32) -> Consent {
    Consent {
        id: id(number),
        user,
        client,
        api: None,
        scope: "openid".parse().unwrap(),
        generation: 0,
        created_at: Seconds(1_800_000_000),
        updated_at: Seconds(1_800_000_000),
        revoked_at: None,
    }
}

fn family(user: &User, number: u32, consent: Option<(Id, i64)>, session: Id, offline: bool) -> Family {
    Family {
        id: id(number),
        client: id(50),
        client_generation: 0,
        user: user.id,
        user_generation: user.generation,
        session,
        offline,
        consent,
        scope: "openid".parse().unwrap(),
        api: None,
        authentication: Authentication::by_password(Seconds(1_800_000_000)),
        newest: 1,
        rotated_at: Seconds(1_800_000_000),
        created_at: Seconds(1_800_000_000),
        expires_at: Seconds(1_900_000_000),
        revoked_at: None,
    }
}

/// Which of these families were revoked.
fn revoked(house: &House, numbers: &[u32]) -> Vec<u32> {
    numbers.iter().copied().filter(|number| house.server.cache().is_family_revoked(id(*number))).collect()
}

#[test]
fn taking_a_consent_back_voids_what_rests_on_it() {
    let house = House::default();
    let (alice, client) = (alice(&house), house.client("orders:read"));
    let context = house.server.context();
    let client =
        block_on(clients::show(&client.client_id, &by_operator(&context), &context)).unwrap().client.id;
    let (mine, families) = (
        consent(alice.id, client, 60),
        [
            family(&alice, 61, Some((id(60), 0)), id(70), true),
            family(&alice, 62, Some((id(60), 0)), id(70), false),
            family(&alice, 63, None, id(70), false),
        ],
    );
    record(&house, {
        let mine = mine.clone();
        move |tx| {
            tx.insert_consent(&mine)?;
            families.iter().try_for_each(|family| tx.insert_family(family))
        }
    });
    assert_eq!(
        block_on(consents::list(alice.id, &by_operator(&context), &context)).unwrap(),
        std::slice::from_ref(&mine)
    );
    let in_person = |user| Call::by(Permit::in_person(user, None), &context).unwrap();
    let revoke = |user, consent| block_on(consents::revoke(user, consent, &in_person(user), &context));
    assert_eq!(pointers(revoke(id(4), mine.id)), ["there is no such consent"], "another's");
    let stolen = block_on(consents::revoke(alice.id, mine.id, &in_person(id(4)), &context));
    assert_eq!(pointers(stolen), ["this needs the permission consents:write"]);
    assert_eq!(pointers(revoke(alice.id, id(4))), ["there is no such consent"]);
    assert_eq!(revoked(&house, &[61, 62, 63]), [] as [u32; 0]);
    revoke(alice.id, mine.id).unwrap();
    assert_eq!(revoked(&house, &[61, 62, 63]), [61, 62]);
    assert!(block_on(consents::list(alice.id, &by_operator(&context), &context)).unwrap().is_empty());
    revoke(alice.id, mine.id).unwrap();
    let told: Vec<_> = events(&house).into_iter().filter(|event| event.action == "consent.revoked").collect();
    assert_eq!(told.len(), 1, "twice is once");
    let objects = format!("consent:{} user:{} client:{client}", mine.id, alice.id);
    assert_eq!((told[0].user, &told[0].objects), (Some(alice.id), &objects));
}

/// OpenID Connect Core §11: what was granted for offline use outlives the session.
#[test]
fn ending_a_session_voids_what_was_not_to_outlive_it() {
    let house = House::default();
    let alice = alice(&house);
    let session = Session {
        id: id(70),
        digest: Digest([7; 32]),
        pepper: PepperVersion(1),
        user: alice.id,
        user_generation: alice.generation,
        authentication: Authentication::by_password(Seconds(1_800_000_000)),
        seen_at: Seconds(1_800_000_000),
        expires_at: Seconds(1_900_000_000),
        ended_at: None,
    };
    let families = [
        family(&alice, 61, None, id(70), true),
        family(&alice, 62, None, id(70), false),
        family(&alice, 63, None, id(71), false),
    ];
    record(&house, move |tx| {
        tx.insert_session(&session)?;
        families.iter().try_for_each(|family| tx.insert_family(family))
    });
    let context = house.server.context();
    let end_as = |user, session| {
        let call = Call::by(Permit::in_person(user, None), &context).unwrap();
        block_on(sessions::end(session, &call, &context))
    };
    let end = |session| end_as(alice.id, session);
    assert_eq!(pointers(end(id(4))), ["there is no such session"]);
    assert_eq!(pointers(end_as(id(4), id(70))), ["there is no such session"], "somebody else's");
    end(id(70)).unwrap();
    end(id(70)).unwrap();
    assert_eq!(revoked(&house, &[61, 62, 63]), [62]);
    let ended = block_on(house.server.cache().store().read(|tx| tx.session(id(70)))).unwrap().unwrap();
    assert_eq!(ended.ended_at, Some(context.now));
    assert_eq!(deeds(&house), ["session.ended session", "user.created user"]);
}
