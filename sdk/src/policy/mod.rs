//! What happens around every request: permits, time limits, repetition, a span.

mod body;
mod classify;
mod gate;
mod permits;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::{
    BoxFuture, Call, CallOptions, Delivery, Response, Transport, TransportError, TransportErrorKind,
};
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

use classify::Verdict;
use gate::{Attempt, Stage};
use permits::{NoPermit, Permit};

use crate::auth::{Credential, Token};

pub(crate) use gate::{Closed, Gate, Hold};
#[cfg(feature = "redis")]
pub use permits::RedisPermits;
pub use permits::{
    BudgetStats, Organisation, PermitSource, RateLimits, RateStats, WhenUnreachable,
};
pub(crate) use permits::{WeakOrganisation, later};

/// The longest that the platform may take, where an operation's facts do not say.
const DEFAULT_RUNTIME: Duration = Duration::from_secs(70);
/// What an attempt is given beyond the platform's own time: the way there and back.
const MARGIN: Duration = Duration::from_secs(2);

/// Time limits and repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policies {
    /// Longest time for one attempt, from the permit to the last byte of the answer. An operation
    /// that the platform allows more gets more: giving up earlier stops nothing, and leaves the
    /// outcome of a write unknown. Only [`CallOptions::attempt_timeout`] goes below.
    ///
    /// By default the operation's maximum runtime (70 s where none is known) and two seconds.
    pub attempt_timeout: Option<Duration>,
    /// Longest time for a whole call, waiting for permits included; by default none.
    pub deadline: Option<Duration>,
    /// How often a call is sent again that the platform refused for its rate.
    pub max_rate_retries: u32,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            attempt_timeout: None,
            deadline: None,
            max_rate_retries: 5,
        }
    }
}

impl Policies {
    /// Limits one attempt.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Limits the whole call.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets how often a call is sent again after a refusal for rate.
    #[must_use]
    pub fn with_max_rate_retries(mut self, retries: u32) -> Self {
        self.max_rate_retries = retries;
        self
    }

    fn attempt_time(&self, facts: &OperationFacts, options: &CallOptions) -> Duration {
        if let Some(asked) = options.attempt_timeout {
            return asked;
        }
        let needed = facts
            .max_runtime
            .map(|runtime| runtime.saturating_add(MARGIN));
        match self.attempt_timeout {
            Some(configured) => configured.max(needed.unwrap_or_default()),
            None => needed.unwrap_or(DEFAULT_RUNTIME + MARGIN),
        }
    }
}

/// The policies, as a transport around another one.
///
/// Order of one call: span, overall deadline, repetition, access token, rate permit (last, just
/// before the request leaves), attempt timeout, the transport below, classification. Where a
/// connection had to be made first, [`HttpsTransport`](crate::HttpsTransport) holds the request's
/// body back until the permit has been looked at once more: later than the jitter margin allows, it
/// takes another.
///
/// A call is sent again only when the platform says that it refused it and so did not process it:
/// for its rate, or, once, for its access token (status 401), which a platform looks at before it
/// does anything. So this goes for writes, too. Everything else goes to the caller at once.
#[derive(Clone)]
pub struct Pipeline {
    below: Arc<dyn Transport>,
    organisation: Organisation,
    policies: Policies,
    credential: Option<Credential>,
}

impl Pipeline {
    /// Puts the policies around a transport.
    pub fn new(below: Arc<dyn Transport>, organisation: &Organisation, policies: Policies) -> Self {
        Self {
            below,
            organisation: organisation.clone(),
            policies,
            credential: None,
        }
    }

    /// Sends every call with an access token, in the header `Authorization`.
    #[must_use]
    pub fn with_credential(mut self, credential: &Credential) -> Self {
        self.credential = Some(credential.clone());
        self
    }

