//! The page of an institution's records: how complete they are, and what to mend.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use commun_forge::problem::Severity;
use commun_specs::name::{Handle, Slug};
use maud::{Markup, html};

use super::{Page, item, wanted};
use crate::{
    http::{
        institution as find,
        problem::Problem,
        quality::{FIRST, Report, command, field},
        site::Institution,
        talk::At,
        text::{date, number, plain, rfc3339, visible},
        words::{
            known::field_name,
            quality::{fix, need, what},
        },
    },
    quality::{Line, Rule},
};

/// `GET /{handle}/quality`. An item that has this name in the institution has the address.
pub(in crate::http) async fn page(
    State(at): State<At>,
    Path(handle): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let web = at.web.clone();
    let named = match (Handle::new(&handle), Slug::new("quality")) {
        (Ok(handle), Ok(slug)) => at.app.core.state().catalogue().by_name(&handle, &slug),
        _ => None,
    };
    if named.is_some() {
        let path = Path((handle, "quality".to_owned()));
        return item::item(State(web), path, uri, headers).await;
    }
    let wanted = wanted(&uri, &headers);
    let quality = at.app.quality.clone();
    let (institution, report) = web
        .ask(move |site| {
            let one = find(site, &handle)?;
            let report = Report::read(&quality, &handle, None, FIRST, 0);
            Ok((one, report.map_err(|e| Problem::internal(&e))?))
        })
        .await?;
    let page = Page::new(&web, &wanted, &uri);
    let words = page.words;
    let title = words.say_with(
        "quality-title",
        [("institution", institution.name.as_str().into())],
    );
    let main = show(&page, &institution, &report);
    Ok(page.finish(&title, Some(""), main))
}

fn show(page: &Page<'_>, institution: &Institution, report: &Report) -> Markup {
    let words = page.words;
    let handle = institution.handle.as_str();
    html! {
        div.inner.item {
            div.headline {
                p.eyebrow { a href=(page.href(&format!("/{handle}"))) { (plain(handle)) } }
                h1 { (visible(&words.say_with("quality-title", [("institution", institution.name.as_str().into())]))) }
                p.facts { span { (words.say_with("quality-items", [("count", report.items.into())])) } }
            }
            div.body {
                p { (words.say("quality-intro")) }
                @if report.items == 0 { p.quiet { (words.say("quality-none")) } }
                @else {
                    (to_mend(page, report))
                    (fields(page, report))
                }
            }
            div.side { (links(page, report)) }
        }
    }
}

fn to_mend(page: &Page<'_>, report: &Report) -> Markup {
    let words = page.words;
    let mut rules: Vec<&(Rule, u64, Vec<Line>)> = report.rules.iter().collect();
    let rank = |severity: Severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    rules.sort_by_key(|(rule, count, _)| (rank(rule.severity()), std::cmp::Reverse(*count)));
    html! {
        section aria-labelledby="mend" {
            h2 id="mend" { (words.say("quality-to-mend")) }
            @if rules.is_empty() { p.quiet { (words.say("quality-good")) } }
            @for (rule, count, lines) in rules {
                details id=(rule.id()) {
                    summary { (what(words, *rule, |name| field(name, page.lang()))) " " span.tag { (number(page.lang(), *count)) } }
                    @if let Some(first) = lines.first() {
                        p { (fix(words, *rule)) " " code { (visible(&command(*rule, first))) } }
                    }
                    ul { @for line in lines { li {
                        a href=(page.href(&format!("/{}", line.item.name))) { (plain(&line.item.title)) }
                        @if !line.detail.is_empty() { " " span.quiet { (plain(&line.detail)) } }
                    } } }
                    @if *count > lines.len() as u64 {
                        p.quiet { (words.say_with("quality-first", [("shown", (lines.len() as u64).into()), ("all", (*count).into())])) }
                    }
                }
            }
        }
    }
}

fn fields(page: &Page<'_>, report: &Report) -> Markup {
    let words = page.words;
    html! {
        section aria-labelledby="fields" {
            h2 id="fields" { (words.say("quality-fields")) }
            div.fields { table {
                thead { tr { th scope="col" { (words.say("quality-field")) } th scope="col" { (words.say("quality-filled")) } th scope="col" { (words.say("quality-needed")) } } }
                tbody { @for (field, missing) in &report.fields { tr {
                    th scope="row" { (field_name(field.name, page.lang())) }
                    td { (percent(report.items.saturating_sub(*missing), report.items)) "\u{a0}%" }
                    td { (need(words, field.need)) }
                } } }
            } }
        }
    }
}

/// Rounded down, so that 100 means all.
fn percent(part: u64, all: u64) -> u64 {
    (part * 100).checked_div(all).unwrap_or(100)
}

fn links(page: &Page<'_>, report: &Report) -> Markup {
    let words = page.words;
    let checks = &report.checks;
    html! {
        section.card aria-labelledby="links" {
            h2 id="links" { (words.say("quality-links")) }
            @match checks.last {
                Some(last) => p { (words.say_with("quality-links-checked", [("checked", checks.checked.into()), ("links", checks.links.into()), ("date", date(page.lang(), &rfc3339(last)).into())])) },
                None => { p { (words.say_with("quality-links-never", [("count", checks.links.into())])) } p { code { "commun quality --links" } } }
            }
            @if checks.waiting > 0 { p { (words.say_with("quality-links-waiting", [("count", checks.waiting.into())])) } }
        }
        section.card aria-labelledby="table" {
            h2 id="table" { "CSV" }
            p { (words.say("quality-table")) }
            p { code { "commun quality --csv FILE" } }
        }
    }
}
