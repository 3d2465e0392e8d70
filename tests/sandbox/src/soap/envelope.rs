//! Finds out what a request wants: content type, envelope, operation.

use http::{HeaderMap, StatusCode, header};
use roxmltree::{Document, Node};

use super::service::{ENVELOPE, Request, SERVICES, Service};
use crate::fault::Fault;

/// What stands in the way of understanding a request.
#[derive(Debug)]
pub(crate) enum NotUnderstood {
    /// Below SOAP.
    Http(StatusCode),
    /// Told in SOAP.
    Fault(Fault),
}

impl From<Fault> for NotUnderstood {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// An operation and its request; the request may still be wrong.
#[derive(Debug)]
pub(crate) struct Understood {
    pub(crate) service: &'static Service,
    pub(crate) operation: &'static str,
    pub(crate) request: Result<Box<dyn Request>, Fault>,
}

/// The service at a path.
pub(crate) fn service(segment: &str, version: &str) -> Result<&'static Service, NotUnderstood> {
    let mut versions = SERVICES.iter().filter(|s| s.segment == segment).peekable();
    let newest = versions
        .peek()
        .copied()
        .ok_or(NotUnderstood::Http(StatusCode::NOT_FOUND))?;
    versions
        .find(|s| s.version == version)
        .copied()
        .ok_or_else(|| Fault::retired_version(newest.version).into())
}

/// Reads a request.
pub(crate) fn understand(
    service: &'static Service,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Understood, NotUnderstood> {
    content_type(headers)?;
    let text = std::str::from_utf8(body).map_err(|_| Fault::not_well_formed())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A document type is refused here: roxmltree takes none unless told to.
    let document = Document::parse(text).map_err(|_| Fault::not_well_formed())?;
    let root = document.root_element();
    if !root.has_tag_name((ENVELOPE, "Envelope")) {
        return Err(Fault::new("SVC", 1023, "Parser Error: not a SOAP 1.1 envelope").into());
    }
    let body = root
        .children()
        .find(|n| n.has_tag_name((ENVELOPE, "Body")))
        .ok_or_else(|| Fault::missing("Body"))?;
    let mut elements = body.children().filter(Node::is_element);
    let (Some(element), None) = (elements.next(), elements.next()) else {
        return Err(Fault::unknown_operation().into());
    };
    let name = element.tag_name();
    let operation = service
        .operations
        .iter()
        .copied()
        .find(|o| *o == name.name() && name.namespace() == Some(service.types))
        .ok_or_else(Fault::unknown_operation)?;
    soap_action(headers, operation)?;
    Ok(Understood {
        service,
        operation,
        request: (service.read)(service, operation, element),
    })
}

/// `text/xml`, with no charset or UTF-8.
fn content_type(headers: &HeaderMap) -> Result<(), NotUnderstood> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let media = parts
        .next()
        .unwrap_or_default()
        .eq_ignore_ascii_case("text/xml");
    let charset = parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if media && charset {
        Ok(())
    } else {
        Err(NotUnderstood::Http(StatusCode::UNSUPPORTED_MEDIA_TYPE))
    }
}

/// May be left out or empty; if it is there, it must fit the body.
fn soap_action(headers: &HeaderMap, operation: &str) -> Result<(), Fault> {
    let Some(value) = headers.get("soapaction") else {
        return Ok(());
    };
    let value = value.to_str().unwrap_or("?").trim().trim_matches('"');
    if value.is_empty() || value.strip_prefix("urn:") == Some(operation) {
        Ok(())
    } else {
        Err(Fault::unknown_operation())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::HeaderValue;

    use super::super::{echo, inventory};
    use super::*;

    fn headers(content_type: &'static str, action: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(action) = action {
            headers.insert("soapaction", HeaderValue::from_static(action));
        }
        headers
    }

    fn echo(inner: &str) -> String {
        format!(
            "\u{feff}<?xml version='1.0'?><e:Envelope xmlns:e='{ENVELOPE}' xmlns:t='{}'>\
             <e:Header/><e:Body>{inner}</e:Body></e:Envelope>",
            echo::V1.types
        )
    }

    fn code(headers: &HeaderMap, body: &str) -> String {
        match understand(&echo::V1, headers, body.as_bytes()) {
            Ok(understood) => understood.operation.to_owned(),
            Err(NotUnderstood::Http(status)) => status.as_u16().to_string(),
            Err(NotUnderstood::Fault(fault)) => fault.code(),
        }
    }

    #[test]
    fn what_is_understood() {
        let xml = headers("text/xml; charset=UTF-8", Some("\"urn:echo\""));
        let good = echo("<t:echo><t:data>hi</t:data></t:echo>");
        assert_eq!(code(&xml, &good), "echo");
        assert_eq!(code(&headers("text/xml", None), &good), "echo");
        assert_eq!(code(&headers("text/xml", Some("\"\"")), &good), "echo");
        assert_eq!(
            code(&headers("text/xml", Some("\"urn:getRoles\"")), &good),
            "SVC 1003"
        );
        assert_eq!(code(&headers("application/soap+xml", None), &good), "415");
        assert_eq!(
            code(&headers("text/xml;charset=iso-8859-1", None), &good),
            "415"
        );
        assert_eq!(code(&HeaderMap::new(), &good), "415");
        assert_eq!(code(&xml, &good[..good.len() - 3]), "SVC 1023");
        assert_eq!(code(&xml, ""), "SVC 1023");
        assert_eq!(
            code(&xml, &good.replace("soap/envelope/", "soap-envelope")),
            "SVC 1023"
        );
        assert_eq!(code(&xml, &echo("")), "SVC 1003");
        assert_eq!(code(&xml, &echo("<t:ping/>")), "SVC 1003");
        assert_eq!(
            code(&xml, &echo("<echo><data>hi</data></echo>")),
            "SVC 1003"
        );
        let doctype = good.replace("<e:Envelope", "<!DOCTYPE x [<!ENTITY a 'b'>]><e:Envelope");
        assert_eq!(code(&xml, &doctype), "SVC 1023");
    }

    #[test]
    fn versions() {
        let found = service("Inventory", "v12").unwrap();
        assert_eq!(found.types, inventory::V12.types);
        let old = service("Inventory", "v3").unwrap_err();
        assert!(matches!(old, NotUnderstood::Fault(f) if f.code() == "SVC 1004"));
        let none = service("Inventories", "v12").unwrap_err();
        assert!(matches!(none, NotUnderstood::Http(StatusCode::NOT_FOUND)));
    }
}
