//! Calls the generated clients against messages written by hand from the contracts, WSDL 1.1 and
//! the Basic Profile. Every assertion that fails ends it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use ports::operations::{
    Find, FindAdmin, FindByImsi, FindHeaders, Ping, Reset, ResetAdmin, ResetHeaders, Usage,
};
use ports::runtime::soap::Endpoint;
use ports::runtime::transport::{Body, Call, Response, Transport};
use ports::runtime::xml::{AnyElement, NamespaceTable};
use ports::runtime::{Error, ErrorKind};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// What was sent: path, content type, action, body.
#[derive(Default, Clone)]
struct Sent(Arc<Mutex<Vec<[String; 4]>>>);

impl Sent {
    fn last(&self) -> [String; 4] {
        self.0.lock().unwrap().last().cloned().unwrap()
    }
}

/// Answers every call in this way.
fn answering(status: u16, body: String) -> (Arc<dyn Transport>, Sent) {
    let sent = Sent::default();
    let log = sent.clone();
    let transport = move |call: Call| {
        let header = |name: &str| {
            let value = call.request.headers().get(name);
            value.map_or(String::new(), |v| v.to_str().unwrap().to_owned())
        };
        log.0.lock().unwrap().push([
            call.request.uri().path().to_owned(),
            header("content-type"),
            header("soapaction"),
            String::from_utf8(call.request.body().to_vec()).unwrap(),
        ]);
        let mut response = Response::new(Body::from(body.clone()));
        *response.status_mut() = status.try_into().unwrap();
        async move { Ok(response) }
    };
    (Arc::new(transport), sent)
}

fn envelope(soap: &str, header: &str, body: &str) -> String {
    let header = if header.is_empty() {
        String::new()
    } else {
        format!("<e:Header>{header}</e:Header>")
    };
    format!("<e:Envelope xmlns:e=\"{soap}\">{header}<e:Body>{body}</e:Body></e:Envelope>")
}

/// Nothing here waits for anything.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("pending"),
    }
}

fn rpc_requests_and_answers_have_unqualified_parts() {
    use rpc::operations::Activate;
    use rpc::types::{Plan, State};
    let body = "<r:activateResponse xmlns:r='urn:example:sims:rpc'><state>ACTIVE</state>\
                <since>2026-01-31T12:00:00Z</since></r:activateResponse>";
    let (transport, sent) = answering(200, envelope(SOAP11, "", body));
    let client = rpc::Client::new(transport);
    let request = Activate::new("8999", Plan::new("L"));
    let answer = ready(client.activate(&request)).unwrap();
    assert_eq!(answer.state, State::Active);
    assert_eq!(answer.since.to_string(), "2026-01-31T12:00:00Z");
    let [path, content_type, action, body] = sent.last();
    assert_eq!(path, "/rpc");
    assert_eq!(content_type, "text/xml; charset=utf-8");
    assert_eq!(action, "\"urn:example:sims#activate\"");
    assert_eq!(
        body,
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:t=\"urn:example:sims:rpc\" xmlns:n1=\"urn:example:sims\"><soap:Body>\
         <t:activate><icc>8999</icc><plan><n1:name>L</n1:name></plan></t:activate>\
         </soap:Body></soap:Envelope>"
    );
}

fn rpc_without_parts_is_an_empty_element() {
    let body = "<r:pingResponse xmlns:r='urn:example:sims:rpc'/>";
    let (transport, sent) = answering(200, envelope(SOAP11, "", body));
    let client = rpc::Client::new(transport);
    ready(client.ping(&rpc::operations::Ping::new())).unwrap();
    let [_, _, action, body] = sent.last();
    assert_eq!(action, "\"\"");
    assert!(body.contains("<soap:Body><t:ping/></soap:Body>"), "{body}");
}

