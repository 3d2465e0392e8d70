//! What to start.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Sandbox;
use crate::fleet::Fleet;
use crate::inject::Control;
use crate::journal::Journal;
use crate::limits::Limits;
use crate::pki::Pki;
use crate::platform::{Doors, Platform, Reports};
use crate::rest::{self, Callbacks, Rest};
use crate::server::{self, Door};
use crate::soap::App;

/// What to start; made by [`Sandbox::builder`].
#[derive(Debug, Clone)]
#[must_use = "call `start`"]
pub struct SandboxBuilder {
    sims: usize,
    seed: u64,
    port: u16,
    tls13: bool,
    limits: bool,
    keep_bodies: bool,
    reports_after: Duration,
    record_dir: Option<PathBuf>,
    pki: Option<Pki>,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            sims: 100,
            seed: 1,
            port: 0,
            tls13: false,
            limits: true,
            keep_bodies: false,
            reports_after: Duration::from_secs(2),
            record_dir: None,
            pki: None,
        }
    }
}

impl SandboxBuilder {
    /// How many SIMs (100 by default).
    pub fn sims(mut self, sims: usize) -> Self {
        self.sims = sims;
        self
    }

    /// Seed of the SIMs: the same seed gives the same fleet.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A fixed port on 127.0.0.1. By default any free one, which is what tests should use.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether TLS 1.3 is spoken beside 1.2. By default only 1.2, as the platform does.
    pub fn tls13(mut self, on: bool) -> Self {
        self.tls13 = on;
        self
    }

    /// Whether rate limits are enforced (yes by default).
    pub fn limits(mut self, on: bool) -> Self {
        self.limits = on;
        self
    }

    /// Whether the journal keeps the bodies of requests (no by default).
    pub fn keep_bodies(mut self, on: bool) -> Self {
        self.keep_bodies = on;
        self
    }

    /// How long the making of a report takes, on tokio's clock (2 seconds by default).
    pub fn reports_after(mut self, duration: Duration) -> Self {
        self.reports_after = duration;
        self
    }

    /// Writes the body of every request that is carried out to `NNNNN-operation.xml` in this
    /// directory, which is made if need be, and a line for every request to
    /// [`JOURNAL_FILE`](crate::JOURNAL_FILE) there.
    pub fn record_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.record_dir = Some(dir.into());
        self
    }

    /// Uses these certificates instead of new ones, so that several sandboxes can share them.
    pub fn pki(mut self, pki: Pki) -> Self {
        self.pki = Some(pki);
        self
    }

    /// Starts it, as tasks of the present tokio runtime.
    ///
    /// # Errors
    /// When keys cannot be made, the port cannot be opened, or the directory cannot be made.
    pub async fn start(self) -> io::Result<Sandbox> {
        if let Some(dir) = &self.record_dir {
            std::fs::create_dir_all(dir)?;
        }
        let pki = match self.pki {
            Some(pki) => pki,
            None => Pki::new()?,
        };
        let tls = server::tls(&pki, Door::Services, self.tls13)?;
        let download_tls = server::tls(&pki, Door::Downloads, self.tls13)?;
        let listener =
            TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await?;
        let address = listener.local_addr()?;
        let download_listener =
            TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let download_address = download_listener.local_addr()?;
        let rest_tls = server::tls(&pki, Door::Rest, self.tls13)?;
        let rest_listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let rest_address = rest_listener.local_addr()?;
        let (stop, stopped) = watch::channel(());
        let rest = Rest::new(
            self.seed,
            self.sims,
            &format!("https://{rest_address}"),
            Callbacks::new(&pki, stopped.clone())?,
        )?;
        let plain_listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let doors = Doors {
            https: format!("https://{download_address}"),
            http: format!("http://{}", plain_listener.local_addr()?),
        };
        let reports = Reports::new(self.seed, self.reports_after, doors);
        let app = Arc::new(App {
            platform: Platform::new(Fleet::new(self.sims, self.seed), self.seed, reports),
            journal: Journal::new(self.record_dir),
            limits: Limits::default(),
            control: Control::default(),
            gate: Mutex::new(()),
            rest,
        });
        app.limits.enforce(self.limits);
        app.journal.keep_bodies(self.keep_bodies);
        let serve = |door, listener, tls| {
            let serving = server::serve(door, listener, tls, Arc::clone(&app), stopped.clone());
            tokio::spawn(serving)
        };
        let tasks = vec![
            serve(Door::Services, listener, Some(tls)),
            serve(Door::Downloads, download_listener, Some(download_tls)),
            serve(Door::Downloads, plain_listener, None),
            serve(Door::Rest, rest_listener, Some(rest_tls)),
            tokio::spawn(rest::keep_time(Arc::clone(&app), stopped.clone())),
        ];
        Ok(Sandbox {
            app,
            pki,
            address,
            download_address,
            rest_address,
            stop,
            tasks,
        })
    }
}
