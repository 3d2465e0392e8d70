//! Prints the checks of facets that are done before a value is written.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::pattern::translate;
use super::plan::{Field, Scalar, Ty};
use super::types::ident;
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
            let mut out = size("check_count", local, facets, &quote!((#value).0.len()));
            let each = of_value(item, local, of_item, &quote!(item));
            if !each.is_empty() {
                out.extend(quote!(for item in &(#value).0 { #each }));
            }
            out
        }
        _ => return TokenStream::new(),
    };
    for new in patterns(facets, translate) {
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
        Scalar::String => size("check_length", local, facets, value),
        Scalar::Base64 | Scalar::Hex => {
            size("check_octets", local, facets, &quote!((#value).0.len()))
        }
        _ if is_identifier => size("check_length", local, facets, &quote!((#value).as_str())),
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

/// How a `Pattern` is made of each pattern; of those that cannot be said there is a note of the
/// reader.
pub(super) fn patterns(
    facets: &Facets,
    translate: fn(&str) -> Result<String, String>,
) -> impl Iterator<Item = TokenStream> {
    facets.patterns.iter().filter_map(move |pattern| {
        let expression = translate(pattern).ok()?;
        let (source, translated) = (raw(pattern), raw(&expression));
        Some(if *pattern == expression {
            quote!(new(#source))
        } else {
            quote!(translated(#source, #translated))
        })
    })
}

/// A text without escapes, if it can be.
fn raw(text: &str) -> Literal {
    let raw = text.contains('\\') && !text.contains('"') && !text.contains(['\n', '\r']);
    let raw = raw.then(|| format!("r\"{text}\"").parse().ok()).flatten();
    raw.unwrap_or_else(|| Literal::string(text))
}

/// `Some(7)` or `None`, as code.
pub(super) fn option<T: quote::ToTokens>(literal: Option<T>) -> TokenStream {
    match literal {
        Some(literal) => quote!(Some(#literal)),
        None => quote!(None),
    }
}

/// The least and the most length that facets allow, as code; `None` when any will do.
pub(super) fn sizes(facets: &Facets) -> Option<(Literal, TokenStream)> {
    let (min, max) = (facets.min_length.unwrap_or(0), facets.max_length);
    let any_will_do = min == 0 && max.is_none();
    (!any_will_do).then(|| {
        let max = option(max.map(Literal::u64_unsuffixed));
        (Literal::u64_unsuffixed(min), max)
    })
}

/// How long a value is, in what this method counts.
fn size(check: &str, local: &str, facets: &Facets, value: &TokenStream) -> TokenStream {
    let Some((min, max)) = sizes(facets) else {
        return TokenStream::new();
    };
    let check = ident(check);
    quote!(w.#check(#local, #value, #min, #max)?;)
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
