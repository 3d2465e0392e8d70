use std::fmt::Display;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::multipart::{File, Multipart, Parts as MultipartParts};
use super::params::{Parts, Style, parts};
use super::uri::{PathError, encoded, expand};
use crate::json::checks::check_methods;
use crate::json::{Encode, EncodeError, to_vec};

/// What a generated operation writes its request to.
#[derive(Debug, Default)]
pub struct RequestWriter {
    path: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    cookies: Vec<String>,
    body: Bytes,
}

/// A finished request without method and base path.
pub(super) struct Written {
    pub(super) path_and_query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

pub(super) enum WriteError {
    /// A value of the caller's is wrong.
    Value(EncodeError),
    /// The path that was configured for the operation is wrong.
    Template(String),
}

fn refuse(path: impl Display, reason: impl Into<String>) -> EncodeError {
    EncodeError::new(path.to_string(), reason.into())
}

impl RequestWriter {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A path parameter.
    ///
    /// # Errors
    /// When the value breaks the contract or is empty.
    pub fn path<T: Encode + ?Sized>(
        &mut self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &T,
    ) -> Result<(), EncodeError> {
        let text = parts(name, value, style)?
            .in_path(name, style, explode)
            .ok_or_else(|| refuse(name, "a path parameter cannot be empty"))?;
        self.path.push((name, text));
        Ok(())
    }

    /// A query parameter.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn query<T: Encode + ?Sized>(
        &mut self,
        name: &str,
        style: Style,
        explode: bool,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.query
            .extend(parts(name, value, style)?.in_query(name, style, explode));
        Ok(())
    }

