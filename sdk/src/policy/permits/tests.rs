//! All in virtual time: tokio's paused clock moves on when everybody sleeps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::BoxFuture;
use tokio::task::JoinSet;

use super::store::{Answer, Note, SeatAnswer, Unreachable};
use super::*;

const fn operation(budget: &'static str, tps: u32) -> OperationFacts {
    OperationFacts::new("kite", budget, Protocol::soap11("urn:x"))
        .budget(budget)
        .tps(tps)
}

static ONE: OperationFacts = operation("one", 1);
static TWO: OperationFacts = operation("two", 2);
static FOUR: OperationFacts = operation("four", 4);
static FOUR_B: OperationFacts = operation("four-b", 4);
static FOUR_C: OperationFacts = operation("four-c", 4);
static FOUR_D: OperationFacts = operation("four-d", 4);

const MS: Duration = Duration::from_millis(1);
const WINDOW: Duration = Duration::from_millis(1009);

/// Kite's, with a margin that stays as it is.
fn limits() -> RateLimits {
    RateLimits::kite().with_fixed_jitter(9 * MS)
}

type Log = Arc<Mutex<Vec<(Instant, &'static str, usize)>>>;

/// Starts a waiter that notes when it got its permit.
fn wait(
    set: &mut JoinSet<()>,
    organisation: &Organisation,
    log: &Log,
    facts: &'static OperationFacts,
    priority: Priority,
    number: usize,
) {
    let (organisation, log) = (organisation.clone(), Arc::clone(log));
    set.spawn(async move {
        let permit = organisation.acquire(facts, priority, None).await.unwrap();
        log.lock().unwrap().push((permit.at, facts.budget, number));
    });
}

async fn all(mut set: JoinSet<()>, log: Log) -> Vec<(Instant, &'static str, usize)> {
    while let Some(done) = set.join_next().await {
        done.unwrap();
    }
    Arc::into_inner(log).unwrap().into_inner().unwrap()
}

fn most_in_a_window(times: &[Instant]) -> usize {
    let mut times = times.to_vec();
    times.sort();
    (0..times.len())
        .map(|i| {
            times[i..]
                .iter()
                .take_while(|t| **t - times[i] < WINDOW)
                .count()
        })
        .max()
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn permits_come_in_order_and_evenly_spaced() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    for number in 0..12 {
        wait(
            &mut set,
            &organisation,
            &log,
            &FOUR,
            Priority::Interactive,
            number,
        );
        tokio::task::yield_now().await;
    }
    let log = all(set, log).await;
    assert_eq!(
        log.iter().map(|l| l.2).collect::<Vec<_>>(),
        (0..12).collect::<Vec<_>>()
    );
    let times: Vec<_> = log.iter().map(|l| l.0).collect();
    for pair in times.windows(2) {
        let gap = pair[1] - pair[0];
        // A permit that comes with the clock's next tick does not move those after it.
        assert!(gap >= WINDOW / 4 - MS && gap <= WINDOW / 4 + MS, "{gap:?}");
    }
    assert_eq!(most_in_a_window(&times), 4);
}

#[tokio::test(start_paused = true)]
async fn no_window_holds_more_than_the_limits_of_operations_and_organisation() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    let started = Instant::now();
    for number in 0..40 {
        for facts in [&ONE, &TWO, &FOUR, &FOUR_B, &FOUR_C, &FOUR_D] {
            let priority = if number % 3 == 0 {
                Priority::Bulk
            } else {
                Priority::Interactive
            };
            wait(&mut set, &organisation, &log, facts, priority, number);
        }
    }
    let log = all(set, log).await;
    let of = |budget| {
        log.iter()
            .filter(|l| l.1 == budget)
            .map(|l| l.0)
            .collect::<Vec<_>>()
    };
    for (budget, tps) in [
        ("one", 1),
        ("two", 2),
        ("four", 4),
        ("four-b", 4),
        ("four-d", 4),
    ] {
        assert_eq!(of(budget).len(), 40);
        assert_eq!(most_in_a_window(&of(budget)), tps, "{budget}");
    }
    let mut times: Vec<_> = log.iter().map(|l| l.0).collect();
    assert_eq!(most_in_a_window(&times), 14);
    times.sort();
    // While all want permits, the organisation's are used up: 13 or 14 a second.
    let first_five = times
        .iter()
        .filter(|t| **t - started < Duration::from_secs(5))
        .count();
    assert!(first_five >= 66, "{first_five} permits in five seconds");
    // And none is held up by the others: forty at one per second take forty seconds.
    let ones = of("one");
    let taken = *ones.iter().max().unwrap() - started;
    assert!(taken < Duration::from_secs(44), "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_gives_up_leaves_no_hole() {
    let organisation = Organisation::new(limits());
    let started = Instant::now();
    organisation
        .acquire(&ONE, Priority::Interactive, None)
        .await
        .unwrap();
    {
        let mut gives_up = pin!(organisation.acquire(&ONE, Priority::Interactive, None));
        let mut last = pin!(organisation.acquire(&ONE, Priority::Interactive, None));
        std::future::poll_fn(|cx| {
            assert!(gives_up.as_mut().poll(cx).is_pending());
            assert!(last.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        tokio::time::advance(500 * MS).await;
        // Dropping a pinned future needs its own scope; a new one in its place does it as well.
        gives_up.set(organisation.acquire(&ONE, Priority::Interactive, None));
        let permit = last.await.unwrap();
        assert!(
            permit.at - started <= WINDOW + 2 * MS,
            "{:?}",
            permit.at - started
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_permit_that_nobody_picks_up_is_given_back() {
    let organisation = Organisation::new(limits());
    organisation
        .acquire(&ONE, Priority::Interactive, None)
        .await
        .unwrap();
    let stalled = {
        let organisation = organisation.clone();
        let mut stalled = Box::pin(async move {
            organisation
                .acquire(&ONE, Priority::Interactive, None)
                .await
                .unwrap()
        });
        std::future::poll_fn(|cx| {
            assert!(stalled.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        stalled
    };
    // The other one wakes up, and hands the first permit to the one that is not polled.
    let mut other = pin!(organisation.acquire(&ONE, Priority::Interactive, None));
    let early = tokio::time::timeout(WINDOW + 500 * MS, other.as_mut()).await;
    assert!(early.is_err());
    // It is not held up by it for ever.
    let before = Instant::now();
    drop(stalled);
    let permit = other.await.unwrap();
    assert!(permit.at - before < 600 * MS, "{:?}", permit.at - before);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_waiter_holds_nobody_up() {
    let organisation = Organisation::new(limits());
    let started = Instant::now();
    organisation
        .acquire(&ONE, Priority::Interactive, None)
        .await
        .unwrap();
    let mut stalled = pin!(organisation.acquire(&ONE, Priority::Interactive, None));
    std::future::poll_fn(|cx| {
        assert!(stalled.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    let permit = organisation
        .acquire(&ONE, Priority::Interactive, None)
        .await
        .unwrap();
    assert!(permit.at - started <= 2 * WINDOW + 3 * MS);
}

#[tokio::test(start_paused = true)]
async fn interactive_goes_first_and_bulk_does_not_starve() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    organisation
        .acquire(&FOUR, Priority::Interactive, None)
        .await
        .unwrap();
    for number in 0..4 {
        wait(
            &mut set,
            &organisation,
            &log,
            &FOUR,
            Priority::Bulk,
            1000 + number,
        );
        tokio::task::yield_now().await;
    }
    for number in 0..20 {
        wait(
            &mut set,
            &organisation,
            &log,
            &FOUR,
            Priority::Interactive,
            number,
        );
        tokio::task::yield_now().await;
    }
    let order: Vec<_> = all(set, log).await.iter().map(|l| l.2).collect();
    let bulk_at: Vec<_> = order
        .iter()
        .enumerate()
        .filter(|(_, n)| **n >= 1000)
        .map(|(i, _)| i)
        .collect();
    assert!(bulk_at[0] >= 3, "interactive first: {order:?}");
    assert!(
        bulk_at.windows(2).all(|w| w[1] - w[0] <= 6),
        "bulk is served: {order:?}"
    );
    assert!(order.iter().filter(|n| **n < 1000).is_sorted());
    assert!(order.iter().filter(|n| **n >= 1000).is_sorted());
}

#[tokio::test(start_paused = true)]
async fn no_wait_allowed_fails_at_once_and_says_how_long_it_would_take() {
    let organisation = Organisation::new(limits());
    let now = Some(Instant::now());
    organisation
        .acquire(&TWO, Priority::Interactive, now)
        .await
        .unwrap();
    let refused = organisation
        .acquire(&TWO, Priority::Interactive, now)
        .await
        .unwrap_err();
    assert_eq!(refused.budget, "two");
    assert_eq!(refused.wait, WINDOW / 2);
    assert_eq!(now, Some(Instant::now()), "no time has passed");
    // Its place in the queue is given back: the next one gets the slot.
    let permit = organisation
        .acquire(&TWO, Priority::Interactive, None)
        .await
        .unwrap();
    assert!(permit.waited <= WINDOW / 2 + 2 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_budget_waits_and_others_do_not() {
    let organisation = Organisation::new(limits());
    organisation.freeze("four", 3000 * MS);
    let other = organisation
        .acquire(&FOUR_B, Priority::Interactive, None)
        .await
        .unwrap();
    assert_eq!(other.waited, Duration::ZERO);
    let frozen = organisation
        .acquire(&FOUR, Priority::Interactive, None)
        .await
        .unwrap();
    assert!(frozen.waited >= 3000 * MS && frozen.waited <= 3002 * MS);
}

#[tokio::test(start_paused = true)]
async fn freezes_grow_and_end_with_a_success() {
    let organisation = Organisation::new(limits());
    let mut freezes = Vec::new();
    let mut permit = Instant::now();
    for _ in 0..8 {
        permit = organisation
            .acquire(&FOUR, Priority::Interactive, None)
            .await
            .unwrap()
            .at;
        freezes.push(organisation.refused("four", permit, None).as_secs());
        // Another call that was under way changes nothing.
        organisation.refused("four", permit - MS, None);
    }
    assert_eq!(freezes, [1, 2, 4, 8, 16, 32, 60, 60]);
    // The answer to a call from before the freeze proves nothing.
    organisation.answered("four", permit - MS);
    assert_eq!(
        organisation.refused("four", Instant::now(), None).as_secs(),
        60
    );
    permit = organisation
        .acquire(&FOUR, Priority::Interactive, None)
        .await
        .unwrap()
        .at;
    organisation.answered("four", permit);
    assert_eq!(organisation.refused("four", permit, None).as_secs(), 1);
    assert_eq!(
        organisation
            .refused("four", permit, Some(90_000 * MS))
            .as_secs(),
        90
    );
}

#[tokio::test(start_paused = true)]
async fn two_operations_refused_together_freeze_the_organisation() {
    let organisation = Organisation::new(limits());
    let a = organisation
        .acquire(&FOUR, Priority::Interactive, None)
        .await
        .unwrap();
    let b = organisation
        .acquire(&FOUR_B, Priority::Interactive, None)
        .await
        .unwrap();
    organisation.refused("four", a.at, None);
    organisation.refused("four-b", b.at, None);
    let third = organisation
        .acquire(&FOUR_C, Priority::Interactive, None)
        .await
        .unwrap();
    assert!(
        third.waited >= 1000 * MS && third.waited <= 1002 * MS,
        "{:?}",
        third.waited
    );
}

#[tokio::test(start_paused = true)]
async fn limits_change_at_run_time() {
    let organisation = Organisation::new(limits());
    organisation
        .acquire(&ONE, Priority::Interactive, None)
        .await
        .unwrap();
    let waits = organisation.acquire(&ONE, Priority::Interactive, None);
    let changes = async {
        tokio::time::sleep(200 * MS).await;
        organisation.set_budget("one", Some(2));
    };
    let (permit, ()) = tokio::join!(waits, changes);
    let waited = permit.unwrap().waited;
    assert!(
        waited >= WINDOW / 2 && waited <= WINDOW / 2 + 2 * MS,
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_limits_nobody_waits() {
    let organisation = Organisation::new(RateLimits::unlimited());
    let started = Instant::now();
    for _ in 0..1000 {
        organisation
            .acquire(&ONE, Priority::Bulk, None)
            .await
            .unwrap();
    }
    assert_eq!(started, Instant::now());
}

#[tokio::test(start_paused = true)]
async fn a_long_queue_is_no_trouble() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    let started = Instant::now();
    for number in 0..5000 {
        let facts = if number % 2 == 0 { &FOUR } else { &FOUR_B };
        wait(&mut set, &organisation, &log, facts, Priority::Bulk, number);
    }
    let log = all(set, log).await;
    let of = |budget| log.iter().filter(move |l| l.1 == budget).map(|l| l.2);
    assert!(of("four").is_sorted() && of("four-b").is_sorted());
    // 2500 of each at four in 1.009 seconds; the clock's ticks of a millisecond cost a little.
    let taken = log.iter().map(|l| l.0).max().unwrap() - started;
    assert!(taken > WINDOW * 624 && taken < WINDOW * 630, "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn a_permit_holds_for_a_quarter_of_the_jitter_margin() {
    let organisation = Organisation::new(limits());
    let permit = organisation
        .acquire(&FOUR, Priority::Interactive, None)
        .await
        .unwrap();
    let limit = Instant::now() + 10_000 * MS;
    tokio::time::advance(2 * MS).await;
    let held = organisation.renew(&FOUR, permit.at, limit).await.unwrap();
    assert_eq!((held.at, held.waited), (permit.at, Duration::ZERO));
    tokio::time::advance(MS).await;
    let again = organisation.renew(&FOUR, permit.at, limit).await.unwrap();
    // Its slot was not used, so there is room.
    assert_eq!(again.at - permit.at, 3 * MS);
    // Not even the youngest permit holds while the budget is frozen.
    organisation.freeze("four", 3000 * MS);
    let frozen = organisation.renew(&FOUR, again.at, limit).await.unwrap();
    assert!(frozen.waited >= 3000 * MS && frozen.waited <= 3002 * MS);
    organisation.freeze("four", 30_000 * MS);
    let before = Instant::now();
    let none = organisation.renew(&FOUR, frozen.at, limit).await;
    assert!(none.unwrap_err().wait >= 29_999 * MS);
    assert_eq!(before, Instant::now(), "nobody waits for what cannot come");
}

#[tokio::test(start_paused = true)]
async fn a_late_request_goes_before_those_that_had_no_permit_yet() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    let first = organisation
        .acquire(&FOUR, Priority::Bulk, None)
        .await
        .unwrap();
    for number in 0..4 {
        let interactive = Priority::Interactive;
        wait(&mut set, &organisation, &log, &FOUR, interactive, number);
        tokio::task::yield_now().await;
    }
    tokio::time::advance(100 * MS).await;
    let limit = Instant::now() + 10_000 * MS;
    let again = organisation.renew(&FOUR, first.at, limit).await.unwrap();
    assert_eq!(again.at - first.at, 100 * MS);
    let log = all(set, log).await;
    let mut times: Vec<_> = log.iter().map(|l| l.0).collect();
    assert!(times.iter().all(|at| *at > again.at));
    times.push(again.at);
    times.sort();
    assert_eq!(most_in_a_window(&times), 4);
    assert!(times[4] - again.at <= WINDOW + 2 * MS, "no slot is lost");
    // One that gives up leaves no hole.
    let last = times[times.len() - 1];
    tokio::time::advance(100 * MS).await;
    let gives_up = organisation.renew(&FOUR, first.at, limit);
    assert!(
        tokio::time::timeout(50 * MS, gives_up).await.is_err(),
        "there is no room yet"
    );
    let next = organisation
        .acquire(&FOUR, Priority::Interactive, None)
        .await
        .unwrap();
    assert!(next.at - last <= WINDOW / 4 + 2 * MS);
}

#[tokio::test(start_paused = true)]
async fn late_requests_give_their_slots_back_and_overfill_no_second() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    let started = Instant::now();
    for number in 0..200_u32 {
        let (organisation, log) = (organisation.clone(), Arc::clone(&log));
        set.spawn(async move {
            let interactive = Priority::Interactive;
            let permit = organisation.acquire(&FOUR, interactive, None).await;
            let permit = permit.unwrap();
            // Every third has to connect first: 5 to 400 ms, or never gets there.
            if number % 3 == 0 {
                tokio::time::sleep(MS * (5 + number * 37 % 396)).await;
            }
            let limit = Instant::now() + 60_000 * MS;
            let leaves = organisation.renew(&FOUR, permit.at, limit).await.unwrap();
            let mut log = log.lock().unwrap();
            log.push((Instant::now(), "four", number as usize));
            assert!(leaves.at <= Instant::now());
        });
    }
    let log = all(set, log).await;
    let times: Vec<_> = log.iter().map(|l| l.0).collect();
    assert_eq!(most_in_a_window(&times), 4);
    // Fifty seconds, and what the late ones were late; with a slot lost for each it would be 66.
    let taken = *times.iter().max().unwrap() - started;
    assert!(taken <= WINDOW * 57, "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn the_margin_is_wide_at_first_and_settles() {
    let organisation = Organisation::new(RateLimits::kite());
    let jitter = || organisation.stats().jitter;
    assert_eq!(jitter(), 30 * MS);
    let interactive = Priority::Interactive;
    organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    tokio::time::advance(4999 * MS).await;
    assert_eq!(jitter(), 30 * MS);
    tokio::time::advance(MS).await;
    assert_eq!(jitter(), 9 * MS);
    // Or sooner, once the way is known.
    let other = Organisation::new(RateLimits::kite());
    for handshakes in 0..5 {
        assert_eq!(other.stats().jitter, 30 * MS, "after {handshakes}");
        other.connected((20 + handshakes % 2) * MS);
    }
    assert_eq!(other.stats().jitter, 9 * MS);
    // And stays as it is where that is what was asked for.
    organisation.set_jitter(12 * MS, 12 * MS);
    organisation.connected(10 * MS);
    organisation.connected(90 * MS);
    organisation.refused("four", Instant::now(), None);
    assert_eq!(jitter(), 12 * MS);
}

#[tokio::test(start_paused = true)]
async fn refusals_widen_the_margin_and_time_narrows_it() {
    let organisation = Organisation::new(RateLimits::kite());
    let jitter = || organisation.stats().jitter;
    let interactive = Priority::Interactive;
    organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    tokio::time::advance(10_000 * MS).await;
    organisation.refused("four", Instant::now(), None);
    assert_eq!(jitter(), 18 * MS);
    tokio::time::advance(60_000 * MS).await;
    assert_eq!(jitter(), 9 * MS + Duration::from_micros(4500));
    for _ in 0..10 {
        let permit = organisation.acquire(&FOUR, interactive, None).await;
        organisation.refused("four", permit.unwrap().at, None);
    }
    // Many a minute has passed with those freezes, but not so that it could exceed the bound.
    assert!(jitter() <= 100 * MS && jitter() > 30 * MS, "{:?}", jitter());
    tokio::time::advance(600_000 * MS).await;
    assert_eq!(jitter(), 9 * MS);
}

#[tokio::test(start_paused = true)]
async fn uneven_handshakes_widen_the_margin() {
    let organisation = Organisation::new(RateLimits::kite());
    let jitter = || organisation.stats().jitter;
    let interactive = Priority::Interactive;
    organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    tokio::time::advance(10_000 * MS).await;
    // Far away, and steady.
    for took in [150, 151, 152, 151] {
        organisation.connected(took * MS);
    }
    assert_eq!(jitter(), 9 * MS);
    // Eight of them, 24 ms apart but for the slowest, which says nothing.
    for took in [153, 174, 160, 900] {
        organisation.connected(took * MS);
    }
    assert_eq!(jitter(), 24 * MS * 3 / 2);
    // What lies back for long does not count.
    tokio::time::advance(601_000 * MS).await;
    organisation.connected(150 * MS);
    assert_eq!(jitter(), 9 * MS);
}

#[tokio::test(start_paused = true)]
async fn what_waits_and_what_was_handed_out_can_be_seen() {
    let organisation = Organisation::new(limits());
    let (mut set, log) = (JoinSet::new(), Log::default());
    for number in 0..5 {
        let priority = match number {
            0 | 1 => Priority::Interactive,
            _ => Priority::Bulk,
        };
        wait(&mut set, &organisation, &log, &TWO, priority, number);
        tokio::task::yield_now().await;
    }
    let hasty = organisation.acquire(&TWO, Priority::Bulk, Some(Instant::now()));
    hasty.await.unwrap_err();
    let stats = organisation.stats();
    assert_eq!(stats.source, PermitSource::Process);
    assert_eq!((stats.jitter, stats.frozen), (9 * MS, None));
    let [two] = stats.budgets.as_slice() else {
        panic!("{stats:?}");
    };
    assert_eq!((two.budget, two.per_second), ("two", Some(2)));
    assert_eq!((two.waiting_interactive, two.waiting_bulk), (1, 3));
    assert_eq!((two.permits, two.given_up, two.refusals), (1, 1, 0));
    all(set, log).await;
    organisation.refused("two", Instant::now(), None);
    let two = &organisation.stats().budgets[0];
    assert_eq!((two.waiting_interactive, two.waiting_bulk), (0, 0));
    assert_eq!((two.permits, two.refusals), (5, 1));
    assert_eq!(two.frozen, Some(1000 * MS));
    // Half a second, and one, one and a half, two.
    assert!(two.waited >= WINDOW * 5 && two.waited <= WINDOW * 5 + 10 * MS);
    assert!(two.longest_wait >= WINDOW * 2 && two.longest_wait <= WINDOW * 2 + 4 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_wakes_up_late_loses_no_slots() {
    let organisation = Organisation::new(limits());
    let started = Instant::now();
    for number in 0..400_u32 {
        organisation
            .acquire(&FOUR, Priority::Bulk, None)
            .await
            .unwrap();
        // Busy for a while now and then, and for long once.
        let busy = match number {
            200 => 900,
            _ if number % 10 == 0 => 340,
            _ => 0,
        };
        tokio::time::advance(busy * MS).await;
    }
    let taken = started.elapsed();
    assert!(taken <= WINDOW * 100 + 700 * MS, "{taken:?}");
}

/// A server of permits that answers after 10 ms, gives every head one permit, and wants to be asked
/// for the next one a quarter of a second later.
#[derive(Debug, Clone, Default)]
struct Server(Arc<ServerState>);

#[derive(Debug, Default)]
struct ServerState {
    is_down: AtomicBool,
    rounds: Mutex<Vec<(usize, Vec<Note>)>>,
}

impl Server {
    fn organisation(&self, otherwise: WhenUnreachable) -> Organisation {
        Organisation::shared(limits(), Box::new(self.clone()), otherwise)
    }

    fn is_down(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::Relaxed);
    }

    fn notes(&self) -> String {
        let rounds = self.0.rounds.lock().unwrap();
        let notes = rounds.iter().flat_map(|(_, notes)| notes);
        format!("{:?}", notes.collect::<Vec<_>>())
    }

    fn rounds(&self) -> usize {
        self.0.rounds.lock().unwrap().len()
    }
}

impl Store for Server {
    fn ask<'a>(&'a self, round: &'a Round) -> BoxFuture<'a, Result<Answer, Unreachable>> {
        Box::pin(async move {
            let number = {
                let mut rounds = self.0.rounds.lock().unwrap();
                rounds.push((round.seats.len(), round.notes.clone()));
                rounds.len()
            };
            tokio::time::sleep(10 * MS).await;
            if self.0.is_down.load(Ordering::Relaxed) {
                return Err(Unreachable("down".to_owned()));
            }
            let now = Instant::now();
            let seats = round.seats.iter().map(|_| SeatAnswer {
                permits: vec![number.to_string()],
                wait: 250 * MS,
                frozen: Duration::ZERO,
            });
            Ok(Answer {
                base: now,
                at: now,
                margin: Duration::ZERO,
                frozen: Duration::ZERO,
                seats: seats.collect(),
            })
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_is_asked_for_heads_alone() {
    let server = Server::default();
    let organisation = server.organisation(WhenUnreachable::Wait);
    let (mut set, log) = (JoinSet::new(), Log::default());
    for number in 0..6 {
        let facts = if number % 2 == 0 { &FOUR } else { &FOUR_B };
        let interactive = Priority::Interactive;
        wait(&mut set, &organisation, &log, facts, interactive, number);
    }
    let started = Instant::now();
    let log = all(set, log).await;
    let of = |budget| log.iter().filter(move |l| l.1 == budget).map(|l| l.2);
    assert!(of("four").is_sorted() && of("four-b").is_sorted());
    assert!(started.elapsed() <= 540 * MS, "{:?}", started.elapsed());
    let rounds = server.0.rounds.lock().unwrap();
    assert!(rounds.iter().all(|(seats, _)| *seats <= 2), "{rounds:?}");
    assert!(rounds.len() <= 4, "{rounds:?}");
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_while_the_server_is_asked_gives_its_permit_back() {
    let server = Server::default();
    let organisation = server.organisation(WhenUnreachable::Wait);
    let asks = organisation.acquire(&FOUR, Priority::Interactive, None);
    assert!(tokio::time::timeout(5 * MS, asks).await.is_err());
    tokio::time::sleep(50 * MS).await;
    assert_eq!(server.notes(), r#"[GiveBack("four", "1")]"#);
    assert_eq!(server.rounds(), 2);
    // One who waits for its turn leaves the queue.
    let permit = organisation.acquire(&FOUR, Priority::Interactive, None);
    permit.await.unwrap();
    let (one, other) = (
        organisation.acquire(&FOUR, Priority::Bulk, None),
        organisation.acquire(&FOUR, Priority::Bulk, None),
    );
    let both = async { tokio::join!(one, other) };
    assert!(tokio::time::timeout(100 * MS, both).await.is_err());
    tokio::time::sleep(50 * MS).await;
    let notes = server.notes();
    assert!(notes.ends_with(r#"Leave("four", Bulk)]"#), "{notes}");
}

#[tokio::test(start_paused = true)]
async fn a_late_request_tells_the_server_that_its_slot_was_not_used() {
    let server = Server::default();
    let organisation = server.organisation(WhenUnreachable::Wait);
    let interactive = Priority::Interactive;
    let permit = organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    tokio::time::advance(50 * MS).await;
    let limit = Instant::now() + 1000 * MS;
    let again = organisation.renew(&FOUR, permit.at, limit).await.unwrap();
    assert_eq!(again.waited, 10 * MS);
    assert_eq!(server.notes(), r#"[Forget("four", "1")]"#);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_to_the_server_though_nobody_waits() {
    let server = Server::default();
    let organisation = server.organisation(WhenUnreachable::Wait);
    organisation.refused("four", Instant::now(), Some(7000 * MS));
    tokio::time::sleep(50 * MS).await;
    assert_eq!(server.notes(), r#"[Freeze(Some("four"), 7s)]"#);
}

#[tokio::test(start_paused = true)]
async fn without_the_server_calls_wait_for_it_as_long_as_they_may() {
    let server = Server::default();
    server.is_down(true);
    let organisation = server.organisation(WhenUnreachable::Wait);
    let interactive = Priority::Interactive;
    let started = Instant::now();
    let hasty = organisation.acquire(&FOUR, interactive, Some(started));
    let no = hasty.await.unwrap_err();
    assert!(no.is_unreachable && started.elapsed() <= 12 * MS, "{no:?}");
    let limit = Instant::now() + 2000 * MS;
    let no = organisation.acquire(&FOUR, interactive, Some(limit)).await;
    assert!(no.unwrap_err().is_unreachable);
    assert!(Instant::now() >= limit && Instant::now() <= limit + 2 * MS);
    assert_eq!(organisation.stats().source, PermitSource::Unreachable);
    // It is asked less and less often: not a hundred times.
    let rounds = server.rounds();
    assert!((3..=10).contains(&rounds), "{rounds}");
    let back = async {
        tokio::time::sleep(5000 * MS).await;
        server.is_down(false);
    };
    let started = Instant::now();
    let (permit, ()) = tokio::join!(organisation.acquire(&FOUR, interactive, None), back);
    permit.unwrap();
    assert!(started.elapsed() <= 6100 * MS, "{:?}", started.elapsed());
    assert_eq!(organisation.stats().source, PermitSource::Shared);
}

#[tokio::test(start_paused = true)]
async fn without_the_server_a_share_of_every_limit_is_left() {
    let server = Server::default();
    let organisation = server.organisation(WhenUnreachable::Share(0.5));
    let interactive = Priority::Interactive;
    let first = organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    server.is_down(true);
    let mut times = Vec::new();
    for _ in 0..10 {
        let permit = organisation.acquire(&FOUR, interactive, None).await;
        times.push(permit.unwrap().at);
    }
    // After a second in which others may still have been given permits: two a second.
    assert!(times[0] - first.at >= WINDOW);
    assert_eq!(most_in_a_window(&times), 2);
    assert!(times[9] - times[0] <= WINDOW * 9 / 2 + 3 * MS);
    server.is_down(false);
    while organisation.stats().source == PermitSource::Unreachable {
        let permit = organisation.acquire(&FOUR, interactive, None).await;
        times.push(permit.unwrap().at);
    }
    // The server is asked again when what was sent without it is a second ago.
    let pause = times[times.len() - 1] - times[times.len() - 2];
    assert!(pause >= WINDOW, "{pause:?}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_machine_widens_the_margin() {
    let limits = RateLimits::kite().with_organisation(None);
    let organisation = Organisation::new(limits);
    let jitter = || organisation.stats().jitter;
    let interactive = Priority::Interactive;
    organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    tokio::time::advance(10_000 * MS).await;
    organisation
        .acquire(&FOUR, interactive, None)
        .await
        .unwrap();
    assert_eq!(jitter(), 9 * MS, "nobody waited for that one");
    // Its turn is due in a quarter of a second, and nobody wakes up for 40 ms more.
    let late = async || {
        let mut waits = pin!(organisation.acquire(&FOUR, interactive, None));
        std::future::poll_fn(|cx| {
            assert!(waits.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        tokio::time::advance(WINDOW / 4 + 40 * MS).await;
        waits.await.unwrap();
    };
    late().await;
    late().await;
    assert_eq!(jitter(), 9 * MS, "strays");
    late().await;
    assert!(jitter() >= 48 * MS && jitter() <= 50 * MS, "{:?}", jitter());
    // As long as they are among the last ones.
    for _ in 0..64 {
        organisation
            .acquire(&FOUR, interactive, None)
            .await
            .unwrap();
    }
    assert_eq!(jitter(), 9 * MS);
}
