//! Rates as the platform counts them, on arrival.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{FutureExt as _, StreamExt as _};
use mno_sandbox::{Effect, Fault, Outcome, Rule};
use mno_sdk::kite::inventory::{LabelsChange, NetworkReset};
use mno_sdk::runtime::transport::BoxFuture;
use mno_sdk::{CallOptions, Error, ErrorKind, Organisation};

use super::*;

/// A margin that a busy test machine needs, too.
const MARGIN: Duration = Duration::from_millis(200);

/// A sandbox that keeps the platform's limits.
async fn strict(sims: usize) -> Sandbox {
    sandbox(sims)
        .limits(true)
        .keep_bodies(true)
        .start()
        .await
        .unwrap()
}

/// A client with the limits of its default and a margin that fits the machine.
fn patient(sandbox: &Sandbox) -> Kite {
    limited(sandbox, ORGANISATION)
        .rate_limits(RateLimits::kite().with_jitter(MARGIN))
        .build()
        .unwrap()
}

/// ICCs of the calls of an operation, as they arrived.
fn arrived(sandbox: &Sandbox, operation: &str) -> Vec<String> {
    let entries = sandbox.journal().snapshot();
    let of = entries.iter().filter(|entry| entry.operation == operation);
    of.map(|entry| entry.sim.as_ref().unwrap().value().to_owned())
        .collect()
}

#[tokio::test]
async fn bursts_of_many_operations_stay_within_every_limit_and_in_order() {
    let sandbox = strict(20).await;
    let kite = patient(&sandbox);
    kite.echo().send("warm").await.unwrap();
    let fleet = sandbox.fleet().all();
    let mut calls: Vec<BoxFuture<'_, Result<(), Error>>> = Vec::new();
    // Far more than a second's worth of each, all asked for at once.
    for (number, sim) in fleet.iter().enumerate() {
        let sims = || kite.inventory();
        let id = icc(sim);
        if number < 9 {
            let (a, b, c) = (sims(), sims(), sims());
            let (x, y, z) = (id.clone(), id.clone(), id.clone());
            calls.push(async move { a.status(x).await.map(drop) }.boxed());
            calls.push(async move { b.presence(y).await.map(drop) }.boxed());
            calls.push(async move { c.location(z).await.map(drop) }.boxed());
        }
        if number < 5 {
            let (a, x) = (sims(), id.clone());
            let labels = LabelsChange::new().with_alias("burst");
            calls.push(async move { a.modify(x, labels).await }.boxed());
        }
        let (a, request) = (sims(), NetworkReset::new(id));
        calls.push(async move { a.network_reset(&request).await }.boxed());
    }
    let count = calls.len();
    for result in join_all(calls).await {
        result.unwrap();
    }

    let journal = sandbox.journal();
    assert_eq!(journal.snapshot().len(), count + 1, "nothing was repeated");
    assert_eq!(journal.refused(), 0);
    let iccs: Vec<_> = fleet.iter().map(|sim| sim.icc.clone()).collect();
    for (operation, sent, limit) in [
        ("getStatusDetail", 9, 4),
        ("getPresenceDetail", 9, 4),
        ("getLocationDetail", 9, 4),
        ("modifySubscription", 5, 2),
        ("networkReset", 20, 14),
        ("", count + 1, 14),
    ] {
        let most = journal.max_in_any_second(operation);
        assert!(most <= limit, "{most} of {operation:?} in a second");
        if !operation.is_empty() {
            assert_eq!(arrived(&sandbox, operation), iccs[..sent], "{operation}");
        }
    }
    // The organisation's limit is used, too: 52 calls at 14 a second and no slower.
    let most = journal.max_in_any_second("");
    assert!(most >= 10, "{most} in a second");
}

