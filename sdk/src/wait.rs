//! Waiting for what the platform does in its own time.

use std::time::Duration;

use mno_runtime::facts::OperationFacts;
use mno_runtime::{Error, ErrorKind};
use tokio::time::Instant;

use crate::policy::later;

/// How a method that waits asks again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Time between the first look, which is at once, and the second; it doubles up to
    /// [`longest_pause`](Self::longest_pause).
    pub first_pause: Duration,
    /// Longest time between two looks.
    pub longest_pause: Duration,
    /// Longest time altogether.
    pub limit: Duration,
}

impl Default for Wait {
    /// Looks at once, after 1, 2, 4, … and then every 15 seconds, for up to 5 minutes: on Kite the change
    /// from INACTIVE_NEW to TEST or ACTIVATION_PENDANT may take longer than the usual 70 seconds
    /// (guide 4.3).
    fn default() -> Self {
        Self {
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(15),
            limit: Duration::from_secs(300),
        }
    }
}

impl Wait {
    /// Sets the time between the first look and the second.
    #[must_use]
    pub fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Sets the longest time between two looks.
    #[must_use]
    pub fn with_longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets the longest time altogether.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Looks until it is there; a look that finds something else says what.
    ///
    /// `look` is no `AsyncFn`: what waits for one could not be a task of its own, since nothing says
    /// that the future of an `AsyncFn` is `Send`.
    pub(crate) async fn until<T, F>(
        self,
        facts: &'static OperationFacts,
        look: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<Result<T, String>, Error>>,
    {
        let end = later(Instant::now(), self.limit);
        let mut pause = self.first_pause;
        loop {
            let now = match look().await? {
                Ok(found) => return Ok(found),
                Err(now) => now,
            };
            if later(Instant::now(), pause) > end {
                let message = format!(
                    "{now}, after {} s of waiting: look again later",
                    self.limit.as_secs()
                );
                return Err(Error::new(ErrorKind::OutcomeUnknown, message).with_operation(facts));
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(self.longest_pause);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::cell::Cell;

    use mno_runtime::facts::Protocol;

    use super::*;

    static READ: OperationFacts = OperationFacts::new("kite", "read", Protocol::soap11("urn:x"));

    #[tokio::test(start_paused = true)]
    async fn times_of_any_length_are_waited() {
        let looks = Cell::new(0);
        let look = || {
            looks.set(looks.get() + 1);
            let is_there = looks.get() == 3;
            async move { Ok(is_there.then_some(()).ok_or_else(|| "not yet".to_owned())) }
        };
        let wait = Wait::default().with_limit(Duration::MAX);
        wait.until(&READ, look).await.unwrap();
        assert_eq!(looks.get(), 3);
        let never = || async { Ok::<_, Error>(Err::<(), _>("not yet".to_owned())) };
        let wait = Wait::default().with_first_pause(Duration::MAX);
        let error = wait.until(&READ, never).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error}");
    }
}
