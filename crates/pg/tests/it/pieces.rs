//! Answers that come in pieces: a network may hold back the end of one, which says how the transaction stands.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};

use crate::cluster::cluster;
use crate::database::{number, open};
use crate::either::depth;

/// The size of `ReadyForQuery`, which ends an answer.
const END: usize = 6;

/// A port that leads to the server, and holds back the end of each of its answers for a moment.
fn slow_port(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(("127.0.0.1", server)).expect("the server");
            let (client_too, server_too) =
                (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
            thread::spawn(move || pass(client_too, server_too, 0));
            thread::spawn(move || pass(server, client, END));
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream, held_back: usize) {
    let mut buffer = vec![0; 65_536];
    while let Ok(size @ 1..) = from.read(&mut buffer) {
        let (now, later) = buffer[..size].split_at(size.saturating_sub(held_back));
        let _ = to.write_all(now);
        thread::park_timeout(Duration::from_millis(if later.is_empty() { 0 } else { 30 }));
        let _ = to.write_all(later);
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// An error comes before the end of its answer; only the end says that the transaction is over.
#[test]
fn the_transaction_is_known_after_an_error_whose_answer_comes_in_pieces() {
    let Some(cluster) = cluster("") else { return };
    let url =
        cluster.url().replace(&format!(":{}/", cluster.port), &format!(":{}/", slow_port(cluster.port)));
    let mut connection = open(&url);
    AnsiTransactionManager::begin_transaction(&mut connection).expect("begun");
    assert_eq!(depth(&mut connection), Some(1));
    assert!(connection.batch_execute("ROLLBACK; SELECT 1/0").is_err());
    assert_eq!(depth(&mut connection), Some(0), "a simple query");
    AnsiTransactionManager::begin_transaction(&mut connection).expect("begun");
    assert!(number(&mut connection, "1/0").is_err());
    assert_eq!(depth(&mut connection), Some(1));
    assert!(needs_rollback(&mut connection), "a query with parts");
    AnsiTransactionManager::rollback_transaction(&mut connection).expect("rolled back");
    assert_eq!(number(&mut connection, "7"), Ok(7));
}

fn needs_rollback(connection: &mut doorward_pg::PgConnection) -> bool {
    use diesel::connection::TransactionManagerStatus::Valid;
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    let Valid(status) = status else { return false };
    status
        .in_transaction
        .as_ref()
        .is_some_and(|transaction| transaction.requires_rollback_maybe_up_to_top_level)
}
