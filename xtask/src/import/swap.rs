//! Several renames, all or none.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Puts folders in the place of others, and back.
#[derive(Debug)]
pub(super) struct Swap {
    /// Where the old ones are meanwhile.
    aside: PathBuf,
    /// Place, and where its old folder is, if there was one.
    done: Vec<(PathBuf, Option<PathBuf>)>,
}

impl Swap {
    pub(super) fn new(aside: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir(&aside).with_context(|| format!("cannot create {}", aside.display()))?;
        Ok(Self {
            aside,
            done: Vec::new(),
        })
    }

    /// Puts `new` in its place.
    pub(super) fn put(&mut self, new: &Path, place: &Path) -> anyhow::Result<()> {
        let what = || format!("cannot put {} in its place", place.display());
        let old = if place.exists() {
            let old = self.aside.join(self.done.len().to_string());
            fs::rename(place, &old).with_context(what)?;
            Some(old)
        } else {
            None
        };
        self.done.push((place.to_path_buf(), old));
        fs::rename(new, place).with_context(what)
    }

    /// Puts everything back, the last one first.
    pub(super) fn back(&mut self) -> anyhow::Result<()> {
        while let Some((place, old)) = self.done.pop() {
            let what = || format!("cannot put {} back", place.display());
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
        let mut swap = Swap::new(path("aside")).unwrap();
        swap.put(&path("new-a"), &path("a")).unwrap();
        swap.put(&path("new-b"), &path("b")).unwrap();
        assert_eq!(fs::read_to_string(path("a").join("file")).unwrap(), "new");
        assert!(swap.put(&path("absent"), &path("c")).is_err());
        swap.back().unwrap();
        assert_eq!(fs::read_to_string(path("a").join("file")).unwrap(), "old");
        assert!(!path("b").exists() && !path("c").exists());
    }
}
