//! Maintenance windows that are known in advance, and the time of day.
//!
//! | Register | Time zone | Every day | First Sunday of a month |
//! |---|---|---|---|
//! | [`Hlr::Spain`] | Europe/Madrid | 01:59, 17 minutes | 00:59, 61 minutes |
//! | [`Hlr::LatinAmerica`] | US/Eastern | 01:59, 17 minutes | 00:59, 61 minutes |
//!
//! (Kite's guide 6.3.) Operations whose facts name the window
//! ([`OperationFacts::window`](mno_runtime::facts::OperationFacts::window)) are refused in it:
//! `modifySubscription` and `modifyCustomer`.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

#[cfg(feature = "maintenance")]
use mno_runtime::facts::MaintenanceWindow;
use mno_runtime::facts::OperationFacts;

#[cfg(feature = "maintenance")]
pub use hlr::{Hlr, Window};

/// The time of day, which maintenance windows go by.
///
/// The machine's by default. A test has its own:
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use mno_sdk::policy::WallClock;
///
/// let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000);
/// let clock = WallClock::new(move || then);
/// assert_eq!(clock.now(), then);
/// ```
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl WallClock {
    /// A clock that this function reads.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WallClock")
    }
}

/// When the platform of a client is closed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Maintenance {
    pub(crate) clock: WallClock,
    #[cfg(feature = "maintenance")]
    pub(crate) hlr: Option<Hlr>,
}

impl Maintenance {
    /// The end of the window that the operation is in now.
    #[cfg(feature = "maintenance")]
    pub(super) fn closed_until(&self, facts: &OperationFacts) -> Option<SystemTime> {
        let hlr = self.hlr?;
        match facts.window? {
            MaintenanceWindow::KiteHlr => Some(hlr.window_at(self.clock.now())?.end),
            // Another platform's; the register knows nothing of it.
            _ => None,
        }
    }

    /// Without the feature nobody knows of windows.
    #[cfg(not(feature = "maintenance"))]
    pub(super) fn closed_until(&self, _: &OperationFacts) -> Option<SystemTime> {
        None
    }
}

#[cfg(feature = "maintenance")]
mod hlr {
    use std::time::{Duration, SystemTime};

    use jiff::civil::{Date, Time, Weekday};
    use jiff::tz::{AmbiguousOffset, TimeZone};
    use jiff::{Timestamp, ToSpan as _};

    /// Every day: begins at 01:59.
    const DAILY: (i8, i8, Duration) = (1, 59, Duration::from_secs(17 * 60));
    /// On the first Sunday of a month: begins at 00:59.
    const MONTHLY: (i8, i8, Duration) = (0, 59, Duration::from_secs(61 * 60));

