//! Kite over REST: the same client, platform and budgets as over SOAP.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use mno_sandbox::{Effect, Fault, Rule};
use mno_sdk::kite::inventory::SimId as SoapSimId;
use mno_sdk::kite::reports::UserListReport;
use mno_sdk::kite::rest::inventory::{BlockCause, BlockRequest};
use mno_sdk::kite::rest::reports::{
    DownloadReportStatus, InventoryExportColumn, InventoryExportReport, ReportOrder,
};
use mno_sdk::kite::rest::service_packs::{EnumerationType, LifeCycleStatus, TariffType};
use mno_sdk::kite::rest::{SimId, echo, reports, service_packs};
use mno_sdk::kite::{ReportOptions, Wait};
use mno_sdk::runtime::Operation;
use mno_sdk::runtime::facts::OperationFacts;
use mno_sdk::runtime::values::{Date, DateTime};
use mno_sdk::{Error, ErrorKind};

use super::*;

/// So many days ago, in GMT.
fn days_ago(days: i64) -> Date {
    let today = DateTime::from(std::time::SystemTime::now()).date();
    Date::from_unix_days(today.unix_days() - days)
}

#[tokio::test]
async fn echo_comes_back() {
    let (sandbox, kite) = start(1).await;
    assert_eq!(kite.rest().echo().send("hello").await.unwrap(), "hello");
    let entries = sandbox.journal().snapshot();
    let [entry] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!((&*entry.service, &*entry.operation), ("Echo", "echo"));
    assert_eq!((entry.status, &*entry.organisation), (200, ORGANISATION));
    assert!(entry.client_certificate && entry.soap_action.is_none());
}

/// Operations that both bindings have are one in the budget.
#[test]
fn budgets_of_rest_and_soap_have_the_same_keys() {
    fn facts<O: Operation>() -> (&'static str, Option<u32>, &'static str) {
        let facts: OperationFacts = O::FACTS;
        (facts.budget, facts.tps, facts.operation)
    }
    use mno_kite_echo_v1::operations as soap_echo;
    use mno_sdk::kite::{reports as soap, service_packs as soap_packs};
    for (rest, over_soap) in [
        (facts::<echo::Echo>(), facts::<soap_echo::Echo>()),
        (
            facts::<reports::CreateDownloadReport>(),
            facts::<soap::CreateDownloadReport>(),
        ),
        (
            facts::<reports::GetDownloadReportList>(),
            facts::<soap::GetDownloadReportList>(),
        ),
        (
            facts::<reports::GetDownloadReportLink>(),
            facts::<soap::GetDownloadReportLink>(),
        ),
        (
            facts::<reports::DeleteDownloadReport>(),
            facts::<soap::DeleteDownloadReport>(),
        ),
        (
            facts::<service_packs::GetServicePacks>(),
            facts::<soap_packs::GetServicePacks>(),
        ),
    ] {
        assert_eq!(rest, over_soap);
    }
}

/// Four a second for both together, as a platform counts that keeps its limits.
#[tokio::test]
async fn calls_of_both_bindings_share_one_rate() {
    let sandbox = sandbox(1).limits(true).start().await.unwrap();
    let margin = Duration::from_millis(200);
    let kite = limited(&sandbox, ORGANISATION)
        .rate_limits(RateLimits::kite().with_jitter(margin))
        .build()
        .unwrap();
    let calls = (0..12).map(|number| {
        let kite = kite.clone();
        async move {
            if number % 2 == 0 {
                kite.echo().send("soap").await
            } else {
                kite.rest().echo().send("rest").await
            }
        }
    });
    for answer in join_all(calls).await {
        answer.unwrap();
    }
    let journal = sandbox.journal();
    assert_eq!((journal.count("echo"), journal.refused()), (12, 0));
    let most = journal.max_in_any_second("echo");
    assert!(most <= 4, "{most} in a second");
    let over_rest = journal.snapshot();
    let over_rest = over_rest.iter().filter(|entry| entry.soap_action.is_none());
    assert_eq!(over_rest.count(), 6);
}

/// The HTTP status of a rate refusal over REST is not documented: the exception decides.
#[tokio::test]
async fn a_refusal_for_rate_is_sent_again() {
    let (sandbox, kite) = start(1).await;
    let refused = Fault::rate_limited();
    sandbox.control().fail_next("echo", 1, refused);
    assert_eq!(kite.rest().echo().send("again").await.unwrap(), "again");
    assert_eq!(sandbox.journal().count("echo"), 2);
}

