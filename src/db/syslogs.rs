//! The request log, `SysLogs` (01 §14): written in batches off the request path, whole when the server stops.

use std::time::Duration;

use chrono::NaiveDateTime;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::sql::{Bind, Ident, Statement};
use super::{Catalogue, Error, Pool};

/// One row, complete: what the reference inserts at the start of a call and what it adds at the end.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// `CreatedTime`: when the call began, server zone.
    pub begun: NaiveDateTime,
    /// `UpdatedTime`: when it ended, server zone.
    pub ended: NaiveDateTime,
    /// `SysLogType`: 10 information, 90 exception.
    pub kind: i32,
    /// `MachineName`.
    pub machine: String,
    /// `ServiceName`.
    pub service: String,
    /// `Class`: the controller, in lower case.
    pub class: String,
    /// `Method`: the action, in lower case.
    pub method: String,
    /// `RequestData`, masked.
    pub request_data: Option<String>,
    /// `HttpMethod`.
    pub http_method: String,
    /// `RequestSize`: UTF-16 units of the masked text.
    pub request_size: Option<i32>,
    /// `ResponseSize`: UTF-16 units.
    pub response_size: Option<i32>,
    /// `Elapsed`, milliseconds.
    pub elapsed: f64,
    /// `ApplicationAge`, milliseconds since the process began.
    pub application_age: f64,
    /// `ProcessId`.
    pub process_id: i32,
    /// `Url`.
    pub url: String,
    /// `UrlReferer`.
    pub referer: Option<String>,
    /// `UserHostName`: the peer's address.
    pub host_name: String,
    /// `UserHostAddress`: the client's address (01 §7).
    pub host_address: String,
    /// `UserLanguage`.
    pub language: String,
    /// `UserAgent`.
    pub user_agent: Option<String>,
    /// `SessionGuid`.
    pub session_guid: String,
    /// `ErrMessage`.
    pub error_message: Option<String>,
    /// `Comments`.
    pub comments: Option<String>,
    /// `Creator` and `Updator`: the caller, 0 for nobody.
    pub user: i32,
    /// `SiteId`, where the table has the columns of its second version (02 §3.7).
    pub site: Option<i64>,
    /// `ReferenceId`, likewise.
    pub reference: Option<i64>,
    /// `ReferenceType`, likewise.
    pub reference_type: Option<String>,
    /// `Status`, likewise.
    pub status: i64,
}

/// Where calls hand in their rows.
#[derive(Debug, Clone)]
pub struct SysLogs(Option<mpsc::Sender<Entry>>);

/// Rows that may wait; beyond that, calls wait for the database.
const QUEUE: usize = 20_000;
/// The most rows of one statement.
const BATCH: usize = 1_000;
/// How long a row waits for company.
const GATHER: Duration = Duration::from_millis(20);

impl SysLogs {
    /// A log that keeps nothing (`SysLog.EnableLoggingToDatabase` false).
    pub const fn disabled() -> Self {
        Self(None)
    }

    /// Starts the writer. It ends, with everything written, once every clone of the handle is gone.
    pub fn start(pool: Pool, catalogue: &Catalogue) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let version_2 =
            catalogue.table("SysLogs").is_some_and(|table| table.column("ReferenceId").is_some());
        (Self(Some(sender)), tokio::spawn(write_all(pool, receiver, version_2)))
    }

    /// Hands in a row.
    pub async fn add(&self, entry: Entry) {
        if let Some(sender) = &self.0 {
            // The writer outlives every sender, so this fails never; a lost row is no reason to fail a call.
            let _ = sender.send(entry).await;
        }
    }

    /// Whether rows are kept at all, so that nobody makes them for nothing.
    pub const fn is_enabled(&self) -> bool {
        self.0.is_some()
    }
}

async fn write_all(pool: Pool, mut receiver: mpsc::Receiver<Entry>, version_2: bool) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        if batch.len() < BATCH {
            // A full second would be felt when somebody looks for a row; this is not.
            tokio::time::sleep(GATHER).await;
            while batch.len() < BATCH
                && let Ok(entry) = receiver.try_recv()
            {
                batch.push(entry);
            }
        }
        if let Err(error) = write(&pool, &batch, version_2).await {
            pool.doubt();
            tracing::error!(
                error = &error as &dyn std::error::Error,
                rows = batch.len(),
                "request log rows are lost"
            );
        }
        batch.clear();
    }
}

async fn write(pool: &Pool, batch: &[Entry], version_2: bool) -> Result<(), Error> {
    let mut conn = pool.acquire().await?;
    insert(&mut conn, batch, version_2).await
}

