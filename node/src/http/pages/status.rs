//! The status page: what is wrong comes first, with what to do about it; then the figures.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};

use super::{Page, wanted};
use crate::{
    http::{
        Web,
        problem::Problem,
        site::{LogState, Status},
        text::{duration, number, plain, rfc3339, size},
        words::Words,
    },
    operator::Operator,
};

/// Journal lines that the index may be behind without anybody being told: it works in batches.
const INDEX_SLACK: u64 = 100;

/// Something to look at: what is wrong, and what to do.
struct Trouble {
    what: String,
    fix: String,
    bad: bool,
}

/// `GET /status`.
pub(super) async fn status(
    State(web): State<Web>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(&uri, &headers);
    let (status, operator) = web
        .ask(|site| Ok((site.status()?, site.operator())))
        .await?;
    let page = Page::new(&web, &wanted, &uri);
    let main = show(&page, &status, &operator);
    Ok(page.finish(page.words.say("status-title"), Some(""), main))
}

fn troubles(words: Words, status: &Status) -> Vec<Trouble> {
    let mut all = Vec::new();
    let mut add = |bad: bool, what: String, fix: String| all.push(Trouble { what, fix, bad });
    for log in &status.logs {
        let handle = log.handle.as_str();
        match log.state {
            LogState::Frozen => add(
                true,
                words.say_with("problem-frozen", [("institution", handle.into())]),
                words.say_with("fix-frozen", [("institution", handle.into())]),
            ),
            LogState::Behind => add(
                false,
                words.say_with(
                    "problem-behind",
                    [
                        ("institution", handle.into()),
                        ("entries", log.behind.into()),
                    ],
                ),
                words.say_with("fix-behind", [("institution", handle.into())]),
            ),
            LogState::Ok | LogState::Former => {}
        }
    }
    if status.writer && !status.may_sign {
        add(
            true,
            words.say("problem-writer").to_owned(),
            words.say("fix-writer").to_owned(),
        );
    }
    for peer in status.peers.iter().filter(|peer| !peer.connected) {
        let handle = peer.handle.as_str();
        add(
            false,
            words.say_with("problem-peer", [("institution", handle.into())]),
            words.say_with("fix-peer", [("institution", handle.into())]),
        );
    }
    let lag = status.position.saturating_sub(status.index_position);
    if lag > INDEX_SLACK {
        add(
            false,
            words.say_with("problem-index", [("lines", lag.into())]),
            words.say("fix-index").to_owned(),
        );
    }
    for usage in status.usage.iter().filter(|usage| usage.full) {
        add(
            false,
            words.say_with(
                "problem-full",
                [("institution", usage.handle.as_str().into())],
            ),
            words.say("fix-full").to_owned(),
        );
    }
    for usage in status.usage.iter().filter(|usage| usage.held_back > 0) {
        let handle = usage.handle.as_str();
        add(
            false,
            words.say_with(
                "problem-held-back",
                [
                    ("institution", handle.into()),
                    ("size", usage.held_back.to_string().into()),
                ],
            ),
            words.say_with("fix-held-back", [("institution", handle.into())]),
        );
    }
    if let Some((item, error)) = status.upkeep.failed.iter().next() {
        add(
            false,
            words.say_with(
                "problem-upkeep",
                [("repository", item.into()), ("error", error.into())],
            ),
            words.say("fix-upkeep").to_owned(),
        );
    }
    if status.unconfined {
        add(
            false,
            words.say("extraction-unconfined").to_owned(),
            words.say("extraction-unconfined-fix").to_owned(),
        );
    }
    if status.wanted > 0 {
        add(
            false,
            words.say_with("problem-content", [("count", status.wanted.into())]),
            words.say("fix-content").to_owned(),
        );
    }
    all
}

