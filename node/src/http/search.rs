//! A search as an address says it: read by the API and by the page, and written again for links.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Uri;
use commun_index::{Answer, Query, QueryError, Sort};
use commun_specs::{
    licence::{ADAPT, Licence},
    metadata::{Author, NOT_CHECKED, STATED},
    vocab::{self, Scheme},
};
use url::form_urlencoded;

use super::{
    lang::Wanted,
    problem::{Limit, Problem, Slip},
    site::Site,
};

/// Hits on a page unless the address says otherwise.
const DEFAULT_LIMIT: usize = 20;
/// Most parameters of an address: every filter at its limit stays below.
const MAX_PARAMETERS: usize = 4_000;

/// A way to narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    Type,
    ResourceType,
    Level,
    Subject,
    Language,
    Licence,
    LicenceClass,
    Format,
    Duration,
    Accessibility,
    Institution,
}

impl Facet {
    /// All, in the order in which pages show them: what a teacher chooses by comes first.
    pub(super) const ALL: [Facet; 11] = [
        Facet::ResourceType,
        Facet::Level,
        Facet::Subject,
        Facet::Language,
        Facet::LicenceClass,
        Facet::Licence,
        Facet::Format,
        Facet::Duration,
        Facet::Accessibility,
        Facet::Institution,
        Facet::Type,
    ];

    /// The parameter's name, which is also that in the answer.
    pub(super) fn name(self) -> &'static str {
        match self {
            Facet::Type => "type",
            Facet::ResourceType => "resource_type",
            Facet::Level => "level",
            Facet::Subject => "subject",
            Facet::Language => "language",
            Facet::Licence => "licence",
            Facet::LicenceClass => "licence_class",
            Facet::Format => "format",
            Facet::Duration => "duration",
            Facet::Accessibility => "accessibility",
            Facet::Institution => "institution",
        }
    }

    /// The values that a query selects.
    pub(super) fn selected(self, query: &mut Query) -> &mut Vec<String> {
        match self {
            Facet::Type => &mut query.types,
            Facet::ResourceType => &mut query.resource_types,
            Facet::Level => &mut query.levels,
            Facet::Subject => &mut query.subjects,
            Facet::Language => &mut query.languages,
            Facet::Licence => &mut query.licences,
            Facet::LicenceClass => &mut query.licence_classes,
            Facet::Format => &mut query.formats,
            Facet::Duration => &mut query.durations,
            Facet::Accessibility => &mut query.accessibility,
            Facet::Institution => &mut query.institutions,
        }
    }

    /// A value's name for people; the value itself where no vocabulary has it.
    pub(super) fn label(self, value: &str, lang: &str) -> String {
        let scheme = match self {
            Facet::Type => Scheme::ItemType,
            Facet::ResourceType => Scheme::ResourceType,
            Facet::Level => Scheme::Level,
            Facet::Subject => Scheme::Subject,
            Facet::Language => Scheme::Language,
            Facet::Licence => {
                return Licence::parse(value).map_or_else(|_| value.to_owned(), |l| l.label(lang));
            }
            Facet::LicenceClass => Scheme::LicenceClass,
            Facet::Format => Scheme::Format,
            Facet::Duration => Scheme::Duration,
            Facet::Accessibility => {
                let schemes = [
                    Scheme::Accessibility,
                    Scheme::AccessibilityFeature,
                    Scheme::AccessibilityControl,
                ];
                let label = schemes
                    .into_iter()
                    .find_map(|scheme| vocab::label(scheme, value, lang));
                return label.unwrap_or(value).to_owned();
            }
            Facet::Institution => return value.to_owned(),
        };
        vocab::label(scheme, value, lang).map_or_else(|| value.to_owned(), str::to_owned)
    }
}

