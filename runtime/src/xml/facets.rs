//! Checks of values against the facets of their types, before they are written.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{EncodeError, Writer};
use crate::Pattern;
use crate::values::{Date, DateTime, Lexical, Time, Year, YearMonth};

/// A bound of a contract, as text of the value's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// `minInclusive`.
    AtLeast(&'static str),
    /// `maxInclusive`.
    AtMost(&'static str),
    /// `minExclusive`.
    Above(&'static str),
    /// `maxExclusive`.
    Below(&'static str),
}

/// Values with an order that bounds are about.
pub trait Bounded: Lexical {
    /// Whether the value stands to the limit as `fits` wants it.
    fn is_within(&self, limit: &Self, fits: fn(Ordering) -> bool) -> bool;
}

impl Bounded for Decimal {
    fn is_within(&self, limit: &Self, fits: fn(Ordering) -> bool) -> bool {
        fits(self.cmp(limit))
    }
}

impl Bounded for f64 {
    /// A number that is none is within no bounds.
    fn is_within(&self, limit: &Self, fits: fn(Ordering) -> bool) -> bool {
        self.partial_cmp(limit).is_some_and(fits)
    }
}

impl Bounded for DateTime {
    fn is_within(&self, limit: &Self, fits: fn(Ordering) -> bool) -> bool {
        fits(self.cmp_instant(limit))
    }
}

/// What has its fields from the largest to the smallest is ordered as text; with an offset or a
/// sign there is no telling, and nothing is refused.
macro_rules! ordered_as_text {
    ($($type:ty),*) => {$(
        impl Bounded for $type {
            fn is_within(&self, limit: &Self, fits: fn(Ordering) -> bool) -> bool {
                match (plain(&self.to_text()), plain(&limit.to_text())) {
                    (Some(own), Some(limit)) => fits(own.cmp(&limit)),
                    _ => true,
                }
            }
        }
    )*};
}

/// Length of the first field and the text, if it has neither sign nor offset.
fn plain(text: &str) -> Option<(usize, String)> {
    let first = text.find(['-', ':']).unwrap_or(text.len());
    let is_plain = first > 0
        && text.matches('-').count() < 3
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"-:.".contains(&b))
        && !(text.contains(':') && text.contains('-'));
    is_plain.then(|| (first, text.to_owned()))
}

ordered_as_text!(Date, Time, YearMonth, Year);

impl Writer<'_> {
    /// Checks a value's text against a pattern.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn check_pattern<T: Lexical>(
        &self,
        child: &str,
        value: &T,
        pattern: &Pattern,
    ) -> Result<(), EncodeError> {
        let checked = pattern.check(&value.to_text());
        checked.map_err(|reason| self.error(child, &reason))
    }

    /// Checks a value against a bound.
    ///
    /// # Errors
    /// When it is beyond the bound.
    pub fn check_bound<T: Bounded>(
        &self,
        child: &str,
        value: &T,
        bound: Bound,
    ) -> Result<(), EncodeError> {
        let (text, fits, words): (_, fn(Ordering) -> bool, _) = match bound {
            Bound::AtLeast(text) => (text, Ordering::is_ge, "at least"),
            Bound::AtMost(text) => (text, Ordering::is_le, "at most"),
            Bound::Above(text) => (text, Ordering::is_gt, "more than"),
            Bound::Below(text) => (text, Ordering::is_lt, "less than"),
        };
        let Ok(limit) = T::parse(text) else {
            // The contract's mistake, which must not keep its values from being sent.
            return Ok(());
        };
        if value.is_within(&limit, fits) {
            return Ok(());
        }
        let reason = format!("the value is out of range, allowed is {words} {text}");
        Err(self.error(child, &reason))
    }

    /// Checks how many digits a number has, zeros at both ends left out.
    ///
    /// # Errors
    /// When it has too many.
    pub fn check_digits<T: Lexical>(
        &self,
        child: &str,
        value: &T,
        total: Option<usize>,
        fraction: Option<usize>,
    ) -> Result<(), EncodeError> {
        let text = value.to_text();
        let text = text.trim_start_matches(['+', '-']);
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
        if let Some(most) = fraction.filter(|most| part.len() > *most) {
            let reason = format!(
                "the number has {} decimals, at most {most} are allowed",
                part.len()
            );
            return Err(self.error(child, &reason));
        }
        let digits = whole.len() + part.len();
        if let Some(most) = total.filter(|most| digits > *most) {
            let reason = format!("the number has {digits} digits, at most {most} are allowed");
            return Err(self.error(child, &reason));
        }
        Ok(())
    }

    /// Checks the length of binary data.
    ///
    /// # Errors
    /// When it is out of bounds.
    pub fn check_octets(
        &self,
        child: &str,
        length: usize,
        min: usize,
        max: Option<usize>,
    ) -> Result<(), EncodeError> {
        if length >= min && max.is_none_or(|max| length <= max) {
            return Ok(());
        }
        let most = max.map_or_else(|| "or more".to_owned(), |max| format!("to {max}"));
        let reason = format!("the data has {length} bytes, allowed are {min} {most}");
        Err(self.error(child, &reason))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{NamespaceTable, Writer};
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let table = NamespaceTable::new(&[]);
        let w = Writer::new(&table);
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        assert!(
            w.check_bound("a", &decimal("1.5"), Bound::AtMost("1.50"))
                .is_ok()
        );
        assert!(
            w.check_bound("a", &decimal("1.5"), Bound::Below("1.50"))
                .is_err()
        );
        assert!(
            w.check_bound("a", &decimal("-1"), Bound::AtLeast("0"))
                .is_err()
        );
        assert!(w.check_bound("a", &0.5, Bound::Above("0")).is_ok());
        assert!(w.check_bound("a", &f64::NAN, Bound::Above("0")).is_err());
        let date = |text: &str| text.parse::<Date>().unwrap();
        let from = Bound::AtLeast("2026-01-31");
        assert!(w.check_bound("a", &date("2026-01-31"), from).is_ok());
        let error = w.check_bound("a", &date("2026-01-30"), from).unwrap_err();
        assert_eq!(
            error.reason(),
            "the value is out of range, allowed is at least 2026-01-31"
        );
        let year = |text: &str| text.parse::<Year>().unwrap();
        assert!(
            w.check_bound("a", &year("10000"), Bound::Above("9999"))
                .is_ok()
        );
        assert!(
            w.check_bound("a", &year("2025"), Bound::Above("2025"))
                .is_err()
        );
        // Nobody knows.
        assert!(w.check_bound("a", &date("2026-01-30Z"), from).is_ok());
        let time = |text: &str| text.parse::<DateTime>().unwrap();
        let until = Bound::AtMost("2026-01-31T12:00:00Z");
        assert!(
            w.check_bound("a", &time("2026-01-31T13:00:00+02:00"), until)
                .is_ok()
        );
        assert!(
            w.check_bound("a", &time("2026-01-31T13:00:00Z"), until)
                .is_err()
        );
    }

    #[test]
    fn digits_are_counted_without_zeros_at_the_ends() {
        let table = NamespaceTable::new(&[]);
        let w = Writer::new(&table);
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        assert!(
            w.check_digits("a", &decimal("-0123.4500"), Some(5), Some(2))
                .is_ok()
        );
        assert!(
            w.check_digits("a", &decimal("123.456"), Some(6), Some(2))
                .is_err()
        );
        assert!(
            w.check_digits("a", &decimal("123.45"), Some(4), Some(2))
                .is_err()
        );
        assert!(w.check_digits("a", &1234_i32, Some(3), None).is_err());
        assert!(w.check_digits("a", &0_i32, Some(1), None).is_ok());
    }

    #[test]
    fn patterns_are_named_and_values_are_not() {
        static PATTERN: Pattern = Pattern::new("[0-9]+");
        let table = NamespaceTable::new(&[]);
        let w = Writer::new(&table);
        assert!(w.check_pattern("icc", &"8999".to_owned(), &PATTERN).is_ok());
        let error = w
            .check_pattern("icc", &"secret".to_owned(), &PATTERN)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the text does not fit the pattern `[0-9]+`, at icc"
        );
        assert!(w.check_octets("a", 3, 1, Some(2)).is_err());
    }
}
