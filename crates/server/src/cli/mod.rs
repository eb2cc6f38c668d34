//! The command line: what can be asked, and who answers. Owns the options that every command shares, and the way from
//! arguments to an exit code; each command is a file of its own.

mod access_request;
mod admin;
mod answer;
mod api;
mod api_account;
mod audit;
mod beside;
mod client;
mod config;
mod group;
mod keys;
mod login;
mod migrate;
mod organization;
mod page;
mod serve;
mod setup_link;
mod sheet;
mod standard_input;
mod token;
mod user;
mod words;

use self::answer::Answer;
use crate::config::surroundings::Surroundings;
use crate::config::{self as configuration, Config, Overrides};
use crate::failure::Failure;
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  Try it out in an empty folder, with demo users, clients and commands to paste; then sign in from another terminal:
    doorward serve --dev
    doorward login --dev

  Set it up for earnest, once server.issuer stands in the configuration:
    doorward config check
    doorward keys init
    doorward serve
    doorward admin create --username ada
    doorward api create --name Invoices --identifier https://api.example.com/invoices --scope read --scope write
    doorward client create --name Billing --scope read
    doorward client create --name Shop --redirect-uri https://shop.example.com/callback

Exit codes:
  0 done · 1 refused · 2 wrong usage · 3 the server or the database cannot be reached

Commands act on the database directly. A running server sees what they changed within a second.";

/// An OAuth 2.1 authorization server, and an OpenID provider.
///
/// People sign in at it, programs get access tokens from it, APIs ask it whether a token is good, and administrators say
/// here who may do what.
#[derive(Parser)]
#[command(name = "doorward", version, propagate_version = true, arg_required_else_help = true, after_help = EXAMPLES)]
struct Line {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// The configuration file [default: /etc/doorward/doorward.toml, else doorward/doorward.toml in your own configuration folder].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
    /// Use the database and the key of `serve --dev` in this folder.
    #[arg(long, global = true)]
    dev: bool,
    /// Print JSON, as the REST API would; complaints are problem objects (RFC 9457) on standard error.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server.
    Serve(serve::Arguments),
    /// Bring the database up to date, or see what is due.
    Migrate(migrate::Arguments),
    /// Let somebody in who may do everything.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Sign in, as a client would let you, and see what it gets.
    Login(login::Arguments),
    /// Register users: the people who sign in.
    #[command(subcommand)]
    User(user::Command),
    /// Make groups, which users are in.
    #[command(subcommand)]
    Group(group::Command),
    /// Make organizations, which users and clients belong to.
    #[command(subcommand)]
    Organization(organization::Command),
    /// Register clients: the applications that ask for tokens.
    #[command(subcommand)]
    Client(client::Command),
    /// Register APIs: the resource servers that tokens are for.
    #[command(subcommand)]
    Api(api::Command),
    /// The master key, and the keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Make API accounts: programs of people's and organizations' own.
    #[command(subcommand)]
    ApiAccount(api_account::Command),
    /// Make API tokens, which people give to their programs.
    #[command(subcommand)]
    Token(token::Command),
    /// See who asks for API access, and decide about it.
    #[command(subcommand)]
    AccessRequest(access_request::Command),
    /// Prove who did what: look the audit trail through, and read it.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config::Command),
}

/// Reads the arguments of this process, does what they say, and tells how to end.
pub(crate) fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    match Line::try_parse_from(&arguments) {
        Ok(line) => answer::print(line.common.json, answered(&line)),
        Err(error) => misunderstood(&error, json),
    }
}

fn answered(line: &Line) -> Result<Answer, Failure> {
    match &line.command {
        Command::Serve(arguments) => serve::run(arguments, &line.common),
        Command::Migrate(arguments) => migrate::run(arguments, &line.common),
        Command::Admin(command) => admin::run(command, &line.common),
        Command::Login(arguments) => login::run(arguments, &line.common),
        Command::User(command) => user::run(command, &line.common),
        Command::Group(command) => group::run(command, &line.common),
        Command::Organization(command) => organization::run(command, &line.common),
        Command::Client(command) => client::run(command, &line.common),
        Command::Api(command) => api::run(command, &line.common),
        Command::Keys(command) => keys::run(command, &line.common),
        Command::Token(command) => token::run(command, &line.common),
        Command::ApiAccount(command) => api_account::run(command, &line.common),
        Command::AccessRequest(command) => access_request::run(command, &line.common),
        Command::Audit(command) => audit::run(command, &line.common),
        Command::Config(command) => config::run(command, &line.common),
    }
}

/// Help that was asked for is an answer; everything else is wrong usage.
fn misunderstood(error: &clap::Error, json: bool) -> ExitCode {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if json && !asked {
        let text = error.render().to_string();
        return answer::print(true, Err(Failure::usage(text.trim_start_matches("error: ").trim_end())));
    }
    // A closed pipe is the reader's wish.
    drop(error.print());
    ExitCode::from(u8::from(!asked) * 2)
}

impl Common {
    /// Whether JSON is wanted.
    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    /// The configuration of a command.
    pub(crate) fn configuration(&self) -> Result<Config, Failure> {
        self.load(false, Vec::new())
    }

    /// The configuration of a server, with the values of its further flags by key.
    pub(crate) fn server_configuration(&self, flags: Vec<(&'static str, String)>) -> Result<Config, Failure> {
        self.load(true, flags)
    }

    fn load(&self, serve: bool, mut flags: Vec<(&'static str, String)>) -> Result<Config, Failure> {
        flags.extend(self.database.clone().map(|url| ("database.url", url)));
        let overrides = Overrides { config: self.config.clone(), dev: self.dev, serve, flags };
        configuration::load(&overrides, &Surroundings::of_process())
            .map_err(|errors| Failure::configuration(&errors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn every(command: &clap::Command, visit: &mut impl FnMut(&clap::Command)) {
        visit(command);
        command.get_subcommands().for_each(|command| every(command, visit));
    }

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_is_explained() {
        let mut line = Line::command();
        line.build();
        every(&line, &mut |command| {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        });
    }

    /// Secrets come from standard input or a file: other users of the machine can read every argument.
    #[test]
    fn no_option_takes_a_secret() {
        let mut line = Line::command();
        line.build();
        every(&line, &mut |command| {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                let secret = name.contains("secret") || name.contains("password");
                assert!(!secret || !argument.get_action().takes_values(), "{}", command.get_name());
            }
        });
    }
}
