//! The ways to narrow a search, with how many hits each leaves: lists, and trees that open without a script.

use commun_index::Answer;
use commun_specs::vocab;
use maud::{Markup, html};

use super::Page;
use crate::http::{
    search::{Asked, Facet, all_above, once, telling},
    text::{number, plain},
    words::Words,
};

/// Values of a facet that are seen at once; the rest is folded away.
const OPEN_VALUES: usize = 6;
/// Most values of a facet on the page, as far as they are not chosen: each is a link with the whole search in it, and a
/// page is to stay small. The API has them all.
const MAX_VALUES: usize = 24;
/// Most values of a tree: most are folded below others.
const MAX_TREE_VALUES: usize = 32;

/// Up to so many values a tree stands open.
const OPEN_TREE: usize = 24;

/// Values with their counts.
type Counts = [(String, u64)];

/// The ways to narrow.
pub(super) fn filters(page: &Page<'_>, asked: &Asked, answer: &Answer) -> Markup {
    let words = page.words;
    html! {
        nav.filters id="filters" aria-labelledby="filters-title" tabindex="-1" {
            h2 id="filters-title" { (words.say("filters")) }
            a.switch href=(asked.switched().href()) aria-current=[asked.adaptable.then_some("true")] title=(words.say("reuse-explained")) {
                span.mark aria-hidden="true" {}
                span { strong { (words.say("reuse-switch")) } span.quiet { (words.say("reuse-on")) } }
            }
            @for facet in Facet::ALL {
                @let counts = answer.facets.get(facet.name()).map(Vec::as_slice).unwrap_or_default();
                @if !counts.is_empty() {
                    section aria-labelledby={ "f-" (facet.name()) } {
                        h3 id={ "f-" (facet.name()) } { (facet_name(words, facet)) }
                        (Filter::new(page, asked, facet, counts).show())
                    }
                }
            }
        }
    }
}

/// The same items narrowed by one facet, as a card beside them: at most so many of its values.
pub(super) fn ways(
    page: &Page<'_>,
    answer: &Answer,
    all: &Asked,
    facet: Facet,
    title: &str,
    most: usize,
) -> Markup {
    let counts = answer.facets.get(facet.name()).map(Vec::as_slice);
    let counts = telling(facet, counts.unwrap_or_default(), page.lang().tag());
    let counts = &counts[..counts.len().min(most)];
    html! {
        @if !counts.is_empty() {
            section.card aria-labelledby={ "by-" (facet.name()) } {
                h2 id={ "by-" (facet.name()) } { (title) }
                ul { @for (value, count) in counts {
                    li { a href=(page.href(&all.toggled(facet, value).href())) { (plain(&facet.label(value, page.lang().tag()))) } " " span.count { (number(page.lang(), *count)) } }
                } }
            }
        }
    }
}

/// One facet on the page.
struct Filter<'a> {
    page: &'a Page<'a>,
    asked: &'a Asked,
    facet: Facet,
    /// What is shown, in order.
    counts: Vec<&'a (String, u64)>,
    selected: Vec<String>,
}

impl<'a> Filter<'a> {
    fn new(page: &'a Page<'a>, asked: &'a Asked, facet: Facet, counts: &'a Counts) -> Self {
        let mut query = asked.query.clone();
        let selected = facet.selected(&mut query).clone();
        let most = if is_tree(facet) {
            MAX_TREE_VALUES
        } else {
            MAX_VALUES
        };
        let mut shown: Vec<&(String, u64)> = counts
            .iter()
            .enumerate()
            .filter(|(at, (value, _))| *at < most || selected.contains(value))
            .map(|(_, count)| count)
            .collect();
        // What has an order of its own is not sorted by number.
        if let Some(order) = order(facet) {
            shown.sort_by_key(|(value, _)| order.iter().position(|id| *id == value));
        }
        let chosen = |value: &str| selected.iter().any(|one| one == value);
        let shown = once(facet, shown, page.lang().tag(), chosen);
        let mut filter = Filter {
            page,
            asked,
            facet,
            counts: shown,
            selected,
        };
        filter.leave_out_steps();
        filter
    }

