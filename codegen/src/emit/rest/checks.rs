//! What the contract demands of a value, checked before it is sent.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::super::checks::{option, patterns, sizes};
use super::super::types::ident;
use super::pattern::translate;
use super::plan::{Additional, Field, Ty};
use crate::model::Facets;
use crate::openapi::model::{Scalar, TypeExpr, Use};

/// The checks of a field; `w` is the writer that says where an error is.
pub(super) fn field(field: &Field, w: &TokenStream) -> TokenStream {
    let wire = if field.wire.is_empty() {
        &field.rust
    } else {
        &field.wire
    };
    let out = Checks { w, wire }.of(&field.ty, &field.of, &mut Vec::new());
    if out.is_empty() {
        return out;
    }
    let rust = ident(&field.rust);
    match (field.required || field.empty_is_absent, field.nullable) {
        (true, false) => quote!({
            let v = &self.#rust;
            #out
        }),
        (true, true) => quote!(if let Some(v) = self.#rust.value() { #out }),
        (false, false) => quote!(if let Some(v) = &self.#rust { #out }),
        (false, true) => {
            quote!(if let Some(v) = self.#rust.as_ref().and_then(|v| v.value()) { #out })
        }
    }
}

/// The checks of members that are not listed.
pub(super) fn additional(more: &Additional, w: &TokenStream) -> TokenStream {
    // What such a member is called may be personal.
    let out = Checks { w, wire: "" }.of(&more.ty, &more.of, &mut vec![Step::Key]);
    if out.is_empty() {
        return out;
    }
    let rust = ident(&more.rust);
    quote!(for v in self.#rust.values() { #out })
}

/// A list or map that has to be in the query, where it is nothing when it is empty.
pub(super) fn in_query(field: &Field, w: &TokenStream) -> TokenStream {
    let call = match field.ty {
        Ty::List(_) => ident("check_items"),
        Ty::Map(_) => ident("check_entries"),
        _ => return TokenStream::new(),
    };
    if !field.required || field.of.facets.min_length.is_some_and(|min| min > 0) {
        return TokenStream::new();
    }
    let (rust, wire) = (ident(&field.rust), &field.wire);
    quote!(#w.#call(#wire, self.#rust.len(), 1, None)?;)
}

/// From a field to a value in it.
#[derive(Clone, Copy)]
enum Step {
    /// An item, by the variable that holds its number.
    Index(&'static str),
    /// A value of a map.
    Key,
}

/// Variables for the numbers of items, from the outside.
const INDEXES: [&str; 4] = ["i", "j", "k", "l"];

struct Checks<'a> {
    w: &'a TokenStream,
    wire: &'a str,
}

impl Checks<'_> {
    /// The checks of `v`.
    fn of(&self, ty: &Ty, of: &Use, steps: &mut Vec<Step>) -> TokenStream {
        let (w, f) = (self.w, &of.facets);
        let place = self.place(steps);
        let mut out = TokenStream::new();
        match ty {
            Ty::Scalar(Scalar::String | Scalar::Digits | Scalar::LenientString) => {
                out.extend(text(w, &place, f, &quote!(v)));
            }
            Ty::Identifier(_) => out.extend(text(w, &place, f, &quote!(v.as_str()))),
            Ty::Scalar(scalar) => out.extend(number(w, &place, f, *scalar)),
            Ty::List(inner) => {
                if let Some((min, max)) = sizes(f) {
                    out.extend(quote!(#w.check_items(#place, v.len(), #min, #max)?;));
                }
                if f.unique_items {
                    out.extend(quote!(#w.check_unique(#place, v)?;));
                }
                let depth = steps.iter().filter(|s| matches!(s, Step::Index(_))).count();
                if let (TypeExpr::List(of), Some(index)) = (&of.ty, INDEXES.get(depth)) {
                    steps.push(Step::Index(index));
                    let each = self.of(inner, of, steps);
                    steps.pop();
                    if !each.is_empty() {
                        let index = ident(index);
                        out.extend(quote!(for (#index, v) in v.iter().enumerate() { #each }));
                    }
                }
            }
            Ty::Map(inner) => {
                if let Some((min, max)) = sizes(f) {
                    out.extend(quote!(#w.check_entries(#place, v.len(), #min, #max)?;));
                }
                if let TypeExpr::Map(of) = &of.ty {
                    steps.push(Step::Key);
                    let each = self.of(inner, of, steps);
                    steps.pop();
                    if !each.is_empty() {
                        out.extend(quote!(for v in v.values() { #each }));
                    }
                }
            }
            Ty::Nullable(inner) => {
                let value = self.of(inner, of, steps);
                if !value.is_empty() {
                    out.extend(quote!(if let Some(v) = v.value() { #value }));
                }
            }
            Ty::Items(_) | Ty::Named(_) | Ty::Any | Ty::File => {}
        }
        out
    }

    /// Where `v` is, as the writer is told.
    fn place(&self, steps: &[Step]) -> TokenStream {
        let wire = self.wire;
        let mut path = String::new();
        for step in steps {
            match step {
                Step::Index(index) => path.push_str(&format!("[{{{index}}}]")),
                Step::Key => path.push_str("[…]"),
            }
        }
        if !path.contains('{') {
            let path = format!("{wire}{path}");
            return quote!(#path);
        }
        let path = format!("{}{path}", wire.replace('{', "{{").replace('}', "}}"));
        quote!(format_args!(#path))
    }
}

fn text(w: &TokenStream, place: &TokenStream, f: &Facets, value: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    if let Some((min, max)) = sizes(f) {
        out.extend(quote!(#w.check_length(#place, #value, #min, #max)?;));
    }
    for new in patterns(f, translate) {
        out.extend(quote! {
            {
                static PATTERN: mno_runtime::Pattern = mno_runtime::Pattern::#new.anywhere();
                #w.check_pattern(#place, #value, &PATTERN)?;
            }
        });
    }
    out
}

fn number(w: &TokenStream, place: &TokenStream, f: &Facets, scalar: Scalar) -> TokenStream {
    type Read = fn(&Option<String>) -> Option<TokenStream>;
    let mut out = TokenStream::new();
    let mut range = |call: &str, low: Option<TokenStream>, high: Option<TokenStream>| {
        if low.is_some() || high.is_some() {
            let (call, low, high) = (ident(call), option(low), option(high));
            out.extend(quote!(#w.#call(#place, v, #low, #high)?;));
        }
    };
    match scalar {
        Scalar::I32 | Scalar::I64 | Scalar::LenientI32 | Scalar::LenientI64 => {
            let narrow = matches!(scalar, Scalar::I32 | Scalar::LenientI32);
            let whole = |text: &Option<String>, more: i128| {
                let n = text.as_ref()?.parse::<i128>().ok()? + more;
                let fits = if narrow {
                    i32::try_from(n).is_ok()
                } else {
                    i64::try_from(n).is_ok()
                };
                let n = Literal::i128_unsuffixed(n);
                fits.then(|| quote!(#n))
            };
            range(
                "check_range",
                whole(&f.min_inclusive, 0).or_else(|| whole(&f.min_exclusive, 1)),
                whole(&f.max_inclusive, 0).or_else(|| whole(&f.max_exclusive, -1)),
            );
        }
        Scalar::F64 | Scalar::LenientF64 | Scalar::Decimal | Scalar::DecimalText => {
            let is_float = matches!(scalar, Scalar::F64 | Scalar::LenientF64);
            let read: Read = if is_float { float } else { decimal };
            range(
                "check_range",
                read(&f.min_inclusive),
                read(&f.max_inclusive),
            );
            range(
                "check_between",
                read(&f.min_exclusive),
                read(&f.max_exclusive),
            );
        }
        _ => return out,
    }
    if let Some(of) = decimal(&f.multiple_of) {
        out.extend(quote!(#w.check_multiple(#place, v, #of)?;));
    }
    out
}

fn float(text: &Option<String>) -> Option<TokenStream> {
    let n = text.as_ref()?.parse::<f64>().ok()?;
    let n = n.is_finite().then(|| Literal::f64_unsuffixed(n))?;
    Some(quote!(#n))
}

fn decimal(text: &Option<String>) -> Option<TokenStream> {
    let text = text.as_ref()?;
    let digits: String = text.chars().filter(|c| *c != '.').collect();
    let scale = text
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let (digits, scale) = (digits.parse::<i64>().ok()?, u32::try_from(scale).ok()?);
    let (digits, scale) = (
        Literal::i64_unsuffixed(digits),
        Literal::u32_unsuffixed(scale),
    );
    Some(quote!(mno_runtime::Decimal::new(#digits, #scale)))
}