#[tokio::test]
async fn plans_are_listed_and_read_in_full() {
    let (sandbox, kite) = start(60).await;
    let packs = kite.rest().service_packs();
    let all = packs.stream().with_read_ahead(0);
    let all: Vec<_> = all.try_collect().await.unwrap();
    assert_eq!(sandbox.journal().count("getServicePacks"), 3);
    let over_soap: Vec<_> = kite.service_packs().stream().try_collect().await.unwrap();
    let ids: Vec<_> = all.iter().map(|pack| pack.id().unwrap()).collect();
    let expected: Vec<_> = over_soap.iter().map(|pack| &*pack.id).collect();
    assert_eq!(ids, expected, "the same list");
    assert_eq!(all[0].name(), over_soap[0].name());
    assert_eq!(all[0].description(), None, "blank on the wire");
    let others: Vec<_> = packs.of_customer("customer-0").try_collect().await.unwrap();
    assert!(others.is_empty());

    let plan = packs.get(ids[0]).await.unwrap().unwrap();
    assert_eq!(plan.id(), Some(ids[0]));
    assert_eq!(plan.max_subscriptions, Some(100_000));
    // Its life cycle is the one that changes of SIMs are held against.
    let cycle = plan.life_cycle.unwrap().status.into_all().unwrap();
    let new = cycle
        .iter()
        .find(|state| state.status == Some(LifeCycleStatus::InactiveNew))
        .unwrap();
    let ways = new
        .transitions
        .ok()
        .map(|way| way.destination_status.clone());
    let ways: Vec<_> = ways.map(Option::unwrap).collect();
    let allowed = State::InactiveNew.customer_may_set();
    let allowed: Vec<_> = allowed.iter().map(|state| state.as_str()).collect();
    let read: Vec<_> = ways.iter().map(LifeCycleStatus::as_str).collect();
    assert_eq!(read, allowed);
    let prices = plan.tariff_plan_services.unwrap();
    let sms = prices.default_sms.unwrap();
    assert_eq!(sms.type_, Some(TariffType::PayPerUse));
    assert_eq!(sms.tariff_pay_per_use.unwrap().t2s, Some(100));
    assert_eq!(packs.get("1").await.unwrap(), None, "unknown");

    for (of, count) in [
        (EnumerationType::ServiceProviderZone, 2),
        (EnumerationType::ServiceProviderDestination, 2),
        (EnumerationType::ServiceProviderDestinationData, 1),
        (EnumerationType::ServiceProviderDestinationSms, 1),
        (EnumerationType::Raid, 2),
        (EnumerationType::ChargeCodes, 3),
    ] {
        let items = packs.enumerated(of).await.unwrap().into_all().unwrap();
        assert_eq!(items.len(), count);
    }
    let networks = packs.enumerated(EnumerationType::Raid).await.unwrap();
    let first = networks.ok().next().unwrap();
    assert_eq!((first.id(), first.has_lte), (Some("99901"), Some(true)));
}

