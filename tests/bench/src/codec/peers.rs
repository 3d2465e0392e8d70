//! Other decoders, each with types of the same shape.
#![allow(dead_code)] // fields are read into, and never looked at

use anyhow::Result;

/// How many subscriptions a decoder finds in a message.
pub(super) type Decode = fn(&str) -> Result<usize>;

pub(super) const ALL: [(&str, Decode); 3] = [
    ("serde + quick-xml", serde_quick_xml::decode),
    ("instant-xml", instant::decode),
    ("yaserde", ya::decode),
];

mod serde_quick_xml {
    use anyhow::Result;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        #[serde(default)]
        subscription_data: Vec<Subscription>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Subscription {
        subscription_id: String,
        icc: String,
        imsi: String,
        msisdn: Option<String>,
        alias: String,
        custom_field1: String,
        custom_field2: String,
        custom_field3: String,
        custom_field4: String,
        sim_model: String,
        sim_type: String,
        gprs_status: Status,
        ip_status: Status,
        advanced_supervision: bool,
        consumption_daily: Period,
        consumption_monthly: Period,
        provision_date: String,
        shipping_date: Option<String>,
        activation_date: Option<String>,
        commercial_group: String,
        supervision_group: Option<String>,
        imei: Option<String>,
        apn: String,
        apn0: Option<String>,
        apn1: Option<String>,
        static_ip_address0: Option<String>,
        static_ip_address1: Option<String>,
        order_number: String,
        master_id: Option<String>,
        master_name: Option<String>,
        service_provider_enabler_id: Option<String>,
        service_provider_enabler_name: Option<String>,
        #[serde(rename = "customerID")]
        customer_id: Option<String>,
        customer_name: Option<String>,
        life_cycle_status: String,
        customer_currency: Option<String>,
        operator: Option<String>,
        country: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        status: i32,
        last_conn_start: Option<String>,
        last_conn_stop: Option<String>,
    }

    #[derive(Deserialize)]
    struct Period {
        voice: Consumption,
        sms: Consumption,
        data: Consumption,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Consumption {
        limit: u64,
        value: u64,
        thr_reached: u64,
        enabled: bool,
        traffic_cut: Option<bool>,
    }

    pub(super) fn decode(message: &str) -> Result<usize> {
        let response: Response = quick_xml::de::from_str(message)?;
        Ok(response.subscription_data.len())
    }
}

mod instant {
    use anyhow::Result;
    use instant_xml::FromXml;

    const TYPES: &str =
        "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types";

    #[derive(FromXml)]
    #[xml(rename = "getSubscriptionsResponse", ns(TYPES))]
    struct Response {
        subscriptions: Vec<Subscription>,
    }

    #[derive(FromXml)]
    #[xml(rename = "subscriptionData", ns(TYPES), rename_all = "camelCase")]
    struct Subscription {
        subscription_id: String,
        icc: String,
        imsi: String,
        msisdn: Option<String>,
        alias: String,
        custom_field1: String,
        custom_field2: String,
        custom_field3: Option<String>,
        custom_field4: String,
        sim_model: String,
        sim_type: String,
        gprs_status: GprsStatus,
        ip_status: IpStatus,
        advanced_supervision: bool,
        consumption_daily: ConsumptionDaily,
        consumption_monthly: ConsumptionMonthly,
        provision_date: String,
        shipping_date: Option<String>,
        activation_date: Option<String>,
        commercial_group: String,
        supervision_group: Option<String>,
        imei: Option<String>,
        apn: String,
        apn0: Option<String>,
        apn1: Option<String>,
        static_ip_address0: Option<String>,
        static_ip_address1: Option<String>,
        order_number: String,
        master_id: Option<String>,
        master_name: Option<String>,
        service_provider_enabler_id: Option<String>,
        service_provider_enabler_name: Option<String>,
        #[xml(rename = "customerID")]
        customer_id: Option<String>,
        customer_name: Option<String>,
        life_cycle_status: String,
        customer_currency: Option<String>,
        operator: Option<String>,
        country: Option<String>,
    }

    // Elements are known by the names of their types.
    macro_rules! named {
        ($type:ident $name:tt { $($field:ident: $of:ty,)+ }) => {
            #[derive(FromXml)]
            #[xml(rename = $name, ns(TYPES), rename_all = "camelCase")]
            struct $type {
                $($field: $of,)+
            }
        };
    }

