//! Prints the files of a crate, on all processors.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::inner;
use super::names::{Scope, field_name};
use super::types::ident;
use super::{Files, shorten};

/// More methods than this do not stand in one file, but so many in each.
const MANY: usize = 60;
const SHARE: usize = 40;

/// The same for rows of a table: messages that are told apart by name.
const MANY_ROWS: usize = 400;
const SHARE_OF_ROWS: usize = 200;

/// Parts of a file that would be too long for a person to open, each a file of its own; none if
/// all of it stands in the file itself.
pub(super) fn shares_of_methods<T>(all: &[T]) -> Vec<&[T]> {
    shares(all, MANY, SHARE)
}

/// As [`shares_of_methods`], for rows of a table.
pub(super) fn shares_of_rows<T>(all: &[T]) -> Vec<&[T]> {
    shares(all, MANY_ROWS, SHARE_OF_ROWS)
}

fn shares<T>(all: &[T], many: usize, share: usize) -> Vec<&[T]> {
    if all.len() <= many {
        return Vec::new();
    }
    all.chunks(share).collect()
}

/// So many faults stand in one file; more have a file each, as types have.
const MANY_FAULTS: usize = 40;

/// Gives the faults of a crate, told by name and module, a module each if they are many.
pub(super) fn faults_apart<'i>(items: impl Iterator<Item = (&'i String, &'i mut Vec<String>)>) {
    let faults: Vec<_> = items
        .filter(|(_, module)| module.as_slice() == ["faults"])
        .collect();
    if faults.len() <= MANY_FAULTS {
        return;
    }
    let mut files = Scope::with(&["mod"]);
    for (name, module) in faults {
        module.push(files.take(&field_name(name)));
    }
}

/// The attribute of a crate whose types lead to one another in longer chains than the compiler
/// follows by itself; nothing for others. `direct` are the types that each is made of.
pub(super) fn recursion_limit(direct: &[Vec<usize>]) -> String {
    // The compiler visits each type once, the last found first, so chains are longer than the
    // shortest way; so does this.
    let mut deepest = 0;
    let mut seen = vec![usize::MAX; direct.len()];
    for start in 0..direct.len() {
        let mut todo = vec![(start, 1)];
        while let Some((at, depth)) = todo.pop() {
            if seen.get(at).is_none_or(|by| *by == start) {
                continue;
            }
            seen[at] = start;
            deepest = deepest.max(depth);
            todo.extend(direct[at].iter().map(|next| (*next, depth + 1)));
        }
    }
    // What is around a type (`Option`, `Vec`, `Box`) counts too.
    let limit = deepest * 4;
    if limit <= DEFAULT_LIMIT {
        return String::new();
    }
    format!(
        "// Types lead to one another in long chains: crates whose futures hold them need this too.\n\
         #![recursion_limit = \"{}\"]\n",
        limit.next_power_of_two()
    )
}

/// What the compiler follows unless told.
const DEFAULT_LIMIT: usize = 128;

/// `mod.rs` of the operations, or of the types: a module for each name, and all that is in it.
pub(super) fn index(top: &str, names: &[&str]) -> TokenStream {
    let title = inner(match top {
        "operations" => "Requests and responses, one module per operation.",
        _ => "Types that messages are made of.",
    });
    let names: Vec<_> = names.iter().map(|name| ident(name)).collect();
    quote!(#title #(mod #names;)* #(pub use self::#names::*;)*)
}

/// A file to be printed.
pub(super) struct Sheet<'p> {
    path: String,
    module: Vec<String>,
    tokens: Box<dyn Fn() -> TokenStream + Sync + 'p>,
}

impl<'p> Sheet<'p> {
    /// The file of a module.
    pub(super) fn new(module: &[&str], tokens: impl Fn() -> TokenStream + Sync + 'p) -> Self {
        Self {
            path: format!("src/{}.rs", module.join("/")),
            module: module.iter().map(|&name| name.to_owned()).collect(),
            tokens: Box::new(tokens),
        }
    }

    /// `mod.rs` in the folder of a module.
    pub(super) fn folder(module: &str, tokens: impl Fn() -> TokenStream + Sync + 'p) -> Self {
        Self {
            path: format!("src/{module}/mod.rs"),
            ..Self::new(&[module], tokens)
        }
    }

    fn print(&self, header: &str) -> (String, String) {
        let module: Vec<&str> = self.module.iter().map(String::as_str).collect();
        let text = match shorten::print((self.tokens)(), &module) {
            Ok(text) => text,
            // Cannot happen for code that we print; a broken file shows where.
            Err(e) => format!(
                "compile_error!({:?});\n// {}\n",
                e.to_string(),
                (self.tokens)()
            ),
        };
        (self.path.clone(), format!("{header}\n{text}"))
    }
}

/// Printing recurses as deep as types nest.
const STACK: usize = 16 << 20;

/// The texts of files by path. No file needs another, so every processor prints its share.
pub(super) fn print(header: &str, sheets: &[Sheet<'_>]) -> Files {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut out = Vec::new();
        while let Some(sheet) = sheets.get(next.fetch_add(1, Ordering::Relaxed)) {
            out.push(sheet.print(header));
        }
        out
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut files = Files::new();
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .filter_map(|_| {
                let thread = std::thread::Builder::new().stack_size(STACK);
                thread.spawn_scoped(scope, work).ok()
            })
            .collect();
        if started.is_empty() {
            // No thread to be had: here, then.
            files.extend(work());
        }
        for worker in started {
            match worker.join() {
                Ok(printed) => files.extend(printed),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    files
}
