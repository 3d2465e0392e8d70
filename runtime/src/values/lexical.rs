//! Reading and writing of simple values as text.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use rust_decimal::Decimal;

/// A value that is written as text in an element, an attribute, a JSON string or a URL.
///
/// ```
/// use mno_runtime::values::Lexical;
///
/// assert_eq!(i32::parse(" +0042 ")?, 42);
/// assert_eq!(f64::INFINITY.to_text(), "INF");
/// let error = i32::parse("99999999999").unwrap_err();
/// assert_eq!(error.to_string(), "not a valid xs:int (11 characters): out of range");
/// # Ok::<(), mno_runtime::values::LexicalError>(())
/// ```
pub trait Lexical: Sized {
    /// Schema name of the type, for errors (`xs:dateTime`, `ICCID`).
    const KIND: &'static str;

    /// Whether white space around and inside the text is part of the value (`xs:string`).
    const KEEPS_SPACE: bool = false;

    /// Whether a blank text is a value of its own (an empty string) rather than no value: the
    /// XML codec reads a blank optional element as absent where it is not.
    const KEEPS_BLANK: bool = false;

    /// Reads a value. The text is passed untrimmed: types that do not keep white space trim XML
    /// white space at both ends themselves.
    ///
    /// # Errors
    ///
    /// [`LexicalError`] when the text is not a value of this type.
    fn parse(text: &str) -> Result<Self, LexicalError>;

    /// Appends the value in its canonical or kept form, without any XML escaping.
    fn write(&self, out: &mut String);

    /// The value as [`write`](Lexical::write) writes it.
    fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

/// A text that is not a value of the type that was asked for.
///
/// Says which type, why, and how long the text was, never the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LexicalError {
    /// Schema name of the type ([`Lexical::KIND`]).
    pub kind: &'static str,
    /// Why, as half a sentence: `out of range`.
    pub reason: &'static str,
    /// Length of the text in characters, white space at both ends included.
    pub length: usize,
}

impl LexicalError {
    /// An error about `text`, of which only the length is kept.
    #[must_use]
    pub fn new(kind: &'static str, reason: &'static str, text: &str) -> Self {
        LexicalError {
            kind,
            reason,
            length: text.chars().count(),
        }
    }
}

impl fmt::Display for LexicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_refusal(f, self.kind, self.length, self.reason)
    }
}

impl std::error::Error for LexicalError {}

/// The sentence shared by the errors of this module.
pub(super) fn write_refusal(
    f: &mut fmt::Formatter<'_>,
    kind: &str,
    length: usize,
    reason: &str,
) -> fmt::Result {
    let s = if length == 1 { "" } else { "s" };
    write!(f, "not a valid {kind} ({length} character{s}): {reason}")
}

