//! Calls of REST APIs against JSON written by hand from what is known of the platforms.

use std::sync::Arc;

use mno_runtime::facts::PagingKind;
use mno_runtime::transport::{Body, Call, Response, TransportError};
use mno_runtime::values::{Date, Eid, Iccid};
use mno_runtime::{Decimal, ErrorKind, Operation};

use super::{Recorder, run};

/// The hand-written file under `tests/wire`.
fn json(name: &str) -> Vec<u8> {
    let path = format!("{}/wire/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn answer(status: u16, name: &str) -> Recorder {
    Recorder::new(status, "application/json", json(name))
}

fn nothing(status: u16) -> Recorder {
    Recorder::new(status, "", "")
}

/// What was sent: method, target, and the body as the file has it.
#[track_caller]
fn assert_sent(recorder: &Recorder, method: &str, target: &str, body: Option<&str>) {
    let call = recorder.call();
    assert_eq!(call.request.method(), method);
    assert_eq!(call.request.uri(), target);
    let sent = call.request.body();
    match body {
        Some(name) => {
            assert_eq!(call.request.headers()["content-type"], "application/json");
            let ours: serde_json::Value = serde_json::from_slice(sent).unwrap();
            let theirs: serde_json::Value = serde_json::from_slice(&json(name)).unwrap();
            assert_eq!(ours, theirs);
        }
        None => assert!(sent.is_empty()),
    }
}

fn iccid() -> Iccid {
    Iccid::new("8999000000000001011").unwrap()
}

mod telekom {
    use mno_telekom_bsc_v1::Client;
    use mno_telekom_bsc_v1::faults::{ApiError, TokenError};
    use mno_telekom_bsc_v1::operations::{
        CreateToken, GetUsage, ListProducts, ListSims, SendSms, TopUpSim,
    };
    use mno_telekom_bsc_v1::types::{
        DeliveryReport, GrantType, PaymentMethod, QuotaStatusId, SimStatus, SmsMessage,
        TokenRequest,
    };

    use super::*;

    #[test]
    fn a_page_of_sims() {
        let body = json("telekom-bsc-v1/listSims.response.json");
        let transport = Arc::new(move |call: Call| {
            assert_eq!(
                call.request.uri(),
                "/management-api/v1/sims?page=2&pageSize=100&q=imei%3A1&sort=-ip_address"
            );
            let mut response = Response::new(Body::from(body.clone()));
            response
                .headers_mut()
                .insert("x-total-count", "203".parse().unwrap());
            async move { Ok::<_, TransportError>(response) }
        });
        let request = ListSims::new()
            .with_page(2)
            .with_page_size(100)
            .with_q("imei:1")
            .with_sort("-ip_address");
        let page = run(Client::new(transport).list_sims(&request)).unwrap();
        assert_eq!(page.x_total_count, Some(203));
        assert_eq!(page.x_total_pages, None);
        let sims: Vec<_> = page.body.ok().collect();
        assert_eq!(sims.len(), 2);
        let first = sims[0];
        assert_eq!(first.iccid, Some(iccid()));
        assert_eq!(first.status, Some(SimStatus::Enabled));
        assert_eq!(first.current_quota, Some(Decimal::new(435_787_951, 6)));
        assert_eq!(first.activation_date.unwrap().unix_seconds(), 1_777_882_530);
        let quota = first.quota_status.as_ref().unwrap();
        assert_eq!(quota.id, Some(QuotaStatusId::Low));
        assert_eq!(
            quota.threshold_reached_date.unwrap().unix_seconds(),
            1_777_882_530
        );
        assert_eq!(quota.quota_exceeded_date, None);
        assert!(first.imsi_2.as_ref().unwrap().is_blank());
        // A number is as good as a string; what nobody knows yet is kept.
        assert_eq!(sims[1].iccid.as_ref().unwrap(), &"8999000000000001029");
        assert_eq!(sims[1].status.as_ref().unwrap().as_str(), "Hibernated");
        let id = sims[1].quota_status.as_ref().unwrap().id.as_ref().unwrap();
        assert_eq!((id.as_str(), id.is_known()), ("9", false));
        // Digits that are lost are no identifier, and no reason to lose the page.
        let e = page.body.errors().next().unwrap();
        assert_eq!(e.path(), "[2].iccid");
        assert!(!format!("{:?}", page.body).contains("8999000000000001011"));
        let paging = ListSims::FACTS.paging.unwrap();
        assert_eq!(
            (paging.kind, paging.max_size),
            (PagingKind::Page { first: 1 }, 100)
        );
    }

    #[test]
    fn decimals_in_text_and_single_items_without_their_list() {
        let recorder = answer(200, "telekom-bsc-v1/getUsage.response.json");
        let request = GetUsage::new(iccid()).with_start_dt(Date::new(2026, 5, 4).unwrap());
        let usage = run(Client::new(recorder.transport()).get_usage(&request)).unwrap();
        let target = "/management-api/v1/sims/8999000000000001011/usage?start_dt=2026-05-04";
        assert_sent(&recorder, "GET", target, None);
        let day = usage.stats.ok().next().unwrap();
        let data = day.data.as_ref().unwrap();
        assert_eq!(data.volume, Some(Decimal::new(435_787_951, 6)));
        assert_eq!(data.currency.as_ref().unwrap().symbol.as_deref(), Some("€"));

        let recorder = answer(200, "telekom-bsc-v1/listProducts.response.json");
        let client = Client::new(recorder.transport());
        let products = run(client.list_products(&ListProducts::new())).unwrap();
        let product = products.ok().next().unwrap();
        let fees: Vec<_> = product
            .recurring_charges
            .ok()
            .map(|c| c.amount_net)
            .collect();
        assert_eq!(fees, [Some(Decimal::new(10, 2))]);
    }

    #[test]
    fn writes_with_empty_answers() {
        let recorder = nothing(201);
        let sms = SmsMessage::new()
            .with_payload("reboot")
            .with_source_address("1234");
        let request = SendSms::new(iccid(), sms);
        run(Client::new(recorder.transport()).send_sms(&request)).unwrap();
        let target = "/management-api/v1/sims/8999000000000001011/sms";
        assert_sent(
            &recorder,
            "POST",
            target,
            Some("telekom-bsc-v1/sendSms.request.json"),
        );

        let recorder = nothing(201);
        let request = TopUpSim::new(iccid()).with_payment_method(PaymentMethod::ALL[0].clone());
        let done = run(Client::new(recorder.transport()).top_up_sim(&request)).unwrap();
        assert_eq!(done.location, None);
        // It spends money: a lost answer is not asked for again.
        assert!(!TopUpSim::FACTS.idempotency.is_repeatable());
        let e = run(Client::new(nothing(502).transport()).top_up_sim(&request)).unwrap_err();
        assert!(e.is_outcome_unknown(), "{e}");
    }

    #[test]
    fn a_token_is_asked_for_with_a_form() {
        let recorder = answer(200, "telekom-bsc-v1/createToken.response.json");
        let request = CreateToken::new(TokenRequest::new(GrantType::ClientCredentials));
        let token = run(Client::new(recorder.transport()).create_token(&request)).unwrap();
        let call = recorder.call();
        assert_eq!(call.request.uri(), "/management-api/oauth/token");
        assert_eq!(
            call.request.headers()["content-type"],
            "application/x-www-form-urlencoded"
        );
        assert_eq!(call.request.body(), "grant_type=client_credentials");
        assert_eq!(token.expires_in, Some(3599));
        assert!(!format!("{token:?}").contains("0f0f0f0f"), "{token:?}");
        let body = "{\"statusCode\":400,\"errorCode\":\"BadCredentials\",\"message\":\"no\"}";
        let recorder = Recorder::new(400, "application/json", body);
        let e = run(Client::new(recorder.transport()).create_token(&request)).unwrap_err();
        let fault: &TokenError = e.fault().unwrap();
        assert_eq!(fault.error_code.as_deref(), Some("BadCredentials"));
    }

    #[test]
    fn errors_and_callbacks() {
        let recorder = answer(404, "telekom-bsc-v1/error.json");
        let request = GetUsage::new(iccid());
        let e = run(Client::new(recorder.transport()).get_usage(&request)).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Fault);
        assert!(e.is_not_found());
        let fault: &ApiError = e.fault().unwrap();
        assert_eq!(
            (fault.error_code, fault.error_token.as_deref()),
            (Some(1201), Some("NotFound"))
        );
        assert!(!e.to_string().contains("8999000000000001011"), "{e}");
        let report = json("telekom-bsc-v1/deliveryReport.callback.json");
        let report: DeliveryReport = mno_runtime::json::from_slice(&report).unwrap();
        assert_eq!(report.final_date.unwrap().unix_seconds(), 1_777_913_212);
        assert_eq!(report.status.unwrap().status.as_deref(), Some("DELIVERED"));
    }
}

