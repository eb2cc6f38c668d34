//! Doorward as its operators and clients meet it: the real binary, real processes, real sockets. Each test has a folder, a
//! database, a key and a port of its own.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a helper that unwraps fails the test that called it")]

mod addresses;
mod authority;
mod caddy;
mod canaries;
mod chromium;
mod cli_access;
mod cli_access_request;
mod cli_admin;
mod cli_api;
mod cli_api_account;
mod cli_audit;
mod cli_client;
mod cli_config;
mod cli_dev;
mod cli_keys;
mod cli_login;
mod cli_migrate;
mod cli_organization;
mod cli_serve;
mod cli_token;
mod cli_user;
#[cfg(target_os = "linux")]
mod container;
mod crash;
mod crash_decisions;
mod dashboard;
mod database_faults;
mod doorward;
mod foreign_client;
mod foreign_oidc;
mod forward_auth;
mod from_address;
mod gateway;
mod guarded;
mod harness;
mod https;
mod https_reload;
mod length;
mod load;
mod nginx;
mod nodes;
mod nodes_access;
mod nodes_feed;
mod nodes_guard;
mod on_cluster;
mod on_postgres;
mod pages;
mod person;
mod places;
mod plain;
mod pooler;
mod recipes;
mod rest;
mod rewrapping;
mod rolling;
#[cfg(target_os = "linux")]
mod service_manager;
mod smuggled;
mod spread;
mod story;
mod story_of_accounts;
mod story_of_requests;
#[cfg(target_os = "linux")]
mod systemd_unit;
#[cfg(feature = "otel")]
mod traces;
mod trial;
mod upstream;
mod verifier;
