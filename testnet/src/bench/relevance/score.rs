//! Measures of answers against judgements.

use std::collections::HashMap;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;

use super::{Run, set::Set};

/// Places that nDCG looks at.
const PLACES: usize = 10;
/// How often the signs of differences are drawn anew.
const DRAWS: u32 = 10_000;

/// What an engine reached on a variant.
pub(super) struct Figures {
    /// nDCG@10 of each query, in the order of the queries.
    pub(super) each: Vec<f64>,
    /// Share of queries whose first answer is one of the best.
    pub(super) success: f64,
    /// Share of the best documents among the first hundred.
    pub(super) recall: f64,
    /// Share of queries without any answer.
    pub(super) empty: f64,
}

impl Figures {
    pub(super) fn of(set: &Set, run: &Run) -> Figures {
        let none = Vec::new();
        let (mut each, mut success, mut recall, mut empty) = (vec![], vec![], vec![], vec![]);
        for (query, grades) in &set.judged {
            let hits = run.get(query).unwrap_or(&none);
            let most = grades.values().copied().max().unwrap_or(0);
            let best = |document: &String| grades.get(document) == Some(&most);
            let wanted = grades.values().filter(|grade| **grade == most).count();
            each.push(ndcg(hits, grades));
            success.push(f64::from(hits.first().is_some_and(best)));
            recall.push(hits.iter().filter(|hit| best(hit)).count() as f64 / wanted as f64);
            empty.push(f64::from(hits.is_empty()));
        }
        Figures {
            each,
            success: mean(&success),
            recall: mean(&recall),
            empty: mean(&empty),
        }
    }

    /// Mean nDCG@10.
    pub(super) fn ndcg(&self) -> f64 {
        mean(&self.each)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        json!({
            "ndcg10": self.ndcg(), "success1": self.success, "recall100": self.recall, "empty": self.empty,
        })
    }
}

fn ndcg(hits: &[String], grades: &HashMap<String, u32>) -> f64 {
    let gain =
        |grade: u32, place: usize| (2f64.powi(grade as i32) - 1.0) / (place as f64 + 2.0).log2();
    let reached = hits.iter().take(PLACES).enumerate();
    let reached: f64 = reached
        .map(|(place, hit)| gain(grades.get(hit).copied().unwrap_or(0), place))
        .sum();
    let mut ideal: Vec<u32> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let ideal = ideal.into_iter().take(PLACES).enumerate();
    let ideal: f64 = ideal.map(|(place, grade)| gain(grade, place)).sum();
    if ideal > 0.0 { reached / ideal } else { 0.0 }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// How likely a difference of means at least as large is by chance: a paired randomisation test, two-sided. The draws
/// are the same in every run.
pub(super) fn p_value(ours: &[f64], theirs: &[f64]) -> f64 {
    let differences: Vec<f64> = ours
        .iter()
        .zip(theirs)
        .map(|(a, b)| a - b)
        .filter(|d| *d != 0.0)
        .collect();
    let seen = differences.iter().sum::<f64>().abs();
    let mut random = StdRng::seed_from_u64(5);
    let mut as_large = 0;
    for _ in 0..DRAWS {
        let sum: f64 = differences
            .iter()
            .map(|d| if random.random::<bool>() { *d } else { -d })
            .sum();
        as_large += u32::from(sum.abs() >= seen - 1e-12);
    }
    f64::from(as_large + 1) / f64::from(DRAWS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_order_scores_one_and_a_worse_one_less() {
        let grades = HashMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)]);
        let of = |hits: &[&str]| {
            let hits: Vec<String> = hits.iter().map(|&hit| hit.to_owned()).collect();
            ndcg(&hits, &grades)
        };
        assert!((of(&["a", "b", "c"]) - 1.0).abs() < 1e-9);
        assert!(of(&["b", "a"]) < 1.0 && of(&["c", "a", "b"]) < of(&["b", "a"]));
        assert!(of(&[]).abs() < 1e-9);
    }

    #[test]
    fn a_constant_gain_is_no_chance_and_none_is() {
        let low = vec![0.1; 50];
        let high: Vec<f64> = low.iter().map(|value| value + 0.1).collect();
        assert!(p_value(&high, &low) < 0.01);
        assert!(p_value(&low, &low) > 0.99);
    }
}
