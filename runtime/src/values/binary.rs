//! Binary data written as text.

use std::fmt;

use super::lexical::{Lexical, LexicalError, is_space, trim};

/// Bytes written in base 64 (`xs:base64Binary`, RFC 4648 chapter 4).
///
/// White space is allowed anywhere; padding is required and unused bits must be zero, as XML
/// Schema says. `Debug` shows only the length.
///
/// ```
/// use mno_runtime::values::{Base64, Lexical};
///
/// let read = Base64::parse("aGVs\n bG8=")?;
/// assert_eq!(read.0, b"hello");
/// assert_eq!(read.to_text(), "aGVsbG8=");
/// assert_eq!(format!("{read:?}"), "Base64(5 bytes)");
/// # Ok::<(), mno_runtime::values::LexicalError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Base64(pub Vec<u8>);

/// Bytes written as pairs of hexadecimal digits (`xs:hexBinary`).
///
/// Digits are read in either case and written in upper case. `Debug` shows only the length.
///
/// ```
/// use mno_runtime::values::{Hex, Lexical};
///
/// let read = Hex::parse("00fFa1")?;
/// assert_eq!(read.0, [0x00, 0xff, 0xa1]);
/// assert_eq!(read.to_text(), "00FFA1");
/// # Ok::<(), mno_runtime::values::LexicalError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hex(pub Vec<u8>);

macro_rules! bytes {
    ($($type:ident),*) => {$(
        /// Only the length, as the bytes may be personal.
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let s = if self.0.len() == 1 { "" } else { "s" };
                write!(f, "{}({} byte{s})", stringify!($type), self.0.len())
            }
        }

        impl From<Vec<u8>> for $type {
            fn from(bytes: Vec<u8>) -> Self {
                $type(bytes)
            }
        }

        impl From<$type> for Vec<u8> {
            fn from(value: $type) -> Self {
                value.0
            }
        }

        impl AsRef<[u8]> for $type {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    )*};
}

bytes!(Base64, Hex);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Value of each byte in base 64; `NO_DIGIT` for all others.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        digits[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    digits
};
const NO_DIGIT: u8 = u8::MAX;

impl Lexical for Base64 {
    const KIND: &'static str = "xs:base64Binary";
    const KEEPS_BLANK: bool = true;

    fn parse(text: &str) -> Result<Self, LexicalError> {
        decode(text)
            .map(Base64)
            .map_err(|reason| LexicalError::new(Self::KIND, reason, text))
    }

    fn write(&self, out: &mut String) {
        out.reserve(self.0.len().div_ceil(3) * 4);
        for group in self.0.chunks(3) {
            let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for place in 0..4 {
                out.push(if place <= group.len() {
                    char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize])
                } else {
                    '='
                });
            }
        }
    }
}

fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    // Bits not yet written, and how many digits and padding characters there were.
    let (mut bits, mut digits, mut padding) = (0u32, 0usize, 0usize);
    for byte in text.bytes().filter(|byte| !is_space(*byte)) {
        let value = DIGITS[usize::from(byte)];
        if byte == b'=' {
            padding += 1;
        } else if value == NO_DIGIT {
            return Err("a character that is not of base 64");
        } else if padding > 0 {
            return Err("text after the padding");
        } else {
            bits = bits << 6 | u32::from(value);
            digits += 1;
            if digits % 4 == 0 {
                out.extend_from_slice(&bits.to_be_bytes()[1..]);
                bits = 0;
            }
        }
    }
    match (digits % 4, padding) {
        (0, 0) => {}
        (2, 2) if bits & 0xf == 0 => out.push((bits >> 4) as u8),
        (3, 1) if bits & 0x3 == 0 => {
            out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8])
        }
        (2, 2) | (3, 1) => return Err("unused bits are not zero"),
        _ => return Err("wrong length or padding"),
    }
    Ok(out)
}

impl Lexical for Hex {
    const KIND: &'static str = "xs:hexBinary";
    const KEEPS_BLANK: bool = true;

    fn parse(text: &str) -> Result<Self, LexicalError> {
        let refuse = |reason| LexicalError::new(Self::KIND, reason, text);
        let digits = trim(text).as_bytes();
        if !digits.len().is_multiple_of(2) {
            return Err(refuse("odd number of digits"));
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        digits
            .chunks_exact(2)
            .map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8))
            .collect::<Option<_>>()
            .map(Hex)
            .ok_or_else(|| refuse("a character that is not a hexadecimal digit"))
    }

    fn write(&self, out: &mut String) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        out.reserve(self.0.len() * 2);
        for byte in &self.0 {
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::lexical::Lcg;
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(Base64(bytes.into()).to_text(), text);
            assert_eq!(Base64::parse(text).unwrap().0, bytes.as_bytes());
        }
        assert_eq!(Base64(vec![0xfb, 0xff, 0xbf]).to_text(), "+/+/");
        assert_eq!(Base64::parse("\n Zm 9v\r\n\tYg = =\n").unwrap().0, b"foob");
    }

    #[test]
    fn base64_that_is_refused() {
        for (text, why) in [
            ("Z", "wrong length or padding"),
            ("Zg", "wrong length or padding"),
            ("Zg=", "wrong length or padding"),
            ("Zg===", "wrong length or padding"),
            ("Zm8==", "wrong length or padding"),
            ("Zm9v=", "wrong length or padding"),
            ("=", "wrong length or padding"),
            ("====", "wrong length or padding"),
            ("Z===", "wrong length or padding"),
            ("Zg==Zg==", "text after the padding"),
            ("Zh==", "unused bits are not zero"),
            ("Zm9=", "unused bits are not zero"),
            ("Zm9-", "a character that is not of base 64"),
            ("Zm9_", "a character that is not of base 64"),
            ("Zmé=", "a character that is not of base 64"),
            ("Zm9v\u{a0}", "a character that is not of base 64"),
        ] {
            assert_eq!(Base64::parse(text).unwrap_err().reason, why, "{text}");
        }
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(Hex::parse(" \n0aFf\t").unwrap().0, [0x0a, 0xff]);
        assert_eq!(Hex::parse("").unwrap().0, [0u8; 0]);
        assert_eq!(Hex(vec![0, 0xab, 0x7f]).to_text(), "00AB7F");
        assert_eq!(
            Hex::parse("abc").unwrap_err().reason,
            "odd number of digits"
        );
        for text in ["0g", "0 1a", "+1", "0x", "é"] {
            let error = Hex::parse(text).unwrap_err();
            assert_eq!(
                error.reason, "a character that is not a hexadecimal digit",
                "{text}"
            );
        }
    }

    #[test]
    fn debug_shows_the_length() {
        assert_eq!(format!("{:?}", Base64(b"PIN".to_vec())), "Base64(3 bytes)");
        assert_eq!(format!("{:?}", Some(Hex(vec![1]))), "Some(Hex(1 byte))");
    }

    #[test]
    fn random_round_trips() {
        let mut random = Lcg(5);
        for length in 0..500 {
            let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            let (base64, hex) = (Base64(bytes.clone()), Hex(bytes));
            assert_eq!(Base64::parse(&base64.to_text()), Ok(base64));
            assert_eq!(Hex::parse(&hex.to_text()), Ok(hex));
        }
    }
}
