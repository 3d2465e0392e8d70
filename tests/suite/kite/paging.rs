//! Lists: how many calls, and every SIM once.

use std::collections::HashSet;
use std::sync::Mutex;

use futures_util::{StreamExt as _, TryStreamExt as _};
use mno_sandbox::{Effect, Fault, Rule};
use mno_sdk::kite::{SubscriptionFilter, SubscriptionStream};
use mno_sdk::runtime::transport::{Body, Call, Response, TransportError};
use mno_sdk::{CallOptions, Checkpoint, Error, ErrorKind, Priority};

use super::*;

const LIST: &str = "getSubscriptions";

/// The ICCs of a stream without errors.
async fn iccs(stream: SubscriptionStream) -> Vec<String> {
    stream
        .map_ok(|sim| sim.icc.as_str().to_owned())
        .try_collect()
        .await
        .unwrap()
}

fn known(sandbox: &Sandbox) -> Vec<String> {
    let all = sandbox.fleet().all();
    all.iter().map(|sim| sim.icc.clone()).collect()
}

/// Lists so many SIMs: every one once, in the order of the platform, in so many calls.
async fn lists(sims: usize, calls: usize) {
    let sandbox = sandbox(sims).keep_bodies(true).start().await.unwrap();
    let kite = builder(&sandbox).build().unwrap();
    let stream = kite.inventory().stream().with_read_ahead(0);
    let listed = iccs(stream).await;
    assert_eq!(listed.len(), sims);
    assert_eq!(listed, known(&sandbox));
    assert_eq!(
        sandbox.journal().count(LIST),
        calls,
        "calls for {sims} SIMs"
    );
    for (number, entry) in sandbox.journal().snapshot().iter().enumerate() {
        let body = String::from_utf8_lossy(entry.body.as_ref().unwrap()).into_owned();
        assert!(body.contains("maxBatchSize>1000<"), "{body}");
        let start = format!("startIndex>{}<", number * 995);
        assert!(body.contains(&start), "call {number}: {body}");
    }
}

#[tokio::test]
async fn an_empty_fleet_is_one_call() {
    lists(0, 1).await;
}

#[tokio::test]
async fn a_short_page_is_the_last() {
    lists(1, 1).await;
    lists(999, 1).await;
}

#[tokio::test]
async fn a_full_page_is_followed_by_one_more_call_even_if_it_was_the_last() {
    lists(1000, 2).await;
    lists(2000, 3).await;
}

#[tokio::test]
async fn pages_go_on_until_one_is_short() {
    lists(1001, 2).await;
    lists(2500, 3).await;
}

#[tokio::test]
async fn the_page_size_is_the_callers_within_what_the_platform_allows() {
    for (asked, sent, calls) in [(10, 10, 3), (25, 25, 2), (0, 1, 26), (5000, 1000, 1)] {
        let sandbox = sandbox(25).keep_bodies(true).start().await.unwrap();
        let kite = builder(&sandbox).build().unwrap();
        let stream = kite.inventory().stream().with_page_size(asked);
        let stream = stream.with_read_ahead(0);
        assert_eq!(iccs(stream).await, known(&sandbox));
        let size = format!("maxBatchSize>{sent}<");
        let fitting = sandbox.journal().count_where(|entry| {
            String::from_utf8_lossy(entry.body.as_ref().unwrap()).contains(&size)
        });
        assert_eq!(fitting, calls, "page size {asked}");
        assert_eq!(sandbox.journal().count(LIST), calls, "page size {asked}");
    }
}

