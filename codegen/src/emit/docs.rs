//! Documentation comments.

use proc_macro2::TokenStream;
use quote::quote;

/// `///` lines for a text; `//!` lines with [`inner`].
pub(crate) fn outer(text: &str) -> TokenStream {
    let lines = lines(text);
    quote!(#(#[doc = #lines])*)
}

pub(crate) fn inner(text: &str) -> TokenStream {
    let lines = lines(text);
    quote!(#(#![doc = #lines])*)
}

fn lines(text: &str) -> Vec<String> {
    text.trim()
        .lines()
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            }
        })
        .collect()
}

/// Text of a contract as Markdown that rustdoc takes without complaint: no accidental links,
/// HTML, code blocks or bare URLs.
pub(crate) fn prose(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim().lines() {
        let line = line.trim();
        let mut code = false;
        for (i, word) in line.split(' ').enumerate() {
            if i > 0 {
                out.push(' ');
            }
            if !code && (word.starts_with("http://") || word.starts_with("https://")) {
                let end = word.trim_end_matches(['.', ',', ';', ')']);
                out.push_str(&format!("<{end}>{}", &word[end.len()..]));
                continue;
            }
            for c in word.chars() {
                if c == '`' {
                    code = !code;
                }
                if !code && matches!(c, '<' | '>' | '[' | ']' | '*' | '_' | '#' | '|') {
                    out.push('\\');
                }
                out.push(c);
            }
        }
        if code {
            // A span of code ends with its line, or a whole page turns into code.
            out.push('`');
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}

/// The first sentence of a text.
pub(crate) fn summary(text: &str) -> String {
    let paragraph: Vec<&str> = text
        .trim()
        .lines()
        .map(str::trim)
        .take_while(|l| !l.is_empty())
        .collect();
    let paragraph = paragraph.join(" ");
    let end = paragraph
        .char_indices()
        .zip(paragraph.chars().skip(1).chain([' ']))
        .find(|((_, c), next)| *c == '.' && next.is_whitespace())
        .map_or(paragraph.len(), |((i, _), _)| i + 1);
    paragraph[..end].to_owned()
}
