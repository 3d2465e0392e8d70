//! Prints `Decode` and `Encode`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::names::Scope;
use super::super::types::ident;
use super::checks;
use super::plan::{Additional, ArmPlan, Field, Item, ItemKind, RestPlan, Ty};
use super::types::arm_type;
use crate::openapi::model::Scalar;

/// Reads and writes a struct.
pub(super) fn structure(
    plan: &RestPlan<'_>,
    item: &Item,
    fields: &[Field],
    additional: Option<&Additional>,
    count: (Option<u64>, Option<u64>),
) -> TokenStream {
    let multipart = item.multipart.then(|| multipart(item, fields, additional));
    // A file has no place in JSON.
    if fields.iter().any(|f| has_file(&f.ty)) {
        return quote!(#multipart);
    }
    let decode = decode(plan, item, fields, additional);
    let encode = encode(item, fields, additional, count);
    quote!(#decode #encode #multipart)
}

fn has_file(ty: &Ty) -> bool {
    match ty {
        Ty::File => true,
        Ty::List(inner) | Ty::Items(inner) | Ty::Map(inner) | Ty::Nullable(inner) => {
            has_file(inner)
        }
        _ => false,
    }
}

/// Whether the type is not read as its Rust type by itself.
fn reads_by_itself(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(
            Scalar::Digits
            | Scalar::LenientString
            | Scalar::LenientBool
            | Scalar::LenientI32
            | Scalar::LenientI64
            | Scalar::LenientF64,
        ) => false,
        Ty::List(inner) | Ty::Items(inner) | Ty::Map(inner) | Ty::Nullable(inner) => {
            reads_by_itself(inner)
        }
        _ => true,
    }
}

fn writes_by_itself(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(Scalar::DecimalText) => false,
        Ty::List(inner) | Ty::Items(inner) | Ty::Map(inner) | Ty::Nullable(inner) => {
            writes_by_itself(inner)
        }
        _ => true,
    }
}