    /// A query parameter in which reserved characters stand for themselves (`allowReserved`), but
    /// for those that would end the value: `&`, `#`, `+`, brackets.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn query_reserved<T: Encode + ?Sized>(
        &mut self,
        name: &str,
        style: Style,
        explode: bool,
        value: &T,
    ) -> Result<(), EncodeError> {
        let pairs = parts(name, value, style)?.in_query(name, style, explode);
        self.query
            .extend(pairs.into_iter().map(|(k, v)| (k, reserved(&v))));
        Ok(())
    }

    /// A path parameter whose value is JSON.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn path_json<T: Encode + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let json = to_vec(value)?;
        self.path
            .push((name, encoded(&String::from_utf8_lossy(&json))));
        Ok(())
    }

    /// A header whose value is JSON; what is not ASCII is escaped.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn header_json<T: Encode + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let json = to_vec(value)?;
        let mut text = String::with_capacity(json.len());
        for unit in String::from_utf8_lossy(&json).encode_utf16() {
            match u8::try_from(unit) {
                Ok(byte) if byte.is_ascii() => text.push(char::from(byte)),
                _ => text.push_str(&format!("\\u{unit:04x}")),
            }
        }
        self.insert_header(name, text)
    }

    /// A cookie whose value is JSON.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn cookie_json<T: Encode + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let json = to_vec(value)?;
        self.push_cookie(&encoded(name), &encoded(&String::from_utf8_lossy(&json)));
        Ok(())
    }

    pub(super) fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    pub(super) fn push_query(&mut self, name: String, value: String) {
        self.query.push((name, value));
    }

    pub(super) fn push_cookie(&mut self, name: &str, value: &str) {
        self.cookies.push(format!("{name}={value}"));
    }

    /// A query parameter whose value is JSON.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn query_json<T: Encode + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let json = to_vec(value)?;
        self.query
            .push((encoded(name), encoded(&String::from_utf8_lossy(&json))));
        Ok(())
    }

    /// A header.
    ///
    /// # Errors
    /// When the value breaks the contract or cannot stand in a header.
    pub fn header<T: Encode + ?Sized>(
        &mut self,
        name: &'static str,
        explode: bool,
        value: &T,
    ) -> Result<(), EncodeError> {
        let text = parts(name, value, Style::Simple)?.in_header(explode);
        self.insert_header(name, text)
    }

    fn insert_header(&mut self, name: &'static str, text: String) -> Result<(), EncodeError> {
        let header = HeaderName::try_from(name).map_err(|_| refuse(name, "no header's name"))?;
        let value = HeaderValue::try_from(text)
            .map_err(|_| refuse(name, "cannot stand in a header: it has control characters"))?;
        self.headers.insert(header, value);
        Ok(())
    }

    /// A cookie.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn cookie<T: Encode + ?Sized>(
        &mut self,
        name: &str,
        explode: bool,
        value: &T,
    ) -> Result<(), EncodeError> {
        for (name, value) in parts(name, value, Style::Form)?.in_query(name, Style::Form, explode) {
            self.push_cookie(&name, &value);
        }
        Ok(())
    }

    fn content(&mut self, content_type: &str, body: Bytes) -> Result<(), EncodeError> {
        let value = HeaderValue::try_from(content_type)
            .map_err(|_| refuse("body", "its media type cannot stand in a header"))?;
        self.headers.insert(header::CONTENT_TYPE, value);
        self.body = body;
        Ok(())
    }

    /// A JSON body.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn json<T: Encode + ?Sized>(
        &mut self,
        content_type: &str,
        value: &T,
    ) -> Result<(), EncodeError> {
        let json = to_vec(value)?;
        self.content(content_type, json.into())
    }

    /// A form (`application/x-www-form-urlencoded`); lists repeat their name, objects are JSON.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn form<T: Encode + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.form_with(value, &[])
    }

    /// A form, with members that have a layout of their own.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn form_with<T: Encode + ?Sized>(
        &mut self,
        value: &T,
        layouts: &[(&str, Style, bool)],
    ) -> Result<(), EncodeError> {
        let json = to_vec(value)?;
        let members: std::collections::BTreeMap<String, crate::json::Value> =
            crate::json::from_slice(&json).map_err(|_| refuse("", "a form has to be an object"))?;
        let mut pairs = Vec::new();
        for (name, value) in &members {
            let layout = layouts.iter().find(|(member, ..)| member == name);
            if let Some((_, style, explode)) = layout {
                pairs.extend(parts(name, value, *style)?.in_query(name, *style, *explode));
                continue;
            }
            match parts(name, value, Style::Form) {
                Ok(Parts::Members(_)) | Err(_) => {
                    let items = match value {
                        crate::json::Value::Array(items) => items.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    for item in items {
                        let json = to_vec(item)?;
                        pairs.push((encoded(name), encoded(&String::from_utf8_lossy(&json))));
                    }
                }
                Ok(parts) => pairs.extend(parts.in_query(name, Style::Form, true)),
            }
        }
        self.content("application/x-www-form-urlencoded", joined(&pairs).into())
    }

    /// A body in parts (`multipart/form-data`).
    ///
    /// # Errors
    /// When a value breaks the contract.
    pub fn multipart<T: Multipart + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.multipart_with(value, &[])
    }

    /// A body in parts, with media types of parts that have one of their own. A file that has one
    /// keeps it.
    ///
    /// # Errors
    /// When a value breaks the contract.
    pub fn multipart_with<T: Multipart + ?Sized>(
        &mut self,
        value: &T,
        types: &'static [(&'static str, &'static str)],
    ) -> Result<(), EncodeError> {
        let mut parts = MultipartParts::with_types(types);
        value.parts(&mut parts)?;
        let (content_type, body) = parts.finish();
        self.content(&content_type, body)
    }

    /// A text.
    ///
    /// # Errors
    /// Never for a media type that can stand in a header.
    pub fn text(&mut self, content_type: &str, text: &str) -> Result<(), EncodeError> {
        self.content(content_type, Bytes::copy_from_slice(text.as_bytes()))
    }

    /// Bytes, with the file's media type if it has one.
    ///
    /// # Errors
    /// When the file's media type cannot stand in a header.
    pub fn bytes(&mut self, content_type: &str, file: &File) -> Result<(), EncodeError> {
        let content_type = file.content_type.as_deref().unwrap_or(content_type);
        self.content(content_type, file.bytes.clone())
    }

    check_methods!();

    fn error(&self, name: impl Display, reason: String) -> EncodeError {
        refuse(name, reason)
    }

    /// Everything that was written.
    pub(super) fn identity(&self) -> String {
        format!(
            "{:?} {:?} {:?} {:?} {:?}",
            self.path, self.query, self.headers, self.cookies, self.body
        )
    }

    pub(super) fn finish(mut self, base: &str, template: &str) -> Result<Written, WriteError> {
        let path = expand(template, &self.path).map_err(|e| match e {
            PathError::Template(message) => WriteError::Template(message),
            PathError::Segment(name) => {
                let reason = "a path parameter cannot be empty, `.` or `..`";
                WriteError::Value(refuse(&name, reason))
            }
        })?;
        let base = base.trim_end_matches('/');
        let slash = if path.starts_with('/') { "" } else { "/" };
        let mut path_and_query = format!("{base}{slash}{path}");
        if !self.query.is_empty() {
            // A template may have a query of its own.
            path_and_query.push(if path_and_query.contains('?') {
                '&'
            } else {
                '?'
            });
            path_and_query.push_str(&joined(&self.query));
        }
        if !self.cookies.is_empty() {
            let value = HeaderValue::try_from(self.cookies.join("; "))
                .map_err(|_| WriteError::Value(refuse("cookie", "cannot stand in a header")))?;
            self.headers.insert(header::COOKIE, value);
        }
        Ok(Written {
            path_and_query,
            headers: self.headers,
            body: self.body,
        })
    }
}

/// An encoded value with reserved characters as they are, but for those that would end it.
fn reserved(value: &str) -> String {
    const KEPT: [(&str, &str); 13] = [
        ("%3A", ":"),
        ("%2F", "/"),
        ("%3F", "?"),
        ("%40", "@"),
        ("%21", "!"),
        ("%24", "$"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%2C", ","),
        ("%3B", ";"),
        ("%3D", "="),
    ];
    KEPT.iter()
        .fold(value.to_owned(), |text, (code, c)| text.replace(code, c))
}

fn joined(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}
