//! Who asks: the one place where a request's token becomes a person and what they may ask for.
//!
//! A token is shown as `Authorization: Bearer TOKEN`, or as the password of HTTP Basic (what Git sends). It stands
//! for a person enrolled here and is good for what its scopes say; what the person may do at all, their roles say.
//! [`crate::ssh`] makes the same [`Access`] of a key.

use axum::http::{HeaderMap, header};
use commun_specs::{fold::Item, name::Role};
use data_encoding::BASE64;

use super::{lang::TerminalLang, problem::Problem};
use crate::{
    app::App,
    core::{Access, Person},
    pushes::{Admitted, Denied},
    quota::Full,
    store,
    talk::Unfit,
};

/// Why somebody may not push to a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPush {
    /// The repository's rules, or the person's roles.
    Denied(Denied),
    /// What the token is good for.
    Scope(String),
    /// The owner's quota, or the disk.
    Full(Full),
    /// The same of the institution that proposes.
    FullToPropose(Full),
}

impl NoPush {
    /// The same in a sentence for them.
    pub fn text(&self, lang: TerminalLang) -> String {
        match (self, lang) {
            (NoPush::Denied(denied), lang) => denied.text(lang),
            (NoPush::Full(full), _) => full.to_string(),
            (NoPush::FullToPropose(full), lang) => Unfit::Full(full.clone()).text(lang),
            (NoPush::Scope(scope), TerminalLang::En) => format!(
                "this access token is not good for pushing to this repository (its scope: {scope})"
            ),
            (NoPush::Scope(scope), TerminalLang::Fr) => format!(
                "ce jeton d’accès ne permet pas de pousser vers ce dépôt (sa portée : {scope})"
            ),
        }
    }
}

/// What somebody may push to an item's repository on this node: everything, or what they propose.
pub fn may_push(app: &App, item: &Item, access: &Access) -> Result<Admitted, NoPush> {
    let named = access.scopes.push(|handle, slug| {
        let state = app.core.state();
        state.catalogue().by_name(handle, slug) == Some(item.id)
    });
    if !named {
        return Err(NoPush::Scope(access.scopes.to_string()));
    }
    let admitted = app
        .pushes
        .admits(item, &access.person)
        .map_err(NoPush::Denied)?;
    app.quotas.look(&item.id);
    let full = match &admitted {
        Admitted::All => app.quotas.full(&item.owner).map(NoPush::Full),
        // What strangers to the owner propose counts to their institution, which is this one.
        Admitted::Proposals(_) => {
            let me = &app.core.identity().handle;
            app.quotas.full(me).map(NoPush::FullToPropose)
        }
    };
    full.map_or(Ok(admitted), Err)
}

/// The token of a request: of a Bearer header, or the password of a Basic one.
pub fn token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let token = if scheme.eq_ignore_ascii_case("bearer") {
        rest.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = BASE64.decode(rest.trim().as_bytes()).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        pair.split_once(':')?.1.to_owned()
    } else {
        return None;
    };
    Some(token).filter(|token| !token.is_empty())
}

/// What a token stands for, whatever its scopes. `None`: it is unknown, revoked or past its date.
pub fn of_token(app: &App, token: &str) -> Result<Option<Access>, store::Error> {
    app.core.access(token)
}

/// What the token of a request stands for, whatever its scopes: the caller looks at them.
pub fn access(app: &App, headers: &HeaderMap) -> Result<Access, Problem> {
    let token = token(headers).ok_or_else(|| {
        Problem::unauthorised("this needs an access token (Authorization: Bearer …)")
    })?;
    known(app, &token)
}

/// The person of a request whose token is good for all that they may do: every address that has no scope of its own.
pub fn person(app: &App, headers: &HeaderMap) -> Result<Person, Problem> {
    let access = access(app, headers)?;
    if access.scopes.everything() {
        Ok(access.person)
    } else {
        Err(narrow(&access, "write"))
    }
}

/// The person of a request, if they are an admin and the token is good for all that they may do.
pub fn admin(app: &App, headers: &HeaderMap) -> Result<Person, Problem> {
    let person = person(app, headers)?;
    if person.may(&[Role::Admin]) {
        Ok(person)
    } else {
        Err(Problem::forbidden(
            "only an admin of this institution may do this",
        ))
    }
}

/// The person of a token that is good for publishing.
pub fn publisher(app: &App, token: &str) -> Result<Person, Problem> {
    let access = known(app, token)?;
    if access.scopes.publish() {
        Ok(access.person)
    } else {
        Err(narrow(&access, "publish"))
    }
}

fn known(app: &App, token: &str) -> Result<Access, Problem> {
    of_token(app, token)
        .map_err(|e| Problem::internal(&e))?
        .ok_or_else(|| {
            Problem::unauthorised("the access token is unknown, revoked or past its date")
        })
}

fn narrow(access: &Access, needed: &str) -> Problem {
    Problem::forbidden(format!(
        "this access token is good for {} only; this needs one with the scope {needed}",
        access.scopes
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn sent(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        token(&headers)
    }

    #[test]
    fn a_token_is_read_from_both_kinds_of_header() {
        assert_eq!(sent("Bearer ct_a"), Some("ct_a".to_owned()));
        assert_eq!(sent("bearer  ct_a "), Some("ct_a".to_owned()));
        let basic = |pair: &str| sent(&format!("Basic {}", BASE64.encode(pair.as_bytes())));
        assert_eq!(basic("me:ct_a"), Some("ct_a".to_owned()));
        assert_eq!(basic(":ct_a:b"), Some("ct_a:b".to_owned()));
        for none in ["Bearer", "Bearer ", "Digest x", "Basic ?", ""] {
            assert_eq!(sent(none), None, "{none:?}");
        }
        assert_eq!(basic("no colon"), None);
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
