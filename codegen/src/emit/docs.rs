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
/// HTML, tests or bare URLs. Links to the web and fenced blocks stay what they are.
pub(crate) fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut fenced = false;
    // Width of the marker of the list item that a line may go on with.
    let mut item = 0;
    let mut paragraph = true;
    for line in text.trim().lines() {
        let trimmed = line.trim();
        let begins = item > 0 || paragraph;
        paragraph = trimmed.is_empty();
        match marker(trimmed, begins) {
            _ if trimmed.is_empty() || fenced => item = 0,
            Some(width) => item = width,
            None => out.push_str(&" ".repeat(item)),
        }
        if trimmed.starts_with("```") {
            // Whatever is shown, it is no test of ours.
            out.push_str(if fenced { "```\n" } else { "```text\n" });
            fenced = !fenced;
            continue;
        }
        if fenced {
            out.push_str(line);
        } else {
            prose_line(trimmed, &mut out);
        }
        out.push('\n');
    }
    if fenced {
        out.push_str("```\n");
    }
    out.trim_end().to_owned()
}

/// Width of a list item's marker: `* `, `- `, `1. `. Inside a paragraph only a first number is one.
fn marker(line: &str, begins: bool) -> Option<usize> {
    if line.starts_with("* ") || line.starts_with("- ") {
        return Some(2);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let numbers = line[digits..].starts_with(". ") && (line.starts_with("1.") || begins);
    (numbers && matches!(digits, 1 | 2)).then_some(digits + 2)
}

fn prose_line(line: &str, out: &mut String) {
    let (bullet, line) = match line.strip_prefix("* ") {
        Some(rest) => ("* ", rest),
        None => ("", line),
    };
    out.push_str(bullet);
    let mut code = false;
    let mut rest = line;
    let mut at_word = true;
    while let Some(c) = rest.chars().next() {
        if !code && let Some((link, after)) = web_link(rest) {
            out.push_str(link);
            rest = after;
            at_word = false;
            continue;
        }
        if !code && at_word && (rest.starts_with("http://") || rest.starts_with("https://")) {
            let word = &rest[..rest.find(' ').unwrap_or(rest.len())];
            let end = word.trim_end_matches(['.', ',', ';', ')']);
            out.push_str(&format!("<{end}>"));
            rest = &rest[end.len()..];
            at_word = false;
            continue;
        }
        if c == '`' {
            code = !code;
        }
        if !code && matches!(c, '<' | '>' | '[' | ']' | '*' | '_' | '#' | '|') {
            out.push('\\');
        }
        out.push(c);
        at_word = c == ' ' || c == '(';
        rest = &rest[c.len_utf8()..];
    }
    if code {
        // A span of code ends with its line, or a whole page turns into code.
        out.push('`');
    }
}

/// `[text](https://…)` at the beginning, and what follows it.
fn web_link(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?;
    let close = inner.find(']')?;
    if inner[..close].contains(['[', '`', '<']) {
        return None;
    }
    let target = inner[close + 1..].strip_prefix('(')?;
    let end = target.find(')')?;
    let is_web = target.starts_with("http://") || target.starts_with("https://");
    let clean = !target[..end].contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
    let length = 1 + close + 1 + 1 + end + 1;
    (is_web && clean).then(|| text.split_at(length))
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