    /// Leaves out what has one value below it that finds just as much: the narrower name says more.
    fn leave_out_steps(&mut self) {
        let is_step = |(value, count): &(String, u64)| {
            let below = self.below(Some(value));
            !self.selected.contains(value) && below.len() == 1 && below[0].1 == *count
        };
        let counts = self.counts.iter().copied();
        self.counts = counts.filter(|count| !is_step(count)).collect();
    }

    fn show(&self) -> Markup {
        // A value whose parent is not on the page stands at the top.
        let top: Vec<&(String, u64)> = self.below(None);
        let (open, folded): (Vec<_>, Vec<_>) = top
            .into_iter()
            .enumerate()
            .partition(|(at, (value, _))| *at < OPEN_VALUES || self.holds_selected(value));
        let words = self.page.words;
        html! {
            ul { @for (_, count) in &open { (self.value(count)) } }
            @if !folded.is_empty() {
                details {
                    summary { (words.say_with("filters-more", [("count", folded.len().into())])) }
                    ul { @for (_, count) in &folded { (self.value(count)) } }
                }
            }
        }
    }

    /// A value, with those below it folded away as long as none of them is chosen.
    fn value(&self, (value, count): &(String, u64)) -> Markup {
        let words = self.page.words;
        let on = self.selected.contains(value);
        let label = self.facet.label(value, self.page.lang().tag());
        let below = self.below(Some(value));
        let open = on
            || self.counts.len() <= OPEN_TREE
            || below.iter().any(|(value, _)| self.holds_selected(value));
        html! {
            li {
                a.value href=(self.asked.toggled(self.facet, value).href()) aria-current=[on.then_some("true")] rel="nofollow" {
                    @if on { span.hidden { (words.say("filter-remove")) " " } }
                    span.name { (plain(&label)) }
                    " " span.count { (number(self.page.lang(), *count)) }
                }
                @if !below.is_empty() {
                    details.below open[open] {
                        summary { (words.say_html("filters-below", [("value", plain(&label).into()), ("count", below.len().into())])) }
                        ul { @for count in below { (self.value(count)) } }
                    }
                }
            }
        }
    }

    /// The values right below one, or at the top.
    fn below(&self, parent: Option<&str>) -> Vec<&'a (String, u64)> {
        let counts = self.counts.iter().copied();
        counts
            .filter(|(value, _)| self.parent(value) == parent)
            .collect()
    }

    /// The nearest value above one that is on the page.
    fn parent<'v>(&self, value: &'v str) -> Option<&'v str> {
        let listed = |one: &&str| self.counts.iter().any(|(known, _)| known == one);
        all_above(self.facet, value).find(listed)
    }

    /// Whether a value is chosen, or one below it.
    fn holds_selected(&self, value: &str) -> bool {
        let mut chosen = self.selected.iter();
        chosen.any(|one| one == value || all_above(self.facet, one).any(|over| over == value))
    }
}

fn is_tree(facet: Facet) -> bool {
    matches!(
        facet,
        Facet::Level | Facet::Subject | Facet::LicenceClass | Facet::Accessibility
    )
}

/// The values of a facet in the order that people know them in, where there is one.
fn order(facet: Facet) -> Option<Vec<&'static str>> {
    let scheme = match facet {
        Facet::Level => vocab::Scheme::Level,
        Facet::LicenceClass => vocab::Scheme::LicenceClass,
        Facet::Duration => vocab::Scheme::Duration,
        _ => return None,
    };
    Some(vocab::concepts(scheme).iter().map(|one| one.id).collect())
}

/// What a facet is called.
pub(super) fn facet_name(words: Words, facet: Facet) -> &'static str {
    match facet {
        Facet::Type => words.say("facet-type"),
        Facet::ResourceType => words.say("facet-resource-type"),
        Facet::Licence => words.say("facet-licence"),
        Facet::LicenceClass => words.say("facet-licence-class"),
        Facet::Format => words.say("facet-format"),
        Facet::Duration => words.say("facet-duration"),
        Facet::Accessibility => words.say("facet-accessibility"),
        Facet::Language => words.say("facet-language"),
        Facet::Level => words.say("facet-level"),
        Facet::Subject => words.say("facet-subject"),
        Facet::Institution => words.say("facet-institution"),
    }
}
