use commun_specs::{
    fold::State as EntryState,
    json::{Object, Value},
};

use super::*;
use crate::{init, testing::range};

async fn found(dir: &Path, handle: &str) -> Core {
    init::found(dir, "Essai", "Université", &Handle::new(handle).unwrap())
        .await
        .unwrap()
}

fn repository(slug: &str, handle: &str) -> Draft {
    let text = format!(
        r#"{{"cuts":[],"default_branch":"main","licence":"EUPL-1.2","object_format":"sha1","protected":[],"pushers":[{{"institution":"{handle}"}}],"slug":"{slug}"}}"#
    );
    let fields = commun_specs::json::parse_object(text.as_bytes()).unwrap();
    Draft {
        kind: "repository",
        fields,
        body: Some(b"{}".to_vec()),
        ..Draft::default()
    }
}

#[tokio::test]
async fn a_new_commons_begins_with_five_statements_in_force_and_survives_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let core = found(dir.path(), "univ-a").await;
    let me = core.identity().handle.clone();
    let check = |core: &Core| {
        let state = core.state();
        let tip = state.tip(&me).unwrap().clone();
        let states: Vec<_> = (0..tip.size)
            .map(|p| state.catalogue().state(&me, p))
            .collect();
        assert_eq!(states, vec![Some(EntryState::InForce); 5]);
        (tip.root, state.catalogue().root())
    };
    let before = check(&core);
    assert_eq!(core.name_of(None, &me).as_deref(), Some("Université"));
    let token = core.keys().admin_token().unwrap().unwrap();
    let admin = core.person_of_token(&token).unwrap().unwrap();
    assert!(core.person_of_token("ct_other").unwrap().is_none());
    assert!(core.author_key(&admin).unwrap().is_some());
    drop(core);
    let again = Core::open(dir.path()).unwrap();
    assert_eq!(check(&again), before);
    assert!(matches!(
        init::found(dir.path(), "x", "y", &me).await,
        Err(init::Error::AlreadyInitialised(_))
    ));
}

#[tokio::test]
async fn a_write_is_durable_idempotent_and_refused_without_leave() {
    let dir = tempfile::tempdir().unwrap();
    let core = found(dir.path(), "univ-a").await;
    let admin = core.persons().remove(0);
    let key = core.author_key(&admin).unwrap().unwrap();
    let entry = core
        .compose(repository("algebre", "univ-a"), &Author::Person(&key))
        .unwrap();
    assert!(
        matches!(core.write(entry.clone()).await, Err(WriteError::NotNow(_))),
        "signs before it may"
    );
    core.set_may_sign(true);
    let written = core.write(entry.clone()).await.unwrap();
    assert_eq!(
        (
            written.position,
            core.write(entry.clone()).await.unwrap().position
        ),
        (5, 5)
    );
    let twice = core
        .compose(repository("algebre", "univ-a"), &Author::Person(&key))
        .unwrap();
    assert!(
        matches!(core.write(twice).await, Err(WriteError::Refused(_))),
        "a slug is claimed once"
    );
    let stranger = SecretKey::from_seed([9; 32]);
    let theirs = core
        .compose(repository("autre", "univ-a"), &Author::Person(&stranger))
        .unwrap();
    assert!(matches!(
        core.write(theirs).await,
        Err(WriteError::Refused(_))
    ));
    let mut bent = core
        .compose(repository("autre", "univ-a"), &Author::Person(&key))
        .unwrap();
    bent.body.as_mut().unwrap().bytes.push(b' ');
    assert!(matches!(
        core.write(bent).await,
        Err(WriteError::Incomplete(_))
    ));
    let changes = core.changes(0, 100).unwrap();
    assert!(changes.iter().any(|(_, item)| *item == written.id));
    drop(core);
    let core = Core::open(dir.path()).unwrap();
    let slug = commun_specs::name::Slug::new("algebre").unwrap();
    assert_eq!(
        core.state()
            .catalogue()
            .by_name(&Handle::new("univ-a").unwrap(), &slug),
        Some(written.id)
    );
    assert_eq!(
        core.statement(&written.id)
            .unwrap()
            .unwrap()
            .body
            .unwrap()
            .bytes,
        b"{}"
    );
}

