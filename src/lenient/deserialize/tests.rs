use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;
use serde_json::json;

use super::*;
use crate::lenient::{
    Error, Nullable, Number, PostedTime, enum_by_name_or_number, from_str, parse,
};

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    api_key: Option<String>,
    offset: i32,
    status: Nullable<i32>,
    locked: Nullable<bool>,
    class_hash: IndexMap<String, Option<String>>,
    num_hash: IndexMap<String, Nullable<Number>>,
    date_hash: IndexMap<String, PostedTime>,
    keys: Option<Vec<String>>,
    view: Option<View>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct View {
    search: Option<String>,
    incomplete: Option<bool>,
    column_filter_hash: IndexMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum TableType {
    Normal = 0,
    History = 1,
    All = 6,
}
enum_by_name_or_number!(TableType { Normal, History, All }, |_| Some(TableType::Normal));

#[derive(Debug, Clone, Copy, PartialEq)]
enum Strict {
    One = 1,
}
enum_by_name_or_number!(Strict { One });

#[derive(Debug, PartialEq, Deserialize)]
enum Order {
    Asc,
    Desc,
    Release,
}

fn problem<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
    match from_str::<T>(text) {
        Err(Error::Conversion(error)) => error.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn members_match_in_any_case_and_unknown_ones_are_ignored() {
    let body: Body = from_str("{apikey:'a', OFFSET:1, Other:{x:[{}]}}").unwrap();
    assert_eq!((body.api_key.as_deref(), body.offset), (Some("a"), 1));
}

#[test]
fn an_exact_name_is_preferred_to_one_in_another_case() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Both {
        a: i32,
        #[serde(rename = "A")]
        upper: i32,
    }
    assert_eq!(from_str("{A:1, a:2}"), Ok(Both { a: 2, upper: 1 }));
}

#[test]
fn the_last_of_repeated_members_wins() {
    let body: Body = from_str("{ApiKey:'a', apikey:'b', Offset:'x', Offset:2}").unwrap();
    assert_eq!((body.api_key.as_deref(), body.offset), (Some("b"), 2));
}

#[test]
fn repeated_objects_are_merged() {
    let body: Body = from_str("{ClassHash:{a:1,b:1}, classhash:{b:2,c:2}, View:{Search:'s',ColumnFilterHash:{a:1}}, View:{Incomplete:true,ColumnFilterHash:{b:2}}}").unwrap();
    let class: Vec<_> = body
        .class_hash
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_deref().unwrap()))
        .collect();
    assert_eq!(class, [("a", "1"), ("b", "2"), ("c", "2")]);
    let view = body.view.unwrap();
    assert_eq!(
        (view.search.as_deref(), view.incomplete, view.column_filter_hash.len()),
        (Some("s"), Some(true), 2)
    );
}

#[test]
fn null_between_repeated_objects_forgets_the_first() {
    let body: Body = from_str("{View:{Search:'s'}, View:null, View:{Incomplete:true}}").unwrap();
    assert_eq!(body.view.unwrap().search, None);
}

#[test]
fn keys_of_maps_are_data() {
    let body: Body = from_str("{ClassHash:{ClassA:1, classa:2, ClassA:3}}").unwrap();
    assert_eq!(body.class_hash.get("ClassA"), Some(&Some("3".to_owned())));
    assert_eq!(body.class_hash.get("classa"), Some(&Some("2".to_owned())));
}

#[test]
fn keys_of_maps_may_be_numbers_and_enums() {
    assert_eq!(
        from_str::<BTreeMap<i32, i32>>("{'1':2, 3:4}"),
        Ok(BTreeMap::from([(1, 2), (3, 4)]))
    );
    assert_eq!(
        from_str::<HashMap<Option<u8>, bool>>("{'1':true}"),
        Ok(HashMap::from([(Some(1), true)]))
    );
    assert_eq!(problem::<BTreeMap<i32, i32>>("{a:1}"), "a: the name is not an integer");
}

