//! Who belongs here: invitations, join requests, amendments and their signatures, persons and their tokens.

mod scope;
mod tokens;

use commun_specs::{
    charter::{self, Amendment, Chain, Institution},
    envelope::{Envelope, PayloadType},
    id::{CharterId, StatementId, base32},
    join::{Invitation, JoinRequest, Peer},
    name::Handle,
};

pub use scope::{Scope, ScopeError, Scopes};
pub use tokens::{Access, Person, SHORT_SECONDS, TokenInfo};

use super::{Core, Inner, now, writer::Writer};
use crate::{
    keys,
    store::{self, Filed, Invited},
};

/// How long an invitation is good for, in seconds: two weeks, as people answer letters.
const INVITATION_SECONDS: u64 = 14 * 86_400;
/// What became of a request to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinState {
    /// The members have not admitted the institution yet.
    Pending,
    /// It is a member: here is everything that it needs to begin.
    Admitted {
        /// The charter chain.
        charter: Vec<Vec<u8>>,
        /// The members' successions.
        successions: Vec<Vec<u8>>,
    },
    /// No, and why.
    Refused(String),
}

/// An institution cannot be admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// Nobody asked under this handle.
    #[error(
        "no request to join under the handle {0:?}; `commun charter show` lists those that wait"
    )]
    NoRequest(String),
    /// The request cannot be made an amendment.
    #[error(transparent)]
    Malformed(#[from] charter::Malformed),
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// An amendment cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// There is no such draft.
    #[error("no amendment number {0} waits for signatures")]
    NoDraft(u64),
    /// More than one draft of that number waits: a binding signature must not go to one of them by chance.
    #[error(
        "more than one amendment {number} waits; say which one by its id: {}", listed(.waiting)
    )]
    SeveralDrafts {
        /// The number.
        number: u64,
        /// The drafts that wait.
        waiting: Vec<Signatures>,
    },
    /// Another amendment of that number is under way; two would bind the members against each other.
    #[error(
        "amendment {number} already waits for signatures ({changes}, {id}): sign it with `commun charter sign {number}` or wait until it is in force, then admit again"
    )]
    OtherDraft {
        /// The number.
        number: u64,
        /// Which one it is.
        id: CharterId,
        /// What it changes.
        changes: String,
    },
    /// A binding signature is given once per number and round.
    #[error(
        "this institution has already signed another amendment {number} in round {round}; a binding signature is given once"
    )]
    AlreadyBound {
        /// The amendment's number.
        number: u64,
        /// The round.
        round: u64,
    },
    /// The chain would not take it.
    #[error(transparent)]
    Chain(#[from] charter::Error),
    /// The key that is kept online does not reach the institution's threshold, or is not in the charter.
    #[error("the institution key in this data folder is not one that the charter lists")]
    NotOurKey,
    /// The key store fails.
    #[error(transparent)]
    Keys(#[from] keys::Error),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The node is stopping.
    #[error("the node is stopping")]
    Busy,
}

/// How far the signatures of an amendment are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    /// The amendment's number.
    pub number: u64,
    /// Its round.
    pub round: u64,
    /// Its id.
    pub id: CharterId,
    /// The institutions that signed.
    pub signed: Vec<Handle>,
    /// How many are needed.
    pub needed: usize,
    /// Whether it is in force.
    pub in_force: bool,
    /// What it changes, in words.
    pub changes: String,
}

impl Core {
    /// Writes an invitation to this commons, for one use. `addrs`: where this node is reached.
    pub async fn invite(&self, addrs: Vec<String>) -> Result<Invitation, store::Error> {
        let secret = base32(&rand::random::<[u8; 20]>());
        let expires = now() + INVITATION_SECONDS;
        let stored = secret.clone();
        let done = self
            .on_writer(move |w, _| w.store.transaction(|s| s.put_invitation(&stored, expires)))
            .await;
        done.unwrap_or(Err(store::Error::Damaged(
            "the node is stopping".to_owned(),
        )))?;
        let me = self.identity();
        let (commons, charter) = {
            let state = self.state();
            (state.chain().commons(), state.chain().head().1)
        };
        Ok(Invitation {
            commons,
            charter,
            peers: vec![Peer {
                node: me.node.public(),
                addrs,
            }],
            secret,
            expires,
        })
    }

