use proptest::prelude::*;

use super::*;
use crate::id::ContentHash;

fn file(path: &str) -> FileEntry {
    FileEntry {
        path: FilePath::new(path).expect(path),
        size: path.len() as u64,
        media_type: "text/plain".into(),
        blake3: ContentHash::of(path.as_bytes()),
    }
}

fn list(paths: &[&str]) -> Result<FileList, ListError> {
    FileList::new(paths.iter().map(|path| file(path)).collect())
}

#[test]
fn ordinary_paths_are_allowed() {
    for path in [
        "cours.pdf",
        "chapitre 1/Énoncé n°2 (corrigé).pdf",
        "a/b/c.d.e",
        ".nojekyll",
        "-rf",
        "数学/問題.md",
        "كتاب.pdf",
        "console.txt",
        "COM10",
        "nullable",
        "x.git",
        "👩\u{200d}🏫.png",
    ] {
        assert!(
            FilePath::new(path).is_ok(),
            "{path}: {:?}",
            FilePath::new(path)
        );
    }
}

#[test]
fn paths_that_escape_deceive_or_cannot_be_stored_are_refused() {
    for path in [
        "",
        "/etc/passwd",
        "a//b",
        "a/",
        "..",
        "a/../b",
        "./a",
        "a\\b",
        "C:/x",
        "a:b",
        "nul.txt",
        "COM1",
        "com¹",
        "con",
        "LPT9.tar.gz",
        "aux .txt",
        "a.",
        "a ",
        " a",
        "a/ b",
        "a\0b",
        "a\nb",
        "a\u{7f}",
        "a\u{202e}fdp.exe",
        "admin\u{200b}",
        "a\u{e0041}",
        ".git",
        "x/.GIT/config",
        "git~1",
        "<script>",
        "what?.pdf",
        "e\u{301}.txt",
    ] {
        assert!(FilePath::new(path).is_err(), "{path:?}");
    }
    assert!(FilePath::new(&"a".repeat(256)).is_err());
    assert!(FilePath::new(&"a".repeat(255)).is_ok());
    assert!(FilePath::new(&["a"; 33].join("/")).is_err());
    assert!(FilePath::new(&vec!["a".repeat(200); 6].join("/")).is_err());
}

#[test]
fn decomposed_names_are_composed_when_asked_to() {
    assert_eq!(
        FilePath::composing("e\u{301}te\u{301}.txt")
            .expect("composed")
            .as_str(),
        "été.txt"
    );
    assert!(FilePath::composing(&"e\u{301}".repeat(100_000)).is_err());
}

#[test]
fn a_list_has_one_byte_form() {
    //= R-08-10
    let list = list(&["b/é.txt", "a.txt", "b/a.txt"]).expect("valid");
    let bytes = list.encode();
    let text = String::from_utf8(bytes.clone()).expect("JSON");
    assert!(text.starts_with(r#"{"files":[{"blake3":""#));
    assert!(text.contains(r#""path":"a.txt","size":5,"type":"text/plain"}"#));
    assert_eq!(FileList::decode(&bytes).as_ref(), Ok(&list));
    assert_eq!(list.root(), ContentHash::of(&bytes));
    assert_eq!((list.count(), list.total_size()), (3, 5 + 7 + 8));
    assert_eq!(list.find("b/a.txt").map(|f| f.size), Some(7));
    assert!(list.find("b").is_none());
    assert_eq!(FileList::default().encode(), br#"{"files":[]}"#);
}

#[test]
fn paths_that_cannot_live_together_are_refused() {
    for paths in [
        &["a.txt", "a.txt"][..],
        &["a.txt", "A.TXT"],
        &["é.txt", "É.txt"],
        &["a", "a/b"],
        &["A", "a/b"],
        &["dir/x", "DIR/y"],
        &["a/b/c", "a/B"],
    ] {
        assert!(
            matches!(list(paths), Err(ListError::Collision(..))),
            "{paths:?}: {:?}",
            list(paths)
        );
    }
    assert!(list(&["a/b", "a/c", "a.b", "ab/c"]).is_ok());
}

#[test]
fn lists_that_are_not_as_they_must_be_are_refused() {
    let good = String::from_utf8(list(&["a", "b"]).expect("valid").encode()).expect("JSON");
    let hash = ContentHash::of(b"a").to_string();
    for bad in [
        "".to_owned(),
        "[]".into(),
        "{}".into(),
        r#"{"files":{}}"#.into(),
        r#"{"files":[1]}"#.into(),
        format!("{good}\n"),
        good.replace(",\"path\"", ", \"path\""),
        good.replace("\"files\"", "\"file\""),
        good.replace("{\"files\"", "{\"extra\":1,\"files\""),
        good.replace(&hash, &hash.to_uppercase()),
        good.replace(&hash, &hash[1..]),
        good.replace("\"path\":\"b\"", "\"path\":\"Z\""),
        good.replace("\"path\":\"b\"", "\"path\":\"a\""),
        good.replace("\"path\":\"b\"", "\"path\":\"../b\""),
        good.replace("\"size\":1,", "\"size\":9007199254740991,"),
        good.replace("\"size\":1,", "\"size\":-1,"),
        good.replace("text/plain", "text"),
        good.replace("text/plain", "text/html; charset=utf-8"),
        good.replace("text/plain", "Text/Plain"),
    ] {
        assert!(FileList::decode(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(FileList::decode(&vec![b' '; MAX_LIST_BYTES + 1]).is_err());
    let many = (0..MAX_FILES + 1)
        .map(|at| file(&format!("f{at}")))
        .collect();
    assert_eq!(FileList::new(many), Err(ListError::TooMany(MAX_FILES + 1)));
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let vectors: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../vectors/files.json"))
            .expect("the vectors are JSON");
    assert!(vectors.len() >= 20);
    for vector in &vectors {
        let bytes = vector["list"].as_str().expect("a text").as_bytes();
        let read = FileList::decode(bytes);
        assert_eq!(vector["valid"], read.is_ok(), "{}: {read:?}", vector["id"]);
        match read {
            Ok(list) => assert_eq!(list.encode(), bytes, "{}", vector["id"]),
            // The message names a rule of the same part of the specification.
            Err(cause) => assert!(cause.to_string().contains("R-0"), "{cause}"),
        }
    }
}

proptest! {
    #[test]
    fn what_is_accepted_round_trips(paths in prop::collection::btree_set("[a-zA-Zé./ ]{1,8}", 0..12)) {
        let files: Vec<FileEntry> = paths.iter().filter(|path| FilePath::new(path).is_ok()).map(|path| file(path)).collect();
        if let Ok(list) = FileList::new(files) {
            prop_assert_eq!(FileList::decode(&list.encode()), Ok(list));
        }
    }

    #[test]
    fn no_path_makes_the_rules_panic(path in "\\PC*", raw in any::<String>()) {
        for path in [&path, &raw] {
            if let Ok(path) = FilePath::composing(path) {
                prop_assert!(FilePath::new(path.as_str()).is_ok());
            }
            let _ = FilePath::new(path);
        }
    }

    #[test]
    fn a_changed_byte_is_noticed_or_changes_the_root(at in any::<prop::sample::Index>(), change in any::<u8>()) {
        let list = list(&["a/b.txt", "c.txt"]).expect("valid");
        let mut bytes = list.encode();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != change);
        bytes[at] = change;
        if let Ok(other) = FileList::decode(&bytes) {
            prop_assert_ne!(other.root(), list.root());
        }
    }
}
