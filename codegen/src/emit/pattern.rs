//! Patterns of XML Schema, in the syntax of `regex-lite`.
//!
//! Character classes are worked out here: XML Schema subtracts them from one another and has its
//! own abbreviations. Beyond ASCII, letters are not told from other characters, so that no table
//! of Unicode has to be linked to: such a class takes every character there, and what is refused
//! is refused for certain. `\d` is `[0-9]`: no platform means other digits.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern as an expression; the runtime anchors it.
///
/// # Errors
/// Why it cannot be said.
pub(crate) fn translate(pattern: &str) -> Result<String, String> {
    let mut parser = Parser {
        chars: pattern.chars().peekable(),
        depth: 0,
    };
    let body = parser.alternatives()?;
    if parser.chars.peek().is_some() {
        return Err("a `)` too many".to_owned());
    }
    // Counted repetitions can grow without bounds; what is too large here is so there.
    anchored(&body).map_err(|e| e.to_string())?;
    Ok(body)
}

/// As the runtime does it.
fn anchored(expression: &str) -> Result<regex_lite::Regex, regex_lite::Error> {
    regex_lite::Regex::new(&format!(r"\A(?:{expression})\z"))
}

/// Nesting that no contract has.
const MAX_DEPTH: usize = 64;

struct Parser<'p> {
    chars: Peekable<Chars<'p>>,
    depth: usize,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it nests too deep".to_owned());
        }
        let mut out = self.branch()?;
        while self.chars.next_if_eq(&'|').is_some() {
            out.push('|');
            out.push_str(&self.branch()?);
        }
        self.depth -= 1;
        Ok(out)
    }

    fn branch(&mut self) -> Result<String, String> {
        let mut out = String::new();
        // Patterns are anchored anyway; whoever writes anchors means them.
        let _ = self.chars.next_if_eq(&'^');
        while let Some(next) = self.chars.peek().copied() {
            let atom = match next {
                '|' | ')' => break,
                '$' if self.is_last_of_branch() => {
                    self.chars.next();
                    break;
                }
                '(' => {
                    self.chars.next();
                    // Not of XML Schema, but written.
                    if self.chars.next_if_eq(&'?').is_some()
                        && self.chars.next_if_eq(&':').is_none()
                    {
                        return Err("`(?` is not of XML Schema".to_owned());
                    }
                    let inner = self.alternatives()?;
                    if self.chars.next() != Some(')') {
                        return Err("a `)` is missing".to_owned());
                    }
                    format!("({inner})")
                }
                '[' => {
                    self.chars.next();
                    self.class(0)?.text()
                }
                '.' => {
                    self.chars.next();
                    Set::of(&['\n'..='\n', '\r'..='\r']).negated().text()
                }
                '\\' => {
                    self.chars.next();
                    self.escape()?.text()
                }
                '*' | '+' | '?' | '{' => return Err(format!("nothing stands before `{next}`")),
                literal => {
                    self.chars.next();
                    Set::char(literal).text()
                }
            };
            out.push_str(&atom);
            out.push_str(&self.quantifier()?);
        }
        Ok(out)
    }

    fn is_last_of_branch(&self) -> bool {
        let mut rest = self.chars.clone();
        rest.next();
        matches!(rest.next(), None | Some('|' | ')'))
    }

    fn quantifier(&mut self) -> Result<String, String> {
        let Some(first) = self.chars.next_if(|c| matches!(c, '*' | '+' | '?' | '{')) else {
            return Ok(String::new());
        };
        if first != '{' {
            return Ok(first.to_string());
        }
        let mut counts = String::new();
        loop {
            match self.chars.next() {
                Some('}') => break,
                Some(c) if c.is_ascii_digit() || c == ',' => counts.push(c),
                _ => return Err("a count is not closed".to_owned()),
            }
        }
        // `{,5}` is not of XML Schema, but written.
        if counts.starts_with(',') {
            counts.insert(0, '0');
        }
        Ok(format!("{{{counts}}}"))
    }

    /// A class in brackets, of which the first is read.
    fn class(&mut self, depth: usize) -> Result<Set, String> {
        if depth > MAX_DEPTH {
            return Err("it nests too deep".to_owned());
        }
        let is_negated = self.chars.next_if_eq(&'^').is_some();
        let mut set = Set::default();
        let mut is_first = true;
        let mut minus = None;
        loop {
            let next = self.chars.next().ok_or("a `]` is missing")?;
            let low = match next {
                ']' if !is_first => break,
                '-' if self.chars.peek() == Some(&'[') => {
                    self.chars.next();
                    minus = Some(self.class(depth + 1)?);
                    if self.chars.next() != Some(']') {
                        return Err("something stands after a subtraction".to_owned());
                    }
                    break;
                }
                '\\' => {
                    let escaped = self.escape()?;
                    match escaped.single() {
                        Some(single) => single,
                        None => {
                            set = set.union(escaped);
                            is_first = false;
                            continue;
                        }
                    }
                }
                other => other,
            };
            is_first = false;
            let mut ahead = self.chars.clone();
            let is_range = ahead.next() == Some('-') && !matches!(ahead.next(), Some(']' | '['));
            if !is_range {
                set = set.union(Set::char(low));
                continue;
            }
            self.chars.next();
            let high = match self.chars.next().ok_or("a `]` is missing")? {
                '\\' => self.escape()?.single().ok_or("a range of a class")?,
                other => other,
            };
            if high < low {
                return Err("a range is the wrong way round".to_owned());
            }
            set = set.union(Set::of(&[low..=high]));
        }
        if is_negated {
            set = set.negated();
        }
        Ok(match minus {
            Some(minus) => set.without(minus),
            None => set,
        })
    }

    /// What stands after a backslash.
    fn escape(&mut self) -> Result<Set, String> {
        let next = self.chars.next().ok_or("a backslash ends it")?;
        let name_start = Set::of(&['A'..='Z', 'a'..='z', '_'..='_', ':'..=':']).vague();
        let name = || {
            name_start
                .clone()
                .union(Set::of(&['0'..='9', '-'..='.', '\u{b7}'..='\u{b7}']))
        };
        let space = Set::of(&['\t'..='\n', '\r'..='\r', ' '..=' ']);
        let digit = Set::of(&['0'..='9']);
        Ok(match next {
            'n' => Set::char('\n'),
            'r' => Set::char('\r'),
            't' => Set::char('\t'),
            's' => space,
            'S' => space.negated(),
            'd' => digit,
            'D' => digit.negated(),
            'i' => name_start,
            'I' => name_start.negated(),
            'c' => name(),
            'C' => name().negated(),
            // Everything but punctuation, separators and the rest.
            'w' => word(),
            'W' => word().negated(),
            'p' | 'P' => {
                let set = self.property()?;
                if next == 'P' { set.negated() } else { set }
            }
            c if c.is_ascii_alphanumeric() => return Err(format!("`\\{c}` is not of XML Schema")),
            c => Set::char(c),
        })
    }

    fn property(&mut self) -> Result<Set, String> {
        let mut name = String::new();
        if self.chars.next() != Some('{') {
            return Err("a property has no name".to_owned());
        }
        loop {
            match self.chars.next().ok_or("a property is not closed")? {
                '}' => break,
                c => name.push(c),
            }
        }
        property(&name).ok_or_else(|| format!("`\\p{{{name}}}` is no property"))
    }
}

