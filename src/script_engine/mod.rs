//! JavaScript: runs a program with a limit of time and of memory, and answers its calls of the host.
//!
//! Knows nothing of records, SQL or HTTP: a [`Job`] brings a prelude that makes the program's world out of a text of
//! JSON, and takes its result out of it. Callers start with [`Engine::run`].
//!
//! The engine itself blocks, so every run has a thread of tokio's pool for blocking work, never one of its workers.
//! How many run at once is bounded, and of one key (a site) fewer, so that its endless loops do not keep all others
//! waiting. Nested runs (a program whose host call runs another) take no place of their own: the one that waits for
//! them has one already, and waiting for a second could be waiting for ever.

mod thread;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// How long a run waits for its place.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long after its end a program that cannot be interrupted (a loop inside the engine) is waited for.
const GRACE: Duration = Duration::from_secs(1);

/// A program and its world.
pub struct Job {
    /// A function of the input's text and of the host, which returns what makes the result of the program's value.
    pub prelude: &'static str,
    /// What the prelude reads.
    pub input: String,
    /// The program.
    pub source: Arc<str>,
    /// How long it may take, calls of the host included; none is for ever.
    pub limit: Option<Duration>,
    /// Whose places it takes; none for a run inside another's host call.
    pub key: Option<i64>,
}

/// What programs call.
pub trait Host: Sync {
    /// Answers a call in JSON; an error is thrown in the program.
    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Answer<'a>;
}

/// The answer under way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;

/// Why a program did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It cannot be read, threw, or asked for more memory than there is.
    #[error("{0}")]
    Thrown(String),
    /// It took too long.
    #[error("the script took too long")]
    TimedOut,
    /// No place became free for it.
    #[error("too many scripts at once")]
    Busy,
    /// The engine itself failed.
    #[error("the script engine failed: {0}")]
    Broken(String),
}

/// The places for runs.
pub struct Engine {
    places: Arc<Semaphore>,
    per_key: usize,
    keys: Mutex<HashMap<i64, Weak<Semaphore>>>,
}

/// A call on its way from a program to its host.
struct HostCall {
    name: String,
    arguments: String,
    answer: oneshot::Sender<Result<String, String>>,
}

/// Stops the program when nobody waits for it any more.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Default for Engine {
    /// Two places a core: programs compute, but also wait for their host.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let places = (2 * cores).max(4);
        Self {
            places: Arc::new(Semaphore::new(places)),
            per_key: places / 2,
            keys: Mutex::default(),
        }
    }
}

impl Engine {
    /// Runs a program to its end; the text is what the prelude made of its value.
    pub async fn run(&self, job: Job, host: &dyn Host) -> Result<String, Failure> {
        let places = self.take_places(job.key).await?;
        let deadline = job.limit.and_then(|limit| Instant::now().checked_add(limit));
        let stop = Stop(Arc::default());
        let stopped = Arc::clone(&stop.0);
        let (calls, mut called) = mpsc::channel(1);
        let task = tokio::task::spawn_blocking(move || {
            let result = thread::run(&job, deadline, &stopped, &calls);
            drop(places);
            result
        });
        // A call of the host is always waited for: a statement that is left in its middle costs its connection.
        while let Some(call) = next(&mut called, deadline).await? {
            let HostCall { name, arguments, answer } = call;
            // Nobody listens to the answer when the program was stopped meanwhile.
            let _ = answer.send(host.call(&name, &arguments).await);
        }
        task.await.unwrap_or_else(|error| Err(Failure::Broken(error.to_string())))
    }

    async fn take_places(&self, key: Option<i64>) -> Result<Vec<OwnedSemaphorePermit>, Failure> {
        let Some(key) = key else { return Ok(Vec::new()) };
        let of_key = self.places_of(key);
        let taking = async {
            let own = of_key.acquire_owned().await.map_err(|_| Failure::Busy)?;
            let shared = Arc::clone(&self.places).acquire_owned().await;
            Ok(vec![own, shared.map_err(|_| Failure::Busy)?])
        };
        tokio::time::timeout(PATIENCE, taking).await.unwrap_or(Err(Failure::Busy))
    }

    fn places_of(&self, key: i64) -> Arc<Semaphore> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = keys.get(&key).and_then(Weak::upgrade) {
            return places;
        }
        keys.retain(|_, places| places.strong_count() > 0);
        let places = Arc::new(Semaphore::new(self.per_key));
        keys.insert(key, Arc::downgrade(&places));
        places
    }
}

/// The next call of a program; none when it has ended. One that has not long after its deadline is given up.
async fn next(
    called: &mut mpsc::Receiver<HostCall>,
    deadline: Option<Instant>,
) -> Result<Option<HostCall>, Failure> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at((deadline + GRACE).into(), called.recv())
            .await
            .map_err(|_| Failure::TimedOut),
        None => Ok(called.recv().await),
    }
}

#[cfg(test)]
mod tests;
