//! Patterns of JSON Schema, which are those of JavaScript, in the syntax of `regex-lite`.
//!
//! Most are the same in both. What would mean something else here is refused, and then not checked.

use regex_lite::Regex;

/// White space of JavaScript's beyond that of `regex-lite`.
const SPACES: &str =
    r"\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}";

/// A pattern as an expression that is looked for in a text.
///
/// # Errors
/// Why it cannot be said.
pub(crate) fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next().ok_or("a backslash ends it")? {
                's' if in_class => out.push_str(&format!(r"\s{SPACES}")),
                's' => out.push_str(&format!(r"[\s{SPACES}]")),
                'S' if in_class => return Err(r"`\S` in a class".to_owned()),
                'S' => out.push_str(&format!(r"[^\s{SPACES}]")),
                '/' => out.push('/'),
                'u' if chars.peek() != Some(&'{') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    if digits.len() < 4 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                        return Err(r"`\u` without four digits".to_owned());
                    }
                    out.push_str(&format!("\\u{{{digits}}}"));
                }
                // Anchors and classes there that letters are here, or the other way round.
                c @ ('a'
                | 'A'
                | 'z'
                | 'Z'
                | 'U'
                | 'x'
                | 'c'
                | 'p'
                | 'P'
                | 'k'
                | '0'..='9'
                | '<'
                | '>') => return Err(format!("`\\{c}`")),
                c => out.extend(['\\', c]),
            },
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                in_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if chars.peek() == Some(&']') {
                    return Err("an empty class".to_owned());
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            // Operators on classes.
            '&' | '~' if in_class => out.extend(['\\', c]),
            '(' if !in_class && chars.peek() == Some(&'?') => {
                chars.next();
                if chars.next_if_eq(&':').is_none() {
                    return Err("`(?`".to_owned());
                }
                out.push_str("(?:");
            }
            '.' if !in_class => out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            '{' if !in_class && !chars.peek().is_some_and(char::is_ascii_digit) => {
                out.push_str(r"\{");
            }
            c => out.push(c),
        }
    }
    Regex::new(&out).map_err(|e| e.to_string())?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::super::pattern::tests::judge;
    use super::*;

    #[track_caller]
    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let regex = Regex::new(&translate(pattern).unwrap()).unwrap();
        judge(pattern, &regex, good, bad);
    }

    // What is expected is what `new RegExp(pattern).test(text)` says in a browser.
    #[test]
    fn patterns_mean_what_javascript_says() {
        check(
            "^[0-9]{4}[A-Za-z]{2}$",
            &["1234AB"],
            &["1234A", "x1234AB", "1234AB\n"],
        );
        check("[0-9]", &["a1b"], &["ab", ""]);
        check(r"^\d{2}\/\w+$", &["12/a_9"], &["12a", "12/-", "12/\u{e9}"]);
        check(r"^\s$", &[" ", "\u{a0}", "\u{feff}"], &["x", ""]);
        check(r"^[\s]$", &["\t", "\u{2003}"], &["x"]);
        check(r"^\S+$", &["x\u{e9}"], &["a b", "\u{a0}"]);
        check("^a.b$", &["axb", "a\u{1f600}b"], &["a\nb", "a\rb", "ab"]);
        check(r"^\u0041$", &["A"], &["B"]);
        check("^[[a]$", &["[", "a"], &["b"]);
        check("^[a&&b]$", &["&", "a", "b"], &["c"]);
        check("^[^-]+$", &["ab"], &["a-b"]);
        check("^{a}$", &["{a}"], &["a"]);
        check("^(?:a|b)+?$", &["ab"], &["c"]);
        check("", &["", "a"], &[]);
        check("a|^$", &["", "xa"], &["b"]);
    }

    #[test]
    fn what_cannot_be_said_is_an_error() {
        for pattern in [
            "(",
            "[a",
            "a)",
            "*",
            r"\",
            r"\p{L}",
            r"(a)\1",
            "(?=a)",
            "(?!a)",
            "(?<=a)b",
            "[]",
            "[^]",
            r"[\S]",
            r"\cA",
            r"\u12",
            "[z-a]",
            "(a{1000}){1000}",
        ] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }
}