mod kpn {
    use mno_kpn_msm_v11::Client;
    use mno_kpn_msm_v11::faults::ErrorResponse;
    use mno_kpn_msm_v11::operations::{
        DownloadInvoice, GetEarliestTerminationDate, ListSubscribers, UpdateSubscriber,
    };
    use mno_kpn_msm_v11::types::{
        Gender, OrderSummaryStatus, SubscriberDetailsRequestParams, UpdateSubscriberRequestParams,
    };

    use super::*;

    const BASE: &str = "/mobile/kpn/mobileservices";

    #[test]
    fn lists_repeat_their_keys_and_ids_are_long() {
        let recorder = answer(200, "kpn-msm-v11/listSubscribers.response.json");
        let request = ListSubscribers::new()
            .with_patterns(["a b".to_owned(), "c".to_owned()])
            .with_to(50);
        let page = run(Client::new(recorder.transport()).list_subscribers(&request)).unwrap();
        let target = format!("{BASE}/hierarchy/subscribers?patterns=a%20b&patterns=c&to=50");
        assert_sent(&recorder, "GET", &target, None);
        assert_eq!(page.total, Some(37));
        let first = page.result.ok().next().unwrap();
        assert_eq!(first.id, Some(2_419_028_783));
        assert_eq!(first.last_name.as_deref(), Some("Example"));
        assert!(!format!("{page:?}").contains("Example"), "{page:?}");
        let paging = ListSubscribers::FACTS.paging.unwrap();
        assert_eq!((paging.kind, paging.default_size), (PagingKind::Window, 20));
    }

