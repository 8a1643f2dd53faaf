//! The vocabularies that values are chosen from: what may be written, how it is shown, what is broader.
//!
//! Every table is data in a `.tsv` file beside this one (id, broader, French, English, other names, addresses,
//! values of standards), read once. Ids are what is stored, indexed and written in URLs; labels are only ever shown.

mod nearest;
mod scheme;
pub mod skos;
mod table;

pub use nearest::distance;
pub(crate) use nearest::fold;
pub use scheme::Scheme;
pub use table::{Concept, Said, Same};

use table::Table;

/// Whether a reader of this language gets the French label.
fn is_french(lang: &str) -> bool {
    let primary = lang.split('-').next();
    primary.is_some_and(|primary| primary.eq_ignore_ascii_case("fr"))
}

/// All concepts of a vocabulary, in the order of its table.
pub fn concepts(scheme: Scheme) -> &'static [Concept] {
    Table::of(scheme).concepts()
}

/// The concept with this id.
pub fn find(scheme: Scheme, id: &str) -> Option<&'static Concept> {
    Table::of(scheme).find(id)
}

/// The label of a concept in the language asked for (`fr…` gives French, all else English).
///
/// A language tag with subtags (`pt-BR`) falls back on its primary subtag.
pub fn label(scheme: Scheme, id: &str, lang: &str) -> Option<&'static str> {
    let concept = find(scheme, id).or_else(|| match scheme {
        Scheme::Language => find(scheme, id.split('-').next().unwrap_or(id)),
        _ => None,
    })?;
    Some(concept.label(lang))
}

/// The concept one step above this one.
pub fn broader(scheme: Scheme, id: &str) -> Option<&'static str> {
    find(scheme, id)?.broader
}

/// The ids given and all that are broader, each once: first the given ones, then those above, in order of meeting.
///
/// Ids that the vocabulary does not have are kept: they are facets too.
pub fn expand<'a>(scheme: Scheme, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut push = |id: &str| {
        let new = !all.iter().any(|known| known == id);
        if new {
            all.push(id.to_owned());
        }
        new
    };
    let given: Vec<&str> = ids.into_iter().collect();
    for id in &given {
        push(id);
    }
    for id in given {
        let mut next = broader(scheme, id);
        while let Some(above) = next {
            push(above);
            next = broader(scheme, above);
        }
    }
    all
}

/// The id whose id, label or other name is nearest to what was written, for "did you mean"; nothing when all are far.
pub fn suggest(scheme: Scheme, written: &str) -> Option<&'static str> {
    Table::of(scheme).suggest(written)
}

/// The id meant by a label or another name in either language (`L2`, `Mathématiques`, `fre`), case and accents aside.
pub fn by_name(scheme: Scheme, name: &str) -> Option<&'static str> {
    Table::of(scheme).by_name(name)
}

/// The id of the concept that has this address in another publication of the scheme (`https://w3id.org/kim/hcrt/course`).
pub fn by_address(scheme: Scheme, address: &str) -> Option<&'static str> {
    Table::of(scheme).by_address(address)
}

/// The id of the concept that a standard calls so (`LOMv1.0`, `narrative text`), case aside.
pub fn by_value(scheme: Scheme, standard: &str, value: &str) -> Option<&'static str> {
    Table::of(scheme).by_value(standard, value)
}

/// What a standard calls a concept, for writing: its own value or the nearest one; else that of the concept above.
pub fn value(scheme: Scheme, id: &str, standard: &str) -> Option<&'static str> {
    up(scheme, id, |concept| {
        let said = concept.values.iter();
        let mut said = said.filter(|said| said.standard.eq_ignore_ascii_case(standard));
        said.next().map(|said| said.value)
    })
}

/// The address of a concept in a publication of which all addresses begin so (`https://w3id.org/kim/hcrt/`), for
/// writing: its own or the nearest one; else that of the concept above.
pub fn address(scheme: Scheme, id: &str, publication: &str) -> Option<&'static str> {
    up(scheme, id, |concept| {
        let mut same = concept.same.iter().map(|same| same.address);
        same.find(|address| address.starts_with(publication))
    })
}

/// What the first concept says, from this one upwards, that says anything.
fn up<T>(scheme: Scheme, id: &str, ask: impl Fn(&'static Concept) -> Option<T>) -> Option<T> {
    let mut next = find(scheme, id);
    while let Some(concept) = next {
        if let Some(answer) = ask(concept) {
            return Some(answer);
        }
        next = concept.broader.and_then(|above| find(scheme, above));
    }
    None
}

#[cfg(test)]
mod tests;
