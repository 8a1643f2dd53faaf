//! Section 1: strict JSON, ids, keys, envelopes.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::case;
use crate::{
    envelope::{Envelope, PayloadType, pae},
    id::{ContentHash, StatementId, base32, sha256},
    key::SecretKey,
    statement::Body,
    tree,
};

pub(super) fn json(out: &mut Vec<Value>) {
    let deep = |n: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(n), "]".repeat(n));
    let good: [(&str, &str, String); 9] = [
        ("R-01-01", "the empty object", "{}".into()),
        (
            "R-01-01",
            "members sorted by bytes",
            r#"{"A":1,"a":2,"é":3}"#.into(),
        ),
        (
            "R-01-01",
            "true, false, lists",
            r#"{"a":[true,false,[],{}]}"#.into(),
        ),
        (
            "R-01-03",
            "the largest integer",
            r#"{"a":9007199254740991}"#.into(),
        ),
        ("R-01-03", "zero", r#"{"a":0}"#.into()),
        ("R-01-04", "nested 8 deep", deep(7)),
        ("R-01-05", "the two escapes", r#"{"a":"\"\\"}"#.into()),
        (
            "R-01-05",
            "a solidus and U+007F are not escaped",
            "{\"a\":\"/\u{7f}\"}".into(),
        ),
        (
            "R-01-05",
            "characters outside the BMP are written as they are",
            r#"{"a":"𝄞"}"#.into(),
        ),
    ];
    for (rule, comment, text) in good {
        out.push(case(rule, comment, true, json!({"text": text})));
    }
    let bad: [(&str, &str, &str, &str); 27] = [
        ("R-01-01", "empty", "", "syntax"),
        (
            "R-01-01",
            "white space after a colon",
            r#"{"a": 1}"#,
            "syntax",
        ),
        ("R-01-01", "a newline at the end", "{}\n", "syntax"),
        ("R-01-01", "a byte order mark", "\u{feff}{}", "syntax"),
        ("R-01-01", "two values", "{}{}", "syntax"),
        (
            "R-01-01",
            "members out of order",
            r#"{"b":1,"a":2}"#,
            "order",
        ),
        (
            "R-01-01",
            "a member twice",
            r#"{"a":1,"a":1}"#,
            "duplicate-member",
        ),
        (
            "R-01-01",
            "a member twice, deeper",
            r#"{"x":{"a":1,"a":2}}"#,
            "duplicate-member",
        ),
        ("R-01-01", "null", r#"{"a":null}"#, "syntax"),
        ("R-01-01", "a comma at the end", r#"{"a":[1,]}"#, "syntax"),
        ("R-01-01", "a text without its end", r#"{"a":"b"#, "syntax"),
        (
            "R-01-01",
            "another spelling of true",
            r#"{"a":True}"#,
            "syntax",
        ),
        ("R-01-02", "a list", "[]", "not-an-object"),
        ("R-01-02", "a text", r#""a""#, "not-an-object"),
        ("R-01-03", "2^53", r#"{"a":9007199254740992}"#, "integer"),
        (
            "R-01-03",
            "2^64",
            r#"{"a":18446744073709551616}"#,
            "integer",
        ),
        ("R-01-03", "a leading zero", r#"{"a":01}"#, "integer"),
        ("R-01-03", "negative", r#"{"a":-1}"#, "integer"),
        ("R-01-03", "a fraction", r#"{"a":1.0}"#, "integer"),
        ("R-01-03", "an exponent", r#"{"a":1e2}"#, "integer"),
        ("R-01-04", "nested 9 deep", "", "depth"),
        ("R-01-05", "an escaped solidus", r#"{"a":"\/"}"#, "escape"),
        (
            "R-01-05",
            "an escaped letter",
            r#"{"a":"\u0061"}"#,
            "escape",
        ),
        ("R-01-05", "a newline as \\n", r#"{"a":"\n"}"#, "escape"),
        ("R-01-07", "a tab in a text", "{\"a\":\"\t\"}", "control"),
        (
            "R-01-07",
            "U+0000 in a text",
            "{\"a\":\"\u{0}\"}",
            "control",
        ),
        ("R-01-07", "U+001F in a name", "{\"\u{1f}\":1}", "control"),
    ];
    for (rule, comment, text, error) in bad {
        let text = if error == "depth" {
            deep(8)
        } else {
            text.to_owned()
        };
        out.push(case(
            rule,
            comment,
            false,
            json!({"text": text, "error": error}),
        ));
    }
    for (comment, hex) in [
        ("not UTF-8", "7b2261223a22ff227d"),
        ("an overlong encoding", "7b2261223a22c0af227d"),
        ("half a surrogate pair", "7b2261223a22eda080227d"),
    ] {
        let more = json!({"text_hex": hex, "error": "utf-8"});
        out.push(case("R-01-01", comment, false, more));
    }
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A did:key of bytes that need be no key: division by 58, in the plainest way.
fn did_key(prefix: [u8; 2], key: &[u8]) -> String {
    let mut number: Vec<u8> = prefix.iter().chain(key).copied().collect();
    let mut text = Vec::new();
    while number.iter().any(|b| *b != 0) {
        let mut rest = 0u32;
        for byte in number.iter_mut() {
            let n = (rest << 8) | u32::from(*byte);
            *byte = (n / 58) as u8;
            rest = n % 58;
        }
        text.push(BASE58[rest as usize]);
    }
    text.reverse();
    format!("did:key:z{}", String::from_utf8(text).unwrap())
}

const ED25519: [u8; 2] = [0xed, 0x01];

fn key(n: u8) -> SecretKey {
    SecretKey::from_seed([n; 32])
}

pub(super) fn ids(out: &mut Vec<Value>) {
    let form = |form: &str, bytes: &[u8], text: &str| json!({"form": form, "bytes_hex": HEXLOWER.encode(bytes), "text": text});
    let id = StatementId::of(b"commun");
    let text = id.to_string();
    out.push(case("R-01-10", "an id", true, form("id", &id.0, &text)));
    out.push(case(
        "R-01-10",
        "SHA-256 in base32",
        true,
        form("sha256", b"commun", &text),
    ));
    out.push(case(
        "R-01-10",
        "a nonce of 16 bytes",
        true,
        form("base32", &[9; 16], &base32(&[9; 16])),
    ));
    let mut trailing = text.clone();
    trailing.pop();
    let last = text.chars().last().unwrap();
    // 32 bytes leave four bits of the last character unused.
    let digits = "abcdefghijklmnopqrstuvwxyz234567";
    let next = digits.chars().nth(digits.find(last).unwrap() + 1).unwrap();
    trailing.push(next);
    for (comment, bad) in [
        ("upper case", text.to_uppercase()),
        ("padded", format!("{text}====")),
        ("a character too few", text[..51].to_owned()),
        ("a character too many", format!("{text}a")),
        (
            "a character outside the alphabet",
            format!("1{}", &text[1..]),
        ),
        ("trailing bits that are not zero", trailing),
    ] {
        let mut more = form("id", &id.0, &bad);
        more["error"] = "id".into();
        out.push(case("R-01-10", comment, false, more));
    }
    let blake = ContentHash::of(b"commun").to_string();
    out.push(case(
        "R-01-11",
        "BLAKE3 in hexadecimal",
        true,
        form("blake3", b"commun", &blake),
    ));
    let mut more = form("blake3", b"commun", &blake.to_uppercase());
    more["error"] = "hash".into();
    out.push(case("R-01-11", "upper case", false, more));
    let mut sorted: Vec<String> = (0..40u8).map(|n| base32(&sha256(&[&[n]]))).collect();
    sorted.sort();
    let more = json!({"form": "order", "text": "", "sorted": sorted});
    out.push(case(
        "R-01-12",
        "ids in their order: digits come before letters",
        true,
        more,
    ));
    sorted.swap(3, 4);
    let more = json!({"form": "order", "text": "", "sorted": sorted, "error": "order"});
    out.push(case("R-01-12", "two of them exchanged", false, more));
    let body = Body {
        salt: [7; 32],
        bytes: "{\"title\":\"Algèbre\"}".into(),
    };
    let more = |text: String| {
        json!({"form": "body", "salt_hex": HEXLOWER.encode(&body.salt),
            "bytes_hex": HEXLOWER.encode(&body.bytes), "text": text})
    };
    out.push(case(
        "R-02-10",
        "a body and its salt",
        true,
        more(body.hash().to_string()),
    ));
    let unsalted = base32(&sha256(&[&body.bytes]));
    let mut bad = more(unsalted);
    bad["error"] = "body".into();
    out.push(case("R-02-10", "the hash without the salt", false, bad));

    for n in [1u8, 200] {
        let public = key(n).public();
        let more = form("did:key", public.as_bytes(), &public.to_string());
        out.push(case("R-01-30", "a key", true, more));
    }
    let public = key(1).public();
    let bytes = public.as_bytes();
    let written = public.to_string();
    for (comment, text) in [
        ("no multibase prefix", written.replace("key:z", "key:")),
        ("another multicodec (x25519)", did_key([0xec, 0x01], bytes)),
        ("31 bytes", did_key(ED25519, &bytes[..31])),
        ("33 bytes", did_key(ED25519, &[&bytes[..], &[0]].concat())),
        ("a leading 1", written.replace(":z", ":z1")),
        (
            "a character outside the alphabet",
            written.replace(":z6", ":zO"),
        ),
        ("a fragment", format!("{written}#{written}")),
    ] {
        let mut more = form("did:key", bytes, &text);
        more["error"] = "key".into();
        out.push(case("R-01-30", comment, false, more));
    }
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    // y = p + 1: another way to write the point of y = 1.
    let mut again = [0xff; 32];
    again[0] = 0xee;
    again[31] = 0x7f;
    let mut off = [0; 32];
    off[0] = 2;
    for (comment, bytes) in [
        ("small order: the neutral point", one),
        ("small order: the point of order 2", minus_one),
        ("small order: y = 0", [0; 32]),
        ("not the point's own encoding", again),
        ("no point of the curve", off),
    ] {
        let mut more = form("did:key", &bytes, &did_key(ED25519, &bytes));
        more["error"] = "weak-key".into();
        out.push(case("R-01-31", comment, false, more));
    }
}

fn u32_text(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

/// An SSHSIG blob (OpenSSH, PROTOCOL.sshsig), built by hand.
fn sshsig(
    signer: &SecretKey,
    named: &SecretKey,
    namespace: &str,
    hash: &str,
    message: &[u8],
) -> Vec<u8> {
    let digest = match hash {
        "sha256" => sha256(&[message]).to_vec(),
        _ => Sha512::digest(message).to_vec(),
    };
    let rest = [
        u32_text(namespace.as_bytes()),
        u32_text(b""),
        u32_text(hash.as_bytes()),
    ]
    .concat();
    let signed = [b"SSHSIG".to_vec(), rest.clone(), u32_text(&digest)].concat();
    let wire = |bytes: &[u8]| [u32_text(b"ssh-ed25519"), u32_text(bytes)].concat();
    [
        b"SSHSIG".to_vec(),
        1u32.to_be_bytes().to_vec(),
        u32_text(&wire(named.public().as_bytes())),
        rest,
        u32_text(&wire(&signer.sign(&signed))),
    ]
    .concat()
}

/// The group's order L, little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// S + L: the same signature for a verifier that does not look.
fn malleated(sig: &[u8]) -> Vec<u8> {
    let mut out = sig.to_vec();
    let mut carry = 0u16;
    for (byte, add) in out[32..].iter_mut().zip(L) {
        let n = u16::from(*byte) + u16::from(add) + carry;
        *byte = n as u8;
        carry = n >> 8;
    }
    out
}

fn signature(keyid: &str, sig: &[u8]) -> Value {
    json!({"keyid": keyid, "sig": BASE64.encode(sig)})
}

/// An envelope of any parts. (serde_json sorts members, as strict JSON wants.)
fn written(kind: PayloadType, payload: &str, signatures: &[Value]) -> String {
    json!({"payload": payload, "payloadType": kind.as_str(), "signatures": signatures}).to_string()
}

pub(super) fn envelopes(out: &mut Vec<Value>) {
    let statement = PayloadType::Statement;
    let payload = r#"{"kind":"haiku","v":1}"#;
    let in64 = BASE64.encode(payload.as_bytes());
    let message = pae(statement, payload.as_bytes());
    let name = |k: PayloadType| match k {
        PayloadType::Statement => "statement",
        PayloadType::Charter => "charter",
        PayloadType::Succession => "succession",
    };
    let says = |kind: PayloadType, payload: &str, envelope: &str| {
        json!({"type": name(kind), "envelope": envelope, "payload": payload,
            "pae_hex": HEXLOWER.encode(&pae(kind, payload.as_bytes())),
            "payload_id": StatementId::of(payload.as_bytes()).to_string(),
            "leaf_hash_hex": HEXLOWER.encode(&tree::leaf_hash(envelope.as_bytes()))})
    };
    let seal = |kind: PayloadType, keys: &[&SecretKey]| {
        let bytes = Envelope::seal(kind, payload.as_bytes().to_vec(), keys).to_bytes();
        String::from_utf8(bytes).unwrap()
    };
    let (a, b) = (key(1), key(2));
    let did = |k: &SecretKey| k.public().to_string();
    for (rule, comment, kind, keys) in [
        ("R-01-21", "a statement's envelope", statement, vec![&a]),
        (
            "R-01-22",
            "two signatures, sorted by keyid",
            statement,
            vec![&b, &a],
        ),
        (
            "R-01-15",
            "a charter's envelope",
            PayloadType::Charter,
            vec![&a],
        ),
        (
            "R-01-15",
            "a succession's envelope",
            PayloadType::Succession,
            vec![&a],
        ),
    ] {
        let envelope = seal(kind, &keys);
        out.push(case(rule, comment, true, says(kind, payload, &envelope)));
    }
    let good = sshsig(&a, &a, "commun", "sha512", &message);
    let envelope = written(statement, &in64, &[signature(&did(&a), &good)]);
    out.push(case(
        "R-01-33",
        "a signature of ssh-keygen -Y sign -n commun",
        true,
        says(statement, payload, &envelope),
    ));
    let many: Vec<SecretKey> = (1..=16).map(key).collect();
    let envelope = seal(statement, &many.iter().collect::<Vec<_>>());
    out.push(case(
        "R-01-22",
        "16 signatures",
        true,
        says(statement, payload, &envelope),
    ));

    let mut refuse = |rule: &str, comment: &str, error: &str, envelope: String| {
        let more = json!({"type": "statement", "envelope": envelope, "error": error});
        out.push(case(rule, comment, false, more));
    };
    let sig = a.sign(&message).to_vec();
    let one = |sig: &[u8]| written(statement, &in64, &[signature(&did(&a), sig)]);
    refuse("R-01-20", "32,769 bytes", "size", {
        let room = 32_769 - written(statement, "", &[signature(&did(&a), &sig)]).len();
        written(statement, &"A".repeat(room), &[signature(&did(&a), &sig)])
    });
    refuse(
        "R-01-21",
        "the type of a charter",
        "payload-type",
        seal(PayloadType::Charter, &[&a]),
    );
    refuse(
        "R-01-21",
        "another member",
        "member",
        one(&sig).replace("{\"payload\"", "{\"a\":1,\"payload\""),
    );
    refuse(
        "R-01-01",
        "white space",
        "syntax",
        one(&sig).replace(",\"sig", ", \"sig"),
    );
    refuse("R-01-21", "base64 without padding", "base64", {
        written(
            statement,
            in64.trim_end_matches('='),
            &[signature(&did(&a), &sig)],
        )
    });
    refuse(
        "R-01-21",
        "base64 with trailing bits that are not zero",
        "base64",
        {
            // The payload has 22 bytes: four bits of its last character are unused.
            let mut bent = in64.clone().into_bytes();
            let last = bent.iter().rposition(|c| *c != b'=').unwrap();
            bent[last] += 1;
            written(
                statement,
                &String::from_utf8(bent).unwrap(),
                &[signature(&did(&a), &sig)],
            )
        },
    );
    refuse(
        "R-01-22",
        "no signature",
        "signatures",
        written(statement, &in64, &[]),
    );
    let many: Vec<SecretKey> = (1..=17).map(key).collect();
    refuse(
        "R-01-22",
        "17 signatures",
        "signatures",
        seal(statement, &many.iter().collect::<Vec<_>>()),
    );
    let mut two = [
        signature(&did(&a), &sig),
        signature(&did(&b), &b.sign(&message)),
    ];
    two.sort_by_key(|s| s["keyid"].as_str().unwrap().to_owned());
    two.reverse();
    refuse(
        "R-01-22",
        "signatures out of order",
        "signatures",
        written(statement, &in64, &two),
    );
    let twice = [signature(&did(&a), &sig), signature(&did(&a), &sig)];
    refuse(
        "R-01-22",
        "a key twice",
        "signatures",
        written(statement, &in64, &twice),
    );
    refuse(
        "R-01-32",
        "one of two signatures does not hold",
        "signature",
        {
            let mut two = [
                signature(&did(&a), &sig),
                signature(&did(&b), &b.sign(b"other")),
            ];
            two.sort_by_key(|s| s["keyid"].as_str().unwrap().to_owned());
            written(statement, &in64, &two)
        },
    );
    let mut bent = sig.clone();
    bent[5] ^= 1;
    refuse(
        "R-01-32",
        "a bit of the signature changed",
        "signature",
        one(&bent),
    );
    refuse(
        "R-01-32",
        "the signature of another message",
        "signature",
        one(&a.sign(payload.as_bytes())),
    );
    refuse(
        "R-01-32",
        "the signature for another payload type",
        "signature",
        one(&a.sign(&pae(PayloadType::Charter, payload.as_bytes()))),
    );
    refuse(
        "R-01-32",
        "S is not below the group's order",
        "malleable",
        one(&malleated(&sig)),
    );
    // R = the neutral point, S = 0: with the neutral point as the key, a lax verifier takes it for every message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let weak = [&neutral[..], &[0; 32]].concat();
    refuse(
        "R-01-31",
        "a key of small order, for which anything verifies",
        "weak-key",
        {
            written(
                statement,
                &in64,
                &[signature(&did_key(ED25519, &neutral), &weak)],
            )
        },
    );
    refuse("R-01-33", "63 bytes", "signature-form", one(&sig[..63]));
    refuse(
        "R-01-33",
        "SSHSIG for Git",
        "ssh-namespace",
        one(&sshsig(&a, &a, "git", "sha512", &message)),
    );
    refuse(
        "R-01-33",
        "SSHSIG with sha256",
        "ssh-hash",
        one(&sshsig(&a, &a, "commun", "sha256", &message)),
    );
    refuse(
        "R-01-33",
        "SSHSIG that names another key",
        "ssh-key",
        one(&sshsig(&a, &b, "commun", "sha512", &message)),
    );
    refuse(
        "R-01-32",
        "SSHSIG by another key",
        "signature",
        one(&sshsig(&b, &a, "commun", "sha512", &message)),
    );
    let longer = [&good[..], &[0]].concat();
    refuse(
        "R-01-33",
        "SSHSIG with a byte after it",
        "ssh-form",
        one(&longer),
    );
    let armoured = format!(
        "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n",
        BASE64.encode(&good)
    );
    refuse(
        "R-01-33",
        "SSHSIG in its armour",
        "ssh-form",
        one(armoured.as_bytes()),
    );
}
