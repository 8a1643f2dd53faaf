//! One rule at a time, on small federations.

use super::federation::{
    Federation, admin_seed, change, handle, institution_seed, key, member, node_seed, object,
};
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

#[test]
fn an_institution_enrols_creates_pushes_and_publishes() {
    //= R-04-30, R-04-32
    let (mut f, admin) = opened();
    let (repo, first) = with_repository(&mut f, admin);
    let changes = vec![change("refs/heads/main", &[first], 1, 2, false)];
    let head = f.refs("aa", admin, repo, repo, changes);
    let second = f.put(&head, &[NODE]);
    let course = course(&mut f, ADMIN, "cours");
    let c = f.fold();
    assert_eq!(state(&c, &first), State::Superseded);
    assert_eq!(state(&c, &second), State::InForce);
    let item = c.item(&repo).unwrap();
    let oid = "2".repeat(40);
    assert_eq!(
        item.served().collect::<Vec<_>>(),
        [("refs/heads/main", oid.as_str())]
    );
    assert_eq!(c.by_name(&handle("aa"), &slug("cours")), Some(course));
    assert_eq!(c.items().count(), 2);
    assert_eq!(c.item_of(&second).unwrap().id, repo);
    assert_eq!(c.by_prefix(&course.to_string()[..8], 5), [course]);
    let mut sum = Sum::default();
    c.rows().iter().for_each(|r| sum.add(r));
    assert_eq!(sum.to_bytes(), c.sum());
    let e = c.enrolments(&handle("aa"));
    assert_eq!((e.nodes.len(), e.persons.len()), (1, 1));
    assert_eq!(e.person(&admin).unwrap().roles, [Role::Admin]);
}

#[test]
fn a_second_occurrence_is_void_wherever_it_stands() {
    //= R-04-02
    let (mut f, _) = opened();
    let id = course(&mut f, ADMIN, "cours");
    let entry = f.logs[&handle("aa")].last().unwrap().clone();
    f.put_bytes("aa", entry.clone());
    f.open("bb");
    f.put_bytes("bb", entry);
    let c = f.fold();
    assert_eq!(c.state(&handle("aa"), 4), Some(State::Duplicate));
    assert_eq!(c.state(&handle("bb"), 3), Some(State::Void));
    assert_eq!(c.find(&id), Some((handle("aa"), 3)));
    assert!(c.seen(&id));
    // A copy that came before the log's first marker counts as the first occurrence.
    let mut f = Federation::new();
    let head = f.enrolment("aa", ADMIN, &["admin"], 1);
    let id = f.put(&head, &[1]);
    f.open("aa");
    f.put(&head, &[1]);
    let c = f.fold();
    assert_eq!(state(&c, &id), State::Void);
    assert_eq!(c.state(&handle("aa"), 4), Some(State::Duplicate));
}

