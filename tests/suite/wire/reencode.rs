//! Every hand-written body, read and written again, means the same.

use std::fs;

use mno_runtime::Error;

use super::message_text;
use super::tree::{Tree, assert_same, body, cut, cut_body};

/// The lexical forms that are not kept, file by file; anything else must stay as it is.
fn canonical(name: &str, tree: &mut Tree) {
    let fix = |t: &mut Tree, from: &str, to: &str| {
        if t.text == from {
            t.text = to.to_owned();
        }
    };
    match name {
        "getSubscriptions.response" => tree.edit(&mut |t| {
            // Blank dates that are optional are absent; a blank identifier is trimmed.
            t.children.retain(|c| {
                let optional = ["lastConnStart", "lastConnStop", "shippingDate"];
                !(c.text.is_empty() && optional.contains(&c.local.as_str()))
            });
            if t.local == "imei" {
                t.text = t.text.trim().to_owned();
            }
            fix(t, "2031-03-04T05:30:00+00:00", "2031-03-04T05:30:00Z");
            fix(t, "2031-03-04T05:00:01.250Z", "2031-03-04T05:00:01.25Z");
        }),
        "getStatusHistory.response" => tree.edit(&mut |t| {
            if t.local == "automatic" {
                fix(t, "0", "false");
                fix(t, "1", "true");
            }
        }),
        "getBillingAccounts.response" => tree.edit(&mut |t| {
            if t.local == "billable" {
                fix(t, "0", "false");
            }
        }),
        "administrativeDiagnostic.blank.response" => tree.edit(&mut |t| {
            t.children.retain(|c| c.local != "voiceStatus");
        }),
        "getLocationDetail.response" => tree.edit(&mut |t| fix(t, "-1.25E1", "-12.5")),
        // Written in the contract's order, whatever the order that was read.
        "modifySubscription.guide-order.request" => {
            tree.children.sort_by_key(|c| c.local == "staticIpAddress0");
        }
        _ => {}
    }
}

fn check(folder: &str, reencode: fn(&[u8]) -> Result<Vec<u8>, Error>) -> usize {
    let path = format!("{}/wire/kite/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = fs::read_dir(path)
        .expect("a folder")
        .map(|e| {
            e.expect("readable")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    files.sort();
    for file in &files {
        let name = file.strip_suffix(".xml").expect("XML files only");
        let text = message_text(&format!("{folder}/{file}"));
        let written =
            reencode(cut_body(&text).as_bytes()).unwrap_or_else(|e| panic!("{file}: {e}"));
        let written = String::from_utf8(written).expect("UTF-8");
        let mut theirs = body(&text);
        canonical(name, &mut theirs);
        assert_same(&Tree::parse(&written), &theirs);
        // Once written, it does not change any more.
        let again = reencode(written.as_bytes()).expect("reads its own output");
        let again = String::from_utf8(again).expect("UTF-8");
        if written.contains("discount") {
            // Content that the contract leaves open declares the prefixes that it was read with.
            assert_same(&Tree::parse(&again), &Tree::parse(&written));
        } else {
            assert_eq!(again, written, "{file}");
        }
    }
    files.len()
}

#[test]
fn inventory() {
    let files = check("inventory-v12", mno_kite_inventory_v12::reencode);
    assert!(files >= 39, "only {files} files were found");
}

#[test]
fn older_inventories() {
    for (folder, reencode) in [
        (
            "inventory-v4",
            mno_kite_inventory_v4::reencode as fn(&[u8]) -> _,
        ),
        ("inventory-v5", mno_kite_inventory_v5::reencode),
        ("inventory-v9", mno_kite_inventory_v9::reencode),
    ] {
        let files = check(folder, reencode);
        assert!(files >= 28, "only {files} files were found");
    }
}

#[test]
fn diagnostics() {
    let files = check(
        "diagnostic-inventory-v1",
        mno_kite_diagnostic_inventory_v1::reencode,
    );
    assert_eq!(files, 12);
}

#[test]
fn simswap() {
    assert_eq!(check("simswap-v1", mno_kite_simswap_v1::reencode), 3);
}

#[test]
fn reports() {
    let files = check("reports-v1", mno_kite_reports_v1::reencode);
    assert!(files >= 35, "only {files} files were found");
}

#[test]
fn commercial_groups_and_customers() {
    let folders = [
        check(
            "commercial-group-v4",
            mno_kite_commercial_group_v4::reencode,
        ),
        check(
            "commercial-group-v2",
            mno_kite_commercial_group_v2::reencode,
        ),
        check("customers-v2", mno_kite_customers_v2::reencode),
        check("billing-account-v1", mno_kite_billing_account_v1::reencode),
    ];
    assert_eq!(folders, [18, 16, 8, 4]);
}

#[test]
fn end_customers() {
    let v2 = check("end-customers-v2", mno_kite_end_customers_v2::reencode);
    let v1 = check("end-customers-v1", mno_kite_end_customers_v1::reencode);
    assert_eq!((v2, v1), (15, 15));
}

#[test]
fn supplementary_services() {
    let reencode = mno_kite_supplementary_services_v2::reencode;
    assert_eq!(check("supplementary-services-v2", reencode), 6);
}

#[test]
fn users() {
    let v3 = check("users-v3", mno_kite_users_v3::reencode);
    let v1 = check("users-v1", mno_kite_users_v1::reencode);
    assert_eq!((v3, v1), (18, 18));
}

#[test]
fn prebill() {
    assert_eq!(check("prebill-v1", mno_kite_prebill_v1::reencode), 5);
}

#[test]
fn service_packs() {
    let reencode = mno_kite_service_packs_v2::reencode;
    assert_eq!(check("service-packs-v2", reencode), 3);
}

#[test]
fn vouchers() {
    assert_eq!(check("vouchers-v1", mno_kite_vouchers_v1::reencode), 14);
}

#[test]
fn echo() {
    assert_eq!(check("echo-v1", mno_kite_echo_v1::reencode), 2);
}

#[test]
fn faults() {
    for (file, element) in [
        ("pol-1005", "ClientException"),
        ("svc-1006", "ClientException"),
        ("svc-1013-permission", "ClientException"),
        ("svc-1021-field-errors", "ClientException"),
        ("svc-1021-transition", "ClientException"),
        ("svr-1006", "ServerException"),
    ] {
        let detail = cut(&message_text(&format!("faults/{file}.xml")), element);
        for reencode in [mno_kite_inventory_v12::reencode, mno_kite_echo_v1::reencode] {
            let written = reencode(detail.as_bytes()).unwrap_or_else(|e| panic!("{file}: {e}"));
            let written = String::from_utf8(written).expect("UTF-8");
            assert_same(&Tree::parse(&written), &Tree::parse(&detail));
        }
    }
}
