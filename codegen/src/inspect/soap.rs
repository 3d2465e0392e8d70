//! A WSDL and its schemas.

use super::{Element, Field, Inspection, Kind, Message, Operation, Port, Type, facets, free};
use crate::model::{
    self, Builtin, Content, Contract, Derivation, HeaderKind, Particle, ParticleKind, QName,
    SimpleType, SoapVersion, Style, TypeKind, TypeName, TypeRef,
};

pub(super) fn inspect(contract: &Contract) -> Inspection {
    let names = names(contract);
    let reader = Reader { contract, names };
    let mut out = Inspection {
        name: contract.name.clone(),
        protocol: protocol(contract.soap),
        namespace: contract.target_namespace.clone(),
        address: contract.address.clone(),
        ..Inspection::default()
    };
    for port in &contract.ports {
        let ports = out.services.entry(port.service.clone()).or_default();
        let entry = Port {
            protocol: protocol(port.soap),
            address: port.address.clone(),
            operations: Vec::new(),
        };
        ports.insert(port.name.clone(), entry);
    }
    for operation in &contract.operations {
        let name = free(operation.name.clone(), |n| out.operations.contains_key(n));
        for port in operation
            .ports
            .iter()
            .filter_map(|i| contract.ports.get(*i))
        {
            let ports = out.services.get_mut(&port.service);
            if let Some(port) = ports.and_then(|ports| ports.get_mut(&port.name)) {
                port.operations.push(name.clone());
            }
        }
        out.operations.insert(name, reader.operation(operation));
    }
    for element in contract.elements.values() {
        let entry = Element {
            ty: reader.label(element.ty),
            nillable: element.nillable,
        };
        out.elements.insert(qualified(&element.name), entry);
    }
    for (i, ty) in contract.types.iter().enumerate() {
        out.types.insert(reader.names[i].clone(), reader.ty(ty));
    }
    out
}

fn protocol(soap: SoapVersion) -> String {
    match soap {
        SoapVersion::V11 => "SOAP 1.1".to_owned(),
        SoapVersion::V12 => "SOAP 1.2".to_owned(),
    }
}

/// `{namespace}local`, or `local` in no namespace.
fn qualified(name: &QName) -> String {
    if name.ns.is_empty() {
        name.local.clone()
    } else {
        name.to_string()
    }
}

fn names(contract: &Contract) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    let mut out = Vec::with_capacity(contract.types.len());
    for ty in &contract.types {
        let name = match &ty.name {
            TypeName::Named(name) => qualified(name),
            TypeName::OfElement(name) => format!("element {}", qualified(name)),
            TypeName::Local { ns, path } => qualified(&QName::new(ns, path.join("/"))),
        };
        let name = free(name, |n| taken.contains(n));
        taken.insert(name.clone());
        out.push(name);
    }
    out
}

/// `xs:dateTime`: the model's names are those of XML Schema but for the first letter.
fn builtin(builtin: Builtin) -> String {
    let name = format!("{builtin:?}");
    let (first, rest) = name.split_at(1);
    format!("xs:{}{rest}", first.to_ascii_lowercase())
}

struct Reader<'a> {
    contract: &'a Contract,
    names: Vec<String>,
}

/// What stands around a particle.
#[derive(Clone, Copy)]
struct Around {
    min: u32,
    max: Option<u32>,
    choice: Option<u32>,
    arm: Option<u32>,
    group: Option<u32>,
}

/// Numbers given within a type.
#[derive(Default)]
struct Numbers {
    choices: u32,
    arms: u32,
    groups: u32,
}

