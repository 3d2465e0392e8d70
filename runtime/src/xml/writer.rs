//! Writing: text in schema order, every namespace declared once.

use std::fmt::Display;

use super::namespace::{NamespaceTable, NsId};
use super::text::{escape_attribute, escape_text};
use super::{AnyAttribute, AnyElement, Encode, EncodeError};
use crate::values::Lexical;

/// Writes one document.
///
/// Namespaces are declared on the root element, once each, and only those that were used.
pub struct Writer<'t> {
    out: String,
    table: &'t NamespaceTable,
    /// Where the declarations go, once it is known which are needed.
    declarations_at: Option<usize>,
    used: Vec<NsId>,
    open: Vec<(NsId, &'static str)>,
    /// The innermost start tag is not finished: attributes may follow.
    in_tag: bool,
    scratch: String,
    /// Open elements with another prefix than their namespace's, by depth.
    renamed: Vec<(usize, String)>,
}

impl<'t> Writer<'t> {
    /// An empty document.
    #[must_use]
    pub fn new(table: &'t NamespaceTable) -> Self {
        Self {
            out: String::with_capacity(1024),
            table,
            declarations_at: None,
            used: Vec::with_capacity(4),
            open: Vec::with_capacity(8),
            in_tag: false,
            scratch: String::new(),
            renamed: Vec::new(),
        }
    }

    /// Begins an element. Attributes may be written until its content begins.
    ///
    /// # Errors
    /// When the namespace is in no table.
    pub fn begin(&mut self, ns: NsId, local: &'static str) -> Result<(), EncodeError> {
        self.finish_tag();
        self.out.push('<');
        self.open.push((ns, local));
        self.push_name(ns, local)?;
        self.in_tag = true;
        if self.declarations_at.is_none() {
            self.declarations_at = Some(self.out.len());
        }
        Ok(())
    }

    /// Ends the innermost element.
    ///
    /// # Errors
    /// Never for elements that were begun; the type keeps calls uniform.
    pub fn end(&mut self) -> Result<(), EncodeError> {
        let depth = self.open.len();
        let Some((ns, local)) = self.open.pop() else {
            return Ok(());
        };
        let renamed = self.renamed.pop_if(|(at, _)| *at == depth);
        if self.in_tag {
            self.in_tag = false;
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            match renamed {
                Some((_, name)) => self.out.push_str(&name),
                None => self.push_name(ns, local)?,
            }
            self.out.push('>');
        }
        Ok(())
    }

    /// Writes an attribute of the element begun last.
    ///
    /// # Errors
    /// When the value holds a character that XML cannot carry.
    pub fn attribute<T: Lexical>(
        &mut self,
        ns: NsId,
        local: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.out.push(' ');
        self.push_name(ns, local)?;
        self.out.push_str("=\"");
        self.scratch.clear();
        value.write(&mut self.scratch);
        if !escape_attribute(&self.scratch, &mut self.out) {
            return Err(self.error(&format!("@{local}"), UNWRITABLE));
        }
        self.out.push('"');
        Ok(())
    }

