//! The findings as a page: self-contained, and readable on a light and on a dark ground.

use native_bench::rows;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::measure::{Effort, Finding, Spread};
use crate::text;

/// Stands for the colour of the page's text, which only the page knows.
const INK: RGBColor = RGBColor(1, 2, 3);
const INK_HEX: &str = "#010203";

/// Told apart on both grounds, also by the colour-blind (after Okabe and Ito).
const COLOURS: [RGBColor; 4] = [
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x90, 0xd0),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
];

/// A row of dots, each with a range.
struct Series {
    name: String,
    dots: Vec<Option<Spread>>,
}

/// A plot of dots beside their labels, from left to right.
struct Plot {
    title: &'static str,
    axis: &'static str,
    logarithmic: bool,
    /// Lines to compare with.
    marks: Vec<f64>,
    labels: Vec<String>,
    series: Vec<Series>,
}

/// The whole page.
pub fn html(findings: &[Finding], effort: Effort) -> anyhow::Result<String> {
    let mut plots = String::new();
    for plot in plots_of(findings).iter().filter(|plot| !plot.labels.is_empty()) {
        plots += &format!("<h2>{}</h2>\n{}\n", plot.title, svg(plot)?);
    }
    let head: String = text::HEAD.iter().map(|cell| format!("<th scope=col>{cell}</th>")).collect();
    let body: String = findings
        .iter()
        .map(|finding| {
            let [name, rest @ ..] = text::cells(finding);
            let rest: String =
                rest.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
            format!("<tr><th scope=row>{}</th>{rest}</tr>\n", escape(&name))
        })
        .collect();
    let Effort { n_rounds, slice } = effort;
    Ok(format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Five Forks: measured next to its peers</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: auto; padding: 1rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; }}
th, td {{ text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8886;
  white-space: nowrap; }}
svg {{ max-width: 100%; height: auto; }}
</style>
<h1>Five Forks, measured next to its peers</h1>
<p>Each row: {n_rounds} rounds of {} ms, in which all contestants take turns; medians. A ratio is
taken within each round, ours divided by the best peer's: above 1 ours takes longer; the last one is
that of the fastest rounds of both, which a busy machine disturbs the least. Absolute times
hold for this machine and moment only.</p>
{plots}
<h2>All rows</h2>
<div class="wide"><table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}</tbody>
</table></div>
</html>
"#,
        slice.as_millis(),
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn exactly(value: f64) -> Spread {
    Spread { median: value, min: value, max: value }
}

fn plots_of(findings: &[Finding]) -> Vec<Plot> {
    let of = |group: &'static str| findings.iter().filter(move |finding| finding.group == group);
    let contended: Vec<_> =
        of(rows::LOCK).filter(|finding| finding.ours().waits.is_some()).collect();
    let compared: Vec<_> = findings.iter().filter(|f| f.best_peer().is_some()).collect();
    vec![
        Plot {
            title: "Ours divided by the best peer’s",
            axis: "median ratio and its range; left of 1 ours is faster",
            logarithmic: true,
            marks: vec![1.0, 1.05],
            labels: labels(&compared),
            series: vec![Series {
                name: "five forks".to_owned(),
                dots: compared.iter().map(|finding| finding.ratio()).collect(),
            }],
        },
        Plot {
            title: "Contended lock: time",
            axis: "nanoseconds per acquisition, with its range",
            logarithmic: true,
            marks: vec![],
            labels: labels(&contended),
            series: by_contestant(&contended, |s| Some(Spread::of(&s.ns))),
        },
        Plot {
            title: "Contended lock: fairness",
            axis: "Jain’s index; 1: all threads get equal shares",
            logarithmic: false,
            marks: vec![1.0],
            labels: labels(&contended),
            series: by_contestant(&contended, |s| s.fairness.map(exactly)),
        },
        Plot {
            title: "Contended lock: waits",
            axis: "nanoseconds: from p50 over p95 (the dot) to p99",
            logarithmic: true,
            marks: vec![],
            labels: labels(&contended),
            series: by_contestant(&contended, |s| {
                // A wait of 0 has no place on a logarithmic axis.
                let quantile = |share| s.waits.as_ref().map(|w| w.quantile_ns(share).max(1) as f64);
                let (min, median, max) = (quantile(0.5)?, quantile(0.95)?, quantile(0.99)?);
                Some(Spread { median, min, max })
            }),
        },
        rates("Philosophers", "thousand meals per second", 1e6, of(rows::PHILOSOPHERS).collect()),
        rates("Model", "million turns or executions per second", 1e3, of(rows::MODEL).collect()),
        rates("Exploring", "executions or searches per second", 1e9, of(rows::EXPLORING).collect()),
    ]
}

