//! Conditions on rows, as the rules decide them and before they are text.

use super::{Bind, Holder, Ident, Pattern, SiteSet, Statement};
use crate::db::named_sql::Condition;
use crate::model::{ReferenceType, Rights, TenantId};

/// A condition on the rows of a table, or of a list with the tables joined to it.
///
/// `domain` decides what a key or filter means and returns one of these; only here it becomes SQL. Groups bring their
/// own parentheses; no part of `All` is true, no part of `Any` is false.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// `column = value`.
    Equal(Ident, Bind),
    /// `column < value` and its like.
    Compare(Ident, Comparison, Bind),
    /// `column between from and to`.
    Between(Ident, Bind, Bind),
    /// `column is null`.
    IsNull(Ident),
    /// `column = any(values)`; the value is an array.
    In(Ident, Bind),
    /// The item of the row with this id, of this site, meets the condition.
    OfItem(Ident, Bind, Box<Predicate>),
    /// The record meets the condition of a list, in which columns name the record or its item.
    Listed(ReferenceType, Box<Predicate>),
    /// The text has the pattern, whatever its case.
    Like(Ident, Pattern),
    /// A part of the text is similar to the words (`pg_trgm`, 05 §11).
    Similar(Ident, String),
    /// A file of the record has a part that is similar to the words (05 §11).
    FileSimilar(Ident, String),
    /// Both columns hold the same. NULL counts as the value, or without one as itself.
    Same(Ident, Ident, Option<Bind>),
    /// The column is the user that stands for nobody (05 §9.3).
    IsAnonymous(Ident),
    /// The progress of the row of this source is behind what the time since its start makes one expect (05 §10).
    Behind(Ident, Bind),
    /// The id has a permission row of its own for the holder with these rights.
    Granted(Ident, Rights, Box<Holder>),
    /// The site's permissions give the holder these rights.
    SiteGranted(Ident, TenantId, Rights, Box<Holder>),
    /// The site is one of these.
    InSites(Ident, Box<SiteSet>),
    /// The row of a kind with this id meets the operator's condition, which calls the table by its own name.
    Named(Ident, ReferenceType, Box<Condition>),
    /// Every part holds.
    All(Vec<Predicate>),
    /// At least one part holds.
    Any(Vec<Predicate>),
    /// The part does not hold. Where it is unknown, this is unknown too.
    Not(Box<Predicate>),
}

/// How a column compares with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operator of its name")]
pub enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Predicate {
    /// The part does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// The column has a value.
    pub fn is_set(column: Ident) -> Self {
        Self::IsNull(column).negated()
    }

    /// Whether the condition looks at a source of the statement.
    pub fn looks_at(&self, source: &Ident) -> bool {
        let of = |column: &Ident| column.source() == Some(source.as_str());
        match self {
            Self::Equal(column, _)
            | Self::Compare(column, ..)
            | Self::Between(column, ..)
            | Self::IsNull(column)
            | Self::In(column, _)
            | Self::Like(column, _)
            | Self::Similar(column, _)
            | Self::FileSimilar(column, _)
            | Self::IsAnonymous(column)
            | Self::Granted(column, ..)
            | Self::SiteGranted(column, ..)
            | Self::InSites(column, _)
            | Self::Named(column, ..) => of(column),
            Self::OfItem(id, _, condition) => of(id) || condition.looks_at(source),
            Self::Same(first, second, _) => of(first) || of(second),
            Self::Behind(row, _) => row == source,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.looks_at(source)),
            Self::Not(part) => part.looks_at(source),
            // It brings its own sources.
            Self::Listed(..) => false,
        }
    }

    /// Writes the condition.
    pub fn render(&self, sql: &mut Statement) {
        match self {
            Self::Equal(column, value) => {
                sql.ident(column).syntax(" = ").bind(value.clone());
            }
            Self::Compare(column, comparison, value) => {
                sql.ident(column).syntax(comparison.operator()).bind(value.clone());
            }
            Self::Between(column, from, to) => {
                sql.ident(column)
                    .syntax(" between ")
                    .bind(from.clone())
                    .syntax(" and ")
                    .bind(to.clone());
            }
            Self::IsNull(column) => {
                sql.ident(column).syntax(" is null");
            }
            Self::In(column, values) => {
                sql.ident(column).syntax(" = any(").bind(values.clone()).syntax(")");
            }
            Self::Named(id, kind, condition) => {
                sql.ident(id).syntax(" in (select ").ident(&Ident::id_of(*kind)).syntax(" from ");
                sql.ident(&Ident::table(*kind)).syntax(" where (");
                condition.write(sql);
                // The text may end in a comment.
                sql.syntax("\n))");
            }
            Self::OfItem(id, site, condition) => {
                sql.ident(id)
                    .syntax(" in (select \"ReferenceId\" from \"Items\" where \"SiteId\" = ")
                    .bind(site.clone())
                    .syntax(" and ");
                condition.render(sql);
                sql.syntax(")");
            }
            Self::Listed(kind, condition) => listed(sql, *kind, condition),
            Self::Like(column, pattern) => {
                sql.ident(column).syntax(" ilike ").bind(pattern.bind()).syntax(" escape '|'");
            }
            Self::Similar(column, words) => {
                sql.ident(column).syntax(" %> ").bind(Bind::text(words.as_str()));
            }
            Self::Same(first, second, default) => same(sql, first, second, default.as_ref()),
            Self::FileSimilar(id, words) => file_similar(sql, id, words),
            Self::IsAnonymous(column) => anonymous(sql, column),
            Self::Behind(row, now) => behind(sql, row, now),
            Self::Granted(id, rights, holder) => holder.granted(sql, id, *rights),
            Self::SiteGranted(site, tenant, rights, holder) => {
                holder.site_granted(sql, site, *tenant, *rights);
            }
            Self::InSites(site, sites) => sites.has(sql, site),
            Self::All(parts) => Self::join(parts, sql, " and ", "true"),
            Self::Any(parts) => Self::join(parts, sql, " or ", "false"),
            Self::Not(part) => {
                sql.syntax("not (");
                part.render(sql);
                sql.syntax(")");
            }
        }
    }

    fn join(parts: &[Self], sql: &mut Statement, operator: &'static str, empty: &'static str) {
        if parts.is_empty() {
            sql.syntax(empty);
            return;
        }
        sql.syntax("(");
        sql.separated(parts, operator, |sql, part| part.render(sql));
        sql.syntax(")");
    }
}

