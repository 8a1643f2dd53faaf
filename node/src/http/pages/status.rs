//! The status page: what is wrong comes first, with what to do about it; then the figures.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use maud::{Markup, html};

use super::{Page, wanted};
use crate::http::{
    Web,
    lang::Lang,
    problem::Problem,
    site::{LogState, Status},
    text::{count, duration, number, plain, rfc3339, size},
    words::{ExtractionWords, Words, fill},
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
    let status = web.ask(|site| Ok(site.status()?)).await?;
    let page = Page::new(&web, &wanted, &uri);
    let main = show(&page, &status);
    Ok(page.finish(page.words.status_title, Some(""), main))
}

fn troubles(words: &Words, lang: Lang, status: &Status) -> Vec<Trouble> {
    let mut all = Vec::new();
    let mut add = |bad: bool, what: String, fix: String| all.push(Trouble { what, fix, bad });
    for log in &status.logs {
        let handle = log.handle.as_str();
        match log.state {
            LogState::Frozen => add(
                true,
                fill(words.problem_frozen, &[handle]),
                fill(words.fix_frozen, &[handle]),
            ),
            LogState::Behind => add(
                false,
                fill(words.problem_behind, &[handle, &log.behind.to_string()]),
                fill(words.fix_behind, &[handle]),
            ),
            LogState::Ok | LogState::Former => {}
        }
    }
    if status.writer && !status.may_sign {
        add(
            true,
            words.problem_writer.to_owned(),
            words.fix_writer.to_owned(),
        );
    }
    for peer in status.peers.iter().filter(|peer| !peer.connected) {
        let handle = peer.handle.as_str();
        add(
            false,
            fill(words.problem_peer, &[handle]),
            fill(words.fix_peer, &[handle]),
        );
    }
    let lag = status.position.saturating_sub(status.index_position);
    if lag > INDEX_SLACK {
        add(
            false,
            fill(words.problem_index, &[&lag.to_string()]),
            words.fix_index.to_owned(),
        );
    }
    for usage in status.usage.iter().filter(|usage| usage.full) {
        add(
            false,
            fill(words.problem_full, &[usage.handle.as_str()]),
            words.fix_full.to_owned(),
        );
    }
    for usage in status.usage.iter().filter(|usage| usage.held_back > 0) {
        let handle = usage.handle.as_str();
        add(
            false,
            fill(
                words.problem_held_back,
                &[handle, &usage.held_back.to_string()],
            ),
            fill(words.fix_held_back, &[handle]),
        );
    }
    if let Some((item, error)) = status.upkeep.failed.iter().next() {
        add(
            false,
            fill(words.problem_upkeep, &[item, error]),
            words.fix_upkeep.to_owned(),
        );
    }
    if status.unconfined {
        let words = ExtractionWords::of(lang);
        add(
            false,
            words.unconfined.to_owned(),
            words.unconfined_fix.to_owned(),
        );
    }
    if status.wanted > 0 {
        add(
            false,
            fill(words.problem_content, &[&status.wanted.to_string()]),
            words.fix_content.to_owned(),
        );
    }
    all
}

