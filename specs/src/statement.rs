//! Statements: one signed record each, a *head* (facts, never erased) and a *body* (words, may be erased).
//!
//! [`Statement::open`] decides what is *malformed*, which is final. [`Statement::facts`] reads the
//! schema of a known kind, which belongs to a fold version.

mod adoption;
mod collection;
mod facts;
mod fields;
mod report;
mod talk;
mod transfer;

pub use adoption::{Adoption, MAX_VERSION, Use};
pub(crate) use collection::distinct_items;
pub use collection::{Collection, MAX_INLINE_MEMBERS, Members};
pub(crate) use facts::distinct_refs;
pub use facts::{
    Change, Changes, CharterMarker, Cut, Description, Enrolment, EnrolmentKey, Erasure, Facts,
    Files, MAX_REF_NAME, PictureBlob, Profile, Protection, Pusher, Refs, Repository, Resource,
    Revocation, TextBlob, VersionRef, Withdrawal, ref_name,
};
pub use fields::{Error as SchemaError, Fields};

pub use report::{REASON_CODES, Report};
pub use talk::{MAX_LABEL, MAX_LABELS, MergeRequest, OpenState, Review, Thread, Verdict};
pub use transfer::{Acceptance, Transfer};

use crate::{
    envelope::{self, Envelope, PayloadType},
    id::{BodyHash, CommonsId, ListHash, StatementId, base32, from_base32, sha256},
    json::{self, Object, Value},
    key::{PublicKey, SecretKey},
    name::Handle,
};

/// The version of the head's form.
pub const VERSION: u64 = 1;
/// Most statements that one may supersede.
pub const MAX_SUPERSEDES: usize = 16;
/// Longest code of a withdrawal or a report, in bytes.
pub const MAX_CODE: usize = 40;
/// Largest body, in bytes.
pub const MAX_BODY: usize = 256 << 10;

/// Why an entry is a void leaf for ever.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The envelope does not hold.
    #[error(transparent)]
    Envelope(#[from] envelope::Error),
    /// The payload is not strict JSON.
    #[error("R-02-01: payload: {0}")]
    Json(#[from] json::Error),
    /// The common head violates its form.
    #[error("R-02-02: {0}")]
    Head(#[from] SchemaError),
    /// The author did not sign.
    #[error("R-02-05: the author is not among the signers")]
    AuthorDidNotSign,
    /// The statement is of another commons or institution than the log that holds it.
    #[error("R-02-06: the statement belongs to another log")]
    WrongLog,
}

/// The members that every statement of version 1 has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The kind's name, known or not.
    pub kind: String,
    /// The commons.
    pub commons: CommonsId,
    /// In whose log it stands.
    pub institution: Handle,
    /// 16 random bytes: two statements that say the same are two statements.
    pub nonce: [u8; 16],
    /// Who says it; one of the signers.
    pub author: PublicKey,
    /// Seconds since 1970 by the author's clock: for display only, nothing is decided by it.
    pub time: u64,
    /// What it is about; absent where this statement creates the item.
    pub item: Option<StatementId>,
    /// The person's enrolment acted for, where a node signs.
    pub acting_for: Option<StatementId>,
    /// The statements on the same subject that this one replaces.
    pub supersedes: Vec<StatementId>,
    /// The commitment to the body.
    pub body: Option<BodyHash>,
    /// The members of the kind, and those of later releases, as they are.
    pub fields: Object,
}

/// The common members, which [`Head::fields`] does not repeat.
const COMMON: [&str; 11] = [
    "v",
    "kind",
    "commons",
    "institution",
    "nonce",
    "author",
    "time",
    "item",
    "for",
    "supersedes",
    "body",
];

impl Head {
    /// A head without item, supersession or body.
    pub fn new(
        kind: &str,
        commons: CommonsId,
        institution: Handle,
        nonce: [u8; 16],
        author: PublicKey,
        time: u64,
        fields: Object,
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            commons,
            institution,
            nonce,
            author,
            time,
            item: None,
            acting_for: None,
            supersedes: Vec::new(),
            body: None,
            fields,
        }
    }

    /// The payload's bytes.
    ///
    /// # Errors
    /// A text with a control character, or a list of `supersedes` that is too long.
    pub fn to_payload(&self) -> Result<Vec<u8>, Malformed> {
        let mut o = self.fields.clone();
        let mut put = |name: &str, v: Value| {
            o.insert(name.to_owned(), v);
        };
        put("v", Value::Int(VERSION));
        put("kind", self.kind.as_str().into());
        put("commons", self.commons.to_string().into());
        put("institution", self.institution.as_str().into());
        put("nonce", base32(&self.nonce).into());
        put("author", self.author.to_string().into());
        put("time", Value::Int(self.time));
        if let Some(item) = self.item {
            put("item", item.to_string().into());
        }
        if let Some(person) = self.acting_for {
            put("for", person.to_string().into());
        }
        if !self.supersedes.is_empty() {
            let mut ids = self.supersedes.clone();
            ids.sort();
            put(
                "supersedes",
                ids.iter()
                    .map(|i| Value::from(i.to_string()))
                    .collect::<Vec<_>>()
                    .into(),
            );
        }
        if let Some(body) = self.body {
            put("body", body.to_string().into());
        }
        let payload = Value::Object(o).to_bytes()?;
        Head::read(&payload)?;
        Ok(payload)
    }

    /// Reads the common head of a payload; `None` if its version is one that this release does not know.
    pub fn read(payload: &[u8]) -> Result<Option<Self>, Malformed> {
        let object = json::parse_object(payload)?;
        let f = Fields::new(&object);
        if f.int("v")? != VERSION {
            return Ok(None);
        }
        let nonce = f.text("nonce")?;
        let nonce = from_base32(nonce)
            .and_then(|b| b.try_into().ok())
            .ok_or(SchemaError::bad("nonce", "16 bytes in base32"))?;
        let kind = f.text("kind")?;
        if kind.is_empty()
            || kind.len() > 64
            || !kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        {
            return Err(SchemaError::bad("kind", "1 to 64 of a-z and -").into());
        }
        let mut head = Self {
            kind: kind.to_owned(),
            commons: f.parsed("commons", "a commons id")?,
            institution: f.parsed("institution", "a handle")?,
            nonce,
            author: f.parsed("author", "a did:key")?,
            time: f.int("time")?,
            item: f.optional("item", |f| f.parsed("item", "an item id"))?,
            acting_for: f.optional("for", |f| f.parsed("for", "a statement id"))?,
            supersedes: f
                .optional("supersedes", |f| f.id_set("supersedes", 1, MAX_SUPERSEDES))?
                .unwrap_or_default(),
            body: f.optional("body", |f| f.parsed("body", "a body hash"))?,
            fields: Default::default(),
        };
        head.fields = object;
        head.fields.retain(|k, _| !COMMON.contains(&k.as_str()));
        Ok(Some(head))
    }
}

