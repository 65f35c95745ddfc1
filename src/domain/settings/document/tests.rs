use super::*;
use crate::domain::settings::enums::OperatorType;
use crate::domain::settings::enums::Order;

fn read(text: &str) -> Document {
    Document::read(Some(text), ReferenceType::Results)
}

fn request(text: &str) -> Result<Document, lenient::ConversionError> {
    Document::from_request(&lenient::parse(text).unwrap())
}

#[test]
fn absent_and_unreadable_texts_are_the_defaults() {
    let default = Document::read(None, ReferenceType::Results);
    for text in [
        "",
        "not json",
        r#"{"GridPageSize":20.5}"#,
        r#"{"GridPageSize":"20.0"}"#,
        r#"{"AutoVerUpType":"Nope","TitleSeparator":"/"}"#,
        r#"{"Columns":[{"ColumnName":"ClassA","MaxLength":"x"}]}"#,
        "[]",
    ] {
        assert_eq!(read(text), default, "{text}");
    }
}

#[test]
fn requests_report_what_is_wrong() {
    let sorter =
        |order: &str| format!(r#"{{"Views":[{{"ColumnSorterHash":{{"Status":{order}}}}}]}}"#);
    for text in ["null", "\"\"", "\"up\""].map(sorter) {
        assert!(request(&text).is_err(), "{text}");
    }
    assert!(request(r#"{"Views":[null,{"ColumnFilterHash":{"Status":null}}]}"#).is_ok());
    for text in [
        "[]",
        "\"x\"",
        r#"{"GridPageSize":"many"}"#,
        r#"{"SearchType":"Nope"}"#,
        r#"{"GridPageSize":20.5}"#,
    ] {
        assert!(request(text).is_err(), "{text}");
    }
}

#[test]
fn reading_is_lenient() {
    let document = read(
        r"{'version': '1.017', gridpagesize: '20', GridPageSize: 30, NoDisplayIfReadOnly: 'true', // comment
          NearCompletionTimeAfterDays: 5, AutoVerUpType: 'always', HistoryOnGrid: null, Views: null,
          Views: [{ColumnSorterHash: {ResultId: 1}}], }",
    );
    assert_eq!(document.grid_page_size, Some(30));
    assert!(document.no_display_if_read_only && !document.history_on_grid);
    assert_eq!(document.near_completion_time_after_days, Some(Decimal::from(5)));
    assert_eq!(document.auto_ver_up_type, AutoVerUpType::Always);
    assert_eq!(document.views[0].column_sorter_hash["ResultId"], Order::Desc);
}

/// 01 §4.3: an empty text is null, where null may be.
#[test]
fn empty_texts_are_null_where_the_reference_has_null() {
    let document = request(
        r#"{"GridPageSize":"","AllowCopy":"","NearCompletionTimeAfterDays":"","StandardExportType":"",
            "HistoryOnGrid":"","FormStartDateTime":"","TitleSeparator":"","Views":[{"Own":"","Search":""}],
            "Columns":[{"ColumnName":"NumA","Nullable":"","Min":"","RoundingType":""}]}"#,
    );
    let mut expected = request(r#"{"Views":[{}],"Columns":[{"ColumnName":"NumA"}]}"#).unwrap();
    expected.title_separator = String::new();
    assert_eq!(document.unwrap(), expected);
    for text in [
        r#"{"NoDisplayIfReadOnly":""}"#,
        r#"{"Views":[{"ApiDataType":""}]}"#,
        r#"{"MoveTargets":[""]}"#,
        r#"{"Views":[{"ColumnSorterHash":{"NumA":""}}]}"#,
    ] {
        assert!(request(text).is_err(), "{text}");
    }
}

#[test]
fn absent_members_of_elements_have_their_defaults() {
    let document = read(
        r#"{"Version":1.017,"Processes":[{"Id":1,"Notifications":[{}]}],"Links":[{"Lookups":[{}]}],"Sections":[{}],
            "Formulas":[{"Formula":{"Children":[{"OperatorType":3}]}}]}"#,
    );
    let process = &document.processes[0];
    assert_eq!(
        (process.current_status, process.changed_status, process.action_type),
        (-1, -1, None)
    );
    assert!(process.notifications[0].after_create);
    assert_eq!(process.notifications[0].media_type, "application/json");
    assert!(document.links[0].lookups.as_ref().unwrap()[0].overwrite);
    assert!(document.sections[0].expand);
    let formula = document.formulas[0].formula.as_ref().unwrap();
    assert_eq!(formula.children[0].operator_type, OperatorType::Multiplication);
}

#[test]
fn a_document_of_the_present_version_is_not_converted() {
    let document = read(r#"{"Version":1.017,"EditorColumns":["ClassA"],"EditInDialog":true}"#);
    assert_eq!(document.editor_column_hash, None);
    assert!(document.extra.is_empty());
    let requested =
        request(r#"{"EditorColumns":["ClassA"],"ColumnCollection":[{"ColumnName":"ClassA"}]}"#)
            .unwrap();
    assert_eq!(requested, Document::read(None, ReferenceType::Results));
}

#[test]
fn the_first_documents_are_converted() {
    let document = read(
        r#"{"ColumnCollection":[{"ColumnName":"ClassA","EditorVisible":true,"GridVisible":false},
              {"ColumnName":"Body","EditorVisible":false},
              {"ColumnName":"DateA","GridDateTime":"Ymd","ControlDateTime":"Ymdhm"}],
            "LinkColumnSiteIdHash":{"ClassA_1":12},"FormulaHash":{"NumA":{"RawValue":2}},
            "NewStyle":"p{}","EditInDialog":true,
            "Views":[{"Id":3,"KambanGroupBy":"Status","CalendarColumn":"DateA"}]}"#,
    );
    let editor = &document.editor_column_hash.as_ref().unwrap()[GENERAL_TAB];
    assert!(
        editor.iter().any(|name| name == "ClassA") && !editor.iter().any(|name| name == "Body")
    );
    assert_eq!(document.columns[2].editor_format.as_deref(), Some("Ymdhm"));
    assert_eq!((document.links[0].column_name.as_str(), document.links[0].site_id), ("ClassA", 12));
    assert_eq!((document.formulas[0].target.as_str(), document.formulas[0].id), ("NumA", 1));
    assert!(document.styles[0].new);
    assert_eq!(document.grid_editor_type, GridEditorType::Dialog);
    assert_eq!(document.view_latest_id, 3);
    let names: Vec<_> = document.views[0].extra.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["KambanGroupByX", "CalendarFromTo"]);
    assert!(document.extra.is_empty(), "{:?}", document.extra);
}

#[test]
fn sections_of_columns_become_entries_of_the_editor() {
    let document = read(
        r#"{"Version":1.009,"EditorColumns":["Title","ClassA"],"Columns":[{"ColumnName":"ClassA","Section":"承認"}],
            "ReadColumnAccessControls":[{"ColumnName":"ClassA","AllowedUsers":["Manager"]}],
            "Exports":[{"Id":1,"Join":[{"ColumnName":"ClassA","SiteId":5}],
              "Columns":[{"ColumnName":"Title","SiteId":5},{"ColumnName":"NumA","SiteId":9}]}]}"#,
    );
    assert_eq!(
        document.editor_column_hash.as_ref().unwrap()[GENERAL_TAB],
        ["Title", "_Section-1", "ClassA", "Comments"]
    );
    assert_eq!((document.sections[0].id, document.sections[0].label_text.as_str()), (1, "承認"));
    assert_eq!(document.read_column_access_controls[0].record_users, ["Manager"]);
    let names: Vec<_> =
        document.exports[0].columns.iter().map(|column| column.column_name.as_str()).collect();
    assert_eq!(names, ["ClassA~5,Title", "NumA"]);
}