#[test]
fn integers_take_integer_tokens_and_texts() {
    for (text, expected) in
        [("5", 5), ("-5", -5), ("0x10", 16), ("010", 8), ("' 5 '", 5), ("'+5'", 5), ("'-05'", -5)]
    {
        assert_eq!(from_str::<i32>(text), Ok(expected), "{text}");
        assert_eq!(from_str::<i64>(text), Ok(i64::from(expected)), "{text}");
    }
    assert_eq!(from_str::<u64>("18446744073709551615"), Ok(u64::MAX));
    assert_eq!(from_str::<i64>("'-9223372036854775808'"), Ok(i64::MIN));
    for text in [
        "100.0",
        "1e2",
        "true",
        "null",
        "''",
        "'1.0'",
        "'1,000'",
        "'0x10'",
        "'a'",
        "[1]",
        "NaN",
        "2147483648",
    ] {
        problem::<i32>(text);
    }
    problem::<i64>("9223372036854775808");
    problem::<u8>("-1");
}

#[test]
fn booleans_take_numbers_and_the_two_words() {
    for (text, expected) in [
        ("true", true),
        ("false", false),
        ("0", false),
        ("2", true),
        ("-1", true),
        ("0.0", false),
        ("0.5", true),
        ("'TRUE'", true),
        ("' False '", false),
        ("99999999999999999999", true),
    ] {
        assert_eq!(from_str::<bool>(text), Ok(expected), "{text}");
    }
    for text in ["'1'", "'0'", "''", "'abc'", "null", "[]"] {
        assert_eq!(problem::<bool>(text), "not a boolean", "{text}");
    }
}

#[test]
fn texts_take_scalars_as_written() {
    for (text, expected) in [
        ("'a'", "a"),
        ("123", "123"),
        ("1.50", "1.50"),
        ("0120", "0120"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("NaN", "NaN"),
        ("true", "true"),
        ("false", "false"),
        ("''", ""),
    ] {
        assert_eq!(from_str::<String>(text).as_deref(), Ok(expected), "{text}");
    }
    for text in ["{}", "[]", "null"] {
        assert_eq!(problem::<String>(text), "not a text", "{text}");
    }
}

#[test]
fn texts_can_be_borrowed() {
    #[derive(Deserialize)]
    struct Borrowed<'a> {
        key: &'a str,
        #[serde(borrow)]
        cow: Cow<'a, str>,
    }
    let json = parse("{key:'a', cow:'b'}").unwrap();
    let borrowed: Borrowed<'_> = from_json(&json).unwrap();
    assert_eq!(borrowed.key, "a");
    assert!(matches!(borrowed.cow, Cow::Borrowed("b")));
}

#[test]
fn null_and_missing_members_are_none() {
    let body: Body = from_str("{ApiKey:null, View:undefined, Keys:null, Status:null}").unwrap();
    assert_eq!(body, Body::default());
    assert_eq!(problem::<Body>("{Offset:null}"), "Offset: not an integer");
}

#[test]
fn an_empty_text_is_null_for_nullable_members_only() {
    let body: Body =
        from_str("{Status:'', Locked:'', NumHash:{NumA:'',NumB:null,NumC:1.50}, ApiKey:''}")
            .unwrap();
    assert_eq!((body.status, body.locked), (Nullable(None), Nullable(None)));
    assert_eq!(body.api_key.as_deref(), Some(""));
    assert_eq!(body.num_hash["NumA"], Nullable(None));
    assert_eq!(body.num_hash["NumB"], Nullable(None));
    assert_eq!(body.num_hash["NumC"].unwrap().0.to_string(), "1.50");
    assert_eq!(problem::<Body>("{Offset:''}"), "Offset: not an integer");
    assert_eq!(problem::<Body>("{Status:' '}"), "Status: not an integer");
    assert_eq!(problem::<Body>("{DateHash:{DateA:''}}"), "DateHash.DateA: not a date");
}

