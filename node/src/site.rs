//! The node's own answers to what the web asks ([`crate::http::site`]).

mod repository;

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use axum::http::StatusCode;
use commun_forge::{
    attribution::Credit,
    citation::Cited,
    component::releases,
    git::{Oid, Repository},
    text::{Document, Drawn, Format},
};
use commun_index::{Answer, Completion, Counted, Query, QueryError};
use commun_specs::{
    files::{FileEntry, FileList},
    id::{ContentHash, StatementId},
    name::Handle,
    tree::Hashes,
};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use tokio::{io::AsyncReadExt, sync::watch};

use crate::{
    adapt::{self, Sides},
    adoptions,
    app::App,
    blobs,
    collections::{self, Member},
    drawings::Undrawn,
    history::{self, Foundations, History, Part, Signature},
    http::{
        auth,
        problem::{FieldError, Problem},
        publish::{Published, Upload},
        site::{
            ByteStream, ChangeLine, Charter, Compared, Fault, Found, Institution, LogReader,
            LogState, LogStatus, Me, PeerStatus, Site, Status, Which,
        },
    },
    items::{self, Evidence},
    operator::Operator,
    resources::{self, PublishError},
    similar::{self, Similar},
    store, takedown,
};

/// Changes of one answer.
const MAX_CHANGES: usize = 1_000;

/// A running node.
pub struct NodeSite(App);

impl NodeSite {
    /// Answers with this node's parts.
    pub fn new(app: App) -> Self {
        Self(app)
    }

    /// A file list that is here. Blocks: only for threads that may.
    fn list(&self, root: &ContentHash) -> Option<FileList> {
        let read = takedown::file_list(&self.0.blobs, root);
        tokio::runtime::Handle::current().block_on(read)
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Fault(error.to_string())
    }
}

impl From<crate::changes::Error> for Fault {
    fn from(error: crate::changes::Error) -> Self {
        Fault(error.to_string())
    }
}

impl Site for NodeSite {
    fn keep(&self) -> Option<blobs::Keeping> {
        Some(self.0.blobs.keep())
    }

    fn me(&self) -> Me {
        let me = self.0.core.identity();
        let state = self.0.core.state();
        Me {
            node: me.node.public(),
            handle: me.handle.clone(),
            commons: me.commons,
            commons_name: state.chain().head().0.name.clone(),
            ssh: self.0.ssh.as_ref().map(|ssh| ssh.url.clone()),
        }
    }

    fn status(&self) -> Result<Status, Fault> {
        let bytes = tokio::runtime::Handle::current().block_on(self.0.content.bytes());
        let index = self.0.index.index();
        let mut offences: BTreeMap<&'static str, u64> = BTreeMap::new();
        for count in self.0.net.offences() {
            *offences.entry(count.offence.as_str()).or_default() += count.count;
        }
        let peers = self.0.net.peers().into_iter().filter_map(|peer| {
            Some(PeerStatus {
                node: peer.node,
                handle: peer.handle?,
                connected: peer.connected,
                rtt_ms: peer.rtt_ms,
                path: peer.path,
            })
        });
        let peers = peers.collect();
        let (writer, may_sign) = (self.0.core.is_writer(), *self.0.core.may_sign().borrow());
        let repositories_behind = self.0.git.behind().len() as u64;
        let wanted = self.0.content.wanted() + repositories_behind;
        let held = self.0.content.held();
        let tips: Vec<crate::core::Tip> = self.0.core.state().tips().cloned().collect();
        let mut witnessed = tips
            .iter()
            .map(|tip| self.0.core.witnessed(&tip.handle))
            .collect::<Result<Vec<_>, _>>()?
            .into_iter();
        let (usage, upkeep) = (self.0.quotas.all(), self.0.maintenance.upkeep());
        let position = self.0.core.changes_cursor();
        let state = self.0.core.state();
        let charter = state.chain().head().0;
        let behind =
            |tip: &crate::core::Tip| self.0.net.heard(&tip.handle).saturating_sub(tip.size);
        let logs = tips.iter().map(|tip| LogStatus {
            witnessed: witnessed.next().flatten(),
            handle: tip.handle.clone(),
            epoch: tip.epoch,
            size: tip.size,
            root: tip.root,
            behind: behind(tip),
            state: if tip.frozen.is_some() {
                LogState::Frozen
            } else if charter.institution(&tip.handle).is_none() {
                LogState::Former
            } else if behind(tip) > 0 {
                LogState::Behind
            } else {
                LogState::Ok
            },
        });
        let catalogue = state.catalogue();
        Ok(Status {
            unconfined: self.0.workers.confined() == Some(false),
            charter: charter.number,
            institutions: charter.institutions.len(),
            writer,
            may_sign,
            logs: logs.collect(),
            peers,
            items: catalogue.item_count() as u64,
            position,
            fold: commun_specs::fold::FOLD_VERSION,
            root: catalogue.root().to_string(),
            index_position: self.0.index.position(),
            index_documents: index.documents(),
            wanted,
            held,
            bytes,
            received: self.0.blobs.received(),
            usage,
            upkeep,
            packs: self.0.repos.cache().map(|cache| cache.stats()),
            ssh: self
                .0
                .ssh
                .as_ref()
                .map(|ssh| (ssh.url.clone(), ssh.fingerprint.clone())),
            offences: offences
                .into_iter()
                .map(|(kind, count)| (kind.to_owned(), count))
                .collect(),
        })
    }

