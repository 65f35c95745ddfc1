//! What leaves the server: mails and calls of web hooks, sent by a worker of its own, so that no call waits for them.
//!
//! [`Outbox::keep`] puts deliveries into the transaction of the write that causes them, so that they go out if it commits
//! and not otherwise; [`Outbox::send`] comes after the commit and wakes the worker. A database without our queue
//! (`kokochi.deliveries`) makes `keep` hand them back, and `send` takes them from memory: then they are tried a few
//! times and lost when the process ends. The worker starts with [`run`].
//!
//! Addresses of web hooks and tokens are secrets: what is logged of a delivery is its kind.

mod smtp;
mod web;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use crate::db::{self, deliveries};

use super::{Error, Services};

/// How often a delivery of the queue is tried; the last time about half a day after the first.
const ATTEMPTS: i32 = 15;
/// How often one from memory is tried.
const ATTEMPTS_FROM_MEMORY: u32 = 4;
/// The first pause between two tries from memory; each is four times as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// How often the queue is looked at while nobody says that there is something in it.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Deliveries on their way at the same time.
const AT_ONCE: usize = 8;
/// How long the end of the process waits for deliveries from memory.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// Something that leaves the server. Not `Debug`: it holds tokens.
#[derive(Clone, Serialize, Deserialize)]
pub enum Delivery {
    /// A mail.
    Mail(Mail),
    /// A call of a web hook.
    Web(WebCall),
}

/// A mail; recipients as people write them.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Mail {
    /// Sender.
    pub from: String,
    /// Recipients.
    pub to: String,
    /// Recipients of copies.
    pub cc: String,
    /// Recipients of blind copies.
    pub bcc: String,
    /// Subject.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// Files.
    pub attachments: Vec<Attachment>,
}

/// A file of a mail.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attachment {
    name: String,
    content_type: String,
    base64: String,
}

impl Attachment {
    /// A file; none when its content is no Base64.
    pub fn new(name: &str, content_type: Option<&str>, base64: &str) -> Option<Self> {
        STANDARD.decode(base64).ok()?;
        let content_type = content_type.filter(|text| !text.is_empty());
        let guessed =
            || mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream");
        Some(Self {
            name: name.to_owned(),
            content_type: content_type.unwrap_or_else(guessed).to_owned(),
            base64: base64.to_owned(),
        })
    }
}

/// A call of a web hook.
#[derive(Clone, Serialize, Deserialize)]
pub struct WebCall {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// Where.
    pub url: String,
    /// `Content-Type`.
    pub content_type: String,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// The bytes, as Base64: their encoding is the site's choice.
    pub body: String,
}

impl WebCall {
    /// A POST of a text in UTF-8.
    pub fn post(url: &str, content_type: &str, body: &str) -> Self {
        Self {
            method: "POST".to_owned(),
            url: url.to_owned(),
            content_type: content_type.to_owned(),
            headers: Vec::new(),
            body: STANDARD.encode(body),
        }
    }
}

/// Why something was not delivered. Its text repeats no address and no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Trying again makes no sense.
    #[error("{0}")]
    Forever(String),
    /// It may work later.
    #[error("{0}")]
    ForNow(String),
}

enum Order {
    /// Something is in the queue.
    Look,
    Send(Box<Delivery>),
    Stop,
}

/// The way to the worker.
pub struct Outbox {
    orders: UnboundedSender<Order>,
    receiver: Mutex<Option<UnboundedReceiver<Order>>>,
    /// Whether the database has our queue.
    durable: AtomicBool,
}

impl Default for Outbox {
    fn default() -> Self {
        let (orders, receiver) = mpsc::unbounded_channel();
        Self { orders, receiver: Mutex::new(Some(receiver)), durable: AtomicBool::new(false) }
    }
}

impl Outbox {
    /// Puts deliveries into the queue, in the caller's transaction; without a queue they come back.
    pub async fn keep(
        &self,
        conn: &mut PgConnection,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<Delivery>, Error> {
        if deliveries.is_empty() || !self.durable.load(Ordering::Relaxed) {
            return Ok(deliveries);
        }
        let values: Result<Vec<_>, _> = deliveries.iter().map(serde_json::to_value).collect();
        let values = values.map_err(|_| Error::Corrupt("a delivery that is no JSON"))?;
        deliveries::add(conn, &values).await?;
        Ok(Vec::new())
    }

    /// After the commit: wakes the worker, with what [`Outbox::keep`] gave back.
    pub fn send(&self, unsent: Vec<Delivery>) {
        // The worker lives as long as the services do; without one (tests) nothing is sent.
        if unsent.is_empty() && self.durable.load(Ordering::Relaxed) {
            let _ = self.orders.send(Order::Look);
        }
        for delivery in unsent {
            let _ = self.orders.send(Order::Send(Box::new(delivery)));
        }
    }

    /// One without a worker, for a transaction around many writes: what is sent to it waits for [`Outbox::waiting`].
    #[must_use]
    pub fn aside(&self) -> Self {
        let durable = AtomicBool::new(self.durable.load(Ordering::Relaxed));
        Self { durable, ..Self::default() }
    }

    /// What waits here and is in no queue, since no worker has taken it.
    pub fn waiting(&self) -> Vec<Delivery> {
        let Some(mut orders) = self.take_receiver() else { return Vec::new() };
        let orders = std::iter::from_fn(|| orders.try_recv().ok());
        orders
            .filter_map(|order| match order {
                Order::Send(delivery) => Some(*delivery),
                Order::Look | Order::Stop => None,
            })
            .collect()
    }

    /// Lets the worker finish what it was told and end.
    pub fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
    }

