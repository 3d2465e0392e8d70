//! The global components of all schemas, by kind and name, and the resolution of references.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diag::Severity;
use crate::model::QName;

use super::names::{SILENT, SOAP_ENCODING, XML, XSD, is_local_name, split};
use super::problems::Collector;
use super::source::Sources;
use super::tree::Elem;
use super::units::Unit;

/// A component: an element of a schema and the unit through which it is read.
#[derive(Clone, Copy)]
pub(crate) struct Component<'a> {
    /// Index of the unit.
    pub(crate) unit: usize,
    /// The defining element.
    pub(crate) elem: Elem<'a>,
}

impl<'a> Component<'a> {
    /// Another element of the same unit.
    pub(crate) fn with(self, elem: Elem<'a>) -> Self {
        Self { elem, ..self }
    }

    /// Child elements.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> + 'a {
        self.elem.children().map(move |elem| self.with(elem))
    }

    /// First child element of XML Schema with this name.
    pub(crate) fn child(self, local: &str) -> Option<Self> {
        self.elem.xsd_child(local).map(|elem| self.with(elem))
    }
}

/// The symbol spaces of XML Schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Simple and complex types.
    Type,
    /// Elements.
    Element,
    /// Attributes.
    Attribute,
    /// Groups.
    Group,
    /// Attribute groups.
    AttributeGroup,
}

impl Kind {
    fn of(local: &str) -> Option<Self> {
        Some(match local {
            "simpleType" | "complexType" => Self::Type,
            "element" => Self::Element,
            "attribute" => Self::Attribute,
            "group" => Self::Group,
            "attributeGroup" => Self::AttributeGroup,
            _ => return None,
        })
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Element => "element",
            Self::Attribute => "attribute",
            Self::Group => "group",
            Self::AttributeGroup => "attribute group",
        }
    }
}

/// All global components.
pub(crate) struct Components<'a> {
    /// The schemas, sorted by namespace.
    pub(crate) units: Vec<Unit<'a>>,
    table: BTreeMap<(Kind, QName), Component<'a>>,
    sources: &'a Sources,
    /// The binding is encoded, so the types of SOAP's encoding are known, only not supported.
    is_encoded: bool,
}

impl<'a> Components<'a> {
    /// Indexes the schemas.
    pub(crate) fn new(
        units: Vec<Unit<'a>>,
        sources: &'a Sources,
        problems: &mut Collector,
    ) -> Self {
        let mut table = BTreeMap::new();
        for (index, unit) in units.iter().enumerate() {
            for elem in unit.schema.children() {
                let Some(kind) = Kind::of(elem.xsd_name()) else {
                    continue;
                };
                let Some(name) = elem.attribute("name").map(str::trim) else {
                    let message = format!("a global {} needs a name", kind.noun());
                    problems.broken(elem, message, None);
                    continue;
                };
                if !is_local_name(name) {
                    let message = format!("`{name}` is not a name");
                    problems.broken_attribute(elem, "name", message, None);
                    continue;
                }
                let component = Component { unit: index, elem };
                match table.entry((kind, QName::new(unit.ns.clone(), name))) {
                    Entry::Vacant(entry) => {
                        entry.insert(component);
                    }
                    Entry::Occupied(entry) => {
                        // The same definition in two inline schemas is common and harmless.
                        let first: &Component<'_> = entry.get();
                        if first.elem.text() != elem.text() {
                            let help = format!("first defined at {}", first.elem.location());
                            let message = format!("{} `{name}` is defined twice", kind.noun());
                            problems.broken_attribute(elem, "name", message, Some(help));
                        }
                    }
                }
            }
        }
        Self {
            units,
            table,
            sources,
            is_encoded: false,
        }
    }

    /// The same for a contract with encoded bodies.
    pub(crate) fn encoded(self) -> Self {
        Self {
            is_encoded: true,
            ..self
        }
    }

    /// Whether a global component is the one that its name stands for (it may be defined twice).
    pub(crate) fn is_first(&self, component: Component<'a>) -> bool {
        let Some(kind) = Kind::of(component.elem.xsd_name()) else {
            return false;
        };
        let Some(name) = component.elem.attribute("name") else {
            return false;
        };
        let name = QName::new(self.namespace(component), name.trim());
        self.get(kind, &name).is_some_and(|first| {
            first.unit == component.unit && first.elem.offset() == component.elem.offset()
        })
    }

