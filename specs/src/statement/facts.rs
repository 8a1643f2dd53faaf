//! The kinds of fold version 3: what each head says (FORMATS, section 2). Members that a kind does not
//! know are ignored; kinds that are not here are kept and passed on.

use super::{
    Acceptance, Adoption, Collection, Fields, Head, MAX_CODE, MergeRequest, Report, Review,
    SchemaError, Thread, Transfer, collection::list_of,
};
use crate::{
    id::{CharterId, ContentHash, ListHash, StatementId, TreeRoot},
    json::{Object, Value},
    key::PublicKey,
    name::{Handle, Role, Slug},
};

/// Most changes that a head itself carries; more travel as a list.
pub const MAX_INLINE_CHANGES: usize = 100;
/// Most pushers, protections and cuts of a repository: what fits a head with room to spare.
const MAX_RULES: usize = 64;
/// Longest ref name in bytes, and longest pattern.
pub const MAX_REF_NAME: usize = 200;

/// What a statement of a known kind says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// Which charter the entries after it are judged under.
    CharterMarker(CharterMarker),
    /// A key of a node or a person, with what it may do.
    Enrolment(Enrolment),
    /// The end of an enrolment.
    Revocation(Revocation),
    /// Names of a person or the institution (all in the body).
    Profile(Profile),
    /// A component: its slug, and who may push.
    Repository(Repository),
    /// A push.
    Refs(Refs),
    /// A version of a teaching resource.
    Resource(Resource),
    /// What a node read out of content.
    Description(Description),
    /// An item, or one of its statements, is taken back; or a slug is freed.
    Withdrawal(Withdrawal),
    /// Bodies that everybody drops.
    Erasure(Erasure),
    /// A discussion, a comment, or what the owner says of it.
    Thread(Thread),
    /// A commit to be merged, or what the owner says of it.
    MergeRequest(MergeRequest),
    /// What a person thinks of a version.
    Review(Review),
    /// An institution uses an item.
    Adoption(Adoption),
    /// Items in an order.
    Collection(Collection),
    /// Something should not be there.
    Report(Report),
    /// The owner hands an item on.
    Transfer(Transfer),
    /// An institution takes what it was handed.
    Acceptance(Acceptance),
}

impl Facts {
    /// Reads the schema of a known kind; `Ok(None)` for a kind of another release.
    pub fn read(head: &Head) -> Result<Option<Self>, SchemaError> {
        let f = Fields::new(&head.fields);
        Ok(Some(match head.kind.as_str() {
            "charter-marker" => Facts::CharterMarker(CharterMarker {
                number: f.int("number")?,
                charter: f.parsed("charter", "a charter id")?,
            }),
            "enrolment" => Facts::Enrolment(Enrolment::read(f)?),
            "revocation" => Facts::Revocation(Revocation {
                of: f.parsed("of", "a statement id")?,
            }),
            "profile" => Facts::Profile(Profile {
                of: f.optional("of", |f| f.parsed("of", "a statement id"))?,
            }),
            "repository" => Facts::Repository(Repository::read(f)?),
            "refs" => {
                need_item(head)?;
                Facts::Refs(Refs::read(f)?)
            }
            "resource" => Facts::Resource(Resource::read(f)?),
            "description" => {
                need_item(head)?;
                Facts::Description(Description::read(f)?)
            }
            "withdrawal" => {
                need_item(head)?;
                Facts::Withdrawal(Withdrawal {
                    of: f.optional("of", |f| f.parsed("of", "a statement id"))?,
                    code: f.short_text("code", MAX_CODE)?,
                    release: f.optional("release", |f| f.parsed("release", "a slug"))?,
                })
            }
            "erasure" => Facts::Erasure(Erasure {
                of: f.id_set("of", 1, 100)?,
            }),
            "thread" => {
                need_item(head)?;
                Facts::Thread(Thread::read(f)?)
            }
            "merge-request" => {
                need_item(head)?;
                Facts::MergeRequest(MergeRequest::read(f)?)
            }
            "review" => {
                need_item(head)?;
                Facts::Review(Review::read(f, head.body.is_some())?)
            }
            "adoption" => {
                need_item(head)?;
                Facts::Adoption(Adoption::read(f)?)
            }
            "collection" => Facts::Collection(Collection::read(f)?),
            "report" => {
                need_item(head)?;
                Facts::Report(Report::read(f)?)
            }
            "transfer" => {
                need_item(head)?;
                Facts::Transfer(Transfer::read(f)?)
            }
            "acceptance" => {
                need_item(head)?;
                Facts::Acceptance(Acceptance::read(f)?)
            }
            _ => return Ok(None),
        }))
    }
}

