use super::*;
use crate::{id::StatementId, key::SecretKey};

const ZERO: &str = "0000000000000000000000000000000000000000";
const ONE: &str = "1111111111111111111111111111111111111111";

fn head() -> String {
    "certificate version 0.1\npusher SHA256:key 1700000000 +0100\npushee https://node.example/aa/tool.git/\nnonce 1-a\n\n".to_owned()
}

fn seal(text: &str, key: &SecretKey) -> Vec<u8> {
    format!("{text}{}", armour(&key.sign_git(text.as_bytes()))).into_bytes()
}

fn good() -> String {
    format!(
        "{}{ZERO} {ONE} refs/heads/main\n{ONE} {ZERO} refs/tags/v1\n",
        head()
    )
}

fn key() -> SecretKey {
    SecretKey::from_seed([5; 32])
}

#[test]
fn what_the_person_signed_is_read() {
    let found = Certificate::read(&seal(&good(), &key())).unwrap();
    assert_eq!(found.key, key().public());
    assert_eq!(found.time, 1_700_000_000);
    assert_eq!(found.pushee, "https://node.example/aa/tool.git/");
    assert_eq!(found.nonce, "1-a");
    assert_eq!(found.commands.len(), 2);
    assert_eq!(found.commands[0].old, None);
    assert_eq!(found.commands[0].new.as_deref(), Some(ONE));
    assert_eq!(found.commands[1].new, None);
}

#[test]
fn any_change_of_any_byte_is_refused() {
    let text = seal(&good(), &key());
    for at in 0..text.len() {
        for flip in [1, 0x20, 0x80] {
            let mut bent = text.clone();
            bent[at] ^= flip;
            // Where a line of the armour ends makes no difference.
            let same = Certificate::read(&bent).is_ok_and(|c| c.key == key().public());
            assert!(!same, "byte {at} may change by {flip:#x}");
        }
    }
}

#[test]
fn texts_that_are_no_certificates_are_refused() {
    let sealed = |text: &str| Certificate::read(&seal(text, &key()));
    let with = |from: &str, to: &str| sealed(&good().replacen(from, to, 1));
    assert!(matches!(with("0.1", "0.2"), Err(Error::Line("version"))));
    assert!(matches!(
        with("pusher SHA256:key 17", "pusher 17"),
        Err(Error::Line("pusher"))
    ));
    assert!(matches!(with(" +0100", ""), Err(Error::Line("pusher"))));
    assert!(matches!(
        with("1700000000", "01700000000"),
        Err(Error::Line("pusher"))
    ));
    assert!(matches!(
        with("pushee https", "pusher https"),
        Err(Error::Line("pushee"))
    ));
    assert!(matches!(with("nonce 1-a\n", ""), Err(Error::Line("nonce"))));
    assert!(matches!(
        with("nonce 1-a\n", "nonce 1-a\nnonce 1-b\n"),
        Err(Error::Line(_))
    ));
    assert!(matches!(
        with("nonce 1-a\n", "nonce 1-a\npush-option x\n"),
        Err(Error::PushOption)
    ));
    assert_eq!(sealed(&head()), Err(Error::Command));
    assert_eq!(with(ONE, &ONE[1..]), Err(Error::Command));
    assert_eq!(with(ONE, &"A".repeat(40)), Err(Error::Command));
    assert_eq!(
        with(ONE, ZERO),
        Err(Error::Command),
        "from nothing to nothing"
    );
    assert_eq!(
        with(ONE, &"1".repeat(64)),
        Err(Error::Command),
        "two hashes"
    );
    assert_eq!(
        with("refs/heads/main", "refs/heads/ma in"),
        Err(Error::Command)
    );
    assert_eq!(with("refs/heads/main", ""), Err(Error::Command));
    assert_eq!(
        with("refs/heads/main", "not a\ncommand"),
        Err(Error::Command)
    );
    for control in ["\0", "\r", "\t", "\x1b", "\u{85}"] {
        assert_eq!(
            with("SHA256:key", &format!("a{control}b")),
            Err(Error::NotText)
        );
    }
    let long = "x".repeat(MAX_LINE);
    assert_eq!(with("SHA256:key", &long), Err(Error::TooLarge("a line")));
    let many: String = (0..=MAX_COMMANDS)
        .map(|n| format!("{ZERO} {ONE} refs/heads/b{n}\n"))
        .collect();
    assert_eq!(
        sealed(&format!("{}{many}", head())),
        Err(Error::TooLarge("its commands"))
    );
    assert_eq!(
        Certificate::read(&vec![b'a'; MAX_BYTES + 1]),
        Err(Error::TooLarge("its bytes"))
    );
    assert_eq!(Certificate::read(&[0xff, b'\n']), Err(Error::NotText));
    assert_eq!(Certificate::read(b""), Err(Error::NotText));
}

