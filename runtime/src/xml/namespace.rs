//! Namespaces as small numbers, so that generated code matches on `(NsId, "local name")`.

/// A namespace known to a crate, or one of the codec's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NsId(u16);

impl NsId {
    /// No namespace.
    pub const NONE: Self = Self(0);
    /// A namespace that no table knows.
    pub const UNKNOWN: Self = Self(u16::MAX);
    /// `http://www.w3.org/XML/1998/namespace`.
    pub const XML: Self = Self(1);
    /// `http://www.w3.org/2001/XMLSchema-instance`.
    pub const XSI: Self = Self(2);
    /// The envelope of SOAP 1.1.
    pub const SOAP11: Self = Self(3);
    /// The envelope of SOAP 1.2.
    pub const SOAP12: Self = Self(4);

    /// For generated code: the n-th namespace of a crate and the crates below it.
    #[must_use]
    pub const fn generated(n: u16) -> Self {
        Self(16 + n)
    }
}

/// One namespace of a crate's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Namespace {
    /// Its number.
    pub id: NsId,
    /// Its URI.
    pub uri: &'static str,
    /// The prefix it is written with.
    pub prefix: &'static str,
}

impl Namespace {
    /// For generated code.
    #[must_use]
    pub const fn new(id: NsId, uri: &'static str, prefix: &'static str) -> Self {
        Self { id, uri, prefix }
    }
}

const BUILT_IN: [Namespace; 4] = [
    Namespace::new(NsId::XML, "http://www.w3.org/XML/1998/namespace", "xml"),
    Namespace::new(
        NsId::XSI,
        "http://www.w3.org/2001/XMLSchema-instance",
        "xsi",
    ),
    Namespace::new(
        NsId::SOAP11,
        "http://schemas.xmlsoap.org/soap/envelope/",
        "soap",
    ),
    Namespace::new(
        NsId::SOAP12,
        "http://www.w3.org/2003/05/soap-envelope",
        "soap",
    ),
];

/// The namespaces that a crate reads and writes.
///
/// A platform that serves version 9 of a path with version 8's namespace is met by
/// [`with_uri`](Self::with_uri); a second namespace for the same thing by
/// [`with_alias`](Self::with_alias).
#[derive(Debug, Clone)]
pub struct NamespaceTable {
    base: &'static [Namespace],
    aliases: Vec<(Box<str>, NsId)>,
    replaced: Vec<(NsId, Box<str>)>,
}

impl NamespaceTable {
    /// The table of a generated crate.
    #[must_use]
    pub const fn new(base: &'static [Namespace]) -> Self {
        Self {
            base,
            aliases: Vec::new(),
            replaced: Vec::new(),
        }
    }

    /// Reads `uri` as another name of `id`; writing is not changed.
    #[must_use]
    pub fn with_alias(mut self, id: NsId, uri: impl Into<Box<str>>) -> Self {
        self.aliases.push((uri.into(), id));
        self
    }

    /// Reads and writes `uri` in place of the contract's URI of `id` (which is still read).
    #[must_use]
    pub fn with_uri(mut self, id: NsId, uri: impl Into<Box<str>>) -> Self {
        let uri = uri.into();
        self.aliases.push((uri.clone(), id));
        self.replaced.retain(|(old, _)| *old != id);
        self.replaced.push((id, uri));
        self
    }

    pub(crate) fn id_of(&self, uri: &str) -> NsId {
        if uri.is_empty() {
            return NsId::NONE;
        }
        let alias = self
            .aliases
            .iter()
            .find(|(known, _)| **known == *uri)
            .map(|(_, id)| *id);
        alias
            .or_else(|| {
                self.base
                    .iter()
                    .chain(&BUILT_IN)
                    .find(|n| n.uri == uri)
                    .map(|n| n.id)
            })
            .unwrap_or(NsId::UNKNOWN)
    }

    /// Something is written with this prefix.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        let mut all = self.base.iter().chain(&BUILT_IN);
        all.any(|known| known.prefix == prefix)
    }

    pub(crate) fn written(&self, id: NsId) -> Option<(&'static str, &str)> {
        let known = self.base.iter().chain(&BUILT_IN).find(|n| n.id == id)?;
        let replaced = self.replaced.iter().find(|(old, _)| *old == id);
        Some((known.prefix, replaced.map_or(known.uri, |(_, uri)| uri)))
    }
}
