//! Prints structs and open enumerations in the shape that all generated types have, whatever the
//! contract was written in.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::docs::{outer, prose};
use super::types::ident;

/// Up to so many required fields, `new` takes them as arguments.
pub(crate) const MAX_NEW: usize = 4;

/// A field with what constructors and setters need to know of it.
pub(crate) struct RecordMember {
    pub(crate) rust: String,
    pub(crate) doc: String,
    /// Type of the field.
    pub(crate) ty: TokenStream,
    /// Type of one value, which a setter takes.
    pub(crate) one: TokenStream,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    /// What it is until it is set, where that is not the default of its type.
    pub(crate) initial: Option<TokenStream>,
    /// Masked in `Debug`.
    pub(crate) personal: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    One,
    Optional,
    List,
    OptionalList,
}

impl RecordMember {
    fn is_many(&self) -> bool {
        matches!(self.kind, Kind::List | Kind::OptionalList)
    }

    /// What a setter takes.
    fn argument(&self) -> TokenStream {
        let one = &self.one;
        if self.is_many() {
            quote!(impl IntoIterator<Item = #one>)
        } else {
            quote!(impl Into<#one>)
        }
    }

    /// What it is until it is set.
    fn unset(&self) -> TokenStream {
        match &self.initial {
            Some(initial) => initial.clone(),
            None => quote!(Default::default()),
        }
    }

    /// What a setter makes of it.
    fn value(&self) -> TokenStream {
        match self.kind {
            Kind::One => quote!(value.into()),
            Kind::Optional => quote!(Some(value.into())),
            Kind::List => quote!(value.into_iter().collect()),
            Kind::OptionalList => quote!(Some(value.into_iter().collect())),
        }
    }
}

/// A struct with its constructors, setters and `Debug`.
pub(crate) fn record(
    type_name: &str,
    doc: &str,
    members: &[RecordMember],
    accessors: &TokenStream,
) -> TokenStream {
    let name = ident(type_name);
    let doc = outer(doc);
    let fields = members.iter().map(|member| {
        let rust = ident(&member.rust);
        let ty = &member.ty;
        let doc = outer(&member.doc);
        quote!(#doc pub #rust: #ty,)
    });
    let has_required = members.iter().any(|m| m.required);
    let derives_default = !has_required && members.iter().all(|m| m.initial.is_none());
    let default = derives_default.then(|| quote!(, Default));
    let default_impl = (!has_required && !derives_default).then(|| {
        let fields = members.iter().map(|member| {
            let (rust, unset) = (ident(&member.rust), member.unset());
            quote!(#rust: #unset,)
        });
        quote! {
            impl Default for #name {
                fn default() -> Self { Self { #(#fields)* } }
            }
        }
    });
    let personal = members.iter().any(|m| m.personal);
    let (derive_debug, debug) = if personal {
        (None, Some(debug_impl(&name, members)))
    } else {
        (Some(quote!(Debug,)), None)
    };
    let constructors = constructors(type_name, members);
    let setters = members.iter().map(setter);
    let builder = builder(type_name, members);
    quote! {
        #doc
        #[derive(#derive_debug Clone, PartialEq #default)]
        #[non_exhaustive]
        pub struct #name { #(#fields)* }

        impl #name {
            #constructors
            #(#setters)*
            #accessors
        }
        #default_impl
        #debug
        #builder
    }
}

/// `new` with the required fields, or `builder` where there are many.
fn constructors(name: &str, members: &[RecordMember]) -> TokenStream {
    let required: Vec<&RecordMember> = members.iter().filter(|m| m.required).collect();
    if required.is_empty() {
        let doc = outer(&format!("A `{name}` with nothing set."));
        return quote! {
            #doc
            #[must_use]
            pub fn new() -> Self { Self::default() }
        };
    }
    if required.len() > MAX_NEW {
        let builder = format_ident!("{name}Builder");
        let doc = outer(&format!("A builder for `{name}`; it has required fields."));
        return quote! {
            #doc
            #[must_use]
            pub fn builder() -> #builder { #builder::default() }
        };
    }
    let doc = outer(&format!("A `{name}` with what is required."));
    let args = required.iter().map(|member| {
        let rust = ident(&member.rust);
        if member.is_many() {
            let one = &member.one;
            return quote!(#rust: impl IntoIterator<Item = #one>);
        }
        let ty = &member.ty;
        quote!(#rust: impl Into<#ty>)
    });
    let inits = members.iter().map(|member| {
        let rust = ident(&member.rust);
        match (member.required, member.is_many()) {
            (true, true) => quote!(#rust: #rust.into_iter().collect(),),
            (true, false) => quote!(#rust: #rust.into(),),
            (false, _) => {
                let unset = member.unset();
                quote!(#rust: #unset,)
            }
        }
    });
    quote! {
        #doc
        pub fn new(#(#args),*) -> Self { Self { #(#inits)* } }
    }
}

fn setter(member: &RecordMember) -> TokenStream {
    let rust = ident(&member.rust);
    let method = format_ident!("with_{}", member.rust.trim_end_matches('_'));
    let (arg, value) = (member.argument(), member.value());
    let doc = outer(&format!("Sets [`{0}`](Self::{0}).", member.rust));
    quote! {
        #doc
        #[must_use]
        pub fn #method(mut self, value: #arg) -> Self {
            self.#rust = #value;
            self
        }
    }
}

fn builder(type_name: &str, members: &[RecordMember]) -> Option<TokenStream> {
    let required = members.iter().filter(|m| m.required).count();
    if required <= MAX_NEW {
        return None;
    }
    let name = ident(type_name);
    let builder = format_ident!("{type_name}Builder");
    let doc = outer(&format!("Builder of [`{type_name}`]."));
    let fields = members.iter().map(|member| {
        let rust = ident(&member.rust);
        let ty = &member.ty;
        if member.required || member.initial.is_some() {
            quote!(#rust: Option<#ty>,)
        } else {
            quote!(#rust: #ty,)
        }
    });
    let setters = members.iter().map(|member| {
        let rust = ident(&member.rust);
        let method = match member.rust.as_str() {
            // The builder has these already.
            taken @ ("build" | "default") => format_ident!("{taken}_"),
            _ => rust.clone(),
        };
        let doc = outer(&format!("Sets [`{0}`]({type_name}::{0}).", member.rust));
        let arg = member.argument();
        let value = match (member.kind, member.required) {
            (Kind::One, _) if member.required || member.initial.is_some() => {
                quote!(Some(value.into()))
            }
            (Kind::List, true) => quote!(Some(value.into_iter().collect())),
            _ => member.value(),
        };
        quote! {
            #doc
            #[must_use]
            pub fn #method(mut self, value: #arg) -> Self {
                self.#rust = #value;
                self
            }
        }
    });
    let build = members.iter().map(|member| {
        let rust = ident(&member.rust);
        let field = &member.rust;
        if let Some(initial) = &member.initial {
            quote!(#rust: self.#rust.unwrap_or_else(|| #initial),)
        } else if member.required {
            quote! {
                #rust: self.#rust
                    .ok_or(mno_runtime::BuildError::missing(#type_name, #field))?,
            }
        } else {
            quote!(#rust: self.#rust,)
        }
    });
    let build_doc =
        outer("Builds it.\n\n# Errors\nWhen a required field is not set; the error names it.");
    Some(quote! {
        #doc
        #[derive(Clone, Default)]
        pub struct #builder { #(#fields)* }

        impl #builder {
            #(#setters)*

            #build_doc
            pub fn build(self) -> Result<#name, mno_runtime::BuildError> {
                Ok(#name { #(#build)* })
            }
        }
    })
}

fn debug_impl(name: &Ident, members: &[RecordMember]) -> TokenStream {
    let label = name.to_string();
    let fields = members.iter().map(|member| {
        let rust = ident(&member.rust);
        let label = &member.rust;
        if !member.personal {
            return quote!(.field(#label, &self.#rust));
        }
        match member.kind {
            Kind::One => quote!(.field(#label, &mno_runtime::mask::Personal)),
            Kind::Optional | Kind::OptionalList => {
                quote!(.field(#label, &self.#rust.as_ref().map(|_| mno_runtime::mask::Personal)))
            }
            Kind::List => quote!(.field(#label, &self.#rust.len())),
        }
    });
    quote! {
        /// Fields with personal data are masked.
        impl std::fmt::Debug for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#label)#(#fields)*.finish()
            }
        }
    }
}

/// An enumeration that keeps what it does not know: variants, texts and their documentation.
pub(crate) fn open_enum(
    type_name: &str,
    doc: &str,
    values: &[(String, String, String)],
    unknown: &TokenStream,
) -> TokenStream {
    let name = ident(type_name);
    let doc = outer(&format!(
        "{doc}\n\nA value that the contract does not list is kept as [`Unknown`](Self::Unknown) \
         and written back as it came."
    ));
    let variants = values.iter().map(|(variant, wire, doc)| {
        let variant = ident(variant);
        let doc = if doc.is_empty() {
            format!("`{wire}`.")
        } else {
            format!("`{wire}`: {}", prose(doc))
        };
        let doc = outer(&doc);
        quote!(#doc #variant,)
    });
    let as_str = values.iter().map(|(variant, wire, _)| {
        let variant = ident(variant);
        quote!(Self::#variant => #wire,)
    });
    let parse = values.iter().map(|(variant, wire, _)| {
        let variant = ident(variant);
        quote!(#wire => Self::#variant,)
    });
    let all = values.iter().map(|(variant, _, _)| {
        let variant = ident(variant);
        quote!(Self::#variant)
    });
    let count = Literal::usize_unsuffixed(values.len());
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// A value that the contract does not list.
            Unknown(#unknown),
        }

        impl #name {
            /// Every value that the contract lists.
            pub const ALL: [Self; #count] = [#(#all),*];

            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(#as_str)*
                    Self::Unknown(text) => text.as_str(),
                }
            }

            /// The contract lists this value.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        impl std::fmt::Display for #name {
            /// The text on the wire.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl mno_runtime::values::Lexical for #name {
            const KIND: &'static str = #type_name;

            fn parse(text: &str) -> Result<Self, mno_runtime::values::LexicalError> {
                Ok(match mno_runtime::values::trim(text) {
                    #(#parse)*
                    other => Self::Unknown(#unknown::from_wire(other)),
                })
            }

            fn write(&self, out: &mut String) {
                out.push_str(self.as_str());
            }
        }
    }
}
