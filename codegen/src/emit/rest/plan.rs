//! From the model to Rust: names, files, types of fields.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::super::docs::prose;
use super::super::names::{Scope, field_name, pascal, variant_name};
use super::super::plan::is_personal;
use super::super::record::{Kind, MAX_NEW, RecordMember};
use super::super::sheets::faults_apart;
use super::super::types::ident;
use crate::config::{Api, Idempotency, Identifier, OperationPolicy};
use crate::diag::{Diagnostic, Problems, Severity};
use crate::model::{Doc, Evidence};
use crate::openapi::model::{
    Content, ParameterPlace, RestContract, RestOperation, Scalar, Statuses, Style, TypeExpr,
    TypeId, TypeKind, Use,
};
use crate::openapi::{RESERVED, Shape, Shapes};
use crate::reach::Usage;

/// Names that a client has already.
const CLIENT: &[&str] = &[
    "new",
    "from_endpoint",
    "endpoint",
    "with_options",
    "with_credential",
];

/// Alternatives that take more bytes are boxed.
pub(super) const LARGE: usize = 128;

/// Rust type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ty {
    Scalar(Scalar),
    Identifier(Identifier),
    Named(TypeId),
    List(Box<Ty>),
    /// A list whose items may fail one by one.
    Items(Box<Ty>),
    Map(Box<Ty>),
    /// An item of a list or a value of a map that may be `null`.
    Nullable(Box<Ty>),
    Any,
    File,
}

impl Ty {
    /// The type of what is in a list or map.
    fn within(self, of: &Use) -> Box<Self> {
        // Any value may be null as it is.
        Box::new(match self {
            Self::Any => Self::Any,
            ty if of.nullable => Self::Nullable(Box::new(ty)),
            ty => ty,
        })
    }

    /// A blank text is a value of it.
    fn keeps_blank(&self, plan: &RestPlan<'_>) -> bool {
        match self {
            Self::Named(id) => matches!(plan.contract.ty(*id).kind, TypeKind::Enum { .. }),
            Self::Identifier(_) => true,
            Self::Scalar(scalar) => {
                matches!(
                    scalar,
                    Scalar::String | Scalar::Digits | Scalar::LenientString
                )
            }
            _ => false,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Identifier(_)
                | Self::Scalar(Scalar::String | Scalar::Digits | Scalar::LenientString)
        )
    }
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) rust: String,
    pub(super) wire: String,
    pub(super) ty: Ty,
    pub(super) boxed: bool,
    pub(super) required: bool,
    /// `null` is a value of its own.
    pub(super) nullable: bool,
    /// Where absent and empty are the same.
    pub(super) empty_is_absent: bool,
    /// Its type in the document, with bounds.
    pub(super) of: Use,
    pub(super) doc: String,
    pub(super) personal: bool,
    pub(super) label: String,
    pub(super) default: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) evidence: Option<Evidence>,
    /// `null` is read as absent.
    pub(super) may_be_null: bool,
    /// A single item may come without the list.
    pub(super) one_or_many: bool,
}

/// Members that are not listed.
#[derive(Debug)]
pub(super) struct Additional {
    /// The field that holds them.
    pub(super) rust: String,
    pub(super) ty: Ty,
    /// Their type in the document, with bounds.
    pub(super) of: Use,
}

/// A type of the crate.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: TypeId,
    pub(super) name: String,
    /// `faults`, or `types` and the file.
    pub(super) module: Vec<String>,
    pub(super) usage: Usage,
    pub(super) kind: ItemKind,
    /// It is sent in parts.
    pub(super) multipart: bool,
}

#[derive(Debug)]
pub(super) enum ItemKind {
    Struct {
        fields: Vec<Field>,
        additional: Option<Box<Additional>>,
        /// How many members have to be set, and may be.
        count: (Option<u64>, Option<u64>),
    },
    /// Variant and text; whether they are numbers.
    Enum(Vec<(String, String)>, bool),
    OneOf {
        arms: Vec<ArmPlan>,
        discriminator: Option<String>,
    },
}

#[derive(Debug)]
pub(super) struct ArmPlan {
    pub(super) variant: String,
    pub(super) ty: Ty,
    pub(super) boxed: bool,
    pub(super) tags: Vec<String>,
}

/// What an answer of a success status is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Nothing,
    Json(Ty),
    Text,
    Stream,
}

