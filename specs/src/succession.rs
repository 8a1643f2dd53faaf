//! Successions: who writes a log, epoch by epoch.

use crate::{
    charter::Chain,
    envelope::{self, Envelope, PayloadType},
    id::{CharterId, CommonsId, SuccessionId, TreeRoot, sha256},
    json::{self, Object, Value},
    key::PublicKey,
    name::Handle,
    statement::{Fields, SchemaError},
};

/// Opens an epoch: closes the one before at (size, root) and names the writer from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The commons.
    pub commons: CommonsId,
    /// Whose log.
    pub institution: Handle,
    /// The epoch that it opens; it closes epoch − 1.
    pub epoch: u64,
    /// The succession before; absent in succession 0.
    pub prev: Option<SuccessionId>,
    /// The charter that lists the keys that sign it.
    pub charter: CharterId,
    /// Where the epoch before ends: the leaves up to here stay.
    pub size: u64,
    /// The tree root at `size`.
    pub root: TreeRoot,
    /// The node that writes from here on.
    pub writer: PublicKey,
}

/// A succession is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The envelope does not hold.
    #[error(transparent)]
    Envelope(#[from] envelope::Error),
    /// Not strict JSON.
    #[error("R-03-10: payload: {0}")]
    Json(#[from] json::Error),
    /// A member violates its form.
    #[error("R-03-11: {0}")]
    Schema(#[from] SchemaError),
    /// It does not follow from the one before.
    #[error("R-03-12: {0}")]
    Rule(&'static str),
    /// The charter that it names is not here (yet).
    #[error("R-03-13: the charter that the succession names is not known")]
    UnknownCharter,
    /// The institution's keys did not sign it to the threshold.
    #[error("R-03-14: the institution's keys did not sign the succession")]
    Unsigned,
}

impl Succession {
    /// The payload's bytes.
    pub fn to_payload(&self) -> Vec<u8> {
        let mut o = Object::from([
            ("v".to_owned(), Value::Int(1)),
            ("commons".to_owned(), self.commons.to_string().into()),
            ("institution".to_owned(), self.institution.as_str().into()),
            ("epoch".to_owned(), Value::Int(self.epoch)),
            ("charter".to_owned(), self.charter.to_string().into()),
            ("size".to_owned(), Value::Int(self.size)),
            ("root".to_owned(), self.root.to_string().into()),
            ("writer".to_owned(), self.writer.to_string().into()),
        ]);
        if let Some(prev) = self.prev {
            o.insert("prev".to_owned(), prev.to_string().into());
        }
        Value::Object(o)
            .to_bytes()
            .expect("ids and handles hold no control characters")
    }

    /// Opens an envelope: form and every signature, not yet whose they are.
    pub fn open(bytes: &[u8]) -> Result<(Self, Envelope), Error> {
        let envelope = Envelope::open(PayloadType::Succession, bytes)?;
        let object = json::parse_object(envelope.payload())?;
        let f = Fields::new(&object);
        if f.int("v")? != 1 {
            return Err(Error::Rule("the succession's version is not 1"));
        }
        let s = Self {
            commons: f.parsed("commons", "a commons id")?,
            institution: f.parsed("institution", "a handle")?,
            epoch: f.int("epoch")?,
            prev: f.optional("prev", |f| f.parsed("prev", "a succession id"))?,
            charter: f.parsed("charter", "a charter id")?,
            size: f.int("size")?,
            root: f.parsed("root", "a tree root")?,
            writer: f.parsed("writer", "a did:key")?,
        };
        let first = s.epoch == 0;
        if first != s.prev.is_none() || (first && (s.size != 0 || s.root != TreeRoot::empty())) {
            return Err(Error::Rule(
                "succession 0, and no other, has no prev; it opens at size 0 with the empty root",
            ));
        }
        Ok((s, envelope))
    }
}

/// What [`Successions::add`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// A new epoch begins.
    New,
    /// It was there.
    Known,
    /// A second succession of an epoch that has one: freezes the log until an amendment names one.
    Fork,
}

/// The verified successions of one log.
#[derive(Debug, Clone, Default)]
pub struct Successions {
    list: Vec<(SuccessionId, Succession, Envelope)>,
    forks: Vec<(SuccessionId, Succession, Envelope)>,
}

impl Successions {
    /// The succession of the current epoch.
    pub fn current(&self) -> Option<&Succession> {
        self.list.last().map(|(_, s, _)| s)
    }

    /// The id of the current succession.
    pub fn current_id(&self) -> Option<SuccessionId> {
        self.list.last().map(|(id, _, _)| *id)
    }

    /// The succession that opened an epoch.
    pub fn epoch(&self, epoch: u64) -> Option<&Succession> {
        self.list
            .get(usize::try_from(epoch).ok()?)
            .map(|(_, s, _)| s)
    }

    /// The envelopes, to be stored or sent, forks included.
    pub fn envelopes(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.list
            .iter()
            .chain(&self.forks)
            .map(|(_, _, e)| e.to_bytes())
    }

    /// Whether two successions of one epoch stand against each other.
    pub fn forked(&self) -> bool {
        !self.forks.is_empty()
    }

    /// Adds a succession if the charter chain and the one before allow it. Whether its cut is below what was
    /// accepted is the caller's to check: that needs the log.
    pub fn add(&mut self, chain: &Chain, bytes: &[u8]) -> Result<Added, Error> {
        let (s, envelope) = Succession::open(bytes)?;
        let id = SuccessionId(sha256(&[envelope.payload()]));
        if self
            .list
            .iter()
            .chain(&self.forks)
            .any(|(known, _, _)| *known == id)
        {
            return Ok(Added::Known);
        }
        if s.commons != chain.commons() {
            return Err(Error::Rule("the succession is of another commons"));
        }
        let charter = chain.find(&s.charter).ok_or(Error::UnknownCharter)?;
        let member = charter.institution(&s.institution).ok_or(Error::Unsigned)?;
        if !envelope.reaches(&member.keys, member.threshold) {
            return Err(Error::Unsigned);
        }
        let named = chain.head().0.successions.contains(&id);
        let taken = self.epoch(s.epoch).is_some();
        if let Some((number, cut)) = chain.last_cut(&s.institution)
            && charter.number < number
            && !named
            && (s.epoch > cut.epoch || taken)
        {
            // Keys that were replaced open nothing any more, and contradict nothing that they opened before.
            return Err(Error::Rule(
                "the institution's keys were changed by a later charter than the succession names",
            ));
        }
        if taken && !named && self.forks.iter().any(|(_, f, _)| f.epoch == s.epoch) {
            // One is evidence enough: what anybody may add must not grow without end.
            return Err(Error::Rule(
                "two successions of this epoch are known already",
            ));
        }
        let at = usize::try_from(s.epoch).map_err(|_| Error::Rule("the epoch is out of range"))?;
        if let Some(before) = at.checked_sub(1) {
            let Some((prev, before, _)) = self.list.get(before) else {
                return Err(Error::Rule("the succession before is not known"));
            };
            if s.prev != Some(*prev) {
                return Err(Error::Rule(
                    "the succession does not follow from the one before",
                ));
            }
            if s.size < before.size
                || chain
                    .find(&before.charter)
                    .is_some_and(|c| c.number > charter.number)
            {
                return Err(Error::Rule(
                    "size and charter of a succession never go down",
                ));
            }
        }
        match self.list.get(at) {
            None => {
                self.list.push((id, s, envelope));
                Ok(Added::New)
            }
            Some(_) if named => {
                // An amendment named this one: it stands, and what followed the other one does not.
                let others: Vec<_> = self.list.drain(at..).collect();
                self.forks.clear();
                drop(others);
                self.list.push((id, s, envelope));
                Ok(Added::New)
            }
            Some(_) => {
                self.forks.push((id, s, envelope));
                Ok(Added::Fork)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        charter::{Amendment, Institution},
        key::SecretKey,
    };

    #[test]
    fn successions_follow_one_another_and_two_of_an_epoch_freeze() {
        let key = SecretKey::from_seed([1; 32]);
        let nodes: Vec<SecretKey> = (10..13).map(|n| SecretKey::from_seed([n; 32])).collect();
        let handle = Handle::new("aa").unwrap();
        let member = Institution {
            handle: handle.clone(),
            name: "A".into(),
            keys: vec![key.public()],
            threshold: 1,
            ror: None,
            uai: None,
        };
        let genesis = Envelope::seal(
            PayloadType::Charter,
            Amendment::genesis("x", 1, member).to_payload().unwrap(),
            &[&key],
        );
        let chain = Chain::begin(&genesis.to_bytes()).unwrap();
        let first = Succession {
            commons: chain.commons(),
            institution: handle,
            epoch: 0,
            prev: None,
            charter: chain.head().1,
            size: 0,
            root: TreeRoot::empty(),
            writer: nodes[0].public(),
        };
        let seal = |s: &Succession, k: &SecretKey| {
            Envelope::seal(PayloadType::Succession, s.to_payload(), &[k]).to_bytes()
        };
        let mut all = Successions::default();
        assert_eq!(
            all.add(&chain, &seal(&first, &nodes[0])),
            Err(Error::Unsigned)
        );
        assert_eq!(all.add(&chain, &seal(&first, &key)), Ok(Added::New));
        assert_eq!(all.add(&chain, &seal(&first, &key)), Ok(Added::Known));
        let second = Succession {
            epoch: 1,
            prev: all.current_id(),
            size: 5,
            root: TreeRoot([5; 32]),
            writer: nodes[1].public(),
            ..first.clone()
        };
        assert!(
            all.add(
                &chain,
                &seal(
                    &Succession {
                        prev: Some(SuccessionId([0; 32])),
                        ..second.clone()
                    },
                    &key
                )
            )
            .is_err()
        );
        assert_eq!(all.add(&chain, &seal(&second, &key)), Ok(Added::New));
        assert_eq!(all.current().unwrap().writer, nodes[1].public());
        assert_eq!(
            all.add(
                &chain,
                &seal(
                    &Succession {
                        writer: nodes[2].public(),
                        ..second
                    },
                    &key
                )
            ),
            Ok(Added::Fork)
        );
        assert!(all.forked());
        assert_eq!(all.envelopes().count(), 3);
    }
}
