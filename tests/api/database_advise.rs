//! `kokochi database advise`: statements that an operator can run as they are.

use serde_json::json;

use crate::app::{TestApp, editor};
use crate::support::cli;

#[test]
fn the_statements_run_and_are_not_advised_again() {
    let app = TestApp::new();
    let mut settings = editor(&["ResultId", "Title", "ClassA", "NumA"]);
    settings["DefaultImportKey"] = json!("ClassA");
    settings["FilterColumns"] = json!(["NumA", "Title"]);
    let table = app.results_table(&settings);
    let parameters = app.database.parameters();
    let ask = || {
        let done = cli::run(&["database", "advise", "--parameters", parameters.path_text()]);
        assert!(done.success, "{}", done.text);
        done.text
    };

    let advice = ask();

    let statement = |column: &str| {
        format!(
            r#"CREATE INDEX CONCURRENTLY IF NOT EXISTS "kokochi_Results_{column}" ON "Results" ("SiteId", "{column}") WHERE "{column}" IS NOT NULL;"#
        )
    };
    let expected = format!(
        "-- site {table}: key\n{}\n-- site {table}: filter\n{}\n",
        statement("ClassA"),
        statement("NumA")
    );
    assert_eq!(advice, expected);
    for line in advice.lines().filter(|line| !line.starts_with("--")) {
        app.database.execute(line).expect("the statement runs");
    }
    assert_eq!(ask(), "");
}
