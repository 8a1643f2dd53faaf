//! Looking at links: when a librarian asks, one at a time, with pauses, as a guest.
//!
//! The queue is in `decisions.db`: a node that is stopped goes on where it was, and a link that was being looked at is looked
//! at again.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use commun_client::FetchError;
use tokio_util::sync::CancellationToken;

use super::Quality;
use crate::core::now;

/// Links that are asked about at once: a day's work at the pace below.
pub(super) const MAX_ASKED: u64 = 50_000;
/// Between two requests to one host.
const PER_HOST: Duration = Duration::from_secs(1);
/// Between any two requests.
const BETWEEN: Duration = Duration::from_millis(100);
/// A host that did not answer so often in a row is not waited for again for [`SILENCE`].
const MAX_SILENT: u32 = 3;
/// How long a silent host's other links are taken to be as silent.
const SILENCE: Duration = Duration::from_secs(600);
/// Hosts that are remembered.
const MAX_HOSTS: usize = 10_000;
/// Pause after this node's own trouble.
const RETRY: Duration = Duration::from_secs(5);

/// What is known of a host.
struct Host {
    asked: Instant,
    silent: u32,
}

/// What a look means.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    outcome: &'static str,
    status: u16,
    why: String,
}

pub(super) async fn run(quality: Quality, stop: CancellationToken) {
    let mut hosts: HashMap<String, Host> = HashMap::new();
    while !stop.is_cancelled() {
        let resting: Vec<String> = hosts
            .iter()
            .filter(|(_, host)| host.asked.elapsed() < PER_HOST)
            .map(|(name, _)| name.clone())
            .collect();
        let pause = match step(&quality, &mut hosts, &resting).await {
            Ok(true) => BETWEEN,
            Ok(false) => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = quality.asked.notified() => {}
                }
                continue;
            }
            Err(e) => {
                tracing::error!("looking at links: {e}");
                RETRY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Looks at one link; `false` where none waits.
async fn step(
    quality: &Quality,
    hosts: &mut HashMap<String, Host>,
    resting: &[String],
) -> Result<bool, rusqlite::Error> {
    let next = quality.book().next_link(resting)?;
    let Some((url, name)) = next else {
        return Ok(false);
    };
    if resting.contains(&name) {
        // All that wait are on hosts that were asked just now.
        return Ok(true);
    }
    if hosts.len() > MAX_HOSTS {
        hosts.clear();
    }
    let host = hosts.entry(name).or_insert_with(|| Host {
        asked: Instant::now(),
        silent: 0,
    });
    let given_up = host.silent >= MAX_SILENT && host.asked.elapsed() < SILENCE;
    let seen = if given_up {
        Seen {
            outcome: "dead",
            status: 0,
            why: "the host does not answer".to_owned(),
        }
    } else {
        let (fetcher, address) = (quality.fetcher.clone(), url.clone());
        let looked = tokio::task::spawn_blocking(move || fetcher.look(&address)).await;
        let seen = judge(looked.unwrap_or_else(|e| Err(FetchError::Failed(e.to_string()))));
        host.asked = Instant::now();
        host.silent = if seen.status == 0 { host.silent + 1 } else { 0 };
        seen
    };
    quality
        .book()
        .looked(&url, seen.outcome, seen.status, &seen.why, now())?;
    Ok(true)
}

/// What an answer means. A server that asks for a login, or is out of order, says nothing about the link.
fn judge(looked: Result<u16, FetchError>) -> Seen {
    match looked {
        Ok(status) => {
            let outcome = match status {
                200..=399 => "ok",
                401 | 403 | 405..=408 | 425 | 429 | 451 | 500.. => "unsure",
                _ => "dead",
            };
            Seen {
                outcome,
                status,
                why: format!("HTTP {status}"),
            }
        }
        Err(FetchError::Failed(why)) => {
            let inward = why.contains("private network");
            Seen {
                outcome: if inward { "unsure" } else { "dead" },
                status: 0,
                why: why.chars().take(200).collect(),
            }
        }
        Err(e) => Seen {
            outcome: "dead",
            status: 0,
            why: e.to_string().chars().take(200).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_mean() {
        for (status, outcome) in [
            (200, "ok"),
            (301, "ok"),
            (404, "dead"),
            (410, "dead"),
            (403, "unsure"),
            (503, "unsure"),
        ] {
            assert_eq!(judge(Ok(status)).outcome, outcome, "{status}");
        }
        let inwards =
            FetchError::Failed("the address is of this machine or of a private network".into());
        assert_eq!(judge(Err(inwards)).outcome, "unsure");
        assert_eq!(
            judge(Err(FetchError::Failed("connection refused".into()))).outcome,
            "dead"
        );
    }
}
