//! The comments of a record: JSON text in a column, newest first (02 §7.7, 03 §9.6).

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::culture;
use crate::domain::display::Labels;
use crate::domain::zones::Zones;
use crate::json::{self, Array, Object, Raw};
use crate::lenient::{self, Json};
use crate::model::UserId;

/// A comment that a call adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewComment {
    /// Who writes it.
    pub creator: UserId,
    /// Its text, as posted.
    pub body: String,
}

/// Whether a posted text makes a comment: blank ones do not, and neither does what reads show for "none".
pub fn is_comment(text: &str) -> bool {
    !text.trim().is_empty() && text != "[]"
}

/// The stored text with a comment in front.
///
/// The stored comments stay as they are, byte for byte; a stored text that is no array counts as none.
pub(super) fn prepend(stored: &str, new: &NewComment, now: DateTime<Utc>, zones: &Zones) -> String {
    let known = lenient::parse(stored).ok();
    let existing = match &known {
        Some(Json::Array(comments)) if !comments.is_empty() => comments.as_slice(),
        _ => &[],
    };
    let next_id = existing
        .iter()
        .filter_map(|comment| comment.member("CommentId")?.as_i64())
        .max()
        .unwrap_or(0)
        + 1;
    let mut text = String::with_capacity(stored.len() + new.body.len() + 100);
    let mut array = Array::open(&mut text);
    array.object(|o| {
        o.field("CommentId", &next_id).field("CreatedTime", &time_text(now, zones));
        o.field("Creator", &new.creator.0).field("Body", &new.body);
    });
    if !existing.is_empty() {
        let inner = stored.trim();
        let inner =
            inner.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
        array.element(&Raw(inner));
    }
    array.finish();
    text
}

/// The stored comments as records show them: a JSON array with the times of the reader's zone (05 §4.6).
pub fn shown(stored: &str, zones: &Zones) -> Cow<'static, str> {
    let known = if stored.len() > 2 { lenient::parse(stored).ok() } else { None };
    match &known {
        Some(Json::Array(comments)) if !comments.is_empty() => {
            let mut text = String::with_capacity(stored.len());
            let mut array = Array::open(&mut text);
            for comment in comments {
                array.object(|o| members(o, comment, zones));
            }
            array.finish();
            Cow::Owned(text)
        }
        _ => Cow::Borrowed("[]"),
    }
}

/// Members of the reference's order; absent ones are left out, the texts of others stay as they are.
fn members(o: &mut Object<'_>, comment: &Json<'_>, zones: &Zones) {
    let member = |name: &str| comment.member(name).filter(|value| !matches!(value, Json::Null));
    o.field("CommentId", &member("CommentId").and_then(Json::as_i64).unwrap_or_default());
    for name in ["CreatedTime", "UpdatedTime"] {
        if let Some(time) = member(name).and_then(Json::as_str) {
            o.field(name, shown_time(time, zones).as_str());
        }
    }
    for name in ["Creator", "Updator"] {
        o.optional(name, member(name).and_then(Json::as_i64).as_ref());
    }
    o.optional("Body", member("Body").and_then(Json::as_str));
}

/// A stored time by the reader's clock: an instant, or a time of the server's zone.
fn user_time(stored: &str, zones: &Zones) -> Option<NaiveDateTime> {
    match DateTime::parse_from_rfc3339(stored) {
        Ok(instant) => Some(zones.user_time(instant.to_utc())),
        Err(_) => stored.parse().ok().map(|local| zones.to_user(local)),
    }
}

/// A stored time by the reader's clock, its fraction kept. Without conversion the server's offset stays (05 §4.6).
fn shown_time(stored: &str, zones: &Zones) -> String {
    let mut text = String::with_capacity(stored.len());
    let instant = DateTime::parse_from_rfc3339(stored).map(|time| time.to_utc());
    let (server, offset) = match (instant, stored.parse::<NaiveDateTime>()) {
        (Ok(instant), _) => (zones.server_time(instant), zones.server_offset(instant)),
        (Err(_), Ok(local)) => (local, String::new()),
        (Err(_), Err(_)) => return stored.to_owned(),
    };
    json::date_time(zones.to_user(server), &mut text);
    if zones.marks_utc() {
        text.push('Z');
    } else if !zones.converts() {
        text.push_str(&offset);
    }
    text
}

/// The stored comments as JSON, times as they are; none when there is no comment (05 §5.3).
pub(super) fn stored_json(stored: &str) -> Option<&str> {
    let any = stored.len() > 2
        && lenient::parse(stored)
            .is_ok_and(|json| matches!(json, Json::Array(all) if !all.is_empty()));
    any.then_some(stored)
}

/// The comments as lines, newest first: when, who, and below what; blank lines between them (05 §5.3).
pub fn lines(stored: &str, labels: &Labels) -> String {
    lines_by(stored, labels, |creator| labels.user(creator))
}

