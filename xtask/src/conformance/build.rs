//! Generating and compiling crates that stand alone, in one target folder for all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use super::Outcome;
use super::cases::hash;
use crate::process::{self, End, Finished};

/// Where everything is, and how long it may take.
#[derive(Debug)]
pub(super) struct Builder {
    /// The workspace.
    root: PathBuf,
    /// `target/conformance`.
    dir: PathBuf,
    timeout: Duration,
    /// Name of the program that holds the crates: one for each folder of contracts.
    driver: String,
    /// cargo locks the target folder; who waits for that lock would lose its time.
    cargo: Mutex<()>,
}

/// What `generate` did.
#[derive(Debug)]
pub(super) struct Generated {
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
    pub(super) megabytes: u64,
}

impl Builder {
    pub(super) fn new(folder: &Path, timeout: Duration) -> anyhow::Result<Self> {
        let root = crate::regen::root()?;
        let dir = root.join("target/conformance");
        for name in ["crates", "logs"] {
            let dir = dir.join(name);
            std::fs::create_dir_all(&dir)
                .with_context(|| format!("cannot create {}", dir.display()))?;
        }
        Ok(Self {
            root,
            dir,
            timeout,
            driver: format!("driver_{}", hash(folder, "")),
            cargo: Mutex::new(()),
        })
    }

    /// Folder of a crate.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.dir.join("crates").join(name)
    }

    /// `xtask generate`, in a process of its own.
    pub(super) fn generate(&self, spec: &Path, name: &str) -> Generated {
        let crashed = |reason: String| Generated {
            outcome: Outcome::Crashed(reason),
            seconds: 0.0,
            megabytes: 0,
        };
        let program = match std::env::current_exe() {
            Ok(program) => program,
            Err(error) => return crashed(format!("cannot find this program: {error}")),
        };
        let mut command = Command::new(program);
        command.arg("generate").arg("--json").arg("--out");
        command.arg(self.folder(name)).args(["--name", name]);
        command.arg("--").arg(spec);
        let log = self.dir.join("logs").join(format!("{name}.generate"));
        match process::run(command, self.timeout, &log) {
            Err(error) => crashed(format!("cannot run: {error}")),
            Ok(finished) => Generated {
                outcome: outcome(&finished),
                seconds: finished.seconds,
                megabytes: finished.megabytes,
            },
        }
    }

    /// `cargo check` of a crate alone, where a warning is an error.
    pub(super) fn check(&self, name: &str) -> Result<(), String> {
        self.cargo(&self.folder(name), name, &["check", "--all-features"])
    }

    /// A program that reads a file with the crate of a number, and writes what that makes of it.
    pub(super) fn driver(&self, crates: &[&str]) -> Result<PathBuf, String> {
        let mut manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n[dependencies]\n",
            self.driver
        );
        let mut arms = String::new();
        for name in crates {
            let _ = writeln!(
                manifest,
                "{name} = {{ path = \"../{name}\", features = [\"wire-test\"] }}"
            );
            let _ = writeln!(arms, "        \"{name}\" => {name}::reencode(&body),");
        }
        let program = format!("{DRIVER_HEAD}{arms}{DRIVER_TAIL}");
        let dir = self.dir.join("crates").join(&self.driver);
        let files = BTreeMap::from([
            ("Cargo.toml".to_owned(), manifest),
            ("src/main.rs".to_owned(), program),
        ]);
        crate::files::write(&dir, &files).map_err(|error| format!("{error:#}"))?;
        self.cargo(&dir, &self.driver, &["build"])?;
        Ok(self.dir.join("target/debug").join(&self.driver))
    }

    /// Runs the driver over one message.
    pub(super) fn reencode(
        &self,
        driver: &Path,
        name: &str,
        message: &Path,
    ) -> Result<Vec<u8>, String> {
        let mut command = Command::new(driver);
        command.arg(name).arg(message);
        let log = self.dir.join("logs").join(format!("{name}.message"));
        let finished = process::run(command, self.timeout, &log).map_err(|e| e.to_string())?;
        match finished.end {
            End::Exited(status) if status.success() => Ok(finished.stdout),
            End::Exited(status) => Err(format!("{status}: {}", finished.stderr.trim())),
            End::TimedOut => Err("timed out".to_owned()),
            End::TooBig => Err("took too much memory".to_owned()),
        }
    }

    fn cargo(&self, dir: &Path, name: &str, args: &[&str]) -> Result<(), String> {
        let _one = match self.cargo.lock() {
            Ok(lock) => lock,
            Err(poisoned) => poisoned.into_inner(),
        };
        // The same versions as the workspace's, so that nothing has to be fetched.
        std::fs::copy(self.root.join("Cargo.lock"), dir.join("Cargo.lock"))
            .map_err(|error| format!("cannot copy Cargo.lock: {error}"))?;
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(args)
            .args(["--offline", "--quiet", "--target-dir"])
            .arg(self.dir.join("target"))
            .current_dir(dir)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS");
        let log = self.dir.join("logs").join(format!("{name}.cargo"));
        // Compiling a big crate may take minutes, and the first one compiles what all need.
        let limit = self.timeout.saturating_mul(10);
        let finished = process::run(command, limit, &log).map_err(|e| e.to_string())?;
        let clean = !finished.stderr.contains("warning");
        match finished.end {
            End::Exited(status) if status.success() && clean => Ok(()),
            End::TimedOut => Err("compiling timed out".to_owned()),
            End::TooBig => Err("compiling took too much memory".to_owned()),
            End::Exited(_) => Err(finished.stderr.trim().to_owned()),
        }
    }
}

const DRIVER_HEAD: &str = "use std::io::Write;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let body = std::fs::read(&args[2]).expect(\"a message\");
    let out = match args[1].as_str() {
";

const DRIVER_TAIL: &str = "        other => panic!(\"no crate {other}\"),
    };
    match out {
        Ok(out) => std::io::stdout().write_all(&out).expect(\"a standard output\"),
        Err(error) => {
            eprintln!(\"{error}\");
            std::process::exit(1);
        }
    }
}
";

/// What the exit status and the diagnostics of `generate --json` say.
fn outcome(finished: &Finished) -> Outcome {
    let status = match &finished.end {
        End::Exited(status) => status,
        End::TimedOut => return Outcome::Crashed("timed out".to_owned()),
        End::TooBig => return Outcome::Crashed("took too much memory".to_owned()),
    };
    let code = status.code();
    if code == Some(0) {
        return Outcome::Generated;
    }
    if !matches!(code, Some(1 | 3)) {
        let line = finished.stderr.lines().next().unwrap_or_default();
        return Outcome::Crashed(format!("{status}: {line}"));
    }
    let mut problems = Vec::new();
    let mut clear = true;
    for line in String::from_utf8_lossy(&finished.stdout).lines() {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        if text("reason") != Some("diagnostic") || text("severity") == Some("note") {
            continue;
        }
        let (file, message) = (text("file"), text("message").unwrap_or_default());
        if message.contains("bug of the generator") {
            return Outcome::Crashed(message.to_owned());
        }
        clear &= file.is_some_and(|file| !file.is_empty()) && !message.is_empty();
        let line = value.get("line").and_then(Value::as_u64);
        let file = file.unwrap_or("no file");
        problems.push(match line {
            Some(line) => format!("{file}:{line}: {message}"),
            None => format!("{file}: {message}"),
        });
    }
    Outcome::Refused {
        unsupported: code == Some(3),
        clear: clear && !problems.is_empty(),
        problems,
    }
}
