//! The sandbox as a client sees it: over TLS, with requests written by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod generated;
mod organisation;
mod reports;
mod rest;
mod versions;
mod vouchers;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::*;

const BILLING_ACCOUNT: &str = "/services/SOAP/GlobalM2M/BillingAccount/v1/r12";
const COMMERCIAL_GROUP: &str = "/services/SOAP/GlobalM2M/CommercialGroup/v4/r12";
const COMMERCIAL_GROUP_V2: &str = "/services/SOAP/GlobalM2M/CommercialGroup/v2/r12";
const CUSTOMERS: &str = "/services/SOAP/GlobalM2M/Customers/v2/r12";
const END_CUSTOMERS: &str = "/services/SOAP/GlobalM2M/EndCustomers/v2/r12";
const END_CUSTOMERS_V1: &str = "/services/SOAP/GlobalM2M/EndCustomers/v1/r12";
const INVENTORY: &str = "/services/SOAP/GlobalM2M/Inventory/v12/r12";
const PREBILL: &str = "/services/SOAP/GlobalM2M/Prebill/v1/r12";
const REPORTS: &str = "/services/SOAP/GlobalM2M/Reports/v1/r12";
const SUPPLEMENTARY_SERVICES: &str = "/services/SOAP/GlobalM2M/SupplementaryServices/v2/r12";
const USERS: &str = "/services/SOAP/GlobalM2M/Users/v3/r12";
const USERS_V1: &str = "/services/SOAP/GlobalM2M/Users/v1/r12";
const SERVICE_PACKS: &str = "/services/SOAP/GlobalM2M/ServicePacks/v2/r12";
const VOUCHERS: &str = "/services/SOAP/GlobalM2M/Vouchers/v1/r12";
const ECHO: &str = "/services/SOAP/GlobalM2M/Echo/v1/r12";
const TYPES: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/inventory/v12/types";
const ECHO_TYPES: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/Globalm2m/echo/v1/types";
const COMMON: &str = "http://www.telefonica.com/schemas/UNICA/SOAP/common/v1";

/// A plain HTTP client with a client certificate.
struct Client {
    http: reqwest::Client,
    base: String,
}

struct Answer {
    status: u16,
    content_type: String,
    body: String,
}

impl Answer {
    /// `SVC 1006` of a fault, `ok` of an answer.
    fn code(&self) -> String {
        if self.status == 200 {
            return "ok".into();
        }
        let doc = roxmltree::Document::parse(&self.body).unwrap();
        let text = |name| {
            doc.descendants()
                .find(|n| n.has_tag_name((COMMON, name)))
                .unwrap()
                .text()
                .unwrap()
        };
        format!("{} {}", text("exceptionCategory"), text("exceptionId"))
    }

    /// Texts of all elements of a name.
    fn all(&self, name: &str) -> Vec<String> {
        let doc = roxmltree::Document::parse(&self.body).unwrap();
        let found = doc.descendants().filter(|n| n.has_tag_name((TYPES, name)));
        found
            .map(|n| n.text().unwrap_or_default().to_owned())
            .collect()
    }

    fn one(&self, name: &str) -> String {
        let mut all = self.all(name);
        assert_eq!(all.len(), 1, "{name} in {}", self.body);
        all.remove(0)
    }
}

