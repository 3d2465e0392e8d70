//! The files of one read: opening, decoding, positions, and what one file refers to in another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Diagnostic, Location, Severity, SourceFile};

use super::location::{is_absolute, join_url, lexical, percent_decoded, relative};
use super::names::{WSDL, XSD, is_element};
use super::problems::Collector;
use super::text::{parse, read_text};

/// Bounds the work on a contract whose imports never end.
const MAX_FILES: usize = 4096;

/// One file of the input.
pub(crate) struct Source {
    /// Path, printed name and text.
    pub(crate) file: SourceFile,
    /// Absolute location it was asked for by, when it came out of the catalog.
    url: Option<String>,
    /// Byte offsets at which lines start.
    lines: Vec<usize>,
    /// Number of characters before every [`STEP`]th byte. Some contracts are one long line, in
    /// which counting columns from its start would take quadratic time.
    characters: Vec<usize>,
}

/// Distance of the entries of [`Source::characters`].
const STEP: usize = 1024;

/// Number of characters that start in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

impl Source {
    fn new(path: PathBuf, url: Option<String>, text: String) -> Self {
        let mut lines = vec![0];
        lines.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i + 1),
        );
        let name: Arc<str> = path.to_string_lossy().replace('\\', "/").into();
        let steps = text.as_bytes().chunks(STEP).scan(0, |sum, chunk| {
            let before = *sum;
            *sum += characters(chunk);
            Some(before)
        });
        let characters = steps.collect();
        Self {
            file: SourceFile {
                path,
                name,
                text: text.into(),
            },
            url,
            lines,
            characters,
        }
    }

    /// The location of a byte offset; unlike [`SourceFile::location`] without counting lines.
    pub(crate) fn location(&self, offset: usize) -> Location {
        let index = self
            .lines
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.lines.get(index).copied().unwrap_or(0);
        let column = self.characters_before(offset) - self.characters_before(start) + 1;
        Location {
            file: self.file.name.clone(),
            line: u32::try_from(index + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let bytes = self.file.text.as_bytes();
        let offset = offset.min(bytes.len());
        let known = self.characters.get(offset / STEP).copied();
        match (known, bytes.get(offset / STEP * STEP..offset)) {
            (Some(known), Some(rest)) => known + characters(rest),
            // At the very end of a text whose length is a multiple of the step.
            _ => characters(bytes),
        }
    }

    /// A diagnostic at a byte offset, with its line.
    pub(crate) fn diagnostic(
        &self,
        severity: Severity,
        offset: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        let location = self.location(offset);
        let index = location.line as usize - 1;
        let start = self.lines.get(index).copied().unwrap_or(0);
        let end = self
            .lines
            .get(index + 1)
            .copied()
            .unwrap_or(self.file.text.len());
        // A line too long for a screen shows nothing.
        let snippet = self
            .file
            .text
            .get(start..end)
            .filter(|line| line.len() <= 400);
        let snippet = snippet.map(|line| line.trim_end().to_owned());
        Diagnostic {
            severity,
            location,
            snippet,
            message: message.into(),
            help,
            tried: Box::default(),
        }
    }
}

/// An `xs:import` whose absolute location is not in the catalog.
pub(crate) struct Dropped {
    /// Namespace it would have brought.
    pub(crate) namespace: String,
    /// Its location, as written.
    pub(crate) location: String,
    /// File it stands in.
    pub(crate) file: usize,
    /// Byte offset of the import.
    pub(crate) offset: usize,
}

/// All files of one read and how they refer to each other.
pub(crate) struct Sources {
    /// The files in reading order; the first is the main document.
    pub(crate) files: Vec<Source>,
    /// Target of an import or include, by file and byte offset of the referring element.
    links: BTreeMap<(usize, usize), usize>,
    /// Imports that were left out.
    pub(crate) dropped: Vec<Dropped>,
    /// Something could not be read, which was reported.
    pub(crate) incomplete: bool,
    opened: BTreeMap<PathBuf, usize>,
    catalog: BTreeMap<String, PathBuf>,
}

/// Why a reference leads nowhere.
enum Missing {
    /// Nothing there; every path and catalog key that was tried.
    NotFound(Vec<String>),
    /// It is there, but cannot be read.
    Unreadable(PathBuf, String),
}

impl Sources {
    /// Reads the main document and everything that it refers to, directly or not.
    pub(crate) fn load(
        main: &Path,
        catalog: &BTreeMap<String, PathBuf>,
        problems: &mut Collector,
    ) -> Self {
        let mut sources = Self {
            files: Vec::new(),
            links: BTreeMap::new(),
            dropped: Vec::new(),
            incomplete: false,
            opened: BTreeMap::new(),
            catalog: catalog.clone(),
        };
        if let Err(reason) = sources.open(main, None) {
            let message = format!("cannot read `{}`: {reason}", main.display());
            let file = main.to_string_lossy();
            problems.push(Diagnostic::of_file(Severity::Broken, &file, message));
        }
        let mut next = 0;
        while next < sources.files.len() {
            for reference in sources.scan(next, problems) {
                sources.follow(next, reference, problems);
            }
            next += 1;
        }
        sources
    }

    /// The file that the import or include at this place leads to.
    pub(crate) fn target(&self, file: usize, offset: usize) -> Option<usize> {
        self.links.get(&(file, offset)).copied()
    }

    /// Names of the files relative to the main document.
    pub(crate) fn relative_names(&self) -> Vec<String> {
        let base = self.files.first().and_then(|main| main.file.path.parent());
        self.files
            .iter()
            .map(|s| relative(base, &s.file.path))
            .collect()
    }

    fn open(&mut self, path: &Path, url: Option<String>) -> Result<usize, String> {
        let path = lexical(path);
        let key = path.canonicalize().map_err(|e| e.to_string())?;
        if let Some(index) = self.opened.get(&key) {
            return Ok(*index);
        }
        if self.files.len() >= MAX_FILES {
            return Err(format!("more than {MAX_FILES} files"));
        }
        let text = read_text(&key)?;
        self.files.push(Source::new(path, url, text));
        let index = self.files.len() - 1;
        self.opened.insert(key, index);
        Ok(index)
    }

    /// The references of a file; also reports what keeps it from being parsed.
    fn scan(&mut self, file: usize, problems: &mut Collector) -> Vec<Reference> {
        let Some(source) = self.files.get(file) else {
            return Vec::new();
        };
        let document = match parse(&source.file.text) {
            Ok(document) => document,
            Err((offset, message, help)) => {
                problems.push(source.diagnostic(Severity::Broken, offset, message, help));
                self.incomplete = true;
                return Vec::new();
            }
        };
        document.descendants().filter_map(Reference::of).collect()
    }

    fn follow(&mut self, file: usize, reference: Reference, problems: &mut Collector) {
        let missing = match self.resolve(file, &reference.location) {
            Ok(target) => {
                self.links.insert((file, reference.offset), target);
                return;
            }
            Err(missing) => missing,
        };
        let absolute = is_absolute(&reference.location);
        if reference.optional && absolute && matches!(missing, Missing::NotFound(_)) {
            self.dropped.push(Dropped {
                namespace: reference.namespace,
                location: reference.location,
                file,
                offset: reference.offset,
            });
            return;
        }
        self.incomplete = true;
        let Some(source) = self.files.get(file) else {
            return;
        };
        let (location, kind) = (&reference.location, reference.kind);
        let (message, help, tried) = match missing {
            Missing::NotFound(tried) => {
                let help = if absolute {
                    "nothing is loaded from the network: put the file into the catalog, by its \
                     location (`--catalog`, a JSON object from location to file)"
                } else {
                    "nothing is loaded from the network: put the file where the contract says"
                };
                let message = format!("cannot find `{location}`, which this {kind} names");
                (message, Some(help.to_owned()), tried)
            }
            Missing::Unreadable(path, reason) => (
                format!("cannot read `{location}`, which this {kind} names: {reason}"),
                None,
                vec![format!("file `{}`", path.display())],
            ),
        };
        let diagnostic = source.diagnostic(Severity::Broken, reference.at, message, help);
        problems.push(diagnostic.with_tried(tried));
    }

    fn resolve(&mut self, file: usize, location: &str) -> Result<usize, Missing> {
        let mut tried = Vec::new();
        if is_absolute(location) {
            return self
                .look_up(location, &mut tried)?
                .ok_or(Missing::NotFound(tried));
        }
        let Some(source) = self.files.get(file) else {
            return Err(Missing::NotFound(tried));
        };
        let directory = source
            .file
            .path
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        if let Some(base) = source.url.clone() {
            // A file out of the catalog: its neighbours are named relative to its own location.
            if let Some(found) = self.look_up(&join_url(&base, location), &mut tried)? {
                return Ok(found);
            }
        }
        let bare = location.split(['#', '?']).next().unwrap_or(location);
        let mut candidates = vec![location.to_owned(), bare.to_owned()];
        candidates.extend(percent_decoded(location));
        candidates.dedup();
        for candidate in candidates {
            let path = lexical(&directory.join(&candidate));
            // A directory is opened too: the error says what it is.
            if path.is_file() || path.is_dir() && !candidate.is_empty() {
                return self
                    .open(&path, None)
                    .map_err(|e| Missing::Unreadable(path, e));
            }
            tried.push(format!("file `{}`", path.display()));
        }
        Err(Missing::NotFound(tried))
    }

    fn look_up(&mut self, url: &str, tried: &mut Vec<String>) -> Result<Option<usize>, Missing> {
        match self.catalog.get(url).cloned() {
            Some(path) => match self.open(&path, Some(url.to_owned())) {
                Ok(index) => Ok(Some(index)),
                Err(reason) => Err(Missing::Unreadable(path, reason)),
            },
            None => {
                tried.push(format!("catalog key `{url}`"));
                Ok(None)
            }
        }
    }
}

/// An import or include of a document.
struct Reference {
    kind: &'static str,
    namespace: String,
    location: String,
    /// Byte offset of the element.
    offset: usize,
    /// Byte offset to point at: the location's text.
    at: usize,
    /// May be left out while nothing refers to what it would bring.
    optional: bool,
}

impl Reference {
    fn of(node: roxmltree::Node<'_, '_>) -> Option<Self> {
        let (kind, attribute, optional) = if is_element(node, WSDL, "import") {
            ("wsdl:import", "location", false)
        } else if is_element(node, XSD, "import") {
            ("xs:import", "schemaLocation", true)
        } else if is_element(node, XSD, "include") {
            ("xs:include", "schemaLocation", false)
        } else {
            return None;
        };
        let location = node.attribute_node(attribute)?;
        let text = location.value().trim();
        (!text.is_empty()).then(|| Self {
            kind,
            namespace: node.attribute("namespace").unwrap_or_default().to_owned(),
            location: text.to_owned(),
            offset: node.range().start,
            at: location.range_value().start,
            optional,
        })
    }
}
