//! Durations of XML Schema.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::time::Duration;

use super::datetime::{DateTimeError, parse_fraction, print_fraction};
use super::lexical::{Lexical, LexicalError, all_digits, trim};

/// A length of time in years, months, days, hours, minutes and seconds (`xs:duration`).
///
/// The parts are kept as they were written: `PT90M` does not become `PT1H30M`, and the two are
/// not equal. There is no order, as a month is 28 to 31 days. All parts count in one direction:
/// a period is negative or not as a whole.
///
/// ```
/// use mno_runtime::values::Period;
/// use std::time::Duration;
///
/// let period: Period = "P1Y2MT90M0.50S".parse()?;
/// assert_eq!((period.years(), period.months(), period.minutes()), (1, 2, 90));
/// assert_eq!(period.to_string(), "P1Y2MT90M0.5S");
///
/// assert_eq!(Period::new().with_days(30).to_string(), "P30D");
/// assert_eq!(Period::from(Duration::from_millis(1500)).to_string(), "PT1.5S");
/// assert_eq!("PT2H".parse::<Period>()?.to_std(), Some(Duration::from_secs(7200)));
/// # Ok::<(), mno_runtime::values::LexicalError>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Period {
    seconds: u64,
    years: u32,
    months: u32,
    days: u32,
    hours: u32,
    minutes: u32,
    nanos: u32,
    negative: bool,
}

impl Period {
    /// No time at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this many years.
    #[must_use]
    pub fn with_years(mut self, years: u32) -> Self {
        self.years = years;
        self
    }

    /// With this many months.
    #[must_use]
    pub fn with_months(mut self, months: u32) -> Self {
        self.months = months;
        self
    }

    /// With this many days.
    #[must_use]
    pub fn with_days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// With this many hours.
    #[must_use]
    pub fn with_hours(mut self, hours: u32) -> Self {
        self.hours = hours;
        self
    }

    /// With this many minutes.
    #[must_use]
    pub fn with_minutes(mut self, minutes: u32) -> Self {
        self.minutes = minutes;
        self
    }

    /// With this many whole seconds.
    #[must_use]
    pub fn with_seconds(mut self, seconds: u64) -> Self {
        self.seconds = seconds;
        self
    }

    /// With this fraction of a second.
    ///
    /// # Errors
    ///
    /// A whole second or more.
    pub fn with_nanos(mut self, nanos: u32) -> Result<Self, DateTimeError> {
        if nanos >= 1_000_000_000 {
            return Err(DateTimeError {
                reason: "nanoseconds out of range",
            });
        }
        self.nanos = nanos;
        Ok(self)
    }

