//! The binary `doorward`: a server, and the commands beside it. Owns the process: its allocator, and the way to its exit
//! code. Imports point down: `cli → serve, login → dev → installation → certificate, master_key → key_file → files, failure →
//! telemetry, config`.
#![forbid(unsafe_code)]

mod certificate;
mod cli;
mod config;
mod dev;
mod failure;
mod files;
mod installation;
mod key_file;
mod login;
mod master_key;
mod process_numbers;
mod serve;
mod store_numbers;
mod telemetry;

use std::process::ExitCode;

/// A third less memory at rest than the system's allocator, and less contention between workers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
