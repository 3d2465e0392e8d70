//! Where a platform is: servers of the document, of paths and of operations.

use super::schemas::Schemas;
use super::yaml::Node;
use super::{Dialect, operations::METHODS};

/// Servers of a document, as a client needs them.
pub(super) struct Servers {
    /// URL of the first, for the documentation.
    pub(super) url: String,
    /// What all paths begin with; empty where they do not begin alike.
    pub(super) base_path: String,
    /// The base path of every operation is part of its path.
    folded: bool,
    general: Option<String>,
}

impl Servers {
    /// What an operation's path begins with, beside the client's base path.
    pub(super) fn prefix(&self, item: &Node, operation: &Node) -> String {
        if !self.folded {
            return String::new();
        }
        let own = first(operation).or_else(|| first(item));
        own.or_else(|| self.general.clone())
            .map_or_else(String::new, |url| base_path(&url))
    }
}

/// The servers of all paths.
pub(super) fn servers(schemas: &mut Schemas, root: &Node) -> Servers {
    let general = if schemas.dialect == Dialect::Swagger2 {
        Some(swagger(root))
    } else {
        first(root)
    };
    let mut chosen = general.clone();
    let mut base_paths: Vec<String> = Vec::new();
    let mut notes = Vec::new();
    for (key, item) in root.get("paths").map_or(&[][..], |p| p.members()) {
        let Some((item, _)) = schemas.deref(item) else {
            continue;
        };
        let operations = item
            .members()
            .iter()
            .filter(|(key, _)| METHODS.contains(&key.text.as_str()));
        for (method, operation) in operations {
            let (what, place, own) = match (first(operation), first(&item)) {
                (Some(own), _) => ("operation", &method.place, Some(own)),
                (None, Some(own)) => ("path", &key.place, Some(own)),
                (None, None) => ("path", &key.place, general.clone()),
            };
            let own = own.unwrap_or_default();
            let base = base_path(&own);
            if !base_paths.contains(&base) {
                base_paths.push(base);
            }
            match &chosen {
                None => chosen = Some(own),
                Some(chosen) if host(chosen) != host(&own) && !host(&own).is_empty() => {
                    let message = format!(
                        "the {what} has a host of its own, `{own}`; `{chosen}` is used, unless it \
                         is called by a client of its own"
                    );
                    notes.push((place.clone(), message));
                }
                Some(_) => {}
            }
        }
    }
    for (place, message) in notes {
        schemas.note(&place, message);
    }
    let url = chosen.unwrap_or_default();
    let folded = base_paths.len() > 1;
    if folded {
        let message = "not all paths have one base path: each operation's path has its own";
        schemas.note(&root.place, message);
    }
    let base_path = match base_paths.as_slice() {
        [one] => one.clone(),
        [] => base_path(&url),
        _ => String::new(),
    };
    if base_path.contains('{') {
        let message = format!(
            "the base path `{base_path}` has a variable without a default; set another on the \
             client's endpoint"
        );
        schemas.note(&root.place, message);
    }
    Servers {
        url,
        base_path,
        folded,
        general,
    }
}

fn first(node: &Node) -> Option<String> {
    node.get("servers")
        .and_then(|s| s.items().first())
        .map(|s| server(s))
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

/// Scheme, host and base path of Swagger 2.0.
fn swagger(root: &Node) -> String {
    let base = root.string("basePath").unwrap_or_default();
    let Some(host) = root.string("host").filter(|host| !host.is_empty()) else {
        return base.to_owned();
    };
    let schemes: Vec<&str> = root
        .get("schemes")
        .map_or(&[][..], |s| s.items())
        .iter()
        .filter_map(|s| s.str())
        .collect();
    let scheme = match schemes.as_slice() {
        [first, ..] if !schemes.contains(&"https") => first,
        _ => "https",
    };
    let slash = if base.starts_with('/') || base.is_empty() {
        ""
    } else {
        "/"
    };
    format!("{scheme}://{host}{slash}{base}")
}

fn host(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) => rest.split('/').next().unwrap_or_default(),
        None => "",
    }
}

/// Path of a server's URL.
fn base_path(url: &str) -> String {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url
            .strip_prefix("//")
            .map_or(url, |rest| rest.find('/').map_or("", |at| &rest[at..])),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.trim_end_matches('/').trim_start_matches("./");
    if rest.is_empty() || rest.starts_with('/') {
        rest.to_owned()
    } else {
        format!("/{rest}")
    }
}
