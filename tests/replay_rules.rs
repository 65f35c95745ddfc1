//! Tests of the replay itself: that it sees what differs, and only that.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod replay;
mod support;

use std::path::Path;

use chrono::NaiveDate;
use replay::compare;
use replay::known::Known;
use replay::normal::Normaliser;
use replay::report::{Verdict, verdict};
use replay::request::{substitute, substitute_text};
use replay::suite::Material;
use serde_json::{Value, json};
use support::parameters;

/// The differences of two bodies: the recording was made on 2026-11-24, the answer came on 2027-03-05.
fn of_bodies(recorded: &Value, got: &Value) -> Vec<String> {
    let answer =
        |body: &Value| json!({ "status": 200, "content_type": "application/json", "json": body });
    of_answers(&answer(recorded), &answer(got))
}

fn of_answers(recorded: &Value, got: &Value) -> Vec<String> {
    let day = |year, month, day| {
        Normaliser::new(NaiveDate::from_ymd_opt(year, month, day).expect("a date"))
    };
    compare::of_step(recorded, got, &mut day(2026, 11, 24), &mut day(2027, 3, 5))
}

#[test]
fn equal_bodies_do_not_differ() {
    let body = json!({ "Id": 1, "Message": "a", "List": [1, 2.5, null, true] });
    assert_eq!(of_bodies(&body, &body), Vec::<String>::new());
}

#[test]
fn members_that_are_missing_or_unexpected_differ() {
    let found = of_bodies(&json!({ "A": 1 }), &json!({ "B": 1 }));
    assert_eq!(found, [".json.A: missing (expected 1)", ".json.B: unexpected 1"]);
}

#[test]
fn order_of_members_counts_in_bodies_also_within_json_texts() {
    assert_eq!(of_bodies(&json!({ "A": 1, "B": 2 }), &json!({ "B": 2, "A": 1 })).len(), 1);
    assert_eq!(
        of_bodies(&json!({ "T": "{\"A\":1,\"B\":2}" }), &json!({ "T": "{\"B\":2,\"A\":1}" })).len(),
        1
    );
}

#[test]
fn order_of_members_does_not_count_in_rows() {
    let recorded = json!({ "status": 200, "rows": { "r": [{ "A": 1, "B": 2 }] } });
    let got = json!({ "status": 200, "rows": { "r": [{ "B": 2, "A": 1 }] } });
    assert_eq!(of_answers(&recorded, &got), Vec::<String>::new());
}

#[test]
fn numbers_compare_by_value_and_not_with_texts() {
    assert_eq!(of_bodies(&json!([1, 2.0, true]), &json!([1.0, 2, 1])), Vec::<String>::new());
    assert_eq!(
        of_bodies(&json!([1, 9_007_199_254_740_993_u64]), &json!([2, 9_007_199_254_740_992_u64]))
            .len(),
        2
    );
    assert_eq!(of_bodies(&json!([1, null]), &json!(["1", 0])).len(), 2);
}

#[test]
fn lists_of_different_length_differ_and_are_compared_as_far_as_both_go() {
    assert_eq!(
        of_bodies(&json!([1, 2]), &json!([3])),
        [".json: expected 2 elements, got 1", ".json.0: expected 1, got 3"]
    );
}

#[test]
fn content_type_and_status_count() {
    let found = of_answers(
        &json!({ "status": 200, "content_type": "application/json;charset=utf-8", "text": "" }),
        &json!({ "status": 201, "content_type": "application/json; charset=utf-8", "text": "" }),
    );
    assert_eq!(found.len(), 2);
}

#[test]
fn recent_times_compare_by_shape() {
    let recorded = json!([
        "2026-11-24T20:32:34.635",
        "2026/11/25 05:32:34",
        "作成 2026/11/24 20:32 済",
        "11/24/2026 8:32 PM"
    ]);
    let got = json!([
        "2027-03-05T01:02:03.1",
        "2027/03/07 00:00:00",
        "作成 2027/03/04 1:02 済",
        "3/5/2027 11:59 PM"
    ]);
    assert_eq!(of_bodies(&recorded, &got), Vec::<String>::new());
    let without_fraction =
        json!(["2027-03-05T01:02:03", "2027/03/07 00:00", "作成 2027/03/04 済", "3/5/2027 11:59"]);
    assert_eq!(of_bodies(&recorded, &without_fraction).len(), 4);
}

#[test]
fn weekdays_and_default_due_dates_move_with_the_day() {
    let recorded = json!(["2026/11/25 水 07:39:42", "2026-12-02T15:00:00"]);
    let got = json!(["2027/03/06 土 23:00:00", "2027-03-13T15:00:00"]);
    assert_eq!(of_bodies(&recorded, &got), Vec::<String>::new());
    let wrong = json!(["2027/03/06 水 23:00:00", "2027-03-06T15:00:00"]);
    assert_eq!(of_bodies(&recorded, &wrong).len(), 2);
}

#[test]
fn other_times_compare_by_value() {
    assert_eq!(of_bodies(&json!("2024-03-01T00:00:00"), &json!("2024-03-02T00:00:00")).len(), 1);
    assert_eq!(of_bodies(&json!("2026-11-24T00:00:00"), &json!("2027-03-08T00:00:00")).len(), 1);
    assert_eq!(of_bodies(&json!("2026-11/24 20:32"), &json!("2027-03/05 20:32")).len(), 1);
}