fn http(sandbox: &Sandbox, credentials: Option<&ClientCredentials>) -> reqwest::Client {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(sandbox.pki().root_pem().as_bytes()).unwrap())
        .unwrap();
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match credentials {
        Some(c) => {
            let chain = CertificateDer::pem_slice_iter(c.chain_pem.as_bytes())
                .collect::<Result<Vec<_>, _>>()
                .unwrap();
            let key = PrivateKeyDer::from_pem_slice(c.key_pem.as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

impl Client {
    fn new(sandbox: &Sandbox, organisation: &str) -> Self {
        let credentials = sandbox.pki().client(organisation).unwrap();
        Self {
            http: http(sandbox, Some(&credentials)),
            base: sandbox.base_url(),
        }
    }

    async fn post(&self, path: &str, action: &str, body: String) -> reqwest::Result<Answer> {
        let response = self
            .http
            .post(format!("{}{path}", self.base))
            .header("Content-Type", "text/xml; charset=utf-8")
            .header("SOAPAction", format!("\"urn:{action}\""))
            .body(body)
            .send()
            .await?;
        let header = response.headers().get("content-type");
        let content_type = header
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let status = response.status().as_u16();
        Ok(Answer {
            status,
            content_type,
            body: response.text().await?,
        })
    }

    /// Calls an operation of the inventory.
    async fn try_call(&self, operation: &str, inner: &str) -> reqwest::Result<Answer> {
        let body = format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:c='{COMMON}'>\
             <e:Body><{operation} xmlns='{TYPES}'>{inner}</{operation}></e:Body></e:Envelope>"
        );
        self.post(INVENTORY, operation, body).await
    }

    async fn call(&self, operation: &str, inner: &str) -> Answer {
        self.try_call(operation, inner).await.unwrap()
    }

    async fn echo(&self, data: &str) -> Answer {
        let body = format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
             <echo xmlns='{ECHO_TYPES}'><data>{data}</data></echo></e:Body></e:Envelope>"
        );
        self.post(ECHO, "echo", body).await.unwrap()
    }
}

fn icc(sim: &Sim) -> String {
    format!("<icc>{}</icc>", sim.icc)
}

fn page(size: usize, start: usize) -> String {
    format!("<maxBatchSize>{size}</maxBatchSize><startIndex>{start}</startIndex>")
}

async fn unlimited(sims: usize) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder()
        .sims(sims)
        .seed(7)
        .limits(false)
        .start()
        .await
        .unwrap();
    let client = Client::new(&sandbox, "Acme Devices");
    (sandbox, client)
}

#[tokio::test]
async fn echo_comes_back() {
    let (sandbox, client) = unlimited(1).await;
    let answer = client.echo("hello").await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (200, "text/xml;charset=UTF-8")
    );
    assert!(
        answer.body.contains("<wstxns1:data>hello</wstxns1:data>"),
        "{}",
        answer.body
    );
    assert_eq!(client.echo("").await.code(), "SVC 1000");
    assert_eq!(
        client.echo("a text of more than 20").await.code(),
        "SVC 1011"
    );
    let entries = sandbox.journal().snapshot();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0].organisation, "Acme Devices");
    assert_eq!(entries[0].outcome, Outcome::Ok);
    assert_eq!(entries[2].outcome, Outcome::Fault("SVC 1011".into()));
    assert_eq!(sandbox.journal().connections(), 1);
}

#[tokio::test]
async fn only_own_certificates_get_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let stranger = sandbox.pki().stranger().unwrap();
    let expired = sandbox.pki().expired_client("Acme Devices").unwrap();
    for credentials in [None, Some(&stranger), Some(&expired)] {
        let client = http(&sandbox, credentials);
        let error = client
            .post(format!("{}{ECHO}", sandbox.base_url()))
            .send()
            .await
            .unwrap_err();
        assert!(error.is_connect(), "{error:?}");
    }
    assert_eq!(sandbox.journal().snapshot().len(), 0);
    assert_eq!(sandbox.journal().connections(), 0);
}

#[tokio::test]
async fn tls_1_2_only_unless_asked() {
    for (tls13, expected) in [
        (false, rustls::ProtocolVersion::TLSv1_2),
        (true, rustls::ProtocolVersion::TLSv1_3),
    ] {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};

        let sandbox = Sandbox::builder().tls13(tls13).start().await.unwrap();
        let c = sandbox.pki().client("Acme Devices").unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        let root = sandbox.pki().root_pem();
        roots
            .add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap())
            .unwrap();
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(c.cert_pem.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(c.key_pem.as_bytes()).unwrap(),
            )
            .unwrap();
        let tcp = tokio::net::TcpStream::connect(sandbox.address())
            .await
            .unwrap();
        let stream = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config))
            .connect(ServerName::try_from("localhost").unwrap(), tcp)
            .await
            .unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(expected));
    }
}

