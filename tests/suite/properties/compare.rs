//! Are two values the same, however they are written?

pub(super) fn same_value(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let number = |text: &str| match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        _ => text.parse::<f64>().ok(),
    };
    if let (Some(old), Some(new)) = (number(old), number(new)) {
        return old == new || (old - new).abs() <= f64::EPSILON * old.abs();
    }
    let instant = |text: &str| text.parse::<mno_runtime::values::DateTime>().ok();
    match (instant(old), instant(new)) {
        (Some(old), Some(new)) => old == new,
        _ => matches!((old, new), ("1", "true") | ("0", "false")),
    }
}
