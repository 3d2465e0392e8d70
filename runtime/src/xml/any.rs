//! What a contract leaves open: elements and attributes of any kind.

use std::fmt;

use super::Limits;
use super::document::Document;
use super::{Cursor, DecodeError, NamespaceTable};

/// An element that the contract does not describe (`xs:any`, `xs:anyType`), kept as XML.
///
/// The text stands alone: the namespaces that it uses are declared on its root, with the prefixes
/// that they came with.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AnyElement {
    xml: Box<str>,
}

impl AnyElement {
    /// Takes a text with one element.
    ///
    /// # Errors
    /// When it is not one well-formed element.
    pub fn parse(xml: impl Into<String>) -> Result<Self, DecodeError> {
        let xml = xml.into();
        let document = Document::new(xml.as_bytes(), Some("utf-8"), Limits::default())?;
        let table = NamespaceTable::new(&[]);
        let mut cursor = Cursor::new(&document, &table);
        let tag = cursor.root()?;
        let any = cursor.any(&tag)?;
        cursor.finish()?;
        Ok(any)
    }

    pub(super) fn from_wire(xml: String) -> Self {
        Self { xml: xml.into() }
    }

    /// The element as XML.
    #[must_use]
    pub fn as_xml(&self) -> &str {
        &self.xml
    }

    /// What stands in the start tag after the name, and what stands between the tags.
    pub(super) fn parts(&self) -> (&str, &str) {
        let name_end = self
            .xml
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
            .unwrap_or(self.xml.len());
        let mut quote = None;
        let tag_end = self.xml[name_end..].find(|c| match (quote, c) {
            (None, '>') => true,
            (None, '"' | '\'') => {
                quote = Some(c);
                false
            }
            (Some(q), c) if q == c => {
                quote = None;
                false
            }
            _ => false,
        });
        let tag_end = tag_end.map_or(self.xml.len(), |at| at + name_end);
        let attributes = &self.xml[name_end..tag_end];
        match attributes.strip_suffix('/') {
            Some(attributes) => (attributes.trim_end(), ""),
            None => {
                let content_end = self.xml.rfind("</").unwrap_or(tag_end);
                let content = self.xml.get(tag_end + 1..content_end);
                (attributes.trim_end(), content.unwrap_or_default())
            }
        }
    }

    /// Local name of the element.
    #[must_use]
    pub fn local(&self) -> &str {
        let end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        let name = self
            .xml
            .trim_start_matches('<')
            .split(end)
            .next()
            .unwrap_or_default();
        name.rsplit(':').next().unwrap_or_default()
    }
}

impl fmt::Debug for AnyElement {
    /// Shows name and size: what is inside may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyElement({}, {} bytes)", self.local(), self.xml.len())
    }
}

/// An attribute that the contract does not describe (`xs:anyAttribute`).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AnyAttribute {
    /// Namespace; empty for none.
    pub namespace: String,
    /// The prefix that it came with.
    pub prefix: String,
    /// Local name.
    pub local: String,
    /// Value, references resolved.
    pub value: String,
}

impl AnyAttribute {
    /// An attribute in no namespace.
    pub fn new(local: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            namespace: String::new(),
            prefix: String::new(),
            local: local.into(),
            value: value.into(),
        }
    }

    /// The same attribute in a namespace, written with this prefix.
    #[must_use]
    pub fn in_namespace(mut self, prefix: impl Into<String>, uri: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self.namespace = uri.into();
        self
    }
}

impl fmt::Debug for AnyAttribute {
    /// Shows the name: the value may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyAttribute({})", self.local)
    }
}
