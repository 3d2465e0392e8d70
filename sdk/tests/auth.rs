//! Access tokens over closures, in virtual time.
#![cfg(all(
    feature = "kpn-msm-v11",
    feature = "telekom-bsc-v1",
    feature = "masstack-partners-v3"
))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::error::Error as _;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use mno_sdk::auth::{ClientCredentials, TokenError, TokenErrorKind};
use mno_sdk::bulk::{Bulk, Outcome};
use mno_sdk::runtime::bytes::Bytes;
use mno_sdk::runtime::facts::{Idempotency, OperationFacts, Protocol};
use mno_sdk::runtime::http::{HeaderMap, Method, Request, StatusCode, header};
use mno_sdk::runtime::transport::{
    Body, Call, Delivery, OnUnavailable, Response, Retry, Transport as _, TransportError,
    TransportErrorKind, Unavailability,
};
use mno_sdk::{CallOptions, Error, ErrorKind, Kpn, KpnBuilder, RateLimits, TelekomBsc};
use tokio::time::{Instant, sleep};

static READ: OperationFacts = OperationFacts::new(
    "kpn",
    "listSubscribers",
    Protocol::rest("GET", "/subscribers"),
)
.budget("kpn/listSubscribers")
.idempotency(Idempotency::Safe);

static WRITE: OperationFacts =
    OperationFacts::new("kpn", "moveContract", Protocol::rest("POST", "/order/move"))
        .budget("kpn/moveContract");

const SECOND: Duration = Duration::from_secs(1);
const SECRET: &str = "made-up&secret=1";

/// A request as the double saw it.
#[derive(Clone)]
struct Seen {
    at: Instant,
    operation: &'static str,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn bearer(&self) -> &str {
        let value = self.headers[header::AUTHORIZATION].to_str().unwrap();
        value.strip_prefix("Bearer ").unwrap()
    }
}

/// A platform that is a function of what it was asked and how often it was asked that before.
#[derive(Clone, Default)]
struct Double(Arc<Mutex<Vec<Seen>>>);

