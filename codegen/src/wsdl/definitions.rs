//! The `wsdl:definitions` of all documents that take part, and their parts by name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use roxmltree::Document;

use crate::diag::Severity;
use crate::model::QName;
use crate::xsd::{Collector, Elem, Sources, WSDL, XSD, XSD_DRAFTS, is_local_name, split};

/// What the namespaces of the bindings to SOAP 1.1 and 1.2 begin with.
const SOAP_BINDINGS: &str = "http://schemas.xmlsoap.org/wsdl/soap";

/// The parts of a WSDL that others refer to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// `wsdl:message`.
    Message,
    /// `wsdl:portType`.
    PortType,
    /// `wsdl:binding`.
    Binding,
}

impl Part {
    const ALL: [(&'static str, Self); 3] = [
        ("message", Self::Message),
        ("portType", Self::PortType),
        ("binding", Self::Binding),
    ];

    fn noun(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::PortType => "port type",
            Self::Binding => "binding",
        }
    }
}

/// All definitions.
pub(super) struct Definitions<'a> {
    /// The `wsdl:definitions` elements; the first is the main document's.
    pub(super) roots: Vec<Elem<'a>>,
    /// Inline schemas, and schemas that a `wsdl:import` leads to.
    pub(super) schemas: Vec<Elem<'a>>,
    table: BTreeMap<(Part, QName), Elem<'a>>,
}

