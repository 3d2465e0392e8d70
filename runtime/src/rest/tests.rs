//! Calls as generated operations make them, against answers written by hand.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::*;
use crate::facts::{Idempotency, OperationFacts, Protocol};
use crate::json::{Cursor, Decode, DecodeError, Encode, EncodeError, Limits, Writer};
use crate::operation::Operation;
use crate::transport::{Body, Call, Response, Transport, TransportError};
use crate::{Error, ErrorKind};

/// Everything here is ready at once.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("nothing here waits"),
    }
}

type Calls = Arc<Mutex<Vec<Call>>>;

/// An endpoint that gives one answer, and what it was asked.
fn endpoint(status: u16, headers: &[(&str, &str)], body: &str) -> (Endpoint, Calls) {
    let calls = Calls::default();
    let kept = calls.clone();
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let body = body.to_owned();
    let transport: Arc<dyn Transport> = Arc::new(move |call: Call| {
        kept.lock().unwrap().push(call);
        let mut response = http::Response::builder().status(status);
        for (name, value) in &headers {
            response = response.header(name, value);
        }
        let response: Response = response.body(Body::from(body.clone())).unwrap();
        async move { Ok::<_, TransportError>(response) }
    });
    (Endpoint::new(transport, "/base"), calls)
}

#[derive(Debug, PartialEq)]
struct Sim {
    id: i64,
}

impl Decode for Sim {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let mut id = None;
        c.begin_object()?;
        while let Some(name) = c.next_name()? {
            match &*name {
                "id" => c.put(&mut id)?,
                _ => c.skip_unknown()?,
            }
        }
        Ok(Self {
            id: c.required(id, "id")?,
        })
    }
}

#[derive(Debug, PartialEq)]
struct Problem {
    code: Option<String>,
}

impl Decode for Problem {
    fn decode(c: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let mut code = None;
        c.begin_object()?;
        while let Some(name) = c.next_name()? {
            match &*name {
                "code" => c.put(&mut code)?,
                _ => c.skip_unknown()?,
            }
        }
        Ok(Self { code })
    }
}

impl Encode for Problem {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.object(|w| w.optional("code", &self.code))
    }
}

/// A read.
struct GetSim {
    id: String,
    states: Vec<&'static str>,
}

fn get(id: &str) -> GetSim {
    GetSim {
        id: id.to_owned(),
        states: Vec::new(),
    }
}

impl Encode for &'static str {
    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        w.string(self);
        Ok(())
    }
}

impl Operation for GetSim {
    type Response = Sim;
    const FACTS: OperationFacts =
        OperationFacts::new("test", "getSim", Protocol::rest("GET", "/v1/sims/{id}"))
            .idempotency(Idempotency::Safe);
}

impl RestOperation for GetSim {
    fn encode_request(&self, r: &mut RequestWriter) -> Result<(), EncodeError> {
        r.path("id", Style::Simple, false, &self.id)?;
        r.query("state", Style::Form, true, &self.states)
    }

    fn decode_response(answer: &mut Answer) -> Result<Sim, Refused> {
        answer.json()
    }

    fn decode_fault(answer: &Answer) -> Fault {
        match answer.status() {
            404 | 500..=599 => answer.fault::<Problem>(),
            _ => None,
        }
    }
}

/// A write with three successes.
struct SetSim;

#[derive(Debug, PartialEq)]
enum SetSimResponse {
    Ok(Sim),
    Accepted(String),
    NoContent,
}

impl Operation for SetSim {
    type Response = SetSimResponse;
    const FACTS: OperationFacts =
        OperationFacts::new("test", "setSim", Protocol::rest("PUT", "/v1/sims"))
            .settled_by("getSim");
}

impl RestOperation for SetSim {
    fn encode_request(&self, r: &mut RequestWriter) -> Result<(), EncodeError> {
        r.json(
            "application/json",
            &BTreeMap::from([("a".to_owned(), 1_i64)]),
        )
    }

    fn decode_response(answer: &mut Answer) -> Result<SetSimResponse, Refused> {
        match answer.status() {
            200 => Ok(SetSimResponse::Ok(answer.json()?)),
            202 => Ok(SetSimResponse::Accepted(
                answer.header("location").unwrap_or_default(),
            )),
            204 => Ok(SetSimResponse::NoContent),
            _ => Err(answer.undocumented()),
        }
    }
}

fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> Error {
    run(call(&endpoint(status, headers, body).0, &get("1"))).unwrap_err()
}

fn lost(status: u16, body: &str) -> Error {
    run(call(&endpoint(status, &[], body).0, &SetSim)).unwrap_err()
}

fn sent(request: &GetSim) -> Result<String, Error> {
    let (endpoint, calls) = endpoint(200, &[], "{\"id\":1}");
    run(call(&endpoint, request))?;
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 1);
    Ok(calls[0].request.uri().to_string())
}

#[test]
fn a_call_goes_out_and_its_answer_comes_back() {
    let (endpoint, calls) = endpoint(200, &[], " {\"id\": 7, \"new\": [1]}");
    assert_eq!(run(call(&endpoint, &get("7"))).unwrap(), Sim { id: 7 });
    let calls = calls.lock().unwrap();
    let request = &calls[0].request;
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri(), "/base/v1/sims/7");
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(request.headers().len(), 1);
    assert!(request.body().is_empty());
}

#[test]
fn a_path_parameter_stays_in_its_segment() {
    assert_eq!(
        sent(&get("a/b ?#%é:")).unwrap(),
        "/base/v1/sims/a%2Fb%20%3F%23%25%C3%A9:"
    );
    for bad in ["", ".", ".."] {
        let e = sent(&get(bad)).unwrap_err();
        assert_eq!(
            (e.kind(), e.path()),
            (ErrorKind::InvalidRequest, Some("id")),
            "{bad:?}"
        );
    }
    assert_eq!(sent(&get("...")).unwrap(), "/base/v1/sims/...");
}

#[test]
fn paths_of_single_operations_can_be_changed() {
    let path = |template: &str| {
        let (endpoint, calls) = endpoint(200, &[], "{\"id\":1}");
        let endpoint = endpoint
            .with_base_path("/other/")
            .with_operation_path("getSim", template);
        run(call(&endpoint, &get("7")))?;
        let uri = calls.lock().unwrap()[0].request.uri().to_string();
        Ok::<_, Error>(uri)
    };
    assert_eq!(path("/sim:{id}.json").unwrap(), "/other/sim:7.json");
    for (bad, why) in [
        ("/sims", "leaves out `id`"),
        ("/{id}/{x}", "`x`"),
        ("/{id", "without"),
    ] {
        let e = path(bad).unwrap_err();
        assert_eq!(e.kind(), ErrorKind::Configuration);
        assert!(e.to_string().contains(why), "{e}");
    }
}

/// Every row of OpenAPI's table of styles (3.0.3, "Style Examples"), with what it says there.
#[test]
fn styles_are_those_of_openapi() {
    let (one, list) = ("blue", vec!["blue", "black", "brown"]);
    let object = BTreeMap::from([
        ("B".to_owned(), 150),
        ("G".to_owned(), 200),
        ("R".to_owned(), 100),
    ]);
    let query = |style, explode, value: &dyn Fn(&mut RequestWriter, Style, bool)| {
        let mut r = RequestWriter::new();
        value(&mut r, style, explode);
        match r.finish("", "/") {
            Ok(written) => written
                .path_and_query
                .trim_start_matches(['/', '?'])
                .to_owned(),
            Err(_) => panic!("no request"),
        }
    };
    let q_one = |r: &mut RequestWriter, s, e| r.query("color", s, e, &one).unwrap();
    let q_list = |r: &mut RequestWriter, s, e| r.query("color", s, e, &list).unwrap();
    let q_object = |r: &mut RequestWriter, s, e| r.query("color", s, e, &object).unwrap();
    use Style::{DeepObject, Form, Label, Matrix, PipeDelimited, Simple, SpaceDelimited};
    assert_eq!(query(Form, false, &q_one), "color=blue");
    assert_eq!(query(Form, false, &q_list), "color=blue,black,brown");
    assert_eq!(
        query(Form, true, &q_list),
        "color=blue&color=black&color=brown"
    );
    assert_eq!(query(Form, false, &q_object), "color=B,150,G,200,R,100");
    assert_eq!(query(Form, true, &q_object), "B=150&G=200&R=100");
    assert_eq!(
        query(SpaceDelimited, false, &q_list),
        "color=blue%20black%20brown"
    );
    assert_eq!(
        query(PipeDelimited, false, &q_list),
        "color=blue%7Cblack%7Cbrown"
    );
    assert_eq!(
        query(DeepObject, true, &q_object),
        "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100"
    );
    let path = |style, explode, which: u8| {
        let mut r = RequestWriter::new();
        match which {
            0 => r.path("color", style, explode, &one).unwrap(),
            1 => r.path("color", style, explode, &list).unwrap(),
            _ => r.path("color", style, explode, &object).unwrap(),
        }
        match r.finish("", "/{color}") {
            Ok(written) => written.path_and_query[1..].to_owned(),
            Err(_) => panic!("no request"),
        }
    };
    assert_eq!(path(Matrix, false, 0), ";color=blue");
    assert_eq!(path(Matrix, false, 1), ";color=blue,black,brown");
    assert_eq!(path(Matrix, true, 1), ";color=blue;color=black;color=brown");
    assert_eq!(path(Matrix, false, 2), ";color=B,150,G,200,R,100");
    assert_eq!(path(Matrix, true, 2), ";B=150;G=200;R=100");
    assert_eq!(path(Label, false, 0), ".blue");
    assert_eq!(path(Label, true, 1), ".blue.black.brown");
    assert_eq!(path(Label, true, 2), ".B=150.G=200.R=100");
    assert_eq!(path(Simple, false, 1), "blue,black,brown");
    assert_eq!(path(Simple, false, 2), "B,150,G,200,R,100");
    assert_eq!(path(Simple, true, 2), "B=150,G=200,R=100");
}