/// The comments as a JSON array with the oldest first; `[]` where there is none (04 §5.4).
pub(super) fn oldest_first(stored: &str) -> String {
    let known = if stored.len() > 2 { lenient::parse(stored).ok() } else { None };
    let Some(Json::Array(comments)) = &known else { return "[]".to_owned() };
    json::array(|array| {
        for comment in comments.iter().rev() {
            array.element(&Raw(&serde_json::Value::from(comment).to_string()));
        }
    })
}

/// As [`lines`], with another text for who.
pub(super) fn lines_by(stored: &str, labels: &Labels, who: impl Fn(i64) -> String) -> String {
    let known = if stored.len() > 2 { lenient::parse(stored).ok() } else { None };
    let Some(Json::Array(comments)) = &known else { return String::new() };
    let mut text = String::with_capacity(stored.len());
    for (at, comment) in comments.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "\n\n" });
        let time = comment.member("CreatedTime").and_then(Json::as_str).unwrap_or_default();
        if let Some(local) = user_time(time, &labels.zones) {
            text.push_str(&culture::general(local, labels.language));
        }
        let creator = comment.member("Creator").and_then(Json::as_i64).unwrap_or_default();
        text.push(' ');
        text.push_str(&who(creator));
        text.push('\n');
        text.push_str(comment.member("Body").and_then(Json::as_str).unwrap_or_default());
    }
    text
}

/// A time as comments hold it: server zone, seven digits without trailing zeros, offset.
pub(super) fn time_text(now: DateTime<Utc>, zones: &Zones) -> String {
    let mut text = String::with_capacity(40);
    json::date_time(zones.server_time(now), &mut text);
    text.push_str(&zones.server_offset(now));
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::display::{Breadcrumbs, LinkedTexts};

    fn prepended(stored: &str) -> String {
        let now = DateTime::parse_from_rfc3339("2024-04-10T01:02:03.1234567Z").unwrap().to_utc();
        let new = NewComment { creator: UserId(1), body: "done \"x\"".into() };
        prepend(stored, &new, now, &Zones::new(chrono_tz::Tz::UTC, "Asia/Tokyo"))
    }

    #[test]
    fn the_first_comment_has_id_1() {
        let first = r#"[{"CommentId":1,"CreatedTime":"2024-04-10T01:02:03.1234567+00:00","Creator":1,"Body":"done \"x\""}]"#;
        assert_eq!(prepended(""), first);
        assert_eq!(prepended("[]"), first);
        assert_eq!(prepended("no json"), first);
    }

    #[test]
    fn a_further_comment_stands_in_front_of_what_is_stored() {
        let stored =
            r#"[{"CommentId":7,"CreatedTime":"2024-04-01T00:00:00+00:00","Creator":2,"Body":"a"}]"#;
        let text = prepended(stored);
        assert!(text.starts_with(r#"[{"CommentId":8,"#), "{text}");
        assert!(text.ends_with(&format!(",{}", &stored[1..])), "{text}");
    }

    #[test]
    fn times_are_shown_by_the_clock_of_the_reader() {
        let stored = prepended("");
        let time = |zone: &str| {
            let zones = Zones::new(chrono_tz::Tz::Etc__UTC, zone);
            shown(&stored, &zones).split('"').nth(5).unwrap().to_owned()
        };
        assert_eq!(time("Asia/Tokyo"), "2024-04-10T10:02:03.1234567");
        assert_eq!(time("Etc/UTC"), "2024-04-10T01:02:03.1234567+00:00");
        assert_eq!(time("UTC"), "2024-04-10T01:02:03.1234567Z");
    }

    #[test]
    fn times_without_an_offset_are_those_of_the_server() {
        let labels = Labels {
            language: crate::messages::Language::Ja,
            zones: Zones::new(chrono_tz::Tz::Etc__UTC, "Asia/Tokyo"),
            users: Arc::default(),
            depts: Arc::default(),
            groups: Arc::default(),
            links: LinkedTexts::default(),
            sites: Breadcrumbs::default(),
        };
        for time in ["2024-04-01T00:05:00", "2024-04-01T00:05:00.5+00:00"] {
            let stored =
                format!(r#"[{{"CommentId":1,"CreatedTime":"{time}","Creator":9,"Body":"a"}}]"#);
            assert_eq!(lines(&stored, &labels), "2024/04/01 9:05:00 (未設定)\na", "{time}");
        }
    }

    #[test]
    fn a_text_that_is_no_array_shows_no_comments() {
        let zones = Zones::new(chrono_tz::Tz::UTC, "Asia/Tokyo");
        for stored in ["", "[]", "no json", "{}"] {
            assert_eq!(shown(stored, &zones), "[]", "{stored}");
            assert_eq!(stored_json(stored), None, "{stored}");
        }
    }

    #[test]
    fn blank_texts_and_the_text_of_no_comments_are_none() {
        assert!(!is_comment("  \n") && !is_comment("[]"));
        assert!(is_comment("[{\"Body\":\"x\"}]") && is_comment(" x "));
    }
}
