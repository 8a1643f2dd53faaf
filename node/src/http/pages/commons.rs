//! The commons: who is in it, who is connected to whom, how far behind each log is, and by which rules.

mod picture;

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};
use serde_json::json;

use super::{Page, wanted};
use crate::{
    http::{
        Web, linked,
        problem::Problem,
        site::{Charter, Institution, LogState, LogStatus, Me, PeerStatus, Status},
        text::{day, number, plain},
    },
    operator::Operator,
};

/// Members shown in the table; their names are on the first page too.
const MAX_MEMBERS: usize = 500;
/// Those who have cosigned a log, named in its row.
const MAX_NAMED: usize = 12;

/// What the page shows.
struct Seen {
    status: Status,
    institutions: Vec<Institution>,
    charter: Charter,
    operator: Operator,
}

/// An institution as this node sees it.
struct Seat<'a> {
    institution: &'a Institution,
    log: Option<&'a LogStatus>,
    /// The connection to it; none for this node's own institution.
    peer: Option<&'a PeerStatus>,
    own: bool,
}

impl Seat<'_> {
    /// How its log stands here.
    fn state(&self) -> LogState {
        match self.log {
            Some(log) => log.state,
            None if self.institution.former => LogState::Former,
            None => LogState::Behind,
        }
    }

    fn behind(&self) -> u64 {
        self.log.map_or(0, |log| log.behind)
    }

    /// Who has cosigned its log, which they so have held, as far as this node has heard.
    fn cosigned_by(&self) -> Vec<&str> {
        let witnessed = self.log.and_then(|log| log.witnessed.as_ref());
        let by = witnessed.map(|w| &w.by[..]).unwrap_or_default();
        by.iter().map(|one| one.handle.as_str()).collect()
    }
}

/// The institutions, this node's own first, then by handle.
fn seats<'a>(me: &Me, seen: &'a Seen) -> Vec<Seat<'a>> {
    let mut seats: Vec<Seat<'a>> = seen
        .institutions
        .iter()
        .map(|institution| {
            let handle = &institution.handle;
            Seat {
                institution,
                log: seen.status.logs.iter().find(|log| log.handle == *handle),
                peer: seen.status.peers.iter().find(|peer| peer.handle == *handle),
                own: *handle == me.handle,
            }
        })
        .collect();
    seats.sort_by_key(|seat| !seat.own);
    seats
}

/// `GET /about/commons`.
pub(super) async fn commons(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let seen = web
        .ask(|site| {
            Ok(Seen {
                status: site.status()?,
                institutions: site.institutions()?,
                charter: site.charter(),
                operator: site.operator(),
            })
        })
        .await?;
    let mut page = Page::new(&web, &wanted, &uri);
    page.about.push(structured(&page, &seen));
    let title = page.words.say("commons-title");
    let main = show(&page, &seen);
    Ok(page.finish(title, Some(""), main))
}

fn structured(page: &Page<'_>, seen: &Seen) -> String {
    let main = &page.web.hosts().main;
    let members = seen.institutions.iter().filter(|i| !i.former);
    let members = members.map(|i| {
        let mut one =
            json!({"@type": "Organization", "name": i.name, "url": format!("{main}/{}", i.handle)});
        if let Some(ror) = &i.ror {
            one["sameAs"] = json!(ror);
        }
        one
    });
    let commons = json!({
        "@type": "Organization", "@id": format!("urn:commun:{}", page.me.commons),
        "name": page.me.commons_name, "url": format!("{main}/about/commons"),
        "member": members.collect::<Vec<_>>(),
    });
    let way = [
        (page.me.commons_name.clone(), page.href("/")),
        (
            page.words.say("about-title").to_owned(),
            page.href("/about"),
        ),
        (
            page.words.say("commons-title").to_owned(),
            page.href("/about/commons"),
        ),
    ];
    linked::graph(vec![commons, linked::breadcrumbs(main, &way)])
}

fn show(page: &Page<'_>, seen: &Seen) -> Markup {
    let words = page.words;
    let seats = seats(&page.me, seen);
    let members = seats.iter().filter(|seat| !seat.institution.former).count();
    html! {
        div.inner.wide {
            div.headline {
                p.eyebrow { a href=(page.href("/about")) { (words.say("about-title")) } }
                h1 { (plain(&page.me.commons_name)) }
                p.lead { (words.say_with("commons-lead", [("count", members.into())])) }
            }
            section aria-labelledby="now" {
                h2 id="now" { (words.say("commons-now")) }
                p.quiet { (words.say_html("commons-seen-from", [("institution", plain(page.me.handle.as_str()).into())])) }
                div.commons {
                    // One alone is no picture.
                    @if seats.len() > 1 {
                        figure.graph {
                            (picture::draw(page, &seats))
                            figcaption { (legend(page)) }
                        }
                    }
                    (table(page, &seats))
                }
            }
            div.columns {
                (rules(page, &seen.charter))
                section.card aria-labelledby="join" {
                    h2 id="join" { (words.say("commons-join")) }
                    p { (words.say("commons-join-how")) }
                    @if seen.operator.mail.is_empty() { p.quiet { (words.say("about-unstated-mail")) } }
                    @else { p { a href={ "mailto:" (seen.operator.mail) } { (plain(&seen.operator.mail)) } } }
                    p.quiet { code { "commun init --join …" } }
                }
            }
        }
    }
}

