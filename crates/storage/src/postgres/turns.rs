//! Whose turn it is to connect. Owns that a server which cannot be reached is tried by one worker at a time: one that hangs keeps
//! every attempt that was given up, and has to deal with all of them before the first that somebody waits for, once it goes on.

use crate::trouble::{Kind, Trouble};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The turns of one server's workers.
#[derive(Default)]
pub(crate) struct Turns(Mutex<State>);

#[derive(Default)]
struct State {
    /// Why the last attempt failed; none while the server lets everybody in.
    trouble: Option<String>,
    /// Somebody finds out whether it does so again.
    tried: bool,
}

impl Turns {
    /// Connects, unless somebody else is just finding out whether the server can be reached at all.
    pub(crate) fn connect<T>(&self, open: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
        let turn = self.take()?;
        let opened = open();
        turn.turns.state().trouble = opened.as_ref().err().map(|trouble| trouble.cause().to_owned());
        opened
    }

    fn take(&self) -> Result<Turn<'_>, Trouble> {
        let mut state = self.state();
        match &state.trouble {
            Some(cause) if state.tried => Err(Trouble::new(Kind::Gone, cause)),
            trouble => {
                let alone = trouble.is_some();
                state.tried = state.tried || alone;
                Ok(Turn { turns: self, alone })
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt to connect; over when it is dropped, however it ended.
struct Turn<'a> {
    turns: &'a Turns,
    alone: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.alone {
            self.turns.state().tried = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Result<(), Trouble> {
        Err(Trouble::new(Kind::Gone, "refused"))
    }

    #[test]
    fn a_server_that_cannot_be_reached_is_tried_by_one_at_a_time() {
        let turns = Turns::default();
        turns.connect(|| turns.connect(|| Ok(()))).expect("at first everybody may");
        turns.connect(refused).expect_err("it is gone");
        let second =
            turns.connect(|| Ok(turns.connect(|| -> Result<(), _> { unreachable!("not two at once") })));
        let told = second.expect("the first comes in").expect_err("the second waits");
        assert_eq!((told.kind, told.cause()), (Kind::Gone, "refused"));
        turns.connect(|| turns.connect(|| Ok(()))).expect("everybody may again");
    }

    #[test]
    fn an_attempt_that_failed_or_panicked_leaves_the_next_one_its_turn() {
        let turns = Turns::default();
        for _ in 0..3 {
            turns.connect(refused).expect_err("it is gone");
        }
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            turns.connect(|| -> Result<(), Trouble> { panic!("of a driver") })
        }));
        assert!(panicked.is_err());
        turns.connect(|| Ok(())).expect("the next one is let in");
    }
}
