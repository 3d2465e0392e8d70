#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt as _;
use mno_runtime::facts::{OperationFacts, Protocol};
use mno_runtime::transport::{Delivery, TransportError, TransportErrorKind};
use mno_runtime::unica::Exception;

use super::*;

static WRITE: OperationFacts = OperationFacts::new("kite", "write", Protocol::soap11("urn:write"));

/// How often each item left.
type Sent = Arc<Mutex<HashMap<u32, u32>>>;

fn lost() -> Error {
    let lost = TransportError::new(TransportErrorKind::Interrupted, Delivery::Unknown, "lost");
    Error::from_transport(&WRITE, lost)
}

fn refused(category: &str, id: u32, text: &str) -> Error {
    Error::new(ErrorKind::Fault, "refused").with_exception(Exception::new(category, id, text))
}

/// A job of these items; each leaves, and this becomes of it.
fn job(
    items: impl IntoIterator<Item = u32, IntoIter: Send + 'static>,
    sent: &Sent,
    fate: fn(u32) -> Result<u32, Error>,
) -> Bulk<u32, u32> {
    let sent = Arc::clone(sent);
    Bulk::new(items, u32::to_string, move |item| {
        let (item, sent) = (*item, Arc::clone(&sent));
        async move {
            *sent.lock().unwrap().entry(item).or_default() += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
            fate(item)
        }
    })
}

fn path() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job.journal");
    (folder, path)
}

/// Names of outcomes, by item.
async fn outcomes(mut job: Bulk<u32, u32>) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    while let Some(written) = job.next().await {
        let name = format!("{:?}", written.outcome);
        let name = name.split(['(', ' ']).next().unwrap().to_owned();
        all.push((written.item, name));
    }
    all.sort();
    all
}

fn names(all: &[(u32, String)]) -> Vec<&str> {
    all.iter().map(|(_, name)| name.as_str()).collect()
}

fn mixed(item: u32) -> Result<u32, Error> {
    match item {
        1 => Err(refused("SVC", 1021, "There is not an available transition")),
        2 => Err(lost()),
        3 => Err(Error::new(ErrorKind::InvalidRequest, "too long")),
        _ => Ok(item),
    }
}

#[tokio::test]
async fn a_second_run_sends_what_was_not_and_nothing_else() {
    let (_folder, path) = path();
    let sent = Sent::default();
    let journal = Journal::open(&path, "a").unwrap();
    let first = outcomes(job(0..6, &sent, mixed).with_journal(journal)).await;
    let expected = ["Done", "Refused", "Unknown", "NotSent", "Done", "Done"];
    assert_eq!(names(&first), expected);

    let journal = Journal::open(&path, "a").unwrap();
    assert_eq!(journal.len(), 6);
    let second = outcomes(job(0..7, &sent, Ok).with_journal(journal)).await;
    let expected = [
        "DoneBefore",
        "RefusedBefore",
        "UnknownBefore",
        "Done",
        "DoneBefore",
        "DoneBefore",
        "Done",
    ];
    assert_eq!(names(&second), expected);
    let sent = sent.lock().unwrap();
    let counts: Vec<_> = (0..7).map(|item| sent[&item]).collect();
    assert_eq!(counts, [1, 1, 1, 2, 1, 1, 1], "3 had not been processed");
}

#[tokio::test]
async fn a_crash_at_any_moment_repeats_no_write() {
    for polls in 0..40 {
        let (_folder, path) = path();
        let sent = Sent::default();
        let journal = Journal::open(&path, "a").unwrap();
        let mut first = job(0..20, &sent, Ok)
            .with_journal(journal)
            .with_concurrency(3);
        // Dropped where it is.
        let _ = tokio::time::timeout(Duration::from_millis(2 * polls), async {
            while first.next().await.is_some() {}
        })
        .await;
        drop(first);
        // The blocking write that was under way holds the file for a moment.
        let journal = loop {
            match Journal::open(&path, "a") {
                Ok(journal) => break journal,
                Err(error) if *error.kind() == JournalErrorKind::InUse => {
                    tokio::task::yield_now().await;
                }
                Err(error) => panic!("{error}"),
            }
        };
        let second = outcomes(job(0..20, &sent, Ok).with_journal(journal)).await;
        assert_eq!(second.len(), 20);
        let unknown = second.iter().filter(|(_, name)| name == "UnknownBefore");
        assert!(unknown.count() <= 3, "as many as were under way");
        let sent = sent.lock().unwrap();
        assert!(sent.values().all(|times| *times == 1), "{sent:?}");
    }
}

