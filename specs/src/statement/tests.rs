use super::*;
use crate::{id::sha256, list};

fn head(kind: &str, fields: Object) -> Head {
    let key = SecretKey::from_seed([3; 32]);
    let handle = Handle::new("univ-a").unwrap();
    Head::new(
        kind,
        CommonsId(sha256(&[b"c"])),
        handle,
        [9; 16],
        key.public(),
        1_700_000_000,
        fields,
    )
}

fn fields(json: &str) -> Object {
    json::parse_object(json.as_bytes()).unwrap()
}

#[test]
fn a_head_is_read_back_as_it_was_written() {
    let mut h = head("erasure", Object::new());
    h.item = Some(StatementId::of(b"item"));
    h.acting_for = Some(StatementId::of(b"person"));
    h.supersedes = vec![
        StatementId::of(b"1"),
        StatementId::of(b"2"),
        StatementId::of(b"3"),
    ];
    h.supersedes.sort();
    h.body = Some(BodyHash(sha256(&[b"x"])));
    h.fields = fields(r#"{"later":[true]}"#);
    let payload = h.to_payload().unwrap();
    assert_eq!(Head::read(&payload).unwrap().unwrap(), h);
}

#[test]
fn an_unknown_version_or_kind_is_kept_and_not_interpreted() {
    let key = SecretKey::from_seed([3; 32]);
    let entry = Envelope::seal(
        PayloadType::Statement,
        br#"{"v":2,"x":"y"}"#.to_vec(),
        &[&key],
    )
    .to_bytes();
    let s = Statement::open(&entry).unwrap();
    assert_eq!((s.head.is_none(), s.facts()), (true, Ok(None)));
    let s =
        Statement::open(&sign(&head("haiku", fields(r#"{"lines":3}"#)), &[&key]).unwrap()).unwrap();
    assert_eq!(s.facts(), Ok(None));
}

#[test]
fn the_author_signs_and_the_log_is_the_right_one() {
    let (key, other) = (SecretKey::from_seed([3; 32]), SecretKey::from_seed([4; 32]));
    let h = head("profile", Object::new());
    assert_eq!(sign(&h, &[&other]), Err(Malformed::AuthorDidNotSign));
    let s = Statement::open(&sign(&h, &[&key, &other]).unwrap()).unwrap();
    assert_eq!(s.belongs_to(&h.commons, &h.institution), Ok(()));
    assert_eq!(
        s.belongs_to(&h.commons, &Handle::new("univ-b").unwrap()),
        Err(Malformed::WrongLog)
    );
}

#[test]
fn a_schema_violation_names_the_member() {
    let id = StatementId::of(b"p").to_string();
    let refs = |change: &str| {
        let mut h = head(
            "refs",
            fields(&format!(r#"{{"changes":[{change}],"policy":"{id}"}}"#)),
        );
        h.item = Some(StatementId::of(b"item"));
        Facts::read(&h)
    };
    let oid = "1".repeat(40);
    assert!(
        refs(&format!(
            r#"{{"forced":false,"new":"{oid}","over":[],"ref":"refs/heads/main"}}"#
        ))
        .is_ok()
    );
    for bad in [
        format!(r#"{{"forced":false,"new":"{oid}","over":[],"ref":"refs/diverged/a/main"}}"#),
        r#"{"forced":false,"over":[],"ref":"refs/heads/main"}"#.to_owned(),
        format!(r#"{{"forced":0,"new":"{oid}","over":[],"ref":"refs/heads/main"}}"#),
        format!(
            r#"{{"forced":false,"new":"{}","over":[],"ref":"refs/heads/main"}}"#,
            "0".repeat(40)
        ),
        format!(
            r#"{{"forced":false,"new":"{oid}","over":["{id}","{id}"],"ref":"refs/heads/main"}}"#
        ),
    ] {
        assert!(refs(&bad).is_err(), "{bad}");
    }
}

#[test]
fn ref_names_that_some_git_or_file_system_misreads_are_refused() {
    for good in [
        "refs/heads/main",
        "refs/tags/v1.0",
        "refs/heads/été/α",
        "refs/heads/a-b_c+d",
        "refs/heads/com",
    ] {
        assert_eq!(ref_name(good), Ok(()), "{good}");
    }
    for bad in [
        "HEAD",
        "refs/for/main",
        "refs/heads/",
        "refs/heads/a..b",
        "refs/heads/-x",
        "refs/heads/a.lock",
        "refs/heads/A.LOCK/b",
        "refs/heads/a b",
        "refs/heads/a\u{202e}b",
        "refs/heads/con",
        "refs/heads/LPT1.txt",
        "refs/heads/.a",
        "refs/heads/a//b",
        "refs/heads/a@{1}",
        "refs/heads/a~1",
        "refs/heads/\u{7f}",
        "refs/heads/a\\b",
        "refs/heads/@",
    ] {
        assert!(ref_name(bad).is_err(), "{bad:?} was taken");
    }
}

#[test]
fn a_list_of_changes_is_read_back() {
    let changes: Vec<Change> = (0..300)
        .map(|n| Change {
            name: format!("refs/heads/b{n}"),
            over: vec![],
            old: None,
            new: Some(format!("{:040x}", n + 1)),
            forced: false,
        })
        .collect();
    let bytes = list::write_changes(&changes).unwrap();
    assert_eq!(list::read_changes(&bytes).unwrap(), changes);
    let twice = [changes[0].clone(), changes[0].clone()];
    assert!(list::read_changes(&list::write_changes(&twice).unwrap()).is_err());
}
