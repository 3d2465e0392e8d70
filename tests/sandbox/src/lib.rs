#![doc = include_str!("../README.md")]

pub mod bsc;
mod builder;
mod fault;
mod fleet;
mod inject;
mod journal;
pub mod kpn;
mod lifecycle;
mod limits;
pub mod masstack;
mod pki;
mod platform;
mod rest;
mod server;
mod soap;
#[cfg(test)]
mod tests;
mod time;

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use builder::SandboxBuilder;
pub use fault::Fault;
pub use fleet::{
    ApnSlot, BasicServices, Connection, Consumption, Consumptions, Expense, Expenses, Fleet,
    Location, Money, Presence, Sim, SimId, SimKind, SupplementaryServices, Voucher,
};
pub use inject::{Control, Effect, Rule};
pub use journal::{Entry, JOURNAL_FILE, Journal, Outcome};
pub use lifecycle::{Actor, LifeCycle, NoTransition, State, StatusEntry};
pub use limits::{Limits, ORGANISATION_TPS, documented_tps};
pub use pki::{ClientCredentials, Pki};
pub use platform::{
    Addressing, CommercialGroup, CommercialGroups, Customer, GroupLimit, LinkScheme, PowerSaving,
    ScreeningLists, SentSms, Vpn,
};
pub use rest::{Delivery, DeliveryOutcome, Gateway};
pub use time::Timestamp;

/// A running sandbox. It stops when it is dropped: no new connections, those that are open finish
/// what they are at.
pub struct Sandbox {
    app: Arc<soap::App>,
    pki: Pki,
    address: SocketAddr,
    download_address: SocketAddr,
    rest_address: SocketAddr,
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// What to start.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// Starts a sandbox with defaults: 100 SIMs, a free port, the platform's limits.
    ///
    /// # Errors
    /// When keys cannot be made or no port can be opened.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// `https://127.0.0.1:PORT`, for which the server certificate is valid.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Address and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `https://127.0.0.1:PORT` of the listener that hands reports out, which asks for no client
    /// certificate.
    #[must_use]
    pub fn download_url(&self) -> String {
        format!("https://{}", self.download_address)
    }

    /// `https://127.0.0.1:PORT` of the listener of the platforms other than Kite, which asks for no
    /// client certificate. Each has its own [base URL](Gateway::base_url) below.
    #[must_use]
    pub fn rest_url(&self) -> String {
        format!("https://{}", self.rest_address)
    }

    /// Telekom Business Smart Connect.
    #[must_use]
    pub fn bsc(&self) -> &bsc::Bsc {
        &self.app.rest.bsc
    }

    /// KPN Mobile Service Management.
    #[must_use]
    pub fn kpn(&self) -> &kpn::Kpn {
        &self.app.rest.kpn
    }

    /// MasStack Partners.
    #[must_use]
    pub fn masstack(&self) -> &masstack::Masstack {
        &self.app.rest.masstack
    }

    /// Every attempt of a platform's to call a customer.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.app.rest.callbacks.log()
    }

    /// Certificates.
    #[must_use]
    pub fn pki(&self) -> &Pki {
        &self.pki
    }

    /// What the sandbox has seen.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.app.journal
    }

    /// Trouble on demand.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.app.control
    }

    /// Rate limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.app.limits
    }

    /// The SIMs.
    #[must_use]
    pub fn fleet(&self) -> &Fleet {
        &self.app.platform.fleet
    }

    /// The commercial groups that the SIMs are in.
    #[must_use]
    pub fn commercial_groups(&self) -> &CommercialGroups {
        self.fleet().commercial_groups()
    }

    /// The customer whose SIMs these are.
    #[must_use]
    pub fn customer(&self) -> Customer {
        self.app.platform.customer()
    }

    /// Messages accepted so far.
    #[must_use]
    pub fn sent_sms(&self) -> Vec<SentSms> {
        self.app.platform.sent_sms()
    }

    /// E-mail addresses to which users were sent a link to set their password, so far.
    #[must_use]
    pub fn password_mails(&self) -> Vec<String> {
        self.app.platform.users.mails()
    }

    /// Sets a password as the user would, who then is active unless blocked; false when there is no
    /// such user.
    pub fn set_password(&self, username: &str) -> bool {
        self.app.platform.users.set_password(username)
    }

    /// Moves a SIM through its life cycle as somebody else than a caller: the provider suspends or
    /// retires it, or its first traffic makes it active.
    ///
    /// # Errors
    /// The platform's refusal.
    pub fn transition(&self, sim: &SimId, to: State, actor: Actor<'_>) -> Result<(), Fault> {
        self.app.platform.transition(sim, to, actor)
    }

    /// Data traffic of a SIM: counted as consumption, and taken from its vouchers.
    ///
    /// # Errors
    /// When there is no such SIM.
    pub fn data_traffic(&self, sim: &SimId, bytes: u64) -> Result<(), Fault> {
        self.app.platform.data_traffic(sim, bytes)
    }

    /// Finishes every report that is being made.
    pub fn finish_reports(&self) {
        self.app.platform.reports.finish_all();
    }

    /// Ends the time of every link to a report that has been given so far: they are answered as
    /// those that have been used.
    pub fn expire_links(&self) {
        self.app.platform.reports.expire_links();
    }

    /// Stops, and waits until the ports are closed.
    pub async fn stop(self) {
        let Self { stop, tasks, .. } = self;
        drop(stop);
        for task in tasks {
            let _ = task.await;
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Locks a mutex; a panic elsewhere does not matter to data that is whole after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Any error as an I/O error.
fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::other(error)
}