#[tokio::test]
async fn the_journal_is_on_the_disk_before_a_write_leaves_and_has_its_outcome_after() {
    let (_folder, path) = path();
    let journal = Journal::open(&path, "a").unwrap();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (noted, read) = (Arc::clone(&seen), path.clone());
    let mut job = Bulk::new([7], u32::to_string, move |_| {
        noted
            .lock()
            .unwrap()
            .push(fs::read_to_string(&read).unwrap());
        async { Ok(()) }
    })
    .with_journal(journal);
    job.next().await.unwrap();
    let during = &seen.lock().unwrap()[0];
    assert_eq!(
        during.lines().last().unwrap(),
        r#"{"is":"sent","item":"7"}"#
    );
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after.lines().last().unwrap(), r#"{"is":"done","item":"7"}"#);
    assert_eq!(
        after.lines().next().unwrap(),
        r#"{"job":"a","journal":"mno-bulk-1"}"#
    );
}

#[tokio::test]
async fn a_journal_that_was_cut_off_anywhere_is_read_as_far_as_it_goes() {
    let (_folder, path) = path();
    let sent = Sent::default();
    let journal = Journal::open(&path, "a").unwrap();
    outcomes(
        job(0..3, &sent, Ok)
            .with_journal(journal)
            .with_concurrency(1),
    )
    .await;
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let journal = Journal::open(&path, "a").unwrap();
        let lines = whole[..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        // A line for the job, and two for each item.
        assert_eq!(
            journal.len(),
            lines.saturating_sub(1).div_ceil(2),
            "{length}"
        );
        drop(journal);
        let kept = fs::read(&path).unwrap();
        assert!(kept.ends_with(b"\n") && (whole.starts_with(&kept) || lines == 0));
        Journal::open(&path, "a").unwrap();
    }
}

