//! Prints types: structs, enumerations, alternatives.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::docs::{outer, prose};
use super::super::record::{Kind, RecordMember, open_enum, record};
use super::super::types::ident;
use super::codec;
use super::plan::{Additional, ArmPlan, Field, Item, ItemKind, RestPlan, Ty};

/// The item with its codec.
pub(super) fn item(plan: &RestPlan<'_>, item: &Item) -> TokenStream {
    let doc = item_doc(plan, item);
    match &item.kind {
        ItemKind::Struct {
            fields,
            additional,
            count,
        } => {
            let evidence = plan.contract.ty(item.id).doc.evidence;
            let mut members: Vec<RecordMember> = fields
                .iter()
                .map(|f| plan.record_member(f, evidence))
                .collect();
            members.extend(
                additional
                    .as_ref()
                    .map(|more| additional_member(plan, more)),
            );
            let accessors = fields
                .iter()
                .filter_map(|f| accessor(plan, item, f))
                .collect();
            let record = record(&item.name, &doc, &members, &accessors);
            let codec = codec::structure(plan, item, fields, additional.as_deref(), *count);
            quote!(#record #codec)
        }
        ItemKind::Enum(values, numeric) => {
            let values: Vec<(String, String, String)> = values
                .iter()
                .map(|(variant, wire)| {
                    // A text that Markdown would end its code at is shown by its name.
                    let doc = if wire.trim().is_empty() {
                        "an empty text"
                    } else {
                        ""
                    };
                    (variant.clone(), wire.clone(), doc.to_owned())
                })
                .collect();
            let unknown = quote!(mno_runtime::json::UnknownValue);
            let item_tokens = open_enum(&item.name, &doc, &values, &unknown);
            let codec = codec::enumeration(plan, item, *numeric);
            quote!(#item_tokens #codec)
        }
        ItemKind::OneOf {
            arms,
            discriminator,
        } => one_of(plan, item, arms, discriminator.as_deref(), &doc),
    }
}

/// Where the platform writes blanks for "not set": a reader that hides them.
fn accessor(plan: &RestPlan<'_>, item: &Item, field: &Field) -> Option<TokenStream> {
    let answers_only = item.usage.response && !item.usage.request;
    if !plan.api.blank_is_absent || !answers_only || !field.ty.is_text() || field.nullable {
        return None;
    }
    let rust = ident(&field.rust);
    let is_string = matches!(field.ty, Ty::Scalar(_));
    let (ty, blank) = if is_string {
        (quote!(str), quote!(!v.trim().is_empty()))
    } else {
        (plan.ty(&field.ty), quote!(!v.is_blank()))
    };
    let get = match (field.required, is_string) {
        (false, true) => quote!(self.#rust.as_deref()),
        (false, false) => quote!(self.#rust.as_ref()),
        (true, true) => quote!(Some(self.#rust.as_str())),
        (true, false) => quote!(Some(&self.#rust)),
    };
    let doc = outer(&format!(
        "The value of [`{0}`](Self#structfield.{0}), unless it is absent or blank.",
        field.rust
    ));
    Some(quote! {
        #doc
        #[must_use]
        pub fn #rust(&self) -> Option<&#ty> { #get.filter(|v| #blank) }
    })
}

fn additional_member(plan: &RestPlan<'_>, more: &Additional) -> RecordMember {
    let value = plan.ty(&more.ty);
    let ty = quote!(std::collections::BTreeMap<String, #value>);
    RecordMember {
        rust: more.rust.clone(),
        doc: "Members that the contract does not list, as they came.".to_owned(),
        one: quote!((String, #value)),
        ty,
        kind: Kind::List,
        required: false,
        initial: None,
        personal: true,
    }
}

fn one_of(
    plan: &RestPlan<'_>,
    item: &Item,
    arms: &[ArmPlan],
    discriminator: Option<&str>,
    doc: &str,
) -> TokenStream {
    let name = ident(&item.name);
    let mut text = doc.to_owned();
    match discriminator {
        Some(member) => text.push_str(&format!("\n\nThe member `{member}` tells which it is.")),
        None => text.push_str("\n\nNothing tells which it is: what fits best is read."),
    }
    let doc = outer(&text);
    let variants = arms.iter().map(|arm| {
        let variant = ident(&arm.variant);
        let ty = arm_type(plan, arm);
        let doc = match arm.tags.as_slice() {
            [] => format!("{}.", describe(plan, &arm.ty)),
            tags => {
                let tags: Vec<String> = tags.iter().map(|tag| format!("`{tag}`")).collect();
                format!("{}, for {}.", describe(plan, &arm.ty), tags.join(", "))
            }
        };
        let doc = outer(&doc);
        quote!(#doc #variant(#ty),)
    });
    let conversions = conversions(plan, item, arms);
    let codec = codec::one_of(plan, item, arms, discriminator);
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// Something that the contract does not list, as it came.
            Unknown(mno_runtime::json::Value),
        }
        #conversions
        #codec
    }
}

fn describe(plan: &RestPlan<'_>, ty: &Ty) -> String {
    match ty {
        Ty::Named(id) => format!("[`{}`]({})", plan.item(*id).name, plan.doc_path(*id)),
        Ty::Scalar(_) | Ty::Identifier(_) => "A simple value".to_owned(),
        Ty::List(_) | Ty::Items(_) => "A list".to_owned(),
        Ty::Map(_) => "A map".to_owned(),
        Ty::Nullable(inner) => describe(plan, inner),
        Ty::Any | Ty::File => "Any value".to_owned(),
    }
}

pub(super) fn arm_type(plan: &RestPlan<'_>, arm: &ArmPlan) -> TokenStream {
    let ty = plan.ty(&arm.ty);
    if arm.boxed { quote!(Box<#ty>) } else { ty }
}

/// `From` for arms whose type tells which arm is meant.
fn conversions(plan: &RestPlan<'_>, item: &Item, arms: &[ArmPlan]) -> TokenStream {
    let name = ident(&item.name);
    let mut out = TokenStream::new();
    for arm in arms {
        if !matches!(arm.ty, Ty::Named(_)) {
            continue;
        }
        let variant = ident(&arm.variant);
        let from = plan.ty(&arm.ty);
        let value = if arm.boxed {
            quote!(Box::new(value))
        } else {
            quote!(value)
        };
        out.extend(quote! {
            impl From<#from> for #name {
                fn from(value: #from) -> Self { Self::#variant(#value) }
            }
        });
    }
    out
}

fn item_doc(plan: &RestPlan<'_>, item: &Item) -> String {
    let def = plan.contract.ty(item.id);
    let mut out = prose(&def.doc.text);
    if out.is_empty() {
        out = match item.kind {
            ItemKind::Enum(..) => format!("Values of `{}`.", def.wire),
            _ => format!("`{}`.", def.wire),
        };
    }
    if let ItemKind::Struct {
        count: (Some(1), Some(1)),
        ..
    } = &item.kind
    {
        out.push_str("\n\nA choice: exactly one of its fields is set.");
    }
    if def.wire != item.name {
        out.push_str(&format!("\n\nName in the contract `{}`.", def.wire));
    }
    if let Some(evidence) = def.doc.evidence {
        let name = super::super::evidence_name(evidence);
        let space = if def.wire == item.name { "\n\n" } else { " " };
        out.push_str(&format!("{space}Evidence: {name}."));
    }
    out
}

/// Members of a struct, for the documentation of what is made of it.
pub(super) fn fields_of<'p>(plan: &'p RestPlan<'_>, ty: &Ty) -> Option<(&'p Item, &'p [Field])> {
    let id = match ty {
        Ty::Named(id) => *id,
        Ty::List(item) | Ty::Items(item) => match &**item {
            Ty::Named(id) => *id,
            Ty::Nullable(item) => return fields_of(plan, item),
            _ => return None,
        },
        _ => return None,
    };
    let item = plan.item(id);
    match &item.kind {
        ItemKind::Struct { fields, .. } => Some((item, fields)),
        _ => None,
    }
}
