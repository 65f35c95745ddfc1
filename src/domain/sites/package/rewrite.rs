//! Ids inside of copied settings (06 §3.7): those of copied sites become those of the copies, and those of departments,
//! groups and users become those that stand for them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::lenient::Json;

use super::subjects::Subjects;

/// The copies by the ids of their originals.
pub(super) type Copies = HashMap<i64, i64>;

/// Lines between which numbers in scripts are ids of sites.
const MARKS: [&str; 2] = ["// @siteid list start@", "// @siteid list end@"];

/// Members of a document below which departments, groups and users are always replaced (06 §3.7).
const NAMING: [&str; 4] = ["Processes", "Views", "Exports", "StatusControls"];
/// What the names of the members with column access controls end with.
const ACCESS_CONTROLS: &str = "ColumnAccessControls";

/// What ids become.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids<'a> {
    pub(super) sites: &'a Copies,
    pub(super) subjects: &'a Subjects,
    /// Where subjects are replaced.
    pub(super) reach: Reach,
}

/// Where in a document departments, groups and users are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// In processes, views, exports and status controls.
    Logic,
    /// In column access controls too.
    AccessControls,
    /// Everywhere: the ids of another installation mean nothing here.
    Everywhere,
}

impl<'a> Ids<'a> {
    /// The subjects that are replaced below that member of a document.
    fn subjects_below(&self, member: &str) -> Option<&'a Subjects> {
        let is_reached = match self.reach {
            Reach::Everywhere => true,
            Reach::AccessControls => NAMING.contains(&member) || member.ends_with(ACCESS_CONTROLS),
            Reach::Logic => NAMING.contains(&member),
        };
        is_reached.then_some(self.subjects)
    }
}

/// A settings document with every id of a copied site replaced, and those of subjects where they are to be.
pub(super) fn rewrite<'a>(document: &Json<'a>, ids: Ids<'_>) -> Json<'a> {
    let Json::Object(members) = document else { return value("", document, ids.sites, None) };
    let rewritten = members.iter().map(|(name, inner)| {
        let subjects = ids.subjects_below(name);
        (text("", name, ids.sites), value(name, inner, ids.sites, subjects))
    });
    Json::Object(rewritten.collect())
}

fn value<'a>(
    name: &str,
    json: &Json<'a>,
    copies: &Copies,
    subjects: Option<&Subjects>,
) -> Json<'a> {
    match json {
        Json::Object(members) => {
            let named = subjects.map(|subjects| subjects.replaced(members));
            let members = named.as_deref().unwrap_or(members);
            let rewritten = members.iter().map(|(name, inner)| {
                (text("", name, copies), value(name, inner, copies, subjects))
            });
            Json::Object(rewritten.collect())
        }
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| value(name, item, copies, subjects)).collect())
        }
        Json::Integer(_) if name.ends_with("SiteId") => {
            let copy = json.as_i64().and_then(|id| copies.get(&id));
            copy.map_or_else(|| json.clone(), |copy| Json::Integer(copy.to_string().into()))
        }
        Json::String(inner) => Json::String(text(name, inner, copies)),
        other => other.clone(),
    }
}

fn text<'a>(name: &str, text: &Cow<'a, str>, copies: &Copies) -> Cow<'a, str> {
    let rewritten = match name {
        "ChoicesText" => choices(text, copies),
        "Body" => script(text, copies),
        // `IntegratedSites`, and the lists of sites in parts of dashboards.
        _ if name.contains("Sites") => numbers(text, copies),
        _ => names(text, copies),
    };
    if rewritten == **text { text.clone() } else { rewritten.into() }
}

/// `[[123,…]]` at the beginning of a line, and `"SiteId":123` where the text is JSON.
///
/// QUIRK not kept (06 §3.7): the reference loses all other lines of a text with such a link.
fn choices(text: &str, copies: &Copies) -> String {
    if text.trim_start().starts_with('[') && !text.trim_start().starts_with("[[") {
        return after("\"SiteId\"", |c| c.is_whitespace() || c == ':', text, copies);
    }
    after("[[", |_| false, text, copies)
}

/// Joined columns (`ClassA~123,Title`) and links on the editor (`_Links-123`).
fn names(text: &str, copies: &Copies) -> String {
    if !text.contains('~') && !text.starts_with("_Links-") {
        return text.to_owned();
    }
    if text.starts_with("_Links-") {
        return after("_Links-", |_| false, text, copies);
    }
    after("~", |_| false, text, copies)
}

/// Numbers between the marks.
fn script(text: &str, copies: &Copies) -> String {
    let mut inside = false;
    let lines = text.split_inclusive('\n').map(|line| {
        let mark = line.trim();
        inside = (inside || mark == MARKS[0]) && mark != MARKS[1];
        if inside { numbers(line, copies) } else { line.to_owned() }
    });
    lines.collect()
}

/// Every number that follows the mark, with nothing in between but what is passed over.
fn after(mark: &str, passed: fn(char) -> bool, text: &str, copies: &Copies) -> String {
    let mut parts = text.split(mark);
    let mut rewritten = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rewritten.push_str(mark);
        let number = part.trim_start_matches(passed);
        let (before, number) = part.split_at(part.len() - number.len());
        let digits = number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (id, rest) = number.split_at(digits);
        rewritten.push_str(before);
        rewritten.push_str(&copy_of(id, copies));
        rewritten.push_str(rest);
    }
    rewritten
}

