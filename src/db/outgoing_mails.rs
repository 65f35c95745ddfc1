//! Rows of `OutgoingMails` (02 §13, 08 §12).

use sqlx::PgConnection;

use super::Error;
use crate::model::{ReferenceType, UserId};

/// A mail that is sent now.
#[derive(Debug, Clone)]
pub struct OutgoingMail<'a> {
    /// What it belongs to.
    pub kind: ReferenceType,
    /// Its id.
    pub reference: i64,
    /// The mail server.
    pub host: Option<&'a str>,
    /// Its port.
    pub port: i32,
    /// Sender.
    pub from: &'a str,
    /// Recipients as they were given.
    pub to: Option<&'a str>,
    /// Recipients of copies.
    pub cc: Option<&'a str>,
    /// Recipients of blind copies.
    pub bcc: Option<&'a str>,
    /// Subject.
    pub title: Option<String>,
    /// Text.
    pub body: Option<&'a str>,
}

/// Adds it. The reference adds the row, hands the mail over and updates the row; nobody sees what is between.
#[tracing::instrument(name = "db.outgoing_mails.insert", skip_all)]
pub async fn insert(
    conn: &mut PgConnection,
    user: UserId,
    mail: &OutgoingMail<'_>,
) -> Result<(), Error> {
    insert_for(conn, user, mail.kind.name(), mail).await
}

/// As [`insert`], for the mail of a notification, which belongs to nothing (08 §16.2).
#[tracing::instrument(name = "db.outgoing_mails.insert_unbound", skip_all)]
pub async fn insert_unbound(
    conn: &mut PgConnection,
    user: UserId,
    mail: &OutgoingMail<'_>,
) -> Result<(), Error> {
    insert_for(conn, user, "", mail).await
}

async fn insert_for(
    conn: &mut PgConnection,
    user: UserId,
    kind: &str,
    mail: &OutgoingMail<'_>,
) -> Result<(), Error> {
    sqlx::query(
        r#"
        insert into "OutgoingMails" ("ReferenceType", "ReferenceId", "ReferenceVer", "Host", "Port", "From", "To", "Cc",
                                     "Bcc", "Title", "Body", "SentTime", "Creator", "Updator")
        values ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, current_timestamp, $11, $11)
        "#,
    )
    .bind(kind)
    .bind(if kind.is_empty() { 0 } else { mail.reference })
    .bind(mail.host)
    .bind(mail.port)
    .bind(mail.from)
    .bind(mail.to)
    .bind(mail.cc)
    .bind(mail.bcc)
    .bind(&mail.title)
    .bind(mail.body)
    .bind(user.0)
    .execute(conn)
    .await?;
    Ok(())
}
