//! JSON as a tree that knows where everything stands.
//!
//! YAML's reader takes JSON too, but is slower by far on documents of megabytes, and has limits of
//! its own for keys in braces.

use std::rc::Rc;

use super::yaml::{DEPTH, Entries, File, Key, NODES, Node, Place, Value};
use crate::diag::{Diagnostic, Severity};

/// Parses a file that is JSON.
pub(super) fn parse(
    file: &Rc<File>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Rc<Node>, Box<Diagnostic>> {
    let mut reader = Reader {
        text: &file.text,
        file: file.clone(),
        at: 0,
        line: 1,
        line_start: 0,
        wide: 0,
        nodes: 0,
        notes,
    };
    reader.space();
    let node = reader.value(0, false)?;
    reader.space();
    if reader.at < reader.text.len() {
        return Err(reader.broken("something follows the end of the document"));
    }
    Ok(node)
}

struct Reader<'t> {
    text: &'t str,
    file: Rc<File>,
    at: usize,
    line: u32,
    line_start: usize,
    /// Bytes of the line before `at` that are not the first of a character.
    wide: usize,
    nodes: usize,
    notes: &'t mut Vec<Diagnostic>,
}

type Outcome<T> = Result<T, Box<Diagnostic>>;

impl Reader<'_> {
    fn place(&self) -> Place {
        let column = self.at - self.line_start - self.wide + 1;
        Place {
            file: self.file.clone(),
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    fn broken(&self, message: &str) -> Box<Diagnostic> {
        let message = format!("not JSON: {message}");
        Box::new(self.place().diagnostic(Severity::Broken, message, None))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.at + 1;
                    self.wide = 0;
                }
                b' ' | b'\t' | b'\r' => {}
                _ => return,
            }
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize, example: bool) -> Outcome<Rc<Node>> {
        if depth > DEPTH {
            return Err(self.broken(&format!("nested deeper than {DEPTH}")));
        }
        self.nodes += 1;
        if self.nodes > NODES {
            return Err(self.broken(&format!("more than {NODES} values")));
        }
        let place = self.place();
        let value = match self.peek() {
            Some(b'{') => Value::Map(self.object(depth, example)?),
            Some(b'[') => Value::List(self.array(depth, example)?),
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.broken("no value")),
            None => return Err(self.broken("the file ends too early")),
        };
        Ok(Rc::new(Node::new(place, value)))
    }

    fn word(&mut self, word: &str, value: Value) -> Outcome<Value> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.broken("no value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Outcome<String> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let text = &self.text[self.at..self.at + length];
        if text.parse::<f64>().is_err() {
            return Err(self.broken("no number"));
        }
        self.at += length;
        Ok(text.to_owned())
    }

    fn object(&mut self, depth: usize, example: bool) -> Outcome<Vec<(Key, Rc<Node>)>> {
        self.at += 1;
        let mut out = Entries::default();
        loop {
            self.space();
            match self.peek() {
                Some(b'}') if out.is_empty() => break,
                Some(b'"') => {}
                _ => return Err(self.broken("expected a name in quotes")),
            }
            let place = self.place();
            let text = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.broken("expected `:`"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1, example || Entries::is_example(&text))?;
            let key = Key { text, place };
            out.add(key, value, example, self.notes).map_err(Box::new)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.broken("expected `,` or `}`")),
            }
        }
        self.at += 1;
        Ok(out.finish())
    }

    fn array(&mut self, depth: usize, example: bool) -> Outcome<Vec<Rc<Node>>> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            self.space();
            if self.peek() == Some(b']') && out.is_empty() {
                break;
            }
            out.push(self.value(depth + 1, example)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.broken("expected `,` or `]`")),
            }
        }
        self.at += 1;
        Ok(out)
    }

    fn string(&mut self) -> Outcome<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let run = rest
                .iter()
                .position(|b| matches!(b, b'"' | b'\\' | b'\n'))
                .ok_or_else(|| self.broken("a string without an end"))?;
            let piece = &self.text[self.at..self.at + run];
            self.wide += piece.len() - piece.chars().count();
            out.push_str(piece);
            self.at += run;
            match self.text.as_bytes()[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => {
                    let c = self.escape()?;
                    out.push(c);
                }
                _ => return Err(self.broken("a line ends inside a string")),
            }
        }
    }

    fn escape(&mut self) -> Outcome<char> {
        let byte = self.text.as_bytes().get(self.at + 1).copied();
        let c = match byte {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex(self.at + 2);
                let second = match self.text.get(self.at + 6..self.at + 8) {
                    Some("\\u") => self.hex(self.at + 8),
                    _ => None,
                };
                return match (first, second) {
                    (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                        self.at += 12;
                        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
                    }
                    (Some(code), _) => {
                        self.at += 6;
                        // Half a pair is nothing that text could hold.
                        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
                    }
                    (None, _) => Err(self.broken("an unknown escape in a string")),
                };
            }
            _ => return Err(self.broken("an unknown escape in a string")),
        };
        self.at += 2;
        Ok(c)
    }

    fn hex(&self, from: usize) -> Option<u32> {
        let digits = self.text.get(from..from + 4)?;
        let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
        all.then(|| u32::from_str_radix(digits, 16).ok())?
    }
}
