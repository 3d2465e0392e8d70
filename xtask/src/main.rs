//! `cargo xtask`: the commands of this workspace.

mod bench;
mod conformance;
mod contract;
mod cost;
mod coverage;
mod diff;
mod files;
mod generate;
mod import;
mod inspect;
mod process;
mod regen;
mod report;
mod run;

use std::ffi::OsString;
use std::process::ExitCode;

use report::{Report, print, warn};

const HELP: &str = "\
cargo xtask <command>

  demo                  start the sandbox and run the main job through the sdk
  regen                 write generated/ from specs/, and say what changed in the contracts
  regen --check         compare only; exit 1 with a diff when anything differs
        [--root <DIR>]  with the specs/ and generated/ of another folder
        [--json]
  generate <SPEC> --out <DIR> --name <CRATE> [--runtime <PATH>] [--catalog <JSON>] [--json]
                        write a crate that stands alone for any WSDL or OpenAPI document
                        (exit 1: the input is broken; 3: it uses something unsupported)
  inspect <SPEC> [--catalog <JSON>] [--json]
                        services, operations and types of a WSDL or OpenAPI document
  diff <OLD> <NEW> [--catalog <JSON>] [--json]
                        what differs between two contracts, or two folders of them, what it means
                        for a caller and for the next version's number; exit 0 whatever differs,
                        1 or 3 when a contract cannot be read
  import <ZIP, FOLDER OR FILE> [--name <API>] [--replace] [--yes | --dry-run]
        [--catalog <JSON>] [--root <DIR>] [--json]
                        put a vendor's package into specs/ and regenerate: shows what it would do,
                        asks (or --yes), takes the place of what is there with --replace only, and
                        leaves everything as it was if anything goes wrong
  conformance <FOLDER> [--jobs <N>] [--timeout <SECONDS>] [--only <PART OF A NAME>] [--json]
                        generate and compile the contracts that <FOLDER>/cases.json lists, rewrite
                        their golden messages, compare with another reader (exit 1: one that has to
                        work fails, any panic or timeout, or there is no case)
  coverage [--journal <DIR>] [--json]
                        the guide's operations x spec, crate, sdk, sandbox, test (exit 1: a gap)
  bench <NAME> [--json] figures that have to hold, in a release build (exit 1: one does not);
                        `bench help` names them; besides, `bench generate`: seconds and memory
                        for contracts of 3,000 operations or 2,000 types, by the build at hand
  cost [--json]         what each generated crate adds to a build: seconds, bytes
  help                  this text

<SPEC> is a WSDL 1.1 or an OpenAPI document; <JSON> an object from URL to file, for what a contract
imports by URL. With --json there is one object per line on the standard output, problems among
them with file, line, column, snippet, message and help. A command line that is not understood ends
with exit status 2.
";

fn main() -> ExitCode {
    let args: Vec<String> = match std::env::args_os()
        .skip(1)
        .map(OsString::into_string)
        .collect()
    {
        Ok(args) => args,
        Err(arg) => {
            warn(&format_args!("error: {} is not UTF-8", arg.display()));
            return ExitCode::from(2);
        }
    };
    let rest = args.get(1..).unwrap_or_default();
    let report = Report {
        json: rest.iter().any(|arg| arg == "--json"),
    };
    let outcome = match args.first().map(String::as_str) {
        Some("demo") => run::demo(rest),
        Some("regen") => regen::run(rest, report),
        Some("bench") => bench::run(rest, report),
        Some("cost") => cost::run(rest),
        Some("coverage") => coverage::run(rest),
        Some("generate") => generate::run(rest, report),
        Some("conformance") => conformance::run(rest, report),
        Some("diff") => diff::run(rest, report),
        Some("import") => import::run(rest, report),
        Some("inspect") => inspect::run(rest, report),
        Some("help" | "--help" | "-h") | None => {
            print(&HELP.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => {
            warn(&format_args!(
                "error: there is no command `{other}`\n\n{HELP}"
            ));
            Ok(ExitCode::from(2))
        }
    };
    outcome.unwrap_or_else(|error| report.error(&error))
}
