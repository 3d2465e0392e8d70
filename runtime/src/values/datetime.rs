//! Dates and times of XML Schema.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::lexical::{Lexical, LexicalError, trim};

/// The largest year, and negated the smallest.
const MAX_YEAR: i32 = 999_999_999;
const MIN_SECONDS: i64 = days_from_civil(-MAX_YEAR, 1, 1) * DAY;
const MAX_SECONDS: i64 = days_from_civil(MAX_YEAR, 12, 31) * DAY + DAY - 1;
/// Seconds of a day.
const DAY: i64 = 86_400;
const NANOS: u32 = 1_000_000_000;

/// A part of a date or time that is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DateTimeError {
    /// Which part: `month out of range`.
    pub reason: &'static str,
}

impl fmt::Display for DateTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl std::error::Error for DateTimeError {}

type Checked<T> = Result<T, DateTimeError>;

fn require(condition: bool, reason: &'static str) -> Checked<()> {
    if condition {
        Ok(())
    } else {
        Err(DateTimeError { reason })
    }
}

fn check_year(year: i32) -> Checked<()> {
    require((-MAX_YEAR..=MAX_YEAR).contains(&year), "year out of range")
}

fn check_month(month: u8) -> Checked<()> {
    require((1..=12).contains(&month), "month out of range")
}

/// Checks month and day; without a year, 29 February is a day.
fn check_day(year: Option<i32>, month: u8, day: u8) -> Checked<()> {
    check_month(month)?;
    let leap = year.is_none_or(is_leap);
    let days = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    require(day >= 1, "day out of range")?;
    require(
        day <= days,
        if day <= 31 {
            "no such day in this month"
        } else {
            "day out of range"
        },
    )
}

fn check_time(hour: u8, minute: u8, second: u8) -> Checked<()> {
    require(hour <= 23, "hour out of range")?;
    require(minute <= 59, "minute out of range")?;
    require(second != 60, "leap second (:60) cannot be kept")?;
    require(second <= 59, "second out of range")
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's
/// `days_from_civil`): years start in March, so that the leap day is the last.
const fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let year = year as i64 - (month <= 2) as i64;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month as i64 + 9) % 12) + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The reverse of [`days_from_civil`], for days of the years that [`MAX_YEAR`] allows.
const fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    (year as i32, month as u8, day as u8)
}

/// An offset from UTC in minutes, or none.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Zone(i16);

impl Zone {
    const NONE: Zone = Zone(i16::MIN);
    const UTC: Zone = Zone(0);

    fn new(minutes: i16) -> Checked<Self> {
        require((-840..=840).contains(&minutes), "zone offset out of range")?;
        Ok(Zone(minutes))
    }

    fn minutes(self) -> Option<i16> {
        (self != Zone::NONE).then_some(self.0)
    }

    fn print(self, out: &mut dyn fmt::Write) -> fmt::Result {
        match self.minutes() {
            None => Ok(()),
            Some(0) => out.write_char('Z'),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(out, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

fn print_year(out: &mut dyn fmt::Write, year: i32) -> fmt::Result {
    let sign = if year < 0 { "-" } else { "" };
    write!(out, "{sign}{:04}", year.unsigned_abs())
}

fn print_time(out: &mut dyn fmt::Write, time: (u8, u8, u8), nanos: u32) -> fmt::Result {
    write!(out, "{:02}:{:02}:{:02}", time.0, time.1, time.2)?;
    print_fraction(out, nanos)
}

/// A point and the digits of the nanoseconds that are needed, or nothing.
pub(super) fn print_fraction(out: &mut dyn fmt::Write, nanos: u32) -> fmt::Result {
    if nanos == 0 {
        return Ok(());
    }
    let (mut nanos, mut width) = (nanos, 9);
    while nanos % 10 == 0 {
        nanos /= 10;
        width -= 1;
    }
    write!(out, ".{nanos:0width$}")
}

/// Digits of a fraction of a second to nanoseconds, exactly.
pub(super) fn parse_fraction(digits: &[u8]) -> Result<u32, &'static str> {
    if digits.is_empty() {
        return Err("no digits after the decimal point");
    }
    let (kept, surplus) = digits.split_at(digits.len().min(9));
    if surplus.iter().any(|byte| *byte != b'0') {
        return Err("finer than nanoseconds");
    }
    let mut nanos = 0;
    for place in 0..9 {
        nanos = nanos * 10 + kept.get(place).map_or(0, |byte| u32::from(byte - b'0'));
    }
    Ok(nanos)
}

/// Takes a text apart from its start.
struct Reader<'a> {
    rest: &'a [u8],
    /// The form that is expected, as the reason of an error.
    form: &'static str,
}

type Read<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn need(&mut self, text: &str) -> Read<()> {
        self.rest = self.rest.strip_prefix(text.as_bytes()).ok_or(self.form)?;
        Ok(())
    }

    fn digits(&mut self) -> &'a [u8] {
        let count = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits
    }

