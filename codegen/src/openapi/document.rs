//! Files, references between them, and problems found in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::yaml::{Node, Place, parse};
use crate::diag::{Diagnostic, Location, Severity, SourceFile};

/// A file that was read.
pub(super) struct Loaded {
    pub(super) root: Rc<Node>,
    pub(super) name: String,
}

/// All files of one document.
pub(super) struct Files {
    dir: PathBuf,
    loaded: BTreeMap<PathBuf, Rc<Loaded>>,
}

/// What a reference leads to.
pub(super) struct Target {
    pub(super) node: Rc<Node>,
    /// The same for two references to the same thing.
    pub(super) id: String,
    /// Last part of the pointer.
    pub(super) name: String,
}

impl Files {
    /// Reads the main document.
    pub(super) fn new(path: &Path) -> Result<(Self, Rc<Loaded>), Diagnostic> {
        let dir = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut files = Self {
            dir,
            loaded: BTreeMap::new(),
        };
        let loaded = files
            .load(path)
            .map_err(|message| nowhere(path, message))??;
        Ok((files, loaded))
    }

    /// The main document's node, once it was changed.
    pub(super) fn replace(&mut self, path: &Path, root: Rc<Node>) -> Rc<Loaded> {
        let loaded = Rc::new(Loaded {
            name: root.place.file.name.to_string(),
            root,
        });
        self.loaded.insert(normal(path), loaded.clone());
        loaded
    }

    /// An error message when the file cannot be read at all.
    pub(super) fn load(&mut self, path: &Path) -> Result<Result<Rc<Loaded>, Diagnostic>, String> {
        let path = normal(path);
        if let Some(loaded) = self.loaded.get(&path) {
            return Ok(Ok(loaded.clone()));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot be read: {e}"))?;
        let name = self.name_of(&path);
        let source = Rc::new(SourceFile {
            path: path.clone(),
            name: name.as_str().into(),
            text: text.strip_prefix('\u{feff}').unwrap_or(&text).into(),
        });
        let root = match parse(&source) {
            Ok(root) => root,
            Err(diagnostic) => return Ok(Err(diagnostic)),
        };
        let loaded = Rc::new(Loaded { root, name });
        self.loaded.insert(path, loaded.clone());
        Ok(Ok(loaded))
    }

    fn name_of(&self, path: &Path) -> String {
        let dir = normal(&self.dir);
        let relative = path.strip_prefix(&dir).unwrap_or(path);
        relative.to_string_lossy().into_owned()
    }

    /// Files read, by name.
    pub(super) fn sources(&self) -> Vec<String> {
        self.loaded.values().map(|l| l.name.clone()).collect()
    }

    /// Follows a `$ref` once.
    pub(super) fn resolve(&mut self, reference: &str, at: &Place) -> Result<Target, Diagnostic> {
        let broken = |message: String, help: &str| {
            at.diagnostic(Severity::Broken, message, Some(help.to_owned()))
        };
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if file.contains("://") {
            return Err(at.diagnostic(
                Severity::Unsupported,
                format!("`{reference}` is on the network, which is never asked"),
                Some("put the file beside the document and refer to it by its path".to_owned()),
            ));
        }
        let path = if file.is_empty() {
            at.file.path.clone()
        } else {
            let dir = at.file.path.parent().unwrap_or(Path::new(""));
            dir.join(file)
        };
        let loaded = self.load(&path).map_err(|e| {
            broken(
                format!("`{file}` {e}"),
                "references to files are relative to the file they stand in",
            )
        })??;
        let mut node = loaded.root.clone();
        let mut parts: Vec<String> = Vec::new();
        for part in pointer.split('/').skip(1) {
            let part = percent_decoded(part).replace("~1", "/").replace("~0", "~");
            let next = match node.get(&part) {
                Some(next) => Some(next.clone()),
                None => part
                    .parse::<usize>()
                    .ok()
                    .and_then(|i| node.items().get(i).cloned()),
            };
            let Some(next) = next else {
                return Err(broken(
                    format!("`{reference}` leads nowhere: there is no `{part}`"),
                    "name something that the document has",
                ));
            };
            node = next;
            parts.push(part);
        }
        let name = parts.pop().unwrap_or_else(|| {
            let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
            stem.unwrap_or_default()
        });
        Ok(Target {
            id: format!("{}#{pointer}", loaded.name),
            node,
            name,
        })
    }
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                out.push(code);
                rest = &tail[2..];
            }
            _ => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Without `.` and `..`, so that one file has one name.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn nowhere(path: &Path, message: String) -> Diagnostic {
    Diagnostic {
        severity: Severity::Broken,
        location: Location {
            file: path.to_string_lossy().as_ref().into(),
            ..Location::default()
        },
        snippet: None,
        message,
        help: None,
        tried: Vec::new(),
    }
}
