//! Wall-clock times between the server's zone and a user's (02 §7.4, 03 §9.11).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// The server's zone and a caller's, and what conversion between them means.
#[derive(Debug, Clone)]
pub struct Zones {
    server: Tz,
    user: Tz,
    /// The ids differ and the user's is known.
    converts: bool,
}

impl Zones {
    /// For a user's zone id as stored in `Users.TimeZone`: an IANA id, or a Windows id from installations that came
    /// from there. An unknown id means no conversion.
    pub fn new(server: Tz, user_id: &str) -> Self {
        let user = find(user_id);
        let converts = user.is_some_and(|user| user.name() != server.name());
        Self { server, user: user.unwrap_or(server), converts }
    }

    /// The user's wall clock for a stored time.
    pub fn to_user(&self, stored: NaiveDateTime) -> NaiveDateTime {
        self.convert(stored, self.server, self.user)
    }

    /// The stored time for a user's wall clock.
    pub fn to_server(&self, local: NaiveDateTime) -> NaiveDateTime {
        self.convert(local, self.user, self.server)
    }

    /// The server's wall clock at an instant.
    pub fn server_time(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.server).naive_local()
    }

    /// The instant of a stored time.
    pub fn instant(&self, stored: NaiveDateTime) -> DateTime<Utc> {
        instant(stored, self.server)
    }

    /// The user's wall clock at an instant.
    pub fn user_time(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        self.to_user(self.server_time(instant))
    }

    /// The offset of the server's zone at an instant, as `+09:00`.
    pub fn server_offset(&self, instant: DateTime<Utc>) -> String {
        let offset = self.server.offset_from_utc_datetime(&instant.naive_utc()).fix();
        offset.to_string()
    }

    /// QUIRK(05 §4.7): a user in exactly `UTC` on a server whose zone has another id gets a trailing `Z`.
    pub fn marks_utc(&self) -> bool {
        self.converts && self.user.name() == "UTC"
    }

    /// Whether times are converted at all.
    pub const fn converts(&self) -> bool {
        self.converts
    }

    /// A local time that occurs twice is taken as standard time, one that does not exist with the zone's offset before
    /// the gap (03 §9.11). The "empty date" is never converted.
    fn convert(&self, time: NaiveDateTime, from: Tz, to: Tz) -> NaiveDateTime {
        if !self.converts || time == empty_date() {
            return time;
        }
        instant(time, from).with_timezone(&to).naive_local()
    }
}

fn instant(time: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&time) {
        chrono::LocalResult::Single(found) => found.to_utc(),
        chrono::LocalResult::Ambiguous(_, later) => later.to_utc(),
        chrono::LocalResult::None => {
            let before = zone.offset_from_utc_datetime(&(time - chrono::TimeDelta::days(1))).fix();
            (time - before).and_utc()
        }
    }
}

/// 1899-12-30 00:00, by which the reference says "no date".
pub const fn empty_date() -> NaiveDateTime {
    match NaiveDate::from_ymd_opt(1899, 12, 30) {
        Some(day) => NaiveDateTime::new(day, NaiveTime::MIN),
        None => NaiveDateTime::MIN,
    }
}

/// The zone of an IANA or Windows id.
pub fn find(id: &str) -> Option<Tz> {
    Tz::from_str_insensitive(id).ok().or_else(|| windows(id))
}

/// The zones that Windows calls otherwise; those of the languages the reference speaks, and the large ones.
fn windows(id: &str) -> Option<Tz> {
    Some(match id {
        "Tokyo Standard Time" => Tz::Asia__Tokyo,
        "Korea Standard Time" => Tz::Asia__Seoul,
        "China Standard Time" => Tz::Asia__Shanghai,
        "Taipei Standard Time" => Tz::Asia__Taipei,
        "Singapore Standard Time" => Tz::Asia__Singapore,
        "SE Asia Standard Time" => Tz::Asia__Bangkok,
        "India Standard Time" => Tz::Asia__Kolkata,
        "Arabian Standard Time" => Tz::Asia__Dubai,
        "Russian Standard Time" => Tz::Europe__Moscow,
        "GMT Standard Time" => Tz::Europe__London,
        "W. Europe Standard Time" => Tz::Europe__Berlin,
        "Romance Standard Time" => Tz::Europe__Paris,
        "Central Europe Standard Time" => Tz::Europe__Budapest,
        "Eastern Standard Time" => Tz::America__New_York,
        "Central Standard Time" => Tz::America__Chicago,
        "Mountain Standard Time" => Tz::America__Denver,
        "Pacific Standard Time" => Tz::America__Los_Angeles,
        "E. South America Standard Time" => Tz::America__Sao_Paulo,
        "AUS Eastern Standard Time" => Tz::Australia__Sydney,
        "New Zealand Standard Time" => Tz::Pacific__Auckland,
        "Hawaiian Standard Time" => Tz::Pacific__Honolulu,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn a_tokyo_midnight_is_stored_as_the_afternoon_before() {
        let zones = Zones::new(Tz::UTC, "Asia/Tokyo");
        assert_eq!(zones.to_server(time("2019-01-01 00:00")), time("2018-12-31 15:00"));
        assert_eq!(zones.to_user(time("2018-12-31 15:00")), time("2019-01-01 00:00"));
    }

    /// Observed (03 §3.3): a New York user's times of the two nights.
    #[test]
    fn missing_and_doubled_times_are_standard_time() {
        let zones = Zones::new(Tz::UTC, "America/New_York");
        assert_eq!(zones.to_server(time("2024-03-10 02:30")), time("2024-03-10 07:30"));
        assert_eq!(zones.to_server(time("2024-11-03 01:30")), time("2024-11-03 06:30"));
    }

    #[test]
    fn unknown_and_equal_ids_do_not_convert() {
        for id in ["Nowhere/Land", "", "Asia/Tokyo"] {
            let zones = Zones::new(Tz::Asia__Tokyo, id);
            assert_eq!(zones.to_server(time("2019-01-01 00:00")), time("2019-01-01 00:00"), "{id}");
            assert!(!zones.marks_utc());
        }
    }

    #[test]
    fn the_empty_date_stays() {
        assert_eq!(Zones::new(Tz::UTC, "Asia/Tokyo").to_user(empty_date()), empty_date());
    }

    #[test]
    fn windows_ids_are_known() {
        assert_eq!(find("Tokyo Standard Time"), Some(Tz::Asia__Tokyo));
    }
}