    fn two(&mut self) -> Read<u8> {
        match self.rest {
            [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
                self.rest = rest;
                Ok((a - b'0') * 10 + (b - b'0'))
            }
            _ => Err(self.form),
        }
    }

    fn year(&mut self) -> Read<i32> {
        let negative = self.eat(b'-');
        let digits = self.digits();
        match digits {
            [] | [_] | [_, _] | [_, _, _] => return Err(self.form),
            [b'0', rest @ ..] if rest.len() > 3 => return Err("year with a leading zero"),
            _ if digits.len() > 9 => return Err("year out of range"),
            _ => {}
        }
        let year = digits
            .iter()
            .fold(0, |year, byte| year * 10 + i32::from(byte - b'0'));
        Ok(if negative { -year } else { year })
    }

    fn date(&mut self) -> Read<(i32, u8, u8)> {
        let year = self.year()?;
        self.need("-")?;
        let month = self.two()?;
        self.need("-")?;
        Ok((year, month, self.two()?))
    }

    fn time(&mut self) -> Read<(u8, u8, u8, u32)> {
        let hour = self.two()?;
        self.need(":")?;
        let minute = self.two()?;
        self.need(":")?;
        let second = self.two()?;
        let nanos = if self.eat(b'.') {
            parse_fraction(self.digits())?
        } else {
            0
        };
        Ok((hour, minute, second, nanos))
    }

    /// The zone, if any, and the end of the text. `+0200` and `+02` are read where they cannot
    /// be taken for something else: `2024-05` is no year in the zone -05.
    fn zone(&mut self, short_offsets: bool) -> Read<Zone> {
        let zone = if self.rest.is_empty() {
            Zone::NONE
        } else if self.eat(b'Z') || self.eat(b'z') {
            Zone::UTC
        } else {
            let negative = self.eat(b'-');
            if !negative {
                self.need("+")?;
            }
            let hours = self.two()?;
            let minutes = if self.eat(b':') {
                self.two()?
            } else if !short_offsets {
                return Err(self.form);
            } else if self.rest.is_empty() {
                0
            } else {
                self.two()?
            };
            if minutes > 59 {
                return Err("zone offset out of range");
            }
            let offset = i16::from(hours) * 60 + i16::from(minutes);
            Zone::new(if negative { -offset } else { offset }).map_err(|error| error.reason)?
        };
        if self.rest.is_empty() {
            Ok(zone)
        } else {
            Err(self.form)
        }
    }
}

/// What all types here share: the zone, and their text.
macro_rules! zoned {
    ($type:ident, $kind:literal, $form:literal) => {
        impl $type {
            /// Offset from UTC in minutes; `None` when the value says nothing about its zone.
            #[must_use]
            pub fn offset_minutes(&self) -> Option<i16> {
                self.zone.minutes()
            }

            /// The same fields in the zone of this offset from UTC; nothing is converted.
            ///
            /// # Errors
            ///
            /// Offsets beyond 14 hours (±840 minutes).
            pub fn with_offset_minutes(mut self, minutes: i16) -> Result<Self, DateTimeError> {
                self.zone = Zone::new(minutes)?;
                Ok(self)
            }

            /// The same fields in UTC (offset 0); nothing is converted.
            #[must_use]
            pub fn utc(mut self) -> Self {
                self.zone = Zone::UTC;
                self
            }
        }

        impl Lexical for $type {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Result<Self, LexicalError> {
                let form = concat!("not of the form ", $form);
                $type::read(&mut Reader {
                    rest: trim(text).as_bytes(),
                    form,
                })
                .map_err(|reason| LexicalError::new(Self::KIND, reason, text))
            }

            fn write(&self, out: &mut String) {
                // Writing to a String cannot fail.
                let _ = self.print(out);
            }
        }

        impl FromStr for $type {
            type Err = LexicalError;

            fn from_str(text: &str) -> Result<Self, LexicalError> {
                Lexical::parse(text)
            }
        }

        /// The canonical form of XML Schema.
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.print(f)
            }
        }

        /// Same as `Display`.
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.print(f)
            }
        }
    };
}

/// A date and a time of day, in a zone or not (`xs:dateTime`).
///
/// Reads `2024-05-01T10:00:00.5+02:00`, and what platforms write besides: offsets `+0200` and
/// `+02`, a lower-case `z`, a space instead of `T`, `24:00:00` for the next day's start. Writes
/// the canonical form: `Z` for UTC, no zeros at a fraction's end. The fraction is exact to
/// nanoseconds; a finer one, and a leap second (`:60`), are refused, as they could not be written
/// back.
///
/// Two values are equal when their fields are: `10:00:00Z` is not `12:00:00+02:00`. To compare
/// instants, use [`cmp_instant`](DateTime::cmp_instant) or [`unix_nanos`](DateTime::unix_nanos).
///
/// ```
/// use mno_runtime::values::DateTime;
///
/// let read: DateTime = "2024-05-01 12:00:00.500+0200".parse()?;
/// assert_eq!(read.to_string(), "2024-05-01T12:00:00.5+02:00");
/// assert_eq!(read.unix_seconds(), 1_714_557_600);
///
/// let made = DateTime::new(2024, 5, 1, 10, 0, 0)?.utc();
/// assert_eq!(made.to_string(), "2024-05-01T10:00:00Z");
/// assert!(read.cmp_instant(&made).is_gt());
/// assert!(DateTime::new(2023, 2, 29, 0, 0, 0).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    year: i32,
    nanos: u32,
    zone: Zone,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

