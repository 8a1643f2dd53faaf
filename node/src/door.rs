//! The core as the network sees it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use commun_forge::git::Repos;
use commun_specs::{
    id::StatementId,
    join::JoinRequest,
    name::Handle,
    statement::{self, Statement},
    sync::{
        self, Evidence, Initial, LogState, Range, RangeEntry, RangeErasure, RangeFault,
        RangeRequest, Terms, limits, prove_range,
    },
    tree,
};
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::{
    core::{Core, JoinState},
    net::{
        Door, GitServe, GitStream,
        door::{Body, Cosigned, Joining, Papers, Stored, Trouble},
        members::Member,
    },
    store,
};

/// A peer that takes nothing for this long is given up.
const STALL: Duration = Duration::from_secs(20);

impl From<store::Error> for Trouble {
    fn from(e: store::Error) -> Self {
        Trouble(e.to_string())
    }
}

impl Core {
    /// Entries of a log with what proves them, for a peer; `None` if they are not held.
    pub fn range(&self, request: &RangeRequest) -> Result<Option<Range>, store::Error> {
        let damaged = |e: &dyn std::fmt::Display| store::Error::Damaged(e.to_string());
        let (tip, cut) = {
            let state = self.state();
            let Some(tip) = state.tip(&request.handle).cloned() else {
                return Ok(None);
            };
            let Some(epoch) = state
                .successions(&request.handle)
                .and_then(|s| s.epoch(request.epoch))
            else {
                return Ok(None);
            };
            (tip, epoch.size)
        };
        let Some(row) = self.log_row(&request.handle) else {
            return Ok(None);
        };
        if request.from >= tip.size {
            return Ok(None);
        }
        // What covers the range: the succession's cut below it, else the longest checkpoint whose leaves are here.
        let (checkpoint, covered) = if request.from < cut {
            (Vec::new(), cut)
        } else {
            let Some(note) = tip.complete.filter(|_| tip.epoch == request.epoch) else {
                return Ok(None);
            };
            let claim = commun_specs::note::Note::read(&note)
                .and_then(|n| n.claim())
                .map_err(|e| damaged(&e))?;
            (note, claim.size)
        };
        if covered > tip.size || request.from >= covered {
            return Ok(None);
        }
        let store = self.store()?;
        let max_entries = request.max_entries.clamp(1, limits::MAX_RANGE_ENTRIES);
        let max_bytes = request.max_bytes.min(limits::MAX_RANGE_BYTES as u64) as usize;
        let (mut entries, mut lists, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut erased: BTreeSet<(u64, StatementId)> = BTreeSet::new();
        for position in request.from..covered.min(request.from + max_entries) {
            let Some(entry) = store.entry(row, position)? else {
                break;
            };
            let statement = Statement::read_verified(&entry.bytes)
                .ok()
                .filter(|_| entry.valid);
            let body = match &statement {
                Some(s) if self.withholds(&request.handle, s) => None,
                _ => store.body(row, position)?,
            };
            let gone = statement
                .as_ref()
                .filter(|_| body.is_none())
                .and_then(|s| self.erasure_at(&request.handle, &s.id));
            let list = statement.and_then(|s| s.named_list());
            let list = match list {
                Some(hash) => store.list(&hash)?,
                None => None,
            };
            bytes += entry.bytes.len()
                + body.as_ref().map_or(0, |b| b.bytes.len() + b.salt.len())
                + list.as_ref().map_or(0, Vec::len);
            let many = erased.len() == limits::MAX_RANGE_ERASURES
                && gone.is_some_and(|g| !erased.contains(&g));
            if (bytes > max_bytes || many) && !entries.is_empty() {
                break;
            }
            erased.extend(gone);
            entries.push(RangeEntry {
                entry: entry.bytes,
                body: body.map(|b| (b.salt, b.bytes)),
            });
            lists.extend(list);
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let end = request.from + entries.len() as u64;
        let mut erasures = Vec::new();
        for (position, _) in erased {
            // Those in the range speak for themselves; below the cut nobody asks.
            if position < end || position >= covered || checkpoint.is_empty() {
                continue;
            }
            if let Some(entry) = store.entry(row, position)? {
                let proof = tree::prove_leaf(&store.hashes(row), covered, position);
                erasures.push(RangeErasure {
                    position,
                    entry: entry.bytes,
                    proof: proof.map_err(|e| damaged(&e))?,
                });
            }
        }
        let base = if checkpoint.is_empty() {
            0
        } else {
            request.base
        };
        let proofs =
            prove_range(&store.hashes(row), covered, end, base).map_err(|e| damaged(&e))?;
        Ok(Some(Range {
            handle: request.handle.clone(),
            epoch: request.epoch,
            from: request.from,
            entries,
            lists,
            checkpoint,
            proof: proofs.proof,
            base_root: proofs.base_root,
            base_proof: proofs.base_proof,
            erasures,
        }))
    }
}

impl Core {
    /// The erasure of a statement of a log, and where it stands.
    fn erasure_at(&self, log: &Handle, id: &StatementId) -> Option<(u64, StatementId)> {
        let state = self.state();
        let erasure = state.catalogue().erasure_of(id)?;
        let (at, position) = state.catalogue().find(&erasure)?;
        (at == *log).then_some((position, erasure))
    }

    /// Whether other nodes do not get the words of a statement from here: those about what is in quarantine. This
    /// institution's own always go with its log (R-06-38); what is to be gone of them is erased.
    fn withholds(&self, log: &Handle, statement: &Statement) -> bool {
        let item = statement.head.as_ref();
        let item = item.map_or(statement.id, |h| h.item.unwrap_or(statement.id));
        *log != self.identity().handle && self.quarantined(&item)
    }
}

/// Runs what reads the disk where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

impl Door for Core {
    fn initial(&self) -> Result<Initial, Trouble> {
        let store = self.store()?;
        let drafts = store.drafts()?;
        let state = self.state();
        let mut logs = Vec::new();
        for t in state.tips() {
            let (cosigned_epoch, cosigned) = store.cosigned(&t.handle)?;
            logs.push(LogState {
                handle: t.handle.clone(),
                size: t.size,
                root: t.root,
                complete: t.complete.clone(),
                covering: t.covering.clone(),
                frozen: t.frozen.clone(),
                cosigned,
                cosigned_epoch,
                witnessed: store.witnessed(&t.handle)?,
            });
        }
        let members = state
            .members()
            .into_iter()
            .map(|m| sync::Member {
                node: m.node,
                institution: Some(m.handle),
                addrs: m.addrs,
            })
            .collect();
        Ok(Initial {
            chain: state.chain().clone(),
            successions: state.all_successions().clone(),
            drafts,
            logs,
            members,
        })
    }

    fn members(&self) -> Vec<Member> {
        let members = self.state().members();
        members
            .into_iter()
            .map(|m| Member {
                node: m.node,
                handle: Some(m.handle),
                addrs: m.addrs,
            })
            .collect()
    }

    fn papers(&self) -> Papers {
        let drafts = self.store().and_then(|s| s.drafts()).unwrap_or_default();
        let state = self.state();
        Papers {
            charter: state.chain().envelopes(0).collect(),
            drafts,
            successions: state
                .all_successions()
                .values()
                .flat_map(|s| s.envelopes().collect::<Vec<_>>())
                .collect(),
        }
    }

    fn own_note(&self) -> Option<Vec<u8>> {
        if !self.is_writer() {
            return None;
        }
        self.state()
            .tip(&self.identity().handle)
            .and_then(|t| t.complete.clone())
    }

    fn grown(&self) -> watch::Receiver<u64> {
        Core::grown(self)
    }

    fn papers_changed(&self) -> watch::Receiver<u64> {
        self.charter_changed()
    }

    fn read_range(&self, request: RangeRequest) -> BoxFuture<'static, Option<Range>> {
        let core = self.clone();
        Box::pin(async move {
            match blocking(move || core.range(&request)).await? {
                Ok(range) => range,
                Err(e) => {
                    tracing::error!("a range cannot be read: {e}");
                    None
                }
            }
        })
    }

    fn accept_range(
        &self,
        range: Range,
        terms: Terms,
    ) -> BoxFuture<'static, Result<Stored, RangeFault>> {
        let core = self.clone();
        Box::pin(async move {
            let stored = Core::accept_range(&core, range, terms).await?;
            Ok(Stored {
                size: stored.size,
                root: stored.root,
            })
        })
    }

