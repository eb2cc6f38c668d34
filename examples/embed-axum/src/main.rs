//! A library that was there before: its readers sign in at its own page and keep a session of its own. Doorward stands inside it,
//! below `/auth`, and asks nobody for a password whom the library knows already. See README.md.
#![forbid(unsafe_code)]

mod door;
mod pages;
mod readers;
mod sign_in;

use axum::Router;
use axum::extract::ConnectInfo;
use doorward_web::tower;
use readers::Readers;
use std::net::SocketAddr;
use std::process::ExitCode;

/// What went wrong, for the terminal.
type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failed> {
    let port: u16 = std::env::var("PORT").map_or(Ok(8091), |port| port.parse())?;
    let readers = Readers::open("library.db")?;
    if let Some(card) = readers.welcome("dora", "Dora Lind")? {
        println!("reader: dora, card: {card}");
    }

    let issuer = format!("http://127.0.0.1:{port}/auth");
    let door = door::open(&issuer, sign_in::Library(readers.clone())).await?;
    let service = tower::service(&door.app, |parts| Some(parts.get::<ConnectInfo<SocketAddr>>()?.0));
    let library: Router = pages::routes(readers);
    let below = door.app.prefixes().map(|prefix| format!("{prefix}/{{*below}}"));
    let paths = door.app.paths().map(str::to_owned).chain(below);
    let library = paths.fold(library, |router, path| router.route_service(&path, service.clone()));

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("library: http://127.0.0.1:{port}/\nissuer:  {issuer}");
    axum::serve(listener, library.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
