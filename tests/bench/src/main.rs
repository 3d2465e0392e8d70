//! Figures that have to hold, measured against a sandbox in a process of its own.

mod figures;
mod options;
mod platform;
mod tps;

use std::process::ExitCode;

use figures::Figures;
use options::Options;

const HELP: &str = "\
cargo xtask bench <name> [OPTIONS]

  tps         permits: rate, order and waiting times of one process
  help        this text

  --json      an object a line: {\"figure\",\"value\",\"unit\",\"target\",\"holds\"}
  --seconds N how long each run takes, where a figure is one per time (60)

Exit status 1: a figure does not hold.
";

#[tokio::main]
async fn main() -> ExitCode {
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
        other => {
            eprint!("error: there is no bench `{other}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) if figures.hold() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
