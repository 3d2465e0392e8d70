//! Fetching what a link of the platform leads to: once, encrypted unless the caller will have it
//! otherwise, with a cap.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::Uri;
use mno_runtime::facts::OperationFacts;
use mno_runtime::transport::{Body, Call, Delivery, Transport, TransportError, TransportErrorKind};
use mno_runtime::{Error, ErrorKind};

use crate::http::HttpsBuilder;

/// Longest time until the answer begins, and between two pieces of it. A download as a whole may
/// take its time; one that stands still ends. (guide 4.3: whatever the platform does takes 70 s.)
const STILL: Duration = Duration::from_secs(70);

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

/// Whether a link that begins with `http://` is followed, in the clear and without a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)] // each handle has its own
pub(crate) enum PlainHttp {
    Allowed,
    /// What to do instead.
    Refused(&'static str),
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
        plain_http: PlainHttp,
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
        let in_the_clear = match (scheme, plain_http) {
            ("https", _) => false,
            ("http", PlainHttp::Allowed) => true,
            ("http", PlainHttp::Refused(advice)) => {
                return Err(failed(&format!(
                    "the link is a plain http one, and what it leads to is confidential: {advice}"
                )));
            }
            _ => {
                return Err(failed(
                    "the link is neither an https nor an http one: fetch it by hand, or ask the \
                     platform's support",
                ));
            }
        };
        let transport: Arc<dyn Transport> = match self {
            Self::Double(double) => double.clone(),
            Self::Https(https) if in_the_clear => {
                Arc::new(https.clone().build_in_the_clear(authority.as_str())?)
            }
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
            let response = transport.send(Call::new(facts, request));
            let response = tokio::time::timeout(STILL, response).await;
            let response = response.map_err(|_| stands_still())??;
            let status = response.status();
            Ok((status, collect(response.into_body(), cap).await?))
        };
        let (status, body) = match answer.await {
            Ok(answer) => answer,
            // The link may have been used up by what got lost.
            Err(TransportError {
                kind: TransportErrorKind::Interrupted,
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
        let message = if status.is_redirection() {
            "the link's host sends on to another address, which is not followed: it may be another \
             host, or lead from https to http"
        } else {
            "the link's host refused the download"
        };
        Err(failed(message).with_status(status))
    }
}

/// The whole of a body that keeps coming.
async fn collect(mut body: Body, cap: usize) -> Result<Bytes, TransportError> {
    let mut whole = BytesMut::new();
    loop {
        let piece = poll_fn(|cx| Pin::new(&mut body).poll_next(cx));
        let piece = tokio::time::timeout(STILL, piece).await;
        match piece.map_err(|_| stands_still())? {
            None => return Ok(whole.freeze()),
            Some(piece) => whole.extend_from_slice(&piece?),
        }
        if whole.len() > cap {
            return Err(TransportError::new(
                TransportErrorKind::TooLarge,
                Delivery::Unknown,
                format!(
                    "the download has more than {cap} bytes, all that is left of the most that the \
                     caller allows"
                ),
            ));
        }
    }
}

fn stands_still() -> TransportError {
    TransportError::new(
        TransportErrorKind::Timeout,
        Delivery::Unknown,
        format!("nothing came for {} s; ask for a new link", STILL.as_secs()),
    )
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
    #![allow(clippy::panic)]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_download_that_stands_still_ends() {
        static FACTS: OperationFacts = OperationFacts::new(
            "kite",
            "download",
            mno_runtime::facts::Protocol::soap11_without_action(),
        )
        .idempotency(mno_runtime::facts::Idempotency::Safe);
        let still = |_call: Call| {
            let pieces = futures_util::stream::iter([Ok(Bytes::from_static(b"Date;"))]);
            let body = futures_util::StreamExt::chain(pieces, futures_util::stream::pending());
            async move {
                Ok(mno_runtime::transport::Response::new(Body::from_stream(
                    body,
                )))
            }
        };
        let downloads = Downloads::Double(Arc::new(still));
        let link = "https://kite.example/api/download/7";
        let fetched = downloads.fetch(&FACTS, link, Certificate::Never, PlainHttp::Allowed, 99);
        let Err(error) = fetched.await else {
            panic!("it ended")
        };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(
            error.to_string().contains("nothing came for 70 s"),
            "{error}"
        );
    }

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
