//! Encode, send, look at what came back, decode.

use http::header;

use super::answer::{Answer, Fault, Refused};
use super::endpoint::Endpoint;
use super::request::{RequestWriter, WriteError};
use crate::error::{Error, ErrorKind};
use crate::facts::{OperationFacts, Protocol};
use crate::json::{EncodeError, Value};
use crate::looks::Looks;
use crate::operation::Operation;
use crate::transport::Call;
use crate::unica::{Exception, Refusal};

/// What a generated REST operation adds to [`Operation`]: how it is asked, and how its answer and
/// its errors are read.
pub trait RestOperation: Operation {
    /// Media types that the operation understands, for the `Accept` header.
    const ACCEPT: &'static str = "application/json";

    /// Writes parameters and body.
    ///
    /// # Errors
    /// When a value is missing or breaks the contract, with its path.
    fn encode_request(&self, request: &mut RequestWriter) -> Result<(), EncodeError>;

    /// Whether the body of a success of this status is handed on as it comes, instead of being
    /// read into memory.
    fn streams(_status: u16) -> bool {
        false
    }

    /// Reads the answer of a success status.
    ///
    /// # Errors
    /// When it is not the operation's response.
    fn decode_response(answer: &mut Answer) -> Result<Self::Response, Refused>;

    /// Reads the body of an error status, if it is a documented error.
    fn decode_fault(_answer: &Answer) -> Fault {
        None
    }
}

/// Calls an operation and decodes its answer.
///
/// # Errors
/// [`Error`], of every [`ErrorKind`].
pub async fn call<O: RestOperation>(
    endpoint: &Endpoint,
    request: &O,
) -> Result<O::Response, Error> {
    let facts: &'static OperationFacts = &O::FACTS;
    let call = build(endpoint, facts, request)?;
    let transport_error = |e| Error::from_transport(facts, e);
    let response = endpoint
        .transport
        .send(call)
        .await
        .map_err(transport_error)?;
    let (parts, body) = response.into_parts();
    let (status, headers) = (parts.status, parts.headers);
    let unavailability = parts.extensions.get().copied();
    let (body, stream) = if status.is_success() && O::streams(status.as_u16()) {
        (bytes::Bytes::new(), Some(body))
    } else {
        let bytes = body
            .collect(endpoint.limits.bytes)
            .await
            .map_err(transport_error)?;
        (bytes, None)
    };
    let mut answer = Answer {
        status,
        headers,
        body,
        stream,
        limits: endpoint.limits,
    };
    let outcome = if status.is_success() {
        O::decode_response(&mut answer).map_err(|Refused(error)| error)
    } else {
        Err(refusal(&answer, O::decode_fault(&answer)))
    };
    outcome.map_err(|e| {
        let mut e = e
            .with_operation(facts)
            .with_status(status)
            .with_answer(&answer.headers, &answer.body);
        if let Some(unavailability) = unavailability {
            e = e.with_unavailability(unavailability);
        }
        // 3xx and 4xx are refused before anything is done. Of a 5xx only the platform's own
        // exception tells; a success that cannot be read does not.
        let tells = e.exception().is_some_and(Exception::is_refusal)
            || status.is_client_error()
            || status.is_redirection();
        if tells { e } else { e.without_a_verdict(facts) }
    })
}

/// What a request asks for, as a text that is equal for equal requests: for keys of caches and
/// checkpoints. It holds what the request holds, personal data included: hash it. Empty when the
/// request cannot be written.
pub fn identity<O: RestOperation>(request: &O) -> String {
    let mut writer = RequestWriter::new();
    match request.encode_request(&mut writer) {
        Ok(()) => writer.identity(),
        Err(_) => String::new(),
    }
}

