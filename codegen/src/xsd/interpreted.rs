//! What the `xsd-parser` crate makes of the schemas. The only module that names that crate.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::Once;

use xsd_parser::models::meta::{
    AttributeMetaVariant, Base, ComplexMeta, ElementMetaVariant, ElementMode, MetaTypeVariant,
    MetaTypes,
};
use xsd_parser::models::schema::xs::Use;
use xsd_parser::models::{IdentType, TypeIdent};
use xsd_parser::pipeline::parser::Resolver;
use xsd_parser::pipeline::parser::resolver::{ResolveRequest, ResolveResult};
use xsd_parser::{Interpreter, Parser};

use crate::model::{QName, TypeName};

use super::canonical;
use super::names::{XSD, builtin};

/// The interpreter recurses over derivations and groups.
const STACK: usize = 64 << 20;
const THREAD: &str = "xsd-parser";

/// A type as `xsd-parser` reads it, in terms that can be compared with the model.
pub(super) enum Reading {
    /// A complex type.
    Complex {
        /// Types of its elements by local name.
        elements: BTreeMap<String, BTreeSet<Target>>,
        /// Whether each of its attributes is required, by local name.
        attributes: BTreeMap<String, bool>,
        /// The type it is derived from.
        base: Option<Target>,
    },
    /// An enumeration.
    Enumeration(Vec<String>),
    /// A union of this many types.
    Union(usize),
    /// Any other simple type.
    Simple,
}

/// What an element, attribute or derivation refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A built-in type, by the name of the model's.
    Builtin(String),
    /// A named type.
    Type(QName),
    /// A global element.
    Element(QName),
    /// An anonymous type.
    Anonymous,
}

/// Global types, and anonymous types of global elements, by name.
pub(super) type Readings = BTreeMap<TypeName, Reading>;

/// Parses and interprets canonical documents on a thread of its own: the crate may panic.
///
/// # Errors
///
/// Why the crate does not take the schemas.
pub(super) fn interpret(documents: Vec<String>) -> Result<Readings, String> {
    quiet_panics();
    let thread = std::thread::Builder::new()
        .name(THREAD.to_owned())
        .stack_size(STACK);
    let handle = thread
        .spawn(move || run(documents))
        .map_err(|e| format!("no thread: {e}"))?;
    handle.join().unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("it panicked: {}", text.unwrap_or("no message")))
    })
}

/// Keeps panics of that thread, which become diagnostics, off standard error.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() != Some(THREAD) {
                previous(info);
            }
        }));
    });
}

fn run(documents: Vec<String>) -> Result<Readings, String> {
    let count = documents.len();
    let mut parser = Parser::new()
        .with_resolver(Memory(documents))
        .resolve_includes(true)
        .generate_prefixes(true)
        .alternative_prefixes(true)
        .with_default_namespaces();
    for number in 0..count {
        let location = canonical::location(number);
        let location = location.parse().map_err(|e| format!("{e}"))?;
        parser = parser
            .add_schema_from_url(location)
            .map_err(|e| e.to_string())?;
    }
    let schemas = parser.finish();
    let (types, _) = Interpreter::new(&schemas)
        .with_buildin_types()
        .and_then(Interpreter::with_default_typedefs)
        .and_then(Interpreter::with_xs_any_type)
        .and_then(Interpreter::finish)
        .map_err(|e| e.to_string())?;
    Ok(readings(&types))
}

/// Hands out the documents by number.
#[derive(Debug)]
struct Memory(Vec<String>);

impl Resolver for Memory {
    type Buffer = Cursor<Vec<u8>>;
    type Error = String;

    fn resolve(&mut self, request: &ResolveRequest) -> ResolveResult<Self> {
        let wanted = &request.requested_location;
        let found = (0..self.0.len()).find(|number| canonical::location(*number) == *wanted);
        let Some(text) = found.and_then(|number| self.0.get(number)) else {
            return Ok(None);
        };
        let url = wanted.parse().map_err(|e| format!("{e}"))?;
        Ok(Some((None, url, Cursor::new(text.clone().into_bytes()))))
    }
}

fn readings(types: &MetaTypes) -> Readings {
    let mut out = Readings::new();
    for (ident, ty) in &types.items {
        let Some(name) = qname(types, ident).filter(|name| name.ns != XSD) else {
            continue;
        };
        let name = match ident.type_ {
            IdentType::Type => TypeName::Named(name),
            IdentType::ElementType => TypeName::OfElement(name),
            _ => continue,
        };
        let reading = match &ty.variant {
            MetaTypeVariant::ComplexType(complex) => complex_reading(types, complex),
            MetaTypeVariant::Enumeration(meta) => Reading::Enumeration(
                meta.variants
                    .iter()
                    .map(|v| v.ident.name.as_str().to_owned())
                    .collect(),
            ),
            MetaTypeVariant::Union(meta) => Reading::Union(meta.types.0.len()),
            MetaTypeVariant::SimpleType(_) | MetaTypeVariant::Reference(_) => Reading::Simple,
            _ => continue,
        };
        out.insert(name, reading);
    }
    out
}

fn complex_reading(types: &MetaTypes, complex: &ComplexMeta) -> Reading {
    let mut elements = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut queue: Vec<&TypeIdent> = complex.content.iter().collect();
    while let Some(ident) = queue.pop() {
        if !seen.insert(ident) {
            continue;
        }
        let Some(
            MetaTypeVariant::All(group)
            | MetaTypeVariant::Choice(group)
            | MetaTypeVariant::Sequence(group),
        ) = types.get_variant(ident)
        else {
            continue;
        };
        for element in group.elements.iter() {
            match &element.variant {
                ElementMetaVariant::Type {
                    type_,
                    mode: ElementMode::Group,
                } => queue.push(type_),
                ElementMetaVariant::Type {
                    type_,
                    mode: ElementMode::Element,
                } => {
                    let name = element.ident.name.as_str().to_owned();
                    let targets: &mut BTreeSet<Target> = elements.entry(name).or_default();
                    targets.insert(target(types, type_));
                }
                ElementMetaVariant::Any { .. } | ElementMetaVariant::Text => {}
            }
        }
    }
    let attributes = complex
        .attributes
        .iter()
        .filter(|a| matches!(a.variant, AttributeMetaVariant::Type(_)))
        .filter(|a| a.use_ != Use::Prohibited)
        .map(|a| (a.ident.name.as_str().to_owned(), a.use_ == Use::Required))
        .collect();
    let base = match &complex.base {
        Base::None => None,
        Base::Extension(ident) | Base::Restriction(ident) => Some(target(types, ident)),
    };
    Reading::Complex {
        elements,
        attributes,
        base,
    }
}

fn target(types: &MetaTypes, ident: &TypeIdent) -> Target {
    match (ident.type_, qname(types, ident)) {
        (IdentType::Type, Some(name)) if name.ns == XSD => match builtin(&name.local) {
            Some(builtin) => Target::Builtin(format!("{builtin:?}")),
            None => Target::Anonymous,
        },
        (IdentType::Type, Some(name)) => Target::Type(name),
        (IdentType::Element, Some(name)) => Target::Element(name),
        _ => Target::Anonymous,
    }
}

/// The qualified name behind an identifier, unless the crate made it up.
fn qname(types: &MetaTypes, ident: &TypeIdent) -> Option<QName> {
    let local = ident.name.as_named_str()?;
    let namespace = types.modules.get(&ident.ns)?.namespace.as_ref()?;
    Some(QName::new(canonical::meant(&namespace.to_string()), local))
}