    named!(GprsStatus "gprsStatus" {
        status: i32, last_conn_start: Option<String>, last_conn_stop: Option<String>,
    });
    named!(IpStatus "ipStatus" {
        status: i32, last_conn_start: Option<String>, last_conn_stop: Option<String>,
    });
    named!(ConsumptionDaily "consumptionDaily" { voice: Voice, sms: Sms, data: Data, });
    named!(ConsumptionMonthly "consumptionMonthly" { voice: Voice, sms: Sms, data: Data, });
    named!(Voice "voice" {
        limit: u64, value: u64, thr_reached: u64, enabled: bool, traffic_cut: Option<bool>,
    });
    named!(Sms "sms" {
        limit: u64, value: u64, thr_reached: u64, enabled: bool, traffic_cut: Option<bool>,
    });
    named!(Data "data" {
        limit: u64, value: u64, thr_reached: u64, enabled: bool, traffic_cut: Option<bool>,
    });

    pub(super) fn decode(message: &str) -> Result<usize> {
        let response: Response = instant_xml::from_str(message)?;
        Ok(response.subscriptions.len())
    }
}

mod ya {
    use anyhow::{Result, anyhow};
    use yaserde::YaDeserialize;

    #[derive(Default, YaDeserialize)]
    #[yaserde(rename = "getSubscriptionsResponse")]
    struct Response {
        #[yaserde(rename = "subscriptionData")]
        subscriptions: Vec<Subscription>,
    }

    macro_rules! renamed {
        ($type:ident { $($field:ident $name:tt: $of:ty,)+ }) => {
            #[derive(Default, YaDeserialize)]
            struct $type {
                $(#[yaserde(rename = $name)] $field: $of,)+
            }
        };
    }

    renamed!(Subscription {
        subscription_id "subscriptionId": String,
        icc "icc": String,
        imsi "imsi": String,
        msisdn "msisdn": Option<String>,
        alias "alias": String,
        custom_field1 "customField1": String,
        custom_field2 "customField2": String,
        custom_field3 "customField3": String,
        custom_field4 "customField4": String,
        sim_model "simModel": String,
        sim_type "simType": String,
        gprs_status "gprsStatus": Status,
        ip_status "ipStatus": Status,
        advanced_supervision "advancedSupervision": bool,
        consumption_daily "consumptionDaily": Period,
        consumption_monthly "consumptionMonthly": Period,
        provision_date "provisionDate": String,
        shipping_date "shippingDate": Option<String>,
        activation_date "activationDate": Option<String>,
        commercial_group "commercialGroup": String,
        supervision_group "supervisionGroup": Option<String>,
        imei "imei": Option<String>,
        apn "apn": String,
        apn0 "apn0": Option<String>,
        apn1 "apn1": Option<String>,
        static_ip_address0 "staticIpAddress0": Option<String>,
        static_ip_address1 "staticIpAddress1": Option<String>,
        order_number "orderNumber": String,
        master_id "masterId": Option<String>,
        master_name "masterName": Option<String>,
        service_provider_enabler_id "serviceProviderEnablerId": Option<String>,
        service_provider_enabler_name "serviceProviderEnablerName": Option<String>,
        customer_id "customerID": Option<String>,
        customer_name "customerName": Option<String>,
        life_cycle_status "lifeCycleStatus": String,
        customer_currency "customerCurrency": Option<String>,
        operator "operator": Option<String>,
        country "country": Option<String>,
    });

    renamed!(Status {
        status "status": i32,
        last_conn_start "lastConnStart": Option<String>,
        last_conn_stop "lastConnStop": Option<String>,
    });

    renamed!(Period {
        voice "voice": Consumption,
        sms "sms": Consumption,
        data "data": Consumption,
    });

    renamed!(Consumption {
        limit "limit": u64,
        value "value": u64,
        thr_reached "thrReached": u64,
        enabled "enabled": bool,
        traffic_cut "trafficCut": Option<bool>,
    });

    pub(super) fn decode(message: &str) -> Result<usize> {
        let response: Response = yaserde::de::from_str(message).map_err(|e| anyhow!(e))?;
        Ok(response.subscriptions.len())
    }
}