fn build<O: RestOperation>(
    endpoint: &Endpoint,
    facts: &'static OperationFacts,
    request: &O,
) -> Result<Call, Error> {
    let configuration =
        |message: String| Error::new(ErrorKind::Configuration, message).with_operation(facts);
    let Protocol::Rest { method, path } = facts.protocol else {
        let message = "the operation's facts are not those of a REST operation";
        return Err(configuration(message.to_owned()));
    };
    let mut writer = RequestWriter::new();
    request
        .encode_request(&mut writer)
        .map_err(|e| invalid(facts, &e))?;
    for credential in endpoint.credentials.iter() {
        credential.apply(&mut writer).map_err(configuration)?;
    }
    let template = endpoint.operation_path(facts.operation).unwrap_or(path);
    let written = writer
        .finish(endpoint.base_path(), template)
        .map_err(|e| match e {
            WriteError::Value(e) => invalid(facts, &e),
            WriteError::Template(message) => {
                configuration(format!("the path of the operation is wrong: {message}"))
            }
        })?;
    let mut out = http::Request::builder()
        .method(method)
        .uri(written.path_and_query)
        .header(header::ACCEPT, O::ACCEPT)
        .body(written.body)
        .map_err(|e| {
            configuration("the service's base path is not a valid URL path".to_owned())
                .with_source(e)
        })?;
    for (name, value) in &written.headers {
        out.headers_mut().insert(name.clone(), value.clone());
    }
    Ok(Call::new(facts, out).with_options(endpoint.options.clone()))
}

fn invalid(facts: &'static OperationFacts, e: &EncodeError) -> Error {
    let message = format!("the request is not valid: {}", e.reason());
    Error::new(ErrorKind::InvalidRequest, message)
        .with_operation(facts)
        .with_path(e.path())
}

/// The error of an answer with an error status.
fn refusal(answer: &Answer, fault: Fault) -> Error {
    let exception = Exception::from_json(&answer.body);
    let from_platform = fault.is_some() || exception.is_some();
    let mut error = if from_platform {
        Error::new(ErrorKind::Fault, "the platform refused")
    } else {
        undocumented(answer)
    };
    if let Some(exception) = exception {
        return match fault {
            Some(fault) => error.with_exception(exception).with_fault(fault),
            None => error.with_exception(exception),
        };
    }
    let looks = Looks::of(&answer.body);
    if looks == Looks::Json
        && let Some((code, text)) = words(&answer.body)
    {
        error = error.with_fault_code(code, text);
    }
    // A proxy's page says nothing of the platform's resources.
    if looks != Looks::Html
        && let Some(refusal) = Refusal::of_status(answer.status)
    {
        error = error.with_refusal(refusal);
    }
    match fault {
        Some(fault) => error.with_fault(fault),
        None => error,
    }
}

/// An error status without a documented body.
fn undocumented(answer: &Answer) -> Error {
    if answer.status.is_redirection() {
        let message = "the platform sends to another address, which is not followed; check the \
                       base URL";
        return Error::new(ErrorKind::UnexpectedResponse, message);
    }
    if Looks::of(&answer.body) == Looks::Nothing {
        return Error::new(
            ErrorKind::UnexpectedResponse,
            "the platform refused without a word",
        );
    }
    answer.unexpected("a documented error")
}

/// Code and words of a JSON error, by the names that platforms give them.
fn words(body: &[u8]) -> Option<(String, String)> {
    const CODES: [&str; 7] = [
        "code",
        "errorCode",
        "error_code",
        "ErrorCode",
        "error_token",
        "name",
        "error",
    ];
    const TEXTS: [&str; 8] = [
        "message",
        "text",
        "title",
        "error_description",
        "faultstring",
        "detail",
        "Error",
        "info",
    ];
    let value: Value = crate::json::from_slice(body).ok()?;
    let inner = ["error", "fault"]
        .into_iter()
        .filter_map(|name| value.get(name))
        .find(|inner| matches!(inner, Value::Object(_)))
        .unwrap_or(&value);
    let find = |names: &[&str]| {
        names.iter().find_map(|name| match inner.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(text) => Some(text.to_string()),
            _ => None,
        })
    };
    let (code, text) = (find(&CODES), find(&TEXTS));
    (code.is_some() || text.is_some()).then(|| (code.unwrap_or_default(), text.unwrap_or_default()))
}
