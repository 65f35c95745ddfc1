//! The JSON form (04 §5.5): indented, with a head of labels and a body of records.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::db::profiles::{self, FLAGS, Profile};
use crate::db::records::ListRow;
use crate::domain::items::Table;
use crate::domain::items::read::number;
use crate::domain::items::read::source::{Got, Row as _};
use crate::domain::settings::Column;
use crate::domain::zones::{Zones, empty_date};
use crate::domain::{Call, Error};
use crate::json::{self, Object, Raw};
use crate::messages;
use crate::model::ColumnClass;

use super::plan::Plan;
use super::request::Wish;

/// Writes the records.
pub(super) struct Writer<'p> {
    call: &'p Call,
    table: &'p Table<'p>,
    plan: &'p Plan<'p>,
    has_header: bool,
    users: HashMap<i64, Profile>,
    /// Whether a record stands there already.
    any: bool,
}

/// The hashes, in their order; always there.
const HASHES: [(ColumnClass, &str); 5] = [
    (ColumnClass::Class, "ClassHash"),
    (ColumnClass::Num, "NumHash"),
    (ColumnClass::Date, "DateHash"),
    (ColumnClass::Description, "DescriptionHash"),
    (ColumnClass::Check, "CheckHash"),
];

/// The members behind the version, in their order. Those with `true` are there whether wanted or not.
const MEMBERS: [(&str, bool); 15] = [
    ("Title", false),
    ("Body", false),
    ("StartTime", false),
    ("CompletionTime", false),
    ("WorkValue", false),
    ("ProgressRate", false),
    ("RemainingWorkValue", false),
    ("Status", false),
    ("Manager", false),
    ("Owner", false),
    ("Locked", true),
    ("Comments", false),
    ("Creator", true),
    ("Updator", true),
    ("CreatedTime", false),
];

impl<'p> Writer<'p> {
    pub(super) fn new(
        call: &'p Call,
        table: &'p Table<'p>,
        plan: &'p Plan<'p>,
        wish: &Wish,
    ) -> Self {
        Self { call, table, plan, has_header: wish.has_header, users: HashMap::new(), any: false }
    }

    pub(super) fn begin(&self, out: &mut String) {
        out.push_str("{\n");
        if self.has_header {
            let site = &self.table.target.site;
            let head = json::object(|o| {
                o.field("SiteId", &site.id.0).field("SiteTitle", &site.title);
                o.object("Columns", |columns| {
                    for entry in &self.plan.entries {
                        columns.field(&entry.cell.column().name, &entry.label);
                    }
                });
            });
            out.push_str("  \"Header\": [\n    ");
            indent(&head, 2, out);
            out.push_str("\n  ],\n");
        }
        out.push_str("  \"Body\": [");
    }