    /// Takes a request to join, or says what became of it. May be asked any number of times.
    pub async fn join_request(&self, request: JoinRequest) -> Result<JoinState, store::Error> {
        let used = self.store()?.invitation(&request.secret, now())?;
        let refuse = |why: &str| Ok(JoinState::Refused(why.to_owned()));
        match &used {
            Invited::Invalid => return refuse("the invitation is unknown here, or past its date"),
            Invited::UsedBy(h) if h != request.handle.as_str() => {
                return refuse("the invitation was already used by another institution");
            }
            _ => {}
        }
        if request.name.is_empty()
            || request.name.len() > 200
            || request.keys.is_empty()
            || request.keys.len() > 8
        {
            return refuse("the request has no name or keys, or too many");
        }
        {
            let state = self.state();
            let chain = state.chain();
            if let Some(i) = chain.head().0.institution(&request.handle) {
                let mut keys = request.keys.clone();
                keys.sort();
                if i.keys != keys {
                    return refuse("this handle belongs to another member");
                }
                return Ok(JoinState::Admitted {
                    charter: chain.envelopes(0).collect(),
                    successions: state
                        .successions
                        .values()
                        .flat_map(|s| s.envelopes().collect::<Vec<_>>())
                        .collect(),
                });
            }
            if let Err(why) = admission(chain, &request) {
                return refuse(&why);
            }
        }
        let filed = self
            .on_writer(move |w, _| w.store.transaction(|s| s.put_join_request(&request, now())))
            .await;
        match filed.unwrap_or(Err(store::Error::Damaged(
            "the node is stopping".to_owned(),
        )))? {
            Filed::Waits => Ok(JoinState::Pending),
            Filed::NoInvitation => refuse("the invitation is unknown here, or past its date"),
            Filed::InvitationUsed => refuse("the invitation was already used"),
            Filed::HandleWaits => refuse(
                "another request under this handle waits, with another invitation or other keys; choose another handle, or ask the members who that is",
            ),
        }
    }

    /// Proposes to admit an institution that asked, and signs for this one.
    pub async fn admit(&self, handle: &str) -> Result<Signatures, AdmitError> {
        let rows = self
            .store()
            .map_err(SignError::from)?
            .join_requests()
            .map_err(SignError::from)?;
        let request = rows
            .into_iter()
            .find(|r| r.handle == handle)
            .and_then(|r| serde_json::from_str::<JoinRequest>(&r.request).ok())
            .ok_or_else(|| AdmitError::NoRequest(handle.to_owned()))?;
        let draft = {
            let state = self.state();
            admission(state.chain(), &request)
                .map_err(|why| SignError::Chain(charter::Error::Rule(why)))?
        };
        let payload = draft.to_payload()?;
        Ok(self.sign_payload(payload, true).await?)
    }

    /// Signs the draft of a number for this institution. `id`: which one, where more than one waits.
    pub async fn sign_amendment(
        &self,
        number: u64,
        id: Option<&CharterId>,
    ) -> Result<Signatures, SignError> {
        let drafts = self.store()?.drafts()?;
        let mut found: Vec<_> = drafts
            .iter()
            .filter_map(|bytes| Some((bytes, Amendment::open(bytes).ok()?)))
            .filter(|(_, (a, envelope))| {
                a.number == number
                    && id.is_none_or(|id| Amendment::id_of(envelope.payload()) == *id)
            })
            .collect();
        if found.len() > 1 {
            let state = self.state();
            return Err(SignError::SeveralDrafts {
                number,
                waiting: found
                    .iter()
                    .filter_map(|(bytes, _)| signatures(state.chain(), bytes, false))
                    .collect(),
            });
        }
        let (_, (_, envelope)) = found.pop().ok_or(SignError::NoDraft(number))?;
        let payload = envelope.payload().to_vec();
        self.sign_payload(payload, false).await
    }

