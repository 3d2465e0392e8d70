//! Against a real server on a socket in a folder of its own. Where no `redis-server` is installed,
//! each test says so and ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::future::Future as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::task::Poll;

use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::Priority;
use tokio::task::JoinSet;

use super::*;
use crate::policy::permits::{Organisation, PermitSource, RateLimits};

const fn operation(budget: &'static str, tps: u32) -> OperationFacts {
    OperationFacts::new("kite", budget, Protocol::soap11("urn:x"))
        .budget(budget)
        .tps(tps)
}

static TEN: OperationFacts = operation("kite/inventory/ten", 10);
static TEN_B: OperationFacts = operation("kite/inventory/tenB", 10);
static TWENTY: OperationFacts = operation("kite/inventory/twenty", 20);
static ONE: OperationFacts = operation("kite/inventory/one", 1);

/// Where the server keeps slots and margins.
const LANES: &str = "mno:permits:{Acme}:lanes";

const MS: Duration = Duration::from_millis(1);
const JITTER: Duration = Duration::from_millis(9);
/// Times on a real clock, on a machine that does other things, too.
const BUSY: Duration = Duration::from_secs(1);

/// A server for one test.
struct Server {
    process: Child,
    folder: tempfile::TempDir,
}

impl Server {
    /// `None`: it is not installed.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let server = Self {
            process: Self::spawn(folder.path())?,
            folder,
        };
        server.wait();
        Some(server)
    }

    fn spawn(folder: &std::path::Path) -> Option<Child> {
        let started = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"])
            .arg(folder)
            .arg("--unixsocket")
            .arg(folder.join("redis.sock"))
            .stdout(Stdio::null())
            .spawn();
        match started {
            Ok(process) => Some(process),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                println!("NOT TESTED: there is no redis-server on this machine");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn wait(&self) {
        while std::os::unix::net::UnixStream::connect(self.folder.path().join("redis.sock"))
            .is_err()
        {
            std::thread::sleep(5 * MS);
        }
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let _ = std::fs::remove_file(self.folder.path().join("redis.sock"));
    }

    fn restart(&mut self) {
        self.process = Self::spawn(self.folder.path()).unwrap();
        self.wait();
    }

    fn permits(&self) -> RedisPermits {
        let socket = self.folder.path().join("redis.sock");
        RedisPermits::new(&format!("redis+unix://{}", socket.display()), "Acme").unwrap()
    }

    /// What another process of the organisation has.
    fn organisation(&self, organisation: u32) -> Organisation {
        self.organisation_or(organisation, WhenUnreachable::Wait)
    }

    fn organisation_with_jitter(&self, jitter: Duration) -> Organisation {
        let limits = RateLimits::kite().with_organisation(Some(100));
        Organisation::on_redis(limits.with_fixed_jitter(jitter), self.permits())
    }

    fn organisation_or(&self, organisation: u32, otherwise: WhenUnreachable) -> Organisation {
        let limits = RateLimits::kite()
            .with_organisation(Some(organisation))
            .with_fixed_jitter(JITTER);
        Organisation::on_redis(limits, self.permits().when_unreachable(otherwise))
    }

    async fn connection(&self) -> MultiplexedConnection {
        let client = self.permits().client;
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// The margins that are kept, by the number of their period, and the number of the current one.
    async fn margins(&self) -> (BTreeMap<u64, u64>, u64) {
        let mut connection = self.connection().await;
        let fields: BTreeMap<String, String> = redis::cmd("HGETALL")
            .arg(LANES)
            .query_async(&mut connection)
            .await
            .unwrap();
        let (seconds, fraction): (u64, u64) = redis::cmd("TIME")
            .query_async(&mut connection)
            .await
            .unwrap();
        let margins = fields.iter().filter_map(|(field, value)| {
            let number = field.strip_prefix("margin ")?;
            Some((number.parse().unwrap(), value.parse().unwrap()))
        });
        (
            margins.collect(),
            (seconds * 1_000_000 + fraction) / 1_500_000,
        )
    }

    /// All the margins that are kept become this one.
    async fn set_margin(&self, number: u64, margin: Duration) {
        let mut connection = self.connection().await;
        for old in self.margins().await.0.keys() {
            let _: u64 = redis::cmd("HDEL")
                .arg(LANES)
                .arg(format!("margin {old}"))
                .query_async(&mut connection)
                .await
                .unwrap();
        }
        let _: u64 = redis::cmd("HSET")
            .arg(LANES)
            .arg(format!("margin {number}"))
            .arg(micros(margin))
            .query_async(&mut connection)
            .await
            .unwrap();
    }

    async fn keys(&self) -> Vec<(String, i64)> {
        let mut connection = self.connection().await;
        let mut keys: Vec<String> = redis::cmd("KEYS")
            .arg("*")
            .query_async(&mut connection)
            .await
            .unwrap();
        keys.sort();
        let mut with_time = Vec::new();
        for key in keys {
            let left = redis::cmd("PTTL")
                .arg(&key)
                .query_async(&mut connection)
                .await;
            with_time.push((key, left.unwrap()));
        }
        with_time
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

type Log = Arc<Mutex<Vec<(Instant, usize, usize)>>>;

/// A caller of this process, and its number.
fn call(
    set: &mut JoinSet<()>,
    organisation: &Organisation,
    (facts, priority): (&'static OperationFacts, Priority),
    log: &Log,
    (process, number): (usize, usize),
) {
    let (organisation, log) = (organisation.clone(), Arc::clone(log));
    set.spawn(async move {
        let permit = organisation.acquire(facts, priority, None).await.unwrap();
        log.lock().unwrap().push((permit.at, process, number));
    });
}

async fn all(mut set: JoinSet<()>, log: Log) -> Vec<(Instant, usize, usize)> {
    while let Some(done) = set.join_next().await {
        done.unwrap();
    }
    let mut log = Arc::into_inner(log).unwrap().into_inner().unwrap();
    log.sort();
    log
}

fn most_in_a_second(times: &[Instant]) -> usize {
    let second = Duration::from_secs(1);
    let fits = |first: usize| {
        let of = times[first..].iter();
        of.take_while(|time| **time - times[first] < second).count()
    };
    (0..times.len()).map(fits).max().unwrap_or_default()
}

#[tokio::test]
async fn processes_share_one_limit_and_take_turns() {
    let Some(server) = Server::start() else {
        return;
    };
    let (mut set, log) = (JoinSet::new(), Log::default());
    let interactive = (&TEN, Priority::Interactive);
    // Each process has its own organisation, as one of this name elsewhere has.
    for process in 0..4 {
        let organisation = server.organisation(100);
        for number in 0..10 {
            call(
                &mut set,
                &organisation,
                interactive,
                &log,
                (process, number),
            );
        }
    }
    let log = all(set, log).await;
    let times: Vec<_> = log.iter().map(|entry| entry.0).collect();
    let most = most_in_a_second(&times);
    assert!(most <= 10, "{most} in a second");
    let taken = times[39] - times[0];
    assert!(taken >= Duration::from_millis(3900), "{taken:?}");
    assert!(taken <= Duration::from_millis(3940) + BUSY, "{taken:?}");
    // Half-way each has had about half of its own.
    for process in 0..4 {
        let had = log[..20].iter().filter(|entry| entry.1 == process).count();
        assert!((4..=6).contains(&had), "process {process} had {had} of 20");
    }
}

#[tokio::test]
async fn the_organisation_has_a_limit_over_operations_and_processes() {
    let Some(server) = Server::start() else {
        return;
    };
    let (mut set, log) = (JoinSet::new(), Log::default());
    for (process, facts) in [&TEN, &TEN_B].into_iter().enumerate() {
        let organisation = server.organisation(12);
        for number in 0..15 {
            let what = (facts, Priority::Interactive);
            call(&mut set, &organisation, what, &log, (process, number));
        }
    }
    let log = all(set, log).await;
    let times: Vec<_> = log.iter().map(|entry| entry.0).collect();
    assert!(most_in_a_second(&times) <= 12);
    let taken = times[29] - times[0];
    assert!(taken <= Duration::from_millis(2440) + BUSY, "{taken:?}");
    for process in 0..2 {
        let of = log.iter().filter(|entry| entry.1 == process);
        let times: Vec<_> = of.map(|entry| entry.0).collect();
        assert!(most_in_a_second(&times) <= 10);
    }
}

#[tokio::test]
async fn within_a_process_calls_are_served_in_order() {
    let Some(server) = Server::start() else {
        return;
    };
    let organisation = server.organisation(100);
    let (mut set, log) = (JoinSet::new(), Log::default());
    for number in 0..20 {
        let what = (&TWENTY, Priority::Bulk);
        call(&mut set, &organisation, what, &log, (0, number));
        tokio::task::yield_now().await;
    }
    let log = all(set, log).await;
    let order: Vec<_> = log.iter().map(|entry| entry.2).collect();
    assert_eq!(order, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn interactive_goes_before_the_bulk_calls_of_other_processes() {
    let Some(server) = Server::start() else {
        return;
    };
    let (mut set, log) = (JoinSet::new(), Log::default());
    let bulk = server.organisation(100);
    for number in 0..40 {
        let what = (&TEN, Priority::Bulk);
        call(&mut set, &bulk, what, &log, (0, number));
    }
    let lookups = server.organisation(100);
    tokio::time::sleep(250 * MS).await;
    for _ in 0..5 {
        let asked = Instant::now();
        let permit = lookups.acquire(&TEN, Priority::Interactive, None).await;
        let waited = permit.unwrap().at - asked;
        // Two slots, and what the machine takes.
        assert!(waited <= 210 * MS + BUSY / 4, "{waited:?}");
        tokio::time::sleep(130 * MS).await;
    }
    set.abort_all();
}

#[tokio::test]
async fn a_slot_that_is_given_up_is_given_back() {
    let Some(server) = Server::start() else {
        return;
    };
    let (one, other) = (server.organisation(100), server.organisation(100));
    let interactive = Priority::Interactive;
    let first = one.acquire(&ONE, interactive, None).await.unwrap();
    // Gives up while it waits: the next one of another process takes its place.
    let waiting = one.acquire(&ONE, interactive, None);
    assert!(tokio::time::timeout(300 * MS, waiting).await.is_err());
    let second = other.acquire(&ONE, interactive, None).await.unwrap();
    let after = second.at - first.at;
    assert!(after >= 1000 * MS && after <= 1009 * MS + BUSY, "{after:?}");
    // Is given the permit, and does not pick it up.
    let mut stalled = Box::pin(one.acquire(&ONE, interactive, None));
    std::future::poll_fn(|cx| {
        assert!(stalled.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    let look = other.acquire(&TEN, interactive, None);
    look.await.unwrap();
    tokio::time::sleep(1100 * MS).await;
    // Somebody of its process wakes up and gets it for both.
    let behind = tokio::time::timeout(300 * MS, one.acquire(&ONE, interactive, None));
    assert!(behind.await.is_err());
    drop(stalled);
    let asked = Instant::now();
    let third = other.acquire(&ONE, interactive, None).await.unwrap();
    assert!(third.at - asked <= 500 * MS, "{:?}", third.at - asked);
}

#[tokio::test]
async fn who_does_not_come_back_is_not_waited_for() {
    let Some(server) = Server::start() else {
        return;
    };
    let (killed, left) = (server.organisation(100), server.organisation(100));
    let interactive = Priority::Interactive;
    left.acquire(&TEN, interactive, None).await.unwrap();
    // A process that has asked, and is no more: nothing tells the server.
    let runtime = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let waits = killed.acquire(&TEN, interactive, None);
            let _ = tokio::time::timeout(50 * MS, waits).await;
        });
        // The task that would tell never runs.
    });
    runtime.join().unwrap();
    let started = Instant::now();
    for _ in 0..10 {
        left.acquire(&TEN, interactive, None).await.unwrap();
    }
    let taken = started.elapsed();
    // A second, and no more than three slots for the one that is gone.
    assert!(taken <= 1310 * MS + BUSY / 4, "{taken:?}");
}

#[tokio::test]
async fn a_freeze_is_one_for_all() {
    let Some(server) = Server::start() else {
        return;
    };
    let (one, other) = (server.organisation(100), server.organisation(100));
    let interactive = Priority::Interactive;
    let permit = one.acquire(&TEN, interactive, None).await.unwrap();
    one.refused(TEN.budget, permit.at, None);
    let frozen = Instant::now();
    tokio::time::sleep(50 * MS).await;
    let after = other.acquire(&TEN, interactive, None).await.unwrap();
    let waited = after.at - frozen;
    assert!(
        waited >= 990 * MS && waited <= 1000 * MS + BUSY,
        "{waited:?}"
    );
    // Not for other operations.
    one.freeze(TEN.budget, 5000 * MS);
    let asked = Instant::now();
    other.acquire(&TEN_B, interactive, None).await.unwrap();
    assert!(asked.elapsed() <= BUSY);
    // And who must not wait learns how long it would have been.
    tokio::time::sleep(50 * MS).await;
    let no = other.acquire(&TEN, interactive, Some(Instant::now()));
    let no = no.await.unwrap_err();
    assert!(!no.is_unreachable && no.wait >= 4000 * MS, "{no:?}");
}

#[tokio::test]
async fn the_widest_margin_of_any_process_is_everybodys() {
    let Some(server) = Server::start() else {
        return;
    };
    let narrow = server.organisation_with_jitter(JITTER);
    let wide = server.organisation_with_jitter(500 * MS);
    let interactive = Priority::Interactive;
    narrow.acquire(&TEN_B, interactive, None).await.unwrap();
    assert_eq!(narrow.stats().jitter, JITTER);
    wide.acquire(&TEN_B, interactive, None).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..11 {
        let permit = narrow.acquire(&TEN, interactive, None).await.unwrap();
        times.push(permit.at);
    }
    assert_eq!(narrow.stats().jitter, 500 * MS);
    // Ten take a second and that margin; what the answers' ways differed by aside.
    let taken = times[10] - times[0];
    assert!(taken >= 1495 * MS, "{taken:?}");
}

#[tokio::test]
async fn a_margin_that_no_process_needs_any_more_is_forgotten() {
    let Some(server) = Server::start() else {
        return;
    };
    let organisation = server.organisation_with_jitter(JITTER);
    let interactive = Priority::Interactive;
    // Again, should a new period begin meanwhile.
    loop {
        let (_, number) = server.margins().await;
        server.set_margin(number - 1, 40 * MS).await;
        organisation.acquire(&TEN, interactive, None).await.unwrap();
        let before = organisation.stats().jitter;
        server.set_margin(number - 2, 40 * MS).await;
        organisation.acquire(&TEN, interactive, None).await.unwrap();
        let after = organisation.stats().jitter;
        let (kept, now) = server.margins().await;
        if now == number {
            assert_eq!((before, after), (40 * MS, JITTER));
            assert_eq!(kept, BTreeMap::from([(number, micros(JITTER))]));
            return;
        }
    }
}

#[tokio::test]
async fn without_the_server_calls_wait_if_so_chosen() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let organisation = server.organisation(100);
    let interactive = Priority::Interactive;
    organisation.acquire(&TEN, interactive, None).await.unwrap();
    assert_eq!(organisation.stats().source, PermitSource::Shared);
    server.stop();
    let limit = Instant::now() + 700 * MS;
    let no = organisation.acquire(&TEN, interactive, Some(limit)).await;
    let no = no.unwrap_err();
    assert!(no.is_unreachable, "{no:?}");
    assert!(Instant::now() >= limit);
    assert_eq!(organisation.stats().source, PermitSource::Unreachable);
    let waits = organisation.acquire(&TEN, interactive, None);
    let returns = async {
        tokio::time::sleep(300 * MS).await;
        server.restart();
        Instant::now()
    };
    let (permit, back) = tokio::join!(waits, returns);
    let after = permit.unwrap().at.saturating_duration_since(back);
    assert!(after <= Duration::from_secs(1) + BUSY, "{after:?}");
    assert_eq!(organisation.stats().source, PermitSource::Shared);
}

#[tokio::test]
async fn without_the_server_a_share_goes_on_if_so_chosen() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let organisation = server.organisation_or(100, WhenUnreachable::Share(0.25));
    let interactive = Priority::Interactive;
    organisation
        .acquire(&TWENTY, interactive, None)
        .await
        .unwrap();
    server.stop();
    let stopped = Instant::now();
    let mut times = Vec::new();
    for _ in 0..8 {
        let permit = organisation.acquire(&TWENTY, interactive, None).await;
        times.push(permit.unwrap().at);
    }
    // What the others had been given in the last second is over.
    let pause = times[0] - stopped;
    assert!(pause >= 1000 * MS, "{pause:?}");
    assert!(most_in_a_second(&times) <= 5, "{times:?}");
    let taken = times[7] - times[0];
    assert!(taken <= 1412 * MS + BUSY, "{taken:?}");
    server.restart();
    let mut source = organisation.stats().source;
    for _ in 0..20 {
        organisation
            .acquire(&TWENTY, interactive, None)
            .await
            .unwrap();
        source = organisation.stats().source;
        if source == PermitSource::Shared {
            break;
        }
    }
    assert_eq!(source, PermitSource::Shared);
}

#[tokio::test]
async fn what_is_kept_is_little_and_expires() {
    let Some(server) = Server::start() else {
        return;
    };
    let organisation = server.organisation(100);
    organisation
        .acquire(&TEN, Priority::Interactive, None)
        .await
        .unwrap();
    let keys = server.keys().await;
    let names: Vec<_> = keys.iter().map(|(name, _)| name.as_str()).collect();
    // Nobody waits, so there are no seats.
    assert_eq!(names, [LANES]);
    for (name, left) in keys {
        assert!(left > 3_000_000 && left <= 3_600_000, "{name}: {left} ms");
    }
}

#[test]
fn urls_stay_out_of_errors_and_debug() {
    let permits = RedisPermits::new("redis://user:hunter2@redis.example/", "Acme").unwrap();
    let debug = format!("{permits:?}");
    assert!(
        debug.contains("Acme") && !debug.contains("hunter2"),
        "{debug}"
    );
    let organisation = Organisation::on_redis(RateLimits::kite(), permits);
    assert!(!format!("{organisation:?}").contains("hunter2"));
    let error = RedisPermits::new("http://user:hunter2@redis.example/", "Acme").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