    fn institutions(&self) -> Result<Vec<Institution>, Fault> {
        let state = self.0.core.state();
        let members = state.members();
        let charter = state.chain().head().0;
        let mut all: Vec<Institution> = charter
            .institutions
            .iter()
            .map(|institution| Institution {
                handle: institution.handle.clone(),
                name: institution.name.clone(),
                ror: institution.ror.clone(),
                former: false,
                urls: members
                    .iter()
                    .find(|member| member.handle == institution.handle)
                    .map(|member| member.urls.clone())
                    .unwrap_or_default(),
            })
            .collect();
        for tip in state.tips() {
            if !all
                .iter()
                .any(|institution| institution.handle == tip.handle)
            {
                all.push(Institution {
                    handle: tip.handle.clone(),
                    name: tip.handle.to_string(),
                    ror: None,
                    former: true,
                    urls: Vec::new(),
                });
            }
        }
        all.sort_by(|a, b| a.handle.cmp(&b.handle));
        Ok(all)
    }

    fn search(&self, query: &Query) -> Result<Answer, QueryError> {
        let mut answer = self.0.index.index().search(query)?;
        // The index learns a moment later what is hidden here.
        let hidden = |id: &str| {
            let id = id.parse::<StatementId>();
            id.is_ok_and(|id| self.0.core.hiding(&id).is_some())
        };
        answer.hits.retain(|hit| !hidden(&hit.id));
        Ok(answer)
    }

    fn item(&self, which: &Which) -> Result<Found, Fault> {
        let item = {
            let state = self.0.core.state();
            let catalogue = state.catalogue();
            let Ok(id) = which.find(catalogue) else {
                return Ok(Found::Several);
            };
            match id.and_then(|id| catalogue.copy_of(&id)) {
                Some(item) => item,
                None => return Ok(Found::None),
            }
        };
        if let Some(hiding) = self.0.core.hiding(&item.id) {
            return Ok(Found::Hidden(hiding));
        }
        let mut copies = self.0.content.copies(&item.id);
        let behind = self.0.git.behind();
        if item.kind == commun_specs::fold::ItemKind::Repository {
            copies.local =
                self.0.repos.get(&item.id.to_string()).is_ok() && !behind.contains_key(&item.id);
        }
        let shown = items::shown(&self.0.core, &item, copies, |root| self.list(root))?;
        let Some(mut shown) = shown else {
            return Ok(Found::None);
        };
        shown.twins = self.0.quality.twins(&item.id);
        if shown.repository.is_some() {
            let refs = self.refs(&item.id);
            let served: BTreeMap<&str, String> =
                refs.iter().map(|r| (&*r.name, r.oid.to_string())).collect();
            // Statements name an annotated tag itself, not the commit behind it.
            let stated: BTreeMap<&str, &Oid> = refs
                .iter()
                .map(|r| (&*r.name, r.annotation.as_ref().map_or(&r.oid, |a| &a.oid)))
                .collect();
            shown.serve(|name| stated.get(name).map(|oid| oid.to_string()));
            if let Some(component) = &mut shown.component {
                let tags = refs.iter().filter(|r| r.name.starts_with("refs/tags/"));
                let tags = tags.map(|r| (&*r.name, &*served[&*r.name], r.time));
                component.releases = releases(tags);
                (component.uses, component.used_by) = self.0.bricks.of(&item);
            }
        }
        Ok(Found::One(Box::new(shown)))
    }

