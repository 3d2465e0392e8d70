//! YAML 1.2 and JSON as a tree that knows where everything stands.
//!
//! Plain scalars are read by the core schema of YAML 1.2: `yes`, `no`, `on`, `off`, `Y` and `N` are
//! strings. A key that stands twice with two values is an error; anchors and merge keys are
//! resolved. What is no YAML by the letter and read alike by everybody is read, with a note.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use crate::diag::{Diagnostic, Location, Severity, SourceFile};

/// Deepest nesting.
pub(super) const DEPTH: usize = 200;
/// Most nodes, those of aliases counted each time.
pub(super) const NODES: usize = 4_000_000;
/// Longest line that a diagnostic shows; minified documents have a single one.
const SHOWN: usize = 400;
/// Most places that are put right in one file.
const MENDED: usize = 200;

/// A source file that knows where its lines begin.
#[derive(Debug)]
pub(crate) struct File {
    source: SourceFile,
    lines: Vec<usize>,
}

impl File {
    pub(super) fn new(source: SourceFile) -> Self {
        let ends = source.text.bytes().enumerate();
        let starts = ends.filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { source, lines }
    }

    fn shown(&self, line: u32) -> Option<String> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.lines.get(index)?;
        let end = self.lines.get(index + 1).copied();
        let line = &self.text[start..end.unwrap_or(self.text.len())];
        (line.len() <= SHOWN).then(|| line.trim_end_matches(['\n', '\r']).to_owned())
    }
}

impl Deref for File {
    type Target = SourceFile;

    fn deref(&self) -> &SourceFile {
        &self.source
    }
}

/// A place in a source file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) file: Rc<File>,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    pub(crate) fn location(&self) -> Location {
        Location {
            file: self.file.name.clone(),
            line: self.line,
            column: self.column,
        }
    }

    pub(crate) fn diagnostic(
        &self,
        severity: Severity,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Diagnostic {
        Diagnostic {
            severity,
            location: self.location(),
            snippet: self.file.shown(self.line),
            message: message.into(),
            help,
            tried: Box::default(),
        }
    }

    /// What tells one node from another.
    pub(crate) fn key(&self) -> (Arc<str>, u32, u32) {
        (self.file.name.clone(), self.line, self.column)
    }
}

/// A value with its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
    /// Nodes in it, itself included.
    size: usize,
}

#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    String(String),
    List(Vec<Rc<Node>>),
    Map(Vec<(Key, Rc<Node>)>),
}

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) place: Place,
}

impl Node {
    pub(crate) fn new(place: Place, value: Value) -> Self {
        let size = 1 + match &value {
            Value::List(items) => items.iter().map(|n| n.size).sum(),
            Value::Map(members) => members.iter().map(|(_, n)| n.size).sum(),
            _ => 0,
        };
        Self { place, value, size }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Rc<Node>> {
        self.members()
            .iter()
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    }

    pub(crate) fn members(&self) -> &[(Key, Rc<Node>)] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Rc<Node>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Text of a scalar, as a person would write it.
    pub(crate) fn text(&self) -> Option<String> {
        Some(match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(text) | Value::String(text) => text.clone(),
            Value::List(_) | Value::Map(_) => return None,
        })
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// The member's text, if it is a string.
    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        self.get(name)?.str()
    }

    /// Whether two trees say the same.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Map(x), Value::Map(y)) => {
                x.len() == y.len()
                    && x.iter()
                        .zip(y)
                        .all(|((k, v), (l, w))| k.text == l.text && v.same(w))
            }
            (Value::List(x), Value::List(y)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(v, w)| v.same(w))
            }
            (Value::Null, Value::Null) => true,
            (Value::Bool(x), Value::Bool(y)) => x == y,
            (Value::Number(x), Value::Number(y)) | (Value::String(x), Value::String(y)) => x == y,
            _ => false,
        }
    }

    /// The member is `true`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.get(name).and_then(|n| n.bool()).unwrap_or_default()
    }
}

/// Members of a map while they are read, each name once.
#[derive(Default)]
pub(super) struct Entries {
    members: Vec<(Key, Rc<Node>)>,
    places: HashMap<String, usize>,
}

impl Entries {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn finish(self) -> Vec<(Key, Rc<Node>)> {
        self.members
    }

    fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Names of members in which nothing is about the wire.
    pub(super) fn is_example(name: &str) -> bool {
        matches!(name, "example" | "examples" | "x-example" | "x-examples")
    }

