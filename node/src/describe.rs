//! What the node reads out of content: the text of a resource's files, a repository's README and metadata files.
//!
//! Only the node that writes an institution's log does it, for that institution's resources and for the pushes that it
//! accepted: it states values, and the text's hash, in a `description`, and all nodes show and search by the same. It follows the journal as others do, so that nobody who
//! publishes or pushes waits for it, and a crash in between is made good at the next start.

mod documents;
mod repository;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use commun_forge::{
    git::{BrowseError, Oid, Repos},
    resource::extract_text,
    text::worker::Workers,
};
use commun_specs::{
    files::{FileList, MAX_LIST_BYTES},
    fold::{Item, ItemKind},
    id::StatementId,
    json::{Object, Value},
    metadata::MAX_TITLE_CHARS,
    statement::{Facts, Files},
};
use tokio::{io::AsyncReadExt, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    blobs::{self, Blobs},
    core::{Author, Core, Draft, WriteError},
    store,
    takedown::{self, Standing},
};

/// The follower's name in `catalogue.db`.
const NAME: &str = "describe";
/// Changes read at once.
const BATCH: usize = 256;
/// Least time between two descriptions of one item, so that ten pushes in a second do not become ten more statements.
const COALESCE: Duration = Duration::from_millis(300);
/// Pause before what failed is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// Most bytes of a README that are read for searching; pages show more.
const MAX_README: usize = 64 << 10;

pub(crate) use documents::UNREAD;
pub(crate) use repository::REPORT;

/// An item is not described.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Blobs(#[from] blobs::Error),
    #[error("{0}")]
    Git(String),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("reading content: {0}")]
    Read(#[from] std::io::Error),
}

/// What was read.
#[derive(Default)]
struct Reading {
    text: String,
    picture: Option<Object>,
    commit: Option<String>,
    body: Option<Vec<u8>>,
}

/// Describes this institution's items.
#[derive(Clone)]
pub struct Describer {
    core: Core,
    blobs: Blobs,
    repos: Repos,
    workers: Workers,
}

impl Describer {
    /// Starts to follow, from where it stopped. On a node that does not write its log it waits until it does.
    pub fn start(
        core: Core,
        blobs: Blobs,
        repos: Repos,
        workers: Workers,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) {
        let this = Self {
            core,
            blobs,
            repos,
            workers,
        };
        tasks.spawn(this.run(stop));
    }

