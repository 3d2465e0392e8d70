use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::credential::Credential;
use crate::json::Limits;
use crate::transport::{CallOptions, Transport};

/// Where a service lives; the part of a generated client that is the same everywhere.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) transport: Arc<dyn Transport>,
    base_path: Cow<'static, str>,
    paths: Arc<BTreeMap<String, String>>,
    pub(super) options: CallOptions,
    pub(super) limits: Limits,
    pub(super) credentials: Arc<Vec<Credential>>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("base_path", &self.base_path)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint at a path of the transport's host, which the paths of operations are added to.
    pub fn new(transport: Arc<dyn Transport>, base_path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            transport,
            base_path: base_path.into(),
            paths: Arc::default(),
            options: CallOptions::default(),
            limits: Limits::default(),
            credentials: Arc::default(),
        }
    }

    /// The same service at another base path.
    #[must_use]
    pub fn with_base_path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.base_path = path.into();
        self
    }

    /// Another path for one operation, by its name on the wire: for paths that are only inferred,
    /// or that a gateway has moved. Parameters stand in braces, as in the operation's facts, and
    /// each has to be there.
    #[must_use]
    pub fn with_operation_path(
        mut self,
        operation: impl Into<String>,
        path: impl Into<String>,
    ) -> Self {
        Arc::make_mut(&mut self.paths).insert(operation.into(), path.into());
        self
    }

    /// Options of every call from here on.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// A credential that every call from here on carries. Several are added one after another;
    /// the last one of a header counts.
    #[must_use]
    pub fn with_credential(mut self, credential: Credential) -> Self {
        Arc::make_mut(&mut self.credentials).push(credential);
        self
    }

    /// Bounds of answers.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The base path in use.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The path that an operation is called at instead of its own, if there is one.
    #[must_use]
    pub fn operation_path(&self, operation: &str) -> Option<&str> {
        self.paths.get(operation).map(String::as_str)
    }
}
