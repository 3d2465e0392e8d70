//! The choice of identifiers that requests about a SIM begin with.

use roxmltree::Node;

use super::fields::Fields;
use crate::fault::Fault;
use crate::fleet::SimId;

/// Names of the identifiers of which a request has one.
pub(crate) const IDS: [&str; 4] = ["icc", "imsi", "msisdn", "subscriptionId"];

/// The fields of an element with an identifier and these others.
pub(crate) fn with_id<'a, 'i>(
    node: Node<'a, 'i>,
    types: &'static str,
    others: &[&str],
) -> Result<Fields<'a, 'i>, Fault> {
    Fields::new(node, types, |n| IDS.contains(&n) || others.contains(&n))
}

/// The identifier of an element that has nothing else.
pub(crate) fn only_id(node: Node<'_, '_>, types: &'static str) -> Result<SimId, Fault> {
    id(&with_id(node, types, &[])?)
}

/// Exactly one identifier.
pub(crate) fn id(fields: &Fields<'_, '_>) -> Result<SimId, Fault> {
    let given: Vec<_> = IDS.into_iter().filter(|name| fields.has(name)).collect();
    let [name] = given[..] else {
        return Err(match given.len() {
            0 => Fault::missing("icc, imsi, msisdn or subscriptionId"),
            _ => Fault::invalid_value(format!("only one of {} is allowed", given.join(", "))),
        });
    };
    let value = fields.required(name)?;
    let digits = |value: &str| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    match name {
        "icc" => Ok(SimId::Icc(value)),
        "imsi" if digits(&value) => Ok(SimId::Imsi(value)),
        "msisdn" if digits(value.strip_prefix('+').unwrap_or(&value)) => Ok(SimId::Msisdn(value)),
        "subscriptionId" => Ok(SimId::SubscriptionId(value)),
        _ => Err(Fault::invalid_value(format!("{name} {value}"))),
    }
}
