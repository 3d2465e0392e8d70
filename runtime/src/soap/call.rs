//! One SOAP call: encode, send, classify, decode.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use super::envelope::{Envelope, decode_parts, encode_parts};
use super::fault::{Detail, SoapFault, sniff};
use crate::error::{Error, ErrorKind};
use crate::facts::{OperationFacts, Protocol};
use crate::looks::{Looks, html_title};
use crate::mask::Masked;
use crate::operation::Operation;
use crate::transport::{Call, CallOptions, Response, Transport};
use crate::xml::{
    AnyElement, Cursor, Decode, DecodeError, DecodeErrorKind, Document, Element, Encode,
    EncodeError, Limits, NamespaceTable, NsId, Tag, Writer,
};

/// What a generated SOAP operation adds to [`Operation`]: how its answer and its faults are read.
pub trait SoapOperation: Operation + Element {
    /// Reads the body of the answer: its first element, if it has one.
    ///
    /// # Errors
    /// When the element is not the operation's response.
    fn decode_response(
        cursor: &mut Cursor<'_>,
        tag: Option<&Tag<'_>>,
    ) -> Result<Self::Response, DecodeError>;

    /// Reads an element of a fault's detail, if it is a declared fault of the operation.
    ///
    /// # Errors
    /// When a declared fault is not what the contract says.
    fn decode_fault(cursor: &mut Cursor<'_>, tag: &Tag<'_>) -> Result<Detail, DecodeError>;

    /// The answer's parts stand in the body one after the other, without an element around them:
    /// [`decode_response`](Self::decode_response) is given the body itself.
    const HAS_BARE_ANSWER: bool = false;

    /// Writes what stands in the body.
    ///
    /// # Errors
    /// When a value is missing or breaks the contract.
    fn encode_body(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer.element(Self::NS, Self::LOCAL, self)
    }

    /// What an answer without a body says: nothing, unless the contract has none (a one-way
    /// operation, which is answered by a bare 202).
    #[must_use]
    fn empty_response() -> Option<Self::Response> {
        None
    }
}

/// An answer with the header blocks that the contract declares for it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer<T, H> {
    /// The answer.
    pub message: T,
    /// Its header blocks.
    pub headers: H,
}

/// No header blocks of one's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoHeaders;

impl Encode for NoHeaders {
    fn encode(&self, _writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        Ok(())
    }
}

/// Where a service lives and how its messages are written; the part of a generated client that is
/// the same everywhere.
#[derive(Clone)]
pub struct Endpoint {
    transport: Arc<dyn Transport>,
    path: Cow<'static, str>,
    namespaces: Arc<NamespaceTable>,
    options: CallOptions,
    limits: Limits,
    headers: Vec<AnyElement>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint at a path of the transport's host.
    pub fn new(
        transport: Arc<dyn Transport>,
        path: impl Into<Cow<'static, str>>,
        namespaces: NamespaceTable,
    ) -> Self {
        Self {
            transport,
            path: path.into(),
            namespaces: Arc::new(namespaces),
            options: CallOptions::default(),
            limits: Limits::default(),
            headers: Vec::new(),
        }
    }

    /// The same service at another path.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// The same service with other namespaces.
    #[must_use]
    pub fn with_namespaces(mut self, namespaces: NamespaceTable) -> Self {
        self.namespaces = Arc::new(namespaces);
        self
    }

    /// Options of every call from here on.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Bounds of answers.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a header block to every request from here on, before those that the contract declares.
    ///
    /// For what no contract describes, such as WS-Security: the block is XML, made by the caller,
    /// and is written as it is. One that is good for one call only (a timestamp, a nonce) is added
    /// to a clone of the endpoint, which is cheap.
    ///
    /// ```
    /// use mno_runtime::soap::Endpoint;
    /// use mno_runtime::xml::{AnyElement, DecodeError};
    ///
    /// fn with_session(endpoint: &Endpoint, id: &str) -> Result<Endpoint, DecodeError> {
    ///     let block = format!("<s:Session xmlns:s=\"urn:example:session\">{id}</s:Session>");
    ///     Ok(endpoint.clone().with_header(AnyElement::parse(block)?))
    /// }
    /// ```
    #[must_use]
    pub fn with_header(mut self, block: AnyElement) -> Self {
        self.headers.push(block);
        self
    }

