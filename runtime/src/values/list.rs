//! White-space separated lists (`xs:list`).

use super::{Lexical, LexicalError};

/// A list of values in one text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl<T: Lexical> Lexical for List<T> {
    const KIND: &'static str = T::KIND;
    const KEEPS_BLANK: bool = true;

    fn parse(text: &str) -> Result<Self, LexicalError> {
        text.split_ascii_whitespace().map(T::parse).collect()
    }

    fn write(&self, out: &mut String) {
        for (i, value) in self.0.iter().enumerate() {
            if i > 0 {
                out.push(' ');
            }
            value.write(out);
        }
    }
}