/// A statement whose form and signatures hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// SHA-256 of the payload.
    pub id: StatementId,
    /// `None` for a version that this release does not know: kept, passed on, not interpreted.
    pub head: Option<Head>,
    /// Who signed, sorted.
    pub signers: Vec<PublicKey>,
}

impl Statement {
    /// Opens an entry: form, every signature, common head. Whether it is in the right log is
    /// [`Statement::belongs_to`].
    pub fn open(entry: &[u8]) -> Result<Self, Malformed> {
        Self::from_envelope(&Envelope::open(PayloadType::Statement, entry)?)
    }

    /// Reads an entry that this node verified before it stored it; signatures are not checked again.
    pub fn read_verified(entry: &[u8]) -> Result<Self, Malformed> {
        Self::from_envelope(&Envelope::read(PayloadType::Statement, entry)?)
    }

    fn from_envelope(envelope: &Envelope) -> Result<Self, Malformed> {
        let head = Head::read(envelope.payload())?;
        if let Some(head) = &head
            && !envelope.signed_by(&head.author)
        {
            return Err(Malformed::AuthorDidNotSign);
        }
        Ok(Self {
            id: StatementId::of(envelope.payload()),
            head,
            signers: envelope.signers().copied().collect(),
        })
    }

    /// Refuses a statement that stands in another log than it names.
    pub fn belongs_to(&self, commons: &CommonsId, institution: &Handle) -> Result<(), Malformed> {
        match &self.head {
            Some(h) if h.commons != *commons || h.institution != *institution => {
                Err(Malformed::WrongLog)
            }
            _ => Ok(()),
        }
    }

    /// The list that it names, if it names one: the list must be held before the statement is applied.
    pub fn named_list(&self) -> Option<ListHash> {
        // Only these can: the others need not be read for it.
        if !matches!(self.head.as_ref()?.kind.as_str(), "refs" | "collection") {
            return None;
        }
        match self.facts() {
            Ok(Some(Facts::Refs(refs))) => match refs.changes {
                Changes::List { sha256, .. } => Some(sha256),
                Changes::Inline(_) => None,
            },
            Ok(Some(Facts::Collection(collection))) => match collection.members {
                Members::List { sha256, .. } => Some(sha256),
                Members::Inline(_) => None,
            },
            _ => None,
        }
    }

    /// What the statement says, if its kind is known: `Ok(None)` for an unknown kind or version.
    ///
    /// # Errors
    /// The kind's schema is violated: void for this fold version.
    pub fn facts(&self) -> Result<Option<Facts>, SchemaError> {
        match &self.head {
            Some(head) => Facts::read(head),
            None => Ok(None),
        }
    }
}

/// Signs a head. The author's key must be among `keys`.
///
/// # Errors
/// The head is malformed, or the entry would be larger than a log takes.
pub fn sign(head: &Head, keys: &[&SecretKey]) -> Result<Vec<u8>, Malformed> {
    let envelope = Envelope::seal(PayloadType::Statement, head.to_payload()?, keys);
    if !envelope.signed_by(&head.author) {
        return Err(Malformed::AuthorDidNotSign);
    }
    let bytes = envelope.to_bytes();
    if bytes.len() > envelope::MAX_ENTRY {
        return Err(envelope::Error::TooLarge(bytes.len()).into());
    }
    Ok(bytes)
}

/// The words that travel beside a head, with the salt that keeps their hash from being guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Random; erased with the bytes.
    pub salt: [u8; 32],
    /// At most [`MAX_BODY`].
    pub bytes: Vec<u8>,
}

impl Body {
    /// SHA-256(salt ‖ body).
    pub fn hash(&self) -> BodyHash {
        BodyHash(sha256(&[&self.salt, &self.bytes]))
    }

    /// Whether this is the body that a head commits to, within the size limit.
    pub fn matches(&self, hash: &BodyHash) -> bool {
        self.bytes.len() <= MAX_BODY && self.hash() == *hash
    }
}

#[cfg(test)]
mod tests;
