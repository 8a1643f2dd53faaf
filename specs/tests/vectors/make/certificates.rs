//! Section 7: push certificates.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::case;
use crate::{certificate::armour, key::SecretKey};

const ZERO: &str = "0000000000000000000000000000000000000000";
const ONE: &str = "1111111111111111111111111111111111111111";
const HEAD: &str = "certificate version 0.1\npusher SHA256:key 1700000000 +0100\npushee https://node.example/univ-a/outil.git\nnonce 1-a\n\n";

fn key() -> SecretKey {
    SecretKey::from_seed([6; 32])
}

fn seal(text: &str) -> String {
    format!("{text}{}", armour(&key().sign_git(text.as_bytes())))
}

pub(super) fn certificates(out: &mut Vec<Value>) {
    let plain = format!("{HEAD}{ZERO} {ONE} refs/heads/main\n{ONE} {ZERO} refs/tags/v1\n");
    let sealed = seal(&plain);
    let said = |commands: Value| {
        json!({"key": key().public(), "nonce": "1-a", "pushee": "https://node.example/univ-a/outil.git",
            "time": 1_700_000_000, "commands": commands})
    };
    let mut good = |comment: &str, text: String, commands: Value| {
        let mut all = said(commands);
        all["text"] = text.into();
        out.push(case("R-09-07", comment, true, all));
    };
    let both = json!([[null, ONE, "refs/heads/main"], [ONE, null, "refs/tags/v1"]]);
    good(
        "a new branch and a deleted tag",
        sealed.clone(),
        both.clone(),
    );
    good(
        "any width of the armour up to 76",
        {
            let blob = data_encoding::BASE64.encode(&key().sign_git(plain.as_bytes()));
            let (a, b) = blob.split_at(76);
            let lines: Vec<&str> = [a]
                .into_iter()
                .chain(
                    b.as_bytes()
                        .chunks(40)
                        .map(|c| std::str::from_utf8(c).unwrap()),
                )
                .collect();
            format!(
                "{plain}-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n",
                lines.join("\n")
            )
        },
        both,
    );
    let long = "2".repeat(64);
    good(
        "ids of SHA-256",
        seal(&format!(
            "{HEAD}{} {long} refs/for/main/topic\n",
            "0".repeat(64)
        )),
        json!([[null, long, "refs/for/main/topic"]]),
    );

    let with = |from: &str, to: &str| seal(&plain.replacen(from, to, 1));
    let signature = &sealed[plain.len()..];
    let bad = [
        (
            "R-09-01",
            "a line of 1,025 bytes",
            with(
                "SHA256:key",
                &"x".repeat(1_025 - "pusher  1700000000 +0100".len()),
            ),
        ),
        ("R-09-02", "a NUL in the pusher", with("SHA256:key", "a\0b")),
        (
            "R-09-02",
            "a carriage return",
            with("nonce 1-a", "nonce 1-a\r"),
        ),
        (
            "R-09-02",
            "no newline at the end",
            sealed.trim_end().to_owned(),
        ),
        (
            "R-09-03",
            "another version",
            with("version 0.1", "version 0.2"),
        ),
        (
            "R-09-03",
            "no pushee",
            with("pushee https://node.example/univ-a/outil.git\n", ""),
        ),
        ("R-09-03", "no nonce", with("nonce 1-a\n", "")),
        (
            "R-09-03",
            "two nonces",
            with("nonce 1-a\n", "nonce 1-a\nnonce 1-b\n"),
        ),
        ("R-09-03", "nobody pushes", with("SHA256:key ", "")),
        (
            "R-09-03",
            "seconds with a leading zero",
            with("1700000000", "01700000000"),
        ),
        (
            "R-09-04",
            "a push option",
            with("nonce 1-a\n", "nonce 1-a\npush-option ci.skip\n"),
        ),
        ("R-09-05", "no commands", seal(HEAD)),
        ("R-09-05", "upper case", with(ONE, &"A".repeat(40))),
        ("R-09-05", "39 digits", with(ONE, &ONE[1..])),
        ("R-09-05", "two lengths", with(ONE, &"1".repeat(64))),
        ("R-09-05", "from nothing to nothing", with(ONE, ZERO)),
        ("R-09-05", "no name", with("refs/heads/main", "")),
        (
            "R-09-05",
            "a space in the name",
            with("refs/heads/main", "refs/heads/a b"),
        ),
        ("R-09-06", "unsigned", plain.clone()),
        ("R-09-06", "two signatures", format!("{sealed}{signature}")),
        (
            "R-09-06",
            "a command behind the signature",
            format!("{sealed}{ZERO} {ONE} refs/heads/evil\n"),
        ),
        (
            "R-09-06",
            "OpenPGP",
            sealed.replace("SSH SIGNATURE", "PGP SIGNATURE"),
        ),
        (
            "R-09-07",
            "another text was signed",
            sealed.replacen("refs/heads/main", "refs/heads/evil", 1),
        ),
        (
            "R-09-07",
            "the beginning of an SSHSIG",
            format!(
                "{plain}-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"
            ),
        ),
        ("R-09-07", "signed for commun, not for git", {
            let mut blob = key().sign_git(plain.as_bytes());
            let at = blob.windows(3).position(|w| w == b"git").unwrap();
            blob[at..at + 3].copy_from_slice(b"gat");
            format!("{plain}{}", armour(&blob))
        }),
    ];
    for (rule, comment, text) in bad {
        // The script reads JSON too: what is no plain text is handed over as bytes.
        let input = match text.contains(['\0', '\r']) {
            true => json!({"text_hex": HEXLOWER.encode(text.as_bytes())}),
            false => json!({"text": text}),
        };
        out.push(case(rule, comment, false, input));
    }
}
