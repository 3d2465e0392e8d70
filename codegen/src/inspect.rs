//! What a contract says, as data: for people, for scripts, and for [`diff`](crate::diff).
//!
//! WSDL and OpenAPI come out in one shape, sorted, with wire names. The same contract gives the
//! same text, so that it can stand in a file and be compared.

mod rest;
mod soap;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::model::{Contract, Facets};
use crate::openapi::model::RestContract;

/// One contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inspection {
    /// Name of the service, or title of the document.
    pub name: String,
    /// `SOAP 1.1`, `SOAP 1.2` or `REST`.
    pub protocol: String,
    /// Target namespace; empty for REST.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// `info.version` of an OpenAPI document.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Where the contract says that it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Services, their ports, and how each is called. Empty for REST.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, BTreeMap<String, Port>>,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// Global elements by qualified name; empty for REST.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub elements: BTreeMap<String, Element>,
    /// Types. A named type is called by its qualified name, the anonymous type of a global element
    /// `element {namespace}name`, that of a local one by the path to it.
    pub types: BTreeMap<String, Type>,
}

/// A port of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Port {
    /// `SOAP 1.1` or `SOAP 1.2`.
    pub protocol: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Names of its operations, as they are called below.
    pub operations: Vec<String>,
}

/// An operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Operation {
    /// `document` or `rpc`; SOAP only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// `soapAction`; SOAP only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soap_action: Option<String>,
    /// HTTP method; REST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path with the base path; REST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Parameters; REST only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Field>,
    /// Body of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Message>,
    /// Body of the answer; SOAP only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Message>,
    /// Faults by name; SOAP only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub faults: BTreeMap<String, Message>,
    /// Answers by status (`200`, `4XX`, `default`); REST only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub responses: BTreeMap<String, Message>,
    /// Marked as deprecated.
    #[serde(skip_serializing_if = "is_false")]
    pub deprecated: bool,
}

/// A body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// Qualified name of the element; SOAP only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Its type, if it has one.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<String>,
    /// Media type; REST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// A request may go without it.
    #[serde(skip_serializing_if = "is_false")]
    pub optional: bool,
    /// Elements of the declared SOAP headers, or the headers of a REST answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// Type of all the SOAP headers together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_block: Option<String>,
    /// Media type or style of members of a form or parts of a body, where the document says it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, String>,
}

/// A global element.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Element {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// `nillable="true"`.
    #[serde(skip_serializing_if = "is_false")]
    pub nillable: bool,
}

/// What a type is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Fields and attributes: a complex type, or an object.
    #[default]
    Complex,
    /// Text with facets.
    Simple,
    /// One of some texts.
    Enumeration,
    /// Texts between white space.
    List,
    /// One of several types.
    Union,
}

/// A type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Type {
    /// What it is.
    pub kind: Kind,
    /// What it restricts, or the type of an item of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// What it extends; the inherited fields are among its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// `abstract="true"`.
    #[serde(rename = "abstract", skip_serializing_if = "is_false")]
    pub is_abstract: bool,
    /// Type of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Elements or members in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Attributes by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Field>,
    /// It takes more than what is listed (`xs:any`, `additionalProperties`).
    #[serde(skip_serializing_if = "is_false")]
    pub open: bool,
    /// What it takes more: `any`, `any attribute`, `mixed`; in REST the type of such members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_to: Vec<String>,
    /// Values of an enumeration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Alternatives of a union.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Values of the member that is its base, and the alternatives that they mean.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Facets by their names in XML Schema.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facets: BTreeMap<String, String>,
}

/// A field, an attribute or a parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    /// Name on the wire: qualified where it is in a namespace.
    pub name: String,
    /// Where a parameter stands: `path`, `query`, `header`, `cookie`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// How often it has to be there. An arm of a choice may be absent.
    pub min: u32,
    /// How often it may be there.
    #[serde(with = "unbounded")]
    pub max: Option<u32>,
    /// `nillable="true"` or `nullable`.
    #[serde(skip_serializing_if = "is_false")]
    pub nillable: bool,
    /// Number of the choice, within the type, that it is an arm of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<u32>,
    /// Number of the arm, within the type, that it shares with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arm: Option<u32>,
    /// Number of the group, within the type, that it is repeated with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// Elements that may stand in its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<String>,
    /// How a parameter is laid out, where that is not the usual way of its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// `fixed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Facets that are said at the field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facets: BTreeMap<String, String>,
}