fn show(page: &Page<'_>, status: &Status, operator: &Operator) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let troubles = troubles(words, status);
    let n = |n: u64| number(lang, n);
    html! {
        div.inner.status {
            div.headline {
                p.eyebrow { (plain(page.me.handle.as_str())) }
                h1 { (words.say("status-title")) }
                p.lead role="status" {
                    @if troubles.is_empty() { span.sign.good aria-hidden="true" { "✓" } " " (words.say("status-good")) }
                    @else { span.sign.warn aria-hidden="true" { "!" } " " (words.say_with("status-bad", [("count", (troubles.len() as u64).into())])) }
                }
            }
            @if !troubles.is_empty() {
                section aria-labelledby="todo" {
                    h2 id="todo" { (words.say("status-todo")) }
                    ul.troubles { @for trouble in &troubles {
                        li.notice.bad[trouble.bad] { p { strong { (trouble.what) } } p { (trouble.fix) } }
                    } }
                }
            }
            div.cards {
                section.card aria-labelledby="node" {
                    h2 id="node" { (words.say("status-node")) }
                    dl {
                        dt { (words.say("status-commons")) } dd { (plain(&page.me.commons_name)) br; span.quiet {
                            (words.say_with("status-charter", [("number", status.charter.to_string().into())])) ", " (words.say_with("status-members", [("count", (status.institutions as u64).into())])) } }
                        dt { (words.say("provenance-institution")) } dd { (plain(page.me.handle.as_str())) br; span.quiet { (if status.writer { words.say("status-writer") } else { words.say("status-replica") }) } }
                        dt { (words.say("status-uptime")) } dd { (duration(lang, page.web.uptime().as_secs())) }
                        @if let Some((url, fingerprint)) = &status.ssh {
                            dt { (words.say("status-ssh")) } dd { code { (plain(url)) } br; span.quiet { (words.say("status-ssh-key")) " " } code.key { (plain(fingerprint)) } }
                        }
                        dt { (words.say("about-legal-title")) } dd {
                            @let missing = operator.missing();
                            @if missing.is_empty() { a href=(page.href("/about/legal")) { (words.say("status-notices-stated")) } }
                            @else { a href=(page.href("/about/legal")) { (words.say("status-notices-missing")) } br; span.quiet { code { (missing.join(", ")) } } }
                        }
                        dt { (words.say("status-version")) } dd { (env!("CARGO_PKG_VERSION")) }
                    }
                }
                section.card aria-labelledby="catalogue" {
                    h2 id="catalogue" { (words.say("status-catalogue")) }
                    dl {
                        dt { (words.say("status-items")) } dd { (n(status.items)) }
                        dt { (words.say("status-position")) } dd { (n(status.position)) }
                        dt { (words.say("status-fold")) } dd { (n(status.fold)) }
                        dt { (words.say("status-catalogue-root")) } dd { code.key { (status.root) } br; span.quiet { (words.say("status-root-help")) } }
                    }
                }
                section.card aria-labelledby="index" {
                    h2 id="index" { (words.say("status-index")) }
                    dl {
                        dt { (words.say("status-documents")) } dd { (n(status.index_documents)) }
                        dt { (words.say("status-position")) } dd { (n(status.index_position)) }
                    }
                }
                section.card aria-labelledby="content" {
                    h2 id="content" { (words.say("status-content")) }
                    dl {
                        dt { (words.say("status-held")) } dd { (n(status.held)) }
                        dt { (words.say("status-wanted")) } dd { (n(status.wanted)) }
                        dt { (words.say("status-bytes")) } dd { (size(lang, status.bytes)) }
                        dt { (words.say("status-upkeep")) } dd { @if status.upkeep.last == 0 { (words.say("status-upkeep-never")) } @else { (rfc3339(status.upkeep.last)) } }
                    }
                }
            }
            section aria-labelledby="logs" {
                h2 id="logs" { (words.say("status-logs")) }
                div.scroll tabindex="0" role="region" aria-labelledby="logs" { table {
                    thead { tr { th scope="col" { (words.say("status-log-of")) } th scope="col" { (words.say("status-state")) } th.size scope="col" { (words.say("status-size")) } th scope="col" { (words.say("status-root")) } th scope="col" { (words.say("status-witnessed")) } } }
                    tbody { @for log in &status.logs { tr {
                        th scope="row" { a href=(page.href(&format!("/{}", log.handle))) { (plain(log.handle.as_str())) } }
                        td { (state(words, log.state)) @if log.behind > 0 { " " span.quiet { (words.say_with("status-behind-by", [("entries", log.behind.into())])) } } }
                        td.size { (n(log.size)) }
                        td { code.key { (log.root.to_string().chars().take(16).collect::<String>()) "…" } }
                        td { @match &log.witnessed {
                            Some(w) => { (words.say_with("status-witnessed-up-to", [("entries", w.checkpoint.size.into())])) " " span.quiet { (plain(&w.by.iter().map(|c| c.handle.as_str()).collect::<Vec<_>>().join(", "))) } }
                            None => { span.quiet { (words.say("status-witnessed-none")) } }
                        } }
                    } } }
                } }
            }
            section aria-labelledby="usage" {
                h2 id="usage" { (words.say("status-usage")) }
                div.scroll tabindex="0" role="region" aria-labelledby="usage" { table {
                    thead { tr { th scope="col" { (words.say("status-log-of")) } th.size scope="col" { (words.say("status-bytes")) } th.size scope="col" { (words.say("status-size")) } } }
                    tbody { @for usage in &status.usage { tr {
                        th scope="row" { (plain(usage.handle.as_str())) }
                        td.size { (size(lang, usage.bytes)) }
                        td.size { (n(usage.statements)) }
                    } } }
                } }
            }
            section aria-labelledby="peers" {
                h2 id="peers" { (words.say("status-peers")) }
                @if status.peers.is_empty() { p.quiet { (words.say("status-peers-none")) } }
                @else { div.scroll tabindex="0" role="region" aria-labelledby="peers" { table {
                    thead { tr { th scope="col" { (words.say("status-log-of")) } th scope="col" { (words.say("status-state")) } th.size scope="col" { (words.say("status-rtt")) } th scope="col" { (words.say("status-path")) } th scope="col" { (words.say("status-peer")) } } }
                    tbody { @for peer in &status.peers { tr {
                        th scope="row" { (plain(peer.handle.as_str())) }
                        td { @if peer.connected { span.tag.free { (words.say("status-connected")) } } @else { span.tag { (words.say("status-disconnected")) } } }
                        td.size { @if let Some(ms) = peer.rtt_ms { (format!("{ms:.1}").replace('.', words.say("number-decimal"))) " ms" } }
                        td { @match peer.path { Some("relay") => (words.say("status-path-relay")), Some(_) => (words.say("status-path-direct")), None => "" } }
                        td { code.key { (peer.node) } }
                    } } }
                } } }
            }
            section aria-labelledby="offences" {
                h2 id="offences" { (words.say("status-offences")) }
                p.quiet { (words.say("status-offences-help")) }
                @if status.offences.is_empty() { p { (words.say("status-offences-none")) } }
                @else { dl.row { @for (kind, count) in &status.offences { dt { (plain(kind)) } dd { (n(*count)) } } } }
            }
        }
    }
}

fn state(words: Words, state: LogState) -> Markup {
    let (name, good) = match state {
        LogState::Ok => (words.say("state-ok"), true),
        LogState::Behind => (words.say("state-behind"), false),
        LogState::Frozen => (words.say("state-frozen"), false),
        LogState::Former => (words.say("state-former"), true),
    };
    html! { span.tag.free[good] { (name) } }
}
