//! How the scripts of a site become one program per moment (07 §4.1).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::settings::document::ServerScript;
use crate::parameters::Parameters;

use super::Moment;

/// What runs at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// All scripts of the moment, which share one global scope.
    pub source: Arc<str>,
    /// How long it may take; none is for ever.
    pub limit: Option<Duration>,
    /// Whether it may ask for what is kept for the user.
    pub uses_user_data: bool,
}

/// The programs of a version of a site's settings, each put together when it is first needed.
#[derive(Debug, Default)]
pub struct Programs(Mutex<HashMap<Moment, Option<Program>>>);

impl Clone for Programs {
    /// Programs are found again from the scripts.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Programs {
    /// What runs at a moment; nothing, mostly.
    pub fn at(
        &self,
        moment: Moment,
        scripts: &[ServerScript],
        parameters: &Parameters,
    ) -> Option<Program> {
        let rules = Rules::of(parameters);
        if !scripts.iter().any(|script| moment.has(script)) {
            return None;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(moment).or_insert_with(|| compose(moment, scripts, rules)).clone()
    }
}

impl Program {
    /// What scripts are together at a moment; nothing, where none is for it.
    pub fn of(moment: Moment, scripts: &[ServerScript], parameters: &Parameters) -> Option<Self> {
        let any = scripts.iter().any(|script| moment.has(script));
        if any { compose(moment, scripts, Rules::of(parameters)) } else { None }
    }
}

/// What the parameters say of scripts.
#[derive(Debug, Clone, Copy)]
struct Rules {
    include_depth: usize,
    time_out: i32,
    time_out_changeable: bool,
}

impl Rules {
    fn of(parameters: &Parameters) -> Self {
        let script = &parameters.script;
        Self {
            include_depth: usize::try_from(script.server_script_include_depth_limit)
                .unwrap_or_default(),
            time_out: script.server_script_time_out,
            time_out_changeable: script.server_script_time_out_changeable,
        }
    }
}

fn compose(moment: Moment, scripts: &[ServerScript], rules: Rules) -> Option<Program> {
    let depth = rules.include_depth;
    let shared: Vec<&str> =
        scripts.iter().filter(|script| script.shared).filter_map(|s| s.body.as_deref()).collect();
    let due: Vec<&ServerScript> = scripts.iter().filter(|script| moment.has(script)).collect();
    let bodies: Vec<String> = due.iter().map(|one| body(one, &shared, scripts, depth)).collect();
    if bodies.iter().all(|body| body.trim().is_empty()) {
        return None;
    }
    let source = bodies.join("\n");
    Some(Program {
        uses_user_data: source.contains("UserData") || source.contains("SessionData"),
        source: source.into(),
        limit: limit(&due, rules.time_out, rules.time_out_changeable),
    })
}

/// Shared bodies, then the script's own, with what it includes, in the wrappings that it asks for.
fn body(script: &ServerScript, shared: &[&str], all: &[ServerScript], depth: usize) -> String {
    let mut text = shared.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(script.body.as_deref().unwrap_or_default());
    let mut text = included(&text, all, depth);
    if script.functionalize {
        text = format!("(() => {{\n{text}\n}})();");
    }
    if script.try_catch {
        let (title, name) = (script.title.as_deref(), script.name.as_deref());
        let label =
            format!("{}_{}_{}", script.id, title.unwrap_or_default(), name.unwrap_or_default());
        let label = serde_json::Value::String(label);
        text = format!(
            "try {{\n{text}\n}} catch (e) {{ logs.LogException({label} + '\\n' + e + '\\n' + e?.stack); }}"
        );
    }
    text
}

/// The text, with the body of the named script in the place of each line `//Include:<name>`.
fn included(text: &str, all: &[ServerScript], depth: usize) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let name = line.strip_prefix("//Include:").map(str::trim);
        let found = name.and_then(|name| {
            all.iter().find(|script| script.name.as_deref() == Some(name))?.body.as_deref()
        });
        match found {
            Some(body) if depth > 0 => lines.push(included(body, all, depth - 1)),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

/// 07 §4.2: the longest of the scripts' own limits; 0 is none, where scripts may ask for that.
fn limit(due: &[&ServerScript], standard: i32, changeable: bool) -> Option<Duration> {
    let milliseconds = if due.iter().any(|script| script.time_out == Some(0)) {
        if changeable { 0 } else { standard }
    } else {
        due.iter().map(|script| script.time_out.unwrap_or(standard)).max().unwrap_or(standard)
    };
    match u64::try_from(milliseconds) {
        Ok(0) => None,
        Ok(milliseconds) => Some(Duration::from_millis(milliseconds)),
        Err(_) => Some(Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(name: &str, body: &str) -> ServerScript {
        ServerScript {
            id: 1,
            name: Some(name.to_owned()),
            title: Some("t".to_owned()),
            body: Some(body.to_owned()),
            before_create: true,
            ..ServerScript::default()
        }
    }

    fn source(scripts: &[ServerScript]) -> Option<String> {
        let rules = Rules { include_depth: 10, time_out: 10_000, time_out_changeable: false };
        let program = compose(Moment::BeforeCreate, scripts, rules)?;
        Some(program.source.to_string())
    }

    #[test]
    fn scripts_of_a_moment_are_joined_behind_what_they_share() {
        let scripts = [
            ServerScript { shared: true, before_create: false, ..script("s", "let s;") },
            script("a", "a();"),
            ServerScript { before_create: false, after_create: true, ..script("x", "x();") },
            script("b", "b();"),
        ];
        assert_eq!(source(&scripts).unwrap(), "let s;\na();\nlet s;\nb();");
    }

    #[test]
    fn includes_are_replaced_as_deep_as_is_allowed() {
        let scripts = [
            script("a", "//Include:b\na();"),
            ServerScript { before_create: false, ..script("b", "b();\n//Include:b") },
        ];
        let source = source(&scripts).unwrap();
        assert_eq!(source.matches("b();").count(), 10);
        assert!(source.ends_with("\n//Include:b\na();"), "{source}");
    }

    #[test]
    fn wrappings_go_around_the_whole_body() {
        let wrapped =
            ServerScript { functionalize: true, try_catch: true, ..script("n\"", "a();") };
        let source = source(&[wrapped]).unwrap();
        assert!(source.starts_with("try {\n(() => {\na();\n})();\n} catch"), "{source}");
        assert!(source.contains(r#""1_t_n\"""#), "{source}");
    }

    #[test]
    fn the_longest_limit_counts_and_none_only_where_that_is_allowed() {
        let with = |time_out| ServerScript { time_out, ..ServerScript::default() };
        let limit = |scripts: &[ServerScript], changeable| {
            super::limit(&scripts.iter().collect::<Vec<_>>(), 10_000, changeable)
                .map(|limit| limit.as_millis())
        };
        assert_eq!(limit(&[with(None), with(Some(5))], false), Some(10_000));
        assert_eq!(limit(&[with(Some(5)), with(Some(7))], false), Some(7));
        assert_eq!(limit(&[with(Some(0)), with(Some(7))], false), Some(10_000));
        assert_eq!(limit(&[with(Some(0)), with(Some(7))], true), None);
    }

    #[test]
    fn nothing_is_made_of_empty_bodies() {
        assert_eq!(source(&[script("a", " \n")]), None);
    }
}