fn need_item(head: &Head) -> Result<StatementId, SchemaError> {
    head.item.ok_or(SchemaError::Missing("item".to_owned()))
}

/// `charter-marker`: what follows in this log is judged under this charter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterMarker {
    /// The amendment's number.
    pub number: u64,
    /// Its id.
    pub charter: CharterId,
}

/// `enrolment`: the institution vouches for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// A node or a person.
    pub of: EnrolmentKey,
    /// The key.
    pub key: PublicKey,
    /// Seconds since 1970 after which the accepting node takes nothing more from the key.
    pub not_after: u64,
}

/// What an enrolment says of its kind of key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolmentKey {
    /// A node: where it is reached.
    Node {
        /// Its web addresses, the first one preferred.
        urls: Vec<String>,
        /// Its multiaddresses (libp2p over TCP, iroh over UDP).
        addrs: Vec<String>,
    },
    /// A person: what they may do.
    Person {
        /// Roles of this release; names of later ones grant nothing here.
        roles: Vec<Role>,
        /// Whether the person keeps the key (else their node does).
        custody_self: bool,
        /// The person's first enrolment, if this one changes it.
        person: Option<StatementId>,
    },
}

impl Enrolment {
    fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let of = match f.text("type")? {
            "node" => EnrolmentKey::Node {
                urls: texts(f, "urls")?,
                addrs: texts(f, "addrs")?,
            },
            "person" => EnrolmentKey::Person {
                roles: texts(f, "roles")?
                    .iter()
                    .filter_map(|r| Role::from_name(r))
                    .collect(),
                custody_self: match f.text("custody")? {
                    "self" => true,
                    "node" => false,
                    _ => return Err(SchemaError::bad("custody", "self or node")),
                },
                person: f.optional("person", |f| f.parsed("person", "a statement id"))?,
            },
            _ => return Err(SchemaError::bad("type", "node or person")),
        };
        Ok(Self {
            of,
            key: f.parsed("key", "a did:key")?,
            not_after: f.int("not_after")?,
        })
    }
}

/// Up to 16 texts of up to 300 bytes.
fn texts(f: Fields<'_>, name: &str) -> Result<Vec<String>, SchemaError> {
    let all: Vec<String> = f.parsed_list(name, 16, "a list of texts")?;
    if all.iter().any(|t| t.len() > 300) {
        return Err(SchemaError::bad(name, "texts of at most 300 bytes"));
    }
    Ok(all)
}

/// `revocation`: final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The enrolment that ends.
    pub of: StatementId,
}

/// `profile`: whose names the body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The person's first enrolment; absent = the institution.
    pub of: Option<StatementId>,
}

/// `repository`: a component and its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its name in the institution.
    pub slug: Slug,
    /// SPDX expression.
    pub licence: String,
    /// `sha1` or `sha256`.
    pub object_format: String,
    /// The branch that is shown first, without `refs/heads/`.
    pub default_branch: String,
    /// Who may push, in the owner's order.
    pub pushers: Vec<Pusher>,
    /// Which refs are protected, and how.
    pub protected: Vec<Protection>,
    /// Where the rights of former pushers end.
    pub cuts: Vec<Cut>,
}

/// An institution whose node accepts pushes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pusher {
    /// The institution.
    pub institution: Handle,
    /// Only these persons (first enrolments in its log); absent = its developers.
    pub persons: Option<Vec<StatementId>>,
}