/// The values of a flat list that say something: not one that counts just what one below it counts, whose narrower name says
/// more, nor one that is called as one above it.
pub(super) fn telling<'a>(
    facet: Facet,
    counts: &'a [(String, u64)],
    lang: &str,
) -> Vec<&'a (String, u64)> {
    let known: BTreeMap<&str, u64> = counts.iter().map(|(v, n)| (v.as_str(), *n)).collect();
    let mut silent = BTreeSet::new();
    for (value, count) in counts {
        let over = all_above(facet, value);
        silent.extend(over.filter(|one| known.get(one) == Some(count)));
    }
    let counts = counts.iter();
    let counts = counts.filter(|(value, _)| !silent.contains(value.as_str()));
    once(facet, counts.collect(), lang, |_| false)
}

/// The values of a list without those that are called as one above them in it, but for those that are `kept`: a broad field of
/// study and a narrow one below it may have one name, and the broad one finds what the other does.
pub(super) fn once<'a>(
    facet: Facet,
    counts: Vec<&'a (String, u64)>,
    lang: &str,
    kept: impl Fn(&str) -> bool,
) -> Vec<&'a (String, u64)> {
    let listed: BTreeSet<&str> = counts.iter().map(|(value, _)| value.as_str()).collect();
    let is_again = |value: &str| {
        let label = facet.label(value, lang);
        let mut over = all_above(facet, value).filter(|one| listed.contains(one));
        over.any(|one| facet.label(one, lang) == label)
    };
    let all = counts.iter().copied();
    all.filter(|(value, _)| kept(value) || !is_again(value))
        .collect()
}

/// The values above another in its facet's tree, the nearest first.
pub(super) fn all_above(facet: Facet, value: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(above(facet, value), move |one| above(facet, one))
}

/// The value one step above another in its facet's tree, as the index counts it; `None` at the top.
pub(super) fn above(facet: Facet, value: &str) -> Option<&str> {
    match facet {
        Facet::Level => vocab::broader(Scheme::Level, value),
        Facet::Subject => vocab::broader(Scheme::Subject, value),
        Facet::LicenceClass => vocab::broader(Scheme::LicenceClass, value),
        Facet::Accessibility => (!matches!(value, STATED | NOT_CHECKED)).then_some(STATED),
        // A regional tag stands below its language.
        Facet::Language => value.split_once('-').map(|(primary, _)| primary),
        _ => None,
    }
}

/// Whether a value stands anywhere below another.
fn is_below(facet: Facet, value: &str, other: &str) -> bool {
    all_above(facet, value).any(|one| one == other)
}

/// Whether what has a class of licences may be changed.
pub(super) fn may_adapt(class: &str) -> bool {
    class == ADAPT || vocab::broader(Scheme::LicenceClass, class) == Some(ADAPT)
}

/// The levels that say most: the index keeps the broader ones beside them, for its facets.
pub(super) fn narrowest(levels: &[String]) -> Vec<&String> {
    let above = |level: &String| {
        let mut above = Vec::new();
        let mut next = vocab::broader(Scheme::Level, level);
        while let Some(id) = next {
            above.push(id);
            next = vocab::broader(Scheme::Level, id);
        }
        above
    };
    let broader: Vec<&str> = levels.iter().flat_map(above).collect();
    let narrow = levels.iter();
    narrow
        .filter(|level| !broader.contains(&level.as_str()))
        .collect()
}

/// What an address asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The query for the index.
    pub(super) query: Query,
    /// Only what may be changed, whatever its licence is called.
    pub(super) adaptable: bool,
    /// The page's language, where the address names one.
    pub(super) lang: Option<String>,
}

