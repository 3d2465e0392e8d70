//! `Inventory`: the SIMs.

mod answer;
mod request;

use super::service::Service;

/// Version 12.
pub(crate) const V12: Service = Service {
    segment: "Inventory",
    version: "v12",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types",
    operations: &[
        "getSubscriptions",
        "getSubscriptionDetail",
        "getPresenceDetail",
        "getLocationDetail",
        "getStatusDetail",
        "getStatusHistory",
        "modifySubscription",
        "getTimeAndConsumption",
        "modifyTimeAndConsumption",
        "sendSMS",
        "getSendSMSResult",
        "downloadAndActivateProfile",
        "auditSwapProfile",
        "networkReset",
    ],
    read: |_, operation, node| Ok(Box::new(request::Request::read(operation, node)?)),
};