    async fn run(&self, call: Call) -> Result<Response, TransportError> {
        let span = tracing::Span::current();
        let budget = call.facts.budget;
        let clock = Clock::start(&self.policies, &call)?;
        let mut waited = Duration::ZERO;
        let mut refused: Option<Response> = None;
        let mut attempt = 0;
        let mut too_fast = 0;
        let mut has_new_token = false;
        loop {
            let token = self.token(&clock).await?;
            let permit = match self.permit(&call, &clock).await {
                Ok(permit) => permit,
                // The platform's own words say more than that there was no time to try again.
                Err(no) => return refused.ok_or_else(|| clock.no_permit(no)),
            };
            attempt += 1;
            waited += permit.waited;
            span.record("attempts", attempt);
            span.record("permit_wait_ms", millis(waited));
            tracing::debug!(attempt, permit_wait_ms = millis(permit.waited), "sending");
            // It may have been renewed while this call waited for its permit.
            let token = self.credential.as_ref().zip(token);
            let token = token.map(|(credential, token)| credential.newest(token));

            let limit = clock.last_leave(permit.at);
            let gate = Gate::new(&self.organisation, call.facts, permit, limit);
            let attempted = self.attempt(&call, token.as_ref(), &clock, &gate).await;
            if !gate.waited().is_zero() {
                waited += gate.waited();
                span.record("permit_wait_ms", millis(waited));
                tracing::debug!(
                    attempt,
                    permit_wait_ms = millis(gate.waited()),
                    "connecting took its time: sent with another permit"
                );
            }
            let (verdict, response) = attempted?;
            span.record("status", response.status().as_u16());
            let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
            match verdict {
                Verdict::Answer => {
                    self.organisation.answered(budget, gate.permit());
                    let Some((credential, token)) = self.credential.as_ref().zip(token) else {
                        return Ok(response);
                    };
                    if !is_unauthorized {
                        token.accepted();
                        return Ok(response);
                    }
                    if !credential.refused(&token) || has_new_token {
                        return Ok(response);
                    }
                    tracing::info!(attempt, "the platform refuses the access token: once more");
                    has_new_token = true;
                    refused = Some(response);
                }
                Verdict::TooFast(retry_after) => {
                    let frozen = self
                        .organisation
                        .refused(budget, gate.permit(), retry_after);
                    tracing::warn!(
                        attempt,
                        budget,
                        frozen_ms = millis(frozen),
                        "the platform refuses the call for its rate; does another system of the \
                         organisation use the same limit?"
                    );
                    too_fast += 1;
                    if too_fast > self.policies.max_rate_retries {
                        return Ok(response);
                    }
                    refused = Some(response);
                }
            }
        }
    }

    /// The access token, in time for an attempt.
    async fn token(&self, clock: &Clock) -> Result<Option<Token>, TransportError> {
        let Some(credential) = &self.credential else {
            return Ok(None);
        };
        let token = credential.token();
        let token = match clock.last_start {
            None => token.await,
            Some(limit) => match tokio::time::timeout_at(limit, token).await {
                Ok(token) => token,
                Err(_) => return Err(clock.no_token()),
            },
        };
        Ok(Some(token?))
    }

    async fn permit(&self, call: &Call, clock: &Clock) -> Result<Permit, NoPermit> {
        let patience = call
            .options
            .max_permit_wait
            .map(|wait| later(Instant::now(), wait));
        let limit = match (patience, clock.last_start) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.organisation
            .acquire(call.facts, call.options.priority, limit)
            .await
    }

