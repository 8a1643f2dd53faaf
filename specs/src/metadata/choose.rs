//! Which of several values is shown: the best method, then the newest date (R-07-12).

use std::cmp::Ordering;

use super::record::{Record, Source, Value};
use super::view::View;

/// Best first. Dates are RFC 3339 in UTC, so their bytes sort as they do; no date is the oldest.
fn better(a: &Source, b: &Source) -> Ordering {
    a.method.cmp(&b.method).then_with(|| b.date.cmp(&a.date))
}

/// All values that stand on the same best footing, in their order.
fn best<'a, T>(values: impl Iterator<Item = &'a Value<T>> + Clone) -> Vec<&'a Value<T>>
where
    T: 'a,
{
    let Some(first) = values.clone().min_by(|a, b| better(&a.src, &b.src)) else {
        return Vec::new();
    };
    values
        .filter(|value| better(&value.src, &first.src) == Ordering::Equal)
        .collect()
}

fn one(values: &[Value<String>]) -> Option<String> {
    best(values.iter()).first().map(|value| value.v.clone())
}

fn many<T: Clone + PartialEq>(values: &[Value<T>]) -> Vec<T> {
    let mut chosen = Vec::new();
    for value in best(values.iter()) {
        if !chosen.contains(&value.v) {
            chosen.push(value.v.clone());
        }
    }
    chosen
}

/// The languages of a field's values in the order they are met, each once.
fn languages(values: &[Value<String>]) -> Vec<&str> {
    let mut tags: Vec<&str> = Vec::new();
    for value in values {
        let tag = tag(value);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn tag(value: &Value<String>) -> &str {
    value.lang.as_deref().unwrap_or("und")
}

/// One text per language.
fn texts(values: &[Value<String>]) -> Vec<(String, String)> {
    languages(values)
        .into_iter()
        .filter_map(|lang| {
            let chosen = best(values.iter().filter(|value| tag(value) == lang));
            chosen
                .first()
                .map(|value| (lang.to_owned(), value.v.clone()))
        })
        .collect()
}

/// All words of the best footing, per language.
fn words(values: &[Value<String>]) -> Vec<(String, String)> {
    let mut chosen: Vec<(String, String)> = Vec::new();
    for lang in languages(values) {
        for value in best(values.iter().filter(|value| tag(value) == lang)) {
            let pair = (lang.to_owned(), value.v.clone());
            if !chosen.contains(&pair) {
                chosen.push(pair);
            }
        }
    }
    chosen
}

impl Record {
    /// The plain values to show and index.
    pub fn view(&self) -> View {
        View {
            kind: one(&self.kind),
            titles: texts(&self.title),
            summaries: texts(&self.summary),
            descriptions: texts(&self.description),
            keywords: words(&self.keywords),
            languages: many(&self.language),
            creators: many(&self.creators),
            contributors: many(&self.contributors),
            created: one(&self.created),
            published: one(&self.published),
            modified: one(&self.modified),
            version: one(&self.version),
            status: one(&self.status),
            licence: one(&self.licence),
            licence_statements: texts(&self.licence_statement),
            resource_types: many(&self.resource_type),
            levels: many(&self.level),
            subjects: many(&self.subject),
            relations: many(&self.relations),
            aliases: many(&self.aliases),
            files: many(&self.files),
            programming_languages: many(&self.programming_language),
            platforms: many(&self.platform),
            development_status: one(&self.development_status),
            software_type: one(&self.software_type),
            maintenance: one(&self.maintenance),
            categories: many(&self.category),
            used_by: many(&self.used_by),
            links: many(&self.links),
            dependencies: many(&self.dependencies),
            contacts: many(&self.contacts),
        }
    }
}
