use std::fmt;

use crate::facts::OperationFacts;

/// A request type of a generated crate: which operation it calls and what that answers.
pub trait Operation {
    /// The answer's type.
    type Response;
    /// Facts of the operation.
    const FACTS: OperationFacts;
}

/// A builder was asked to build without a required field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildError {
    /// The type that was to be built.
    pub type_name: &'static str,
    /// The field that is missing.
    pub field: &'static str,
}

impl BuildError {
    /// For generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn missing(type_name: &'static str, field: &'static str) -> Self {
        Self { type_name, field }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cannot be built: `{}` is required and not set",
            self.type_name, self.field
        )
    }
}

impl std::error::Error for BuildError {}
