//! What was measured, as a table for people and as JSON.

use std::{collections::BTreeSet, fmt, fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    /// What is measured.
    pub(super) what: String,
    /// Our figure.
    pub(super) ours: f64,
    /// The peer's figure of the same run.
    pub(super) peer: Option<f64>,
    /// Who the peer is.
    pub(super) peer_name: Option<String>,
    /// ms, MiB, %.
    pub(super) unit: &'static str,
    /// How often ours was measured.
    pub(super) n: usize,
    /// What the goal says.
    pub(super) goal: String,
    /// Whether it is met, where there is one.
    pub(super) met: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Measured {
    #[serde(flatten)]
    row: Row,
    ratio: Option<f64>,
    /// The machine's load when it was measured.
    load: f64,
}

/// All figures of a run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Table {
    rows: Vec<Measured>,
    remarks: Vec<String>,
}

impl Table {
    /// Adds a figure.
    pub(super) fn add(&mut self, row: Row) {
        let ratio = row.peer.filter(|p| *p > 0.0).map(|p| row.ours / p);
        eprintln!("{}: {:.1} {}", row.what, row.ours, row.unit);
        self.rows.push(Measured {
            row,
            ratio,
            load: load(),
        });
    }

    /// Adds a sentence that readers of the figures must know.
    pub(super) fn remark(&mut self, text: &str) {
        eprintln!("{text}");
        self.remarks.push(text.to_owned());
    }

    /// Writes `federation.json` into a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let path = folder.join("federation.json");
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(&path, text).with_context(|| path.display().to_string())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, cells: [&str; 7]| {
            let [what, ours, peer, ratio, goal, n, load] = cells;
            writeln!(
                f,
                "{what:<52} {ours:>12} {peer:>12} {ratio:>6}  {goal:<28} {n:>4} {load:>5}"
            )
        };
        writeln!(f)?;
        line(f, ["what", "ours", "peer", "ratio", "goal", "n", "load"])?;
        for m in &self.rows {
            let r = &m.row;
            let figure = |x: f64| format!("{x:.1} {}", r.unit);
            let met = match r.met {
                Some(true) => " (met)",
                Some(false) => " (MISSED)",
                None => "",
            };
            line(
                f,
                [
                    &r.what,
                    &figure(r.ours),
                    &r.peer.map_or("-".to_owned(), figure),
                    &m.ratio.map_or("-".to_owned(), |x| format!("{x:.2}")),
                    &format!("{}{met}", r.goal),
                    &r.n.to_string(),
                    &format!("{:.1}", m.load),
                ],
            )?;
        }
        let peers: BTreeSet<&str> = self
            .rows
            .iter()
            .filter_map(|m| m.row.peer_name.as_deref())
            .collect();
        for peer in peers {
            writeln!(f, "The peer, in turns with ours in the same run: {peer}.")?;
        }
        for text in &self.remarks {
            writeln!(f, "{text}")?;
        }
        Ok(())
    }
}

/// The share `q` (0 to 1) of the durations is not above this, in milliseconds.
pub(super) fn quantile(all: &[Duration], q: f64) -> f64 {
    let mut sorted: Vec<f64> = all.iter().map(|d| d.as_secs_f64() * 1e3).collect();
    sorted.sort_by(f64::total_cmp);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "q is between 0 and 1"
    )]
    let at = ((sorted.len() as f64 * q).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// The middle one, in milliseconds.
pub(super) fn median(all: &[Duration]) -> f64 {
    quantile(all, 0.5)
}

fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|t| t.parse().ok())
        .unwrap_or(f64::NAN)
}
