//! All crates of a workspace from `specs/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::{Api, Apis, Shared};
use crate::diag::{Diagnostic, Problems, Severity};
use crate::emit::{ApiInput, Dependencies, Files, rest_crate, workspace};
use crate::fixups;
use crate::inspect::{Inspection, Type};
use crate::model::Contract;
use crate::openapi;
use crate::wsdl::{Options, read};

/// Reads `specs/apis.toml` and every contract it names, and writes all crates: files by path, by
/// crate folder.
///
/// # Errors
/// Everything wrong with the configuration and the contracts.
pub fn generate(root: &Path) -> Result<BTreeMap<String, Files>, Problems> {
    let specs = root.join("specs");
    let apis = configuration(&specs.join("apis.toml"))?;
    let mut soap = Vec::new();
    let mut rest = Vec::new();
    let mut problems = Vec::new();
    for api in &apis.api {
        if api.platform.is_empty() || api.service.is_empty() {
            let message = format!("`{}` has no platform or no service", api.name);
            problems.push(broken("specs/apis.toml", message));
        }
        for shared in &api.shared {
            if !apis.shared.iter().any(|s| &s.name == shared) {
                let message = format!(
                    "`{}` uses the shared crate `{shared}`, which is not listed",
                    api.name
                );
                problems.push(broken("specs/apis.toml", message));
            }
        }
        let spec = specs.join(&api.spec);
        let options = options(&specs, api);
        if openapi::is_openapi(&spec) {
            if !api.fixups.is_empty() {
                let message = format!(
                    "`{}` has fix-ups, which are for WSDL: an OpenAPI document is mended by an \
                     `overlay.yaml` beside it",
                    api.name
                );
                problems.push(broken("specs/apis.toml", message));
            }
            match openapi::read_with(&spec, &options.catalog) {
                Ok(contract) => {
                    let names = contract.operations.iter().map(|op| op.name.as_str());
                    check_operations(api, &names.collect::<Vec<_>>(), &mut problems);
                    rest.push((api, contract));
                }
                Err(p) => problems.extend(p.list),
            }
            continue;
        }
        if let Some(contract) = soap_contract(&spec, &options, api, &mut problems) {
            let names = contract.operations.iter().map(|op| op.name.as_str());
            check_operations(api, &names.collect::<Vec<_>>(), &mut problems);
            soap.push((api, contract));
        }
    }
    problems.extend(
        differences(&apis.shared, &soap)
            .iter()
            .map(Difference::problem),
    );
    if !problems.is_empty() {
        return Err(Problems { list: problems });
    }
    let inputs: Vec<ApiInput<'_>> = soap
        .iter()
        .map(|(api, contract)| ApiInput { api, contract })
        .collect();
    let mut out = workspace(&apis.shared, &inputs)?;
    for (api, contract) in &rest {
        match rest_crate(contract, api, &Dependencies::Workspace) {
            Ok(files) => {
                out.insert(api.name.clone(), files);
            }
            Err(p) => problems.extend(p.list),
        }
    }
    if problems.is_empty() {
        Ok(out)
    } else {
        Err(Problems { list: problems })
    }
}

fn options(specs: &Path, api: &Api) -> Options {
    let catalog = api.catalog.iter();
    let catalog = catalog.map(|(url, file)| (url.clone(), specs.join(file)));
    Options {
        catalog: catalog.collect(),
    }
}

/// The contract, mended as far as it can be.
fn soap_contract(
    spec: &Path,
    options: &Options,
    api: &Api,
    problems: &mut Vec<Diagnostic>,
) -> Option<Contract> {
    match read(spec, options) {
        Ok(mut contract) => {
            if let Err(p) = fixups::apply(&mut contract, api) {
                problems.extend(p.list);
            }
            Some(contract)
        }
        Err(p) => {
            problems.extend(p.list);
            None
        }
    }
}

/// Two APIs that use one crate of shared types, and do not mean the same by them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The shared crate.
    pub shared: String,
    /// The API that comes first in `apis.toml`.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Types of one name that differ, by qualified name.
    pub types: Vec<String>,
}

impl Difference {
    fn problem(&self) -> Diagnostic {
        let Self {
            shared,
            first,
            second,
            types,
        } = self;
        let message = format!(
            "`{first}` and `{second}` share the types of `{shared}`, and differ in {}",
            types.join(", ")
        );
        let help = format!(
            "bring both to the same schemas, or leave `{shared}` out of `shared` of one of them: \
             it gets these types itself then"
        );
        broken("specs/apis.toml", message).with_help(help)
    }
}

/// APIs that cannot share types as `specs/apis.toml` says.
///
/// # Errors
/// Everything wrong with the configuration and the contracts of APIs that share types.
pub fn shared_differences(root: &Path) -> Result<Vec<Difference>, Problems> {
    let specs = root.join("specs");
    let apis = configuration(&specs.join("apis.toml"))?;
    let (mut contracts, mut problems) = (Vec::new(), Vec::new());
    for api in apis.api.iter().filter(|api| !api.shared.is_empty()) {
        let spec = specs.join(&api.spec);
        if !openapi::is_openapi(&spec) {
            let contract = soap_contract(&spec, &options(&specs, api), api, &mut problems);
            contracts.extend(contract.map(|contract| (api, contract)));
        }
    }
    if !problems.is_empty() {
        return Err(Problems { list: problems });
    }
    Ok(differences(&apis.shared, &contracts))
}

fn differences(shared: &[Shared], contracts: &[(&Api, Contract)]) -> Vec<Difference> {
    let mut out = Vec::new();
    for shared in shared {
        let users = contracts
            .iter()
            .filter(|(api, _)| api.shared.contains(&shared.name));
        // Who has a type first is who gives its definition.
        let mut first: BTreeMap<String, (&str, Type)> = BTreeMap::new();
        for (api, contract) in users {
            let mut with: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (name, ty) in Inspection::of_soap(contract).types {
                let namespace = name
                    .split_once('{')
                    .and_then(|(_, rest)| rest.split_once('}'))
                    .map(|(namespace, _)| namespace);
                if !namespace.is_some_and(|ns| shared.namespaces.contains_key(ns)) {
                    continue;
                }
                match first.get(&name) {
                    Some((other, known)) if *known != ty => {
                        with.entry(other).or_default().push(name);
                    }
                    Some(_) => {}
                    None => {
                        first.insert(name, (&api.name, ty));
                    }
                }
            }
            out.extend(with.into_iter().map(|(other, types)| Difference {
                shared: shared.name.clone(),
                first: other.to_owned(),
                second: api.name.clone(),
                types,
            }));
        }
    }
    out
}

/// An operation that the configuration names has to be one of the contract.
fn check_operations(api: &Api, known: &[&str], problems: &mut Vec<Diagnostic>) {
    for name in api.operations.keys() {
        if !known.contains(&name.as_str()) && !api.inherited.contains(name) {
            let message = format!("`{}` has no operation `{name}`", api.name);
            problems.push(broken("specs/apis.toml", message));
        }
    }
}

fn configuration(path: &PathBuf) -> Result<Apis, Problems> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| broken(&path.display().to_string(), format!("cannot be read: {e}")))?;
    Ok(Apis::parse(&text)
        .map_err(|e| broken("specs/apis.toml", e.to_string().trim_end().to_owned()))?)
}

fn broken(file: &str, message: String) -> Diagnostic {
    Diagnostic::of_file(Severity::Broken, file, message)
}
