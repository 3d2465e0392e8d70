//! Elements of the input that know their file.

use roxmltree::{Document, Node};

use crate::diag::{Diagnostic, Location, Severity};

use super::names::XSD;
use super::source::{Source, Sources};

/// An element and the file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Elem<'a> {
    /// The node.
    pub(crate) node: Node<'a, 'a>,
    /// Index of its file in [`Sources::files`].
    pub(crate) file: usize,
    source: &'a Source,
}

impl<'a> Elem<'a> {
    /// The root element of a document.
    pub(crate) fn root(
        sources: &'a Sources,
        documents: &'a [Option<Document<'a>>],
        file: usize,
    ) -> Option<Self> {
        let node = documents.get(file)?.as_ref()?.root_element();
        Some(Self {
            node,
            file,
            source: sources.files.get(file)?,
        })
    }

    /// Another element of the same file.
    pub(crate) fn with(self, node: Node<'a, 'a>) -> Self {
        Self { node, ..self }
    }

    /// Whether it is this element.
    pub(crate) fn is(self, namespace: &str, local: &str) -> bool {
        super::names::is_element(self.node, namespace, local)
    }

    /// Local name of an element of XML Schema, the empty string for any other.
    pub(crate) fn xsd_name(self) -> &'a str {
        let name = self.node.tag_name();
        if name.namespace() == Some(XSD) {
            name.name()
        } else {
            ""
        }
    }

    /// Child elements.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> + 'a {
        self.node
            .children()
            .filter(Node::is_element)
            .map(move |node| self.with(node))
    }

    /// Child elements with this name.
    pub(crate) fn named(
        self,
        namespace: &'static str,
        local: &'static str,
    ) -> impl Iterator<Item = Self> + 'a {
        self.children()
            .filter(move |child| child.is(namespace, local))
    }

    /// First child element of XML Schema with this name.
    pub(crate) fn xsd_child(self, local: &str) -> Option<Self> {
        self.children().find(|child| child.is(XSD, local))
    }

    /// An attribute in no namespace.
    pub(crate) fn attribute(self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    /// An attribute that is `true` or `1`.
    pub(crate) fn flag(self, name: &str) -> bool {
        self.attribute(name)
            .is_some_and(|v| matches!(v.trim(), "true" | "1"))
    }

    /// Byte offset in its file.
    pub(crate) fn offset(self) -> usize {
        self.node.range().start
    }

    /// Where it stands.
    pub(crate) fn location(self) -> Location {
        self.source.location(self.offset())
    }

    /// The text it was parsed from.
    pub(crate) fn text(self) -> &'a str {
        self.source
            .file
            .text
            .get(self.node.range())
            .unwrap_or_default()
    }

    /// A diagnostic that points at it.
    pub(crate) fn diagnostic(
        self,
        severity: Severity,
        message: impl Into<String>,
        help: Option<&str>,
    ) -> Diagnostic {
        self.source
            .diagnostic(severity, self.offset(), message, help.map(str::to_owned))
    }

    /// A diagnostic that points at the value of one of its attributes.
    pub(crate) fn attribute_diagnostic(
        self,
        severity: Severity,
        attribute: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let attribute = self.node.attribute_node(attribute);
        let offset = attribute.map_or(self.offset(), |a| a.range_value().start);
        self.source.diagnostic(severity, offset, message, help)
    }
}
