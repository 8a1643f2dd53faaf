//! Entries, markers, charters, lists, cuts.

use super::*;

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
    let alone = super::super::federation::seal_charter(&genesis, &[1]);
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
fn a_listed_institution_pushes_from_its_own_log() {
    //= R-05-02
    let (mut f, admin) = opened();
    let (repo, push) = with_repository(&mut f, admin);
    let course = course(&mut f, ADMIN, "cours");
    let (bb, cc) = (f.open("bb"), f.open("cc"));
    let onto = |over: &[StatementId]| vec![change("refs/heads/main", over, 1, 2, false)];
    let head = f.refs("bb", bb, repo, repo, onto(&[push]));
    assert_eq!(
        f.fold().would_accept(&statement(&head, &[node_seed("bb")])),
        Ok(())
    );
    let theirs = f.put(&head, &[node_seed("bb")]);
    let head = f.refs("cc", cc, repo, repo, onto(&[push]));
    assert_eq!(
        f.fold().would_accept(&statement(&head, &[node_seed("cc")])),
        Err(Refusal::Rule(Reason::NotPusher))
    );
    let strangers = f.put(&head, &[node_seed("cc")]);
    let head = f.refs("bb", bb, course, repo, onto(&[]));
    let to_course = f.put(&head, &[node_seed("bb")]);
    let c = f.fold();
    assert_eq!(state(&c, &theirs), State::InForce);
    assert_eq!(state(&c, &push), State::Superseded);
    assert_eq!(refused(&c, &strangers), Some(Reason::NotPusher));
    assert_eq!(refused(&c, &to_course), Some(Reason::NoRepository));
    let item = c.item(&repo).unwrap();
    let main = &item.refs["refs/heads/main"];
    assert_eq!((main.heads[0].id, main.heads.len()), (theirs, 1));
    // The next push, whoever's it is, goes on from there.
    let changes = vec![change("refs/heads/main", &[theirs], 2, 3, false)];
    let head = f.refs("aa", admin, repo, repo, changes);
    assert_eq!(c.would_accept(&statement(&head, &[NODE])), Ok(()));
    // Before the owner's log is here, it is waited for.
    let mut c = Catalogue::new(&f.chain);
    for (n, entry) in f.logs[&handle("bb")].iter().enumerate() {
        c.append(&handle("bb"), n as u64, entry, &f);
    }
    assert_eq!(state(&c, &theirs), State::Pending);
    for (n, entry) in f.logs[&handle("aa")].iter().enumerate() {
        c.append(&handle("aa"), n as u64, entry, &f);
    }
    assert_eq!(state(&c, &theirs), State::InForce);
}

#[test]
fn what_is_said_of_a_push_or_a_version_that_does_not_count_is_not_shown() {
    //= R-04-33
    let (mut f, admin) = opened();
    let (repo, push) = with_repository(&mut f, admin);
    let cc = f.open("cc");
    let head = f.refs(
        "cc",
        cc,
        repo,
        repo,
        vec![change("refs/heads/x", &[], 0, 2, false)],
    );
    let stranger = f.put(&head, &[node_seed("cc")]);
    let mut head = f.repository("cc", admin_seed("cc"), "a-nous", &["cc"]);
    head.item = Some(repo);
    head.supersedes = vec![repo];
    let usurper = f.put(&head, &[admin_seed("cc")]);
    for (log, of) in [
        ("aa", repo),
        ("aa", push),
        ("cc", stranger),
        ("cc", usurper),
    ] {
        let fields = object([
            ("of", of.to_string().into()),
            ("tool", "t".into()),
            ("text", Value::List(Vec::new())),
        ]);
        let mut head = f.head(log, "description", node_seed(log), fields);
        head.item = Some(repo);
        f.put(&head, &[node_seed(log)]);
    }
    let c = f.fold();
    let of: Vec<StatementId> = c
        .item(&repo)
        .unwrap()
        .descriptions
        .iter()
        .map(|d| d.of)
        .collect();
    assert_eq!(of, [repo, push]);
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
