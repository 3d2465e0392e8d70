//! From the model to Rust: which items there are, what they are called, where they go.
//!
//! Nothing here writes code; [`super::types`] and [`super::codec`] print what was planned.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Scope, field_name, pascal, snake, type_name, variant_name};
use crate::config::{Api, EnumOverlay, Identifier};
use crate::diag::{Diagnostic, Location, Problems, Severity};
use crate::model::{
    Builtin, ComplexType, Content, Contract, Doc, ElementUse, Facets, Particle, ParticleKind,
    QName, SimpleType, TypeId, TypeKind, TypeName, TypeRef,
};

/// Index of an [`Item`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemId(pub(crate) usize);

/// A Rust item to be written.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) name: String,
    /// `operations::get_subscriptions`, `types::subscription_info`, `faults`.
    pub(crate) module: Vec<String>,
    /// What the contract calls it, for the documentation.
    pub(crate) wire: String,
    pub(crate) doc: Doc,
    pub(crate) kind: ItemKind,
    /// The root element it is, if it is one.
    pub(crate) element: Option<QName>,
    /// Reachable from a request; from a response.
    pub(crate) usage: Usage,
    pub(crate) location: Location,
}

#[derive(Debug)]
pub(crate) enum ItemKind {
    Struct(StructPlan),
    Choice(ChoicePlan),
    Enum(EnumPlan),
    /// A root element of a type that has a name of its own.
    Newtype(Box<Field>),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) request: bool,
    pub(crate) response: bool,
}

#[derive(Debug, Default)]
pub(crate) struct StructPlan {
    pub(crate) members: Vec<Member>,
    /// It is an arm of a choice: it has no element of its own.
    pub(crate) is_arm: bool,
}

/// What a struct holds, in schema order.
#[derive(Debug)]
pub(crate) enum Member {
    Attribute(Field),
    /// Attributes that the contract does not describe; the Rust name.
    AnyAttributes(String),
    Text(Field),
    Element(Field),
    Choice(ChoiceUse),
}

#[derive(Debug)]
pub(crate) struct ChoiceUse {
    pub(crate) rust: String,
    pub(crate) item: ItemId,
    pub(crate) occurs: Occurs,
    pub(crate) doc: String,
}

#[derive(Debug)]
pub(crate) struct ChoicePlan {
    pub(crate) arms: Vec<Arm>,
    pub(crate) field: String,
}

#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) variant: String,
    pub(crate) kind: ArmKind,
}

#[derive(Debug)]
pub(crate) enum ArmKind {
    Element(Box<Field>),
    Group { item: ItemId, boxed: bool },
}

