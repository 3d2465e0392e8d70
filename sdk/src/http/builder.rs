use std::fmt;
use std::time::Duration;

use http::Uri;
use mno_runtime::{Error, ErrorKind};
use rustls::pki_types::CertificateDer;

use super::HttpsTransport;
use super::connect::Handshakes;
use super::failure::Place;
use crate::identity::Identity;
use crate::tls::{self, Trust};

/// Sets up an [`HttpsTransport`].
#[derive(Clone)]
#[must_use = "a builder does nothing until build() is called"]
pub struct HttpsBuilder {
    pub(crate) base_url: String,
    pub(crate) identity: Option<Identity>,
    extra_pem: Vec<Vec<u8>>,
    trust: Trust,
    connect_timeout: Duration,
}

impl HttpsBuilder {
    pub(super) fn new(base_url: String) -> Self {
        Self {
            base_url,
            identity: None,
            extra_pem: Vec::new(),
            trust: Trust::default(),
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// The client certificate.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Trusts the certificate authorities in this PEM text, besides those of the system. An
    /// intermediate alone is enough.
    pub fn extra_root_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.extra_pem.push(pem.into());
        self
    }

    /// Trusts this certificate authority (a `.cer` or `.der` file), besides those of the system.
    pub fn extra_root_der(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.trust.extra.push(CertificateDer::from(der.into()));
        self
    }

    /// Trusts the extra roots alone, and not those of the system.
    pub fn only_extra_roots(mut self, only: bool) -> Self {
        self.trust.only_extra = only;
        self
    }

    /// Longest time for a connection to come about, 10 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Makes the transport. It connects with the first call.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the base URL is not an https one, or an extra root cannot be
    /// read.
    pub fn build(self) -> Result<HttpsTransport, Error> {
        let base = Base::parse(&self.base_url, "base URL")?;
        self.with_base(base)
    }

    /// Makes a transport to this authority without TLS, and so without the client certificate.
    #[cfg(feature = "downloads")]
    pub(crate) fn build_in_the_clear(mut self, authority: &str) -> Result<HttpsTransport, Error> {
        self.identity = None;
        // What is checked of a base URL is the same; only the scheme differs.
        let mut base = Base::parse(&format!("https://{authority}"), "link")?;
        base.url = format!("http://{authority}");
        self.with_base(base)
    }

    fn with_base(mut self, base: Base) -> Result<HttpsTransport, Error> {
        for pem in &self.extra_pem {
            self.trust.add_pem(pem)?;
        }
        let tls = tls::client_config(self.identity.as_ref(), &self.trust)?;
        let handshakes = Handshakes::default();
        let mut builder = reqwest::Client::builder()
            .connector_layer(handshakes.clone())
            .tls_backend_preconfigured(tls)
            .https_only(base.url.starts_with("https://"))
            .redirect(reqwest::redirect::Policy::none())
            // Nothing below us repeats a request that the rate permits did not count. (hyper does
            // take another connection when a kept one proves closed before anything was written.)
            .retry(reqwest::retry::never())
            // Servers and firewalls drop idle connections. A write that meets one just then has
            // an unknown outcome, so connections are dropped from our side first.
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(self.connect_timeout)
            .user_agent(concat!("mno-sdk/", env!("CARGO_PKG_VERSION")));
        if base.is_loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Error::new(
                ErrorKind::Configuration,
                "the HTTPS client cannot be set up",
            )
            .with_source(error.without_url())
        })?;
        let place = Place {
            server: base.server,
            connect_timeout: self.connect_timeout,
            has_identity: self.identity.is_some(),
        };
        Ok(HttpsTransport {
            client,
            base: base.url,
            place,
            handshakes,
        })
    }
}

impl fmt::Debug for HttpsBuilder {
    /// Not the base URL: until it has been checked it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsBuilder")
            .field("identity", &self.identity)
            .field(
                "extra_roots",
                &(self.extra_pem.len() + self.trust.extra.len()),
            )
            .field("only_extra_roots", &self.trust.only_extra)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

/// A base URL, taken apart.
struct Base {
    url: String,
    server: String,
    is_loopback: bool,
}

impl Base {
    /// `name` is what the URL is, for messages.
    fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let refused = |why: &str| refused(name, why);
        let uri: Uri = text
            .parse()
            .map_err(|error| refused("cannot be parsed").with_source(error))?;
        let authority = uri.authority().ok_or_else(|| refused("names no host"))?;
        if uri.scheme_str() != Some("https") {
            return Err(refused(
                "does not begin with https://, and requests with personal data go encrypted only",
            ));
        }
        if authority.as_str().contains('@') {
            return Err(refused(
                "holds a user name, which this platform does not use",
            ));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(refused("has a query or fragment"));
        }
        let host = uri.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = host.eq_ignore_ascii_case("localhost")
            || bare
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback());
        Ok(Self {
            url: text.trim_end_matches('/').to_owned(),
            server: authority.as_str().to_owned(),
            is_loopback,
        })
    }
}

/// Not the URL itself: it may hold a password.
fn refused(name: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!("the {name} {why}: it looks like https://host:8010"),
    )
}

/// An https URL, as the base of a transport and the path and query under it. `name` is what the
/// URL is, for messages.
#[cfg(feature = "auth")]
pub(crate) fn split_https_url(text: &str, name: &str) -> Result<(String, String), Error> {
    let (url, query) = match text.split_once('?') {
        Some((url, query)) => (url, Some(query)),
        None => (text, None),
    };
    let base = Base::parse(url, name)?;
    if query.is_some_and(|query| query.contains('#')) {
        return Err(refused(name, "has a fragment"));
    }
    let uri: Uri = text
        .parse()
        .map_err(|error| refused(name, "cannot be parsed").with_source(error))?;
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    Ok((format!("https://{}", base.server), target.to_owned()))
}
