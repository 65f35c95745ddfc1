//! What belongs to a write besides the record itself: summaries and numbers in its transaction, titles of linking
//! records and the message behind it (03 §22).

use std::sync::Mutex;

use sqlx::PgConnection;

use crate::db;
use crate::db::records::ItemText;
use crate::domain::items::record::{Migration, Record, Stored};
use crate::domain::items::stored::{self, TimeRange};
use crate::domain::items::{Table, labels, text};
use crate::domain::outbox::Delivery;
use crate::domain::settings::document::Notification;
use crate::domain::{Call, Error};

use super::notifications::{self, Event, Trigger};
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
    /// What the write is told of as; none when nobody wants to know.
    trigger: Option<Trigger>,
    /// Notifications of the processes that ran.
    notifications: &'a [Notification],
    /// What the outbox could not keep, to be sent after the commit.
    unsent: Mutex<Vec<Delivery>>,
}

impl<'a> After<'a> {
    /// Looks what a write of the record entails.
    pub(crate) async fn of(
        call: &'a Call,
        table: &'a Table<'a>,
        record: &Record,
        applied: &'a Applied,
        kind: Kind,
    ) -> Result<Self, Error> {
        let numberings = match kind {
            Kind::Create => numbering::for_create(table.settings, &applied.numberings),
            Kind::Update => numbering::for_update(record, &applied.numberings),
        };
        let parents = summaries::parents(call, table.settings, &[record]).await?;
        let notifications = applied.notifications.as_slice();
        let trigger = match kind {
            Kind::Create => Trigger::Created,
            Kind::Update => Trigger::Updated,
        };
        let told =
            !applied.untold && notifications::may_be_due(call, table.settings, notifications);
        Ok(Self {
            call,
            table,
            numberings,
            parents,
            trigger: told.then_some(trigger),
            notifications,
            unsent: Mutex::default(),
        })
    }

    /// Whether the write is a single statement.
    pub(crate) fn is_nothing(&self) -> bool {
        self.numberings.is_empty() && self.parents.is_empty() && self.trigger.is_none()
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
        let migration = record.migration;
        record.stored.get_or_insert_with(|| new(self.call, id, migration));
        self.parents.store(conn, self.call, self.table).await?;
        let title = if self.numberings.is_empty() {
            title
        } else {
            self.number(conn, &mut record).await?.title
        };
        if let Some(trigger) = self.trigger {
            // In the heap: it is large, and for most writes there is nothing to tell.
            Box::pin(self.tell(conn, trigger, &record, &title)).await?;
        }
        Ok((record, title))
    }

    /// Puts what is to be told of the write into the outbox.
    async fn tell(
        &self,
        conn: &mut PgConnection,
        trigger: Trigger,
        record: &Record,
        title: &str,
    ) -> Result<(), Error> {
        let event = Event { call: self.call, trigger, record, title };
        let deliveries = notifications::of_write(&event, self.notifications).await?;
        let kept = notifications::keep(self.call, conn, deliveries).await?;
        if let Ok(mut unsent) = self.unsent.lock() {
            *unsent = kept;
        }
        Ok(())
    }

    /// After the commit: sends what is to be told.
    pub(crate) fn committed(&self) {
        if self.trigger.is_some() {
            let unsent = self.unsent.lock().map(|mut unsent| std::mem::take(&mut *unsent));
            self.call.services.outbox.send(unsent.unwrap_or_default());
        }
    }

    /// Once the write and its files are settled: updates parents whose scripts may write by themselves.
    pub(crate) async fn update_parents(&self) -> Result<(), Error> {
        self.parents.update_scripted(self.call, self.table).await
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
        let labels = labels::load_on(conn, call, table.settings, record).await?;
        let site = &table.target.site;
        let item = text::item_text(call, site, record, &labels);
        let user = call.caller.user;
        db::numbering::store(conn, site.kind, record.id(), user, &values, &item).await?;
        Ok(item)
    }
}

/// What is known of a record that the call has made.
fn new(call: &Call, id: i64, migration: Option<Migration>) -> Stored {
    let creator = migration.map(|posted| posted.creator.unwrap_or_default());
    Stored {
        id,
        ver: 1,
        creator: creator.unwrap_or(call.caller.user),
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
    let message = placeholders::fill(call, record, template).await?;
    Ok(Some(placeholders::variables(call, record.id(), message).await?))
}
