//! Views of requests: no input panics, and no text of one becomes syntax.
#![no_main]

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use kokochi::db::sql::Statement;
use kokochi::db::{ColumnInfo, TableInfo};
use kokochi::domain::permissions::Access;
use kokochi::domain::settings::document::View;
use kokochi::domain::settings::{Document, SettingsDefaults, TableSettings};
use kokochi::domain::view::{Compiler, Links, Reader};
use kokochi::domain::zones::Zones;
use kokochi::lenient;
use kokochi::messages::Language;
use kokochi::model::{
    Caller, DeptId, GroupId, ItemId, ReferenceType, Rights, Site, SiteId, Target, Tenant, TenantId, UserId,
};
use libfuzzer_sys::fuzz_target;

/// Columns of every kind of filter.
const SETTINGS: &str = r#"{"Version":1.017,"UseNegativeFilters":true,"Columns":[
    {"ColumnName":"ClassB","ChoicesText":"A\nB\nC"},
    {"ColumnName":"ClassC","ChoicesText":"X\nY\nZ","MultipleSelections":true},
    {"ColumnName":"ClassD","ChoicesText":"[[Users]]"},
    {"ColumnName":"ClassE","ChoicesText":"[[300]]"},
    {"ColumnName":"NumB","Nullable":true}],"Links":[{"ColumnName":"ClassE","SiteId":300}]}"#;
/// What a client can send to be recognised in the statement.
const MARK: &str = "zqj";

struct Fixture {
    caller: Caller,
    zones: Zones,
    table: TableSettings,
    columns: TableInfo,
    target: Target,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let kind = ReferenceType::Issues;
    let document = Document::read(Some(SETTINGS), kind);
    let table = TableSettings::build(document, kind, &[], &SettingsDefaults::default());
    let physical = table.columns.iter().filter(|column| column.definition.physical);
    let columns = physical.map(|column| ColumnInfo::new(column.name.clone(), column.data_type(), None, true));
    let columns = TableInfo::new(kind.name(), columns.collect());
    let zones = Zones::new(chrono_tz::Tz::UTC, "Asia/Tokyo");
    let site = site(kind);
    let (site_rights, item) = (Some(Rights::READ), ItemId(100));
    let target = Target { item, item_title: String::new(), site, site_rights, item_rights: None };
    Fixture { caller: caller(), zones, table, columns, target }
});

fn moment() -> NaiveDateTime {
    "2024-01-31T20:00:00".parse().expect("a time")
}

fn site(kind: ReferenceType) -> Site {
    Site {
        id: SiteId(100),
        title: String::new(),
        kind,
        parent: SiteId(0),
        inherit_permission: SiteId(100),
        ver: 1,
        updated_time: moment(),
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

// What the input, and the input as the value of a filter of each column, compile to.
fuzz_target!(|text: &str| {
    compile(text);
    let value = format!("{text}{MARK}").replace('\\', "\\\\").replace('"', "\\\"");
    for column in ["ClassA", "ClassB", "ClassC", "ClassD", "ClassE", "NumA", "NumB", "DateA", "Status", "Manager", "or_1"] {
        compile(&format!("{{\"Search\":\"{value}\",\"ColumnFilterHash\":{{\"{column}\":\"{value}\"}}}}"));
        compile(&format!("{{\"ColumnFilterHash\":{{\"{value}\":\"1\"}},\"ColumnSorterHash\":{{\"{value}\":\"asc\"}}}}"));
    }
});

fn compile(text: &str) {
    let Ok(view) = lenient::from_str::<View>(text) else { return };
    let Fixture { caller, zones, table, columns, target } = &*FIXTURE;
    let compiled = Compiler {
        reader: Reader {
            caller,
            zones,
            server_now: moment(),
            user_now: moment(),
            completion_code: 900,
            minimum_time: 3,
            search_documents: true,
        },
        table,
        columns,
        site: &target.site,
        access: Access::new(target, false, Rights::NONE),
        needed: Rights::READ,
        record: None,
        links: &Links::default(),
        joins: false,
    }
    .compile(Some(&view));
    let Ok(query) = compiled else { return };
    let mut sql = Statement::new();
    query.predicate.render(&mut sql);
    assert!(!sql.text().contains(MARK), "{}", sql.text());
}
