//! Prints operations: request and response types, facts, client.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::super::docs::{inner, outer, prose, summary};
use super::super::facts::{facts, facts_table};
use super::super::record::{Kind, RecordMember, record};
use super::super::sheets::shares_of_methods;
use super::super::types::ident;
use super::checks;
use super::plan::{
    Field, LARGE, OperationPlan, Payload, RestPlan, Success, Ty, field_doc, parameter_call,
    style_name,
};
use super::samples;
use super::types::fields_of;
use crate::config::Idempotency;
use crate::openapi::model::{Content, ParameterPlace, Statuses, Style};

/// Everything that belongs to an operation.
pub(super) fn operation(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    let request = request(plan, op);
    let responses = responses(plan, op);
    let implementation = implementation(plan, op);
    quote!(#request #responses #implementation)
}

fn fields<'p>(op: &'p OperationPlan<'_>) -> Vec<&'p Field> {
    op.parameters.iter().chain(&op.body).collect()
}

fn request(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    let mut doc = summary(&prose(&op.model.doc.text));
    if doc.is_empty() {
        doc = format!("Request of `{}`.", op.model.name);
    }
    doc.push_str(&format!("\n\n`{} {}`.", op.model.method, op.model.path));
    if let Some(evidence) = op.model.doc.evidence {
        doc.push_str(&format!(
            " Evidence: {}.",
            super::super::evidence_name(evidence)
        ));
    }
    let members: Vec<RecordMember> = fields(op)
        .into_iter()
        .map(|f| plan.record_member(f, op.model.doc.evidence))
        .collect();
    record(&op.request, &doc, &members, &TokenStream::new())
}

// --------------------------------------------------------------------------------------- responses

/// Rust type of a body.
fn payload(plan: &RestPlan<'_>, payload: &Payload) -> Option<TokenStream> {
    match payload {
        Payload::Nothing => None,
        Payload::Json(ty) => Some(plan.ty(ty)),
        Payload::Text => Some(quote!(String)),
        Payload::Stream => Some(quote!(mno_runtime::transport::Body)),
    }
}

/// Rust type of what a success gives, headers included.
fn success_type(
    plan: &RestPlan<'_>,
    op: &OperationPlan<'_>,
    success: &Success,
) -> Option<TokenStream> {
    match &success.head {
        Some(name) => {
            let module = ident(&op.module);
            let name = ident(name);
            Some(quote!(crate::operations::#module::#name))
        }
        None => payload(plan, &success.payload),
    }
}

fn response_type(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    if let Some(name) = &op.several {
        let module = ident(&op.module);
        let name = ident(name);
        return quote!(crate::operations::#module::#name);
    }
    op.successes
        .first()
        .and_then(|success| success_type(plan, op, success))
        .unwrap_or_else(|| quote!(()))
}

fn responses(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    let heads = op.successes.iter().filter_map(|success| {
        let name = success.head.as_ref()?;
        let mut members = Vec::new();
        if let Some(ty) = payload(plan, &success.payload) {
            members.push(RecordMember {
                rust: "body".to_owned(),
                doc: "The body.".to_owned(),
                one: ty.clone(),
                ty,
                kind: Kind::One,
                required: true,
                initial: None,
                personal: false,
            });
        }
        members.extend(success.headers.iter().map(|header| {
            let mut member = plan.record_member(header, op.model.doc.evidence);
            member.doc = field_doc(header, op.model.doc.evidence).replacen("Wire:", "Header:", 1);
            member
        }));
        let doc = answer_doc(op, success);
        Some(if success.payload == Payload::Stream {
            // A stream is read once: no copies, nothing to compare.
            let name = ident(name);
            let doc = outer(&doc);
            let fields = members.iter().map(|m| {
                let (rust, ty, doc) = (ident(&m.rust), &m.ty, outer(&m.doc));
                quote!(#doc pub #rust: #ty,)
            });
            quote! {
                #doc
                #[derive(Debug)]
                #[non_exhaustive]
                pub struct #name { #(#fields)* }
            }
        } else {
            record(name, &doc, &members, &TokenStream::new())
        })
    });
    let several = op.several.as_ref().map(|name| {
        let doc = outer(&format!(
            "Answer to `{}`: one of several successes.",
            op.model.name
        ));
        let has_stream = op.successes.iter().any(|s| s.payload == Payload::Stream);
        let derive = if has_stream {
            quote!(#[derive(Debug)])
        } else {
            quote!(#[derive(Debug, Clone, PartialEq)])
        };
        let name = ident(name);
        let variants = op.successes.iter().map(|success| {
            let variant = ident(&success.variant);
            let doc = outer(&format!(
                "{}: {}",
                status_words(success.statuses),
                success_doc(success)
            ));
            match success_type(plan, op, success) {
                Some(ty) if is_large(plan, success) => quote!(#doc #variant(Box<#ty>),),
                Some(ty) => quote!(#doc #variant(#ty),),
                None => quote!(#doc #variant,),
            }
        });
        quote! {
            #doc
            #derive
            #[non_exhaustive]
            pub enum #name { #(#variants)* }
        }
    });
    let heads: TokenStream = heads.collect();
    quote!(#heads #several)
}

/// A variant that would make the others large.
fn is_large(plan: &RestPlan<'_>, success: &Success) -> bool {
    let body = match &success.payload {
        Payload::Json(ty) => plan.size(ty, 0),
        _ => 24,
    };
    let headers: usize = success.headers.iter().map(|h| plan.size(&h.ty, 0)).sum();
    body + headers > LARGE
}

fn success_doc(success: &Success) -> String {
    let doc = summary(&prose(&success.doc));
    if doc.is_empty() {
        "a success.".to_owned()
    } else {
        doc
    }
}

fn answer_doc(op: &OperationPlan<'_>, success: &Success) -> String {
    format!(
        "Answer to `{}`, {}, with its headers.\n\n{}",
        op.model.name,
        status_words(success.statuses),
        success_doc(success)
    )
}

fn status_words(statuses: Statuses) -> String {
    match statuses {
        Statuses::One(status) => format!("status {status}"),
        Statuses::Hundred(hundred) => format!("status {hundred}XX"),
        Statuses::Default => "any success".to_owned(),
    }
}

// ----------------------------------------------------------------------------------- implementation

fn implementation(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    let request = ident(&op.request);
    let response = response_type(plan, op);
    let (method, path) = (&op.model.method, &op.model.path);
    let protocol = quote!(rest(#method, #path));
    let facts = facts(
        plan.api,
        &op.policy,
        &op.model.name,
        &protocol,
        op.model.doc.evidence,
    );
    let encode = encode_request(op);
    let decode = decode_response(plan, op);
    let accept = accept(op).map(|types| quote!(const ACCEPT: &'static str = #types;));
    let streams = streams(op);
    let fault = decode_fault(plan, op);
    quote! {
        impl mno_runtime::Operation for #request {
            type Response = #response;

            const FACTS: mno_runtime::facts::OperationFacts = #facts;
        }

        impl mno_runtime::rest::RestOperation for #request {
            #accept

            #encode
            #streams
            #decode
            #fault
        }
    }
}

fn encode_request(op: &OperationPlan<'_>) -> TokenStream {
    let mut writes = TokenStream::new();
    for (model, field) in op.model.parameters.iter().zip(&op.parameters) {
        writes.extend(checks::field(field, &quote!(r)));
        if model.place == ParameterPlace::Query && model.style != Style::Json {
            writes.extend(checks::in_query(field, &quote!(r)));
        }
        let rust = ident(&field.rust);
        let name = &field.wire;
        let explode = model.explode;
        let (call, style) = parameter_call(model.place, model.style, model.reserved);
        let call = ident(call);
        let style = style.map(|style| {
            let style = ident(style);
            quote!(mno_runtime::rest::Style::#style,)
        });
        let explode = (model.style != Style::Json).then(|| quote!(#explode,));
        writes.extend(if field.required {
            quote!(r.#call(#name, #style #explode &self.#rust)?;)
        } else {
            quote!(if let Some(v) = &self.#rust { r.#call(#name, #style #explode v)?; })
        });
    }
    if let (Some(model), Some(field)) = (&op.model.body, &op.body) {
        if matches!(model.content, Content::Json(_)) {
            writes.extend(checks::field(field, &quote!(r)));
        }
        let rust = ident(&field.rust);
        let media_type = &model.media_type;
        let value = if field.required {
            quote!(&self.#rust)
        } else {
            quote!(v)
        };
        let write = match &model.content {
            Content::Json(_) => quote!(r.json(#media_type, #value)?;),
            Content::Form(_) => {
                let layouts = model.encoding.iter().filter_map(|e| {
                    let (name, (style, explode)) = (&e.name, e.style?);
                    let style = ident(style_name(style));
                    Some(quote!((#name, mno_runtime::rest::Style::#style, #explode)))
                });
                let layouts: Vec<TokenStream> = layouts.collect();
                if layouts.is_empty() {
                    quote!(r.form(#value)?;)
                } else {
                    quote!(r.form_with(#value, &[#(#layouts),*])?;)
                }
            }
            Content::Multipart(_) => {
                let types = model.encoding.iter().filter_map(|e| {
                    // One of several: the file says which, else the first counts.
                    let media_type = e.content_type.as_deref()?.split(',').next()?.trim();
                    let name = &e.name;
                    let plain = !media_type.contains('*') && !media_type.is_empty();
                    plain.then(|| quote!((#name, #media_type)))
                });
                let types: Vec<TokenStream> = types.collect();
                if types.is_empty() {
                    quote!(r.multipart(#value)?;)
                } else {
                    quote!(r.multipart_with(#value, &[#(#types),*])?;)
                }
            }
            Content::Text => quote!(r.text(#media_type, #value)?;),
            Content::Binary => quote!(r.bytes(#media_type, #value)?;),
        };
        writes.extend(if field.required {
            write
        } else {
            quote!(if let Some(v) = &self.#rust { #write })
        });
    }
    let body = if writes.is_empty() {
        quote!(let _ = r; Ok(()))
    } else {
        quote!(#writes Ok(()))
    };
    quote! {
        fn encode_request(
            &self,
            r: &mut mno_runtime::rest::RequestWriter,
        ) -> Result<(), mno_runtime::json::EncodeError> {
            #body
        }
    }
}

/// Media types of successes other than JSON, then JSON for errors.
fn accept(op: &OperationPlan<'_>) -> Option<String> {
    let mut types: Vec<String> = Vec::new();
    for response in &op.model.responses {
        let is_success = matches!(
            response.statuses,
            Statuses::One(200..=299) | Statuses::Hundred(2) | Statuses::Default
        );
        if let (true, Some((_, media_type))) = (is_success, &response.content) {
            let media_type = if media_type == "*/*" && types.is_empty() {
                "application/json".to_owned()
            } else {
                media_type.clone()
            };
            if !types.contains(&media_type) {
                types.push(media_type);
            }
        }
    }
    if types.is_empty() || types == ["application/json"] {
        return None;
    }
    if !types.iter().any(|t| t == "application/json") {
        types.push("application/json;q=0.5".to_owned());
    }
    Some(types.join(", "))
}

fn pattern(statuses: Statuses) -> TokenStream {
    match statuses {
        Statuses::One(status) => quote!(#status),
        Statuses::Hundred(hundred) => {
            let (from, to) = (hundred * 100, hundred * 100 + 99);
            quote!(#from..=#to)
        }
        Statuses::Default => quote!(_),
    }
}

fn streams(op: &OperationPlan<'_>) -> TokenStream {
    let patterns: Vec<TokenStream> = op
        .successes
        .iter()
        .filter(|s| s.payload == Payload::Stream)
        .map(|s| {
            if op.several.is_some() {
                pattern(s.statuses)
            } else {
                quote!(_)
            }
        })
        .collect();
    if patterns.is_empty() {
        return TokenStream::new();
    }
    let body = if op.several.is_some() {
        quote!(matches!(status, #(#patterns)|*))
    } else {
        quote!(let _ = status; true)
    };
    quote! {
        fn streams(status: u16) -> bool { #body }
    }
}

/// An expression that reads one success.
fn read_success(plan: &RestPlan<'_>, op: &OperationPlan<'_>, success: &Success) -> TokenStream {
    let body = match &success.payload {
        Payload::Nothing => None,
        Payload::Json(_) => Some(quote!(answer.json()?)),
        Payload::Text => Some(quote!(answer.text()?)),
        Payload::Stream => Some(quote!(answer.stream())),
    };
    let Some(_) = &success.head else {
        return body.unwrap_or_else(|| quote!(()));
    };
    let ty = success_type(plan, op, success);
    let headers = success.headers.iter().map(|header| {
        let rust = ident(&header.rust);
        let name = header.wire.to_lowercase();
        quote!(#rust: answer.header(#name),)
    });
    let body = body.map(|body| quote!(body: #body,));
    quote!(#ty { #(#headers)* #body })
}

fn decode_response(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    let body = match (&op.several, op.successes.as_slice()) {
        (None, []) => quote!(let _ = answer; Ok(())),
        (None, [one]) => {
            let value = read_success(plan, op, one);
            match (&one.payload, &one.head) {
                (Payload::Nothing, None) => quote!(let _ = answer; Ok(())),
                (Payload::Json(_), None) => quote!(answer.json()),
                (Payload::Text, None) => quote!(answer.text()),
                _ => quote!(Ok(#value)),
            }
        }
        (several, all) => {
            let mut sorted: Vec<&Success> = all.iter().collect();
            sorted.sort_by_key(|s| s.statuses);
            let arms = sorted.into_iter().map(|success| {
                let pattern = pattern(success.statuses);
                let variant = ident(&success.variant);
                let value = read_success(plan, op, success);
                if success.payload == Payload::Nothing && success.head.is_none() {
                    quote!(#pattern => Ok(Self::Response::#variant),)
                } else if is_large(plan, success) {
                    quote!(#pattern => Ok(Self::Response::#variant(Box::new(#value))),)
                } else {
                    quote!(#pattern => Ok(Self::Response::#variant(#value)),)
                }
            });
            let open = all.iter().any(|s| s.statuses == Statuses::Default);
            let rest = (!open).then(|| quote!(_ => Err(answer.undocumented()),));
            let _ = several;
            quote!(match answer.status() { #(#arms)* #rest })
        }
    };
    quote! {
        fn decode_response(
            answer: &mut mno_runtime::rest::Answer,
        ) -> Result<Self::Response, mno_runtime::rest::Refused> {
            #body
        }
    }
}

fn decode_fault(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    if op.faults.is_empty() {
        return TokenStream::new();
    }
    // Statuses of one type together, in their order: single ones, hundreds, the rest.
    let mut groups: Vec<(Vec<Statuses>, crate::openapi::model::TypeId)> = Vec::new();
    for (statuses, id) in &op.faults {
        match groups.last_mut() {
            Some((list, last)) if last == id && *statuses != Statuses::Default => {
                list.push(*statuses)
            }
            _ => groups.push((vec![*statuses], *id)),
        }
    }
    let has_default = op.faults.iter().any(|(s, _)| *s == Statuses::Default);
    let arms = groups.iter().map(|(statuses, id)| {
        let patterns = statuses.iter().map(|s| pattern(*s));
        let ty = plan.path(*id);
        quote!(#(#patterns)|* => answer.fault::<#ty>(),)
    });
    let body = match groups.as_slice() {
        [(list, id)] if list == &[Statuses::Default] => {
            let ty = plan.path(*id);
            quote!(answer.fault::<#ty>())
        }
        _ => {
            let rest = (!has_default).then(|| quote!(_ => None,));
            quote!(match answer.status() { #(#arms)* #rest })
        }
    };
    quote! {
        fn decode_fault(
            answer: &mno_runtime::rest::Answer,
        ) -> mno_runtime::rest::Fault {
            #body
        }
    }
}

// ------------------------------------------------------------------------------------------ client

/// `src/client.rs`.
pub(super) fn client(plan: &RestPlan<'_>) -> TokenStream {
    let title = title(plan);
    let head = inner(&format!("The client of {title}."));
    let path = &plan.contract.base_path;
    let modules = (1..=shares_of_methods(&plan.operations).len()).map(|n| {
        let module = ident(&format!("methods{n}"));
        quote!(mod #module;)
    });
    let modules: Vec<TokenStream> = modules.collect();
    let here = if modules.is_empty() {
        plan.operations.as_slice()
    } else {
        &[]
    };
    let methods = here.iter().map(|op| method(plan, op));
    let doc = outer(&format!(
        "Calls the operations of {title}.\n\nCheap to clone: clones share the transport."
    ));
    let at = if path.is_empty() {
        "at the host's root".to_owned()
    } else {
        format!("at the contract's base path `{path}`")
    };
    let new_doc = outer(&format!(
        "A client on a transport, {at}.\n\nThe transport adds host and credentials; `mno-sdk` \
         makes one, a closure in a test is one."
    ));
    quote! {
        #head

        #(#modules)*

        #doc
        #[derive(Debug, Clone)]
        pub struct Client {
            endpoint: mno_runtime::rest::Endpoint,
        }

        impl Client {
            /// Path on the platform's host that those of the operations are added to, from the
            /// contract.
            pub const PATH: &'static str = #path;

            #new_doc
            #[must_use]
            pub fn new(
                transport: std::sync::Arc<dyn mno_runtime::transport::Transport>,
            ) -> Self {
                Self { endpoint: mno_runtime::rest::Endpoint::new(transport, Self::PATH) }
            }

            /// A client on an endpoint with a base path, paths, options or bounds of its own.
            #[must_use]
            pub fn from_endpoint(endpoint: mno_runtime::rest::Endpoint) -> Self {
                Self { endpoint }
            }

            /// Where the service is.
            #[must_use]
            pub fn endpoint(&self) -> &mno_runtime::rest::Endpoint {
                &self.endpoint
            }

            /// The same client with options for every call from here on.
            #[must_use]
            pub fn with_options(&self, options: mno_runtime::transport::CallOptions) -> Self {
                Self { endpoint: self.endpoint.clone().with_options(options) }
            }

            /// The same client with a credential that every call from here on carries.
            #[must_use]
            pub fn with_credential(&self, credential: mno_runtime::rest::Credential) -> Self {
                Self { endpoint: self.endpoint.clone().with_credential(credential) }
            }

            #(#methods)*
        }
    }
}

/// A file of methods below `src/client.rs`.
pub(super) fn methods(plan: &RestPlan<'_>, share: &[OperationPlan<'_>]) -> TokenStream {
    let span = match (share.first(), share.last()) {
        (Some(first), Some(last)) => {
            format!(" from `{}` to `{}`", first.model.name, last.model.name)
        }
        _ => String::new(),
    };
    let head = inner(&format!("Methods of `Client`{span}."));
    let methods = share.iter().map(|op| method(plan, op));
    quote!(#head impl crate::client::Client { #(#methods)* })
}

pub(super) fn title(plan: &RestPlan<'_>) -> String {
    if plan.api.title.is_empty() {
        format!("`{}`", plan.contract.title)
    } else {
        plan.api.title.clone()
    }
}

fn method(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> TokenStream {
    let method = ident(&op.method);
    let module = ident(&op.module);
    let request = ident(&op.request);
    let response = response_type(plan, op);
    let doc = outer(&method_doc(plan, op));
    let deprecated = op
        .policy
        .deprecated
        .as_ref()
        .map(|why| quote!(#[deprecated = #why]));
    quote! {
        #doc
        #deprecated
        pub async fn #method(
            &self,
            request: &crate::operations::#module::#request,
        ) -> Result<#response, mno_runtime::Error> {
            mno_runtime::rest::call(&self.endpoint, request).await
        }
    }
}

fn method_doc(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> String {
    let model = op.model;
    let mut out = prose(&model.doc.text);
    if out.is_empty() {
        out = format!("Calls `{}`.", model.name);
    }
    let mut how = vec![(
        "Method and path",
        format!("`{} {}`", model.method, model.path),
    )];
    if !model.security.is_empty() {
        let names: Vec<String> = model.security.iter().map(|n| format!("`{n}`")).collect();
        how.push(("Credentials", names.join(" or ")));
    }
    out.push_str("\n\n");
    out.push_str(&facts_table(
        &model.name,
        how.into_iter(),
        &op.policy,
        model.doc.evidence,
    ));
    out.push_str("\n\n# Request\n");
    out.push_str(&field_list(
        &format!("[`{0}`](crate::operations::{0})", op.request),
        &format!("crate::operations::{}", op.request),
        &fields(op),
    ));
    out.push_str("\n\n# Response\n");
    out.push_str(&response_doc(plan, op));
    out.push_str(
        "\n\n# Errors\n[`Error`](mno_runtime::Error) of every kind. Documented errors, for \
                  [`Error::fault`](mno_runtime::Error::fault): ",
    );
    let mut names: Vec<String> = Vec::new();
    for (_, id) in &op.faults {
        let name = format!("[`{0}`](crate::faults::{0})", plan.item(*id).name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    out.push_str(&if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    });
    out.push('.');
    let listed: Vec<String> = model
        .responses
        .iter()
        .filter_map(|r| match r.statuses {
            Statuses::One(status) if status >= 400 => {
                let text = summary(&prose(&r.doc.text));
                let colon = if text.is_empty() { "" } else { ": " };
                Some(format!("* {status}{colon}{text}"))
            }
            _ => None,
        })
        .collect();
    if !listed.is_empty() {
        out.push_str("\n\n");
        out.push_str(&listed.join("\n"));
    }
    if let Some(example) = example(plan, op) {
        out.push_str("\n\n# Example\n");
        out.push_str(&example);
    }
    out
}

fn field_list(link: &str, path: &str, fields: &[&Field]) -> String {
    if fields.is_empty() {
        return format!("{link}, without fields.");
    }
    let mut out = format!("{link}:\n");
    for field in fields {
        out.push_str(&format!("* [`{0}`]({path}::{0})", field.rust));
        if !field.wire.is_empty() && field.wire != field.rust {
            out.push_str(&format!(" (`{}`)", field.wire));
        }
        if field.required {
            out.push_str(", required");
        }
        let doc = summary(&prose(&field.doc));
        if !doc.is_empty() {
            out.push_str(&format!(": {doc}"));
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}

fn response_doc(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> String {
    if let Some(name) = &op.several {
        return format!("[`{name}`](crate::operations::{name}): one of several successes.");
    }
    let Some(one) = op.successes.first() else {
        return "Nothing: the contract lists no success.".to_owned();
    };
    if let Some(name) = &one.head {
        return format!(
            "[`{name}`](crate::operations::{name}): {}",
            success_doc(one)
        );
    }
    match &one.payload {
        Payload::Nothing => "None: a success has no body.".to_owned(),
        Payload::Text => "The text.".to_owned(),
        Payload::Stream => {
            "[`Body`](mno_runtime::transport::Body): the bytes, as they arrive.".to_owned()
        }
        Payload::Json(ty) => match fields_of(plan, ty) {
            Some((item, fields)) => {
                let fields: Vec<&Field> = fields.iter().collect();
                let of = if matches!(ty, Ty::Named(_)) {
                    ""
                } else {
                    "A list of "
                };
                let link = format!("{of}[`{}`]({})", item.name, plan.doc_path(item.id));
                field_list(&link, &plan.doc_path(item.id), &fields)
            }
            None => match ty {
                Ty::Named(id) => format!("[`{}`]({}).", plan.item(*id).name, plan.doc_path(*id)),
                _ => success_doc(one),
            },
        },
    }
}

fn example(plan: &RestPlan<'_>, op: &OperationPlan<'_>) -> Option<String> {
    let mut paths = BTreeSet::new();
    let value = samples::construct(plan, &op.request, &fields(op), 0, &mut paths)?;
    let krate = plan.api.package().replace('-', "_");
    paths.insert(format!("{krate}::operations::{}", op.request));
    paths.insert(format!("{krate}::Client"));
    let mut lines = vec!["```no_run".to_owned()];
    lines.extend(paths.iter().map(|path| format!("use {path};")));
    lines.push(String::new());
    lines.push(
        "# async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {".into(),
    );
    lines.push(format!("let request = {value};"));
    if op.policy.deprecated.is_some() {
        lines.push("# #[allow(deprecated)]".to_owned());
    }
    let is_unit = op.several.is_none()
        && op
            .successes
            .first()
            .is_none_or(|s| s.head.is_none() && s.payload == Payload::Nothing);
    let bind = if is_unit { "" } else { "let answer = " };
    lines.push(format!("{bind}client.{}(&request).await?;", op.method));
    lines.extend(["# Ok(())", "# }", "```"].map(str::to_owned));
    Some(lines.join("\n"))
}

pub(super) fn is_repeatable(op: &OperationPlan<'_>) -> bool {
    matches!(
        op.policy.idempotency,
        Some(Idempotency::Safe | Idempotency::Idempotent)
    )
}
