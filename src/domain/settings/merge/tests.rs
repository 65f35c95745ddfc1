use super::*;

fn merged(document: &str, body: &str) -> Result<Document, Invalid> {
    let stored = lenient::parse(document).unwrap();
    let mut document = Document::from_request(&stored).unwrap();
    let body = lenient::parse(body).unwrap();
    merge(&mut document, &body, ReferenceType::Results)?;
    Ok(document)
}

const SCRIPT: &str = r#"{"Scripts":[{"Id":1,"Title":"s","All":true,"Body":"x=1;"}]}"#;

#[test]
fn an_update_keeps_what_it_does_not_name() {
    let body =
        r#"{"Scripts":[{"Id":1,"Title":"s2","Body":null},{"Id":9,"Title":"n","ScriptEdit":true}]}"#;
    let scripts = merged(SCRIPT, body).unwrap().scripts;
    let first = &scripts[0];
    assert_eq!(
        (first.title.as_deref(), first.all, first.body.as_deref()),
        (Some("s2"), true, Some("x=1;"))
    );
    assert_eq!((scripts[1].id, scripts[1].edit), (9, true));
}

#[test]
fn a_deletion_needs_no_title_and_does_not_mind_absence() {
    assert!(merged(SCRIPT, r#"{"Scripts":[{"Id":1,"Delete":1}]}"#).unwrap().scripts.is_empty());
    assert_eq!(merged(SCRIPT, r#"{"Scripts":[{"Id":7,"Delete":1}]}"#).unwrap().scripts.len(), 1);
}

#[test]
fn broken_rules_and_wrong_types_are_refused() {
    for body in [
        r#"{"Scripts":[{"Id":2}]}"#,
        r#"{"Scripts":[{"Title":"x"}]}"#,
        r#"{"Scripts":{"Id":1}}"#,
        r#"{"Scripts":[{"Id":"abc","Title":"x"}]}"#,
        r#"{"Scripts":[{"Id":1,"Title":"x","ScriptAll":"maybe"}]}"#,
        r#"{"Htmls":[{"Id":1,"Title":"x"}]}"#,
        r#"{"Htmls":[{"Id":1,"Title":"x","HtmlPositionType":"headtop"}]}"#,
        r#"{"Htmls":[{"Id":1,"Title":"x","HtmlPositionType":1000}]}"#,
        r#"{"Processes":[{"Id":0,"Name":"x"}]}"#,
        r#"{"Processes":[{"Id":1,"Name":""}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","ScreenType":15}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","ScreenType":"Edit"}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","Icon":"Upper"}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","ValidateInputs":[{"Id":1}]}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","ValidateInputs":[{"Id":1,"ColumnName":"ClassA","Delete":2}]}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","DataChanges":[{"Id":1,"Type":"InputDate","ColumnName":"DateA","Value":"soon"}]}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","Notifications":[{"Id":1,"Type":99,"Subject":"s","Address":"a","Body":"b"}]}]}"#,
        r#"{"Processes":[{"Id":1,"Name":"x","Notifications":[{"Id":1,"Type":1,"Subject":"s","Address":"a"}]}]}"#,
        r#"{"Columns":5}"#,
        r#"{"GridColumns":"Title"}"#,
        r#"{"EditorColumnHash":{"General":"Title"}}"#,
        r#"{"Links":{}}"#,
        r#"{"StatusControls":[{"Name":"x","Delete":1}]}"#,
        r#"{"StatusControls":[{"Id":1,"Name":"x","Delete":2}]}"#,
    ] {
        assert_eq!(merged("{}", body), Err(Invalid), "{body}");
    }
}

#[test]
fn server_scripts_are_for_tables_only() {
    let body = lenient::parse(r#"{"ServerScripts":[{"Id":1}]}"#).unwrap();
    let mut document = Document::default();
    assert_eq!(merge(&mut document, &body, ReferenceType::Wikis), Ok(Vec::new()));
    assert_eq!(merge(&mut document, &body, ReferenceType::Issues), Err(Invalid));
    for wrong in [r#"{"ServerScripts":5}"#, r#"{"ServerScripts":[{"Id":"x"}]}"#] {
        let body = lenient::parse(wrong).unwrap();
        assert_eq!(merge(&mut document, &body, ReferenceType::Wikis), Err(Invalid), "{wrong}");
    }
}

#[test]
fn members_of_screens_count_for_nothing() {
    let body = r#"{"Columns":[{"ColumnName":"ClassA","LabelText":"x"}],"GridColumns":["Title"],"Sections":null,
        "EditorColumnHash":{"General":["Title"]},"Timestamp":"t","GeneralTabLabelText":"g"}"#;
    assert_eq!(merged(SCRIPT, body).unwrap(), merged(SCRIPT, "{}").unwrap());
}

#[test]
fn nested_elements_stand_before_those_that_are_not_named() {
    let stored = r#"{"Processes":[{"Id":1,"Name":"p","Users":[3],"Depts":[4],"ValidateInputs":[
        {"Id":1,"ColumnName":"ClassA"},{"Id":2,"ColumnName":"ClassB","Required":true},{"Id":3,"ColumnName":"ClassC"}]}]}"#;
    let body = r#"{"Processes":[{"Id":1,"Name":"q","Users":[99],"Permission":{"Users":[5]},"ValidateInputs":[
        {"Id":2,"ColumnName":"NumA"},{"Id":3,"Delete":1},{"Id":4,"ColumnName":"NumB"}]}]}"#;
    let document = merged(stored, body).unwrap();
    let process = &document.processes[0];
    let inputs: Vec<_> = process
        .validate_inputs
        .iter()
        .map(|input| (input.id, input.column_name.as_str(), input.required))
        .collect();
    assert_eq!(inputs, [(2, "NumA", false), (4, "NumB", false), (1, "ClassA", false)]);
    assert_eq!((process.name.as_str(), &process.users, &process.depts), ("q", &vec![5], &vec![4]));
}

#[test]
fn subjects_are_given_back_to_be_looked_up() {
    let body = lenient::parse(
        r#"{"StatusControls":[{"Id":1,"Name":"n","ReadOnly":true,"Permission":{"Groups":[7,7]}}]}"#,
    )
    .unwrap();
    let mut document = Document::default();
    let subjects = merge(&mut document, &body, ReferenceType::Results).unwrap();
    assert_eq!(subjects, [Subjects { groups: Some(vec![7, 7]), ..Subjects::default() }]);
    assert!(document.status_controls[0].read_only);
}
