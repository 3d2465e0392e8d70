//! What another reader (zeep) makes of the same contract.
//!
//! It is one witness, not the law. It is known to leave out rpc/encoded operations whose types it
//! cannot resolve and to know no facets; what it says of wildcards and of names that it makes up
//! (`_value_1`) is not compared.

use std::collections::BTreeMap;
use std::path::Path;

use codegen::inspect::{Field, Inspection, Kind, Message};
use serde::Deserialize;
use serde_json::Value;

/// Schemas of this namespace are built into the oracle.
const ENCODING: &str = "{http://schemas.xmlsoap.org/soap/encoding/}";

/// What was compared, and what differs.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Operations and types that both have.
    pub(super) compared: usize,
    /// What is not the same.
    pub(super) differences: Vec<String>,
    /// What is not the same because of a known fault of the oracle.
    pub(super) known: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Oracle {
    #[serde(default = "yes")]
    loads: bool,
    #[serde(default)]
    services: BTreeMap<String, BTreeMap<String, Port>>,
    #[serde(default)]
    elements: BTreeMap<String, Option<String>>,
    #[serde(default)]
    types: BTreeMap<String, Type>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
struct Port {
    #[serde(default)]
    soap: Option<String>,
    #[serde(default)]
    operations: BTreeMap<String, Operation>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    #[serde(default)]
    style: Option<String>,
    #[serde(default)]
    soapaction: Option<String>,
    #[serde(default)]
    input: Option<Body>,
    #[serde(default)]
    output: Option<Body>,
    #[serde(default)]
    faults: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Body {
    #[serde(default)]
    element: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Type {
    #[serde(default)]
    fields: Vec<Member>,
    #[serde(default)]
    attributes: Vec<Member>,
}

#[derive(Debug, Deserialize)]
struct Member {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    min: Option<Value>,
    #[serde(default)]
    max: Option<Value>,
    #[serde(default)]
    required: Option<bool>,
}

/// `None` when there is nothing to compare with: no such file, or the oracle could not read the
/// contract either.
pub(super) fn compare(oracle: &Path, folder: &Path) -> Option<Comparison> {
    let text = std::fs::read_to_string(oracle).ok()?;
    let oracle: Oracle = serde_json::from_str(&text).ok()?;
    if !oracle.loads {
        return None;
    }
    let ours = std::fs::read_to_string(folder.join(codegen::emit::API)).ok()?;
    let ours: Inspection = serde_json::from_str(&ours).ok()?;
    let mut out = Comparison::default();
    operations(&oracle, &ours, &mut out);
    let is_encoding = |name: &&String| name.starts_with(ENCODING);
    let encoding = oracle.elements.keys().chain(oracle.types.keys());
    let encoding = encoding.filter(is_encoding).count();
    if encoding > 0 {
        let text = format!("{encoding} elements and types of the SOAP encoding are its own");
        out.known.push(text);
    }
    for name in oracle.elements.keys().filter(|name| !is_encoding(name)) {
        if !ours.elements.contains_key(name) {
            out.differences.push(format!("element {name} is not here"));
        }
    }
    for (name, ty) in oracle.types.iter().filter(|(name, _)| !is_encoding(name)) {
        if let Some(difference) = same_type(name, ty, &ours, &mut out) {
            out.differences.push(difference);
        }
    }
    Some(out)
}

fn operations(oracle: &Oracle, ours: &Inspection, out: &mut Comparison) {
    // A port is read through one binding; of those that carry the same operation, any will do.
    let mut theirs: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for port in oracle.services.values().flat_map(BTreeMap::values) {
        let is_soap = port
            .soap
            .as_deref()
            .is_none_or(|soap| soap.contains("Soap"));
        if is_soap {
            for (name, operation) in &port.operations {
                theirs.entry(name).or_default().push(operation);
            }
        }
    }
    for (name, operations) in &theirs {
        let Some(ours) = ours.operations.get(*name) else {
            out.differences
                .push(format!("operation {name} is not here"));
            continue;
        };
        out.compared += 1;
        let differences: Vec<Option<String>> =
            operations.iter().map(|o| differs(name, o, ours)).collect();
        if differences.iter().all(Option::is_some) {
            out.differences
                .extend(differences.into_iter().flatten().take(1));
        }
    }
    for (name, operation) in &ours.operations {
        if !theirs.contains_key(name.as_str()) {
            let text = format!("operation {name} is here alone");
            if operation.style.as_deref() == Some("rpc") {
                out.known
                    .push(format!("{text}: the oracle drops some rpc ones"));
            } else if theirs.is_empty() && oracle.services.is_empty() {
                out.known
                    .push(format!("{text}: the oracle reads services only"));
            } else {
                out.differences.push(text);
            }
        }
    }
}

fn differs(name: &str, theirs: &Operation, ours: &codegen::inspect::Operation) -> Option<String> {
    if theirs.style.is_some() && theirs.style != ours.style {
        let (a, b) = (&theirs.style, &ours.style);
        return Some(format!("operation {name}: style {b:?}, oracle {a:?}"));
    }
    let text = |action: &Option<String>| action.clone().unwrap_or_default();
    let (a, b) = (text(&theirs.soapaction), text(&ours.soap_action));
    if a != b {
        return Some(format!("operation {name}: soapAction {b:?}, oracle {a:?}"));
    }
    let rpc = ours.style.as_deref() == Some("rpc");
    for (what, theirs, ours) in [
        ("input", &theirs.input, &ours.input),
        ("output", &theirs.output, &ours.output),
    ] {
        let a = theirs.as_ref().and_then(|body| body.element.clone());
        let b = ours.as_ref().and_then(|m: &Message| m.element.clone());
        // Of rpc the oracle makes up an element of its own.
        if a != b && !rpc {
            return Some(format!("operation {name}: {what} {b:?}, oracle {a:?}"));
        }
    }
    let missing = theirs.faults.keys().find(|f| !ours.faults.contains_key(*f));
    missing.map(|fault| format!("operation {name}: fault {fault} is not here"))
}

/// The oracle calls a type by its qualified name, and an anonymous one by that of its element,
/// wherever it stands: so several of ours may be meant, and one of them has to fit.
fn same_type(name: &str, theirs: &Type, ours: &Inspection, out: &mut Comparison) -> Option<String> {
    let (ns, local) = match name.strip_prefix('{').and_then(|n| n.split_once('}')) {
        Some((ns, local)) => (format!("{{{ns}}}"), local),
        None => (String::new(), name),
    };
    let of_element = format!("element {name}");
    let candidates: Vec<&codegen::inspect::Type> = ours
        .types
        .iter()
        .filter(|(key, _)| {
            *key == name
                || **key == of_element
                || key.strip_prefix(ns.as_str()).is_some_and(|path| {
                    path.rsplit_once('/')
                        .is_some_and(|(_, last)| last.split(" (").next() == Some(local))
                })
        })
        .map(|(_, ty)| ty)
        .collect();
    if candidates.is_empty() {
        return Some(format!("type {name} is not here"));
    }
    out.compared += 1;
    let differences: Vec<Option<String>> = candidates
        .iter()
        .map(|ty| type_differs(name, theirs, ty))
        .collect();
    if differences.iter().any(Option::is_none) {
        return None;
    }
    differences.into_iter().flatten().next()
}

fn type_differs(name: &str, theirs: &Type, ours: &codegen::inspect::Type) -> Option<String> {
    if ours.kind != Kind::Complex {
        return None;
    }
    fields(name, "field", &theirs.fields, &ours.fields)
        .or_else(|| fields(name, "attribute", &theirs.attributes, &ours.attributes))
}

fn fields(ty: &str, what: &str, theirs: &[Member], ours: &[Field]) -> Option<String> {
    let theirs: Vec<(&str, &Member)> = theirs
        .iter()
        .filter_map(|member| Some((member.name.as_deref()?, member)))
        .filter(|(name, _)| !name.starts_with('_'))
        .collect();
    for (name, member) in &theirs {
        let Some(field) = ours.iter().find(|field| field.name == *name) else {
            return Some(format!("type {ty}: {what} {name} is not here"));
        };
        let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok());
        let min = match (&member.min, member.required) {
            (Some(min), _) => number(min),
            (None, Some(required)) => Some(u32::from(required)),
            (None, None) => None,
        };
        let max = member.max.as_ref().map(number);
        let differs =
            min.is_some_and(|min| min != field.min) || max.is_some_and(|max| max != field.max);
        if differs {
            let (ours, min, max) = (field.occurs(), &member.min, &member.max);
            return Some(format!(
                "type {ty}: {what} {name} is {ours} here, oracle {min:?}..{max:?}"
            ));
        }
    }
    let more = ours
        .iter()
        .find(|field| theirs.iter().all(|(name, _)| *name != field.name));
    more.map(|field| format!("type {ty}: {what} {} is here alone", field.name))
}
