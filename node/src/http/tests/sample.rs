//! A small commons to try the handlers with: two institutions, hostile titles, files, a log.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex},
};

use commun_forge::{
    attribution::Credit,
    citation::Cited,
    git::{CacheStats, Oid, Repos, Repository},
    text::{self, Drawn, Format},
};
use commun_index::{Answer, Change, Completion, Document, Index, Kind, Like, Query, QueryError};
use commun_specs::{
    files::{FileEntry, FileList, FilePath},
    id::{CommonsId, ContentHash, StatementId, TreeRoot, sha256},
    key::SecretKey,
    metadata::{Concept, Record, Source, View},
    name::{Handle, Slug},
    tree::{self, Hashes, Pending},
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use tokio::sync::watch;

use crate::{
    adapt::Comparison,
    collections::{Member, MemberState},
    drawings::Undrawn,
    history::{Foundations, History, Part, Signature},
    http::{
        problem::Problem,
        publish::{Published, Upload},
        site::{
            ByteStream, ChangeLine, Compared, Fault, Found, Institution, LogReader, LogState,
            LogStatus, Me, PeerStatus, Site, Status, Which,
        },
    },
    items::{self, Evidence, Shown, Version, VersionFiles, Words},
    maintenance::Upkeep,
    quota::Usage,
    similar::Similar,
};

/// A title that tries to be markup and to run backwards.
pub(super) const HOSTILE: &str = "<script>alert(1)</script>\u{202e}fdp.exe\" onmouseover=\"x";
/// The token that may publish.
pub(super) const TOKEN: &str = "a-token";

pub(super) fn handle(text: &str) -> Handle {
    Handle::new(text).unwrap()
}

/// The commons.
pub(super) struct Sample {
    pub(super) items: Vec<Shown>,
    bytes: BTreeMap<ContentHash, Vec<u8>>,
    index: Index,
    entries: Vec<Vec<u8>>,
    hashes: Vec<[u8; 32]>,
    pub(super) grown: watch::Sender<u64>,
    /// What was published: paths and bytes.
    pub(super) published: Mutex<Vec<(String, Vec<u8>)>>,
    /// Repositories on the disk, by the ids of items of this sample.
    repos: Option<Repos>,
    /// What changed between any two versions.
    pub(super) changed: Comparison,
    _folder: tempfile::TempDir,
}

impl Sample {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = BTreeMap::new();
        let course = [
            (
                "README.md",
                "# Cours\n\nVoir [le chapitre](chapitres/un.md), ![](fig.png), <script>alert(2)</script>",
            ),
            ("chapitres/un.md", "Premier chapitre"),
            ("fig.png", "not really a picture"),
            ("page.html", "<script>alert(3)</script>"),
            ("dessin.svg", "<svg onload='alert(4)'/>"),
            ("notes.txt", "du texte"),
        ];
        let mut items = vec![item(
            "cours",
            "Équations différentielles",
            &course,
            &mut bytes,
        )];
        items.push(item("hostile", HOSTILE, &[("a.md", "x")], &mut bytes));
        for n in 0..45 {
            let slug = format!("exercice-{n:02}");
            items.push(item(
                &slug,
                &format!("Exercice {n} d’algèbre"),
                &[("a.md", "x")],
                &mut bytes,
            ));
        }
        let index = Index::open(&folder.path().join("index")).unwrap();
        let documents = items
            .iter()
            .map(|i| Change::Put(Box::new(document(i))))
            .collect();
        index.apply(documents, 47).unwrap();
        let entries: Vec<Vec<u8>> = (0..300)
            .map(|n| format!("entry {n}").into_bytes())
            .collect();
        let empty: Vec<[u8; 32]> = Vec::new();
        let mut tree = Pending::on(&empty, 0);
        for (n, entry) in entries.iter().enumerate() {
            tree::append(&mut tree, n as u64, tree::leaf_hash(entry)).unwrap();
        }
        let hashes = tree.into_new().1;
        Self {
            items,
            bytes,
            index,
            entries,
            hashes,
            grown: watch::Sender::new(47),
            published: Mutex::default(),
            repos: None,
            changed: Comparison::default(),
            _folder: folder,
        }
    }

    /// The same with one more item: a repository that is kept in `repos`, under the item's id.
    pub(super) fn with_repository(
        repos: Repos,
        id: StatementId,
        repository: items::Repository,
    ) -> Self {
        let mut sample = Self::new();
        let mut item = sample.items[0].clone();
        item.id = id;
        item.slug = Slug::new("code").unwrap();
        item.kind = Kind::Repository;
        item.files = None;
        item.repository = Some(repository);
        sample.items.push(item);
        sample.repos = Some(repos);
        sample
    }

    /// The same with authors and a subject: Ada by her ORCID twice, once with Bob, whose name is hostile; once more somebody
    /// of her name.
    pub(super) fn with_authors() -> Self {
        let mut sample = Self::new();
        let ada = |keys: &[&str]| commun_index::Author {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            name: "Ada Lovelace".into(),
        };
        let bob = commun_index::Author {
            keys: vec!["name:bob-o-script".into()],
            name: "Bob O’<script>\u{202e}".into(),
        };
        let known = ["orcid:0000-0002-1825-0097", "name:ada-lovelace"];
        let mut changes = Vec::new();
        for (slug, authors) in [
            ("course-1", vec![ada(&known), bob]),
            ("course-2", vec![ada(&known)]),
            ("course-3", vec![ada(&known[1..])]),
        ] {
            let made = item(
                slug,
                &format!("Leçon {slug}"),
                &[("a.md", "x")],
                &mut sample.bytes,
            );
            changes.push(Change::Put(Box::new(Document {
                creators: authors.iter().map(|author| author.name.clone()).collect(),
                authors,
                subjects: vec!["iscedf-0541".into()],
                ..document(&made)
            })));
            sample.items.push(made);
        }
        sample.index.apply(changes, 48).unwrap();
        sample
    }

    /// The same with one more item, of files to look at and to listen to.
    pub(super) fn with_media(files: &[(&str, &str)]) -> Self {
        let mut sample = Self::new();
        let item = item("images", "Les dunes", files, &mut sample.bytes);
        sample.items.push(item);
        sample
    }

    /// The same with two more items: a vocabulary, and a course whose subject is of it.
    pub(super) fn with_vocabulary(turtle: &str) -> Self {
        let mut sample = Self::new();
        let files = [("sections.ttl", turtle)];
        let mut vocabulary = item("sections", "Sections", &files, &mut sample.bytes);
        vocabulary.view.kind = Some("vocabulary".into());
        let mut course = item(
            "classe",
            "Cours classé",
            &[("a.md", "x")],
            &mut sample.bytes,
        );
        course.view.subjects = vec![Concept {
            scheme: "univ-a/sections".into(),
            notation: "25".into(),
            ..Concept::default()
        }];
        sample.items.extend([vocabulary, course]);
        sample
    }

    /// The same with a second version of the course, and what changed in it.
    pub(super) fn with_versions(changed: Comparison) -> Self {
        let mut sample = Self::new();
        let mut second = sample.items[0].versions[0].clone();
        second.statement = StatementId([7; 32]);
        sample.items[0].versions[0].current = false;
        sample.items[0].versions.insert(0, second);
        sample.changed = changed;
        sample
    }

    /// The same with a collection of this many members.
    pub(super) fn with_collection(count: usize) -> Self {
        let mut sample = Self::new();
        let mut collection = item("semestre", "Semestre 1", &[], &mut sample.bytes);
        collection.kind = Kind::Collection;
        collection.files = None;
        let members = (0..count).map(|n| Member {
            item: items::Neighbour {
                name: format!("univ-b/cours-{n}"),
                id: StatementId([5; 32]),
                title: Some(format!("Cours numéro {n}")),
            },
            kind: None,
            state: MemberState::Here,
        });
        collection.members = Some(members.collect());
        sample.items.push(collection);
        sample
    }

    /// Changes what is found.
    pub(super) fn change(&self, changes: Vec<Change>) {
        self.index.apply(changes, 48).unwrap();
    }

    pub(super) fn root(&self) -> TreeRoot {
        tree::root(&self.hashes, 300).unwrap()
    }

    /// The bytes of a file of an item.
    pub(super) fn file(&self, slug: &str, path: &str) -> FileEntry {
        let item = self.items.iter().find(|i| i.slug.as_str() == slug).unwrap();
        item.files.as_ref().unwrap().find(path).unwrap().clone()
    }
}

