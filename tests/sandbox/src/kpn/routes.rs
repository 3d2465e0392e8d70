//! Every operation: where it is, what it takes, and who may.

use super::Kpn;
use super::refusal::Refusal;
use super::state::{Privilege, State};
use crate::rest::{Call, Route};

/// Who may, and what the query may have.
pub(super) struct Operation {
    /// One of these is enough.
    privileges: &'static [Privilege],
    parameters: &'static [&'static str],
}

impl Operation {
    /// Whether the caller may, and the query has nothing that nobody knows.
    pub(super) fn check(&self, state: &State, call: &Call<'_>) -> Result<(), Refusal> {
        if !self.privileges.iter().any(|p| state.may(*p)) {
            let name = (self.privileges == THRESHOLDS).then_some("FORBIDDEN_FOR_USER");
            let wanted: Vec<_> = self.privileges.iter().map(|p| p.name()).collect();
            let message = format!("One of these privileges is needed: {}", wanted.join(", "));
            return Err(Refusal::forbidden(name, message));
        }
        let known = |name: &str| self.parameters.contains(&name);
        match call.whole_query().iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(Refusal::invalid(format!("The query knows no {name} here"))),
            None => Ok(()),
        }
    }
}

// Which privileges an operation takes is documented in general only; these are made up.
const TRACK: &[Privilege] = &[Privilege::OrdersTrackAndTrace];
const ORDER: &[Privilege] = &[
    Privilege::UnauthorizedOrdersCreation,
    Privilege::OrdersAuthorization,
];
const AUTHORISE: &[Privilege] = &[Privilege::OrdersAuthorization];
const VIEW: &[Privilege] = &[
    Privilege::VirtualHierarchyView,
    Privilege::VirtualHierarchyManagement,
];
const MANAGE: &[Privilege] = &[Privilege::VirtualHierarchyManagement];
const FINANCES: &[Privilege] = &[Privilege::FinancialDocumentsView];
const BILLING: &[Privilege] = &[Privilege::BillingRetentionPortlet];
const THRESHOLDS: &[Privilege] = &[Privilege::ThresholdManagement];
const BULK: &[Privilege] = &[Privilege::BulkUploadDataOfEndUser];
const TEMPLATES: &[Privilege] = &[Privilege::PortfolioAndProfilesManagement];
const BASKET: &[Privilege] = &[
    Privilege::UnauthorizedOrdersCreation,
    Privilege::OrdersAuthorization,
    Privilege::PortfolioAndProfilesManagement,
];
const ANY: &[Privilege] = &Privilege::ALL;

macro_rules! routes {
    ($($method:ident $path:literal $operation:ident $carry_out:ident $privileges:ident
        [$($parameter:literal)*];)*) => {
        /// Every operation, in the order of the OpenAPI document.
        pub(super) const ROUTES: &[Route<Kpn>] = &[$(Route {
            method: stringify!($method),
            path: $path,
            operation: stringify!($operation),
            carry_out: |kpn, call| {
                const OPERATION: Operation = Operation {
                    privileges: $privileges,
                    parameters: &[$($parameter),*],
                };
                kpn.carry_out(call, &OPERATION, |state, request| state.$carry_out(request))
            },
        },)*];

        /// The parameters of the query that an operation knows.
        #[cfg(test)]
        pub(crate) const PARAMETERS: &[(&str, &[&str])] = &[
            $((stringify!($operation), &[$($parameter),*]),)*
        ];
    };
}

