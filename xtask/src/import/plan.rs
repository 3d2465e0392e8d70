//! What to do with a package: which API each contract is, and where its files go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use codegen::config::{Api, Apis};
use codegen::import::{api_name, unversioned, version};
use codegen::inspect::Inspection;

use crate::contract::Contract;
use crate::report::Usage;

/// A contract of the package.
pub(super) struct Found {
    /// Its main file, absolute.
    pub(super) main: PathBuf,
    pub(super) inspection: Inspection,
    /// All its files, absolute.
    pub(super) files: Vec<PathBuf>,
    pub(super) is_rest: bool,
}

/// What becomes of an entry of `apis.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Its contract is another one.
    Replace,
    /// Another version of an API that is there: its facts are taken over.
    Version { like: String },
    /// An API that is not there in any version.
    New { platform: String, service: String },
}

/// An API of the plan.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) action: Action,
    /// Its main file, relative to `specs/`.
    pub(super) spec: String,
    /// Files for absolute locations, relative to `specs/`.
    pub(super) catalog: BTreeMap<String, String>,
    /// Operations that the file has facts for and the new contract does not have.
    pub(super) facts_dropped: Vec<String>,
    /// Operations without facts of their own.
    pub(super) facts_missing: Vec<String>,
    /// Crates of shared types that it cannot use, because these of its types differ.
    pub(super) not_shared: BTreeMap<String, Vec<String>>,
    pub(super) operations: usize,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) entries: Vec<Entry>,
    /// From, absolute; to, relative to `specs/`. A file that several APIs use may go to several
    /// places.
    pub(super) files: BTreeSet<(PathBuf, PathBuf)>,
}

/// What the workspace has.
pub(super) struct Known<'a> {
    pub(super) apis: &'a Apis,
    /// By name.
    pub(super) inspections: BTreeMap<String, Inspection>,
}

impl<'a> Known<'a> {
    /// From the crates, else from the contracts.
    pub(super) fn read(root: &Path, apis: &'a Apis) -> Self {
        let mut inspections = BTreeMap::new();
        for api in &apis.api {
            let file = root.join("generated").join(&api.name);
            let text = std::fs::read_to_string(file.join(codegen::emit::API)).ok();
            let kept = text.and_then(|text| serde_json::from_str(&text).ok());
            let inspection = kept.or_else(|| {
                let spec = root.join("specs").join(&api.spec);
                let contract = Contract::read(&spec, &Default::default()).ok()?;
                Some(contract.inspect())
            });
            if let Some(inspection) = inspection {
                inspections.insert(api.name.clone(), inspection);
            }
        }
        Self { apis, inspections }
    }

    fn api(&self, name: &str) -> Option<&'a Api> {
        self.apis.api.iter().find(|api| api.name == name)
    }
}

/// `kite-inventory-v12` is `kite-inventory` and 12.
fn split(name: &str) -> (&str, Option<u32>) {
    match name.rsplit_once("-v") {
        Some((base, number)) => match number.parse() {
            Ok(number) => (base, Some(number)),
            Err(_) => (name, None),
        },
        None => (name, None),
    }
}

/// How a contract is related to an API that is there.
enum Kin {
    Same,
    OtherVersion,
}

fn kin(found: &Found, number: u32, name: &str, known: &Inspection) -> Option<Kin> {
    let is_rest = known.protocol == "REST";
    if is_rest != found.is_rest {
        return None;
    }
    let new = &found.inspection;
    if !is_rest {
        if known.namespace == new.namespace {
            return Some(Kin::Same);
        }
        let same_shape = unversioned(&known.namespace) == unversioned(&new.namespace);
        return (same_shape && !new.namespace.is_empty()).then_some(Kin::OtherVersion);
    }
    // Titles change; what is called, and how, is what a REST API is.
    let calls = |inspection: &Inspection| -> BTreeSet<String> {
        let operations = inspection.operations.values();
        operations.map(call).collect()
    };
    let (a, b) = (calls(known), calls(new));
    let common = a.intersection(&b).count();
    if common == 0 || common * 2 < a.len().min(b.len()) {
        return None;
    }
    Some(if split(name).1.is_none_or(|known| known == number) {
        Kin::Same
    } else {
        Kin::OtherVersion
    })
}

/// Method and path, without versions and names of parameters.
fn call(operation: &codegen::inspect::Operation) -> String {
    let path = operation.path.as_deref().unwrap_or_default();
    let words: Vec<&str> = path
        .split('/')
        .map(|word| if word.starts_with('{') { "{}" } else { word })
        .collect();
    let method = operation.method.as_deref().unwrap_or_default();
    format!("{method} {}", unversioned(&words.join("/")))
}

