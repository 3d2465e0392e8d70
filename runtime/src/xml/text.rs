//! Escaping and references.

use std::borrow::Cow;

/// The character or text that `&name;` stands for.
pub(super) fn resolve_reference(name: &str, out: &mut String) -> bool {
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let code = match name.strip_prefix('#') {
                Some(n) => match n.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => n.parse().ok(),
                },
                None => None,
            };
            match code.and_then(char::from_u32).filter(|c| is_xml_char(*c)) {
                Some(c) => c,
                None => return false,
            }
        }
    };
    out.push(c);
    true
}

/// An attribute's value: references resolved, white space made spaces.
pub(super) fn attribute_value(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.contains(['&', '\t', '\n', '\r']) {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        out.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'&' {
            let end = rest[at..].find(';')? + at;
            if !resolve_reference(&rest[at + 1..end], &mut out) {
                return None;
            }
            rest = &rest[end + 1..];
        } else {
            out.push(' ');
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// Line ends as XML wants them read.
pub(super) fn push_normalized(raw: &str, out: &mut String) {
    if raw.contains('\r') {
        out.push_str(&raw.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        out.push_str(raw);
    }
}

/// Writes text content; `false` when a character cannot stand in XML.
pub(super) fn escape_text(text: &str, out: &mut String) -> bool {
    escape(text, out, |c| match c {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    })
}

/// Writes an attribute's value; `false` when a character cannot stand in XML.
pub(super) fn escape_attribute(text: &str, out: &mut String) -> bool {
    escape(text, out, |c| match c {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    })
}

fn escape(text: &str, out: &mut String, special: fn(u8) -> Option<&'static str>) -> bool {
    let mut from = 0;
    for (i, b) in text.bytes().enumerate() {
        if let Some(entity) = special(b) {
            out.push_str(&text[from..i]);
            out.push_str(entity);
            from = i + 1;
        } else if b < 0x20 && !matches!(b, b'\t' | b'\n') {
            return false;
        }
    }
    out.push_str(&text[from..]);
    !text.contains(['\u{fffe}', '\u{ffff}'])
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// White space of XML only.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}