#[test]
fn journals_of_others_and_what_is_none_are_refused() {
    let (_folder, path) = path();
    let first = Journal::open(&path, "a").unwrap();
    let in_use = Journal::open(&path, "a").unwrap_err();
    assert_eq!(*in_use.kind(), JournalErrorKind::InUse);
    drop(first);
    let other = Journal::open(&path, "b").unwrap_err();
    let expected = JournalErrorKind::OtherJob {
        job: "a".to_owned(),
    };
    assert_eq!(*other.kind(), expected);
    assert!(other.to_string().contains("another job, \"a\""), "{other}");

    let header = fs::read_to_string(&path).unwrap();
    let corrupt = format!("{header}{{\"item\":\"1\"}}\n{{\"item\":\"2\",\"is\":\"done\"}}\n");
    for (text, kind) in [
        ("iccid;alias\n1;2\n".to_owned(), JournalErrorKind::NoJournal),
        ("not a journal".to_owned(), JournalErrorKind::NoJournal),
        (corrupt, JournalErrorKind::Corrupt { line: 2 }),
        (
            format!("{header}half a l\n{header}"),
            JournalErrorKind::Corrupt { line: 2 },
        ),
    ] {
        fs::write(&path, &text).unwrap();
        assert_eq!(
            *Journal::open(&path, "a").unwrap_err().kind(),
            kind,
            "{text}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "it is left alone");
    }
    let nowhere = path.join("nowhere");
    let error = Journal::open(&nowhere, "a").unwrap_err();
    assert_eq!(*error.kind(), JournalErrorKind::Open);
}

#[tokio::test]
async fn a_read_settles_what_is_unknown() {
    let (_folder, path) = path();
    let sent = Sent::default();
    let journal = Journal::open(&path, "a").unwrap();
    outcomes(job(0..4, &sent, |_| Err(lost())).with_journal(journal)).await;

    let journal = Journal::open(&path, "a").unwrap();
    let second = job(0..4, &sent, Ok).with_journal(journal);
    let second = second.settled_by(|item| {
        let settled = match item {
            0 => Ok(Settled::Done),
            1 => Ok(Settled::NotDone),
            2 => Ok(Settled::Unknown),
            _ => Err(lost()),
        };
        async { settled }
    });
    let expected = ["DoneBefore", "Done", "UnknownBefore", "UnknownBefore"];
    assert_eq!(names(&outcomes(second).await), expected);
    assert_eq!(
        sent.lock().unwrap()[&1],
        2,
        "the read said that it was not carried out"
    );
    assert_eq!(sent.lock().unwrap()[&2], 1);

    // In the run that lost the answer, nothing is sent again whatever the read says.
    let sent = Sent::default();
    let third = job(0..2, &sent, |_| Err(lost()));
    let third = third.settled_by(|item| {
        let settled = if *item == 0 {
            Settled::Done
        } else {
            Settled::NotDone
        };
        async move { Ok(settled) }
    });
    assert_eq!(names(&outcomes(third).await), ["DoneBefore", "Unknown"]);
    assert!(sent.lock().unwrap().values().all(|times| *times == 1));
}

#[tokio::test]
async fn an_item_that_is_there_twice_is_written_once() {
    let sent = Sent::default();
    let all = outcomes(job([1, 2, 1, 1], &sent, Ok)).await;
    assert_eq!(names(&all), ["Done", "Repeated", "Repeated", "Done"]);
    assert!(sent.lock().unwrap().values().all(|times| *times == 1));
}

#[tokio::test]
async fn no_more_than_so_many_are_under_way_and_progress_is_counted() {
    let sent = Sent::default();
    let mut job = job(0..30, &sent, mixed).with_concurrency(4);
    let mut ended = 0;
    assert_eq!(job.progress().total, Some(30));
    while job.next().await.is_some() {
        ended += 1;
        assert!(sent.lock().unwrap().len() <= ended + 4);
        assert!(job.progress().under_way <= 4);
    }
    let progress = job.progress();
    let counts = (
        progress.done,
        progress.refused,
        progress.unknown,
        progress.not_sent,
    );
    assert_eq!(counts, (27, 1, 1, 1));
}

#[tokio::test]
async fn what_stands_in_the_way_of_all_ends_the_job() {
    let reasons: [fn(u32) -> Result<u32, Error>; 4] = [
        |_| Err(Error::new(ErrorKind::Connect, "no connection")),
        |_| Err(refused("SVR", 1006, "Service temporarily unavailable: x")),
        |_| Err(refused("SVC", 1013, "Access to perform x is denied")),
        |_| Err(Error::new(ErrorKind::Unauthenticated, "no token")),
    ];
    for reason in reasons {
        let sent = Sent::default();
        let all = outcomes(job(0..100, &sent, reason).with_concurrency(2)).await;
        assert!(all.len() <= 3, "{all:?}");
        assert!(names(&all).iter().all(|name| *name == "NotSent"), "{all:?}");
    }
}

#[tokio::test]
async fn a_job_that_is_stopped_ends_its_writes() {
    let sent = Sent::default();
    let mut job = job(0..100, &sent, Ok).with_concurrency(5);
    job.next().await.unwrap();
    job.stop();
    let mut ended = 1;
    while let Some(written) = job.next().await {
        assert!(matches!(written.outcome, Outcome::Done(_)));
        ended += 1;
    }
    assert_eq!(sent.lock().unwrap().len(), ended);
    assert!(ended <= 6);
}