zoned!(
    DateTime,
    "xs:dateTime",
    "YYYY-MM-DDThh:mm:ss with an optional zone"
);

impl DateTime {
    /// A date and time without a zone. Years before 1 are counted as ISO 8601 does (0 is 1 BCE).
    ///
    /// # Errors
    ///
    /// A part is out of range: years to ±999,999,999, hours to 23, seconds to 59.
    pub fn new(
        year: i32,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
    ) -> Result<Self, DateTimeError> {
        check_year(year)?;
        check_day(Some(year), month, day)?;
        check_time(hour, minute, second)?;
        Ok(DateTime {
            year,
            nanos: 0,
            zone: Zone::NONE,
            month,
            day,
            hour,
            minute,
            second,
        })
    }

    /// With this fraction of a second.
    ///
    /// # Errors
    ///
    /// A whole second or more.
    pub fn with_nanos(mut self, nanos: u32) -> Result<Self, DateTimeError> {
        require(nanos < NANOS, "nanoseconds out of range")?;
        self.nanos = nanos;
        Ok(self)
    }

    /// This instant in UTC. Seconds beyond the years ±999,999,999 give the first or last instant
    /// of these.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        let seconds = seconds.clamp(MIN_SECONDS, MAX_SECONDS);
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        let second = seconds.rem_euclid(DAY);
        DateTime {
            year,
            nanos: 0,
            zone: Zone::UTC,
            month,
            day,
            hour: (second / 3600) as u8,
            minute: (second / 60 % 60) as u8,
            second: (second % 60) as u8,
        }
    }

    /// This instant in UTC; limits as for [`from_unix_seconds`](DateTime::from_unix_seconds).
    #[must_use]
    pub fn from_unix_nanos(nanos: i128) -> Self {
        let second = i128::from(NANOS);
        // Clamped first, so that the fraction belongs to a second that is kept.
        let nanos = nanos.clamp(
            i128::from(MIN_SECONDS) * second,
            (i128::from(MAX_SECONDS) + 1) * second - 1,
        );
        let mut value = Self::from_unix_seconds(nanos.div_euclid(second) as i64);
        value.nanos = nanos.rem_euclid(second) as u32;
        value
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down. A value without a zone is taken
    /// as UTC.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        let days = days_from_civil(self.year, self.month, self.day);
        let offset = i64::from(self.offset_minutes().unwrap_or(0));
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute) - offset;
        days * DAY + minutes * 60 + i64::from(self.second)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z. A value without a zone is taken as UTC.
    #[must_use]
    pub fn unix_nanos(&self) -> i128 {
        i128::from(self.unix_seconds()) * i128::from(NANOS) + i128::from(self.nanos)
    }

    /// Which of two instants is earlier. A value without a zone is taken as UTC.
    #[must_use]
    pub fn cmp_instant(&self, other: &Self) -> Ordering {
        self.unix_nanos().cmp(&other.unix_nanos())
    }

    /// The instant as the system's time, if that can hold it. A value without a zone is taken as
    /// UTC.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let seconds = self.unix_seconds();
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let time = if seconds < 0 {
            UNIX_EPOCH.checked_sub(whole)?
        } else {
            UNIX_EPOCH.checked_add(whole)?
        };
        time.checked_add(Duration::from_nanos(u64::from(self.nanos)))
    }

    /// The date, in the same zone.
    #[must_use]
    pub fn date(&self) -> Date {
        Date {
            year: self.year,
            zone: self.zone,
            month: self.month,
            day: self.day,
        }
    }

    /// The time of day, in the same zone.
    #[must_use]
    pub fn time(&self) -> Time {
        let DateTime {
            nanos,
            zone,
            hour,
            minute,
            second,
            ..
        } = *self;
        Time {
            nanos,
            zone,
            hour,
            minute,
            second,
        }
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(&self) -> u8 {
        self.month
    }

    /// The day, 1 to 31.
    #[must_use]
    pub fn day(&self) -> u8 {
        self.day
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub fn hour(&self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub fn minute(&self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    #[must_use]
    pub fn second(&self) -> u8 {
        self.second
    }

    /// The fraction of the second in nanoseconds.
    #[must_use]
    pub fn nanos(&self) -> u32 {
        self.nanos
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (year, month, day) = reader.date()?;
        if !reader.eat(b'T') {
            reader.need(" ")?;
        }
        let (hour, minute, second, nanos) = reader.time()?;
        let zone = reader.zone(true)?;
        let at_end = (hour, minute, second, nanos) == (24, 0, 0, 0);
        let mut value = Self::new(
            year,
            month,
            day,
            if at_end { 0 } else { hour },
            minute,
            second,
        )
        .map_err(|error| error.reason)?;
        if at_end {
            let (year, month, day) = civil_from_days(days_from_civil(year, month, day) + 1);
            check_year(year).map_err(|error| error.reason)?;
            (value.year, value.month, value.day) = (year, month, day);
        }
        Ok(DateTime {
            nanos,
            zone,
            ..value
        })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        print_year(out, self.year)?;
        write!(out, "-{:02}-{:02}T", self.month, self.day)?;
        print_time(out, (self.hour, self.minute, self.second), self.nanos)?;
        self.zone.print(out)
    }
}

/// In UTC; limits as for [`DateTime::from_unix_seconds`].
impl From<SystemTime> for DateTime {
    fn from(time: SystemTime) -> Self {
        let nanos = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
        Self::from_unix_nanos(match time.duration_since(UNIX_EPOCH) {
            Ok(since) => nanos(since),
            Err(error) => -nanos(error.duration()),
        })
    }
}

/// A day, in a zone or not (`xs:date`).
///
/// ```
/// use mno_runtime::values::Date;
///
/// let date: Date = "2024-02-29+02:00".parse()?;
/// assert_eq!((date.year(), date.month(), date.day()), (2024, 2, 29));
/// assert_eq!(date.offset_minutes(), Some(120));
/// assert_eq!(Date::new(2024, 2, 29)?.utc().to_string(), "2024-02-29Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Date {
    year: i32,
    zone: Zone,
    month: u8,
    day: u8,
}

zoned!(Date, "xs:date", "YYYY-MM-DD with an optional zone");

impl Date {
    /// A day without a zone.
    ///
    /// # Errors
    ///
    /// There is no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, DateTimeError> {
        check_year(year)?;
        check_day(Some(year), month, day)?;
        Ok(Date {
            year,
            zone: Zone::NONE,
            month,
            day,
        })
    }

    /// The day so many days after 1970-01-01, without a zone. Days beyond the years ±999,999,999
    /// give the first or last of these.
    #[must_use]
    pub fn from_unix_days(days: i64) -> Self {
        let days = days.clamp(MIN_SECONDS.div_euclid(DAY), MAX_SECONDS.div_euclid(DAY));
        let (year, month, day) = civil_from_days(days);
        Date {
            year,
            zone: Zone::NONE,
            month,
            day,
        }
    }

    /// Days since 1970-01-01, whatever the zone.
    #[must_use]
    pub fn unix_days(&self) -> i64 {
        days_from_civil(self.year, self.month, self.day)
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(&self) -> u8 {
        self.month
    }

    /// The day, 1 to 31.
    #[must_use]
    pub fn day(&self) -> u8 {
        self.day
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (year, month, day) = reader.date()?;
        let zone = reader.zone(true)?;
        let value = Self::new(year, month, day).map_err(|error| error.reason)?;
        Ok(Date { zone, ..value })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        print_year(out, self.year)?;
        write!(out, "-{:02}-{:02}", self.month, self.day)?;
        self.zone.print(out)
    }
}

/// A time of day, in a zone or not (`xs:time`). Forms and limits as for [`DateTime`].
///
/// ```
/// use mno_runtime::values::Time;
///
/// let time: Time = "08:30:00.250z".parse()?;
/// assert_eq!((time.hour(), time.minute(), time.nanos()), (8, 30, 250_000_000));
/// assert_eq!(time.to_string(), "08:30:00.25Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    nanos: u32,
    zone: Zone,
    hour: u8,
    minute: u8,
    second: u8,
}

zoned!(Time, "xs:time", "hh:mm:ss with an optional zone");

impl Time {
    /// A time of day without a zone.
    ///
    /// # Errors
    ///
    /// A part is out of range: hours to 23, minutes and seconds to 59.
    pub fn new(hour: u8, minute: u8, second: u8) -> Result<Self, DateTimeError> {
        check_time(hour, minute, second)?;
        Ok(Time {
            nanos: 0,
            zone: Zone::NONE,
            hour,
            minute,
            second,
        })
    }

    /// With this fraction of a second.
    ///
    /// # Errors
    ///
    /// A whole second or more.
    pub fn with_nanos(mut self, nanos: u32) -> Result<Self, DateTimeError> {
        require(nanos < NANOS, "nanoseconds out of range")?;
        self.nanos = nanos;
        Ok(self)
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub fn hour(&self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub fn minute(&self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    #[must_use]
    pub fn second(&self) -> u8 {
        self.second
    }

    /// The fraction of the second in nanoseconds.
    #[must_use]
    pub fn nanos(&self) -> u32 {
        self.nanos
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (hour, minute, second, nanos) = reader.time()?;
        let zone = reader.zone(true)?;
        let at_end = (hour, minute, second, nanos) == (24, 0, 0, 0);
        let value = Self::new(if at_end { 0 } else { hour }, minute, second)
            .map_err(|error| error.reason)?;
        Ok(Time {
            nanos,
            zone,
            ..value
        })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        print_time(out, (self.hour, self.minute, self.second), self.nanos)?;
        self.zone.print(out)
    }
}

/// A month of a year, in a zone or not (`xs:gYearMonth`): `2024-05`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct YearMonth {
    year: i32,
    zone: Zone,
    month: u8,
}

zoned!(YearMonth, "xs:gYearMonth", "YYYY-MM with an optional zone");

impl YearMonth {
    /// A month without a zone.
    ///
    /// # Errors
    ///
    /// Year or month are out of range.
    pub fn new(year: i32, month: u8) -> Result<Self, DateTimeError> {
        check_year(year)?;
        check_month(month)?;
        Ok(YearMonth {
            year,
            zone: Zone::NONE,
            month,
        })
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(&self) -> u8 {
        self.month
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let year = reader.year()?;
        reader.need("-")?;
        let month = reader.two()?;
        let zone = reader.zone(false)?;
        let value = Self::new(year, month).map_err(|error| error.reason)?;
        Ok(YearMonth { zone, ..value })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        print_year(out, self.year)?;
        write!(out, "-{:02}", self.month)?;
        self.zone.print(out)
    }
}

/// A year, in a zone or not (`xs:gYear`): `2024`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Year {
    year: i32,
    zone: Zone,
}

zoned!(Year, "xs:gYear", "YYYY with an optional zone");

impl Year {
    /// A year without a zone.
    ///
    /// # Errors
    ///
    /// Years beyond ±999,999,999.
    pub fn new(year: i32) -> Result<Self, DateTimeError> {
        check_year(year)?;
        Ok(Year {
            year,
            zone: Zone::NONE,
        })
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.year
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let year = reader.year()?;
        let zone = reader.zone(false)?;
        let value = Self::new(year).map_err(|error| error.reason)?;
        Ok(Year { zone, ..value })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        print_year(out, self.year)?;
        self.zone.print(out)
    }
}

/// A day of any year, in a zone or not (`xs:gMonthDay`): `--12-24`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MonthDay {
    zone: Zone,
    month: u8,
    day: u8,
}

zoned!(MonthDay, "xs:gMonthDay", "--MM-DD with an optional zone");

impl MonthDay {
    /// A day without a zone; 29 February is one.
    ///
    /// # Errors
    ///
    /// There is no such day.
    pub fn new(month: u8, day: u8) -> Result<Self, DateTimeError> {
        check_day(None, month, day)?;
        Ok(MonthDay {
            zone: Zone::NONE,
            month,
            day,
        })
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(&self) -> u8 {
        self.month
    }

    /// The day, 1 to 31.
    #[must_use]
    pub fn day(&self) -> u8 {
        self.day
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.need("--")?;
        let month = reader.two()?;
        reader.need("-")?;
        let day = reader.two()?;
        let zone = reader.zone(false)?;
        let value = Self::new(month, day).map_err(|error| error.reason)?;
        Ok(MonthDay { zone, ..value })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "--{:02}-{:02}", self.month, self.day)?;
        self.zone.print(out)
    }
}

/// A day of any month, in a zone or not (`xs:gDay`): `---24`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Day {
    zone: Zone,
    day: u8,
}

zoned!(Day, "xs:gDay", "---DD with an optional zone");

impl Day {
    /// A day without a zone.
    ///
    /// # Errors
    ///
    /// Days below 1 or above 31.
    pub fn new(day: u8) -> Result<Self, DateTimeError> {
        require((1..=31).contains(&day), "day out of range")?;
        Ok(Day {
            zone: Zone::NONE,
            day,
        })
    }

    /// The day, 1 to 31.
    #[must_use]
    pub fn day(&self) -> u8 {
        self.day
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.need("---")?;
        let day = reader.two()?;
        let zone = reader.zone(false)?;
        let value = Self::new(day).map_err(|error| error.reason)?;
        Ok(Day { zone, ..value })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "---{:02}", self.day)?;
        self.zone.print(out)
    }
}

