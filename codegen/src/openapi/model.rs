//! What an OpenAPI document says, normalised: every object, enumeration and alternative has a
//! name, references are resolved, `allOf` is merged. Wire names, but for the names of types.

use crate::diag::{Diagnostic, Location};
use crate::model::{Doc, Facets};

/// One document.
#[derive(Debug, Clone, Default)]
pub struct RestContract {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// `info.description`.
    pub doc: Doc,
    /// Path of the first server, without a slash at its end.
    pub base_path: String,
    /// URL of the first server, for the documentation.
    pub server: String,
    /// Operations in document order.
    pub operations: Vec<RestOperation>,
    /// Every named type; [`TypeId`] indexes it. Components first, then what was inline.
    pub types: Vec<TypeDef>,
    /// What callers identify themselves with.
    pub security: Vec<SecurityScheme>,
    /// The files read, relative to the main document.
    pub sources: Vec<String>,
    /// What was changed or left out without harm.
    pub notes: Vec<Diagnostic>,
}

impl RestContract {
    /// The type with this id.
    #[must_use]
    pub fn ty(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }
}

/// A way for callers to identify themselves.
#[derive(Debug, Clone)]
pub struct SecurityScheme {
    /// Its name, which operations refer to.
    pub name: String,
    /// What it is.
    pub kind: SecurityKind,
    /// Documentation.
    pub doc: Doc,
}

/// Kinds of security schemes.
#[derive(Debug, Clone)]
pub enum SecurityKind {
    /// A key in a header, the query or a cookie.
    ApiKey {
        /// Where it stands.
        place: ParameterPlace,
        /// Name of the header, parameter or cookie.
        name: String,
    },
    /// User name and password.
    Basic,
    /// A token, with its format where the document names it.
    Bearer(Option<String>),
    /// Another scheme of the `Authorization` header.
    Http(String),
    /// OAuth 2.0: a token of one of these flows.
    OAuth2(Vec<Flow>),
    /// OpenID Connect, with the URL of its configuration.
    OpenId(String),
    /// A client certificate.
    MutualTls,
}

/// A way to get an OAuth 2.0 token.
#[derive(Debug, Clone)]
pub struct Flow {
    /// `clientCredentials`, `authorizationCode`, `password`, `implicit`.
    pub kind: String,
    /// Where users are sent.
    pub authorization_url: Option<String>,
    /// Where tokens come from.
    pub token_url: Option<String>,
    /// Scopes with their description.
    pub scopes: Vec<(String, String)>,
}

/// Index of a [`TypeDef`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// An operation: a method on a path.
#[derive(Debug, Clone)]
pub struct RestOperation {
    /// `operationId`.
    pub name: String,
    /// `GET`, `POST`, ….
    pub method: String,
    /// Path template.
    pub path: String,
    /// Summary and description.
    pub doc: Doc,
    /// Parameters in document order.
    pub parameters: Vec<Parameter>,
    /// The body, if there is one.
    pub body: Option<Body>,
    /// Documented answers, in document order.
    pub responses: Vec<Response>,
    /// `deprecated: true`.
    pub deprecated: bool,
    /// Names of the security schemes, one of which the caller needs; empty for none.
    pub security: Vec<String>,
    /// Where it stands.
    pub location: Location,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// How a parameter's value is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// JSON (`content` instead of `schema`).
    Json,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Name on the wire.
    pub name: String,
    /// Where it stands.
    pub place: ParameterPlace,
    /// How it is laid out.
    pub style: Style,
    /// Whether lists and objects are laid out part by part.
    pub explode: bool,
    /// Reserved characters stay as they are.
    pub reserved: bool,
    /// It has to be there.
    pub required: bool,
    /// Its type.
    pub ty: Use,
    /// Documentation.
    pub doc: Doc,
}

/// A request's body.
#[derive(Debug, Clone)]
pub struct Body {
    /// It has to be there.
    pub required: bool,
    /// What it is.
    pub content: Content,
    /// Media type.
    pub media_type: String,
    /// How members of forms and parts of bodies are laid out, where the document says it.
    pub encoding: Vec<Encoding>,
    /// Documentation.
    pub doc: Doc,
}

/// How one member of a form, or one part of a body, is laid out.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The member.
    pub name: String,
    /// Style and explode, where either is said.
    pub style: Option<(Style, bool)>,
    /// Media type of the part.
    pub content_type: Option<String>,
}