    async fn attempt(
        &self,
        call: &Call,
        token: Option<&Token>,
        clock: &Clock,
        gate: &Gate,
    ) -> Result<(Verdict, Response), TransportError> {
        let mut gated = call.clone();
        gated.request.extensions_mut().insert(gate.clone());
        if let Some(header) = token.and_then(Token::header) {
            let headers = gated.request.headers_mut();
            headers.insert(http::header::AUTHORIZATION, header);
        }
        let mut open = Attempt(Some(gate.clone()));
        let mut exchange = pin!(async {
            let response = self.below.send(gated).await?;
            Ok(classify::classify(call.facts, response).await)
        });
        let mut start = gate.permit();
        let exchanged = loop {
            let until = clock.attempt_end(start);
            if let Ok(exchanged) = tokio::time::timeout_at(until, exchange.as_mut()).await {
                break exchanged;
            }
            match gate.close() {
                // It left with another permit than it had at first: its time began then.
                Stage::Left(at) if clock.attempt_end(at) > until => start = at,
                Stage::Held(_) => break Err(clock.not_sent(until, start)),
                _ => break Err(clock.late(until, start)()),
            }
        };
        let (verdict, response) = exchanged.map_err(|error| match gate.no_permit() {
            Some(no) if error.delivery == Delivery::NotSent => clock.no_leave(no),
            _ => error,
        })?;
        if verdict == Verdict::Answer {
            // An answer that came before all of the request had left: that may leave still, for
            // the connection would break with it.
            open.0 = None;
        }
        let start = gate.permit();
        let until = clock.attempt_end(start);
        let late = clock.late(until, start);
        Ok((
            verdict,
            response.map(|rest| body::limited(rest, until, late)),
        ))
    }
}

impl Transport for Pipeline {
    fn send(&self, call: Call) -> BoxFuture<'_, Result<Response, TransportError>> {
        let span = tracing::info_span!(
            "mno.call",
            platform = call.facts.platform,
            operation = call.facts.operation,
            protocol = protocol(call.facts.protocol),
            attempts = Empty,
            permit_wait_ms = Empty,
            status = Empty,
            outcome = Empty,
        );
        let recorded = span.clone();
        let call = async move {
            let result = self.run(call).await;
            recorded.record("outcome", outcome(&result));
            result
        };
        Box::pin(call.instrument(span))
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("organisation", &self.organisation)
            .field("policies", &self.policies)
            .finish_non_exhaustive()
    }
}

/// The times of one call.
struct Clock {
    deadline: Option<Instant>,
    attempt_time: Duration,
    /// After this no attempt may begin.
    last_start: Option<Instant>,
}

impl Clock {
    fn start(policies: &Policies, call: &Call) -> Result<Self, TransportError> {
        let now = Instant::now();
        let attempt_time = policies.attempt_time(call.facts, &call.options);
        let Some(allowed) = call.options.deadline.or(policies.deadline) else {
            return Ok(Self {
                deadline: None,
                attempt_time,
                last_start: None,
            });
        };
        let deadline = later(now, allowed);
        if call.facts.idempotency.is_repeatable() {
            // A read may be cut short: nothing is lost.
            return Ok(Self {
                deadline: Some(deadline),
                attempt_time,
                last_start: Some(deadline),
            });
        }
        match allowed.checked_sub(attempt_time) {
            Some(slack) => {
                let last_start = Some(later(now, slack));
                Ok(Self {
                    deadline: Some(deadline),
                    attempt_time,
                    last_start,
                })
            }
            None => Err(TransportError::new(
                TransportErrorKind::Request,
                Delivery::NotSent,
                format!(
                    "the deadline of {allowed:?} is shorter than the {attempt_time:?} that one \
                     attempt may take, and the outcome of a call cut short is unknown: allow \
                     more, or set an attempt timeout for this call"
                ),
            )),
        }
    }

    fn attempt_end(&self, start: Instant) -> Instant {
        let end = later(start, self.attempt_time);
        self.deadline.map_or(end, |deadline| deadline.min(end))
    }

    /// After this, a request with that permit may not wait for another one any more: what is
    /// left would not do. A write may lose the time for the way, but nothing of the platform's.
    fn last_leave(&self, permit: Instant) -> Instant {
        let end = self.attempt_end(permit);
        self.last_start
            .map_or(end, |last| end.min(later(last, MARGIN)))
    }

