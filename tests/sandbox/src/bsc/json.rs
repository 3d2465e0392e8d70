//! How the platform writes: errors, pages, times.

use serde_json::{Value, json};

use crate::rest::{Answer, Call, Problem};
use crate::time::Timestamp;

/// Errors of the platform, with the numbers and names of the one below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    InvalidToken,
    TokenExpired,
    Forbidden,
    TooManyRequests,
    NotFound,
    BadQuery,
    BadSort,
    InputValidationFailed,
    InvalidReference,
    Required,
    InvalidFormat,
    NotAllowed,
}

impl Error {
    /// HTTP status, number and name.
    fn facts(self) -> (u16, u32, &'static str) {
        match self {
            Self::InvalidToken => (401, 1102, "InvalidToken"),
            Self::TokenExpired => (401, 1103, "TokenExpired"),
            Self::Forbidden => (403, 1104, "Forbidden"),
            Self::TooManyRequests => (429, 1105, "TooManyRequests"),
            Self::NotFound => (404, 1201, "NotFound"),
            Self::BadQuery => (422, 1301, "BadQueryParameter"),
            Self::BadSort => (422, 1302, "BadSortParameter"),
            Self::InputValidationFailed => (422, 1400, "InputValidationFailed"),
            Self::InvalidReference => (422, 1401, "InvalidReference"),
            Self::Required => (422, 1402, "Required"),
            Self::InvalidFormat => (422, 1403, "InvalidFormat"),
            Self::NotAllowed => (422, 1406, "NotAllowed"),
        }
    }

    fn to_json(self, message: &str) -> Value {
        let (_, number, name) = self.facts();
        json!({ "error_code": number, "error_token": name, "message": message })
    }
}

/// A refusal.
pub(super) fn refused(error: Error) -> Answer {
    refused_for(error, "The sandbox refuses this call")
}

/// A refusal with a text of its own.
pub(super) fn refused_for(error: Error, message: &str) -> Answer {
    let (status, number, _) = error.facts();
    Answer::json(status, &error.to_json(message)).refused(number.to_string())
}

/// A refusal of a body for its form.
pub(super) fn malformed(problem: &Problem) -> Answer {
    let detail = match problem {
        Problem::Missing(_) => Error::Required,
        Problem::Unknown(_) => Error::NotAllowed,
        Problem::Wrong(..) => Error::InvalidFormat,
    };
    let mut body = Error::InputValidationFailed.to_json("The body is not valid");
    body["errors"] = json!([detail.to_json(&problem.to_string())]);
    Answer::json(422, &body).refused("1400")
}

/// A refusal of a call for a token, which looks differently.
pub(super) fn token_refused(code: &str) -> Answer {
    let body = json!({ "statusCode": 400, "errorCode": code, "message": "No token for this" });
    Answer::json(400, &body).refused(code)
}

/// A refusal that a test wants.
pub(super) fn wanted(status: u16) -> Answer {
    let error = match status {
        401 => Error::InvalidToken,
        403 => Error::Forbidden,
        404 => Error::NotFound,
        422 => Error::InputValidationFailed,
        429 => Error::TooManyRequests,
        _ => {
            let body = json!({ "message": "The sandbox was asked to fail" });
            return Answer::json(status, &body).refused(status.to_string());
        }
    };
    refused(error)
}

/// What a list can be sorted by, and how two entries compare.
pub(super) type Sorts<T> = &'static [(&'static str, fn(&T, &T) -> std::cmp::Ordering)];

/// A page of a list, with the totals in headers.
pub(super) fn page<T>(
    call: &Call<'_>,
    largest: usize,
    sorts: Sorts<T>,
    entries: Vec<&T>,
    write: impl Fn(&T) -> Value,
) -> Result<Answer, Answer> {
    let (entries, totals) = cut(call, largest, sorts, entries)?;
    let body = entries.into_iter().map(write).collect();
    Ok(totals.head(Answer::json(200, &Value::Array(body))))
}

/// Where a page is in its list.
pub(super) struct Totals {
    size: usize,
    page: usize,
    pub(super) entries: usize,
    pub(super) pages: usize,
}

impl Totals {
    /// The answer with the totals in its headers.
    pub(super) fn head(&self, answer: Answer) -> Answer {
        answer
            .with("x-count-per-page", self.size)
            .with("x-current-page", self.page)
            .with("x-total-count", self.entries)
            .with("x-total-pages", self.pages)
    }
}

/// Sorts a list as a call wants it, and cuts a page out of it.
pub(super) fn cut<'a, T>(
    call: &Call<'_>,
    largest: usize,
    sorts: Sorts<T>,
    mut entries: Vec<&'a T>,
) -> Result<(Vec<&'a T>, Totals), Answer> {
    let number = |name: &str, default: usize, range: std::ops::RangeInclusive<usize>| {
        let Some(text) = call.query(name) else {
            return Ok(default);
        };
        let number = text.parse().ok().filter(|n| range.contains(n));
        let problem = format!("{name} must be a number from {} on", range.start());
        number.ok_or_else(|| refused_for(Error::BadQuery, &problem))
    };
    let page = number("page", 1, 1..=usize::MAX)?;
    let size = number("pageSize", 10, 1..=largest)?;
    // Sorting is stable, so the first of several properties is sorted by last.
    let wanted: Vec<_> = call.query("sort").unwrap_or_default().split(',').collect();
    for property in wanted.into_iter().rev().filter(|p| !p.is_empty()) {
        let (name, falling) = match property.strip_prefix('-') {
            Some(name) => (name, true),
            None => (property, false),
        };
        let Some((_, compare)) = sorts.iter().find(|(n, _)| *n == name) else {
            return Err(refused(Error::BadSort));
        };
        entries.sort_by(|a, b| {
            if falling {
                compare(b, a)
            } else {
                compare(a, b)
            }
        });
    }
    let totals = Totals {
        size,
        page,
        entries: entries.len(),
        pages: entries.len().div_ceil(size),
    };
    let first = (page - 1).saturating_mul(size);
    Ok((entries.into_iter().skip(first).take(size).collect(), totals))
}

/// `2026-05-04T08:15:30.000+0000`, as most reads have it.
pub(super) fn time(time: Timestamp) -> String {
    time.to_string().replace('Z', ".000+0000")
}

/// `2026-05-04 08:15:30`, as quotas and callbacks have it.
pub(super) fn bare_time(time: Timestamp) -> String {
    time.to_string().replace('T', " ").replace('Z', "")
}
