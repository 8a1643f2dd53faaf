//! Keys, persons, nodes, roles.

use super::*;

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
fn a_first_administrator_is_enrolled_by_the_institutions_keys_to_their_threshold() {
    //= R-04-12
    let mut genesis = crate::charter::Amendment::genesis("Deux", 1, member("aa", 1));
    let mut keys = vec![key(1).public(), key(4).public()];
    keys.sort();
    genesis.institutions[0].keys = keys;
    genesis.institutions[0].threshold = 2;
    let bytes = super::super::federation::seal_charter(&genesis, &[1, 4]);
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
