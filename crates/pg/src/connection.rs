//! The connection that diesel sees. Owns what is asked of a session and in which order; how it is asked, and what becomes
//! of the session, is `session.rs`'s.

use std::any::Any;
use std::time::Instant;

use diesel::connection::statement_cache::StatementCacheKey;
use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection, ConnectionSealed, DynInstrumentation, Instrumentation,
    InstrumentationEvent, LoadConnection, MultiConnectionHelper, SimpleConnection, StrQueryHelper,
    TransactionManager,
};
use diesel::expression::QueryMetadata;
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::pg::{GetPgMetadataCache, Pg, PgMetadataCache, PgMetadataLookup, TransactionBuilder};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::result::ConnectionError::{self, InvalidConnectionUrl};
use diesel::result::{ConnectionResult, QueryResult};
use diesel::sql_types::TypeMetadata;
use diesel::{RunQueryDsl, debug_query};
use tokio_postgres::error::SqlState;

use crate::config::Config;
use crate::config::error::ConfigError;
use crate::failure::Failure;
use crate::query::{Answer, Query, sendable};
use crate::row::{PgCursor, PgRow};
use crate::session::Session;
use crate::statements::Statements;
use crate::transaction;
use crate::wire::Status;

/// A connection to PostgreSQL, for all that diesel can ask.
///
/// It blocks the thread it is used on, and refuses (with an error, and tokio's panic message on stderr) to do so inside an
/// asynchronous task. Dropping it never blocks.
///
/// Once [`is_broken`](Self::is_broken), every use ends in
/// [`ClosedConnection`](diesel::result::DatabaseErrorKind::ClosedConnection): make a new one.
pub struct PgConnection {
    /// Boxed, so that an enum of connections (`MultiConnection`) does not grow with it.
    session: Box<Session>,
    statements: Statements,
    /// How many statements the configuration lets it keep.
    capacity: usize,
    types: PgMetadataCache,
    manager: AnsiTransactionManager,
    instrumentation: DynInstrumentation,
    deadline: Option<Instant>,
    sqlstate: Option<SqlState>,
}

/// What whoever asks does with the answer.
#[derive(Clone, Copy)]
enum Expects {
    Rows,
    Count,
}

impl PgConnection {
    /// Connects to the first of the configuration's hosts that will do. Each attempt has `connect_timeout`, or a second.
    ///
    /// # Errors
    /// [`ConnectionError::BadConnection`] with what each host answered.
    pub fn connect(config: &Config) -> ConnectionResult<Self> {
        Self::open(config, None)
    }

    /// Connects like [`connect`](Self::connect), and gives up when the deadline passes, however many hosts are left. Without
    /// a `connect_timeout`, a host has its share of the time that is left.
    ///
    /// # Errors
    /// [`ConnectionError::BadConnection`] with what each host answered.
    pub fn connect_by(config: &Config, deadline: Instant) -> ConnectionResult<Self> {
        Self::open(config, Some(deadline))
    }

