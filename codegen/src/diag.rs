//! Diagnostics: what is wrong in an input, where, and what to do about it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A place in an input file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Location {
    /// The file, as given or as reached from the main document.
    pub file: Arc<str>,
    /// 1-based line; 0 when only the file is known.
    pub line: u32,
    /// 1-based column; 0 when only the file is known.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.file)
        } else {
            write!(f, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

/// Whether the input is broken or only beyond what the generator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The input is broken (exit code 1).
    Broken,
    /// The input is fine, but uses something that is not supported (exit code 3).
    Unsupported,
}

impl Severity {
    /// `broken` or `unsupported`, for programs that read diagnostics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Unsupported => "unsupported",
        }
    }

    /// What a command ends with.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Broken => 1,
            Self::Unsupported => 3,
        }
    }
}

/// One problem of an input.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Broken or unsupported.
    pub severity: Severity,
    /// Where.
    pub location: Location,
    /// The line of the input the location points at, if it could be read.
    pub snippet: Option<String>,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Of a file that is missing: every path and every catalog entry that was tried, in order.
    pub tried: Box<[String]>,
}

impl Diagnostic {
    /// A problem at a place, without a snippet and without help.
    pub fn new(severity: Severity, location: Location, message: impl Into<String>) -> Self {
        Self {
            severity,
            location,
            snippet: None,
            message: message.into(),
            help: None,
            tried: Box::default(),
        }
    }

    /// A problem of a file as a whole.
    pub fn of_file(severity: Severity, file: &str, message: impl Into<String>) -> Self {
        let location = Location {
            file: file.into(),
            ..Location::default()
        };
        Self::new(severity, location, message)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what was tried in vain.
    #[must_use]
    pub fn with_tried(mut self, tried: Vec<String>) -> Self {
        self.tried = tried.into_boxed_slice();
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Broken => "error",
            Severity::Unsupported => "unsupported",
        };
        writeln!(f, "{kind}: {}", self.message)?;
        write!(f, "  --> {}", self.location)?;
        if let Some(snippet) = &self.snippet {
            let number = self.location.line.to_string();
            let gutter = " ".repeat(number.len());
            write!(f, "\n {gutter} |\n {number} | {}", snippet.trim_end())?;
            let column = self.location.column.max(1) as usize - 1;
            write!(f, "\n {gutter} | {}^", " ".repeat(column))?;
        }
        for tried in &*self.tried {
            write!(f, "\n  = tried: {tried}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  = help: {help}")?;
        }
        Ok(())
    }
}

/// Everything found wrong with one input; never empty.
#[derive(Debug, Clone)]
pub struct Problems {
    /// The problems in the order they were found.
    pub list: Vec<Diagnostic>,
}

impl Problems {
    /// One problem.
    #[must_use]
    pub fn one(diagnostic: Diagnostic) -> Self {
        Self {
            list: vec![diagnostic],
        }
    }

    /// [`Severity::Broken`] if any problem is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        if self.list.iter().any(|d| d.severity == Severity::Broken) {
            Severity::Broken
        } else {
            Severity::Unsupported
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, d) in self.list.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            d.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Diagnostic> for Problems {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::one(diagnostic)
    }
}

/// A text file of the input, with what is needed to point into it.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// How it is called in diagnostics.
    pub name: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// The location of a byte offset.
    #[must_use]
    pub fn location(&self, offset: usize) -> Location {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |p| p + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        Location {
            file: self.name.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// The text of a 1-based line.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<String> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        self.text.lines().nth(index).map(str::to_owned)
    }

    /// A diagnostic at a byte offset, with its snippet.
    pub fn diagnostic(
        &self,
        severity: Severity,
        offset: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let location = self.location(offset);
        let snippet = self.line(location.line);
        Diagnostic {
            severity,
            location,
            snippet,
            message: message.into(),
            help,
            tried: Box::default(),
        }
    }
}
