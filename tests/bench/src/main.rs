//! Figures that have to hold, measured against a sandbox in a process of its own.

mod figures;
mod hosts;
mod jitter;
mod options;
mod platform;
mod tps;

use std::process::ExitCode;

use figures::Figures;
use options::Options;

const HELP: &str = "\
cargo xtask bench <name> [OPTIONS]

  tps         permits: rate, order and waiting times of one process
  tps-hosts   the same for four processes that share one limit on a Redis server
  help        this text

  --json      an object a line: {\"figure\",\"value\",\"unit\",\"target\",\"holds\"}
  --seconds N how long each run takes, where a figure is one per time (60)

Exit status 1: a figure does not hold.
";

#[tokio::main]
async fn main() -> ExitCode {
    // One of the processes of `tps-hosts`.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(("host", arguments)) = arguments
        .split_first()
        .map(|(name, rest)| (name.as_str(), rest))
    {
        return status(hosts::host(arguments).await.map(|()| true));
    }
    let options = match Options::parse() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("error: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let mut figures = Figures::new(options.json);
    let done = match options.name.as_str() {
        "tps" => tps::run(&options, &mut figures).await,
        "tps-hosts" => hosts::run(&options, &mut figures).await,
        other => {
            eprint!("error: there is no bench `{other}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    status(done.map(|()| figures.hold()))
}

fn status(done: anyhow::Result<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
