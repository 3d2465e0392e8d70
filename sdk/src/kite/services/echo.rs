//! Is the platform there?

use mno_kite_echo_v1::operations::Echo as EchoRequest;
use mno_kite_echo_v1::{self as api, Client};
use mno_runtime::Error;
use mno_runtime::transport::CallOptions;

use crate::kite::Kite;
use crate::kite::wire::client;

/// The platform's echo: the cheapest call there is, to see that certificate and platform work.
#[derive(Debug, Clone)]
pub struct Echo {
    client: Client,
}

impl Echo {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, Echo, api),
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

    /// Sends a text of 1 to 20 characters and returns what comes back: the same.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_unavailable`](Error::is_unavailable) during maintenance.
    pub async fn send(&self, data: impl Into<String>) -> Result<String, Error> {
        let answer = self.client.echo(&EchoRequest::new(data)).await?;
        Ok(answer.data)
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }
}