#[tokio::test]
async fn without_read_ahead_a_page_is_asked_for_when_the_one_before_is_used_up() {
    let (sandbox, kite) = start(25).await;
    let stream = kite.inventory().stream().with_page_size(10);
    let mut stream = stream.with_read_ahead(0);
    assert_eq!(sandbox.journal().count(LIST), 0);
    for _ in 0..10 {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(sandbox.journal().count(LIST), 1);
    stream.next().await.unwrap().unwrap();
    assert_eq!(sandbox.journal().count(LIST), 2);
}

#[tokio::test]
async fn sims_added_while_listing_shift_positions_and_give_no_duplicate() {
    let (sandbox, kite) = start(45).await;
    let before = known(&sandbox);
    let shift = Rule::on(LIST).times(3).then(Effect::InsertInFront);
    sandbox.control().add(shift);
    let stream = kite.inventory().stream().with_page_size(10);
    let mut stream = stream.with_read_ahead(0);
    let mut listed = Vec::new();
    while let Some(sim) = stream.next().await {
        listed.push(sim.unwrap().icc.as_str().to_owned());
    }
    assert_eq!(listed, before, "all that were there, in order, once");
    // Three SIMs were sent twice: the platform has counted them, too.
    assert_eq!(stream.next_index(), 48);
    assert_eq!(sandbox.journal().count(LIST), 6);
}

#[tokio::test]
async fn sims_taken_away_while_listing_shift_positions_and_nothing_is_lost() {
    for ahead in [0, 3] {
        let (sandbox, kite) = start(145).await;
        let before = known(&sandbox);
        let shift = Rule::on(LIST).skip(1).times(4).then(Effect::RemoveFront);
        sandbox.control().add(shift);
        let stream = kite.inventory().stream().with_page_size(10);
        let listed = iccs(stream.with_read_ahead(ahead)).await;
        let unique: HashSet<_> = listed.iter().collect();
        assert_eq!(unique.len(), listed.len());
        let left = known(&sandbox);
        assert_eq!(left.len(), 141);
        assert!(left.iter().all(|icc| unique.contains(icc)), "ahead {ahead}");
        assert!(listed.iter().all(|icc| before.contains(icc)));
    }
}

#[tokio::test]
async fn a_stream_goes_on_after_a_crash_from_the_text_of_its_checkpoint() {
    let (sandbox, kite) = start(60).await;
    let before = known(&sandbox);
    let mut stream = kite.inventory().stream().with_page_size(10);
    let mut listed = Vec::new();
    for _ in 0..33 {
        let sim = stream.next().await.unwrap().unwrap();
        listed.push(sim.icc.as_str().to_owned());
    }
    let text = stream.checkpoint().to_string();
    assert!(listed.iter().all(|icc| !text.contains(icc.as_str())));
    drop(stream);

    // Meanwhile positions shift by two.
    let shift = Rule::on(LIST).times(2).then(Effect::RemoveFront);
    sandbox.control().add(shift);
    for _ in 0..2 {
        kite.inventory().get(unknown_icc()).await.unwrap();
    }
    let kite = builder(&sandbox).build().unwrap();
    let checkpoint: Checkpoint = text.parse().unwrap();
    let stream = kite.inventory().stream().resume(&checkpoint).unwrap();
    listed.extend(iccs(stream).await);
    assert_eq!(listed, before);

    let filter = SubscriptionFilter::new().icc(&unknown_icc());
    let other = kite.inventory().search(filter).unwrap();
    assert!(other.resume(&checkpoint).is_err(), "another filter");
}

#[tokio::test]
async fn a_sim_that_cannot_be_read_is_one_error_and_all_others_are_there() {
    let (sandbox, kite) = start(30).await;
    let broken = Rule::on(LIST).skip(1).times(1).then(Effect::BrokenItem(4));
    sandbox.control().add(broken);
    let stream = kite.inventory().stream().with_page_size(10);
    let stream = stream.with_read_ahead(0);
    let (good, bad): (Vec<_>, Vec<_>) = stream
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .enumerate()
        .partition(|(_, item)| item.is_ok());
    let mut expected = known(&sandbox);
    expected.remove(13);
    let good: Vec<_> = good
        .into_iter()
        .map(|(_, sim)| sim.unwrap().icc.as_str().to_owned())
        .collect();
    assert_eq!(good, expected);

    let [(at, Err(error))] = bad.as_slice() else {
        panic!("one error, not {}", bad.len());
    };
    assert_eq!(*at, 13, "the error stands where the SIM would");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let path = error.path().unwrap();
    assert!(path.contains("subscriptionData[5]"), "{path}");
    assert!(path.ends_with("provisionDate"), "{path}");
    assert!(error.position().is_some());
    assert_eq!(error.operation().unwrap().operation, LIST);
    // A page with a bad item is a full one all the same.
    assert_eq!(sandbox.journal().count(LIST), 4);
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_which_another_one_continues() {
    let (sandbox, kite) = start(45).await;
    let fault = Effect::Fault(Fault::server_error("made up"));
    sandbox
        .control()
        .add(Rule::on(LIST).skip(2).times(1).then(fault));
    let stream = kite.inventory().stream().with_page_size(10);
    let mut stream = stream.with_read_ahead(0);
    let mut listed = Vec::new();
    let error: Error = loop {
        match stream.next().await.unwrap() {
            Ok(sim) => listed.push(sim.icc.as_str().to_owned()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Fault);
    assert!(
        stream.next().await.is_none(),
        "an error of a page is the end"
    );
    assert_eq!((listed.len(), stream.next_index()), (19, 19));
    assert_eq!(sandbox.journal().count(LIST), 3, "it was not repeated");

    let rest = kite
        .inventory()
        .stream()
        .with_page_size(10)
        .with_start_index(stream.next_index());
    listed.extend(iccs(rest).await);
    assert_eq!(listed, known(&sandbox));
}

#[tokio::test]
async fn a_torn_page_is_asked_for_again_and_gives_no_half_of_its_sims() {
    let (sandbox, kite) = start(30).await;
    let cut = Rule::on(LIST).skip(1).times(1).then(Effect::CutMidBody);
    sandbox.control().add(cut);
    let stream = kite.inventory().stream().with_page_size(10);
    assert_eq!(iccs(stream.with_read_ahead(0)).await, known(&sandbox));
    assert_eq!(sandbox.journal().count(LIST), 5, "one of them twice");

    let cut = Rule::on(LIST).skip(1).then(Effect::CutMidBody);
    sandbox.control().add(cut);
    let stream = kite.inventory().stream().with_page_size(10);
    let items: Vec<_> = stream.with_read_ahead(0).collect().await;
    assert_eq!(items.len(), 11);
    let error = items.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
}

/// A client whose transport answers nothing and keeps the options of every call.
fn options_of_calls() -> (Kite, Arc<Mutex<Vec<CallOptions>>>) {
    let seen: Arc<Mutex<Vec<CallOptions>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let double = move |call: Call| {
        kept.lock().unwrap().push(call.options);
        async { Ok::<_, TransportError>(Response::new(Body::from("<nothing/>"))) }
    };
    let kite = Kite::builder()
        .transport(Arc::new(double))
        .rate_limits(RateLimits::unlimited())
        .build()
        .unwrap();
    (kite, seen)
}

#[tokio::test]
async fn a_stream_is_bulk_and_a_single_read_is_interactive() {
    let (kite, seen) = options_of_calls();
    let _ = kite.inventory().stream().next().await;
    let _ = kite.inventory().get(unknown_icc()).await;
    let priorities: Vec<_> = seen.lock().unwrap().iter().map(|o| o.priority).collect();
    assert_eq!(priorities, [Priority::Bulk, Priority::Interactive]);
}

#[tokio::test]
async fn a_stream_keeps_the_options_of_its_handle() {
    let (kite, seen) = options_of_calls();
    let options = CallOptions::default()
        .with_deadline(std::time::Duration::from_secs(7))
        .with_attempt_timeout(std::time::Duration::from_secs(3))
        .with_max_permit_wait(std::time::Duration::from_secs(2));
    let sims = kite.inventory().with_options(options.clone());
    let _ = sims.stream().next().await;
    let expected = options.with_priority(Priority::Bulk);
    assert_eq!(*seen.lock().unwrap(), [expected]);
}
