//! `cases.json`: which contracts there are.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// What a contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wsdl,
    OpenApi,
    /// Nothing that we know.
    Other,
}

/// An entry. Only `file` has to be there.
#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    tier: Option<String>,
    #[serde(default)]
    votes: Option<u32>,
    #[serde(default)]
    oracle: Option<String>,
    #[serde(default)]
    golden: Option<String>,
}

/// A contract.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// Relative to the folder.
    pub(super) file: String,
    pub(super) kind: Kind,
    /// What the entry calls it.
    pub(super) kind_text: String,
    /// What is asked of a generator: `B` works, `C` should, `D` works or is refused, `X` is an
    /// error. `None` for OpenAPI, and where nothing is said.
    pub(super) tier: Option<String>,
    /// How many other readers take it.
    pub(super) votes: u32,
    pub(super) oracle: Option<String>,
    pub(super) golden: Option<String>,
    /// Name of its crate: of letters, digits and underscores, and nobody else's.
    pub(super) crate_name: String,
}

pub(super) fn read(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let path = folder.join("cases.json");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let entries: Vec<Entry> = serde_json::from_str(&text).with_context(|| {
        let path = path.display();
        format!("{path} is no list of objects with a `file`")
    })?;
    Ok(entries
        .into_iter()
        .map(|entry| {
            let (kind, kind_text) = kind(&folder.join(&entry.file), entry.kind);
            Case {
                crate_name: crate_name(folder, &entry.file),
                kind,
                kind_text,
                tier: entry.tier.map(|tier| tier.trim().to_ascii_uppercase()),
                votes: entry.votes.unwrap_or_default(),
                oracle: entry.oracle,
                golden: entry.golden,
                file: entry.file,
            }
        })
        .collect())
}

/// By what the entry says, else by looking at the file.
fn kind(path: &Path, said: Option<String>) -> (Kind, String) {
    let text = said.unwrap_or_default();
    let word = text.to_ascii_lowercase();
    let kind = if word.contains("wsdl") {
        Kind::Wsdl
    } else if word.contains("openapi") || word.contains("swagger") {
        Kind::OpenApi
    } else if !word.is_empty() {
        Kind::Other
    } else if codegen::openapi::is_openapi(path) {
        Kind::OpenApi
    } else {
        Kind::Wsdl
    };
    (kind, text)
}

fn crate_name(folder: &Path, file: &str) -> String {
    let stem = Path::new(file).file_stem().unwrap_or_default();
    let words: Vec<String> = stem
        .to_string_lossy()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let name: String = words.join("_").chars().take(40).collect();
    let name = name.trim_end_matches('_');
    // A file may be called after nothing but signs.
    let name = if name.is_empty() { "case" } else { name };
    format!("c_{name}_{}", hash(folder, file))
}

/// Eight digits that tell folders and their files apart.
pub(super) fn hash(folder: &Path, file: &str) -> String {
    let mut hash = DefaultHasher::new();
    folder.canonicalize().ok().hash(&mut hash);
    file.hash(&mut hash);
    format!("{:08x}", hash.finish() & 0xffff_ffff)
}