#[tokio::test]
async fn an_institution_joins_and_both_nodes_have_the_same_catalogue() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let a = found(one.path(), "univ-a").await;
    a.set_may_sign(true);
    let invitation = a
        .invite(vec!["/ip4/127.0.0.1/tcp/1".to_owned()])
        .await
        .unwrap();
    let keys = Keys::open(&two.path().join("keys")).unwrap();
    let b_handle = Handle::new("univ-b").unwrap();
    let request = commun_specs::join::JoinRequest {
        secret: invitation.secret.clone(),
        handle: b_handle.clone(),
        name: "Deux".to_owned(),
        keys: vec![keys.institution().unwrap().public()],
        threshold: 1,
        node: keys.node().unwrap().public(),
    };
    assert_eq!(
        a.join_request(request.clone()).await.unwrap(),
        JoinState::Pending
    );
    let forged = commun_specs::join::JoinRequest {
        secret: "x".to_owned(),
        ..request.clone()
    };
    assert!(matches!(
        a.join_request(forged).await.unwrap(),
        JoinState::Refused(_)
    ));
    assert!(a.admit("univ-b").await.unwrap().in_force);
    init::mark_charter(&a).await.unwrap();
    let JoinState::Admitted {
        charter,
        successions,
    } = a.join_request(request).await.unwrap()
    else {
        panic!("admitted");
    };
    let b = init::begin(two.path(), &keys, &b_handle, "Deux", charter, successions)
        .await
        .unwrap();
    let own = b
        .state()
        .successions(&b_handle)
        .unwrap()
        .envelopes()
        .next()
        .unwrap();
    a.add_succession(own).await.unwrap();
    for (from, to, handle) in [(&a, &b, "univ-a"), (&b, &a, "univ-b")] {
        let (range, terms) = range(from, &Handle::new(handle).unwrap(), 0);
        let mut bent = range.clone();
        bent.entries[1].entry[40] ^= 1;
        assert!(to.accept_range(bent, terms.clone()).await.is_err());
        to.accept_range(range, terms).await.unwrap();
    }
    assert_eq!(a.state().catalogue().root(), b.state().catalogue().root());
    assert_eq!(a.state().members().len(), 2);
    assert_eq!(
        b.name_of(None, &Handle::new("univ-a").unwrap()).as_deref(),
        Some("Université")
    );
    let fields = Object::from([("x".to_owned(), Value::Int(1))]);
    let haiku = Draft {
        kind: "haiku",
        fields,
        ..Draft::default()
    };
    let admin = a.persons().remove(0);
    let key = a.author_key(&admin).unwrap().unwrap();
    let from = a.state().tip(&a.identity().handle).unwrap().size;
    let id = a
        .write(a.compose(haiku, &Author::Person(&key)).unwrap())
        .await
        .unwrap()
        .id;
    let (range, terms) = range(&a, &a.identity().handle, from);
    b.accept_range(range, terms).await.unwrap();
    assert!(
        b.statement(&id).unwrap().is_some(),
        "an unknown kind travels"
    );
    assert_eq!(a.state().catalogue().root(), b.state().catalogue().root());
    let root = b.state().catalogue().root();
    drop(b);
    assert_eq!(
        Core::open(two.path()).unwrap().state().catalogue().root(),
        root
    );
}

