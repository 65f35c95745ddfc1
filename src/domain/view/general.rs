//! The general filters (05 §10).

use chrono::{NaiveTime, TimeDelta};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::db::records::RECORD;
use crate::db::sql::{Bind, Comparison, Ident, Predicate};
use crate::domain::settings::document::View;
use crate::model::ReferenceType;

use super::Compiler;
use super::filters::Filters;

/// Whether the view has any of the five, whether or not the table has its columns.
pub(super) fn is_any(view: &View) -> bool {
    [view.incomplete, view.own, view.near_completion_time, view.delay, view.overdue]
        .contains(&Some(true))
}

/// The conditions of those that the table has the columns for.
pub(super) fn conditions(
    compiler: &Compiler<'_>,
    filters: &Filters<'_>,
    view: &View,
) -> Vec<Predicate> {
    let kind = compiler.table.kind;
    let issues = kind == ReferenceType::Issues;
    let general = [
        ("ViewFilters_Incomplete", view.incomplete, kind.is_table(), incomplete as Condition),
        ("ViewFilters_Own", view.own, kind.is_table(), own),
        ("ViewFilters_NearCompletionTime", view.near_completion_time, issues, near),
        ("ViewFilters_Delay", view.delay, issues, delay),
        ("ViewFilters_Overdue", view.overdue, issues, overdue),
    ];
    general
        .into_iter()
        .filter(|(_, wanted, possible, _)| *wanted == Some(true) && *possible)
        .map(|(name, _, _, condition)| condition(compiler, filters.is_negative(name)))
        .collect()
}

type Condition = fn(&Compiler<'_>, bool) -> Predicate;

fn column(name: &'static str) -> Ident {
    Ident::new(name).of(&RECORD)
}

fn incomplete(compiler: &Compiler<'_>, negative: bool) -> Predicate {
    let code = Bind::Int(Some(compiler.reader.completion_code));
    let comparison = if negative { Comparison::AtLeast } else { Comparison::Less };
    Predicate::Compare(column("Status"), comparison, code)
}

/// Negated, rows without manager or owner match neither way, as in SQL.
fn own(compiler: &Compiler<'_>, negative: bool) -> Predicate {
    let user = Bind::Int(Some(compiler.reader.caller.user.0));
    let own = Predicate::Any(vec![
        Predicate::Equal(column("Manager"), user.clone()),
        Predicate::Equal(column("Owner"), user),
    ]);
    if negative { own.negated() } else { own }
}

/// QUIRK(05 §10): wall-clock times of the caller, compared unconverted with the server's.
fn near(compiler: &Compiler<'_>, negative: bool) -> Predicate {
    let today = compiler.reader.user_now.date().and_time(NaiveTime::MIN);
    let from = today - days(compiler.table.near_completion_time_before_days);
    let after = days(compiler.table.near_completion_time_after_days) + TimeDelta::days(1);
    let to = today + after - TimeDelta::milliseconds(compiler.reader.minimum_time);
    let near =
        Predicate::Between(column("CompletionTime"), Bind::Time(Some(from)), Bind::Time(Some(to)));
    if negative { near.negated() } else { near }
}

/// Days of a setting; more than a century on either side is as good as that.
fn days(setting: Decimal) -> TimeDelta {
    TimeDelta::days(setting.to_i64().unwrap_or_default().clamp(-40_000, 40_000))
}

fn delay(compiler: &Compiler<'_>, negative: bool) -> Predicate {
    let behind = Predicate::Behind(RECORD, now(compiler));
    with_incomplete(compiler, negative, behind)
}

fn overdue(compiler: &Compiler<'_>, negative: bool) -> Predicate {
    let overdue = Predicate::Compare(column("CompletionTime"), Comparison::Less, now(compiler));
    with_incomplete(compiler, negative, overdue)
}

/// Both; negated, either of the opposites.
fn with_incomplete(compiler: &Compiler<'_>, negative: bool, condition: Predicate) -> Predicate {
    let incomplete = incomplete(compiler, negative);
    if negative {
        Predicate::Any(vec![incomplete, condition.negated()])
    } else {
        Predicate::All(vec![incomplete, condition])
    }
}

fn now(compiler: &Compiler<'_>) -> Bind {
    Bind::Time(Some(compiler.reader.server_now))
}
