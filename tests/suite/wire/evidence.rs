//! What was concluded says so in rustdoc, at every field; what is known is listed here by hand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Everything in these was concluded from other material.
const INFERRED: [&str; 10] = [
    "billing-account-v1",
    "customers-v2",
    "diagnostic-inventory-v1",
    "end-customers-v1",
    "prebill-v1",
    "service-packs-v2",
    "simswap-v1",
    "supplementary-services-v2",
    "users-v1",
    "vouchers-v1",
];

/// What the guide's examples show of the others: file and fields, `*` being a digit.
const SHOWN: [(&str, &str, &[&str]); 14] = [
    // 6.11, whose example has the namespace of version 2
    (
        "commercial-group-v2",
        "update_commercial_group",
        &["id", "endCustomer"],
    ),
    (
        "commercial-group-v4",
        "update_commercial_group",
        &["id", "endCustomer"],
    ),
    // 6.13.1
    (
        "commercial-group-v4",
        "get_commercial_groups",
        &["commercialGroup"],
    ),
    (
        "commercial-group-v4",
        "commercial_group",
        &["id", "name", "description", "customerId"],
    ),
    // 6.2
    (
        "inventory-v4",
        "get_subscriptions",
        &["maxBatchSize", "startIndex", "subscriptionData"],
    ),
    // 6.7.1
    (
        "inventory-v4",
        "consumption",
        &["limit", "value", "thrReached"],
    ),
    (
        "inventory-v4",
        "consumption_period",
        &["voice", "sms", "data"],
    ),
    (
        "inventory-v5",
        "consumption",
        &["limit", "value", "thrReached"],
    ),
    (
        "inventory-v5",
        "consumption_period",
        &["voice", "sms", "data"],
    ),
    (
        "inventory-v9",
        "consumption",
        &["limit", "value", "thrReached"],
    ),
    (
        "inventory-v9",
        "consumption_period",
        &["voice", "sms", "data"],
    ),
    // 6.6.1
    (
        "inventory-v9",
        "send_sms",
        &[
            "destSubscriptions",
            "text",
            "hasDeliveryReport",
            "watcherId",
        ],
    ),
    // 6.12
    ("inventory-v9", "change", &["staticIpAddress*", "apn0"]),
    (
        "inventory-v9",
        "subscription_info",
        &["icc", "staticIp", "apn", "apn*", "staticIpAddress*"],
    ),
];

/// Fields of a generated crate: file, wire name, whether it says that it was inferred.
fn fields(api: &str) -> Vec<(String, String, bool)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("the crate's sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let folder = format!("{}/../generated/kite-{api}/src", env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(Path::new(&folder), &mut files);
    let mut fields = Vec::new();
    for path in files {
        let file = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for line in std::fs::read_to_string(&path).expect("a source").lines() {
            let Some((_, field)) = line.split_once("/// Wire: `") else {
                continue;
            };
            let name = field.split('`').next().expect("a name").to_owned();
            fields.push((file.clone(), name, field.ends_with("Evidence: inferred.")));
        }
    }
    assert!(!fields.is_empty(), "{api} has fields");
    fields
}

#[test]
fn every_field_that_was_concluded_says_so() {
    for api in INFERRED {
        for (file, name, inferred) in fields(api) {
            assert!(
                inferred,
                "{api}: {name} in {file}.rs is not marked as inferred"
            );
        }
    }
}

#[test]
fn what_the_guide_shows_is_marked_and_nothing_else_is() {
    let apis: BTreeSet<&str> = SHOWN.iter().map(|(api, ..)| *api).collect();
    for api in apis {
        for (file, name, inferred) in fields(api) {
            let fits = |field: &str| {
                field == name
                    || field.strip_suffix('*').is_some_and(|stem| {
                        let digit = name.strip_prefix(stem);
                        digit.is_some_and(|d| d.len() == 1 && d.bytes().all(|b| b.is_ascii_digit()))
                    })
            };
            let mut here = SHOWN.iter().filter(|(a, f, _)| *a == api && *f == file);
            let shown = here.any(|(.., fields)| fields.iter().any(|field| fits(field)));
            assert_eq!(!inferred, shown, "{api}: {name} in {file}.rs");
        }
    }
}
