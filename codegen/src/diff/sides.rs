//! Which operations use a type, on which side; and which names are the same but for a version.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::unversioned;
use crate::inspect::{Inspection, Message, Type};

/// Who writes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) request: bool,
    pub(super) answer: bool,
}

impl Side {
    /// The word for what no operation uses.
    pub(super) const NOWHERE: &'static str = "none";

    pub(super) fn word(self) -> &'static str {
        match (self.request, self.answer) {
            (true, true) => "both",
            (true, false) => "request",
            (false, true) => "answer",
            (false, false) => Self::NOWHERE,
        }
    }
}

/// The types that the operations of a contract reach.
#[derive(Debug, Default)]
pub(super) struct Sides {
    types: BTreeMap<String, (Side, BTreeSet<String>)>,
}

impl Sides {
    pub(super) fn of(inspection: &Inspection) -> Self {
        let mut out = Self::default();
        for (name, operation) in &inspection.operations {
            let requests = operation
                .parameters
                .iter()
                .map(|parameter| parameter.ty.as_str())
                .chain(operation.input.iter().flat_map(|m| roots(inspection, m)));
            let answers = operation
                .output
                .iter()
                .chain(operation.faults.values())
                .chain(operation.responses.values())
                .flat_map(|m| roots(inspection, m));
            for ty in reach(inspection, requests) {
                let entry = out.types.entry(ty).or_default();
                entry.0.request = true;
                entry.1.insert(name.clone());
            }
            for ty in reach(inspection, answers) {
                let entry = out.types.entry(ty).or_default();
                entry.0.answer = true;
                entry.1.insert(name.clone());
            }
        }
        out
    }

    pub(super) fn of_type(&self, name: &str) -> (Side, Vec<String>) {
        match self.types.get(name) {
            Some((side, operations)) => (*side, operations.iter().cloned().collect()),
            None => (Side::default(), Vec::new()),
        }
    }
}

/// Types of a message and its header elements.
fn roots<'a>(inspection: &'a Inspection, message: &'a Message) -> Vec<&'a str> {
    let headers = message.headers.iter().filter_map(|header| {
        let element = inspection.elements.get(header)?;
        Some(element.ty.as_str())
    });
    let block = message.header_block.as_deref();
    message
        .ty
        .as_deref()
        .into_iter()
        .chain(block)
        .chain(headers)
        .collect()
}

fn reach<'a>(inspection: &'a Inspection, roots: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut todo: Vec<&str> = roots.collect();
    let mut seen = BTreeSet::new();
    while let Some(label) = todo.pop() {
        let name = named(label);
        let Some(ty) = inspection.types.get(name) else {
            continue;
        };
        if seen.insert(name.to_owned()) {
            todo.extend(labels(ty));
            let substitutes = ty.fields.iter().flat_map(|field| &field.substitutes);
            let elements = substitutes.filter_map(|name| inspection.elements.get(name));
            todo.extend(elements.map(|element| element.ty.as_str()));
        }
    }
    seen
}

fn labels(ty: &Type) -> impl Iterator<Item = &str> {
    let fields = ty.fields.iter().chain(&ty.attributes);
    fields
        .map(|field| field.ty.as_str())
        .chain(ty.members.iter().map(String::as_str))
        .chain(ty.open_to.iter().map(String::as_str))
        .chain(ty.base.as_deref())
        .chain(ty.text.as_deref())
}

/// The type that a label speaks of: `Item` of `map<Item[]>`.
pub(super) fn named(label: &str) -> &str {
    let mut name = label;
    loop {
        let inner = name
            .strip_suffix("[]")
            .or_else(|| name.strip_suffix('?'))
            .or_else(|| name.strip_prefix("map<")?.strip_suffix('>'));
        match inner {
            Some(inner) => name = inner,
            None => return name,
        }
    }
}

/// The old contract's namespaces, as the new one calls them: the next version of a contract has
/// the same names in namespaces with another number.
#[derive(Debug, Clone, Default)]
pub(super) struct Renaming {
    namespaces: BTreeMap<String, String>,
}

impl Renaming {
    pub(super) fn between(old: &Inspection, new: &Inspection) -> Self {
        let (old, new) = (namespaces(old), namespaces(new));
        let mut by_shape: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for ns in &new {
            by_shape.entry(unversioned(ns)).or_default().push(ns);
        }
        let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
        for ns in &old {
            *shapes.entry(unversioned(ns)).or_default() += 1;
        }
        let mut namespaces = BTreeMap::new();
        for ns in old.iter().filter(|ns| !new.contains(*ns)) {
            let shape = unversioned(ns);
            // Several versions in one contract are not to be mixed up.
            if let (Some([only]), Some(1)) =
                (by_shape.get(&shape).map(Vec::as_slice), shapes.get(&shape))
            {
                namespaces.insert(format!("{{{ns}}}"), format!("{{{only}}}"));
            }
        }
        Self { namespaces }
    }

    /// A name or label of the old contract, in the new one's namespaces.
    pub(super) fn apply(&self, text: &str) -> String {
        let (Some(start), Some(end)) = (text.find('{'), text.find('}')) else {
            return text.to_owned();
        };
        let renamed = text
            .get(start..=end)
            .and_then(|ns| self.namespaces.get(ns).map(|new| (ns, new)));
        match renamed {
            Some((old, new)) => text.replacen(old, new, 1),
            None => text.to_owned(),
        }
    }
}

fn namespaces(inspection: &Inspection) -> BTreeSet<String> {
    let names = inspection.types.keys().chain(inspection.elements.keys());
    names
        .filter_map(|name| {
            let start = name.find('{')? + 1;
            let end = name.find('}')?;
            name.get(start..end).map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_speaks_of_one_type() {
        assert_eq!(named("map<Item[]>[]"), "Item");
        assert_eq!(named("map<Item?>?[]"), "Item");
        assert_eq!(named("xs:string"), "xs:string");
    }
}
