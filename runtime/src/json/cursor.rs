//! Reading: one pass over the text, nothing kept but what types ask for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Decode, DecodeError, DecodeErrorKind, Items, Limits, Nullable};
use crate::error::Position;
use crate::mask::Masked;
use crate::values::Lexical;

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// An array or object that is being read.
#[derive(Debug, Clone)]
struct Frame<'a> {
    step: Step<'a>,
    /// Something was read in it.
    begun: bool,
}

#[derive(Debug, Clone)]
enum Step<'a> {
    Name(Cow<'a, str>),
    /// A name that came from data (a map's key): not shown.
    Key,
    Index(usize),
}

/// A place to come back to.
#[derive(Debug)]
pub struct Mark<'a> {
    at: usize,
    frames: Vec<Frame<'a>>,
}

/// A way to read a value.
type ReadFn<'a, T> = fn(&mut Cursor<'a>) -> Result<T, DecodeError>;

/// Reads one document.
#[derive(Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame<'a>>,
    limits: Limits,
    unknown: usize,
    /// Values of open enumerations that the contract does not list, among those read.
    unlisted: usize,
}

impl<'a> Cursor<'a> {
    /// Takes the bytes of an answer: UTF-8, with or without a byte order mark.
    ///
    /// # Errors
    /// When there are too many bytes, or they are not UTF-8.
    pub fn new(bytes: &'a [u8], limits: Limits) -> Result<Self, DecodeError> {
        let refused = |kind, message: String| {
            Err(DecodeError::new(
                kind,
                String::new(),
                Position::new(1, 1),
                message,
            ))
        };
        if bytes.len() > limits.bytes {
            let message = format!("more than {} bytes", limits.bytes);
            return refused(DecodeErrorKind::Refused, message);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(text) = std::str::from_utf8(bytes) else {
            return refused(DecodeErrorKind::Malformed, "not UTF-8".to_owned());
        };
        Ok(Self {
            text,
            at: 0,
            frames: Vec::new(),
            limits,
            unknown: 0,
            unlisted: 0,
        })
    }

    /// How many unknown members were skipped.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    /// Nothing may follow the value.
    ///
    /// # Errors
    /// When something does.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.malformed("something follows the end of the document"));
        }
        Ok(())
    }

    // ------------------------------------------------------------------------------- errors

    /// An error at the value that is being read.
    #[must_use]
    pub fn error(&self, kind: DecodeErrorKind, message: impl Into<String>) -> DecodeError {
        DecodeError::new(kind, self.path(""), self.position(), message.into())
    }

    fn malformed(&self, message: &str) -> DecodeError {
        let message = if self.at >= self.text.len() {
            "the document ends too early".to_owned()
        } else {
            message.to_owned()
        };
        self.error(DecodeErrorKind::Malformed, message)
    }

    fn path(&self, member: &str) -> String {
        let mut out = String::new();
        for frame in &self.frames {
            match &frame.step {
                Step::Name(name) if name.is_empty() => {}
                Step::Name(name) => {
                    let dot = if out.is_empty() { "" } else { "." };
                    let _ = write!(out, "{dot}{}", Masked(name));
                }
                Step::Key => out.push_str("[…]"),
                Step::Index(index) => {
                    let _ = write!(out, "[{index}]");
                }
            }
        }
        if !member.is_empty() {
            let dot = if out.is_empty() { "" } else { "." };
            let _ = write!(out, "{dot}{member}");
        }
        if out.is_empty() {
            out.push_str("the document");
        }
        out
    }

    fn position(&self) -> Position {
        let before = &self.text[..self.at.min(self.text.len())];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[start..].chars().count() + 1;
        let clip = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Position::new(clip(line), clip(column))
    }

    /// The error of a value of the wrong kind.
    ///
    /// # Errors
    /// When the document is broken at this place, that instead.
    fn expected<T>(&mut self, what: &str) -> Result<T, DecodeError> {
        let found = self.peek()?.name();
        let message = format!("expected {what}, found {found}");
        Err(self.error(DecodeErrorKind::Value, message))
    }

    /// For generated code: a value that is not of its type.
    #[doc(hidden)]
    #[must_use]
    pub fn refuse(&self, message: impl Into<String>) -> DecodeError {
        self.error(DecodeErrorKind::Value, message)
    }

    // ------------------------------------------------------------------------------- tokens

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn skip_space(&mut self) {
        let space = self
            .rest()
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
            .count();
        self.at += space;
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest().first() == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// What kind of value comes next.
    ///
    /// # Errors
    /// When no value does.
    pub fn peek(&mut self) -> Result<Kind, DecodeError> {
        self.skip_space();
        match self.rest().first() {
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b'"') => Ok(Kind::String),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            _ => Err(self.malformed("no JSON value")),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), DecodeError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.malformed("no JSON value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a `null`, if one comes next.
    ///
    /// # Errors
    /// When no value does.
    pub fn take_null(&mut self) -> Result<bool, DecodeError> {
        if self.peek()? != Kind::Null {
            return Ok(false);
        }
        self.word("null")?;
        Ok(true)
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        if self.peek()? != Kind::Bool {
            return self.expected("a boolean");
        }
        let value = self.rest().first() == Some(&b't');
        self.word(if value { "true" } else { "false" })?;
        Ok(value)
    }

    /// Reads a number and gives its text.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn number(&mut self) -> Result<&'a str, DecodeError> {
        if self.peek()? != Kind::Number {
            return self.expected("a number");
        }
        let start = self.at;
        self.eat(b'-');
        let whole = self.digits();
        if whole == 0 || whole > 1 && self.text.as_bytes()[self.at - whole] == b'0' {
            return Err(self.malformed("no JSON number"));
        }
        if self.eat(b'.') && self.digits() == 0 {
            return Err(self.malformed("no JSON number"));
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(self.malformed("no JSON number"));
            }
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> usize {
        let count = self
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        self.at += count;
        count
    }

    /// Reads a string.
    ///
    /// # Errors
    /// When something else comes next, or the string is broken.
    pub fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        if self.peek()? != Kind::String {
            return self.expected("a string");
        }
        self.at += 1;
        let start = self.at;
        let plain = |bytes: &[u8]| {
            bytes
                .iter()
                .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))
        };
        let mut out = String::new();
        let mut run = start;
        loop {
            let Some(length) = plain(self.rest()) else {
                self.at = self.text.len();
                return Err(self.malformed("a string without an end"));
            };
            self.at += length;
            match self.rest()[0] {
                b'"' => {
                    let piece = &self.text[run..self.at];
                    self.at += 1;
                    return Ok(if run == start {
                        Cow::Borrowed(piece)
                    } else {
                        out.push_str(piece);
                        Cow::Owned(out)
                    });
                }
                b'\\' => {
                    out.push_str(&self.text[run..self.at]);
                    self.at += 1;
                    out.push(self.escape()?);
                    run = self.at;
                }
                _ => return Err(self.malformed("a control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, DecodeError> {
        let Some(byte) = self.rest().first().copied() else {
            return Err(self.malformed("a string without an end"));
        };
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&first) {
                    if !(self.eat(b'\\') && self.eat(b'u')) {
                        return Err(self.malformed("half a surrogate pair"));
                    }
                    let second = self.hex()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return Err(self.malformed("half a surrogate pair"));
                    }
                    0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                match char::from_u32(code) {
                    Some(c) => c,
                    None => return Err(self.malformed("half a surrogate pair")),
                }
            }
            _ => return Err(self.malformed("an unknown escape in a string")),
        })
    }

    fn hex(&mut self) -> Result<u32, DecodeError> {
        let code = self
            .rest()
            .get(..4)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(self.malformed("an unknown escape in a string")),
        }
    }

    // --------------------------------------------------------------------------- containers

    fn begin(&mut self, step: Step<'a>) -> Result<(), DecodeError> {
        if self.frames.len() >= self.limits.depth as usize {
            let message = format!("nested deeper than {}", self.limits.depth);
            return Err(self.error(DecodeErrorKind::Refused, message));
        }
        self.at += 1;
        self.frames.push(Frame { step, begun: false });
        Ok(())
    }

    /// Begins an object; [`next_name`](Self::next_name) reads on.
    ///
    /// # Errors
    /// When something else comes next, or it is nested too deep.
    pub fn begin_object(&mut self) -> Result<(), DecodeError> {
        if self.peek()? != Kind::Object {
            return self.expected("an object");
        }
        self.begin(Step::Name(Cow::Borrowed("")))
    }

    /// Name of the next member of the innermost object, whose value has to be read then; `None`
    /// at the object's end.
    ///
    /// # Errors
    /// When the object is broken.
    pub fn next_name(&mut self) -> Result<Option<Cow<'a, str>>, DecodeError> {
        self.named(false)
    }

    /// As [`next_name`](Self::next_name), where names are data and stay out of paths.
    ///
    /// # Errors
    /// When the object is broken.
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, DecodeError> {
        self.named(true)
    }

    fn named(&mut self, is_key: bool) -> Result<Option<Cow<'a, str>>, DecodeError> {
        let begun = self.clear_step();
        self.skip_space();
        if self.eat(b'}') {
            self.frames.pop();
            return Ok(None);
        }
        if begun && !self.eat(b',') {
            return Err(self.malformed("expected `,` or `}`"));
        }
        self.skip_space();
        if self.rest().first() != Some(&b'"') {
            return Err(self.malformed("expected a name in quotes"));
        }
        let name = self.string()?;
        self.skip_space();
        if !self.eat(b':') {
            return Err(self.malformed("expected `:`"));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.begun = true;
            frame.step = if is_key {
                Step::Key
            } else {
                Step::Name(name.clone())
            };
        }
        // Errors point at the value.
        self.skip_space();
        Ok(Some(name))
    }

    /// Errors between members are the object's own.
    fn clear_step(&mut self) -> bool {
        match self.frames.last_mut() {
            Some(frame) => {
                frame.step = Step::Name(Cow::Borrowed(""));
                frame.begun
            }
            None => false,
        }
    }

    /// Begins an array; [`next_item`](Self::next_item) reads on.
    ///
    /// # Errors
    /// When something else comes next, or it is nested too deep.
    pub fn begin_array(&mut self) -> Result<(), DecodeError> {
        if self.peek()? != Kind::Array {
            return self.expected("an array");
        }
        self.begin(Step::Index(0))
    }

    /// Whether the innermost array has another item, which has to be read then.
    ///
    /// # Errors
    /// When the array is broken.
    pub fn next_item(&mut self) -> Result<bool, DecodeError> {
        self.skip_space();
        if self.eat(b']') {
            self.frames.pop();
            return Ok(false);
        }
        let begun = self.frames.last().is_some_and(|frame| frame.begun);
        if begun {
            if !self.eat(b',') {
                return Err(self.malformed("expected `,` or `]`"));
            }
            self.skip_space();
        }
        if let Some(frame) = self.frames.last_mut() {
            if let (Step::Index(index), true) = (&mut frame.step, frame.begun) {
                *index += 1;
            }
            frame.begun = true;
        }
        Ok(true)
    }

    /// Reads a value and throws it away.
    ///
    /// # Errors
    /// When it is broken.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        let outer = self.frames.len();
        loop {
            match self.peek()? {
                Kind::Null => self.word("null")?,
                Kind::Bool => {
                    self.bool()?;
                }
                Kind::Number => {
                    self.number()?;
                }
                Kind::String => {
                    self.string()?;
                }
                Kind::Array => self.begin_array()?,
                Kind::Object => self.begin_object()?,
            }
            // On to the next value inside what was skipped, or out of it.
            loop {
                if self.frames.len() == outer {
                    return Ok(());
                }
                let is_array = matches!(
                    self.frames.last(),
                    Some(Frame {
                        step: Step::Index(_),
                        ..
                    })
                );
                let more = if is_array {
                    self.next_item()?
                } else {
                    self.next_key()?.is_some()
                };
                if more {
                    break;
                }
            }
        }
    }

    /// Skips the value of a member that the contract does not have.
    ///
    /// # Errors
    /// When it is broken.
    pub fn skip_unknown(&mut self) -> Result<(), DecodeError> {
        self.unknown += 1;
        self.skip()
    }

    /// This place, to come back to.
    #[must_use]
    pub fn mark(&self) -> Mark<'a> {
        Mark {
            at: self.at,
            frames: self.frames.clone(),
        }
    }

    /// Back to a place.
    pub fn reset(&mut self, mark: &Mark<'a>) {
        self.at = mark.at;
        self.frames.clone_from(&mark.frames);
    }

    /// The text of a string member of the object that comes next, which stays to be read.
    ///
    /// # Errors
    /// When no object comes next or it is broken.
    pub fn peek_member(&mut self, member: &str) -> Result<Option<Cow<'a, str>>, DecodeError> {
        let mark = self.mark();
        let mut found = None;
        self.begin_object()?;
        while let Some(name) = self.next_name()? {
            if name == member && self.peek()? == Kind::String {
                found = Some(self.string()?);
            } else {
                self.skip()?;
            }
        }
        self.reset(&mark);
        Ok(found)
    }

    // ------------------------------------------------------------------------------- values

    /// Reads a value.
    ///
    /// # Errors
    /// When it is not a `T`.
    pub fn read<T: Decode>(&mut self) -> Result<T, DecodeError> {
        T::decode(self)
    }

    /// Reads a member's value into its slot: `null`, and a blank where that is no value, leave it
    /// empty.
    ///
    /// # Errors
    /// When it is not a `T`, or the member occurs twice.
    pub fn put<T: Decode>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        self.once(slot)?;
        if !self.is_nothing(T::KEEPS_BLANK)? {
            *slot = Some(T::decode(self)?);
        }
        Ok(())
    }

    /// As [`put`](Self::put), reading with a function.
    ///
    /// # Errors
    /// Those of the function, and when the member occurs twice.
    pub fn put_with<T>(
        &mut self,
        slot: &mut Option<T>,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<(), DecodeError> {
        self.once(slot)?;
        if !self.take_null()? {
            *slot = Some(read(self)?);
        }
        Ok(())
    }

    /// Reads a member's value, `null` included, into its slot.
    ///
    /// # Errors
    /// When it is not a `T`, or the member occurs twice.
    pub fn put_nullable<T: Decode>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        self.once(slot)?;
        *slot = Some(T::decode(self)?);
        Ok(())
    }

    /// As [`put_nullable`](Self::put_nullable), reading with a function what is not null.
    ///
    /// # Errors
    /// Those of the function, and when the member occurs twice.
    pub fn put_null_or<T>(
        &mut self,
        slot: &mut Option<Nullable<T>>,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<(), DecodeError> {
        self.once(slot)?;
        *slot = Some(if self.take_null()? {
            Nullable::Null
        } else {
            Nullable::Value(read(self)?)
        });
        Ok(())
    }

    fn once<T>(&self, slot: &Option<T>) -> Result<(), DecodeError> {
        if slot.is_some() {
            return Err(self.error(DecodeErrorKind::Unexpected, "the name occurs twice"));
        }
        Ok(())
    }

    fn is_nothing(&mut self, keeps_blank: bool) -> Result<bool, DecodeError> {
        if self.take_null()? {
            return Ok(true);
        }
        if keeps_blank || self.peek()? != Kind::String {
            return Ok(false);
        }
        let mark = self.at;
        let blank = self.string()?.trim().is_empty();
        if !blank {
            self.at = mark;
        }
        Ok(blank)
    }

    /// The value of a required member.
    ///
    /// # Errors
    /// When it was not there, or null.
    pub fn required<T>(&self, slot: Option<T>, member: &str) -> Result<T, DecodeError> {
        slot.ok_or_else(|| {
            let message = "required, and not there".to_owned();
            DecodeError::new(
                DecodeErrorKind::Missing,
                self.path(member),
                self.position(),
                message,
            )
        })
    }

    /// Reads an array with a function for its items.
    ///
    /// # Errors
    /// When it is no array, or an item is not what it must be.
    pub fn array<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut out = Vec::new();
        self.begin_array()?;
        while self.next_item()? {
            out.push(read(self)?);
        }
        Ok(out)
    }

    /// Reads an array item by item: one that cannot be read is that item's error. `null`s are
    /// errors of that kind too.
    ///
    /// # Errors
    /// When it is no array, or the document is broken.
    pub fn items<T: Decode>(&mut self) -> Result<Items<T>, DecodeError> {
        let mut out = Items::default();
        self.begin_array()?;
        while self.next_item()? {
            let mark = self.mark();
            let item = T::decode(self);
            if let Err(error) = &item {
                if error.is_fatal() {
                    return Err(error.clone());
                }
                self.reset(&mark);
                self.skip()?;
            }
            out.push_result(item);
        }
        Ok(out)
    }

    /// Reads an array, or a single value that came without the array around it.
    ///
    /// # Errors
    /// When an item is not what it must be.
    pub fn one_or_many<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        if self.peek()? == Kind::Array {
            return self.array(read);
        }
        Ok(vec![read(self)?])
    }

    /// Reads a map with a function for its values.
    ///
    /// # Errors
    /// When it is no object, or a value is not what it must be.
    pub fn map<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<BTreeMap<String, T>, DecodeError> {
        let mut out = BTreeMap::new();
        self.begin_object()?;
        while let Some(key) = self.next_key()? {
            let value = read(self)?;
            if out.insert(key.into_owned(), value).is_some() {
                return Err(self.error(DecodeErrorKind::Unexpected, "the name occurs twice"));
            }
        }
        Ok(out)
    }

    /// Reads what comes next as that of several types which knows most of its members and values,
    /// the first of equals; `None`, with nothing read, when it is none of them.
    ///
    /// # Errors
    /// When the document is broken.
    pub fn best<T>(&mut self, types: &[ReadFn<'a, T>]) -> Result<Option<T>, DecodeError> {
        self.peek()?;
        let mark = self.mark();
        let before = (self.unknown, self.unlisted);
        let mut best: Option<((usize, usize), T, Mark<'a>)> = None;
        for read in types {
            (self.unknown, self.unlisted) = (0, 0);
            match read(self) {
                Ok(value) => {
                    let now = (self.unknown, self.unlisted);
                    if best
                        .as_ref()
                        .is_none_or(|(then, ..)| now.0 + now.1 < then.0 + then.1)
                    {
                        best = Some((now, value, self.mark()));
                    }
                }
                Err(e) if e.is_fatal() => return Err(e),
                Err(_) => {}
            }
            self.reset(&mark);
        }
        (self.unknown, self.unlisted) = before;
        Ok(best.map(|((unknown, unlisted), value, end)| {
            self.unknown += unknown;
            self.unlisted += unlisted;
            self.reset(&end);
            value
        }))
    }

    /// A value of an open enumeration, as it was read: one that the contract does not list counts
    /// against its type where [`best`](Self::best) tries several.
    pub fn listed<T>(&mut self, value: T, is_known: impl FnOnce(&T) -> bool) -> T {
        self.unlisted += usize::from(!is_known(&value));
        value
    }

    /// Reads a value of a type that is text from a string.
    ///
    /// # Errors
    /// When it is not a `T`.
    pub fn text<T: Lexical>(&mut self) -> Result<T, DecodeError> {
        self.peek()?;
        let start = self.at;
        let text = self.string()?;
        self.lexical_at(start, &text)
    }

    /// Reads a string, number or boolean as text, as lenient types want it.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn scalar(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        match self.peek()? {
            Kind::String => self.string(),
            Kind::Number => self.number().map(Cow::Borrowed),
            Kind::Bool => Ok(Cow::Borrowed(if self.bool()? { "true" } else { "false" })),
            _ => self.expected("a string, a number or a boolean"),
        }
    }

    /// Reads a value of a type that is text from a string, a number or a boolean.
    ///
    /// # Errors
    /// When it is not a `T`.
    pub fn lenient<T: Lexical>(&mut self) -> Result<T, DecodeError> {
        self.peek()?;
        let start = self.at;
        let text = self.scalar()?;
        let truth = text.trim().to_ascii_lowercase();
        // `"TRUE"` is a boolean too, where a boolean is expected.
        if matches!(&*truth, "true" | "false") && T::parse(&text).is_err() {
            return self.lexical_at(start, &truth);
        }
        self.lexical_at(start, &text)
    }

    /// As [`put`](Self::put), from a string, a number or a boolean.
    ///
    /// # Errors
    /// When it is not a `T`, or the member occurs twice.
    pub fn put_lenient<T: Lexical>(&mut self, slot: &mut Option<T>) -> Result<(), DecodeError> {
        self.once(slot)?;
        if !self.is_nothing(T::KEEPS_BLANK)? {
            *slot = Some(self.lenient()?);
        }
        Ok(())
    }

    /// Reads a text of digits from a string or a whole number. Other numbers have lost digits on
    /// their way and are refused.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn digits_text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        match self.peek()? {
            Kind::String => self.string(),
            Kind::Number => {
                let start = self.at;
                let text = self.number()?;
                if text.bytes().all(|b| b.is_ascii_digit()) {
                    return Ok(Cow::Borrowed(text));
                }
                self.at = start;
                let message = "expected digits, found a number with a sign, fraction or exponent, \
                               which has lost digits";
                Err(self.error(DecodeErrorKind::Value, message))
            }
            _ => self.expected("a string of digits"),
        }
    }

    /// A value from its text, which began at this place.
    pub(super) fn lexical_at<T: Lexical>(
        &mut self,
        start: usize,
        text: &str,
    ) -> Result<T, DecodeError> {
        T::parse(text).map_err(|e| {
            self.at = start;
            self.error(DecodeErrorKind::Value, e.to_string())
        })
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }
}
