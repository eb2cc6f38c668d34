//! Waiting for a future without any runtime: what is awaited here resolves from a thread of its own, as stores do.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread, which sleeps while there is nothing to do.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            // A wake-up between the poll and this line is not lost: the token of `unpark` waits.
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Door(Mutex<(bool, Option<Waker>)>);

    #[test]
    fn a_future_that_is_woken_by_another_thread_comes_to_its_end() {
        let door = Arc::new(Door::default());
        let opener = Arc::clone(&door);
        let thread = thread::spawn(move || {
            let mut door = opener.0.lock().unwrap();
            door.0 = true;
            if let Some(waker) = door.1.take() {
                waker.wake();
            }
        });
        block_on(std::future::poll_fn(|context| {
            let mut door = door.0.lock().unwrap();
            door.1 = Some(context.waker().clone());
            if door.0 { Poll::Ready(()) } else { Poll::Pending }
        }));
        thread.join().unwrap();
    }
}
