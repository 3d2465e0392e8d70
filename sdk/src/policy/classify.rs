//! What an answer says about sending again.

use std::time::Duration;

use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::Response;
use mno_runtime::unica::{Exception, Refusal};

use super::body;

/// How much of a refusal is looked at.
const PEEK: usize = 64 * 1024;

/// What the policies make of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// For the caller to decode.
    Answer,
    /// Refused for rate and not processed; the platform may say how long to wait.
    TooFast(Option<Duration>),
}

/// Looks at status, headers and the beginning of the body; the answer comes back whole.
pub(super) async fn classify(facts: &OperationFacts, response: Response) -> (Verdict, Response) {
    if response.status().is_success() {
        return (Verdict::Answer, response);
    }
    let (parts, whole) = response.into_parts();
    let (seen, whole) = body::peek(whole, PEEK).await;
    let wait = retry_after(&parts.headers);
    // A 429 that names no time is left to the caller: who sent it, and for what, is not known.
    let too_many = parts.status == http::StatusCode::TOO_MANY_REQUESTS && wait.is_some();
    let verdict = match refusal(facts.protocol, &seen) {
        Some(Refusal::RateLimited) => Verdict::TooFast(wait),
        _ if too_many => Verdict::TooFast(wait),
        _ => Verdict::Answer,
    };
    (verdict, Response::from_parts(parts, whole))
}

fn refusal(protocol: Protocol, body: &[u8]) -> Option<Refusal> {
    match protocol {
        #[cfg(feature = "soap")]
        Protocol::Soap11 { .. } | Protocol::Soap12 { .. } => {
            mno_runtime::soap::sniff(body).map(|exception| Refusal::of(&exception))
        }
        Protocol::Rest { .. } => {
            Exception::from_json(body).map(|exception| Refusal::of(&exception))
        }
        _ => None,
    }
}

/// `Retry-After` in seconds; its other form, a date, needs clocks that agree.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}
