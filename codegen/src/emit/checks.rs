//! Prints the checks of facets that are done before a value is written.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::pattern::translate;
use super::plan::{Field, Scalar, Ty};
use crate::model::Facets;

/// The checks of a field; `value` is a reference to it.
pub(super) fn checks(field: &Field, value: &TokenStream) -> Option<TokenStream> {
    let out = of_value(&field.ty, &field.wire.local, &field.facets, value);
    (!out.is_empty()).then_some(out)
}

fn of_value(ty: &Ty, local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let mut out = match ty {
        Ty::Scalar(scalar) => of_scalar(*scalar, ty.is_identifier(), local, facets, value),
        Ty::List(item, of_item) => {
            let mut out = count(local, facets, value);
            let each = of_value(item, local, of_item, &quote!(item));
            if !each.is_empty() {
                out.extend(quote!(for item in &(#value).0 { #each }));
            }
            out
        }
        _ => return TokenStream::new(),
    };
    for pattern in &facets.patterns {
        // What cannot be said is a note of the reader.
        let Ok(expression) = translate(pattern) else {
            continue;
        };
        let new = new_pattern(pattern, &expression);
        out.extend(quote! {
            {
                static PATTERN: mno_runtime::Pattern = mno_runtime::Pattern::#new;
                w.check_pattern(#local, #value, &PATTERN)?;
            }
        });
    }
    out
}

fn of_scalar(
    scalar: Scalar,
    is_identifier: bool,
    local: &str,
    facets: &Facets,
    value: &TokenStream,
) -> TokenStream {
    let mut out = match scalar {
        Scalar::String => length(local, facets, &quote!(#value)),
        Scalar::Base64 | Scalar::Hex => octets(local, facets, value),
        _ if is_identifier => length(local, facets, &quote!((#value).as_str())),
        scalar if scalar.is_integer() => integer(local, facets, value),
        Scalar::Decimal
        | Scalar::F64
        | Scalar::DateTime
        | Scalar::Date
        | Scalar::Time
        | Scalar::YearMonth
        | Scalar::Year => bounds(local, facets, value),
        _ => TokenStream::new(),
    };
    if scalar.is_integer() || scalar == Scalar::Decimal {
        out.extend(digits(local, facets, value));
    }
    out
}

/// How a `Pattern` is made.
pub(super) fn new_pattern(pattern: &str, expression: &str) -> TokenStream {
    let (source, translated) = (raw(pattern), raw(expression));
    if pattern == expression {
        quote!(new(#source))
    } else {
        quote!(translated(#source, #translated))
    }
}

/// A text without escapes, if it can be.
fn raw(text: &str) -> Literal {
    let raw = text.contains('\\') && !text.contains('"') && !text.contains(['\n', '\r']);
    let raw = raw.then(|| format!("r\"{text}\"").parse().ok()).flatten();
    raw.unwrap_or_else(|| Literal::string(text))
}

/// `Some(7)` or `None`, as code.
fn option<T: quote::ToTokens>(literal: Option<T>) -> TokenStream {
    match literal {
        Some(literal) => quote!(Some(#literal)),
        None => quote!(None),
    }
}

fn length(local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let (min, max) = (facets.min_length, facets.max_length);
    if min.is_none() && max.is_none() {
        return TokenStream::new();
    }
    let min = Literal::u64_unsuffixed(min.unwrap_or(0));
    let max = option(max.map(Literal::u64_unsuffixed));
    quote!(w.check_length(#local, #value, #min, #max)?;)
}

/// How many items a list has.
fn count(local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let (min, max) = (facets.min_length, facets.max_length);
    if min.is_none() && max.is_none() {
        return TokenStream::new();
    }
    let min = Literal::u64_unsuffixed(min.unwrap_or(0));
    let max = option(max.map(Literal::u64_unsuffixed));
    quote!(w.check_count(#local, (#value).0.len(), #min, #max)?;)
}

fn octets(local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let (min, max) = (facets.min_length, facets.max_length);
    if min.is_none() && max.is_none() {
        return TokenStream::new();
    }
    let min = Literal::u64_unsuffixed(min.unwrap_or(0));
    let max = option(max.map(Literal::u64_unsuffixed));
    quote!(w.check_octets(#local, (#value).0.len(), #min, #max)?;)
}

fn integer(local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let bound = |text: &Option<String>| {
        text.as_ref()
            .and_then(|t| t.trim().trim_start_matches('+').parse::<i128>().ok())
    };
    let above = bound(&facets.min_exclusive).map(|n| n.saturating_add(1));
    let below = bound(&facets.max_exclusive).map(|n| n.saturating_sub(1));
    let min = bound(&facets.min_inclusive).max(above);
    let max = match (bound(&facets.max_inclusive), below) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    if min.is_none() && max.is_none() {
        return TokenStream::new();
    }
    let min = option(min.map(Literal::i128_unsuffixed));
    let max = option(max.map(Literal::i128_unsuffixed));
    quote!(w.check_range(#local, #value, #min, #max)?;)
}

fn bounds(local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let all = [
        (&facets.min_inclusive, quote!(AtLeast)),
        (&facets.max_inclusive, quote!(AtMost)),
        (&facets.min_exclusive, quote!(Above)),
        (&facets.max_exclusive, quote!(Below)),
    ];
    let all = all.into_iter().filter_map(|(text, kind)| {
        let text = text.as_ref()?.trim();
        Some(quote!(w.check_bound(#local, #value, mno_runtime::xml::Bound::#kind(#text))?;))
    });
    all.collect()
}

fn digits(local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let (total, fraction) = (facets.total_digits, facets.fraction_digits);
    if total.is_none() && fraction.is_none() {
        return TokenStream::new();
    }
    let total = option(total.map(Literal::u64_unsuffixed));
    let fraction = option(fraction.map(Literal::u64_unsuffixed));
    quote!(w.check_digits(#local, #value, #total, #fraction)?;)
}