fn item(
    slug: &str,
    title: &str,
    files: &[(&str, &str)],
    bytes: &mut BTreeMap<ContentHash, Vec<u8>>,
) -> Shown {
    let id = StatementId(sha256(&[slug.as_bytes()]));
    let entries = files.iter().map(|(path, text)| {
        let blake3 = ContentHash::of(text.as_bytes());
        bytes.insert(blake3, text.as_bytes().to_vec());
        FileEntry {
            path: FilePath::new(path).unwrap(),
            size: text.len() as u64,
            media_type: commun_forge::resource::media_type(path),
            blake3,
        }
    });
    let list = FileList::new(entries.collect()).unwrap();
    let view = View {
        titles: vec![("fr".into(), title.into())],
        summaries: vec![("fr".into(), format!("Résumé de {title}"))],
        languages: vec!["fr".into()],
        levels: vec!["fr-l1".into()],
        licence: Some("CC-BY-SA-4.0".into()),
        resource_types: vec!["course".into()],
        ..View::default()
    };
    let files = VersionFiles {
        root: list.root(),
        count: list.count(),
        bytes: list.total_size(),
    };
    Shown {
        id,
        handle: handle("univ-a"),
        slug: Slug::new(slug).unwrap(),
        kind: Kind::Resource,
        record: Record::from_view(&view, Source::declared(None, None, None)),
        view,
        words: Words::Here,
        updated: 1_800_000_000,
        withdrawn: (slug == "exercice-44").then(|| crate::items::Withdrawal {
            statement: id,
            institution: handle("univ-a"),
            by: Some("Ada".into()),
            time: 1_800_000_000,
            code: "error".into(),
            reason: Some("Une erreur dans l’énoncé.".into()),
        }),
        versions: vec![Version {
            statement: id,
            log: handle("univ-a"),
            position: 7,
            time: 1_800_000_000,
            author: SecretKey::from_seed([3; 32]).public(),
            author_name: Some("Ada".into()),
            custody_self: false,
            current: true,
            files: Some(files),
        }],
        original: None,
        files: Some(list),
        repository: None,
        component: None,
        extraction: Default::default(),
        adoptions: Vec::new(),
        reviews: Default::default(),
        derived_into: Vec::new(),
        twins: Vec::new(),
        collected_in: Vec::new(),
        members: None,
        derived_from: Vec::new(),
        holders: vec![handle("univ-a"), handle("univ-b")],
        local: true,
    }
}