    /// Writes attributes that the contract does not describe.
    ///
    /// # Errors
    /// When a value holds a character that XML cannot carry, or a name is none.
    pub fn any_attributes(&mut self, attributes: &[AnyAttribute]) -> Result<(), EncodeError> {
        let is_name = |text: &str| {
            let mut chars = text.chars();
            chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
                && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        let mut declared: Vec<(String, &str)> = Vec::new();
        for attribute in attributes {
            let AnyAttribute {
                namespace,
                prefix,
                local,
                value,
            } = attribute;
            if !is_name(local) || !prefix.is_empty() && !is_name(prefix) {
                return Err(self.error("", "an attribute has a name that XML does not allow"));
            }
            if prefix == "xml" {
                self.out.push_str(" xml:");
            } else if prefix.is_empty() {
                self.out.push(' ');
            } else {
                let mut written = prefix.clone();
                // One of the caller's must not be taken for one of ours, nor for another of his.
                while self.table.has_prefix(&written)
                    || declared
                        .iter()
                        .any(|(p, ns)| *p == written && ns != namespace)
                {
                    written.insert_str(0, "a-");
                }
                if !declared.iter().any(|(p, _)| *p == written) {
                    self.out.push_str(&format!(" xmlns:{written}=\""));
                    if !escape_attribute(namespace, &mut self.out) {
                        return Err(self.error(&format!("@{local}"), UNWRITABLE));
                    }
                    self.out.push('"');
                }
                self.out.push_str(&format!(" {written}:"));
                declared.push((written, namespace));
            }
            self.out.push_str(local);
            self.out.push_str("=\"");
            if !escape_attribute(value, &mut self.out) {
                return Err(self.error(&format!("@{local}"), UNWRITABLE));
            }
            self.out.push('"');
        }
        Ok(())
    }

    /// Writes an element that the contract does not describe.
    ///
    /// # Errors
    /// Never; the type keeps calls uniform.
    pub fn any(&mut self, element: &AnyElement) -> Result<(), EncodeError> {
        self.finish_tag();
        self.out.push_str(element.as_xml());
        Ok(())
    }

    /// Writes attributes and content of an element that the contract leaves open into the element
    /// begun last.
    ///
    /// # Errors
    /// Never; the type keeps calls uniform.
    pub fn any_content(&mut self, element: &AnyElement) -> Result<(), EncodeError> {
        let (_, content) = element.parts();
        let used = element.used();
        self.keep_prefix(&used)?;
        for (name, value) in used {
            // As it came, so it is escaped already.
            let quote = if value.contains('"') { '\'' } else { '"' };
            self.out.push_str(&format!(" {name}={quote}{value}{quote}"));
        }
        if !content.is_empty() {
            self.finish_tag();
            self.out.push_str(content);
        }
        Ok(())
    }

    /// Marks the element begun last as nil.
    ///
    /// # Errors
    /// Never; the type keeps calls uniform.
    pub fn nil(&mut self) -> Result<(), EncodeError> {
        self.attribute(NsId::XSI, "nil", &true)
    }

    /// Names the type of the element begun last (`xsi:type`).
    ///
    /// # Errors
    /// When the namespace is in no table.
    pub fn type_name(&mut self, ns: NsId, local: &str) -> Result<(), EncodeError> {
        self.out.push(' ');
        self.push_name(NsId::XSI, "type")?;
        self.out.push_str("=\"");
        self.push_name(ns, local)?;
        self.out.push('"');
        Ok(())
    }

    /// Writes the text of a value.
    ///
    /// # Errors
    /// When it holds a character that XML cannot carry.
    pub fn value<T: Lexical>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.scratch.clear();
        value.write(&mut self.scratch);
        if self.scratch.is_empty() {
            return Ok(());
        }
        self.finish_tag();
        if !escape_text(&self.scratch, &mut self.out) {
            return Err(self.error("", UNWRITABLE));
        }
        Ok(())
    }

    /// Writes an element with a value.
    ///
    /// # Errors
    /// When the value holds a character that XML cannot carry.
    pub fn element_value<T: Lexical>(
        &mut self,
        ns: NsId,
        local: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.begin(ns, local)?;
        self.value(value)?;
        self.end()
    }

    /// Writes an element with a value of a complex type.
    ///
    /// # Errors
    /// When the value breaks the contract.
    pub fn element<T: Encode>(
        &mut self,
        ns: NsId,
        local: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.begin(ns, local)?;
        value.encode(self)?;
        self.end()
    }

    /// Writes an element without content.
    ///
    /// # Errors
    /// When the namespace is in no table.
    pub fn empty(&mut self, ns: NsId, local: &'static str) -> Result<(), EncodeError> {
        self.begin(ns, local)?;
        self.end()
    }

    /// Writes an element that is nil.
    ///
    /// # Errors
    /// When the namespace is in no table.
    pub fn nil_element(&mut self, ns: NsId, local: &'static str) -> Result<(), EncodeError> {
        self.begin(ns, local)?;
        self.nil()?;
        self.end()
    }

    /// Checks the length of a text, in characters.
    ///
    /// # Errors
    /// When it is out of bounds.
    pub fn check_length(
        &self,
        child: &str,
        text: &str,
        min: usize,
        max: Option<usize>,
    ) -> Result<(), EncodeError> {
        let length = text.chars().count();
        if length >= min && max.is_none_or(|max| length <= max) {
            return Ok(());
        }
        let bounds = bounds(&min, max.as_ref());
        Err(self.error(
            child,
            &format!("the text has {length} characters, allowed are {bounds}"),
        ))
    }