#[test]
fn headers_cookies_and_forms() {
    let mut r = RequestWriter::new();
    r.header("x-ids", false, &vec!["a", "b"]).unwrap();
    r.cookie("session", true, &"a b;c").unwrap();
    r.form(&BTreeMap::from([
        ("grant_type".to_owned(), "client_credentials&x=1"),
        ("scope".to_owned(), "a b"),
    ]))
    .unwrap();
    let e = r.header("x-bad", false, &"a\nb").unwrap_err();
    assert!(e.reason().contains("control characters"));
    let Ok(written) = r.finish("", "/x") else {
        panic!("no request")
    };
    assert_eq!(written.headers["x-ids"], "a,b");
    assert_eq!(written.headers["cookie"], "session=a%20b%3Bc");
    assert_eq!(
        written.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        written.body,
        "grant_type=client_credentials%26x%3D1&scope=a%20b"
    );
}

#[test]
fn a_multipart_body_holds_its_parts_and_its_boundary_is_in_none() {
    struct Upload;
    impl Multipart for Upload {
        fn parts(&self, p: &mut Parts) -> Result<(), EncodeError> {
            p.value("note", &"two\r\nlines")?;
            p.value("ids", &vec![1_i64, 2])?;
            let content = "--mno-part-00000000 is in here";
            p.file(
                "file",
                &File::new(content)
                    .with_name("a\"b.csv")
                    .with_content_type("text/csv"),
            );
            Ok(())
        }
    }
    let mut r = RequestWriter::new();
    r.multipart(&Upload).unwrap();
    let Ok(written) = r.finish("", "/x") else {
        panic!("no request")
    };
    assert_eq!(
        written.headers["content-type"],
        "multipart/form-data; boundary=mno-part-00000001"
    );
    let b = "--mno-part-00000001\r\nContent-Disposition: form-data; name=";
    let want = format!(
        "{b}\"note\"\r\n\r\ntwo\r\nlines\r\n{b}\"ids\"\r\n\r\n1\r\n{b}\"ids\"\r\n\r\n2\r\n\
         {b}\"file\"; filename=\"a%22b.csv\"\r\nContent-Type: text/csv\r\n\r\n\
         --mno-part-00000000 is in here\r\n--mno-part-00000001--\r\n"
    );
    assert_eq!(written.body, want);
}