    /// The same length in the other direction.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.negative = !self.negative;
        self
    }

    /// Whether the period goes back in time; no time at all does not.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative && !self.is_zero()
    }

    /// Whether all parts are zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        let Period {
            seconds,
            years,
            months,
            days,
            hours,
            minutes,
            nanos,
            negative: _,
        } = *self;
        seconds == 0 && [years, months, days, hours, minutes, nanos] == [0; 6]
    }

    /// What is compared: all parts, and the direction unless all are zero.
    fn key(&self) -> (bool, u64, [u32; 6]) {
        let Period {
            seconds,
            years,
            months,
            days,
            hours,
            minutes,
            nanos,
            negative: _,
        } = *self;
        (
            self.is_negative(),
            seconds,
            [years, months, days, hours, minutes, nanos],
        )
    }

    /// Years.
    #[must_use]
    pub fn years(&self) -> u32 {
        self.years
    }

    /// Months; may be more than 11.
    #[must_use]
    pub fn months(&self) -> u32 {
        self.months
    }

    /// Days.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Hours; may be more than 23.
    #[must_use]
    pub fn hours(&self) -> u32 {
        self.hours
    }

    /// Minutes; may be more than 59.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.minutes
    }

    /// Whole seconds; may be more than 59.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// The fraction of a second in nanoseconds.
    #[must_use]
    pub fn nanos(&self) -> u32 {
        self.nanos
    }

    /// The length as a [`Duration`], a day being 24 hours. `None` when there are years or
    /// months, whose length depends on the date, when the period is negative, or does not fit.
    #[must_use]
    pub fn to_std(&self) -> Option<Duration> {
        if self.years != 0 || self.months != 0 || self.is_negative() {
            return None;
        }
        // Three parts of 32 bits each cannot overflow.
        let hours = u64::from(self.days) * 24 + u64::from(self.hours);
        let minutes = hours * 60 + u64::from(self.minutes);
        Some(Duration::new(
            self.seconds.checked_add(minutes * 60)?,
            self.nanos,
        ))
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "not of the form PnYnMnDTnHnMnS";
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let text = text.strip_prefix('P').ok_or(FORM)?;
        let (date, time) = match text.split_once('T') {
            Some((_, "")) => return Err(FORM),
            Some((date, time)) => (date, time),
            None if text.is_empty() => return Err(FORM),
            None => (text, ""),
        };

        let mut rest = date;
        let years = part(&mut rest, 'Y')?;
        let months = part(&mut rest, 'M')?;
        let days = part(&mut rest, 'D')?;
        if !rest.is_empty() {
            return Err(FORM);
        }
        rest = time;
        let hours = part(&mut rest, 'H')?;
        let minutes = part(&mut rest, 'M')?;
        let (seconds, nanos) = match rest.split_once('.') {
            None => (part(&mut rest, 'S')?, 0),
            Some((whole, fraction)) => {
                let fraction = fraction.strip_suffix('S').ok_or(FORM)?;
                if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
                    return Err(FORM);
                }
                rest = "";
                (
                    whole.parse().map_err(|_| "out of range")?,
                    parse_fraction(fraction.as_bytes())?,
                )
            }
        };
        if !rest.is_empty() {
            return Err(FORM);
        }
        Ok(Period {
            seconds,
            years,
            months,
            days,
            hours,
            minutes,
            nanos,
            negative,
        })
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        if self.is_zero() {
            return out.write_str("PT0S");
        }
        out.write_str(if self.negative { "-P" } else { "P" })?;
        for (count, unit) in [(self.years, 'Y'), (self.months, 'M'), (self.days, 'D')] {
            if count != 0 {
                write!(out, "{count}{unit}")?;
            }
        }
        let seconds = self.seconds != 0 || self.nanos != 0;
        if self.hours != 0 || self.minutes != 0 || seconds {
            out.write_char('T')?;
        }
        for (count, unit) in [(self.hours, 'H'), (self.minutes, 'M')] {
            if count != 0 {
                write!(out, "{count}{unit}")?;
            }
        }
        if seconds {
            write!(out, "{}", self.seconds)?;
            print_fraction(out, self.nanos)?;
            out.write_char('S')?;
        }
        Ok(())
    }
}

/// Takes a count off the text's start if this unit follows it, otherwise nothing: zero.
fn part<T: FromStr + Default>(rest: &mut &str, unit: char) -> Result<T, &'static str> {
    let end = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, tail) = rest.split_at(end);
    match tail.strip_prefix(unit) {
        Some(tail) if !digits.is_empty() => {
            *rest = tail;
            digits.parse().map_err(|_| "out of range")
        }
        _ => Ok(T::default()),
    }
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Period {}

impl Hash for Period {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Seconds and nanoseconds, no larger parts.
impl From<Duration> for Period {
    fn from(duration: Duration) -> Self {
        Period {
            seconds: duration.as_secs(),
            nanos: duration.subsec_nanos(),
            ..Self::default()
        }
    }
}

impl Lexical for Period {
    const KIND: &'static str = "xs:duration";

    fn parse(text: &str) -> Result<Self, LexicalError> {
        Period::read(trim(text)).map_err(|reason| LexicalError::new(Self::KIND, reason, text))
    }

    fn write(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = self.print(out);
    }
}

impl FromStr for Period {
    type Err = LexicalError;

    fn from_str(text: &str) -> Result<Self, LexicalError> {
        Lexical::parse(text)
    }
}

/// The form of XML Schema, parts that are zero left out.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f)
    }
}

