//! What is in a vendor's package: which of its files are contracts, and of which service and
//! version.

use std::path::{Path, PathBuf};
use std::{fs, io};

use roxmltree::{Document, ParsingOptions};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Folders deeper than this are not looked into.
const DEPTH: usize = 32;

/// The files of a package, relative to its folder, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// WSDLs that describe a service, and OpenAPI documents.
    pub contracts: Vec<PathBuf>,
    /// WSDLs without a service and schemas: parts of contracts.
    pub parts: Vec<PathBuf>,
    /// Everything else.
    pub others: Vec<PathBuf>,
}

impl Package {
    /// Looks through a folder. Hidden files and folders, and what macOS adds to archives, are not
    /// part of a package.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn scan(folder: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        walk(folder, Path::new(""), 0, &mut files)?;
        files.sort();
        let mut out = Self::default();
        let mut bindings = Vec::new();
        let mut has_service = false;
        for file in files {
            match look(&folder.join(&file))? {
                Look::Service => {
                    has_service = true;
                    out.contracts.push(file);
                }
                Look::OpenApi => out.contracts.push(file),
                Look::Binding => bindings.push(file),
                Look::Part => out.parts.push(file),
                Look::Other => out.others.push(file),
            }
        }
        // Where nothing has a service, a binding is as good.
        if has_service {
            out.parts.append(&mut bindings);
            out.parts.sort();
        } else {
            out.contracts.append(&mut bindings);
            out.contracts.sort();
        }
        Ok(out)
    }
}

fn walk(folder: &Path, at: &Path, depth: usize, out: &mut Vec<PathBuf>) -> io::Result<()> {
    if depth > DEPTH {
        return Ok(());
    }
    for entry in fs::read_dir(folder.join(at))? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.') || name == "__MACOSX";
        let kind = entry.file_type()?;
        if hidden || kind.is_symlink() {
            continue;
        }
        let path = at.join(&name);
        if kind.is_dir() {
            walk(folder, &path, depth + 1, out)?;
        } else {
            out.push(path);
        }
    }
    Ok(())
}

enum Look {
    /// A WSDL with a service.
    Service,
    /// A WSDL with a binding and without a service.
    Binding,
    OpenApi,
    Part,
    Other,
}

fn look(path: &Path) -> io::Result<Look> {
    let bytes = fs::read(path)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let start = bytes.trim_ascii_start();
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    let extension = extension.as_deref().unwrap_or_default();
    if start.starts_with(b"{") {
        let is_openapi = serde_json::from_slice::<serde_json::Value>(bytes)
            .is_ok_and(|v| v.get("openapi").is_some() || v.get("swagger").is_some());
        return Ok(if is_openapi {
            Look::OpenApi
        } else {
            Look::Other
        });
    }
    let text = String::from_utf8_lossy(bytes);
    if matches!(extension, "yaml" | "yml") {
        let is_openapi = text.lines().any(|line| {
            let key = line.split(':').next().unwrap_or_default();
            matches!(
                key.trim_end().trim_matches(['"', '\'']),
                "openapi" | "swagger"
            )
        });
        return Ok(if is_openapi {
            Look::OpenApi
        } else {
            Look::Other
        });
    }
    let known = matches!(extension, "wsdl" | "xsd" | "xml");
    if !known && !start.starts_with(b"<") {
        return Ok(Look::Other);
    }
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let Ok(document) = Document::parse_with_options(&text, options) else {
        // Broken or in another encoding: by its name. The reader will say what is wrong.
        return Ok(match extension {
            "wsdl" => Look::Service,
            "xsd" => Look::Part,
            _ => Look::Other,
        });
    };
    let root = document.root_element();
    let child = |name: &str| root.children().any(|n| n.has_tag_name((WSDL, name)));
    Ok(if root.has_tag_name((WSDL, "definitions")) {
        match (child("service"), child("binding")) {
            (true, _) => Look::Service,
            (false, true) => Look::Binding,
            (false, false) => Look::Part,
        }
    } else if root.has_tag_name((XSD, "schema")) {
        Look::Part
    } else {
        Look::Other
    })
}

/// The number of the first part of a namespace, a path or a file's name that is a version:
/// `.../v12/types`, `Inventory_v12_0`, `inventory-12.1`.
#[must_use]
pub fn version(text: &str) -> Option<u32> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter_map(|word| {
            let number = word.strip_prefix(['v', 'V'])?;
            number.parse().ok()
        })
        .next()
}

/// A namespace or path with its version numbers taken out: the same for every version.
#[must_use]
pub fn unversioned(text: &str) -> String {
    let words: Vec<&str> = text
        .split('/')
        .map(|word| {
            let number = word.trim_start_matches(['v', 'V']);
            let is_version = !number.is_empty()
                && number
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'));
            if is_version { "*" } else { word }
        })
        .collect();
    words.join("/")
}

/// A name in the style of `apis.toml`: `GlobalM2MInventoryService` is `global-m2m-inventory`.
#[must_use]
pub fn api_name(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(i + 1);
        let starts = c.is_ascii_uppercase()
            && (before.is_some_and(char::is_ascii_lowercase)
                || before.is_some_and(char::is_ascii_uppercase)
                    && after.is_some_and(char::is_ascii_lowercase));
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
    }
    let mut words: Vec<String> = words
        .into_iter()
        .filter(|word| !word.is_empty() && version(word).is_none())
        .collect();
    // What every service is says nothing of this one.
    let idle = ["service", "services", "api", "soap", "port", "rest", "ws"];
    while words.len() > 1 && words.last().is_some_and(|w| idle.contains(&w.as_str())) {
        words.pop();
    }
    let name = words.join("-");
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        format!("api-{name}").trim_end_matches('-').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_names() {
        for (text, number) in [
            ("http://a.example/wsdl/inventory/v12/services", Some(12)),
            ("Inventory_services_v4_0.wsdl", Some(4)),
            ("/api/V2/items", Some(2)),
            ("http://a.example/vouchers", None),
            ("urn:sample", None),
        ] {
            assert_eq!(version(text), number, "{text}");
        }
    }

    #[test]
    fn versions_of_a_namespace_are_one() {
        let ns = "http://a.example/v12/types";
        assert_eq!(unversioned(ns), "http://a.example/*/types");
        assert_eq!(unversioned("urn:a"), "urn:a");
    }

    #[test]
    fn names_are_short_and_lower_case() {
        for (text, name) in [
            ("GlobalM2MInventoryService", "global-m2m-inventory"),
            ("Acme SIM Manager API v3", "acme-sim-manager"),
            ("StockQuoteService", "stock-quote"),
            ("Service", "service"),
            ("3GPP", "api-3gpp"),
            ("…", "api"),
        ] {
            assert_eq!(api_name(text), name, "{text}");
        }
    }
}
