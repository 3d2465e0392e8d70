//! Schema front end: XML Schema documents in, types and elements of the model out.
//!
//! ```text
//! source, tree ─▶ units ─▶ components ─▶ types (simple, complex, particles), elements ─▶ model
//!                              └─▶ canonical ─▶ interpreted (xsd-parser) ─▶ confirm ◀──────┘
//! ```

mod canonical;
mod complex;
mod components;
mod confirm;
mod defaults;
mod docs;
mod elements;
mod grammar;
mod interpreted;
mod location;
mod names;
mod particles;
mod problems;
mod simple;
mod source;
mod text;
mod tree;
mod types;
mod units;

use std::collections::BTreeMap;

use roxmltree::Document;

use crate::model::{GlobalElement, QName, SimpleType, TypeDef, TypeId, TypeKind, TypeRef};

pub(crate) use components::{Components, Kind};
pub(crate) use confirm::confirm;
pub(crate) use docs::of_wsdl;
pub(crate) use names::{WSDL, XSD, XSD_DRAFTS, builtin, is_local_name, split};
pub(crate) use problems::Collector;
pub(crate) use source::Sources;
pub(crate) use text::parse;
pub(crate) use tree::Elem;

/// Types and elements of a set of schemas.
#[derive(Default)]
pub(crate) struct Schemas {
    /// Every type.
    pub(crate) types: Vec<TypeDef>,
    /// Every global element.
    pub(crate) elements: BTreeMap<QName, GlobalElement>,
}

/// Finds the schemas that the given ones lead to, and indexes their components.
pub(crate) fn components<'a>(
    sources: &'a Sources,
    documents: &'a [Option<Document<'a>>],
    roots: Vec<Elem<'a>>,
    problems: &mut Collector,
) -> Components<'a> {
    let units = units::collect(sources, documents, roots, problems);
    let mut checked = std::collections::BTreeSet::new();
    for unit in &units {
        if checked.insert((unit.schema.file, unit.schema.offset())) {
            grammar::check(unit.schema, problems);
        }
    }
    Components::new(units, sources, problems)
}

/// Builds the types and elements of the model.
pub(crate) fn read<'a>(components: &'a Components<'a>, problems: &mut Collector) -> Schemas {
    let mut builder = types::Builder::new(components, problems);
    builder.build_all();
    let elements = builder.global_elements();
    builder.check_groups();
    builder.check_defaults();
    let simple = builder.simple_references();
    builder.check_simple_cycles(&simple);
    Schemas {
        types: builder.finish(),
        elements,
    }
}

/// The defined types that a simple type is made of.
fn parts(kind: &TypeKind) -> Vec<TypeId> {
    let refs = match kind {
        TypeKind::Simple(
            SimpleType::Restriction { base, .. } | SimpleType::Enumeration { base, .. },
        ) => vec![*base],
        TypeKind::Simple(SimpleType::List { item, .. }) => vec![*item],
        TypeKind::Simple(SimpleType::Union { members }) => members.clone(),
        TypeKind::Complex(_) => Vec::new(),
    };
    let defined = |ty| match ty {
        TypeRef::Defined(id) => Some(id),
        TypeRef::Builtin(_) => None,
    };
    refs.into_iter().filter_map(defined).collect()
}
