//! Which version of a service is spoken to, and how it is named on the wire.

use std::collections::HashMap;

use mno_runtime::soap::Endpoint;
use mno_runtime::xml::{Namespace, NamespaceTable, NsId};

use super::Kite;

/// A service of the platform, as its paths and namespaces name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Service {
    BillingAccount,
    CommercialGroup,
    Customers,
    DiagnosticInventory,
    Echo,
    EndCustomers,
    Inventory,
    Prebill,
    Reports,
    ServicePacks,
    Simswap,
    SupplementaryServices,
    Users,
    Vouchers,
}

/// The versions that [`KiteBuilder::wire_version`](super::KiteBuilder::wire_version) sets.
pub(super) type WireVersions = HashMap<Service, WireVersion>;

/// A version in the path and one in the namespace of the messages; or all of either.
#[derive(Debug, Clone)]
pub(super) struct WireVersion {
    pub(super) path: String,
    pub(super) namespace: String,
}

impl Kite {
    /// Where a service is and how its messages are written: as the contract says, unless the
    /// builder was told otherwise.
    #[allow(dead_code)] // every handle's, and there may be none
    pub(super) fn endpoint(
        &self,
        service: Service,
        path: &'static str,
        table: &'static [Namespace],
        types: NsId,
    ) -> Endpoint {
        let namespaces = NamespaceTable::new(table);
        let Some(version) = self.0.wire_versions.get(&service) else {
            return Endpoint::new(self.transport(), path, namespaces);
        };
        let contract = table.iter().find(|n| n.id == types).map_or("", |n| n.uri);
        let uri = replace_version(contract, &version.namespace);
        let path = replace_version(path, &version.path);
        Endpoint::new(self.transport(), path, namespaces.with_uri(types, uri))
    }
}

/// Puts a version in place of the last one: `/v4/` in a path, `/v4/types` in a namespace. What is no
/// version is the whole path or namespace.
fn replace_version(text: &str, version: &str) -> String {
    if version.contains(['/', ':']) {
        return version.to_owned();
    }
    let is_version = |part: &&str| {
        let digits = part.strip_prefix('v').unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let mut parts: Vec<&str> = text.split('/').collect();
    if let Some(part) = parts.iter_mut().rev().find(|part| is_version(part)) {
        *part = version;
    }
    parts.join("/")
}

/// The generated client of an API: `client!(kite, Users, mno_kite_users_v3)`.
#[allow(unused_macros)]
macro_rules! client {
    ($kite:expr, $service:ident, $api:ident) => {
        $api::Client::from_endpoint($kite.endpoint(
            $crate::kite::Service::$service,
            $api::Client::PATH,
            $api::ns::TABLE,
            $api::ns::TYPES,
        ))
    };
}
#[allow(unused_imports)]
pub(super) use client;

#[cfg(test)]
mod tests {
    use super::replace_version;

    #[test]
    fn the_last_version_is_replaced() {
        let path = replace_version("/services/SOAP/GlobalM2M/CommercialGroup/v4/r12", "v5");
        assert_eq!(path, "/services/SOAP/GlobalM2M/CommercialGroup/v5/r12");
        let uri = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/commercialgroup/v4/types";
        assert!(replace_version(uri, "v2").ends_with("/commercialgroup/v2/types"));
        assert_eq!(replace_version(uri, "urn:groups:2"), "urn:groups:2");
    }
}