impl Double {
    fn transport<F, Fut>(&self, answer: F) -> Arc<dyn mno_sdk::runtime::transport::Transport>
    where
        F: Fn(&'static str, usize, Seen) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, TransportError>> + Send + 'static,
    {
        let seen = Arc::clone(&self.0);
        Arc::new(move |call: Call| {
            let one = Seen {
                at: Instant::now(),
                operation: call.facts.operation,
                method: call.request.method().clone(),
                target: call.request.uri().to_string(),
                headers: call.request.headers().clone(),
                body: call.request.body().clone(),
            };
            let mut seen = seen.lock().unwrap();
            let before = seen.iter().filter(|s| s.operation == one.operation).count();
            seen.push(one.clone());
            answer(one.operation, before, one)
        })
    }

    fn kpn<F, Fut>(&self, answer: F) -> KpnBuilder
    where
        F: Fn(&'static str, usize, Seen) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, TransportError>> + Send + 'static,
    {
        Kpn::builder()
            .credentials(ClientCredentials::new("made-up-client", SECRET))
            .rate_limits(RateLimits::kpn())
            .transport(self.transport(answer))
    }

    fn of(&self, operation: &str) -> Vec<Seen> {
        let seen = self.0.lock().unwrap();
        seen.iter()
            .filter(|one| one.operation == operation)
            .cloned()
            .collect()
    }

    fn tokens(&self) -> usize {
        self.of("createToken").len()
    }
}

fn status(code: u16, body: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}

fn token(n: usize, seconds: u32) -> Response {
    let body = format!(
        r#"{{"access_token": "token-{n}", "expires_in": {seconds}, "token_type": "bearer"}}"#
    );
    Response::new(Body::from(body))
}

fn call(facts: &'static OperationFacts) -> Call {
    let Protocol::Rest { method, path, .. } = facts.protocol else {
        panic!("not REST");
    };
    let body = match method {
        "GET" => Bytes::new(),
        _ => Bytes::from_static(b"{\"made\": \"up\"}"),
    };
    let request = Request::builder().method(method).uri(path).body(body);
    Call::new(facts, request.unwrap())
}

async fn send(kpn: &Kpn, facts: &'static OperationFacts) -> Result<Response, TransportError> {
    kpn.transport().send(call(facts)).await
}

/// What KPN's gateway answers: every number is text.
const KPN_TOKEN: &str = r#"{
    "refresh_token_expires_in": "0",
    "api_product_list": "[made-up-product]",
    "organization_name": "kpn",
    "developer.email": "somebody@mail.example",
    "token_type": "Bearer",
    "issued_at": "1800000000000",
    "client_id": "made-up-client",
    "access_token": "MadeUpToken28Characters00001",
    "application_name": "00000000-0000-4000-8000-000000000001",
    "scope": "",
    "expires_in": "3599",
    "refresh_count": "0",
    "status": "approved"
}"#;

#[tokio::test(start_paused = true)]
async fn kpn_has_the_grant_in_the_query_and_the_secret_in_the_form() {
    let double = Double::default();
    let kpn = double.kpn(|operation, _, _| async move {
        Ok(match operation {
            "createToken" => status(200, KPN_TOKEN),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    send(&kpn, &READ).await.unwrap();

    let [asked] = &double.of("createToken")[..] else {
        panic!("one token");
    };
    assert_eq!(asked.method, Method::POST);
    assert_eq!(
        asked.target,
        "/oauth/grip/msm/accesstoken?grant_type=client_credentials"
    );
    assert_eq!(
        asked.headers[header::CONTENT_TYPE],
        "application/x-www-form-urlencoded"
    );
    assert!(!asked.headers.contains_key(header::AUTHORIZATION));
    assert_eq!(
        asked.body,
        "client_id=made-up-client&client_secret=made-up%26secret%3D1"
    );
    let [read] = &double.of("listSubscribers")[..] else {
        panic!("one read");
    };
    assert_eq!(read.bearer(), "MadeUpToken28Characters00001");
    assert!(read.headers[header::AUTHORIZATION].is_sensitive());

    // The lifetime, which is text, is obeyed.
    sleep(Duration::from_secs(2_000)).await;
    send(&kpn, &READ).await.unwrap();
    assert_eq!(double.tokens(), 1);
    sleep(Duration::from_secs(1_600)).await;
    send(&kpn, &READ).await.unwrap();
    assert_eq!(double.tokens(), 2);
}

#[tokio::test(start_paused = true)]
async fn bsc_has_basic_and_its_tokens_live_as_long_as_they_say() {
    let double = Double::default();
    let transport = double.transport(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => Response::new(Body::from(format!(
                r#"{{"access_token":"00000000-0000-4000-8000-00000000000{n}","token_type":"bearer",
                    "expires_in":3599,"scope":"all","appToken":"made-up","userId":1001,"orgId":2001}}"#
            ))),
            _ => status(200, "[]"),
        })
    });
    let bsc = TelekomBsc::builder()
        .credentials(ClientCredentials::new("user@mail.example", "pass:wörd"))
        .transport(transport)
        .build()
        .unwrap();
    bsc.transport().send(call(&READ)).await.unwrap();
    let asked = &double.of("createToken")[0];
    assert_eq!(asked.target, "/management-api/oauth/token");
    // printf 'user@mail.example:pass:wörd' | base64
    assert_eq!(
        asked.headers[header::AUTHORIZATION],
        "Basic dXNlckBtYWlsLmV4YW1wbGU6cGFzczp3w7ZyZA=="
    );
    assert!(asked.headers[header::AUTHORIZATION].is_sensitive());
    assert_eq!(asked.body, "grant_type=client_credentials");

    // Not the guide's 240 minutes.
    sleep(Duration::from_secs(3_600)).await;
    bsc.transport().send(call(&READ)).await.unwrap();
    assert_eq!(
        double.of("listSubscribers")[1].bearer(),
        "00000000-0000-4000-8000-000000000001"
    );
}

