//! What differs between two contracts, for whom, and what it means for a caller.
//!
//! A request is written by the caller: what it may hold can grow without harm and must not shrink.
//! An answer is written by the platform: what it may hold can shrink without harm. So each change
//! of a type is judged by the side, or sides, on which the operations use it.

mod sides;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::inspect::{Field, Inspection, Kind, Message, Operation, Type};
use sides::{Renaming, Side, Sides};

/// What a change asks of the next version's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing that a caller could notice.
    Patch,
    /// More than before; what was written goes on working.
    Minor,
    /// Callers have to look at their code.
    Major,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it asks of the version.
    pub level: Level,
    /// What happened, in a word: `operation-added`, `field-removed`, `values-added`, ….
    pub kind: &'static str,
    /// What it happened to: an operation, a type, a type's field.
    pub place: String,
    /// `request`, `answer`, `both`, `none` (no operation uses it).
    pub side: &'static str,
    /// What it was, where it was something.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
    /// What that means for a caller.
    pub meaning: &'static str,
    /// The operations that use the type it is about; empty for what is not about a type.
    pub operations: Vec<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.level, self.kind, local(&self.place))?;
        match (&self.old, &self.new) {
            // What is the same but for its namespace is shown with it.
            (Some(old), Some(new)) if local(old) == local(new) => write!(f, ": {old} -> {new}")?,
            (Some(old), Some(new)) => write!(f, ": {} -> {}", local(old), local(new))?,
            (Some(old), None) => write!(f, ": was {}", local(old))?,
            (None, Some(new)) => write!(f, ": {}", local(new))?,
            (None, None) => {}
        }
        if self.side != Side::NOWHERE {
            write!(f, " ({})", self.side)?;
        }
        write!(f, "\n    {}", self.meaning)?;
        match self.operations.as_slice() {
            [] => Ok(()),
            [one] => write!(f, "; in {one}"),
            [one, two] => write!(f, "; in {one}, {two}"),
            [one, two, more @ ..] => write!(f, "; in {one}, {two} and {} more", more.len()),
        }
    }
}

/// Names without their namespaces: a contract rarely has one name in two of them. A namespace
/// begins a name; braces elsewhere are variables of a path.
fn local(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let begins = out
            .chars()
            .last()
            .is_none_or(|c| c.is_whitespace() || c == '<');
        match from.split_once('}') {
            Some((_, after)) if begins => rest = after,
            Some((inside, after)) => {
                out.push_str(&format!("{{{inside}}}"));
                rest = after;
            }
            None => {
                out.push('{');
                rest = from;
            }
        }
    }
    out + rest
}

/// Whether two paths differ in the names of their variables only.
fn same_place(old: &str, new: &str) -> bool {
    let parts = |path: &str| {
        let (mut fixed, mut variables) = (Vec::new(), Vec::new());
        let mut rest = path.to_owned();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            fixed.push(before.to_owned());
            variables.push(name.to_owned());
            rest = after.to_owned();
        }
        fixed.push(rest);
        (fixed, variables)
    };
    let ((fixed, before), (other, after)) = (parts(old), parts(new));
    // One that stands in another place now is no new name.
    let renamed = |(a, b): (&String, &String)| a == b || !after.contains(a) && !before.contains(b);
    fixed == other && before.iter().zip(&after).all(renamed)
}

/// What differs between two contracts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The changes, those that matter most first.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Compares two contracts.
    #[must_use]
    pub fn between(old: &Inspection, new: &Inspection) -> Self {
        let mut differ = Differ {
            old,
            new,
            renaming: Renaming::between(old, new),
            before: Sides::of(old),
            after: Sides::of(new),
            changes: Vec::new(),
        };
        differ.contract();
        differ.operations();
        differ.types();
        let mut changes = differ.changes;
        changes.sort_by(|a, b| {
            let key = |c: &Change| (std::cmp::Reverse(c.level), c.place.clone(), c.kind);
            key(a).cmp(&key(b))
        });
        Self { changes }
    }

    /// The strictest of the changes; `None` if there is none.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.changes.iter().map(|change| change.level).max()
    }

    /// How many changes are of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.changes.iter().filter(|c| c.level == level).count()
    }

    /// `2 major, 1 minor, 0 patch: the next version is a major one`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.level() {
            None => "no change of the contract".to_owned(),
            Some(level) => format!(
                "{} major, {} minor, {} patch: the next version is a {level} one",
                self.count(Level::Major),
                self.count(Level::Minor),
                self.count(Level::Patch),
            ),
        }
    }
}