impl Asked {
    /// Reads the parameters of an address.
    ///
    /// # Errors
    /// A parameter that is not what it should be, by name. Unknown ones are ignored, empty ones too.
    pub(super) fn read(uri: &Uri, wanted: &Wanted) -> Result<Asked, Problem> {
        let mut asked = Asked::default();
        let query = &mut asked.query;
        query.limit = DEFAULT_LIMIT;
        query.facets = true;
        query.interface_language = wanted.lang.tag().to_owned();
        let raw = uri.query().unwrap_or_default();
        for (at, (name, value)) in form_urlencoded::parse(raw.as_bytes()).enumerate() {
            if at >= MAX_PARAMETERS {
                return Err(Problem::bad_request("the address has too many parameters"));
            }
            let value = value.trim();
            if let Some(facet) = Facet::ALL.into_iter().find(|f| f.name() == name) {
                let selected = facet.selected(query);
                if !value.is_empty() && !selected.iter().any(|v| v == value) {
                    selected.push(value.to_owned());
                }
                continue;
            }
            match &*name {
                "q" => query.text = value.to_owned(),
                "limit" if !value.is_empty() => query.limit = whole(&name, value)?,
                "offset" if !value.is_empty() => query.offset = whole(&name, value)?,
                "sort" if !value.is_empty() => query.sort = sort(value)?,
                "facets" => query.facets = flag(&name, value)?,
                "explain" => query.explain = flag(&name, value)?,
                "exact" => query.exact = flag(&name, value)?,
                "adaptable" => asked.adaptable = flag(&name, value)?,
                "author" if !value.is_empty() => {
                    let key = author(value)?;
                    if !query.authors.contains(&key) {
                        query.authors.push(key);
                    }
                }
                "lang" => asked.lang = Some(value.to_owned()),
                _ => {}
            }
        }
        Ok(asked)
    }

    /// A search for everything, as it is before anybody narrows it.
    pub(super) fn default_page() -> Asked {
        let mut asked = Asked::default();
        asked.query.limit = DEFAULT_LIMIT;
        asked
    }

    /// Searches.
    pub(super) fn run(&self, site: &dyn Site) -> Result<Answer, Problem> {
        let mut query = self.query.clone();
        if !self.adaptable {
            return site.search(&query).map_err(refused);
        }
        Self::only_adaptable(&mut query);
        let mut answer = site.search(&query).map_err(refused)?;
        if let Some(counts) = answer.facets.get_mut(Facet::LicenceClass.name()) {
            self.without_excluded(counts);
        }
        Ok(answer)
    }

    /// Of the counts of classes those that the switch leaves: what it excludes finds nothing, so it is shown only where it
    /// is chosen, with that.
    fn without_excluded(&self, counts: &mut Vec<(String, u64)>) {
        let chosen = &self.query.licence_classes;
        counts.retain(|(class, count)| may_adapt(class) && (*count > 0 || chosen.contains(class)));
        for class in chosen {
            if !counts.iter().any(|(known, _)| known == class) {
                counts.push((class.clone(), 0));
            }
        }
    }

    /// Narrows to what may be changed: of the classes chosen those that allow it, or all that do.
    fn only_adaptable(query: &mut Query) {
        let classes = &mut query.licence_classes;
        if classes.is_empty() {
            classes.push(ADAPT.to_owned());
            return;
        }
        classes.retain(|class| may_adapt(class));
        if classes.is_empty() {
            // A value that nothing has: what may not be changed is chosen, and what may.
            classes.push("none".to_owned());
        }
    }

    /// This search with one value of a facet taken or left, from its first page.
    pub(super) fn toggled(&self, facet: Facet, value: &str) -> Asked {
        let mut asked = self.first_page();
        let selected = facet.selected(&mut asked.query);
        match selected.iter().position(|v| v == value) {
            Some(at) => {
                selected.remove(at);
            }
            None => {
                // Beside what is broader or narrower it would change nothing.
                selected.retain(|v| !is_below(facet, v, value) && !is_below(facet, value, v));
                selected.push(value.to_owned());
            }
        }
        asked
    }

    /// This search without its last word; `None` where it has one word or none.
    pub(super) fn shorter(&self) -> Option<Asked> {
        let (text, _) = self
            .query
            .text
            .trim_end()
            .rsplit_once(char::is_whitespace)?;
        let mut asked = self.first_page();
        asked.query.text = text.trim_end().to_owned();
        (!asked.query.text.is_empty()).then_some(asked)
    }

    /// This search without a facet's filter.
    pub(super) fn without(&self, facet: Facet) -> Asked {
        let mut asked = self.first_page();
        facet.selected(&mut asked.query).clear();
        asked
    }

    /// This search with the switch for what may be changed turned.
    pub(super) fn switched(&self) -> Asked {
        let mut asked = self.first_page();
        asked.adaptable = !self.adaptable;
        asked
    }

    /// This search in another order.
    pub(super) fn sorted(&self, sort: Sort) -> Asked {
        let mut asked = self.first_page();
        asked.query.sort = sort;
        asked
    }

