//! From bytes to a parsed document, within bounds.

use std::io::Read as _;
use std::path::Path;

use roxmltree::Document;

/// No contract is this large; a file that is was not meant for us.
const MAX_BYTES: u64 = 64 << 20;
/// Deepest nesting of elements; everything that recurses over a document relies on it.
const MAX_DEPTH: usize = 256;

/// Parses a document; the error is an offset, a message and perhaps help.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, (usize, String, Option<String>)> {
    if let Some(offset) = web_page(text) {
        let help = "download the contract itself; pages that ask to sign in or refuse come with \
                    its name too";
        let message = "this is a web page, not a contract".to_owned();
        return Err((offset, message, Some(help.to_owned())));
    }
    let document = Document::parse(text).map_err(|error| {
        use roxmltree::Error;
        if matches!(
            error,
            Error::UnexpectedEndOfStream | Error::UnclosedRootNode
        ) {
            let message = "not well-formed XML: the file ends before its root element does";
            let help = "get the file again: it is not complete".to_owned();
            return (text.trim_end().len(), message.to_owned(), Some(help));
        }
        if matches!(error, Error::DtdDetected) {
            let offset = text.find("<!DOCTYPE").unwrap_or(0);
            let help = "remove the DOCTYPE; entities of a DTD are never expanded".to_owned();
            return (
                offset,
                "the document has a DOCTYPE, which is refused".to_owned(),
                Some(help),
            );
        }
        let position = error.pos();
        let offset = offset_of(text, position.row, position.col);
        let mut message = error.to_string();
        // roxmltree ends its messages with the position, which the diagnostic shows anyway.
        if let Some(end) = message.rfind(" at ") {
            message.truncate(end);
        }
        (offset, format!("not well-formed XML: {message}"), None)
    })?;
    let mut depth = 0_usize;
    let mut node = document.root();
    // Iterative pre-order walk: documents may nest deeper than any stack.
    loop {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > MAX_DEPTH {
                let message = format!("elements are nested more than {MAX_DEPTH} deep");
                return Err((child.range().start, message, None));
            }
            node = child;
            continue;
        }
        loop {
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return Ok(document),
            }
            depth = depth.saturating_sub(1);
        }
    }
}

/// Where an HTML page begins, if it is one, well-formed or not.
fn web_page(text: &str) -> Option<usize> {
    let mut rest = text.trim_start();
    // What may stand before the page itself.
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ => break,
        };
        rest = rest.split_once(end)?.1.trim_start();
    }
    let begins = |with: &str| {
        let head = rest.get(..with.len());
        let next = rest.get(with.len()..).and_then(|rest| rest.chars().next());
        head.is_some_and(|head| head.eq_ignore_ascii_case(with))
            && next.is_none_or(|c| c == '>' || c.is_ascii_whitespace())
    };
    (begins("<!doctype html") || begins("<html")).then(|| text.len() - rest.len())
}

fn offset_of(text: &str, row: u32, column: u32) -> usize {
    let row = row.saturating_sub(1) as usize;
    let column = column.saturating_sub(1) as usize;
    let start = match row.checked_sub(1) {
        None => 0,
        Some(index) => text
            .match_indices('\n')
            .nth(index)
            .map_or(text.len(), |(i, _)| i + 1),
    };
    let line = text.get(start..).unwrap_or_default();
    start
        + line
            .char_indices()
            .nth(column)
            .map_or(line.len(), |(i, _)| i)
}

/// Reads a file as text.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    let metadata = path.metadata().map_err(|e| e.to_string())?;
    if metadata.is_dir() {
        return Err("it is a directory".to_owned());
    }
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| e.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("larger than {} MiB", MAX_BYTES >> 20));
    }
    decode(bytes)
}

/// UTF-8 and UTF-16 with or without a byte order mark, and ISO-8859-1 when it is declared.
fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| match pair {
            [a, b] => from([*a, *b]),
            _ => 0xFFFD,
        });
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| "not valid UTF-16".to_owned())
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => return wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return wide(rest, u16::from_be_bytes),
        [b'<', 0, ..] => return wide(&bytes, u16::from_le_bytes),
        [0, b'<', ..] => return wide(&bytes, u16::from_be_bytes),
        _ => {}
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text
            .strip_prefix('\u{FEFF}')
            .map(str::to_owned)
            .unwrap_or(text)),
        Err(error) => {
            let bytes = error.into_bytes();
            let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
            let head = String::from_utf8_lossy(head).to_ascii_lowercase();
            if ["iso-8859-1", "latin1", "windows-1252", "us-ascii"]
                .iter()
                .any(|n| head.contains(n))
            {
                Ok(bytes.into_iter().map(char::from).collect())
            } else {
                Err("not valid UTF-8, and no other supported encoding is declared".to_owned())
            }
        }
    }
}