    /// The component with this name.
    pub(crate) fn get(&self, kind: Kind, name: &QName) -> Option<Component<'a>> {
        self.table.get(&(kind, name.clone())).copied()
    }

    /// All components of a kind, by name.
    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = (&QName, Component<'a>)> {
        self.table
            .iter()
            .filter(move |((k, _), _)| *k == kind)
            .map(|((_, n), c)| (n, *c))
    }

    /// The unit through which a component is read.
    pub(crate) fn unit(&self, component: Component<'_>) -> Option<&Unit<'a>> {
        self.units.get(component.unit)
    }

    /// Namespace of the unit of a component.
    pub(crate) fn namespace(&self, component: Component<'_>) -> String {
        self.unit(component)
            .map(|unit| unit.ns.clone())
            .unwrap_or_default()
    }

    /// Reads a name in an attribute of a component.
    pub(crate) fn qname(
        &self,
        at: Component<'a>,
        attribute: &str,
        text: &'a str,
        problems: &mut Collector,
    ) -> Option<QName> {
        match split(at.elem.node, text) {
            Ok((namespace, local)) if is_local_name(local) => {
                let unit = self.unit(at)?;
                let namespace = match namespace {
                    Some(namespace) => namespace,
                    None if unit.chameleon => unit.ns.as_str(),
                    None => "",
                };
                Some(QName::new(namespace, local))
            }
            Ok(_) => {
                let message = format!("`{text}` is not a qualified name");
                problems.broken_attribute(at.elem, attribute, message, None);
                None
            }
            Err(prefix) => {
                problems.broken_attribute(
                    at.elem,
                    attribute,
                    format!("prefix `{prefix}` of `{text}` is not declared"),
                    Some(format!("declare it: xmlns:{prefix}=\"…\"")),
                );
                None
            }
        }
    }

    /// Finds what an attribute such as `ref` or `base` names, or reports that it is not there.
    pub(crate) fn resolve(
        &self,
        at: Component<'a>,
        attribute: &str,
        kind: Kind,
        name: &QName,
        problems: &mut Collector,
    ) -> Option<(QName, Component<'a>)> {
        if let Some(found) = self.get(kind, name) {
            return Some((name.clone(), found));
        }
        if name.ns.is_empty() {
            // Published schemas write names of their own namespace without any prefix.
            let own = QName::new(self.namespace(at), name.local.clone());
            if let Some(found) = self.get(kind, &own) {
                let text = format!(
                    "`{}` is read as {own}: without a prefix it would be in no namespace",
                    name.local
                );
                let severity = Severity::Unsupported;
                problems.note(
                    at.elem
                        .attribute_diagnostic(severity, attribute, text, None),
                );
                return Some((own, found));
            }
        }
        if self.is_encoded && name.ns == SOAP_ENCODING {
            let message = format!(
                "SOAP's own {} `{}` is not supported",
                kind.noun(),
                name.local
            );
            let severity = Severity::Unsupported;
            problems.push(
                at.elem
                    .attribute_diagnostic(severity, attribute, message, None),
            );
        } else if !self.may_be_in_lost_file(name) {
            let message = format!("unknown {} {name}", kind.noun());
            let help = self.why_unknown(kind, name);
            problems.broken_attribute(at.elem, attribute, message, Some(help));
        }
        None
    }

    /// Whether a file could not be read that may have brought the namespace of this name; that was
    /// reported, and what follows from it is not worth a report of its own.
    pub(crate) fn may_be_in_lost_file(&self, name: &QName) -> bool {
        self.sources.incomplete && self.units.iter().all(|unit| unit.ns != name.ns)
    }

    /// The local name if an element refers to one of XML Schema's own (`ref="xs:schema"`) that no
    /// schema defines.
    pub(crate) fn xsd_ref(&self, element: Component<'a>) -> Option<&'a str> {
        let text = element.elem.attribute("ref")?;
        let (namespace, local) = split(element.elem.node, text).ok()?;
        let is_xsd = namespace == Some(XSD) && is_local_name(local);
        let is_defined = || self.get(Kind::Element, &QName::new(XSD, local)).is_some();
        (is_xsd && !is_defined()).then_some(local)
    }

    /// Whether a reference to this attribute can be left out quietly.
    pub(crate) fn is_silent(&self, name: &QName) -> bool {
        name.ns == XML
            || self.table.keys().all(|(_, n)| n.ns != name.ns)
                && (SILENT.contains(&name.ns.as_str())
                    || self.sources.dropped.iter().any(|d| d.namespace == name.ns))
    }

    /// Help for a name that is not there: an import that was left out, a namesake, …
    pub(crate) fn why_unknown(&self, kind: Kind, name: &QName) -> String {
        if let Some(dropped) = self.sources.dropped.iter().find(|d| d.namespace == name.ns) {
            let place = self
                .sources
                .files
                .get(dropped.file)
                .map(|s| s.location(dropped.offset));
            return format!(
                "its namespace is imported from `{}` at {}, which was left out: not in the \
                 catalog, and nothing is loaded from the network",
                dropped.location,
                place.map(|p| p.to_string()).unwrap_or_default()
            );
        }
        if self.units.iter().all(|unit| unit.ns != name.ns) {
            let known: Vec<&str> = self.units.iter().map(|u| u.ns.as_str()).collect();
            return if name.ns == XSD {
                "XML Schema has no such type".to_owned()
            } else if known.is_empty() {
                "the contract has no schemas".to_owned()
            } else {
                format!("no schema with the namespace `{}` was read", name.ns)
            };
        }
        let namesake = self
            .table
            .keys()
            .find(|(k, n)| *k == kind && n.local == name.local);
        match namesake {
            Some((_, namesake)) => format!("did you mean {namesake}?"),
            None => "no schema of its namespace defines it".to_owned(),
        }
    }
}
