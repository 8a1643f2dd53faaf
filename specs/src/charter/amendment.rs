//! One amendment: its payload.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    envelope::{self, Envelope, PayloadType},
    id::{CharterId, CommonsId, SuccessionId, sha256},
    json::{self, Object, Value},
    key::PublicKey,
    name::Handle,
    statement::{Cut, Fields, SchemaError},
};

/// Most institutions of a commons.
pub const MAX_INSTITUTIONS: usize = 500;
/// Most keys of an institution.
pub const MAX_KEYS: usize = 8;

/// A member of the commons, as the charter lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its handle: immutable, never reused.
    pub handle: Handle,
    /// Its name as people write it.
    pub name: String,
    /// Its keys, sorted.
    pub keys: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u64,
    /// Its identifier in the Research Organization Registry.
    pub ror: Option<String>,
    /// Its French establishment number.
    pub uai: Option<String>,
}

/// An amendment: the whole charter as it stands from this number on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The commons; absent in charter 0, whose id it is.
    pub commons: Option<CommonsId>,
    /// 0, 1, 2 …
    pub number: u64,
    /// The predecessor; absent in charter 0.
    pub prev: Option<CharterId>,
    /// The round of binding signatures, from 0.
    pub round: u64,
    /// For a round after 0: envelopes of the round before that prove it can no longer reach a majority.
    pub failed: Vec<Vec<u8>>,
    /// The commons' name.
    pub name: String,
    /// Seconds since 1970, for display.
    pub time: u64,
    /// The members, sorted by handle.
    pub institutions: Vec<Institution>,
    /// Accepted licences (SPDX); empty = any.
    pub licences: Vec<String>,
    /// Metadata that a resource must have to be accepted.
    pub required: Vec<String>,
    /// Limits by name, in the unit that the name says.
    pub limits: BTreeMap<String, u64>,
    /// How many institutions should hold each item's content.
    pub copies: u64,
    /// Where the logs end of institutions that this amendment removes or gives other keys.
    pub cuts: Vec<Cut>,
    /// The succession that stands, where one log has two of an epoch.
    pub successions: Vec<SuccessionId>,
}

