//! The comments of a record: JSON text in a column, newest first (02 §7.7, 03 §9.6).

use chrono::{DateTime, Utc};

use crate::domain::zones::Zones;
use crate::json::{self, Array, Raw};
use crate::lenient::{self, Json};
use crate::model::UserId;

/// A comment that a call adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewComment {
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
pub fn prepend(stored: &str, new: &NewComment, now: DateTime<Utc>, zones: &Zones) -> String {
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

/// A time as comments hold it: server zone, seven digits without trailing zeros, offset.
fn time_text(now: DateTime<Utc>, zones: &Zones) -> String {
    let mut text = String::with_capacity(40);
    json::date_time(zones.server_time(now), &mut text);
    text.push_str(&zones.server_offset(now));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn blank_texts_and_the_text_of_no_comments_are_none() {
        assert!(!is_comment("  \n") && !is_comment("[]"));
        assert!(is_comment("[{\"Body\":\"x\"}]") && is_comment(" x "));
    }
}
