//! Search quality as a number, on judged sets that are not part of this repository.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use super::hostile::PATIENCE;
use super::*;

/// The folder of shared data.
fn shared() -> PathBuf {
    let folder = std::env::var_os("COMMUN_SHARED")
        .expect("COMMUN_SHARED names the folder of shared data, which holds data/search");
    PathBuf::from(folder)
}

/// A judged set: documents, variants of queries, and which document is how good for which query.
struct JudgedSet {
    folder: PathBuf,
    language: &'static str,
    judgements: HashMap<String, HashMap<String, i32>>,
}

impl JudgedSet {
    fn open(name: &str, language: &'static str) -> Self {
        let folder = shared().join("data/search").join(name);
        let mut judgements: HashMap<String, HashMap<String, i32>> = HashMap::new();
        let lines = std::fs::read_to_string(folder.join("qrels.tsv")).unwrap();
        for line in lines.lines() {
            let mut cells = line.split('\t').map(str::to_owned);
            let (query, document) = (cells.next().unwrap(), cells.next().unwrap());
            let grade = cells.next().unwrap().parse().unwrap();
            judgements.entry(query).or_default().insert(document, grade);
        }
        JudgedSet {
            folder,
            language,
            judgements,
        }
    }

    /// An index of the set's documents; their only text is a description.
    fn index(&self) -> Fixture {
        let unpacked = Command::new("gzip")
            .arg("-dc")
            .arg(self.folder.join("docs.tsv.gz"))
            .output()
            .unwrap();
        assert!(unpacked.status.success());
        let lines = String::from_utf8(unpacked.stdout).unwrap();
        let fixture = empty();
        let documents: Vec<Document> = lines
            .lines()
            .map(|line| {
                let (id, text) = line.split_once('\t').unwrap();
                let mut document = titled(id, self.language, "");
                document.descriptions = vec![(self.language.to_owned(), text.to_owned())];
                document
            })
            .collect();
        let start = Instant::now();
        let count = documents.len();
        fixture.apply(puts(documents), 1).unwrap();
        println!("{count} documents in {:?}", start.elapsed());
        fixture
    }

    /// Mean nDCG@10 over the queries of a variant.
    fn ndcg(&self, index: &Index, variant: &str) -> f64 {
        let file = self.folder.join(format!("queries.{variant}.tsv"));
        let queries = std::fs::read_to_string(file).unwrap();
        let start = Instant::now();
        let mut found: HashMap<&str, Answer> = HashMap::new();
        for line in queries.lines() {
            let (name, text) = line.split_once('\t').unwrap();
            let query = Query {
                interface_language: self.language.to_owned(),
                ..ask(text)
            };
            found.insert(name, index.search(&query).unwrap());
        }
        let gain =
            |grade: i32, place: usize| (2f64.powi(grade) - 1.0) / (place as f64 + 2.0).log2();
        let mut sum = 0.0;
        for (query, grades) in &self.judgements {
            let hits = found.get(query.as_str()).map_or(&[][..], |a| &a.hits);
            let reached = hits
                .iter()
                .enumerate()
                .map(|(place, hit)| gain(grades.get(&hit.id).copied().unwrap_or(0), place));
            let mut ideal: Vec<i32> = grades.values().copied().collect();
            ideal.sort_by_key(|grade| std::cmp::Reverse(*grade));
            let best = ideal.iter().take(10).enumerate();
            let best: f64 = best.map(|(place, grade)| gain(*grade, place)).sum();
            if best > 0.0 {
                sum += reached.sum::<f64>() / best;
            }
        }
        let ndcg = sum / self.judgements.len() as f64;
        println!(
            "{} {variant}: nDCG@10 {ndcg:.4}, {:?} per query",
            self.folder.file_name().unwrap().display(),
            start.elapsed() / found.len() as u32
        );
        ndcg
    }
}

/// What Lucene 8.7 with its French chain reaches on the set.
const LUCENE_FRENCH: f64 = 0.709;
/// What Lucene reaches on the English set.
const LUCENE_ENGLISH: f64 = 0.686;

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_french_search_is_at_least_as_good_as_lucenes() {
    let set = JudgedSet::open("deb-fr", "fr");
    let index = set.index();
    let clean = set.ndcg(&index, "clean");
    let accentless = set.ndcg(&index, "noaccent");
    let slips = set.ndcg(&index, "typo");
    let keywords = set.ndcg(&index, "keywords");
    let capitals = set.ndcg(&index, "upper");
    assert!(clean >= LUCENE_FRENCH);
    assert!((clean - accentless).abs() <= 0.005);
    assert!(clean - slips <= 0.02);
    assert!(keywords >= 0.452);
    assert!((clean - capitals).abs() <= 0.005);
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_english_search_is_at_least_as_good_as_lucenes() {
    let set = JudgedSet::open("deb-en", "en");
    let index = set.index();
    let clean = set.ndcg(&index, "clean");
    let slips = set.ndcg(&index, "typo");
    set.ndcg(&index, "keywords");
    set.ndcg(&index, "upper");
    assert!(clean >= LUCENE_ENGLISH);
    assert!(clean - slips <= 0.02);
}

#[test]
#[ignore = "needs COMMUN_SHARED"]
fn acceptance_hostile_queries_are_answered_or_refused_in_time() {
    let file = shared().join("data/hostile/lists/evil-queries.json");
    let list: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let cases = list["queries"].as_array().unwrap();
    let honest = cases.iter().filter(|case| case["expect"] == "accept");
    let index = filled(
        honest
            .enumerate()
            // One of them asks for a language.
            .map(|(n, case)| Document {
                languages: vec!["de".to_owned()],
                ..titled(&format!("honest-{n}"), "", case["q"].as_str().unwrap())
            }),
    );
    let mut honest = 0;
    for case in cases {
        let text = case["q"].as_str().unwrap();
        let start = Instant::now();
        let answer = index.search(&ask(text));
        assert!(start.elapsed() < PATIENCE, "{}", case["what"]);
        match answer {
            Ok(answer) if case["expect"] == "accept" => {
                let own = format!("honest-{honest}");
                assert!(ids(&answer).contains(&own.as_str()), "{text}");
                honest += 1;
            }
            Ok(_) => {}
            Err(error) => assert!(error.is_refusal() && case["expect"] != "accept", "{text}"),
        }
    }
    println!(
        "{} hostile queries, {honest} honest ones found",
        cases.len() - honest
    );
    assert!(honest > 0 && honest < cases.len());
}