    /// This search for what was typed, without corrections.
    pub(super) fn exactly(&self) -> Asked {
        let mut asked = self.first_page();
        asked.query.exact = true;
        asked
    }

    /// This search without any filter.
    pub(super) fn without_filters(&self) -> Asked {
        let mut asked = self.first_page();
        for facet in Facet::ALL {
            facet.selected(&mut asked.query).clear();
        }
        asked.query.authors.clear();
        asked.adaptable = false;
        asked
    }

    /// This search with its filters and order, from its first hit.
    pub(super) fn first_page(&self) -> Asked {
        let mut asked = self.clone();
        asked.query.offset = 0;
        asked
    }

    /// Whether any filter is set.
    pub(super) fn is_filtered(&self) -> bool {
        let mut query = self.query.clone();
        self.adaptable
            || !query.authors.is_empty()
            || Facet::ALL
                .iter()
                .any(|f| !f.selected(&mut query).is_empty())
    }

    /// The parameters, as they are written in a link; what is as by default is left out.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut query = self.query.clone();
        let mut all = Vec::new();
        if !query.text.is_empty() {
            all.push(("q", query.text.clone()));
        }
        for facet in Facet::ALL {
            let values = std::mem::take(facet.selected(&mut query));
            all.extend(values.into_iter().map(|value| (facet.name(), value)));
        }
        all.extend(query.authors.iter().map(|key| ("author", key.clone())));
        if self.adaptable {
            all.push(("adaptable", "1".to_owned()));
        }
        if query.exact {
            all.push(("exact", "1".to_owned()));
        }
        match query.sort {
            Sort::Relevance => {}
            Sort::Newest => all.push(("sort", "newest".to_owned())),
            Sort::Adoptions => all.push(("sort", "adoptions".to_owned())),
            Sort::Title => all.push(("sort", "title".to_owned())),
        }
        if query.limit != DEFAULT_LIMIT {
            all.push(("limit", query.limit.to_string()));
        }
        if query.offset > 0 {
            all.push(("offset", query.offset.to_string()));
        }
        if let Some(lang) = &self.lang {
            all.push(("lang", lang.clone()));
        }
        all
    }

    /// This search without one of its authors.
    pub(super) fn without_author(&self, key: &str) -> Asked {
        let mut asked = self.first_page();
        asked.query.authors.retain(|known| known != key);
        asked
    }

    /// All items of an author, by one of their keys.
    pub(super) fn by(key: &str) -> Asked {
        let mut asked = Asked::default_page();
        asked.query.authors.push(key.to_owned());
        asked
    }

    /// The address of the page of this search.
    pub(super) fn href(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.parameters());
        let query = query.finish();
        if query.is_empty() {
            "/search".to_owned()
        } else {
            format!("/search?{query}")
        }
    }
}

/// What an author is told from others by, as it is written in one way.
fn author(value: &str) -> Result<String, Problem> {
    let author: Author = value.parse().map_err(|_| {
        Problem::bad_request("the parameter author names nobody").with_error(
            "author",
            "not an author",
            "write orcid:…, idref:… or name:…",
        )
    })?;
    Ok(author.to_string())
}

fn whole(name: &str, value: &str) -> Result<usize, Problem> {
    value.parse().map_err(|_| {
        Problem::bad_request(format!("the parameter {name} is not a whole number")).with_error(
            name,
            "not a whole number",
            "write digits only",
        )
    })
}

fn flag(name: &str, value: &str) -> Result<bool, Problem> {
    match value {
        "1" | "true" | "yes" | "" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => {
            Err(
                Problem::bad_request(format!("the parameter {name} is not true or false"))
                    .with_error(name, "not a truth value", "write true or false"),
            )
        }
    }
}

fn sort(value: &str) -> Result<Sort, Problem> {
    match value {
        "relevance" => Ok(Sort::Relevance),
        "newest" => Ok(Sort::Newest),
        "adoptions" => Ok(Sort::Adoptions),
        "title" => Ok(Sort::Title),
        _ => Err(
            Problem::bad_request("the parameter sort is not an order that is known").with_error(
                "sort",
                "not an order",
                "write relevance, newest, adoptions or title",
            ),
        ),
    }
}

