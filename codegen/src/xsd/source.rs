//! The files of one read: opening, decoding, positions, and what one file refers to in another.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use roxmltree::Document;

use crate::diag::{Diagnostic, Location, Severity, SourceFile};

use super::names::{WSDL, XSD, is_element};
use super::problems::Collector;

/// No contract is this large; a file that is was not meant for us.
const MAX_BYTES: u64 = 64 << 20;
/// Bounds the work on a contract whose imports never end.
const MAX_FILES: usize = 4096;
/// Deepest nesting of elements; everything that recurses over a document relies on it.
const MAX_DEPTH: usize = 256;

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
            problems.push(Diagnostic {
                severity: Severity::Broken,
                location: Location {
                    file: main.to_string_lossy().into(),
                    line: 0,
                    column: 0,
                },
                snippet: None,
                message: format!("cannot read `{}`: {reason}", main.display()),
                help: None,
            });
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
        let (message, help) = match missing {
            Missing::NotFound(tried) => (
                format!(
                    "cannot find `{}`, which this {} names",
                    reference.location, reference.kind
                ),
                format!(
                    "tried {}; nothing is loaded from the network{}",
                    tried.join(", "),
                    if absolute {
                        ", absolute locations are looked up in the catalog"
                    } else {
                        ""
                    }
                ),
            ),
            Missing::Unreadable(path, reason) => (
                format!(
                    "cannot read `{}`, which this {} names: {reason}",
                    reference.location, reference.kind
                ),
                format!("tried file `{}`", path.display()),
            ),
        };
        problems.push(source.diagnostic(Severity::Broken, reference.at, message, Some(help)));
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
            if path.is_file() {
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

/// Parses a document; the error is an offset, a message and perhaps help.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, (usize, String, Option<String>)> {
    let document = Document::parse(text).map_err(|error| {
        if matches!(error, roxmltree::Error::DtdDetected) {
            let offset = text.find("<!DOCTYPE").unwrap_or(0);
            let help = "remove the DOCTYPE; entities of a DTD are never expanded".to_owned();
            return (
                offset,
                "the document has a DOCTYPE, which is refused".to_owned(),
                Some(help),
            );
        }
        let position = error.pos();
        let offset = offset_of(text, position.row, position.col);
        let mut message = error.to_string();
        // roxmltree ends its messages with the position, which the diagnostic shows anyway.
        if let Some(end) = message.rfind(" at ") {
            message.truncate(end);
        }
        (offset, format!("not well-formed XML: {message}"), None)
    })?;
    let mut depth = 0_usize;
    let mut node = document.root();
    // Iterative pre-order walk: documents may nest deeper than any stack.
    loop {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > MAX_DEPTH {
                let message = format!("elements are nested more than {MAX_DEPTH} deep");
                return Err((child.range().start, message, None));
            }
            node = child;
            continue;
        }
        loop {
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return Ok(document),
            }
            depth = depth.saturating_sub(1);
        }
    }
}

fn offset_of(text: &str, row: u32, column: u32) -> usize {
    let row = row.saturating_sub(1) as usize;
    let column = column.saturating_sub(1) as usize;
    let start = match row.checked_sub(1) {
        None => 0,
        Some(index) => text
            .match_indices('\n')
            .nth(index)
            .map_or(text.len(), |(i, _)| i + 1),
    };
    let line = text.get(start..).unwrap_or_default();
    start
        + line
            .char_indices()
            .nth(column)
            .map_or(line.len(), |(i, _)| i)
}

fn read_text(path: &Path) -> Result<String, String> {
    let metadata = path.metadata().map_err(|e| e.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| e.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("larger than {} MiB", MAX_BYTES >> 20));
    }
    decode(bytes)
}

/// UTF-8 and UTF-16 with or without a byte order mark, and ISO-8859-1 when it is declared.
fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let wide = |bytes: &[u8], from: fn([u8; 2]) -> u16| {
        let units = bytes.chunks(2).map(|pair| match pair {
            [a, b] => from([*a, *b]),
            _ => 0xFFFD,
        });
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| "not valid UTF-16".to_owned())
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => return wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return wide(rest, u16::from_be_bytes),
        [b'<', 0, ..] => return wide(&bytes, u16::from_le_bytes),
        [0, b'<', ..] => return wide(&bytes, u16::from_be_bytes),
        _ => {}
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text
            .strip_prefix('\u{FEFF}')
            .map(str::to_owned)
            .unwrap_or(text)),
        Err(error) => {
            let bytes = error.into_bytes();
            let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
            let head = String::from_utf8_lossy(head).to_ascii_lowercase();
            if ["iso-8859-1", "latin1", "windows-1252", "us-ascii"]
                .iter()
                .any(|n| head.contains(n))
            {
                Ok(bytes.into_iter().map(char::from).collect())
            } else {
                Err("not valid UTF-8, and no other supported encoding is declared".to_owned())
            }
        }
    }
}

/// A URL, a URN or an absolute path: nothing that is looked up next to the referring file.
fn is_absolute(location: &str) -> bool {
    let scheme = location.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = |s: &str| {
        s.starts_with(|c: char| c.is_ascii_alphabetic())
            && s.chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    scheme.is_some_and(is_scheme) || location.starts_with(['/', '\\'])
}

/// Joins a relative location to an absolute one; enough for `dir/file.xsd` and `../file.xsd`.
fn join_url(base: &str, relative: &str) -> String {
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{scheme}://{host}/{}", parts.join("/"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(rest.len());
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            out.push(high << 4 | low);
            rest = after;
        } else {
            out.push(*first);
        }
    }
    String::from_utf8(out)
        .ok()
        .filter(|decoded| decoded != text)
}

/// The path without `.` and without `..` wherever that can be told from its text alone.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        out
    }
}

fn relative(base: Option<&Path>, path: &Path) -> String {
    let canonical = |p: &Path| {
        let p = if p.as_os_str().is_empty() {
            Path::new(".")
        } else {
            p
        };
        p.canonicalize().unwrap_or_else(|_| p.to_path_buf())
    };
    let base = canonical(base.unwrap_or(Path::new(".")));
    let path = canonical(path);
    let shared = base
        .components()
        .zip(path.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = base.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared);
    let down = down.map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