fn rpc_faults_are_typed() {
    let body = "<e:Fault><faultcode>e:Client</faultcode><faultstring>no</faultstring><detail>\
                <x:refused xmlns:x='urn:example:sims'><x:reason>r</x:reason></x:refused></detail>\
                </e:Fault>";
    let (transport, _) = answering(500, envelope(SOAP11, "", body));
    let client = rpc::Client::new(transport);
    let request = rpc::operations::Activate::new("8999", rpc::types::Plan::new("L"));
    let error = ready(client.activate(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.fault::<rpc::faults::Refused>().unwrap().reason, "r");
}

fn facets_are_checked_before_anything_is_sent() {
    use rpc::operations::Activate;
    use rpc::runtime::Decimal;
    use rpc::runtime::values::{Date, Hex, List};
    use rpc::types::Plan;
    let day = |text: &str| text.parse::<Date>().unwrap();
    let codes = |codes: &[&str]| codes.iter().map(|c| (*c).to_owned()).collect::<List<_>>();
    let plan = || Plan::new("L");
    let good = [
        plan().with_code("A123"),
        plan().with_code("X1"),
        plan().with_price(Decimal::new(9999, 2)),
        plan().with_from(day("2026-01-01")),
        plan().with_key(Hex(vec![1, 2])),
        plan().with_codes(codes(&["A1", "X"])),
        plan().with_slots(1u8),
        plan().with_debt(0),
        plan().with_shift(-1),
    ];
    let bad = [
        (plan().with_code("A1234"), "code", "5 characters"),
        (plan().with_code("G1"), "code", "`[A-F].*|X.*`"),
        (plan().with_code("AB"), "code", r"`[A-Z]\d+`"),
        (plan().with_price(Decimal::new(-1, 2)), "price", "at least 0"),
        (plan().with_price(Decimal::new(100, 0)), "price", "less than 100"),
        (plan().with_price(Decimal::new(1001, 3)), "price", "3 decimals"),
        (plan().with_from(day("2025-12-31")), "from", "at least 2026-01-01"),
        (plan().with_key(Hex(vec![1])), "key", "1 bytes"),
        (plan().with_codes(codes(&["A1"])), "codes", "there are 1, allowed are 2 to 3"),
        (plan().with_codes(codes(&["A"; 4])), "codes", "there are 4"),
        (plan().with_codes(codes(&["A", "ABCDE"])), "codes", "5 characters"),
        (plan().with_codes(codes(&["A", "G"])), "codes", "`[A-F].*|X.*`"),
        (plan().with_slots(0u8), "slots", "1 or more"),
        (plan().with_debt(1), "debt", "-5 to 0"),
        (plan().with_debt(-6), "debt", "-5 to 0"),
        (plan().with_shift(0), "shift", "at most -1"),
    ];
    let body = "<r:activateResponse xmlns:r='urn:example:sims:rpc'><state>ACTIVE</state>\
                <since>2026-01-31T12:00:00Z</since></r:activateResponse>";
    let (transport, sent) = answering(200, envelope(SOAP11, "", body));
    let client = rpc::Client::new(transport);
    for plan in good {
        ready(client.activate(&Activate::new("8999", plan))).unwrap();
    }
    let count = sent.0.lock().unwrap().len();
    for (plan, field, reason) in bad {
        let error = ready(client.activate(&Activate::new("8999", plan))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let text = error.to_string();
        assert!(text.contains(&format!("activate/plan/{field}")), "{text}");
        assert!(text.contains(reason), "{text}");
    }
    assert_eq!(sent.0.lock().unwrap().len(), count);
}

const FOUND: &str = "<f:found xmlns:f='urn:example:fleet'><f:alias>a</f:alias></f:found>";

fn headers_are_written_and_read() {
    let quota = "<x:other xmlns:x='urn:x'/><f:quota xmlns:f='urn:example:fleet'>7</f:quota>";
    let (transport, sent) = answering(200, envelope(SOAP11, quota, FOUND));
    let client = ports::Client::new(transport);
    let headers = FindHeaders::new().with_session("s");
    let answer = ready(client.find_with_headers(&Find::new("8999"), &headers)).unwrap();
    assert_eq!(answer.message.alias.as_deref(), Some("a"));
    assert_eq!(answer.headers.quota, Some(7));
    let [path, _, _, body] = sent.last();
    assert_eq!(path, "/soap");
    assert!(
        body.contains(
            "<soap:Header><t:session>s</t:session></soap:Header>\
             <soap:Body><t:find><t:icc>8999</t:icc></t:find></soap:Body>"
        ),
        "{body}"
    );
    // Without them there is no header at all.
    ready(client.find(&Find::new("8999"))).unwrap();
    assert!(!sent.last()[3].contains("Header"));
}

fn header_blocks_of_the_caller_come_first() {
    let (transport, sent) = answering(200, envelope(SOAP11, "", FOUND));
    let block = "<w:Security xmlns:w=\"urn:w\">x</w:Security>";
    let endpoint = Endpoint::new(transport, "/other", NamespaceTable::new(ports::ns::TABLE))
        .with_header(AnyElement::parse(block).unwrap());
    let client = ports::Client::from_endpoint(endpoint);
    ready(client.find(&Find::new("8999"))).unwrap();
    let [path, _, _, body] = sent.last();
    assert_eq!(path, "/other");
    let header = format!("<soap:Header>{block}</soap:Header><soap:Body>");
    assert!(body.contains(&header), "{body}");
    let headers = FindHeaders::new().with_session("s");
    ready(client.find_with_headers(&Find::new("8999"), &headers)).unwrap();
    let header = format!("<soap:Header>{block}<t:session>s</t:session></soap:Header>");
    assert!(sent.last()[3].contains(&header));
}

fn one_way_operations_take_an_empty_answer() {
    let (transport, sent) = answering(202, String::new());
    let client = ports::Client::new(transport);
    ready(client.reset(&Reset::new("8999"), &ResetHeaders::new("s"))).unwrap();
    assert!(sent.last()[3].contains("<soap:Header><t:session>s</t:session></soap:Header>"));
    // An answer that the contract does have cannot be empty.
    let error: Error = ready(client.find(&Find::new("8999"))).unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Fault);
    // Nor does a gateway's empty refusal count.
    let (transport, _) = answering(503, String::new());
    let client = ports::Client::new(transport);
    ready(client.reset(&Reset::new("8999"), &ResetHeaders::new("s"))).unwrap_err();
}

fn bodies_of_several_parts() {
    let body = "<f:count xmlns:f='urn:example:fleet'>3</f:count>\
                <f:bytes xmlns:f='urn:example:fleet'>4096</f:bytes>";
    let (transport, sent) = answering(200, envelope(SOAP11, "", body));
    let client = ports::Client::new(transport);
    let day = |text: &str| text.parse::<ports::runtime::values::Date>().unwrap();
    let request = Usage::new(day("2026-01-01"), day("2026-01-31"));
    let answer = ready(client.usage(&request)).unwrap();
    assert_eq!((answer.count, answer.bytes), (3, 4096));
    let body = &sent.last()[3];
    assert!(
        body.contains(
            "<soap:Body><t:from>2026-01-01</t:from><t:until>2026-01-31</t:until></soap:Body>"
        ),
        "{body}"
    );
    let fault = "<e:Fault><faultcode>e:Server</faultcode><faultstring>no</faultstring></e:Fault>";
    let (transport, _) = answering(500, envelope(SOAP11, "", fault));
    let error = ready(ports::Client::new(transport).usage(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
}

fn bodies_of_no_parts() {
    let (transport, sent) = answering(200, envelope(SOAP11, "", ""));
    ready(ports::Client::new(transport).ping(&Ping::new())).unwrap();
    let body = &sent.last()[3];
    assert!(body.contains("<soap:Body/>"), "{body}");
}

fn overloads_have_names_of_their_own() {
    let (transport, sent) = answering(200, envelope(SOAP11, "", FOUND));
    ready(ports::Client::new(transport).find_by_imsi(&FindByImsi::new("00101"))).unwrap();
    let [_, _, action, body] = sent.last();
    assert_eq!(action, "\"urn:example:fleet#findByImsi\"");
    assert!(body.contains("<t:findByImsi><t:imsi>00101</t:imsi></t:findByImsi>"));
}

fn soap_12() {
    let (transport, sent) = answering(200, envelope(SOAP12, "", FOUND));
    let client = ports::AdminClient::new(transport);
    let request = FindAdmin::from(FindByImsi::new("00101"));
    let answer = ready(client.find_admin(&request)).unwrap();
    assert_eq!(answer.alias.as_deref(), Some("a"));
    let [path, content_type, action, body] = sent.last();
    assert_eq!(path, "/admin");
    assert_eq!(
        content_type,
        "application/soap+xml; charset=utf-8; action=\"urn:example:fleet:admin#find\""
    );
    assert_eq!(action, "");
    assert_eq!(
        body,
        "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:t=\"urn:example:fleet\"><soap:Body><t:findByImsi><t:imsi>00101</t:imsi>\
         </t:findByImsi></soap:Body></soap:Envelope>"
    );
    let (transport, _) = answering(200, envelope(SOAP12, "", ""));
    let client = ports::AdminClient::new(transport);
    ready(client.reset_admin(&ResetAdmin::from(Reset::new("8999")))).unwrap();
}

fn faults_of_soap_12() {
    let body = "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode>\
                <e:Value xmlns:m='urn:m'>m:Denied</e:Value></e:Subcode></e:Code><e:Reason>\
                <e:Text xml:lang='en'>not you</e:Text><e:Text xml:lang='de'>du nicht</e:Text>\
                </e:Reason><e:Detail><f:denied xmlns:f='urn:example:fleet'>\
                <f:reason>why</f:reason></f:denied></e:Detail></e:Fault>";
    let (transport, _) = answering(400, envelope(SOAP12, "", body));
    let client = ports::AdminClient::new(transport);
    let request = FindAdmin::from(FindByImsi::new("00101"));
    let error = ready(client.find_admin(&request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert_eq!(error.fault::<ports::faults::Denied>().unwrap().reason, "why");
    assert_eq!(error.fault_code(), Some("e:Sender"));
    assert_eq!(error.fault_text(), Some("not you"));
}

fn names_that_meet_are_told_apart() {
    use names::operations::{Dash, Line, Lower, New2, Result2, Self2, Upper};
    use names::server::{Request, encode};
    use names::types::{From2, From3, Into2, IntoIterator2, Who};
    let lower = || {
        let items = IntoIterator2::new(["d".to_owned()]);
        let lower = Lower::builder().from(From2::new("a"));
        let lower = lower.from_type(From3::new("b")).into(Into2::new("c"));
        lower.items(items).who(Who::SelfValue2).build().unwrap()
    };
    let result = encode(&Result2::new(0)).unwrap();
    let (transport, sent) = answering(200, String::from_utf8(result.to_vec()).unwrap());
    let client = names::Client::new(transport);
    let read = || Request::decode(sent.last()[3].as_bytes()).unwrap().unwrap();
    ready(client.type_(&lower())).unwrap();
    assert_eq!(read(), Request::Type(Box::new(lower())));
    assert!(sent.last()[3].contains("<t:who>self</t:who>"));
    ready(client.type_2(&Upper("1".to_owned()))).unwrap();
    assert_eq!(read().operation(), "Type");
    ready(client.get_y(&Dash("1".to_owned()))).unwrap();
    assert_eq!(read().operation(), "get-y");
    ready(client.get_y2(&Line("1".to_owned()))).unwrap();
    assert_eq!(read(), Request::GetY2(Box::new(Line("1".to_owned()))));
    ready(client.self_(&Self2("1".to_owned()))).unwrap();
    assert_eq!(read(), Request::Self2(Box::new(Self2("1".to_owned()))));
    ready(client.new2(&New2("1".to_owned()))).unwrap();
    assert_eq!(read().operation(), "new");
}

fn faults_of_one_name_are_told_apart_by_namespace() {
    use names::faults::{Fault, Fault2, Result2};
    let error = |detail: &str| {
        let body = format!(
            "<e:Fault><faultcode>e:Server</faultcode><faultstring>no</faultstring>\
             <detail>{detail}</detail></e:Fault>"
        );
        let (transport, _) = answering(500, envelope(SOAP11, "", &body));
        let request = names::operations::Upper("1".to_owned());
        ready(names::Client::new(transport).type_2(&request)).unwrap_err()
    };
    let first = error("<f:fault xmlns:f='urn:example:names'><f:code>7</f:code></f:fault>");
    assert_eq!(first.fault::<Fault>().unwrap().code, 7);
    assert!(first.fault::<Fault2>().is_none());
    let second = error(
        "<f:fault xmlns:f='urn:example:names:others'><f:reason>why</f:reason></f:fault>",
    );
    assert_eq!(second.fault::<Fault2>().unwrap().reason, "why");
    assert!(second.fault::<Fault>().is_none());
    // Which of the two it is, nobody can tell.
    let other = error("<f:fault xmlns:f='urn:example:else'><f:code>7</f:code></f:fault>");
    assert_eq!(other.kind(), ErrorKind::Fault);
    assert!(other.fault::<Fault>().is_none() && other.fault::<Fault2>().is_none());
    // There is one fault of this name, wherever the platform puts it.
    let only = error("<f:result xmlns:f='urn:example:else' xmlns='urn:example:names'>\
                      <code>7</code></f:result>");
    assert_eq!(only.fault::<Result2>().unwrap().code, 7);
}

fn bounds_of_openapi_are_checked_before_anything_is_sent() {
    use bounds::operations::{Change, Find, Replace, Upload};
    use bounds::runtime::Decimal;
    use bounds::types::{Line, LineStatesItem, UploadBody};
    let texts = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let line = Line::new;
    let good = [
        line(),
        line().with_code("0017"),
        line().with_slots(15),
        line().with_price(0.07),
        line().with_share(Decimal::new(99, 2)),
        line().with_grid([vec![1, 9], vec![]]),
        line().with_limits([entry("a", "b")]),
        line().with_states([LineStatesItem::On, LineStatesItem::Off]),
        line().with_additional([entry("note", "abc")]),
    ];
    let bad = [
        (line().with_code("17a"), "code", "the pattern `^[0-9]+$`"),
        (line().with_slots(7), "slots", "not a multiple of 5"),
        (line().with_price(0.075), "price", "not a multiple of 0.01"),
        (line().with_price(0.0), "price", "not more than 0"),
        (line().with_share(Decimal::ONE), "share", "not less than 1"),
        (line().with_grid([vec![1], vec![2, 10]]), "grid[1][1]", "more than 9"),
        (line().with_limits([entry("a", "")]), "limits[…]", "at least 1"),
        (line().with_limits([]), "limits", "0 members, at least 1"),
        (
            line().with_limits([entry("a", "b"), entry("c", "d"), entry("e", "f")]),
            "limits",
            "3 members, at most 2",
        ),
        (
            line().with_states([LineStatesItem::On, LineStatesItem::On]),
            "states",
            "item 1 is there twice",
        ),
        (line().with_additional([entry("note", "abcd")]), "[…]", "at most 3"),
    ];
    let (transport, sent) = answering(204, String::new());
    let client = bounds::Client::new(transport);
    for line in good {
        ready(client.change(&Change::new("AB", line))).unwrap();
    }
    let tagged = Change::new("AB", line()).with_tags(texts(&["a", "b"]));
    ready(client.change(&tagged)).unwrap();
    ready(client.replace(&Replace::new(texts(&["a1", "2"])))).unwrap();
    ready(client.upload(&Upload::new(UploadBody::new("five!")))).unwrap();
    let count = sent.0.lock().unwrap().len();

    let refused = |error: Error, field: &str, reason: &str| {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        let text = error.to_string();
        assert!(text.contains(reason), "{reason}: {text}");
        assert!(text.contains(field), "{field}: {text}");
    };
    for (line, field, reason) in bad {
        let error = ready(client.change(&Change::new("AB", line))).unwrap_err();
        refused(error, field, reason);
    }
    let error = ready(client.change(&Change::new("ab", line()))).unwrap_err();
    refused(error, "code", "the pattern `^[A-Z]{2}$`");
    for (tags, field, reason) in [
        (texts(&["a", "b", "c", "d"]), "tags", "at most 3"),
        (texts(&["a", "a"]), "tags", "item 1 is there twice"),
        (texts(&["a", "abcde"]), "tags[1]", "at most 4"),
    ] {
        let request = Change::new("AB", line()).with_tags(tags);
        refused(ready(client.change(&request)).unwrap_err(), field, reason);
    }
    for (body, field, reason) in [
        (texts(&["1", "2", "3"]), "body", "at most 2"),
        (texts(&[]), "body", "at least 1"),
        (texts(&["1", "x"]), "body[1]", "the pattern `[0-9]`"),
    ] {
        let error = ready(client.replace(&Replace::new(body))).unwrap_err();
        refused(error, field, reason);
    }
    // Where an empty list is nothing at all, one that is required is not left out.
    let some = || [entry("a", "b")];
    ready(client.find(&Find::new(texts(&["a"]), some()))).unwrap();
    let count = count + 1;
    let error = ready(client.find(&Find::new(texts(&[]), some()))).unwrap_err();
    refused(error, "codes", "0 items, at least 1");
    let error = ready(client.find(&Find::new(texts(&["a"]), []))).unwrap_err();
    refused(error, "where", "0 members, at least 1");
    let upload = Upload::new(UploadBody::new("longer"));
    refused(ready(client.upload(&upload)).unwrap_err(), "note", "at most 5");
    assert_eq!(sent.0.lock().unwrap().len(), count);
}

fn what_alternatives_list_tells_them_apart() {
    use values::operations::{Command, Line};
    let answer = |body: &str| {
        let (transport, _) = answering(200, body.to_owned());
        values::Client::new(transport)
    };
    let client = answer(r#"{"op":"stop","id":1}"#);
    let stop = ready(client.command(&Command::new())).unwrap();
    assert!(matches!(&stop, values::types::Command::Stop(s) if s.id == 1), "{stop:?}");
    let client = answer(r#"{"id":1,"op":"pause"}"#);
    let other = ready(client.command(&Command::new())).unwrap();
    assert!(matches!(&other, values::types::Command::Unknown(_)), "{other:?}");
    // Not required, and not apart: the alternative that knows the value.
    for (state, is_voice) in [("ringing", true), ("online", false), ("idle", false)] {
        let client = answer(&format!(r#"{{"state":"{state}"}}"#));
        let line = ready(client.line(&Line::new())).unwrap();
        assert_eq!(matches!(line, values::types::Line::Voice(_)), is_voice, "{line:?}");
    }
}

fn nulls_in_lists_and_maps_are_values() {
    use values::runtime::json::{Nullable, Value};
    use values::types::Table as Body;
    let body = concat!(
        r#"{"any":null,"names":["a",null],"counts":{"x":null,"y":2},"prices":["1.50",null],"#,
        r#""codes":[null,"007"],"rows":[null,{"a":"b"}],"more":null,"less":true}"#
    );
    let (transport, sent) = answering(200, body.to_owned());
    let client = values::Client::new(transport);
    let request = values::operations::Table::new(Body::new(Value::parse("1").unwrap()));
    let table = ready(client.table(&request)).unwrap();
    assert_eq!(table.names.as_ref().unwrap(), &["a".to_owned().into(), Nullable::Null]);
    assert_eq!(table.counts.as_ref().unwrap()["x"], Nullable::Null);
    assert_eq!(table.counts.as_ref().unwrap()["y"], 2.into());
    assert_eq!(table.additional["more"], Nullable::Null);
    // What was read is written as it came, but for the order of what has none.
    ready(client.table(&values::operations::Table::new(table.clone()))).unwrap();
    let [.., written] = sent.last();
    let ordered = body.replace(r#""more":null,"less":true"#, r#""less":true,"more":null"#);
    assert!(written.contains(&ordered), "{written}");
    let bad = table.with_names([Nullable::Null, "abcd".to_owned().into()]);
    let error = ready(client.table(&values::operations::Table::new(bad))).unwrap_err();
    assert!(error.to_string().contains("names[1]"), "{error}");
}

fn main() {
    bounds_of_openapi_are_checked_before_anything_is_sent();
    rpc_requests_and_answers_have_unqualified_parts();
    rpc_without_parts_is_an_empty_element();
    rpc_faults_are_typed();
    facets_are_checked_before_anything_is_sent();
    names_that_meet_are_told_apart();
    faults_of_one_name_are_told_apart_by_namespace();
    headers_are_written_and_read();
    header_blocks_of_the_caller_come_first();
    one_way_operations_take_an_empty_answer();
    bodies_of_several_parts();
    bodies_of_no_parts();
    overloads_have_names_of_their_own();
    soap_12();
    faults_of_soap_12();
    what_alternatives_list_tells_them_apart();
    nulls_in_lists_and_maps_are_values();
}