#[derive(Debug)]
pub(crate) struct EnumPlan {
    /// Variant, wire text, documentation.
    pub(crate) values: Vec<(String, String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurs {
    One,
    Optional,
    Many { min: u32, max: Option<u32> },
}

impl Occurs {
    /// At least one has to be there.
    pub(crate) fn is_required(self) -> bool {
        match self {
            Self::One => true,
            Self::Optional => false,
            Self::Many { min, .. } => min > 0,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) rust: String,
    pub(crate) wire: QName,
    pub(crate) ty: Ty,
    pub(crate) occurs: Occurs,
    pub(crate) nillable: bool,
    /// Required by the contract, but blank in answers when not set.
    pub(crate) blankable: bool,
    /// Read item by item.
    pub(crate) items: bool,
    pub(crate) boxed: bool,
    pub(crate) facets: Facets,
    pub(crate) doc: String,
    /// Wire type, for the documentation.
    pub(crate) label: String,
    pub(crate) personal: bool,
    pub(crate) default: Option<String>,
    pub(crate) fixed: Option<String>,
}

/// Rust type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ty {
    Scalar(Scalar),
    /// A struct of this crate.
    Struct(ItemId),
    /// An enumeration of this crate.
    Enum(ItemId),
    /// An item of a shared crate.
    External(External),
    List(Box<Ty>),
    /// Any element, kept as XML.
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct External {
    /// `mno_kite_common_v1`.
    pub(crate) krate: String,
    pub(crate) module: Vec<String>,
    pub(crate) name: String,
    /// A value (an enumeration) rather than a complex type.
    pub(crate) lexical: bool,
    /// Its first value, for examples, if it is an enumeration.
    pub(crate) sample: Option<String>,
    /// Module (`types`, `faults`) and name of what it is made of, all the way down.
    pub(crate) parts: Vec<(String, String)>,
}

impl External {
    /// Crate and name of itself and its parts, as far as they stand in a module.
    pub(crate) fn names_in(&self, module: &str) -> Vec<(&str, &str)> {
        let own = self
            .module
            .first()
            .map(|top| (top.as_str(), self.name.as_str()));
        let parts = self
            .parts
            .iter()
            .map(|(top, name)| (top.as_str(), name.as_str()));
        own.into_iter()
            .chain(parts)
            .filter(|(top, _)| *top == module)
            .map(|(_, name)| (self.krate.as_str(), name))
            .collect()
    }
}

impl Ty {
    /// A value that is text on the wire.
    pub(crate) fn is_lexical(&self) -> bool {
        match self {
            Self::Scalar(_) | Self::Enum(_) | Self::List(_) => true,
            Self::Struct(_) | Self::Any => false,
            Self::External(e) => e.lexical,
        }
    }

    /// A blank text is a value of it: texts, and enumerations, which keep what they do not know.
    fn keeps_blank(&self) -> bool {
        match self {
            Self::Enum(_) | Self::List(_) => true,
            Self::External(external) => external.lexical,
            _ => self.is_textual(),
        }
    }

    /// Text in which blank is a value, and which a person reads as text.
    pub(crate) fn is_textual(&self) -> bool {
        matches!(
            self,
            Self::Scalar(
                Scalar::String
                    | Scalar::Iccid
                    | Scalar::Imsi
                    | Scalar::Msisdn
                    | Scalar::Eid
                    | Scalar::Imei
            )
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[rustfmt::skip]
pub(crate) enum Scalar {
    String, Bool, I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, Decimal, F64,
    DateTime, Date, Time, YearMonth, Year, MonthDay, Day, Month, Period, Base64, Hex,
    Iccid, Imsi, Msisdn, Eid, Imei,
}

impl Scalar {
    fn of(builtin: Builtin) -> Option<Self> {
        use Builtin as B;
        Some(match builtin {
            B::AnyType => return None,
            B::AnySimpleType | B::String | B::NormalizedString | B::Token | B::Tokens => {
                Self::String
            }
            B::Boolean => Self::Bool,
            B::Byte => Self::I8,
            B::UnsignedByte => Self::U8,
            B::Short => Self::I16,
            B::UnsignedShort => Self::U16,
            B::Int => Self::I32,
            B::UnsignedInt => Self::U32,
            B::Long => Self::I64,
            B::UnsignedLong => Self::U64,
            B::Integer | B::NonPositiveInteger | B::NegativeInteger => Self::I128,
            B::NonNegativeInteger | B::PositiveInteger => Self::U128,
            B::Decimal => Self::Decimal,
            // Platforms write more digits into an xs:float than 32 bits hold.
            B::Float | B::Double => Self::F64,
            B::DateTime => Self::DateTime,
            B::Date => Self::Date,
            B::Time => Self::Time,
            B::GYearMonth => Self::YearMonth,
            B::GYear => Self::Year,
            B::GMonthDay => Self::MonthDay,
            B::GDay => Self::Day,
            B::GMonth => Self::Month,
            B::Duration => Self::Period,
            B::Base64Binary => Self::Base64,
            B::HexBinary => Self::Hex,
        })
    }

    /// Rust name: a primitive, or a type of `mno_runtime::values`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::I128 => "i128",
            Self::U128 => "u128",
            Self::Decimal => "Decimal",
            Self::F64 => "f64",
            Self::DateTime => "DateTime",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::YearMonth => "YearMonth",
            Self::Year => "Year",
            Self::MonthDay => "MonthDay",
            Self::Day => "Day",
            Self::Month => "Month",
            Self::Period => "Period",
            Self::Base64 => "Base64",
            Self::Hex => "Hex",
            Self::Iccid => "Iccid",
            Self::Imsi => "Imsi",
            Self::Msisdn => "Msisdn",
            Self::Eid => "Eid",
            Self::Imei => "Imei",
        }
    }

    pub(crate) fn is_primitive(self) -> bool {
        !matches!(self.name().as_bytes().first(), Some(b'A'..=b'Z'))
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(
            self,
            Self::I8
                | Self::U8
                | Self::I16
                | Self::U16
                | Self::I32
                | Self::U32
                | Self::I64
                | Self::U64
                | Self::I128
                | Self::U128
        )
    }

    fn identifier(id: Identifier) -> Self {
        match id {
            Identifier::Iccid => Self::Iccid,
            Identifier::Imsi => Self::Imsi,
            Identifier::Msisdn => Self::Msisdn,
            Identifier::Eid => Self::Eid,
            Identifier::Imei => Self::Imei,
        }
    }
}

/// A shared crate that is already planned.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedNames {
    pub(crate) types: BTreeMap<TypeName, External>,
    pub(crate) elements: BTreeMap<QName, External>,
    /// Overlaid enumerations by element name.
    pub(crate) enums: BTreeMap<String, External>,
}

/// An operation with its items.
#[derive(Debug)]
pub(crate) struct OperationPlan {
    /// Index into the contract's operations.
    pub(crate) index: usize,
    /// Module under `operations`.
    pub(crate) module: String,
    pub(crate) method: String,
    pub(crate) request: Option<ItemId>,
    pub(crate) response: Option<ItemId>,
}

/// Everything that a crate will hold.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) api: &'a Api,
    pub(crate) items: Vec<Item>,
    pub(crate) operations: Vec<OperationPlan>,
    /// Faults of this crate: element to item.
    pub(crate) faults: BTreeMap<QName, ItemId>,
    pub(crate) shared: Vec<SharedNames>,
}

/// What to plan.
pub(crate) struct Input<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) api: &'a Api,
    pub(crate) shared: Vec<SharedNames>,
    /// For a shared crate: plan these namespaces only, and no operations.
    pub(crate) only: Option<&'a BTreeMap<String, String>>,
    pub(crate) enums: &'a [EnumOverlay],
    /// Where each type is used, over all APIs.
    pub(crate) usage: &'a BTreeMap<TypeName, Usage>,
    /// Root elements that the crate has to hold.
    pub(crate) roots: &'a BTreeSet<QName>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(input: Input<'a>) -> Result<Self, Problems> {
        Planner {
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
            names: Scope::with(&RESERVED),
            modules: Scope::default(),
            types: BTreeMap::new(),
            choices: BTreeMap::new(),
            enums: BTreeMap::new(),
            problems: Vec::new(),
        }
        .run(input.enums)
    }

    pub(crate) fn item(&self, id: ItemId) -> &Item {
        &self.items[id.0]
    }

    /// The names by which other crates reach this one's items.
    pub(crate) fn exports(&self, krate: &str, enums: &[EnumOverlay]) -> SharedNames {
        let mut out = SharedNames::default();
        let external = |id: usize, item: &Item| External {
            parts: self.parts(ItemId(id)),
            krate: krate.to_owned(),
            module: item.module.clone(),
            name: item.name.clone(),
            lexical: matches!(item.kind, ItemKind::Enum(_)),
            sample: match &item.kind {
                ItemKind::Enum(plan) => plan
                    .values
                    .first()
                    .map(|(v, _, _)| format!("{}::{v}", item.name)),
                _ => None,
            },
        };
        for (i, item) in self.items.iter().enumerate() {
            if let Some(name) = self.type_of(item) {
                out.types.insert(name, external(i, item));
            }
            if let Some(element) = &item.element {
                out.elements.insert(element.clone(), external(i, item));
            }
            for overlay in enums.iter().filter(|e| e.name == item.name) {
                for element in &overlay.elements {
                    out.enums.insert(element.clone(), external(i, item));
                }
            }
        }
        out
    }

    /// Module and name of what an item is made of, all the way down, itself left out.
    fn parts(&self, id: ItemId) -> Vec<(String, String)> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![id];
        while let Some(next) = todo.pop() {
            let of = |ty: &Ty| match ty {
                Ty::Struct(id) | Ty::Enum(id) => Some(*id),
                _ => None,
            };
            let direct: Vec<ItemId> = match &self.item(next).kind {
                ItemKind::Struct(plan) => plan
                    .members
                    .iter()
                    .filter_map(|m| match m {
                        Member::Attribute(f) | Member::Text(f) | Member::Element(f) => of(&f.ty),
                        Member::Choice(c) => Some(c.item),
                        Member::AnyAttributes(_) => None,
                    })
                    .collect(),
                ItemKind::Choice(plan) => plan
                    .arms
                    .iter()
                    .filter_map(|arm| match &arm.kind {
                        ArmKind::Element(f) => of(&f.ty),
                        ArmKind::Group { item, .. } => Some(*item),
                    })
                    .collect(),
                ItemKind::Newtype(f) => of(&f.ty).into_iter().collect(),
                ItemKind::Enum(_) => Vec::new(),
            };
            todo.extend(direct.into_iter().filter(|id| seen.insert(*id)));
        }
        seen.remove(&id);
        let top = |item: &Item| item.module.first().cloned().unwrap_or_default();
        seen.into_iter()
            .map(|id| (top(self.item(id)), self.item(id).name.clone()))
            .collect()
    }

    /// Types of shared crates that this one's fields have.
    pub(crate) fn externals(&self) -> Vec<&External> {
        fn of(ty: &Ty) -> Option<&External> {
            match ty {
                Ty::External(external) => Some(external),
                Ty::List(item) => of(item),
                _ => None,
            }
        }
        let mut out: Vec<&External> = Vec::new();
        for item in &self.items {
            match &item.kind {
                ItemKind::Struct(plan) => out.extend(plan.members.iter().filter_map(|m| match m {
                    Member::Attribute(f) | Member::Text(f) | Member::Element(f) => of(&f.ty),
                    Member::Choice(_) | Member::AnyAttributes(_) => None,
                })),
                ItemKind::Choice(plan) => {
                    out.extend(plan.arms.iter().filter_map(|arm| match &arm.kind {
                        ArmKind::Element(f) => of(&f.ty),
                        ArmKind::Group { .. } => None,
                    }))
                }
                ItemKind::Newtype(f) => out.extend(of(&f.ty)),
                ItemKind::Enum(_) => {}
            }
        }
        out.sort_by(|a, b| (&a.krate, &a.name).cmp(&(&b.krate, &b.name)));
        out.dedup_by(|a, b| a.krate == b.krate && a.name == b.name);
        out
    }

    fn type_of(&self, item: &Item) -> Option<TypeName> {
        self.contract
            .types
            .iter()
            .map(|t| &t.name)
            .find(|name| matches!(name, TypeName::Named(q) if q.to_string() == item.wire))
            .cloned()
    }
}

