//! WSDL 1.1 reader.
//!
//! Reads a WSDL, everything that it imports, and the schemas, into the [`Contract`] model. Nothing
//! is ever loaded from the network: absolute locations are looked up in [`Options::catalog`].

mod binding;
mod definitions;
mod made;
mod message;
mod operation;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roxmltree::Document;

use crate::diag::{Diagnostic, Problems, Severity};
use crate::model::{Contract, Doc};
use crate::xsd::{self, Collector, Sources};

use definitions::Definitions;

/// How to read a contract.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files to read for absolute locations, by location.
    pub catalog: BTreeMap<String, PathBuf>,
}

/// Contracts nest within bounds that are checked, but recursion over them still wants more than
/// the two megabytes that a thread usually has.
const STACK: usize = 64 << 20;

/// Reads a contract.
///
/// # Errors
///
/// Everything that is wrong with the contract, or that it asks for and is not supported. Never
/// panics, whatever the input.
pub fn read(path: &Path, options: &Options) -> Result<Contract, Problems> {
    let internal = |reason: &str| {
        let message = format!("cannot read `{}`: {reason}", path.display());
        let file = path.to_string_lossy();
        Problems::one(Diagnostic::of_file(Severity::Broken, &file, message))
    };
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new()
            .name("wsdl-reader".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || read_here(path, options));
        match reader.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(internal(
                "the reader failed; this is a bug of the generator",
            )),
            Err(error) => Err(internal(&format!("no thread: {error}"))),
        }
    })
}

fn read_here(path: &Path, options: &Options) -> Result<Contract, Problems> {
    let mut problems = Collector::default();
    let sources = Sources::load(path, &options.catalog, &mut problems);
    let documents: Vec<Option<Document<'_>>> = sources
        .files
        .iter()
        .map(|source| xsd::parse(&source.file.text).ok())
        .collect();
    if documents.first().is_none_or(Option::is_none) {
        // What is wrong was reported when the file was loaded.
        problems.finish()?;
        return Ok(Contract::default());
    }

    let definitions = Definitions::collect(&sources, &documents, &mut problems);
    definitions.note_extensions(&mut problems);
    let components = xsd::components(
        &sources,
        &documents,
        definitions.schemas.clone(),
        &mut problems,
    );
    let components = if definitions.is_encoded() {
        components.encoded()
    } else {
        components
    };
    let schemas = xsd::read(&components, &mut problems);

    let mut contract = Contract {
        name: definitions.main_name(path),
        doc: Doc::default(),
        target_namespace: definitions.target_namespace(),
        elements: schemas.elements,
        types: schemas.types,
        sources: sources.relative_names(),
        ..Contract::default()
    };
    // Before anything is made up that the schemas do not have.
    xsd::confirm(&components, &contract.types, &mut problems);
    let bindings = binding::select(&definitions, &mut problems);
    if let Some(binding) = bindings.first() {
        binding.fill(&definitions, &mut contract);
    }
    let reader = operation::Reader {
        definitions: &definitions,
        components: &components,
        types: made::Types::of(&contract),
    };
    reader.read_all(&bindings, &mut contract, &mut problems);
    if let (true, [], Some(root)) = (
        contract.elements.is_empty() && contract.types.is_empty(),
        bindings.as_slice(),
        definitions.roots.first(),
    ) {
        let message = "no SOAP binding and no types: there is nothing to generate";
        problems.unsupported(*root, message, None);
    }
    contract.notes = problems.finish()?;
    Ok(contract)
}
