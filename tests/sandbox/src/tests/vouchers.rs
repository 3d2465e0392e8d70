//! Vouchers: every operation, with requests written by hand.

use super::{Answer, Client, VOUCHERS, unlimited};
use crate::*;

const TYPES: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/voucher/v1/types";

async fn call(client: &Client, sim: &Sim, operation: &str, inner: &str) -> Answer {
    let body = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <{operation} xmlns='{TYPES}'><icc>{}</icc>{inner}</{operation}></e:Body></e:Envelope>",
        sim.icc
    );
    client.post(VOUCHERS, operation, body).await.unwrap()
}

/// Texts of all elements of a name.
fn texts(answer: &Answer, name: &str) -> Vec<String> {
    let doc = roxmltree::Document::parse(&answer.body).unwrap();
    let found = doc.descendants().filter(|n| n.has_tag_name((TYPES, name)));
    found
        .map(|n| n.text().unwrap_or_default().to_owned())
        .collect()
}

fn active_meter(sandbox: &Sandbox) -> std::sync::Arc<Sim> {
    let fits = |sim: &Sim| sim.commercial_group == 10_101 && sim.state() == State::Active;
    sandbox.fleet().find(fits).unwrap()
}

/// Answers of every operation, to be checked with the schema.
pub(super) async fn all(sandbox: &Sandbox, client: &Client) -> Vec<Answer> {
    let sim = active_meter(sandbox);
    let buy = |id| format!("<voucherId>{id}</voucherId>");
    let mut answers = vec![call(client, &sim, "getAvailableVoucher", "").await];
    for (operation, voucher, cancel) in [
        ("purchaseOneTimeVoucher", "7001", None),
        ("purchaseOneTimeVoucher", "7002", Some("cancelVoucher")),
        (
            "purchaseRecurrentVoucher",
            "7003",
            Some("cancelRecurrentVoucherRenewal"),
        ),
    ] {
        let bought = call(client, &sim, operation, &buy(voucher)).await;
        let instance = texts(&bought, "voucherInstanceId").remove(0);
        answers.push(bought);
        answers.push(call(client, &sim, "getActiveVouchers", "").await);
        if let Some(cancel) = cancel {
            let instance = format!("<voucherInstanceId>{instance}</voucherInstanceId>");
            answers.push(call(client, &sim, cancel, &instance).await);
        }
    }
    answers
}

#[tokio::test]
async fn bought_used_and_left_alone() {
    let (sandbox, client) = unlimited(60).await;
    let sim = active_meter(&sandbox);
    let offered = call(&client, &sim, "getAvailableVoucher", "").await;
    assert_eq!(texts(&offered, "voucherId"), ["7001", "7002", "7003"]);
    assert_eq!(
        texts(&offered, "type"),
        ["ONE_TIME", "ONE_TIME", "RECURRENT"]
    );
    for answer in all(&sandbox, &client).await {
        assert_eq!(answer.code(), "ok", "{}", answer.body);
    }
    sandbox.data_traffic(&sim.id(), 1 << 20).unwrap();
    let active = call(&client, &sim, "getActiveVouchers", "").await;
    assert_eq!(texts(&active, "voucherId"), ["7001", "7003"]);
    let left = [(99 << 20).to_string(), (250 << 20).to_string()];
    assert_eq!(texts(&active, "remaining"), left);
    let elsewhere = "<destinationId>11</destinationId>";
    let active = call(&client, &sim, "getActiveVouchers", elsewhere).await;
    assert!(texts(&active, "voucherId").is_empty());
    let entry = sandbox.journal().snapshot().pop().unwrap();
    assert_eq!(entry.sim, Some(sim.id()));

    for (inner, code) in [
        ("", "SVC 1000"),
        (
            "<voucherId>7001</voucherId><type>ONE_TIME</type>",
            "SVC 1001",
        ),
        (
            "<voucherId>7001</voucherId><renewalDay>3</renewalDay>",
            "SVC 1001",
        ),
        (
            "<voucherId>7001</voucherId><expirationDate>soon</expirationDate>",
            "SVC 1021",
        ),
        ("<voucherId>7003</voucherId>", "SVC 1021"),
        ("<voucherId>1</voucherId>", "SVC 1006"),
    ] {
        let answer = call(&client, &sim, "purchaseOneTimeVoucher", inner).await;
        assert_eq!(answer.code(), code, "{inner}");
    }
}

#[tokio::test]
async fn two_cancellations_and_four_purchases_a_second() {
    assert_eq!(documented_tps("purchaseRecurrentVoucher"), None);
    for (operation, tps) in [
        ("cancelVoucher", 2),
        ("cancelRecurrentVoucherRenewal", 2),
        ("purchaseOneTimeVoucher", 4),
        ("getAvailableVoucher", 4),
        ("getActiveVouchers", 4),
        ("getPrebills", 4),
        ("exportPrebill", 4),
        ("getServicePacks", 4),
    ] {
        assert_eq!(documented_tps(operation), Some(tps), "{operation}");
    }
}
