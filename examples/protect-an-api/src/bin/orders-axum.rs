//! The orders under axum: reading them needs the scope `read`, adding one `write`. See README.md for how to run it.
#![forbid(unsafe_code)]

use axum::Router;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use doorward_resource::access::Access;
use doorward_resource::tower;
use protect_an_api::{Failed, Order, Orders, api, listen};
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let api = api()?;
    let mut routes = Router::new().route(
        "/orders",
        get(list).layer(api.require("read")?).merge(post(add).layer(api.require("write")?)),
    );
    if let Some(path) = api.metadata_path() {
        routes = routes.route_service(path, tower::metadata(&api));
    }
    let listener = tokio::net::TcpListener::bind(listen()).await?;
    println!("orders at http://{}/orders", listener.local_addr()?);
    Ok(axum::serve(listener, routes.with_state(Arc::default())).await?)
}

async fn list(State(orders): State<Arc<Orders>>) -> Json<Vec<Order>> {
    Json(orders.all())
}

async fn add(access: Access, State(orders): State<Arc<Orders>>, Json(order): Json<Order>) -> StatusCode {
    println!("{} orders {} × {}", access.subject(), order.pieces, order.item);
    orders.add(order);
    StatusCode::CREATED
}
