//! Publishing: what a person hands in becomes a version of a resource, or a repository.
//!
//! Order makes it safe. Everything is checked first; then files, their list and the original metadata are made
//! durable in [`Blobs`]; then one statement names them, and that append is the commit point. A crash before it leaves
//! blobs that nobody names: they cost disk, they are never shown, and the same files published again are found. Text
//! is read out of the files after the answer, by [`crate::describe`].

mod check;
mod refusal;
pub mod repository;

use std::path::PathBuf;

use commun_forge::{
    git::{ObjectFormat, Repos},
    resource::media_type,
};
use commun_specs::{
    files::{FileEntry, FileList, FilePath},
    fold::{ItemKind, RefusalKind, licence_accepted},
    id::{ContentHash, StatementId},
    json::{Object, Value},
    key::SecretKey,
    metadata::{FileNote, Input, Method, Problem, Problems, Record, Source, View, validate_rules},
    name::{Role, Slug},
    statement::{Facts, VersionRef},
};

use crate::{
    blobs::Blobs,
    core::{Author, Core, Draft, Person, WriteError, Written, now, rfc3339},
};

pub use check::{NO_LICENCE, NewRepository, stated_licence};
pub use refusal::PublishError;

/// How often a publication is tried again when somebody else published to the same item in between. Each try only
/// signs and appends.
const MAX_RACES: usize = 3;
/// Most versions that a resource is said to be made from: what a head has room for.
const MAX_DERIVED: usize = 64;

/// The origin of what a person states in a publication.
const DOCUMENT: &str = "metadata.json";

/// A file as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// Its path in the resource, as the client gave it.
    pub path: String,
    /// Where its bytes are now; removed when publishing ends, however it ends.
    pub temp: PathBuf,
    /// How many bytes were received.
    pub size: u64,
}

/// What a client hands in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upload {
    /// The metadata document (`metadata.json`), as it was written.
    pub metadata: Vec<u8>,
    /// The files.
    pub files: Vec<UploadedFile>,
}

/// A version, or a repository, that is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The item.
    pub id: StatementId,
    /// `handle/slug`.
    pub name: String,
    /// The statement that is the version; the item's own id for its first.
    pub version: StatementId,
    /// Its position in the log.
    pub position: u64,
}

/// Removes files that were received, also when the work is dropped half-way.
struct Received(Vec<PathBuf>);

impl Drop for Received {
    fn drop(&mut self) {
        for path in &self.0 {
            match std::fs::remove_file(path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!("a received file cannot be removed: {e}: {}", path.display());
                }
                _ => {}
            }
        }
    }
}

/// The item that a publication goes to.
struct Target {
    item: Option<StatementId>,
    slug: Slug,
    /// What a new version replaces: the versions that stand, and the withdrawal if there is one.
    supersedes: Vec<StatementId>,
}

/// What a version is made from, by reference.
#[derive(Debug, Clone, Default)]
pub struct Base {
    /// Files that are here already, under the hashes that they have.
    pub files: Vec<FileEntry>,
    /// The versions that it is made from.
    pub from: Vec<VersionRef>,
}

/// What a version names, durable here.
struct Stored {
    list: FileList,
    root: ContentHash,
    record: ContentHash,
}

/// Publishes for the persons of this institution; cheap to clone.
#[derive(Clone)]
pub struct Resources {
    core: Core,
    blobs: Blobs,
    repos: Repos,
}

impl Resources {
    /// Publishes through this core.
    pub fn new(core: Core, blobs: Blobs, repos: Repos) -> Self {
        Self { core, blobs, repos }
    }

    /// Whether somebody may publish resources here: asked before a client sends gigabytes.
    ///
    /// # Errors
    /// [`PublishError::NotAllowed`] or [`PublishError::NotNow`].
    pub fn may_publish(&self, person: &Person) -> Result<(), PublishError> {
        if !self.core.is_writer() {
            return Err(PublishError::NotNow(
                "this node does not write its institution's log; publish at the node that does"
                    .to_owned(),
            ));
        }
        if person.may(&[Role::Publisher, Role::Librarian]) {
            Ok(())
        } else {
            Err(PublishError::NotAllowed(
                "publishing needs the role publisher or librarian; ask an admin of your institution".to_owned(),
            ))
        }
    }

