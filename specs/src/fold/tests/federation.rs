//! A small federation in memory: keys from seeds, statements with counted nonces, logs as vectors of entries.

use std::collections::BTreeMap;

use crate::{
    charter::{Added, Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    fold::{Catalogue, Roots},
    id::{CharterId, StatementId, TreeRoot},
    json::{Object, Value},
    key::SecretKey,
    list,
    name::Handle,
    statement::{Cut, Head, sign},
    tree,
};

pub(crate) fn key(n: u8) -> SecretKey {
    SecretKey::from_seed([n; 32])
}

pub(crate) fn handle(text: &str) -> Handle {
    Handle::new(text).unwrap()
}

pub(crate) fn member(name: &str, seed: u8) -> Institution {
    Institution {
        handle: handle(name),
        name: name.to_uppercase(),
        keys: vec![key(seed).public()],
        threshold: 1,
        ror: None,
        uai: None,
    }
}

pub(crate) fn seal_charter(a: &Amendment, seeds: &[u8]) -> Vec<u8> {
    let keys: Vec<SecretKey> = seeds.iter().map(|s| key(*s)).collect();
    Envelope::seal(
        PayloadType::Charter,
        a.to_payload().unwrap(),
        &keys.iter().collect::<Vec<_>>(),
    )
    .to_bytes()
}

/// The institutions aa, bb, cc of charter 0, with the institution keys of seeds 1, 2, 3.
pub(crate) const HANDLES: [&str; 3] = ["aa", "bb", "cc"];

pub(crate) struct Federation {
    pub(crate) chain: Chain,
    pub(crate) logs: BTreeMap<Handle, Vec<Vec<u8>>>,
    pub(crate) lists: Vec<Vec<u8>>,
    /// Every amendment's envelope.
    pub(crate) amendments: Vec<Vec<u8>>,
    /// Seeds of institution keys that sign amendments.
    pub(crate) signing: Vec<u8>,
    nonce: u64,
}

impl Federation {
    pub(crate) fn new() -> Self {
        let mut genesis = Amendment::genesis("Essai", 1, member("aa", 1));
        genesis
            .institutions
            .extend([member("bb", 2), member("cc", 3)]);
        let first = seal_charter(&genesis, &[1, 2, 3]);
        Self {
            chain: Chain::begin(&first).unwrap(),
            logs: HANDLES.iter().map(|h| (handle(h), Vec::new())).collect(),
            lists: Vec::new(),
            amendments: vec![first],
            signing: vec![1, 2, 3],
            nonce: 0,
        }
    }

    /// The chain of the first `count` amendments.
    pub(crate) fn chain_of(&self, count: usize) -> Chain {
        let mut chain = Chain::begin(&self.amendments[0]).unwrap();
        for bytes in &self.amendments[1..count] {
            chain.add(bytes).unwrap();
        }
        chain
    }

    /// A draft of the next amendment.
    pub(crate) fn draft(&self) -> Amendment {
        let (head, id) = self.chain.head();
        head.successor(id, 1_700_000_000)
    }

    /// Signs and adds an amendment.
    pub(crate) fn amend(&mut self, next: &Amendment) {
        let bytes = seal_charter(next, &self.signing);
        assert!(matches!(self.chain.add(&bytes), Ok(Added::New(_))));
        self.amendments.push(bytes);
    }

    /// The log's end as a cut.
    pub(crate) fn cut(&self, log: &str) -> Cut {
        let size = self.logs[&handle(log)].len() as u64;
        Cut {
            institution: handle(log),
            epoch: 0,
            size,
            root: self.root(&handle(log), size).unwrap(),
        }
    }

    /// A head with the next nonce.
    pub(crate) fn head(&mut self, log: &str, kind: &str, author: u8, fields: Object) -> Head {
        self.nonce += 1;
        let mut nonce = [0; 16];
        nonce[8..].copy_from_slice(&self.nonce.to_be_bytes());
        Head::new(
            kind,
            self.chain.commons(),
            handle(log),
            nonce,
            key(author).public(),
            1_700_000_000 + self.nonce,
            fields,
        )
    }

    /// Signs and appends; the position and the id.
    pub(crate) fn put(&mut self, head: &Head, seeds: &[u8]) -> StatementId {
        let keys: Vec<SecretKey> = seeds.iter().map(|s| key(*s)).collect();
        let entry = sign(head, &keys.iter().collect::<Vec<_>>()).unwrap();
        self.put_bytes(head.institution.as_str(), entry);
        StatementId::of(&head.to_payload().unwrap())
    }

    pub(crate) fn put_bytes(&mut self, log: &str, entry: Vec<u8>) {
        self.logs.get_mut(&handle(log)).unwrap().push(entry);
    }

    pub(crate) fn marker(&mut self, log: &str, number: u64, charter: CharterId) -> StatementId {
        let fields = object([
            ("number", Value::Int(number)),
            ("charter", charter.to_string().into()),
        ]);
        let head = self.head(log, "charter-marker", node_seed(log), fields);
        self.put(&head, &[node_seed(log)])
    }

    /// Marker 0, the node, and an administrator; the administrator's enrolment.
    pub(crate) fn open(&mut self, log: &str) -> StatementId {
        let (_, id) = self.chain.get(0).unwrap();
        self.marker(log, 0, id);
        self.enrol_node(log, node_seed(log));
        self.enrol(log, admin_seed(log), &["admin"], institution_seed(log))
    }

    pub(crate) fn enrol_node(&mut self, log: &str, seed: u8) -> StatementId {
        let fields = object([
            ("type", "node".into()),
            ("key", key(seed).public().to_string().into()),
            ("not_after", Value::Int(2_000_000_000)),
            ("urls", vec!["http://127.0.0.1:1".into()].into()),
            ("addrs", Value::List(Vec::new())),
        ]);
        let head = self.head(log, "enrolment", seed, fields);
        self.put(&head, &[seed, institution_seed(log)])
    }

    pub(crate) fn enrol(&mut self, log: &str, seed: u8, roles: &[&str], by: u8) -> StatementId {
        let head = self.enrolment(log, seed, roles, by);
        self.put(&head, &[by])
    }

    pub(crate) fn enrolment(&mut self, log: &str, seed: u8, roles: &[&str], by: u8) -> Head {
        let roles: Vec<Value> = roles.iter().map(|r| (*r).into()).collect();
        let fields = object([
            ("type", "person".into()),
            ("key", key(seed).public().to_string().into()),
            ("roles", roles.into()),
            ("custody", "self".into()),
            ("not_after", Value::Int(2_000_000_000)),
        ]);
        self.head(log, "enrolment", by, fields)
    }

    pub(crate) fn repository(
        &mut self,
        log: &str,
        author: u8,
        slug: &str,
        pushers: &[&str],
    ) -> Head {
        let pushers: Vec<Value> = pushers
            .iter()
            .map(|p| Value::Object(object([("institution", (*p).into())])))
            .collect();
        let fields = object([
            ("slug", slug.into()),
            ("licence", "MIT".into()),
            ("object_format", "sha1".into()),
            ("default_branch", "main".into()),
            ("pushers", pushers.into()),
            ("protected", Value::List(Vec::new())),
            ("cuts", Value::List(Vec::new())),
        ]);
        self.head(log, "repository", author, fields)
    }

    pub(crate) fn resource(&mut self, log: &str, author: u8, slug: &str) -> Head {
        let files = object([
            ("blake3", "00".repeat(32).into()),
            ("count", Value::Int(1)),
            ("size", Value::Int(3)),
        ]);
        let fields = object([
            ("slug", slug.into()),
            ("licence", "CC-BY-4.0".into()),
            ("files", files.into()),
            ("derived_from", Value::List(Vec::new())),
        ]);
        self.head(log, "resource", author, fields)
    }

    /// A push by the log's node for a person.
    pub(crate) fn refs(
        &mut self,
        log: &str,
        person: StatementId,
        item: StatementId,
        policy: StatementId,
        changes: Vec<Value>,
    ) -> Head {
        let fields = object([
            ("policy", policy.to_string().into()),
            ("changes", changes.into()),
        ]);
        let mut head = self.head(log, "refs", node_seed(log), fields);
        head.item = Some(item);
        head.acting_for = Some(person);
        head
    }

    /// A catalogue of all logs, folded entry by entry, log after log.
    pub(crate) fn fold(&self) -> Catalogue {
        let mut catalogue = Catalogue::new(&self.chain);
        for bytes in &self.lists {
            catalogue.put_list(list::hash(bytes), bytes, self);
        }
        for (handle, entries) in &self.logs {
            for (position, entry) in entries.iter().enumerate() {
                catalogue.append(handle, position as u64, entry, self);
            }
            self.set_tip(&mut catalogue, handle);
        }
        catalogue
    }

    pub(crate) fn set_tip(&self, catalogue: &mut Catalogue, handle: &Handle) {
        let size = self.logs[handle].len() as u64;
        catalogue.set_tip(handle, 0, size, self.root(handle, size).unwrap());
    }
}

impl Roots for Federation {
    fn root(&self, log: &Handle, size: u64) -> Option<TreeRoot> {
        let entries = self.logs.get(log)?.get(..size as usize)?;
        let mut hashes = Vec::new();
        for (n, entry) in entries.iter().enumerate() {
            let mut tree = tree::Pending::on(&hashes, n as u64);
            tree::append(&mut tree, n as u64, tree::leaf_hash(entry)).unwrap();
            let (_, new) = tree.into_new();
            hashes.extend(new);
        }
        tree::root(&hashes, size).ok()
    }
}

pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v))
        .collect()
}

/// A change of one ref: `new` is a digit that fills an oid, 0 deletes.
pub(crate) fn change(name: &str, over: &[StatementId], old: u8, new: u8, forced: bool) -> Value {
    let mut over = over.to_vec();
    over.sort();
    let oid = |n: u8| Value::from(format!("{n:x}").repeat(40));
    let mut o = object([
        ("ref", name.into()),
        (
            "over",
            over.iter()
                .map(|i| Value::from(i.to_string()))
                .collect::<Vec<_>>()
                .into(),
        ),
        ("forced", Value::Bool(forced)),
    ]);
    if old != 0 {
        o.insert("old".to_owned(), oid(old));
    }
    if new != 0 {
        o.insert("new".to_owned(), oid(new));
    }
    Value::Object(o)
}

pub(crate) fn institution_seed(log: &str) -> u8 {
    HANDLES.iter().position(|h| *h == log).unwrap() as u8 + 1
}

pub(crate) fn node_seed(log: &str) -> u8 {
    institution_seed(log) + 10
}

pub(crate) fn admin_seed(log: &str) -> u8 {
    institution_seed(log) + 20
}