#[tokio::test]
async fn paging_sees_every_sim_once() {
    let (sandbox, client) = unlimited(25).await;
    let mut seen = Vec::new();
    loop {
        let answer = client.call("getSubscriptions", &page(10, seen.len())).await;
        let iccs = answer.all("icc");
        if iccs.is_empty() {
            assert!(
                answer.body.contains("getSubscriptionsResponse xmlns"),
                "{}",
                answer.body
            );
            assert!(
                answer.body.contains("/></soap:Body>"),
                "no child: {}",
                answer.body
            );
            break;
        }
        seen.extend(iccs);
    }
    let expected: Vec<_> = sandbox
        .fleet()
        .all()
        .iter()
        .map(|s| s.icc.clone())
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(
        client.call("getSubscriptions", "").await.all("icc").len(),
        10
    );
    assert_eq!(
        client.call("getSubscriptions", &page(1001, 0)).await.code(),
        "SVC 1021"
    );
}

#[tokio::test]
async fn offsets_shift_when_a_sim_is_added() {
    let (sandbox, client) = unlimited(4).await;
    let rule = Rule::on("getSubscriptions")
        .times(1)
        .then(Effect::InsertInFront);
    sandbox.control().add(rule);
    let first = client
        .call("getSubscriptions", &page(2, 0))
        .await
        .all("icc");
    let second = client
        .call("getSubscriptions", &page(2, 2))
        .await
        .all("icc");
    assert_eq!(
        first[1], second[0],
        "the last one of the first page comes again"
    );
}

#[tokio::test]
async fn filters() {
    let (sandbox, client) = unlimited(200).await;
    let filter = |name: &str, value: &str| {
        format!(
            "<maxBatchSize>1000</maxBatchSize><searchParameters><c:param><c:name>{name}</c:name>\
             <c:value>{value}</c:value></c:param></searchParameters>"
        )
    };
    let answer = client
        .call("getSubscriptions", &filter("lifeCycleState", "ACTIVE"))
        .await;
    let active = sandbox
        .fleet()
        .page(0, 1000, |s| s.state() == State::Active)
        .len();
    assert_eq!(answer.all("lifeCycleStatus"), vec!["ACTIVE"; active]);
    let wrong = client
        .call("getSubscriptions", &filter("lifeCycleStatus", "ACTIVE"))
        .await;
    assert_eq!(wrong.code(), "SVC 1001");
}

#[tokio::test]
async fn a_write_shows_in_every_later_read() {
    let (sandbox, client) = unlimited(100).await;
    let sim = sandbox
        .fleet()
        .find(|s| s.state() == State::InactiveNew)
        .unwrap();
    let id = icc(&sim);
    let to = |state: &str| format!("{id}<lifeCycleStatus>{state}</lifeCycleStatus>");
    let refused = client.call("modifySubscription", &to("ACTIVE")).await;
    assert_eq!((refused.status, refused.code().as_str()), (500, "SVC 1021"));
    assert!(
        refused
            .body
            .contains("There is not an available transition from INACTIVE_NEW to ACTIVE state"),
        "{}",
        refused.body
    );
    assert_eq!(
        client.call("modifySubscription", &to("TEST")).await.code(),
        "ok"
    );
    let detail = client.call("getSubscriptionDetail", &id).await;
    assert_eq!(detail.one("lifeCycleStatus"), "TEST");
    assert_eq!(
        client.call("getStatusDetail", &id).await.one("user"),
        "Acme Devices"
    );
    let history = client.call("getStatusHistory", &id).await;
    assert_eq!(history.all("state"), ["INACTIVE_NEW", "TEST"]);

    let voucher = "<timeAndConsumptionVoucher><enabled>true</enabled><dataTime>3600</dataTime>\
                   <dataConsumption>1048576</dataConsumption></timeAndConsumptionVoucher>";
    let written = client
        .call("modifyTimeAndConsumption", &format!("{id}{voucher}"))
        .await;
    assert_eq!(written.code(), "ok");
    let read = client.call("getTimeAndConsumption", &id).await;
    assert_eq!(read.one("dataConsumption"), "1048576");
}

