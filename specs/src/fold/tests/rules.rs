//! One rule at a time, on small federations.

mod door;
mod entries;
mod items;
mod reviews;
mod taking;
mod talk;
mod transfers;
mod who;

use super::federation::{Federation, admin_seed, change, handle, key, member, node_seed, object};
use crate::{
    fold::{Catalogue, Reason, Refusal, RefusalKind, State, row::Sum},
    id::{CharterId, StatementId},
    json::Value,
    list,
    name::{Role, Slug},
    statement::{Cut, Head, Statement, sign},
};

const ADMIN: u8 = 21;
const NODE: u8 = 11;

fn state(c: &Catalogue, id: &StatementId) -> State {
    c.state_of(id).expect("the statement is in a log")
}

fn refused(c: &Catalogue, id: &StatementId) -> Option<Reason> {
    match state(c, id) {
        State::Refused(reason) => Some(reason),
        _ => None,
    }
}

fn statement(head: &Head, seeds: &[u8]) -> Statement {
    let keys: Vec<_> = seeds.iter().map(|s| key(*s)).collect();
    Statement::open(&sign(head, &keys.iter().collect::<Vec<_>>()).unwrap()).unwrap()
}

/// The institution aa, opened; its administrator's enrolment.
fn opened() -> (Federation, StatementId) {
    let mut f = Federation::new();
    let admin = f.open("aa");
    (f, admin)
}

/// A repository of aa with one commit on main: (repository, push).
fn with_repository(f: &mut Federation, admin: StatementId) -> (StatementId, StatementId) {
    let head = f.repository("aa", ADMIN, "outil", &["aa", "bb"]);
    let repo = f.put(&head, &[ADMIN]);
    let changes = vec![change("refs/heads/main", &[], 0, 1, false)];
    let head = f.refs("aa", admin, repo, repo, changes);
    let push = f.put(&head, &[NODE]);
    (repo, push)
}

fn course(f: &mut Federation, author: u8, slug: &str) -> StatementId {
    let head = f.resource("aa", author, slug);
    f.put(&head, &[author])
}

fn new_version(
    f: &mut Federation,
    author: u8,
    item: StatementId,
    over: &[StatementId],
    slug: &str,
) -> Head {
    let mut head = f.resource("aa", author, slug);
    head.item = Some(item);
    head.supersedes = over.to_vec();
    head
}

fn about(f: &mut Federation, kind: &str, author: u8, members: &[(&str, &str)]) -> Head {
    let fields = members
        .iter()
        .map(|(k, v)| ((*k).to_owned(), Value::from(*v)))
        .collect();
    f.head("aa", kind, author, fields)
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}