/// A protected pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// A full ref name, or one that ends in `/*`.
    pub pattern: String,
    /// How many institutions must state an oid for it to count; at least 1.
    pub threshold: u64,
    /// Whether a head may be replaced by one that does not contain it.
    pub force: bool,
    /// Whether the ref may be deleted.
    pub delete: bool,
    /// The heads that stand when the protection begins.
    pub base: Vec<StatementId>,
}

impl Protection {
    /// Whether a ref falls under this pattern.
    pub fn covers(&self, name: &str) -> bool {
        match self.pattern.strip_suffix('*') {
            Some(prefix) => name.len() > prefix.len() && name.starts_with(prefix),
            None => name == self.pattern,
        }
    }
}

/// The end of an institution's grant: what its log holds beyond `size` does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// Whose log.
    pub institution: Handle,
    /// In which epoch the cut was read.
    pub epoch: u64,
    /// Entries before this position count.
    pub size: u64,
    /// The tree root at `size`; one that does not match voids the cut.
    pub root: TreeRoot,
}

impl Cut {
    /// Reads one cut, of a repository or a charter.
    pub fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        Ok(Self {
            institution: f.parsed("institution", "a handle")?,
            epoch: f.int("epoch")?,
            size: f.int("size")?,
            root: f.parsed("root", "a tree root")?,
        })
    }

    /// The cut's strict JSON.
    pub fn to_value(&self) -> Value {
        Value::Object(Object::from([
            ("institution".to_owned(), self.institution.as_str().into()),
            ("epoch".to_owned(), Value::Int(self.epoch)),
            ("size".to_owned(), Value::Int(self.size)),
            ("root".to_owned(), self.root.to_string().into()),
        ]))
    }
}

impl Repository {
    fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let object_format = f.short_text("object_format", 10)?;
        if object_format != "sha1" && object_format != "sha256" {
            return Err(SchemaError::bad("object_format", "sha1 or sha256"));
        }
        let default_branch = f.short_text("default_branch", MAX_REF_NAME)?;
        ref_name(&format!("refs/heads/{default_branch}"))
            .map_err(|_| SchemaError::bad("default_branch", "a branch name"))?;
        let pushers = f.objects("pushers", MAX_RULES, |p| {
            Ok(Pusher {
                institution: p.parsed("institution", "a handle")?,
                persons: p.optional("persons", |p| p.id_set("persons", 0, MAX_RULES))?,
            })
        })?;
        for (i, p) in pushers.iter().enumerate() {
            if pushers[..i].iter().any(|q| q.institution == p.institution) {
                return Err(SchemaError::bad(
                    "pushers",
                    "a list of distinct institutions",
                ));
            }
        }
        let protected = f.objects("protected", MAX_RULES, |p| {
            let pattern = p.short_text("pattern", MAX_REF_NAME)?;
            let name = pattern
                .strip_suffix("/*")
                .map(|d| format!("{d}/x"))
                .unwrap_or(pattern.clone());
            ref_name(&name)
                .map_err(|_| SchemaError::bad("pattern", "a ref name, or one that ends in /*"))?;
            let threshold = p.int("threshold")?;
            if threshold == 0 {
                return Err(SchemaError::bad("threshold", "at least 1"));
            }
            Ok(Protection {
                pattern,
                threshold,
                force: p.flag("force")?,
                delete: p.flag("delete")?,
                base: p.id_set("base", 0, MAX_RULES)?,
            })
        })?;
        Ok(Self {
            slug: f.parsed("slug", "a slug")?,
            licence: f.short_text("licence", 200)?,
            object_format,
            default_branch,
            pushers,
            protected,
            cuts: f.objects("cuts", MAX_RULES, Cut::read)?,
        })
    }
}

/// `refs`: one push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refs {
    /// The `repository` statement under which it was accepted.
    pub policy: StatementId,
    /// What changed.
    pub changes: Changes,
}

/// The changes of a push, in the head or by the hash of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// At most [`MAX_INLINE_CHANGES`].
    Inline(Vec<Change>),
    /// A list that must be held before the statement is applied.
    List {
        /// SHA-256 of its bytes.
        sha256: ListHash,
        /// Its size in bytes, at most [`crate::list::MAX_LIST`].
        size: u64,
    },
}