fn labels(findings: &[&Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}: {}", finding.group, finding.name)).collect()
}

/// How often in `unit_ns` nanoseconds.
fn rates(title: &'static str, axis: &'static str, unit_ns: f64, findings: Vec<&Finding>) -> Plot {
    let rate = |ns: &[f64]| Spread::of(&ns.iter().map(|ns| unit_ns / ns).collect::<Vec<_>>());
    let series = by_contestant(&findings, |standing| Some(rate(&standing.ns)));
    Plot { title, axis, logarithmic: true, marks: vec![], labels: labels(&findings), series }
}

fn by_contestant(
    findings: &[&Finding],
    dot: impl Fn(&crate::measure::Standing) -> Option<Spread>,
) -> Vec<Series> {
    let mut names: Vec<&str> = Vec::new();
    for standing in findings.iter().flat_map(|finding| &finding.standings) {
        if !names.contains(&standing.name) {
            names.push(standing.name);
        }
    }
    let series = names.into_iter().map(|name| Series {
        name: name.to_owned(),
        dots: findings
            .iter()
            .map(|finding| finding.standings.iter().find(|s| s.name == name).and_then(&dot))
            .collect(),
    });
    series.collect()
}

/// Draws a plot without a ground of its own, in the page's ink.
fn svg(plot: &Plot) -> anyhow::Result<String> {
    const WIDTH: u32 = 1000;
    const LABELS: u32 = 300;
    let n_series = plot.series.len() as f64;
    let line_height = 16 + 8 * plot.series.len() as u32;
    let height = line_height * plot.labels.len() as u32 + 90;
    let scale = |x: f64| if plot.logarithmic { x.log10() } else { x };
    let unscale = |x: f64| if plot.logarithmic { 10_f64.powf(x) } else { x };
    let values = plot.series.iter().flat_map(|s| s.dots.iter().flatten());
    let values = values.flat_map(|dot| [dot.min, dot.max]).chain(plot.marks.iter().copied());
    let range = Spread::of(&values.map(scale).collect::<Vec<_>>());
    let margin = ((range.max - range.min) * 0.05).max(0.02);

    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, (WIDTH, height)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(5)
            .margin_right(20)
            .margin_left(LABELS)
            .x_label_area_size(45)
            .y_label_area_size(1)
            .build_cartesian_2d(
                range.min - margin..range.max + margin,
                plot.labels.len() as f64..0.0,
            )?;
        let ink = ("sans-serif", 14).into_font().color(&INK);
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(0)
            .x_desc(plot.axis)
            .x_label_formatter(&|x| number(unscale(*x)))
            .label_style(ink.clone())
            .axis_desc_style(ink.clone())
            .axis_style(INK.mix(0.5))
            .bold_line_style(INK.mix(0.2))
            .light_line_style(TRANSPARENT)
            .draw()?;
        let bottom = plot.labels.len() as f64;
        for mark in &plot.marks {
            let line = [(scale(*mark), 0.0), (scale(*mark), bottom)];
            chart.draw_series([PathElement::new(line, INK.mix(0.7))])?;
        }
        for (series_idx, series) in plot.series.iter().enumerate() {
            let colour = COLOURS[series_idx % COLOURS.len()];
            for (idx, dot) in series.dots.iter().enumerate() {
                let Some(dot) = dot else { continue };
                let y = idx as f64 + (series_idx as f64 + 1.0) / (n_series + 1.0);
                let line = [(scale(dot.min), y), (scale(dot.max), y)];
                chart.draw_series([PathElement::new(line, colour.stroke_width(2))])?;
                let centre = (scale(dot.median), y);
                chart.draw_series([Circle::new(centre, 4, colour.filled())])?;
            }
        }
        let right = ink.pos(Pos::new(HPos::Right, VPos::Center));
        for (idx, label) in plot.labels.iter().enumerate() {
            let (_, y) = chart.backend_coord(&(range.min, idx as f64 + 0.5));
            area.draw(&Text::new(label.as_str(), (LABELS as i32 - 8, y), right.clone()))?;
        }
        area.present()?;
    }
    let legend: String = plot
        .series
        .iter()
        .zip(COLOURS.iter().cycle())
        .map(|(series, RGBColor(r, g, b))| {
            format!("<span style=\"color: rgb({r} {g} {b})\">●</span> {} ", escape(&series.name))
        })
        .collect();
    let named = format!("<svg role=\"img\" aria-label=\"{}\" ", plot.title);
    let drawn = drawn.replace(INK_HEX, "currentColor").replacen("<svg ", &named, 1);
    Ok(format!("<p>{legend}</p>\n{drawn}"))
}

fn number(x: f64) -> String {
    if x >= 100.0 { format!("{x:.0}") } else { format!("{x:.2}") }
}