    /// From now on, whatever is not answered by then ends in an error: queries, BEGIN and COMMIT alike. The connection is
    /// broken afterwards, since the answer may still come; whether a COMMIT took place is then unknown.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Whether the connection is of no more use: the server closed it, the network failed, or a deadline passed. A
    /// connection that died while idle shows it at the next use.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.session.broken().is_some()
    }

    /// The SQLSTATE of the last statement that failed, such as `40001`; none if no statement failed yet, or if the last
    /// one failed without a word from the server. Statements that succeed do not clear it, so it can be asked for after
    /// diesel has rolled the transaction back.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_ref().map(SqlState::code)
    }

    /// Whether the server warned of something while it answered the last statement. It warns of a COMMIT that took place on
    /// the primary alone, because waiting for a synchronous standby was cancelled: such a change is not as safe as was asked.
    #[must_use]
    pub const fn was_warned(&self) -> bool {
        self.session.was_warned()
    }

    /// Begins a transaction of a certain kind, as with diesel's own connection.
    pub fn build_transaction(&mut self) -> TransactionBuilder<'_, Self> {
        TransactionBuilder::new(self)
    }

    /// Instrumentation is shown the URL without its password.
    fn open(config: &Config, deadline: Option<Instant>) -> ConnectionResult<Self> {
        let mut instrumentation = DynInstrumentation::default_instrumentation();
        let url = config.to_string();
        instrumentation.on_connection_event(InstrumentationEvent::start_establish_connection(&url));
        let session = Session::open(config, deadline).map_err(ConnectionError::BadConnection);
        let finished = InstrumentationEvent::finish_establish_connection(&url, session.as_ref().err());
        instrumentation.on_connection_event(finished);
        let capacity = if config.prepared_statements { config.statement_cache_capacity } else { 0 };
        Ok(Self {
            session: Box::new(session?),
            statements: Statements::new(capacity),
            capacity,
            types: PgMetadataCache::new(),
            manager: AnsiTransactionManager::default(),
            instrumentation,
            deadline: None,
            sqlstate: None,
        })
    }

    /// Runs a query from start to end, with everybody told who wants to know.
    fn run<T: QueryFragment<Pg> + QueryId>(&mut self, source: &T, expects: Expects) -> QueryResult<Answer> {
        let shown = debug_query::<Pg, _>(source);
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&shown));
        let answer = self.build(source).and_then(|query| self.answer(&query, expects));
        self.follow(answer.is_err());
        let finished = InstrumentationEvent::finish_query(&shown, answer.as_ref().err());
        self.instrumentation.on_connection_event(finished);
        answer
    }

    /// Encodes the values. Types that are known by name only are looked up in the database.
    fn build<'a, T: QueryFragment<Pg> + QueryId>(&mut self, source: &'a T) -> QueryResult<Query<'a>> {
        let mut binds = RawBytesBindCollector::new();
        source.collect_binds(&mut binds, self as &mut dyn PgMetadataLookup, &Pg)?;
        Query::new(source, T::query_id(), binds)
    }

    fn answer(&mut self, query: &Query<'_>, expects: Expects) -> QueryResult<Answer> {
        if !self.statements.keeps() {
            return self.answer_once(query);
        }
        if !query.source.is_safe_to_cache_prepared(&Pg)? {
            return match expects {
                Expects::Count => self.answer_once(query),
                Expects::Rows => self.announce_and_answer(query),
            };
        }
        let key = StatementCacheKey::for_source(query.id, query.source, &query.metadata, &Pg)?;
        let Some(statement) = self.statements.find(&key) else { return self.prepare_and_answer(key, query) };
        let idle = self.session.status() == Status::Idle;
        let answer = self.session.ask(self.deadline, async |client| query.put(client, &statement).await);
        if !answer.as_ref().is_err_and(Failure::is_of_a_stale_statement) {
            return self.noting(answer);
        }
        // The schema has changed, or somebody has thrown our statements away. Outside a transaction nothing is lost by
        // asking again; inside, the transaction has failed already.
        self.statements.forget(&key);
        if idle { self.prepare_and_answer(key, query) } else { self.noting(answer) }
    }

    /// What is not worth keeping goes in one round trip, as the unnamed statement.
    fn answer_once(&mut self, query: &Query<'_>) -> QueryResult<Answer> {
        let sql = query.source.construct_sql(&Pg)?;
        sendable(&sql)?;
        let answer = self.session.ask(self.deadline, async |client| query.put_once(client, &sql).await);
        self.noting(answer)
    }

    /// What is not worth keeping, and answers with rows, is announced first all the same. tokio-postgres looks up types that
    /// are not built in when it learns of the columns: where that is together with the rows, the look-up's answer waits
    /// behind rows that wait for it.
    fn announce_and_answer(&mut self, query: &Query<'_>) -> QueryResult<Answer> {
        let sql = query.source.construct_sql(&Pg)?;
        sendable(&sql)?;
        self.statements.let_pass();
        let mut announced = None;
        let answer = self.session.ask(self.deadline, async |client| {
            let statement = announced.insert(client.prepare_typed(&sql, &query.types).await?);
            query.put(client, statement).await
        });
        if let Some(statement) = announced {
            self.statements.pass(statement);
        }
        self.noting(answer)
    }

    /// The statement is kept even if its first use fails: it is the values that were refused.
    fn prepare_and_answer(&mut self, key: StatementCacheKey<Pg>, query: &Query<'_>) -> QueryResult<Answer> {
        let sql = key.sql(query.source, &Pg)?;
        sendable(&sql)?;
        self.instrumentation.on_connection_event(InstrumentationEvent::cache_query(&sql));
        self.statements.make_room();
        let mut prepared = None;
        let answer = self.session.ask(self.deadline, async |client| {
            let statement = prepared.insert(client.prepare_typed(&sql, &query.types).await?);
            query.put(client, statement).await
        });
        drop(sql);
        if let Some(statement) = prepared {
            self.statements.keep(key, statement);
        }
        self.noting(answer)
    }

    /// Remembers what the server called a failure. Uses of a connection that is broken already do not count: the first
    /// failure is the one that tells.
    fn noting<T>(&mut self, answer: Result<T, Failure>) -> QueryResult<T> {
        if let Err(failure @ (Failure::Refused(_) | Failure::Broken { .. } | Failure::Late)) = &answer {
            self.sqlstate = failure.sqlstate().cloned();
        }
        Ok(answer?)
    }

    fn follow(&mut self, failed: bool) {
        let status = self.session.broken().is_none().then(|| self.session.status());
        transaction::follow(AnsiTransactionManager::transaction_manager_status_mut(self), status, failed);
    }
}