/// A folder whose `init` was killed after the charter was stored.
async fn interrupted(dir: &Path) -> Core {
    let other = tempfile::tempdir().unwrap();
    let made = found(other.path(), "univ-a").await;
    std::fs::create_dir_all(dir.join("keys/persons")).unwrap();
    for name in ["node.key", "institution.key"] {
        std::fs::copy(
            other.path().join("keys").join(name),
            dir.join("keys").join(name),
        )
        .unwrap();
    }
    let mut store = Store::open(&dir.join("log.db")).unwrap();
    let from = made.store().unwrap();
    store
        .transaction(|s| -> Result<(), store::Error> {
            s.put_charter(0, &from.charters()?[0])?;
            s.journal_charter(0)?;
            s.put_succession("univ-a", 0, &from.successions()?[0])?;
            s.set_meta("name", "Université".as_bytes())?;
            s.set_meta("handle", b"univ-a")?;
            s.set_meta("fresh", &[1])
        })
        .unwrap();
    drop(store);
    Core::open(dir).unwrap()
}

#[tokio::test]
async fn an_init_that_was_killed_at_any_step_is_completed_at_the_next_start() {
    for steps in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let core = interrupted(dir.path()).await;
        let me = core.identity().handle.clone();
        core.set_may_sign(true);
        if steps > 0 {
            init::mark_charter(&core).await.unwrap();
        }
        if steps > 1 {
            init::enrol_node(&core, &[], &[], None).await.unwrap();
        }
        drop(core);
        let core = Core::open(dir.path()).unwrap();
        init::complete(&core).await.unwrap();
        let size = core.state().tip(&me).unwrap().size;
        assert_eq!(size, 5, "killed after {steps} steps");
        assert_eq!(core.name_of(None, &me).as_deref(), Some("Université"));
        assert!(core.keys().admin_token().unwrap().is_some());
        init::complete(&core).await.unwrap();
        assert_eq!(
            core.state().tip(&me).unwrap().size,
            size,
            "complete is done once"
        );
        assert!(!*core.may_sign().borrow());
    }
}

#[tokio::test]
async fn a_folder_made_again_from_its_keys_signs_nothing_before_it_has_asked() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let lost = found(one.path(), "univ-a").await;
    let me = lost.identity().handle.clone();
    let charter = lost.state().chain().envelopes(0).collect();
    let successions = lost.state().successions(&me).unwrap().envelopes().collect();
    std::fs::create_dir_all(two.path().join("keys")).unwrap();
    for name in ["node.key", "institution.key"] {
        let to = two.path().join("keys").join(name);
        std::fs::copy(one.path().join("keys").join(name), to).unwrap();
    }
    let keys = Keys::open(&two.path().join("keys")).unwrap();
    let again = init::begin(two.path(), &keys, &me, "Université", charter, successions)
        .await
        .unwrap();
    assert_eq!(again.state().tip(&me).map_or(0, |t| t.size), 0);
    let (range, terms) = range(&lost, &me, 0);
    again.accept_range(range, terms).await.unwrap();
    assert_eq!(
        again.state().catalogue().root(),
        lost.state().catalogue().root()
    );
}

#[tokio::test]
async fn an_erased_body_is_gone_here_and_stays_gone() {
    let dir = tempfile::tempdir().unwrap();
    let core = found(dir.path(), "univ-a").await;
    core.set_may_sign(true);
    let admin = core.persons().remove(0);
    let key = core.author_key(&admin).unwrap().unwrap();
    let entry = core
        .compose(repository("algebre", "univ-a"), &Author::Person(&key))
        .unwrap();
    let item = core.write(entry).await.unwrap().id;
    let since = core.changes_cursor();
    let of = Value::List(vec![item.to_string().into()]);
    let fields = Object::from([("of".to_owned(), of)]);
    let erasure = Draft {
        kind: "erasure",
        fields,
        ..Draft::default()
    };
    core.write(core.compose(erasure, &Author::Person(&key)).unwrap())
        .await
        .unwrap();
    assert!(core.statement(&item).unwrap().unwrap().body.is_none());
    assert!(
        core.changes(since, 10)
            .unwrap()
            .iter()
            .any(|(_, i)| *i == item),
        "followers hear of it"
    );
    let row = core.log_row(&core.identity().handle).unwrap();
    assert!(
        core.store().unwrap().withheld(row, 10).unwrap().is_empty(),
        "it is not asked for again"
    );
    drop(core);
    let core = Core::open(dir.path()).unwrap();
    assert!(core.statement(&item).unwrap().unwrap().body.is_none());
}

