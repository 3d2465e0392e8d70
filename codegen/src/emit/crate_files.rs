//! The files of a crate around its items.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{inner, prose, summary};
use super::plan::{External, ItemId, OperationPlan, Plan};
use super::sheets::{self, Sheet, shares_of_rows};
use super::types::{Printer, ident};
use super::{Dependencies, Files, crate_ident};
use crate::config::{Api, Idempotency, Shared};
use crate::model::{Contract, QName};

/// The namespaces of a crate, each with its constant.
#[derive(Debug)]
pub(super) struct Namespaces {
    /// URI, constant, prefix; numbered from `base`.
    own: Vec<(String, String, String)>,
    base: usize,
    /// Crate, URI, constant, prefix.
    shared: Vec<(String, String, String, String)>,
}

impl Namespaces {
    pub(super) fn shared(shared: &Shared, base: usize) -> Self {
        let own = shared
            .namespaces
            .iter()
            .map(|(uri, prefix)| (uri.clone(), constant(prefix), prefix.clone()))
            .collect();
        Self {
            own,
            base,
            shared: Vec::new(),
        }
    }

    /// `base` is the count of namespaces of all shared crates of the workspace.
    pub(super) fn api(contract: &Contract, api: &Api, uses: &[&Shared], base: usize) -> Self {
        let shared: Vec<_> = uses
            .iter()
            .flat_map(|s| {
                let krate = crate_ident(&s.name);
                s.namespaces.iter().map(move |(uri, prefix)| {
                    (krate.clone(), uri.clone(), constant(prefix), prefix.clone())
                })
            })
            .collect();
        let is_shared = |uri: &str| shared.iter().any(|(_, u, _, _)| u == uri);
        let mut uris: Vec<&str> = Vec::new();
        let mut add = |uri| {
            if !uris.contains(&uri) {
                uris.push(uri);
            }
        };
        // The namespace of the messages first: it gets the API's prefix.
        for op in &contract.operations {
            op.input
                .iter()
                .chain(&op.output)
                .for_each(|m| add(m.element.ns.as_str()));
        }
        contract.elements.keys().for_each(|q| add(q.ns.as_str()));
        for def in &contract.types {
            if let crate::model::TypeKind::Complex(complex) = &def.kind {
                complex
                    .attributes
                    .iter()
                    .for_each(|a| add(a.name.ns.as_str()));
                // The types that `xsi:type` names.
                if let (Some(_), crate::model::TypeName::Named(name)) = (&complex.base, &def.name) {
                    add(name.ns.as_str());
                }
                if let crate::model::Content::Particle(particle) = &complex.content {
                    particle.elements().for_each(|e| add(e.name.ns.as_str()));
                }
            }
        }
        let own = uris
            .into_iter()
            .filter(|uri| !uri.is_empty() && !is_shared(uri) && *uri != XML)
            .enumerate()
            .map(|(i, uri)| {
                if i == 0 {
                    (uri.to_owned(), "TYPES".to_owned(), api.prefix.clone())
                } else {
                    (uri.to_owned(), format!("NS{i}"), format!("n{i}"))
                }
            })
            .collect();
        Self { own, base, shared }
    }

    pub(super) fn len(&self) -> usize {
        self.own.len()
    }