impl Comparison {
    const fn operator(self) -> &'static str {
        match self {
            Self::Less => " < ",
            Self::AtMost => " <= ",
            Self::Greater => " > ",
            Self::AtLeast => " >= ",
        }
    }
}

fn listed(sql: &mut Statement, kind: ReferenceType, condition: &Predicate) {
    let id = Ident::id_of(kind);
    let record_id = id.clone().of(&Ident::new("record"));
    sql.ident(&id).syntax(" in (select ").ident(&record_id).syntax(" from ");
    sql.ident(&Ident::table(kind))
        .syntax(" as record join \"Items\" as item on item.\"ReferenceId\" = ");
    sql.ident(&record_id).syntax(" where ");
    condition.render(sql);
    sql.syntax(")");
}

fn same(sql: &mut Statement, first: &Ident, second: &Ident, default: Option<&Bind>) {
    let Some(default) = default else {
        sql.ident(first).syntax(" is not distinct from ").ident(second);
        return;
    };
    let side = |sql: &mut Statement, column: &Ident| {
        sql.syntax("coalesce(").ident(column).syntax(", ").bind(default.clone()).syntax(")");
    };
    side(sql, first);
    sql.syntax(" = ");
    side(sql, second);
}

fn file_similar(sql: &mut Statement, id: &Ident, words: &str) {
    sql.ident(id).syntax(
        " in (select \"ReferenceId\" from \"Binaries\" where \"Bin\" is not null and encode(\"Bin\", 'escape') %> ",
    );
    sql.bind(Bind::text(words)).syntax(")");
}

fn anonymous(sql: &mut Statement, column: &Ident) {
    sql.ident(column)
        .syntax(" in (select \"UserId\" from \"Users\" where \"TenantId\" = 0 and \"UserId\" = 2)");
}

fn behind(sql: &mut Statement, row: &Ident, now: &Bind) {
    let column = |sql: &mut Statement, name: &'static str| {
        sql.ident(&Ident::new(name).of(row));
    };
    let start = |sql: &mut Statement| {
        sql.syntax("coalesce(");
        column(sql, "StartTime");
        sql.syntax(", ");
        column(sql, "CreatedTime");
        sql.syntax(")");
    };
    column(sql, "ProgressRate");
    sql.syntax(" < case when ");
    column(sql, "CompletionTime");
    sql.syntax(" < ").bind(now.clone()).syntax(" then 100 when ");
    column(sql, "CompletionTime");
    sql.syntax(" = ");
    start(sql);
    sql.syntax(" then 0 else extract(epoch from ").bind(now.clone()).syntax(" - ");
    start(sql);
    sql.syntax(") / extract(epoch from ");
    column(sql, "CompletionTime");
    sql.syntax(" - ");
    start(sql);
    sql.syntax(") * 100 end");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(predicate: &Predicate) -> String {
        let mut sql = Statement::new();
        predicate.render(&mut sql);
        sql.text().to_owned()
    }

    #[test]
    fn groups_bring_parentheses_and_have_neutral_elements() {
        let a = Predicate::Equal(Ident::new("A"), Bind::text("x"));
        let b = Predicate::IsNull(Ident::new("B"));
        let group = Predicate::Any(vec![a, Predicate::All(vec![b, Predicate::All(vec![])])]);
        assert_eq!(text(&group), r#"("A" = $1::text or ("B" is null and true))"#);
        assert_eq!(text(&Predicate::Any(vec![])), "false");
    }

    #[test]
    fn a_condition_knows_the_sources_of_its_columns() {
        let (record, item) = (Ident::new("record"), Ident::new("item"));
        let title = Predicate::is_set(Ident::new("Title").of(&item));
        let group =
            Predicate::Any(vec![Predicate::Behind(record.clone(), Bind::Time(None)), title]);
        assert!(group.looks_at(&item) && group.looks_at(&record));
        assert!(!group.looks_at(&Ident::new("link0")));
    }

    #[test]
    fn comparisons_of_columns_name_their_sources() {
        let column = |name| Ident::new(name).of(&Ident::new("record"));
        let same = |default| text(&Predicate::Same(column("A"), column("B"), default));
        assert_eq!(same(None), r#""record"."A" is not distinct from "record"."B""#);
        assert_eq!(
            same(Some(Bind::text(""))),
            r#"coalesce("record"."A", $1::text) = coalesce("record"."B", $2::text)"#
        );
    }
}