/// One statement for any number of rows: an array per column.
async fn insert(conn: &mut PgConnection, batch: &[Entry], version_2: bool) -> Result<(), Error> {
    let columns = columns(batch, version_2);
    let mut sql = Statement::new();
    sql.syntax("insert into \"SysLogs\" (").idents(columns.iter().map(|(name, _)| name));
    sql.syntax(") select * from unnest(")
        .binds(columns.into_iter().map(|(_, values)| values))
        .syntax(")");
    sql.into_query()?.execute(conn).await?;
    Ok(())
}

fn columns(batch: &[Entry], version_2: bool) -> Vec<(Ident, Bind)> {
    let texts = |limit: usize, of: &dyn Fn(&Entry) -> Option<&str>| {
        Bind::Texts(batch.iter().map(|entry| of(entry).map(|text| cut(text, limit))).collect())
    };
    let ints = |of: &dyn Fn(&Entry) -> Option<i32>| Bind::Ints(batch.iter().map(of).collect());
    let floats = |of: &dyn Fn(&Entry) -> f64| {
        Bind::Floats(batch.iter().map(|entry| Some(of(entry))).collect())
    };
    let times = |of: &dyn Fn(&Entry) -> NaiveDateTime| {
        Bind::Times(batch.iter().map(|e| Some(of(e))).collect())
    };
    let mut columns = vec![
        (Ident::new("CreatedTime"), times(&|e| e.begun)),
        (Ident::new("UpdatedTime"), times(&|e| e.ended)),
        (Ident::new("SysLogType"), ints(&|e| Some(e.kind))),
        (Ident::new("MachineName"), texts(64, &|e| Some(&e.machine))),
        (Ident::new("ServiceName"), texts(64, &|e| Some(&e.service))),
        (Ident::new("Application"), texts(64, &|_| Some(APPLICATION))),
        (Ident::new("Class"), texts(256, &|e| Some(&e.class))),
        (Ident::new("Method"), texts(256, &|e| Some(&e.method))),
        (Ident::new("RequestData"), texts(usize::MAX, &|e| e.request_data.as_deref())),
        (Ident::new("HttpMethod"), texts(8, &|e| Some(&e.http_method))),
        (Ident::new("RequestSize"), ints(&|e| e.request_size)),
        (Ident::new("ResponseSize"), ints(&|e| e.response_size)),
        (Ident::new("Elapsed"), floats(&|e| e.elapsed)),
        (Ident::new("ApplicationAge"), floats(&|e| e.application_age)),
        (Ident::new("ProcessId"), ints(&|e| Some(e.process_id))),
        (Ident::new("ProcessName"), texts(256, &|_| Some(env!("CARGO_PKG_NAME")))),
        (Ident::new("Url"), texts(usize::MAX, &|e| Some(&e.url))),
        (Ident::new("UrlReferer"), texts(usize::MAX, &|e| e.referer.as_deref())),
        (Ident::new("UserHostName"), texts(32, &|e| Some(&e.host_name))),
        (Ident::new("UserHostAddress"), texts(16, &|e| Some(&e.host_address))),
        (Ident::new("UserLanguage"), texts(32, &|e| Some(&e.language))),
        (Ident::new("UserAgent"), texts(usize::MAX, &|e| e.user_agent.as_deref())),
        (Ident::new("SessionGuid"), texts(34, &|e| Some(&e.session_guid))),
        (Ident::new("ErrMessage"), texts(256, &|e| e.error_message.as_deref())),
        (Ident::new("AssemblyVersion"), texts(32, &|_| Some(ASSEMBLY_VERSION))),
        (Ident::new("Comments"), texts(usize::MAX, &|e| e.comments.as_deref())),
        (Ident::new("Creator"), ints(&|e| Some(e.user))),
        (Ident::new("Updator"), ints(&|e| Some(e.user))),
    ];
    if version_2 {
        columns.extend([
            (Ident::new("Api"), Bind::Bools(batch.iter().map(|_| Some(true)).collect())),
            (Ident::new("SiteId"), Bind::Longs(batch.iter().map(|e| e.site).collect())),
            (Ident::new("ReferenceId"), Bind::Longs(batch.iter().map(|e| e.reference).collect())),
            (Ident::new("ReferenceType"), texts(32, &|e| e.reference_type.as_deref())),
            (Ident::new("Status"), Bind::Longs(batch.iter().map(|e| Some(e.status)).collect())),
        ]);
    }
    columns
}

/// What the reference writes into `Application` (01 §14.2).
const APPLICATION: &str = "Implem.DefinitionAccessor";
/// The version whose API this is.
const ASSEMBLY_VERSION: &str = "1.5.3.0";

/// At most so many characters.
fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit { text.to_owned() } else { text.chars().take(limit).collect() }
}
