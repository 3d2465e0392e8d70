//! `Echo`: the smallest service there is, and the pattern for the others.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, Request, Service};
use crate::fault::Fault;
use crate::platform::Platform;

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "Echo",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types",
    operations: &["echo"],
    read,
};

fn read(
    service: &'static Service,
    _operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let fields = Fields::new(node, service.types, |n| n == "data")?;
    let data = fields.text("data")?.ok_or_else(|| Fault::missing("data"))?;
    Ok(Box::new(Echo { data }))
}

#[derive(Debug)]
struct Echo {
    data: String,
}

impl Request for Echo {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let data = Platform::echo(&self.data)?;
        cx.answer(|xml| xml.text("data", &data))
    }
}