    /// Publishes a version of a resource: of `item`, or of what its slug names, or of a new one. When it returns the
    /// version is durable. The same files and metadata as the version that is displayed give that version back, so
    /// that a client that lost the answer may ask again. A version of an item that was withdrawn lifts the withdrawal.
    ///
    /// Dropping the future leaves nothing that is visible, or the whole version.
    ///
    /// # Errors
    /// See [`PublishError`]; nothing is visible then.
    pub async fn publish(
        &self,
        person: &Person,
        upload: Upload,
        item: Option<StatementId>,
    ) -> Result<Published, PublishError> {
        self.publish_from(person, upload, item, Base::default())
            .await
    }

    /// As [`Resources::publish`]; with files that are here already, and with what it is made from.
    ///
    /// # Errors
    /// See [`PublishError`]; nothing is visible then.
    pub async fn publish_from(
        &self,
        person: &Person,
        upload: Upload,
        item: Option<StatementId>,
        base: Base,
    ) -> Result<Published, PublishError> {
        let received = Received(upload.files.iter().map(|f| f.temp.clone()).collect());
        // The upload goes first, and what is known of its files with it: without their names, others may stand in their places.
        let (_received, upload) = (received, upload);
        self.may_publish(person)?;
        let input = Input::parse(&upload.metadata).map_err(PublishError::Invalid)?;
        // Who may change the item is known before the files are copied.
        let target = self.target(&input, item, person)?;
        let charter = self.core.state().chain().head().0.clone();
        let (licence, paths) = check::version(&input, &upload.files, base.files.len(), &charter)?;
        // Before anything is stored; and again below, where others published meanwhile.
        let from = self.origins(&input, &base.from, &target)?;
        self.may_derive(&from, &licence, &charter.licences)?;
        let stored = self.store(&upload, paths, base.files).await?;
        let key = self.core.author_key(person).map_err(PublishError::failed)?;
        let mut target = Some(target);
        for _ in 0..MAX_RACES {
            let to = match target.take() {
                Some(first) => first,
                None => self.target(&input, item, person)?,
            };
            if let Some(same) = self.already(&to, &stored, &licence)? {
                return Ok(same);
            }
            let from = self.origins(&input, &base.from, &to)?;
            self.may_derive(&from, &licence, &charter.licences)?;
            let body = self.body(&input, &stored, &to, person, key.as_ref())?;
            let draft = self.draft(&to, &stored, &licence, &from, body);
            match self.append(draft, person, key.as_ref()).await {
                Ok(written) => return Ok(self.published(&to, &written)),
                Err(WriteError::Refused(r)) if r.kind() == RefusalKind::Stale => {}
                Err(e) => return Err(PublishError::of(e)),
            }
        }
        Err(PublishError::Conflict(
            "others publish to this item at the same time; try again in a moment".to_owned(),
        ))
    }

