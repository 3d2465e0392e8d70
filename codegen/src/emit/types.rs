//! Prints planned items: structs, choices, enumerations.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::codec;
use super::docs::{outer, prose};
use super::plan::{
    Arm, ArmKind, ChoicePlan, ChoiceUse, EnumPlan, External, Field, Item, ItemId, ItemKind, Member,
    Occurs, Plan, Scalar, StructPlan, Ty,
};
use super::record::{Kind, RecordMember, open_enum, record};
use crate::model::Evidence;
use crate::reach::Usage;

/// Prints what belongs to a crate.
pub(crate) struct Printer<'p> {
    pub(crate) plan: &'p Plan<'p>,
    pub(super) namespaces: &'p super::crate_files::Namespaces,
}

/// `crate::…` path of an item.
pub(crate) fn absolute_item(item: &Item) -> TokenStream {
    absolute(&quote!(crate), &item.module, &item.name)
}

/// `path::to::Item` from the crate's root.
fn absolute(root: &TokenStream, module: &[String], name: &str) -> TokenStream {
    let module = module.iter().map(|m| ident(m));
    let name = ident(name);
    quote!(#root::#(#module::)*#name)
}

pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

impl Printer<'_> {
    /// The item with its codec.
    pub(crate) fn item(&self, id: ItemId) -> TokenStream {
        let item = self.plan.item(id);
        match &item.kind {
            ItemKind::Struct(plan) => self.structure(item, plan),
            ItemKind::Choice(plan) => self.choice(item, plan),
            ItemKind::Enum(plan) => enumeration(item, plan),
            ItemKind::Family(plan) => self.family(item, plan),
            ItemKind::Newtype(field) => self.newtype(item, field),
        }
    }

    pub(crate) fn path(&self, id: ItemId) -> TokenStream {
        let item = self.plan.item(id);
        absolute(&quote!(crate), &item.module, &item.name)
    }

    pub(crate) fn external(external: &External) -> TokenStream {
        let krate = ident(&external.krate);
        absolute(&quote!(#krate), &external.module, &external.name)
    }

    /// Rust type of one value.
    pub(crate) fn ty(&self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::Scalar(scalar) => {
                let name = ident(scalar.name());
                if scalar.is_primitive() || scalar.name() == "String" {
                    quote!(#name)
                } else if scalar.name() == "Decimal" {
                    quote!(mno_runtime::Decimal)
                } else {
                    quote!(mno_runtime::values::#name)
                }
            }
            Ty::Struct(id) | Ty::Enum(id) => self.path(*id),
            Ty::External(external) => Self::external(external),
            Ty::Any => quote!(mno_runtime::xml::AnyElement),
            Ty::List(item, _) => {
                let item = self.ty(item);
                quote!(mno_runtime::values::List<#item>)
            }
        }
    }

    /// Rust type of one occurrence: boxed, nillable.
    fn occurrence(&self, field: &Field) -> TokenStream {
        let mut ty = self.ty(&field.ty);
        if field.boxed {
            ty = quote!(Box<#ty>);
        }
        if field.nillable {
            ty = quote!(mno_runtime::xml::Nillable<#ty>);
        }
        ty
    }

    /// Rust type of the field.
    pub(crate) fn field_type(&self, field: &Field) -> TokenStream {
        let ty = self.occurrence(field);
        match field.occurs {
            Occurs::One if field.blankable => quote!(Option<#ty>),
            Occurs::One => ty,
            Occurs::Optional => quote!(Option<#ty>),
            Occurs::Many { .. } if field.items => quote!(mno_runtime::xml::Items<#ty>),
            Occurs::Many { .. } => quote!(Vec<#ty>),
        }
    }

    pub(crate) fn choice_type(&self, choice: &ChoiceUse) -> TokenStream {
        let ty = self.path(choice.item);
        match choice.occurs {
            Occurs::One => ty,
            Occurs::Optional => quote!(Option<#ty>),
            Occurs::Many { .. } => quote!(Vec<#ty>),
        }
    }

    /// Rust type of the slot that a field is collected in while it is read.
    pub(crate) fn slot_type(&self, field: &Field) -> TokenStream {
        let ty = self.occurrence(field);
        match field.occurs {
            Occurs::One if field.blankable => quote!(Option<Option<#ty>>),
            Occurs::One | Occurs::Optional => quote!(Option<#ty>),
            Occurs::Many { .. } if field.items => quote!(mno_runtime::xml::Items<#ty>),
            Occurs::Many { .. } => quote!(Vec<#ty>),
        }
    }

    fn structure(&self, item: &Item, plan: &StructPlan) -> TokenStream {
        let doc = item_doc(item);
        let members: Vec<RecordMember> = plan
            .members
            .iter()
            .map(|m| self.record_member(m, item.doc.evidence))
            .collect();
        let accessors = plan
            .members
            .iter()
            .filter_map(|m| self.accessor(item, m))
            .collect();
        let record = record(&item.name, &doc, &members, &accessors);
        let codec = codec::structure(self, item, plan);
        quote!(#record #codec)
    }

    fn record_member(&self, member: &Member, of_item: Option<Evidence>) -> RecordMember {
        let blankable = matches!(member, Member::Element(f) if f.blankable);
        RecordMember {
            rust: member.rust().to_owned(),
            doc: member_doc(member, of_item),
            ty: self.member_type(member),
            one: self.member_one(member),
            kind: match member.occurs() {
                Occurs::One if blankable => Kind::Optional,
                Occurs::One => Kind::One,
                Occurs::Optional => Kind::Optional,
                Occurs::Many { .. } => Kind::List,
            },
            required: self.is_asked(member),
            initial: self.initial(member),
            personal: member.is_personal(),
        }
    }

    pub(crate) fn member_type(&self, member: &Member) -> TokenStream {
        match member {
            Member::Attribute(f) | Member::Text(f) | Member::Element(f) => self.field_type(f),
            Member::Choice(choice) => self.choice_type(choice),
            Member::AnyAttributes(_) => quote!(Vec<mno_runtime::xml::AnyAttribute>),
        }
    }

    /// The value of a required field that can have only one (`fixed`), if it can be told here.
    fn initial(&self, member: &Member) -> Option<TokenStream> {
        let field = match member {
            Member::Attribute(f) | Member::Text(f) | Member::Element(f) => f,
            Member::Choice(_) | Member::AnyAttributes(_) => return None,
        };
        let fixed = field.fixed.as_ref()?;
        if field.occurs != Occurs::One || field.blankable || field.nillable || field.boxed {
            return None;
        }
        match &field.ty {
            Ty::Scalar(Scalar::String) => Some(quote!(#fixed.to_owned())),
            Ty::Scalar(Scalar::Bool) => {
                let value = matches!(fixed.trim(), "true" | "1");
                Some(quote!(#value))
            }
            Ty::Scalar(scalar) if scalar.is_integer() && !scalar.name().ends_with("128") => {
                let value: i64 = fixed.trim().parse().ok()?;
                let value = Literal::i64_unsuffixed(value);
                Some(quote!(#value))
            }
            Ty::Enum(id) => {
                let ItemKind::Enum(plan) = &self.plan.item(*id).kind else {
                    return None;
                };
                let (variant, _, _) = plan.values.iter().find(|(_, wire, _)| wire == fixed)?;
                let (ty, variant) = (self.path(*id), ident(variant));
                Some(quote!(#ty::#variant))
            }
            _ => None,
        }
    }

    /// A constructor asks for it.
    pub(crate) fn is_asked(&self, member: &Member) -> bool {
        member.is_required() && self.initial(member).is_none()
    }

    /// Rust type of one occurrence of a member.
    fn member_one(&self, member: &Member) -> TokenStream {
        match member {
            Member::Attribute(f) | Member::Text(f) | Member::Element(f) => self.occurrence(f),
            Member::Choice(c) => self.path(c.item),
            Member::AnyAttributes(_) => quote!(mno_runtime::xml::AnyAttribute),
        }
    }

    /// Where the platform writes blanks for "not set": a reader that hides them.
    fn accessor(&self, item: &Item, member: &Member) -> Option<TokenStream> {
        let Member::Element(field) = member else {
            return None;
        };
        let answers_only = item.usage
            == Usage {
                request: false,
                response: true,
            };
        if !self.plan.api.blank_is_absent
            || !answers_only
            || !field.ty.is_textual()
            || field.nillable
        {
            return None;
        }
        let rust = ident(&field.rust);
        let is_string = matches!(&field.ty, Ty::Scalar(s) if s.name() == "String");
        let ty = if is_string {
            quote!(str)
        } else {
            self.ty(&field.ty)
        };
        let blank = if is_string {
            quote!(!v.trim().is_empty())
        } else {
            quote!(!v.is_blank())
        };
        let get = match field.occurs {
            Occurs::Optional if is_string => quote!(self.#rust.as_deref().filter(|v| #blank)),
            Occurs::Optional => quote!(self.#rust.as_ref().filter(|v| #blank)),
            Occurs::One if is_string => quote!(Some(self.#rust.as_str()).filter(|v| #blank)),
            Occurs::One => quote!(Some(&self.#rust).filter(|v| #blank)),
            Occurs::Many { .. } => return None,
        };
        let doc = outer(&format!(
            "The value of [`{0}`](Self#structfield.{0}), unless it is absent or blank.",
            field.rust
        ));
        Some(quote! {
            #doc
            #[must_use]
            pub fn #rust(&self) -> Option<&#ty> { #get }
        })
    }

    fn choice(&self, item: &Item, plan: &ChoicePlan) -> TokenStream {
        let name = ident(&item.name);
        let doc = outer(&item_doc(item));
        let variants = plan.arms.iter().map(|arm| {
            let variant = ident(&arm.variant);
            let doc = outer(&self.arm_doc(arm, item.doc.evidence));
            let ty = self.arm_type(arm);
            quote!(#doc #variant(#ty),)
        });
        let personal = plan.arms.iter().any(|arm| match &arm.kind {
            ArmKind::Element(field) => needs_mask(field),
            ArmKind::Group { .. } => false,
        });
        let (derive_debug, debug) = if personal {
            let arms = plan.arms.iter().map(|arm| {
                let variant = ident(&arm.variant);
                let label = &arm.variant;
                match &arm.kind {
                    ArmKind::Element(field) if needs_mask(field) => quote! {
                        Self::#variant(_) => f.debug_tuple(#label)
                            .field(&mno_runtime::mask::Personal).finish(),
                    },
                    _ => quote!(Self::#variant(v) => f.debug_tuple(#label).field(v).finish(),),
                }
            });
            (
                None,
                Some(quote! {
                    impl std::fmt::Debug for #name {
                        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                            match self { #(#arms)* }
                        }
                    }
                }),
            )
        } else {
            (Some(quote!(Debug,)), None)
        };
        let conversions = self.conversions(&name, plan);
        let codec = codec::choice(self, item, plan);
        quote! {
            #doc
            #[derive(#derive_debug Clone, PartialEq)]
            #[non_exhaustive]
            pub enum #name { #(#variants)* }
            #debug
            #conversions
            #codec
        }
    }

    pub(crate) fn arm_type(&self, arm: &Arm) -> TokenStream {
        match &arm.kind {
            ArmKind::Element(field) => self.field_type(field),
            ArmKind::Group { item, boxed } => {
                let path = self.path(*item);
                if *boxed { quote!(Box<#path>) } else { path }
            }
        }
    }

    fn arm_doc(&self, arm: &Arm, of_item: Option<Evidence>) -> String {
        match &arm.kind {
            ArmKind::Element(field) => field_doc(field, of_item),
            ArmKind::Group { item, .. } => {
                let ItemKind::Struct(plan) = &self.plan.item(*item).kind else {
                    return String::new();
                };
                let mut names: Vec<String> = plan
                    .members
                    .iter()
                    .filter_map(|m| match m {
                        Member::Element(f) => Some(format!("`{}`", f.wire.local)),
                        _ => None,
                    })
                    .collect();
                if names.len() > 6 {
                    let more = names.len() - 5;
                    names.truncate(5);
                    names.push(format!("and {more} more"));
                }
                format!("The group of {}.", names.join(", "))
            }
        }
    }

    /// `From` for arms whose type tells which arm is meant.
    fn conversions(&self, name: &Ident, plan: &ChoicePlan) -> TokenStream {
        let mut out = TokenStream::new();
        let types: Vec<String> = plan
            .arms
            .iter()
            .map(|arm| self.arm_type(arm).to_string())
            .collect();
        for (arm, ty) in plan.arms.iter().zip(&types) {
            let plain = match &arm.kind {
                ArmKind::Element(field) => {
                    let telling = match &field.ty {
                        Ty::Scalar(s) => !s.is_primitive() && s.name() != "String",
                        Ty::Struct(_) | Ty::Enum(_) | Ty::External(_) => true,
                        Ty::List(..) | Ty::Any => false,
                    };
                    telling && field.occurs == Occurs::One && !field.nillable && !field.boxed
                }
                ArmKind::Group { .. } => true,
            };
            if !plain || types.iter().filter(|t| *t == ty).count() > 1 {
                continue;
            }
            let variant = ident(&arm.variant);
            let (from, value) = match &arm.kind {
                ArmKind::Group { item, boxed: true } => (self.path(*item), quote!(Box::new(value))),
                _ => (self.arm_type(arm), quote!(value)),
            };
            out.extend(quote! {
                impl From<#from> for #name {
                    fn from(value: #from) -> Self { Self::#variant(#value) }
                }
            });
        }
        out
    }

    fn newtype(&self, item: &Item, field: &Field) -> TokenStream {
        let name = ident(&item.name);
        let doc = outer(&item_doc(item));
        let ty = self.field_type(field);
        let inner_doc = outer(&format!("Wire type `{}`.", field.label));
        let codec = codec::newtype(self, item, field);
        let (derive, debug) = if needs_mask(field) {
            let label = &item.name;
            (
                None,
                Some(quote! {
                    impl std::fmt::Debug for #name {
                        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                            f.debug_tuple(#label).field(&mno_runtime::mask::Personal).finish()
                        }
                    }
                }),
            )
        } else {
            (Some(quote!(Debug,)), None)
        };
        quote! {
            #doc
            #[derive(#derive Clone, PartialEq)]
            pub struct #name(#inner_doc pub #ty);
            #debug

            impl From<#ty> for #name {
                fn from(value: #ty) -> Self { Self(value) }
            }
            #codec
        }
    }
}

impl Member {
    pub(crate) fn rust(&self) -> &str {
        match self {
            Self::Attribute(f) | Self::Text(f) | Self::Element(f) => &f.rust,
            Self::Choice(c) => &c.rust,
            Self::AnyAttributes(rust) => rust,
        }
    }

    pub(crate) fn occurs(&self) -> Occurs {
        match self {
            Self::Attribute(f) | Self::Text(f) | Self::Element(f) => f.occurs,
            Self::Choice(c) => c.occurs,
            Self::AnyAttributes(_) => Occurs::Many { min: 0, max: None },
        }
    }

    pub(crate) fn is_required(&self) -> bool {
        let blankable = matches!(self, Self::Element(f) if f.blankable);
        self.occurs().is_required() && !blankable
    }

    fn is_personal(&self) -> bool {
        match self {
            Self::Attribute(f) | Self::Text(f) | Self::Element(f) => needs_mask(f),
            Self::Choice(_) | Self::AnyAttributes(_) => false,
        }
    }
}

/// Identifiers mask themselves; other personal values are masked by their owner.
fn needs_mask(field: &Field) -> bool {
    field.personal && !field.ty.is_identifier()
}

fn enumeration(item: &Item, plan: &EnumPlan) -> TokenStream {
    let unknown = quote!(mno_runtime::xml::UnknownValue);
    open_enum(&item.name, &item_doc(item), &plan.values, &unknown)
}

/// Documentation of an item: the contract's words, its wire name, its evidence.
pub(super) fn item_doc(item: &Item) -> String {
    let mut out = prose(&item.doc.text);
    if out.is_empty() {
        out = match &item.kind {
            ItemKind::Enum(_) => format!("Values of `{}`.", local(&item.wire)),
            _ => format!("`{}`.", local(&item.wire)),
        };
    } else if matches!(
        item.wire.as_str(),
        "xs:choice" | "xs:sequence" | "xs:string"
    ) {
        // Words of the configuration, which may link.
        out.clone_from(&item.doc.text);
    }
    if item.wire.starts_with('{') {
        out.push_str(&format!("\n\nWire name `{}`.", item.wire));
    }
    if let Some(evidence) = item.doc.evidence {
        out.push_str(&format!(" Evidence: {}.", super::evidence_name(evidence)));
    }
    out
}

fn local(wire: &str) -> &str {
    wire.rsplit(['}', '/']).next().unwrap_or(wire)
}

fn member_doc(member: &Member, of_item: Option<Evidence>) -> String {
    match member {
        Member::Attribute(f) => format!("{}\n\nAttribute.", field_doc(f, of_item)),
        Member::Text(f) | Member::Element(f) => field_doc(f, of_item),
        Member::Choice(c) => c.doc.clone(),
        Member::AnyAttributes(_) => {
            "Attributes that the contract does not describe (`xs:anyAttribute`).".to_owned()
        }
    }
}

/// Documentation of a field. What is not known from a contract says so, down to here: people read
/// fields, not the head of the type.
fn field_doc(field: &Field, of_item: Option<Evidence>) -> String {
    let mut out = prose(&field.doc);
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    if !field.wire.local.is_empty() {
        out.push_str(&format!("Wire: `{}`, ", field.wire.local));
    }
    out.push_str(&format!("`{}`", field.label));
    match field.occurs {
        Occurs::One if field.blankable => out.push_str(", blank when not set"),
        Occurs::One => {}
        Occurs::Optional => out.push_str(", optional"),
        Occurs::Many { min, max: None } if min > 0 => out.push_str(&format!(", {min} or more")),
        Occurs::Many { max: None, .. } => out.push_str(", any number"),
        Occurs::Many {
            min,
            max: Some(max),
        } => out.push_str(&format!(", {min} to {max} times")),
    }
    if field.nillable {
        out.push_str(", may be nil");
    }
    for facet in facet_words(field) {
        out.push_str(", ");
        out.push_str(&facet);
    }
    if let Some(default) = &field.default {
        out.push_str(&format!(", default `{default}`"));
    }
    if let Some(fixed) = &field.fixed {
        out.push_str(&format!(", always `{fixed}`"));
    }
    out.push('.');
    let evidence = field.evidence.or(of_item);
    if let Some(evidence @ (Evidence::Documented | Evidence::Inferred)) = evidence {
        out.push_str(&format!(" Evidence: {}.", super::evidence_name(evidence)));
    }
    out
}

fn facet_words(field: &Field) -> Vec<String> {
    let f = &field.facets;
    let mut out = Vec::new();
    let unit = match &field.ty {
        Ty::List(..) => "item",
        Ty::Scalar(Scalar::Base64 | Scalar::Hex) => "byte",
        _ => "character",
    };
    match (f.min_length, f.max_length) {
        (Some(min), Some(max)) if min == max => out.push(format!("{min} {unit}s")),
        (Some(min), Some(max)) => out.push(format!("{min} to {max} {unit}s")),
        (Some(min), None) => out.push(format!(
            "at least {min} {unit}{}",
            if min == 1 { "" } else { "s" }
        )),
        (None, Some(max)) => out.push(format!("at most {max} {unit}s")),
        (None, None) => {}
    }
    match (&f.min_inclusive, &f.max_inclusive) {
        (Some(min), Some(max)) => out.push(format!("from {min} to {max}")),
        (Some(min), None) => out.push(format!("at least {min}")),
        (None, Some(max)) => out.push(format!("at most {max}")),
        (None, None) => {}
    }
    for pattern in &f.patterns {
        if !pattern.contains('`') {
            out.push(format!("pattern `{pattern}`"));
        }
    }
    out
}
