//! Texts that match the patterns of schemas, as far as those are simple.

use super::instance::Dice;

/// A text that matches; `None` for patterns that are beyond this.
pub(super) fn sample(pattern: &str, dice: &mut Dice) -> Option<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    let text = alternatives(&chars, &mut at, dice)?;
    (at == chars.len()).then_some(text)
}

fn alternatives(chars: &[char], at: &mut usize, dice: &mut Dice) -> Option<String> {
    let mut all = vec![String::new()];
    loop {
        match chars.get(*at) {
            None | Some(')') => break,
            Some('|') => {
                *at += 1;
                all.push(String::new());
            }
            Some(_) => {
                let piece = piece(chars, at, dice)?;
                all.last_mut()?.push_str(&piece);
            }
        }
    }
    Some(dice.pick(&all).clone())
}

/// One atom with its quantifier.
fn piece(chars: &[char], at: &mut usize, dice: &mut Dice) -> Option<String> {
    let start = *at;
    let first = atom(chars, at, dice)?;
    let end = *at;
    let (min, max) = match chars.get(*at) {
        Some('?') => (0, 1),
        Some('*') => (0, 3),
        Some('+') => (1, 3),
        Some('{') => {
            let close = chars[*at..].iter().position(|c| *c == '}')? + *at;
            let text: String = chars[*at + 1..close].iter().collect();
            *at = close;
            let (min, max) = text.split_once(',').unwrap_or((&text, &text));
            let min: usize = min.parse().ok()?;
            (min, max.parse().unwrap_or(min + 2))
        }
        _ => return Some(first),
    };
    *at += 1;
    let count = min + dice.below(max - min + 1);
    let mut out = String::new();
    for _ in 0..count {
        let mut again = start;
        out.push_str(&atom(&chars[..end], &mut again, dice)?);
    }
    Some(out)
}

fn atom(chars: &[char], at: &mut usize, dice: &mut Dice) -> Option<String> {
    let c = *chars.get(*at)?;
    *at += 1;
    match c {
        '(' => {
            let inside = alternatives(chars, at, dice)?;
            (chars.get(*at) == Some(&')')).then_some(())?;
            *at += 1;
            Some(inside)
        }
        '[' => {
            let set = class(chars, at)?;
            Some(dice.pick(&set).to_string())
        }
        '.' => Some("x".to_owned()),
        '\\' => {
            let c = *chars.get(*at)?;
            *at += 1;
            let set = escape(c)?;
            Some(dice.pick(&set).to_string())
        }
        '^' | '$' => None,
        c => Some(c.to_string()),
    }
}

fn escape(c: char) -> Option<Vec<char>> {
    Some(match c {
        'd' => ('0'..='9').collect(),
        'w' => "aZ09".chars().collect(),
        's' => vec![' '],
        'S' | 'D' => vec!['x'],
        c if !c.is_alphanumeric() => vec![c],
        _ => return None,
    })
}

/// A class without negation or subtraction, after its bracket.
fn class(chars: &[char], at: &mut usize) -> Option<Vec<char>> {
    let mut set = Vec::new();
    loop {
        let c = *chars.get(*at)?;
        *at += 1;
        match c {
            ']' if !set.is_empty() => return Some(set),
            '^' if set.is_empty() => return None,
            '\\' => {
                set.extend(escape(*chars.get(*at)?)?);
                *at += 1;
            }
            '-' if chars.get(*at) != Some(&']') && !set.is_empty() => {
                let end = *chars.get(*at)?;
                *at += 1;
                let start = *set.last()?;
                set.extend(start..=end);
            }
            c => set.push(c),
        }
    }
}
