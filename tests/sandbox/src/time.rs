//! Points in time, as the platform writes them.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// A point in time with a resolution of one second, in UTC.
///
/// ```
/// use mno_sandbox::Timestamp;
///
/// let t = Timestamp::from_civil(2026, 2, 3, 4, 5, 6);
/// assert_eq!(t.to_string(), "2026-02-03T04:05:06Z");
/// assert_eq!(Timestamp::parse("2026-02-03T05:05:06.250+01:00"), Some(t));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// A date and a time of day in UTC.
    #[must_use]
    pub const fn from_civil(year: i64, month: i64, day: i64, h: i64, m: i64, s: i64) -> Self {
        Self(days_from_civil(year, month, day) * 86_400 + h * 3600 + m * 60 + s)
    }

    /// The same time so many seconds later.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// Reads an `xs:dateTime`; one without a zone is taken as UTC. Fractions are cut off.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.trim().split_once('T')?;
        let mut date = date.splitn(3, '-').map(str::parse::<i64>);
        let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
        let (clock, offset) = match rest.find(['Z', '+', '-']) {
            Some(at) => (&rest[..at], &rest[at..]),
            None => (rest, "Z"),
        };
        let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
        let mut clock = clock.splitn(3, ':').map(str::parse::<i64>);
        let (h, m, s) = (
            clock.next()?.ok()?,
            clock.next()?.ok()?,
            clock.next()?.ok()?,
        );
        let offset = match offset.split_at_checked(1)? {
            ("Z", "") => 0,
            (sign, hhmm) => {
                let (hours, minutes) = hhmm.split_once(':')?;
                let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
                if sign == "-" { -seconds } else { seconds }
            }
        };
        let plausible = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..=24).contains(&h)
            && (0..=59).contains(&m)
            && (0..=60).contains(&s);
        plausible.then(|| Self::from_civil(year, month, day, h, m, s).plus(-offset))
    }

    /// Year, month and day.
    #[must_use]
    pub const fn date(self) -> (i64, i64, i64) {
        civil_from_days(self.0.div_euclid(86_400))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let s = self.0.rem_euclid(86_400);
        let (hour, minute, second) = (s / 3600, s / 60 % 60, s % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// Days since 1970-01-01 of a date in the Gregorian calendar (Hinnant's algorithm).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn calendar_round_trips() {
        for day in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil_from_days(day);
            assert_eq!(days_from_civil(y, m, d), day);
        }
        assert_eq!(Timestamp::from_unix(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(
            Timestamp::from_unix(951_782_400).to_string(),
            "2000-02-29T00:00:00Z"
        );
    }

    #[test]
    fn offsets_and_nonsense() {
        let noon = Timestamp::from_civil(2026, 6, 1, 12, 0, 0);
        assert_eq!(Timestamp::parse("2026-06-01T14:00:00+02:00"), Some(noon));
        assert_eq!(Timestamp::parse("2026-06-01T07:00:00-05:00"), Some(noon));
        assert_eq!(Timestamp::parse("2026-06-01T12:00:00"), Some(noon));
        assert_eq!(Timestamp::parse("2026-06-01"), None);
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Timestamp::parse("2026-13-01T12:00:00Z"), None);
    }
}
