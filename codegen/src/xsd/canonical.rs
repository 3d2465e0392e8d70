//! The schemas written down again, one document per namespace, in a form that leaves no room for
//! interpretation: one set of prefixes, explicit forms, no includes, no annotations, no attributes
//! of other namespaces, nothing that was left out on purpose.
//!
//! The parser of the `xsd-parser` crate finds types only through imports that lead somewhere, does
//! not know WSDL, mistakes names without a namespace for names of the target namespace, and takes
//! neither two schemas of one namespace nor prefixes that are declared outside of the schema. In
//! this form it needs to do none of that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::QName;

use super::components::{Component, Components, Kind};
use super::names::XSD;
use super::problems::Collector;

/// Stands for the absence of a namespace.
const NONE: &str = "urn:x-no-namespace";

/// The namespace as it is written in canonical documents.
pub(super) fn shown(namespace: &str) -> &str {
    if namespace.is_empty() {
        NONE
    } else {
        namespace
    }
}

/// The namespace that a canonical document means.
pub(super) fn meant(namespace: &str) -> &str {
    if namespace == NONE { "" } else { namespace }
}

/// Location of the document of the namespace with this number.
pub(super) fn location(number: usize) -> String {
    format!("mem:///{number}.xsd")
}

/// The documents of all namespaces, in the order of [`location`].
pub(super) fn documents<'a>(components: &'a Components<'a>) -> Vec<String> {
    let namespaces: BTreeSet<&str> = components.units.iter().map(|u| u.ns.as_str()).collect();
    let prefixes: BTreeMap<&str, usize> = namespaces
        .iter()
        .enumerate()
        .map(|(number, ns)| (*ns, number))
        .collect();
    prefixes
        .keys()
        .map(|namespace| {
            let mut writer = Writer {
                components,
                prefixes: &prefixes,
                // Everything resolved when the model was built; what is found again is not news.
                problems: Collector::default(),
                out: String::new(),
            };
            writer.document(namespace);
            writer.out
        })
        .collect()
}

struct Writer<'a, 'p> {
    components: &'a Components<'a>,
    prefixes: &'p BTreeMap<&'p str, usize>,
    problems: Collector,
    out: String,
}

impl<'a> Writer<'a, '_> {
    fn document(&mut self, namespace: &str) {
        self.out.push_str("<xs:schema xmlns:xs=\"");
        self.out.push_str(XSD);
        self.out.push('"');
        for (ns, number) in self.prefixes {
            let _ = write!(self.out, " xmlns:n{number}=\"{}\"", escaped(shown(ns)));
        }
        let _ = write!(
            self.out,
            " targetNamespace=\"{}\">",
            escaped(shown(namespace))
        );
        for (ns, number) in self.prefixes.iter().filter(|(ns, _)| **ns != namespace) {
            let _ = write!(
                self.out,
                "<xs:import namespace=\"{}\" schemaLocation=\"{}\"/>",
                escaped(shown(ns)),
                location(*number)
            );
        }
        for (unit, schema) in self.components.units.iter().enumerate() {
            if schema.ns != namespace {
                continue;
            }
            for elem in schema.schema.children() {
                let component = Component { unit, elem };
                if self.components.is_first(component) {
                    self.element(component, true);
                }
            }
        }
        self.out.push_str("</xs:schema>");
    }

    fn element(&mut self, component: Component<'a>, is_global: bool) {
        let elem = component.elem;
        let name = elem.xsd_name();
        if matches!(
            name,
            "" | "annotation"
                | "unique"
                | "key"
                | "keyref"
                | "assert"
                | "assertion"
                | "notation"
                | "explicitTimezone"
        ) || self.is_left_out(component)
        {
            return;
        }
        let _ = write!(self.out, "<xs:{name}");
        let own = self.components.xsd_ref(component);
        if let Some(local) = own.filter(|_| name == "element") {
            let _ = write!(self.out, " name=\"{local}\" type=\"xs:anyType\"");
        }
        for attribute in elem.node.attributes().filter(|a| a.namespace().is_none()) {
            let value = match attribute.name() {
                "id" | "block" | "final" | "form" => continue,
                "ref" if own.is_some() => continue,
                "type" | "ref" | "base" | "itemType" | "substitutionGroup" | "memberTypes" => {
                    self.names(component, attribute.name(), attribute.value())
                }
                _ => attribute.value().to_owned(),
            };
            let _ = write!(self.out, " {}=\"{}\"", attribute.name(), escaped(&value));
        }
        if !is_global && matches!(name, "element" | "attribute") && elem.attribute("ref").is_none()
        {
            let unit = self.components.unit(component);
            let by_default = unit.is_some_and(|unit| match name {
                "element" => unit.elements_qualified,
                _ => unit.attributes_qualified,
            });
            let qualified = elem
                .attribute("form")
                .map_or(by_default, |form| form.trim() == "qualified");
            self.out.push_str(if qualified {
                " form=\"qualified\""
            } else {
                " form=\"unqualified\""
            });
        }
        self.out.push('>');
        for child in component.children() {
            self.element(child, false);
        }
        let _ = write!(self.out, "</xs:{name}>");
    }

    /// References that the model leaves out too.
    fn is_left_out(&mut self, component: Component<'a>) -> bool {
        let elem = component.elem;
        if elem
            .attribute("maxOccurs")
            .is_some_and(|max| max.trim() == "0")
        {
            return true;
        }
        matches!(elem.xsd_name(), "attribute" | "attributeGroup")
            && elem.attribute("ref").is_some_and(|text| {
                let name = self
                    .components
                    .qname(component, "ref", text, &mut self.problems);
                name.is_some_and(|name| self.components.is_silent(&name))
            })
    }

    fn names(&mut self, at: Component<'a>, attribute: &str, text: &'a str) -> String {
        let kind = match (attribute, at.elem.xsd_name()) {
            ("substitutionGroup", _) | ("ref", "element") => Kind::Element,
            ("ref", "attribute") => Kind::Attribute,
            ("ref", "group") => Kind::Group,
            ("ref", _) => Kind::AttributeGroup,
            _ => Kind::Type,
        };
        let names = text.split_whitespace().filter_map(|text| {
            let name = self
                .components
                .qname(at, attribute, text, &mut self.problems)?;
            if name.ns == XSD && self.components.get(kind, &name).is_none() {
                return Some(format!("xs:{}", known(&name.local)));
            }
            let resolved = self
                .components
                .resolve(at, attribute, kind, &name, &mut self.problems);
            let QName { ns, local } = resolved.map_or(name, |(name, _)| name);
            let number = self.prefixes.get(ns.as_str())?;
            Some(format!("n{number}:{local}"))
        });
        names.collect::<Vec<_>>().join(" ")
    }
}

/// Built-in types of XML Schema 1.1 that `xsd-parser` does not know, as what they derive from.
fn known(local: &str) -> &str {
    match local {
        "dateTimeStamp" => "dateTime",
        "dayTimeDuration" | "yearMonthDuration" => "duration",
        "anyAtomicType" => "anySimpleType",
        local => local,
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
