//! Patterns of contracts.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A pattern of a contract; it is compiled when the first value is held against it.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    expression: &'static str,
    is_whole: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// For generated code: a pattern that is an expression as it is. The whole text has to fit, as
    /// XML Schema has it.
    #[must_use]
    pub const fn new(source: &'static str) -> Self {
        Self::translated(source, source)
    }

    /// For generated code: a pattern as the contract has it, and as an expression.
    #[must_use]
    pub const fn translated(source: &'static str, expression: &'static str) -> Self {
        Self {
            source,
            expression,
            is_whole: true,
            regex: OnceLock::new(),
        }
    }

    /// For generated code: a part of the text may fit, as JSON Schema has it, unless the pattern has
    /// anchors.
    #[must_use]
    pub const fn anywhere(mut self) -> Self {
        self.is_whole = false;
        self
    }

    /// Whether a text fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| {
            if self.is_whole {
                Regex::new(&format!(r"\A(?:{})\z", self.expression)).ok()
            } else {
                Regex::new(self.expression).ok()
            }
        });
        // The generator has compiled it before; one that does not compile refuses nothing.
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    /// What is said of a text that does not fit; not which text.
    pub(crate) fn check(&self, text: &str) -> Result<(), String> {
        if self.matches(text) {
            return Ok(());
        }
        Err(format!(
            "the text does not fit the pattern `{}`",
            self.source
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_xml_schema_is_about_the_whole_text() {
        let pattern = Pattern::new("[0-9]+|x");
        assert!(pattern.matches("12") && pattern.matches("x"));
        assert!(!pattern.matches("12a") && !pattern.matches("ax"));
    }

    #[test]
    fn a_pattern_of_openapi_is_looked_for() {
        let pattern = Pattern::new("[0-9]+").anywhere();
        assert!(pattern.matches("a12b") && !pattern.matches("ab"));
        let pattern = Pattern::new("^[0-9]+$").anywhere();
        assert!(pattern.matches("12") && !pattern.matches("a12b") && !pattern.matches("12\n"));
    }
}
