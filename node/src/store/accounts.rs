//! What only this node knows: access tokens, invitations, join requests. Secrets are stored hashed.

use commun_specs::{
    id::{StatementId, sha256},
    join::JoinRequest,
};

use super::{Error, Store, first};

/// An access token, without its secret.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// What it is stored under: the SHA-256 of the token.
    pub hash: [u8; 32],
    /// The person's first enrolment.
    pub person: StatementId,
    /// What it is good for, as [`crate::core::Scopes`] writes it.
    pub scope: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
    /// Until when it is good, in seconds since 1970.
    pub expires: u64,
    /// When it was last used, in seconds since 1970, to the hour.
    pub used: Option<u64>,
    /// How it came about.
    pub origin: Origin,
}

/// How a token came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// By a signature, by an admin, or by the node itself.
    Person,
    /// With another token of the person, which was good for everything and came about in the way before.
    Token,
    /// With a token that was narrow, or that itself came about with another: counted apart.
    Apart,
}

/// What became of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invited {
    /// Nobody has used it.
    Fresh,
    /// This handle has.
    UsedBy(String),
    /// Unknown, or past its date.
    Invalid,
}

/// What became of a join request that was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filed {
    /// It waits, since now or since before.
    Waits,
    /// Its invitation is unknown, or past its date.
    NoInvitation,
    /// Its invitation was used by another handle, or for a request that was answered.
    InvitationUsed,
    /// A request with another invitation or other keys waits under its handle.
    HandleWaits,
}

/// A join request that waits.
#[derive(Debug, Clone)]
pub struct JoinRow {
    /// The handle asked for.
    pub handle: String,
    /// The request as JSON.
    pub request: String,
}

/// The columns that [`stored`] reads.
const TOKENS: &str = "SELECT token.hash, person, scope, created, expires, used, apart
    FROM token LEFT JOIN token_use ON token.hash = token_use.hash
    LEFT JOIN token_from ON token.hash = token_from.hash";

/// What a token that is counted with the others satisfies.
const TOGETHER: &str = "token.hash NOT IN (SELECT hash FROM token_from WHERE apart)";

type Stored = (
    Vec<u8>,
    Vec<u8>,
    String,
    u64,
    u64,
    Option<u64>,
    Option<bool>,
);

fn stored(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
    ))
}

fn token_row(
    (hash, person, scope, created, expires, used, apart): Stored,
) -> Result<TokenRow, Error> {
    let whole = |bytes: Vec<u8>| {
        <[u8; 32]>::try_from(bytes)
            .map_err(|_| Error::Damaged("a token's row is not of 32 bytes each".to_owned()))
    };
    Ok(TokenRow {
        hash: whole(hash)?,
        person: StatementId(whole(person)?),
        scope,
        created,
        expires,
        used,
        origin: match apart {
            None => Origin::Person,
            Some(false) => Origin::Token,
            Some(true) => Origin::Apart,
        },
    })
}

impl Store {
    /// Stores a token by its hash.
    pub fn put_token(
        &self,
        token: &str,
        person: &StatementId,
        scope: &str,
        now: u64,
        expires: u64,
        origin: Origin,
    ) -> Result<(), Error> {
        let hash = sha256(&[token.as_bytes()]);
        self.db
            .prepare_cached("INSERT INTO token VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute((&hash[..], &person.0[..], scope, now, expires))?;
        if origin != Origin::Person {
            self.db
                .prepare_cached("INSERT INTO token_from VALUES(?1, ?2)")?
                .execute((&hash[..], origin == Origin::Apart))?;
        }
        Ok(())
    }

    /// How many tokens of a person are stored that are good for more than `seconds` after they were made, but for those
    /// that are counted apart.
    pub fn tokens_of(&self, person: &StatementId, seconds: u64) -> Result<u64, Error> {
        let mut q = self.db.prepare_cached(&format!(
            "SELECT count(*) FROM token WHERE person = ?1 AND expires - created > ?2 AND {TOGETHER}"
        ))?;
        Ok(q.query_row((&person.0[..], seconds), |r| r.get(0))?)
    }

    /// How many tokens of a person are stored that are counted apart, whatever their time.
    pub fn tokens_apart(&self, person: &StatementId) -> Result<u64, Error> {
        let mut q = self.db.prepare_cached(
            "SELECT count(*) FROM token JOIN token_from USING (hash) WHERE person = ?1 AND apart",
        )?;
        Ok(q.query_row([&person.0[..]], |r| r.get(0))?)
    }

    /// Forgets the oldest tokens of a person that were made for at most `seconds`, but for the `most` newest and those
    /// that are counted apart.
    pub fn drop_oldest_tokens(
        &self,
        person: &StatementId,
        seconds: u64,
        most: u64,
    ) -> Result<(), Error> {
        self.db
            .prepare_cached(&format!(
                "DELETE FROM token WHERE hash IN (SELECT hash FROM token
                 WHERE person = ?1 AND expires - created <= ?2 AND {TOGETHER}
                 ORDER BY created DESC, hash LIMIT -1 OFFSET ?3)"
            ))?
            .execute((&person.0[..], seconds, most))?;
        Ok(())
    }

