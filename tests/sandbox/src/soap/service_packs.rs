//! `ServicePacks`: the list.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::ServicePack;

/// Version 2.
pub(crate) const V2: Service = Service {
    segment: "ServicePacks",
    version: "v2",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/servicepack/v2/types",
    operations: &["getServicePacks"],
    read,
};

const FILTERS: [&str; 3] = ["startIndex", "maxBatchSize", "customer"];

fn read(
    service: &'static Service,
    _operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let fields = Fields::new(node, service.types, |n| FILTERS.contains(&n))?;
    Ok(Box::new(GetServicePacks {
        // `xs:int`
        start: fields.parsed::<i32>("startIndex")?.map(i64::from),
        size: fields.parsed::<i32>("maxBatchSize")?.map(i64::from),
        customer: fields.text("customer")?,
    }))
}

#[derive(Debug)]
struct GetServicePacks {
    start: Option<i64>,
    size: Option<i64>,
    customer: Option<String>,
}

impl Request for GetServicePacks {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let customer = self.customer.as_deref().map(str::trim);
        let packs = cx
            .platform
            .service_packs(cx.organisation, self.start, self.size, customer)?;
        cx.list("servicePacks", packs, |xml, pack| listed(xml, &pack))
    }
}

/// `ServicePackType`.
fn listed(xml: &mut Xml, pack: &ServicePack) {
    xml.text("id", pack.id);
    xml.text("name", &pack.name);
    xml.text("description", "");
    xml.text(
        "published",
        if pack.published {
            "PUBLISHED"
        } else {
            "PUBLISHED_PENDING"
        },
    );
    xml.text("currency", "978");
    xml.text("blackList", "999900*");
    xml.text("serviceProviderId", "provider-5a9db2");
    xml.text("serviceProviderName", "Sandbox Mobile");
    xml.text("lifeCycleId", "30401");
    xml.text("lifeCycleName", "Manual activation with test");
    xml.text("listsLocked", false);
}
