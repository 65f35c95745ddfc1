//! `database init`: roles, database, schema, extensions, tables and first rows on an empty server (02 §1.2, §20).
//!
//! Callers start with [`init`]. It never drops or alters what is there: a table that exists is left alone, and so are
//! rows. Unlike the original it does not throw out sessions of the two roles, since nothing that it does needs
//! that, and a running server goes on.

mod database;
mod own_schema;
mod roles;
mod rows;
mod tables;

pub use own_schema::extend;
pub use rows::sha512_hex;

use std::fmt;

use chrono_tz::Tz;
use sqlx::PgConnection;

use super::connect::{self, Session};
use super::schema::{self, Report};
use super::{Catalogue, ZoneError, server_zone};
use crate::parameters::{ConnectionString, Parameters, Problem, Role};

/// Why a database could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A connection string is missing or malformed.
    #[error(transparent)]
    Parameters(#[from] Problem),
    /// The connection strings contradict each other.
    #[error(
        "Rds.json: the connection strings of owner and user name different databases or servers"
    )]
    Mismatch,
    /// PostgreSQL refused something.
    #[error("cannot {step}")]
    Step {
        /// What was tried.
        step: String,
        /// The refusal.
        source: super::Error,
    },
    /// The zone of the first rows' times is not known.
    #[error(transparent)]
    Zone(#[from] ZoneError),
}

/// What [`init`] did, and the state of the database afterwards.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it made, in order; empty when everything was there.
    pub made: Vec<String>,
    /// What the database lacks; something only when its tables were there before.
    pub report: Report,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.made {
            writeln!(f, "made {step}")?;
        }
        if self.made.is_empty() {
            writeln!(f, "nothing to make: everything is there already")?;
        }
        write!(f, "{}", self.report)
    }
}

/// The names and ways in that belong together.
struct Plan {
    /// The way in of the tables' owner.
    owner: ConnectionString,
    /// The way in of the application.
    user: ConnectionString,
    /// Where the tables go, unless the database has another place for them.
    schema: String,
}

/// Makes whatever is missing. `time_zone` is that of the first rows' times; without one the server is asked.
#[tracing::instrument(name = "db.bootstrap.init", skip_all)]
pub async fn init(parameters: &Parameters, time_zone: Option<Tz>) -> Result<Outcome, Error> {
    let plan = Plan::new(parameters)?;
    let mut made = Vec::new();
    // `Azure`: somebody else makes roles, database and schema.
    let schema = if parameters.rds.provider == "Azure" {
        None
    } else {
        Some(prepare(parameters, &plan, &mut made).await?)
    };
    let zone = server_zone(&plan.owner, time_zone).await?;
    let mut owner = connect::open(&plan.owner, &Session::new(zone, parameters))
        .await
        .step("log in as the owner")?;
    if let Some(schema) = &schema {
        database::make_schema(&mut owner, &plan, schema, &mut made).await?;
    }
    let catalogue = Catalogue::load(&mut owner).await.step("list the tables")?;
    if schema::compare(&catalogue).is_empty_database() {
        tables::make(&mut owner, parameters).await?;
        made.push("90 tables".to_owned());
    }
    if let Some(schema) = &schema {
        tables::grant(&mut owner, &plan, schema, &mut made).await?;
    }
    own_schema::make_queue(&mut owner, &plan, &mut made).await?;
    let report = schema::check(&mut owner).await.step("check the tables")?;
    if report.is_complete() {
        rows::make(&mut owner, parameters, &mut made).await.step("add the first rows")?;
    }
    Ok(Outcome { made, report })
}

impl Plan {
    fn new(parameters: &Parameters) -> Result<Self, Error> {
        let owner = parameters.connection(Role::Owner)?;
        let user = parameters.connection(Role::User)?;
        if (&owner.server, owner.port, &owner.database) != (&user.server, user.port, &user.database)
        {
            return Err(Error::Mismatch);
        }
        Ok(Self { owner, user, schema: parameters.service.name.clone() })
    }
}

/// What takes the superuser: roles and database. Returns the schema where the tables are or go.
async fn prepare(
    parameters: &Parameters,
    plan: &Plan,
    made: &mut Vec<String>,
) -> Result<String, Error> {
    let sa = parameters.connection(Role::Sa)?;
    let mut connection = log_in(&sa).await?;
    // Two at once would try to make the same things; the lock ends with the connection.
    sqlx::query("select pg_advisory_lock(hashtext('kokochi database init'))")
        .execute(&mut connection)
        .await
        .step("wait for another `database init`")?;
    roles::make(&mut connection, plan, made).await?;
    database::make(&mut connection, plan, made).await?;
    let mut inside =
        log_in(&ConnectionString { database: plan.owner.database.clone(), ..sa.clone() }).await?;
    let schema = database::find_schema(&mut inside, plan).await?;
    roles::set_up(&mut connection, plan, &schema).await?;
    database::close_public(&mut connection).await?;
    Ok(schema)
}

async fn log_in(sa: &ConnectionString) -> Result<PgConnection, Error> {
    use sqlx::Connection as _;
    PgConnection::connect_with(&connect::options(sa))
        .await
        .step(format!("log in as {} to {}", sa.user, sa.database))
}

/// Runs a statement that takes no parameters.
#[expect(clippy::disallowed_methods, reason = "our own text, and names and texts through `quote`")]
async fn run(
    connection: &mut PgConnection,
    step: impl Into<String>,
    sql: String,
) -> Result<(), Error> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.step(step).map(drop)
}

trait Step<T> {
    /// Names what was tried.
    fn step(self, step: impl Into<String>) -> Result<T, Error>;
}

impl<T, E: Into<super::Error>> Step<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, Error> {
        self.map_err(|error| Error::Step { step: step.into(), source: error.into() })
    }
}