/// Whether a byte is white space of XML: space, tab, line feed, carriage return.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The text without XML white space (space, tab, line feed, carriage return) at both ends.
///
/// ```
/// assert_eq!(mno_runtime::values::trim("\r\n 42\t"), "42");
/// assert_eq!(mno_runtime::values::trim("\u{a0}42"), "\u{a0}42"); // not white space in XML
/// ```
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// White space as `xs:token` wants it: none at the ends, single spaces inside.
///
/// ```
/// assert_eq!(mno_runtime::values::collapse(" a\n\t b "), "a b");
/// ```
#[must_use]
pub fn collapse(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    let mut after_space = false;
    let collapsed = text.bytes().all(|byte| {
        let fits = !is_space(byte) || (byte == b' ' && !after_space);
        after_space = byte == b' ';
        fits
    });
    if collapsed {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text
        .split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// White space as `xs:normalizedString` wants it: tabs and line ends become spaces.
///
/// ```
/// assert_eq!(mno_runtime::values::replace(" a\n\tb"), " a  b");
/// ```
#[must_use]
pub fn replace(text: &str) -> Cow<'_, str> {
    if text.contains(['\t', '\n', '\r']) {
        Cow::Owned(text.replace(['\t', '\n', '\r'], " "))
    } else {
        Cow::Borrowed(text)
    }
}

impl Lexical for String {
    const KIND: &'static str = "xs:string";
    const KEEPS_SPACE: bool = true;
    const KEEPS_BLANK: bool = true;

    fn parse(text: &str) -> Result<Self, LexicalError> {
        Ok(text.to_owned())
    }

    fn write(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Lexical for bool {
    const KIND: &'static str = "xs:boolean";

    fn parse(text: &str) -> Result<Self, LexicalError> {
        match trim(text) {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(LexicalError::new(
                Self::KIND,
                "neither true, false, 1 nor 0",
                text,
            )),
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

/// Splits a sign off; true for minus.
fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

pub(super) fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// XSD knows `-0` for unsigned types too; Rust does not.
fn is_minus_zero(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|digits| digits.bytes().all(|byte| byte == b'0'))
}

macro_rules! whole_numbers {
    ($($type:ty => $kind:literal,)*) => {$(
        impl Lexical for $type {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Result<Self, LexicalError> {
                let number = trim(text);
                let (_, digits) = split_sign(number);
                if digits.is_empty() || !all_digits(digits) {
                    return Err(LexicalError::new(Self::KIND, "not a whole number", text));
                }
                match number.parse() {
                    Ok(value) => Ok(value),
                    Err(_) if is_minus_zero(number) => Ok(0),
                    Err(_) => Err(LexicalError::new(Self::KIND, "out of range", text)),
                }
            }

            fn write(&self, out: &mut String) {
                // Writing to a String cannot fail.
                let _ = write!(out, "{self}");
            }
        }
    )*};
}

whole_numbers! {
    i8 => "xs:byte",
    i16 => "xs:short",
    i32 => "xs:int",
    i64 => "xs:long",
    i128 => "xs:integer",
    u8 => "xs:unsignedByte",
    u16 => "xs:unsignedShort",
    u32 => "xs:unsignedInt",
    u64 => "xs:unsignedLong",
    u128 => "xs:nonNegativeInteger",
}

/// Whether the text is digits with at most one point, at least one digit among them.
fn is_plain_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    !(whole.is_empty() && fraction.is_empty()) && all_digits(whole) && all_digits(fraction)
}

fn is_floating(text: &str) -> bool {
    let (_, text) = split_sign(text);
    match text.split_once(['e', 'E']) {
        None => is_plain_decimal(text),
        Some((mantissa, exponent)) => {
            let (_, exponent) = split_sign(exponent);
            is_plain_decimal(mantissa) && !exponent.is_empty() && all_digits(exponent)
        }
    }
}

macro_rules! floating {
    ($($type:ident => $kind:literal, $plain:expr;)*) => {$(
        /// A number too large for the type is the infinite one, as XML Schema has it.
        impl Lexical for $type {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Result<Self, LexicalError> {
                let number = trim(text);
                match number {
                    "INF" => return Ok(<$type>::INFINITY),
                    "-INF" => return Ok(<$type>::NEG_INFINITY),
                    "NaN" => return Ok(<$type>::NAN),
                    _ => {}
                }
                // Rust would also read "inf", "infinity", "nan".
                match number.parse::<$type>() {
                    Ok(value) if is_floating(number) => Ok(value),
                    _ => Err(LexicalError::new(Self::KIND, "not a number", text)),
                }
            }

            fn write(&self, out: &mut String) {
                if self.is_nan() {
                    out.push_str("NaN");
                } else if self.is_infinite() {
                    out.push_str(if *self > 0.0 { "INF" } else { "-INF" });
                } else if *self == 0.0 || $plain.contains(&self.abs()) {
                    let _ = write!(out, "{self}");
                } else {
                    let _ = write!(out, "{self:E}");
                }
            }
        }
    )*};
}

floating! {
    f32 => "xs:float", 1e-5f32..1e9f32;
    f64 => "xs:double", 1e-5f64..1e16f64;
}

/// Exact: a number of more digits than fit (28 to 29) is refused, never rounded; its scale is
/// kept (`1.50` stays `1.50`).
impl Lexical for Decimal {
    const KIND: &'static str = "xs:decimal";

    fn parse(text: &str) -> Result<Self, LexicalError> {
        let (negative, number) = split_sign(trim(text));
        if !is_plain_decimal(number) {
            return Err(LexicalError::new(Self::KIND, "not a decimal number", text));
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        exact_decimal(negative, whole, fraction)
            // Only zeros may be given up to make it fit.
            .or_else(|| exact_decimal(negative, whole, fraction.trim_end_matches('0')))
            .ok_or_else(|| LexicalError::new(Self::KIND, "more digits than can be kept", text))
    }

    fn write(&self, out: &mut String) {
        let _ = write!(out, "{self}");
    }
}

fn exact_decimal(negative: bool, whole: &str, fraction: &str) -> Option<Decimal> {
    let mut digits = 0i128;
    for byte in whole.bytes().chain(fraction.bytes()) {
        digits = digits
            .checked_mul(10)?
            .checked_add(i128::from(byte - b'0'))?;
    }
    let scale = u32::try_from(fraction.len()).ok()?;
    Decimal::try_from_i128_with_scale(if negative { -digits } else { digits }, scale).ok()
}

/// Random numbers for tests, the same on every run.
#[cfg(test)]
pub(super) struct Lcg(pub(super) u64);

#[cfg(test)]
impl Lcg {
    pub(super) fn next(&mut self) -> u64 {
        // Knuth's MMIX; the upper half is the good one.
        let mut half = || {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            self.0 >> 32
        };
        half() << 32 | half()
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn reason<T: Lexical + fmt::Debug>(text: &str) -> &'static str {
        T::parse(text).unwrap_err().reason
    }

    #[test]
    fn strings_are_kept() {
        for text in ["", " ", " a \n b\t", "ä€😀"] {
            assert_eq!(String::parse(text).unwrap(), text);
            assert_eq!(text.to_owned().to_text(), text);
        }
        const { assert!(String::KEEPS_SPACE && !bool::KEEPS_SPACE && !i32::KEEPS_SPACE) }
    }

    #[test]
    fn booleans() {
        for (text, value) in [
            ("true", true),
            ("\t1\n", true),
            (" false", false),
            ("0", false),
        ] {
            assert_eq!(bool::parse(text), Ok(value));
        }
        for text in ["", "TRUE", "yes", "2", "\u{a0}true"] {
            assert!(bool::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            (true.to_text(), false.to_text()),
            ("true".into(), "false".into())
        );
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(i32::parse(" +007\r\n"), Ok(7));
        assert_eq!(i8::parse("-128"), Ok(-128));
        assert_eq!(u8::parse("000000000000000000000000255"), Ok(255));
        for text in ["-0", "+0", "-000", "0"] {
            assert_eq!(u128::parse(text), Ok(0));
            assert_eq!(u32::parse(text), Ok(0));
            assert_eq!(i64::parse(text), Ok(0));
        }
        assert_eq!(u64::parse("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(i128::parse(&i128::MIN.to_text()), Ok(i128::MIN));
        for text in ["128", "-129", "1000000000000"] {
            assert_eq!(reason::<i8>(text), "out of range");
        }
        assert_eq!(reason::<u16>("-1"), "out of range");
        assert_eq!(reason::<u64>("18446744073709551616"), "out of range");
        assert_eq!(reason::<u128>(&"9".repeat(60)), "out of range");
        for text in [
            "", " ", "+", "-", "10.0", "1e3", "++1", "- 1", "1 2", "0x1", "1_0", "１",
        ] {
            assert_eq!(reason::<i32>(text), "not a whole number", "{text}");
            assert_eq!(reason::<u32>(text), "not a whole number", "{text}");
        }
    }

    #[test]
    fn floating_point() {
        for (text, value) in [
            (".5", 0.5),
            ("5.", 5.0),
            ("1E3", 1000.0),
            ("-1.5e-3", -0.0015),
            (" +12 ", 12.0),
            ("INF", f64::INFINITY),
            ("-INF", f64::NEG_INFINITY),
        ] {
            assert_eq!(f64::parse(text), Ok(value), "{text}");
        }
        assert!(f64::parse("NaN").unwrap().is_nan());
        let refused = [
            "", "+INF", "inf", "Infinity", "nan", "-NaN", ".", "e5", "1e", "1e+", ".e1", "1.2.3",
            "0x1p3", "1,5", "1e5.0", "1 0", "1f",
        ];
        for text in refused {
            assert_eq!(reason::<f64>(text), "not a number", "{text}");
            assert_eq!(reason::<f32>(text), "not a number", "{text}");
        }
        assert_eq!(f64::parse("1e999"), Ok(f64::INFINITY));
        assert_eq!(f32::parse("-1e39"), Ok(f32::NEG_INFINITY));
        assert_eq!(f64::parse("1e-999"), Ok(0.0));
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (1e300, "1E300"),
            (2.5e-8, "2.5E-8"),
            (f64::NEG_INFINITY, "-INF"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(value.to_text(), text);
        }
        assert_eq!(f32::INFINITY.to_text(), "INF");
        assert_eq!(0.1f32.to_text(), "0.1");
    }

    #[test]
    fn decimals() {
        for (text, written) in [
            ("1.50", "1.50"),
            ("-0012.340", "-12.340"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+7", "7"),
            ("-0.00", "0.00"),
            (
                "0.0000000000000000000000000001",
                "0.0000000000000000000000000001",
            ),
            (
                "79228162514264337593543950335",
                "79228162514264337593543950335",
            ),
            (&format!("{}1", "0".repeat(100)), "1"),
            (&format!("1.{}", "0".repeat(100)), "1"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_text(), written, "{text}");
        }
        for text in [
            "", ".", "-", "1e3", "1_000", "1,5", "INF", "NaN", "1.2.3", "--1", "1. 5",
        ] {
            assert_eq!(reason::<Decimal>(text), "not a decimal number", "{text}");
        }
        for text in [
            "79228162514264337593543950336",
            "0.00000000000000000000000000001",
            "12345678901234567890.12345678901",
            &"9".repeat(1000),
        ] {
            assert_eq!(
                reason::<Decimal>(text),
                "more digits than can be kept",
                "{text}"
            );
        }
    }

    #[test]
    fn white_space() {
        for (text, token) in [
            ("", ""),
            (" \t\r\n ", ""),
            ("a b", "a b"),
            ("  a   b\tc\n", "a b c"),
            ("a\u{a0} b", "a\u{a0} b"),
            ("a\nb", "a b"),
        ] {
            assert_eq!(collapse(text), token);
        }
        assert!(matches!(collapse(" a b "), Cow::Borrowed("a b")));
        assert!(matches!(replace(" a  b "), Cow::Borrowed(" a  b ")));
        assert_eq!(replace("\ta\r\nb"), " a  b");
    }

    #[test]
    fn errors_show_no_text() {
        let error = u32::parse("8999000000000012345").unwrap_err();
        assert_eq!(
            (error.kind, error.reason, error.length),
            ("xs:unsignedInt", "out of range", 19)
        );
        assert!(!format!("{error:?} {error}").contains("8999"));
        assert_eq!(
            bool::parse("ä").unwrap_err().to_string(),
            "not a valid xs:boolean (1 character): neither true, false, 1 nor 0"
        );
    }

    #[test]
    fn random_round_trips() {
        let mut random = Lcg(1);
        for _ in 0..5000 {
            let bits = random.next();
            let wide = i128::from(bits as i64) * i128::from(random.next());
            assert_eq!(i64::parse(&(bits as i64).to_text()), Ok(bits as i64));
            assert_eq!(i16::parse(&(bits as i16).to_text()), Ok(bits as i16));
            assert_eq!(i128::parse(&wide.to_text()), Ok(wide));
            let double = f64::from_bits(bits);
            let read = f64::parse(&double.to_text()).unwrap();
            assert!(read.to_bits() == double.to_bits() || double.is_nan() && read.is_nan());
            let single = f32::from_bits(bits as u32);
            let read = f32::parse(&single.to_text()).unwrap();
            assert!(read.to_bits() == single.to_bits() || single.is_nan() && read.is_nan());
            let scale = random.below(29) as u32;
            let decimal = Decimal::from_i128_with_scale(wide >> 32, scale);
            let read = Decimal::parse(&decimal.to_text()).unwrap();
            assert_eq!((read, read.scale()), (decimal, scale));
        }
    }
}
