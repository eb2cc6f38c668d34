//! Management calls, for tests that care about what is managed and not about who manages it.

use doorward_core::context::Context;
use doorward_core::manage::call::Call;

/// A call by whoever holds the machine's command line. It changes one thing: another takes another call.
///
/// # Panics
/// Without randomness.
#[must_use]
pub fn by_operator(context: &Context<'_>) -> Call {
    Call::by_operator(context).expect("a test has randomness")
}
