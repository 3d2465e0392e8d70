//! Mutated messages: nothing panics, nothing hangs. Deterministic: a failure names its round.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use mno_kite_inventory_v12::operations::{GetStatusHistory, GetSubscriptionDetail};
use mno_kite_inventory_v12::server::Request;
use mno_runtime::soap::sniff;

use super::*;
use crate::wire::{Recorder, run};

/// A linear congruential generator (Knuth's MMIX constants).
struct Lcg(u64);

impl Lcg {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below.max(1)
    }
}

/// Pieces that matter to a parser.
const PIECES: [&str; 28] = [
    "<",
    ">",
    "/",
    "&",
    ";",
    "\"",
    "'",
    "=",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "?>",
    "&amp;",
    "&#x10FFFF;",
    "&#0;",
    "<a>",
    "</a>",
    "<a/>",
    " xmlns=\"\"",
    " xmlns:s=\"urn:x\"",
    "\u{feff}",
    "<!DOCTYPE a>",
    "\0",
    "\r\n",
    "é",
    " x:nil='true'",
];

fn corpus() -> Vec<Vec<u8>> {
    let root = format!("{}/wire/kite", env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for folder in ["faults", "inventory-v12", "echo-v1"] {
        let mut files: Vec<_> = fs::read_dir(Path::new(&root).join(folder))
            .expect("a folder")
            .map(|e| e.expect("readable").path())
            .collect();
        files.sort();
        out.extend(files.iter().map(|f| fs::read(f).expect("readable")));
    }
    assert!(out.len() > 50);
    // Long ones take most of the time and mutate no better.
    out.iter_mut().for_each(|m| m.truncate(4000));
    out
}

fn mutate(random: &mut Lcg, message: &[u8], other: &[u8]) -> Vec<u8> {
    let mut out = message.to_vec();
    for _ in 0..=random.next(4) {
        let at = random.next(out.len() + 1);
        let end = (at + random.next(20)).min(out.len());
        match random.next(7) {
            0 => drop(out.drain(at..end)),
            1 => out.truncate(at),
            2 => {
                let piece = PIECES[random.next(PIECES.len())].bytes();
                drop(out.splice(at..at, piece));
            }
            3 => {
                if let Some(byte) = out.get_mut(at) {
                    *byte = u8::try_from(random.next(256)).expect("a byte");
                }
            }
            4 => {
                let copy = out[at..end].to_vec();
                drop(out.splice(at..at, copy));
            }
            5 => {
                let from = random.next(other.len() + 1);
                let to = (from + random.next(200)).min(other.len());
                drop(out.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                let piece = PIECES[random.next(PIECES.len())].bytes();
                drop(out.splice(at..end, piece));
            }
        }
    }
    out
}

#[test]
fn mutated_messages_never_panic_or_hang() {
    let corpus = corpus();
    let mut random = Lcg(42);
    let (mut good, mut bad) = (0, 0);
    let start = Instant::now();
    for round in 0..20_000 {
        let message = &corpus[random.next(corpus.len())];
        let other = &corpus[random.next(corpus.len())];
        let bytes = mutate(&mut random, message, other);
        let charset = (random.next(13) == 0).then_some("utf-16");
        let slow = Instant::now();
        let attempt = std::panic::catch_unwind(|| {
            let reads = [
                Request::decode(&bytes).is_ok(),
                is_readable::<GetSubscriptions>(&bytes, charset),
                is_readable::<GetSubscriptionDetail>(&bytes, None),
                is_readable::<GetStatusHistory>(&bytes, None),
                mno_kite_inventory_v12::reencode(&bytes).is_ok(),
                sniff(&bytes).is_some(),
            ];
            reads.contains(&true)
        });
        match attempt {
            Ok(true) => good += 1,
            Ok(false) => bad += 1,
            Err(_) => panic!(
                "round {round} panicked on {:?}",
                String::from_utf8_lossy(&bytes)
            ),
        }
        assert!(
            slow.elapsed() < Duration::from_secs(2),
            "round {round} hangs"
        );
    }
    assert!(
        good > 1000 && bad > 1000,
        "mutations are too weak or too strong: {good} {bad}"
    );
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn mutated_answers_never_show_what_they_held() {
    let corpus = corpus();
    let mut random = Lcg(7);
    for round in 0..2_000 {
        let message = &corpus[random.next(corpus.len())];
        let bytes = mutate(&mut random, message, message);
        let status = [200, 400, 500, 502][random.next(4)];
        let recorder = Recorder::xml(status, bytes);
        let result = run(recorder
            .inventory()
            .get_subscriptions(&GetSubscriptions::new()));
        if let Err(error) = result {
            for text in [error.to_string(), format!("{error:?}")] {
                for secret in ["899900000", "0010100000", "99900000010", "198.51.100.77"] {
                    assert!(!text.contains(secret), "round {round}: {text}");
                }
            }
        }
    }
}

/// What was read can be written, and reads as the same again.
#[test]
fn mutated_messages_survive_a_round_trip() {
    let corpus: Vec<Vec<u8>> = corpus()
        .into_iter()
        .filter_map(|m| {
            let text = String::from_utf8(m).ok()?;
            roxmltree::Document::parse(&text).ok()?;
            Some(crate::wire::tree::cut_body(&text).into_bytes())
        })
        .collect();
    let mut random = Lcg(1);
    let mut compared = 0;
    for round in 0..8_000 {
        let message = &corpus[random.next(corpus.len())];
        let bytes = mutate(&mut random, message, message);
        let Ok(once) = mno_kite_inventory_v12::reencode(&bytes) else {
            continue;
        };
        let twice = mno_kite_inventory_v12::reencode(&once)
            .unwrap_or_else(|e| panic!("round {round}: {e} in {}", String::from_utf8_lossy(&once)));
        assert_eq!(once, twice, "round {round}");
        compared += 1;
    }
    assert!(compared > 200, "only {compared}");
}
