//! Connections that stay open.
//!
//! `sqlx`'s own pool sends a message to the database whenever a connection comes back, from a task of its own, and
//! hands connections out in turn. Both cost more than the pool saves on calls this short: the message is a round trip,
//! and PostgreSQL's processes find their caches cold. Here the connection that came back last goes out first, and is
//! tried out only when there is doubt (`docs/decisions/0005-pool.md`).

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::{
    Manager, Metrics, Object, Pool as Deadpool, PoolConfig, PoolError, QueueMode, RecycleError,
    RecycleResult, Timeouts,
};
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::connect::{self, Session};
use super::gather::Gathering;
use crate::parameters::ConnectionString;
use crate::telemetry::PoolUsage;

/// A connection idle for longer is tried out before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(5);
/// How long a call waits for a free connection, and for the answer of one that is tried out.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The connections of a role. Clones share them.
#[derive(Debug, Clone)]
pub struct Pool {
    connections: Deadpool<Connections>,
    gathering: Gathering,
}

impl Pool {
    /// A pool of that many connections at most; each is made when it is first needed.
    pub fn new(
        target: &ConnectionString,
        session: &Session,
        most: u32,
    ) -> Result<Self, sqlx::Error> {
        let connections = Connections {
            target: target.clone(),
            session: session.clone(),
            doubts: Arc::default(),
        };
        let config = PoolConfig {
            max_size: usize::try_from(most).unwrap_or(usize::MAX),
            timeouts: Timeouts {
                wait: Some(LONGEST_WAIT),
                create: Some(LONGEST_WAIT),
                recycle: Some(LONGEST_WAIT),
            },
            queue_mode: QueueMode::Lifo,
        };
        Deadpool::builder(connections)
            .config(config)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map(|connections| Self { connections, gathering: Gathering::default() })
            .map_err(|error| sqlx::Error::Configuration(error.into()))
    }

    /// A connection for the caller alone, until it is dropped.
    pub async fn acquire(&self) -> Result<Connection, sqlx::Error> {
        self.connections.get().await.map(Connection).map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => sqlx::Error::PoolClosed,
            _ => sqlx::Error::PoolTimedOut,
        })
    }

    /// A transaction.
    pub async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        self.begin_with("begin").await
    }

    /// A transaction begun by a text of our own, which may go on after the `begin`.
    pub(super) async fn begin_with(
        &self,
        sql: impl sqlx::SqlSafeStr + Send,
    ) -> Result<Transaction, sqlx::Error> {
        let mut connection = self.acquire().await?;
        // Set first: when this future is dropped half-way, nobody knows whether the transaction has begun.
        connection.0.in_transaction = true;
        connection.execute(sqlx::raw_sql(sql)).await?;
        Ok(Transaction(Some(connection)))
    }

    /// Has every connection tried out before its next use, since one of them failed.
    pub fn doubt(&self) {
        self.connections.manager().doubts.fetch_add(1, Ordering::Relaxed);
    }

    /// How many connections there are now.
    pub fn usage(&self) -> PoolUsage {
        let status = self.connections.status();
        PoolUsage { used: status.size.saturating_sub(status.available), idle: status.available }
    }

    /// Asks the database for an answer.
    pub async fn ping(&self) -> Result<(), super::Error> {
        self.acquire().await?.ping().await?;
        Ok(())
    }

    /// Waits for nobody: connections are closed as they come back, and nobody gets a new one.
    pub fn close(&self) {
        self.connections.close();
    }

    /// The questions that are on their way.
    pub(super) const fn gathering(&self) -> &Gathering {
        &self.gathering
    }
}

/// Makes connections, and decides which may be used again.
#[derive(Debug)]
struct Connections {
    target: ConnectionString,
    session: Session,
    doubts: Arc<AtomicU64>,
}

/// A connection, and what is known of its state.
#[derive(Debug)]
struct Kept {
    connection: PgConnection,
    /// How often connections had been doubted when this one was last known to work.
    tried_at: u64,
    /// Whether a transaction may be open.
    in_transaction: bool,
}

impl Manager for Connections {
    type Type = Kept;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Kept, sqlx::Error> {
        let tried_at = self.doubts.load(Ordering::Relaxed);
        // In the heap: with TLS it is large, and a part of every call that takes a connection.
        let connection = Box::pin(connect::open(&self.target, &self.session)).await?;
        Ok(Kept { connection, tried_at, in_transaction: false })
    }

    async fn recycle(&self, kept: &mut Kept, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if kept.in_transaction {
            return Err(RecycleError::message("its transaction did not end"));
        }
        let doubts = self.doubts.load(Ordering::Relaxed);
        if kept.tried_at != doubts || metrics.last_used() > TRUSTED_IDLE {
            kept.connection.ping().await?;
            kept.tried_at = doubts;
        }
        Ok(())
    }
}

/// A connection that goes back to its pool when it is dropped.
#[derive(Debug)]
pub struct Connection(Object<Connections>);

impl Deref for Connection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0.connection
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0.connection
    }
}

impl Connection {
    /// Closes it instead of giving it back.
    pub(super) async fn close(self) {
        // Nobody waits for the answer of a connection that is not wanted any more.
        let _ = Object::take(self.0).connection.close().await;
    }
}

/// A transaction: undone unless it is committed.
#[derive(Debug)]
pub struct Transaction(Option<Connection>);

impl Transaction {
    /// Makes what was written last.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.end("commit").await
    }

    /// Undoes what was written.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        self.end("rollback").await
    }

    async fn end(mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        // A connection that fails here stays marked, and is not used again.
        if let Some(mut connection) = self.0.take() {
            connection.execute(sqlx::raw_sql(sql)).await?;
            connection.0.in_transaction = false;
        }
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.0 {
            Some(connection) => connection,
            None => unreachable!("only the end of a transaction takes its connection"),
        }
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Some(connection) => connection,
            None => unreachable!("only the end of a transaction takes its connection"),
        }
    }
}

impl Drop for Transaction {
    /// Undoes at once what was not committed: its locks must not wait until somebody wants the connection.
    fn drop(&mut self) {
        let Some(connection) = self.0.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = Self(Some(connection)).rollback().await {
                    tracing::warn!(%error, "a transaction could not be undone; its connection is closed");
                }
            });
        }
    }
}
