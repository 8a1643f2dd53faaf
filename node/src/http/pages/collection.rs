//! A collection as a whole: who keeps it, what one may do with all of it, and how to credit it.

use std::collections::BTreeMap;

use commun_specs::licence::Licence;
use maud::{Markup, html};

use super::Page;
use crate::{
    collections::MemberState,
    http::{
        Web,
        problem::Problem,
        search::refused,
        text::{number, plain},
    },
    items::Shown,
};

/// What is known of a collection's members together.
pub(super) struct Whole {
    /// How many are shown here.
    members: u64,
    /// How many have a licence, by licence.
    licences: BTreeMap<String, u64>,
}

impl Whole {
    fn count(&self, may: impl Fn(&Licence) -> bool) -> u64 {
        let parsed = self.licences.iter();
        let parsed = parsed.filter(|(text, _)| Licence::parse(text).is_ok_and(|l| may(&l)));
        parsed.map(|(_, count)| count).sum()
    }
}

/// Counts the licences of a collection's members; `None` for what is none, and for one that was taken back.
pub(super) async fn whole(web: &Web, item: &Shown) -> Result<Option<Whole>, Problem> {
    let Some(members) = item.members.as_ref().filter(|_| item.withdrawn.is_none()) else {
        return Ok(None);
    };
    let here = members.iter().filter(|m| m.state == MemberState::Here);
    let ids: Vec<String> = here.map(|member| member.item.id.to_string()).collect();
    let members = ids.len() as u64;
    let licences = web.ask(move |site| site.licences_of(&ids).map_err(refused));
    Ok(Some(Whole {
        members,
        licences: licences.await?,
    }))
}

/// The card: what one may do with the whole, licence by licence, and the credits of all.
pub(super) fn card(page: &Page<'_>, item: &Shown, whole: &Whole) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let adaptable = whole.count(|licence| licence.class().may_adapt());
    let all = whole.members > 0 && adaptable == whole.members;
    let stated: u64 = whole.licences.values().sum();
    let unstated = whole.members.saturating_sub(stated);
    let mut licences: Vec<(&String, &u64)> = whole.licences.iter().collect();
    licences.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let credits = |form: &str| {
        format!(
            "/api/v1/items/{}/export?format=attribution&members=true&as={form}&lang={}",
            item.name(),
            lang.tag()
        )
    };
    html! {
        section.card.licence-card.free[all] aria-labelledby="whole" {
            h2 id="whole" { (words.say("collection-whole")) }
            @if whole.members == 0 { p.quiet { (words.say("collection-nothing")) } }
            @else {
                p.verdict {
                    span.sign aria-hidden="true" { @if all { "✓" } @else { "!" } }
                    span {
                        @if all { (words.say("collection-all-adaptable")) }
                        @else { (words.say_with("collection-some-adaptable", [("count", adaptable.into()), ("total", whole.members.into())])) }
                    }
                }
                p.quiet { (words.say("collection-each")) }
                ul {
                    @for (text, count) in &licences {
                        li {
                            @match Licence::parse(text) {
                                Ok(licence) => { span.tag.free[licence.class().may_adapt()] { (plain(&licence.label(lang.tag()))) } }
                                Err(_) => { span.tag { (plain(text)) } }
                            }
                            " " span.count { (number(lang, **count)) }
                        }
                    }
                    @if unstated > 0 { li { (words.say("collection-unstated")) " " span.count { (number(lang, unstated)) } } }
                }
                h3 { (words.say("collection-credits")) }
                ul.inline {
                    @for (form, name) in [("text", words.say("collection-credits-text")), ("html", "HTML"), ("markdown", "Markdown"), ("latex", "LaTeX")] {
                        li { a href=(credits(form)) { (name) } }
                    }
                }
            }
            p.quiet { (words.say_html("collection-kept", [("institution", html! { a href=(page.href(&format!("/{}", item.handle))) { (plain(item.handle.as_str())) } }.into())])) }
        }
    }
}
