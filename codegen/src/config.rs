//! `specs/apis.toml`: what no contract says.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apis {
    /// Crates of types that several APIs share.
    #[serde(default)]
    pub shared: Vec<Shared>,
    /// One entry per API version, each its own crate.
    #[serde(default)]
    pub api: Vec<Api>,
}

impl Apis {
    /// Parses the file's text.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

/// A crate of shared types.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Folder under `generated/`; the package is `mno-<name>`.
    pub name: String,
    /// First line of its documentation.
    pub title: String,
    /// The namespaces whose types it holds, each with the prefix it is written with.
    pub namespaces: BTreeMap<String, String>,
    /// Enumerations that the contracts leave as plain strings.
    #[serde(default)]
    pub enums: Vec<EnumOverlay>,
}

/// An enumeration that the contract leaves as a plain string.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumOverlay {
    /// Rust name.
    pub name: String,
    /// Documentation.
    pub doc: String,
    /// Known values with their documentation, in order.
    pub values: Vec<(String, String)>,
    /// Wire names of the elements of type `xs:string` that have this type, in every API that uses
    /// the crate; elements of a type derived from it keep that.
    pub elements: Vec<String>,
}

/// One API version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Folder under `generated/`; the package is `mno-<name>`.
    pub name: String,
    /// Another name for the package, of a crate that stands alone.
    #[serde(skip)]
    pub package: Option<String>,
    /// First line of its documentation.
    pub title: String,
    /// The contract, relative to `specs/`.
    pub spec: String,
    /// Platform: with the credentials it names an organisation.
    pub platform: String,
    /// Service: first part of the budget keys after the platform.
    pub service: String,
    /// Prefix that the API's own namespace is written with.
    #[serde(default = "default_prefix")]
    pub prefix: String,
    /// Shared crates it uses.
    #[serde(default)]
    pub shared: Vec<String>,
    /// In answers, a blank element means "not set", for required elements too.
    #[serde(default)]
    pub blank_is_absent: bool,
    /// Wire names of string elements that hold an identifier: `icc = "Iccid"`.
    #[serde(default)]
    pub identifiers: BTreeMap<String, Identifier>,
    /// Further elements with personal data, beyond those that the name pattern finds: `value`, or
    /// `NameValuePair.value` for that of one type (by its Rust name).
    #[serde(default)]
    pub personal: Vec<String>,
    /// Elements that the name pattern takes for personal data and that hold none.
    #[serde(default)]
    pub not_personal: Vec<String>,
    /// Names for anonymous choices.
    #[serde(default)]
    pub choices: Vec<ChoiceName>,
    /// Facts of operations without an entry of their own.
    #[serde(default)]
    pub defaults: OperationPolicy,
    /// Facts by operation.
    #[serde(default)]
    pub operations: BTreeMap<String, OperationPolicy>,
}

fn default_prefix() -> String {
    "t".to_owned()
}

impl Api {
    /// A configuration for a contract of which nothing more is known (`xtask generate`).
    #[must_use]
    pub fn unknown(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            package: None,
            title: String::new(),
            spec: String::new(),
            platform: name.to_owned(),
            service: String::new(),
            prefix: default_prefix(),
            shared: Vec::new(),
            blank_is_absent: false,
            identifiers: BTreeMap::new(),
            personal: Vec::new(),
            not_personal: Vec::new(),
            choices: Vec::new(),
            defaults: OperationPolicy::default(),
            operations: BTreeMap::new(),
        }
    }

    /// Name of the package.
    #[must_use]
    pub fn package(&self) -> String {
        match &self.package {
            Some(package) => package.clone(),
            None => format!("mno-{}", self.name),
        }
    }

    /// What is known of an operation: its own entry over the defaults.
    #[must_use]
    pub fn policy(&self, operation: &str) -> OperationPolicy {
        let own = self.operations.get(operation).cloned().unwrap_or_default();
        let base = self.defaults.clone();
        OperationPolicy {
            tps: own.tps.or(base.tps),
            max_runtime: own.max_runtime.or(base.max_runtime),
            max_runtime_evidence: own.max_runtime_evidence.or(base.max_runtime_evidence),
            idempotency: own.idempotency.or(base.idempotency),
            settled_by: own.settled_by.or(base.settled_by),
            paging: own.paging.or(base.paging),
            window: own.window.or(base.window),
            availability: own.availability.or(base.availability),
            deprecated: own.deprecated.or(base.deprecated),
        }
    }
}

/// Identifier types of the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub enum Identifier {
    Iccid,
    Imsi,
    Msisdn,
    Eid,
    Imei,
}

/// A name for a choice that the contract leaves anonymous.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceName {
    /// First elements of the arms, in order: which choice is meant.
    pub arms: Vec<String>,
    /// Rust name of the enum.
    pub name: String,
    /// Rust name of the field that holds it.
    pub field: String,
    /// Documentation of the enum.
    pub doc: String,
    /// Rust names of arms, by first element; others are named after their element.
    #[serde(default)]
    pub variants: BTreeMap<String, String>,
}

/// What the platform's documents say of an operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationPolicy {
    /// Transactions per second, per organisation.
    pub tps: Option<u32>,
    /// Longest runtime in seconds.
    pub max_runtime: Option<u64>,
    /// How well that is known, when not stated for the operation itself: `inferred`.
    pub max_runtime_evidence: Option<String>,
    /// Whether it may be sent twice.
    pub idempotency: Option<Idempotency>,
    /// The read that settles a lost answer.
    pub settled_by: Option<String>,
    /// How it is paged.
    pub paging: Option<Paging>,
    /// Maintenance window.
    pub window: Option<Window>,
    /// Who may call it.
    pub availability: Option<String>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
}

/// Whether an operation may be sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Idempotency {
    /// Reads only.
    Safe,
    /// Twice is the same as once.
    Idempotent,
    /// Twice is not the same as once.
    NotIdempotent,
}

/// Paging by offset.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Wire name of the offset.
    pub start: String,
    /// Wire name of the page size.
    pub size: String,
    /// Size when none is given.
    pub default_size: u32,
    /// Largest size.
    pub max_size: u32,
}

/// Maintenance windows known to the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// Backups of Kite's home location registers.
    KiteHlr,
}
