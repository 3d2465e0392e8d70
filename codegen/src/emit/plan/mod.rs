//! From the model to Rust: which items there are, what they are called, where they go.
//!
//! Nothing here writes code; [`super::types`] and [`super::codec`] print what was planned.

mod content;
mod cycles;
mod families;
mod normal;
mod personal;
mod planner;
mod scalar;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Api, EnumOverlay};
use crate::diag::{Location, Problems};
use crate::model::{Contract, Doc, Evidence, Facets, QName, TypeName};
use crate::reach::Usage;
pub(crate) use families::{derived, family};
pub(crate) use personal::is_personal;
use planner::Planner;
pub(crate) use scalar::Scalar;

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
    /// A type and those derived from it.
    Family(FamilyPlan),
    /// A root element of a type that has a name of its own.
    Newtype(Box<Field>),
}

#[derive(Debug, Default)]
pub(crate) struct StructPlan {
    pub(crate) members: Vec<Member>,
    /// It is an arm of a choice or a group: it has no element of its own.
    pub(crate) is_arm: bool,
    /// It is read by position.
    pub(crate) ordered: bool,
}

/// What a struct holds, in schema order.
#[derive(Debug)]
pub(crate) enum Member {
    Attribute(Field),
    /// Attributes that the contract does not describe; the Rust name.
    AnyAttributes(String),
    Text(Field),
    Element(Field),
    /// A choice, or a group: what has no element of its own.
    Choice(ChoiceUse),
}

/// Use of a choice, or of a group that repeats or that is there or not as a whole.
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
    /// It is read by position.
    pub(crate) ordered: bool,
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

#[derive(Debug, Default)]
pub(crate) struct FamilyPlan {
    pub(crate) kinds: Vec<FamilyKind>,
}

/// One of the types of a family.
#[derive(Debug)]
pub(crate) struct FamilyKind {
    pub(crate) variant: String,
    /// What `xsi:type` says.
    pub(crate) name: QName,
    pub(crate) ty: Ty,
    /// It needs no `xsi:type`.
    pub(crate) is_base: bool,
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
    /// How well it is known, when that is said of the field itself.
    pub(crate) evidence: Option<Evidence>,
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
    /// A list in one text: the type of its items, and the facets of each.
    List(Box<Ty>, Box<Facets>),
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
            Self::Scalar(_) | Self::Enum(_) | Self::List(..) => true,
            Self::Struct(_) | Self::Any => false,
            Self::External(e) => e.lexical,
        }
    }

    /// A blank text is a value of it: texts, and enumerations, which keep what they do not know.
    fn keeps_blank(&self) -> bool {
        match self {
            Self::Enum(_) | Self::List(..) => true,
            Self::External(external) => external.lexical,
            _ => self.is_textual(),
        }
    }

    /// An identifier of the runtime, which masks itself.
    pub(crate) fn is_identifier(&self) -> bool {
        self.is_textual() && *self != Self::Scalar(Scalar::String)
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

/// A shared crate that is already planned.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedNames {
    pub(crate) types: BTreeMap<TypeName, External>,
    pub(crate) elements: BTreeMap<QName, External>,
    /// Enumerations of a type and those derived from it.
    pub(crate) families: BTreeMap<TypeName, External>,
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
    /// The method that also takes or gives header blocks.
    pub(crate) method_with_headers: String,
    pub(crate) request: Option<ItemId>,
    pub(crate) response: Option<ItemId>,
    /// Header blocks of the request, of the response.
    pub(crate) request_headers: Option<ItemId>,
    pub(crate) response_headers: Option<ItemId>,
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
        let enums = input.enums;
        Planner::new(input).run(enums)
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
                let of_kind = match item.kind {
                    ItemKind::Family(_) => &mut out.families,
                    _ => &mut out.types,
                };
                of_kind.insert(name, external(i, item));
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

    /// The items that an item is made of.
    pub(crate) fn direct(&self, id: ItemId) -> Vec<ItemId> {
        let of = |ty: &Ty| match ty {
            Ty::Struct(id) | Ty::Enum(id) => Some(*id),
            _ => None,
        };
        match &self.item(id).kind {
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
            ItemKind::Family(plan) => plan.kinds.iter().filter_map(|k| of(&k.ty)).collect(),
            ItemKind::Enum(_) => Vec::new(),
        }
    }

    /// Module and name of what an item is made of, all the way down, itself left out.
    fn parts(&self, id: ItemId) -> Vec<(String, String)> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![id];
        while let Some(next) = todo.pop() {
            let direct = self.direct(next);
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
                Ty::List(item, _) => of(item),
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
                ItemKind::Family(plan) => out.extend(plan.kinds.iter().filter_map(|k| of(&k.ty))),
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