#[tokio::test]
async fn a_log_that_is_cut_gives_its_lines_to_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let core = found(dir.path(), "univ-a").await;
    let me = core.identity().handle.clone();
    core.set_may_sign(true);
    let admin = core.persons().remove(0);
    let key = core.author_key(&admin).unwrap().unwrap();
    let entry = core
        .compose(repository("algebre", "univ-a"), &Author::Person(&key))
        .unwrap();
    let item = core.write(entry).await.unwrap();
    let untouched = core.truncate(me.clone(), tree::MAX_SIZE).await.unwrap();
    assert_eq!(untouched.size, 6);
    let before = core.changes_cursor();
    let cut = core.truncate(me.clone(), 5).await.unwrap();
    assert_eq!(cut.size, 5);
    assert!(core.state().catalogue().item(&item.id).is_none());
    assert!(
        core.changes(before, 10)
            .unwrap()
            .iter()
            .any(|(_, i)| *i == item.id),
        "followers hear of it"
    );
    let entry = core
        .compose(repository("analyse", "univ-a"), &Author::Person(&key))
        .unwrap();
    let next = core.write(entry).await.unwrap();
    assert!(next.position == 5 && next.seq > before);
    let root = core.state().catalogue().root();
    drop(core);
    assert_eq!(
        Core::open(dir.path()).unwrap().state().catalogue().root(),
        root
    );
}

#[tokio::test]
async fn the_writer_gives_every_body_or_its_erasure() {
    //= R-06-38
    use commun_specs::sync::{Range, RangeFault, RangeRequest, Terms};
    // In one range the erasure is among the entries; in a short one it comes along with its proof.
    for short in [false, true] {
        let (a, b) = crate::testing::Node::two().await;
        let (a, b) = (&a.core, &b.core);
        let handle = a.identity().handle.clone();
        let from = b.state().tip(&handle).unwrap().size;
        let key = a.author_key(&a.persons().remove(0)).unwrap().unwrap();
        let mut items = Vec::new();
        for slug in ["algebre", "analyse"] {
            let entry = a
                .compose(repository(slug, "univ-a"), &Author::Person(&key))
                .unwrap();
            items.push(a.write(entry).await.unwrap());
        }
        let of = Value::List(vec![items[0].id.to_string().into()]);
        let erasure = Draft {
            kind: "erasure",
            fields: Object::from([("of".to_owned(), of)]),
            ..Draft::default()
        };
        a.write(a.compose(erasure, &Author::Person(&key)).unwrap())
            .await
            .unwrap();
        let request = RangeRequest {
            handle: handle.clone(),
            epoch: 0,
            from,
            base: from,
            max_entries: if short { 2 } else { 100 },
            max_bytes: 1 << 20,
        };
        let range = a.range(&request).unwrap().unwrap();
        assert_eq!(range.erasures.len(), usize::from(short));
        let (_, terms) = crate::testing::range(a, &handle, from);
        let terms = Terms { own: true, ..terms };
        let refused = |bent: Range| b.accept_range(bent, terms.clone());
        let mut bent = range.clone();
        bent.entries[1].body = None;
        let why = refused(bent).await;
        assert!(matches!(why, Err(RangeFault::Entries(_))), "{why:?}");
        if short {
            let mut bent = range.clone();
            bent.erasures.clear();
            let why = refused(bent.clone()).await;
            assert!(matches!(why, Err(RangeFault::Entries(_))), "{why:?}");
            let mut moved = range.clone();
            moved.erasures[0].position -= 1;
            let why = refused(moved).await;
            assert!(matches!(why, Err(RangeFault::Proof)), "{why:?}");
        }
        let stored = b.accept_range(range.clone(), terms.clone()).await.unwrap();
        assert_eq!(stored.size, from + range.entries.len() as u64);
    }
}
