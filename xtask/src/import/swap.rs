//! Several renames, all or none; and what is left of them when the process was killed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::report::Report;

/// Folders of an import that is running, or was interrupted, begin with this.
pub(super) const PREFIX: &str = ".import-";

/// Where, in such a folder, things stand that were put aside; each under its path in the root.
const ASIDE: &str = "old";

/// Puts folders of the root in the place of others, and back.
#[derive(Debug)]
pub(super) struct Swap<'a> {
    root: &'a Path,
    /// Where the old ones are meanwhile, where folders cannot be exchanged.
    aside: PathBuf,
    /// Place, and where its old folder is, if there was one.
    done: Vec<(PathBuf, Option<PathBuf>)>,
}

impl<'a> Swap<'a> {
    pub(super) fn new(root: &'a Path, stage: &Path) -> Self {
        Self {
            root,
            aside: stage.join(ASIDE),
            done: Vec::new(),
        }
    }

    /// Puts `new` in its place, a path relative to the root. What stood there is nowhere missing
    /// meanwhile, if the file system can exchange two folders.
    pub(super) fn put(&mut self, new: &Path, place: &str) -> anyhow::Result<()> {
        let to = self.root.join(place);
        let what = || format!("cannot put {place} in its place");
        if !to.exists() {
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).with_context(what)?;
            }
            fs::rename(new, &to).with_context(what)?;
            self.done.push((to, None));
            return Ok(());
        }
        if new.exists() && exchange(new, &to).is_ok() {
            self.done.push((to, Some(new.to_path_buf())));
            return Ok(());
        }
        let old = self.aside.join(place);
        if let Some(parent) = old.parent() {
            fs::create_dir_all(parent).with_context(what)?;
        }
        fs::rename(&to, &old).with_context(what)?;
        self.done.push((to.clone(), Some(old)));
        fs::rename(new, &to).with_context(what)
    }

    /// Puts everything back, the last one first.
    pub(super) fn back(&mut self) -> anyhow::Result<()> {
        while let Some((place, old)) = self.done.pop() {
            let what = || format!("cannot put {} back", place.display());
            if let Some(old) = &old
                && place.exists()
                && exchange(old, &place).is_ok()
            {
                continue;
            }
            if place.exists() {
                fs::remove_dir_all(&place).with_context(what)?;
            }
            if let Some(old) = old {
                fs::rename(old, &place).with_context(what)?;
            }
        }
        Ok(())
    }
}

/// Exchanges two folders in one step.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

/// Two renames do it where there is no call for it.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Looks for what an import left that was interrupted: what it had put aside goes back where
/// nothing stands in its place, and the rest is named. An import may be running just now, so that
/// nothing is removed.
pub(crate) fn recover(root: &Path, report: Report) -> anyhow::Result<()> {
    for left in folders(root, |name| name.starts_with(PREFIX))? {
        let aside = left.join(ASIDE);
        let mut places = vec![PathBuf::from("specs")];
        for old in folders(&aside.join("generated"), |_| true)? {
            places.extend(
                old.file_name()
                    .map(|name| Path::new("generated").join(name)),
            );
        }
        for place in places {
            let (old, to) = (aside.join(&place), root.join(&place));
            if !old.exists() || to.exists() {
                continue;
            }
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(&old, &to).with_context(|| {
                let (old, to) = (old.display(), to.display());
                format!("an import was interrupted; cannot put {old} back to {to}")
            })?;
            let place = place.display().to_string();
            report.warning(&format!(
                "an import was interrupted: {place} was missing and is as it was before it"
            ));
        }
        report.warning(&format!(
            "{} is left of an import that was interrupted, with files of its package: compare \
             specs/ with what it was, run `cargo xtask regen`, and remove the folder",
            left.display()
        ));
    }
    Ok(())
}

/// Folders in a folder, in order; none if there is no such folder.
fn folders(dir: &Path, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Vec<PathBuf>> {
    let what = || format!("cannot read {}", dir.display());
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).with_context(what)? {
        let entry = entry.with_context(what)?;
        if entry.file_type()?.is_dir() && wanted(&entry.file_name().to_string_lossy()) {
            out.push(entry.path());
        }
    }
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_fails_in_the_middle_is_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for (folder, text) in [("a", "old"), ("new-a", "new"), ("new-b", "new")] {
            fs::create_dir(path(folder)).unwrap();
            fs::write(path(folder).join("file"), text).unwrap();
        }
        let mut swap = Swap::new(dir.path(), &path("stage"));
        swap.put(&path("new-a"), "a").unwrap();
        swap.put(&path("new-b"), "b").unwrap();
        assert_eq!(fs::read_to_string(path("a").join("file")).unwrap(), "new");
        assert!(swap.put(&path("absent"), "c").is_err());
        swap.back().unwrap();
        assert_eq!(fs::read_to_string(path("a").join("file")).unwrap(), "old");
        assert!(!path("b").exists() && !path("c").exists());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_replaced_is_missing_at_no_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for folder in ["a", "new-a"] {
            fs::create_dir(path(folder)).unwrap();
            fs::write(path(folder).join("file"), folder).unwrap();
        }
        let mut swap = Swap::new(dir.path(), &path("stage"));
        swap.put(&path("new-a"), "a").unwrap();
        assert_eq!(fs::read_to_string(path("a/file")).unwrap(), "new-a");
        assert_eq!(fs::read_to_string(path("new-a/file")).unwrap(), "a");
        // Nothing was put aside.
        assert!(!path("stage").exists());
        swap.back().unwrap();
        assert_eq!(fs::read_to_string(path("a/file")).unwrap(), "a");
    }
}