/// A report that SOAP cannot order, downloaded with the handle that can.
#[tokio::test]
async fn a_report_is_ordered_listed_linked_and_deleted() {
    let (sandbox, kite) = start(3).await;
    let reports = kite.rest().reports();
    let export = InventoryExportReport::new()
        .with_columns([InventoryExportColumn::Icc, InventoryExportColumn::Alias]);
    let order = ReportOrder::new().with_inventory_export(export.clone());
    reports.create(order).await.unwrap();
    kite.reports()
        .order(UserListReport::new(), &ReportOptions::default())
        .await
        .unwrap();

    let list = reports.list().await.unwrap().into_all().unwrap();
    assert_eq!(list.len(), 2, "those of SOAP, too");
    let find = |list: &[reports::DownloadReport]| {
        let wanted = |r: &&reports::DownloadReport| {
            r.params.as_ref().unwrap().inventory_export == Some(export.clone())
        };
        list.iter().find(wanted).unwrap().clone()
    };
    let ours = find(&list);
    assert_eq!(ours.status, Some(DownloadReportStatus::Active));
    sandbox.finish_reports();
    let id = ours.download_report_id;
    let list = reports.list().await.unwrap().into_all().unwrap();
    assert_eq!(find(&list).status, Some(DownloadReportStatus::Finished));

    let quickly = Wait::default().with_first_pause(Duration::ZERO);
    reports.wait(&id, quickly).await.unwrap();
    let files = reports.download(&id, 1 << 20).await.unwrap();
    assert!(files.iter().all(|file| file.report_id() == id));
    assert_eq!(files[0].rows().unwrap().count(), 3, "one for each SIM");

    reports.delete(&id).await.unwrap();
    assert_eq!(reports.list().await.unwrap().len(), 1);
    let error = reports.delete(&id).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let error = reports.download(&id, 1 << 20).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn histories_are_read_by_every_id() {
    let (sandbox, kite) = start(20).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let sims = kite.rest().inventory();
    let (first, last) = (days_ago(9), days_ago(0));
    let days = sims.consumption_history(icc(&sim), first, last).await;
    let days = days.unwrap().into_all().unwrap();
    assert_eq!(days.len(), 10);
    assert_eq!((days[0].date, days[9].date), (Some(first), Some(last)));
    let total: i64 = days.iter().map(|day| day.data.unwrap()).sum();
    assert!(total > 0, "an active SIM consumes");
    for id in [
        SimId::from(imsi(&sim)),
        msisdn(&sim).into(),
        SimId::SubscriptionId(sim.subscription_id.clone()),
    ] {
        let same = sims.consumption_history(id, first, last).await;
        assert_eq!(same.unwrap().into_all().unwrap(), days);
    }
    let by_cycle = sims
        .consumption_history_by_cycle(icc(&sim), first, last)
        .await
        .unwrap()
        .into_all()
        .unwrap();
    assert!(by_cycle.len() <= 2, "{} cycles", by_cycle.len());
    let sum: i64 = by_cycle.iter().map(|cycle| cycle.data.unwrap()).sum();
    assert_eq!(sum, total);

    let sessions = sims.gprs_history(icc(&sim), first, last).await;
    let sessions = sessions.unwrap().into_all().unwrap();
    let bytes = |s: &mno_sdk::kite::rest::inventory::GprsSession| {
        s.sent_bytes.unwrap() + s.received_bytes.unwrap()
    };
    assert_eq!(sessions.iter().map(bytes).sum::<i64>(), total);

    let error = sims
        .gprs_history(unknown_icc(), first, last)
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(unknown_icc().as_str()), "{shown}");
}

#[tokio::test]
async fn a_block_is_read_in_the_subscription() {
    let (sandbox, kite) = start(20).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let sims = kite.rest().inventory();
    let reasons = async || {
        let read = kite.inventory().get(SoapSimId::Icc(icc(&sim))).await;
        let read = read.unwrap().unwrap();
        read.block_reason1().map(str::to_owned)
    };
    assert_eq!(reasons().await, None);
    let block = BlockRequest::new(true).with_block_cause(BlockCause::User);
    sims.block(icc(&sim), block).await.unwrap();
    assert_eq!(reasons().await.as_deref(), Some("user"));
    let end = BlockRequest::new(false).with_block_cause(BlockCause::User);
    sims.block(icc(&sim), end).await.unwrap();
    assert_eq!(reasons().await, None);
}

/// Sent once; the message names the read that settles it.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_repeated() {
    let (sandbox, kite) = start(20).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let unknown = |error: Error, read: &str| {
        assert!(error.is_outcome_unknown(), "{error}");
        assert!(error.to_string().contains(read), "{error}");
    };
    sandbox
        .control()
        .add(Rule::on("block").then(Effect::CutAfter));
    let block = BlockRequest::new(true).with_block_cause(BlockCause::User);
    let error = kite.rest().inventory().block(icc(&sim), block).await;
    unknown(error.unwrap_err(), "getSubscriptions");
    assert_eq!(sandbox.journal().count("block"), 1);

    sandbox
        .control()
        .add(Rule::on("createDownloadReport").then(Effect::CutAfter));
    let order = ReportOrder::new().with_user_list(std::collections::BTreeMap::new());
    let reports = kite.rest().reports();
    unknown(
        reports.create(order).await.unwrap_err(),
        "getDownloadReportList",
    );
    assert_eq!(sandbox.journal().count("createDownloadReport"), 1);
    assert_eq!(reports.list().await.unwrap().len(), 1, "it was ordered");
}

#[tokio::test]
async fn refusals_have_the_same_predicates_as_over_soap() {
    let (sandbox, kite) = start(1).await;
    let call = async || kite.rest().echo().send("x").await.unwrap_err();
    sandbox.control().forbid(ORGANISATION, "echo");
    let error = call().await;
    assert!(error.is_forbidden() && error.kind() == ErrorKind::Fault);
    assert!(error.fault::<echo::ErrorResponse>().is_some());
    sandbox.control().reset();
    sandbox.control().maintenance(true);
    assert!(call().await.is_unavailable());
    sandbox.control().reset();
    sandbox.control().deny_organisation(ORGANISATION);
    assert!(call().await.is_ip_denied());
    sandbox.control().reset();
    let html = Effect::Html(502);
    sandbox.control().add(Rule::on("echo").then(html));
    let error = call().await;
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
}