struct Differ<'a> {
    old: &'a Inspection,
    new: &'a Inspection,
    renaming: Renaming,
    before: Sides,
    after: Sides,
    changes: Vec<Change>,
}

/// A change of a type, before it is known what it means on which side.
struct Found {
    kind: &'static str,
    place: String,
    old: Option<String>,
    new: Option<String>,
    request: (Level, &'static str),
    answer: (Level, &'static str),
}

const GONE: &str = "code that uses it no longer compiles";
const ELSEWHERE: &str = "the same call reaches another place: old and new platforms differ";
const MORE: &str = "there to be used";
const WRITTEN: &str = "the same call is written in another way: old and new platforms differ";
const OTHER_TYPE: &str = "the generated type is another one";

impl Differ<'_> {
    fn contract(&mut self) {
        let (old, new) = (self.old, self.new);
        for (kind, place, a, b, level, meaning) in [
            (
                "protocol-changed",
                "protocol",
                &old.protocol,
                &new.protocol,
                Level::Major,
                ELSEWHERE,
            ),
            (
                "namespace-changed",
                "namespace",
                &old.namespace,
                &new.namespace,
                Level::Major,
                "messages carry other names: a platform of the old contract does not know them",
            ),
            (
                "version-changed",
                "version",
                &old.version,
                &new.version,
                Level::Patch,
                "what the document calls itself",
            ),
        ] {
            if a != b {
                self.plain(level, kind, place.to_owned(), Some(a), Some(b), meaning);
            }
        }
        let text = |address: &Option<String>| address.clone().unwrap_or_default();
        let (a, b) = (text(&old.address), text(&new.address));
        if a != b {
            let meaning = "the address is given by the caller; this one is documentation";
            let place = "address".to_owned();
            self.plain(
                Level::Patch,
                "address-changed",
                place,
                Some(&a),
                Some(&b),
                meaning,
            );
        }
    }

    /// A change that is the same on every side.
    fn plain(
        &mut self,
        level: Level,
        kind: &'static str,
        place: String,
        old: Option<&str>,
        new: Option<&str>,
        meaning: &'static str,
    ) {
        self.changes.push(Change {
            level,
            kind,
            place,
            side: Side::NOWHERE,
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
            meaning,
            operations: Vec::new(),
        });
    }

    fn operations(&mut self) {
        let (old, new) = (self.old, self.new);
        for name in old.operations.keys() {
            if !new.operations.contains_key(name) {
                let place = format!("operation {name}");
                self.plain(Level::Major, "operation-removed", place, None, None, GONE);
            }
        }
        for (name, operation) in &new.operations {
            let place = format!("operation {name}");
            match old.operations.get(name) {
                None => self.plain(Level::Minor, "operation-added", place, None, None, MORE),
                Some(before) => self.operation(&place, before, operation),
            }
        }
    }

    fn operation(&mut self, place: &str, old: &Operation, new: &Operation) {
        for (kind, a, b) in [
            ("style-changed", &old.style, &new.style),
            ("soap-action-changed", &old.soap_action, &new.soap_action),
            ("method-changed", &old.method, &new.method),
            ("path-changed", &old.path, &new.path),
        ] {
            let renamed =
                kind == "path-changed" && matches!((a, b), (Some(a), Some(b)) if same_place(a, b));
            if a != b && !renamed {
                self.plain(
                    Level::Major,
                    kind,
                    place.to_owned(),
                    a.as_deref(),
                    b.as_deref(),
                    ELSEWHERE,
                );
            }
        }
        if !old.deprecated && new.deprecated {
            let meaning = "it goes on working; look for what takes its place";
            let place = place.to_owned();
            self.plain(
                Level::Minor,
                "operation-deprecated",
                place,
                None,
                None,
                meaning,
            );
        }
        let parameters = format!("{place} parameter");
        self.fields(
            &parameters,
            Side {
                request: true,
                answer: false,
            },
            &[],
            &old.parameters,
            &new.parameters,
        );
        self.message(&format!("{place} input"), &old.input, &new.input, true);
        self.message(&format!("{place} output"), &old.output, &new.output, false);
        for (word, old, new) in [
            ("fault", &old.faults, &new.faults),
            ("answer", &old.responses, &new.responses),
        ] {
            self.answers(place, word, old, new);
        }
    }

    fn answers(
        &mut self,
        place: &str,
        word: &str,
        old: &BTreeMap<String, Message>,
        new: &BTreeMap<String, Message>,
    ) {
        for (name, before) in old {
            let place = format!("{place} {word} {name}");
            match new.get(name) {
                Some(after) => {
                    self.message(&place, &Some(before.clone()), &Some(after.clone()), false);
                }
                None => self.plain(Level::Major, "answer-removed", place, None, None, GONE),
            }
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            let place = format!("{place} {word} {name}");
            // A second success makes the answer an enumeration.
            let success = name.starts_with('2') && old.keys().any(|n| n.starts_with('2'));
            let (level, meaning) = if success {
                (
                    Level::Major,
                    "the answer has another type: tell the successes apart",
                )
            } else {
                (Level::Minor, "one more answer that can come")
            };
            self.plain(level, "answer-added", place, None, None, meaning);
        }
    }

    fn message(
        &mut self,
        place: &str,
        old: &Option<Message>,
        new: &Option<Message>,
        request: bool,
    ) {
        let side = if request { "request" } else { "answer" };
        let shown = |message: &Option<Message>, renaming: &Renaming| {
            let message = message.as_ref()?;
            let parts = [&message.element, &message.ty, &message.media_type];
            let parts: Vec<String> = parts
                .into_iter()
                .flatten()
                .map(|part| renaming.apply(part))
                .collect();
            Some(parts.join(", "))
        };
        let (a, b) = (shown(old, &self.renaming), shown(new, &Renaming::default()));
        if a != b {
            self.changes.push(Change {
                level: Level::Major,
                kind: "message-changed",
                place: place.to_owned(),
                side,
                old: a,
                new: b,
                meaning: "another message: the types in the method's signature differ",
                operations: Vec::new(),
            });
        }
        let (Some(old), Some(new)) = (old, new) else {
            return;
        };
        if request && old.optional != new.optional {
            let word = |optional| if optional { "optional" } else { "required" };
            self.plain(
                Level::Major,
                "body-occurrence-changed",
                place.to_owned(),
                Some(word(old.optional)),
                Some(word(new.optional)),
                "the body's argument has another type",
            );
        }
        let names: BTreeSet<&String> = old.parts.keys().chain(new.parts.keys()).collect();
        for name in names {
            let (a, b) = (old.parts.get(name), new.parts.get(name));
            if a != b {
                let place = format!("{place} part {name}");
                let (a, b) = (a.map(String::as_str), b.map(String::as_str));
                self.plain(Level::Major, "part-changed", place, a, b, WRITTEN);
            }
        }
        let headers: Vec<String> = old.headers.iter().map(|h| self.renaming.apply(h)).collect();
        for header in new.headers.iter().filter(|h| !headers.contains(h)) {
            let place = format!("{place} header {header}");
            self.plain(Level::Minor, "header-added", place, None, None, MORE);
        }
        for header in headers.iter().filter(|h| !new.headers.contains(h)) {
            let place = format!("{place} header {header}");
            self.plain(Level::Major, "header-removed", place, None, None, GONE);
        }
    }

    fn types(&mut self) {
        let old: BTreeMap<String, (&String, &Type)> = self
            .old
            .types
            .iter()
            .map(|(name, ty)| (self.renaming.apply(name), (name, ty)))
            .collect();
        for (name, (before, _)) in &old {
            if !self.new.types.contains_key(name) {
                let used = self.before.of_type(before);
                self.found(
                    used,
                    Found {
                        kind: "type-removed",
                        place: format!("type {name}"),
                        old: None,
                        new: None,
                        request: (Level::Major, GONE),
                        answer: (Level::Major, GONE),
                    },
                );
            }
        }
        for (name, after) in &self.new.types {
            let used = self.after.of_type(name);
            match old.get(name) {
                None => self.found(
                    used,
                    Found {
                        kind: "type-added",
                        place: format!("type {name}"),
                        old: None,
                        new: None,
                        request: (Level::Minor, MORE),
                        answer: (Level::Minor, MORE),
                    },
                ),
                Some((_, before)) => {
                    let place = format!("type {name}");
                    self.ty(&place, used, before, after);
                }
            }
        }
    }

    /// A change that means something on the sides that it is used on: the strictest of them counts.
    fn found(&mut self, used: (Side, Vec<String>), found: Found) {
        let (side, operations) = used;
        let sides = [
            side.request.then_some(found.request),
            side.answer.then_some(found.answer),
        ];
        let strictest = sides.into_iter().flatten().max_by_key(|(level, _)| *level);
        let unused = (Level::Patch, "no operation uses it");
        let (level, meaning) = strictest.unwrap_or(unused);
        self.changes.push(Change {
            level,
            kind: found.kind,
            place: found.place,
            side: side.word(),
            old: found.old,
            new: found.new,
            meaning,
            operations,
        });
    }

    fn ty(&mut self, place: &str, used: (Side, Vec<String>), old: &Type, new: &Type) {
        let kind = |ty: &Type| format!("{:?}", ty.kind).to_lowercase();
        self.retyped(place, &used, "type-retyped", kind(old), kind(new));
        if old.kind != new.kind {
            return;
        }
        let label = |ty: &Option<String>| ty.clone().unwrap_or_default();
        let then = |ty: &Option<String>, renaming: &Renaming| renaming.apply(&label(ty));
        if matches!(new.kind, Kind::Simple | Kind::List | Kind::Enumeration) {
            let base = then(&old.base, &self.renaming);
            self.retyped(place, &used, "type-retyped", base, label(&new.base));
        }
        let text = then(&old.text, &self.renaming);
        self.retyped(place, &used, "text-retyped", text, label(&new.text));
        self.list(
            place,
            &used,
            "values",
            &old.values,
            &new.values,
            (
                Level::Minor,
                "an answer may hold it; it was read as unknown before",
            ),
        );
        let members: Vec<String> = old.members.iter().map(|m| self.renaming.apply(m)).collect();
        self.list(
            place,
            &used,
            "alternatives",
            &members,
            &new.members,
            (
                Level::Minor,
                "an answer may be it; it was read as unknown before",
            ),
        );
        self.open(place, &used, old, new);
        if new.kind == Kind::Union {
            self.tags(place, &used, old, new);
        }
        self.facets(place, &used, &old.facets, &new.facets);
        let (side, operations) = used.clone();
        self.fields(place, side, &operations, &old.fields, &new.fields);
        let attributes = format!("{place} attribute");
        self.fields(
            &attributes,
            side,
            &operations,
            &old.attributes,
            &new.attributes,
        );
    }

    /// What it takes beside what is listed.
    fn open(&mut self, place: &str, used: &(Side, Vec<String>), old: &Type, new: &Type) {
        let all = |ty: &Type, renaming: &Renaming| -> BTreeSet<String> {
            let mut list: BTreeSet<String> =
                ty.open_to.iter().map(|of| renaming.apply(of)).collect();
            if ty.open && list.is_empty() {
                list.insert("anything".to_owned());
            }
            list
        };
        let (then, now) = (all(old, &self.renaming), all(new, &Renaming::default()));
        // Inspections of before did not say what a type was open to.
        let is_vague = |list: &BTreeSet<String>| list.contains("anything");
        if (is_vague(&then) || is_vague(&now)) && old.open == new.open {
            return;
        }
        for (kind, list, level) in [
            ("open-removed", then.difference(&now), (Level::Major, GONE)),
            (
                "open-added",
                now.difference(&then),
                (Level::Minor, "what is not listed is kept, and can be given"),
            ),
        ] {
            let list: Vec<&str> = list.map(String::as_str).collect();
            if list.is_empty() {
                continue;
            }
            // Mixed content is an element as it came, whatever is in it.
            let level = match list.contains(&"mixed") {
                true => (Level::Major, OTHER_TYPE),
                false => level,
            };
            let list = Some(list.join(", "));
            let both = match kind {
                "open-removed" => (list, None),
                _ => (None, list),
            };
            self.alike(used, kind, place, both, level);
        }
    }

    /// What tells the alternatives of a union apart.
    fn tags(&mut self, place: &str, used: &(Side, Vec<String>), old: &Type, new: &Type) {
        if old.base != new.base {
            let both = (old.base.clone(), new.base.clone());
            let level = (Level::Major, WRITTEN);
            self.alike(used, "discriminator-changed", place, both, level);
        }
        // Inspections of before did not say them.
        if old.tags.is_empty() || new.tags.is_empty() {
            return;
        }
        let shown = |(tag, member): (&String, &String)| format!("`{tag}` for {member}");
        let missing = |from: &BTreeMap<String, String>, all: &BTreeMap<String, String>| {
            let list: Vec<String> = from
                .iter()
                .filter(|(tag, member)| all.get(*tag) != Some(*member))
                .map(shown)
                .collect();
            (!list.is_empty()).then(|| list.join(", "))
        };
        let (gone, came) = (missing(&old.tags, &new.tags), missing(&new.tags, &old.tags));
        let level = match (&gone, &came) {
            (Some(_), _) => (
                Level::Major,
                "such values are read as something else, or as unknown",
            ),
            (None, Some(_)) => (Level::Minor, "such values were read as unknown before"),
            (None, None) => return,
        };
        self.alike(used, "discriminator-values", place, (gone, came), level);
    }

    fn retyped(
        &mut self,
        place: &str,
        used: &(Side, Vec<String>),
        kind: &'static str,
        old: String,
        new: String,
    ) {
        if old != new {
            let both = (Some(old), Some(new));
            self.alike(used, kind, place, both, (Level::Major, OTHER_TYPE));
        }
    }

    /// What means the same in a request and in an answer.
    fn alike(
        &mut self,
        used: &(Side, Vec<String>),
        kind: &'static str,
        place: &str,
        (old, new): (Option<String>, Option<String>),
        level: (Level, &'static str),
    ) {
        self.found(
            used.clone(),
            Found {
                kind,
                place: place.to_owned(),
                old,
                new,
                request: level,
                answer: level,
            },
        );
    }

    fn list(
        &mut self,
        place: &str,
        used: &(Side, Vec<String>),
        what: &str,
        old: &[String],
        new: &[String],
        answer: (Level, &'static str),
    ) {
        let (added, removed) = match what {
            "values" => ("values-added", "values-removed"),
            _ => ("alternatives-added", "alternatives-removed"),
        };
        let missing = |from: &[String], all: &[String]| {
            let known: BTreeSet<&String> = all.iter().collect();
            let rest: Vec<&str> = from
                .iter()
                .filter(|value| !known.contains(value))
                .map(String::as_str)
                .collect();
            (!rest.is_empty()).then(|| rest.join(", "))
        };
        if let Some(values) = missing(new, old) {
            self.found(
                used.clone(),
                Found {
                    kind: added,
                    place: place.to_owned(),
                    old: None,
                    new: Some(values),
                    request: (Level::Minor, MORE),
                    answer,
                },
            );
        }
        if let Some(values) = missing(old, new) {
            self.found(
                used.clone(),
                Found {
                    kind: removed,
                    place: place.to_owned(),
                    old: Some(values),
                    new: None,
                    request: (Level::Major, GONE),
                    answer: (Level::Major, GONE),
                },
            );
        }
    }

    fn facets(
        &mut self,
        place: &str,
        used: &(Side, Vec<String>),
        old: &BTreeMap<String, String>,
        new: &BTreeMap<String, String>,
    ) {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let (a, b) = (old.get(name), new.get(name));
            if a == b {
                continue;
            }
            let narrower = narrower(name, a.map(String::as_str), b.map(String::as_str));
            let (kind, request, answer) = match narrower {
                Some(true) => (
                    "facet-narrowed",
                    (
                        Level::Major,
                        "values that were taken are refused before sending",
                    ),
                    (Level::Patch, "answers keep within what was allowed before"),
                ),
                Some(false) => (
                    "facet-widened",
                    (Level::Minor, "values are taken that were refused before"),
                    (
                        Level::Minor,
                        "answers may hold what they could not before: look at \
                                    where you keep them",
                    ),
                ),
                None => (
                    "facet-changed",
                    (
                        Level::Major,
                        "values that were taken may be refused before sending",
                    ),
                    (
                        Level::Minor,
                        "answers may hold what they could not before: look at \
                                    where you keep them",
                    ),
                ),
            };
            self.found(
                used.clone(),
                Found {
                    kind,
                    place: format!("{place} {name}"),
                    old: a.cloned(),
                    new: b.cloned(),
                    request,
                    answer,
                },
            );
        }
    }

    fn fields(
        &mut self,
        place: &str,
        side: Side,
        operations: &[String],
        old: &[Field],
        new: &[Field],
    ) {
        let used = (side, operations.to_vec());
        let key = |field: &Field| (field.name.clone(), field.place.clone());
        let then: Vec<((String, Option<String>), &Field)> = old
            .iter()
            .map(|field| {
                let (name, at) = key(field);
                ((self.renaming.apply(&name), at), field)
            })
            .collect();
        let now: Vec<((String, Option<String>), &Field)> =
            new.iter().map(|field| (key(field), field)).collect();
        for (name, field) in &then {
            if !now.iter().any(|(n, _)| n == name) {
                self.found(
                    used.clone(),
                    Found {
                        kind: "field-removed",
                        place: format!("{place} {}", name.0),
                        old: Some(format!("{} {}", field.occurs(), field.ty)),
                        new: None,
                        request: (Level::Major, GONE),
                        answer: (Level::Major, GONE),
                    },
                );
            }
        }
        for (name, after) in &now {
            let place = format!("{place} {}", name.0);
            match then.iter().find(|(n, _)| n == name) {
                Some((_, before)) => self.field(&place, &used, before, after),
                None => {
                    let request = if after.min > 0 {
                        (Level::Major, "a caller has to give it")
                    } else {
                        (Level::Minor, MORE)
                    };
                    self.found(
                        used.clone(),
                        Found {
                            kind: "field-added",
                            place,
                            old: None,
                            new: Some(format!("{} {}", after.occurs(), after.ty)),
                            request,
                            answer: (Level::Minor, "there to be read"),
                        },
                    );
                }
            }
        }
        self.order(place, &used, &then, &now);
    }

    /// What both have, in another order: SOAP messages are written in the contract's.
    fn order(
        &mut self,
        place: &str,
        used: &(Side, Vec<String>),
        old: &[((String, Option<String>), &Field)],
        new: &[((String, Option<String>), &Field)],
    ) {
        if !self.new.protocol.starts_with("SOAP") {
            return;
        }
        let common = |a: &[((String, Option<String>), &Field)],
                      b: &[((String, Option<String>), &Field)]| {
            let names = a.iter().map(|(name, _)| name.0.clone());
            names
                .filter(|name| b.iter().any(|(other, _)| other.0 == *name))
                .collect::<Vec<_>>()
        };
        let (a, b) = (common(old, new), common(new, old));
        if a != b {
            self.found(
                used.clone(),
                Found {
                    kind: "order-changed",
                    place: place.to_owned(),
                    old: Some(a.join(", ")),
                    new: Some(b.join(", ")),
                    request: (
                        Level::Minor,
                        "requests are written in the new order, which an old platform may refuse",
                    ),
                    answer: (Level::Patch, "answers are read in any order"),
                },
            );
        }
    }

    fn field(&mut self, place: &str, used: &(Side, Vec<String>), old: &Field, new: &Field) {
        let mut push = |kind, a: String, b: String, request, answer| {
            self.found(
                used.clone(),
                Found {
                    kind,
                    place: place.to_owned(),
                    old: Some(a),
                    new: Some(b),
                    request,
                    answer,
                },
            );
        };
        let is_list = |field: &Field| field.max != Some(1);
        if is_list(old) != is_list(new) {
            let other = (Level::Major, "the field has another type");
            push("field-occurs", old.occurs(), new.occurs(), other, other);
        } else if old.min == 0 && new.min > 0 {
            push(
                "field-made-mandatory",
                old.occurs(),
                new.occurs(),
                (Level::Major, "a caller has to give it"),
                (
                    Level::Major,
                    "it is always there: the field is no longer an option",
                ),
            );
        } else if old.min > 0 && new.min == 0 {
            push(
                "field-made-optional",
                old.occurs(),
                new.occurs(),
                (Level::Major, "it may be left out: the field is an option"),
                (Level::Major, "it may be absent: the field is an option"),
            );
        } else if (old.min, old.max) != (new.min, new.max) {
            let more = |max: Option<u32>| max.unwrap_or(u32::MAX);
            let narrower = new.min > old.min || more(new.max) < more(old.max);
            let request = if narrower {
                (
                    Level::Major,
                    "counts that were taken are refused before sending",
                )
            } else {
                (Level::Minor, "counts are taken that were refused before")
            };
            let answer = (Level::Minor, "answers may have another count");
            push("field-occurs", old.occurs(), new.occurs(), request, answer);
        }
        let flag = |nillable: bool| if nillable { "nillable" } else { "not nillable" }.to_owned();
        if old.nillable != new.nillable {
            let other = (Level::Major, "the field has another type");
            let (a, b) = (flag(old.nillable), flag(new.nillable));
            push("field-nillable", a, b, other, other);
        }
        let choice = |field: &Field| match field.choice {
            Some(_) => "one of a choice".to_owned(),
            None => "not in a choice".to_owned(),
        };
        if old.choice.is_some() != new.choice.is_some() {
            let other = (Level::Major, "the field has another type");
            push("field-choice", choice(old), choice(new), other, other);
        }
        let together = |field: &Field| match (field.group, field.arm) {
            (Some(_), _) => "repeated together with others".to_owned(),
            (None, Some(_)) => "one alternative together with others".to_owned(),
            (None, None) => "by itself".to_owned(),
        };
        if together(old) != together(new) {
            let other = (Level::Major, "the field has another type");
            push("field-grouped", together(old), together(new), other, other);
        }
        let layout = |field: &Field| field.layout.clone().unwrap_or_else(|| "usual".to_owned());
        if old.layout != new.layout {
            let other = (Level::Major, WRITTEN);
            push("field-layout", layout(old), layout(new), other, other);
        }
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        for (kind, a, b) in [
            ("field-default", &old.default, &new.default),
            ("field-fixed", &old.fixed, &new.fixed),
        ] {
            if a != b {
                let other = (Level::Minor, "what its absence means is another value");
                push(kind, text(a), text(b), other, other);
            }
        }
        let substitutes: Vec<String> = old
            .substitutes
            .iter()
            .map(|name| self.renaming.apply(name))
            .collect();
        if substitutes.is_empty() == new.substitutes.is_empty() {
            let answer = (
                Level::Minor,
                "an answer may hold it in the element's place; it was not known before",
            );
            self.list(
                place,
                used,
                "alternatives",
                &substitutes,
                &new.substitutes,
                answer,
            );
        } else {
            let one_of = |list: &[String]| match list {
                [] => "one element".to_owned(),
                list => format!("or {}", list.join(", ")),
            };
            let (a, b) = (one_of(&substitutes), one_of(&new.substitutes));
            self.retyped(place, used, "field-retyped", a, b);
        }
        let then = self.renaming.apply(&old.ty);
        if then != new.ty {
            let both = (Some(then), Some(new.ty.clone()));
            let other = (Level::Major, "the field has another type");
            self.alike(used, "field-retyped", place, both, other);
        }
        self.facets(place, used, &old.facets, &new.facets);
    }
}

/// Whether a facet allows less than before; `None` where that cannot be said.
fn narrower(name: &str, old: Option<&str>, new: Option<&str>) -> Option<bool> {
    let (old, new) = match (old, new) {
        (None, _) => return Some(true),
        (_, None) => return Some(false),
        (Some(old), Some(new)) => (old, new),
    };
    let name = name.rsplit('.').next().unwrap_or(name);
    let (old, new): (f64, f64) = (old.parse().ok()?, new.parse().ok()?);
    if name.starts_with("min") {
        Some(new > old)
    } else if name.starts_with("max") || name.ends_with("Digits") {
        Some(new < old)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// A contract whose `ask` sends `Question` and gets `Answer`, at this version.
    fn contract(version: u32) -> Inspection {
        let ns = format!("{{http://a.example/v{version}/types}}");
        let field = |name: &str, min| Field {
            name: name.to_owned(),
            ty: "xs:string".to_owned(),
            min,
            max: Some(1),
            ..Field::default()
        };
        let ty = || Type {
            fields: vec![field("a", 1), field("b", 0)],
            ..Type::default()
        };
        let message = |name: &str| Message {
            ty: Some(format!("{ns}{name}")),
            ..Message::default()
        };
        let operation = Operation {
            input: Some(message("Question")),
            output: Some(message("Answer")),
            ..Operation::default()
        };
        Inspection {
            name: "Ask".to_owned(),
            protocol: "SOAP 1.1".to_owned(),
            operations: BTreeMap::from([("ask".to_owned(), operation)]),
            types: ["Question", "Answer", "Unused"]
                .into_iter()
                .map(|name| (format!("{ns}{name}"), ty()))
                .collect(),
            ..Inspection::default()
        }
    }

    /// What a change of one type gives.
    fn changed(name: &str, change: impl Fn(&mut Type)) -> Vec<(Level, &'static str)> {
        let (old, mut new) = (contract(1), contract(1));
        change(
            new.types
                .get_mut(&format!("{{http://a.example/v1/types}}{name}"))
                .unwrap(),
        );
        let diff = Diff::between(&old, &new);
        diff.changes.iter().map(|c| (c.level, c.kind)).collect()
    }

    #[test]
    fn the_side_decides() {
        let add = |min| {
            move |ty: &mut Type| {
                ty.fields.push(Field {
                    name: "c".to_owned(),
                    min,
                    max: Some(1),
                    ..Field::default()
                });
            }
        };
        use Level::{Major, Minor, Patch};
        assert_eq!(changed("Question", add(1)), [(Major, "field-added")]);
        assert_eq!(changed("Question", add(0)), [(Minor, "field-added")]);
        assert_eq!(changed("Answer", add(1)), [(Minor, "field-added")]);
        assert_eq!(changed("Unused", add(1)), [(Patch, "field-added")]);
        let shorter = |ty: &mut Type| {
            ty.fields[0]
                .facets
                .insert("maxLength".to_owned(), "5".to_owned());
        };
        assert_eq!(changed("Question", shorter), [(Major, "facet-narrowed")]);
        assert_eq!(changed("Answer", shorter), [(Patch, "facet-narrowed")]);
        let swapped = |ty: &mut Type| ty.fields.swap(0, 1);
        assert_eq!(changed("Question", swapped), [(Minor, "order-changed")]);
        let mandatory = |ty: &mut Type| ty.fields[1].min = 1;
        assert_eq!(
            changed("Answer", mandatory),
            [(Major, "field-made-mandatory")]
        );
        let gone = |ty: &mut Type| ty.fields.truncate(1);
        assert_eq!(changed("Answer", gone), [(Major, "field-removed")]);
    }

    #[test]
    fn the_next_version_of_a_contract_has_the_same_names() {
        assert_eq!(Diff::between(&contract(1), &contract(2)).changes, []);
        assert_eq!(Diff::between(&contract(1), &contract(1)).level(), None);
    }

    #[test]
    fn operations_come_and_go() {
        let old = contract(1);
        let mut new = contract(1);
        let ask = new.operations.remove("ask").unwrap();
        new.operations.insert("query".to_owned(), ask);
        let diff = Diff::between(&old, &new);
        let kinds: Vec<&str> = diff.changes.iter().map(|c| c.kind).collect();
        assert_eq!(kinds, ["operation-removed", "operation-added"]);
        assert_eq!(
            diff.summary(),
            "1 major, 1 minor, 0 patch: the next version is a major one"
        );
    }
}
