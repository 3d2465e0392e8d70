//! Faults: SOAP 1.1 and 1.2, and the JSON exceptions that can arrive on a SOAP URL.

use std::any::Any;
use std::fmt;

use super::envelope::is_soap;
use crate::mask::Masked;
use crate::unica::{Exception, finish, parse_id};
use crate::xml::{Cursor, DecodeError, Document, Limits, NamespaceTable, Tag};

/// A SOAP fault.
#[non_exhaustive]
pub struct SoapFault {
    /// `faultcode` (SOAP 1.2: the code's value), with its prefix.
    pub code: String,
    /// `faultstring` (SOAP 1.2: the reason's text); may hold personal data.
    pub string: String,
    /// The platform's exception, if the detail holds one.
    pub exception: Option<Exception>,
    /// The detail, if it is one of the operation's declared faults.
    pub detail: Option<Box<dyn Any + Send + Sync>>,
    /// Why a declared fault could not be read; the exception may be there all the same.
    pub detail_error: Option<DecodeError>,
}

impl fmt::Debug for SoapFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoapFault")
            .field("code", &self.code)
            .field("string", &Masked(&self.string))
            .field("exception", &self.exception)
            .finish_non_exhaustive()
    }
}

/// A declared fault, or `None` for an element that is none.
pub type Detail = Option<Box<dyn Any + Send + Sync>>;

impl SoapFault {
    const fn empty() -> Self {
        Self {
            code: String::new(),
            string: String::new(),
            exception: None,
            detail: None,
            detail_error: None,
        }
    }
}

pub(super) fn parse_fault(
    c: &mut Cursor<'_>,
    read_detail: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<Detail, DecodeError>,
) -> Result<SoapFault, DecodeError> {
    let mut fault = SoapFault::empty();
    read_fault(c, &mut fault, read_detail).map(|()| fault)
}

/// What was read before an error stays in `fault`.
fn read_fault(
    c: &mut Cursor<'_>,
    fault: &mut SoapFault,
    mut read_detail: impl FnMut(&mut Cursor<'_>, &Tag<'_>) -> Result<Detail, DecodeError>,
) -> Result<(), DecodeError> {
    while let Some(tag) = c.next_child()? {
        match tag.local {
            "faultcode" => fault.code = c.text()?.trim().to_owned(),
            "faultstring" => fault.string = c.text()?.into_owned(),
            "Code" if is_soap(tag.ns) => fault.code = nested_text(c, "Value")?,
            "Reason" if is_soap(tag.ns) => fault.string = nested_text(c, "Text")?,
            "detail" | "Detail" => {
                while let Some(tag) = c.next_child()? {
                    let mark = c.mark();
                    if fault.exception.is_none() {
                        match read_exception(c, &tag, &mut fault.exception) {
                            Err(error) if error.is_fatal() => return Err(error),
                            _ => c.rewind(mark),
                        }
                    }
                    if fault.detail.is_some() {
                        c.skip()?;
                        continue;
                    }
                    let mark = c.mark();
                    match read_detail(c, &tag) {
                        Ok(Some(detail)) => fault.detail = Some(detail),
                        Ok(None) => {
                            c.rewind(mark);
                            c.skip()?;
                        }
                        Err(error) => {
                            fault.detail_error = Some(error);
                            c.rewind(mark);
                            c.skip()?;
                        }
                    }
                }
            }
            _ => c.skip()?,
        }
    }
    Ok(())
}

fn nested_text(c: &mut Cursor<'_>, name: &str) -> Result<String, DecodeError> {
    let mut out = String::new();
    while let Some(tag) = c.next_child()? {
        if tag.local == name && out.is_empty() {
            out = c.text()?.trim().to_owned();
        } else {
            c.skip()?;
        }
    }
    Ok(out)
}

/// Reads a UNICA exception from an element of the detail. Fixtures put it into two namespaces, so
/// only local names count; an element without category and number is none. What was read before
/// an error is kept.
fn read_exception(
    c: &mut Cursor<'_>,
    tag: &Tag<'_>,
    found: &mut Option<Exception>,
) -> Result<(), DecodeError> {
    fn members(
        c: &mut Cursor<'_>,
        out: &mut Exception,
        id: &mut Option<u32>,
    ) -> Result<(), DecodeError> {
        while let Some(tag) = c.next_child()? {
            match tag.local {
                "exceptionCategory" => out.category = c.text()?.trim().to_owned(),
                "exceptionId" => *id = parse_id(&c.text()?, &mut out.category),
                "text" => out.text = c.text()?.into_owned(),
                "variables" => out.variables.push(c.text()?.into_owned()),
                "SOATransactionID" => out.transaction_id = Some(c.text()?.trim().to_owned()),
                _ => c.skip()?,
            }
        }
        Ok(())
    }
    if !matches!(tag.local, "ClientException" | "ServerException") {
        return c.skip();
    }
    let mut out = Exception::default();
    let mut id = None;
    let end = members(c, &mut out, &mut id);
    *found = finish(out, id);
    end
}

/// Finds a UNICA exception in the body of an answer, SOAP fault or JSON, whatever the URL or the
/// content type say; a torn body is read as far as it goes.
#[must_use]
pub fn sniff(body: &[u8]) -> Option<Exception> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match text.trim_ascii_start().first()? {
        b'{' => Exception::from_json(text),
        _ => sniff_xml(body),
    }
}

fn sniff_xml(body: &[u8]) -> Option<Exception> {
    let document = Document::new(body, None, Limits::default()).ok()?;
    let table = NamespaceTable::new(&[]);
    let mut c = Cursor::new(&document, &table);
    let root = c.root().ok()?;
    if root.local != "Envelope" {
        return None;
    }
    while let Ok(Some(tag)) = c.next_child() {
        if tag.local != "Body" {
            c.skip().ok()?;
            continue;
        }
        let fault = c.next_child().ok()??;
        if fault.local != "Fault" {
            return None;
        }
        let mut fault = SoapFault::empty();
        // Torn or not: what was read counts.
        let _ = read_fault(&mut c, &mut fault, |_, _| Ok(None));
        return fault.exception;
    }
    None
}