    fn tokens(&self) -> TokenStream {
        let title = inner("Namespaces of the messages.");
        let consts = self.own.iter().enumerate().map(|(i, (uri, name, _))| {
            let name = ident(name);
            let id = proc_macro2::Literal::usize_unsuffixed(self.base + i);
            let doc = format!(" `{uri}`.");
            quote! {
                #[doc = #doc]
                pub const #name: mno_runtime::xml::NsId = mno_runtime::xml::NsId::generated(#id);
            }
        });
        let reexports = self.shared.iter().map(|(krate, _, name, _)| {
            let (krate, name) = (ident(krate), ident(name));
            quote!(pub use #krate::ns::#name;)
        });
        let own = self
            .own
            .iter()
            .map(|(uri, name, prefix)| (uri, name, prefix));
        let shared = self
            .shared
            .iter()
            .map(|(_, uri, name, prefix)| (uri, name, prefix));
        let rows = own.chain(shared).map(|(uri, name, prefix)| {
            let name = ident(name);
            quote!(mno_runtime::xml::Namespace::new(#name, #uri, #prefix))
        });
        quote! {
            #title
            #(#reexports)*
            #(#consts)*
            /// All of them, for a [`NamespaceTable`](mno_runtime::xml::NamespaceTable).
            pub static TABLE: &[mno_runtime::xml::Namespace] = &[#(#rows),*];
        }
    }

    fn constant(&self, uri: &str) -> Option<&str> {
        let own = self
            .own
            .iter()
            .find(|(u, _, _)| u == uri)
            .map(|(_, c, _)| c.as_str());
        own.or_else(|| {
            self.shared
                .iter()
                .find(|(_, u, _, _)| u == uri)
                .map(|(_, _, c, _)| c.as_str())
        })
    }
}

const XML: &str = "http://www.w3.org/XML/1998/namespace";

fn constant(prefix: &str) -> String {
    prefix.to_uppercase().replace(['-', '.'], "_")
}

impl Printer<'_> {
    /// The constant of a name's namespace.
    pub(crate) fn ns(&self, name: &QName) -> TokenStream {
        if name.ns.is_empty() {
            return quote!(mno_runtime::xml::NsId::NONE);
        }
        if name.ns == XML {
            return quote!(mno_runtime::xml::NsId::XML);
        }
        match self.namespaces.constant(&name.ns) {
            Some(name) => {
                let name = ident(name);
                quote!(crate::ns::#name)
            }
            None => quote!(mno_runtime::xml::NsId::UNKNOWN),
        }
    }
}

/// All files of a crate.
pub(super) fn write(
    plan: &Plan<'_>,
    namespaces: &Namespaces,
    dependencies: &Dependencies,
    uses: &[&Shared],
) -> Files {
    let printer = Printer { plan, namespaces };
    let has_operations = !plan.operations.is_empty();

    // Items by module.
    let mut modules: BTreeMap<&[String], Vec<ItemId>> = BTreeMap::new();
    for (i, item) in plan.items.iter().enumerate() {
        modules.entry(&item.module).or_default().push(ItemId(i));
    }
    let mut faults = Vec::new();
    let mut tree: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut own_files = Vec::new();
    for (module, items) in modules {
        let [top, name] = module else {
            faults.extend(items);
            continue;
        };
        let (top, name) = (top.as_str(), name.as_str());
        tree.entry(top).or_default().push(name);
        own_files.push((top, name, items));
    }
    let faults_apart = tree.remove("faults").unwrap_or_default();
    let externals = plan.externals();
    if has_operations && !externals.is_empty() {
        tree.entry("types").or_default();
    }
    let methods = printer.methods_apart();
    let served = printer.served();
    let messages = printer.messages();

    let printer = &printer;
    let operations = plan.operations.iter();
    let operations: BTreeMap<&str, _> = operations.map(|op| (op.module.as_str(), op)).collect();
    let mut sheets = Vec::new();
    for (top, name, items) in &own_files {
        let operation = operations
            .get(name)
            .filter(|_| *top == "operations")
            .copied();
        sheets.push(Sheet::new(&[top, name], move || {
            own_file(printer, (top, name), items, operation)
        }));
    }
    for (top, names) in &tree {
        sheets.push(Sheet::folder(top, || folder(top, names, &externals)));
    }
    sheets.push(Sheet::new(&["faults"], || {
        printer.faults(&faults, &faults_apart)
    }));
    sheets.push(Sheet::new(&["ns"], || namespaces.tokens()));
    let mut lib_modules = vec!["faults", "ns"];
    lib_modules.extend(tree.keys());
    if has_operations {
        sheets.push(Sheet::new(&["client"], || printer.client(&methods)));
        for share in &methods {
            let module = ["client", &share.module];
            sheets.push(Sheet::new(&module, || printer.methods(share)));
        }
        sheets.push(Sheet::new(&["server"], || printer.server(&served)));
        for (n, share) in shares_of_rows(&served).into_iter().enumerate() {
            let module = ["server", &format!("requests{}", n + 1)];
            sheets.push(Sheet::new(&module, || printer.requests(share)));
        }
        sheets.push(Sheet::new(&["wire_test"], || printer.wire_test(&messages)));
        for (n, share) in shares_of_rows(&messages).into_iter().enumerate() {
            let module = ["wire_test", &format!("messages{}", n + 1)];
            sheets.push(Sheet::new(&module, || printer.messages_apart(share)));
        }
        lib_modules.push("server");
    }
    let mut files = sheets::print(&header(plan, dependencies), &sheets);
    lib_modules.sort_unstable();
    let lib = lib_rs(plan, dependencies, &lib_modules, &printer.clients());
    files.insert("src/lib.rs".to_owned(), lib);
    files.insert(
        "Cargo.toml".to_owned(),
        cargo_toml(plan, dependencies, uses),
    );
    files.insert("README.md".to_owned(), readme(printer, dependencies));
    // Formatted by the generator; another formatter's taste must not make files differ.
    files.insert(
        "rustfmt.toml".to_owned(),
        "disable_all_formatting = true\n".to_owned(),
    );
    files
}

/// `mod.rs` of the operations, or of the types.
fn folder(top: &str, names: &[&str], externals: &[&External]) -> TokenStream {
    let index = sheets::index(top, names);
    // What the fields have from shared crates is at hand here too.
    let mut shared: BTreeSet<(&str, &str)> = BTreeSet::new();
    if top == "types" {
        for external in externals {
            shared.extend(external.names_in("types"));
        }
    }
    let shared = shared.into_iter().map(|(krate, name)| {
        let (krate, name) = (ident(krate), ident(name));
        quote!(pub use #krate::types::#name;)
    });
    quote!(#index #(#shared)*)
}

/// The file that an operation or a type has for itself.
fn own_file(
    printer: &Printer<'_>,
    (top, name): (&str, &str),
    items: &[ItemId],
    operation: Option<&OperationPlan>,
) -> TokenStream {
    let own = items.iter().map(|id| printer.item(*id));
    let implementation = operation.map(|op| printer.operation(op));
    let title = match operation {
        Some(op) => {
            let model = &printer.plan.contract.operations[op.index];
            let doc = summary(&prose(&model.doc.text));
            if doc.is_empty() {
                format!("`{}`.", model.name)
            } else {
                format!("`{}`: {doc}", model.name)
            }
        }
        None if top == "operations" => format!("`{name}`."),
        None => {
            let first = items.first().map(|id| printer.plan.item(*id).name.as_str());
            format!("`{}` and what belongs to it.", first.unwrap_or_default())
        }
    };
    let title = inner(&title);
    quote!(#title #(#own)* #implementation)
}

fn source(plan: &Plan<'_>) -> String {
    let spec = &plan.api.spec;
    if plan.operations.is_empty() {
        // Shared types come from several contracts; the configuration says which.
        "specs/apis.toml".to_owned()
    } else if spec.is_empty() {
        plan.contract.sources.first().cloned().unwrap_or_default()
    } else {
        format!("specs/{spec}")
    }
}

pub(super) fn command(dependencies: &Dependencies) -> &'static str {
    match dependencies {
        Dependencies::Workspace => "cargo xtask regen",
        Dependencies::Alone { .. } => "cargo xtask generate",
    }
}

fn header(plan: &Plan<'_>, dependencies: &Dependencies) -> String {
    header_of(&source(plan), dependencies)
}

/// First line of a generated file.
pub(super) fn header_of(source: &str, dependencies: &Dependencies) -> String {
    let from = if source.is_empty() {
        String::new()
    } else {
        format!(" from {source}")
    };
    format!(
        "// Generated by `{}`{from}; do not edit by hand.\n",
        command(dependencies)
    )
}

fn lib_rs(
    plan: &Plan<'_>,
    dependencies: &Dependencies,
    modules: &[&str],
    clients: &[String],
) -> String {
    let mut out = header(plan, dependencies);
    let direct: Vec<Vec<usize>> = (0..plan.items.len())
        .map(|at| plan.direct(ItemId(at)).into_iter().map(|id| id.0).collect())
        .collect();
    let limit = sheets::recursion_limit(&direct);
    out.push_str(&format!(
        "\n#![doc = include_str!(\"../README.md\")]\n{limit}\n"
    ));
    let has_operations = !plan.operations.is_empty();
    if has_operations {
        out.push_str("mod client;\n");
    }
    for module in modules {
        out.push_str(&format!("pub mod {module};\n"));
    }
    if has_operations {
        out.push_str("#[cfg(feature = \"wire-test\")]\nmod wire_test;\n");
        match clients {
            [one] => out.push_str(&format!("\npub use client::{one};\n")),
            all => out.push_str(&format!("\npub use client::{{{}}};\n", all.join(", "))),
        }
        out.push_str("#[cfg(feature = \"wire-test\")]\npub use wire_test::reencode;\n");
        out.push_str(
            "\n/// The runtime that this crate is built on.\npub use mno_runtime as runtime;\n",
        );
    }
    out
}

fn cargo_toml(plan: &Plan<'_>, dependencies: &Dependencies, uses: &[&Shared]) -> String {
    let shared: Vec<String> = uses.iter().map(|s| format!("mno-{}", s.name)).collect();
    manifest(
        &header(plan, dependencies),
        &plan.api.package(),
        &title(plan),
        !plan.operations.is_empty(),
        &shared,
        "soap",
        dependencies,
    )
}

/// `Cargo.toml`; `feature` is the one that the crate needs of the runtime.
pub(super) fn manifest(
    header: &str,
    package: &str,
    title: &str,
    has_operations: bool,
    shared: &[String],
    feature: &str,
    dependencies: &Dependencies,
) -> String {
    let description = title.replace('"', "'").replace('`', "");
    let features = if has_operations {
        "[features]\n# `reencode`: reads a message and writes it again, for tests of the codec.\n\
         wire-test = []\n\n"
    } else {
        ""
    };
    let head = header.replacen("//", "#", 1);
    match dependencies {
        Dependencies::Workspace => {
            let shared: String = shared
                .iter()
                .map(|name| format!("{name}.workspace = true\n"))
                .collect();
            format!(
                "{head}\n[package]\nname = \"{package}\"\ndescription = \"{description}\"\n\
                 version.workspace = true\nedition.workspace = true\n\
                 rust-version.workspace = true\nlicense.workspace = true\n\
                 publish.workspace = true\nreadme = \"README.md\"\n\n{features}[dependencies]\n\
                 {shared}mno-runtime = {{ workspace = true, features = [\"{feature}\"] }}\n\n\
                 [package.metadata.docs.rs]\nall-features = true\n\n[lints]\nworkspace = true\n"
            )
        }
        Dependencies::Alone { runtime } => {
            format!(
                "{head}\n[package]\nname = \"{package}\"\ndescription = \"{description}\"\n\
                 version = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\n\
                 readme = \"README.md\"\n\n{features}[dependencies]\n\
                 mno-runtime = {{ path = {runtime:?}, default-features = false, features = [\"{feature}\"] }}\n\n\
                 # It stands alone, wherever it is put.\n[workspace]\n"
            )
        }
    }
}

fn title(plan: &Plan<'_>) -> String {
    if plan.api.title.is_empty() {
        format!("Types and client of {}", plan.contract.name)
    } else {
        plan.api.title.clone()
    }
}

/// What fix-ups changed of the contract.
fn mended(plan: &Plan<'_>) -> String {
    if plan.contract.mended.is_empty() {
        return String::new();
    }
    let mut out = "\n## Mended\n\nThe contract was changed before this crate was written \
                   (`[[api.fixups]]` in `specs/apis.toml`):\n\n"
        .to_owned();
    for mended in &plan.contract.mended {
        out.push_str(&format!(
            "* `{}`, version {}: {}. Why: {}\n",
            mended.name,
            mended.version,
            mended.changes.join("; "),
            mended.reason.trim()
        ));
    }
    out
}

fn readme(printer: &Printer<'_>, dependencies: &Dependencies) -> String {
    let plan = printer.plan;
    let api = plan.api;
    let mut out = format!(
        "# {}\n\n{}.\n\n",
        api.package(),
        title(plan).trim_end_matches('.')
    );
    if plan.operations.is_empty() && matches!(dependencies, Dependencies::Alone { .. }) {
        out.push_str("No operation of the contract can be called by SOAP over HTTP.\n");
    } else if plan.operations.is_empty() {
        out.push_str(
            "Types and faults that several API crates share. Use them through those crates.\n",
        );
    } else {
        let doc = prose(&plan.contract.doc.text);
        if !doc.is_empty() {
            out.push_str(&format!("{doc}\n\n"));
        }
        let clients = printer.clients();
        let subject = match clients.as_slice() {
            [one] => format!("[`{one}`] calls the operations; it needs"),
            all => {
                let all: Vec<String> = all.iter().map(|name| format!("[`{name}`]")).collect();
                format!(
                    "{} call the operations, one for each port; they need",
                    all.join(", ")
                )
            }
        };
        out.push_str(&format!(
            "* {subject} a\n  \
             [`Transport`](runtime::transport::Transport), which `mno-sdk` has.\n\
             * [`operations`] has a request and a response type for each.\n"
        ));
        if plan.items.iter().any(|i| i.module[0] == "types") {
            out.push_str("* [`types`] has what they are made of.\n");
        }
        out.push_str(
            "* [`faults`] has what [`Error::fault`](runtime::Error::fault) can give.\n\
             * [`server`] is the other side, for test doubles.\n\n",
        );
        out.push_str(
            "| Operation | Method | TPS | Safe to repeat | Evidence |\n|---|---|---|---|---|\n",
        );
        for op in &plan.operations {
            let model = &plan.contract.operations[op.index];
            let policy = api.policy(&model.name);
            let tps = policy.tps.map_or_else(|| "–".to_owned(), |t| t.to_string());
            let repeat = match policy.idempotency {
                Some(Idempotency::Safe | Idempotency::Idempotent) => "yes",
                _ => "no",
            };
            let evidence = model.doc.evidence.map_or("–", super::evidence_name);
            out.push_str(&format!(
                "| `{}` | [`{m}`]({client}::{m}) | {tps} | {repeat} | {evidence} |\n",
                model.name,
                client = printer.client_of(op),
                m = op.method
            ));
        }
        out.push_str(&mended(plan));
        out.push_str("\nFeature `wire-test` adds `reencode`, for tests of the codec.\n");
    }
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