/// What a body holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// JSON.
    Json(Use),
    /// `application/x-www-form-urlencoded`.
    Form(Use),
    /// `multipart/form-data`.
    Multipart(Use),
    /// Text.
    Text,
    /// Bytes.
    Binary,
}

/// Which statuses an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statuses {
    /// One status.
    One(u16),
    /// `4XX`: all of a hundred, that are not listed.
    Hundred(u16),
    /// All that are not listed.
    Default,
}

/// A documented answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// For which statuses.
    pub statuses: Statuses,
    /// Its body, if it has one, and the media type.
    pub content: Option<(Content, String)>,
    /// Its headers.
    pub headers: Vec<Header>,
    /// Documentation.
    pub doc: Doc,
}

/// A header of an answer.
#[derive(Debug, Clone)]
pub struct Header {
    /// Name on the wire.
    pub name: String,
    /// Its type.
    pub ty: Use,
    /// Documentation.
    pub doc: Doc,
}

/// A type where it is used.
#[derive(Debug, Clone, Default)]
pub struct Use {
    /// The type.
    pub ty: TypeExpr,
    /// `null` is a value of it.
    pub nullable: bool,
    /// Constraints.
    pub facets: Facets,
    /// Documentation of an unnamed type.
    pub doc: Doc,
    /// Name of the type for the documentation: `string`, `integer`, `Iccid` ….
    pub label: String,
    /// Personal data or a secret.
    pub personal: bool,
    /// `default`.
    pub default: Option<String>,
    /// `example`, of a simple value.
    pub example: Option<String>,
    /// The only values, of types other than strings.
    pub values: Vec<String>,
    /// A list whose only item may come without the list (`x-one-or-many`).
    pub one_or_many: bool,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TypeExpr {
    /// A simple value.
    Scalar(Scalar),
    /// A named type.
    Named(TypeId),
    /// A list.
    List(Box<Use>),
    /// A map from texts.
    Map(Box<Use>),
    /// Any JSON value.
    #[default]
    Any,
}

impl PartialEq for Use {
    /// The same type, whatever is said of it.
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty
    }
}

impl Eq for Use {}

/// Simple values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Scalar {
    String,
    /// A string that may come as a whole number.
    Digits,
    /// A string that may come as a number or boolean.
    LenientString,
    Bool,
    LenientBool,
    I32,
    I64,
    /// A whole number that may come as a string.
    LenientI32,
    LenientI64,
    F64,
    LenientF64,
    /// A decimal that is written as a number.
    Decimal,
    /// A decimal that is written as a string.
    DecimalText,
    DateTime,
    Date,
    Base64,
    /// Bytes in a body of their own or in a part of one.
    Binary,
}

/// A named type.
#[derive(Debug, Clone)]
pub struct TypeDef {
    /// Rust name; unique.
    pub name: String,
    /// Name of the component, or whose inline type it is.
    pub wire: String,
    /// Documentation.
    pub doc: Doc,
    /// What it is.
    pub kind: TypeKind,
    /// Where it stands.
    pub location: Location,
}

/// What a named type is.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// An object.
    Object {
        /// Its members in document order.
        properties: Vec<Property>,
        /// Type of members that are not listed, where the document speaks of them.
        additional: Option<Box<Use>>,
        /// How many members there have to be, and may be (`minProperties`, `maxProperties`).
        count: (Option<u64>, Option<u64>),
    },
    /// Texts.
    Enum {
        /// The values in document order.
        values: Vec<String>,
        /// Rust names for them, where the document gives any (`x-enum-varnames`).
        names: Vec<String>,
        /// They are numbers on the wire.
        numeric: bool,
    },
    /// One of several.
    OneOf {
        /// The alternatives.
        arms: Vec<Arm>,
        /// Member that tells which.
        discriminator: Option<String>,
    },
}

/// A member of an object.
#[derive(Debug, Clone)]
pub struct Property {
    /// Name on the wire.
    pub name: String,
    /// Its type.
    pub ty: Use,
    /// It has to be there, in requests and answers.
    pub required: bool,
    /// Documentation.
    pub doc: Doc,
}

/// An alternative.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Rust name of the variant.
    pub name: String,
    /// Its type.
    pub ty: Use,
    /// Values of the discriminator that mean it.
    pub tags: Vec<String>,
}
