//! Calls a few dozen operations of a REST platform by way of prism, which holds requests and answers
//! against the OpenAPI document: `tests/judges/prism.sh` starts both.
//!
//! ```text
//! rest_calls <kpn|bsc|masstack> <URL of prism> [<access token>]
//! ```
//!
//! Behind prism is its mock, or the sandbox; with a token it is the sandbox, which may refuse what it
//! has reason to. What prism finds wrong never passes.

mod bsc;
mod kpn;
mod masstack;
mod plain;

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use mno_sdk::{Error, ErrorKind};
use plain::Plain;

/// What became of the calls.
struct Run {
    /// The sandbox is behind prism, and not prism's mock.
    real: bool,
    calls: u32,
    failed: u32,
}

impl Run {
    /// Notes a call's end, and hands out its answer.
    fn see<T>(&mut self, name: &str, outcome: Result<T, Error>) -> Option<T> {
        self.calls += 1;
        match outcome {
            Ok(answer) => Some(answer),
            // The platform's own refusal, which prism has found to be one of the document's.
            Err(e) if self.real && e.kind() == ErrorKind::Fault => {
                println!("      refused  {name}: {}", first_line(&e));
                None
            }
            Err(e) => {
                println!("FAIL           {name}: {e}");
                self.failed += 1;
                None
            }
        }
    }
}

fn first_line(text: &impl Display) -> String {
    text.to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let platform = args.next().context("which platform?")?;
    let url = args.next().context("where is prism?")?;
    let token = args.next();
    let mut run = Run {
        real: token.is_some(),
        calls: 0,
        failed: 0,
    };
    let base_path = match platform.as_str() {
        "kpn" => mno_sdk::kpn::msm::Client::PATH,
        "bsc" => mno_telekom_bsc_v1::Client::PATH,
        "masstack" => mno_masstack_partners_v3::Client::PATH,
        other => bail!("there is no platform `{other}`"),
    };
    let transport = Arc::new(Plain::new(&url, base_path, token)?);
    match platform.as_str() {
        "kpn" => kpn::calls(&mut run, transport.clone()).await?,
        "bsc" => bsc::calls(&mut run, transport.clone()).await?,
        _ => masstack::calls(&mut run, transport.clone()).await?,
    }
    let violations = transport.violations();
    for violation in &violations {
        println!("VIOLATION      {violation}");
    }
    let Run { calls, failed, .. } = run;
    println!(
        "{platform}: {calls} calls, {failed} failed, {} violations",
        violations.len()
    );
    if failed > 0 || !violations.is_empty() {
        bail!("{platform} and its document do not agree");
    }
    Ok(())
}
