//! One token for everybody, renewed in time.

use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Shared, WeakShared};
use http::HeaderValue;
use tokio::time::Instant;

use super::{AccessToken, Secret, TokenError, TokenErrorKind, TokenSource};

/// The longest that a token is renewed before its end.
const LONGEST_EARLY: Duration = Duration::from_secs(10 * 60);
/// How long a caller with a good token waits for a better one.
const EARLY_WAIT: Duration = Duration::from_secs(5);
/// How long nobody tries again to renew a token that is still good.
const EARLY_PAUSE: Duration = Duration::from_secs(10);
/// How long a failure is the answer to everybody who asks.
pub(crate) const FAILURE_HOLDS: Duration = Duration::from_secs(1);
/// How long a token that came in answer to a 401 and met with nothing else is not replaced again:
/// these credentials have no right to the API, and another token would not change that.
const REFUSED_PAUSE: Duration = Duration::from_secs(60);

/// A token that is kept and renewed for all calls of a client; clones share it.
///
/// The [module](super) says how. It is driven by the calls that need it: nothing runs while
/// nobody calls.
#[derive(Clone)]
pub struct Credential(Arc<Inner>);

struct Inner {
    source: Box<dyn TokenSource>,
    state: Mutex<State>,
}

type Outcome = Result<Token, TokenError>;
type Fetch = Pin<Box<dyn Future<Output = Outcome> + Send>>;

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The request under way. Those who wait for it keep it alive: when the last of them is gone,
    /// so is the request.
    fetch: Option<WeakShared<Fetch>>,
    /// The last failure, until a token comes.
    failed: Option<Failed>,
    /// The platform answered 401 to the last token.
    refused: bool,
}

struct Failed {
    at: Instant,
    /// `None` when it was not waited for.
    error: Option<TokenError>,
}

/// A token that was handed out, and which one of all that were.
#[derive(Clone)]
pub(crate) struct Token(Arc<Issued>);

struct Issued {
    header: Secret,
    asked: Instant,
    renew: Instant,
    end: Instant,
    /// Asked for because the one before met with a 401.
    after_refusal: bool,
    /// The platform has answered it with something else than 401.
    accepted: AtomicBool,
}

impl Credential {
    /// Keeps the tokens of this source.
    pub fn new(source: impl TokenSource + 'static) -> Self {
        Self(Arc::new(Inner {
            source: Box::new(source),
            state: Mutex::default(),
        }))
    }

    /// A token that is good now, from the source if need be.
    pub(crate) async fn token(&self) -> Outcome {
        let (fetch, old) = {
            let mut state = self.lock();
            let now = Instant::now();
            match state.good(now) {
                Some(token) if !state.should_renew(&token, now) => return Ok(token),
                old => {
                    if let (None, Some(error)) = (&old, state.fresh_failure(now)) {
                        return Err(error);
                    }
                    (self.join(&mut state), old)
                }
            }
        };
        let Some(old) = old else {
            return fetch.await;
        };
        let wait = EARLY_WAIT.min(old.0.end - Instant::now());
        match tokio::time::timeout(wait, fetch.clone()).await {
            Ok(Err(error)) if old.0.end > Instant::now() => {
                tracing::warn!(%error, "the access token cannot be renewed; the old one still lives");
                Ok(old)
            }
            Ok(outcome) => outcome,
            Err(_) if old.0.end > Instant::now() => {
                tracing::warn!(
                    "the access token takes its time to be renewed; the old one still lives"
                );
                self.lock().failed = Some(Failed {
                    at: Instant::now(),
                    error: None,
                });
                Ok(old)
            }
            Err(_) => fetch.await,
        }
    }

    /// The newest token, if another one has come since.
    pub(crate) fn newest(&self, token: Token) -> Token {
        self.lock().good(Instant::now()).unwrap_or(token)
    }