fn document(item: &Shown) -> Document {
    Document {
        id: item.id.to_string(),
        name: item.name(),
        kind: item.kind,
        institution: item.handle.to_string(),
        titles: item.view.titles.clone(),
        summaries: item.view.summaries.clone(),
        descriptions: Vec::new(),
        keywords: Vec::new(),
        creators: Vec::new(),
        authors: Vec::new(),
        resource_types: item.view.resource_types.clone(),
        licence: item.view.licence.clone(),
        languages: item.view.languages.clone(),
        levels: vec!["fr-l1".into(), "fr-licence".into(), "isced-6".into()],
        subjects: Vec::new(),
        formats: vec!["page".to_owned()],
        duration: Some("PT1H30M".to_owned()),
        accessibility: vec![],
        labels: commun_index::Labels::default(),
        file_names: Vec::new(),
        text: Vec::new(),
        places: Vec::new(),
        updated: item.updated,
        adoptions: 0,
        reviews: 0,
        position_hint: 0,
    }
}

impl Hashes for Sample {
    fn get(&self, index: u64) -> Option<[u8; 32]> {
        self.hashes.get(index)
    }
}

impl LogReader for Sample {
    fn checkpoint(&self) -> Option<Vec<u8>> {
        Some(b"a note".to_vec())
    }
    fn witnessed(&self) -> Option<Vec<u8>> {
        None
    }

