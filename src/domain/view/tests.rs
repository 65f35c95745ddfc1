mod properties;

use chrono_tz::Tz;

use super::*;
use crate::db::ColumnInfo;
use crate::db::sql::Statement;
use crate::domain::settings::{Document, SettingsDefaults};
use crate::lenient;
use crate::messages::Language;
use crate::model::{
    DeptId, GroupId, ItemId, ReferenceType, SiteId, Target, Tenant, TenantId, UserId,
};

/// The table of 05 §9.12: `ClassA` without choices, `ClassB` with, `ClassC` with any number, `ClassD` users.
const SETTINGS: &str = r#"{"Version":1.017,"UseNegativeFilters":true,"Columns":[
    {"ColumnName":"ClassB","ChoicesText":"A\nB\nC"},
    {"ColumnName":"ClassC","ChoicesText":"X\nY\nZ","MultipleSelections":true},
    {"ColumnName":"ClassD","ChoicesText":"[[Users]]"},
    {"ColumnName":"ClassE","ChoicesText":"[[300]]"},
    {"ColumnName":"NumB","Nullable":true}],"Links":[{"ColumnName":"ClassE","SiteId":300}]}"#;

/// A table, a caller and a moment.
struct Fixture {
    caller: Caller,
    zones: Zones,
    table: TableSettings,
    columns: TableInfo,
    target: Target,
}

fn site() -> Site {
    Site {
        id: SiteId(100),
        title: String::new(),
        kind: ReferenceType::Results,
        parent: SiteId(0),
        inherit_permission: SiteId(100),
        ver: 1,
        updated_time: time("2024-01-01 00:00:00"),
        lock: None,
        api_count: 0,
        api_count_date: None,
        destinations: Vec::new(),
        sources: Vec::new(),
    }
}

fn caller() -> Caller {
    Caller {
        tenant: Tenant {
            id: TenantId(1),
            contract: String::new(),
            disable_api: false,
            allow_extensions_api: false,
            language: String::new(),
            time_zone: String::new(),
            title: String::new(),
        },
        user: UserId(5),
        dept: DeptId(3),
        dept_enabled: true,
        login_id: String::new(),
        name: String::new(),
        language: Language::Ja,
        time_zone: String::new(),
        groups: Vec::new(),
        enabled_groups: vec![GroupId(4)],
        privileged: false,
        tenant_manager: false,
        service_manager: false,
        allow_api: false,
        allow_creation_at_top_site: false,
        allow_group_administration: false,
        allow_group_creation: false,
        settings: String::new(),
    }
}

impl Fixture {
    fn new(kind: ReferenceType, settings: &str) -> Self {
        let document = Document::read(Some(settings), kind);
        let table = TableSettings::build(document, kind, &[], &SettingsDefaults::default());
        let info = |column: &crate::domain::settings::Column| {
            let nullable =
                !matches!(column.name.as_str(), "SiteId" | "ResultId" | "IssueId" | "Ver");
            ColumnInfo::new(column.name.clone(), column.data_type(), None, nullable)
        };
        let columns = table.columns.iter().filter(|column| column.definition.physical).map(info);
        Self {
            caller: caller(),
            zones: Zones::new(Tz::UTC, "Asia/Tokyo"),
            columns: TableInfo::new(kind.name(), columns.collect()),
            table,
            target: Target {
                item: ItemId(100),
                item_title: String::new(),
                site: Site { kind, ..site() },
                site_rights: Some(Rights::READ),
                item_rights: None,
            },
        }
    }

    fn compile(&self, view: &str) -> Result<ListQuery, Error> {
        let view: View = lenient::from_str(view).unwrap();
        Compiler {
            reader: Reader {
                caller: &self.caller,
                zones: &self.zones,
                server_now: time("2024-01-31 20:00:00"),
                user_now: time("2024-02-01 05:00:00"),
                completion_code: 900,
                minimum_time: 3,
                search_documents: false,
            },
            table: &self.table,
            columns: &self.columns,
            site: &self.target.site,
            access: Access::new(&self.target, self.caller.privileged, Rights::NONE),
            needed: Rights::READ,
            record: None,
            links: &Links::default(),
            joins: false,
        }
        .compile(Some(&view))
    }

    /// The condition of one filter, without that of the site.
    fn filter(&self, view: &str) -> String {
        let (text, binds) = rendered(&self.compile(view).unwrap().predicate);
        let site = r#"("record"."SiteId" = $1::bigint"#;
        let rest = text.strip_prefix(site).unwrap().strip_suffix(')').unwrap();
        format!("{} {}", rest.strip_prefix(" and ").unwrap_or(rest), &binds[1..].join(" "))
    }
}

fn results() -> Fixture {
    Fixture::new(ReferenceType::Results, SETTINGS)
}

fn rendered(predicate: &Predicate) -> (String, Vec<String>) {
    let mut sql = Statement::new();
    predicate.render(&mut sql);
    let binds = sql.bound().iter().map(|bind| format!("{bind:?}")).collect();
    (sql.text().to_owned(), binds)
}

fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

fn filter(column: &str, value: &str) -> String {
    results().filter(&view(column, value, ""))
}