#[test]
fn one_signature_of_one_kind_ends_it() {
    let (text, key) = (good(), key());
    let signature = armour(&key.sign_git(text.as_bytes()));
    let read = |text: String| Certificate::read(text.as_bytes());
    assert!(read(format!("{text}{signature}")).is_ok());
    assert_eq!(read(text.clone()), Err(Error::Signature));
    assert_eq!(
        read(format!("{text}{signature}{signature}")),
        Err(Error::Signature)
    );
    let smuggled = format!("{text}{signature}{ZERO} {ONE} refs/heads/evil\n");
    assert_eq!(read(smuggled), Err(Error::Signature));
    assert_eq!(read(format!("{text}{signature}\n")), Err(Error::Signature));
    assert_eq!(
        read(format!("{text}{BEGIN}\n{END}\n")),
        Err(Error::Key(key::Error::BadForm(
            "neither 64 bytes nor an SSHSIG blob"
        )))
    );
    assert_eq!(
        read(format!("{text}{BEGIN}\nU1NIU0lHAAAAAQ==\n{END}\n"))
            .map(|_| ())
            .map_err(|e| matches!(e, Error::Key(_))),
        Err(true)
    );
    assert_eq!(
        read(format!("{text}{BEGIN}\n{}\n{END}\n", "A".repeat(77))),
        Err(Error::Signature)
    );
    let pgp = format!("{text}-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----\n");
    assert_eq!(read(pgp), Err(Error::OtherSignature));
    // What was signed for something else than Git is no signature of a push.
    let ssh = crate::key::SSH_NAMESPACE;
    assert_ne!(ssh, crate::key::GIT_NAMESPACE);
}

#[test]
fn a_certificate_stands_for_what_it_holds_and_for_nothing_else() {
    let found = Certificate::read(&seal(&good(), &key())).unwrap();
    let change = |name: &str, old: Option<&str>, new: Option<&str>| Change {
        name: name.to_owned(),
        over: vec![StatementId([1; 32])],
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        forced: false,
    };
    let main = change("refs/heads/main", None, Some(ONE));
    let tag = change("refs/tags/v1", Some(ONE), None);
    assert!(found.covers(&[main.clone(), tag.clone()]));
    assert!(
        found.covers(std::slice::from_ref(&tag)),
        "what was refused is not in the statement"
    );
    for other in [
        change("refs/heads/other", None, Some(ONE)),
        change("refs/heads/main", Some(ONE), Some(ONE)),
        change("refs/heads/main", None, None),
    ] {
        assert!(!found.covers(&[main.clone(), other]));
    }
    assert!(found.names(|h, s| h.as_str() == "aa" && s.as_str() == "tool"));
    assert!(!found.names(|_, s| s.as_str() == "other"));
}

#[test]
fn a_body_holds_the_certificate_as_it_was_sent() {
    let text = good();
    let written = body(&text).unwrap();
    assert_eq!(from_body(&written), Some(text));
    assert_eq!(from_body(b"{}"), None);
    assert_eq!(
        from_body(b"{\"certificate\":\"x\",\"message\":\"y\"}"),
        Some("x".to_owned())
    );
    assert_eq!(from_body(b"[]"), None);
    // A newline takes two bytes in JSON.
    assert_eq!(body(&"\n".repeat(MAX_BODY / 2)), None);
}

proptest::proptest! {
    /// What anybody may send ends in an answer, and never in one that another text has.
    #[test]
    fn any_text_is_read_or_refused(at in 0usize..400, cut in 0usize..60, put in "[ -~\\n]{0,60}") {
        let text = String::from_utf8(seal(&good(), &key())).unwrap();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        let changed = format!("{}{put}{}", &text[..at], &text[end..]);
        if let Ok(found) = Certificate::read(changed.as_bytes()) {
            proptest::prop_assert_eq!(found, Certificate::read(text.as_bytes()).unwrap());
        }
    }
}