/// What the index refuses is the asker's to mend; what it fails at is ours.
pub(super) fn refused(error: QueryError) -> Problem {
    if error.is_refusal() {
        let detail = error.to_string();
        let problem = Problem {
            limit: limit(&error),
            ..Problem::bad_request(detail.clone())
        };
        let Some(slip) = slip(error) else {
            return problem;
        };
        let fix = match (&slip.nearest, slip.field, &slip.written) {
            (Some(nearest), ..) => format!("write {nearest}"),
            (None, None, Some(_)) => {
                "put a space before the colon to search for the words".to_owned()
            }
            (None, None, None) => "leave some of them out, or choose filters instead".to_owned(),
            (None, Some(field), _) => format!("write a value of {field} right after the colon"),
        };
        Problem {
            slip: Some(Box::new(slip)),
            ..problem.with_error("q", detail, fix)
        }
    } else {
        tracing::error!(error = &error as &dyn std::error::Error, "a search failed");
        Problem::failed()
    }
}

/// Which limit a search is over, of those that a page can lead to.
fn limit(error: &QueryError) -> Option<Limit> {
    Some(match *error {
        QueryError::TooLong { limit } => Limit::Characters(limit),
        QueryError::TooManyWords { limit } => Limit::Words(limit),
        QueryError::TooDeep { limit } => Limit::Depth(limit),
        QueryError::TooManyValues { limit } => Limit::Values(limit),
        QueryError::PageTooFar { limit } => Limit::Reach(limit),
        _ => return None,
    })
}

