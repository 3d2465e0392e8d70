//! What was measured, and whether it is as it has to be.

use std::fmt;

/// What a figure has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// Anything: it is there to be read.
    None,
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::None => true,
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::AtMost(most) => write!(f, "at most {}", rounded(*most)),
            Self::AtLeast(least) => write!(f, "at least {}", rounded(*least)),
        }
    }
}

/// Three decimals tell all that such measurements can tell.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The figures of a bench, printed one by one as they are known.
pub(crate) struct Figures {
    json: bool,
    hold: bool,
}

impl Figures {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, hold: true }
    }

    /// Prints a figure.
    pub(crate) fn add(&mut self, figure: &str, value: f64, unit: &str, target: Target) {
        let value = rounded(value);
        let holds = target.holds(value);
        self.hold &= holds;
        let wanted = target.to_string();
        if self.json {
            let line = serde_json::json!({
                "figure": figure,
                "value": value,
                "unit": unit,
                "target": Some(wanted).filter(|wanted| !wanted.is_empty()),
                "holds": holds,
            });
            println!("{line}");
            return;
        }
        let mark = match target {
            Target::None => "    ",
            _ if holds => "ok  ",
            _ => "NOT ",
        };
        let number = format!("{value} {unit}");
        println!("{mark}{figure:<64} {number:>16}  {wanted}");
    }

    /// Says something to whoever watches; nothing where figures are read by a program.
    pub(crate) fn note(&self, text: impl fmt::Display) {
        if !self.json {
            println!("\n{text}");
        }
    }

    /// Whether all figures are as they have to be.
    pub(crate) fn hold(&self) -> bool {
        self.hold
    }
}
