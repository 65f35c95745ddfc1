//! Notifications after writes (03 §21, 08 §16): which are due, what they say, and to whom.
//!
//! [`of_write`] and [`of_bulk`] make deliveries; whoever writes puts them into the outbox, in the transaction of the
//! write. A site without notifications costs nothing here.

mod format;
mod payload;
mod recipients;

use sqlx::PgConnection;

use crate::db;
use crate::db::outgoing_mails::{self, OutgoingMail};
use crate::domain::items::record::Record;
use crate::domain::items::{Table, labels};
use crate::domain::outbox::Delivery;
use crate::domain::settings::TableSettings;
use crate::domain::settings::document::Notification;
use crate::domain::settings::enums::{ConditionExpression, NotificationType};
use crate::domain::{Call, Error};
use crate::messages::{self, Language, MessageId};
use crate::parameters;

use super::matching::Viewer;
use super::placeholders;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// It was added.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
}

impl Trigger {
    const fn message(self) -> MessageId {
        match self {
            Self::Created => MessageId::Created,
            Self::Updated => MessageId::Updated,
            Self::Deleted => MessageId::Deleted,
        }
    }

    /// `[NotificationTrigger]`. Of the seven languages two are known.
    const fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Created, Language::Ja) => "作成",
            (Self::Updated, Language::Ja) => "更新",
            (Self::Deleted, Language::Ja) => "削除",
            (Self::Created, _) => "Created",
            (Self::Updated, _) => "Updated",
            (Self::Deleted, _) => "Deleted",
        }
    }

    const fn is_wanted(self, notification: &Notification) -> bool {
        match self {
            Self::Created => notification.after_create,
            Self::Updated => notification.after_update,
            Self::Deleted => notification.after_delete,
        }
    }
}

/// A write that may be told of.
pub(crate) struct Event<'a> {
    pub call: &'a Call,
    pub trigger: Trigger,
    /// As it is now; its saved values are those before.
    pub record: &'a Record,
    /// Its display title.
    pub title: &'a str,
}

/// Whether a write of the table may be told of at all.
pub(crate) fn may_be_due(
    call: &Call,
    settings: &TableSettings,
    processes: &[Notification],
) -> bool {
    let any = !settings.notifications.is_empty() || !processes.is_empty();
    any && call.contract.allows_notices()
}

/// Everything that is to be sent of a write: what the site's notifications say, then those of its processes.
pub(crate) async fn of_write(
    event: &Event<'_>,
    processes: &[Notification],
) -> Result<Vec<Delivery>, Error> {
    let (call, record) = (event.call, event.record);
    let table = record.table();
    let before = record.as_saved();
    let viewer = Viewer::of(call);
    let mut deliveries = Vec::new();
    for notification in table.notifications.iter().filter(|one| is_on(call, one)) {
        if event.trigger.is_wanted(notification)
            && meets(&viewer, event.trigger, &before, record, notification)
            && (event.trigger != Trigger::Updated || shows_change(record, notification))
        {
            let body = format::body(event, &before, notification).await?;
            add(event, notification, &body, event.trigger == Trigger::Created, &mut deliveries)
                .await?;
        }
    }
    for notification in processes.iter().filter(|one| is_on(call, one)) {
        let body = fill(event, &notification.body).await?;
        add(event, notification, &body, false, &mut deliveries).await?;
    }
    Ok(deliveries)
}

async fn add(
    event: &Event<'_>,
    notification: &Notification,
    body: &str,
    creates: bool,
    deliveries: &mut Vec<Delivery>,
) -> Result<(), Error> {
    let title = title(event, notification).await?;
    let sender = payload::Sender::of(event.call).await?;
    let message =
        payload::Message { call: event.call, notification, title: &title, body, sender: &sender };
    if notification.notification_type == NotificationType::Mail {
        let to = recipients::Recipients { event: Some(event), call: event.call, creates };
        let [to, cc, bcc] = to.of(notification).await?;
        deliveries.extend(message.mail(to, cc, bcc));
    } else {
        deliveries.extend(message.calls());
    }
    Ok(())
}

/// The subject with its placeholders, or the message of the write.
async fn title(event: &Event<'_>, notification: &Notification) -> Result<String, Error> {
    let language = event.call.language();
    let text = if notification.subject.is_empty() {
        messages::text(event.trigger.message(), language, &[event.title.to_owned()])
    } else {
        let word = event.trigger.word(language);
        let subject = notification.subject.replace("[NotificationTrigger]", word);
        fill(event, &subject).await?
    };
    Ok(format!("{}{text}", notification.prefix))
}

async fn fill(event: &Event<'_>, text: &str) -> Result<String, Error> {
    let text = placeholders::fill(event.call, event.record, text).await?;
    placeholders::variables(event.call, event.record.id(), text).await
}

/// Whether a notification is to be sent at all: the switch of its kind (08 §16.1).
fn is_on(call: &Call, notification: &Notification) -> bool {
    let switches: &parameters::Notification = &call.services.parameters.notification;
    !notification.disabled
        && match notification.notification_type {
            NotificationType::Mail => switches.mail,
            NotificationType::Slack => switches.slack,
            NotificationType::ChatWork => switches.chat_work,
            NotificationType::Line | NotificationType::LineGroup => switches.line,
            NotificationType::Teams => switches.teams,
            NotificationType::RocketChat => switches.rocket_chat,
            NotificationType::InCircle => switches.in_circle,
            NotificationType::HttpClient => switches.http_client,
            NotificationType::LineWorks => switches.line_works,
            NotificationType::Other(_) => false,
        }
}

