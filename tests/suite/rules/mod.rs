//! One test for each rule of reading and writing, named after it.

mod broken;
mod bytes;
mod fuzz;
mod items;
mod namespaces;
mod nil;
mod outcomes;
mod reading;
mod writing;

use mno_kite_inventory_v12::ns;
use mno_kite_inventory_v12::operations::{GetSubscriptions, GetSubscriptionsResponse};
use mno_kite_inventory_v12::types::SubscriptionInfo;
use mno_runtime::soap::{Envelope, SoapOperation, decode_body};
use mno_runtime::xml::{Cursor, DecodeError, Document, Limits, NamespaceTable};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const TYPES: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types";
const COMMON: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1";

/// What every subscription must have, in the contract's order, without namespace declarations.
const REQUIRED: &str = "<subscriptionId>sub-1</subscriptionId><icc>8999000000000001011</icc>\
    <imsi>001010000000101</imsi><alias>a</alias><customField1>1</customField1>\
    <customField2>2</customField2><customField3>3</customField3><customField4>4</customField4>\
    <simModel>M</simModel><simType>LOCAL</simType><gprsStatus><status>0</status></gprsStatus>\
    <ipStatus><status>0</status></ipStatus><advancedSupervision>true</advancedSupervision>\
    <consumptionDaily><voice><limit>1</limit><value>2</value><thrReached>3</thrReached><enabled>true</enabled></voice>\
    <sms><limit>1</limit><value>2</value><thrReached>3</thrReached><enabled>true</enabled></sms>\
    <data><limit>1</limit><value>2</value><thrReached>3</thrReached><enabled>true</enabled></data></consumptionDaily>\
    <consumptionMonthly><voice><limit>1</limit><value>2</value><thrReached>3</thrReached><enabled>true</enabled></voice>\
    <sms><limit>1</limit><value>2</value><thrReached>3</thrReached><enabled>true</enabled></sms>\
    <data><limit>1</limit><value>2</value><thrReached>3</thrReached><enabled>true</enabled></data></consumptionMonthly>\
    <provisionDate>2031-01-10T00:00:00Z</provisionDate><commercialGroup>Pumps</commercialGroup>\
    <apn>meters.example</apn><orderNumber>O-1</orderNumber><lifeCycleStatus>ACTIVE</lifeCycleStatus>";

/// The required elements with one of them replaced by other XML.
fn required_but(element: &str, with: &str) -> String {
    let open = format!("<{element}>");
    let close = format!("</{element}>");
    let start = REQUIRED.find(&open).expect("required");
    let end = REQUIRED[start..].find(&close).expect("closed") + start + close.len();
    format!("{}{with}{}", &REQUIRED[..start], &REQUIRED[end..])
}

/// An item of a page: the required elements and more after them.
fn item(more: &str) -> String {
    format!("<subscriptionData>{REQUIRED}{more}</subscriptionData>")
}

/// An envelope with `items` in an answer to `getSubscriptions`.
fn page(items: &str) -> String {
    envelope(&format!(
        "<getSubscriptionsResponse xmlns=\"{TYPES}\">{items}</getSubscriptionsResponse>"
    ))
}

fn envelope(body: &str) -> String {
    format!("<s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{body}</s:Body></s:Envelope>")
}

/// What an answer holds, and how many elements were skipped.
fn read(text: &str) -> Result<(GetSubscriptionsResponse, u64), DecodeError> {
    read_bytes(text.as_bytes(), None, Limits::default())
}

fn read_bytes(
    bytes: &[u8],
    charset: Option<&str>,
    limits: Limits,
) -> Result<(GetSubscriptionsResponse, u64), DecodeError> {
    read_as::<GetSubscriptions>(bytes, charset, limits)
}

fn read_as<O: SoapOperation>(
    bytes: &[u8],
    charset: Option<&str>,
    limits: Limits,
) -> Result<(O::Response, u64), DecodeError> {
    let document = Document::new(bytes, charset, limits)?;
    let table = NamespaceTable::new(ns::TABLE);
    let mut cursor = Cursor::new(&document, &table);
    match decode_body(&mut cursor, O::decode_response, O::decode_fault)? {
        Envelope::Message(message) => Ok((message, cursor.skipped())),
        _ => panic!("a fault"),
    }
}

/// Whether the bytes hold an answer of `O` or a fault.
fn is_readable<O: SoapOperation>(bytes: &[u8], charset: Option<&str>) -> bool {
    Document::new(bytes, charset, Limits::default())
        .and_then(|document| {
            let table = NamespaceTable::new(ns::TABLE);
            let mut cursor = Cursor::new(&document, &table);
            decode_body(&mut cursor, O::decode_response, O::decode_fault).map(|_| ())
        })
        .is_ok()
}

/// The only subscription of a page.
#[track_caller]
fn only(text: &str) -> SubscriptionInfo {
    let (page, _) = read(text).expect("reads");
    let mut items = page.subscription_data.into_all().expect("good items");
    assert_eq!(items.len(), 1);
    items.remove(0)
}

/// The subscription of [`item`].
#[track_caller]
fn with(more: &str) -> SubscriptionInfo {
    only(&page(&item(more)))
}

/// The error of the only item of a page.
#[track_caller]
fn item_error(item: &str) -> DecodeError {
    let (page, _) = read(&page(item)).expect("the page is good");
    assert_eq!(page.subscription_data.len(), 1);
    let item = page.subscription_data.into_iter().next().expect("an item");
    item.expect_err("bad")
}