/// Same as `Display`.
impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::lexical::Lcg;
    use super::*;

    #[test]
    fn forms_that_are_read() {
        for (text, written) in [
            ("P1Y", "P1Y"),
            (" -P1Y2M3DT4H5M6.789S\n", "-P1Y2M3DT4H5M6.789S"),
            ("P1M", "P1M"),
            ("PT1M", "PT1M"),
            ("PT90M", "PT90M"),
            ("P0Y12M", "P12M"),
            ("PT0.10S", "PT0.1S"),
            ("PT0.0000000010000S", "PT0.000000001S"),
            ("P0D", "PT0S"),
            ("-PT0S", "PT0S"),
            ("P007DT0H", "P7D"),
            (
                "P4294967295DT18446744073709551615S",
                "P4294967295DT18446744073709551615S",
            ),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.to_text(), written, "{text}");
            assert_eq!(
                format!("{period} {period:?}"),
                format!("{written} {written}")
            );
            assert_eq!(written.parse(), Ok(period));
        }
    }

    #[test]
    fn forms_that_are_refused() {
        let form = "not of the form PnYnMnDTnHnMnS";
        for (text, why) in [
            ("", form),
            ("P", form),
            ("PT", form),
            ("-P", form),
            ("P1YT", form),
            ("1Y", form),
            ("+P1Y", form),
            ("P-1Y", form),
            ("p1y", form),
            ("PY", form),
            ("P1", form),
            ("P1W", form),
            ("P1M1Y", form),
            ("P1Y1Y", form),
            ("P1H", form),
            ("PT1D", form),
            ("PT1S1M", form),
            ("P1.5D", form),
            ("PT1.5M", form),
            ("PT.5S", form),
            ("PT1.5", form),
            ("PT1.+5S", form),
            ("PT+1S", form),
            ("PT+1.5S", form),
            ("PT1.5S6S", form),
            ("P1Y T1S", form),
            ("PT1TS", form),
            ("P１Y", form),
            ("PT1.S", "no digits after the decimal point"),
            ("PT1.0000000001S", "finer than nanoseconds"),
            ("P4294967296D", "out of range"),
            ("PT18446744073709551616S", "out of range"),
            ("PT18446744073709551616.5S", "out of range"),
        ] {
            assert_eq!(Period::parse(text).unwrap_err().reason, why, "{text}");
        }
    }

    #[test]
    fn direction() {
        assert!(Period::new().negated() == Period::new() && !Period::new().negated().is_negative());
        let back = Period::new().negated().with_days(1);
        assert_eq!(back.to_string(), "-P1D");
        assert_eq!(back.with_days(0), Period::default());
        assert!(back.negated() != back && back.negated().negated() == back);
    }

    #[test]
    fn standard_durations() {
        let period = |text: &str| text.parse::<Period>().unwrap();
        assert_eq!(
            period("P1DT1H1M1.5S").to_std(),
            Some(Duration::from_millis(90_061_500))
        );
        assert_eq!(period("P0D").to_std(), Some(Duration::ZERO));
        for text in ["P1M", "P1Y", "-PT1S", "PT1M18446744073709551615S"] {
            assert_eq!(period(text).to_std(), None, "{text}");
        }
        let largest = period("P4294967295DT4294967295H4294967295M").to_std();
        assert!(largest.is_some());
        assert_eq!(Period::from(Duration::MAX).to_std(), Some(Duration::MAX));
        assert!(Period::new().with_nanos(1_000_000_000).is_err());
    }

    #[test]
    fn random_round_trips() {
        let mut random = Lcg(11);
        let mut count = |limit| {
            let digits = random.below(limit);
            random.below(10u64.pow(digits as u32))
        };
        for round in 0..5000 {
            let mut period = Period::new()
                .with_years(count(10) as u32)
                .with_months(count(3) as u32)
                .with_days(count(10) as u32)
                .with_hours(count(3) as u32)
                .with_minutes(count(3) as u32)
                .with_seconds(count(19))
                .with_nanos(count(10) as u32)
                .unwrap();
            if round % 2 == 0 {
                period = period.negated();
            }
            assert_eq!(period.to_text().parse(), Ok(period));
        }
    }
}
