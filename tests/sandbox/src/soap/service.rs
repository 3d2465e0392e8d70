//! What a service is to the sandbox. Each is a file (or a folder) beside this one.

use std::fmt::Debug;

use roxmltree::Node;

use super::xml::Xml;
use super::{
    billing_accounts, commercial_groups, customers, diagnostics, echo, end_customers, inventory,
    prebill, reports, service_packs, simswap, supplementary_services, users, vouchers,
};
use crate::fault::Fault;
use crate::fleet::SimId;
use crate::platform::{Packing, Platform};

/// Namespace of SOAP 1.1 envelopes.
pub(crate) const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of the common types.
pub(crate) const COMMON: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1";
/// Namespace of the types of organisations.
pub(crate) const M2M: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/v1/types";

/// Every service; of several versions the newest comes first.
pub(crate) const SERVICES: &[&Service] = &[
    &billing_accounts::V1,
    &commercial_groups::V4,
    &commercial_groups::V2,
    &customers::V2,
    &diagnostics::V1,
    &echo::V1,
    &end_customers::V2,
    &end_customers::V1,
    &inventory::V12,
    &prebill::V1,
    &reports::V1,
    &service_packs::V2,
    &inventory::V9,
    &inventory::V5,
    &inventory::V4,
    &reports::V1,
    &simswap::V1,
    &supplementary_services::V2,
    &users::V3,
    &users::V1,
    &vouchers::V1,
];

/// A version of a SOAP service.
#[derive(Debug)]
pub(crate) struct Service {
    /// Segment of the URL.
    pub(crate) segment: &'static str,
    /// Version, as in the URL.
    pub(crate) version: &'static str,
    /// Namespace of its messages.
    pub(crate) types: &'static str,
    /// Its operations.
    pub(crate) operations: &'static [&'static str],
    /// Reads the request of one of its operations.
    pub(crate) read: Read,
}

/// Reads the element of a request: service, operation, element.
pub(crate) type Read =
    fn(&'static Service, &'static str, Node<'_, '_>) -> Result<Box<dyn Request>, Fault>;

/// A request that was understood.
pub(crate) trait Request: Debug + Send + Sync {
    /// The SIM that it is about; of several, the first.
    fn sim(&self) -> Option<&SimId> {
        None
    }

    /// Does what it asks for and writes the answer, in the order of the schema.
    fn carry_out(&self, cx: &Context<'_>) -> Result<String, Fault>;
}

/// What a request meets.
pub(crate) struct Context<'a> {
    pub(crate) platform: &'a Platform,
    /// Who calls.
    pub(crate) organisation: &'a str,
    pub(crate) service: &'static Service,
    pub(crate) operation: &'static str,
    /// Index of an item to be written wrongly.
    pub(crate) broken: Option<usize>,
    /// What becomes of files that are linked to now.
    pub(crate) packing: Packing,
}

impl Context<'_> {
    /// The answer, whose content `write` adds.
    pub(crate) fn answer(&self, write: impl FnOnce(&mut Xml)) -> Result<String, Fault> {
        Ok(Xml::answer(self.service.types, self.operation, write))
    }

    /// The answer without content.
    pub(crate) fn empty(&self) -> Result<String, Fault> {
        self.answer(|_| {})
    }

    /// The answer with a list of items.
    pub(crate) fn list<T>(
        &self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Xml, T),
    ) -> Result<String, Fault> {
        self.answer(|xml| {
            for (at, item) in items.into_iter().enumerate() {
                xml.item(name, self.broken == Some(at), |xml| write(xml, item));
            }
        })
    }
}