    fn operator(&self) -> Operator {
        self.0.operator.clone()
    }

    fn charter(&self) -> Charter {
        let state = self.0.core.state();
        let head = state.chain().head().0;
        Charter {
            number: head.number,
            time: head.time,
            licences: head.licences.clone(),
            required: head.required.clone(),
            copies: head.copies,
        }
    }

    fn with_author(&self, key: &str) -> Result<Vec<Counted>, QueryError> {
        self.0.index.index().with_author(key)
    }

    fn licences_of(&self, ids: &[String]) -> Result<BTreeMap<String, u64>, QueryError> {
        self.0.index.index().licences_of(ids)
    }

    fn given(&self, institution: &Handle) -> Result<adoptions::Given, Fault> {
        Ok(adoptions::given(&self.0.core, institution)?)
    }

    fn complete(&self, typed: &str, lang: &str) -> Result<Vec<Completion>, QueryError> {
        let mut all = self.0.index.index().complete(typed, lang)?;
        // The index may be a moment behind.
        all.retain(|one| match one {
            Completion::Title { id, .. } => similar::is_shown(&self.0.core, id),
            Completion::Word { .. } | Completion::Concept { .. } => true,
        });
        Ok(all)
    }

    fn similar(&self, item: &StatementId, lang: &str, limit: usize) -> Result<Similar, Fault> {
        let index = self.0.index.index();
        similar::similar(&self.0.core, &self.0.quality, index, item, lang, limit)
            .map_err(|error| Fault(error.to_string()))
    }

    fn adopted_by(
        &self,
        institution: &Handle,
    ) -> Result<Vec<(items::Neighbour, adoptions::Adoption)>, Fault> {
        Ok(adoptions::by(&self.0.core, institution)?)
    }

    fn blocked(&self, file: &FileEntry) -> Option<Problem> {
        let block = self.0.core.blocked(&file.blake3)?;
        let status = match block.erased {
            true => StatusCode::GONE,
            false => StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
        };
        let why = self.0.core.blocked_because(&file.blake3)?;
        Some(Problem::new(status, why))
    }

    fn copies(&self, item: &str) -> (u64, bool) {
        let Ok(id) = item.parse::<StatementId>() else {
            return (0, false);
        };
        let copies = self.0.content.copies(&id);
        (copies.holders.len() as u64, copies.local)
    }

    fn members(
        &self,
        collection: &StatementId,
        titles: Range<usize>,
    ) -> Result<Vec<Member>, Fault> {
        let all = collections::members(&self.0.core, collection, titles)?;
        Ok(all.unwrap_or_default())
    }

