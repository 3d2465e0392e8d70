//! `tps-hosts`: the permits of four processes that share one limit on a Redis server.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mno_sdk::{Organisation, RateLimits, RedisPermits};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::figures::{Figures, Target};
use crate::options::Options;
use crate::platform::{Connection, Platform};
use crate::tps::{ANSWERS, Counted, JITTER, Load, Mix, ORGANISATION, STATUS, TASKS, count};

/// How many processes there are.
const HOSTS: usize = 4;

pub(crate) async fn run(options: &Options, figures: &mut Figures) -> Result<()> {
    let redis = Redis::start().await?;
    for (name, mix, operation, limit, jitter) in [
        ("one operation", Mix::One, STATUS, 4, None),
        ("mix", Mix::Many, "", ORGANISATION, None),
        ("jitter", Mix::Many, "", ORGANISATION, Some(JITTER)),
    ] {
        figures.note(match jitter {
            None => format!(
                "{name}: {HOSTS} processes, one of them killed half-way, answers after 50 to \
                 1500 ms"
            ),
            Some(most) => {
                let most = most.as_millis();
                format!("The mix, with up to {most} ms of jitter on the way in")
            }
        });
        let platform = Platform::start(&ANSWERS).await?;
        let connection = Connection::of(&platform)?;
        let connection = match jitter {
            None => connection,
            Some(most) => connection.behind_jitter(most).await?,
        };
        let mut hosts = Vec::new();
        for number in 0..HOSTS {
            let host = Host {
                number,
                mix,
                length: options.length,
                connection: connection.clone(),
                redis: redis.url(),
                organisation: name.replace(' ', "-"),
            };
            hosts.push(host.start()?);
        }
        tokio::time::sleep(options.length / 2).await;
        hosts[0].kill().await?;
        for mut host in hosts.drain(1..) {
            let status = host.wait().await?;
            if !status.success() {
                bail!("a process ended with {status}");
            }
        }
        let counted = Counted::new(platform.journal().await?);
        let is_held_to_rate = jitter.is_none();
        counted.add(
            figures,
            name,
            operation,
            limit,
            options.length,
            is_held_to_rate,
        );
        let sims = Connection::sims()?;
        let calls = |host: usize| {
            let of = host * (TASKS / HOSTS)..(host + 1) * (TASKS / HOSTS);
            counted.calls_about(&sims[of])
        };
        let figure = format!("{name}: calls of the one that was killed");
        figures.add(&figure, count(calls(0)), "calls", Target::None);
        let others: Vec<_> = (1..HOSTS).map(calls).collect();
        for (which, calls) in [
            ("fewest", others.iter().min()),
            ("most", others.iter().max()),
        ] {
            let figure = format!("{name}: {which} calls of another");
            let calls = count(calls.copied().unwrap_or_default());
            figures.add(&figure, calls, "calls", Target::None);
        }
    }
    Ok(())
}

/// One of the processes.
struct Host {
    number: usize,
    mix: Mix,
    length: Duration,
    connection: Connection,
    redis: String,
    /// Name of the limit on the server.
    organisation: String,
}

impl Host {
    fn start(&self) -> Result<Child> {
        let mix = match self.mix {
            Mix::One => "one",
            Mix::Many => "many",
        };
        Command::new(std::env::current_exe()?)
            .arg("host")
            .args([&self.number.to_string(), mix])
            .arg(self.length.as_millis().to_string())
            .args([&self.connection.base_url, &self.redis, &self.organisation])
            .arg(&self.connection.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start another process")
    }

    fn read(arguments: &[String]) -> Option<Self> {
        let [number, mix, length, base_url, redis, organisation, folder] = arguments else {
            return None;
        };
        Some(Self {
            number: number.parse().ok()?,
            mix: match mix.as_str() {
                "one" => Mix::One,
                _ => Mix::Many,
            },
            length: Duration::from_millis(length.parse().ok()?),
            connection: Connection {
                base_url: base_url.clone(),
                folder: PathBuf::from(folder),
            },
            redis: redis.clone(),
            organisation: organisation.clone(),
        })
    }
}

/// What such a process does: as much as it is let.
pub(crate) async fn host(arguments: &[String]) -> Result<()> {
    let host = Host::read(arguments).context("not the arguments of a host")?;
    let permits = RedisPermits::new(&host.redis, &host.organisation)?;
    let organisation = Organisation::on_redis(RateLimits::kite(), permits);
    let kite = host
        .connection
        .kite()?
        .organisation(&organisation)
        .build()?;
    let tasks = TASKS / HOSTS;
    let load = Load::with(kite)?.of(host.number * tasks, tasks);
    load.saturate(host.mix, host.length).await
}

/// A Redis server of this bench's own.
struct Redis {
    _process: Child,
    folder: TempDir,
}

impl Redis {
    async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"])
            .arg(folder.path())
            .arg("--unixsocket")
            .arg(socket(folder.path()))
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start redis-server; Debian has it in the package of that name")?;
        while tokio::net::UnixStream::connect(socket(folder.path()))
            .await
            .is_err()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Self {
            _process: process,
            folder,
        })
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", socket(self.folder.path()).display())
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("redis.sock")
}
