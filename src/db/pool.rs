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
use super::whole::{Step, Steps};
use crate::parameters::ConnectionString;
use crate::telemetry::PoolUsage;

/// A connection idle for longer is tried out before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(5);
/// How long a call waits for a free connection, and for the answer of one that is tried out.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The connections of a role. Clones share them.
#[derive(Debug, Clone)]
pub struct Pool {
    source: Source,
    gathering: Gathering,
}

/// Where connections come from.
#[derive(Debug, Clone)]
enum Source {
    Many(Deadpool<Connections>),
    /// One transaction, in which every connection is a step.
    Steps(Steps),
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
            .map(|connections| Self::of(Source::Many(connections)))
            .map_err(|error| sqlx::Error::Configuration(error.into()))
    }

    /// The pool of a transaction's steps.
    pub(super) fn of_steps(steps: Steps) -> Self {
        Self::of(Source::Steps(steps))
    }

    fn of(source: Source) -> Self {
        Self { source, gathering: Gathering::default() }
    }

    /// A connection for the caller alone, until it is dropped.
    pub async fn acquire(&self) -> Result<Connection, sqlx::Error> {
        match &self.source {
            Source::Many(connections) => {
                connections.get().await.map(Connection::Own).map_err(|error| match error {
                    PoolError::Backend(error) => error,
                    PoolError::Closed => sqlx::Error::PoolClosed,
                    _ => sqlx::Error::PoolTimedOut,
                })
            }
            Source::Steps(steps) => match steps.next().await? {
                Some(step) => Ok(Connection::Step(step)),
                None => Ok(Connection::Beside(Box::new(steps.beside().await?))),
            },
        }
    }

    /// A transaction.
    pub async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        self.begin_with(String::new()).await
    }

    /// A transaction whose `begin` goes on with a text of our own, statements behind a semicolon.
    #[expect(clippy::disallowed_methods, reason = "only `db` comes here, with texts of its own")]
    pub(super) async fn begin_with(&self, then: String) -> Result<Transaction, sqlx::Error> {
        let mut connection = self.acquire().await?;
        let sql = match &connection {
            Connection::Own(_) => format!("begin{then}"),
            Connection::Step(_) | Connection::Beside(_) => then,
        };
        // Set first: when this future is dropped half-way, nobody knows whether the transaction has begun.
        connection.set_in_transaction(true);
        if !sql.is_empty() {
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
        }
        Ok(Transaction(Some(connection)))
    }

    /// Has every connection tried out before its next use, since one of them failed.
    pub fn doubt(&self) {
        if let Source::Many(connections) = &self.source {
            connections.manager().doubts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many connections there are now.
    pub fn usage(&self) -> PoolUsage {
        let Source::Many(connections) = &self.source else { return PoolUsage::default() };
        let status = connections.status();
        PoolUsage { used: status.size.saturating_sub(status.available), idle: status.available }
    }

    /// Asks the database for an answer.
    pub async fn ping(&self) -> Result<(), super::Error> {
        self.acquire().await?.ping().await?;
        Ok(())
    }

    /// Waits for nobody: connections are closed as they come back, and nobody gets a new one.
    pub fn close(&self) {
        if let Source::Many(connections) = &self.source {
            connections.close();
        }
    }

    /// The questions that are on their way.
    pub(super) const fn gathering(&self) -> &Gathering {
        &self.gathering
    }
}

/// Makes connections, and decides which may be used again.
#[derive(Debug)]
pub struct Connections {
    target: ConnectionString,
    session: Session,
    doubts: Arc<AtomicU64>,
}

/// A connection, and what is known of its state.
#[derive(Debug)]
pub struct Kept {
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
pub enum Connection {
    /// One of many.
    Own(Object<Connections>),
    /// A step of a transaction.
    Step(Step),
    /// A look at the database while such a step is under way.
    Beside(Box<Transaction>),
}

impl Deref for Connection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match self {
            Self::Own(kept) => &kept.connection,
            Self::Step(step) => step,
            Self::Beside(transaction) => transaction,
        }
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match self {
            Self::Own(kept) => &mut kept.connection,
            Self::Step(step) => step,
            Self::Beside(transaction) => transaction,
        }
    }
}

impl Connection {
    /// Closes it instead of giving it back.
    pub(super) async fn close(self) {
        if let Self::Own(kept) = self {
            // Nobody waits for the answer of a connection that is not wanted any more.
            let _ = Object::take(kept).connection.close().await;
        }
    }

    /// What is in a transaction when it comes back is not used again; of a step, it is undone.
    fn set_in_transaction(&mut self, in_transaction: bool) {
        match self {
            Self::Own(kept) => kept.in_transaction = in_transaction,
            Self::Step(step) => step.set_undone(in_transaction),
            Self::Beside(_) => {}
        }
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
            if let Connection::Own(kept) = &mut connection {
                kept.connection.execute(sqlx::raw_sql(sql)).await?;
            }
            let undone = matches!(connection, Connection::Step(_)) && sql == "rollback";
            connection.set_in_transaction(undone);
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
        // A step that did not end undoes itself.
        let Some(connection @ Connection::Own(_)) = self.0.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = Self(Some(connection)).rollback().await {
                    tracing::warn!(%error, "a transaction could not be undone; its connection is closed");
                }
            });
        }
    }
}