#[tokio::test]
async fn a_network_reset_leaves_the_state_alone() {
    let (sandbox, client) = unlimited(1).await;
    let sim = sandbox.fleet().at(0).unwrap();
    let inner = format!("{}<network2g3g>true</network2g3g>", icc(&sim));
    assert_eq!(client.call("networkReset", &inner).await.code(), "ok");
    let after = sandbox.fleet().at(0).unwrap();
    assert_eq!((after.network_resets, &after.life), (1, &sim.life));
}

#[tokio::test]
async fn the_other_operations() {
    let (sandbox, client) = unlimited(100).await;
    let active = sandbox.fleet().find(|s| s.ip.is_some()).unwrap();
    let embedded = sandbox.fleet().find(|s| s.kind == SimKind::Euicc).unwrap();
    let presence = client.call("getPresenceDetail", &icc(&active)).await;
    assert_eq!(presence.one("level"), "IP reachability");
    let location = client.call("getLocationDetail", &icc(&active)).await;
    assert!(!location.all("latitude").is_empty());
    let sms = format!(
        "<destSubscriptions>{}</destSubscriptions><text>hi</text>",
        icc(&active)
    );
    let watcher = client.call("sendSMS", &sms).await.one("watcherId");
    let asked = format!("<watcherId>{watcher}</watcherId>");
    assert_eq!(
        client.call("getSendSMSResult", &asked).await.one("status"),
        "active"
    );
    assert_eq!(
        client.call("getSendSMSResult", &asked).await.one("status"),
        "finished"
    );
    assert_eq!(sandbox.sent_sms()[0].text, "hi");
    assert_eq!(
        client
            .call("auditSwapProfile", &icc(&embedded))
            .await
            .code(),
        "ok"
    );
    let download = format!(
        "{}<targetCustomerId>customer-1</targetCustomerId>\
         <targetCommercialGroupId>10102</targetCommercialGroupId>",
        icc(&embedded)
    );
    assert_eq!(
        client
            .call("downloadAndActivateProfile", &download)
            .await
            .code(),
        "ok"
    );
}

