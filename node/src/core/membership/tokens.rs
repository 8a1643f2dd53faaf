//! Persons enrolled here, and the access tokens that stand for them.

use commun_specs::{
    id::{StatementId, base32},
    key::{PublicKey, SecretKey},
    name::Role,
};

use super::Scopes;
use crate::{
    core::{Core, now},
    keys,
    store::{self, Origin},
};

/// How long a token is good for, in seconds (SECURITY, T1).
pub(super) const TOKEN_SECONDS: u64 = 90 * 86_400;
/// Tokens that one person has at most at a time: many machines, and still a table that nobody fills by asking.
const MAX_TOKENS: u64 = 50;
/// Tokens that one person has at most at a time, short ones too, that were made with a narrow token or with one that
/// was itself made with another. They take no room from the others: a narrow token that is stolen shuts nobody out.
pub(super) const MAX_APART: u64 = 20;
/// A token for at most so many seconds is a short one, which a program asks for each time that it needs one.
pub const SHORT_SECONDS: u64 = 900;
/// Short tokens that one person has at most at a time: beyond, the oldest goes. As many programs run at once.
const MAX_SHORT: u64 = 50;
/// How exactly the last use of a token is known, in seconds: noting every use would write to the disk at each request.
const USE_SECONDS: u64 = 3600;
/// Tokens whose last use is remembered in memory; more are forgotten and noted again.
const MAX_NOTED: usize = 10_000;
/// Bytes of a token's hash that its id shows: enough to tell the tokens of an institution apart.
const ID_BYTES: usize = 10;

/// A person who is enrolled here, and what they may do.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their first enrolment: what a token belongs to.
    pub id: StatementId,
    /// Their enrolment in force.
    pub enrolment: StatementId,
    /// Their key.
    pub key: PublicKey,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Whether they keep the key themselves.
    pub custody_self: bool,
    /// When their enrolment ends, in seconds since 1970; from then on they may do nothing here.
    pub not_after: u64,
}

impl Person {
    /// Whether their enrolment is past its date, by this node's clock.
    pub fn expired(&self) -> bool {
        self.not_after <= now()
    }

    /// Whether they are allowed to do what one of `roles` may; an admin may do all of it, who is past their date
    /// none of it.
    pub fn may(&self, roles: &[Role]) -> bool {
        !self.expired()
            && self
                .roles
                .iter()
                .any(|r| *r == Role::Admin || roles.contains(r))
    }
}

/// Who asks, and what they may ask for: what a token or an SSH key stands for.
#[derive(Debug, Clone)]
pub struct Access {
    /// The person.
    pub person: Person,
    /// What the token is good for.
    pub scopes: Scopes,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
    /// How the token came about; a key counts as the person.
    pub origin: Origin,
}

impl Access {
    /// All that the person may do: their own key stands for it.
    pub fn of(person: Person) -> Self {
        Self {
            expires: person.not_after,
            scopes: Scopes::all(),
            origin: Origin::Person,
            person,
        }
    }

    /// How a token for `person` comes about that is asked for with this. Only an admin asks for others, and in their
    /// stead.
    fn makes(&self, person: &StatementId) -> Origin {
        if self.person.id != *person {
            Origin::Person
        } else if self.scopes.everything() && self.origin == Origin::Person {
            Origin::Token
        } else {
            Origin::Apart
        }
    }

    /// How many tokens of a person may be made with such tokens as this, where they are counted apart.
    pub fn makes_apart(&self, person: &StatementId) -> Option<u64> {
        (self.makes(person) == Origin::Apart).then_some(MAX_APART)
    }
}

/// A token as lists show it: without its secret.
#[derive(Debug, Clone)]
pub struct TokenInfo {
    /// The beginning of its hash, in base32: names it, and opens nothing.
    pub id: String,
    /// Whose it is: a first enrolment.
    pub person: StatementId,
    /// What it is good for.
    pub scopes: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
    /// When it was last used, in seconds since 1970, to the hour.
    pub used: Option<u64>,
}

impl Core {
    /// The person of an access token, whatever its scopes; `None` if it is unknown or past its date, or their
    /// enrolment is.
    pub fn person_of_token(&self, token: &str) -> Result<Option<Person>, store::Error> {
        Ok(self.access(token)?.map(|access| access.person))
    }

    /// What an access token stands for; `None` if it is unknown or past its date, or the person's enrolment is.
    pub fn access(&self, token: &str) -> Result<Option<Access>, store::Error> {
        let now = now();
        let Some(row) = self.store()?.token(token, now)? else {
            return Ok(None);
        };
        let Some(person) = self.person(&row.person) else {
            return Ok(None);
        };
        let scopes = row
            .scope
            .parse()
            .map_err(|e| store::Error::Damaged(format!("a token's scope: {e}")))?;
        self.note_use(row.hash, row.used, now);
        Ok(Some(Access {
            person,
            scopes,
            expires: row.expires,
            origin: row.origin,
        }))
    }

