//! `cargo xtask import`: a vendor's package becomes part of `specs/`.
//!
//! Everything is done in a folder beside `specs/` first: the package is unpacked there, and the
//! whole workspace generated from a copy of `specs/` with the package in it. Only what has gone
//! well is renamed into place, and renamed back if that fails in the middle.

mod apis;
mod plan;
mod swap;
mod unpack;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use codegen::config::Apis;
use codegen::diag::Problems;
use codegen::diff::Diff;
use codegen::emit::{API, Files};
use codegen::import::Package;
use codegen::inspect::Inspection;
use codegen::wsdl::Options;
use lexopt::prelude::*;
use serde_json::json;

use crate::contract::{self, Contract};
use crate::files;
use crate::report::{Report, Usage};
use plan::{Action, Entry, Found, Known, Plan};
use swap::Swap;
pub(crate) use swap::recover;

const USAGE: &str = "usage: cargo xtask import <ZIP, FOLDER OR FILE> [--name <API>] [--replace] \
                     [--yes | --dry-run] [--catalog <JSON>] [--root <DIR>] [--json]";

struct Arguments {
    source: PathBuf,
    name: Option<String>,
    replace: bool,
    yes: bool,
    dry_run: bool,
    catalog: Option<PathBuf>,
    root: PathBuf,
}