#[tokio::test]
async fn limits_are_counted_on_arrival_and_by_organisation() {
    let sandbox = Sandbox::builder().sims(1).start().await.unwrap();
    let (a, twin) = (Client::new(&sandbox, "Acme"), Client::new(&sandbox, "Acme"));
    let other = Client::new(&sandbox, "Other");
    let id = icc(&sandbox.fleet().at(0).unwrap());
    // Certificates of one organisation share two calls per second.
    assert_eq!(a.call("getTimeAndConsumption", &id).await.code(), "ok");
    assert_eq!(twin.call("getTimeAndConsumption", &id).await.code(), "ok");
    let refused = a.call("getTimeAndConsumption", &id).await;
    assert_eq!((refused.status, refused.code().as_str()), (500, "POL 1005"));
    assert_eq!(other.call("getTimeAndConsumption", &id).await.code(), "ok");
    assert_eq!(sandbox.journal().refused(), 1);
    assert_eq!(sandbox.journal().count("getTimeAndConsumption"), 4);
    assert_eq!(
        sandbox.journal().max_in_any_second("getTimeAndConsumption"),
        4
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_admitted_up_to_the_limit() {
    let sandbox = Sandbox::builder().sims(1).start().await.unwrap();
    let clients = [Client::new(&sandbox, "Acme"), Client::new(&sandbox, "Acme")];
    // Connections first, so that the burst arrives within a second on a slow machine too.
    let warm = clients.iter().map(|c| c.call("getEverything", ""));
    futures_util::future::join_all(warm).await;
    sandbox.limits().reset();
    sandbox.journal().clear();
    let burst = (0..40).map(|at| clients[at % 2].echo("burst"));
    let answers = futures_util::future::join_all(burst).await;
    let ok = answers.iter().filter(|a| a.code() == "ok").count();
    let entries = sandbox.journal().snapshot();
    let lasted = entries[39].arrival - entries[0].arrival;
    // Four, and four more for each further second that the burst took.
    let most = 4 * (1 + usize::try_from(lasted.as_secs()).unwrap());
    assert!((4..=most).contains(&ok), "{ok} in {lasted:?}");
    assert_eq!(sandbox.journal().refused(), 40 - ok);
    assert!(
        entries.windows(2).all(|w| w[0].arrival <= w[1].arrival),
        "in the order of arrival"
    );
}

#[tokio::test]
async fn limits_follow_the_clock_of_the_runtime() {
    let sandbox = Sandbox::builder().sims(1).start().await.unwrap();
    let client = Client::new(&sandbox, "Acme");
    let id = icc(&sandbox.fleet().at(0).unwrap());
    assert_eq!(client.echo("connected").await.code(), "ok");
    tokio::time::pause();
    let mut codes = Vec::new();
    for millis in [0, 10, 10, 985, 2] {
        tokio::time::advance(Duration::from_millis(millis)).await;
        codes.push(client.call("getSubscriptionDetail", &id).await.code());
    }
    assert_eq!(codes[..3], ["ok", "ok", "POL 1005"]);
    assert_eq!(
        codes[3..],
        ["ok", "POL 1005"],
        "the second call is still in the window"
    );
}

#[tokio::test]
async fn injected_faults() {
    let (sandbox, client) = unlimited(3).await;
    let control = sandbox.control();
    let id = icc(&sandbox.fleet().at(0).unwrap());
    control.fail_next("getStatusDetail", 1, Fault::rate_limited());
    assert_eq!(client.call("getStatusDetail", &id).await.code(), "POL 1005");
    assert_eq!(client.call("getStatusDetail", &id).await.code(), "ok");
    assert_eq!(
        sandbox.journal().refused(),
        0,
        "injected ones are not the client's fault"
    );

    control.maintenance(true);
    let answer = client.call("getStatusDetail", &id).await;
    assert_eq!(answer.code(), "SVR 1006");
    assert!(answer.body.contains("soap:Server"));
    control.reset();

    control.forbid("Acme Devices", "getStatusDetail");
    let answer = client.call("getStatusDetail", &id).await;
    assert_eq!(answer.code(), "SVC 1013");
    assert!(answer.body.contains("Access to perform"));
    control.reset();

    control.deny_ip([127, 0, 0, 1].into());
    let answer = client.call("getStatusDetail", &id).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (403, "application/json")
    );
    assert!(
        answer
            .body
            .contains("Remote IP '127.0.0.1' is not authorized")
    );
    control.reset();

    control.add(Rule::always().times(1).then(Effect::Html(502)));
    let answer = client.call("getStatusDetail", &id).await;
    assert_eq!(
        (answer.status, answer.content_type.as_str()),
        (502, "text/html")
    );

    control.add(Rule::on("getSubscriptions").then(Effect::BrokenItem(1)));
    let dates = client
        .call("getSubscriptions", "")
        .await
        .all("provisionDate");
    let readable: Vec<_> = dates
        .iter()
        .map(|d| Timestamp::parse(d).is_some())
        .collect();
    assert_eq!(readable, [true, false, true]);
}

#[tokio::test]
async fn cut_connections() {
    let (sandbox, client) = unlimited(1).await;
    let sim = sandbox.fleet().at(0).unwrap();
    let change = |alias: &str| format!("{}<alias>{alias}</alias>", icc(&sim));
    let alias = || sandbox.fleet().at(0).unwrap().alias.clone();
    let once = |effect| Rule::on("modifySubscription").times(1).then(effect);

    sandbox.control().add(once(Effect::CutBefore));
    assert!(
        client
            .try_call("modifySubscription", &change("one"))
            .await
            .is_err()
    );
    assert_eq!(alias(), sim.alias, "not processed");

    sandbox.control().add(once(Effect::CutAfter));
    assert!(
        client
            .try_call("modifySubscription", &change("two"))
            .await
            .is_err()
    );
    assert_eq!(alias(), "two", "processed, the answer is lost");

    sandbox.control().add(once(Effect::CutMidBody));
    let error = client
        .try_call("modifySubscription", &change("three"))
        .await
        .err()
        .unwrap();
    assert!(
        error.is_body() || error.is_decode(),
        "the answer had begun: {error:?}"
    );
    assert_eq!(alias(), "three");

    assert_eq!(
        client
            .call("modifySubscription", &change("four"))
            .await
            .code(),
        "ok"
    );
    assert_eq!(sandbox.journal().count("modifySubscription"), 4);
}

#[tokio::test]
async fn delays_come_after_processing() {
    let (sandbox, client) = unlimited(1).await;
    let sim = sandbox.fleet().at(0).unwrap();
    let delay = Duration::from_millis(80);
    sandbox
        .control()
        .add(Rule::always().then(Effect::Delay(delay)));
    let begun = Instant::now();
    let inner = format!("{}<alias>late</alias>", icc(&sim));
    let call = client.call("modifySubscription", &inner);
    let watch = async {
        while sandbox.fleet().at(0).unwrap().alias != "late" {
            tokio::task::yield_now().await;
        }
        begun.elapsed()
    };
    let (answer, written) = tokio::join!(call, watch);
    assert_eq!(answer.code(), "ok");
    assert!(begun.elapsed() >= delay);
    assert!(written < begun.elapsed());
}

#[tokio::test]
async fn wrong_paths_methods_and_types() {
    let (sandbox, client) = unlimited(1).await;
    let url = |path: &str| format!("{}{path}", sandbox.base_url());
    let get = client.http.get(url(INVENTORY)).send().await.unwrap();
    assert_eq!(get.status(), 405);
    assert_eq!(get.headers()["allow"], "POST");
    let nowhere = client
        .http
        .post(url("/services/REST/GlobalM2M/Echo"))
        .send()
        .await
        .unwrap();
    assert_eq!(nowhere.status(), 404);
    let entries = sandbox.journal().snapshot();
    assert_eq!(entries[1].service, "/services/REST/GlobalM2M/Echo");
    assert_eq!(
        (entries[1].status, &entries[1].outcome),
        (404, &Outcome::Http)
    );
    let json = client
        .http
        .post(url(ECHO))
        .header("Content-Type", "application/json");
    assert_eq!(json.body("{}").send().await.unwrap().status(), 415);
    let old = INVENTORY.replace("v12", "v3");
    assert_eq!(
        client
            .post(&old, "getSubscriptions", String::new())
            .await
            .unwrap()
            .code(),
        "SVC 1004"
    );
    let torn = client
        .post(INVENTORY, "getSubscriptions", "<e:Env".into())
        .await
        .unwrap();
    assert_eq!(torn.code(), "SVC 1023");
    let nothing = client.call("getEverything", "").await;
    assert_eq!(nothing.code(), "SVC 1003");
    let unknown = client
        .call("getStatusDetail", "<icc>8999000000000000000</icc>")
        .await;
    assert_eq!(unknown.code(), "SVC 1006");
}

#[tokio::test]
async fn requests_are_recorded_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::builder()
        .sims(1)
        .record_dir(dir.path().join("requests"))
        .keep_bodies(true)
        .start()
        .await
        .unwrap();
    let client = Client::new(&sandbox, "Acme");
    client.echo("one").await;
    client.echo("a text of more than 20").await;
    let names: HashSet<_> = std::fs::read_dir(dir.path().join("requests"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = ["00001-echo.xml", JOURNAL_FILE].map(str::to_owned);
    assert_eq!(names, HashSet::from(expected));
    assert!(sandbox.journal().snapshot()[1].body.is_some());
    let file = dir.path().join("all.jsonl");
    sandbox.journal().write_json_lines(&file).unwrap();
    let written = std::fs::read_to_string(file).unwrap();
    assert_eq!(written.lines().count(), 2);
    let recorded = dir.path().join("requests").join(JOURNAL_FILE);
    assert_eq!(std::fs::read_to_string(recorded).unwrap(), written);
}

#[tokio::test]
async fn it_stops() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    sandbox.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn dropping_it_closes_the_port() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    drop(sandbox);
    for _ in 0..1000 {
        if tokio::net::TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("still open");
}

/// Every request in `tests/wire/kite`, by file name, with its path.
fn hand_written_requests() -> Vec<(String, &'static str, String)> {
    let wire = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/kite");
    let mut all = Vec::new();
    for (folder, path) in [
        ("billing-account-v1", BILLING_ACCOUNT),
        ("commercial-group-v2", COMMERCIAL_GROUP_V2),
        ("commercial-group-v4", COMMERCIAL_GROUP),
        ("customers-v2", CUSTOMERS),
        ("echo-v1", ECHO),
        ("end-customers-v1", END_CUSTOMERS_V1),
        ("end-customers-v2", END_CUSTOMERS),
        ("inventory-v12", INVENTORY),
        ("prebill-v1", PREBILL),
        ("reports-v1", REPORTS),
        ("supplementary-services-v2", SUPPLEMENTARY_SERVICES),
        ("users-v1", USERS_V1),
        ("users-v3", USERS),
        ("service-packs-v2", SERVICE_PACKS),
        ("vouchers-v1", VOUCHERS),
    ] {
        for file in std::fs::read_dir(wire.join(folder)).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            if name.ends_with(".request.xml") {
                all.push((name, path, std::fs::read_to_string(file.path()).unwrap()));
            }
        }
    }
    assert!(all.len() > 20, "tests/wire/kite has moved");
    all.sort();
    all
}

#[tokio::test]
async fn hand_written_requests_are_understood() {
    let (sandbox, client) = unlimited(300).await;
    for (name, path, body) in hand_written_requests() {
        let operation = name.split('.').next().unwrap();
        let answer = client.post(path, operation, body).await.unwrap();
        sandbox.finish_reports();
        // What is refused is refused for what it wants, not for how it says it.
        let code = answer.code();
        let allowed = ["ok", "SVC 1005", "SVC 1006", "SVC 1013", "SVC 1021"];
        assert!(allowed.contains(&code.as_str()), "{name}: {}", answer.body);
        assert!(sandbox.journal().count(operation) > 0, "{name}");
    }
}

#[tokio::test]
async fn answers_fit_the_schema() {
    if std::process::Command::new("xmllint")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("skipped: xmllint is not on this machine");
        return;
    }
    let (sandbox, client) = unlimited(300).await;
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut keep = |answer: Answer| {
        let doc = roxmltree::Document::parse(&answer.body).unwrap();
        let body = doc.root_element().first_element_child().unwrap();
        let range = body.first_element_child().unwrap().range();
        let file = dir.path().join(format!("{}.xml", files.len()));
        std::fs::write(&file, &answer.body[range]).unwrap();
        files.push(file);
    };
    for state in State::ALL {
        let sim = sandbox.fleet().find(|s| s.state() == state).unwrap();
        for operation in [
            "getSubscriptionDetail",
            "getPresenceDetail",
            "getLocationDetail",
            "getStatusDetail",
            "getStatusHistory",
            "getTimeAndConsumption",
            "networkReset",
        ] {
            keep(client.call(operation, &icc(&sim)).await);
        }
    }
    for (name, path, body) in hand_written_requests() {
        let operation = name.split('.').next().unwrap();
        let answer = client.post(path, operation, body).await.unwrap();
        sandbox.finish_reports();
        if answer.code() == "ok" {
            keep(answer);
        }
    }
    // What was ordered by hand.
    for answer in reports::list_and_link(&client).await {
        keep(answer);
    }
    for answer in organisation::answers(&client).await {
        keep(answer);
    }
    for answer in vouchers::all(&sandbox, &client).await {
        keep(answer);
    }
    keep(client.call("getSubscriptions", &page(1000, 0)).await);
    keep(client.call("getSubscriptions", &page(1000, 1000)).await);
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../judges/schemas/kite.xsd");
    let schema = std::fs::canonicalize(schema).unwrap();
    let output = std::process::Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(schema)
        .args(&files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
