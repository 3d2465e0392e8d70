//! Operations and the root elements of their messages.

use std::collections::{BTreeMap, BTreeSet};

use super::super::names::{RESERVED, Scope, field_name, pascal, snake, variant_name};
use super::super::sheets::faults_apart;
use super::families::is_mixed;
use super::types::{def_label, def_wire};
use super::*;
use crate::diag::{Diagnostic, Severity};
use crate::model::{ComplexType, Content, TypeDef, TypeId, TypeKind, TypeRef};

/// Names beside [`RESERVED`] that modules of a generated crate import.
const IMPORTED: &[&str] = &[
    "BuildError",
    "Client",
    "Cursor",
    "Date",
    "DateTime",
    "Decimal",
    "Decode",
    "DecodeError",
    "Element",
    "Encode",
    "EncodeError",
    "Endpoint",
    "Iccid",
    "Items",
    "NamespaceTable",
    "Nillable",
    "NsId",
    "Operation",
    "Request",
    "Tag",
    "UnknownValue",
    "Writer",
];

pub(super) struct Planner<'a> {
    pub(super) plan: Plan<'a>,
    pub(super) only: Option<&'a BTreeMap<String, String>>,
    pub(super) usage: &'a BTreeMap<TypeName, Usage>,
    pub(super) roots: &'a BTreeSet<QName>,
    /// In how many places each type is used.
    uses: BTreeMap<TypeId, usize>,
    pub(super) names: Scope,
    pub(super) modules: Scope,
    pub(super) types: BTreeMap<TypeId, Ty>,
    /// Named types and those of global elements, by name.
    pub(super) owners: BTreeMap<&'a QName, Vec<TypeId>>,
    /// How many types are being planned around this one.
    pub(super) depth: usize,
    /// Types whose content waits.
    pub(super) later: Vec<(TypeId, ItemId)>,
    /// Enumerations of a type and those derived from it.
    pub(super) families: BTreeMap<TypeId, Ty>,
    /// Choices by signature.
    pub(super) choices: BTreeMap<String, ItemId>,
    /// Overlaid enumerations by element name.
    pub(super) enums: BTreeMap<String, Ty>,
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Planner {
            uses: uses(&input),
            plan: Plan {
                contract: input.contract,
                api: input.api,
                items: Vec::new(),
                operations: Vec::new(),
                faults: BTreeMap::new(),
                shared: input.shared,
            },
            only: input.only,
            usage: input.usage,
            roots: input.roots,
            names: Scope::with(&[RESERVED, IMPORTED].concat()),
            modules: Scope::default(),
            types: BTreeMap::new(),
            owners: BTreeMap::new(),
            depth: 0,
            later: Vec::new(),
            families: BTreeMap::new(),
            choices: BTreeMap::new(),
            enums: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn run(mut self, overlays: &[EnumOverlay]) -> Result<Plan<'a>, Problems> {
        // Names of shared types are re-exported beside our own.
        for shared in &self.plan.shared {
            for external in shared.types.values().chain(shared.enums.values()) {
                if !self.names.has(&external.name) {
                    self.names.take(&external.name);
                }
            }
        }
        for overlay in overlays {
            self.plan_overlay(overlay);
        }
        let contract = self.plan.contract;
        for (index, def) in contract.types.iter().enumerate() {
            if let TypeName::Named(name) | TypeName::OfElement(name) = &def.name {
                self.owners.entry(name).or_default().push(TypeId(index));
            }
        }
        let mut root_items: BTreeMap<QName, ItemId> = BTreeMap::new();
        if self.only.is_some() {
            for root in self.roots.clone() {
                if let Some(id) = self.plan_root(&root, vec!["faults".to_owned()]) {
                    root_items.insert(root, id);
                }
            }
            // Types of the namespaces that some API reaches.
            for (index, def) in contract.types.iter().enumerate() {
                if self.is_ours(&def.name)
                    && matches!(def.name, TypeName::Named(_))
                    && self.usage.contains_key(&def.name)
                {
                    let id = TypeId(index);
                    if !is_abstract(def) {
                        self.plan_type(id);
                    }
                    if family(contract, id).is_some() {
                        self.plan_family(id);
                    }
                }
            }
            self.plan.faults = root_items;
        } else {
            self.plan_operations(&mut root_items);
        }
        self.plan_later();
        self.box_cycles();
        faults_apart(self.plan.items.iter_mut().map(|i| (&i.name, &mut i.module)));
        if self.problems.is_empty() {
            Ok(self.plan)
        } else {
            Err(Problems {
                list: self.problems,
            })
        }
    }

    pub(super) fn plan_operations(&mut self, root_items: &mut BTreeMap<QName, ItemId>) {
        let contract = self.plan.contract;
        let mut requests = BTreeSet::new();
        let mut methods = Scope::with(&["new", "endpoint", "from_endpoint", "with_options"]);
        for (index, operation) in contract.operations.iter().enumerate() {
            let module = self.modules.take(&field_name(&operation.name));
            let path = vec!["operations".to_owned(), module.clone()];
            let request = operation.input.as_ref().and_then(|message| {
                let first = requests.insert(message.element.clone());
                if first {
                    return self.root_once(&message.element, path.clone(), root_items);
                }
                // One element, two operations: the second gets a request type of its own.
                let inner = self.root_once(&message.element, path.clone(), root_items)?;
                Some(self.plan_wrapper(&operation.name, &message.element, inner, path.clone()))
            });
            let response = operation
                .output
                .as_ref()
                .and_then(|m| self.root_once(&m.element, path.clone(), root_items));
            let mut headers =
                |block: &Option<QName>| self.root_once(block.as_ref()?, path.clone(), root_items);
            let request_headers = headers(&operation.input_block);
            let response_headers = headers(&operation.output_block);
            for fault in &operation.faults {
                if self.external_element(&fault.element).is_none() {
                    let module = vec!["faults".to_owned()];
                    if let Some(id) = self.root_once(&fault.element, module, root_items) {
                        self.plan.faults.insert(fault.element.clone(), id);
                    }
                }
            }
            let method = methods.take(&field_name(&operation.name));
            let has_headers = request_headers.is_some() || response_headers.is_some();
            let method_with_headers = match has_headers {
                true => methods.take(&format!("{method}_with_headers")),
                false => String::new(),
            };
            self.plan.operations.push(OperationPlan {
                index,
                module,
                method,
                method_with_headers,
                request,
                response,
                request_headers,
                response_headers,
            });
        }
        self.mark_items();
    }

    /// Lists of an answer are read item by item: one that cannot be read is not the answer's end.
    pub(super) fn mark_items(&mut self) {
        let responses = self.plan.operations.iter().filter_map(|op| op.response);
        let requests: BTreeSet<ItemId> = self
            .plan
            .operations
            .iter()
            .filter_map(|op| op.request)
            .collect();
        for id in responses
            .filter(|id| !requests.contains(id))
            .collect::<Vec<_>>()
        {
            let ItemKind::Struct(plan) = &mut self.plan.items[id.0].kind else {
                continue;
            };
            for member in &mut plan.members {
                if let Member::Element(field) = member {
                    let complex = match &field.ty {
                        Ty::Struct(_) => true,
                        Ty::External(external) => !external.lexical,
                        _ => false,
                    };
                    field.items =
                        complex && !field.nillable && matches!(field.occurs, Occurs::Many { .. });
                }
            }
        }
    }

    pub(super) fn root_once(
        &mut self,
        element: &QName,
        module: Vec<String>,
        root_items: &mut BTreeMap<QName, ItemId>,
    ) -> Option<ItemId> {
        if let Some(id) = root_items.get(element) {
            return Some(*id);
        }
        let id = self.plan_root(element, module)?;
        root_items.insert(element.clone(), id);
        Some(id)
    }

    pub(super) fn external_element(&self, element: &QName) -> Option<&External> {
        self.plan
            .shared
            .iter()
            .find_map(|s| s.elements.get(element))
    }

    /// Plans a message's root element: a struct of its own, or a newtype around a named type.
    pub(super) fn plan_root(&mut self, element: &QName, module: Vec<String>) -> Option<ItemId> {
        let contract = self.plan.contract;
        let Some(global) = contract.elements.get(element) else {
            self.problem(
                Location::default(),
                format!("the element {element} is used by a message and defined nowhere"),
            );
            return None;
        };
        if let TypeRef::Defined(id) = global.ty {
            let def = contract.ty(id);
            let own = matches!(&def.name, TypeName::OfElement(q) if q == element);
            // A named type with a single use is the message itself.
            let single = self.is_ours(&def.name) && is_struct(def) && self.uses_of(id) == 1;
            if (own && is_struct(def) || single)
                && let TypeKind::Complex(complex) = &def.kind
            {
                let name = self.names.take(&pascal(&element.local));
                let mut doc = global.doc.clone();
                if doc.text.is_empty() {
                    doc = def.doc.clone();
                }
                doc.evidence = doc.evidence.or(def.doc.evidence);
                let item = self.reserve(Item {
                    name: name.clone(),
                    module: module.clone(),
                    wire: if own {
                        element.to_string()
                    } else {
                        def_wire(&def.name)
                    },
                    doc,
                    kind: ItemKind::Struct(StructPlan::default()),
                    element: Some(element.clone()),
                    usage: self.usage_of(&def.name),
                    location: global.location.clone(),
                });
                self.types.insert(id, Ty::Struct(item));
                let plan = self.plan_struct(complex, item, &name, &module, &def.location);
                self.plan.items[item.0].kind = ItemKind::Struct(plan);
                return Some(item);
            }
        }
        // A message is of the type that the contract names, even if others are derived from it.
        let (ty, facets, label) = match global.ty {
            TypeRef::Defined(id) if is_struct(contract.ty(id)) => (
                self.plan_type(id)?,
                Facets::default(),
                def_label(&contract.ty(id).name),
            ),
            ty => self.plan_ref(ty, &element.local, &global.location)?,
        };
        let name = self.names.take(&pascal(&element.local));
        let field = Field {
            rust: "0".to_owned(),
            wire: element.clone(),
            personal: matches!(ty, Ty::Scalar(_)) && self.is_personal("", &element.local),
            // A message of a complex type that is nil says nothing; the structs have no such state.
            nillable: global.nillable && ty.is_lexical(),
            ty,
            occurs: Occurs::One,
            blankable: false,
            items: false,
            boxed: false,
            facets,
            doc: String::new(),
            evidence: None,
            label,
            default: None,
            fixed: None,
        };
        Some(self.reserve(Item {
            name,
            module,
            wire: element.to_string(),
            doc: global.doc.clone(),
            kind: ItemKind::Newtype(Box::new(field)),
            element: Some(element.clone()),
            usage: Usage {
                request: true,
                response: true,
            },
            location: global.location.clone(),
        }))
    }

    pub(super) fn plan_wrapper(
        &mut self,
        operation: &str,
        element: &QName,
        inner: ItemId,
        module: Vec<String>,
    ) -> ItemId {
        let wanted = pascal(operation);
        let wanted = if self.names.has(&wanted) {
            format!("{wanted}Request")
        } else {
            wanted
        };
        let name = self.names.take(&wanted);
        let doc = self.plan.item(inner).doc.clone();
        let location = self.plan.item(inner).location.clone();
        self.reserve(Item {
            name,
            module,
            wire: element.to_string(),
            doc,
            kind: ItemKind::Newtype(Box::new(Field {
                rust: "0".to_owned(),
                wire: element.clone(),
                ty: Ty::Struct(inner),
                occurs: Occurs::One,
                nillable: false,
                blankable: false,
                items: false,
                boxed: false,
                facets: Facets::default(),
                doc: String::new(),
                evidence: None,
                label: element.local.clone(),
                personal: false,
                default: None,
                fixed: None,
            })),
            element: Some(element.clone()),
            usage: Usage {
                request: true,
                response: false,
            },
            location,
        })
    }

    pub(super) fn plan_overlay(&mut self, overlay: &EnumOverlay) {
        let name = self.names.take(&overlay.name);
        let module = self.modules.take(&snake(&name));
        let mut variants = Scope::with(&["Unknown"]);
        let values = overlay
            .values
            .iter()
            .map(|(value, doc)| {
                (
                    variants.take(&variant_name(value)),
                    value.clone(),
                    doc.clone(),
                )
            })
            .collect();
        let item = self.reserve(Item {
            name,
            module: vec!["types".to_owned(), module],
            wire: "xs:string".to_owned(),
            doc: Doc {
                text: overlay.doc.clone(),
                evidence: None,
            },
            kind: ItemKind::Enum(EnumPlan { values }),
            element: None,
            usage: Usage {
                request: true,
                response: true,
            },
            location: Location::default(),
        });
        for element in &overlay.elements {
            self.enums.insert(element.clone(), Ty::Enum(item));
        }
    }

    pub(super) fn reserve(&mut self, item: Item) -> ItemId {
        self.plan.items.push(item);
        ItemId(self.plan.items.len() - 1)
    }

    pub(super) fn problem(&mut self, location: Location, message: String) {
        self.problems.push(Diagnostic {
            severity: Severity::Unsupported,
            location,
            snippet: None,
            message,
            help: None,
            tried: Box::default(),
        });
    }

    pub(super) fn is_ours(&self, name: &TypeName) -> bool {
        let ns = match name {
            TypeName::Named(q) | TypeName::OfElement(q) => &q.ns,
            TypeName::Local { ns, .. } => ns,
        };
        match self.only {
            Some(only) => only.contains_key(ns),
            None => !self.plan.shared.iter().any(|s| s.types.contains_key(name)),
        }
    }

    pub(super) fn usage_of(&self, name: &TypeName) -> Usage {
        self.usage.get(name).copied().unwrap_or(Usage {
            request: true,
            response: true,
        })
    }

    /// In how many places a type is used.
    pub(super) fn uses_of(&self, id: TypeId) -> usize {
        self.uses.get(&id).copied().unwrap_or_default()
    }
}

/// In how many places each type is used, counted once: every message asks.
fn uses(input: &Input<'_>) -> BTreeMap<TypeId, usize> {
    let contract = input.contract;
    let mut out = BTreeMap::new();
    let mut count = |ty: TypeRef| {
        if let TypeRef::Defined(id) = ty {
            *out.entry(id).or_default() += 1;
        }
    };
    for root in input.roots {
        if let Some(element) = contract.elements.get(root) {
            count(element.ty);
        }
    }
    let reached = |name: &TypeName| {
        matches!(name, TypeName::Local { .. } | TypeName::OfElement(_))
            || input.usage.contains_key(name)
    };
    for def in contract.types.iter().filter(|def| reached(&def.name)) {
        if let TypeKind::Complex(ComplexType {
            content: Content::Particle(p),
            ..
        }) = &def.kind
        {
            p.elements().for_each(|element| count(element.ty));
        }
    }
    out
}

fn is_abstract(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Complex(complex) if complex.is_abstract)
}

/// It becomes a struct, rather than XML or an enumeration of the types derived from it.
fn is_struct(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Complex(complex) if !complex.is_abstract && !is_mixed(complex))
}