    #[test]
    fn an_update_is_sent_whole_and_answered_by_an_order() {
        let recorder = answer(200, "kpn-msm-v11/updateSubscriber.response.json");
        let gender = Gender::ALL[0].clone();
        let subscriber = SubscriberDetailsRequestParams::new("Ada", gender.clone(), "Example");
        let body = UpdateSubscriberRequestParams::new().with_subscriber(subscriber);
        let request = UpdateSubscriber::new(5, body);
        let order = run(Client::new(recorder.transport()).update_subscriber(&request)).unwrap();
        let call = recorder.call();
        assert_eq!(
            call.request.uri().path(),
            format!("{BASE}/hierarchy/subscribers/5")
        );
        let sent: serde_json::Value = serde_json::from_slice(call.request.body()).unwrap();
        let want = serde_json::json!({"subscriber": {
            "firstName": "Ada", "gender": gender.as_str(), "surname": "Example"}});
        assert_eq!(sent, want);
        assert_eq!(order.status, Some(OrderSummaryStatus::Initialized));
        assert_eq!(
            order.creation_date.unwrap().to_string(),
            "2026-02-25T11:01:03.1Z"
        );
    }

    #[test]
    fn bare_values_and_files() {
        let recorder = Recorder::new(200, "application/json", "\"2026-06-30T22:00:00.000+00:00\"");
        let request = GetEarliestTerminationDate::new(3);
        let client = Client::new(recorder.transport());
        let date = run(client.get_earliest_termination_date(&request)).unwrap();
        assert_eq!(date.day(), 30);
        let recorder = Recorder::new(200, "application/pdf", "%PDF-1.7");
        let client = Client::new(recorder.transport());
        let body = run(client.download_invoice(&DownloadInvoice::new(9))).unwrap();
        assert_eq!(run(body.collect(100)).unwrap(), "%PDF-1.7");
    }

    #[test]
    fn errors_of_the_service() {
        let recorder = answer(400, "kpn-msm-v11/error.json");
        let request = GetEarliestTerminationDate::new(3);
        let client = Client::new(recorder.transport());
        let e = run(client.get_earliest_termination_date(&request)).unwrap_err();
        let fault: &ErrorResponse = e.fault().unwrap();
        assert_eq!(fault.name.as_ref().unwrap().as_str(), "VALUE_NOT_UNIQUE");
        assert_eq!(e.fault_code(), Some("VALUE_NOT_UNIQUE"));
    }
}

