//! Items, their names, versions, withdrawals.

use super::*;

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
