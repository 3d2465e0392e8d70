//! Is the platform there?

use std::sync::Arc;

use mno_runtime::Error;
use mno_runtime::transport::{CallOptions, Transport};

use crate::kite::rest::echo::{Client, Echo as EchoRequest, EchoMessage};

/// The platform's echo over REST: to see that certificate and platform work.
#[derive(Debug, Clone)]
pub struct Echo {
    client: Client,
}

impl Echo {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self {
            client: Client::new(transport),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// Sends a text of 1 to 20 characters and returns what comes back: the same.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_unavailable`](Error::is_unavailable) during maintenance.
    pub async fn send(&self, data: impl Into<String>) -> Result<String, Error> {
        let request = EchoRequest::new(EchoMessage::new(data));
        Ok(self.client.echo(&request).await?.data)
    }
}
