//! Definitions that run by themselves when records are written (07 §2.9).

use chrono::{Datelike, NaiveDateTime, Timelike};
use sqlx::PgConnection;

use crate::db;
use crate::db::named_sql::{Condition, Param, Params, Script};
use crate::db::sql::{Ident, Predicate};
use crate::domain::settings::document::View;
use crate::domain::{Call, Error};
use crate::model::ReferenceType;

use super::Refusal;
use super::definition::{Hook, Place, Standard, filled};

/// What runs at one moment of one write; mostly nothing.
#[derive(Debug, Clone, Default)]
pub struct Hooks {
    scripts: Vec<Script>,
    params: Params,
}

/// The record that a hook is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject {
    /// The site of the table.
    pub site: i64,
    /// The record; none where the moment knows none.
    pub id: Option<i64>,
    /// The stored `UpdatedTime`, at `OnUpdating` only.
    pub updated_time: Option<NaiveDateTime>,
}

/// The definitions for a moment of a write, filled in. Without definitions nothing is made.
pub fn hooks(call: &Call, hook: Hook, subject: Subject) -> Hooks {
    let place = Place {
        site: subject.site,
        // QUIRK(07 §2.9): where a moment knows no record, the list is compared with the id of the URL.
        id: subject.id.unwrap_or(call.id),
        controller: call.controller,
        action: call.action,
        name: None,
    };
    let timestamp = subject.updated_time.map(timestamp).unwrap_or_default();
    let definitions = call.services.named_sqls.definitions();
    let scripts: Vec<_> = definitions
        .iter()
        .filter(|definition| definition.has(hook) && definition.applies(&call.caller, &place))
        .filter_map(|definition| definition.command.as_deref())
        .map(|command| {
            let id = subject.id.unwrap_or_default();
            Script::parse(&filled(command, subject.site, id, Some(&timestamp)))
        })
        .collect();
    let mut params = Params::default();
    if !scripts.is_empty() {
        for (name, value) in Standard::of(call).all() {
            params.add(name, Param::Int(value));
        }
    }
    Hooks { scripts, params }
}

/// Whether a definition could run at one of these moments, on some record of a site.
pub fn may_run(call: &Call, hooks: &[Hook], site: i64) -> bool {
    let definitions = call.services.named_sqls.definitions();
    definitions.iter().any(|definition| definition.may_run(hooks, site))
}

/// The filter of a view that names definitions.
pub const SELECTING_WHERE: &str = "OnSelectingWhere";

/// The condition on the rows of a kind, narrowed to those that `OnSelectingWhere` lets the caller see (07 §2.10).
///
/// `own_id` is how the condition names the rows' id.
pub fn seen(
    call: &Call,
    kind: ReferenceType,
    own_id: &Ident,
    subject: Subject,
    view: Option<&View>,
    condition: Predicate,
) -> Predicate {
    let filters = view.map(|view| &view.column_filter_hash);
    let place = Place {
        site: subject.site,
        id: subject.id.unwrap_or(call.id),
        controller: call.controller,
        action: call.action,
        // QUIRK(07 §2.10): a client names definitions by a filter, not by a member of the view.
        name: filters.and_then(|filters| filters.get(SELECTING_WHERE)).map(String::as_str),
    };
    let has_filter = |name: &str| filters.is_some_and(|filters| filters.contains_key(name));
    let definitions = call.services.named_sqls.definitions();
    let named = definitions
        .iter()
        .filter(|definition| definition.has(Hook::OnSelectingWhere))
        .filter(|definition| definition.applies(&call.caller, &place))
        .filter(|definition| definition.where_params.iter().all(|name| has_filter(name)))
        .filter_map(|definition| definition.command.as_deref().filter(|text| !text.is_empty()))
        .map(|command| {
            // The load of a certain record knows its time no more than a create does.
            let timestamp = subject.id.map(|_| "");
            let script = Script::parse(&filled(command, place.site, place.id, timestamp));
            let condition = Condition::new(script, Standard::of(call).all().collect());
            Predicate::Named(own_id.clone(), kind, Box::new(condition))
        });
    let mut parts: Vec<_> = named.collect();
    if parts.is_empty() {
        return condition;
    }
    parts.insert(0, condition);
    Predicate::All(parts)
}

impl Hooks {
    /// Whether nothing runs: the write can stay the one statement that it is.
    pub fn is_empty(&self) -> bool {
        self.scripts.is_empty()
    }

    /// Runs them, inside the transaction of the connection.
    pub async fn run(&self, conn: &mut PgConnection) -> Result<(), Error> {
        for script in &self.scripts {
            db::named_sql::execute(conn, script, &self.params).await.map_err(|failure| {
                Error::NamedSql(Refusal::Failed { failure, lacks_values: false })
            })?;
        }
        Ok(())
    }
}

/// `yyyy/M/d H:m:s.fff`
fn timestamp(time: NaiveDateTime) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    let milliseconds = time.nanosecond() / 1_000_000;
    let (year, month, day) = (time.year(), time.month(), time.day());
    format!("{year:04}/{month}/{day} {hour}:{minute}:{second}.{milliseconds:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_without_padding() {
        let time = chrono::NaiveDate::from_ymd_opt(2026, 2, 4).unwrap();
        let time = time.and_hms_milli_opt(9, 5, 0, 70).unwrap();
        assert_eq!(timestamp(time), "2026/2/4 9:5:0.070");
    }
}
