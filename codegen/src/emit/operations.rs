//! Prints operations: facts, client, server side, and the hook for codec tests.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{inner, outer, prose, summary};
use super::facts::{facts, facts_table};
use super::names::{Scope, pascal};
use super::plan::{
    External, Field, Item, ItemId, ItemKind, Member, Occurs, OperationPlan, Scalar, Ty,
};
use super::record::MAX_NEW;
use super::sheets::{shares_of_methods, shares_of_rows};
use super::types::{Printer, ident};
use crate::model::{Operation, QName, SoapVersion};

/// Methods of a client in a file of their own.
pub(crate) struct Methods<'p> {
    pub(crate) module: String,
    client: String,
    operations: Vec<&'p OperationPlan>,
}

/// An operation with a request that a server can tell from others.
pub(crate) struct Served<'p> {
    op: &'p OperationPlan,
    request: ItemId,
    /// Its variant of the server's `Request`.
    variant: String,
}

/// A root element of messages, with its type.
pub(crate) struct Message<'p> {
    element: &'p QName,
    ty: MessageType<'p>,
}

enum MessageType<'p> {
    Item(&'p Item),
    External(&'p External),
}

/// The client of the first port.
const MAIN: &str = "Client";

impl Printer<'_> {
    fn model(&self, op: &OperationPlan) -> &Operation {
        &self.plan.contract.operations[op.index]
    }

    /// `impl Operation`, `impl SoapOperation` of a request type.
    pub(crate) fn operation(&self, op: &OperationPlan) -> TokenStream {
        let Some(request) = op.request else {
            return TokenStream::new();
        };
        let request = self.path(request);
        let response = self.response_type(op);
        let facts = self.facts(op);
        let model = self.model(op);
        let answer_is_bare = model.output.as_ref().is_some_and(|m| m.is_bare);
        let decode_response = match op.response {
            Some(id) => {
                let path = self.path(id);
                if answer_is_bare {
                    quote!(mno_runtime::soap::expect_parts::<#path>(cursor, tag))
                } else {
                    quote!(mno_runtime::soap::expect::<#path>(cursor, tag))
                }
            }
            None => quote! {
                mno_runtime::soap::ignore(cursor, tag)
            },
        };
        let bare_answer = answer_is_bare.then(|| {
            quote!(
                const HAS_BARE_ANSWER: bool = true;
            )
        });
        let bare_request = model.input.as_ref().is_some_and(|m| m.is_bare).then(|| {
            quote! {
                fn encode_body(
                    &self,
                    writer: &mut mno_runtime::xml::Writer<'_>,
                ) -> Result<(), mno_runtime::xml::EncodeError> {
                    mno_runtime::xml::Encode::encode(self, writer)
                }
            }
        });
        let empty = op.response.is_none().then(|| {
            quote! {
                fn empty_response() -> Option<()> {
                    Some(())
                }
            }
        });
        quote! {
            impl mno_runtime::Operation for #request {
                type Response = #response;

                const FACTS: mno_runtime::facts::OperationFacts = #facts;
            }

            impl mno_runtime::soap::SoapOperation for #request {
                #bare_answer

                fn decode_response(
                    cursor: &mut mno_runtime::xml::Cursor<'_>,
                    tag: Option<&mno_runtime::xml::Tag<'_>>,
                ) -> Result<Self::Response, mno_runtime::xml::DecodeError> {
                    #decode_response
                }

                fn decode_fault(
                    cursor: &mut mno_runtime::xml::Cursor<'_>,
                    tag: &mno_runtime::xml::Tag<'_>,
                ) -> Result<mno_runtime::soap::Detail, mno_runtime::xml::DecodeError> {
                    crate::faults::decode(cursor, tag)
                }

                #bare_request
                #empty
            }
        }
    }

    fn response_type(&self, op: &OperationPlan) -> TokenStream {
        op.response.map_or_else(|| quote!(()), |id| self.path(id))
    }

    fn facts(&self, op: &OperationPlan) -> TokenStream {
        let model = self.model(op);
        let policy = self.plan.api.policy(&model.name);
        let action = model.soap_action.as_deref().filter(|a| !a.is_empty());
        let protocol = match (model.soap, action) {
            (SoapVersion::V11, Some(action)) => quote!(soap11(#action)),
            (SoapVersion::V11, None) => quote!(soap11_without_action()),
            (SoapVersion::V12, Some(action)) => quote!(soap12(#action)),
            (SoapVersion::V12, None) => quote!(soap12_without_action()),
        };
        facts(
            self.plan.api,
            &policy,
            &model.name,
            &protocol,
            model.doc.evidence,
        )
    }

    /// Names of the clients: one for each port, [`MAIN`] for the first.
    pub(crate) fn clients(&self) -> Vec<String> {
        let mut names = Scope::with(&[MAIN]);
        let others = self.plan.contract.ports.iter().skip(1);
        let others = others.map(|port| {
            let name = pascal(&port.name);
            let name = name.strip_suffix("Port").unwrap_or(&name);
            names.take(&format!("{name}Client"))
        });
        std::iter::once(MAIN.to_owned()).chain(others).collect()
    }

    /// The client that has the method of an operation.
    pub(crate) fn client_of(&self, op: &OperationPlan) -> String {
        let port = self.model(op).ports.first().copied().unwrap_or_default();
        let client = self.clients().into_iter().nth(port);
        client.unwrap_or_else(|| MAIN.to_owned())
    }

    /// The operations that are methods of a client.
    fn operations_at(&self, port: usize) -> Vec<&OperationPlan> {
        let is_alone = self.plan.contract.ports.is_empty();
        let operations = self.plan.operations.iter();
        operations
            .filter(|op| is_alone || self.model(op).ports.contains(&port))
            .collect()
    }

    /// The methods of large services that stand in files below `src/client.rs`.
    pub(crate) fn methods_apart(&self) -> Vec<Methods<'_>> {
        let mut out = Vec::new();
        for (port, client) in self.clients().into_iter().enumerate() {
            for share in shares_of_methods(&self.operations_at(port)) {
                out.push(Methods {
                    module: format!("methods{}", out.len() + 1),
                    client: client.clone(),
                    operations: share.to_vec(),
                });
            }
        }
        out
    }

    /// A file of methods below `src/client.rs`.
    pub(crate) fn methods(&self, share: &Methods<'_>) -> TokenStream {
        let methods = share.operations.iter().map(|op| self.method(op));
        let client = ident(&share.client);
        let title = inner(&format!(
            "Methods of `{}`{}.",
            share.client,
            self.span(&share.operations)
        ));
        quote!(#title impl crate::client::#client { #(#methods)* })
    }

    /// From which operation to which some of them go, in words.
    fn span(&self, operations: &[&OperationPlan]) -> String {
        match (operations.first(), operations.last()) {
            (Some(first), Some(last)) => {
                let (first, last) = (&self.model(first).name, &self.model(last).name);
                format!(" from `{first}` to `{last}`")
            }
            _ => String::new(),
        }
    }

    /// `src/client.rs`.
    pub(crate) fn client(&self, apart: &[Methods<'_>]) -> TokenStream {
        let clients = self.clients();
        let title = match clients.as_slice() {
            [_] => format!("The client of {}.", self.title()),
            _ => format!("The clients of {}, one for each port.", self.title()),
        };
        let title = inner(&title);
        let modules = apart.iter().map(|share| {
            let module = ident(&share.module);
            quote!(mod #module;)
        });
        let all = clients.iter().enumerate().map(|(port, name)| {
            let is_apart = apart.iter().any(|share| share.client == *name);
            let operations = if is_apart {
                Vec::new()
            } else {
                self.operations_at(port)
            };
            let methods: Vec<TokenStream> = operations.iter().map(|op| self.method(op)).collect();
            self.client_at(port, name, clients.len(), &methods)
        });
        quote!(#title #(#modules)* #(#all)*)
    }

    fn client_at(
        &self,
        port: usize,
        name: &str,
        count: usize,
        methods: &[TokenStream],
    ) -> TokenStream {
        let contract = self.plan.contract;
        let address = match contract.ports.get(port) {
            Some(port) => port.address.as_deref(),
            None => contract.address.as_deref(),
        };
        let path = address
            .unwrap_or_default()
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|i| rest[i..].to_owned()))
            .unwrap_or_else(|| "/".to_owned());
        let mut what = self.title();
        let mut more = String::new();
        if let Some(port) = contract.ports.get(port).filter(|_| count > 1) {
            what = format!("the port `{}` of the service `{}`", port.name, port.service);
            let doc = prose(&port.doc.text);
            if !doc.is_empty() {
                more = format!("\n\n{doc}");
            }
        }
        let doc = outer(&format!(
            "Calls the operations of {what}.{more}\n\nCheap to clone: clones share the transport."
        ));
        let new_doc = outer(&format!(
            "A client on a transport, at the contract's path `{path}`.\n\nThe transport adds host \
             and credentials; `mno-sdk` makes one, a closure in a test is one."
        ));
        let name = ident(name);
        quote! {
            #doc
            #[derive(Debug, Clone)]
            pub struct #name {
                endpoint: mno_runtime::soap::Endpoint,
            }

            impl #name {
                /// Path of the service on the platform's host, from the contract.
                pub const PATH: &'static str = #path;

                #new_doc
                #[must_use]
                pub fn new(
                    transport: std::sync::Arc<dyn mno_runtime::transport::Transport>,
                ) -> Self {
                    let namespaces = mno_runtime::xml::NamespaceTable::new(crate::ns::TABLE);
                    Self {
                        endpoint: mno_runtime::soap::Endpoint::new(
                            transport,
                            Self::PATH,
                            namespaces,
                        ),
                    }
                }

                /// A client on an endpoint with a path, namespaces, options or bounds of its own.
                #[must_use]
                pub fn from_endpoint(endpoint: mno_runtime::soap::Endpoint) -> Self {
                    Self { endpoint }
                }

                /// Where the service is and how its messages are written.
                #[must_use]
                pub fn endpoint(&self) -> &mno_runtime::soap::Endpoint {
                    &self.endpoint
                }

                /// The same client with options for every call from here on.
                #[must_use]
                pub fn with_options(&self, options: mno_runtime::transport::CallOptions) -> Self {
                    Self { endpoint: self.endpoint.clone().with_options(options) }
                }

                #(#methods)*
            }
        }
    }

    /// The header blocks of the request have to be there: no call goes without them.
    fn wants_headers(&self, op: &OperationPlan) -> bool {
        op.request_headers.is_some() && self.model(op).input_headers.iter().any(|h| h.required)
    }

    fn method(&self, op: &OperationPlan) -> TokenStream {
        let Some(request) = op.request else {
            return TokenStream::new();
        };
        let method = ident(&op.method);
        let request_path = self.path(request);
        let response = self.response_type(op);
        let wants_headers = self.wants_headers(op);
        let doc = outer(&self.method_doc(op, request));
        let deprecated = self
            .plan
            .api
            .policy(&self.model(op).name)
            .deprecated
            .map(|why| quote!(#[deprecated = #why]));
        let plain = (!wants_headers).then(|| {
            quote! {
                #doc
                #deprecated
                pub async fn #method(
                    &self,
                    request: &#request_path,
                ) -> Result<#response, mno_runtime::Error> {
                    mno_runtime::soap::call(&self.endpoint, request).await
                }
            }
        });
        let headers = op.request_headers.map(|id| self.path(id));
        let answer = op.response_headers.map(|id| self.path(id));
        let parameter = headers.as_ref().map(|path| quote!(headers: &#path,));
        let (output, call) = match (&headers, answer) {
            (None, None) => return quote!(#plain),
            (Some(_), None) => (
                response,
                quote!(mno_runtime::soap::call_with_headers(
                    &self.endpoint,
                    request,
                    headers
                )),
            ),
            (headers, Some(answer)) => {
                let headers = match headers {
                    Some(_) => quote!(Some(headers)),
                    None => quote!(None::<&mno_runtime::soap::NoHeaders>),
                };
                (
                    quote!(mno_runtime::soap::Answer<#response, #answer>),
                    quote!(mno_runtime::soap::call_for_headers(&self.endpoint, request, #headers)),
                )
            }
        };
        let (method, doc) = if wants_headers {
            (method, doc)
        } else {
            let with = ident(&op.method_with_headers);
            let sides = match (op.request_headers, op.response_headers) {
                (Some(_), Some(_)) => "with header blocks, and gives those of the answer",
                (Some(_), None) => "with header blocks",
                _ => "and gives the header blocks of the answer as well",
            };
            let doc = format!(
                "Calls `{}` {sides}.\n\nEverything else as [`{method}`](Self::{method}).\n\n\
                 # Errors\nAs of [`{method}`](Self::{method}).",
                self.model(op).name
            );
            (with, outer(&doc))
        };
        quote! {
            #plain

            #doc
            #deprecated
            pub async fn #method(
                &self,
                request: &#request_path,
                #parameter
            ) -> Result<#output, mno_runtime::Error> {
                #call.await
            }
        }
    }

    fn method_doc(&self, op: &OperationPlan, request: ItemId) -> String {
        let model = self.model(op);
        let policy = self.plan.api.policy(&model.name);
        let mut out = prose(&model.doc.text);
        if out.is_empty() {
            out = format!("Calls `{}`.", model.name);
        }
        out.push_str("\n\n");
        let action = model
            .soap_action
            .as_ref()
            .map(|action| ("SOAPAction", format!("`{action}`")));
        out.push_str(&facts_table(
            &model.name,
            action.into_iter(),
            &policy,
            model.doc.evidence,
        ));
        out.push_str("\n\n# Request\n");
        out.push_str(&self.field_list(request));
        match op.response {
            Some(response) => {
                out.push_str("\n\n# Response\n");
                out.push_str(&self.field_list(response));
            }
            None => out.push_str("\n\n# Response\nNone: the operation is one-way."),
        }
        let headers = [
            ("request", op.request_headers),
            ("answer", op.response_headers),
        ];
        for (side, id) in headers {
            if let Some(id) = id {
                out.push_str(&format!("\n\n# Headers of the {side}\n"));
                out.push_str(&self.field_list(id));
            }
        }
        out.push_str(
            "\n\n# Errors\n[`Error`](mno_runtime::Error) of every kind. Declared faults, for \
                      [`Error::fault`](mno_runtime::Error::fault): ",
        );
        if model.faults.is_empty() {
            out.push_str("none.");
        } else {
            let names: Vec<String> = model
                .faults
                .iter()
                .map(|f| self.fault_link(&f.element))
                .collect();
            out.push_str(&names.join(", "));
            out.push('.');
        }
        if let Some(example) = self.example(op, request) {
            out.push_str("\n\n# Example\n");
            out.push_str(&example);
        }
        out
    }

    fn fault_link(&self, element: &QName) -> String {
        if let Some(id) = self.plan.faults.get(element) {
            let item = self.plan.item(*id);
            return format!("[`{0}`](crate::faults::{0})", item.name);
        }
        let external = self
            .plan
            .shared
            .iter()
            .find_map(|s| s.elements.get(element));
        match external {
            Some(e) => format!("[`{0}`](crate::faults::{0})", e.name),
            None => format!("`{}`", element.local),
        }
    }

    /// The fields of a message, one line each, for the method's documentation.
    fn field_list(&self, id: ItemId) -> String {
        let item = self.plan.item(id);
        let link = format!("[`{}`]({})", item.name, doc_path(&item.module, &item.name));
        let members = match &item.kind {
            ItemKind::Struct(plan) => &plan.members,
            _ => return format!("{link}."),
        };
        if members.is_empty() {
            return format!("{link}, without fields.");
        }
        let mut out = format!("{link}:\n");
        for member in members {
            let (wire, doc, required) = match member {
                Member::AnyAttributes(_) => (
                    String::new(),
                    "Attributes that the contract does not describe.".to_owned(),
                    false,
                ),
                Member::Attribute(f) | Member::Text(f) | Member::Element(f) => (
                    f.wire.local.clone(),
                    summary(&prose(&f.doc)),
                    f.occurs == Occurs::One,
                ),
                Member::Choice(c) => (String::new(), c.doc.clone(), c.occurs == Occurs::One),
            };
            let target = format!("{}::{}", doc_path(&item.module, &item.name), member.rust());
            out.push_str(&format!("* [`{}`]({target})", member.rust()));
            if !wire.is_empty() && wire != member.rust() {
                out.push_str(&format!(" (`{wire}`)"));
            }
            if required {
                out.push_str(", required");
            }
            let doc = summary(&doc);
            if !doc.is_empty() {
                out.push_str(&format!(": {doc}"));
            }
            out.push('\n');
        }
        out.trim_end().to_owned()
    }

    /// A call with made-up values that compiles.
    fn example(&self, op: &OperationPlan, request: ItemId) -> Option<String> {
        let mut paths = std::collections::BTreeSet::new();
        let value = self.sample(request, 0, &mut paths)?;
        let headers = match op.request_headers.filter(|_| self.wants_headers(op)) {
            Some(headers) => Some(self.sample(headers, 0, &mut paths)?),
            None => None,
        };
        let krate = self.crate_ident();
        let client = self.client_of(op);
        let mut lines = vec!["```no_run".to_owned()];
        paths.insert(format!("{krate}::{client}"));
        for path in paths {
            lines.push(format!("use {path};"));
        }
        lines.push(String::new());
        lines.push(format!(
            "# async fn example(client: {client}) -> Result<(), Box<dyn std::error::Error>> {{"
        ));
        let deprecated = self
            .plan
            .api
            .policy(&self.model(op).name)
            .deprecated
            .is_some();
        if deprecated {
            lines.push("# #[allow(deprecated)]".to_owned());
        }
        lines.push(format!("let request = {value};"));
        let mut arguments = "&request";
        if let Some(headers) = headers {
            lines.push(format!("let headers = {headers};"));
            arguments = "&request, &headers";
        }
        if deprecated {
            lines.push("# #[allow(deprecated)]".to_owned());
        }
        let bind = if op.response.is_some() {
            "let answer = "
        } else {
            ""
        };
        lines.push(format!("{bind}client.{}({arguments}).await?;", op.method));
        lines.push("# Ok(())".to_owned());
        lines.push("# }".to_owned());
        lines.push("```".to_owned());
        Some(lines.join("\n"))
    }

    /// An expression that makes a value of an item with what is required.
    fn sample(
        &self,
        id: ItemId,
        depth: usize,
        paths: &mut std::collections::BTreeSet<String>,
    ) -> Option<String> {
        if depth > 6 {
            return None;
        }
        let item = self.plan.item(id);
        let krate = self.crate_ident();
        paths.insert(format!("{krate}::{}::{}", item.module[0], item.name));
        let name = &item.name;
        match &item.kind {
            ItemKind::Struct(plan) => {
                let required: Vec<&Member> =
                    plan.members.iter().filter(|m| self.is_asked(m)).collect();
                let mut values = Vec::new();
                for member in &required {
                    values.push(match member {
                        Member::Attribute(f) | Member::Text(f) | Member::Element(f) => {
                            self.sample_field(f, depth, paths)?
                        }
                        Member::Choice(c) => {
                            let value = self.sample(c.item, depth + 1, paths)?;
                            match c.occurs {
                                Occurs::Many { .. } => format!("[{value}]"),
                                _ => value,
                            }
                        }
                        Member::AnyAttributes(_) => continue,
                    });
                }
                if required.len() <= MAX_NEW {
                    return Some(format!("{name}::new({})", values.join(", ")));
                }
                let mut out = format!("{name}::builder()");
                for (member, value) in required.iter().zip(values) {
                    out.push_str(&format!("\n    .{}({value})", member.rust()));
                }
                out.push_str("\n    .build()?");
                Some(out)
            }
            ItemKind::Choice(plan) => {
                let arm = plan.arms.first()?;
                let value = match &arm.kind {
                    super::plan::ArmKind::Element(f) if f.occurs == Occurs::One => {
                        let value = self.sample_owned(f, depth, paths)?;
                        if f.nillable {
                            format!("{value}.into()")
                        } else {
                            value
                        }
                    }
                    super::plan::ArmKind::Element(_) => "Vec::new()".to_owned(),
                    super::plan::ArmKind::Group { item, boxed } => {
                        let value = self.sample(*item, depth + 1, paths)?;
                        if *boxed {
                            format!("Box::new({value})")
                        } else {
                            value
                        }
                    }
                };
                Some(format!("{name}::{}({value})", arm.variant))
            }
            ItemKind::Enum(plan) => {
                let (variant, _, _) = plan.values.first()?;
                Some(format!("{name}::{variant}"))
            }
            ItemKind::Family(plan) => {
                let kind = plan.kinds.first()?;
                let Ty::Struct(item) = kind.ty else {
                    return None;
                };
                let value = self.sample(item, depth + 1, paths)?;
                Some(format!("{name}::{}(Box::new({value}))", kind.variant))
            }
            ItemKind::Newtype(field) => Some(format!(
                "{name}({})",
                self.sample_owned(field, depth, paths)?
            )),
        }
    }

    /// Where no constructor converts a text.
    fn sample_owned(
        &self,
        field: &Field,
        depth: usize,
        paths: &mut std::collections::BTreeSet<String>,
    ) -> Option<String> {
        let value = self.sample_field(field, depth, paths)?;
        let is_text = matches!(field.ty, Ty::Scalar(Scalar::String));
        Some(match field.occurs {
            Occurs::One if is_text => format!("{value}.to_owned()"),
            _ => value,
        })
    }

    fn sample_field(
        &self,
        field: &Field,
        depth: usize,
        paths: &mut std::collections::BTreeSet<String>,
    ) -> Option<String> {
        let value = match &field.ty {
            Ty::Scalar(scalar) => sample_scalar(*scalar, field),
            Ty::Struct(id) => self.sample(*id, depth + 1, paths)?,
            Ty::Enum(id) => self.sample(*id, depth + 1, paths)?,
            Ty::External(external) => {
                let krate = self.crate_ident();
                paths.insert(format!("{krate}::types::{}", external.name));
                external.sample.clone()?
            }
            Ty::Any => {
                let name = if field.wire.local.is_empty() {
                    "x"
                } else {
                    &field.wire.local
                };
                format!("mno_runtime::xml::AnyElement::parse(\"<{name}/>\")?")
            }
            Ty::List(..) => "mno_runtime::values::List::default()".to_owned(),
        };
        if matches!(field.occurs, Occurs::Many { .. }) {
            // Lists are made of what they hold: no conversion helps there.
            let owned = match field.ty {
                Ty::Scalar(Scalar::String) => ".to_owned()",
                _ => "",
            };
            return Some(format!("[{value}{owned}]"));
        }
        Some(if field.boxed {
            format!("Box::new({value})")
        } else {
            value
        })
    }

    fn title(&self) -> String {
        let api = self.plan.api;
        if api.title.is_empty() {
            format!("`{}`", self.plan.contract.name)
        } else {
            api.title.clone()
        }
    }

    fn crate_ident(&self) -> String {
        self.plan.api.package().replace('-', "_")
    }

    /// The operations whose request a server can tell from others.
    pub(crate) fn served(&self) -> Vec<Served<'_>> {
        let mut variants = Scope::with(&["Self"]);
        let operations = self.plan.operations.iter();
        operations
            .filter_map(|op| {
                Some(Served {
                    op,
                    request: op.request?,
                    variant: variants.take(&pascal(&self.model(op).name)),
                })
            })
            // A body of several elements, or of none, does not say by its first what it is.
            .filter(|served| {
                let input = self.model(served.op).input.as_ref();
                !input.is_some_and(|m| m.is_bare)
            })
            // One element can be the request of one operation only, as far as a reader can tell.
            .filter(|served| {
                !matches!(&self.plan.item(served.request).kind, ItemKind::Newtype(f)
                if matches!(f.ty, Ty::Struct(inner) if self.plan.item(inner).element.is_some()))
            })
            .collect()
    }

    /// Arms that read requests.
    fn request_arms(&self, known: &[Served<'_>], request: &TokenStream) -> Vec<TokenStream> {
        let arms = known.iter().map(|served| {
            let name = ident(&served.variant);
            let path = self.path(served.request);
            let element = self.plan.item(served.request).element.as_ref();
            let ns = element.map(|e| self.ns(e));
            let local = element.map(|e| e.local.clone());
            quote! {
                (#ns, #local) => cursor
                    .read::<#path>(tag)
                    .map(|r| Some(#request::#name(Box::new(r)))),
            }
        });
        arms.collect()
    }

    /// Arms that name the operations of requests.
    fn name_arms(&self, known: &[Served<'_>], request: &TokenStream) -> Vec<TokenStream> {
        let arms = known.iter().map(|served| {
            let name = ident(&served.variant);
            let wire = &self.model(served.op).name;
            quote!(#request::#name(_) => #wire,)
        });
        arms.collect()
    }

    /// `src/server.rs`: requests as a server reads them.
    pub(crate) fn server(&self, known: &[Served<'_>]) -> TokenStream {
        let title = inner("The other side: reads requests, writes answers and faults.");
        if known.is_empty() {
            return quote!(#title);
        }
        let variants = known.iter().map(|served| {
            let name = ident(&served.variant);
            let path = self.path(served.request);
            let doc = outer(&format!("`{}`.", self.model(served.op).name));
            quote!(#doc #name(Box<#path>),)
        });
        let modules: Vec<_> = (1..=shares_of_rows(known).len())
            .map(|n| ident(&format!("requests{n}")))
            .collect();
        let (read, operation) = if modules.is_empty() {
            let reads = self.request_arms(known, &quote!(Request));
            let names = self.name_arms(known, &quote!(Self));
            (
                quote!(match (tag.ns, tag.local) { #(#reads)* _ => Ok(None) }),
                quote!(match self { #(#names)* }),
            )
        } else {
            (
                quote! {
                    for read in [#(#modules::read),*] {
                        if let Some(request) = read(cursor, tag)? {
                            return Ok(Some(request));
                        }
                    }
                    Ok(None)
                },
                quote! {
                    let parts = [#(#modules::operation),*];
                    parts.iter().find_map(|operation| operation(self)).unwrap_or_default()
                },
            )
        };
        let encode = match self.plan.contract.soap {
            SoapVersion::V11 => ident("encode_envelope"),
            SoapVersion::V12 => ident("encode_envelope12"),
        };
        quote! {
            #title

            #(mod #modules;)*

            /// A request of any of the service's operations.
            #[derive(Debug, Clone, PartialEq)]
            #[non_exhaustive]
            pub enum Request { #(#variants)* }

            impl Request {
                /// Reads the request from a SOAP envelope; `None` when its body holds no request
                /// of this service.
                ///
                /// # Errors
                /// When the envelope or the request is not what the contract says.
                pub fn decode(
                    body: &[u8],
                ) -> Result<Option<Self>, mno_runtime::xml::DecodeError> {
                    mno_runtime::soap::decode_request(body, crate::ns::TABLE, |cursor, tag| {
                        #read
                    })
                }

                /// Name of the operation.
                #[must_use]
                pub fn operation(&self) -> &'static str {
                    #operation
                }
            }

            /// Writes an answer in its envelope.
            ///
            /// # Errors
            /// When the answer breaks the contract.
            pub fn encode<T: mno_runtime::xml::Element>(
                answer: &T,
            ) -> Result<mno_runtime::bytes::Bytes, mno_runtime::xml::EncodeError> {
                let table = mno_runtime::xml::NamespaceTable::new(crate::ns::TABLE);
                mno_runtime::soap::#encode(answer, &table)
            }
        }
    }

    /// A file of requests below `src/server.rs`.
    pub(crate) fn requests(&self, share: &[Served<'_>]) -> TokenStream {
        let operations: Vec<&OperationPlan> = share.iter().map(|served| served.op).collect();
        let title = inner(&format!("Requests{}.", self.span(&operations)));
        let request = quote!(crate::server::Request);
        let reads = self.request_arms(share, &request);
        let names = self.name_arms(share, &request);
        quote! {
            #title

            /// Reads a request if it is one of them.
            pub(super) fn read(
                cursor: &mut mno_runtime::xml::Cursor<'_>,
                tag: &mno_runtime::xml::Tag<'_>,
            ) -> Result<Option<#request>, mno_runtime::xml::DecodeError> {
                match (tag.ns, tag.local) { #(#reads)* _ => Ok(None) }
            }

            /// Name of the operation if the request is one of them.
            pub(super) fn operation(request: &#request) -> Option<&'static str> {
                Some(match request { #(#names)* _ => return None })
            }
        }
    }

    /// The message elements of the operations, with their types.
    pub(crate) fn messages(&self) -> Vec<Message<'_>> {
        let mut seen = std::collections::BTreeSet::new();
        let items = self.plan.items.iter().filter_map(|item| {
            let element = item.element.as_ref()?;
            Some((element, MessageType::Item(item)))
        });
        let shared = self.plan.shared.iter().flat_map(|shared| {
            let elements = shared.elements.iter();
            elements.map(|(element, external)| (element, MessageType::External(external)))
        });
        items
            .chain(shared)
            .filter(|(element, _)| seen.insert(*element))
            .map(|(element, ty)| Message { element, ty })
            .collect()
    }

    fn message_arms(&self, messages: &[Message<'_>]) -> Vec<TokenStream> {
        let arms = messages.iter().map(|message| {
            let ns = self.ns(message.element);
            let local = &message.element.local;
            let path = match message.ty {
                MessageType::Item(item) => super::types::absolute_item(item),
                MessageType::External(external) => Self::external(external),
            };
            quote! {
                (#ns, #local) => mno_runtime::soap::rewrite::<#path>(cursor, tag, table),
            }
        });
        arms.collect()
    }

    /// `src/wire_test.rs`: every message element, decoded and written again.
    pub(crate) fn wire_test(&self, messages: &[Message<'_>]) -> TokenStream {
        let title = inner("Reads a message and writes it again, for tests of the codec.");
        let modules: Vec<_> = (1..=shares_of_rows(messages).len())
            .map(|n| ident(&format!("messages{n}")))
            .collect();
        let rewrite = if modules.is_empty() {
            let arms = self.message_arms(messages);
            quote!(match (tag.ns, tag.local) { #(#arms)* _ => Ok(None) })
        } else {
            quote! {
                for rewrite in [#(#modules::rewrite),*] {
                    if let Some(written) = rewrite(cursor, tag, table)? {
                        return Ok(Some(written));
                    }
                }
                Ok(None)
            }
        };
        quote! {
            #title

            #(mod #modules;)*

            /// Decodes the document whose root is any message element of the operations, or a
            /// fault element, and writes it again.
            ///
            /// # Errors
            /// When the root is no such element, or the document breaks the contract.
            pub fn reencode(body: &[u8]) -> Result<Vec<u8>, mno_runtime::Error> {
                mno_runtime::soap::reencode(body, crate::ns::TABLE, |cursor, tag, table| {
                    #rewrite
                })
            }
        }
    }

    /// A file of messages below `src/wire_test.rs`.
    pub(crate) fn messages_apart(&self, share: &[Message<'_>]) -> TokenStream {
        let title = inner("Messages that are read and written again.");
        let arms = self.message_arms(share);
        quote! {
            #title

            /// Writes a message again if it is one of them.
            pub(super) fn rewrite(
                cursor: &mut mno_runtime::xml::Cursor<'_>,
                tag: &mno_runtime::xml::Tag<'_>,
                table: &mno_runtime::xml::NamespaceTable,
            ) -> Result<Option<Vec<u8>>, mno_runtime::Error> {
                match (tag.ns, tag.local) { #(#arms)* _ => Ok(None) }
            }
        }
    }

    /// `src/faults.rs`: the crate's own faults, those of shared crates, and their reader. `apart`
    /// are modules that hold faults.
    pub(crate) fn faults(&self, own: &[ItemId], apart: &[&str]) -> TokenStream {
        let title = inner("Faults that the operations declare.");
        let mut elements = std::collections::BTreeMap::new();
        for op in &self.plan.contract.operations {
            for fault in &op.faults {
                elements.insert(fault.element.clone(), ());
            }
        }
        let mut arms = Vec::new();
        let mut reexports = Vec::new();
        let mut shared = std::collections::BTreeSet::new();
        // Platforms put faults into other namespaces than their contracts say: the local name
        // decides, unless several have it.
        let meets_another = |element: &QName| {
            let namesakes = elements.keys().filter(|e| e.local == element.local);
            namesakes.count() > 1
        };
        let some_meet = elements.keys().any(meets_another);
        for element in elements.keys() {
            let path = match self.plan.faults.get(element) {
                Some(id) => {
                    let item = self.plan.item(*id);
                    // Where the module shows it: those below are private.
                    if let Some(top) = item.module.first().filter(|top| *top != "faults") {
                        let (top, name) = (ident(top), ident(&item.name));
                        reexports.push(quote!(pub use crate::#top::#name;));
                    }
                    self.path(*id)
                }
                None => {
                    let Some(e) = self
                        .plan
                        .shared
                        .iter()
                        .find_map(|s| s.elements.get(element))
                    else {
                        continue;
                    };
                    let path = Self::external(e);
                    for (krate, name) in e.names_in("faults") {
                        shared.insert((krate, name));
                    }
                    path
                }
            };
            let local = &element.local;
            let pattern = if meets_another(element) {
                let ns = self.ns(element);
                quote!((#ns, #local))
            } else if some_meet {
                quote!((_, #local))
            } else {
                quote!(#local)
            };
            arms.push(quote! {
                #pattern => cursor
                    .read::<#path>(tag)
                    .map(|fault| Some(Box::new(fault) as Box<_>)),
            });
        }
        let body = if arms.is_empty() {
            quote! {
                let _ = (cursor, tag);
                Ok(None)
            }
        } else if some_meet {
            quote!(match (tag.ns, tag.local) { #(#arms)* _ => Ok(None) })
        } else {
            quote!(match tag.local { #(#arms)* _ => Ok(None) })
        };
        let reader = (!self.plan.operations.is_empty()).then(|| {
            quote! {
                /// Reads an element of a fault's detail if it is one of the declared faults.
                pub(crate) fn decode(
                    cursor: &mut mno_runtime::xml::Cursor<'_>,
                    tag: &mno_runtime::xml::Tag<'_>,
                ) -> Result<mno_runtime::soap::Detail, mno_runtime::xml::DecodeError> {
                    #body
                }
            }
        });
        let shared = shared.into_iter().map(|(krate, name)| {
            let (krate, name) = (ident(krate), ident(name));
            quote!(pub use #krate::faults::#name;)
        });
        let own = own.iter().map(|id| self.item(*id));
        let apart: Vec<_> = apart.iter().map(|module| ident(module)).collect();
        quote! {
            #title
            #(mod #apart;)*
            #(pub use self::#apart::*;)*
            #(#reexports)*
            #(#shared)*
            #(#own)*
            #reader
        }
    }
}

fn doc_path(module: &[String], name: &str) -> String {
    format!("crate::{}::{name}", module[0])
}

fn sample_scalar(scalar: Scalar, field: &Field) -> String {
    let text = || {
        let max = field.facets.max_length.unwrap_or(20);
        let text = match field.wire.local.as_str() {
            "data" | "text" | "message" => "hello",
            _ => "value",
        };
        text.chars()
            .take(usize::try_from(max).unwrap_or(5))
            .collect::<String>()
    };
    match scalar {
        Scalar::String => format!("\"{}\"", text()),
        Scalar::Bool => "true".to_owned(),
        Scalar::F64 => "1.5_f64".to_owned(),
        Scalar::Decimal => "mno_runtime::Decimal::new(150, 2)".to_owned(),
        Scalar::Base64 | Scalar::Hex => {
            format!("mno_runtime::values::{}(vec![1, 2, 3])", scalar.name())
        }
        Scalar::Iccid => "mno_runtime::values::Iccid::new(\"8999000000000000017\")?".to_owned(),
        Scalar::Imsi => "mno_runtime::values::Imsi::new(\"999990000000001\")?".to_owned(),
        Scalar::Msisdn => "mno_runtime::values::Msisdn::new(\"+99900000001\")?".to_owned(),
        Scalar::Eid => {
            "mno_runtime::values::Eid::new(\"89990000000000000000000000000001\")?".to_owned()
        }
        Scalar::Imei => "mno_runtime::values::Imei::new(\"99-000000-000000-1\")?".to_owned(),
        Scalar::DateTime => {
            "\"2026-01-31T12:00:00Z\".parse::<mno_runtime::values::DateTime>()?".to_owned()
        }
        Scalar::Date => "\"2026-01-31\".parse::<mno_runtime::values::Date>()?".to_owned(),
        Scalar::Time => "\"12:00:00\".parse::<mno_runtime::values::Time>()?".to_owned(),
        Scalar::YearMonth => "\"2026-01\".parse::<mno_runtime::values::YearMonth>()?".to_owned(),
        Scalar::Year => "\"2026\".parse::<mno_runtime::values::Year>()?".to_owned(),
        Scalar::MonthDay => "\"--01-31\".parse::<mno_runtime::values::MonthDay>()?".to_owned(),
        Scalar::Day => "\"---31\".parse::<mno_runtime::values::Day>()?".to_owned(),
        Scalar::Month => "\"--01\".parse::<mno_runtime::values::Month>()?".to_owned(),
        Scalar::Period => "\"P1D\".parse::<mno_runtime::values::Period>()?".to_owned(),
        integer => format!("1_{}", integer.name()),
    }
}
