//! The same small API under both frameworks, over real sockets: `/orders` for who may read, `/orders` by POST for who may
//! write, `/mine` for anybody with a token, `/open` behind no guard although its handler asks who is there, and `/levels/orders` for
//! whomever their level lets.

use crate::server::{Running, SIGNED, Server};
use crate::socket::{Answer, ask};
use axum::Router;
use axum::routing::get;
use doorward_resource::access::Access;
use doorward_resource::metadata::Metadata;
use doorward_resource::protected_api::ProtectedApi;
use doorward_resource::refusal::Refusal;
use doorward_resource::{actix, tower};
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

pub(crate) enum Host {
    Actix(SocketAddr, actix_web::dev::ServerHandle, Option<JoinHandle<()>>),
    Axum(Running),
}

/// The API with metadata, as its developers set it up.
pub(crate) fn api(server: &Server) -> ProtectedApi {
    let metadata = Metadata::new().scopes(["read", "write"]).unwrap().name("Orders");
    server.builder(SIGNED).metadata(metadata).build().unwrap()
}

/// Both hosts, with an API of their own each.
pub(crate) fn both(server: &Server) -> [Host; 2] {
    [Host::actix(&api(server)), Host::axum(&api(server))]
}

impl Host {
    fn actix(api: &ProtectedApi) -> Self {
        use actix_web::{App, HttpServer, web};
        let api = api.clone();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let host = HttpServer::new(move || {
                let orders = web::resource("/orders")
                    .route(web::get().to(list).wrap(api.require("read").unwrap()))
                    .route(web::post().to(change).wrap(api.require("read write").unwrap()));
                App::new()
                    .configure(actix::metadata(&api))
                    .service(orders)
                    .service(web::resource("/mine").wrap(api.protect()).route(web::get().to(by_hand)))
                    .route("/open", web::get().to(list))
                    .service(
                        web::scope("/levels")
                            .wrap(api.guard())
                            .service(web::resource("/orders").get(list).post(change)),
                    )
            });
            let host = host.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
            let address = host.addrs()[0];
            let running = host.run();
            tell.send((address, running.handle())).unwrap();
            actix_web::rt::System::new().block_on(running).unwrap();
        });
        let (address, handle) = told.recv().unwrap();
        Self::Actix(address, handle, Some(thread))
    }

    fn axum(api: &ProtectedApi) -> Self {
        let [read, write] = ["read", "read write"].map(|scope| api.require(scope).unwrap());
        let router = Router::new()
            .route("/orders", get(list).layer(read).merge(axum::routing::post(change).layer(write)))
            .merge(Router::new().route("/mine", get(by_hand)).route_layer(api.protect()))
            .route("/open", get(list))
            .nest("/levels", Router::new().route("/orders", get(list).post(change)).layer(api.guard()))
            .route_service(api.metadata_path().unwrap(), tower::metadata(api));
        Self::Axum(Running::serve(SocketAddr::from(([127, 0, 0, 1], 0)), router))
    }

    pub(crate) fn ask(&self, line: &str, headers: &[&str]) -> Answer {
        match self {
            Self::Actix(address, ..) => ask(*address, line, headers),
            Self::Axum(running) => ask(running.address, line, headers),
        }
    }

    pub(crate) fn bring(&self, line: &str, token: &str) -> Answer {
        self.ask(line, &[&format!("authorization: Bearer {token}")])
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Self::Actix(_, handle, thread) = self {
            drop(handle.stop(false));
            if let Some(thread) = thread.take() {
                drop(thread.join());
            }
        }
    }
}

async fn list(access: Access) -> String {
    format!("orders for {}", access.subject())
}

async fn change(access: Access) -> String {
    format!("changed for {}", access.client_id().unwrap_or_default())
}

/// Decides in its own code what the token must be able to do.
async fn by_hand(access: Access) -> Result<String, Refusal> {
    access.require("write")?;
    Ok(format!("all of {}", access.subject()))
}