/// The id of a Git object; the id of zeros stands for none.
pub(super) fn oid(f: &Fields<'_>, member: &str) -> Result<String, SchemaError> {
    let t = f.text(member)?;
    let hex = t
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if !hex || (t.len() != 40 && t.len() != 64) || t.bytes().all(|b| b == b'0') {
        return Err(SchemaError::bad(member, "a Git object id"));
    }
    Ok(t.to_owned())
}

/// One ref of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `refs/heads/…` or `refs/tags/…`.
    pub name: String,
    /// The heads of this ref that it supersedes.
    pub over: Vec<StatementId>,
    /// The oid that the pusher saw; absent = the ref was not there.
    pub old: Option<String>,
    /// The new oid; absent = deletion.
    pub new: Option<String>,
    /// Whether the new commit does not contain the heads that it supersedes.
    pub forced: bool,
}

impl Change {
    /// Reads one change, in a head or a list.
    pub fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let name = f.short_text("ref", MAX_REF_NAME)?;
        ref_name(&name).map_err(|what| SchemaError::bad("ref", what))?;
        let change = Self {
            name,
            over: f.id_set("over", 0, super::MAX_SUPERSEDES)?,
            old: f.optional("old", |f| oid(f, "old"))?,
            new: f.optional("new", |f| oid(f, "new"))?,
            forced: f.flag("forced")?,
        };
        if change.old.is_none() && change.new.is_none() {
            return Err(SchemaError::Missing("new".to_owned()));
        }
        Ok(change)
    }

    /// The change's strict JSON.
    pub fn to_value(&self) -> Value {
        let mut o = Object::from([
            ("ref".to_owned(), Value::from(self.name.as_str())),
            ("over".to_owned(), ids(&self.over)),
            ("forced".to_owned(), Value::Bool(self.forced)),
        ]);
        if let Some(old) = &self.old {
            o.insert("old".to_owned(), old.as_str().into());
        }
        if let Some(new) = &self.new {
            o.insert("new".to_owned(), new.as_str().into());
        }
        Value::Object(o)
    }
}

/// A sorted list of ids as strict JSON.
fn ids(list: &[StatementId]) -> Value {
    let mut list = list.to_vec();
    list.sort();
    list.iter()
        .map(|i| Value::from(i.to_string()))
        .collect::<Vec<_>>()
        .into()
}

impl Refs {
    fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let changes = match (f.has("changes"), f.has("list")) {
            (true, false) => {
                let changes = f.objects("changes", MAX_INLINE_CHANGES, Change::read)?;
                distinct_refs(&changes)?;
                Changes::Inline(changes)
            }
            (false, true) => {
                let (sha256, size) = list_of(&f)?;
                Changes::List { sha256, size }
            }
            _ => return Err(SchemaError::bad("changes", "there, or else list")),
        };
        Ok(Self {
            policy: f.parsed("policy", "a statement id")?,
            changes,
        })
    }
}

/// One to many changes, each of another ref.
pub(crate) fn distinct_refs(changes: &[Change]) -> Result<(), SchemaError> {
    if changes.is_empty() {
        return Err(SchemaError::bad("changes", "at least one change"));
    }
    let mut names: Vec<&str> = changes.iter().map(|c| c.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|w| w[0] == w[1]) {
        return Err(SchemaError::bad("changes", "changes of distinct refs"));
    }
    Ok(())
}

/// `resource`: one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the institution.
    pub slug: Slug,
    /// SPDX expression.
    pub licence: String,
    /// The files.
    pub files: Files,
    /// The original metadata record, byte for byte.
    pub record: Option<ContentHash>,
    /// The versions that it was made from.
    pub derived_from: Vec<VersionRef>,
}

/// The files of a version, by their list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// BLAKE3 of the file list.
    pub blake3: ContentHash,
    /// How many files.
    pub count: u64,
    /// Their bytes in all.
    pub size: u64,
}

/// A version of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRef {
    /// The item.
    pub item: StatementId,
    /// The statement that is the version.
    pub version: StatementId,
}

