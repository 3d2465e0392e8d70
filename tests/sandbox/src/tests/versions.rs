//! The inventory's versions: what each of them prints of the same SIM.

use super::*;

/// Calls an operation of a version of the inventory.
async fn call(client: &Client, version: &str, operation: &str, inner: &str) -> Answer {
    let path = INVENTORY.replace("v12", version);
    let types = TYPES.replace("v12", version);
    let body = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:c='{COMMON}'>\
         <e:Body><{operation} xmlns='{types}'>{inner}</{operation}></e:Body></e:Envelope>"
    );
    client.post(&path, operation, body).await.unwrap()
}

#[tokio::test]
async fn a_version_prints_what_it_knows() {
    let sandbox = Sandbox::builder().sims(200).limits(false).start().await;
    let sandbox = sandbox.unwrap();
    let client = Client::new(&sandbox, "Acme");
    let fleet = sandbox.fleet();
    let wanted = |s: &Sim| s.kind == SimKind::Euicc && s.apns[0].static_ip.is_some();
    let sim = fleet.find(|s| wanted(s) && s.rat_type.is_some()).unwrap();
    fleet.update(&sim.id(), |s| {
        s.monthly.data.traffic_cut = Some(true);
        s.apns[0].additional_static_ip = Some([192, 0, 2, 1].into());
    });
    let icc = &sim.icc;
    let filter = format!(
        "<searchParameters><c:param><c:name>icc</c:name><c:value>{icc}</c:value></c:param>\
         </searchParameters>"
    );
    // What tells the versions apart: v4, v5, v9, v12.
    for (name, printed) in [
        ("staticIp", [true, true, true, false]),
        ("staticApnIndex", [true, true, false, false]),
        ("apn9", [true; 4]),
        ("staticIpAddress0", [false, false, true, true]),
        ("additionalStaticIpAddress0", [false, false, false, true]),
        ("trafficCut", [false, false, false, true]),
        ("lteEnabled", [true; 4]),
        ("swapStatus", [false, false, true, true]),
        ("qci", [false, false, true, true]),
        ("voLteEnabled", [false, false, false, true]),
        ("defaultApn", [false, false, false, true]),
    ] {
        for (version, printed) in ["v4", "v5", "v9", "v12"].into_iter().zip(printed) {
            let answer = call(&client, version, "getSubscriptions", &filter).await;
            assert_eq!(answer.code(), "ok");
            let found = answer.body.contains(&format!(":{name}>"));
            let found = found || answer.body.contains(&format!(":{name}/>"));
            assert_eq!(found, printed, "{name} in {version}: {}", answer.body);
        }
    }
    for (version, printed) in [("v4", false), ("v5", false), ("v9", true), ("v12", true)] {
        let id = format!("<icc>{icc}</icc>");
        let presence = call(&client, version, "getPresenceDetail", &id).await;
        assert_eq!(presence.body.contains(":ratType>"), printed, "{version}");
        // Master data is the same in all of them.
        let detail = call(&client, version, "getSubscriptionDetail", &id).await;
        assert!(detail.body.contains(":staticApnIndex>0<"), "{version}");
    }
}

#[tokio::test]
async fn a_version_has_the_operations_of_its_time() {
    let sandbox = Sandbox::builder().sims(5).start().await.unwrap();
    let client = Client::new(&sandbox, "Acme");
    let id = format!("<icc>{}</icc>", sandbox.fleet().at(0).unwrap().icc);
    for (version, code) in [
        ("v4", "SVC 1003"),
        ("v5", "SVC 1003"),
        ("v9", "SVC 1003"),
        ("v12", "ok"),
    ] {
        let answer = call(&client, version, "networkReset", &id).await;
        assert_eq!(answer.code(), code, "{version}");
    }
    // A message of one version on the path of another.
    let body = format!(
        "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
         <getStatusDetail xmlns='{TYPES}'>{id}</getStatusDetail></e:Body></e:Envelope>"
    );
    let path = INVENTORY.replace("v12", "v9");
    let answer = client.post(&path, "getStatusDetail", body).await.unwrap();
    assert_eq!(answer.code(), "SVC 1003");
}

#[tokio::test]
async fn the_versions_of_an_operation_share_its_rate() {
    let sandbox = Sandbox::builder().sims(5).start().await.unwrap();
    let client = Client::new(&sandbox, "Acme");
    let id = format!("<icc>{}</icc>", sandbox.fleet().at(0).unwrap().icc);
    let mut codes = Vec::new();
    for version in ["v4", "v12", "v9"] {
        let answer = call(&client, version, "getTimeAndConsumption", &id).await;
        codes.push(answer.code());
    }
    assert_eq!(codes, ["ok", "ok", "POL 1005"], "two in a second");
}