routes! {
    GET "/track-and-trace/orders" listOrders list_orders TRACK ["currentUserOrdersOnly" "sortBy" "order" "patterns" "status" "withRequiredActionFirst" "from" "to"];
    GET "/track-and-trace/orders/{id}" getOrder get_order TRACK [];
    POST "/track-and-trace/orders/{id}/cancel" cancelOrder cancel_order TRACK ["note"];
    GET "/track-and-trace/orders/{id}/hardware" listOrderHardware list_order_hardware TRACK [];
    POST "/track-and-trace/orders/{id}/porting-data" changeOrderPortingData change_porting TRACK [];
    GET "/track-and-trace/orders/{id}/pretty" getPrettyOrder get_pretty_order TRACK [];
    GET "/track-and-trace/overview" getTrackAndTraceOverview overview TRACK [];
    GET "/track-and-trace/returned-hardware-service-requests" listReturnedHardwareRequests list_returns TRACK ["currentUserOrdersOnly" "order" "patterns" "status" "withRequiredActionFirst" "from" "to"];
    GET "/track-and-trace/service-requests" listServiceRequests list_service_requests TRACK ["currentUserOrdersOnly" "sortBy" "order" "patterns" "status" "withRequiredActionFirst" "from" "to"];
    GET "/track-and-trace/service-requests/{id}" getServiceRequest get_service_request TRACK [];
    GET "/track-and-trace/service-requests/{id}/attachments/{attachmentId}" downloadServiceRequestAttachment download_attachment TRACK [];
    POST "/track-and-trace/service-requests/{id}/cancel" cancelServiceRequest cancel_service_request TRACK ["note"];
    POST "/order/apple-dep" enrolInAppleDep enrol_in_apple_dep ORDER [];
    POST "/order/authorize" authorizeOrder authorize AUTHORISE [];
    POST "/order/block-sim" blockSim block_sim ORDER [];
    POST "/order/move" moveContract move_contract ORDER [];
    GET "/order/operations" getContractOperations contract_operations ANY ["contractId"];
    POST "/order/porting-out" portOut port_out ORDER [];
    POST "/order/replace-sim" replaceSim replace_sim ORDER [];
    POST "/order/replace-sim/validator" validateNewSim validate_new_sim ORDER [];
    POST "/order/return-hardware" returnHardware return_hardware ORDER [];
    POST "/order/samsung-knox" enrolInSamsungKnox enrol_in_samsung_knox ORDER [];
    POST "/order/terminate" terminateContract terminate ORDER [];
    GET "/order/terminate/termination-fee" getTerminationFee termination_fee ORDER ["contractId" "wishDate"];
    GET "/order/terminate/{contractId}/min-date" getEarliestTerminationDate earliest_termination ORDER [];
    POST "/order/unblock-sim" unblockSim unblock_sim ORDER [];
    GET "/hierarchy/children" listHierarchyItems list_hierarchy VIEW ["contextId" "contextIds" "id" "includeCustomer" "includeGroups" "operationType" "pattern" "from" "to"];
    POST "/hierarchy/children/cost-center" createCostCenter create_cost_center MANAGE [];
    POST "/hierarchy/children/move" moveGroups move_groups MANAGE [];
    GET "/hierarchy/children/operations" getHierarchyOperations hierarchy_operations VIEW [];
    POST "/hierarchy/children/virtual-group" createVirtualGroup create_virtual_group MANAGE [];
    GET "/hierarchy/children/{id}" getHierarchyItem get_hierarchy_item VIEW [];
    POST "/hierarchy/children/{id}" updateHierarchyItem update_group MANAGE [];
    GET "/hierarchy/children/{id}/operations" getHierarchyItemOperations hierarchy_item_operations VIEW [];
    POST "/hierarchy/children/{id}/remove" removeHierarchyItem remove_group MANAGE [];
    GET "/hierarchy/grip-entities" listGripEntities list_accounts VIEW [];
    GET "/hierarchy/subscribers" listSubscribers list_subscribers VIEW ["filters" "order" "patterns" "sortBy" "userOnly" "from" "to"];
    POST "/hierarchy/subscribers" createSubscriber create_subscriber MANAGE [];
    POST "/hierarchy/subscribers/link" linkSubscriberToGrip link_subscriber MANAGE [];
    GET "/hierarchy/subscribers/roles" listRoles list_roles VIEW ["order" "pattern" "sortBy" "from" "to"];
    GET "/hierarchy/subscribers/roles/{roleId}/privileges" listRolePrivileges role_privileges VIEW [];
    GET "/hierarchy/subscribers/{id}" getSubscriber get_subscriber VIEW [];
    PUT "/hierarchy/subscribers/{id}" updateSubscriber update_subscriber MANAGE [];
    POST "/hierarchy/subscribers/{id}/assign-entities" assignManagedEntities assign MANAGE [];
    POST "/hierarchy/subscribers/{id}/delete" deleteSubscriber delete_subscriber MANAGE [];
    GET "/hierarchy/subscribers/{id}/managed-entities" listManagedEntities list_managed VIEW [];
    POST "/hierarchy/subscribers/{id}/move" moveSubscriber move_subscriber MANAGE [];
    GET "/hierarchy/subscribers/{id}/operations" getSubscriberOperations subscriber_operations VIEW [];
    POST "/hierarchy/subscribers/{id}/unassign-entities" unassignManagedEntities unassign MANAGE [];
    GET "/hierarchy/subscribers/{subscriberId}/contracts" listSubscriberContracts list_subscriber_contracts VIEW ["order" "from" "to"];
    GET "/hierarchy/subscribers/{subscriberId}/contracts/overview" getSubscriberContractsOverview subscriber_contracts_overview VIEW [];
    GET "/hierarchy/subscribers/{subscriberId}/roles" listSubscriberRoles list_subscriber_roles VIEW ["order" "pattern" "sortBy" "from" "to"];
    POST "/hierarchy/subscribers/{subscriberId}/roles" editSubscriberRoles edit_roles MANAGE [];
    POST "/finances/billing-period" changeBillingPeriod change_billing_period BILLING [];
    GET "/finances/billing-period/availability" getBillingPeriodAvailability billing_availability ANY [];
    GET "/finances/invoices" listInvoices list_invoices FINANCES ["debtorId" "order" "pattern" "searchFrom" "searchTo" "sortBy" "type" "from" "to"];
    GET "/finances/invoices/{id}" downloadInvoice download_invoice FINANCES [];
    GET "/address/all" listAddresses list_addresses ANY [];
    GET "/address/customer" listCustomerAddresses list_customer_addresses ANY [];
    POST "/address/customer" createCustomerAddress create_customer_address ORDER [];
    GET "/address/user" listUserAddresses list_user_addresses ANY [];
    POST "/address/user" createUserAddress create_user_address ORDER [];
    POST "/address/{id}/delete" deleteAddress delete_address ORDER [];
    POST "/address/{id}/edit" editAddress edit_address ORDER [];
    GET "/contract/all" listContracts list_contracts ANY ["category" "filters" "order" "patterns" "sortBy" "from" "to"];
    GET "/contract/id/{id}" getContract get_contract ANY [];
    GET "/contract/id/{id}/items" getContractItems get_contract_items ANY [];
    GET "/contract/id/{id}/vamo/fixed-numbers" listFixedNumbersToCombine fixed_to_combine ORDER ["filters" "order" "patterns" "sortBy" "from" "to"];
    GET "/contract/id/{id}/vamo/mobile-numbers" listMobileNumbersToCombine mobile_to_combine ORDER ["filters" "order" "patterns" "sortBy" "from" "to"];
    GET "/contract/overview" getContractOverview contract_overview ANY [];
    GET "/contract/thresholds" listThresholds list_thresholds THRESHOLDS [];
    POST "/contract/thresholds" createThreshold create_threshold THRESHOLDS [];
    GET "/contract/thresholds/availability" getThresholdAvailability threshold_availability ANY [];
    POST "/contract/thresholds/remove" removeThresholds remove_thresholds THRESHOLDS [];
    GET "/contract/thresholds/{id}" getThreshold get_threshold THRESHOLDS [];
    POST "/contract/thresholds/{id}" updateThreshold update_threshold THRESHOLDS [];
    POST "/contract/thresholds/{id}/assign" assignContractsToThreshold assign_threshold THRESHOLDS [];
    POST "/contract/thresholds/{id}/unassign" unassignContractsFromThreshold unassign_threshold THRESHOLDS [];
    GET "/contract/thresholds/{thresholdId}/contracts" listThresholdContracts threshold_contracts THRESHOLDS ["category" "filters" "order" "patterns" "sortBy" "from" "to"];
    GET "/contract/thresholds/{thresholdId}/contracts-to-assign" listContractsToAssign contracts_to_assign THRESHOLDS ["category" "filters" "order" "patterns" "sortBy" "from" "to"];
    GET "/contracting/basket" getBasket get_basket BASKET ["sessionId"];
    POST "/contracting/basket" changeBasket change_basket BASKET ["sessionId"];
    GET "/contracting/basket/characteristics" getBasketCharacteristics get_characteristics BASKET ["sessionId"];
    GET "/contracting/basket/main-products" listMainProducts list_main_products BASKET ["category" "filters" "order" "patterns" "sessionId" "sortBy" "from" "to"];
    POST "/contracting/basket/modify-template" modifyTemplate modify_template TEMPLATES ["sessionId" "spectatedUserId"];
    POST "/contracting/basket/order" orderBasket order_basket ORDER ["sessionId"];
    GET "/contracting/basket/products" listBasketProducts list_basket_products BASKET ["sessionId"];
    POST "/contracting/basket/reset" resetBasket reset_basket BASKET ["sessionId"];
    GET "/contracting/basket/resources" listBasketResources list_resources BASKET ["limit" "prefix" "sessionId"];
    POST "/contracting/basket/save-as-template" saveBasketAsTemplate save_as_template TEMPLATES ["sessionId"];
    GET "/contracting/basket/templates" listBasketTemplates list_basket_templates BASKET ["mainProductCategory" "pattern" "sessionId" "from" "to"];
    GET "/contracting/bvm/availability" getBvmAvailability bvm_availability ANY [];
    POST "/contracting/bvm/order" orderBvm order_bvm BULK ["companyName" "companyNamePronunciation" "customerReferenceNumber" "voiceLanguage" "voiceMailMessage" "wishDate"];
    GET "/contracting/categories" listProductCategories list_categories BASKET ["sessionId"];
    GET "/contracting/hardware/categories" listHardwareCategories list_hardware_categories BASKET ["sessionId"];
    POST "/contracting/separate-fixed-mobile" separateFixedMobile separate_fixed_mobile ORDER [];
    GET "/contracting/templates" listTemplates list_templates TEMPLATES ["groupId"];
    GET "/contracting/templates/{id}" getTemplate get_template TEMPLATES [];
    POST "/contracting/templates/{id}/delete" deleteTemplate delete_template TEMPLATES [];
}
