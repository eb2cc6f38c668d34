//! What an API account has done, for whoever may see the account: the uses that this server has seen of its tokens, and where they came
//! from. What is verified without asking us we do not see, but for the making of the token.

use super::authority;
use crate::client::activity::{Activity, Day};
use crate::context::Context;
use crate::manage::Refused;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::store::fault::Stop;
use crate::store::tx::Tx;

/// Days and APIs that are told of at once; whoever has more asks about fewer days.
const MOST: i64 = 10_000;

/// What an account has done today and on so many days before, and where it was last used from.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(
    account: &str,
    days: u32,
    call: &Call,
    context: &Context<'_>,
) -> Result<Activity, Stop<Refused>> {
    let (reference, call, today) = (account.to_owned(), call.clone(), Day::of(context.now));
    let since = Day(today.0.saturating_sub(i64::from(days)));
    let read = move |tx: &mut dyn Tx| {
        let account = authority::found(&reference, &call, tx)?;
        Ok(tx.account_activity(account.id, since, MOST)?)
    };
    asked(read, context).await
}