/// A month of any year, in a zone or not (`xs:gMonth`): `--12`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Month {
    zone: Zone,
    month: u8,
}

zoned!(Month, "xs:gMonth", "--MM with an optional zone");

impl Month {
    /// A month without a zone.
    ///
    /// # Errors
    ///
    /// Months below 1 or above 12.
    pub fn new(month: u8) -> Result<Self, DateTimeError> {
        check_month(month)?;
        Ok(Month {
            zone: Zone::NONE,
            month,
        })
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(&self) -> u8 {
        self.month
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.need("--")?;
        let month = reader.two()?;
        let zone = reader.zone(false)?;
        let value = Self::new(month).map_err(|error| error.reason)?;
        Ok(Month { zone, ..value })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "--{:02}", self.month)?;
        self.zone.print(out)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::lexical::Lcg;
    use super::*;

    fn written<T: Lexical>(text: &str) -> String {
        T::parse(text)
            .unwrap_or_else(|error| panic_on(text, error))
            .to_text()
    }

    #[allow(clippy::panic)]
    fn panic_on<T>(text: &str, error: LexicalError) -> T {
        panic!("{text}: {error}")
    }

    fn reason<T: Lexical + fmt::Debug>(text: &str) -> &'static str {
        T::parse(text).unwrap_err().reason
    }

