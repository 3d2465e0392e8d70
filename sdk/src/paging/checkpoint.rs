//! Where a stream is, as a text that outlives the process.

use std::fmt;
use std::str::FromStr;

use mno_runtime::facts::OperationFacts;
use sha2::{Digest as _, Sha256};

/// What an item is known by: a hash of its key and of the list that it is in.
pub(super) type Key = [u8; 16];

/// Most anchors that are read; more are in no checkpoint of ours.
const MOST_ANCHORS: usize = 1000;

/// Which list it is: the operation, and what was asked for.
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    pub(super) fn of(facts: &OperationFacts) -> Self {
        let mut fingerprint = Self(Sha256::new());
        fingerprint.add(facts.platform, facts.budget);
        fingerprint
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        // With their lengths, so that a border is no part of either.
        for text in [name, value] {
            self.0.update((text.len() as u64).to_le_bytes());
            self.0.update(text.as_bytes());
        }
    }

    pub(super) fn finish(&self) -> Key {
        first_half(self.0.clone())
    }

    pub(super) fn key(&self, key: &str) -> Key {
        let mut hash = self.0.clone();
        hash.update(key.as_bytes());
        first_half(hash)
    }
}

fn first_half(hash: Sha256) -> Key {
    let mut half = Key::default();
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

/// Where a [`PageStream`](crate::PageStream) is: which list it reads, how far it has come, and the
/// last items before that, by their hashes.
///
/// As text (`Display`, `FromStr`) it can be stored. Hashes keep identifiers from being read, not
/// from being guessed: who knows the numbers of a fleet can tell which ones are meant.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt;
/// use mno_sdk::Checkpoint;
///
/// let mut sims = kite.inventory().stream();
/// if let Ok(text) = std::fs::read_to_string("sims.checkpoint") {
///     sims = sims.resume(&text.parse::<Checkpoint>()?)?;
/// }
/// while let Some(sim) = sims.next().await {
///     println!("{}", sim?.life_cycle_status);
///     std::fs::write("sims.checkpoint", sims.checkpoint().to_string())?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub(super) fingerprint: Key,
    pub(super) position: u32,
    /// Items without a key after the last anchor.
    pub(super) tail: u32,
    pub(super) anchors: Vec<Key>,
}

impl Checkpoint {
    /// How many positions of the list are behind it.
    #[must_use]
    pub fn position(&self) -> u32 {
        self.position
    }
}

/// `page1:<list>:<position>:<tail>:<anchor>,<anchor>…`
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("page1:")?;
        hex(f, &self.fingerprint)?;
        write!(f, ":{}:{}:", self.position, self.tail)?;
        for (number, anchor) in self.anchors.iter().enumerate() {
            if number > 0 {
                f.write_str(",")?;
            }
            hex(f, anchor)?;
        }
        Ok(())
    }
}

fn hex(f: &mut fmt::Formatter<'_>, key: &Key) -> fmt::Result {
    key.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.trim().split(':');
        let mut part = || parts.next().ok_or(CheckpointError(()));
        if part()? != "page1" {
            return Err(CheckpointError(()));
        }
        let fingerprint = from_hex(part()?)?;
        let position = part()?.parse().map_err(|_| CheckpointError(()))?;
        let tail = part()?.parse().map_err(|_| CheckpointError(()))?;
        let list = part()?;
        let anchors = match list.is_empty() {
            true => Vec::new(),
            false => list
                .split(',')
                .map(from_hex)
                .collect::<Result<Vec<_>, _>>()?,
        };
        if parts.next().is_some() || anchors.len() > MOST_ANCHORS {
            return Err(CheckpointError(()));
        }
        Ok(Self {
            fingerprint,
            position,
            tail,
            anchors,
        })
    }
}

fn from_hex(text: &str) -> Result<Key, CheckpointError> {
    let mut key = Key::default();
    if text.len() != 2 * key.len() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(CheckpointError(()));
    }
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(|_| CheckpointError(()))?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| CheckpointError(()))?;
    }
    Ok(key)
}

/// A text is no [`Checkpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointError(());

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this is no checkpoint of a list (page1:…): it was cut off or changed; begin the list \
             anew",
        )
    }
}

impl std::error::Error for CheckpointError {}
