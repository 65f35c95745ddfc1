//! The column definitions of each kind of site: what a column is before a table's settings change it (06 §1.6).
//!
//! Callers start at [`definitions`]; [`extension`] makes the definition of a three-digit column.

mod fixed;

use std::sync::{Arc, LazyLock};

use rust_decimal::Decimal;

use super::enums::FullTextType;
use crate::model::{ColumnClass, DataType, ReferenceType};

/// The permission type that no site permission grants: "nobody" (06 §2.1).
pub const MANAGE_SERVICE: i64 = 2_147_483_648;

/// The default choices of `Status`, Japanese in every language.
pub const STATUS_CHOICES: &str = "100,未着手,未,status-new\n150,準備,準,status-preparation\n\
    200,実施中,実,status-inprogress\n300,レビュー,レ,status-review\n900,完了,完,status-closed\n\
    910,保留,留,status-rejected";

/// A column before a table's settings change it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named by the reference"
)]
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The column's name, in requests and in the database.
    pub name: String,
    /// How its values are stored.
    pub data_type: DataType,
    /// Its class, if it is an extension column.
    pub class: Option<ColumnClass>,
    labels: Labels,
    /// How the screen edits it; `ChoicesText` lets it have choices.
    pub control_type: &'static str,
    /// Its choices (06 §1.7).
    pub choices_text: &'static str,
    /// Its default on create.
    pub default_input: &'static str,
    /// Whether the screen demands a value.
    pub validate_required: bool,
    /// Whether the screen checks for a date.
    pub validate_date: bool,
    /// The format of dates in lists.
    pub grid_format: &'static str,
    /// The format of dates in the editor; `Ymd` makes the column date-only.
    pub editor_format: &'static str,
    /// The format of dates in exports.
    pub export_format: &'static str,
    /// How many decimal places numbers are rounded to.
    pub decimal_places: i32,
    /// What is shown behind numbers.
    pub unit: &'static str,
    /// What of it goes into `Items.FullText`.
    pub full_text_type: FullTextType,
    /// The lowest number of an extension column; 0 is none.
    pub default_min: Decimal,
    /// The highest number of an extension column; 0 is none.
    pub default_max: Decimal,
    /// The lowest number of any other column.
    pub min: Decimal,
    /// The highest number of any other column; 0 is none.
    pub max: Decimal,
    /// The step of the screen's control.
    pub step: Decimal,
    /// How many UTF-16 units the database column holds; 0 is no limit.
    pub max_length: i32,
    /// How many digits the database column holds left of the point; 0 is no limit.
    pub integer_digits: u32,
    /// Whether choices of users and links are looked up instead of loaded.
    pub use_search: bool,
    /// Whether an import may find records by it.
    pub import_key: bool,
    /// Whether the screen copies it with a record.
    pub copy_by_default: bool,
    /// Whether the database has a column of that name.
    pub physical: bool,
    /// Whether it may stand in the editor's column lists.
    pub editable: bool,
    /// Whether a write can set it at all.
    pub updatable: bool,
    /// The permission type that creating with it takes by default; 0 is none.
    pub create_access: i64,
    /// The permission type that updating it takes by default; 0 is none.
    pub update_access: i64,
}

/// The texts of a column's label.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Labels {
    ja: String,
    en: String,
    vn: String,
}

impl Definition {
    /// The label in a caller's language.
    pub fn label(&self, language: &str) -> &str {
        match language {
            "ja" => &self.labels.ja,
            // QUIRK(06 §1.6): without the letter of the column.
            "vn" => &self.labels.vn,
            _ => &self.labels.en,
        }
    }

    /// The lowest number the database column holds, if that is limited.
    pub fn digits_limit(&self) -> Option<Decimal> {
        let digits = self.integer_digits;
        (digits > 0).then(|| Decimal::from(10_i64.saturating_pow(digits).saturating_sub(1)))
    }

    fn new(name: &str, data_type: DataType, ja: &str, en: &str) -> Self {
        Self {
            name: name.to_owned(),
            data_type,
            class: None,
            labels: Labels { ja: ja.to_owned(), en: en.to_owned(), vn: en.to_owned() },
            control_type: "",
            choices_text: "",
            default_input: "",
            validate_required: false,
            validate_date: false,
            grid_format: "",
            editor_format: "",
            export_format: "",
            decimal_places: 0,
            unit: "",
            full_text_type: FullTextType::None,
            default_min: Decimal::ZERO,
            default_max: Decimal::ZERO,
            min: Decimal::ZERO,
            max: Decimal::ZERO,
            step: Decimal::ONE,
            max_length: 0,
            integer_digits: 0,
            use_search: false,
            import_key: false,
            copy_by_default: false,
            physical: true,
            editable: false,
            updatable: true,
            create_access: 0,
            update_access: 0,
        }
    }
}