/// A success.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) statuses: Statuses,
    pub(super) payload: Payload,
    pub(super) headers: Vec<Field>,
    pub(super) doc: String,
    /// Variant, where there are several.
    pub(super) variant: String,
    /// Struct of body and headers, where there are headers.
    pub(super) head: Option<String>,
}

/// An operation with its names.
#[derive(Debug)]
pub(super) struct OperationPlan<'a> {
    pub(super) model: &'a RestOperation,
    pub(super) module: String,
    pub(super) method: String,
    pub(super) request: String,
    /// Parameters, in the order of the model.
    pub(super) parameters: Vec<Field>,
    pub(super) body: Option<Field>,
    pub(super) successes: Vec<Success>,
    /// Name of the enum, where there are several.
    pub(super) several: Option<String>,
    /// Types of documented errors.
    pub(super) faults: Vec<(Statuses, TypeId)>,
    pub(super) policy: OperationPolicy,
}

pub(super) struct RestPlan<'a> {
    pub(super) contract: &'a RestContract,
    pub(super) api: &'a Api,
    pub(super) items: Vec<Item>,
    pub(super) operations: Vec<OperationPlan<'a>>,
    /// Names of the operations, as types have names.
    pub(super) calls: BTreeSet<String>,
    /// Types that are documented errors.
    pub(super) faults: BTreeSet<TypeId>,
    /// Types of alternatives that are tried one after the other, and what they hold.
    pub(super) tried: BTreeSet<TypeId>,
}

#[derive(Default)]
struct Sides {
    request: BTreeSet<TypeId>,
    response: BTreeSet<TypeId>,
    fault: BTreeSet<TypeId>,
    multipart: BTreeSet<TypeId>,
    /// Those that are JSON somewhere.
    json: BTreeSet<TypeId>,
}

impl<'a> RestPlan<'a> {
    pub(super) fn new(
        contract: &'a RestContract,
        api: &'a Api,
        shapes: &Shapes,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut faults = BTreeSet::new();
        let sides = sides(contract, &mut faults);
        let mut plan = Self {
            contract,
            api,
            items: Vec::new(),
            operations: Vec::new(),
            calls: contract
                .operations
                .iter()
                .map(|op| pascal(&op.name))
                .collect(),
            faults,
            tried: tried(contract),
        };
        let mut files = Scope::with(&["mod"]);
        for (index, def) in contract.types.iter().enumerate() {
            let id = TypeId(index);
            let usage = Usage {
                request: sides.request.contains(&id),
                response: sides.response.contains(&id) || sides.fault.contains(&id),
            };
            let only_fault = sides.fault.contains(&id)
                && !sides.request.contains(&id)
                && !sides.response.contains(&id);
            let module = if only_fault {
                vec!["faults".to_owned()]
            } else {
                vec!["types".to_owned(), files.take(&module_name(&def.name))]
            };
            let multipart = sides.multipart.contains(&id);
            // What is JSON elsewhere has a codec; its files are texts.
            let files_in_it = multipart && !sides.json.contains(&id);
            let kind = plan.kind(id, usage, files_in_it, shapes, &mut problems);
            plan.items.push(Item {
                id,
                name: def.name.clone(),
                module,
                usage,
                kind,
                multipart,
            });
        }
        let mut requests = Scope::with(RESERVED);
        let mut named = Vec::new();
        for model in &contract.operations {
            let name = pascal(&model.name);
            let name = if requests.has(&name) {
                requests.take(&format!("{name}Request"))
            } else {
                requests.take(&name)
            };
            named.push(name);
        }
        let mut modules = Scope::with(&["mod"]);
        for (model, request) in contract.operations.iter().zip(named) {
            let module = modules.take(&module_name(&model.name));
            let op = plan.operation(model, request, module, &mut requests);
            plan.operations.push(op);
        }
        let modules = plan.items.iter_mut().map(|i| (&i.name, &mut i.module));
        faults_apart(modules);
        if problems.is_empty() {
            Ok(plan)
        } else {
            Err(Problems { list: problems })
        }
    }

    pub(super) fn item(&self, id: TypeId) -> &Item {
        &self.items[id.0]
    }

