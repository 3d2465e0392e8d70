//! What happens around every request: permits, time limits, repetition, a span.
//!
//! # What is sent again
//!
//! | What became of an attempt | Reads | Idempotent writes | Other writes | When | How often |
//! |---|---|---|---|---|---|
//! | an answer: success, a fault, 3xx, 4xx | no | no | no | | |
//! | TLS refused, credentials refused, bad request, answer too large | no | no | no | | |
//! | no permit in the time allowed | no | no | no | | |
//! | **Told "not processed":** refused for rate (`POL 1005`, 429 with a time) | yes | yes | yes | after a freeze of the budget | [`max_rate_retries`](Policies::max_rate_retries) |
//! | access token refused (401) | yes | yes | yes | with a new token | once |
//! | temporarily unavailable (`SVR 1006`, or its text) | yes | yes | yes | after the maintenance window; else after 30 s, and longer each time | as long as [`max_unavailable_wait`](Policies::max_unavailable_wait), if it is to [wait](Policies::on_unavailable) |
//! | **Provably unsent:** no connection; broken or late before the body was handed over | yes | yes | yes | random pause | [`Retry`] |
//! | no access token: its endpoint has a fault, or the connection broke | yes | yes | yes | after a second and a random pause; where it is to wait, as for "temporarily unavailable" | [`Retry`]; `max_unavailable_wait` |
//! | **Safe:** connection broken, torn body, attempt timed out | yes | if [asked for](Retry::idempotent_writes) | no: `OutcomeUnknown` | random pause | [`Retry`] |
//! | another `SVR` (`SVR 1000`), 500 over REST | no | no | no: `OutcomeUnknown` | | |
//! | 502, 503, 504 without an exception of the platform's, `SVR 1007` | yes | if asked for | no: `OutcomeUnknown` | random pause, `Retry-After` at least | [`Retry`] |
//!
//! Which operations are reads their facts say
//! ([`OperationFacts::idempotency`](mno_runtime::facts::OperationFacts::idempotency)), and not the
//! HTTP method: with SOAP, everything is a POST. Over all calls of a client, a [`RetryBudget`]
//! bounds what [`Retry`] bounds for each, but for tokens, which all callers share;
//! [`Retry::NONE`](mno_runtime::transport::Retry::NONE) switches all that off, for
//! a client or for a call. Each attempt waits for a permit, and is an event of its own (`sending`,
//! `sent again`) in the call's span.

mod body;
mod classify;
mod departure;
mod gate;
mod maintenance;
mod permits;
mod retry;

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::{
    BoxFuture, Call, CallOptions, Delivery, OnUnavailable, Priority, Response, Retry, Transport,
    TransportError, TransportErrorKind, Unavailability,
};
use mno_runtime::values::DateTime;
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;

use classify::Verdict;
use gate::{Attempt, Stage};
use permits::{NoPermit, Permit};
use retry::{Budget, Reason, Retries};

use crate::auth::{Credential, FAILURE_HOLDS, Token, TokenError};

pub(crate) use departure::Departure;
pub(crate) use gate::{Closed, Gate, Hold};
pub(crate) use maintenance::Maintenance;
pub use maintenance::WallClock;
#[cfg(feature = "maintenance")]
pub use maintenance::{Hlr, Window};
#[cfg(feature = "redis")]
pub use permits::RedisPermits;
pub use permits::{
    BudgetStats, Organisation, PermitSource, RateLimits, RateStats, WhenUnreachable,
};
pub(crate) use permits::{WeakOrganisation, later};
pub use retry::RetryBudget;

