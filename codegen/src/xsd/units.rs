//! Which schema documents take part, and in which namespace each is read.

use std::collections::BTreeSet;

use roxmltree::Document;

use super::names::{XSD, XSD_DRAFTS};
use super::problems::Collector;
use super::source::Sources;
use super::tree::Elem;

/// One `xs:schema` element, read in one namespace. A schema without a target namespace that two
/// others include ("chameleon include") is two units.
pub(crate) struct Unit<'a> {
    /// The `xs:schema` element.
    pub(crate) schema: Elem<'a>,
    /// Namespace of its components; empty for none.
    pub(crate) ns: String,
    /// Its own `targetNamespace` is absent, it took over the including schema's.
    pub(crate) chameleon: bool,
    /// `elementFormDefault="qualified"`.
    pub(crate) elements_qualified: bool,
    /// `attributeFormDefault="qualified"`.
    pub(crate) attributes_qualified: bool,
}

/// Follows imports and includes from the given schemas; sorted by namespace, then by discovery.
pub(crate) fn collect<'a>(
    sources: &'a Sources,
    documents: &'a [Option<Document<'a>>],
    roots: Vec<Elem<'a>>,
    problems: &mut Collector,
) -> Vec<Unit<'a>> {
    let mut units: Vec<Unit<'a>> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut queue: Vec<(Elem<'a>, Option<String>)> =
        roots.into_iter().map(|root| (root, None)).collect();
    let mut next = 0;
    while let Some((schema, included_into)) = queue.get(next).cloned() {
        next += 1;
        let Some(unit) = Unit::new(schema, included_into, problems) else {
            continue;
        };
        if !seen.insert((schema.file, schema.offset(), unit.ns.clone())) {
            continue;
        }
        for child in schema.children() {
            let into = match child.xsd_name() {
                "include" => Some(unit.ns.clone()),
                "import" => None,
                _ => continue,
            };
            let Some(target) = sources.target(schema.file, child.offset()) else {
                continue;
            };
            let Some(root) = Elem::root(sources, documents, target) else {
                continue;
            };
            if !root.is(XSD, "schema") {
                let message = format!(
                    "this {} leads to a document that is not a schema (its root is `{}`)",
                    child.xsd_name(),
                    root.node.tag_name().name()
                );
                problems.broken_attribute(child, "schemaLocation", message, None);
                continue;
            }
            check_namespace(child, root, &unit, problems);
            queue.push((root, into));
        }
        units.push(unit);
    }
    units.sort_by(|a, b| a.ns.cmp(&b.ns));
    units
}

impl<'a> Unit<'a> {
    fn new(
        schema: Elem<'a>,
        included_into: Option<String>,
        problems: &mut Collector,
    ) -> Option<Self> {
        let namespace = schema.node.tag_name().namespace().unwrap_or_default();
        if XSD_DRAFTS.contains(&namespace) {
            let help = format!("the schema's namespace has to be {XSD}");
            problems.unsupported(
                schema,
                format!("a draft of XML Schema is not supported: {namespace}"),
                Some(&help),
            );
            return None;
        }
        let own = schema
            .attribute("targetNamespace")
            .map(str::trim)
            .filter(|ns| !ns.is_empty());
        let chameleon = own.is_none() && included_into.as_ref().is_some_and(|ns| !ns.is_empty());
        let ns = own.map(str::to_owned).or(included_into).unwrap_or_default();
        Some(Self {
            elements_qualified: is_qualified(schema, "elementFormDefault"),
            attributes_qualified: is_qualified(schema, "attributeFormDefault"),
            schema,
            ns,
            chameleon,
        })
    }
}

fn is_qualified(schema: Elem<'_>, attribute: &str) -> bool {
    schema
        .attribute(attribute)
        .is_some_and(|form| form.trim() == "qualified")
}

fn check_namespace(
    reference: Elem<'_>,
    target: Elem<'_>,
    unit: &Unit<'_>,
    problems: &mut Collector,
) {
    let found = target
        .attribute("targetNamespace")
        .unwrap_or_default()
        .trim();
    let is_include = reference.xsd_name() == "include";
    let expected = if is_include {
        // A document without a namespace is welcome: it takes over the including one.
        if found.is_empty() {
            return;
        }
        unit.ns.as_str()
    } else {
        reference.attribute("namespace").unwrap_or_default().trim()
    };
    if expected != found {
        let message = format!(
            "this {} is about namespace `{expected}`, but the document's target namespace is \
             `{found}`",
            reference.xsd_name()
        );
        problems.broken_attribute(reference, "schemaLocation", message, None);
    }
}
