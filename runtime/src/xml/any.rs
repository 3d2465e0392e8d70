//! What a contract leaves open: elements and attributes of any kind.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::Limits;
use super::document::Document;
use super::{Cursor, DecodeError, NamespaceTable};

/// An element that the contract does not describe (`xs:any`, `xs:anyType`), kept as XML.
///
/// The text stands alone: the namespaces that it uses are declared on its root, with the prefixes
/// that they came with. Two are equal if their names mean the same, and their attributes and
/// content read the same; what is declared and not used does not count.
#[derive(Clone)]
pub struct AnyElement {
    xml: Box<str>,
}

/// Name and value of an attribute, as they are written.
type Written<'x> = (&'x str, &'x str);

/// Attributes of a start tag that was read before: it is well-formed.
fn attributes(mut text: &str) -> Vec<Written<'_>> {
    let mut out = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let rest = rest.trim_ascii_start();
        let Some(quote) = rest.chars().next() else {
            break;
        };
        let Some((value, tail)) = rest.get(1..).and_then(|rest| rest.split_once(quote)) else {
            break;
        };
        out.push((name.trim_ascii(), value));
        text = tail;
    }
    out
}

/// The prefix that an attribute declares; empty for the default namespace.
fn declared(name: &str) -> Option<&str> {
    match name.split_once(':') {
        None => (name == "xmlns").then_some(""),
        Some((xmlns, prefix)) => (xmlns == "xmlns").then_some(prefix),
    }
}

impl PartialEq for AnyElement {
    fn eq(&self, other: &Self) -> bool {
        self.xml == other.xml
            || self.local() == other.local()
                && self.namespace() == other.namespace()
                && self.used() == other.used()
                && self.parts().1 == other.parts().1
    }
}

impl Eq for AnyElement {}

impl Hash for AnyElement {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.local().hash(state);
        self.parts().1.hash(state);
    }
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

    /// Attributes that say something: declarations only where attributes or content use them.
    /// Sorted.
    pub(super) fn used(&self) -> Vec<Written<'_>> {
        let (tag, content) = self.parts();
        let all = attributes(tag);
        let is_used = |prefix: &str| {
            let start = format!("{prefix}:");
            let in_values = |(name, value): &Written<'_>| {
                declared(name).is_none() && (name.starts_with(&start) || value.contains(&start))
            };
            // A default namespace is for the elements inside.
            content.contains(if prefix.is_empty() { "<" } else { &start })
                || all.iter().any(in_values)
        };
        let mut used: Vec<Written<'_>> = all
            .iter()
            .filter(|(name, _)| declared(name).is_none_or(is_used))
            .copied()
            .collect();
        used.sort_unstable();
        used
    }

    /// Namespace of the element, as it is written; empty for none.
    fn namespace(&self) -> &str {
        let name = self.name();
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        attributes(self.parts().0)
            .iter()
            .find(|(name, _)| declared(name) == Some(prefix))
            .map_or("", |(_, value)| *value)
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
        self.name().rsplit(':').next().unwrap_or_default()
    }

    /// Name of the element, with the prefix that it came with.
    fn name(&self) -> &str {
        let end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        let text = self.xml.trim_start_matches('<');
        text.split(end).next().unwrap_or_default()
    }
}

impl fmt::Debug for AnyElement {
    /// Shows name and size: what is inside may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyElement({}, {} bytes)", self.local(), self.xml.len())
    }
}

/// An attribute that the contract does not describe (`xs:anyAttribute`).
///
/// The prefix is kept unless the message needs it for something else; two are equal whatever their
/// prefixes.
#[derive(Clone)]
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

impl PartialEq for AnyAttribute {
    fn eq(&self, other: &Self) -> bool {
        (&self.namespace, &self.local, &self.value)
            == (&other.namespace, &other.local, &other.value)
    }
}

impl Eq for AnyAttribute {}

impl Hash for AnyAttribute {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.namespace, &self.local, &self.value).hash(state);
    }
}

impl fmt::Debug for AnyAttribute {
    /// Shows the name: the value may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyAttribute({})", self.local)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The first child of a document's root, kept.
    fn first_child(xml: &str) -> AnyElement {
        let document = Document::new(xml.as_bytes(), Some("utf-8"), Limits::default()).unwrap();
        let table = NamespaceTable::new(&[]);
        let mut cursor = Cursor::new(&document, &table);
        cursor.root().unwrap();
        let tag = cursor.next_child().unwrap().unwrap();
        cursor.any(&tag).unwrap()
    }

    #[test]
    fn outer_namespaces_are_declared_after_the_whole_name() {
        // The local name stands in the prefix as well.
        let kept =
            first_child("<x:E xmlns:x='urn:x' xmlns='urn:d'><z:z xmlns:z='urn:z'>1</z:z></x:E>");
        assert_eq!(
            kept.as_xml(),
            "<z:z xmlns=\"urn:d\" xmlns:z='urn:z'>1</z:z>"
        );
        let kept = first_child("<cfg:E xmlns:cfg='urn:c'><cfg:cfg/></cfg:E>");
        assert_eq!(kept.as_xml(), "<cfg:cfg xmlns:cfg=\"urn:c\"/>");
        let kept = first_child("<g:E xmlns:g='urn:g'><g:g\n a='1'>2</g:g></g:E>");
        assert_eq!(kept.as_xml(), "<g:g xmlns:g=\"urn:g\"\n a='1'>2</g:g>");
        let read = AnyElement::parse(kept.as_xml()).unwrap();
        assert_eq!(read, kept);
    }
}
