//! How well and how fast pairs of items that may be the same are found: on sets of which the truth is known.

use std::{fs, time::Instant};

use anyhow::Result;
use commun_specs::duplicates::{
    Memory, Rule,
    labelled::{self, Figures, Labelled, Outcome},
};

use super::{
    Effort,
    table::{Row, Table},
};

/// Items of the large set.
const MANY: usize = 100_000;

/// Precision and recall of every rule on both sets, and the time and memory for a large one.
pub(super) fn duplicates(effort: Effort, table: &mut Table) -> Result<()> {
    let hard = labelled::hard();
    figures(table, "written by hand", &hard, &hard.measure());
    let made = labelled::made(effort.times(30_000));
    figures(table, "made by rule", &made, &made.measure());

    let many = labelled::made(effort.times(MANY));
    let before = resident();
    let begun = Instant::now();
    let mut shelf = Memory::default();
    for (id, sheet) in (0..).zip(&many.sheets) {
        shelf.change(id, Some(sheet));
    }
    let took = begun.elapsed().as_secs_f64();
    let after = resident();
    let outcome = many.judge(&shelf);
    let (keys, common) = shelf.keys();
    table.remark(&format!(
        "{} items, {} pairs, {keys} keys of which {common} count for nothing",
        many.sheets.len(),
        shelf.all().len()
    ));
    figures(table, "large", &many, &outcome);
    for (what, ours, unit) in [
        ("time for all of the large set, one by one", took, "s"),
        ("memory for it", (after - before).max(0.0), "MiB"),
    ] {
        table.add(Row {
            what: what.to_owned(),
            ours,
            peer: None,
            peer_name: None,
            unit,
            n: many.sheets.len(),
            goal: "-".to_owned(),
            met: None,
        });
    }
    Ok(())
}

fn figures(table: &mut Table, name: &str, set: &Labelled, outcome: &Outcome) {
    let rules = Rule::ALL
        .iter()
        .map(|rule| (rule.as_str(), outcome.rules[rule]));
    for (rule, figures) in rules.chain([("all", outcome.all)]) {
        add(table, name, rule, figures);
    }
    let told = |what: &str, all: &[String]| {
        for line in all.iter().take(10) {
            eprintln!("  {what}: {line}");
        }
    };
    told("wrong", &outcome.wrong);
    told("missed", &outcome.missed);
    table.remark(&format!(
        "set {name}: {} items, {} pairs to be found",
        set.sheets.len(),
        set.truth.len()
    ));
}

fn add(table: &mut Table, name: &str, rule: &str, figures: Figures) {
    for (what, ours, n, goal) in [
        (
            "precision",
            figures.precision(),
            figures.right + figures.wrong,
            0.95,
        ),
        ("recall", figures.recall(), figures.wanted, 0.9),
    ] {
        table.add(Row {
            what: format!("duplicates, {name}, {rule}: {what}"),
            ours: ours * 100.0,
            peer: None,
            peer_name: None,
            unit: "%",
            n,
            goal: format!("at least {:.0} %", goal * 100.0),
            met: Some(ours >= goal),
        });
    }
}

/// What this process holds in memory, in MiB.
fn resident() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
