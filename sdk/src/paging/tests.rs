#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use mno_runtime::facts::Protocol;
use tokio::time::Instant;

use super::*;
use crate::policy::RateLimits;

static FACTS: OperationFacts =
    OperationFacts::new("kite", "getSubscriptions", Protocol::soap11("urn:list"))
        .budget("kite/inventory/getSubscriptions")
        .tps(4);

const MS: Duration = Duration::from_millis(1);

/// A platform's list, which changes when its pages are asked for.
#[derive(Default)]
struct Platform {
    items: Vec<u32>,
    /// Windows that were asked for.
    asked: Vec<(u32, u32)>,
    /// Most at once.
    longest: u32,
    says_total: bool,
    takes: Duration,
    /// Most that were under way at the same time, and how many are.
    most: usize,
    under_way: usize,
    /// What becomes of the list before the page of this number is answered.
    change: Option<fn(usize, &mut Vec<u32>)>,
    /// This one cannot be read.
    broken: Option<u32>,
    fails: Option<usize>,
}

type Shared = Arc<Mutex<Platform>>;

impl Platform {
    fn of(numbers: u32) -> Self {
        Self {
            items: (0..numbers).collect(),
            longest: u32::MAX,
            ..Self::default()
        }
    }
}

fn stream_of(platform: Platform) -> (PageStream<u32>, Shared) {
    let shared = Arc::new(Mutex::new(platform));
    (another(&shared), shared)
}

/// Another stream of the same list.
fn another(shared: &Shared) -> PageStream<u32> {
    stream_by(&FACTS, shared)
}

fn stream_by(facts: &'static OperationFacts, shared: &Shared) -> PageStream<u32> {
    let shared = Arc::clone(shared);
    let fetch = move |from: u32, size: u32| {
        let shared = Arc::clone(&shared);
        let future = async move {
            let (number, takes) = {
                let mut platform = shared.lock().unwrap();
                platform.asked.push((from, size));
                platform.under_way += 1;
                platform.most = platform.most.max(platform.under_way);
                (platform.asked.len() - 1, platform.takes)
            };
            tokio::time::sleep(takes).await;
            let mut platform = shared.lock().unwrap();
            platform.under_way -= 1;
            if platform.fails == Some(number) {
                return Err(Error::new(ErrorKind::Interrupted, "made up"));
            }
            if let Some(change) = platform.change {
                change(number, &mut platform.items);
            }
            let total = u32::try_from(platform.items.len()).unwrap();
            let end = from.saturating_add(size.min(platform.longest)).min(total);
            let items = platform.items[from.min(end) as usize..end as usize].iter();
            let item = |number: &u32| match Some(*number) == platform.broken {
                true => Err(Error::new(ErrorKind::Decode, "made up")),
                false => Ok(*number),
            };
            Ok(Page {
                items: items.map(item).collect(),
                total: platform.says_total.then_some(total),
            })
        };
        Box::pin(future) as _
    };
    PageStream::new(facts, Box::new(fetch), |n| Some(n.to_string()), 100)
}

fn asked(shared: &Shared) -> Vec<(u32, u32)> {
    shared.lock().unwrap().asked.clone()
}

async fn collect(stream: PageStream<u32>) -> (Vec<u32>, Vec<Error>) {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for item in stream.collect::<Vec<_>>().await {
        match item {
            Ok(number) => good.push(number),
            Err(error) => bad.push(error),
        }
    }
    (good, bad)
}

/// All of a stream without errors.
async fn all(stream: PageStream<u32>) -> Vec<u32> {
    let (good, bad) = collect(stream).await;
    assert!(bad.is_empty(), "{bad:?}");
    good
}

