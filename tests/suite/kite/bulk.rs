//! Many writes, each once: as the platform's journal has it.

use futures_util::StreamExt as _;
use mno_sandbox::{Effect, Rule, State};
use mno_sdk::bulk::{Bulk, Journal, JournalErrorKind, Outcome, Settled};
use mno_sdk::kite::inventory::{Change, LabelsChange, LifeCycleChange, LifeCycleStatus, SimId};

use super::*;

const MODIFY: &str = "modifySubscription";

fn labels(sandbox: &Sandbox) -> Vec<(SimId, Change)> {
    let fleet = sandbox.fleet().all();
    let change = |sim: &Arc<Sim>| {
        (
            icc(sim).into(),
            LabelsChange::new().with_alias("lot 7").into(),
        )
    };
    fleet.iter().map(change).collect()
}

/// How many of each outcome, by name.
async fn count(mut job: Bulk<(SimId, Change), ()>) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    while let Some(written) = job.next().await {
        let name = format!("{:?}", written.outcome);
        let name = name.split('(').next().unwrap().to_owned();
        *counts.entry(name).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn a_job_that_runs_again_sends_only_what_it_has_not() {
    let (sandbox, kite) = start(30).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.journal");
    let lost = Rule::on(MODIFY).skip(4).times(1).then(Effect::CutAfter);
    sandbox.control().add(lost);
    let journal = Journal::open(&path, "labels of lot 7").unwrap();
    let job = kite.inventory().bulk_modify(labels(&sandbox));
    let mut job = job.with_journal(journal).with_concurrency(2);
    for _ in 0..15 {
        job.next().await.unwrap();
    }
    job.stop();
    while job.next().await.is_some() {}
    let first = job.progress();
    assert_eq!((first.total, first.unknown), (Some(30), 1), "{first:?}");
    assert_eq!(sandbox.journal().count(MODIFY), first.done + 1);
    drop(job);

    let text = std::fs::read_to_string(&path).unwrap();
    for sim in sandbox.fleet().all().iter() {
        assert!(!text.contains(&sim.icc), "no ICC is in the journal");
    }
    assert!(!text.contains("lot 7\\\"") && !text.contains("alias"));

    let before = sandbox.journal().count(MODIFY);
    let journal = Journal::open(&path, "labels of lot 7").unwrap();
    let job = kite.inventory().bulk_modify(labels(&sandbox));
    let second = count(job.with_journal(journal)).await;
    assert_eq!(second["DoneBefore"], first.done, "{second:?}");
    assert_eq!(second["UnknownBefore"], 1, "{second:?}");
    let sent = sandbox.journal().count(MODIFY) - before;
    assert_eq!((sent, second["Done"]), (29 - first.done, 29 - first.done));
}

#[tokio::test]
async fn what_waits_for_its_permit_when_a_job_is_dropped_is_not_unknown() {
    let (sandbox, _) = start(20).await;
    let slow = RateLimits::kite().with_budget("kite/inventory/modifySubscription", Some(10));
    let kite = builder(&sandbox).rate_limits(slow).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.journal");
    let journal = Journal::open(&path, "labels of lot 7").unwrap();
    let job = kite.inventory().bulk_modify(labels(&sandbox));
    let mut job = job.with_journal(journal);
    for _ in 0..3 {
        job.next().await.unwrap();
    }
    drop(job);
    // The runtime drops the tasks in its own time.
    let journal = loop {
        match Journal::open(&path, "labels of lot 7") {
            Ok(journal) => break journal,
            Err(error) => assert_eq!(*error.kind(), JournalErrorKind::InUse),
        }
        tokio::task::yield_now().await;
    };
    let sent = sandbox.journal().count(MODIFY);
    assert!(sent < 3 + 8, "{sent}");
    let job = kite.inventory().bulk_modify(labels(&sandbox));
    let second = count(job.with_journal(journal)).await;
    let unknown = second.get("UnknownBefore").copied().unwrap_or_default();
    // A write that had just left is; nothing else is.
    assert!(unknown <= 1, "{second:?}");
    assert_eq!(
        second["DoneBefore"] + unknown + second["Done"],
        20,
        "{second:?}"
    );
    assert!(second["DoneBefore"] >= 3);
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_state_of_the_sim() {
    let (sandbox, kite) = start(50).await;
    let sim = in_state(sandbox.fleet(), State::Active);
    let lost = Rule::on(MODIFY).times(1).then(Effect::CutAfter);
    sandbox.control().add(lost);
    let change: Change = LifeCycleChange::new(LifeCycleStatus::Deactivated).into();
    let sims = kite.inventory();
    let mut job = kite
        .inventory()
        .bulk_modify([(icc(&sim).into(), change)])
        .settled_by(move |(id, _): &(SimId, Change)| {
            let (sims, id) = (sims.clone(), id.clone());
            async move {
                let status = sims.status(id).await?;
                let is_done = status.is_some_and(|s| s.state == LifeCycleStatus::Deactivated);
                Ok(if is_done {
                    Settled::Done
                } else {
                    Settled::NotDone
                })
            }
        });
    let written = job.next().await.unwrap();
    assert!(
        matches!(written.outcome, Outcome::DoneBefore),
        "{written:?}"
    );
    assert_eq!(sandbox.journal().count(MODIFY), 1);
}

#[tokio::test]
async fn a_job_ends_early_when_the_platform_lets_nobody_in() {
    let (sandbox, kite) = start(30).await;
    sandbox.control().forbid(ORGANISATION, MODIFY);
    let job = kite.inventory().bulk_modify(labels(&sandbox));
    let counts = count(job.with_concurrency(2)).await;
    assert!(counts["NotSent"] <= 3, "{counts:?}");
    assert_eq!(counts.len(), 1);
}
