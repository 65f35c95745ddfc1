//! Formulas of the extended method: what they compute, and what becomes of those that fail (03 §13.2, 07 §4.7).

use serde_json::{Value, json};

use crate::app::{TestApp, editor};

#[test]
fn extended_formulas_compute_like_a_spreadsheet() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB", "NumA", "NumB", "DateA"]);
    let formula = |id: i32, target: &str, script: &str| json!({ "Id": id, "CalculationMethod": "Extended", "Target": target, "FormulaScript": script });
    settings["Formulas"] = json!([
        formula(1, "NumB", "$round([NumA] * 2.5 + $len(分類A), 0)"),
        formula(2, "ClassB", r#"$IF([NumB] > 10, $CONCAT("大", $Upper([ClassA])), "小")"#),
        formula(3, "DateA", "$DATE(2024, 1, 31 + 1)"),
    ]);
    settings["Columns"] = json!([{ "ColumnName": "ClassA", "LabelText": "分類A" }]);
    let table = app.results_table(&settings);

    let body = json!({ "Title": "x", "ClassHash": { "ClassA": "ab" }, "NumHash": { "NumA": 4 } });
    let answer = app.post(&format!("/api/items/{table}/create"), &body);

    assert_eq!(answer.status, 200, "{}", answer.text);
    let record = app.post(&format!("/api/items/{}/get", answer.id()), &json!({})).json();
    let record = &record["Response"]["Data"][0];
    assert_eq!(record["NumHash"]["NumB"].as_f64(), Some(12.0), "{record}");
    assert_eq!(record["ClassHash"]["ClassB"], "大AB");
    assert_eq!(record["DateHash"]["DateA"], "2024-02-01T00:00:00");
}

