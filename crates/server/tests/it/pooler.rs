//! pgbouncer between the server and its database, in transaction mode: a session is somebody else's between two
//! transactions, and there are fewer of them than the server has connections.

use crate::on_cluster::{self, client_of_both_formats, is_active};
use crate::person;
use doorward_testkit::browser::Browser;
use doorward_testkit::cluster::pooler::Pooler;
use std::thread;

const THREADS: usize = 12;
const EACH: usize = 25;

#[test]
fn what_is_asked_through_a_pooler_is_answered_as_without_one() {
    let Some(cluster) = on_cluster::cluster() else { return };
    let Some(pooler) = Pooler::start(&cluster, 3) else { return };
    let server = on_cluster::server(&pooler.url("postgres"), &[]);
    let client = client_of_both_formats(&[&server]);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let token = server.access_token(&client, &[("scope", "opaque")]);
                    assert!(is_active(&server, &token, &client));
                    assert_eq!(server.revoke(&token, &client).status, 200);
                    assert!(!is_active(&server, &token, &client));
                }
            });
        }
    });
    person::create_alice(&server);
    let app = person::create_app(&[&server]);
    let browser = Browser::new(server.agent().clone());
    let code = person::code(&browser, &server, &app);
    let redeemed = person::redeem(&server, &app, &code).json();
    let refresh = redeemed["refresh_token"].as_str().expect("a refresh token");
    assert_eq!(person::refresh(&server, &app, refresh).status, 200);
    assert_eq!(person::redeem(&server, &app, &code).status, 400, "a code counts once");
    assert_eq!(person::refresh(&server, &app, refresh).status, 400, "and its replay ends what it gave");
}