fn word() -> Set {
    Set::of(&['0'..='9', 'A'..='Z', 'a'..='z'])
        .union(Set::chars("$+<=>^`|~"))
        .vague()
}

/// The ASCII characters of a category; beyond ASCII it is not known.
fn property(name: &str) -> Option<Set> {
    if name == "IsBasicLatin" {
        return Some(Set::of(&['\0'..='\x7f']));
    }
    if let Some(block) = name.strip_prefix("Is") {
        return (!block.is_empty()).then(|| Set::default().vague());
    }
    let ascii = match name {
        "L" => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "Lu" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "Ll" => "abcdefghijklmnopqrstuvwxyz",
        "N" => "0123456789",
        "Nd" => return Some(Set::of(&['0'..='9'])),
        "P" => "!\"#%&'()*,-./:;?@[\\]_{}",
        "Pc" => "_",
        "Pd" => "-",
        "Ps" => "([{",
        "Pe" => ")]}",
        "Po" => "!\"#%&'*,./:;?@\\",
        "S" => "$+<=>^`|~",
        "Sm" => "+<=>|~",
        "Sc" => "$",
        "Sk" => "^`",
        "Z" | "Zs" => " ",
        "C" | "Cc" => return Some(Set::of(&['\0'..='\x1f', '\x7f'..='\x7f']).vague()),
        "Lt" | "Lm" | "Lo" | "M" | "Mn" | "Mc" | "Me" | "Nl" | "No" | "Pi" | "Pf" | "So" | "Zl"
        | "Zp" | "Cf" | "Co" | "Cn" => "",
        _ => return None,
    };
    Some(Set::chars(ascii).vague())
}

