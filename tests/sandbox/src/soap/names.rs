//! Names of the contract: services, namespaces, operations.

/// Namespace of SOAP 1.1 envelopes.
pub(crate) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of the common types.
pub(crate) const COMMON: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1";

/// A SOAP service of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Service {
    /// Segment of the URL.
    pub(crate) segment: &'static str,
    /// Version, as in the URL.
    pub(crate) version: &'static str,
    /// Namespace of its messages.
    pub(crate) types: &'static str,
    /// Its operations.
    pub(crate) operations: &'static [&'static str],
}

/// The echo service.
pub(crate) const ECHO: Service = Service {
    segment: "Echo",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types",
    operations: &["echo"],
};

/// The inventory service.
pub(crate) const INVENTORY: Service = Service {
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
};

/// The reports service.
pub(crate) const REPORTS: Service = Service {
    segment: "Reports",
    version: "v1",
    types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/reports/v1/types",
    operations: &[
        "createDownloadReport",
        "getDownloadReportList",
        "getDownloadReportLink",
        "deleteDownloadReport",
    ],
};

/// Every service.
pub(crate) const SERVICES: [Service; 3] = [ECHO, INVENTORY, REPORTS];
