use commun_specs::{name::Handle, statement::Body};

use super::{EntryRow, Store};

fn entry(n: u8) -> EntryRow {
    EntryRow {
        bytes: vec![n; 2_000],
        valid: n != 0,
        embodied: n.is_multiple_of(2),
    }
}

fn body(n: u8) -> Body {
    Body {
        salt: [n; 32],
        bytes: vec![n; 5_000],
    }
}

#[test]
fn a_file_of_the_first_release_is_taken_over_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(super::TABLES).unwrap();
    old.execute_batch(
        "CREATE TABLE entry(log INTEGER NOT NULL, position INTEGER NOT NULL, id BLOB NOT NULL, valid INTEGER NOT NULL,
           embodied INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(log, position)) WITHOUT ROWID;
         CREATE INDEX entry_id ON entry(id);
         CREATE INDEX entry_embodied ON entry(log, position) WHERE embodied;
         CREATE TABLE body(log INTEGER NOT NULL, position INTEGER NOT NULL, salt BLOB NOT NULL, bytes BLOB NOT NULL,
           PRIMARY KEY(log, position)) WITHOUT ROWID;
         PRAGMA user_version = 1;",
    )
    .unwrap();
    for (log, position, n) in [(2, 0, 7), (1, 1, 4), (1, 0, 6)] {
        let e = entry(n);
        old.execute(
            "INSERT INTO entry VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            (log, position, [n; 32], e.valid, e.embodied, e.bytes),
        )
        .unwrap();
    }
    old.execute(
        "INSERT INTO body VALUES(1, 1, ?1, ?2)",
        ([4_u8; 32], body(4).bytes),
    )
    .unwrap();
    drop(old);
    // Twice: what is taken over is not taken over again.
    for _ in 0..2 {
        let store = Store::open(&path).unwrap();
        for (log, position, n) in [(2, 0, 7), (1, 1, 4), (1, 0, 6)] {
            let found = store.entry(log, position).unwrap().unwrap();
            assert_eq!(found.bytes, entry(n).bytes);
            assert_eq!((found.valid, found.embodied), (true, n != 7));
        }
        assert!(store.entry(1, 2).unwrap().is_none());
        assert_eq!(store.body(1, 1).unwrap(), Some(body(4)));
        assert_eq!(store.withheld(1, 10).unwrap(), [0]);
    }
}

#[test]
fn logs_keep_apart_and_nothing_lies_beyond_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("log.db")).unwrap();
    let logs = ["univ-a", "univ-b"].map(|h| store.log(&Handle::new(h).unwrap()).unwrap());
    for (log, first) in [(&logs[0], 10), (&logs[1], 20)] {
        for position in 0..4_u8 {
            let words = (position != 2).then(|| body(first + position));
            store
                .put_entry(
                    log.id,
                    position.into(),
                    &entry(first + position),
                    words.as_ref(),
                )
                .unwrap();
        }
    }
    assert_eq!(store.withheld(logs[0].id, 10).unwrap(), [2]);
    assert_eq!(store.withheld(logs[1].id, 10).unwrap(), [2]);
    store.truncate(&logs[0], 1).unwrap();
    let sizes = logs.map(|log| {
        let there = |position: &u64| store.entry(log.id, *position).unwrap().is_some();
        (0..10).filter(there).count()
    });
    assert_eq!(sizes, [1, 4]);
    // What a peer may ask for: not the next log's, and no fault either.
    for position in [1 << 40, (1 << 40) + 1, u64::MAX >> 11, u64::MAX] {
        assert!(store.entry(1, position).unwrap().is_none());
        assert!(store.body(1, position).unwrap().is_none());
    }
}
