//! Pieces come in, events go out, each of them once.
//!
//! Everything that a receiver reads is a piece of a group: a part of a message, or a group of one.
//! A request whose group is whole offers it to the consumer; those with the other pieces wait for
//! what becomes of that. Nothing runs in the background: times are looked at when something comes.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::events::Handed;
use crate::policy::later;

use super::{CallbackError, CallbackErrorKind as Kind, Events, Options};

/// What was read from one request.
pub(super) trait Piece: Clone + Send + 'static {
    type Event: Send + 'static;

    /// Makes the event of the pieces that are there, in their order; there is at least one.
    fn join(first: Self, rest: Vec<Self>) -> Self::Event;
}

/// Where a piece belongs.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// What tells it from all others, and is the same when it comes again; empty if there is none.
    pub(super) id: String,
    /// What the pieces of a group have in common.
    pub(super) group: String,
    /// From 1.
    pub(super) number: u16,
    pub(super) total: u16,
}

impl Place {
    /// A group of one.
    pub(super) fn single(id: String) -> Self {
        Self {
            group: id.clone(),
            id,
            number: 1,
            total: 1,
        }
    }
}

pub(super) struct Inbox<P: Piece> {
    options: Options,
    channel: mpsc::Sender<Handed<P::Event>>,
    shared: Arc<Shared<P>>,
}

struct Shared<P>(Mutex<State<P>>);

struct State<P> {
    /// Handed over, the oldest first.
    known: VecDeque<(Instant, String)>,
    is_known: HashSet<String>,
    groups: HashMap<String, Group<P>>,
    /// How many groups there were.
    groups_so_far: u64,
}

struct Group<P> {
    /// Which one of all that had its name.
    number: u64,
    total: u16,
    since: Instant,
    pieces: BTreeMap<u16, (String, P)>,
    /// Somebody offers it to the consumer.
    is_offered: bool,
    /// Tells those who wait that something has happened to it.
    changed: watch::Sender<()>,
}

/// What a request is to do about its piece.
enum Next<P> {
    /// It has been handed over.
    Nothing,
    /// Offer the event of this group, made of these pieces.
    Offer(u64, P, Vec<P>),
    Wait(Wait),
}

/// For something to happen to the group.
struct Wait {
    changed: watch::Receiver<()>,
    /// Look again at this time, even if nothing has.
    wake: Option<Instant>,
    /// What to say when it takes too long.
    why: Kind,
}

impl<P: Piece> Inbox<P> {
    pub(super) fn new(options: Options) -> (Self, Events<P::Event>) {
        let (channel, events) = mpsc::channel(options.buffer.max(1));
        let inbox = Self {
            options,
            channel,
            shared: Arc::new(Shared(Mutex::new(State {
                known: VecDeque::new(),
                is_known: HashSet::new(),
                groups: HashMap::new(),
                groups_so_far: 0,
            }))),
        };
        (inbox, Events::new(events))
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// Returns when the piece's event has been taken, now or before.
    pub(super) async fn take(&self, place: &Place, piece: P) -> Result<(), CallbackError> {
        let until = later(Instant::now(), self.options.hand_over_within);
        loop {
            let next = self.shared.lock().next(place, &piece, &self.options);
            match next {
                Next::Nothing => return Ok(()),
                Next::Offer(number, first, rest) => {
                    let _offer = Offer {
                        shared: &self.shared,
                        group: &place.group,
                        number,
                    };
                    return self.offer(place, P::join(first, rest), until).await;
                }
                Next::Wait(mut wait) => {
                    let wake = wait.wake.map_or(until, |wake| wake.min(until));
                    let waited = timeout_at(wake, wait.changed.changed()).await;
                    if waited.is_err() && wake == until {
                        return Err(CallbackError::new(wait.why));
                    }
                }
            }
        }
    }

    async fn offer(
        &self,
        place: &Place,
        event: P::Event,
        until: Instant,
    ) -> Result<(), CallbackError> {
        let not_taken = || CallbackError::new(Kind::NotTaken);
        let closed = || CallbackError::new(Kind::Closed);
        let room = timeout_at(until, self.channel.reserve())
            .await
            .map_err(|_| not_taken())?
            .map_err(|_| closed())?;
        let (slip, mut taken) = oneshot::channel();
        let (shared, group) = (Arc::clone(&self.shared), place.group.clone());
        let remember = self.options.remember;
        room.send(Handed {
            event,
            take: Box::new(move || {
                let mut state = shared.lock();
                let is_awaited = slip.send(()).is_ok();
                if is_awaited {
                    state.settle(&group, remember);
                }
                is_awaited
            }),
        });
        match timeout_at(until, &mut taken).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(closed()),
            Err(_) => {
                // Taken back, unless it has been taken just now.
                taken.close();
                taken.try_recv().map_err(|_| not_taken())
            }
        }
    }
}

