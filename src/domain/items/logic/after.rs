//! What belongs to a write besides the record itself: summaries and numbers in its transaction, titles of linking
//! records and the message behind it (03 §22).

use sqlx::PgConnection;

use crate::db;
use crate::db::records::ItemText;
use crate::domain::items::record::{Record, Stored};
use crate::domain::items::stored::{self, TimeRange};
use crate::domain::items::{Table, labels, text};
use crate::domain::{Call, Error};

use super::numbering::{self, Numbering};
use super::placeholders;
use super::processes::Applied;
use super::summaries::{self, Parents};

/// What a write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a record that was not there.
    Create,
    /// Of a record that was.
    Update,
}

/// What is to be done in the transaction of a write; nothing, for most tables.
pub(crate) struct After<'a> {
    call: &'a Call,
    table: &'a Table<'a>,
    numberings: Vec<Numbering>,
    parents: Parents,
}

impl<'a> After<'a> {
    /// Looks what a write of the record entails.
    pub(crate) async fn of(
        call: &'a Call,
        table: &'a Table<'a>,
        record: &Record,
        applied: &Applied,
        kind: Kind,
    ) -> Result<Self, Error> {
        let numberings = match kind {
            Kind::Create => numbering::for_create(table.settings, &applied.numberings),
            Kind::Update => numbering::for_update(record, &applied.numberings),
        };
        let parents = summaries::parents(call, table.settings, &[record]).await?;
        Ok(Self { call, table, numberings, parents })
    }

    /// Whether the write is a single statement.
    pub(crate) fn is_nothing(&self) -> bool {
        self.numberings.is_empty() && self.parents.is_empty()
    }

    /// Does it, for a record that has just been written with its texts. The record as it is then, and its title.
    pub(crate) async fn run(
        &self,
        conn: &mut PgConnection,
        record: &Record,
        id: i64,
        title: String,
    ) -> Result<(Record, String), Error> {
        let mut record = record.clone();
        record.stored.get_or_insert_with(|| new(self.call, id));
        self.parents.store(conn, self.call, self.table).await?;
        if self.numberings.is_empty() {
            return Ok((record, title));
        }
        let item = self.number(conn, &mut record).await?;
        Ok((record, item.title))
    }

    /// Gives the numbers, each seeing those before it, and stores them at once.
    async fn number(
        &self,
        conn: &mut PgConnection,
        record: &mut Record,
    ) -> Result<ItemText, Error> {
        let (call, table) = (self.call, self.table);
        for numbering in &self.numberings {
            numbering::run(conn, call, table, record, numbering).await?;
        }
        let names: Vec<&str> = self.numberings.iter().map(Numbering::column).collect();
        let values = stored::of_columns(record, &names, table.columns, TimeRange::of(call));
        let labels = labels::load(call, table.settings, &[record]).await?;
        let site = &table.target.site;
        let item = text::item_text(call, site, record, &labels);
        let user = call.caller.user;
        db::numbering::store(conn, site.kind, record.id(), user, &values, &item).await?;
        Ok(item)
    }
}

/// What is known of a record that the call has made.
fn new(call: &Call, id: i64) -> Stored {
    Stored {
        id,
        ver: 1,
        creator: call.caller.user,
        updator: call.caller.user,
        created_time: call.server_now(),
        updated_time: call.server_now(),
        token: 0,
        mails: Vec::new(),
    }
}

/// The message of a process, with its placeholders filled; none when no process has one.
pub(crate) async fn message(
    call: &Call,
    record: &Record,
    applied: &Applied,
) -> Result<Option<String>, Error> {
    let Some(template) = &applied.success_message else { return Ok(None) };
    let mut message = placeholders::fill(call, record, template).await?;
    let caller = &call.caller;
    for (name, value) in [("{LoginId}", &caller.login_id), ("{UserName}", &caller.name)] {
        message = message.replace(name, value);
    }
    if message.contains("{Url}") {
        let base = call.services.parameters.service.absolute_uri.clone().unwrap_or_default();
        let url = format!("{}/items/{}", base.trim_end_matches('/'), record.id());
        message = message.replace("{Url}", &url);
    }
    if message.contains("{MailAddress}") {
        let mut conn = call.services.db.acquire().await.map_err(db::Error::from)?;
        let address = db::people::mail_address(&mut conn, caller.user).await?;
        message = message.replace("{MailAddress}", &address.unwrap_or_default());
    }
    Ok(Some(message))
}
