//! `specs/apis.toml`, edited in place: comments and order stay.

use std::collections::BTreeSet;

use anyhow::Context;
use codegen::config::Apis;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::plan::{Action, Entry};

/// The file's text with the entries of a plan.
pub(super) fn edit(text: &str, apis: &Apis, entries: &[Entry]) -> anyhow::Result<String> {
    let mut document: DocumentMut = text.parse().context("specs/apis.toml is no TOML")?;
    let mut added = String::new();
    for entry in entries {
        match &entry.action {
            Action::Replace => replace(&mut document, apis, entry)?,
            Action::Version { like } => {
                added.push_str(&format!(
                    "\n[[api]]\nname = {}\nlike = {}\ntitle = {}\nspec = {}\n",
                    value(&entry.name),
                    value(like),
                    value(&entry.title),
                    value(&entry.spec),
                ));
                if let Some(shared) = shared(apis, like, entry) {
                    added.push_str(&format!("shared = {}\n", value(shared)));
                }
                catalog(&mut added, entry);
            }
            Action::New { platform, service } => {
                added.push_str(&format!(
                    "\n[[api]]\nname = {}\ntitle = {}\nspec = {}\nplatform = {}\nservice = {}\n",
                    value(&entry.name),
                    value(&entry.title),
                    value(&entry.spec),
                    value(platform),
                    value(service),
                ));
                catalog(&mut added, entry);
            }
        }
    }
    let mut out = document.to_string();
    if !added.is_empty() {
        out = format!("{}\n{added}", out.trim_end());
    }
    // What was written has to be read again before anything is done with it.
    let read = Apis::parse(&out).context("the extended specs/apis.toml is not understood")?;
    debug_assert!(read.api.len() >= apis.api.len());
    Ok(out)
}

/// The crates of shared types that an entry like that one can still use, if those are not all.
fn shared(apis: &Apis, like: &str, entry: &Entry) -> Option<Array> {
    if entry.not_shared.is_empty() {
        return None;
    }
    let like = apis.api.iter().find(|api| api.name == like)?;
    let shared = like.shared.iter();
    let shared = shared.filter(|shared| !entry.not_shared.contains_key(*shared));
    Some(shared.map(String::as_str).collect())
}

fn catalog(out: &mut String, entry: &Entry) {
    if entry.catalog.is_empty() {
        return;
    }
    out.push_str("\n[api.catalog]\n");
    for (url, file) in &entry.catalog {
        out.push_str(&format!("{} = {}\n", value(url), value(file)));
    }
}

fn replace(document: &mut DocumentMut, apis: &Apis, entry: &Entry) -> anyhow::Result<()> {
    let table = document
        .get_mut("api")
        .and_then(Item::as_array_of_tables_mut)
        .and_then(|tables| {
            let mut tables = tables.iter_mut();
            tables.find(|t| t.get("name").and_then(Item::as_str) == Some(&entry.name))
        })
        .with_context(|| format!("specs/apis.toml has no `{}`", entry.name))?;
    if table.get("spec").and_then(Item::as_str) != Some(&entry.spec) {
        table.insert("spec", value(&entry.spec));
    }
    if let Some(shared) = shared(apis, &entry.name, entry) {
        table.insert("shared", value(shared));
    }
    if !entry.catalog.is_empty() {
        let mut own = Table::new();
        for (url, file) in &entry.catalog {
            own.insert(url, value(file));
        }
        table.insert("catalog", Item::Table(own));
    }
    let dropped: BTreeSet<&String> = entry.facts_dropped.iter().collect();
    if let Some(operations) = table
        .get_mut("operations")
        .and_then(Item::as_table_like_mut)
    {
        for name in dropped {
            operations.remove(name);
        }
    }
    Ok(())
}
