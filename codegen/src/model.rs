//! The one model between front ends and emitters.
//!
//! A front end (WSDL/XSD today) fills a [`Contract`]; emitters, `inspect` and `diff` read nothing
//! else. Names are wire names; Rust names are made by the emitter.

use std::collections::BTreeMap;
use std::fmt;

use crate::diag::{Diagnostic, Location};

/// One contract: the operations of a service and every type they can reach.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// Name of the `wsdl:service`, or of the definitions when there is no service.
    pub name: String,
    /// Documentation of the service, else of the port type, else of the definitions.
    pub doc: Doc,
    /// Target namespace of the main document.
    pub target_namespace: String,
    /// Location of the first SOAP port, as the contract prints it.
    pub address: Option<String>,
    /// SOAP version of the binding in use.
    pub soap: SoapVersion,
    /// The ports that the operations are called at, the one of [`address`](Self::address) first;
    /// empty when the contract has no service.
    pub ports: Vec<Port>,
    /// Operations in the order of the bindings.
    pub operations: Vec<Operation>,
    /// Every global element of the schemas read, by name.
    pub elements: BTreeMap<QName, GlobalElement>,
    /// Every named and anonymous type; [`TypeId`] indexes it. Sorted by namespace, then document
    /// order, so that the same input gives the same output.
    pub types: Vec<TypeDef>,
    /// The files read, relative to the main document, in reading order.
    pub sources: Vec<String>,
    /// What fix-ups changed.
    pub mended: Vec<Mended>,
    /// What was left out without harm, such as an operation of the binding that the port type
    /// does not have. Nothing here keeps the contract from being used.
    pub notes: Vec<Diagnostic>,
}

impl Contract {
    /// The type with this id.
    #[must_use]
    pub fn ty(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }
}

/// What a fix-up changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// Name of the fix-up.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// What is different now, as sentences without a full stop.
    pub changes: Vec<String>,
    /// Why.
    pub reason: String,
}

/// A `wsdl:port` with operations that no port before it offers in the same way.
#[derive(Debug, Clone)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Name of the `wsdl:service` that it belongs to.
    pub service: String,
    /// Its location, as the contract prints it.
    pub address: Option<String>,
    /// SOAP version of its binding.
    pub soap: SoapVersion,
    /// Documentation of the port, else of its port type.
    pub doc: Doc,
}

/// SOAP version of a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SoapVersion {
    /// SOAP 1.1: `text/xml` and a `SOAPAction` header.
    #[default]
    V11,
    /// SOAP 1.2: `application/soap+xml` with an action parameter.
    V12,
}

/// A namespace and a local name; an empty namespace means "in no namespace".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// Namespace URI, or the empty string.
    pub ns: String,
    /// Local name.
    pub local: String,
}

impl QName {
    /// A qualified name.
    pub fn new(ns: impl Into<String>, local: impl Into<String>) -> Self {
        Self {
            ns: ns.into(),
            local: local.into(),
        }
    }
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.ns, self.local)
    }
}

/// Documentation found in the contract: plain text (Markdown is passed on), with the evidence
/// line (`Evidence: contract.`) taken out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doc {
    /// Paragraphs, without the evidence line. Empty when the contract says nothing.
    pub text: String,
    /// What the contract says about how well this is known.
    pub evidence: Option<Evidence>,
}

/// How well a fact of a contract is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Agrees with the published contract of that service version.
    Contract,
    /// Stated by a vendor document, without a contract at hand.
    Documented,
    /// Concluded from related material.
    Inferred,
}

/// Style of an operation: what stands in the body of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// The elements that the parts of the message name.
    #[default]
    Document,
    /// An element called after the operation, with one child for each part.
    Rpc,
}

/// One operation of a binding.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Name in the contract; of operations of one name, each but the first has one of its own.
    pub name: String,
    /// Style.
    pub style: Style,
    /// SOAP version.
    pub soap: SoapVersion,
    /// The ports that offer it, by their place in [`Contract::ports`].
    pub ports: Vec<usize>,
    /// `wsdl:documentation` of the port type's operation (else of the binding's).
    pub doc: Doc,
    /// `soapAction`, when the binding gives one.
    pub soap_action: Option<String>,
    /// Body of the request; `None` for an empty body.
    pub input: Option<Message>,
    /// Body of the response; `None` for a one-way operation.
    pub output: Option<Message>,
    /// Declared faults.
    pub faults: Vec<Fault>,
    /// `soap:header` entries of the request.
    pub input_headers: Vec<Header>,
    /// `soap:header` entries of the response.
    pub output_headers: Vec<Header>,
    /// An element that the reader made up, whose content are the header blocks of the request that
    /// can be written; it never is on the wire itself.
    pub input_block: Option<QName>,
    /// The same of the response.
    pub output_block: Option<QName>,
    /// Where the operation stands.
    pub location: Location,
}

