//! `cargo xtask coverage`: the guide's operations, and those of the REST APIs, against what is here.
//!
//! The list for Kite is `specs/guide/operations.toml`, for REST APIs their documents; nothing is
//! ticked by hand. *spec*: the contract has the operation. *crate*: the generated client has a method
//! for it. *sdk*: the newest version's method is called by a handle, an older version's client is
//! handed out; a REST API's client is handed out by a handle, whose `raw()` it is. *sandbox* and
//! *test* are read from what the sandboxes of a test run have written down: the request arrived and
//! was understood; it was carried out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use codegen::config::Apis;
use codegen::model::Evidence;
use serde::{Deserialize, Serialize};

/// The list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guide {
    service: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    /// Segment in the paths.
    name: String,
    chapter: String,
    /// Heading in 6.9.
    #[allow(dead_code)] // for people
    table: String,
    /// Generated crates, newest version first.
    apis: Vec<String>,
    operations: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    tps: Option<u32>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(rename = "in")]
    #[allow(dead_code)] // for people
    place: Option<String>,
    #[serde(default)]
    rest: bool,
}

/// An operation of a version.
#[derive(Serialize)]
struct Row {
    service: String,
    /// Of the guide; empty for other lists.
    chapter: String,
    api: String,
    operation: String,
    /// In the list, not only in the contract.
    guide: bool,
    evidence: Option<&'static str>,
    spec: bool,
    #[serde(rename = "crate")]
    generated: bool,
    sdk: bool,
    sandbox: bool,
    test: bool,
    /// Something else that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Row {
    fn ticks(&self) -> [bool; 5] {
        [self.spec, self.generated, self.sdk, self.sandbox, self.test]
    }

    fn is_gap(&self) -> bool {
        self.note.is_some() || !self.ticks().into_iter().all(|tick| tick)
    }
}

