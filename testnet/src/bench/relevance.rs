//! How well searches answer, on sets of which people or rules have said what is right, beside Lucene in the same run.
//!
//! Two small sets of course descriptions in French and English are in the repository. Larger ones are read from
//! `COMMUN_SHARED` where it is set: each folder of `data/search` with documents, judgements and queries in variants (as
//! they are meant, without accents, with a slip, in capitals, as keywords). Both engines index the same documents and
//! answer the same queries; ours is `examples/relevance` of the index, so that nothing but the index is compared.

mod lucene;
mod score;
mod set;

use std::{
    collections::HashMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{
    Effort,
    table::{Row, Table},
};
use lucene::Lucene;
use score::{Figures, mean, p_value};
use set::{Set, Variant};

/// For each query what an engine answered, best first.
type Run = HashMap<String, Vec<String>>;

/// What a variant may lose against the queries as they are meant.
const MAX_LOSS: [(&str, f64); 2] = [("noaccent", 0.005), ("typo", 0.02)];

/// One line of the result.
struct Line {
    set: String,
    variant: String,
    ours: Figures,
    peer: Option<(Figures, f64)>,
}

/// Measures all sets; prints a table in Markdown, adds the goals' rows to the table, and writes `relevance.json`.
pub(super) fn relevance(effort: Effort, out: &Path, table: &mut Table) -> Result<()> {
    let work = tempfile::Builder::new()
        .prefix("commun-relevance-")
        .tempdir()?;
    let lucene = match Lucene::find(work.path()) {
        Ok(lucene) => Some(lucene),
        Err(e) => {
            table.remark(&format!(
                "No Lucene to compare with: {e:#}. On Debian: apt-get install liblucene8-java default-jdk-headless."
            ));
            None
        }
    };
    let mut sets = set::own(work.path())?;
    match env::var_os("COMMUN_SHARED").map(|shared| PathBuf::from(shared).join("data/search")) {
        Some(folder) if folder.is_dir() => sets.extend(set::judged(&folder, work.path(), effort.0)?),
        _ => table.remark("COMMUN_SHARED names no judged sets (data/search): only the two small ones of the repository."),
    }
    let mut lines = Vec::new();
    for set in &sets {
        eprintln!(
            "{}: {} documents, {} queries",
            set.name,
            set.documents,
            set.judged.len()
        );
        let ours = runs(ours(set)?, set)?;
        let theirs = lucene.as_ref().map(|lucene| lucene.runs(set)).transpose()?;
        let theirs = theirs.map(|text| runs(text, set)).transpose()?;
        for (at, variant) in set.variants.iter().enumerate() {
            lines.push(line(
                set,
                variant,
                &ours[at],
                theirs.as_ref().map(|all| &all[at]),
            ));
        }
    }
    let shown = markdown(&lines);
    println!("{shown}");
    goals(&lines, table);
    fs::create_dir_all(out)?;
    let path = out.join("relevance.json");
    let figures: Vec<_> = lines.iter().map(Line::json).collect();
    fs::write(&path, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| path.display().to_string())?;
    fs::write(out.join("relevance.md"), shown)?;
    Ok(())
}

/// What our index prints.
fn ours(set: &Set) -> Result<String> {
    let program = env::current_exe()?
        .with_file_name("examples")
        .join("relevance");
    ensure!(
        program.is_file(),
        "{} is missing: cargo build --workspace --release --example relevance",
        program.display()
    );
    let mut command = Command::new(program);
    command.arg(set.language).arg(&set.texts);
    command.args(set.variants.iter().map(|variant| &variant.queries));
    output(command)
}

/// What a program printed.
fn output(mut command: Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let done = command.output().with_context(|| name.clone())?;
    ensure!(
        done.status.success(),
        "{name} failed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(String::from_utf8(done.stdout)?)
}

/// Reads what an engine printed: for each variant a line with its number, then lines of query and document.
fn runs(text: String, set: &Set) -> Result<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    for line in text.lines() {
        match (line.split_once('\t'), runs.last_mut()) {
            (Some((query, document)), Some(run)) => run
                .entry(query.to_owned())
                .or_default()
                .push(document.to_owned()),
            (None, _) => runs.push(Run::new()),
            (Some(_), None) => anyhow::bail!("an answer before its file's number: {line}"),
        }
    }
    ensure!(
        runs.len() == set.variants.len(),
        "not every variant was answered"
    );
    Ok(runs)
}

fn line(set: &Set, variant: &Variant, ours: &Run, theirs: Option<&Run>) -> Line {
    let mine = Figures::of(set, ours);
    let peer = theirs.map(|run| {
        let peer = Figures::of(set, run);
        let p = p_value(&mine.each, &peer.each);
        (peer, p)
    });
    Line {
        set: set.name.clone(),
        variant: variant.name.clone(),
        ours: mine,
        peer,
    }
}

impl Line {
    fn json(&self) -> serde_json::Value {
        json!({
            "set": self.set, "variant": self.variant, "queries": self.ours.each.len(),
            "ours": self.ours.json(),
            "lucene": self.peer.as_ref().map(|(figures, _)| figures.json()),
            "p": self.peer.as_ref().map(|(_, p)| p),
        })
    }
}

/// The figures as a table in Markdown, for the documentation.
fn markdown(lines: &[Line]) -> String {
    let mut text = String::from(
        "| set | queries | nDCG@10 | Lucene | p | success@1 | Lucene | recall@100 | Lucene | empty | Lucene |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for line in lines {
        let _ = write!(text, "| {} | {} |", line.set, line.variant);
        let peer = line.peer.as_ref();
        let figures: [fn(&Figures) -> f64; 4] =
            [Figures::ndcg, |f| f.success, |f| f.recall, |f| f.empty];
        for (at, figure) in figures.into_iter().enumerate() {
            let theirs = peer.map_or("-".to_owned(), |(peer, _)| format!("{:.3}", figure(peer)));
            let _ = write!(text, " {:.3} | {theirs} |", figure(&line.ours));
            if at == 0 {
                let p = peer.map_or("-".to_owned(), |(_, p)| format!("{p:.3}"));
                let _ = write!(text, " {p} |");
            }
        }
        text.push('\n');
    }
    text
}

/// Rows with goals: not below Lucene, and little lost by a slip or without accents.
fn goals(lines: &[Line], table: &mut Table) {
    for line in lines {
        let ours = line.ours.ndcg();
        let peer = line.peer.as_ref().map(|(peer, _)| peer.ndcg());
        table.add(Row {
            what: format!("nDCG@10, {}, {}", line.set, line.variant),
            ours: ours * 100.0,
            peer: peer.map(|peer| peer * 100.0),
            peer_name: peer.map(|_| "Lucene 8 with the analyzer of the language".to_owned()),
            unit: "%",
            n: line.ours.each.len(),
            goal: "Lucene's at least".to_owned(),
            met: peer.map(|peer| ours >= peer),
        });
        let clean = lines
            .iter()
            .find(|other| other.set == line.set && other.variant == "clean");
        let loss = MAX_LOSS
            .iter()
            .find(|(variant, _)| *variant == line.variant);
        if let (Some(clean), Some((_, most))) = (clean, loss) {
            let lost = mean(&clean.ours.each) - ours;
            table.add(Row {
                what: format!("lost, {}, {}", line.set, line.variant),
                ours: lost * 100.0,
                peer: None,
                peer_name: None,
                unit: "%",
                n: line.ours.each.len(),
                goal: format!("at most {} %", most * 100.0),
                met: Some(lost <= *most),
            });
        }
    }
}
