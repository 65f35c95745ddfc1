use super::*;
use crate::lenient;

const TAIL: &str = r#""NoDisplayIfReadOnly":false,"NotInheritPermissionsWhenCreatingSite":false"#;

fn recorded(request: &str, kind: ReferenceType, language: &str) -> String {
    let json = lenient::parse(request).unwrap();
    let defaults = SettingsDefaults::default();
    let context = Context { language, defaults: &defaults, extension_columns: &[] };
    Document::from_request(&json).unwrap().record(kind, &context)
}

/// What a Results table is recorded with between the head and the tail that all documents have.
fn members(request: &str) -> String {
    let text = recorded(request, ReferenceType::Results, "ja");
    let text = text.strip_prefix(r#"{"Version":1.017,"ReferenceType":"Results","#).unwrap();
    text.strip_suffix(&format!("{TAIL}}}")).unwrap().trim_end_matches(',').to_owned()
}

#[test]
fn a_fresh_site_has_four_members() {
    for request in [
        "{}",
        r#"{"ReferenceType":"Nope"}"#,
        r#"{"Version":"1.017","Unknown":1,"GridPageSize":20}"#,
    ] {
        for kind in ReferenceType::ALL {
            let expected =
                format!(r#"{{"Version":1.017,"ReferenceType":"{}",{TAIL}}}"#, kind.name());
            assert_eq!(recorded(request, kind, "ja"), expected, "{request}");
        }
    }
}

#[test]
fn members_are_recorded_in_the_declared_order() {
    let request = r#"{"UseNegativeFilters":true,"Links":[{"SiteId":2,"ColumnName":"ClassE"}],
        "Columns":[{"DecimalPlaces":2,"Unit":"円","ColumnName":"NumA","LabelText":"金額"}],
        "GridColumns":["Title","Nope"]}"#;
    assert_eq!(
        members(request),
        concat!(
            r#""GridColumns":["Title","Nope"],"#,
            r#""Columns":[{"ColumnName":"NumA","LabelText":"金額","DecimalPlaces":2,"Unit":"円"}],"#,
            r#""Links":[{"ColumnName":"ClassE","SiteId":2}],"UseNegativeFilters":true"#,
        )
    );
}

#[test]
fn defaults_are_not_recorded() {
    for request in [
        r#"{"GridPageSize":20,"AutoVerUpType":1,"TitleSeparator":")","TitleColumns":["Title"]}"#,
        r#"{"EditorColumnHash":{"General":["ResultId","Ver","Title","Body","Status","Manager","Owner","Comments"]}}"#,
        r#"{"EditorColumnHash":{"General":["Nope"],"_Tab-1":[]}}"#,
        r#"{"Columns":[{"ColumnName":"ClassA"},{"ColumnName":"Nope","LabelText":"x"}]}"#,
        r#"{"Columns":[{"ColumnName":"ClassB","AllowImage":true,"LabelText":"分類B","MaxLength":0}]}"#,
        r#"{"Columns":[{"ColumnName":"NumA","Min":-999999999999999,"Step":1,"SearchType":1}]}"#,
        r#"{"Columns":[{"ColumnName":"AttachmentsA","LimitQuantity":30,"BinaryStorageProvider":"DataBase"}]}"#,
    ] {
        assert_eq!(members(request), "", "{request}");
    }
}

#[test]
fn the_default_choices_of_status_are_compared_without_regard_to_line_ends() {
    let status =
        |text: &str| format!(r#"{{"Columns":[{{"ColumnName":"Status","ChoicesText":"{text}"}}]}}"#);
    let choices = crate::domain::settings::definitions::STATUS_CHOICES.replace('\n', "\\r\\n");
    assert_eq!(members(&status(&choices)), "");
    assert_eq!(
        members(&status("100,未着手\\n900,完了")),
        r#""Columns":[{"ColumnName":"Status","ChoicesText":"100,未着手\n900,完了"}]"#
    );
}

#[test]
fn labels_are_compared_in_the_language_of_the_caller() {
    let request = r#"{"Columns":[{"ColumnName":"ClassA","LabelText":"ClassA"}]}"#;
    assert!(recorded(request, ReferenceType::Results, "ja").contains(r#""LabelText":"ClassA""#));
    assert!(!recorded(request, ReferenceType::Results, "en").contains("LabelText"));
}

#[test]
fn an_empty_default_input_switches_the_default_off() {
    assert_eq!(
        members(r#"{"Columns":[{"ColumnName":"Status","DefaultInput":""}]}"#),
        r#""Columns":[{"ColumnName":"Status","DefaultInput":""}]"#
    );
}

#[test]
fn ids_come_first_or_last_and_views_have_their_fixed_members() {
    let view = r#"{"Id":1,"Name":"v","ColumnFilterHash":{"Status":"[\"100\"]"},"ColumnSorterHash":{"ResultId":"desc"},"#;
    assert_eq!(
        members(&format!(
            r#"{{"Views":[{view}}}],"ViewLatestId":1,"NearCompletionTimeAfterDays":5}}"#
        )),
        format!(
            r#""NearCompletionTimeAfterDays":5.0,"ViewLatestId":1,"Views":[{view}"ApiColumnKeyDisplayType":0,{}}}]"#,
            r#""ApiColumnValueDisplayType":0,"CalendarSiteId":0,"ApiDataType":0"#,
        )
    );
    assert_eq!(
        members(
            r#"{"Formulas":[{"Id":1,"Target":"NumA","CalculationMethod":"Default","Formula":{"RawValue":5}}]}"#
        ),
        concat!(
            r#""Formulas":[{"CalculationMethod":"Default","Target":"NumA","#,
            r#""Formula":{"RawValue":5.0,"OperatorType":0},"Id":1}]"#,
        )
    );
    assert_eq!(
        members(r#"{"Scripts":[{"Id":1,"Title":"s","Body":"x=1;","All":true}]}"#),
        r#""Scripts":[{"Title":"s","All":true,"Body":"x=1;","Id":1}]"#
    );
}

#[test]
fn access_controls_equal_to_the_definition_are_not_recorded() {
    let request = r#"{"ReadColumnAccessControls":[{"ColumnName":"ClassA","Depts":[4200],"Groups":[],"Users":[1],
        "Type":0},{"ColumnName":"ClassB"}],"UpdateColumnAccessControls":[{"ColumnName":"Ver","Type":2147483648}],
        "PermissionForCreating":{"User":31,"Dept":0}}"#;
    let text = recorded(request, ReferenceType::Results, "ja");
    let controls =
        r#""ReadColumnAccessControls":[{"ColumnName":"ClassA","Depts":[4200],"Users":[1]}]}"#;
    assert!(
        text.ends_with(&format!(r#"{TAIL},"PermissionForCreating":{{"User":31}},{controls}"#)),
        "{text}"
    );
}

#[test]
fn a_stored_document_keeps_members_unknown_here() {
    let stored = r#"{"Version":1.017,"NewMember":{"A":1},"Links":[{"ColumnName":"ClassA","SiteId":3,"NewOne":true}]}"#;
    let defaults = SettingsDefaults::default();
    let context = Context { language: "ja", defaults: &defaults, extension_columns: &[] };
    let text = Document::read(Some(stored), ReferenceType::Results)
        .record(ReferenceType::Results, &context);
    assert!(text.contains(r#""NewMember":{"A":1}"#) && text.contains(r#""NewOne":true"#), "{text}");
    assert_eq!(
        members(r#"{"NewMember":1,"Links":[{"ColumnName":"ClassA","SiteId":3,"NewOne":true}]}"#),
        r#""Links":[{"ColumnName":"ClassA","SiteId":3}]"#
    );
}

#[test]
fn recording_what_was_recorded_changes_nothing() {
    let stored = include_str!("orders.json").trim_end();
    let defaults = SettingsDefaults::default();
    let context = Context { language: "en", defaults: &defaults, extension_columns: &[] };
    let document = Document::read(Some(stored), ReferenceType::Results);
    assert_eq!(document.record(ReferenceType::Results, &context), stored);
}
