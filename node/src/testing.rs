//! Nodes for tests: real cores in folders of their own, and their logs carried by hand.

use std::sync::Arc;

use commun_forge::git::{Git, Limits, Repos};
use commun_index::Index;
use commun_specs::{
    fold::Item,
    id::{StatementId, TreeRoot},
    join::JoinRequest,
    name::Handle,
    note::Origin,
    sync::{Range, RangeEntry, Terms, prove_range},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    blobs::Blobs,
    core::{Core, JoinState, Person},
    describe::Describer,
    follow::IndexFollower,
    init,
    keys::Keys,
    resources::{NewRepository, Resources, Upload, UploadedFile},
    takedown::Eraser,
};

/// A node without a network.
pub struct Node {
    pub core: Core,
    pub blobs: Blobs,
    pub repos: Repos,
    pub index: IndexFollower,
    pub resources: Resources,
    pub tasks: TaskTracker,
    pub stop: CancellationToken,
    pub dir: tempfile::TempDir,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Node {
    pub async fn of(core: Core, dir: tempfile::TempDir) -> Self {
        core.set_may_sign(true);
        let blobs = Blobs::open(&dir.path().join("blobs")).await.unwrap();
        let repos =
            Repos::open(Git::new(Limits::default()).unwrap(), dir.path().join("git")).unwrap();
        let index = Arc::new(Index::open(&dir.path().join("index")).unwrap());
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let index = IndexFollower::start(core.clone(), blobs.clone(), index, &tasks, stop.clone());
        Describer::start(
            core.clone(),
            blobs.clone(),
            repos.clone(),
            commun_forge::text::worker::Workers::in_process(),
            &tasks,
            stop.clone(),
        );
        blobs.set_guard(Arc::new(core.clone()));
        Eraser::start(
            core.clone(),
            blobs.clone(),
            index.clone(),
            &tasks,
            stop.clone(),
        );
        let resources = Resources::new(core.clone(), blobs.clone(), repos.clone());
        Self {
            core,
            blobs,
            repos,
            index,
            resources,
            tasks,
            stop,
            dir,
        }
    }

    /// The first node of a commons.
    pub async fn first() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let core = init::found(
            dir.path(),
            "Essai",
            "Université",
            &Handle::new("univ-a").unwrap(),
        )
        .await
        .unwrap();
        Self::of(core, dir).await
    }

    /// Two members of one commons; each has the other's log.
    pub async fn two() -> (Self, Self) {
        let a = Self::first().await;
        let dir = tempfile::tempdir().unwrap();
        let invitation = a
            .core
            .invite(vec!["/ip4/127.0.0.1/tcp/1".to_owned()])
            .await
            .unwrap();
        let keys = Keys::open(&dir.path().join("keys")).unwrap();
        let handle = Handle::new("univ-b").unwrap();
        let request = JoinRequest {
            secret: invitation.secret,
            handle: handle.clone(),
            name: "Deux".to_owned(),
            keys: vec![keys.institution().unwrap().public()],
            threshold: 1,
            node: keys.node().unwrap().public(),
        };
        assert_eq!(
            a.core.join_request(request.clone()).await.unwrap(),
            JoinState::Pending
        );
        assert!(a.core.admit("univ-b").await.unwrap().in_force);
        init::mark_charter(&a.core).await.unwrap();
        let JoinState::Admitted {
            charter,
            successions,
        } = a.core.join_request(request).await.unwrap()
        else {
            panic!("admitted");
        };
        let b = init::begin(dir.path(), &keys, &handle, "Deux", charter, successions)
            .await
            .unwrap();
        let own = b
            .state()
            .successions(&handle)
            .unwrap()
            .envelopes()
            .next()
            .unwrap();
        a.core.add_succession(own).await.unwrap();
        let b = Self::of(b, dir).await;
        a.carry_to(&b).await;
        b.carry_to(&a).await;
        (a, b)
    }

    pub fn admin(&self) -> Person {
        self.core.persons().remove(0)
    }

