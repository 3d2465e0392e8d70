//! Turns full paths into imports, so that generated code reads like written code.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit_mut::{self, VisitMut};
use syn::{File, Item, Path};

/// Replaces paths into this crate, the runtime and shared crates by imported names, and puts the
/// imports at the top. `module` is the file's own module.
pub(super) fn shorten(file: &mut File, module: &[&str]) {
    let mut survey = Survey {
        own: own_names(file),
        ..Survey::default()
    };
    survey.visit_file_mut(file);
    // A re-export is an import already.
    let reexported = reexports(file);
    let mut imports: BTreeMap<String, String> = BTreeMap::new();
    for (name, paths) in &survey.found {
        if paths.len() == 1 && !survey.own.contains(name) {
            imports.extend(paths.iter().map(|p| (p.clone(), name.clone())));
        }
    }
    let mut apply = Apply {
        module,
        imports: &imports,
        used: BTreeSet::new(),
    };
    apply.visit_file_mut(file);
    let mut used = apply.used;
    used.retain(|full| !reexported.contains(full));
    insert_imports(file, &used);
}

/// Full paths of `pub use` items.
fn reexports(file: &File) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for item in &file.items {
        let Item::Use(item) = item else { continue };
        let mut path = String::new();
        let mut tree = &item.tree;
        loop {
            match tree {
                syn::UseTree::Path(step) => {
                    path.push_str(&format!("{}::", step.ident));
                    tree = &step.tree;
                }
                syn::UseTree::Name(name) => {
                    out.insert(format!("{path}{}", name.ident));
                    break;
                }
                _ => break,
            }
        }
    }
    out
}

fn own_names(file: &File) -> BTreeSet<String> {
    file.items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(s) => Some(s.ident.to_string()),
            Item::Enum(e) => Some(e.ident.to_string()),
            _ => None,
        })
        .collect()
}

/// Splits `crate::types::sim_id::SimId::Icc` into the item's full path and how many segments it
/// has; `None` for paths that stay as they are.
fn item_path(path: &Path) -> Option<(String, usize)> {
    // Most paths are a name: nothing to look at.
    if path.segments.len() < 2 {
        return None;
    }
    let first = path.segments.first()?.ident.to_string();
    if !(first == "crate" || first.starts_with("mno_")) {
        return None;
    }
    let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
    if segments.get(1).is_some_and(|s| s == "ns") {
        return Some((format!("{first}::ns"), 2));
    }
    let at = segments
        .iter()
        .position(|s| s.starts_with(|c: char| c.is_ascii_uppercase()))?;
    let name = &segments[at];
    // Types are re-exported flat: `crate::types::SimId`.
    let full = match segments.get(1).filter(|_| at > 1) {
        Some(top) if matches!(top.as_str(), "types" | "operations" | "faults") => {
            format!("{first}::{top}::{name}")
        }
        _ => segments[..=at].join("::"),
    };
    Some((full, at + 1))
}

#[derive(Default)]
struct Survey {
    own: BTreeSet<String>,
    found: BTreeMap<String, BTreeSet<String>>,
}

impl VisitMut for Survey {
    fn visit_path_mut(&mut self, path: &mut Path) {
        if let Some((full, _)) = item_path(path) {
            let name = full.rsplit("::").next().unwrap_or_default().to_owned();
            self.found.entry(name).or_default().insert(full);
        }
        visit_mut::visit_path_mut(self, path);
    }
}

struct Apply<'a> {
    module: &'a [&'a str],
    imports: &'a BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl VisitMut for Apply<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let Some((full, length)) = item_path(path) else {
            return;
        };
        let own = is_own(path, self.module, length);
        if !own && !self.imports.contains_key(&full) {
            // The name is taken: the path stays, by the way that others can go.
            let flat: Vec<syn::PathSegment> = full
                .split("::")
                .filter_map(|segment| syn::parse_str(segment).ok())
                .collect();
            let rest = path.segments.iter().skip(length - 1).cloned();
            let last = flat.len().saturating_sub(1);
            path.segments = flat.into_iter().take(last).chain(rest).collect();
            return;
        }
        if !own {
            self.used.insert(full);
        }
        let kept: syn::punctuated::Punctuated<_, _> =
            path.segments.iter().skip(length - 1).cloned().collect();
        path.segments = kept;
        path.leading_colon = None;
    }
}

