//! The envelope around a message.

use bytes::Bytes;

use super::fault::{Detail, SoapFault, parse_fault};
use crate::xml::{
    Cursor, DecodeError, DecodeErrorKind, Element, Encode, EncodeError, NamespaceTable, NsId, Tag,
    Writer,
};

/// What an envelope holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Envelope<T> {
    /// A message.
    Message(T),
    /// A fault.
    Fault(SoapFault),
}

/// Writes a message in a SOAP 1.1 envelope.
///
/// # Errors
/// When a value of the message is missing or breaks the contract.
pub fn encode_envelope<T: Element>(
    message: &T,
    table: &NamespaceTable,
) -> Result<Bytes, EncodeError> {
    encode_in(NsId::SOAP11, message, table)
}

/// Writes a message in a SOAP 1.2 envelope.
///
/// # Errors
/// When a value of the message is missing or breaks the contract.
pub fn encode_envelope12<T: Element>(
    message: &T,
    table: &NamespaceTable,
) -> Result<Bytes, EncodeError> {
    encode_in(NsId::SOAP12, message, table)
}

/// Writes a message in the envelope of a version of SOAP.
fn encode_in<T: Element>(
    soap: NsId,
    message: &T,
    table: &NamespaceTable,
) -> Result<Bytes, EncodeError> {
    encode_parts(soap, table, None::<fn(&mut Writer<'_>) -> _>, |w| {
        w.element(T::NS, T::LOCAL, message)
    })
}

/// Writes an envelope around header blocks, if there are any, and what stands in its body.
pub(super) fn encode_parts(
    soap: NsId,
    table: &NamespaceTable,
    header: Option<impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>>,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<Bytes, EncodeError> {
    let mut w = Writer::new(table);
    w.begin(soap, "Envelope")?;
    if let Some(header) = header {
        w.begin(soap, "Header")?;
        header(&mut w)?;
        w.end()?;
    }
    w.begin(soap, "Body")?;
    body(&mut w)?;
    w.end()?;
    w.end()?;
    Ok(w.finish().into())
}

/// Writes a fault in a SOAP 1.1 envelope, for servers; `code` is `Client` or `Server`.
///
/// # Errors
/// When a value of the detail is missing or breaks the contract.
pub fn encode_fault<T: Element>(
    code: &'static str,
    string: &str,
    detail: &T,
    table: &NamespaceTable,
) -> Result<Bytes, EncodeError> {
    struct Fault<'a, T>(&'static str, &'a str, &'a T);
    impl<T: Element> Encode for Fault<'_, T> {
        fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
            // Fault's own children are in no namespace in SOAP 1.1.
            w.element_value(NsId::NONE, "faultcode", &format!("soap:{}", self.0))?;
            w.element_value(NsId::NONE, "faultstring", &self.1.to_owned())?;
            w.begin(NsId::NONE, "detail")?;
            w.element(T::NS, T::LOCAL, self.2)?;
            w.end()
        }
    }
    let mut w = Writer::new(table);
    w.begin(NsId::SOAP11, "Envelope")?;
    w.begin(NsId::SOAP11, "Body")?;
    w.element(NsId::SOAP11, "Fault", &Fault(code, string, detail))?;
    w.end()?;
    w.end()?;
    Ok(w.finish().into())
}

/// Finds the body of an envelope and has `read` decode its first element; a fault is read with
/// `read_detail`, which is offered the elements of its detail and takes or declines them.
///
/// # Errors
/// When there is no envelope, no body, or one of the readers fails.
pub fn decode_body<T>(
    cursor: &mut Cursor<'_>,
    read: impl FnOnce(&mut Cursor<'_>, Option<&Tag<'_>>) -> Result<T, DecodeError>,
    read_detail: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<Detail, DecodeError>,
) -> Result<Envelope<T>, DecodeError> {
    decode_parts(cursor, false, |cursor, _| cursor.skip(), read, read_detail)
}

/// The same with the headers offered to `read_header`; with `whole`, `read` is given the body
/// itself, not its first element.
pub(super) fn decode_parts<T>(
    cursor: &mut Cursor<'_>,
    whole: bool,
    mut read_header: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<(), DecodeError>,
    read: impl FnOnce(&mut Cursor<'_>, Option<&Tag<'_>>) -> Result<T, DecodeError>,
    read_detail: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<Detail, DecodeError>,
) -> Result<Envelope<T>, DecodeError> {
    let root = cursor.root()?;
    if root.local != "Envelope" || !is_soap(root.ns) {
        let message = format!("expected a SOAP envelope, found `{}`", root.local);
        return Err(cursor.error(DecodeErrorKind::Unexpected, message));
    }
    while let Some(tag) = cursor.next_child()? {
        if tag.local == "Header" && is_soap(tag.ns) {
            read_header(cursor, &tag)?;
            continue;
        }
        if tag.local != "Body" || !is_soap(tag.ns) {
            cursor.skip()?;
            continue;
        }
        let before = whole.then(|| cursor.mark());
        let first = cursor.next_child()?;
        let is_fault = first
            .as_ref()
            .is_some_and(|tag| tag.local == "Fault" && is_soap(tag.ns));
        if is_fault {
            return parse_fault(cursor, read_detail).map(Envelope::Fault);
        }
        return match before {
            Some(before) => {
                cursor.rewind(before);
                read(cursor, Some(&tag)).map(Envelope::Message)
            }
            None => read(cursor, first.as_ref()).map(Envelope::Message),
        };
    }
    Err(cursor.closed_error(
        DecodeErrorKind::Missing,
        "Body",
        "the envelope has no body".into(),
    ))
}

pub(super) fn is_soap(ns: NsId) -> bool {
    matches!(ns, NsId::SOAP11 | NsId::SOAP12)
}
