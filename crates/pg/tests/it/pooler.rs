//! pgbouncer in transaction mode, in a version that does not know prepared statements: each transaction may run in another
//! session of the server's.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use diesel::prelude::*;
use diesel::sql_types::Text;
use doorward_pg::PgConnection;

use crate::cluster::{Cluster, PASSWORD, USER, cluster, free_port};
use crate::database::{PATIENCE, number, open, say, skipped};

struct Pooler {
    process: Child,
    port: u16,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pooler(cluster: &Cluster) -> Option<Pooler> {
    let program =
        ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].map(Path::new).into_iter().find(|path| path.exists());
    let Some(program) = program else {
        skipped("pgbouncer");
        return None;
    };
    let port = free_port();
    let folder = cluster.path("");
    let folder = folder.display();
    let settings = format!(
        "[databases]\npostgres = host={folder} port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 2\n",
        server = cluster.port
    );
    fs::write(cluster.path("pgbouncer.ini"), settings).expect("a file");
    fs::write(cluster.path("users"), format!("\"{USER}\" \"{PASSWORD}\"\n")).expect("a file");
    let mut command = cluster.as_server(program);
    command
        .arg(cluster.path("pgbouncer.ini"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let pooler = Pooler { process: command.spawn().expect("pgbouncer"), port };
    let up = (0..200).any(|_| {
        std::thread::park_timeout(std::time::Duration::from_millis(25));
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(up, "pgbouncer listens");
    Some(pooler)
}

diesel::table! {
    t (id) {
        id -> BigInt,
        name -> Text,
    }
}

/// One round of what storage does: a transaction that reads and writes, then a read of its own.
fn work(connection: &mut PgConnection, id: i64) -> QueryResult<String> {
    connection.transaction(|connection| {
        diesel::insert_into(t::table).values((t::id.eq(id), t::name.eq("x"))).execute(connection)?;
        t::table.find(id).select(t::name).get_result::<String>(connection)?;
        diesel::update(t::table.find(id)).set(t::name.eq(format!("name {id}"))).execute(connection)
    })?;
    t::table.find(id).select(t::name).get_result(connection)
}

#[test]
fn without_prepared_statements_a_pooler_may_hand_sessions_around() {
    let Some(cluster) = cluster("") else { return };
    let Some(pooler) = pooler(&cluster) else { return };
    let mut direct = open(&cluster.socket_url());
    say(&mut direct, "CREATE TABLE t (id bigint PRIMARY KEY, name text)");
    let url = format!(
        "postgres://{USER}:{PASSWORD}@127.0.0.1:{}/postgres?prepared_statements=false&{PATIENCE}",
        pooler.port
    );
    // More clients than the pooler has sessions, so that they change hands.
    let workers: Vec<_> = (0..5)
        .map(|worker| {
            let mut connection = open(&url);
            std::thread::spawn(move || {
                for round in 0..40 {
                    let id = worker * 1_000 + round;
                    assert_eq!(work(&mut connection, id), Ok(format!("name {id}")));
                }
                let hello = diesel::select("hello".into_sql::<Text>()).get_result::<String>(&mut connection);
                assert_eq!(hello.as_deref(), Ok("hello"));
                number(&mut connection, "count(*) FROM pg_prepared_statements").expect("a count")
            })
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.join().expect("no panic"), 0, "nothing is kept in the server's sessions");
    }
    assert_eq!(t::table.count().get_result(&mut direct), Ok(200_i64));
}
