//! OpenAPI 3.0, 3.1 and Swagger 2.0 in, a normalised model out: JSON or YAML, with overlays, over
//! several files.

mod document;
mod json;
pub mod model;
mod operations;
mod overlay;
mod plain;
mod schemas;
mod security;
mod servers;
mod shapes;
mod swagger;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use document::Files;
use model::RestContract;
use schemas::{Schemas, doc};
use yaml::Node;

use crate::diag::{Diagnostic, Problems, Severity};

pub(crate) use shapes::{Shape, Shapes, shapes};

/// Whether a file is an OpenAPI document rather than a WSDL: by its first byte that says so.
#[must_use]
pub fn is_openapi(path: &Path) -> bool {
    let by_name = path.extension().is_some_and(|e| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| e.eq_ignore_ascii_case(known))
    });
    let Ok(text) = std::fs::read(path) else {
        return by_name;
    };
    let text = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&text)
        .trim_ascii_start();
    by_name && !text.starts_with(b"<")
        || text.starts_with(b"{")
        || text.starts_with(b"openapi:")
        || text.starts_with(b"swagger:")
}

/// Reads a document, with the `overlay.yaml` beside it if there is one.
///
/// # Errors
/// Everything that is wrong with it or that cannot be generated.
pub fn read(path: &Path) -> Result<RestContract, Problems> {
    read_with(path, &BTreeMap::new())
}

/// As [`read`], with files that stand for what the document refers to by URL.
///
/// # Errors
/// Everything that is wrong with it or that cannot be generated.
pub fn read_with(
    path: &Path,
    catalog: &BTreeMap<String, PathBuf>,
) -> Result<RestContract, Problems> {
    let (mut files, main) = Files::new(path, catalog)?;
    let mut notes = Vec::new();
    let mut root = main.root.clone();
    let overlay = path.with_file_name("overlay.yaml");
    if overlay.is_file() && overlay != path {
        let overlay = files
            .raw(&overlay)
            .map_err(|message| root.place.diagnostic(Severity::Broken, message, None))??;
        root =
            overlay::apply(&root, &overlay.root, &mut notes).map_err(|list| Problems { list })?;
    }
    let dialect = version(&root, &mut notes)?;
    root = plain::plain(&root, &mut files.notes);
    files.replace(path, root.clone());
    let mut schemas = Schemas::new(files, dialect);
    schemas.notes = notes;
    schemas.components(&root);
    let servers = servers::servers(&mut schemas, &root);
    let operations = operations::operations(&mut schemas, &root, &servers);
    check_top(&mut schemas, &root);
    let types = schemas.finish();
    if !schemas.problems.is_empty() {
        let mut list = std::mem::take(&mut schemas.problems);
        // What several operations refer to is said once.
        let mut seen = std::collections::BTreeSet::new();
        list.retain(|p| seen.insert((p.location.to_string(), p.message.clone())));
        return Err(Problems { list });
    }
    let info = root.get("info");
    let text = |name: &str| {
        info.and_then(|i| i.get(name))
            .and_then(|n| n.text())
            .unwrap_or_default()
    };
    let mut seen = std::collections::BTreeSet::new();
    let read = std::mem::take(&mut schemas.files.notes);
    schemas.notes.splice(0..0, read);
    schemas
        .notes
        .retain(|n| seen.insert((n.location.to_string(), n.message.clone())));
    once(&mut schemas.notes);
    Ok(RestContract {
        title: text("title"),
        version: text("version"),
        doc: info.map(|i| doc(i)).unwrap_or_default(),
        base_path: servers.base_path,
        server: servers.url,
        security: security::schemes(&mut schemas, &root),
        operations,
        types,
        sources: schemas.files.sources(),
        notes: schemas.notes,
    })
}

/// What is not checked is said once for each keyword, with the number of its places.
fn once(notes: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    notes.retain(|note| {
        if !note.message.ends_with(schemas::UNCHECKED_WORDS) {
            return true;
        }
        let count = counts.entry(note.message.clone()).or_default();
        *count += 1;
        *count == 1
    });
    for note in notes {
        if let Some(count) = counts.get(&note.message).filter(|count| **count > 1) {
            note.message = format!("{}, here and in {} more places", note.message, count - 1);
        }
    }
}

/// Which words a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1.
    OpenApi31,
}

fn version(root: &Rc<Node>, notes: &mut Vec<Diagnostic>) -> Result<Dialect, Problems> {
    let place = &root.place;
    if let Some(swagger) = root.get("swagger") {
        let text = swagger.text().unwrap_or_default();
        if matches!(text.as_str(), "2.0" | "2") {
            return Ok(Dialect::Swagger2);
        }
        let message = format!("Swagger {text}");
        let help = "Swagger 2.0, OpenAPI 3.0 and 3.1 are read; convert it to one of them";
        return Err(swagger
            .place
            .diagnostic(Severity::Unsupported, message, Some(help.to_owned()))
            .into());
    }
    let Some(version) = root.get("openapi") else {
        let message = match root.string("swaggerVersion") {
            Some(old) => format!("Swagger {old}"),
            None => "no OpenAPI document: there is no `openapi`".to_owned(),
        };
        let help = "a document begins with `openapi: 3.0.3`, `openapi: 3.1.0` or `swagger: '2.0'`";
        return Err(place
            .diagnostic(Severity::Broken, message, Some(help.to_owned()))
            .into());
    };
    let text = version.text().unwrap_or_default();
    if text == "3" || text.starts_with("3.0") {
        return Ok(Dialect::OpenApi30);
    }
    if text.starts_with("3.2") {
        let message = format!("OpenAPI {text} is read as 3.1; what is new in it is left out");
        notes.push(
            version
                .place
                .diagnostic(Severity::Unsupported, message, None),
        );
    } else if !text.starts_with("3.1") {
        let message = format!("OpenAPI {text}");
        let help = "Swagger 2.0, OpenAPI 3.0 and 3.1 are read; say the same in one of them";
        return Err(version
            .place
            .diagnostic(Severity::Unsupported, message, Some(help.to_owned()))
            .into());
    }
    Ok(Dialect::OpenApi31)
}

fn check_top(schemas: &mut Schemas, root: &Node) {
    for (key, _) in root.members() {
        let known = match key.text.as_str() {
            "info" | "paths" | "security" | "tags" | "externalDocs" => true,
            "swagger"
            | "host"
            | "basePath"
            | "schemes"
            | "consumes"
            | "produces"
            | "definitions"
            | "parameters"
            | "responses"
            | "securityDefinitions" => schemas.dialect == Dialect::Swagger2,
            "openapi" | "servers" | "components" => schemas.dialect != Dialect::Swagger2,
            "webhooks" | "jsonSchemaDialect" | "$self" => schemas.dialect == Dialect::OpenApi31,
            _ => false,
        };
        if matches!(key.text.as_str(), "x-webhooks" | "webhooks") {
            schemas.note(
                &key.place,
                "what the platform calls at the customer is not generated; its types are",
            );
        } else if !known && !key.text.starts_with("x-") {
            let message = format!("a document has no `{}`; it is left out", key.text);
            schemas.note(&key.place, message);
        }
    }
}
