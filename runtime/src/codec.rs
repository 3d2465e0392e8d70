//! What the codecs of XML and JSON have in common: errors, limits, lists, unknown values.

use std::fmt;

use crate::error::Position;

/// Bounds of what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Deepest nesting; 128 by default.
    pub depth: u32,
    /// Most bytes of a document; 256 MiB by default.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 128,
            bytes: 256 << 20,
        }
    }
}

impl Limits {
    /// Sets the deepest nesting.
    #[must_use]
    pub fn with_depth(mut self, depth: u32) -> Self {
        self.depth = depth;
        self
    }

    /// Sets the most bytes.
    #[must_use]
    pub fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }
}

/// Text of an enumeration that the contract does not list.
///
/// Only reading makes it, so that a value the contract knows cannot hide in it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// For generated code: wraps a text that is none of the known values.
    #[doc(hidden)]
    #[must_use]
    pub fn from_wire(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as the platform sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::mask::Masked(&self.0).fmt(f)
    }
}

/// Why a document could not be decoded. Holds path, position, type and length, never the value.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<DecodeFailure>);

#[derive(Clone, PartialEq, Eq)]
struct DecodeFailure {
    kind: DecodeErrorKind,
    path: String,
    position: Position,
    message: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Not well formed: torn, mismatched tags, an undeclared prefix.
    Malformed,
    /// Forbidden or too much: a DOCTYPE, too deep.
    Refused,
    /// A required element or attribute is not there.
    Missing,
    /// A value is not of its type.
    Value,
    /// An element stands where it must not: twice, or in two arms of a choice.
    Unexpected,
}

impl DecodeError {
    pub(crate) fn new(
        kind: DecodeErrorKind,
        path: String,
        position: Position,
        message: String,
    ) -> Self {
        Self(Box::new(DecodeFailure {
            kind,
            path,
            position,
            message,
        }))
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> DecodeErrorKind {
        self.0.kind
    }

    /// Path of the element: `getSubscriptionsResponse/subscriptionData[3]/icc`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Line and column, counted from 1.
    #[must_use]
    pub fn position(&self) -> Position {
        self.0.position
    }

    /// What is wrong, without path and position.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The document itself is broken: nothing after this point can be read.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(
            self.0.kind,
            DecodeErrorKind::Malformed | DecodeErrorKind::Refused
        )
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DecodeFailure {
            path,
            position,
            message,
            ..
        } = &*self.0;
        write!(
            f,
            "{message}, at {path} (line {}, column {})",
            position.line, position.column
        )
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for DecodeError {}

/// Why a value could not be written. Holds the path and the reason, never the value.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodeError(Box<(String, String)>);

impl EncodeError {
    pub(crate) fn new(path: String, reason: String) -> Self {
        Self(Box::new((path, reason)))
    }

    /// Path of the value: `modifySubscription/apn0`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.0
    }

    /// What is wrong.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.1
    }
}

/// Where a path leads, in words: that of the value itself has no steps.
pub(crate) fn place(path: &str) -> &str {
    if path.is_empty() {
        "the document"
    } else {
        path
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at {}", self.reason(), place(self.path()))
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodeError({self})")
    }
}

impl std::error::Error for EncodeError {}

/// For generated code: why a list with an unreadable item is not written.
#[doc(hidden)]
pub const BAD_ITEM: &str = "an item that could not be read cannot be written";

/// A list whose items may fail one by one: a bad item is that item's error, not the list's.
#[derive(Debug, Clone, PartialEq)]
pub struct Items<T>(Vec<Result<T, DecodeError>>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Items<T> {
    /// Number of items, bad ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// No items at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items in order, each on its own good or bad.
    pub fn iter(&self) -> std::slice::Iter<'_, Result<T, DecodeError>> {
        self.0.iter()
    }

    /// The good items in order.
    pub fn ok(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|item| item.as_ref().ok())
    }

    /// The errors of the bad items in order.
    pub fn errors(&self) -> impl Iterator<Item = &DecodeError> {
        self.0.iter().filter_map(|item| item.as_ref().err())
    }

    /// Adds a good item.
    pub fn push(&mut self, item: T) {
        self.0.push(Ok(item));
    }

    /// For generated code: adds an item as it was read.
    #[doc(hidden)]
    pub fn push_result(&mut self, item: Result<T, DecodeError>) {
        self.0.push(item);
    }

    /// All items, or the first error.
    ///
    /// # Errors
    /// The first bad item's error.
    pub fn into_all(self) -> Result<Vec<T>, DecodeError> {
        self.0.into_iter().collect()
    }
}

impl<T> IntoIterator for Items<T> {
    type Item = Result<T, DecodeError>;
    type IntoIter = std::vec::IntoIter<Result<T, DecodeError>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Items<T> {
    type Item = &'a Result<T, DecodeError>;
    type IntoIter = std::slice::Iter<'a, Result<T, DecodeError>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Self(iter.into_iter().map(Ok).collect())
    }
}

impl<T> From<Vec<T>> for Items<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T> Extend<T> for Items<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        self.0.extend(iter.into_iter().map(Ok));
    }
}
