//! The column definitions of each kind of site: what a column is before a table's settings change it (06 §1.6).
//!
//! Callers start at [`definitions`]; [`extension`] makes the definition of a three-digit column.

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
        LazyLock::new(|| table(ReferenceType::Results));
    static ISSUES: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(|| table(ReferenceType::Issues));
    static WIKIS: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(wikis);
    static SITES: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(sites);
    match kind {
        ReferenceType::Results => &RESULTS,
        // QUIRK(06 §1.4): a dashboard uses the definitions of Issues.
        ReferenceType::Issues | ReferenceType::Dashboards => &ISSUES,
        ReferenceType::Wikis => &WIKIS,
        ReferenceType::Sites => &SITES,
    }
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

/// The definitions of `Results` or `Issues`.
fn table(kind: ReferenceType) -> Vec<Arc<Definition>> {
    let issues = kind == ReferenceType::Issues;
    let mut columns = first(kind);
    if issues {
        columns.extend(period());
    }
    columns.push(Definition {
        control_type: "ChoicesText",
        choices_text: STATUS_CHOICES,
        default_input: "100",
        validate_required: issues,
        ..shown("Status", DataType::Int, "状況", "Status")
    });
    columns.push(subject("Manager", "管理者", "Manager"));
    columns.push(subject("Owner", "担当者", "Owner"));
    columns.push(locked());
    columns.push(Definition {
        control_type: "ChoicesText",
        physical: false,
        updatable: false,
        ..Definition::new("SiteTitle", DataType::Long, "サイト", "Site")
    });
    for class in ColumnClass::ALL {
        columns.extend(
            ('A'..='Z').filter_map(|letter| extension(&format!("{}{letter}", class.prefix()))),
        );
    }
    columns.extend(last());
    columns.into_iter().map(Arc::new).collect()
}

fn wikis() -> Vec<Arc<Definition>> {
    let mut columns = first(ReferenceType::Wikis);
    columns.push(locked());
    columns.extend(last());
    columns.into_iter().map(Arc::new).collect()
}

fn sites() -> Vec<Arc<Definition>> {
    let mut columns = first(ReferenceType::Sites);
    let text = |name: &str| Definition::new(name, DataType::Text, name, name);
    for name in ["SiteName", "SiteGroupName"] {
        columns.push(text(name));
    }
    for screen in [
        "Grid",
        "Editor",
        "Calendar",
        "Crosstab",
        "Gantt",
        "BurnDown",
        "TimeSeries",
        "Analy",
        "Kamban",
        "ImageLib",
    ] {
        columns.push(text(&format!("{screen}Guide")));
    }
    columns.push(Definition {
        editable: true,
        update_access: MANAGE_SERVICE,
        ..text("ReferenceType")
    });
    columns.push(Definition::new("ParentId", DataType::Long, "ParentId", "ParentId"));
    columns.push(Definition {
        editable: true,
        ..Definition::new(
            "InheritPermission",
            DataType::Long,
            "InheritPermission",
            "InheritPermission",
        )
    });
    for name in ["Publish", "DisableCrossSearch"] {
        columns.push(Definition::new(name, DataType::Bool, name, name));
    }
    for (name, data_type) in [("LockedTime", DataType::Time), ("LockedUser", DataType::Int)] {
        columns.push(Definition {
            create_access: MANAGE_SERVICE,
            update_access: MANAGE_SERVICE,
            ..Definition::new(name, data_type, name, name)
        });
    }
    columns.extend(last());
    columns.into_iter().map(Arc::new).collect()
}

