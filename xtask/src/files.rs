//! Crate folders: what is there, what should be, what differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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
///
/// What differs is written beside the folder first and then moved into its place, so that a full
/// disk or a missing permission leaves what was there, and never half a crate.
pub(crate) fn write(dir: &Path, wanted: &Files) -> anyhow::Result<()> {
    let mut present = Files::new();
    if dir.exists() {
        read(dir, "", &mut present).with_context(|| format!("cannot read {}", dir.display()))?;
    }
    let changed: Vec<(&String, &String)> = wanted
        .iter()
        .filter(|(path, text)| present.get(*path) != Some(*text))
        .collect();
    let staged = staging(dir)?;
    let outcome = stage(&staged, &changed).and_then(|()| {
        if !dir.exists() {
            return fs::rename(&staged, dir)
                .with_context(|| format!("cannot create {}", dir.display()));
        }
        for (path, _) in &changed {
            let target = dir.join(path);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)
                    .with_context(|| format!("cannot create {}", parent.display()))?;
            }
            fs::rename(staged.join(path), &target)
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
        for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
            let path = dir.join(path);
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    });
    if staged.exists() {
        fs::remove_dir_all(&staged)
            .with_context(|| format!("cannot remove {}", staged.display()))?;
    }
    outcome
}

/// A folder beside another one, on the same file system, that nobody else uses.
fn staging(dir: &Path) -> anyhow::Result<PathBuf> {
    let dir = std::path::absolute(dir)?;
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let parent = dir.parent().unwrap_or(&dir);
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    Ok(parent.join(format!(".{name}.{}", std::process::id())))
}

fn stage(staged: &Path, files: &[(&String, &String)]) -> anyhow::Result<()> {
    fs::create_dir_all(staged).with_context(|| format!("cannot create {}", staged.display()))?;
    for (path, text) in files {
        let path = staged.join(path);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a");
        let files = |pairs: &[(&str, &str)]| -> Files {
            let pairs = pairs
                .iter()
                .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()));
            pairs.collect()
        };
        write(&dir, &files(&[("x", "1"), ("gone", "1")])).unwrap();
        // A file cannot be a folder too: the second one fails before anything is moved.
        write(&dir, &files(&[("x", "2"), ("x/y", "2")])).unwrap_err();
        assert_eq!(fs::read_to_string(dir.join("x")).unwrap(), "1");
        write(&dir, &files(&[("x", "3"), ("src/y", "3")])).unwrap();
        assert_eq!(fs::read_to_string(dir.join("src/y")).unwrap(), "3");
        assert!(!dir.join("gone").exists());
        let left: Vec<_> = fs::read_dir(root.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
