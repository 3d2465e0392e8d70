//! Lists, page by page.

use crate::fault::Fault;

/// Size of a page when none is asked for.
const DEFAULT_BATCH: i64 = 10;

/// A part of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) skip: usize,
    pub(crate) take: usize,
}

impl Page {
    /// What was asked for: the element with the position and its value, the size, the largest size.
    pub(crate) fn new(
        (name, start): (&str, Option<i64>),
        size: Option<i64>,
        max: i64,
    ) -> Result<Self, Fault> {
        let size = size.unwrap_or(DEFAULT_BATCH);
        if !(1..=max).contains(&size) {
            let value = format!("maxBatchSize {size}.");
            return Err(Fault::unsupported_value(value, format!("1 to {max}")));
        }
        let start = start.unwrap_or(0);
        let (Ok(skip), Ok(take)) = (usize::try_from(start), usize::try_from(size)) else {
            return Err(Fault::invalid_value(format!("{name} {start}")));
        };
        Ok(Self { skip, take })
    }

    /// Copies of the items on it.
    pub(crate) fn of<'a, T: Clone + 'a>(self, all: impl Iterator<Item = &'a T>) -> Vec<T> {
        all.skip(self.skip).take(self.take).cloned().collect()
    }
}