#[test]
fn several_successes_and_empty_ones() {
    let answer = |status, headers: &[(&str, &str)], body| {
        run(call(&endpoint(status, headers, body).0, &SetSim))
    };
    assert_eq!(
        answer(200, &[], "{\"id\":1}").unwrap(),
        SetSimResponse::Ok(Sim { id: 1 })
    );
    assert_eq!(
        answer(202, &[("location", "/orders/5")], "").unwrap(),
        SetSimResponse::Accepted("/orders/5".to_owned())
    );
    assert_eq!(answer(204, &[], "").unwrap(), SetSimResponse::NoContent);
    assert_eq!(
        answer(206, &[], "").unwrap_err().kind(),
        ErrorKind::OutcomeUnknown
    );
}

#[test]
fn a_documented_error_is_a_fault_with_everything_that_came_with_it() {
    let headers = [
        ("retry-after", "30"),
        ("x-rate-limit-remaining", "0"),
        ("set-cookie", "session=secret"),
    ];
    let body = "{\"code\":\"NO_SIM\",\"message\":\"SIM 8999000000000012349 is unknown\"}";
    let e = refused(404, &headers, body);
    assert_eq!(e.kind(), ErrorKind::Fault);
    assert_eq!(
        e.fault::<Problem>().unwrap().code.as_deref(),
        Some("NO_SIM")
    );
    assert_eq!(e.status().unwrap(), 404);
    assert_eq!(e.retry_after(), Some(std::time::Duration::from_secs(30)));
    assert_eq!(e.header("x-rate-limit-remaining"), Some("0"));
    assert_eq!(e.header("set-cookie"), None);
    assert_eq!(e.body().unwrap(), body.as_bytes());
    assert_eq!(e.fault_code(), Some("NO_SIM"));
    assert!(e.is_not_found());
    let shown = format!("{e} {e:?}");
    assert!(
        shown.contains("test getSim") && shown.contains("[HTTP 404]"),
        "{shown}"
    );
    assert!(
        shown.contains("…2349") && !shown.contains("8999000000000012349"),
        "{shown}"
    );
}

#[test]
fn other_error_bodies_are_not_taken_for_documented_ones() {
    // Every member of the documented error is optional: any object would do.
    let e = refused(404, &[], "{\"other\":1}");
    assert_eq!(e.kind(), ErrorKind::UnexpectedResponse);
    assert!(e.fault::<Problem>().is_none());
    assert!(e.is_not_found());
    let e = refused(403, &[], "");
    assert!(
        e.to_string().contains("without a word") && e.is_forbidden(),
        "{e}"
    );
    let e = refused(429, &[("retry-after", "2")], "slow down");
    assert!(e.is_rate_limited() && e.retry_after().is_some());
    // Words that no contract documents are heard all the same.
    let e = refused(401, &[], "{\"fault\":{\"faultstring\":\"Invalid token\"}}");
    assert_eq!(e.fault_text(), Some("Invalid token"));
    let e = refused(302, &[("location", "https://login.example/")], "");
    assert!(e.to_string().contains("check the base URL"), "{e}");
}

#[test]
fn a_proxys_page_is_named_as_one() {
    let page = "<!DOCTYPE html><html><head><title>Zscaler 203.0.113.9</title></head></html>";
    for status in [200, 404, 407] {
        let e = refused(status, &[("content-type", "text/html")], page);
        assert_eq!(e.kind(), ErrorKind::UnexpectedResponse, "{status}");
        let text = e.to_string();
        assert!(
            text.contains("Zscaler …") && text.contains("proxy or gateway"),
            "{text}"
        );
        assert!(!e.is_not_found(), "the platform has not said so");
    }
}

#[test]
fn telefonicas_exceptions_are_read_in_json_too() {
    let body = "{\"exceptionCategory\":\"POL\",\"exceptionId\":\"1005\",\
                \"text\":\"Request rate per period control exceeded\"}";
    let e = refused(500, &[], body);
    assert!(e.is_rate_limited(), "{e}");
    assert_eq!(e.exception().unwrap().code(), "POL 1005");
    // The platform's own word: the write was not carried out.
    assert_eq!(lost(500, body).kind(), ErrorKind::Fault);
}