    fn size(&self) -> u64 {
        self.entries.len() as u64
    }
    fn entry(&self, position: u64) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.entries.get(position as usize).cloned())
    }
}

impl Site for Sample {
    fn me(&self) -> Me {
        Me {
            node: SecretKey::from_seed([1; 32]).public(),
            handle: handle("univ-a"),
            commons: CommonsId([9; 32]),
            commons_name: format!("Commun {HOSTILE}"),
            ssh: Some("ssh://git@127.0.0.1:2222".into()),
        }
    }

    fn status(&self) -> Result<Status, Fault> {
        let log = |name: &str, state| LogStatus {
            handle: handle(name),
            epoch: 0,
            size: 300,
            root: self.root(),
            behind: 0,
            state,
            witnessed: None,
        };
        let peer = PeerStatus {
            node: SecretKey::from_seed([2; 32]).public(),
            handle: handle("univ-b"),
            connected: false,
            rtt_ms: Some(0.4),
            path: None,
        };
        Ok(Status {
            unconfined: false,
            charter: 3,
            institutions: 2,
            writer: true,
            may_sign: true,
            logs: vec![log("univ-a", LogState::Ok), log("univ-b", LogState::Frozen)],
            peers: vec![peer],
            items: 47,
            position: 47,
            fold: 1,
            root: "root".into(),
            index_position: 47,
            index_documents: 47,
            wanted: 0,
            held: 47,
            bytes: 1234,
            received: 567,
            usage: vec![Usage {
                handle: handle("univ-b"),
                bytes: 7,
                proposed: 3,
                statements: 42,
                full: true,
                held_back: 2,
            }],
            upkeep: Upkeep {
                last: 1_700_000_000,
                packed: 3,
                failed: [("abc".to_owned(), "git repack failed".to_owned())].into(),
            },
            packs: Some(CacheStats::default()),
            offences: vec![("garbage".into(), 2)],
            ssh: Some(("ssh://git@git.example:8473".into(), "SHA256:abc".into())),
        })
    }

    fn institutions(&self) -> Result<Vec<Institution>, Fault> {
        let one = |name: &str| Institution {
            handle: handle(name),
            name: format!("Université {name}"),
            ror: None,
            former: false,
            urls: vec!["javascript:alert(5)".into()],
        };
        Ok(vec![one("univ-a"), one("univ-b")])
    }

    fn search(&self, query: &Query) -> Result<Answer, QueryError> {
        self.index.search(query)
    }

    fn licences_of(&self, ids: &[String]) -> Result<BTreeMap<String, u64>, QueryError> {
        self.index.licences_of(ids)
    }

    fn with_author(&self, key: &str) -> Result<Vec<commun_index::Counted>, QueryError> {
        self.index.with_author(key)
    }

    fn complete(&self, typed: &str, lang: &str) -> Result<Vec<Completion>, QueryError> {
        self.index.complete(typed, lang)
    }

