//! From wire names to Rust names.

use std::collections::{BTreeMap, BTreeSet};

use unicode_ident::{is_xid_continue, is_xid_start};

/// `subscriptionData` to `subscription_data`, `IMEILastChange` to `imei_last_change`,
/// `customField1` to `custom_field1`, `tec2GEnabled` to `tec2g_enabled`, `accountIDinCRM` to
/// `account_id_in_crm`.
pub(crate) fn snake(name: &str) -> String {
    // A small word between capitals, which no rule about letters can find.
    let chars: Vec<char> = name.replace("IDin", "IdIn").chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if c == '_' || !is_xid_continue(c) {
            push_underscore(&mut out);
            continue;
        }
        let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && i > 0 {
            let previous = chars[i - 1];
            let starts_word = previous.is_lowercase()
                || (previous.is_uppercase() || previous.is_numeric()) && next_lower;
            if starts_word {
                push_underscore(&mut out);
            }
        }
        out.extend(c.to_lowercase());
    }
    let out = out.trim_matches('_').to_owned();
    match out.chars().next() {
        None => "value".to_owned(),
        Some(c) if !is_xid_start(c) => format!("n{out}"),
        Some(_) => out,
    }
}

fn push_underscore(out: &mut String) {
    if !out.is_empty() && !out.ends_with('_') {
        out.push('_');
    }
}

/// `swapStatus` to `SwapStatus`, `INACTIVE_NEW` to `InactiveNew`, `sms_ao` to `SmsAo`.
pub(crate) fn pascal(name: &str) -> String {
    let mut out = String::new();
    for word in snake(name).split('_') {
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            out.extend(first.to_uppercase());
            out.extend(chars);
        }
    }
    if out.chars().next().is_none_or(|c| !is_xid_start(c)) {
        out.insert(0, 'N');
    }
    out
}

/// `SubscriptionInfoType` to `SubscriptionInfo`.
pub(crate) fn type_name(wire: &str) -> String {
    let name = pascal(wire);
    match name.strip_suffix("Type") {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => name,
    }
}

/// Names that generated code of either kind has from elsewhere; a type `New` would have a
/// constructor of its own name.
pub(crate) const RESERVED: &[&str] = &[
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Error",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "New",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A field, method or module name: keywords get a trailing underscore.
pub(crate) fn field_name(wire: &str) -> String {
    let name = snake(wire);
    if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// A variant name; `Self` cannot be one (`Self_` could, but no second one beside it), and `Unknown`
/// is ours.
pub(crate) fn variant_name(wire: &str) -> String {
    let name = pascal(wire);
    match name.as_str() {
        "Self" => "SelfValue".to_owned(),
        "Unknown" => "UnknownValue".to_owned(),
        _ => name,
    }
}

/// Hands out names, each once.
#[derive(Debug, Default, Clone)]
pub(crate) struct Scope {
    taken: BTreeSet<String>,
    /// Numbers below these are taken, by the name before them.
    next: BTreeMap<String, usize>,
}

impl Scope {
    pub(crate) fn with(reserved: &[&str]) -> Self {
        Self {
            taken: reserved.iter().map(|s| (*s).to_owned()).collect(),
            next: BTreeMap::new(),
        }
    }

    pub(crate) fn take(&mut self, wanted: &str) -> String {
        if self.taken.insert(wanted.to_owned()) {
            return wanted.to_owned();
        }
        let n = self.next.entry(wanted.to_owned()).or_insert(2);
        loop {
            let name = format!("{wanted}{n}");
            *n += 1;
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_become_rust_names() {
        for (wire, rust) in [
            ("subscriptionData", "subscription_data"),
            ("IMEILastChange", "imei_last_change"),
            ("customField1", "custom_field1"),
            ("tec2GEnabled", "tec2g_enabled"),
            ("sgsnIP", "sgsn_ip"),
            ("id1inOBCRM", "id1in_obcrm"),
            ("billAccIDinSPCRM", "bill_acc_id_in_spcrm"),
            ("ipv4Mask", "ipv4_mask"),
            ("SOATransactionID", "soa_transaction_id"),
            ("sms_ao", "sms_ao"),
            ("2G", "n2g"),
            ("a-b.c", "a_b_c"),
            ("---", "value"),
        ] {
            assert_eq!(snake(wire), rust, "{wire}");
        }
        assert_eq!(pascal("INACTIVE_NEW"), "InactiveNew");
        assert_eq!(type_name("SubscriptionInfoType"), "SubscriptionInfo");
        assert_eq!(type_name("Type"), "Type");
        assert_eq!(field_name("type"), "type_");
        assert_eq!(variant_name("self"), "SelfValue");
    }

    #[test]
    fn a_name_is_given_once() {
        let mut scope = Scope::default();
        assert_eq!(scope.take("Choice"), "Choice");
        assert_eq!(scope.take("Choice3"), "Choice3");
        assert_eq!(scope.take("Choice"), "Choice2");
        assert_eq!(scope.take("Choice"), "Choice4");
    }
}