#[test]
fn malformed_entries_unknown_kinds_and_broken_schemas_keep_their_place() {
    //= R-04-03, R-04-04, R-04-05
    let (mut f, _) = opened();
    f.put_bytes("aa", b"garbage".to_vec());
    let head = about(&mut f, "haiku", 99, &[("lines", "x")]);
    let unknown = f.put(&head, &[99]);
    let mut head = f.resource("aa", ADMIN, "cours");
    head.fields.remove("licence");
    let broken = f.put(&head, &[ADMIN]);
    let fine = course(&mut f, ADMIN, "cours");
    let c = f.fold();
    assert_eq!(c.state(&handle("aa"), 3), Some(State::Void));
    assert_eq!(state(&c, &unknown), State::Unknown);
    assert_eq!(state(&c, &broken), State::Void);
    assert_eq!(state(&c, &fine), State::InForce);
    let rows: Vec<String> = c
        .rows()
        .iter()
        .map(|r| String::from_utf8(r.to_bytes()).unwrap())
        .collect();
    assert!(rows.contains(&r#"["s","aa",3,"","void"]"#.to_owned()));
    assert!(rows.contains(&format!(r#"["s","aa",4,"{unknown}","unknown"]"#)));
}

#[test]
fn what_stands_before_the_first_marker_is_void() {
    //= R-04-07
    let mut f = Federation::new();
    let early = f.enrol_node("aa", NODE);
    f.open("aa");
    let c = f.fold();
    assert_eq!(state(&c, &early), State::Void);
    assert_eq!(c.enrolments(&handle("aa")).nodes.len(), 1);
    let head = f.enrolment("bb", 22, &["admin"], 2);
    assert_eq!(
        c.would_accept(&statement(&head, &[2])),
        Err(Refusal::NoMarker)
    );
}

#[test]
fn markers_rise_and_name_the_chain() {
    //= R-04-06
    let (mut f, _) = opened();
    let zero = f.chain.get(0).unwrap().1;
    let again = f.marker("aa", 0, zero);
    let mut next = f.draft();
    next.name = "Autre".to_owned();
    f.amend(&next);
    next = f.draft();
    next.name = "Encore".to_owned();
    f.amend(&next);
    let wrong = f.marker("aa", 2, zero);
    let right = f.chain.get(2).unwrap().1;
    let skips = f.marker("aa", 2, right);
    let one = f.chain.get(1).unwrap().1;
    let back = f.marker("aa", 1, one);
    let c = f.fold();
    for id in [again, wrong, back] {
        assert_eq!(refused(&c, &id), Some(Reason::Marker));
    }
    assert_eq!(state(&c, &skips), State::InForce);
    // An institution that the charter does not list opens no log.
    let mut genesis = crate::charter::Amendment::genesis("Seul", 1, member("aa", 1));
    genesis.copies = 1;
    let alone = super::federation::seal_charter(&genesis, &[1]);
    let mut f = Federation::new();
    f.chain = crate::charter::Chain::begin(&alone).unwrap();
    let zero = f.chain.get(0).unwrap().1;
    let foreign = f.marker("bb", 0, zero);
    assert_eq!(refused(&f.fold(), &foreign), Some(Reason::Marker));
}

#[test]
fn a_marker_waits_for_its_charter_and_what_follows_waits_with_it() {
    //= R-04-09
    let (mut f, _) = opened();
    let before = f.chain.clone();
    let mut next = f.draft();
    next.licences = vec!["MIT".to_owned()];
    f.amend(&next);
    let (_, id) = f.chain.head();
    let marker = f.marker("aa", 1, id);
    let late = course(&mut f, ADMIN, "cours");
    let mut c = Catalogue::new(&before);
    for (n, entry) in f.logs[&handle("aa")].iter().enumerate() {
        c.append(&handle("aa"), n as u64, entry, &f);
    }
    assert_eq!(state(&c, &marker), State::Pending);
    assert_eq!(state(&c, &late), State::Pending);
    let head = f.resource("aa", ADMIN, "autre");
    assert_eq!(
        c.would_accept(&statement(&head, &[ADMIN]))
            .unwrap_err()
            .kind(),
        RefusalKind::NotYet
    );
    c.set_charter(&f.chain, &f);
    assert_eq!(state(&c, &marker), State::InForce);
    // The new charter does not accept the course's licence.
    assert_eq!(refused(&c, &late), Some(Reason::Licence));
}

#[test]
fn a_charter_that_removes_an_institution_ends_its_log_at_the_cut() {
    //= R-04-08
    let mut f = Federation::new();
    f.open("cc");
    let head = f.resource("cc", 23, "avant");
    let kept = f.put(&head, &[23]);
    let mut next = f.draft();
    next.institutions.remove(2);
    next.cuts.push(f.cut("cc"));
    let head = f.resource("cc", 23, "apres");
    let late = f.put(&head, &[23]);
    let before = f.fold();
    assert_eq!(state(&before, &late), State::InForce);
    f.amend(&next);
    let (_, id) = f.chain.head();
    let marker = f.marker("cc", 1, id);
    let c = f.fold();
    assert_eq!(state(&c, &kept), State::InForce);
    assert_eq!(refused(&c, &late), Some(Reason::CharterCut));
    assert_eq!(refused(&c, &marker), Some(Reason::Marker));
    assert!(c.item(&late).is_none());
    // The same, when the charter comes after the entries.
    let mut slow = Catalogue::new(&f.chain_of(1));
    for (n, entry) in f.logs[&handle("cc")].iter().enumerate() {
        slow.append(&handle("cc"), n as u64, entry, &f);
    }
    let delta = slow.set_charter(&f.chain, &f);
    assert!(delta.items.contains(&late));
    assert_eq!(slow.rows(), c.rows());
}

#[test]
fn other_keys_need_a_marker_of_the_charter_that_lists_them() {
    //= R-04-08
    let (mut f, _) = opened();
    let mut next = f.draft();
    next.institutions[0].keys = vec![key(100).public()];
    next.cuts.push(f.cut("aa"));
    f.amend(&next);
    let head = f.enrolment("aa", 50, &["developer"], 1);
    let stolen = f.put(&head, &[1]);
    let (_, id) = f.chain.head();
    f.marker("aa", 1, id);
    let head = f.enrolment("aa", 51, &["developer"], 1);
    let old_key = f.put(&head, &[1]);
    let head = f.enrolment("aa", 52, &["developer"], 100);
    let new_key = f.put(&head, &[100]);
    let c = f.fold();
    assert_eq!(refused(&c, &stolen), Some(Reason::CharterCut));
    assert_eq!(refused(&c, &old_key), Some(Reason::NotEnrolled));
    assert_eq!(state(&c, &new_key), State::InForce);
}

#[test]
fn a_person_speaks_with_their_key_or_through_their_node() {
    //= R-04-10, R-04-11
    let (mut f, admin) = opened();
    let developer = f.enrol("aa", 51, &["developer"], ADMIN);
    let stranger = course(&mut f, 99, "etranger");
    let mut head = f.resource("aa", NODE, "noeud");
    let node_alone = f.put(&head, &[NODE]);
    head = f.resource("aa", NODE, "pour");
    head.acting_for = Some(admin);
    let through = f.put(&head, &[NODE]);
    head = f.resource("aa", ADMIN, "usurpe");
    head.acting_for = Some(developer);
    let for_another = f.put(&head, &[ADMIN]);
    head = f.resource("aa", NODE, "personne");
    head.acting_for = Some(through);
    let for_nobody = f.put(&head, &[NODE]);
    let c = f.fold();
    assert_eq!(refused(&c, &stranger), Some(Reason::NotEnrolled));
    assert_eq!(refused(&c, &node_alone), Some(Reason::NotThatPerson));
    assert_eq!(state(&c, &through), State::InForce);
    assert_eq!(c.item(&through).unwrap().creator, Some(admin));
    assert_eq!(refused(&c, &for_another), Some(Reason::NotThatPerson));
    assert_eq!(refused(&c, &for_nobody), Some(Reason::NotThatPerson));
}

#[test]
fn a_node_is_enrolled_by_the_institution_and_itself() {
    //= R-04-12, R-04-13
    let (mut f, _) = opened();
    let mut enrol = |signers: &[u8], author: u8| {
        let fields = object([
            ("type", "node".into()),
            ("key", key(60).public().to_string().into()),
            ("not_after", Value::Int(9)),
            ("urls", Value::List(Vec::new())),
            ("addrs", Value::List(Vec::new())),
        ]);
        let head = f.head("aa", "enrolment", author, fields);
        f.put(&head, signers)
    };
    let by_admin = enrol(&[60, ADMIN], ADMIN);
    let without_node = enrol(&[1], 1);
    let both = enrol(&[1, 60], 60);
    let again = enrol(&[1, 60], 1);
    let c = f.fold();
    assert_eq!(refused(&c, &by_admin), Some(Reason::NotTheInstitution));
    assert_eq!(refused(&c, &without_node), Some(Reason::NodeDidNotSign));
    assert_eq!(state(&c, &both), State::InForce);
    // A later one is what holds, whether or not it names the one before.
    assert_eq!(
        c.enrolments(&handle("aa"))
            .node(&key(60).public())
            .unwrap()
            .id,
        again
    );
}

#[test]
fn a_key_stands_for_one_and_a_revoked_one_for_nobody() {
    //= R-04-14, R-04-15
    let (mut f, admin) = opened();
    let person = f.enrol("aa", 51, &["publisher"], ADMIN);
    let same_key = f.enrol("aa", 51, &["developer"], ADMIN);
    let nodes_key = f.enrol("aa", NODE, &["developer"], ADMIN);
    let before = course(&mut f, 51, "avant");
    let head = about(&mut f, "revocation", ADMIN, &[("of", &person.to_string())]);
    let revocation = f.put(&head, &[ADMIN]);
    let after = course(&mut f, 51, "apres");
    let back = f.enrol("aa", 51, &["publisher"], ADMIN);
    let mut head = f.enrolment("aa", 52, &["publisher"], ADMIN);
    head.fields
        .insert("person".to_owned(), person.to_string().into());
    let revived = f.put(&head, &[ADMIN]);
    let head = about(&mut f, "revocation", ADMIN, &[("of", &admin.to_string())]);
    let of_admin = f.put(&head, &[ADMIN]);
    let head = about(&mut f, "revocation", 1, &[("of", &admin.to_string())]);
    let by_institution = f.put(&head, &[1]);
    let c = f.fold();
    assert_eq!(refused(&c, &same_key), Some(Reason::KeyTaken));
    assert_eq!(refused(&c, &nodes_key), Some(Reason::KeyTaken));
    assert_eq!(state(&c, &before), State::InForce);
    assert_eq!(state(&c, &revocation), State::InForce);
    assert_eq!(state(&c, &person), State::Superseded);
    assert_eq!(refused(&c, &after), Some(Reason::NotEnrolled));
    assert_eq!(refused(&c, &back), Some(Reason::KeyTaken));
    assert_eq!(refused(&c, &revived), Some(Reason::NoSuchEnrolment));
    assert_eq!(refused(&c, &of_admin), Some(Reason::NotTheInstitution));
    assert_eq!(state(&c, &by_institution), State::InForce);
    assert!(c.enrolments(&handle("aa")).persons.is_empty());
}

#[test]
fn a_persons_later_enrolment_changes_key_and_roles() {
    //= R-04-15
    let (mut f, _) = opened();
    let person = f.enrol("aa", 51, &["publisher"], ADMIN);
    let item = course(&mut f, 51, "cours");
    let mut head = f.enrolment("aa", 52, &["publisher", "chef-de-rayon"], ADMIN);
    head.fields
        .insert("person".to_owned(), person.to_string().into());
    let stale = statement(&head, &[ADMIN]);
    head.supersedes = vec![person];
    let current = f.put(&head, &[ADMIN]);
    let old_key = course(&mut f, 51, "ancien");
    let head = new_version(&mut f, 52, item, &[item], "cours");
    let own = f.put(&head, &[52]);
    let c = f.fold();
    assert_eq!(state(&c, &person), State::Superseded);
    assert_eq!(refused(&c, &old_key), Some(Reason::NotEnrolled));
    assert_eq!(state(&c, &own), State::InForce);
    let e = c.enrolments(&handle("aa"));
    assert_eq!(e.person(&person).unwrap().current, current);
    assert_eq!(e.person_of_key(&key(52).public()).unwrap().first, person);
    assert_eq!(c.would_accept(&stale), Err(Refusal::StaleSupersedes));
}

#[test]
fn roles_decide_who_creates_and_changes_what() {
    //= R-04-16
    let (mut f, _) = opened();
    let head = f.enrolment("aa", 50, &["admin"], 51);
    for (seed, role) in [
        (51, "developer"),
        (52, "publisher"),
        (53, "librarian"),
        (54, "publisher"),
    ] {
        f.enrol("aa", seed, &[role], ADMIN);
    }
    let by_developer = f.put(&head, &[51]);
    let d_course = course(&mut f, 51, "un");
    let p_course = course(&mut f, 52, "deux");
    let head = f.repository("aa", 52, "trois", &["aa"]);
    let p_repo = f.put(&head, &[52]);
    let head = f.repository("aa", 51, "quatre", &["aa"]);
    let d_repo = f.put(&head, &[51]);
    let head = new_version(&mut f, 54, p_course, &[p_course], "deux");
    let others = f.put(&head, &[54]);
    let head = new_version(&mut f, 53, p_course, &[p_course], "deux");
    let librarians = f.put(&head, &[53]);
    let c = f.fold();
    for id in [by_developer, d_course, p_repo, others] {
        assert!(matches!(refused(&c, &id), Some(Reason::Role(_))), "{id}");
    }
    for id in [d_repo, librarians] {
        assert_eq!(state(&c, &id), State::InForce);
    }
    assert_eq!(state(&c, &p_course), State::Superseded);
}

#[test]
fn a_profile_is_written_by_the_person_or_an_administrator() {
    //= R-04-16, R-04-26
    let (mut f, _) = opened();
    let person = f.enrol("aa", 51, &["developer"], ADMIN);
    let of = person.to_string();
    let head = about(&mut f, "profile", 51, &[("of", &of)]);
    let own = f.put(&head, &[51]);
    let head = about(&mut f, "profile", 51, &[]);
    let institutions = f.put(&head, &[51]);
    let mut head = about(&mut f, "profile", ADMIN, &[("of", &of)]);
    head.supersedes = vec![own];
    let admins = f.put(&head, &[ADMIN]);
    let head = about(&mut f, "profile", ADMIN, &[]);
    let shown = f.put(&head, &[ADMIN]);
    let c = f.fold();
    assert_eq!(state(&c, &own), State::Superseded);
    assert!(matches!(refused(&c, &institutions), Some(Reason::Role(_))));
    assert_eq!(c.profile(&handle("aa"), Some(person)), Some(admins));
    assert_eq!(c.profile(&handle("aa"), None), Some(shown));
}

#[test]
fn items_belong_to_the_log_that_created_them() {
    //= R-04-17
    let (mut f, _) = opened();
    f.open("bb");
    let item = course(&mut f, ADMIN, "cours");
    let mut head = f.resource("bb", 22, "cours");
    head.item = Some(item);
    let elsewhere = f.put(&head, &[22]);
    let mut head = f.repository("aa", ADMIN, "cours", &["aa"]);
    head.item = Some(item);
    let other_kind = f.put(&head, &[ADMIN]);
    let c = f.fold();
    assert_eq!(refused(&c, &elsewhere), Some(Reason::NotOwner));
    assert_eq!(refused(&c, &other_kind), Some(Reason::NotOwner));
}

#[test]
fn the_first_claim_of_a_slug_owns_it_and_a_rename_keeps_the_old_one() {
    //= R-04-18, R-04-19
    let (mut f, _) = opened();
    let item = course(&mut f, ADMIN, "cours");
    let second = course(&mut f, ADMIN, "cours");
    let head = f.repository("aa", ADMIN, "cours", &["aa"]);
    let other_kind = f.put(&head, &[ADMIN]);
    let head = new_version(&mut f, ADMIN, item, &[item], "algebre");
    let renamed = f.put(&head, &[ADMIN]);
    let still_taken = course(&mut f, ADMIN, "cours");
    let c = f.fold();
    for id in [second, other_kind, still_taken] {
        assert_eq!(refused(&c, &id), Some(Reason::SlugTaken));
    }
    let view = c.item(&item).unwrap();
    assert_eq!((view.slug.as_str(), view.displayed()), ("algebre", renamed));
    assert_eq!(
        view.aliases.iter().map(Slug::as_str).collect::<Vec<_>>(),
        ["cours"]
    );
    assert_eq!(c.by_name(&handle("aa"), &slug("cours")), Some(item));

    let mut release = |by: u8, name: &str| {
        let mut head = about(
            &mut f,
            "withdrawal",
            by,
            &[("code", "error"), ("release", name)],
        );
        head.item = Some(item);
        f.put(&head, &[by])
    };
    let not_its = release(ADMIN, "autre");
    let freed = release(ADMIN, "cours");
    let taken = course(&mut f, ADMIN, "cours");
    let c = f.fold();
    assert_eq!(refused(&c, &not_its), Some(Reason::NotItsSlug));
    assert_eq!(state(&c, &freed), State::InForce);
    assert_eq!(c.by_name(&handle("aa"), &slug("cours")), Some(taken));
    assert!(c.item(&item).unwrap().aliases.is_empty());
}

#[test]
fn the_charter_under_the_last_marker_says_which_licences() {
    //= R-04-20
    let (mut f, _) = opened();
    let before = course(&mut f, ADMIN, "avant");
    let mut next = f.draft();
    next.licences = vec!["MIT".to_owned()];
    f.amend(&next);
    let unmarked = course(&mut f, ADMIN, "entre");
    let (_, id) = f.chain.head();
    f.marker("aa", 1, id);
    let after = course(&mut f, ADMIN, "apres");
    let c = f.fold();
    assert_eq!(state(&c, &before), State::InForce);
    assert_eq!(state(&c, &unmarked), State::InForce);
    assert_eq!(refused(&c, &after), Some(Reason::Licence));
}

#[test]
fn a_description_is_of_an_earlier_statement_of_the_item_by_a_node() {
    //= R-04-21
    let (mut f, _) = opened();
    let item = course(&mut f, ADMIN, "cours");
    let other = course(&mut f, ADMIN, "autre");
    let mut describe = |author: u8, of: StatementId, over: &[StatementId]| {
        let mut head = about(
            &mut f,
            "description",
            author,
            &[("of", &of.to_string()), ("tool", "t")],
        );
        head.fields
            .insert("text".to_owned(), Value::List(Vec::new()));
        head.item = Some(item);
        head.supersedes = over.to_vec();
        f.put(&head, &[author])
    };
    let first = describe(NODE, item, &[]);
    let second = describe(NODE, item, &[first]);
    let by_person = describe(ADMIN, item, &[]);
    let of_other = describe(NODE, other, &[]);
    let c = f.fold();
    assert_eq!(state(&c, &first), State::Superseded);
    assert!(matches!(refused(&c, &by_person), Some(Reason::Role(_))));
    assert_eq!(refused(&c, &of_other), Some(Reason::NotEarlier));
    let described: Vec<_> = c
        .item(&item)
        .unwrap()
        .descriptions
        .iter()
        .map(|d| d.id)
        .collect();
    assert_eq!(described, [second]);
}

#[test]
fn a_withdrawal_is_lifted_by_the_version_that_supersedes_it() {
    //= R-04-22
    let (mut f, _) = opened();
    f.enrol("aa", 51, &["publisher"], ADMIN);
    let item = course(&mut f, ADMIN, "cours");
    let mut withdraw = |by: u8, of: Option<StatementId>| {
        let mut head = about(&mut f, "withdrawal", by, &[("code", "error")]);
        if let Some(of) = of {
            head.fields.insert("of".to_owned(), of.to_string().into());
        }
        head.item = Some(item);
        f.put(&head, &[by])
    };
    let by_another = withdraw(51, None);
    let whole = withdraw(ADMIN, None);
    let version = withdraw(ADMIN, Some(item));
    let c = f.fold();
    assert!(matches!(refused(&c, &by_another), Some(Reason::Role(_))));
    let view = c.item(&item).unwrap();
    assert_eq!(view.withdrawn, Some(whole));
    assert_eq!(view.withdrawn_versions.get(&item), Some(&version));
    let mut over = vec![item, whole];
    over.sort();
    let head = new_version(&mut f, ADMIN, item, &over, "cours");
    assert_eq!(c.would_accept(&statement(&head, &[ADMIN])), Ok(()));
    let lifted = f.put(&head, &[ADMIN]);
    let c = f.fold();
    let view = c.item(&item).unwrap();
    assert_eq!((view.withdrawn, view.displayed()), (None, lifted));
    assert_eq!(state(&c, &whole), State::Superseded);
}

#[test]
fn an_erasure_names_earlier_statements_of_its_maker_or_of_anybody_by_an_administrator() {
    //= R-04-23
    let (mut f, _) = opened();
    f.enrol("aa", 51, &["publisher"], ADMIN);
    let mine = course(&mut f, 51, "mien");
    let theirs = course(&mut f, ADMIN, "leur");
    let mut erase = |by: u8, of: StatementId| {
        let of = vec![Value::from(of.to_string())];
        let head = f.head("aa", "erasure", by, object([("of", of.into())]));
        f.put(&head, &[by])
    };
    let own = erase(51, mine);
    let anothers = erase(51, theirs);
    let admins = erase(ADMIN, theirs);
    let unknown = erase(ADMIN, StatementId([7; 32]));
    let c = f.fold();
    assert_eq!(state(&c, &own), State::InForce);
    assert!(matches!(refused(&c, &anothers), Some(Reason::Role(_))));
    assert_eq!(state(&c, &admins), State::InForce);
    assert_eq!(refused(&c, &unknown), Some(Reason::NotEarlier));
    // The call that folded them says whose bodies to drop.
    let mut c = Catalogue::new(&f.chain);
    let mut erased = Vec::new();
    for (n, entry) in f.logs[&handle("aa")].iter().enumerate() {
        erased.extend(c.append(&handle("aa"), n as u64, entry, &f).erased);
    }
    assert_eq!(erased, [mine, theirs]);
}

#[test]
fn concurrent_versions_all_stand_and_the_last_is_displayed() {
    //= R-04-24, R-04-26
    let (mut f, _) = opened();
    let item = course(&mut f, ADMIN, "cours");
    let head = new_version(&mut f, ADMIN, item, &[item], "cours");
    let one = f.put(&head, &[ADMIN]);
    let head = new_version(&mut f, ADMIN, item, &[item], "cours");
    let two = f.put(&head, &[ADMIN]);
    let c = f.fold();
    let view = c.item(&item).unwrap();
    let heads: Vec<_> = view.heads.iter().map(|h| h.2).collect();
    assert_eq!(heads, [two, one]);
    assert_eq!(view.versions, [item, one, two]);
    // A refused statement replaces nothing, but passes on what it named.
    let head = new_version(&mut f, 99, item, &[one], "cours");
    let stranger = f.put(&head, &[99]);
    let c = f.fold();
    assert_eq!(state(&c, &one), State::InForce);
    let head = new_version(&mut f, ADMIN, item, &[stranger], "cours");
    f.put(&head, &[ADMIN]);
    let c = f.fold();
    assert_eq!(state(&c, &one), State::Superseded);
    assert_eq!(state(&c, &two), State::InForce);
}

#[test]
fn the_door_asks_for_what_is_current() {
    //= R-04-25
    let (mut f, _) = opened();
    let item = course(&mut f, ADMIN, "cours");
    let head = new_version(&mut f, ADMIN, item, &[item], "cours");
    let second = f.put(&head, &[ADMIN]);
    let c = f.fold();
    for (over, expected) in [
        (vec![second], Ok(())),
        (vec![item], Err(Refusal::StaleSupersedes)),
        (vec![], Err(Refusal::StaleSupersedes)),
    ] {
        let head = new_version(&mut f, ADMIN, item, &over, "cours");
        assert_eq!(c.would_accept(&statement(&head, &[ADMIN])), expected);
    }
    let known = Statement::open(f.logs[&handle("aa")].last().unwrap()).unwrap();
    assert_eq!(c.would_accept(&known), Err(Refusal::Known));
    let head = f.resource("aa", ADMIN, "cours");
    let refusal = c.would_accept(&statement(&head, &[ADMIN])).unwrap_err();
    assert_eq!(refusal, Refusal::Rule(Reason::SlugTaken));
    assert_eq!(refusal.kind(), RefusalKind::NotAllowed);
}

#[test]
fn the_door_asks_for_the_newest_policy_and_an_unforked_charter() {
    //= R-04-27
    let (mut f, admin) = opened();
    let (repo, push) = with_repository(&mut f, admin);
    let mut head = f.repository("aa", ADMIN, "outil", &["aa"]);
    head.item = Some(repo);
    head.supersedes = vec![repo];
    let policy = f.put(&head, &[ADMIN]);
    let c = f.fold();
    let mut pushed = |policy: StatementId| {
        let changes = vec![change("refs/heads/main", &[push], 1, 2, false)];
        statement(&f.refs("aa", admin, repo, policy, changes), &[NODE])
    };
    assert_eq!(c.would_accept(&pushed(policy)), Ok(()));
    assert_eq!(
        c.would_accept(&pushed(repo)),
        Err(Refusal::Rule(Reason::OlderPolicy))
    );
    // Two valid successors of charter 0: no marker above 0 until an amendment names both.
    let (mut one, mut two) = (f.draft(), f.draft());
    one.name = "Un".to_owned();
    two.name = "Deux".to_owned();
    f.amend(&one);
    let fork = super::federation::seal_charter(&two, &[1, 2, 3]);
    f.chain.add(&fork).unwrap();
    let c = f.fold();
    let id = f.chain.get(1).unwrap().1;
    let fields = object([
        ("number", Value::Int(1)),
        ("charter", id.to_string().into()),
    ]);
    let head = f.head("aa", "charter-marker", NODE, fields);
    assert_eq!(
        c.would_accept(&statement(&head, &[NODE])),
        Err(Refusal::Rule(Reason::Marker))
    );
}

#[test]
fn a_list_is_asked_for_and_its_push_waits() {
    //= R-04-28
    let (mut f, admin) = opened();
    let (repo, first) = with_repository(&mut f, admin);
    let parsed = crate::statement::Change {
        name: "refs/heads/main".to_owned(),
        over: vec![first],
        old: Some("1".repeat(40)),
        new: Some("5".repeat(40)),
        forced: false,
    };
    let bytes = list::write_changes(&[parsed]).unwrap();
    let mut head = f.refs("aa", admin, repo, repo, Vec::new());
    head.fields.remove("changes");
    let named = object([
        ("sha256", list::hash(&bytes).to_string().into()),
        ("size", Value::Int(bytes.len() as u64)),
    ]);
    head.fields.insert("list".to_owned(), named.into());
    let push = f.put(&head, &[NODE]);
    let mut c = Catalogue::new(&f.chain);
    let mut wanted = Vec::new();
    for (n, entry) in f.logs[&handle("aa")].iter().enumerate() {
        wanted.extend(c.append(&handle("aa"), n as u64, entry, &f).lists_wanted);
    }
    assert_eq!(wanted, [(list::hash(&bytes), bytes.len() as u64)]);
    assert_eq!(state(&c, &push), State::Pending);
    c.put_list(list::hash(&bytes), b"other bytes", &f);
    assert_eq!(state(&c, &push), State::Pending);
    let delta = c.put_list(list::hash(&bytes), &bytes, &f);
    assert!(delta.items.contains(&repo));
    assert_eq!(state(&c, &push), State::InForce);
    assert_eq!(state(&c, &first), State::Superseded);
}

#[test]
fn in_this_version_only_the_owner_pushes() {
    //= R-05-02
    let (mut f, admin) = opened();
    let (repo, push) = with_repository(&mut f, admin);
    let other = f.open("bb");
    let changes = vec![change("refs/heads/main", &[push], 1, 2, false)];
    let head = f.refs("bb", other, repo, repo, changes);
    let theirs = f.put(&head, &[node_seed("bb")]);
    let c = f.fold();
    assert_eq!(refused(&c, &theirs), Some(Reason::OwnerOnly));
    assert_eq!(state(&c, &push), State::InForce);
    // Before the owner's log is here, it is waited for.
    let mut c = Catalogue::new(&f.chain);
    for (n, entry) in f.logs[&handle("bb")].iter().enumerate() {
        c.append(&handle("bb"), n as u64, entry, &f);
    }
    assert_eq!(state(&c, &theirs), State::Pending);
    assert_eq!(institution_seed("bb"), 2);
}

#[test]
fn the_door_tells_a_race_from_a_rule() {
    //= R-05-16
    let (mut f, admin) = opened();
    let head = f.repository("aa", ADMIN, "outil", &["aa"]);
    let mut head = head;
    let rule = object([
        ("pattern", "refs/heads/main".into()),
        ("threshold", Value::Int(1)),
        ("force", Value::Bool(false)),
        ("delete", Value::Bool(false)),
        ("base", Value::List(Vec::new())),
    ]);
    head.fields
        .insert("protected".to_owned(), vec![Value::Object(rule)].into());
    let repo = f.put(&head, &[ADMIN]);
    let tag = vec![
        change("refs/heads/main", &[], 0, 1, false),
        change("refs/tags/v1", &[], 0, 1, false),
    ];
    let head = f.refs("aa", admin, repo, repo, tag);
    let push = f.put(&head, &[NODE]);
    let c = f.fold();
    let mut ask = |change: Value| {
        let head = f.refs("aa", admin, repo, repo, vec![change]);
        c.would_accept(&statement(&head, &[NODE]))
    };
    let main = "refs/heads/main";
    assert_eq!(ask(change(main, &[push], 1, 2, false)), Ok(()));
    for stale in [
        change(main, &[], 1, 2, false),
        change(main, &[push], 3, 2, false),
        change(main, &[repo], 1, 2, false),
        change("refs/heads/b", &[], 1, 2, false),
    ] {
        assert_eq!(ask(stale).unwrap_err().kind(), RefusalKind::Stale);
    }
    for barred in [
        change(main, &[push], 1, 2, true),
        change(main, &[push], 1, 0, false),
    ] {
        assert_eq!(ask(barred), Err(Refusal::Protected(main.to_owned())));
    }
    assert_eq!(
        ask(change("refs/tags/v1", &[push], 1, 2, false)),
        Err(Refusal::Rule(Reason::TagMoved))
    );
    assert_eq!(ask(change("refs/tags/v1", &[push], 1, 2, true)), Ok(()));
}

#[test]
fn a_cut_counts_when_the_log_bears_it_out() {
    //= R-05-07
    let (mut f, admin) = opened();
    let (repo, push) = with_repository(&mut f, admin);
    let good = f.cut("aa");
    let changes = vec![change("refs/heads/main", &[push], 1, 2, false)];
    let head = f.refs("aa", admin, repo, repo, changes);
    let late = f.put(&head, &[NODE]);
    let mut cut_by = |cut: Cut| {
        let mut g = Federation::new();
        std::mem::swap(&mut g, &mut f);
        let mut head = g.repository("aa", ADMIN, "outil", &["aa"]);
        head.item = Some(repo);
        head.supersedes = vec![repo];
        head.fields
            .insert("cuts".to_owned(), vec![cut.to_value()].into());
        g.put(&head, &[ADMIN]);
        let c = g.fold();
        g.logs.get_mut(&handle("aa")).unwrap().pop();
        std::mem::swap(&mut g, &mut f);
        c
    };
    let mut wrong = good.clone();
    wrong.root.0[0] ^= 1;
    assert_eq!(state(&cut_by(wrong), &late), State::InForce);
    let c = cut_by(good);
    assert_eq!(refused(&c, &late), Some(Reason::Cut));
    assert_eq!(state(&c, &push), State::InForce);
}

#[test]
fn a_first_administrator_is_enrolled_by_the_institutions_keys_to_their_threshold() {
    //= R-04-12
    let mut genesis = crate::charter::Amendment::genesis("Deux", 1, member("aa", 1));
    let mut keys = vec![key(1).public(), key(4).public()];
    keys.sort();
    genesis.institutions[0].keys = keys;
    genesis.institutions[0].threshold = 2;
    let bytes = super::federation::seal_charter(&genesis, &[1, 4]);
    let mut f = Federation::new();
    f.chain = crate::charter::Chain::begin(&bytes).unwrap();
    let zero: CharterId = f.chain.get(0).unwrap().1;
    f.marker("aa", 0, zero);
    let one_key = f.enrol("aa", admin_seed("aa"), &["admin"], 1);
    let head = f.enrolment("aa", admin_seed("aa"), &["admin"], 1);
    let both = f.put(&head, &[1, 4]);
    let c = f.fold();
    assert_eq!(refused(&c, &one_key), Some(Reason::NotEnrolled));
    assert_eq!(state(&c, &both), State::InForce);
}