    fn read_bodies(&self, log: Handle, positions: Vec<u64>) -> BoxFuture<'static, Vec<Body>> {
        let core = self.clone();
        Box::pin(async move {
            let read = move || -> Result<Vec<Body>, store::Error> {
                let Some(row) = core.log_row(&log) else {
                    return Ok(Vec::new());
                };
                let store = core.store()?;
                let mut bodies = Vec::new();
                for position in positions.into_iter().take(limits::MAX_WITHHELD) {
                    let entry = store.entry(row, position)?.filter(|e| e.valid);
                    let statement = entry.and_then(|e| Statement::read_verified(&e.bytes).ok());
                    if statement.is_none_or(|s| core.withholds(&log, &s)) {
                        continue;
                    }
                    if let Some(b) = store.body(row, position)? {
                        bodies.push(Body {
                            position,
                            salt: b.salt,
                            bytes: b.bytes,
                        });
                    }
                }
                Ok(bodies)
            };
            blocking(read)
                .await
                .and_then(Result::ok)
                .unwrap_or_default()
        })
    }

    fn accept_body(&self, log: Handle, body: Body) -> BoxFuture<'static, Result<bool, Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            let words = statement::Body {
                salt: body.salt,
                bytes: body.bytes,
            };
            Ok(core.add_body(log, body.position, words).await?)
        })
    }

    fn withheld(&self) -> Vec<(Handle, Vec<u64>)> {
        let read = || -> Result<Vec<(Handle, Vec<u64>)>, store::Error> {
            let store = self.store()?;
            let mut all = Vec::new();
            for log in store.logs()? {
                let positions = store.withheld(log.id, limits::MAX_WITHHELD as u64)?;
                if !positions.is_empty() {
                    all.push((log.handle, positions));
                }
            }
            Ok(all)
        };
        read().unwrap_or_default()
    }

    fn add_charter(&self, envelope: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            Core::add_charter(&core, envelope)
                .await
                .map(drop)
                .map_err(|e| Trouble(e.to_string()))
        })
    }

    fn store_draft(&self, envelope: Vec<u8>) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            core.add_draft(envelope)
                .await
                .map(drop)
                .map_err(|e| Trouble(e.to_string()))
        })
    }

    fn add_succession(
        &self,
        _: Handle,
        envelope: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            Core::add_succession(&core, envelope)
                .await
                .map(drop)
                .map_err(|e| Trouble(e.to_string()))
        })
    }

    fn keep_refused(
        &self,
        log: Handle,
        envelope: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move { Ok(core.keep_evidence(log, envelope).await?) })
    }

    fn truncate(&self, log: Handle, size: u64) -> BoxFuture<'static, Result<Stored, Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            let stored = Core::truncate(&core, log, size).await?;
            Ok(Stored {
                size: stored.size,
                root: stored.root,
            })
        })
    }

    fn freeze(&self, log: Handle, evidence: Evidence) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move { Ok(Core::freeze(&core, log, evidence).await?) })
    }

    fn thaw(&self, log: Handle) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move { Ok(Core::thaw(&core, log).await?) })
    }

    fn cosign(
        &self,
        log: Handle,
        note: Vec<u8>,
    ) -> BoxFuture<'static, Result<Option<Cosigned>, Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            let cosigned = Core::cosign(&core, log, note).await?;
            Ok(cosigned.map(|(size, note)| Cosigned { size, note }))
        })
    }

    fn store_witnessed(
        &self,
        log: Handle,
        note: Vec<u8>,
    ) -> BoxFuture<'static, Result<(), Trouble>> {
        let core = self.clone();
        Box::pin(async move { Ok(Core::store_witnessed(&core, log, note).await?) })
    }

    fn set_may_sign(&self, may: bool) {
        Core::set_may_sign(self, may);
    }

    fn join(&self, request: JoinRequest) -> BoxFuture<'static, Result<Joining, Trouble>> {
        let core = self.clone();
        Box::pin(async move {
            Ok(match core.join_request(request).await? {
                JoinState::Pending => Joining::Pending,
                JoinState::Refused(why) => Joining::Refused(why),
                JoinState::Admitted {
                    charter,
                    successions,
                } => Joining::Admitted(Papers {
                    charter,
                    drafts: Vec::new(),
                    successions,
                }),
            })
        })
    }

    fn introduce(&self, succession: Vec<u8>) -> BoxFuture<'static, Result<Papers, String>> {
        let core = self.clone();
        Box::pin(async move {
            Core::add_succession(&core, succession)
                .await
                .map_err(|e| e.to_string())?;
            Ok(Papers {
                drafts: Vec::new(),
                ..core.papers()
            })
        })
    }
}

/// The repositories as other nodes read them.
pub struct Repositories(pub Core, pub Repos);

impl Repositories {
    /// Whether other nodes get it: not what is in quarantine here.
    fn given(&self, item: &str) -> bool {
        item.parse().is_ok_and(|id| !self.0.quarantined(&id))
    }
}

impl GitServe for Repositories {
    fn holds(&self, item: &str) -> bool {
        self.given(item) && self.1.get(item).is_ok()
    }

    fn serve(&self, item: String, stream: GitStream) -> BoxFuture<'static, ()> {
        let repository = self.1.get(&item);
        let given = self.given(&item);
        Box::pin(async move {
            let Ok(repository) = repository else { return };
            if !given {
                return;
            }
            if let Err(e) = repository.give(stream, STALL).await {
                tracing::debug!(%item, "a repository could not be given to a peer: {e}");
            }
        })
    }
}

/// The door, shared.
pub fn of(core: &Core) -> Arc<dyn Door> {
    Arc::new(core.clone())
}
