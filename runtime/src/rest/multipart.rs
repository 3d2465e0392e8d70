//! Bodies in parts, and files.

use std::fmt;
use std::fmt::Write as _;

pub use bytes::Bytes;

use crate::json::{Encode, EncodeError, to_vec};

/// A file that is sent: its bytes, and what the other side is told of them.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct File {
    /// Name, if one is told.
    pub name: Option<String>,
    /// Media type; `application/octet-stream` when none is given.
    pub content_type: Option<String>,
    /// Content.
    pub bytes: Bytes,
}

impl File {
    /// A file without a name.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            ..Self::default()
        }
    }

    /// With a name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With a media type.
    #[must_use]
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }
}

impl<T: Into<Bytes>> From<T> for File {
    fn from(bytes: T) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} bytes)", self.bytes.len())
    }
}

/// A body that is sent in parts (`multipart/form-data`).
pub trait Multipart {
    /// Writes the parts.
    ///
    /// # Errors
    /// When a value is missing or breaks the contract, with its path.
    fn parts(&self, parts: &mut Parts) -> Result<(), EncodeError>;
}

/// The parts of a body.
#[derive(Debug, Default)]
pub struct Parts {
    parts: Vec<(String, Bytes)>,
    /// Media types that the contract gives to parts.
    types: &'static [(&'static str, &'static str)],
}

/// Any names, a part for each.
impl<T: Encode> Multipart for std::collections::BTreeMap<String, T> {
    fn parts(&self, parts: &mut Parts) -> Result<(), EncodeError> {
        self.iter()
            .try_for_each(|(name, value)| parts.value(name, value))
    }
}

/// Files under any names.
impl Multipart for std::collections::BTreeMap<String, File> {
    fn parts(&self, parts: &mut Parts) -> Result<(), EncodeError> {
        for (name, file) in self {
            parts.file(name, file);
        }
        Ok(())
    }
}

impl Parts {
    pub(super) fn with_types(types: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            parts: Vec::new(),
            types,
        }
    }

    fn type_of(&self, name: &str) -> Option<&'static str> {
        let found = self.types.iter().find(|(part, _)| *part == name);
        found.map(|(_, media_type)| *media_type)
    }

    fn push(&mut self, name: &str, file: Option<&str>, content_type: Option<&str>, body: Bytes) {
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        if let Some(file) = file {
            let _ = write!(head, "; filename=\"{}\"", quoted(file));
        }
        if let Some(content_type) = content_type {
            let _ = write!(head, "\r\nContent-Type: {}", quoted(content_type));
        }
        self.parts.push((head, body));
    }

    /// A file.
    pub fn file(&mut self, name: &str, file: &File) {
        let content_type = file
            .content_type
            .as_deref()
            .or_else(|| self.type_of(name))
            .unwrap_or("application/octet-stream");
        // Servers take a part for a file when it has a file name.
        let file_name = file.name.as_deref().unwrap_or(name);
        self.push(
            name,
            Some(file_name),
            Some(content_type),
            file.bytes.clone(),
        );
    }

    /// A value: texts, numbers and booleans as text, objects as JSON, a list as a part for each
    /// item; as JSON too where the contract gives the part that media type.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn value<T: Encode + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), EncodeError> {
        use super::params;
        let media_type = self.type_of(name);
        let is_json = media_type.is_some_and(|t| {
            let essence = t.split(';').next().unwrap_or_default().trim();
            essence == "application/json" || essence.ends_with("+json")
        });
        if is_json {
            let json = to_vec(value)?;
            self.push(name, None, media_type, json.into());
            return Ok(());
        }
        match params::parts(name, value, params::Style::Form) {
            Ok(params::Parts::One(text)) => self.push(name, None, media_type, text.into()),
            Ok(params::Parts::Many(items)) => {
                for item in items {
                    self.push(name, None, media_type, item.into());
                }
            }
            Ok(params::Parts::Members(_) | params::Parts::Deep(_)) | Err(_) => {
                let json = to_vec(value)?;
                self.push(name, None, Some("application/json"), json.into());
            }
        }
        Ok(())
    }

    /// Content type and body.
    pub(super) fn finish(self) -> (String, Bytes) {
        let boundary = self.boundary();
        let mut out = Vec::new();
        for (head, body) in &self.parts {
            out.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (
            format!("multipart/form-data; boundary={boundary}"),
            out.into(),
        )
    }

    /// A text that no part has in it: the same for the same parts.
    fn boundary(&self) -> String {
        for n in 0_u32.. {
            let boundary = format!("mno-part-{n:08x}");
            let found = self.parts.iter().any(|(_, body)| {
                body.windows(boundary.len())
                    .any(|window| window == boundary.as_bytes())
            });
            if !found {
                return boundary;
            }
        }
        String::new()
    }
}

/// A text inside a quoted parameter (HTML's way: quotes and line ends percent-encoded).
fn quoted(text: &str) -> String {
    text.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