#[test]
fn a_formula_that_fails_writes_nothing_and_an_error_value_only_where_it_is_shown() {
    let app = TestApp::new();
    let create = |script: &str, shown: bool| {
        let mut settings = editor(&["ResultId", "Title", "ClassA", "ClassB"]);
        settings["Formulas"] = json!([{
            "Id": 1, "CalculationMethod": "Extended", "Target": "ClassB", "FormulaScript": script,
            "IsDisplayError": shown
        }]);
        let table = app.results_table(&settings);
        let answer = app.post(
            &format!("/api/items/{table}/create"),
            &json!({ "Title": "件", "ClassHash": { "ClassA": "x" } }),
        );
        let sql = format!(r#"select "ClassB" from "Results" where "SiteId" = {table}"#);
        (answer.status, app.rows(&sql))
    };
    assert_eq!(create("$MOD(1, 0)", false), (200, json!([{ "ClassB": "#DIV/0!" }])));
    assert_eq!(create("$MOD(1, 0)", true), (422, json!([])));
    assert_eq!(create("$UNKNOWN(1)", false), (422, json!([])));
    assert_eq!(create("for (;;) {}", false), (422, json!([])));
}

/// What expressions give as extended formulas, in a record with these values.
fn computed(app: &TestApp, values: &Value, expressions: &[&str]) -> Vec<Value> {
    let mut settings =
        editor(&["ResultId", "Title", "Body", "ClassA", "NumA", "NumB", "DateA", "CheckA"]);
    settings["Columns"] = json!([{ "ColumnName": "NumB", "Nullable": true }]);
    settings["Formulas"] = json!([{
        "Id": 1, "CalculationMethod": "Extended", "Target": "Body",
        "FormulaScript": format!("JSON.stringify([{}])", expressions.join(","))
    }]);
    let table = app.results_table(&settings);
    let answer = app.post(&format!("/api/items/{table}/create"), values);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let sql = format!(r#"select "Body" as body from "Results" where "ResultId" = {}"#, answer.id());
    let rows = app.rows(&sql);
    serde_json::from_str(rows[0]["body"].as_str().expect("a text")).expect("a list")
}

/// That each expression gives what stands beside it, in a record that has values of several kinds.
fn check_formulas(cases: &[(&str, Value)]) {
    let app = TestApp::new();
    let values = json!({
        "Title": "x", "ClassHash": { "ClassA": "東京都ﾁﾖﾀﾞ" }, "NumHash": { "NumA": 1234.5 },
        "DateHash": { "DateA": "2024-02-29" }, "CheckHash": { "CheckA": true }
    });
    let expressions: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    let found = computed(&app, &values, &expressions);
    assert_eq!(found.len(), cases.len());
    let same = |found: &Value, expected: &Value| {
        found == expected || (found.is_number() && found.as_f64() == expected.as_f64())
    };
    let wrong: Vec<_> = found
        .iter()
        .zip(cases)
        .filter(|(found, (_, expected))| !same(found, expected))
        .map(|(found, (expression, expected))| format!("{expression}: {found}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn functions_of_texts_and_dates_treat_japanese_and_ends_of_ranges() {
    check_formulas(&[
        ("$LEN([ClassA])", json!(7)),
        ("$LEN(\"😀\")", json!(2)),
        ("$LEFT([ClassA], 3)", json!("東京都")),
        ("$RIGHT([ClassA])", json!("ﾞ")),
        ("$MID([ClassA], 2, 2)", json!("京都")),
        ("$MID([ClassA], 9, 2)", json!("")),
        ("$MID([ClassA], 0, 2)", json!("#VALUE!")),
        ("$JIS([ClassA])", json!("東京都チヨダ")),
        ("$JIS(\"ABC 123-ﾞ\")", json!("ＡＢＣ　１２３－゛")),
        ("$ASC(\"ガＡ１　パ゛\")", json!("ｶﾞA1 ﾊﾟﾞ")),
        ("$VALUE(\"１，２３４．５\")", json!(1234.5)),
        ("$VALUE(\"千\")", json!("#VALUE!")),
        ("$FIND(\"京\", [ClassA])", json!(2)),
        ("$FIND(\"a\", \"A\")", json!("#VALUE!")),
        ("$SEARCH(\"a\", \"bA\")", json!(2)),
        ("$SEARCH(\"z\", \"bA\")", json!("Not Found")),
        ("$SUBSTITUTE(\"a-b-c\", \"-\", \"・\", 2)", json!("a-b・c")),
        ("$REPLACE([ClassA], 1, 2, \"京\")", json!("京都ﾁﾖﾀﾞ")),
        ("$UPPER(\"ａb\")", json!("ＡB")),
        ("$TRIM(\"　 あ \")", json!("あ")),
        ("$TEXT(1234.5, \"#,##0.00円\")", json!("1,234.50円")),
        ("$TEXT(1234.5, \"C\")", json!("¥1,235")),
        ("$TEXT(0.256, \"0.0%\")", json!("25.6%")),
        ("$TEXT(12345678, \"000-0000\")", json!("1234-5678")),
        ("$TEXT(-5, \"0;(0);零\")", json!("(5)")),
        ("$TEXT([DateA], \"yyyy年M月d日(ddd)\")", json!("2024年2月29日(木)")),
        ("$TEXT([DateA], \"dddd\")", json!("木曜日")),
        ("$TEXT(\"2024/04/01 13:05:00\", \"tt h時m分\")", json!("午後 1時5分")),
        ("$TEXT(\"あ\", \"0\")", json!("あ")),
        ("$YEAR([DateA])", json!(2024)),
        ("$YEAR(\"\")", json!(1900)),
        ("$HOUR(\"x\")", json!("#NUM!")),
        ("$HOUR(0.5 + 45000)", json!(12)),
        ("$DAY(60)", json!(28)),
        ("$DAY(61)", json!(1)),
        ("$DATE(124, 1, 1)", json!("2024/01/01")),
        ("$DATE(2024, 14, 0)", json!("2025/01/31")),
        ("$DATE(10000, 1, 1)", json!("#NUM!")),
        ("$DATETIME(2024, 2, 28, 24, 0, 61)", json!("2024/02/29 00:01:01")),
        ("$EOMONTH([DateA], 12)", json!("2025/02/28")),
        ("$EOMONTH(45000, 1)", json!("#VALUE!")),
        ("$DAYS(\"2024/03/01\", [DateA])", json!(1)),
        ("$DATEDIF([DateA], \"2025/02/28\", \"Y\")", json!(0)),
        ("$DATEDIF([DateA], \"2025/03/01\", \"Y\")", json!(1)),
        ("$DATEDIF(\"2024/01/31\", \"2024/03/30\", \"M\")", json!(1)),
        ("$DATEDIF(\"2024/01/15\", \"2024/03/10\", \"MD\")", json!(24)),
        ("$DATEDIF(\"2023/11/20\", \"2024/03/10\", \"YM\")", json!(3)),
        ("$DATEDIF(\"2023/11/20\", \"2024/03/10\", \"YD\")", json!(111)),
        ("$DATEDIF([DateA], \"2024/02/28\", \"D\")", json!("#VALUE!")),
        ("$DATEDIF([DateA], [DateA], \"X\")", json!("#NUM!")),
        ("$WEEKDAY([DateA])", json!(5)),
        ("$WEEKDAY([DateA], 3)", json!(3)),
        ("$WEEKDAY([DateA], 14)", json!(1)),
        ("$WEEKDAY([DateA], 4)", json!("#NUM!")),
    ]);
}

#[test]
fn functions_of_logic_and_numbers_answer_errors_as_spreadsheets_do() {
    check_formulas(&[
        ("$IF([CheckA], \"済\", \"未\")", json!("済")),
        ("$IF(FALSE, 1)", json!(false)),
        ("$IFS([NumA] > 2000, \"大\", [NumA] > 1000, \"中\")", json!("中")),
        ("$IFS(false, 1)", json!("#N/A")),
        ("$IFS(false)", json!("Invalid Parameter")),
        ("$IFERROR($MOD(1, 0), \"零\")", json!("零")),
        ("$ISBLANK([NumB])", json!(true)),
        ("$ISNUMBER([NumA])", json!(true)),
        ("$ISTEXT([ClassA])", json!(true)),
        ("$ISEVEN(-2.9)", json!(true)),
        ("$MOD(-7, 3)", json!(1)),
        ("$MOD(7, -3)", json!(-1)),
        ("$ODD(1.5)", json!(3)),
        ("$ODD(-2)", json!(-3)),
        ("$POWER(0, 0)", json!("#NUM!")),
        ("$SQRT(-1)", json!("#NUM!")),
        ("$ROUND(-2.5, 0)", json!(-3)),
        ("$ROUND(1.005, 2)", json!(1.01)),
        ("$ROUND(1250, -2)", json!(1300)),
        ("$ROUNDUP(-1.21, 1)", json!(-1.3)),
        ("$ROUNDDOWN(-1.29, 1)", json!(-1.2)),
        ("$TRUNC(1.9)", json!(1)),
        ("$AVERAGE(1, \"x\", 2)", json!(1.5)),
        ("$AVERAGE(\"x\")", json!("#DIV/0!")),
        ("$MAX(\"x\")", json!(0)),
        ("$MIN(3, \"2\", [NumA])", json!(2)),
        ("$AND(true, [CheckA], 1)", json!(true)),
        ("$NOT([CheckA])", json!(false)),
        ("$LEFT()", json!("Invalid Parameter")),
    ]);
}
