//! Persons enrolled here, and the access tokens that stand for them.

use commun_specs::{
    id::{StatementId, base32},
    key::{PublicKey, SecretKey},
    name::Role,
};

use crate::{
    core::{Core, now},
    keys, store,
};

/// How long a token is good for, in seconds (SECURITY, T1).
pub(super) const TOKEN_SECONDS: u64 = 90 * 86_400;
/// Tokens that one person has at most at a time: many machines, and still a table that nobody fills by asking.
const MAX_TOKENS: u64 = 50;

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

impl Core {
    /// The person of an access token; `None` if it is unknown or past its date, or their enrolment is.
    pub fn person_of_token(&self, token: &str) -> Result<Option<Person>, store::Error> {
        Ok(self.bearer(token)?.map(|(person, _)| person))
    }

    /// The person of an access token, and when the token ends (seconds since 1970).
    pub fn bearer(&self, token: &str) -> Result<Option<(Person, u64)>, store::Error> {
        let Some(row) = self.store()?.token(token, now())? else {
            return Ok(None);
        };
        Ok(self.person(&row.person).map(|p| (p, row.expires)))
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
        let made = self.make_token(person, scope, u64::MAX, u64::MAX).await?;
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
        self.make_token(person, scope, latest, MAX_TOKENS).await
    }

    async fn make_token(
        &self,
        person: StatementId,
        scope: &str,
        latest: u64,
        most: u64,
    ) -> Result<Option<(String, u64)>, store::Error> {
        let token = format!("ct_{}", base32(&rand::random::<[u8; 20]>()));
        let (now, scope) = (now(), scope.to_owned());
        let expires = latest.min(now + TOKEN_SECONDS);
        let stored = token.clone();
        let done = self
            .on_writer(move |w, _| {
                w.store.transaction(|s| {
                    s.drop_expired_tokens(now)?;
                    let room = s.tokens_of(&person)? < most;
                    if room {
                        s.put_token(&stored, &person, &scope, now, expires)?;
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
