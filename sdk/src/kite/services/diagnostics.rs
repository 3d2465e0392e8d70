//! What is wrong with a SIM's connection?

use std::fmt;

use mno_kite_diagnostic_inventory_v1 as api;
use mno_runtime::transport::CallOptions;
use mno_runtime::{Error, Operation};

use crate::kite::diagnostics::{
    AdministrativeDiagnostic, AdministrativeDiagnosticResponse, Client, GetDiagnosticResult,
    GprsSyncDiagnostic, GsmSyncDiagnostic, IpDiagnostic, SimId,
};
use crate::kite::wire::client;
use crate::kite::{Kite, Wait};

/// Diagnostics of a SIM's connection (guide 5.7): how it is provisioned, and whether GSM, GPRS and
/// IP are up.
///
/// Answers hold the generated types of [`diagnostics`](crate::kite::diagnostics). Their shape is
/// inferred; the first real call may prove it wrong. An unknown SIM is an error with
/// [`is_not_found`](Error::is_not_found).
///
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::Wait;
///
/// let diagnostics = kite.diagnostics();
/// for issue in diagnostics.administrative(icc.clone()).await?.data_issues {
///     println!("data: {issue}");
/// }
/// if diagnostics.ip(icc, Wait::default()).await?.is_down() {
///     println!("no IP session");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Diagnostics {
    client: Client,
}

/// An IP diagnostic that was started (`transactionId`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DiagnosticId(String);

impl DiagnosticId {
    /// An id that was kept from before.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as the platform gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DiagnosticId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a GSM, GPRS or IP diagnostic found: `GSM_UP`, `IP_DOWN`, …
///
/// The platform's words are not listed anywhere, so this is a text that can be asked.
///
/// ```
/// use mno_sdk::kite::DiagnosticResult;
///
/// let result = DiagnosticResult::new("GPRS_DOWN");
/// assert!(result.is_down() && !result.is_up());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DiagnosticResult(String);

impl DiagnosticResult {
    /// A result by the platform's word for it.
    #[must_use]
    pub fn new(result: impl Into<String>) -> Self {
        Self(result.into())
    }

    /// The platform's word for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The connection is up (`…_UP`).
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.0.ends_with("_UP")
    }

    /// The connection is down (`…_DOWN`). Neither up nor down is possible.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.0.ends_with("_DOWN")
    }

    /// A result, unless it is missing or blank.
    fn some(result: Option<&str>) -> Option<Self> {
        result
            .map(str::trim)
            .filter(|r| !r.is_empty())
            .map(Self::new)
    }
}

impl fmt::Display for DiagnosticResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Diagnostics {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, DiagnosticInventory, api),
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

    /// How the SIM is provisioned: voice, data and SMS, each with what is wrong with it.
    ///
    /// Known issues are `PROVISION_CORE`, `PROVISION_HLR`, `RADIO_ACCESS_ENABLED` and `IMEI_LOCK`.
    /// The vendor's own example has issues next to a status of true, so read both. Blank issues are
    /// left out.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn administrative(
        &self,
        id: impl Into<SimId>,
    ) -> Result<AdministrativeDiagnosticResponse, Error> {
        let request = AdministrativeDiagnostic::new(id);
        let mut answer = self.client.administrative_diagnostic(&request).await?;
        for issues in [
            &mut answer.global_issues,
            &mut answer.voice_issues,
            &mut answer.data_issues,
            &mut answer.sms_issues,
        ] {
            issues.retain(|issue| !issue.trim().is_empty());
        }
        Ok(answer)
    }

    /// Whether GSM is up; `None` when the platform says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn gsm(&self, id: impl Into<SimId>) -> Result<Option<DiagnosticResult>, Error> {
        let request = GsmSyncDiagnostic::new(id);
        let answer = self.client.gsm_sync_diagnostic(&request).await?;
        Ok(DiagnosticResult::some(answer.result()))
    }

    /// Whether GPRS is up; `None` when the platform says nothing.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn gprs(&self, id: impl Into<SimId>) -> Result<Option<DiagnosticResult>, Error> {
        let request = GprsSyncDiagnostic::new(id);
        let answer = self.client.gprs_sync_diagnostic(&request).await?;
        Ok(DiagnosticResult::some(answer.result()))
    }

    /// Whether IP is up: starts a diagnostic and asks until there is a result.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time is
    /// over: the message has the id for [`wait_for_ip`](Self::wait_for_ip).
    pub async fn ip(&self, id: impl Into<SimId>, wait: Wait) -> Result<DiagnosticResult, Error> {
        let diagnostic = self.start_ip(id).await?;
        self.wait_for_ip(&diagnostic, wait).await
    }

    /// Starts an IP diagnostic.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn start_ip(&self, id: impl Into<SimId>) -> Result<DiagnosticId, Error> {
        let answer = self.client.ip_diagnostic(&IpDiagnostic::new(id)).await?;
        Ok(DiagnosticId(answer.transaction_id))
    }

    /// Result of an IP diagnostic; `None` while there is none yet.
    ///
    /// What the platform answers meanwhile is not documented; a missing or blank result is taken
    /// to mean that.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn ip_result(
        &self,
        diagnostic: &DiagnosticId,
    ) -> Result<Option<DiagnosticResult>, Error> {
        let request = GetDiagnosticResult::new(diagnostic.as_str());
        let answer = self.client.get_diagnostic_result(&request).await?;
        Ok(DiagnosticResult::some(answer.result()))
    }

    /// Asks until an IP diagnostic has a result.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when the time is
    /// over.
    pub async fn wait_for_ip(
        &self,
        diagnostic: &DiagnosticId,
        wait: Wait,
    ) -> Result<DiagnosticResult, Error> {
        wait.until(&GetDiagnosticResult::FACTS, async || {
            let result = self.ip_result(diagnostic).await?;
            Ok(result.ok_or_else(|| format!("the diagnostic {diagnostic} has no result")))
        })
        .await
    }
}
