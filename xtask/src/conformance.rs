//! `cargo xtask conformance`: contracts of others, with messages that nobody here wrote.
//!
//! Each contract of a folder is given to `generate` in a process of its own, so that one that
//! hangs, crashes or eats memory is one row of the table. The crates are compiled alone, their
//! golden messages read and written again, and what was understood is held against what another
//! reader says.

mod build;
mod cases;
mod golden;
mod oracle;
mod table;
mod xml;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use lexopt::prelude::*;

use crate::report::{Report, Usage};
use build::Builder;
use cases::{Case, Kind};
use golden::Golden;
use oracle::Comparison;

const USAGE: &str = "usage: cargo xtask conformance <FOLDER> [--jobs <N>] [--timeout <SECONDS>] \
                     [--only <PART OF A NAME>] [--json]";

/// What became of one contract.
#[derive(Debug)]
enum Outcome {
    /// A crate.
    Generated,
    /// No crate, and diagnostics that say why: `unsupported` (exit status 3) or broken (1).
    Refused {
        unsupported: bool,
        problems: Vec<String>,
        /// Every diagnostic names a file and says something.
        clear: bool,
    },
    /// A panic, a signal, a timeout, too much memory.
    Crashed(String),
    /// Neither a WSDL nor an OpenAPI document: not for this command.
    Skipped(String),
}

/// One row.
#[derive(Debug)]
struct Row {
    case: Case,
    outcome: Outcome,
    /// Seconds and peak megabytes of `generate`.
    seconds: f64,
    megabytes: u64,
    /// `None` when there is no crate.
    compiled: Option<Result<(), String>>,
    golden: Golden,
    oracle: Option<Comparison>,
}

/// What a row means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    /// Refused, as it may be.
    Refused,
    /// Not as it should be; the exit status does not depend on it.
    Open,
    Failed,
    Skipped,
}

impl Row {
    fn golden_failed(&self) -> bool {
        !self.golden.failures.is_empty()
    }

    fn verdict(&self) -> Verdict {
        let works =
            matches!(self.outcome, Outcome::Generated) && matches!(self.compiled, Some(Ok(())));
        match &self.outcome {
            Outcome::Skipped(_) => return Verdict::Skipped,
            Outcome::Crashed(_) => return Verdict::Failed,
            _ if self.golden_failed() => return Verdict::Failed,
            _ => {}
        }
        let refused = match &self.outcome {
            Outcome::Refused {
                unsupported, clear, ..
            } => *clear && *unsupported,
            _ => false,
        };
        let error = matches!(self.outcome, Outcome::Refused { clear: true, .. });
        match (self.case.kind, self.case.tier.as_deref()) {
            (Kind::OpenApi, None) | (_, Some("A" | "B")) if works => Verdict::Passed,
            (Kind::OpenApi, None) | (_, Some("A" | "B")) => Verdict::Failed,
            (_, Some("X")) if error => Verdict::Passed,
            (_, Some("X")) => Verdict::Failed,
            _ if works => Verdict::Passed,
            // Five readers take it: so should we.
            (_, Some("C")) if self.case.votes >= 5 => Verdict::Open,
            _ if refused => Verdict::Refused,
            _ => Verdict::Open,
        }
    }
}

struct Arguments {
    folder: PathBuf,
    jobs: usize,
    timeout: Duration,
    only: Option<String>,
}

fn arguments(args: &[String]) -> anyhow::Result<Arguments> {
    let (mut folder, mut only) = (None, None);
    let mut jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut timeout = 60;
    let mut args = lexopt::Parser::from_args(args);
    while let Some(arg) = args.next()? {
        match arg {
            Long("json") => {}
            Long("jobs") => jobs = args.value()?.parse()?,
            Long("timeout") => timeout = args.value()?.parse()?,
            Long("only") => only = Some(args.value()?.string()?),
            Value(path) if folder.is_none() => folder = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let folder = folder.ok_or_else(|| Usage(USAGE.to_owned()))?;
    if jobs == 0 || timeout == 0 {
        return Err(Usage("--jobs and --timeout want at least 1".to_owned()).into());
    }
    Ok(Arguments {
        folder,
        jobs,
        timeout: Duration::from_secs(timeout),
        only,
    })
}

pub(crate) fn run(args: &[String], report: Report) -> anyhow::Result<ExitCode> {
    let arguments = arguments(args)?;
    let mut cases = cases::read(&arguments.folder)?;
    if let Some(only) = &arguments.only {
        cases.retain(|case| case.file.contains(only.as_str()));
    }
    if cases.is_empty() {
        anyhow::bail!(
            "no case was found in {}",
            arguments.folder.join("cases.json").display()
        );
    }
    let builder = Builder::new(&arguments.folder, arguments.timeout)?;
    let bar = ProgressBar::new(cases.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    let mut rows = look_at_all(&arguments, &builder, cases, &bar);
    bar.set_message("golden messages");
    golden::run(&arguments.folder, &builder, &mut rows);
    bar.finish_and_clear();
    table::print(&rows, report);
    let failed = rows.iter().any(|row| row.verdict() == Verdict::Failed);
    let all_skipped = rows.iter().all(|row| row.verdict() == Verdict::Skipped);
    Ok(if failed || all_skipped {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Rows in the order of the cases, made by some threads.
fn look_at_all(
    arguments: &Arguments,
    builder: &Builder,
    cases: Vec<Case>,
    bar: &ProgressBar,
) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Row)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.min(cases.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    bar.set_message(case.file.clone());
                    let row = look_at(&arguments.folder, builder, case);
                    bar.inc(1);
                    match done.lock() {
                        Ok(mut done) => done.push((at, row)),
                        Err(poisoned) => poisoned.into_inner().push((at, row)),
                    }
                }
            });
        }
    });
    let mut rows = match done.into_inner() {
        Ok(rows) => rows,
        Err(poisoned) => poisoned.into_inner(),
    };
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn look_at(folder: &Path, builder: &Builder, case: &Case) -> Row {
    let mut row = Row {
        case: case.clone(),
        outcome: Outcome::Generated,
        seconds: 0.0,
        megabytes: 0,
        compiled: None,
        golden: Golden::default(),
        oracle: None,
    };
    if case.kind == Kind::Other {
        row.outcome = Outcome::Skipped(format!("`{}` is no kind that is known", case.kind_text));
        return row;
    }
    let generated = builder.generate(&folder.join(&case.file), &case.crate_name);
    row.outcome = generated.outcome;
    row.seconds = generated.seconds;
    row.megabytes = generated.megabytes;
    if matches!(row.outcome, Outcome::Generated) {
        row.compiled = Some(builder.check(&case.crate_name));
        row.oracle = case.oracle.as_ref().and_then(|file| {
            oracle::compare(&folder.join(file), &builder.folder(&case.crate_name))
        });
    }
    row
}