    fn compare(
        &self,
        item: &StatementId,
        from: Option<StatementId>,
        to: Option<StatementId>,
    ) -> BoxFuture<'static, Result<Option<Compared>, Problem>> {
        let (app, item) = (self.0.clone(), *item);
        async move {
            let item = app.core.state().catalogue().copy_of(&item);
            let Some(item) = item else { return Ok(None) };
            let sides = adapt::sides(&app.core, &item, from, to)
                .map_err(|none| Problem::not_found(none.to_string()))?;
            let Sides { item, from, to } = sides;
            let changes = adapt::compare(&app.core, &app.blobs, &from, &to).await;
            let changes = changes.map_err(Fault::from)?;
            Ok(changes.map(|changes| Compared {
                item: Which::Name(item.owner, item.slug),
                from,
                to,
                changes,
            }))
        }
        .boxed()
    }

    fn statements(&self, item: &StatementId) -> Result<Vec<Evidence>, Fault> {
        let found = self.0.core.state().catalogue().copy_of(item);
        match found {
            Some(item) => Ok(items::statements(&self.0.core, &item)?),
            None => Ok(Vec::new()),
        }
    }

    fn history(
        &self,
        item: &StatementId,
        only: Option<&str>,
        part: Part,
    ) -> Result<History, Fault> {
        Ok(history::history(&self.0.core, item, only, part)?)
    }

    fn foundations(&self) -> Foundations {
        history::foundations(&self.0.core)
    }

    fn signatures(&self, item: &StatementId, oids: &[Oid]) -> Result<Vec<Signature>, Fault> {
        let Ok(repository) = self.0.repos.get(&item.to_string()) else {
            return Ok(Vec::new());
        };
        let fault = |error: commun_forge::git::BrowseError| Fault(error.to_string());
        let browse = repository.browse().map_err(fault)?;
        let looked = oids.iter().map(|oid| {
            let signed = browse.signed(oid).map_err(fault)?;
            Ok(history::signature(&self.0.core, &signed))
        });
        looked.collect()
    }

    fn changes(&self, since: u64) -> Result<(u64, Vec<ChangeLine>), Fault> {
        let upto = self.0.core.changes_cursor();
        let lines = self.0.core.changes(since, MAX_CHANGES)?;
        let state = self.0.core.state();
        let put = |id: &StatementId| {
            let item = state.catalogue().item(id);
            item.is_some_and(|item| {
                item.withdrawn.is_none() && self.0.core.hiding(&item.id).is_none()
            })
        };
        let changes: Vec<ChangeLine> = lines
            .into_iter()
            .map(|(position, item)| ChangeLine {
                position,
                put: put(&item),
                item,
            })
            .collect();
        // With less than a full answer all lines up to the journal's end are covered, those without a change too.
        let next = match changes.last() {
            Some(last) if changes.len() >= MAX_CHANGES => last.position,
            Some(last) => last.position.max(upto),
            None => upto.max(since),
        };
        Ok((next, changes))
    }

    fn grown(&self) -> watch::Receiver<u64> {
        self.0.core.grown()
    }

    fn log(
        &self,
        handle: &Handle,
        epoch: Option<u64>,
        read: &mut dyn FnMut(&dyn LogReader) -> Result<(), Fault>,
    ) -> Result<Option<()>, Fault> {
        let (tip, end) = {
            let state = self.0.core.state();
            let Some(tip) = state.tip(handle).cloned() else {
                return Ok(None);
            };
            let end = match epoch {
                None => Some(tip.size),
                Some(epoch) if epoch == tip.epoch => Some(tip.size),
                // An epoch ends where the succession of the next one says.
                Some(epoch) => state
                    .successions(handle)
                    .and_then(|all| all.epoch(epoch.checked_add(1)?))
                    .map(|next| next.size),
            };
            (tip, end)
        };
        let Some(size) = end else { return Ok(None) };
        let store = self.0.core.store()?;
        let Some(row) = store.logs()?.into_iter().find(|row| row.handle == *handle) else {
            return Ok(None);
        };
        let current = epoch.is_none_or(|epoch| epoch == tip.epoch);
        let reader = Reader {
            store: &store,
            row: row.id,
            size,
            note: tip.complete.filter(|_| current),
            witnessed: if current {
                store.witnessed(handle)?
            } else {
                None
            },
        };
        read(&reader)?;
        Ok(Some(()))
    }

    fn repository(&self, item: &StatementId) -> Result<Option<Repository>, Fault> {
        Ok(self.held(item))
    }

    fn repositories(&self) -> Result<Vec<StatementId>, Fault> {
        self.all_held()
    }

    fn read(
        &self,
        file: &FileEntry,
        most: u64,
    ) -> BoxFuture<'static, Result<Option<Vec<u8>>, Fault>> {
        let (blobs, hash) = (self.0.blobs.clone(), file.blake3);
        async move {
            let reader = match blobs.read(&hash, 0, None).await {
                Ok(reader) => reader,
                Err(blobs::Error::NotHeld(_) | blobs::Error::Blocked(_)) => return Ok(None),
                Err(error) => return Err(Fault(error.to_string())),
            };
            let mut bytes = Vec::new();
            let read = AsyncReadExt::take(reader, most)
                .read_to_end(&mut bytes)
                .await;
            read.map_err(|error| Fault(error.to_string()))?;
            Ok(Some(bytes))
        }
        .boxed()
    }

    fn open(
        &self,
        file: &FileEntry,
        range: Range<u64>,
    ) -> BoxFuture<'static, Result<Option<ByteStream>, Fault>> {
        let (blobs, hash) = (self.0.blobs.clone(), file.blake3);
        async move {
            match blobs
                .read(&hash, range.start, Some(range.end - range.start))
                .await
            {
                Ok(reader) => Ok(Some(reader.boxed())),
                Err(blobs::Error::NotHeld(_) | blobs::Error::Blocked(_)) => Ok(None),
                Err(error) => Err(Fault(error.to_string())),
            }
        }
        .boxed()
    }

    fn page(&self, file: &FileEntry, page: u32) -> BoxFuture<'static, Result<Arc<Drawn>, Undrawn>> {
        if self.blocked(file).is_some() {
            return async { Err(Undrawn::NotHere) }.boxed();
        }
        let (drawings, hash, size) = (self.0.drawings.clone(), file.blake3, file.size);
        async move { drawings.page(hash, size, page).await }.boxed()
    }

    fn words(
        &self,
        file: &FileEntry,
        format: Format,
    ) -> BoxFuture<'static, Result<Arc<Document>, Undrawn>> {
        if self.blocked(file).is_some() {
            return async { Err(Undrawn::NotHere) }.boxed();
        }
        let (drawings, hash, size) = (self.0.drawings.clone(), file.blake3, file.size);
        async move { drawings.words(hash, size, format).await }.boxed()
    }

    fn credits(
        &self,
        item: &StatementId,
        lang: &'static str,
    ) -> BoxFuture<'static, Result<Vec<Credit>, Fault>> {
        let app = self.0.clone();
        let item = app.core.state().catalogue().copy_of(item);
        async move {
            let Some(item) = item else {
                return Ok(Vec::new());
            };
            Ok(adapt::credits(&app.core, &app.blobs, &item, &app.url, lang).await?)
        }
        .boxed()
    }

    fn cited(&self, item: &StatementId, lang: &'static str) -> Result<Option<Cited>, Fault> {
        let item = self.0.core.state().catalogue().copy_of(item);
        let cited = item.map(|item| adapt::cited(&self.0.core, &item, &self.0.url, lang));
        Ok(cited.transpose()?)
    }

    fn may_publish(&self, token: &str) -> Result<(), Problem> {
        let person = auth::publisher(&self.0, token)?;
        self.0.resources.may_publish(&person).map_err(problem)?;
        match self.0.quotas.full(&self.0.core.identity().handle) {
            Some(full) => Err(Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                full.to_string(),
            )),
            None => Ok(()),
        }
    }

    fn publish(
        &self,
        token: String,
        upload: Upload,
        item: Option<StatementId>,
    ) -> BoxFuture<'static, Result<Published, Problem>> {
        let (person, resources) = (auth::publisher(&self.0, &token), self.0.resources.clone());
        async move {
            // Taken whole: the folder with the files is removed when the upload is dropped, and a block that names
            // only some of its fields would capture only those.
            let upload = upload;
            let person = person?;
            // Whole: a block that names only its fields would drop the folder, and the files with it, before it runs.
            let upload = upload;
            let files = upload.files.iter().map(|file| resources::UploadedFile {
                path: file.path.to_string(),
                temp: file.temp.clone(),
                size: file.size,
            });
            let handed = resources::Upload {
                metadata: upload.metadata.clone(),
                files: files.collect(),
            };
            let published = resources
                .publish(&person, handed, item)
                .await
                .map_err(problem)?;
            Ok(Published {
                id: published.id,
                name: published.name,
                version: published.version,
                position: published.position,
            })
        }
        .boxed()
    }
}