impl Resource {
    fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let files = f.object("files")?;
        Ok(Self {
            slug: f.parsed("slug", "a slug")?,
            licence: f.short_text("licence", 200)?,
            files: Files {
                blake3: files.parsed("blake3", "a BLAKE3 hash")?,
                count: files.int("count")?,
                size: files.int("size")?,
            },
            record: f.optional("record", |f| {
                f.object("record")?.parsed("blake3", "a BLAKE3 hash")
            })?,
            derived_from: f.objects("derived_from", MAX_RULES, |d| {
                Ok(VersionRef {
                    item: d.parsed("item", "an item id")?,
                    version: d.parsed("version", "a statement id")?,
                })
            })?,
        })
    }
}

/// `description`: what the accepting node read out of a version or a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The statement whose content was read.
    pub of: StatementId,
    /// The commit that was read, for a repository.
    pub commit: Option<String>,
    /// Which program read it, with its version.
    pub tool: String,
    /// The extracted text.
    pub text: Vec<TextBlob>,
    /// A first picture, small enough to be shown beside a title.
    pub picture: Option<PictureBlob>,
}

/// A picture, stored like content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureBlob {
    /// BLAKE3 of the file.
    pub blake3: ContentHash,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

/// Extracted text, stored like content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextBlob {
    /// BLAKE3 of the text.
    pub blake3: ContentHash,
    /// Its size in bytes.
    pub size: u64,
}

impl Description {
    fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        Ok(Self {
            of: f.parsed("of", "a statement id")?,
            commit: f.optional("commit", |f| f.short_text("commit", 64))?,
            tool: f.short_text("tool", 100)?,
            text: f.objects("text", 16, |t| {
                Ok(TextBlob {
                    blake3: t.parsed("blake3", "a BLAKE3 hash")?,
                    size: t.int("size")?,
                })
            })?,
            picture: f.optional("picture", |f| {
                let picture = f.object("picture")?;
                Ok(PictureBlob {
                    blake3: picture.parsed("blake3", "a BLAKE3 hash")?,
                    size: picture.int("size")?,
                    media_type: picture.short_text("type", 100)?,
                })
            })?,
        })
    }
}

/// `withdrawal`: lifted by the item statement that supersedes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Only this version; absent = the item.
    pub of: Option<StatementId>,
    /// Why, as a code of the charter's list.
    pub code: String,
    /// A slug that is freed (admins only).
    pub release: Option<Slug>,
}

/// `erasure`: everybody drops these bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Earlier statements of the same log.
    pub of: Vec<StatementId>,
}

/// Whether a ref may stand in `changes`: `refs/heads/…` or `refs/tags/…`, a name that Git, a URL and every
/// file system take (git-check-ref-format, and no control, invisible or direction-changing characters).
pub fn ref_name(name: &str) -> Result<(), &'static str> {
    let Some(rest) = name
        .strip_prefix("refs/heads/")
        .or_else(|| name.strip_prefix("refs/tags/"))
    else {
        return Err("under refs/heads/ or refs/tags/");
    };
    if name.len() > MAX_REF_NAME {
        return Err("at most 200 bytes");
    }
    if name.contains("..") || name.contains("@{") || name.ends_with('.') {
        return Err("without .., @{ and a dot at the end");
    }
    for part in rest.split('/') {
        if part.is_empty()
            || part.starts_with('.')
            || part.starts_with('-')
            || part == "@"
            || part == "HEAD"
        {
            return Err("of parts that are not empty and begin with neither . nor -");
        }
        if part.to_ascii_lowercase().ends_with(".lock") {
            return Err("of parts that do not end in .lock");
        }
        if reserved_on_windows(part) {
            return Err("of parts that every file system can store");
        }
    }
    if rest.chars().any(forbidden_in_ref) {
        return Err("without spaces, control characters, invisible characters and ~^:?*[\\\"<>|");
    }
    Ok(())
}

fn forbidden_in_ref(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || "~^:?*[\\\"<>|".contains(c)
        // zero-width, joiners, directional marks and overrides, BOM, tags: what is shown must be what is there
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

fn reserved_on_windows(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.as_bytes()[3].is_ascii_digit()
            && stem.as_bytes()[3] != b'0')
}
