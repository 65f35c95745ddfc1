//! What a call wants exported (04 §5.1).

use std::borrow::Cow;

use crate::domain::settings::definitions::definitions;
use crate::domain::settings::document::{Export, ExportColumn};
use crate::domain::settings::enums::{
    DelimiterType, ExportColumnType, ExportType, StandardExportType,
};
use crate::domain::settings::{Column, TableSettings};
use crate::domain::{Call, Error};
use crate::lenient::{self, Json};
use crate::model::ColumnClass;

/// An export as wanted.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) name: String,
    pub(super) kind: ExportType,
    pub(super) has_header: bool,
    pub(super) delimiter: char,
    pub(super) quotes: bool,
    /// None for the standard export.
    columns: Option<Vec<ExportColumn>>,
}

/// The columns of a wish.
pub(super) type Columns<'w> = Cow<'w, [ExportColumn]>;

impl Wish {
    /// The body's own export, else the table's of the id, else the standard one (QUIRK(04 §5.1): even where the table
    /// does not allow that).
    pub(super) fn read(call: &Call, table: &TableSettings, body: &Json<'_>) -> Result<Self, Error> {
        match body.member("Export") {
            Some(Json::Null) | None => {}
            Some(own) => {
                let export: Export = lenient::from_json(own).map_err(|_| Error::BadRequest)?;
                // BUG(04 §5.1): the reference crashes without columns.
                return match own.member("Columns") {
                    Some(Json::Array(_)) => Ok(Self::of(export)),
                    _ => Err(Error::BadRequest),
                };
            }
        }
        let id: Option<i32> = match body.member("ExportId") {
            Some(id) => {
                lenient::from_json::<lenient::Nullable<i32>>(id).map_err(|_| Error::BadRequest)?.0
            }
            None => None,
        };
        let saved = table.exports.iter().find(|export| Some(export.id) == id);
        Ok(match saved.filter(|export| is_open(call, export)) {
            Some(export) => Self::of(export.clone()),
            None => Self {
                name: String::new(),
                kind: ExportType::Csv,
                has_header: true,
                delimiter: ',',
                quotes: true,
                columns: None,
            },
        })
    }

    fn of(export: Export) -> Self {
        Self {
            name: export.name,
            kind: export.export_type,
            has_header: export.header,
            delimiter: if export.delimiter_type == DelimiterType::Tab { '\t' } else { ',' },
            quotes: export.enclose_double_quotes,
            columns: Some(export.columns),
        }
    }

    /// The columns, as wanted or as the table's settings say.
    pub(super) fn columns(&self, table: &TableSettings) -> Columns<'_> {
        if let Some(columns) = &self.columns {
            return Cow::Borrowed(columns);
        }
        let column = |name: &str| ExportColumn {
            column_name: name.to_owned(),
            column_type: Some(ExportColumnType::Text),
            ..ExportColumn::default()
        };
        Cow::Owned(standard(table).into_iter().map(column).collect())
    }
}

/// Whether the caller may use a saved export; without subjects everybody may.
fn is_open(call: &Call, export: &Export) -> bool {
    let caller = &call.caller;
    (export.depts.is_empty() && export.groups.is_empty() && export.users.is_empty())
        || (caller.dept_enabled && export.depts.contains(&caller.dept.0))
        || caller.enabled_groups.iter().any(|group| export.groups.contains(&group.0))
        || export.users.iter().any(|user| *user == -1 || *user == caller.user.0)
}

/// The names of the standard export's columns.
fn standard(table: &TableSettings) -> Vec<&str> {
    let exportable = |name: &&str| table.column(name).is_some_and(is_exportable);
    match table.standard_export_type {
        StandardExportType::Grid => {
            table.grid_columns.iter().map(String::as_str).filter(exportable).collect()
        }
        StandardExportType::Editor => {
            table.editor_columns.iter().map(String::as_str).filter(exportable).collect()
        }
        _ => {
            let selected = |column: &&Column| {
                let name = column.name.as_str();
                matches!(name, "Creator" | "Updator" | "UpdatedTime")
                    || (name != "Ver"
                        && is_exportable(column)
                        && (table.is_in_editor(name)
                            || table.grid_columns.iter().any(|known| known == name)))
            };
            let mut columns: Vec<&Column> = table.columns.iter().filter(selected).collect();
            columns.sort_by_key(|column| place(table, column));
            columns.into_iter().map(|column| column.name.as_str()).collect()
        }
    }
}

fn is_exportable(column: &Column) -> bool {
    column.class() != Some(ColumnClass::Attachments)
}

/// Fixed columns in the order of exports, extension columns by class and then letters before numbers between `Locked`
/// and `Creator`.
fn place(table: &TableSettings, column: &Column) -> (usize, usize, usize, String) {
    const BEFORE: [&str; 15] = [
        "SiteId",
        "Title",
        "Body",
        "TitleBody",
        "Comments",
        "StartTime",
        "CompletionTime",
        "WorkValue",
        "ProgressRate",
        "RemainingWorkValue",
        "Status",
        "Manager",
        "Owner",
        "Locked",
        "SiteTitle",
    ];
    const BEHIND: [&str; 4] = ["Creator", "Updator", "CreatedTime", "UpdatedTime"];
    let name = column.name.as_str();
    if name == table.kind.id_column() {
        return (0, 0, 0, String::new());
    }
    if let Some(class) = column.class() {
        let class = ColumnClass::ALL.iter().position(|known| *known == class);
        return (2, class.unwrap_or_default(), name.len(), name.to_owned());
    }
    let at = |names: &[&str]| names.iter().position(|known| *known == name);
    match (at(&BEFORE), at(&BEHIND)) {
        (Some(at), _) => (1, at, 0, String::new()),
        (_, Some(at)) => (3, at, 0, String::new()),
        _ => {
            let known = definitions(table.kind).iter().position(|known| known.name == name);
            (4, known.unwrap_or(usize::MAX), 0, String::new())
        }
    }
}
