//! `doorward token regenerate`.

use super::super::answer::Answer;
use super::{Reference, Until};
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::api_tokens;
use doorward_core::manage::call::Call;
use doorward_protocol::time::Lifetime;

const EXAMPLES: &str = "\
The value before is void at once, unless an overlap lets it go on while programs are given the new one; never for longer than it
would have anyway.

Example:
  doorward token regenerate 01KB2EXAMPLE0000000000000A --expires-in-months 12 --overlap-seconds 3600";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    token: Reference,
    #[command(flatten)]
    until: Until,
    /// How long the value before may still be used, at most a week.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    overlap_seconds: i64,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let (expiry, call) = (arguments.until.expiry(), Call::by_operator(context)?);
    let overlap = Lifetime::seconds(arguments.overlap_seconds);
    let issued = api_tokens::regenerate(&arguments.token.token, expiry, overlap, &call, context).await?;
    super::issued(&format!("The API token {} has a new value.", issued.shown.token.name), &issued)
}