#[tokio::test]
async fn clients_of_one_organisation_share_its_limit_by_default() {
    // The sandbox counts and refuses nothing: only sharing keeps the sum down.
    let sandbox = sandbox(9).start().await.unwrap();
    let kites: Vec<_> = (0..2)
        .map(|_| limited(&sandbox, ORGANISATION).build().unwrap())
        .collect();
    let other = limited(&sandbox, "Somebody Else").build().unwrap();
    let sims = sandbox.fleet().all();
    let shared = sims.iter().enumerate().map(|(number, sim)| {
        let (handle, id) = (kites[number % 2].inventory(), icc(sim));
        async move { handle.status(id).await.map(drop) }
    });
    let apart = async { other.inventory().status(icc(&sims[0])).await.map(drop) };
    let (results, apart) = tokio::join!(join_all(shared), apart);
    apart.unwrap();
    for result in results {
        result.unwrap();
    }
    let entries = sandbox.journal().snapshot();
    let (theirs, ours): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|entry| entry.organisation == "Somebody Else");
    let elapsed = ours[8].arrival - ours[0].arrival;
    // Nine calls at four a second: eight gaps of a quarter. Unshared they take one second.
    assert!(elapsed >= Duration::from_millis(1500), "{elapsed:?}");
    // Another organisation does not wait behind them.
    assert!(theirs[0].arrival < ours[2].arrival);
}

#[tokio::test]
async fn two_clients_can_be_made_to_share_a_limit() {
    let sandbox = strict(5).await;
    let budget = Organisation::new(RateLimits::kite().with_jitter(MARGIN));
    let kites = ["Acme North", "Acme South"].map(|name| {
        limited(&sandbox, name)
            .organisation(&budget)
            .build()
            .unwrap()
    });
    // Connections first: a handshake delays the call behind it.
    for kite in &kites {
        kite.echo().send("warm").await.unwrap();
    }
    let sims = sandbox.fleet().all();
    let calls = sims.iter().enumerate().map(|(number, sim)| {
        let (handle, id) = (kites[number % 2].inventory(), icc(sim));
        async move { handle.detail(id).await }
    });
    for result in join_all(calls).await {
        result.unwrap();
    }
    assert!(sandbox.journal().max_in_any_second("getSubscriptionDetail") <= 2);
}

#[tokio::test]
async fn a_refusal_for_rate_freezes_the_operation_and_no_other() {
    let sandbox = strict(5).await;
    let kite = patient(&sandbox);
    let refusal = Effect::Fault(Fault::rate_limited());
    let rule = Rule::on("getStatusDetail").times(1).then(refusal);
    sandbox.control().add(rule);
    let sims = sandbox.fleet().all();
    let handle = kite.inventory();
    let calls = sims[..3].iter().map(|sim| handle.status(icc(sim)));
    let others = async {
        // Well into the freeze.
        tokio::time::sleep(Duration::from_millis(200)).await;
        handle.presence(icc(&sims[0])).await
    };
    let (results, other) = tokio::join!(join_all(calls), others);
    other.unwrap();
    for result in results {
        result.unwrap();
    }
    let entries = sandbox.journal().snapshot();
    let of = |operation: &str| -> Vec<_> {
        let of = entries.iter().filter(|entry| entry.operation == operation);
        of.cloned().collect()
    };
    let status = of("getStatusDetail");
    assert_eq!(status.len(), 4, "one of three was repeated");
    assert_eq!(status[0].outcome, Outcome::Injected("POL 1005".to_owned()));
    let pause = status[1].arrival - status[0].arrival;
    assert!(pause >= Duration::from_secs(1), "{pause:?}");
    let presence = of("getPresenceDetail")[0].arrival - status[0].arrival;
    assert!(presence < Duration::from_secs(1), "{presence:?}");
}

#[tokio::test]
async fn no_wait_for_a_permit_fails_at_once_and_sends_nothing() {
    let sandbox = strict(2).await;
    let kite = patient(&sandbox);
    let sim = sandbox.fleet().at(0).unwrap();
    let options = CallOptions::default().with_max_permit_wait(Duration::ZERO);
    let hasty = kite.inventory().with_options(options);
    // Two a second: while the first one is under way there is no permit for another.
    let (first, second) = tokio::join!(hasty.detail(icc(&sim)), hasty.detail(icc(&sim)));
    first.unwrap();
    let error = second.unwrap_err();
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    let text = error.to_string();
    assert!(
        text.contains("kite/inventory/getSubscriptionDetail"),
        "{text}"
    );
    assert!(text.contains("max_permit_wait"), "{text}");
    assert_eq!(sandbox.journal().count("getSubscriptionDetail"), 1);
}

