//! Applying posted values to a record, in the reference's order (03 §8.3).

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use crate::domain::Call;
use crate::domain::settings::{Column, TableSettings};
use crate::domain::tenants::Users;
use crate::lenient::PostedTime;
use crate::model::{ColumnClass, UserId, Value};

use super::comments::{self, NewComment};
use super::record::{Migration, Record};
use super::request::{RecordRequest, wall_clock};
use super::stored::TimeRange;

/// What conversion of posted values asks for besides the values.
pub(super) struct Posting<'a> {
    /// The call.
    pub call: &'a Call,
    /// The users of the tenant, among whom posted user ids are looked up (03 §9.4).
    pub users: &'a Users,
}

impl Posting<'_> {
    /// Applies every posted member.
    pub(super) fn apply(&self, record: &mut Record, request: &RecordRequest) {
        apply_texts(record, request);
        self.apply_issue(record, request);
        self.apply_fixed(record, request);
        self.apply_comment(record, request);
        self.apply_hashes(record, request);
        self.apply_migration(record, request);
    }

    /// Times are the server's already; both consents are needed, the table's and the body's (03 §25).
    fn apply_migration(&self, record: &mut Record, request: &RecordRequest) {
        let allowed = record.table().allow_migration_mode && record.kind().is_table();
        if !allowed || request.migration_mode.0 != Some(true) {
            return;
        }
        let user = |id: Option<i32>| {
            id.map(|id| UserId(if self.known_user(id.into()) == 0 { 0 } else { id }))
        };
        let time = |time: Option<PostedTime>| {
            time.map(|time| {
                wall_clock(time, self.call.services.server_zone, self.call.server_now())
            })
        };
        record.migration = Some(Migration {
            creator: user(request.creator.0),
            updator: user(request.updator.0),
            created_time: time(request.created_time.0),
            updated_time: time(request.updated_time.0),
        });
    }

    fn apply_issue(&self, record: &mut Record, request: &RecordRequest) {
        let issue = &request.issue;
        if let Some(time) = issue.start_time.0 {
            record.set("StartTime", self.date(self.stored_time(time)));
        }
        if let Some(time) = issue.completion_time.0 {
            let time = self.completion_time(record.table(), time);
            record.set("CompletionTime", self.date(time));
        }
        for (name, value) in
            [("WorkValue", &issue.work_value), ("ProgressRate", &issue.progress_rate)]
        {
            if let (Some(value), Some(column)) = (value.0.as_ref(), record.table().column(name)) {
                let rounded = column.round(value.0);
                record.set(name, Value::Decimal(Some(rounded)));
            }
        }
    }

    fn apply_fixed(&self, record: &mut Record, request: &RecordRequest) {
        if let Some(status) = request.status.0 {
            record.set("Status", Value::Int(status.into()));
        }
        for (name, user) in [("Manager", request.manager.0), ("Owner", request.owner.0)] {
            if let Some(user) = user {
                record.set(name, Value::Int(self.known_user(user.into())));
            }
        }
        if let Some(locked) = request.locked.0 {
            record.set("Locked", Value::Bool(locked));
        }
    }

    fn apply_comment(&self, record: &mut Record, request: &RecordRequest) {
        if let Some(text) = request.comments.as_deref().filter(|text| comments::is_comment(text)) {
            self.add_comment(record, text.to_owned());
        }
    }

    /// Puts a new comment in front of the record's, those of this call included.
    pub(super) fn add_comment(&self, record: &mut Record, body: String) {
        let comments = record.text("Comments").to_owned();
        self.comment_on(record, &comments, body);
    }

    /// Gives the comment of this call another text, or adds one.
    pub(super) fn replace_comment(&self, record: &mut Record, body: String) {
        let saved = record.saved("Comments").map(Value::text).unwrap_or_default().to_owned();
        self.comment_on(record, &saved, body);
    }

    fn comment_on(&self, record: &mut Record, comments: &str, body: String) {
        let new = NewComment { creator: self.call.caller.user, body };
        let text = comments::prepend(comments, &new, self.call.now, &self.call.zones);
        record.set("Comments", Value::Text(text));
        record.new_comment = Some(new);
    }

    fn apply_hashes(&self, record: &mut Record, request: &RecordRequest) {
        for (name, text) in request.class_hash.iter().flatten() {
            set(record, name, ColumnClass::Class, |_| {
                Value::Text(text.clone().unwrap_or_default())
            });
        }
        for (name, number) in request.num_hash.iter().flatten() {
            let number = number.0.as_ref().map(|number| number.0);
            set(record, name, ColumnClass::Num, |column| Value::Decimal(num(column, number)));
        }
        for (name, time) in request.date_hash.iter().flatten() {
            set(record, name, ColumnClass::Date, |_| self.date(self.stored_time(*time)));
        }
        for (name, text) in request.description_hash.iter().flatten() {
            set(record, name, ColumnClass::Description, |_| {
                Value::Text(text.clone().unwrap_or_default())
            });
        }
        for (name, check) in request.check_hash.iter().flatten() {
            set(record, name, ColumnClass::Check, |_| Value::Bool(*check));
        }
    }

    /// The id as it is stored: unknown users and those of other tenants become nobody, −1 stays (03 §9.4).
    fn known_user(&self, id: i64) -> i64 {
        if id == -1 || self.users.find(id).is_some() { id } else { 0 }
    }

    /// A posted time as it is stored (03 §9.11).
    pub(super) fn stored_time(&self, time: PostedTime) -> NaiveDateTime {
        let local = wall_clock(time, self.call.services.server_zone, self.call.user_now());
        self.call.zones.to_server(local)
    }

    /// The value of a time, which is none outside of the range that is stored (03 §8.5), in titles and search texts too.
    fn date(&self, time: NaiveDateTime) -> Value {
        Value::Time(Some(time).filter(|time| TimeRange::of(self.call).contains(*time)))
    }

    /// A posted completion time as it is stored: with a date-only format the end of the day (03 §9.7).
    pub(super) fn completion_time(&self, table: &TableSettings, time: PostedTime) -> NaiveDateTime {
        let stored = self.stored_time(time);
        if ends_with_its_day(table) { stored + TimeDelta::days(1) } else { stored }
    }
}