    #[test]
    fn small() {
        assert_eq!(size_of::<DateTime>(), 16);
        assert_eq!(size_of::<Date>(), 8);
    }

    #[test]
    fn calendar() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2000, 3, 1), 11_017);
        assert_eq!(days_from_civil(0, 1, 1), -719_528);
        // Every day of 1200 years, one after the other, with the length of each month.
        let (mut year, mut month, mut day) = (-400, 1, 1);
        for days in days_from_civil(-400, 1, 1)..days_from_civil(800, 1, 1) {
            assert_eq!(days_from_civil(year, month, day), days);
            assert_eq!(civil_from_days(days), (year, month, day));
            assert!(Date::new(year, month, day).is_ok());
            if check_day(Some(year), month, day + 1).is_ok() {
                day += 1;
            } else if month < 12 {
                (month, day) = (month + 1, 1);
            } else {
                (year, month, day) = (year + 1, 1, 1);
            }
        }
        assert_eq!(year, 800);
        for year in [-MAX_YEAR, MAX_YEAR] {
            let days = days_from_civil(year, 12, 31);
            assert_eq!(civil_from_days(days), (year, 12, 31));
        }
    }

    #[test]
    fn forms_that_are_read() {
        for (text, canonical) in [
            ("2024-05-01T10:00:00", "2024-05-01T10:00:00"),
            (" \n2024-05-01T10:00:00Z\t", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00z", "2024-05-01T10:00:00Z"),
            ("2024-05-01 10:00:00+0000", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00+00", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00-00:00", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00-0330", "2024-05-01T10:00:00-03:30"),
            ("2024-05-01T10:00:00-00:30", "2024-05-01T10:00:00-00:30"),
            ("2024-05-01T10:00:00+14:00", "2024-05-01T10:00:00+14:00"),
            ("2024-05-01T10:00:00-14", "2024-05-01T10:00:00-14:00"),
            ("2024-05-01T10:00:00.000Z", "2024-05-01T10:00:00Z"),
            (
                "2024-05-01T10:00:00.120+02:00",
                "2024-05-01T10:00:00.12+02:00",
            ),
            (
                "2024-05-01T10:00:00.000000001",
                "2024-05-01T10:00:00.000000001",
            ),
            (
                "2024-05-01T10:00:00.12345678900000",
                "2024-05-01T10:00:00.123456789",
            ),
            ("2024-02-29T00:00:00", "2024-02-29T00:00:00"),
            ("2000-02-29T00:00:00", "2000-02-29T00:00:00"),
            ("2024-02-28T24:00:00", "2024-02-29T00:00:00"),
            ("2024-12-31T24:00:00.0Z", "2025-01-01T00:00:00Z"),
            ("-0001-12-31T24:00:00", "0000-01-01T00:00:00"),
            ("0000-02-29T00:00:00", "0000-02-29T00:00:00"),
            ("-0044-03-15T12:00:00", "-0044-03-15T12:00:00"),
            ("12345-01-01T00:00:00", "12345-01-01T00:00:00"),
            ("-999999999-01-01T00:00:00", "-999999999-01-01T00:00:00"),
        ] {
            assert_eq!(written::<DateTime>(text), canonical, "{text}");
        }
    }

    #[test]
    fn forms_that_are_refused() {
        let form = "not of the form YYYY-MM-DDThh:mm:ss with an optional zone";
        for (text, why) in [
            ("", form),
            (" ", form),
            ("-", form),
            ("2024-05-01", form),
            ("2024-05-01T10:00", form),
            ("2024-05-01T10:00Z", form),
            ("2024-05-01t10:00:00", form),
            ("2024-05-01  10:00:00", form),
            ("2024-5-01T10:00:00", form),
            ("24-05-01T10:00:00", form),
            ("+2024-05-01T10:00:00", form),
            ("2024-05-01T10:00:00 Z", form),
            ("2024-05-01T10:00:00ZZ", form),
            ("2024-05-01T10:00:00+2", form),
            ("2024-05-01T10:00:00+02:0", form),
            ("2024-05-01T10:00:00+02:00x", form),
            ("2024-05-01T10:00:00+020", form),
            ("2024-05-01T10:00:00,5", form),
            ("2024-05-01T10:00:00é", form),
            ("２024-05-01T10:00:00", form),
            ("2024-05-01T10:00:00.", "no digits after the decimal point"),
            ("2024-05-01T10:00:00.Z", "no digits after the decimal point"),
            ("2024-05-01T10:00:00.1234567891", "finer than nanoseconds"),
            ("02024-05-01T10:00:00", "year with a leading zero"),
            ("1000000000-05-01T10:00:00", "year out of range"),
            ("999999999-12-31T24:00:00", "year out of range"),
            ("2024-00-01T10:00:00", "month out of range"),
            ("2024-13-01T10:00:00", "month out of range"),
            ("2024-05-00T10:00:00", "day out of range"),
            ("2024-05-32T10:00:00", "day out of range"),
            ("2024-04-31T10:00:00", "no such day in this month"),
            ("2023-02-29T10:00:00", "no such day in this month"),
            ("1900-02-29T10:00:00", "no such day in this month"),
            ("2024-05-01T25:00:00", "hour out of range"),
            ("2024-05-01T24:00:01", "hour out of range"),
            ("2024-05-01T24:00:00.1", "hour out of range"),
            ("2024-05-01T10:60:00", "minute out of range"),
            ("2016-12-31T23:59:60Z", "leap second (:60) cannot be kept"),
            ("2024-05-01T10:00:61", "second out of range"),
            ("2024-05-01T10:00:00+14:01", "zone offset out of range"),
            ("2024-05-01T10:00:00-15", "zone offset out of range"),
            ("2024-05-01T10:00:00+01:60", "zone offset out of range"),
        ] {
            assert_eq!(reason::<DateTime>(text), why, "{text}");
        }
        assert_eq!(
            "2024-13-01T10:00:00"
                .parse::<DateTime>()
                .unwrap_err()
                .to_string(),
            "not a valid xs:dateTime (19 characters): month out of range"
        );
    }

    #[test]
    fn other_types() {
        assert_eq!(written::<Date>("2024-02-29"), "2024-02-29");
        assert_eq!(written::<Date>("-0001-02-28-0500"), "-0001-02-28-05:00");
        assert_eq!(written::<Date>("2024-02-29z"), "2024-02-29Z");
        assert_eq!(written::<Time>("24:00:00"), "00:00:00");
        assert_eq!(written::<Time>("23:59:59.90+01"), "23:59:59.9+01:00");
        assert_eq!(written::<YearMonth>("2024-05-06:00"), "2024-05-06:00");
        assert_eq!(written::<YearMonth>("2024-05"), "2024-05");
        assert_eq!(written::<Year>("2024Z"), "2024Z");
        assert_eq!(written::<Year>("-0044+01:00"), "-0044+01:00");
        assert_eq!(written::<MonthDay>("--02-29"), "--02-29");
        assert_eq!(written::<Day>("---31-02:00"), "---31-02:00");
        assert_eq!(written::<Month>("--12Z"), "--12Z");
        // A short offset is not read where it would hide a wrong type.
        assert!(Year::parse("2024-05").is_err());
        assert!(YearMonth::parse("2024-05-06").is_err());
        assert!(Month::parse("--05-06").is_err());
        assert!(Date::parse("2024-05-06T00:00:00").is_err());
        assert!(Year::parse("999").is_err());
        assert!(MonthDay::parse("--04-31").is_err());
        assert!(MonthDay::parse("--02-30").is_err());
        assert!(Day::parse("---00").is_err());
        assert!(Day::parse("---32").is_err());
        assert!(Month::parse("--13").is_err());
        assert!(Time::parse("24:00:01").is_err());
        assert_eq!(
            reason::<Time>("23:59:60"),
            "leap second (:60) cannot be kept"
        );
        assert_eq!(
            reason::<Date>("20240506"),
            "not of the form YYYY-MM-DD with an optional zone"
        );
    }

    #[test]
    fn constructors_check() {
        let made = DateTime::new(2024, 5, 1, 10, 20, 30).unwrap();
        let made = made
            .with_nanos(5_000_000)
            .unwrap()
            .with_offset_minutes(-90)
            .unwrap();
        assert_eq!(made.to_string(), "2024-05-01T10:20:30.005-01:30");
        assert_eq!(format!("{made:?}"), made.to_string());
        assert_eq!(made.date().to_string(), "2024-05-01-01:30");
        assert_eq!(made.time().to_string(), "10:20:30.005-01:30");
        assert_eq!(made.offset_minutes(), Some(-90));
        assert_eq!((made.hour(), made.minute(), made.second()), (10, 20, 30));
        let reason = |result: Checked<DateTime>| result.unwrap_err().reason;
        assert_eq!(reason(made.with_nanos(NANOS)), "nanoseconds out of range");
        assert_eq!(
            reason(made.with_offset_minutes(841)),
            "zone offset out of range"
        );
        assert_eq!(
            reason(made.with_offset_minutes(i16::MIN)),
            "zone offset out of range"
        );
        assert_eq!(
            reason(DateTime::new(2024, 5, 1, 24, 0, 0)),
            "hour out of range"
        );
        assert_eq!(
            reason(DateTime::new(i32::MIN, 5, 1, 0, 0, 0)),
            "year out of range"
        );
        assert_eq!(
            Date::new(2023, 2, 29).unwrap_err().to_string(),
            "no such day in this month"
        );
        assert!(Time::new(0, 60, 0).is_err() && Year::new(i32::MAX).is_err());
        assert!(YearMonth::new(2024, 0).is_err() && MonthDay::new(2, 29).is_ok());
    }

    #[test]
    fn unix_time() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00", 0),
            ("1969-12-31T23:59:59.5Z", -1),
            ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2001-09-09T03:46:40+02:00", 1_000_000_000),
            ("2038-01-19T03:14:08Z", 1 << 31),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] {
            assert_eq!(
                text.parse::<DateTime>().unwrap().unix_seconds(),
                seconds,
                "{text}"
            );
        }
        let half: DateTime = "1969-12-31T23:59:59.5Z".parse().unwrap();
        assert_eq!(half.unix_nanos(), -500_000_000);
        assert_eq!(DateTime::from_unix_nanos(-500_000_000), half);
        assert_eq!(
            half.to_system_time(),
            Some(UNIX_EPOCH - Duration::from_millis(500))
        );
        assert_eq!(
            DateTime::from(UNIX_EPOCH - Duration::from_millis(500)),
            half
        );
        assert_eq!(
            DateTime::from_unix_seconds(0).to_string(),
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(
            DateTime::from_unix_seconds(i64::MAX).to_string(),
            "999999999-12-31T23:59:59Z"
        );
        assert_eq!(
            DateTime::from_unix_nanos(i128::MAX).to_string(),
            "999999999-12-31T23:59:59.999999999Z"
        );
        let first = DateTime::from_unix_nanos(i128::MIN);
        assert_eq!(first, DateTime::from_unix_seconds(i64::MIN));
        assert_eq!(first.to_string(), "-999999999-01-01T00:00:00Z");
        assert_eq!(
            Date::from_unix_days(i64::MAX).to_string(),
            "999999999-12-31"
        );
        assert_eq!(Date::from_unix_days(-1).to_string(), "1969-12-31");
        assert_eq!(Date::new(1969, 12, 31).unwrap().unix_days(), -1);
    }

    #[test]
    fn equality_is_by_fields_and_order_by_instant() {
        let utc: DateTime = "2024-05-01T10:00:00Z".parse().unwrap();
        let zoned: DateTime = "2024-05-01T12:00:00+02:00".parse().unwrap();
        let local: DateTime = "2024-05-01T10:00:00".parse().unwrap();
        assert!(utc != zoned && utc != local && local.utc() == utc);
        assert!(utc.cmp_instant(&zoned).is_eq() && utc.cmp_instant(&local).is_eq());
    }

    #[test]
    fn random_round_trips() {
        let mut random = Lcg(7);
        for _ in 0..20_000 {
            let seconds = (random.next() as i64) >> random.below(40);
            let seconds = seconds.clamp(MIN_SECONDS, MAX_SECONDS);
            let nanos = (random.below(1_000_000_000) / 1000 * 1000) as u32;
            let mut value = DateTime::from_unix_seconds(seconds)
                .with_nanos(nanos)
                .unwrap();
            assert_eq!(value.unix_seconds(), seconds);
            assert_eq!(DateTime::from_unix_nanos(value.unix_nanos()), value);
            if let Some(time) = value.to_system_time() {
                assert_eq!(DateTime::from(time), value);
            }
            let offset = random.below(1681) as i16 - 840;
            value = value.with_offset_minutes(offset).unwrap();
            assert_eq!(value.to_text().parse(), Ok(value));
            assert_eq!(value.date().to_text().parse(), Ok(value.date()));
            assert_eq!(value.time().to_text().parse(), Ok(value.time()));
            let month = YearMonth::new(value.year(), value.month()).unwrap();
            let month = month.with_offset_minutes(offset).unwrap();
            assert_eq!(month.to_text().parse(), Ok(month));
        }
    }

    #[test]
    fn garbage_never_panics() {
        let mut random = Lcg(3);
        let alphabet = b"0123456789-+:.TZ zPYMDHS\xc3";
        for _ in 0..20_000 {
            let mut text = b"2024-05-01T10:00:00.5+02:00".to_vec();
            for _ in 0..=random.below(3) {
                let at = random.below(text.len() as u64) as usize;
                text[at] = alphabet[random.below(alphabet.len() as u64) as usize];
            }
            text.truncate(random.below(28) as usize);
            let text = String::from_utf8_lossy(&text);
            if let Ok(value) = DateTime::parse(&text) {
                assert_eq!(value.to_text().parse(), Ok(value));
            }
            let _ = (Date::parse(&text), Time::parse(&text), Year::parse(&text));
            let _ = (
                YearMonth::parse(&text),
                Month::parse(&text),
                Day::parse(&text),
            );
        }
    }
}
