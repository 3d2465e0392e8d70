//! Keeps personal data out of logs and errors.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Shows a text with every run of ten or more digits (ICCIDs, IMSIs, MSISDNs, EIDs, IMEIs)
/// replaced by its last four digits, e-mail addresses and IP addresses replaced altogether.
///
/// ```
/// use mno_runtime::mask::Masked;
/// assert_eq!(Masked("SIM 8999000000000012345 unknown").to_string(), "SIM …2345 unknown");
/// assert_eq!(Masked("Remote IP '198.51.100.7' refused").to_string(), "Remote IP '…' refused");
/// assert_eq!(Masked("via 198.51.100.7:443").to_string(), "via …:443");
/// assert_eq!(Masked("tell a.b@mail.example now").to_string(), "tell … now");
/// assert_eq!(Masked("error 1013, version 12.0").to_string(), "error 1013, version 12.0");
/// ```
#[derive(Clone, Copy)]
pub struct Masked<'a>(pub &'a str);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            // Punctuation at a word's end belongs to the sentence, not to an address.
            let core = word.trim_end_matches(['.', ':', '-']);
            write_word(f, core)?;
            f.write_str(&word[core.len()..])?;
            let next = tail.chars().next().map_or(0, char::len_utf8);
            f.write_str(&tail[..next])?;
            rest = &tail[next..];
        }
        Ok(())
    }
}

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ':' | '@' | '-' | '_' | '+')
}

fn write_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    if word.contains('@') {
        return f.write_str("…");
    }
    // Addresses may have a port, a label or another address right beside them.
    let mut rest = word;
    while let Some((start, end)) = find_address(rest) {
        write_digits(f, &rest[..start])?;
        f.write_str("…")?;
        rest = &rest[end..];
    }
    write_digits(f, rest)
}

/// Where the first IP address in a word begins and ends.
fn find_address(word: &str) -> Option<(usize, usize)> {
    /// The runs of characters of one kind, and where they begin.
    fn pieces(word: &str, part: fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
        let mut at = 0;
        word.split_inclusive(move |c| !part(c)).map(move |piece| {
            let start = at;
            at += piece.len();
            (start, piece.trim_end_matches(|c| !part(c)))
        })
    }
    if !word.contains(['.', ':']) {
        return None;
    }
    let v6 = pieces(word, |c| c.is_ascii_hexdigit() || matches!(c, '.' | ':'))
        .filter(|(_, piece)| piece.matches(':').count() > 1)
        .find_map(|(start, piece)| {
            // `ip:` before an address leaves a colon at its beginning.
            let trimmed = piece.strip_prefix(':').unwrap_or(piece);
            [piece, trimmed]
                .into_iter()
                .find(|text| text.parse::<Ipv6Addr>().is_ok())
                .map(|text| (start + piece.len() - text.len(), start + piece.len()))
        });
    let v4 = pieces(word, |c| c.is_ascii_digit() || c == '.').find_map(|(start, piece)| {
        let text = piece.trim_matches('.');
        let start = start + piece.find(text).unwrap_or(0);
        text.parse::<Ipv4Addr>()
            .is_ok()
            .then_some((start, start + text.len()))
    });
    [v6, v4].into_iter().flatten().min()
}

fn write_digits(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    // Digits may be grouped by dashes (an IMEI): a run goes on over them.
    let mut rest = word;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        f.write_str(&rest[..start])?;
        let run = &rest[start..];
        let end = run
            .find(|c: char| !c.is_ascii_digit() && c != '-')
            .unwrap_or(run.len());
        let (run, tail) = run.split_at(end);
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if digits >= 10 {
            let keep = run.trim_end_matches('-');
            write!(f, "…{}", &keep[keep.len().saturating_sub(4)..])?;
        } else {
            f.write_str(run)?;
        }
        rest = tail;
    }
    f.write_str(rest)
}

/// For generated code: a field with personal data in `Debug` output.
#[doc(hidden)]
pub struct Personal;

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
