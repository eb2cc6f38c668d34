//! A shop that was there before: its customers, its pages, its database. Doorward stands inside it, below `/auth`, so that other
//! applications let the shop's customers sign in, and get tokens to act for them. See README.md.
#![forbid(unsafe_code)]

mod customers;
mod door;
mod sign_in;

use actix_web::{App, HttpResponse, HttpServer, web};
use customers::Customers;
use std::process::ExitCode;

/// What went wrong, for the terminal.
type Failed = Box<dyn std::error::Error + Send + Sync>;

const HOME: &str = "<!DOCTYPE html><title>The shop</title><link rel=\"stylesheet\" href=\"/shop.css\">\
                    <main class=\"shop\"><h1>The shop</h1><p>Kettles, mostly.</p></main>";
const STYLE: &str = include_str!("shop.css");

#[actix_web::main]
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
    let port = std::env::var("PORT").map_or(Ok(8090), |port| port.parse())?;
    let customers = Customers::open("shop.db")?;
    if let Some(password) = customers.welcome("carol", "Carol Novak", "carol@shop.example")? {
        println!("customer: carol, password: {password}");
    }

    let issuer = format!("http://127.0.0.1:{port}/auth");
    let door = door::open(&issuer, sign_in::Shop::new(customers)).await?;
    let app = door.app;

    println!("shop:   http://127.0.0.1:{port}/\nissuer: {issuer}");
    let shop = move || {
        App::new()
            .route(
                "/",
                web::get()
                    .to(async || HttpResponse::Ok().content_type("text/html; charset=utf-8").body(HOME)),
            )
            .route(
                "/shop.css",
                web::get().to(async || HttpResponse::Ok().content_type("text/css").body(STYLE)),
            )
            .configure(|config| doorward_web::actix::configure(config, &app))
    };
    HttpServer::new(shop).workers(2).bind(("127.0.0.1", port))?.run().await?;
    drop(door.jobs);
    Ok(())
}
