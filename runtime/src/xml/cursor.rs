//! Reading: a cursor over the text of one document.

use std::borrow::Cow;
use std::cell::Cell;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::document::Document;
use super::namespace::{NamespaceTable, NsId};
use super::text::{attribute_value, is_blank, push_normalized, resolve_reference};
use super::{AnyAttribute, AnyElement, Decode, DecodeError, DecodeErrorKind, Nillable};
use crate::error::Position;
use crate::values::Lexical;

/// A start tag that was just read.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    /// Namespace of the element.
    pub ns: NsId,
    /// Local name of the element.
    pub local: &'a str,
    /// What stands between the name and the end of the tag.
    attributes: &'a str,
    nil: bool,
}

impl<'a> Tag<'a> {
    /// The element says `xsi:nil="true"`.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// Is this element called so?
    #[must_use]
    pub fn is(&self, ns: NsId, local: &str) -> bool {
        self.ns == ns && self.local == local
    }

    /// The tag has attributes (namespace declarations included).
    #[must_use]
    pub fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }
}

/// An element that a list reads on its own: good, or bad by itself.
pub type Item<T> = Result<T, DecodeError>;

/// A place in a document, made by [`Cursor::mark`].
pub struct Mark<'a> {
    reader: Reader<&'a [u8]>,
    frames: Vec<Frame<'a>>,
    bindings: Vec<Binding<'a>>,
    self_closed: bool,
    closed: Step<'a>,
    token_start: usize,
}

/// An element as a part of a path.
#[derive(Clone, Copy)]
struct Step<'a> {
    local: &'a str,
    /// Which of several siblings of one name, counted from 1.
    ordinal: u32,
    /// Part of the SOAP envelope, which paths leave out.
    is_envelope: bool,
}

#[derive(Clone)]
struct Frame<'a> {
    step: Step<'a>,
    bindings: usize,
    last_child: &'a str,
    last_ordinal: u32,
}

#[derive(Clone)]
struct Binding<'a> {
    prefix: &'a str,
    ns: NsId,
    /// The URI as it is written in the declaration.
    raw: &'a str,
}

/// Reads a document from the root element on.
///
/// Between two calls the cursor stands inside the innermost open element.
pub struct Cursor<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    table: &'a NamespaceTable,
    depth_limit: usize,
    frames: Vec<Frame<'a>>,
    bindings: Vec<Binding<'a>>,
    /// The innermost open element was written `<a/>`.
    self_closed: bool,
    /// The element that was closed last, for errors about what it lacks.
    closed: Step<'a>,
    /// Where the token read last begins.
    token_start: usize,
    skipped: u64,
    /// The offset that was last asked for, and where it is: with many bad items in a long
    /// document, every position counted from its beginning would take quadratic time.
    located: Cell<(usize, Position)>,
}

