//! Defaults and fixed values, which have to be values of their types.

use crate::model::{Builtin, Content, SimpleType, TypeKind, TypeRef};

use super::components::Component;
use super::types::{Builder, MAX_DEPTH};

/// A default or fixed value, until its type is known.
pub(super) struct Given<'a> {
    at: Component<'a>,
    attribute: &'static str,
    text: &'a str,
    ty: TypeRef,
}

impl<'a> Builder<'a, '_> {
    /// Remembers what an element or attribute of a type is if nothing is said.
    pub(super) fn remember_default(&mut self, at: Component<'a>, ty: TypeRef) {
        for attribute in ["default", "fixed"] {
            if let Some(text) = at.elem.attribute(attribute) {
                self.defaults.push(Given {
                    at,
                    attribute,
                    text,
                    ty,
                });
            }
        }
    }

    /// Reports defaults that are no values of their types, now that all types are known.
    pub(super) fn check_defaults(&mut self) {
        for given in std::mem::take(&mut self.defaults) {
            let Some(wanted) = self.builtin_below(given.ty).and_then(numbers) else {
                continue;
            };
            if let Err(words) = wanted.check(given.text.trim()) {
                let Given {
                    attribute, text, ..
                } = given;
                let message =
                    format!("the {attribute} value `{text}` is not of its type: that is {words}");
                self.problems
                    .broken_attribute(given.at.elem, attribute, message, None);
            }
        }
    }

    /// The type of XML Schema that the text of a type is made of.
    fn builtin_below(&self, ty: TypeRef) -> Option<Builtin> {
        let mut ty = ty;
        // Circles are reported elsewhere.
        for _ in 0..MAX_DEPTH {
            ty = match ty {
                TypeRef::Builtin(builtin) => return Some(builtin),
                TypeRef::Defined(id) => match self.kind(id)? {
                    TypeKind::Simple(
                        SimpleType::Restriction { base, .. } | SimpleType::Enumeration { base, .. },
                    ) => *base,
                    TypeKind::Simple(SimpleType::List { .. } | SimpleType::Union { .. }) => {
                        return None;
                    }
                    TypeKind::Complex(complex) => match complex.content {
                        Content::Simple(value) => value,
                        Content::Empty | Content::Particle(_) => return None,
                    },
                },
            };
        }
        None
    }
}

/// What a text has to be.
enum Wanted {
    Flag,
    Whole(Option<i128>, Option<i128>),
    Decimal,
    Float,
}

/// What texts of a type have to be, for types whose texts are not all alike.
fn numbers(builtin: Builtin) -> Option<Wanted> {
    use Builtin as B;
    let within = |min: i128, max: i128| Wanted::Whole(Some(min), Some(max));
    Some(match builtin {
        B::Boolean => Wanted::Flag,
        B::Byte => within(i8::MIN.into(), i8::MAX.into()),
        B::UnsignedByte => within(0, u8::MAX.into()),
        B::Short => within(i16::MIN.into(), i16::MAX.into()),
        B::UnsignedShort => within(0, u16::MAX.into()),
        B::Int => within(i32::MIN.into(), i32::MAX.into()),
        B::UnsignedInt => within(0, u32::MAX.into()),
        B::Long => within(i64::MIN.into(), i64::MAX.into()),
        B::UnsignedLong => within(0, u64::MAX.into()),
        B::Integer => Wanted::Whole(None, None),
        B::NonNegativeInteger => Wanted::Whole(Some(0), None),
        B::PositiveInteger => Wanted::Whole(Some(1), None),
        B::NonPositiveInteger => Wanted::Whole(None, Some(0)),
        B::NegativeInteger => Wanted::Whole(None, Some(-1)),
        B::Decimal => Wanted::Decimal,
        B::Float | B::Double => Wanted::Float,
        _ => return None,
    })
}

impl Wanted {
    /// What a text has to be, in words, if it is not that.
    fn check(&self, text: &str) -> Result<(), String> {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (fits, words) = match self {
            Self::Flag => (
                matches!(text, "true" | "false" | "1" | "0"),
                "`true` or `false`".to_owned(),
            ),
            Self::Whole(min, max) => {
                let bounds = match (min, max) {
                    (Some(min), Some(max)) => format!(" from {min} to {max}"),
                    (Some(min), None) => format!(" of at least {min}"),
                    (None, Some(max)) => format!(" of at most {max}"),
                    (None, None) => String::new(),
                };
                let fits = !unsigned.is_empty() && digits(unsigned);
                // What is longer than that is beyond all bounds on its side.
                let huge = if text.starts_with('-') {
                    i128::MIN
                } else {
                    i128::MAX
                };
                let number = text.parse().unwrap_or(huge);
                let within = min.is_none_or(|min| number >= min) && max.is_none_or(|m| number <= m);
                (fits && within, format!("a whole number{bounds}"))
            }
            Self::Decimal => {
                let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
                let some = !(whole.is_empty() && part.is_empty());
                (
                    some && digits(whole) && digits(part),
                    "a decimal number".to_owned(),
                )
            }
            Self::Float => {
                let plain = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
                let is_number = text.bytes().all(plain) && text.parse::<f64>().is_ok();
                (
                    is_number || matches!(text, "INF" | "-INF" | "NaN"),
                    "a number".to_owned(),
                )
            }
        };
        if fits { Ok(()) } else { Err(words) }
    }
}