/// A set of characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Set {
    /// Sorted, with gaps between them.
    ranges: Vec<(u32, u32)>,
    /// Beyond ASCII it is not known which, so all are taken.
    is_vague: bool,
}

const LAST: u32 = char::MAX as u32;
const ASCII: u32 = 0x7f;

impl Set {
    fn of(ranges: &[std::ops::RangeInclusive<char>]) -> Self {
        let ranges = ranges.iter().map(|r| (*r.start() as u32, *r.end() as u32));
        Self {
            ranges: ranges.collect(),
            is_vague: false,
        }
        .normalized()
    }

    fn char(c: char) -> Self {
        Self::of(&[c..=c])
    }

    fn chars(text: &str) -> Self {
        let ranges: Vec<_> = text.chars().map(|c| c..=c).collect();
        Self::of(&ranges)
    }

    fn vague(mut self) -> Self {
        self.is_vague = true;
        self
    }

    fn normalized(mut self) -> Self {
        self.ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::new();
        for (low, high) in self.ranges {
            match out.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        self.ranges = out;
        self
    }

    fn union(mut self, other: Self) -> Self {
        self.ranges.extend(other.ranges);
        self.is_vague |= other.is_vague;
        self.normalized()
    }

    fn negated(self) -> Self {
        let mut ranges = Vec::new();
        let mut next = 0;
        for (low, high) in self.ranges {
            if low > next {
                ranges.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self {
            ranges,
            is_vague: self.is_vague,
        }
    }

    fn without(self, other: Self) -> Self {
        let reaches = self.is_vague || self.ranges.last().is_some_and(|r| r.1 > ASCII);
        // a − b is not (not a or b).
        let is_vague = reaches && (self.is_vague || other.is_vague);
        let (own, other) = (
            Self {
                is_vague: false,
                ..self
            },
            Self {
                is_vague: false,
                ..other
            },
        );
        Self {
            is_vague,
            ..own.negated().union(other).negated()
        }
    }

    /// Its only character.
    fn single(&self) -> Option<char> {
        match self.ranges.as_slice() {
            [(low, high)] if low == high && !self.is_vague => char::from_u32(*low),
            _ => None,
        }
    }

    fn text(&self) -> String {
        let mut ranges = self.ranges.clone();
        if self.is_vague {
            ranges.push((ASCII + 1, LAST));
        }
        let set = Self {
            ranges,
            is_vague: false,
        }
        .normalized();
        if let Some(single) = set.single() {
            return shown(single as u32);
        }
        if set.ranges.is_empty() {
            // Nothing fits.
            return r"[^\u{0}-\u{10ffff}]".to_owned();
        }
        if set.ranges == [(0, LAST)] {
            return r"[\u{0}-\u{10ffff}]".to_owned();
        }
        // What leaves little out is easier to read by that.
        let (own, rest) = (set.brackets("["), set.negated().brackets("[^"));
        if rest.len() < own.len() { rest } else { own }
    }

    fn brackets(&self, open: &str) -> String {
        let mut out = open.to_owned();
        for (low, high) in &self.ranges {
            out.push_str(&shown(*low));
            if high > low {
                if *high > low + 1 {
                    out.push('-');
                }
                out.push_str(&shown(*high));
            }
        }
        out.push(']');
        out
    }
}

/// A character as it stands in an expression.
fn shown(code: u32) -> String {
    match char::from_u32(code) {
        Some(c) if r"\.+*?()|[]{}^$#&-~".contains(c) => format!("\\{c}"),
        Some(c) if c.is_ascii_graphic() || c == ' ' => c.to_string(),
        Some('\t') => r"\t".to_owned(),
        Some('\n') => r"\n".to_owned(),
        Some('\r') => r"\r".to_owned(),
        // Surrogates end ranges only.
        None => format!("\\u{{{:x}}}", if code < 0xe000 { 0xd7ff } else { code }),
        Some(_) => format!("\\u{{{code:x}}}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Whether what a pattern became fits these texts, and not those.
    #[track_caller]
    pub(in super::super) fn judge(
        pattern: &str,
        regex: &regex_lite::Regex,
        good: &[&str],
        bad: &[&str],
    ) {
        for text in good {
            assert!(regex.is_match(text), "{pattern} ({regex}): {text:?}");
        }
        for text in bad {
            assert!(!regex.is_match(text), "{pattern} ({regex}): {text:?}");
        }
    }

    #[track_caller]
    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let regex = anchored(&translate(pattern).unwrap()).unwrap();
        judge(pattern, &regex, good, bad);
    }

    // The cases are those of XML Schema part 2, appendix F, and of contracts in the field.
    #[test]
    fn patterns_mean_what_xml_schema_says() {
        check(
            "[0-9]{19,20}",
            &["8999000000000000017"],
            &["899", "x", "8999000000000000017\n"],
        );
        check("a|b", &["a", "b"], &["ab", "", "xa"]);
        check("a.c", &["abc", "a\u{e9}c"], &["a\nc", "ac"]);
        check(r"\+?\d{3,15}", &["+99912", "999"], &["+12", "99 9"]);
        check(
            r"[\w\-\.]+@[a-z]+",
            &["a.b-c@x", "\u{fc}@x"],
            &["a b@x", "@x"],
        );
        check("[a-z-[aeiou]]+", &["xyz"], &["abc"]);
        check("[^a-z]", &["A", "\u{e9}"], &["a"]);
        check(r"\i\c*", &["_a-1", "\u{e9}"], &["1a", "-"]);
        check(r"\p{Lu}\p{Ll}*", &["Abc"], &["abc", "1"]);
        check(r"\P{L}", &["1"], &["a"]);
        check("[+-]?[0-9]+", &["-1", "+1", "1"], &["--1"]);
        check("[-a]+", &["-a"], &["b"]);
        check("[a-]+", &["-a"], &["b"]);
        check(r"[\]\[]", &["]", "["], &["a"]);
        check("", &[""], &["a"]);
        check("(ab)*c?", &["", "ababc"], &["ba"]);
        check(r"[&lt;]", &["&", "l"], &["x", "<"]);
        check("x{,2}", &["", "xx"], &["xxx"]);
    }

    #[test]
    fn anchors_are_meant_as_such() {
        check("^[0-9]+$", &["1"], &["^1$", "a"]);
        check("(^a$|^b$)", &["a", "b"], &["c"]);
        check("a$b", &["a$b"], &["ab"]);
    }

    #[test]
    fn what_cannot_be_said_is_an_error() {
        for pattern in [
            "(",
            ")",
            "[a",
            "a{1",
            "*",
            r"\q",
            r"\p{No such}",
            "(?=a)",
            "[z-a]",
        ] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
        assert!(translate("(a{1000}){1000}").is_err());
        assert!(translate(&"(".repeat(100_000)).is_err());
        assert!(translate(&"[a-".repeat(100_000)).is_err());
    }
}
