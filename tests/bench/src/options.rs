//! What a bench is asked for on the command line.

use std::time::Duration;

use lexopt::prelude::{Long, Short, Value, ValueExt};

/// Arguments that all benches share.
pub(crate) struct Options {
    /// Which bench.
    pub(crate) name: String,
    /// Objects in place of a table.
    pub(crate) json: bool,
    /// How long a run takes, where a figure is one per time.
    pub(crate) length: Duration,
}

impl Options {
    /// The arguments of this process; `None` when help was asked for.
    pub(crate) fn parse() -> Result<Option<Self>, lexopt::Error> {
        let mut name = None;
        let mut json = false;
        let mut length = Duration::from_secs(60);
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("json") => json = true,
                Long("seconds") => length = Duration::from_secs(parser.value()?.parse()?),
                Short('h') | Long("help") => return Ok(None),
                Value(value) if name.is_none() => name = Some(value.string()?),
                _ => return Err(arg.unexpected()),
            }
        }
        let Some(name) = name.filter(|name| name != "help") else {
            return Ok(None);
        };
        Ok(Some(Self { name, json, length }))
    }
}