/// The columns every kind begins with: `SiteId` to `TitleBody`.
fn first(kind: ReferenceType) -> Vec<Definition> {
    let site_id = Definition {
        full_text_type: FullTextType::DisplayName,
        editable: kind == ReferenceType::Sites,
        ..Definition::new("SiteId", DataType::Long, "サイトID", "Site ID")
    };
    let id = Definition {
        control_type: "Id",
        import_key: true,
        updatable: false,
        ..shown(kind.id_column(), DataType::Long, "ID", "ID")
    };
    let version = Definition {
        updatable: false,
        create_access: MANAGE_SERVICE,
        update_access: MANAGE_SERVICE,
        ..shown("Ver", DataType::Int, "バージョン", "Version")
    };
    let title = Definition {
        validate_required: true,
        max_length: 1024,
        ..shown("Title", DataType::Text, "タイトル", "Title")
    };
    let body =
        Definition { control_type: "MarkDown", ..shown("Body", DataType::Text, "内容", "Body") };
    let title_body = Definition {
        physical: false,
        updatable: false,
        ..Definition::new("TitleBody", DataType::Text, "タイトル/内容", "Title/Content")
    };
    let mut columns = vec![site_id, stamp("UpdatedTime", "更新日時", "Updated on")];
    if kind != ReferenceType::Sites {
        columns.push(id);
    }
    columns.extend([version, title, body, title_body]);
    columns
}

/// The columns that only `Issues` has.
fn period() -> [Definition; 5] {
    let date = |name, ja, en| Definition {
        grid_format: "Ymda",
        editor_format: "Ymd",
        export_format: "Ymd",
        full_text_type: FullTextType::None,
        ..shown(name, DataType::Time, ja, en)
    };
    let number = |name, ja, en, unit| Definition {
        decimal_places: 1,
        unit,
        full_text_type: FullTextType::None,
        ..shown(name, DataType::Decimal, ja, en)
    };
    let spinner = |name, ja, en, unit, integer_digits| Definition {
        control_type: "Spinner",
        max: Decimal::ONE_HUNDRED,
        step: Decimal::new(1, 1),
        integer_digits,
        ..number(name, ja, en, unit)
    };
    [
        Definition { default_input: "0", ..date("StartTime", "開始", "Start time") },
        Definition {
            control_type: "Limit",
            default_input: "7",
            validate_required: true,
            validate_date: true,
            ..date("CompletionTime", "完了", "Completion")
        },
        spinner("WorkValue", "作業量", "Work volume", "h", 15),
        spinner("ProgressRate", "進捗率", "Progression rate", "%", 3),
        Definition {
            physical: false,
            updatable: false,
            create_access: MANAGE_SERVICE,
            update_access: MANAGE_SERVICE,
            ..number("RemainingWorkValue", "残作業量", "Remaining work volume", "h")
        },
    ]
}

/// The columns every kind ends with: `Comments` to `Timestamp`.
fn last() -> [Definition; 6] {
    let user = |name, ja, en| Definition {
        use_search: true,
        default_input: "",
        editable: false,
        updatable: false,
        ..subject(name, ja, en)
    };
    let unstored = |name, data_type| Definition {
        physical: false,
        updatable: false,
        ..Definition::new(name, data_type, name, name)
    };
    [
        shown("Comments", DataType::Text, "コメント", "Comments"),
        user("Creator", "作成者", "Created by"),
        user("Updator", "更新者", "Updated by"),
        stamp("CreatedTime", "作成日時", "Created on"),
        unstored("VerUp", DataType::Bool),
        unstored("Timestamp", DataType::Text),
    ]
}

/// A column of the editor whose display text is searched.
fn shown(name: &str, data_type: DataType, ja: &str, en: &str) -> Definition {
    Definition {
        full_text_type: FullTextType::DisplayName,
        editable: true,
        ..Definition::new(name, data_type, ja, en)
    }
}

/// A column that holds a user.
fn subject(name: &str, ja: &str, en: &str) -> Definition {
    Definition {
        control_type: "ChoicesText",
        choices_text: "[[Users]]",
        default_input: "[[Self]]",
        ..shown(name, DataType::Int, ja, en)
    }
}

/// A time that the server sets.
fn stamp(name: &str, ja: &str, en: &str) -> Definition {
    Definition {
        grid_format: "Ymdahm",
        editor_format: "Ymdahms",
        export_format: "Ymdahms",
        updatable: false,
        ..Definition::new(name, DataType::Time, ja, en)
    }
}

fn locked() -> Definition {
    Definition {
        copy_by_default: true,
        full_text_type: FullTextType::None,
        ..shown("Locked", DataType::Bool, "ロック", "Locked")
    }
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