mod masstack {
    use mno_masstack_partners_v3::Client;
    use mno_masstack_partners_v3::faults::GenericErrorResponse;
    use mno_masstack_partners_v3::operations::{CreateMovement, GetBarrings, UpdateBarring};
    use mno_masstack_partners_v3::types::{
        Amount, BarringName, BarringRequest, MovementRequest, MovementType, MultisimService,
        ServiceType, Tax, TaxType,
    };

    use super::*;

    fn barring() -> UpdateBarring {
        let body = BarringRequest::new(
            "https://partner.example/ok",
            "https://partner.example/error",
            true,
            BarringName::Roaming,
        );
        UpdateBarring::new(ServiceType::Mobile, "999000001", body)
    }

    #[test]
    fn a_barring_is_accepted_without_a_body() {
        let recorder = nothing(202);
        let request = barring().with_request_correlation_id("made-up");
        run(Client::new(recorder.transport()).update_barring(&request)).unwrap();
        let file = "masstack-partners-v3/updateBarring.request.json";
        assert_sent(
            &recorder,
            "PATCH",
            "/v3/mobile/999000001/barrings",
            Some(file),
        );
        assert_eq!(
            recorder.call().request.headers()["request-correlation-id"],
            "made-up"
        );
        // A path that is only inferred can be set right without a new crate.
        let recorder = nothing(202);
        let endpoint = Client::new(recorder.transport())
            .endpoint()
            .clone()
            .with_operation_path("updateBarring", "/{service_type}/barrings/{service_id}");
        run(Client::from_endpoint(endpoint).update_barring(&barring())).unwrap();
        assert_eq!(
            recorder.call().request.uri(),
            "/v3/mobile/barrings/999000001"
        );
    }

    #[test]
    fn money_is_sent_as_it_was_given() {
        let recorder = answer(201, "masstack-partners-v3/createMovement.response.json");
        let amount = Amount::new()
            .with_value_with_taxes(Decimal::new(1210, 2))
            .with_value_without_taxes(Decimal::from(10))
            .with_tax(Tax::new(TaxType::Iva, Decimal::new(210, 1)));
        let body = MovementRequest::builder()
            .type_(MovementType::OneTimeFee)
            .movement_datetime(
                "2026-02-01T10:00:00Z"
                    .parse::<mno_runtime::values::DateTime>()
                    .unwrap(),
            )
            .amount(amount)
            .external_movement_unique_id("mv-1")
            .billable(true)
            .build()
            .unwrap();
        let request = CreateMovement::new(ServiceType::Mobile, "999000001", body);
        let done = run(Client::new(recorder.transport()).create_movement(&request)).unwrap();
        assert_eq!(done.movement_id, "0a0a0a0a-0000-4000-8000-000000000001");
        let sent = String::from_utf8(recorder.call().request.body().to_vec()).unwrap();
        assert!(
            sent.contains("\"value_with_taxes\":12.10,\"value_without_taxes\":10,"),
            "{sent}"
        );
        let file = "masstack-partners-v3/createMovement.request.json";
        assert_sent(
            &recorder,
            "POST",
            "/v3/mobile/999000001/billing/movements",
            Some(file),
        );
    }

    #[test]
    fn whole_numbers_beyond_a_double_and_identifiers_as_numbers() {
        let recorder = answer(200, "masstack-partners-v3/getBarrings.response.json");
        let request = GetBarrings::new(ServiceType::Mobile, "999000001");
        let got = run(Client::new(recorder.transport()).get_barrings(&request)).unwrap();
        assert_eq!(got.subscription_id, 9_007_199_254_740_993);
        let text = b"{\"secondary_eid\": 89990000000000000000000000000017, \
                      \"secondary_iccid\": \"8999000000000001011\"}";
        let service: MultisimService = mno_runtime::json::from_slice(text).unwrap();
        assert_eq!(
            service.secondary_eid,
            Eid::new("89990000000000000000000000000017").unwrap()
        );
        assert_eq!(
            mno_runtime::json::to_vec(&service).unwrap(),
            b"{\"secondary_eid\":\"89990000000000000000000000000017\",\
               \"secondary_iccid\":\"8999000000000001011\"}"
        );
        let lost = b"{\"secondary_eid\": 8.903302331217e+31, \"secondary_iccid\": \"x\"}";
        let e = mno_runtime::json::from_slice::<MultisimService>(lost).unwrap_err();
        assert_eq!(e.path(), "secondary_eid");
    }