/// What a refused publication is in HTTP.
pub fn problem(error: PublishError) -> Problem {
    match error {
        PublishError::Invalid(problems) => {
            let mut problem = Problem::unprocessable("the metadata or the files break rules");
            problem.errors = problems.0.into_iter().map(FieldError::from).collect();
            problem
        }
        PublishError::NotAllowed(why) | PublishError::Blocked(why) => Problem::forbidden(why),
        PublishError::NoSuchItem => Problem::not_found(PublishError::NoSuchItem.to_string()),
        PublishError::Conflict(why) => Problem::conflict(why),
        PublishError::NotNow(why) => Problem::unavailable(why),
        PublishError::Failed(why) => Problem::internal(&why),
    }
}

/// A log in the store, as far as an epoch goes.
struct Reader<'a> {
    store: &'a store::Store,
    row: i64,
    size: u64,
    note: Option<Vec<u8>>,
    witnessed: Option<Vec<u8>>,
}

impl Hashes for Reader<'_> {
    fn get(&self, index: u64) -> Option<[u8; 32]> {
        self.store.hashes(self.row).get(index)
    }
}

impl LogReader for Reader<'_> {
    fn checkpoint(&self) -> Option<Vec<u8>> {
        self.note.clone()
    }

    fn witnessed(&self) -> Option<Vec<u8>> {
        self.witnessed.clone()
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn entry(&self, position: u64) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self
            .store
            .entry(self.row, position)?
            .map(|entry| entry.bytes))
    }
}
