//! How long a refusal asks to wait.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// `Retry-After`: seconds, or a date. A date is held against the answer's own (`Date`), so that
/// clocks need not agree; against `now` where there is none.
pub(in crate::policy) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| httpdate::parse_http_date(text.trim()).ok();
    let until = date(text)?;
    let since = headers
        .get(DATE)
        .and_then(|value| date(value.to_str().ok()?))
        .unwrap_or(now);
    Some(until.duration_since(since).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn seconds_and_dates() {
        // 15 January 2027, 08:00:00.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        for (text, date, wait) in [
            ("7", None, Some(7)),
            (" 120 ", None, Some(120)),
            ("0", None, Some(0)),
            ("Fri, 15 Jan 2027 08:00:30 GMT", None, Some(30)),
            ("Friday, 15-Jan-27 08:00:30 GMT", None, Some(30)),
            ("Fri, 15 Jan 2027 07:00:00 GMT", None, Some(0)),
            // The platform's clock is ten minutes behind.
            (
                "Fri, 15 Jan 2027 07:50:30 GMT",
                Some("Fri, 15 Jan 2027 07:50:00 GMT"),
                Some(30),
            ),
            ("-1", None, None),
            ("soon", None, None),
            ("99999999999999999999999", None, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            let read = retry_after(&headers, now);
            assert_eq!(read, wait.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