/// An expression that reads a value from `c`.
fn read(plan: &RestPlan<'_>, ty: &Ty) -> TokenStream {
    if reads_by_itself(ty) {
        let ty = plan.ty(ty);
        return quote!(c.read::<#ty>());
    }
    match ty {
        Ty::Scalar(Scalar::Digits) => quote!(c.digits_text().map(|text| text.into_owned())),
        Ty::List(inner) | Ty::Items(inner) => {
            let inner = read(plan, inner);
            quote!(c.array(|c| #inner))
        }
        Ty::Map(inner) => {
            let inner = read(plan, inner);
            quote!(c.map(|c| #inner))
        }
        Ty::Nullable(inner) => {
            let inner = read(plan, inner);
            quote!(if c.take_null()? {
                Ok(mno_runtime::json::Nullable::Null)
            } else {
                #inner.map(mno_runtime::json::Nullable::Value)
            })
        }
        ty => {
            let ty = plan.ty(ty);
            quote!(c.lenient::<#ty>())
        }
    }
}

/// An expression that writes `v` to `w`.
fn write(ty: &Ty) -> TokenStream {
    match ty {
        Ty::Scalar(Scalar::DecimalText) => quote!({
            w.text(v);
            Ok(())
        }),
        Ty::List(inner) | Ty::Items(inner) if !writes_by_itself(inner) => {
            let inner = write(inner);
            quote!(w.array(v, |w, v| #inner))
        }
        Ty::Map(inner) if !writes_by_itself(inner) => {
            let inner = write(inner);
            quote!(w.map(v, |w, v| #inner))
        }
        Ty::Nullable(inner) if !writes_by_itself(inner) => {
            let inner = write(inner);
            quote!(match v.value() {
                Some(v) => #inner,
                None => {
                    w.null();
                    Ok(())
                }
            })
        }
        _ => quote!(v.encode(w)),
    }
}

fn decode(
    plan: &RestPlan<'_>,
    item: &Item,
    fields: &[Field],
    additional: Option<&Additional>,
) -> TokenStream {
    let name = ident(&item.name);
    // A field may have the cursor's name.
    let mut scope = Scope::with(&["c", "name"]);
    let slots: Vec<_> = fields.iter().map(|f| ident(&scope.take(&f.rust))).collect();
    let lets = fields.iter().zip(&slots).map(|(field, slot)| {
        let ty = plan.value_type(field);
        quote!(let mut #slot: Option<#ty> = None;)
    });
    let arms = fields.iter().zip(&slots).map(|(field, slot)| {
        let wire = &field.wire;
        let put = match &field.ty {
            Ty::List(inner) | Ty::Items(inner) if field.one_or_many => {
                let read = read(plan, inner);
                quote!(c.put_with(&mut #slot, |c| c.one_or_many(|c| #read).map(Into::into))?)
            }
            // Of any value, `null` is one.
            Ty::Any if field.required => quote!(c.put_nullable(&mut #slot)?),
            _ if field.nullable && reads_by_itself(&field.ty) => {
                quote!(c.put_nullable(&mut #slot)?)
            }
            _ if field.nullable => {
                let read = read(plan, &field.ty);
                quote!(c.put_null_or(&mut #slot, |c| #read)?)
            }
            ty if reads_by_itself(ty) => quote!(c.put(&mut #slot)?),
            Ty::Scalar(scalar) if *scalar != Scalar::Digits => quote!(c.put_lenient(&mut #slot)?),
            ty => {
                let read = read(plan, ty);
                quote!(c.put_with(&mut #slot, |c| #read)?)
            }
        };
        quote!(#wire => #put,)
    });
    let values = fields.iter().zip(&slots).map(|(field, slot)| {
        let rust = ident(&field.rust);
        let wire = &field.wire;
        if field.required {
            quote!(#rust: c.required(#slot, #wire)?,)
        } else if field.empty_is_absent {
            quote!(#rust: #slot.unwrap_or_default(),)
        } else if *slot == field.rust {
            quote!(#rust,)
        } else {
            quote!(#rust: #slot,)
        }
    });
    let (more_let, other, more_value) = match additional {
        Some(Additional { rust, ty, .. }) => {
            let rust = ident(rust);
            let read = read(plan, ty);
            (
                quote!(let mut #rust = std::collections::BTreeMap::new();),
                quote! {
                    _ => {
                        let value = #read?;
                        #rust.insert(name.into_owned(), value);
                    }
                },
                quote!(#rust,),
            )
        }
        None => (quote!(), quote!(_ => c.skip_unknown()?,), quote!()),
    };
    let the_match = if fields.is_empty() && additional.is_none() {
        quote!({
            let _ = name;
            c.skip_unknown()?;
        })
    } else {
        quote!(match &*name { #(#arms)* #other })
    };
    quote! {
        impl mno_runtime::json::Decode for #name {
            fn decode(
                c: &mut mno_runtime::json::Cursor<'_>,
            ) -> Result<Self, mno_runtime::json::DecodeError> {
                #(#lets)*
                #more_let
                c.begin_object()?;
                while let Some(name) = c.next_name()? {
                    #the_match
                }
                Ok(Self { #(#values)* #more_value })
            }
        }
    }
}

/// Whether as many members are set as the contract wants.
fn check_count(
    fields: &[Field],
    additional: Option<&Additional>,
    (min, max): (Option<u64>, Option<u64>),
) -> Option<TokenStream> {
    if min.is_none() && max.is_none() {
        return None;
    }
    let set = fields.iter().map(|field| {
        let rust = ident(&field.rust);
        if field.required {
            quote!(true)
        } else if field.empty_is_absent {
            quote!(!self.#rust.is_empty())
        } else {
            quote!(self.#rust.is_some())
        }
    });
    let more = additional.map(|more| {
        let rust = ident(&more.rust);
        quote!(+ self.#rust.len())
    });
    let min = Literal::u64_unsuffixed(min.unwrap_or(0));
    let max = match max {
        Some(max) => {
            let max = Literal::u64_unsuffixed(max);
            quote!(Some(#max))
        }
        None => quote!(None),
    };
    Some(quote! {
        let set = [#(#set),*].into_iter().filter(|set| *set).count() #more;
        w.check_members(set, #min, #max)?;
    })
}

fn encode(
    item: &Item,
    fields: &[Field],
    additional: Option<&Additional>,
    count: (Option<u64>, Option<u64>),
) -> TokenStream {
    let counted = item
        .usage
        .request
        .then(|| check_count(fields, additional, count))
        .flatten();
    let name = ident(&item.name);
    let checks = item.usage.request.then(|| all_checks(fields, additional));
    let members = fields.iter().map(|field| {
        let rust = ident(&field.rust);
        let wire = &field.wire;
        let optional = !field.required && !field.empty_is_absent;
        let plain = writes_by_itself(&field.ty);
        match (optional, plain) {
            (true, true) => quote!(w.optional(#wire, &self.#rust)?;),
            (false, true) if field.empty_is_absent => quote! {
                if !self.#rust.is_empty() {
                    w.member(#wire, &self.#rust)?;
                }
            },
            (false, true) => quote!(w.member(#wire, &self.#rust)?;),
            _ => {
                let write = write(&field.ty);
                let write = if field.nullable {
                    quote! {
                        match v.value() {
                            Some(v) => #write,
                            None => {
                                w.null();
                                Ok(())
                            }
                        }
                    }
                } else {
                    write
                };
                let member = quote!(w.member_with(#wire, |w| #write)?;);
                if optional {
                    quote!(if let Some(v) = &self.#rust { #member })
                } else if field.empty_is_absent {
                    quote! {
                        let v = &self.#rust;
                        if !v.is_empty() { #member }
                    }
                } else {
                    quote! {
                        let v = &self.#rust;
                        #member
                    }
                }
            }
        }
    });
    let more = additional.map(|more| {
        let rust = ident(&more.rust);
        let write = write(&more.ty);
        quote! {
            for (name, v) in &self.#rust {
                w.entry(name, |w| #write)?;
            }
        }
    });
    let body = if fields.is_empty() && additional.is_none() {
        quote!(w.object(|_| Ok(())))
    } else {
        quote! {
            w.object(|w| {
                #(#members)*
                #more
                Ok(())
            })
        }
    };
    quote! {
        impl mno_runtime::json::Encode for #name {
            fn encode(
                &self,
                w: &mut mno_runtime::json::Writer,
            ) -> Result<(), mno_runtime::json::EncodeError> {
                #counted
                #checks
                #body
            }
        }
    }
}

fn all_checks(fields: &[Field], more: Option<&Additional>) -> TokenStream {
    let w = quote!(w);
    let fields = fields.iter().map(|field| checks::field(field, &w));
    let more = more.map(|more| checks::additional(more, &w));
    fields.chain(more).collect()
}

fn multipart(item: &Item, fields: &[Field], additional: Option<&Additional>) -> TokenStream {
    let name = ident(&item.name);
    let writes = fields.iter().map(|field| {
        let rust = ident(&field.rust);
        let wire = &field.wire;
        let write = match &field.ty {
            Ty::File => quote!(p.file(#wire, v);),
            Ty::List(inner) | Ty::Items(inner) if **inner == Ty::File => quote! {
                for v in v {
                    p.file(#wire, v);
                }
            },
            _ => quote!(p.value(#wire, v)?;),
        };
        if field.required || field.empty_is_absent {
            quote!({
                let v = &self.#rust;
                #write
            })
        } else {
            quote!(if let Some(v) = &self.#rust { #write })
        }
    });
    let more = additional.map(|more| {
        let rust = ident(&more.rust);
        quote! {
            for (name, v) in &self.#rust {
                p.value(name, v)?;
            }
        }
    });
    let mut checks = all_checks(fields, additional);
    if !checks.is_empty() {
        // It says where a value is wrong; nothing is written to it.
        checks = quote!(let w = mno_runtime::json::Writer::new(); #checks);
    }
    quote! {
        impl mno_runtime::rest::Multipart for #name {
            fn parts(
                &self,
                p: &mut mno_runtime::rest::Parts,
            ) -> Result<(), mno_runtime::json::EncodeError> {
                #checks
                #(#writes)*
                #more
                Ok(())
            }
        }
    }
}

/// Reads and writes an enumeration.
pub(super) fn enumeration(plan: &RestPlan<'_>, item: &Item, numeric: bool) -> TokenStream {
    let name = ident(&item.name);
    let (mut read, write) = if numeric {
        (
            quote!(c.lenient()),
            quote!(w.number_or_string(self.as_str());),
        )
    } else {
        (quote!(c.text()), quote!(w.string(self.as_str());))
    };
    if plan.tried.contains(&item.id) {
        read = quote!(#read.map(|value| c.listed(value, Self::is_known)));
    }
    quote! {
        impl mno_runtime::json::Decode for #name {
            fn decode(
                c: &mut mno_runtime::json::Cursor<'_>,
            ) -> Result<Self, mno_runtime::json::DecodeError> {
                #read
            }
        }

        impl mno_runtime::json::Encode for #name {
            fn encode(
                &self,
                w: &mut mno_runtime::json::Writer,
            ) -> Result<(), mno_runtime::json::EncodeError> {
                #write
                Ok(())
            }
        }
    }
}

/// Reads and writes one of several.
pub(super) fn one_of(
    plan: &RestPlan<'_>,
    item: &Item,
    arms: &[ArmPlan],
    discriminator: Option<&str>,
) -> TokenStream {
    let name = ident(&item.name);
    let unknown = quote!(c.read().map(Self::Unknown));
    let read_arm = |arm: &ArmPlan| {
        let variant = ident(&arm.variant);
        if arm.boxed {
            let ty = arm_type(plan, arm);
            return quote!(c.read::<#ty>().map(Self::#variant));
        }
        let read = read(plan, &arm.ty);
        quote!(#read.map(Self::#variant))
    };
    let body = match discriminator {
        Some(member) => {
            let matches = arms.iter().filter(|arm| !arm.tags.is_empty()).map(|arm| {
                let read = read_arm(arm);
                let tags = &arm.tags;
                quote!(#(Some(#tags))|* => #read,)
            });
            quote! {
                let tag = c.peek_member(#member)?;
                match tag.as_deref() {
                    #(#matches)*
                    _ => #unknown,
                }
            }
        }
        None => {
            let reads = arms.iter().map(|arm| {
                let read = read_arm(arm);
                quote!(|c| #read)
            });
            quote! {
                match c.best(&[#(#reads),*])? {
                    Some(value) => Ok(value),
                    None => #unknown,
                }
            }
        }
    };
    let writes = arms.iter().map(|arm| {
        let variant = ident(&arm.variant);
        let write = write(&arm.ty);
        quote!(Self::#variant(v) => #write,)
    });
    quote! {
        impl mno_runtime::json::Decode for #name {
            fn decode(
                c: &mut mno_runtime::json::Cursor<'_>,
            ) -> Result<Self, mno_runtime::json::DecodeError> {
                #body
            }
        }

        impl mno_runtime::json::Encode for #name {
            fn encode(
                &self,
                w: &mut mno_runtime::json::Writer,
            ) -> Result<(), mno_runtime::json::EncodeError> {
                match self {
                    #(#writes)*
                    Self::Unknown(v) => v.encode(w),
                }
            }
        }
    }
}

/// Whether a type has a JSON codec.
pub(super) fn has_json(item: &Item) -> bool {
    match &item.kind {
        ItemKind::Struct { fields, .. } => !fields.iter().any(|f| has_file(&f.ty)),
        _ => true,
    }
}
