use std::fmt;

use mno_runtime::Error;

use super::{Secret, configuration};

/// A name and a secret that an access token is handed out for.
///
/// * `Kpn`: `client_id` and `client_secret` of a project in KPN's API store.
/// * `TelekomBsc`: name and password of a portal user who may use the API.
///
/// The secret's bytes are overwritten when the last clone is dropped (the copies that the HTTP and
/// TLS libraries make are theirs). `Debug` shows neither.
///
/// ```
/// use mno_sdk::auth::ClientCredentials;
///
/// # fn read() -> Result<ClientCredentials, std::env::VarError> {
/// let secret = std::env::var("KPN_CLIENT_SECRET")?;
/// let credentials = ClientCredentials::new("made-up-client-id", secret);
/// # Ok(credentials) }
/// ```
#[derive(Clone)]
pub struct ClientCredentials {
    id: Secret,
    secret: Secret,
}

impl ClientCredentials {
    /// Takes name and secret as the operator gave them.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: Secret::new(id),
            secret: Secret::new(secret),
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.id.expose()
    }

    /// That there is something in them.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.id().trim().is_empty() || self.secret().is_empty() {
            let message = "the credentials are empty: is a variable of the environment unset?";
            return Err(configuration(message));
        }
        Ok(())
    }

    /// As [`check`](Self::check), for HTTP Basic.
    pub(crate) fn check_for_basic(&self) -> Result<(), Error> {
        self.check()?;
        if self.id().contains(':') {
            let message = "the user name holds a colon, which HTTP Basic cannot carry";
            return Err(configuration(message));
        }
        Ok(())
    }

    pub(super) fn secret(&self) -> &str {
        self.secret.expose()
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials").finish_non_exhaustive()
    }
}