#[tokio::test(start_paused = true)]
async fn lifetimes_of_every_shape() {
    // What stands in the answer; a time at which the token is as new, and one at which it is not.
    for (expires_in, fresh, gone) in [
        (r#","expires_in":"3599""#, 2_800, 3_599),
        (r#","expires_in":3599.0"#, 2_800, 3_599),
        (r#","expires_in":100"#, 79, 100),
        // None, or nonsense: 10 minutes.
        ("", 470, 600),
        (r#","expires_in":null"#, 470, 600),
        (r#","expires_in":"soon""#, 470, 600),
        (r#","expires_in":{}"#, 470, 600),
        // Clamped to a day and to a second.
        (r#","expires_in":1e300"#, 85_000, 86_400),
        (r#","expires_in":9007199254740991"#, 85_000, 86_400),
        (r#","expires_in":-9007199254740991"#, 0, 1),
        (r#","expires_in":0"#, 0, 1),
    ] {
        let double = Double::default();
        let kpn = double.kpn(move |operation, n, _| async move {
            Ok(match operation {
                "createToken" => Response::new(Body::from(format!(
                    r#"{{"access_token":"token-{n}"{expires_in}}}"#
                ))),
                _ => status(200, "{}"),
            })
        });
        let kpn = kpn.build().unwrap();
        send(&kpn, &READ).await.unwrap();
        sleep(Duration::from_secs(fresh)).await;
        send(&kpn, &READ).await.unwrap();
        assert_eq!(double.tokens(), 1, "{expires_in} after {fresh} s");
        sleep(Duration::from_secs(gone - fresh)).await;
        send(&kpn, &READ).await.unwrap();
        assert_eq!(double.tokens(), 2, "{expires_in} after {gone} s");
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_credentials_are_said_so() {
    for (code, body, said) in [
        // KPN's token endpoint, with status 500.
        (
            500,
            r#"{"ErrorCode":"invalid_client-invalid_client_id","Error":"ClientId made-up-client is Invalid"}"#,
            "invalid_client-invalid_client_id: ClientId … is Invalid",
        ),
        (
            401,
            r#"{"ErrorCode":"invalid_client","Error":"made-up&secret=1?"}"#,
            "invalid_client: …?",
        ),
        (
            400,
            r#"{"statusCode":400,"errorCode":"BadCredentials","message":"no"}"#,
            "BadCredentials: no",
        ),
        (
            401,
            r#"{"fault":{"faultstring":"Invalid client","detail":{"errorcode":"x"}}}"#,
            "Invalid client",
        ),
        (
            401,
            r#"{"error":"unauthorized","error_description":"user 99900000000001"}"#,
            "user …0001",
        ),
        (403, "<html>no</html>", "refuses the credentials [HTTP 403]"),
    ] {
        let double = Double::default();
        let kpn = double.kpn(move |_, _, _| async move { Ok(status(code, body)) });
        let error = send(&kpn.build().unwrap(), &WRITE).await.unwrap_err();
        assert_eq!(
            (error.kind, error.delivery),
            (TransportErrorKind::Unauthenticated, Delivery::NotSent)
        );
        let error = Error::from_transport(&WRITE, error);
        assert!(
            error.is_unauthenticated() && !error.is_outcome_unknown(),
            "{error}"
        );
        let text = format!("{error}\n{error:?}\n{:?}", error.source());
        assert!(
            text.contains("api-prd.kpn.com/oauth/grip/msm/accesstoken"),
            "{text}"
        );
        assert!(
            text.contains(said) && text.contains("check client id"),
            "{text}"
        );
        assert!(!text.contains("made-up"), "{text}");
        let cause: &TokenError = error.source().unwrap().downcast_ref().unwrap();
        assert!(cause.is_refused());
        assert_eq!(cause.status().unwrap().as_u16(), code);
        assert!(double.of("moveContract").is_empty());
        assert_eq!(double.tokens(), 1, "it is not asked again");
    }
}

#[tokio::test(start_paused = true)]
async fn other_faults_of_the_token_endpoint_are_not_about_the_credentials() {
    for (code, body, kind) in [
        (503, "busy", TokenErrorKind::Unavailable),
        (
            500,
            r#"{"error":"server_error"}"#,
            TokenErrorKind::Unavailable,
        ),
        (
            404,
            r#"{"fault":{"faultstring":"ApplicationNotFound"}}"#,
            TokenErrorKind::Unexpected,
        ),
        (302, "", TokenErrorKind::Unexpected),
        (200, "<html>Welcome</html>", TokenErrorKind::Unexpected),
        (200, "", TokenErrorKind::Unexpected),
        (200, r#"{"access_token":""}"#, TokenErrorKind::Unexpected),
        (
            200,
            r#"{"access_token":"a\nb"}"#,
            TokenErrorKind::Unexpected,
        ),
    ] {
        let double = Double::default();
        let kpn = double.kpn(move |_, _, _| async move { Ok(status(code, body)) });
        let error = send(&kpn.build().unwrap(), &READ).await.unwrap_err();
        let error = Error::from_transport(&READ, error);
        // Nothing is wrong for a while where no token endpoint is.
        let is_elsewhere = (300..500).contains(&code);
        assert_eq!(
            error.kind() == ErrorKind::Configuration,
            is_elsewhere,
            "{code} {body}: {error}"
        );
        assert!(
            error.is_unavailable() != is_elsewhere && !error.is_unauthenticated(),
            "{code} {body}: {error}"
        );
        let cause: &TokenError = error.source().unwrap().downcast_ref().unwrap();
        assert_eq!(cause.kind(), kind, "{code} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_everybodys_for_a_second() {
    let double = Double::default();
    let kpn = double.kpn(|_, _, _| async { Ok(status(503, "")) });
    let kpn = kpn.retry(Retry::NONE).build().unwrap();
    for _ in 0..5 {
        send(&kpn, &READ).await.unwrap_err();
    }
    assert_eq!(double.tokens(), 1);
    sleep(SECOND).await;
    send(&kpn, &READ).await.unwrap_err();
    assert_eq!(double.tokens(), 2);
}

/// What a token endpoint may answer now and then.
type Hiccup = fn() -> Result<Response, TransportError>;

const HICCUPS: [Hiccup; 3] = [
    || Ok(status(503, "")),
    || {
        Err(TransportError::new(
            TransportErrorKind::Interrupted,
            Delivery::Unknown,
            "cut",
        ))
    },
    || {
        Err(TransportError::new(
            TransportErrorKind::Connect,
            Delivery::NotSent,
            "no connection",
        ))
    },
];

#[tokio::test(start_paused = true)]
async fn a_hiccup_of_the_token_endpoint_costs_no_call() {
    for hiccup in HICCUPS {
        let double = Double::default();
        let kpn = double.kpn(move |operation, n, _| async move {
            match (operation, n) {
                ("createToken", 0) => hiccup(),
                ("createToken", _) => Ok(token(n, 3_600)),
                _ => Ok(status(200, "{}")),
            }
        });
        let kpn = kpn.build().unwrap();
        let began = Instant::now();
        // More than the budget of retries has: they share the tokens.
        let calls = (0..40).map(|_| send(&kpn, &WRITE));
        for response in join_all(calls).await {
            assert_eq!(response.unwrap().status(), 200);
        }
        assert_eq!(double.of("moveContract").len(), 40);
        assert_eq!(double.tokens(), 2);
        assert!(began.elapsed() < 3 * SECOND, "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_stays_away_is_asked_as_often_as_retries_say() {
    for hiccup in HICCUPS {
        let double = Double::default();
        let kpn = double.kpn(move |_, _, _| async move { hiccup() });
        let kpn = kpn.build().unwrap();
        let error = send(&kpn, &WRITE).await.unwrap_err();
        assert_eq!(double.tokens(), 3, "{error}");
        assert_eq!(error.delivery, Delivery::NotSent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bulk_job_ends_when_no_token_is_to_be_had() {
    for hiccup in HICCUPS {
        let double = Double::default();
        let kpn = double.kpn(move |_, _, _| async move { hiccup() });
        let kpn = kpn.build().unwrap();
        let mut job = Bulk::new(0..1_000, u32::to_string, move |_| {
            let kpn = kpn.clone();
            async move {
                let sent = send(&kpn, &WRITE).await;
                sent.map_err(|error| Error::from_transport(&WRITE, error))
            }
        });
        let mut count = 0;
        while let Some(written) = job.next().await {
            assert!(
                matches!(written.outcome, Outcome::NotSent(_)),
                "{written:?}"
            );
            count += 1;
        }
        assert!(count <= 16, "{count}");
        assert!(double.of("moveContract").is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_while_the_platform_is_unavailable_waits_for_its_token() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", 0..5) => status(503, ""),
            ("createToken", _) => token(n, 3_600),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    let options = CallOptions::default().with_on_unavailable(OnUnavailable::Wait);
    let began = Instant::now();
    let call = call(&WRITE).with_options(options);
    kpn.transport().send(call).await.unwrap();
    assert_eq!(double.tokens(), 6);
    // 30 s at first, twice as long each time, and half of it random.
    let waited = began.elapsed().as_secs();
    assert!(
        (15 + 30 + 60 + 120 + 150..=1_000).contains(&waited),
        "{waited} s"
    );
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_out_of_reach_is_a_connection_that_failed() {
    let double = Double::default();
    let kpn = double.kpn(|_, _, _| async {
        Err(TransportError::new(
            TransportErrorKind::Connect,
            Delivery::NotSent,
            "no connection",
        ))
    });
    let error = send(&kpn.build().unwrap(), &WRITE).await.unwrap_err();
    let error = Error::from_transport(&WRITE, error);
    assert!(error.is_connect(), "{error}");
    assert!(error.to_string().contains("token endpoint"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn callers_at_the_same_time_share_one_request() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => {
                sleep(SECOND).await;
                token(n, 3_600)
            }
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    let answers = join_all((0..20).map(|_| {
        let kpn = kpn.clone();
        tokio::spawn(async move { send(&kpn, &READ).await.unwrap().status() })
    }));
    assert!(
        answers
            .await
            .into_iter()
            .all(|answer| answer.unwrap() == 200)
    );
    assert_eq!(double.tokens(), 1);
    assert_eq!(double.of("listSubscribers").len(), 20);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_does_not_take_the_request_away_from_others() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => {
                sleep(4 * SECOND).await;
                token(n, 3_600)
            }
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    let first = tokio::spawn({
        let kpn = kpn.clone();
        async move { send(&kpn, &READ).await }
    });
    sleep(SECOND).await;
    let second = tokio::spawn({
        let kpn = kpn.clone();
        async move { send(&kpn, &READ).await.unwrap() }
    });
    sleep(SECOND).await;
    let started = Instant::now();
    first.abort();
    second.await.unwrap();
    assert_eq!(started.elapsed(), 2 * SECOND, "four since the first began");
    assert_eq!(double.tokens(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nobody_waits_for_is_begun_anew() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", 0) => std::future::pending().await,
            ("createToken", _) => token(n, 3_600),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    let given_up = tokio::time::timeout(SECOND, send(&kpn, &READ)).await;
    assert!(given_up.is_err());
    send(&kpn, &READ).await.unwrap();
    assert_eq!(double.tokens(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_wait_for_a_token() {
    let double = Double::default();
    let kpn = double.kpn(|_, _, _| std::future::pending());
    let kpn = kpn.build().unwrap();
    let options = CallOptions::default()
        .with_deadline(20 * SECOND)
        .with_attempt_timeout(5 * SECOND);
    let started = Instant::now();
    let late = call(&WRITE).with_options(options);
    let error = kpn.transport().send(late).await.unwrap_err();
    assert_eq!(
        started.elapsed(),
        15 * SECOND,
        "the write could have begun until then"
    );
    assert_eq!(
        (error.kind, error.delivery),
        (TransportErrorKind::Timeout, Delivery::NotSent)
    );
    // Without one, the request for a token comes to an end by itself.
    let started = Instant::now();
    let error = send(&kpn, &READ).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Timeout);
    assert_eq!(started.elapsed(), 32 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn five_refused_at_once_renew_once_and_are_repeated() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, seen| async move {
        Ok(match operation {
            "createToken" => {
                sleep(SECOND).await;
                token(n, 3_600)
            }
            // The platform forgets the first token, and tells each of the five a little later.
            _ if seen.bearer() == "token-0" => {
                sleep(Duration::from_millis(300 * n as u64)).await;
                status(401, r#"{"fault":{"faultstring":"Access Token expired"}}"#)
            }
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    let answers = join_all((0..5).map(|_| {
        let kpn = kpn.clone();
        tokio::spawn(async move { send(&kpn, &WRITE).await.unwrap().status() })
    }));
    assert!(
        answers
            .await
            .into_iter()
            .all(|answer| answer.unwrap() == 200)
    );
    assert_eq!(double.tokens(), 2);
    let writes = double.of("moveContract");
    assert_eq!(writes.len(), 10);
    assert!(
        writes
            .iter()
            .all(|write| write.body == "{\"made\": \"up\"}")
    );
    assert!(writes[5..].iter().all(|write| write.bearer() == "token-1"));
}

#[tokio::test(start_paused = true)]
async fn the_second_401_is_the_truth() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => token(n, 3_600),
            _ => status(401, r#"{"status":"401","name":"UNAUTHORIZED"}"#),
        })
    });
    let kpn = kpn.build().unwrap();
    let response = send(&kpn, &WRITE).await.unwrap();
    assert_eq!(response.status(), 401);
    let body = response.into_body().collect(1_000).await.unwrap();
    assert_eq!(body, r#"{"status":"401","name":"UNAUTHORIZED"}"#);
    assert_eq!((double.tokens(), double.of("moveContract").len()), (2, 2));

    // A project without a right to the API does not ask for a token with each call ...
    for _ in 0..5 {
        send(&kpn, &WRITE).await.unwrap();
    }
    assert_eq!((double.tokens(), double.of("moveContract").len()), (2, 7));
    // ... but once a minute: it may have been given one.
    sleep(60 * SECOND).await;
    send(&kpn, &WRITE).await.unwrap();
    assert_eq!((double.tokens(), double.of("moveContract").len()), (3, 9));
}

#[tokio::test(start_paused = true)]
async fn a_401_whose_new_token_is_refused_is_about_the_credentials() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", 0) => token(n, 3_600),
            _ => status(401, "{}"),
        })
    });
    let error = send(&kpn.build().unwrap(), &WRITE).await.unwrap_err();
    let error = Error::from_transport(&WRITE, error);
    assert!(error.is_unauthenticated(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_401_without_credentials_is_the_callers() {
    let double = Double::default();
    let transport = double.transport(|_, _, _| async { Ok(status(401, "")) });
    let kpn = Kpn::builder().transport(transport).build().unwrap();
    assert_eq!(send(&kpn, &READ).await.unwrap().status(), 401);
    assert_eq!(double.of("listSubscribers").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_caller_renews_and_the_others_do_not_wait() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => {
                sleep(2 * SECOND).await;
                token(n, 1_000)
            }
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    send(&kpn, &READ).await.unwrap();
    // Renewed between 80 and 90 % of its life, still good for 50 seconds.
    sleep(Duration::from_secs(900)).await;
    let started = Instant::now();
    let calls = join_all((0..5).map(|_| {
        let kpn = kpn.clone();
        tokio::spawn(async move {
            send(&kpn, &READ).await.unwrap();
            started.elapsed()
        })
    }));
    let mut took: Vec<_> = calls.await.into_iter().map(Result::unwrap).collect();
    took.sort();
    assert_eq!(took[..4], [Duration::ZERO; 4]);
    assert_eq!(took[4], 2 * SECOND);
    assert_eq!(double.tokens(), 2);
    let reads = double.of("listSubscribers");
    assert_eq!(reads.last().unwrap().bearer(), "token-1");
}

#[tokio::test(start_paused = true)]
async fn the_moment_of_renewal_differs() {
    let mut moments = Vec::new();
    for _ in 0..12 {
        let double = Double::default();
        let kpn = double.kpn(|operation, n, _| async move {
            Ok(match operation {
                "createToken" => token(n, 1_000),
                _ => status(200, "{}"),
            })
        });
        let kpn = kpn.build().unwrap();
        let started = Instant::now();
        while double.tokens() < 2 {
            send(&kpn, &READ).await.unwrap();
            sleep(SECOND).await;
        }
        moments.push(started.elapsed().as_secs());
    }
    assert!(
        moments.iter().all(|at| (800..=902).contains(at)),
        "{moments:?}"
    );
    moments.dedup();
    assert!(moments.len() > 1, "{moments:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_used_while_it_lives() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", 0) => token(n, 1_000),
            ("createToken", _) => status(503, ""),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    send(&kpn, &READ).await.unwrap();
    sleep(Duration::from_secs(901)).await;
    for second in 0..20 {
        send(&kpn, &READ).await.unwrap();
        assert_eq!(double.tokens(), 2 + second / 10, "once in 10 seconds");
        sleep(SECOND).await;
    }
    sleep(Duration::from_secs(80)).await;
    let error = send(&kpn, &READ).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_costs_one_caller_five_seconds() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", 0) => token(n, 1_000),
            ("createToken", 1) => std::future::pending().await,
            ("createToken", _) => token(n, 1_000),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    send(&kpn, &READ).await.unwrap();
    sleep(Duration::from_secs(901)).await;
    let started = Instant::now();
    send(&kpn, &READ).await.unwrap();
    assert_eq!(started.elapsed(), 5 * SECOND);
    send(&kpn, &READ).await.unwrap();
    assert_eq!(started.elapsed(), 5 * SECOND, "the next one does not wait");
    sleep(10 * SECOND).await;
    send(&kpn, &READ).await.unwrap();
    assert_eq!(
        double.of("listSubscribers").last().unwrap().bearer(),
        "token-2"
    );
}

#[tokio::test(start_paused = true)]
async fn every_token_takes_a_permit() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => token(n, 3_600),
            _ => status(200, "{}"),
        })
    });
    let limits = RateLimits::kpn().with_organisation(Some(1));
    let kpn = kpn.rate_limits(limits).build().unwrap();
    send(&kpn, &READ).await.unwrap();
    let (asked, read) = (
        &double.of("createToken")[0],
        &double.of("listSubscribers")[0],
    );
    assert!(read.at - asked.at >= SECOND, "{:?}", read.at - asked.at);
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_with_a_rate_limit_is_waited_for() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", 0) => {
                let mut response = status(429, "");
                response.headers_mut().insert(header::RETRY_AFTER, 3.into());
                response
            }
            ("createToken", _) => token(n, 3_600),
            _ => status(200, "{}"),
        })
    });
    let started = Instant::now();
    send(&kpn.build().unwrap(), &READ).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 3);
}

/// Seconds since 1970, so many from now.
fn in_seconds(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs() + seconds
}

fn quota_spent(reset: u64) -> Response {
    let mut response = status(429, r#"{"status":"429","name":"QUOTA"}"#);
    let headers = response.headers_mut();
    headers.insert("quota-limit", 100.into());
    headers.insert("quota-used", 100.into());
    headers.insert("quota-reset-UTC", (reset * 1_000).into());
    response
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_begins_anew_soon_is_waited_for() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", _) => token(n, 3_600),
            (_, 0) => quota_spent(in_seconds(40)),
            _ => status(200, "{}"),
        })
    });
    let started = Instant::now();
    let response = send(&kpn.build().unwrap(), &WRITE).await.unwrap();
    assert_eq!(response.status(), 200);
    let waited = started.elapsed().as_secs();
    assert!((38..=40).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_spent_for_long_fails_at_once() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match (operation, n) {
            ("createToken", _) => token(n, 86_400),
            (_, 0) => quota_spent(in_seconds(3_600)),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    let started = Instant::now();
    let refused = send(&kpn, &READ).await.unwrap();
    assert_eq!(refused.status(), 429);
    let until = refused.extensions().get::<Unavailability>().unwrap().until;
    let left = until.duration_since(SystemTime::now()).unwrap().as_secs();
    assert!((3_590..=3_600).contains(&left), "{left}");
    let error = send(&kpn, &READ).await.unwrap_err();
    let error = Error::from_transport(&READ, error);
    assert!(error.is_rate_limited(), "{error}");
    assert!(error.to_string().contains("max_freeze_wait"), "{error}");
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(double.of("listSubscribers").len(), 1);

    sleep(Duration::from_secs(3_600)).await;
    assert_eq!(send(&kpn, &READ).await.unwrap().status(), 200);
}

#[test]
fn nothing_goes_out_in_the_clear() {
    let credentials = || ClientCredentials::new("made-up-client", SECRET);
    let double = || Double::default().transport(|_, _, _| async { Ok(status(200, "{}")) });
    for (builder, words) in [
        (Kpn::builder().base_url("http://kpn.example"), "base URL"),
        (
            Kpn::builder()
                .base_url("http://kpn.example")
                .transport(double()),
            "base URL",
        ),
        (
            Kpn::builder().token_url("http://kpn.example/token"),
            "token URL",
        ),
        (
            Kpn::builder().token_url("https://a:b@kpn.example/token"),
            "user name",
        ),
        (
            Kpn::builder().token_url("https://kpn.example/token#x"),
            "fragment",
        ),
        (Kpn::builder().token_url("kpn.example"), "token URL"),
    ] {
        let error = builder.credentials(credentials()).build().unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let error = Kpn::builder().build().unwrap_err();
    assert!(
        error.to_string().contains("ClientCredentials::new("),
        "{error}"
    );
    let error = Kpn::builder()
        .credentials(ClientCredentials::new("x", ""))
        .build();
    assert!(error.unwrap_err().to_string().contains("empty"));
    let error = TelekomBsc::builder()
        .credentials(ClientCredentials::new("a:b", "c"))
        .build();
    assert!(error.unwrap_err().to_string().contains("colon"));
}

#[tokio::test(start_paused = true)]
async fn a_documented_token_url_can_be_pasted_whole() {
    let double = Double::default();
    let kpn = double.kpn(|operation, n, _| async move {
        Ok(match operation {
            "createToken" => token(n, 3_600),
            _ => status(200, "{}"),
        })
    });
    let url = "https://kpn.example/accesstoken?grant_type=client_credentials";
    send(&kpn.token_url(url).build().unwrap(), &READ)
        .await
        .unwrap();
    assert_eq!(
        double.of("createToken")[0].target,
        "/accesstoken?grant_type=client_credentials"
    );
}

#[test]
fn debug_shows_no_secrets() {
    let credentials = ClientCredentials::new("made-up-client", SECRET);
    let builder = Kpn::builder().credentials(credentials.clone());
    let text = format!("{credentials:?} {builder:?}");
    assert!(!text.contains("made-up"), "{text}");
    let token = mno_sdk::auth::AccessToken::new("made-up-token", None);
    let text = format!("{token:?} {:?}", builder.build().unwrap());
    assert!(!text.contains("made-up"), "{text}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_of_tokens_and_shows_none() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let double = Double::default();
    let kpn = double.kpn(|operation, n, seen| async move {
        Ok(match (operation, n) {
            ("createToken", 0 | 1) => token(n, 1_000),
            ("createToken", _) => status(401, r#"{"error":"made-up&secret=1 of made-up-client"}"#),
            _ if seen.bearer() == "token-0" => status(401, "{}"),
            _ => status(200, "{}"),
        })
    });
    let kpn = kpn.build().unwrap();
    send(&kpn, &WRITE).await.unwrap();
    sleep(Duration::from_secs(901)).await;
    send(&kpn, &WRITE).await.unwrap();
    sleep(Duration::from_secs(100)).await;
    send(&kpn, &WRITE).await.unwrap_err();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for words in [
        "operation=\"createToken\" protocol=\"rest\"",
        "the platform refuses the access token",
        "attempts=2",
        "the old one still lives",
        "outcome=\"unauthenticated\"",
    ] {
        assert!(text.contains(words), "{words} is missing in: {text}");
    }
    for hidden in ["token-0", "token-1", "made-up", "&secret"] {
        assert!(!text.contains(hidden), "{hidden} in: {text}");
    }
}