/// A group that is being offered: whatever ends the offer, others hear of it.
struct Offer<'a, P> {
    shared: &'a Shared<P>,
    group: &'a str,
    number: u64,
}

impl<P> Drop for Offer<'_, P> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let Some(group) = state.groups.get_mut(self.group) else {
            return;
        };
        if group.number != self.number {
            return;
        }
        group.is_offered = false;
        group.changed.send_replace(());
        // Whoever waits, or comes again, has the piece itself.
        if group.total <= 1 {
            state.groups.remove(self.group);
        }
    }
}

impl<P> Shared<P> {
    fn lock(&self) -> MutexGuard<'_, State<P>> {
        // The state is consistent between statements: a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Clone> State<P> {
    fn next(&mut self, place: &Place, piece: &P, options: &Options) -> Next<P> {
        let now = Instant::now();
        self.forget(now, options);
        if self.is_known.contains(&place.id) {
            return Next::Nothing;
        }
        self.keep(place, piece, now, options);
        let Some(group) = self.groups.get_mut(&place.group) else {
            return Next::Nothing;
        };
        let wait = |wake, why| {
            Next::Wait(Wait {
                changed: group.changed.subscribe(),
                wake,
                why,
            })
        };
        if group.is_offered {
            return wait(None, Kind::NotTaken);
        }
        let is_whole = group.pieces.len() >= usize::from(group.total);
        let end = later(group.since, options.join_within);
        if !is_whole && now < end {
            return wait(Some(end), Kind::Incomplete);
        }
        let mut pieces = group.pieces.values().map(|(_, piece)| piece.clone());
        let Some(first) = pieces.next() else {
            return Next::Nothing;
        };
        let next = Next::Offer(group.number, first, pieces.collect());
        group.is_offered = true;
        next
    }

    /// Puts the piece into its group.
    fn keep(&mut self, place: &Place, piece: &P, now: Instant, options: &Options) {
        let is_there = |group: &Group<P>| {
            let there = group.pieces.get(&place.number);
            there.is_some_and(|(id, _)| *id == place.id)
        };
        if self.groups.get(&place.group).is_some_and(is_there) {
            return;
        }
        if place.total > 1 {
            self.make_room(&place.group, options);
        }
        let group = self.groups.entry(place.group.clone()).or_insert_with(|| {
            self.groups_so_far += 1;
            Group {
                number: self.groups_so_far,
                total: place.total,
                since: now,
                pieces: BTreeMap::new(),
                is_offered: false,
                changed: watch::Sender::new(()),
            }
        });
        if group.is_offered {
            // What is offered does not change under the consumer's hands.
            return;
        }
        if group.pieces.contains_key(&place.number) {
            // The sender counts from the beginning again: that is another message, and nothing has
            // come of the old one.
            group.pieces.clear();
            group.since = now;
        }
        group
            .pieces
            .insert(place.number, (place.id.clone(), piece.clone()));
        group.changed.send_replace(());
    }

    /// Forgets unfinished messages, the oldest first, until there is room for one piece more.
    fn make_room(&mut self, keep: &str, options: &Options) {
        loop {
            let unfinished = || self.groups.iter().filter(|(_, group)| group.total > 1);
            let pieces: usize = unfinished().map(|(_, group)| group.pieces.len()).sum();
            if pieces < options.max_parts.max(1) {
                return;
            }
            let oldest = unfinished()
                .filter(|(name, group)| !group.is_offered && *name != keep)
                .min_by_key(|(_, group)| group.since)
                .map(|(name, _)| name.clone());
            let Some(oldest) = oldest else {
                return;
            };
            self.groups.remove(&oldest);
        }
    }

    /// The consumer has the group's event.
    fn settle(&mut self, group: &str, remember: usize) {
        let Some(group) = self.groups.remove(group) else {
            return;
        };
        let now = Instant::now();
        for (id, _) in group.pieces.into_values() {
            if !id.is_empty() && self.is_known.insert(id.clone()) {
                self.known.push_back((now, id));
            }
        }
        while self.known.len() > remember {
            self.forget_first();
        }
        group.changed.send_replace(());
    }

    fn forget(&mut self, now: Instant, options: &Options) {
        while let Some((at, _)) = self.known.front()
            && now - *at > options.remember_for
        {
            self.forget_first();
        }
        self.groups
            .retain(|_, group| group.is_offered || now - group.since <= options.remember_for);
    }

    fn forget_first(&mut self) {
        if let Some((_, id)) = self.known.pop_front() {
            self.is_known.remove(&id);
        }
    }
}
