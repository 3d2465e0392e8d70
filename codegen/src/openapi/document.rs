//! Files, references between them, and problems found in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::plain::plain;
use super::yaml::{File, Node, Place, parse};
use crate::diag::{Diagnostic, Location, Severity, SourceFile};

/// A file that was read.
pub(super) struct Loaded {
    pub(super) root: Rc<Node>,
    pub(super) name: String,
}

/// All files of one document.
pub(super) struct Files {
    dir: PathBuf,
    /// The main document.
    main: PathBuf,
    loaded: BTreeMap<PathBuf, Rc<Loaded>>,
    /// Files that stand for what is on the network.
    catalog: BTreeMap<String, PathBuf>,
    /// What was put right while reading.
    pub(super) notes: Vec<Diagnostic>,
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
    /// Reads the main document, as it stands: an overlay may come before anything else.
    pub(super) fn new(
        path: &Path,
        catalog: &BTreeMap<String, PathBuf>,
    ) -> Result<(Self, Rc<Loaded>), Diagnostic> {
        let dir = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut files = Self {
            dir,
            main: normal(path),
            loaded: BTreeMap::new(),
            notes: Vec::new(),
            catalog: catalog.clone(),
        };
        let loaded = files
            .raw(path)
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

    /// A file that is referred to. An error message when it cannot be read at all.
    pub(super) fn load(&mut self, path: &Path) -> Result<Result<Rc<Loaded>, Diagnostic>, String> {
        let path = normal(path);
        if let Some(loaded) = self.loaded.get(&path) {
            return Ok(Ok(loaded.clone()));
        }
        let loaded = match self.raw(&path)? {
            Ok(loaded) => loaded,
            Err(diagnostic) => return Ok(Err(diagnostic)),
        };
        let root = plain(&loaded.root, &mut self.notes);
        Ok(Ok(self.replace(&path, root)))
    }

    /// A file as it stands.
    pub(super) fn raw(&mut self, path: &Path) -> Result<Result<Rc<Loaded>, Diagnostic>, String> {
        let path = normal(path);
        let bytes = std::fs::read(&path).map_err(|e| format!("cannot be read: {e}"))?;
        let text = decoded(&bytes)?;
        let name = self.name_of(&path);
        let source = Rc::new(File::new(SourceFile {
            path: path.clone(),
            name: name.as_str().into(),
            text: text.into(),
        }));
        let root = match parse(&source, &mut self.notes) {
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

    /// Files read, by name: the main one first.
    pub(super) fn sources(&self) -> Vec<String> {
        let mut all: Vec<(&PathBuf, &Rc<Loaded>)> = self.loaded.iter().collect();
        all.sort_by_key(|(path, _)| **path != self.main);
        all.into_iter().map(|(_, l)| l.name.clone()).collect()
    }

    /// Follows a `$ref` once.
    pub(super) fn resolve(&mut self, reference: &str, at: &Place) -> Result<Target, Diagnostic> {
        self.resolve_at(reference, at, 0)
    }

    fn resolve_at(
        &mut self,
        reference: &str,
        at: &Place,
        depth: usize,
    ) -> Result<Target, Diagnostic> {
        let broken = |message: String, help: &str| {
            at.diagnostic(Severity::Broken, message, Some(help.to_owned()))
        };
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let known = self
            .catalog
            .get(file)
            .or_else(|| self.catalog.get(reference));
        let path = match known {
            Some(path) => path.clone(),
            None if file.contains("://") => {
                let help = "put the file beside the document and refer to it by its path, or name \
                            it in a catalog (`generate --catalog`)";
                return Err(at.diagnostic(
                    Severity::Unsupported,
                    format!("`{reference}` is on the network, which is never asked"),
                    Some(help.to_owned()),
                ));
            }
            None if file.is_empty() => at.file.path.clone(),
            None => {
                let dir = at.file.path.parent().unwrap_or(Path::new(""));
                let decoded = dir.join(percent_decoded(file));
                let written = dir.join(file);
                if written.is_file() { written } else { decoded }
            }
        };
        let loaded = self.load(&path).map_err(|e| {
            broken(
                format!("`{file}` {e}"),
                "references to files are relative to the file they stand in",
            )
        })??;
        let mut node = loaded.root.clone();
        let mut parts: Vec<String> = Vec::new();
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let Some(found) = anchored(&node, pointer) else {
                return Err(broken(
                    format!("`{reference}` leads nowhere: there is no anchor `{pointer}`"),
                    "references within a document begin with `#/`",
                ));
            };
            return Ok(Target {
                id: identity(&found),
                node: found,
                name: pointer.to_owned(),
            });
        }
        for part in pointer.split('/').skip(1) {
            let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
            let (raw, part) = (unescaped(part), unescaped(&percent_decoded(part)));
            let member = node.get(&part).or_else(|| node.get(&raw)).cloned();
            let next = match member {
                Some(next) => Some(next),
                None => part
                    .parse::<usize>()
                    .ok()
                    .and_then(|i| node.items().get(i).cloned()),
            };
            // A reference on the way is followed too.
            let next = match (next, node.string("$ref")) {
                (None, Some(through)) if depth < 20 => {
                    let (through, place) = (through.to_owned(), node.place.clone());
                    let target = self.resolve_at(&through, &place, depth + 1)?;
                    target.node.get(&part).cloned()
                }
                (next, _) => next,
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
            id: identity(&node),
            node,
            name,
        })
    }
}

/// What a node is known by: its place, whatever pointers lead there.
fn identity(node: &Node) -> String {
    format!(
        "{}:{}:{}",
        node.place.file.name, node.place.line, node.place.column
    )
}

/// The node with an `$anchor`.
fn anchored(node: &Rc<Node>, anchor: &str) -> Option<Rc<Node>> {
    if node.string("$anchor") == Some(anchor) || node.string("$dynamicAnchor") == Some(anchor) {
        return Some(node.clone());
    }
    let members = node.members().iter().map(|(_, child)| child);
    members
        .chain(node.items())
        .find_map(|child| anchored(child, anchor))
}

/// Text of a file: UTF-8, or UTF-16 that says so.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let wide = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| from([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).map_err(|_| "cannot be read: not UTF-16".to_owned())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8(rest.to_vec()).map_err(|e| {
            format!(
                "cannot be read: not UTF-8 after {} bytes",
                e.utf8_error().valid_up_to()
            )
        }),
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
        tried: Box::default(),
    }
}
