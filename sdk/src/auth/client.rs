//! Clients of platforms whose callers have access tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::Transport;
use mno_runtime::{Error, ErrorKind};

use super::{Credential, Grant, TokenEndpoint};
use crate::builder::{ClientBuilder, Platform};
use crate::http::split_https_url;
use crate::policy::{Organisation, Pipeline, Policies, RateLimits};
use crate::shared;

/// What only the builders of platforms with access tokens know.
pub struct TokenSettings<C> {
    pub(crate) credentials: Option<C>,
    token_url: Option<String>,
    /// Paths of operations in place of the contract's.
    pub(crate) paths: BTreeMap<String, String>,
}

impl<C> Default for TokenSettings<C> {
    fn default() -> Self {
        Self {
            credentials: None,
            token_url: None,
            paths: BTreeMap::new(),
        }
    }
}

impl<C, P: Platform<Settings = TokenSettings<C>>> ClientBuilder<P> {
    /// Who calls.
    pub fn credentials(mut self, credentials: C) -> Self {
        self.settings.credentials = Some(credentials);
        self
    }

    /// Where access tokens come from, if not from the place that the operator documents (KPN and
    /// Telekom: on the host of the base URL; MasStack: `token_uri` of the service account). An
    /// https URL; the same certificate authorities are trusted as for the platform.
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.settings.token_url = Some(url.into());
        self
    }
}

/// What a platform's tokens are like.
pub(crate) struct TokenCall {
    pub(crate) facts: &'static OperationFacts,
    /// Where tokens are had.
    pub(crate) at: TokenPlace,
    pub(crate) grant: Grant,
    /// Whom the rate budget belongs to.
    pub(crate) owner: String,
}

/// Where tokens are had, unless the builder was told otherwise.
pub(crate) enum TokenPlace {
    /// At a path on the platform's host.
    Path(&'static str),
    /// At a URL.
    Url(String),
}

/// What every client holds.
pub(crate) struct Connection {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) organisation: Organisation,
}

/// Puts transport, policies and credential together. `advice` is what to do without credentials.
pub(crate) fn connect<C, P: Platform<Settings = TokenSettings<C>>>(
    builder: ClientBuilder<P>,
    tokens: Option<TokenCall>,
    limits: RateLimits,
    advice: &str,
) -> Result<Connection, Error> {
    let ClientBuilder {
        https,
        policies,
        organisation,
        transport,
        settings,
    } = builder;
    if tokens.is_none() && transport.is_none() {
        return Err(configuration(advice));
    }
    let organisation = match (organisation, &tokens) {
        (Some(organisation), _) => organisation,
        (None, Some(tokens)) => shared::organisation(&https.base_url, &tokens.owner, limits),
        (None, None) => Organisation::new(limits),
    };
    split_https_url(&https.base_url, "base URL")?;
    let base = https.base_url.trim_end_matches('/').to_owned();
    let below: Arc<dyn Transport> = match &transport {
        Some(double) => Arc::clone(double),
        None => Arc::new(https.clone().build()?),
    };
    let mut pipeline = Pipeline::new(Arc::clone(&below), &organisation, policies);
    if let Some(tokens) = tokens {
        let url = match (settings.token_url, tokens.at) {
            (Some(url), _) => Ok((url, "token URL")),
            (None, TokenPlace::Url(url)) => Ok((url, "token_uri of the service account")),
            (None, TokenPlace::Path(path)) => Err(path),
        };
        let (host, below, target) = match url {
            Err(path) => (base, below, path.to_owned()),
            Ok((url, name)) => {
                let (host, target) = split_https_url(&url, name)?;
                let below = match transport {
                    Some(double) => double,
                    None => {
                        let mut https = https;
                        https.base_url.clone_from(&host);
                        Arc::new(https.build()?) as Arc<dyn Transport>
                    }
                };
                (host, below, target)
            }
        };
        let below = Pipeline::new(below, &organisation, Policies::default());
        let host = host.trim_start_matches("https://");
        let endpoint =
            TokenEndpoint::new(Arc::new(below), tokens.facts, host, target, tokens.grant);
        pipeline = pipeline.with_credential(&Credential::new(endpoint));
    }
    Ok(Connection {
        transport: Arc::new(pipeline),
        organisation,
    })
}

pub(crate) fn configuration(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, message)
}
