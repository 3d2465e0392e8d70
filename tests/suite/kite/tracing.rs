//! Nothing personal in spans, events, errors or `Debug`.

use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, Once};

use ::tracing::field::{Field, Visit};
use ::tracing::span::{Attributes, Id, Record};
use ::tracing::subscriber::DefaultGuard;
use ::tracing::{Event, Subscriber};
use futures_util::StreamExt as _;
use mno_sandbox::{Effect, Fault, Rule, Sim, State};
use mno_sdk::kite::inventory::{
    ApnChange, GetSubscriptions, IpAddress, IpAddressChoice, LabelsChange, LifeCycleChange,
    LifeCycleStatus, ModifySubscription, NameValuePair, NetworkReset, SearchParams, SendSms,
    SubscriptionIdentifier,
};
use mno_sdk::{CallOptions, Error};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::*;

/// Keeps every field of every span and event of this thread, and the records of `log`.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<String>>);

impl Recorder {
    /// Records until the guard is dropped.
    pub(super) fn install() -> (Self, DefaultGuard) {
        // Without one for all threads, a place in the code that another test comes by first may be
        // put down as of interest to nobody.
        static ANY: Once = Once::new();
        ANY.call_once(|| {
            let _ = ::tracing::subscriber::set_global_default(tracing_subscriber::registry());
        });
        let recorder = Self::default();
        // Takes over the records of `log`, too: reqwest and rustls write there.
        let guard = tracing_subscriber::registry()
            .with(recorder.clone())
            .set_default();
        (recorder, guard)
    }

    pub(super) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn line(&self, head: &str, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(head.to_owned());
        record(&mut fields);
        fields.0.push('\n');
        self.0.lock().unwrap().push_str(&fields.0);
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let head = format!("SPAN {}", attributes.metadata().name());
        self.line(&head, |fields| attributes.record(fields));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.line("RECORD", |fields| values.record(fields));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let head = format!("{} {}", metadata.level(), metadata.target());
        self.line(&head, |fields| event.record(fields));
    }
}

const PASSWORD: &str = "pfx-Passw0rd-4711";
const MESSAGE: &str = "open sesame, 15 Lindenhof";
const ALIAS: &str = "Grandmother's lift";
/// The address that a refusal talks of.
const CALLER: &str = "203.0.113.77";

/// Everything that must not be seen.
fn secrets(sims: &[&Sim]) -> Vec<String> {
    let mut out: Vec<_> = [PASSWORD, MESSAGE, ALIAS, CALLER].map(String::from).into();
    for sim in sims {
        out.extend([sim.icc.clone(), sim.imsi.clone()]);
        out.extend(
            [&sim.msisdn, &sim.imei, &sim.eid]
                .into_iter()
                .flatten()
                .cloned(),
        );
        let addresses = sim.apns.iter().flat_map(|apn| apn.static_ip).chain(sim.ip);
        out.extend(addresses.map(|ip| ip.to_string()));
    }
    out.push(unknown_icc().as_str().to_owned());
    out
}

fn nothing_of(secrets: &[String], text: &str, what: &str) {
    for secret in secrets {
        assert!(
            !text.contains(secret.as_str()),
            "{secret} is in {what}: {text}"
        );
    }
}

/// Every form in which an error may end in a log, the errors below it included.
fn shown(error: &Error) -> String {
    let mut out = format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n");
    let mut below: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = below {
        let _ = writeln!(out, "{error}\n{error:?}");
        below = error.source();
    }
    let _ = writeln!(out, "{:?}", error.exception());
    out
}

/// Calls that go well and calls that go wrong in every way.
async fn story(sandbox: &Sandbox, kite: &Kite, sim: &Sim) -> Vec<Error> {
    let sims = kite.inventory();
    let control = sandbox.control();
    let mut errors = Vec::new();

    sims.get(icc(sim)).await.unwrap().unwrap();
    sims.get(imsi(sim)).await.unwrap().unwrap();
    sims.get(msisdn(sim)).await.unwrap().unwrap();
    sims.presence(icc(sim)).await.unwrap().unwrap();
    let labels = LabelsChange::new().with_alias(ALIAS);
    sims.modify(icc(sim), labels).await.unwrap();
    let request = SendSms::new([SubscriptionIdentifier::new(msisdn(sim))], MESSAGE);
    sims.send_sms(&request).await.unwrap();

    // Refused: the texts name the SIM, the caller's address and a value.
    errors.push(sims.status(unknown_icc()).await.unwrap_err());
    control.add(
        Rule::on("getStatusDetail")
            .times(1)
            .then(Effect::JsonFault(Fault::ip_denied(CALLER.parse().unwrap()))),
    );
    errors.push(sims.status(icc(sim)).await.unwrap_err());
    let text = format!("MSISDN {} is barred", sim.msisdn.as_ref().unwrap());
    control.fail_next(
        "sendSMS",
        1,
        Fault::not_allowed(&text).with_variable(&sim.imsi),
    );
    errors.push(sims.send_sms(&request).await.unwrap_err());
    let to_test = LifeCycleChange::new(LifeCycleStatus::Test);
    errors.push(sims.modify(icc(sim), to_test.clone()).await.unwrap_err());
    control.fail_next("getPresenceDetail", 1, Fault::rate_limited());
    sims.presence(icc(sim)).await.unwrap();

    // Lost, late, broken.
    control.add(
        Rule::on("modifySubscription")
            .times(1)
            .then(Effect::CutAfter),
    );
    errors.push(sims.modify(icc(sim), to_test).await.unwrap_err());
    let delay = Effect::Delay(std::time::Duration::from_millis(200));
    control.add(Rule::on("getLocationDetail").times(1).then(delay));
    let hasty = CallOptions::default()
        .with_attempt_timeout(std::time::Duration::from_millis(50))
        .with_retry(mno_sdk::Retry::NONE);
    let hasty = sims.with_options(hasty);
    errors.push(hasty.location(icc(sim)).await.unwrap_err());
    let html = format!("<html>{} {} is not here</html>", sim.icc, sim.imsi);
    let raw = Effect::Raw {
        status: 404,
        content_type: "text/html".to_owned(),
        body: html.into_bytes(),
    };
    control.add(Rule::on("getSubscriptionDetail").times(1).then(raw));
    errors.push(sims.detail(icc(sim)).await.unwrap_err());
    let broken = Rule::on("getSubscriptions")
        .times(1)
        .then(Effect::BrokenItem(0));
    control.add(broken);
    let mut list = sims.stream();
    while let Some(item) = list.next().await {
        errors.extend(item.err());
    }
    errors
}