impl<'a> Definitions<'a> {
    /// Follows `wsdl:import`s from the main document.
    pub(super) fn collect(
        sources: &'a Sources,
        documents: &'a [Option<Document<'a>>],
        problems: &mut Collector,
    ) -> Self {
        let mut out = Self {
            roots: Vec::new(),
            schemas: Vec::new(),
            table: BTreeMap::new(),
        };
        let mut seen = BTreeSet::from([0]);
        let mut queue = vec![0];
        let mut next = 0;
        while let Some(file) = queue.get(next).copied() {
            next += 1;
            let Some(root) = Elem::root(sources, documents, file) else {
                continue;
            };
            if file != 0 && root.is(XSD, "schema") {
                out.schemas.push(root);
                continue;
            }
            if !root.is(WSDL, "definitions") {
                out.report_foreign(root, problems);
                continue;
            }
            out.add(root, problems);
            for import in root.named(WSDL, "import") {
                let target = sources.target(file, import.offset());
                if let Some(target) = target.filter(|target| seen.insert(*target)) {
                    queue.push(target);
                }
            }
        }
        out
    }

    fn report_foreign(&self, root: Elem<'a>, problems: &mut Collector) {
        let name = root.node.tag_name();
        let namespace = name.namespace().unwrap_or_default();
        let message = format!("not a WSDL 1.1 document: its root is `{}`", name.name());
        if namespace == "http://www.w3.org/ns/wsdl" {
            problems.unsupported(root, "WSDL 2.0 is not supported, only WSDL 1.1", None);
        } else {
            let help = format!("expected `definitions` in the namespace {WSDL}");
            problems.broken(root, message, Some(&help));
        }
    }

    fn add(&mut self, root: Elem<'a>, problems: &mut Collector) {
        self.roots.push(root);
        let namespace = target_namespace(root);
        for types in root.named(WSDL, "types") {
            for child in types.children() {
                let name = child.node.tag_name();
                let is_draft = name.name() == "schema"
                    && name.namespace().is_some_and(|ns| XSD_DRAFTS.contains(&ns));
                if child.is(XSD, "schema") || is_draft {
                    self.schemas.push(child);
                }
            }
        }
        for (local, part) in Part::ALL {
            for elem in root.named(WSDL, local) {
                let Some(name) = elem.attribute("name").map(str::trim) else {
                    problems.broken(elem, format!("a {} needs a name", part.noun()), None);
                    continue;
                };
                let key = (part, QName::new(namespace.clone(), name));
                if let Some(first) = self.table.get(&key) {
                    if first.text() != elem.text() {
                        let help = format!("first defined at {}", first.location());
                        let message = format!("{} `{name}` is defined twice", part.noun());
                        problems.broken_attribute(elem, "name", message, Some(help));
                    }
                    continue;
                }
                self.table.insert(key, elem);
            }
        }
    }

    /// Notes what the contract asks of its callers beyond messages: policies, and extensions that
    /// it calls required.
    pub(super) fn note_extensions(&self, problems: &mut Collector) {
        let mut has_policies = false;
        for root in &self.roots {
            for node in root.node.descendants().filter(|n| n.is_element()) {
                let name = node.tag_name();
                let namespace = name.namespace().unwrap_or_default();
                let is_policy = matches!(name.name(), "Policy" | "PolicyReference")
                    && namespace.contains("policy");
                if is_policy && !std::mem::replace(&mut has_policies, true) {
                    let text = "policies (WS-Policy) are left out: what they ask for, such as \
                                WS-Security headers, is the caller's to add";
                    problems.note(
                        root.with(node)
                            .diagnostic(Severity::Unsupported, text, None),
                    );
                }
                let is_known = namespace == WSDL || namespace.starts_with(SOAP_BINDINGS);
                let required = node.attribute((WSDL, "required"));
                if !is_known && required.is_some_and(|r| matches!(r.trim(), "true" | "1")) {
                    let text = format!(
                        "the contract requires the extension `{}` of {namespace}, which is left out",
                        name.name()
                    );
                    problems.note(
                        root.with(node)
                            .diagnostic(Severity::Unsupported, text, None),
                    );
                }
            }
        }
    }

    /// The part that an attribute names, or a problem.
    pub(super) fn resolve(
        &self,
        at: Elem<'a>,
        attribute: &'static str,
        part: Part,
        problems: &mut Collector,
    ) -> Option<(QName, Elem<'a>)> {
        let name = self.name(at, attribute, problems)?;
        if let Some(found) = self.find(at, part, &name) {
            return Some(found);
        }
        let namesake = self
            .table
            .keys()
            .find(|(p, n)| *p == part && n.local == name.local);
        let help = namesake.map(|(_, namesake)| format!("did you mean {namesake}?"));
        let message = format!("unknown {} {name}", part.noun());
        problems.broken_attribute(at, attribute, message, help);
        None
    }

    /// The part with this name. A name without a prefix may also mean the target namespace: many
    /// contracts forget that the default namespace is WSDL's.
    pub(super) fn find(&self, at: Elem<'a>, part: Part, name: &QName) -> Option<(QName, Elem<'a>)> {
        let root = at
            .node
            .ancestors()
            .filter(roxmltree::Node::is_element)
            .last();
        let own = root
            .map(|root| target_namespace(at.with(root)))
            .unwrap_or_default();
        let fallback =
            (name.ns.is_empty() || name.ns == WSDL).then(|| QName::new(own, name.local.clone()));
        [Some(name.clone()), fallback]
            .into_iter()
            .flatten()
            .find_map(|name| {
                let elem = *self.table.get(&(part, name.clone()))?;
                Some((name, elem))
            })
    }

    /// Reads an attribute that holds a qualified name.
    pub(super) fn name(
        &self,
        at: Elem<'a>,
        attribute: &'static str,
        problems: &mut Collector,
    ) -> Option<QName> {
        let Some(text) = at.attribute(attribute) else {
            let message = format!(
                "`{}` needs the attribute `{attribute}`",
                at.node.tag_name().name()
            );
            problems.broken(at, message, None);
            return None;
        };
        match split(at.node, text) {
            Ok((namespace, local)) if is_local_name(local) => {
                Some(QName::new(namespace.unwrap_or_default(), local))
            }
            Ok(_) => {
                let message = format!("`{text}` is not a qualified name");
                problems.broken_attribute(at, attribute, message, None);
                None
            }
            Err(prefix) => {
                problems.broken_attribute(
                    at,
                    attribute,
                    format!("prefix `{prefix}` of `{text}` is not declared"),
                    Some(format!("declare it: xmlns:{prefix}=\"…\"")),
                );
                None
            }
        }
    }

    /// All parts of a kind: those of the main document first, each document in its own order.
    pub(super) fn elements(&self, local: &'static str) -> impl Iterator<Item = Elem<'a>> + '_ {
        self.roots
            .iter()
            .flat_map(move |root| root.named(WSDL, local))
    }

    /// Target namespace of the main document.
    pub(super) fn target_namespace(&self) -> String {
        self.roots
            .first()
            .map(|root| target_namespace(*root))
            .unwrap_or_default()
    }

    /// Whether any body is `use="encoded"`.
    pub(super) fn is_encoded(&self) -> bool {
        let mut bodies = self.roots.iter().flat_map(|root| root.node.descendants());
        bodies.any(|n| n.tag_name().name() == "body" && n.attribute("use") == Some("encoded"))
    }

    /// Name of the main definitions, else of their file.
    pub(super) fn main_name(&self, path: &Path) -> String {
        let name = self.roots.first().and_then(|root| root.attribute("name"));
        let stem = || {
            path.file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
        };
        name.map(str::to_owned).or_else(stem).unwrap_or_default()
    }
}

fn target_namespace(root: Elem<'_>) -> String {
    root.attribute("targetNamespace")
        .unwrap_or_default()
        .trim()
        .to_owned()
}