/// `cargo xtask coverage [--journal <DIR>] [--json]`.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let mut journal = None;
    let mut json = false;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--json" => json = true,
            "--journal" => {
                let dir = rest.next().context("--journal needs a folder")?;
                journal = Some(PathBuf::from(dir));
            }
            other => bail!("coverage does not know `{other}`"),
        }
    }
    let root = crate::regen::root()?;
    let seen = match journal {
        Some(dir) => Seen::read(&dir)?,
        None => Seen::test(&root)?,
    };
    let (rows, unknown) = rows(&root, &seen)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows, &unknown);
    }
    let complete = rows.iter().all(|row| !row.is_gap());
    Ok(if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The rows, and what the guide's table of limits names and no document describes.
fn rows(root: &Path, seen: &Seen) -> anyhow::Result<(Vec<Row>, Vec<String>)> {
    let specs = root.join("specs");
    let guide: Guide = toml::from_str(&text(&specs.join("guide/operations.toml"))?)?;
    let apis = Apis::parse(&text(&specs.join("apis.toml"))?)?;
    let sdk = Sdk::read(root)?;
    let (mut rows, mut over_rest) = (Vec::new(), Vec::new());
    for service in &guide.service {
        for (at, name) in service.apis.iter().enumerate() {
            let mut found = match apis.api.iter().find(|api| &api.name == name) {
                Some(api) => {
                    let options = codegen::wsdl::Options::default();
                    let contract = codegen::wsdl::read(&specs.join(&api.spec), &options)
                        .map_err(|p| anyhow::anyhow!("{p}"))?;
                    contract
                        .operations
                        .iter()
                        .map(|op| (op.name.clone(), (op.doc.evidence, api.policy(&op.name).tps)))
                        .collect()
                }
                None => BTreeMap::new(),
            };
            let methods = methods(root, name)?;
            let mut row = |operation: &str, guide, spec: Option<Option<Evidence>>, note| {
                let method = methods.get(operation);
                let (service_name, version) = (service.name.clone(), version(name));
                let key = Key {
                    service: service_name.clone(),
                    version: version.to_owned(),
                    operation: operation.to_owned(),
                    soap: true,
                };
                rows.push(Row {
                    service: service_name,
                    chapter: service.chapter.clone(),
                    api: name.clone(),
                    operation: operation.to_owned(),
                    guide,
                    evidence: spec.flatten().map(evidence),
                    spec: spec.is_some(),
                    generated: method.is_some(),
                    sdk: method.is_some_and(|m| sdk.has(name, m, at == 0)),
                    sandbox: seen.understood.contains(&key),
                    test: seen.carried_out.contains(&key),
                    note,
                });
            };
            for listed in &service.operations {
                let names = || std::iter::once(&listed.name).chain(&listed.aliases);
                match names().find_map(|n| found.remove_entry(n)) {
                    Some((operation, (evidence, tps))) => {
                        row(&operation, true, Some(evidence), note(tps, listed));
                    }
                    None if listed.rest => {
                        if at == 0 {
                            over_rest.push((service, listed));
                        }
                    }
                    // An older version may lack what came later.
                    None if at > 0 && !methods.is_empty() => {}
                    None => row(&listed.name, true, None, None),
                }
            }
            for (operation, (evidence, _)) in found {
                row(&operation, false, Some(evidence), None);
            }
        }
    }
    for api in &apis.api {
        let spec = specs.join(&api.spec);
        if codegen::openapi::is_openapi(&spec) {
            rows.extend(rest_rows(root, &api.name, &spec, &sdk, seen)?);
        }
    }
    let mut unknown = Vec::new();
    for (service, listed) in over_rest {
        let here = |row: &&mut Row| row.service == service.name && row.operation == listed.name;
        match rows.iter_mut().find(here) {
            Some(row) => {
                let api = apis.api.iter().find(|api| api.name == row.api);
                let tps = api.and_then(|api| api.policy(&listed.name).tps);
                row.note = note(tps, listed);
            }
            None => unknown.push(format!("{}.{}", service.name, listed.name)),
        }
    }
    Ok((rows, unknown))
}

/// Whether the limits agree.
fn note(tps: Option<u32>, listed: &Listed) -> Option<String> {
    let differ = tps != listed.tps;
    differ.then(|| format!("apis.toml has {tps:?} TPS, the guide {:?}", listed.tps))
}

/// The rows of a REST API.
fn rest_rows(
    root: &Path,
    api: &str,
    spec: &Path,
    sdk: &Sdk,
    seen: &Seen,
) -> anyhow::Result<Vec<Row>> {
    let contract = codegen::openapi::read(spec).map_err(|p| anyhow::anyhow!("{p}"))?;
    let version = version(api);
    // Kite's services are called as their paths call them, other APIs as their crates are.
    let before = |(name, at): (&str, &str)| (at == version).then(|| name.to_owned());
    let segments = || contract.base_path.split('/');
    let of_path = segments().zip(segments().skip(1)).find_map(before);
    let service = match of_path {
        Some(name) if api.starts_with("kite-") => name,
        _ => api.trim_end_matches(&format!("-{version}")).to_owned(),
    };
    let methods = methods(root, api)?;
    let handed_out = sdk.hands_out(api);
    let row = |operation: &codegen::openapi::model::RestOperation| {
        // Sandboxes call every call for a token the same.
        let journalled = match operation.name.as_str() {
            "createToken" => "token",
            name => name,
        };
        let key = Key {
            service: service.clone(),
            version: version.to_owned(),
            operation: journalled.to_owned(),
            soap: false,
        };
        let generated = methods.contains_key(&operation.name);
        Row {
            service: service.clone(),
            chapter: String::new(),
            api: api.to_owned(),
            operation: operation.name.clone(),
            guide: true,
            evidence: operation.doc.evidence.map(evidence),
            spec: true,
            generated,
            sdk: generated && handed_out,
            sandbox: seen.understood.contains(&key),
            test: seen.carried_out.contains(&key),
            note: None,
        }
    };
    Ok(contract.operations.iter().map(row).collect())
}

fn print(rows: &[Row], unknown: &[String]) {
    let mut api = "";
    for row in rows {
        if row.api != api {
            api = &row.api;
            let head = match row.chapter.as_str() {
                "" => format!("{} ({})", row.service, row.api),
                chapter => format!("{} ({}), guide {chapter}", row.service, row.api),
            };
            println!("\n{head:<66}  spec crate sdk sandbox test");
        }
        let [spec, generated, sdk, sandbox, test] = row.ticks().map(|t| if t { '✓' } else { '·' });
        let evidence = row.evidence.unwrap_or("–");
        let operation = if row.guide {
            row.operation.clone()
        } else {
            format!("{} (contract only)", row.operation)
        };
        println!(
            "  {operation:<52}{evidence:<12}  {spec:^4} {generated:^5} {sdk:^3} {sandbox:^7} {test}"
        );
        if let Some(note) = &row.note {
            println!("      {note}");
        }
    }
    if !unknown.is_empty() {
        println!(
            "\nIn the guide's table of limits (6.9), and nothing more is known: {}",
            unknown.join(", ")
        );
    }
    let count = |wanted: &str| rows.iter().filter(|r| r.evidence == Some(wanted)).count();
    let versions: BTreeSet<_> = rows.iter().map(|r| &r.api).collect();
    println!(
        "\n{} operations of {} API versions: {} contract-backed, {} documented, {} inferred",
        rows.len(),
        versions.len(),
        count("contract"),
        count("documented"),
        count("inferred"),
    );
    let gaps = rows.iter().filter(|r| r.is_gap()).count();
    println!("{gaps} with a gap");
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Contract => "contract",
        Evidence::Documented => "documented",
        Evidence::Inferred => "inferred",
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// `v12` of `kite-inventory-v12`.
fn version(api: &str) -> &str {
    api.rsplit('-').next().unwrap_or_default()
}

/// Method of the generated client by operation; those of large services stand in files below it.
fn methods(root: &Path, api: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let source = root.join("generated").join(api).join("src");
    let mut files = vec![source.join("client.rs")];
    if let Ok(folder) = std::fs::read_dir(source.join("client")) {
        for entry in folder {
            files.push(entry?.path());
        }
    }
    let mut methods = BTreeMap::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let mut operation = None;
        for line in text(file)?.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("/// | Operation | `") {
                operation = name.split('`').next().map(str::to_owned);
            }
            if let Some(rest) = line.strip_prefix("pub async fn ")
                && let (Some(operation), Some(method)) = (operation.take(), rest.split('(').next())
            {
                methods.insert(operation, method.to_owned());
            }
        }
    }
    Ok(methods)
}

