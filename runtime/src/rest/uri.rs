//! Percent-encoding (RFC 3986) and path templates.

use std::fmt::Write as _;

/// Adds a text with everything but unreserved characters percent-encoded.
pub(super) fn push_encoded(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// As [`encoded`], for a segment of a path, where `:` and `@` stand for themselves: platforms write
/// `icc:8999…`, and not all gateways take the escape for the same.
pub(super) fn encoded_segment(text: &str) -> String {
    encoded(text).replace("%3A", ":").replace("%40", "@")
}

pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(&mut out, text);
    out
}

/// What is wrong with a template or with what was to fill it.
pub(super) enum PathError {
    /// The template names a parameter that the operation does not have, or leaves one out.
    Template(String),
    /// A segment would be empty, `.` or `..`.
    Segment(String),
}

/// Fills a path template: `{name}` takes the value of that name, encoded already.
pub(super) fn expand(template: &str, values: &[(&str, String)]) -> Result<String, PathError> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut used = vec![false; values.len()];
    for (i, segment) in template.split('/').enumerate() {
        if i > 0 {
            out.push('/');
        }
        let start = out.len();
        let mut rest = segment;
        let mut last = None;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                return Err(PathError::Template(format!(
                    "`{{` without `}}` in {template}"
                )));
            };
            let Some(at) = values.iter().position(|(n, _)| *n == name) else {
                return Err(PathError::Template(format!(
                    "there is no path parameter `{name}`"
                )));
            };
            used[at] = true;
            out.push_str(before);
            out.push_str(&values[at].1);
            last = Some(name);
            rest = after;
        }
        out.push_str(rest);
        if let (Some(name), "" | "." | "..") = (last, &out[start..]) {
            return Err(PathError::Segment(name.to_owned()));
        }
    }
    match used.iter().position(|used| !used) {
        Some(at) => Err(PathError::Template(format!(
            "{template} leaves out `{}`",
            values[at].0
        ))),
        None => Ok(out),
    }
}
