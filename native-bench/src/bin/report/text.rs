//! The findings as text: the cells of the one table, and the table for a terminal.

use crate::measure::{Finding, Standing};

pub const HEAD: [&str; 10] = [
    "benchmark",
    "one operation",
    "ours",
    "best peer",
    "ratio",
    "min–max",
    "of the fastest",
    "per second",
    "fairness ours / peer",
    "wait p50 / p95 / p99: ours; peer",
];

/// The cells of one row. A ratio above 1 means that ours takes longer.
pub fn cells(finding: &Finding) -> [String; 10] {
    let (ours, peer) = (finding.ours(), finding.best_peer());
    let ratio = finding.ratio();
    let fairness = |standing: &Standing| standing.fairness.map(|jain| format!("{jain:.2}"));
    let both = |separator, cell: &dyn Fn(&Standing) -> Option<String>| {
        let cells = [Some(ours), peer].into_iter().flatten().filter_map(cell);
        cells.collect::<Vec<_>>().join(separator)
    };
    [
        format!("{}: {}", finding.group, finding.name),
        finding.unit.to_owned(),
        time(ours.ns()),
        peer.map_or_else(String::new, |peer| format!("{} {}", time(peer.ns()), peer.name)),
        ratio.map_or_else(String::new, |ratio| format!("{:.2}", ratio.median)),
        ratio.map_or_else(String::new, |ratio| format!("{:.2}–{:.2}", ratio.min, ratio.max)),
        finding.ratio_of_fastest().map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        rate(ours.ns()),
        both(" / ", &fairness),
        both("; ", &waits),
    ]
}

fn waits(standing: &Standing) -> Option<String> {
    let waits = standing.waits.as_ref()?;
    let quantile = |share| time(waits.quantile_ns(share) as f64);
    Some(format!("{} / {} / {}", quantile(0.5), quantile(0.95), quantile(0.99)))
}

/// A time with its unit.
pub fn time(ns: f64) -> String {
    match ns {
        ..1e3 => format!("{ns:.1} ns"),
        ..1e6 => format!("{:.1} µs", ns / 1e3),
        _ => format!("{:.1} ms", ns / 1e6),
    }
}

/// How often in a second.
fn rate(ns: f64) -> String {
    match 1e9 / ns {
        rate @ 1e6.. => format!("{:.1} M/s", rate / 1e6),
        rate => format!("{:.1} k/s", rate / 1e3),
    }
}

/// All findings, as columns of text.
pub fn table(findings: &[Finding]) -> String {
    let lines: Vec<_> =
        [HEAD.map(str::to_owned)].into_iter().chain(findings.iter().map(cells)).collect();
    let width = |column: usize| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    };
    let mut text = String::new();
    for line in &lines {
        for (column, cell) in line.iter().enumerate() {
            text += &format!("{cell:<width$}  ", width = width(column));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
