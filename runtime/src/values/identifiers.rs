//! Identifiers of SIMs, subscriptions and devices.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::lexical::{Lexical, LexicalError, all_digits, trim, write_refusal};

/// A text that does not have the shape of an identifier.
///
/// Says which identifier, what it needs, and how long the text was, never the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentifierError {
    /// Name of the identifier: `ICCID`.
    pub kind: &'static str,
    /// What it needs: `needs 18 to 22 digits`.
    pub reason: &'static str,
    /// Length of the text in characters.
    pub length: usize,
}

impl fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_refusal(f, self.kind, self.length, self.reason)
    }
}

impl std::error::Error for IdentifierError {}

/// Whether the text is digits only, this many at least and at most.
fn digits_between(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && all_digits(text)
}

/// The last four characters of a text that is long enough to hide the rest of.
fn write_masked(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    let tail = match text.char_indices().rev().nth(3) {
        _ if text.is_empty() => return write!(f, "{name}()"),
        Some((start, _)) if text.chars().count() >= 8 => &text[start..],
        _ => "",
    };
    write!(f, "{name}(…{tail})")
}

macro_rules! identifiers {
    ($(
        $(#[$docs:meta])*
        $type:ident, $kind:literal, $check:path, $reason:literal;
    )*) => {$(
        $(#[$docs])*
        ///
        /// There is no `Display`, so that a log line cannot show the whole identifier by
        /// accident, and `Debug` shows the last four characters; the text is
        #[doc = concat!("[`as_str`](", stringify!($type), "::as_str).")]
        /// [`new`](Self::new), `FromStr` and `TryFrom` check what they are given; what an
        /// operator answered is kept as it is, also when it is odd or blank.
        #[derive(Clone)]
        pub struct $type(Box<str>);

        impl $type {
            #[doc = concat!("An identifier of a checked shape: ", $reason, ".")]
            ///
            /// # Errors
            ///
            /// The text has another shape; white space is not removed.
            pub fn new(text: impl Into<String>) -> Result<Self, IdentifierError> {
                let text = text.into();
                if $check(&text) {
                    return Ok($type(text.into()));
                }
                let length = text.chars().count();
                Err(IdentifierError { kind: $kind, reason: $reason, length })
            }

            /// An identifier as an operator sent it, unchecked; white space of XML at both ends
            /// is removed.
            #[must_use]
            pub fn from_wire(text: &str) -> Self {
                $type(trim(text).into())
            }

            /// The whole identifier as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether there is nothing but white space, which operators send for "none".
            #[must_use]
            pub fn is_blank(&self) -> bool {
                self.0.trim().is_empty()
            }

            /// Whether [`new`](Self::new) would accept it; what an operator sent may be anything.
            #[must_use]
            pub fn is_well_formed(&self) -> bool {
                $check(&self.0)
            }
        }

        impl Lexical for $type {
            const KIND: &'static str = $kind;
            const KEEPS_BLANK: bool = true;

            fn parse(text: &str) -> Result<Self, LexicalError> {
                Ok(Self::from_wire(text))
            }

            fn write(&self, out: &mut String) {
                out.push_str(&self.0);
            }
        }

        impl FromStr for $type {
            type Err = IdentifierError;

            fn from_str(text: &str) -> Result<Self, IdentifierError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = IdentifierError;

            fn try_from(text: &str) -> Result<Self, IdentifierError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = IdentifierError;

            fn try_from(text: String) -> Result<Self, IdentifierError> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.0.into()
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.key() == other.key()
            }
        }

        impl Eq for $type {}

        impl PartialOrd for $type {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $type {
            fn cmp(&self, other: &Self) -> Ordering {
                self.key().cmp(&other.key())
            }
        }

        impl Hash for $type {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.key().hash(state);
            }
        }

        impl PartialEq<&str> for $type {
            fn eq(&self, other: &&str) -> bool {
                *self == **other
            }
        }

        /// Shows the last four characters.
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_masked(f, stringify!($type), &self.key())
            }
        }
    )*};
}