    /// `only`: refused while another draft of the number is known.
    async fn sign_payload(&self, payload: Vec<u8>, only: bool) -> Result<Signatures, SignError> {
        let key = self.keys().institution()?;
        let me = self.identity().handle.clone();
        let signed = self
            .on_writer(move |w, inner| {
                let draft = Amendment::read(&payload).map_err(charter::Error::from)?;
                {
                    let state = inner
                        .state
                        .read()
                        .expect("a thread that panics ends the process");
                    state.chain.check_draft(&draft)?;
                    let member = state
                        .chain
                        .head()
                        .0
                        .institution(&me)
                        .ok_or(SignError::NotOurKey)?;
                    if !member.keys.contains(&key.public()) {
                        return Err(SignError::NotOurKey);
                    }
                }
                let id = Amendment::id_of(&payload);
                if only && let Some(other) = other_draft(&w.store, inner, draft.number, &id)? {
                    return Err(SignError::OtherDraft {
                        number: other.number,
                        id: other.id,
                        changes: other.changes,
                    });
                }
                // The promise is durable before the signature leaves.
                let bound = format!("signed/{}/{}", draft.number, draft.round);
                w.store.transaction(|s| match s.meta(&bound)? {
                    Some(other) if other != id.0 => Err(SignError::AlreadyBound {
                        number: draft.number,
                        round: draft.round,
                    }),
                    _ => Ok(s.set_meta(&bound, &id.0)?),
                })?;
                let envelope = Envelope::seal(PayloadType::Charter, payload, &[&key]);
                w.add_draft(inner, &envelope.to_bytes())
            })
            .await;
        signed.unwrap_or(Err(SignError::Busy))
    }

    /// Takes a draft with some signatures, from a peer; adds those that are new.
    pub async fn add_draft(&self, bytes: Vec<u8>) -> Result<Signatures, SignError> {
        self.on_writer(move |w, inner| w.add_draft(inner, &bytes))
            .await
            .unwrap_or(Err(SignError::Busy))
    }

    /// The drafts that wait for signatures.
    pub fn drafts(&self) -> Result<Vec<Signatures>, store::Error> {
        let rows = self.store()?.drafts()?;
        let state = self.state();
        Ok(rows
            .iter()
            .filter_map(|bytes| signatures(state.chain(), bytes, false))
            .collect())
    }

    /// The name that a profile states: of a person (their first enrolment), or of the institution.
    pub fn name_of(&self, person: Option<&StatementId>, handle: &Handle) -> Option<String> {
        let profile = self.state().catalogue().profile(handle, person.copied())?;
        let body = self.statement(&profile).ok()??.body?;
        let name = serde_json::from_slice::<serde_json::Value>(&body.bytes).ok()?;
        name.get("name")?.as_str().map(str::to_owned)
    }
}

