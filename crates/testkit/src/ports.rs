//! Ports for servers that a test starts. Owns that no two tests of one process get the same.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// A port that nobody listens on. Below the range that the system draws from for outgoing connections, so that nothing
/// but another test could take it between two starts, and no other test of this process does.
///
/// # Panics
/// Where none is free.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).unwrap_or(0);
    let mut ports =
        (0..12_000).map(|_| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed) % 12_000) % 12_000);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a port is free")
}