/// The longest that the platform may take, where an operation's facts do not say.
const DEFAULT_RUNTIME: Duration = Duration::from_secs(70);
/// What an attempt is given beyond the platform's own time: the way there and back.
const MARGIN: Duration = Duration::from_secs(2);
/// The first pause when the platform is unavailable and nobody knows how long; it doubles.
const OUTAGE_PAUSE: Duration = Duration::from_secs(30);
/// The longest such pause.
const LONGEST_OUTAGE_PAUSE: Duration = Duration::from_secs(300);

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
    /// How often a call is sent again that failed otherwise, and may be;
    /// [`CallOptions::retry`] is for a call.
    pub retry: Retry,
    /// How much that may be over all calls.
    pub retry_budget: RetryBudget,
    /// What a call does while the platform is unavailable; [`CallOptions::on_unavailable`] is for a
    /// call. By default bulk work waits and interactive calls fail at once.
    pub on_unavailable: Option<OnUnavailable>,
    /// Longest time for which one call waits until the platform is available, 2 hours by default:
    /// more than any maintenance window takes.
    pub max_unavailable_wait: Duration,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            attempt_timeout: None,
            deadline: None,
            max_rate_retries: 5,
            retry: Retry::default(),
            retry_budget: RetryBudget::default(),
            on_unavailable: None,
            max_unavailable_wait: Duration::from_secs(2 * 60 * 60),
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

    /// Sets how often a call is sent again that failed, and may be.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets how much is sent again over all calls.
    #[must_use]
    pub fn with_retry_budget(mut self, budget: RetryBudget) -> Self {
        self.retry_budget = budget;
        self
    }

    /// Sets what calls do while the platform is unavailable.
    #[must_use]
    pub fn with_on_unavailable(mut self, what: OnUnavailable) -> Self {
        self.on_unavailable = Some(what);
        self
    }

    /// Sets how long a call waits until the platform is available.
    #[must_use]
    pub fn with_max_unavailable_wait(mut self, wait: Duration) -> Self {
        self.max_unavailable_wait = wait;
        self
    }

    fn waits(&self, options: &CallOptions) -> bool {
        let what = options.on_unavailable.or(self.on_unavailable);
        match what {
            Some(what) => what == OnUnavailable::Wait,
            None => options.priority == Priority::Bulk,
        }
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
/// What is sent again, when and how often, is in the [module's table](self#what-is-sent-again).
#[derive(Clone)]
pub struct Pipeline {
    below: Arc<dyn Transport>,
    organisation: Organisation,
    policies: Policies,
    retry_budget: Arc<Budget>,
    maintenance: Maintenance,
    credential: Option<Credential>,
}

/// What an attempt ended with, when there may be another one.
enum Ended {
    /// The call ends with it, too.
    Over(Result<Response, TransportError>),
    /// Another attempt follows it, or the call ends with it.
    Again(Result<Response, TransportError>),
}

impl Pipeline {
    /// Puts the policies around a transport.
    pub fn new(below: Arc<dyn Transport>, organisation: &Organisation, policies: Policies) -> Self {
        Self {
            below,
            organisation: organisation.clone(),
            retry_budget: Arc::new(Budget::new(policies.retry_budget)),
            policies,
            maintenance: Maintenance::default(),
            credential: None,
        }
    }

    /// Sends every call with an access token, in the header `Authorization`.
    #[must_use]
    pub fn with_credential(mut self, credential: &Credential) -> Self {
        self.credential = Some(credential.clone());
        self
    }

    /// Goes by another clock than the machine's where the time of day counts.
    #[must_use]
    pub fn with_wall_clock(mut self, clock: WallClock) -> Self {
        self.maintenance.clock = clock;
        self
    }

    /// Obeys the maintenance windows of this register.
    #[cfg(feature = "maintenance")]
    #[must_use]
    pub fn with_hlr(mut self, hlr: Hlr) -> Self {
        self.maintenance.hlr = Some(hlr);
        self
    }

    pub(crate) fn with_maintenance(mut self, maintenance: Maintenance) -> Self {
        self.maintenance = maintenance;
        self
    }

    async fn run(&self, call: Call) -> Result<Response, TransportError> {
        let span = tracing::Span::current();
        let clock = Clock::start(&self.policies, &call)?;
        let retry = call.options.retry.unwrap_or(self.policies.retry);
        let mut course = Course {
            pipeline: self,
            facts: call.facts,
            retries: Retries::new(retry, &self.retry_budget, clock.last_start),
            clock,
            waits: self.policies.waits(&call.options),
            attempt: 0,
            too_fast: 0,
            outages: 0,
            waited_for_platform: Duration::ZERO,
            has_new_token: false,
        };
        let mut waited = Duration::ZERO;
        let mut last: Option<Result<Response, TransportError>> = None;
        loop {
            course.wait_until_open().await?;
            let token = match self.token(&course.clock).await {
                Ok(token) => token,
                Err(error) => {
                    course.without_token(error).await?;
                    continue;
                }
            };
            let permit = match self.permit(&call, &course.clock).await {
                Ok(permit) => permit,
                // What happened before says more than that there was no time to try again.
                Err(no) => return last.unwrap_or_else(|| Err(course.clock.no_permit(no))),
            };
            waited += permit.waited;
            span.record("permit_wait_ms", millis(waited));
            if self.maintenance.closed_until(call.facts).is_some() {
                // The window opened while the call waited for its permit.
                continue;
            }
            course.attempt += 1;
            let attempt = course.attempt;
            span.record("attempts", attempt);
            tracing::debug!(attempt, permit_wait_ms = millis(permit.waited), "sending");
            // It may have been renewed while this call waited for its permit.
            let token = self.credential.as_ref().zip(token);
            let token = token.map(|(credential, token)| credential.newest(token));

            let limit = course.clock.last_leave(permit.at);
            let gate = Gate::new(&self.organisation, call.facts, permit, limit);
            let mut attempted = self
                .attempt(&call, token.as_ref(), &course.clock, &gate)
                .await;
            if !gate.waited().is_zero() {
                waited += gate.waited();
                span.record("permit_wait_ms", millis(waited));
                tracing::debug!(
                    attempt,
                    permit_wait_ms = millis(gate.waited()),
                    "connecting took its time: sent with another permit"
                );
            }
            if let Ok((_, response)) = &attempted {
                span.record("status", response.status().as_u16());
            }
            if course.retries.are_left()
                && retry::is_safe(call.facts, &retry)
                && let Ok((Verdict::Answer, response)) = attempted
            {
                // What breaks off while the caller reads it cannot be asked for again.
                let whole = body::whole(response).await;
                attempted = whole.map(|response| (Verdict::Answer, response));
            }
            let ended = match attempted {
                Ok((verdict, response)) => {
                    course.judge(verdict, response, token.as_ref(), &gate).await
                }
                Err(error) => course.failed(error).await,
            };
            match ended {
                Ended::Over(result) => return result,
                Ended::Again(result) => last = Some(result),
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
            departure::now();
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

/// One call on its way through its attempts.
struct Course<'a> {
    pipeline: &'a Pipeline,
    facts: &'static OperationFacts,
    clock: Clock,
    retries: Retries<'a>,
    /// Whether it waits while the platform is unavailable.
    waits: bool,
    attempt: u32,
    too_fast: u32,
    /// How often the platform said that it is unavailable.
    outages: u32,
    /// How long the call has waited for that.
    waited_for_platform: Duration,
    has_new_token: bool,
}

impl Course<'_> {
    /// Waits for the end of a maintenance window that the operation is in, if it is to wait.
    async fn wait_until_open(&mut self) -> Result<(), TransportError> {
        let maintenance = &self.pipeline.maintenance;
        while let Some(until) = maintenance.closed_until(self.facts) {
            let left = until
                .duration_since(maintenance.clock.now())
                .unwrap_or_default();
            if !self.may_wait(left) {
                let message = format!(
                    "the platform is in a maintenance window until {}; the request was not sent: \
                     call again after it, or have the call wait (OnUnavailable::Wait) and give it \
                     the time",
                    seconds(until)
                );
                return Err(TransportError::new(
                    TransportErrorKind::Unavailable,
                    Delivery::NotSent,
                    message,
                )
                .with_unavailability(Unavailability::new(until, true)));
            }
            tracing::info!(
                wait_ms = millis(left),
                "waiting for the end of a maintenance window"
            );
            // A millisecond at least: the wall clock need not go as the timer does.
            self.wait(left.max(Duration::from_millis(1))).await;
        }
        Ok(())
    }

    /// Whether a wait for the platform fits into the times that are set.
    fn may_wait(&self, pause: Duration) -> bool {
        let total = self.waited_for_platform.saturating_add(pause);
        let end = later(Instant::now(), pause);
        self.waits
            && total <= self.pipeline.policies.max_unavailable_wait
            && self.clock.last_start.is_none_or(|last| end <= last)
    }

    async fn wait(&mut self, pause: Duration) {
        self.waited_for_platform += pause;
        tokio::time::sleep(pause).await;
    }

    /// An answer: for the caller, or a reason for another attempt.
    async fn judge(
        &mut self,
        verdict: Verdict,
        mut response: Response,
        token: Option<&Token>,
        gate: &Gate,
    ) -> Ended {
        let Pipeline {
            organisation,
            policies,
            credential,
            ..
        } = self.pipeline;
        let attempt = self.attempt;
        let budget = self.facts.budget;
        if let Verdict::TooFast(retry_after) = verdict {
            let frozen = organisation.refused(budget, gate.permit(), retry_after);
            let now = self.pipeline.maintenance.clock.now();
            if let Some(until) = retry_after.and_then(|wait| now.checked_add(wait)) {
                let unavailability = Unavailability::new(until, false);
                response.extensions_mut().insert(unavailability);
            }
            tracing::warn!(
                attempt,
                budget,
                frozen_ms = millis(frozen),
                "the platform refuses the call for its rate; does another system of the \
                 organisation use the same limit?"
            );
            self.too_fast += 1;
            return match self.too_fast > policies.max_rate_retries {
                true => Ended::Over(Ok(response)),
                false => Ended::Again(Ok(response)),
            };
        }
        organisation.answered(budget, gate.permit());
        match verdict {
            Verdict::Unavailable(asked) => return self.unavailable(response, asked).await,
            Verdict::Trouble(asked) => {
                if !retry::is_safe(self.facts, self.retries.settings()) {
                    return self.unsettled(response);
                }
                let why = format!("status {}", response.status().as_u16());
                return self.again(Ok(response), Reason::Safe, asked, &why).await;
            }
            Verdict::Failed => return self.unsettled(response),
            Verdict::Answer | Verdict::TooFast(_) => {}
        }
        let Some((credential, token)) = credential.as_ref().zip(token) else {
            return Ended::Over(Ok(response));
        };
        if response.status() != StatusCode::UNAUTHORIZED {
            token.accepted();
            return Ended::Over(Ok(response));
        }
        if !credential.refused(token) || self.has_new_token {
            return Ended::Over(Ok(response));
        }
        tracing::info!(attempt, "the platform refuses the access token: once more");
        self.has_new_token = true;
        Ended::Again(Ok(response))
    }

    /// An answer that does not say what became of the call.
    fn unsettled(&self, mut response: Response) -> Ended {
        if !self.facts.idempotency.is_repeatable() {
            response.extensions_mut().insert(Unsettled);
        }
        Ended::Over(Ok(response))
    }

    /// The platform says that it is unavailable, and so has not processed the call.
    async fn unavailable(&mut self, mut response: Response, asked: Option<Duration>) -> Ended {
        let Maintenance { clock, .. } = &self.pipeline.maintenance;
        let now = clock.now();
        let planned = self.pipeline.maintenance.closed_until(self.facts);
        let pause = match planned {
            Some(until) => until.duration_since(now).unwrap_or_default(),
            None => self.outage_pause(),
        };
        let pause = asked.map_or(pause, |asked| asked.max(pause));
        let until = planned.or_else(|| now.checked_add(pause)).unwrap_or(now);
        let unavailability = Unavailability::new(until, planned.is_some());
        response.extensions_mut().insert(unavailability);
        self.outages += 1;
        if !self.may_wait(pause) {
            return Ended::Over(Ok(response));
        }
        tracing::info!(
            attempt = self.attempt,
            pause_ms = millis(pause),
            is_planned = planned.is_some(),
            "the platform is temporarily unavailable: waiting, then sent again"
        );
        self.wait(pause).await;
        Ended::Again(Ok(response))
    }

    /// How long an outage whose end is not known is waited for, before the next look.
    fn outage_pause(&self) -> Duration {
        let doubled = 1_u32.checked_shl(self.outages).unwrap_or(u32::MAX);
        let bound = OUTAGE_PAUSE.saturating_mul(doubled);
        // Half of it is random, so that calls which failed together do not return together.
        let half = bound.min(LONGEST_OUTAGE_PAUSE) / 2;
        half + retry::random_up_to(half)
    }

    /// There is no access token, so nothing was sent: what may pass is waited for, for it to be
    /// asked for once more.
    async fn without_token(&mut self, error: TransportError) -> Result<(), TransportError> {
        let pause = self.outage_pause();
        if error.kind == TransportErrorKind::Unavailable && self.may_wait(pause) {
            self.outages += 1;
            tracing::info!(
                pause_ms = millis(pause),
                "no access token is to be had: waiting, then asked for again"
            );
            self.wait(pause).await;
            return Ok(());
        }
        let cause = error.source.as_deref();
        let cause = cause.and_then(|cause| cause.downcast_ref::<TokenError>());
        let may_pass = cause.is_some_and(TokenError::may_pass);
        // Before that, the same failure would be the answer.
        let pause = may_pass.then(|| self.retries.next_together(FAILURE_HOLDS));
        let Some(pause) = pause.flatten() else {
            return Err(error);
        };
        let why = &error.message;
        tracing::info!(
            pause_ms = millis(pause),
            "asked for again after a pause: {why}"
        );
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// No answer came.
    async fn failed(&mut self, error: TransportError) -> Ended {
        match retry::of_error(self.facts, self.retries.settings(), &error) {
            Some(reason) => {
                let why = error.message.clone();
                self.again(Err(error), reason, None, &why).await
            }
            None => Ended::Over(Err(self.counted(error))),
        }
    }

    /// Another attempt after a pause, if there may be one.
    async fn again(
        &mut self,
        result: Result<Response, TransportError>,
        reason: Reason,
        asked: Option<Duration>,
        why: &str,
    ) -> Ended {
        let Some(pause) = self.retries.next(asked) else {
            return Ended::Over(result.map_err(|error| self.counted(error)));
        };
        tracing::info!(
            attempt = self.attempt,
            reason = reason.name(),
            pause_ms = millis(pause),
            "the attempt failed, sent again after a pause: {why}"
        );
        tokio::time::sleep(pause).await;
        Ended::Again(result)
    }

    /// Says in an error how many attempts there were.
    fn counted(&self, mut error: TransportError) -> TransportError {
        if self.attempt > 1 {
            let attempts = format!(" (attempt {})", self.attempt);
            error.message.push_str(&attempts);
        }
        error
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
        let end = End {
            span: span.clone(),
            outcome: "dropped",
        };
        let call = async move {
            // The whole of it, for it to be dropped with the call.
            let mut end = end;
            let is_repeatable = call.facts.idempotency.is_repeatable();
            let result = self.run(call).await;
            end.outcome = outcome(&result, is_repeatable);
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
            // The client's, or that of all calls alike: no other call would fare better.
            None => Err(TransportError::new(
                TransportErrorKind::Configuration,
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
        let NoPermit { budget, .. } = no;
        let wait = rounded(no.wait);
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
            is_frozen,
            is_unreachable,
            ..
        } = no;
        let wait = rounded(no.wait);
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

/// Records how a call ended when it is over: it may be dropped on its way.
struct End {
    span: tracing::Span,
    outcome: &'static str,
}

impl Drop for End {
    fn drop(&mut self) {
        self.span.record("outcome", self.outcome);
    }
}

/// An answer to a write that does not say whether it was carried out.
#[derive(Debug, Clone, Copy)]
struct Unsettled;

fn outcome(result: &Result<Response, TransportError>, is_repeatable: bool) -> &'static str {
    match result {
        Ok(response) if response.extensions().get::<Unsettled>().is_some() => "outcome_unknown",
        Err(error) if error.delivery == Delivery::Unknown && !is_repeatable => "outcome_unknown",
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

/// A time for people, to the second.
fn seconds(time: SystemTime) -> DateTime {
    let text = DateTime::from(time);
    DateTime::from_unix_nanos(i128::from(text.unix_seconds()) * 1_000_000_000)
}

/// A time for people, no shorter than it is: to the second, or the millisecond if it is short.
fn rounded(duration: Duration) -> Duration {
    let step: u128 = if duration < Duration::from_secs(10) {
        1_000_000
    } else {
        1_000_000_000
    };
    let nanos = duration.as_nanos().div_ceil(step) * step;
    u64::try_from(nanos).map_or(duration, Duration::from_nanos)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
