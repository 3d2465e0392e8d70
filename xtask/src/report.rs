//! What commands print: for people, or one JSON object per line.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use codegen::diag::{Diagnostic, Problems};
use serde_json::{Value, json};

/// A command line that cannot be understood: exit status 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Where a command's lines go.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Report {
    /// JSON, on the standard output.
    pub(crate) json: bool,
}

impl Report {
    /// A line of the result.
    pub(crate) fn line(self, human: impl Display, json: impl FnOnce() -> Value) {
        if self.json {
            print(&json());
        } else {
            print(&human);
        }
    }

    /// A line for people only.
    pub(crate) fn say(self, human: impl Display) {
        if !self.json {
            print(&human);
        }
    }

    /// What was changed or left out without harm.
    pub(crate) fn note(self, note: &Diagnostic) {
        if self.json {
            print(&diagnostic(note, "note"));
        } else {
            warn(&format_args!("note: {}: {}", note.location, note.message));
        }
    }

    /// What somebody should look at, though the command goes on.
    pub(crate) fn warning(self, message: &str) {
        if self.json {
            print(&message_only("warning", message));
        } else {
            warn(&format_args!("warning: {message}"));
        }
    }

    /// What is wrong with an input, and the exit status for it: 1 for broken input, 3 for input
    /// that uses something unsupported.
    pub(crate) fn problems(self, problems: &Problems) -> ExitCode {
        if self.json {
            for problem in &problems.list {
                print(&diagnostic(problem, problem.severity.as_str()));
            }
        } else {
            warn(problems);
        }
        ExitCode::from(problems.severity().exit_code())
    }

    /// Why a command failed, and its exit status.
    pub(crate) fn error(self, error: &anyhow::Error) -> ExitCode {
        let usage = error
            .chain()
            .any(|e| e.is::<Usage>() || e.is::<lexopt::Error>());
        if self.json {
            print(&message_only("broken", &format!("{error:#}")));
        } else {
            warn(&format_args!("error: {error:#}"));
        }
        ExitCode::from(if usage { 2 } else { 1 })
    }
}

/// What is about no place of an input.
fn message_only(severity: &str, message: &str) -> Value {
    json!({
        "reason": "diagnostic", "severity": severity, "message": message,
        "file": null, "line": null, "column": null, "help": null, "snippet": null, "tried": [],
    })
}

fn diagnostic(of: &Diagnostic, severity: &str) -> Value {
    // Where only the file is known, the numbers are 0.
    let number = |n: u32| (n > 0).then_some(n);
    json!({
        "reason": "diagnostic",
        "severity": severity,
        "file": of.location.file.as_ref(),
        "line": number(of.location.line),
        "column": number(of.location.column),
        "message": of.message,
        "help": of.help,
        "snippet": of.snippet,
        "tried": of.tried,
    })
}

/// A line on the standard output. A reader that went away (`| head`) is no reason to panic.
pub(crate) fn print(line: &dyn Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line on the standard error.
pub(crate) fn warn(line: &dyn Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
