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
        problem::Problem,
        quality::{FIRST, Report, command, field},
        site::Institution,
        talk::At,
        text::{count, date, number, plain, rfc3339, visible},
        words::{QualityWords, fill, known::field_name},
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
            let all = site.institutions()?;
            let one = all.into_iter().find(|i| i.handle.as_str() == handle);
            let one = one.ok_or_else(|| {
                Problem::not_found("there is no such institution in this commons")
            })?;
            let report = Report::read(&quality, &handle, None, FIRST, 0);
            Ok((one, report.map_err(|e| Problem::internal(&e))?))
        })
        .await?;
    let page = Page::new(&web, &wanted, &uri);
    let words = QualityWords::of(page.lang());
    let title = fill(words.title, &[&institution.name]);
    let main = show(&page, &institution, &report);
    Ok(page.finish(&title, Some(""), main))
}

fn show(page: &Page<'_>, institution: &Institution, report: &Report) -> Markup {
    let words = QualityWords::of(page.lang());
    let handle = institution.handle.as_str();
    html! {
        div.inner.item {
            div.headline {
                p.eyebrow { a href=(page.href(&format!("/{handle}"))) { (plain(handle)) } }
                h1 { (visible(&fill(words.title, &[&institution.name]))) }
                p.facts { span { (count(page.lang(), report.items, words.items_one, words.items_many)) } }
            }
            div.body {
                p { (words.intro) }
                @if report.items == 0 { p.quiet { (words.none) } }
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
    let words = QualityWords::of(page.lang());
    let mut rules: Vec<&(Rule, u64, Vec<Line>)> = report.rules.iter().collect();
    let rank = |severity: Severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    };
    rules.sort_by_key(|(rule, count, _)| (rank(rule.severity()), std::cmp::Reverse(*count)));
    html! {
        section aria-labelledby="mend" {
            h2 id="mend" { (words.to_mend) }
            @if rules.is_empty() { p.quiet { (words.good) } }
            @for (rule, count, lines) in rules {
                details id=(rule.id()) {
                    summary { (words.what(*rule, |name| field(name, page.lang()))) " " span.tag { (number(page.lang(), *count)) } }
                    @if let Some(first) = lines.first() {
                        p { (words.fix(*rule)) " " code { (visible(&command(*rule, first))) } }
                    }
                    ul { @for line in lines { li {
                        a href=(page.href(&format!("/{}", line.item.name))) { (plain(&line.item.title)) }
                        @if !line.detail.is_empty() { " " span.quiet { (plain(&line.detail)) } }
                    } } }
                    @if *count > lines.len() as u64 {
                        p.quiet { (fill(words.first, &[&number(page.lang(), lines.len() as u64), &number(page.lang(), *count)])) }
                    }
                }
            }
        }
    }
}

fn fields(page: &Page<'_>, report: &Report) -> Markup {
    let words = QualityWords::of(page.lang());
    html! {
        section aria-labelledby="fields" {
            h2 id="fields" { (words.fields) }
            div.wide { table {
                thead { tr { th scope="col" { (words.field) } th scope="col" { (words.filled) } th scope="col" { (words.needed) } } }
                tbody { @for (field, missing) in &report.fields { tr {
                    th scope="row" { (field_name(field.name, page.lang())) }
                    td { (percent(report.items.saturating_sub(*missing), report.items)) "\u{a0}%" }
                    td { (words.need(field.need)) }
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
    let words = QualityWords::of(page.lang());
    let checks = &report.checks;
    let figure = |n: u64| number(page.lang(), n);
    html! {
        section.card aria-labelledby="links" {
            h2 id="links" { (words.links) }
            @match checks.last {
                Some(last) => p { (fill(words.links_checked, &[&figure(checks.checked), &figure(checks.links), &date(page.lang(), &rfc3339(last))])) },
                None => { p { (fill(words.links_never, &[&figure(checks.links)])) } p { code { "commun quality --links" } } }
            }
            @if checks.waiting > 0 { p { (fill(words.links_waiting, &[&figure(checks.waiting)])) } }
        }
        section.card aria-labelledby="table" {
            h2 id="table" { "CSV" }
            p { (words.table) }
            p { code { "commun quality --csv FILE" } }
        }
    }
}