    /// Gives this node's log to another.
    pub async fn carry_to(&self, other: &Node) {
        let handle = self.core.identity().handle.clone();
        let from = other.core.state().tip(&handle).map_or(0, |t| t.size);
        let (range, terms) = range(&self.core, &handle, from);
        if !range.entries.is_empty() {
            other.core.accept_range(range, terms).await.unwrap();
        }
    }

    /// A repository of this institution, empty.
    pub async fn repository(&self, slug: &str) -> Item {
        let new = NewRepository {
            slug: slug.to_owned(),
            ..NewRepository::default()
        };
        let admin = self.admin();
        let made = self.resources.create_repository(&admin, new).await;
        let id = made.unwrap().id;
        let state = self.core.state();
        state.catalogue().copy_of(&id).unwrap()
    }

    /// Writes files where an upload would leave them.
    pub fn upload(&self, metadata: &str, files: &[(&str, &str)]) -> Upload {
        let folder = tempfile::tempdir_in(self.dir.path()).unwrap().keep();
        let received = files.iter().enumerate().map(|(i, (path, text))| {
            let temp = folder.join(i.to_string());
            std::fs::write(&temp, text).unwrap();
            UploadedFile {
                path: (*path).to_owned(),
                temp,
                size: text.len() as u64,
            }
        });
        Upload {
            metadata: metadata.as_bytes().to_vec(),
            files: received.collect(),
        }
    }

    /// Waits until a search finds this many, at most ten seconds.
    pub async fn finds(&self, text: &str, total: u64) {
        eventually(&format!("{total} hits for {text}"), || {
            self.hits(text).len() as u64 == total
        })
        .await;
    }

    pub fn hits(&self, text: &str) -> Vec<String> {
        let query = commun_index::Query {
            text: text.to_owned(),
            limit: 20,
            ..commun_index::Query::default()
        };
        self.index
            .index()
            .search(&query)
            .unwrap()
            .hits
            .into_iter()
            .map(|h| h.id)
            .collect()
    }

    /// Waits until this institution's newest description of an item stands.
    pub async fn described(&self, item: &StatementId, of: &StatementId) {
        let there = || {
            let state = self.core.state();
            let item = state.catalogue().item(item)?;
            let newest = item.descriptions.iter().find(|d| d.of == *of)?;
            // Visible is not yet durable: it can be carried once the log's tip covers it.
            let (log, position) = state.catalogue().find(&newest.id)?;
            Some(state.tip(&log)?.size > position)
        };
        eventually("a description", || there() == Some(true)).await;
    }
}

/// Waits for something, at most ten seconds.
pub async fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no {what} after ten seconds");
}

/// What a peer would send of a log, with what it must satisfy.
pub fn range(core: &Core, handle: &Handle, from: u64) -> (Range, Terms) {
    let state = core.state();
    let tip = state.tip(handle).unwrap();
    let store = core.store().unwrap();
    let row = store.log(handle).unwrap().id;
    let entries = (from..tip.size)
        .map(|p| RangeEntry {
            entry: store.entry(row, p).unwrap().unwrap().bytes,
            body: store.body(row, p).unwrap().map(|b| (b.salt, b.bytes)),
        })
        .collect();
    let proofs = prove_range(&store.hashes(row), tip.size, tip.size, 0).unwrap();
    let writer = state.successions(handle).unwrap().current().unwrap().writer;
    let range = Range {
        handle: handle.clone(),
        epoch: 0,
        from,
        entries,
        lists: vec![],
        checkpoint: tip.complete.clone().unwrap(),
        proof: proofs.proof,
        base_root: proofs.base_root,
        base_proof: proofs.base_proof,
        erasures: vec![],
    };
    let origin = Origin {
        commons: state.chain().commons(),
        handle: handle.clone(),
        epoch: 0,
    };
    (
        range,
        Terms {
            origin,
            writer,
            cut: (0, TreeRoot::empty()),
            own: false,
            base: None,
        },
    )
}

/// Whether any file below a folder holds one of these bytes.
pub fn found_in(folder: &std::path::Path, needles: &[&[u8]]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return found_in(&path, needles);
        }
        let Ok(bytes) = std::fs::read(&path) else {
            return false;
        };
        needles
            .iter()
            .any(|needle| bytes.windows(needle.len()).any(|w| w == *needle))
    })
}
