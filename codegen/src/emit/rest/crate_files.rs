//! The files of a crate around its items.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::super::crate_files::{command, header_of, manifest};
use super::super::docs::{inner, prose, summary};
use super::super::sheets::{self, Sheet, shares_of_methods, shares_of_rows};
use super::super::types::ident;
use super::super::{Dependencies, Files};
use super::codec::has_json;
use super::operations::{client, is_repeatable, methods, operation, title};
use super::plan::{Item, ItemKind, RestPlan, Ty};
use super::types::item;
use crate::openapi::model::{Flow, ParameterPlace, SecurityKind};

/// All files of a crate.
pub(super) fn write(plan: &RestPlan<'_>, dependencies: &Dependencies) -> Files {
    let header = header_of(&source(plan), dependencies);
    let mut tree: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let (faults, own): (Vec<&Item>, Vec<&Item>) =
        plan.items.iter().partition(|item| item.module.len() < 2);
    for one in &own {
        if let [top, name] = one.module.as_slice() {
            tree.entry(top).or_default().push(name);
        }
    }
    for op in &plan.operations {
        tree.entry("operations").or_default().push(&op.module);
    }
    tree.values_mut().for_each(|names| names.sort_unstable());
    let faults_apart = tree.remove("faults").unwrap_or_default();
    let values: Vec<&Item> = plan.items.iter().filter(|item| has_json(item)).collect();

    let mut sheets = Vec::new();
    for one in &own {
        let module: Vec<&str> = one.module.iter().map(String::as_str).collect();
        sheets.push(Sheet::new(&module, || {
            let tokens = item(plan, one);
            let head = inner(&format!("`{}` and what belongs to it.", one.name));
            quote!(#head #tokens)
        }));
    }
    for op in &plan.operations {
        sheets.push(Sheet::new(&["operations", &op.module], move || {
            let tokens = operation(plan, op);
            let doc = summary(&prose(&op.model.doc.text));
            let head = inner(&if doc.is_empty() {
                format!("`{}`.", op.model.name)
            } else {
                format!("`{}`: {doc}", op.model.name)
            });
            quote!(#head #tokens)
        }));
    }
    for (top, names) in &tree {
        sheets.push(Sheet::folder(top, || sheets::index(top, names)));
    }
    sheets.push(Sheet::new(&["faults"], || {
        faults_file(plan, &faults, &faults_apart)
    }));
    sheets.push(Sheet::new(&["client"], || client(plan)));
    for (n, share) in shares_of_methods(&plan.operations).into_iter().enumerate() {
        let module = ["client", &format!("methods{}", n + 1)];
        sheets.push(Sheet::new(&module, move || methods(plan, share)));
    }
    sheets.push(Sheet::new(&["wire_test"], || wire_test(plan, &values)));
    for (n, share) in shares_of_rows(&values).into_iter().enumerate() {
        let module = ["wire_test", &format!("values{}", n + 1)];
        sheets.push(Sheet::new(&module, move || values_apart(plan, share)));
    }
    let mut files = sheets::print(&header, &sheets);
    let mut modules = vec!["faults"];
    modules.extend(tree.keys());
    modules.sort_unstable();
    files.insert("src/lib.rs".to_owned(), lib_rs(plan, &header, &modules));
    files.insert(
        "Cargo.toml".to_owned(),
        manifest(
            &header,
            &plan.api.package(),
            &title(plan),
            true,
            &[],
            "rest",
            dependencies,
        ),
    );
    files.insert("README.md".to_owned(), readme(plan, dependencies));
    // Formatted by the generator; another formatter's taste must not make files differ.
    files.insert(
        "rustfmt.toml".to_owned(),
        "disable_all_formatting = true\n".to_owned(),
    );
    files
}

fn source(plan: &RestPlan<'_>) -> String {
    let spec = &plan.api.spec;
    if spec.is_empty() {
        plan.contract.sources.first().cloned().unwrap_or_default()
    } else {
        format!("specs/{spec}")
    }
}

/// `src/faults.rs`: what only errors are made of, and other types that are errors too. `apart` are
/// modules that hold errors.
fn faults_file(plan: &RestPlan<'_>, own: &[&Item], apart: &[&str]) -> TokenStream {
    let head = inner("Errors that the operations document.");
    let reexports = plan
        .faults
        .iter()
        .filter(|id| {
            plan.item(**id)
                .module
                .first()
                .is_none_or(|top| top != "faults")
        })
        .map(|id| {
            let name = ident(&plan.item(*id).name);
            quote!(pub use crate::types::#name;)
        });
    let own = own.iter().map(|one| item(plan, one));
    let apart: Vec<_> = apart.iter().map(|module| ident(module)).collect();
    quote! {
        #head
        #(mod #apart;)*
        #(pub use self::#apart::*;)*
        #(#reexports)*
        #(#own)*
    }
}

/// Arms that read a value of a type, by the type's name, and write it again.
fn value_arms(plan: &RestPlan<'_>, values: &[&Item], again: &TokenStream) -> Vec<TokenStream> {
    let arms = values.iter().map(|item| {
        let name = &item.name;
        let path = plan.path(item.id);
        quote!(#name => #again::<#path>(body),)
    });
    arms.collect()
}

/// `src/wire_test.rs`: reads a value of a type and writes it again.
fn wire_test(plan: &RestPlan<'_>, values: &[&Item]) -> TokenStream {
    let head = inner("A hook for tests of the codec.");
    let modules: Vec<_> = (1..=shares_of_rows(values).len())
        .map(|n| ident(&format!("values{n}")))
        .collect();
    let again = (!values.is_empty()).then(|| {
        quote! {
            fn again<T>(body: &[u8]) -> Result<Vec<u8>, mno_runtime::Error>
            where
                T: mno_runtime::json::Decode + mno_runtime::json::Encode + PartialEq,
            {
                let value: T = mno_runtime::json::from_slice(body)?;
                let written = mno_runtime::json::to_vec(&value)?;
                if mno_runtime::json::from_slice::<T>(&written)? != value {
                    return Err(mno_runtime::Error::new(
                        mno_runtime::error::ErrorKind::Decode,
                        "what was written reads as another value",
                    ));
                }
                Ok(written)
            }
        }
    });
    let body = if values.is_empty() {
        quote! {
            let _ = (name, body);
            Ok(None)
        }
    } else if modules.is_empty() {
        let arms = value_arms(plan, values, &quote!(again));
        quote!(Ok(Some(match name { #(#arms)* _ => return Ok(None), }?)))
    } else {
        quote! {
            for reencode in [#(#modules::reencode),*] {
                if let Some(written) = reencode(name, body)? {
                    return Ok(Some(written));
                }
            }
            Ok(None)
        }
    };
    quote! {
        #head

        #(mod #modules;)*

        /// Reads a value of a type, by the type's name, and writes it again; `None` for a name
        /// that is none. What was written is read once more, and has to be the same value.
        ///
        /// # Errors
        /// When the value is not of the type, or cannot be written, or is another one then.
        pub fn reencode(
            name: &str,
            body: &[u8],
        ) -> Result<Option<Vec<u8>>, mno_runtime::Error> {
            #body
        }

        #again
    }
}

/// A file of values below `src/wire_test.rs`.
fn values_apart(plan: &RestPlan<'_>, values: &[&Item]) -> TokenStream {
    let head = inner("Values that are read and written again.");
    let arms = value_arms(plan, values, &quote!(super::again));
    quote! {
        #head

        /// Writes a value again if its type is one of them.
        pub(super) fn reencode(
            name: &str,
            body: &[u8],
        ) -> Result<Option<Vec<u8>>, mno_runtime::Error> {
            Ok(Some(match name { #(#arms)* _ => return Ok(None), }?))
        }
    }
}

/// The types that a type is made of.
fn direct(item: &Item) -> Vec<usize> {
    fn of(ty: &Ty) -> Option<usize> {
        match ty {
            Ty::Named(id) => Some(id.0),
            Ty::List(item) | Ty::Items(item) | Ty::Map(item) | Ty::Nullable(item) => of(item),
            _ => None,
        }
    }
    match &item.kind {
        ItemKind::Struct { fields, .. } => fields.iter().filter_map(|f| of(&f.ty)).collect(),
        ItemKind::OneOf { arms, .. } => arms.iter().filter_map(|arm| of(&arm.ty)).collect(),
        ItemKind::Enum(..) => Vec::new(),
    }
}

fn lib_rs(plan: &RestPlan<'_>, header: &str, modules: &[&str]) -> String {
    let mut out = header.to_owned();
    let direct: Vec<Vec<usize>> = plan.items.iter().map(direct).collect();
    let limit = sheets::recursion_limit(&direct);
    out.push_str(&format!(
        "\n#![doc = include_str!(\"../README.md\")]\n{limit}\nmod client;\n"
    ));
    for module in modules {
        out.push_str(&format!("pub mod {module};\n"));
    }
    out.push_str(
        "#[cfg(feature = \"wire-test\")]\nmod wire_test;\n\npub use client::Client;\n\
         #[cfg(feature = \"wire-test\")]\npub use wire_test::reencode;\n\n\
         /// The runtime that this crate is built on.\npub use mno_runtime as runtime;\n",
    );
    out
}

/// What callers identify themselves with, and how.
fn credentials(plan: &RestPlan<'_>) -> String {
    let schemes = &plan.contract.security;
    if schemes.is_empty() {
        return String::new();
    }
    let mut out = "\n## Credentials\n\nOperations name the schemes that they take. The transport \
                   adds what they want (`mno-sdk`\ngets and renews tokens by itself), or \
                   [`Client::with_credential`] does:\n\n| Scheme | What | \
                   [`Credential`](runtime::rest::Credential) |\n|---|---|---|\n"
        .to_owned();
    for scheme in schemes {
        let (what, how) = match &scheme.kind {
            SecurityKind::ApiKey { place, name } => {
                let (place, method) = match place {
                    ParameterPlace::Query => ("query", "query"),
                    ParameterPlace::Cookie => ("cookie", "cookie"),
                    _ => ("header", "header"),
                };
                (
                    format!("a key in the {place} `{name}`"),
                    format!("`{method}(\"{name}\", …)`"),
                )
            }
            SecurityKind::Basic => ("user name and password".to_owned(), "`basic(…)`".to_owned()),
            SecurityKind::Bearer(format) => {
                let format = format.as_ref().map(|f| format!(" ({f})"));
                let what = format!("a token{}", format.unwrap_or_default());
                (what, "`bearer(…)`".to_owned())
            }
            SecurityKind::Http(name) => (
                format!("`Authorization: {name} …`"),
                format!("`authorization(\"{name}\", …)`"),
            ),
            SecurityKind::OAuth2(flows) => {
                let flows: Vec<String> = flows.iter().map(flow).collect();
                let what = format!("an OAuth 2.0 token; {}", flows.join("; "));
                (what, "`bearer(…)`".to_owned())
            }
            SecurityKind::OpenId(url) => (
                format!("a token of OpenID Connect, configured at <{url}>"),
                "`bearer(…)`".to_owned(),
            ),
            SecurityKind::MutualTls => (
                "a client certificate".to_owned(),
                "none: the transport has it".to_owned(),
            ),
        };
        let cell = |text: String| text.replace('|', "\\|").replace('\n', " ");
        let doc = summary(&prose(&scheme.doc.text));
        let dash = if doc.is_empty() { "" } else { ". " };
        out.push_str(&format!(
            "| `{}` | {} | {} |\n",
            cell(scheme.name.clone()),
            cell(format!("{what}{dash}{doc}")),
            cell(how)
        ));
    }
    out
}

fn flow(flow: &Flow) -> String {
    let mut out = format!("flow `{}`", flow.kind);
    if let Some(url) = &flow.token_url {
        out.push_str(&format!(", tokens from <{url}>"));
    }
    if let Some(url) = &flow.authorization_url {
        out.push_str(&format!(", users authorise at <{url}>"));
    }
    if !flow.scopes.is_empty() {
        let scopes: Vec<String> = flow.scopes.iter().map(|(s, _)| format!("`{s}`")).collect();
        out.push_str(&format!(", scopes {}", scopes.join(", ")));
    }
    out
}

/// What an overlay changed of the document.
fn changes(plan: &RestPlan<'_>) -> String {
    let changes: Vec<&str> = plan
        .contract
        .notes
        .iter()
        .filter_map(|note| note.message.strip_prefix("the overlay changes "))
        .collect();
    if changes.is_empty() {
        return String::new();
    }
    let mut out = "\n## Changes to the document\n\nThe overlay beside the document changes, in \
                   this order:\n\n"
        .to_owned();
    for change in changes {
        let line = change.split_whitespace().collect::<Vec<_>>().join(" ");
        out.push_str(&format!("* {line}\n"));
    }
    out
}

fn readme(plan: &RestPlan<'_>, dependencies: &Dependencies) -> String {
    let mut out = format!(
        "# {}\n\n{}.\n\n",
        plan.api.package(),
        title(plan).trim_end_matches('.')
    );
    let doc = prose(&plan.contract.doc.text);
    if !doc.is_empty() {
        out.push_str(&format!("{doc}\n\n"));
    }
    out.push_str(
        "* [`Client`] calls the operations; it needs a\n  \
         [`Transport`](runtime::transport::Transport), which `mno-sdk` has.\n\
         * [`operations`] has a request type for each, and response types where the contract has \
         none\n  of its own.\n",
    );
    if plan.items.iter().any(|i| i.module[0] == "types") {
        out.push_str("* [`types`] has what they are made of.\n");
    }
    out.push_str("* [`faults`] has what [`Error::fault`](runtime::Error::fault) can give.\n\n");
    if !plan.operations.is_empty() {
        out.push_str(
            "| Operation | Method | TPS | Safe to repeat | Evidence |\n|---|---|---|---|---|\n",
        );
    }
    for op in &plan.operations {
        let tps = op
            .policy
            .tps
            .map_or_else(|| "–".to_owned(), |t| t.to_string());
        let repeat = if is_repeatable(op) { "yes" } else { "no" };
        let evidence = op
            .model
            .doc
            .evidence
            .map_or("–", super::super::evidence_name);
        out.push_str(&format!(
            "| `{}` | [`{m}`](Client::{m}) | {tps} | {repeat} | {evidence} |\n",
            op.model.name,
            m = op.method
        ));
    }
    out.push_str(&credentials(plan));
    out.push_str(&changes(plan));
    out.push_str("\nFeature `wire-test` adds `reencode`, for tests of the codec.\n");
    let source = source(plan);
    let from = if source.is_empty() {
        String::new()
    } else {
        format!(" from `{source}`")
    };
    out.push_str(&format!(
        "\nGenerated by `{}`{from}; do not edit by hand.\n",
        command(dependencies)
    ));
    out
}
