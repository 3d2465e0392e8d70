//! Namespaces, qualified names as they are written, and XML Schema's own types.

use roxmltree::Node;

use crate::model::Builtin;

/// XML Schema.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// WSDL 1.1.
pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// The namespace of the prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Drafts of XML Schema that old contracts still use.
pub(crate) const XSD_DRAFTS: [&str; 2] = [
    "http://www.w3.org/1999/XMLSchema",
    "http://www.w3.org/2000/10/XMLSchema",
];
/// The encoding of SOAP 1.1.
pub(crate) const SOAP_ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// Namespaces whose attributes (`soapenc:arrayType`, `xml:lang`) say nothing about a literal
/// message; references to them are left out without a word.
pub(crate) const SILENT: [&str; 4] = [
    XML,
    WSDL,
    SOAP_ENCODING,
    "http://www.w3.org/2003/05/soap-encoding",
];

/// Whether a node is this element.
pub(crate) fn is_element(node: Node<'_, '_>, namespace: &str, local: &str) -> bool {
    node.is_element()
        && node.tag_name().name() == local
        && node.tag_name().namespace() == Some(namespace)
}

/// Resolves a name as it is written in an attribute: namespace (if any applies) and local name.
///
/// # Errors
///
/// The prefix, if it is not declared.
pub(crate) fn split<'a>(
    node: Node<'a, '_>,
    text: &'a str,
) -> Result<(Option<&'a str>, &'a str), &'a str> {
    match text.trim().split_once(':') {
        None => Ok((
            node.lookup_namespace_uri(None).filter(|ns| !ns.is_empty()),
            text.trim(),
        )),
        Some(("xml", local)) => Ok((Some(XML), local)),
        Some((prefix, local)) => match node.lookup_namespace_uri(Some(prefix)) {
            Some(namespace) => Ok((Some(namespace), local)),
            None => Err(prefix),
        },
    }
}

/// Whether a text can be the local part of a name. Looser than XML's `NCName`: it keeps out what
/// would be read as something else.
pub(crate) fn is_local_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
        && !text.contains(|c: char| {
            c.is_whitespace() || (c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-.".contains(c))
        })
}

/// The built-in type with this name.
pub(crate) fn builtin(local: &str) -> Option<Builtin> {
    Some(match local {
        "anyType" => Builtin::AnyType,
        "anySimpleType" | "anyAtomicType" => Builtin::AnySimpleType,
        "string" => Builtin::String,
        "normalizedString" => Builtin::NormalizedString,
        "token" | "language" | "Name" | "NCName" | "NMTOKEN" | "ID" | "IDREF" | "ENTITY"
        | "anyURI" | "QName" | "NOTATION" => Builtin::Token,
        "NMTOKENS" | "IDREFS" | "ENTITIES" => Builtin::Tokens,
        "boolean" => Builtin::Boolean,
        "byte" => Builtin::Byte,
        "unsignedByte" => Builtin::UnsignedByte,
        "short" => Builtin::Short,
        "unsignedShort" => Builtin::UnsignedShort,
        "int" => Builtin::Int,
        "unsignedInt" => Builtin::UnsignedInt,
        "long" => Builtin::Long,
        "unsignedLong" => Builtin::UnsignedLong,
        "integer" => Builtin::Integer,
        "nonNegativeInteger" => Builtin::NonNegativeInteger,
        "positiveInteger" => Builtin::PositiveInteger,
        "nonPositiveInteger" => Builtin::NonPositiveInteger,
        "negativeInteger" => Builtin::NegativeInteger,
        "decimal" => Builtin::Decimal,
        "float" => Builtin::Float,
        "double" => Builtin::Double,
        "dateTime" | "dateTimeStamp" => Builtin::DateTime,
        "date" => Builtin::Date,
        "time" => Builtin::Time,
        "gYearMonth" => Builtin::GYearMonth,
        "gYear" => Builtin::GYear,
        "gMonthDay" => Builtin::GMonthDay,
        "gDay" => Builtin::GDay,
        "gMonth" => Builtin::GMonth,
        "duration" | "dayTimeDuration" | "yearMonthDuration" => Builtin::Duration,
        "base64Binary" => Builtin::Base64Binary,
        "hexBinary" => Builtin::HexBinary,
        _ => return None,
    })
}
