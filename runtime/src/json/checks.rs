//! Checks of values against their contract, before they are written: what is wrong, in words, and
//! without the value.

use std::fmt::Display;

use rust_decimal::Decimal;

/// The checks as methods of a writer, whose `error` says where a value is.
macro_rules! check_methods {
    () => {
        /// Whether a text is as long as the contract wants it.
        ///
        /// # Errors
        /// When it is not.
        pub fn check_length(
            &self,
            place: impl std::fmt::Display,
            text: &str,
            min: usize,
            max: Option<usize>,
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_length(text, min, max)
                .map_err(|reason| self.error(place, reason))
        }

        /// Whether a text fits the contract's pattern.
        ///
        /// # Errors
        /// When it does not.
        pub fn check_pattern(
            &self,
            place: impl std::fmt::Display,
            text: &str,
            pattern: &$crate::Pattern,
        ) -> Result<(), $crate::json::EncodeError> {
            pattern
                .check(text)
                .map_err(|reason| self.error(place, reason))
        }

        /// Whether a list has as many items as the contract wants.
        ///
        /// # Errors
        /// When it has not.
        pub fn check_items(
            &self,
            place: impl std::fmt::Display,
            count: usize,
            min: usize,
            max: Option<usize>,
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_items(count, min, max)
                .map_err(|reason| self.error(place, reason))
        }

        /// Whether no item of a list is there twice.
        ///
        /// # Errors
        /// When one is.
        pub fn check_unique<T: PartialEq>(
            &self,
            place: impl std::fmt::Display,
            items: &[T],
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_unique(items).map_err(|reason| self.error(place, reason))
        }

        /// Whether a map has a number of members that the contract allows.
        ///
        /// # Errors
        /// When it has too few or too many.
        pub fn check_entries(
            &self,
            place: impl std::fmt::Display,
            count: usize,
            min: usize,
            max: Option<usize>,
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_entries(count, min, max)
                .map_err(|reason| self.error(place, reason))
        }

        /// Whether a number is in the contract's range, its ends included.
        ///
        /// # Errors
        /// When it is not.
        pub fn check_range<T: PartialOrd + std::fmt::Display>(
            &self,
            place: impl std::fmt::Display,
            value: &T,
            min: Option<T>,
            max: Option<T>,
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_range(value, min, max)
                .map_err(|reason| self.error(place, reason))
        }

        /// Whether a number is in the contract's range, its ends left out.
        ///
        /// # Errors
        /// When it is not.
        pub fn check_between<T: PartialOrd + std::fmt::Display>(
            &self,
            place: impl std::fmt::Display,
            value: &T,
            above: Option<T>,
            below: Option<T>,
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_between(value, above, below)
                .map_err(|reason| self.error(place, reason))
        }

        /// Whether a number is a multiple of what the contract says.
        ///
        /// # Errors
        /// When it is not.
        pub fn check_multiple<T: std::fmt::Display>(
            &self,
            place: impl std::fmt::Display,
            value: &T,
            of: $crate::Decimal,
        ) -> Result<(), $crate::json::EncodeError> {
            $crate::json::checks::check_multiple(value, of)
                .map_err(|reason| self.error(place, reason))
        }
    };
}

pub(crate) use check_methods;

pub(crate) fn check_length(text: &str, min: usize, max: Option<usize>) -> Result<(), String> {
    check_count(text.chars().count(), min, max, "character")
}

pub(crate) fn check_items(count: usize, min: usize, max: Option<usize>) -> Result<(), String> {
    check_count(count, min, max, "item")
}

pub(crate) fn check_entries(count: usize, min: usize, max: Option<usize>) -> Result<(), String> {
    check_count(count, min, max, "member")
}

fn check_count(count: usize, min: usize, max: Option<usize>, what: &str) -> Result<(), String> {
    let s = if count == 1 { "" } else { "s" };
    if count < min {
        return Err(format!("{count} {what}{s}, at least {min} needed"));
    }
    match max {
        Some(max) if count > max => Err(format!("{count} {what}{s}, at most {max} allowed")),
        _ => Ok(()),
    }
}

/// By comparing all with all: the lists of requests are short.
pub(crate) fn check_unique<T: PartialEq>(items: &[T]) -> Result<(), String> {
    let twice = (1..items.len()).find(|at| items[..*at].contains(&items[*at]));
    match twice {
        Some(at) => Err(format!("item {at} is there twice, once is allowed")),
        None => Ok(()),
    }
}

pub(crate) fn check_range<T: PartialOrd + Display>(
    value: &T,
    min: Option<T>,
    max: Option<T>,
) -> Result<(), String> {
    if let Some(min) = min.filter(|min| value < min) {
        return Err(format!("less than {min}"));
    }
    match max.filter(|max| value > max) {
        Some(max) => Err(format!("more than {max}")),
        None => Ok(()),
    }
}

pub(crate) fn check_between<T: PartialOrd + Display>(
    value: &T,
    above: Option<T>,
    below: Option<T>,
) -> Result<(), String> {
    if let Some(above) = above.filter(|above| value <= above) {
        return Err(format!("not more than {above}"));
    }
    match below.filter(|below| value >= below) {
        Some(below) => Err(format!("not less than {below}")),
        None => Ok(()),
    }
}

pub(crate) fn check_multiple(value: &impl Display, of: Decimal) -> Result<(), String> {
    // A number with more digits than a decimal has is not told from its neighbours.
    let value = value.to_string().parse::<Decimal>().ok();
    match value.and_then(|value| value.checked_rem(of)) {
        Some(rest) if !rest.is_zero() => Err(format!("not a multiple of {of}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn multiples_are_counted_in_decimals() {
        let of = |digits, scale| Decimal::new(digits, scale);
        assert!(check_multiple(&0.3_f64, of(1, 1)).is_ok());
        assert!(check_multiple(&1e21_f64, of(10, 0)).is_ok());
        assert!(check_multiple(&15_i64, of(5, 0)).is_ok());
        assert!(check_multiple(&of(1999, 2), of(1, 2)).is_ok());
        let error = check_multiple(&0.35_f64, of(1, 1)).unwrap_err();
        assert_eq!(error, "not a multiple of 0.1");
        // Nothing is a multiple of nothing; a contract that says so is not ours to enforce.
        assert!(check_multiple(&3_i32, Decimal::ZERO).is_ok());
        assert!(check_multiple(&f64::NAN, of(1, 0)).is_ok());
    }

    #[test]
    fn ends_are_left_out_where_the_contract_leaves_them_out() {
        assert!(check_between(&1.5_f64, Some(1.0), Some(2.0)).is_ok());
        let error = check_between(&1.0_f64, Some(1.0), None).unwrap_err();
        assert_eq!(error, "not more than 1");
        let error = check_between(&2_i32, None, Some(2)).unwrap_err();
        assert_eq!(error, "not less than 2");
    }

    #[test]
    fn an_item_that_is_there_twice_is_named_by_its_place() {
        assert!(check_unique(&["a", "b"]).is_ok());
        assert!(check_unique::<u8>(&[]).is_ok());
        let error = check_unique(&["a", "b", "a"]).unwrap_err();
        assert_eq!(error, "item 2 is there twice, once is allowed");
    }
}