    /// Looks up the users that rows name, each once.
    pub(super) async fn load(
        &mut self,
        rows: &[ListRow],
        conn: &mut PgConnection,
    ) -> Result<(), Error> {
        let sources = ["Manager", "Owner"].map(|name| self.plan.known(name));
        let mut ids: Vec<i32> = Vec::new();
        for row in rows {
            ids.extend([row.record.creator, row.record.updator]);
            ids.extend(
                sources.iter().flatten().filter_map(|s| i32::try_from(row.got(*s).int()).ok()),
            );
        }
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| *id > 0 && !self.users.contains_key(&i64::from(*id)));
        if !ids.is_empty() {
            let tenant = self.call.caller.tenant.id;
            self.users.extend(profiles::of(conn, tenant, &ids).await?);
        }
        Ok(())
    }

    pub(super) fn row(&mut self, row: &ListRow, out: &mut String) {
        let record = json::object(|o| self.record(o, row));
        out.push_str(if self.any { ",\n    " } else { "\n    " });
        indent(&record, 2, out);
        self.any = true;
    }

    pub(super) fn end(&self, out: &mut String) {
        out.push_str(if self.any { "\n  ]\n}" } else { "]\n}" });
    }

    fn record(&self, o: &mut Object<'_>, row: &ListRow) {
        let roles = self.plan.roles(row, self.call);
        let shown: Vec<&Column> = self
            .plan
            .entries
            .iter()
            .filter(|entry| entry.is_shown(self.call, self.table, row, roles))
            .map(|entry| entry.cell.column())
            .collect();
        for (class, hash) in HASHES {
            o.object(hash, |o| {
                for column in shown.iter().filter(|column| column.class() == Some(class)) {
                    if let Some(source) = self.plan.known(&column.name) {
                        extension(o, column, row.got(source));
                    }
                }
            });
        }
        o.field("SiteId", &row.site.0).field(self.table.settings.kind.id_column(), &row.record.id);
        o.field("Ver", &row.record.ver);
        for (name, always) in MEMBERS {
            if always || shown.iter().any(|column| column.name == name) {
                self.member(o, name, row);
            }
        }
    }

    fn member(&self, o: &mut Object<'_>, name: &str, row: &ListRow) {
        let got = self.plan.known(name).map_or(Got::Nothing, |source| row.got(source));
        match name {
            "Title" => o.object(name, |o| self.title(o, got.text(), row)),
            "Body" => o.field(name, got.text()),
            "Status" => o.object(name, |o| {
                o.field("Value", &got.int());
            }),
            "Manager" | "Owner" => o.object(name, |o| self.user(o, got.int())),
            "Creator" => o.object(name, |o| self.user(o, row.record.creator.into())),
            "Updator" => o.object(name, |o| self.user(o, row.record.updator.into())),
            "Locked" => o.field(name, &got.bool()),
            "Comments" => o.field(name, &Raw(comments(got.text()))),
            "WorkValue" | "ProgressRate" => o.object(name, |o| {
                o.field("Value", &got.decimal().unwrap_or_default());
            }),
            "RemainingWorkValue" => o.object(name, |o| {
                let of = |name| self.plan.known(name).and_then(|source| row.got(source).decimal());
                let rest = number::remaining(of("WorkValue"), of("ProgressRate"));
                o.field("Value", &rest.unwrap_or_default());
            }),
            _ => o.object(name, |o| times(o, got, &self.call.zones)),
        };
    }

    fn title(&self, o: &mut Object<'_>, own: &str, row: &ListRow) {
        let shown = match row.item_title.as_str() {
            "" => messages::no_title(self.call.language()),
            title => title,
        };
        o.field("Id", &row.record.id).field("Ver", &row.record.ver).field("IsHistory", &false);
        o.field("Value", own).field("DisplayValue", shown).field("ItemTitle", &true);
    }

    fn user(&self, o: &mut Object<'_>, id: i64) {
        let nobody = Profile::default();
        let (user, tenant) = match self.users.get(&id) {
            Some(user) => (user, self.call.caller.tenant.id.0),
            None => (&nobody, 0),
        };
        o.field("TenantId", &tenant).field("Id", &user.id);
        o.field("DeptId", &user.dept.as_ref().map_or(0, |dept| dept.id));
        o.object("Dept", |o| match &user.dept {
            Some(dept) => {
                o.field("TenantId", &tenant).field("Id", &dept.id).field("Code", &dept.code);
                o.field("Name", &dept.name).field("Disabled", &dept.disabled);
            }
            None => {
                o.field("TenantId", &0).field("Id", &0).field("Disabled", &false);
            }
        });
        o.field("LoginId", &user.login_id).field("Name", &user.name);
        o.field("UserCode", &user.code).field("Body", &user.body);
        for (name, flag) in FLAGS.iter().zip(&user.flags) {
            o.field(name, flag);
        }
    }
}

fn times(o: &mut Object<'_>, got: Got<'_>, zones: &Zones) {
    let stored = got.time().unwrap_or_else(empty_date);
    o.field("Value", &stored).field("DisplayValue", &zones.to_user(stored));
}

/// A member of a hash: values as they are stored.
fn extension(o: &mut Object<'_>, column: &Column, got: Got<'_>) {
    match column.class() {
        Some(ColumnClass::Num) => match got.decimal() {
            None if column.nullable => o.field(&column.name, &Raw("null")),
            number => o.field(&column.name, &number.unwrap_or_default()),
        },
        Some(ColumnClass::Date) => o.field(&column.name, &got.time().unwrap_or_else(empty_date)),
        Some(ColumnClass::Check) => o.field(&column.name, &got.bool()),
        _ => o.field(&column.name, got.text()),
    };
}

fn comments(stored: &str) -> &str {
    crate::domain::items::comments::stored_json(stored).unwrap_or("[]")
}

/// Writes compact JSON with two spaces for every level, from a level on.
fn indent(compact: &str, mut level: usize, out: &mut String) {
    let line = |level: usize, out: &mut String| {
        out.push('\n');
        (0..level).for_each(|_| out.push_str("  "));
    };
    let (mut in_text, mut escaped) = (false, false);
    let mut characters = compact.chars().peekable();
    while let Some(character) = characters.next() {
        if in_text {
            out.push(character);
            in_text = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                out.push(character);
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    level += 1;
                    line(level, out);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                line(level, out);
                out.push(character);
            }
            ',' => {
                out.push(',');
                line(level, out);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_text = true;
                out.push('"');
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_two_spaces_and_texts_stay() {
        let mut out = String::new();
        indent(r#"{"a":{},"b":["x,\"{",[]],"c\\":1.50}"#, 1, &mut out);
        let expected = "{\n    \"a\": {},\n    \"b\": [\n      \"x,\\\"{\",\n      []\n    ],\n    \"c\\\\\": 1.50\n  }";
        assert_eq!(out, expected);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&out).unwrap()["b"][0],
            serde_json::json!("x,\"{")
        );
    }
}
