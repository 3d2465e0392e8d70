//! What stands in a short message (3GPP TS 23.038 and 23.040).

use std::fmt;

use mno_runtime::values::{Hex, Lexical as _};

use crate::gsm;

/// How a message is coded: the meaning of `dcs`, the data coding scheme (3GPP TS 23.038, 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataCoding {
    /// The GSM 7 bit alphabet; `dcs` 0.
    Gsm7,
    /// Octets; `dcs` 4.
    EightBit,
    /// UCS-2, in fact UTF-16; `dcs` 8.
    Ucs2,
    /// Compressed or reserved.
    Other(u8),
}

impl DataCoding {
    /// Reads a data coding scheme; message classes and waiting indications do not matter here.
    #[must_use]
    pub fn of(dcs: u8) -> Self {
        match dcs {
            // General, and marked for deletion; compressed where bit 5 is set.
            0x00..=0x7f if dcs & 0x20 == 0 => match dcs & 0x0c {
                0x00 => Self::Gsm7,
                0x04 => Self::EightBit,
                0x08 => Self::Ucs2,
                _ => Self::Other(dcs),
            },
            // Message waiting.
            0xc0..=0xdf => Self::Gsm7,
            0xe0..=0xef => Self::Ucs2,
            0xf0..=0xff if dcs & 0x04 == 0 => Self::Gsm7,
            0xf0..=0xff => Self::EightBit,
            _ => Self::Other(dcs),
        }
    }
}

/// What a message says. `Debug` shows the kind and length alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(String),
    /// Octets.
    Data(Vec<u8>),
}

impl Content {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Data(_) => None,
        }
    }

    /// The octets, if it is octets.
    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        match self {
            Self::Text(_) => None,
            Self::Data(data) => Some(data),
        }
    }

    /// Decodes user data as the network carries it, without its header. Of the GSM alphabet, octets
    /// are septets one by one, unless one of them has its highest bit set: then they are packed.
    #[must_use]
    pub fn of_user_data(coding: DataCoding, data: &[u8]) -> Self {
        match coding {
            DataCoding::Gsm7 if data.iter().any(|octet| *octet > 0x7f) => {
                Self::Text(gsm7(&unpack(data)))
            }
            DataCoding::Gsm7 => Self::Text(gsm7(data)),
            DataCoding::Ucs2 => Self::Text(ucs2(data)),
            DataCoding::EightBit | DataCoding::Other(_) => Self::Data(data.to_vec()),
        }
    }

    /// Decodes a payload as a gateway shows it, in a text: messages of text as they read, octets in
    /// hexadecimal.
    ///
    /// Where a gateway hands on the alphabet's numbers as characters instead, the text has control
    /// characters that no message has, and is decoded. Octets that are not in hexadecimal are the
    /// characters' numbers or, beyond 255, UTF-8.
    #[must_use]
    pub fn of_payload(coding: DataCoding, payload: &str) -> Self {
        let octets = || octets_of(payload);
        let is_raw = || {
            payload
                .chars()
                .any(|c| c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
        };
        match coding {
            DataCoding::Gsm7 if is_raw() && payload.is_ascii() => {
                Self::Text(gsm7(payload.as_bytes()))
            }
            DataCoding::Ucs2 if is_raw() => match octets() {
                Some(octets) if octets.len().is_multiple_of(2) => Self::Text(ucs2(&octets)),
                _ => Self::Text(payload.to_owned()),
            },
            DataCoding::EightBit => {
                let data = from_hex(payload).or_else(octets);
                Self::Data(data.unwrap_or_else(|| payload.as_bytes().to_vec()))
            }
            DataCoding::Gsm7 | DataCoding::Ucs2 | DataCoding::Other(_) => {
                Self::Text(payload.to_owned())
            }
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Data(data) => write!(f, "Data({} octets)", data.len()),
        }
    }
}

/// The octets of a text whose characters are their numbers.
fn octets_of(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(c).ok()).collect()
}

/// Octets from pairs of hexadecimal digits; `None` when the text is anything else, or empty.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let octets = Hex::parse(text).ok()?.0;
    (!octets.is_empty()).then_some(octets)
}

const ESCAPE: u8 = 0x1b;