/// Every number of a text.
fn numbers(text: &str, copies: &Copies) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (id, behind) = from.split_at(end);
        rewritten.push_str(before);
        rewritten.push_str(&copy_of(id, copies));
        rest = behind;
    }
    rewritten.push_str(rest);
    rewritten
}

fn copy_of<'t>(id: &'t str, copies: &Copies) -> Cow<'t, str> {
    match id.parse().ok().and_then(|id: i64| copies.get(&id)) {
        Some(copy) => copy.to_string().into(),
        None => id.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lenient::parse;

    fn rewritten(text: &str) -> serde_json::Value {
        let copies = Copies::from([(12, 112), (123, 1_123)]);
        with_subjects(text, &copies, &Subjects::default(), Reach::Logic)
    }

    fn with_subjects(
        text: &str,
        sites: &Copies,
        subjects: &Subjects,
        reach: Reach,
    ) -> serde_json::Value {
        (&rewrite(&parse(text).unwrap(), Ids { sites, subjects, reach })).into()
    }

    #[test]
    fn subjects_are_replaced_where_they_are_reached() {
        let document = r#"{"Processes":[{"Id":1,"Users":[5,7,-1],"View":{"Depts":[2,3]}}],
            "ReadColumnAccessControls":[{"ColumnName":"ClassA","Groups":[4,8]}],
            "DashboardParts":[{"Users":[7]}]}"#;
        let subjects = Subjects {
            depts: HashMap::from([(2, 22)]),
            groups: HashMap::from([(4, 44)]),
            users: HashMap::from([(5, 55)]),
            fallback: None,
        };
        let reached = |reach| with_subjects(document, &Copies::new(), &subjects, reach);
        let logic = reached(Reach::Logic);
        let processes =
            serde_json::json!([{ "Id": 1, "Users": [55, -1], "View": { "Depts": [22] } }]);
        assert_eq!(logic["Processes"], processes);
        assert_eq!(logic["ReadColumnAccessControls"][0]["Groups"], serde_json::json!([4, 8]));
        let controls = reached(Reach::AccessControls);
        assert_eq!(controls["ReadColumnAccessControls"][0]["Groups"], serde_json::json!([44]));
        assert_eq!(controls["DashboardParts"][0]["Users"], serde_json::json!([7]));
        let everywhere = reached(Reach::Everywhere);
        assert_eq!(everywhere["DashboardParts"][0]["Users"], serde_json::json!([]));
    }

    #[test]
    fn what_was_for_somebody_does_not_become_open_to_everybody() {
        let subjects = Subjects { fallback: Some(1), ..Subjects::default() };
        let document = r#"{"Processes":[{"Id":1,"Depts":[2],"Groups":[],"Users":[5]},{"Id":2}]}"#;
        let rewritten = with_subjects(document, &Copies::new(), &subjects, Reach::Everywhere);
        let expected =
            serde_json::json!([{ "Id": 1, "Depts": [], "Groups": [], "Users": [1] }, { "Id": 2 }]);
        assert_eq!(rewritten["Processes"], expected);
    }

    #[test]
    fn ids_of_copied_sites_are_replaced_wherever_they_stand() {
        let document = r#"{"GridColumns":["ClassA~123,Title","ClassA~12-ClassB~~123,Ver","Title"],
            "EditorColumnHash":{"General":["_Links-12","ClassA"]},
            "Columns":[{"ColumnName":"ClassA","ChoicesText":"[[123,AddSource]]\n[[12]]\n123,text"},
                       {"ColumnName":"ClassB","ChoicesText":"[{\"SiteId\": 12},{\"SiteId\":123}]"}],
            "Links":[{"ColumnName":"ClassA","SiteId":123},{"ColumnName":"ClassB","SiteId":9}],
            "Views":[{"ColumnFilterHash":{"ClassA~123,Status":"[\"123\"]"}}],
            "Scripts":[{"Body":"12\n// @siteid list start@\n[12, 123, 1234]\n// @siteid list end@\n12"}],
            "IntegratedSites":["12","sales"]}"#;
        let expected = serde_json::json!({
            "GridColumns": ["ClassA~1123,Title", "ClassA~112-ClassB~~1123,Ver", "Title"],
            "EditorColumnHash": { "General": ["_Links-112", "ClassA"] },
            "Columns": [
                { "ColumnName": "ClassA", "ChoicesText": "[[1123,AddSource]]\n[[112]]\n123,text" },
                { "ColumnName": "ClassB", "ChoicesText": "[{\"SiteId\": 112},{\"SiteId\":1123}]" }
            ],
            "Links": [{ "ColumnName": "ClassA", "SiteId": 1123 }, { "ColumnName": "ClassB", "SiteId": 9 }],
            "Views": [{ "ColumnFilterHash": { "ClassA~1123,Status": "[\"123\"]" } }],
            "Scripts": [{ "Body": "12\n// @siteid list start@\n[112, 1123, 1234]\n// @siteid list end@\n12" }],
            "IntegratedSites": ["112", "sales"]
        });
        assert_eq!(rewritten(document), expected);
    }

    #[test]
    fn other_texts_and_numbers_stay() {
        let document = r#"{"Title":"12","Body":"123 ~12","GridPageSize":12,"Id":123}"#;
        let expected =
            serde_json::json!({ "Title": "12", "Body": "123 ~12", "GridPageSize": 12, "Id": 123 });
        assert_eq!(rewritten(document), expected);
    }
}
