//! `doorward token revoke` and `doorward token revoke-all`.

use super::super::answer::Answer;
use super::super::page::Page;
use super::Reference;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::api_tokens;
use doorward_core::manage::call::Call;

#[derive(clap::Args)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    token: Reference,
    /// Why, as its owner will read it.
    #[arg(long)]
    reason: Option<String>,
}

/// Whose tokens.
#[derive(clap::Args)]
pub(in super::super) struct Everything {
    #[command(flatten)]
    owner: super::Owned,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let (reference, call) = (&arguments.token.token, Call::by_operator(context)?);
    let shown = api_tokens::revoke(reference, arguments.reason.as_deref(), &call, context).await?;
    super::told(&format!("The API token {} is void.", shown.token.name), &shown)
}

pub(super) async fn all(everything: &Everything, context: &Context<'_>) -> Result<Answer, Failure> {
    let stopped =
        api_tokens::revoke_all(everything.owner.whose()?, &Call::by_operator(context)?, context).await?;
    let text = if stopped.is_empty() {
        format!("{} has no API tokens that work.", everything.owner)
    } else {
        let table = super::table(&stopped, context).await?;
        format!("All API tokens of {} are void. These worked until now:\n\n{table}", everything.owner)
    };
    Answer::new(text, &super::resources(Page::whole(stopped)))
}
