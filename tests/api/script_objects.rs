//! The objects that server scripts have besides the record: sites, people, servers, notifications, named SQL (07 §4.5).

use serde_json::{Value, json};

use crate::app::{TestApp, editor};
use crate::server_scripts::{create, scripted};
use crate::support::database::Database;
use crate::support::scratch;
use crate::web_hook::Hook;

/// What a script of a create leaves in `Body`, as JSON.
fn told(app: &TestApp, expression: &str) -> Value {
    let body = format!("model.Body = JSON.stringify({expression});");
    let table = scripted(app, &[("BeforeCreate", &body)]);
    let answer = create(app, table, "x");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = app.rows(&format!(
        r#"select "Body" as body from "Results" where "ResultId" = {}"#,
        answer.id()
    ));
    serde_json::from_str(rows[0]["body"].as_str().expect("a text")).expect("JSON")
}

#[test]
fn scripts_look_up_sites_times_and_members() {
    let app = TestApp::new();
    let table = app.results_table(&editor(&["ResultId", "Title", "DateA"]));
    app.database
        .execute(&format!(
            r#"update "Sites" set "Title" = '予定', "SiteName" = 'plans', "SiteGroupName" = 'all' where "SiteId" = {table}"#
        ))
        .expect("a name");
    for day in ["2024-04-10", "2024-04-12"] {
        let body = json!({ "DateHash": { "DateA": day } });
        assert_eq!(app.post(&format!("/api/items/{table}/create"), &body).status, 200);
    }
    let times = told(
        &app,
        &format!(
            "[items.MaxDate({table}, 'DateA'), items.MinDate({table}, 'DateA'), items.MinDate({table}, 'Title')]"
        ),
    );
    assert_eq!(
        times,
        json!(["2024-04-11T15:00:00.000Z", "2024-04-09T15:00:00.000Z", "0001-01-01T00:00:00.000Z"])
    );
    let sites = "[items.GetSiteByTitle('予定')[0].SiteId, items.GetSiteByName('plans')[0].SiteId,
        items.GetSiteByGroupName('all').Length, items.GetSiteByName('none').Length,
        siteSettings.SiteId('予定'), siteSettings.SiteId('無い')]";
    assert_eq!(told(&app, sites), json!([table, table, 1, 0, table, 0]));

    let dept = app.post("/api/depts/create", &json!({ "DeptName": "営業", "DeptCode": "S1" })).id();
    let body =
        json!({ "LoginId": "sato", "Name": "佐藤", "Password": "Pass12345!", "DeptId": dept });
    let user = app.post("/api/users/create", &body).id();
    let group = |name: &str, members: Value, children: Value| {
        let body = json!({ "GroupName": name, "GroupMembers": members, "GroupChildren": children });
        let answer = app.post("/api/groups/create", &body);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.id()
    };
    let child = group("子", json!([format!("Dept,{dept},")]), json!([]));
    let parent = group("親", json!(["User,1,true"]), json!([format!("Group,{child},")]));
    let members = format!(
        "groups.Get({parent}).GetMembers().map(m => [m.GroupId, m.GroupName, m.UserId, m.LoginId, m.Admin])"
    );
    assert_eq!(
        told(&app, &members),
        json!([[child, "子", 0, "", false], [0, "", 1, "Administrator", true]])
    );
    let contains = format!(
        "(g => [g.ContainsUser(1), g.ContainsUser({user}), g.ContainsDept({dept}), g.ContainsDept(depts.Get({dept})),
            g.ContainsChild({child}), g.ContainsChild({parent}), g.GetChildren().map(c => c.GroupName)])(groups.Get({parent}))"
    );
    assert_eq!(told(&app, &contains), json!([true, true, true, true, true, false, ["子"]]));
    let dept = format!("depts.Get({dept}).GetMembers().map(m => [m.UserId, m.LoginId, m.Name])");
    assert_eq!(told(&app, &dept), json!([[user, "sato", "佐藤"]]));
    let update = format!(
        "[groups.Update({child}, JSON.stringify({{ GroupName: '新' }})), groups.Update(99999, '{{}}'), groups.Get({child}).GroupName]"
    );
    assert_eq!(told(&app, &update), json!([true, false, "新"]));
}

