//! `GET /api/v1/status`.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Value, json};

use crate::core::Witnessed;
use crate::http::{
    Web,
    problem::Problem,
    site::{Me, Status},
};

pub(super) async fn status(State(web): State<Web>) -> Result<Response, Problem> {
    let (me, status) = web.ask(|site| Ok((site.me(), site.status()?))).await?;
    let document = document(&me, &status, web.uptime().as_secs());
    Ok(super::json(StatusCode::OK, &document))
}

/// Up to where other institutions have cosigned a log.
pub(super) fn witnessed(w: &Witnessed) -> Value {
    let by =
        w.by.iter()
            .map(|c| json!({"handle": c.handle, "time": c.time}));
    json!({"size": w.checkpoint.size, "root": w.checkpoint.root, "by": by.collect::<Vec<_>>()})
}

fn document(me: &Me, status: &Status, uptime_s: u64) -> Value {
    let logs = status.logs.iter().map(|log| {
        json!({"handle": log.handle, "epoch": log.epoch, "size": log.size, "root": log.root,
            "behind": log.behind, "state": log.state.as_str(),
            "witnessed": log.witnessed.as_ref().map(witnessed)})
    });
    let peers = status.peers.iter().map(|peer| {
        json!({"node": peer.node.to_string(), "handle": peer.handle, "connected": peer.connected,
            "rtt_ms": peer.rtt_ms, "path": peer.path})
    });
    let offences: serde_json::Map<String, Value> = status
        .offences
        .iter()
        .map(|(kind, count)| (kind.clone(), json!(count)))
        .collect();
    let mut document = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commons": {"id": me.commons, "name": me.commons_name, "charter": status.charter,
            "institutions": status.institutions},
        "node": me.node.to_string(),
        "handle": me.handle,
        "writer": status.writer,
        "may_sign": status.may_sign,
        "uptime_s": uptime_s,
        "logs": logs.collect::<Vec<_>>(),
        "peers": peers.collect::<Vec<_>>(),
        "catalogue": {"items": status.items, "position": status.position, "fold": status.fold,
            "root": status.root},
        "index": {"position": status.index_position, "documents": status.index_documents},
        "content": {"wanted": status.wanted, "held": status.held, "bytes": status.bytes},
        "maintenance": {
            "last": (status.upkeep.last > 0).then(|| crate::http::text::rfc3339(status.upkeep.last)),
            "packed": status.upkeep.packed,
            "failed": status.upkeep.failed.iter()
                .map(|(item, error)| json!({"item": item, "error": error}))
                .collect::<Vec<_>>(),
        },
        "usage": status.usage.iter()
            .map(|u| json!({"handle": u.handle, "bytes": u.bytes, "proposed": u.proposed,
                "statements": u.statements, "full": u.full, "held_back": u.held_back}))
            .collect::<Vec<_>>(),
        "packs": status.packs.map(|p| json!({"hits": p.hits, "misses": p.misses, "bytes": p.bytes})),
        "offences": offences,
    });
    if let Some((url, fingerprint)) = &status.ssh {
        document["ssh"] = json!({"url": url, "fingerprint": fingerprint});
    }
    document
}