/// The number in the places that usually have it, else 1.
fn number(found: &Found) -> u32 {
    let inspection = &found.inspection;
    let file = found.main.file_name().unwrap_or_default().to_string_lossy();
    let operation = inspection.operations.values().next();
    let path = operation.and_then(|operation| operation.path.as_deref());
    let address = inspection.address.as_deref().unwrap_or_default();
    let said = inspection.version.trim_start_matches(['v', 'V']);
    let said: String = said.chars().take_while(char::is_ascii_digit).collect();
    [
        inspection.namespace.as_str(),
        path.unwrap_or_default(),
        address,
    ]
    .into_iter()
    .find_map(version)
    .or_else(|| version(&file))
    .or_else(|| said.parse().ok().filter(|number| *number > 0))
    .unwrap_or(1)
}

/// Names for what is new, before its version: as asked for; a package of several services is called
/// after itself, and each of them after itself too.
fn bases(found: &[Found], name: Option<&str>, prefix: &str) -> Vec<Option<String>> {
    let services: BTreeSet<String> = found.iter().map(service).collect();
    let prefix = match (services.len(), name) {
        (0 | 1, name) => return vec![name.map(str::to_owned); found.len()],
        (_, Some(name)) => name.to_owned(),
        (_, None) => api_name(prefix),
    };
    let base = |contract: &Found| {
        let service = service(contract);
        let has_it = service
            .strip_prefix(&prefix)
            .is_some_and(|rest| rest.starts_with('-'));
        Some(if has_it {
            service
        } else {
            format!("{prefix}-{service}")
        })
    };
    found.iter().map(base).collect()
}

fn service(contract: &Found) -> String {
    api_name(&contract.inspection.name)
}

/// Makes the plan. `prefix` is the name of the package.
pub(super) fn plan(
    found: &[Found],
    known: &Known<'_>,
    name: Option<&str>,
    prefix: &str,
    catalog: &BTreeMap<String, PathBuf>,
) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    let located: BTreeSet<PathBuf> = catalog
        .values()
        .filter_map(|file| file.canonicalize().ok())
        .collect();
    let files = found.iter().flat_map(|contract| &contract.files);
    let base = ancestor(files.filter(|file| !located.contains(*file)))
        .context("the package's files have no folder in common")?;
    let bases = bases(found, name, prefix);
    let asked = name.is_some();
    for (contract, base_name) in found.iter().zip(&bases) {
        let number = number(contract);
        let (name, action) = action(contract, number, known, base_name.as_deref(), asked)?;
        if plan.entries.iter().any(|entry| entry.name == name) {
            return Err(Usage(format!(
                "two contracts of the package would be `{name}`: import them one by one, with --name"
            ))
            .into());
        }
        let folder = folder(contract, &base, &name, number, &action, known);
        let single = contract.is_rest && contract.files.len() == 1;
        let mut spec = None;
        let mut own: Vec<(PathBuf, PathBuf)> = Vec::new();
        for file in &contract.files {
            if located.contains(file) {
                let name = file
                    .file_name()
                    .context("a file of the catalog has no name")?;
                own.push((file.clone(), folder.join("imported").join(name)));
                continue;
            }
            let top = if contract.is_rest {
                contract.main.parent().unwrap_or(&base)
            } else {
                &base
            };
            let inside = file.strip_prefix(top).ok();
            let inside = inside.or_else(|| file.strip_prefix(&base).ok());
            let mut to = folder.join(inside.context("a file is outside of the package")?);
            if single {
                let extension = if is_json(file) { "json" } else { "yaml" };
                to = folder.join(format!("openapi.{extension}"));
            }
            if *file == contract.main {
                spec = Some(slashes(&to)?);
            }
            own.push((file.clone(), to));
        }
        let mut own_catalog = BTreeMap::new();
        for (url, file) in catalog {
            let file = file.canonicalize().unwrap_or_else(|_| file.clone());
            if let Some((_, to)) = own.iter().find(|(from, _)| *from == file) {
                own_catalog.insert(url.clone(), slashes(to)?);
            }
        }
        plan.files.extend(own);
        let (facts_dropped, facts_missing) = facts(contract, &name, &action, known);
        plan.entries.push(Entry {
            title: title(contract, number, &action, known),
            spec: spec.context("the contract is not among its own files")?,
            catalog: own_catalog,
            operations: contract.inspection.operations.len(),
            facts_dropped,
            facts_missing,
            not_shared: BTreeMap::new(),
            name,
            action,
        });
    }
    Ok(plan)
}

