//! A contract of either kind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use codegen::diag::{Diagnostic, Problems};
use codegen::emit::{Dependencies, Files, alone, rest_alone};
use codegen::inspect::Inspection;
use codegen::model;
use codegen::openapi::{self, model::RestContract};
use codegen::wsdl::{self, Options};

/// A contract that was read.
pub(crate) enum Contract {
    Soap(Box<model::Contract>),
    Rest(Box<RestContract>),
}

impl Contract {
    /// Reads a WSDL or an OpenAPI document, whichever it is.
    pub(crate) fn read(path: &Path, options: &Options) -> Result<Self, Problems> {
        if openapi::is_openapi(path) {
            Ok(Self::Rest(Box::new(openapi::read_with(
                path,
                &options.catalog,
            )?)))
        } else {
            Ok(Self::Soap(Box::new(wsdl::read(path, options)?)))
        }
    }

    pub(crate) fn inspect(&self) -> Inspection {
        match self {
            Self::Soap(contract) => Inspection::of_soap(contract),
            Self::Rest(contract) => Inspection::of_rest(contract),
        }
    }

    /// What was changed or left out without harm.
    pub(crate) fn notes(&self) -> &[Diagnostic] {
        match self {
            Self::Soap(contract) => &contract.notes,
            Self::Rest(contract) => &contract.notes,
        }
    }

    /// The files read, relative to the main one.
    pub(crate) fn sources(&self) -> &[String] {
        match self {
            Self::Soap(contract) => &contract.sources,
            Self::Rest(contract) => &contract.sources,
        }
    }

    /// A crate that stands alone.
    pub(crate) fn generate(
        &self,
        name: &str,
        dependencies: &Dependencies,
    ) -> Result<Files, Problems> {
        match self {
            Self::Soap(contract) => alone(contract, name, dependencies),
            Self::Rest(contract) => rest_alone(contract, name, dependencies),
        }
    }
}

/// Reading with a catalog: a JSON object from URL to file, relative to the catalog.
pub(crate) fn options(catalog: Option<&Path>) -> anyhow::Result<Options> {
    let Some(path) = catalog else {
        return Ok(Options::default());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the catalog {}", path.display()))?;
    let entries: BTreeMap<String, PathBuf> = serde_json::from_str(&text)
        .with_context(|| format!("{} is no JSON object from URL to file", path.display()))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let catalog = entries
        .into_iter()
        .map(|(url, file)| (url, dir.join(file)))
        .collect();
    Ok(Options { catalog })
}