    async fn run(self, stop: CancellationToken) {
        let mut grown = self.core.grown();
        let mut may_sign = self.core.may_sign();
        let mut due: BTreeMap<StatementId, Instant> = BTreeMap::new();
        // The same, the next one first: a hundred thousand may wait.
        let mut order: BTreeSet<(Instant, StatementId)> = BTreeSet::new();
        let mut described: BTreeMap<StatementId, Instant> = BTreeMap::new();
        let mut saved = self.core.follower(NAME).unwrap_or_else(|e| {
            tracing::error!("{e}");
            0
        });
        let mut seq = saved;
        loop {
            grown.mark_unchanged();
            let changes = self.core.changes(seq, BATCH).unwrap_or_else(|e| {
                tracing::error!("{e}");
                Vec::new()
            });
            if let Some((last, _)) = changes.last() {
                seq = *last;
            }
            described.retain(|_, at| at.elapsed() < COALESCE);
            for (_, item) in &changes {
                let at = described
                    .get(item)
                    .map_or_else(Instant::now, |at| *at + COALESCE);
                if !due.contains_key(item) {
                    due.insert(*item, at);
                    order.insert((at, *item));
                }
            }
            if !changes.is_empty() {
                continue;
            }
            // What is not finished must be found again after a crash: the cursor stays before it.
            if due.is_empty() && saved != seq {
                match self.core.set_follower(NAME, seq) {
                    Ok(()) => saved = seq,
                    Err(e) => tracing::error!("{e}"),
                }
            }
            let next = order.first().copied();
            let signs = *may_sign.borrow_and_update();
            let time = async {
                match next.filter(|_| signs) {
                    Some((at, item)) => {
                        tokio::time::sleep_until(at).await;
                        (at, item)
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                (at, item) = time => {
                    order.remove(&(at, item));
                    due.remove(&item);
                    match self.describe(&item).await {
                        Ok(false) => {}
                        Ok(true) => {
                            described.insert(item, Instant::now());
                        }
                        Err(e) => {
                            tracing::warn!(item = %item, "an item is not described and is tried again: {e}");
                            let at = Instant::now() + RETRY;
                            due.insert(item, at);
                            order.insert((at, item));
                        }
                    }
                }
                changed = grown.changed() => if changed.is_err() { return },
                changed = may_sign.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Describes an item as it is displayed; false if there was nothing to say.
    async fn describe(&self, id: &StatementId) -> Result<bool, Error> {
        let me = &self.core.identity().handle;
        let Some(item) = self.core.state().catalogue().copy_of(id) else {
            return Ok(false);
        };
        // A repository is read where the push was accepted, which need not be at its owner's.
        let elsewhere = item.owner != *me && item.kind != ItemKind::Repository;
        let shown = takedown::standing(&self.core, &item) == Standing::Shown;
        if elsewhere || !shown || !self.core.is_writer() {
            return Ok(false);
        }
        let Some(of) = self.subject(&item)? else {
            return Ok(false);
        };
        let own: Vec<_> = item
            .descriptions
            .iter()
            .filter(|d| d.institution == *me)
            .collect();
        if own.iter().any(|d| d.of == of) {
            return Ok(false);
        }
        let reading = match item.kind {
            ItemKind::Resource => self.read_files(&of).await?,
            ItemKind::Repository => self.read_repository(&item).await?,
            ItemKind::Collection => return Ok(false),
        };
        let mut before = false;
        for d in &own {
            before |= self.says(&d.id)?;
        }
        // Nothing to say, and nothing that was said is to be taken back.
        let silent = reading.text.is_empty() && reading.body.is_none() && reading.picture.is_none();
        if silent && !before {
            return Ok(false);
        }
        let mut texts = Vec::new();
        if !reading.text.is_empty() {
            match self.blobs.add_bytes(reading.text.into_bytes()).await {
                // Word for word a file that is hidden here or was erased.
                Err(blobs::Error::Blocked(_)) => {}
                added => {
                    let (blake3, size) = added?;
                    let text = Object::from([
                        ("blake3".to_owned(), Value::from(blake3.to_string())),
                        ("size".to_owned(), Value::Int(size)),
                    ]);
                    texts.push(Value::Object(text));
                }
            }
        }
        let tool = concat!("commun-node ", env!("CARGO_PKG_VERSION"));
        let mut fields = Object::from([
            ("of".to_owned(), Value::from(of.to_string())),
            ("tool".to_owned(), tool.into()),
            ("text".to_owned(), Value::List(texts)),
        ]);
        if let Some(commit) = reading.commit {
            fields.insert("commit".to_owned(), commit.into());
        }
        if let Some(picture) = reading.picture {
            fields.insert("picture".to_owned(), Value::Object(picture));
        }
        let draft = Draft {
            kind: "description",
            item: Some(*id),
            supersedes: own
                .iter()
                .map(|d| d.id)
                .take(commun_specs::statement::MAX_SUPERSEDES)
                .collect(),
            fields,
            body: reading.body,
            ..Draft::default()
        };
        let entry = self
            .core
            .compose(draft, &Author::Node)
            .map_err(WriteError::from)?;
        self.core.write(entry).await?;
        Ok(true)
    }

    /// Whether a description that was made says anything.
    fn says(&self, id: &StatementId) -> Result<bool, store::Error> {
        let Some(found) = self.core.statement(id)? else {
            return Ok(false);
        };
        let body = found
            .statement
            .head
            .as_ref()
            .is_some_and(|h| h.body.is_some());
        Ok(match found.statement.facts() {
            Ok(Some(Facts::Description(d))) => body || !d.text.is_empty() || d.picture.is_some(),
            _ => body,
        })
    }

    /// The statement whose content is read: the displayed version, or this institution's push that the default
    /// branch is at.
    fn subject(&self, item: &Item) -> Result<Option<StatementId>, store::Error> {
        if item.kind != ItemKind::Repository {
            return Ok(Some(item.displayed()));
        }
        let Some(rules) = self.core.repository(item)? else {
            return Ok(None);
        };
        let branch = item
            .refs
            .get(&format!("refs/heads/{}", rules.default_branch));
        let head = branch
            .filter(|r| r.served.is_some())
            .and_then(|r| r.heads.first());
        // A description stands in the log of what it describes.
        let me = &self.core.identity().handle;
        Ok(head.filter(|h| h.institution == *me).map(|h| h.id))
    }

    async fn read_files(&self, version: &StatementId) -> Result<Reading, Error> {
        let facts = self
            .core
            .statement(version)?
            .and_then(|f| f.statement.facts().ok().flatten());
        let Some(Facts::Resource(resource)) = facts else {
            return Ok(Reading::default());
        };
        let Some(list) = self.list(&resource.files).await? else {
            return Ok(Reading::default());
        };
        let read = documents::read(&self.workers, &self.blobs, &list).await?;
        Ok(Reading {
            text: read.text,
            picture: read.picture,
            body: read.body,
            commit: None,
        })
    }

    async fn list(&self, files: &Files) -> Result<Option<FileList>, Error> {
        let mut reader = self.blobs.read(&files.blake3, 0, None).await?;
        if reader.remaining() > MAX_LIST_BYTES as u64 {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await?;
        Ok(FileList::decode(&bytes).ok())
    }

    async fn read_repository(&self, item: &Item) -> Result<Reading, Error> {
        let Some(rules) = self.core.repository(item)? else {
            return Ok(Reading::default());
        };
        let branch = item
            .refs
            .get(&format!("refs/heads/{}", rules.default_branch));
        let Some(served) = branch.and_then(|r| r.served.clone()) else {
            return Ok(Reading::default());
        };
        let commit = Oid::parse(&served).map_err(|e| Error::Git(e.to_string()))?;
        let repository = self
            .repos
            .get(&item.id.to_string())
            .map_err(|e| Error::Git(e.to_string()))?;
        let read = blocking(move || {
            let browse = match repository.browse() {
                // What cannot be browsed is not described, today or tomorrow.
                Err(BrowseError::Unreadable) => return Ok(repository::Read::default()),
                other => other.map_err(|e| e.to_string())?,
            };
            repository::read(&browse, commit.as_str())
        })
        .await?
        .map_err(Error::Git)?;
        Ok(Reading {
            text: read.text,
            picture: None,
            commit: Some(served),
            body: read.body,
        })
    }
}

/// Runs work that takes a while on a thread for such work.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::Read(std::io::Error::other(e)))
}

/// Whether a README is Markdown, by its name.
pub(crate) fn is_markdown(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".md") || name.ends_with(".markdown")
}

/// The text of a README, as plain text.
pub(crate) fn readme_text(name: &str, bytes: &[u8]) -> String {
    let media_type = if is_markdown(name) {
        "text/markdown"
    } else {
        "text/plain"
    };
    let mut text =
        extract_text(media_type, &bytes[..bytes.len().min(MAX_README)]).unwrap_or_default();
    text.truncate(text.floor_char_boundary(MAX_README));
    text
}

/// The first heading of a README: `# Title`, or a line that is underlined.
pub(crate) fn title(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_README)]);
    let mut before = "";
    let mut code = false;
    for line in text.lines().take(100) {
        let line = line.trim();
        code ^= line.starts_with("```");
        if code {
            continue;
        }
        let heading = line.strip_prefix("# ").or_else(|| {
            let underlined = line.len() >= 3 && line.bytes().all(|b| b == b'=');
            (underlined && !before.is_empty()).then_some(before)
        });
        if let Some(heading) = heading {
            // Markdown in a heading (emphasis, links, code) is not part of a title.
            let plain = extract_text("text/markdown", heading.as_bytes())?;
            let plain: String = plain
                .lines()
                .next()?
                .chars()
                .take(MAX_TITLE_CHARS)
                .collect();
            return Some(plain);
        }
        before = line;
    }
    None
}

#[cfg(test)]
mod tests;
