//! The orders under actix-web: who may read them and who may add one, the authorization server knows. See README.md for how to run it.
#![forbid(unsafe_code)]

use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer};
use doorward_resource::access::Access;
use doorward_resource::actix;
use protect_an_api::{Failed, Order, Orders, api, listen};

#[actix_web::main]
async fn main() -> Result<(), Failed> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let api = api()?;
    let orders = Data::new(Orders::default());
    let server = HttpServer::new(move || {
        let routes = web::resource("/orders").get(list).post(add).wrap(api.guard());
        App::new().app_data(orders.clone()).configure(actix::metadata(&api)).service(routes)
    });
    let server = server.bind(listen())?;
    println!("orders at http://{}/orders", server.addrs()[0]);
    Ok(server.run().await?)
}

async fn list(orders: Data<Orders>) -> Json<Vec<Order>> {
    Json(orders.all())
}

async fn add(access: Access, orders: Data<Orders>, order: Json<Order>) -> HttpResponse {
    println!("{} orders {} × {}", access.subject(), order.pieces, order.item);
    orders.add(order.into_inner());
    HttpResponse::Created().finish()
}
