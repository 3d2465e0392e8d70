//! A call as an operation sees it: parameters, headers, body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::Value;

use super::Arrived;

/// Names and values in a path.
pub(super) type Parameters = Vec<(&'static str, String)>;

/// A call of an operation.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// Whose token it came with; empty for calls for a token.
    pub(crate) account: String,
    parameters: Parameters,
    query: Vec<(String, String)>,
    headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
}

impl<'a> Call<'a> {
    pub(super) fn new(account: String, parameters: Parameters, arrived: &'a Arrived<'_>) -> Self {
        Self {
            account,
            parameters,
            query: pairs(arrived.query),
            headers: arrived.headers,
            body: arrived.body,
        }
    }

    /// A parameter in the path, if the route has one of this name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        all.find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }

    /// A parameter that the route has in its path.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.parameter(name).unwrap_or_default()
    }

    /// The parameters in the path, in their order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(_, value)| value.as_str())
    }

    /// The whole query.
    pub(crate) fn whole_query(&self) -> &[(String, String)] {
        &self.query
    }

    /// A parameter of the query; of several of this name the first.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.queries(name).next()
    }

    /// All parameters of this name in the query.
    pub(crate) fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.query.iter().filter(move |(n, _)| n == name);
        named.map(|(_, v)| v.as_str())
    }

    /// A name in the query that is none of these.
    pub(crate) fn unknown_query(&self, known: &[&str]) -> Option<&str> {
        let names = self.query.iter().map(|(name, _)| name.as_str());
        names.into_iter().find(|name| !known.contains(name))
    }

    /// A header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The media type of the body, without parameters and in lower case.
    pub(crate) fn media_type(&self) -> String {
        let whole = self.header(header::CONTENT_TYPE.as_str());
        let bare = whole.and_then(|t| t.split(';').next()).unwrap_or_default();
        bare.trim().to_ascii_lowercase()
    }

    /// The body as JSON, if it is that and says so.
    pub(crate) fn json(&self) -> Option<Value> {
        let says_so = self.media_type() == "application/json";
        says_so
            .then(|| serde_json::from_slice(self.body).ok())
            .flatten()
    }

    /// The body as a form, if it says that it is one.
    pub(crate) fn form(&self) -> Option<Form> {
        let says_so = self.media_type() == "application/x-www-form-urlencoded";
        says_so.then(|| Form(pairs(&String::from_utf8_lossy(self.body))))
    }

    /// Name and password of HTTP Basic authentication.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let header = self.header(header::AUTHORIZATION.as_str())?;
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (name, password) = decoded.split_once(':')?;
        Some((name.to_owned(), password.to_owned()))
    }
}

/// Fields of a form.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// A field; of several of this name the first.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// The parameters of a path, if it fits the template.
pub(super) fn match_path(template: &'static str, path: &str) -> Option<Parameters> {
    let mut parameters = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parameters),
            (Some(wanted), Some(given)) => {
                let name = wanted.strip_prefix('{').and_then(|n| n.strip_suffix('}'));
                match name {
                    Some(name) if !given.is_empty() => parameters.push((name, decode(given))),
                    None if wanted == given => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

/// Reads `a=b&c=d`.
fn pairs(text: &str) -> Vec<(String, String)> {
    let pieces = text.split('&').filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| {
            let piece = piece.replace('+', " ");
            let (name, value) = piece.split_once('=').unwrap_or((&piece, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Undoes percent encoding; what is none stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3);
        let decoded = digits
            .filter(|d| byte == b'%' && d.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|d| u8::from_str_radix(d, 16).ok());
        out.push(decoded.unwrap_or(byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn paths() {
        let fits = |template, path| match_path(template, path);
        assert_eq!(fits("/v1/sims", "/v1/sims"), Some(vec![]));
        assert_eq!(fits("/v1/sims", "/v1/sims/"), None);
        assert_eq!(fits("/v1/sims/{iccid}", "/v1/sims/"), None);
        assert_eq!(fits("/v1/sims/{iccid}", "/v1/sims/1/sms"), None);
        assert_eq!(
            fits("/{kind}/", "/apple%20watch/"),
            Some(vec![("kind", "apple watch".to_owned())])
        );
        assert_eq!(
            fits("/{kind}/{id}/end", "/a/b%2Fc/end").unwrap()[1],
            ("id", "b/c".to_owned())
        );
    }

    #[test]
    fn encoded_pairs() {
        let expected = [("a b", "c&d"), ("q", ""), ("%zz", "%4"), ("ü", "1")];
        let expected = expected.map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(pairs("a+b=c%26d&q&&%zz=%4&%C3%BC=1"), expected);
    }
}