/// What is wrong with a part of the text, where only a part is.
fn slip(error: QueryError) -> Option<Slip> {
    Some(match error {
        QueryError::UnknownField {
            name,
            place,
            nearest,
        } => Slip {
            place,
            field: None,
            written: Some(name),
            nearest: nearest.map(str::to_owned),
        },
        QueryError::NoValue { field, place } => Slip {
            place,
            field: Some(field),
            written: None,
            nearest: None,
        },
        QueryError::TooManyFields { place, .. } => Slip {
            place,
            field: None,
            written: None,
            nearest: None,
        },
        QueryError::UnknownValue {
            field,
            value,
            place,
            nearest,
        } => Slip {
            place,
            field: Some(field),
            written: Some(value),
            nearest,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn read(query: &str) -> Result<Asked, Problem> {
        let wanted = Wanted::read(None, &HeaderMap::new());
        Asked::read(&format!("/search?{query}").parse().unwrap(), &wanted)
    }

    #[test]
    fn a_field_that_is_called_as_the_one_above_it_is_listed_once() {
        let counts = |ids: &[&str]| -> Vec<(String, u64)> {
            let ids = ids.iter();
            ids.map(|id| (format!("iscedf-{id}"), 1)).collect()
        };
        let kept = |ids: &[&str], lang: &str, chosen: &str| -> Vec<String> {
            let counts = counts(ids);
            let all = counts.iter().collect();
            let once = once(Facet::Subject, all, lang, |id| id.ends_with(chosen)).into_iter();
            once.map(|(id, _)| id.trim_start_matches("iscedf-").to_owned())
                .collect()
        };
        let listed = |ids: &[&str], lang: &str| kept(ids, lang, "none");
        // Information and communication technologies are a broad and a narrow field, forestry a narrow and a detailed one.
        for lang in ["fr", "en"] {
            let all = ["06", "061", "0613", "0821", "082", "08"];
            assert_eq!(listed(&all, lang), ["06", "0613", "082", "08"]);
            assert_eq!(listed(&["0613", "061"], lang), ["0613", "061"]);
            let chosen = kept(&all, lang, "-061");
            assert_eq!(chosen, ["06", "061", "0613", "082", "08"]);
        }
    }

    #[test]
    fn a_value_that_counts_what_one_below_it_counts_says_nothing_in_a_flat_list() {
        let counts = |all: &[(&str, u64)]| -> Vec<(String, u64)> {
            let all = all.iter();
            all.map(|(id, n)| (format!("iscedf-{id}"), *n)).collect()
        };
        let all = counts(&[("05", 4), ("06", 3), ("053", 4), ("061", 2), ("0613", 2)]);
        let told = telling(Facet::Subject, &all, "fr").into_iter();
        let told: Vec<&str> = told.map(|(id, _)| &id["iscedf-".len()..]).collect();
        assert_eq!(told, ["06", "053", "0613"]);
        let all = counts(&[("06", 3), ("061", 2), ("0613", 1)]);
        let told = telling(Facet::Subject, &all, "fr").into_iter();
        let told: Vec<&str> = told.map(|(id, _)| &id["iscedf-".len()..]).collect();
        assert_eq!(told, ["06", "0613"], "061 is called as 06 is");
    }

    #[test]
    fn an_address_is_read_and_written_again() {
        let asked = read(
            "q=%C3%A9quations+diff&level=fr-l1&level=fr-l2&level=fr-l1&sort=newest&offset=20&x=y",
        )
        .unwrap();
        assert_eq!(asked.query.text, "équations diff");
        assert_eq!(asked.query.levels, ["fr-l1", "fr-l2"]);
        assert_eq!(
            asked.href(),
            "/search?q=%C3%A9quations+diff&level=fr-l1&level=fr-l2&sort=newest&offset=20"
        );
        assert_eq!(
            asked.toggled(Facet::Level, "fr-l1").href(),
            "/search?q=%C3%A9quations+diff&level=fr-l2&sort=newest"
        );
        assert_eq!(
            asked.without_filters().href(),
            "/search?q=%C3%A9quations+diff&sort=newest"
        );
        assert_eq!(read("").unwrap().href(), "/search");
    }

    #[test]
    fn what_was_typed_can_be_searched_and_the_address_keeps_it() {
        let asked = read("q=theoreme&offset=20").unwrap();
        assert_eq!(asked.exactly().href(), "/search?q=theoreme&exact=1");
        assert!(read("q=x&exact=true").unwrap().query.exact);
    }

    #[test]
    fn a_refusal_says_which_characters_are_meant() {
        let problem = refused(QueryError::UnknownField {
            name: "tilte".to_owned(),
            place: 3..8,
            nearest: Some("title"),
        });
        assert_eq!(problem.status.as_u16(), 400);
        assert_eq!(problem.slip.unwrap().place, 3..8);
        assert!(problem.detail.contains("character 4") && problem.errors[0].fix.contains("title"));
    }

    #[test]
    fn classes_that_the_switch_excludes_are_not_counted() {
        let counted = |query: &str| {
            let counts = [
                ("adapt", 9),
                ("adapt-any", 9),
                ("share", 4),
                ("none", 0),
                ("adapt-nc", 0),
            ];
            let mut counts = counts
                .map(|(class, count)| (class.to_owned(), count))
                .to_vec();
            read(query).unwrap().without_excluded(&mut counts);
            let counts: Vec<String> = counts
                .iter()
                .map(|(class, n)| format!("{class} {n}"))
                .collect();
            counts.join(", ")
        };
        assert_eq!(counted("adaptable=1"), "adapt 9, adapt-any 9");
        assert_eq!(
            counted("adaptable=1&licence_class=share&licence_class=adapt-nc"),
            "adapt 9, adapt-any 9, adapt-nc 0, share 0"
        );
    }

    #[test]
    fn too_many_fields_are_said_with_their_place() {
        let problem = refused(QueryError::TooManyFields {
            limit: 12,
            place: 90..92,
        });
        assert_eq!(
            (problem.status.as_u16(), problem.slip.unwrap().place),
            (400, 90..92)
        );
        assert!(problem.detail.contains("character 91") && problem.errors[0].fix.contains("leave"));
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (query, field) in [
            ("limit=ten", "limit"),
            ("sort=best", "sort"),
            ("explain=perhaps", "explain"),
            ("author=somebody", "author"),
        ] {
            let problem = read(query).unwrap_err();
            assert_eq!(
                (problem.status.as_u16(), problem.errors[0].field.as_str()),
                (400, field)
            );
        }
    }
}
