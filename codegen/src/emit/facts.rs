//! Prints what is known of an operation beyond its messages: as a constant, and as a table.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::types::ident;
use crate::config::{Api, Idempotency, OperationPolicy, Paging, Window};
use crate::model::Evidence;

/// An expression of `OperationFacts`.
pub(crate) fn facts(
    api: &Api,
    policy: &OperationPolicy,
    name: &str,
    protocol: &TokenStream,
    evidence: Option<Evidence>,
) -> TokenStream {
    let platform = &api.platform;
    let mut facts = quote! {
        mno_runtime::facts::OperationFacts::new(
            #platform,
            #name,
            mno_runtime::facts::Protocol::#protocol,
        )
    };
    let budget = budget(api, name);
    facts.extend(quote!(.budget(#budget)));
    if let Some(tps) = policy.tps {
        let tps = Literal::u32_unsuffixed(tps);
        facts.extend(quote!(.tps(#tps)));
    }
    if let Some(seconds) = policy.max_runtime {
        let seconds = Literal::u64_unsuffixed(seconds);
        facts.extend(quote!(.max_runtime(std::time::Duration::from_secs(#seconds))));
    }
    let idempotency = match policy.idempotency {
        Some(Idempotency::Safe) => quote!(Safe),
        Some(Idempotency::Idempotent) => quote!(Idempotent),
        Some(Idempotency::NotIdempotent) | None => quote!(NotIdempotent),
    };
    facts.extend(quote!(.idempotency(mno_runtime::facts::Idempotency::#idempotency)));
    if let Some(read) = &policy.settled_by {
        facts.extend(quote!(.settled_by(#read)));
    }
    if let Some(paging) = &policy.paging {
        let paging = paging_tokens(paging);
        facts.extend(quote!(.paging(#paging)));
    }
    if let Some(Window::KiteHlr) = policy.window {
        facts.extend(quote!(.window(mno_runtime::facts::MaintenanceWindow::KiteHlr)));
    }
    if let Some(who) = &policy.availability {
        facts.extend(quote!(.availability(#who)));
    }
    if let Some(why) = &policy.deprecated {
        facts.extend(quote!(.deprecated(#why)));
    }
    if let Some(evidence) = evidence {
        let evidence = ident(&super::names::pascal(super::evidence_name(evidence)));
        facts.extend(quote!(.evidence(mno_runtime::facts::Evidence::#evidence)));
    }
    facts
}

fn paging_tokens(paging: &Paging) -> TokenStream {
    let number = Literal::u32_unsuffixed;
    match paging {
        Paging::Offset(p) => {
            let (start, size) = (&p.start, &p.size);
            let (default, max) = (number(p.default_size), number(p.max_size));
            quote!(mno_runtime::facts::Paging::new(#start, #size, #default, #max))
        }
        Paging::Pages(p) => {
            let (page, size) = (&p.page, &p.size);
            let (first, default, max) =
                (number(p.first), number(p.default_size), number(p.max_size));
            let total = p.total.as_ref().map(|total| quote!(.total(#total)));
            quote! {
                mno_runtime::facts::Paging::by_page(#page, #first, #size, #default, #max) #total
            }
        }
        Paging::Window(p) => {
            let (from, to) = (&p.from, &p.to);
            let default = number(p.default_size.unwrap_or(0));
            let total = p.total.as_ref().map(|total| quote!(.total(#total)));
            quote!(mno_runtime::facts::Paging::by_window(#from, #to, #default) #total)
        }
    }
}

fn paging_words(paging: &Paging) -> String {
    let total = |total: &Option<String>| {
        total
            .as_ref()
            .map_or_else(String::new, |total| format!("; `{total}` has the total"))
    };
    match paging {
        Paging::Offset(p) => format!(
            "`{}`, `{}`: {} by default, {} at most",
            p.start, p.size, p.default_size, p.max_size
        ),
        Paging::Pages(p) => format!(
            "`{}` from {}, `{}`: {} by default, {} at most{}",
            p.page,
            p.first,
            p.size,
            p.default_size,
            p.max_size,
            total(&p.total)
        ),
        Paging::Window(p) => {
            let default = match p.default_size {
                Some(size) => format!("{size} entries by default"),
                None => "no default is known".to_owned(),
            };
            format!(
                "`{}` (from 0) up to before `{}`: {default}{}",
                p.from,
                p.to,
                total(&p.total)
            )
        }
    }
}

fn budget(api: &Api, operation: &str) -> String {
    if api.service.is_empty() {
        format!("{}/{operation}", api.platform)
    } else {
        format!("{}/{}/{operation}", api.platform, api.service)
    }
}

/// The same as a table for the documentation; `how` says how the operation is called.
pub(crate) fn facts_table(
    name: &str,
    how: impl Iterator<Item = (&'static str, String)>,
    policy: &OperationPolicy,
    evidence: Option<Evidence>,
) -> String {
    let mut rows = vec![("Operation", format!("`{name}`"))];
    rows.extend(how);
    rows.push((
        "TPS",
        policy.tps.map_or_else(
            || "only the organisation's limit is known".to_owned(),
            |tps| format!("{tps} per second and organisation"),
        ),
    ));
    if let Some(seconds) = policy.max_runtime {
        let evidence = policy.max_runtime_evidence.as_deref();
        let evidence = evidence.map_or_else(String::new, |e| format!(" ({e})"));
        rows.push(("Maximum runtime", format!("{seconds} s{evidence}")));
    }
    rows.push((
        "Safe to repeat",
        match policy.idempotency {
            Some(Idempotency::Safe) => "yes, it only reads".to_owned(),
            Some(Idempotency::Idempotent) => "yes, twice is the same as once".to_owned(),
            Some(Idempotency::NotIdempotent) => "no".to_owned(),
            None => "unknown, so no".to_owned(),
        },
    ));
    if let Some(read) = &policy.settled_by {
        rows.push(("Lost answer is settled by", format!("`{read}`")));
    }
    if let Some(paging) = &policy.paging {
        rows.push(("Paging", paging_words(paging)));
    }
    if let Some(Window::KiteHlr) = policy.window {
        rows.push((
            "Maintenance",
            "refused during the backups of the HLR".to_owned(),
        ));
    }
    if let Some(who) = &policy.availability {
        rows.push(("Availability", who.clone()));
    }
    if let Some(evidence) = evidence {
        rows.push(("Evidence", super::evidence_name(evidence).to_owned()));
    }
    let mut out = "| fact | |\n|---|---|".to_owned();
    for (name, value) in rows {
        out.push_str(&format!("\n| {name} | {value} |"));
    }
    out
}