#[test]
fn a_write_without_a_verdict_is_an_unknown_outcome() {
    for (status, body) in [
        (500, "{\"code\":\"INTERNAL\"}"),
        (502, "<html><title>Bad Gateway</title>"),
        (503, ""),
        (
            500,
            r#"{"exceptionCategory": "SVR", "exceptionId": 1000, "text": "Generic Server Error"}"#,
        ),
        (200, "{\"id\":"),
        (200, ""),
        (200, "<html></html>"),
    ] {
        let e = lost(status, body);
        assert_eq!(e.kind(), ErrorKind::OutcomeUnknown, "{status} {body}");
        assert!(
            e.to_string()
                .contains("ask getSim before you send it again"),
            "{e}"
        );
        assert_eq!(e.status().unwrap(), status);
        // Not "try again later", nor any other advice.
        assert!(!e.is_unavailable() && e.to_string().ends_with(']'), "{e}");
    }
    // Refused before anything was done.
    assert_ne!(lost(400, "").kind(), ErrorKind::OutcomeUnknown);
    // A read can be asked again.
    assert_eq!(
        refused(500, &[], "{\"code\":\"X\"}").kind(),
        ErrorKind::Fault
    );
    assert_eq!(refused(200, &[], "{\"id\":").kind(), ErrorKind::Decode);
}

#[test]
fn what_cannot_be_read_is_named_by_place_and_type() {
    let e = refused(200, &[], "{\n  \"id\": \"8999000000000012349\"}");
    assert_eq!((e.kind(), e.path()), (ErrorKind::Decode, Some("id")));
    assert_eq!(e.position().unwrap().line, 2);
    let text = e.to_string();
    assert!(
        text.contains("expected a number, found a string") && !text.contains("8999"),
        "{text}"
    );
    let e = refused(200, &[], &format!("{}1", "[".repeat(500)));
    assert!(!e.to_string().is_empty());
    let (endpoint, _) = endpoint(200, &[], "{\"id\":1}");
    let endpoint = endpoint.with_limits(Limits::default().with_bytes(3));
    let e = run(call(&endpoint, &get("1"))).unwrap_err();
    assert!(e.to_string().contains("more than 3 bytes"), "{e}");
}