    /// The home location register that an organisation's SIMs are in; its backups close the
    /// platform to some operations.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use mno_sdk::policy::Hlr;
    ///
    /// // 2031-01-15, 00:00 UTC: 01:00 in Madrid, on a Wednesday.
    /// let night = SystemTime::UNIX_EPOCH + Duration::from_secs(1_926_201_600);
    /// assert!(Hlr::Spain.window_at(night).is_none());
    /// let next = Hlr::Spain.next_window(night).ok_or("no time zones here")?;
    /// assert_eq!(next.start, night + Duration::from_secs(59 * 60));
    /// assert_eq!(next.end, next.start + Duration::from_secs(17 * 60));
    /// # Ok::<(), &str>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Hlr {
        /// Spain; its clocks are those of Europe/Madrid.
        Spain,
        /// Latin America; its clocks are those of US/Eastern.
        LatinAmerica,
    }

    /// A time in which the platform is closed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Window {
        /// Its first moment.
        pub start: SystemTime,
        /// The first moment after it.
        pub end: SystemTime,
    }

    impl Hlr {
        /// The window that this time is in. Windows that meet are one.
        #[must_use]
        pub fn window_at(self, time: SystemTime) -> Option<Window> {
            self.next_window(time).filter(|next| next.start <= time)
        }

        /// The window that this time is in, or the next one. `None` for times that no calendar
        /// reaches.
        ///
        /// A window is as long as the guide says, whatever the clocks do meanwhile. Where they show
        /// its beginning twice (US/Eastern, in November) there are two: which of them is meant is
        /// not documented.
        #[must_use]
        pub fn next_window(self, time: SystemTime) -> Option<Window> {
            let zone = TimeZone::get(match self {
                Self::Spain => "Europe/Madrid",
                Self::LatinAmerica => "America/New_York",
            })
            .ok()?;
            let today = Timestamp::try_from(time)
                .ok()?
                .to_zoned(zone.clone())
                .date();
            let mut windows: Vec<Window> = Vec::new();
            for days in -1..=2 {
                let Ok(day) = today.checked_add(days.days()) else {
                    continue;
                };
                if day.day() <= 7 && day.weekday() == Weekday::Sunday {
                    windows.extend(on(&zone, day, MONTHLY));
                }
                windows.extend(on(&zone, day, DAILY));
            }
            windows.sort_by_key(|window| window.start);
            windows.dedup_by(|next, before| {
                let meet = next.start <= before.end;
                if meet {
                    before.end = before.end.max(next.end);
                }
                meet
            });
            windows.into_iter().find(|window| time < window.end)
        }
    }

    /// The windows that begin at this time of that day: one, or two where the clocks are set back.
    fn on(
        zone: &TimeZone,
        day: Date,
        (hour, minute, length): (i8, i8, Duration),
    ) -> impl Iterator<Item = Window> {
        let local = day.to_datetime(Time::constant(hour, minute, 0, 0));
        let offsets = match zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
            // The clocks never show it: as if they had not been set forward yet.
            AmbiguousOffset::Gap { before, .. } => [Some(before), None],
            AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
        };
        offsets.into_iter().flatten().filter_map(move |offset| {
            let start = SystemTime::from(offset.to_timestamp(local).ok()?);
            Some(Window {
                start,
                end: start.checked_add(length)?,
            })
        })
    }

    #[cfg(test)]
    mod tests {
        #![allow(clippy::unwrap_used)]

        use super::*;

        fn at(text: &str) -> SystemTime {
            text.parse::<Timestamp>().unwrap().into()
        }

        /// The window that is next at a time, as UTC.
        fn next(hlr: Hlr, time: &str) -> (String, String) {
            let window = hlr.next_window(at(time)).unwrap();
            let text = |time| Timestamp::try_from(time).unwrap().to_string();
            (text(window.start), text(window.end))
        }

        fn window(start: &str, end: &str) -> (String, String) {
            (format!("{start}:00Z"), format!("{end}:00Z"))
        }

        #[test]
        fn every_day_in_the_registers_time_zone() {
            // Madrid is an hour ahead in winter, two in summer; New York five and four behind.
            for (hlr, from, start, end) in [
                (
                    Hlr::Spain,
                    "2031-01-15T00:00:00Z",
                    "2031-01-15T00:59",
                    "2031-01-15T01:16",
                ),
                (
                    Hlr::Spain,
                    "2031-07-15T12:00:00Z",
                    "2031-07-15T23:59",
                    "2031-07-16T00:16",
                ),
                (
                    Hlr::LatinAmerica,
                    "2031-01-15T00:00:00Z",
                    "2031-01-15T06:59",
                    "2031-01-15T07:16",
                ),
                (
                    Hlr::LatinAmerica,
                    "2031-07-15T00:00:00Z",
                    "2031-07-15T05:59",
                    "2031-07-15T06:16",
                ),
            ] {
                assert_eq!(next(hlr, from), window(start, end), "{hlr:?} {from}");
            }
        }

        #[test]
        fn on_the_first_sunday_two_windows_meet_and_are_one() {
            // 2031-02-02: 00:59 for 61 minutes ends at 02:00, and 01:59 for 17 minutes at 02:16.
            let both = window("2031-02-01T23:59", "2031-02-02T01:16");
            assert_eq!(next(Hlr::Spain, "2031-02-01T12:00:00Z"), both);
            assert_eq!(next(Hlr::Spain, "2031-02-02T01:00:00Z"), both);
            // The second Sunday is a day like any other.
            let day = window("2031-02-09T00:59", "2031-02-09T01:16");
            assert_eq!(next(Hlr::Spain, "2031-02-08T12:00:00Z"), day);
        }

        #[test]
        fn a_window_lasts_as_long_on_the_day_the_clocks_go_forward() {
            // Madrid, 2031-03-30: 02:00 is 03:00. 01:59 CET to 03:16 CEST are 17 minutes.
            let day = window("2031-03-30T00:59", "2031-03-30T01:16");
            assert_eq!(next(Hlr::Spain, "2031-03-29T12:00:00Z"), day);
            // New York, 2031-03-09.
            let day = window("2031-03-09T06:59", "2031-03-09T07:16");
            assert_eq!(next(Hlr::LatinAmerica, "2031-03-08T12:00:00Z"), day);
            // The day after, the same hour is another one in UTC.
            let day = window("2031-03-30T23:59", "2031-03-31T00:16");
            assert_eq!(next(Hlr::Spain, "2031-03-30T12:00:00Z"), day);
        }

        #[test]
        fn clocks_that_go_back_show_the_beginning_once_in_madrid_and_twice_in_new_york() {
            // Madrid, 2031-10-26: 03:00 is 02:00 again; 01:59 was before that.
            let day = window("2031-10-25T23:59", "2031-10-26T00:16");
            assert_eq!(next(Hlr::Spain, "2031-10-25T12:00:00Z"), day);
            let day = window("2031-10-27T00:59", "2031-10-27T01:16");
            assert_eq!(next(Hlr::Spain, "2031-10-26T00:16:00Z"), day);

            // New York, 2031-11-02, the first Sunday: 02:00 EDT is 01:00 EST. 00:59 EDT for 61
            // minutes, 01:59 EDT for 17, and 01:59 EST for 17.
            let first = window("2031-11-02T04:59", "2031-11-02T06:16");
            let second = window("2031-11-02T06:59", "2031-11-02T07:16");
            assert_eq!(next(Hlr::LatinAmerica, "2031-11-01T12:00:00Z"), first);
            assert_eq!(next(Hlr::LatinAmerica, "2031-11-02T06:16:00Z"), second);
        }

        #[test]
        fn a_window_has_its_first_moment_and_not_its_last() {
            for (time, is_in) in [
                ("2031-01-15T00:58:59.999Z", false),
                ("2031-01-15T00:59:00Z", true),
                ("2031-01-15T01:15:59.999Z", true),
                ("2031-01-15T01:16:00Z", false),
            ] {
                let window = Hlr::Spain.window_at(at(time));
                assert_eq!(window.is_some(), is_in, "{time}");
            }
        }

        #[test]
        fn every_hour_of_a_year_has_a_next_window_within_a_day() {
            for hlr in [Hlr::Spain, Hlr::LatinAmerica] {
                let mut closed = 0;
                for hour in 0..24 * 365 {
                    let time = at("2031-01-01T00:00:00Z") + Duration::from_secs(hour * 3600);
                    let next = hlr.next_window(time).unwrap();
                    assert!(
                        next.start < time + Duration::from_secs(26 * 3600),
                        "{time:?}"
                    );
                    assert!(next.end > time && next.start < next.end);
                    closed += u32::from(next.start <= time);
                }
                // Full hours within a window: one a day (02:00), and another on first Sundays
                // (01:00); those of the days on which the clocks change may differ.
                assert!((375..=380).contains(&closed), "{closed}");
            }
        }

        #[test]
        fn times_beyond_any_calendar_are_no_panic() {
            let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 50);
            assert_eq!(Hlr::Spain.window_at(far), None);
        }
    }
}