impl Reader<'_> {
    fn label(&self, ty: TypeRef) -> String {
        match ty {
            TypeRef::Builtin(of) => builtin(of),
            TypeRef::Defined(id) => self.names[id.0].clone(),
        }
    }

    fn message(&self, element: &QName, headers: &[model::Header]) -> Message {
        let global = self.contract.elements.get(element);
        Message {
            element: Some(qualified(element)),
            ty: global.map(|global| self.label(global.ty)),
            headers: self.headers(headers),
            ..Message::default()
        }
    }

    fn headers(&self, headers: &[model::Header]) -> Vec<String> {
        let name = |header: &model::Header| match &header.kind {
            HeaderKind::Element(name) | HeaderKind::Type(name) => qualified(name),
        };
        headers.iter().map(name).collect()
    }

    fn operation(&self, operation: &model::Operation) -> Operation {
        let faults = operation.faults.iter().map(|fault| {
            let message = self.message(&fault.element, &[]);
            (fault.name.clone(), message)
        });
        let body =
            |message: &Option<model::Message>, headers: &[model::Header], block: &Option<QName>| {
                let message = message.as_ref()?;
                let mut out = self.message(&message.element, headers);
                let block = block.as_ref().and_then(|b| self.contract.elements.get(b));
                out.header_block = block.map(|block| self.label(block.ty));
                if message.is_bare {
                    // Its parts stand in the body; the element is the reader's.
                    out.element = None;
                }
                Some(out)
            };
        let style = match operation.style {
            Style::Document => "document",
            Style::Rpc => "rpc",
        };
        Operation {
            style: Some(style.to_owned()),
            soap_action: operation.soap_action.clone(),
            input: body(
                &operation.input,
                &operation.input_headers,
                &operation.input_block,
            ),
            output: body(
                &operation.output,
                &operation.output_headers,
                &operation.output_block,
            ),
            faults: faults.collect(),
            ..Operation::default()
        }
    }

    fn ty(&self, ty: &model::TypeDef) -> Type {
        match &ty.kind {
            TypeKind::Simple(simple) => self.simple(simple),
            TypeKind::Complex(complex) => self.complex(complex),
        }
    }

    fn simple(&self, simple: &SimpleType) -> Type {
        match simple {
            SimpleType::Restriction { base, facets: of } => Type {
                kind: Kind::Simple,
                base: Some(self.label(*base)),
                facets: facets(of),
                ..Type::default()
            },
            SimpleType::Enumeration { base, values } => Type {
                kind: Kind::Enumeration,
                base: Some(self.label(*base)),
                values: values.iter().map(|v| v.value.clone()).collect(),
                ..Type::default()
            },
            SimpleType::List { item, facets: of } => Type {
                kind: Kind::List,
                base: Some(self.label(*item)),
                facets: facets(of),
                ..Type::default()
            },
            SimpleType::Union { members } => Type {
                kind: Kind::Union,
                members: members.iter().map(|m| self.label(*m)).collect(),
                ..Type::default()
            },
        }
    }

    fn complex(&self, complex: &model::ComplexType) -> Type {
        let mut out = Type {
            is_abstract: complex.is_abstract,
            open: complex.any_attribute || complex.mixed,
            ..Type::default()
        };
        for (word, is) in [
            ("any attribute", complex.any_attribute),
            ("mixed", complex.mixed),
        ] {
            if is {
                out.open_to.push(word.to_owned());
            }
        }
        match complex.base {
            Some((Derivation::Extension, base)) => out.extends = Some(self.label(base)),
            Some((Derivation::Restriction, base)) => out.base = Some(self.label(base)),
            None => {}
        }
        match &complex.content {
            Content::Empty => {}
            Content::Simple(ty) => out.text = Some(self.label(*ty)),
            Content::Particle(particle) => {
                let around = Around {
                    min: 1,
                    max: Some(1),
                    choice: None,
                    arm: None,
                    group: None,
                };
                self.particle(particle, around, &mut Numbers::default(), &mut out);
            }
        }
        out.attributes = complex
            .attributes
            .iter()
            .map(|attribute| Field {
                name: qualified(&attribute.name),
                ty: self.label(attribute.ty),
                min: u32::from(attribute.required),
                max: Some(1),
                default: attribute.default.clone(),
                fixed: attribute.fixed.clone(),
                ..Field::default()
            })
            .collect();
        out
    }

    fn particle(&self, particle: &Particle, around: Around, numbers: &mut Numbers, out: &mut Type) {
        let mut here = Around {
            min: around.min.saturating_mul(particle.min),
            max: match (around.max, particle.max) {
                (Some(a), Some(b)) => Some(a.saturating_mul(b)),
                (Some(0), None) | (None, Some(0)) => Some(0),
                _ => None,
            },
            ..around
        };
        let several = match &particle.kind {
            ParticleKind::Sequence(inner)
            | ParticleKind::All(inner)
            | ParticleKind::Choice { arms: inner, .. } => inner.len() > 1,
            ParticleKind::Element(_) | ParticleKind::Any { .. } => false,
        };
        if several && particle.max != Some(1) {
            numbers.groups += 1;
            here.group = Some(numbers.groups);
        }
        match &particle.kind {
            ParticleKind::Element(element) => out.fields.push(Field {
                name: qualified(&element.name),
                ty: self.label(element.ty),
                min: here.min,
                max: here.max,
                nillable: element.nillable,
                choice: here.choice,
                arm: here.arm,
                group: here.group,
                substitutes: self.substitutes(element),
                default: element.default.clone(),
                fixed: element.fixed.clone(),
                ..Field::default()
            }),
            ParticleKind::Sequence(inner) | ParticleKind::All(inner) => {
                for particle in inner {
                    self.particle(particle, here, numbers, out);
                }
            }
            ParticleKind::Choice { arms, .. } => {
                if arms.len() > 1 {
                    here.min = 0;
                    numbers.choices += 1;
                    // Of nested choices the outer one says which arms exclude each other.
                    here.choice = here.choice.or(Some(numbers.choices));
                }
                for particle in arms {
                    let mut here = here;
                    if let ParticleKind::Sequence(inner) | ParticleKind::All(inner) = &particle.kind
                        && inner.len() > 1
                    {
                        numbers.arms += 1;
                        here.arm = Some(numbers.arms);
                    }
                    self.particle(particle, here, numbers, out);
                }
            }
            ParticleKind::Any { .. } => {
                out.open = true;
                if !out.open_to.iter().any(|word| word == "any") {
                    out.open_to.push("any".to_owned());
                }
            }
        }
    }

    /// Elements that may stand where this one is referred to.
    fn substitutes(&self, element: &model::ElementUse) -> Vec<String> {
        let head = self.contract.elements.get(&element.name);
        let head = head.filter(|_| element.is_ref);
        head.map_or_else(Vec::new, |head| {
            head.substitutes.iter().map(qualified).collect()
        })
    }
}
