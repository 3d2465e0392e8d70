//! A vendor's package as a folder of our own: nothing outside it, and bounded.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// More files than any contract has.
const FILES: usize = 10_000;
/// Bytes of one file, unpacked.
const FILE: u64 = 64 << 20;
/// Bytes of all files, unpacked.
const TOTAL: u64 = 256 << 20;
/// Folders in folders.
const DEPTH: usize = 32;

/// What has been taken so far.
#[derive(Debug, Default)]
struct Taken {
    files: BTreeSet<PathBuf>,
    bytes: u64,
}

impl Taken {
    /// Copies a file to its place below `to`.
    fn take(&mut self, from: &mut dyn Read, path: PathBuf, to: &Path) -> anyhow::Result<()> {
        let name = path.display().to_string();
        if self.files.len() >= FILES {
            bail!("the package has more than {FILES} files");
        }
        let target = to.join(&path);
        if !self.files.insert(path) {
            bail!("`{name}` stands twice in the package");
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot create {}", parent.display()))?;
        }
        let mut file =
            File::create(&target).with_context(|| format!("cannot create {}", target.display()))?;
        // By what comes out, not by what the archive says of itself.
        let limit = FILE.min(TOTAL - self.bytes);
        let copied = io::copy(&mut from.take(limit + 1), &mut file)
            .with_context(|| format!("cannot unpack `{name}`"))?;
        if copied > limit {
            bail!(
                "`{name}` is too big: a file may have {} MiB, all of them {} MiB",
                FILE >> 20,
                TOTAL >> 20
            );
        }
        self.bytes += copied;
        file.flush()?;
        Ok(())
    }
}

/// Whether a file is a zip archive, by its first bytes.
pub(super) fn is_zip(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && &magic == b"PK\x03\x04"
}

/// Unpacks an archive.
pub(super) fn zip(path: &Path, to: &Path) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut archive = zip::ZipArchive::new(file)
        .with_context(|| format!("{} is no zip archive", path.display()))?;
    if archive.len() > FILES {
        bail!("the package has more than {FILES} files");
    }
    let mut taken = Taken::default();
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).context("cannot read the archive")?;
        let name = entry.name().context("an entry's name is no text")?;
        let name = name.into_owned();
        if entry.is_symlink() {
            bail!("`{name}` is a link: a package holds files only");
        }
        let Some(path) = inside(&name)? else { continue };
        if !entry.is_dir() {
            taken.take(&mut entry, path, to)?;
        }
    }
    Ok(())
}

/// The path of an entry, if it is wanted.
fn inside(name: &str) -> anyhow::Result<Option<PathBuf>> {
    // Some archivers write backslashes.
    let name = name.replace('\\', "/");
    let outside = name.starts_with('/');
    let parts = name.split('/').filter(|part| !matches!(*part, "" | "."));
    let parts: Vec<&str> = parts.collect();
    let outside = outside
        || name.contains('\0')
        || parts.contains(&"..")
        || parts.first().is_some_and(|part| part.contains(':'));
    if outside {
        bail!("`{name}` leaves the package's folder");
    }
    if parts.len() > DEPTH {
        bail!("`{name}` is more than {DEPTH} folders deep");
    }
    if parts.iter().any(|part| hidden(part)) {
        return Ok(None);
    }
    let path: PathBuf = parts.iter().collect();
    Ok((path != Path::new("")).then_some(path))
}

/// What file systems and version control leave behind.
fn hidden(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}

/// Copies a folder.
pub(super) fn folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut taken = Taken::default();
    copy(from, Path::new(""), 0, to, &mut taken)
}

fn copy(from: &Path, at: &Path, depth: usize, to: &Path, taken: &mut Taken) -> anyhow::Result<()> {
    let dir = from.join(at);
    if depth > DEPTH {
        bail!("{} is more than {DEPTH} folders deep", dir.display());
    }
    let entries = fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if hidden(&name.to_string_lossy()) {
            continue;
        }
        let path = at.join(&name);
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            bail!(
                "{} is a link: a package holds files only",
                entry.path().display()
            );
        } else if kind.is_dir() {
            copy(from, &path, depth + 1, to, taken)?;
        } else if kind.is_file() {
            let mut file = File::open(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            taken.take(&mut file, path, to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn entries_stay_inside() {
        for name in ["../a", "a/../../b", "/etc/a", "C:/a", "..\\a", "a/\0"] {
            assert!(inside(name).is_err(), "{name}");
        }
        assert_eq!(inside("a\\b.xsd").unwrap(), Some(PathBuf::from("a/b.xsd")));
        assert_eq!(inside("./a/").unwrap(), Some(PathBuf::from("a")));
        assert_eq!(inside("./").unwrap(), None);
        assert_eq!(inside("__MACOSX/a").unwrap(), None);
    }

    #[test]
    fn what_never_ends_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let mut taken = Taken::default();
        let error = taken.take(&mut io::repeat(0), PathBuf::from("bomb"), dir.path());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("too big"), "{error}");
        taken.bytes = TOTAL - 1;
        let mut two = io::repeat(0).take(2);
        assert!(
            taken
                .take(&mut two, PathBuf::from("last"), dir.path())
                .is_err()
        );
    }
}