/// What stands in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The body element; with `rpc` style it was made up by the reader, from the parts.
    pub element: QName,
    /// The element was made up by the reader and is not on the wire: what stands in it stands in
    /// the body, one element after the other, or none.
    pub is_bare: bool,
}

/// A declared fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the fault in the operation.
    pub name: String,
    /// Element of the fault's detail.
    pub element: QName,
}

/// A declared header block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Message part it comes from.
    pub part: String,
    /// What stands there.
    pub kind: HeaderKind,
    /// `wsdl:required="true"`: the block has to be sent.
    pub required: bool,
}

/// What a header part refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderKind {
    /// A global element.
    Element(QName),
    /// A type (`part type="…"`); kept for inspection, never written.
    Type(QName),
}

/// A global `xs:element`.
#[derive(Debug, Clone)]
pub struct GlobalElement {
    /// Its name.
    pub name: QName,
    /// Its type.
    pub ty: TypeRef,
    /// `nillable="true"`.
    pub nillable: bool,
    /// `abstract="true"`.
    pub is_abstract: bool,
    /// Elements that may stand in its place (substitution group members, transitively).
    pub substitutes: Vec<QName>,
    /// Documentation.
    pub doc: Doc,
    /// Where it stands.
    pub location: Location,
}

/// Index into [`Contract::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// A reference to a built-in or a defined type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeRef {
    /// One of XML Schema's own types.
    Builtin(Builtin),
    /// A type of the contract.
    Defined(TypeId),
}

/// XML Schema's built-in types, by the value space that matters to generated code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Builtin {
    AnyType,
    AnySimpleType,
    String,
    NormalizedString,
    /// `xs:token` and everything derived from it, and `xs:anyURI`, `xs:QName`, `xs:NOTATION`:
    /// text with collapsed white space.
    Token,
    /// `xs:NMTOKENS`, `xs:IDREFS`, `xs:ENTITIES`.
    Tokens,
    Boolean,
    Byte,
    UnsignedByte,
    Short,
    UnsignedShort,
    Int,
    UnsignedInt,
    Long,
    UnsignedLong,
    Integer,
    NonNegativeInteger,
    PositiveInteger,
    NonPositiveInteger,
    NegativeInteger,
    Decimal,
    Float,
    Double,
    DateTime,
    Date,
    Time,
    GYearMonth,
    GYear,
    GMonthDay,
    GDay,
    GMonth,
    Duration,
    Base64Binary,
    HexBinary,
}

/// A type of the contract.
#[derive(Debug, Clone)]
pub struct TypeDef {
    /// Name, or whose anonymous type it is.
    pub name: TypeName,
    /// Documentation.
    pub doc: Doc,
    /// Simple or complex.
    pub kind: TypeKind,
    /// Where it stands.
    pub location: Location,
}

/// Identity of a type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypeName {
    /// A global type.
    Named(QName),
    /// The anonymous type of a global element.
    OfElement(QName),
    /// The anonymous type of a local element or attribute: the wire names from the enclosing
    /// named type (or global element) down, such as `["SubscriptionInfoType", "gprsStatus"]`.
    Local {
        /// Namespace of the schema it stands in.
        ns: String,
        /// Enclosing type or element, then the path of local names.
        path: Vec<String>,
    },
}

/// What a type is.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// A simple type.
    Simple(SimpleType),
    /// A complex type.
    Complex(ComplexType),
}

/// A simple type.
#[derive(Debug, Clone)]
pub enum SimpleType {
    /// A restriction without enumeration (or a plain alias).
    Restriction {
        /// The restricted type.
        base: TypeRef,
        /// Its facets.
        facets: Facets,
    },
    /// A restriction by enumeration.
    Enumeration {
        /// The restricted type.
        base: TypeRef,
        /// The values in document order.
        values: Vec<EnumValue>,
    },
    /// White-space separated values.
    List {
        /// Type of an item.
        item: TypeRef,
        /// Facets on the list (length).
        facets: Facets,
    },
    /// A value of one of several types.
    Union {
        /// Member types in order.
        members: Vec<TypeRef>,
    },
}

/// One value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// Text on the wire.
    pub value: String,
    /// Documentation.
    pub doc: Doc,
}