    /// The path in use.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Calls an operation and decodes its answer.
///
/// # Errors
/// [`Error`], of every [`ErrorKind`].
pub async fn call<O: SoapOperation>(
    endpoint: &Endpoint,
    request: &O,
) -> Result<O::Response, Error> {
    let headers = None::<&NoHeaders>;
    run(endpoint, request, headers, |cursor, _| cursor.skip()).await
}

/// Calls an operation with header blocks and decodes its answer.
///
/// # Errors
/// [`Error`], of every [`ErrorKind`].
pub async fn call_with_headers<O: SoapOperation, H: Encode>(
    endpoint: &Endpoint,
    request: &O,
    headers: &H,
) -> Result<O::Response, Error> {
    run(endpoint, request, Some(headers), |cursor, _| cursor.skip()).await
}

/// Calls an operation with header blocks and decodes its answer with those of the answer.
///
/// # Errors
/// [`Error`], of every [`ErrorKind`].
pub async fn call_for_headers<O: SoapOperation, H: Encode, A: Decode + Default>(
    endpoint: &Endpoint,
    request: &O,
    headers: Option<&H>,
) -> Result<Answer<O::Response, A>, Error> {
    let mut found = A::default();
    let read = |cursor: &mut Cursor<'_>, tag: &Tag<'_>| {
        found = A::decode(cursor, tag)?;
        Ok(())
    };
    let message = run(endpoint, request, headers, read).await?;
    Ok(Answer {
        message,
        headers: found,
    })
}

async fn run<O: SoapOperation, H: Encode>(
    endpoint: &Endpoint,
    request: &O,
    headers: Option<&H>,
    read_header: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<(), DecodeError>,
) -> Result<O::Response, Error> {
    let facts: &'static OperationFacts = &O::FACTS;
    let call = build(endpoint, facts, request, headers)?;
    let transport_error = |e| Error::from_transport(facts, e);
    let response = endpoint
        .transport
        .send(call)
        .await
        .map_err(transport_error)?;
    let status = response.status();
    let unavailability = response.extensions().get().copied();
    let charset = charset(&response);
    let body = response.into_body();
    let bytes = body
        .collect(endpoint.limits.bytes)
        .await
        .map_err(transport_error)?;
    decode::<O>(endpoint, status, charset.as_deref(), &bytes, read_header).map_err(|e| {
        let mut e = e.with_operation(facts).with_status(status);
        if let Some(unavailability) = unavailability {
            e = e.with_unavailability(unavailability);
        }
        // 4xx is refused before anything is done. Of the others only the platform's own word
        // tells; a gateway's page, or half a message, does not.
        let tells = match e.exception() {
            Some(exception) => exception.is_refusal(),
            None => e.kind() == ErrorKind::Fault || status.is_client_error(),
        };
        if tells { e } else { e.without_a_verdict(facts) }
    })
}

fn build<O: SoapOperation, H: Encode>(
    endpoint: &Endpoint,
    facts: &'static OperationFacts,
    request: &O,
    headers: Option<&H>,
) -> Result<Call, Error> {
    let (soap, content_type, action) = match facts.protocol {
        Protocol::Soap11 { action } => (
            NsId::SOAP11,
            "text/xml; charset=utf-8".to_owned(),
            Some(format!("\"{}\"", action.unwrap_or_default())),
        ),
        Protocol::Soap12 { action } => {
            let action = action.map_or_else(String::new, |a| format!("; action=\"{a}\""));
            let content_type = format!("application/soap+xml; charset=utf-8{action}");
            (NsId::SOAP12, content_type, None)
        }
        Protocol::Rest { .. } => {
            let message = "the operation's facts are not those of a SOAP operation";
            return Err(Error::new(ErrorKind::Configuration, message).with_operation(facts));
        }
    };
    let blocks = &endpoint.headers;
    let header = (headers.is_some() || !blocks.is_empty()).then_some(|w: &mut Writer<'_>| {
        blocks.iter().try_for_each(|block| w.any(block))?;
        headers.map_or(Ok(()), |headers| headers.encode(w))
    });
    let body = encode_parts(soap, &endpoint.namespaces, header, |w| {
        request.encode_body(w)
    });
    let body = body.map_err(|e| {
        let (path, reason) = (e.path().to_owned(), e.reason().to_owned());
        Error::new(
            ErrorKind::InvalidRequest,
            format!("the request is not valid: {reason}"),
        )
        .with_operation(facts)
        .with_path(path)
    })?;
    let accept = match facts.protocol {
        Protocol::Soap12 { .. } => "application/soap+xml, text/xml;q=0.9, application/json;q=0.5",
        _ => "text/xml, application/json;q=0.5",
    };
    let mut builder = http::Request::post(endpoint.path.as_ref())
        .header(header::CONTENT_TYPE, content_type)
        .header(header::ACCEPT, HeaderValue::from_static(accept));
    if let Some(action) = action {
        builder = builder.header("SOAPAction", action);
    }
    let request = builder.body(body).map_err(|e| {
        Error::new(
            ErrorKind::Configuration,
            "the service's path is not a valid URL path",
        )
        .with_operation(facts)
        .with_source(e)
    })?;
    Ok(Call::new(facts, request).with_options(endpoint.options.clone()))
}

