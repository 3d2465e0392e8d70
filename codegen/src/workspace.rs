//! All crates of a workspace from `specs/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::{Api, Apis};
use crate::diag::{Diagnostic, Problems, Severity};
use crate::emit::{ApiInput, Dependencies, Files, rest_crate, workspace};
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
        if openapi::is_openapi(&spec) {
            match openapi::read(&spec) {
                Ok(contract) => {
                    let names = contract.operations.iter().map(|op| op.name.as_str());
                    check_operations(api, &names.collect::<Vec<_>>(), &mut problems);
                    rest.push((api, contract));
                }
                Err(p) => problems.extend(p.list),
            }
            continue;
        }
        let catalog = api.catalog.iter();
        let catalog = catalog.map(|(url, file)| (url.clone(), specs.join(file)));
        let options = Options {
            catalog: catalog.collect(),
        };
        match read(&spec, &options) {
            Ok(contract) => {
                let names = contract.operations.iter().map(|op| op.name.as_str());
                check_operations(api, &names.collect::<Vec<_>>(), &mut problems);
                soap.push((api, contract));
            }
            Err(p) => problems.extend(p.list),
        }
    }
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
