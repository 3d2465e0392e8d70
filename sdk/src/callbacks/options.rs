use std::time::Duration;

/// Bounds of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How many events wait for the consumer, 64 by default. Their requests wait with them.
    pub buffer: usize,
    /// How long a request waits for the consumer to take its event, and for the other parts of its
    /// message, before it is answered with 503; 5 seconds by default.
    pub hand_over_within: Duration,
    /// Longest body in bytes, 64 KiB by default; a longer one is answered with 413.
    pub max_body: usize,
    /// How many events that were handed over are remembered, to tell those that come again; 10000
    /// by default.
    pub remember: usize,
    /// How long they are remembered, a day by default: so long the platform behind BSC tries.
    pub remember_for: Duration,
    /// How long a message waits for its missing parts, 5 minutes by default. After that the first of
    /// its parts to come again brings it out as it is; zero brings every part out by itself.
    pub join_within: Duration,
    /// How many parts of unfinished messages are kept, 1000 by default. When there are more, the
    /// oldest message is forgotten; nothing is lost, for its parts were not answered with 2xx.
    pub max_parts: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            buffer: 64,
            hand_over_within: Duration::from_secs(5),
            max_body: 64 * 1024,
            remember: 10_000,
            remember_for: Duration::from_secs(24 * 60 * 60),
            join_within: Duration::from_secs(5 * 60),
            max_parts: 1_000,
        }
    }
}

impl Options {
    /// Sets how many events wait for the consumer; at least one does.
    #[must_use]
    pub fn with_buffer(mut self, events: usize) -> Self {
        self.buffer = events;
        self
    }

    /// Sets how long a request waits for the consumer.
    #[must_use]
    pub fn with_hand_over_within(mut self, time: Duration) -> Self {
        self.hand_over_within = time;
        self
    }

    /// Sets the longest body, in bytes.
    #[must_use]
    pub fn with_max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how many events are remembered, and how long.
    #[must_use]
    pub fn with_memory(mut self, events: usize, time: Duration) -> Self {
        self.remember = events;
        self.remember_for = time;
        self
    }

    /// Sets how long a message waits for its missing parts.
    #[must_use]
    pub fn with_join_within(mut self, time: Duration) -> Self {
        self.join_within = time;
        self
    }

    /// Sets how many parts of unfinished messages are kept; at least one is.
    #[must_use]
    pub fn with_max_parts(mut self, parts: usize) -> Self {
        self.max_parts = parts;
        self
    }
}