/// The payload is not an amendment, for ever.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The envelope does not hold.
    #[error(transparent)]
    Envelope(#[from] envelope::Error),
    /// Not strict JSON.
    #[error("R-03-20: payload: {0}")]
    Json(#[from] json::Error),
    /// A member violates its form.
    #[error("R-03-21: {0}")]
    Schema(#[from] SchemaError),
    /// Members contradict one another.
    #[error("R-03-22: {0}")]
    Rule(&'static str),
}

impl Amendment {
    /// The commons' first charter, with one institution.
    pub fn genesis(name: &str, time: u64, institution: Institution) -> Self {
        Self {
            commons: None,
            number: 0,
            prev: None,
            round: 0,
            failed: Vec::new(),
            name: name.to_owned(),
            time,
            institutions: vec![institution],
            licences: Vec::new(),
            required: Vec::new(),
            limits: BTreeMap::new(),
            copies: 3,
            cuts: Vec::new(),
            successions: Vec::new(),
        }
    }

    /// A draft of the next amendment, equal to this one but for number, predecessor and time.
    pub fn successor(&self, id: CharterId, time: u64) -> Self {
        Self {
            commons: Some(self.commons.unwrap_or(CommonsId(id.0))),
            number: self.number + 1,
            prev: Some(id),
            round: 0,
            failed: Vec::new(),
            time,
            cuts: Vec::new(),
            successions: Vec::new(),
            ..self.clone()
        }
    }

    /// The institution of a handle.
    pub fn institution(&self, handle: &Handle) -> Option<&Institution> {
        self.institutions.iter().find(|i| i.handle == *handle)
    }

    /// How many institutions signed an envelope, each with its own threshold.
    pub fn signed(&self, envelope: &Envelope) -> usize {
        self.institutions
            .iter()
            .filter(|i| envelope.reaches(&i.keys, i.threshold))
            .count()
    }

    /// Whether `count` is a strict majority of the institutions.
    pub fn is_majority(&self, count: usize) -> bool {
        2 * count > self.institutions.len()
    }

    /// The payload's bytes.
    pub fn to_payload(&self) -> Result<Vec<u8>, Malformed> {
        let text = |t: &str| Value::from(t);
        let texts = |l: &[String]| Value::List(l.iter().map(|t| text(t)).collect());
        let mut o = Object::from([
            ("v".to_owned(), Value::Int(1)),
            ("number".to_owned(), Value::Int(self.number)),
            ("round".to_owned(), Value::Int(self.round)),
            ("name".to_owned(), text(&self.name)),
            ("time".to_owned(), Value::Int(self.time)),
            (
                "institutions".to_owned(),
                Value::List(
                    self.institutions
                        .iter()
                        .map(Institution::to_value)
                        .collect(),
                ),
            ),
            ("licences".to_owned(), texts(&self.licences)),
            ("required".to_owned(), texts(&self.required)),
            (
                "limits".to_owned(),
                Value::Object(
                    self.limits
                        .iter()
                        .map(|(k, v)| (k.clone(), Value::Int(*v)))
                        .collect(),
                ),
            ),
            ("copies".to_owned(), Value::Int(self.copies)),
        ]);
        if let Some(c) = self.commons {
            o.insert("commons".to_owned(), c.to_string().into());
        }
        if let Some(p) = self.prev {
            o.insert("prev".to_owned(), p.to_string().into());
        }
        if !self.failed.is_empty() {
            let list = self
                .failed
                .iter()
                .map(|b| data_encoding::BASE64.encode(b).into())
                .collect();
            o.insert("failed".to_owned(), Value::List(list));
        }
        if !self.cuts.is_empty() {
            o.insert(
                "cuts".to_owned(),
                Value::List(self.cuts.iter().map(Cut::to_value).collect()),
            );
        }
        if !self.successions.is_empty() {
            let list = self
                .successions
                .iter()
                .map(|s| s.to_string().into())
                .collect();
            o.insert("successions".to_owned(), Value::List(list));
        }
        let payload = Value::Object(o).to_bytes()?;
        Self::read(&payload)?;
        Ok(payload)
    }

    /// The id of a payload.
    pub fn id_of(payload: &[u8]) -> CharterId {
        CharterId(sha256(&[payload]))
    }

    /// Opens an envelope: form and every signature. Whether the chain takes it is [`super::Chain::add`].
    pub fn open(bytes: &[u8]) -> Result<(Self, Envelope), Malformed> {
        let envelope = Envelope::open(PayloadType::Charter, bytes)?;
        Ok((Self::read(envelope.payload())?, envelope))
    }

    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Result<Self, Malformed> {
        let object = json::parse_object(payload)?;
        let f = Fields::new(&object);
        if f.int("v")? != 1 {
            return Err(Malformed::Rule("the charter's version is not 1"));
        }
        let texts = |name: &str, max: usize| -> Result<Vec<String>, SchemaError> {
            f.parsed_list(name, max, "a list of texts")
        };
        let a = Self {
            commons: f.optional("commons", |f| f.parsed("commons", "a commons id"))?,
            number: f.int("number")?,
            prev: f.optional("prev", |f| f.parsed("prev", "a charter id"))?,
            round: f.int("round")?,
            failed: f
                .optional("failed", |f| {
                    f.list("failed", MAX_INSTITUTIONS)?
                        .iter()
                        .map(|v| {
                            v.as_text()
                                .and_then(|t| data_encoding::BASE64.decode(t.as_bytes()).ok())
                        })
                        .collect::<Option<_>>()
                        .ok_or_else(|| SchemaError::bad("failed", "a list of envelopes in base64"))
                })?
                .unwrap_or_default(),
            name: f.short_text("name", 200)?,
            time: f.int("time")?,
            institutions: f.objects("institutions", MAX_INSTITUTIONS, Institution::read)?,
            licences: texts("licences", 200)?,
            required: texts("required", 100)?,
            limits: f
                .get("limits")?
                .as_object()
                .and_then(|o| {
                    o.iter()
                        .map(|(k, v)| Some((k.clone(), v.as_int()?)))
                        .collect()
                })
                .ok_or_else(|| SchemaError::bad("limits", "an object of integers"))?,
            copies: f.int("copies")?,
            cuts: f
                .optional("cuts", |f| f.objects("cuts", MAX_INSTITUTIONS, Cut::read))?
                .unwrap_or_default(),
            successions: f
                .optional("successions", |f| {
                    f.parsed_list("successions", MAX_INSTITUTIONS, "a list of succession ids")
                })?
                .unwrap_or_default(),
        };
        a.check()?;
        Ok(a)
    }

    fn check(&self) -> Result<(), Malformed> {
        let first = self.number == 0;
        if first != self.prev.is_none() || first != self.commons.is_none() {
            return Err(Malformed::Rule(
                "charter 0, and no other, is without commons and prev",
            ));
        }
        if (self.round == 0) != self.failed.is_empty() || (first && self.round != 0) {
            return Err(Malformed::Rule(
                "a round after 0, and no other, shows that the one before failed",
            ));
        }
        if self.institutions.is_empty() || self.copies == 0 {
            return Err(Malformed::Rule(
                "a charter has institutions, and at least one copy",
            ));
        }
        if !self
            .institutions
            .windows(2)
            .all(|w| w[0].handle < w[1].handle)
        {
            return Err(Malformed::Rule(
                "institutions are sorted by distinct handle",
            ));
        }
        let mut keys = BTreeSet::new();
        if !self
            .institutions
            .iter()
            .flat_map(|i| &i.keys)
            .all(|k| keys.insert(*k))
        {
            return Err(Malformed::Rule("a key stands for one institution only"));
        }
        if !self
            .cuts
            .windows(2)
            .all(|w| w[0].institution < w[1].institution)
        {
            return Err(Malformed::Rule("cuts are sorted by distinct institution"));
        }
        Ok(())
    }
}

impl Institution {
    fn to_value(&self) -> Value {
        let mut o = Object::from([
            ("handle".to_owned(), Value::from(self.handle.as_str())),
            ("name".to_owned(), self.name.as_str().into()),
            (
                "keys".to_owned(),
                Value::List(self.keys.iter().map(|k| k.to_string().into()).collect()),
            ),
            ("threshold".to_owned(), Value::Int(self.threshold)),
        ]);
        if let Some(ror) = &self.ror {
            o.insert("ror".to_owned(), ror.as_str().into());
        }
        if let Some(uai) = &self.uai {
            o.insert("uai".to_owned(), uai.as_str().into());
        }
        Value::Object(o)
    }

    fn read(f: Fields<'_>) -> Result<Self, SchemaError> {
        let keys: Vec<PublicKey> = f.parsed_list("keys", MAX_KEYS, "a list of did:keys")?;
        if keys.is_empty() || !keys.windows(2).all(|w| w[0] < w[1]) {
            return Err(SchemaError::bad("keys", "1 to 8 distinct keys, sorted"));
        }
        let threshold = f.int("threshold")?;
        if threshold == 0 || threshold > keys.len() as u64 {
            return Err(SchemaError::bad("threshold", "1 to the number of keys"));
        }
        Ok(Self {
            handle: f.parsed("handle", "a handle")?,
            name: f.short_text("name", 200)?,
            keys,
            threshold,
            ror: f.optional("ror", |f| f.short_text("ror", 100))?,
            uai: f.optional("uai", |f| f.short_text("uai", 20))?,
        })
    }
}
