//! `SupplementaryServices`: the plan of the organisation that calls.

use roxmltree::Node;

use super::fields::Fields;
use super::service::{Context, Request, Service};
use super::xml::Xml;
use crate::fault::Fault;
use crate::platform::Plan;

/// Version 2.
pub(crate) const V2: Service = Service {
    segment: "SupplementaryServices",
    version: "v2",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/supplementaryservices/v2/types",
    operations: &["getSupplementaryServices", "getSupplementaryServiceDetail"],
    read,
};

#[derive(Debug)]
enum SupplementaryServices {
    List,
    Detail { id: Option<String> },
}

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    Ok(Box::new(match operation {
        "getSupplementaryServices" => {
            Fields::new(node, service.types, |_| false)?;
            SupplementaryServices::List
        }
        "getSupplementaryServiceDetail" => {
            let fields = Fields::new(node, service.types, |n| n == "id")?;
            SupplementaryServices::Detail {
                id: fields.text("id")?,
            }
        }
        _ => return Err(Fault::unknown_operation()),
    }))
}

impl Request for SupplementaryServices {
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let plan = |id| cx.platform.plan(cx.organisation, id);
        match self {
            Self::List => {
                let plans = [plan(None)?];
                cx.list("serviceData", plans, |xml, plan| master(xml, &plan))
            }
            Self::Detail { id } => {
                let plan = plan(id.as_deref())?;
                cx.answer(|xml| {
                    xml.group("serviceData", |xml| {
                        master(xml, &plan);
                        detail(xml, &plan);
                    });
                })
            }
        }
    }
}

/// What the list has, in the order of the schema.
fn master(xml: &mut Xml, plan: &Plan) {
    xml.text("id", &plan.id);
    xml.text("name", "Sandbox Services");
    xml.text("description", "");
    xml.text("published", "PUBLISHED");
    xml.text("currency", "978");
    xml.text("serviceProviderId", "provider-5a9db2");
    xml.text("serviceProviderName", "Sandbox Mobile");
    xml.text("customerId", &plan.customer_id);
    xml.text("customerName", &plan.customer_name);
    xml.text("subscriptionCount", plan.subscriptions);
}

/// What only the detail has, in the order of the schema.
fn detail(xml: &mut Xml, plan: &Plan) {
    const ON: &str = "ACTIVATED";
    const OFF: &str = "DEACTIVATED";
    xml.text("selfManagement", ON);
    xml.text("selfManagementLevel", "ADVANCED");
    xml.text("vpnService", ON);
    xml.text("applicationOriginatedSms", ON);
    xml.text("applicationOriginatedSmsMsisdn", "999000000900");
    xml.text("advancedSupervision", ON);
    xml.text("supervisionLevel", "WITHOUT_KEEPALIVE");
    xml.text("location", ON);
    xml.text("dca", OFF);
    xml.text("dcaSmsMsisdn", "");
    xml.text("dim", OFF);
    xml.text("privateLte", OFF);
    xml.text("advancedAnalytics", "BASIC");
    xml.text("subscriptionCountVpnService", plan.vpn);
    xml.text(
        "subscriptionCountAdvancedSupervision",
        plan.advanced_supervision,
    );
    xml.text("subscriptionCountLocation", plan.location);
    xml.text("subscriptionCountDca", plan.dca);
    xml.text("subscriptionCountDim", plan.dim);
    xml.group("tariffs", |xml| {
        tariff(xml, "vpn", 5_000_000, 0);
        tariff(xml, "location", 0, 10_000);
    });
}

/// A fee for setting it up, and one for each subscription and month.
fn tariff(xml: &mut Xml, service: &str, setup: u32, monthly: u32) {
    xml.group(service, |xml| {
        xml.group("transitions", |xml| xml.text("setup", setup));
        xml.group("subscription", |xml| xml.text("monthlyActive", monthly));
    });
}
