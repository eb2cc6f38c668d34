//! What is logged on the thread of a test. One subscriber serves the whole binary, at every level: subscribers that come
//! and go race with the first use of each log line elsewhere, and then some lines are lost.

use std::cell::RefCell;
use std::io::Write;
use std::sync::LazyLock;
use tracing_subscriber::filter::LevelFilter;

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).with_writer(|| Lines);
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
});

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.iter_mut().for_each(|lines| lines.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// To be called before anything may be logged.
pub(crate) fn install() {
    LazyLock::force(&INSTALLED);
}

/// What is logged on this thread meanwhile, at any level.
pub(crate) fn logged(act: impl FnOnce()) -> String {
    install();
    LINES.set(Some(vec![]));
    act();
    String::from_utf8(LINES.take().unwrap()).unwrap()
}
