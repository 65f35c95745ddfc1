//! The CSV form (04 §5.4): lines that end in LF, the last one too.

use crate::db::records::{LinkedRow, ListRow};
use crate::domain::Call;
use crate::domain::items::Table;
use crate::domain::items::scripts::RawTexts;

use super::Texts;
use super::plan::{Entry, Plan};
use super::request::Wish;

/// Writes the lines.
pub(super) struct Writer<'p> {
    pub(super) call: &'p Call,
    pub(super) table: &'p Table<'p>,
    pub(super) plan: &'p Plan<'p>,
    pub(super) wish: &'p Wish,
}

impl Writer<'_> {
    /// The line of labels. QUIRK(04 §5.4): quotes inside of labels stay single.
    pub(super) fn begin(&self, out: &mut String) {
        if !self.wish.has_header {
            return;
        }
        let mut line = Line { wish: self.wish, out, empty: true };
        for entry in &self.plan.entries {
            match entry.cell.own_columns(self.most()) {
                Some(choices) => {
                    for choice in choices {
                        line.label(&format!("{}[{}]", entry.label, choice.text));
                    }
                }
                None => line.label(&entry.label),
            }
        }
        line.end();
    }

    /// A record, with what scripts want to stand in its cells (04 §5.4).
    pub(super) fn row(
        &self,
        row: &ListRow,
        raw_texts: Option<&RawTexts>,
        texts: &Texts,
        out: &mut String,
    ) {
        let nothing =
            LinkedRow { id: None, readable: false, title: String::new(), values: Vec::new() };
        let roles = self.plan.roles(row, self.call);
        let mut line = Line { wish: self.wish, out, empty: true };
        for entry in &self.plan.entries {
            let shown = entry.is_shown(self.call, self.table, row, roles);
            match entry.joined {
                None => {
                    let raw_text = raw_texts.and_then(|texts| texts.get(&entry.cell.column().name));
                    let is_one = || entry.cell.own_columns(self.most()).is_none();
                    match raw_text.filter(|_| shown && is_one()) {
                        Some(text) => line.value(text),
                        None => self.cells(entry, row, shown, texts, &mut line),
                    }
                }
                Some(at) => {
                    let linked = row.linked.get(at).unwrap_or(&nothing);
                    let shown = shown && linked.id.is_some();
                    self.cells(entry, linked, shown, texts, &mut line);
                }
            }
        }
        line.end();
    }

    fn cells(
        &self,
        entry: &Entry<'_>,
        row: &impl crate::domain::items::read::source::Row,
        shown: bool,
        texts: &Texts,
        line: &mut Line<'_>,
    ) {
        match entry.cell.own_columns(self.most()) {
            Some(choices) => {
                for choice in choices {
                    let has = shown && entry.cell.has_choice(row, choice);
                    line.value(if has { "1" } else { "" });
                }
            }
            None if shown => line.value(&entry.cell.text(row, texts)),
            None => line.value(""),
        }
    }

    fn most(&self) -> usize {
        let general = &self.call.services.parameters.general;
        usize::try_from(general.export_output_column_max).unwrap_or_default()
    }
}

/// A line on its way.
struct Line<'l> {
    wish: &'l Wish,
    out: &'l mut String,
    empty: bool,
}

impl Line<'_> {
    fn label(&mut self, label: &str) {
        self.separate();
        self.quote();
        self.out.push_str(label);
        self.quote();
    }

    /// QUIRK(04 §5.4): without quotes values stand there as they are, whatever is in them.
    fn value(&mut self, value: &str) {
        self.separate();
        self.quote();
        if self.wish.quotes && value.contains('"') {
            self.out.push_str(&value.replace('"', "\"\""));
        } else {
            self.out.push_str(value);
        }
        self.quote();
    }

    fn separate(&mut self) {
        if !self.empty {
            self.out.push(self.wish.delimiter);
        }
        self.empty = false;
    }

    fn quote(&mut self) {
        if self.wish.quotes {
            self.out.push('"');
        }
    }

    fn end(self) {
        self.out.push('\n');
    }
}