    /// Adds a member. A second one of a name is left out where that changes nothing.
    pub(super) fn add(
        &mut self,
        key: Key,
        value: Rc<Node>,
        example: bool,
        notes: &mut Vec<Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let Some(at) = self.places.get(&key.text) else {
            self.places.insert(key.text.clone(), self.members.len());
            self.members.push((key, value));
            return Ok(());
        };
        let (first, present) = &self.members[*at];
        let message = format!(
            "the key `{}` stands twice, first in line {}",
            key.text, first.place.line
        );
        if example || present.same(&value) {
            let message = format!("{message}; it counts once");
            notes.push(key.place.diagnostic(Severity::Unsupported, message, None));
            return Ok(());
        }
        let help = "remove one of the two; which of them counts is anybody's guess";
        Err(key
            .place
            .diagnostic(Severity::Broken, message, Some(help.to_owned())))
    }
}

/// Parses a file's only document, JSON or YAML.
pub(crate) fn parse(file: &Rc<File>, notes: &mut Vec<Diagnostic>) -> Result<Rc<Node>, Diagnostic> {
    if !file.text.trim_ascii_start().starts_with(['{', '[']) {
        return mended(file, notes);
    }
    let before = notes.len();
    let problem = match super::json::parse(file, notes) {
        Ok(node) => return Ok(node),
        Err(problem) => problem,
    };
    notes.truncate(before);
    let is_json = file.path.extension().is_some_and(|e| e == "json");
    match mended(file, notes) {
        // Maps in braces, commas at the end of a list.
        Ok(node) => {
            if is_json {
                let message = format!("{}; read as YAML, which it is", problem.message);
                notes.push(Diagnostic {
                    severity: Severity::Unsupported,
                    message,
                    ..*problem
                });
            }
            Ok(node)
        }
        Err(_) if is_json => Err(*problem),
        Err(other) => Err(other),
    }
}

/// Parses YAML; lines inside braces or brackets that are not indented enough are read as if they
/// were. YAML forbids them, its readers take them.
fn mended(file: &Rc<File>, notes: &mut Vec<Diagnostic>) -> Result<Rc<Node>, Diagnostic> {
    // JSON escapes characters beyond the first plane as two; YAML has no such pairs.
    let mut text = join_surrogates(&file.text);
    let mut found = Vec::new();
    loop {
        let before = notes.len();
        let problem = match yaml(file, &text, notes) {
            Ok(node) => {
                notes.append(&mut found);
                return Ok(node);
            }
            Err(problem) => problem,
        };
        notes.truncate(before);
        let line = problem.location.line;
        let is_indentation = matches!(
            problem.message.as_str(),
            "not YAML: invalid indentation" | "not YAML: invalid indentation in flow construct"
        );
        let start = (1..line).try_fold(0, |at, _| text[at..].find('\n').map(|n| at + n + 1));
        let (true, Some(start)) = (is_indentation && found.len() < MENDED, start) else {
            return Err(problem);
        };
        let already = text[start..].len() - text[start..].trim_start_matches(' ').len();
        if already > DEPTH * 4 {
            return Err(problem);
        }
        if !found
            .iter()
            .any(|n: &Diagnostic| n.location.line == problem.location.line)
        {
            found.push(Diagnostic {
                severity: Severity::Unsupported,
                message: "a line inside braces or brackets is not indented enough; it is read as \
                          if it were"
                    .to_owned(),
                ..problem
            });
        }
        text.insert_str(start, &" ".repeat(already.max(8)));
    }
}

fn yaml(file: &Rc<File>, text: &str, notes: &mut Vec<Diagnostic>) -> Result<Rc<Node>, Diagnostic> {
    let mut builder = Builder {
        file: file.clone(),
        anchors: BTreeMap::new(),
        nodes: 0,
        notes,
    };
    let mut parser = Parser::new_from_str(text);
    let mut root = None;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|e| {
            let place = builder.place(e.marker());
            place.diagnostic(Severity::Broken, format!("not YAML: {}", e.info()), None)
        })?;
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
            event if root.is_none() => {
                root = Some(builder.node(&mut parser, event, &span.start, (0, false))?);
            }
            _ => {
                let place = builder.place(&span.start);
                let message = "a second document in one file";
                return Err(place.diagnostic(Severity::Broken, message, None));
            }
        }
    }
    root.ok_or_else(|| file.diagnostic(Severity::Broken, 0, "the file is empty", None))
}