/// The sources of the sdk, by file.
struct Sdk(Vec<(PathBuf, String)>);

impl Sdk {
    fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        let mut folders = vec![root.join("sdk/src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)
                .with_context(|| format!("cannot read {}", folder.display()))?
            {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.clone(), text(&path)?));
                }
            }
        }
        Ok(Self(files))
    }

    /// Whether a handle hands the client of a REST API out: in the folder in which the crate is
    /// named there is one with `raw()`.
    fn hands_out(&self, api: &str) -> bool {
        let krate = format!("mno_{}::", api.replace('-', "_"));
        let folders = self.0.iter().filter(|(_, text)| text.contains(&krate));
        let folders: Vec<_> = folders.filter_map(|(path, _)| path.parent()).collect();
        let has = |path: &Path| folders.iter().any(|folder| path.starts_with(folder));
        let raw = self
            .0
            .iter()
            .filter(|(_, text)| text.contains("pub fn raw("));
        raw.into_iter().any(|(path, _)| has(path))
    }

    /// Whether a handle calls the method; of older versions, whether the client is handed out.
    fn has(&self, api: &str, method: &str, newest: bool) -> bool {
        let krate = format!("mno_{}", api.replace('-', "_"));
        if !newest {
            let client = format!("-> {krate}::Client");
            return self.0.iter().any(|(_, text)| text.contains(&client));
        }
        let makes = |text: &str| text.contains("client!(kite,") && text.contains(krate.as_str());
        let call = format!(".{method}(");
        self.0.iter().filter(|(_, t)| makes(t)).any(|(path, text)| {
            // A handle is a file, or a folder with a `mod.rs`.
            let folder = path.parent().filter(|_| path.ends_with("mod.rs"));
            let near = |other: &Path| folder.is_some_and(|folder| other.starts_with(folder));
            let squeezed = |text: &str| text.split_whitespace().collect::<String>().contains(&call);
            squeezed(text) || self.0.iter().any(|(p, t)| near(p) && squeezed(t))
        })
    }
}

/// Tests that have sandboxes.
const TESTS: [&str; 4] = ["kite::", "kpn::", "bsc::", "masstack::"];

/// An operation, as sandboxes write it down.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    service: String,
    version: String,
    operation: String,
    /// Called over SOAP: some of Kite's services have the same version over both.
    soap: bool,
}

/// What sandboxes have seen.
#[derive(Default)]
struct Seen {
    understood: BTreeSet<Key>,
    carried_out: BTreeSet<Key>,
}

#[derive(Deserialize)]
struct Line {
    service: String,
    version: String,
    operation: String,
    /// The sdk sends the header with every SOAP call.
    #[serde(rename = "soapAction")]
    soap_action: Option<String>,
    outcome: String,
}

impl Seen {
    /// Runs the tests that have sandboxes, and reads what these wrote down.
    fn test(root: &Path) -> anyhow::Result<Self> {
        let dir = root.join("target/coverage");
        if dir.exists() {
            std::fs::remove_dir_all(&dir).context("cannot empty target/coverage")?;
        }
        std::fs::create_dir_all(&dir).context("cannot make target/coverage")?;
        eprintln!(
            "running the tests of the sdk against sandboxes; --journal <DIR> reads an earlier run"
        );
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["test", "--quiet", "--package", "mno-tests", "--"])
            .args(TESTS)
            .env("MNO_RECORD_DIR", &dir)
            .current_dir(root)
            .stdout(std::process::Stdio::null())
            .status()
            .context("cannot run cargo test")?;
        if !status.success() {
            bail!(
                "the tests failed; `cargo test -p mno-tests -- {}` says why",
                TESTS.join(" ")
            );
        }
        Self::read(&dir)
    }

    fn read(dir: &Path) -> anyhow::Result<Self> {
        let mut seen = Self::default();
        for entry in
            std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?
        {
            let file = entry?.path().join("journal.jsonl");
            if !file.is_file() {
                continue;
            }
            for line in text(&file)?.lines() {
                let line: Line = serde_json::from_str(line)
                    .with_context(|| format!("{} is no journal", file.display()))?;
                let key = Key {
                    service: line.service,
                    version: line.version,
                    operation: line.operation,
                    soap: line.soap_action.is_some(),
                };
                if line.outcome == "ok" {
                    seen.carried_out.insert(key.clone());
                }
                seen.understood.insert(key);
            }
        }
        if seen.understood.is_empty() {
            bail!("no sandbox has written a journal in {}", dir.display());
        }
        Ok(seen)
    }
}
