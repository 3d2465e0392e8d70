//! `Inventory`: the SIMs.
//!
//! Four versions are one code. What a version has differently stands in its [`Version`] and nowhere
//! else.

mod answer;
mod request;

use roxmltree::Node;

use super::service::{self, Service};
use crate::fault::Fault;
use request::Request;

/// How the messages of a version differ from those of the others.
#[derive(Debug)]
struct Version {
    types: &'static str,
    /// Static addresses of a SIM.
    static_ips: StaticIps,
    /// Whether a limit of consumption tells if it is enabled and cuts traffic, and takes the latter.
    traffic_cut: bool,
    /// What a listed subscription ends with; before radio technologies, presence has none either.
    ends: End,
    /// Groups and elements of `modifySubscription` that others have and this one has not; digits at
    /// the end of a name do not count.
    lacks: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StaticIps {
    /// `staticIp` and `staticApnIndex`.
    One,
    /// `staticIpAddress0` to `9`; answers have `staticIp` as well.
    PerApn,
    /// Two for each APN, and a second address of the session.
    TwoPerApn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// `lteEnabled`.
    Lte,
    /// `id1inOBCRM`, which is not set here.
    CustomerId,
    /// `defaultApn`.
    DefaultApn,
}

/// What `modifySubscription` lacks before version 12.
const LACKS: &[&str] = &[
    "forceRetired",
    "supervisionGroup",
    "qci",
    "voLteEnabled",
    "additionalStaticIpAddress",
    "defaultApn",
    "basicServices",
    "supplServices",
];

impl Version {
    const V4: Self = Self {
        types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v4/types",
        static_ips: StaticIps::One,
        traffic_cut: false,
        ends: End::Lte,
        lacks: LACKS,
    };

    const V5: Self = Self {
        types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v5/types",
        ..Self::V4
    };

    const V9: Self = Self {
        types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v9/types",
        static_ips: StaticIps::PerApn,
        ends: End::CustomerId,
        ..Self::V4
    };

    const V12: Self = Self {
        types: "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types",
        static_ips: StaticIps::TwoPerApn,
        traffic_cut: true,
        ends: End::DefaultApn,
        lacks: &[],
    };

    /// The group that an element of `modifySubscription` belongs to, if there is such an element.
    fn group_of(&self, name: &str) -> Option<&'static str> {
        let group = request::group_of(name)?;
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_there = match plain {
            "staticIp" | "staticApnIndex" => self.static_ips == StaticIps::One,
            "staticIpAddress" => self.static_ips != StaticIps::One,
            _ => !self.lacks.contains(&plain) && !self.lacks.contains(&group),
        };
        is_there.then_some(group)
    }
}

/// A request, and the version in which it was made.
#[derive(Debug)]
struct Versioned {
    version: &'static Version,
    request: Request,
}

fn read(
    version: &'static Version,
    operation: &'static str,
    node: Node<'_, '_>,
) -> Result<Box<dyn service::Request>, Fault> {
    let request = Request::read(version, operation, node)?;
    Ok(Box::new(Versioned { version, request }))
}

/// The operations of all versions, and those that came later.
const OPERATIONS: &[&str] = &[
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
];

/// How many of them the versions before 12 have.
const OLD_OPERATIONS: usize = 11;

/// Version 4.
pub(crate) const V4: Service = Service {
    segment: "Inventory",
    version: "v4",
    types: Version::V4.types,
    operations: OPERATIONS.split_at(OLD_OPERATIONS).0,
    read: |_, operation, node| read(&Version::V4, operation, node),
};

/// Version 5.
pub(crate) const V5: Service = Service {
    version: "v5",
    types: Version::V5.types,
    read: |_, operation, node| read(&Version::V5, operation, node),
    ..V4
};

/// Version 9.
pub(crate) const V9: Service = Service {
    version: "v9",
    types: Version::V9.types,
    read: |_, operation, node| read(&Version::V9, operation, node),
    ..V4
};

/// Version 12.
pub(crate) const V12: Service = Service {
    version: "v12",
    types: Version::V12.types,
    operations: OPERATIONS,
    read: |_, operation, node| read(&Version::V12, operation, node),
    ..V4
};