    /// Checks that a number is within its bounds.
    ///
    /// # Errors
    /// When it is out of bounds.
    pub fn check_range<T: PartialOrd + Display>(
        &self,
        child: &str,
        value: &T,
        min: Option<T>,
        max: Option<T>,
    ) -> Result<(), EncodeError> {
        if min.as_ref().is_none_or(|min| value >= min) && max.as_ref().is_none_or(|m| value <= m) {
            return Ok(());
        }
        let bounds = match (&min, &max) {
            (None, Some(max)) => format!("at most {max}"),
            (Some(min), max) => bounds(min, max.as_ref()),
            (None, None) => String::new(),
        };
        Err(self.error(
            child,
            &format!("the number is out of range, allowed are {bounds}"),
        ))
    }

    /// Checks how often an element is there.
    ///
    /// # Errors
    /// When it is too often or not often enough.
    pub fn check_count(
        &self,
        child: &str,
        count: usize,
        min: usize,
        max: Option<usize>,
    ) -> Result<(), EncodeError> {
        if count >= min && max.is_none_or(|max| count <= max) {
            return Ok(());
        }
        let bounds = bounds(&min, max.as_ref());
        Err(self.error(child, &format!("there are {count}, allowed are {bounds}")))
    }

    /// An error at the innermost open element, or at a child of it.
    #[must_use]
    pub fn error(&self, child: &str, reason: &str) -> EncodeError {
        let mut path: Vec<&str> = self
            .open
            .iter()
            .filter(|(ns, _)| !matches!(*ns, NsId::SOAP11 | NsId::SOAP12))
            .map(|(_, local)| *local)
            .collect();
        if !child.is_empty() {
            path.push(child);
        }
        EncodeError::new(path.join("/"), reason.to_owned())
    }

    /// The finished document.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.write_declarations();
        self.out
    }

    /// Renames the element begun last if attributes to come declare its prefix for another
    /// namespace.
    fn keep_prefix(&mut self, attributes: &[(&str, &str)]) -> Result<(), EncodeError> {
        let Some((ns, local)) = self.open.last().copied() else {
            return Ok(());
        };
        let Some((prefix, uri)) = self.table.written(ns) else {
            return Ok(());
        };
        let takes = |(name, value): &(&str, &str)| {
            name.strip_prefix("xmlns:") == Some(prefix) && *value != uri
        };
        let Some(start) = self.out.rfind('<') else {
            return Ok(());
        };
        if !attributes.iter().any(takes) {
            return Ok(());
        }
        let name = format!("a-{prefix}:{local}");
        let tag = self.out.split_off(start);
        let after = tag
            .get(1 + prefix.len() + 1 + local.len()..)
            .unwrap_or_default();
        self.out.push_str(&format!("<{name}"));
        if self.open.len() == 1 {
            self.declarations_at = Some(self.out.len());
            self.used.retain(|used| *used != ns);
        }
        self.out.push_str(&format!(" xmlns:a-{prefix}=\""));
        if !escape_attribute(uri, &mut self.out) {
            return Err(self.error(local, UNWRITABLE));
        }
        self.out.push('"');
        self.out.push_str(after);
        self.renamed.push((self.open.len(), name));
        Ok(())
    }

    fn finish_tag(&mut self) {
        if self.in_tag {
            self.in_tag = false;
            self.out.push('>');
        }
    }

    fn push_name(&mut self, ns: NsId, local: &str) -> Result<(), EncodeError> {
        if ns != NsId::NONE {
            let Some((prefix, _)) = self.table.written(ns) else {
                return Err(self.error(local, "its namespace is in no table"));
            };
            self.out.push_str(prefix);
            self.out.push(':');
            // XML itself declares its own prefix.
            if ns != NsId::XML && !self.used.contains(&ns) {
                self.used.push(ns);
            }
        }
        self.out.push_str(local);
        Ok(())
    }

    fn write_declarations(&mut self) {
        let Some(at) = self.declarations_at else {
            return;
        };
        let mut text = String::new();
        for ns in &self.used {
            if let Some((prefix, uri)) = self.table.written(*ns) {
                text.push_str(" xmlns:");
                text.push_str(prefix);
                text.push_str("=\"");
                // Characters that XML cannot carry have no place in a namespace; the table is
                // ours or the caller's.
                let _ = escape_attribute(uri, &mut text);
                text.push('"');
            }
        }
        self.out.insert_str(at, &text);
    }
}

fn bounds<T: Display>(min: &T, max: Option<&T>) -> String {
    match max {
        Some(max) => format!("{min} to {max}"),
        None => format!("{min} or more"),
    }
}

const UNWRITABLE: &str = "the text holds a character that XML cannot carry";