impl Field {
    /// `0..1`, `1..unbounded`.
    #[must_use]
    pub fn occurs(&self) -> String {
        match self.max {
            Some(max) => format!("{}..{max}", self.min),
            None => format!("{}..unbounded", self.min),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_false(value: &bool) -> bool {
    !value
}

/// `maxOccurs`: a number, or `"unbounded"`.
mod unbounded {
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Max {
        Number(u32),
        Text(String),
    }

    #[allow(clippy::ref_option)] // as serde calls it
    pub(super) fn serialize<S: Serializer>(max: &Option<u32>, to: S) -> Result<S::Ok, S::Error> {
        match max {
            Some(max) => to.serialize_u32(*max),
            None => to.serialize_str("unbounded"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
        match Max::deserialize(from)? {
            Max::Number(max) => Ok(Some(max)),
            Max::Text(text) if text == "unbounded" => Ok(None),
            Max::Text(text) => Err(serde::de::Error::custom(format!("`{text}` is no maximum"))),
        }
    }
}

impl Inspection {
    /// What a WSDL says.
    #[must_use]
    pub fn of_soap(contract: &Contract) -> Self {
        soap::inspect(contract)
    }

    /// What an OpenAPI document says.
    #[must_use]
    pub fn of_rest(contract: &RestContract) -> Self {
        rest::inspect(contract)
    }

    /// As JSON, a line for each operation, element and type: a change of one is a change of a line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Ok(serde_json::Value::Object(parts)) = serde_json::to_value(self) else {
            return String::new(); // texts, numbers and lists: there is no way to get here
        };
        let order = [
            "name",
            "protocol",
            "namespace",
            "version",
            "address",
            "services",
            "operations",
            "elements",
            "types",
        ];
        let parts: Vec<String> = order
            .iter()
            .filter_map(|key| Some((key, parts.get(*key)?)))
            .map(|(key, value)| match value {
                serde_json::Value::Object(entries) if !entries.is_empty() => {
                    let lines: Vec<String> = entries
                        .iter()
                        .map(|(name, entry)| {
                            format!("    {}: {entry}", serde_json::Value::from(name.as_str()))
                        })
                        .collect();
                    format!("  \"{key}\": {{\n{}\n  }}", lines.join(",\n"))
                }
                value => format!("  \"{key}\": {value}"),
            })
            .collect();
        format!("{{\n{}\n}}\n", parts.join(",\n"))
    }

    /// For people to read.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.text(&mut out).unwrap_or_default(); // a String takes everything
        out
    }

    fn text(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "{} ({})", self.name, self.protocol)?;
        for (what, text) in [
            ("namespace", Some(&self.namespace)),
            ("version", Some(&self.version)),
            ("address", self.address.as_ref()),
        ] {
            if let Some(text) = text.filter(|t| !t.is_empty()) {
                writeln!(out, "{what}: {text}")?;
            }
        }
        for (service, ports) in &self.services {
            writeln!(out, "\nservice {service}")?;
            for (name, port) in ports {
                let address = port.address.as_deref().unwrap_or("no address");
                let count = port.operations.len();
                writeln!(
                    out,
                    "  port {name}: {}, {count} operations, {address}",
                    port.protocol
                )?;
            }
        }
        for (name, operation) in &self.operations {
            writeln!(out, "\noperation {name}")?;
            operation.text(out)?;
        }
        for (name, ty) in &self.types {
            writeln!(out, "\ntype {name}: {}", ty.headline())?;
            for (mark, field) in ty
                .fields
                .iter()
                .map(|f| ("", f))
                .chain(ty.attributes.iter().map(|a| ("@", a)))
            {
                writeln!(out, "  {mark}{}", field.text())?;
            }
            if let Some(text) = &ty.text {
                writeln!(out, "  text: {text}")?;
            }
            for (tag, member) in &ty.tags {
                writeln!(out, "  {tag:?}: {member}")?;
            }
            match ty.open_to.as_slice() {
                [] if ty.open => writeln!(out, "  …: anything else")?,
                [] => {}
                list => writeln!(out, "  …: {}", list.join(", "))?,
            }
        }
        Ok(())
    }
}

impl Operation {
    fn text(&self, out: &mut String) -> std::fmt::Result {
        if let (Some(method), Some(path)) = (&self.method, &self.path) {
            writeln!(out, "  {method} {path}")?;
        }
        if let Some(style) = &self.style {
            let action = self.soap_action.as_deref().unwrap_or_default();
            writeln!(out, "  {style}, soapAction \"{action}\"")?;
        }
        for parameter in &self.parameters {
            writeln!(out, "  {}", parameter.text())?;
        }
        let named = |map: &BTreeMap<String, Message>, what: &str| {
            map.iter()
                .map(|(name, message)| (format!("{what} {name}"), message.clone()))
                .collect::<Vec<_>>()
        };
        let single = |message: &Option<Message>, what: &str| {
            message
                .iter()
                .map(|message| (what.to_owned(), message.clone()))
                .collect::<Vec<_>>()
        };
        for (what, message) in [
            single(&self.input, "input"),
            single(&self.output, "output"),
            named(&self.faults, "fault"),
            named(&self.responses, "answer"),
        ]
        .concat()
        {
            writeln!(out, "  {what}: {}", message.text())?;
        }
        Ok(())
    }
}

impl Message {
    fn text(&self) -> String {
        let mut parts: Vec<&str> = [&self.element, &self.ty, &self.media_type]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect();
        if parts.is_empty() {
            parts.push("empty");
        }
        if self.optional {
            parts.push("optional");
        }
        let mut text = parts.join(", ");
        if !self.headers.is_empty() {
            let _ = write!(text, "; headers {}", self.headers.join(", "));
        }
        for (part, how) in &self.parts {
            let _ = write!(text, "; {part} as {how}");
        }
        text
    }
}

impl Type {
    fn headline(&self) -> String {
        let mut text = match (self.kind, &self.base) {
            (Kind::Complex, Some(base)) => format!("restricts {base}"),
            (Kind::Complex, None) => match &self.extends {
                Some(base) => format!("extends {base}"),
                None => format!("{} fields", self.fields.len()),
            },
            (Kind::Simple, base) => base.clone().unwrap_or_default(),
            (Kind::Enumeration, base) => {
                let base = base.as_deref().unwrap_or_default();
                format!("{base}, one of {}", self.values.join(" | "))
            }
            (Kind::List, base) => format!("list of {}", base.as_deref().unwrap_or_default()),
            (Kind::Union, _) => self.members.join(" | "),
        };
        if self.is_abstract {
            text.push_str(", abstract");
        }
        text.push_str(&facet_text(&self.facets));
        text
    }
}

impl Field {
    fn text(&self) -> String {
        let mut text = format!("{} {} {}", self.name, self.occurs(), self.ty);
        if let Some(place) = &self.place {
            text = format!("{place} {text}");
        }
        if self.nillable {
            text.push_str(", nillable");
        }
        if let Some(choice) = self.choice {
            let _ = write!(text, ", choice {choice}");
        }
        for (what, number) in [("arm", self.arm), ("group", self.group)] {
            if let Some(number) = number {
                let _ = write!(text, ", {what} {number}");
            }
        }
        if let Some(layout) = &self.layout {
            let _ = write!(text, ", {layout}");
        }
        if !self.substitutes.is_empty() {
            let _ = write!(text, ", or {}", self.substitutes.join(", "));
        }
        for (what, value) in [("default", &self.default), ("fixed", &self.fixed)] {
            if let Some(value) = value {
                let _ = write!(text, ", {what} {value:?}");
            }
        }
        text.push_str(&facet_text(&self.facets));
        text
    }
}

fn facet_text(facets: &BTreeMap<String, String>) -> String {
    facets.iter().fold(String::new(), |mut out, (name, value)| {
        let _ = write!(out, ", {name} {value}");
        out
    })
}

/// Facets under the names that XML Schema has for them.
fn facets(of: &Facets) -> BTreeMap<String, String> {
    let number = |value: &Option<u64>| value.map(|v| v.to_string());
    let patterns = (!of.patterns.is_empty()).then(|| of.patterns.join(" | "));
    [
        ("minLength", number(&of.min_length)),
        ("maxLength", number(&of.max_length)),
        ("pattern", patterns),
        ("minInclusive", of.min_inclusive.clone()),
        ("maxInclusive", of.max_inclusive.clone()),
        ("minExclusive", of.min_exclusive.clone()),
        ("maxExclusive", of.max_exclusive.clone()),
        ("totalDigits", number(&of.total_digits)),
        ("fractionDigits", number(&of.fraction_digits)),
        ("multipleOf", of.multiple_of.clone()),
        ("uniqueItems", of.unique_items.then(|| "true".to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

/// A name that is not taken yet: contracts may use one twice in different places.
fn free(name: String, taken: impl Fn(&str) -> bool) -> String {
    if !taken(&name) {
        return name;
    }
    (2..)
        .map(|n| format!("{name} ({n})"))
        .find(|name| !taken(name))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let field = Field {
            name: "icc".to_owned(),
            ty: "xs:string".to_owned(),
            min: 1,
            ..Field::default()
        };
        let ty = Type {
            fields: vec![field],
            ..Type::default()
        };
        let inspection = Inspection {
            name: "Sample".to_owned(),
            types: BTreeMap::from([("{urn:s}T".to_owned(), ty)]),
            ..Inspection::default()
        };
        let text = inspection.to_json();
        assert!(text.contains(r#""max":"unbounded""#), "{text}");
        assert_eq!(text.lines().filter(|l| l.contains("{urn:s}T")).count(), 1);
        assert_eq!(
            serde_json::from_str::<Inspection>(&text).unwrap(),
            inspection
        );
    }
}
