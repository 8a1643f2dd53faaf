//! One rule at a time, on small federations.

use super::federation::{Federation, admin_seed, change, handle, institution_seed};
use crate::{
    fold::{Catalogue, Reason, RefusalKind, State},
    id::StatementId,
    json::Value,
    name::Slug,
    statement::{Head, Statement, sign},
};

fn state(c: &Catalogue, id: &StatementId) -> State {
    c.state_of(id).expect("the statement is in a log")
}

fn statement(head: &Head, seeds: &[u8]) -> Statement {
    let keys: Vec<_> = seeds.iter().map(|s| super::federation::key(*s)).collect();
    Statement::open(&sign(head, &keys.iter().collect::<Vec<_>>()).unwrap()).unwrap()
}

#[test]
fn an_institution_enrols_creates_pushes_and_publishes() {
    let mut f = Federation::new();
    let admin = f.open("aa");
    let head = f.repository("aa", admin_seed("aa"), "outil", &["aa"]);
    let repo = f.put(&head, &[admin_seed("aa")]);
    let head = f.refs(
        "aa",
        admin,
        repo,
        repo,
        vec![change("refs/heads/main", &[], 0, 1, false)],
    );
    let first = f.put(&head, &[11]);
    let head = f.refs(
        "aa",
        admin,
        repo,
        repo,
        vec![change("refs/heads/main", &[first], 1, 2, false)],
    );
    let second = f.put(&head, &[11]);
    let head = f.resource("aa", admin_seed("aa"), "cours");
    let course = f.put(&head, &[admin_seed("aa")]);
    let c = f.fold();
    assert_eq!(state(&c, &first), State::Superseded);
    assert_eq!(state(&c, &second), State::InForce);
    let item = c.item(&repo).unwrap();
    assert_eq!(
        item.served().collect::<Vec<_>>(),
        [("refs/heads/main", "2".repeat(40).as_str())]
    );
    assert_eq!(
        c.by_name(&handle("aa"), &Slug::new("cours").unwrap()),
        Some(course)
    );
    assert_eq!(c.items().count(), 2);
    let mut sum = crate::fold::row::Sum::default();
    c.rows().iter().for_each(|r| sum.add(r));
    assert_eq!(sum.to_bytes(), c.sum());
    let e = c.enrolments(&handle("aa"));
    assert_eq!((e.nodes.len(), e.persons.len()), (1, 1));
    let _ = (
        institution_seed("aa"),
        Reason::Cut,
        RefusalKind::Stale,
        Value::Int(0),
    );
    let head = f.refs(
        "aa",
        admin,
        repo,
        repo,
        vec![change("refs/heads/main", &[first], 1, 3, false)],
    );
    assert_eq!(
        c.would_accept(&statement(&head, &[11])).unwrap_err().kind(),
        RefusalKind::Stale
    );
    let head = f.refs(
        "aa",
        admin,
        repo,
        repo,
        vec![change("refs/heads/main", &[second], 2, 3, false)],
    );
    assert_eq!(c.would_accept(&statement(&head, &[11])), Ok(()));
}