#[tokio::test]
async fn interactive_calls_go_before_bulk_ones() {
    let sandbox = strict(4).await;
    let kite = patient(&sandbox);
    let sims = sandbox.fleet().all();
    let handle = kite.inventory();
    // Takes the permit that is free, so that all others have to wait.
    handle.get(icc(&sims[3])).await.unwrap();
    let mut stream = handle.stream();
    // The list is asked for first.
    let list = async { stream.next().await.unwrap().map(drop) };
    let reads = join_all(sims[..3].iter().map(|sim| handle.get(icc(sim))));
    let (list, reads) = tokio::join!(list, reads);
    list.unwrap();
    for read in reads {
        read.unwrap();
    }
    let entries = sandbox.journal().snapshot();
    let bodies: Vec<_> = entries
        .iter()
        .map(|entry| String::from_utf8_lossy(entry.body.as_ref().unwrap()).into_owned())
        .collect();
    assert_eq!(bodies.len(), 5);
    for (body, sim) in bodies[1..4].iter().zip(&sims) {
        assert!(body.contains(&sim.icc), "{body}");
    }
    assert!(bodies[4].contains("maxBatchSize>1000<"), "{}", bodies[4]);
}

#[tokio::test]
async fn bulk_calls_get_their_turn_in_the_end() {
    let sandbox = strict(7).await;
    let kite = patient(&sandbox);
    let sims = sandbox.fleet().all();
    let handle = kite.inventory();
    handle.get(icc(&sims[0])).await.unwrap();
    let mut stream = handle.stream();
    let list = async { stream.next().await.unwrap().map(drop) };
    let reads = join_all(sims.iter().map(|sim| handle.get(icc(sim))));
    let (list, _) = tokio::join!(list, reads);
    list.unwrap();
    let entries = sandbox.journal().snapshot();
    let list = entries.iter().position(|entry| {
        String::from_utf8_lossy(entry.body.as_ref().unwrap()).contains("maxBatchSize>1000<")
    });
    let list = list.unwrap();
    assert!((3..7).contains(&list), "the list was call {list} of 8");
}

/// A port that leads to this one, where every connection takes so much longer to come about.
fn far_away(to: std::net::SocketAddr, delay: Duration) -> std::net::SocketAddr {
    use std::net::{TcpListener, TcpStream};
    use std::thread::spawn;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    spawn(move || {
        for near in listener.incoming().flatten() {
            spawn(move || {
                std::thread::sleep(delay);
                let far = TcpStream::connect(to).unwrap();
                let (mut a, mut b) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                let _ = near.set_nodelay(true).and(far.set_nodelay(true));
                spawn(move || std::io::copy(&mut a, &mut b));
                let (mut near, mut far) = (near, far);
                std::io::copy(&mut far, &mut near)
            });
        }
    });
    address
}

#[tokio::test]
async fn a_slow_handshake_does_not_crowd_the_calls_behind_it() {
    let sandbox = strict(8).await;
    let address = far_away(sandbox.address(), Duration::from_millis(100));
    let kite = limited(&sandbox, ORGANISATION)
        .base_url(format!("https://{address}"))
        .rate_limits(RateLimits::kite().with_jitter(MARGIN))
        .build()
        .unwrap();
    let handle = kite.inventory();
    let sims = sandbox.fleet().all();
    for result in join_all(sims.iter().map(|sim| handle.status(icc(sim)))).await {
        result.unwrap();
    }
    let entries = sandbox.journal().snapshot();
    let arrivals: Vec<_> = entries
        .iter()
        .map(|entry| entry.arrival - entries[0].arrival)
        .collect();
    println!("{arrivals:?}");
    assert_eq!(sandbox.journal().refused(), 0, "{arrivals:?}");
    assert!(
        sandbox.journal().max_in_any_second("getStatusDetail") <= 4,
        "{arrivals:?}"
    );
}