    /// Bytes of a value in memory, about; what is boxed or on the heap counts as a pointer.
    pub(super) fn size(&self, ty: &Ty, depth: usize) -> usize {
        match ty {
            Ty::Scalar(scalar) => match scalar {
                Scalar::Bool | Scalar::LenientBool => 2,
                Scalar::I32 | Scalar::LenientI32 => 8,
                Scalar::I64 | Scalar::LenientI64 | Scalar::F64 | Scalar::LenientF64 => 16,
                _ => 24,
            },
            Ty::Identifier(_) => 16,
            Ty::Named(id) if depth < 12 => match &self.contract.ty(*id).kind {
                TypeKind::Enum { .. } => 24,
                TypeKind::OneOf { .. } => 128,
                TypeKind::Object { properties, .. } => properties
                    .iter()
                    .map(|p| {
                        self.size(
                            &self.use_ty(&p.ty, &p.name, Usage::default(), false),
                            depth + 1,
                        )
                    })
                    .sum(),
            },
            _ => 24,
        }
    }

    pub(super) fn path(&self, id: TypeId) -> TokenStream {
        let item = self.item(id);
        let module = item.module.iter().map(|m| ident(m));
        let name = ident(&item.name);
        quote!(crate::#(#module::)*#name)
    }

    pub(super) fn doc_path(&self, id: TypeId) -> String {
        let item = self.item(id);
        format!("crate::{}::{}", item.module[0], item.name)
    }

    /// Rust type of one value.
    pub(super) fn ty(&self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::Scalar(scalar) => scalar_type(*scalar),
            Ty::Identifier(identifier) => {
                let name = ident(&format!("{identifier:?}"));
                quote!(mno_runtime::values::#name)
            }
            Ty::Named(id) => self.path(*id),
            Ty::List(item) => {
                let item = self.ty(item);
                quote!(Vec<#item>)
            }
            Ty::Items(item) => {
                let item = self.ty(item);
                quote!(mno_runtime::json::Items<#item>)
            }
            Ty::Map(value) => {
                let value = self.ty(value);
                quote!(std::collections::BTreeMap<String, #value>)
            }
            Ty::Nullable(value) => {
                let value = self.ty(value);
                quote!(mno_runtime::json::Nullable<#value>)
            }
            Ty::Any => quote!(mno_runtime::json::Value),
            Ty::File => quote!(mno_runtime::rest::File),
        }
    }

    /// Rust type of one value of a field: boxed, nullable.
    pub(super) fn value_type(&self, field: &Field) -> TokenStream {
        let mut ty = self.ty(&field.ty);
        if field.boxed {
            ty = quote!(Box<#ty>);
        }
        if field.nullable {
            ty = quote!(mno_runtime::json::Nullable<#ty>);
        }
        ty
    }

    pub(super) fn field_type(&self, field: &Field) -> TokenStream {
        let ty = self.value_type(field);
        if field.required || field.empty_is_absent {
            ty
        } else {
            quote!(Option<#ty>)
        }
    }

    pub(super) fn record_member(&self, field: &Field, of_item: Option<Evidence>) -> RecordMember {
        let plain = !field.nullable && !field.boxed;
        let list = match &field.ty {
            Ty::List(item) | Ty::Items(item) if plain => Some(self.ty(item)),
            _ => None,
        };
        let optional = !field.required && !field.empty_is_absent;
        RecordMember {
            rust: field.rust.clone(),
            doc: field_doc(field, of_item),
            ty: self.field_type(field),
            kind: match (list.is_some(), optional) {
                (true, true) => Kind::OptionalList,
                (true, false) => Kind::List,
                (false, true) => Kind::Optional,
                (false, false) => Kind::One,
            },
            one: list.unwrap_or_else(|| self.value_type(field)),
            required: field.required,
            initial: None,
            personal: field.personal && !matches!(field.ty, Ty::Identifier(_) | Ty::File),
        }
    }

    // ---------------------------------------------------------------------------------- types

    fn kind(
        &self,
        id: TypeId,
        usage: Usage,
        multipart: bool,
        shapes: &Shapes,
        problems: &mut Vec<Diagnostic>,
    ) -> ItemKind {
        let def = self.contract.ty(id);
        let mut refuse = |message: String| {
            problems.push(Diagnostic {
                severity: Severity::Unsupported,
                location: def.location.clone(),
                snippet: None,
                message,
                help: Some("a bug of the generator, not of the document".to_owned()),
                tried: Box::default(),
            });
        };
        match &def.kind {
            TypeKind::Enum {
                values,
                names,
                numeric,
            } => {
                let mut scope = Scope::with(&["Unknown", "ALL"]);
                let values = values.iter().enumerate().map(|(at, value)| {
                    let name = match names.get(at) {
                        Some(name) => variant_name(name),
                        None if value.trim().is_empty() => "Blank".to_owned(),
                        None => variant_name(value),
                    };
                    (scope.take(&name), value.clone())
                });
                ItemKind::Enum(values.collect(), *numeric)
            }
            TypeKind::Object {
                properties,
                additional,
                count,
            } => {
                // A builder has a method of this name.
                let builds = properties.iter().filter(|p| p.required).count() > MAX_NEW;
                let mut scope = Scope::with(if builds { &["build"] } else { &[] });
                let mut fields = Vec::new();
                for (at, property) in properties.iter().enumerate() {
                    let Some(shape) = shapes.member(id, at) else {
                        refuse(format!("`{}` of `{}` has no type", property.name, def.wire));
                        continue;
                    };
                    let (shape, boxed) = shape.inner();
                    let ty = self.field_ty(shape, &property.ty, &property.name, usage, multipart);
                    let rust = scope.take(&field_name(&property.name));
                    let mut field = self.field(
                        &def.name,
                        rust,
                        &property.name,
                        &property.ty,
                        ty,
                        &property.doc,
                    );
                    field.boxed = boxed;
                    field.required = property.required;
                    let answers_only = usage.response && !usage.request;
                    if answers_only && self.api.blank_is_absent && !field.ty.keeps_blank(self) {
                        field.required = false;
                    }
                    if usage.request && !multipart {
                        field.nullable = property.ty.nullable;
                    } else {
                        field.required &= !property.ty.nullable;
                        field.empty_is_absent = !field.required
                            && !boxed
                            && matches!(field.ty, Ty::List(_) | Ty::Items(_));
                    }
                    fields.push(field);
                }
                let additional = additional.as_ref().map(|value| {
                    Box::new(Additional {
                        rust: scope.take("additional"),
                        ty: *self.use_ty(value, "", usage, false).within(value),
                        of: (**value).clone(),
                    })
                });
                ItemKind::Struct {
                    fields,
                    additional,
                    count: *count,
                }
            }
            TypeKind::OneOf {
                arms,
                discriminator,
            } => {
                let arms = arms.iter().enumerate().map(|(at, arm)| {
                    let shape = shapes.member(id, at).map(Shape::inner);
                    let (ty, boxed) = match shape {
                        Some((shape, boxed)) => {
                            (self.field_ty(shape, &arm.ty, "", usage, false), boxed)
                        }
                        None => (Ty::Any, false),
                    };
                    let boxed = boxed || self.size(&ty, 0) > LARGE;
                    ArmPlan {
                        variant: arm.name.clone(),
                        ty,
                        boxed,
                        tags: arm.tags.clone(),
                    }
                });
                ItemKind::OneOf {
                    arms: arms.collect(),
                    discriminator: discriminator.clone(),
                }
            }
        }
    }

    /// What is said of a field, beside its type.
    fn field(&self, owner: &str, rust: String, wire: &str, of: &Use, ty: Ty, doc: &Doc) -> Field {
        Field {
            rust,
            wire: wire.to_owned(),
            ty,
            boxed: false,
            required: false,
            nullable: false,
            empty_is_absent: false,
            of: of.clone(),
            doc: doc.text.clone(),
            personal: of.personal || is_personal(self.api, owner, wire),
            label: match &of.ty {
                TypeExpr::Named(id) => self.contract.ty(*id).wire.clone(),
                _ => of.label.clone(),
            },
            default: of.default.clone(),
            values: of.values.clone(),
            evidence: doc.evidence,
            may_be_null: of.nullable,
            one_or_many: of.one_or_many,
        }
    }

    fn field_ty(&self, shape: &Shape, of: &Use, wire: &str, usage: Usage, multipart: bool) -> Ty {
        match (shape, &of.ty) {
            (Shape::Option(inner) | Shape::Boxed(inner), _) => {
                self.field_ty(inner, of, wire, usage, multipart)
            }
            (Shape::Scalar(scalar), _) => self.scalar(*scalar, wire, multipart),
            (Shape::Named(id), _) => Ty::Named(*id),
            (Shape::List(item), TypeExpr::List(of)) => {
                let multipart = multipart && matches!(**item, Shape::Scalar(_));
                let item = self.field_ty(item, of, wire, usage, multipart);
                self.list(item, of, usage)
            }
            (Shape::Map(value), TypeExpr::Map(of)) => {
                Ty::Map(self.field_ty(value, of, "", usage, false).within(of))
            }
            // Shapes agree with the document: there are no other lists and maps.
            _ => Ty::Any,
        }
    }

    /// As [`field_ty`](Self::field_ty), for what is no member of a type.
    fn use_ty(&self, of: &Use, wire: &str, usage: Usage, multipart: bool) -> Ty {
        match &of.ty {
            TypeExpr::Scalar(scalar) => self.scalar(*scalar, wire, multipart),
            TypeExpr::Named(id) => Ty::Named(*id),
            TypeExpr::List(item) => {
                self.list(self.use_ty(item, wire, usage, multipart), item, usage)
            }
            TypeExpr::Map(value) => Ty::Map(self.use_ty(value, "", usage, multipart).within(value)),
            TypeExpr::Any => Ty::Any,
        }
    }

    /// Objects of an answer may fail one by one.
    fn list(&self, item: Ty, of: &Use, usage: Usage) -> Ty {
        let complex = match &item {
            Ty::Named(id) => !matches!(self.contract.ty(*id).kind, TypeKind::Enum { .. }),
            _ => false,
        };
        if complex && usage.response && !usage.request {
            Ty::Items(item.within(of))
        } else {
            Ty::List(item.within(of))
        }
    }

    fn scalar(&self, scalar: Scalar, wire: &str, multipart: bool) -> Ty {
        match scalar {
            Scalar::Binary if multipart => Ty::File,
            Scalar::Binary => Ty::Scalar(Scalar::String),
            Scalar::String | Scalar::Digits | Scalar::LenientString => {
                match self.api.identifiers.get(wire) {
                    Some(identifier) => Ty::Identifier(*identifier),
                    None => Ty::Scalar(scalar),
                }
            }
            scalar => Ty::Scalar(scalar),
        }
    }

    // ----------------------------------------------------------------------------- operations

    fn operation(
        &self,
        model: &'a RestOperation,
        request: String,
        module: String,
        types: &mut Scope,
    ) -> OperationPlan<'a> {
        const REQUEST: Usage = Usage {
            request: true,
            response: false,
        };
        let required = model.parameters.iter().filter(|p| p.required).count();
        let builds = required + usize::from(model.body.is_some()) > MAX_NEW;
        let mut scope = Scope::with(if builds { &["build"] } else { &[] });
        let mut parameters = Vec::new();
        for parameter in &model.parameters {
            let rust = scope.take(&field_name(&parameter.name));
            let ty = self.use_ty(&parameter.ty, &parameter.name, REQUEST, false);
            let mut field = self.field(
                &request,
                rust,
                &parameter.name,
                &parameter.ty,
                ty,
                &parameter.doc,
            );
            field.required = parameter.required;
            field.may_be_null = false;
            parameters.push(field);
        }
        let body = model.body.as_ref().map(|body| {
            let rust = scope.take("body");
            let (of, ty) = match &body.content {
                Content::Json(of) | Content::Form(of) => {
                    (of.clone(), self.use_ty(of, "", REQUEST, false))
                }
                Content::Multipart(of) => (of.clone(), self.use_ty(of, "", REQUEST, true)),
                Content::Text => (Use::default(), Ty::Scalar(Scalar::String)),
                Content::Binary => (Use::default(), Ty::File),
            };
            let mut doc = body.doc.clone();
            if doc.text.is_empty() {
                doc.text.clone_from(&of.doc.text);
            }
            let mut field = self.field(&request, rust, "body", &of, ty, &doc);
            field.required = body.required;
            field.wire = String::new();
            field.label.clone_from(&body.media_type);
            field
        });
        let mut policy = self.api.policy(&model.name);
        if policy.idempotency.is_none()
            && matches!(model.method.as_str(), "GET" | "HEAD" | "OPTIONS")
        {
            policy.idempotency = Some(Idempotency::Safe);
        }
        if policy.deprecated.is_none() && model.deprecated {
            policy.deprecated = Some("the contract says so".to_owned());
        }
        let (successes, several) = self.successes(model, &request, types);
        let mut method = field_name(&model.name);
        if CLIENT.contains(&method.as_str()) {
            method.push('_');
        }
        OperationPlan {
            module,
            method,
            parameters,
            body,
            successes,
            several,
            faults: faults(self.contract, model),
            policy,
            request,
            model,
        }
    }

    fn successes(
        &self,
        model: &RestOperation,
        request: &str,
        types: &mut Scope,
    ) -> (Vec<Success>, Option<String>) {
        const RESPONSE: Usage = Usage {
            request: false,
            response: true,
        };
        let mut out: Vec<Success> = Vec::new();
        for response in successes(model) {
            let payload = match &response.content {
                None => Payload::Nothing,
                Some((Content::Json(of), _)) => {
                    // What is also sent is no list of things that may fail.
                    Payload::Json(self.use_ty(of, "", RESPONSE, false))
                }
                Some((Content::Text, _)) => Payload::Text,
                Some(_) => Payload::Stream,
            };
            let mut scope = Scope::with(&["body"]);
            let headers = response.headers.iter().map(|header| {
                let rust = scope.take(&field_name(&header.name));
                let ty = match &header.ty.ty {
                    TypeExpr::Scalar(scalar) => self.scalar(*scalar, &header.name, false),
                    TypeExpr::Named(id)
                        if matches!(self.contract.ty(*id).kind, TypeKind::Enum { .. }) =>
                    {
                        Ty::Named(*id)
                    }
                    _ => Ty::Scalar(Scalar::String),
                };
                let mut field =
                    self.field(request, rust, &header.name, &header.ty, ty, &header.doc);
                field.may_be_null = false;
                field
            });
            let headers: Vec<Field> = headers.collect();
            // One answer under two statuses is one answer.
            if out.iter().any(|s| {
                s.payload == payload
                    && s.headers.len() == headers.len()
                    && s.headers
                        .iter()
                        .zip(&headers)
                        .all(|(a, b)| a.wire == b.wire && a.ty == b.ty)
            }) && out.len() == 1
                && payload == Payload::Nothing
            {
                continue;
            }
            out.push(Success {
                statuses: response.statuses,
                payload,
                headers,
                doc: response.doc.text.clone(),
                variant: String::new(),
                head: None,
            });
        }
        let several = out.len() > 1;
        let mut scope = Scope::default();
        for success in &mut out {
            success.variant = scope.take(&status_name(success.statuses));
            if !success.headers.is_empty() {
                success.head = Some(if several {
                    types.take(&format!("{request}{}", success.variant))
                } else {
                    types.take(&format!("{request}Response"))
                });
            }
        }
        let name = several.then(|| types.take(&format!("{request}Response")));
        (out, name)
    }
}

/// Answers of success statuses; `default` counts where none is listed.
fn successes(model: &RestOperation) -> Vec<&crate::openapi::model::Response> {
    let listed: Vec<_> = model
        .responses
        .iter()
        .filter(|r| match r.statuses {
            Statuses::One(status) => (200..300).contains(&status),
            Statuses::Hundred(hundred) => hundred == 2,
            Statuses::Default => false,
        })
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    model
        .responses
        .iter()
        .filter(|r| r.statuses == Statuses::Default)
        .collect()
}

/// Documented errors with a type of their own.
fn faults(contract: &RestContract, model: &RestOperation) -> Vec<(Statuses, TypeId)> {
    let mut out = Vec::new();
    for response in &model.responses {
        let is_error = match response.statuses {
            Statuses::One(status) => status >= 400,
            Statuses::Hundred(hundred) => hundred >= 4,
            Statuses::Default => true,
        };
        if let (true, Some((Content::Json(of), _))) = (is_error, &response.content)
            && let TypeExpr::Named(id) = of.ty
            && !matches!(contract.ty(id).kind, TypeKind::Enum { .. })
        {
            out.push((response.statuses, id));
        }
    }
    out.sort();
    out
}

/// Types that are read where nothing tells which alternative comes.
fn tried(contract: &RestContract) -> BTreeSet<TypeId> {
    let mut out = BTreeSet::new();
    for def in &contract.types {
        if let TypeKind::OneOf {
            arms,
            discriminator: None,
        } = &def.kind
        {
            for arm in arms {
                visit(contract, &arm.ty, &mut out);
            }
        }
    }
    out
}

fn sides(contract: &RestContract, faults_of_all: &mut BTreeSet<TypeId>) -> Sides {
    let mut out = Sides::default();
    for op in &contract.operations {
        for parameter in &op.parameters {
            visit(contract, &parameter.ty, &mut out.request);
            visit(contract, &parameter.ty, &mut out.json);
        }
        match op.body.as_ref().map(|b| &b.content) {
            Some(Content::Json(of) | Content::Form(of)) => {
                visit(contract, of, &mut out.request);
                visit(contract, of, &mut out.json);
            }
            Some(Content::Multipart(of)) => {
                visit(contract, of, &mut out.request);
                let TypeExpr::Named(id) = of.ty else {
                    continue;
                };
                out.multipart.insert(id);
                if let TypeKind::Object { properties, .. } = &contract.ty(id).kind {
                    for property in properties {
                        visit(contract, &property.ty, &mut out.json);
                    }
                }
            }
            _ => {}
        }
    }
    for op in &contract.operations {
        for response in successes(op) {
            if let Some((Content::Json(of), _)) = &response.content {
                visit(contract, of, &mut out.response);
            }
            for header in &response.headers {
                visit(contract, &header.ty, &mut out.response);
            }
        }
        for (_, id) in faults(contract, op) {
            faults_of_all.insert(id);
            visit(contract, &named(id), &mut out.fault);
        }
    }
    out.json.extend(out.response.iter().chain(&out.fault));
    // Types that hold such a type, and that no operation speaks of.
    for (index, def) in contract.types.iter().enumerate() {
        if out.request.contains(&TypeId(index)) {
            continue;
        }
        match &def.kind {
            TypeKind::Object {
                properties,
                additional,
                ..
            } => {
                for property in properties {
                    visit(contract, &property.ty, &mut out.json);
                }
                if let Some(additional) = additional {
                    visit(contract, additional, &mut out.json);
                }
            }
            TypeKind::OneOf { arms, .. } => {
                for arm in arms {
                    visit(contract, &arm.ty, &mut out.json);
                }
            }
            TypeKind::Enum { .. } => {}
        }
    }
    out
}

fn named(id: TypeId) -> Use {
    Use {
        ty: TypeExpr::Named(id),
        ..Use::default()
    }
}

fn visit(contract: &RestContract, of: &Use, seen: &mut BTreeSet<TypeId>) {
    match &of.ty {
        TypeExpr::Named(id) => {
            if !seen.insert(*id) {
                return;
            }
            match &contract.ty(*id).kind {
                TypeKind::Enum { .. } => {}
                TypeKind::Object {
                    properties,
                    additional,
                    ..
                } => {
                    for property in properties {
                        visit(contract, &property.ty, seen);
                    }
                    if let Some(additional) = additional {
                        visit(contract, additional, seen);
                    }
                }
                TypeKind::OneOf { arms, .. } => {
                    for arm in arms {
                        visit(contract, &arm.ty, seen);
                    }
                }
            }
        }
        TypeExpr::List(inner) | TypeExpr::Map(inner) => visit(contract, inner, seen),
        TypeExpr::Scalar(_) | TypeExpr::Any => {}
    }
}

pub(super) fn scalar_type(scalar: Scalar) -> TokenStream {
    match scalar {
        Scalar::String | Scalar::Digits | Scalar::LenientString | Scalar::Binary => quote!(String),
        Scalar::Bool | Scalar::LenientBool => quote!(bool),
        Scalar::I32 | Scalar::LenientI32 => quote!(i32),
        Scalar::I64 | Scalar::LenientI64 => quote!(i64),
        Scalar::F64 | Scalar::LenientF64 => quote!(f64),
        Scalar::Decimal | Scalar::DecimalText => quote!(mno_runtime::Decimal),
        Scalar::DateTime => quote!(mno_runtime::values::DateTime),
        Scalar::Date => quote!(mno_runtime::values::Date),
        Scalar::Base64 => quote!(mno_runtime::values::Base64),
    }
}

fn status_name(statuses: Statuses) -> String {
    match statuses {
        Statuses::One(status) => match status {
            200 => "Ok".to_owned(),
            201 => "Created".to_owned(),
            202 => "Accepted".to_owned(),
            203 => "NonAuthoritative".to_owned(),
            204 => "NoContent".to_owned(),
            205 => "ResetContent".to_owned(),
            206 => "PartialContent".to_owned(),
            207 => "MultiStatus".to_owned(),
            other => format!("Status{other}"),
        },
        Statuses::Hundred(_) => "Other".to_owned(),
        Statuses::Default => "Default".to_owned(),
    }
}

pub(super) fn field_doc(field: &Field, of_item: Option<Evidence>) -> String {
    let mut out = prose(&field.doc);
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    let mut words = Vec::new();
    if field.wire.is_empty() {
        words.push(format!("Body, `{}`", field.label));
    } else {
        words.push(format!("Wire: `{}`", field.wire));
        if !field.label.is_empty() {
            words.push(field.label.clone());
        }
    }
    if !field.required {
        words.push("optional".to_owned());
    }
    if field.may_be_null {
        words.push("may be null".to_owned());
    }
    words.extend(facet_words(field));
    if !field.values.is_empty() {
        let values: Vec<String> = field.values.iter().map(|v| format!("`{v}`")).collect();
        words.push(format!("one of {}", values.join(", ")));
    }
    if let Some(default) = field.default.as_ref().filter(|d| !d.contains('`')) {
        words.push(format!("default `{default}`"));
    }
    out.push_str(&words.join(", "));
    out.push('.');
    let evidence = field.evidence.or(of_item);
    if let Some(evidence @ (Evidence::Documented | Evidence::Inferred)) = evidence {
        let name = super::super::evidence_name(evidence);
        out.push_str(&format!(" Evidence: {name}."));
    }
    out
}

fn facet_words(field: &Field) -> Vec<String> {
    let f = &field.of.facets;
    let what = match field.ty {
        Ty::List(_) | Ty::Items(_) => "items",
        Ty::Map(_) => "members",
        _ => "characters",
    };
    let mut out = Vec::new();
    match (f.min_length, f.max_length) {
        (Some(min), Some(max)) if min == max => out.push(format!("{min} {what}")),
        (Some(min), Some(max)) => out.push(format!("{min} to {max} {what}")),
        (Some(min), None) if min > 0 => out.push(format!("at least {min} {what}")),
        (None, Some(max)) => out.push(format!("at most {max} {what}")),
        _ => {}
    }
    match (&f.min_inclusive, &f.max_inclusive) {
        (Some(min), Some(max)) => out.push(format!("from {min} to {max}")),
        (Some(min), None) => out.push(format!("at least {min}")),
        (None, Some(max)) => out.push(format!("at most {max}")),
        (None, None) => {}
    }
    match (&f.min_exclusive, &f.max_exclusive) {
        (Some(min), Some(max)) => out.push(format!("above {min} and below {max}")),
        (Some(min), None) => out.push(format!("above {min}")),
        (None, Some(max)) => out.push(format!("below {max}")),
        (None, None) => {}
    }
    if let Some(of) = &f.multiple_of {
        out.push(format!("a multiple of {of}"));
    }
    if f.unique_items {
        out.push("each once".to_owned());
    }
    for pattern in &f.patterns {
        if !pattern.contains('`') && !pattern.contains('\n') {
            out.push(format!("pattern `{pattern}`"));
        }
    }
    out
}

/// Parameters of a place, with their style.
pub(super) fn parameter_call(
    place: ParameterPlace,
    style: Style,
    reserved: bool,
) -> (&'static str, Option<&'static str>) {
    let call = match (place, style) {
        (ParameterPlace::Path, Style::Json) => return ("path_json", None),
        (ParameterPlace::Query, Style::Json) => return ("query_json", None),
        (ParameterPlace::Header, Style::Json) => return ("header_json", None),
        (ParameterPlace::Cookie, Style::Json) => return ("cookie_json", None),
        (ParameterPlace::Path, _) => "path",
        (ParameterPlace::Query, _) if reserved => "query_reserved",
        (ParameterPlace::Query, _) => "query",
        (ParameterPlace::Header, _) => return ("header", None),
        (ParameterPlace::Cookie, _) => return ("cookie", None),
    };
    (call, Some(style_name(style)))
}

/// Name of a style in the runtime.
pub(super) fn style_name(style: Style) -> &'static str {
    match style {
        Style::Simple => "Simple",
        Style::Label => "Label",
        Style::Matrix => "Matrix",
        Style::SpaceDelimited => "SpaceDelimited",
        Style::PipeDelimited => "PipeDelimited",
        Style::DeepObject => "DeepObject",
        Style::Form | Style::Json => "Form",
    }
}

/// Name of a file and module: Rust finds no files for names beyond ASCII.
fn module_name(name: &str) -> String {
    let name = field_name(name);
    if name.is_ascii() {
        return name;
    }
    let ascii: String = name
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("u{:x}", u32::from(c))
            }
        })
        .collect();
    field_name(&ascii)
}
