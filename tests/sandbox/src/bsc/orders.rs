//! Products, and orders of them and of top-ups.

use serde_json::{Value, json};

use super::json::{Sorts, time};
use crate::time::Timestamp;

/// What a list of orders can be sorted by.
pub(super) const ORDER_SORTS: Sorts<Order> = &[
    ("order_number", |a, b| a.number.cmp(&b.number)),
    ("order_status", |a, b| a.status.cmp(b.status)),
    ("order_date", |a, b| a.date.cmp(&b.date)),
];

/// Something that can be ordered.
pub(super) struct Product {
    pub(super) id: u64,
    name: &'static str,
    material: &'static str,
    /// SIMs in a package; none for a top-up.
    pub(super) sims: usize,
    /// Most packages of an order.
    pub(super) most: u64,
    /// Price of a package in cents.
    cents: u64,
}

/// The top-up, which is not ordered like SIMs are.
pub(super) const TOP_UP: u64 = 3;

pub(super) const PRODUCTS: [Product; 3] = [
    Product {
        id: 1,
        name: "Made-up SIM card",
        material: "Plastic",
        sims: 10,
        most: 5,
        cents: 10_000,
    },
    Product {
        id: 2,
        name: "Made-up SIM chip",
        material: "MFF2",
        sims: 10,
        most: 5,
        cents: 12_050,
    },
    Product {
        id: TOP_UP,
        name: "Made-up top-up",
        material: "None",
        sims: 0,
        most: 1,
        cents: 1000,
    },
];

impl Product {
    /// The product with this number.
    pub(super) fn find(id: u64) -> Option<&'static Self> {
        PRODUCTS.iter().find(|p| p.id == id)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "product": self.name,
            "material": self.material,
            "package_size": self.sims.max(1),
            "minQuantity": 1,
            "maxQuantity": self.most,
            "maxQuantityPerCustomer": 1000,
            "min_contract_duration": 0,
            "one_time_charges": [{
                "name": self.name,
                "amount_net": self.cents as f64 / 100.0,
                "currency": "EUR",
            }],
            "recurring_charges": [],
        })
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Order {
    /// Its number.
    pub number: u64,
    /// `FIRST_ORDER`, `ADDITIONAL_ORDER`, `TOPUP` or `BULK_TOPUP`.
    pub kind: &'static str,
    /// `IN_PROGRESS` or `COMPLETED`.
    pub status: &'static str,
    /// When it was placed.
    pub date: Timestamp,
    /// Numbers of products and how many packages of each.
    pub products: Vec<(u64, u64)>,
    /// ICCIDs of the SIMs that it is about; those of ordered ones once they are there.
    pub sims: Vec<String>,
    /// Where to, as it was ordered.
    pub shipping_address: Option<Value>,
}

impl Order {
    pub(super) fn to_json(&self, base_url: &str) -> Value {
        let price =
            |(id, quantity): &(u64, u64)| Product::find(*id).map_or(0, |p| p.cents * quantity);
        let cents: u64 = self.products.iter().map(price).sum();
        let sims = self.sims.iter().map(|iccid| {
            let href = format!("{base_url}/v1/sims/{iccid}");
            json!({ "iccid": iccid, "_links": [{ "rel": "self", "href": href }] })
        });
        let products = self.products.iter();
        let products = products.map(|(id, n)| json!({ "product_id": id, "quantity": n }));
        let mut order = json!({
            "order_number": self.number,
            "order_type": self.kind,
            "order_date": time(self.date),
            "order_status": self.status,
            "invoice_number": format!("SBX-{:05}", self.number),
            "invoice_amount": format!("{}.{:02}", cents / 100, cents % 100),
            "currency": "EUR",
            "sims": sims.collect::<Vec<_>>(),
            "products": products.collect::<Vec<_>>(),
        });
        if let Some(address) = &self.shipping_address {
            order["shipping_address"] = address.clone();
        }
        order
    }
}
