//! Prints `Decode` and `Encode`.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::checks::checks;
use super::names::Scope;
use super::ordered;
use super::plan::{
    Arm, ArmKind, ChoicePlan, ChoiceUse, Field, Item, ItemId, ItemKind, Member, Occurs, Scalar,
    StructPlan, Ty,
};
use super::types::{Printer, ident};
use crate::model::QName;

/// Where the elements of a content model are collected while it is read, in its shape.
enum Slot<'p> {
    Field {
        name: Ident,
        field: &'p Field,
    },
    Choice {
        name: Ident,
        choice: &'p ChoiceUse,
        arms: Vec<(&'p Arm, Vec<Slot<'p>>)>,
    },
    /// A repeated choice is collected in order.
    Repeated {
        name: Ident,
        choice: &'p ChoiceUse,
        arms: &'p [Arm],
    },
}

pub(crate) fn structure(printer: &Printer<'_>, item: &Item, plan: &StructPlan) -> TokenStream {
    let encode = encode_impl(item, &struct_body(printer, &plan.members));
    if plan.is_arm {
        let part = plan.ordered.then(|| ordered::group(printer, item, plan));
        return quote!(#part #encode);
    }
    let decode = decode_impl(printer, item, plan);
    let element = element_impl(printer, item);
    quote!(#decode #encode #element)
}

pub(crate) fn choice(printer: &Printer<'_>, item: &Item, plan: &ChoicePlan) -> TokenStream {
    let arms = plan.arms.iter().map(|arm| {
        let variant = ident(&arm.variant);
        let write = match &arm.kind {
            ArmKind::Element(field) => write_field(printer, field, &quote!(v), true),
            ArmKind::Group { item, boxed } => {
                let v = if *boxed { quote!(**v) } else { quote!(*v) };
                let empty = refuse_empty(printer, *item, &arm.variant, &v);
                quote!(#empty mno_runtime::xml::Encode::encode(v, w)?;)
            }
        };
        quote!(Self::#variant(v) => { #write })
    });
    let part = plan.ordered.then(|| ordered::choice(printer, item, plan));
    let encode = encode_impl(item, &quote!(match self { #(#arms)* }));
    quote!(#part #encode)
}

/// A group without a single field set would not be there for a reader; `v` is its place.
fn refuse_empty(
    printer: &Printer<'_>,
    item: ItemId,
    name: &str,
    v: &TokenStream,
) -> Option<TokenStream> {
    match &printer.plan.item(item).kind {
        ItemKind::Struct(plan) if !plan.members.iter().any(Member::is_required) => {
            let path = printer.path(item);
            let message = format!("the group `{name}` is empty: set at least one of its fields");
            Some(quote! {
                if #v == #path::default() {
                    return Err(w.error("", #message));
                }
            })
        }
        _ => None,
    }
}

pub(crate) fn newtype(printer: &Printer<'_>, item: &Item, field: &Field) -> TokenStream {
    let name = ident(&item.name);
    let only = printer.only_type(item);
    let (read, write) = if field.ty == Ty::Any {
        (
            quote!(c.any(tag).map(Self)),
            quote!(w.any_content(&self.0)?;),
        )
    } else if field.nillable {
        let checks = checks(field, &quote!(v));
        (
            quote!(c.nillable_value(tag).map(Self)),
            quote! {
                match &self.0 {
                    mno_runtime::xml::Nillable::Value(v) => { #checks w.value(v)?; }
                    mno_runtime::xml::Nillable::Nil => w.nil()?,
                }
            },
        )
    } else if field.ty.is_lexical() {
        let checks = checks(field, &quote!(&self.0));
        (
            quote!(c.value().map(Self)),
            quote!(#checks w.value(&self.0)?;),
        )
    } else {
        (
            quote!(#only c.read(tag).map(Self)),
            quote!(mno_runtime::xml::Encode::encode(&self.0, w)?;),
        )
    };
    let tag = if field.ty.is_lexical() && !field.nillable {
        ident("_tag")
    } else {
        ident("tag")
    };
    let encode = encode_impl(item, &write);
    let element = element_impl(printer, item);
    quote! {
        impl mno_runtime::xml::Decode for #name {
            fn decode(
                c: &mut mno_runtime::xml::Cursor<'_>,
                #tag: &mno_runtime::xml::Tag<'_>,
            ) -> Result<Self, mno_runtime::xml::DecodeError> {
                #read
            }
        }
        #encode
        #element
    }
}

fn element_impl(printer: &Printer<'_>, item: &Item) -> Option<TokenStream> {
    let element = item.element.as_ref()?;
    let name = ident(&item.name);
    let ns = printer.ns(element);
    let local = &element.local;
    Some(quote! {
        impl mno_runtime::xml::Element for #name {
            const NS: mno_runtime::xml::NsId = #ns;
            const LOCAL: &'static str = #local;
        }
    })
}

pub(super) fn encode_impl(item: &Item, body: &TokenStream) -> TokenStream {
    let name = ident(&item.name);
    let w = if body.is_empty() {
        ident("_w")
    } else {
        ident("w")
    };
    quote! {
        impl mno_runtime::xml::Encode for #name {
            fn encode(
                &self,
                #w: &mut mno_runtime::xml::Writer<'_>,
            ) -> Result<(), mno_runtime::xml::EncodeError> {
                #body
                Ok(())
            }
        }
    }
}

fn struct_body(printer: &Printer<'_>, members: &[Member]) -> TokenStream {
    members
        .iter()
        .map(|member| {
            let rust = ident(member.rust());
            let value = quote!(self.#rust);
            match member {
                Member::Attribute(field) => {
                    let ns = printer.ns(&field.wire);
                    let local = &field.wire.local;
                    let checks = |v: &TokenStream| checks(field, v);
                    match field.occurs {
                        Occurs::One => {
                            let checks = checks(&quote!(&#value));
                            quote!(#checks w.attribute(#ns, #local, &#value)?;)
                        }
                        _ => {
                            let checks = checks(&quote!(v));
                            quote! {
                                if let Some(v) = &#value { #checks w.attribute(#ns, #local, v)?; }
                            }
                        }
                    }
                }
                Member::AnyAttributes(_) => quote!(w.any_attributes(&#value)?;),
                Member::Text(field) => {
                    let checks = checks(field, &quote!(&#value));
                    quote!(#checks w.value(&#value)?;)
                }
                Member::Element(field) => write_field(printer, field, &value, false),
                Member::Choice(choice) => match choice.occurs {
                    Occurs::One => quote!(mno_runtime::xml::Encode::encode(&#value, w)?;),
                    Occurs::Optional => {
                        let empty = refuse_empty(printer, choice.item, &choice.rust, &quote!(*v));
                        quote! {
                            if let Some(v) = &#value {
                                #empty
                                mno_runtime::xml::Encode::encode(v, w)?;
                            }
                        }
                    }
                    Occurs::Many { min, max } => {
                        let count = check_count(&choice.rust, &quote!(#value.len()), min, max);
                        let empty = refuse_empty(printer, choice.item, &choice.rust, &quote!(*v));
                        quote! {
                            #count
                            for v in &#value {
                                #empty
                                mno_runtime::xml::Encode::encode(v, w)?;
                            }
                        }
                    }
                },
            }
        })
        .collect()
}

/// Writes a field; `value` is a place (`self.x`) or, with `by_ref`, a reference to it.
fn write_field(
    printer: &Printer<'_>,
    field: &Field,
    value: &TokenStream,
    by_ref: bool,
) -> TokenStream {
    let reference = if by_ref {
        quote!(#value)
    } else {
        quote!(&#value)
    };
    match field.occurs {
        Occurs::One if field.blankable => {
            let (ns, local) = (printer.ns(&field.wire), &field.wire.local);
            let write = write_one(printer, field, &quote!(v));
            quote! {
                match #reference {
                    Some(v) => { #write }
                    None => w.empty(#ns, #local)?,
                }
            }
        }
        Occurs::One => write_one(printer, field, &reference),
        Occurs::Optional => {
            let write = write_one(printer, field, &quote!(v));
            quote!(if let Some(v) = #reference { #write })
        }
        Occurs::Many { min, max } => {
            let count = check_count(&field.wire.local, &quote!(#value.len()), min, max);
            let write = write_one(printer, field, &quote!(v));
            if field.items {
                let local = &field.wire.local;
                return quote! {
                    #count
                    for item in #reference {
                        let Ok(v) = item else {
                            return Err(w.error(#local, mno_runtime::xml::BAD_ITEM));
                        };
                        #write
                    }
                };
            }
            quote!(#count for v in #reference { #write })
        }
    }
}

/// Writes one occurrence from a reference.
fn write_one(printer: &Printer<'_>, field: &Field, reference: &TokenStream) -> TokenStream {
    let (ns, local) = (printer.ns(&field.wire), &field.wire.local);
    if field.ty == Ty::Any && local.is_empty() {
        return quote!(w.any(#reference)?;);
    }
    if field.ty == Ty::Any {
        return quote! {
            w.begin(#ns, #local)?;
            w.any_content(#reference)?;
            w.end()?;
        };
    }
    let plain = |reference: &TokenStream| {
        let checks = checks(field, reference);
        if wants_dashes(field) {
            quote! {
                w.element_value(#ns, #local, &mno_runtime::values::Imei::with_dashes(#reference))?;
            }
        } else if field.ty.is_lexical() {
            quote!(#checks w.element_value(#ns, #local, #reference)?;)
        } else {
            quote!(w.element(#ns, #local, #reference)?;)
        }
    };
    if field.nillable {
        let write = plain(&quote!(v));
        return quote! {
            match #reference {
                mno_runtime::xml::Nillable::Value(v) => { #write }
                mno_runtime::xml::Nillable::Nil => w.nil_element(#ns, #local)?,
            }
        };
    }
    plain(reference)
}

/// Whether a contract has IMEIs dashed; people and other systems have them bare as well.
fn wants_dashes(field: &Field) -> bool {
    let dashed = |pattern: &String| pattern.contains("}-[");
    field.ty == Ty::Scalar(Scalar::Imei) && field.facets.patterns.iter().any(dashed)
}

/// `Some(7)` or `None`, as code.
pub(super) fn option(literal: Option<Literal>) -> TokenStream {
    match literal {
        Some(literal) => quote!(Some(#literal)),
        None => quote!(None),
    }
}

fn check_count(local: &str, len: &TokenStream, min: u32, max: Option<u32>) -> Option<TokenStream> {
    if min == 0 && max.is_none() {
        return None;
    }
    let min = Literal::u32_unsuffixed(min);
    let max = option(max.map(Literal::u32_unsuffixed));
    Some(quote!(w.check_count(#local, #len, #min, #max)?;))
}

fn decode_impl(printer: &Printer<'_>, item: &Item, plan: &StructPlan) -> TokenStream {
    let members = &plan.members;
    let name = ident(&item.name);
    let mut scope = Scope::with(&["c", "tag", "v"]);
    let attributes: Vec<&Field> = members
        .iter()
        .filter_map(|m| {
            if let Member::Attribute(f) = m {
                Some(f)
            } else {
                None
            }
        })
        .collect();
    let mut statements = TokenStream::new();
    let only = printer.only_type(item);
    statements.extend(only.clone());
    let mut inits = TokenStream::new();
    for field in &attributes {
        let slot = ident(&scope.take(&field.rust));
        let (ns, local) = (printer.ns(&field.wire), &field.wire.local);
        statements.extend(quote!(let #slot = c.attribute_value(tag, #ns, #local)?;));
        let rust = ident(&field.rust);
        if field.occurs == Occurs::One {
            let label = format!("@{local}");
            inits.extend(quote!(#rust: c.required(#slot, #label)?,));
        } else {
            inits.extend(init(&rust, &slot));
        }
    }
    let open = members.iter().find_map(|m| match m {
        Member::AnyAttributes(rust) => Some(rust),
        _ => None,
    });
    if let Some(rust) = open {
        let slot = ident(&scope.take(rust));
        let known = attributes.iter().map(|field| {
            let (ns, local) = (printer.ns(&field.wire), &field.wire.local);
            quote!((#ns, #local))
        });
        statements.extend(quote!(let #slot = c.any_attributes(tag, &[#(#known),*])?;));
        inits.extend(init(&ident(rust), &slot));
    }
    let text = members.iter().find_map(|m| {
        if let Member::Text(f) = m {
            Some(f)
        } else {
            None
        }
    });
    if let Some(field) = text {
        let rust = ident(&field.rust);
        // The end of the element is read with its text, so attributes are settled after it.
        statements.extend(quote!(let text = c.value()?;));
        inits.extend(quote!(#rust: text,));
    } else if plan.ordered {
        let (read, fields) = ordered::content(printer, members, &mut scope);
        statements.extend(read);
        inits.extend(fields);
    } else {
        let slots = slots(printer, members, &mut scope);
        let mut declarations = TokenStream::new();
        let mut arms = TokenStream::new();
        for slot in &slots {
            declare(printer, slot, &mut declarations, &mut arms);
        }
        statements.extend(declarations);
        let wildcard = slots.iter().find_map(|slot| wildcard(printer, slot));
        if arms.is_empty() && wildcard.is_none() {
            statements.extend(quote!(c.end()?;));
        } else {
            let other = wildcard.unwrap_or_else(|| quote!(c.skip_unknown()?));
            statements.extend(quote! {
                while let Some(tag) = c.next_child()? {
                    match (tag.ns, tag.local) {
                        #arms
                        _ => #other,
                    }
                }
            });
        }
        let (prelude, fields) = assemble(printer, &slots);
        statements.extend(prelude);
        inits.extend(fields);
    }
    let tag = if attributes.is_empty() && open.is_none() && only.is_none() {
        ident("_tag")
    } else {
        ident("tag")
    };
    quote! {
        impl mno_runtime::xml::Decode for #name {
            fn decode(
                c: &mut mno_runtime::xml::Cursor<'_>,
                #tag: &mno_runtime::xml::Tag<'_>,
            ) -> Result<Self, mno_runtime::xml::DecodeError> {
                #statements
                Ok(Self { #inits })
            }
        }
    }
}

pub(super) fn init(rust: &Ident, slot: &Ident) -> TokenStream {
    if rust == slot {
        quote!(#rust,)
    } else {
        quote!(#rust: #slot,)
    }
}

fn slots<'p>(printer: &'p Printer<'p>, members: &'p [Member], scope: &mut Scope) -> Vec<Slot<'p>> {
    members
        .iter()
        .filter_map(|member| match member {
            Member::Attribute(_) | Member::AnyAttributes(_) | Member::Text(_) => None,
            Member::Element(field) => Some(Slot::Field {
                name: ident(&scope.take(&field.rust)),
                field,
            }),
            Member::Choice(choice) => {
                let ItemKind::Choice(plan) = &printer.plan.item(choice.item).kind else {
                    return None;
                };
                let name = ident(&scope.take(&choice.rust));
                if matches!(choice.occurs, Occurs::Many { .. }) {
                    return Some(Slot::Repeated {
                        name,
                        choice,
                        arms: &plan.arms,
                    });
                }
                let arms = plan
                    .arms
                    .iter()
                    .map(|arm| {
                        let inner = match &arm.kind {
                            ArmKind::Element(field) => {
                                vec![Slot::Field {
                                    name: ident(&scope.take(&field.rust)),
                                    field,
                                }]
                            }
                            ArmKind::Group { item, .. } => match &printer.plan.item(*item).kind {
                                ItemKind::Struct(plan) => slots(printer, &plan.members, scope),
                                _ => Vec::new(),
                            },
                        };
                        (arm, inner)
                    })
                    .collect();
                Some(Slot::Choice { name, choice, arms })
            }
        })
        .collect()
}

/// Declares the slots and prints the match arms that fill them.
fn declare(
    printer: &Printer<'_>,
    slot: &Slot<'_>,
    declarations: &mut TokenStream,
    arms: &mut TokenStream,
) {
    match slot {
        Slot::Field { name, field } => {
            let ty = printer.slot_type(field);
            let init = match field.occurs {
                Occurs::Many { .. } if field.items => quote!(mno_runtime::xml::Items::default()),
                Occurs::Many { .. } => quote!(Vec::new()),
                _ => quote!(None),
            };
            declarations.extend(quote!(let mut #name: #ty = #init;));
            if field.wire.local.is_empty() {
                // Any element: read where no other arm fits.
                return;
            }
            let pattern = pattern(printer, &field.wire);
            let read = read(field, name);
            arms.extend(quote!(#pattern => #read,));
        }
        Slot::Choice { arms: inner, .. } => {
            for slot in inner.iter().flat_map(|(_, slots)| slots) {
                declare(printer, slot, declarations, arms);
            }
        }
        Slot::Repeated {
            name,
            choice,
            arms: variants,
        } => {
            let ty = printer.path(choice.item);
            declarations.extend(quote!(let mut #name: Vec<#ty> = Vec::new();));
            for arm in *variants {
                let ArmKind::Element(field) = &arm.kind else {
                    continue;
                };
                if field.wire.local.is_empty() {
                    continue;
                }
                let variant = ident(&arm.variant);
                let pattern = pattern(printer, &field.wire);
                let value = read_one(field);
                arms.extend(quote!(#pattern => #name.push(#ty::#variant(#value)),));
            }
        }
    }
}

/// Reads an element that the contract does not describe into the slot that takes any.
fn wildcard(printer: &Printer<'_>, slot: &Slot<'_>) -> Option<TokenStream> {
    match slot {
        Slot::Field { name, field } => field.wire.local.is_empty().then(|| read(field, name)),
        Slot::Choice { arms, .. } => arms
            .iter()
            .flat_map(|(_, slots)| slots)
            .find_map(|slot| wildcard(printer, slot)),
        Slot::Repeated { name, choice, arms } => arms.iter().find_map(|arm| match &arm.kind {
            ArmKind::Element(field) if field.wire.local.is_empty() => {
                let (ty, variant) = (printer.path(choice.item), ident(&arm.variant));
                Some(quote!(#name.push(#ty::#variant(c.any(&tag)?))))
            }
            _ => None,
        }),
    }
}

fn pattern(printer: &Printer<'_>, wire: &QName) -> TokenStream {
    let (ns, local) = (printer.ns(wire), &wire.local);
    quote!((#ns, #local))
}

/// Reads the element just found into its slot.
fn read(field: &Field, slot: &Ident) -> TokenStream {
    let lexical = field.ty.is_lexical();
    match field.occurs {
        Occurs::Many { .. } if field.items => quote!(#slot.push_result(c.item(&tag)?)),
        Occurs::Many { .. } => {
            let value = read_one(field);
            quote!(#slot.push(#value))
        }
        _ if !field.blankable && or_else(field).is_some() => {
            let value = read_one(field);
            quote!({
                let v = #value;
                c.place(&mut #slot, v)?
            })
        }
        _ if field.ty == Ty::Any => quote!({
            let v = c.any(&tag)?;
            c.place(&mut #slot, v)?
        }),
        _ if field.nillable && lexical => quote!(c.put_nillable_value(&mut #slot, &tag)?),
        _ if field.nillable => quote!(c.put_nillable(&mut #slot, &tag)?),
        _ if !lexical => quote!(c.put(&mut #slot, &tag)?),
        Occurs::One if field.blankable => quote!(c.put_blank_value(&mut #slot, &tag)?),
        Occurs::One => quote!(c.put_value(&mut #slot)?),
        Occurs::Optional => quote!(c.put_optional_value(&mut #slot, &tag)?),
    }
}

/// What an element without content means, if that is not nothing.
pub(super) fn or_else(field: &Field) -> Option<&String> {
    let text = field.default.as_ref().or(field.fixed.as_ref());
    text.filter(|_| field.ty.is_lexical())
}

fn read_one(field: &Field) -> TokenStream {
    if field.ty == Ty::Any {
        return quote!(c.any(&tag)?);
    }
    match (or_else(field), field.nillable) {
        (Some(text), true) => return quote!(c.nillable_value_or(&tag, #text)?),
        (Some(text), false) => return quote!(c.value_or(#text)?),
        (None, _) => {}
    }
    match (field.nillable, field.ty.is_lexical()) {
        (true, true) => quote!(c.nillable_value(&tag)?),
        (true, false) => quote!(c.nillable(&tag)?),
        (false, true) => quote!(c.value()?),
        (false, false) => quote!(c.read(&tag)?),
    }
}

/// What is true when any slot of an arm was filled.
fn taken(slot: &Slot<'_>) -> TokenStream {
    match slot {
        Slot::Field { name, field } => match field.occurs {
            Occurs::Many { .. } => quote!(!#name.is_empty()),
            _ => quote!(#name.is_some()),
        },
        Slot::Repeated { name, .. } => quote!(!#name.is_empty()),
        Slot::Choice { arms, .. } => {
            let all = arms.iter().flat_map(|(_, slots)| slots).map(taken);
            quote!(#(#all)||*)
        }
    }
}

/// Statements that put choices together, and the struct's fields.
fn assemble(printer: &Printer<'_>, slots: &[Slot<'_>]) -> (TokenStream, TokenStream) {
    let mut prelude = TokenStream::new();
    let mut inits = TokenStream::new();
    for slot in slots {
        match slot {
            Slot::Field { name, field } => {
                let rust = ident(&field.rust);
                let local = &field.wire.local;
                if field.blankable {
                    // Absent says no more than blank, and older platforms leave it out.
                    inits.extend(quote!(#rust: #name.flatten(),));
                } else if field.occurs == Occurs::One {
                    inits.extend(quote!(#rust: c.required(#name, #local)?,));
                } else {
                    inits.extend(init(&rust, name));
                }
            }
            Slot::Repeated { name, choice, .. } => inits.extend(init(&ident(&choice.rust), name)),
            Slot::Choice { name, choice, arms } => {
                prelude.extend(assemble_choice(printer, name, choice, arms));
                inits.extend(init(&ident(&choice.rust), name));
            }
        }
    }
    (prelude, inits)
}

fn assemble_choice(
    printer: &Printer<'_>,
    name: &Ident,
    choice: &ChoiceUse,
    arms: &[(&Arm, Vec<Slot<'_>>)],
) -> TokenStream {
    let ty = printer.path(choice.item);
    let names: Vec<&str> = arms
        .iter()
        .filter_map(|(_, slots)| slots.first())
        .map(|slot| match slot {
            Slot::Field { field, .. } if field.wire.local.is_empty() => "xs:any",
            Slot::Field { field, .. } => field.wire.local.as_str(),
            Slot::Choice { choice, .. } | Slot::Repeated { choice, .. } => choice.rust.as_str(),
        })
        .collect();
    let names = names.join(", ");
    let takens = arms.iter().map(|(_, slots)| {
        let all = slots.iter().map(taken);
        quote!(#(#all)||*)
    });
    let mut picks = TokenStream::new();
    for (arm, slots) in arms {
        let variant = ident(&arm.variant);
        picks.extend(match (&arm.kind, slots.as_slice()) {
            (ArmKind::Element(field), [Slot::Field { name: slot, .. }]) => match field.occurs {
                Occurs::Many { .. } => quote! {
                    if !#slot.is_empty() {
                        #name = Some(#ty::#variant(#slot));
                    }
                },
                _ => quote! {
                    if let Some(v) = #slot {
                        #name = Some(#ty::#variant(v));
                    }
                },
            },
            (ArmKind::Group { item, boxed }, _) => {
                let path = printer.path(*item);
                let (prelude, inits) = assemble(printer, slots);
                let group = quote!(#path { #inits });
                let group = if *boxed {
                    quote!(Box::new(#group))
                } else {
                    group
                };
                let all = slots.iter().map(taken);
                quote! {
                    if #(#all)||* {
                        #prelude
                        #name = Some(#ty::#variant(#group));
                    }
                }
            }
            _ => TokenStream::new(),
        });
    }
    let required = (choice.occurs == Occurs::One).then(|| {
        let names = format!("({})", names.replace(", ", "|"));
        quote!(let #name = c.required(#name, #names)?;)
    });
    quote! {
        c.one_arm(&[#(#takens),*], #names)?;
        let mut #name: Option<#ty> = None;
        #picks
        #required
    }
}