    /// Forgets tokens that are past their date.
    pub fn drop_expired_tokens(&self, now: u64) -> Result<(), Error> {
        self.db
            .prepare_cached("DELETE FROM token WHERE expires <= ?1")?
            .execute([now])?;
        for table in ["token_use", "token_from"] {
            self.db
                .prepare_cached(&format!(
                    "DELETE FROM {table} WHERE hash NOT IN (SELECT hash FROM token)"
                ))?
                .execute([])?;
        }
        Ok(())
    }

    /// Whom a token belongs to, if it is known and not past its date.
    pub fn token(&self, token: &str, now: u64) -> Result<Option<TokenRow>, Error> {
        let mut q = self
            .db
            .prepare_cached(&format!("{TOKENS} WHERE token.hash = ?1 AND expires > ?2"))?;
        let row = first(q.query_map((&sha256(&[token.as_bytes()])[..], now), stored)?)?;
        row.map(token_row).transpose()
    }

    /// Every token that is not past its date, by person, the newest first.
    pub fn tokens(&self, now: u64) -> Result<Vec<TokenRow>, Error> {
        let mut q = self.db.prepare_cached(&format!(
            "{TOKENS} WHERE expires > ?1 ORDER BY person, created DESC, token.hash"
        ))?;
        let rows = q.query_map([now], stored)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(token_row).collect()
    }

    /// Forgets a token.
    pub fn drop_token(&self, hash: &[u8; 32]) -> Result<(), Error> {
        for table in ["token", "token_use", "token_from"] {
            self.db
                .prepare_cached(&format!("DELETE FROM {table} WHERE hash = ?1"))?
                .execute([&hash[..]])?;
        }
        Ok(())
    }

    /// Notes that a token was used.
    pub fn use_token(&self, hash: &[u8; 32], now: u64) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO token_use VALUES(?1, ?2)")?
            .execute((&hash[..], now))?;
        Ok(())
    }

    /// Stores an invitation's secret by its hash.
    pub fn put_invitation(&self, secret: &str, expires: u64) -> Result<(), Error> {
        self.db
            .prepare_cached("INSERT INTO invitation VALUES(?1, ?2, NULL)")?
            .execute((&sha256(&[secret.as_bytes()])[..], expires))?;
        Ok(())
    }

    /// What became of the invitation of a secret.
    pub fn invitation(&self, secret: &str, now: u64) -> Result<Invited, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT used_by FROM invitation WHERE secret = ?1 AND expires > ?2")?;
        let row: Option<Option<String>> =
            first(q.query_map((&sha256(&[secret.as_bytes()])[..], now), |r| r.get(0))?)?;
        Ok(match row {
            None => Invited::Invalid,
            Some(None) => Invited::Fresh,
            Some(Some(handle)) => Invited::UsedBy(handle),
        })
    }

    /// Uses an invitation for a request, if it is good and nobody else waits under the handle. To be called in a
    /// transaction: it looks before it writes.
    pub fn put_join_request(&self, request: &JoinRequest, now: u64) -> Result<Filed, Error> {
        let handle = request.handle.as_str();
        let used = match self.invitation(&request.secret, now)? {
            Invited::Invalid => return Ok(Filed::NoInvitation),
            Invited::UsedBy(other) if other != handle => return Ok(Filed::InvitationUsed),
            Invited::UsedBy(_) => true,
            Invited::Fresh => false,
        };
        let waiting = self
            .join_requests()?
            .into_iter()
            .find(|r| r.handle == handle)
            .and_then(|r| serde_json::from_str::<JoinRequest>(&r.request).ok());
        if let Some(waiting) = waiting {
            let same = |a: &JoinRequest, b: &JoinRequest| {
                (&a.secret, &a.keys, a.threshold, &a.node)
                    == (&b.secret, &b.keys, b.threshold, &b.node)
            };
            if same(&waiting, request) {
                return Ok(Filed::Waits);
            }
            // Who waits with an invitation that is past its date asks in vain: the handle is free again.
            if self.invitation(&waiting.secret, now)? != Invited::Invalid {
                return Ok(Filed::HandleWaits);
            }
        }
        if used {
            return Ok(Filed::InvitationUsed);
        }
        let json = serde_json::to_string(request).expect("names and keys are JSON");
        self.db
            .prepare_cached("UPDATE invitation SET used_by = ?2 WHERE secret = ?1")?
            .execute((&sha256(&[request.secret.as_bytes()])[..], handle))?;
        self.db
            .prepare_cached("INSERT OR REPLACE INTO join_request VALUES(?1, ?2, ?3)")?
            .execute((handle, json, now))?;
        Ok(Filed::Waits)
    }

    /// Forgets the request of a handle: it was answered.
    pub fn drop_join_request(&self, handle: &str) -> Result<(), Error> {
        self.db
            .prepare_cached("DELETE FROM join_request WHERE handle = ?1")?
            .execute([handle])?;
        Ok(())
    }

    /// Join requests that wait for an answer.
    pub fn join_requests(&self) -> Result<Vec<JoinRow>, Error> {
        let mut q = self
            .db
            .prepare_cached("SELECT handle, request FROM join_request ORDER BY handle")?;
        Ok(q.query_map([], |r| {
            Ok(JoinRow {
                handle: r.get(0)?,
                request: r.get(1)?,
            })
        })?
        .collect::<Result<_, _>>()?)
    }
}
