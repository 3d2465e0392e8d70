//! Messages that others wrote: read and written again, they mean the same.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

use super::build::Builder;
use super::{Row, xml};

/// What became of the messages of a contract.
#[derive(Debug, Default)]
pub(super) struct Golden {
    /// Messages that were tried.
    pub(super) total: usize,
    /// What failed, by file.
    pub(super) failures: Vec<String>,
    /// Messages with a file of values beside them.
    pub(super) with_values: usize,
    /// Where the rewritten message does not hold those values. Such files are written by a reader
    /// with habits of its own, so this is told and not judged.
    pub(super) values: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Index {
    #[serde(default)]
    messages: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
}

/// A message: the file with its body alone, and the one with its values.
struct Message {
    name: String,
    body: PathBuf,
    values: PathBuf,
}

/// Runs the messages of all crates that compiled, with one program.
pub(super) fn run(folder: &Path, builder: &Builder, rows: &mut [Row]) {
    let scratch = builder.folder("bodies");
    let mut ready = Vec::new();
    for (at, row) in rows.iter_mut().enumerate() {
        let (Some(golden), Some(Ok(()))) = (&row.case.golden, &row.compiled) else {
            continue;
        };
        match messages(&folder.join(golden), &scratch.join(&row.case.crate_name)) {
            Ok(messages) if messages.is_empty() => {
                row.golden.failures.push(format!("{golden} has no message"));
            }
            Ok(messages) => ready.push((at, messages)),
            Err(error) => row.golden.failures.push(format!("{error:#}")),
        }
    }
    if ready.is_empty() {
        return;
    }
    let names: Vec<String> = ready
        .iter()
        .map(|(at, _)| rows[*at].case.crate_name.clone())
        .collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    // If they do not build together, each may build alone.
    let together = builder.driver(&all);
    for ((at, messages), name) in ready.into_iter().zip(&names) {
        let golden = &mut rows[at].golden;
        golden.total = messages.len();
        let driver = match &together {
            Ok(driver) => Ok(driver.clone()),
            Err(_) => builder.driver(&[name]),
        };
        match driver {
            Ok(driver) => {
                for message in messages {
                    one(builder, &driver, name, &message, golden);
                }
            }
            Err(error) => {
                let failures = messages.iter().map(|m| format!("{}: {error}", m.name));
                golden.failures.extend(failures);
            }
        }
    }
}

fn one(builder: &Builder, driver: &Path, name: &str, message: &Message, golden: &mut Golden) {
    let before = match std::fs::read_to_string(&message.body) {
        Ok(text) => text,
        Err(error) => {
            golden.failures.push(format!("{}: {error}", message.name));
            return;
        }
    };
    let after = match builder.reencode(driver, name, &message.body) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            golden.failures.push(format!("{}: {error}", message.name));
            return;
        }
    };
    match xml::difference(&before, &after) {
        Ok(None) => {}
        Ok(Some(difference)) => {
            let failure = format!("{}: {difference}", message.name);
            golden.failures.push(failure);
            return;
        }
        Err(error) => {
            golden.failures.push(format!("{}: {error}", message.name));
            return;
        }
    }
    let values = std::fs::read_to_string(&message.values)
        .ok()
        .and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if let Some(values) = values {
        golden.with_values += 1;
        if let Some(difference) = xml::values(&after, &values) {
            golden
                .values
                .push(format!("{}: {difference}", message.name));
        }
    }
}

/// By `index.json`, else every `.body.c14n`. A message without a canonical body has it cut out of
/// its envelope.
fn messages(dir: &Path, scratch: &Path) -> anyhow::Result<Vec<Message>> {
    let index = dir.join("index.json");
    let mut stems: Vec<String> = if index.is_file() {
        let text = std::fs::read_to_string(&index)
            .with_context(|| format!("cannot read {}", index.display()))?;
        let index: Index = serde_json::from_str(&text)
            .with_context(|| format!("{} is no index", index.display()))?;
        let stem = |entry: Entry| entry.file.trim_end_matches(".xml").to_owned();
        index.messages.into_iter().map(stem).collect()
    } else {
        let entries = std::fs::read_dir(dir)
            .with_context(|| format!("cannot read {}", dir.display()))?
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        entries
            .filter_map(|name| Some(name.strip_suffix(".body.c14n")?.to_owned()))
            .collect()
    };
    stems.sort();
    stems.dedup();
    let mut out = Vec::new();
    for stem in stems {
        let mut body = dir.join(format!("{stem}.body.c14n"));
        if !body.is_file() {
            let envelope = dir.join(format!("{stem}.xml"));
            let text = std::fs::read_to_string(&envelope)
                .with_context(|| format!("cannot read {}", envelope.display()))?;
            let cut = xml::body(&text).with_context(|| format!("no body in {stem}.xml"))?;
            std::fs::create_dir_all(scratch)?;
            body = scratch.join(format!("{}.xml", out.len()));
            std::fs::write(&body, cut)?;
        }
        out.push(Message {
            values: dir.join(format!("{stem}.json")),
            name: stem,
            body,
        });
    }
    Ok(out)
}