/// What the signs of the picture mean, in words.
fn legend(page: &Page<'_>) -> Markup {
    let words = page.words;
    let line = |class: &'static str, text: &str| {
        html! { li {
            svg.sample width="34" height="10" viewBox="0 0 34 10" aria-hidden="true" focusable="false" { line class=(class) x1="1" y1="5" x2="33" y2="5" {} }
            " " (text)
        } }
    };
    html! {
        ul.legend {
            (line("linked", words.say("commons-legend-linked")))
            (line("cut", words.say("commons-legend-cut")))
            (line("cosigned", words.say("commons-legend-cosigned")))
        }
    }
}

fn state(page: &Page<'_>, seat: &Seat<'_>) -> Markup {
    let words = page.words;
    let (name, good) = match seat.state() {
        LogState::Ok => (words.say("state-ok"), true),
        LogState::Behind => (words.say("state-behind"), false),
        LogState::Frozen => (words.say("state-frozen"), false),
        LogState::Former => (words.say("state-former"), true),
    };
    html! {
        span.tag.free[good] { (name) }
        @if seat.behind() > 0 { " " (words.say_with("status-behind-by", [("entries", seat.behind().into())])) }
    }
}

fn connection(page: &Page<'_>, seat: &Seat<'_>) -> Markup {
    let words = page.words;
    html! {
        @match seat.peer {
            _ if seat.own => (words.say("commons-here")),
            Some(peer) if peer.connected => {
                (words.say("status-connected"))
                @if let Some(ms) = peer.rtt_ms { " · " (format!("{ms:.1}").replace('.', words.say("number-decimal"))) "\u{a0}ms" }
            },
            _ if seat.institution.former => "–",
            _ => (words.say("status-disconnected")),
        }
    }
}

fn table(page: &Page<'_>, seats: &[Seat<'_>]) -> Markup {
    let words = page.words;
    let lang = page.lang();
    html! {
        div.scroll id="members" tabindex="0" role="region" aria-label=(words.say("commons-table")) { table {
            caption.hidden { (words.say("commons-table")) }
            thead { tr {
                th scope="col" { (words.say("status-log-of")) } th scope="col" { (words.say("commons-connection")) }
                th scope="col" { (words.say("status-state")) } th.size scope="col" { (words.say("status-size")) }
                th scope="col" { (words.say("commons-cosigners")) }
            } }
            tbody { @for seat in seats.iter().take(MAX_MEMBERS) { tr {
                th scope="row" {
                    a href=(page.href(&format!("/{}", seat.institution.handle))) { (plain(&seat.institution.name)) }
                    " " span.quiet { (plain(seat.institution.handle.as_str())) }
                }
                td { (connection(page, seat)) }
                td { (state(page, seat)) }
                td.size { @if let Some(log) = seat.log { (number(lang, log.size)) } }
                td {
                    @let by = seat.cosigned_by();
                    @if by.is_empty() { span.quiet { (words.say("status-witnessed-none")) } }
                    @else {
                        (plain(&by[..by.len().min(MAX_NAMED)].join(", ")))
                        @if by.len() > MAX_NAMED { " +" (number(lang, (by.len() - MAX_NAMED) as u64)) }
                    }
                }
            } } }
        } }
    }
}

fn rules(page: &Page<'_>, charter: &Charter) -> Markup {
    let words = page.words;
    html! {
        section.card aria-labelledby="charter" {
            h2 id="charter" { (words.say("commons-charter")) }
            p { (words.say("commons-charter-help")) }
            dl {
                dt { (words.say("commons-charter-number")) }
                dd { (number(page.lang(), charter.number)) @if charter.time > 0 { " · " (day(page.lang(), charter.time)) } }
                dt { (words.say("commons-copies")) }
                dd { (number(page.lang(), charter.copies)) }
                dt { (words.say("commons-licences")) }
                dd {
                    @if charter.licences.is_empty() { (words.say("commons-licences-any")) }
                    @else { ul { @for licence in &charter.licences { li { (plain(licence)) } } } }
                }
                dt { (words.say("commons-required")) }
                dd {
                    @if charter.required.is_empty() { (words.say("commons-required-none")) }
                    @else { ul { @for field in &charter.required { li { (plain(field)) } } } }
                }
            }
        }
    }
}