/// Decodes septets of the GSM alphabet, one in an octet; the highest bit does not count.
///
/// An escape before a septet that the extension table lacks is a space, as the standard says, and
/// the septet is then read by the default table.
#[must_use]
pub fn gsm7(septets: &[u8]) -> String {
    let table: Vec<char> = gsm::TABLE.chars().collect();
    let extension = |septet: u8| {
        let entry = gsm::EXTENSION.iter().find(|(other, _)| *other == septet);
        entry.map(|(_, c)| *c)
    };
    let plain = |septet: u8| table.get(usize::from(septet)).copied();
    let mut out = String::with_capacity(septets.len());
    let mut septets = septets.iter().map(|octet| octet & 0x7f).peekable();
    while let Some(septet) = septets.next() {
        if septet != ESCAPE {
            out.extend(plain(septet));
            continue;
        }
        match septets.peek().copied().and_then(extension) {
            Some(c) => {
                out.push(c);
                septets.next();
            }
            None => out.push(' '),
        }
    }
    out
}

/// Takes septets out of the octets that they are packed into (3GPP TS 23.038, 6.1.2.1). Seven zero
/// bits at the end are taken for filling, and so is a carriage return there.
#[must_use]
pub fn unpack(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() * 8 / 7);
    let (mut bits, mut waiting) = (0_u16, 0);
    for octet in octets {
        bits |= u16::from(*octet) << waiting;
        waiting += 8;
        while waiting >= 7 {
            out.push((bits & 0x7f) as u8);
            bits >>= 7;
            waiting -= 7;
        }
    }
    if octets.len().is_multiple_of(7) && matches!(out.last(), Some(0 | 0x0d)) {
        out.pop();
    }
    out
}

/// Decodes UCS-2 with the high octet first; pairs of surrogates are taken for what they mean, what
/// cannot be read is U+FFFD.
#[must_use]
pub fn ucs2(octets: &[u8]) -> String {
    let pairs = octets.chunks_exact(2);
    let torn = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut out: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if torn {
        out.push(char::REPLACEMENT_CHARACTER);
    }
    out
}

/// Place of a part in its message, from a user data header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Concatenation {
    /// What the parts of one message have in common, for one sender and for a while.
    pub reference: u16,
    /// Number of parts, at least 1.
    pub total: u8,
    /// Number of this part, from 1.
    pub number: u8,
}