/// Whether completion times of the table are stored as the end of their day (02 §7.4).
pub(super) fn ends_with_its_day(table: &TableSettings) -> bool {
    table.column("CompletionTime").is_some_and(Column::is_date_only)
}

/// Keys that are no column of the table, or one of another class, are ignored (03 §8.3).
fn set(record: &mut Record, name: &str, class: ColumnClass, value: impl FnOnce(&Column) -> Value) {
    let table = std::sync::Arc::clone(record.table());
    if let Some(column) = table.column(name).filter(|column| column.class() == Some(class)) {
        record.set(name, value(column));
    }
}

/// A number as a Num column keeps it (03 §9.10).
pub(super) fn num(column: &Column, value: Option<Decimal>) -> Option<Decimal> {
    match value {
        Some(value) => Some(column.round(value)),
        None if column.nullable => None,
        None => Some(Decimal::ZERO),
    }
}

/// Whether a new value of the column stays. QUIRK(03 §9.1): a title that is no part of the display title is dropped.
pub(super) fn keeps(table: &TableSettings, column: &str) -> bool {
    column != "Title" || table.title_columns.iter().any(|name| name == "Title")
}

fn apply_texts(record: &mut Record, request: &RecordRequest) {
    if let Some(title) = &request.title
        && keeps(record.table(), "Title")
    {
        record.set("Title", Value::Text(title.clone()));
    }
    if let Some(body) = &request.body {
        record.set("Body", Value::Text(body.clone()));
    }
}
