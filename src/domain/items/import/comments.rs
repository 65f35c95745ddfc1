//! Comments in the form in which exports write them (04 §4.4).

use chrono::{DateTime, NaiveDateTime};

use crate::domain::Call;
use crate::domain::items::comments::time_text;
use crate::json;
use crate::lenient::{self, Json};

/// All comments of a record, newest first, numbered anew; none for a text that is no array of comments.
pub fn read(call: &Call, text: &str) -> Option<String> {
    let parsed = lenient::parse(text).ok()?;
    let Json::Array(comments) = &parsed else { return None };
    let body =
        |comment: &'_ Json<'_>| comment.member("Body").and_then(Json::as_str).map(str::to_owned);
    if comments.is_empty() || !comments.iter().all(|comment| body(comment).is_some()) {
        return None;
    }
    Some(json::array(|array| {
        for (at, comment) in comments.iter().enumerate().rev() {
            let time = comment.member("CreatedTime").and_then(Json::as_str).filter(|t| is_time(t));
            let creator = comment.member("Creator").and_then(Json::as_i64);
            array.object(|o| {
                o.field("CommentId", &i64::try_from(at + 1).unwrap_or(i64::MAX));
                match time {
                    Some(time) => o.field("CreatedTime", time),
                    None => o.field("CreatedTime", &time_text(call.now, &call.zones)),
                };
                o.field("Creator", &creator.unwrap_or(call.caller.user.0.into()));
                o.field("Body", &body(comment).unwrap_or_default());
            });
        }
    }))
}

fn is_time(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok() || text.parse::<NaiveDateTime>().is_ok()
}
