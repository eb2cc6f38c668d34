//! What a server does by itself, while it runs and when it ends.

use crate::support::TestApp;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_web::jobs::Jobs;

async fn shop(app: &TestApp) -> Id {
    app.server.cache().client_named(&"shop".parse().unwrap()).await.unwrap().unwrap().client.id
}

fn note(app: &TestApp, credential: Id) {
    let context = app.server.context();
    context.uses.note(credential, context.now, None);
}

async fn last_use(app: &TestApp, credential: Id) -> Option<LastUse> {
    app.server.cache().store().read(move |tx| tx.last_use(credential)).await.unwrap()
}

#[tokio::test]
async fn what_was_used_is_written_down_while_the_server_runs() {
    let app = TestApp::new();
    let shop = shop(&app).await;
    note(&app, shop);
    let _jobs = Jobs::start(&app.server).await.unwrap();
    while last_use(&app, shop).await.is_none() {
        tokio::task::yield_now().await;
    }
}

/// On this one thread no job has had a turn when they are all stopped.
#[tokio::test]
async fn what_was_used_is_written_down_when_the_server_ends() {
    let app = TestApp::new();
    let shop = shop(&app).await;
    let jobs = Jobs::start(&app.server).await.unwrap();
    note(&app, shop);
    jobs.stop().await;
    assert!(last_use(&app, shop).await.is_some());
}
