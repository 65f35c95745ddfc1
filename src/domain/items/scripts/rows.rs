//! Server scripts that look at each row of a page or an export (07 §4.3).

use indexmap::IndexMap;

use crate::db::ColumnInfo;
use crate::db::records::ListRow;
use crate::domain::items::{Table, load};
use crate::domain::scripts::{self, Moment, Program};
use crate::domain::{Call, Error};

use super::run_program;

/// What runs on each row, in this order.
pub(in crate::domain::items) struct RowScripts(Vec<(Moment, Program)>);

/// What scripts want to stand in cells of a row instead of its values, by the names of columns.
pub(in crate::domain::items) type RawTexts = IndexMap<String, String>;

impl RowScripts {
    /// Those of a page that is read.
    pub(in crate::domain::items) fn of_page(call: &Call, table: &Table<'_>) -> Self {
        Self::of(call, table, &[Moment::WhenloadingRecord])
    }

    /// Those of an export.
    pub(in crate::domain::items) fn of_export(call: &Call, table: &Table<'_>) -> Self {
        Self::of(call, table, &[Moment::WhenloadingRecord, Moment::BeforeOpeningRow])
    }

    fn of(call: &Call, table: &Table<'_>, moments: &[Moment]) -> Self {
        let program = |moment: &Moment| {
            Some((*moment, scripts::find(call, table.target.site.id, table.settings, *moment)?))
        };
        Self(moments.iter().filter_map(program).collect())
    }

    /// Whether there is none.
    pub(in crate::domain::items) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The columns that rows have to bring for them, besides those that are asked for anyway.
    pub(in crate::domain::items) fn columns<'t>(&self, table: &Table<'t>) -> Vec<&'t ColumnInfo> {
        if self.is_empty() { Vec::new() } else { load::columns(table.settings, table.columns) }
    }

    /// Runs them; rows have the values as scripts leave them. What cells are to show instead comes back, row by row, or
    /// nothing where no script runs.
    pub(in crate::domain::items) async fn run(
        &self,
        call: &Call,
        table: &Table<'_>,
        columns: &[&ColumnInfo],
        rows: &mut [ListRow],
    ) -> Result<Vec<RawTexts>, Error> {
        let mut texts = Vec::new();
        if self.is_empty() {
            return Ok(texts);
        }
        for row in rows {
            // Rows of integrated sites have scripts of their own.
            let own = row.site == table.target.site.id;
            texts.push(if own {
                self.run_on(call, table, columns, row).await?
            } else {
                RawTexts::new()
            });
        }
        Ok(texts)
    }

    async fn run_on(
        &self,
        call: &Call,
        table: &Table<'_>,
        columns: &[&ColumnInfo],
        row: &mut ListRow,
    ) -> Result<RawTexts, Error> {
        let mut record = load::record(table, columns, row.record.clone());
        let mut texts = RawTexts::new();
        for (moment, program) in &self.0 {
            let running = Box::pin(run_program(call, table, (*moment, program), &mut record));
            texts.extend(running.await?);
        }
        for (column, value) in columns.iter().zip(&mut row.record.values) {
            if let Some(changed) = record.get(&column.name) {
                value.clone_from(changed);
            }
        }
        Ok(texts)
    }
}
