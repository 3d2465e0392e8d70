//! Values for examples that compile.

use std::collections::BTreeSet;

use super::super::record::MAX_NEW;
use super::plan::{Field, ItemKind, RestPlan, Ty};
use crate::config::Identifier;
use crate::openapi::model::{Scalar, TypeExpr, TypeId, Use};

/// An expression that makes a struct of these fields with what is required.
pub(super) fn construct(
    plan: &RestPlan<'_>,
    name: &str,
    fields: &[&Field],
    depth: usize,
    paths: &mut BTreeSet<String>,
) -> Option<String> {
    let required: Vec<&&Field> = fields.iter().filter(|f| f.required).collect();
    let mut values = Vec::new();
    for field in &required {
        values.push(value(plan, field, depth, paths)?);
    }
    if required.len() <= MAX_NEW {
        return Some(format!("{name}::new({})", values.join(", ")));
    }
    let mut out = format!("{name}::builder()");
    for (field, value) in required.iter().zip(values) {
        out.push_str(&format!("\n    .{}({value})", field.rust));
    }
    out.push_str("\n    .build()?");
    Some(out)
}

fn value(
    plan: &RestPlan<'_>,
    field: &Field,
    depth: usize,
    paths: &mut BTreeSet<String>,
) -> Option<String> {
    let out = sample(plan, &field.ty, &field.of, depth, paths)?;
    Some(match (field.boxed, field.nullable) {
        (true, true) => format!("mno_runtime::json::Nullable::Value(Box::new({out}))"),
        (true, false) => format!("Box::new({out})"),
        (false, true) => format!(
            "mno_runtime::json::Nullable::Value({})",
            owned(&field.ty, out)
        ),
        (false, false) => out,
    })
}

/// Where no conversion helps.
fn owned(ty: &Ty, value: String) -> String {
    match ty {
        Ty::Scalar(Scalar::String | Scalar::Digits | Scalar::LenientString) => {
            format!("{value}.to_owned()")
        }
        Ty::List(_) | Ty::Items(_) => format!("{value}.into_iter().collect()"),
        _ => value,
    }
}

fn sample(
    plan: &RestPlan<'_>,
    ty: &Ty,
    of: &Use,
    depth: usize,
    paths: &mut BTreeSet<String>,
) -> Option<String> {
    if depth > 6 {
        return None;
    }
    Some(match ty {
        Ty::Scalar(scalar) => simple(*scalar, of),
        Ty::Identifier(identifier) => {
            let text = match identifier {
                Identifier::Iccid => "8999000000000000017",
                Identifier::Imsi => "001010000000001",
                Identifier::Msisdn => "+99900000001",
                Identifier::Eid => "89990000000000000000000000000001",
                Identifier::Imei => "99-000000-000000-1",
            };
            format!("mno_runtime::values::{identifier:?}::new(\"{text}\")?")
        }
        Ty::Named(id) => named(plan, *id, depth, paths)?,
        Ty::List(item) | Ty::Items(item) => {
            let value = sample(plan, item, inner(of), depth, paths)?;
            format!("[{}]", owned(item, value))
        }
        Ty::Map(item) => {
            let value = sample(plan, item, inner(of), depth, paths)?;
            format!("[(\"key\".to_owned(), {})]", owned(item, value))
        }
        Ty::Nullable(item) => {
            let value = sample(plan, item, of, depth, paths)?;
            format!("mno_runtime::json::Nullable::Value({})", owned(item, value))
        }
        Ty::Any => "mno_runtime::json::Value::parse(\"{}\")?".to_owned(),
        Ty::File => "mno_runtime::rest::File::new(\"content\")".to_owned(),
    })
}

fn named(
    plan: &RestPlan<'_>,
    id: TypeId,
    depth: usize,
    paths: &mut BTreeSet<String>,
) -> Option<String> {
    let item = plan.item(id);
    let krate = plan.api.package().replace('-', "_");
    let path = format!("{krate}::{}::{}", item.module[0], item.name);
    // A request has a right to its name in its own example.
    let name = if plan.calls.contains(&item.name) {
        path
    } else {
        paths.insert(path);
        item.name.clone()
    };
    match &item.kind {
        ItemKind::Struct { fields, .. } => {
            let fields: Vec<&Field> = fields.iter().collect();
            construct(plan, &name, &fields, depth + 1, paths)
        }
        ItemKind::Enum(values, _) => {
            let (variant, _) = values.first()?;
            Some(format!("{name}::{variant}"))
        }
        ItemKind::OneOf { arms, .. } => {
            let arm = arms.first()?;
            let value = owned(
                &arm.ty,
                sample(plan, &arm.ty, &Use::default(), depth + 1, paths)?,
            );
            let value = if arm.boxed {
                format!("Box::new({value})")
            } else {
                value
            };
            Some(format!("{name}::{}({value})", arm.variant))
        }
    }
}

/// What a list or map is of.
fn inner(of: &Use) -> &Use {
    match &of.ty {
        TypeExpr::List(inner) | TypeExpr::Map(inner) => inner,
        _ => of,
    }
}

/// The document's example, where it has one that a reader would take in at a glance.
fn simple(scalar: Scalar, of: &Use) -> String {
    let example = of.example.as_deref().filter(|text| text.len() <= 40);
    let facets = &of.facets;
    let text = || {
        let plain = |text: &&str| !text.is_empty() && !text.contains(char::is_control);
        if let Some(example) = example.filter(plain) {
            return format!("{example:?}");
        }
        let min = facets.min_length.unwrap_or(0).min(64);
        let max = facets.max_length.unwrap_or(20);
        let mut text = "value".to_owned();
        while (text.len() as u64) < min {
            text.push('x');
        }
        text.truncate(usize::try_from(max).unwrap_or(5));
        format!("\"{text}\"")
    };
    let whole = |suffix: &str, fits: fn(i64) -> bool| {
        let number = |text: &str| text.parse::<i64>().ok().filter(|n| fits(*n));
        let least = facets.min_inclusive.as_deref().and_then(number);
        let least = least.filter(|n| *n > 1);
        let whole = example.and_then(number).or(least).unwrap_or(1);
        format!("{whole}_{suffix}")
    };
    match scalar {
        Scalar::String | Scalar::Digits | Scalar::LenientString | Scalar::Binary => text(),
        Scalar::Bool | Scalar::LenientBool => "true".to_owned(),
        Scalar::I32 | Scalar::LenientI32 => whole("i32", |n| i32::try_from(n).is_ok()),
        Scalar::I64 | Scalar::LenientI64 => whole("i64", |_| true),
        Scalar::F64 | Scalar::LenientF64 => "1.5_f64".to_owned(),
        Scalar::Decimal | Scalar::DecimalText => "mno_runtime::Decimal::new(150, 2)".to_owned(),
        Scalar::DateTime => {
            "\"2026-01-31T12:00:00Z\".parse::<mno_runtime::values::DateTime>()?".to_owned()
        }
        Scalar::Date => "\"2026-01-31\".parse::<mno_runtime::values::Date>()?".to_owned(),
        Scalar::Base64 => "mno_runtime::values::Base64(vec![1, 2, 3])".to_owned(),
    }
}
