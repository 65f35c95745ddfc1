//! Many transactions as steps of one, which is made or undone as a whole (`docs/decisions/0010-whole-calls.md`).

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::{Executor as _, PgConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Pool, Transaction};

/// A transaction whose pool of steps is in use; undone unless it is committed.
#[derive(Debug)]
pub struct Whole(Steps);

impl Pool {
    /// Begins a transaction, with the pool of its steps.
    pub async fn begin_whole(&self) -> Result<(Whole, Self), sqlx::Error> {
        let transaction = self.begin_with("; savepoint step".to_owned()).await?;
        let course = Course { transaction: Some(transaction), undone: false };
        let steps = Steps { course: Arc::new(Mutex::new(course)), around: Box::new(self.clone()) };
        Ok((Whole(steps.clone()), Self::of_steps(steps)))
    }
}

impl Whole {
    /// Makes what its steps have written last.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        // PostgreSQL takes the commit of a transaction that has failed for a rollback, and says so to nobody: a failed
        // step is undone first.
        let mut last = self.0.next().await?.ok_or(sqlx::Error::PoolTimedOut)?;
        match last.0.transaction.take() {
            Some(transaction) => transaction.commit().await,
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Undoes them all.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        let mut course = Arc::clone(&self.0.course).lock_owned().await;
        match course.transaction.take() {
            Some(transaction) => transaction.rollback().await,
            None => Ok(()),
        }
    }
}

/// The steps of a transaction: each begins when the one before is over.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    course: Arc<Mutex<Course>>,
    around: Box<Pool>,
}

#[derive(Debug)]
struct Course {
    transaction: Option<Transaction>,
    /// Whether the last step is to be undone.
    undone: bool,
}

impl Steps {
    /// The next step; none while another one is under way, which would wait for the one inside it for ever.
    pub(super) async fn next(&self) -> Result<Option<Step>, sqlx::Error> {
        let Ok(mut course) = Arc::clone(&self.course).try_lock_owned() else { return Ok(None) };
        let undone = std::mem::replace(&mut course.undone, true);
        let transaction = course.transaction.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        // The last one may have failed without saying so; then there is nothing to release.
        if undone || transaction.execute("release savepoint step; savepoint step").await.is_err() {
            transaction.execute("rollback to savepoint step").await?;
        }
        course.undone = false;
        Ok(Some(Step(course)))
    }

    /// What looks something up while a step is under way: it sees what is committed, and writes nothing.
    pub(super) async fn beside(&self) -> Result<Transaction, sqlx::Error> {
        Box::pin(self.around.begin_with(" read only".to_owned())).await
    }
}

/// A step. What it does is undone when a statement of it fails, or when [`Step::set_undone`] says so.
#[derive(Debug)]
pub struct Step(OwnedMutexGuard<Course>);

impl Step {
    /// Whether to undo it when it is over.
    pub(super) fn set_undone(&mut self, undone: bool) {
        self.0.undone = undone;
    }
}

impl Deref for Step {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.0.transaction {
            Some(transaction) => transaction,
            None => unreachable!("steps are over before their transaction"),
        }
    }
}

impl DerefMut for Step {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.0.transaction {
            Some(transaction) => transaction,
            None => unreachable!("steps are over before their transaction"),
        }
    }
}