fn arguments(args: &[String]) -> anyhow::Result<Arguments> {
    let (mut source, mut name, mut catalog) = (None, None, None);
    let (mut replace, mut yes, mut dry_run) = (false, false, false);
    let mut root = crate::regen::root()?;
    let mut args = lexopt::Parser::from_args(args);
    while let Some(arg) = args.next()? {
        match arg {
            Long("json") => {}
            Long("name") => name = Some(args.value()?.string()?),
            Long("replace") => replace = true,
            Long("yes") => yes = true,
            Long("dry-run") => dry_run = true,
            Long("catalog") => catalog = Some(PathBuf::from(args.value()?)),
            Long("root") => root = PathBuf::from(args.value()?),
            Value(path) if source.is_none() => source = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let source = source.ok_or_else(|| Usage(USAGE.to_owned()))?;
    if yes && dry_run {
        return Err(Usage("--yes and --dry-run exclude each other".to_owned()).into());
    }
    Ok(Arguments {
        source,
        name,
        replace,
        yes,
        dry_run,
        catalog,
        root,
    })
}

pub(crate) fn run(args: &[String], report: Report) -> anyhow::Result<ExitCode> {
    let arguments = arguments(args)?;
    let root = arguments.root.canonicalize().with_context(|| {
        let root = arguments.root.display();
        format!("there is no folder {root}")
    })?;
    recover(&root, report)?;
    let specs = root.join("specs");
    let text = fs::read_to_string(specs.join("apis.toml"))
        .with_context(|| format!("cannot read {}", specs.join("apis.toml").display()))?;
    let apis = Apis::parse(&text).context("specs/apis.toml is not understood")?;
    let options = contract::options(arguments.catalog.as_deref())?;
    // In the same file system as what it will take the place of.
    let stage = tempfile::Builder::new()
        .prefix(swap::PREFIX)
        .tempdir_in(&root)
        .with_context(|| format!("cannot write into {}", root.display()))?;
    let guard = stage;
    let stage = guard.path().canonicalize()?;

    let (package, is_file) = unpacked(&arguments.source, &stage.join("package"))?;
    let mut found = Vec::new();
    for main in &package.contracts {
        match look(main, &options) {
            Ok(contract) => found.push(contract?),
            Err(problems) => {
                report.say("nothing was imported: a contract of the package cannot be used");
                return Ok(report.problems(&problems));
            }
        }
    }
    if !is_file {
        stay_inside(&found, &stage.join("package"), &options)?;
    }
    let known = Known::read(&root, &apis);
    let name = arguments.name.as_deref();
    let stem = arguments.source.file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    let mut plan = plan::plan(&found, &known, name, &stem, &options.catalog)?;
    let copies = copies(&specs, &plan)?;
    let staged = stage.join("workspace");
    let removed = write_specs(&root, &staged, &text, &apis, &plan)?;
    if let Err(problems) = keep_own_types(&staged, &text, &apis, &mut plan)? {
        report.say("nothing was imported: with the package, specs/ cannot be read");
        return Ok(report.problems(&problems));
    }
    let crates = match codegen::workspace::generate(&staged) {
        Ok(crates) => crates,
        Err(problems) => {
            report.say("nothing was imported: with the package, specs/ cannot be generated from");
            return Ok(report.problems(&problems));
        }
    };
    let unused = unused(&package, &plan);
    show(&plan, &copies, &removed, &unused, report);
    let changed = compare(&root, &crates, &plan, &known, report)?;
    let overwrites: Vec<&String> = copies
        .iter()
        .filter(|(_, state)| **state == Copy::Changed)
        .map(|(path, _)| path)
        .collect();
    let replaced = plan.entries.iter().any(|e| e.action == Action::Replace);
    if changed.is_empty() && overwrites.is_empty() && copies.values().all(|c| *c == Copy::Same) {
        report.line(
            "nothing to do: specs/ has all of it",
            || json!({"reason": "imported", "written": false}),
        );
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.dry_run {
        report.line(
            "\nnothing was written (--dry-run)",
            || json!({"reason": "imported", "written": false}),
        );
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.replace && (replaced || !overwrites.is_empty()) {
        bail!(
            "specs/ has a contract of this API and version already: nothing was written; \
             say --replace if the package is to take its place"
        );
    }
    if !arguments.yes && !asked(report)? {
        report.say("nothing was written");
        return Ok(ExitCode::FAILURE);
    }
    let mut swap = Swap::new(&root, &stage);
    if let Err(error) = commit(&mut swap, &staged, &crates, &changed) {
        if let Err(second) = swap.back() {
            let stage = guard.keep();
            return Err(error.context(format!(
                "half of it was written, and {second:#}: what stood there is in {}",
                stage.display()
            )));
        }
        return Err(error.context("nothing was written"));
    }
    report.line(
        "\nimported",
        || json!({"reason": "imported", "written": true, "crates": changed}),
    );
    for entry in &plan.entries {
        report.say(next_step(entry));
    }
    Ok(ExitCode::SUCCESS)
}

/// The package's files, its contracts as absolute paths; and whether it is a single file, which is
/// read where it is.
fn unpacked(source: &Path, to: &Path) -> anyhow::Result<(Package, bool)> {
    let source = source
        .canonicalize()
        .with_context(|| format!("there is no {}", source.display()))?;
    fs::create_dir(to).with_context(|| format!("cannot create {}", to.display()))?;
    if source.is_dir() {
        unpack::folder(&source, to)?;
    } else if unpack::is_zip(&source) {
        unpack::zip(&source, to)?;
    } else {
        let package = Package {
            contracts: vec![source],
            ..Package::default()
        };
        return Ok((package, true));
    }
    let mut package = Package::scan(to).context("cannot read the package")?;
    if package.contracts.is_empty() {
        let names = package.parts.iter().chain(&package.others);
        let names: Vec<String> = names.take(10).map(|p| p.display().to_string()).collect();
        bail!(
            "the package has no WSDL with a service and no OpenAPI document; it has: {}",
            names.join(", ")
        );
    }
    for list in [
        &mut package.contracts,
        &mut package.parts,
        &mut package.others,
    ] {
        for path in list {
            *path = to.join(&*path);
        }
    }
    Ok((package, false))
}

/// Reads a contract and finds its files.
#[allow(clippy::type_complexity)] // problems of the contract apart from those of this command
fn look(main: &Path, options: &Options) -> Result<anyhow::Result<Found>, codegen::diag::Problems> {
    let contract = Contract::read(main, options)?;
    let folder = main.parent().unwrap_or(main);
    let files = contract.sources().iter().map(|name| {
        let path = folder.join(name);
        path.canonicalize()
            .with_context(|| format!("cannot find {} again", path.display()))
    });
    Ok(files
        .collect::<anyhow::Result<BTreeSet<PathBuf>>>()
        .map(|files| Found {
            main: main.to_path_buf(),
            inspection: contract.inspect(),
            files: files.into_iter().collect(),
            is_rest: matches!(contract, Contract::Rest(_)),
        }))
}

/// A package refers to its own files, and to those of the catalog.
fn stay_inside(found: &[Found], folder: &Path, options: &Options) -> anyhow::Result<()> {
    let catalog: BTreeSet<PathBuf> = options
        .catalog
        .values()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    for contract in found {
        for file in &contract.files {
            if !file.starts_with(folder) && !catalog.contains(file) {
                bail!(
                    "{} refers to {}, which is outside of the package",
                    contract.main.display(),
                    file.display()
                );
            }
        }
    }
    Ok(())
}

/// What writing a file means for `specs/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copy {
    Added,
    Changed,
    Same,
}

/// The plan's files, by their place in `specs/`.
fn copies(specs: &Path, plan: &Plan) -> anyhow::Result<BTreeMap<String, Copy>> {
    let mut out = BTreeMap::new();
    let mut sources: BTreeMap<&PathBuf, &PathBuf> = BTreeMap::new();
    for (from, to) in &plan.files {
        let new = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
        if let Some(other) = sources.insert(to, from)
            && fs::read(other)? != new
        {
            bail!(
                "two files of the package would be {}: {} and {}",
                to.display(),
                other.display(),
                from.display()
            );
        }
        let state = match fs::read(specs.join(to)) {
            Ok(old) if old == new => Copy::Same,
            Ok(_) => Copy::Changed,
            Err(_) => Copy::Added,
        };
        out.insert(to.display().to_string(), state);
    }
    Ok(out)
}

/// A copy of `specs/` with the package in it. Gives the files that no API needs any more.
fn write_specs(
    root: &Path,
    staged: &Path,
    text: &str,
    apis: &Apis,
    plan: &Plan,
) -> anyhow::Result<Vec<String>> {
    let specs = staged.join("specs");
    copy(&root.join("specs"), &specs)?;
    for (from, to) in &plan.files {
        let to = specs.join(to);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let edited = apis::edit(text, apis, &plan.entries)?;
    fs::write(specs.join("apis.toml"), &edited).context("cannot write specs/apis.toml")?;
    let after = Apis::parse(&edited).context("the extended specs/apis.toml is not understood")?;
    let mut removed = Vec::new();
    for entry in plan.entries.iter().filter(|e| e.action == Action::Replace) {
        let Some(old) = apis.api.iter().find(|api| api.name == entry.name) else {
            continue;
        };
        if old.spec == entry.spec {
            continue;
        }
        let before = sources(&root.join("specs"), &old.spec);
        let mut needed = BTreeSet::new();
        for api in &after.api {
            needed.extend(sources(&specs, &api.spec));
        }
        for file in before.difference(&needed) {
            fs::remove_file(specs.join(file))
                .with_context(|| format!("cannot remove {}", file.display()))?;
            removed.push(file.display().to_string());
        }
    }
    Ok(removed)
}

/// Lets what is imported have types of its own, where those that it would share differ.
fn keep_own_types(
    staged: &Path,
    text: &str,
    apis: &Apis,
    plan: &mut Plan,
) -> anyhow::Result<Result<(), Problems>> {
    loop {
        let differences = match codegen::workspace::shared_differences(staged) {
            Ok(differences) => differences,
            Err(problems) => return Ok(Err(problems)),
        };
        let found = differences.into_iter().find_map(|difference| {
            let is_it = |entry: &Entry| {
                (entry.name == difference.second || entry.name == difference.first)
                    && !entry.not_shared.contains_key(&difference.shared)
            };
            Some((plan.entries.iter().position(is_it)?, difference))
        });
        // What differs otherwise was so before: that is for `regen` to say.
        let Some((at, difference)) = found else {
            return Ok(Ok(()));
        };
        let entry = &mut plan.entries[at];
        entry.not_shared.insert(difference.shared, difference.types);
        let edited = apis::edit(text, apis, &plan.entries)?;
        fs::write(staged.join("specs/apis.toml"), edited)
            .context("cannot write specs/apis.toml")?;
    }
}

/// Files of a contract, relative to `specs/`; none if it cannot be read.
fn sources(specs: &Path, spec: &str) -> BTreeSet<PathBuf> {
    let path = specs.join(spec);
    let folder = path.parent().unwrap_or(specs);
    let Ok(contract) = Contract::read(&path, &Options::default()) else {
        return BTreeSet::new();
    };
    let Ok(specs) = specs.canonicalize() else {
        return BTreeSet::new();
    };
    let files = contract.sources().iter();
    files
        .filter_map(|name| {
            let file = folder.join(name).canonicalize().ok()?;
            file.strip_prefix(&specs).ok().map(Path::to_path_buf)
        })
        .collect()
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// Files of the package that no contract refers to.
fn unused(package: &Package, plan: &Plan) -> Vec<String> {
    let files = package.parts.iter().chain(&package.others);
    files
        .filter(|file| !plan.files.iter().any(|(from, _)| from == *file))
        .filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned()))
        .collect()
}

fn show(
    plan: &Plan,
    copies: &BTreeMap<String, Copy>,
    removed: &[String],
    unused: &[String],
    report: Report,
) {
    for entry in &plan.entries {
        let (word, what) = match &entry.action {
            Action::Replace => (
                "replace",
                "takes the place of the contract that is there".into(),
            ),
            Action::Version { like } => ("version", format!("is a further version of {like}")),
            Action::New { .. } => ("new", "is new".to_owned()),
        };
        let text = format!(
            "{}: {what}; {} operations in specs/{}",
            entry.name, entry.operations, entry.spec
        );
        report.line(text, || {
            json!({
                "reason": "api", "name": entry.name, "action": word, "spec": entry.spec,
                "operations": entry.operations, "facts_missing": entry.facts_missing,
                "facts_dropped": entry.facts_dropped, "not_shared": entry.not_shared,
            })
        });
        for (what, list) in [
            ("no facts in specs/apis.toml for", &entry.facts_missing),
            ("facts dropped with their operation", &entry.facts_dropped),
        ] {
            if !list.is_empty() {
                report.say(format_args!("  {what}: {}", list.join(", ")));
            }
        }
        for (shared, types) in &entry.not_shared {
            let types = types.join(", ");
            report.say(format_args!(
                "  has types of its own instead of those of {shared}, which differ in: {types}"
            ));
        }
    }
    let files = copies.iter().map(|(path, state)| {
        let word = match state {
            Copy::Added => "added",
            Copy::Changed => "overwritten",
            Copy::Same => "unchanged",
        };
        (word, path)
    });
    let files = files.chain(removed.iter().map(|path| ("removed", path)));
    for (word, path) in files.chain(unused.iter().map(|path| ("not used", path))) {
        report.line(
            format_args!("  {word}: {path}"),
            || json!({"reason": "file", "action": word, "path": path}),
        );
    }
}

/// Says what differs from the crates that are there, and which of them are to be written.
fn compare(
    root: &Path,
    crates: &BTreeMap<String, Files>,
    plan: &Plan,
    known: &Known<'_>,
    report: Report,
) -> anyhow::Result<Vec<String>> {
    let mut changed = Vec::new();
    for (name, wanted) in crates {
        let dir = root.join("generated").join(name);
        let label = format!("generated/{name}");
        if files::compare(&dir, &label, wanted)?.is_none() {
            continue;
        }
        changed.push(name.clone());
        let like = plan.entries.iter().find_map(|entry| match &entry.action {
            Action::Version { like } if entry.name == *name => known.inspections.get(like),
            _ => None,
        });
        let diff = match like {
            Some(like) => wanted
                .get(API)
                .and_then(|text| serde_json::from_str::<Inspection>(text).ok())
                .map(|new| Diff::between(like, &new)),
            None => crate::regen::contract_diff(&dir, wanted),
        };
        match diff {
            Some(diff) => crate::diff::print(name, &diff, report),
            None => report.line(
                format_args!("{label}: written"),
                || json!({"reason": "crate", "name": name, "state": "written"}),
            ),
        }
    }
    Ok(changed)
}

/// Asks, if there is somebody to ask.
fn asked(report: Report) -> anyhow::Result<bool> {
    if report.json || !std::io::stdin().is_terminal() {
        let text = "say --yes to write this, or --dry-run to look only";
        return Err(Usage(text.to_owned()).into());
    }
    let mut out = std::io::stderr().lock();
    write!(out, "\nWrite this? [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// Renames everything into place.
fn commit(
    swap: &mut Swap<'_>,
    staged: &Path,
    crates: &BTreeMap<String, Files>,
    changed: &[String],
) -> anyhow::Result<()> {
    for name in changed {
        if let Some(files) = crates.get(name) {
            files::write(&staged.join("generated").join(name), files)?;
        }
    }
    swap.put(&staged.join("specs"), "specs")?;
    for name in changed {
        let new = staged.join("generated").join(name);
        swap.put(&new, &format!("generated/{name}"))?;
    }
    Ok(())
}

/// What is left to do by hand.
fn next_step(entry: &Entry) -> String {
    let name = &entry.name;
    match &entry.action {
        Action::Replace => format!(
            "{name}: nothing to add; `cargo test --workspace` says what the change does to the sdk"
        ),
        Action::Version { .. } | Action::New { .. } => format!(
            "{name}: a member of the workspace by its place; `cargo check -p mno-{name}` enters it \
             into Cargo.lock. Depend on it by its path, or, for the sdk to hand it out, add it to \
             [workspace.dependencies] in Cargo.toml and to the features of sdk/Cargo.toml"
        ),
    }
}