impl SimpleConnection for PgConnection {
    fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        let shown = StrQueryHelper::new(sql);
        self.instrumentation.on_connection_event(InstrumentationEvent::start_query(&shown));
        let done = sendable(sql).and_then(|()| {
            let done = self.session.ask(self.deadline, async |client| client.batch_execute(sql).await);
            self.noting(done)
        });
        self.follow(done.is_err());
        let finished = InstrumentationEvent::finish_query(&shown, done.as_ref().err());
        self.instrumentation.on_connection_event(finished);
        done
    }
}

impl ConnectionSealed for PgConnection {}

impl Connection for PgConnection {
    type Backend = Pg;
    type TransactionManager = AnsiTransactionManager;

    fn establish(url: &str) -> ConnectionResult<Self> {
        let config: Config =
            url.parse().map_err(|error: ConfigError| InvalidConnectionUrl(error.to_string()))?;
        Self::connect(&config)
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Pg> + QueryId,
    {
        self.run(source, Expects::Count)?.affected()
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.manager
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut *self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = instrumentation.into();
    }

    /// `Unbounded` means as many as the configuration says.
    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.statements.limit(if size == CacheSize::Disabled { 0 } else { self.capacity });
    }
}

impl LoadConnection for PgConnection {
    type Cursor<'conn, 'query> = PgCursor;
    type Row<'conn, 'query> = PgRow;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<PgCursor>
    where
        T: diesel::query_builder::Query + QueryFragment<Pg> + QueryId + 'query,
        Pg: QueryMetadata<T::SqlType>,
    {
        let answer = self.run(&source, Expects::Rows)?;
        answer.affected()?;
        Ok(PgCursor::new(answer.rows))
    }
}

impl GetPgMetadataCache for PgConnection {
    fn get_metadata_cache(&mut self) -> &mut PgMetadataCache {
        &mut self.types
    }
}

/// What `#[derive(diesel::MultiConnection)]` asks for: the connection is what looks types up.
impl MultiConnectionHelper for PgConnection {
    fn to_any<'a>(lookup: &mut <Pg as TypeMetadata>::MetadataLookup) -> &mut (dyn Any + 'a) {
        lookup.as_any()
    }

    fn from_any(lookup: &mut dyn Any) -> Option<&mut <Pg as TypeMetadata>::MetadataLookup> {
        lookup.downcast_mut::<Self>().map(|connection| connection as &mut dyn PgMetadataLookup)
    }
}

impl MigrationConnection for PgConnection {
    #[expect(clippy::disallowed_methods, reason = "diesel's own statement, which creates diesel's own table")]
    fn setup(&mut self) -> QueryResult<usize> {
        diesel::sql_query(CREATE_MIGRATIONS_TABLE).execute(self)
    }
}