    /// Notes a use on the writer's thread, at most once in an hour for each token.
    fn note_use(&self, hash: [u8; 32], used: Option<u64>, now: u64) {
        let recent = |at: u64| at + USE_SECONDS > now;
        if used.is_some_and(recent) {
            return;
        }
        {
            let mut noted = self
                .0
                .noted
                .lock()
                .expect("a thread that panics ends the process");
            if noted.get(&hash).copied().is_some_and(recent) {
                return;
            }
            if noted.len() >= MAX_NOTED {
                noted.clear();
            }
            noted.insert(hash, now);
        }
        // Where the queue is full the use goes unnoted: nothing depends on it.
        self.0.queue.other(Box::new(move |w, _| {
            if let Err(e) = w.store.transaction(|s| s.use_token(&hash, now)) {
                tracing::warn!("the use of a token is not noted: {e}");
            }
        }));
    }

    /// Every token that is in force, by person.
    pub fn tokens(&self) -> Result<Vec<TokenInfo>, store::Error> {
        let rows = self.store()?.tokens(now())?;
        let shown = rows.into_iter().map(|row| TokenInfo {
            id: base32(&row.hash[..ID_BYTES]),
            person: row.person,
            scopes: row.scope,
            created: row.created,
            expires: row.expires,
            used: row.used,
        });
        Ok(shown.collect())
    }

    /// Ends a token. `false`: there is none of this id.
    pub async fn revoke_token(&self, id: &str) -> Result<bool, store::Error> {
        let id = id.to_owned();
        let done = self.on_writer(move |w, _| {
            w.store.transaction(|s| {
                let rows = s.tokens(now())?;
                let found = rows.iter().find(|r| base32(&r.hash[..ID_BYTES]) == id);
                if let Some(row) = found {
                    s.drop_token(&row.hash)?;
                }
                Ok::<_, store::Error>(found.is_some())
            })
        });
        done.await.unwrap_or(Err(store::Error::Busy))
    }

    /// The person enrolled here with a key, if their enrolment is in force and not past its date.
    pub fn person_of_key(&self, key: &PublicKey) -> Option<Person> {
        self.persons()
            .into_iter()
            .find(|p| p.key == *key && !p.expired())
    }

    /// A person enrolled here, if their enrolment is in force and not past its date.
    pub fn person(&self, first: &StatementId) -> Option<Person> {
        self.persons()
            .into_iter()
            .find(|p| p.id == *first && !p.expired())
    }

    /// The persons enrolled here, also those who are past their date.
    pub fn persons(&self) -> Vec<Person> {
        let state = self.state();
        let enrolled = state.catalogue().enrolments(&self.identity().handle);
        enrolled
            .persons
            .into_iter()
            .map(|p| Person {
                id: p.first,
                enrolment: p.current,
                key: p.key,
                roles: p.roles,
                custody_self: p.custody_self,
                not_after: p.not_after,
            })
            .collect()
    }

    /// Makes an access token for a person; only its hash is stored. For the node itself, which cannot start without
    /// its operator's: however many the person has.
    pub async fn create_token(
        &self,
        person: StatementId,
        scope: &str,
    ) -> Result<(String, u64), store::Error> {
        let made = self
            .make_token(person, scope, u64::MAX, u64::MAX, Origin::Person)
            .await?;
        made.ok_or_else(|| store::Error::Damaged("more tokens than can be counted".to_owned()))
    }

    /// Makes an access token that ends at `latest` at the latest (seconds since 1970). `None`: the person has as many
    /// as one may have.
    pub async fn create_token_until(
        &self,
        person: StatementId,
        scope: &str,
        latest: u64,
    ) -> Result<Option<(String, u64)>, store::Error> {
        self.make_token(person, scope, latest, MAX_TOKENS, Origin::Person)
            .await
    }

    /// The same for who shows a token. `None`: as above, or there are as many as may be made with such a token
    /// ([`Access::makes_apart`]).
    pub async fn create_token_with(
        &self,
        by: &Access,
        person: StatementId,
        scope: &str,
        latest: u64,
    ) -> Result<Option<(String, u64)>, store::Error> {
        let origin = by.makes(&person);
        self.make_token(person, scope, latest, MAX_TOKENS, origin)
            .await
    }

    async fn make_token(
        &self,
        person: StatementId,
        scope: &str,
        latest: u64,
        most: u64,
        origin: Origin,
    ) -> Result<Option<(String, u64)>, store::Error> {
        let token = format!("ct_{}", base32(&rand::random::<[u8; 20]>()));
        let (now, scope) = (now(), scope.to_owned());
        let expires = latest.min(now + TOKEN_SECONDS);
        let stored = token.clone();
        let done = self
            .on_writer(move |w, _| {
                w.store.transaction(|s| {
                    s.drop_expired_tokens(now)?;
                    let short = expires.saturating_sub(now) <= SHORT_SECONDS;
                    let room = if origin == Origin::Apart {
                        s.tokens_apart(&person)? < MAX_APART
                    } else if short {
                        s.drop_oldest_tokens(&person, SHORT_SECONDS, MAX_SHORT - 1)?;
                        true
                    } else {
                        s.tokens_of(&person, SHORT_SECONDS)? < most
                    };
                    if room {
                        s.put_token(&stored, &person, &scope, now, expires, origin)?;
                    }
                    Ok::<_, store::Error>(room)
                })
            })
            .await;
        let room = done.unwrap_or(Err(store::Error::Damaged(
            "the node is stopping".to_owned(),
        )))?;
        Ok(room.then_some((token, expires)))
    }

    /// How a person signs here: with the key that the node keeps for them, or through the node.
    pub fn author_key(&self, person: &Person) -> Result<Option<SecretKey>, keys::Error> {
        self.keys().person(&person.key)
    }
}
