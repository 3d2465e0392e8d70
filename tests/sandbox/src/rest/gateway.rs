//! What stands before a REST platform: its tokens, and its refusals for rate.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use http::{HeaderMap, header};
use tokio::time::Instant;

use crate::lock;

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    /// There is none.
    Missing,
    /// It was never issued.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// The door of a REST platform: tokens and limits, for a test to play with.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn demo(sandbox: &mno_sandbox::Sandbox) {
/// let gateway = sandbox.bsc().gateway();
/// gateway.revoke_tokens(); // every token so far is answered with 401
/// gateway.tokens_live_for(Duration::from_secs(5)); // those to come expire on tokio's clock
/// gateway.too_many_requests(3, Duration::from_secs(1)); // the next three calls: 429
/// # }
/// ```
#[derive(Debug)]
pub struct Gateway {
    base_url: String,
    token_url: String,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    tokens: HashMap<String, Token>,
    lifetime: Duration,
    /// Calls that are still to be refused, and what they are told.
    too_many: (u32, Duration),
}

#[derive(Debug)]
struct Token {
    account: String,
    expires: Instant,
    revoked: bool,
}

impl Gateway {
    /// `url` is that of the listener.
    pub(crate) fn new(url: &str, base: &str, token_path: &str, lifetime: Duration) -> Self {
        Self {
            base_url: format!("{url}{base}"),
            token_url: format!("{url}{token_path}"),
            inner: Mutex::new(Inner {
                tokens: HashMap::new(),
                lifetime,
                too_many: (0, Duration::ZERO),
            }),
        }
    }

    /// The URL that the paths of operations stand behind. The SDK's builders take
    /// [`rest_url`](crate::Sandbox::rest_url) instead, and add the API's path themselves.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The URL at which tokens are to be had.
    #[must_use]
    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// Revokes every token that was issued so far.
    pub fn revoke_tokens(&self) {
        for token in lock(&self.inner).tokens.values_mut() {
            token.revoked = true;
        }
    }

    /// How long tokens live that are issued from now on, on tokio's clock; about an hour by
    /// default. They are said to live so long, in whole seconds.
    pub fn tokens_live_for(&self, lifetime: Duration) {
        lock(&self.inner).lifetime = lifetime;
    }

    /// How many tokens were issued so far.
    #[must_use]
    pub fn tokens_issued(&self) -> usize {
        lock(&self.inner).tokens.len()
    }

    /// Refuses so many calls with status 429, those for tokens included.
    pub fn too_many_requests(&self, calls: u32, retry_after: Duration) {
        lock(&self.inner).too_many = (calls, retry_after);
    }

    /// Takes a new token in, and says how long it lives.
    pub(crate) fn issue(&self, token: &str, account: &str) -> Duration {
        let mut inner = lock(&self.inner);
        let lifetime = inner.lifetime;
        let issued = Token {
            account: account.to_owned(),
            expires: Instant::now() + lifetime,
            revoked: false,
        };
        inner.tokens.insert(token.to_owned(), issued);
        lifetime
    }

    /// Whose token a call has.
    pub(crate) fn account(&self, headers: &HeaderMap) -> Result<String, TokenProblem> {
        let header = headers.get(header::AUTHORIZATION);
        let (scheme, text) = header
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split_once(' '))
            .ok_or(TokenProblem::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(TokenProblem::Missing);
        }
        let inner = lock(&self.inner);
        let token = inner.tokens.get(text.trim()).ok_or(TokenProblem::Unknown)?;
        if token.revoked {
            Err(TokenProblem::Revoked)
        } else if token.expires <= Instant::now() {
            Err(TokenProblem::Expired)
        } else {
            Ok(token.account.clone())
        }
    }

    /// Whether the present call is one too many, and when it may come back.
    pub(crate) fn refuse_for_rate(&self) -> Option<Duration> {
        let mut inner = lock(&self.inner);
        let (calls, retry_after) = inner.too_many;
        inner.too_many.0 = calls.checked_sub(1)?;
        Some(retry_after)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn bearer(token: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = format!("Bearer {token}").parse().unwrap();
        headers.insert(header::AUTHORIZATION, value);
        headers
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_has_its_time() {
        let gateway = Gateway::new("https://sandbox", "/v1", "/token", Duration::from_secs(60));
        let account = |token| gateway.account(&bearer(token));
        assert_eq!(
            gateway.account(&HeaderMap::new()),
            Err(TokenProblem::Missing)
        );
        assert_eq!(account("a"), Err(TokenProblem::Unknown));
        gateway.issue("a", "Acme");
        assert_eq!(account("a"), Ok("Acme".to_owned()));
        gateway.revoke_tokens();
        gateway.issue("b", "Acme");
        assert_eq!(account("a"), Err(TokenProblem::Revoked));
        assert_eq!(account("b"), Ok("Acme".to_owned()));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(account("b"), Err(TokenProblem::Expired));
    }

    #[test]
    fn refusals_run_out() {
        let gateway = Gateway::new("https://sandbox", "/v1", "/token", Duration::from_secs(60));
        let second = Duration::from_secs(1);
        assert_eq!(gateway.refuse_for_rate(), None);
        gateway.too_many_requests(2, second);
        assert_eq!(gateway.refuse_for_rate(), Some(second));
        assert_eq!(gateway.refuse_for_rate(), Some(second));
        assert_eq!(gateway.refuse_for_rate(), None);
    }
}
