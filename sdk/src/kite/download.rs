//! Fetching what a link of the platform leads to: once, encrypted, with a cap.

use std::sync::Arc;

use bytes::Bytes;
use http::Uri;
use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::{Call, Delivery, Transport, TransportError, TransportErrorKind};
use mno_runtime::{Error, ErrorKind};

use crate::http::HttpsBuilder;

/// Where downloads go: the link's own host, with the roots of the client.
#[derive(Clone)]
pub(crate) enum Downloads {
    Https(HttpsBuilder),
    Double(Arc<dyn Transport>),
}

/// Who gets to see the client certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)] // each handle has its own
pub(crate) enum Certificate {
    /// Nobody.
    Never,
    /// The platform: host and port that calls go to as well, and no other.
    SameHost,
}

/// What a link gave.
pub(crate) enum Fetched {
    Content(Bytes),
    /// The link has been used, perhaps by a download that got lost, or is too old.
    Spent,
}

impl Downloads {
    pub(super) async fn fetch(
        &self,
        facts: &'static OperationFacts,
        link: &str,
        certificate: Certificate,
        cap: usize,
    ) -> Result<Fetched, Error> {
        let failed = |message: &str| {
            Error::new(ErrorKind::UnexpectedResponse, message).with_operation(facts)
        };
        let uri: Uri = link
            .trim()
            .parse()
            .map_err(|_| failed("the link cannot be parsed"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(failed("the link names no host"));
        };
        if scheme != "https" {
            return Err(failed(
                "the link is not an https one, and what it leads to is confidential: fetch it by \
                 hand, or ask the platform's support",
            ));
        }
        let transport: Arc<dyn Transport> = match self {
            Self::Double(double) => double.clone(),
            Self::Https(https) => {
                let mut https = https.clone();
                if certificate == Certificate::Never || !is_same_host(&https.base_url, &uri) {
                    https.identity = None;
                }
                https.base_url = format!("https://{authority}");
                Arc::new(https.build()?)
            }
        };
        let target = uri.path_and_query().map_or("/", |t| t.as_str());
        let request = http::Request::get(target)
            .body(Bytes::new())
            .map_err(|e| failed("the link cannot be parsed").with_source(e))?;
        let answer = async {
            let response = transport.send(Call::new(facts, request)).await?;
            let status = response.status();
            Ok((status, response.into_body().collect(cap).await?))
        };
        let (status, body) = match answer.await {
            Ok(answer) => answer,
            // The link may have been used up by what got lost.
            Err(TransportError {
                kind: TransportErrorKind::Interrupted | TransportErrorKind::Timeout,
                delivery: Delivery::Unknown,
                ..
            }) => return Ok(Fetched::Spent),
            Err(error) => return Err(Error::from_transport(facts, error)),
        };
        if status.is_success() {
            return Ok(Fetched::Content(body));
        }
        let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
        if status.as_u16() == 400 && text.contains("does not exist or has expired") {
            return Ok(Fetched::Spent);
        }
        Err(failed("the link's host refused the download").with_status(status))
    }
}

/// Whether a link leads to the host and port of this base URL.
fn is_same_host(base_url: &str, link: &Uri) -> bool {
    let place = |uri: &Uri| {
        let host = uri.host()?.to_ascii_lowercase();
        Some((host, uri.port_u16().unwrap_or(443)))
    };
    let base = base_url.parse::<Uri>().ok();
    let base = base.filter(|uri| uri.scheme_str() == Some("https"));
    base.is_some_and(|base| place(&base).is_some() && place(&base) == place(link))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_host_is_another_host() {
        let same = |base: &str, link: &'static str| is_same_host(base, &Uri::from_static(link));
        let base = "https://kite.example:8010/proxied";
        assert!(same(base, "https://KITE.example:8010/api/download/7"));
        assert!(same("https://kite.example", "https://kite.example:443/7"));
        for other in [
            "https://kite.example/7",
            "https://kite.example:8011/7",
            "https://files.kite.example:8010/7",
            "https://kite.example.evil.example:8010/7",
            "https://evil.example:8010/kite.example:8010",
        ] {
            assert!(!same(base, other), "{other}");
        }
        assert!(!same("", "https://kite.example:8010/7"));
    }
}
