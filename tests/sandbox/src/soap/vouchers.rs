//! `Vouchers`: what can be bought, what was bought, purchases and cancellations.

use roxmltree::Node;

use super::service::{Context, Request, Service};
use super::sim_id::{id, only_id, with_id};
use super::xml::Xml;
use crate::fault::Fault;
use crate::fleet::SimId;
use crate::platform::{
    ActiveVoucher, DESTINATION, Offer, Purchase, ServicePack, Validity, ZONE_GROUP,
};

/// Version 1.
pub(crate) const V1: Service = Service {
    segment: "Vouchers",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/voucher/v1/types",
    operations: &[
        "getAvailableVoucher",
        "getActiveVouchers",
        "purchaseOneTimeVoucher",
        "purchaseRecurrentVoucher",
        "cancelVoucher",
        "cancelRecurrentVoucherRenewal",
    ],
    read,
};

const ONCE: [&str; 3] = [
    "voucherId",
    "expirationDate",
    "extendPreviousOneTimeVouchers",
];
const RECURRENT: [&str; 4] = ["voucherId", "expirationDate", "renewalDay", "initialData"];

fn read(
    service: &'static Service,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn Request>, Fault> {
    let types = service.types;
    let instance = || {
        let fields = with_id(node, types, &["voucherInstanceId"])?;
        Ok((id(&fields)?, fields.required("voucherInstanceId")?))
    };
    Ok(Box::new(match operation {
        "getAvailableVoucher" => Vouchers::Available(only_id(node, types)?),
        "getActiveVouchers" => {
            let fields = with_id(node, types, &["zoneGroupId", "destinationId"])?;
            Vouchers::Active {
                sim: id(&fields)?,
                zone_group: fields.text("zoneGroupId")?,
                destination: fields.text("destinationId")?,
            }
        }
        "purchaseOneTimeVoucher" => {
            let fields = with_id(node, types, &ONCE)?;
            Vouchers::Purchase {
                sim: id(&fields)?,
                recurrent: false,
                purchase: Purchase {
                    voucher: fields.required("voucherId")?,
                    expires: fields.time("expirationDate")?,
                    extend: fields
                        .flag("extendPreviousOneTimeVouchers")?
                        .unwrap_or(false),
                    ..Purchase::default()
                },
            }
        }
        "purchaseRecurrentVoucher" => {
            let fields = with_id(node, types, &RECURRENT)?;
            Vouchers::Purchase {
                sim: id(&fields)?,
                recurrent: true,
                purchase: Purchase {
                    voucher: fields.required("voucherId")?,
                    expires: fields.time("expirationDate")?,
                    renewal_day: fields.parsed("renewalDay")?,
                    initial_data: fields.parsed("initialData")?,
                    ..Purchase::default()
                },
            }
        }
        "cancelVoucher" => {
            let (sim, instance) = instance()?;
            Vouchers::Cancel { sim, instance }
        }
        "cancelRecurrentVoucherRenewal" => {
            let (sim, instance) = instance()?;
            Vouchers::CancelRenewal { sim, instance }
        }
        _ => return Err(Fault::unknown_operation()),
    }))
}

#[derive(Debug)]
enum Vouchers {
    Available(SimId),
    Active {
        sim: SimId,
        zone_group: Option<String>,
        destination: Option<String>,
    },
    Purchase {
        sim: SimId,
        recurrent: bool,
        purchase: Purchase,
    },
    Cancel {
        sim: SimId,
        instance: String,
    },
    CancelRenewal {
        sim: SimId,
        instance: String,
    },
}

impl Request for Vouchers {
    fn sim(&self) -> Option<&SimId> {
        match self {
            Self::Available(sim)
            | Self::Active { sim, .. }
            | Self::Purchase { sim, .. }
            | Self::Cancel { sim, .. }
            | Self::CancelRenewal { sim, .. } => Some(sim),
        }
    }

    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault> {
        let platform = cx.platform;
        match self {
            Self::Available(sim) => {
                let (pack, offers) = platform.available_vouchers(sim)?;
                cx.list("voucherData", offers, |xml, offer| {
                    available(xml, offer, &pack);
                })
            }
            Self::Active {
                sim,
                zone_group,
                destination,
            } => {
                let pack = platform.available_vouchers(sim)?.0;
                let is = |wanted: &Option<String>, (id, _): (&str, &str)| {
                    wanted.as_deref().is_none_or(|wanted| wanted.trim() == id)
                };
                let fits = is(zone_group, ZONE_GROUP) && is(destination, DESTINATION);
                let active = platform.active_vouchers(sim)?.into_iter();
                cx.list(
                    "activeVoucherData",
                    active.filter(|_| fits),
                    |xml, voucher| listed(xml, &voucher, &pack),
                )
            }
            Self::Purchase {
                sim,
                recurrent,
                purchase,
            } => {
                let instance = platform.purchase_voucher(sim, *recurrent, purchase)?;
                cx.answer(|xml| xml.text("voucherInstanceId", instance))
            }
            Self::Cancel { sim, instance } => {
                platform.cancel_voucher(sim, instance)?;
                cx.empty()
            }
            Self::CancelRenewal { sim, instance } => {
                platform.cancel_renewal(sim, instance)?;
                cx.empty()
            }
        }
    }
}

fn places(xml: &mut Xml, pack: &ServicePack) {
    xml.text("zoneGroupId", ZONE_GROUP.0);
    xml.text("zoneGroupName", ZONE_GROUP.1);
    xml.text("destinationId", DESTINATION.0);
    xml.text("destinationName", DESTINATION.1);
    xml.text("servicePackId", pack.id);
    xml.text("servicePackName", &pack.name);
}

fn kind(xml: &mut Xml, offer: &Offer) {
    let kind = if offer.recurrent {
        "RECURRENT"
    } else {
        "ONE_TIME"
    };
    xml.text("type", kind);
}

/// `VoucherType`.
fn available(xml: &mut Xml, offer: &Offer, pack: &ServicePack) {
    xml.text("currency", "978");
    xml.text("basicService", "data");
    places(xml, pack);
    xml.text("voucherId", offer.id);
    xml.text("voucherName", offer.name);
    kind(xml, offer);
    xml.text("nominalData", offer.data);
    let (unit, length) = match offer.validity {
        Validity::Days(days) => ("DAYS", days),
        Validity::Months(months) => ("MONTHS", months),
    };
    xml.text("validityPeriodType", unit);
    xml.text("validityPeriod", length);
    xml.text("threshold", 80);
    xml.text("fee", offer.fee);
    xml.text("staticPriority", 1);
    xml.text("irreplaceableRecurrentVoucher", false);
}

/// `ActiveVoucherType`.
fn listed(xml: &mut Xml, voucher: &ActiveVoucher, pack: &ServicePack) {
    xml.text("currency", "978");
    xml.text("basicService", "data");
    xml.some_time("expirationDate", voucher.expires);
    places(xml, pack);
    xml.text("voucherInstanceId", &voucher.instance);
    xml.text("extendPreviousOneTimeVouchers", voucher.extend);
    xml.text("voucherId", voucher.offer.id);
    xml.text("voucherName", voucher.offer.name);
    kind(xml, voucher.offer);
    xml.text("remaining", voucher.remaining);
    xml.text("total", voucher.total);
    xml.time("purchaseDateTime", voucher.purchased);
    xml.some_time("activationDateTime", voucher.activated);
    xml.text("cost", voucher.offer.fee);
    xml.text("priorityOrder", 1);
}
