//! What kind of thing an answer's body is, by its first bytes.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    Nothing,
    Xml,
    Json,
    Html,
    Text,
}

impl Looks {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(bytes)
            .trim_ascii_start();
        let head = text[..text.len().min(64)].to_ascii_lowercase();
        match text {
            [] => Self::Nothing,
            [b'{' | b'[', ..] => Self::Json,
            _ if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") => Self::Html,
            // UTF-16 with or without its mark.
            [b'<', ..] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, b'<', ..] => Self::Xml,
            _ => Self::Text,
        }
    }
}

/// The title of an HTML page: who answered in the platform's place.
pub(crate) fn html_title(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title>")? + 7;
    let end = lower[start..].find("</title>")? + start;
    Some(text.get(start..end)?.trim().chars().take(80).collect())
}