/// Names that every module of a generated crate imports.
const RESERVED: [&str; 34] = [
    "Client",
    "Cursor",
    "Decode",
    "DecodeError",
    "Element",
    "Encode",
    "EncodeError",
    "Endpoint",
    "Error",
    "Items",
    "NamespaceTable",
    "Nillable",
    "NsId",
    "Operation",
    "Option",
    "Request",
    "Result",
    "String",
    "Tag",
    "UnknownValue",
    "Vec",
    "Writer",
    "Box",
    "Self",
    "Some",
    "None",
    "Ok",
    "Err",
    "DateTime",
    "Date",
    "Decimal",
    "Iccid",
    "Default",
    "BuildError",
];

struct Planner<'a> {
    plan: Plan<'a>,
    only: Option<&'a BTreeMap<String, String>>,
    usage: &'a BTreeMap<TypeName, Usage>,
    roots: &'a BTreeSet<QName>,
    names: Scope,
    modules: Scope,
    types: BTreeMap<TypeId, Ty>,
    /// Choices by signature.
    choices: BTreeMap<String, ItemId>,
    /// Overlaid enumerations by element name.
    enums: BTreeMap<String, Ty>,
    problems: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    fn run(mut self, overlays: &[EnumOverlay]) -> Result<Plan<'a>, Problems> {
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
                    self.plan_type(TypeId(index));
                }
            }
            self.plan.faults = root_items;
        } else {
            self.plan_operations(&mut root_items);
        }
        self.box_cycles();
        if self.problems.is_empty() {
            Ok(self.plan)
        } else {
            Err(Problems {
                list: self.problems,
            })
        }
    }

    fn plan_operations(&mut self, root_items: &mut BTreeMap<QName, ItemId>) {
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
            for fault in &operation.faults {
                if self.external_element(&fault.element).is_none() {
                    let module = vec!["faults".to_owned()];
                    if let Some(id) = self.root_once(&fault.element, module, root_items) {
                        self.plan.faults.insert(fault.element.clone(), id);
                    }
                }
            }
            let method = methods.take(&field_name(&operation.name));
            self.plan.operations.push(OperationPlan {
                index,
                module,
                method,
                request,
                response,
            });
        }
        self.mark_items();
    }

    /// The repeated element of a paged response is read item by item.
    fn mark_items(&mut self) {
        for op in &self.plan.operations {
            let name = &self.plan.contract.operations[op.index].name;
            let Some(paging) = self.plan.api.policy(name).paging else {
                continue;
            };
            let Some(id) = op.response else { continue };
            if let ItemKind::Struct(plan) = &mut self.plan.items[id.0].kind {
                for member in &mut plan.members {
                    if let Member::Element(field) = member {
                        field.items |= field.wire.local == paging.items;
                    }
                }
            }
        }
    }

    fn root_once(
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

    fn external_element(&self, element: &QName) -> Option<&External> {
        self.plan
            .shared
            .iter()
            .find_map(|s| s.elements.get(element))
    }

    /// Plans a message's root element: a struct of its own, or a newtype around a named type.
    fn plan_root(&mut self, element: &QName, module: Vec<String>) -> Option<ItemId> {
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
            let single = self.is_ours(&def.name)
                && matches!(def.kind, TypeKind::Complex(_))
                && self.uses_of(id) == 1;
            if own && matches!(def.kind, TypeKind::Complex(_)) || single {
                let TypeKind::Complex(complex) = &def.kind else {
                    return None;
                };
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
        let (ty, facets, label) = self.plan_ref(global.ty, &element.local, &global.location)?;
        let name = self.names.take(&pascal(&element.local));
        let field = Field {
            rust: "0".to_owned(),
            wire: element.clone(),
            personal: ty.is_textual() && self.is_personal(&element.local),
            ty,
            occurs: Occurs::One,
            nillable: global.nillable,
            blankable: false,
            items: false,
            boxed: false,
            facets,
            doc: String::new(),
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

    fn plan_wrapper(
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

    fn plan_overlay(&mut self, overlay: &EnumOverlay) {
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

    fn reserve(&mut self, item: Item) -> ItemId {
        self.plan.items.push(item);
        ItemId(self.plan.items.len() - 1)
    }

    fn problem(&mut self, location: Location, message: String) {
        self.problems.push(Diagnostic {
            severity: Severity::Unsupported,
            location,
            snippet: None,
            message,
            help: None,
        });
    }

    fn is_ours(&self, name: &TypeName) -> bool {
        let ns = match name {
            TypeName::Named(q) | TypeName::OfElement(q) => &q.ns,
            TypeName::Local { ns, .. } => ns,
        };
        match self.only {
            Some(only) => only.contains_key(ns),
            None => !self.plan.shared.iter().any(|s| s.types.contains_key(name)),
        }
    }

    fn usage_of(&self, name: &TypeName) -> Usage {
        self.usage.get(name).copied().unwrap_or(Usage {
            request: true,
            response: true,
        })
    }

    /// In how many places a type is used.
    fn uses_of(&self, id: TypeId) -> usize {
        let contract = self.plan.contract;
        let wanted = TypeRef::Defined(id);
        let roots = self.roots.iter().filter(|q| {
            contract
                .elements
                .get(*q)
                .is_some_and(|element| element.ty == wanted)
        });
        let reached = |name: &TypeName| {
            matches!(name, TypeName::Local { .. } | TypeName::OfElement(_))
                || self.usage.contains_key(name)
        };
        let mut fields = 0;
        for def in contract.types.iter().filter(|def| reached(&def.name)) {
            if let TypeKind::Complex(ComplexType {
                content: Content::Particle(p),
                ..
            }) = &def.kind
            {
                fields += p.elements().filter(|element| element.ty == wanted).count();
            }
        }
        roots.count() + fields
    }

    /// Rust type of a reference, with the facets that apply to it and its wire name.
    fn plan_ref(
        &mut self,
        ty: TypeRef,
        element: &str,
        location: &Location,
    ) -> Option<(Ty, Facets, String)> {
        let contract = self.plan.contract;
        let mut facets = Facets::default();
        let mut label = None;
        let mut current = ty;
        loop {
            match current {
                TypeRef::Builtin(builtin) => {
                    if builtin == Builtin::AnyType {
                        let label = label.unwrap_or_else(|| xs_name(builtin).to_owned());
                        return Some((Ty::Any, Facets::default(), label));
                    }
                    let Some(scalar) = Scalar::of(builtin) else {
                        self.problem(
                            location.clone(),
                            format!("`{element}` is of type {builtin:?}, which is not supported"),
                        );
                        return None;
                    };
                    let label = label.unwrap_or_else(|| xs_name(builtin).to_owned());
                    let mut out = Ty::Scalar(scalar);
                    if scalar == Scalar::String {
                        if let Some(id) = self.plan.api.identifiers.get(element) {
                            out = Ty::Scalar(Scalar::identifier(*id));
                        } else if let Some(overlay) = self.overlay(element) {
                            out = overlay;
                        }
                    }
                    return Some((out, facets, label));
                }
                TypeRef::Defined(id) => {
                    let def = contract.ty(id);
                    label.get_or_insert_with(|| def_label(&def.name));
                    match &def.kind {
                        TypeKind::Simple(SimpleType::Restriction { base, facets: own }) => {
                            narrow(&mut facets, own);
                            current = *base;
                        }
                        TypeKind::Simple(SimpleType::Union { .. }) => {
                            let label = label.unwrap_or_default();
                            return Some((Ty::Scalar(Scalar::String), facets, label));
                        }
                        TypeKind::Simple(SimpleType::List { item, .. }) => {
                            let (item, _, _) = self.plan_ref(*item, element, location)?;
                            let label = label.unwrap_or_default();
                            return Some((Ty::List(Box::new(item)), Facets::default(), label));
                        }
                        TypeKind::Simple(SimpleType::Enumeration { .. }) | TypeKind::Complex(_) => {
                            let ty = self.plan_type(id)?;
                            return Some((ty, Facets::default(), label.unwrap_or_default()));
                        }
                    }
                }
            }
        }
    }

    fn overlay(&self, element: &str) -> Option<Ty> {
        self.enums.get(element).cloned().or_else(|| {
            let external = self.plan.shared.iter().find_map(|s| s.enums.get(element))?;
            Some(Ty::External(external.clone()))
        })
    }

    /// Plans an enumeration or a complex type.
    fn plan_type(&mut self, id: TypeId) -> Option<Ty> {
        if let Some(ty) = self.types.get(&id) {
            return Some(ty.clone());
        }
        let contract = self.plan.contract;
        let def = contract.ty(id);
        for shared in &self.plan.shared {
            if let Some(external) = shared.types.get(&def.name) {
                let ty = Ty::External(external.clone());
                self.types.insert(id, ty.clone());
                return Some(ty);
            }
        }
        let (wanted, module) = self.place(&def.name);
        let name = self.names.take(&wanted);
        let mut item = Item {
            name: name.clone(),
            module: module.clone(),
            wire: def_wire(&def.name),
            doc: def.doc.clone(),
            kind: ItemKind::Struct(StructPlan::default()),
            element: None,
            usage: self.usage_of(&def.name),
            location: def.location.clone(),
        };
        match &def.kind {
            TypeKind::Simple(SimpleType::Enumeration { values, .. }) => {
                let mut variants = Scope::with(&["Unknown"]);
                let values = values
                    .iter()
                    .map(|v| {
                        let variant = variants.take(&variant_name(&v.value));
                        (variant, v.value.clone(), v.doc.text.clone())
                    })
                    .collect();
                item.kind = ItemKind::Enum(EnumPlan { values });
                let ty = Ty::Enum(self.reserve(item));
                self.types.insert(id, ty.clone());
                Some(ty)
            }
            TypeKind::Complex(complex) => {
                let item = self.reserve(item);
                let ty = Ty::Struct(item);
                self.types.insert(id, ty.clone());
                let plan = self.plan_struct(complex, item, &name, &module, &def.location);
                self.plan.items[item.0].kind = ItemKind::Struct(plan);
                Some(ty)
            }
            TypeKind::Simple(_) => None,
        }
    }

    /// Name and module of a type: named types have a file each, the anonymous ones inside them
    /// stand in the same file.
    fn place(&mut self, name: &TypeName) -> (String, Vec<String>) {
        match name {
            TypeName::Named(q) => {
                let wanted = type_name(&q.local);
                let module = self.modules.take(&field_name(&wanted));
                (wanted, vec!["types".to_owned(), module])
            }
            TypeName::OfElement(q) => {
                let module = self.modules.take(&field_name(&q.local));
                (pascal(&q.local), vec!["types".to_owned(), module])
            }
            TypeName::Local { ns, path } => {
                let words: Vec<String> = path.iter().map(|step| type_name(step)).collect();
                let owner = path.first().cloned().unwrap_or_default();
                let module = self.module_of_owner(&QName::new(ns.clone(), owner));
                (words.concat(), module)
            }
        }
    }

    fn module_of_owner(&mut self, owner: &QName) -> Vec<String> {
        let contract = self.plan.contract;
        let found = self.types.iter().find_map(|(id, ty)| {
            let same = matches!(&contract.ty(*id).name,
                TypeName::Named(q) | TypeName::OfElement(q) if q == owner);
            match ty {
                Ty::Struct(item) | Ty::Enum(item) if same => Some(*item),
                _ => None,
            }
        });
        match found {
            Some(item) => self.plan.item(item).module.clone(),
            None => vec![
                "types".to_owned(),
                self.modules.take(&field_name(&owner.local)),
            ],
        }
    }

    fn plan_struct(
        &mut self,
        complex: &ComplexType,
        item: ItemId,
        name: &str,
        module: &[String],
        location: &Location,
    ) -> StructPlan {
        let usage = self.plan.item(item).usage;
        let mut plan = StructPlan::default();
        let mut fields = Scope::default();
        for attribute in &complex.attributes {
            let Some((ty, facets, label)) =
                self.plan_ref(attribute.ty, &attribute.name.local, location)
            else {
                continue;
            };
            plan.members.push(Member::Attribute(Field {
                rust: fields.take(&field_name(&attribute.name.local)),
                personal: ty.is_textual() && self.is_personal(&attribute.name.local),
                wire: attribute.name.clone(),
                ty,
                occurs: if attribute.required {
                    Occurs::One
                } else {
                    Occurs::Optional
                },
                nillable: false,
                blankable: false,
                items: false,
                boxed: false,
                facets,
                doc: attribute.doc.text.clone(),
                label,
                default: attribute.default.clone(),
                fixed: attribute.fixed.clone(),
            }));
        }
        if complex.any_attribute {
            plan.members
                .push(Member::AnyAttributes(fields.take("any_attributes")));
        }
        match &complex.content {
            Content::Empty => {}
            Content::Simple(ty) => {
                if let Some((ty, facets, label)) = self.plan_ref(*ty, "value", location) {
                    plan.members.push(Member::Text(Field {
                        rust: fields.take("value"),
                        wire: QName::new("", ""),
                        personal: false,
                        ty,
                        occurs: Occurs::One,
                        nillable: false,
                        blankable: false,
                        items: false,
                        boxed: false,
                        facets,
                        doc: "The element's text.".to_owned(),
                        label,
                        default: None,
                        fixed: None,
                    }));
                }
            }
            Content::Particle(particle) => {
                if complex.mixed {
                    let message = format!("`{name}` has mixed content");
                    self.problem(location.clone(), message);
                }
                let mut seen = BTreeSet::new();
                for element in particle.elements() {
                    if !seen.insert(element.name.clone()) {
                        self.problems.push(Diagnostic {
                            severity: Severity::Unsupported,
                            location: element.location.clone(),
                            snippet: None,
                            message: format!(
                                "`{}` stands twice in the content of `{name}`, which needs a \
                                 reader by position",
                                element.name.local
                            ),
                            help: None,
                        });
                    }
                }
                let mut owner = Owner {
                    name,
                    module,
                    usage,
                    fields: &mut fields,
                    location,
                };
                self.plan_particle(particle, false, &mut owner, &mut plan.members);
            }
        }
        plan
    }

    fn plan_particle(
        &mut self,
        particle: &Particle,
        optional: bool,
        owner: &mut Owner<'_>,
        members: &mut Vec<Member>,
    ) {
        if particle.max == Some(0) {
            return;
        }
        let optional = optional || particle.min == 0;
        match &particle.kind {
            ParticleKind::Element(element) => {
                if let Some(field) = self.plan_element(element, particle, optional, owner) {
                    members.push(Member::Element(field));
                }
            }
            ParticleKind::Sequence(inner) | ParticleKind::All(inner) => {
                if particle.max != Some(1) {
                    let message = format!("`{}` has a repeated sequence", owner.name);
                    self.problem(owner.location.clone(), message);
                    return;
                }
                for p in inner {
                    self.plan_particle(p, optional, owner, members);
                }
            }
            ParticleKind::Choice { arms, group } => {
                let occurs = match particle.max {
                    Some(1) => {
                        let emptiable = arms.iter().all(is_emptiable);
                        if optional || emptiable {
                            Occurs::Optional
                        } else {
                            Occurs::One
                        }
                    }
                    max => Occurs::Many {
                        min: particle.min,
                        max,
                    },
                };
                let group = group.as_ref().map(|g| g.local.as_str());
                if let Some(choice) = self.plan_choice(arms, group, occurs, owner) {
                    members.push(Member::Choice(choice));
                }
            }
            ParticleKind::Any { namespace } => {
                let occurs = match particle.max {
                    Some(1) => Occurs::Optional,
                    max => Occurs::Many { min: 0, max },
                };
                members.push(Member::Element(Field {
                    rust: owner.fields.take("any"),
                    doc: format!(
                        "What the contract does not describe (`xs:any`, namespaces `{namespace}`)."
                    ),
                    label: "xs:any".to_owned(),
                    ..wildcard(occurs)
                }));
            }
        }
    }

    fn plan_element(
        &mut self,
        element: &ElementUse,
        particle: &Particle,
        optional: bool,
        owner: &mut Owner<'_>,
    ) -> Option<Field> {
        let (ty, facets, label) =
            self.plan_ref(element.ty, &element.name.local, &element.location)?;
        let occurs = match (optional, particle.max) {
            (true, Some(1)) => Occurs::Optional,
            (false, Some(1)) => Occurs::One,
            (_, max) => Occurs::Many {
                min: if optional { 0 } else { particle.min },
                max,
            },
        };
        let blankable = self.plan.api.blank_is_absent
            && occurs == Occurs::One
            && !element.nillable
            && owner.usage
                == (Usage {
                    request: false,
                    response: true,
                })
            && ty.is_lexical()
            && !ty.keeps_blank();
        Some(Field {
            rust: owner.fields.take(&field_name(&element.name.local)),
            personal: ty.is_textual() && self.is_personal(&element.name.local),
            wire: element.name.clone(),
            ty,
            occurs,
            nillable: element.nillable,
            blankable,
            items: false,
            boxed: false,
            facets,
            doc: element.doc.text.clone(),
            label,
            default: element.default.clone(),
            fixed: element.fixed.clone(),
        })
    }

    fn plan_choice(
        &mut self,
        arms: &[Particle],
        group: Option<&str>,
        occurs: Occurs,
        owner: &mut Owner<'_>,
    ) -> Option<ChoiceUse> {
        let firsts: Vec<String> = arms.iter().filter_map(first_element).collect();
        let api = self.plan.api;
        let config = api.choices.iter().find(|c| c.arms == firsts);
        let signature = format!("{:?}", arms.iter().map(signature).collect::<Vec<_>>());
        let item = match self.choices.get(&signature) {
            Some(item) => *item,
            None => {
                let wanted = match (config, group) {
                    (Some(config), _) => config.name.clone(),
                    (None, Some(group)) => type_name(group),
                    (None, None) => format!("{}Choice", owner.name),
                };
                let name = self.names.take(&wanted);
                // A named choice serves several types and has a file of its own.
                let module = if config.is_some() || group.is_some() {
                    vec!["types".to_owned(), self.modules.take(&snake(&name))]
                } else {
                    owner.module.to_vec()
                };
                let doc = config.map_or_else(
                    || {
                        format!(
                            "One of: {}.",
                            firsts
                                .iter()
                                .map(|f| format!("`{f}`"))
                                .collect::<Vec<_>>()
                                .join(", ")
                        )
                    },
                    |c| c.doc.clone(),
                );
                let field = config.map_or_else(|| "choice".to_owned(), |c| c.field.clone());
                let item = self.reserve(Item {
                    name: name.clone(),
                    module: module.clone(),
                    wire: "xs:choice".to_owned(),
                    doc: Doc {
                        text: doc,
                        evidence: None,
                    },
                    kind: ItemKind::Choice(ChoicePlan {
                        arms: Vec::new(),
                        field,
                    }),
                    element: None,
                    usage: owner.usage,
                    location: owner.location.clone(),
                });
                self.choices.insert(signature, item);
                let planned = self.plan_arms(arms, &name, &module, config, owner, occurs);
                if let ItemKind::Choice(choice) = &mut self.plan.items[item.0].kind {
                    choice.arms = planned;
                }
                item
            }
        };
        let ItemKind::Choice(plan) = &self.plan.item(item).kind else {
            return None;
        };
        Some(ChoiceUse {
            rust: owner.fields.take(&plan.field),
            item,
            occurs,
            doc: self.plan.item(item).doc.text.clone(),
        })
    }

    fn plan_arms(
        &mut self,
        arms: &[Particle],
        name: &str,
        module: &[String],
        config: Option<&crate::config::ChoiceName>,
        owner: &Owner<'_>,
        occurs: Occurs,
    ) -> Vec<Arm> {
        let mut variants = Scope::default();
        let mut out = Vec::new();
        for arm in arms {
            let first = first_element(arm).unwrap_or_default();
            let wanted = config
                .and_then(|c| c.variants.get(&first).cloned())
                .unwrap_or_else(|| variant_name(&first));
            let variant = variants.take(&wanted);
            let mut fields = Scope::default();
            let mut inner = Owner {
                name,
                module,
                usage: owner.usage,
                fields: &mut fields,
                location: owner.location,
            };
            if let ParticleKind::Any { .. } = &arm.kind {
                let message = format!("`{name}` is a choice with any element (xs:any) as an arm");
                self.problem(owner.location.clone(), message);
                continue;
            }
            if let ParticleKind::Element(element) = &arm.kind {
                // An optional element in a choice is there when its arm is taken.
                let arm = Particle {
                    min: arm.min.max(1),
                    ..arm.clone()
                };
                if let Some(mut field) = self.plan_element(element, &arm, false, &mut inner) {
                    field.blankable = false;
                    out.push(Arm {
                        variant,
                        kind: ArmKind::Element(Box::new(field)),
                    });
                }
                continue;
            }
            if matches!(occurs, Occurs::Many { .. }) {
                let message = format!("`{name}` is a repeated choice with groups as arms");
                self.problem(owner.location.clone(), message);
                continue;
            }
            let item_name = self.names.take(&format!("{variant}{name}"));
            let item = self.reserve(Item {
                name: item_name.clone(),
                module: module.to_vec(),
                wire: "xs:sequence".to_owned(),
                doc: Doc {
                    text: format!("Arm of [`{name}`]."),
                    evidence: None,
                },
                kind: ItemKind::Struct(StructPlan::default()),
                element: None,
                usage: owner.usage,
                location: owner.location.clone(),
            });
            inner.name = &item_name;
            let mut plan = StructPlan {
                members: Vec::new(),
                is_arm: true,
            };
            self.plan_particle(arm, false, &mut inner, &mut plan.members);
            let boxed = plan.members.len() > 6;
            self.plan.items[item.0].kind = ItemKind::Struct(plan);
            out.push(Arm {
                variant,
                kind: ArmKind::Group { item, boxed },
            });
        }
        out
    }

    fn is_personal(&self, element: &str) -> bool {
        let api = self.plan.api;
        if api.not_personal.iter().any(|name| name == element) {
            return false;
        }
        api.personal.iter().any(|name| name == element) || looks_personal(element)
    }

    /// Puts a `Box` where structs would contain themselves.
    fn box_cycles(&mut self) {
        let edges: Vec<Vec<usize>> = (0..self.plan.items.len())
            .map(|i| self.direct_parts(ItemId(i)).iter().map(|t| t.0).collect())
            .collect();
        let reaches = |from: usize, to: usize| {
            let mut seen = BTreeSet::new();
            let mut todo = vec![from];
            while let Some(i) = todo.pop() {
                if i == to {
                    return true;
                }
                if seen.insert(i) {
                    todo.extend(&edges[i]);
                }
            }
            false
        };
        let mut boxed = Vec::new();
        for (i, parts) in edges.iter().enumerate() {
            for &part in parts {
                if reaches(part, i) {
                    boxed.push((i, part));
                }
            }
        }
        for (owner, part) in boxed {
            let set = |field: &mut Field| {
                if field.ty == Ty::Struct(ItemId(part)) {
                    field.boxed = true;
                }
            };
            match &mut self.plan.items[owner].kind {
                ItemKind::Struct(plan) => {
                    for member in &mut plan.members {
                        if let Member::Element(field) = member
                            && !matches!(field.occurs, Occurs::Many { .. })
                        {
                            set(field);
                        }
                    }
                }
                ItemKind::Choice(choice) => {
                    for arm in &mut choice.arms {
                        if let ArmKind::Element(field) = &mut arm.kind {
                            set(field);
                        }
                    }
                }
                ItemKind::Enum(_) | ItemKind::Newtype(_) => {}
            }
        }
    }

    /// Items that an item holds by value.
    fn direct_parts(&self, id: ItemId) -> Vec<ItemId> {
        let by_value = |field: &Field| match (&field.ty, field.occurs) {
            (_, Occurs::Many { .. }) => None,
            (Ty::Struct(item), _) => Some(*item),
            _ => None,
        };
        match &self.plan.item(id).kind {
            ItemKind::Struct(plan) => plan
                .members
                .iter()
                .filter_map(|member| match member {
                    Member::Element(field) => by_value(field),
                    Member::Choice(choice) if !matches!(choice.occurs, Occurs::Many { .. }) => {
                        Some(choice.item)
                    }
                    _ => None,
                })
                .collect(),
            ItemKind::Choice(choice) => choice
                .arms
                .iter()
                .filter_map(|arm| match &arm.kind {
                    ArmKind::Element(field) => by_value(field),
                    ArmKind::Group { item, boxed } => (!boxed).then_some(*item),
                })
                .collect(),
            ItemKind::Newtype(field) => by_value(field).into_iter().collect(),
            ItemKind::Enum(_) => Vec::new(),
        }
    }
}

/// A field for elements that the contract does not describe.
fn wildcard(occurs: Occurs) -> Field {
    Field {
        rust: String::new(),
        wire: QName::new("", ""),
        ty: Ty::Any,
        occurs,
        nillable: false,
        blankable: false,
        items: false,
        boxed: false,
        facets: Facets::default(),
        doc: String::new(),
        label: String::new(),
        personal: false,
        default: None,
        fixed: None,
    }
}

/// The type whose content is being planned.
struct Owner<'o> {
    name: &'o str,
    module: &'o [String],
    usage: Usage,
    fields: &'o mut Scope,
    location: &'o Location,
}

fn first_element(particle: &Particle) -> Option<String> {
    particle.elements().next().map(|e| e.name.local.clone())
}

fn is_emptiable(particle: &Particle) -> bool {
    particle.min == 0
        || match &particle.kind {
            ParticleKind::Element(_) => false,
            ParticleKind::Sequence(inner) | ParticleKind::All(inner) => {
                inner.iter().all(is_emptiable)
            }
            ParticleKind::Choice { arms, .. } => arms.iter().any(is_emptiable),
            ParticleKind::Any { .. } => false,
        }
}

/// Tells equal choices from different ones: names, types and occurrence count, words do not.
fn signature(particle: &Particle) -> String {
    let occurs = format!("{}..{:?}", particle.min, particle.max);
    match &particle.kind {
        ParticleKind::Element(e) => format!("{}:{:?}:{}:{occurs}", e.name, e.ty, e.nillable),
        ParticleKind::Sequence(inner) => {
            format!(
                "seq{:?}{occurs}",
                inner.iter().map(signature).collect::<Vec<_>>()
            )
        }
        ParticleKind::All(inner) => {
            format!(
                "all{:?}{occurs}",
                inner.iter().map(signature).collect::<Vec<_>>()
            )
        }
        ParticleKind::Choice { arms, .. } => {
            format!(
                "choice{:?}{occurs}",
                arms.iter().map(signature).collect::<Vec<_>>()
            )
        }
        ParticleKind::Any { namespace } => format!("any{namespace}{occurs}"),
    }
}

/// Facets of a derivation step over those of the steps above it.
fn narrow(facets: &mut Facets, base: &Facets) {
    facets.min_length = facets.min_length.max(base.min_length);
    facets.max_length = match (facets.max_length, base.max_length) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    facets.patterns.extend(base.patterns.iter().cloned());
    let keep = |own: &mut Option<String>, base: &Option<String>| {
        if own.is_none() {
            own.clone_from(base);
        }
    };
    keep(&mut facets.min_inclusive, &base.min_inclusive);
    keep(&mut facets.max_inclusive, &base.max_inclusive);
    keep(&mut facets.min_exclusive, &base.min_exclusive);
    keep(&mut facets.max_exclusive, &base.max_exclusive);
}

fn def_label(name: &TypeName) -> String {
    match name {
        TypeName::Named(q) | TypeName::OfElement(q) => q.local.clone(),
        TypeName::Local { path, .. } => path.last().cloned().unwrap_or_default(),
    }
}

fn def_wire(name: &TypeName) -> String {
    match name {
        TypeName::Named(q) | TypeName::OfElement(q) => q.to_string(),
        TypeName::Local { path, .. } => path.join("/"),
    }
}

/// Names that hold personal data in any operator's API, found by pattern so that contracts nobody
/// has looked at are safe too.
fn looks_personal(element: &str) -> bool {
    let name = snake(element);
    let words: Vec<&str> = name.split('_').collect();
    let any = |list: &[&str]| {
        words
            .iter()
            .any(|w| list.contains(&w.trim_end_matches(char::is_numeric)))
    };
    any(&[
        "icc",
        "iccid",
        "imsi",
        "msisdn",
        "eid",
        "imei",
        "imeisv",
        "pin",
        "puk",
        "phone",
        "mobile",
        "email",
        "mail",
        "ip",
        "ipv",
        "address",
        "street",
        "line",
        "city",
        "fax",
        "username",
        "user",
        "firstname",
        "lastname",
        "surname",
        "password",
        "token",
        "secret",
        "latitude",
        "longitude",
        "postal",
        "postcode",
        "zip",
        "alias",
        "fiscal",
        "iban",
        "otp",
    ]) || name.ends_with("postal_code")
        || matches!(
            name.as_str(),
            "name" | "first_name" | "last_name" | "text" | "payload"
        )
        || name.starts_with("static_ip")
        || name.starts_with("additional_static_ip")
        || name.starts_with("custom_field")
}

fn xs_name(builtin: Builtin) -> &'static str {
    use Builtin as B;
    match builtin {
        B::AnyType => "xs:anyType",
        B::AnySimpleType => "xs:anySimpleType",
        B::String => "xs:string",
        B::NormalizedString => "xs:normalizedString",
        B::Token => "xs:token",
        B::Tokens => "xs:NMTOKENS",
        B::Boolean => "xs:boolean",
        B::Byte => "xs:byte",
        B::UnsignedByte => "xs:unsignedByte",
        B::Short => "xs:short",
        B::UnsignedShort => "xs:unsignedShort",
        B::Int => "xs:int",
        B::UnsignedInt => "xs:unsignedInt",
        B::Long => "xs:long",
        B::UnsignedLong => "xs:unsignedLong",
        B::Integer => "xs:integer",
        B::NonNegativeInteger => "xs:nonNegativeInteger",
        B::PositiveInteger => "xs:positiveInteger",
        B::NonPositiveInteger => "xs:nonPositiveInteger",
        B::NegativeInteger => "xs:negativeInteger",
        B::Decimal => "xs:decimal",
        B::Float => "xs:float",
        B::Double => "xs:double",
        B::DateTime => "xs:dateTime",
        B::Date => "xs:date",
        B::Time => "xs:time",
        B::GYearMonth => "xs:gYearMonth",
        B::GYear => "xs:gYear",
        B::GMonthDay => "xs:gMonthDay",
        B::GDay => "xs:gDay",
        B::GMonth => "xs:gMonth",
        B::Duration => "xs:duration",
        B::Base64Binary => "xs:base64Binary",
        B::HexBinary => "xs:hexBinary",
    }
}
