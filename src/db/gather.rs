//! Questions that several calls have at the same moment, asked together (`docs/decisions/0009-gathering.md`).
//!
//! To start a statement of many tables costs PostgreSQL more than to answer it. So while a question is on its way,
//! those who come with the same one (the same text, values of their own) wait, and go together next. Nobody waits for
//! company: who comes alone goes at once, and what is answered was read after it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::sync::oneshot;

use super::sql::{Bind, Statement};
use super::{Error, Pool};

/// The most that go together.
const MOST: usize = 64;

/// A question: reads `asked`, which has a row per asker, and begins each row of its answer with `asked.at`.
#[derive(Debug)]
pub(in crate::db) struct Question {
    /// The statement without values.
    pub(in crate::db) statement: Statement,
    /// The values of one asker. Each goes to the statement as an array, with those of the others.
    pub(in crate::db) values: Vec<Bind>,
}

/// Who wait, by the text of their question. A text is there as long as its question is on its way.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathering(Arc<Mutex<Waiting>>);

type Waiting = HashMap<Arc<str>, Vec<Asker>, RandomState>;

#[derive(Debug)]
struct Asker {
    values: Vec<Bind>,
    answer: oneshot::Sender<Result<Vec<PgRow>, Error>>,
}

impl Pool {
    /// The rows of the answer to one asker, each with its place first.
    pub(in crate::db) async fn ask(&self, question: Question) -> Result<Vec<PgRow>, Error> {
        let Question { statement, values } = question;
        let text: Arc<str> = statement.text().into();
        let (sender, answer) = oneshot::channel();
        let asker = Asker { values, answer: sender };
        if let Some(asker) = self.gathering().join(&text, asker) {
            let course = Course { pool: self.clone(), text, statement, is_over: false };
            tokio::spawn(course.run(asker));
        }
        answer.await.unwrap_or(Err(Error::Driver(sqlx::Error::WorkerCrashed)))
    }
}

impl Gathering {
    /// Waits behind a question that is on its way; else gives the asker back, who has to go.
    fn join(&self, text: &Arc<str>, asker: Asker) -> Option<Asker> {
        let mut waiting = self.waiting();
        if let Some(others) = waiting.get_mut(text) {
            others.push(asker);
            return None;
        }
        waiting.insert(Arc::clone(text), Vec::new());
        Some(asker)
    }

    /// Those who have to go next; with nobody, the question is no longer on its way.
    fn next(&self, text: &str) -> Vec<Asker> {
        let mut waiting = self.waiting();
        let Some(askers) = waiting.get_mut(text) else { return Vec::new() };
        if askers.is_empty() {
            waiting.remove(text);
            return Vec::new();
        }
        askers.drain(..askers.len().min(MOST)).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question on its way, again and again as long as somebody waits.
struct Course {
    pool: Pool,
    text: Arc<str>,
    statement: Statement,
    is_over: bool,
}

impl Course {
    async fn run(mut self, first: Asker) {
        let mut askers = vec![first];
        while !askers.is_empty() {
            self.answer(askers).await;
            askers = self.pool.gathering().next(&self.text);
        }
        self.is_over = true;
    }

    async fn answer(&self, mut askers: Vec<Asker>) {
        match self.rows(&askers).await {
            Ok(rows) => hand_out(rows, askers),
            // The values of one may be what the database refuses, or the connection was lost.
            Err(_) if askers.len() > 1 => {
                for asker in askers {
                    let answer = self.rows(std::slice::from_ref(&asker)).await;
                    asker.take(answer);
                }
            }
            Err(error) => {
                if let Some(asker) = askers.pop() {
                    asker.take(Err(error));
                }
            }
        }
    }

    async fn rows(&self, askers: &[Asker]) -> Result<Vec<PgRow>, Error> {
        let values = askers.first().map_or(0, |asker| asker.values.len());
        let values = (0..values)
            .map(|at| Bind::array(askers.iter().filter_map(|asker| asker.values.get(at).cloned())));
        let query = self.statement.with_values(values.collect()).into_query()?;
        let mut conn = self.pool.acquire().await?;
        Ok(query.fetch_all(&mut *conn).await?)
    }
}

impl Drop for Course {
    /// Who still waits when the question ends by a panic gets an error instead of no answer for ever.
    fn drop(&mut self) {
        if !self.is_over {
            self.pool.gathering().waiting().remove(&self.text);
        }
    }
}

/// Gives every asker the rows that have its place, which is counted from 1.
fn hand_out(rows: Vec<PgRow>, askers: Vec<Asker>) {
    let mut answers: Vec<Vec<PgRow>> = askers.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let at = row.try_get::<i64, _>(0).ok().and_then(|at| usize::try_from(at - 1).ok());
        if let Some(own) = at.and_then(|at| answers.get_mut(at)) {
            own.push(row);
        }
    }
    for (asker, answer) in askers.into_iter().zip(answers) {
        asker.take(Ok(answer));
    }
}

impl Asker {
    fn take(self, answer: Result<Vec<PgRow>, Error>) {
        // Calls run to their end, so somebody is there; if not, nobody misses it.
        let _ = self.answer.send(answer);
    }
}
