//! Whatever a request says, its text stays out of the statement.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Fixture, rendered, results};

/// The table of the other tests, made once for many cases.
static RESULTS: LazyLock<Fixture> = LazyLock::new(results);

/// Names of columns and texts that look like SQL.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "Status",
            "NumA",
            "NumB",
            "DateA",
            "CheckA",
            "ClassA",
            "ClassB",
            "ClassC",
            "ClassD",
            "ClassE",
            "Title",
            "Body",
            "Manager",
            "or_1",
            "and_1",
            "eq_1",
            "notEq_1",
            "ResultId",
            "UpdatedTime",
            "SiteTitle",
            "Comments",
        ])
        .prop_map(str::to_owned),
        "[a-z]{7,12}';--[\"|~,]{0,3}",
    ]
}

/// Values of every kind of filter, with a mark that only a client can have written.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "zq[a-z]{4}['\"%_|; ]{0,4}",
        "\\[\"zq[a-z]{4}['%_|;]{0,4}\",\"\\\\t\"\\]",
        "\\[\"-?[0-9]{0,3},-?[0-9]{0,3}\",\"zq[a-z]{3}'\"\\]",
        "\\{\"ClassA\":\"zq[a-z]{4}'\",\"or_2\":\"\\{'Status':'\\[1,\\\\\"zqx\\\\\"\\]'\\}\"\\}",
        "zq[a-z]{3}\\|zq[a-z]{3}",
        any::<String>().prop_map(|text| format!("zqzq{text}")),
    ]
}

proptest! {
    #[test]
    fn no_text_of_a_request_becomes_sql(
        filters in proptest::collection::vec((names(), values()), 0..6),
        sorters in proptest::collection::vec(names(), 0..4),
        search in values(),
        search_type in 0i32..14,
        negative in any::<bool>(),
    ) {
        let hash: serde_json::Map<String, serde_json::Value> =
            filters.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let types: serde_json::Map<String, serde_json::Value> =
            filters.iter().map(|(name, _)| (name.clone(), search_type.into())).collect();
        let order: serde_json::Map<String, serde_json::Value> =
            sorters.iter().map(|name| (name.clone(), 1i32.into())).collect();
        let negatives: Vec<&String> =
            filters.iter().filter(|_| negative).map(|(name, _)| name).collect();
        let view = serde_json::json!({
            "ColumnFilterHash": hash,
            "ColumnFilterSearchTypes": types,
            "ColumnSorterHash": order,
            "ColumnFilterNegatives": negatives,
            "Search": search,
        });
        if let Ok(query) = RESULTS.compile(&view.to_string()) {
            let (text, binds) = rendered(&query.predicate);
            prop_assert!(!text.contains("zq") && !text.contains("--"), "{text}");
            prop_assert_eq!(text.matches('$').count(), binds.len());
        }
    }

    #[test]
    fn unknown_columns_never_reach_the_statement(name in "[A-Za-z~,_]{1,12}") {
        let table = &*RESULTS;
        prop_assume!(table.table.column(&name).is_none() && !name.contains('_') && name != "GroupMembers");
        let text = serde_json::json!({
            "ColumnFilterHash": {name.as_str(): "[\"1\"]"},
            "ColumnSorterHash": {name.as_str(): "asc"},
        });
        let query = table.compile(&text.to_string()).unwrap();
        prop_assert_eq!(rendered(&query.predicate).1.len(), 1);
        prop_assert_eq!(query.order.len(), 2);
    }
}
