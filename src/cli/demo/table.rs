//! The folder and the table that a demo starts with, and calls to try on it.

use std::net::SocketAddr;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::client;

/// The table that the programs of the manual of `bulkdelete` look for by this very name.
const DEALS: &str = "案件管理";
/// How many of its records wait to be deleted by them.
const ON_HOLD: usize = 5;

/// Makes a folder and two tables in it through our own API, and returns the first one's id.
pub(super) async fn demo_table(
    server: SocketAddr,
    key: &str,
    japanese: bool,
) -> anyhow::Result<i64> {
    let [folder_title, table_title] =
        if japanese { ["お試し", "案件"] } else { ["Demo", "Tasks"] };
    let folder = create_site(server, 0, &folder_body(key, folder_title)).await?;
    let table = create_site(server, folder, &table_body(key, table_title)).await?;
    let deals = create_site(server, folder, &deals_body(key)).await?;
    client::post(server, &format!("/api/items/{deals}/bulkupsert"), &on_hold(key)).await?;
    Ok(table)
}

fn deals_body(key: &str) -> Value {
    json!({
        "ApiVersion": 1.1,
        "ApiKey": key,
        "Title": DEALS,
        "SiteName": DEALS,
        "ReferenceType": "Results",
        "SiteSettings": {
            "Version": 1.017,
            "ReferenceType": "Results",
            "EditorColumnHash": {"General": ["ResultId", "Ver", "Title", "Body", "Status", "ClassA", "Comments"]},
        },
    })
}

/// Records with the status that the programs look for, and one that they leave alone.
fn on_hold(key: &str) -> Value {
    let records: Vec<Value> = (0..=ON_HOLD)
        .map(|number| {
            let status = if number < ON_HOLD { 910 } else { 100 };
            json!({"Title": format!("{DEALS} {number}"), "Status": status})
        })
        .collect();
    json!({"ApiVersion": 1.1, "ApiKey": key, "Data": records})
}

async fn create_site(server: SocketAddr, parent: i64, body: &Value) -> anyhow::Result<i64> {
    let answer = client::post(server, &format!("/api/items/{parent}/createsite"), body).await?;
    answer.get("Id").and_then(Value::as_i64).context("createsite answered without an id")
}

fn folder_body(key: &str, title: &str) -> Value {
    json!({
        "ApiVersion": 1.1,
        "ApiKey": key,
        "Title": title,
        "ReferenceType": "Sites",
        "SiteSettings": {"Version": 1.017, "ReferenceType": "Sites"},
    })
}

/// A table with deadlines, since the calls of the manual carry `CompletionTime`.
fn table_body(key: &str, title: &str) -> Value {
    json!({
        "ApiVersion": 1.1,
        "ApiKey": key,
        "Title": title,
        "ReferenceType": "Issues",
        "SiteSettings": {
            "Version": 1.017,
            "ReferenceType": "Issues",
            "EditorColumnHash": {"General": [
                "IssueId", "Ver", "Title", "Body", "StartTime", "CompletionTime", "WorkValue", "ProgressRate",
                "RemainingWorkValue", "Status", "Manager", "Owner", "ClassA", "ClassB", "ClassC", "NumA", "NumB",
                "DateA", "DateB", "DescriptionA", "DescriptionB", "DescriptionC", "CheckA", "CheckB", "Comments",
            ]},
        },
    })
}

/// The two calls of the manual of `upsert`, ready to be pasted: one key column, then two.
pub(super) fn curl_lines(server: SocketAddr, key: &str, table: i64) -> String {
    let calls =
        [(json!(["ClassA"]), "RC0001", "分類2"), (json!(["ClassA", "ClassB"]), "RC0002", "01")];
    let lines = calls.map(|(keys, class_a, class_b)| {
        let body = json!({
            "ApiVersion": 1.1,
            "ApiKey": key,
            "Keys": keys,
            "Title": "新機能XXを開発する2",
            "Body": "ボディ2",
            "CompletionTime": "2018/3/31",
            "ClassHash": {"ClassA": class_a, "ClassB": class_b, "ClassC": "その他2"},
            "NumHash": {"NumA": 100, "NumB": 200},
            "DateHash": {"DateA": "2019/01/01", "DateB": "2020/01/01"},
            "DescriptionHash": {"DescriptionA": "説明2", "DescriptionB": "概要2", "DescriptionC": "補足2"},
            "CheckHash": {"CheckA": false, "CheckB": true},
        });
        format!(
            "curl http://{server}/api/items/{table}/upsert -H 'Content-Type: application/json' -d '{body}'"
        )
    });
    lines.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_survive_a_shell() {
        let lines = curl_lines(SocketAddr::from(([127, 0, 0, 1], 80)), "abc", 7);

        assert_eq!(
            lines.lines().filter(|line| line.starts_with("curl http://127.0.0.1:80/api/")).count(),
            2
        );
        assert_eq!(lines.matches('\'').count(), 8, "no quote inside a quoted body");
    }
}