#[test]
fn scripts_call_those_servers_that_are_listed_and_no_others() {
    let (hook, other) = (Hook::listen(), Hook::listen());
    let database = Database::copy();
    let parameters = database.parameters();
    let host = |hook: &Hook| hook.address.replace("http://", "").replace("/hook", "");
    let listed = host(&hook);
    let app = TestApp::start_with(database, &parameters, &[("KOKOCHI_SCRIPT_HOSTS", &listed)]);
    let post = |address: &str| {
        format!(
            "(() => {{ httpClient.RequestUri = '{address}'; httpClient.Content = '{{\"a\":\"あ\"}}';
                httpClient.RequestHeaders.Add('X-Own', 'one');
                try {{ return [httpClient.Post(), httpClient.StatusCode, httpClient.IsSuccess]; }}
                catch (error) {{ return error.message; }} }})()"
        )
    };

    assert_eq!(told(&app, &post(&hook.address)), json!(["", 200, true]));
    let (head, body) = hook.next();
    let head = head.to_lowercase();
    assert!(head.starts_with("post /hook ") && head.contains("x-own: one"), "{head}");
    assert!(head.contains("content-type: application/json; charset=utf-8"), "{head}");
    assert_eq!(body, r#"{"a":"あ"}"#);
    let refused = told(&app, &post(&other.address));
    assert!(refused.as_str().is_some_and(|text| text.contains("script_hosts")), "{refused}");
    assert!(other.calls.try_recv().is_err(), "nobody called it");
    drop(app);
    let refused = told(&TestApp::new(), &post(&hook.address));
    assert!(refused.as_str().is_some_and(|text| text.contains("not allowed")), "{refused}");
}

#[test]
fn scripts_send_notifications() {
    let (app, hook) = (TestApp::new(), Hook::listen());
    let send = format!(
        "Object.assign(notifications.New(), {{ Type: 2, Prefix: '[x]', Address: '{}', Title: '題', Body: '本文' }}).Send()",
        hook.address
    );
    assert_eq!(told(&app, &send), json!(true));
    assert_eq!(hook.next_json()["text"], "*[x]題*\n本文");
    assert_eq!(told(&app, "notifications.Get(1)"), Value::Null);
}

#[test]
fn scripts_run_named_sql_at_their_own_site_and_see_instants() {
    let database = Database::copy();
    let parameters = database.parameters();
    let definitions = scratch::folder("definitions");
    let define = |name: &str, more: Value| {
        let mut definition = json!({ "Name": name, "Api": true });
        for (member, value) in more.as_object().expect("an object") {
            definition[member] = value.clone();
        }
        let file = definitions.join(format!("{name}.json"));
        std::fs::write(file, definition.to_string()).expect("a file");
    };
    define(
        "Where",
        json!({
            "CommandText": r#"select {{SiteId}}::bigint as "z", {{Id}}::bigint as "a""#,
            "Controllers": ["items"], "Actions": ["create"]
        }),
    );
    define(
        "When",
        json!({
            "CommandText": "select timestamptz '2024-04-01 09:00:00+09' as a, timestamp '2024-04-01 09:00:00' as b"
        }),
    );
    parameters.extended_sqls(&definitions);
    // Of two kinds of times only this tells the server's own from an instant.
    let app = TestApp::start_with(database, &parameters, &[("KOKOCHI_TIME_ZONE", "Asia/Tokyo")]);
    let told = told(
        &app,
        "[extendedSql.ExecuteRow('Where'), extendedSql.ExecuteScalar('Where'), extendedSql.ExecuteRow('When'), context.SiteId]",
    );
    let site = told[3].as_i64().expect("an id");
    assert_eq!(told[0], json!({ "z": site, "a": site }));
    assert_eq!(told[1], site, "the first column of the text");
    let instant = "2024-04-01T00:00:00.000Z";
    assert_eq!(told[2], json!({ "a": instant, "b": instant }));
    let api = app.post("/api/extended/sql", &json!({ "Name": "Where" }));
    assert_eq!(api.status, 400, "{}", api.text);
}

#[test]
fn scripts_know_their_tenant_encode_texts_and_write_members_of_sites() {
    let app = TestApp::new();
    app.database.execute(r#"update "Tenants" set "Title" = '東京商会'"#).expect("a title");
    let table = app.results_table(&editor(&["ResultId", "Title"]));
    let told = told(
        &app,
        &format!(
            "(() => {{
            const site = items.GetSite({table})[0];
            site.GridGuide = '一覧の手引き'; site.DisableCrossSearch = true;
            const record = items.NewResult();
            return [context.TenantTitle, utilities.ConvertToBase64String('あA', 'shift_jis'),
                utilities.ConvertToBase64String('あ', 'utf-16'), site.Update(), record.ClassB, record.NumA,
                record.CheckA, JsonConvert.SerializeObject({{ a: [1] }}), items.Create({table}, null)];
            }})()"
        ),
    );
    assert_eq!(
        told,
        json!(["東京商会", "gqBB", "QjA=", true, "", null, false, "{\"a\":[1]}", false])
    );
    let sql = format!(
        r#"select "GridGuide" as guide, "DisableCrossSearch" as hidden from "Sites" where "SiteId" = {table}"#
    );
    assert_eq!(app.rows(&sql), json!([{ "guide": "一覧の手引き", "hidden": true }]));
}