    fn similar(&self, item: &StatementId, lang: &str, limit: usize) -> Result<Similar, Fault> {
        let found = self.items.iter().find(|shown| shown.id == *item);
        let twins = found.into_iter().flat_map(|shown| &shown.twins);
        let twins = twins.filter(|(kind, _)| kind == "translation");
        let twins: Vec<String> = twins.map(|(_, twin)| twin.id.to_string()).collect();
        let fault = |error: QueryError| Fault(error.to_string());
        Ok(Similar {
            translations: self.index.hits(&twins, lang).map_err(fault)?,
            like: self
                .index
                .similar(&Like {
                    id: &item.to_string(),
                    without: &twins,
                    limit,
                    interface_language: lang,
                })
                .map_err(fault)?,
        })
    }

    fn item(&self, which: &Which) -> Result<Found, Fault> {
        let found: Vec<&Shown> = match which {
            Which::Name(handle, slug) => {
                let same = |i: &&Shown| i.handle == *handle && i.slug == *slug;
                self.items.iter().filter(same).collect()
            }
            Which::Id(prefix) => {
                let begins = |i: &&Shown| i.id.to_string().starts_with(prefix);
                self.items.iter().filter(begins).collect()
            }
        };
        Ok(match found[..] {
            [one] => Found::One(Box::new(one.clone())),
            [] => Found::None,
            _ => Found::Several,
        })
    }

    fn adopted_by(
        &self,
        _: &Handle,
    ) -> Result<Vec<(crate::items::Neighbour, crate::adoptions::Adoption)>, Fault> {
        Ok(Vec::new())
    }

    fn copies(&self, _: &str) -> (u64, bool) {
        (2, true)
    }

    fn members(&self, collection: &StatementId, _: Range<usize>) -> Result<Vec<Member>, Fault> {
        let found = self.items.iter().find(|i| i.id == *collection);
        Ok(found.and_then(|i| i.members.clone()).unwrap_or_default())
    }

