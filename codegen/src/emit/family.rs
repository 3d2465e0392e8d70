//! Prints enumerations of a type and the types that are derived from it.

use proc_macro2::TokenStream;
use quote::quote;

use super::codec::encode_impl;
use super::docs::outer;
use super::plan::{FamilyPlan, Item};
use super::types::{Printer, ident, item_doc};

impl Printer<'_> {
    pub(super) fn family(&self, item: &Item, plan: &FamilyPlan) -> TokenStream {
        let name = ident(&item.name);
        let doc = outer(&format!(
            "{}\n\nWhich type a value is of stands in `xsi:type`.",
            item_doc(item)
        ));
        let variants = plan.kinds.iter().map(|kind| {
            let (variant, ty) = (ident(&kind.variant), self.ty(&kind.ty));
            let doc = outer(&format!("A `{}`.", kind.name.local));
            quote!(#doc #variant(Box<#ty>),)
        });
        let conversions = plan.kinds.iter().map(|kind| {
            let (variant, ty) = (ident(&kind.variant), self.ty(&kind.ty));
            quote! {
                impl From<#ty> for #name {
                    fn from(value: #ty) -> Self { Self::#variant(Box::new(value)) }
                }
            }
        });
        let reads = plan.kinds.iter().map(|kind| {
            let variant = ident(&kind.variant);
            let (ns, local) = (self.ns(&kind.name), &kind.name.local);
            let none = kind.is_base.then(|| quote!(None |));
            quote!(#none Some((#ns, #local)) => c.read(tag).map(Self::#variant),)
        });
        let read = if plan.kinds.is_empty() {
            quote!(c.any(tag).map(Self::Unknown))
        } else {
            quote! {
                match c.type_name(tag)? {
                    #(#reads)*
                    _ => c.any(tag).map(Self::Unknown),
                }
            }
        };
        let writes = plan.kinds.iter().map(|kind| {
            let variant = ident(&kind.variant);
            let (ns, local) = (self.ns(&kind.name), &kind.name.local);
            let told = (!kind.is_base).then(|| quote!(w.type_name(#ns, #local)?;));
            quote!(Self::#variant(v) => {
                #told
                mno_runtime::xml::Encode::encode(v, w)?;
            })
        });
        let encode = encode_impl(
            item,
            &quote!(match self { #(#writes)* Self::Unknown(v) => w.any_content(v)?, }),
        );
        quote! {
            #doc
            #[derive(Debug, Clone, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                /// A type that the contract does not know, or none where there has to be one;
                /// kept as XML and written back as it came.
                Unknown(mno_runtime::xml::AnyElement),
            }

            #(#conversions)*

            impl mno_runtime::xml::Decode for #name {
                fn decode(
                    c: &mut mno_runtime::xml::Cursor<'_>,
                    tag: &mno_runtime::xml::Tag<'_>,
                ) -> Result<Self, mno_runtime::xml::DecodeError> {
                    #read
                }
            }
            #encode
        }
    }

    /// A message of a type that others are derived from is of that type and no other.
    pub(super) fn only_type(&self, item: &Item) -> Option<TokenStream> {
        use super::plan::{derived, family};
        use crate::model::{TypeKind, TypeName, TypeRef};

        let contract = self.plan.contract;
        let element = contract.elements.get(item.element.as_ref()?)?;
        let TypeRef::Defined(id) = element.ty else {
            return None;
        };
        let def = family(contract, id)?;
        let (TypeName::Named(name), TypeKind::Complex(complex)) = (&def.name, &def.kind) else {
            return None;
        };
        if complex.is_abstract || derived(contract, complex).next().is_none() {
            return None;
        }
        let (ns, local) = (self.ns(name), &name.local);
        Some(quote!(c.only_type(tag, #ns, #local)?;))
    }
}
