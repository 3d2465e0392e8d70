//! `Simswap`: a subscription moves to another card.

use roxmltree::Node;

use super::service::{Context, Request, Service};
use super::sim_id::{id, only_id, with_id};
use crate::fault::Fault;
use crate::fleet::SimId;

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "Simswap",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/simswap/v1/types",
    operations: &["swapSubscriptions"],
    read,
};

const TARGET: &str = "targetSubscription";

fn read(
    service: &'static Service,
    _operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let fields = with_id(node, service.types, &[TARGET])?;
    let target = fields.one(TARGET)?.ok_or_else(|| Fault::missing(TARGET))?;
    Ok(Box::new(Swap {
        one: id(&fields)?,
        other: only_id(target, service.types)?,
    }))
}

#[derive(Debug)]
struct Swap {
    one: SimId,
    other: SimId,
}

impl Request for Swap {
    fn sim(&self) -> Option<&SimId> {
        Some(&self.one)
    }

    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        cx.platform.swap(&self.one, &self.other)?;
        cx.answer(|xml| xml.text("result", true))
    }
}