/// The item stands in the file itself.
fn is_own(path: &Path, module: &[&str], length: usize) -> bool {
    let mut segments = path.segments.iter().map(|s| s.ident.to_string());
    segments.next().as_deref() == Some("crate")
        && length == module.len() + 2
        && segments
            .zip(module)
            .all(|(segment, module)| segment == *module)
}

fn insert_imports(file: &mut File, used: &BTreeSet<String>) {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for full in used {
        if let Some((parent, name)) = full.rsplit_once("::") {
            groups
                .entry(parent.to_owned())
                .or_default()
                .insert(name.to_owned());
        }
    }
    let mut items = Vec::new();
    // Foreign crates first, then this one.
    for crate_first in [false, true] {
        for (parent, names) in &groups {
            if parent.starts_with("crate") != crate_first {
                continue;
            }
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let text = match names.as_slice() {
                [one] => format!("use {parent}::{one};"),
                many => format!("use {parent}::{{{}}};", many.join(", ")),
            };
            if let Ok(item) = syn::parse_str::<Item>(&text) {
                items.push(item);
            }
        }
    }
    items.append(&mut file.items);
    file.items = items;
}

/// Rust text of a file: formatted, with room between items.
pub(super) fn print(
    tokens: proc_macro2::TokenStream,
    module: &[&str],
) -> Result<String, syn::Error> {
    let mut file: File = syn::parse2(tokens)?;
    shorten(&mut file, module);
    let text = prettyplease::unparse(&file);
    Ok(with_room(&text))
}

/// What an item, or what stands before it, begins with.
const BEGINNINGS: [&str; 8] = ["///", "#[", "pub ", "impl", "fn ", "const ", "mod ", "use "];

/// Puts an empty line between items and between methods; prettyplease sets none.
fn with_room(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut previous = Line::of("");
    for line in text.lines() {
        let line = Line::of(line);
        if line.indent <= 4 && line.wants_room_after(&previous) {
            out.push('\n');
        }
        out.push_str(line.text);
        out.push('\n');
        previous = line;
    }
    out
}

/// A line and how far it is indented.
struct Line<'t> {
    text: &'t str,
    /// Without its indent.
    words: &'t str,
    indent: usize,
}

impl<'t> Line<'t> {
    fn of(text: &'t str) -> Self {
        let words = text.trim_start_matches(' ');
        let indent = text.len() - words.len();
        Self {
            text,
            words,
            indent,
        }
    }

    fn wants_room_after(&self, previous: &Self) -> bool {
        if self.text.is_empty() || previous.text.is_empty() {
            return false;
        }
        let after = |beginning| previous.words.starts_with(beginning);
        if previous.text.starts_with("//!") && !self.text.starts_with("//!") {
            return true;
        }
        let begins_item = BEGINNINGS.iter().any(|b| self.words.starts_with(b));
        let ended = match (previous.indent, self.indent) {
            (before, here) if before == here && previous.words == "}" => true,
            (0, 0) if after("use ") => {
                !self.words.starts_with("use ")
                    || !after("use crate") && self.words.starts_with("use crate")
            }
            (_, 0) => previous.text == "};",
            (4, 4) => {
                previous.words.ends_with(';') && !after("///") && self.words.starts_with("///")
                    || after("const ") && self.words.starts_with("fn ")
                    || after("type ") && self.words.starts_with("const ")
            }
            _ => false,
        };
        begins_item && ended
    }
}