fn action(
    contract: &Found,
    number: u32,
    known: &Known<'_>,
    name: Option<&str>,
    asked: bool,
) -> anyhow::Result<(String, Action)> {
    let named = name.map(|name| match split(name) {
        (_, Some(_)) => name.to_owned(),
        (base, None) => format!("{base}-v{number}"),
    });
    if let Some(name) = &named {
        let valid = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !valid {
            let text = format!("`{name}` is no name for an API: `kite-inventory-v12` is one");
            return Err(Usage(text).into());
        }
        if known.api(name).is_some() {
            return Ok((name.clone(), Action::Replace));
        }
    }
    let mut newest: Option<(u32, &str)> = None;
    for (other, inspection) in &known.inspections {
        match kin(contract, number, other, inspection) {
            Some(Kin::Same) if !asked => return Ok((other.clone(), Action::Replace)),
            None => {}
            Some(_) => {
                let version = split(other).1.unwrap_or_default();
                if newest.is_none_or(|(known, _)| version > known) {
                    newest = Some((version, other));
                }
            }
        }
    }
    if let Some((_, like)) = newest {
        let name = match named {
            Some(name) if asked => name,
            _ => format!("{}-v{number}", split(like).0),
        };
        let like = like.to_owned();
        if known.api(&name).is_some() {
            return Ok((name, Action::Replace));
        }
        return Ok((name, Action::Version { like }));
    }
    let name = named.unwrap_or_else(|| format!("{}-v{number}", service(contract)));
    let (base, _) = split(&name);
    let (platform, service) = base.split_once('-').unwrap_or((base, base));
    let action = Action::New {
        platform: platform.to_owned(),
        service: service.to_owned(),
    };
    Ok((name, action))
}

/// Where the files go, relative to `specs/`.
fn folder(
    contract: &Found,
    base: &Path,
    name: &str,
    number: u32,
    action: &Action,
    known: &Known<'_>,
) -> PathBuf {
    let of = |name: &str| {
        let spec = &known.api(name)?.spec;
        Path::new(spec).parent().map(Path::to_path_buf)
    };
    // The package's own folders are made below it.
    let own = contract
        .main
        .parent()
        .and_then(|own| own.strip_prefix(base).ok());
    let without = |folder: PathBuf| match own {
        Some(own) if folder.ends_with(own) => {
            let keep = folder.components().count() - own.components().count();
            folder.components().take(keep).collect()
        }
        _ => folder,
    };
    let there = match action {
        Action::Replace if contract.is_rest => of(name),
        Action::Replace => of(name).map(without),
        Action::Version { like } if contract.is_rest => of(like).and_then(|folder| {
            folder
                .parent()
                .map(|folder| folder.join(format!("v{number}")))
        }),
        Action::Version { like } => of(like).map(without),
        Action::New { .. } => None,
    };
    there.unwrap_or_else(|| {
        let (base, _) = split(name);
        if contract.is_rest {
            Path::new("openapi").join(base).join(format!("v{number}"))
        } else {
            let platform = base.split('-').next().unwrap_or(base);
            Path::new("wsdl").join(platform)
        }
    })
}

fn title(contract: &Found, number: u32, action: &Action, known: &Known<'_>) -> String {
    let like = match action {
        Action::Version { like } => known
            .api(like)
            .map(|api| (api.title.clone(), split(like).1)),
        _ => None,
    };
    if let Some((title, Some(was))) = like {
        let old = format!("version {was}");
        if title.contains(&old) {
            return title.replace(&old, &format!("version {number}"));
        }
    }
    let kind = if contract.is_rest { "REST" } else { "SOAP" };
    format!("{}, version {number} ({kind})", contract.inspection.name)
}

/// Operations that lose their facts, and operations that have none.
fn facts(
    contract: &Found,
    name: &str,
    action: &Action,
    known: &Known<'_>,
) -> (Vec<String>, Vec<String>) {
    let api = match action {
        Action::Replace => known.api(name),
        Action::Version { like } => known.api(like),
        Action::New { .. } => None,
    };
    let has = |operation: &String| contract.inspection.operations.contains_key(operation);
    let dropped = match (api, action) {
        (Some(api), Action::Replace) => api
            .operations
            .keys()
            .filter(|operation| !api.inherited.contains(*operation) && !has(operation))
            .cloned()
            .collect(),
        // What is taken over and not there is left out by itself.
        _ => Vec::new(),
    };
    let known = |operation: &&String| {
        api.is_some_and(|api| api.operations.contains_key(operation.as_str()))
    };
    let missing = contract.inspection.operations.keys();
    let missing = missing.filter(|o| !known(o)).cloned().collect();
    (dropped, missing)
}

/// By its first byte: such documents come under all kinds of names.
fn is_json(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    bytes.trim_ascii_start().starts_with(b"{")
}

/// The deepest folder that has all of these files.
fn ancestor<'a>(mut files: impl Iterator<Item = &'a PathBuf>) -> Option<PathBuf> {
    let mut common = files.next()?.parent()?.to_path_buf();
    for file in files {
        while !file.starts_with(&common) {
            common = common.parent()?.to_path_buf();
        }
    }
    Some(common)
}

/// A path as `apis.toml` writes it.
fn slashes(path: &Path) -> anyhow::Result<String> {
    let parts: Vec<&str> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_str()),
            _ => None,
        })
        .collect::<Option<_>>()
        .with_context(|| format!("the name of {} is not UTF-8", path.display()))?;
    Ok(parts.join("/"))
}