    /// The platform answered 401 to this token. Tells whether another one is worth a try; it is
    /// asked for once, however many calls this token has failed.
    pub(crate) fn refused(&self, token: &Token) -> bool {
        let mut state = self.lock();
        let is_current = state.token.as_ref().is_some_and(|other| other.is(token));
        if !is_current {
            // Another one has come since, or is on its way.
            return true;
        }
        let Issued {
            after_refusal,
            accepted,
            asked,
            ..
        } = &*token.0;
        let hopeless = *after_refusal && !accepted.load(Ordering::Relaxed);
        if hopeless && asked.elapsed() < REFUSED_PAUSE {
            return false;
        }
        state.token = None;
        state.refused = true;
        true
    }

    /// The request under way, or a new one.
    fn join(&self, state: &mut State) -> Shared<Fetch> {
        if let Some(fetch) = state.fetch.as_ref().and_then(WeakShared::upgrade) {
            return fetch;
        }
        let inner = Arc::clone(&self.0);
        let after_refusal = state.refused;
        let fetch: Fetch = Box::pin(async move {
            let asked = Instant::now();
            let fetched = inner.source.fetch().await;
            let outcome = fetched.and_then(|token| Token::new(&token, asked, after_refusal));
            let mut state = inner.lock();
            state.fetch = None;
            match &outcome {
                Ok(token) => {
                    state.token = Some(token.clone());
                    state.failed = None;
                    state.refused = false;
                }
                Err(error) => {
                    state.failed = Some(Failed {
                        at: Instant::now(),
                        error: Some(error.clone()),
                    });
                }
            }
            outcome
        });
        let fetch = fetch.shared();
        state.fetch = fetch.downgrade();
        fetch
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is consistent between statements: a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.lock().token.as_ref().map(|token| token.0.end);
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        f.debug_struct("Credential")
            .field("token_lives_for", &left)
            .finish_non_exhaustive()
    }
}

impl State {
    fn good(&self, now: Instant) -> Option<Token> {
        self.token.clone().filter(|token| token.0.end > now)
    }

    /// Whether the caller is the one to renew a token that is still good.
    fn should_renew(&self, token: &Token, now: Instant) -> bool {
        let under_way = || {
            let fetch = self.fetch.as_ref();
            fetch.and_then(WeakShared::upgrade).is_some()
        };
        let paused = || {
            let failed = self.failed.as_ref();
            failed.is_some_and(|failed| now - failed.at < EARLY_PAUSE)
        };
        token.0.renew <= now && !paused() && !under_way()
    }

    fn fresh_failure(&self, now: Instant) -> Option<TokenError> {
        let failed = self.failed.as_ref()?;
        (now - failed.at < FAILURE_HOLDS)
            .then(|| failed.error.clone())
            .flatten()
    }
}

impl Token {
    fn new(token: &AccessToken, asked: Instant, after_refusal: bool) -> Outcome {
        let header = Secret::new(format!("Bearer {}", token.value.expose()));
        if HeaderValue::from_str(header.expose()).is_err() {
            return Err(TokenError::new(
                TokenErrorKind::Unexpected,
                "the access token holds characters that no HTTP header may have",
            ));
        }
        let lifetime = token.lifetime;
        let early = (lifetime / 10).min(LONGEST_EARLY / 2);
        let jitter = RandomState::new().build_hasher().finish() % 1024;
        let early = early + early * u32::try_from(jitter).unwrap_or_default() / 1024;
        // The way to the platform takes a moment, too.
        let way = (lifetime / 20).min(Duration::from_secs(5));
        Ok(Self(Arc::new(Issued {
            header,
            asked,
            renew: asked + (lifetime - early),
            end: asked + (lifetime - way),
            after_refusal,
            accepted: AtomicBool::new(false),
        })))
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The platform answered it with something else than 401.
    pub(crate) fn accepted(&self) {
        if !self.0.accepted.load(Ordering::Relaxed) {
            self.0.accepted.store(true, Ordering::Relaxed);
        }
    }

    /// Value of the `Authorization` header, kept out of every `Debug`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        // It was one when the token came.
        let mut header = HeaderValue::from_str(self.0.header.expose()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}