    /// Creates a repository that this institution accepts pushes to.
    ///
    /// Without a licence the head says `NOASSERTION`, SPDX's word for « not stated »; a charter that lists licences does not
    /// take that.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn create_repository(
        &self,
        person: &Person,
        new: NewRepository,
    ) -> Result<Published, PublishError> {
        if !person.may(&[Role::Developer]) {
            return Err(PublishError::NotAllowed(
                "creating a repository needs the role developer; ask an admin of your institution"
                    .to_owned(),
            ));
        }
        let charter = self.core.state().chain().head().0.clone();
        let checked = check::repository(&new, &charter)?;
        let me = self.core.identity().handle.clone();
        if self
            .core
            .state()
            .catalogue()
            .by_name(&me, &checked.slug)
            .is_some()
        {
            return Err(taken(&me, &checked.slug));
        }
        let key = self.core.author_key(person).map_err(PublishError::failed)?;
        let record = Record::from_view(&checked.view, declared(None, person, key.as_ref()));
        let body = record
            .to_body()
            .map_err(|e| PublishError::Invalid(one("", &e.to_string())))?;
        let pusher = Object::from([("institution".to_owned(), Value::from(me.as_str()))]);
        let fields = Object::from([
            ("slug".to_owned(), checked.slug.as_str().into()),
            ("licence".to_owned(), checked.licence.as_str().into()),
            ("object_format".to_owned(), "sha1".into()),
            (
                "default_branch".to_owned(),
                checked.default_branch.as_str().into(),
            ),
            (
                "pushers".to_owned(),
                Value::List(vec![Value::Object(pusher)]),
            ),
            ("protected".to_owned(), Value::List(Vec::new())),
            ("cuts".to_owned(), Value::List(Vec::new())),
        ]);
        let draft = Draft {
            kind: "repository",
            fields,
            body: Some(body),
            ..Draft::default()
        };
        let written = self
            .append(draft, person, key.as_ref())
            .await
            .map_err(PublishError::of)?;
        // The follower does the same; doing it here too lets the very next command push.
        let made = self
            .repos
            .create(
                &written.id.to_string(),
                &checked.default_branch,
                ObjectFormat::Sha1,
            )
            .await;
        if let Err(e) = made {
            tracing::warn!(item = %written.id, "a new repository is not on disk yet: {e}");
        }
        let target = Target {
            item: None,
            slug: checked.slug,
            supersedes: Vec::new(),
        };
        Ok(self.published(&target, &written))
    }

    fn target(
        &self,
        input: &Input,
        item: Option<StatementId>,
        person: &Person,
    ) -> Result<Target, PublishError> {
        let me = &self.core.identity().handle;
        let state = self.core.state();
        let catalogue = state.catalogue();
        let named = match &input.slug {
            Some(slug) => Some(
                Slug::new(slug).map_err(|e| PublishError::Invalid(one("slug", &e.to_string())))?,
            ),
            None => None,
        };
        let known = match (item, &named) {
            (Some(id), _) => Some(catalogue.item(&id).ok_or(PublishError::NoSuchItem)?),
            (None, Some(slug)) => catalogue
                .by_name(me, slug)
                .and_then(|id| catalogue.item(&id)),
            (None, None) => {
                let problem = Problem {
                    field: "slug".to_owned(),
                    what: "is missing: it names the resource in its address".to_owned(),
                    fix: "write a slug such as algebre-l1".to_owned(),
                };
                return Err(PublishError::Invalid(Problems(vec![problem])));
            }
        };
        let Some(known) = known else {
            let slug = named.expect("without an item there is a slug");
            return Ok(Target {
                item: None,
                slug,
                supersedes: Vec::new(),
            });
        };
        if known.owner != *me {
            return Err(PublishError::NotAllowed(format!(
                "the item belongs to {}; publish new versions there, or derive your own",
                known.owner
            )));
        }
        if known.kind != ItemKind::Resource {
            return Err(taken(me, named.as_ref().unwrap_or(&known.slug)));
        }
        // The fold refuses it too, but only once the files are stored.
        if known.creator != Some(person.id) && !person.may(&[Role::Librarian]) {
            return Err(PublishError::NotAllowed(
                "changing what somebody else published needs the role librarian; ask an admin of your institution"
                    .to_owned(),
            ));
        }
        Ok(Target {
            item: Some(known.id),
            // A former slug in the metadata of a new version does not rename the item back.
            slug: named
                .filter(|s| !known.aliases.contains(s))
                .unwrap_or_else(|| known.slug.clone()),
            supersedes: known
                .heads
                .iter()
                .map(|h| h.2)
                .chain(known.withdrawn)
                .collect(),
        })
    }

    /// Puts files, list and record into the store, durably.
    async fn store(
        &self,
        upload: &Upload,
        paths: Vec<FilePath>,
        here: Vec<FileEntry>,
    ) -> Result<Stored, PublishError> {
        let temps: Vec<PathBuf> = upload.files.iter().map(|f| f.temp.clone()).collect();
        let added = self.blobs.add_files(&temps).await;
        let added = added.map_err(PublishError::of_blob)?;
        let mut entries = Vec::with_capacity(added.len() + here.len());
        for ((path, file), (blake3, size)) in paths.into_iter().zip(&upload.files).zip(added) {
            if size != file.size {
                return Err(PublishError::Failed(format!(
                    "{path} changed while it was received"
                )));
            }
            entries.push(FileEntry {
                media_type: media_type(path.file_name()),
                path,
                size,
                blake3,
            });
        }
        entries.extend(here);
        let list = FileList::new(entries)
            .map_err(|e| PublishError::Invalid(one("files", &e.to_string())))?;
        let (root, _) = self
            .blobs
            .add_bytes(list.encode())
            .await
            .map_err(PublishError::failed)?;
        let (record, _) = self
            .blobs
            .add_bytes(upload.metadata.clone())
            .await
            .map_err(PublishError::of_blob)?;
        Ok(Stored { list, root, record })
    }

    fn body(
        &self,
        input: &Input,
        stored: &Stored,
        to: &Target,
        person: &Person,
        key: Option<&SecretKey>,
    ) -> Result<Vec<u8>, PublishError> {
        let source = declared(Some(DOCUMENT.to_owned()), person, key);
        let mut record = Record::from_input(input, source);
        let plain = record.clone();
        let notes = stored.list.files().iter().map(|f| FileNote {
            path: f.path.to_string(),
            media_type: f.media_type.clone(),
            size: f.size,
            ..FileNote::default()
        });
        let by = Some(self.core.identity().node.public().to_string());
        record.add_files(
            notes,
            Source {
                scheme: "commun".to_owned(),
                origin: None,
                date: rfc3339(now()),
                method: Method::Extracted,
                by,
            },
        );
        let mut bodies = Vec::new();
        if let Some(before) = self.imported(to)? {
            bodies.push(Record::restated(record.clone(), &before));
        }
        // Long paths may not fit beside long descriptions: then the list alone names the files.
        bodies.extend([record, plain]);
        let mut fault = String::new();
        for body in &bodies {
            match body.to_body() {
                Ok(body) => return Ok(body),
                Err(e) => fault = e.to_string(),
            }
        }
        Err(PublishError::Invalid(one("", &fault)))
    }

    /// What the version that is displayed says, if any of it came from elsewhere than a form like this: by an import or a
    /// correction. It stays below what is stated now.
    fn imported(&self, to: &Target) -> Result<Option<Record>, PublishError> {
        let displayed = to.item.and_then(|id| {
            let state = self.core.state();
            state.catalogue().item(&id).map(|item| item.displayed())
        });
        let Some(displayed) = displayed else {
            return Ok(None);
        };
        let found = self
            .core
            .statement(&displayed)
            .map_err(PublishError::failed)?;
        let body = found.and_then(|found| found.body);
        let Some(record) = body.and_then(|body| Record::from_body(&body.bytes).ok()) else {
            return Ok(None);
        };
        let by_hand = |source: &Source| match source.method {
            Method::Declared => source.origin.as_deref() == Some(DOCUMENT),
            Method::Extracted => source.scheme == "commun" && source.origin.is_none(),
            _ => false,
        };
        let elsewhere = record.sources().into_iter().any(|source| !by_hand(source));
        Ok(elsewhere.then_some(record))
    }

    /// The displayed version, if it is what is being published again.
    fn already(
        &self,
        to: &Target,
        stored: &Stored,
        licence: &str,
    ) -> Result<Option<Published>, PublishError> {
        let (Some(item), [head]) = (to.item, &to.supersedes[..]) else {
            return Ok(None);
        };
        let Some(found) = self.core.statement(head).map_err(PublishError::failed)? else {
            return Ok(None);
        };
        let Ok(Some(Facts::Resource(r))) = found.statement.facts() else {
            return Ok(None);
        };
        let same = r.files.blake3 == stored.root
            && r.record == Some(stored.record)
            && r.slug == to.slug
            && r.licence == licence
            && self
                .core
                .state()
                .catalogue()
                .item(&item)
                .is_some_and(|i| i.withdrawn.is_none());
        let name = format!("{}/{}", found.log, to.slug);
        Ok(same.then_some(Published {
            id: item,
            name,
            version: *head,
            position: found.position,
        }))
    }

    fn draft(
        &self,
        to: &Target,
        stored: &Stored,
        licence: &str,
        from: &[VersionRef],
        body: Vec<u8>,
    ) -> Draft {
        let files = Object::from([
            ("blake3".to_owned(), stored.root.to_string().into()),
            ("count".to_owned(), Value::Int(stored.list.count())),
            ("size".to_owned(), Value::Int(stored.list.total_size())),
        ]);
        let record = Object::from([("blake3".to_owned(), stored.record.to_string().into())]);
        let fields = Object::from([
            ("slug".to_owned(), to.slug.as_str().into()),
            ("licence".to_owned(), licence.into()),
            ("files".to_owned(), Value::Object(files)),
            ("record".to_owned(), Value::Object(record)),
            (
                "derived_from".to_owned(),
                Value::List(from.iter().map(origin).collect()),
            ),
        ]);
        Draft {
            kind: "resource",
            item: to.item,
            supersedes: to.supersedes.clone(),
            fields,
            body: Some(body),
            ..Draft::default()
        }
    }

    /// The versions that a version is made from: those that are stated, those that the versions it replaces are made
    /// from, as they were pinned, and the displayed ones of what `isBasedOn` names besides, as far as they are items of
    /// this commons.
    fn origins(
        &self,
        input: &Input,
        stated: &[VersionRef],
        to: &Target,
    ) -> Result<Vec<VersionRef>, PublishError> {
        let mut from = stated.to_vec();
        for replaced in to.supersedes.iter().filter(|_| to.item.is_some()) {
            let found = self
                .core
                .statement(replaced)
                .map_err(PublishError::failed)?;
            let facts = found.and_then(|f| f.statement.facts().ok().flatten());
            let Some(Facts::Resource(before)) = facts else {
                continue;
            };
            for origin in before.derived_from {
                if from.iter().all(|known| known.item != origin.item) {
                    from.push(origin);
                }
            }
        }
        let state = self.core.state();
        let catalogue = state.catalogue();
        let based = |r: &&commun_specs::metadata::Relation| r.kind == "isBasedOn";
        for relation in input.values.relations.iter().filter(based) {
            let Some(item) = check::find_item(catalogue, &relation.target) else {
                continue;
            };
            if Some(item.id) != to.item && from.iter().all(|known| known.item != item.id) {
                from.push(VersionRef {
                    item: item.id,
                    version: item.displayed(),
                });
            }
        }
        from.truncate(MAX_DERIVED);
        Ok(from)
    }

    /// Asks the licences of all that a version is made from. Those that this node does not know (any more) are left
    /// out: they were asked when the version was pinned.
    fn may_derive(
        &self,
        from: &[VersionRef],
        licence: &str,
        accepted: &[String],
    ) -> Result<(), PublishError> {
        let mut licences = Vec::new();
        for origin in from {
            let found = self
                .core
                .statement(&origin.version)
                .map_err(PublishError::failed)?;
            match found.and_then(|f| f.statement.facts().ok().flatten()) {
                Some(Facts::Resource(r)) => licences.push(r.licence),
                Some(Facts::Repository(r)) => licences.push(r.licence),
                _ => {}
            }
        }
        if licences.is_empty() {
            return Ok(());
        }
        let licences: Vec<&str> = licences.iter().map(|l| l.as_ref()).collect();
        crate::adapt::licence::may_derive(&licences, licence, accepted, "en")
            .map_err(|why| PublishError::Invalid(one("licence", &why)))
    }

    /// The licence of a version whose values were corrected: as the charter allows it, and what the item was made from where
    /// it is another one than before.
    ///
    /// # Errors
    /// [`PublishError::Invalid`] with all that the charter asks for and that is not there.
    pub(crate) fn corrected_licence(
        &self,
        view: &View,
        before: &str,
        from: &[VersionRef],
    ) -> Result<String, PublishError> {
        let charter = self.core.state().chain().head().0.clone();
        let licence = view
            .licence
            .clone()
            .unwrap_or_else(|| NO_LICENCE.to_owned());
        if !licence_accepted(&charter.licences, &licence) {
            let what = format!("{licence} is not a licence that the charter of this commons takes");
            return Err(PublishError::Invalid(one("licence", &what)));
        }
        // Files are those of the version before; a licence that was never stated is not asked for now.
        let stays = |name: &String| name != "files" && (name != "licence" || before != NO_LICENCE);
        let required: Vec<&String> = charter.required.iter().filter(|r| stays(r)).collect();
        validate_rules(view, &required).map_err(PublishError::Invalid)?;
        if licence != before {
            self.may_derive(from, &licence, &charter.licences)?;
        }
        Ok(licence)
    }

    async fn append(
        &self,
        draft: Draft,
        person: &Person,
        key: Option<&SecretKey>,
    ) -> Result<Written, WriteError> {
        let author = Author::of(person, key);
        let entry = self.core.compose(draft, &author)?;
        self.core.write(entry).await
    }

    fn published(&self, to: &Target, written: &Written) -> Published {
        Published {
            id: to.item.unwrap_or(written.id),
            name: format!("{}/{}", self.core.identity().handle, to.slug),
            version: written.id,
            position: written.position,
        }
    }
}

/// A version in a head.
fn origin(from: &VersionRef) -> Value {
    Value::Object(Object::from([
        ("item".to_owned(), from.item.to_string().into()),
        ("version".to_owned(), from.version.to_string().into()),
    ]))
}

fn taken(handle: &commun_specs::name::Handle, slug: &Slug) -> PublishError {
    PublishError::Conflict(format!(
        "{handle}/{slug} is already the name of another item; choose another slug"
    ))
}

fn one(field: &str, what: &str) -> Problems {
    Problems(vec![Problem {
        field: field.to_owned(),
        what: what.to_owned(),
        fix: String::new(),
    }])
}

/// What somebody states, under the key that signs for them.
fn declared(origin: Option<String>, person: &Person, key: Option<&SecretKey>) -> Source {
    let by = key.map_or(person.key, SecretKey::public);
    Source::declared(origin, rfc3339(now()), Some(by.to_string()))
}

#[cfg(test)]
mod tests;
