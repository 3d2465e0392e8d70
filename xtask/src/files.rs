//! Crate folders: what is there, what should be, what differs.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use anyhow::Context;
use codegen::emit::Files;

/// How a folder differs from what it should hold.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Unified diffs by file, in order.
    pub(crate) diffs: Vec<String>,
    /// Files to be added, changed, removed.
    pub(crate) added: usize,
    pub(crate) changed: usize,
    pub(crate) removed: usize,
}

impl Difference {
    pub(crate) fn is_none(&self) -> bool {
        self.diffs.is_empty()
    }
}

/// Compares a folder with the files it should hold.
pub(crate) fn compare(dir: &Path, label: &str, wanted: &Files) -> anyhow::Result<Difference> {
    let mut out = Difference::default();
    let mut present = Files::new();
    if dir.exists() {
        read(dir, "", &mut present).with_context(|| format!("cannot read {}", dir.display()))?;
    }
    let mut paths: Vec<&String> = wanted.keys().chain(present.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let (old, new) = (present.get(path), wanted.get(path));
        match (old, new) {
            (None, Some(_)) => out.added += 1,
            (Some(_), None) => out.removed += 1,
            (Some(old), Some(new)) if old != new => out.changed += 1,
            _ => continue,
        }
        let (old, new) = (
            old.map_or("", String::as_str),
            new.map_or("", String::as_str),
        );
        let diff = similar::TextDiff::from_lines(old, new);
        let name = format!("{label}/{path}");
        out.diffs
            .push(diff.unified_diff().header(&name, &name).to_string());
    }
    Ok(out)
}

/// Makes a folder hold just these files.
pub(crate) fn write(dir: &Path, wanted: &Files) -> anyhow::Result<()> {
    let mut present = Files::new();
    if dir.exists() {
        read(dir, "", &mut present).with_context(|| format!("cannot read {}", dir.display()))?;
    }
    for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
        let path = dir.join(path);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    for (path, text) in wanted {
        if present.get(path) == Some(text) {
            continue;
        }
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Reads all files below a folder; `target` and `Cargo.lock` are cargo's, not ours.
fn read(dir: &Path, prefix: &str, out: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "target" || name == "Cargo.lock" {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{path}/"), out)?;
        } else {
            let bytes = fs::read(entry.path())?;
            out.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}