impl Writer {
    pub(super) fn add_draft(
        &mut self,
        inner: &Inner,
        bytes: &[u8],
    ) -> Result<Signatures, SignError> {
        let (draft, mut envelope) = Amendment::open(bytes).map_err(charter::Error::from)?;
        let id = Amendment::id_of(envelope.payload());
        let number = {
            let state = inner
                .state
                .read()
                .expect("a thread that panics ends the process");
            if state.chain.find(&id).is_some() {
                return signatures(&state.chain, bytes, true)
                    .ok_or(SignError::NoDraft(draft.number));
            }
            state.chain.check_draft(&draft)?;
            let (head, _) = state.chain.head();
            if head.signed(&envelope) == 0 {
                return Err(SignError::Chain(charter::Error::NoMajority {
                    signed: 0,
                    of: head.institutions.len(),
                }));
            }
            head.number
        };
        for stored in self.store.drafts()? {
            if let Ok((_, other)) = Amendment::open(&stored) {
                envelope.merge(&other);
            }
        }
        let merged = envelope.to_bytes();
        self.store
            .transaction(|s| s.put_draft(&id.0, draft.number, draft.round, &merged))?;
        let in_force = match self.add_charter(inner, &merged) {
            Ok(_) => true,
            Err(super::CharterError::Chain(charter::Error::NoMajority { .. })) => {
                inner.charter.send_replace(number);
                false
            }
            Err(super::CharterError::Chain(e)) => return Err(e.into()),
            Err(super::CharterError::Store(e)) => return Err(e.into()),
            Err(super::CharterError::Busy) => return Err(SignError::Busy),
        };
        let state = inner
            .state
            .read()
            .expect("a thread that panics ends the process");
        signatures(&state.chain, &merged, in_force).ok_or(SignError::NoDraft(draft.number))
    }
}

/// The amendment that admits whoever asked.
fn admission(chain: &Chain, request: &JoinRequest) -> Result<Amendment, String> {
    let (head, id) = chain.head();
    let mut draft = head.successor(id, now());
    let mut keys = request.keys.clone();
    keys.sort();
    draft.institutions.push(Institution {
        handle: request.handle.clone(),
        name: request.name.clone(),
        keys,
        threshold: request.threshold,
        ror: None,
        uai: None,
    });
    draft.institutions.sort_by(|a, b| a.handle.cmp(&b.handle));
    draft.to_payload().map_err(|e| e.to_string())?;
    chain.check_draft(&draft).map_err(|e| e.to_string())?;
    Ok(draft)
}

/// A draft of the number that is another than `id`.
fn other_draft(
    store: &store::Store,
    inner: &Inner,
    number: u64,
    id: &CharterId,
) -> Result<Option<Signatures>, SignError> {
    let drafts = store.drafts()?;
    let state = inner
        .state
        .read()
        .expect("a thread that panics ends the process");
    Ok(drafts
        .iter()
        .filter_map(|bytes| signatures(&state.chain, bytes, false))
        .find(|s| s.number == number && s.id != *id))
}

fn listed(drafts: &[Signatures]) -> String {
    drafts
        .iter()
        .map(|s| format!("{} ({})", s.id, s.changes))
        .collect::<Vec<_>>()
        .join(", ")
}

fn signatures(chain: &Chain, bytes: &[u8], in_force: bool) -> Option<Signatures> {
    let (draft, envelope) = Amendment::open(bytes).ok()?;
    let (before, _) = chain.get(draft.number.checked_sub(1)?)?;
    let signed: Vec<Handle> = before
        .institutions
        .iter()
        .filter(|i| envelope.reaches(&i.keys, i.threshold))
        .map(|i| i.handle.clone())
        .collect();
    let names = |list: Vec<&Handle>| {
        list.iter()
            .map(|h| h.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let admitted: Vec<_> = draft
        .institutions
        .iter()
        .filter(|i| before.institution(&i.handle).is_none())
        .map(|i| &i.handle)
        .collect();
    let removed: Vec<_> = before
        .institutions
        .iter()
        .filter(|i| draft.institution(&i.handle).is_none())
        .map(|i| &i.handle)
        .collect();
    let changes = match (admitted.is_empty(), removed.is_empty()) {
        (false, true) => format!("admit {}", names(admitted)),
        (true, false) => format!("remove {}", names(removed)),
        (false, false) => format!("admit {}, remove {}", names(admitted), names(removed)),
        (true, true) => "change the rules".to_owned(),
    };
    Some(Signatures {
        number: draft.number,
        round: draft.round,
        id: Amendment::id_of(envelope.payload()),
        signed,
        needed: before.institutions.len() / 2 + 1,
        in_force,
        changes,
    })
}

#[cfg(test)]
mod tests;