fn charset(response: &Response) -> Option<String> {
    let value = response
        .headers()
        .get(header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    let (_, rest) = value
        .to_ascii_lowercase()
        .split_once("charset=")
        .map(|(a, b)| (a.len(), b.to_owned()))?;
    let label = rest.split(';').next()?.trim().trim_matches('"').to_owned();
    (!label.is_empty()).then_some(label)
}

fn decode<O: SoapOperation>(
    endpoint: &Endpoint,
    status: StatusCode,
    charset: Option<&str>,
    bytes: &Bytes,
    read_header: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<(), DecodeError>,
) -> Result<O::Response, Error> {
    let looks = Looks::of(bytes);
    if looks == Looks::Nothing
        && status.is_success()
        && let Some(response) = O::empty_response()
    {
        return Ok(response);
    }
    if looks != Looks::Xml {
        return Err(unexpected(status, bytes, looks));
    }
    let outcome = Document::new(bytes, charset, endpoint.limits).and_then(|document| {
        let mut cursor = Cursor::new(&document, &endpoint.namespaces);
        decode_parts(
            &mut cursor,
            O::HAS_BARE_ANSWER,
            read_header,
            O::decode_response,
            O::decode_fault,
        )
    });
    match outcome {
        Ok(Envelope::Fault(fault)) => Err(fault_error(fault)),
        // A gateway may answer 200 to a fault, and has been seen to answer 500 to a success: the
        // body decides.
        Ok(Envelope::Message(message)) => Ok(message),
        Err(e) => Err(unreadable(status, bytes, e)),
    }
}

/// The error of an answer that looks like XML but could not be read.
fn unreadable(status: StatusCode, bytes: &Bytes, e: DecodeError) -> Error {
    // A fault that is torn after its exception has said what matters.
    if let Some(exception) = sniff(bytes) {
        return Error::new(ErrorKind::Fault, "the platform refused")
            .with_exception(exception)
            .with_source(e);
    }
    if !status.is_success() {
        return unexpected(status, bytes, Looks::Xml).with_source(e);
    }
    let kind = match e.kind() {
        DecodeErrorKind::Refused => ErrorKind::UnexpectedResponse,
        _ => ErrorKind::Decode,
    };
    Error::new(
        kind,
        format!("the answer could not be read: {}", e.message()),
    )
    .with_path(e.path())
    .with_position(e.position())
}

fn fault_error(fault: SoapFault) -> Error {
    let mut error = Error::new(ErrorKind::Fault, "the platform refused")
        .with_fault_code(fault.code, fault.string);
    if let Some(exception) = fault.exception {
        error = error.with_exception(exception);
    }
    if let Some(detail) = fault.detail {
        error = error.with_fault(detail);
    }
    if let Some(e) = fault.detail_error {
        error = error.with_source(e);
    }
    error
}

fn unexpected(status: StatusCode, bytes: &Bytes, looks: Looks) -> Error {
    if looks == Looks::Json
        && let Some(exception) = sniff(bytes)
    {
        return Error::new(ErrorKind::Fault, "the platform refused").with_exception(exception);
    }
    let what = match looks {
        Looks::Nothing => "nothing",
        Looks::Xml => "XML that is no SOAP envelope of this operation",
        Looks::Json => "JSON without an exception",
        Looks::Html => "an HTML page",
        Looks::Text => "text",
    };
    let mut message = format!(
        "expected a SOAP envelope, got {what} of {} bytes",
        bytes.len()
    );
    if looks == Looks::Html {
        if let Some(title) = html_title(bytes) {
            message.push_str(&format!(" titled \"{}\"", Masked(&title)));
        }
        message.push_str("; a proxy or gateway answered in the platform's place");
    }
    if looks == Looks::Nothing && status.is_success() {
        message.push_str("; check the base URL");
    }
    Error::new(ErrorKind::UnexpectedResponse, message)
}