/// The definitions of a kind of site, in definition order, without three-digit columns.
pub fn definitions(kind: ReferenceType) -> &'static [Arc<Definition>] {
    static RESULTS: LazyLock<Vec<Arc<Definition>>> =
        LazyLock::new(|| fixed::table(ReferenceType::Results));
    static ISSUES: LazyLock<Vec<Arc<Definition>>> =
        LazyLock::new(|| fixed::table(ReferenceType::Issues));
    static WIKIS: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(fixed::wikis);
    static SITES: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(fixed::sites);
    match kind {
        ReferenceType::Results => &RESULTS,
        // QUIRK(06 §1.4): a dashboard uses the definitions of Issues.
        ReferenceType::Issues | ReferenceType::Dashboards => &ISSUES,
        ReferenceType::Wikis => &WIKIS,
        ReferenceType::Sites => &SITES,
    }
}

/// The definition of a column of a list that holds no records; labels are Japanese and English.
pub fn row(
    name: &str,
    data_type: DataType,
    [ja, en]: [&str; 2],
    choices_text: &'static str,
) -> Definition {
    let control_type = if choices_text.is_empty() { "" } else { "ChoicesText" };
    Definition { control_type, choices_text, ..Definition::new(name, data_type, ja, en) }
}

/// The definition of an extension column, `ClassA` or `Class001`; none if the name is no such name.
pub fn extension(name: &str) -> Option<Definition> {
    let class = ColumnClass::of(name)?;
    let suffix = name.strip_prefix(class.prefix())?;
    let (data_type, ja, en, vn) = match class {
        ColumnClass::Class => (DataType::Text, "分類", "Class", "Phân loại"),
        ColumnClass::Num => (DataType::Decimal, "数値", "Numeric value", "Numeric value"),
        ColumnClass::Date => (DataType::Time, "日付", "Date", "Date"),
        ColumnClass::Description => (DataType::Text, "説明", "Description", "Description"),
        ColumnClass::Check => (DataType::Bool, "チェック", "Check", "Check"),
        ColumnClass::Attachments => (DataType::Text, "添付ファイル", "Attachments", "Attachments"),
    };
    let mut column =
        Definition::new(name, data_type, &format!("{ja}{suffix}"), &format!("{en}{suffix}"));
    vn.clone_into(&mut column.labels.vn);
    column.class = Some(class);
    column.editable = true;
    match class {
        ColumnClass::Class => {
            column.control_type = "ChoicesText";
            column.max_length = 1024;
            column.full_text_type = FullTextType::DisplayName;
        }
        ColumnClass::Num => {
            column.default_min = Decimal::from(-999_999_999_999_999_i64);
            column.default_max = Decimal::from(999_999_999_999_999_i64);
            column.integer_digits = 15;
        }
        ColumnClass::Date => {
            column.grid_format = "Ymda";
            column.editor_format = "Ymd";
            column.export_format = "Ymd";
            column.validate_date = true;
        }
        ColumnClass::Description => {
            column.control_type = "MarkDown";
            column.full_text_type = FullTextType::DisplayName;
        }
        ColumnClass::Check => {}
        ColumnClass::Attachments => {
            column.control_type = "Attachments";
            column.full_text_type = FullTextType::DisplayName;
        }
    }
    Some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(kind: ReferenceType, name: &str) -> &'static Definition {
        definitions(kind).iter().find(|definition| definition.name == name).unwrap()
    }

    #[test]
    fn tables_have_156_extension_columns_in_class_order() {
        for kind in [ReferenceType::Results, ReferenceType::Issues] {
            let names: Vec<_> = definitions(kind)
                .iter()
                .filter(|definition| definition.class.is_some())
                .map(|definition| definition.name.as_str())
                .collect();
            assert_eq!(names.len(), 156);
            assert_eq!((names[0], names[26], names[155]), ("ClassA", "NumA", "AttachmentsZ"));
        }
        assert!(
            definitions(ReferenceType::Wikis).iter().all(|definition| definition.class.is_none())
        );
    }

    #[test]
    fn labels_follow_the_language() {
        let num = definition(ReferenceType::Results, "NumA");
        assert_eq!(
            (num.label("ja"), num.label("en"), num.label("de")),
            ("数値A", "Numeric valueA", "Numeric valueA")
        );
        assert_eq!(definition(ReferenceType::Results, "ClassB").label("vn"), "Phân loại");
        assert_eq!(definition(ReferenceType::Issues, "CompletionTime").label("ja"), "完了");
    }

    #[test]
    fn status_is_required_in_issues_only() {
        assert!(definition(ReferenceType::Issues, "Status").validate_required);
        assert!(!definition(ReferenceType::Results, "Status").validate_required);
        assert_eq!(STATUS_CHOICES.lines().nth(2), Some("200,実施中,実,status-inprogress"));
    }

    #[test]
    fn three_digit_columns_are_like_those_with_letters() {
        let column = extension("Num012").unwrap();
        assert_eq!((column.label("ja"), column.class), ("数値012", Some(ColumnClass::Num)));
        assert_eq!(extension("NumAA"), None);
    }

    #[test]
    fn digits_bound_the_numbers_of_the_database() {
        assert_eq!(
            definition(ReferenceType::Issues, "ProgressRate").digits_limit(),
            Some(Decimal::from(999))
        );
        assert_eq!(definition(ReferenceType::Results, "Title").digits_limit(), None);
    }
}
