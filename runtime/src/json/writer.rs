//! Writing: compact, members in the contract's order, errors with the path of the value.

use std::fmt::{Display, Write as _};

use super::checks::{check_entries, check_methods};
use super::{Encode, EncodeError};
use crate::values::Lexical;

#[derive(Debug)]
enum Step {
    Name(&'static str),
    Key,
    Index(usize),
}

/// Writes one document.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
    path: Vec<Step>,
    /// A value stands before in the same array or object.
    follows: bool,
    scratch: String,
}

impl Writer {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self {
            out: String::with_capacity(256),
            ..Self::default()
        }
    }

    /// The document.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    /// An error at a member of the object that is being written, or at the value itself.
    #[must_use]
    pub fn error(&self, member: impl Display, reason: impl Into<String>) -> EncodeError {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    let _ = write!(path, "{dot}{name}");
                }
                Step::Key => path.push_str("[…]"),
                Step::Index(index) => {
                    let _ = write!(path, "[{index}]");
                }
            }
        }
        let member = member.to_string();
        if !member.is_empty() {
            let dot = if path.is_empty() { "" } else { "." };
            let _ = write!(path, "{dot}{member}");
        }
        EncodeError::new(path, reason.into())
    }

    /// `null`.
    pub fn null(&mut self) {
        self.out.push_str("null");
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// A string.
    pub fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\' | '\0'..='\x1f')) {
            self.out.push_str(&rest[..at]);
            match rest.as_bytes()[at] {
                b'"' => self.out.push_str("\\\""),
                b'\\' => self.out.push_str("\\\\"),
                b'\n' => self.out.push_str("\\n"),
                b'\r' => self.out.push_str("\\r"),
                b'\t' => self.out.push_str("\\t"),
                byte => {
                    let _ = write!(self.out, "\\u{byte:04x}");
                }
            }
            rest = &rest[at + 1..];
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    /// A number, from a text that is one.
    pub(super) fn number(&mut self, text: impl Display) {
        let _ = write!(self.out, "{text}");
    }

    /// A number, from a text that is one, else a string.
    pub fn number_or_string(&mut self, text: &str) {
        if text.parse::<i128>().is_ok_and(|n| n.to_string() == text) {
            self.number(text);
        } else {
            self.string(text);
        }
    }

    /// A value that is written as text, as a string.
    pub fn text<T: Lexical>(&mut self, value: &T) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        value.write(&mut scratch);
        self.string(&scratch);
        self.scratch = scratch;
    }

    /// An object, whose members the function writes.
    ///
    /// # Errors
    /// Those of the function.
    pub fn object(
        &mut self,
        members: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.out.push('{');
        self.follows = false;
        members(self)?;
        self.out.push('}');
        self.follows = true;
        Ok(())
    }

    fn name(&mut self, name: &str) {
        if self.follows {
            self.out.push(',');
        }
        self.string(name);
        self.out.push(':');
    }

    /// A member of the object that is being written.
    ///
    /// # Errors
    /// Those of the value.
    pub fn member<T: Encode + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.member_with(name, |w| value.encode(w))
    }

    /// A member, if there is a value for it.
    ///
    /// # Errors
    /// Those of the value.
    pub fn optional<T: Encode>(
        &mut self,
        name: &'static str,
        value: &Option<T>,
    ) -> Result<(), EncodeError> {
        match value {
            Some(value) => self.member(name, value),
            None => Ok(()),
        }
    }

    /// A member, written by a function.
    ///
    /// # Errors
    /// Those of the function.
    pub fn member_with(
        &mut self,
        name: &'static str,
        write: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.name(name);
        self.path.push(Step::Name(name));
        write(self)?;
        self.path.pop();
        self.follows = true;
        Ok(())
    }

    /// A member whose name is data, written by a function.
    ///
    /// # Errors
    /// Those of the function.
    pub fn entry(
        &mut self,
        key: &str,
        write: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.name(key);
        self.path.push(Step::Key);
        write(self)?;
        self.path.pop();
        self.follows = true;
        Ok(())
    }

    /// A map, with a function for its values.
    ///
    /// # Errors
    /// Those of the function.
    pub fn map<'v, T: 'v>(
        &mut self,
        entries: impl IntoIterator<Item = (&'v String, T)>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.object(|w| {
            for (key, value) in entries {
                w.entry(key, |w| write(w, value))?;
            }
            Ok(())
        })
    }

    /// An array, with a function for its items.
    ///
    /// # Errors
    /// Those of the function.
    pub fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.out.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.path.push(Step::Index(index));
            write(self, item)?;
            self.path.pop();
        }
        self.out.push(']');
        self.follows = true;
        Ok(())
    }

    check_methods!();

    /// Whether as many members of the object are set as the contract wants.
    ///
    /// # Errors
    /// When they are not.
    pub fn check_members(
        &self,
        set: usize,
        min: usize,
        max: Option<usize>,
    ) -> Result<(), EncodeError> {
        check_entries(set, min, max).map_err(|reason| self.error("", reason))
    }
}