impl Concatenation {
    /// Looks for a concatenation in a user data header that begins with its length (3GPP TS 23.040,
    /// 9.2.3.24): with a reference of 8 bits (9.2.3.24.1) or 16 (9.2.3.24.8). One that makes no
    /// sense is none.
    #[must_use]
    pub fn of_header(header: &[u8]) -> Option<Self> {
        let (length, rest) = header.split_first()?;
        let mut rest = rest.get(..usize::from(*length))?;
        let mut found = None;
        while let [kind, length, tail @ ..] = rest {
            let data = tail.get(..usize::from(*length))?;
            rest = &tail[usize::from(*length)..];
            let (reference, total, number) = match (kind, data) {
                (0x00, [reference, total, number]) => (u16::from(*reference), *total, *number),
                (0x08, [high, low, total, number]) => {
                    (u16::from_be_bytes([*high, *low]), *total, *number)
                }
                _ => continue,
            };
            // The last one counts.
            if (1..=total).contains(&number) {
                found = Some(Self {
                    reference,
                    total,
                    number,
                });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_alphabet_is_whole() {
        assert_eq!(gsm::TABLE.chars().count(), 128);
        assert_eq!(gsm::TABLE.chars().nth(0x1b), Some('\u{1b}'));
        // Some places of the table in 3GPP TS 23.038.
        for (septet, c) in [
            (0x00, "@"),
            (0x02, "$"),
            (0x0a, "\n"),
            (0x10, "Δ"),
            (0x1e, "ß"),
            (0x24, "¤"),
            (0x40, "¡"),
            (0x41, "A"),
            (0x5b, "Ä"),
            (0x5f, "§"),
            (0x60, "¿"),
            (0x7f, "à"),
        ] {
            assert_eq!(gsm7(&[septet]), c, "{septet:x}");
        }
    }

    #[test]
    fn the_extension_and_what_is_not_in_it() {
        assert_eq!(gsm7(b"\x1b\x65 5 \x1b\x28\x1b\x29"), "€ 5 {}");
        assert_eq!(gsm7(b"a\x1bzb"), "a zb");
        assert_eq!(gsm7(b"a\x1b"), "a ");
        assert_eq!(gsm7(b"\x1b\x1b\x65"), " €");
    }

    #[test]
    fn packed_septets() {
        // The samples that everybody has: "hello" and "hellohello".
        let packed = [0xe8, 0x32, 0x9b, 0xfd, 0x06];
        assert_eq!(gsm7(&unpack(&packed)), "hello");
        let packed = [0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37];
        assert_eq!(gsm7(&unpack(&packed)), "hellohello");
        assert_eq!(
            Content::of_user_data(DataCoding::Gsm7, &packed).text(),
            Some("hellohello")
        );
        // Seven septets in seven octets, the last bits filled.
        let packed = [0x31, 0xd9, 0x8c, 0x56, 0xb3, 0xdd, 0x00];
        assert_eq!(gsm7(&unpack(&packed)), "1234567");
    }

    #[test]
    fn coding_schemes() {
        use DataCoding as D;
        for (dcs, coding) in [
            (0x00, D::Gsm7),
            (0x04, D::EightBit),
            (0x08, D::Ucs2),
            (0x0c, D::Other(0x0c)),
            (0x10, D::Gsm7),
            (0x18, D::Ucs2),
            (0x20, D::Other(0x20)),
            (0x44, D::EightBit),
            (0x80, D::Other(0x80)),
            (0xc8, D::Gsm7),
            (0xe0, D::Ucs2),
            (0xf0, D::Gsm7),
            (0xf5, D::EightBit),
        ] {
            assert_eq!(D::of(dcs), coding, "{dcs:x}");
        }
    }

    #[test]
    fn payloads_as_gateways_show_them() {
        use DataCoding as D;
        let text = |coding, payload| {
            let content = Content::of_payload(coding, payload);
            content.text().unwrap().to_owned()
        };
        let data = |payload| {
            let content = Content::of_payload(D::EightBit, payload);
            content.data().unwrap().to_vec()
        };
        assert_eq!(text(D::Gsm7, "door open [1] €"), "door open [1] €");
        assert_eq!(text(D::Gsm7, "a\0b \u{1b}e"), "a@b €");
        assert_eq!(text(D::Gsm7, "two\nlines"), "two\nlines");
        assert_eq!(text(D::Ucs2, "дверь 😀"), "дверь 😀");
        assert_eq!(text(D::Ucs2, "0043"), "0043", "digits are a text");
        assert_eq!(text(D::Ucs2, "\u{0}H\u{0}i"), "Hi");
        assert_eq!(text(D::Other(0x20), "?"), "?");
        assert_eq!(data("00ff7F"), [0x00, 0xff, 0x7f]);
        assert_eq!(data("\u{0}ÿ"), [0x00, 0xff]);
        assert_eq!(data("abc"), *b"abc", "an odd number of digits");
        assert_eq!(data("€"), "€".as_bytes());
        assert_eq!(data(""), *b"");
    }

    #[test]
    fn ucs2_with_surrogates_and_without_an_end() {
        assert_eq!(ucs2(&[0x04, 0x14, 0xd8, 0x3d, 0xde, 0x00]), "Д😀");
        assert_eq!(ucs2(&[0xd8, 0x3d]), "\u{fffd}");
        assert_eq!(ucs2(&[0x00, 0x41, 0x00]), "A\u{fffd}");
    }

    #[test]
    fn headers_of_parts() {
        let of = |hex: &str| {
            let found = Concatenation::of_header(&from_hex(hex).unwrap())?;
            Some((found.reference, found.total, found.number))
        };
        assert_eq!(of("050003cc0201"), Some((0xcc, 2, 1)));
        assert_eq!(of("0608041234030f"), None, "part 15 of 3");
        assert_eq!(of("06080412340302"), Some((0x1234, 3, 2)));
        // Behind another element: application ports.
        assert_eq!(of("0b05040b8423f00003050302"), Some((5, 3, 2)));
        assert_eq!(of("0b05040b8423f000030503"), None, "cut off");
        assert_eq!(of("050003cc0200"), None, "no part 0");
        assert_eq!(of("ff0003cc0201"), None);
        assert_eq!(Concatenation::of_header(&[]), None);
    }
}