#[test]
fn ids_compare_by_order_of_appearance_also_in_messages() {
    let recorded = json!([{ "Id": 66, "ParentId": 7 }, { "Id": 66, "Message": "ID: 7 サイト 66, ID 7, Site 66, 66" }]);
    let same = json!([{ "Id": 12, "ParentId": 30 }, { "Id": 12, "Message": "ID: 30 サイト 12, ID 30, Site 12, 66" }]);
    assert_eq!(of_bodies(&recorded, &same), Vec::<String>::new());
    let swapped = json!([{ "Id": 12, "ParentId": 30 }, { "Id": 30, "Message": "ID: 12 サイト 30, ID 12, Site 30, 66" }]);
    assert_eq!(of_bodies(&recorded, &swapped).len(), 2);
}

#[test]
fn numbers_under_other_names_and_ids_of_nothing_compare_by_value() {
    assert_eq!(
        of_bodies(&json!({ "Status": 100, "Id": 0 }), &json!({ "Status": 200, "Id": 5 })).len(),
        2
    );
    assert_eq!(of_bodies(&json!({ "Message": "PID 5" }), &json!({ "Message": "PID 6" })).len(), 1);
}

#[test]
fn guids_compare_by_order_of_appearance_whatever_their_case() {
    let (a, b) = ("0F8FAD5BD9CB469FA16570867728950E", "7C9E6679742540DE944BE07FC1F90AE7");
    let (lower, dashed) = (b.to_lowercase(), "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    assert_eq!(of_bodies(&json!([a, a, b]), &json!([b, lower, a])), Vec::<String>::new());
    assert_eq!(of_bodies(&json!([a, a]), &json!([b, dashed])), Vec::<String>::new());
    assert_eq!(of_bodies(&json!([a, a]), &json!([a, b])).len(), 1);
}

#[test]
fn a_crash_of_the_reference_asks_for_an_error_that_tells_its_status() {
    let crash = json!({ "status": 302, "content_type": null, "text": "" });
    let answer = |status: u16, code: u16, message: &str| json!({ "status": status, "json": { "StatusCode": code, "Message": message } });
    assert_eq!(of_answers(&crash, &answer(400, 400, "no")), Vec::<String>::new());
    for bad in [answer(400, 500, "no"), answer(200, 200, "ok"), answer(500, 500, ""), crash.clone()]
    {
        assert_eq!(of_answers(&crash, &bad).len(), 1, "{bad}");
    }
}

#[test]
fn a_crash_of_the_reference_leaves_the_same_rows() {
    let crash = json!({ "status": 302, "text": "", "rows": { "r": [] } });
    let got = |rows: Value| json!({ "status": 400, "json": { "StatusCode": 400, "Message": "no" }, "rows": rows });
    assert_eq!(of_answers(&crash, &got(json!({ "r": [] }))), Vec::<String>::new());
    assert_eq!(of_answers(&crash, &got(json!({ "r": [{ "A": 1 }] }))).len(), 1);
    assert_eq!(of_answers(&crash, &got(Value::Null)).len(), 1);
}

#[test]
fn variables_keep_their_type_when_they_are_the_whole_text() {
    let variables =
        [("id".to_owned(), json!(5)), ("key".to_owned(), json!("k"))].into_iter().collect();
    let got =
        substitute(&json!({ "A$(id)": ["$(id)", "x$(id)$(key)", "$(", "$(a b)"] }), &variables);
    assert_eq!(got, Ok(json!({ "A5": [5, "x5k", "$(", "$(a b)"] })));
    assert!(substitute_text("$(nobody)", &variables).is_err());
}

#[test]
fn a_listed_step_has_to_differ() {
    let differs = ["x".to_owned()];
    assert!(matches!(verdict(None, &[], 3), Verdict::Passed));
    assert!(matches!(verdict(None, &differs, 3), Verdict::Failed(_)));
    assert!(matches!(verdict(Some("why"), &differs, 3), Verdict::Known("why")));
    assert!(
        matches!(verdict(Some("why"), &[], 3), Verdict::Failed(text) if text.contains("passes now"))
    );
}

#[test]
fn a_list_of_differences_with_faults_is_refused() {
    let material = Material::load();
    let faults = |text: &str| Known::parse(text, &material).faults;
    let entry = |suite: &str, step: &str, reason: &str| {
        format!("[[difference]]\nsuite = \"{suite}\"\nstep = \"{step}\"\nreason = \"{reason}\"\n")
    };
    let good = entry("04-upsert", "create", "why");
    assert_eq!(faults(&good), Vec::<String>::new());
    assert_eq!(faults(&format!("{good}{good}")), ["04-upsert/create is listed twice"]);
    assert_eq!(faults(&entry("04-upsert", "nothing", "why")), ["04-upsert/nothing does not exist"]);
    assert_eq!(faults(&entry("04-upsert", "create", " ")), ["04-upsert/create has no reason"]);
    assert_eq!(faults("[[missing]]\nsuite = \"99\"\nreason = \"why\"\n"), ["99 does not exist"]);
    assert_eq!(faults("[[missed]]\n").len(), 1);
}

#[test]
fn every_step_was_recorded_without_error() {
    let material = Material::load();
    let steps =
        material.suites().flat_map(|suite| suite.steps.iter().map(move |step| (suite, step)));
    for (suite, step) in steps {
        let answer = suite.recording.answers.get(&step.id);
        assert!(
            answer.is_some_and(|answer| answer.get("error").is_none()),
            "{}/{}",
            suite.name,
            step.id
        );
    }
    assert!(material.suites().count() > 30);
}

#[test]
fn shipped_parameter_files_can_be_read() {
    let folder = support::repository("tests/conformance/parameters");
    let files: Vec<_> =
        folder.read_dir().expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    assert!(files.iter().any(|file| file.file_name() == Path::new("Rds.json").file_name()));
    for file in files {
        assert!(
            parameters::read(&file).is_object() || parameters::read(&file).is_array(),
            "{}",
            file.display()
        );
    }
}