    fn take_receiver(&self) -> Option<UnboundedReceiver<Order>> {
        self.receiver.lock().ok()?.take()
    }
}

/// Looks whether the database has our queue; before the first call.
pub async fn prepare(services: &Services) {
    match has_queue(services).await {
        Ok(durable) => services.outbox.durable.store(durable, Ordering::Relaxed),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the queue cannot be looked at"
            );
        }
    }
    if !services.outbox.durable.load(Ordering::Relaxed) {
        tracing::warn!(
            "the database has no table kokochi.deliveries: notifications are sent from memory, and lost when the server \
             ends; `kokochi database init` makes the table"
        );
    }
}

/// The worker. It ends with [`Outbox::stop`].
pub async fn run(services: Arc<Services>) {
    let Some(mut orders) = services.outbox.take_receiver() else { return };
    let mut on_their_way = JoinSet::new();
    loop {
        let order =
            tokio::time::timeout(LOOK_EVERY, orders.recv()).await.unwrap_or(Some(Order::Look));
        while on_their_way.try_join_next().is_some() {}
        match order {
            Some(Order::Look) => {
                if services.outbox.durable.load(Ordering::Relaxed)
                    && let Err(error) = deliver_due(&services).await
                {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "the queue of deliveries cannot be worked on");
                }
            }
            Some(Order::Send(delivery)) => {
                if on_their_way.len() >= AT_ONCE {
                    on_their_way.join_next().await;
                }
                on_their_way.spawn(from_memory(Arc::clone(&services), *delivery));
            }
            Some(Order::Stop) | None => break,
        }
    }
    let finished = async { while on_their_way.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WAIT, finished).await.is_err() {
        tracing::error!("deliveries from memory are lost");
    }
}

async fn has_queue(services: &Services) -> Result<bool, Error> {
    let mut conn = services.db.acquire().await.map_err(db::Error::from)?;
    Ok(deliveries::exists(&mut conn).await?)
}

/// Everything that is due now.
async fn deliver_due(services: &Arc<Services>) -> Result<(), Error> {
    loop {
        let mut conn = services.db.acquire().await.map_err(db::Error::from)?;
        let due = deliveries::take(&mut conn, AT_ONCE.try_into().unwrap_or(1)).await?;
        drop(conn);
        if due.is_empty() {
            return Ok(());
        }
        let mut on_their_way = JoinSet::new();
        for due in due {
            on_their_way.spawn(from_queue(Arc::clone(services), due));
        }
        while let Some(done) = on_their_way.join_next().await {
            done.unwrap_or(Ok(()))?;
        }
    }
}

async fn from_queue(services: Arc<Services>, due: deliveries::Due) -> Result<(), Error> {
    let outcome = match serde_json::from_value::<Delivery>(due.delivery) {
        Ok(delivery) => deliver(&services, &delivery).await,
        Err(_) => Err(Failure::Forever("a delivery that cannot be read".to_owned())),
    };
    match outcome {
        Ok(()) => {}
        Err(Failure::ForNow(reason)) if due.attempts < ATTEMPTS => {
            tracing::warn!(delivery = due.id, attempts = due.attempts, reason, "a delivery failed");
            return Ok(());
        }
        Err(failure) => {
            tracing::error!(delivery = due.id, attempts = due.attempts, %failure, "a delivery is given up");
        }
    }
    let mut conn = services.db.acquire().await.map_err(db::Error::from)?;
    Ok(deliveries::finish(&mut conn, due.id).await?)
}

async fn from_memory(services: Arc<Services>, delivery: Delivery) {
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=ATTEMPTS_FROM_MEMORY {
        match deliver(&services, &delivery).await {
            Ok(()) => return,
            Err(Failure::ForNow(reason)) if attempt < ATTEMPTS_FROM_MEMORY => {
                tracing::warn!(attempt, reason, "a delivery failed");
            }
            Err(failure) => {
                tracing::error!(attempt, %failure, "a delivery is given up");
                return;
            }
        }
        tokio::time::sleep(pause).await;
        pause *= 4;
    }
}

async fn deliver(services: &Services, delivery: &Delivery) -> Result<(), Failure> {
    let (kind, done) = match delivery {
        Delivery::Mail(mail) => ("mail", smtp::send(&services.parameters.mail, mail).await),
        Delivery::Web(call) => ("web", web::send(call).await),
    };
    services.metrics.delivered(kind, if done.is_ok() { "done" } else { "failed" });
    done
}