    /// The error of an attempt that was over before the request's body had left.
    fn not_sent(&self, until: Instant, start: Instant) -> TransportError {
        let whose = if self.deadline == Some(until) {
            "the call's deadline"
        } else {
            "the end of the attempt's time"
        };
        TransportError::new(
            TransportErrorKind::Timeout,
            Delivery::NotSent,
            format!(
                "no connection and rate permit before {whose}, {:?} after it began; the request \
                 was not sent",
                until - start
            ),
        )
    }

    /// The error of a request whose permit was too old once there was a connection, and that
    /// could not get another.
    fn no_leave(&self, no: NoPermit) -> TransportError {
        let NoPermit { budget, wait, .. } = no;
        TransportError::new(
            TransportErrorKind::RateLimited,
            Delivery::NotSent,
            format!(
                "connecting took longer than the rate permit for {budget} holds, and another one \
                 would have taken at least {wait:?}, longer than the call's deadline or attempt \
                 timeout allows; the request was not sent"
            ),
        )
    }

    /// Makes the error of an attempt that took too long.
    fn late(
        &self,
        until: Instant,
        start: Instant,
    ) -> impl Fn() -> TransportError + Send + Copy + 'static {
        let by_deadline = self.deadline == Some(until);
        let taken = until - start;
        move || {
            let message = if by_deadline {
                format!(
                    "no complete answer before the call's deadline, {taken:?} after it was sent"
                )
            } else {
                format!("no complete answer within {taken:?}, the time for one attempt")
            };
            TransportError::new(TransportErrorKind::Timeout, Delivery::Unknown, message)
        }
    }

    fn no_token(&self) -> TransportError {
        TransportError::new(
            TransportErrorKind::Timeout,
            Delivery::NotSent,
            "no access token in the time that the call's deadline allows; the request was not sent",
        )
    }

    fn no_permit(&self, no: NoPermit) -> TransportError {
        let NoPermit {
            budget,
            wait,
            is_frozen,
            is_unreachable,
        } = no;
        if is_unreachable && !is_frozen {
            return TransportError::new(
                TransportErrorKind::RateLimited,
                Delivery::NotSent,
                format!(
                    "no rate permit for {budget}: the server of shared permits could not be \
                     reached in the time that the call's deadline or max_permit_wait allows; \
                     RedisPermits::when_unreachable lets calls go on without it"
                ),
            );
        }
        if is_frozen {
            return TransportError::new(
                TransportErrorKind::RateLimited,
                Delivery::NotSent,
                format!(
                    "{budget} is frozen for the next {wait:?}, for the platform asked to wait so \
                     long; RateLimits::max_freeze_wait sets how much of that is waited for"
                ),
            );
        }
        let why = match self.last_start {
            Some(_) => "the call's deadline or max_permit_wait",
            None => "max_permit_wait",
        };
        TransportError::new(
            TransportErrorKind::RateLimited,
            Delivery::NotSent,
            format!(
                "no rate permit for {budget} in the time that {why} allows: it would have taken \
                 at least {wait:?}; wait longer, or call less often"
            ),
        )
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Soap11 { .. } => "soap11",
        Protocol::Soap12 { .. } => "soap12",
        Protocol::Rest { .. } => "rest",
        _ => "other",
    }
}

fn outcome(result: &Result<Response, TransportError>) -> &'static str {
    match result {
        Ok(response) if response.status().is_success() => "answered",
        Ok(_) => "refused",
        Err(error) => match error.kind {
            TransportErrorKind::Connect => "connect",
            TransportErrorKind::Tls => "tls",
            TransportErrorKind::Timeout => "timeout",
            TransportErrorKind::Interrupted => "interrupted",
            TransportErrorKind::RateLimited => "no_permit",
            TransportErrorKind::TooLarge => "too_large",
            TransportErrorKind::Request => "bad_request",
            TransportErrorKind::Configuration => "configuration",
            TransportErrorKind::Unauthenticated => "unauthenticated",
            TransportErrorKind::Unavailable => "unavailable",
            _ => "failed",
        },
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
