//! Points in time, as KPN writes them, on tokio's clock.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::time::Timestamp;

/// A day.
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// A point in time in milliseconds, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(i64);

impl Stamp {
    /// Midnight of a day.
    pub(super) const fn day(year: i64, month: i64, day: i64) -> Self {
        Self(Timestamp::from_civil(year, month, day, 0, 0, 0).unix() * 1000)
    }

    /// Reads a date with time; one without a zone is taken as UTC.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let seconds = Timestamp::parse(text)?.unix();
        let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
        let digits = fraction.find(|c: char| !c.is_ascii_digit());
        let digits = &fraction[..digits.unwrap_or(fraction.len())];
        let ms = format!("{digits:0<3}").get(..3)?.parse::<i64>().ok()?;
        Some(Self(seconds * 1000 + ms))
    }

    /// Reads a day or a date with time.
    pub(super) fn parse_day(text: &str) -> Option<Self> {
        let dated = text.contains('T');
        Self::parse(&if dated {
            text.to_owned()
        } else {
            format!("{text}T00:00:00Z")
        })
    }

    pub(super) fn plus(self, by: Duration) -> Self {
        Self(self.0 + i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4))
    }

    /// Midnight of the day that it is in.
    pub(super) fn midnight(self) -> Self {
        Self(self.0 - self.0.rem_euclid(86_400_000))
    }

    /// Month and day.
    pub(super) fn month_and_day(self) -> (i64, i64) {
        let (_, month, day) = Timestamp::from_unix(self.0.div_euclid(1000)).date();
        (month, day)
    }

    /// Milliseconds since 1970.
    pub(super) const fn unix_ms(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = Timestamp::from_unix(self.0.div_euclid(1000)).to_string();
        let ms = self.0.rem_euclid(1000);
        write!(f, "{}.{ms:03}+00:00", whole.trim_end_matches('Z'))
    }
}

impl serde::Serialize for Stamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Stamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a date with time"))
    }
}

/// The wall clock at the start, and tokio's clock from there on: a test that pauses and advances
/// that one sees the dates follow.
#[derive(Debug)]
pub(super) struct Clock {
    started: Instant,
    wall: Stamp,
}

impl Clock {
    pub(super) fn start() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            started: Instant::now(),
            wall: Stamp(0).plus(since),
        }
    }

    pub(super) fn now(&self) -> Stamp {
        self.wall.plus(self.started.elapsed())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn stamps() {
        let parse = |text| Stamp::parse(text).map(|s| s.to_string());
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(
            parse("2026-03-02T10:49:00.005Z"),
            is("2026-03-02T10:49:00.005+00:00")
        );
        assert_eq!(
            parse("2026-03-02T10:49:00.1+01:00"),
            is("2026-03-02T09:49:00.100+00:00")
        );
        assert_eq!(
            parse("2026-03-02T10:49:00"),
            is("2026-03-02T10:49:00.000+00:00")
        );
        assert_eq!(parse("2026-03-02"), None);
        assert_eq!(Stamp::parse_day("2026-03-02"), Some(Stamp::day(2026, 3, 2)));
        let noon = Stamp::parse("2026-03-02T12:00:00Z").unwrap();
        assert_eq!(noon.midnight(), Stamp::day(2026, 3, 2));
    }
}
