//! A child process with a limit on time and memory.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A process with more than this is ended.
const MEMORY: u64 = 4096;

/// How it ended.
#[derive(Debug)]
pub(crate) enum End {
    Exited(ExitStatus),
    TimedOut,
    /// More than [`MEMORY`].
    TooBig,
}

/// A child that ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) seconds: f64,
    /// Peak of its resident memory in megabytes, where the system tells; 0 elsewhere.
    pub(crate) megabytes: u64,
}

/// Runs a command. Its output goes to files: a pipe could be held open by its own children.
pub(crate) fn run(mut command: Command, limit: Duration, log: &Path) -> io::Result<Finished> {
    let (out, err) = (log.with_extension("out"), log.with_extension("err"));
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(File::create(&out)?)
        .stderr(File::create(&err)?)
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut megabytes = 0;
    let mut pause = Duration::from_millis(1);
    let end = loop {
        if let Some(status) = child.try_wait()? {
            break End::Exited(status);
        }
        megabytes = peak(&status).unwrap_or_default().max(megabytes);
        let too_long = start.elapsed() > limit;
        if too_long || megabytes > MEMORY {
            // Perhaps it has just ended by itself.
            let _ = child.kill();
            child.wait()?;
            break if too_long { End::TimedOut } else { End::TooBig };
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(25));
    };
    let stderr = std::fs::read(&err)?;
    Ok(Finished {
        end,
        stdout: std::fs::read(&out)?,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        seconds: start.elapsed().as_secs_f64(),
        megabytes,
    })
}

fn peak(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1024)
}
