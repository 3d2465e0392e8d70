//! From bytes to text: encodings, byte order marks, limits.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::{DecodeError, DecodeErrorKind, Limits};
use crate::error::Position;

/// A document's text.
#[derive(Debug)]
pub struct Document<'a> {
    text: Cow<'a, str>,
    pub(super) limits: Limits,
}

impl<'a> Document<'a> {
    /// Takes the bytes of an answer as text. The encoding is that of the byte order mark, else of
    /// the content type's `charset`, else of the XML declaration, else UTF-8.
    ///
    /// # Errors
    /// When the encoding is unknown, the bytes are not valid in it, or there are too many.
    pub fn new(
        bytes: &'a [u8],
        charset: Option<&str>,
        limits: Limits,
    ) -> Result<Self, DecodeError> {
        if bytes.len() > limits.bytes {
            return Err(refused(format!(
                "the document has more than {} bytes",
                limits.bytes
            )));
        }
        let encoding = match Encoding::for_bom(bytes) {
            Some((encoding, _)) => encoding,
            None => match charset.map(str::to_owned).or_else(|| declared(bytes)) {
                Some(label) => Encoding::for_label(label.trim().as_bytes())
                    .ok_or_else(|| refused("the document's encoding is unknown".to_owned()))?,
                None => without_mark(bytes),
            },
        };
        let (text, encoding, broken) = encoding.decode(bytes);
        if broken {
            return Err(DecodeError::new(
                DecodeErrorKind::Malformed,
                "/".to_owned(),
                Position::new(1, 1),
                format!("the document is not valid {}", encoding.name()),
            ));
        }
        if text.starts_with('\u{feff}') {
            return Err(DecodeError::new(
                DecodeErrorKind::Malformed,
                "/".to_owned(),
                Position::new(1, 1),
                "the document begins with two byte order marks".to_owned(),
            ));
        }
        Ok(Self { text, limits })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn refused(message: String) -> DecodeError {
    DecodeError::new(
        DecodeErrorKind::Refused,
        "/".to_owned(),
        Position::new(1, 1),
        message,
    )
}

/// UTF-16 without a mark begins with `<` and a zero byte, in one order or the other.
fn without_mark(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => UTF_8,
    }
}

/// The `encoding` of an XML declaration in any encoding that keeps ASCII as it is.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(200)];
    let head = head.strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|w| w == b"?>")?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    // A document that reached us as bytes of ASCII cannot be what this label says.
    (!label.to_ascii_lowercase().starts_with("utf-16")).then(|| label.to_owned())
}