    fn compare(
        &self,
        item: &StatementId,
        from: Option<StatementId>,
        to: Option<StatementId>,
    ) -> BoxFuture<'static, Result<Option<Compared>, Problem>> {
        let known = self.items.iter().find(|i| i.id == *item);
        let compared = known.map(|item| Compared {
            item: Which::Name(item.handle.clone(), item.slug.clone()),
            from: from.unwrap_or(item.id),
            to: to.unwrap_or(item.id),
            changes: self.changed.clone(),
        });
        async move { Ok(compared) }.boxed()
    }

    fn statements(&self, _: &StatementId) -> Result<Vec<Evidence>, Fault> {
        Ok(vec![Evidence {
            log: handle("univ-a"),
            position: 7,
            envelope: b"{\"payload\":\"e30=\"}".to_vec(),
            body: Some(([5; 32], "{\"title\":{}}".into())),
        }])
    }

    fn history(&self, _: &StatementId, _: Option<&str>, _: Part) -> Result<History, Fault> {
        Ok(super::verification::history())
    }

    fn foundations(&self) -> Foundations {
        Foundations {
            charters: vec![b"{}".to_vec()],
            successions: vec![(handle("univ-a"), vec![b"{}".to_vec()])],
        }
    }

    fn signatures(&self, _: &StatementId, oids: &[Oid]) -> Result<Vec<Signature>, Fault> {
        Ok(vec![Signature::Unsigned; oids.len()])
    }

    fn changes(&self, since: u64) -> Result<(u64, Vec<ChangeLine>), Fault> {
        let upto = *self.grown.borrow();
        let new = since < upto;
        let line = ChangeLine {
            position: upto,
            put: true,
            item: self.items[0].id,
        };
        Ok((upto, new.then_some(line).into_iter().collect()))
    }

    fn grown(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    fn log(
        &self,
        of: &Handle,
        epoch: Option<u64>,
        read: &mut dyn FnMut(&dyn LogReader) -> Result<(), Fault>,
    ) -> Result<Option<()>, Fault> {
        if *of != handle("univ-a") || epoch.is_some_and(|e| e > 0) {
            return Ok(None);
        }
        read(self).map(Some)
    }

    fn repository(&self, item: &StatementId) -> Result<Option<Repository>, Fault> {
        let repos = self.repos.as_ref();
        Ok(repos.and_then(|repos| repos.get(&item.to_string()).ok()))
    }

    fn repositories(&self) -> Result<Vec<StatementId>, Fault> {
        let items = self.items.iter();
        Ok(items
            .filter(|i| i.repository.is_some())
            .map(|i| i.id)
            .collect())
    }

    fn read(&self, file: &FileEntry, _: u64) -> BoxFuture<'static, Result<Option<Vec<u8>>, Fault>> {
        let bytes = self.bytes.get(&file.blake3).cloned();
        async move { Ok(bytes) }.boxed()
    }

    fn open(
        &self,
        file: &FileEntry,
        range: Range<u64>,
    ) -> BoxFuture<'static, Result<Option<ByteStream>, Fault>> {
        let part = self.bytes.get(&file.blake3).map(|all| {
            let part = all[range.start as usize..range.end as usize].to_vec();
            stream::iter([Ok(part.into())]).boxed()
        });
        async move { Ok(part) }.boxed()
    }

    fn page(&self, file: &FileEntry, page: u32) -> BoxFuture<'static, Result<Arc<Drawn>, Undrawn>> {
        let bytes = self.bytes.get(&file.blake3).cloned();
        async move {
            let bytes = bytes.ok_or(Undrawn::NotHere)?;
            let drawn = text::draw(bytes, page, text::PAGE_WIDTH);
            drawn
                .map(Arc::new)
                .map_err(|e| Undrawn::Unread(e.code().to_owned()))
        }
        .boxed()
    }

    fn words(
        &self,
        file: &FileEntry,
        format: Format,
    ) -> BoxFuture<'static, Result<Arc<text::Document>, Undrawn>> {
        let bytes = self.bytes.get(&file.blake3).cloned();
        async move {
            let bytes = bytes.ok_or(Undrawn::NotHere)?;
            let read = text::read(format, &bytes);
            read.map(Arc::new)
                .map_err(|e| Undrawn::Unread(e.code().to_owned()))
        }
        .boxed()
    }

    fn credits(
        &self,
        item: &StatementId,
        _lang: &'static str,
    ) -> BoxFuture<'static, Result<Vec<Credit>, Fault>> {
        let item = self.items.iter().find(|i| i.id == *item);
        let credits = item.map(|item| Credit {
            title: item.title(&["fr"]).1.to_owned(),
            authors: vec!["Ada <b>L</b>".to_owned()],
            source: format!("http://127.0.0.1:8080/{}", item.name()),
            licence: "CC BY 4.0".to_owned(),
            ..Credit::default()
        });
        std::future::ready(Ok(credits.into_iter().collect())).boxed()
    }

    fn cited(&self, item: &StatementId, _lang: &'static str) -> Result<Option<Cited>, Fault> {
        let item = self.items.iter().find(|i| i.id == *item);
        Ok(item.map(|item| Cited {
            name: item.name(),
            title: item.title(&["fr"]).1.to_owned(),
            ..Cited::default()
        }))
    }

    fn may_publish(&self, token: &str) -> Result<(), Problem> {
        if token == TOKEN {
            Ok(())
        } else {
            Err(Problem::unauthorised("no"))
        }
    }

    fn publish(
        &self,
        _: String,
        upload: Upload,
        item: Option<StatementId>,
    ) -> BoxFuture<'static, Result<Published, Problem>> {
        let mut all = self.published.lock().unwrap();
        all.push(("metadata".into(), upload.metadata.clone()));
        for file in &upload.files {
            all.push((file.path.to_string(), std::fs::read(&file.temp).unwrap()));
        }
        let id = item.unwrap_or(StatementId([8; 32]));
        async move {
            Ok(Published {
                id,
                name: "univ-a/neu".into(),
                version: id,
                position: 8,
            })
        }
        .boxed()
    }
}
