use super::*;
use crate::domain::settings::enums::SearchType;
use crate::domain::settings::{ColumnRight, Subject};
use crate::model::SiteId;

fn build(kind: ReferenceType, text: &str, extension_columns: &[&str]) -> TableSettings {
    let extension_columns: Vec<String> =
        extension_columns.iter().map(|name| (*name).to_owned()).collect();
    let document = Document::read(Some(text), kind);
    TableSettings::build(document, kind, &extension_columns, &SettingsDefaults::default())
}

fn orders() -> TableSettings {
    build(ReferenceType::Results, include_str!("../record/orders.json"), &[])
}

#[test]
fn customised_columns_come_first_in_their_order() {
    let table = build(
        ReferenceType::Results,
        r#"{"Version":1.017,"Columns":[{"ColumnName":"ClassC"},{"ColumnName":"Nope"},{"ColumnName":"ClassA"},
            {"ColumnName":"ClassC","LabelText":"二度"}]}"#,
        &[],
    );
    let names: Vec<_> =
        columns_of(&table, ColumnClass::Class).map(|column| column.name.as_str()).take(4).collect();
    assert_eq!(names, ["ClassC", "ClassA", "ClassB", "ClassD"]);
    assert_eq!(table.column("ClassC").unwrap().label("ja"), "分類C");
    assert!(table.column("Nope").is_none() && table.column("classA").is_none());
}

#[test]
fn three_digit_columns_exist_where_the_installation_has_them() {
    let text = r#"{"Version":1.017,"Columns":[{"ColumnName":"Num002","LabelText":"追加"}]}"#;
    let with = build(ReferenceType::Results, text, &["Num010", "Num002", "Class001"]);
    let names: Vec<_> =
        columns_of(&with, ColumnClass::Num).map(|column| column.name.as_str()).collect();
    assert_eq!(
        (names[0], names[1], names[26], names[27], names.len()),
        ("Num002", "NumA", "NumZ", "Num010", 28)
    );
    assert!(build(ReferenceType::Results, text, &[]).column("Num002").is_none());
}

#[test]
fn a_table_without_settings_has_the_default_lists() {
    let table = build(ReferenceType::Issues, "", &[]);
    assert_eq!(table.editor_columns[..3], ["IssueId", "Ver", "Title"]);
    assert_eq!(table.grid_columns.len(), 13);
    assert_eq!(
        (table.title_columns.as_slice(), table.title_separator.as_str()),
        (&["Title".to_owned()][..], ")")
    );
    assert!(table.is_shown(table.column("Locked").unwrap()));
    assert!(!table.is_shown(table.column("ClassA").unwrap()));
}

#[test]
fn the_editor_has_the_columns_of_all_tabs_once() {
    let table = build(
        ReferenceType::Results,
        r#"{"Version":1.017,"EditorColumnHash":{"_Tab-1":["_Section-1","ClassB","Title","_Links-9","Nope"],
            "General":["Title","ClassA"]}}"#,
        &[],
    );
    assert_eq!(table.editor_columns, ["Title", "ClassA", "ClassB"]);
    assert!(table.is_in_editor("ClassB") && !table.is_in_editor("Body"));
}

#[test]
fn columns_have_their_settings_and_defaults() {
    let table = orders();
    let order = table.column("ClassA").unwrap();
    assert_eq!((order.label("en"), order.max_length), ("Order no", Some(Decimal::from(20))));
    assert!(order.no_duplication && order.validate_required && !order.has_choices());
    let customer = table.column("ClassB").unwrap();
    assert!(customer.link && customer.use_search);
    assert_eq!(customer.choices.sites().collect::<Vec<_>>(), [SiteId(123)]);
    let rank = table.column("ClassC").unwrap();
    assert_eq!(rank.choices.literal("B").unwrap().text, "Beta");
    assert_eq!(
        (rank.search_type, rank.default_input.as_deref()),
        (SearchType::ExactMatch, Some("B"))
    );
    assert_eq!(table.column("ClassD").unwrap().subject, Subject::User);
    assert_eq!(table.column("Creator").unwrap().subject, Subject::User);
    let departments = table.column("ClassE").unwrap();
    assert_eq!(
        (departments.subject, departments.search_type),
        (Subject::Dept, SearchType::PartialMatch)
    );
    assert_eq!(table.column("Manager").unwrap().default_input.as_deref(), Some("[[Self]]"));
    assert!(
        !table.column("DateA").unwrap().is_date_only()
            && table.column("DateB").unwrap().is_date_only()
    );
}

#[test]
fn numbers_have_bounds_and_are_rounded() {
    let table = orders();
    let bounds = |name| {
        let column: &Column = table.column(name).unwrap();
        (column.min, column.max)
    };
    let most = Decimal::from(999_999_999_999_999_i64);
    assert_eq!(bounds("NumA"), (Decimal::ZERO, Decimal::from(9999)));
    assert_eq!(bounds("NumB"), (-most, most));
    assert_eq!(bounds("Title"), (Decimal::ZERO, Decimal::from(1024)));
    assert_eq!(
        table.column("NumC").unwrap().round("1.239".parse().unwrap()),
        "1.23".parse().unwrap()
    );
    let issues = build(ReferenceType::Issues, "", &[]);
    assert_eq!(issues.column("ProgressRate").unwrap().max, Decimal::ONE_HUNDRED);
}

#[test]
fn access_is_free_unless_the_definition_or_the_settings_restrict_it() {
    let table = orders();
    assert!(table.column("ClassA").unwrap().access(ColumnRight::Update).is_free());
    assert!(!table.column("Ver").unwrap().access(ColumnRight::Create).is_free());
    assert!(table.column("Ver").unwrap().access(ColumnRight::Read).is_free());
    assert_eq!(table.column("NumB").unwrap().access(ColumnRight::Update).groups, [7]);
}

#[test]
fn elements_are_found_by_id() {
    let table = orders();
    assert_eq!(table.view(1).unwrap().name, "Open");
    assert_eq!(table.process(1).unwrap().name, "Approve");
    assert!(table.view(2).is_none());
    assert!(table.is_formula_target("NumC") && !table.is_formula_target("NumA"));
    assert_eq!(table.links_of("ClassB").count(), 1);
}

#[test]
fn disabled_server_scripts_are_none() {
    let text = r#"{"Version":1.017,"ServerScripts":[{"Id":1}],"ServerScriptsAllDisabled":true}"#;
    assert!(build(ReferenceType::Results, text, &[]).server_scripts.is_empty());
}

fn columns_of(table: &TableSettings, class: ColumnClass) -> impl Iterator<Item = &Column> {
    table.columns.iter().filter(move |column| column.class() == Some(class))
}