/// The conditions before and after: of an update one is enough where both exist and either may do.
fn meets(
    viewer: &Viewer,
    trigger: Trigger,
    before: &Record,
    after: &Record,
    notification: &Notification,
) -> bool {
    let table = after.table();
    let view = |id: i32| table.view(id);
    let was = view(notification.before_condition);
    let is = view(notification.after_condition);
    let matches_after = is.is_none_or(|view| viewer.matches(after, view));
    if trigger != Trigger::Updated {
        return matches_after;
    }
    let matched_before = was.is_none_or(|view| viewer.matches(before, view));
    if notification.expression == ConditionExpression::Or && was.is_some() && is.is_some() {
        matched_before || matches_after
    } else {
        matched_before && matches_after
    }
}

/// Whether one of the columns that are looked at has changed.
fn shows_change(record: &Record, notification: &Notification) -> bool {
    monitored(record.table(), notification).iter().any(|name| is_changed(record, name))
}

fn is_changed(record: &Record, name: &str) -> bool {
    (name == "Comments" && record.new_comment.is_some())
        || record.table().column(name).is_some_and(|column| record.is_changed(column))
}

/// The columns that a notification looks at; all of the editor unless it names some.
fn monitored<'a>(table: &'a TableSettings, notification: &'a Notification) -> &'a [String] {
    if notification.monitor_changes_columns.is_empty() {
        &table.editor_columns
    } else {
        &notification.monitor_changes_columns
    }
}

/// Which bulk operation is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bulk {
    /// A bulk upsert or an import.
    Import,
    /// A bulk delete that can be undone.
    Delete,
}

/// Tells of a bulk operation, with the message of its answer (04 §8). No conditions, no formats, no columns.
pub(crate) async fn of_bulk(
    call: &Call,
    table: &Table<'_>,
    bulk: Bulk,
    text: &str,
) -> Result<(), Error> {
    let wanted = |notification: &&Notification| match bulk {
        Bulk::Import => notification.after_import,
        Bulk::Delete => notification.after_bulk_delete,
    };
    let due = table.settings.notifications.iter().filter(|one| is_on(call, one)).filter(wanted);
    let mut deliveries = Vec::new();
    for notification in due {
        let title = format!("{}{text}", notification.prefix);
        let url = placeholders::url(call, &format!("items/{}/index", table.target.site.id), "");
        let updator = table.settings.column("Updator");
        let label = updator.map_or("Updator", |column| column.label(call.language().code()));
        let body = format!("{url}\n{label}: {}\n", call.caller.name);
        deliveries.extend(of_texts(call, notification, &title, &body).await?);
    }
    send_now(call, deliveries).await
}

/// Sends a message that belongs to no record: what a server script makes (07 §4.5).
pub async fn of_script(
    call: &Call,
    notification: &Notification,
    title: &str,
    body: &str,
) -> Result<(), Error> {
    if !is_on(call, notification) {
        return Ok(());
    }
    let title = format!("{}{title}", notification.prefix);
    send_now(call, of_texts(call, notification, &title, body).await?).await
}

/// The deliveries of a message without a record: brackets in its addresses stand for nobody.
async fn of_texts(
    call: &Call,
    notification: &Notification,
    title: &str,
    body: &str,
) -> Result<Vec<Delivery>, Error> {
    let sender = payload::Sender::of(call).await?;
    let message = payload::Message { call, notification, title, body, sender: &sender };
    if notification.notification_type != NotificationType::Mail {
        return Ok(message.calls());
    }
    let to = recipients::Recipients { event: None, call, creates: false };
    let [to, cc, bcc] = to.of(notification).await?;
    Ok(message.mail(to, cc, bcc).into_iter().collect())
}

async fn send_now(call: &Call, deliveries: Vec<Delivery>) -> Result<(), Error> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let mut transaction = call.services.db.begin().await.map_err(db::Error::from)?;
    let unsent = keep(call, &mut transaction, deliveries).await?;
    transaction.commit().await.map_err(db::Error::from)?;
    call.services.outbox.send(unsent);
    Ok(())
}

/// Puts deliveries into the outbox, and the rows of mails beside them. What comes back is to be sent after the commit.
pub(crate) async fn keep(
    call: &Call,
    conn: &mut PgConnection,
    deliveries: Vec<Delivery>,
) -> Result<Vec<Delivery>, Error> {
    let settings = &call.services.parameters.mail;
    for delivery in &deliveries {
        let Delivery::Mail(mail) = delivery else { continue };
        let row = OutgoingMail {
            kind: call.target.as_ref().map_or(crate::model::ReferenceType::Sites, |t| t.site.kind),
            reference: 0,
            host: settings.smtp_host.as_deref(),
            port: settings.smtp_port,
            from: &mail.from,
            to: Some(&mail.to),
            cc: Some(&mail.cc),
            bcc: Some(&mail.bcc),
            title: Some(crate::domain::items::cut(&mail.title, Some(1_024))),
            body: Some(&mail.body),
        };
        outgoing_mails::insert_unbound(conn, call.caller.user, &row).await?;
    }
    call.services.outbox.keep(conn, deliveries).await
}

/// The labels that both states of a record need.
async fn labels_of(
    event: &Event<'_>,
    before: &Record,
) -> Result<crate::domain::display::Labels, Error> {
    labels::load(event.call, event.record.table(), &[before, event.record]).await
}
