//! `/healthz` and `/metrics` (Prometheus text format 0.0.4).

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use super::{Web, problem::Problem, site::Status};

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/metrics", get(show))
}

/// How many requests were answered, by route and status: both are small closed sets.
#[derive(Default)]
pub struct Requests(Mutex<BTreeMap<(&'static str, u16), u64>>);

impl Requests {
    /// Counts one.
    pub fn count(&self, route: &'static str, status: StatusCode) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((route, status.as_u16())).or_default() += 1;
    }

    fn all(&self) -> BTreeMap<(&'static str, u16), u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The name under which a path is counted: never a name that somebody chose.
pub(super) fn route(path: &str) -> &'static str {
    const API: [&str; 8] = [
        "search",
        "items",
        "changes",
        "status",
        "openapi.json",
        "institutions",
        "charter",
        "persons",
    ];
    let mut parts = path.trim_start_matches('/').split('/');
    match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
        ("", ..) => "/",
        ("search", None, _) => "/search",
        ("status", None, _) => "/status",
        ("static", ..) => "/static",
        ("healthz", None, _) => "/healthz",
        ("metrics", None, _) => "/metrics",
        ("log", ..) => "/log",
        ("api", Some("v1"), Some(name)) => API.into_iter().find(|known| *known == name).map_or(
            "/api/v1/other",
            |known| match known {
                "search" => "/api/v1/search",
                "items" => "/api/v1/items",
                "changes" => "/api/v1/changes",
                "status" => "/api/v1/status",
                "openapi.json" => "/api/v1/openapi.json",
                "institutions" => "/api/v1/institutions",
                "charter" => "/api/v1/charter",
                _ => "/api/v1/persons",
            },
        ),
        ("api", ..) => "/api/other",
        (_, Some(name), _) if name.ends_with(".git") => "/{handle}/{slug}.git",
        (_, Some(_), None) => "/{handle}/{slug}",
        (_, Some(_), Some(_)) => "/{handle}/{slug}/…",
        (_, None, _) => "/{handle}",
    }
}

async fn show(State(web): State<Web>) -> Result<impl IntoResponse, Problem> {
    let status = web.ask(|site| Ok(site.status()?)).await?;
    let text = render(&status, &web);
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    ))
}

fn render(status: &Status, web: &Web) -> String {
    let mut out = Metrics(String::new());
    out.gauge(
        "commun_uptime_seconds",
        "Time since the process started.",
        web.uptime().as_secs_f64(),
    );
    out.gauge(
        "commun_journal_lines",
        "Length of the journal of accepted entries.",
        status.position as f64,
    );
    out.gauge(
        "commun_catalogue_items",
        "Items in the catalogue.",
        status.items as f64,
    );
    out.gauge(
        "commun_index_documents",
        "Documents in the search index.",
        status.index_documents as f64,
    );
    out.gauge(
        "commun_index_lag_lines",
        "Journal lines that the search index has not seen.",
        status.position.saturating_sub(status.index_position) as f64,
    );
    out.gauge(
        "commun_content_bytes",
        "Bytes of content held.",
        status.bytes as f64,
    );
    out.gauge(
        "commun_content_held_items",
        "Items whose content is held.",
        status.held as f64,
    );
    out.gauge(
        "commun_content_wanted_items",
        "Items whose content is still to come.",
        status.wanted as f64,
    );
    let connected = status.peers.iter().filter(|p| p.connected).count();
    out.gauge(
        "commun_peers_connected",
        "Peers that answer.",
        connected as f64,
    );
    out.gauge(
        "commun_peers_known",
        "Nodes of the commons, without this one.",
        status.peers.len() as f64,
    );
    out.family("commun_log_entries", "Entries of each log.", "gauge");
    for log in &status.logs {
        let labels = format!("log=\"{}\"", log.handle);
        out.sample("commun_log_entries", &labels, log.size as f64);
    }
    out.family(
        "commun_log_behind_entries",
        "Entries of each log that others have and this node lacks.",
        "gauge",
    );
    for log in &status.logs {
        let labels = format!("log=\"{}\",state=\"{}\"", log.handle, log.state.as_str());
        out.sample("commun_log_behind_entries", &labels, log.behind as f64);
    }
    out.family(
        "commun_offences_total",
        "Messages of peers that were refused, by kind.",
        "counter",
    );
    for (kind, count) in &status.offences {
        out.sample(
            "commun_offences_total",
            &format!("kind=\"{}\"", escape(kind)),
            *count as f64,
        );
    }
    out.family(
        "commun_http_requests_total",
        "Requests answered, by route and status.",
        "counter",
    );
    for ((route, status), count) in web.requests().all() {
        let labels = format!("route=\"{route}\",status=\"{status}\"");
        out.sample("commun_http_requests_total", &labels, count as f64);
    }
    out.family(
        "commun_institution_bytes",
        "Bytes of content that an institution takes here.",
        "gauge",
    );
    for usage in &status.usage {
        let label = format!("institution=\"{}\"", escape(usage.handle.as_str()));
        out.sample("commun_institution_bytes", &label, usage.bytes as f64);
    }
    out.family(
        "commun_institution_full",
        "Whether an institution has reached its quota here.",
        "gauge",
    );
    for usage in &status.usage {
        let label = format!("institution=\"{}\"", escape(usage.handle.as_str()));
        out.sample(
            "commun_institution_full",
            &label,
            f64::from(u8::from(usage.full)),
        );
    }
    out.gauge(
        "commun_maintenance_last_seconds",
        "When all repositories were last looked after (Unix time; 0 = not since the start).",
        status.upkeep.last as f64,
    );
    out.gauge(
        "commun_maintenance_failed_repositories",
        "Repositories that could not be packed.",
        status.upkeep.failed.len() as f64,
    );
    out.family(
        "commun_content_received_bytes_total",
        "Bytes of content that other nodes sent.",
        "counter",
    );
    out.sample(
        "commun_content_received_bytes_total",
        "",
        status.received as f64,
    );
    if let Some(packs) = status.packs {
        out.gauge(
            "commun_pack_cache_bytes",
            "Bytes of packs that are kept to be sent again.",
            packs.bytes as f64,
        );
        out.family(
            "commun_given_bytes_total",
            "Bytes of packs that other nodes were sent.",
            "counter",
        );
        out.sample("commun_given_bytes_total", "", packs.given as f64);
        out.family(
            "commun_packs_total",
            "Packs that were sent, by whether they had to be made.",
            "counter",
        );
        out.sample("commun_packs_total", "made=\"no\"", packs.hits as f64);
        out.sample("commun_packs_total", "made=\"yes\"", packs.misses as f64);
    }
    if let Some(bytes) = resident_bytes() {
        out.gauge(
            "process_resident_memory_bytes",
            "Resident memory of the process.",
            bytes as f64,
        );
    }
    out.0
}

struct Metrics(String);

impl Metrics {
    fn family(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: f64) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.family(name, help, "gauge");
        self.sample(name, "", value);
    }
}

/// A label's value (exposition format: backslash, quote and line end are escaped).
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// Resident memory, where the system says it (`/proc/self/status`, in kB).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
