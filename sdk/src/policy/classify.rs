//! What an answer says about sending again.

use std::time::{Duration, SystemTime};

use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::Response;
use mno_runtime::unica::{Exception, Refusal};
use mno_runtime::values::DateTime;

use super::body;
use super::permits::retry_after;

/// How much of a refusal is looked at.
const PEEK: usize = 64 * 1024;

/// What the policies make of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// For the caller to decode.
    Answer,
    /// Refused for rate and not processed; the platform may say how long to wait.
    TooFast(Option<Duration>),
    /// The platform itself says that it is temporarily unavailable: not processed.
    Unavailable(Option<Duration>),
    /// A gateway's 502, 503 or 504, or an error that the platform would like to see repeated:
    /// whether it was processed is not known.
    Trouble(Option<Duration>),
    /// An error of the platform's own: whether it was processed is not known.
    Failed,
}

/// Looks at status, headers and the beginning of the body; the answer comes back whole.
pub(super) async fn classify(facts: &OperationFacts, response: Response) -> (Verdict, Response) {
    if response.status().is_success() {
        return (Verdict::Answer, response);
    }
    let (parts, whole) = response.into_parts();
    let (seen, whole) = body::peek(whole, PEEK).await;
    let is_429 = parts.status == http::StatusCode::TOO_MANY_REQUESTS;
    let now = SystemTime::now();
    let wait = retry_after(&parts.headers, now)
        .or_else(|| quota_reset(&parts.headers, now).filter(|_| is_429));
    // A 429 that names no time is left to the caller: who sent it, and for what, is not known.
    let too_many = is_429 && wait.is_some();
    let exception = exception(facts.protocol, &seen);
    let is_gateways = exception.is_none() && matches!(parts.status.as_u16(), 502..=504);
    // (UNICA) "Server error in processing, retry is allowed".
    let is_passing = exception
        .as_ref()
        .is_some_and(|exception| (exception.category.as_str(), exception.id) == ("SVR", 1007));
    let verdict = match exception.as_ref().map(Refusal::of) {
        Some(Refusal::RateLimited) => Verdict::TooFast(wait),
        Some(Refusal::Unavailable) => Verdict::Unavailable(wait),
        _ if too_many => Verdict::TooFast(wait),
        _ if is_gateways || is_passing => Verdict::Trouble(wait),
        _ if is_failure(facts, parts.status, exception.as_ref(), &seen) => Verdict::Failed,
        _ => Verdict::Answer,
    };
    (verdict, Response::from_parts(parts, whole))
}

/// Whether it is no refusal: the platform broke.
fn is_failure(
    facts: &OperationFacts,
    status: http::StatusCode,
    exception: Option<&Exception>,
    body: &[u8],
) -> bool {
    match exception {
        Some(exception) => !exception.is_refusal(),
        None if matches!(
            facts.protocol,
            Protocol::Soap11 { .. } | Protocol::Soap12 { .. }
        ) =>
        {
            status.is_server_error() && !body.windows(5).any(|word| word == b"Fault")
        }
        None => status.is_server_error(),
    }
}

fn exception(protocol: Protocol, body: &[u8]) -> Option<Exception> {
    match protocol {
        #[cfg(feature = "soap")]
        Protocol::Soap11 { .. } | Protocol::Soap12 { .. } => mno_runtime::soap::sniff(body),
        // Under which status Kite refuses for rate over REST is not documented.
        Protocol::Rest { .. } => Exception::from_json(body),
        _ => None,
    }
}

/// `quota-reset-UTC` of KPN's gateway: when the next quota begins. Its form is not documented; read
/// are milliseconds or seconds since 1970, and RFC 3339.
fn quota_reset(headers: &http::HeaderMap, now: SystemTime) -> Option<Duration> {
    /// From here on it must be milliseconds: as seconds it would be the year 5138.
    const MILLIS: u64 = 100_000_000_000;
    let after = |since| SystemTime::UNIX_EPOCH.checked_add(since);
    let text = headers.get("quota-reset-utc")?.to_str().ok()?.trim();
    let reset = match text.parse::<u64>() {
        Ok(number) if number >= MILLIS => after(Duration::from_millis(number))?,
        Ok(number) => after(Duration::from_secs(number))?,
        Err(_) => text.parse::<DateTime>().ok()?.to_system_time()?,
    };
    Some(reset.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn quotas_begin_anew_at_a_time_of_several_forms() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        for (text, wait) in [
            ("1800000030000", Some(30)),
            ("1800000030", Some(30)),
            ("2027-01-15T08:00:30Z", Some(30)),
            ("1700000000", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let mut headers = http::HeaderMap::new();
            headers.insert("quota-reset-UTC", text.parse().unwrap());
            let read = quota_reset(&headers, now);
            assert_eq!(read, wait.map(Duration::from_secs), "{text}");
        }
        let mut headers = http::HeaderMap::new();
        headers.insert("quota-reset-UTC", u64::MAX.into());
        let _ = quota_reset(&headers, now); // far away, and no panic
    }
}