#[test]
fn a_binary_answer_is_handed_on_as_it_comes() {
    struct Download;
    impl Operation for Download {
        type Response = Body;
        const FACTS: OperationFacts =
            OperationFacts::new("test", "download", Protocol::rest("GET", "/file"));
    }
    impl RestOperation for Download {
        fn encode_request(&self, _: &mut RequestWriter) -> Result<(), EncodeError> {
            Ok(())
        }
        fn streams(status: u16) -> bool {
            status == 200
        }
        fn decode_response(answer: &mut Answer) -> Result<Body, Refused> {
            Ok(answer.stream())
        }
    }
    /// Never ends; collecting it would never come back.
    struct Endless;
    impl Stream for Endless {
        type Item = Result<bytes::Bytes, TransportError>;
        fn poll_next(
            self: std::pin::Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Self::Item>> {
            Poll::Ready(Some(Ok(bytes::Bytes::from_static(b"chunk"))))
        }
    }
    let transport: Arc<dyn Transport> = Arc::new(|_: Call| async {
        Ok::<_, TransportError>(Response::new(Body::from_stream(Endless)))
    });
    let mut body = run(call(&Endpoint::new(transport, ""), &Download)).unwrap();
    let chunk = run(std::future::poll_fn(|cx| {
        std::pin::Pin::new(&mut body).poll_next(cx)
    }));
    assert_eq!(chunk.unwrap().unwrap(), "chunk");
    // An error is read into memory and told.
    let (endpoint, _) = endpoint(404, &[], "{\"message\":\"gone\"}");
    assert_eq!(
        run(call(&endpoint, &Download)).unwrap_err().fault_text(),
        Some("gone")
    );
}

fn any(text: &str) -> crate::json::Value {
    crate::json::Value::parse(text).unwrap()
}

fn finished(r: RequestWriter) -> super::request::Written {
    match r.finish("", "/x") {
        Ok(written) => written,
        Err(_) => panic!("no request"),
    }
}

#[test]
fn deep_objects_and_reserved_characters() {
    let mut r = RequestWriter::new();
    let filter = any("{\"a\":{\"b c\":1},\"l\":[\"x\",{\"y\":true}]}");
    r.query("f", Style::DeepObject, true, &filter).unwrap();
    r.query_reserved("u", Style::Form, true, &"http://h/p?q=1&r=[2]+#")
        .unwrap();
    let want = "/x?f%5Ba%5D%5Bb%20c%5D=1&f%5Bl%5D%5B0%5D=x&f%5Bl%5D%5B1%5D%5By%5D=true\
                &u=http://h/p?q=1%26r=%5B2%5D%2B%23";
    let mut parts = want.split_whitespace();
    assert_eq!(finished(r).path_and_query, parts.next().unwrap_or_default());
}

#[test]
fn json_stands_in_every_place() {
    let value = any("{\"k\":\"é\u{1f600};\"}");
    let mut r = RequestWriter::new();
    r.path_json("p", &value).unwrap();
    r.header_json("x-where", &value).unwrap();
    r.cookie_json("c", &value).unwrap();
    let Ok(written) = r.finish("", "/x/{p}") else {
        panic!("no request")
    };
    let encoded = "%7B%22k%22%3A%22%C3%A9%F0%9F%98%80%3B%22%7D";
    assert_eq!(written.path_and_query, format!("/x/{encoded}"));
    let header = &written.headers["x-where"];
    assert_eq!(header, "{\"k\":\"\\u00e9\\ud83d\\ude00;\"}");
    assert_eq!(written.headers["cookie"], format!("c={encoded}"));
}

#[test]
fn members_of_forms_and_parts_have_layouts_of_their_own() {
    let form =
        any("{\"deep\":{\"a\":{\"b\":1}},\"csv\":[1,2],\"plain\":[3,4],\"object\":{\"x\":\"y\"}}");
    let mut r = RequestWriter::new();
    let layouts = [
        ("deep", Style::DeepObject, true),
        ("csv", Style::Form, false),
    ];
    r.form_with(&form, &layouts).unwrap();
    assert_eq!(
        finished(r).body,
        "csv=1,2&deep%5Ba%5D%5Bb%5D=1&object=%7B%22x%22%3A%22y%22%7D&plain=3&plain=4"
    );
    struct Upload;
    impl Multipart for Upload {
        fn parts(&self, p: &mut Parts) -> Result<(), EncodeError> {
            p.value("meta", &vec![1_i64])?;
            p.value("note", &"x")?;
            p.file("img", &File::new("1"));
            p.file("own", &File::new("2").with_content_type("image/gif"));
            Ok(())
        }
    }
    let mut r = RequestWriter::new();
    let types = &[
        ("meta", "application/json"),
        ("note", "text/plain; charset=utf-8"),
        ("img", "image/png"),
        ("own", "image/png"),
    ];
    r.multipart_with(&Upload, types).unwrap();
    let b = "--mno-part-00000000\r\nContent-Disposition: form-data; name=";
    let want = format!(
        "{b}\"meta\"\r\nContent-Type: application/json\r\n\r\n[1]\r\n{b}\"note\"\r\nContent-Type: \
         text/plain; charset=utf-8\r\n\r\nx\r\n{b}\"img\"; filename=\"img\"\r\nContent-Type: \
         image/png\r\n\r\n1\r\n{b}\"own\"; filename=\"own\"\r\nContent-Type: image/gif\r\n\r\n2\r\n\
         --mno-part-00000000--\r\n"
    );
    assert_eq!(finished(r).body, want);
}

#[test]
fn credentials_are_on_every_call_and_in_no_message() {
    let (endpoint, calls) = endpoint(200, &[], "{\"id\":1}");
    let secret = "s3cret";
    let endpoint = endpoint
        .with_credential(Credential::basic("me", secret))
        .with_credential(Credential::header("x-key", secret))
        .with_credential(Credential::query("key", secret))
        .with_credential(Credential::cookie("sid", secret));
    run(call(&endpoint, &get("1"))).unwrap();
    let sent = calls.lock().unwrap()[0].clone();
    let headers = sent.request.headers();
    assert_eq!(headers["authorization"], "Basic bWU6czNjcmV0");
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers["x-key"], secret);
    assert_eq!(headers["cookie"], "sid=s3cret");
    assert!(sent.request.uri().query().unwrap().ends_with("key=s3cret"));
    let bad = endpoint.with_credential(Credential::bearer("a\nb"));
    let error = run(call(&bad, &get("1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let shown = format!("{:?} {error}", Credential::bearer(secret));
    assert!(!shown.contains(secret) && shown.starts_with("Credential(Bearer …)"));
}