#[test]
fn errors_tell_the_place_and_never_the_value() {
    assert_eq!(problem::<Body>("{NumHash:{NumA:'secret'}}"), "NumHash.NumA: not a number");
    assert_eq!(problem::<Body>("{keys:[1,'b',[]]}"), "Keys[2]: not a text");
    assert_eq!(problem::<Body>("{ClassHash:5}"), "ClassHash: not an object");
    assert_eq!(problem::<Body>("{Keys:'ClassA'}"), "Keys: not an array");
    assert_eq!(
        problem::<Body>("{View:{ColumnFilterHash:{Status:[100]}}}"),
        "View.ColumnFilterHash.Status: not a text"
    );
    assert_eq!(problem::<Vec<Vec<u8>>>("[[1],[2,3000]]"), "[1][1]: expected u8");
    assert_eq!(problem::<Vec<BTreeMap<String, u8>>>("[{a:'secret'}]"), "[0].a: not an integer");
    assert_eq!(problem::<Order>("'secret'"), "no name of the enum");
    assert_eq!(problem::<char>("'secret'"), "expected a character");
    let long = format!("{{{}:'x'}}", "あ".repeat(100));
    assert_eq!(
        problem::<BTreeMap<String, u8>>(&long),
        format!("{}: not an integer", "あ".repeat(40))
    );
}

#[test]
fn derived_enums_match_by_name_in_any_case() {
    assert_eq!(
        from_str("['Asc','DESC',' release ']"),
        Ok(vec![Order::Asc, Order::Desc, Order::Release])
    );
    for text in ["0", "'0'", "''", "null", "{Asc:1}"] {
        assert_eq!(problem::<Order>(text), "no name of the enum", "{text}");
    }
    assert_eq!(from_str("{asc:1}"), Ok(HashMap::from([("asc".to_owned(), 1)])));
}

#[test]
fn enums_that_opt_in_take_names_and_numbers() {
    use TableType::{All, History, Normal};
    let expected = vec![Normal, History, All, All, History, Normal];
    assert_eq!(from_str("['normal','History','6',6,0x1,99]"), Ok(expected));
    assert_eq!(from_str("['one',1,'1']"), Ok(vec![Strict::One; 3]));
    for text in ["''", "'x'", "null", "true", "1.0", "2", "'2'"] {
        assert_eq!(problem::<Strict>(text), "no value of the enum", "{text}");
    }
    assert_eq!(
        from_str("{a:''}"),
        Ok(BTreeMap::from([("a".to_owned(), Nullable::<TableType>(None))]))
    );
}

#[test]
fn untyped_values_keep_their_kind() {
    let expected = json!({"a": [1, u64::MAX, 1.5, 16, true, null, "x"], "B": {"b": 1}});
    let text = "{a:[1,18446744073709551615,1.5,0x10,true,null,'x'], B:{b:0, b:1}}";
    assert_eq!(from_str::<serde_json::Value>(text), Ok(expected));
}

#[test]
fn tuples_newtypes_and_units_are_served() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Id(i64);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair(i32, String);
    assert_eq!(from_str("'5'"), Ok(Id(5)));
    assert_eq!(from_str("[1,2]"), Ok(Pair(1, "2".to_owned())));
    assert_eq!(from_str("[1,2]"), Ok((1, true)));
    assert_eq!(from_str::<()>("null"), Ok(()));
    assert_eq!(problem::<()>("1"), "expected unit");
}

#[test]
fn a_missing_required_member_is_an_error() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "never filled")]
    struct Required {
        a: i32,
    }
    assert_eq!(problem::<Required>("{}"), "missing field `a`");
    assert_eq!(problem::<Required>("[]"), "not an object");
    assert_eq!(problem::<Body>(" "), "not an object");
}