/// Constraining facets of a simple type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// `length` or `minLength`.
    pub min_length: Option<u64>,
    /// `length` or `maxLength`.
    pub max_length: Option<u64>,
    /// Patterns of this step (alternatives of one step are joined by the schema).
    pub patterns: Vec<String>,
    /// `minInclusive`, as text.
    pub min_inclusive: Option<String>,
    /// `maxInclusive`, as text.
    pub max_inclusive: Option<String>,
    /// `minExclusive`, as text.
    pub min_exclusive: Option<String>,
    /// `maxExclusive`, as text.
    pub max_exclusive: Option<String>,
    /// `totalDigits`.
    pub total_digits: Option<u64>,
    /// `fractionDigits`.
    pub fraction_digits: Option<u64>,
    /// `multipleOf`, as text; of OpenAPI.
    pub multiple_of: Option<String>,
    /// `uniqueItems`; of OpenAPI.
    pub unique_items: bool,
}

/// A complex type; the content of an extended base is already part of [`content`](Self::content).
#[derive(Debug, Clone)]
pub struct ComplexType {
    /// The base and how it is derived, for documentation and `xsi:type`.
    pub base: Option<(Derivation, TypeRef)>,
    /// `abstract="true"`.
    pub is_abstract: bool,
    /// `mixed="true"`.
    pub mixed: bool,
    /// What stands between the tags.
    pub content: Content,
    /// Attributes, inherited ones included, prohibited ones left out.
    pub attributes: Vec<Attribute>,
    /// `xs:anyAttribute` is allowed.
    pub any_attribute: bool,
    /// Types derived from this one, transitively, in [`TypeId`] order.
    pub derived: Vec<TypeId>,
}

/// How a complex type is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derivation {
    /// `xs:extension`.
    Extension,
    /// `xs:restriction`.
    Restriction,
}

/// Content of a complex type.
#[derive(Debug, Clone)]
pub enum Content {
    /// No children, no text.
    Empty,
    /// Text of a simple type.
    Simple(TypeRef),
    /// Elements.
    Particle(Particle),
}

/// A particle with its occurrence.
#[derive(Debug, Clone)]
pub struct Particle {
    /// `minOccurs`.
    pub min: u32,
    /// `maxOccurs`; `None` for unbounded.
    pub max: Option<u32>,
    /// What it is.
    pub kind: ParticleKind,
}

impl Particle {
    /// Every element of the content model, in schema order.
    pub fn elements(&self) -> impl Iterator<Item = &ElementUse> {
        let mut todo = vec![self];
        std::iter::from_fn(move || {
            while let Some(particle) = todo.pop() {
                match &particle.kind {
                    ParticleKind::Element(element) => return Some(&**element),
                    ParticleKind::Sequence(inner)
                    | ParticleKind::All(inner)
                    | ParticleKind::Choice { arms: inner, .. } => todo.extend(inner.iter().rev()),
                    ParticleKind::Any { .. } => {}
                }
            }
            None
        })
    }
}

/// The kinds of particle. Groups are expanded in place, carrying the group's name.
#[derive(Debug, Clone)]
pub enum ParticleKind {
    /// A local element, or a reference to a global one.
    Element(Box<ElementUse>),
    /// `xs:sequence`.
    Sequence(Vec<Particle>),
    /// `xs:choice`, with the name of the `xs:group` that it is the body of, if any.
    Choice {
        /// Name of the group, when the choice is the body of a named `xs:group`.
        group: Option<QName>,
        /// The arms.
        arms: Vec<Particle>,
    },
    /// `xs:all`.
    All(Vec<Particle>),
    /// `xs:any`.
    Any {
        /// The `namespace` attribute, as written (`##any`, `##other`, a list …).
        namespace: String,
    },
}

/// An element inside a content model.
#[derive(Debug, Clone)]
pub struct ElementUse {
    /// Name on the wire; the namespace is empty when the form is unqualified.
    pub name: QName,
    /// Its type.
    pub ty: TypeRef,
    /// `nillable="true"`.
    pub nillable: bool,
    /// `default="…"`.
    pub default: Option<String>,
    /// `fixed="…"`.
    pub fixed: Option<String>,
    /// Documentation of the element itself.
    pub doc: Doc,
    /// It is a `ref="…"` to a global element.
    pub is_ref: bool,
    /// Where it stands.
    pub location: Location,
}

/// An attribute of a complex type.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name on the wire; the namespace is empty when the form is unqualified.
    pub name: QName,
    /// Its simple type.
    pub ty: TypeRef,
    /// `use="required"`.
    pub required: bool,
    /// `default="…"`.
    pub default: Option<String>,
    /// `fixed="…"`.
    pub fixed: Option<String>,
    /// Documentation.
    pub doc: Doc,
}