enum Token<'a> {
    Start(Tag<'a>),
    End,
    Text(&'a str),
    CData(&'a str),
    Reference(&'a str),
    Other,
    Eof,
}

/// What an event of the reader is.
enum Kind {
    Start,
    Empty,
    End,
    Text,
    CData,
    Reference,
    Other,
    DocType,
    Eof,
}

impl<'a> Cursor<'a> {
    /// A cursor before the root element.
    #[must_use]
    pub fn new(document: &'a Document<'_>, table: &'a NamespaceTable) -> Self {
        let text = document.text();
        let mut reader = Reader::from_reader(text.as_bytes());
        let config = reader.config_mut();
        config.check_end_names = true;
        config.expand_empty_elements = false;
        Self {
            text,
            reader,
            table,
            depth_limit: document.limits.depth as usize,
            frames: Vec::with_capacity(16),
            bindings: vec![Binding {
                prefix: "xml",
                ns: NsId::XML,
                raw: "",
            }],
            self_closed: false,
            closed: Step {
                local: "",
                ordinal: 1,
                is_envelope: false,
            },
            token_start: 0,
            skipped: 0,
            located: Cell::new((0, Position::new(1, 1))),
        }
    }

    /// How many elements were skipped because the contract does not know them.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The next child of the innermost open element, or `None` when it ends (and is closed).
    /// Before the root element this gives the root.
    ///
    /// # Errors
    /// When the document is not well-formed from here on.
    pub fn next_child(&mut self) -> Result<Option<Tag<'a>>, DecodeError> {
        if self.self_closed {
            self.close();
            return Ok(None);
        }
        loop {
            match self.token()? {
                Token::Start(tag) => return Ok(Some(tag)),
                Token::End => return Ok(None),
                Token::Text(text) if self.frames.is_empty() && !is_blank(text) => {
                    return Err(self.malformed("text stands before the root element"));
                }
                // Text between elements means nothing to a contract without mixed content.
                Token::Text(_) | Token::CData(_) | Token::Reference(_) | Token::Other => {}
                Token::Eof => return Err(self.torn()),
            }
        }
    }

    /// The root element's start tag.
    ///
    /// # Errors
    /// When there is none.
    pub fn root(&mut self) -> Result<Tag<'a>, DecodeError> {
        match self.next_child()? {
            Some(tag) => Ok(tag),
            None => Err(self.malformed("the document has no root element")),
        }
    }

    /// Checks that nothing but comments follows the root element.
    ///
    /// # Errors
    /// When something does.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        loop {
            match self.token()? {
                Token::Eof => return Ok(()),
                Token::Other => {}
                Token::Text(text) if is_blank(text) => {}
                _ => return Err(self.malformed("something stands after the root element")),
            }
        }
    }

    /// Reads the innermost open element as text up to its end.
    ///
    /// # Errors
    /// When it has child elements or is not well-formed.
    pub fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        if self.self_closed {
            self.close();
            return Ok(Cow::Borrowed(""));
        }
        let mut out: Cow<'a, str> = Cow::Borrowed("");
        loop {
            match self.token()? {
                Token::End => return Ok(out),
                Token::Text(raw) => {
                    if out.is_empty() && !raw.contains('\r') {
                        out = Cow::Borrowed(raw);
                    } else {
                        push_normalized(raw, out.to_mut());
                    }
                }
                Token::CData(raw) => {
                    if out.is_empty() && !raw.contains('\r') {
                        out = Cow::Borrowed(raw);
                    } else {
                        push_normalized(raw, out.to_mut());
                    }
                }
                Token::Reference(name) => {
                    if !resolve_reference(name, out.to_mut()) {
                        return Err(self.malformed("an entity reference is not one of XML's own"));
                    }
                }
                Token::Other => {}
                Token::Start(tag) => {
                    let message = format!("unexpected element `{}` inside a value", tag.local);
                    return Err(self.error(DecodeErrorKind::Unexpected, message));
                }
                Token::Eof => return Err(self.torn()),
            }
        }
    }

    /// Reads the innermost open element as a value.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn value<T: Lexical>(&mut self) -> Result<T, DecodeError> {
        let start = self.token_start;
        let text = self.text()?;
        T::parse(&text).map_err(|e| self.value_error(start, &e))
    }

    /// Like [`value`](Self::value), but an element without content has the value that the contract
    /// gives it.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn value_or<T: Lexical>(&mut self, otherwise: &str) -> Result<T, DecodeError> {
        let start = self.token_start;
        let text = self.text()?;
        let is_empty = text.is_empty() || !T::KEEPS_BLANK && is_blank(&text);
        let text = if is_empty { otherwise } else { &*text };
        T::parse(text).map_err(|e| self.value_error(start, &e))
    }

    /// Like [`nillable_value`](Self::nillable_value), but an element without content has the value
    /// that the contract gives it.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn nillable_value_or<T: Lexical>(
        &mut self,
        tag: &Tag<'_>,
        otherwise: &str,
    ) -> Result<Nillable<T>, DecodeError> {
        if tag.nil {
            self.skip()?;
            return Ok(Nillable::Nil);
        }
        self.value_or(otherwise).map(Nillable::Value)
    }

    /// Like [`value`](Self::value), but `None` when the element is nil, or blank where a blank
    /// text is no value of the type.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn optional_value<T: Lexical>(&mut self, tag: &Tag<'a>) -> Result<Option<T>, DecodeError> {
        let start = self.token_start;
        let text = self.text()?;
        if tag.nil || !T::KEEPS_BLANK && is_blank(&text) {
            return Ok(None);
        }
        T::parse(&text)
            .map(Some)
            .map_err(|e| self.value_error(start, &e))
    }

    /// Reads the innermost open element as a value that may be nil.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn nillable_value<T: Lexical>(
        &mut self,
        tag: &Tag<'_>,
    ) -> Result<Nillable<T>, DecodeError> {
        if tag.nil {
            self.skip()?;
            return Ok(Nillable::Nil);
        }
        self.value().map(Nillable::Value)
    }

    /// Reads the innermost open element as a complex type that may be nil.
    ///
    /// # Errors
    /// When its content is not what the contract says.
    pub fn nillable<T: Decode>(&mut self, tag: &Tag<'_>) -> Result<Nillable<T>, DecodeError> {
        if tag.nil {
            self.skip()?;
            return Ok(Nillable::Nil);
        }
        T::decode(self, tag).map(Nillable::Value)
    }

    /// Reads the innermost open element as a complex type.
    ///
    /// # Errors
    /// When its content is not what the contract says.
    pub fn read<T: Decode>(&mut self, tag: &Tag<'_>) -> Result<T, DecodeError> {
        T::decode(self, tag)
    }

    /// Reads the innermost open element as a complex type; `None` when it is nil.
    ///
    /// # Errors
    /// When its content is not what the contract says.
    pub fn optional<T: Decode>(&mut self, tag: &Tag<'a>) -> Result<Option<T>, DecodeError> {
        if tag.nil {
            self.skip()?;
            return Ok(None);
        }
        T::decode(self, tag).map(Some)
    }

    /// Reads the innermost open element as an item of a list: when it cannot be read, that is the
    /// item's error, and the cursor goes on after it.
    ///
    /// # Errors
    /// Only when the document itself is broken.
    pub fn item<T: Decode>(&mut self, tag: &Tag<'a>) -> Result<Item<T>, DecodeError> {
        let outside = self.frames.len() - 1;
        match T::decode(self, tag) {
            Ok(item) => Ok(Ok(item)),
            Err(error) if error.is_fatal() => Err(error),
            Err(error) => {
                while self.frames.len() > outside {
                    self.skip()?;
                }
                Ok(Err(error))
            }
        }
    }

    /// Reads a required value into its place.
    ///
    /// # Errors
    /// When the text is not of the type, or the place is taken.
    pub fn put_value<T: Lexical>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        let value = self.value()?;
        self.place(slot, value)
    }

    /// Reads an optional value into its place; nil, and blank where that is no value, stay absent.
    ///
    /// # Errors
    /// When the text is not of the type, or the place is taken.
    pub fn put_optional_value<T: Lexical>(
        &mut self,
        slot: &mut Option<T>,
        tag: &Tag<'a>,
    ) -> Result<(), DecodeError> {
        match self.optional_value(tag)? {
            Some(value) => self.place(slot, value),
            None => Ok(()),
        }
    }

    /// Reads a required value that the platform leaves blank when it is not set.
    ///
    /// # Errors
    /// When the text is not of the type, or the place is taken.
    pub fn put_blank_value<T: Lexical>(
        &mut self,
        slot: &mut Option<Option<T>>,
        tag: &Tag<'a>,
    ) -> Result<(), DecodeError> {
        let value = self.optional_value(tag)?;
        self.place(slot, value)
    }

    /// Reads a value that may be nil into its place.
    ///
    /// # Errors
    /// When the text is not of the type, or the place is taken.
    pub fn put_nillable_value<T: Lexical>(
        &mut self,
        slot: &mut Option<Nillable<T>>,
        tag: &Tag<'a>,
    ) -> Result<(), DecodeError> {
        let value = self.nillable_value(tag)?;
        self.place(slot, value)
    }

    /// Reads a complex type into its place; nil stays absent.
    ///
    /// # Errors
    /// When the content is not what the contract says, or the place is taken.
    pub fn put<T: Decode>(
        &mut self,
        slot: &mut Option<T>,
        tag: &Tag<'a>,
    ) -> Result<(), DecodeError> {
        match self.optional(tag)? {
            Some(value) => self.place(slot, value),
            None => Ok(()),
        }
    }

    /// Reads a complex type that may be nil into its place.
    ///
    /// # Errors
    /// When the content is not what the contract says, or the place is taken.
    pub fn put_nillable<T: Decode>(
        &mut self,
        slot: &mut Option<Nillable<T>>,
        tag: &Tag<'a>,
    ) -> Result<(), DecodeError> {
        let value = self.nillable(tag)?;
        self.place(slot, value)
    }

    /// Keeps the innermost open element, whose start tag was read last, as XML that stands alone.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub fn any(&mut self, _tag: &Tag<'_>) -> Result<AnyElement, DecodeError> {
        let start = self.token_start;
        let outside = self.frames.last().map_or(0, |frame| frame.bindings);
        let own: Vec<&str> = self.bindings[outside..].iter().map(|b| b.prefix).collect();
        let outer: Vec<Binding<'a>> = self.bindings[..outside].to_vec();
        self.skip()?;
        let raw = &self.text[start..self.offset()];
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        let name_end = raw.find(is_end).unwrap_or(raw.len());
        let (name, rest) = raw.split_at(name_end);
        let mut xml = name.to_owned();
        let mut declared = own;
        for binding in outer.iter().rev() {
            // The innermost declaration of a prefix is the one that counts.
            if binding.prefix == "xml" || declared.contains(&binding.prefix) {
                continue;
            }
            declared.push(binding.prefix);
            let is_used = if binding.prefix.is_empty() {
                !binding.raw.is_empty()
            } else {
                raw.contains(&format!("{}:", binding.prefix))
            };
            if is_used {
                let colon = if binding.prefix.is_empty() { "" } else { ":" };
                let uri = binding.raw.replace('"', "&quot;");
                xml.push_str(&format!(" xmlns{colon}{}=\"{uri}\"", binding.prefix));
            }
        }
        xml.push_str(rest);
        Ok(AnyElement::from_wire(xml))
    }

    /// Attributes of a tag beside the known ones; those of XML Schema itself are left out.
    ///
    /// # Errors
    /// When the tag is not well-formed.
    pub fn any_attributes(
        &self,
        tag: &Tag<'a>,
        known: &[(NsId, &str)],
    ) -> Result<Vec<AnyAttribute>, DecodeError> {
        let mut out = Vec::new();
        let mut rest = tag.attributes;
        while let Some((name, raw, tail)) = self.split_attribute(rest)? {
            rest = tail;
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            if prefix == "xmlns" || name == "xmlns" {
                continue;
            }
            let ns = if prefix.is_empty() {
                NsId::NONE
            } else {
                self.resolve(prefix)?
            };
            if ns == NsId::XSI || known.contains(&(ns, local)) {
                continue;
            }
            let broken = || self.malformed("an attribute is broken");
            let value = attribute_value(raw).ok_or_else(broken)?;
            let mut attribute = AnyAttribute::new(local, value);
            if !prefix.is_empty() {
                let binding = self.bindings.iter().rev().find(|b| b.prefix == prefix);
                let uri = binding
                    .and_then(|b| attribute_value(b.raw))
                    .ok_or_else(broken)?;
                attribute = attribute.in_namespace(prefix, uri);
            }
            out.push(attribute);
        }
        Ok(out)
    }

    /// Skips the innermost open element with all it holds.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        let outside = self.frames.len().saturating_sub(1);
        while self.frames.len() > outside {
            if self.self_closed {
                self.close();
            } else if let Token::Eof = self.token()? {
                return Err(self.torn());
            }
        }
        Ok(())
    }

    /// Reads the rest of an element that has no known children.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        while self.next_child()?.is_some() {
            self.skip_unknown()?;
        }
        Ok(())
    }

    /// For generated code: checks that one arm of a choice was taken (`taken` has an entry for
    /// each), once the element is closed.
    ///
    /// # Errors
    /// When two arms were taken.
    pub fn one_arm(&self, taken: &[bool], arms: &str) -> Result<(), DecodeError> {
        if taken.iter().filter(|t| **t).count() > 1 {
            let message = format!("more than one of {arms} is there");
            return Err(self.closed_error(DecodeErrorKind::Unexpected, "", message));
        }
        Ok(())
    }

    /// Remembers where the cursor stands.
    #[must_use]
    pub fn mark(&self) -> Mark<'a> {
        Mark {
            reader: self.reader.clone(),
            frames: self.frames.clone(),
            bindings: self.bindings.clone(),
            self_closed: self.self_closed,
            closed: self.closed,
            token_start: self.token_start,
        }
    }

    /// Goes back to where the cursor stood.
    pub fn rewind(&mut self, mark: Mark<'a>) {
        self.reader = mark.reader;
        self.frames = mark.frames;
        self.bindings = mark.bindings;
        self.self_closed = mark.self_closed;
        self.closed = mark.closed;
        self.token_start = mark.token_start;
    }

    /// Skips an element that the contract does not know, and counts it.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub fn skip_unknown(&mut self) -> Result<(), DecodeError> {
        self.skipped += 1;
        self.skip()
    }

    /// The value of an attribute, if the tag has it.
    ///
    /// # Errors
    /// When the tag is not well-formed.
    pub fn attribute(
        &self,
        tag: &Tag<'a>,
        ns: NsId,
        local: &str,
    ) -> Result<Option<Cow<'a, str>>, DecodeError> {
        let mut rest = tag.attributes;
        while let Some((name, raw, tail)) = self.split_attribute(rest)? {
            rest = tail;
            let (prefix, name) = name.split_once(':').unwrap_or(("", name));
            if name != local || prefix == "xmlns" {
                continue;
            }
            // An attribute without a prefix is in no namespace, whatever the default is.
            let attribute_ns = if prefix.is_empty() {
                NsId::NONE
            } else {
                self.resolve(prefix)?
            };
            if attribute_ns == ns {
                let value = attribute_value(raw);
                return value
                    .map(Some)
                    .ok_or_else(|| self.malformed("an attribute is broken"));
            }
        }
        Ok(None)
    }

    /// An attribute as a value of a type.
    ///
    /// # Errors
    /// When the text is not of the type.
    pub fn attribute_value<T: Lexical>(
        &self,
        tag: &Tag<'a>,
        ns: NsId,
        local: &str,
    ) -> Result<Option<T>, DecodeError> {
        match self.attribute(tag, ns, local)? {
            None => Ok(None),
            Some(text) => T::parse(&text).map(Some).map_err(|e| {
                let path = format!("{}/@{local}", self.path());
                DecodeError::new(
                    DecodeErrorKind::Value,
                    path,
                    self.position(self.token_start),
                    e.to_string(),
                )
            }),
        }
    }

    /// The type that the element says it is of (`xsi:type`).
    ///
    /// # Errors
    /// When the tag is not well-formed.
    pub fn type_name(&self, tag: &Tag<'a>) -> Result<Option<(NsId, &'a str)>, DecodeError> {
        let mut rest = tag.attributes;
        while let Some((name, raw, tail)) = self.split_attribute(rest)? {
            rest = tail;
            match name.split_once(':') {
                Some((prefix, "type")) if self.resolve(prefix)? == NsId::XSI => {
                    let (prefix, local) = raw
                        .trim_ascii()
                        .split_once(':')
                        .unwrap_or(("", raw.trim_ascii()));
                    // A name that cannot be read is that of a type nobody knows.
                    let ns = self.resolve(prefix).unwrap_or(NsId::UNKNOWN);
                    return Ok(Some((ns, local)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Checks that an element that names its type (`xsi:type`) is of this one.
    ///
    /// # Errors
    /// When it is of another, of which parts would be lost.
    pub fn only_type(&self, tag: &Tag<'a>, ns: NsId, local: &str) -> Result<(), DecodeError> {
        match self.type_name(tag)? {
            Some(name) if name != (ns, local) => {
                let message = format!("the element is not of the type `{local}` (xsi:type)");
                Err(self.error(DecodeErrorKind::Unexpected, message))
            }
            _ => Ok(()),
        }
    }

    /// Puts a value into its place; an element that stands twice is an error.
    ///
    /// # Errors
    /// When the place is taken.
    pub fn place<T>(&self, slot: &mut Option<T>, value: T) -> Result<(), DecodeError> {
        if slot.is_some() {
            let message = "the element stands twice where one is allowed".to_owned();
            return Err(self.closed_error(DecodeErrorKind::Unexpected, "", message));
        }
        *slot = Some(value);
        Ok(())
    }

    /// Takes a required value out of its place, once the element is closed.
    ///
    /// # Errors
    /// When nothing was put there.
    pub fn required<T>(&self, slot: Option<T>, name: &str) -> Result<T, DecodeError> {
        slot.ok_or_else(|| {
            let message = "a required element is missing".to_owned();
            self.closed_error(DecodeErrorKind::Missing, name, message)
        })
    }

    /// For generated code: an error about the element that was closed last (or, with a name, about
    /// a child of it).
    #[must_use]
    pub fn closed_error(&self, kind: DecodeErrorKind, child: &str, message: String) -> DecodeError {
        let mut path = self.path_of_closed();
        if !child.is_empty() {
            push_step(&mut path, child, 1);
        }
        DecodeError::new(kind, path, self.position(self.token_start), message)
    }

    /// An error at the innermost open element.
    #[must_use]
    pub fn error(&self, kind: DecodeErrorKind, message: String) -> DecodeError {
        DecodeError::new(kind, self.path(), self.position(self.token_start), message)
    }

    fn value_error(&self, start: usize, error: &impl std::fmt::Display) -> DecodeError {
        DecodeError::new(
            DecodeErrorKind::Value,
            self.path_of_closed(),
            self.position(start),
            error.to_string(),
        )
    }

    fn malformed(&self, message: &str) -> DecodeError {
        self.error(DecodeErrorKind::Malformed, message.to_owned())
    }

    fn torn(&self) -> DecodeError {
        let message = match self.frames.last() {
            Some(frame) => format!("the document ends inside `{}`", frame.step.local),
            None => "the document is empty".to_owned(),
        };
        self.error(DecodeErrorKind::Malformed, message)
    }

    /// Path of the innermost open element.
    fn path(&self) -> String {
        path_of(self.frames.iter().map(|frame| frame.step))
    }

    /// Path of the element that was closed last.
    fn path_of_closed(&self) -> String {
        let open = self.frames.iter().map(|frame| frame.step);
        path_of(open.chain([self.closed]))
    }

    fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let (from, known) = match self.located.get() {
            (from, known) if from <= offset => (from, known),
            _ => (0, Position::new(1, 1)),
        };
        let between = &self.text[from..offset];
        let cap = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let position = match between.rsplit_once('\n') {
            None => Position::new(
                known.line,
                known.column.saturating_add(cap(between.chars().count())),
            ),
            Some((lines, last)) => {
                let more = lines.bytes().filter(|b| *b == b'\n').count() + 1;
                Position::new(
                    known.line.saturating_add(cap(more)),
                    cap(last.chars().count()).saturating_add(1),
                )
            }
        };
        self.located.set((offset, position));
        position
    }

    fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn token(&mut self) -> Result<Token<'a>, DecodeError> {
        let start = self.offset();
        self.token_start = start;
        // By what it is alone: an event is large, and is not to be moved for every token.
        let kind = match self.reader.read_event() {
            Ok(Event::Start(_)) => Kind::Start,
            Ok(Event::Empty(_)) => Kind::Empty,
            Ok(Event::End(_)) => Kind::End,
            Ok(Event::Text(_)) => Kind::Text,
            Ok(Event::CData(_)) => Kind::CData,
            Ok(Event::GeneralRef(_)) => Kind::Reference,
            Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_)) => Kind::Other,
            Ok(Event::DocType(_)) => Kind::DocType,
            Ok(Event::Eof) => Kind::Eof,
            Err(error) => {
                // quick-xml's message can quote names from the document, never values.
                let message = match error {
                    quick_xml::Error::IllFormed(e) => e.to_string(),
                    quick_xml::Error::Syntax(e) => e.to_string(),
                    _ => "the document is not well-formed".to_owned(),
                };
                return Err(self.malformed(&message));
            }
        };
        let end = self.offset();
        let text = self.text;
        Ok(match kind {
            Kind::Start => Token::Start(self.open(&text[start + 1..end - 1])?),
            Kind::Empty => {
                let tag = self.open(&text[start + 1..end - 2])?;
                self.self_closed = true;
                Token::Start(tag)
            }
            Kind::End => {
                self.close();
                Token::End
            }
            Kind::Text => Token::Text(&text[start..end]),
            Kind::CData => Token::CData(&text[start + 9..end - 3]),
            Kind::Reference => Token::Reference(&text[start + 1..end - 1]),
            Kind::Other => Token::Other,
            Kind::DocType => {
                let message = "a DOCTYPE is not allowed".to_owned();
                return Err(self.error(DecodeErrorKind::Refused, message));
            }
            Kind::Eof => Token::Eof,
        })
    }

    fn open(&mut self, inside: &'a str) -> Result<Tag<'a>, DecodeError> {
        // `<a/>` inside `<a/>` cannot happen, but a start tag is never read inside a closed one.
        self.self_closed = false;
        if self.frames.len() >= self.depth_limit {
            let message = format!("more than {} elements are nested", self.depth_limit);
            return Err(self.error(DecodeErrorKind::Refused, message));
        }
        // Names are short: one look at each byte is less than a search for each separator.
        let (mut colon, mut name_end) = (None, inside.len());
        for (at, b) in inside.bytes().enumerate() {
            match b {
                b':' if colon.is_none() => colon = Some(at),
                b' ' | b'\t' | b'\n' | b'\r' => {
                    name_end = at;
                    break;
                }
                _ => {}
            }
        }
        let (name, attributes) = inside.split_at(name_end);
        let (prefix, local) = match colon {
            Some(at) => (&name[..at], &name[at + 1..]),
            None => ("", name),
        };
        let ordinal = match self.frames.last_mut() {
            Some(parent) if parent.last_child == local => {
                parent.last_ordinal = parent.last_ordinal.saturating_add(1);
                parent.last_ordinal
            }
            Some(parent) => {
                parent.last_child = local;
                parent.last_ordinal = 1;
                1
            }
            None => 1,
        };
        self.frames.push(Frame {
            step: Step {
                local,
                ordinal,
                is_envelope: false,
            },
            bindings: self.bindings.len(),
            last_child: "",
            last_ordinal: 0,
        });
        let attributes = attributes.trim_ascii();
        let mut nil = false;
        if !attributes.is_empty() {
            nil = self.read_attributes(attributes)?;
        }
        let ns = self.resolve(prefix)?;
        if let Some(frame) = self.frames.last_mut() {
            frame.step.is_envelope = matches!(ns, NsId::SOAP11 | NsId::SOAP12);
        }
        Ok(Tag {
            ns,
            local,
            attributes,
            nil,
        })
    }

    fn close(&mut self) {
        self.self_closed = false;
        if let Some(frame) = self.frames.pop() {
            self.bindings.truncate(frame.bindings);
            self.closed = frame.step;
        }
    }

    /// Takes in namespace declarations; tells whether the element is nil.
    fn read_attributes(&mut self, attributes: &'a str) -> Result<bool, DecodeError> {
        let mut rest = attributes;
        let mut nil_prefix = None;
        while let Some((name, raw, tail)) = self.split_attribute(rest)? {
            rest = tail;
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            let declared = match (prefix, local) {
                ("", "xmlns") => "",
                ("xmlns", declared) => declared,
                (prefix, "nil") => {
                    if matches!(raw.trim_ascii(), "true" | "1") {
                        nil_prefix = Some(prefix);
                    }
                    continue;
                }
                _ => continue,
            };
            let uri = attribute_value(raw)
                .ok_or_else(|| self.malformed("a namespace declaration is broken"))?;
            let ns = self.table.id_of(&uri);
            self.bindings.push(Binding {
                prefix: declared,
                ns,
                raw,
            });
        }
        match nil_prefix {
            Some(prefix) if !prefix.is_empty() => Ok(self.resolve(prefix)? == NsId::XSI),
            _ => Ok(false),
        }
    }

    /// Splits the first attribute off: name, raw value, rest.
    #[allow(clippy::type_complexity)]
    fn split_attribute<'t>(
        &self,
        attributes: &'t str,
    ) -> Result<Option<(&'t str, &'t str, &'t str)>, DecodeError> {
        let attributes = attributes.trim_ascii_start();
        if attributes.is_empty() {
            return Ok(None);
        }
        let broken = || self.malformed("an attribute is broken");
        let (name, rest) = attributes.split_once('=').ok_or_else(broken)?;
        let rest = rest.trim_ascii_start();
        let quote = match rest.as_bytes().first() {
            Some(b'"') => '"',
            Some(b'\'') => '\'',
            _ => return Err(broken()),
        };
        let (value, tail) = rest[1..].split_once(quote).ok_or_else(broken)?;
        Ok(Some((name.trim_ascii_end(), value, tail)))
    }

    fn resolve(&self, prefix: &str) -> Result<NsId, DecodeError> {
        // Two empty texts are not compared byte by byte: there is nothing where they point to, and
        // comparing nothing there takes some processors longer than reading an element.
        let is_it = |b: &&Binding<'_>| match prefix {
            "" => b.prefix.is_empty(),
            _ => b.prefix == prefix,
        };
        match self.bindings.iter().rev().find(is_it) {
            Some(binding) => Ok(binding.ns),
            None if prefix.is_empty() => Ok(NsId::NONE),
            None => Err(self.malformed("a namespace prefix is not declared")),
        }
    }
}

/// Names outside the envelope; the envelope's own only where there are no others.
fn path_of<'a>(steps: impl Iterator<Item = Step<'a>> + Clone) -> String {
    let mut path = String::new();
    for step in steps.clone().filter(|step| !step.is_envelope) {
        push_step(&mut path, step.local, step.ordinal);
    }
    if path.is_empty() {
        for step in steps.filter(|step| !step.local.is_empty()) {
            push_step(&mut path, step.local, step.ordinal);
        }
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

fn push_step(path: &mut String, local: &str, ordinal: u32) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(local);
    if ordinal > 1 {
        path.push('[');
        path.push_str(&ordinal.to_string());
        path.push(']');
    }
}