/// Identifiers that are compared as texts.
macro_rules! compared_as_text {
    ($($type:ident),*) => {$(
        impl $type {
            fn key(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $type {
            fn eq(&self, other: &str) -> bool {
                *self.0 == *other
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

compared_as_text!(Iccid, Imsi, Msisdn, Eid);

identifiers! {
    /// Number of a SIM or of a profile on an eSIM: 18 to 22 digits (ITU-T E.118; most have 19 or
    /// 20), with or without the filler `F` at the end that some platforms copy from the card.
    ///
    /// ```
    /// use mno_runtime::values::Iccid;
    ///
    /// let iccid = Iccid::new("8999000000000012349")?;
    /// assert!(iccid.is_luhn_valid());
    /// assert_eq!(iccid, "8999000000000012349");
    /// assert_eq!(format!("{iccid:?}"), "Iccid(…2349)");
    /// assert_eq!(Iccid::new("8999000000000012349F")?.digits(), "8999000000000012349");
    /// assert!(Iccid::new("not a SIM").is_err());
    /// # Ok::<(), mno_runtime::values::IdentifierError>(())
    /// ```
    Iccid, "ICCID", is_iccid, "needs 18 to 22 digits";

    /// Identity of a subscription in mobile networks: 6 to 15 digits, country and network first
    /// (ITU-T E.212).
    ///
    /// ```
    /// use mno_runtime::values::Imsi;
    ///
    /// let imsi: Imsi = "001010123456789".parse()?; // 001 01 is the network for tests
    /// assert_eq!(imsi.as_str(), "001010123456789");
    /// assert_eq!(format!("{imsi:?}"), "Imsi(…6789)");
    /// # Ok::<(), mno_runtime::values::IdentifierError>(())
    /// ```
    Imsi, "IMSI", is_imsi, "needs 6 to 15 digits";

    /// Telephone number of a subscription: 3 to 15 digits, international, with or without a `+`
    /// (ITU-T E.164).
    ///
    /// Compared as written: with and without `+` are different; see [`digits`](Msisdn::digits).
    ///
    /// ```
    /// use mno_runtime::values::Msisdn;
    ///
    /// let msisdn = Msisdn::new("+447700900123")?;
    /// assert_eq!(msisdn.digits(), "447700900123");
    /// assert_eq!(format!("{msisdn:?}"), "Msisdn(…0123)");
    /// # Ok::<(), mno_runtime::values::IdentifierError>(())
    /// ```
    Msisdn, "MSISDN", is_msisdn, "needs 3 to 15 digits, with or without a plus sign";

    /// Number of an eUICC, the chip of an eSIM: 32 digits (GSMA SGP.02, SGP.22, SGP.29).
    ///
    /// ```
    /// use mno_runtime::values::Eid;
    ///
    /// let eid = Eid::new("89099000000000000000000000012345")?;
    /// assert_eq!(format!("{eid:?}"), "Eid(…2345)");
    /// assert!(Eid::new("8909900000000000").is_err());
    /// # Ok::<(), mno_runtime::values::IdentifierError>(())
    /// ```
    Eid, "EID", is_eid, "needs 32 digits";

    /// Number of a device (3GPP TS 23.003): 15 digits, 14 without the check digit, 16 with a
    /// software version (IMEISV); bare, or dashed as `NN-NNNNNN-NNNNNN-N`.
    ///
    /// Compared without dashes, so that both forms of a number are equal.
    ///
    /// ```
    /// use mno_runtime::values::Imei;
    ///
    /// let dashed = Imei::new("00-101000-012345-6")?;
    /// assert_eq!(dashed.digits(), "001010000123456");
    /// assert_eq!(dashed, Imei::new("001010000123456")?);
    /// assert_eq!(Imei::new("001010000123456")?.dashed(), "00-101000-012345-6");
    /// assert_eq!(format!("{dashed:?}"), "Imei(…3456)");
    /// # Ok::<(), mno_runtime::values::IdentifierError>(())
    /// ```
    Imei, "IMEI", is_imei, "needs 14 to 16 digits, bare or dashed NN-NNNNNN-NNNNNN-N";
}

fn strip_filler(text: &str) -> &str {
    text.strip_suffix(['F', 'f']).unwrap_or(text)
}

fn is_iccid(text: &str) -> bool {
    digits_between(strip_filler(text), 18, 22)
}

fn is_imsi(text: &str) -> bool {
    digits_between(text, 6, 15)
}

fn is_msisdn(text: &str) -> bool {
    digits_between(text.strip_prefix('+').unwrap_or(text), 3, 15)
}

fn is_eid(text: &str) -> bool {
    digits_between(text, 32, 32)
}

fn is_imei(text: &str) -> bool {
    is_bare_imei(text) || {
        let digits = without_dashes(text);
        is_bare_imei(&digits) && dash(&digits) == text
    }
}

fn is_bare_imei(text: &str) -> bool {
    digits_between(text, 14, 16)
}

fn without_dashes(text: &str) -> Cow<'_, str> {
    if text.contains('-') {
        Cow::Owned(text.replace('-', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Puts dashes into 14 to 16 digits.
fn dash(digits: &str) -> String {
    let last = if digits.len() > 14 { "-" } else { "" };
    format!(
        "{}-{}-{}{last}{}",
        &digits[..2],
        &digits[2..8],
        &digits[8..14],
        &digits[14..]
    )
}

impl Iccid {
    /// The number without a filler `F` at its end.
    #[must_use]
    pub fn digits(&self) -> &str {
        strip_filler(&self.0)
    }

    /// Whether the last digit is the check digit of the others (Luhn, ITU-T E.118). Some cards
    /// in use have none, so nothing here insists on it.
    #[must_use]
    pub fn is_luhn_valid(&self) -> bool {
        self.is_well_formed() && {
            let sum: u32 = (self.digits().bytes().rev().zip([1, 2].into_iter().cycle()))
                .map(|(digit, factor)| u32::from(digit - b'0') * factor)
                .map(|product| product / 10 + product % 10)
                .sum();
            sum.is_multiple_of(10)
        }
    }
}

impl Msisdn {
    /// The number without a plus sign before it.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }
}

impl Imei {
    /// The number without dashes.
    #[must_use]
    pub fn digits(&self) -> Cow<'_, str> {
        without_dashes(&self.0)
    }

    /// The number as `NN-NNNNNN-NNNNNN-N`, with two digits at the end for 16, without a last
    /// group for 14. What is no IMEI comes back as it is.
    #[must_use]
    pub fn dashed(&self) -> Cow<'_, str> {
        if is_bare_imei(&self.0) {
            Cow::Owned(dash(&self.0))
        } else {
            Cow::Borrowed(&self.0)
        }
    }

    /// The same number, written as [`dashed`](Self::dashed): what contracts want whose IMEIs have
    /// dashes.
    #[must_use]
    pub fn with_dashes(&self) -> Self {
        Self(self.dashed().into())
    }

    fn key(&self) -> Cow<'_, str> {
        without_dashes(&self.0)
    }
}

/// Compared without dashes on both sides.
impl PartialEq<str> for Imei {
    fn eq(&self, other: &str) -> bool {
        self.key() == without_dashes(other)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::{BTreeSet, HashMap, HashSet};

    use super::super::lexical::Lcg;
    use super::*;

    #[test]
    fn shapes() {
        let ones = |count| "1".repeat(count);
        for (least, most, check) in [
            (
                18,
                22,
                (|text| Iccid::new(text).is_ok()) as fn(String) -> bool,
            ),
            (6, 15, |text| Imsi::new(text).is_ok()),
            (3, 15, |text| Msisdn::new(text).is_ok()),
            (32, 32, |text| Eid::new(text).is_ok()),
            (14, 16, |text| Imei::new(text).is_ok()),
        ] {
            for length in 0..40 {
                assert_eq!(
                    check(ones(length)),
                    (least..=most).contains(&length),
                    "{length}"
                );
            }
            for odd in [" ", "x", "é", "１", "+", "-", "F"] {
                assert!(!check(format!(
                    "{}{odd}{}",
                    ones(least / 2),
                    ones(least - least / 2)
                )));
            }
        }
        assert!(Iccid::new("89990000000000123F").is_err());
        assert!(Iccid::new("899900000000001234f").is_ok());
        assert!(Iccid::new("899900000000001234FF").is_err());
        assert!(Msisdn::new("+123").is_ok() && Msisdn::new("+12").is_err());
        assert!(Msisdn::new("++123").is_err() && Msisdn::new("123+").is_err());
    }

    #[test]
    fn wire_values_are_kept() {
        for (text, kept) in [
            ("", ""),
            (" \n", ""),
            (" n/a ", "n/a"),
            ("\t0 1\r\n", "0 1"),
        ] {
            let value = Iccid::parse(text).unwrap();
            assert_eq!((value.as_str(), value.to_text()), (kept, kept.to_owned()));
            assert_eq!(value.is_blank(), kept.is_empty());
            assert!(!value.is_well_formed() && !value.is_luhn_valid());
            assert_eq!(Imei::parse(text).unwrap().dashed(), kept);
        }
        assert!(Imsi::from_wire("\u{a0}").is_blank());
        assert!(Eid::from_wire(" 89099000000000000000000000012345 ").is_well_formed());
    }

    #[test]
    fn imeis() {
        for (bare, dashed) in [
            ("00101000012345", "00-101000-012345"),
            ("001010000123456", "00-101000-012345-6"),
            ("0010100001234567", "00-101000-012345-67"),
        ] {
            let (a, b) = (Imei::new(bare).unwrap(), Imei::new(dashed).unwrap());
            assert_eq!((a.as_str(), b.as_str()), (bare, dashed));
            assert!(a == b && a == *dashed && b == bare && a.cmp(&b).is_eq());
            assert_eq!((a.digits(), a.dashed()), (bare.into(), dashed.into()));
            assert_eq!((b.digits(), b.dashed()), (bare.into(), dashed.into()));
            assert_eq!(
                (a.with_dashes().as_str(), b.with_dashes().as_str()),
                (dashed, dashed)
            );
            assert_eq!(HashSet::from([a.clone(), b.clone()]).len(), 1);
            assert_eq!(BTreeSet::from([a, b]).len(), 1);
        }
        for text in [
            "0010100001234-5",
            "00-101000-0123456",
            "00-101000-012345-",
            "00-101000-012345-678",
            "-00-101000-012345-6",
            "001-01000-012345-6",
            "00 101000 012345 6",
            "--------------",
        ] {
            assert!(Imei::new(text).is_err(), "{text}");
            assert_eq!(Imei::from_wire(text).dashed(), text);
        }
    }

    #[test]
    fn luhn() {
        assert!(Iccid::new("8999000000000012349").unwrap().is_luhn_valid());
        assert!(Iccid::new("8999000000000012349F").unwrap().is_luhn_valid());
        assert!(!Iccid::new("8999000000000012345").unwrap().is_luhn_valid());
        assert!(Iccid::new("00000000079927398713").unwrap().is_luhn_valid());
        // One of ten last digits fits, whatever stands before it.
        let mut random = Lcg(9);
        for _ in 0..500 {
            let body: String = (0..18)
                .map(|_| (b'0' + random.below(10) as u8) as char)
                .collect();
            let valid = |digit: &u32| {
                Iccid::new(format!("{body}{digit}"))
                    .unwrap()
                    .is_luhn_valid()
            };
            assert_eq!((0..10).filter(valid).count(), 1);
        }
    }

    #[test]
    fn debug_is_masked() {
        assert_eq!(
            format!("{:?}", Iccid::from_wire("8999000000000012345")),
            "Iccid(…2345)"
        );
        assert_eq!(
            format!("{:?}", Imei::from_wire("00-101000-012345-67")),
            "Imei(…4567)"
        );
        assert_eq!(format!("{:?}", Msisdn::from_wire("1234567")), "Msisdn(…)");
        assert_eq!(
            format!("{:?}", Msisdn::from_wire("12345678")),
            "Msisdn(…5678)"
        );
        assert_eq!(format!("{:?}", Imsi::from_wire("éééééééé")), "Imsi(…éééé)");
        assert_eq!(format!("{:?}", Eid::from_wire("")), "Eid()");
        let error = Imsi::new("8999000000000012345").unwrap_err();
        assert_eq!(
            error.to_string(),
            "not a valid IMSI (19 characters): needs 6 to 15 digits"
        );
        assert!(!format!("{error:?}").contains("8999"));
    }

    #[test]
    fn used_as_keys_and_texts() {
        let iccid: Iccid = "8999000000000012349".parse().unwrap();
        let map = HashMap::from([(iccid.clone(), 1)]);
        assert_eq!(map.get("8999000000000012349"), Some(&1));
        assert_eq!(iccid, *"8999000000000012349");
        assert_eq!(
            Iccid::try_from("8999000000000012349".to_owned()).as_ref(),
            Ok(&iccid)
        );
        assert_eq!(Iccid::try_from("8999000000000012349").as_ref(), Ok(&iccid));
        assert!(iccid < Iccid::from_wire("9"));
        assert_eq!(String::from(iccid), "8999000000000012349");
    }
}
