//! `specs/apis.toml`: what no contract says.

use std::collections::{BTreeMap, BTreeSet};

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
        // As it stands first: errors of the text have line and column.
        let mut apis: Self = toml::from_str(text)?;
        let mut table: toml::Table = toml::from_str(text)?;
        if let Some(toml::Value::Array(entries)) = table.get_mut("api") {
            for at in 0..apis.api.len() {
                if let Some(like) = &apis.api[at].like {
                    let base = apis.api[..at].iter().position(|a| &a.name == like);
                    let base = base.ok_or_else(|| {
                        let name = &apis.api[at].name;
                        let message = format!("`{name}` is like `{like}`, which no entry above is");
                        serde::de::Error::custom(message)
                    })?;
                    let base = entries[base].clone();
                    let inherited = inherit(&base, &mut entries[at]);
                    apis.api[at] = entries[at].clone().try_into()?;
                    apis.api[at].inherited = inherited;
                }
            }
        }
        Ok(apis)
    }
}

/// Adds what `base` has and `entry` has not; gives the operations that came this way.
fn inherit(base: &toml::Value, entry: &mut toml::Value) -> BTreeSet<String> {
    let mut inherited = BTreeSet::new();
    let (Some(base), Some(entry)) = (base.as_table(), entry.as_table_mut()) else {
        return inherited;
    };
    for (key, value) in base {
        match (entry.get_mut(key), value) {
            (None, _) => {
                if let ("operations", Some(operations)) = (key.as_str(), value.as_table()) {
                    inherited.extend(operations.keys().cloned());
                }
                entry.insert(key.clone(), value.clone());
            }
            (Some(toml::Value::Table(own)), toml::Value::Table(all)) => {
                for (name, value) in all {
                    if !own.contains_key(name) {
                        own.insert(name.clone(), value.clone());
                        if key == "operations" {
                            inherited.insert(name.clone());
                        }
                    }
                }
            }
            (Some(_), _) => {}
        }
    }
    inherited
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
    /// An entry above this one: what is not given here is as there. Of tables (`identifiers`,
    /// `defaults`, `operations`) that goes for every line; an operation that this contract does
    /// not have is left out.
    pub like: Option<String>,
    /// Operations that were taken over by `like`.
    #[serde(skip)]
    pub inherited: BTreeSet<String>,
    /// Another name for the package, of a crate that stands alone.
    #[serde(skip)]
    pub package: Option<String>,
    /// First line of its documentation.
    pub title: String,
    /// The contract, relative to `specs/`.
    pub spec: String,
    /// Files for the absolute locations that the contract imports from, relative to `specs/`.
    #[serde(default)]
    pub catalog: BTreeMap<String, String>,
    /// Platform: with the credentials it names an organisation.
    #[serde(default)]
    pub platform: String,
    /// Service: first part of the budget keys after the platform.
    #[serde(default)]
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
            like: None,
            inherited: BTreeSet::new(),
            package: None,
            title: String::new(),
            spec: String::new(),
            catalog: BTreeMap::new(),
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

/// How lists are paged.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Paging {
    /// By offset and size.
    Offset(OffsetPaging),
    /// By page number and size.
    Pages(PagePaging),
    /// By the first entry and the one after the last.
    Window(WindowPaging),
}

/// Paging by offset.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffsetPaging {
    /// Wire name of the offset.
    pub start: String,
    /// Wire name of the page size.
    pub size: String,
    /// Size when none is given.
    pub default_size: u32,
    /// Largest size.
    pub max_size: u32,
}

/// Paging by page number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagePaging {
    /// Wire name of the page number.
    pub page: String,
    /// Number of the first page.
    pub first: u32,
    /// Wire name of the page size.
    pub size: String,
    /// Size when none is given.
    pub default_size: u32,
    /// Largest size.
    pub max_size: u32,
    /// Header or member that has the number of all entries.
    pub total: Option<String>,
}

/// Paging by a window.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowPaging {
    /// Wire name of the first entry, from 0.
    pub from: String,
    /// Wire name of the entry after the last.
    pub to: String,
    /// Size when none is given, where it is known.
    pub default_size: Option<u32>,
    /// Header or member that has the number of all entries.
    pub total: Option<String>,
}

/// Maintenance windows known to the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// Backups of Kite's home location registers.
    KiteHlr,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const TWO: &str = r#"
        [[api]]
        name = "b-v2"
        title = "B 2"
        spec = "b2.wsdl"
        platform = "p"
        service = "b"
        blank_is_absent = true
        [api.defaults]
        max_runtime = 70
        [api.operations.read]
        tps = 4
        [api.operations.write]
        tps = 2

        [[api]]
        name = "b-v1"
        like = "b-v2"
        title = "B 1"
        spec = "b1.wsdl"
        [api.operations.read]
        tps = 1
        [api.operations.old]
        deprecated = "gone"
    "#;

    #[test]
    fn what_is_not_given_is_as_in_the_other_entry() {
        let apis = Apis::parse(TWO).unwrap();
        let v1 = &apis.api[1];
        assert_eq!((v1.title.as_str(), v1.platform.as_str()), ("B 1", "p"));
        assert!(v1.blank_is_absent);
        assert_eq!(v1.policy("read").tps, Some(1));
        assert_eq!(v1.policy("write").tps, Some(2));
        assert_eq!(v1.policy("old").max_runtime, Some(70));
        assert!(v1.inherited.contains("write") && v1.inherited.len() == 1);
    }

    #[test]
    fn only_entries_above_can_be_taken_over() {
        let text = TWO.replace("like = \"b-v2\"", "like = \"b-v3\"");
        let error = Apis::parse(&text).unwrap_err().to_string();
        assert!(error.contains("`b-v1` is like `b-v3`"), "{error}");
    }
}