#[tokio::test]
async fn spans_events_and_errors_hold_no_personal_data() {
    let sandbox = sandbox(30).start().await.unwrap();
    let (recorder, guard) = Recorder::install();
    let client = sandbox.pki().client(ORGANISATION).unwrap();
    let pfx = client.pfx_legacy(PASSWORD).unwrap();
    let wrong = Identity::from_pkcs12(&client.pfx_modern("another").unwrap(), PASSWORD);
    let kite = builder(&sandbox)
        .identity(Identity::from_pkcs12(&pfx, PASSWORD).unwrap())
        .build()
        .unwrap();
    let sim = sandbox.fleet().find(|sim| sim.ip.is_some()).unwrap();
    let mut errors = story(&sandbox, &kite, &sim).await;
    drop(guard);
    assert_eq!(errors.len(), 8);
    errors.push(wrong.unwrap_err().into());

    let all = sandbox.fleet().all();
    let all: Vec<_> = all.iter().map(AsRef::as_ref).collect();
    let secrets = secrets(&all);
    let log = recorder.text();
    nothing_of(&secrets, &log, "the log");
    for error in &errors {
        nothing_of(&secrets, &shown(error), "an error");
    }
    nothing_of(
        &secrets,
        &format!("{kite:?} {:?}", kite.inventory()),
        "the client",
    );

    // The log is not empty for that: what a person needs is in it.
    for needed in [
        "SPAN mno.call",
        "operation=\"getSubscriptions\"",
        "operation=\"modifySubscription\"",
        "outcome=\"answered\"",
        "outcome=\"refused\"",
        "outcome=\"outcome_unknown\"",
        "outcome=\"timeout\"",
        "status=500",
        "attempts=2",
        "refuses the call for its rate",
        "log.target=\"rustls",
    ] {
        assert!(log.contains(needed), "{needed} is not in {log}");
    }
}

#[tokio::test]
async fn debug_of_answers_and_requests_holds_no_personal_data() {
    let (sandbox, kite) = start(100).await;
    let sims = kite.inventory();
    let sim = sandbox
        .fleet()
        .find(|sim| sim.ip.is_some() && sim.apns[0].static_ip.is_some() && sim.eid.is_some())
        .or_else(|| sandbox.fleet().find(|sim| sim.ip.is_some()))
        .unwrap();
    let secrets = secrets(&[&sim]);
    let labels = LabelsChange::new().with_alias(ALIAS);
    sims.modify(icc(&sim), labels.clone()).await.unwrap();
    let apn = ApnChange::new()
        .with_apn0("a.example")
        .with_static_ip_address0(IpAddress::new(IpAddressChoice::Ipv4(CALLER.to_owned())));

    let info = sims.get(icc(&sim)).await.unwrap().unwrap();
    assert_eq!(info.alias, ALIAS, "it is there for those who ask");
    let to = [
        SubscriptionIdentifier::new(icc(&sim)),
        SubscriptionIdentifier::new(imsi(&sim)),
    ];
    let shown: [(&str, &dyn Debug); 9] = [
        ("SubscriptionInfo", &info),
        ("SubscriptionDetail", &sims.detail(icc(&sim)).await.unwrap()),
        ("StatusDetail", &sims.status(icc(&sim)).await.unwrap()),
        ("PresenceDetail", &sims.presence(icc(&sim)).await.unwrap()),
        (
            "SendSms",
            &SendSms::new(to, MESSAGE).with_origin_msisdn(msisdn(&sim)),
        ),
        ("NetworkReset", &NetworkReset::new(msisdn(&sim))),
        (
            "a change of labels",
            &ModifySubscription::new(icc(&sim), labels),
        ),
        (
            "a change of APNs",
            &ModifySubscription::new(imsi(&sim), apn),
        ),
        ("a stream", &sims.stream()),
    ];
    for (what, value) in shown {
        nothing_of(&secrets, &format!("{value:?} {value:#?}"), what);
    }
    let state = format!("{info:?}");
    assert!(state.contains("Active"), "{state}");
    assert_eq!(sim.state(), State::Active);
}

#[test]
fn debug_of_a_search_holds_no_personal_data() {
    let filter = NameValuePair::new("icc", vec![unknown_icc().as_str().to_owned()]);
    let request = GetSubscriptions::new().with_search_parameters(SearchParams::new(vec![filter]));
    nothing_of(&secrets(&[]), &format!("{request:?}"), "a search");
}
