//! A waker that tells what the two halves of a session say to each other from what comes from outside. They are polled by
//! one task, one after the other: that one has something for the other needs no waking, and waking the runtime for it
//! would cost each statement a system call.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

/// Wakes the outer task, except while that is running: then it only remembers.
pub(crate) struct Quiet {
    outer: Mutex<Waker>,
    running: AtomicBool,
    woken: AtomicBool,
}

impl Quiet {
    /// Nobody to wake yet.
    pub(crate) fn new() -> Arc<Self> {
        let outer = Mutex::new(Waker::noop().clone());
        Arc::new(Self { outer, running: AtomicBool::new(false), woken: AtomicBool::new(false) })
    }

    /// The outer task begins to run, and is the one to wake when it has ended.
    pub(crate) fn begin(&self, context: &Context<'_>) {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).clone_from(context.waker());
        self.running.store(true, Ordering::Relaxed);
    }

    /// What was remembered so far is being seen to.
    pub(crate) fn clear(&self) {
        self.woken.store(false, Ordering::Relaxed);
    }

    /// Whether there is more to do.
    pub(crate) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Relaxed)
    }

    /// The outer task stops running. What is still to do wakes it.
    pub(crate) fn end(&self) {
        self.running.store(false, Ordering::Relaxed);
        if self.woken.swap(false, Ordering::Relaxed) {
            self.pass_on();
        }
    }

    fn pass_on(&self) {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    /// The runtime has one thread, so nothing from outside wakes while the task runs.
    fn wake_by_ref(self: &Arc<Self>) {
        if self.running.load(Ordering::Relaxed) {
            self.woken.store(true, Ordering::Relaxed);
        } else {
            self.pass_on();
        }
    }
}