fn view(column: &str, value: &str, more: &str) -> String {
    let value = serde_json::Value::String(value.to_owned());
    format!("{{\"ColumnFilterHash\":{{\"{column}\":{value}}}{more}}}")
}

/// 05 §9.1, §9.3–§9.6: each is in the examples of 05 §9.12 with all rows.
#[test]
fn names_and_values_that_are_no_condition_are_skipped() {
    for (column, value) in [
        ("Status", "100,910"),
        ("Status", "[]"),
        ("Status", ""),
        ("NumA", "99.5"),
        ("CheckA", "0"),
        ("CheckA", r#"["true"]"#),
        ("DateA", "2024/01/31,2024/01/31"),
        ("DateA", r#"["",""]"#),
        ("ClassB", "A"),
        ("ClassC", "X"),
        ("ClassC", "[]"),
        ("ClassD", "Own"),
        ("NoSuchColumn", "x"),
        ("status", "100"),
        ("TitleBody", "x"),
        ("ItemTitle", "x"),
        ("ClassE~300,Title", "x"),
        ("Groups", "[1]"),
        ("OnSelectingWhere", "x"),
        ("or_1", "{"),
        ("or_1", "{}"),
        ("and_1", "[1]"),
        ("or_1", r#"{"NoSuchColumn":"1"}"#),
        ("eq_1", "NumA|ClassA"),
        ("eq_1", "NumA"),
        ("eq_1", "NumA|Nope"),
    ] {
        assert_eq!(filter(column, value).trim(), "", "{column} {value}");
    }
}

#[test]
fn numbers_are_compared_by_what_the_column_holds() {
    assert_eq!(filter("Status", " +200 "), r#""record"."Status" = $2::bigint Long(Some(200))"#);
    assert_eq!(filter("NumA", "10"), r#""record"."NumA" = $2::numeric Decimal(Some(10))"#);
    assert_eq!(
        filter("NumA", r#"["0,99.9"]"#),
        r#"("record"."NumA" between $2::numeric and $3::numeric or "record"."NumA" is null) Decimal(Some(0)) Decimal(Some(99.9))"#
    );
    assert_eq!(
        filter("NumB", r#"["0,99.9"]"#),
        r#"("record"."NumB" between $2::numeric and $3::numeric) Decimal(Some(0)) Decimal(Some(99.9))"#
    );
    assert_eq!(filter("Manager", "Own"), r#""record"."Manager" = $2::bigint Long(Some(5))"#);
    assert_eq!(
        filter("Status", r#"["abc",7]"#),
        r#"("record"."Status" = any($2::bigint[])) Longs([Some(0), Some(7)])"#
    );
}

#[test]
fn dates_are_converted_and_cut_to_seconds() {
    assert_eq!(
        filter("DateA", r#"["2024/01/31 00:00:00,2024/01/31 23:59:59.997"]"#),
        r#"("record"."DateA" between $2::timestamp and $3::timestamp) Time(Some(2024-01-30T15:00:00)) Time(Some(2024-01-31T14:59:59))"#
    );
    assert_eq!(
        filter("DateA", r#"["ThisMonth"]"#),
        r#"("record"."DateA" between $2::timestamp and $3::timestamp) Time(Some(2024-01-31T15:00:00)) Time(Some(2024-02-29T14:59:59))"#
    );
    assert_eq!(
        filter("DateA", r#"["Yesterday"]"#),
        r#"("record"."DateA" >= $2::timestamp) Time(Some(1899-12-30T00:00:00))"#
    );
    assert_eq!(
        filter("DateA", r#"["2024-02-15T13:30:00Z"]"#),
        r#"("record"."DateA" >= $2::timestamp) Time(Some(2024-02-15T04:30:00))"#
    );
}

#[test]
fn texts_are_matched_by_words_choices_by_value() {
    assert_eq!(
        filter("Title", "alpha　50%"),
        r#"("item"."Title" ilike $2::text escape '|' and "item"."Title" ilike $3::text escape '|') Text(Some("%alpha%")) Text(Some("%50|%%"))"#
    );
    assert_eq!(
        filter("ClassB", r#"["A","\t"]"#),
        r#"("record"."ClassB" = $2::text or ("record"."ClassB" is null or "record"."ClassB" = $3::text)) Text(Some("A")) Text(Some(""))"#
    );
    assert_eq!(
        filter("ClassC", r#"["X"]"#),
        r#"("record"."ClassC" ilike $2::text escape '|') Text(Some("%\"X\"%"))"#
    );
    assert_eq!(filter("ClassD", r#"["Own"]"#), r#"("record"."ClassD" = $2::text) Text(Some("5"))"#);
}

#[test]
fn negated_choices_differ_or_are_missing() {
    let negative = view("ClassB", r#"["A"]"#, r#","ColumnFilterNegatives":["ClassB"]"#);
    let text = results().filter(&negative);
    assert!(text.contains(r#"not ("record"."ClassB" = $2::text)"#), "{text}");
    assert!(text.contains(r#"or "record"."ClassB" is null"#), "{text}");
    let without = Fixture::new(ReferenceType::Results, "{\"Version\":1.017}");
    let plain = view("ClassB", "x", r#","ColumnFilterNegatives":["ClassB"]"#);
    assert!(!without.filter(&plain).contains("not"), "the table has to allow negatives");
}

#[test]
fn groups_are_joined_by_what_they_are_called() {
    let text =
        filter("or_1", r#"{"Status":"900","and_1":"{\"Manager\":\"Own\",\"CheckA\":\"true\"}"}"#);
    assert_eq!(
        text,
        r#"("record"."Status" = $2::bigint or ("record"."Manager" = $3::bigint and "record"."CheckA" = $4::boolean)) Long(Some(900)) Long(Some(5)) Bool(Some(true))"#
    );
}

#[test]
fn filters_that_the_reference_fails_on_are_refused() {
    let table = results();
    for text in [
        view("Timestamp", "x", ""),
        view("VerUp", "true", ""),
        view("GroupMembers", "[1]", ""),
        view("Status", "100", r#","ColumnFilterNegatives":["Status"]"#),
        r#"{"Search":"a or  "}"#.to_owned(),
        r#"{"ColumnSorterHash":{"Title":"release"}}"#.to_owned(),
        r#"{"ColumnSorterHash":{"Timestamp":"asc"}}"#.to_owned(),
    ] {
        assert!(matches!(table.compile(&text), Err(Error::BadRequest)), "{text}");
    }
}

#[test]
fn rows_need_permissions_of_their_own_where_the_site_gives_none() {
    let mut table = results();
    assert_eq!(table.filter("{}").trim(), "");
    table.target.site_rights = Some(Rights::CREATE);
    let text = table.filter("{}");
    assert!(text.contains(r#""record"."ResultId" in (select granted."ReferenceId""#), "{text}");
    table.caller.privileged = true;
    assert_eq!(table.filter("{}").trim(), "");
}

#[test]
fn integrated_sites_count_by_their_own_permissions() {
    let table = Fixture::new(
        ReferenceType::Results,
        r#"{"Version":1.017,"IntegratedSites":["200","営業"]}"#,
    );
    let (text, binds) = rendered(&table.compile("{}").unwrap().predicate);
    assert!(text.contains(r#""SiteName" = any("#) && text.contains(r#""InheritPermission""#));
    assert!(binds.contains(&"Longs([Some(100), Some(200)])".to_owned()), "{binds:?}");
}

#[test]
fn a_list_without_conditions_is_empty_where_the_table_demands_one() {
    let table = Fixture::new(
        ReferenceType::Results,
        r#"{"Version":1.017,"AlwaysRequestSearchCondition":true}"#,
    );
    assert_eq!(table.filter(r#"{"ColumnFilterHash":{"Status":"[]"}}"#).trim(), "false");
    assert_eq!(table.filter(&view("Ver", "1", "")), r#""record"."Ver" = $2::bigint Long(Some(1))"#);
}

#[test]
fn every_list_is_ordered_to_the_last_row() {
    let order = |view: &str| {
        let sorters = results().compile(view).unwrap().order;
        sorters.iter().map(|by| format!("{:?}", by.descending)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order("{}"), "true true");
    assert_eq!(order(r#"{"ColumnSorterHash":{"NumA":"asc","Nope":"asc"}}"#), "false true true");
    assert_eq!(
        order(r#"{"ColumnSorterHash":{"UpdatedTime":"asc","ResultId":"asc"}}"#),
        "false false"
    );
    assert_eq!(
        order(r#"{"ShowHistory":true,"ColumnSorterHash":{"NumA":"asc"}}"#),
        "true true true"
    );
}

#[test]
fn the_default_view_is_merged_where_it_is_asked_for() {
    let table = Fixture::new(
        ReferenceType::Results,
        r#"{"Version":1.017,"GridView":1,"Views":[{"Id":1,"Name":"v","Own":true,
            "ColumnFilterHash":{"Status":"100","Ver":"1"}}]}"#,
    );
    let merged = r#"{"MergeSessionViewFilters":true,"ColumnFilterHash":{"Status":"200"}}"#;
    let text = table.filter(merged);
    assert!(
        text.contains(r#""Owner""#) && text.contains("Long(Some(200)) Long(Some(1))"),
        "{text}"
    );
    assert!(!table.filter(r#"{"ColumnFilterHash":{"Status":"200"}}"#).contains("Owner"));
}

#[test]
fn groups_nested_beyond_reason_are_refused_or_skipped() {
    // Quotes of two kinds in turn nest without escapes; deeper levels take escapes, which double.
    let mut text = r#"{"Status":"1"}"#.to_owned();
    for _ in 0..12 {
        text = format!("{{\"or_1\":{}}}", serde_json::Value::String(text));
    }
    assert!(filter("or_1", &text).contains("Status"));
}

#[test]
fn a_view_has_room_for_ten_thousand_values() {
    let list: Vec<String> = (0..20_000).map(|number| format!("\"{number},\"")).collect();
    let view = view("NumA", &format!("[{}]", list.join(",")), "");
    assert!(matches!(results().compile(&view), Err(Error::BadRequest)));
}