    #[test]
    fn a_duplicate_is_a_fault() {
        let recorder = answer(406, "masstack-partners-v3/error.json");
        let e = run(Client::new(recorder.transport()).update_barring(&barring())).unwrap_err();
        let fault: &GenericErrorResponse = e.fault().unwrap();
        assert_eq!(fault.code, "DUPLICATE_WORKFLOW_ID");
    }
}

mod kite {
    use mno_kite_rest_echo_v1::operations::Echo;
    use mno_kite_rest_echo_v1::types::EchoMessage;
    use mno_kite_rest_inventory_v13::operations::Block;
    use mno_kite_rest_inventory_v13::types::BlockRequest;
    use mno_kite_rest_reports_v1::operations::CreateDownloadReport;
    use mno_kite_rest_reports_v1::types::{ConsumptionDailyReport, ReportOrder};
    use mno_kite_rest_service_packs_v2::operations::GetServicePacks;

    use super::*;

    #[test]
    fn an_echo_shares_its_budget_with_soap() {
        let recorder = Recorder::new(200, "application/json", "{\"data\": \"hello\"}");
        let client = mno_kite_rest_echo_v1::Client::new(recorder.transport());
        let got = run(client.echo(&Echo::new(EchoMessage::new("hello")))).unwrap();
        assert_eq!(got.data, "hello");
        assert_eq!(
            recorder.call().request.uri(),
            "/services/REST/GlobalM2M/Echo/v1/r12/echo"
        );
        let soap = mno_kite_echo_v1::operations::Echo::FACTS;
        assert_eq!(Echo::FACTS.budget, soap.budget);
        let e = run(client.echo(&Echo::new(EchoMessage::new("")))).unwrap_err();
        assert_eq!(
            (e.kind(), e.path()),
            (ErrorKind::InvalidRequest, Some("data"))
        );
    }

    #[test]
    fn a_report_is_ordered_with_exactly_one_kind() {
        let recorder = nothing(201);
        let client = mno_kite_rest_reports_v1::Client::new(recorder.transport());
        let (start, end) = (
            Date::new(2026, 5, 1).unwrap(),
            Date::new(2026, 5, 4).unwrap(),
        );
        let report = ConsumptionDailyReport::new(start, end).with_show_subscriptions(true);
        let order = ReportOrder::new().with_consumption_daily(report);
        run(client.create_download_report(&CreateDownloadReport::new(order))).unwrap();
        assert_sent(
            &recorder,
            "POST",
            "/services/REST/GlobalM2M/Reports/v1/r12/report/downloadReport",
            Some("kite/rest/createDownloadReport.request.json"),
        );
        let none = CreateDownloadReport::new(ReportOrder::new());
        let e = run(client.create_download_report(&none)).unwrap_err();
        assert!(
            e.to_string().contains("0 members, at least 1 needed"),
            "{e}"
        );
    }

    #[test]
    fn identifiers_in_paths_keep_their_kind() {
        let recorder = nothing(204);
        let client = mno_kite_rest_inventory_v13::Client::new(recorder.transport());
        let request = Block::new("icc:8999000000000001011", BlockRequest::new(true));
        run(client.block(&request)).unwrap();
        let target = "/services/REST/GlobalM2M/Inventory/v13/r12/sim/icc:8999000000000001011/block";
        assert_sent(
            &recorder,
            "PUT",
            target,
            Some("kite/rest/block.request.json"),
        );
    }

    #[test]
    fn exceptions_are_those_of_soap() {
        let client = |status| {
            let recorder = Recorder::new(
                status,
                "application/json",
                super::super::message("faults/pol-1005.json"),
            );
            mno_kite_rest_service_packs_v2::Client::new(recorder.transport())
        };
        let e = run(client(500).get_service_packs(&GetServicePacks::new())).unwrap_err();
        assert!(e.is_rate_limited(), "{e}");
        assert_eq!(e.exception().unwrap().code(), "POL 1005");
    }
}