#[tokio::test(start_paused = true)]
async fn a_total_is_reached_in_as_many_pages_as_it_takes_and_no_more() {
    for (numbers, longest, calls) in [(0, 100, 1), (100, 100, 1), (101, 100, 2), (250, 40, 7)] {
        let (stream, shared) = stream_of(Platform {
            longest,
            says_total: true,
            ..Platform::of(numbers)
        });
        let listed = all(stream.with_read_ahead(0)).await;
        assert_eq!(listed, (0..numbers).collect::<Vec<_>>());
        assert_eq!(asked(&shared).len(), calls, "{numbers} by {longest}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_total_nothing_is_asked_for_beyond_it() {
    let (stream, shared) = stream_of(Platform {
        says_total: true,
        ..Platform::of(250)
    });
    assert_eq!(all(stream).await.len(), 250);
    assert_eq!(asked(&shared), [(0, 100), (99, 100), (198, 100)]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_stops_before_its_total_is_an_error_and_not_the_end() {
    let fetch = |from: u32, size: u32| {
        let end = from.saturating_add(size).min(30);
        let items = (from..end).map(Ok).collect();
        let total = Some(40);
        Box::pin(async move { Ok(Page { items, total }) }) as _
    };
    let stream = PageStream::new(&FACTS, Box::new(fetch), |n: &u32| Some(n.to_string()), 100);
    let (good, bad) = collect(stream).await;
    assert_eq!(good.len(), 30);
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].kind(), ErrorKind::UnexpectedResponse);
}

#[tokio::test(start_paused = true)]
async fn a_total_counts_from_where_the_stream_begins() {
    let (stream, shared) = stream_of(Platform {
        says_total: true,
        ..Platform::of(30)
    });
    let stream = stream.with_start_index(25).with_page_size(3);
    let mut stream = stream.with_read_ahead(0);
    assert_eq!(stream.total(), None);
    assert_eq!(stream.next().await.unwrap().unwrap(), 25);
    assert_eq!((stream.total(), stream.next_index()), (Some(30), 28));
    assert_eq!(stream.count().await, 4);
    assert_eq!(asked(&shared), [(25, 3), (27, 3)]);
}

#[tokio::test(start_paused = true)]
async fn numbered_pages_are_asked_for_whole() {
    let (stream, shared) = stream_of(Platform::of(30));
    let stream = stream.with_numbered_pages().with_page_size(10);
    let listed = all(stream.with_start_index(13).with_read_ahead(0)).await;
    assert_eq!(listed, (13..30).collect::<Vec<_>>());
    // The last page was full, and nothing says that it is the last.
    assert_eq!(asked(&shared), [(10, 10), (20, 10), (30, 10)]);
}

#[tokio::test(start_paused = true)]
async fn numbered_pages_are_as_long_as_the_platform_makes_them() {
    let (stream, shared) = stream_of(Platform {
        longest: 10,
        says_total: true,
        ..Platform::of(25)
    });
    let listed = all(stream.with_numbered_pages().with_read_ahead(0)).await;
    assert_eq!(listed, (0..25).collect::<Vec<_>>());
    assert_eq!(asked(&shared), [(0, 100), (10, 10), (20, 10)]);
}

#[test]
fn pages_are_as_long_as_allowed() {
    let size = |stream: PageStream<u32>| stream.with_page_size(1000).size;
    assert_eq!(size(stream_of(Platform::of(0)).0), 100);
    let stream = stream_of(Platform::of(0)).0;
    assert_eq!(size(stream.with_max_page_size(u32::MAX)), 1000);
}

#[tokio::test(start_paused = true)]
async fn every_length_and_page_size_is_read_whole_and_in_order() {
    for numbers in 0..45 {
        for size in 1..12 {
            for ahead in [Some(0), Some(1), Some(3), None] {
                let (stream, _) = stream_of(Platform::of(numbers));
                let mut stream = stream.with_page_size(size);
                if let Some(ahead) = ahead {
                    stream = stream.with_read_ahead(ahead);
                }
                let listed = all(stream).await;
                assert_eq!(
                    listed,
                    (0..numbers).collect::<Vec<_>>(),
                    "{numbers} by {size}"
                );
            }
        }
    }
}

// Read-ahead.

/// Reads 100,000 from a platform that takes so long, with permits of its own as the policies give
/// them.
async fn bulk(takes: Duration) -> (Duration, usize, usize) {
    let organisation = Organisation::new(RateLimits::kite());
    let shared = Arc::new(Mutex::new(Platform {
        takes,
        ..Platform::of(100_000)
    }));
    let inner = another(&shared).fetch;
    let inner = Arc::new(Mutex::new(inner));
    let permits = organisation.clone();
    let fetch = move |from: u32, size: u32| {
        let (permits, inner) = (permits.clone(), Arc::clone(&inner));
        let future = async move {
            let bulk = mno_runtime::transport::Priority::Bulk;
            permits.acquire(&FACTS, bulk, None).await.unwrap();
            let page = inner.lock().unwrap()(from, size);
            page.await
        };
        Box::pin(future) as _
    };
    let stream = PageStream::new(&FACTS, Box::new(fetch), |n: &u32| Some(n.to_string()), 1000);
    let began = Instant::now();
    let listed = all(stream.with_limits_of(&organisation)).await;
    assert!(listed.iter().copied().eq(0..100_000));
    let platform = shared.lock().unwrap();
    (began.elapsed(), platform.asked.len(), platform.most)
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_take_what_the_limit_allows_whatever_the_platform_takes() {
    for (takes, in_flight) in [(200, 2), (1000, 6), (6000, 28)] {
        let takes = takes * MS;
        let (elapsed, calls, most) = bulk(takes).await;
        // 101 pages: 100 of 995 new ones, and the last.
        let floor = Duration::from_millis(250) * 100 + takes;
        assert!(elapsed >= floor, "{elapsed:?}");
        assert!(
            elapsed < floor.mul_f64(1.03),
            "{elapsed:?} for {floor:?}, {calls} calls"
        );
        assert!(most <= in_flight, "{most} at a time with {takes:?}");
        assert!(calls <= 101 + in_flight, "{calls} calls with {takes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_list_that_comes_at_once_is_one_call() {
    let (stream, shared) = stream_of(Platform {
        takes: 100 * MS,
        ..Platform::of(99)
    });
    assert_eq!(all(stream).await.len(), 99);
    assert_eq!(asked(&shared).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn pages_read_ahead_are_bounded_and_wait_for_the_caller() {
    let (stream, shared) = stream_of(Platform {
        takes: 10 * MS,
        ..Platform::of(10_000)
    });
    let mut stream = stream.with_read_ahead(3);
    stream.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(asked(&shared).len(), 4, "the one in use, and three");
    for _ in 0..100 {
        stream.next().await.unwrap().unwrap();
    }
    tokio::time::sleep(MS).await;
    assert_eq!(asked(&shared).len(), 5);
    assert_eq!(shared.lock().unwrap().most, 3);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_more_are_read_ahead_with_every_page() {
    static UNLIMITED: OperationFacts =
        OperationFacts::new("kite", "getSubscriptions", Protocol::soap11("urn:list"));
    let shared = Arc::new(Mutex::new(Platform::of(10_000)));
    let mut stream = stream_by(&UNLIMITED, &shared);
    let mut ahead = Vec::new();
    for page in 1..=6 {
        while stream.next().await.unwrap().unwrap() < (page - 1) * 100 {}
        tokio::time::sleep(MS).await;
        ahead.push(asked(&shared).len() - page as usize);
    }
    assert_eq!(ahead, [1, 2, 3, 4, 4, 4]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_for_before_the_first_item_and_nothing_goes_on_after_the_stream() {
    let (stream, shared) = stream_of(Platform {
        takes: 1000 * MS,
        ..Platform::of(10_000)
    });
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(asked(&shared).is_empty());
    let mut stream = stream.with_read_ahead(4);
    stream.next().await.unwrap().unwrap();
    let before = asked(&shared).len();
    drop(stream);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(asked(&shared).len(), before);
}

// Lists that change.

/// The numbers of `0..100` that stayed are all there, once and in order.
fn nothing_lost(listed: &[u32], left: &Shared, before: u32) {
    let left = left.lock().unwrap();
    let stayed = left.items.iter().filter(|n| **n < before);
    let stayed: HashSet<u32> = stayed.copied().collect();
    let kept: Vec<u32> = listed
        .iter()
        .copied()
        .filter(|n| stayed.contains(n))
        .collect();
    let mut expected: Vec<u32> = stayed.into_iter().collect();
    expected.sort_unstable();
    assert_eq!(kept, expected);
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_away_in_front_loses_nothing_and_repeats_nothing() {
    let changes: [fn(usize, &mut Vec<u32>); 5] = [
        |number, items| {
            if number == 2 {
                let _ = items.remove(0);
            }
        },
        |number, items| {
            if number == 2 {
                drop(items.drain(..7))
            }
        },
        |number, items| {
            if number == 3 {
                drop(items.drain(..25))
            }
        },
        |_, items| {
            if items.len() > 60 {
                let _ = items.remove(3);
            }
        },
        // The one by which pages join on is gone, too.
        |number, items| {
            if number == 2 {
                items.retain(|n| !(15..25).contains(n))
            }
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        for ahead in [0, 1, 3, 9] {
            for takes in [0, 10] {
                let (stream, shared) = stream_of(Platform {
                    change: Some(change),
                    takes: takes * MS,
                    ..Platform::of(100)
                });
                let listed = all(stream.with_page_size(10).with_read_ahead(ahead)).await;
                let unique: HashSet<_> = listed.iter().collect();
                assert_eq!(unique.len(), listed.len(), "change {number}, ahead {ahead}");
                nothing_lost(&listed, &shared, 100);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_added_in_front_loses_nothing_and_repeats_nothing() {
    let changes: [fn(usize, &mut Vec<u32>); 4] = [
        |number, items| {
            if number == 2 {
                items.insert(0, 1000)
            }
        },
        |number, items| {
            let new = u32::try_from(number).unwrap_or(0) + 1000;
            if number < 20 {
                items.insert(0, new);
            }
        },
        |number, items| {
            if number == 3 {
                drop(items.splice(0..0, 1000..1008))
            }
        },
        |number, items| {
            if number == 3 {
                drop(items.splice(12..14, 1000..1004))
            }
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        for ahead in [0, 1, 3, 9] {
            let (stream, shared) = stream_of(Platform {
                change: Some(change),
                ..Platform::of(100)
            });
            let listed = all(stream.with_page_size(10).with_read_ahead(ahead)).await;
            let unique: HashSet<_> = listed.iter().collect();
            assert_eq!(unique.len(), listed.len(), "change {number}, ahead {ahead}");
            nothing_lost(&listed, &shared, 100);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn changes_at_random_lose_nothing_and_repeat_nothing() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (stream, shared) = stream_of(Platform {
            takes: 30 * MS,
            ..Platform::of(300)
        });
        let mut stream = stream.with_page_size(20).with_read_ahead(random.u32(0..6));
        let mut listed = Vec::new();
        let mut new = 1000;
        while let Some(item) = stream.next().await {
            listed.push(item.unwrap());
            if random.u32(0..12) == 0 {
                let mut platform = shared.lock().unwrap();
                for _ in 0..random.u32(1..6) {
                    let at = random.usize(0..platform.items.len());
                    if random.bool() {
                        platform.items.remove(at);
                    } else {
                        platform.items.insert(at, new);
                        new += 1;
                    }
                }
            }
        }
        let unique: HashSet<_> = listed.iter().collect();
        assert_eq!(unique.len(), listed.len(), "seed {seed}");
        nothing_lost(&listed, &shared, 300);
    }
}

#[tokio::test(start_paused = true)]
async fn numbered_pages_are_read_again_when_the_total_has_changed() {
    for ahead in [0, 3] {
        let (stream, shared) = stream_of(Platform {
            says_total: true,
            change: Some(|number, items| {
                if number == 3 {
                    drop(items.drain(..4))
                }
            }),
            ..Platform::of(100)
        });
        let stream = stream.with_numbered_pages().with_page_size(10);
        let listed = all(stream.with_read_ahead(ahead)).await;
        let unique: HashSet<_> = listed.iter().collect();
        assert_eq!(unique.len(), listed.len());
        nothing_lost(&listed, &shared, 100);
    }
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_does_not_heed_the_position_is_an_error() {
    let fetch = |_: u32, size: u32| {
        let items = (0..size).map(Ok).collect();
        Box::pin(async move { Ok(Page { items, total: None }) }) as _
    };
    let stream = PageStream::new(&FACTS, Box::new(fetch), |n: &u32| Some(n.to_string()), 100);
    let (good, bad) = collect(stream).await;
    assert_eq!((good.len(), bad.len()), (100, 1));
    assert!(bad[0].to_string().contains("does not heed the position"));
}

#[tokio::test(start_paused = true)]
async fn a_list_in_another_order_each_time_ends() {
    let (stream, _) = stream_of(Platform {
        change: Some(|number, items| {
            let first = u32::try_from(number).unwrap_or(0) * 1000;
            *items = (first..first + 200).collect();
        }),
        ..Platform::of(200)
    });
    let (_, bad) = collect(stream.with_page_size(10)).await;
    assert_eq!(bad.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_cannot_be_read_is_one_error_wherever_pages_meet() {
    for broken in 0..40 {
        for ahead in [0, 3] {
            let (stream, _) = stream_of(Platform {
                broken: Some(broken),
                ..Platform::of(40)
            });
            let stream = stream.with_page_size(10).with_read_ahead(ahead);
            let (good, bad) = collect(stream).await;
            assert_eq!((good.len(), bad.len()), (39, 1), "{broken}");
            assert!(good.into_iter().eq((0..40).filter(|n| *n != broken)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn items_without_keys_come_as_they_are() {
    let fetch = |from: u32, size: u32| {
        let items = (from..from.saturating_add(size).min(35)).map(Ok).collect();
        Box::pin(async move { Ok(Page { items, total: None }) }) as _
    };
    let stream = PageStream::new(&FACTS, Box::new(fetch), |_: &u32| None, 10);
    assert!(all(stream).await.into_iter().eq(0..35));
}

// Checkpoints.

/// Reads up to `stop` items, and then the rest from the checkpoint's text, after this change.
async fn stop_and_go(stop: usize, change: fn(&mut Vec<u32>)) -> (Vec<u32>, Vec<Error>, Shared) {
    let (stream, shared) = stream_of(Platform::of(100));
    let mut stream = stream.with_page_size(10);
    let mut listed = Vec::new();
    for _ in 0..stop {
        listed.push(stream.next().await.unwrap().unwrap());
    }
    let text = stream.checkpoint().to_string();
    drop(stream);
    change(&mut shared.lock().unwrap().items);
    let checkpoint = text.parse().unwrap();
    let stream = another(&shared).with_page_size(10);
    let (good, bad) = collect(stream.resume(&checkpoint).unwrap()).await;
    listed.extend(good);
    (listed, bad, shared)
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_on_where_another_one_stopped_however_the_list_has_shifted() {
    let changes: [fn(&mut Vec<u32>); 7] = [
        |_| {},
        |items| {
            let _ = items.remove(0);
        },
        |items| drop(items.drain(..33)),
        |items| items.insert(0, 1000),
        |items| drop(items.splice(0..0, 1000..1075)),
        // Some of those that were given last are gone.
        |items| items.retain(|n| n % 3 != 0),
        |items| drop(items.splice(20..40, 1000..1003)),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        for stop in [0, 1, 9, 10, 11, 35, 99, 100] {
            let (listed, bad, shared) = stop_and_go(stop, change).await;
            assert!(bad.is_empty(), "change {number}, stop {stop}: {bad:?}");
            let unique: HashSet<_> = listed.iter().collect();
            assert_eq!(unique.len(), listed.len(), "change {number}, stop {stop}");
            nothing_lost(&listed, &shared, 100);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_of_which_nothing_is_left_is_an_error() {
    let (_, bad, _) = stop_and_go(40, |items| drop(items.drain(..60))).await;
    assert_eq!(bad.len(), 1);
    assert!(bad[0].to_string().contains("begin it anew"), "{}", bad[0]);
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_of_another_list_does_not_fit() {
    let (stream, shared) = stream_of(Platform::of(10));
    let checkpoint = stream.checkpoint();
    let other = another(&shared).with_parameters([("icc", "8999".to_owned())]);
    let error = other.resume(&checkpoint).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let same = another(&shared).with_page_size(3);
    assert!(
        same.resume(&checkpoint).is_ok(),
        "pages may have another size"
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_ends_the_stream_and_its_checkpoint_goes_on() {
    let (stream, shared) = stream_of(Platform {
        fails: Some(3),
        ..Platform::of(100)
    });
    let mut stream = stream.with_page_size(10).with_read_ahead(0);
    let mut listed = Vec::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(number) => listed.push(number),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(stream.next().await.is_none());
    let rest = another(&shared).resume(&stream.checkpoint()).unwrap();
    listed.extend(all(rest).await);
    assert!(listed.into_iter().eq(0..100));
}

#[test]
fn texts_that_are_no_checkpoint_are_refused() {
    let stream = stream_of(Platform::of(1)).0;
    let good = stream.checkpoint().to_string();
    assert_eq!(good.parse::<Checkpoint>().unwrap(), stream.checkpoint());
    for bad in [
        "",
        "page1",
        "page2:00:0:0:",
        &good[..good.len() - 2],
        &format!("{good}:"),
        &format!("{good}zz"),
        &good.replace(":0:0:", ":0:0:0123456789abcdef0123456789abcde"),
        &good.replace(":0:0:", ":-1:0:"),
    ] {
        assert!(bad.parse::<Checkpoint>().is_err(), "{bad}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_names_nobody() {
    let (mut stream, _) = stream_of(Platform::of(10));
    stream.next().await.unwrap().unwrap();
    let shown = format!("{stream:?}");
    assert!(shown.contains("under_way"), "{shown}");
    let text = stream.checkpoint().to_string();
    assert!(
        text.starts_with("page1:") && text.contains(":1:0:"),
        "{text}"
    );
}