fn show(page: &Page<'_>, status: &Status) -> Markup {
    let words = page.words;
    let lang = page.lang();
    let troubles = troubles(words, lang, status);
    let n = |n: u64| number(lang, n);
    html! {
        div.inner.status {
            div.headline {
                p.eyebrow { (plain(page.me.handle.as_str())) }
                h1 { (words.status_title) }
                p.lead role="status" {
                    @if troubles.is_empty() { span.sign.good aria-hidden="true" { "✓" } " " (words.status_good) }
                    @else { span.sign.warn aria-hidden="true" { "!" } " " (count(lang, troubles.len() as u64, words.status_bad_one, words.status_bad_many)) }
                }
            }
            @if !troubles.is_empty() {
                section aria-labelledby="todo" {
                    h2 id="todo" { (words.status_todo) }
                    ul.troubles { @for trouble in &troubles {
                        li.notice.bad[trouble.bad] { p { strong { (trouble.what) } } p { (trouble.fix) } }
                    } }
                }
            }
            div.cards {
                section.card aria-labelledby="node" {
                    h2 id="node" { (words.status_node) }
                    dl {
                        dt { (words.status_commons) } dd { (plain(&page.me.commons_name)) br; span.quiet {
                            (fill(words.status_charter, &[&status.charter.to_string()])) ", " (count(lang, status.institutions as u64, words.status_members_one, words.status_members_many)) } }
                        dt { (words.provenance_institution) } dd { (plain(page.me.handle.as_str())) br; span.quiet { (if status.writer { words.status_writer } else { words.status_replica }) } }
                        dt { (words.status_uptime) } dd { (duration(lang, page.web.uptime().as_secs())) }
                        @if let Some((url, fingerprint)) = &status.ssh {
                            dt { (words.status_ssh) } dd { code { (plain(url)) } br; span.quiet { (words.status_ssh_key) " " } code.key { (plain(fingerprint)) } }
                        }
                        dt { (words.status_version) } dd { (env!("CARGO_PKG_VERSION")) }
                    }
                }
                section.card aria-labelledby="catalogue" {
                    h2 id="catalogue" { (words.status_catalogue) }
                    dl {
                        dt { (words.status_items) } dd { (n(status.items)) }
                        dt { (words.status_position) } dd { (n(status.position)) }
                        dt { (words.status_fold) } dd { (n(status.fold)) }
                        dt { (words.status_catalogue_root) } dd { code.key { (status.root) } br; span.quiet { (words.status_root_help) } }
                    }
                }
                section.card aria-labelledby="index" {
                    h2 id="index" { (words.status_index) }
                    dl {
                        dt { (words.status_documents) } dd { (n(status.index_documents)) }
                        dt { (words.status_position) } dd { (n(status.index_position)) }
                    }
                }
                section.card aria-labelledby="content" {
                    h2 id="content" { (words.status_content) }
                    dl {
                        dt { (words.status_held) } dd { (n(status.held)) }
                        dt { (words.status_wanted) } dd { (n(status.wanted)) }
                        dt { (words.status_bytes) } dd { (size(lang, status.bytes)) }
                        dt { (words.status_upkeep) } dd { @if status.upkeep.last == 0 { (words.status_upkeep_never) } @else { (rfc3339(status.upkeep.last)) } }
                    }
                }
            }
            section aria-labelledby="logs" {
                h2 id="logs" { (words.status_logs) }
                div.scroll { table {
                    thead { tr { th scope="col" { (words.status_log_of) } th scope="col" { (words.status_state) } th.size scope="col" { (words.status_size) } th scope="col" { (words.status_root) } th scope="col" { (words.status_witnessed) } } }
                    tbody { @for log in &status.logs { tr {
                        th scope="row" { a href=(page.href(&format!("/{}", log.handle))) { (plain(log.handle.as_str())) } }
                        td { (state(words, log.state)) @if log.behind > 0 { " " span.quiet { (fill(words.status_behind_by, &[&n(log.behind)])) } } }
                        td.size { (n(log.size)) }
                        td { code.key { (log.root.to_string().chars().take(16).collect::<String>()) "…" } }
                        td { @match &log.witnessed {
                            Some(w) => { (fill(words.status_witnessed_up_to, &[&n(w.checkpoint.size)])) " " span.quiet { (plain(&w.by.iter().map(|c| c.handle.as_str()).collect::<Vec<_>>().join(", "))) } }
                            None => { span.quiet { (words.status_witnessed_none) } }
                        } }
                    } } }
                } }
            }
            section aria-labelledby="usage" {
                h2 id="usage" { (words.status_usage) }
                div.scroll { table {
                    thead { tr { th scope="col" { (words.status_log_of) } th.size scope="col" { (words.status_bytes) } th.size scope="col" { (words.status_size) } } }
                    tbody { @for usage in &status.usage { tr {
                        th scope="row" { (plain(usage.handle.as_str())) }
                        td.size { (size(lang, usage.bytes)) }
                        td.size { (n(usage.statements)) }
                    } } }
                } }
            }
            section aria-labelledby="peers" {
                h2 id="peers" { (words.status_peers) }
                @if status.peers.is_empty() { p.quiet { (words.status_peers_none) } }
                @else { div.scroll { table {
                    thead { tr { th scope="col" { (words.status_log_of) } th scope="col" { (words.status_state) } th.size scope="col" { (words.status_rtt) } th scope="col" { (words.status_path) } th scope="col" { (words.status_peer) } } }
                    tbody { @for peer in &status.peers { tr {
                        th scope="row" { (plain(peer.handle.as_str())) }
                        td { @if peer.connected { span.tag.free { (words.status_connected) } } @else { span.tag { (words.status_disconnected) } } }
                        td.size { @if let Some(ms) = peer.rtt_ms { (format!("{ms:.1}")) " ms" } }
                        td { @match peer.path { Some("relay") => (words.status_path_relay), Some(_) => (words.status_path_direct), None => "" } }
                        td { code.key { (peer.node) } }
                    } } }
                } } }
            }
            section aria-labelledby="offences" {
                h2 id="offences" { (words.status_offences) }
                p.quiet { (words.status_offences_help) }
                @if status.offences.is_empty() { p { (words.status_offences_none) } }
                @else { dl.row { @for (kind, count) in &status.offences { dt { (plain(kind)) } dd { (n(*count)) } } } }
            }
        }
    }
}

fn state(words: &Words, state: LogState) -> Markup {
    let (name, good) = match state {
        LogState::Ok => (words.state_ok, true),
        LogState::Behind => (words.state_behind, false),
        LogState::Frozen => (words.state_frozen, false),
        LogState::Former => (words.state_former, true),
    };
    html! { span.tag.free[good] { (name) } }
}
