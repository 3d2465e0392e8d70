//! What the command prints.

use std::collections::BTreeMap;

use serde_json::json;

use super::cases::Kind;
use super::{Outcome, Row, Verdict};
use crate::report::Report;

#[derive(Debug, Default)]
struct Tier {
    files: usize,
    generated: usize,
    compiled: usize,
    golden: usize,
    golden_passed: usize,
    compared: usize,
    equal: usize,
    refused: usize,
    open: usize,
    failed: usize,
    skipped: usize,
}

fn tier(row: &Row) -> String {
    match (&row.case.kind, &row.case.tier) {
        (Kind::OpenApi, None) => "OpenAPI".to_owned(),
        (_, Some(tier)) => tier.clone(),
        (_, None) => "none".to_owned(),
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Refused => "refused",
        Verdict::Open => "open",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
    }
}

/// Why a row is as it is.
fn reason(row: &Row) -> String {
    match &row.outcome {
        Outcome::Skipped(reason) | Outcome::Crashed(reason) => reason.clone(),
        Outcome::Refused { problems, .. } => match problems.as_slice() {
            [] => "ended without a reason".to_owned(),
            [one] => one.clone(),
            [first, more @ ..] => format!("{first} (and {} more)", more.len()),
        },
        Outcome::Generated => match &row.compiled {
            Some(Err(error)) => format!("does not compile: {}", first_error(error)),
            _ => String::new(),
        },
    }
}

fn first_error(text: &str) -> &str {
    text.lines()
        .find(|line| line.starts_with("error") || line.starts_with("warning"))
        .unwrap_or(text)
}

pub(super) fn print(rows: &[Row], report: Report) {
    let mut tiers: BTreeMap<String, Tier> = BTreeMap::new();
    for row in rows {
        let verdict = row.verdict();
        count(tiers.entry(tier(row)).or_default(), row, verdict);
        let interesting = matches!(verdict, Verdict::Open | Verdict::Failed);
        if report.json {
            report.line("", || as_json(row, verdict));
        } else if interesting {
            let (verdict, file, reason) = (word(verdict), &row.case.file, reason(row));
            report.say(format_args!("{verdict}: {file}: {reason}"));
            for failure in &row.golden.failures {
                report.say(format_args!("  golden {failure}"));
            }
        }
    }
    if !report.json {
        details(rows, report);
        table(&tiers, report);
        return;
    }
    for (name, tier) in &tiers {
        report.line("", || {
            json!({
                "reason": "tier", "tier": name, "files": tier.files, "generated": tier.generated,
                "compiled": tier.compiled, "golden": tier.golden,
                "golden_passed": tier.golden_passed, "compared": tier.compared,
                "equal": tier.equal, "refused": tier.refused, "open": tier.open,
                "failed": tier.failed, "skipped": tier.skipped,
            })
        });
    }
}

fn count(tier: &mut Tier, row: &Row, verdict: Verdict) {
    tier.files += 1;
    tier.generated += usize::from(matches!(row.outcome, Outcome::Generated));
    tier.compiled += usize::from(matches!(row.compiled, Some(Ok(()))));
    tier.golden += row.golden.total;
    tier.golden_passed += row.golden.total.saturating_sub(row.golden.failures.len());
    if let Some(oracle) = &row.oracle {
        tier.compared += 1;
        tier.equal += usize::from(oracle.differences.is_empty());
    }
    tier.refused += usize::from(matches!(row.outcome, Outcome::Refused { .. }));
    tier.open += usize::from(verdict == Verdict::Open);
    tier.failed += usize::from(verdict == Verdict::Failed);
    tier.skipped += usize::from(verdict == Verdict::Skipped);
}

fn as_json(row: &Row, verdict: Verdict) -> serde_json::Value {
    let oracle = row.oracle.as_ref().map(|oracle| {
        json!({
            "compared": oracle.compared, "differences": oracle.differences,
            "known_faults": oracle.known,
        })
    });
    json!({
        "reason": "case", "file": row.case.file, "kind": row.case.kind_text,
        "tier": row.case.tier, "votes": row.case.votes, "verdict": word(verdict),
        "generated": matches!(row.outcome, Outcome::Generated),
        "compiled": row.compiled.as_ref().map(Result::is_ok),
        "message": Some(reason(row)).filter(|reason| !reason.is_empty()),
        "golden": {
            "total": row.golden.total, "failures": row.golden.failures,
            "with_values": row.golden.with_values, "values": row.golden.values,
        },
        "oracle": oracle, "seconds": row.seconds, "megabytes": row.megabytes,
    })
}

/// What was refused, grouped by reason, and where the oracle disagrees.
fn details(rows: &[Row], report: Report) {
    let mut refused: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if matches!(row.verdict(), Verdict::Refused | Verdict::Skipped) {
            // Without the place and what stands in quotes, reasons are the same.
            let reason = reason(row);
            let message = reason.split_once(": ").map_or(reason.as_str(), |(_, m)| m);
            let general: String = message
                .split('`')
                .enumerate()
                .map(|(i, part)| if i % 2 == 0 { part } else { "…" })
                .collect();
            refused.entry(general).or_default().push(&row.case.file);
        }
    }
    for (reason, files) in &refused {
        let more = match files.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let first = files.first().copied().unwrap_or_default();
        report.say(format_args!("refused: {reason}: {first}{more}"));
    }
    for row in rows {
        for (what, list) in [
            ("oracle", row.oracle.as_ref().map(|o| &o.differences)),
            (
                "known fault of the oracle",
                row.oracle.as_ref().map(|o| &o.known),
            ),
            ("values", Some(&row.golden.values)),
        ] {
            for line in list.into_iter().flatten() {
                report.say(format_args!("{what}: {}: {line}", row.case.file));
            }
        }
    }
}

fn table(tiers: &BTreeMap<String, Tier>, report: Report) {
    report.say(format_args!(
        "\n{:8} {:>6} {:>9} {:>8} {:>9} {:>9} {:>7} {:>5} {:>6} {:>7}",
        "tier",
        "files",
        "generated",
        "compiled",
        "golden",
        "oracle",
        "refused",
        "open",
        "failed",
        "skipped"
    ));
    for (name, tier) in tiers {
        let golden = format!("{}/{}", tier.golden_passed, tier.golden);
        let oracle = format!("{}/{}", tier.equal, tier.compared);
        report.say(format_args!(
            "{name:8} {:>6} {:>9} {:>8} {golden:>9} {oracle:>9} {:>7} {:>5} {:>6} {:>7}",
            tier.files,
            tier.generated,
            tier.compiled,
            tier.refused,
            tier.open,
            tier.failed,
            tier.skipped
        ));
    }
}
