//! The sandbox, in a process of its own: what it does never delays the clients that are measured.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mno_sandbox::Fleet;
use mno_sdk::runtime::values::Iccid;
use mno_sdk::{Identity, Kite, KiteBuilder};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::jitter;

/// How many SIMs a sandbox has, unless a bench says otherwise.
const SIMS: usize = 256;
const SEED: u64 = 7;

/// A running `mno-sandbox`.
pub(crate) struct Platform {
    process: Child,
    folder: TempDir,
    /// What it printed: URLs, certificates, accounts.
    pub(crate) facts: Value,
}

impl Platform {
    /// Starts one with these options of `mno-sandbox`, and with the certificate of an organisation.
    pub(crate) async fn start(options: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut process = Command::new(program()?)
            .args(["--json", "--until-eof", "--dir"])
            .arg(folder.path())
            .arg("--journal")
            .arg(folder.path().join("journal"))
            .args(["--sims", &SIMS.to_string(), "--seed", &SEED.to_string()])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the sandbox")?;
        let out = process.stdout.take().context("the sandbox has no output")?;
        let line = BufReader::new(out).lines().next_line().await?;
        let line = line.context("the sandbox ended before it said where it is")?;
        Ok(Self {
            process,
            folder,
            facts: serde_json::from_str(&line)?,
        })
    }

    /// One of the things that it printed.
    pub(crate) fn fact(&self, name: &str) -> Result<&str> {
        self.facts[name]
            .as_str()
            .with_context(|| format!("the sandbox printed no {name}"))
    }

    /// Stops it and reads its journal: requests in the order of arrival.
    pub(crate) async fn journal(mut self) -> Result<Vec<Arrival>> {
        drop(self.process.stdin.take());
        let status = self.process.wait().await?;
        if !status.success() {
            bail!("the sandbox ended with {status}");
        }
        let text = std::fs::read_to_string(self.folder.path().join("journal"))?;
        text.lines().map(Arrival::read).collect()
    }
}

/// What a client needs to know to call a sandbox, also in another process.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) base_url: String,
    pub(crate) folder: PathBuf,
}

impl Connection {
    pub(crate) fn of(platform: &Platform) -> Result<Self> {
        Ok(Self {
            base_url: platform.fact("base_url")?.to_owned(),
            folder: platform.folder.path().to_owned(),
        })
    }

    /// The same platform at the end of a network that delays what it is sent, unevenly.
    pub(crate) async fn behind_jitter(mut self, most: Duration) -> Result<Self> {
        let address = self.base_url.trim_start_matches("https://").parse()?;
        self.base_url = format!("https://{}", jitter::before(address, most).await?);
        Ok(self)
    }

    /// Sets up a client.
    pub(crate) fn kite(&self) -> Result<KiteBuilder> {
        let read = |name: &str| read(&self.folder.join(name));
        let pem = [read("client.pem")?, read("client.key")?].concat();
        Ok(Kite::builder()
            .identity(Identity::from_pem(&pem)?)
            .extra_root_pem(read("ca.pem")?)
            .base_url(&self.base_url))
    }

    /// The first SIMs of every sandbox that is started here.
    pub(crate) fn sims() -> Result<Vec<Iccid>> {
        let fleet = Fleet::new(SIMS, SEED).all();
        fleet.iter().map(|sim| Ok(sim.icc.parse()?)).collect()
    }
}

/// A request, as the sandbox saw it.
pub(crate) struct Arrival {
    /// Seconds on the sandbox's steady clock.
    pub(crate) at: f64,
    /// Seconds since 1970 on the machine's clock.
    pub(crate) wall: f64,
    pub(crate) operation: String,
    /// The SIM that it was about, as in `icc:8999…`.
    pub(crate) sim: String,
    /// `ok`, or the code of the refusal.
    pub(crate) outcome: String,
}

impl Arrival {
    fn read(line: &str) -> Result<Self> {
        let entry: Value = serde_json::from_str(line)?;
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            at: entry["arrival"].as_f64().context("no time of arrival")?,
            wall: entry["time"].as_f64().context("no time of the day")?,
            operation: text("operation"),
            sim: text("sim"),
            outcome: text("outcome"),
        })
    }
}

/// The sandbox's program lies beside this one: `cargo xtask bench` builds both.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let name = format!("mno-sandbox{}", std::env::consts::EXE_SUFFIX);
    let program = own.with_file_name(name);
    if !program.exists() {
        bail!(
            "{} is not there: start benches with `cargo xtask bench`",
            program.display()
        );
    }
    Ok(program)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
