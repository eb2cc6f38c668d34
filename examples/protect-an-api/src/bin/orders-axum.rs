//! The orders under axum: who may read them and who may add one, the authorization server knows. See README.md for how to run it.
#![forbid(unsafe_code)]

use axum::Router;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::routing::get;
use doorward_resource::access::Access;
use doorward_resource::tower;
use protect_an_api::{Failed, Order, Orders, api, listen};
use std::net::SocketAddr;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let api = api()?;
    let mut routes = Router::new().route("/orders", get(list).post(add)).route_layer(api.guard());
    if let Some(path) = api.metadata_path() {
        routes = routes.route_service(path, tower::metadata(&api));
    }
    let listener = tokio::net::TcpListener::bind(listen()).await?;
    println!("orders at http://{}/orders", listener.local_addr()?);
    let routes = routes.with_state(Arc::default());
    // The guard is to know where requests come from.
    Ok(axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn list(State(orders): State<Arc<Orders>>) -> Json<Vec<Order>> {
    Json(orders.all())
}

async fn add(access: Access, State(orders): State<Arc<Orders>>, Json(order): Json<Order>) -> StatusCode {
    println!("{} orders {} × {}", access.subject(), order.pieces, order.item);
    orders.add(order);
    StatusCode::CREATED
}
