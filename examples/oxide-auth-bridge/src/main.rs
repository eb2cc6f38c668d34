//! A program written against oxide-auth: a sign-in page of its own, `/authorize`, `/token`, and a resource that it protects;
//! over Doorward's store in place of oxide-auth's maps in memory. See README.md for what had to be changed.
#![forbid(unsafe_code)]

mod people;
mod program;
mod registered;
mod web;

use actix_web::{App, HttpServer};
use doorward_web::actix::configure;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:8090".to_owned());
    let server = registered::server(&folder, &format!("http://{listen}")).await?;
    let program = actix_web::web::Data::new(program::Program::new(Arc::clone(&server)));
    // Doorward's own endpoints beside the program's: introspection and revocation know its tokens, too.
    let doorward = Arc::new(doorward_web::app::App::new(server, Default::default())?);
    let app = move || {
        let doorward = Arc::clone(&doorward);
        App::new()
            .app_data(program.clone())
            .configure(web::routes)
            .configure(|config| configure(config, &doorward))
    };
    let bound = HttpServer::new(app).workers(2).bind(&listen)?;
    println!("listening on http://{listen}");
    bound.run().await?;
    Ok(())
}
