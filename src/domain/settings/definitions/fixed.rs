//! The columns that are no extension columns, kind by kind (06 §1.6).

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Definition, MANAGE_SERVICE, STATUS_CHOICES, extension};
use crate::domain::settings::enums::FullTextType;
use crate::model::{ColumnClass, DataType, ReferenceType};

/// The definitions of `Results` or `Issues`.
pub(super) fn table(kind: ReferenceType) -> Vec<Arc<Definition>> {
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

/// The definitions of `Wikis`.
pub(super) fn wikis() -> Vec<Arc<Definition>> {
    let mut columns = first(ReferenceType::Wikis);
    columns.push(locked());
    columns.extend(last());
    columns.into_iter().map(Arc::new).collect()
}

/// The definitions of `Sites`.
pub(super) fn sites() -> Vec<Arc<Definition>> {
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
