//! OpenAPI 3.0 in, a normalised model out: JSON or YAML, with overlays, over several files.

mod document;
pub mod model;
mod operations;
mod overlay;
mod schemas;
mod shapes;
mod yaml;

use std::path::Path;
use std::rc::Rc;

use document::Files;
use model::RestContract;
use schemas::{Schemas, doc};
use yaml::Node;

use crate::diag::{Problems, Severity};

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
    by_name && !text.starts_with(b"<") || text.starts_with(b"{") || text.starts_with(b"openapi:")
}

/// Reads a document, with the `overlay.yaml` beside it if there is one.
///
/// # Errors
/// Everything that is wrong with it or that cannot be generated.
pub fn read(path: &Path) -> Result<RestContract, Problems> {
    let (mut files, main) = Files::new(path)?;
    let mut notes = Vec::new();
    let mut root = main.root.clone();
    let overlay = path.with_file_name("overlay.yaml");
    if overlay.is_file() && overlay != path {
        let overlay = files
            .load(&overlay)
            .map_err(|message| root.place.diagnostic(Severity::Broken, message, None))??;
        root =
            overlay::apply(&root, &overlay.root, &mut notes).map_err(|list| Problems { list })?;
        files.replace(path, root.clone());
    }
    version(&root)?;
    let mut schemas = Schemas::new(files);
    schemas.notes = notes;
    let components = root.get("components").cloned();
    schemas.components(components.as_ref());
    let operations = operations::operations(&mut schemas, &root);
    let server = the_server(&mut schemas, &root);
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
    schemas
        .notes
        .retain(|n| seen.insert((n.location.to_string(), n.message.clone())));
    Ok(RestContract {
        title: text("title"),
        version: text("version"),
        doc: info.map(|i| doc(i)).unwrap_or_default(),
        base_path: base_path(&server),
        server,
        operations,
        types,
        sources: schemas.files.sources(),
        notes: schemas.notes,
    })
}

fn version(root: &Rc<Node>) -> Result<(), Problems> {
    let place = &root.place;
    if let Some(swagger) = root.get("swagger") {
        let message = format!("Swagger {}", swagger.text().unwrap_or_default());
        let help = "convert it to OpenAPI 3.0 once, for example with swagger2openapi";
        return Err(swagger
            .place
            .diagnostic(Severity::Unsupported, message, Some(help.to_owned()))
            .into());
    }
    let Some(version) = root.get("openapi") else {
        let message = "no OpenAPI document: there is no `openapi`";
        return Err(place.diagnostic(Severity::Broken, message, None).into());
    };
    let text = version.text().unwrap_or_default();
    if !text.starts_with("3.0") {
        let message = format!("OpenAPI {text}");
        let help = "OpenAPI 3.0 is read; say the same in 3.0";
        return Err(version
            .place
            .diagnostic(Severity::Unsupported, message, Some(help.to_owned()))
            .into());
    }
    Ok(())
}

fn check_top(schemas: &mut Schemas, root: &Node) {
    for (key, _) in root.members() {
        let known = matches!(
            key.text.as_str(),
            "openapi"
                | "info"
                | "servers"
                | "paths"
                | "components"
                | "security"
                | "tags"
                | "externalDocs"
        );
        if key.text == "x-webhooks" {
            schemas.note(
                &key.place,
                "what the platform calls at the customer is not generated; its types are",
            );
        }
        if !known && !key.text.starts_with("x-") {
            schemas.broken(&key.place, format!("a document has no `{}`", key.text));
        }
    }
}

/// The server of all paths: the document's, or the one that every path names.
fn the_server(schemas: &mut Schemas, root: &Node) -> String {
    let first = |node: &Node| {
        node.get("servers")
            .and_then(|s| s.items().first())
            .map(|s| server(s))
    };
    let general = first(root);
    let mut chosen = general.clone();
    for (key, path) in root.get("paths").map_or(&[][..], |p| p.members()) {
        let Some(own) = first(path).or_else(|| general.clone()) else {
            continue;
        };
        match &chosen {
            None => chosen = Some(own),
            Some(chosen) if *chosen == own => {}
            Some(chosen) if general.is_none() || base_path(chosen) != base_path(&own) => schemas
                .unsupported(
                    &key.place,
                    format!("the path has a server of its own, `{own}`, others have `{chosen}`"),
                    "all operations of a client share a base path; write it into the path, or \
                     remove it with an overlay",
                ),
            Some(chosen) => {
                let message =
                    format!("the path has a host of its own, `{own}`; `{chosen}` is used");
                schemas.note(&key.place, message);
            }
        }
    }
    chosen.unwrap_or_default()
}

/// URL of a server, variables at their defaults.
fn server(node: &Node) -> String {
    let mut url = node.string("url").unwrap_or_default().to_owned();
    for (key, variable) in node.get("variables").map_or(&[][..], |v| v.members()) {
        if let Some(default) = variable.get("default").and_then(|d| d.text()) {
            url = url.replace(&format!("{{{}}}", key.text), &default);
        }
    }
    url
}

/// Path of a server's URL.
fn base_path(url: &str) -> String {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    rest.trim_end_matches('/').to_owned()
}