/// `\ud83d\ude00` as the character itself, of the same width in columns where it can be.
fn join_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let hex = |from: usize| {
            rest.get(from..from + 4)
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        };
        let pair = match (hex(at + 2), rest.get(at + 6..at + 8), hex(at + 8)) {
            (Some(high @ 0xd800..0xdc00), Some("\\u"), Some(low @ 0xdc00..0xe000)) => {
                char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            }
            _ => None,
        };
        match pair {
            Some(c) => {
                out.push_str(&rest[..at]);
                out.push(c);
                rest = &rest[at + 12..];
            }
            None => {
                out.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    out
}

struct Builder<'n> {
    file: Rc<File>,
    anchors: BTreeMap<usize, Rc<Node>>,
    nodes: usize,
    notes: &'n mut Vec<Diagnostic>,
}

/// How deep a node stands, and whether it is part of an example.
type Level = (usize, bool);

impl Builder<'_> {
    fn place(&self, marker: &Marker) -> Place {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            file: self.file.clone(),
            line: clip(marker.line()),
            column: clip(marker.col() + 1),
        }
    }

    fn broken<T>(&self, marker: &Marker, message: impl Into<String>) -> Result<T, Diagnostic> {
        Err(self
            .place(marker)
            .diagnostic(Severity::Broken, message, None))
    }

    fn next<'i>(
        &self,
        parser: &mut Parser<'i, saphyr_parser::StrInput<'i>>,
    ) -> Result<(Event<'i>, Marker), Diagnostic> {
        match parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(e)) => self.broken(e.marker(), format!("not YAML: {}", e.info())),
            None => Err(self.file.diagnostic(
                Severity::Broken,
                self.file.text.len(),
                "the file ends too early",
                None,
            )),
        }
    }

    fn node<'i>(
        &mut self,
        parser: &mut Parser<'i, saphyr_parser::StrInput<'i>>,
        event: Event<'i>,
        marker: &Marker,
        (depth, example): Level,
    ) -> Result<Rc<Node>, Diagnostic> {
        if depth > DEPTH {
            return self.broken(marker, format!("nested deeper than {DEPTH}"));
        }
        let place = self.place(marker);
        let (value, anchor) = match event {
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    return self.broken(marker, "an alias inside what it stands for");
                };
                self.count(marker, node.size)?;
                return Ok(node);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                (scalar(&text, plain, tag.as_deref()), anchor)
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    let (event, at) = self.next(parser)?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(parser, event, &at, (depth + 1, example))?);
                }
                (Value::List(items), anchor)
            }
            Event::MappingStart(anchor, _) => {
                let members = self.members(parser, (depth, example))?;
                (Value::Map(members), anchor)
            }
            _ => return self.broken(marker, "not YAML: unexpected end"),
        };
        self.count(marker, 1)?;
        let node = Rc::new(Node::new(place, value));
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn count(&mut self, marker: &Marker, more: usize) -> Result<(), Diagnostic> {
        self.nodes += more;
        if self.nodes > NODES {
            return self.broken(
                marker,
                format!("more than {NODES} values, those of aliases counted"),
            );
        }
        Ok(())
    }

    fn members<'i>(
        &mut self,
        parser: &mut Parser<'i, saphyr_parser::StrInput<'i>>,
        (depth, example): Level,
    ) -> Result<Vec<(Key, Rc<Node>)>, Diagnostic> {
        let mut out = Entries::default();
        let mut merged: Vec<Rc<Node>> = Vec::new();
        loop {
            let (event, at) = self.next(parser)?;
            let text = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, _, _) => {
                    let is_merge = style == ScalarStyle::Plain && text == "<<";
                    (text.into_owned(), is_merge)
                }
                _ => return self.broken(&at, "a key that is no text"),
            };
            let (event, value_at) = self.next(parser)?;
            let level = (depth + 1, example || Entries::is_example(&text.0));
            let value = self.node(parser, event, &value_at, level)?;
            if text.1 {
                match &value.value {
                    Value::Map(_) => merged.push(value),
                    Value::List(items) => merged.extend(items.iter().cloned()),
                    _ => return self.broken(&at, "`<<` needs a map"),
                }
                continue;
            }
            let key = Key {
                text: text.0,
                place: self.place(&at),
            };
            out.add(key, value, example, self.notes)?;
        }
        for map in merged {
            for (key, value) in map.members() {
                if !out.has(&key.text) {
                    out.add(key.clone(), value.clone(), example, self.notes)?;
                }
            }
        }
        Ok(out.finish())
    }
}

/// A scalar by YAML 1.2's core schema.
fn scalar(text: &str, plain: bool, tag: Option<&Tag>) -> Value {
    let is_string = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if !plain || is_string {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['-', '+']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}
